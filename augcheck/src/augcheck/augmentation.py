"""What augments: the first layers of a model, or a function or layer of the pipeline, tried out by itself."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import is_a, loaded
from augcheck.images import alike, finite
from augcheck.sources import ARRAYS, Source
from augcheck.state import steps_of

COPIES = 16  # of one image, tried four times: that all flip alike by chance happens once in 2^60


class Front:
    """The layers with which a model begins, up to the first with weights that are learned.

    A nested model in a row, as ``Sequential`` makes it, counts as its layers, any other as one layer. A
    backbone has learned weights and belongs to the tail, frozen or not.

    Attributes:
        layers, tail: these layers, and the others.
        seeded: some of them hold a seed, so they are meant to augment.
        restless: they change images also with training=False.

    Raises:
        ValueError: the model is not built, or its layers are not in one row.
    """

    def __init__(self, model: Any) -> None:
        self.layers: list[Any] = []
        self.tail: list[Any] = []
        self.seeded, self.restless = False, False
        if model is None:
            return
        if not model.built:
            raise ValueError("the model is not built; expected one with an Input, or called on a batch.")
        row = list(_row_of(model))
        first = next((i for i, layer in enumerate(row) if _learns(layer)), len(row))
        self.layers, self.tail = row[:first], row[first:]
        if not self._is(model):
            raise ValueError("the model's layers are not in one row; give its augmentation as augment=.")
        self.seeded = any("seed" in v.path for layer in self.layers for v in layer.variables)

    def _is(self, model: Any) -> bool:
        """Whether the layers, one after the other, do what the model does; it notes ``restless``."""
        shape = getattr(model, "input_shape", None)
        if not (isinstance(shape, tuple) and len(shape) == 4):
            return False
        images = np.random.default_rng(0).random((4, *(size or 32 for size in shape[1:])), np.float32)
        try:
            still = self.still(images)
            self.restless = not alike(still, self.still(images))
            finished = still if self.restless else self.finish(still)
        except Exception:  # a layer was called as the model doesn't call it; each has its own errors
            return False
        return self.restless or alike(finished, model(images, training=False))

    def move(self, images: np.ndarray) -> np.ndarray:
        return _apply(self.layers, images, True)

    def still(self, images: np.ndarray) -> np.ndarray:
        return _apply(self.layers, images, False)

    def finish(self, images: np.ndarray, training: bool = False) -> np.ndarray:
        return _apply(self.tail, images, training)


def _row_of(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        if _in_a_row(layer):
            yield from _row_of(layer)
        elif not is_a(layer, "keras.layers.InputLayer"):
            yield layer


def _in_a_row(layer: Any) -> bool:
    """Whether a layer is a model whose layers get what the one before them returns, and nothing else."""
    # No public name tells how the layers of a functional model are connected.
    steps = list(getattr(layer, "_nodes_by_depth", {}).values())
    one_by_one = all(
        len(nodes) == 1
        and is_a(nodes[0].operation, "keras.Layer")
        and len(nodes[0].input_tensors) <= 1
        and len(nodes[0].outputs) == 1
        for nodes in steps
    )
    return is_a(layer, "keras.Sequential") or (bool(steps) and one_by_one)


def _learns(layer: Any) -> bool:
    """Whether a layer has weights that training changes, or would change if they were not frozen."""
    # Freezing a layer makes its weights non-trainable by every public name.
    return any(part._trainable_variables for part in layer._flatten_layers())


def _apply(layers: list[Any], images: np.ndarray, training: bool) -> np.ndarray:
    for layer in layers:
        images = layer(images, training=training)
    return np.asarray(images)


class Augmentation:
    """A function or layer that augments, to be called with batches of images.

    It gets tensors where TensorFlow is loaded and arrays elsewhere, copies in both cases.

    Attributes:
        single: whether the pipeline gives it single images.
        labels: some labels, for a function that wants them, too.
    """

    def __init__(self, function: Callable, source: Source) -> None:
        self.function = function
        self.single = _maps_before_batch(source.data)
        self.labels = None
        if source.kind == ARRAYS and len(source.data) == 2:
            self.labels = np.asarray(source.data[1][:1])
        given = inspect.signature(getattr(function, "call", function)).parameters.values()
        needed = [p for p in given if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        self.with_labels = len(needed) > 1

    def __call__(self, images: np.ndarray, **options) -> np.ndarray:
        tf = loaded("tensorflow")
        own = tf.constant if tf else np.array
        inputs = [own(images)]
        if self.with_labels:
            if self.labels is None:
                raise ValueError("augment wants labels, but train has none; give a function of images alone.")
            inputs.append(own(np.repeat(self.labels[:1], len(images), axis=0)))
        calls = zip(*inputs, strict=True) if self.single else [inputs]
        results = [self.function(*parts, **options) for parts in calls]
        results = [np.asarray(result[0] if self.with_labels else result) for result in results]
        return np.stack(results) if self.single else results[0]


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
    most_varied = np.argmax(np.std(finite(images), axis=(1, 2, 3)))
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
