"""Reading any kind of input pipeline: epochs of batches, fingerprints, a trial of its augmentation.

For ``helpers.checkup``, which says what the readings mean.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import itertools
import random
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state  # no public name leads to Keras's global seed

ARRAYS, DATASET, PY_DATASET = "a pair of arrays", "tf.data.Dataset", "PyDataset"
FLOW, FOLDER = "flow", "flow_from_directory"  # of ImageDataGenerator
STREAM = 1024  # images that stand for an epoch where its length is unknown
KEPT = 512  # whole images kept of each set
LARGE = 1e7  # arrays with more numbers are not copied so that they can be put back
COPIES = 16  # of one image, tried four times: that all flip alike by chance happens once in 2^60


class Source(NamedTuple):
    """A pipeline of any kind."""

    name: str
    kind: str
    data: object
    epoch: Callable[[], Iterator]  # starts the next epoch
    ends: bool = True  # whether the length of an epoch is known


def as_source(name: str, data, steps: int | None) -> Source:
    """Make a source; ``steps`` are the batches of an epoch, where the data don't tell.

    Raises:
        TypeError: data of another kind.
    """
    if isinstance(data, tf.data.Dataset):
        if data.cardinality() == tf.data.INFINITE_CARDINALITY:
            stream = iter(data)
            return Source(name, DATASET, data, lambda: itertools.islice(stream, steps), steps is not None)
        return Source(name, DATASET, data, lambda: itertools.islice(data, steps))
    if isinstance(data, keras.utils.PyDataset):
        kind = {"NumpyArrayIterator": FLOW, "DirectoryIterator": FOLDER}.get(type(data).__name__, PY_DATASET)
        steps, epochs = steps or data.num_batches, itertools.count()

        def epoch() -> Iterator:
            if next(epochs):
                data.on_epoch_end()
            data.on_epoch_begin()
            return (data[i] for i in (itertools.count() if steps is None else range(steps)))

        return Source(name, kind, data, epoch, steps is not None)
    arrays = data if isinstance(data, tuple | list) else (data,)
    if 1 <= len(arrays) <= 2 and all(hasattr(part, "shape") for part in arrays) and len(arrays[0].shape) == 4:
        starts = range(0, len(arrays[0]), 32)
        return Source(
            name, ARRAYS, data, lambda: (tuple(part[i : i + 32] for part in arrays) for i in starts)
        )
    raise TypeError(
        f"{name} is a {type(data).__name__}; expected a batched tf.data.Dataset, an iterator of "
        "ImageDataGenerator, a keras.utils.PyDataset, or a pair of arrays (images, labels)."
    )


def originals_of(a: Reading, max_seconds: float) -> Reading | None:
    """What ImageDataGenerator reads before it augments."""
    data, n = a.source.data, len(a.given[0])
    if a.source.kind == FLOW:
        images = (np.asarray(data.x[i : min(i + 32, n)]) for i in range(0, n, 32))
    elif a.source.kind == FOLDER:
        how = {"color_mode": data.color_mode, "target_size": data.target_size}
        files = (keras.utils.load_img(path, **how) for path in data.filepaths[:n])
        images = (keras.utils.img_to_array(file)[None] for file in files)
    else:
        return None
    originals = Reading(a.source._replace(epoch=lambda: images), n + 1, max_seconds, most=1)
    originals.whole &= a.whole
    return originals


class Reading:
    """What was read of a set: its first epoch in full, of the others fingerprints and labels.

    Args:
        max_images, max_seconds: stop after so many images or seconds.
        show: from a batch of images to what a model is shown.
        most: epochs to read; fewer where that takes too long, but two if it is two or more.

    Attributes:
        given, shown, classes: for each epoch an array with the fingerprints of its images, as they
            are and as the model's first layer with weights gets them, and with their class numbers.
        names, coding, soft: the labels of the classes; how they are written; whether some lie between.
        sizes: of the batches of the first epoch; the following are of this epoch, too.
        stats, shown_stats: (n, 6), see ``_statistics``.
        invariants: fingerprints that mirroring and rescaling leave alone, None for a constant image.
        thumbnails: (n, 8, 8, channels); smaller sides stay as they are.
        images, labels, places: some whole images, with their labels and numbers in the epoch.
        whole: whether epochs were read to their end.

    Raises:
        ValueError: the source yields something else than batches of images.
    """

    def __init__(
        self, source: Source, max_images: int, max_seconds: float, show: Callable = np.asarray, most: int = 2
    ) -> None:
        deadline, rng, least = time.monotonic() + max_seconds, np.random.default_rng(0), min(most, 2)
        limit, epochs = min(max_images // least, max_images if source.ends else STREAM), least
        self.source, self.whole = source, source.ends
        self.given, self.shown, self.sizes, self.invariants = [], [], [], []
        labels, stats, shown_stats, thumbnails, kept = [], [], [], [], []
        while len(self.given) < epochs and (len(self.given) < least or time.monotonic() < deadline):
            given, shown, now = [], [], []
            for x, y in (_images_and_labels(batch, source.name) for batch in source.epoch()):
                seen = np.asarray(show(x))
                given += [hash(image.tobytes()) for image in x]
                shown += [hash(image.tobytes()) for image in seen]
                now += [None] * len(x) if y is None else list(y)
                if not self.given:
                    self.sizes.append(len(x))
                    stats.append(_statistics(x))
                    shown_stats.append(_statistics(seen))
                    self.invariants += _invariants(x)
                    thumbnails.append(_thumbnails(x))
                    for i, image in enumerate(x, len(given) - len(x)):  # all have the same chance to stay
                        place = i if i < KEPT else int(rng.integers(i + 1))
                        if place < KEPT:
                            kept[place : place + 1] = [(image.copy(), now[i], i)]  # a view keeps its batch
                if len(given) >= limit or (time.monotonic() > deadline and len(self.given) < least):
                    self.whole = False
                    break
            if not given:
                raise ValueError(f"{source.name} yields nothing; expected at least one batch of images.")
            self.given.append(np.array(given))
            self.shown.append(np.array(shown))
            labels += now
            if self.whole:
                epochs = min(most, max(least, max_images // len(given)))
        self.stats, self.shown_stats, self.thumbnails = map(np.concatenate, (stats, shown_stats, thumbnails))
        images, some, self.places = zip(*kept, strict=True)
        self.images, self.labels, self.classes = np.stack(images), None, None
        self.names, self.coding, self.soft = [], "none", False
        if labels[0] is not None:
            classes, self.names, self.coding, self.soft = _coding(np.array(labels))
            self.classes = np.split(classes, np.cumsum([len(epoch) for epoch in self.given])[:-1])
            self.labels = np.array(some)

    @property
    def note(self) -> str:
        n, batches, times = len(self.given[0]), len(self.sizes), len(self.given)
        epochs = f"{times} epochs of" if self.whole else f"read {times} times up to"
        ending = "es" if batches > 1 else ""
        return f"{self.source.name}: {self.source.kind}, {epochs} {n:,} images in {batches:,} batch{ending}."


def _images_and_labels(batch, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    x, y = (*batch, None)[:2] if isinstance(batch, tuple | list) else (batch, None)
    shape = getattr(x, "shape", None)
    if shape is None or len(shape) != 4:
        found = type(x).__name__ if shape is None else f"images of shape {tuple(shape)}"
        hint = " Is batch() missing?" if shape is not None and len(shape) == 3 else ""
        raise ValueError(f"{name} yields {found}; expected batches (n, height, width, channels).{hint}")
    y = None if y is None else np.asarray(y)
    if y is not None and (y.ndim not in (1, 2) or len(y) != shape[0]):
        raise ValueError(f"{name} yields labels of shape {y.shape}; expected (n,), (n, 1) or (n, classes).")
    return np.asarray(x), y[:, 0] if y is not None and y.ndim == 2 and y.shape[1] == 1 else y


def _statistics(x: np.ndarray) -> np.ndarray:
    """Of each image: least and largest value, mean, standard deviation; is it finite, has it two values."""
    x = x.reshape(len(x), -1).astype(np.float64)
    finite = np.isfinite(x).all(1)
    x = _finite(x)
    low, high = x.min(1), x.max(1)
    two = ((x == low[:, None]) | (x == high[:, None])).all(1)
    return np.stack([low, high, x.mean(1), x.std(1), finite, two], 1)


def _finite(x: np.ndarray) -> np.ndarray:
    """With zeros for what is no number, so that one pixel doesn't spoil means and variances."""
    return np.nan_to_num(x, posinf=0, neginf=0)


