"""What was foretold of each registered question, as data; ``data/results/questions.md`` says how it is scored."""

from typing import NamedTuple


class Prediction(NamedTuple):
    """A difference between two arms of one setting, the first minus the second.

    Attributes:
        question: its number.
        setting: (data set, network, training images).
        first, second: "ARM POLICY DRAW".
        measure: a column: ``new_accuracy`` and the like are shares, losses are in nats.
        difference: the number foretold; within the margin it foretells *equivalent*.
    """

    question: int
    setting: tuple[str, str, int]
    first: str
    second: str
    measure: str
    difference: float


NONE = "none mild image"
ONE_COPY = "copies-1 mild image"
OWN_1, OWN_4, ALL_18 = (f"copies-{count} states own" for count in (1, 4, 18))
SHARED_1, SHARED_4 = (f"copies-{count} states shared" for count in (1, 4))
RENEWED, LIVE = "fresh-1-18 states anew", "live states anew"

SMALL_512, SMALL_128 = ("garments", "small", 512), ("garments", "small", 128)
RESIDUAL_512, NEW_PAIR = ("garments", "residual", 512), ("t-shirt-shirt", "small", 512)


def _two_by_two(setting: tuple[str, str, int], copy: str, changed: str, as_they_are: float, alike: float) -> list:
    """One copy is worse than no augmentation on new images as they are, and better on changed ones."""
    return [
        Prediction(4, setting, copy, NONE, "new_accuracy", as_they_are),
        Prediction(4, setting, copy, NONE, f"{changed}_accuracy", alike),
    ]


def _coverage(setting: tuple[str, str, int], loss: float, accuracy: float) -> list[Prediction]:
    """All eighteen states stored are as good as live, and teach as much."""
    return [
        Prediction(4, setting, ALL_18, LIVE, "new_loss", loss),
        Prediction(4, setting, ALL_18, LIVE, "new_scaled_loss", loss),
        Prediction(4, setting, ALL_18, LIVE, "new_accuracy", accuracy),
        Prediction(4, setting, ALL_18, LIVE, "changed_mirror", 0.0),
        Prediction(4, setting, ALL_18, LIVE, "changed_random", 0.0),
    ]


COVERAGE = [
    *_two_by_two(SMALL_512, ONE_COPY, "mild", -0.027, 0.037),
    *_two_by_two(SMALL_128, ONE_COPY, "mild", -0.040, 0.022),
    *_two_by_two(RESIDUAL_512, ONE_COPY, "mild", -0.055, 0.034),
    *_two_by_two(NEW_PAIR, ONE_COPY, "mild", -0.030, 0.030),
    *_two_by_two(SMALL_512, OWN_1, "random", -0.013, 0.015),
    *_two_by_two(SMALL_128, OWN_1, "random", -0.020, 0.015),
    *_two_by_two(RESIDUAL_512, OWN_1, "random", -0.030, 0.020),
    *_two_by_two(NEW_PAIR, OWN_1, "random", -0.015, 0.015),
    *_coverage(SMALL_512, 0.004, -0.001),
    *_coverage(SMALL_128, 0.010, -0.002),
    *_coverage(RESIDUAL_512, 0.005, -0.001),
    *_coverage(NEW_PAIR, 0.004, -0.001),
    # One copy made anew every 18 epochs meets the same states as live, but each of them many times in a row.
    *(
        Prediction(4, setting, RENEWED, LIVE, measure, difference)
        for setting, loss, accuracy in ((SMALL_512, 0.030, -0.010), (SMALL_128, 0.060, -0.012))
        for measure, difference in (("new_loss", loss), ("new_accuracy", accuracy), ("changed_mirror", 0.03))
    ),
    *(Prediction(4, setting, RENEWED, OWN_1, "new_accuracy", 0.015) for setting in (SMALL_512, SMALL_128)),
    # States shared by all images are learnt as such; a copy of one's own teaches more about the others.
    *(
        prediction
        for setting in (SMALL_512, SMALL_128)
        for prediction in (
            Prediction(4, setting, SHARED_4, OWN_4, "changed_shared_4", -0.04),
            Prediction(4, setting, SHARED_4, OWN_4, "changed_others", 0.03),
            Prediction(4, setting, SHARED_4, OWN_4, "new_accuracy", -0.01),
            Prediction(4, setting, SHARED_1, OWN_1, "new_accuracy", -0.04),
            Prediction(4, setting, SHARED_1, OWN_1, "shared_1_accuracy", 0.02),
        )
    ),
]


def _eight(first: str, second: str, loss: float, accuracy: float) -> list[Prediction]:
    """The same of the raw and of the scaled loss, where half of the difference is taken to be over-confidence."""
    setting = ("t-shirt-shirt", "residual", 512)
    return [
        Prediction(1, setting, f"{first} mild image", f"{second} mild image", "new_loss", loss),
        Prediction(1, setting, f"{first} mild image", f"{second} mild image", "new_scaled_loss", loss / 2),
        Prediction(1, setting, f"{first} mild image", f"{second} mild image", "new_accuracy", accuracy),
    ]


