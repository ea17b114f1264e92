#!/usr/bin/env python3
"""Write tables.md and cost-of-stores.csv in data/results from the stored results, and print the table of Conclusions.

Conclusions hold these lines as they are printed; tests/test_numbers.py compares them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.compare import differences, summarise  # noqa: E402
from helpers.data import RESULTS, read_results, read_runs  # noqa: E402
from helpers.stats import measure_of, paired_verdict, verdict  # noqa: E402

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
BUDGETS = (500, 1000, 3000)


@functools.cache
def table(name: str) -> pd.DataFrame:
    """A stored table, read once."""
    return read_results(RESULTS / f"{name}.csv")


@functools.cache
def select(name: str, updates: int | None, **values: str | int) -> pd.DataFrame:
    """Runs of a table whose columns have the given values, as they were after some updates, or at their end."""
    found = table(name)
    for column, value in values.items():
        found = found[found[column] == value]
    return summarise(found if updates is None else found[found["update"] <= updates])


def runs(dataset: str, n: int, updates: int = BUDGETS[-1]) -> pd.DataFrame:
    """The study's runs of a task; small network."""
    return select("study", updates, dataset=dataset, n=n)


def other_runs(
    model: str = "small", policy: str = "mild", rate: str = "constant", updates: int = BUDGETS[-1]
) -> pd.DataFrame:
    """Runs of static-versus-live.csv: 512 garments."""
    return select("static-versus-live", updates, model=model, policy=policy, rate=rate)


def law_runs(regime: int, updates: int | None = None, **condition: str | int) -> pd.DataFrame:
    """Runs of law.csv."""
    return select("law", updates, regime=regime, **condition)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def header(*cells: str) -> list[str]:
    return [row(*cells), row(*["---"] * len(cells))]


def entry(d: np.ndarray, metric: str) -> str:
    """Mean ± half of the 95 % interval and the verdict, with a star where half the margin gives another."""
    interval, margin, word = paired_verdict(d, metric)
    star = "" if verdict(interval, margin / 2, measure_of(metric).lower_is_better) == word else "\\*"
    scale, digits = (1, 3) if "loss" in metric else (100, 1)
    half = (interval.high - interval.low) / 2
    return f"{signed(interval.mean * scale, digits)} ± {untied(half * scale):.{digits}f} {word}{star}"


def untied(number: float) -> float:
    """The same in all versions of NumPy, which differ in the last bit: accuracies make ties such as 0.05."""
    return round(number, 9)


def signed(number: float, digits: int = 3) -> str:
    """With a true minus sign, and without a sign where it is rounded to zero."""
    text = f"{untied(number):.{digits}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def live_against(metric: str) -> Iterator[str]:
    """Live minus each other method in all tasks, after 3,000 updates."""
    yield from header("live minus", *TASKS.values())
    for other, (name, live) in AGAINST.items():
        yield row(name, *(entry(differences(runs(*task), live, other, metric), metric) for task in TASKS))


def residual() -> Iterator[str]:
    """Live minus others in points of accuracy, residual network, garments."""
    yield from header("live minus", "residual network")
    for n, second in [(512, "none"), (512, "copies-1"), (512, "copies-4"), (512, "copies-16"), (2048, "copies-1")]:
        d = differences(law_runs(1, n=n), "live", second, "val_accuracy")
        yield row(f"{STORES[second]}, {n:,} garments", entry(d, "val_accuracy"))


# In the order in which a store is larger; as each is called in lesson 05.
STORES = {
    "none": "no augmentation", "copies-1": "1 copy", "copies-2": "2 copies", "originals+pool-2": "3x",
    "copies-4": "4 copies", "copies-8": "8 copies", "originals+pool-8": "originals + 8", "copies-16": "16 copies",
    "originals+16": "originals + 16", "copies-32": "32 copies",
}  # fmt: skip


def cost_of_stores() -> pd.DataFrame:
    """Points of accuracy below live, a row a network, a column a store; missing where it was not run. 512 images."""
    registered = read_runs(RESULTS / "freeze-or-renew.csv").query("n == 512 and dataset == 'garments'")
    registered = registered.query("policy == 'mild' and draw == 'per image'")
    small = registered.query("model == 'small' and row == 8")
    residual = registered.query("model == 'residual' and row in (2, 6, 8)").drop_duplicates(["method", "replicate"])
    shirts = read_runs(RESULTS / "originals-and-eight-tested.csv").query("updates == 3000")
    photographs = read_runs(RESULTS / "photographs-tested.csv").query("model == 'lite0'")
    colour = read_runs(RESULTS / "colour-tested.csv")
    sources: list[tuple[str, str, list[pd.DataFrame]]] = [  # where two have a store, the second counts
        ("small network", "val_accuracy", [runs("garments", 512), small]),
        ("ResNet-8", "val_accuracy", [law_runs(1, n=512), residual]),
        ("ResNet-8, shirts", "new_accuracy", [shirts.replace({"method": {"pool-8": "copies-8"}})]),  # one shuffle
        ("ResNet-8, colour", "new_accuracy", [colour.replace({"method": {"pool-4": "copies-4"}})]),
        ("EfficientNet, fine-tuned", "new_accuracy", [photographs]),
    ]
    cost = pd.DataFrame(index=pd.Index([], name="points below live"), columns=list(STORES.values()), dtype=float)
    for network, metric, tables in sources:
        for found in tables:
            for method in STORES.keys() & set(found["method"]):  # against live runs that share images and weights
                cost.loc[network, STORES[method]] = -100 * differences(found, method, "live", metric).mean()
    return cost


HEAD = """# Tables behind the conclusions

Written from `study.csv` by `python tools/conclusion_tables.py`. What follows is said in
[conclusions and limits](../../docs/conclusions.md), which also says [how to read an
entry](../../docs/conclusions.md#how-to-read-the-numbers).

The small network, twenty runs each, after 3,000 updates of 32 pictures at a constant rate, with the mild policy on
garments and one of their own on cells. Live shows the same share of originals as the stored copies that it is compared
with: against originals + 4 copies it leaves a fifth of the pictures unchanged.
"""


def page() -> str:
    """The text of data/results/tables.md."""
    parts = [HEAD]
    for title, metric in (("Loss", "val_loss"), ("Accuracy, in points", "val_accuracy")):
        parts.append("\n".join([f"## {title}", "", *live_against(metric)]) + "\n")
    return "\n".join(parts)


def main() -> None:
    (RESULTS / "tables.md").write_text(page(), encoding="utf-8")
    cost_of_stores().round(2).to_csv(RESULTS / "cost-of-stores.csv")
    print(*residual(), sep="\n")


if __name__ == "__main__":
    main()
