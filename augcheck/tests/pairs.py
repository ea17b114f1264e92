"""For every finding a pipeline that is broken by one line, and its mended twin. NumPy alone."""

import numpy as np

SIZE = 16  # of a batch
rng = np.random.default_rng(0)


def pictures(n, seed=0, classes=2, side=16):
    """Pictures (n, side, side, 3) from 0 to 1, smooth as photographs are, and their classes, which show in them."""
    draws = np.random.default_rng(seed)
    y = draws.integers(0, classes, n)
    coarse = draws.random((n, 6, 6, 3))
    coarse[np.arange(n), y % 6, :2] += 0.6
    place = np.linspace(0, 4.999, side)
    low, part = place.astype(int), (place % 1)[:, None]
    rows = coarse[:, low] * (1 - part[:, None]) + coarse[:, low + 1] * part[:, None]
    x = rows[:, :, low] * (1 - part) + rows[:, :, low + 1] * part
    return (x / x.max() * (1, 0.8, 0.6)).astype("float32"), y


X, Y = pictures(192)
V, W = pictures(96, seed=1)


def lighten(x):
    """Each picture a little darker than it was."""
    return (x * rng.uniform(0.7, 1, (len(x), 1, 1, 1))).astype("float32")


def shift(x):
    """Each picture moved by up to two pixels, round the edge."""
    steps = rng.integers(-2, 3, (len(x), 2))
    return np.stack([np.roll(image, step, (0, 1)) for image, step in zip(x, steps, strict=True)])


class Batches:
    """Batches in a new order in each epoch, and each changed when it is read."""

    def __init__(self, x, y, change=None, order=rng.permutation):
        self.x, self.y, self.change, self.order = x, y, change, order

    def __iter__(self):
        rows = self.order(len(self.x))
        for start in range(0, len(rows), SIZE):
            now = rows[start : start + SIZE]
            yield (self.change(self.x[now]) if self.change else self.x[now]), self.y[now]


def whole_batches(n):
    """Rows of an epoch in which batches change places, and each keeps its images."""
    return rng.permutation(np.arange(n).reshape(-1, SIZE)).ravel()


SORTED = np.argsort(Y, kind="stable")
TURNS = np.concatenate([np.flatnonzero(Y == 0)[:80, None], np.flatnonzero(Y == 1)[:80, None]], 1)
TURNS = TURNS.ravel()  # one image of each class in turn
ONE_CLASS = np.zeros(96, int)
QUARTER = V.copy()
QUARTER[::4] /= 255
TWICE = np.concatenate([X, X[:, :, ::-1]])
SPLIT = rng.permutation(len(TWICE))
VALIDATION = {"validation": (V, W)}


def relabelled(together):
    def epoch():
        rows = rng.permutation(len(X))
        for start in range(0, len(X), SIZE):
            now = rows[start : start + SIZE]
            yield X[now], Y[now if together else slice(start, start + SIZE)]

    return epoch


# Name of the finding and its severity, words of the report, arguments that are broken, and mended.
LIVE = {"train": Batches(X, Y, lighten)}
PAIRS = [
    (
        "repeats: wrong",
        "pixel-identical",
        {"train": Batches(lighten(X), Y), "model": False},
        LIVE,
    ),
    ("repeats: ask", "give it: check_pipeline(..., model=model)", {"train": Batches(X, Y)}, LIVE),
    (
        "one draw: wasteful",
        "same random change",
        {"train": Batches(X, Y, lambda x: x * rng.uniform(0.4, 1))},
        {"train": Batches(X, Y, lambda x: x * rng.uniform(0.4, 1, (len(x), 1, 1, 1)))},
    ),
    (
        "validation moves: wrong",
        "change each time",
        LIVE | {"validation": Batches(V, W, lighten)},
        LIVE | {"validation": Batches(V, W)},
    ),
    ("sets differ: wrong", "ranges of values", LIVE | {"validation": (255 * V, W)}, LIVE),
    (
        "sets differ: wrong",
        "colour channels",
        {"train": (X, Y), "validation": (V[..., ::-1], W)},
        {"train": (X, Y), "validation": (V, W)},
    ),
    (
        "sets differ: wrong",
        "validation has one class only",
        LIVE | {"validation": (V, ONE_CLASS)},
        LIVE | VALIDATION,
    ),
    (
        "sets differ: wrong",
        "validation has one class only",
        {"train": (X, np.eye(2)[Y]), "validation": (V, np.eye(2)[ONE_CLASS])},
        {"train": (X, np.eye(2)[Y]), "validation": (V, np.eye(2)[W])},
    ),
    (
        "shared images: wrong",
        "also in training",
        {"train": (TWICE[SPLIT[:256]],), "validation": (TWICE[SPLIT[256:]],)},
        {"train": (np.concatenate([X, X[:, :, ::-1]]),), "validation": (V,)},
    ),
    (
        "degenerate: wrong",
        "scaled twice",
        {"train": (X / 255, Y), "validation": (V / 255, W)},
        {"train": (X, Y), "validation": (V, W)},
    ),
    (
        "degenerate: wrong",
        "25% of validation span hundreds of times less",
        LIVE | {"validation": (QUARTER, W)},
        LIVE | VALIDATION,
    ),
    (
        "order: wrong",
        "one class fills most of a batch",
        {"train": Batches(X[SORTED], Y[SORTED], lighten, np.arange)},
        {"train": Batches(X[SORTED], Y[SORTED], lighten)},
    ),
    (
        "order: wrong",
        "one class fills most of a batch; batches stay together",
        {"train": Batches(X[SORTED], Y[SORTED], shift, whole_batches)},
        {"train": Batches(X[SORTED], Y[SORTED], shift)},
    ),
    (
        "order: wasteful",
        "stand together",
        {"train": Batches(X[TURNS], Y[TURNS], shift, whole_batches)},
        {"train": Batches(X[TURNS], Y[TURNS], shift)},
    ),
    (
        "order: wasteful",
        "stand together",
        {"train": Batches(X, np.zeros(192), lighten, whole_batches)},
        {"train": Batches(X, np.zeros(192), lighten)},
    ),
    ("order: wasteful", "the same order", {"train": Batches(X, Y, shift, np.arange)}, LIVE),
    (
        "labels: wrong",
        "mismatched",
        {"train": relabelled(together=False), "live": False},
        {"train": relabelled(together=True), "live": False},
    ),
]
