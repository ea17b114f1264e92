"""A figure of each question of version 0.5 for the page of results, docs/results-NAME.png; `make tables` draws them."""

from typing import NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers import plots
from helpers.data import RESULTS
from helpers.stats import measure_of
from make_tables import verdicts

DOCS = RESULTS.parent.parent / "docs"


class Drawn(NamedTuple):
    """What a figure shows: which lines of a question, what is measured, and what stands above."""

    question: str
    rows: str
    measure: str
    title: str


WITHOUT_SHOES = "setting.str.contains('without')"
AGAINST_LIVE = "second == 'live' and first != 'live-16/17'"
FIGURES = {
    "one-copy": Drawn("7", WITHOUT_SHOES, "changed_mirror", "answers that a flip changes, points"),
    "fine-tuning": Drawn("6", "", "test_accuracy", "accuracy on new images, points"),
    "advice": Drawn("5", AGAINST_LIVE, "test_accuracy", "accuracy minus live's, points"),
}
COLORS = {"better": plots.BLUE, "worse": "#a33b20"}


def intervals(lines: pd.DataFrame, title: str) -> Figure:
    """Observed differences with their 95 % intervals, and as hollow dots what was predicted.

    Args:
        lines: of ``verdicts.observed``, of one measure that is a share.
        title: of the figure.
    """
    figure, ax = plt.subplots(figsize=(8, 0.8 + 0.36 * len(lines)))
    margin = 100 * measure_of(lines["measure"].iloc[0]).margin
    ax.axvspan(-margin, margin, color="0.93")
    ax.axvline(0, color="0.5", linewidth=1)
    for row, line in enumerate(lines.to_dict("records")):
        color = COLORS.get(line["verdict"], "0.35")
        mean, half = 100 * line["observed"], 100 * line["half"]
        ax.errorbar(mean, row, xerr=half, fmt="o", color=color, linewidth=3)
        ax.plot(100 * line["predicted"], row, "o", color=color, fillstyle="none", markersize=9)
    named = lines["label"].str.removesuffix(", without shoes")
    ax.set(title=title, xlabel="hollow: predicted", yticks=range(len(lines)), yticklabels=named)
    ax.set_ylim(len(lines) - 0.5, -0.5)
    ax.grid(visible=False)
    return figure


def lines_of(name: str) -> pd.DataFrame:
    """What a figure draws, of ``verdicts.observed``."""
    drawn = FIGURES[name]
    lines = verdicts.observed(drawn.question).query("label != '' and measure == @drawn.measure")
    return lines.query(drawn.rows) if drawn.rows else lines


def numbers(lines: pd.DataFrame) -> str:
    """The numbers of a figure, which its file holds, so that a test can tell whether it is current."""
    held = lines[["label", "predicted", "observed", "half"]].round(4)
    return held.to_csv(index=False, lineterminator="\n")


def write() -> None:
    """All figures."""
    plots.use_style()
    for name, drawn in FIGURES.items():
        lines = lines_of(name)
        about = {"Software": None, "numbers": numbers(lines)}
        intervals(lines, drawn.title).savefig(DOCS / f"results-{name}.png", dpi=144, metadata=about)
        plt.close()
