"""Are batches mixed, and anew in each epoch?"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from augcheck.context import Context
from augcheck.frameworks import as_array
from augcheck.measures import clusters
from augcheck.measures.place_correlation import correlation_across_epochs
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
TOGETHER = "the same images stand together in a batch in every epoch"
# Share of the pairs in a batch that are in one batch again: shuffled images, hardly any.
STAYED = 0.9
# Share of the batches of which no other has the same labels, before labels tell them apart.
PATTERNS = 0.9
COUNTS = "frequent classes are drawn even more often than they occur: the weights of the sampler are counts"
AS_COUNTS = 0.01  # how far weights may be from counts, once scaled alike
UNSEEN = "it doesn't show whether images keep their order"

EXPLANATION = f"""Batches are not mixed, are the same in every epoch, or are drawn with wrong weights.

What it does:
    Compares how much batches differ, in labels and in small images, with shuffled batches: found means more than
    {clusters.CLUSTERED:g} times as much, and 1.5 times the largest of 199 shuffles. The order is the same where an
    image moves by less than one place on average from epoch to epoch. Batches that hold the same images in every
    epoch show by these, or by the order of labels within them. Of a PyTorch sampler it reads the weights.

Why it matters:
    The gradients of neighbouring updates point the same way, and batch statistics are of one class. The same order
    in every epoch costs less, and is wasteful rather than wrong.

What it can't tell:
    Whether the order is new, without labels or images that come twice. Nor does that show in balanced batches of
    live augmentation. Several views of each image in one batch are taken for meant where they are new in each epoch.
    A small buffer is found only where it leaves batches of similar images."""


def order(context: Context) -> Finding:
    train, clusters = context.train, context.clusters
    if train.source.kind == ARRAYS:
        return not_found("fit shuffles arrays.")
    if _weights_are_counts(train.source.data):
        how = "The weights of the images of each class are in proportion to how many images it has."
        return wrong(COUNTS, how, "Weigh an image by 1 / the count of its class.")
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
    if _batches_stay(train):
        how = "Batches come in a new order, and each holds the same images as before, as of batch() before shuffle()."
        return wasteful(TOGETHER, how, "Shuffle images, and batch them afterwards.")
    first, *others = train.classes or [np.zeros(0, int)]
    several = len(first) and np.max(np.bincount(first)) < train.n - ONE_CLASS
    if several and not recognised and all(np.array_equal(later, first) for later in others):
        how = "The labels come in the same order every time"
        if correlation_across_epochs(train).seen:
            return wasteful(SAME_ORDER, how + ", and the images, too.", CHANGE)
        return cant_tell(
            UNSEEN, how + ", as in balanced batches; whether the images do can't be seen."
        )
    if train.classes is None and not moved:
        return cant_tell(NO_LABELS, "There are no labels, and no image comes twice.")
    if not train.aligned and not moved:
        how = "Of an epoch only the first part was read, and not where the next one begins."
        return cant_tell(TOO_LITTLE, how)
    return not_found("Batches are mixed like shuffled ones, and the order changes.")


def _batches_stay(train: Reading) -> bool:
    """Whether batches hold the same images in every epoch: by the images, or where these are new, by their labels."""
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
    if shares:
        return bool(min(shares) > STAYED)
    if train.classes is None:
        return False
    # The labels of each full batch, in their order.
    patterns = [
        [of[i : i + size].tobytes() for i in range(0, len(of) - size + 1, size)]
        for of in train.classes
    ]
    distinct = len(set(patterns[0])) > PATTERNS * len(patterns[0])
    return distinct and all(set(later) == set(patterns[0]) for later in patterns[1:])


def _weights_are_counts(data: Any) -> bool:
    """Whether a sampler with weights, as PyTorch's WeightedRandomSampler, weighs an image by the count of its class."""
    weights = getattr(getattr(data, "sampler", None), "weights", None)
    if weights is None:
        return False
    weights = as_array(weights).astype(np.float64)
    labels = _labels_of(getattr(data, "dataset", None), len(weights))
    _, classes, counts = np.unique(
        weights if labels is None else labels, return_inverse=True, return_counts=True
    )
    if len(set(counts.tolist())) < 2 or len(counts) > len(weights) / 2:
        return False
    ratio = weights / counts[classes.ravel()]
    return bool(np.ptp(ratio) <= AS_COUNTS * ratio.mean())


def _labels_of(dataset: Any, n: int) -> np.ndarray | None:
    """The labels that a data set of PyTorch's keeps under one of their usual names, if there are so many."""
    tensors = getattr(dataset, "tensors", None) or ()
    for labels in (
        *tensors[1:],
        *(getattr(dataset, name, None) for name in ("targets", "labels", "y")),
    ):
        with contextlib.suppress(TypeError, ValueError):  # boxes, a number, a function
            array = as_array(labels)
            if array.shape == (n,) and array.dtype.kind in "biufUS":
                return array
    return None
