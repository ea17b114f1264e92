"""What is asked of Keras, TensorFlow and PyTorch where the reader has loaded them: this package imports none."""

from __future__ import annotations

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
    return np.asarray(x)


def steps_of(dataset: Any) -> Iterator[Any]:
    """A tf.data.Dataset and what it is made from, the last step first. No public name tells."""
    yield dataset
    for earlier in getattr(dataset, "_inputs", list)():
        yield from steps_of(earlier)


def functions_of(dataset: Any) -> list[Any]:
    """The functions that the steps of a tf.data.Dataset call, such as those of its maps."""
    return [function for step in steps_of(dataset) for function in functions_in(step)]


def functions_in(step: Any) -> list[Any]:
    """The functions that one step calls, but for those that tf.data itself puts there."""
    functions: list[Any] = getattr(step, "_functions", list)()
    return [f for f in functions if not str(getattr(written(f), "__module__", "")).startswith("tensorflow.python.data")]


def written(function: Any) -> Any:
    """What the reader wrote, of a function that a step calls."""
    return getattr(function, "_func", None)


def draws_random_numbers(function: Any) -> bool:
    """Whether a function that a step calls has random operations, or code in Python, which may draw."""
    graph = function.function.graph.as_graph_def()
    nodes = [*graph.node, *(node for part in graph.library.function for node in part.node_def)]
    return any("Random" in node.op or "PyFunc" in node.op for node in nodes)
