"""Every verdict of the registered questions, from the stored rows: ``python -m experiments.verdicts``."""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd

from experiments import predictions
from experiments.predictions import LIVE, PREDICTIONS, UPPER, WHOLE, Prediction
from experiments.questions import KEYS, QUESTIONS
from helpers.arms import parse_arm
from helpers.stats import Interval, paired_interval, verdict
from helpers.tables import FOLDER

MARGIN_BY_NAME = {"loss": 0.02, "new_accuracy": 0.01, "changed": 0.03, "own_accuracy": 0.03}


def versions(arm: str) -> float:
    """How many versions of an image an arm shows, for the baseline "always yes"; live has the most."""
    found = parse_arm(arm)
    if found.kind == "live":
        return 1000 * float(found.p)
    with_originals = 1 if "originals" in found.kind else 0
    return (found.copies or 0) + with_originals + (0.5 if found.kind == "fresh" or with_originals else 0)


class Found(NamedTuple):
    """A prediction beside what came out."""

    prediction: Prediction
    interval: Interval
    foretold: str
    verdict: str
    counts: bool  # whether it is scored: prediction or finding exceeds the margin, and something was decided


def read(name: str) -> pd.DataFrame | None:
    """A question's runs with what they answered on test images; None where they are not complete."""
    path = FOLDER / f"{name}-tested.csv"
    if not path.exists():
        return None
    table = pd.read_csv(FOLDER / f"{name}.csv").merge(pd.read_csv(path), on=list(KEYS), validate="one_to_one")
    told = table[["arm", "policy", "draw"]].agg(" ".join, axis=1)
    longest = table.groupby(["dataset", "model", "n"])["updates"].transform("max")
    shorter = told + " " + table["updates"].astype(str)  # of an arm that runs at its own best length, too
    return table.assign(told=told.where(table["updates"] == longest, shorter))


def margin_of(measure: str) -> float:
    """The margin of a measure: the last of ``MARGIN_BY_NAME`` whose name it holds; any other accuracy has a point."""
    found = [margin for name, margin in MARGIN_BY_NAME.items() if name in measure]
    return found[-1] if found else MARGIN_BY_NAME["new_accuracy"]


def look_at(table: pd.DataFrame, asked: Prediction) -> Found:
    """What came out of a prediction: the paired differences, first - second, by replicate."""
    margin, lower = margin_of(asked.measure), "accuracy" not in asked.measure
    dataset, model, n = asked.setting
    same = table.query("dataset == @dataset and model == @model and n == @n")
    values = same.pivot(index="replicate", columns="told", values=asked.measure)
    interval = paired_interval((values[asked.first] - values[asked.second]).dropna())
    foretold = "equivalent"
    if abs(asked.difference) > margin:
        foretold = "better" if (asked.difference < 0) == lower else "worse"
    came_out = verdict(interval, margin, lower_is_better=lower)
    large = max(abs(asked.difference), abs(interval.mean)) > margin
    return Found(asked, interval, foretold, came_out, large and came_out != "undecided")


def always_yes(found: Found, enough: float = math.inf) -> str:
    """What a baseline foretells: the arm with more versions of an image is better, up to so many."""
    arms = (found.prediction.first.split()[0], found.prediction.second.split()[0])
    first, second = (min(versions(arm), enough) for arm in arms)
    return "better" if first > second else "worse" if first < second else "equivalent"


