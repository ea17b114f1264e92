"""Judges question 11 from its rows and its registration alone: python judge.py [FOLDER]

Prints every registered contrast beside its prediction, with interval, p (by Holm for the two primary ones) and verdict,
and how many verdicts were foretold. Rows that aren't whole are refused. The second pair's last
runs may be cut, and are then left out.
"""

import base64
import re
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

PAIRS = ("cats-dogs", "cars-trucks")
METHODS = ("none", "copies-1", "copies-2", "copies-4", "copies-8", "live")
LENGTHS = (750, 1500, 3000, 6000)
MARGIN = 0.01  # of accuracy
SLOPE_MARGIN = MARGIN / 3  # a doubling; there are three between the shortest and the longest
LOSS_MARGIN = 0.02
PRIMARY = ("same epochs, 8 copies 6000 - live 750", "crossing, mean of 1, 2 and 4 copies")

Cells = dict[tuple[str, int], np.ndarray]  # of (method, updates), a row a set


class Estimate(NamedTuple):
    """Of one pair, or of the mean of both: ``error`` is the standard error."""

    mean: float
    error: float
    freedom: int

    def half(self) -> float:
        """Of the 95 % interval."""
        return float(stats.t.ppf(0.975, self.freedom) * self.error)

    def p(self) -> float:
        """Of no difference."""
        return float(2 * stats.t.sf(abs(self.mean) / self.error, self.freedom))


# The rows


def sets_judged(folder: Path) -> int:
    """How many sets of each pair, from the first on, by registration.md."""
    text = (folder / "registration.md").read_text(encoding="utf-8")
    return int(re.findall(r"^Sets judged: (\d+)$", text, re.MULTILINE)[-1])


def read_rows(folder: Path) -> pd.DataFrame:
    """All rows; a ValueError where one is lacking or doubled. The second pair's longest runs, but for those of 8
    copies, are left out unless all are there."""
    sets = sets_judged(folder)
    rows = pd.concat([pd.read_csv(path) for path in sorted(folder.glob("rows-*.csv"))])
    rows = rows[rows["set"] < sets]
    keys = ["pair", "set", "method", "updates"]
    if rows.duplicated(keys).any():
        raise ValueError("a run has two rows.")
    late = (rows["pair"] == PAIRS[1]) & (rows["updates"] == max(LENGTHS))
    late &= rows["method"] != "copies-8"
    expected = len(PAIRS) * sets * len(METHODS) * len(LENGTHS)
    most = sets * (len(METHODS) - 1)
    if late.sum() < most:
        print(f"{PAIRS[1]}: {max(LENGTHS)} updates are left out, but for those of 8 copies.\n")
        rows, expected = rows[~late], expected - most
    if len(rows) != expected:
        raise ValueError(f"found {len(rows)} rows; expected {expected}.")
    return rows.sort_values(keys)


def right(rows: pd.DataFrame) -> np.ndarray:
    """Whether each test image was answered rightly, 0.0 or 1.0, (rows, 2000)."""
    packed = [np.frombuffer(base64.b64decode(text), np.uint8) for text in rows["right"]]
    return np.unpackbits(np.stack(packed), axis=1).astype(float)


def cells_of(rows: pd.DataFrame, pair: str, measure: str) -> Cells:
    """A measure of each set, (sets, 1), or for "right" of each set and test image,
    (sets, 2000)."""
    cells = {}
    for key, group in rows[rows["pair"] == pair].groupby(["method", "updates"]):
        cells[key] = right(group) if measure == "right" else group[[measure]].to_numpy()
    return cells


# The contrasts


def contrasts(cells: Cells) -> dict[str, np.ndarray]:
    """Every registered contrast of a pair that its cells allow, a row a set."""
    found = {}
    for short in LENGTHS[:-1]:
        for copies in (2, 4, 8):
            store = (f"copies-{copies}", short * copies)
            if store in cells:
                name = f"same epochs, {copies} copies {short * copies} - live {short}"
                found[name] = cells[store] - cells["live", short]
    lengths = [updates for updates in LENGTHS if ("live", updates) in cells]
    doublings = np.log2(lengths) - np.log2(lengths).mean()
    slopes = {}
    for copies in (1, 2, 4, 8):
        leads = [cells["live", each] - cells[f"copies-{copies}", each] for each in lengths]
        for updates, lead in zip(lengths, leads, strict=True):
            found[f"live - {copies} copies, {updates}"] = lead
        terms = [weight * lead for weight, lead in zip(doublings, leads, strict=True)]
        slopes[copies] = sum(terms[1:], terms[0]) / (doublings**2).sum()
        found[f"crossing, {copies} copies"] = slopes[copies]
    found["crossing, mean of 1, 2 and 4 copies"] = (slopes[1] + slopes[2] + slopes[4]) / 3
    for updates in lengths:
        found[f"live - none, {updates}"] = cells["live", updates] - cells["none", updates]
    return found


