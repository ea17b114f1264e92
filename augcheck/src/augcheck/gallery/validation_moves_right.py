"""Only training is augmented."""
# Expected: sound; validation moves: not found
# mypy: ignore-errors

from augcheck.gallery.pictures import Batches, images, labels, lighten, validation


def make():
    return Batches(images, labels, lighten), Batches(*validation)
