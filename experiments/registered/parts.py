"""Divides the images of each question into parts that train, choose and test; see data/results/questions.md.

Nothing here is drawn twice: all orders come from the seeds that stand in this file.
"""

import functools
import io
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from data.build_garments import read_idx, source_folder
from helpers.data import load_solar_cells_fold, spread_evenly, subset

CIFAR = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
PAIRS = {  # of classes, by their numbers; class 0 first
    "cats-dogs": ("cifar10", 3, 5),
    "deer-horses": ("cifar10", 4, 7),
    "cars-trucks": ("cifar10", 1, 9),
    "pullovers-coats": ("fashion", 2, 4),
}
TEST, VALIDATION, PILOTS, LARGEST, SETS = 8000, 2000, 3136, 4608, 8
PILOT_SET = 1536
FIRST_PILOT = 100  # replicates from here on are pilots
# A root mean square difference of pixel values from 0 to 1, at half the size, below which two images count as one, by
# the number of channels (as in questions 5 to 7).
NEAR = {1: 0.04, 3: 0.06}


class Source(NamedTuple):
    """Images in the order of their files: pixels uint8 (n, height, width, channels), labels int64 (n,), and which of
    them may test, bool (n,): of CIFAR-10 what no earlier question has read. Of Fashion-MNIST all have been read."""

    pixels: np.ndarray
    labels: np.ndarray
    may_test: np.ndarray


class Parts(NamedTuple):
    """Numbers of the images of a source, int (n,) each; ``train`` is cut into sets from its beginning."""

    test: np.ndarray
    validation: np.ndarray
    pilots: np.ndarray
    train: np.ndarray


class Task(NamedTuple):
    """What one run gets: float32 images (n, height, width, channels) in [0, 1], and their labels, int64 (n,)."""

    x: np.ndarray
    y: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@functools.cache
def load(name: str, folder: Path) -> Source:
    """The training images of "cifar10", out of two zips in a folder, or of "fashion", from Debian's package."""
    if name == "cifar10":
        first = _photographs(folder / "cifar10.zip", "train")
        rest = _photographs(folder / "cifar10-rest.zip", "train")
        fresh = np.repeat([False, True], [len(first[1]), len(rest[1])])
        pixels, labels = (np.concatenate(pair) for pair in zip(first, rest, strict=True))
        return Source(pixels, labels, fresh)
    place = source_folder(None)
    labels = read_idx(place, "train-labels-idx1-ubyte").astype(np.int64)
    pixels = read_idx(place, "train-images-idx3-ubyte")[..., None]
    return Source(pixels, labels, np.ones(len(labels), bool))


