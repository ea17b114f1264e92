"""The registered questions as data: one dictionary a run, in the order in which they are computed.

Registered in ``data/results/questions.md``. Replicate after replicate, so that pairs are made side by side.
"""

import functools
from collections.abc import Iterable
from typing import Any

Setting = dict[str, Any]

KEYS = (  # data/results/README.md explains them
    "question", "dataset", "n", "method", "policy", "draw", "model", "optimiser", "rate", "schedule", "weight_decay",
    "batch", "updates", "replicate",
)  # fmt: skip


def _arms(*names: str, **given: str) -> list[Setting]:
    return [{"method": name} | given for name in names]


def _runs(question: int, *parts: tuple[Setting, list[Setting], Iterable[int]]) -> list[Setting]:
    """All methods of each replicate, part after part."""
    runs = []
    for common, methods, replicates in parts:
        for replicate in replicates:
            for given in methods:
                values = common | given | {"question": question, "replicate": replicate}
                runs.append({key: values[key] for key in KEYS})
    return runs


SMALL = {
    "dataset": "garments", "n": 512, "policy": "mild", "draw": "image", "model": "small", "optimiser": "adam",
    "rate": 0.001, "schedule": "constant", "weight_decay": 0.0, "batch": 32, "updates": 3000,
}  # fmt: skip
RESIDUAL = SMALL | {
    "model": "residual", "optimiser": "adamw", "schedule": "cosine", "weight_decay": 0.004, "updates": 1500,
}  # fmt: skip
NONE, NONE_AND_ONE_COPY = _arms("none"), _arms("none", "copies-1")
OWN = _arms("copies-1", "copies-4", "copies-18", policy="states", draw="own")
SHARED = _arms("copies-1", "copies-4", policy="states", draw="shared")
ANEW = _arms("fresh-1-18", "live", policy="states", draw="anew")
COVERAGE, COVERAGE_IN_SHORT = [*NONE_AND_ONE_COPY, *OWN, *SHARED, *ANEW], [*NONE_AND_ONE_COPY, OWN[0], OWN[2], ANEW[1]]

# What the pilots chose: the lowest mean scaled loss of no augmentation. 1 copy has its own best, too.
EIGHT = RESIDUAL | {"dataset": "t-shirt-shirt", "updates": 3000, "weight_decay": 0.04}
BEST_OF_ONE_COPY = {"method": "copies-1", "updates": 1500, "weight_decay": 0.04}

CLOTHES = RESIDUAL | {"dataset": "clothes", "n": 256, "policy": "crop", "rate": 0.0003, "updates": 320}
UPPER, WHOLE, HEAD = ({"model": name} for name in ("lite0-upper", "lite0", "lite0-head"))
CHOICE = CLOTHES | {"dataset": "clothes-choice"}
TUNED_UPPER, TUNED_WHOLE = CLOTHES | UPPER | {"rate": 0.001}, CLOTHES | WHOLE
TUNED_HEAD = CLOTHES | HEAD | {"rate": 0.01, "weight_decay": 0.4}
SCRATCH = CLOTHES | {"model": "residual-48", "rate": 0.001, "updates": 1500}
LIVE_AND_LESS = _arms("copies-1", "originals+pool-8", "live-8/9", "live")

COLOUR = RESIDUAL | {"policy": "crop"}
TUNED_COLOUR = COLOUR | {"dataset": "colour", "weight_decay": 0.04}
STORES = _arms("copies-1", "pool-4", "pool-9", "originals+pool-2", "originals+pool-8")

QUESTIONS = {
    "coverage": functools.partial(
        _runs, 4,
        (SMALL, COVERAGE, range(40, 60)),
        (SMALL | {"n": 128}, COVERAGE, range(40, 60)),
        (RESIDUAL, COVERAGE_IN_SHORT, range(40, 48)),
        (SMALL | {"dataset": "t-shirt-shirt"}, COVERAGE_IN_SHORT, range(20)),
    ),
    "eight-tuning": functools.partial(_runs, 1, *(
        (EIGHT | {"dataset": "t-shirt-shirt-choice", "updates": updates, "weight_decay": decay}, NONE_AND_ONE_COPY,
         range(20, 23))
        for updates in (750, 1500, 3000) for decay in (0.004, 0.04)
    )),
    "originals-and-eight": functools.partial(_runs, 1, (
        EIGHT,
        [*NONE_AND_ONE_COPY, *_arms("pool-8", "pool-9", "originals+pool-8", "live-8/9", "live"), BEST_OF_ONE_COPY],
        range(15),
    )),
    "photographs-tuning": functools.partial(
        _runs, 2,
        *((CHOICE | UPPER | {"rate": rate}, NONE, (100, 101)) for rate in (0.0001, 0.0003, 0.001)),
        *((CHOICE | HEAD | {"rate": rate, "weight_decay": decay}, NONE, (100, 101))
          for rate in (0.001, 0.003, 0.01) for decay in (0.004, 0.04, 0.4)),
        *((CHOICE | WHOLE | {"rate": rate}, NONE, (100,)) for rate in (0.0001, 0.0003)),
    ),
    "photographs": functools.partial(
        _runs, 2,
        (TUNED_UPPER, [*NONE, *_arms("originals+pool-2"), *LIVE_AND_LESS], range(8)),
        (TUNED_UPPER | {"policy": "mild"}, [*_arms("originals+pool-2"), *LIVE_AND_LESS], range(8)),
        (TUNED_HEAD, [*NONE, *LIVE_AND_LESS], range(8)),
        (SCRATCH, _arms("none", "copies-1", "live"), range(8)),
        (TUNED_WHOLE, [*NONE, *LIVE_AND_LESS], range(8)),
    ),
    "colour-tuning": functools.partial(_runs, 3, *(
        (COLOUR | {"dataset": "colour-choice", "updates": updates, "weight_decay": decay}, NONE, (20, 21))
        for updates in (1500, 3000) for decay in (0.004, 0.04)
    )),
    "colour": functools.partial(_runs, 3, (TUNED_COLOUR, [*NONE, *STORES, *_arms("live-8/9", "live")], range(8))),
    "addition": functools.partial(_runs, 5, (
        RESIDUAL | {"dataset": "fashion", "n": 12_000, "updates": 7500},
        [*NONE_AND_ONE_COPY, *_arms("originals+pool-8", "live")],
        range(5),
    )),
}  # fmt: skip
