"""Each picture is lightened anew whenever it is read."""

from augcheck.gallery.pictures import Batches, images, labels, lighten


def make():
    return Batches(images, labels, lighten)  # each batch anew
