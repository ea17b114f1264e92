"""Predicted and observed, of all registered questions: ``python -m experiments.verdicts`` prints every line.

``data/results/predictions.csv`` is the registration's data, one line a predicted difference, first minus second:
``setting`` selects rows of ``table`` by ``column=value``, and so do words after the name of a method. ``label`` is what
a page calls the line, empty where no page has it. Each column between them is a baseline: the verdict that it predicts.
"""

import functools
from collections.abc import Callable

import pandas as pd

from helpers.data import RENAMED, RESULTS
from helpers.stats import Interval, measure_of, paired_interval, verdict

Estimate = Callable[[pd.Series], Interval]  # of the differences of replicates


@functools.cache
def predictions() -> pd.DataFrame:
    """The lines of all registered questions, as text but for ``predicted``: shares from 0 to 1, losses in nats."""
    lines = pd.read_csv(RESULTS / "predictions.csv", dtype=str, keep_default_na=False)
    return lines.astype({"predicted": float})


@functools.cache
def read(name: str) -> pd.DataFrame:
    """The runs of a stored table, settings as text and in today's names, beside what they answered on test images."""
    runs = pd.read_csv(RESULTS / f"{name}.csv")
    keys = list(runs.loc[:, :"replicate"])
    tested = RESULTS / f"{name}-tested.csv"
    if tested.exists():
        runs = runs.merge(pd.read_csv(tested), on=keys, validate="one_to_one")
    runs = runs.astype(dict.fromkeys(keys, str)).replace({key: RENAMED[key] for key in RENAMED.keys() & set(keys)})
    return runs.rename(columns={"arm": "method"})


def select(runs: pd.DataFrame, setting: str) -> pd.DataFrame:
    """The runs whose columns have these values, written as ``column=value``; a space in a value is _."""
    for word in setting.split():
        column, value = word.split("=")
        runs = runs[runs[column] == value.replace("_", " ")]
    return runs


def pairs(runs: pd.DataFrame, first: str, second: str, measure: str) -> pd.Series:
    """Differences of two methods, first minus second, by replicate.

    Args:
        runs: of one setting.
        first, second: a method, and after it what else selects its runs, as in ``live policy=mild``.
        measure: a column of the runs.

    Raises:
        ValueError: the methods have no run, several of one replicate, or not the same replicates.
    """
    values = []
    for name in (first, second):
        method, _, others = name.partition(" ")
        chosen = select(runs, f"method={method} {others}").set_index("replicate")[measure]
        if chosen.empty or chosen.index.duplicated().any():
            count = f"{len(chosen)} runs of {chosen.index.nunique()} replicates"
            raise ValueError(f"{name!r} has {count}; expected one run of each replicate: name policy or updates, too.")
        values.append(chosen)
    if set(values[0].index) != set(values[1].index):
        raise ValueError(f"{first!r} and {second!r} were not run on the same replicates; choose a setting of both.")
    return values[0] - values[1]


def observe(line: pd.Series, interval: Estimate = paired_interval) -> pd.Series:
    """What came out of a prediction.

    Args:
        line: of ``predictions``.
        interval: of the mean of the differences, where the registration has another than the paired t.

    Returns:
        observed, half (of the interval), the predicted and the observed verdict, and whether the line is scored: the
        predicted or the observed difference exceeds the margin, and the verdict is not undecided.
    """
    margin, lower = measure_of(line["measure"])
    differences = pairs(select(read(line["table"]), line["setting"]), line["first"], line["second"], line["measure"])
    mean, low, high = interval(differences)
    predicted = "better" if (line["predicted"] < 0) == lower else "worse"
    if abs(line["predicted"]) <= margin:
        predicted = "equivalent"
    seen = verdict(Interval(mean, low, high), margin, lower)
    scored = seen != "undecided" and max(abs(line["predicted"]), abs(mean)) > margin
    return pd.Series({"observed": mean, "half": (high - low) / 2, "predicted verdict": predicted, "verdict": seen,
                      "scored": scored})  # fmt: skip


@functools.cache
def observed(question: str, interval: Estimate = paired_interval) -> pd.DataFrame:
    """All lines of a question with what came out of them."""
    lines = predictions().query("question == @question")
    return lines.join(lines.apply(observe, axis=1, interval=interval))


def scores(lines: pd.DataFrame) -> dict[str, int]:
    """How many lines are scored, and in how many of them the predictions and each baseline are right."""
    scored = lines[lines["scored"]]
    right = {"scored": len(scored), "predicted": sum(scored["predicted verdict"] == scored["verdict"])}
    right["all equal"] = sum(scored["verdict"] == "equivalent")
    for baseline in lines.loc[:, "predicted":"label"].columns[1:-1]:
        if (lines[baseline] != "").all():
            right[baseline] = sum(scored[baseline] == scored["verdict"])
    return right


def main() -> None:
    for question in predictions()["question"].unique():
        lines = observed(question)
        shown = ["setting", "first", "second", "measure", "predicted", "observed", "half", "verdict", "scored"]
        print(f"\nQuestion {question}", lines[shown].round(4).to_string(index=False), scores(lines), sep="\n")


if __name__ == "__main__":
    main()
