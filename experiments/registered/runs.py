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
# What follows a rate, and a decay, on the grid's edge.
BEYOND = ({0.001: 0.0003, 0.01: 0.03}, {0.004: 0.0004, 0.4: 4.0})
TUNED_N, TUNED_UPDATES = 1536, 1920
CELLS = (  # images and updates, in the order in which they are computed
    (1536, 1920), (512, 640), (4608, 1920), (4608, 5760), (1536, 640), (1536, 5760), (512, 1920), (512, 5760),
)  # fmt: skip
METHODS = ("none", "live")


def decay_at(updates: int, decay: float) -> float:
    """The weight decay that keeps rate × decay × updates, of one that was tuned."""
    return decay * TUNED_UPDATES / updates


def tuning() -> list[Setting]:
    """Rate and decay for each source and method, on two pilots. Where the grid's runs are whole, and one of the methods
    of a source chose a value on an edge, the grid of both methods goes on by one value there, once."""
    both: tuple[tuple[float, ...], ...] = (GRID_RATES, GRID_DECAYS)
    grids = dict.fromkeys(SOURCES, both)
    settings = _grid(grids)
    path = RESULTS / "worth-tuning.csv"
    runs = pd.read_csv(path) if path.exists() else pd.DataFrame()
    if path.exists() and all(_has(runs, one) for one in settings):
        chosen = _lowest(runs, settings)
        for source in SOURCES:
            longer = []
            for number, (values, beyond) in enumerate(zip(grids[source], BEYOND, strict=True)):
                edges = {chosen[source, method][number] for method in METHODS} & set(beyond)
                longer.append((*values, *sorted(beyond[edge] for edge in edges)))
            grids[source] = tuple(longer)
        settings += [one for one in _grid(grids) if one not in settings]
    return settings


def _grid(grids: dict[str, tuple]) -> list[Setting]:
    pilots = (FIRST_PILOT, FIRST_PILOT + 1)
    return [
        _worth(source, TUNED_N, TUNED_UPDATES, method, rate, decay, replicate)
        for source, (rates, decays) in grids.items()
        for rate, decay, method, replicate in itertools.product(rates, decays, METHODS, pilots)
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
    runs, settings = pd.read_csv(RESULTS / "worth-tuning.csv"), tuning()
    lacking = [one for one in settings if not _has(runs, one)]
    if lacking:
        raise ValueError(f"worth-tuning.csv lacks {len(lacking)} runs; expected all of them.")
    return _lowest(runs, settings)


def _lowest(
    runs: pd.DataFrame, settings: list[Setting]
) -> dict[tuple[str, str], tuple[float, float]]:
    """Of some settings; a mean with a number that is none is the highest."""
    mine = pd.DataFrame(settings).merge(runs, validate="one_to_one")
    keys = ["dataset", "method", "rate", "weight_decay"]
    means = mine.groupby(keys)["validation_scaled_loss"].agg(
        lambda losses: losses.mean(skipna=False)
    )
    best = {}
    for (source, method), losses in means.fillna(float("inf")).groupby(["dataset", "method"]):
        _, _, rate, decay = losses.idxmin()
        best[source, method] = (float(rate), float(decay))
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
