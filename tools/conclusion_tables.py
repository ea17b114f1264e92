#!/usr/bin/env python3
"""Write tables.md and cost-of-stores.csv in data/results from the stored results, and print the tables of Conclusions.

The page holds these lines as they are printed; tests/test_numbers.py compares them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.compare import differences, summarise  # noqa: E402
from helpers.stats import judge, verdict  # noqa: E402
from helpers.tables import FOLDER, read_results  # noqa: E402

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
SHORT = {arm: name.removesuffix(" instead of each image") for arm, (name, _) in AGAINST.items()}
METRICS = ("val_loss", "val_loss_scaled", "val_loss_stopped", "val_accuracy")
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
    return read_results(FOLDER / f"{name}.csv")


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


def cell_runs(model: str = "small", policy: str = "cells") -> pd.DataFrame:
    """Runs of solar-cells.csv: 512 cells."""
    return select("solar-cells", None, model=model, policy=policy)


def law_runs(regime: int, updates: int | None = None, **condition: str | int) -> pd.DataFrame:
    """Runs of law.csv."""
    return select("law", updates, regime=regime, **condition)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def header(*cells: str) -> list[str]:
    return [row(*cells), row(*["---"] * len(cells))]


def entry(d: np.ndarray, metric: str) -> str:
    """Mean ± half of the 95 % interval and the verdict, with a star where half the margin gives another."""
    interval, margin, word = judge(d, metric)
    star = "" if verdict(interval, margin / 2, "loss" in metric) == word else "\\*"
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
    """Live minus each other arm in all tasks, after 3,000 updates."""
    yield from header("live minus", *TASKS.values())
    for other, (name, live) in AGAINST.items():
        yield row(name, *(entry(differences(runs(*task), live, other, metric), metric) for task in TASKS))


def levels() -> Iterator[str]:
    """Loss and accuracy of the arms, after 3,000 updates."""
    yield from header("", *TASKS.values())
    names = {arm: name for arm, (name, _) in AGAINST.items()} | {"live": "live", "live-1/2": "live, half unchanged"}
    for arm, name in names.items():
        means = [runs(*task).groupby("arm")[["val_loss", "val_accuracy"]].mean().loc[arm] for task in TASKS]
        yield row(name, *(f"{m['val_loss']:.3f}, {100 * m['val_accuracy']:.1f}\u00a0%" for m in means))


def in_time() -> Iterator[str]:
    """Live minus none on garments at three lengths of training."""
    yield from header("live minus no augmentation", *(f"{updates:,} updates" for updates in BUDGETS))
    for metric, what in (("val_loss", "loss"), ("val_accuracy", "accuracy, points")):
        for n in (128, 512, 2048):
            d = [differences(runs("garments", n, updates), "live", "none", metric) for updates in BUDGETS]
            yield row(f"{n:,} garments, {what}", *(entry(one, metric) for one in d))


def conditions() -> Iterator[str]:
    """What another network, policy or learning rate changes, 512 garments, 3,000 updates."""
    yield from header("512 garments", "loss", "loss without over-confidence", "accuracy, points")
    names = SHORT | {"live-1/2": "live, half unchanged"}
    deeper, falling = other_runs("deeper"), other_runs(rate="decay")
    wide = pd.concat([other_runs(policy="wide"), other_runs().query("arm == 'none'")])  # which has no policy
    for words, found, others in [
        ("deeper network", deeper, ["none", "copies-4"]),
        ("rate falling to zero", falling, ["none", "copies-1", "copies-4", "copies-16"]),
        ("wide policy", wide, ["none", "copies-4", "live-1/2"]),
    ]:
        for other in others:
            metrics = ("val_loss", "val_loss_scaled", "val_accuracy")
            entries = [entry(differences(found, "live", other, metric), metric) for metric in metrics]
            yield row(f"{words}, live minus {names[other]}", *entries)


def shown_and_new() -> Iterator[str]:
    """Accuracy on the pictures shown, on their originals and on new images; residual network, 512 garments."""
    yield from header("", "pictures it was shown", "the originals of those", "new images")
    means = law_runs(1, n=512).groupby("arm")[["shown_accuracy", "train_accuracy", "val_accuracy"]].mean()
    for arm in ("none", "copies-1", "copies-4", "copies-16", "live"):
        yield row(SHORT.get(arm, arm), *(f"{100 * share:.1f}\u00a0%" for share in means.loc[arm]))


def small_and_residual() -> Iterator[str]:
    """Live minus others in points of accuracy, in both networks, garments."""
    yield from header("live minus", "small network", "residual network")
    for n, second in [(512, "none"), (512, "copies-1"), (512, "copies-4"), (512, "copies-16"), (2048, "copies-1")]:
        both = (runs("garments", n), law_runs(1, n=n))
        entries = [entry(differences(found, "live", second, "val_accuracy"), "val_accuracy") for found in both]
        yield row(f"{SHORT[second]}, {n:,} garments", *entries)


# In the order in which a store is larger; as each is called in lesson 05.
STORES = {
    "none": "no augmentation", "copies-1": "1 copy", "copies-2": "2 copies", "originals+pool-2": "3x",
    "copies-4": "4 copies", "copies-8": "8 copies", "originals+pool-8": "originals + 8", "copies-16": "16 copies",
    "originals+16": "originals + 16", "copies-32": "32 copies",
}  # fmt: skip


def cost_of_stores() -> pd.DataFrame:
    """Points of accuracy below live, a row a network, a column a store; missing where it was not run. 512 images."""
    registered = pd.read_csv(FOLDER / "freeze-or-renew.csv").query("n == 512 and dataset == 'garments'")
    registered = registered.query("policy == 'mild' and draw == 'per image'")
    small = registered.query("model == 'small' and row == 8")
    residual = registered.query("model == 'residual' and row in (2, 6, 8)").drop_duplicates(["arm", "replicate"])
    shirts = pd.read_csv(FOLDER / "originals-and-eight-tested.csv").query("updates == 3000")
    photographs = pd.read_csv(FOLDER / "photographs-tested.csv").query("model == 'lite0'")
    colour = pd.read_csv(FOLDER / "colour-tested.csv")
    sources: list[tuple[str, str, list[pd.DataFrame]]] = [  # where two have a store, the second counts
        ("small network", "val_accuracy", [runs("garments", 512), small]),
        ("ResNet-8", "val_accuracy", [law_runs(1, n=512), residual]),
        ("ResNet-8, shirts", "new_accuracy", [shirts.replace({"arm": {"pool-8": "copies-8"}})]),  # one shuffle
        ("ResNet-8, colour", "new_accuracy", [colour.replace({"arm": {"pool-4": "copies-4"}})]),
        ("EfficientNet, fine-tuned", "new_accuracy", [photographs]),
    ]
    cost = pd.DataFrame(index=pd.Index([], name="points below live"), columns=list(STORES.values()), dtype=float)
    for network, metric, tables in sources:
        for found in tables:
            for arm in STORES.keys() & set(found["arm"]):  # against the live runs that share images and initial weights
                cost.loc[network, STORES[arm]] = -100 * differences(found, arm, "live", metric).mean()
    return cost


HEAD = """# Tables behind the conclusions

