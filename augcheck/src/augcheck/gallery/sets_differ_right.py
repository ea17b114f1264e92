"""Both sets are read alike."""
# Expected: sound; sets differ: not found
# mypy: ignore-errors

from augcheck.gallery.pictures import images, labels, validation


def make():
    return (images, labels), validation
