"""Order."""

import types

import numpy as np
import tensorflow as tf

from cases.common import (
    BATCH,
    LOAD,
    LOOP,
    NO_LABELS,
    ODD,
    STORED,
    Images,
    N,
    Rows,
    X,
    Y,
    case,
    folder,
    in_order,
    jittered,
    loader,
    of_each,
    once,
    shuffled,
    slices,
)
from cases.positions import whole_batches
from cases.sets_differ import RARE
from helpers.data import subset
from pipelines import Batches, flip, in_batches, lighten, shift

SIXTEEN = np.repeat(np.arange(N // 4), 16)
case(
    "16 copies side by side",
    "order: wrong 'similar images'",
    lambda d: {"train": Rows((once(d.x[SIXTEEN]), d.y[SIXTEEN]), shuffle=False), **STORED},
    "PyDataset",
)


def balanced(d):
    """Both classes in turn, each image once in an epoch."""
    parts = [slices(d.x[d.y == k][:50], d.y[d.y == k][:50]).shuffle(50).repeat(2) for k in (0, 1)]
    return tf.data.Dataset.choose_from_datasets(parts, tf.data.Dataset.range(2).repeat(50)).batch(
        BATCH
    )


case(
    "sorted by class, not shuffled",
    "order: wrong 'one class'",
    lambda d: folder(d.train, shuffle=False, rotation_range=5, rescale=1 / 255),
    "flow_from_directory",
)
case("balanced batches", "sound", lambda d: balanced(d).map(of_each(jittered)), "tf.data")
case("balanced batches, stored", "sound", lambda d: {"train": balanced(d), **STORED}, "tf.data")
case(
    "the same order in every epoch",
    "order: wasteful 'the same order'; positions: can't tell",
    lambda d: loader(d.train, lighten, rows=in_order),
    "iterable",
)
case(
    "the same order, no labels",
    "order: wasteful 'the same order'",
    shuffled(flip, rows=in_order, **NO_LABELS),
)
TOGETHER = "order: wasteful 'stand together'"
for _name, _change, _more, _how in [
    ("stored", None, STORED, {}),
    ("flips, no labels", flip, (), NO_LABELS),
    ("live", lighten, (), {}),
]:
    case(
        f"batches shuffled as a whole, {_name}",
        TOGETHER,
        shuffled(_change, _more, rows=whole_batches, **_how),
    )
    case(f"images shuffled, {_name}", "order: not found", shuffled(_change, _more, **_how))


def sampled(weights, x=RARE[0], y=RARE[1]):
    """A loader with a sampler like PyTorch's, which draws images by the weights of both classes."""
    weights = weights[y]
    data = Batches(x, y, lighten, rows=lambda rng, n: rng.choice(n, n, p=weights / weights.sum()))
    data.sampler = types.SimpleNamespace(weights=weights)
    data.dataset = types.SimpleNamespace(targets=len, labels=[{}] * len(weights), y=y)
    return {"train": data}


def views(side_by_side, many=4):
    """Several views of each image in one batch, all new in each epoch, the images shuffled."""

    def epoch():
        for rows in LOOP.permutation(160).reshape(-1, 8):
            made = [lighten(shift(X[rows], LOOP, 1), LOOP) for _ in range(many)]
            if side_by_side:
                yield np.stack(made, 1).reshape(-1, *X.shape[1:]), np.repeat(Y[rows], many)
            else:
                yield np.concatenate(made), np.tile(Y[rows], many)

    return epoch


for _many, _side_by_side in ((2, True), (4, False)):
    case(
        f"{_many} views of an image in a batch, {'side by side' if _side_by_side else 'in turn'}",
        "order: not found; one draw: quiet",
        {"train": views(_side_by_side, _many), "max_images": 4 * 160 * _many},
    )


def coats():
    """Coats and pullovers, in which dark ones and bright ones differ more than by their light."""
    d = subset(LOAD["garments"](), 512)
    return Images(d.x_train, d.y_train, d.x_val, d.y_val)


def in_turns(d, shuffled_within):
    """Images from four files in turn, in each file those of one class that are dark, or bright."""
    light = d.x.mean((1, 2, 3))
    kinds = 2 * d.y + (light > np.median(light))
    files = [np.flatnonzero(kinds == kind) for kind in range(4)]
    shortest = min(len(rows) for rows in files)

    def epoch():
        order = [LOOP.permutation(rows) if shuffled_within else rows for rows in files]
        rows = np.stack([rows[:shortest] for rows in order], axis=1).ravel()
        for x, y in in_batches(d.x[rows], d.y[rows]):
            yield shift(x, LOOP), y

    return epoch


case(
    "files of one class in turn, shuffled",
    "order: quiet; positions: quiet",
    lambda d: in_turns(coats(), True),
)
case(
    "files of one class in turn, not shuffled",
    "order: wasteful 'the same order'",
    lambda d: in_turns(coats(), False),
)
FEW_BATCHES = np.array([0, 0, 0, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1])  # which chance may bring
case(
    "four batches of four, shuffled once",
    "order: wasteful 'stand together'",
    {"train": Batches(X[:16], FEW_BATCHES, lighten, size=4, rows=in_order)},
)
COUNTS = np.bincount(RARE[1])
case(
    "drawn with counts for weights",
    "order: wrong 'weights of the sampler are counts'",
    sampled(COUNTS),
)
case("drawn with weights", "order: not found", sampled(1 / COUNTS))
case(
    "equal classes, drawn with equal weights", "order: not found", sampled(np.ones(2), X, ODD[:, 0])
)
