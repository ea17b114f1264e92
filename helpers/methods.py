"""What a method shows when: a table of integers that says which version of which image stands in which batch.

What an epoch shows of a training image is a *version* v of it: version 0 is the original, version v >= 1 what the
policy draws with seed (replicate, v - 1). So ``RandomAffine.version``, which counts epochs from 0 and knows no
original, makes version 1 from epoch 0. Live shows version 1 + e in epoch e; K copies show version 1 + (e mod K). So
static augmentation is a live run whose clock wraps.
"""

import re
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np

from helpers.augment import IDENTITY, RandomAffine

BATCH = 32
_NAME = re.compile(r"none|live|live-([1-9][0-9]*/[1-9][0-9]*)|(copies-|originals\+)([1-9][0-9]*)")
_PURPOSES = ("order", "start", "augmented")  # each has a random stream of its own


class Method(NamedTuple):
    """What the model is shown: a kind, K copies, and the share p of the images that live augments.

    - "none": the originals only
    - "copies", written copies-4: K copies without the originals, copy after copy
    - "originals", originals+4: originals and K copies; every image starts at its own point of the clock, so that each
      batch holds the same share of originals on average
    - "live", live or live-4/5: a new copy in every epoch; of a share 1 - p the original instead
    """

    kind: str
    copies: int = 0
    p: Fraction = Fraction(1)


def parse_method(name: str) -> Method:
    """The method of a name, or a ValueError: each method has one spelling, so that its runs can be paired."""
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if match:
        share, form, copies = match.groups()
        if form:
            return Method(form[:-1], int(copies))
        if share is None:
            return Method(name)
        p = Fraction(share)
        if p < 1 and str(p) == share:
            return Method("live", p=p)
    raise ValueError(
        f"method is {name!r}; expected none, copies-K, originals+K, live or live-P, with whole numbers K of 1 or more "
        "and a share P between 0 and 1 in lowest terms, such as 4/5."
    )


class Schedule(NamedTuple):
    """Which version of which of n training images a run of a method shows where."""

    source: np.ndarray  # numbers of images, int (updates, batch)
    version: np.ndarray  # of these images, likewise
    name: str  # of the method
    n: int
    replicate: int


def schedule(name: str, n: int, updates: int, replicate: int = 0, batch: int = BATCH) -> Schedule:
    """What a whole run of the method shows; an epoch shows n versions.

    All methods of a replicate share the order of the images. n is a multiple of ``batch``, the images of an update:
    only full batches make updates comparable.

    Raises:
        ValueError: there is no such method, n is no multiple, or updates is below 1.
    """
    kind, copies, p = parse_method(name)
    if n < 1 or n % batch:
        raise ValueError(f"n is {n}; expected a multiple of the batch size {batch}.")
    if updates < 1:
        raise ValueError(f"updates is {updates}; expected 1 or more.")
    epochs = ceil(updates * batch / n)
    # Both (epochs, n): every image once an epoch, in an order that all methods share.
    order = np.stack([_rng(replicate, e).permutation(n) for e in range(epochs)])
    version = np.zeros_like(order)  # the originals
    epoch = np.arange(epochs)[:, None]
    match kind:
        case "copies":
            version += 1 + epoch % copies
        case "originals":
            start = _rng(replicate, 0, "start").permutation(n)
            version = (epoch + start[order]) % (1 + copies)
        case "live":
            chance = np.stack([_rng(replicate, e, "augmented").random(n) for e in range(epochs)])
            augmented = np.take_along_axis(chance, order, axis=1) < float(p)
            version = np.where(augmented, 1 + epoch, 0)
    source = order.reshape(-1, batch)[:updates]
    return Schedule(source, version.reshape(-1, batch)[:updates], name, n, replicate)


def _rng(replicate: int, epoch: int, purpose: str = "order") -> np.random.Generator:
    return np.random.default_rng((replicate, epoch, _PURPOSES.index(purpose)))


class Batches(NamedTuple):
    """A stretch of training: image ``rows[u, b]`` of ``images``, transformed unless parameters is None."""

    images: np.ndarray  # float32 (m, height, width, channels)
    labels: np.ndarray  # numbers (m,), which training takes as float32
    rows: np.ndarray  # int (updates, batch)
    parameters: np.ndarray | None  # float32 (updates, batch, 8) for the policy's ``apply``


def make_batches(x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine) -> Batches:
    """The batches of a plan, from its n training images and their labels.

    Live's versions are made during training. Those of all other methods are stored in memory first, as static
    augmentation is done.

    Raises:
        ValueError: there are not n images and labels.
    """
    if not len(x) == len(y) == plan.n:
        raise ValueError(
            f"found {len(x)} images and {len(y)} labels; expected {plan.n} of each, for which the schedule was made."
        )
    versions, place = np.unique(plan.version, return_inverse=True)
    place = place.reshape(plan.version.shape)
    parameters = np.tile(IDENTITY, (len(versions), plan.n, 1))
    for version, drawn in zip(versions, parameters, strict=True):
        if version > 0:
            drawn[:] = policy.draw(plan.n, (plan.replicate, version - 1))
    if parse_method(plan.name).kind == "live":
        return Batches(x, y, plan.source, parameters[place, plan.source])
    images = []
    for version, drawn in zip(versions, parameters, strict=True):
        images.append(policy.apply(x, drawn).numpy() if version > 0 else x)
    rows = place * plan.n + plan.source
    return Batches(np.concatenate(images), np.tile(y, len(versions)), rows, None)
