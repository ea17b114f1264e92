"""What augments, tried out by itself."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from augcheck.batches import as_array
from augcheck.frameworks import is_a, loaded
from augcheck.images import alike, finite
from augcheck.sources import ARRAYS, LOADER, Source
from augcheck.state import steps_of

COPIES = 16  # of one image, tried four times: that all flip alike by chance happens once in 2^60


class Augmentation:
    """A function or layer that augments, to be called with batches of images.

    It gets PyTorch's tensors where the images come from a DataLoader, TensorFlow's where that is loaded, and arrays
    elsewhere; copies in all cases.

    Attributes:
        single: whether the pipeline gives it single images.
        labels: some labels, for a function that wants them, too.
    """

    def __init__(self, function: Callable, source: Source) -> None:
        if not callable(function):
            raise TypeError(f"augment is a {type(function).__name__}; expected a function or a layer.")
        self.function = function
        self.torch = source.kind == LOADER
        self.single = self.torch or _maps_before_batch(source.data)
        self.labels = None
        if source.kind == ARRAYS and len(source.data) == 2:
            self.labels = np.asarray(source.data[1][:1])
        given = inspect.signature(getattr(function, "call", function)).parameters.values()
        needed = [p for p in given if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        self.with_labels = len(needed) > 1

    def __call__(self, images: np.ndarray, **options) -> np.ndarray:
        inputs = [images]
        if self.with_labels:
            if self.labels is None:
                raise ValueError("augment wants labels, but train has none; give a function of images alone.")
            inputs.append(np.repeat(self.labels[:1], len(images), axis=0))
        calls = list(zip(*inputs, strict=True)) if self.single else [inputs]
        results = [self.function(*map(self._own, parts), **options) for parts in calls]
        results = [as_array(result[0] if isinstance(result, tuple | list) else result) for result in results]
        return np.stack(results) if self.single else results[0]

    def _own(self, numbers: np.ndarray) -> Any:
        if self.torch:
            return loaded("torch").from_numpy(np.array(numbers))
        tf = loaded("tensorflow")
        return tf.constant(numbers) if tf else np.array(numbers)


def _maps_before_batch(data: Any) -> bool:
    steps = [type(step).__name__ for step in steps_of(data)] if is_a(data, "tensorflow.data.Dataset") else []
    batch = next((i for i, step in enumerate(steps) if "Batch" in step), len(steps))
    return any("Map" in step for step in steps[batch:]) and not any("Map" in step for step in steps[:batch])


def try_out(move: Callable, still: Callable, images: np.ndarray) -> str:
    """What an augmentation does to copies of one image in a batch.

    Args:
        move, still: from a batch of images to the batch with and without the augmentation.
        images: some to try it with.

    Returns:
        "per image" (each copy has a draw of its own), "per batch", "fixed" (always the same change),
        "mixing" (it changes only batches of different images), "training" (it acts only with
        training=True) or "nothing".
    """
    most_varied = np.argmax([np.std(image) for image in finite(images)])
    copies = np.repeat(images[[most_varied]], COPIES, axis=0)
    calls = [move(copies) for _ in range(4)]
    if any(not alike(call, np.broadcast_to(call[:1], call.shape)) for call in calls):
        return "per image"
    if any(not alike(call, calls[0]) for call in calls):
        return "per batch"
    if not alike(calls[0], still(copies)):
        return "fixed"
    if not alike(move(images[:32]), still(images[:32])):
        return "mixing"
    with contextlib.suppress(TypeError):  # not every function has that argument
        if not alike(move(copies, training=True), copies):
            return "training"
    return "nothing"
