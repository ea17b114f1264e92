"""Every comparison that was ever made, one row each: ``data/results/evidence.csv``, from the stored tables of runs.

Three contrasts: live minus no augmentation, one copy in place of each image minus no augmentation, and stored copies
(in place of the images, or beside them) minus live. ``data/results/README.md`` explains the columns.
"""

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.data import RESULTS
from helpers.stats import Interval, measure_of, verdict
from make_tables import registered
from make_tables.verdicts import observed, read, select

EVIDENCE = RESULTS / "evidence.csv"


class Images(NamedTuple):
    """What a data set is: where its images come from, what they show, their width in pixels, and how many classes."""

    source: str
    of: str
    pixels: int
    classes: int


IMAGES = {
    "garments": Images("Fashion-MNIST", "pullovers and coats", 28, 2),
    "garments-flipped": Images(
        "Fashion-MNIST", "pullovers and coats, a fifth of the labels wrong", 28, 2
    ),
    "dress-shirt": Images("Fashion-MNIST", "dresses and shirts", 28, 2),
    "trouser-dress": Images("Fashion-MNIST", "trousers and dresses", 28, 2),
    "t-shirt-pullover": Images("Fashion-MNIST", "t-shirts and pullovers", 28, 2),
    "t-shirt-trouser": Images("Fashion-MNIST", "t-shirts and trousers", 28, 2),
    "t-shirt-shirt": Images("Fashion-MNIST", "t-shirts and shirts", 28, 2),
    "coat-shirt": Images("Fashion-MNIST", "coats and shirts", 28, 2),
    "fashion": Images("Fashion-MNIST", "all ten classes", 28, 10),
    "cats-dogs": Images("CIFAR-10", "cats and dogs", 32, 2),
    "deer-horses": Images("CIFAR-10", "deer and horses", 32, 2),
    "cars-trucks": Images("CIFAR-10", "cars and trucks", 32, 2),
    "cifar10": Images("CIFAR-10", "all ten classes", 32, 10),
    "colour": Images("CIFAR-10", "all ten classes", 32, 10),
    "cifar10 enlarged": Images("CIFAR-10", "all ten classes, enlarged", 96, 10),
    "clothes": Images("clothes", "ten kinds of clothes", 96, 10),
    "clothes-48": Images("clothes", "ten kinds of clothes", 48, 10),
    "sign-digits": Images("hands", "signs for ten digits", 96, 10),
    "solar-cells": Images("solar cells", "our split", 32, 2),
    "solar-cells-64": Images("solar cells", "our split", 64, 2),
    "solar-cells-1-to-10": Images("solar cells", "our split, few defective", 32, 2),
    "solar-cells-in-turn": Images("solar cells", "each quarter in turn", 64, 2),
} | {
    f"solar-cells-without-{k}": Images("solar cells", f"tested on quarter {k + 1}", 32, 2)
    for k in range(4)
}
NETWORKS = {
    "small": "small, one convolution",
    "deeper": "small, two convolutions",
    "residual": "ResNet-8",
    "residual-48": "ResNet-8",
    "residual-frozen": "ResNet-8 trained before, last layer",
    "residual-tuned": "ResNet-8 trained before, whole",
    "lite0": "EfficientNet-Lite0 trained before, whole",
    "lite0-upper": "EfficientNet-Lite0 trained before, upper third",
    "lite0-head": "EfficientNet-Lite0 trained before, last layer",
    "small-sgd": "small, one convolution",
    "small-adamw": "small, one convolution",
    "small-dropout": "small, one convolution, dropout",
    "small-smoothing": "small, one convolution, smoothed labels",
    "small-weighted": "small, one convolution, weighted classes",
}
# How the older tables, which have no columns for it, name a training.
OPTIMISERS = {
    "small-sgd": "SGD 0.01",
    "small-adamw": "AdamW 0.001, decay 0.01",
    "residual": "AdamW 0.001, decay 0.004",
    "residual-frozen": "AdamW 0.001, decay 0.004",
    "residual-tuned": "AdamW 0.001, decay 0.004",
}
RATES = {
    "constant": "{}, constant",
    "decay": "{}, linear",
    "cosine": "{}, cosine",
    "quarter": "a quarter of {}, constant",
    "fourfold": "Adam 0.004, constant",
}
STRENGTHS = {
    "article": "the article's",
    "three-quarters": "three quarters of the article's",
    "half": "half the article's",
    "flip": "flip alone",
    "blur": "other",
    "cutout": "other",
    "photometric": "other",
    "two-of-six": "other",
}  # everything else is mild: flips, up to 5 degrees, up to an eighth of the width
PHOTOGRAPHS = ("clothes", "hands")  # whose policies of crops keep 35 or 60 to 100 % of the area


