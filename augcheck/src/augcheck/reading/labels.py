"""What labels say: the class of each, how they are written, and whether they fit together."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

COLUMN, WORD = "one number", "a word"


class Coding(NamedTuple):
    """How labels are written."""

    classes: np.ndarray  # class number of each label
    names: list[
        Any
    ]  # the labels of the classes; numbers 0, 1, ... where there is a column for each
    coding: str  # "one number", "a word", "k columns" or "none"
    soft: bool  # whether some lie between the classes; smoothed columns, which all have the same values, don't
    several: bool  # whether an image may have several classes, each a 1 in its column
    missing: float  # the share that is no number


def coded(y: np.ndarray) -> Coding:
    """The coding of labels (n,) or (n, classes); None stands for the label of an image without one."""
    if y[0] is None:
        return Coding(np.zeros(len(y), int), [], "none", False, False, 0.0)
    missing = 0.0
    if y.dtype.kind == "f":
        gaps = ~np.isfinite(y)
        missing = float(gaps.reshape(len(y), -1).any(1).mean())
        y = np.where(gaps, y[~gaps].min() if not gaps.all() else 0, y)
    if y.ndim == 2:
        return _of_columns(y, missing)
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        if y.min() >= 0 and y.max() <= 1:
            soft = len(np.unique(y)) > 2  # two values are two classes, smoothed
            return Coding((y > 0.5).astype(int), [0, 1], COLUMN, soft, False, missing)
        names, classes = np.unique(np.round(y), return_inverse=True)
        return Coding(classes, names.tolist(), COLUMN, True, False, missing)
    names, classes = np.unique(y, return_inverse=True)
    how = COLUMN if y.dtype.kind in "biuf" else WORD
    return Coding(classes, names.tolist(), how, False, False, missing)


def _of_columns(y: np.ndarray, missing: float) -> Coding:
    hard = bool(((y == 0) | (y == 1)).all())
    several = hard and bool((y.sum(1) != 1).any())
    ordered = np.sort(y, 1)
    smoothed = np.allclose(ordered, ordered[0], atol=1e-5) and np.allclose(
        ordered[:, :-1], ordered[0, 0], atol=1e-5
    )
    names = list(range(y.shape[1]))
    how = f"{y.shape[1]} columns"
    return Coding(y.argmax(1), names, how, not (hard or smoothed), several, missing)
