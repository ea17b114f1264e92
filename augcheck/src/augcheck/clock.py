"""Do pictures come again though they should be new, or the other way round? And does validation stand still?"""

from __future__ import annotations

import itertools

import numpy as np

from augcheck.frameworks import is_a
from augcheck.leaks import FEW, NearCopies
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NO_VALIDATION, NOT_FOUND, Finding
from augcheck.sources import ARRAYS, BATCHES, DATASET, FLOW, FOLDER, FRAME, LOADER
from augcheck.state import steps_of

# Of a set that was read in part, twice: if it is always the same, so many pictures should come twice before a number of
# them says something. Of flipped ones half of the 100 do, and 80 by chance in 1 of 100,000 check-ups; that 2 of 20 or
# fewer come from a fixed set happens once in 2 million.
EXPECTED, EXPECTED_NEW = 100, 20
AS_FIXED, AS_NEW = 0.8, 0.1  # shares of those: of flips and clean halves, a quarter to a half come again
SPREAD_OUT = 0.25  # mean way of what comes again, in lengths of what was read: a full shuffle gives 1/3
LARGEST = 1_000_000  # images of a set of unknown length that is shuffled as a whole
FEWEST = 64  # images that come only once, before near copies are looked for among them

SAME, NEW, VARIANTS = "the same pictures in every epoch", "new pictures in every epoch", "few variants"
NOT_TURNED = "But on_epoch_end was not called."
SHUFFLE_ROWS = "Let it shuffle an array of row numbers, and leave images and labels in place."


def repeats(a: Reading, live: bool, trial: str | None) -> Finding:
    """Whether pictures come again though they should be new, or the other way round.

    Args:
        live: whether every epoch is meant to bring new pictures.
        trial: what ``trial.try_out`` saw; None if nothing could be tried.
    """
    n = len(a.shown[0])
    static, value, how = _clock(a.shown)
    if not a.whole:
        verdict = SAME if value == SAME else _of_a_part(a, a.shown)
        if verdict is None or verdict == SAME and a.called_anew:
            change = "Raise max_images and max_seconds." if a.source.batches else "Give steps_per_epoch."
            how = f"{how} But an epoch may be longer than the {n:,} images read."
            return Finding(CANT_TELL, value, how, change)
        length = f"about {a.epoch_size:,} images" if a.epoch_size else "an unknown number of images"
        how = f"Of an epoch of {length} {n:,} were read, twice. {how}"
        static, value = verdict == SAME, verdict
    if static != live:
        # Arrays are stored, and nobody expects otherwise.
        if live and a.source.kind != ARRAYS and new_share(a.given[1], a.given[0]) <= FEW:
            how += " The pipeline's own pictures come again: the model's layers make them new."
        return Finding(NOT_FOUND, value, how)
    if not live:
        return Finding(FOUND, value, how + " You said live=False.", "Store the pictures, and read the store.")
    if not a.source.turned:
        return Finding(CANT_TELL, value, f"{how} {NOT_TURNED}", SHUFFLE_ROWS)
    if a.source.in_processes:
        how += " But fit reads it in processes of its own, where random states are other ones."
        return Finding(CANT_TELL, value, how, "Set use_multiprocessing=False for the check-up.")
    if trial in ("nothing", "training"):
        how += " Tried by itself, the augmentation returns its images untouched."
        change = {"training": "Call it with training=True.", "nothing": "Look into the augmentation."}[trial]
        return Finding(FOUND, value, how, change)
    return Finding(FOUND, value, how, f"{_repair(a, trial)} If you want a static pool, say live=False.")


def _repair(a: Reading, trial: str | None) -> str:
    """What to change where pictures repeat, as far as the kind of pipeline tells."""
    kind = a.source.kind
    steps = [type(step).__name__ for step in steps_of(a.source.data)] if kind == DATASET else []
    if is_a(a.source.data, "tensorflow.data.Dataset") and any("Cache" in step for step in steps):
        return "Augment after cache(), with a new draw each time."
    if kind == DATASET and any("Map" in step for step in steps):
        return "Look for a seed, a counter or NumPy's random numbers inside the map: draw anew in each epoch."
    if kind == DATASET:
        return "Nothing is mapped: if a model augments, give model=."
    if kind in (ARRAYS, BATCHES):
        return "They are stored: augment when they are read, and give augment= or model=."
    if kind in (FLOW, FOLDER, FRAME):
        return "Look for a seed that is set again, or for ranges that are all 0."
    if kind == LOADER:
        return (
            "Look for a seed that is set again in the dataset, its workers or its collate function, and for pictures "
            "that were augmented before they are read."
        )
    return "Look for a seed that is set again, in a batch or in an epoch, and for stored pictures."