@functools.cache
def load_test_file(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and labels of CIFAR-10's test file."""
    return _photographs(folder / "cifar10.zip", "test")


def _photographs(path: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Pixels, uint8 (n, 32, 32, 3), and labels of part/CLASS/NUMBER.jpg, in the order of the names."""
    pixels, labels = [], []
    with zipfile.ZipFile(path) as file:
        for name in sorted(file.namelist()):
            match = re.fullmatch(rf"{part}/(\w+)/\d+\.jpg", name)
            if match:
                pixels.append(np.asarray(Image.open(io.BytesIO(file.read(name))).convert("RGB")))
                labels.append(CIFAR.index(match[1]))
    return np.stack(pixels), np.array(labels)


@functools.cache
def divide(name: str, folder: Path) -> Parts:
    """Of each class a tenth of ``TEST`` tests, but for near-twins of images of a set. All others, in a random order in
    which the classes take turns, validate, are the pilots', and train, in this order."""
    source = load(name, folder)
    tested, others = [], []
    for number in range(10):
        rng = np.random.default_rng((8, number))
        rows = rng.permutation(np.flatnonzero(source.labels == number))
        fresh = rows[source.may_test[rows]]
        tested.append(fresh[: TEST // 10])
        others.append(rows[~np.isin(rows, tested[-1])])
    order = spread_evenly(others)
    validation, pilots, train = np.split(order, [VALIDATION, VALIDATION + PILOTS])
    test = np.sort(np.concatenate(tested))
    sets = source.pixels[train[: SETS * LARGEST]]
    return Parts(test[~near(source.pixels[test], sets)], validation, pilots, train)


def near(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each image, uint8 (n, …), nearly equals one of the others, bool (n,); compared at half their size."""
    first, second = _thumbnails(images), _thumbnails(others)
    squares, close = (second**2).sum(axis=1), []
    for start in range(0, len(first), 1000):
        block = first[start : start + 1000]
        products = squares[:, None] - 2 * second @ block.T
        distance = (block**2).sum(axis=1) + products.min(axis=0)
        close.append(distance < NEAR[images.shape[-1]] ** 2 * first.shape[1])
    return np.concatenate(close)


def _thumbnails(images: np.ndarray) -> np.ndarray:
    count, height, width, channels = images.shape
    cells = images.reshape(count, height // 2, 2, width // 2, 2, channels)
    return cells.mean(axis=(2, 4), dtype=np.float32).reshape(count, -1) / 255


def ten_classes(name: str, n: int, replicate: int, folder: Path) -> Task:
    """Question 8: the first n images of a replicate's set of ``LARGEST``; a pilot gets one of two sets."""
    source, parts = load(name, folder), divide(name, folder)
    if replicate >= FIRST_PILOT:
        start = (replicate - FIRST_PILOT) * PILOT_SET
        rows = parts.pilots[start : start + n]
    else:
        start = replicate * LARGEST
        rows = parts.train[start : start + n]
    return _task(source, rows, parts.validation, parts.test, source.labels)


def two_classes(name: str, n: int, replicate: int, folder: Path) -> Task:
    """Question 10: the same parts, of two classes alone; disjoint sets of n images. Solar cells: see ``cells``."""
    if name == "solar-cells":
        return cells(n, replicate)
    dataset, zero, one = PAIRS[name]
    source, parts = load(dataset, folder), divide(dataset, folder)
    chosen = Parts(*(rows[np.isin(source.labels[rows], (zero, one))] for rows in parts))
    pool = chosen.pilots if replicate >= FIRST_PILOT else chosen.train
    start = (replicate % FIRST_PILOT) * n
    rows = pool[start : start + n] if replicate < FIRST_PILOT else pool[:n]
    labels = (source.labels == one).astype(np.int64)
    return _task(source, rows, chosen.validation, chosen.test, labels)


def cells(n: int, replicate: int) -> Task:
    """Question 10, solar cells of 64 pixels: one quarter of the files tests, the next validates, and n of the images of
    the other two train. Replicates of one quarter share images."""
    quarter = replicate % 4
    tested = load_solar_cells_fold(quarter, 64)
    validates = load_solar_cells_fold((quarter + 1) % 4, 64)
    # What is in no validation quarter of both splits: compared as bytes, since the loader gives no numbers.
    held = {image.tobytes() for image in validates.x_val}
    free = np.array([image.tobytes() not in held for image in tested.x_train])
    rest = tested._replace(x_train=tested.x_train[free], y_train=tested.y_train[free])
    part = subset(rest, n, replicate // 4)
    return Task(part.x_train, part.y_train, validates.x_val, validates.y_val, *tested[2:])


def article_pair(name: str, n: int, replicate: int, folder: Path) -> Task:
    """Question 9: disjoint sets of n out of all training images of a pair, and the pair's test file. No validation."""
    dataset, zero, one = PAIRS[name]
    source = load(dataset, folder)
    classes = []
    for number in (zero, one):
        rng = np.random.default_rng((9, number))
        classes.append(rng.permutation(np.flatnonzero(source.labels == number)))
    rows = spread_evenly(classes)[replicate * n : (replicate + 1) * n]
    pixels, labels = load_test_file(folder)
    tested = np.isin(labels, (zero, one))
    x, y = _floats(source.pixels[rows]), (source.labels[rows] == one).astype(np.int64)
    x_test, y_test = _floats(pixels[tested]), (labels[tested] == one).astype(np.int64)
    return Task(x, y, x_test[:0], y_test[:0], x_test, y_test)


def _task(
    source: Source, train: np.ndarray, validation: np.ndarray, test: np.ndarray, labels: np.ndarray
) -> Task:
    arrays: list[np.ndarray] = []
    for rows in (train, validation, test):
        arrays += [_floats(source.pixels[rows]), labels[rows]]
    return Task(*arrays)


def _floats(pixels: np.ndarray) -> np.ndarray:
    return pixels.astype(np.float32) / 255
