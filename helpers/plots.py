"""Figures of the course: the same colours, bands and labels everywhere."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from helpers.arms import parse_arm
from helpers.stats import paired_interval

GREY, BLUE = "#6b6b6b", "#0072b2"
TILE = 1.3  # inch, of a picture in ``show_images``
_ORANGES = sns.color_palette("YlOrBr", as_cmap=True)
_SHARES: dict[float, str] = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}
_LINES: dict[str, Any] = {
    "copies": "-", "originals": "--", "pool": ":", "originals+pool": "-.", "fresh": (0, (7, 1.5)),
}  # fmt: skip


def use_style() -> None:
    """Switch matplotlib to the style of the course; a notebook draws 200 dots an inch from then on."""
    plt.style.use(Path(__file__).with_name("series.mplstyle"))
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if shell is not None and hasattr(shell, "kernel"):
        from matplotlib_inline.config import InlineBackend

        InlineBackend.instance(parent=shell).figure_formats = {"retina"}


def arm_style(name: str) -> dict[str, Any]:
    """Colour and dashes of an arm: none grey, static orange (darker with K), live blue.

    Lines are solid where no original is shown, dashed where some are, dotted for a shuffled pool, and both for
    originals in a shuffled pool. Copies that are made anew have long dashes.
    """
    arm = parse_arm(name)
    if arm.kind == "none":
        return {"color": GREY, "linestyle": "-"}
    if arm.kind == "live":
        return {"color": BLUE, "linestyle": "-" if arm.p == 1 else "--"}
    if arm.kind == "pool+live":
        return {"color": BLUE, "linestyle": ":"}
    shade = _ORANGES(0.64 + 0.07 * min(math.log2(arm.copies or 1), 5))  # each has a contrast of 3 with white
    return {"color": shade, "linestyle": _LINES[arm.kind]}


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


def plot_curves(ax: Axes, curves: pd.DataFrame, metric: str, label: bool = True) -> None:
    """Mean of a metric over replicates against updates, with its 95 % t interval as a band.

    Args:
        ax: set its limits first where the labels shall keep their distances.
        curves: rows of ``compare.compare``; seaborn draws a single replicate without a band.
        metric: one of its columns.
        label: write each arm's name at the right end of its line.
    """
    ends, title = {}, ax.get_ylabel()
    for name, part in curves.groupby("arm", sort=False):
        sns.lineplot(
            part, x="update", y=metric, errorbar=lambda values: paired_interval(values)[1:],
            err_kws={"alpha": 0.18, "linewidth": 0}, ax=ax, **arm_style(name),
        )  # fmt: skip
        ends[name] = float(np.asarray(ax.lines[-1].get_ydata())[-1])
    ax.set(xlabel="gradient updates", ylabel=title, xlim=(0, curves["update"].max()))
    if label:
        label_ends(ax, ends)


def label_ends(ax: Axes, ends: Mapping[str, float]) -> None:
    """Labels of arms to the right of the axes at the given heights, moved apart where they would touch.

    Args:
        ends: height by the name of the arm.
    """
    low, high = ax.get_ylim()
    size = plt.rcParams["font.size"]
    height_in_points = ax.get_window_extent().height * 72 / ax.figure.dpi
    order = sorted(ends, key=lambda name: ends[name])
    heights = _apart([ends[name] for name in order], (high - low) * 1.3 * size / height_in_points)
    for name, height in zip(order, heights, strict=True):
        ax.annotate(
            arm_label(name), (1.02, height), xycoords=("axes fraction", "data"), va="center",
            color=_ink(arm_style(name)["color"]), fontsize=size, annotation_clip=False,
        )  # fmt: skip


def _apart(heights: Sequence[float], step: float) -> np.ndarray:
    """Rising heights with at least a step between them: neighbours that touch give way by equal amounts."""
    moved = np.array(heights, float)
    for _ in range(100):
        gaps = np.diff(moved)
        for i in np.flatnonzero(gaps < step).tolist():
            moved[i] -= (step - gaps[i]) / 2
            moved[i + 1] += (step - gaps[i]) / 2
    return moved


def contrast_with_white(color: Any) -> float:
    """Contrast ratio of a colour with white, 1 to 21, as WCAG 2.1 defines it."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05))


def _ink(color: Any) -> tuple[float, ...]:
    """The colour, darkened as far as a text of it needs to be read on white (WCAG 2.1: 4.5 to 1)."""
    ink = np.array(to_rgb(color))
    while contrast_with_white(ink) < 4.5:
        ink = ink * 0.95
    return tuple(ink)


def show_images(rows: Sequence[np.ndarray], titles: Sequence[str], columns: Sequence[str]) -> None:
    """Rows of pictures with a title at the left of each row and one above each column.

    Args:
        rows: each (columns, height, width, channels), floats in [0, 1].
    """
    letters = 1.5 * TILE * max(len(columns), 7)  # points; on a page the widest figures shrink most
    words = 0.09 * max(map(len, titles), default=0)  # inch
    size = (TILE * len(columns) + words + 0.1, TILE * len(rows) + (0.3 if any(columns) else 0))
    _, axes = plt.subplots(len(rows), len(columns), squeeze=False, figsize=size)
    for line, images, title in zip(axes, rows, titles, strict=True):
        for ax, image, column in zip(line, images, columns, strict=True):
            ax.imshow(image, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
            if ax in axes[0]:
                ax.set_title(column, loc="center", fontsize=letters)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=letters)
    plt.show()
