"""The table of cases: a pipeline, what the check-up should say of it, and why.

python augcheck/tests/cases.py     # writes data/results/checkup.csv

What it should say is the name of a finding, a colon, and its status: of what is found "wrong" or "wasteful"; "quiet" is
anything but found. Words in quotation marks occur in its text. "sound" means that nothing at all is found, and
"unseen" that nothing is, though something is wrong.

A case with a kind of pipeline is evidence: it is judged on three sets of images, and the table is stored. The others
are judged on pictures that are made. A case named after a thread (pytorch#5059) is what its pipeline did.
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import sys
import tempfile
import types
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

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "augcheck" / "src")]
from augcheck import CANT_TELL, FOUND, NOT_FOUND, Report, check_pipeline  # noqa: E402
from helpers.data import Data, load_garments, load_solar_cells, subset  # noqa: E402
from pipelines import (  # noqa: E402
    Batches,
    Sized,
    Workers,
    buffered,
    counter,
    each,
    flip,
    grey,
    in_batches,
    lighten,
    noise,
    pictures,
    shift,
)

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


# 1. Images repeat between epochs


def lazy(x, training=False):
    """Augments where it is told so."""
    return jittered(x) if training else x


def reseed(image):
    np.random.seed(0)
    return image


def pool(d, k):
    """Copies one after the other, without an end: an epoch is as long as one of them."""
    rng = np.random.default_rng(0)
    # No two are alike.
    copies = [shift(d.x[:64], rng) + 1e-3 * rng.random((64, 1, 1, 1)) for _ in range(k)]
    apart = [slices(copy, d.y[:64]).shuffle(64) for copy in copies]
    data = functools.reduce(tf.data.Dataset.concatenate, apart)
    return {"train": data.batch(16).repeat(), "steps_per_epoch": 4}


case(
    "cache() after the map",
    "repeats: wrong 'a cache of augmented'",
    lambda d: dataset(d.train, jittered).cache(),
    "tf.data",
)
case(
    "a seed inside the map",
    "repeats: wrong 'a seed that is set again'",
    lambda d: dataset(d.train, lambda x: tf.image.stateless_random_brightness(x, 0.2, seed=(1, 2))),
    "tf.data",
)
case(
    "a generator seeded in every batch",
    "repeats: wrong",
    lambda d: Rows(d.train, shift, False, seed=1),
    "PyDataset",
)
case(
    "NumPy seeded in preprocessing",
    "repeats: wrong 'a seed that is set again'",
    lambda d: flow(d.train, width_shift_range=0.1, preprocessing_function=reseed),
    "flow",
)
case("augmented once, before fit", "repeats: wrong", kind="arrays")(
    lambda d: {"train": (once(d.x), d.y), "live": True}
)
case(
    "three copies in turn",
    "repeats: wasteful 'about 3 stored copies'",
    lambda d: pool(d, 3),
    "tf.data",
)
case(
    "a seed inside the generator",
    "repeats: wrong; order: wasteful",
    lambda d: lambda: iter(loader(d.train, shift)),
    "function",
)
case(
    "a function called without training",
    "repeats: wrong 'training=True'",
    lambda d: {"train": dataset(d.train, lazy), "augment": lazy},
    "tf.data",
)


# tensorflow#47755: the tutorial on segmentation flips in the function that loads an image, and caches what it loads.
def load_image(x, y):
    return tf.cond(DRAWS.uniform(()) > 0.5, lambda: tf.image.flip_left_right(x), lambda: x), y


case(
    "a flip in what is cached (tensorflow#47755)",
    "repeats: wrong 'a cache of augmented images'",
    lambda d: {
        "train": slices(*d.train)
        .map(load_image)
        .cache()
        .shuffle(N)
        .batch(BATCH)
        .repeat()
        .prefetch(2),
        "steps_per_epoch": N // BATCH,
    },
    "tf.data",
)


# TensorFlow's tutorial on data augmentation, with tf.image: images and a counter are zipped and then shuffled. The
# counter starts again with each epoch, so each image has the same seed for ever.
@case(
    "a counter zipped before the shuffle (TensorFlow's tutorial)", "repeats: wrong", kind="tf.data"
)
def _(d):
    counted = tf.data.Dataset.counter()
    both = tf.data.Dataset.zip(slices(*d.train), tf.data.Dataset.zip(counted, counted)).shuffle(N)

    def bright(pair, seed):
        return tf.image.stateless_random_brightness(pair[0], 0.5, seed=seed), pair[1]

    return both.map(bright).batch(BATCH)


@case("live, layers in the map", "sound; augmented twice: can't tell", kind="tf.data")
def _(d):
    stack = keras.Sequential(
        [layers.RandomFlip("horizontal"), layers.RandomBrightness(0.1, (0, 1))]
    )
    return {"train": dataset(d.train, lambda x: stack(x, training=True)), "augment": stack}


@case("live, map before batch", "sound", kind="tf.data")
def _(d):
    bright = of_each(lambda x: x + DRAWS.uniform((), -0.1, 0.1))
    train = slices(*d.train).cache().shuffle(N).map(bright).batch(BATCH).prefetch(2)
    return {"train": train, "validation": dataset(d.validation).cache(), "augment": bright}


case("flips only", "sound", lambda d: dataset(d.train, mirrored), "tf.data")
case("endless, length unknown", "sound", lambda d: dataset(d.train, jittered).repeat(), "tf.data")
case(
    "a static pool of three copies in turn",
    "sound",
    lambda d: pool(d, 3) | {"live": False},
    "tf.data",
)
case("no augmentation", "sound", lambda d: d.train, "arrays")
case(
    "a static pool, originals + 3 copies",
    "sound",
    lambda d: (np.concatenate([d.x, *(once(d.x, shift, k) for k in range(3))]), np.tile(d.y, 4)),
    "arrays",
)
case(
    "the article's ranges",
    "sound",
    lambda d: flow(
        d.train, horizontal_flip=True, rotation_range=20, width_shift_range=0.2, zoom_range=0.2
    ),
    "flow",
)
case(
    "brightness on 0 to 255, then rescaled",
    "sound",
    lambda d: flow((255 * d.x, d.y), brightness_range=(0.7, 1.3), rescale=1 / 255),
    "flow",
)
case(
    "shifts",
    "sound",
    lambda d: {"train": Rows(d.train, shift), "validation": Rows(d.validation)},
    "PyDataset",
)
case(
    "workers with seeds of their own",
    "sound",
    lambda d: loader(d.train, shift, draws=Workers(0, 1, epochs=True, size=BATCH)),
    "iterable",
)

# What looks the same from outside
case(
    "width_shift_range that moves up and down",
    "unseen",
    lambda d: flow(d.train, width_shift_range=0.2),
    "flow",
)
case(
    "validation augmented once and stored",
    "unseen",
    lambda d: {"train": Rows(d.train, shift), "validation": (once(d.v, shift), d.w)},
    "arrays",
)
case(
    "ten epochs over a pool 4 times as large",
    "unseen",
    lambda d: (np.concatenate([once(d.x, seed=k) for k in range(4)]), np.tile(d.y, 4)),
    "arrays",
)

# On pictures that are made


def overflowing(x, rng):
    """Bytes that get lighter, and begin again at 0."""
    return (x * rng.uniform(1, 1.6, each(len(x)))).astype("uint16").astype("uint8")


def standardised(x):
    return (x - x.mean()) / x.std()


def standardised_by_batch(x):
    batches = [standardised(x[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    return np.concatenate(batches)


def cutmix(x, rng):
    """The left half of another image in each, whose label counts for nothing."""
    mixed = lighten(x, rng)
    mixed[:, :, : x.shape[2] // 2] = mixed[rng.permutation(len(x)), :, : x.shape[2] // 2]
    return mixed


def cropped_anywhere(x, rng):
    corners = rng.integers(0, 5, (len(x), 2))
    pairs = zip(x, corners, strict=True)
    return np.stack([image[top : top + 12, left : left + 12] for image, (top, left) in pairs])


for _name, _build in {
    "bytes that overflow": lambda d: Batches(*as_bytes(d.train), overflowing),
    "validation standardised by batch": lambda d: {
        "train": Batches(standardised(d.x), d.y, noise),
        "validation": (standardised_by_batch(d.v), d.w),
    },
    "labels one place off": lambda d: (d.x, np.roll(d.y, 1)),
    "cutmix without labels": lambda d: Batches(*d.train, cutmix),
    "another crop in validation": lambda d: {
        "train": Batches(*d.train, cropped_anywhere),
        "validation": (d.v[:, :12, :12], d.w),
    },
}.items():
    case(_name, "unseen", _build)

STORED, NO_LABELS = {"live": False}, {"make": lambda x, y: x}
LONG = pictures(2048, 3, shape=(8, 8, 1))
LOOP, TURNS = np.random.default_rng(3), layers.RandomRotation(0.1)


def shuffled(change=None, more=(), y=Y, **how):
    """A pipeline in a new order in each epoch, and further arguments of the check-up."""
    return {"train": Batches(X, y, change, **how), **dict(more)}


def drawn(rng, n):
    """Rows of an epoch that are drawn with replacement."""
    return rng.integers(0, n, n)


def in_order(rng, n):
    return np.arange(n)


def passes(times):
    """Rows of an epoch that is so many passes through the set."""
    return lambda rng, n: np.concatenate([rng.permutation(n) for _ in range(times)])


def in_the_loop(x):
    return lighten(np.asarray(x), LOOP)


def moved_or_not(x, rng):
    return np.where(rng.random(each(len(x))) < 0.5, np.roll(x, 1, 2), x)


def part(change, endless, buffer=16, **more):
    """A set of 1,024 images, of which the first half of two epochs is read, behind a shuffle buffer."""

    def start():
        return Batches(
            LONG[0][:1024], LONG[1][:1024], change, rows=buffered(buffer), endless=endless
        )

    # Without an end it has a seed of its own, which starts again when it is called again.
    return {"train": (lambda: iter(start())) if endless else start(), "max_images": 512, **more}


case("8 copies in turn", "repeats: wasteful 'about 8 stored copies'", lambda d: pool(d, 8))
case("frozen, and meant", "sound", lambda d: {"train": loader(d.train), **STORED}, "iterable")
case(
    "augment returns its images",
    "repeats: wrong 'untouched'",
    shuffled(more={"augment": lambda x: x * 1.0}),
)
case(
    "it isn't said where augment acts",
    "repeats: can't tell 'loop'",
    shuffled(more={"augment": in_the_loop}),
)
case(
    "augmented in the loop",
    "sound",
    lambda d: {"train": loader(d.train), "augment": in_the_loop, "augment_in": "loop"},
    "iterable",
)
ODD = np.arange(480)[:, None] % 2
case(
    "class 1, in the loop",
    "repeats: not found; shared images: not found",
    {
        "train": (X, ODD),
        "validation": (V, W),
        "augment": lambda x, y: np.where(np.asarray(y)[..., None, None], in_the_loop(x), x),
    },
)
case("a tutorial with its augmentation", "sound", kind="tf.data")(
    lambda d: {  # Keras's, on transfer learning
        "train": slices(d.x[:96], d.y[:96]).cache().shuffle(96).batch(32).prefetch(2),
        "augment": TURNS,
    }
)
case(
    "frozen, with a remainder that is dropped",
    "repeats: wrong 'Nearly all'",
    lambda d: slices(*d.train).shuffle(480).batch(34, drop_remainder=True),
)
SMALL, BOTH = X[:64], np.concatenate([X[:32], X[:32, :, ::-1]])
for _name, _x, _change, _most, _status in [
    ("flips", SMALL, flip, 25_000, "not found"),
    ("flips, of which a half is read", SMALL, flip, 1600, "not found"),
    ("moved or not", SMALL, moved_or_not, 25_000, "not found"),
    ("frozen", SMALL, None, 25_000, "wrong"),
    ("mirrored copies stored", BOTH, None, 25_000, "wrong"),
]:
    case(
        f"25 passes an epoch, {_name}",
        f"repeats: {_status}",
        {"train": Sized(_x, Y[:64], _change, rows=passes(25)), "max_images": _most},
    )
DRAWN = "repeats: wasteful 'a stored set, or a few versions of each image'"
case("stored, drawn with replacement", DRAWN, shuffled(rows=drawn))
for _passes, _most, _said in ((25, 1, DRAWN), (7, 2, "repeats: not found")):
    _change = functools.partial(shift, most=_most)
    case(
        f"{_passes} passes an epoch, moved by {_most} at most",
        _said,
        {"train": Batches(SMALL, Y[:64], _change, rows=passes(_passes)), "max_images": 25_000},
    )
case(
    "flips, drawn with replacement",
    "sound",
    lambda d: loader(d.train, flip, rows=drawn),
    "iterable",
)
case(
    "one image in a hundred changes",
    "repeats: not found",
    shuffled(lambda x, rng: np.where(rng.random(each(len(x))) < 0.01, noise(x, rng), x)),
)
case(
    "100 images of 480", "repeats: can't tell 'steps_per_epoch'", shuffled(more={"max_images": 100})
)
case("twice the set", "repeats: wrong", {"train": lambda: in_batches(X, Y), "max_images": 960})
for _change, _endless in itertools.product((None, flip), (True, False)):
    case(
        f"a part, {_change.__name__ if _change else 'frozen'}{', endless' if _endless else ''}",
        "repeats: not found; positions: quiet" if _change else "repeats: wrong 'were read, twice'",
        part(_change, _endless, **{"steps_per_epoch": 64} if _endless else {}),
    )
case(
    "an endless function that starts again",
    "sound; repeats: can't tell 'steps'",
    part(flip, True, buffer=1024),
)
for _change, _status in ((flip, "not found"), (None, "wrong")):
    _train = Sized(*LONG, _change, rows=buffered(2048))
    case(
        f"behind a full buffer, {_status}",
        f"repeats: {_status}",
        {"train": _train, "max_images": 1024},
    )


# Of a set without an end that is shuffled and repeated, an epoch is as long as somebody says.
def endless(change=None):
    stored = slices(*pictures(600, shape=(8, 8, 1))).shuffle(600).repeat().batch(24)
    return stored if change is None else stored.map(of_each(change))


ALL_READ = {"max_images": 25_000}
NO_STEPS = "repeats: can't tell 'give steps_per_epoch='; order: quiet"
case("endless, stored, of unknown length", NO_STEPS, lambda d: endless())
case("endless, flipped, of unknown length", NO_STEPS, lambda d: endless(mirrored))
case(
    "endless, stored, of which a part is read",
    "repeats: wrong 'were read, twice'",
    lambda d: {"train": endless(), "steps_per_epoch": 36, "max_images": 1000},
)
for _steps in (20, 25, 36, 40):
    case(
        f"endless, stored, {_steps} of 25 steps",
        "repeats: wrong",
        lambda d, steps=_steps: {"train": endless(), "steps_per_epoch": steps, **ALL_READ},
    )
    case(
        f"endless, flipped, {_steps} of 25 steps",
        "repeats: not found",
        lambda d, steps=_steps: {"train": endless(mirrored), "steps_per_epoch": steps, **ALL_READ},
    )


class InPlace(Batches):
    """Each image is changed where it is stored."""

    def changed(self, rows, start):
        self.x[rows], y = super().changed(rows, start)
        return self.x[rows], y


class Beside(Batches):
    """Changed images are written into arrays of their own: each image once, or batch after batch."""

    def __init__(self, once):
        super().__init__(X, Y)
        self.once, self.room, self.batch = once, np.zeros_like(X), np.zeros_like(X[:16])

    def changed(self, rows, start):
        empty = rows[~self.room[rows].any((1, 2, 3))]
        self.room[empty] = lighten(self.x[empty], self.rng)
        self.batch[:] = self.room[rows] if self.once else one_light(self.x[rows], self.rng)
        return self.batch.copy(), self.y[rows]


def of_a_list():
    """Images in a list, each lightened in its place."""
    stored = [image.copy() for image in X]

    def epoch():
        for rows in LOOP.permutation(480).reshape(30, 16):
            yield (
                np.stack(
                    [np.multiply(stored[i], LOOP.uniform(0.7, 1), out=stored[i]) for i in rows]
                ),
                Y[rows],
            )

    return epoch


IN_PLACE = "stored images: wrong 'x = x.copy()'"
for _change in (lighten, shift):
    case(f"{_change.__name__} in its place", IN_PLACE, {"train": InPlace(X.copy(), Y, _change)})
case("images in a list, each lightened in its place", IN_PLACE, {"train": of_a_list()})
case("flipped in its place", "stored images: not found", {"train": InPlace(X.copy(), Y, flip)})
for _once in (True, False):
    case(
        f"written beside the stored images, {_once}",
        "stored images: not found",
        {"train": Beside(_once)},
    )
case(
    "no stored images to be seen",
    "stored images: can't tell 'reach'",
    {"train": lambda: (pictures(16, seed) for seed in range(30))},
)


# 2. One draw per batch


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


def mixed(x, y, rng):
    share, columns = rng.beta(8, 8), np.eye(2, dtype="float32")[y]
    return share * x + (1 - share) * x[::-1], share * columns + (1 - share) * columns[::-1]


def one_light(x, rng):
    """One draw for the whole batch."""
    return (x * rng.uniform(0.4, 1)).astype("float32")


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


# 3. Draws that belong to a place


def brightened(x):
    return tf.image.random_brightness(x, 0.3)


@case(
    "tf.image in a map, with set_random_seed",
    "positions: wasteful 'set_random_seed'",
    kind="tf.data",
)
def _(d):
    keras.utils.set_random_seed(1)
    return slices(*d.train).shuffle(N).map(of_each(brightened)).batch(BATCH)


case(
    "augmented once, with steps that leave a batch over",
    "repeats: wrong",
    lambda d: {
        "train": dataset((once(d.x), d.y), shuffle=False),
        "steps_per_epoch": len(d.y) // BATCH - 1,
    },
)
# Keras's fit goes on in training where the last epoch stopped, and starts validation anew.
case(
    "repeated nine times, with steps",
    "positions: not found; validation moves: not found",
    lambda d: {
        "train": dataset(d.train, lambda x: tf.image.random_brightness(x, 0.3)).repeat(9),
        "steps_per_epoch": 15,
        "validation": dataset(d.validation, shuffle=False).repeat(),
        "validation_steps": 2,
    },
)
# pytorch#5059: workers are forked anew in each epoch, and each starts with NumPy's random state of the parent. Here
# without processes; torch_pipelines.py has real workers. AlbumentationsX#266: Compose has a generator of its own, which
# workers copy and never seed. So an image gets what its place in the batches of its worker gets in every epoch. Of the
# photograph that isn't seen: a texture that was shifted looks like itself.
for _name, _change in {
    "workers that all start with one seed (pytorch#5059)": shift,
    "a Compose that workers never seed (AlbumentationsX#266)": lambda x, rng: shift(
        flip(x, rng), rng
    ),
}.items():
    case(
        _name,
        "positions: wasteful",
        lambda d, change=_change: loader(d.train, change, draws=Workers(0, 0, size=BATCH)),
        "iterable",
    )


def whole_batches(rng, n):
    """Rows of batches that were made once and are shuffled as a whole."""
    return (16 * rng.permutation(n // 16)[:, None] + np.arange(16)).ravel()


class Drifting(Workers):
    """Persistent workers, of which one draws more after each epoch, so that they agree in the first only."""

    def __call__(self, epoch, place):
        if place == 0 and epoch:
            self.workers[0].random(7)
        return super().__call__(epoch, place)


def growing(x, place):
    """Lighter from place to place."""
    return x * (0.7 + place / 800)


SEVERAL_BATCHES = "positions: wasteful 'several batches'"
case(
    "a counter that starts again",
    "positions: wasteful 'every epoch'",
    shuffled(lighten, draws=counter),
)
case(
    "workers that go on, of one seed",
    SEVERAL_BATCHES,
    shuffled(shift, draws=Workers(0, 0, persistent=True)),
)
case(
    "the same, soon out of step",
    SEVERAL_BATCHES,
    shuffled(shift, draws=Drifting(0, 0, persistent=True)),
)
case(
    "workers that go on",
    "positions: not found",
    shuffled(shift, draws=Workers(0, 1, persistent=True)),
)
case("flips that go on", "sound", lambda d: loader(d.train, flip), "iterable")
case("batches shuffled as a whole", "positions: quiet", shuffled(lighten, rows=whole_batches))
case(
    "the same, and a counter",
    "positions: wasteful",
    shuffled(shift, rows=whole_batches, draws=counter),
)
case(
    "a light that grows in an epoch",
    "positions: quiet",
    shuffled(growing, draws=lambda epoch, place: place),
)
case("a counter, no labels", "positions: can't tell", shuffled(shift, draws=counter, **NO_LABELS))
case(
    "processes of their own",
    "positions: can't tell 'processes'; repeats: not found",
    lambda d: Rows(d.train, lighten, workers=2, use_multiprocessing=True),
)
case("a small buffer", "positions: quiet", shuffled(shift, rows=buffered(16)))


# 4. Augmented twice


TURN, FLIPS = layers.RandomRotation(0.02, seed=0), layers.RandomFlip("horizontal")
MOVE, ZOOM = layers.RandomTranslation(0.1, 0.1), layers.RandomZoom(0.1)


def turns(d):
    return network(d, layers.RandomRotation(0.02, seed=1))


def ranges(layer, **ranges):
    """ImageDataGenerator with some ranges, before a model with a layer."""
    return lambda d: {
        "train": flow((255 * X[:48], Y[:48]), **ranges),
        "model": network(d, layer),
        "max_images": 96,
    }


case(
    "turned in the map and in the model",
    "augmented twice: wasteful 'RandomRotation'",
    lambda d: {"train": dataset(d.train, lambda x: TURN(x, training=True)), "model": turns(d)},
    "tf.data",
)
case(
    "turned in the map and in the model",
    "augmented twice: wasteful",
    lambda d: {"augment": TURN, "model": turns(d)},
    "arrays",
)
case(
    "flipped in the map, turned in the model",
    "sound; augmented twice: can't tell",
    lambda d: {"train": dataset(d.train, mirrored), "model": turns(d)},
    "tf.data",
)
for _range, _value, _layer in [
    ("horizontal_flip", True, FLIPS),
    ("vertical_flip", True, FLIPS),
    ("rotation_range", 9, TURN),
    ("width_shift_range", 0.2, MOVE),
    ("height_shift_range", 0.2, MOVE),
    ("zoom_range", 0.2, ZOOM),
    ("shear_range", 9, layers.RandomShear(0.1)),
    ("brightness_range", (0.5, 1.5), layers.RandomBrightness(0.1)),
]:
    case(f"{_range} and its layer", "augmented twice: wasteful", ranges(_layer, **{_range: _value}))
case(
    "flow that flips, a zoom in the model",
    "augmented twice: can't tell",
    ranges(ZOOM, horizontal_flip=True),
)
case("flow alone, a turn in the model", "augmented twice: not found", ranges(TURN))


# 5. Validation changes between passes


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


# 6. Training and validation differ


def tinted(x):
    """Grey images in a colour."""
    return x if x.shape[-1] == 3 else np.array([1, 0.8, 0.5], "float32") * x


SOUND_FIRST = ("sound", "defective")
case(
    "folders in alphabetical order",
    "sets differ: wrong 'different orders'",
    lambda d: {
        "train": folder(d.train, SOUND_FIRST, rescale=1 / 255),
        "class_names": [*SOUND_FIRST],
        "live": False,
        "validation": folder(d.validation, SOUND_FIRST, rescale=1 / 255),
    },
    "flow_from_directory",
)
# Of the photograph, mean red and blue are nearly the same, and it isn't seen.
case(
    "RGB against BGR",
    "sets differ: wrong 'channels have another order'",
    lambda d: {"train": (tinted(d.x), d.y), "validation": (tinted(d.v)[..., ::-1], d.w)},
    "arrays",
)
case(
    "rescaled in training only",
    "sets differ: wrong 'ranges of values'",
    lambda d: {"validation": as_bytes(d.validation)},
    "arrays",
)
case(
    "channels first against last",
    "sets differ: wrong 'channels'",
    lambda d: loader(d.train, shift, make=lambda x, y: (np.moveaxis(x, 3, 1), y)),
    "iterable",
)
case(
    "another size",
    "sets differ: wrong 'another size'",
    lambda d: {"validation": (d.v[:, 2:-2, 2:-2], d.w)},
    "arrays",
)
case(
    "labels as columns against numbers",
    "sets differ: wrong 'coded'",
    lambda d: (d.x, keras.utils.to_categorical(d.y)),
    "arrays",
)
case(
    "classes from 1 against from 0",
    "sets differ: wrong 'coded'",
    lambda d: Rows((d.x, d.y + 1), shift),
    "PyDataset",
)
case(
    "uint8 validation",
    "sound",
    lambda d: {
        "train": flow((255 * d.x, d.y), rotation_range=5),
        "validation": as_bytes(d.validation),
    },
    "flow",
)
case(
    "folders, rescaled in both sets",
    "sound",
    lambda d: {
        "train": folder(d.train, rotation_range=5, rescale=1 / 255),
        "validation": folder(d.validation, rescale=1 / 255, shuffle=False),
    },
    "flow_from_directory",
)


def unbalanced(pair, n):
    x, y = pair
    keep = np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[:n]]
    return x[keep], y[keep]


def named(names):
    data = slices(X[:64], Y[:64]).batch(16)
    data.class_names = names
    return data.map(lambda x, y: (x / 2, y)).prefetch(2)


def padded(x, width=2):
    return np.pad(x, [(0, 0), (width, width), (width, width), (0, 0)])


COLOURED = 0.1 + 0.5 * np.random.default_rng(8).random((480, 16, 16, 3))
RARE, RARE_VAL = unbalanced((X, Y), 24), unbalanced((V, W), 8)
TEN_TIMES = tuple(np.concatenate([part, *9 * [part[RARE[1] == 1]]]) for part in RARE)
WEIGHTS = np.where(RARE[1] == 1, 1 / 48, 1 / 2 / (len(RARE[1]) - 24))
for _name, _expected, _validation in [
    ("inverted", "wrong 'brightness or contrast'", (0.6 - V, W)),
    (
        "brighter, with the same ends",
        "wrong 'brightness or contrast'",
        (np.where(np.median(V) < V, V.max(), V.min()), W),
    ),
    ("larger", "wasteful 'another size'", (padded(V), W)),
    ("words", "wrong 'coded'", (V, W.astype(str))),
    ("classes -1 and 1", "wrong 'coded'", (V, 2 * W - 1)),
    ("some labels -1", "not found", (V, np.where(np.arange(160) < 40, -1, W))),
    ("no label but -1", "not found", (V, 0 * W - 1)),
    (
        "a class that training lacks",
        "wrong 'training lacks a class' 'Split'",
        (V, np.arange(160) % 3),
    ),
    ("no labels", "wrong 'coded'", (V,)),
    ("its labels mixed up", "not found", (V, W[::-1])),
]:
    case(f"validation with {_name}", f"sets differ: {_expected}", {"validation": _validation})
GREY, GREY_VAL = grey(COLOURED), grey(COLOURED)[:160]
TEN, TEN_FROM_1 = (X, np.arange(480) % 10), (V, 1 + np.arange(160) % 10)
for _name, _expected, _train, _validation in [
    ("a rare class stored ten times", "sound", TEN_TIMES, RARE_VAL),
    ("ten classes, from 0 and from 1", "sets differ: wrong 'coded'", TEN, TEN_FROM_1),
    ("grey validation", "sets differ: wrong 'validation is grey'", COLOURED, GREY_VAL),
    ("a channel empty in validation", "sets differ: wrong 'empty in validation'", X, V * [1, 1, 0]),
    (
        "a channel empty in both, with noise",
        "sets differ: not found",
        noise(X * [1, 1, 0], LOOP),
        V * [1, 1, 0],
    ),
    ("a channel shifted", "sets differ: wrong 'shifted'", X + [0, 0.2, 0], V),
    (
        "channels dropped",
        "sets differ: not found",
        np.where(LOOP.random((480, 1, 1, 3)) < 0.1, 0, X),
        V,
    ),
    ("channels tinted", "sets differ: not found", X * LOOP.uniform(0.5, 1.5, (480, 1, 1, 3)), V),
]:
    case(_name, _expected, {"train": _train, "validation": _validation})
for _name, _expected, _train, _change, _validation in [
    (
        "multiplied",
        "wasteful 'ranges of values' 'after the loop'",
        X,
        lambda x: 255 * in_the_loop(x),
        V,
    ),
    ("divided", "not found", 255 * X, lambda x: in_the_loop(x) / 255, V),
    ("made grey", "not found", COLOURED, lambda x: x.mean(3, keepdims=True), GREY_VAL[..., :1]),
    ("cropped", "not found", padded(X), lambda x: x[:, 2:-2, 2:-2], V),
    ("channels moved", "not found", np.moveaxis(X, 3, 1), lambda x: np.moveaxis(x, 1, 3), V),
    ("flattened", "not found", X, lambda x: x.reshape(len(x), -1), V),
]:
    case(
        f"{_name} in the loop",
        f"sets differ: {_expected}",
        {"train": _train, "augment": _change, "validation": _validation},
    )
case(
    "divided in the loop, with a model",
    "sets differ: wrong 'before the loop'",
    lambda d: {
        "train": 255 * d.x,
        "augment": lambda x: x / 255,
        "model": network(d, FLIPS),
        "validation": d.v,
    },
)
case(
    "a rare class",
    "sound",
    lambda d: {
        "train": loader(unbalanced(d.train, 8), lighten),
        "validation": unbalanced(d.validation, 8),
    },
    "iterable",
)
for _other, _status in (
    (["dog", "cat"], "wrong 'cat, dog against dog, cat'"),
    (["cat", "dog"], "not found"),
):
    case(
        f"class names behind a map, {_status}",
        f"sets differ: {_status}",
        lambda d, other=_other: {
            "train": named(["cat", "dog"]),
            "validation": named(other),
            "live": False,
        },
    )
case("class names as an array", "sets differ: can't tell", {"class_names": np.array(["a", "b"])})


def stretched(share):
    """As RandAugment does: the values of a share of the pictures, drawn anew, are stretched to 0 to 1."""

    def change(x, rng):
        low, high = (edge((1, 2, 3), keepdims=True) for edge in (x.min, x.max))
        return np.where(
            rng.random(each(len(x))) < share, (x - low) / (high - low), lighten(x, rng, 0.9)
        )

    return Batches(0.3 * X, Y, change)


def erased(x, rng):
    """Most rows of each image become dark."""
    return np.where(np.arange(16)[:, None, None] < rng.integers(7, 16, each(len(x))), x.min(), x)


OFTEN_RARE = Batches(*RARE, rows=lambda rng, n: rng.choice(n, n, p=WEIGHTS))
A_HUNDRED, A_HUNDRED_VAL = pictures(480, k=100), pictures(160, 1, k=100)
for _name, _expected, _train, _validation, _more in [
    ("pictures stretched now and then", "not found", stretched(0.4), (0.3 * V, W), {}),
    ("nearly all pictures stretched", "wrong 'ranges of values'", stretched(0.9), (0.3 * V, W), {}),
    (
        "most of each picture erased",
        "wasteful 'brightness or contrast'",
        Batches(X, Y, erased),
        (V, W),
        {},
    ),
    (
        "grey images, tinted in training",
        "quiet",
        Batches(GREY, Y, lambda x, rng: x * rng.uniform(0.7, 1, (len(x), 1, 1, 3))),
        (GREY_VAL, W),
        {},
    ),
    ("a rare class drawn over and over", "not found", OFTEN_RARE, RARE_VAL, STORED),
    ("mixed columns against numbers", "quiet", Batches(X, Y, mixed, pairs=True), (V, W), {}),
    (
        "classes that a part lacks",
        "quiet",
        Batches(*A_HUNDRED),
        A_HUNDRED_VAL,
        {"max_images": 200, "live": False},
    ),
]:
    case(_name, f"sets differ: {_expected}", {"train": _train, "validation": _validation, **_more})


def sorted_by_class(pair):
    """A set that is read in the order of its classes, so that a part of it has other shares of them."""
    x, y = pair
    rows = np.argsort(y, kind="stable")
    return Sized(x[rows], y[rows], rows=in_order)


CUT = {"train": Sized(*LONG, lighten), "max_images": 2600}
UNEQUAL = LONG[1] * (np.random.default_rng(5).random(2048) < 0.5)
case(
    "validation in order, of which a part is read",
    "sets differ: not found",
    CUT | {"validation": sorted_by_class(pictures(2000, 6, shape=(8, 8, 1)))},
)
case(
    "shuffled validation with other shares, of which a part is read",
    "sets differ: wasteful 'other shares'",
    CUT | {"validation": Sized(pictures(2048, 6, shape=(8, 8, 1))[0], UNEQUAL)},
)


def says_nothing_of_a_range(d):
    """Validation that is darker for reasons of its own, and a brightness whose range is right."""
    layer = layers.RandomBrightness(0.1, value_range=(0, 1))
    dark = (0.2 * d.v, d.w)
    return [
        {"train": d.train, "validation": dark, "augment": lambda x, y: layer(x, training=True)},
        {"train": dataset(d.train, lambda x: layer(x, training=True)), "validation": dark},
        {"train": d.train, "validation": dark, "model": network(d, layer), "live": True},
        {
            "train": flow((255 * d.x, d.y), brightness_range=(0.7, 1.3), rescale=1 / 255),
            "validation": dark,
        },
    ]


WRONG_RANGE = layers.RandomBrightness(0.2, seed=0)


def blinded():
    """Images of 0 to 1 in colour, and a brightness made for 0 to 255 that leaves half of them blank."""
    x = COLOURED.astype("float32")
    validation = x[:160] * 0.99, Y[:160]
    in_a_map = dataset((x, Y), lambda images: WRONG_RANGE(images, training=True))
    return [
        {"train": (x, Y), "augment": WRONG_RANGE, "validation": validation},
        {"train": in_a_map, "validation": validation},
    ]


# 7. Shared images


def half_shared(d):
    """Half of the validation images are training images."""
    half = len(d.v) // 2
    return np.r_[d.v[:half], d.x[:half]], np.r_[d.w[:half], d.y[:half]]


def as_jpeg(x, quality):
    """Images of 0 to 1, stored and read again."""
    read = []
    for image in x:
        file = io.BytesIO()
        picture((255 * image).round()).save(file, "JPEG", quality=quality)
        read.append(np.asarray(Image.open(file), "float32").reshape(image.shape) / 255)
    return np.stack(read)


def split_afterwards(d, augment):
    """Four copies of each image, then a random split: the bug."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([augment(d.x, rng) for _ in range(4)]), np.tile(d.y, 4)
    rows = rng.permutation(4 * N)
    return {"train": (x[rows[:400]], y[rows[:400]]), "validation": (x[rows[400:]], y[rows[400:]])}


