"""The images of the lessons, and subsets of them that share no image."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "data"
RESULTS = FOLDER / "results"
GARMENTS = FOLDER / "garments.npz"
# Of the four arrays, one after the other.
GARMENTS_SHA256 = "0b51146e982368db5015bdd2ae68bbefa9630014b507871a631e38978e99ff0a"


class Data(NamedTuple):
    """Images of two classes, float32 (n, height, width, channels) in [0, 1], and their labels, int64 (n,), 0 or 1."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray
    y_val: np.ndarray


def load_garments() -> Data:
    """Fashion-MNIST pullovers (0) and coats (1), 28x28x1: 12,000 training and 2,000 validation images, half of each.

    Where ``data/garments.npz`` is missing, as beside a lesson in one file, Keras fetches Fashion-MNIST (30 MB) once.

    Raises:
        ValueError: the images are not those that the lessons were made with.
    """
    if GARMENTS.exists():
        with np.load(GARMENTS, allow_pickle=False) as file:
            arrays = [file[name] for name in Data._fields]
    else:
        arrays = _garments_of_keras()
    digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
    if digest != GARMENTS_SHA256:
        raise ValueError(
            "the garments are not those of the lessons: run `git checkout data/garments.npz`, "
            "or remove .keras/datasets/fashion-mnist from your home."
        )
    x_train, y_train, x_val, y_val = arrays
    return Data(
        x_train.astype(np.float32) / 255,
        y_train.astype(np.int64),
        x_val.astype(np.float32) / 255,
        y_val.astype(np.int64),
    )


def _garments_of_keras() -> list[np.ndarray]:
    """The arrays of the file, from ``keras.datasets``."""
    from keras.datasets import fashion_mnist

    arrays = []
    for images, classes in fashion_mnist.load_data():
        keep = np.isin(classes, (2, 4))  # pullovers and coats
        arrays += [images[keep][..., None], (classes[keep] == 4).astype(np.uint8)]
    return arrays


def subset(data: Data, n: int, replicate: int = 0) -> Data:
    """A training subset of n images, its two classes in the ratio of all and spread evenly; validation images stay.

    Replicates 0, 1, 2 … share no training image until a class is used up, then the images are shuffled anew. The
    same n and replicate always give the same images in the same order.

    Raises:
        ValueError: n is beyond all images, or too small to hold both classes.
    """
    total = len(data.y_train)
    ones = round(n * np.count_nonzero(data.y_train == 1) / total)
    counts = [n - ones, ones]
    if n > total or min(counts) < 1:
        raise ValueError(f"n is {n}; expected 2 to {total:,}, with an image of each class.")
    classes = [np.flatnonzero(data.y_train == label) for label in (0, 1)]
    # Slice number `place` of the shuffled classes, which were shuffled anew `turn` times.
    slices = min(len(classes[0]) // counts[0], len(classes[1]) // counts[1])
    turn, place = divmod(replicate, slices)
    rng = np.random.default_rng((n, turn))
    rows, positions = [], []
    for members, count in zip(classes, counts, strict=True):
        rows.append(rng.permutation(members)[place * count : (place + 1) * count])
        positions.append((np.arange(count) + 0.5) / count)
    in_order = np.argsort(np.concatenate(positions), kind="stable")
    chosen = np.concatenate(rows)[in_order]
    return data._replace(x_train=data.x_train[chosen], y_train=data.y_train[chosen])
