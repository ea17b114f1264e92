"""One number lightens a whole batch, or each picture has a number of its own."""

from augcheck.gallery.pictures import Batches, images, labels, rng


def lighten_alike(batch):
    return batch * rng.uniform(0.4, 1)


def lighten_each(batch):
    return batch * rng.uniform(0.4, 1, (len(batch), 1, 1, 1))


def wrong():
    return Batches(images, labels, lighten_alike)


def right():
    return Batches(images, labels, lighten_each)
