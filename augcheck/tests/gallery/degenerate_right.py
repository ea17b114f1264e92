"""Pictures are scaled once."""

from pictures import images, labels, validation


def make():
    return (images, labels), validation
