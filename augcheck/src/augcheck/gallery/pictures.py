"""What the pipelines of the gallery are made of: pictures with two classes, an augmentation, and batches of them."""

import numpy as np

BATCH = 16
rng = np.random.default_rng(0)


def pictures(n, seed):
    """Pictures (n, 16, 16, 3) from 0 to 1, bright in the middle, and which of two classes each belongs to."""
    draws = np.random.default_rng(seed)
    coarse = draws.random((n, 4, 4, 3), np.float32)
    window = np.hanning(16).astype("float32")[:, None]
    x = np.repeat(np.repeat(coarse, 4, 1), 4, 2) * (window * window.T)[..., None]
    y = draws.integers(0, 2, n)
    x[np.arange(n), 5 * y, :4] += 0.2  # the mark of a class
    return 0.1 + 0.5 * x, y


images, labels = pictures(192, seed=1)
validation = pictures(96, seed=2)


def lighten(batch):
    """Each picture a little darker than it was."""
    return batch * rng.uniform(0.7, 1, (len(batch), 1, 1, 1)).astype("float32")


def in_batches(x, y):
    for start in range(0, len(x), BATCH):
        yield x[start : start + BATCH], y[start : start + BATCH]


class Batches:
    """Pictures and labels in batches, in a new order in each epoch, each batch augmented when it is read."""

    def __init__(self, x, y, augment=None, shuffle=True):
        self.x, self.y, self.augment, self.shuffle = x, y, augment, shuffle

    def __iter__(self):
        order = rng.permutation(len(self.x)) if self.shuffle else np.arange(len(self.x))
        for x, y in in_batches(self.x[order], self.y[order]):
            yield (self.augment(x) if self.augment else x), y
