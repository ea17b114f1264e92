"""Every verdict of the registered questions, from the stored rows: ``python -m experiments.verdicts``."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from experiments.predictions import PREDICTIONS, Prediction
from experiments.questions import KEYS, QUESTIONS
from helpers.stats import Interval, paired_interval, verdict
from helpers.tables import FOLDER

MARGINS = {"loss": 0.02, "new_accuracy": 0.01, "changed": 0.03, "own_accuracy": 0.03}
# Least to most versions of an image, for the baseline "always yes".
VERSIONS = [
    "none", "copies-1", "fresh-1-18", "copies-4", "pool-8", "pool-9", "originals+pool-8", "copies-18",
    "live-8/9", "live",
]  # fmt: skip


class Found(NamedTuple):
    """A prediction beside what came out."""

    prediction: Prediction
    interval: Interval
    foretold: str
    verdict: str

    @property
    def counts(self) -> bool:
        """Whether it is scored: prediction or finding exceeds the margin, and something was decided."""
        margin = margin_of(self.prediction.measure)
        large = abs(self.prediction.difference) > margin or abs(self.interval.mean) > margin
        return large and self.verdict != "undecided"


def read(name: str) -> pd.DataFrame | None:
    """A question's runs with what they answered on test images; None where they are not complete."""
    path = FOLDER / f"{name}-tested.csv"
    if not path.exists():
        return None
    options = {"keep_default_na": False, "na_values": ["", "nan"], "float_precision": "round_trip"}
    runs, tests = pd.read_csv(FOLDER / f"{name}.csv", **options), pd.read_csv(path, **options)
    table = runs.merge(tests, on=list(KEYS), validate="one_to_one")
    return table.assign(told=table[["arm", "policy", "draw"]].agg(" ".join, axis=1))


def margin_of(measure: str) -> float:
    """The margin of a measure: the last of ``MARGINS`` whose name it holds; any other accuracy has a point."""
    found = [margin for name, margin in MARGINS.items() if name in measure]
    return found[-1] if found else MARGINS["new_accuracy"]


def difference(table: pd.DataFrame, asked: Prediction) -> pd.Series:
    """Paired differences first - second, by replicate."""
    dataset, model, n = asked.setting
    same = table[(table["dataset"] == dataset) & (table["model"] == model) & (table["n"] == n)]
    values = same.pivot(index="replicate", columns="told", values=asked.measure)
    return (values[asked.first] - values[asked.second]).dropna()


def look_at(table: pd.DataFrame, asked: Prediction) -> Found:
    """What came out of a prediction."""
    margin, lower = margin_of(asked.measure), "accuracy" not in asked.measure
    interval = paired_interval(difference(table, asked))
    foretold = "equivalent"
    if abs(asked.difference) > margin:
        foretold = "better" if (asked.difference < 0) == lower else "worse"
    return Found(asked, interval, foretold, verdict(interval, margin, lower_is_better=lower))


def always_yes(found: Found) -> str:
    """What the baseline foretells: the arm with more versions of an image is better."""
    first, second = (VERSIONS.index(arm.split()[0]) for arm in (found.prediction.first, found.prediction.second))
    return "better" if first > second else "worse" if first < second else "equivalent"


def scored(found: list[Found]) -> pd.Series:
    """How many predictions count, and how many of them each foreteller has right."""
    counted = [one for one in found if one.counts]
    return pd.Series({
        "counted": len(counted),
        "registered": sum(one.verdict == one.foretold for one in counted),
        "all equal": sum(one.verdict == "equivalent" for one in counted),
        "always yes": sum(one.verdict == always_yes(one) for one in counted),
        "undecided": sum(one.verdict == "undecided" for one in found),
        "number inside the interval": sum(
            one.interval.low <= one.prediction.difference <= one.interval.high for one in found
        ),
    })


def as_table(found: list[Found]) -> pd.DataFrame:
    """One line a prediction; shares in points."""
    lines = []
    for one in found:
        asked, unit = one.prediction, 1 if "loss" in one.prediction.measure else 100
        digits = 3 if unit == 1 else 1
        lines.append({
            "setting": " ".join(map(str, asked.setting)),
            "first": asked.first, "minus": asked.second, "measure": asked.measure,
            "foretold": f"{unit * asked.difference:+.{digits}f}",
            "found": f"{unit * one.interval.mean:+.{digits}f}",
            "half": f"{unit * (one.interval.high - one.interval.mean):.{digits}f}",
            "verdict": one.verdict,
            "right": "" if not one.counts else "yes" if one.verdict == one.foretold else "NO",
        })  # fmt: skip
    return pd.DataFrame(lines)


def main() -> None:
    for number, name in ((4, "coverage"), (1, "originals-and-eight"), (2, "photographs"), (3, "colour")):
        table = read(name) if name in QUESTIONS else None
        if table is None:
            print(f"\nQuestion {number}, {name}: not complete yet")
            continue
        found = [look_at(table, asked) for asked in PREDICTIONS if asked.question == number]
        print(f"\nQuestion {number}, {name}: {len(table)} runs")
        print(as_table(found).to_string(index=False))
        print(scored(found).to_string())


if __name__ == "__main__":
    main()