class Table(NamedTuple):
    """What is known of a table beside its columns.

    Args:
        question: the number of its registered question, or "".
        registered: whether what comes out was predicted in numbers before its first row; for every table it was
            written down beforehand what it asks.
        tuned: the methods for which rates or lengths were chosen.
        sets: "disjoint" or "overlap", whether training sets of a setting share images; "blocks" where replicate r takes
            block r of the training images, which are shuffled anew when they are used up.
        policy: that of all methods, where the table has no column for it.
        network: the same.
        training: the same.
    """

    question: str = ""
    registered: bool = True
    tuned: str = "neither"
    sets: str = "blocks"
    policy: str = ""
    network: str = ""
    training: str = ""


TABLES = {
    "static-versus-live": Table(registered=False),
    "study": Table(registered=False),
    "solar-cells": Table(registered=False),
    "image-data-generator": Table(registered=False),
    "keras-layers": Table(registered=False),
    "policies": Table(registered=False),
    "law": Table(),
    "freeze-or-renew": Table(),
    "clustered-batches": Table(registered=False),
    "coverage": Table("4"),
    "originals-and-eight": Table("1", tuned="none"),
    "photographs": Table("2", tuned="none", sets="overlap"),
    "colour": Table("3", tuned="none"),
    "addition": Table("addition", sets="disjoint"),
    "article": Table("0", True, "neither", "overlap", "article", "small", "Adam 0.001, constant"),
    "advice": Table("5", tuned="both", sets="disjoint"),
    "fine-tuning": Table("6", tuned="both", sets="disjoint"),
    "one-copy": Table("7", tuned="both", sets="disjoint"),
    "length-and-return": Table(
        "9", True, "neither", "disjoint", "article", "small", "Adam 0.001, constant"
    ),
    "strength": Table("10", sets="disjoint"),
    "worth": Table(
        "8",
        tuned="both, for 40 epochs",
        sets="disjoint",
        training="AdamW, tuned for each method for 40 epochs, cosine",
    ),
}
STRENGTH_TRAININGS = {
    "residual": "AdamW 0.003, decay 0.04, cosine",
    "small": "Adam 0.001, constant",
}

IN_PLACE = re.compile(r"(?:copies|pool)-(\d+)")
BESIDE = re.compile(r"originals\+(?:pool-)?(\d+)")
KEYS = ["images of", "n", "network", "training", "batch"]  # of runs that may be compared
MEASURES = ["accuracy", "loss", "scaled"]


def copies_of(method: str) -> str:
    """A method of stored copies in words, such as "4 copies" or "originals + 4 copies"; "" for any other method.

    Whether one copy comes after the other or all are shuffled together is not told apart.
    """
    for pattern, words in ((IN_PLACE, "{}"), (BESIDE, "originals + {}")):
        match = pattern.fullmatch(method)
        if match:
            return words.format("1 copy" if match[1] == "1" else f"{match[1]} copies")
    return ""


