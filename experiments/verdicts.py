"""Predicted and observed, of all registered questions: ``python -m experiments.verdicts`` prints every line.

``data/results/predictions.csv`` is the registration's data, one line a predicted difference, first minus second:
``setting`` selects rows of ``table`` by ``column=value``, and so do words after the name of a method. ``label`` is what
a page calls the line, empty where no page has it. Each column between them is a baseline: the verdict that it predicts.
``primary`` marks the contrasts that a question was registered for.
"""

import functools

import numpy as np
import pandas as pd
from scipy import stats

from experiments.rows import read_digests
from helpers.data import RENAMED, RESULTS
from helpers.stats import Interval, measure_of, verdict

DIFFERENCE = ["table", "setting", "first", "second", "measure"]  # the columns that name a predicted difference
CORRECTED = ("6", "7")  # questions whose primary contrasts are corrected for their number, by Holm


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


@functools.cache
def shared_variances(name: str) -> pd.Series:
    """Of the differences of a question's tables, by their names, what ``score.shared_variance`` made; else empty."""
    path = RESULTS / f"{name.removesuffix('-mirror')}-shared.csv"
    return pd.read_csv(path).set_index(DIFFERENCE)["shared_variance"] if path.exists() else pd.Series(dtype=float)


def observe(line: pd.Series) -> pd.Series:
    """What came out of a prediction.

    The interval is Student's t with one degree of freedom less than replicates. Its variance has two parts: of the
    replicates, and, in questions 5 to 7, of the images on which all of them are tested.

    Args:
        line: of ``predictions``.

    Returns:
        observed, half (of the interval), half_paired (without the images' part), p (of no difference, two-sided), the
        predicted and the observed verdict, whether the interval excludes a loss beyond the margin (not_worse), and
        whether the line is scored: the predicted or the observed difference exceeds the margin, and the verdict is not
        undecided.
    """
    margin, lower = measure_of(line["measure"])
    differences = pairs(select(read(line["table"]), line["setting"]), line["first"], line["second"], line["measure"])
    mean, replicates = float(differences.mean()), len(differences)
    shared = max(0.0, shared_variances(line["table"]).get(tuple(line[DIFFERENCE]), 0.0))
    t = stats.t(replicates - 1)
    paired, whole = (np.sqrt(differences.var() / replicates + part) for part in (0.0, shared))
    half = t.ppf(0.975) * whole
    predicted = "better" if (line["predicted"] < 0) == lower else "worse"
    if abs(line["predicted"]) <= margin:
        predicted = "equivalent"
    word = verdict(Interval(mean, mean - half, mean + half), margin, lower)
    return pd.Series({
        "observed": mean, "half": half, "half_paired": t.ppf(0.975) * paired,
        "p": 2 * t.sf(abs(mean) / whole) if whole else 0.0, "predicted verdict": predicted, "verdict": word,
        "not_worse": half + (mean if lower else -mean) < margin,
        "scored": word != "undecided" and max(abs(line["predicted"]), abs(mean)) > margin,
    })  # fmt: skip


@functools.cache
def observed(question: str) -> pd.DataFrame:
    """All lines of a question with what came out of them; empty where its runs are not whole.

    In questions 6 and 7 p of primary contrasts is corrected, and no better or worse is left without p < 0.05.
    """
    lines = predictions().query("question == @question")
    if {f"{name}.csv" for name in lines["table"]} - set(read_digests(RESULTS)):  # noted when all runs are there
        return lines.iloc[:0]
    lines = lines.join(lines.apply(observe, axis=1))
    if question in CORRECTED:
        primary = lines[lines["primary"] == "yes"].sort_values("p")
        lines.loc[primary.index, "p"] = (primary["p"] * np.arange(len(primary), 0, -1)).cummax().clip(upper=1)
        lost = (lines["primary"] == "yes") & (lines["p"] >= 0.05) & lines["verdict"].isin(["better", "worse"])
        lines.loc[lost, "verdict"] = "undecided"
    return lines


def last_passed(lines: pd.DataFrame) -> int | None:
    """Question 5: with how many copies beside the originals is a network not worse than live, on all three tasks?

    32, 16 and 8 are tried in this order, and the first that fails ends it. The last that passed, or None.
    """
    passed = None
    for copies in (32, 16, 8):
        tested = lines[(lines["first"] == f"originals+pool-{copies}") & (lines["second"] == "live")]
        tested = tested[tested["measure"].isin(["test_accuracy", "test_scaled_loss"])]
        if not tested["not_worse"].all():
            break
        passed = copies
    return passed


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
        if (lines := observed(question)).empty:
            print(f"\nQuestion {question} is not whole yet")
            continue
        shown = ["setting", "first", "second", "measure", "predicted", "observed", "half", "p", "verdict", "scored"]
        print(f"\nQuestion {question}", lines[shown].round(4).to_string(index=False), scores(lines), sep="\n")


if __name__ == "__main__":
    main()