def estimate(values: np.ndarray) -> Estimate:
    """The mean over sets of (sets, images). Its variance is that of a mean of paired differences and, where there are
    images, the covariance of two sets, since they are tested on the same ones (Obuchowski and Rockette, 1995)."""
    sets, images = values.shape
    means = values.mean(axis=1)
    variance = means.var(ddof=1) / sets
    if images > 1:
        parts = (values - means[:, None]) / images
        shared = ((parts.sum(axis=0) ** 2).sum() - (parts**2).sum()) / (sets * (sets - 1))
        variance += max(0.0, float(shared))
    return Estimate(float(means.mean()), float(np.sqrt(variance)), sets - 1)


def pooled(first: Estimate, second: Estimate) -> Estimate:
    """The mean of both pairs."""
    error = float(np.hypot(first.error, second.error)) / 2
    return Estimate((first.mean + second.mean) / 2, error, first.freedom + second.freedom)


def all_estimates(rows: pd.DataFrame, measure: str) -> dict[tuple[str, str], Estimate]:
    """By contrast and task: both, and each pair."""
    first, second = (contrasts(cells_of(rows, pair, measure)) for pair in PAIRS)
    found = {}
    for name in first:
        each = {PAIRS[0]: estimate(first[name])}
        if name in second:
            each[PAIRS[1]] = estimate(second[name])
            found[name, "both"] = pooled(*each.values())
        found |= {(name, pair): one for pair, one in each.items()}
    return found


# The verdicts


def margin_of(name: str) -> float:
    return SLOPE_MARGIN if name.startswith("crossing") else MARGIN


def verdict(mean: float, half: float, p: float, margin: float) -> str:
    """Equivalent where the interval lies within the margin, else by p."""
    if abs(mean) + half < margin:
        return "equivalent"
    if p >= 0.05:
        return "undecided"
    return "above zero" if mean > 0 else "below zero"


def primary_verdict(mean: float, p: float) -> str:
    if p >= 0.05:
        return "undecided"
    return "above zero" if mean > 0 else "below zero"


def holm(values: list[float]) -> list[float]:
    """The p of a family, corrected."""
    order = np.argsort(values)
    steps = np.array(values)[order] * np.arange(len(values), 0, -1)
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(1, np.maximum.accumulate(steps))
    return corrected.tolist()


def predictions(folder: Path) -> dict[tuple[str, str], float]:
    """By contrast and task, from the table of registration.md, there in points."""
    found = {}
    text = (folder / "registration.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().split("|")[1:-1]]
        if len(cells) == 4 and re.fullmatch(r"[+−-]?\d+\.\d+", cells[1]):
            for task, number in zip(("both", *PAIRS), cells[1:], strict=True):
                if number:
                    found[cells[0], task] = float(number.replace("−", "-")) / 100
    return found


def foretold(number: float, margin: float) -> str:
    """The verdict of a predicted number."""
    if abs(number) <= margin + 1e-9:
        return "equivalent"
    return "above zero" if number > 0 else "below zero"


def always_live(name: str) -> str:
    """What *live wins, always* says."""
    return "below zero" if name.startswith("same epochs") else "above zero"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    rows, predicted = read_rows(folder), predictions(folder)
    found = all_estimates(rows, "right")
    corrected = holm([found[name, "both"].p() for name in PRIMARY])
    lines = []
    for (name, task), one in found.items():
        p, kind = one.p(), ""
        if name in PRIMARY and task == "both":
            p, kind = corrected[PRIMARY.index(name)], "primary"
            says = primary_verdict(one.mean, p)
        else:
            says = verdict(one.mean, one.half(), p, margin_of(name))
        number = predicted.get((name, task))
        lines.append(
            {
                "contrast": name,
                "task": task,
                "predicted": number,
                "observed": one.mean,
                "half": one.half(),
                "p": p,
                "kind": kind,
                "verdict": says,
                "foretold": None if number is None else foretold(number, margin_of(name)),
            }
        )
    table = pd.DataFrame(lines)
    shown = table.copy()
    shown[["predicted", "observed", "half"]] *= 100
    print(
        "Accuracy, points (crossing: a doubling of the updates); p by Holm for the primary two.\n"
    )
    print(shown.round(4).to_string(index=False, na_rep=""))
    scored = table[table["predicted"].notna()]
    said = {
        "predictions": scored["foretold"],
        "always: live wins": scored["contrast"].map(always_live),
        "always undecided": pd.Series("undecided", scored.index),
    }
    print()
    for who, words in said.items():
        print(f"{who}: {(words == scored['verdict']).sum()} of {len(scored)} verdicts foretold")
    for measure in ("loss", "scaled_loss"):
        print(f"\n{measure}, nats, described; the interval is of the sets alone\n")
        losses = []
        for (name, task), one in all_estimates(rows, measure).items():
            margin = LOSS_MARGIN / 3 if name.startswith("crossing") else LOSS_MARGIN
            says = verdict(one.mean, one.half(), one.p(), margin)
            losses.append([name, task, one.mean, one.half(), says])
        columns = ["contrast", "task", "observed", "half", "verdict"]
        print(pd.DataFrame(losses, columns=columns).round(4).to_string(index=False))


if __name__ == "__main__":
    main()
