"""Loaders: each returns one flat ``Data`` tuple, checked before it is handed out."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

GARMENTS = Path(__file__).resolve().parent.parent / "data" / "garments.npz"
GARMENTS_SHA256 = "e1fe50bbe3dc9d15131e416d2011e57a070e43098ed84569ad80447f3338756c"
FASHION_CLASSES = (
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot",
)  # fmt: skip
_RESTORE = "restore it with `git checkout data/garments.npz` or `python data/build_garments.py`"


class Data(NamedTuple):
    """Images and labels of a two-class problem.

    Attributes:
        x_train, x_val: float32 (n, height, width, channels), values in [0, 1].
        y_train, y_val: int64 (n,), 0 or 1.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def load_garments(path: str | Path = GARMENTS, sha256: str | None = GARMENTS_SHA256) -> Data:
    """Fashion-MNIST pullovers (0) and coats (1), 28x28x1, from the file in the repository.

    Args:
        path: an .npz file as ``data/build_garments.py`` writes it.
        sha256: hexadecimal digest the file must have; None for a pair you built yourself.

    Returns:
        12,000 training images and 2,000 validation images, half of each class.

    Raises:
        FileNotFoundError: no such file.
        ValueError: the file is truncated or altered, or holds other arrays than expected.
    """
    path = Path(path)
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "was not found"
        raise FileNotFoundError(f"{path} {found}, expected an .npz file; {_RESTORE}.")
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if sha256 is not None and digest != sha256:
        raise ValueError(
            f"{path} has {len(content):,} bytes and SHA-256 {digest[:12]}…, expected {sha256[:12]}…: "
            f"the file is truncated or altered; {_RESTORE}."
        )
    arrays = _read_arrays(path)
    for name, array in arrays.items():
        rank = 4 if name.startswith("x") else 1
        if array.dtype != np.uint8 or array.ndim != rank:
            raise ValueError(
                f"{path}: array {name!r} is {array.dtype} of shape {array.shape}, "
                f"expected uint8 with {rank} dimension(s); {_RESTORE}."
            )
    for part in ("train", "val"):
        images, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if len(images) != len(labels) or images.shape[1:] != (28, 28, 1) or set(labels) != {0, 1}:
            raise ValueError(
                f"{path}: x_{part} has shape {images.shape} and y_{part} has {len(labels)} labels "
                f"from {sorted(set(labels.tolist()))}, expected (n, 28, 28, 1) and n labels "
                f"from [0, 1]; {_RESTORE}."
            )
    return _as_data(**arrays)


def load_fashion_pair(a: str | int, b: str | int) -> Data:
    """Any two classes of Fashion-MNIST through ``keras.datasets``; downloads 30 MB at first use.

    Args:
        a, b: class 0 and class 1, by name (see ``FASHION_CLASSES``) or number.

    Returns:
        12,000 training and 2,000 validation images, 28x28x1.

    Raises:
        ValueError: unknown or equal classes.
        ConnectionError: the files are not there yet and can't be downloaded.
    """
    pair = [fashion_class(a), fashion_class(b)]
    if pair[0] == pair[1]:
        raise ValueError(f"both classes are {FASHION_CLASSES[pair[0]]!r}; expected two different ones.")
    last = "fashion-mnist/t10k-images-idx3-ubyte.gz"
    splits = _download("Fashion-MNIST", "30 MB", keras.datasets.fashion_mnist, last)
    return _select(splits, pair)


def load_cats_and_dogs() -> Data:
    """CIFAR-10 cats (0) and dogs (1), 32x32x3; downloads 170 MB at first use.

    Returns:
        10,000 training and 2,000 validation images.

    Raises:
        ConnectionError: the files are not there yet and can't be downloaded.
    """
    splits = _download("CIFAR-10", "170 MB", keras.datasets.cifar10, "cifar-10-batches-py-target")
    return _select(splits, [3, 5])


def subset(data: Data, n: int, replicate: int = 0) -> Data:
    """A balanced training subset of n images; the validation images stay as they are.

    Replicates 0, 1, 2 … share no training image until the data are used up, then the images are
    shuffled anew. The same n and replicate always give the same images in the same order.

    Raises:
        ValueError: n odd, below 2, or more than twice the smaller class; replicate negative.
    """
    classes = [np.flatnonzero(data.y_train == label) for label in (0, 1)]
    largest = 2 * min(map(len, classes))
    if n != int(n) or n < 2 or n % 2 or n > largest:
        raise ValueError(f"n is {n}; expected an even number from 2 to {largest:,}.")
    if replicate < 0:
        raise ValueError(f"replicate is {replicate}; expected 0 or more.")
    half = int(n) // 2
    turn, place = divmod(replicate, largest // 2 // half)
    rng = np.random.default_rng((int(n), turn))
    chosen = [rng.permutation(indices)[place * half : (place + 1) * half] for indices in classes]
    rows = np.stack(chosen, axis=1).ravel()
    return data._replace(x_train=data.x_train[rows], y_train=data.y_train[rows])


def fashion_class(name: str | int) -> int:
    """The number of a Fashion-MNIST class given by name or number.

    Raises:
        ValueError: there is no such class.
    """
    if name in FASHION_CLASSES:
        return FASHION_CLASSES.index(name)
    if str(name) in map(str, range(10)):
        return int(name)
    raise ValueError(f"class is {name!r}; expected 0 to 9 or one of {', '.join(FASHION_CLASSES)}.")


def keras_cache() -> Path:
    """Where ``keras.datasets`` keeps its files; Keras tells it by no public name."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            found = sorted(file.files)
            if found != sorted(Data._fields):
                raise ValueError(f"arrays {found}")
            return {name: file[name] for name in Data._fields}
    except Exception as error:  # damaged bytes make zipfile and NumPy raise a dozen kinds
        raise ValueError(
            f"{path}: found {error or 'an empty file'}, expected an .npz file of plain arrays "
            f"{sorted(Data._fields)}; {_RESTORE}."
        ) from None


def _as_data(x_train: np.ndarray, y_train: np.ndarray, x_val: np.ndarray, y_val: np.ndarray) -> Data:
    def scaled(images: np.ndarray) -> np.ndarray:
        return images.astype(np.float32) / 255

    return Data(scaled(x_train), y_train.astype(np.int64), scaled(x_val), y_val.astype(np.int64))


def _select(splits: tuple, pair: list[int]) -> Data:
    arrays = []
    for images, labels in splits:
        labels = labels.ravel()
        keep = np.isin(labels, pair)
        images = images[keep] if images.ndim == 4 else images[keep][..., None]
        arrays += [images, (labels[keep] == pair[1]).astype(np.uint8)]
    return _as_data(*arrays)


def _download(name: str, size: str, module, last: str) -> tuple:
    # Keras makes folders before it downloads: only the file that comes last shows that all are there.
    if not (keras_cache() / last).exists():
        print(f"{name} is not on this machine yet: downloading {size} through keras.datasets.")
    try:
        return module.load_data()
    except Exception as error:  # keras raises a bare Exception when a download fails
        raise ConnectionError(
            f"{name} could not be downloaded ({type(error).__name__}); connect to the internet, "
            "or use load_garments(), which needs no connection."
        ) from None
