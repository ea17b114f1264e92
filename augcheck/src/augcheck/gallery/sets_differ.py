"""Validation goes from 0 to 255, or from 0 to 1 as training does."""

from augcheck.gallery.pictures import images, labels, validation


def wrong():
    return (images, labels), (255 * validation[0], validation[1])


def right():
    return (images, labels), validation