def _clock(shown: list[np.ndarray]) -> tuple[bool, str, str]:
    """Whether the pictures of these epochs come from a fixed pool, which, and how that shows."""
    n, epochs = len(shown[0]), len(shown)
    new = [new_share(shown[i], np.concatenate(shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([new_share(later, earlier) for earlier, later in itertools.pairwise(shown)])
    # A pool that is read copy after copy comes round after k epochs.
    k = next((k for k in range(1, epochs) if _comes_round(shown, k)), 0)
    # A pool that is read through a shuffle brings new pictures only until it ends, where live augmentation
    # with few variants brings fewer and fewer.
    ends = new[-1] <= FEW and sum(FEW < share < 1 - FEW for share in new) <= 1
    if k == 1:
        how = f"The {n:,} pictures of the first epoch came again in each of the other {epochs - 1}."
        return True, SAME, how
    if k or ends:
        copies = k or round(len(np.unique(np.concatenate(shown))) / n)
        how = f"The last of {epochs} epochs brought no picture that had not come before."
        return True, f"a pool of about {copies} copies", how
    if back > FEW:
        how = f"≈ {back:.0%} of an epoch's pictures were in the epoch before; flips alone make half."
        return False, VARIANTS, how
    how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    return False, NEW, how


def _comes_round(shown: list[np.ndarray], k: int) -> bool:
    return all(new_share(shown[i], shown[i - k]) <= FEW for i in range(k, len(shown)))


def new_share(images: np.ndarray, before: np.ndarray) -> float:
    """Share of the images that are not among those before."""
    return float(np.mean(~np.isin(images, before)))


def _of_a_part(part: Reading, epochs: list[np.ndarray]) -> str | None:
    """What two readings of the first part of an epoch say of the whole; None if they don't.

    Args:
        epochs: the fingerprints to compare, ``part.given`` or ``part.shown``.
    """
    if not part.aligned:
        return None
    first, second = epochs[:2]
    n = min(len(first), len(second))
    if new_share(first[: n // 2], second) <= FEW:  # behind a shuffle with a small buffer
        return SAME
    lone, others = ~np.isin(first, second), ~np.isin(second, first)
    again = 1 - others.mean()
    if min(lone.sum(), others.sum()) > FEWEST and NearCopies(part.looks[0][lone], part.looks[1][others]).found:
        return NEW if again <= FEW else VARIANTS
    # Of a fixed and shuffled set, a part of an epoch holds the same share of any other part.
    size = part.epoch_size or LARGEST
    expected = n * n / size
    if expected >= EXPECTED_NEW and again * n <= AS_NEW * expected:
        return NEW
    spread_out = np.mean(ways([first, second])) > SPREAD_OUT * n if again else False
    if part.epoch_size and expected >= EXPECTED and again * n >= AS_FIXED * expected and spread_out:
        return SAME
    return None


def ways(epochs: list[np.ndarray]) -> list[int]:
    """By how many places each image of the first epoch has moved in each later one in which it occurs."""
    places = [{image: i for i, image in enumerate(epoch.tolist())} for epoch in epochs]
    return [abs(later[i] - place) for later in places[1:] for i, place in places[0].items() if i in later]


def validation_moves(b: Reading | None, restless: bool) -> Finding:
    """Whether validation shows other images from pass to pass. ``restless``: see ``front.Front``."""
    if b is None:
        return NO_VALIDATION
    if restless:
        how = "The model's first layers change images with training=False, too."
        return Finding(FOUND, "the model augments", how, "Let these layers act in training only.")
    first, second = b.given
    new, more = new_share(second, first), len(np.setdiff1d(second, first))
    if more == 0:
        return Finding(NOT_FOUND, "", f"Both passes showed the same {len(first):,} images.")
    how = f"≈ {new:.0%} of the images of the second pass were not in the first."
    if not b.whole:
        verdict = _of_a_part(b, b.given)
        length = f"about {b.epoch_size:,} images" if b.epoch_size else "an unknown number of images"
        part = f"Of {length} {len(first):,} were read, twice."
        if verdict == SAME:
            return Finding(NOT_FOUND, "", f"{part} As many came again as of the same images in a new order.")
        if verdict is None or not b.source.turned:
            change = "Raise max_images and max_seconds." if b.source.batches else "Give validation_steps."
            return Finding(CANT_TELL, "", how + " Passes may be longer than what was read.", change)
        how = f"{part} {how}"
    full_batches = set(b.sizes) == {b.sizes[0]}
    if b.whole and more < b.sizes[0] and full_batches:
        return Finding(CANT_TELL, "", how + " batch() may drop a remainder.", "Drop no remainder.")
    return Finding(FOUND, "augmented, or drawn anew", how, "Validate on images as they are.")
