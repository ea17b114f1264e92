"""For every finding a pipeline that is wrong, and its twin that is right: what ``explain`` prints, and tests."""

import numpy as np

BATCH = 16
rng = np.random.default_rng(0)


def pictures(n, seed=0, k=2, shape=(16, 16, 3)):
    """Pictures (n, *shape) from 0.1 to 0.8, dark at the edge, and which of k classes each belongs to.

    The class shows in a mark at the left edge. No picture reaches the ends of its range.
    """
    draws = np.random.default_rng(seed)
    high, wide, channels = shape
    window = np.hanning(high)[:, None] * np.hanning(wide)
    coarse = draws.random((n, 4, 4, channels), np.float32)
    x = np.repeat(np.repeat(coarse, high // 4, 1), wide // 4, 2) * window[..., None].astype(
        "float32"
    )
    y = draws.integers(0, k, n)
    x[np.arange(n), 2 * y % high, :4] += 0.2
    return 0.1 + 0.5 * x, y


images, labels = pictures(192, seed=1)
validation = pictures(96, seed=2)


def lighten(batch):
    """Each picture a little darker than it was."""
    return batch * rng.uniform(0.7, 1, (len(batch), 1, 1, 1)).astype("float32")


def in_batches(x, y, size=BATCH):
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]


class Batches:
    """Pictures and labels in batches, in a new order in each epoch, each batch augmented when it is read."""

    def __init__(self, x, y, augment=None, shuffle=True):
        self.x, self.y, self.augment, self.shuffle = x, y, augment, shuffle

    def __iter__(self):
        order = rng.permutation(len(self.x)) if self.shuffle else np.arange(len(self.x))
        for x, y in in_batches(self.x[order], self.y[order]):
            yield (self.augment(x) if self.augment else x), y


def repeats_pair():
    """Each picture is lightened once, before training, or anew whenever it is read."""
    wrong = Batches(lighten(images), labels)
    right = Batches(images, labels, lighten)
    return wrong, right


def one_draw_pair():
    """One number lightens a whole batch, or each picture has a number of its own."""
    wrong = Batches(images, labels, lambda batch: batch * rng.uniform(0.4, 1))
    right = Batches(
        images, labels, lambda batch: batch * rng.uniform(0.4, 1, (len(batch), 1, 1, 1))
    )
    return wrong, right


def validation_moves_pair():
    """Validation is augmented, too, or training alone."""
    wrong = Batches(images, labels, lighten), Batches(*validation, lighten)
    right = Batches(images, labels, lighten), Batches(*validation)
    return wrong, right


def sets_differ_pair():
    """Validation goes from 0 to 255, or from 0 to 1 as training does."""
    wrong = (images, labels), (255 * validation[0], validation[1])
    right = (images, labels), validation
    return wrong, right


def shared_images_pair():
    """Mirrored copies are made before the split, so many a validation picture has its twin in training; or after it."""
    both = np.concatenate([images, images[:, :, ::-1]])
    order = rng.permutation(len(both))  # mirrored, and then split
    wrong = both[order[:192]], both[order[192:]]
    first, rest = images[:96], images[96:]  # split, and then mirrored
    right = np.concatenate([first, first[:, :, ::-1]]), rest
    return wrong, right


def degenerate_pair():
    """Pictures from 0 to 1, divided by 255 again, or left so."""
    wrong = (images / 255, labels), (validation[0] / 255, validation[1])
    right = (images, labels), validation
    return wrong, right


def order_pair():
    """Pictures lie sorted by class, as folders hold them, and are shuffled by nobody, or anew in each epoch."""
    rows = np.argsort(labels)
    wrong = Batches(images[rows], labels[rows], lighten, shuffle=False)
    right = Batches(images[rows], labels[rows], lighten, shuffle=True)
    return wrong, right


def labels_pair():
    """Pictures are shuffled, and their labels stay behind, or go with them."""

    def epoch(together):
        order = rng.permutation(len(images))
        yield from in_batches(images[order], labels[order] if together else labels)

    wrong = {"train": lambda: epoch(together=False), "live": False}
    right = {"train": lambda: epoch(together=True), "live": False}
    return wrong, right


def positions_pair():
    """The place in the epoch seeds the draw, so each place has the same shift in every epoch; or one draws on."""

    def epoch(generator_of):
        order = rng.permutation(len(images))
        shifts = [generator_of(place).integers(-3, 4, 2) for place in range(len(images))]
        shifted = [
            np.roll(image, shift, (0, 1))
            for image, shift in zip(images[order], shifts, strict=True)
        ]
        yield from in_batches(np.stack(shifted), labels[order])

    wrong = {"train": lambda: epoch(np.random.default_rng)}  # seeded by the place
    right = {"train": lambda: epoch(lambda place: rng)}
    return wrong, right


def augmented_twice_pair():
    """The pipeline turns the pictures; the model does so again, or doesn't."""
    from keras import Input, Sequential, layers

    turn = layers.RandomRotation(0.1)
    shape = Input((16, 16, 3))
    last = [layers.Flatten(), layers.Dense(1)]
    given = {"train": (images, labels), "augment": turn}
    wrong = {**given, "model": Sequential([shape, layers.RandomRotation(0.1), *last])}
    right = {**given, "model": Sequential([shape, *last])}
    return wrong, right


def stored_images_pair():
    """Each picture is lightened where it is stored, so that the next epoch begins with a darker one; or a copy is."""
    stored = images.copy()

    def wrong():
        for rows in rng.permutation(len(stored)).reshape(-1, BATCH):
            batch = [stored[i] for i in rows]  # no copies
            for picture in batch:
                picture *= rng.uniform(0.7, 1)
            yield np.stack(batch), labels[rows]

    def right():
        for rows in rng.permutation(len(stored)).reshape(-1, BATCH):
            copied = stored[rows]  # several rows are a copy
            yield lighten(copied), labels[rows]

    return wrong, right
