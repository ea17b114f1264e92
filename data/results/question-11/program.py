"""Trains the runs of question 11 that its rows lack, one after the other, on one thread; see registration.md.

PYTHONPATH=. python data/results/question-11/program.py --data FOLDER [--part 1/2] [--late] [--tuning]

Each part appends to a file of its own, rows-1-of-2.csv, and reads the rows of all parts before each run, so that a
killed program loses the run that it was in, and none is made twice. The same part can't be started twice at once.
"""

import argparse
import base64
import csv
import fcntl
import functools
import io
import itertools
import os
import re
import time
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from PIL import Image
from scipy import optimize, special

from helpers.augment import RandomAffine

FOLDER = Path(__file__).resolve().parent
PAIRS = {"cats-dogs": ("cat", "dog"), "cars-trucks": ("automobile", "truck")}  # class 0 first
CLASSES = ("cat", "dog", "automobile", "truck")
METHODS = ("none", "copies-1", "copies-2", "copies-4", "copies-8", "live")
LENGTHS = (750, 1500, 3000, 6000)  # updates
SETS = 10  # of each pair
FIRST_PILOT = 100  # sets from here on are pilots
IMAGES = 512  # of a set, half of each class
BATCH = 32
MILD: dict[str, Any] = {
    "rotation_range": 5,
    "width_shift_range": 0.05,
    "height_shift_range": 0.05,
    "zoom_range": 0.05,
    "horizontal_flip": True,
}
SETTINGS = {"none": (0.01, 0.4), "live": (0.003, 0.4)}  # rate, weight decay; copies take live's
TUNING_RATES = (0.001, 0.003, 0.01)
TUNING_DECAYS = (0.04, 0.4)
TUNING_UPDATES = 1500
EXTENSION = (0.03, 0.4)  # since without augmentation the rate was on the edge
KEYS = ("pair", "set", "method", "updates", "rate", "decay")
MEASURED = ("own_loss", "own_accuracy", "loss", "accuracy", "scaled_loss", "seconds", "right")


class Run(NamedTuple):
    """What one row is about; ``set`` counts from 0, and from ``FIRST_PILOT`` for pilots."""

    pair: str
    set: int
    method: str
    updates: int
    rate: float
    decay: float


class Images(NamedTuple):
    """Float32 images (n, 32, 32, 3) in [0, 1] and their labels, int64 (n,)."""

    x: np.ndarray
    y: np.ndarray


# Which runs there are


def all_runs(late: bool) -> list[Run]:
    """In the order of computing: set by set. The second pair's longest runs, but for those of 8 copies, come last of
    all where ``late``, and else not."""
    first: list[Run] = []
    last: list[Run] = []
    for number in range(SETS):
        for pair in PAIRS:
            for method in METHODS:
                for updates in LENGTHS:
                    run = Run(pair, number, method, updates, *setting_of(method))
                    longest = pair == "cars-trucks" and updates == max(LENGTHS)
                    cut_first = longest and method != "copies-8"
                    (last if cut_first else first).append(run)
    return first + last if late else first


def setting_of(method: str) -> tuple[float, float]:
    """Rate and weight decay."""
    return SETTINGS["none" if method == "none" else "live"]


def tuning_runs() -> list[Run]:
    """A pilot set of each pair; the middle rate comes first."""
    rates = sorted(TUNING_RATES, key=lambda rate: rate != 0.003)
    runs = []
    for rate, decay in [*itertools.product(rates, TUNING_DECAYS), EXTENSION]:
        for method in ("none", "live"):
            for number, pair in enumerate(PAIRS):
                pilot = FIRST_PILOT + number
                runs.append(Run(pair, pilot, method, TUNING_UPDATES, rate, decay))
    return runs


# Their images


