"""Checks of the exercises: whether an answer is right, and if not, which mistake it shows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Check = Callable[[object], str | None]  # an answer; what is wrong with it, or None


def number(low: float, high: float, below: str, above: str) -> Check:
    """A check of a finite number in [low, high]; below and above say what a smaller or a larger one shows."""

    def judge(answer: object) -> str | None:
        if isinstance(answer, bool) or np.ndim(answer) != 0 or not np.isreal(answer):
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


def check(name: str, answer: object = None) -> None:
    """Print whether answer is right for exercise name ("01.2"), and if not why, without giving it away.

    None stands for an answer that is still to come. Raises ValueError for an unknown name.
    """
    if name not in CHECKS:
        raise ValueError(f"Unknown exercise {name!r}; expected one of {', '.join(sorted(CHECKS))}.")
    wrong = "no answer yet." if answer is None else CHECKS[name](answer)
    print(f"{name}: {wrong or 'right.'}")
