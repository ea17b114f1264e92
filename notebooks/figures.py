"""Illustrations and figures of stored results, one function a figure: it draws what it is given, and computes nothing.

Each returns its figure with an alternative text, which ``helpers.show.caption`` passes on.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import plots
from helpers.show import describe

# The methods of a lesson, by the names that its text uses.
COLORS = {
    "no augmentation": plots.arm_style("none")["color"],
    "1 copy": plots.arm_style("copies-1")["color"],
    "4 copies": plots.arm_style("copies-4")["color"],
    "live": plots.arm_style("live")["color"],
}


def epochs_of_one_image(versions: np.ndarray, rows: Mapping[str, Sequence[int]], answer: bool = False) -> Figure:
    """One image through eight epochs, a row a method; the answer stamps what was seen before in its row.

    Args:
        versions: (versions, height, width, channels), floats in [0, 1].
        rows: which version each epoch shows, by the name of the row.
    """
    epochs = len(next(iter(rows.values())))
    figure, axes = plt.subplots(len(rows), epochs, figsize=(1.35 * epochs, 1.4 * len(rows)))
    for line, (name, shown) in zip(axes, rows.items(), strict=True):
        color = COLORS.get(name, "black")
        for epoch, ax in enumerate(line):
            seen = answer and shown[epoch] in shown[:epoch]
            ax.imshow(versions[shown[epoch]], vmin=0, vmax=1, alpha=0.25 if seen else 1)
            if seen:
                ax.text(0.5, 0.5, "seen", rotation=25, ha="center", va="center", fontsize=15, weight="bold",
                        transform=ax.transAxes)  # fmt: skip
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=answer, color="lightgrey" if seen else color, linewidth=1 if seen else 3)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", color=color, fontsize=15)
    for epoch, ax in enumerate(axes[0], start=1):
        ax.set_title(f"epoch {epoch}", loc="center", fontsize=15)
    alt = f"One pullover through {epochs} epochs, a little turned, moved and mirrored, in the rows {', '.join(rows)}."
    return describe(figure, alt + (" What was seen before is stamped." if answer else " Nothing says what repeats."))


def copy_and_original(copy: np.ndarray, original: np.ndarray, coat: Sequence[float]) -> Figure:
    """A copy beside its original, with what one network says of each.

    Args:
        copy, original: (height, width, channels), floats in [0, 1].
        coat: the probability of a coat that the network gives the copy and the original.
    """
    figure, axes = plt.subplots(1, 2, figsize=(6.4, 3.6))
    for ax, image, title, share in zip(axes, (copy, original), ("its copy", "its original"), coat, strict=True):
        ax.imshow(image, vmin=0, vmax=1)
        name, sure = ("coat", share) if share > 0.5 else ("pullover", 1 - share)
        ax.set_title(f"{title}: “{name}, {100 * sure:.0f} %”", loc="center")
        ax.axis("off")
    return describe(figure, "The same garment twice, a little turned or moved in the copy. Above the copy the network "
                    "names one class and is nearly certain, above the original it names the other.")  # fmt: skip


def twenty_runs(accuracy: pd.DataFrame, title: str) -> Figure:
    """A line a run through its accuracies.

    Args:
        accuracy: shares in [0, 1], a row a run, a column a method in the words of ``COLORS``.
    """
    figure, ax = plt.subplots(figsize=(8, 4))
    ax.plot(range(accuracy.shape[1]), 100 * accuracy.to_numpy().T, color="0.75", linewidth=1)
    for place, name in enumerate(accuracy):
        ax.plot([place] * len(accuracy), 100 * accuracy[name], "o", color=COLORS[name])
        mean = 100 * accuracy[name].mean()
        ax.plot([place - 0.14, place + 0.14], [mean, mean], color=COLORS[name], linewidth=4)
        ax.text(place + 0.17, mean, f"{mean:.0f} %", color=COLORS[name], va="center", weight="bold")
    ax.set(xticks=range(accuracy.shape[1]), xticklabels=accuracy, xlim=(-0.4, accuracy.shape[1] - 0.5), title=title)
    ax.grid(visible=False, axis="x")
    means = ", ".join(f"{name} {100 * accuracy[name].mean():.0f} %" for name in accuracy)
    return describe(figure, f"{len(accuracy)} runs, each a line through its accuracies. Means: {means}.")


# Lessons 06 and 07


def rows_of_pictures(
    rows: Mapping[str, Sequence[np.ndarray]], columns: Sequence[str], alt: str, tile: float = 1.6
) -> Figure:
    """Pictures in named rows and columns.

    Args:
        rows: by the name of the row, a picture a column, each (height, width, channels), shown from 0 to 1.
        tile: width of a picture, in inch.
    """
    words = 0.11 * max(map(len, rows))
    size = (tile * len(columns) + words, tile * len(rows) + 0.3)
    figure, axes = plt.subplots(len(rows), len(columns), squeeze=False, figsize=size)
    for line, (name, pictures) in zip(axes, rows.items(), strict=True):
        for ax, picture in zip(line, pictures, strict=True):
            ax.imshow(np.clip(picture, 0, 1), vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=True, color="0.8")  # so that a white picture is seen
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=15)
    for ax, column in zip(axes[0], columns, strict=True):
        ax.set_title(column, loc="center", fontsize=15)
    return describe(figure, alt)
