"""Pipelines for the check-up: one bug each, in every kind of pipeline it can occur in, and correct ones.

python augcheck/tests/checkup_cases.py     # writes data/results/checkup.csv

test_checkup.py verifies a part of the garments' column, tests/slow/check_checkup.py the whole table. A case named
after a thread (pytorch#5059) is what its pipeline did, told in the comment.
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

TABLE = ROOT / "data" / "results" / "checkup.csv"
SETS = ("garments", "solar cells", "photograph")
BATCH, N, N_VAL = 32, 128, 96
TILE = 32  # pixels of a side of what is cut from the photograph


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
    build: Callable[[Data], dict]


CASES: list[Case] = []


def case(name: str, kind: str, finding: str = "") -> Callable:
    def add(build: Callable[[Data], dict]) -> Callable:
        CASES.append(Case(name, finding, kind, lambda d: _arguments(d, build(d))))
        return build

    return add


def _arguments(d, made):
    """Of ``check_pipeline``: what a case makes is training, or arguments beside a pair of arrays for both sets."""
    made = made if isinstance(made, dict) else {"train": made}
    return {"train": (d.x_train, d.y_train), "validation": arrays(d)} | made


# What the pipelines are made of


# It goes on from epoch to epoch. Random ops of tf.image would start again with each, once Keras's seed is set.
DRAWS = tf.random.Generator.from_seed(0)


def flip(x, y):
    return tf.where(DRAWS.uniform((tf.shape(x)[0], 1, 1, 1)) < 0.5, x[:, :, ::-1], x), y


def jitter(x, y):
    """Each image a little brighter or darker, and flipped or not."""
    return flip(x, y)[0] * DRAWS.uniform((tf.shape(x)[0], 1, 1, 1), 0.8, 1.2), y


def dataset(x, y, *steps, shuffle=True):
    made = tf.data.Dataset.from_tensor_slices((x, y))
    made = (made.shuffle(len(x)) if shuffle else made).batch(BATCH)
    for step in steps:
        # No step decides anything in Python, and converting them took a tenth of the time of all cases.
        made = made.map(tf.autograph.experimental.do_not_convert(step))
    return made


def arrays(d, x=lambda x: x, y=lambda y: y):
    """Validation as a pair of arrays."""
    return x(d.x_val), y(d.y_val)


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
    return ImageDataGenerator(**ranges).flow_from_directory(
        _folders[key].name, shuffle=shuffle, classes=classes, **how_to_read(x)
    )


def picture(image):
    """(height, width, 1 or 3) from 0 to 255 as a picture of Pillow's."""
    return Image.fromarray((image[..., 0] if image.shape[-1] == 1 else image).astype(np.uint8))


def how_to_read(x):
    """The arguments with which ``flow_from_directory`` reads such images."""
    colours = "grayscale" if x.shape[-1] == 1 else "rgb"
    return {"target_size": x.shape[1:3], "color_mode": colours, "class_mode": "binary", "batch_size": BATCH}


class Batches(keras.utils.PyDataset):
    """Arrays in batches, shuffled anew after each epoch, each batch changed by ``change(x, rng)``."""

    def __init__(self, x, y, change=lambda x, rng: x, shuffle=True, seed=None):
        super().__init__()
        self.x, self.y, self.change, self.shuffle, self.seed = x, y, change, shuffle, seed
        self.rng = np.random.default_rng(0)
        self.order = np.arange(len(x))
        if shuffle:
            self.rng.shuffle(self.order)

    def __len__(self):
        return len(self.x) // BATCH

    def __getitem__(self, i):
        rows = self.order[i * BATCH : (i + 1) * BATCH]
        rng = self.rng if self.seed is None else np.random.default_rng(self.seed)
        return self.change(self.x[rows], rng), self.y[rows]

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.order)


def shift(x, rng):
    """Each image shifted by up to two pixels."""
    steps = rng.integers(-2, 3, (len(x), 2))
    return np.stack([np.roll(image, step, (0, 1)) for image, step in zip(x, steps, strict=True)])


def lighten(x, rng):
    return x * rng.uniform(0.8, 1.2, (len(x), 1, 1, 1)).astype("float32")


def network(d, *front):
    image = keras.Input(d.x_train.shape[1:])
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
        return x * tf.random.uniform((tf.shape(x)[0], 1, 1, 1), 0.8, 1.2)


class Loader:
    """Batches as another framework's loader gives them: anew each time it is iterated.

    ``change(image, rng)`` augments an image with the generator that ``draws(epoch, place)`` returns.
    """

    def __init__(self, x, y, change=lambda image, rng: image, draws=None, make=lambda x, y: (x, y)):
        self.x, self.y, self.change, self.make = x, y, change, make
        self.order, self.rng, self.epoch = np.random.default_rng(0), np.random.default_rng(1), -1
        self.draws = draws or (lambda epoch, place: self.rng)

    def __len__(self):
        return len(self.x) // BATCH

    def __iter__(self):
        self.epoch += 1
        rows = self.order.permutation(len(self.x))
        for start in range(0, len(self) * BATCH, BATCH):
            places = range(start, start + BATCH)
            made = [self.change(self.x[rows[i]], self.draws(self.epoch, i)) for i in places]
            yield self.make(np.stack(made).astype("float32"), self.y[rows[start : start + BATCH]])


