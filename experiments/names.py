"""What the names in a setting stand for: data sets, policies, networks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from data import build_garments
from experiments import questions, stored
from helpers import model, pretrained
from helpers.augment import PARAMETERS, POLICIES, RandomAffine, named_policy
from helpers.data import Data, load_garments, subset, with_few_defects
from helpers.tables import FOLDER

CHOICE = 500  # photographs of clothes that choices are made with, and nothing else
CROPPED = 96  # pixels, of clothes as a network sees them
BETWEEN = 11  # EfficientNet-Lite0's first block of the upper third
PAIRS = questions.PAIRS | stored.PAIRS  # of garments, beside pullover and coat


# Data sets


def load_part(dataset: str, n: int, replicate: int) -> Data:
    """Training images of a replicate, and test images. NAME-choice has choice images in place of the test images.

    Of clothes, (n, 160, 160, 3), the test images are all photographs but the training and the choice images, so they
    differ from replicate to replicate; no garment is on two sides.
    """
    if dataset.startswith("clothes"):
        return _clothes(n, replicate, choice=dataset.endswith("-choice"))
    if dataset == "solar-cells-1-to-10":
        return with_few_defects(load_dataset("solar-cells"), n, replicate)
    part = subset(load_dataset(dataset.removesuffix("-flipped")), n, replicate)
    return stored.with_flipped_labels(part, replicate) if dataset.endswith("-flipped") else part


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set by its name, loaded once a process. NAME-choice: tested on the last 2,000 training images."""
    if name == "garments":
        return load_garments()
    if name.startswith("solar-cells"):
        return stored.load_cells(name)
    base = name.removesuffix("-choice")
    data = TEN_CLASSES[base]() if base in TEN_CLASSES else load_garments(_pair(base), None)
    if name.endswith("-choice"):
        x, y = data.x_train, data.y_train
        return Data(x[:-2000], y[:-2000], x[-2000:], y[-2000:])
    return data


def is_grey(dataset: str) -> bool:
    """Whether it has two classes of grey pictures: garments, a pair of them, solar cells."""
    return dataset.startswith(("garments", "solar-cells")) or dataset.removesuffix("-choice") in PAIRS


def _pair(name: str) -> Path:
    """The file of a pair of garments; one of ``PAIRS`` is built from the original files where it is missing."""
    path = FOLDER.parent / f"{name}.npz"
    if name in PAIRS and not path.exists():
        first, second = map(build_garments.fashion_class, PAIRS[name])
        build_garments.build(build_garments.source_folder(None), (first, second), path)
    return path


def _stored(name: str) -> dict[str, np.ndarray]:
    path = FOLDER.parent / f"{name}.npz"
    if not path.exists():
        raise FileNotFoundError(f"{path} was not found; `python -m experiments.sources {name} FOLDER` builds it.")
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file}


def _colour() -> Data:
    """CIFAR-10's ten classes: the first 2,000 training images of each, shuffled once, and all test images."""
    arrays = _stored("colour")
    x, y, test = arrays["images"].astype(np.float32) / 255, arrays["labels"], arrays["parts"] == 2
    first = np.concatenate([np.flatnonzero(~test & (y == label))[:2000] for label in range(10)])
    first = np.random.default_rng(10).permutation(first)
    return Data(x[first], y[first], x[test], y[test])


def _fashion() -> Data:
    """All of Fashion-MNIST, ten classes, float32 in [0, 1]."""
    folder, arrays = build_garments.source_folder(None), []
    for part in ("train", "t10k"):
        images = build_garments.read_idx(folder, f"{part}-images-idx3-ubyte")[..., None].astype(np.float32) / 255
        arrays += [images, build_garments.read_idx(folder, f"{part}-labels-idx1-ubyte").astype(np.int64)]
    return Data(*arrays)


TEN_CLASSES: dict[str, Callable[[], Data]] = {"colour": _colour, "fashion": _fashion}


@functools.cache
def _all_clothes() -> dict[str, np.ndarray]:
    return _stored("clothes")


