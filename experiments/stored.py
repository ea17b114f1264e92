"""Rows of the tables of versions 0.1 to 0.3 as settings of ``runs.run``, and what only these rows name."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from data.build_garments import read_idx, source_folder
from experiments.questions import KEYS, Setting
from helpers import model
from helpers.arms import Schedule
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.data import Data, cells_without, load_solar_cells
from helpers.tables import RENAMED

PAIRS = {
    "dress-shirt": ("dress", "shirt"), "trouser-dress": ("trouser", "dress"),
    "t-shirt-pullover": ("t-shirt", "pullover"), "t-shirt-trouser": ("t-shirt", "trouser"),
}  # fmt: skip
DEFAULTS: Setting = {
    "question": 0, "draw": "image", "optimiser": "adam", "rate": 0.001, "schedule": "constant", "weight_decay": 0.0,
    "batch": 32,
}  # fmt: skip
RATES: dict[str, Setting] = {
    "constant": {}, "decay": {"schedule": "linear"}, "cosine": {"schedule": "cosine"},
    "quarter": {"rate": 0.00025}, "fourfold": {"rate": 0.004},
}  # fmt: skip
RESIDUAL = {"optimiser": "adamw", "weight_decay": 0.004}
MODELS: dict[str, Setting] = {  # what their names say beside the network
    "small-sgd": {"model": "small", "optimiser": "sgd", "rate": 0.01},
    "small-adamw": {"model": "small", "optimiser": "adamw", "weight_decay": 0.01},
    "residual": RESIDUAL, "residual-frozen": RESIDUAL, "residual-tuned": RESIDUAL,
}  # fmt: skip
DRAWS = {"per image": "image", "one for all": "one"}
RARE = 1 / 11  # share of defective cells in the training sets of solar-cells-1-to-10
CLASSES = (2, 4)  # pullover and coat, which the pretrained network has not seen


def setting_of(row: Mapping[str, Any]) -> Setting:
    """A row of study, law, freeze-or-renew, static-versus-live, policies or solar-cells, read as text or as numbers."""
    found = {key: RENAMED.get(key, {}).get(value, value) for key, value in row.items()}
    if "schedule" not in found:  # only freeze-or-renew has a column for each of these
        rate = found.pop("rate")
        found |= MODELS.get(found["model"], {}) | RATES[rate]
    values = DEFAULTS | found
    values["draw"] = DRAWS.get(values["draw"], values["draw"])
    for key in ("n", "batch", "updates", "replicate"):
        values[key] = int(values[key])
    for key in ("rate", "weight_decay"):
        values[key] = float(values[key])
    return {key: values[key] for key in KEYS}


# Data sets


def load_cells(name: str) -> Data:
    """Solar cells of 32 pixels, of 64, or with a quarter of the files held out."""
    if name.startswith("solar-cells-without-"):
        return cells_without(int(name[-1]))
    return load_solar_cells(64 if name == "solar-cells-64" else 32)


def with_flipped_labels(part: Data, replicate: int) -> Data:
    """A fifth of the training labels is wrong."""
    flip = np.random.default_rng((len(part.y_train), replicate, 6)).random(len(part.y_train)) < 0.2
    return part._replace(y_train=np.where(flip, 1 - part.y_train, part.y_train))


def rare_class_alone(plan: Schedule, y: np.ndarray) -> Schedule:
    """The same schedule with class 0 shown as it is: the policy cells-rare."""
    return plan._replace(version=np.where(y[plan.source] == 1, plan.version, 0))


# Policies


class Photometric:
    """Brightness and contrast: m + c (x - m) + b with m the picture's mean, b within ±0.2, c from 0.7 to 1.3."""

    def draw(self, n, seed) -> tf.Tensor:
        """b and c - 1, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, -1, 1, alg="philox") * [0.2, 0.3]

    def apply(self, images, parameters) -> tf.Tensor:
        return _lit(images, parameters[:, 0], parameters[:, 1])


class Cutout:
    """A black square of 8 by 8 pixels, its centre anywhere in the picture (DeVries and Taylor, 2017)."""

    side = 8

    def draw(self, n, seed) -> tf.Tensor:
        """Centres as fractions of height and width, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, alg="philox")

    def apply(self, images, parameters) -> tf.Tensor:
        height, width = images.shape[1:3]
        rows = self._hidden(height, parameters[:, 0])[:, :, None, None]
        columns = self._hidden(width, parameters[:, 1])[:, None, :, None]
        return tf.where(rows & columns, tf.zeros_like(images), images)

    def _hidden(self, size: int, centre) -> tf.Tensor:
        first = tf.floor(centre * size)[:, None] - self.side // 2
        place = tf.range(size, dtype=tf.float32)[None]
        return (place >= first) & (place < first + self.side)