def runs_of(table: str) -> pd.DataFrame:
    """The runs of a stored table in the words of ``evidence.csv``, one row a run.

    Returns:
        ``images of``, ``n``, ``network``, ``training``, ``batch``, ``policy``, ``drawn``, ``updates``, ``epochs``,
        ``method``, ``group`` (within which runs may be compared), ``replicate``, ``loss``, ``accuracy``, ``scaled``.
    """
    known = TABLES[table]
    stored = read(table)
    if table == "strength":  # its policies are live
        stored["method"] = stored["policy"].mask(stored["policy"] != "none", "live")
    kind = next(kind for kind in ("test", "new", "val") if f"{kind}_accuracy" in stored)
    network = stored.get("model", stored.get("network", known.network))
    runs = pd.DataFrame({"n": stored["n"].astype(int), "method": stored["method"]})
    runs["row"] = stored.index
    runs["network"] = network
    runs["replicate"] = stored["replicate"].astype(int)
    runs["policy"] = stored.get("policy", known.policy)
    runs["drawn"] = stored.get("draw", "per image")
    runs["group"] = stored.get("row", stored.get("regime", ""))
    runs["batch"] = stored.get("batch", pd.Series("32", stored.index)).astype(int)
    runs["images of"] = [
        _data_set(table, name, network)
        for name, network in zip(stored["dataset"], runs["network"], strict=True)
    ]
    if table == "strength":
        runs["training"] = runs["network"].map(STRENGTH_TRAININGS)
    else:
        runs["training"] = known.training or _trainings(stored, runs["network"])
    runs["epochs ="] = stored.get("epochs", pd.Series("0", stored.index)).astype(int)
    if "updates" in stored:
        runs["updates"] = stored["updates"].astype(int)
    else:
        runs["updates"] = runs["epochs ="] * runs["n"] // runs["batch"]
    for measure, column in (
        ("loss", f"{kind}_loss"),
        ("accuracy", f"{kind}_accuracy"),
        ("scaled", "val_loss_scaled" if kind == "val" else f"{kind}_scaled_loss"),
    ):
        runs[measure] = stored.get(column, np.nan)
    return runs


def _data_set(table: str, name: str, network: str) -> str:
    """The key of a table's data set in ``IMAGES``."""
    if table == "fine-tuning" and name == "cifar10":
        return "cifar10 enlarged"
    if name == "clothes" and network == "residual-48":
        return "clothes-48"
    if table == "strength":
        return {"pullovers-coats": "garments", "solar-cells": "solar-cells-in-turn"}.get(name, name)
    return name


def _trainings(stored: pd.DataFrame, network: pd.Series) -> list[str]:
    """Optimiser, rate, its schedule and weight decay of each run, in words."""
    if "optimiser" not in stored:
        return [
            RATES[rate].format(OPTIMISERS.get(name, "Adam 0.001"))
            for rate, name in zip(stored["rate"], network, strict=True)
        ]
    words = []
    for run in stored.to_dict("records"):
        name = {"adam": "Adam", "adamw": "AdamW"}[run["optimiser"]]
        decay = f", decay {run['weight_decay']}" if float(run["weight_decay"]) else ""
        words.append(f"{name} {run['rate']}{decay}, {run['schedule']}")
    return words


def pairs_of(table: str) -> Iterator[dict]:
    """One record for each two runs of a table that differ in a contrast's methods alone."""
    runs = runs_of(table)
    runs["copies"] = [copies_of(method.removesuffix("-equal")) for method in runs["method"]]
    none = runs[runs["method"] == "none"].drop(columns=["policy", "drawn"])
    live = runs[runs["method"] == "live"]
    stored = runs[runs["copies"] != ""]
    alike = ["group", *KEYS, "replicate"]
    matches = [
        ("live", "no augmentation", live, none, [*alike, "updates"]),
        (
            "1 copy",
            "no augmentation",
            stored[stored["copies"] == "1 copy"],
            none,
            [*alike, "updates"],
        ),
        ("", "live", stored, live.drop(columns="drawn"), [*alike, "policy", "updates"]),
    ]
    written = passes_as_written(table, stored)
    if len(written):
        matches.append(
            ("", "live", written, live.drop(columns="drawn"), [*alike, "policy", "epochs ="])
        )
    for first, second, ones, others, keys in matches:
        both = ones.merge(others, on=keys, suffixes=("", " of second"))
        for pair in both.to_dict("records"):
            updates = pair.get("updates of second", pair["updates"])
            yield {
                **{
                    key: pair[key]
                    for key in [*KEYS, "policy", "drawn", "replicate", "row", "method"]
                },
                "method of second": pair["method of second"],
                # A replicate that several tables number alike has the same training images in each.
                "unit": pair["replicate"]
                if TABLES[table].sets == "blocks"
                else f"{table} {pair['replicate']}",
                "table": table,
                "updates": updates,
                "matched": "updates" if updates == pair["updates"] else "epochs=",
                "first": first or pair["copies"],
                "second": second,
                **{measure: pair[measure] - pair[f"{measure} of second"] for measure in MEASURES},
                "accuracy of second": pair["accuracy of second"],
            }


