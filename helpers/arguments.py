"""Checks of arguments: each returns the value, or says in one sentence what it is and what was expected."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np


def is_whole(value: Any) -> bool:
    """Whether a value is an integer of Python or NumPy; True, False and 64.0 are none."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def whole_number(name: str, value: Any, lowest: float = -math.inf, highest: float = math.inf) -> int:
    """An integer from lowest to highest; else a ValueError."""
    if is_whole(value) and lowest <= value <= highest:
        return int(value)
    limits = ""
    if highest < math.inf:
        limits = f" from {lowest:,} to {highest:,}"
    elif lowest > -math.inf:
        limits = f", {lowest} or more"
    raise ValueError(f"{name} is {shown(value)}; expected a whole number{limits}.")


def flag(name: str, value: Any) -> bool:
    """True or False, of Python or NumPy; else a ValueError."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ValueError(f"{name} is {shown(value)}; expected True or False.")


def shown(value: Any) -> str:
    """A value as it is printed, in one line of at most 60 characters."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return " ".join(text.split())[:60]
