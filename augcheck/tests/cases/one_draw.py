"""One draw per batch."""

import numpy as np
import tensorflow as tf
from keras import layers

from cases.common import (
    BATCH,
    DRAWS,
    LOOP,
    Rows,
    X,
    case,
    dataset,
    loader,
    mixed,
    network,
    of_each,
    one_light,
    shuffled,
    slices,
)


class Alike(layers.Layer):
    """One draw for a whole batch."""

    def call(self, x, training=False):
        return x * tf.random.uniform((), 0.8, 1.2) if training else x


def brighter(x):
    return x + DRAWS.uniform((), -0.2, 0.2)


def cropped(x):
    return CROP(x, training=True)


CROP = layers.RandomCrop(12, 12)
case(
    "bfloat16",
    "repeats: wrong; degenerate: not found",
    lambda d: dataset(d.train, lambda x: tf.cast(x, "bfloat16")),
)
case(
    "one draw per batch",
    "one draw: wasteful",
    lambda d: {"train": dataset(d.train, brighter), "augment": brighter},
    "tf.data",
)
case("one draw per batch", "one draw: wasteful", lambda d: {"model": network(d, Alike())}, "model")
case(
    "one draw per batch",
    "one draw: wasteful",
    lambda d: {"augment": lambda x: x + LOOP.uniform(-0.1, 0.1)},
    "arrays",
)
case(
    "RandomCrop of a batch",
    "one draw: wasteful",
    lambda d: {"train": dataset(d.train, cropped), "augment": CROP},
)
case(
    "RandomCrop of each image",
    "one draw: not found",
    lambda d: {"train": slices(*d.train).map(of_each(cropped)).batch(BATCH), "augment": CROP},
)
# The photograph's squares differ in light as they are, and that isn't seen there.
case(
    "one draw per batch, its function unknown",
    "one draw: wasteful",
    lambda d: Rows(d.train, lambda x, rng: x * rng.uniform(0.5, 1.5)),
    "PyDataset",
)


def steady(share):
    """Each batch has a brightness: a share of it belongs to its place, the rest is drawn anew."""
    rng = np.random.default_rng(0)
    places = rng.normal(0, 1, 30)

    def epoch():
        for place, rows in enumerate(rng.permutation(480).reshape(30, 16)):
            own = np.sqrt(share) * places[place] + np.sqrt(1 - share) * rng.normal()
            yield (X[rows] + own).astype(np.float32), np.arange(16) % 2

    return {"train": epoch, "max_images": 9 * 480}


case(
    "one draw a batch",
    "one draw: wasteful 'their classes are mixed'; order: quiet",
    shuffled(one_light),
)
case(
    "one draw a batch, of which three were read",
    "order: quiet",
    shuffled(one_light, {"max_images": 96}),
)
case(
    "augment mixes",
    "one draw: can't tell 'no random change'",
    {"augment": lambda x: (x + x[::-1]) / 2},
)
case(
    "augment always does the same",
    "one draw: can't tell 'no random change'",
    {"augment": np.negative},
)
for _name, _more in {
    "the loop": lambda d: {"augment": lambda x: x * LOOP.uniform(0.8, 1, (len(x), 1, 1))},
    "the model": lambda d: {
        "model": network(d._replace(x=d.x[..., :1]), layers.RandomFlip("horizontal"))
    },
}.items():
    case(
        f"(n, height, width) in {_name}",
        "repeats: not found; one draw: not found",
        lambda d, more=_more: {"train": (d.x.mean(3), d.y), **more(d)},
    )
case("MixUp", "sound", lambda d: loader(d.train, mixed, pairs=True), "iterable")
