"""The six questions, judged as registered in ``data/results/freeze-or-renew.md``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from experiments.freeze_or_renew.points import (
    CELL,
    Factors,
    arm_points,
    bootstrap,
    compare_with,
    copy_points,
    errors_by_setting,
    forces,
    means,
)
from helpers.stats import Interval, judge, paired_interval, verdict

CHANGED_MARGIN = 0.03  # in the share of changed answers
SHARES = {"live": 0.0, "live-3/4": 0.25, "live-1/2": 0.5, "live-1/4": 0.75}  # left unchanged
BASELINES = ("nothing", "constant", "formula_of_0_2")  # of the rules for stored copies


def paired(runs: pd.DataFrame, metric: str, **arm: str) -> pd.Series:
    """A metric by replicate, of the runs of one setting that have the given arm, policy and draw."""
    wanted = pd.Series({"policy": "mild", "draw": "per image"} | arm)
    same = (runs[wanted.index] == wanted).all(axis=1)
    return runs[same].set_index("replicate")[metric].sort_index()


def setting(runs: pd.DataFrame, row: int, **given) -> pd.DataFrame:
    """The runs of one setting of a row."""
    same = runs["row"] == row
    for key, value in given.items():
        same &= runs[key] == value
    return runs[same]


# 1. What is ignored


def ignored(runs: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The verdict on the small network, and one row a network, n and arm with its shares of changed answers."""
    words, rows = [], []
    for row, n in ((1, 128), (1, 512), (2, 512)):
        part = setting(runs, row, n=n)
        if part.empty:
            continue
        for (arm, policy, draw), group in part.groupby(["arm", "policy", "draw"], sort=False):
            named: dict[str, Any] = {"n": n, "arm": arm, "policy": policy, "draw": draw}
            named["model"] = group["model"].iloc[0]
            rows.append(named | group.filter(regex="^(changed|final)_").mean().to_dict())
        if row == 1:
            words.append(_ignored_at(part))
    return _both(words), pd.DataFrame(rows)


def _ignored_at(part: pd.DataFrame) -> str:
    arms = ("none", "copies-1", "copies-4", "copies-16", "live")
    mirror = {arm: paired(part, "changed_mirror", arm=arm) for arm in arms}
    pixel = {arm: paired(part, "changed_pixel", arm=arm) for arm in arms}
    none, live = mirror["none"], mirror["live"]
    errors = {arm: 1 - paired(part, "final_new_accuracy", arm=arm) for arm in ("none", "live")}
    by_errors = none.mean() * errors["live"] / errors["none"].mean()
    same_as_none = verdict(paired_interval(mirror["copies-1"] - none), CHANGED_MARGIN, True) == "equivalent"
    third = live.mean() <= none.mean() / 3
    if not paired_interval(live - by_errors).high < 0:
        return "no better than the baseline"
    if not _in_order(mirror):
        return "broken"
    return "held" if same_as_none and third and _in_order(pixel) else "weakened"


def _in_order(changed: dict[str, pd.Series]) -> bool:
    """1 copy > 4 copies > 16 copies >= live in the mean, and both ends against 4 copies by interval."""
    one, four, sixteen, live = (changed[arm] for arm in ("copies-1", "copies-4", "copies-16", "live"))
    ordered = one.mean() > four.mean() > sixteen.mean() >= live.mean()
    return ordered and paired_interval(one - four).low > 0 and paired_interval(four - live).low > 0


# 2. Mismatch


