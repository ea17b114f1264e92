"""Both sets are read alike."""

from pictures import images, labels, validation


def make():
    return (images, labels), validation
