"""Validation changes between passes."""

import numpy as np
import tensorflow as tf
from keras import layers

from cases.common import LONG, V, W, case, dataset, in_order, jittered, network, slices
from pipelines import Batches, Sized, each, noise


def last_moves(x, y, rng):
    return x + rng.random() * (y == 95)[:, None, None, None], y % 2


# Augments in validation, too.
ALWAYS = layers.Lambda(lambda x: x * tf.random.uniform(each(tf.shape(x)[0]), 0.8, 1.2))
LAST = Batches(V[:96], np.arange(96), last_moves, pairs=True, size=13, rows=in_order)
case(
    "validation augmented",
    "validation moves: wrong",
    lambda d: {"train": dataset(d.train, jittered), "validation": dataset(d.validation, jittered)},
    "tf.data",
)
case(
    "validation augmented",
    "validation moves: wrong",
    lambda d: {"model": network(d, ALWAYS)},
    "model",
)
case("the last validation image moves", "validation moves: wrong", {"validation": LAST})
case("validation shuffled", "validation moves: not found", {"validation": Batches(V, W)})
case(
    "a remainder of validation is dropped",
    "validation moves: can't tell 'remainder'",
    lambda d: {"validation": slices(d.v[:70], d.w[:70]).shuffle(70).batch(32, drop_remainder=True)},
)
for _change, _status in ((None, "not found"), (noise, "wrong")):
    case(
        f"long validation, {_status}",
        f"validation moves: {_status}",
        {"validation": Sized(*LONG, _change), "max_images": 1024},
    )
