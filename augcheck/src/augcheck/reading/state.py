"""Reading a pipeline runs somebody else's code: what that code changes is put back, or it is not run.

A ``Snapshot`` looks through a dataset, a function or a model and all that it holds. Arrays that are small
enough are copied and put back afterwards; larger ones are locked, so that nothing can write into them. PyTorch's
tensors have no lock: larger ones, and arrays that share their memory, stay as they are left. Modules, classes, global
variables that are no arrays, threads and queues are not ours, and stay out of it.
"""

from __future__ import annotations

import contextlib
import gc
import heapq
import itertools
import pathlib
import random
import types
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import graphs_of, is_a, loaded

CHEAP = 2**28  # bytes of arrays that are copied, all together
MOST = 100_000  # things that are looked through, tuples aside

UNCHANGING = (str, bytes, int, float, complex, type(None), np.generic, np.dtype, pathlib.PurePath)
NOT_OURS = (type, types.ModuleType, types.CodeType, types.FrameType)
LEFT_ALONE = UNCHANGING + NOT_OURS
MODULES_NOT_OURS = {"tensorflow", "logging", "threading", "_thread", "queue", "concurrent", "multiprocessing"}


class Snapshot:
    """Some things, and all that they hold, as they are now."""

    def __init__(self, *things: object, lock: bool = True) -> None:
        self.copied: list[tuple[Any, Any]] = []  # arrays, each with its copy
        self.locked: list[np.ndarray] = []  # too large to be copied: nobody can write into them until restore()
        self.undo = contextlib.ExitStack()  # runs all steps, also where one of them fails
        arrays: list[Any] = []
        seen: dict[int, object] = {}
        # What is held by few comes first, so that no long list keeps a generator beside it from being reached.
        number = itertools.count()
        groups: list[tuple[int, int, list[Any]]] = [(len(things), next(number), list(things))]
        while groups and len(seen) < MOST:
            waiting = groups[0][2]
            if not waiting:
                heapq.heappop(groups)
                continue
            thing = waiting.pop()
            if isinstance(thing, LEFT_ALONE) or id(thing) in seen:
                continue
            if type(thing) is tuple:  # long lists of (path, label) are usual, and quickly looked through
                waiting += thing
                continue
            seen[id(thing)] = thing  # keeps it alive, so that no other thing gets its number
            if is_a(thing, "torch.Tensor") or (isinstance(thing, np.ndarray) and thing.flags.writeable):
                arrays.append(thing)
            held = self._keep(thing)
            heapq.heappush(groups, (len(held), next(number), held))
        self._copy_or_lock(arrays, lock)

    def restore(self) -> None:
        """Unlock what was locked, and put everything back."""
        self.undo.close()

    def _copy_or_lock(self, arrays: list[Any], lock: bool) -> None:
        room = CHEAP
        for array in sorted(arrays, key=lambda array: array.nbytes):
            room -= array.nbytes
            if room >= 0:
                self._copy(array)
            elif lock and isinstance(array, np.ndarray) and _can_be_unlocked(array):
                self.locked.append(array)
        # The last is unlocked first: a view can be unlocked only after the array it belongs to.
        for array in sorted(self.locked, key=lambda array: not isinstance(array.base, np.ndarray)):
            array.flags.writeable = False
            self.undo.callback(setattr, array.flags, "writeable", True)

    def _copy(self, array: Any) -> None:
        if is_a(array, "torch.Tensor"):
            # A parameter that learns can't be written into; what shares its memory can.
            values = array.detach()
            before = values.clone()
            self.undo.callback(values.copy_, before)
        else:
            values = array.view(np.ndarray)
            before = values.copy()
            self.undo.callback(np.copyto, values, before)
        self.copied.append((array, before))

    def _keep(self, thing: Any) -> list[Any]:
        """Note how to put back what may change in a thing itself; return what it holds besides."""
        undo = self.undo.callback
        if isinstance(thing, np.random.Generator):
            return [thing.bit_generator]
        if isinstance(thing, np.random.BitGenerator):
            undo(setattr, thing, "state", thing.state)
        elif isinstance(thing, np.random.RandomState):
            undo(thing.set_state, thing.get_state())
        elif isinstance(thing, random.SystemRandom):
            return []  # the operating system's numbers have no state
        elif isinstance(thing, random.Random):
            undo(thing.setstate, thing.getstate())
        elif is_a(thing, "torch.Generator"):
            undo(thing.set_state, thing.get_state())
        elif is_a(thing, "keras.Variable", "tensorflow.Variable"):
            undo(thing.assign, np.array(thing.numpy()))
        elif is_a(thing, "keras.random.SeedGenerator"):
            return [thing.state]
        elif is_a(thing, "keras.Layer"):
            return list(thing.non_trainable_variables)
        elif is_a(thing, "tensorflow.data.Dataset"):
            return [variable for graph in graphs_of(thing) for variable in graph.variables]
        elif type(thing).__module__.partition(".")[0] not in MODULES_NOT_OURS:
            return self._keep_what_it_holds(thing)
        return []

    def _keep_what_it_holds(self, thing: Any) -> list[Any]:
        attributes = [thing.__dict__] if isinstance(getattr(thing, "__dict__", None), dict) else []
        if isinstance(thing, types.FunctionType):  # of its global variables the arrays alone
            cells = list(thing.__closure__ or ())
            named = [thing.__globals__.get(name) for name in thing.__code__.co_names]
            arrays = [value for value in named if isinstance(value, np.ndarray)]
            return [*cells, *attributes, *arrays, thing.__defaults__, thing.__kwdefaults__]
        if isinstance(thing, types.CellType):
            with contextlib.suppress(ValueError):  # an empty one
                self.undo.callback(setattr, thing, "cell_contents", thing.cell_contents)
        elif isinstance(thing, dict):
            self.undo.callback(_refill, thing, thing.update, dict(thing))
        elif isinstance(thing, set):
            self.undo.callback(_refill, thing, thing.update, set(thing))
        elif isinstance(thing, list | deque):
            self.undo.callback(_refill, thing, thing.extend, list(thing))
        elif isinstance(thing, np.ndarray):
            return attributes + (thing.ravel().tolist() if thing.dtype.hasobject else [])
        for slot in _slots(thing):
            if hasattr(thing, slot.__name__):
                self.undo.callback(slot.__set__, thing, slot.__get__(thing))
        # A class isn't ours, but what its methods close over is.
        methods = [part for part in vars(type(thing)).values() if isinstance(part, types.FunctionType)]
        closures = [method.__closure__ for method in methods if method.__closure__]
        return attributes + closures + gc.get_referents(thing)


