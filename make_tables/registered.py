"""Questions 8, 9 and 10 by their registered rules, from their stored rows.

The rules are in ``data/results/questions.md``. The programs that made the rows, and that judged them first, are in
``data/results/programs/0.6.tar.xz``.
"""

import base64
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.data import RESULTS

MARGIN = 0.01  # of accuracy
TABLE_OF = {8: "worth", 9: "length-and-return", 10: "strength"}
# Question 8: data sets, and the images and updates of each cell
SOURCES = ("cifar10", "fashion")
CELLS = (
    (1536, 1920), (512, 640), (4608, 1920), (4608, 5760), (1536, 640), (1536, 5760), (512, 1920), (512, 5760),
)  # fmt: skip
TWICE = np.log(2) / np.log(3)  # of the way from 1,536 to 4,608 images, on a logarithmic scale
# Question 9
ARTICLE_PAIRS = ("cats-dogs", "deer-horses", "cars-trucks")
COPIES = (1, 2, 4, 8, 16)
PASSES = 10  # over the store
# Question 10: updates, policies (of the article's ranges, the flip whole) and tasks of each network
SHORT, LONG = 1500, 4500
STRENGTHS = ("none", "flip", "quarter", "half", "article")
RESIDUAL_TASKS = ("pullovers-coats", "cats-dogs")
SMALL_TASKS = (*RESIDUAL_TASKS, "solar-cells")
# What pages call a task, and a contrast above or below zero
TASKS = {
    "cats-dogs": "cats and dogs",
    "deer-horses": "deer and horses",
    "cars-trucks": "cars and trucks",
    "pullovers-coats": "pullovers and coats",
    "solar-cells": "solar cells",
    "cifar10": "CIFAR-10",
    "fashion": "Fashion-MNIST",
    "residual": "ResNet",
    "small": "small network",
}
WORDS = {"above zero": "better", "below zero": "worse"}
DESIGN = (
    "question", "dataset", "n", "method", "policy", "network", "rate", "weight_decay", "updates", "epochs", "replicate",
)  # fmt: skip


class Contrast(NamedTuple):
    """A sum of weights times accuracies of rows, in each replicate; ``family`` names the primary contrasts that Holm
    corrects together, and is empty for what is described."""

    task: str
    name: str
    family: str
    terms: tuple[tuple[float, dict], ...]


def label(task: str, contrast: str) -> str:
    """What Results calls a contrast: "return, 8" of cats-dogs is "return, 8 copies, cats and dogs"."""
    words = re.sub(r"^(as written|length|return), (\d+)$", r"\1, \2 copies", contrast)
    words = words.replace(", 1 copies", ", 1 copy").replace(" - ", " minus ")
    words = re.sub(r"\d{4,}", lambda found: f"{int(found[0]):,}", words)
    return ", ".join([words, *(TASKS[part] for part in task.split(", "))])


@functools.cache
def rows_of(question: int) -> pd.DataFrame:
    """All rows of a question with the bits of their answers."""
    name = TABLE_OF[question]
    runs = pd.read_csv(RESULTS / f"{name}.csv")
    keys = [key for key in runs if key in DESIGN]
    return runs.merge(pd.read_csv(RESULTS / f"{name}-right.csv"), on=keys, validate="one_to_one")


def select(question: int, chosen: dict) -> pd.DataFrame:
    """The rows with these values, one a replicate, by replicate."""
    runs = rows_of(question)
    for column, value in chosen.items():
        runs = runs[runs[column] == value]
    runs = runs.set_index("replicate").sort_index()
    if runs.empty or runs.index.duplicated().any():
        raise ValueError(f"{chosen} selects {len(runs)} rows; expected one a replicate.")
    return runs


def chosen_length(question: int, chosen: dict, lengths: tuple[int, ...]) -> int:
    """The number of updates with the lowest loss after temperature scaling on validation images, the mean over all
    replicates."""
    losses = [
        select(question, chosen | {"updates": updates})["validation_scaled_loss"].mean()
        for updates in lengths
    ]
    return lengths[int(np.argmin(losses))]


def contrasts(question: int) -> Iterator[Contrast]:
    """Every registered contrast of a question."""
    return {8: _worth, 9: _length_and_return, 10: _strength}[question]()


