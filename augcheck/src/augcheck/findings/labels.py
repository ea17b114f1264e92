"""Does an image that comes twice have the same label both times, and are all classes augmented alike?"""

from __future__ import annotations

from typing import Any

import numpy as np

from augcheck.context import Context
from augcheck.measures.recurrence import FEW
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS
from augcheck.result import NO_LABELS, Finding, cant_tell, not_found, some, wrong

NUMBER, ABOUT = "AUG08", "labels of images and one class augmented alone"
ENOUGH = 0.2  # share of the different images that must come twice before their labels are compared
OF_A_CLASS = 20  # images of a class before it is said that it is augmented, or that it isn't
CATEGORICAL = ("categorical_crossentropy", "CategoricalCrossentropy")
PAIRS = 20  # mirrored pairs in an epoch before their labels are compared
KNOWN = 0.9  # share of the mirrored images of a class with one label: a left hand's is that of a right one
# Labels of an image in an epoch before these may be of several people; two are a mistake.
PEOPLE = 3
AGREE = 0.4  # how often two of these agree beyond chance, as a share of how often they could (Cohen's kappa)
ROUNDS = 4  # epochs before that: of images that are drawn anew some have come again by then

EXPLANATION = f"""An image or its mirrored copy has several labels, labels are NaN, or only some classes are augmented.

What it does:
    Compares the labels of images that come more than once, if at least {ENOUGH:.0%} do, and allows
    {FEW:.0%} of these to have several. Of {PAIRS} mirrored copies or more in an epoch, {KNOWN:.0%} should have the
    label that goes with the image's: the same, or that of the other hand. Where each image has {PEOPLE} labels or
    more in every epoch, always the same ones, and most agree, they are taken for those of several people.

    Only some classes are augmented where within {ROUNDS} epochs at most {FEW:.0%} of one class and all but {FEW:.0%}
    of another come again, of at least {OF_A_CLASS} images each. With model= it also finds labels with several ones
    before a softmax.

Why it matters:
    Nothing can be learned from labels that belong to other images. And where one class alone is augmented, as
    people do to balance classes, the network can learn the change itself, such as its blur, instead of the class.

What it can't tell:
    Labels of live pictures, none of which comes twice. Read the pipeline without augmentation, too: live=False. Of
    classes that are augmented alone it misses those that were stored, and changes that come again, such as flips."""


def labels(context: Context) -> Finding:
    train = context.train
    if train.classes is None:
        return cant_tell(NO_LABELS, "There are no labels.")
    for part, name in ((train, ""), (context.validation, " in validation")):
        if part is not None and part.missing:
            how = f"≈ {part.missing:.0%} of the labels{name} are NaN or infinite."
            return wrong("labels are no numbers", how, "Look at where they are read.")
    if train.several and _for_one_class(context.model):
        how = "Some labels have several ones, or none; softmax and categorical_crossentropy are for one class an image."
        change = "Give each image one class, or take a sigmoid and binary_crossentropy."
        return wrong("labels have several ones, and the model is for one", how, change)
    one_each = not (train.soft or train.several)
    finding = one_each and (_unequal(train, train.classes) or _mirrored(train, train.classes[0]))
    return finding or _of_images_that_come_twice(train, train.classes)


def _for_one_class(model: Any) -> bool:
    """Whether a model ends in a softmax, or is trained with a loss that takes its answers for one."""
    last = model.layers[-1] if getattr(model, "layers", None) else None
    loss = getattr(model, "loss", None)
    loss = loss if isinstance(loss, str) else type(loss).__name__
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    return loss in CATEGORICAL or "softmax" in (activation + type(last).__name__).lower()


def _mirrored(train: Reading, classes: np.ndarray) -> Finding | None:
    """Whether mirrored copies in one epoch have any label; None if it is that of the image, or goes with it.

    The form in which they are looked up leaves quarter turns alone, too, which may well have a label of their own.
    """
    groups: dict[int, list[int]] = {}
    for i, image in enumerate(train.invariants):
        if (
            image is not None and not train.stats[i, 5]
        ):  # images of two values may be alike by chance
            groups.setdefault(image, []).append(i)
    small = train.thumbnails[0]
    pairs = [
        (i, j)
        for rows in groups.values()
        for i, j in zip(rows, rows[1:], strict=False)
        if train.given[0][i] != train.given[0][j]
        and np.allclose(small[i], small[j][:, ::-1], 1e-3, 1e-4)
    ]
    if len(pairs) < PAIRS:
        return None
    left, right = classes[np.array(pairs + [pair[::-1] for pair in pairs])].T
    of_pairs = np.zeros((len(train.names),) * 2)
    np.add.at(of_pairs, (left, right), 1)
    if of_pairs.max(1).sum() > KNOWN * of_pairs.sum():
        return None
    differ = np.mean(left != right)
    how = f"≈ {differ:.0%} of {len(pairs):,} mirrored copies have another label than the image, none that goes with it."
    change = "Repeat labels in the order of the copies."
    return wrong("mirrored copies have labels of other images", how, change)


