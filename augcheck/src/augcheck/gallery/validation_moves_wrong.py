"""Validation is augmented, too."""

from augcheck.gallery.pictures import Batches, images, labels, lighten, validation


def make():
    return Batches(images, labels, lighten), Batches(*validation, lighten)
