"""What is loaded: two data sets, their subsets, and stored results."""

import functools
import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "data"
RESULTS = FOLDER / "results"
GARMENTS = FOLDER / "garments.npz"
GARMENTS_SHA256 = "e1fe50bbe3dc9d15131e416d2011e57a070e43098ed84569ad80447f3338756c"
# Of the bytes of the file's four arrays, one after the other: the file is compressed, and so not the same everywhere.
GARMENTS_ARRAYS_SHA256 = "0b51146e982368db5015bdd2ae68bbefa9630014b507871a631e38978e99ff0a"


class Data(NamedTuple):
    """Images of two classes, float32 (n, height, width, channels) in [0, 1], and their labels, int64 (n,), 0 or 1."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def load_garments(path: str | Path = GARMENTS, sha256: str | None = GARMENTS_SHA256) -> Data:
    """Fashion-MNIST pullovers (0) and coats (1), 28x28x1: 12,000 training and 2,000 validation images, half of each.

    Where the series' own file is missing, as beside a lesson in one file, Keras fetches Fashion-MNIST (30 MB) once.

    Args:
        path: an .npz file as ``data/build_garments.py`` writes it.
        sha256: hexadecimal digest that the file must have; None for a pair you built yourself.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: the series' own is missing, and Fashion-MNIST could not be fetched.
        ValueError: the digest is another, or the file holds no pair.
    """
    if Path(path) == GARMENTS and not GARMENTS.exists():
        return _garments_of_keras()
    content = Path(path).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and digest != sha256.lower():
        raise ValueError(
            f"{path} has {len(content):,} bytes and SHA-256 {digest[:12]}…, expected {sha256[:12]}…: "
            "the file is truncated or altered; take it from the zip of your class again, or, in a clone, restore it "
            "with `git checkout data/garments.npz` (data/build_garments.py builds another pair)."
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return _as_data(*(file[name] for name in Data._fields))
    except Exception as error:  # NumPy, zipfile and zlib raise a dozen kinds
        raise ValueError(
            f"{path} holds no pair of garments ({type(error).__name__}); "
            "expected a file as `python data/build_garments.py` writes it."
        ) from None


def _garments_of_keras() -> Data:
    """The garments from ``keras.datasets``, in the order of the file."""
    from keras.datasets import fashion_mnist

    try:
        train, val = fashion_mnist.load_data()
    except Exception as error:  # urllib, gzip and NumPy raise a dozen kinds
        raise OSError(
            f"Fashion-MNIST (30 MB) could not be fetched ({error}): connect this machine to the "
            "internet (on Kaggle in the notebook's settings), and run this cell again."
        ) from None
    arrays: list[np.ndarray] = []
    for images, classes in (train, val):
        keep = np.isin(classes, (2, 4))  # pullovers and coats
        arrays += [images[keep][..., None], (classes[keep] == 4).astype(np.uint8)]
    digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    if digest != GARMENTS_ARRAYS_SHA256:
        raise ValueError(
            f"what Keras gave as Fashion-MNIST has SHA-256 {digest[:12]}…, expected {GARMENTS_ARRAYS_SHA256[:12]}…: "
            "remove the folder .keras/datasets/fashion-mnist from your home, and run this cell again."
        )
    return _as_data(*arrays)


def load_solar_cells(image_size: int = 32) -> Data:
    """Solar cells in electroluminescence light, sound (0) or defective (1), from ``elpv-dataset``.

    Only cells that the experts were sure about: 1,642 training images, 519 of them defective, and 581 validation
    images, 196 of them defective, made 1 to 300 pixels wide. Neighbours in the package's numbering look alike, perhaps
    of one module: so whole blocks of 60 numbers go to one side, the first of every four to validation.
    """
    cells = _certain_cells(image_size)
    return _divided(cells, cells.numbers // 60 % 4 == 0)


def load_solar_cells_fold(fold: int, image_size: int = 32) -> Data:
    """The solar cells with another split: validation is quarter ``fold``, 0 to 3, of all files in their order."""
    if fold not in range(4):
        raise ValueError(f"fold is {fold}; expected 0, 1, 2 or 3.")
    cells = _certain_cells(image_size)
    quarters = cells.numbers * 4 // cells.files
    return _divided(cells, quarters == fold)


class _Cells(NamedTuple):
    """Those that the experts were sure about: numbers of their files, of so many files, images and labels."""

    numbers: np.ndarray
    files: int
    images: np.ndarray
    labels: np.ndarray


def _divided(cells: _Cells, val: np.ndarray) -> Data:
    """The cells as data, those marked in val for validation."""
    images, labels = cells.images, cells.labels
    return _as_data(images[~val], labels[~val], images[val], labels[val])


@functools.cache  # reading the photographs takes seconds
def _certain_cells(image_size: int) -> _Cells:
    try:
        from elpv_dataset.utils import load_dataset
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "the solar cells come with a package of their own (91 MB), which is not installed: "
            "run `pip install elpv-dataset`, and restart the kernel."
        ) from None
    photographs, probability, _ = load_dataset()
    numbers = np.flatnonzero(np.isin(probability, (0, 1)))
    size = (image_size, image_size)
    images = np.empty((len(numbers), *size, 1), np.uint8)
    for image, number in zip(images, numbers, strict=True):
        photograph = Image.fromarray(photographs[number])
        image[..., 0] = photograph.resize(size, Image.Resampling.BILINEAR)
    return _Cells(numbers, len(probability), images, probability[numbers] == 1)


def subset(data: Data, n: int, replicate: int = 0) -> Data:
    """A training subset of n images, all classes spread evenly in the ratio of all; the validation images stay.

    Replicates 0, 1, 2 … share no training image until a class is used up, then the images are shuffled anew. The
    same n and replicate always give the same images in the same order. Classes are numbered from 0 without a gap.

    Raises:
        ValueError: n is beyond all images or too small to hold each class, or the numbers of classes have a gap.
    """
    if not 2 <= n <= len(data.y_train):
        raise ValueError(f"n is {n}; expected 2 to {len(data.y_train):,}, all training images.")
    labels = np.unique(data.y_train).tolist()
    if labels != list(range(len(labels))):
        raise ValueError(
            f"labels are {labels[:9]}; expected 0, 1, 2 … without a gap: number the classes anew."
        )
    classes = [np.flatnonzero(data.y_train == label) for label in labels]
    # Rounded from the last class on; with two classes that rounds the share of class 1.
    totals = np.cumsum([len(members) for members in classes[::-1]]).tolist()
    ends = [round(n * total / len(data.y_train)) for total in totals]
    counts = np.diff([0, *ends])[::-1].tolist()
    if min(counts) == 0:
        raise ValueError(f"n is {n}; too small to hold all classes in the ratio of the data.")
    # Slice number `place` of the shuffled classes, which were shuffled anew `turn` times.
    sized = list(zip(classes, counts, strict=True))
    slices = min(len(members) // count for members, count in sized)
    turn, place = divmod(replicate, slices)
    rng = np.random.default_rng((n, turn))
    chosen = []
    for members, count in sized:
        shuffled = rng.permutation(members)
        chosen.append(shuffled[place * count : (place + 1) * count])
    rows = spread_evenly(chosen)
    return data._replace(x_train=data.x_train[rows], y_train=data.y_train[rows])


def spread_evenly(classes: Sequence[np.ndarray]) -> np.ndarray:
    """The members of all classes in one order, in which each is spread evenly: 0, 1, 0, 1 … where two are equal."""
    places = np.concatenate([(np.arange(len(members)) + 0.5) / len(members) for members in classes])
    return np.concatenate(classes)[np.argsort(places, kind="stable")]


def _as_data(
    x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray
) -> Data:
    return Data(
        x_train.astype(np.float32) / 255,
        y_train.astype(np.int64),
        x_val.astype(np.float32) / 255,
        y_val.astype(np.int64),
    )


# Stored results

# A table is two files: NAME.csv with one row a run (its settings, up to the column replicate, and its summary), and
# NAME-curves.csv.gz with one row an evaluation, whose column run joins these settings by colons. Files are not
# rewritten: older ones say "arm" for method, freeze-or-renew.csv calls the article's policy "wide", and others its
# network "article".
_RENAMED = {"policy": {"wide": "article"}, "model": {"article": "small"}}


def read_runs(path: str | Path) -> pd.DataFrame:
    """A table's runs, or another file of results, with today's names: one row a run; nan or inf where it diverged."""
    return _renamed(pd.read_csv(path))


def read_results(path: str | Path) -> pd.DataFrame:
    """The curves of the table NAME.csv: one row an evaluation, with the settings of its run before it."""
    path = Path(path)
    curves = pd.read_csv(path.with_name(f"{path.stem}-curves.csv.gz"))
    names = pd.read_csv(path, nrows=0).loc[:, :"replicate"].columns
    runs = io.StringIO("\n".join(curves.pop("run")))
    settings = pd.read_csv(runs, sep=":", names=names, keep_default_na=False, low_memory=False)
    return _renamed(pd.concat([settings, curves], axis=1))


def _renamed(table: pd.DataFrame) -> pd.DataFrame:
    table = table.rename(columns={"arm": "method"})
    renamed = {column: names for column, names in _RENAMED.items() if column in table}
    return table.replace(renamed)
