"""Figures of the series: the same colours, bands and labels everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from helpers.stats import paired_interval
from helpers.arms import parse_arm

GREY, BLUE = "#6b6b6b", "#0072b2"
_ORANGES = sns.color_palette("YlOrBr", as_cmap=True)


def use_style() -> None:
    """Switch matplotlib to the style of the series."""
    plt.style.use(Path(__file__).with_name("series.mplstyle"))


def arm_style(name: str) -> dict:
    """Colour and dashes of an arm: none grey, static orange (darker with K), live blue.

    Lines are solid where no original is shown, dashed where some are, dotted for a shuffled pool.
    """
    arm = parse_arm(name)
    if arm.kind == "none":
        return {"color": GREY, "linestyle": "-"}
    if arm.kind == "live":
        return {"color": BLUE, "linestyle": "-" if arm.p == 1 else "--"}
    shade = _ORANGES(0.55 + 0.08 * min(np.log2(arm.copies), 5))
    return {"color": shade, "linestyle": {"copies": "-", "originals": "--", "pool": ":"}[arm.kind]}


def arm_label(name: str) -> str:
    """An arm in words."""
    arm = parse_arm(name)
    if arm.kind == "live":
        return "live" if arm.p == 1 else f"live, {name.removeprefix('live-')} augmented"
    number = f"{arm.copies} {'copy' if arm.copies == 1 else 'copies'}"
    return {
        "none": "none", "copies": f"{number} only", "originals": f"originals + {number}",
        "pool": f"shuffled pool of {number}",
    }[arm.kind]  # fmt: skip


def plot_curves(ax: Axes, curves: pd.DataFrame, metric: str, label: bool = True) -> None:
    """Mean of a metric over replicates against updates, with its 95 % t interval as a band.

    Args:
        curves: rows of ``training.compare``.
        metric: one of its columns.
        label: write each arm's name at the right end of its line.
    """
    ends = {}
    for name, part in curves.groupby("arm", sort=False):
        values = part.pivot(index="update", columns="replicate", values=metric)
        bands = np.array([paired_interval(row) for row in values.to_numpy()])
        style = arm_style(name)
        ax.plot(values.index, bands[:, 0], **style)
        ax.fill_between(values.index, bands[:, 1], bands[:, 2], color=style["color"], alpha=0.18, lw=0)
        ends[name] = bands[-1, 0]
    ax.set(xlabel="gradient updates", xlim=(0, curves["update"].max()))
    if label:
        label_ends(ax, ends)


def label_ends(ax: Axes, ends: dict[str, float], names: dict[str, str] | None = None) -> None:
    """Arm names to the right of the axes at the given heights, moved apart where they would touch.

    Args:
        ends: height of each arm, by its name in tables.
        names: what to write instead of ``arm_label``.
    """
    written = names or {name: arm_label(name) for name in ends}
    low, high = ax.get_ylim()
    step = (high - low) * 0.075
    order = sorted(ends, key=ends.get)
    heights = np.array([ends[name] for name in order])
    for _ in range(100):  # push touching neighbours apart by equal amounts
        gaps = np.diff(heights)
        for i in np.flatnonzero(gaps < step):
            heights[i] -= (step - gaps[i]) / 2
            heights[i + 1] += (step - gaps[i]) / 2
    for name, height in zip(order, heights, strict=True):
        ax.annotate(
            written[name], (1.02, height), xycoords=("axes fraction", "data"), va="center",
            color=arm_style(name)["color"], fontsize=9, annotation_clip=False,
        )  # fmt: skip


def show_images(rows: Sequence[np.ndarray], titles: Sequence[str], columns: Sequence[str]) -> None:
    """Rows of pictures with a title at the left of each row and one above each column.

    Args:
        rows: each (columns, height, width, channels), floats in [0, 1].
    """
    size = 0.85
    _, axes = plt.subplots(
        len(rows), len(columns), squeeze=False, figsize=(size * len(columns) + 1.2, size * len(rows) + 0.3)
    )
    for line, images, title in zip(axes, rows, titles, strict=True):
        for ax, image, column in zip(line, images, columns, strict=True):
            ax.imshow(image, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
            if ax in axes[0]:
                ax.set_title(column, loc="center", fontsize=9)
        line[0].set_ylabel(title, rotation=0, ha="right", va="center")
    plt.show()
