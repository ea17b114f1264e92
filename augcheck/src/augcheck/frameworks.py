"""What is asked of Keras, TensorFlow and PyTorch where the reader has loaded them: this package imports none."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np


def loaded(name: str) -> Any:
    """The module of that name if somebody has imported it, else None."""
    return sys.modules.get(name)


def is_a(thing: object, *paths: str) -> bool:
    """Whether a thing is an instance of one of these classes, given by names such as "keras.Layer"."""
    for path in paths:
        module, *names = path.split(".")
        found = loaded(module)
        for name in names:
            found = getattr(found, name, None)
        if isinstance(found, type) and isinstance(thing, found):
            return True
    return False


def as_array(x: Any) -> np.ndarray:
    """An array of a tensor of any framework, also of one that lies on a graphics card or records gradients."""
    if is_a(x, "torch.Tensor"):
        x = x.detach().cpu()
        x = x.float() if "bfloat16" in str(x.dtype) else x
    array = np.asarray(x)
    if array.dtype.name == "bfloat16":  # which NumPy takes for no number
        return array.astype(np.float32)
    return array


def message_of(error: BaseException) -> str:
    """What an error says, in a line; of one that a Keras layer passes on also the cause, which is its second line."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in plain.splitlines() if line.strip()] or ["no message"]
    if lines[0].startswith("Exception encountered when calling"):
        return " ".join(lines[:2])
    return lines[0]


def steps_of(data: Any) -> Iterator[Any]:
    """A tf.data.Dataset and those that it is made from, the last step first; nothing for other data."""
    # No public name tells what a dataset is made from, nor which functions it calls.
    if is_a(data, "tensorflow.data.Dataset"):
        yield data
        for earlier in data._inputs():
            yield from steps_of(earlier)


def _draws(step: Any) -> bool:
    """Whether the functions that a step of a tf.data.Dataset calls draw random numbers."""
    graphs = [function.function.graph for function in step._functions()]
    return any("Random" in part.type for graph in graphs for part in graph.get_operations())


def draws_random_numbers(data: Any) -> bool:
    """Whether maps of a tf.data.Dataset draw random numbers, or an ImageDataGenerator changes images."""
    generator = getattr(data, "image_data_generator", None)
    ranges = ("rotation", "width_shift", "height_shift", "brightness", "shear", "channel_shift")
    names = [f"{name}_range" for name in ranges] + ["horizontal_flip", "vertical_flip"]
    zooms = tuple(getattr(generator, "zoom_range", (1, 1))) != (1, 1)
    return (
        any(map(_draws, steps_of(data)))
        or zooms
        or any(getattr(generator, name, None) for name in names)
    )


def draws_on_batches(data: Any) -> bool | None:
    """Whether the maps of a tf.data.Dataset that draw random numbers get batches; None where it doesn't show."""
    ranks = set()
    for step in steps_of(data):
        if not _draws(step):
            continue
        for earlier in step._inputs():
            parts = loaded("tensorflow").nest.flatten(earlier.element_spec)
            shapes = [part.shape for part in parts if hasattr(part, "shape")]
            ranks.add(max((shape.rank or 0 for shape in shapes), default=0))
    if ranks == {3}:
        return False
    return True if ranks == {4} else None
