"""What labels say: the class of each, how they are written, and whether they fit together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

COLUMN, WORD = "one number", "a word"


class Coding(NamedTuple):
    """How labels are written.

    Attributes:
        classes: class number of each label.
        names: the labels of the classes; numbers 0, 1, ... where there is a column for each.
        how: "one number", "a word" or "k columns".
        soft: whether some lie between the classes.
        missing: the share that is no number.
    """

    classes: np.ndarray
    names: list
    how: str
    soft: bool
    missing: float


def coded(y: np.ndarray) -> Coding:
    """The coding of labels (n,) or (n, classes)."""
    missing = 0.0
    if y.dtype.kind == "f":
        gaps = ~np.isfinite(y)
        missing = float(gaps.reshape(len(y), -1).any(1).mean())
        y = np.where(gaps, y[~gaps].min() if not gaps.all() else 0, y)
    if y.ndim == 2:
        soft = bool(((y != 0) & (y != 1)).any())
        return Coding(y.argmax(1), list(range(y.shape[1])), f"{y.shape[1]} columns", soft, missing)
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        if y.min() >= 0 and y.max() <= 1:
            return Coding((y > 0.5).astype(int), [0, 1], COLUMN, True, missing)
        names, classes = np.unique(np.round(y), return_inverse=True)
        return Coding(classes, names.tolist(), COLUMN, True, missing)
    names, classes = np.unique(y, return_inverse=True)
    return Coding(classes, names.tolist(), COLUMN if y.dtype.kind in "biuf" else WORD, False, missing)
