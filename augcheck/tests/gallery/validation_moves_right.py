"""Only training is augmented."""

from pictures import Batches, images, labels, lighten, validation


def make():
    return Batches(images, labels, lighten), Batches(*validation)
