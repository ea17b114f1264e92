"""The four registered questions as data: one dictionary a run, in the order in which they are computed.

Registered in ``data/results/questions.md``. Replicate after replicate, so that pairs are made side by side.
"""

from collections.abc import Iterable
from typing import Any

Setting = dict[str, Any]

KEYS = (
    "question",  # of the registration; a comparison is made within one question
    "dataset",
    "n",  # training images
    "arm",  # when which picture is shown, as helpers.arms spells it
    "policy",  # how a picture is changed: "mild", or "states", see experiments.states
    "draw",  # whose draw it is: "image", and of states "own", "shared" or "anew"
    "model",
    "optimiser",
    "rate",  # learning rate
    "schedule",  # of the rate: "constant", or "cosine" to zero
    "weight_decay",
    "batch",
    "updates",
    "replicate",
)
PAIRS = {"t-shirt-shirt": ("t-shirt", "shirt")}  # drawn by lot, see the registration
SMALL = {
    "dataset": "garments", "n": 512, "policy": "mild", "draw": "image", "model": "small", "optimiser": "adam",
    "rate": 0.001, "schedule": "constant", "weight_decay": 0.0, "batch": 32, "updates": 3000,
}  # fmt: skip
RESIDUAL = SMALL | {
    "model": "residual", "optimiser": "adamw", "schedule": "cosine", "weight_decay": 0.004, "updates": 1500,
}  # fmt: skip
NONE_AND_ONE_COPY = [{"arm": "none"}, {"arm": "copies-1"}]  # under the mild policy
OWN = [{"arm": arm, "policy": "states", "draw": "own"} for arm in ("copies-1", "copies-4", "copies-18")]
SHARED = [{"arm": arm, "policy": "states", "draw": "shared"} for arm in ("copies-1", "copies-4")]
ANEW = [{"arm": arm, "policy": "states", "draw": "anew"} for arm in ("fresh-1-18", "live")]


def coverage() -> list[Setting]:
    """Question 4: is it the number of states seen, their variety between images, or how often each comes again?"""
    small = [*NONE_AND_ONE_COPY, *OWN, *SHARED, *ANEW]
    runs = []
    for given in ({"n": 512}, {"n": 128}):
        runs += _grid(4, SMALL | given, small, range(40, 60))
    runs += _grid(4, RESIDUAL, [*NONE_AND_ONE_COPY, OWN[0], OWN[2], ANEW[1]], range(40, 48))
    runs += _grid(4, SMALL | {"dataset": "t-shirt-shirt"}, [*NONE_AND_ONE_COPY, OWN[0], OWN[2], ANEW[1]], range(20))
    return runs


def eight_tuning() -> list[Setting]:
    """The pilots of question 1: which length and which weight decay suit no augmentation, and which one copy."""
    runs = []
    for updates in (750, 1500, 3000):
        for decay in (0.004, 0.04):
            given = {"dataset": "t-shirt-shirt-choice", "updates": updates, "weight_decay": decay}
            runs += _grid(1, RESIDUAL | given, NONE_AND_ONE_COPY, range(20, 23))
    return runs


# Length and weight decay: the lowest mean scaled loss of no augmentation in the pilots; 1 copy has its own best, too.
EIGHT = RESIDUAL | {"dataset": "t-shirt-shirt", "updates": 3000, "weight_decay": 0.04}
BEST_OF_ONE_COPY = {"updates": 1500, "weight_decay": 0.04}
POOLED = ("pool-8", "pool-9", "originals+pool-8", "live-8/9", "live")


def originals_and_eight() -> list[Setting]:
    """Question 1: are the originals with eight copies level with live?"""
    arms: list[Setting] = [*NONE_AND_ONE_COPY, *({"arm": arm} for arm in POOLED)]
    arms.append({"arm": "copies-1"} | BEST_OF_ONE_COPY)
    return _grid(1, EIGHT, arms, range(15))


