"""Data sets, policies and networks of the law's regimes 7 to 11, as registered in data/results/registrations.md."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import arms, model
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.data import Data, load_solar_cells
from helpers.tables import FOLDER

FOLDS = tuple(f"solar-cells-without-{fold}" for fold in range(4))  # data sets with a quarter held out
PHOTOGRAPHS = FOLDER.parent / "photographs.npz"  # written by photographs.py, not committed
CLASSES = (2, 4)  # pullover and coat, which the pretrained network has not seen
RARE = 1 / 11  # share of defective cells in the training sets of regime 11


def cells_without(fold: int) -> Data:
    """The solar cells with one quarter of their file numbers held out for validation."""
    numbers, count, x, y = _cells_in_order()
    held_out = numbers * len(FOLDS) // count == fold
    return Data(x[~held_out], y[~held_out], x[held_out], y[held_out])


def load_photographs() -> Data:
    """Cats (0) and dogs (1) in colour, float32 (n, 64, 64, 3), 0 to 1, as ``photographs.py`` wrote them."""
    with np.load(PHOTOGRAPHS, allow_pickle=False) as file:
        x_train, x_val = (file[name].astype(np.float32) / 255 for name in ("x_train", "x_val"))
        y_train, y_val = (file[name].astype(np.int64) for name in ("y_train", "y_val"))
    return Data(x_train, y_train, x_val, y_val)


@functools.cache
def _cells_in_order() -> tuple[np.ndarray, int, np.ndarray, np.ndarray]:
    """Of all certain cells the file numbers, in order, how many files there are, the images and the labels."""
    from elpv_dataset.utils import load_dataset

    data, (_, probability, _) = load_solar_cells(), load_dataset()
    numbers = np.flatnonzero(np.isin(probability, (0, 1)))
    in_validation = numbers // 60 % 4 == 0  # as load_solar_cells splits them
    x = np.empty((len(numbers), *data.x_train.shape[1:]), np.float32)
    y = np.empty(len(numbers), np.int64)
    x[~in_validation], y[~in_validation] = data.x_train, data.y_train
    x[in_validation], y[in_validation] = data.x_val, data.y_val
    return numbers, len(probability), x, y


def with_few_defects(data: Data, n: int, replicate: int) -> Data:
    """A training subset of n images, one in eleven of class 1; drawn anew for each replicate, so subsets overlap."""
    rng = np.random.default_rng((n, replicate, 11))
    positive = round(n * RARE)
    sound = rng.choice(np.flatnonzero(data.y_train == 0), n - positive, replace=False)
    defective = rng.choice(np.flatnonzero(data.y_train == 1), positive, replace=False)
    rows = np.concatenate([sound, defective])
    return data._replace(x_train=data.x_train[rows], y_train=data.y_train[rows])


class Photometric:
    """Brightness and contrast: m + c (x - m) + b with m the picture's mean, b within ±0.2, c from 0.7 to 1.3."""

    def draw(self, n, seed) -> tf.Tensor:
        """b and c - 1 of n pictures, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, -1, 1, alg="philox") * [0.2, 0.3]

    def apply(self, images, parameters) -> tf.Tensor:
        return _lit(tf.convert_to_tensor(images), parameters[:, 0], parameters[:, 1])


class Cutout:
    """A black square of 8 by 8 pixels, its centre anywhere in the picture (DeVries and Taylor, 2017)."""

    side = 8

    def draw(self, n, seed) -> tf.Tensor:
        """The centre of n squares as fractions of height and width, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, alg="philox")

    def apply(self, images, parameters) -> tf.Tensor:
        images = tf.convert_to_tensor(images)
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

    _affine = ("rotation", "shear", "shift_width", "shift_height")
    _strength = (15, 10, 0.1, 0.1, 0.2, 0.3)

    def __init__(self) -> None:
        self._resample = RandomAffine()

    def draw(self, n, seed) -> tf.Tensor:
        """How much of each change, float32 (n, 6)."""
        u = tf.random.stateless_uniform((n, 2, 2), seed, alg="philox")
        which = tf.one_hot(tf.cast(u[:, :, 0] * 6, tf.int32), 6)
        sign = tf.where(u[:, :, 1:] < 0.5, -1.0, 1.0)
        return tf.reduce_sum(which * sign, axis=1) * tf.constant(self._strength, tf.float32)

    def apply(self, images, parameters) -> tf.Tensor:
        parameters = tf.convert_to_tensor(parameters)
        columns = [PARAMETERS.index(name) for name in self._affine]
        to_affine = np.eye(len(PARAMETERS), dtype="float32")[columns]
        images = self._resample.apply(images, IDENTITY + parameters[:, :4] @ to_affine)
        return _lit(images, parameters[:, 4], parameters[:, 5])


