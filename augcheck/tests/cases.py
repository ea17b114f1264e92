"""The table of cases: a pipeline, what the check-up should say of it, and why.

python augcheck/tests/cases.py     # writes data/results/checkup.csv

Those with a kind are judged on three sets of images: test_cases.py verifies a part of the garments' column,
tests/slow/check_checkup.py the whole table. The others are attacks on one finding, with pictures made for it. A case
named after a thread (pytorch#5059) is what its pipeline did, told in the comment.
"""

from __future__ import annotations

import csv
import functools
import io
import sys
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

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "augcheck" / "src")]
from augcheck import CANT_TELL, FOUND, NOT_FOUND, Report, check_pipeline  # noqa: E402
from helpers.data import Data, load_garments, load_solar_cells, subset  # noqa: E402
from made import Batches, Workers, counter, each, flip, lighten, shift  # noqa: E402

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


class Case(NamedTuple):
    """A pipeline with one bug, or with none.

    Attributes:
        finding: the name under which the bug should be found; "" for a correct pipeline.
        kind: of pipeline, as the README names it.
        build: from images to the arguments of ``check_pipeline``.
    """

    name: str
    finding: str
    kind: str
    build: Callable[[Images], dict]


CASES: list[Case] = []


def case(name: str, kind: str, finding: str = "") -> Callable:
    def add(build: Callable[[Images], dict]) -> Callable:
        CASES.append(Case(name, finding, kind, lambda d: _arguments(d, build(d))))
        return build

    return add


def _arguments(d, made):
    """Of ``check_pipeline``: what a case makes is training, or arguments beside a pair of arrays for both sets."""
    made = made if isinstance(made, dict) else {"train": made}
    return {"train": (d.x, d.y), "validation": (d.v, d.w)} | made


# One pipeline of each kind


# It goes on from epoch to epoch. Random ops of tf.image would start again with each, once Keras's seed is set.
DRAWS = tf.random.Generator.from_seed(0)


def of_each(step):
    """A map, from a change of images."""
    return lambda x, y: (step(x), y)


def mirrored(x):
    return tf.where(DRAWS.uniform(each(tf.shape(x)[0])) < 0.5, x[:, :, ::-1], x)


def jittered(x):
    """Each image a little brighter or darker, and flipped or not."""
    return mirrored(x) * DRAWS.uniform(each(tf.shape(x)[0]), 0.8, 1.2)


jitter = of_each(jittered)


def slices(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y))


def dataset(x, y, *steps, shuffle=True):
    made = (slices(x, y).shuffle(len(x)) if shuffle else slices(x, y)).batch(BATCH)
    for step in steps:
        # No step decides anything in Python, and converting them took a tenth of the time of all cases.
        made = made.map(tf.autograph.experimental.do_not_convert(step))
    return made


def flow(x, y, shuffle=True, **ranges):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    return ImageDataGenerator(**ranges).flow(x, y, batch_size=BATCH, shuffle=shuffle)


_folders: dict[int, tempfile.TemporaryDirectory] = {}


def folder(x, y, names=("a", "b"), shuffle=True, classes=None, **ranges):
    """The images as PNG files in a folder for each class."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    key = hash((x.tobytes(), names))
    if key not in _folders:
        _folders[key] = tempfile.TemporaryDirectory()
        for i, (image, label) in enumerate(zip(x, y, strict=True)):
            place = Path(_folders[key].name, names[label])
            place.mkdir(exist_ok=True)
            picture((image * 255).round()).save(place / f"{i:04}.png")
    colours = "grayscale" if x.shape[-1] == 1 else "rgb"
    how = {"target_size": x.shape[1:3], "color_mode": colours, "class_mode": "binary", "batch_size": BATCH}
    return ImageDataGenerator(**ranges).flow_from_directory(_folders[key].name, shuffle=shuffle, classes=classes, **how)


def picture(image):
    """(height, width, 1 or 3) from 0 to 255 as a picture of Pillow's."""
    return Image.fromarray((image[..., 0] if image.shape[-1] == 1 else image).astype(np.uint8))


class Rows(keras.utils.PyDataset):
    """Arrays in batches, shuffled anew after each epoch, each batch changed by ``change(x, rng)``."""

    def __init__(self, x, y, change=lambda x, rng: x, shuffle=True, seed=None, size=BATCH, **options):
        super().__init__(**options)
        self.x, self.y, self.change, self.shuffle, self.seed, self.size = x, y, change, shuffle, seed, size
        self.rng, self.order = np.random.default_rng(0), np.arange(len(x))
        self.on_epoch_end()

    def __len__(self):
        return len(self.x) // self.size

    def __getitem__(self, i):
        rows = self.order[i * self.size : (i + 1) * self.size]
        rng = self.rng if self.seed is None else np.random.default_rng(self.seed)
        return self.change(self.x[rows], rng), self.y[rows]

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.order)


