"""Are batches mixed, and anew in each epoch? Do labels and random draws go with the images, and with all classes?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from augcheck import places
from augcheck.clock import NOT_TURNED, SHUFFLE_ROWS, new_share, ways
from augcheck.leaks import FEW
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding
from augcheck.sources import ARRAYS, LOADER

# Thresholds. Those of the first nine findings were fixed before the detection table was made, later ones beside it.
CLUSTERED = 2.0  # variance between batches over that if shuffled (1 by chance), if also 1.5 times all of 199 shuffles
STEADY = 0.25  # correlation of a batch's mean with that of the same batch in other epochs; of one draw a batch 0
DISPLACED = 0.15  # mean way of an image from one epoch to the next, in epochs: shuffling gives 1/3
RECOGNISED = 0.4  # share of the images that must come again as they were; a flip leaves half
ENOUGH = 0.2  # share of the different images that must come twice before their labels are compared
OF_A_CLASS = 20  # images of a class before it is said that it is augmented, or that it isn't
ROUNDS = 4  # epochs before that: of images that are drawn anew some have come again by then

ANEW = "Shuffle anew in each epoch, with a buffer as large as the set."
CALLED_ANEW = "But the function was called anew before its end, and a seed inside it then starts again."


class Clusters(NamedTuple):
    """What batches are too much alike in.

    Attributes:
        value: in words.
        ratio: how many times as much they differ as shuffled ones would.
        by_looks: whether it is the images and not the labels.
        steady: whether a batch looks like the same batch of other epochs.
    """

    value: str
    ratio: float
    by_looks: bool
    steady: bool


def order(a: Reading, clusters: Clusters | None, one_draw: bool) -> Finding:
    """Whether batches are mixed, and differently in each epoch.

    Args:
        one_draw: whether all images of a batch are known to be changed alike, which explains batches of their own.
    """
    if a.source.kind == ARRAYS:
        return Finding(NOT_FOUND, "", "fit shuffles arrays.")
    if clusters and not (one_draw and clusters.by_looks):
        how = f"Batches differ ≈ {clusters.ratio:.1f} times as much as shuffled ones would."
        return Finding(FOUND, clusters.value, how, ANEW)
    n, moved = len(a.given[0]), ways(a.given)
    recognised = len(moved) > RECOGNISED * n * (len(a.given) - 1)
    mixed = Finding(NOT_FOUND, "", "Batches are mixed like shuffled ones, and the order changes.")
    if recognised and np.mean(moved) < DISPLACED * n:
        how = f"An image moves by ≈ {np.mean(moved) / n:.0%} of an epoch from one to another; shuffled, 33 %."
        value = "no new shuffle" if np.mean(moved) < 1 else "shuffle too small"
        mixed = Finding(FOUND, value, how, ANEW)
    elif _labels_repeat(a) and not recognised:
        how = "The labels come in the same order every time"
        if places.same_place(a).seen:
            mixed = Finding(FOUND, "no new shuffle", how + ", and the images, too.", ANEW)
        else:
            how += ", as in balanced batches; whether the images do can't be seen."
            return Finding(CANT_TELL, "", how)
    elif a.classes is None and not moved:
        return Finding(CANT_TELL, "", "There are no labels, and no image comes twice.")
    elif not a.aligned and not moved:
        return Finding(CANT_TELL, "", "Of an epoch only the first part was read, and not where the next one begins.")
    if mixed.status == FOUND and a.called_anew:
        return Finding(CANT_TELL, mixed.value, f"{mixed.how} {CALLED_ANEW}", "Give steps_per_epoch.")
    if mixed.status == FOUND and not a.source.turned:
        return Finding(CANT_TELL, mixed.value, f"{mixed.how} {NOT_TURNED}", SHUFFLE_ROWS)
    return mixed


def _labels_repeat(a: Reading) -> bool:
    """Whether the classes come in the same order in every epoch, though there is more than one."""
    if a.classes is None or len({classes.tobytes() for classes in a.classes}) > 1:
        return False
    return bool(np.max(np.bincount(a.classes[0])) < len(a.given[0]) - 8)


def clusters(a: Reading) -> Clusters | None:
    """What batches of the first epoch are too much alike in; None if they are mixed."""
    size = a.sizes[0]
    batches = a.sizes.count(size)
    if batches < 3 or size < 2 or a.source.kind == ARRAYS:
        return None
    n = len(a.given[0])
    labels = np.eye(len(a.names))[a.classes[0]] if a.classes else np.zeros((n, 1))
    for value, numbers in {"one class dominates a batch": labels, "batches of similar images": a.thumbnails}.items():
        ratio, chance = _clustering(numbers[: batches * size].reshape(batches, size, -1))
        if ratio > max(CLUSTERED, 1.5 * chance):
            by_looks = numbers is a.thumbnails
            return Clusters(value, ratio, by_looks, not by_looks or _steady(a, batches, size))
    return None


def _steady(a: Reading, batches: int, size: int) -> bool:
    means = [looks[: batches * size] for looks in a.looks if len(looks) >= batches * size]
    means = [looks.reshape(batches, size, -1).mean(1) for looks in means]
    means = [rows - rows.mean(0) for rows in means]
    if len(means) < 2:
        return True
    own = sum((rows**2).sum() for rows in means)
    together = (np.sum(means, axis=0) ** 2).sum() - own
    return bool(together / (len(means) - 1) > STEADY * own)


def _clustering(x: np.ndarray) -> tuple[float, float]:
    """Of (batches, size, numbers): the variance of batch means over that of shuffled batches, and the
    largest of 199 shuffles."""
    rng, rows = np.random.default_rng(0), (x - x.mean((0, 1))).reshape(-1, x.shape[2])
    expected = (rows**2).sum() / len(rows) / x.shape[1] + 1e-12

    def ratio(rows: np.ndarray) -> float:
        return float((rows.reshape(x.shape).mean(1) ** 2).sum() / (len(x) - 1) / expected)

    return ratio(rows), max(ratio(rng.permutation(rows)) for _ in range(199))


def positions(a: Reading) -> Finding:
    """Whether random draws belong to the place in an epoch, and so come again in every epoch."""
    if a.source.kind == ARRAYS:
        return Finding(CANT_TELL, "", "A pair of arrays has no places: fit shuffles it.")
    if new_share(a.given[1], a.given[0]) <= FEW:
        return Finding(NOT_FOUND, "", "The set brings no new pictures, so nothing is drawn.")
    if a.source.in_processes:
        how = "fit reads it in processes of its own, which may all draw alike."
        return Finding(CANT_TELL, "", how, "Set use_multiprocessing=False, or seed each process by its own number.")
    if len(a.given[0]) < places.FEWEST:
        return Finding(CANT_TELL, "", f"It takes {places.FEWEST} images.")
    if not a.aligned or a.called_anew:
        return Finding(CANT_TELL, "", "It takes two epochs from where they begin.", "Give steps_per_epoch.")
    across, within = places.same_place(a), places.same_place_in_batches(a)
    change = "Draw from a generator that goes on from epoch to epoch, or seed by epoch, image and worker."
    if a.source.kind == LOADER:
        change = "Draw with torch, or make a generator in each worker and epoch, seeded with torch.initial_seed()."
    if across.seen and a.classes is not None and not places.same_labels(a).seen:
        how = (
            f"Images at the same place of two epochs are more alike than neighbours (by ≈ {across.sure:.0f} standard "
            "errors), though their order is new: a counter or a seed starts again with each epoch"
            " (that of set_random_seed does, for tf.image in a map)."
        )
        return Finding(FOUND, "the same draws at the same places", how, change)
    if within.seen:
        how = (
            f"Images at the same place of neighbouring batches are more alike than others (by ≈ {within.sure:.0f} "
            "standard errors): several workers, or several batches, draw the same numbers."
        )
        return Finding(FOUND, "the same draws in several batches", how, change)
    if across.seen:
        return Finding(CANT_TELL, "", "Images at the same place are alike, and perhaps the same: see order.")
    return Finding(NOT_FOUND, "", "Images at the same place of two epochs, or batches, are no more alike than others.")


def labels(a: Reading) -> Finding:
    """Whether an image that comes twice has the same label both times, and all classes are augmented alike."""
    if a.classes is None:
        return Finding(CANT_TELL, "", "There are no labels.")
    if a.missing:
        how = f"≈ {a.missing:.0%} of the labels are NaN or infinite."
        return Finding(FOUND, "labels that are no numbers", how, "Look at where they are read.")
    if a.soft and len(a.names) > 2 and a.coding == "one number":
        how = "Labels lie between the numbers of classes."
        return Finding(CANT_TELL, "", how, "If images are mixed, mix columns of 0 and 1, not class numbers.")
    if a.soft:
        return Finding(NOT_FOUND, "", "Labels lie between the classes, as when images are mixed.")
    unequal = _unequal(a, a.classes)
    if unequal:
        return unequal
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


def _unequal(a: Reading, classes: list[np.ndarray]) -> Finding | None:
    """The finding that images of some classes come again as they were, and those of others are new each time."""
    first, total = a.given[0], len(a.names)
    # Where images come twice in one epoch, classes are drawn with unequal chances, and rare ones come again sooner.
    if a.source.kind == ARRAYS or len(a.given) < ROUNDS or len(np.unique(first)) < (1 - FEW) * len(first):
        return None
    again = np.isin(first, np.concatenate(a.given[1:]))
    plain = a.stats[:, 0] < a.stats[:, 1]  # no change shows on an image of one value
    counts = np.bincount(classes[0][plain], minlength=total)
    shares: np.ndarray = np.bincount(classes[0][plain], again[plain], total) / np.maximum(counts, 1)
    enough = counts >= OF_A_CLASS
    fixed, new = np.flatnonzero(enough & (shares >= 1 - FEW)), np.flatnonzero(enough & (shares <= FEW))
    if not len(fixed) or not len(new):
        return None
    how = (
        f"In other epochs ≈ {shares[fixed].min():.0%} of the images of {_named(a, fixed)} come again, of "
        f"{_named(a, new)} ≈ {shares[new].max():.0%}: the change itself can be learned as the mark of a class."
    )
    return Finding(FOUND, "only some classes are augmented", how, "Augment all classes alike.")


def _named(a: Reading, classes: np.ndarray) -> str:
    names = [str(a.names[number]) for number in classes[:5]]
    more = f" and {len(classes) - 5} more" if len(classes) > 5 else ""
    return f"class{'es' if len(classes) > 1 else ''} {', '.join(names)}{more}"