def _of_images_that_come_twice(train: Reading, classes: list[np.ndarray]) -> Finding:
    blank = train.given[0][train.stats[:, 0] == train.stats[:, 1]]
    images, which, times = np.unique(
        np.concatenate(train.given), return_inverse=True, return_counts=True
    )
    total = len(train.names)
    pairs = np.unique(
        which.ravel() * total + np.concatenate(classes)
    )  # each image with each of its labels
    labels_of = np.bincount(pairs // total, minlength=len(images))
    again = (times > 1) & ~np.isin(images, blank)
    too_few = again.sum() < ENOUGH * len(images)
    if too_few or train.stats[:, 5].mean() > 0.5:  # images of two values may be alike by chance
        mixed = "Labels lie between the classes, as when images are mixed. " if train.soft else ""
        how = f"{mixed}Of {len(images):,} different images {again.sum():,} came twice: too few to compare their labels."
        return cant_tell("read it unaugmented, with live=False", how)
    if _of_annotators(train, classes):
        how = "Images come with several labels, the same ones in each epoch, most of which agree, as of several people."
        return not_found(how)
    differ = labels_of[again] > 1
    how = (
        f"{differ.sum():,} of {len(differ):,} images seen more than once came with a different label "
        f"(up to {FEW:.0%} is allowed)."
    )
    if differ.mean() > FEW:
        return wrong("images and labels are mismatched", how, "Shuffle images and labels together.")
    return not_found(how)


def _of_annotators(train: Reading, classes: list[np.ndarray]) -> bool:
    """Whether each image comes with the labels of several people: the same in each epoch, and most of which agree.

    Labels that belong to other images agree no more often than by chance.
    """
    epochs = [
        sorted(zip(epoch.tolist(), labels_of_epoch.tolist(), strict=True))
        for epoch, labels_of_epoch in zip(train.given, classes, strict=True)
    ]
    if not train.whole or any(epoch != epochs[0] for epoch in epochs[1:]):
        return False
    images, which = np.unique(train.given[0], return_inverse=True)
    votes = np.zeros((len(images), len(train.names)))
    np.add.at(votes, (which.ravel(), classes[0]), 1)
    people = votes.sum(1)
    if np.mean(people >= PEOPLE) < 1 - FEW:
        return False
    votes, people = votes[people >= PEOPLE], people[people >= PEOPLE]
    agree = float(np.mean((votes * (votes - 1)).sum(1) / (people * (people - 1))))
    by_chance = float(np.sum((votes.sum(0) / votes.sum()) ** 2))
    return agree - by_chance > AGREE * (1 - by_chance)


def _unequal(train: Reading, classes: list[np.ndarray]) -> Finding | None:
    """Whether images of some classes come again as they were, and those of others are new; None if they are alike."""
    first, total = train.given[0], len(train.names)
    # Where images come twice in one epoch, classes are drawn with unequal chances, and rare ones come again sooner.
    if (
        train.source.kind == ARRAYS
        or len(train.given) < ROUNDS
        or len(np.unique(first)) < (1 - FEW) * len(first)
    ):
        return None
    plain = train.stats[:, 0] < train.stats[:, 1]  # no change shows on an image of one value
    later = np.array([np.isin(first, epoch) for epoch in train.given[1:]])[:, plain]
    of, counts = classes[0][plain], np.bincount(classes[0][plain], minlength=total)
    each: np.ndarray = np.bincount(of, later.mean(0), total) / np.maximum(counts, 1)
    ever: np.ndarray = np.bincount(of, later.any(0), total) / np.maximum(counts, 1)
    fixed, new = (
        np.flatnonzero((counts >= OF_A_CLASS) & part) for part in (each >= 1 - FEW, ever <= FEW)
    )
    if not len(fixed) or not len(new):
        return None
    how = (
        f"In other epochs ≈ {each[fixed].min():.0%} of the images of {_named(train, fixed)} come again, of "
        f"{_named(train, new)} ≈ {each[new].max():.0%}: the change itself can be learned as the mark of a class."
    )
    return wrong("only some classes are augmented", how, "Augment all classes alike.")


def _named(train: Reading, classes: np.ndarray) -> str:
    names = [str(train.names[number]) for number in classes]
    return f"class{'es' if len(classes) > 1 else ''} {some(names, 5)}"
