"""What is wrong with one set: each function judges what was read of it, and says how it knows."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from augcheck.augmentation import COPIES
from augcheck.comparisons import FEW
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NO_VALIDATION, NOT_FOUND, Finding, joined
from augcheck.sources import ARRAYS, FLOW, FOLDER

# Thresholds, fixed before the detection table was made.
TINY = 0.02  # largest value of a set: [0, 1] scaled again is at most 1/255 = 0.004
CLUSTERED = 2.0  # variance between batches over that if shuffled, if also 1.5 times all of 199 shuffles
DISPLACED = 0.15  # mean way of an image from one epoch to the next, in epochs: shuffling gives 1/3
ENOUGH = 0.2  # share of the different images that must come twice before their labels are compared
AFFINITY = 0.8  # between the series' mild policy (0.91), which helped, and its wide one (0.68)

SAME = "the same pictures in every epoch"
NOT_TURNED = "But on_epoch_end was not called."
SHUFFLE_ROWS = "Let it shuffle an array of row numbers, and leave images and labels in place."


def repeats(a: Reading, live: bool, trial: str | None) -> Finding:
    """Whether pictures come again though they should be new, or the other way round.

    Args:
        live: whether every epoch is meant to bring new pictures.
        trial: what ``augmentation.try_out`` saw; None if nothing could be tried.
    """
    n = len(a.shown[0])
    static, value, how = _clock(a.shown)
    if not a.whole and value != SAME:
        change = "Raise max_images and max_seconds." if a.source.ends else "Give steps_per_epoch."
        how = f"{how} But an epoch may be longer than the {n:,} images read."
        return Finding(CANT_TELL, value, how, change)
    if static != live:
        return Finding(NOT_FOUND, value, how)
    if not live:
        return Finding(FOUND, value, how + " You said live=False.", "Store the pictures, and read the store.")
    if not a.source.turned:
        return Finding(CANT_TELL, value, f"{how} {NOT_TURNED}", SHUFFLE_ROWS)
    change = "Augment after cache(), with a new draw each time. If you want a static pool, say live=False."
    if trial in ("nothing", "training"):
        how += " Tried by itself, the augmentation returns its images untouched."
        change = {"training": "Call it with training=True.", "nothing": "Look into the augmentation."}[trial]
    return Finding(FOUND, value, how, change)


def _clock(shown: list[np.ndarray]) -> tuple[bool, str, str]:
    """Whether the pictures of these epochs come from a fixed pool, which, and how that shows."""
    n, epochs = len(shown[0]), len(shown)
    new = [_new(shown[i], np.concatenate(shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([_new(later, earlier) for earlier, later in itertools.pairwise(shown)])
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
        return False, "few variants", how
    how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    return False, "new pictures in every epoch", how


def _comes_round(shown: list[np.ndarray], k: int) -> bool:
    return all(_new(shown[i], shown[i - k]) <= FEW for i in range(k, len(shown)))


def _new(images: np.ndarray, before: np.ndarray) -> float:
    """Share of the images that are not among those before."""
    return float(np.mean(~np.isin(images, before)))


def one_draw(a: Reading, trial: str | None, single: bool) -> Finding:
    """Whether all images of a batch are changed alike. ``single``: they are augmented one by one."""
    if trial is None and a.source.kind in (FLOW, FOLDER):
        return Finding(NOT_FOUND, "", "ImageDataGenerator draws for each image.")
    if single and trial is not None:
        return Finding(NOT_FOUND, "", "The map comes before batch().")
    if trial == "per image":
        return Finding(NOT_FOUND, "", f"{COPIES} copies of an image came out different.")
    if trial == "per batch":
        how = f"{COPIES} copies of an image in a batch came out alike, and different from call to call."
        return Finding(FOUND, "a batch is changed as one", how, "Draw as many numbers as there are images.")
    how = {
        None: "Pictures don't show which of them share a draw.",
        "fixed": "Tried by itself, the augmentation makes the same change each time.",
        "mixing": "Tried by itself, it mixes different images, and leaves copies of one alone.",
    }.get(trial, "Tried by itself, the augmentation returns its images untouched.")
    return Finding(CANT_TELL, "", how, "" if trial else "Give augment=.")


def validation_moves(b: Reading | None, restless: bool) -> Finding:
    """Whether validation shows other images from pass to pass. ``restless``: see ``Front``."""
    if b is None:
        return NO_VALIDATION
    if restless:
        how = "The model's first layers change images with training=False, too."
        return Finding(FOUND, "the model augments", how, "Let these layers act in training only.")
    first, second = b.given
    new, more = _new(second, first), len(np.setdiff1d(second, first))
    if more == 0:
        return Finding(NOT_FOUND, "", f"Both passes showed the same {len(first):,} images.")
    how = f"≈ {new:.0%} of the images of the second pass were not in the first."
    if not b.whole:
        change = "Raise max_images and max_seconds." if b.source.ends else "Give validation_steps."
        return Finding(CANT_TELL, "", how + " Passes may be longer than what was read.", change)
    full_batches = set(b.sizes) == {b.sizes[0]}
    if more < b.sizes[0] and full_batches:
        return Finding(CANT_TELL, "", how + " batch() may drop a remainder.", "Drop no remainder.")
    return Finding(FOUND, "augmented, or drawn anew", how, "Validate on images as they are.")


def degenerate(a: Reading, b: Reading | None, originals: Reading | None) -> Finding:
    """Whether images hold no numbers, one value, two values, or only tiny ones."""
    found = []
    sets = {"training": a.shown_stats} | ({"validation": b.stats} if b else {})
    # Two values are no fault where the images from before the augmentation have no more.
    shades = any(part.stats[:, 5].mean() <= 0.5 for part in (b, originals) if part)
    for name, stats in sets.items():
        low, high, _, _, finite, two_values = stats.T
        constant = np.mean(low == high)
        if not finite.all():
            found.append(("NaN or infinity", f"in ≈ {1 - finite.mean():.0%} of {name}", "Look for 0/0."))
        if constant > FEW:
            found.append(("constant images", f"≈ {constant:.0%} of {name}", "Look at them."))
        if two_values.mean() > 0.5 and shades:
            change = "brightness_range needs images of 0 to 255 and rescale=1/255."
            found.append(("two values only", f"≈ {two_values.mean():.0%} of {name} have no shades", change))
        if 0 < high.max() < TINY:
            found.append(("scaled twice", f"no value of {name} exceeds {high.max():.2g}", "Rescale once."))
    if not found:
        return Finding(NOT_FOUND, "", "No NaN, no constant images, values of a usual size.")
    return joined(found)


def order(a: Reading) -> Finding:
    """Whether batches are mixed, and differently in each epoch."""
    change = "Shuffle anew in each epoch, with a buffer as large as the set."
    if a.source.kind == ARRAYS:
        return Finding(NOT_FOUND, "", "fit shuffles arrays.")
    clustered = _clustered(a)
    if clustered:
        value, ratio = clustered
        how = f"Batches differ ≈ {ratio:.1f} times as much as shuffled ones would."
        return Finding(FOUND, value, how, change)
    n = len(a.given[0])
    same_labels = a.classes is not None and len({classes.tobytes() for classes in a.classes}) == 1
    nearly_one_class = a.classes is not None and np.max(np.bincount(a.classes[0])) >= n - 8
    ways = _ways(a.given)
    mixed = Finding(NOT_FOUND, "", "Batches are mixed like shuffled ones, and the order changes.")
    if same_labels and not nearly_one_class:
        mixed = Finding(FOUND, "no new shuffle", "The labels come in the same order every time.", change)
    elif len(ways) > n / 2 and np.mean(ways) < DISPLACED * n:
        how = f"An image moves by ≈ {np.mean(ways) / n:.0%} of an epoch from one to another; shuffled, 33 %."
        mixed = Finding(FOUND, "shuffle too small", how, change)
    elif a.classes is None and not ways:
        return Finding(CANT_TELL, "", "There are no labels, and no image comes twice.")
    if mixed.status == FOUND and not a.source.turned:
        return Finding(CANT_TELL, mixed.value, f"{mixed.how} {NOT_TURNED}", SHUFFLE_ROWS)
    return mixed


def _clustered(a: Reading) -> tuple[str, float] | None:
    """What batches of the first epoch are too much alike in, and how many times as much as if shuffled."""
    size = a.sizes[0]
    batches = a.sizes.count(size)
    if batches < 3 or size < 2:
        return None
    n = len(a.given[0])
    labels = np.eye(len(a.names))[a.classes[0]] if a.classes else np.zeros((n, 1))
    looks = {"one class dominates a batch": labels, "batches of similar images": a.thumbnails}
    for value, numbers in looks.items():
        ratio, chance = _clustering(numbers[: batches * size].reshape(batches, size, -1))
        if ratio > max(CLUSTERED, 1.5 * chance):
            return value, ratio
    return None


def _clustering(x: np.ndarray) -> tuple[float, float]:
    """Of (batches, size, numbers): the variance of batch means over that of shuffled batches, and the
    largest of 199 shuffles."""
    rng, rows = np.random.default_rng(0), (x - x.mean((0, 1))).reshape(-1, x.shape[2])
    expected = (rows**2).sum() / len(rows) / x.shape[1] + 1e-12

    def ratio(rows: np.ndarray) -> float:
        return float((rows.reshape(x.shape).mean(1) ** 2).sum() / (len(x) - 1) / expected)

    return ratio(rows), max(ratio(rng.permutation(rows)) for _ in range(199))


def _ways(epochs: list[np.ndarray]) -> list[int]:
    """By how many places each image of the first epoch has moved in each later one in which it occurs."""
    places = [{image: i for i, image in enumerate(epoch.tolist())} for epoch in epochs]
    return [abs(later[i] - place) for later in places[1:] for i, place in places[0].items() if i in later]


def labels(a: Reading) -> Finding:
    """Whether an image that comes twice has the same label both times."""
    if a.classes is None:
        return Finding(CANT_TELL, "", "There are no labels.")
    if a.soft:
        return Finding(NOT_FOUND, "", "Labels lie between the classes, as when images are mixed.")
    blank = a.given[0][a.stats[:, 0] == a.stats[:, 1]]
    images, which, times = np.unique(np.concatenate(a.given), return_inverse=True, return_counts=True)
    classes = np.concatenate(a.classes)
    lowest, highest = np.full(len(images), classes.max()), np.zeros(len(images), classes.dtype)
    np.minimum.at(lowest, which, classes)
    np.maximum.at(highest, which, classes)
    again = (times > 1) & ~np.isin(images, blank)
    too_few = again.sum() < ENOUGH * len(images)
    if too_few or a.stats[:, 5].mean() > 0.5:  # images of two values may be alike by chance
        return Finding(CANT_TELL, "", "Too few images came twice to compare their labels.")
    share = np.mean(lowest[again] != highest[again])
    how = f"≈ {share:.0%} of the images that came twice had different labels."
    if share > FEW:
        return Finding(FOUND, "labels vary for one image", how, "Shuffle images and labels together.")
    return Finding(NOT_FOUND, "", how)


def policy(b: Reading | None, finish: Callable | None, move: Callable | None, still: Callable) -> Finding:
    """Whether augmentation makes a trained model fail on validation images.

    Args:
        finish: from images that were moved or still to the outputs of the model; None without a model.
        move, still: from images to images with and without augmentation; move is None if there is none.
    """
    if finish is None or move is None or b is None or b.classes is None or len(b.names) < 2:
        return Finding(
            CANT_TELL, "", "It takes a trained model, augmentation and labelled validation images."
        )
    truth = b.classes[0][list(b.places)]

    def right(images: np.ndarray) -> np.ndarray:
        out = np.asarray(finish(images, training=False))
        middle = 0.5 if out.min() >= 0 and out.max() <= 1 else 0  # a probability, or else a logit
        return (out.argmax(1) if out.shape[1] > 1 else out[:, 0] > middle) == truth

    clean, augmented = right(still(b.images)), right(move(b.images))
    chance = np.max(np.bincount(truth)) / len(truth)
    if clean.mean() < chance + 2 * np.sqrt(chance * (1 - chance) / len(truth)):
        return Finding(CANT_TELL, "", f"The model, right on ≈ {clean.mean():.0%}, isn't better than chance.")
    affinity = augmented.mean() / clean.mean()
    error = np.std(augmented - affinity * clean) / np.sqrt(len(truth)) / clean.mean()
    how = f"Affinity, accuracy on augmented by clean validation images, is ≈ {affinity:.2f}; limit {AFFINITY}"
    if affinity + 2 * error < AFFINITY:
        return Finding(FOUND, "too strong", how, "Narrow the ranges, or leave a share of the images clean.")
    return Finding(NOT_FOUND if affinity - 2 * error > AFFINITY else CANT_TELL, "", how)
