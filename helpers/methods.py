"""What a method shows when: a table of integers that says which version of which image stands in which batch.

What an epoch shows of a training image is a *version* v of it: version 0 is the original, version v >= 1 what the
policy draws with seed (replicate, v - 1). Live shows version 1 + e in epoch e; K copies show version 1 + (e mod K). So
static augmentation is a live run whose clock wraps.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np

from helpers.arguments import whole_number
from helpers.augment import IDENTITY, RandomAffine

BATCH = 32
_FORMS = {  # how a method of each kind is spelt; live-P beside them
    "none": "none", "copies": "copies-K", "originals": "originals+K", "pool": "pool-K",
    "originals+pool": "originals+pool-K", "live": "live",
}  # fmt: skip
_NUMBER = "([1-9][0-9]*)"
_PURPOSES = ("order", "start", "augmented", "pool")  # each has a random stream of its own


class Method(NamedTuple):
    """What the model is shown; ``parse_method`` reads it from its name, ``name`` writes it.

    Attributes:
        kind: one of

            - "none": the originals only
            - "copies" (copies-4): K copies without the originals, copy after copy
            - "originals" (originals+4): originals and K copies; every image starts at its own point of the clock, so
              that each batch holds the same share of originals on average
            - "pool" (pool-4): K copies under one shuffle over all of them
            - "originals+pool" (originals+pool-4): originals and K copies under one shuffle, as people do it
            - "live" (live, live-4/5): a new copy in every epoch; of a share 1 - P the original instead
        copies: K, 1 or more; None for "none" and "live".
        p: share of the images that live augments, above 0 and at most 1; 1 for the other kinds.
    """

    kind: str
    copies: int | None = None
    p: Fraction = Fraction(1)

    @property
    def name(self) -> str:
        """The one spelling of the method."""
        if self.p < 1:
            return f"live-{self.p}"
        return _FORMS[self.kind].replace("K", str(self.copies))


def parse_method(name: str) -> Method:
    """The method of a name, or a ValueError: each method has one spelling, so that its runs can be paired."""
    method = _read(name) if isinstance(name, str) else None
    if method is None or method.name != name:
        raise ValueError(
            f"method is {name!r}; expected {', '.join(_FORMS.values())} or live-P, with whole numbers K of 1 or "
            "more and a share P between 0 and 1 in lowest terms, such as 4/5."
        )
    return method


def _read(name: str) -> Method | None:
    if match := re.fullmatch(f"live-({_NUMBER}/{_NUMBER})", name):
        p = Fraction(match[1])
        return Method("live", p=p) if p < 1 else None
    for kind, form in _FORMS.items():
        if match := re.fullmatch(re.escape(form).replace("K", _NUMBER), name):
            return Method(kind, int(match[1]) if match.groups() else None)
    return None


class Schedule(NamedTuple):
    """Which version of which image stands where.

    Attributes:
        source: int (updates, batch), numbers of training images.
        version: int (updates, batch), which version of them is shown.
    """

    source: np.ndarray
    version: np.ndarray


def schedule(name: str, n: int, updates: int, replicate: int = 0, batch: int = BATCH) -> Schedule:
    """What a whole run shows.

    An epoch shows n versions. All methods of a replicate but the shuffled pools share the order of the images.

    Args:
        name: the method's, see ``Method``.
        n: number of training images, a multiple of ``batch``: only full batches make updates comparable.
        updates: number of gradient updates, 1 or more.
        replicate: 0 or more; another one has other orders.
        batch: images of an update.
    """
    method = parse_method(name)
    n, updates, batch = whole_number("n", n, 1), whole_number("updates", updates, 1), whole_number("batch", batch, 1)
    replicate = whole_number("replicate", replicate, 0)
    if n % batch:
        raise ValueError(f"n is {n}; expected a multiple of the batch size {batch}.")
    epochs = ceil(updates * batch / n)
    plan = (_shuffled_pool if "pool" in method.kind else _by_clock)(method, n, epochs, replicate)
    return Schedule(*(part.reshape(-1, batch)[:updates] for part in plan))


def _by_clock(method: Method, n: int, epochs: int, replicate: int) -> Schedule:
    """Every image once an epoch, in an order that all methods share; int (epochs, n)."""
    order = np.stack([_rng(replicate, e).permutation(n) for e in range(epochs)])
    epoch = np.arange(epochs)[:, None]
    match method:
        case Method("none"):
            version = 0 * epoch
        case Method("copies", int(copies)):
            version = 1 + epoch % copies
        case Method("originals", int(copies)):
            start = _rng(replicate, 0, "start").permutation(n)
            version = (epoch + start[order]) % (copies + 1)
        case Method("live"):
            chance = np.stack([_rng(replicate, e, "augmented").random(n) for e in range(epochs)])
            augmented = np.take_along_axis(chance, order, axis=1) < float(method.p)
            version = np.where(augmented, 1 + epoch, 0)
    return Schedule(order, np.broadcast_to(version, order.shape))


def _shuffled_pool(method: Method, n: int, epochs: int, replicate: int) -> Schedule:
    """One shuffle over all stored versions after another; flat arrays of epochs * n versions."""
    copies = method.copies or 0
    first = 0 if method.kind == "originals+pool" else 1  # the pool's first version
    size = copies + 1 - first
    passes = ceil(epochs / size)
    rows = np.concatenate([_rng(replicate, i, "pool").permutation(n * size) for i in range(passes)])
    source, version = np.divmod(rows[: epochs * n], size)
    return Schedule(source, first + version)


def _rng(replicate: int, epoch: int, purpose: str = "order") -> np.random.Generator:
    return np.random.default_rng((replicate, epoch, _PURPOSES.index(purpose)))


class Batches(NamedTuple):
    """A stretch of training: image ``rows[u, b]`` of ``images``, transformed unless parameters is None.

    Attributes:
        images: float32 (m, height, width, channels).
        labels: (m,).
        rows: int (updates, batch).
        parameters: float32 (updates, batch, p) for the policy's ``apply``, or None.
    """

    images: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    parameters: np.ndarray | None


def drawn_batches(x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int) -> Batches:
    """Batches whose versions are made when they are needed, static copies included.

    Args:
        x, y: the training images and labels, as in ``Data``.
        plan: which version stands where, see ``schedule``.
        policy: makes the versions.
        replicate: whose draws they are.
    """
    parameters = _parameters(plan.version, plan.source, len(x), policy, replicate) if plan.version.any() else None
    return Batches(x, y, plan.source, parameters)


def stored_batches(
    x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int, transform: Callable = np.asarray
) -> Batches:
    """The same batches from versions that are stored in memory first, as static augmentation is done.

    Arguments as for ``drawn_batches``; ``transform`` makes of a version what the network is shown, such as features.
    They take as much memory as all of them.
    """
    versions, index = np.unique(plan.version, return_inverse=True)
    images = [transform(_version(x, v, policy, replicate)) for v in versions.tolist()]
    rows = index.reshape(plan.version.shape) * len(x) + plan.source
    return Batches(np.concatenate(images), np.tile(y, len(versions)), rows, None)


def make_batches(
    name: str, x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int
) -> Batches:
    """A method's batches in the way that needs less memory: live drawn, all others stored."""
    make = drawn_batches if parse_method(name).kind == "live" else stored_batches
    return make(x, y, plan, policy, replicate)


def _version(x: np.ndarray, version: int, policy: RandomAffine, replicate: int) -> np.ndarray:
    return policy.apply(x, policy.draw(len(x), (replicate, version - 1))).numpy() if version else x


def _parameters(versions: np.ndarray, sources: np.ndarray, n: int, policy: RandomAffine, replicate: int) -> np.ndarray:
    """The draw of each version, float32 (updates, batch, p); the original's is the identity."""
    different, index = np.unique(versions, return_inverse=True)
    table = []
    for v in different.tolist():
        table.append(policy.draw(n, (replicate, v - 1)).numpy() if v else np.tile(IDENTITY, (n, 1)))
    return np.stack(table)[index.reshape(versions.shape), sources]
