"""Pictures are shuffled, and their labels stay behind, or go with them."""

from augcheck.gallery.pictures import images, in_batches, labels, rng


def left_behind():
    order = rng.permutation(len(images))
    yield from in_batches(images[order], labels)  # the labels stay where they were


def together():
    order = rng.permutation(len(images))
    yield from in_batches(images[order], labels[order])


def wrong():
    return {"train": left_behind, "live": False}


def right():
    return {"train": together, "live": False}