def _worth() -> Iterator[Contrast]:
    for source in SOURCES:

        def row(method: str, n: int, updates: int, source: str = source) -> dict:
            return {"dataset": source, "method": method, "n": n, "updates": updates}

        def best(method: str, n: int, lengths: tuple[int, ...], source: str = source) -> dict:
            cell = {"dataset": source, "method": method, "n": n}
            return cell | {"updates": chosen_length(8, cell, lengths)}

        for n, updates in CELLS:
            gain = ((1, row("live", n, updates)), (-1, row("none", n, updates)))
            yield Contrast(source, f"live - none, {n} images, {updates} updates", "", gain)
        few, many = (640, 1920, 5760), (1920, 5760)
        worth = (
            (1, best("live", 1536, few)),
            (TWICE - 1, best("none", 1536, few)),
            (-TWICE, best("none", 4608, many)),
        )
        yield Contrast(source, "worth", "worth", worth)
        most = ((1, row("live", 4608, 5760)), (-1, row("none", 4608, 5760)))
        least = ((-1, row("live", 512, 640)), (1, row("none", 512, 640)))
        short = ((-1, row("live", 4608, 1920)), (1, row("none", 4608, 1920)))
        yield Contrast(source, "images", "images and epochs", most + least)
        yield Contrast(source, "epochs", "images and epochs", most + short)
        longer = ((1, row("live", 4608, 5760)), (-1, row("live", 4608, 1920)))
        yield Contrast(source, "live, 5760 - 1920 updates, 4608 images", "", longer)


def _length_and_return() -> Iterator[Contrast]:
    most = max(COPIES)
    for pair in ARTICLE_PAIRS:

        def row(method: str, epochs: int, pair: str = pair) -> dict:
            return {"dataset": pair, "method": method, "epochs": epochs}

        for copies in COPIES:
            epochs = PASSES * copies
            family = "length and return" if copies == most else ""
            length = ((1, row("live", epochs)), (-1, row("live", PASSES)))
            back = ((1, row(f"copies-{copies}", epochs)), (-1, row("live", epochs)))
            written = ((1, row(f"copies-{copies}", epochs)), (-1, row("live", PASSES)))
            if copies > 1:  # with one, length is nothing and return all
                yield Contrast(pair, f"length, {copies}", family, length)
                yield Contrast(pair, f"return, {copies}", family, back)
            yield Contrast(pair, f"as written, {copies}", "", written)
            gain = ((1, row("live", epochs)), (-1, row("none", epochs)))
            yield Contrast(pair, f"live - none, {epochs} epochs", "", gain)


def _strength() -> Iterator[Contrast]:
    tasks = [(task, "residual") for task in RESIDUAL_TASKS] + [
        (task, "small") for task in SMALL_TASKS
    ]
    for task, network in tasks:

        def row(policy: str, updates: int, task: str = task, network: str = network) -> dict:
            return {"dataset": task, "network": network, "policy": policy, "updates": updates}

        def best(policy: str, task: str = task, network: str = network) -> dict:
            cell = {"dataset": task, "network": network, "policy": policy}
            return cell | {"updates": chosen_length(10, cell, (SHORT, LONG))}

        family = "strength" if network == "residual" else ""
        name = f"{task}, {network}"
        yield Contrast(
            name,
            "article - none, chosen lengths",
            family,
            ((1, best("article")), (-1, best("none"))),
        )
        for policy in STRENGTHS[1:]:
            difference = ((1, row(policy, SHORT)), (-1, row("none", SHORT)))
            yield Contrast(name, f"{policy} - none, {SHORT} updates", "", difference)
        milder = ((1, row("quarter", SHORT)), (-1, row("article", SHORT)))
        yield Contrast(name, f"quarter - article, {SHORT} updates", "", milder)


def per_image(question: int, contrast: Contrast) -> np.ndarray:
    """The contrast of each test image, (replicates, images)."""
    total: np.ndarray = np.zeros(0)
    for number, (weight, chosen) in enumerate(contrast.terms):
        runs = select(question, chosen)
        count = test_images(runs)
        right = np.stack([unpacked(text, count) for text in runs["right"]])
        total = weight * right if number == 0 else total + weight * right
    return total


def test_images(runs: pd.DataFrame) -> int:
    """How many test images there are: the accuracy of the bits is the row's."""
    text, accuracy = runs["right"].iloc[0], runs["test_accuracy"].iloc[0]
    bits = unpacked(text, 10**9)
    for count in range(len(bits), len(bits) - 8, -1):
        if abs(bits[:count].sum() / count - accuracy) < 1e-5:
            return count
    raise ValueError(f"found {bits.sum()} right answers; expected an accuracy of {accuracy}.")