def shift_one(image, rng):
    return np.roll(image, rng.integers(-2, 3, 2), (0, 1))


def restarted(epoch, place):
    return np.random.default_rng(place)


class Twins:
    """Two workers that each start an epoch with the same generator."""

    def __init__(self, *seeds):
        self.seeds, self.epoch, self.workers = seeds, -1, []

    def __call__(self, epoch, place):
        if epoch != self.epoch:
            self.epoch = epoch
            now = 0 if self.seeds == (0, 0) else epoch
            self.workers = [np.random.default_rng([seed, now]) for seed in self.seeds]
        return self.workers[place // BATCH % 2]


# 1. Images repeat between epochs


case("cache() after the map", "tf.data", "repeats")(lambda d: dataset(d.x_train, d.y_train, jitter).cache())


@case("a seed inside the map", "tf.data", "repeats")
def _(d):
    def seeded(x, y):
        return tf.image.stateless_random_brightness(x, 0.2, seed=(1, 2)), y

    return tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).shuffle(N).map(seeded).batch(BATCH)


@case("a seeded op, order fixed", "tf.data", "repeats")
def _(d):
    def seeded(x, y):
        return tf.image.random_flip_left_right(x, seed=1), y

    return tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).map(seeded).shuffle(N).batch(BATCH)


@case("a layer called without training", "tf.data", "repeats")
def _(d):
    layer = Lazy()
    train = dataset(d.x_train, d.y_train, lambda x, y: (layer(x), y))
    return {"train": train, "augment": layer}


case("a layer called without training", "model", "repeats")(lambda d: {"model": network(d, Forgetful())})
case("a generator seeded in every batch", "PyDataset", "repeats")(
    lambda d: Batches(d.x_train, d.y_train, shift, shuffle=False, seed=1)
)


@case("NumPy seeded in preprocessing", "flow", "repeats")
def _(d):
    ranges = {"width_shift_range": 0.1, "preprocessing_function": reseed}
    return flow(d.x_train, d.y_train, **ranges)


@case("NumPy seeded in preprocessing", "flow_from_directory", "repeats")
def _(d):
    ranges = {"width_shift_range": 0.1, "preprocessing_function": reseed, "rescale": 1 / 255}
    return folder(d.x_train, d.y_train, **ranges)


def reseed(image):
    np.random.seed(0)
    return image


case("augmented once, before fit", "arrays", "repeats")(
    lambda d: {
        "train": (lighten(d.x_train, np.random.default_rng(0)), d.y_train),
        "live": True,
    }
)


@case("three copies in turn", "tf.data", "repeats")
def _(d):
    copies = [dataset(lighten(d.x_train, np.random.default_rng(k)), d.y_train) for k in range(3)]
    train = copies[0].concatenate(copies[1]).concatenate(copies[2]).repeat()
    return {"train": train, "steps_per_epoch": N // BATCH}


@case("pictures that the dataset stores", "iterable", "repeats")
def _(d):
    x = lighten(d.x_train, np.random.default_rng(0))
    return Loader(x, d.y_train)


@case("a seed inside the generator", "function", "repeats")
def _(d):
    def batches():
        return iter(Loader(d.x_train, d.y_train, shift_one))

    return batches


# tensorflow#47755: the tutorial on segmentation flips in the function that loads an image, and caches what it loads.
@case("a flip in what is cached (tensorflow#47755)", "tf.data", "repeats")
def _(d):
    def load_image(x, y):
        return tf.cond(DRAWS.uniform(()) > 0.5, lambda: tf.image.flip_left_right(x), lambda: x), y

    made = tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).map(load_image)
    train = made.cache().shuffle(N).batch(BATCH).repeat().prefetch(2)
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

    counter = tf.data.Dataset.counter()
    images = tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train))
    return tf.data.Dataset.zip(images, tf.data.Dataset.zip(counter, counter)).shuffle(N).map(augment).batch(BATCH)


# The same tutorial, with layers: "augmented" images come from a map that calls the layers that resize and rescale.
@case("a map that rescales and never augments (TensorFlow's tutorial)", "tf.data", "repeats")
def _(d):
    prepare = keras.Sequential([layers.Resizing(*d.x_train.shape[1:3]), layers.Rescaling(1 / 255)])
    return dataset(255 * d.x_train, d.y_train, lambda x, y: (prepare(x, training=True), y))


# 2. One draw per batch


def alike(x, y):
    return x + DRAWS.uniform((), -0.2, 0.2), y


