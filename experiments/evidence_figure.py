"""Live minus no augmentation, everywhere it was measured: the figure of Results and its short form for the front page."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers import plots

COLORS = {"better": plots.BLUE, "worse": "#a33b20"}
SHORT = {
    "small, one convolution": "one convolution",
    "small, two convolutions": "two convolutions",
    "ResNet-8 trained before, last layer": "ResNet-8, last layer only",
    "ResNet-8 trained before, whole": "ResNet-8, fine-tuned",
    "EfficientNet-Lite0 trained before, whole": "EfficientNet-Lite0, fine-tuned",
    "EfficientNet-Lite0 trained before, upper third": "EfficientNet-Lite0, upper third",
    "EfficientNet-Lite0 trained before, last layer": "EfficientNet-Lite0, last layer only",
}
STRENGTHS = [
    "mild",
    "flip alone",
    "half the article's",
    "three quarters of the article's",
    "the article's",
    "other",
]


def live_minus_none(evidence: pd.DataFrame) -> pd.DataFrame:
    """The rows that the figure draws, by source, strength and difference."""
    rows = evidence[(evidence["first"] == "live") & (evidence["second"] == "no augmentation")]
    rows = rows.assign(order=rows["strength"].map(STRENGTHS.index))
    return rows.sort_values(["source", "order", "accuracy"], ascending=[True, True, False])


def twelve(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a source and strength, the longest registered one, else the longest; of equally long ones that of most
    runs, then the one in which live did worst. Beside them the one in which live under mild changes lost most. Half and
    three quarters of the article's ranges count as one strength."""
    between = rows["strength"].str.contains("half|quarters")
    order = rows.assign(
        kind=rows["strength"].mask(between, "between"),
        registered=rows["told"] == "registered",
        worst=-rows["accuracy"],
    ).sort_values(["registered", "epochs", "runs", "worst"], ascending=False)
    chosen = set(order.groupby(["source", "kind"]).head(1).index)
    mild = rows[rows["strength"] == "mild"]
    return rows.loc[
        [index for index in rows.index if index in chosen | {mild["accuracy"].idxmin()}]
    ]


def label(row: dict) -> str:
    """What a row was measured on: "2,048 images, all ten classes, ResNet-8, 94 epochs"."""
    network = SHORT.get(row["network"], row["network"])
    return f"{row['images']:,} images, {row['images of']}, {network}, {row['epochs']:.0f} epochs"


def loss_disagrees(row: dict) -> bool:
    """Whether loss and accuracy are decided to opposite sides, or loss alone is decided."""
    decided = ("better", "worse")
    return row["loss verdict"] in decided and row["loss verdict"] != row["accuracy verdict"]


def draw(rows: pd.DataFrame, width: float, size: float) -> Figure:
    """Intervals of live minus no augmentation, in points of accuracy, a line a row, grouped by source and strength.

    Args:
        rows: of ``live_minus_none``.
        width: of the figure, inches.
        size: of the letters, points.
    """
    groups = list(rows.groupby(["source", "strength"], sort=False))
    lines = len(rows) + 0.9 * len(groups)
    height = size / 72 * 2.9
    figure, ax = plt.subplots(figsize=(width, height * lines + 0.7))
    y = 0.0
    for (source, strength), group in groups:
        ax.text(
            0,
            y + 0.1,
            f"{source}, {strength}",
            transform=ax.get_yaxis_transform(),
            weight="bold",
            fontsize=size,
        )
        y += 0.9
        for row in group.to_dict("records"):
            mean, half = 100 * row["accuracy"], 100 * row["accuracy ±"]
            color = COLORS.get(row["accuracy verdict"], "0.35")
            filled = "full" if row["told"] == "registered" else "none"
            ax.text(
                0,
                y - 0.12,
                label(row),
                transform=ax.get_yaxis_transform(),
                fontsize=0.85 * size,
                color="0.25",
            )
            ax.errorbar(
                mean,
                y + 0.3,
                xerr=half,
                fmt="o",
                color=color,
                linewidth=2,
                markersize=5,
                fillstyle=filled,
            )
            if loss_disagrees(row):
                ax.plot(
                    mean + half + 1,
                    y + 0.3,
                    "^" if row["loss verdict"] == "better" else "v",
                    color="0.3",
                    markersize=4,
                )
            y += 1
    ax.axvspan(-1, 1, color="0.93", zorder=0)
    ax.axvline(0, color="0.5", linewidth=1, zorder=0)
    ax.set_ylim(y, -0.5)
    ax.set(yticks=[], xlabel="live minus no augmentation, points of accuracy")
    ax.grid(visible=False)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    return figure
