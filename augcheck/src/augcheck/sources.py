"""The kinds of input pipeline, each made into epochs of batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from augcheck.frameworks import is_a, loaded
from augcheck.state import Snapshot

ARRAYS, BATCHES, DATASET, PY_DATASET = "a pair of arrays", "a list of batches", "tf.data.Dataset", "PyDataset"
FLOW, FOLDER = "flow", "flow_from_directory"  # of ImageDataGenerator
EXPECTED = (
    "a batched tf.data.Dataset, an iterator of ImageDataGenerator, a keras.utils.PyDataset, "
    "a list of batches, or a pair of arrays (images, labels)."
)


@dataclass
class Source:
    """A pipeline of any kind.

    Attributes:
        name: "train" or "validation".
        kind: one of the kinds above.
        data: what was given.
        epoch: starts the next epoch and returns its batches.
        ends: whether the length of an epoch is known.
        turned: whether on_epoch_end was called between epochs, where there is one.
    """

    name: str
    kind: str
    data: Any
    epoch: Callable[[], Iterable]
    ends: bool = True
    turned: bool = True


def as_source(name: str, data: Any, steps: int | None, state: Snapshot) -> Source:
    """Make a source.

    Args:
        steps: the batches of an epoch, where the data don't tell.
        state: holds what the data may change.

    Raises:
        TypeError: data of another kind.
    """
    if is_a(data, "tensorflow.data.Dataset"):
        if data.cardinality() == loaded("tensorflow").data.INFINITE_CARDINALITY:
            stream = iter(data)
            return Source(name, DATASET, data, lambda: itertools.islice(stream, steps), steps is not None)
        return Source(name, DATASET, data, lambda: itertools.islice(data, steps))
    if is_a(data, "keras.utils.PyDataset"):
        return _of_py_dataset(name, data, steps, state)
    if isinstance(data, list | tuple) and data and all(isinstance(batch, list | tuple) for batch in data):
        return Source(name, BATCHES, data, lambda: itertools.islice(data, steps))
    arrays = data if isinstance(data, list | tuple) else (data,)
    if 1 <= len(arrays) <= 2 and all(hasattr(part, "shape") for part in arrays) and len(arrays[0].shape) == 4:
        starts = range(0, len(arrays[0]), 32)
        return Source(
            name, ARRAYS, data, lambda: (tuple(part[i : i + 32] for part in arrays) for i in starts)
        )
    raise TypeError(f"{name} is a {type(data).__name__}; expected {EXPECTED}")


def _of_py_dataset(name: str, data: Any, steps: int | None, state: Snapshot) -> Source:
    kind = {"NumpyArrayIterator": FLOW, "DirectoryIterator": FOLDER}.get(type(data).__name__, PY_DATASET)
    steps = steps or data.num_batches
    epochs = itertools.count()

    def epoch() -> Iterator:
        # What shuffles images and labels in place must shuffle both or neither.
        if next(epochs) and source.turned:
            source.turned = state.attempt(data.on_epoch_end)
        if source.turned:
            source.turned = state.attempt(data.on_epoch_begin)
        for i in itertools.count() if steps is None else range(steps):
            try:
                yield data[i]
            except ValueError as error:
                if not (state.locked and "read-only" in str(error)):
                    raise
                raise ValueError(
                    f"{name} writes into its arrays when a batch is read, and they are too large to copy."
                ) from None

    source = Source(name, kind, data, epoch, steps is not None)
    return source