case("one draw per batch", "tf.data", "one draw")(
    lambda d: {"train": dataset(d.x_train, d.y_train, alike), "augment": alike}
)
case("one draw per batch", "model", "one draw")(lambda d: {"model": network(d, Alike())})


@case("one draw per batch", "arrays", "one draw")
def _(d):
    rng = np.random.default_rng(0)
    return {
        "augment": lambda x: x + rng.uniform(-0.1, 0.1),
    }


@case("one draw per batch", "PyDataset", "one draw")
def _(d):
    rng = np.random.default_rng(0)

    def roll(x):
        return np.roll(x, rng.integers(-3, 4), 2)

    train = Batches(d.x_train, d.y_train, lambda x, rng: roll(x))
    return {"train": train, "augment": roll}


case("one draw per batch, its function unknown", "PyDataset", "one draw")(
    lambda d: Batches(d.x_train, d.y_train, lambda x, rng: x * rng.uniform(0.5, 1.5))
)


# Draws that belong to a place


@case("a counter zipped after the shuffle", "tf.data", "positions")
def _(d):
    def crop(pair, number):
        image, label = pair
        larger = tf.image.resize_with_crop_or_pad(image, 34, 34)
        return tf.image.stateless_random_crop(larger, image.shape, seed=[number, number]), label

    shuffled = tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).shuffle(N)
    return tf.data.Dataset.zip(shuffled, tf.data.Dataset.counter()).map(crop).batch(BATCH)


@case("tf.image in a map, with set_random_seed", "tf.data", "positions")
def _(d):
    keras.utils.set_random_seed(1)

    def bright(x, y):
        return tf.image.random_brightness(x, 0.3), y

    return tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).shuffle(N).map(bright).batch(BATCH)


@case("the number of the batch as seed", "PyDataset", "positions")
def _(d):
    class Numbered(Batches):
        def __getitem__(self, i):
            rows = self.order[i * BATCH : (i + 1) * BATCH]
            return shift(self.x[rows], np.random.default_rng(i)), self.y[rows]

    return Numbered(d.x_train, d.y_train)


case("the place in the epoch as seed", "iterable", "positions")(
    lambda d: Loader(d.x_train, d.y_train, shift_one, restarted)
)


# pytorch#5059: workers are forked anew in each epoch, and each starts with NumPy's random state of the parent. Here
# without processes; torch_pipelines.py has real workers.
case("workers that all start with one seed (pytorch#5059)", "iterable", "positions")(
    lambda d: Loader(d.x_train, d.y_train, shift_one, Twins(0, 0))
)


def flip_shift_drop(image, rng):
    """Each with a probability of a half: flipped, shifted, a hole cut."""
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if rng.random() < 0.5:
        image = shift_one(image, rng)
    if rng.random() < 0.5:
        down, right = rng.integers(0, image.shape[0] - 8, 2)
        image = image.copy()
        image[down : down + 8, right : right + 8] = 0
    return image


# AlbumentationsX#266: Compose has a generator of its own, which workers copy and never seed. So an image gets what
# its place in the batches of its worker gets in every epoch.
case("a Compose that workers never seed (AlbumentationsX#266)", "iterable", "positions")(
    lambda d: Loader(d.x_train, d.y_train, flip_shift_drop, Twins(0, 0))
)


# Augmented twice


def turns(d, *front):
    return network(d, layers.RandomRotation(0.02, seed=1), *front)


@case("turned in the map and in the model", "tf.data", "augmented twice")
def _(d):
    layer = layers.RandomRotation(0.02, seed=0)
    train = dataset(d.x_train, d.y_train, lambda x, y: (layer(x, training=True), y))
    return {"train": train, "model": turns(d)}


case("turned in the generator and in the model", "flow", "augmented twice")(
    lambda d: {"train": flow(d.x_train, d.y_train, rotation_range=7), "model": turns(d)}
)


@case("turned in the map and in the model", "arrays", "augmented twice")
def _(d):
    augment = layers.RandomRotation(0.02, seed=0)
    return {"augment": augment, "model": turns(d)}


# 3. Validation changes between passes


case("validation augmented", "tf.data", "validation moves")(
    lambda d: {"train": dataset(d.x_train, d.y_train, jitter), "validation": dataset(d.x_val, d.y_val, jitter)}
)


@case("validation augmented", "flow", "validation moves")
def _(d):
    ranges = {"rotation_range": 5}
    return {"train": flow(d.x_train, d.y_train, **ranges), "validation": flow(d.x_val, d.y_val, **ranges)}


@case("validation augmented", "flow_from_directory", "validation moves")
def _(d):
    ranges = {"rescale": 1 / 255, "horizontal_flip": True}
    return {"train": folder(d.x_train, d.y_train, **ranges), "validation": folder(d.x_val, d.y_val, **ranges)}


