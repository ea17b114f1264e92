"""AUG08: does an image that comes twice have the same label both times, and are all classes augmented alike?"""

from __future__ import annotations

import numpy as np

from augcheck.context import Context
from augcheck.measures.again import FEW
from augcheck.reading.epochs import Reading
from augcheck.reading.labels import COLUMN
from augcheck.reading.sources import ARRAYS
from augcheck.result import CANT_TELL, FOUND, NO_LABELS, NOT_FOUND, Finding

ENOUGH = 0.2  # share of the different images that must come twice before their labels are compared
OF_A_CLASS = 20  # images of a class before it is said that it is augmented, or that it isn't
ROUNDS = 4  # epochs before that: of images that are drawn anew some have come again by then


def labels(context: Context) -> Finding:
    """One image comes with different labels, labels are NaN, or only some classes are augmented.

    What it does:
        Compares the labels of images that come more than once, if at least {ENOUGH:.0%} do, and allows
        {again.FEW:.0%} of these to have several. And it counts how many images of each class come again within
        {ROUNDS} epochs or more: of one class at most {again.FEW:.0%} and of another all but {again.FEW:.0%}, with
        at least {OF_A_CLASS} images each, means that only some classes are augmented.

    Why it matters:
        Nothing can be learned from labels that belong to other images. And where one class alone is augmented, as
        people do to balance classes, the network can learn the change itself, such as its blur, instead of the class.

    What instead:
        Shuffle images and labels together. Augment all classes alike.

    Example wrong:
        def epoch():
            order = rng.permutation(len(images))
            yield from in_batches(images[order], labels)  # the labels stay where they were

    Example right:
        def epoch():
            order = rng.permutation(len(images))
            yield from in_batches(images[order], labels[order])

    What it can't tell:
        Labels of live pictures, none of which comes twice. Read the pipeline without augmentation, too: live=False. Of
        classes that are augmented alone it misses those that were stored, and changes that come again, such as flips.
    """
    train = context.train
    if train.classes is None or train.label_rows is None:
        return Finding(CANT_TELL, "", "There are no labels.", reason=NO_LABELS)
    for part, name in ((train, ""), (context.validation, " in validation")):
        if part is not None and part.missing:
            how = f"≈ {part.missing:.0%} of the labels{name} are NaN or infinite."
            return Finding(FOUND, "labels are no numbers", how, "Look at where they are read.")
    if train.soft and len(train.names) > 2 and train.coding == COLUMN:
        how = "Labels lie between the numbers of classes."
        change = "If images are mixed, mix columns of 0 and 1, not class numbers."
        return Finding(CANT_TELL, "", how, change, reason="labels lie between the numbers of classes")
    if not train.soft and not train.several:
        unequal = _unequal(train, train.classes)
        if unequal:
            return unequal
    return _of_images_that_come_twice(train, train.label_rows)


def _of_images_that_come_twice(train: Reading, rows: list[np.ndarray]) -> Finding:
    blank = train.given[0][train.stats[:, 0] == train.stats[:, 1]]
    images, which, times = np.unique(np.concatenate(train.given), return_inverse=True, return_counts=True)
    which = which.ravel()  # NumPy 2.0 had it in another shape
    every = np.concatenate(rows)
    pairs = np.unique(which * (every.max() + 1) + every)  # each image with each of its labels
    labels_of = np.bincount(pairs // (every.max() + 1), minlength=len(images))
    again = (times > 1) & ~np.isin(images, blank)
    too_few = again.sum() < ENOUGH * len(images)
    if too_few or train.stats[:, 5].mean() > 0.5:  # images of two values may be alike by chance
        mixed = "Labels lie between the classes, as when images are mixed. " if train.soft else ""
        how = f"{mixed}Augmentation changes nearly every image, so too few came twice to compare their labels."
        return Finding(CANT_TELL, "", how, reason="augmentation changes nearly every image, so none could be met again")
    differ = labels_of[again] > 1
    how = (
        f"{differ.sum():,} of {len(differ):,} images seen more than once came with a different label "
        f"(up to {FEW:.0%} is allowed)."
    )
    if differ.mean() > FEW:
        return Finding(FOUND, "images and labels are mismatched", how, "Shuffle images and labels together.")
    return Finding(NOT_FOUND, "", how)


def _unequal(train: Reading, classes: list[np.ndarray]) -> Finding | None:
    """The finding that images of some classes come again as they were, and those of others are new each time."""
    first, total = train.given[0], len(train.names)
    # Where images come twice in one epoch, classes are drawn with unequal chances, and rare ones come again sooner.
    if train.source.kind == ARRAYS or len(train.given) < ROUNDS or len(np.unique(first)) < (1 - FEW) * len(first):
        return None
    again = np.isin(first, np.concatenate(train.given[1:]))
    plain = train.stats[:, 0] < train.stats[:, 1]  # no change shows on an image of one value
    counts = np.bincount(classes[0][plain], minlength=total)
    shares: np.ndarray = np.bincount(classes[0][plain], again[plain], total) / np.maximum(counts, 1)
    enough = counts >= OF_A_CLASS
    fixed, new = np.flatnonzero(enough & (shares >= 1 - FEW)), np.flatnonzero(enough & (shares <= FEW))
    if not len(fixed) or not len(new):
        return None
    how = (
        f"In other epochs ≈ {shares[fixed].min():.0%} of the images of {_named(train, fixed)} come again, of "
        f"{_named(train, new)} ≈ {shares[new].max():.0%}: the change itself can be learned as the mark of a class."
    )
    return Finding(FOUND, "only some classes are augmented", how, "Augment all classes alike.")


def _named(train: Reading, classes: np.ndarray) -> str:
    names = [str(train.names[number]) for number in classes[:5]]
    more = f" and {len(classes) - 5} more" if len(classes) > 5 else ""
    return f"class{'es' if len(classes) > 1 else ''} {', '.join(names)}{more}"
