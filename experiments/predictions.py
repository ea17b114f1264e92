"""What was foretold of each registered question, as data; ``data/results/questions.md`` says how it is scored."""

from typing import NamedTuple

Where = tuple[str, str, int]  # data set, network, training images


class Prediction(NamedTuple):
    """A difference between two methods of one setting, the first minus the second."""

    question: int
    setting: Where
    first: str  # "ARM POLICY DRAW"
    second: str
    measure: str  # a column: ``new_accuracy`` and the like are shares, losses are in nats
    difference: float  # within the margin it foretells *equivalent*


def _new(loss: float, accuracy: float, scaled: float = 0.5) -> dict[str, float]:
    """On new images: half of a difference in loss is taken to be over-confidence, which scaling removes."""
    return {"new_loss": loss, "new_scaled_loss": scaled * loss, "new_accuracy": accuracy}


def _in_full(method: str, way: str) -> str:
    return method if " " in method else f"{method} {way}"


NONE = "none mild image"
ONE_COPY = "copies-1 mild image"
OWN_1, OWN_4, ALL_18 = (f"copies-{count} states own" for count in (1, 4, 18))
SHARED_1, SHARED_4 = (f"copies-{count} states shared" for count in (1, 4))
RENEWED, LIVE = "fresh-1-18 states anew", "live states anew"
BARE = "none crop image"

SMALL_512, SMALL_128 = ("garments", "small", 512), ("garments", "small", 128)
RESIDUAL_512, NEW_PAIR = ("garments", "residual", 512), ("t-shirt-shirt", "small", 512)
PAIR = ("t-shirt-shirt", "residual", 512)
UPPER, WHOLE, HEAD, SCRATCH = (
    ("clothes", network, 256) for network in ("lite0-upper", "lite0", "lite0-head", "residual-48")
)
COLOURED = ("colour", "residual", 512)
TWELVE_THOUSAND = ("fashion", "residual", 12_000)

EQUALLY_IGNORED = {"changed_mirror": 0.0, "changed_random": 0.0}
LIKE_FOUR_SHARED = {"changed_shared_4": -0.04, "changed_others": 0.03, "new_accuracy": -0.01}
LIKE_ONE_SHARED = {"new_accuracy": -0.04, "shared_1_accuracy": 0.02}