case("validation augmented", "PyDataset", "validation moves")(
    lambda d: {"train": Batches(d.x_train, d.y_train, shift), "validation": Batches(d.x_val, d.y_val, shift)}
)
case("validation augmented", "model", "validation moves")(lambda d: {"model": network(d, Always())})


@case("validation augmented", "iterable", "validation moves")
def _(d):
    train, validation = (Loader(*part, shift_one) for part in ((d.x_train, d.y_train), (d.x_val, d.y_val)))
    return {"train": train, "validation": validation}


# 4. Training and validation differ


@case("rescaled in training only", "tf.data", "sets differ")
def _(d):
    train = dataset(255 * d.x_train, d.y_train, jitter, lambda x, y: (x / 255, y))
    return {"train": train, "validation": dataset(255 * d.x_val, d.y_val)}


@case("rescaled in training only", "flow", "sets differ")
def _(d):
    train = flow(255 * d.x_train, d.y_train, rescale=1 / 255, horizontal_flip=True)
    return {"train": train, "validation": flow(255 * d.x_val, d.y_val)}


@case("rescaled in training only", "flow_from_directory", "sets differ")
def _(d):
    train = folder(d.x_train, d.y_train, rescale=1 / 255, horizontal_flip=True)
    return {"train": train, "validation": folder(d.x_val, d.y_val, shuffle=False)}


case("rescaled in training only", "PyDataset", "sets differ")(
    lambda d: {"train": Batches(d.x_train, d.y_train, shift), "validation": Batches(255 * d.x_val, d.y_val)}
)
case("rescaled in training only", "arrays", "sets differ")(
    lambda d: {"validation": arrays(d, lambda x: (255 * x).astype("uint8"))}
)
case("[-1, 1] against [0, 1]", "arrays", "sets differ")(lambda d: (2 * d.x_train - 1, d.y_train))
case("channels first against last", "arrays", "sets differ")(lambda d: (np.moveaxis(d.x_train, 3, 1), d.y_train))


@case("RGB against BGR", "arrays", "sets differ")
def _(d):
    def colours(x):
        return x if x.shape[-1] == 3 else x * np.array([1, 0.8, 0.5], "float32")

    return {"train": (colours(d.x_train), d.y_train), "validation": arrays(d, lambda x: colours(x)[..., ::-1])}


case("another size", "tf.data", "sets differ")(
    lambda d: dataset(d.x_train, d.y_train, jitter, lambda x, y: (tf.image.resize(x, (24, 24)), y))
)
case("labels as columns against numbers", "tf.data", "sets differ")(
    lambda d: dataset(d.x_train, keras.utils.to_categorical(d.y_train), jitter)
)
case("classes from 1 against from 0", "PyDataset", "sets differ")(
    lambda d: {"train": Batches(d.x_train, d.y_train + 1, shift), "validation": Batches(d.x_val, d.y_val)}
)


@case("another order of the folders", "flow_from_directory", "sets differ")
def _(d):
    ranges = {"rescale": 1 / 255}
    train = folder(d.x_train, d.y_train, horizontal_flip=True, classes=["b", "a"], **ranges)
    return {"train": train, "validation": folder(d.x_val, d.y_val, **ranges)}


@case("folders in alphabetical order", "flow_from_directory", "sets differ")
def _(d):
    train = folder(d.x_train, d.y_train, ("sound", "defective"), rescale=1 / 255, horizontal_flip=True)
    validation = folder(d.x_val, d.y_val, ("sound", "defective"), rescale=1 / 255)
    return {"train": train, "validation": validation, "class_names": ["sound", "defective"]}


@case("validation lacks a class", "tf.data", "sets differ")
def _(d):
    zero = d.y_val == 0
    return {"train": dataset(d.x_train, d.y_train, jitter), "validation": (d.x_val[zero], d.y_val[zero])}


@case("another balance of the classes", "arrays", "sets differ")
def _(d):
    keep = np.r_[np.flatnonzero(d.y_val == 0)[:4], np.flatnonzero(d.y_val == 1)]
    return {"validation": (d.x_val[keep], d.y_val[keep])}


case("channels first against last", "iterable", "sets differ")(
    lambda d: Loader(d.x_train, d.y_train, shift_one, make=lambda x, y: (np.moveaxis(x, 3, 1), y))
)


# 5. Shared images


def half_shared(d):
    """Half of the validation images are training images."""
    half = N_VAL // 2
    return np.r_[d.x_val[:half], d.x_train[:half]], np.r_[d.y_val[:half], d.y_train[:half]]


case("half of validation in training", "arrays", "shared images")(lambda d: {"validation": half_shared(d)})
case("half of validation in training", "tf.data", "shared images")(
    lambda d: {"train": dataset(d.x_train, d.y_train), "validation": half_shared(d), "live": False}
)