def unpacked(text: str, count: int) -> np.ndarray:
    """The first bits, bool (count,), of base64."""
    return np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8))[:count].astype(bool)


def shared_variance(values: np.ndarray) -> float:
    """What the variance of a mean over replicates owes to the images on which they all are tested, of (replicates,
    images): the mean covariance of two replicates' means (Obuchowski and Rockette, 1995)."""
    added = (values - values.mean(axis=1, keepdims=True)) / values.shape[1]
    pairs = len(values) * (len(values) - 1)
    return float(((added.sum(axis=0) ** 2).sum() - (added**2).sum()) / pairs)


def by_replicate(question: int, contrast: Contrast, measure: str) -> pd.Series:
    """The contrast of a column of the rows in each replicate."""
    terms = [select(question, chosen)[measure] * weight for weight, chosen in contrast.terms]
    return sum(terms[1:], terms[0])


def observed(question: int, contrast: Contrast) -> dict[str, float]:
    """Mean over replicates, half of its 95 % interval (``half_paired``: of the replicates alone), and p of none."""
    differences = by_replicate(question, contrast, "test_accuracy")
    shared = 0.0
    if "solar-cells" not in contrast.task:  # whose replicates have other test images
        shared = max(0.0, shared_variance(per_image(question, contrast)))
    t = stats.t(len(differences) - 1)
    paired, whole = (np.sqrt(differences.var() / len(differences) + part) for part in (0, shared))
    return {
        "replicates": len(differences),
        "observed": differences.mean(),
        "half": t.ppf(0.975) * whole,
        "half_paired": t.ppf(0.975) * paired,
        "p": 2 * t.sf(abs(differences.mean()) / whole),
    }


@functools.cache
def judge(question: int) -> pd.DataFrame:
    """A line for each contrast: what is observed, with p corrected by Holm in a family, and the word. That is of a
    primary contrast above zero, below zero or undecided, in *worth* equivalent first, and of others equivalent, better,
    worse or undecided."""
    lines = []
    for contrast in contrasts(question):
        lines.append(
            {
                "question": question,
                "task": contrast.task,
                "contrast": contrast.name,
                "family": contrast.family,
                "updates": "/".join(str(chosen.get("updates", "")) for _, chosen in contrast.terms),
            }
            | observed(question, contrast)
        )
    table = pd.DataFrame(lines)
    for family, group in table[table["family"] != ""].groupby("family"):
        ordered = group["p"].sort_values()
        corrected = (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1)
        table.loc[table["family"] == family, "p"] = corrected
    table["word"] = [word(line) for _, line in table.iterrows()]
    return table


def word(line: pd.Series) -> str:
    """What a line says; see ``judge``."""
    inside = abs(line["observed"]) + line["half"] < MARGIN
    if line["family"] in ("", "worth") and inside:
        return "equivalent"
    decided = line["p"] < 0.05 if line["family"] else abs(line["observed"]) > line["half"]
    if not decided:
        return "undecided"
    if line["family"] in ("", "worth"):
        return "better" if line["observed"] > 0 else "worse"
    return "above zero" if line["observed"] > 0 else "below zero"


def factor(source: str, draws: int = 4000) -> tuple[float, float, float]:
    """Question 8: with how many times as many images no augmentation is as accurate as live with 1,536, by log
    interpolation, and the 95 % interval of a bootstrap over replicates and test images alike."""
    terms = [one for one in _worth() if (one.task, one.name) == (source, "worth")][0].terms
    live, few, many = (
        per_image(8, Contrast(source, "", "", ((1, chosen),))) for _, chosen in terms
    )
    rng, found = np.random.default_rng(8), []
    for draw in range(draws + 1):
        replicates, images = live.shape
        i, j = np.arange(replicates), np.arange(images)
        if draw:  # the first is the observed one
            i, j = rng.integers(replicates, size=len(i)), rng.integers(images, size=len(j))
        a, b, c = (each[np.ix_(i, j)].mean() for each in (live, few, many))
        found.append(3 ** ((a - b) / (c - b)))
    low, high = np.quantile(found[1:], [0.025, 0.975])
    return found[0], low, high
