"""What an arm shows when: a table of integers that says which picture of which image stands in which batch.

Every augmented picture is *version* v of a training image: version 0 is the original, version v >= 1 the copy that
the policy draws with seed (replicate, v - 1). Live shows version 1 + e in epoch e; K copies show version
1 + (e mod K). So static augmentation is a live run whose clock wraps.
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
_FORMS = {  # how an arm of each kind is spelt; live-P beside them
    "none": "none", "copies": "copies-K", "originals": "originals+K", "pool": "pool-K",
    "originals+pool": "originals+pool-K", "fresh": "fresh-K-E", "pool+live": "pool-K+live", "live": "live",
}  # fmt: skip
_NUMBER = "([1-9][0-9]*)"
_PURPOSES = ("order", "start", "augmented", "pool")  # each has a random stream of its own


class Arm(NamedTuple):
    """What the model is shown; ``parse_arm`` reads it from its name, ``name`` writes it.

    Attributes:
        kind: one of

            - "none": the originals only
            - "copies" (copies-4): K copies without the originals, copy after copy
            - "originals" (originals+4): originals and K copies; every image starts at its own point of the clock, so
              that each batch holds the same share of originals on average
            - "pool" (pool-4): K copies under one shuffle over all of them
            - "originals+pool" (originals+pool-4): originals and K copies under one shuffle, as people do it
            - "fresh" (fresh-4-10): K copies, copy after copy, made anew every E epochs
            - "pool+live" (pool-4+live): a shuffled pool of K copies with live augmentation on top
            - "live" (live, live-4/5): a new copy in every epoch; of a share 1 - P the original instead
        copies: K, 1 or more; None for "none" and "live".
        p: share of the pictures that live augments, above 0 and at most 1; 1 for the other kinds.
        epochs: E, at least K; None for the other kinds.
    """

    kind: str
    copies: int | None = None
    p: Fraction = Fraction(1)
    epochs: int | None = None

    @property
    def name(self) -> str:
        """The one spelling of the arm."""
        if self.p < 1:
            return f"live-{self.p}"
        return _FORMS[self.kind].replace("K", str(self.copies)).replace("E", str(self.epochs))


def parse_arm(name: str) -> Arm:
    """The arm of a name, or a ValueError: each arm has one spelling, so that its runs can be paired."""
    arm = _read(name) if isinstance(name, str) else None
    if arm is None or arm.name != name:
        raise ValueError(
            f"arm is {name!r}; expected {', '.join(_FORMS.values())} or live-P, with whole numbers K of 1 or more "
            "and E of at least K, and a share P between 0 and 1 in lowest terms, such as 4/5."
        )
    return arm


def _read(name: str) -> Arm | None:
    if match := re.fullmatch(f"live-({_NUMBER}/{_NUMBER})", name):
        p = Fraction(match[1])
        return Arm("live", p=p) if p < 1 else None
    for kind, form in _FORMS.items():
        if match := re.fullmatch(re.escape(form).replace("K", _NUMBER).replace("E", _NUMBER), name):
            numbers = [int(number) for number in match.groups()]
            copies, epochs = [*numbers, None, None][:2]
            return Arm(kind, copies, epochs=epochs) if numbers == sorted(numbers) else None
    return None


class Schedule(NamedTuple):
    """Which picture stands where.

    Attributes:
        source: int (updates, batch), numbers of training images.
        version: int (updates, batch), which version of them is shown.
        on_top: int (updates, batch), the version whose draw is applied to that picture; None for all arms but
            pool-K+live.
    """

    source: np.ndarray
    version: np.ndarray
    on_top: np.ndarray | None = None


def schedule(name: str, n: int, updates: int, replicate: int = 0, batch: int = BATCH) -> Schedule:
    """The pictures of a whole run.

    An epoch shows n pictures. All arms of a replicate but the shuffled pools share the order of the images.

    Args:
        name: the arm's, see ``Arm``.
        n: number of training images, a multiple of ``batch``: only full batches make updates comparable.
        updates: number of gradient updates, 1 or more.
        replicate: 0 or more; another one has other orders.
        batch: pictures of an update.
    """
    arm = parse_arm(name)
    n, updates, batch = whole_number("n", n, 1), whole_number("updates", updates, 1), whole_number("batch", batch, 1)
    replicate = whole_number("replicate", replicate, 0)
    if n % batch:
        raise ValueError(f"n is {n}; expected a multiple of the batch size {batch}.")
    epochs = ceil(updates * batch / n)
    plan = _shuffled_pool(arm, n, epochs, replicate) if "pool" in arm.kind else _by_clock(arm, n, epochs, replicate)
    source, version = (part.reshape(-1, batch)[:updates] for part in plan[:2])
    on_top = None if plan.on_top is None else plan.on_top.reshape(-1, batch)[:updates]
    return Schedule(source, version, on_top)


def _by_clock(arm: Arm, n: int, epochs: int, replicate: int) -> Schedule:
    """Every image once an epoch, in an order that all arms share; int (epochs, n)."""
    order = np.stack([_rng(replicate, e).permutation(n) for e in range(epochs)])
    epoch = np.arange(epochs)[:, None]
    match arm:
        case Arm("none"):
            version = 0 * epoch
        case Arm("copies", int(copies)):
            version = 1 + epoch % copies
        case Arm("fresh", int(copies), epochs=int(renewed)):
            pool, place = np.divmod(epoch, renewed)
            version = 1 + pool * copies + place % copies
        case Arm("originals", int(copies)):
            start = _rng(replicate, 0, "start").permutation(n)
            version = (epoch + start[order]) % (copies + 1)
        case Arm("live"):
            chance = np.stack([_rng(replicate, e, "augmented").random(n) for e in range(epochs)])
            augmented = np.take_along_axis(chance, order, axis=1) < float(arm.p)
            version = np.where(augmented, 1 + epoch, 0)
    return Schedule(order, np.broadcast_to(version, order.shape))


def _shuffled_pool(arm: Arm, n: int, epochs: int, replicate: int) -> Schedule:
    """One shuffle over all pictures of the pool after another; flat arrays of epochs * n pictures."""
    copies = arm.copies or 0
    first = 0 if arm.kind == "originals+pool" else 1  # the pool's first version
    size = copies + 1 - first
    passes = ceil(epochs / size)
    rows = np.concatenate([_rng(replicate, i, "pool").permutation(n * size) for i in range(passes)])
    source, version = np.divmod(rows[: epochs * n], size)
    on_top = None
    if arm.kind == "pool+live":
        # Versions above K, so that no picture is turned once more by the draw that made it.
        on_top = 1 + copies + np.arange(epochs * n) // n
    return Schedule(source, first + version, on_top)


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
    """Batches whose pictures are made when they are needed, static copies included.

    Args:
        x, y: the training images and labels, as in ``Data``.
        plan: which picture stands where, see ``schedule``; without draws on top of stored copies.
        policy: makes the versions.
        replicate: whose draws they are.
    """
    if plan.on_top is not None:
        raise ValueError("this arm draws on top of stored copies; use stored_batches.")
    parameters = _parameters(plan.version, plan.source, len(x), policy, replicate) if plan.version.any() else None
    return Batches(x, y, plan.source, parameters)


def stored_batches(
    x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int, seen: Callable = np.asarray
) -> Batches:
    """The same batches from a pool that is built in memory first, as static augmentation is done.

    Arguments as for ``drawn_batches``; ``seen`` makes of a version what is kept of it, such as features. The pool
    takes as much memory as its versions times x.
    """
    versions, index = np.unique(plan.version, return_inverse=True)
    images = [seen(_version(x, v, policy, replicate)) for v in versions.tolist()]
    rows = index.reshape(plan.version.shape) * len(x) + plan.source
    parameters = None
    if plan.on_top is not None:
        parameters = _parameters(plan.on_top, plan.source, len(x), policy, replicate)
    return Batches(np.concatenate(images), np.tile(y, len(versions)), rows, parameters)


def make_batches(
    name: str, x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int
) -> Batches:
    """An arm's batches in the way that needs less memory: live and fresh drawn, all others stored."""
    make = drawn_batches if parse_arm(name).kind in ("live", "fresh") else stored_batches
    return make(x, y, plan, policy, replicate)


def _version(x: np.ndarray, version: int, policy: RandomAffine, replicate: int) -> np.ndarray:
    return policy.apply(x, policy.draw(len(x), (replicate, version - 1))).numpy() if version else x


def _parameters(versions: np.ndarray, sources: np.ndarray, n: int, policy: RandomAffine, replicate: int) -> np.ndarray:
    """The draw of each picture, float32 (updates, batch, p); the original's is the identity."""
    different, index = np.unique(versions, return_inverse=True)
    table = []
    for v in different.tolist():
        table.append(policy.draw(n, (replicate, v - 1)).numpy() if v else np.tile(IDENTITY, (n, 1)))
    return np.stack(table)[index.reshape(versions.shape), sources]