ORIGINALS_AND_EIGHT = [
    *_eight("originals+pool-8", "live", 0.035, -0.010),
    *_eight("originals+pool-8", "live-8/9", 0.040, -0.012),
    *_eight("originals+pool-8", "pool-9", -0.030, 0.009),
    *_eight("pool-8", "pool-9", 0.008, -0.003),
    *_eight("pool-9", "live", 0.065, -0.019),
    *_eight("live-8/9", "live", -0.005, 0.002),
    *_eight("none", "live", 0.25, -0.045),
    *_eight("copies-1", "live", 0.45, -0.090),
    *_eight("copies-1", "none", 0.20, -0.045),
]


def _pair(setting: tuple[str, str, int], first: str, second: str, loss: float, accuracy: float) -> list[Prediction]:
    """Raw loss, scaled loss (half of it) and accuracy of question 2 or 3; names of arms under strong crops."""
    question = 2 if setting[0] == "clothes" else 3
    one, other = (name if " " in name else f"{name} crop image" for name in (first, second))
    measures = (("new_loss", loss), ("new_scaled_loss", loss / 2), ("new_accuracy", accuracy))
    return [Prediction(question, setting, one, other, measure, difference) for measure, difference in measures]


UPPER, WHOLE, HEAD, SCRATCH = (
    ("clothes", network, 256) for network in ("lite0-upper", "lite0", "lite0-head", "residual-48")
)
BARE = "none crop image"
PHOTOGRAPHS = [
    *_pair(UPPER, "live", "none", -0.06, 0.010),
    *_pair(UPPER, "copies-1", "none", 0.06, -0.010),
    *_pair(UPPER, "copies-1", "live", 0.12, -0.020),
    *_pair(UPPER, "originals+pool-8", "live-8/9", 0.005, 0.0),
    *_pair(UPPER, "originals+pool-2", "live", 0.03, -0.006),
    *_pair(UPPER, "live mild image", BARE, -0.03, 0.008),
    *_pair(UPPER, "copies-1 mild image", BARE, 0.03, -0.005),
    *_pair(UPPER, "originals+pool-8 mild image", "live-8/9 mild image", 0.005, 0.0),
    *_pair(WHOLE, "live", "none", -0.04, 0.005),
    *_pair(WHOLE, "copies-1", "none", 0.06, -0.012),
    *_pair(WHOLE, "originals+pool-8", "live-8/9", 0.010, -0.002),
    *_pair(HEAD, "live", "none", 0.0, 0.0),
    *_pair(HEAD, "copies-1", "none", 0.01, -0.003),
    *_pair(HEAD, "originals+pool-8", "live-8/9", 0.0, 0.0),
    *_pair(SCRATCH, "live", "none", -0.30, 0.060),
    *_pair(SCRATCH, "copies-1", "none", 0.30, -0.040),
    # What is memorised is the copy: without augmentation all originals are known.
    Prediction(2, UPPER, "copies-1 crop image", BARE, "own_accuracy", -0.05),
    Prediction(2, UPPER, "copies-1 mild image", BARE, "own_accuracy", -0.02),
    Prediction(2, WHOLE, "copies-1 crop image", BARE, "own_accuracy", -0.05),
    Prediction(2, SCRATCH, "copies-1 crop image", BARE, "own_accuracy", -0.20),
    Prediction(2, UPPER, "live crop image", BARE, "changed_mirror", -0.02),
    Prediction(2, SCRATCH, "live crop image", BARE, "changed_mirror", -0.08),
]
COLOURED = ("colour", "residual", 512)
COLOUR = [
    *_pair(COLOURED, "live", "none", -0.40, 0.050),
    *_pair(COLOURED, "copies-1", "none", 0.30, -0.030),
    *_pair(COLOURED, "originals+pool-8", "live-8/9", 0.06, -0.015),
    *_pair(COLOURED, "originals+pool-8", "live", 0.06, -0.012),
    *_pair(COLOURED, "originals+pool-2", "live", 0.20, -0.030),
    *_pair(COLOURED, "pool-4", "live", 0.20, -0.030),
    *_pair(COLOURED, "pool-9", "originals+pool-8", 0.03, -0.005),
    *_pair(COLOURED, "live-8/9", "live", 0.0, 0.0),
    Prediction(3, COLOURED, "copies-1 crop image", BARE, "own_accuracy", -0.40),
    Prediction(3, COLOURED, "live crop image", BARE, "changed_mirror", -0.15),
]
TWELVE_THOUSAND = ("fashion", "residual", 12_000)
ADDITION = [
    Prediction(5, TWELVE_THOUSAND, "live mild image", NONE, "new_accuracy", 0.008),
    Prediction(5, TWELVE_THOUSAND, ONE_COPY, NONE, "new_accuracy", -0.010),
    Prediction(5, TWELVE_THOUSAND, "originals+pool-8 mild image", "live mild image", "new_loss", 0.0),
    Prediction(5, TWELVE_THOUSAND, "originals+pool-8 mild image", "live mild image", "new_accuracy", 0.0),
]
PREDICTIONS = [*COVERAGE, *ORIGINALS_AND_EIGHT, *PHOTOGRAPHS, *COLOUR, *ADDITION]
