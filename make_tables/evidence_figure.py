"""Live minus no augmentation wherever it was measured: the figure of Results, and its short form for the front page."""

import io

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from helpers import plots
from make_tables.evidence import EVIDENCE
from make_tables.figures import DOCS

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
LABELLED = ["source", "strength", "images", "images of", "network", "epochs"]
# In the order of the figure, with the words of its headings.
STRENGTHS = {
    "mild": "mild changes",
    "flip alone": "flip alone",
    "half the article's": "half the article's changes",
    "three quarters of the article's": "three quarters of the article's",
    "the article's": "the article's changes, up to 20°, 20 %",
    "crops": "crops of 35 or 60 to 100 %",
    "other": "other changes",
}
KEY = """live minus no augmentation, points of accuracy
Dot: mean. Bar: 95 % interval of it.
Grey dot: undecided, or level.
Grey band: too little to matter."""
HOLLOW = "Hollow: of no registered question."
TRIANGLE = "Triangle: in loss live wins (up) or loses (down)."


def live_minus_none(evidence: pd.DataFrame) -> pd.DataFrame:
    """The rows that the figure draws, by source, strength and difference."""
    rows = evidence[(evidence["first"] == "live") & (evidence["second"] == "no augmentation")]
    rows = rows.assign(order=rows["strength"].map(list(STRENGTHS).index))
    return rows.sort_values(["source", "order", "accuracy"], ascending=[True, True, False])


def twelve(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a source and strength, the longest registered one, else the longest; of equally long ones that of most
    runs, then the one in which live did worst. Beside them the one in which live under mild changes lost most. Half and
    three quarters of the article's ranges count as one strength, and flips alone and other changes are left out."""
    rows = rows[~rows["strength"].isin(["flip alone", "other"])]
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
    which = row["images of"].replace("tested on quarter", "split")
    return f"{row['images']:,} images, {which}, {network}, {row['epochs']:.0f} epochs"


def loss_disagrees(row: dict) -> bool:
    """Whether loss and accuracy are decided to opposite sides, or loss alone is decided."""
    decided = ("better", "worse")
    return row["loss verdict"] in decided and row["loss verdict"] != row["accuracy verdict"]


def draw(rows: pd.DataFrame, width: float) -> Figure:
    """Intervals of live minus no augmentation, in points of accuracy, a line a row, grouped by source and strength.

    Args:
        rows: of ``live_minus_none``.
        width: of the figure, inches.
    """
    groups = list(rows.groupby(["source", "strength"], sort=False))
    height = 0.34 * (len(rows) + len(groups)) + 1.2
    figure, ax = plt.subplots(figsize=(width, height))
    across = ax.get_yaxis_transform()
    y = 0.0
    for (source, strength), group in groups:
        heading = f"{source}, {STRENGTHS[strength]}"
        ax.text(0, y, heading, transform=across, weight="bold", fontsize=8)
        y += 0.8
        for row in group.to_dict("records"):
            _line(ax, y, row)
            ax.text(0, y - 0.1, label(row), transform=across, fontsize=7, color="0.2")
            y += 1
    ax.axvspan(-1, 1, color="0.92", zorder=0)
    ax.axvline(0, color="0.5", linewidth=1, zorder=0)
    ax.text(-1.5, -0.9, "live loses", color=COLORS["worse"], fontsize=8, ha="right")
    ax.text(1.5, -0.9, "live wins", color=COLORS["better"], fontsize=8)
    ax.set_ylim(y - 0.2, -1.4)
    ax.set_yticks([])
    ax.tick_params(labelsize=8)
    ax.set_xlabel("\n".join(_key(rows)), fontsize=7)
    ax.grid(visible=False)
    for side in ("left", "right", "top"):
        ax.spines[side].set_visible(False)
    return figure


def _key(rows: pd.DataFrame) -> list[str]:
    """What the marks mean that these rows have."""
    key = [KEY]
    if (rows["told"] != "registered").any():
        key.append(HOLLOW)
    if any(loss_disagrees(row) for row in rows.to_dict("records")):
        key.append(TRIANGLE)
    return key


def _line(ax: Axes, y: float, row: dict) -> None:
    """Interval and dot of one row, filled where its question was registered; a triangle beside it where loss alone is
    decided, or otherwise: up where live's is better, down where it is worse."""
    mean, half = 100 * row["accuracy"], 100 * row["accuracy ±"]
    color = COLORS.get(row["accuracy verdict"], "0.35")
    ax.plot([mean - half, mean + half], [y + 0.28, y + 0.28], color=color, linewidth=2)
    filled = color if row["told"] == "registered" else "white"
    ax.plot(mean, y + 0.28, "o", color=color, markerfacecolor=filled, markersize=4.5)
    if loss_disagrees(row):
        mark = "^" if row["loss verdict"] == "better" else "v"
        ax.plot(mean + half + 0.8, y + 0.28, mark, color="0.3", markersize=3.5)


def numbers(rows: pd.DataFrame) -> str:
    """What a figure draws, which its file holds, so that a test can tell whether it is current."""
    drawn = [*LABELLED, "accuracy", "accuracy ±", "accuracy verdict", "loss verdict", "told"]
    return rows[drawn].to_csv(index=False, lineterminator="\n")


def figures(evidence: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, float]]:
    """The rows of each figure by the name of its file in docs, and its width in inches."""
    rows = live_minus_none(evidence)
    return {"evidence": (twelve(rows), 3.6), "results-everywhere": (rows, 5.4)}


def write() -> None:
    """Both figures."""
    plots.use_style()
    for name, (rows, width) in figures(pd.read_csv(EVIDENCE)).items():
        drawn = io.BytesIO()
        draw(rows, width).savefig(drawn, dpi=200)
        plt.close()
        about = PngInfo()
        about.add_itxt("numbers", numbers(rows))
        with Image.open(drawn) as image:
            few = image.convert("RGB").quantize(64, dither=Image.Dither.NONE)
            few.save(DOCS / f"{name}.png", optimize=True, pnginfo=about)