def _invariants(x: np.ndarray) -> list[int | None]:
    x = _finite(x)
    low, high = (f(x, axis=(1, 2, 3), keepdims=True).astype(np.float64) for f in (np.min, np.max))
    # An odd number of levels, so that no usual grey value lies where rounding decides.
    levels = ((x - low) / np.maximum(high - low, 1e-12) * 63.37 + 0.2137).astype(np.uint8)
    turned = zip(*(levels[:, ::up, ::left] for up in (1, -1) for left in (1, -1)), strict=True)
    constant = (low == high).ravel()
    return [
        None if flat else min(hash(i.tobytes()) for i in same)
        for flat, same in zip(constant, turned, strict=True)
    ]


def _thumbnails(x: np.ndarray) -> np.ndarray:
    high, wide = (max(size // 8, 1) for size in x.shape[1:3])
    x = _finite(x[:, : high * min(8, x.shape[1]), : wide * min(8, x.shape[2])].astype(np.float32))
    return x.reshape(len(x), -1, high, x.shape[2] // wide, wide, x.shape[3]).mean((2, 4))


def _coding(y: np.ndarray) -> tuple[np.ndarray, list, str, bool]:
    """Class number of each label, labels of the classes, how labels are written, whether some lie between."""
    if y.ndim == 2:
        soft = bool(((y != 0) & (y != 1)).any())
        return y.argmax(1), list(range(y.shape[1])), f"{y.shape[1]} columns", soft
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        return (y > 0.5).astype(int), [0, 1], "one number", True
    names, classes = np.unique(y, return_inverse=True)
    return classes, names.tolist(), "one number" if y.dtype.kind in "biuf" else "a word", False


class Front:
    """The layers with which a model begins, up to the first with weights to train.

    Attributes:
        layers, tail: these layers, and the others.
        seeded: some of them hold a seed, so they are meant to augment.
        restless: they change images also with training=False.

    Raises:
        ValueError: the model is not built, or its layers are not in one row.
    """

    def __init__(self, model: keras.Model | None) -> None:
        self.layers, self.tail, self.seeded, self.restless = [], [], False, False
        if model is None:
            return
        if not model.built:
            raise ValueError("the model is not built; expected one with an Input, or called on a batch.")
        row = list(_flat_layers(model))
        first = next((i for i, part in enumerate(row) if part.trainable_variables), len(row))
        self.layers, self.tail = row[:first], row[first:]
        shape = getattr(model, "input_shape", None)
        in_a_row = isinstance(shape, tuple) and len(shape) == 4
        if in_a_row:
            images = np.random.default_rng(0).random((4, *(size or 32 for size in shape[1:])), np.float32)
            self.restless = not _alike(self.still(images), self.still(images))
            in_a_row = self.restless or _alike(self.finish(self.still(images)), model(images, training=False))
        if not in_a_row:
            raise ValueError("the model's layers are not in one row; give its augmentation as augment=.")
        self.seeded = any("seed" in v.path for layer in self.layers for v in layer.variables)

    def move(self, images: np.ndarray) -> np.ndarray:
        return _apply_layers(self.layers, images, True)

    def still(self, images: np.ndarray) -> np.ndarray:
        return _apply_layers(self.layers, images, False)

    def finish(self, images: np.ndarray, training: bool = False) -> np.ndarray:
        return _apply_layers(self.tail, images, training)


def _flat_layers(model: keras.Model) -> Iterator[keras.Layer]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _flat_layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def _apply_layers(layers: list[keras.Layer], images: np.ndarray, training: bool) -> np.ndarray:
    for layer in layers:
        images = layer(images, training=training)
    return np.asarray(images)


def _alike(left: np.ndarray, right: np.ndarray) -> bool:
    left, right = np.asarray(left), np.asarray(right)
    return left.shape == right.shape and np.allclose(left, right, 1e-4, 1e-5, equal_nan=True)


class Augmentation:
    """A function or layer that augments, to be called with batches of images.

    Attributes:
        single: whether the pipeline gives it single images.
        labels: some labels, for a function that wants them, too.
    """

    def __init__(self, function: Callable, source: Source) -> None:
        self.function, self.single, self.labels = function, _maps_before_batch(source.data), None
        if source.kind == ARRAYS and len(source.data) == 2:
            self.labels = np.asarray(source.data[1][:1])
        call = function.call if isinstance(function, keras.Layer) else function
        given = inspect.signature(call).parameters.values()
        needed = [p for p in given if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        self.with_labels = len(needed) > 1

    def __call__(self, images: np.ndarray, **options) -> np.ndarray:
        inputs = [tf.constant(images)]
        if self.with_labels and self.labels is None:
            raise ValueError("augment wants labels, but train has none; give a function of images alone.")
        if self.with_labels:
            inputs.append(tf.constant(np.repeat(self.labels[:1], len(images), axis=0)))
        calls = zip(*inputs, strict=True) if self.single else [inputs]
        results = [self.function(*parts, **options) for parts in calls]
        results = [np.asarray(result[0] if self.with_labels else result) for result in results]
        return np.stack(results) if self.single else results[0]


def try_out(move: Callable, still: Callable, images: np.ndarray) -> str:
    """What an augmentation does to copies of one image in a batch.

    Returns:
        "per image" (each copy has a draw of its own), "per batch", "fixed" (always the same change),
        "mixing" (it changes only batches of different images), "training" (it acts only with
        training=True) or "nothing".
    """
    copies = np.repeat(images[[_finite(images).std((1, 2, 3)).argmax()]], COPIES, axis=0)
    calls = [move(copies) for _ in range(4)]
    if any(not _alike(call, np.broadcast_to(call[:1], call.shape)) for call in calls):
        return "per image"
    if any(not _alike(call, calls[0]) for call in calls):
        return "per batch"
    if not _alike(calls[0], still(copies)):
        return "fixed"
    if not _alike(move(images[:32]), still(images[:32])):
        return "mixing"
    with contextlib.suppress(TypeError):  # not every function has that argument
        if not _alike(move(copies, training=True), copies):
            return "training"
    return "nothing"


def _walk(data) -> Iterator:
    """A dataset and what it is made from, the last step first. TensorFlow tells it by no public name."""
    yield data
    for earlier in getattr(data, "_inputs", list)():
        yield from _walk(earlier)


def _maps_before_batch(data) -> bool:
    steps = [type(part).__name__ for part in _walk(data)] if isinstance(data, tf.data.Dataset) else []
    batch = next((i for i, step in enumerate(steps) if "Batch" in step), len(steps))
    return any("Map" in step for step in steps[batch:]) and not any("Map" in step for step in steps[:batch])


@contextlib.contextmanager
def preserved_state(*things) -> Iterator[None]:
    """Leave random states, and the given datasets, functions and layers, as they were before the block."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    seeds = global_state.get_global_attribute("global_seed_generator")
    things += (seeds, tf.random.get_global_generator().state)
    undo = [step for thing in things for step in _restorers(thing)]
    try:
        yield
    finally:
        for step in undo:
            step()
        global_state.set_global_attribute("global_seed_generator", seeds)
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def _restorers(thing, depth: int = 2) -> Iterator[Callable[[], None]]:
    """Steps that put back whatever reading may change in a thing and in what it holds."""
    parts = []
    if isinstance(thing, tf.Variable | keras.Variable):
        value = thing.numpy().copy()
        yield lambda: thing.assign(value)
    elif isinstance(thing, np.random.Generator):
        state = thing.bit_generator.state
        yield lambda: setattr(thing.bit_generator, "state", state)
    elif isinstance(thing, np.random.RandomState):
        yield functools.partial(thing.set_state, thing.get_state())
    elif isinstance(thing, random.Random):
        yield functools.partial(thing.setstate, thing.getstate())
    elif isinstance(thing, list) or (isinstance(thing, np.ndarray) and thing.ndim and thing.flags.writeable):
        if getattr(thing, "size", len(thing)) < LARGE:
            yield functools.partial(thing.__setitem__, slice(None), thing.copy())
    elif isinstance(thing, keras.random.SeedGenerator):
        parts = [thing.state]
    elif isinstance(thing, keras.Layer):
        parts = thing.non_trainable_variables
    elif isinstance(thing, tf.data.Dataset):
        functions = [f for part in _walk(thing) for f in getattr(part, "_functions", list)()]
        parts = [v for f in functions for v in f.function.graph.variables]
    elif isinstance(thing, keras.utils.PyDataset):
        yield functools.partial(vars(thing).update, dict(vars(thing)))
        parts = vars(thing).values()
    elif inspect.isfunction(thing):
        outside = inspect.getclosurevars(thing)
        parts = [*outside.nonlocals.values(), *outside.globals.values()]
    for part in parts if depth else []:
        yield from _restorers(part, depth - 1)
