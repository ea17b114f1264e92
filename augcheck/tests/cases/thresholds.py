"""Thresholds, each less than a tenth below and above."""

import numpy as np

from cases.common import LONG, V, W, X, Y, case
from cases.labels import only
from cases.one_draw import steady
from pipelines import Batches, counter, each, lighten, pictures


def clustered(share, batches):
    """Batches of which this share of the images is of the batch's own class: the variance grows with its square."""
    rng, n = np.random.default_rng(0), batches * 16
    own = np.repeat(rng.integers(0, 2, batches), 16)
    y = np.where(rng.random(n) < share, own, rng.integers(0, 2, n))

    def rows(rng, n):
        order = rng.permuted(rng.permutation(np.arange(n).reshape(-1, 16)), axis=1).ravel()
        for name in (0, 1):  # other images of the same classes
            order[y[order] == name] = rng.permutation(order[y[order] == name])
        return order

    return {
        "train": Batches(rng.random((n, 8, 8, 1), np.float32), y, rows=rows),
        "live": False,
        "max_images": 2 * n,
    }


def some_exchanged(share):
    x, y = pictures(2000, 7, shape=(8, 8, 1))
    other = np.where(np.arange(2000) < 2000 * share, 1 - y, y)
    return {"train": pictures(2000, 4, shape=(8, 8, 1)), "validation": (x, other)}


def some_again(n):
    """Images that come again as they were, so many of 400, and others in another light."""

    def change(x, y, rng):
        return np.where((y < n).reshape(each(len(x))), x, lighten(x, rng, 0.5, 0.9)), y % 2

    return {"train": Batches(X[:400], FIRST[:400], change, pairs=True), "max_images": 9 * 400}


FLAT, FIRST = LONG[0][:2000], np.arange(2000)
LEAKED, CENTRED = pictures(1000, 9, shape=(8, 8, 1))[0], X - X.mean()
for _name, _finding, _make, _quiet, _found in [
    (
        "the share of a class",
        "sets differ: wasteful",
        lambda gap: {
            "train": (FLAT, FIRST % 2),
            "validation": (FLAT + 1e-3, FIRST // (1000 + 2000 * gap)),
        },
        0.138,
        0.162,
    ),
    (
        "one in so many is of a class that is lacking",
        "sets differ: wasteful 'validation lacks a class'",
        lambda k: {"train": (X, FIRST[:480] // (480 / k)), "validation": (V, 1 + 0 * W)},
        22,
        18,
    ),
    ("the share that is exchanged", "sets differ: wrong 'exchanged'", some_exchanged, 0.73, 0.77),
    (
        "the mean, in spreads",
        "sets differ: wrong",
        lambda far: {"train": X, "validation": X + far * X.std()},
        0.92,
        1.08,
    ),
    (
        "the spread",
        "sets differ: wrong",
        lambda times: {"train": CENTRED, "validation": times * CENTRED},
        1.48,
        1.72,
    ),
    (
        "the range of images",
        "degenerate: wasteful",
        lambda width: {"train": width * (FLAT - FLAT.min()) / np.ptp(FLAT)},
        0.0215,
        0.0185,
    ),
    (
        "blank images",
        "degenerate: wasteful",
        lambda n: {"train": FLAT * (n < FIRST + 1)[:, None, None, None]},
        38,
        42,
    ),
    (
        "shared images",
        "shared images: wrong 'also in training'",
        lambda n: {"train": FLAT, "validation": np.concatenate([LEAKED[n:], FLAT[:n]])},
        18,
        22,
    ),
    (
        "one class in a batch, of 150",
        "order: wrong",
        lambda share: clustered(share, 150),
        0.15,
        0.35,
    ),
    (
        "one class in a batch, of 400",
        "order: wrong",
        lambda share: clustered(share, 400),
        0.235,
        0.285,
    ),
    (
        "images with another label",
        "labels: wrong",
        lambda n: {"train": (np.tile(X, each(2)), np.r_[Y, np.where(FIRST[:480] < n, 1, 0) ^ Y])},
        9,
        10,
    ),
    ("images that come twice, to compare labels", "labels: not found", some_again, 268, 285),
    (
        "images of a class that is augmented",
        "labels: wrong",
        lambda n: {"train": only([1], y=(FIRST[:480] < n).astype(int))},
        19,
        21,
    ),
    (
        "epochs before classes are compared",
        "labels: wrong",
        lambda epochs: {"train": only([1]), "max_images": 480 * epochs},
        3,
        4,
    ),
    (
        "images of an epoch",
        "positions: wasteful",
        lambda n: {"train": Batches(X[:n], Y[:n], lighten, draws=counter)},
        63,
        64,
    ),
]:
    _other = "can't tell" if "not found" in _finding else "quiet"
    case(
        f"{_name}, {_quiet}",
        f"{_finding.partition(':')[0]}: {_other}",
        lambda d, make=_make, at=_quiet: make(at),
    )
    case(f"{_name}, {_found}", _finding, lambda d, make=_make, at=_found: make(at))
# Light that a batch has in every epoch, or that is drawn for it
for _share, _said in (
    (0.15, "order: quiet; one draw: wasteful"),
    (0.35, "order: wrong; one draw: quiet"),
):
    case(f"light that belongs to a batch, {_share}", _said, lambda d, share=_share: steady(share))