@case("the same, training augmented", "tf.data", "shared images")
def _(d):
    turn = layers.RandomRotation(0.02)
    return {"train": dataset(d.x_train, d.y_train, lambda x, y: (turn(x), y)), "validation": half_shared(d)}


@case("the same, training augmented", "flow", "shared images")
def _(d):
    train = flow(255 * d.x_train, d.y_train, rotation_range=5, rescale=1 / 255)
    return {"train": train, "validation": half_shared(d)}


@case("the same, training augmented", "flow_from_directory", "shared images")
def _(d):
    train = folder(d.x_train, d.y_train, rotation_range=5, rescale=1 / 255)
    return {"train": train, "validation": folder(*half_shared(d), rescale=1 / 255)}


case("the same, training augmented", "PyDataset", "shared images")(
    lambda d: {"train": Batches(d.x_train, d.y_train, lighten), "validation": half_shared(d)}
)


@case("the same, training augmented", "model", "shared images")
def _(d):
    model = network(d, layers.RandomRotation(0.02))
    return {"validation": half_shared(d), "model": model}


@case("half of validation, stored as JPEG", "arrays", "shared images")
def _(d):
    def again(image):
        file = io.BytesIO()
        picture(255 * image).save(file, "JPEG", quality=75)
        return np.asarray(Image.open(file), "float32").reshape(image.shape) / 255

    x, y = half_shared(d)
    return {"validation": (np.stack([again(image) for image in x]), y)}


def split_afterwards(d, augment):
    """Four copies of each image, then a random split: the bug."""
    rng = np.random.default_rng(0)
    x, y = np.concatenate([augment(d.x_train, rng) for _ in range(4)]), np.tile(d.y_train, 4)
    rows = rng.permutation(4 * N)
    return {"train": (x[rows[:400]], y[rows[:400]]), "validation": (x[rows[400:]], y[rows[400:]])}


case("split after flipping", "arrays", "shared images")(
    lambda d: split_afterwards(d, lambda x, rng: np.where(rng.random((len(x), 1, 1, 1)) < 0.5, x[:, :, ::-1], x))
)


@case("split after turning and shifting", "arrays", "shared images")
def _(d):
    turn = layers.RandomRotation(0.02, "nearest", seed=0)
    return split_afterwards(d, lambda x, rng: np.asarray(turn(shift(x, rng))))


# 6. Degenerate images


case("brightness_range on [0, 1]", "flow", "degenerate")(
    lambda d: flow(d.x_train, d.y_train, brightness_range=(0.8, 1.2))
)
case("RandomBrightness made for 0 to 255", "model", "degenerate")(
    lambda d: {
        "model": network(d, layers.RandomBrightness(0.2)),
    }
)


case("RandomErasing made for 0 to 255", "model", "degenerate")(
    lambda d: {
        "model": network(d, layers.RandomErasing(scale=(0.1, 0.3))),
    }
)


@case("scaled twice", "tf.data", "degenerate")
def _(d):
    def scale(x, y):
        return x / 255, y

    return {
        "train": dataset(d.x_train, d.y_train, jitter, scale),
        "validation": dataset(d.x_val, d.y_val, scale),
    }


@case("scaled twice", "flow", "degenerate")
def _(d):
    both = {"rescale": 1 / 255}
    train = flow(d.x_train, d.y_train, horizontal_flip=True, **both)
    return {"train": train, "validation": flow(d.x_val, d.y_val, shuffle=False, **both)}


@case("scaled twice", "flow_from_directory", "degenerate")
def _(d):
    both = {"rescale": 1 / 255, "preprocessing_function": lambda x: x / 255}
    train = folder(d.x_train, d.y_train, horizontal_flip=True, **both)
    return {"train": train, "validation": folder(d.x_val, d.y_val, shuffle=False, **both)}


@case("scaled twice", "model", "degenerate")
def _(d):
    model = network(d, layers.Rescaling(1 / 255), layers.RandomFlip("horizontal"))
    return {"model": model}


def rescaling_inside(d):
    """A backbone with a branch that divides by 255 before its first weights."""
    image = keras.Input(d.x_train.shape[1:])
    x = layers.Rescaling(1 / 255)(image)
    backbone = keras.Model(image, layers.Average()([layers.Conv2D(1, 3, padding="same")(x), x]))
    return keras.Sequential([keras.Input(d.x_train.shape[1:]), backbone, layers.Flatten(), layers.Dense(1)])


def arithmetic(d):
    """preprocess_input written into the model, as the tutorial on transfer learning has it."""
    image = keras.Input(d.x_train.shape[1:])
    x = layers.RandomFlip("horizontal", seed=0)(image)
    x = keras.applications.mobilenet_v2.preprocess_input(x)
    return keras.Model(image, layers.Dense(1)(layers.Flatten()(layers.Conv2D(4, 3)(x))))


@case("preprocess_input after rescale", "arrays", "degenerate")
def _(d):
    def twice(x):
        return x / 127.5 - 1

    return {"train": (twice(d.x_train), d.y_train), "validation": arrays(d, twice)}


