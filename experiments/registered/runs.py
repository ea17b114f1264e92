"""Every run of questions 8, 9 and 10 as data: one dictionary a run, in the order in which they are computed."""

import itertools
from typing import Any

import pandas as pd

from experiments.registered.parts import FIRST_PILOT
from helpers.data import RESULTS

Setting = dict[str, Any]

# Question 8: label more, or augment?

SOURCES = {"cifar10": "flip-shift-4", "fashion": "mild"}  # and their policies
REPLICATES = 8
GRID_RATES = (0.001, 0.003, 0.01)
GRID_DECAYS = (0.004, 0.04, 0.4)  # at ``TUNED_UPDATES``
TUNED_N, TUNED_UPDATES = 1536, 1920
CELLS = (  # images and updates, in the order in which they are computed
    (1536, 1920), (512, 640), (4608, 1920), (4608, 5760), (1536, 640), (1536, 5760), (512, 1920), (512, 5760),
)  # fmt: skip
METHODS = ("none", "live")


def decay_at(updates: int, decay: float) -> float:
    """The weight decay that keeps rate × decay × updates, of one that was tuned."""
    return decay * TUNED_UPDATES / updates


def tuning(rates: tuple = GRID_RATES, decays: tuple = GRID_DECAYS) -> list[Setting]:
    """Rate and decay for each source and method, on two pilots."""
    grid = itertools.product(SOURCES, rates, decays, METHODS, (FIRST_PILOT, FIRST_PILOT + 1))
    return [
        _worth(source, TUNED_N, TUNED_UPDATES, method, rate, decay, replicate)
        for source, rate, decay, method, replicate in grid
    ]


def worth() -> list[Setting]:
    """All cells, with what tuning chose; refused before tuning is whole."""
    chosen = tuned()
    settings = []
    for (n, updates), source in itertools.product(CELLS, SOURCES):
        for replicate, method in itertools.product(range(REPLICATES), METHODS):
            rate, decay = chosen[source, method]
            settings.append(_worth(source, n, updates, method, rate, decay, replicate))
    return settings


def _worth(
    source: str, n: int, updates: int, method: str, rate: float, decay: float, replicate: int
) -> Setting:
    return {
        "question": 8,
        "dataset": source,
        "n": n,
        "method": method,
        "policy": SOURCES[source],
        "network": "residual",
        "rate": rate,
        "weight_decay": round(decay_at(updates, decay), 6),
        "updates": updates,
        "replicate": replicate,
    }


def tuned() -> dict[tuple[str, str], tuple[float, float]]:
    """For each source and method the rate and the decay of the lowest scaled loss on validation images, the mean over
    two pilots."""
    runs = pd.read_csv(RESULTS / "worth-tuning.csv")
    lacking = [one for one in tuning() if not _has(runs, one)]
    if lacking:
        raise ValueError(f"worth-tuning.csv lacks {len(lacking)} runs; expected all of them.")
    keys = ["dataset", "method", "rate", "weight_decay"]
    means = runs.groupby(keys)["validation_scaled_loss"].mean()
    best = {}
    for (source, method), losses in means.groupby(["dataset", "method"]):
        _, _, rate, decay = losses.idxmin()
        best[source, method] = (rate, decay)
    return best


def _has(runs: pd.DataFrame, setting: Setting) -> bool:
    return (runs[list(setting)] == pd.Series(setting)).all(axis=1).any()


# Question 9: the number that the article leaves out

ARTICLE_PAIRS = ("cats-dogs", "deer-horses", "cars-trucks")
COPIES = (1, 2, 4, 8, 16)
PASSES = 10  # over the store
ARTICLE_SETS = 19


def length_and_return() -> list[Setting]:
    """One row a network that was trained and a number of epochs; a run makes all of a method's rows of live or none."""
    settings = []
    for replicate, pair in itertools.product(range(ARTICLE_SETS), ARTICLE_PAIRS):
        for method in ("none", "live", *(f"copies-{k}" for k in COPIES)):
            settings.append(
                {"question": 9, "dataset": pair, "n": 512, "method": method, "replicate": replicate}
            )
    return settings


# Question 10: how strong?

STRENGTHS = (
    "none",
    "flip",
    "quarter",
    "half",
    "article",
)  # of the article's ranges, the flip whole
SHORT, LONG = 1500, 4500
TWELVE = 12
RESIDUAL_TASKS = ("pullovers-coats", "cats-dogs")
SMALL_TASKS = (*RESIDUAL_TASKS, "solar-cells")


def strength() -> list[Setting]:
    """The ResNet at both lengths; the small network, whose rate is constant, once: see ``stops``."""
    settings = []
    for updates, names in (
        (SHORT, ("none", "flip", "quarter", "article")),
        (LONG, ("none", "article")),
    ):
        for task, replicate, name in itertools.product(RESIDUAL_TASKS, range(TWELVE), names):
            settings.append(_strength(task, "residual", name, updates, replicate))
    for task, replicate, name in itertools.product(SMALL_TASKS, range(TWELVE), STRENGTHS):
        longest = LONG if name in ("none", "article") else SHORT
        settings.append(_strength(task, "small", name, longest, replicate))
    for task, replicate in itertools.product(RESIDUAL_TASKS, range(TWELVE)):
        settings.append(_strength(task, "residual", "half", SHORT, replicate))
    return settings


def strength_pilots() -> list[Setting]:
    """One start on pilot images."""
    return [
        _strength(task, "residual", name, SHORT, FIRST_PILOT)
        for task, name in itertools.product(RESIDUAL_TASKS, STRENGTHS)
    ]


def _strength(task: str, network: str, name: str, updates: int, replicate: int) -> Setting:
    return {
        "question": 10,
        "dataset": task,
        "n": 512,
        "policy": name,
        "network": network,
        "updates": updates,
        "replicate": replicate,
    }


TABLES = {
    "strength-pilots": strength_pilots,
    "length-and-return": length_and_return,
    "strength": strength,
    "worth-tuning": tuning,
    "worth": worth,
}
