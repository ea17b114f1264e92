"""Validation is augmented, too."""
# Expected: validation moves: wrong
# mypy: ignore-errors

from augcheck.gallery.pictures import Batches, images, labels, lighten, validation


def make():
    return Batches(images, labels, lighten), Batches(*validation, lighten)