def shift2(x, rng):
    return shift(x, rng, 2)


def light(x, rng):
    return lighten(x, rng, 0.8, 1.2)


def loader(x, y, change=None, **options):
    """Batches as another framework's loader gives them."""
    return Batches(x, y, change, size=BATCH, sized=True, **options)


def live(kind, x, y, shuffle=True):
    """A pipeline that augments, from images of 0 to 1."""
    return {
        "tf.data": lambda: dataset(x, y, jitter, shuffle=shuffle),
        "flow": lambda: flow(x, y, shuffle, rotation_range=5),
        "flow_from_directory": lambda: folder(x, y, shuffle=shuffle, rotation_range=5, rescale=1 / 255),
        "PyDataset": lambda: Rows(x, y, shift2, shuffle),
        "iterable": lambda: loader(x, y, shift2),
    }[kind]()


# Models


def network(d, *front):
    image = keras.Input(d.x.shape[1:])
    return keras.Sequential([image, *front, layers.Conv2D(4, 3), layers.Flatten(), layers.Dense(1)])


@keras.saving.register_keras_serializable(package="tests")
class Lazy(layers.Layer):
    """Augments where it is told so: the default of ``training`` is False."""

    def __init__(self):
        super().__init__()
        self.inner = layers.RandomFlip()

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x, training=False):
        return self.inner(x, training=True) if training else x


class Forgetful(Lazy):
    """Does not pass ``training`` on."""

    def call(self, x):
        return super().call(x)


class Alike(layers.Layer):
    """One draw for a whole batch."""

    def call(self, x, training=False):
        return x * tf.random.uniform((), 0.8, 1.2) if training else x


class Always(layers.Layer):
    """Augments in validation, too."""

    def call(self, x):
        return x * tf.random.uniform(each(tf.shape(x)[0]), 0.8, 1.2)


# 1. Images repeat between epochs


case("cache() after the map", "tf.data", "repeats")(lambda d: dataset(d.x, d.y, jitter).cache())


case("a seed inside the map", "tf.data", "repeats")(
    lambda d: (
        slices(d.x, d.y)
        .shuffle(N)
        .map(of_each(lambda x: tf.image.stateless_random_brightness(x, 0.2, seed=(1, 2))))
        .batch(BATCH)
    )
)
case("a seeded op, order fixed", "tf.data", "repeats")(
    lambda d: (
        slices(d.x, d.y).map(of_each(lambda x: tf.image.random_flip_left_right(x, seed=1))).shuffle(N).batch(BATCH)
    )
)


@case("a layer called without training", "tf.data", "repeats")
def _(d):
    layer = Lazy()
    return {"train": dataset(d.x, d.y, of_each(layer)), "augment": layer}


case("a layer called without training", "model", "repeats")(lambda d: {"model": network(d, Forgetful())})
case("a generator seeded in every batch", "PyDataset", "repeats")(
    lambda d: Rows(d.x, d.y, shift2, shuffle=False, seed=1)
)


def reseed(image):
    np.random.seed(0)
    return image


RESEEDED = {"width_shift_range": 0.1, "preprocessing_function": reseed}
case("NumPy seeded in preprocessing", "flow", "repeats")(lambda d: flow(d.x, d.y, **RESEEDED))
case("NumPy seeded in preprocessing", "flow_from_directory", "repeats")(
    lambda d: folder(d.x, d.y, **RESEEDED, rescale=1 / 255)
)
case("augmented once, before fit", "arrays", "repeats")(
    lambda d: {"train": (light(d.x, np.random.default_rng(0)), d.y), "live": True}
)


