"""What a model does to images before its first weights: it augments, rescales, standardises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import as_array, is_a
from augcheck.reading.images import alike


class FirstLayers:
    """The steps with which a model begins, up to the first with weights that are learned, frozen or not.

    Attributes:
        steps: layers, and parts of functional models.
        drawing: the classes of the layers among them that hold a seed, so that they are meant to augment.
        always: whether they change images with training=False, too.

    Raises:
        TypeError: it is no Keras model.
        ValueError: the model is not built, or its beginning can't be followed.
    """

    def __init__(self, model: Any) -> None:
        self.steps: list[Any] = []
        self.drawing: set[str] = set()
        self.always = False
        if model is None:
            return
        if not is_a(model, "keras.Model"):
            raise TypeError(f"model is a {type(model).__name__}; expected a Keras model.")
        if not model.built:
            raise ValueError("the model is not built; expected one with an Input, or called on a batch.")
        if not is_a(model, "keras.Sequential") and (not is_a(model, "keras.Function") or len(model.inputs) > 1):
            raise ValueError("the model's layers are not in one row; give its augmentation as augment=.")
        self.steps = list(_first_steps(model))
        self.drawing = {type(layer).__name__ for step in self.steps for layer in leaves(step) if draws(layer)}
        if self.steps:
            images = np.random.default_rng(0).random((4, *(size or 32 for size in model.input_shape[1:])), np.float32)
            self.always = not alike(self.unaugmented(images), self.unaugmented(images))

    def augmented(self, images: np.ndarray) -> np.ndarray:
        return self._applied(images, True)

    def unaugmented(self, images: np.ndarray) -> np.ndarray:
        return self._applied(images, False)

    def _applied(self, images: np.ndarray, training: bool) -> np.ndarray:
        for step in self.steps:
            images = step(images, training=training)
        return as_array(images)


def _first_steps(model: Any) -> Iterator[Any]:
    """The steps before the first learned weights, also those inside the part that has them."""
    if is_a(model, "keras.Sequential"):
        for layer in model.layers:
            if learns(layer):
                yield from _inside(layer)
                return
            yield layer
        return
    nodes = _nodes(model)
    tensor = model.inputs[0]
    first = next((i for i, node in enumerate(nodes) if learns(node.operation)), len(nodes))
    for node in reversed(nodes[:first]):
        part = _part_up_to(node, model.inputs[0], nodes)
        if part is not None:
            yield part
            tensor = part.until
            break
    following = [node for node in nodes if any(x is tensor for x in node.input_tensors)]
    if len(following) == 1 and learns(following[0].operation):
        yield from _inside(following[0].operation)


def _nodes(model: Any) -> list[Any]:
    """The calls of a functional model, in an order in which they can be made."""
    # No public name tells how the layers of a functional model are connected.
    by_depth = model._nodes_by_depth
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input]


class Part:
    """What some calls of a functional model make of its input: layers, and arithmetic such as ``x / 127.5``."""

    def __init__(self, nodes: list[Any], tensor: Any, until: Any) -> None:
        self.nodes, self.tensor, self.until = nodes, tensor, until
        self.layers = [node.operation for node in nodes]

    def __call__(self, images: Any, training: bool) -> Any:
        known = {id(self.tensor): images}
        for node in self.nodes:
            args, kwargs = node.arguments.fill_in(known)
            if is_a(node.operation, "keras.Layer"):
                kwargs["training"] = training
            known[id(node.outputs[0])] = node.operation(*args, **kwargs)
        return known[id(self.until)]


def _part_up_to(last: Any, tensor: Any, nodes: list[Any]) -> Part | None:
    """The calls that what the last of them returns needs; None if a way leads past it."""
    needed, calls = {id(x) for x in last.input_tensors}, [last]
    for node in reversed(nodes[: nodes.index(last)]):
        if id(node.outputs[0]) in needed:
            needed |= {id(x) for x in node.input_tensors}
            calls.insert(0, node)
    others = [node for node in nodes if node not in calls]
    if any(len(node.outputs) > 1 for node in calls) or any(id(x) in needed for n in others for x in n.input_tensors):
        return None
    return Part(calls, tensor, last.outputs[0])


def _inside(layer: Any) -> Iterator[Any]:
    return _first_steps(layer) if is_a(layer, "keras.Sequential", "keras.Function") else iter(())


def leaves(layer: Any) -> Iterator[Any]:
    """The layers of a model or stack of layers."""
    inner = getattr(layer, "layers", None)
    if not inner:
        yield layer
    for part in inner or ():
        yield from leaves(part)


def learns(layer: Any) -> bool:
    """Whether a layer has weights that training changes, or would change if they were not frozen.

    Of a frozen layer no public name tells: all its weights count, but for seeds and what ``adapt`` has stored.
    """
    return any(
        bool(part.trainable_weights)
        or not part.trainable
        and not is_a(part, "keras.layers.Normalization")
        and any("seed" not in weight.path for weight in part.weights)
        for part in leaves(layer)
        if is_a(part, "keras.Layer")
    )


def draws(layer: Any) -> bool:
    """Whether a layer holds a seed, so that it is meant to augment."""
    return any("seed" in variable.path for variable in getattr(layer, "variables", []))
