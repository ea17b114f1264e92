"""Every verdict of the registered questions, from the stored rows: ``python -m experiments.verdicts``."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from experiments import predictions
from experiments.predictions import ALL_18, BARE, COLOURED, LIVE, NONE, PAIR, PREDICTIONS, UPPER, WHOLE, Prediction
from experiments.questions import KEYS, QUESTIONS
from helpers.data import RESULTS, read_runs
from helpers.methods import parse_method
from helpers.stats import Interval, measure_of, paired_interval, verdict


class Found(NamedTuple):
    """A prediction beside what came out."""

    prediction: Prediction
    interval: Interval
    foretold: str
    verdict: str
    counts: bool  # whether it is scored: prediction or finding exceeds the margin, and something was decided
    beyond: bool  # whether the first method is worse, with the whole interval outside the margin


def read(name: str) -> pd.DataFrame | None:
    """A question's runs with what they answered on test images; None where they are not complete."""
    path = RESULTS / f"{name}-tested.csv"
    if not path.exists():
        return None
    table = read_runs(RESULTS / f"{name}.csv").merge(pd.read_csv(path), on=list(KEYS), validate="one_to_one")
    told = table[["method", "policy", "draw"]].agg(" ".join, axis=1)
    longest = table.groupby(["dataset", "model", "n"])["updates"].transform("max")
    shorter = told + " " + table["updates"].astype(str)  # of a method that runs at its own best length, too
    return table.assign(told=told.where(table["updates"] == longest, shorter))


def look_at(table: pd.DataFrame, asked: Prediction) -> Found:
    """What came out of a prediction: the paired differences, first - second, by replicate."""
    margin, lower = measure_of(asked.measure)
    dataset, model, n = asked.setting
    same = table.query("dataset == @dataset and model == @model and n == @n")
    values = same.pivot(index="replicate", columns="told", values=asked.measure)
    interval = paired_interval((values[asked.first] - values[asked.second]).dropna())
    foretold = "equivalent"
    if abs(asked.difference) > margin:
        foretold = "better" if (asked.difference < 0) == lower else "worse"
    came_out = verdict(interval, margin, lower_is_better=lower)
    large = max(abs(asked.difference), abs(interval.mean)) > margin
    beyond = came_out == "worse" and (interval.low > margin or interval.high < -margin)
    return Found(asked, interval, foretold, came_out, large and came_out != "undecided", beyond)


def always_yes(asked: Prediction, enough: float = math.inf) -> str:
    """What a baseline foretells: the method with more versions of an image is better, up to so many. No augmentation has
    one, as one copy has, and live has the most. An original counts half a version more than a copy, and so does a store
    that is made anew, so that nine pictures with the original are better than nine copies."""
    shown = []
    for told in (asked.first, asked.second):
        kind, copies, p, _ = parse_method(told.split()[0])
        count = (copies or 0) + (kind == "none") + 1.5 * ("originals" in kind) + 0.5 * (kind == "fresh")
        shown.append(min(1000 * float(p) if kind == "live" else count, enough))
    return "better" if shown[0] > shown[1] else "worse" if shown[0] < shown[1] else "equivalent"


def scored(found: list[Found]) -> pd.Series:
    """How many predictions count, and how many of them each foreteller has right."""
    counted = [one for one in found if one.counts]
    inside = [one.interval.low <= one.prediction.difference <= one.interval.high for one in found]
    return pd.Series({
        "counted": len(counted),
        "registered": sum(one.verdict == one.foretold for one in counted),
        "all equal": sum(one.verdict == "equivalent" for one in counted),
        "always yes": sum(one.verdict == always_yes(one.prediction) for one in counted),
        "always sixteen": sum(one.verdict == always_yes(one.prediction, enough=8) for one in counted),
        "undecided": sum(one.verdict == "undecided" for one in found),
        "number inside the interval": sum(inside),
    })


def as_table(found: list[Found]) -> pd.DataFrame:
    """One line a prediction; shares in points."""
    lines = []
    for one in found:
        asked, (mean, _, high) = one.prediction, one.interval
        unit, digits = (1, 3) if "loss" in asked.measure else (100, 1)
        lines.append({
            "setting": " ".join(map(str, asked.setting)),
            "first": asked.first, "minus": asked.second, "measure": asked.measure,
            "foretold": f"{unit * asked.difference:+.{digits}f}",
            "found": f"{unit * mean:+.{digits}f}",
            "half": f"{unit * (high - mean):.{digits}f}",
            "verdict": one.verdict,
            "right": "" if not one.counts else "yes" if one.verdict == one.foretold else "NO",
        })  # fmt: skip
    return pd.DataFrame(lines)


# The rules of the registration, in its words

Came = dict[tuple, Found]  # by where, first method, second method, measure
FOUR = (predictions.SMALL_512, predictions.SMALL_128, predictions.RESIDUAL_512, predictions.NEW_PAIR)


