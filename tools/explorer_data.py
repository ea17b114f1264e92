#!/usr/bin/env python3
"""What the book's explorer shows, from the stored tables: curves, verdicts, the law and pictures, as one script.

``docs/conf.py`` calls it when it builds the book: explorer_data.py FILE. The script sets ``window.explorerData``, so
that the page works from a file, too, where it could not fetch anything.
"""

from __future__ import annotations

import base64
import functools
import io
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image
from scipy.stats import t

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers.setup import prepare  # noqa: E402

prepare()

from experiments.law import points as law_points  # noqa: E402
from experiments.law import verdicts as law_verdicts  # noqa: E402
from experiments.law.edges import FOLDS  # noqa: E402
from helpers import arms, plots, stats  # noqa: E402
from helpers.augment import named_policy  # noqa: E402
from helpers.data import load_garments, subset  # noqa: E402
from helpers.tables import FOLDER, read_results  # noqa: E402

TABLES = ("study", "static-versus-live", "solar-cells", "law")  # a setting is taken from the first that has it
SETTING = ["dataset", "n", "policy", "model", "batch", "rate"]
METRICS = ("val_loss", "val_accuracy", "val_loss_scaled", "shown_loss")
KINDS = ("none", "copies", "originals", "pool", "originals+pool")  # of the arms that are compared with live
LATE = 5  # evaluations in the last tenth of a length of training that is offered
EPOCHS = 8  # of the filmstrip
# Whose pictures the filmstrip shows, with the draws of this replicate of 128 images and these of its images. The
# garment has letters on it and the cell a dark spot, so that a flip is seen.
REPLICATE, IMAGES = 5, 128
SUBJECTS = {"garments": 94, "cells": 94}
CELL = "cell0023.png"
POLICIES = ("mild", "wide", "cells")

DATA_SETS = {
    "garments": "pullovers and coats", "dress-shirt": "dresses and shirts", "trouser-dress": "trousers and dresses",
    "garments-flipped": "pullovers and coats, a fifth of the labels flipped", "solar-cells": "solar cells",
    "solar-cells-64": "solar cells of 64 pixels", "solar-cells-1-to-10": "solar cells, 1 in 11 defective",
    **{name: f"solar cells, fold {number}" for number, name in enumerate(FOLDS, 1)},
}  # fmt: skip
NETWORKS = {
    "small": "small network", "deeper": "deeper network", "residual": "residual network",
    "small-sgd": "small network, SGD", "small-adamw": "small network, AdamW", "small-dropout": "small network, dropout",
    "small-smoothing": "small network, smoothed labels", "small-weighted": "small network, class weights",
    "residual-frozen": "pretrained residual network, frozen", "residual-tuned": "pretrained residual network, tuned",
}  # fmt: skip
RATES = {"decay": ", falling rate", "quarter": ", rate ÷ 4", "fourfold": ", rate × 4"}  # others go without saying


class Setting(NamedTuple):
    """What is the same for all arms of a comparison.

    Attributes:
        table: the stored table it comes from.
        key: its values of ``SETTING``.
        curves: its evaluations, as ``tables.read_results`` gives them.
    """

    table: str
    key: tuple
    curves: pd.DataFrame


def images_in_words(dataset: str) -> str:
    if dataset not in DATA_SETS:
        raise ValueError(f"data set {dataset!r} has no words in explorer_data.DATA_SETS; add them.")
    return DATA_SETS[dataset]


def network_in_words(policy: str, model: str, batch: int, rate: str) -> str:
    """The network, and what is unusual about its training."""
    if model not in NETWORKS:
        raise ValueError(f"network {model!r} has no words in explorer_data.NETWORKS; add them.")
    changes = "" if policy in ("mild", "cells") else f", {policy} changes"
    batches = "" if batch == arms.BATCH else f", batches of {batch}"
    return NETWORKS[model] + changes + batches + RATES.get(rate, "")


@functools.cache
def stored(name: str) -> pd.DataFrame:
    """The curves of a stored table with the columns that the law's have; of the law's own, those of complete arms."""
    table = read_results(FOLDER / f"{name}.csv")
    if name == "law":
        return law_points.complete_arms(table, law_points.registered())
    return law_points.as_law(table)


@functools.cache
def settings() -> list[Setting]:
    """All settings that have live and an arm to compare it with."""
    found: dict[tuple, Setting] = {}
    for name in TABLES:
        table = stored(name)
        without = table[table["arm"] == "none"]
        for key, curves in table[table["policy"].isin(POLICIES)].groupby(SETTING, sort=False):
            if key in found:
                continue
            if "none" not in set(curves["arm"]):  # it augments nothing, so that of another policy is the same
                same = [column for column in SETTING if column != "policy"]
                values = [value for column, value in zip(SETTING, key, strict=True) if column != "policy"]
                curves = pd.concat([curves, without[(without[same] == values).all(axis=1)]])
            setting = Setting(name, key, curves)
            if compared(curves):
                found[key] = setting
    return list(found.values())


