"""Illustrations and figures of stored results, one function a figure: it draws what it is given, and computes nothing.

Each returns its figure with an alternative text, which ``helpers.show.caption`` passes on.
"""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers import plots
from helpers.show import describe
from helpers.stats import paired_interval

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


# Lesson 01


def clocks(rows: Mapping[str, Sequence[int]]) -> Figure:
    """Which draw each epoch shows, a row a method; what was shown before in its row is grey.

    Args:
        rows: the number of the draw in each epoch, by the name of the row.
    """
    epochs = len(next(iter(rows.values())))
    figure, axes = plt.subplots(len(rows), epochs, figsize=(8, 0.75 * len(rows) + 0.4))
    for line, (name, draws) in zip(axes, rows.items(), strict=True):
        color = COLORS.get(name, COLORS["4 copies"])
        for epoch, ax in enumerate(line):
            again = draws[epoch] in draws[:epoch]
            ax.set_facecolor("0.95" if again else color)
            ax.text(0.5, 0.46, str(draws[epoch]), ha="center", va="center", fontsize=24, family="monospace",
                    color="0.6" if again else "white")  # fmt: skip
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", color=color, fontsize=15)
    for epoch, ax in enumerate(axes[0], start=1):
        ax.set_title(f"epoch {epoch}", loc="center", fontsize=12)
    shown = " ".join(f"{name}: {', '.join(map(str, draws))}." for name, draws in rows.items())
    return describe(figure, f"Counters over {epochs} epochs, grey where a number came before. {shown}")


def rows_of_images(
    rows: Mapping[str, np.ndarray], alt: str, columns: Sequence[str] = (), notes: Mapping[str, str] | None = None
) -> Figure:
    """Rows of pictures, with a name at the left of each row, and where there is one a note at its right.

    Args:
        rows: each (columns, height, width, channels), floats in [0, 1], by its name.
        columns: what stands above each column.
        notes: by the name of the row.
    """
    count = len(next(iter(rows.values())))
    beside = 0.13 * max(map(len, rows)) + (1.3 if notes else 0)  # inch, of names and notes
    figure, axes = plt.subplots(len(rows), count, figsize=(1.3 * count + beside, 1.35 * len(rows)), squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            ax.imshow(image, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=15)
        note = (notes or {}).get(name, "")
        line[-1].annotate(note, (1.08, 0.5), xycoords="axes fraction", va="center", fontsize=15, annotation_clip=False)
    for ax, column in zip(axes[0], columns, strict=False):
        ax.set_title(column, loc="center", fontsize=15)
    for name, note in (notes or {}).items():
        alt += f" {name}: {' '.join(note.split())}."
    return describe(figure, alt)


# Lesson 08


def points_ahead(table: pd.DataFrame, title: str) -> Figure:
    """How far methods are ahead of a rule, a line a split, with intervals and the margin of one point.

    Args:
        table: a row a split and method (in the words of ``COLORS``), in points: ``mean``, ``low`` and ``high``.
    """
    splits, methods = list(table["split"].unique()), list(table["method"].unique())
    figure, ax = plt.subplots(figsize=(8, 0.8 * len(splits) + 0.8))
    ax.axvspan(-1, 1, color="0.92")
    ax.axvline(0, color="0.5", linewidth=1)
    for place, method in enumerate(methods):
        own = table[table["method"] == method]
        rows = [splits.index(split) + 0.24 * (place - (len(methods) - 1) / 2) for split in own["split"]]
        ax.hlines(rows, own["low"], own["high"], color=COLORS[method])
        ax.plot(own["mean"], rows, "o", color=COLORS[method], label=method)
    ax.set(yticks=range(len(splits)), yticklabels=splits, ylim=(len(splits) - 0.5, -0.5), title=title)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.grid(visible=False)
    ax.legend(loc="lower left")
    told = (
        f"{row.split}, {row.method}: {row.mean:.1f} ({row.low:.1f} to {row.high:.1f})" for row in table.itertuples()
    )
    return describe(figure, f"Means with their intervals, in points. {'; '.join(told)}.".replace("-", "−"))


# Lesson 09


def ahead_by_updates(lines: Mapping[str, pd.Series], at: int) -> Figure:
    """How far live is ahead of other methods as training goes on, with paired intervals.

    Args:
        lines: of each method, in points, a difference an update and replicate (the levels of the index).
        at: a number of updates that is marked.
    """
    colors = COLORS | {"originals + 4 copies": COLORS["4 copies"]}
    figure, ax = plt.subplots(figsize=(8, 4.2))
    ax.axhspan(-1, 1, color="0.92")
    ax.axvline(at, color="0.5", linewidth=1, linestyle=":")
    said = []
    for name, differences in lines.items():
        table = differences.rename("points").reset_index()
        sns.lineplot(table, x="update", y="points", color=colors[name], marker="o", markeredgewidth=0, ax=ax,
                     errorbar=lambda d: paired_interval(d)[1:], err_kws={"alpha": 0.15, "linewidth": 0})  # fmt: skip
        means = table.groupby("update")["points"].mean()
        ax.annotate(name, (1.01, means.iloc[-1]), xycoords=("axes fraction", "data"), color=colors[name], va="center")
        said.append(f"{name}: {means[at]:.1f} at {at} updates and {means.iloc[-1]:.1f} at {means.index[-1]:,}")
    ticks = sorted(table["update"].unique())[::2]
    ax.set(xscale="log", xlabel="gradient updates", ylabel="", title="accuracy: live minus …, points")
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    alt = f"Three rising lines of live minus another method, in points of accuracy. {'; '.join(said)}."
    return describe(figure, alt.replace("-", "−"))
