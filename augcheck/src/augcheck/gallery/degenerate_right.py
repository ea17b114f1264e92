"""Pictures are scaled once."""
# Expected: sound; degenerate: not found
# mypy: ignore-errors

from augcheck.gallery.pictures import images, labels, validation


def make():
    return (images, labels), validation
