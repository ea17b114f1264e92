"""What the stored rows say of the law of repeated pictures, judged as registered in data/results/registrations.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.law import regimes
from experiments.law.points import CELL, LEAST_EXCESS, UNPREDICTED, Cell, new_points
from helpers.arms import parse_arm
from helpers.tables import run_name

NO_COPIES = "reported apart"  # the status of a cell without arms that count


class Score(NamedTuple):
    """How near predictions come.

    Attributes:
        points: how many count: those with an observed excess above ``LEAST_EXCESS``.
        median: of predicted over observed.
        typical: exp median |ln(predicted / observed)|.
        within_15, within_2: share of the points within a factor of 1.5 and of 2.
        verdict: "held", "weakened", "broken", or "not tested" where no point counts.
    """

    points: int
    median: float
    typical: float
    within_15: float
    within_2: float
    verdict: str


def score(
    predicted: Sequence[float] | pd.Series, observed: Sequence[float] | pd.Series, false_alarms: bool = False
) -> Score:
    """Predictions (points,) against what was observed (points,); one that is not positive is outside every factor.

    Args:
        false_alarms: count a point, too, whose prediction alone is above ``LEAST_EXCESS`` (not registered).
    """
    given, found = np.asarray(predicted, float), np.asarray(observed, float)
    if np.isnan(given).any():
        raise ValueError("a prediction is missing; choose the points that count first.")
    counts = found > LEAST_EXCESS
    if false_alarms:
        counts |= given > LEAST_EXCESS
    given, found = given[counts], found[counts]
    if not len(given):
        return Score(0, math.nan, math.nan, math.nan, math.nan, "not tested")
    ratio = np.full(len(given), np.inf)  # where nothing was found, any prediction is too high
    ratio[found > 0] = given[found > 0] / found[found > 0]
    off = np.full(len(ratio), np.inf)
    off[ratio > 0] = np.abs(np.log(ratio[ratio > 0]))
    median, typical = float(np.median(ratio)), float(np.exp(np.median(off)))
    word = "broken"
    if typical <= 2 and 0.5 <= median <= 2:
        word = "weakened"
    if typical <= 1.25 and 0.8 <= median <= 1.25:
        word = "held"
    within = [float(np.mean(off <= math.log(factor))) for factor in (1.5, 2)]
    return Score(len(ratio), median, typical, within[0], within[1], word)


def on_the_whole(words: Sequence[str]) -> str:
    """The verdict over cells: held if it held in two thirds of the tested ones and is broken in none, and so on."""
    held, weakened, broken = map(list(words).count, ("held", "weakened", "broken"))
    tested = held + weakened + broken
    if not tested:
        return "not tested"
    if 3 * held >= 2 * tested and not broken:
        return "held"
    return "weakened" if 3 * (held + weakened) >= 2 * tested else "broken"


def status(cell: Cell, curves: pd.DataFrame, arms: Mapping[str, int]) -> str:
    """Whether a cell can be judged.

    Args:
        arms: its registered arms and replicates.

    Returns:
        "complete", "not run", "incomplete: r of R replicates" where live or an arm copies-K lacks some, or, for a
        complete cell without arms copies-K, ``NO_COPIES``.
    """
    rows = curves[(curves[CELL] == list(cell)).all(axis=1)]
    found = rows.groupby("arm")["replicate"].nunique()
    if not found.index.isin(list(arms)).any():
        return "not run"
    counting = [arm for arm in arms if parse_arm(arm).kind == "copies"]
    fewest = min(found.get(arm, 0) for arm in (["live", *counting] if counting else arms))
    if fewest < max(arms.values()):
        return f"incomplete: {fewest} of {max(arms.values())} replicates"
    return "complete" if counting else NO_COPIES


def table_of_cells(curves: pd.DataFrame, needed: Mapping[Cell, Mapping[str, int]]) -> pd.DataFrame:
    """One row a registered cell: the columns of ``CELL`` and of ``Score``, its verdict being its status if unjudged.

    Only arms that were registered for the cell count, so older rows of regime 2 do not.
    """
    found_points = new_points(curves, needed)
    rows = []
    for cell, arms in needed.items():
        word = status(cell, curves, arms)
        found = Score(0, math.nan, math.nan, math.nan, math.nan, word)
        if word == "complete" and cell[CELL.index("policy")] in UNPREDICTED:
            found = found._replace(verdict="nothing predicted")
        elif word == "complete":
            same = (found_points[CELL] == list(cell)).all(axis=1)
            counting = found_points[same & found_points["counts"]]
            found = score(counting["predicted"], counting["excess"])
        rows.append(dict(zip(CELL, cell, strict=True)) | found._asdict())
    return pd.DataFrame(rows)


def image_losses(images: Mapping[str, np.ndarray], cell: Cell, arm: str, replicates: int) -> np.ndarray:
    """Losses (replicates, images) from what ``store.read_images`` gives; none where a replicate is missing."""
    named = dict(zip(CELL, cell, strict=True)) | {"arm": arm}
    names = [run_name((named | {"replicate": r})[key] for key in regimes.KEYS) for r in range(replicates)]
    if not names or any(name not in images for name in names):
        return np.empty((0, 0))
    return np.stack([images[name] for name in names])