class TwoOfSix:
    """Two of six changes, with a random sign, drawn with replacement (after RandAugment, Cubuk et al., 2020).

    Rotation by 15 degrees, shear by 10 degrees, a shift by a tenth of the width or of the height, brightness by 0.2,
    contrast by 0.3. The same change drawn twice adds up.
    """

    affine = ("rotation", "shear", "shift_width", "shift_height")
    strength = (15, 10, 0.1, 0.1, 0.2, 0.3)

    def __init__(self) -> None:
        self.resample = RandomAffine()

    def draw(self, n, seed) -> tf.Tensor:
        """How much of each change, float32 (n, 6)."""
        u = tf.random.stateless_uniform((n, 2, 2), seed, alg="philox")
        which = tf.one_hot(tf.cast(u[:, :, 0] * 6, tf.int32), 6)
        sign = tf.where(u[:, :, 1:] < 0.5, -1.0, 1.0)
        return tf.reduce_sum(which * sign, axis=1) * tf.constant(self.strength, tf.float32)

    def apply(self, images, parameters) -> tf.Tensor:
        columns = [PARAMETERS.index(name) for name in self.affine]
        to_affine = np.eye(len(PARAMETERS), dtype="float32")[columns]
        images = self.resample.apply(images, IDENTITY + parameters[:, :4] @ to_affine)
        return _lit(images, parameters[:, 4], parameters[:, 5])


def _lit(images: tf.Tensor, brightness, contrast) -> tf.Tensor:
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    brightness, contrast = brightness[:, None, None, None], contrast[:, None, None, None]
    return tf.clip_by_value(mean + (1 + contrast) * (images - mean) + brightness, 0, 1)


class Blur:
    """As much blur as bilinear interpolation between pixels brings, without its movement.

    A shift by a fraction f of a pixel averages two neighbours with the weights 1 - f and f, a kernel of variance
    f (1 - f). Here each direction is averaged with the weights a, 1 - 2a, a, a = f (1 - f) / 2, of the same variance
    and with its centre at the pixel; f is drawn from [0, 1), one for each direction. Edge pixels are repeated.
    """

    def draw(self, n, seed) -> tf.Tensor:
        """The fractions f of height and width, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, alg="philox")

    def apply(self, images, parameters) -> tf.Tensor:
        for axis in (1, 2):
            f = parameters[:, axis - 1][:, None, None, None]
            edges = [[0, 0], [int(axis == 1)] * 2, [int(axis == 2)] * 2, [0, 0]]
            padded = tf.pad(images, edges, "SYMMETRIC")
            size = images.shape[axis]
            before, after = (tf.gather(padded, range(k, k + size), axis=axis) for k in (0, 2))
            a = f * (1 - f) / 2
            images = (1 - 2 * a) * images + a * (before + after)
        return images


class OneForAll:
    """Another policy whose first draw of a replicate is used for every image: a change that adds no variety."""

    def __init__(self, policy: Any) -> None:
        self.policy = policy

    def draw(self, n, seed) -> tf.Tensor:
        """The draw of image 0 with the seed (replicate, 0), n times."""
        return tf.repeat(self.policy.draw(1, (seed[0], 0)), n, axis=0)

    def apply(self, images, parameters) -> tf.Tensor:
        return self.policy.apply(images, parameters)


POLICIES = {"photometric": Photometric, "cutout": Cutout, "two-of-six": TwoOfSix, "blur": Blur}


# Networks


def small_with_dropout(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
    """The small network with half of its features dropped before the last layer."""
    *features, last = model.small_model(input_shape, seed).layers
    return keras.Sequential([keras.Input(input_shape), *features, layers.Dropout(0.5), last])


def residual_pretrained(input_shape: Sequence[int], seed: int | None = None, frozen: bool = False) -> keras.Model:
    """The residual network with all but its last layer taken from one trained on the other eight garments."""
    network = model.residual_model(input_shape, seed)
    for layer, weights in zip(network.layers[:-1], pretrained_features(), strict=True):
        layer.set_weights(weights)
        layer.trainable = not frozen  # a frozen batch normalisation keeps its statistics, too
    return network


@functools.cache
def pretrained_features() -> list[list[np.ndarray]]:
    """Weights of the residual network's layers but the last, after three epochs on 48,000 garments of eight classes."""
    labels = read_idx(source_folder(None), "train-labels-idx1-ubyte")
    others = ~np.isin(labels, CLASSES)
    _, y = np.unique(labels[others], return_inverse=True)
    x = read_idx(source_folder(None), "train-images-idx3-ubyte")[others][..., None].astype("float32") / 255
    network = model.residual_model(x.shape[1:], seed=0)
    features = keras.Model(network.input, network.layers[-2].output)
    last = layers.Dense(8, "softmax", kernel_initializer=keras.initializers.GlorotUniform(0))
    classifier = keras.Sequential([features, last])
    classifier.compile("adam", "sparse_categorical_crossentropy")
    order = np.random.default_rng(9)
    for _ in range(3):
        rows = order.permutation(len(x))
        classifier.fit(x[rows], y[rows], batch_size=128, shuffle=False, verbose=0)
    return [layer.get_weights() for layer in network.layers[:-1]]


def weighted_loss(y_true, y_pred):
    """Cross-entropy in which both classes of solar-cells-1-to-10 weigh the same, 1 on average over a training set."""
    weights = tf.where(y_true == 1, 0.5 / RARE, 0.5 / (1 - RARE))
    return tf.reduce_mean(weights[:, 0] * keras.losses.binary_crossentropy(y_true, y_pred))


NETWORKS: dict[str, Callable[..., keras.Model]] = {
    "small-dropout": small_with_dropout, "small-smoothing": model.small_model, "small-weighted": model.small_model,
    "residual-frozen": functools.partial(residual_pretrained, frozen=True), "residual-tuned": residual_pretrained,
}  # fmt: skip
LOSSES: dict[str, Any] = {
    "small-smoothing": keras.losses.BinaryCrossentropy(label_smoothing=0.1), "small-weighted": weighted_loss,
}  # fmt: skip
