"""What augments, given as a function or layer, and tried out by itself."""

from __future__ import annotations

import contextlib
import gc
import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from augcheck.frameworks import as_array, draws_random_numbers, functions_in, is_a, loaded, steps_of, written
from augcheck.reading.images import alike, finite
from augcheck.reading.sources import ARRAYS, BATCHES, DATASET, LOADER, Source

COPIES = 16  # of one image, tried four times: that all flip alike by chance happens once in 2^60
MOST = 10_000  # things that are looked through for a function
CALLED = ("__getitem__", "__call__", "__iter__", "__next__")  # methods by which a pipeline is read

IMAGE, BATCH, LOOP = "image", "batch", "loop"
PLACES = (IMAGE, BATCH, LOOP)
# What an augmentation does to copies of one image in a batch.
PER_IMAGE, PER_BATCH, FIXED, MIXING, TRAINING, NOTHING = (
    "per image",  # each copy has a draw of its own
    "per batch",  # all copies share a draw
    "fixed",  # always the same change
    "mixing",  # it changes only batches of different images
    "training",  # it acts only with training=True
    "nothing",
)


class Augmentation:
    """A function or layer that augments, to be called with batches of images.

    It gets PyTorch's tensors where the images come from a DataLoader, TensorFlow's where they come from tf.data, and
    arrays elsewhere; copies in all cases. What can't work with arrays gets TensorFlow's tensors, where that is loaded.

    Args:
        place: where it acts: on single "image"s or whole "batch"es of the pipeline, or in the training "loop" on what
            the pipeline gave. None: in the loop for what can't augment (arrays, lists, a tf.data.Dataset whose maps
            draw nothing), and elsewhere as far as the pipeline shows.

    Raises:
        TypeError: it can't be called.
        ValueError: there is no such place.
    """

    def __init__(self, function: Callable[..., Any], source: Source, place: str | None) -> None:
        if not callable(function):
            raise TypeError(f"augment is a {type(function).__name__}; expected a function or a layer.")
        if place not in (None, *PLACES):
            raise ValueError(f"augment_in is {place!r}; expected {IMAGE!r}, {BATCH!r} or {LOOP!r}.")
        self.seen = place is not None  # whether it is known where it acts
        if place is None:
            self.seen, place = _place_in(source, function)
        self.function = function
        self.single = place == IMAGE  # whether it gets single images
        self.later = place == LOOP  # whether it acts on what the pipeline gave
        self.unsure = place is None  # whether it isn't known if it gets single images or batches
        self.labels: np.ndarray | None = None  # some, for a function that wants them, too
        if source.kind == ARRAYS and len(source.data) == 2:
            self.labels = np.asarray(source.data[1][:1])
        tensors = [loaded("tensorflow").constant] if loaded("tensorflow") else []
        # What makes its inputs of arrays: the first with which it can be called.
        self._inputs = [np.array, *tensors]
        if source.kind == LOADER:
            self._inputs = [lambda part: loaded("torch").from_numpy(np.array(part))]
        elif source.kind == DATASET:
            self._inputs = tensors
        given = inspect.signature(getattr(function, "call", function)).parameters.values()
        needed = [p for p in given if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        self._with_labels = len(needed) > 1

    def __call__(self, images: np.ndarray, **options: Any) -> np.ndarray:
        inputs = [images]
        if self._with_labels:
            if self.labels is None:
                raise ValueError("augment wants labels, but train has none; give a function of images alone.")
            inputs.append(np.repeat(self.labels[:1], len(images), axis=0))
        if not self.single:
            try:
                return self._call(inputs, options)
            except Exception:
                if not self.unsure:
                    raise
            self.single, self.unsure = True, False  # it can't work with a batch
        return np.stack([self._call(list(parts), options) for parts in zip(*inputs, strict=True)])

    def _call(self, inputs: list[np.ndarray], options: dict[str, Any]) -> np.ndarray:
        errors: list[Exception] = []
        for make in self._inputs:
            try:
                result = self.function(*map(make, inputs), **options)
            except Exception as error:
                errors.append(error)
                continue
            self._inputs = [make]
            return as_array(result[0] if isinstance(result, tuple | list) else result)
        raise errors[0]


def _place_in(source: Source, function: Callable[..., Any]) -> tuple[bool, str | None]:
    """Whether it shows where a function acts, and where that is; None where it may be images or batches."""
    if source.kind in (ARRAYS, BATCHES):
        return True, LOOP
    if source.kind == LOADER:
        if _reaches(getattr(source.data, "collate_fn", None), function):
            return True, BATCH
        reached = _reaches(getattr(source.data, "dataset", None), function)
        return reached, IMAGE if reached else None
    if not is_a(source.data, "tensorflow.data.Dataset"):
        return _reaches(source.data, function), BATCH
    steps = list(steps_of(source.data))
    batch = next((i for i, step in enumerate(steps) if "Batch" in type(step).__name__), len(steps))
    calls = [(i, called) for i, step in enumerate(steps) for called in functions_in(step)]
    calling = [i for i, called in calls if _reaches(written(called), function)]
    drawing = [i for i, called in calls if draws_random_numbers(called)]
    if not calling and not drawing:
        return True, LOOP
    return bool(calling), IMAGE if min(calling or drawing) > batch else BATCH


def _reaches(holder: Any, target: object) -> bool:
    """Whether a thing is, holds, or calls another, also by a global name."""
    seen: set[int] = set()
    waiting = [holder]
    while waiting and len(seen) < MOST:
        thing = waiting.pop()
        if thing is target:
            return True
        if id(thing) in seen or isinstance(thing, type | types.ModuleType | str | bytes | np.ndarray):
            continue
        seen.add(id(thing))
        if isinstance(thing, types.FunctionType):
            waiting += [thing.__closure__, thing.__defaults__]
            names = _names_in(thing.__code__)
            known = [thing.__globals__.get(name) for name in names]
            modules = [part for part in known if isinstance(part, types.ModuleType)]
            waiting += known + [vars(module).get(name) for module in modules for name in names]
        else:
            waiting += gc.get_referents(thing)
            waiting += [getattr(type(thing), name, None) for name in CALLED]
    return False


def _names_in(code: types.CodeType) -> list[str]:
    """The names of globals and attributes in a function, and in the functions that it defines."""
    inner = [part for part in code.co_consts if isinstance(part, types.CodeType)]
    return [*code.co_names, *(name for part in inner for name in _names_in(part))]


def try_out(augmented: Callable[..., Any], unaugmented: Callable[..., Any], images: np.ndarray) -> str:
    """What an augmentation does to copies of one image in a batch, in one of the words above.

    Args:
        augmented, unaugmented: from a batch of images to the batch with and without the augmentation.
        images: some to try it with.
    """
    most_varied = np.argmax([np.std(image) for image in finite(images)])
    copies = np.repeat(images[[most_varied]], COPIES, axis=0)
    calls = [augmented(copies) for _ in range(4)]
    if any(not alike(call, np.broadcast_to(call[:1], call.shape)) for call in calls):
        return PER_IMAGE
    if any(not alike(call, calls[0]) for call in calls):
        return PER_BATCH
    if not alike(calls[0], unaugmented(copies)):
        return FIXED
    if not alike(augmented(images[:32]), unaugmented(images[:32])):
        return MIXING
    with contextlib.suppress(TypeError):  # not every function has that argument
        if not alike(augmented(copies, training=True), copies):
            return TRAINING
    return NOTHING