def clothes_rows(n: int, replicate: int) -> dict[str, np.ndarray]:
    """Which photographs train, choose and test, as numbers of photographs; a garment's groups stay together."""
    group = _all_clothes()["group"]
    choice = _first_groups(np.arange(len(group)), group, CHOICE, seed=500)
    left = np.setdiff1d(np.arange(len(group)), choice)
    train = _first_groups(left, group, n, seed=replicate)
    alike = np.isin(group, group[train])
    test = np.setdiff1d(left[~alike[left]], train)
    return {"train": train, "choice": choice, "test": test}


def _first_groups(rows: np.ndarray, group: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Rows in random order, whole groups, until ``count`` are taken; a group that is too large is left out."""
    taken: list[int] = []
    for number in np.random.default_rng((count, seed)).permutation(np.unique(group[rows])):
        members = rows[group[rows] == number]
        if len(taken) + len(members) <= count:
            taken += members.tolist()
        if len(taken) == count:
            break
    return np.array(taken)


def _clothes(n: int, replicate: int, choice: bool) -> Data:
    arrays, rows = _all_clothes(), clothes_rows(n, replicate)
    test = rows["choice"] if choice else rows["test"]
    images, labels = arrays["images"], arrays["labels"]
    return Data(images[rows["train"]], labels[rows["train"]], images[test], labels[test])


# Policies: each has draw(n, (replicate, number)), apply(images, parameters) and as_it_is(images)


class Whole:
    """Another policy; pictures are as they are, or made smaller first."""

    def __init__(self, policy: Any, side: int | None = None) -> None:
        self.policy, self.side = policy, side

    def draw(self, n: int, seed) -> tf.Tensor:
        return self.policy.draw(n, seed)

    def apply(self, images, parameters) -> tf.Tensor:
        return self.policy.apply(self.as_it_is(images), parameters)

    def as_it_is(self, images) -> tf.Tensor:
        return tf.convert_to_tensor(images) if self.side is None else _cut_out(images, FULL, self.side)


class Crop:
    """A part of the picture, 35 to 100 % of its area, height and width alike, made ``CROPPED`` wide; half mirrored."""

    least = 0.35

    def draw(self, n: int, seed) -> tf.Tensor:
        """Boxes in fractions of height and width, float32 (n, 4): top, left, bottom, right; right and left exchanged
        where the picture is mirrored."""
        u = tf.random.stateless_uniform((n, 4), seed, alg="philox").numpy()
        side = np.sqrt(self.least + (1 - self.least) * u[:, 0])
        top, left = u[:, 1] * (1 - side), u[:, 2] * (1 - side)
        box = np.stack([top, left, top + side, left + side], axis=1)
        return tf.constant(np.where(u[:, 3:] < 0.5, box[:, [0, 3, 2, 1]], box), tf.float32)

    def apply(self, images, parameters) -> tf.Tensor:
        return _cut_out(images, parameters, CROPPED)

    def as_it_is(self, images) -> tf.Tensor:
        return _cut_out(images, FULL, CROPPED)


FULL = np.array([0, 0, 1, 1], np.float32)


def _cut_out(images, boxes, side: int) -> tf.Tensor:
    """Boxes of images, bilinear, float32 in [0, 1] whether the images are floats or uint8."""
    images = np.asarray(images)
    scale = 255 if images.dtype == np.uint8 else 1
    boxes = np.broadcast_to(boxes, (len(images), 4))
    return tf.image.crop_and_resize(images.astype(np.float32), boxes, np.arange(len(images)), (side, side)) / scale


class WholePixels:
    """Shifts by a share of the side at most, rounded to whole pixels, edge pixels repeated, and the mirror."""

    def __init__(self, share: float, side: int) -> None:
        self.side = side
        self.affine = RandomAffine(width_shift_range=share, height_shift_range=share, horizontal_flip=True)

    def draw(self, n: int, seed) -> tf.Tensor:
        drawn = self.affine.draw(n, seed).numpy()
        for name in ("shift_width", "shift_height"):
            column = PARAMETERS.index(name)
            drawn[:, column] = np.round(drawn[:, column] * self.side) / self.side
        return tf.constant(drawn)

    def apply(self, images, parameters) -> tf.Tensor:
        return self.affine.apply(images, parameters)


@functools.cache
def policy_of(name: str, dataset: str, draw: str = "image") -> Any:
    """A policy by its name, one object a process, so that nothing is compiled twice; draw: "image", each image has its
    own, or "one", the same for all images and epochs of a replicate."""
    clothes, name = dataset.startswith("clothes"), name.removesuffix("-rare")  # which runs.run sees to
    if draw not in ("image", "one"):
        raise ValueError(f"draw is {draw!r}; expected image or one.")
    if name == "crop":  # with 4.5 pixels each of nine shifts is as likely
        return Crop() if clothes else Whole(WholePixels(4.5 / 32, 32))
    if name == "pixels":
        return Whole(WholePixels(POLICIES["mild"]["width_shift_range"], 28))
    made = stored.POLICIES[name]() if name in stored.POLICIES else named_policy(name)
    return Whole(made if draw == "image" else stored.OneForAll(made), CROPPED if clothes else None)


# Networks


class Look(NamedTuple):
    """How a network sees pictures: a function of float images, or None where it takes them as they are."""

    features: Callable[[np.ndarray], np.ndarray] | None
    input_shape: tuple[int, ...]


def look_of(name: str, image_shape: tuple[int, ...]) -> Look:
    """What stands before the part of a network that is trained."""
    if name == "lite0-upper":
        return Look(_predict(_parts()[0]), _parts()[1].input_shape[1:])
    if name == "lite0-head":
        return Look(_predict(_lite0()), (1280,))
    if name == "residual-48":  # beforehand: a live run's pictures of 96 pixels would take 16 GB
        return Look(_predict(layers.AveragePooling2D(2)), (CROPPED // 2, CROPPED // 2, 3))
    return Look(None, image_shape)


@functools.cache
def _lite0() -> keras.Model:
    return pretrained.efficientnet_lite0((CROPPED, CROPPED, 3))


@functools.cache
def _parts() -> tuple[keras.Model, keras.Model]:
    return pretrained.cut(_lite0(), BETWEEN)


def _predict(network: Callable) -> Callable[[np.ndarray], np.ndarray]:
    compiled = tf.function(lambda images: network(images, training=False), reduce_retracing=True)

    def features(images: np.ndarray) -> np.ndarray:
        return np.concatenate([compiled(tf.constant(images[k : k + 64])).numpy() for k in range(0, len(images), 64)])

    return features


def network_of(name: str, classes: int) -> Callable[..., keras.Model]:
    """A network by its name, from (input_shape, seed): of ``helpers.model``; the residual one on pictures of half the
    size, "residual-48"; or EfficientNet-Lite0 with a new last layer: "lite0" whole, "lite0-upper" from block 11 on,
    "lite0-head" that layer alone."""
    if name in stored.NETWORKS:
        return stored.NETWORKS[name]
    if not name.startswith("lite0"):
        return functools.partial(model.MODELS[name.removesuffix("-48")], classes=classes)

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        last = layers.Dense(classes, "softmax", kernel_initializer=keras.initializers.GlorotUniform(seed))
        if name == "lite0-head":
            return keras.Sequential([keras.Input(input_shape), last])
        whole = pretrained.efficientnet_lite0((CROPPED, CROPPED, 3))
        body = whole if name == "lite0" else pretrained.cut(whole, BETWEEN)[1]
        return keras.Model(body.input, last(body.output))

    return build


@functools.cache
def builder(
    name: str, classes: int, optimiser: str, rate: float, schedule: str, weight_decay: float, updates: int
) -> Callable[..., keras.Model]:
    """What builds and compiles a network; cached, since a trainer is compiled anew for each builder."""
    kinds = keras.optimizers
    schedules = {
        "constant": rate, "cosine": kinds.schedules.CosineDecay(rate, updates),
        "linear": kinds.schedules.PolynomialDecay(rate, updates, 0.0),
    }  # fmt: skip
    optimisers: dict[str, Callable[[Any], keras.optimizers.Optimizer]] = {
        "adam": kinds.Adam, "adamw": functools.partial(kinds.AdamW, weight_decay=weight_decay),
        "sgd": functools.partial(kinds.SGD, momentum=0.9),
    }  # fmt: skip
    if optimiser not in optimisers or schedule not in schedules:
        raise ValueError(f"found {optimiser}, {schedule}; expected {', '.join(optimisers)} and {', '.join(schedules)}.")
    network = network_of(name, classes)
    loss = stored.LOSSES.get(name, "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy")

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        built = network(input_shape, seed)
        built.compile(optimisers[optimiser](schedules[schedule]), loss)
        return built

    return build
