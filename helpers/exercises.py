"""Checks of the exercises: whether an answer is right, and if not, which mistake it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real

import numpy as np

from helpers.diversity import sibling_pairs
from helpers.training import parse_arm

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

# Lesson 00


def _four_in_turn(answer: object) -> str | None:
    """00.2: a clock whose epochs show four pictures in turn."""
    times, wrong = _results(answer, "clock", range(12))
    if wrong:
        return wrong
    odd = [time for time in times if not isinstance(time, (int, np.integer)) or time < 0]
    if odd:
        return f"clock returns {type(odd[0]).__name__}, expected a whole number, 0 or more, for the seed."
    if len(set(times)) != 4:
        return f"12 epochs show {len(set(times))} different picture(s), expected 4."
    if len(set(times[:4])) != 4 or times[4:] != times[:8]:
        return "there are four pictures, but they do not come in turn: compare epochs 0 to 3 with 4 to 7."
    return None


def _results(function: object, name: str, inputs: Iterable) -> tuple[list, str | None]:
    """What the reader's function makes of the inputs, or what is wrong with it."""
    if not callable(function):
        return [], f"found {type(function).__name__}, expected the function {name}."
    try:
        return [function(given) for given in inputs], None
    except Exception as error:  # whatever the reader's code raises
        return [], f"{name} raises {type(error).__name__}."


CHECKS |= {
    "00.1": choice(
        "equivalent",
        better="the interval has to exclude zero and to reach beyond the margin.",
        worse="the interval has to exclude zero and to reach beyond the margin.",
        undecided="the interval would have to reach beyond the margin and include zero.",
    ),
    "00.2": _four_in_turn,
}

# Lesson 01


def _same_clean_share(answer: object) -> str | None:
    """01.2: finds the live arm of the same clean share, for copies only and for originals + copies."""
    static = ["copies-4", "copies-16", "originals+1", "originals+3", "originals+16"]
    partners, wrong = _results(answer, "partner", static)
    if wrong:
        return wrong
    for arm, partner in zip(static, partners, strict=True):
        try:
            kind, _, p = parse_arm(partner)
        except (AttributeError, TypeError, ValueError):
            return f"for {arm} it returns {type(partner).__name__}, expected an arm's name such as live-1/3."
        if kind != "live":
            return f"for {arm} it returns an arm that is not live."
        given = parse_arm(arm)
        share = 1 / (given.copies + 1) if given.kind == "originals" else 0
        if abs(1 - p - share) > 0.001:
            return f"for {arm}, clean share {share:.1%}, it returns a live arm of clean share {1 - p:.1%}."
    return None


CHECKS |= {
    "01.1": choice(
        "equivalent",
        better="does the whole interval lie on one side of zero?",
        worse="does the whole interval lie on one side of zero?",
        undecided="compare both ends of the interval with the margin before you look at zero.",
    ),
    "01.2": _same_clean_share,
}

# Lesson 02


def _no_siblings(answer: object) -> str | None:
    """02.2: an order (64, 32) of the 2,048 pictures of a pool stored side by side."""
    if not isinstance(answer, np.ndarray) or answer.shape != (64, 32):
        shape = f" of shape {answer.shape}" if isinstance(answer, np.ndarray) else ""
        return f"found {type(answer).__name__}{shape}, expected an array of 64 batches of 32."
    if not np.array_equal(np.sort(answer, axis=None), np.arange(64 * 32)):
        return "one pass over the pool shows each of the pictures 0 to 2047 once; this one does not."
    pairs = sibling_pairs(answer // 16).mean()
    return f"a batch holds {pairs:.1f} sibling pairs on average, expected none." if pairs else None


CHECKS |= {
    "02.1": number(
        0.5,
        1.0,
        "fewer than there are: every picture of the pool has three siblings somewhere in it.",
        "too many: with four times the garments, how likely are two pictures of the pool siblings?",
    ),
    "02.2": _no_siblings,
}


def check(name: str, answer: object = None) -> None:
    """Print whether answer is right for exercise name ("01.2"), and if not why, without giving it away.

    None stands for an answer that is still to come. Raises ValueError for an unknown name.
    """
    if name not in CHECKS:
        raise ValueError(f"Unknown exercise {name!r}; expected one of {', '.join(sorted(CHECKS))}.")
    wrong = "no answer yet." if answer is None else CHECKS[name](answer)
    print(f"{name}: {wrong or 'right.'}")
