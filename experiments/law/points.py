"""The points of the law of repeated pictures: of each static arm what was observed, and what the law predicts.

Registered in data/results/registrations.md; ``verdicts.py`` judges them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.law import regimes
from helpers.arms import BATCH, parse_arm
from helpers.tables import FOLDER, read_results, run_name

CELL = ["regime", "dataset", "n", "policy", "model", "batch", "updates", "rate"]  # what names a cell of the test
LEAST_EXCESS = 0.02  # smaller ones are not predicted
UNPREDICTED = ("cutmix",)  # policies whose shown loss is that of mixed labels

Cell = tuple  # values of CELL


def registered(settings: Sequence[Mapping] | None = None) -> dict[Cell, dict[str, int]]:
    """The replicates of each arm of each cell, as registered; of law.csv unless other settings are given.

    Arms that were dropped are left out, but a cell that was dropped as a whole keeps its own.
    """
    cells: dict[Cell, dict[str, int]] = {}
    for setting in settings or _not_dropped(regimes.settings()):
        arms = cells.setdefault(tuple(setting[key] for key in CELL), {})
        arms[setting["arm"]] = arms.get(setting["arm"], 0) + 1
    return cells


def _not_dropped(settings: Sequence[Mapping]) -> list[Mapping]:
    kept = [setting for setting in settings if not regimes.is_dropped(setting)]
    begun = {tuple(setting[key] for key in CELL) for setting in kept}
    return [s for s in settings if not regimes.is_dropped(s) or tuple(s[key] for key in CELL) not in begun]


def read_law(folder: Path = FOLDER) -> pd.DataFrame:
    """The curves of law.csv, and what older tables hold of its cells.

    The deeper network's live and 4 copies join regime 2, the small network's live arms with 128 and 2,048 garments
    regime 4. They have no columns of ``runs.Watch``, so these are missing there.
    """
    curves = [read_results(folder / "law.csv")]
    for name, dataset, policy in (("static-versus-live", "garments", "mild"), ("solar-cells", "solar-cells", "cells")):
        older = as_law(read_results(folder / f"{name}.csv"), regime=2)
        same = (older["dataset"] == dataset) & (older["policy"] == policy) & (older["model"] == "deeper")
        curves.append(older[same & older["arm"].isin(["live", "copies-4"])])
    study = as_law(read_results(folder / "study.csv"), regime=4)
    same = (study["dataset"] == "garments") & study["n"].isin([128, 2048])
    curves.append(study[same & study["arm"].isin(["live", "live-4/5", "live-16/17"])])
    return pd.concat(curves, ignore_index=True)


def as_law(curves: pd.DataFrame, updates: int = 3000, regime: int = 0) -> pd.DataFrame:
    """Curves of another table, up to so many updates, with the settings that it does not name."""
    return curves[curves["update"] <= updates].assign(updates=updates, regime=regime, batch=BATCH)


def complete_arms(curves: pd.DataFrame, needed: Mapping[Cell, Mapping[str, int]]) -> pd.DataFrame:
    """The rows of arms that have all their registered replicates, and of arms that were not registered."""
    kept = []
    for (*cell, arm), rows in curves.groupby([*CELL, "arm"], sort=False):
        if rows["replicate"].nunique() >= needed.get(tuple(cell), {}).get(arm, 0):
            kept.append(rows)
    return pd.concat(kept, ignore_index=True) if kept else curves.iloc[:0]


def ends(curves: pd.DataFrame) -> pd.DataFrame:
    """One row a run: the means of its evaluations in the last tenth of its updates.

    Raises:
        ValueError: a run diverged; a mean over the others would hide it.
    """
    late = curves[(curves["update"] > 0.9 * curves["updates"]) & (curves["update"] <= curves["updates"])]
    diverged = late[~np.isfinite(late[["val_loss", "shown_loss"]]).all(axis=1)]
    if len(diverged):
        name = run_name(diverged.iloc[0][[*CELL, "arm", "replicate"]])
        raise ValueError(f"the run {name} diverged: a loss is no number; say so, and leave its replicate out.")
    return late.groupby([*CELL, "arm", "replicate"], sort=False, as_index=False).mean(numeric_only=True)


def showings(arm: str, epochs: float) -> float:
    """How often an arm shows each of its pictures, as registered."""
    parsed = parse_arm(arm)
    match parsed.kind:
        case "copies" | "pool":
            return epochs / (parsed.copies or 1)
        case "originals" | "originals+pool":
            return epochs / ((parsed.copies or 0) + 1)
        case "fresh":
            return (parsed.epochs or 1) / (parsed.copies or 1)
        case "live" | "pool+live":
            return 1
    raise ValueError(f"{arm} shows the images as they are; its showings are not defined.")


def compared_with(arm: str, arms: Sequence[str]) -> str:
    """The live arm with the same share of originals where it was run, else live."""
    parsed = parse_arm(arm)
    if parsed.kind in ("originals", "originals+pool") and parsed.copies:
        same_share = f"live-{parsed.copies}/{parsed.copies + 1}"
        return same_share if same_share in arms else "live"
    return "live"


def points(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell and static arm, from means over replicates.

    Args:
        runs: as ``ends`` gives them.

    Returns:
        The columns of ``CELL``; arm; counts (is it copies-K, under a policy for which the law predicts?); showings;
        excess; growth, ln(shown loss of live / of static); error, the share of wrong answers, the mean of live and
        static; predicted, which is missing where nothing is predicted.
    """
    rows = []
    for cell, part in runs.groupby(CELL, sort=False):
        means = part.groupby("arm").mean(numeric_only=True)
        named = dict(zip(CELL, cell, strict=True))
        epochs = named["updates"] * named["batch"] / named["n"]
        for arm in part["arm"].unique():
            live = compared_with(arm, means.index)
            if parse_arm(arm).kind not in ("none", "live") and live in means.index:
                counts = parse_arm(arm).kind == "copies" and named["policy"] not in UNPREDICTED
                row = {"arm": arm, "counts": counts, "showings": showings(arm, epochs)}
                rows.append(named | row | _parts(means.loc[arm], means.loc[live]))
    table = pd.DataFrame(rows, columns=[*CELL, "arm", "counts", "showings", *_PARTS])
    return table.assign(predicted=(table["error"] * table["growth"]).mask(table["policy"].isin(UNPREDICTED)))


def new_points(curves: pd.DataFrame, needed: Mapping[Cell, Mapping[str, int]]) -> pd.DataFrame:
    """The points of the complete arms that were registered; the older rows of regime 2 are none of them."""
    found = points(ends(complete_arms(curves, needed)))
    is_new = [arm in needed.get(tuple(cell), {}) for *cell, arm in found[[*CELL, "arm"]].itertuples(index=False)]
    return found[np.array(is_new, bool)]


_PARTS = ["excess", "growth", "error"]


def _parts(static: pd.Series, live: pd.Series) -> dict[str, float]:
    return {
        "excess": static["val_loss"] - live["val_loss"],
        "growth": math.log(live["shown_loss"] / static["shown_loss"]),
        "error": 1 - (static["val_accuracy"] + live["val_accuracy"]) / 2,
    }
