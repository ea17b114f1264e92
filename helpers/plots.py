"""The colour, the dashes and the label of each way of training, in all figures; their common style."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import seaborn as sns
from IPython import get_ipython

from helpers.arms import parse_arm

GREY, BLUE = "#6b6b6b", "#0072b2"
_ORANGES = sns.color_palette("YlOrBr", as_cmap=True)
_SHARES: dict[float, str] = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}
_LINES: dict[str, Any] = {
    "none": "-", "copies": "-", "originals": "--", "pool": ":", "originals+pool": "-.", "fresh": (0, (7, 1.5)),
    "live": "-", "pool+live": ":",
}  # fmt: skip


def use_style() -> None:
    """Switch matplotlib to the style of the course; a notebook draws 200 dots an inch from then on."""
    plt.style.use(Path(__file__).with_name("series.mplstyle"))
    if hasattr(get_ipython(), "kernel"):
        from matplotlib_inline.config import InlineBackend

        InlineBackend.instance(parent=get_ipython()).figure_formats = {"retina"}


def arm_style(name: str) -> dict[str, Any]:
    """Colour and dashes of an arm: none grey, static orange (darker with K), live blue.

    Lines are solid where no original is shown, dashed where some are, dotted for a shuffled pool, and both for
    originals in a shuffled pool. Copies that are made anew have long dashes.
    """
    arm = parse_arm(name)
    color = _ORANGES(0.75 + 0.05 * min(math.log2(arm.copies or 1), 5))  # each dark enough for text on white
    if arm.kind in ("none", "live", "pool+live"):
        color = GREY if arm.kind == "none" else BLUE
    return {"color": color, "linestyle": "--" if arm.p < 1 else _LINES[arm.kind]}


def arm_label(name: str) -> str:
    """An arm in the words of the lessons."""
    arm = parse_arm(name)
    if arm.kind == "live":
        unchanged = float(1 - arm.p)
        return "live" if arm.p == 1 else f"live, {_SHARES.get(unchanged, f'{100 * unchanged:.0f} %')} unchanged"
    copies = f"{arm.copies} {'copy' if arm.copies == 1 else 'copies'}"
    return {
        "none": "no augmentation",
        "copies": copies,
        "originals": f"originals + {copies}",
        "pool": f"{copies}, shuffled",
        "originals+pool": f"originals + {copies}, shuffled",
        "fresh": f"{copies}, new after {arm.epochs} epochs",
        "pool+live": f"live on top of {copies}",
    }[arm.kind]