def scored(found: list[Found]) -> pd.Series:
    """How many predictions count, and how many of them each foreteller has right."""
    counted = [one for one in found if one.counts]
    return pd.Series({
        "counted": len(counted),
        "registered": sum(one.verdict == one.foretold for one in counted),
        "all equal": sum(one.verdict == "equivalent" for one in counted),
        "always yes": sum(one.verdict == always_yes(one) for one in counted),
        "always sixteen": sum(one.verdict == always_yes(one, enough=8) for one in counted),
        "undecided": sum(one.verdict == "undecided" for one in found),
        "number inside the interval": sum(
            one.interval.low <= one.prediction.difference <= one.interval.high for one in found
        ),
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


def about(found: list[Found], first: str, second: str, *settings: tuple[str, str, int]) -> list[Found]:
    """What came out about raw loss and accuracy on new images of two arms, in all settings or in some."""
    return [
        each
        for each in found
        if (each.prediction.first, each.prediction.second) == (first, second)
        and each.prediction.measure in ("new_loss", "new_accuracy")
        and (not settings or each.prediction.setting in settings)
    ]


def is_beyond(found: Found) -> bool:
    """Whether the first arm is worse, with the whole interval outside the margin."""
    margin = margin_of(found.prediction.measure)
    return found.verdict == "worse" and (found.interval.low > margin or found.interval.high < -margin)


def mismatch(found: list[Found]) -> str:
    """One copy is worse on new images as they are, and better on changed ones: does it cross?"""
    counts = []
    for copy in (predictions.ONE_COPY, predictions.OWN_1):
        lines = [each for each in found if (each.prediction.first, each.prediction.second) == (copy, predictions.NONE)]
        as_they_are = [each for each in lines if each.prediction.measure == "new_accuracy"]
        below = {each.prediction.setting for each in as_they_are if each.interval.high < 0}
        above = {each.prediction.setting for each in lines if each not in as_they_are and each.interval.low > 0}
        counts.append((len(below & above), len(as_they_are), len(above)))
    (mild, of_mild, mild_above), (own, of_own, _) = counts
    told = f"(mild policy {mild} of {of_mild}, states {own} of {of_own})"
    if mild == of_mild and own >= 3:
        return f"held {told}"
    if mild >= 3:
        return f"weakened {told}"
    return f"{'broken' if of_mild - mild_above >= 2 else 'undecided'} {told}"


def vary_or_renew(found: list[Found]) -> str:
    """Eighteen stored states against live: are enough versions enough?"""
    pairs = [each for each in found if (each.prediction.first, each.prediction.second) == (predictions.ALL_18, LIVE)]
    by_setting: dict[Any, list[str]] = {}
    for each in about(pairs, predictions.ALL_18, LIVE):
        by_setting.setdefault(each.prediction.setting, []).append(each.verdict)
    equivalent = sum(set(both) == {"equivalent"} for both in by_setting.values())
    worse = sum("worse" in both for both in by_setting.values())
    counts = f"(loss and accuracy equivalent in {equivalent} of {len(by_setting)}, worse in {worse})"
    if equivalent >= 3 and not any(is_beyond(each) for each in pairs):
        return f"enough versions {counts}"
    return f"{'renewed' if worse >= 2 else 'undecided'} {counts}"


def level(found: list[Found], policy: str, setting: tuple[str, str, int]) -> str:
    """Whether originals + 8 are level with live: raw loss and accuracy equivalent, or one worse beyond its margin."""
    both = about(found, f"originals+pool-8 {policy} image", f"live-8/9 {policy} image", setting)
    if all(each.verdict == "equivalent" for each in both):
        return "held"
    return "broken" if any(is_beyond(each) for each in both) else "undecided"


def worth_more(found: list[Found]) -> str:
    """The originals beside eight copies against a ninth copy: better in raw loss or accuracy, and worse in none."""
    verdicts = [each.verdict for each in about(found, "originals+pool-8 mild image", "pool-9 mild image")]
    return "held" if "better" in verdicts and "worse" not in verdicts else "not held"


def gains(found: list[Found]) -> str:
    """Live against no augmentation in fine-tuning, upper third and whole network, under strong crops."""
    both = about(found, "live crop image", predictions.BARE, UPPER, WHOLE)
    if all(each.verdict == "better" for each in both if each.prediction.measure == "new_accuracy"):
        return "held"
    return "broken" if all(each.verdict in ("equivalent", "worse") for each in both) else "undecided"


def last_layer(found: list[Found]) -> str:
    """The last layer alone: whether all of its foretold lines are equivalent."""
    verdicts = [each.verdict for each in found if each.prediction.setting == predictions.HEAD]
    return f"{'held' if set(verdicts) == {'equivalent'} else 'not held'} ({', '.join(verdicts)})"


def in_colour(found: list[Found]) -> str:
    """Colour from scratch: live better than no augmentation and 1 copy worse than it, in raw loss and accuracy."""
    held = [each.verdict == "better" for each in about(found, "live crop image", predictions.BARE)]
    held += [each.verdict == "worse" for each in about(found, "copies-1 crop image", predictions.BARE)]
    return f"{'held' if all(held) else 'not held'} ({sum(held)} of {len(held)})"


def memorised(table: pd.DataFrame) -> str:
    """Own originals after one copy under strong crops: most where it is fine-tuned, few from scratch."""
    one_copy = table[table["told"] == "copies-1 crop image"].groupby("model")["own_accuracy"].mean()
    upper, whole, scratch = one_copy["lite0-upper"], one_copy["lite0"], one_copy["residual-48"]
    held = upper >= 0.9 and whole >= 0.9 and scratch <= 0.8
    return f"{'held' if held else 'not held'} (upper {upper:.1%}, whole {whole:.1%}, from scratch {scratch:.1%})"


PAIR = ("t-shirt-shirt", "residual", 512)
LEVEL = "originals + 8 level with live"
RULES: list[tuple[int, str, Callable[[list[Found]], str]]] = [
    (4, "mismatch", mismatch),
    (4, "vary or renew", vary_or_renew),
    (1, f"{LEVEL} of the same share", functools.partial(level, policy="mild", setting=PAIR)),
    (1, "the originals are worth more than a ninth copy", worth_more),
    (2, "live gains something in fine-tuning", gains),
    (2, "the last layer alone", last_layer),
    (2, f"{LEVEL}, lite0-upper, crop", functools.partial(level, policy="crop", setting=UPPER)),
    (2, f"{LEVEL}, lite0-upper, mild", functools.partial(level, policy="mild", setting=UPPER)),
    (2, f"{LEVEL}, lite0, crop", functools.partial(level, policy="crop", setting=WHOLE)),
    (3, "live gains, and 1 copy costs", in_colour),
    (3, f"{LEVEL} of the same share", functools.partial(level, policy="crop", setting=predictions.COLOURED)),
]


def main() -> None:
    for name, runs in QUESTIONS.items():
        number, table = runs()[0]["question"], read(name)
        if name.endswith("-tuning"):
            continue
        if table is None:
            print(f"\nQuestion {number}, {name}: not complete yet")
            continue
        found = [look_at(table, asked) for asked in PREDICTIONS if asked.question == number]
        print(f"\nQuestion {number}, {name}: {len(table)} runs")
        print(as_table(found).to_string(index=False))
        print(scored(found).to_string())
        for question, rule, verdict_of in RULES:
            if question == number:
                print(f"{rule}: {verdict_of(found)}")
        if name == "photographs":
            print(f"the copy is memorised: {memorised(table)}")


if __name__ == "__main__":
    main()
