#!/usr/bin/env python3
"""Print the tables of README.md and docs/conclusions.md from the stored results, as Markdown.

The pages hold these lines as they are printed; tests/test_front_page.py compares them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from helpers.arms import parse_arm  # noqa: E402
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
FRONT_PAGE = ("none", "copies-1", "copies-4", "originals+4", "copies-16")
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
SIZES = (128, 256, 512, 1024, 2048, 4096)


@functools.cache
def table(name: str) -> pd.DataFrame:
    """A stored table, read once."""
    return read_results(FOLDER / f"{name}.csv")


def runs(dataset: str, n: int, updates: int = BUDGETS[-1]) -> pd.DataFrame:
    """The study's runs of a task as they were after some updates; small network."""
    return _runs(dataset, n, updates)  # the cache tells a default from the same number that is given


@functools.cache
def _runs(dataset: str, n: int, updates: int) -> pd.DataFrame:
    study = table("study")
    chosen = (study["dataset"] == dataset) & (study["n"] == n) & (study["update"] <= updates)
    return summarise(study[chosen])


def other_runs(
    model: str = "small", policy: str = "mild", rate: str = "constant", updates: int = BUDGETS[-1]
) -> pd.DataFrame:
    """Runs of static-versus-live.csv: 512 garments."""
    return _other_runs(model, policy, rate, updates)


@functools.cache
def _other_runs(model: str, policy: str, rate: str, updates: int) -> pd.DataFrame:
    stored = table("static-versus-live")
    chosen = (stored["model"] == model) & (stored["policy"] == policy) & (stored["rate"] == rate)
    return summarise(stored[chosen & (stored["update"] <= updates)])


@functools.cache
def cell_runs(model: str = "small", policy: str = "cells") -> pd.DataFrame:
    """Runs of solar-cells.csv: 512 cells."""
    stored = table("solar-cells")
    return summarise(stored[(stored["model"] == model) & (stored["policy"] == policy)])


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


def short_entry(d: np.ndarray, metric: str) -> str:
    """The verdict, and by how much where there is a difference."""
    interval, _, word = judge(d, metric)
    if word in ("equivalent", "undecided"):
        return word
    return f"{word} by " + (
        f"{abs(interval.mean):.3f}" if "loss" in metric else f"{100 * abs(interval.mean):.1f} points"
    )


def front_page() -> Iterator[str]:
    """Live against the others, 512 garments, by four measures."""
    yield from header(
        "live against",
        "loss at the end",
        "loss without over-confidence",
        "loss, stopped in time",
        "accuracy at the end",
    )
    for other in FRONT_PAGE:
        name, live = AGAINST[other]
        yield row(
            name, *(short_entry(differences(runs("garments", 512), live, other, m), m) for m in METRICS)
        )


def live_against(metric: str) -> Iterator[str]:
    """Live minus each other arm in all tasks, after 3,000 updates."""
    yield from header("live minus", *TASKS.values())
    for other, (name, live) in AGAINST.items():
        yield row(name, *(entry(differences(runs(*task), live, other, metric), metric) for task in TASKS))


def levels() -> Iterator[str]:
    """Loss and accuracy of the arms, after 3,000 updates."""
    yield from header("", *TASKS.values())
    names = {arm: name for arm, (name, _) in AGAINST.items()} | {
        "live": "live",
        "live-1/2": "live, half left alone",
    }
    for arm, name in names.items():
        means = [runs(*task).groupby("arm")[["val_loss", "val_accuracy"]].mean().loc[arm] for task in TASKS]
        yield row(name, *(f"{m['val_loss']:.3f}, {100 * m['val_accuracy']:.1f}\u00a0%" for m in means))


def in_time() -> Iterator[str]:
    """Live minus none on garments at three lengths of training."""
    yield from header("live minus no augmentation", *(f"{updates:,} updates" for updates in BUDGETS))
    for metric, what in (("val_loss", "loss"), ("val_accuracy", "accuracy, points")):
        for n in (128, 512, 2048):
            yield row(f"{n:,} garments, {what}", *pairs_in_time(n, "live", "none", metric))


def pairs_in_time(n: int, first: str, second: str, metric: str) -> list[str]:
    return [
        entry(differences(runs("garments", n, updates), first, second, metric), metric) for updates in BUDGETS
    ]


