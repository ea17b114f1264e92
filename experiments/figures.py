"""A figure of each question of version 0.5 for the page of results, docs/results-NAME.png; `make tables` draws them."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from experiments import verdicts
from helpers import plots
from helpers.data import RESULTS
from helpers.stats import measure_of

DOCS = RESULTS.parent.parent / "docs"
# By the figure's name: a question, which of its lines, what is measured, and what stands above the figure.
FIGURES = {
    "one-copy": (
        "7",
        "setting.str.contains('without')",
        "changed_mirror",
        "answers that a flip changes, points",
    ),
    "fine-tuning": ("6", "", "test_accuracy", "accuracy on new images, points"),
    "advice": (
        "5",
        "second == 'live' and first != 'live-16/17'",
        "test_accuracy",
        "accuracy minus live's, points",
    ),
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
        ax.errorbar(
            100 * line["observed"], row, xerr=100 * line["half"], fmt="o", color=color, linewidth=3
        )
        ax.plot(100 * line["predicted"], row, "o", color=color, fillstyle="none", markersize=9)
    named = lines["label"].str.removesuffix(", without shoes")
    ax.set(title=title, xlabel="hollow: predicted", yticks=range(len(lines)), yticklabels=named)
    ax.set_ylim(len(lines) - 0.5, -0.5)
    ax.grid(visible=False)
    return figure


def lines_of(name: str) -> pd.DataFrame:
    """What a figure draws, of ``verdicts.observed``."""
    question, rows, measure, _ = FIGURES[name]
    lines = verdicts.observed(question).query("label != ''")
    lines = lines[lines["measure"] == measure]
    return lines.query(rows) if rows else lines


def numbers(lines: pd.DataFrame) -> str:
    """The numbers of a figure, which its file holds, so that a test can tell whether it is current."""
    return (
        lines[["label", "predicted", "observed", "half"]]
        .round(4)
        .to_csv(index=False, lineterminator="\n")
    )


def write() -> None:
    """All figures."""
    plots.use_style()
    for name, (*_, title) in FIGURES.items():
        lines = lines_of(name)
        about = {"Software": None, "numbers": numbers(lines)}
        intervals(lines, title).savefig(DOCS / f"results-{name}.png", dpi=144, metadata=about)
        plt.close()