for _kind, _make in {
    "arrays": lambda d: {},
    # The images from before the map can't be reached.
    "tf.data": lambda d: {"train": dataset(d.train, TURN)},
    "flow": lambda d: {"train": flow((255 * d.x, d.y), rotation_range=5, rescale=1 / 255)},
    "flow_from_directory": lambda d: {"train": folder(d.train, rotation_range=5, rescale=1 / 255)},
    "PyDataset": lambda d: {"train": Rows(d.train, lighten)},
    "model": lambda d: {"model": turns(d)},
}.items():
    case(
        "half of validation in training",
        "shared images: wrong",
        lambda d, make=_make: {"validation": half_shared(d), **make(d)},
        _kind,
    )
case(
    "half of validation, stored as JPEG",
    "shared images: wrong",
    lambda d: {"validation": (as_jpeg(half_shared(d)[0], 75), half_shared(d)[1])},
    "arrays",
)


def mirrored_and_stored_again(d):
    """Each image and its mirrored copy, stored as JPEG, and then a random split."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([d.x, as_jpeg(d.x[:, :, ::-1], 75)]), np.tile(d.y, 2)
    rows = rng.permutation(len(x))
    most = len(x) * 3 // 4
    return {
        "train": (x[rows[:most]], y[rows[:most]]),
        "validation": (x[rows[most:]], y[rows[most:]]),
    }


for _name in ("garments", "photograph"):
    case(
        f"split after mirroring and storing again, {_name}",
        "shared images: wrong 'near copies'",
        lambda d, name=_name: mirrored_and_stored_again(load(name)),
    )
case("split after flipping", "shared images: wrong", lambda d: split_afterwards(d, flip), "arrays")
case(
    "split after turning and shifting",
    "shared images: can't tell",
    lambda d: split_afterwards(d, lambda x, rng: np.asarray(TURN(shift(x, rng), training=True))),
    "arrays",
)

MEANS, DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
PREPROCESS = {
    "tf": lambda x: x / 127.5 - 1,
    "caffe": lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32"),
    "torch": lambda x: (x / 255 - MEANS) / DEVIATIONS,
    "rescale": lambda x: x / 255,
}


def squares(down, right):
    """Squares cut from a photograph that Matplotlib ships, side by side, and the row of each."""
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as file:
        pixels = np.asarray(file.convert("RGB"), "float32") / 255
    high, wide = pixels.shape[0] - TILE + 1, pixels.shape[1] - TILE + 1
    corners = list(itertools.product(range(down, high, TILE), range(right, wide, TILE)))
    return np.stack([pixels[i : i + TILE, j : j + TILE] for i, j in corners]), np.array(
        [i // TILE for i, _ in corners]
    )


def preprocessed(change, validation):
    """An ImageDataGenerator that preprocesses, beside validation that was preprocessed as well."""
    train = flow((255 * X[:96], Y[:96]), rotation_range=5, preprocessing_function=change)
    return {"train": train, "validation": change(255 * validation)}


EXACT, NEAR = "shared images: wrong 'also in training'", "shared images: wrong 'near copies'"
case(
    "a leak behind preprocessing",
    "shared images: wrong '64 of 64 validation images are among the 96'",
    lambda d: preprocessed(PREPROCESS["torch"], d.x[:64]),
)
case(
    "a leak between raw and preprocessed",
    EXACT,
    {"train": (255 * X).astype("uint8"), "validation": PREPROCESS["caffe"](np.trunc(255 * X[:64]))},
)
case(
    "no leak behind preprocessing",
    "shared images: not found",
    lambda d: preprocessed(PREPROCESS["torch"], d.v),
)
WIDE = X[:96, :, :12]
TURNED = np.r_[np.rot90(X[:40], 1, (1, 2)), np.rot90(X[40:80], 3, (1, 2)), X[80:120].swapaxes(1, 2)]
for _noise, _expected in ((0, EXACT), (0.001, NEAR)):
    _again = 0.5 * WIDE[:, ::-1, ::-1] - 1 + np.random.default_rng(0).normal(0, _noise, WIDE.shape)
    case(
        f"a leak, upside down and mirrored, noise {_noise}",
        _expected,
        {"train": WIDE, "validation": _again},
    )
    _again = TURNED + np.random.default_rng(0).normal(0, _noise, TURNED.shape)
    case(f"quarter turns, noise {_noise}", _expected, {"validation": _again})
case(
    "not all was read",
    "shared images: can't tell 'not all of both'",
    {"augment": in_the_loop, "validation": (V, W), "max_images": 400},
)


# 8. Degenerate images


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


# 9. Order


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


for _many, _side_by_side in itertools.product((2, 4, 8), (True, False)):
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


# 10. Labels


def votes(share):
    """Three labels of each image, of which this share is not the image's own."""
    people = np.repeat(Y, 3)
    wrong = np.random.default_rng(4).random(len(people)) < share
    return np.repeat(X, 3, axis=0), np.where(wrong, 1 - people, people)


