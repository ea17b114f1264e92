"""One number lightens a whole batch."""

from augcheck.gallery.pictures import Batches, images, labels, rng


def lighten(batch):
    return batch * rng.uniform(0.4, 1)


def make():
    return Batches(images, labels, lighten)
