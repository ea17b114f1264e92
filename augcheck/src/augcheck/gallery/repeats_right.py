"""Each picture is lightened anew whenever it is read."""
# Expected: sound; repeats: not found
# mypy: ignore-errors

from augcheck.gallery.pictures import Batches, images, labels, lighten


def make():
    return Batches(images, labels, lighten)  # each batch anew
