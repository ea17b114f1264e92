"""Loads the data set that a stored row names, and the images of it that the row's replicate trained on."""

import functools
import io
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from data.build_garments import fashion_class, read_idx, source_folder
from helpers.data import spread_evenly

PILOTS = 100  # replicates from here on are pilots, which chose a rate
# Images that only pilots trained on, and were scored on.
RESERVED = {"cifar10": 2048, "fashion": 6144, "sign-digits": 700, "coat-shirt": 1536}


class Images(NamedTuple):
    """A data set in the order of its files.

    Attributes:
        pixels: uint8 (n, height, width, channels).
        labels: int64 (n,).
        group: int64 (n,); images of one group, such as a student's, stay on one side.
        read_before: bool (n,), the test files that earlier questions have read; none of them trains.
    """

    pixels: np.ndarray
    labels: np.ndarray
    group: np.ndarray
    read_before: np.ndarray


@functools.cache
def load(name: str, folder: Path | None = None) -> Images:
    """A data set by its name, read once a process and never written.

    Args:
        name: "cifar10", ten classes, the first 2,000 training images of each and all test images, 32 pixels;
            "sign-digits", ten classes, 100 pixels, a group for each student; "fashion", the ten classes of
            Fashion-MNIST, or two of them, "coat-shirt", from Debian's package, else fetched by Keras.
        folder: where ``NAME.zip`` is, for the first two.

    Raises:
        FileNotFoundError: no such file.
    """
    if name == "cifar10":
        pixels, names = _photographs(folder, "cifar10.zip", r"(train|test)/(\w+)/\d+\.jpg")
        read_before = np.array([place == "test" for place, _ in names])
        numbers = np.unique([kind for _, kind in names], return_inverse=True)[1]
        return Images(pixels, numbers, np.arange(len(names)), read_before)
    if name == "sign-digits":
        pixels, names = _photographs(folder, "sign-digits-100.zip", r"(\d)/IMG_(\d+)\.jpg")
        order = np.argsort([int(number) for _, number in names])  # the camera's
        digits = np.array([int(digit) for digit, _ in names])[order]
        return Images(pixels[order], digits, students(digits.tolist()), np.zeros(len(names), bool))
    return _garments(name)


def _garments(name: str) -> Images:
    """All classes of Fashion-MNIST, or the two of a pair."""
    folder, files = source_folder(None), ("train", "t10k")
    labels = [read_idx(folder, f"{file}-labels-idx1-ubyte") for file in files]
    images = [read_idx(folder, f"{file}-images-idx3-ubyte") for file in files]
    read_before = np.repeat([False, True], list(map(len, labels)))
    pixels = np.concatenate(images)[..., None]
    numbers = np.concatenate(labels).astype(np.int64)
    if name != "fashion":
        pair = [fashion_class(kind) for kind in name.split("-")]
        kept = np.isin(numbers, pair)
        pixels, read_before = pixels[kept], read_before[kept]
        numbers = (numbers[kept] == pair[1]).astype(np.int64)
    return Images(pixels, numbers, np.arange(len(numbers)), read_before)


def _photographs(
    folder: Path | None, name: str, pattern: str
) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """All files of a zip whose names fit, uint8 (n, height, width, 3), in the order of their names, and what the
    pattern's groups hold of each name."""
    if folder is None or not (folder / name).exists():
        place = "no folder is named" if folder is None else f"{folder} has no {name}"
        raise FileNotFoundError(
            f"{place}; expected the one with {name}: pass it with --data (data/results/README.md)."
        )
    pixels, names = [], []
    with zipfile.ZipFile(folder / name) as file:
        for path in sorted(file.namelist()):
            match = re.fullmatch(pattern, path)
            if match:
                photograph = Image.open(io.BytesIO(file.read(path)))
                pixels.append(np.asarray(photograph.convert("RGB")))
                names.append(match.groups())
    return np.stack(pixels), names


def students(digits: list[int]) -> np.ndarray:
    """The student of each photograph, int64 (n,), from the digits in the order of the camera's numbers.

    A student shows 0 to 9, so a digit that does not rise begins another. Two incomplete rows side by side are one
    student, who showed a digit again or in another order: too large a group leaks nothing.
    """
    rows: list[list[int]] = []
    for digit in digits:
        if not rows or digit <= rows[-1][-1]:
            rows.append([])
        rows[-1].append(digit)
    sizes = np.array([len(row) for row in rows])
    incomplete = sizes < 10
    begins = np.ones(len(sizes), bool)
    begins[1:] = ~(incomplete[1:] & incomplete[:-1])
    return np.repeat(np.cumsum(begins) - 1, sizes)


def training_set(data: Images, n: int, replicate: int, reserved: int) -> np.ndarray:
    """Numbers of the images that a replicate trains on, (n,).

    All that earlier questions have not read is put into one random order, whose classes are spread evenly. From its
    beginning come disjoint sets of n for replicates 0, 1, 2 …, from its end those of pilots.

    Args:
        data: the images.
        n: how many of them train.
        replicate: below ``PILOTS``, or a pilot.
        reserved: how many images are the pilots'.
    """
    order = _random_order(data)
    group = data.group[order]
    border = len(order) - reserved
    while 0 < border < len(order) and group[border] == group[border - 1]:
        border -= 1  # a group stays whole, with the pilots
    images = order[:border] if replicate < PILOTS else order[border:]
    starts = _starts(data.group[images], n)
    if replicate % PILOTS >= len(starts):
        raise ValueError(f"replicate is {replicate}; there are {len(starts)} sets of {n} images.")
    start = starts[replicate % PILOTS]
    return images[start : start + n]


def _random_order(data: Images) -> np.ndarray:
    """What was not read before, group after group; of images without groups the classes are spread evenly."""
    new, rng = np.flatnonzero(~data.read_before), np.random.default_rng(0)
    if len(np.unique(data.group)) < len(data.group):
        shuffled = rng.permutation(np.unique(data.group[new]))
        return np.concatenate([new[data.group[new] == number] for number in shuffled])
    rows = [rng.permutation(new[data.labels[new] == label]) for label in np.unique(data.labels)]
    return spread_evenly(rows)


def _starts(group: np.ndarray, n: int) -> list[int]:
    """Where the disjoint sets of n images begin, each with a new group."""
    starts, place = [], 0
    while place + n <= len(group):
        starts.append(place)
        place += n
        while place < len(group) and group[place] == group[place - 1]:
            place += 1
    return starts
