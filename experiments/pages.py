"""The tables in pages that hold numbers of stored rows, written between ``<!-- table: NAME -->`` and ``<!-- end -->``.

``make tables`` writes them. NAME is a key of ``TABLES``, or ``predicted QUESTION: MEASURES`` for the labelled lines of
a registered question.
"""

import re
from collections.abc import Callable, Iterator

import pandas as pd

from experiments import verdicts
from experiments.verdicts import pairs, read, select
from helpers.data import RESULTS
from helpers.plots import method_label
from helpers.stats import measure_of, paired_verdict, verdict

ROOT = RESULTS.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), RESULTS / "tables.md"]
BLOCK = re.compile(r"(<!-- table: (.+?) -->\n)(.*?)(\n<!-- end -->)", re.DOTALL)

# Whom live is compared with, in words, and which live has the same share of originals.
AGAINST = {
    "none": ("no augmentation", "live"),
    "copies-1": ("1 copy instead of each image", "live"),
    "copies-4": ("4 copies instead of each image", "live"),
    "copies-16": ("16 copies instead of each image", "live"),
    "originals+1": ("originals + 1 copy", "live-1/2"),
    "originals+4": ("originals + 4 copies", "live-4/5"),
    "originals+16": ("originals + 16 copies", "live-16/17"),
}
TASKS = {
    ("garments", 128): "garments, 128",
    ("garments", 512): "garments, 512",
    ("garments", 2048): "garments, 2,048",
    ("dress-shirt", 512): "dress and shirt, 512",
    ("solar-cells", 128): "cells, 128",
    ("solar-cells", 512): "cells, 512",
}
ARTICLE = {  # columns and rows of question 0
    "none": "no augmentation", "copies-1": "1 copy", "copies-4": "4 copies, as written",
    "copies-4-equal": "4 copies, equal updates", "live": "live",
}  # fmt: skip
PAIRS = {"cats-dogs": "cats and dogs", "garments": "pullovers and coats"}
QUESTIONS = {
    "0": "0 the article's own code", "4": "4 coverage, variety or repeats?", "1": "1 originals + 8",
    "2": "2 photographs, fine-tuned", "3": "3 colour, from scratch", "addition": "the addition, 12,000 images",
    "5": "5 the advice: sixteen copies", "6": "6 fine-tuning, nothing tuned before",
    "7": "7 one copy of many images",
}  # fmt: skip
MEASURES = {
    "test_accuracy": "accuracy", "new_accuracy": "accuracy", "new_loss": "loss",
    "test_scaled_loss": "loss after scaling", "lost_accuracy": "accuracy that a flip costs",
    "changed_mirror": "answers that a flip changes", "mild_accuracy": "accuracy on changed images",
    "changed_shared_4": "answers changed in the four states", "changed_others": "in the others",
}  # fmt: skip


# A table is lines of cells


def table(head: list[str], rows: Iterator[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))


def number(value: float, measure: str, plus: str = "") -> str:
    """Losses with three digits, shares in points with one; with a true minus sign, and none where it is zero.

    ``plus`` is the sign of what is above zero.
    """
    scale, digits = (1, 3) if "loss" in measure else (100, 1)
    text = f"{round(scale * value, 9):{plus}.{digits}f}"  # versions of NumPy differ in the last bit of a tie
    return text.replace("-", "−") if float(text) else text.strip("+-")


def entry(d: pd.Series, metric: str) -> str:
    """Mean ± half of the 95 % interval and the verdict, with a star where half the margin gives another."""
    interval, margin, word = paired_verdict(d, metric)
    star = (
        "" if verdict(interval, margin / 2, measure_of(metric).lower_is_better) == word else "\\*"
    )
    half = (interval.high - interval.low) / 2
    return f"{number(interval.mean, metric)} ± {number(half, metric)} {word}{star}"


# The tables


def live_against(metric: str) -> str:
    """Live minus each other method in all tasks of the study, after 3,000 updates."""
    tasks = [select(read("study"), f"dataset={dataset} n={n}") for dataset, n in TASKS]
    rows = ([name, *(entry(pairs(task, live, other, metric), metric) for task in tasks)]
            for other, (name, live) in AGAINST.items())  # fmt: skip
    return table(["live minus", *TASKS.values()], rows)


def residual_network() -> str:
    """Live minus others in points of accuracy, residual network, garments."""
    others = [
        (512, "none"),
        (512, "copies-1"),
        (512, "copies-4"),
        (512, "copies-16"),
        (2048, "copies-1"),
    ]
    law = read("law")
    rows = ([f"{method_label(other)}, {n:,} garments",
             entry(pairs(select(law, f"regime=1 n={n}"), "live", other, "val_accuracy"), "val_accuracy")]
            for n, other in others)  # fmt: skip
    return table(["live minus", "residual network"], rows)


def article() -> str:
    """Accuracy on new images of the article's own code, in per cent."""
    cells = read("article").groupby(["dataset", "epochs", "n", "method"], sort=False)
    means = 100 * cells["test_accuracy"].mean().unstack(sort=False)
    rows = ([f"{PAIRS[dataset]}, {int(n):,} images, {epochs} epochs", *(f"{cell[method]:.1f}" for method in ARTICLE)]
            for (dataset, epochs, n), cell in means.iterrows())  # fmt: skip
    return table(["accuracy, %", *ARTICLE.values()], rows)


def scores() -> str:
    """How many predictions of each question came true, and how many of its baselines."""
    head = ["question", "scored", "came true", "“all equal”", "“the more versions, the better”"]
    kinds = ["scored", "predicted", "all equal", "always yes"]
    rows = ([title, *(str(verdicts.scores(verdicts.observed(question)).get(kind, "")) for kind in kinds)]
            for question, title in QUESTIONS.items())  # fmt: skip
    return table(head, rows)


def predicted(question: str, measures: list[str]) -> str:
    """The labelled lines of a question that have the first of these measures, and no other than these."""
    lines = verdicts.observed(question).query("label != ''")
    rows = []
    for label, part in lines.groupby("label", sort=False):
        by_measure = part.set_index("measure")
        if measures[0] not in by_measure.index or set(by_measure.index) - set(measures):
            continue
        row = [str(label)]
        for measure in measures:
            row += (
                _predicted_and_observed(by_measure.loc[measure])
                if measure in by_measure.index
                else ["", ""]
            )
        rows.append(row)
    if not rows:
        raise ValueError(
            f"question {question!r} has no labelled line of {measures[0]}; expected one of verdicts.csv."
        )
    head = [
        words for measure in measures for words in (f"{MEASURES[measure]}: predicted", "observed")
    ]
    return table(["difference", *head], iter(rows))


def _predicted_and_observed(line: pd.Series) -> list[str]:
    measure = str(line.name)
    mean, half = number(line["observed"], measure, "+"), number(line["half"], measure)
    return [number(line["predicted"], measure, "+"), f"{mean} ± {half} {line['verdict']}"]


TABLES: dict[str, Callable[[], str]] = {
    "live against all, loss": lambda: live_against("val_loss"),
    "live against all, accuracy": lambda: live_against("val_accuracy"),
    "live in the residual network": residual_network,
    "the article's code": article,
    "scores": scores,
}


def filled(text: str) -> str:
    """A page with its tables made again."""
    return BLOCK.sub(lambda block: block[1] + _make(block[2]) + block[4], text)


def _make(name: str) -> str:
    if name in TABLES:
        return TABLES[name]()
    question, _, measures = name.removeprefix("predicted ").partition(": ")
    return predicted(question, measures.split(", "))


def write() -> None:
    """All tables of the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text), encoding="utf-8")