def passes_as_written(table: str, stored: pd.DataFrame) -> pd.DataFrame:
    """The runs of two or more stored copies that make as many passes over the store as live makes epochs."""
    more = stored[(stored["copies"] != "1 copy") & ~stored["method"].str.endswith("-equal")]
    if table == "length-and-return":
        copies = more["method"].str.removeprefix("copies-").astype(int)
        return more.assign(**{"epochs =": more["epochs ="] // copies})
    return more if table == "article" else more[:0]


TRAINING_IMAGES = {"Fashion-MNIST": 12_000, "CIFAR-10": 20_000, "solar cells": 1_642}


def sets_of(pairs: pd.DataFrame) -> str:
    """Whether no two training sets of a cell share an image: "disjoint", else "overlap"."""
    tables = {TABLES[table].sets for table in pairs["table"]}
    if pairs["images of"].iloc[0] == "solar-cells-in-turn":
        return "overlap"
    if tables == {"blocks"}:
        source = IMAGES[pairs["images of"].iloc[0]].source
        blocks = TRAINING_IMAGES[source] // pairs["n"].iloc[0]
        rounds = pairs["replicate"] // blocks
        return "disjoint" if rounds.nunique() == 1 else "overlap"
    return "disjoint" if tables == {"disjoint"} else "overlap"


def registered_half(pairs: pd.DataFrame, measure: str) -> float:
    """Half of the interval that a registered question gives a difference, which may also count what its replicates
    share because they are tested on the same images; NaN where no question does."""
    table, first, second = (
        pairs[column].iloc[0] for column in ("table", "method", "method of second")
    )
    if table == "length-and-return":
        return _half_of_question_9(pairs.iloc[0]) if measure == "accuracy" else np.nan
    if table == "strength":
        return _half_of_question_10(pairs.iloc[0]) if measure == "accuracy" else np.nan
    if table == "worth":
        return _half_of_question_8(pairs.iloc[0]) if measure == "accuracy" else np.nan
    measures = (f"test_{measure}", f"new_{measure}")
    for line in _registered_lines(table, first, second):
        # A method may name more than itself, as "copies-1 draw=own" does.
        setting = " ".join([line["setting"], *line["first"].split()[1:]])
        if line["measure"] in measures and set(pairs["row"]) <= _rows(table, setting):
            return float(line["half"])
    return np.nan


@functools.cache
def _registered_lines(table: str, first: str, second: str) -> list[dict]:
    """The registered differences of two methods in a table."""
    lines = observed()
    lines = lines[
        (lines["table"] == table)
        & (lines["first"].str.split().str[0] == first)
        & (lines["second"].str.split().str[0] == second)
    ]
    return lines.to_dict("records")


@functools.cache
def _rows(table: str, setting: str) -> set[int]:
    """The numbers of a table's rows that have a setting."""
    return set(select(read(table), setting).index)


def _half_of_question_8(pair: pd.Series) -> float:
    """That of live minus no augmentation with as many images and updates in question 8."""
    judged = registered.judge(8).set_index(["task", "contrast"])
    contrast = f"live - none, {pair['n']} images, {pair['updates']} updates"
    return float(judged.loc[(pair["images of"], contrast), "half"])


def _half_of_question_9(pair: pd.Series) -> float:
    """That of the contrast's name in question 9; NaN where it has none, as one copy minus no augmentation."""
    copies = re.sub(r"\D", "", pair["first"])
    epochs = pair["updates"] * pair["batch"] // pair["n"]
    if pair["first"] == "live":
        contrast = f"live - none, {epochs} epochs"
    elif pair["matched"] == "epochs=" or copies == "1":
        contrast = f"as written, {copies}"
    else:
        contrast = f"return, {copies}"
    judged = registered.judge(9)
    found = judged[(judged["task"] == pair["images of"]) & (judged["contrast"] == contrast)]
    against_none = pair["second"] == "no augmentation" and pair["first"] != "live"
    return np.nan if found.empty or against_none else float(found["half"].iloc[0])


def strength(source: str, policy: str) -> str:
    """How much a policy changes images of a source."""
    if source in PHOTOGRAPHS and policy.startswith("crop"):
        return "crops"
    return STRENGTHS.get(policy.partition(",")[0], "mild")


def _half_of_question_10(pair: pd.Series) -> float:
    """That of live with a policy minus no augmentation, where question 10 has both at that length; else NaN."""
    name = {"garments": "pullovers-coats", "solar-cells-in-turn": "solar-cells"}
    task = name.get(pair["images of"], pair["images of"])
    length = pair["updates"]
    judged = registered.judge(10)
    judged = judged[
        (judged["task"] == f"{task}, {pair['network']}")
        & (judged["updates"] == f"{length}/{length}")
    ]
    policy = pair["policy"].partition(",")[0]
    found = judged[judged["contrast"] == f"{policy} - none, {length} updates"]
    if found.empty and policy == "article":
        found = judged[judged["contrast"] == "article - none, chosen lengths"]
    return np.nan if found.empty else float(found["half"].iloc[0])


def cell(pairs: pd.DataFrame) -> dict:
    """The row of ``evidence.csv`` that pairs of one cell make. A training set that stands in several tables, or several
    times in one, counts once, with the mean of its differences."""
    one = pairs.iloc[0]
    images = IMAGES[one["images of"]]
    tables = sorted(set(pairs["table"]))
    known = [TABLES[table] for table in tables]
    row = {
        "question": " ".join(sorted({table.question for table in known} - {""})),
        "tables": " ".join(tables),
        "source": images.source,
        "images of": images.of,
        "pixels": images.pixels,
        "classes": images.classes,
        "network": NETWORKS[one["network"]],
        "training": one["training"],
        "batch": one["batch"],
        "policy": one["policy"],
        "strength": strength(images.source, one["policy"]),
        "images": one["n"],
        "updates": one["updates"],
        "epochs": round(one["updates"] * one["batch"] / one["n"], 1),
        "matched": one["matched"],
        "runs": pairs["unit"].nunique(),
        "sets": sets_of(pairs),
        "tuned": " ".join(sorted({table.tuned for table in known})),
        "first": one["first"],
        "second": one["second"],
        "accuracy of second": round(pairs.groupby("unit")["accuracy of second"].mean().mean(), 5),
    }
    for measure, name in zip(MEASURES, ("accuracy", "loss", "scaled loss"), strict=True):
        row |= _difference(pairs, measure, name)
    row["told"] = "registered" if any(table.registered for table in known) else "explored"
    return row


def _difference(pairs: pd.DataFrame, measure: str, name: str) -> dict:
    """Mean difference of a measure, half of its interval, and verdict."""
    differences = pairs.groupby("unit")[measure].mean()
    if differences.isna().any():
        return {name: "", f"{name} ±": "", f"{name} verdict": ""}
    mean = differences.mean()
    half = np.nan
    if pairs["table"].nunique() == 1:
        half = registered_half(pairs, "scaled_loss" if measure == "scaled" else measure)
    if np.isnan(half):
        half = stats.t.ppf(0.975, len(differences) - 1) * stats.sem(differences)
    margin, lower_is_better = measure_of("accuracy" if measure == "accuracy" else "loss")
    said = verdict(Interval(mean, mean - half, mean + half), margin, lower_is_better)
    return {name: f"{mean:.5f}", f"{name} ±": f"{half:.5f}", f"{name} verdict": said}


def evidence() -> pd.DataFrame:
    """All cells, sorted by contrast, source and setting."""
    pairs = pd.concat([pd.DataFrame(pairs_of(table)) for table in TABLES], ignore_index=True)
    one_draw = pairs["drawn"].isin(["one for all", "shared"])
    pairs["policy"] = pairs["policy"].mask(one_draw, pairs["policy"] + ", one draw for all images")
    same = ["second", "first", "matched", *KEYS, "policy", "updates"]
    return pd.DataFrame([cell(group) for _, group in pairs.groupby(same, sort=True)])


def write() -> None:
    """The table, sorted by contrast, source and setting."""
    evidence().to_csv(EVIDENCE, index=False, lineterminator="\n")