case("labels of three people who mostly agree", "labels: not found", {"train": votes(0.15)})
case("three labels of each image by chance", "labels: wrong 'mismatched'", {"train": votes(0.5)})


class Apart(Batches):
    """Images are shuffled, and labels stay where they were."""

    def changed(self, rows, start):
        return super().changed(rows, start)[0], self.y[start : start + len(rows)]


case(
    "images shuffled without labels",
    "labels: wrong 'mismatched'",
    lambda d: {"train": Apart(*d.train, size=BATCH), **STORED},
    "iterable",
)
case(
    "the same, live",
    "labels: can't tell 'too few'",
    lambda d: Apart(*d.train, lighten, size=BATCH),
    "iterable",
)


# Keras 3.15.1's RandomElasticTransform in a map after batch(): where the size of a batch isn't known, it makes
# displacements for one image, and the first image's pixels get under the labels of all others that it changes. Written
# out here, since later versions of the layer may be right.
def elastic(x):
    n = each(tf.shape(x)[0])
    first = x[:1] * DRAWS.uniform((1, 1, 1, 1), 0.8, 1.2)
    return tf.where(DRAWS.uniform(n) < DRAWS.uniform(n), first, x)


case(
    "elastic after batch() (Keras 3.15.1)",
    "labels: wrong",
    lambda d: dataset(d.train, elastic),
    "tf.data",
)


