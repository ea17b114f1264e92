"""What augments, given as a function or layer, and tried out by itself."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from augcheck.frameworks import as_array, loaded, message_of
from augcheck.reading.images import alike, finite
from augcheck.reading.sources import ARRAYS, BATCHES, DATASET, LOADER, Source

COPIES = 16  # of one image, tried four times: that all flip alike by chance happens once in 2^60
CALLS = 4  # and more where fewer copies are tried at once, so that there are as many
# Of the images of a call, but two: what augments makes arrays as large, several at once.
MOST_BYTES = 2**26

IMAGE, BATCH, LOOP = "image", "batch", "loop"
# What an augmentation does to copies of one image in a batch: each has a draw of its own, or all share one, or it is
# always the same.
PER_IMAGE = "per image"
PER_BATCH = "per batch"
FIXED = "fixed"
# It changes only batches of different images, or acts only with training=True, or not at all.
MIXING = "mixing"
TRAINING = "training"
NOTHING = "nothing"
# It raised an error, or there was no time to try it.
UNKNOWN = "unknown"


class UnusableError(Exception):
    """What is raised where the function raises an error of its own; ``Augmentation.error`` has its first line."""


class Augmentation:
    """A function or layer that augments, to be called with batches of images.

    It gets PyTorch's tensors where the images come from a DataLoader, TensorFlow's where they come from tf.data, and
    arrays elsewhere; copies in all cases.

    Args:
        place: where it acts: on single "image"s or whole "batch"es of the pipeline, or in the training "loop" on what
            the pipeline gave. None: in the loop for arrays and lists, which can't augment, and else not known; then
            it gets single images if it can't work with a batch.

    Raises:
        TypeError: it can't be called.
        ValueError: there is no such place.
        UnusableError: when called, where the function raises an error.
    """

    def __init__(self, function: Callable[..., Any], source: Source, place: str | None) -> None:
        if not callable(function):
            raise TypeError(
                f"augment is a {type(function).__name__}; expected a function or a layer."
            )
        if place not in (None, IMAGE, BATCH, LOOP):
            raise ValueError(f"augment_in is {place!r}; expected {IMAGE!r}, {BATCH!r} or {LOOP!r}.")
        self.function = function
        self.said = place is not None
        self.place = LOOP if place is None and source.kind in (ARRAYS, BATCHES) else place
        self.single = self.place == IMAGE  # whether it gets single images
        self.later = self.place == LOOP  # whether it acts on what the pipeline gave
        # One, for copies of an image, if the function wants labels, too.
        self.labels: np.ndarray | None = None
        self.error = ""  # what it raised, in a line
        self._input: Callable[..., Any] = np.array
        if source.kind == LOADER:
            self._input = lambda part: loaded("torch").from_numpy(np.array(part))
        elif source.kind == DATASET:
            self._input = loaded("tensorflow").constant
        self._with_labels = False
        with contextlib.suppress(ValueError):  # what is written in C need not tell
            given = inspect.signature(getattr(function, "call", function)).parameters.values()
            by_place = [part for part in given if part.kind is part.POSITIONAL_OR_KEYWORD]
            needed = [part for part in by_place if part.default is part.empty]
            self._with_labels = len(needed) > 1

    def __call__(self, images: np.ndarray, labels: Any = None, **options: Any) -> np.ndarray:
        try:
            return self._applied(images, labels, options)
        except Exception as error:
            if "training" in options:
                raise
            self.error = f"{type(error).__name__}: {message_of(error)}"
            raise UnusableError(self.error) from error

    def _applied(self, images: np.ndarray, labels: Any, options: dict[str, Any]) -> np.ndarray:
        inputs = [images]
        if self._with_labels:
            given = self.labels if labels is None else as_array(labels)
            if given is None:
                raise ValueError(
                    "augment wants labels, but train has none; give a function of images alone."
                )
            inputs.append(np.repeat(given, len(images) // len(given), axis=0))
        if not self.single:
            try:
                return self._call(inputs, options)
            except Exception:
                if self.said:
                    raise
            self.single = True  # it can't work with a batch
        made = [self._call(list(parts), options) for parts in zip(*inputs, strict=True)]
        other = next((image.shape for image in made if image.shape != made[0].shape), None)
        if other is not None:
            raise ValueError(
                f"augment gives images of {made[0].shape} and of {other}; resize them to one size."
            )
        return np.stack(made)

    def _call(self, inputs: list[np.ndarray], options: dict[str, Any]) -> np.ndarray:
        result = self.function(*map(self._input, inputs), **options)
        return as_array(result[0] if isinstance(result, tuple | list) else result)


def try_out(
    augmented: Callable[..., Any],
    unaugmented: Callable[..., Any],
    images: np.ndarray,
    through: bool = True,
    time_left: Callable[[], bool] = lambda: True,
) -> str:
    """What an augmentation does to copies of one image in a batch, in one of the words above.

    Args:
        augmented, unaugmented: from a batch of images to the batch with and without the augmentation.
        images: some to try it with.
        through: whether these are from before the augmentation; else it has perhaps cropped them already.
        time_left: whether it may be called once more. Where it may not, and nothing is known yet, it is UNKNOWN.
    """
    image = images[int(np.argmax([np.std(finite(image)) for image in images]))]
    done = _of_copies(augmented, unaugmented, image, time_left)
    if done in (FIXED, NOTHING) and not through and 4 * image.nbytes <= MOST_BYTES // 2:
        larger = image.repeat(2, 0).repeat(2, 1)
        with contextlib.suppress(Exception):
            of_larger = _of_copies(augmented, unaugmented, larger, time_left)
            if of_larger in (PER_IMAGE, PER_BATCH):
                return of_larger
    if done != NOTHING:
        return done
    some = images[: max(MOST_BYTES // image.nbytes, 2)][:32]
    if not alike(augmented(some), unaugmented(some)):
        return MIXING
    copies = _copies(image)
    with contextlib.suppress(TypeError):  # not every function has that argument
        if not alike(augmented(copies, training=True), augmented(copies)):
            return TRAINING
    return NOTHING


def _of_copies(
    augmented: Callable[..., Any],
    unaugmented: Callable[..., Any],
    image: np.ndarray,
    time_left: Callable[[], bool],
) -> str:
    """PER_IMAGE, PER_BATCH, FIXED, NOTHING or UNKNOWN."""
    copies = _copies(image)
    first: np.ndarray | None = None
    done = NOTHING
    for _ in range(CALLS * COPIES // len(copies)):
        if first is not None and not time_left():
            return UNKNOWN
        call = augmented(copies)
        if any(not alike(other, call[0]) for other in call[1:]):
            return PER_IMAGE
        if first is None:
            first = call[0].copy()
        elif not alike(call[0], first):
            done = PER_BATCH
        del call  # or it would stay beside the next one
    if done == NOTHING and first is not None and not alike(first, unaugmented(copies)[0]):
        return FIXED
    return done


def _copies(image: np.ndarray) -> np.ndarray:
    """As many copies of an image as a call gets, which share its memory: fewer of large ones, but two."""
    n = min(max(MOST_BYTES // image.nbytes, 2), COPIES)
    return np.broadcast_to(image, (n, *image.shape))
