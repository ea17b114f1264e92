"""What the cases are made of: images, one pipeline of each kind, and how a case is added."""

from __future__ import annotations

import functools
import io
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import keras
import matplotlib.cbook
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.data import Data, load_garments, load_solar_cells, subset
from pipelines import (
    Batches,
    Sized,
    each,
    lighten,
    pictures,
)

ROOT = Path(__file__).resolve().parents[3]
TABLE = ROOT / "data" / "results" / "checkup.csv"
SETS = ("garments", "solar cells", "photograph")
BATCH, N, N_VAL = 32, 128, 96
TILE = 32  # pixels of a side of what is cut from the photograph


class Images(NamedTuple):
    """Images and labels of training, x and y, and of validation, v and w."""

    x: np.ndarray
    y: np.ndarray
    v: np.ndarray
    w: np.ndarray
    train = property(lambda self: self[:2])
    validation = property(lambda self: self[2:])


class Case(NamedTuple):
    """A pipeline with one bug, or with none; ``build`` makes the arguments of ``check_pipeline`` from images."""

    name: str
    expected: str
    build: Callable[[Images], dict]
    kind: str  # of pipeline, as the README names it; empty for what is no evidence

    @property
    def finding(self) -> str:
        """The name under which the bug should be found; "" for a correct pipeline."""
        said = self.expected.partition(";")[0]
        return {"sound": "", "unseen": "(none)"}.get(said, said.partition(":")[0])


CASES: list[Case] = []
MADE = Images(*pictures(480), *pictures(160, 1))
X, Y = MADE.train
V, W = MADE.validation


def case(name, expected, build=None, kind=""):
    """Add a case: training, or arguments beside a pair of arrays for training, of evidence for both sets.

    Evidence is made from images, and so are the others where ``build`` is a function.
    """
    if build is None:  # as a decorator
        return lambda build: case(name, expected, build, kind)

    def arguments(d):
        made = build(d) if callable(build) else build
        default = (
            {"train": d.train, "validation": d.validation}
            if kind
            else {"train": d.train, "max_images": 2000}
        )
        return default | (made if isinstance(made, dict) else {"train": made})

    CASES.append(Case(name, expected, arguments, kind))
    return build


LOAD = {
    "garments": functools.cache(load_garments),
    "solar cells": functools.cache(load_solar_cells),
}


# One pipeline of each kind


# It goes on from epoch to epoch. Random ops of tf.image would start again with each, once Keras's seed is set.
DRAWS = tf.random.Generator.from_seed(0)


def slices(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y))


def of_each(step):
    """A map, from a change of images."""
    # None decides anything in Python, and converting them took a tenth of the time of all cases.
    return tf.autograph.experimental.do_not_convert(lambda x, y: (step(x), y))


def dataset(pair, step=None, shuffle=True):
    """Batches in tf.data, the images changed by a step."""
    made = (slices(*pair).shuffle(len(pair[0])) if shuffle else slices(*pair)).batch(BATCH)
    return made if step is None else made.map(of_each(step))


def mirrored(x):
    return tf.where(DRAWS.uniform(each(tf.shape(x)[0])) < 0.5, x[:, :, ::-1], x)


def jittered(x):
    """Each image a little brighter or darker, and flipped or not."""
    return mirrored(x) * DRAWS.uniform(each(tf.shape(x)[0]), 0.8, 1.2)


def flow(pair, shuffle=True, **ranges):
    return ImageDataGenerator(**ranges).flow(*pair, batch_size=BATCH, shuffle=shuffle)


FOLDERS: list[tempfile.TemporaryDirectory] = []  # kept to the end


def folder(pair, names=("a", "b"), shuffle=True, **ranges):
    """The images as PNG files in a folder for each class."""
    x, y = pair
    FOLDERS.append(tempfile.TemporaryDirectory())
    for i, (image, label) in enumerate(zip(x, y, strict=True)):
        place = Path(FOLDERS[-1].name, names[label])
        place.mkdir(exist_ok=True)
        picture((image * 255).round()).save(place / f"{i:04}.png")
    colours = "grayscale" if x.shape[-1] == 1 else "rgb"
    how = {
        "target_size": x.shape[1:3],
        "color_mode": colours,
        "class_mode": "binary",
        "batch_size": BATCH,
    }
    return ImageDataGenerator(**ranges).flow_from_directory(
        FOLDERS[-1].name, shuffle=shuffle, **how
    )