def three_copies(d):
    copies = [dataset(light(d.x, np.random.default_rng(k)), d.y) for k in range(3)]
    return {"train": copies[0].concatenate(copies[1]).concatenate(copies[2]).repeat(), "steps_per_epoch": N // BATCH}


case("three copies in turn", "tf.data", "repeats")(three_copies)
case("pictures that the dataset stores", "iterable", "repeats")(
    lambda d: loader(light(d.x, np.random.default_rng(0)), d.y)
)
case("a seed inside the generator", "function", "repeats")(lambda d: lambda: iter(loader(d.x, d.y, shift2)))


# tensorflow#47755: the tutorial on segmentation flips in the function that loads an image, and caches what it loads.
@case("a flip in what is cached (tensorflow#47755)", "tf.data", "repeats")
def _(d):
    def load_image(x, y):
        return tf.cond(DRAWS.uniform(()) > 0.5, lambda: tf.image.flip_left_right(x), lambda: x), y

    train = slices(d.x, d.y).map(load_image).cache().shuffle(N).batch(BATCH).repeat().prefetch(2)
    return {"train": train, "steps_per_epoch": N // BATCH}


# TensorFlow's tutorial on data augmentation, with tf.image: images and a counter are zipped and then shuffled. The
# counter starts again with each epoch, so each image has the same seed for ever.
@case("a counter zipped before the shuffle (TensorFlow's tutorial)", "tf.data", "repeats")
def _(d):
    def augment(pair, seed):
        image, label = pair
        larger = tf.image.resize_with_crop_or_pad(image, image.shape[0] + 6, image.shape[1] + 6)
        cropped = tf.image.stateless_random_crop(larger, image.shape, seed=seed)
        return tf.clip_by_value(tf.image.stateless_random_brightness(cropped, 0.5, seed=seed), 0, 1), label

    counted = tf.data.Dataset.counter()
    both = tf.data.Dataset.zip(slices(d.x, d.y), tf.data.Dataset.zip(counted, counted))
    return both.shuffle(N).map(augment).batch(BATCH)


# The same tutorial, with layers: "augmented" images come from a map that calls the layers that resize and rescale.
@case("a map that rescales and never augments (TensorFlow's tutorial)", "tf.data", "repeats")
def _(d):
    prepare = keras.Sequential([layers.Resizing(*d.x.shape[1:3]), layers.Rescaling(1 / 255)])
    return dataset(255 * d.x, d.y, lambda x, y: (prepare(x, training=True), y))


# 2. One draw per batch


def brighter(x, y):
    return x + DRAWS.uniform((), -0.2, 0.2), y


case("one draw per batch", "tf.data", "one draw")(
    lambda d: {"train": dataset(d.x, d.y, brighter), "augment": brighter, "augment_in": "batch"}
)
case("one draw per batch", "model", "one draw")(lambda d: {"model": network(d, Alike())})


@case("one draw per batch", "arrays", "one draw")
def _(d):
    rng = np.random.default_rng(0)
    return {"augment": lambda x: x + rng.uniform(-0.1, 0.1)}


@case("one draw per batch", "PyDataset", "one draw")
def _(d):
    rng = np.random.default_rng(0)

    def roll(x):
        return np.roll(x, rng.integers(-3, 4), 2)

    return {"train": Rows(d.x, d.y, lambda x, rng: roll(x)), "augment": roll, "augment_in": "batch"}


case("one draw per batch, its function unknown", "PyDataset", "one draw")(
    lambda d: Rows(d.x, d.y, lambda x, rng: x * rng.uniform(0.5, 1.5))
)


# 3. Draws that belong to a place


@case("a counter zipped after the shuffle", "tf.data", "positions")
def _(d):
    def crop(pair, number):
        image, label = pair
        larger = tf.image.resize_with_crop_or_pad(image, 34, 34)
        return tf.image.stateless_random_crop(larger, image.shape, seed=[number, number]), label

    shuffled = slices(d.x, d.y).shuffle(N)
    return tf.data.Dataset.zip(shuffled, tf.data.Dataset.counter()).map(crop).batch(BATCH)


@case("tf.image in a map, with set_random_seed", "tf.data", "positions")
def _(d):
    keras.utils.set_random_seed(1)
    bright = of_each(lambda x: tf.image.random_brightness(x, 0.3))
    return slices(d.x, d.y).shuffle(N).map(bright).batch(BATCH)


@case("the number of the batch as seed", "PyDataset", "positions")
def _(d):
    class Numbered(Rows):
        def __getitem__(self, i):
            rows = self.order[i * BATCH : (i + 1) * BATCH]
            return shift2(self.x[rows], np.random.default_rng(i)), self.y[rows]

    return Numbered(d.x, d.y)


case("the place in the epoch as seed", "iterable", "positions")(lambda d: loader(d.x, d.y, shift2, draws=counter))
# pytorch#5059: workers are forked anew in each epoch, and each starts with NumPy's random state of the parent. Here
# without processes; torch_pipelines.py has real workers.
case("workers that all start with one seed (pytorch#5059)", "iterable", "positions")(
    lambda d: loader(d.x, d.y, shift2, draws=Workers(0, 0, size=BATCH))
)


def flip_shift_drop(x, rng):
    """Each with a probability of a half: flipped, shifted, a hole cut."""
    x = flip(x, rng)
    x = shift2(x, rng) if rng.random() < 0.5 else x
    if rng.random() < 0.5:
        down, right = rng.integers(0, x.shape[1] - 8, 2)
        x = x.copy()
        x[:, down : down + 8, right : right + 8] = 0
    return x


# AlbumentationsX#266: Compose has a generator of its own, which workers copy and never seed. So an image gets what
# its place in the batches of its worker gets in every epoch.
case("a Compose that workers never seed (AlbumentationsX#266)", "iterable", "positions")(
    lambda d: loader(d.x, d.y, flip_shift_drop, draws=Workers(0, 0, size=BATCH))
)


# 4. Augmented twice


def turns(d, *front):
    return network(d, layers.RandomRotation(0.02, seed=1), *front)


@case("turned in the map and in the model", "tf.data", "augmented twice")
def _(d):
    layer = layers.RandomRotation(0.02, seed=0)
    return {"train": dataset(d.x, d.y, lambda x, y: (layer(x, training=True), y)), "model": turns(d)}


case("turned in the generator and in the model", "flow", "augmented twice")(
    lambda d: {"train": flow(d.x, d.y, rotation_range=7), "model": turns(d)}
)
case("turned in the map and in the model", "arrays", "augmented twice")(
    lambda d: {"augment": layers.RandomRotation(0.02, seed=0), "model": turns(d)}
)


# 5. Validation changes between passes


for _kind in ("tf.data", "flow", "flow_from_directory", "PyDataset", "iterable"):
    case("validation augmented", _kind, "validation moves")(
        lambda d, kind=_kind: {"train": live(kind, d.x, d.y), "validation": live(kind, d.v, d.w)}
    )
case("validation augmented", "model", "validation moves")(lambda d: {"model": network(d, Always())})


# 6. Training and validation differ


@case("rescaled in training only", "tf.data", "sets differ")
def _(d):
    train = dataset(255 * d.x, d.y, jitter, of_each(lambda x: x / 255))
    return {"train": train, "validation": dataset(255 * d.v, d.w)}


@case("rescaled in training only", "flow", "sets differ")
def _(d):
    train = flow(255 * d.x, d.y, rescale=1 / 255, horizontal_flip=True)
    return {"train": train, "validation": flow(255 * d.v, d.w)}


@case("rescaled in training only", "flow_from_directory", "sets differ")
def _(d):
    train = folder(d.x, d.y, rescale=1 / 255, horizontal_flip=True)
    return {"train": train, "validation": folder(d.v, d.w, shuffle=False)}


case("rescaled in training only", "PyDataset", "sets differ")(
    lambda d: {"train": Rows(d.x, d.y, shift2), "validation": Rows(255 * d.v, d.w)}
)
case("rescaled in training only", "arrays", "sets differ")(lambda d: {"validation": ((255 * d.v).astype("uint8"), d.w)})
case("[-1, 1] against [0, 1]", "arrays", "sets differ")(lambda d: (2 * d.x - 1, d.y))
case("channels first against last", "arrays", "sets differ")(lambda d: (np.moveaxis(d.x, 3, 1), d.y))
case("channels first against last", "iterable", "sets differ")(
    lambda d: loader(d.x, d.y, shift2, make=lambda x, y: (np.moveaxis(x, 3, 1), y))
)


@case("RGB against BGR", "arrays", "sets differ")
def _(d):
    tint = 1 if d.x.shape[-1] == 3 else np.array([1, 0.8, 0.5], "float32")
    return {"train": (tint * d.x, d.y), "validation": ((tint * d.v)[..., ::-1], d.w)}


case("another size", "tf.data", "sets differ")(
    lambda d: dataset(d.x, d.y, jitter, of_each(lambda x: tf.image.resize(x, (24, 24))))
)
case("labels as columns against numbers", "tf.data", "sets differ")(
    lambda d: dataset(d.x, keras.utils.to_categorical(d.y), jitter)
)
case("classes from 1 against from 0", "PyDataset", "sets differ")(
    lambda d: {"train": Rows(d.x, d.y + 1, shift2), "validation": Rows(d.v, d.w)}
)


@case("another order of the folders", "flow_from_directory", "sets differ")
def _(d):
    train = folder(d.x, d.y, horizontal_flip=True, classes=["b", "a"], rescale=1 / 255)
    return {"train": train, "validation": folder(d.v, d.w, rescale=1 / 255)}


@case("folders in alphabetical order", "flow_from_directory", "sets differ")
def _(d):
    names = ("sound", "defective")
    train = folder(d.x, d.y, names, rescale=1 / 255, horizontal_flip=True)
    return {
        "train": train, "validation": folder(d.v, d.w, names, rescale=1 / 255), "class_names": [*names],
    }  # fmt: skip


@case("validation lacks a class", "tf.data", "sets differ")
def _(d):
    zero = d.w == 0
    return {"train": dataset(d.x, d.y, jitter), "validation": (d.v[zero], d.w[zero])}


@case("another balance of the classes", "arrays", "sets differ")
def _(d):
    keep = np.r_[np.flatnonzero(d.w == 0)[:4], np.flatnonzero(d.w == 1)]
    return {"validation": (d.v[keep], d.w[keep])}


# 7. Shared images


def half_shared(d):
    """Half of the validation images are training images."""
    half = N_VAL // 2
    return np.r_[d.v[:half], d.x[:half]], np.r_[d.w[:half], d.y[:half]]


case("half of validation in training", "arrays", "shared images")(lambda d: {"validation": half_shared(d)})
case("half of validation in training", "tf.data", "shared images")(
    lambda d: {"train": dataset(d.x, d.y), "validation": half_shared(d), "live": False}
)


@case("the same, training augmented", "tf.data", "shared images")
def _(d):
    turn = layers.RandomRotation(0.02)
    return {"train": dataset(d.x, d.y, of_each(turn)), "validation": half_shared(d)}


case("the same, training augmented", "flow", "shared images")(
    lambda d: {"train": flow(255 * d.x, d.y, rotation_range=5, rescale=1 / 255), "validation": half_shared(d)}
)
case("the same, training augmented", "flow_from_directory", "shared images")(
    lambda d: {"train": live("flow_from_directory", d.x, d.y), "validation": folder(*half_shared(d), rescale=1 / 255)}
)
case("the same, training augmented", "PyDataset", "shared images")(
    lambda d: {"train": Rows(d.x, d.y, light), "validation": half_shared(d)}
)
case("the same, training augmented", "model", "shared images")(
    lambda d: {"validation": half_shared(d), "model": network(d, layers.RandomRotation(0.02))}
)


def as_jpeg(x, quality):
    """Images of 0 to 1, stored and read again."""
    read = []
    for image in x:
        file = io.BytesIO()
        picture((255 * image).round()).save(file, "JPEG", quality=quality)
        read.append(np.asarray(Image.open(file), "float32").reshape(image.shape) / 255)
    return np.stack(read)


@case("half of validation, stored as JPEG", "arrays", "shared images")
def _(d):
    x, y = half_shared(d)
    return {"validation": (as_jpeg(x, 75), y)}


def split_afterwards(d, augment):
    """Four copies of each image, then a random split: the bug."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([augment(d.x, rng) for _ in range(4)]), np.tile(d.y, 4)
    rows = rng.permutation(4 * N)
    return {"train": (x[rows[:400]], y[rows[:400]]), "validation": (x[rows[400:]], y[rows[400:]])}


case("split after flipping", "arrays", "shared images")(lambda d: split_afterwards(d, flip))


@case("split after turning and shifting", "arrays", "shared images")
def _(d):
    turn = layers.RandomRotation(0.02, "nearest", seed=0)
    return split_afterwards(d, lambda x, rng: np.asarray(turn(shift2(x, rng))))


# 8. Degenerate images


case("brightness_range on [0, 1]", "flow", "degenerate")(lambda d: flow(d.x, d.y, brightness_range=(0.8, 1.2)))
case("RandomBrightness made for 0 to 255", "model", "degenerate")(
    lambda d: {"model": network(d, layers.RandomBrightness(0.2))}
)
case("RandomErasing made for 0 to 255", "model", "degenerate")(
    lambda d: {"model": network(d, layers.RandomErasing(scale=(0.1, 0.3)))}
)
scaled = of_each(lambda x: x / 255)
case("scaled twice", "tf.data", "degenerate")(
    lambda d: {"train": dataset(d.x, d.y, jitter, scaled), "validation": dataset(d.v, d.w, scaled)}
)
for _kind, _make, _both in [
    ("flow", flow, {"rescale": 1 / 255}),
    ("flow_from_directory", folder, {"rescale": 1 / 255, "preprocessing_function": lambda x: x / 255}),
]:
    case("scaled twice", _kind, "degenerate")(
        lambda d, make=_make, both=_both: {
            "train": make(d.x, d.y, horizontal_flip=True, **both),
            "validation": make(d.v, d.w, shuffle=False, **both),
        }
    )
case("scaled twice", "model", "degenerate")(
    lambda d: {"model": network(d, layers.Rescaling(1 / 255), layers.RandomFlip("horizontal"))}
)


def rescaling_inside(d):
    """A backbone with a branch that divides by 255 before its first weights."""
    image = keras.Input(d.x.shape[1:])
    x = layers.Rescaling(1 / 255)(image)
    backbone = keras.Model(image, layers.Average()([layers.Conv2D(1, 3, padding="same")(x), x]))
    return keras.Sequential([keras.Input(d.x.shape[1:]), backbone, layers.Flatten(), layers.Dense(1)])


def arithmetic(d):
    """preprocess_input written into the model, as the tutorial on transfer learning has it."""
    image = keras.Input(d.x.shape[1:])
    x = layers.RandomFlip("horizontal", seed=0)(image)
    x = keras.applications.mobilenet_v2.preprocess_input(x)
    return keras.Model(image, layers.Dense(1)(layers.Flatten()(layers.Conv2D(4, 3)(x))))


def mobilenet(x):
    return x / 127.5 - 1


case("preprocess_input after rescale", "arrays", "degenerate")(
    lambda d: {"train": (mobilenet(d.x), d.y), "validation": (mobilenet(d.v), d.w)}
)
case("preprocess_input after rescale", "flow", "degenerate")(
    lambda d: {
        "train": flow(d.x, d.y, horizontal_flip=True, preprocessing_function=mobilenet),
        "validation": flow(d.v, d.w, preprocessing_function=mobilenet),
    }
)
case("preprocess_input after rescale", "model", "degenerate")(lambda d: {"model": arithmetic(d)})
case("a backbone that rescales, after rescale", "model", "degenerate")(lambda d: {"model": rescaling_inside(d)})


def with_black(x, every):
    x = x.copy()
    x[::every] = 0
    return x


case("0/0 in a constant image", "tf.data", "degenerate")(
    lambda d: dataset(
        with_black(d.x, 40), d.y, jitter, of_each(lambda x: x / tf.reduce_max(x, (1, 2, 3), keepdims=True))
    )
)
case("images that failed to load", "PyDataset", "degenerate")(lambda d: Rows(with_black(d.x, 20), d.y, shift2))


# 9. Order


def by_class(d):
    rows = np.argsort(d.y, kind="stable")
    return d.x[rows], d.y[rows]


for _kind in ("tf.data", "flow", "flow_from_directory", "PyDataset"):
    case("sorted by class, not shuffled", _kind, "order")(lambda d, kind=_kind: live(kind, *by_class(d), shuffle=False))
case("a shuffle buffer of 16", "tf.data", "order")(lambda d: slices(*by_class(d)).shuffle(16).batch(BATCH).map(jitter))
case("a shuffle buffer of 16, classes mixed", "tf.data", "order")(
    lambda d: {"train": slices(d.x, d.y).shuffle(16).batch(BATCH), "live": False}
)


@case("the same order in every epoch", "tf.data", "order")
def _(d):
    rows = np.random.default_rng(0).permutation(N)
    return dataset(d.x[rows], d.y[rows], jitter, shuffle=False)


def side_by_side(d):
    rows = np.repeat(np.arange(N), 16)
    return light(d.x[rows], np.random.default_rng(0)), d.y[rows]


case("16 copies side by side", "tf.data", "order")(lambda d: dataset(*side_by_side(d), jitter, shuffle=False))
case("16 copies side by side", "PyDataset", "order")(
    lambda d: {"train": Rows(*side_by_side(d), shuffle=False), "live": False}
)


# 10. Labels


def apart(d):
    """Images are shuffled, and labels are not."""
    x, y = (tf.data.Dataset.from_tensor_slices(part) for part in (d.x, d.y))
    return tf.data.Dataset.zip(x.shuffle(N), y).batch(BATCH)


case("images shuffled without labels", "tf.data", "labels")(lambda d: {"train": apart(d), "live": False})
case("the same, live", "tf.data", "labels")(lambda d: apart(d).map(jitter))


@case("images shuffled without labels", "PyDataset", "labels")
def _(d):
    class Apart(Rows):
        def __getitem__(self, i):
            return super().__getitem__(i)[0], self.y[i * BATCH : (i + 1) * BATCH]

    return {"train": Apart(d.x, d.y), "live": False}


# Keras 3.15.1's RandomElasticTransform in a map after batch(): where the size of a batch isn't known, it makes
# displacements for one image, and the first image's pixels get under the labels of all others that it changes. Written
# out here, since later versions of the layer may be right.
@case("elastic after batch() (Keras 3.15.1)", "tf.data", "labels")
def _(d):
    def elastic(x):
        n = each(tf.shape(x)[0])
        first = x[:1] * DRAWS.uniform((1, 1, 1, 1), 0.8, 1.2)
        return tf.where(DRAWS.uniform(n) < DRAWS.uniform(n), first, x)

    return dataset(d.x, d.y, of_each(elastic))


# What looks the same from outside


case("width_shift_range that moves up and down", "flow", "(none)")(lambda d: flow(d.x, d.y, width_shift_range=0.2))
case("validation augmented once and stored", "arrays", "(none)")(
    lambda d: {"train": dataset(d.x, d.y, jitter), "validation": (shift2(d.v, np.random.default_rng(0)), d.w)}
)
case("ten epochs over a pool 4 times as large", "arrays", "(none)")(
    lambda d: (np.concatenate([light(d.x, np.random.default_rng(k)) for k in range(4)]), np.tile(d.y, 4))
)


# Correct pipelines


@case("live, layers in the map", "tf.data")
def _(d):
    stack = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.02)])
    train = dataset(d.x, d.y, lambda x, y: (stack(x, training=True), y))
    return {"train": train, "augment": stack}


@case("live, map before batch", "tf.data")
def _(d):
    bright = of_each(lambda x: x + DRAWS.uniform((), -0.1, 0.1))
    train = slices(d.x, d.y).cache().shuffle(N).map(bright).batch(BATCH).prefetch(2)
    return {"train": train, "validation": dataset(d.v, d.w).cache(), "augment": bright, "augment_in": "image"}


@case("flips only", "tf.data")
def _(d):
    flips = of_each(mirrored)
    return {
        "train": dataset(d.x, d.y, flips), "validation": dataset(d.v, d.w), "augment": flips,
    }  # fmt: skip


@case("half of the images left clean", "tf.data")
def _(d):
    half = of_each(lambda x: tf.where(DRAWS.uniform(each(tf.shape(x)[0])) < 0.5, jittered(x), x))
    return {"train": dataset(d.x, d.y, half), "augment": half}


@case("originals and live copies", "tf.data")
def _(d):
    both = slices(np.r_[d.x, d.x], np.r_[d.y, d.y])
    flags = tf.data.Dataset.from_tensor_slices(np.repeat([0.0, 1.0], N).astype("float32"))

    def some(pair, flag):
        return tf.where(flag[:, None, None, None] > 0, jittered(pair[0]), pair[0]), pair[1]

    return tf.data.Dataset.zip(both, flags).shuffle(2 * N).batch(BATCH).map(some)


case("endless, with steps_per_epoch", "tf.data")(
    lambda d: {"train": slices(d.x, d.y).shuffle(N).repeat().batch(BATCH).map(jitter), "steps_per_epoch": N // BATCH}
)
case("endless, length unknown", "tf.data")(lambda d: dataset(d.x, d.y, jitter).repeat())
case("a static pool of three copies in turn", "tf.data")(lambda d: three_copies(d) | {"live": False})
case("a static pool, originals + 3 copies", "arrays")(
    lambda d: (np.concatenate([d.x] + [shift2(d.x, np.random.default_rng(k)) for k in range(3)]), np.tile(d.y, 4))
)
case("no augmentation", "arrays")(lambda d: (d.x, d.y))


@case("one class in ten, in both sets", "tf.data")
def _(d):
    def rare(x, y):
        keep = np.sort(np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[: (y == 0).sum() // 9]])
        return x[keep], y[keep]

    return {"train": dataset(*rare(d.x, d.y), jitter), "validation": rare(d.v, d.w)}


@case("CutMix", "tf.data")
def _(d):
    cut = layers.CutMix()

    def mixed(x, y):
        out = cut({"images": x, "labels": y}, training=True)
        return out["images"], out["labels"]

    y, y_val = (keras.utils.to_categorical(part) for part in (d.y, d.w))
    return {"train": dataset(d.x, y, mixed), "validation": (d.v, y_val), "augment": mixed}


@case("MixUp by hand", "PyDataset")
def _(d):
    class Mixed(Rows):
        def __getitem__(self, i):
            x, y = super().__getitem__(i)
            share = self.rng.beta(0.4, 0.4, len(x)).astype("float32")
            images = share[:, None, None, None]
            return x * images + x[::-1] * (1 - images), y * share + y[::-1] * (1 - share)

    return {"train": Mixed(d.x, d.y), "validation": Rows(d.v, d.w, shuffle=False)}


case("random erasing", "model")(
    lambda d: {"model": network(d, layers.RandomErasing(scale=(0.1, 0.3), value_range=(0, 1)), layers.RandomFlip())}
)


@case("rescaled and augmented in the model", "model")
def _(d):
    x, x_val = ((255 * part).astype("uint8") for part in (d.x, d.v))
    front = keras.Sequential([layers.Rescaling(1 / 255), layers.RandomFlip(), layers.RandomTranslation(0.05, 0.05)])
    return {"train": (x, d.y), "validation": (x_val, d.w), "model": network(d, front)}


@case("standardised, labels as columns", "tf.data")
def _(d):
    mean, spread = d.x.mean(), d.x.std()
    x, x_val = ((part - mean) / spread for part in (d.x, d.v))
    y, y_val = (keras.utils.to_categorical(part) for part in (d.y, d.w))
    return {"train": dataset(x, y, of_each(mirrored)), "validation": dataset(x_val, y_val)}


@case("the article's ranges", "flow")
def _(d):
    ranges = {"rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "zoom_range": 0.2}
    return {
        "train": flow(d.x, d.y, horizontal_flip=True, **ranges), "validation": flow(d.v, d.w),
    }  # fmt: skip


case("brightness on 0 to 255, then rescaled", "flow")(
    lambda d: flow(255 * d.x, d.y, brightness_range=(0.7, 1.3), rescale=1 / 255)
)
case("uint8 validation", "flow")(
    lambda d: {"train": flow(255 * d.x, d.y, rotation_range=5), "validation": ((255 * d.v).astype("uint8"), d.w)}
)
case("folders, rescaled in both sets", "flow_from_directory")(
    lambda d: {
        "train": live("flow_from_directory", d.x, d.y),
        "validation": folder(d.v, d.w, rescale=1 / 255, shuffle=False),
    }
)
case("shifts", "PyDataset")(
    lambda d: {"train": live("PyDataset", d.x, d.y), "validation": Rows(d.v, d.w, shuffle=False)}
)
for _name, _make in {
    "a loader, channels first": lambda x, y: (np.moveaxis(x, 3, 1), y),
    "dictionaries": lambda x, y: {"image": x, "label": y},
}.items():
    case(_name, "iterable")(
        lambda d, make=_make: {"train": loader(d.x, d.y, shift2, make=make), "validation": loader(d.v, d.w, make=make)}
    )
case("workers with seeds of their own", "iterable")(
    lambda d: loader(d.x, d.y, shift2, draws=Workers(0, 1, epochs=True, size=BATCH))
)


@case("a generator function that goes on", "function")
def _(d):
    goes_on = loader(d.x, d.y, shift2)
    return lambda: iter(goes_on)


@case("balanced batches", "tf.data")
def _(d):
    parts = [slices(d.x[d.y == k], d.y[d.y == k]).shuffle(N).repeat() for k in (0, 1)]
    choice = tf.data.Dataset.range(2).repeat(N // 2)
    return tf.data.Dataset.choose_from_datasets(parts, choice).batch(BATCH).map(jitter)


case("flipped in the map, turned in the model", "tf.data")(
    lambda d: {"train": dataset(d.x, d.y, of_each(mirrored)), "model": turns(d)}
)
for _name, _build in {
    "preprocess_input in the model": arithmetic,
    "a backbone that rescales, from 0 to 255": rescaling_inside,
}.items():
    case(_name, "model")(
        lambda d, build=_build: {
            "train": (255 * d.x, d.y), "validation": (255 * d.v, d.w), "model": build(d),
        }
    )  # fmt: skip


# The table


@functools.cache
def everything(name: str) -> Data:
    return {"garments": load_garments, "solar cells": load_solar_cells}[name]()


def tiles(replicate: int = 0) -> Data:
    """Squares of 32 x 32 pixels in colour from a photograph that Matplotlib ships, none overlapping another.

    It is one photograph, of a woman in uniform before a flag. So these are textures in colour and no data set: the
    task, upper half (0) or lower half (1), is there because pipelines have labels. Each replicate cuts along
    another grid and makes another split.
    """
    rng = np.random.default_rng(replicate)
    pixels = photograph()
    down, right = rng.integers(0, TILE, 2)
    pixels = pixels[down:, right:]
    rows, columns = (size // TILE for size in pixels.shape[:2])
    x = pixels[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE, 3)
    x = x.swapaxes(1, 2).reshape(-1, TILE, TILE, 3)
    y = np.repeat(np.arange(rows) >= rows / 2, columns).astype(np.int64)
    order = rng.permutation(len(x))
    val, train = order[:N_VAL], order[N_VAL:]
    return Data(x[train], y[train], x[val], y[val])


def photograph():
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as file:
        return np.asarray(file.convert("RGB"), "float32") / 255


def load(name: str, replicate: int = 0) -> Images:
    """128 training and 96 validation images of one of SETS; each replicate has other training images."""
    if name == "photograph":
        return Images(*subset(tiles(replicate), N))
    d = subset(everything(name), N, replicate)
    rows = np.random.default_rng(replicate).permutation(len(d.x_val))[:N_VAL]
    return Images(d.x_train, d.y_train, d.x_val[rows], d.y_val[rows])


def outcome(one: Case, d: Images, seed: int = 1) -> str:
    """What the check-up says: detected, missed or can't tell; of a correct pipeline its false alarms."""
    keras.utils.set_random_seed(seed)
    return answer(one, check_pipeline(**one.build(d)))


def answer(one: Case, report: Report) -> str:
    """What a report says of a case, in the words of the table."""
    if not one.finding:
        return "false alarm: " + ", ".join(report.found) if report.found else "no alarm"
    if one.finding not in report:
        return "detected" if report.found else "missed"
    return {FOUND: "detected", NOT_FOUND: "missed", CANT_TELL: "can't tell"}[report[one.finding].status]


def main() -> None:
    sets = {name: load(name) for name in SETS}
    rows = [[one.name, one.kind, one.finding, *(outcome(one, d) for d in sets.values())] for one in CASES]
    temporary = TABLE.with_name(TABLE.name + ".part")
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["bug", "kind", "finding", *sets], *rows])
    temporary.replace(TABLE)


if __name__ == "__main__":
    main()