def only(classes, change=lighten, y=Y, rows=None):
    """Images of some classes are augmented, and the others shown as they are."""

    def some(x, labels, rng):
        return np.where(np.isin(labels, classes)[:, None, None, None], change(x, rng), x).astype(
            "float32"
        ), labels

    return Batches(X, y, some, pairs=True, rows=rows)


def undersampled(rng, n):
    """In each epoch all of the rare class, and as many of the others, drawn anew."""
    rare, others = np.flatnonzero(FIFTH == 1), np.flatnonzero(FIFTH == 0)
    return rng.permutation(np.concatenate([rare, rng.choice(others, len(rare), replace=False)]))


SMOOTHED, FIFTH = 0.9 * np.eye(2)[Y] + 0.05, (np.arange(480) % 5 == 1).astype(int)
SEVERAL = (np.random.default_rng(2).random((480, 3)) < 0.6).astype("float32")
for _name, _y in {"smoothed": SMOOTHED, "several": SEVERAL}.items():
    case(f"labels apart, {_name}", "labels: wrong 'mismatched'", {"train": Apart(X, _y), **STORED})
    case(f"labels beside their images, {_name}", "labels: not found", shuffled(more=STORED, y=_y))
MIRRORED, QUARTERS = (
    np.r_[X, X[:, :, ::-1]],
    np.concatenate([np.rot90(X, k, (1, 2)) for k in range(4)]),
)
ONLY = "wrong 'only some classes are augmented'"
for _name, _expected, _train in [
    (
        "mirrored copies, labels in another order",
        "wrong 'mirrored copies'",
        (MIRRORED, np.repeat(Y, 2)),
    ),
    ("mirrored copies, labels repeated", "not found", (MIRRORED, np.tile(Y, 2))),
    ("mirrored copies, labels of the other hand", "not found", (MIRRORED, np.r_[Y, 1 - Y])),
    ("turned copies, their quarter the label", "not found", (QUARTERS, np.repeat(range(4), 480))),
    (
        "class 2 of three",
        f"{ONLY} 'classes 0, 1 come again, of class 2'",
        only([2], y=np.arange(480) % 3),
    ),
    ("class 1 flipped alone", "quiet", only([1], flip)),
    ("others undersampled", "quiet", only([], y=FIFTH, rows=undersampled)),
    (
        "averaged numbers",
        "quiet",
        (X, 0.3 * (np.arange(480) % 5) + 0.7 * (np.arange(480)[::-1] % 5)),
    ),
]:
    case(_name, f"labels: {_expected}", {"train": _train})
