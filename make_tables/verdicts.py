"""Reads stored runs, and what came out of each registered difference: ``data/results/verdicts.csv``.

The rules are in ``data/results/questions.md``, the programs that applied them in ``data/results/programs``.
"""

import functools

import pandas as pd

from helpers.data import RESULTS, read_runs


@functools.cache
def read(name: str) -> pd.DataFrame:
    """The runs of a stored table, settings as text and in today's names, beside what they answered on test images."""
    runs = read_runs(RESULTS / f"{name}.csv")
    keys = list(runs.loc[:, :"replicate"])
    tested = RESULTS / f"{name}-tested.csv"
    if tested.exists():
        runs = runs.merge(read_runs(tested), on=keys, validate="one_to_one")
    return runs.astype(dict.fromkeys(keys, str))


def select(runs: pd.DataFrame, setting: str) -> pd.DataFrame:
    """The runs whose columns have these values, written as ``column=value``; a space in a value is _."""
    for word in setting.split():
        column, value = word.split("=")
        runs = runs[runs[column].astype(str) == value.replace("_", " ")]
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
            raise ValueError(
                f"{name!r} has {count}; expected one run of each replicate: name policy or updates, too."
            )
        values.append(chosen)
    if set(values[0].index) != set(values[1].index):
        raise ValueError(
            f"{first!r} and {second!r} were not run on the same replicates; choose a setting of both."
        )
    return values[0] - values[1]


@functools.cache
def observed(question: str | None = None) -> pd.DataFrame:
    """The lines of a registered question, or of all: what was predicted of each difference, and what came out.

    ``data/results/README.md`` explains the columns.
    """
    lines = pd.read_csv(RESULTS / "verdicts.csv", dtype={"question": str}, keep_default_na=False)
    return lines if question is None else lines[lines["question"] == question]


def in_interval(lines: pd.DataFrame) -> int:
    """How many predicted numbers lie in the 95 % interval of what was observed."""
    return int(((lines["predicted"] - lines["observed"]).abs() <= lines["half"]).sum())


def scores(lines: pd.DataFrame) -> dict[str, int]:
    """How many lines are scored, and in how many of them the predictions and each baseline are right."""
    scored = lines[lines["scored"]]
    right = {
        "scored": len(scored),
        "predicted": sum(scored["predicted verdict"] == scored["verdict"]),
    }
    right["all equal"] = sum(scored["verdict"] == "equivalent")
    for baseline in lines.loc[:, "predicted":"label"].columns[1:-1]:
        if (lines[baseline] != "").all():
            right[baseline] = sum(scored[baseline] == scored["verdict"])
    return right