def compared(curves: pd.DataFrame) -> dict[str, str]:
    """The arms that can be chosen, each with the live arm of the same share of originals where it was run."""
    there = list(curves["arm"].unique())
    if "live" not in there:
        return {}
    chosen = [arm for arm in there if arms.parse_arm(arm).kind in KINDS]
    return {arm: law_points.compared_with(arm, there) for arm in sorted(chosen, key=_order)}


def _order(name: str) -> tuple[int, int]:
    arm = arms.parse_arm(name)
    return KINDS.index(arm.kind), arm.copies or 0


def lengths(setting: Setting) -> list[int]:
    """Updates after which a run can be compared as if it ended there; with a falling rate only the end."""
    updates = np.sort(setting.curves["update"].unique())
    offered = [int(u) for u in updates if np.sum((updates > 0.9 * u) & (updates <= u)) >= LATE]
    return offered if setting.key[SETTING.index("rate")] in ("constant", "quarter", "fourfold") else offered[-1:]


def overlap(setting: Setting, updates: int) -> bool:
    """Do replicates share training images?"""
    return law_verdicts.overlap(cell_of(setting, updates))


def cell_of(setting: Setting, updates: int) -> law_points.Cell:
    named = dict(zip(SETTING, setting.key, strict=True)) | {"regime": 0, "updates": updates}
    return tuple(named[column] for column in law_points.CELL)


def ends(setting: Setting, updates: int) -> pd.DataFrame:
    """One row a run as it was after so many updates, however long it was planned: means over the last tenth."""
    return law_points.ends(setting.curves.assign(updates=updates, regime=0))


def judged(d: np.ndarray, metric: str) -> list[Any]:
    """Mean, ends of the interval, verdict, and verdict at half the margin, of differences live minus an arm."""
    interval, margin, _ = stats.judge(d, metric)
    words = [stats.verdict(interval, share * margin, "loss" in metric) for share in (1, 0.5)]
    return [*(round(float(value), 5) for value in interval), *words]


