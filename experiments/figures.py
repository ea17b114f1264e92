"""Draw the figures of docs/results.md, of the questions whose runs are complete: ``python -m experiments.figures``."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from experiments.verdicts import read
from helpers import plots
from helpers.stats import paired_interval

DOCS = Path(__file__).resolve().parent.parent / "docs"
PLACES = {
    "own_accuracy": "its own\noriginals",
    "new_accuracy": "new images\nas they are",
    "shared_4_accuracy": "in the four\nshared states",
    "others_accuracy": "in the thirteen\nother states",
}
STATES = {
    "none mild image": "no augmentation",
    "copies-1 states own": "1 state, its own",
    "copies-4 states own": "4 states, its own",
    "copies-4 states shared": "4 states, shared",
    "copies-18 states own": "all 18 stored",
    "live states anew": "live",
}
STORES = {
    "copies-1": "1 copy", "pool-8": "8 copies", "pool-9": "9 copies", "originals+pool-8": "originals + 8",
    "live-8/9": "live, a ninth unchanged", "live": "live", "none": "no augmentation",
}  # fmt: skip
DEPTHS = {
    "residual-48": "from scratch", "lite0": "fine-tuned, whole", "lite0-upper": "fine-tuned, upper third",
    "lite0-head": "last layer alone",
}  # fmt: skip


def coverage(table: pd.DataFrame) -> Figure:
    """Accuracy of the small network on its originals, and on new images in several states, a line a method."""
    runs = table.query("dataset == 'garments' and model == 'small' and n == 512")
    means = 100 * runs.groupby("told")[list(PLACES)].mean().loc[list(STATES)]
    figure, ax = plt.subplots(figsize=(9, 4.6))
    for told, row in means.iterrows():
        method, _, draw = told.split()
        style = plots.method_style(method) | {"linestyle": "--" if draw == "shared" else "-"}
        ax.plot(range(len(PLACES)), row, marker="o", **style)
    ax.set(xticks=range(len(PLACES)), xticklabels=PLACES.values(), xlim=(-0.2, 3.1), ylim=(75, 101))
    ax.set_title("accuracy, %, small network, 512 garments, mean of 20 runs")
    height = 0.0
    for told, end in means["others_accuracy"].sort_values().items():
        height = max(end, height + 1.15)
        ax.text(3.14, height, STATES[told], color=plots.method_style(told.split()[0])["color"], va="center")
    return figure


def originals_and_eight(table: pd.DataFrame) -> Figure:
    """Accuracy of each store minus live with its paired interval, in points, question 1."""
    methods = [method for method in STORES if method != "live"]
    values = 100 * table.pivot(index="replicate", columns="told", values="new_accuracy")
    figure, ax = plt.subplots(figsize=(9, 4.2))
    for place, method in enumerate(methods):
        found = paired_interval(values[f"{method} mild image"] - values["live mild image"])
        color = plots.method_style(method)["color"]
        ax.plot([found.low, found.high], [place, place], color=color, linewidth=3)
        ax.plot(found.mean, place, "o", color=color, markersize=9)
        ax.text(found.mean, place - 0.3, f"{found.mean:+.1f}".replace("-", "−"), ha="center", color=color)
    ax.axvspan(-1, 1, color="0.93", zorder=0)
    ax.axvline(0, color="0.5", linewidth=1)
    ax.set(yticks=range(len(methods)), yticklabels=[STORES[method] for method in methods], ylim=(len(methods) - 0.5, -0.7))
    ax.grid(visible=False)
    ax.set_title("accuracy on new images minus live, points, 15 pairs")
    return figure


def photographs(table: pd.DataFrame) -> Figure:
    """Accuracy on the own originals and on new photographs by method, one panel a depth, question 2."""
    runs = table.query("policy == 'crop'")
    figure, axes = plt.subplots(1, len(DEPTHS), sharey=True, figsize=(11, 4.4))
    for ax, (model, title) in zip(axes, DEPTHS.items(), strict=True):
        means = 100 * runs[runs["model"] == model].groupby("method")[["own_accuracy", "new_accuracy"]].mean()
        for method in [method for method in ("none", "copies-1", "originals+pool-8", "live") if method in means.index]:
            ax.plot([0, 1], means.loc[method], marker="o", label=STORES[method], **plots.method_style(method))
        ax.set(xticks=[0, 1], xticklabels=["its own\noriginals", "new\nphotographs"], xlim=(-0.3, 1.3))
        ax.set_title(title)
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    axes[0].set_ylabel("accuracy, %")
    return figure


FIGURES = {"coverage": coverage, "originals-and-eight": originals_and_eight, "photographs": photographs}


def main() -> None:
    plots.use_style()
    for name, draw in FIGURES.items():
        if (table := read(name)) is not None:
            draw(table).savefig(DOCS / f"results-{name}.png", dpi=130)


if __name__ == "__main__":
    main()
