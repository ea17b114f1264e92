"""Does an image that comes twice have the same label both times?"""

from __future__ import annotations

import numpy as np

from augcheck.context import Context
from augcheck.measures.recurrence import FEW
from augcheck.reading.epochs import Reading
from augcheck.result import NO_LABELS, Finding, cant_tell, not_found, wrong

NUMBER, ABOUT = "AUG08", "labels of images"
ENOUGH = 0.2  # share of the different images that must come twice before their labels are compared
# Labels of an image in an epoch before these may be of several people; two are a mistake.
PEOPLE = 3
AGREE = 0.4  # how often two of these agree beyond chance, as a share of how often they could (Cohen's kappa)

EXPLANATION = f"""An image comes with several labels, or labels are NaN.

What it does:
    Compares the labels of images that come more than once, if at least {ENOUGH:.0%} do, and allows {FEW:.0%} of these
    to have several. Where each image has {PEOPLE} labels or more in every epoch, always the same ones, and most agree,
    they are taken for those of several people.

Why it matters:
    Nothing can be learned from labels that belong to other images.

What it can't tell:
    Labels of live pictures, none of which comes twice. Read the pipeline without augmentation, too: live=False.

Wrong:
    tf.data.Dataset.zip((images.shuffle(n), labels.shuffle(n)))
Right:
    tf.data.Dataset.zip((images, labels)).shuffle(n)"""


def labels(context: Context) -> Finding:
    train = context.train
    if train.classes is None:
        return cant_tell(NO_LABELS, "There are no labels.")
    for part, name in ((train, ""), (context.validation, " in validation")):
        if part is not None and part.missing:
            how = f"≈ {part.missing:.0%} of the labels{name} are NaN or infinite."
            return wrong("labels are no numbers", how, "Look at where they are read.")
    return _of_images_that_come_twice(train, train.classes)


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