def comparisons(setting: Setting, runs: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Of each arm: its means, live minus it by each metric, and by each half of validation.

    Args:
        runs: as ``ends`` gives them.
    """
    columns = [*METRICS, "val_loss_even", "val_loss_odd"]
    values = {column: runs.pivot(index="replicate", columns="arm", values=column) for column in columns}
    found: dict[str, dict[str, Any]] = {}
    for arm, live in compared(setting.curves).items():
        result = {}
        for metric in METRICS:
            d = paired(values[metric], live, arm)
            result[metric] = judged(d, metric)
            if metric == "shown_loss":  # the margins are for new images
                result[metric] = result[metric][:3]
        halves = [paired(values[f"val_loss_{half}"], live, arm) for half in ("even", "odd")]
        shown = [name for name in dict.fromkeys(["none", live, arm]) if name in values["val_loss"]]
        found[arm] = {
            "difference": result,
            "halves": [judged(d, "val_loss") for d in halves],
            "means": {name: [round(float(values[m][name].mean()), 5) for m in METRICS] for name in shown},
        }
    return found


def paired(values: pd.DataFrame, live: str, arm: str) -> np.ndarray:
    """Differences live minus an arm, one a replicate; ``compare.differences`` for a table that is a pivot already."""
    difference = values[live] - values[arm]
    if difference.isna().any():
        raise ValueError(f"{live} and {arm} were not run on the same replicates; restore the stored table.")
    return difference.to_numpy()


def curves_of(setting: Setting) -> dict[str, dict[str, list[list[float]]]]:
    """Of each arm and metric the means over replicates, and half of their 95 % intervals, at each evaluation."""
    needed = {"none", *compared(setting.curves), *compared(setting.curves).values()}
    found: dict[str, dict[str, list[list[float]]]] = {}
    for arm, part in setting.curves.groupby("arm", sort=False):
        if arm in needed:
            groups = part.groupby("update")[list(METRICS)]
            runs = part["replicate"].nunique()
            halves = t.ppf(0.975, runs - 1) * groups.sem()
            parts = [table.round(4).to_dict("list") for table in (groups.mean(), halves)]
            found[arm] = {metric: [values[metric] for values in parts] for metric in METRICS}
    return found


@functools.cache
def registered_verdicts() -> dict[tuple, str]:
    """The verdict of each registered setting of the law, by its values of ``SETTING`` and its updates."""
    table = law_verdicts.table_of_cells(law_points.read_law(), law_points.registered())
    return {tuple(row[key] for key in [*SETTING, "updates"]): row["verdict"] for row in table.to_dict("records")}


def law_of(setting: Setting, updates: int, runs: pd.DataFrame) -> dict[str, list[float]]:
    """Of each arm copies-K its excess over live and the formula's, where the registered test of the law held."""
    if registered_verdicts().get((*setting.key, updates)) != "held":
        return {}
    points = law_points.points(runs)
    points = points[points["counts"] & points["predicted"].notna() & (points["excess"] > law_points.LEAST_EXCESS)]
    return {p["arm"]: [round(p["excess"], 5), round(p["predicted"], 5)] for p in points.to_dict("records")}


def subject(name: str) -> np.ndarray:
    """The image whose versions a filmstrip shows, float32 (1, height, width, 1) in [0, 1]."""
    if name == "garments":
        return subset(load_garments(), IMAGES, REPLICATE).x_train[[SUBJECTS[name]]]
    with resources.as_file(resources.files("elpv_dataset") / "data" / "images" / CELL) as path:
        photograph = Image.open(path).resize((32, 32), Image.Resampling.BILINEAR)  # as load_solar_cells does
    return np.asarray(photograph, np.float32)[None, ..., None] / 255


def versions(arm: str, image: int) -> list[int]:
    """Which version of an image the arm shows in its first epochs (a shuffled pool: the first times it comes)."""
    updates = 4 * EPOCHS * IMAGES // arms.BATCH  # a pool may show an image late
    plan = arms.schedule(arm, IMAGES, updates, REPLICATE)
    return plan.version[plan.source == image][:EPOCHS].tolist()


def strip(name: str, policy: str, last: int) -> str:
    """Versions 0 to last of the subject side by side, as the address of a PNG."""
    image, number = subject(name), SUBJECTS[name]
    tiles = [image[0]]
    for version in range(1, last + 1):
        parameters = named_policy(policy).draw(IMAGES, (REPLICATE, version - 1))
        tiles.append(named_policy(policy).apply(image, parameters[number : number + 1]).numpy()[0])
    row = np.concatenate(tiles, axis=1)[..., 0]
    file = io.BytesIO()
    Image.fromarray(np.round(row * 255).astype(np.uint8)).save(file, format="png", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def filmstrips(names: Sequence[str]) -> dict[str, Any]:
    """Which versions each arm shows, by subject, and the pictures, by subject and policy."""
    shown = {name: {arm: versions(arm, image) for arm in names} for name, image in SUBJECTS.items()}
    pictures = {}
    for name, policy in (("garments", "mild"), ("garments", "wide"), ("cells", "cells"), ("cells", "wide")):
        last = max(max(row) for row in shown[name].values())
        pictures[f"{name} {policy}"] = {"source": strip(name, policy, last), "tiles": last + 1}
    return {"shown": shown, "pictures": pictures}


def export() -> dict[str, Any]:
    """All that the page shows."""
    described = [describe(setting) for setting in settings()]
    names = sorted({arm for setting in described for arm in setting["curves"]})
    return {
        "metrics": METRICS,
        "margins": {metric: stats.MARGINS["val_loss" if "loss" in metric else "val_accuracy"] for metric in METRICS},
        "labels": {name: plots.arm_label(name) for name in names} | {"none": "no augmentation"},
        "kinds": {name: arms.parse_arm(name).kind for name in names},
        "settings": described,
        "film": filmstrips(names),
    }


def describe(setting: Setting) -> dict[str, Any]:
    """A setting as the page needs it."""
    dataset, n, policy, model, batch, rate = setting.key
    offered = lengths(setting)
    runs = {updates: ends(setting, updates) for updates in offered}
    return {
        "images": images_in_words(dataset),
        "network": network_in_words(policy, model, batch, rate),
        "n": int(n),
        "pairs": int(setting.curves["replicate"].nunique()),
        "table": f"{setting.table}.csv",
        "overlap": overlap(setting, offered[-1]),
        "film": f"{'cells' if dataset.startswith('solar') else 'garments'} {policy}",
        "updates": offered,
        "at": sorted(int(update) for update in setting.curves["update"].unique()),
        "curves": curves_of(setting),
        "compared": compared(setting.curves),
        "results": {str(u): comparisons(setting, runs[u]) for u in offered},
        "law": {str(u): law_of(setting, u, runs[u]) for u in offered},
    }


def script(data: Mapping[str, Any]) -> str:
    """The data as a script; a value that JSON does not know, such as NaN, is a ValueError."""
    return f"window.explorerData = {json.dumps(data, separators=(',', ':'), allow_nan=False)};\n"


def main(path: str) -> None:
    Path(path).write_text(script(export()), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("expected one argument, the file to write: explorer_data.py FILE")
    main(sys.argv[1])