What follows from them is said in [conclusions and limits](../../docs/conclusions.md). This page is written from the
stored results by `python tools/conclusion_tables.py`.

## How to read the tables

Each entry is the mean difference of twenty paired runs ± half of its 95 % interval (plain paired *t*), and a verdict.
*Equivalent* means that the whole interval lies within the margin, which is 0.02 in loss and 1 point in accuracy.
Otherwise it is *better* or *worse* where the interval excludes zero, and *undecided* where it does not. A star marks a
verdict that would be another one at half the margin.

Where a table says nothing else, the runs are of the small network, for 3,000 updates of 32 pictures at a constant rate,
with the mild policy on garments and one of their own on cells. Live shows the same share of originals as the stored
copies that it is compared with: against originals + 4 copies it leaves a fifth of the pictures unchanged.
"""
HALVES = "chosen on half of the validation images and measured on the other half, both ways round."
SECTIONS: list[tuple[str, str, Callable[[], Iterable[str]]]] = [
    ("Loss and accuracy", "Of each method, on the validation images, at the end.", levels),
    *[(f"Live against the rest: {what}", about, functools.partial(live_against, metric)) for what, about, metric in [
        ("loss at the end", "The mean of five evaluations in the last tenth of the updates.", "val_loss"),
        ("loss without over-confidence", f"The same after temperature scaling, with a temperature {HALVES}",
         "val_loss_scaled"),
        ("loss, stopped in time", f"At a stopping point {HALVES}", "val_loss_stopped"),
        ("accuracy", "In points. A positive number favours live.", "val_accuracy"),
    ]],
    ("How long you train", "Live against no augmentation at three lengths of training.", in_time),
    ("Another network, policy or learning rate", "With 512 garments.", conditions),
]  # fmt: skip


def page() -> str:
    """The text of data/results/tables.md."""
    parts = [HEAD]
    for title, about, table_of in SECTIONS:
        parts.append("\n".join([f"## {title}", "", about, "", *table_of()]) + "\n")
    return "\n".join(parts)


def main() -> None:
    (FOLDER / "tables.md").write_text(page(), encoding="utf-8")
    cost_of_stores().round(2).to_csv(FOLDER / "cost-of-stores.csv")
    for printed in (shown_and_new(), small_and_residual()):
        print(*printed, "", sep="\n")


if __name__ == "__main__":
    main()
