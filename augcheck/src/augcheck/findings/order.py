"""Are batches mixed, and anew in each epoch?"""

from __future__ import annotations

import numpy as np

from augcheck.context import Context
from augcheck.measures import clusters
from augcheck.measures.batches_again import IN_PLACE, MOVED, batches_again
from augcheck.measures.recurrence import moves
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS
from augcheck.result import (
    FOUND,
    NO_LABELS,
    TOO_LITTLE,
    Finding,
    cant_tell,
    not_found,
    wasteful,
    wrong,
)

NUMBER, ABOUT = "AUG07", "shuffling"
RECOGNISED = 0.4  # share of the images that must come again as they were; a flip leaves half
ONE_CLASS = 8  # images of other classes, before an order of labels says something

CHANGE = (
    "Shuffle anew in each epoch. A shuffle buffer should be as large as the set. If that doesn't fit into memory, "
    "shuffle file names or encoded images instead, before they are decoded."
)
SAME_ORDER = "every epoch has the same order"
CALLED_ANEW = (
    "But the function was called anew before its end, and a seed inside it then starts again."
)
BEFORE = "That is what batch() before shuffle() does."
TOGETHER = "the same images stand together in a batch in every epoch"
# Share of the pairs in a batch that are in one batch again: shuffled images, hardly any.
STAYED = 0.9
UNSEEN = "it doesn't show whether images keep their order"

EXPLANATION = f"""Batches are not mixed, or are the same in every epoch.

What it does:
    Compares how much batches differ, in labels and in small images, with shuffled batches: found means more than
    {clusters.CLUSTERED:g} times as much, and 1.5 times the largest of 199 shuffles. The order is the same where an
    image moves by less than one place on average from epoch to epoch. Of images that are new, each batch is compared
    place by place with all of the next epoch (8 by 8 pixels).

Why it matters:
    The gradients of neighbouring updates point the same way, and batch statistics are of one class. The same order
    in every epoch costs less, and is wasteful rather than wrong.

What it can't tell:
    Whether the order is new, where versions of an image are hardly alike. A small buffer is found only where it
    leaves batches of similar images, as with files in class order.

Wrong:
    data.batch(32).shuffle(n), or shuffle(100) of 5,000 files in class order
Right:
    data.shuffle(n).batch(32)"""


def order(context: Context) -> Finding:
    train, clusters = context.train, context.clusters
    if train.source.kind == ARRAYS:
        return not_found("fit shuffles arrays.")
    # One draw for a whole batch explains batches of their own.
    if clusters and not (clusters.by_images and context.finding("one draw").status == FOUND):
        how = "In the first epoch the shares of the classes differ"
        if clusters.by_images:
            alike = ", and a batch looks as it does in other epochs" if clusters.steady else ""
            how = (
                f"Images within a batch are too alike{alike}: the mean image of each batch differs"
            )
        how += f" from batch to batch {clusters.times}."
        if clusters.steady is None:
            how += " Too little was read to see whether they do so in every epoch."
            return cant_tell(TOO_LITTLE, how, "Raise max_images and max_seconds.", clusters.value)
        if batches_again(train) == MOVED or _batches_stay(train):
            how += f" And batches stay together: {BEFORE}"
        return wrong(clusters.value, how, CHANGE)
    finding = _of_epochs(train)
    if finding.status == FOUND and train.called_anew:
        return cant_tell(
            TOO_LITTLE, f"{finding.how} {CALLED_ANEW}", "Give steps_per_epoch.", finding.value
        )
    return finding


def _of_epochs(train: Reading) -> Finding:
    """Whether the order changes from epoch to epoch."""
    moved = moves(train.given)
    recognised = len(moved) > RECOGNISED * train.n * (len(train.given) - 1)
    if recognised and np.mean(moved) < 1:
        how = f"From epoch to epoch an image moves by ≈ {np.mean(moved) / train.n:.0%} of an epoch; shuffled, 33 %."
        return wasteful(SAME_ORDER, how, CHANGE)
    again = "" if recognised else batches_again(train)
    if again == IN_PLACE:
        how = "Images are alike to those at the same place of the same batch in the epoch before, far beyond chance."
        return wasteful(SAME_ORDER, how, CHANGE)
    if again == MOVED or _batches_stay(train):
        how = f"Batches come in a new order, and each holds the same images as before. {BEFORE}"
        return wasteful(TOGETHER, how, "Shuffle images, and batch them afterwards.")
    first, *others = train.classes or [np.zeros(0, int)]
    several = len(first) and np.max(np.bincount(first)) < train.n - ONE_CLASS
    if several and not recognised and all(np.array_equal(later, first) for later in others):
        how = "The labels come in the same order every time, as in balanced batches; whether images do can't be seen."
        return cant_tell(UNSEEN, how)
    if train.classes is None and not moved:
        return cant_tell(NO_LABELS, "There are no labels, and no image comes twice.")
    if not train.aligned and not moved:
        how = "Of an epoch only the first part was read, and not where the next one begins."
        return cant_tell(TOO_LITTLE, how)
    return not_found("Batches are mixed like shuffled ones, and the order changes.")


def _batches_stay(train: Reading) -> bool:
    """Whether batches hold the same images in every epoch, of images that come again."""
    size, batches = train.sizes[0], train.sizes.count(train.sizes[0])
    if size < 2 or batches < 3:
        return False
    # The batch of each image, in each epoch.
    batch_of = [{image: i // size for i, image in enumerate(e.tolist())} for e in train.given]
    first, *others = batch_of
    shares = []
    for later in others:
        again = [(batch, later[image]) for image, batch in first.items() if image in later]
        if len(again) > RECOGNISED * train.n:
            together = np.unique(again, axis=0, return_counts=True)[1]
            before = np.bincount([batch for batch, _ in again])
            pairs = (together * (together - 1)).sum()
            pairs_before = (before * (before - 1)).sum()
            shares.append(pairs / max(int(pairs_before), 1))
    return bool(shares and min(shares) > STAYED)