@functools.cache
def load_class(folder: Path, part: str, name: str) -> np.ndarray:
    """All images of a class in the order of their file numbers, uint8 (n, 32, 32, 3); part is "train" or "test".

    Of the training file, numbers 0 to 1999 lie in cifar10.zip and 2000 to 4999 in cifar10-rest.zip.
    """
    numbered = {}
    for archive in ("cifar10.zip", "cifar10-rest.zip"):
        with zipfile.ZipFile(folder / archive) as file:
            for path in file.namelist():
                match = re.fullmatch(rf"{part}/{name}/(\d+)\.jpg", path)
                if match:
                    image = Image.open(io.BytesIO(file.read(path))).convert("RGB")
                    numbered[int(match[1])] = np.asarray(image)
    expected = {"train": 5000, "test": 1000}[part]
    if len(numbered) != expected:
        raise ValueError(f"found {len(numbered)} images of {part}/{name}; expected {expected}.")
    return np.stack([numbered[number] for number in sorted(numbered)])


def load_set(folder: Path, pair: str, number: int) -> tuple[Images, Images]:
    """The training images of a set, and those that measure.

    A set has 256 of each class of the numbers 2000 to 4999, in one random order a class; sets are disjoint. It is
    measured on the 2,000 images of the test file. A pilot set has 256 of each class of the numbers 0 to 1999, and is
    measured on 1,000 of each class that are in none of the two pilot sets.
    """
    half = IMAGES // 2
    trained, measured = [], []
    for name in PAIRS[pair]:
        images = load_class(folder, "train", name)
        rng = np.random.default_rng((11, CLASSES.index(name)))
        if number < FIRST_PILOT:
            order = 2000 + rng.permutation(3000)
            trained.append(images[order[number * half :][:half]])
            measured.append(load_class(folder, "test", name))
        else:
            order = rng.permutation(2000)
            trained.append(images[order[(number - FIRST_PILOT) * half :][:half]])
            measured.append(images[order[2 * half :][:1000]])
    return _labelled(trained), _labelled(measured)


def _labelled(classes: list[np.ndarray]) -> Images:
    """Class after class."""
    x = np.concatenate(classes).astype(np.float32) / 255
    return Images(x, np.repeat(np.arange(len(classes)), [len(each) for each in classes]))


# What a method shows


class Shown(NamedTuple):
    """Update u shows the images ``x[rows[u]]``, transformed by ``parameters[u]`` unless these are None."""

    x: np.ndarray  # float32 (m, 32, 32, 3)
    y: np.ndarray  # float32 (m, 1)
    rows: np.ndarray  # int32 (updates, batch)
    parameters: np.ndarray | None  # float32 (updates, batch, 8)


@functools.cache
def policy() -> RandomAffine:
    """One object a process, so that nothing is compiled twice."""
    return RandomAffine(**MILD, seed=0)


def what_is_shown(images: Images, method: str, updates: int, seed: int) -> Shown:
    """All methods of a seed share the order of the images. Live shows version e in epoch e, and K copies show version
    e mod K, copy after copy, so that a store of K copies holds the first K versions of live."""
    n = len(images.x)
    epochs = updates * BATCH // n + 1
    order = np.stack([np.random.default_rng((11, seed, e)).permutation(n) for e in range(epochs)])
    place = order.reshape(-1, BATCH)[:updates].astype(np.int32)
    y = images.y.astype(np.float32)[:, None]
    if method == "none":
        return Shown(images.x, y, place, None)
    epoch = np.repeat(np.arange(epochs), n).reshape(-1, BATCH)[:updates]
    if method == "live":
        drawn = np.stack([policy().draw(n, (seed, e)).numpy() for e in range(epochs)])
        return Shown(images.x, y, place, drawn[epoch, place])
    copies = int(method.removeprefix("copies-"))
    versions = [
        policy().apply(images.x, policy().draw(n, (seed, version))).numpy()
        for version in range(copies)
    ]
    rows = (epoch % copies * n + place).astype(np.int32)
    return Shown(np.concatenate(versions), np.tile(y, (copies, 1)), rows, None)


# The network and its training


