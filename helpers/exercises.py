"""Checks of the exercises: whether an answer is right, and if not, which mistake it shows."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real

import numpy as np
import pandas as pd

Check = Callable[[object], str | None]  # an answer; what is wrong with it, or None


def number(low: float, high: float, below: str, above: str) -> Check:
    """A check of a finite number in [low, high]; below and above say what a smaller or a larger one shows."""

    def judge(answer: object) -> str | None:
        if isinstance(answer, bool) or not isinstance(answer, Real):
            return f"found {type(answer).__name__}, expected a number."
        if not np.isfinite(answer):
            return f"found {answer}, expected a finite number."
        return below if answer < low else above if answer > high else None

    return judge


def choice(right: str, **hints: str) -> Check:
    """A check of a word: right, or one of the keywords, each with what is wrong with it."""

    def judge(answer: object) -> str | None:
        if not isinstance(answer, str) or answer not in {right, *hints}:
            words = ", ".join(sorted({right, *hints}))
            return f"found {answer!r}, expected one of: {words}."
        return hints.get(answer)

    return judge


CHECKS: dict[str, Check] = {}

# Lesson 03


def _rise(answer: object) -> str | None:
    """03.2: chooses on one half and reads on the other, both ways round."""
    even, odd = np.array([0.5, 0.3, 0.4, 0.6]), np.array([0.6, 0.45, 0.2, 0.5])
    try:
        found = float(answer(even, odd))
    except Exception:
        return "expected a function of two arrays that returns a number."
    hints = {
        0.25: "it chooses on all images, and reads on the same ones.",
        0.3: "each half is read on the images that chose.",
        0.05: "that is one way round; what if the odd images choose?",
        0.2: "that is one way round; what if the even images choose?",
        -0.125: "the sign: a loss that has risen gives a positive number.",
        0.125: None,
    }
    right = [value for value in hints if abs(found - value) < 1e-9]
    return hints[right[0]] if right else f"found {found:.3g} for {even} and {odd}, which is no honest rise."


CHECKS |= {
    "03.1": number(
        0.08,
        0.3,
        "so few? The network is no surer than it was in F; only the numbers of the classes changed.",
        "in C the labels mean nothing; here they mean something, and the network learns it.",
    ),
    "03.2": _rise,
}

# Lesson 04


def _above_live(answer: object) -> str | None:
    """04.2: originals + k minus live of the same clean share."""
    names = ["copies-4", "originals+4", "live", "live-1/5", "live-3/4", "live-4/5"]
    loss = pd.DataFrame(np.random.default_rng(0).random((5, 6)), columns=pd.Index(names, name="arm"))
    runs = loss.rename_axis("replicate").stack().reset_index(name="val_loss")
    try:
        found = np.asarray(answer(runs, 4), float)
    except Exception:
        return "expected a function of a table of runs and k that returns the paired differences."
    hints = {
        ("copies-4", "live"): "these are copies only; the originals are missing.",
        ("copies-4", "live-4/5"): "these are copies only; the originals are missing.",
        ("originals+4", "live"): "that live arm shows no clean images; originals + 4 copies do.",
        ("originals+4", "live-1/5"): "a fifth is the share of clean images; live-P names the others.",
        ("originals+4", "live-3/4"): "one turn of the clock shows how many pictures of a source?",
        ("live-4/5", "originals+4"): "the sign: a pool that lies above live gives positive numbers.",
        ("originals+4", "live-4/5"): None,
    }
    for (first, second), hint in hints.items():
        if found.shape == (5,) and np.allclose(found, loss[first] - loss[second]):
            return hint
    return "these are not the differences of two arms of the table, one a replicate, in order."


CHECKS |= {
    "04.1": number(
        3.6,
        7.0,
        "so small a pool would be read too often; how many epochs are 2,000 updates?",
        "it would do, but so large a pool is read fewer times than it bears.",
    ),
    "04.2": _above_live,
}

# Lesson 05


def _split(answer: object) -> str | None:
    """05.2: sixteen copies in training, validation as it is, and no source on both sides."""
    x = np.repeat(np.linspace(0.1, 0.9, 40, dtype=np.float32), 28 * 28).reshape(40, 28, 28, 1)
    x[:, 9:19, 9:14] += 0.009  # a mark, so that a copy differs from its source; the grey tells the source
    y = np.arange(40) % 2
    try:
        (x_train, y_train), (x_val, y_val) = answer(x, y, 0)
        corners = (np.asarray(part)[:, :1, 0, 0] for part in (x_train, x_val))
        train, val = (np.abs(corner - x[:, 0, 0, 0]).argmin(1) for corner in corners)
        labelled = np.array_equal(y_train, y[train]) and np.array_equal(y_val, y[val])
        kept = sum(np.array_equal(picture, x[i]) for picture, i in zip(x_train, train, strict=True))
    except Exception:
        return "expected a function of x, y and replicate that returns (x_train, y_train), (x_val, y_val)."
    if shared := len(set(train) & set(val)):
        return f"{shared} of 40 sources are on both sides."
    if not labelled:
        return "some pictures have lost their labels on the way."
    if len(val) != len(set(val)) or not np.array_equal(x_val, x[val]):
        return "a validation picture is augmented, or comes twice."
    if not 6 <= len(val) <= 10:
        return f"{len(val)} of 40 sources are for validation; a fifth was asked for."
    if set(np.bincount(train, minlength=40)[train]) != {16}:
        return "not every training source has sixteen pictures."
    if kept > 0.1 * len(train):
        return "training holds originals many times over, where copies were asked for."
    return None


CHECKS |= {
    "05.1": choice(
        "P",
        Q="look at the labels of its first batches, and of another epoch's.",
        R="follow one picture and its label through two epochs.",
    ),
    "05.2": _split,
}


def check(name: str, answer: object = None) -> None:
    """Print whether answer is right for exercise name ("01.2"), and if not why, without giving it away.

    None stands for an answer that is still to come. Raises ValueError for an unknown name.
    """
    if name not in CHECKS:
        raise ValueError(f"Unknown exercise {name!r}; expected one of {', '.join(sorted(CHECKS))}.")
    wrong = "no answer yet." if answer is None else CHECKS[name](answer)
    print(f"{name}: {wrong or 'right.'}")
