"""A batch of any framework as arrays: images with channels last, and labels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from augcheck.frameworks import as_array, is_a

CHANNELS = (1, 3, 4)
IMAGE_KEYS = ("image", "images", "img", "pixel_values", "x", "input", "inputs")
LABEL_KEYS = ("label", "labels", "target", "targets", "y", "class")
SHAPES = "expected batches (n, height, width, channels), (n, channels, height, width) or (n, height, width)"
CLASSES_ONLY = "Only pictures with a class each are looked at, no masks and no boxes"


class Batch(NamedTuple):
    """Some images and their labels."""

    x: np.ndarray  # (n, height, width, channels)
    y: np.ndarray | None  # (n,) or (n, classes)
    given: np.ndarray  # the images as the pipeline gave them
    labels: Any  # the same of the labels
    grey: bool  # whether they were given as (n, height, width)
    channels_first: bool  # whether they were given as (n, channels, height, width)


def read_batch(
    batch: Any, name: str, keys: tuple[Any, ...] | None = None, grey: bool = False
) -> Batch | None:
    """Take a batch apart; None for one without images.

    Args:
        batch: images, (images, labels, ...) or a dictionary.
        name: of the set, for messages.
        keys: under which a dictionary holds images and labels; of its usual ones, where that is clear.
        grey: whether earlier batches were (n, height, width); a last one of three images doesn't show it.

    Raises:
        ValueError: it holds something else than images and labels.
    """
    x, y = _parts(batch, name, keys)
    if isinstance(x, dict | list | tuple):
        raise ValueError(f"{name} yields {_named(x)} where images should be; {SHAPES}.")
    _look_at_type(x, name)
    shape = getattr(x, "shape", None)
    if shape is not None and len(shape) == 4 and None in tuple(shape):
        raise ValueError(
            f"{name} yields images of several sizes in one batch; resize them to one size."
        )
    grey = shape is not None and len(shape) == 3 and (grey or lacks_channels(shape, y))
    if shape is None or len(shape) != 4 and not grey:
        found = _named(x) if shape is None else f"images of shape {tuple(shape)}"
        hint = " Is batch() missing?" if shape is not None and len(shape) in (2, 3) else ""
        raise ValueError(f"{name} yields {found}; {SHAPES}.{hint}")
    given = as_array(x)
    if grey:
        given = given[..., None]
    if given.dtype.kind not in "biuf":
        raise ValueError(f"{name} yields images of type {given.dtype}; expected numbers.")
    if 0 in given.shape:
        return None
    first = given.shape[1] in CHANNELS and given.shape[3] not in CHANNELS
    first |= is_a(x, "torch.Tensor") and given.shape[1] in (2, *CHANNELS) and not grey
    return Batch(
        channels_last(given) if first else given,
        _labels(y, given.shape[0], name),
        given,
        y,
        grey,
        first,
    )


def _look_at_type(x: Any, name: str) -> None:
    """Refuse text, and images of several sizes in one array."""
    if isinstance(x, np.ndarray) and x.dtype.kind in "USO" and x.size:
        first = x.flat[0]
        if isinstance(first, str | bytes):
            raise ValueError(
                f"{name} yields text such as {first!r} where images should be; expected numbers, "
                "so read the files first."
            )
        raise ValueError(
            f"{name} yields an array of objects ({type(first).__name__}) where images should be; expected "
            "one array of numbers, so give all images one size and np.stack them."
        )


def lacks_channels(shape: Any, y: Any) -> bool:
    """Whether images are (n, height, width), and not a single one with channels."""
    if len(shape) != 3:
        return False
    if y is not None:
        labels = (len(y),) if isinstance(y, list | tuple) else getattr(y, "shape", ())
        return tuple(labels)[:1] == (shape[0],)
    return shape[0] not in CHANNELS and shape[2] not in CHANNELS


def channels_last(x: np.ndarray) -> np.ndarray:
    """From (n, channels, height, width) to (n, height, width, channels)."""
    return np.moveaxis(x, 1, 3)


def _parts(batch: Any, name: str, keys: tuple[Any, ...] | None) -> tuple[Any, Any]:
    if isinstance(batch, tuple | list):
        if not batch:
            raise ValueError(f"{name} yields an empty {type(batch).__name__}; {SHAPES}.")
        images, labels = (*batch, None)[:2]
        # As a model with named inputs takes them.
        if hasattr(images, "keys") and labels is not None:
            images, _ = _of_dictionary(images, name, keys and keys[:1])
        return images, labels
    return _of_dictionary(batch, name, keys) if hasattr(batch, "keys") else (batch, None)


def _of_dictionary(batch: Any, name: str, keys: tuple[Any, ...] | None) -> tuple[Any, Any]:
    held = list(batch.keys())
    if keys is not None:
        missing = [key for key in keys if key is not None and key not in held]
        if missing:
            raise ValueError(
                f"{name} yields a dictionary of {held}, without {missing[0]!r}; change keys=."
            )
        image, label = (*keys, None)[:2]
        return batch[image], None if label is None else batch[label]
    images, labels = ([key for key in held if key in usual] for usual in (IMAGE_KEYS, LABEL_KEYS))
    if len(images) != 1 or len(labels) > 1:
        raise ValueError(
            f"{name} yields a dictionary of {held}; say keys=(that of images, that of labels)."
        )
    return batch[images[0]], batch[labels[0]] if labels else None


def _labels(y: Any, n: int, name: str) -> np.ndarray | None:
    if y is None:
        return None
    expected = "expected (n,), (n, 1) or (n, classes)"
    if isinstance(y, dict):
        raise ValueError(
            f"{name} yields a dictionary of {list(y)} as labels; {expected}. {CLASSES_ONLY}."
        )
    if hasattr(y, "toarray"):
        raise ValueError(
            f"{name} yields labels as a sparse {type(y).__name__}; {expected}, so call its toarray()."
        )
    try:
        y = as_array(y)
    except ValueError:
        raise ValueError(
            f"{name} yields labels of unequal length; {expected}. {CLASSES_ONLY}."
        ) from None
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    unreadable = y.dtype.hasobject and not _are_words(y)
    if y.ndim not in (1, 2) or len(y) != n or unreadable:
        hint = f" {CLASSES_ONLY}." if y.ndim > 2 else ""
        kind = f"type {y.dtype} and " if y.dtype.hasobject else ""
        raise ValueError(
            f"{name} yields labels of {kind}shape {y.shape} to {n} images; {expected}.{hint}"
        )
    if y.dtype.kind == "S" or y.dtype.hasobject:
        y = np.array([part.decode() if isinstance(part, bytes) else part for part in y])
    return np.asarray(y)


def _are_words(y: np.ndarray) -> bool:
    return y.ndim == 1 and all(isinstance(part, bytes | str | int | np.integer) for part in y)


def _named(thing: Any) -> str:
    if isinstance(thing, dict):
        return f"a dictionary of {list(thing)}"
    return f"a {type(thing).__name__}"
