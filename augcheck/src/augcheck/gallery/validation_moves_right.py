"""Only training is augmented."""

from augcheck.gallery.pictures import Batches, images, labels, lighten, validation


def make():
    return Batches(images, labels, lighten), Batches(*validation)