def _lit(images: tf.Tensor, brightness, contrast) -> tf.Tensor:
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    brightness, contrast = brightness[:, None, None, None], contrast[:, None, None, None]
    return tf.clip_by_value(mean + (1 + contrast) * (images - mean) + brightness, 0, 1)


POLICIES = {"photometric": Photometric(), "cutout": Cutout(), "two-of-six": TwoOfSix()}


def cutmix_batches(x: np.ndarray, y: np.ndarray, plan: arms.Schedule, replicate: int) -> arms.Batches:
    """The batches of an arm without originals under CutMix (Yun et al., 2019), all versions made beforehand.

    In version v each picture gets a box of another one, whose share of the area is uniform, and a label to match.
    """
    versions, index = np.unique(plan.version, return_inverse=True)
    made = [_cutmix(x, y, np.random.default_rng((replicate, v, 8))) for v in versions.tolist()]
    images, labels = (np.concatenate(part) for part in zip(*made, strict=True))
    return arms.Batches(images, labels, index.reshape(plan.version.shape) * len(x) + plan.source, None)


def _cutmix(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n, height, width = x.shape[:3]
    partner, side, centre = rng.permutation(n), np.sqrt(rng.random(n)), rng.random((n, 2))
    inside = []
    for size, place in ((height, centre[:, 0]), (width, centre[:, 1])):
        distance = np.abs(np.arange(size) + 0.5 - place[:, None] * size)
        inside.append(distance < side[:, None] * size / 2)
    box = inside[0][:, :, None] & inside[1][:, None, :]
    share = box.mean(axis=(1, 2))
    labels = (1 - share) * y + share * y[partner]
    return np.where(box[..., None], x[partner], x), labels.astype(np.float32)


def rare_class_alone(plan: arms.Schedule, y: np.ndarray) -> arms.Schedule:
    """The same schedule with class 0 shown as it is."""
    return plan._replace(version=np.where(y[plan.source] == 1, plan.version, 0))


def weighted_loss(y_true, y_pred):
    """Cross-entropy in which both classes of regime 11 weigh the same, 1 on average over a training set."""
    weights = tf.where(y_true == 1, 0.5 / RARE, 0.5 / (1 - RARE))
    return tf.reduce_mean(weights[:, 0] * keras.losses.binary_crossentropy(y_true, y_pred))


def residual_pretrained(input_shape: Sequence[int], seed: int | None, frozen: bool) -> keras.Model:
    """The residual network with all but its last layer taken from one trained on the other eight garments."""
    network = model.residual_model(input_shape, seed)
    *features, _ = network.layers
    for layer, weights in zip(features, pretrained_features(), strict=True):
        layer.set_weights(weights)
        layer.trainable = not frozen  # a frozen batch normalisation keeps its statistics, too
    return network


@functools.cache
def pretrained_features() -> list[list[np.ndarray]]:
    """Weights of the residual network's layers but the last, after three epochs on 48,000 garments of eight classes."""
    from data.build_garments import read_idx, source_folder

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