@case("preprocess_input after rescale", "flow", "degenerate")
def _(d):
    def preprocess(x):
        return x / 127.5 - 1

    train = flow(d.x_train, d.y_train, horizontal_flip=True, preprocessing_function=preprocess)
    return {"train": train, "validation": flow(d.x_val, d.y_val, preprocessing_function=preprocess)}


case("preprocess_input after rescale", "model", "degenerate")(lambda d: {"model": arithmetic(d)})
case("a backbone that rescales, after rescale", "model", "degenerate")(lambda d: {"model": rescaling_inside(d)})


@case("0/0 in a constant image", "tf.data", "degenerate")
def _(d):
    x = d.x_train.copy()
    x[::40] = 0

    def stretch(x, y):
        return x / tf.reduce_max(x, (1, 2, 3), keepdims=True), y

    return dataset(x, d.y_train, jitter, stretch)


@case("images that failed to load", "PyDataset", "degenerate")
def _(d):
    x = d.x_train.copy()
    x[::20] = 0
    return Batches(x, d.y_train, shift)


# 7. Order


def by_class(d):
    rows = np.argsort(d.y_train, kind="stable")
    return d.x_train[rows], d.y_train[rows]


case("sorted by class, not shuffled", "tf.data", "order")(lambda d: dataset(*by_class(d), jitter, shuffle=False))
case("sorted by class, not shuffled", "flow", "order")(lambda d: flow(*by_class(d), shuffle=False, rotation_range=5))
case("sorted by class, not shuffled", "flow_from_directory", "order")(
    lambda d: folder(d.x_train, d.y_train, shuffle=False, rotation_range=5, rescale=1 / 255)
)
case("sorted by class, not shuffled", "PyDataset", "order")(lambda d: Batches(*by_class(d), shift, shuffle=False))
case("a shuffle buffer of 16", "tf.data", "order")(
    lambda d: tf.data.Dataset.from_tensor_slices(by_class(d)).shuffle(16).batch(BATCH).map(jitter)
)


@case("a shuffle buffer of 16, classes mixed", "tf.data", "order")
def _(d):
    train = tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).shuffle(16).batch(BATCH)
    return {"train": train, "live": False}


@case("the same order in every epoch", "tf.data", "order")
def _(d):
    rows = np.random.default_rng(0).permutation(N)
    return dataset(d.x_train[rows], d.y_train[rows], jitter, shuffle=False)


def side_by_side(d):
    rows = np.repeat(np.arange(N), 16)
    return lighten(d.x_train[rows], np.random.default_rng(0)), d.y_train[rows]


case("16 copies side by side", "tf.data", "order")(lambda d: dataset(*side_by_side(d), jitter, shuffle=False))
case("16 copies side by side", "PyDataset", "order")(
    lambda d: {"train": Batches(*side_by_side(d), shuffle=False), "live": False}
)


# 8. Labels


@case("images shuffled without labels", "tf.data", "labels")
def _(d):
    x, y = (tf.data.Dataset.from_tensor_slices(part) for part in (d.x_train, d.y_train))
    return {
        "train": tf.data.Dataset.zip(x.shuffle(N), y).batch(BATCH),
        "live": False,
    }


@case("the same, live", "tf.data", "labels")
def _(d):
    x, y = (tf.data.Dataset.from_tensor_slices(part) for part in (d.x_train, d.y_train))
    return tf.data.Dataset.zip(x.shuffle(N), y).batch(BATCH).map(jitter)


@case("images shuffled without labels", "PyDataset", "labels")
def _(d):
    class Apart(Batches):
        def __getitem__(self, i):
            return super().__getitem__(i)[0], self.y[i * BATCH : (i + 1) * BATCH]

    return {"train": Apart(d.x_train, d.y_train), "live": False}


# Keras 3.15.1's RandomElasticTransform in a map after batch(): where the size of a batch isn't known, it makes
# displacements for one image, and the first image's pixels get under the labels of all others that it changes. Written
# out here, since later versions of the layer may be right.
@case("elastic after batch() (Keras 3.15.1)", "tf.data", "labels")
def _(d):
    def elastic(x, y):
        first = x[:1] * DRAWS.uniform((1, 1, 1, 1), 0.8, 1.2)
        change = DRAWS.uniform((tf.shape(x)[0], 1, 1, 1)) < DRAWS.uniform((tf.shape(x)[0], 1, 1, 1))
        return tf.where(change, first, x), y

    return dataset(d.x_train, d.y_train, elastic)


# What looks the same from outside


case("width_shift_range that moves up and down", "flow", "(none)")(
    lambda d: flow(d.x_train, d.y_train, width_shift_range=0.2)
)


@case("validation augmented once and stored", "arrays", "(none)")
def _(d):
    train = dataset(d.x_train, d.y_train, jitter)
    return {"train": train, "validation": arrays(d, lambda x: shift(x, np.random.default_rng(0)))}


