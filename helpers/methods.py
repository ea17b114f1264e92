"""What a method shows when: a table of integers that says which version of which image stands in which batch.

What an epoch shows of a training image is a *version* v of it: version 0 is the original, version v >= 1 what the
policy draws with seed (replicate, v - 1). Live shows version 1 + e in epoch e; K copies show version 1 + (e mod K). So
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
    copies: int | None = None
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
    """Which version of which training image stands where, by number: int (updates, batch) each."""

    source: np.ndarray
    version: np.ndarray


def schedule(name: str, n: int, updates: int, replicate: int = 0, batch: int = BATCH) -> Schedule:
    """What a whole run of the method shows; an epoch shows n versions.

    All methods of a replicate share the order of the images. n is a multiple of ``batch``, the images of an update:
    only full batches make updates comparable.
    """
    method = parse_method(name)
    if n < 1 or n % batch:
        raise ValueError(f"n is {n}; expected a multiple of the batch size {batch}.")
    if updates < 1:
        raise ValueError(f"updates is {updates}; expected 1 or more.")
    epochs = ceil(updates * batch / n)
    source, version = _by_clock(method, n, epochs, replicate)
    return Schedule(source.reshape(-1, batch)[:updates], version.reshape(-1, batch)[:updates])


def _by_clock(method: Method, n: int, epochs: int, replicate: int) -> Schedule:
    """Every image once an epoch, in an order that all methods share; int (epochs, n)."""
    order = np.stack([_rng(replicate, e).permutation(n) for e in range(epochs)])
    epoch = np.arange(epochs)[:, None]
    match method:
        case Method("copies", int(copies)):
            version = 1 + epoch % copies
        case Method("none" | "originals", copies):  # that is, without copies or with some
            start = _rng(replicate, 0, "start").permutation(n)
            versions = (copies or 0) + 1
            version = (epoch + start[order]) % versions
        case Method("live"):
            chance = np.stack([_rng(replicate, e, "augmented").random(n) for e in range(epochs)])
            augmented = np.take_along_axis(chance, order, axis=1) < float(method.p)
            version = np.where(augmented, 1 + epoch, 0)
    return Schedule(order, np.broadcast_to(version, order.shape))


def _rng(replicate: int, epoch: int, purpose: str = "order") -> np.random.Generator:
    return np.random.default_rng((replicate, epoch, _PURPOSES.index(purpose)))


class Batches(NamedTuple):
    """A stretch of training: image ``rows[u, b]`` of ``images``, transformed unless parameters is None."""

    images: np.ndarray  # float32 (m, height, width, channels)
    labels: np.ndarray  # (m,)
    rows: np.ndarray  # int (updates, batch)
    parameters: np.ndarray | None  # float32 (updates, batch, 8) for the policy's ``apply``


def make_batches(
    name: str, x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int
) -> Batches:
    """A method's batches in the way that needs less memory: live's versions are yet to be made, all others stored.

    x and y are the training images and labels, the plan is from ``schedule``, and the draws are the replicate's.
    """
    if parse_method(name).kind != "live":
        return stored_batches(x, y, plan, policy, replicate)
    versions, index = np.unique(plan.version, return_inverse=True)
    drawn = []
    for v in versions.tolist():
        if v == 0:
            drawn.append(np.tile(IDENTITY, (len(x), 1)))
        else:
            drawn.append(policy.draw(len(x), (replicate, v - 1)))
    parameters = np.stack(drawn)[index.reshape(plan.version.shape), plan.source]
    return Batches(x, y, plan.source, parameters)


def stored_batches(
    x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int
) -> Batches:
    """The same batches from versions that are all stored in memory first, as static augmentation is done."""
    versions, index = np.unique(plan.version, return_inverse=True)
    images = []
    for v in versions.tolist():
        version = x
        if v > 0:
            parameters = policy.draw(len(x), (replicate, v - 1))
            version = policy.apply(x, parameters).numpy()
        images.append(version)
    rows = index.reshape(plan.version.shape) * len(x) + plan.source
    return Batches(np.concatenate(images), np.tile(y, len(versions)), rows, None)