def residual_model(seed: int) -> keras.Model:
    """A ResNet-8 with batch normalisation, about 78,000 weights (He et al., 2016, with one block a stage): from images
    (n, 32, 32, 3) in [0, 1] to probabilities of class 1, (n, 1)."""

    def normed(x, filters: int, kernel: int, stride: int, layer: int):
        weights = keras.initializers.GlorotUniform(1000 * seed + layer)
        convolution = layers.Conv2D(
            filters, kernel, stride, "same", use_bias=False, kernel_initializer=weights
        )
        return layers.BatchNormalization()(convolution(x))

    images = keras.Input((32, 32, 3))
    x = layers.ReLU()(normed(images, 16, 3, 1, 0))
    for filters, stride, first in ((16, 1, 1), (32, 2, 4), (64, 2, 7)):
        shortcut = x
        if stride > 1:  # the sum needs one shape on both sides
            shortcut = normed(x, filters, 1, stride, first + 2)
        x = layers.ReLU()(normed(x, filters, 3, stride, first))
        x = normed(x, filters, 3, 1, first + 1)
        x = layers.ReLU()(layers.Add()([x, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    weights = keras.initializers.GlorotUniform(1000 * seed + 10)
    return keras.Model(images, layers.Dense(1, "sigmoid", kernel_initializer=weights)(x))


class Trainer:
    """One network with its compiled loops, used again for all runs of a weight decay.

    Args:
        decay: of AdamW.
    """

    def __init__(self, decay: float) -> None:
        self.model = residual_model(0)
        self.optimizer = keras.optimizers.AdamW(0.001, weight_decay=decay)
        self.optimizer.build(self.model.trainable_variables)
        self.fresh = [variable.numpy() for variable in self.optimizer.variables]
        self.loss = keras.losses.BinaryCrossentropy()
        x, y = tf.TensorSpec((None, 32, 32, 3)), tf.TensorSpec((None, 1))
        rows, rates = tf.TensorSpec((None, BATCH), tf.int32), tf.TensorSpec((None,))
        parameters = tf.TensorSpec((None, BATCH, 8))
        self._stored = tf.function(
            functools.partial(self._loop), input_signature=[x, y, rows, rates]
        )
        self._drawn = tf.function(
            functools.partial(self._loop), input_signature=[x, y, rows, rates, parameters]
        )
        self._predict = tf.function(
            functools.partial(self.model, training=False), input_signature=[x]
        )

    def train(self, shown: Shown, rate: float, seed: int) -> None:
        """From the seed's initial weights, with a cosine from ``rate`` to zero over all updates."""
        self.model.set_weights(residual_model(seed).get_weights())
        for variable, value in zip(self.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)
        updates = len(shown.rows)
        rates = rate * (1 + np.cos(np.pi * np.arange(updates) / updates)) / 2
        arrays = [shown.x, shown.y, shown.rows, rates.astype(np.float32)]
        if shown.parameters is None:
            self._stored(*map(tf.constant, arrays))
        else:
            self._drawn(*map(tf.constant, [*arrays, shown.parameters]))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probabilities of class 1, (n,)."""
        blocks = [self._predict(tf.constant(x[i : i + 500])) for i in range(0, len(x), 500)]
        return np.concatenate(blocks)[:, 0]

    def _loop(self, x, y, rows, rates, parameters=None):
        for update in tf.range(tf.shape(rows)[0]):
            images = tf.gather(x, rows[update])
            if parameters is not None:
                images = policy().apply(images, parameters[update])
            with tf.GradientTape() as tape:
                answers = self.model(images, training=True)
                loss = self.loss(tf.gather(y, rows[update]), answers)
            weights = self.model.trainable_variables
            self.optimizer.learning_rate.assign(rates[update])
            self.optimizer.apply(tape.gradient(loss, weights), weights)


trainer_of = functools.cache(Trainer)


def measure(run: Run, folder: Path) -> dict[str, float | str]:
    """Train a run, and measure its final weights once: ``MEASURED``, seconds of the processor."""
    started = time.process_time()
    images, tested = load_set(folder, run.pair, run.set)
    seed = run.set + (0 if run.pair == "cats-dogs" else 50)
    trainer = trainer_of(run.decay)
    trainer.train(what_is_shown(images, run.method, run.updates, seed), run.rate, seed)
    own, p = trainer.predict(images.x), trainer.predict(tested.x)
    right = (p > 0.5) == (tested.y == 1)
    return {
        "own_loss": float(losses(logits(own), images.y).mean()),
        "own_accuracy": float(((own > 0.5) == (images.y == 1)).mean()),
        "loss": float(losses(logits(p), tested.y).mean()),
        "accuracy": float(right.mean()),
        "scaled_loss": scaled_loss(logits(p), tested.y),
        "seconds": time.process_time() - started,
        "right": base64.b64encode(np.packbits(right).tobytes()).decode(),
    }


def logits(p: np.ndarray) -> np.ndarray:
    """Log odds (n,) of probabilities of class 1."""
    p = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # where Keras's cross-entropy clips, too
    return np.log(p) - np.log1p(-p)


def losses(odds: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cross-entropy in nats of each image, (n,)."""
    return -special.log_expit(np.where(y == 1, odds, -odds))


def scaled_loss(odds: np.ndarray, y: np.ndarray) -> float:
    """The mean loss of odds / T, with T fitted on every second image and used for the others (Guo et al., 2017)."""
    scaled = np.empty(len(y))
    for first in (0, 1):
        fitted, used = slice(first, None, 2), slice(1 - first, None, 2)

        def loss(log_t: float, fitted: slice = fitted) -> float:
            return float(losses(odds[fitted] / np.exp(log_t), y[fitted]).mean())

        found = optimize.minimize_scalar(loss, bounds=(np.log(0.05), np.log(100)), method="bounded")
        scaled[used] = losses(odds[used] / np.exp(found.x), y[used])
    return float(scaled.mean())


# Their rows


def take_over(file: IO[str]) -> None:
    """The file of a part for this process alone, without a line that a kill has torn."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SystemExit(f"{file.name} is being written by another process.") from None
    file.seek(0)
    whole = file.read().rpartition("\n")
    file.truncate(len((whole[0] + whole[1]).encode()))
    if not whole[0]:
        _write(file, ",".join([*KEYS, *MEASURED]))


def _write(file: IO[str], line: str) -> None:
    file.write(f"{line}\n")
    file.flush()
    os.fsync(file.fileno())


def rows_of(paths: Iterable[Path]) -> set[tuple[str, ...]]:
    """The keys of all whole rows of some files."""
    found = set()
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for row in csv.DictReader(text[: text.rfind("\n") + 1].splitlines()):
            found.add(tuple(row[key] for key in KEYS))
    return found


def share(text: str) -> tuple[int, int]:
    """k and m of "k/m"."""
    match = re.fullmatch("([1-9][0-9]*)/([1-9][0-9]*)", text)
    if not match or int(match[1]) > int(match[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no part; expected k/m such as 1/2.")
    return int(match[1]), int(match[2])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of the two zips")
    parser.add_argument("--part", type=share, default=(1, 1), help="k/m: every m-th set")
    parser.add_argument("--late", action="store_true", help="what is cut first, too")
    parser.add_argument("--tuning", action="store_true", help="the pilots' grid, to tuning-*.csv")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the rows are")
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    name, runs = ("tuning", tuning_runs()) if options.tuning else ("rows", all_runs(options.late))
    k, m = options.part
    mine = [run for run in runs if run.set % m == k - 1]
    path = options.folder / f"{name}-{k}-of-{m}.csv"
    with path.open("a+", encoding="utf-8", newline="") as file:
        take_over(file)
        for run in mine:
            key = tuple(map(str, run))
            if key in rows_of(options.folder.glob(f"{name}-*.csv")):
                continue
            measured = measure(run, options.data)
            values = [
                f"{value:.6f}" if isinstance(value, float) else value for value in measured.values()
            ]
            _write(file, ",".join([*key, *values]))
            print(time.strftime("%H:%M:%S"), *key, *values[:-1], flush=True)


if __name__ == "__main__":
    main()
