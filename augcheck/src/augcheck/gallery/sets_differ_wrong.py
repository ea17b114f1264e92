"""Training goes from 0 to 1, and validation from 0 to 255."""

from augcheck.gallery.pictures import images, labels, validation


def make():
    return (images, labels), (255 * validation[0], validation[1])