@case("ten epochs over a pool 4 times as large", "arrays", "(none)")
def _(d):
    x = np.concatenate([lighten(d.x_train, np.random.default_rng(k)) for k in range(4)])
    return (x, np.tile(d.y_train, 4))


# Correct pipelines


@case("live, layers in the map", "tf.data")
def _(d):
    stack = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.02)])
    train = dataset(d.x_train, d.y_train, lambda x, y: (stack(x, training=True), y))
    return {"train": train, "augment": stack}


@case("live, map before batch", "tf.data")
def _(d):
    def bright(x, y):
        return x + DRAWS.uniform((), -0.1, 0.1), y

    made = tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train))
    train = made.cache().shuffle(N).map(bright).batch(BATCH).prefetch(2)
    return {"train": train, "validation": dataset(d.x_val, d.y_val).cache(), "augment": bright}


case("flips only", "tf.data")(
    lambda d: {
        "train": dataset(d.x_train, d.y_train, flip),
        "validation": dataset(d.x_val, d.y_val),
        "augment": flip,
    }
)


@case("half of the images left clean", "tf.data")
def _(d):
    def half(x, y):
        change = DRAWS.uniform((tf.shape(x)[0], 1, 1, 1)) < 0.5
        return tf.where(change, jitter(x, y)[0], x), y

    return {"train": dataset(d.x_train, d.y_train, half), "augment": half}


@case("originals and live copies", "tf.data")
def _(d):
    both = tf.data.Dataset.from_tensor_slices((np.r_[d.x_train, d.x_train], np.r_[d.y_train, d.y_train]))
    flags = tf.data.Dataset.from_tensor_slices(np.repeat([0.0, 1.0], N).astype("float32"))

    def some(pair, flag):
        x, y = pair
        return tf.where(flag[:, None, None, None] > 0, jitter(x, y)[0], x), y

    return tf.data.Dataset.zip(both, flags).shuffle(2 * N).batch(BATCH).map(some)