def picture(image):
    """(height, width, 1 or 3) from 0 to 255 as a picture of Pillow's."""
    return Image.fromarray((image[..., 0] if image.shape[-1] == 1 else image).astype(np.uint8))


def as_jpeg(x, quality, **how):
    """Images of 0 to 1, stored and read again."""
    read = []
    for image in x:
        file = io.BytesIO()
        picture((255 * image).round()).save(file, "JPEG", quality=quality, **how)
        read.append(np.asarray(Image.open(file), "float32").reshape(image.shape) / 255)
    return np.stack(read)


class Rows(keras.utils.PyDataset):
    """A pair of arrays in batches, shuffled anew after each epoch, each batch changed by ``change(x, rng)``."""

    def __init__(self, pair, change=lambda x, rng: x, shuffle=True, seed=None, **options):
        super().__init__(**options)
        self.x, self.y = pair
        self.change, self.shuffle, self.seed = change, shuffle, seed
        self.rng, self.order = np.random.default_rng(0), np.arange(len(self.x))
        self.on_epoch_end()

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, i):
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        rng = self.rng if self.seed is None else np.random.default_rng(self.seed)
        return self.change(self.x[rows], rng), self.y[rows]

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.order)


def as_bytes(pair):
    return (255 * pair[0]).astype("uint8"), pair[1]


def once(x, change=lighten, seed=0):
    """Images that were augmented and stored."""
    return change(x, np.random.default_rng(seed))


def loader(pair, change=None, **options):
    """Batches as another framework's loader gives them."""
    return Sized(*pair, change, size=BATCH, **options)


def network(d, *front, units=1, activation=None, loss=None):
    """A small one behind some layers."""
    middle = [] if loss else [layers.Conv2D(4, 3)]
    end = [layers.Flatten(), layers.Dense(units, activation)]
    model = keras.Sequential([keras.Input(d.x.shape[1:]), *front, *middle, *end])
    if loss:
        model.compile(loss=loss)
    return model


STORED, NO_LABELS = {"live": False}, {"make": lambda x, y: x}
LONG = pictures(2048, 3, shape=(8, 8, 1))
LOOP, TURNS = np.random.default_rng(3), layers.RandomRotation(0.1)


def shuffled(change=None, more=(), y=Y, **how):
    """A pipeline in a new order in each epoch, and further arguments of the check-up."""
    return {"train": Batches(X, y, change, **how), **dict(more)}


def in_order(rng, n):
    return np.arange(n)


def in_the_loop(x):
    return lighten(np.asarray(x), LOOP)


ODD = np.arange(480)[:, None] % 2


def mixed(x, y, rng):
    share, columns = rng.beta(8, 8), np.eye(2, dtype="float32")[y]
    return share * x + (1 - share) * x[::-1], share * columns + (1 - share) * columns[::-1]


def one_light(x, rng):
    """One draw for the whole batch."""
    return (x * rng.uniform(0.4, 1)).astype("float32")


def squares(down, right):
    """Squares cut from a photograph that Matplotlib ships, side by side, and the row of each."""
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as file:
        pixels = np.asarray(file.convert("RGB"), "float32") / 255
    high, wide = pixels.shape[0] - TILE + 1, pixels.shape[1] - TILE + 1
    corners = list(itertools.product(range(down, high, TILE), range(right, wide, TILE)))
    return np.stack([pixels[i : i + TILE, j : j + TILE] for i, j in corners]), np.array(
        [i // TILE for i, _ in corners]
    )


def tiles(replicate: int = 0) -> Data:
    """Squares in colour from one photograph, of a woman in uniform before a flag, none overlapping another.

    So these are textures in colour and no data set: the task, upper half (0) or lower half (1), is there because
    pipelines have labels. Each replicate cuts along another grid and makes another split.
    """
    rng = np.random.default_rng(replicate)
    x, row = squares(*rng.integers(0, TILE, 2))
    y = (row >= (row.max() + 1) / 2).astype(np.int64)
    order = rng.permutation(len(x))
    val, train = order[:N_VAL], order[N_VAL:]
    return Data(x[train], y[train], x[val], y[val])


def load(name: str, replicate: int = 0) -> Images:
    """128 training and 96 validation images of one of SETS; each replicate has other training images."""
    if name == "photograph":
        return Images(*subset(tiles(replicate), N))
    d = subset(LOAD[name](), N, replicate)
    rows = np.random.default_rng(replicate).permutation(len(d.x_val))[:N_VAL]
    return Images(d.x_train, d.y_train, d.x_val[rows], d.y_val[rows])
