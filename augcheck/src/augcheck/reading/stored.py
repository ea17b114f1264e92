"""The pictures that a pipeline holds in arrays: how far from what they were each epoch leaves them."""

from __future__ import annotations

import gc
import types
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from augcheck.frameworks import as_array, is_a
from augcheck.reading.batches import CHANNELS
from augcheck.reading.images import finite

CHEAP = 2**28  # bytes of arrays that are copied, all together
# Levels that are looked through, of which an object and the dictionary of its attributes are two.
LEVELS = 8
MOST = 100_000  # things that are looked at, all together
HOLD_NOTHING = (
    str,
    bytes,
    int,
    float,
    type(None),
    np.generic,
    type,
    types.ModuleType,
    types.CodeType,
    types.FrameType,
)


class Stored:
    """Arrays and tensors that some things hold near at hand, compared with copies from before the reading."""

    def __init__(self, things: Iterable[object]) -> None:
        self._copies: list[tuple[np.ndarray, np.ndarray]] = []
        room = CHEAP
        for array in sorted(_near(things), key=lambda array: array.nbytes):
            room -= array.nbytes
            if room >= 0:
                self._copies.append((array, array.copy()))
        pairs = [(_pictures(now), _pictures(before)) for now, before in self._copies]
        self._pairs = [pair for pair in pairs if pair[0] is not None]
        self._first: list[np.ndarray] = []

    def put_back(self) -> None:
        """Give all arrays the values that they had."""
        for array, before in self._copies:
            np.copyto(array, before)

    @property
    def n(self) -> int:
        """How many pictures they hold."""
        return sum(len(now) for now, _ in self._pairs)

    def mark(self) -> None:
        """Note how far they are after the first epoch; later calls do nothing."""
        if not self._first:
            self._first = [_distances(*pair) for pair in self._pairs]

    def moved(self) -> list[np.ndarray]:
        """How far pictures that changed in the first epoch were after it from what they had been, and are now.

        As mean absolute differences of their values, (2, n) for each shape.
        """
        shapes: dict[tuple[int, ...], list[np.ndarray]] = defaultdict(list)
        for (now, before), first in zip(self._pairs, self._first, strict=True):
            shapes[now.shape[1:]].append(np.stack([first, _distances(now, before)])[:, first > 0])
        return [np.concatenate(parts, 1) for parts in shapes.values()]


def _near(things: Iterable[Any]) -> list[np.ndarray]:
    """Arrays that can be written into, of some things and of what they hold a few levels below."""
    seen: dict[int, object] = {}  # keeps them alive, so that no other thing gets their number
    level, arrays = list(things), []
    for _ in range(LEVELS):
        held: list[Any] = []
        for thing in level:
            if isinstance(thing, HOLD_NOTHING) or id(thing) in seen or len(seen) > MOST:
                continue
            seen[id(thing)] = thing
            # An array shares the memory of such a tensor.
            tensor = is_a(thing, "torch.Tensor") and thing.device.type == "cpu"
            if tensor or isinstance(thing, np.ndarray) and thing.flags.writeable:
                # A view can be written into, whatever becomes of the array.
                arrays.append(as_array(thing).view())
            elif isinstance(thing, types.FunctionType):
                # Of all global variables only those that it names.
                held += map(thing.__globals__.get, thing.__code__.co_names)
                held += thing.__closure__ or ()
                held += [thing.__defaults__, thing.__kwdefaults__]
            else:
                held += gc.get_referents(thing)
        level = held
    return arrays


def _pictures(x: np.ndarray) -> Any:
    """The pictures of an array, (n, ...), also of one that holds a single picture; None of one without."""
    if x.dtype.kind not in "biuf" or x.ndim not in (2, 3, 4) or 0 in x.shape:
        return None
    several = x.ndim == 4 or x.ndim == 3 and not {x.shape[0], x.shape[2]} & {*CHANNELS}
    return x if several else x[None]


def _distances(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Of each picture, the mean absolute difference; picture by picture, which needs no third array."""
    if np.array_equal(now, before):
        return np.zeros(len(now))
    parts = [
        np.abs(finite(a).astype(np.float64) - finite(b)).mean()
        for a, b in zip(now, before, strict=True)
    ]
    return np.array(parts)