case(
    "NaN as a label",
    "labels: wrong '1% of the labels are NaN'; sets differ: not found",
    {"train": (X, np.where(np.arange(480) < 5, np.nan, Y)), "validation": (V, W)},
)
for _activation, _loss, _status in [
    ("softmax", "categorical_crossentropy", "wrong 'several ones'"),
    ("sigmoid", "binary_crossentropy", "not found"),
    (None, keras.losses.CategoricalCrossentropy(from_logits=True), "wrong"),
]:
    case(
        f"several ones before {_activation}",
        f"labels: {_status}",
        lambda d, how=(3, _activation, _loss): {
            "train": (d.x, SEVERAL),
            "model": network(d, units=how[0], activation=how[1], loss=how[2]),
        },
    )


# Thresholds, each less than a tenth below and above


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
    ("light that belongs to a batch", "order: wrong", steady, 0.15, 0.35),
    ("light drawn for a batch", "one draw: wasteful", steady, 0.35, 0.15),
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


# The stored table


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


EVIDENCE = [one for one in CASES if one.kind]


def outcome(one: Case, d: Images, seed: int = 1) -> str:
    """What the check-up says: detected, missed or can't tell; of a correct pipeline its false alarms."""
    keras.utils.set_random_seed(seed)
    DRAWS.reset_from_seed(seed)
    return answer(one, check_pipeline(**one.build(d)))


def answer(one: Case, report: Report) -> str:
    """What a report says of a case, in the words of the table."""
    if not one.finding:
        return "false alarm: " + ", ".join(report.found) if report.found else "no alarm"
    if one.finding not in report:
        return "detected" if report.found else "missed"
    return {FOUND: "detected", NOT_FOUND: "missed", CANT_TELL: "can't tell"}[
        report[one.finding].status
    ]


def main() -> None:
    sets = {name: load(name) for name in SETS}
    rows = [
        [one.name, one.kind, one.finding, *(outcome(one, d) for d in sets.values())]
        for one in EVIDENCE
    ]
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["bug", "kind", "finding", *sets], *rows])


if __name__ == "__main__":
    main()
