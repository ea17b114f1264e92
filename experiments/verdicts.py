"""Every verdict of the registered questions, from the stored rows: ``python -m experiments.verdicts``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from experiments import predictions
from experiments.predictions import LIVE, PREDICTIONS, Prediction
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
    options = {"keep_default_na": False, "na_values": ["", "nan"]}
    runs, tests = pd.read_csv(FOLDER / f"{name}.csv", **options), pd.read_csv(path, **options)
    table = runs.merge(tests, on=list(KEYS), validate="one_to_one")
    told = table[["arm", "policy", "draw"]].agg(" ".join, axis=1)
    longest = table.groupby(["dataset", "model", "n"])["updates"].transform("max")
    shorter = told + " " + table["updates"].astype(str)  # of an arm that runs at its own best length, too
    return table.assign(told=told.where(table["updates"] == longest, shorter))


def margin_of(measure: str) -> float:
    """The margin of a measure: the last of ``MARGIN_BY_NAME`` whose name it holds; any other accuracy has a point."""
    found = [margin for name, margin in MARGIN_BY_NAME.items() if name in measure]
    return found[-1] if found else MARGIN_BY_NAME["new_accuracy"]


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
    first, second = (versions(arm.split()[0]) for arm in (found.prediction.first, found.prediction.second))
    return "better" if first > second else "worse" if first < second else "equivalent"


def always_sixteen(found: Found) -> str:
    """What the baseline of question 1 foretells: from eight copies on all are equivalent, and fewer are worse."""
    arms = (found.prediction.first.split()[0], found.prediction.second.split()[0])
    return "equivalent" if all(versions(arm) >= 8 for arm in arms) else always_yes(found)


def scored(found: list[Found]) -> pd.Series:
    """How many predictions count, and how many of them each foreteller has right."""
    counted = [one for one in found if one.counts]
    return pd.Series({
        "counted": len(counted),
        "registered": sum(one.verdict == one.foretold for one in counted),
        "all equal": sum(one.verdict == "equivalent" for one in counted),
        "always yes": sum(one.verdict == always_yes(one) for one in counted),
        "always sixteen": sum(one.verdict == always_sixteen(one) for one in counted),
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


# The rules of the registration, in its words


def mismatch(found: list[Found]) -> str:
    """One copy is worse on new images as they are, and better on changed ones: does it cross?"""
    below, above = {}, {}
    for each in found:
        asked, low, high = each.prediction, each.interval.low, each.interval.high
        if asked.second == predictions.NONE and asked.first in (predictions.ONE_COPY, predictions.OWN_1):
            place = (asked.first, asked.setting)
            if asked.measure == "new_accuracy":
                below[place] = high < 0
            else:
                above[place] = low > 0
    crosses = {place: below[place] and above[place] for place in below}
    mild = [crosses[place] for place in crosses if place[0] == predictions.ONE_COPY]
    own = [crosses[place] for place in crosses if place[0] == predictions.OWN_1]
    not_above = sum(not above[place] for place in above if place[0] == predictions.ONE_COPY)
    counts = f"(mild policy {sum(mild)} of {len(mild)}, states {sum(own)} of {len(own)})"
    if all(mild) and sum(own) >= 3:
        return f"held {counts}"
    if sum(mild) >= 3:
        return f"weakened {counts}"
    return f"{'broken' if not_above >= 2 else 'undecided'} {counts}"


def vary_or_renew(found: list[Found]) -> str:
    """Eighteen stored states against live: are enough versions enough?"""
    about = [each for each in found if (each.prediction.first, each.prediction.second) == (predictions.ALL_18, LIVE)]
    settings = {each.prediction.setting for each in about}
    beyond = [each for each in about if each.verdict == "worse" and is_beyond(each)]
    first_two = [each for each in about if each.prediction.measure in ("new_loss", "new_accuracy")]
    not_level = {each.prediction.setting for each in first_two if each.verdict != "equivalent"}
    worse = {each.prediction.setting for each in first_two if each.verdict == "worse"}
    equivalent = len(settings) - len(not_level)
    counts = f"(loss and accuracy equivalent in {equivalent} of {len(settings)}, worse in {len(worse)})"
    if not beyond and equivalent >= 3:
        return f"enough versions {counts}"
    return f"{'renewed' if len(worse) >= 2 else 'undecided'} {counts}"


def level(found: list[Found], first: str, second: str, setting: tuple[str, str, int]) -> str:
    """Whether two arms are level: raw loss and accuracy equivalent, or one of them worse beyond its margin."""
    about = [
        each
        for each in found
        if (each.prediction.first, each.prediction.second, each.prediction.setting) == (first, second, setting)
        and each.prediction.measure in ("new_loss", "new_accuracy")
    ]
    if all(each.verdict == "equivalent" for each in about):
        return "held"
    return "broken" if any(each.verdict == "worse" and is_beyond(each) for each in about) else "undecided"


def worth_more(found: list[Found]) -> str:
    """The originals beside eight copies against a ninth copy: better in raw loss or accuracy, and worse in none."""
    verdicts = [
        each.verdict
        for each in found
        if (each.prediction.first, each.prediction.second) == ("originals+pool-8 mild image", "pool-9 mild image")
        and each.prediction.measure in ("new_loss", "new_accuracy")
    ]
    return "held" if "better" in verdicts and "worse" not in verdicts else "not held"


def gains(found: list[Found]) -> str:
    """Live against no augmentation in fine-tuning, upper third and whole network, under strong crops."""
    verdicts = {
        (each.prediction.setting, each.prediction.measure): each.verdict
        for each in found
        if (each.prediction.first, each.prediction.second) == ("live crop image", predictions.BARE)
        and each.prediction.setting in (predictions.UPPER, predictions.WHOLE)
    }
    if all(verdicts[setting, "new_accuracy"] == "better" for setting in (predictions.UPPER, predictions.WHOLE)):
        return "held"
    nothing = [found in ("equivalent", "worse") for (_, measure), found in verdicts.items() if "scaled" not in measure]
    return "broken" if all(nothing) else "undecided"


def last_layer(found: list[Found]) -> str:
    """The last layer alone: whether all of its foretold lines are equivalent."""
    verdicts = [each.verdict for each in found if each.prediction.setting == predictions.HEAD]
    return f"{'held' if set(verdicts) == {'equivalent'} else 'not held'} ({', '.join(verdicts)})"


def in_colour(found: list[Found]) -> str:
    """Colour from scratch: live better than no augmentation and 1 copy worse than it, in raw loss and accuracy."""
    asked = {("live crop image", predictions.BARE): "better", ("copies-1 crop image", predictions.BARE): "worse"}
    held = [
        each.verdict == asked[pair]
        for each in found
        if (pair := (each.prediction.first, each.prediction.second)) in asked
        and each.prediction.measure in ("new_loss", "new_accuracy")
    ]
    return f"{'held' if all(held) else 'not held'} ({sum(held)} of {len(held)})"


def memorised(table: pd.DataFrame) -> str:
    """Own originals after one copy under strong crops: most where it is fine-tuned, few from scratch."""
    one_copy = table[table["told"] == "copies-1 crop image"].groupby("model")["own_accuracy"].mean()
    upper, whole, scratch = one_copy["lite0-upper"], one_copy["lite0"], one_copy["residual-48"]
    held = upper >= 0.9 and whole >= 0.9 and scratch <= 0.8
    return f"{'held' if held else 'not held'} (upper {upper:.1%}, whole {whole:.1%}, from scratch {scratch:.1%})"


def is_beyond(found: Found) -> bool:
    """Whether the whole interval lies outside the margin."""
    margin = margin_of(found.prediction.measure)
    return found.interval.low > margin or found.interval.high < -margin


PAIR = ("t-shirt-shirt", "residual", 512)
RULES: dict[int, dict[str, Callable[[list[Found]], str]]] = {
    4: {"mismatch": mismatch, "vary or renew": vary_or_renew},
    1: {
        "originals + 8 level with live of the same share": functools.partial(
            level, first="originals+pool-8 mild image", second="live-8/9 mild image", setting=PAIR
        ),
        "the originals are worth more than a ninth copy": worth_more,
    },
    2: {
        "live gains something in fine-tuning": gains,
        "the last layer alone": last_layer,
        **{
            f"originals + 8 level with live, {setting[1]}, {policy}": functools.partial(
                level,
                first=f"originals+pool-8 {policy} image",
                second=f"live-8/9 {policy} image",
                setting=setting,
            )
            for setting, policy in (
                (predictions.UPPER, "crop"),
                (predictions.UPPER, "mild"),
                (predictions.WHOLE, "crop"),
            )
        },
    },
    3: {
        "live gains, and 1 copy costs": in_colour,
        "originals + 8 level with live of the same share": functools.partial(
            level, first="originals+pool-8 crop image", second="live-8/9 crop image", setting=predictions.COLOURED
        ),
    },
}


def main() -> None:
    for name in [name for name in QUESTIONS if not name.endswith("-tuning")]:
        number = QUESTIONS[name]()[0]["question"]
        table = read(name)
        if table is None:
            print(f"\nQuestion {number}, {name}: not complete yet")
            continue
        found = [look_at(table, asked) for asked in PREDICTIONS if asked.question == number]
        print(f"\nQuestion {number}, {name}: {len(table)} runs")
        print(as_table(found).to_string(index=False))
        print(scored(found).to_string())
        for rule, verdict_of in RULES.get(number, {}).items():
            print(f"{rule}: {verdict_of(found)}")
        if name == "photographs":
            print(f"the copy is memorised: {memorised(table)}")


if __name__ == "__main__":
    main()
