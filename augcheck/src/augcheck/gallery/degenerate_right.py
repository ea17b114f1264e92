"""Pictures are scaled once."""

from augcheck.gallery.pictures import images, labels, validation


def make():
    return (images, labels), validation