CLOTHES = {
    "dataset": "clothes", "n": 256, "policy": "crop", "draw": "image", "model": "lite0-upper", "optimiser": "adamw",
    "rate": 0.0003, "schedule": "cosine", "weight_decay": 0.004, "batch": 32, "updates": 320,
}  # fmt: skip
COLOUR = RESIDUAL | {"dataset": "colour-choice", "policy": "crop"}
SCRATCH = CLOTHES | {"model": "residual-48", "rate": 0.001, "updates": 1500}
RATES = {"lite0": (0.0001, 0.0003), "lite0-upper": (0.0001, 0.0003, 0.001), "lite0-head": (0.001, 0.003, 0.01)}
DECAYS = (0.004, 0.04, 0.4)  # of the head, whose penalty is chosen


def photographs_tuning() -> list[Setting]:
    """The pilots of question 2, on the choice photographs, without augmentation: the learning rate of each depth."""
    runs = []
    for name in ("lite0-upper", "lite0-head"):
        for rate in RATES[name]:
            for decay in DECAYS if name == "lite0-head" else DECAYS[:1]:
                given = {"dataset": "clothes-choice", "model": name, "rate": rate, "weight_decay": decay}
                runs += _grid(2, CLOTHES | given, [{"arm": "none"}], (100, 101))
    for rate in RATES["lite0"]:
        given = {"dataset": "clothes-choice", "model": "lite0", "rate": rate}
        runs += _grid(2, CLOTHES | given, [{"arm": "none"}], (100,))
    return runs


# The learning rate of each depth: the lowest scaled loss of no augmentation in the pilots.
UPPER = {"model": "lite0-upper", "rate": 0.001}
HEAD = {"model": "lite0-head", "rate": 0.01, "weight_decay": 0.4}
WHOLE = {"model": "lite0", "rate": 0.0003}
LIVE_AND_LESS = ("copies-1", "originals+pool-8", "live-8/9", "live")


def photographs() -> list[Setting]:
    """Question 2: what does live gain in fine-tuning, and is it level with the originals and eight copies?"""
    runs = []
    for given, policy, arms in (
        (UPPER, "crop", ("none", "originals+pool-2", *LIVE_AND_LESS)),
        (UPPER, "mild", ("originals+pool-2", *LIVE_AND_LESS)),
        (HEAD, "crop", ("none", *LIVE_AND_LESS)),
        (SCRATCH, "crop", ("none", "copies-1", "live")),
        (WHOLE, "crop", ("none", *LIVE_AND_LESS)),
    ):
        runs += _grid(2, CLOTHES | given | {"policy": policy}, [{"arm": arm} for arm in arms], range(8))
    return runs


def colour_tuning() -> list[Setting]:
    """The pilots of question 3, on held-out training images, without augmentation: length and weight decay."""
    runs = []
    for updates in (1500, 3000):
        for decay in (0.004, 0.04):
            runs += _grid(3, COLOUR | {"updates": updates, "weight_decay": decay}, [{"arm": "none"}], (20, 21))
    return runs


# Length and weight decay: the lowest mean scaled loss of no augmentation in the pilots.
TUNED_COLOUR = COLOUR | {"dataset": "colour", "updates": 1500, "weight_decay": 0.04}
STORES = ("copies-1", "pool-4", "pool-9", "originals+pool-2", "originals+pool-8")


def colour() -> list[Setting]:
    """Question 3: ten classes in colour, from scratch: stores, live with the share of originals + 8, and live."""
    return _grid(3, TUNED_COLOUR, [{"arm": arm} for arm in ("none", *STORES, "live-8/9", "live")], range(8))


def addition() -> list[Setting]:
    """The addition: Fashion-MNIST's ten classes, 12,000 images, 20 epochs."""
    given = RESIDUAL | {"dataset": "fashion", "n": 12_000, "updates": 7500}
    return _grid(5, given, [*NONE_AND_ONE_COPY, {"arm": "originals+pool-8"}, {"arm": "live"}], range(5))


QUESTIONS = {
    "coverage": coverage, "eight-tuning": eight_tuning, "originals-and-eight": originals_and_eight,
    "photographs-tuning": photographs_tuning, "photographs": photographs, "colour-tuning": colour_tuning,
    "colour": colour, "addition": addition,
}  # fmt: skip


def _grid(question: int, common: Setting, arms: Iterable[Setting], replicates: Iterable[int]) -> list[Setting]:
    runs = []
    for replicate in replicates:
        for given in arms:
            values = common | given | {"question": question, "replicate": replicate}
            runs.append({key: values[key] for key in KEYS})
    return runs