# By question and by the policy and draw of a method that names none: where, first method, second method, differences.
FORETOLD: dict[tuple[int, str], list[tuple[Where, str, str, dict[str, float]]]] = {
    (4, ""): [
        # One copy is worse than no augmentation on new images as they are, and better on changed ones.
        (SMALL_512, ONE_COPY, NONE, {"new_accuracy": -0.027, "mild_accuracy": 0.037}),
        (SMALL_128, ONE_COPY, NONE, {"new_accuracy": -0.040, "mild_accuracy": 0.022}),
        (RESIDUAL_512, ONE_COPY, NONE, {"new_accuracy": -0.055, "mild_accuracy": 0.034}),
        (NEW_PAIR, ONE_COPY, NONE, {"new_accuracy": -0.030, "mild_accuracy": 0.030}),
        (SMALL_512, OWN_1, NONE, {"new_accuracy": -0.013, "random_accuracy": 0.015}),
        (SMALL_128, OWN_1, NONE, {"new_accuracy": -0.020, "random_accuracy": 0.015}),
        (RESIDUAL_512, OWN_1, NONE, {"new_accuracy": -0.030, "random_accuracy": 0.020}),
        (NEW_PAIR, OWN_1, NONE, {"new_accuracy": -0.015, "random_accuracy": 0.015}),
        # All eighteen states stored are as good as live, and teach as much.
        (SMALL_512, ALL_18, LIVE, _new(0.004, -0.001, scaled=1) | EQUALLY_IGNORED),
        (SMALL_128, ALL_18, LIVE, _new(0.010, -0.002, scaled=1) | EQUALLY_IGNORED),
        (RESIDUAL_512, ALL_18, LIVE, _new(0.005, -0.001, scaled=1) | EQUALLY_IGNORED),
        (NEW_PAIR, ALL_18, LIVE, _new(0.004, -0.001, scaled=1) | EQUALLY_IGNORED),
        # One copy made anew every 18 epochs shows a state many times in a row. With 512 images it meets half of them.
        (SMALL_512, RENEWED, LIVE, {"new_loss": 0.030, "new_accuracy": -0.010, "changed_mirror": 0.03}),
        (SMALL_128, RENEWED, LIVE, {"new_loss": 0.060, "new_accuracy": -0.012, "changed_mirror": 0.03}),
        (SMALL_512, RENEWED, OWN_1, {"new_accuracy": 0.015}),
        (SMALL_128, RENEWED, OWN_1, {"new_accuracy": 0.015}),
        # States shared by all images are learnt as such; a copy of one's own teaches more about the others.
        (SMALL_512, SHARED_4, OWN_4, LIKE_FOUR_SHARED),
        (SMALL_512, SHARED_1, OWN_1, LIKE_ONE_SHARED),
        (SMALL_128, SHARED_4, OWN_4, LIKE_FOUR_SHARED),
        (SMALL_128, SHARED_1, OWN_1, LIKE_ONE_SHARED),
    ],
    (1, "mild image"): [
        (PAIR, "originals+pool-8", "live", _new(0.035, -0.010)),
        (PAIR, "originals+pool-8", "live-8/9", _new(0.040, -0.012)),
        (PAIR, "originals+pool-8", "pool-9", _new(-0.030, 0.009)),
        (PAIR, "pool-8", "pool-9", _new(0.008, -0.003)),
        (PAIR, "pool-9", "live", _new(0.065, -0.019)),
        (PAIR, "live-8/9", "live", _new(-0.005, 0.002)),
        (PAIR, "none", "live", _new(0.25, -0.045)),
        (PAIR, "copies-1", "live", _new(0.45, -0.090)),
        (PAIR, "copies-1", "none", _new(0.20, -0.045)),
    ],
    (2, "crop image"): [
        (UPPER, "live", "none", _new(-0.06, 0.010)),
        (UPPER, "copies-1", "none", _new(0.06, -0.010)),
        (UPPER, "copies-1", "live", _new(0.12, -0.020)),
        (UPPER, "originals+pool-8", "live-8/9", _new(0.005, 0.0)),
        (UPPER, "originals+pool-2", "live", _new(0.03, -0.006)),
        (UPPER, "live mild image", "none", _new(-0.03, 0.008)),
        (UPPER, "copies-1 mild image", "none", _new(0.03, -0.005)),
        (UPPER, "originals+pool-8 mild image", "live-8/9 mild image", _new(0.005, 0.0)),
        (WHOLE, "live", "none", _new(-0.04, 0.005)),
        (WHOLE, "copies-1", "none", _new(0.06, -0.012)),
        (WHOLE, "originals+pool-8", "live-8/9", _new(0.010, -0.002)),
        (HEAD, "live", "none", _new(0.0, 0.0)),
        (HEAD, "copies-1", "none", _new(0.01, -0.003)),
        (HEAD, "originals+pool-8", "live-8/9", _new(0.0, 0.0)),
        (SCRATCH, "live", "none", _new(-0.30, 0.060)),
        (SCRATCH, "copies-1", "none", _new(0.30, -0.040)),
        # What is memorised is the copy: without augmentation all originals are known.
        (UPPER, "copies-1", "none", {"own_accuracy": -0.05}),
        (UPPER, "copies-1 mild image", "none", {"own_accuracy": -0.02}),
        (WHOLE, "copies-1", "none", {"own_accuracy": -0.05}),
        (SCRATCH, "copies-1", "none", {"own_accuracy": -0.20}),
        (UPPER, "live", "none", {"changed_mirror": -0.02}),
        (SCRATCH, "live", "none", {"changed_mirror": -0.08}),
    ],
    (3, "crop image"): [
        (COLOURED, "live", "none", _new(-0.40, 0.050)),
        (COLOURED, "copies-1", "none", _new(0.30, -0.030)),
        (COLOURED, "originals+pool-8", "live-8/9", _new(0.06, -0.015)),
        (COLOURED, "originals+pool-8", "live", _new(0.06, -0.012)),
        (COLOURED, "originals+pool-2", "live", _new(0.20, -0.030)),
        (COLOURED, "pool-4", "live", _new(0.20, -0.030)),
        (COLOURED, "pool-9", "originals+pool-8", _new(0.03, -0.005)),
        (COLOURED, "live-8/9", "live", _new(0.0, 0.0)),
        (COLOURED, "copies-1", "none", {"own_accuracy": -0.40}),
        (COLOURED, "live", "none", {"changed_mirror": -0.15}),
    ],
    (5, "mild image"): [
        (TWELVE_THOUSAND, "live", "none", {"new_accuracy": 0.008}),
        (TWELVE_THOUSAND, "copies-1", "none", {"new_accuracy": -0.010}),
        (TWELVE_THOUSAND, "originals+pool-8", "live", {"new_loss": 0.0, "new_accuracy": 0.0}),
    ],
}
PREDICTIONS = [
    Prediction(question, where, _in_full(first, way), _in_full(second, way), measure, difference)
    for (question, way), lines in FORETOLD.items()
    for where, first, second, differences in lines
    for measure, difference in differences.items()
]