def mismatch(runs: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The verdict, and one row an n and change: 1 copy minus no augmentation in loss and accuracy."""
    words, rows = [], []
    for n in (128, 512):
        part = setting(runs, 1, n=n)
        if part.empty:
            continue
        found = {}
        for policy, draw in (("mild", "per image"), ("pixels", "per image"), ("blur", "per image"),
                             ("flip", "per image"), ("mild", "one for all")):  # fmt: skip
            loss, accuracy = (_from_none(part, metric, policy, draw) for metric in ("val_loss", "val_accuracy"))
            found[policy, draw] = loss
            named: dict[str, Any] = {"n": n, "policy": policy, "draw": draw}
            rows.append(named | _columns("loss", loss) | _columns("accuracy", accuracy))
        new = paired(part, "final_new_loss", arm="none")
        alike = paired_interval(paired(part, "final_alike_loss", arm="copies-1", draw="one for all") - new)
        rows.append({"n": n, "policy": "mild", "draw": "one for all, changed alike"} | _columns("loss", alike))
        words.append(_mismatch_at(found, alike))
    return _both(words), pd.DataFrame(rows)


def _mismatch_at(found: dict[tuple[str, str], Interval], alike: Interval) -> str:
    whole, one_draw = found["mild", "per image"], found["mild", "one for all"]
    parts = [found[policy, "per image"] for policy in ("pixels", "blur")]
    mirror = found["flip", "per image"]
    if not whole.low > 0:
        return "no better than the baseline"
    if not (one_draw.low > 0 and alike.mean <= one_draw.mean / 4):
        return "broken"
    every_part = all(part.low > 0 and part.mean < whole.mean for part in parts)
    return "held" if every_part and mirror.low < 0 < mirror.high else "weakened"


def _from_none(part: pd.DataFrame, metric: str, policy: str, draw: str) -> Interval:
    one_copy = paired(part, metric, arm="copies-1", policy=policy, draw=draw)
    return paired_interval(one_copy - paired(part, metric, arm="none"))


def _columns(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}


# 3. Three runs foretell the rest


def three_runs(runs: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The verdict, and the points."""
    points = arm_points(means(runs))
    rules = ["additive", "like_live", "repeats_alone", "arm_mean"]
    by_setting = {rule: errors_by_setting(points, rule) for rule in rules}
    errors = {rule: float(values.mean()) for rule, values in by_setting.items()}
    best = min(rules[1:], key=errors.__getitem__)
    _, high = bootstrap(by_setting["additive"] - by_setting[best], np.mean)
    word = "no better than the baseline"
    if errors["additive"] >= 2 * errors[best]:
        word = "broken"
    elif errors["additive"] < errors[best]:
        word = "held" if high < 0 and errors["additive"] <= 0.02 else "weakened"
    return word, points


# 4. Stored copies


def stored_copies(runs: pd.DataFrame) -> tuple[dict[str, str], pd.DataFrame]:
    """The verdict on each of the two rules, and one row a rule and baseline with its score on the same points."""
    points, words, rows = copy_points(means(runs)), {}, []
    for rule in ("first", "halving"):
        judged = points[points[rule].notna()]
        scores = {name: compare_with(judged["found"], judged[name]) for name in (rule, *BASELINES)}
        words[rule] = _word_on_copies(scores, rule)
        settings = [part for _, part in judged.groupby(CELL, sort=False)]
        for name, score in scores.items():
            row: dict[str, Any] = {"judged": rule, "rule": name} | score._asdict() | {"wrong": score.wrong}
            pairs = [part[["found", name]].to_numpy() for part in settings]
            row["wrong_low"], row["wrong_high"] = bootstrap(pairs, _wrong)
            row["typical_low"], row["typical_high"] = bootstrap(pairs, _typical)
            rows.append(row)
    return words, pd.DataFrame(rows)


def _wrong(pairs: list[np.ndarray]) -> float:
    return compare_with(*np.concatenate(pairs).T).wrong


def _typical(pairs: list[np.ndarray]) -> float:
    return compare_with(*np.concatenate(pairs).T).typical


def _word_on_copies(scores: dict[str, Factors], rule: str) -> str:
    own, constant = scores[rule], scores["constant"]
    fewest = min(scores[name].wrong for name in BASELINES)
    if own.typical > 2 or own.wrong > scores["nothing"].wrong:
        return "broken"
    if own.wrong <= fewest and own.typical <= 1.5:
        return "held"
    if constant.wrong <= own.wrong and constant.typical <= own.typical:
        return "no better than the baseline"
    return "weakened"


# 5. The share to leave unchanged


def share(runs: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The verdict, and one row a setting with what each rule loses against the best share, in loss on odd images."""
    table, rows = means(runs), []
    for cell, part in table[table["row"].isin([3, 7])].groupby(CELL, sort=False):
        try:
            c, d = forces(table, cell, "val_loss_even")
        except KeyError:
            continue
        losses = part.set_index("arm")["val_loss_odd"]
        run = {name: unchanged for name, unchanged in SHARES.items() if name in losses}
        # Without repeats that cost, nothing speaks against originals.
        wanted = d / (2 * c) if c > 0 else 1.0
        chosen = {"three runs": wanted, "half": 0.5, "quarter": 0.25, "never": 0.0}
        best = min(losses[name] for name in run)
        regret = {}
        for rule, unchanged in chosen.items():
            nearest = min(run, key=lambda name: abs(run[name] - unchanged))
            regret[rule] = losses[nearest] - best
        rows.append(dict(zip(CELL, cell, strict=True)) | {"wanted": wanted} | regret)
    found = pd.DataFrame(rows)
    lost = found[["three runs", "half", "quarter", "never"]].mean()
    fixed = lost.drop("three runs").min()
    word = "weakened"
    if lost["three runs"] > lost["never"]:
        word = "broken"
    elif fixed <= lost["three runs"] + 0.001:
        word = "no better than the baseline"
    elif lost["three runs"] <= 0.005:
        word = "held"
    return word, found


# 6. "3x"


def three_x(runs: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The verdict, and one row a setting and comparison."""
    rows = []
    for cell, part in runs[runs["row"] == 8].groupby(CELL, sort=False):
        for arm in ("live", "live-2/3"):
            row = dict(zip(CELL, cell, strict=True)) | {"against": arm}
            for metric in ("val_loss", "val_accuracy"):
                difference = paired(part, metric, arm="originals+pool-2") - paired(part, metric, arm=arm)
                interval, _, word = judge(difference.to_numpy(), metric)
                row |= _columns(metric, interval) | {f"{metric}_verdict": word}
            rows.append(row)
    found = pd.DataFrame(rows)
    words = found["val_loss_verdict"].tolist()
    worse, same = words.count("worse"), words.count("equivalent")
    if worse == len(words):
        return "held", found
    if same >= worse:
        return "no better than the baseline", found
    return ("weakened" if worse >= 4 else "broken"), found


def _both(words: Iterable[str]) -> str:
    """The verdict over both n: the worse of the two, and "no better than the baseline" where either is."""
    order = ["no better than the baseline", "broken", "weakened", "held", "not yet complete"]
    return min([*words, "not yet complete"], key=order.index)
