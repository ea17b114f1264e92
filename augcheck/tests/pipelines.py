"""What the test pipelines are made of: pictures, random changes, and batches of them. NumPy alone."""

import numpy as np

from augcheck.gallery import BATCH, in_batches, pictures  # noqa: F401


def each(n):
    """The shape of a number for each of n images."""
    return n, 1, 1, 1


# Changes of a batch, with a draw for each image


def shift(x, rng, most=3):
    steps = rng.integers(-most, most + 1, (len(x), 2))
    return np.stack([np.roll(image, step, (0, 1)) for image, step in zip(x, steps, strict=True)])


def lighten(x, rng, least=0.7, largest=1):
    return (x * rng.uniform(least, largest, each(len(x)))).astype("float32")


def flip(x, rng, share=0.5):
    return np.where(rng.random(each(len(x))) < share, x[:, :, ::-1], x)


def quarter(x, rng):
    return np.stack(
        [np.rot90(image, turns) for image, turns in zip(x, rng.integers(0, 4, len(x)), strict=True)]
    )


def noise(x, rng):
    return x + rng.normal(0, 0.01, x.shape).astype("float32")


def grey(x):
    return np.repeat(x.mean(3, keepdims=True), 3, 3)


class Batches:
    """Batches in a new order each time they are iterated, and each changed.

    Args:
        change: ``change(x, rng)`` of a batch, or ``change(x, y, rng)`` with ``pairs``, which returns both.
        rows: which images an epoch shows, in which order: ``rows(rng, n)``.
        draws: ``draws(epoch, place)``, the generator for the image there; else one goes on for ever.
        endless: whether an epoch is followed by the next without an end.
        make: what a batch is made into.
    """

    def __init__(
        self,
        x,
        y,
        change=None,
        *,
        rows=None,
        draws=None,
        pairs=False,
        size=BATCH,
        endless=False,
        make=lambda x, y: (x, y),
    ):
        self.x, self.y, self.change, self.draws, self.pairs = x, y, change, draws, pairs
        self.rows = rows or (lambda rng, n: rng.permutation(n))
        self.rng, self.order, self.epoch = np.random.default_rng(0), np.random.default_rng(50), -1
        self.size, self.endless, self.make = size, endless, make

    def __iter__(self):
        while True:
            self.epoch += 1
            rows = self.rows(self.order, len(self.x))
            for start in range(0, len(rows), self.size):
                yield self.make(*self.changed(rows[start : start + self.size], start))
            if not self.endless:
                return

    def changed(self, rows, start):
        x, y = self.x[rows], self.y[rows]
        if self.change is None:
            return x, y
        if self.pairs:
            return self.change(x, y, self.rng)
        if self.draws is None:
            return self.change(x, self.rng), y
        made = [self.change(x[[i]], self.draws(self.epoch, start + i))[0] for i in range(len(x))]
        return np.stack(made).astype("float32"), y


class Sized(Batches):
    def __len__(self):
        return -(-len(self.rows(np.random.default_rng(0), len(self.x))) // self.size)


def counter(epoch, place):
    """A generator for each place in an epoch, the same in each epoch."""
    return np.random.default_rng(place)


class Workers:
    """Two workers with these seeds, started again in each epoch unless ``persistent``; ``epochs`` go into the seed."""

    def __init__(self, *seeds, persistent=False, epochs=False, size=BATCH):
        self.seeds, self.persistent, self.epochs, self.size = seeds, persistent, epochs, size
        self.epoch, self.workers = -1, []

    def __call__(self, epoch, place):
        if epoch != self.epoch and not (self.persistent and self.workers):
            now = epoch if self.epochs else 0
            self.workers = [np.random.default_rng([seed, now]) for seed in self.seeds]
        self.epoch = epoch
        return self.workers[place // self.size % 2]


def buffered(size):
    """Rows of an epoch as a shuffle buffer of so many leaves them."""

    def rows(rng, n):
        waiting, order = list(range(min(size, n))), []
        for row in range(size, n):
            place = int(rng.integers(len(waiting)))
            order.append(waiting[place])
            waiting[place] = row
        return np.array(order + [waiting[i] for i in rng.permutation(len(waiting))])

    return rows