def _can_be_unlocked(array: np.ndarray) -> bool:
    """Whether NumPy lets an array be written into again: not where its memory is that of a tensor."""
    owner: Any = array
    while isinstance(owner, np.ndarray):
        owner = owner.base
    try:
        return owner is None or not memoryview(owner).readonly
    except (TypeError, BufferError):
        return False


def _refill(container: Any, fill: Callable[..., Any], before: Any) -> None:
    """Give a list, set or dictionary what it held before, unless it still holds the same things."""
    now, old = _contents(container), _contents(before)
    if len(now) != len(old) or any(left is not right for left, right in zip(now, old, strict=True)):
        container.clear()
        fill(before)


def _contents(container: Any) -> list[Any]:
    return [*container, *container.values()] if isinstance(container, dict) else list(container)


def _slots(thing: Any) -> Iterator[Any]:
    """The attributes that a class keeps in __slots__."""
    for owner in type(thing).__mro__:
        if "__slots__" in vars(owner):
            yield from (part for part in vars(owner).values() if isinstance(part, types.MemberDescriptorType))


@contextlib.contextmanager
def preserved(*things: object) -> Iterator[Snapshot]:
    """Leave the given things, and the random states of Python, NumPy, Keras, TensorFlow and PyTorch, as they are.

    A framework that has drawn nothing yet is not started for it.
    """
    keras = loaded("keras.src.backend.common.global_state")
    ops = loaded("tensorflow.python.ops.stateful_random_ops")
    torch = loaded("torch")
    # No public name leads to Keras's global seed, nor tells whether TensorFlow has a generator yet.
    seeds = keras.get_global_attribute("global_seed_generator") if keras else None
    generator = getattr(ops, "global_generator", None)
    snapshot = Snapshot(*things, seeds, generator and generator.state)
    undo = snapshot.undo.callback
    undo(np.random.set_state, np.random.get_state())
    undo(random.setstate, random.getstate())
    if keras:
        undo(keras.set_global_attribute, "global_seed_generator", seeds)
    if ops:
        undo(setattr, ops, "global_generator", generator)
    if hasattr(torch, "get_rng_state"):
        undo(torch.set_rng_state, torch.get_rng_state())
    if hasattr(torch, "cuda") and torch.cuda.is_initialized():
        undo(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
    try:
        yield snapshot
    finally:
        snapshot.restore()