def new(came: Came, where: tuple, first: str, second: str) -> list[Found]:
    """What came out about raw loss and about accuracy on new images."""
    return [came[where, first, second, measure] for measure in ("new_loss", "new_accuracy")]


def mismatch(came: Came) -> str:
    """One copy is worse on new images as they are, and better on changed ones: does it cross?"""
    counts = []
    for copy, changed in ((predictions.ONE_COPY, "mild_accuracy"), (predictions.OWN_1, "random_accuracy")):
        below = [came[where, copy, NONE, "new_accuracy"].interval.high < 0 for where in FOUR]
        above = [came[where, copy, NONE, changed].interval.low > 0 for where in FOUR]
        counts.append((sum(map(all, zip(below, above, strict=True))), sum(above)))
    (mild, above_none), (own, _) = counts
    word = "weakened" if mild >= 3 else "broken" if above_none <= 2 else "undecided"
    return f"{'held' if mild == 4 and own >= 3 else word} (mild policy {mild} of 4, states {own} of 4)"


def vary_or_renew(came: Came) -> str:
    """Eighteen stored states against live: are enough versions enough?"""
    both = [{one.verdict for one in new(came, where, ALL_18, LIVE)} for where in FOUR]
    equivalent, worse = both.count({"equivalent"}), sum("worse" in words for words in both)
    word = "renewed" if worse >= 2 else "undecided"
    if equivalent >= 3 and not any(one.beyond for one in came.values() if one.prediction.first == ALL_18):
        word = "enough versions"
    return f"{word} (loss and accuracy equivalent in {equivalent} of 4, worse in {worse})"


def level(came: Came, where: tuple, policy: str) -> str:
    """Whether originals + 8 are level with live: raw loss and accuracy equivalent, or one worse beyond its margin."""
    both = new(came, where, f"originals+pool-8 {policy} image", f"live-8/9 {policy} image")
    if all(one.verdict == "equivalent" for one in both):
        return "held"
    return "broken" if any(one.beyond for one in both) else "undecided"


def photographs(came: Came, runs: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Live against none and originals + 8 against live in fine-tuning, the last layer alone, and what is memorised."""
    words = [one.verdict for where in (UPPER, WHOLE) for one in new(came, where, "live crop image", BARE)]
    word = "broken" if set(words) <= {"equivalent", "worse"} else "undecided"
    yield "live gains something in fine-tuning", "held" if words[1::2] == ["better"] * 2 else word
    words = [one.verdict for one in came.values() if one.prediction.setting == predictions.HEAD]
    yield "the last layer alone", f"{'held' if set(words) == {'equivalent'} else 'not held'} ({', '.join(words)})"
    for where, policy in ((UPPER, "crop"), (UPPER, "mild"), (WHOLE, "crop")):
        yield f"originals + 8 level with live, {where[1]}, {policy}", level(came, where, policy)
    one_copy = runs[runs["told"] == "copies-1 crop image"].groupby("model")["own_accuracy"].mean()
    upper, whole, scratch = one_copy[["lite0-upper", "lite0", "residual-48"]]
    word = "held" if upper >= 0.9 and whole >= 0.9 and scratch <= 0.8 else "not held"
    yield "the copy is memorised", f"{word} (upper {upper:.1%}, whole {whole:.1%}, from scratch {scratch:.1%})"


def rules(question: int, came: Came, runs: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """What each rule of a question says."""
    if question == 4:
        yield "mismatch", mismatch(came)
        yield "vary or renew", vary_or_renew(came)
    if question == 1:
        yield "originals + 8 level with live of the same share", level(came, PAIR, "mild")
        words = [one.verdict for one in new(came, PAIR, "originals+pool-8 mild image", "pool-9 mild image")]
        word = "held" if "better" in words and "worse" not in words else "not held"
        yield "the originals are worth more than a ninth copy", word
    if question == 2:
        yield from photographs(came, runs)
    if question == 3:
        held = [one.verdict == "better" for one in new(came, COLOURED, "live crop image", BARE)]
        held += [one.verdict == "worse" for one in new(came, COLOURED, "copies-1 crop image", BARE)]
        yield "live gains, and 1 copy costs", f"{'held' if all(held) else 'not held'} ({sum(held)} of {len(held)})"
        yield "originals + 8 level with live of the same share", level(came, COLOURED, "crop")


def main() -> None:
    for name, settings in QUESTIONS.items():
        if name.endswith("-tuning") or (runs := read(name)) is None:
            continue
        question = settings()[0]["question"]
        found = [look_at(runs, asked) for asked in PREDICTIONS if asked.question == question]
        print(f"\nQuestion {question}, {name}: {len(runs)} runs")
        print(as_table(found).to_string(index=False))
        print(scored(found).to_string())
        for rule, verdict_of in rules(question, {one.prediction[1:5]: one for one in found}, runs):
            print(f"{rule}: {verdict_of}")


if __name__ == "__main__":
    main()
