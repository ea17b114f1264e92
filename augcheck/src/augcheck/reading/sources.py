"""The kinds of input pipeline, each made into epochs of batches."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np

from augcheck.frameworks import is_a, loaded
from augcheck.reading.batches import lacks_channels

ARRAYS = "a pair of arrays"
BATCHES = "a list of batches"
DATASET = "tf.data.Dataset"
PY_DATASET = "PyDataset"
LOADER = "DataLoader"
FUNCTION = "a generator function"
ITERABLE = "an iterable"
GENERATORS = {  # the iterators of ImageDataGenerator
    "NumpyArrayIterator": "flow",
    "DirectoryIterator": "flow_from_directory",
    "DataFrameIterator": "flow_from_dataframe",
}
EXPECTED = (
    "a pair of arrays (images, labels), something that gives batches each time it is iterated (a batched "
    "tf.data.Dataset, a PyDataset, a DataLoader, a list), or a function that makes one of these"
)
STEPS = {"train": "steps_per_epoch", "validation": "validation_steps"}


@dataclass
class Source:
    """A pipeline of any kind."""

    name: str  # "train" or "validation"
    kind: str  # one of the kinds above
    data: Any  # what was given
    epoch: Callable[[], Iterable[Any]]  # starts the next epoch and returns its batches
    ends: bool = True  # whether an epoch comes to an end
    batches: int | None = None  # of an epoch, where that is known
    images: int | None = None  # the same of images, where it is known to the last one

    @property
    def in_processes(self) -> bool:
        """Whether fit reads it in processes of its own: in each epoch they begin with the same random states."""
        return bool(getattr(self.data, "use_multiprocessing", False))

    @property
    def goes_on(self) -> bool:
        """Whether an epoch begins where the last one stopped, which may be amid a pass through the images."""
        return isinstance(self.epoch, Stream) and not (self.ends and self.batches is None)


def as_source(name: str, data: Any, steps: int | None) -> Source:
    """Make a source.

    Args:
        steps: the batches of an epoch, where the data don't tell.

    Raises:
        TypeError: data of another kind.
        ValueError: steps is no whole number of at least 1, or is given of arrays.
    """
    if steps is not None and not (isinstance(steps, int | np.integer) and steps >= 1):
        raise ValueError(
            f"{STEPS[name]} is {steps!r}; expected a whole number of batches, 1 or more."
        )
    if is_a(data, "tensorflow.data.Dataset"):
        return _of_dataset(name, data, steps)
    if is_a(data, "keras.utils.PyDataset"):
        return _of_py_dataset(name, data, steps)
    arrays = data if isinstance(data, list | tuple) else (data,)
    two_batches = isinstance(data, list) and _holds_images(arrays[1:])
    if 0 < len(arrays) <= 2 and _holds_images(arrays) and not two_batches:
        if steps is not None:
            raise ValueError(
                f"{STEPS[name]} is {steps}, but {name} is a pair of arrays, which is read as a whole; leave it out."
            )
        return _of_arrays(name, arrays)
    if isinstance(data, list | tuple):
        if not data:
            raise TypeError(f"{name} is an empty {type(data).__name__}; expected {EXPECTED}.")
        return Source(
            name, BATCHES, data, lambda: itertools.islice(data, steps), batches=steps or len(data)
        )
    if hasattr(data, "__next__"):
        raise TypeError(
            f"{name} is a {type(data).__name__}, which can be read only once; expected what it is made from, "
            "or the function that makes it."
        )
    if iterates(data):
        return _of_iterable(name, data, steps)
    if callable(data):
        made = data()
        if hasattr(made, "__next__"):
            return Source(name, FUNCTION, data, Stream(data, steps), batches=steps)
        return as_source(name, made, steps)
    raise TypeError(f"{name} is a {type(data).__name__}; expected {EXPECTED}.")


def _holds_images(arrays: Any) -> bool:
    """Whether the first of some arrays is images; the second may be their labels."""
    shape = tuple(getattr(arrays[0], "shape", ())) if len(arrays) else ()
    if len(shape) == 3:
        return lacks_channels(shape, arrays[1] if len(arrays) > 1 else None)
    return len(shape) == 4


def _of_dataset(name: str, data: Any, steps: int | None) -> Source:
    options = loaded("tensorflow").data
    size = int(data.cardinality())
    # Some that end are called infinite, too: choose_from_datasets of repeated ones.
    goes_on = size == options.INFINITE_CARDINALITY
    whole = None
    if steps is not None:  # as in Keras's fit, which starts validation anew each time
        if size > 0:
            whole = size // steps * steps  # a last epoch of fewer steps would be no epoch
        goes_on = name == "train" and (goes_on or size >= 2 * steps)
    if goes_on:
        stream = Stream(lambda: itertools.islice(data, whole), steps)
        return Source(name, DATASET, data, stream, steps is not None, batches=steps)
    known = steps or (None if size == options.UNKNOWN_CARDINALITY else size)
    return Source(name, DATASET, data, lambda: itertools.islice(data, steps), batches=known)


def _of_arrays(name: str, arrays: Any) -> Source:
    parts = tuple(part for part in arrays if part is not None)
    n = len(parts[0])
    if len(parts[-1]) != n:
        raise ValueError(f"{name} has {n} images and {len(parts[-1])} labels; expected as many.")
    starts = range(0, n, 32)

    def epoch() -> Iterator[Any]:
        return (tuple(part[i : i + 32] for part in parts) for i in starts)

    return Source(name, ARRAYS, parts, epoch, batches=len(starts), images=n)


def _of_py_dataset(name: str, data: Any, steps: int | None) -> Source:
    if steps is None:
        _length(name, data)
        steps = data.num_batches
    epochs = itertools.count()

    def epoch() -> Iterator[Any]:
        if next(epochs):
            data.on_epoch_end()
        data.on_epoch_begin()
        for i in itertools.count() if steps is None else range(steps):
            yield data[i]

    kind = GENERATORS.get(type(data).__name__, PY_DATASET)
    return Source(name, kind, data, epoch, steps is not None, batches=steps)


def iterates(data: Any) -> bool:
    """Whether a thing gives batches each time it is iterated."""
    if isinstance(data, str | bytes | dict | set | PurePath | type) or hasattr(data, "shape"):
        return False
    return hasattr(data, "__iter__") or (hasattr(data, "__getitem__") and hasattr(data, "__len__"))


def _of_iterable(name: str, data: Any, steps: int | None) -> Source:
    kind = f"{ITERABLE} ({type(data).__name__})"
    if is_a(data, "torch.utils.data.DataLoader"):
        kind = LOADER
    size = _length(name, data)
    if steps is None and size is not None:
        return Source(name, kind, data, lambda: iter(data), batches=size)
    return Source(name, kind, data, Stream(lambda: iter(data), steps), batches=steps)


def _length(name: str, data: Any) -> int | None:
    """Batches of an epoch, as ``__len__`` says; None where it says nothing.

    Raises:
        ValueError: it says something else than a number of batches.
    """
    method = getattr(type(data), "__len__", None)
    if method is None:
        return None
    try:
        length = method(data)
    except Exception:  # an IterableDataset and the like have none
        return None
    if not isinstance(length, int | np.integer) or length < 0:
        raise ValueError(
            f"__len__ of {name} ({type(data).__name__}) returns {length!r}; expected a whole number of "
            "batches, for instance math.ceil(images / batch_size)."
        )
    return int(length)


class Stream:
    """Epochs of an iterator: each goes on where the last stopped, and where nothing is left, anew."""

    def __init__(self, start: Callable[[], Iterator[Any]], steps: int | None) -> None:
        self.start, self.steps = start, steps
        self.running: Iterator[Any] | None = None
        self.left = steps  # batches of the last epoch that were not read; None where its length is not known

    def __call__(self) -> Iterator[Any]:
        self.left = self.steps
        for i in itertools.count():
            if i == self.steps:
                return
            if self.running is None:
                self.running = iter(self.start())
            batch = next(self.running, None)
            if batch is None and i == 0:  # the last epoch took all that there was
                self.running = iter(self.start())
                batch = next(self.running, None)
            if batch is None:
                return
            self.left = self.left and self.left - 1
            yield batch

    def turn(self, deadline: float) -> bool:
        """Go to the beginning of the next epoch, by ``time.monotonic() == deadline``; return whether it was reached."""
        if self.left is None:
            self.running = None
            return True
        while self.left and self.running and time.monotonic() < deadline:
            if next(self.running, None) is None:
                self.running = None
            self.left -= 1
        return not (self.left and self.running)
