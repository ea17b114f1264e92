"""From stored runs to points: of each arm what was found, and what the registered rules foretell.

Registered in ``data/results/freeze-or-renew.md``; ``verdicts`` judges them. Losses are in nats, gaps are an arm's
loss minus that of live in the same row of the registration.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.freeze_or_renew.settings import KEYS, THREE_RUNS, settings
from helpers.arms import parse_arm
from helpers.stats import MARGINS
from helpers.tables import FOLDER

TABLE = FOLDER / "freeze-or-renew.csv"
CELL = ["row", "dataset", "n", "model", "rate", "batch"]  # what names a setting of the registration
MARGIN = MARGINS["val_loss"]
CONSTANT = 0.147  # of the baseline: fitted on the tables before these runs


def read_runs(path: Path = TABLE) -> pd.DataFrame:
    """One row a run with its summary, of the settings that are complete.

    Raises:
        FileNotFoundError: no such table.
        ValueError: a run diverged, which a mean would pass over.
    """
    runs = pd.read_csv(path, keep_default_na=False, na_values=["nan"])
    diverged = runs[runs["val_loss"].isna()]
    if len(diverged):
        first = dict(diverged.iloc[0][list(KEYS)])
        raise ValueError(f"{path} has {len(diverged)} runs without a loss, the first {first}; compute them again.")
    expected = pd.DataFrame(settings()).groupby(CELL).size()
    found = runs.groupby(CELL).size().reindex(expected.index, fill_value=0)
    complete = expected.index[found == expected]
    return runs[pd.MultiIndex.from_frame(runs[CELL]).isin(complete)].reset_index(drop=True)


def without_pilots(runs: pd.DataFrame) -> pd.DataFrame:
    """Without the replicates of the small network that a pilot had used against the rule."""
    return runs[(runs["model"] != "small") | (runs["replicate"] > 25)]


def disjoint(runs: pd.DataFrame) -> pd.DataFrame:
    """The replicates that share no training image: of 512 garments 23 fit into the training set, of 2,048 five."""
    first = runs["n"].map({128: 20, 512: 23, 2048: 20})
    last = runs["n"].map({128: 39, 512: 39, 2048: 24})
    small = runs["model"] == "small"
    return runs[~small | runs["replicate"].between(first, last)]


def means(runs: pd.DataFrame) -> pd.DataFrame:
    """Means over replicates, one row a setting and arm, of what the rules speak of.

    In rows 1 and 2, which have several policies, these are the mild one and one draw an image.
    """
    spoken_of = runs["draw"] == "per image"
    spoken_of &= (runs["policy"] == "mild") | ~runs["row"].isin([1, 2])
    measured = [column for column in runs.columns if column not in KEYS]
    return runs[spoken_of].groupby([*CELL, "arm", "updates"], as_index=False)[measured].mean()


def repeats(arm: str, epochs: float) -> float:
    """(mean times shown - 1) / (epochs - 1), the mean over what is shown: 1 without augmentation, 0 for live."""
    parsed = parse_arm(arm)
    if parsed.kind == "none":
        return 1.0
    if parsed.kind == "live":
        # An original is shown 1 + (epochs - 1) q times where it is shown at all, which is a share q of what is shown.
        return float(1 - parsed.p) ** 2
    stored = (parsed.copies or 0) + ("originals" in parsed.kind)
    return (epochs / stored - 1) / (epochs - 1)


def augmented(arm: str) -> float:
    """The share of the pictures shown that are augmented."""
    parsed = parse_arm(arm)
    if parsed.kind == "none":
        return 0.0
    if "originals" in parsed.kind:
        copies = parsed.copies or 0
        return copies / (copies + 1)
    return float(parsed.p)


class Forces(NamedTuple):
    """What three runs of a setting say.

    Attributes:
        repeats: c, loss of 1 copy minus that of live.
        mismatch: d, loss of 1 copy minus that of no augmentation.
    """

    repeats: float
    mismatch: float


def forces(table: pd.DataFrame, cell: Sequence, metric: str = "val_loss") -> Forces:
    """c and d of a setting; in rows 3 and 8, which lack two of the runs, those of row 1 or 2.

    Args:
        table: as ``means`` gives it.
        cell: values of ``CELL``.

    Raises:
        KeyError: one of the three runs is not there.
    """
    named = dict(zip(CELL, cell, strict=True))
    if named["row"] in (3, 8):
        named["row"] = 2 if named["model"] == "residual" else 1
    same = (table[CELL] == list(named.values())).all(axis=1)
    losses = table[same].set_index("arm")[metric]
    one_copy = losses["copies-1"]
    return Forces(one_copy - losses["live"], one_copy - losses["none"])


def arm_points(table: pd.DataFrame) -> pd.DataFrame:
    """One row a setting and arm other than the three runs: the gap found, and each rule's.

    Columns: ``CELL``, arm, found, additive (c x + d (a - 1)), repeats_alone (c x), like_live (0), arm_mean (the mean
    gap of that arm in the other settings, 0 where there is none).
    """
    rows = []
    for cell, part in table.groupby(CELL, sort=False):
        try:
            c, d = forces(table, cell)
        except KeyError:
            continue
        losses = part.set_index("arm")["val_loss"]
        epochs = epochs_of(part.iloc[0])
        for arm in losses.index.difference(THREE_RUNS):
            x = repeats(arm, epochs)
            named = dict(zip(CELL, cell, strict=True)) | {"arm": arm, "found": losses[arm] - losses["live"]}
            additive = c * x + d * (augmented(arm) - 1)
            rows.append(named | {"additive": additive, "repeats_alone": c * x, "like_live": 0.0})
    points = pd.DataFrame(rows)
    total, count = (points.groupby("arm")["found"].transform(how) for how in ("sum", "size"))
    others = (total - points["found"]) / (count - 1).where(count > 1)
    return points.assign(arm_mean=others.fillna(0.0))


def copy_points(table: pd.DataFrame) -> pd.DataFrame:
    """One row a setting and arm copies-K with K >= 2, of rows 1, 4, 5, 6: the gap found, and each rule's.

    Columns: ``CELL``, arm, found, first (gap(1) / K), halving (loss(K/2) - loss(K), missing without that run),
    nothing (0), constant, formula_of_0_2, times_shown.
    """
    rows = []
    for cell, part in table[table["row"].isin([1, 4, 5, 6])].groupby(CELL, sort=False):
        runs = part.set_index("arm")
        losses, live = runs["val_loss"], runs.loc["live"]
        for arm in losses.index:
            copies = parse_arm(arm).copies
            if parse_arm(arm).kind != "copies" or copies is None or copies < 2:
                continue
            growth = math.log(live["shown_loss"] / runs.loc[arm, "shown_loss"])
            error = 1 - (live["val_accuracy"] + runs.loc[arm, "val_accuracy"]) / 2
            half = f"copies-{copies // 2}"
            rows.append(
                dict(zip(CELL, cell, strict=True))
                | {
                    "arm": arm,
                    "found": losses[arm] - losses["live"],
                    "first": (losses["copies-1"] - losses["live"]) / copies,
                    "halving": losses[half] - losses[arm] if half in losses else math.nan,
                    "nothing": 0.0,
                    "constant": CONSTANT * growth,
                    "formula_of_0_2": error * growth,
                    "times_shown": epochs_of(part.iloc[0]) / copies,
                }
            )
    return pd.DataFrame(rows)


def epochs_of(run: pd.Series) -> float:
    """Epochs of a run: how often it goes through its images."""
    return run["updates"] * run["batch"] / run["n"]


class Factors(NamedTuple):
    """How a rule's predictions compare with what was found.

    Attributes:
        points: how many count, since prediction or finding exceeds the margin.
        misses, false_alarms: wrong decisions between within the margin and beyond it.
        typical: exp median |ln(predicted / found)| of the points that count; infinite where half are not positive.
    """

    points: int
    misses: int
    false_alarms: int
    typical: float

    @property
    def wrong(self) -> int:
        """Wrong decisions of both kinds."""
        return self.misses + self.false_alarms


def compare_with(found: np.ndarray | pd.Series, predicted: np.ndarray | pd.Series) -> Factors:
    """Predictions against what was found, both (points,), none missing."""
    f, p = np.asarray(found, float), np.asarray(predicted, float)
    misses, alarms = (f > MARGIN) & (p <= MARGIN), (p > MARGIN) & (f <= MARGIN)
    counts = (f > MARGIN) | (p > MARGIN)
    if not counts.any():
        return Factors(0, 0, 0, math.nan)
    off = np.full(len(f), np.inf)
    positive = (f > 0) & (p > 0)
    off[positive] = np.abs(np.log(p[positive] / f[positive]))
    return Factors(int(counts.sum()), int(misses.sum()), int(alarms.sum()), float(np.exp(np.median(off[counts]))))


def bootstrap(parts: Sequence[Any], statistic: Callable[[list], float], draws: int = 2000) -> tuple[float, float]:
    """The 95 % percentile interval of a statistic of the settings' parts when whole settings are drawn anew."""
    rng = np.random.default_rng(0)
    values = []
    for _ in range(draws):
        drawn = rng.integers(len(parts), size=len(parts))
        values.append(statistic([parts[place] for place in drawn]))
    # A factor may be infinite, which no interpolation bears.
    low, high = np.nanquantile(values, [0.025, 0.975], method="nearest")
    return float(low), float(high)


def errors_by_setting(points: pd.DataFrame, rule: str) -> np.ndarray:
    """Mean absolute error of a rule in each setting, (settings,)."""
    off = (points[rule] - points["found"]).abs()
    return off.groupby([points[key] for key in CELL]).mean().to_numpy()
