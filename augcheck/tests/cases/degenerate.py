"""Degenerate images."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from cases.common import DRAWS, V, W, X, Y, as_bytes, case, flow, in_the_loop, jittered, network
from cases.shared_images import PREPROCESS
from pipelines import Batches, each, shift

case(
    "brightness_range on [0, 1]",
    "degenerate: wrong 'needs images of 0 to 255'",
    lambda d: flow(d.train, brightness_range=(0.8, 1.2)),
    "flow",
)
case(
    "RandomBrightness made for 0 to 255",
    "degenerate: wrong 'value_range'",
    lambda d: {"model": network(d, layers.RandomBrightness(0.2))},
    "model",
)
case(
    "scaled twice",
    "degenerate: wrong 'in the pipeline or in the model'",
    lambda d: {"model": network(d, layers.Rescaling(1 / 255), layers.RandomFlip("horizontal"))},
    "model",
)
case(
    "rescaled in the model, and nothing augments",
    "sound",
    lambda d: {
        "train": d.train,
        "validation": d.validation,
        "model": network(d, layers.Rescaling(2.0, offset=-1.0)),
    },
)


case(
    "rescaled and augmented in the model",
    "sound",
    lambda d: {
        "train": as_bytes(d.train),
        "validation": as_bytes(d.validation),
        "model": network(
            d,
            keras.Sequential(
                [
                    layers.Rescaling(1 / 255),
                    layers.RandomFlip(),
                    layers.RandomTranslation(0.05, 0.05),
                ]
            ),
        ),
    },
    "model",
)


def white(x, share=0.1):
    """A share of the images is white."""
    return np.where(np.random.default_rng(1).random(each(len(x))) < share, 1, x).astype("float32")


def one_is(number, x):
    x = x.copy()
    x[3, 0, 0] = number
    return x


def in_both(change):
    return lambda d: {"train": (change(d.x), d.y), "validation": (change(d.v), d.w)}


case("scaled twice", "degenerate: wrong 'Scale once only'", in_both(lambda x: x / 255), "arrays")
case(
    "NaN in training",
    "degenerate: wrong 'NaN' 'training'; sets differ: not found",
    {"train": (one_is(np.nan, X), Y), "validation": (V, W)},
)
case(
    "infinity in validation",
    "degenerate: wrong 'NaN' 'validation'",
    {"validation": (one_is(np.inf, V), W)},
)
case(
    "two values in both sets", "degenerate: not found", in_both(lambda x: (x > 0.3).astype("uint8"))
)
case(
    "two values in training",
    "degenerate: wrong 'two values'",
    {"train": ((X > 0.3).astype("uint8"), Y), "validation": (V, W)},
)
case(
    "little contrast of other values",
    "degenerate: wasteful 'hardly any contrast'",
    in_both(lambda x: 0.5 + x / 100),
)
case("values above those of images scaled again", "degenerate: wasteful", in_both(lambda x: x / 60))
for _name, _expected, _x, _v in [
    ("in both sets", "wasteful 'empty tiles'; repeats: not found", white(X), white(V)),
    ("nowhere else", "wrong 'blank images'; repeats: not found", white(X), V),
    ("all that there is", "wrong 'blank images'", white(X, 1), white(V, 1)),
]:
    case(
        f"white tiles, {_name}",
        f"degenerate: {_expected}",
        {"train": Batches(_x, Y, shift), "validation": _v},
    )
case(
    "white tiles, before the loop",
    "degenerate: wasteful",
    {"train": white(X), "augment": in_the_loop, "validation": V},
)


class RandAugment(layers.Layer):
    """As Keras's own, which is slow, it makes some images blank by chance: here every tenth."""

    def call(self, x):
        return tf.where(DRAWS.uniform(each(tf.shape(x)[0])) < 0.1, 0.0, jittered(x))


case(
    "RandAugment",
    "degenerate: not found; sets differ: not found",
    {"augment": RandAugment(), "validation": (V, W)},
)
for _first, _second in [
    ("tf", "tf"),
    ("torch", "caffe"),
    ("torch", "torch"),
    ("rescale", "tf"),
    ("rescale", "caffe"),
]:
    case(
        f"{_first}, then {_second}",
        "degenerate: wrong 'scaled twice'; sets differ: not found",
        in_both(
            lambda x, both=(_first, _second): PREPROCESS[both[1]](PREPROCESS[both[0]](255 * x))
        ),
    )
for _name, _change in (
    PREPROCESS
    | {
        "bytes": lambda x: x.astype("uint8"),
        "kelvin": lambda x: 290 + x / 20,
        "depth": lambda x: 40 * x - 1000,
    }
).items():
    case(
        f"{_name} once",
        "sound",
        in_both(lambda x, change=_change: change(255 * x)),
        "arrays" if _name in PREPROCESS else "",
    )