def conditions() -> Iterator[str]:
    """What another network, policy or learning rate changes, 512 garments, 3,000 updates."""
    yield from header("512 garments", "loss", "loss without over-confidence", "accuracy, points")
    for words, found, first, second in [
        ("deeper network, live minus none", other_runs("deeper"), "live", "none"),
        ("deeper network, live minus 4 copies", other_runs("deeper"), "live", "copies-4"),
        ("rate falling to zero, live minus none", other_runs(rate="decay"), "live", "none"),
        ("rate falling to zero, live minus 1 copy", other_runs(rate="decay"), "live", "copies-1"),
        ("rate falling to zero, live minus 4 copies", other_runs(rate="decay"), "live", "copies-4"),
        ("rate falling to zero, live minus 16 copies", other_runs(rate="decay"), "live", "copies-16"),
        ("wide policy, live minus none", with_none(other_runs(policy="wide")), "live", "none"),
        ("wide policy, live minus 4 copies", other_runs(policy="wide"), "live", "copies-4"),
        ("wide policy, live minus live, half left alone", other_runs(policy="wide"), "live", "live-1/2"),
    ]:
        metrics = ("val_loss", "val_loss_scaled", "val_accuracy")
        yield row(words, *(entry(differences(found, first, second, m), m) for m in metrics))


def with_none(found: pd.DataFrame) -> pd.DataFrame:
    """The runs of a policy with those of no augmentation, which have none."""
    main = other_runs()
    return pd.concat([found, main[main["arm"] == "none"]])


def solar_cells() -> Iterator[str]:
    """512 solar cells: both halves of the validation images, stopped in time, and average precision."""
    metrics = {
        "val_loss_even": "loss, even half",
        "val_loss_odd": "loss, odd half",
        "val_loss_stopped": "stopped in time",
        "val_average_precision": "average precision, points",
    }
    yield from header("512 cells, live minus", *metrics.values())
    for words, found, second in [
        ("no augmentation", cell_runs(), "none"),
        ("1 copy", cell_runs(), "copies-1"),
        ("4 copies", cell_runs(), "copies-4"),
        ("16 copies", cell_runs(), "copies-16"),
        ("no augmentation, deeper network", cell_runs("deeper"), "none"),
        ("4 copies, deeper network", cell_runs("deeper"), "copies-4"),
    ]:
        yield row(words, *(entry(differences(found, "live", second, m), m) for m in metrics))


def worth() -> Iterator[str]:
    """How many images no augmentation needs to do as well as live; isotonic fit, interpolated in log2 n."""
    yield from header(
        "live with", "loss", "loss without over-confidence", "loss, stopped in time", "accuracy"
    )
    for n in (128, 512):
        for updates in BUDGETS:
            found = [worth_in_images(n, updates, metric) for metric in METRICS]
            yield row(f"{n} garments, {updates:,} updates", *(f"{images:,.0f}" for images in found))


def worth_in_images(n: int, updates: int, metric: str) -> float:
    """The n at which the mean of none comes to that of live."""
    sign = 1 if "loss" in metric else -1
    none = [sign * mean("none", size, updates, metric) for size in SIZES]
    target = sign * mean("live", n, updates, metric)
    fit = isotonic_regression(np.array(none), increasing=False).x
    return float(2 ** np.interp(-target, -fit, np.log2(SIZES)))


def mean(arm: str, n: int, updates: int, metric: str) -> float:
    found = runs("garments", n, updates)
    return found.loc[found["arm"] == arm, metric].mean()


class Showing(NamedTuple):
    """A static arm without originals: how often each of its pictures came, and its verdicts against live."""

    setting: str
    updates: int
    arm: str
    times: float
    loss: str
    accuracy: str


def showings() -> Iterator[Showing]:
    """Every such arm at each length of training; with as many copies as epochs it would be live."""
    settings = {name: (n, functools.partial(runs, dataset, n)) for (dataset, n), name in TASKS.items()}
    settings |= {
        "deeper network": (512, functools.partial(other_runs, model="deeper")),
        "wide policy": (512, functools.partial(other_runs, policy="wide")),
        "falling rate": (512, functools.partial(other_runs, rate="decay")),
    }
    for name, (n, found) in settings.items():
        for updates in BUDGETS:
            some, epochs = found(updates=updates), updates * 32 / n
            arms = {arm: parse_arm(arm) for arm in sorted(set(some["arm"]))}
            copies = {arm: parsed.copies or 0 for arm, parsed in arms.items() if parsed.kind == "copies"}
            for arm, k in copies.items():
                if k < epochs:
                    words = [
                        judge(differences(some, arm, "live", m), m)[2] for m in ("val_loss", "val_accuracy")
                    ]
                    yield Showing(name, updates, arm, epochs / k, *words)


def tables() -> dict[str, Iterable[str]]:
    """All tables of the two pages."""
    against: dict[str, Iterable[str]] = {
        f"live against, {metric}": live_against(metric) for metric in METRICS
    }
    return (
        {"front page": front_page(), "levels": levels()}
        | against
        | {
            "in time": in_time(),
            "conditions": conditions(),
            "cells": solar_cells(),
            "worth": worth(),
        }
    )


def main(names: Sequence[str]) -> None:
    for name, lines in tables().items():
        if not names or name in names:
            print(name, "", *lines, "", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
