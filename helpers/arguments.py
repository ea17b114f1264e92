"""Refusals of arguments: one sentence that says what a value is and what was expected."""

import numbers
from typing import Any

import numpy as np


def is_whole(value: Any) -> bool:
    """Whether a value is an integer of Python or NumPy; True, False and 64.0 are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def whole_number(name: str, value: Any, lowest: int, highest: int | None = None) -> int:
    """An integer from lowest to highest; else a ValueError."""
    if is_whole(value) and lowest <= value and (highest is None or value <= highest):
        return int(value)
    limits = f", {lowest} or more" if highest is None else f" from {lowest:,} to {highest:,}"
    raise ValueError(f"{name} is {shown(value)}; expected a whole number{limits}.")


def shown(value: Any) -> str:
    """A value as it is printed, in one line of at most 60 characters."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return " ".join(text.split())[:60]