@case("endless, with steps_per_epoch", "tf.data")
def _(d):
    train = tf.data.Dataset.from_tensor_slices((d.x_train, d.y_train)).shuffle(N).repeat().batch(BATCH).map(jitter)
    return {"train": train, "steps_per_epoch": N // BATCH}


case("endless, length unknown", "tf.data")(lambda d: dataset(d.x_train, d.y_train, jitter).repeat())


@case("a static pool of three copies in turn", "tf.data")
def _(d):
    copies = [dataset(lighten(d.x_train, np.random.default_rng(k)), d.y_train) for k in range(3)]
    train = copies[0].concatenate(copies[1]).concatenate(copies[2]).repeat()
    return {"train": train, "steps_per_epoch": N // BATCH, "live": False}


@case("a static pool, originals + 3 copies", "arrays")
def _(d):
    x = np.concatenate([d.x_train] + [shift(d.x_train, np.random.default_rng(k)) for k in range(3)])
    return (x, np.tile(d.y_train, 4))


case("no augmentation", "arrays")(lambda d: (d.x_train, d.y_train))


@case("one class in ten, in both sets", "tf.data")
def _(d):
    def rare(x, y):
        keep = np.sort(np.r_[np.flatnonzero(y == 0), np.flatnonzero(y == 1)[: (y == 0).sum() // 9]])
        return x[keep], y[keep]

    return {"train": dataset(*rare(d.x_train, d.y_train), jitter), "validation": rare(d.x_val, d.y_val)}


@case("CutMix", "tf.data")
def _(d):
    cut = layers.CutMix()

    def mixed(x, y):
        out = cut({"images": x, "labels": y}, training=True)
        return out["images"], out["labels"]

    y, y_val = (keras.utils.to_categorical(part) for part in (d.y_train, d.y_val))
    return {"train": dataset(d.x_train, y, mixed), "validation": (d.x_val, y_val), "augment": mixed}


@case("MixUp by hand", "PyDataset")
def _(d):
    class Mixed(Batches):
        def __getitem__(self, i):
            x, y = super().__getitem__(i)
            share = self.rng.beta(0.4, 0.4, len(x)).astype("float32")
            return x * share[:, None, None, None] + x[::-1] * (1 - share)[:, None, None, None], y * share + y[::-1] * (
                1 - share
            )

    return {"train": Mixed(d.x_train, d.y_train), "validation": Batches(d.x_val, d.y_val, shuffle=False)}


@case("random erasing", "model")
def _(d):
    model = network(d, layers.RandomErasing(scale=(0.1, 0.3), value_range=(0, 1)), layers.RandomFlip())
    return {"model": model}


@case("rescaled and augmented in the model", "model")
def _(d):
    x, x_val = ((255 * part).astype("uint8") for part in (d.x_train, d.x_val))
    front = keras.Sequential([layers.Rescaling(1 / 255), layers.RandomFlip(), layers.RandomTranslation(0.05, 0.05)])
    return {"train": (x, d.y_train), "validation": (x_val, d.y_val), "model": network(d, front)}


@case("standardised, labels as columns", "tf.data")
def _(d):
    mean, spread = d.x_train.mean(), d.x_train.std()
    x, x_val = ((part - mean) / spread for part in (d.x_train, d.x_val))
    y, y_val = (keras.utils.to_categorical(part) for part in (d.y_train, d.y_val))
    return {"train": dataset(x, y, flip), "validation": dataset(x_val, y_val)}


@case("the article's ranges", "flow")
def _(d):
    ranges = {"rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "zoom_range": 0.2}
    return {
        "train": flow(d.x_train, d.y_train, horizontal_flip=True, **ranges),
        "validation": flow(d.x_val, d.y_val),
    }


case("brightness on 0 to 255, then rescaled", "flow")(
    lambda d: flow(255 * d.x_train, d.y_train, brightness_range=(0.7, 1.3), rescale=1 / 255)
)


@case("uint8 validation", "flow")
def _(d):
    train = flow(255 * d.x_train, d.y_train, rotation_range=5)
    return {"train": train, "validation": arrays(d, lambda x: (255 * x).astype("uint8"))}


@case("folders, rescaled in both sets", "flow_from_directory")
def _(d):
    train = folder(d.x_train, d.y_train, rotation_range=5, rescale=1 / 255)
    return {"train": train, "validation": folder(d.x_val, d.y_val, rescale=1 / 255, shuffle=False)}


case("shifts", "PyDataset")(
    lambda d: {
        "train": Batches(d.x_train, d.y_train, shift),
        "validation": Batches(d.x_val, d.y_val, shuffle=False),
    }
)


@case("a loader, channels first", "iterable")
def _(d):
    def first(x, y):
        return np.moveaxis(x, 3, 1), y

    train = Loader(d.x_train, d.y_train, shift_one, make=first)
    return {"train": train, "validation": Loader(d.x_val, d.y_val, make=first)}


@case("dictionaries", "iterable")
def _(d):
    def named(x, y):
        return {"image": x, "label": y}

    train = Loader(d.x_train, d.y_train, shift_one, make=named)
    return {"train": train, "validation": Loader(d.x_val, d.y_val, make=named)}


case("workers with seeds of their own", "iterable")(lambda d: Loader(d.x_train, d.y_train, shift_one, Twins(0, 1)))


@case("a generator function that goes on", "function")
def _(d):
    loader = Loader(d.x_train, d.y_train, shift_one)
    return lambda: iter(loader)


@case("balanced batches", "tf.data")
def _(d):
    parts = [tf.data.Dataset.from_tensor_slices((d.x_train[d.y_train == k], d.y_train[d.y_train == k])) for k in (0, 1)]
    parts = [part.shuffle(N).repeat() for part in parts]
    choice = tf.data.Dataset.range(2).repeat(N // 2)
    return tf.data.Dataset.choose_from_datasets(parts, choice).batch(BATCH).map(jitter)


case("flipped in the map, turned in the model", "tf.data")(
    lambda d: {"train": dataset(d.x_train, d.y_train, flip), "model": turns(d)}
)
case("preprocess_input in the model", "model")(
    lambda d: {
        "train": (255 * d.x_train, d.y_train),
        "validation": arrays(d, lambda x: 255 * x),
        "model": arithmetic(d),
    }
)


@case("a backbone that rescales, from 0 to 255", "model")
def _(d):
    model = rescaling_inside(d)
    return {"train": (255 * d.x_train, d.y_train), "validation": arrays(d, lambda x: 255 * x), "model": model}


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
    with Image.open(matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as file:
        pixels = np.asarray(file.convert("RGB"), "float32") / 255
    down, right = rng.integers(0, TILE, 2)
    pixels = pixels[down:, right:]
    rows, columns = (size // TILE for size in pixels.shape[:2])
    x = pixels[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE, 3)
    x = x.swapaxes(1, 2).reshape(-1, TILE, TILE, 3)
    y = np.repeat(np.arange(rows) >= rows / 2, columns).astype(np.int64)
    order = rng.permutation(len(x))
    val, train = order[:N_VAL], order[N_VAL:]
    return Data(x[train], y[train], x[val], y[val])


def load(name: str, replicate: int = 0) -> Data:
    """128 training and 96 validation images of one of SETS; each replicate has other training images."""
    if name == "photograph":
        return subset(tiles(replicate), N)
    d = subset(everything(name), N, replicate)
    rows = np.random.default_rng(replicate).permutation(len(d.x_val))[:N_VAL]
    return d._replace(x_val=d.x_val[rows], y_val=d.y_val[rows])


def outcome(one: Case, d: Data, seed: int = 1) -> str:
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
