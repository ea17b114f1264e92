"""Validation is augmented, too, or training alone."""

from augcheck.gallery.pictures import Batches, images, labels, lighten, validation


def wrong():
    return Batches(images, labels, lighten), Batches(*validation, lighten)


def right():
    return Batches(images, labels, lighten), Batches(*validation)
