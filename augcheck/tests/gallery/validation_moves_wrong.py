"""Validation is augmented, too."""

from pictures import Batches, images, labels, lighten, validation


def make():
    return Batches(images, labels, lighten), Batches(*validation, lighten)
