"""What a model does to images before its first weights: it augments, rescales, standardises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import as_array, is_a, loaded
from augcheck.reading.images import alike


class FirstLayers:
    """The steps with which a model begins, up to padding or the first weights that are learned, frozen or not.

    Attributes:
        steps: layers, and models of what comes first in functional ones.
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
        self.input: Any = None
        if model is None:
            return
        if not is_a(model, "keras.Model"):
            raise TypeError(f"model is a {type(model).__name__}; expected a Keras model.")
        if not model.built:
            raise ValueError(
                "the model is not built; expected one with an Input, or called on a batch."
            )
        if not is_a(model, "keras.Sequential") and (
            not is_a(model, "keras.Function") or len(model.inputs) > 1
        ):
            raise ValueError(
                "the model's layers are not in one row; give its augmentation as augment=."
            )
        self.input = model.inputs[0]
        self.steps = list(_first_steps(model))
        for layer in (layer for step in self.steps for layer in leaves(step)):
            if any("seed" in variable.path for variable in getattr(layer, "variables", [])):
                self.drawing.add(type(layer).__name__)
        if self.steps:
            shape = (4, *(size or 32 for size in self.input.shape[1:]))
            images = np.random.default_rng(0).random(shape, np.float32) * (
                255 if "int" in self.input.dtype else 1
            )
            self.always = not alike(
                self.applied(images, training=False), self.applied(images, training=False)
            )

    def applied(self, images: np.ndarray, training: bool = True) -> np.ndarray:
        """What the steps make of images.

        Raises:
            ValueError: the model takes images of another shape.
        """
        self._compare(images)
        if self.steps:  # as the model itself does, which accepts bytes, and images without channels
            images = images[..., None] if images.ndim < len(self.input.shape) else images
            images = loaded("keras").ops.cast(images, self.input.dtype)
        for step in self.steps:
            images = step(images, training=training)
        return as_array(images)

    def _compare(self, images: np.ndarray) -> None:
        """Refuse images that the model can't take."""
        if self.input is None:
            return
        taken, given = tuple(self.input.shape[1:]), tuple(images.shape[1:])
        if len(given) < len(taken):
            given = (*given, 1)
        fits = len(given) == len(taken) and all(
            size in (None, other) for size, other in zip(taken, given, strict=True)
        )
        if not fits:
            raise ValueError(
                f"the model takes images of {taken}, but train yields {given}; give the model that they train, or "
                "resize them."
            )


def _first_steps(model: Any) -> Iterator[Any]:
    """The steps before the first learned weights, also those inside the part that has them."""
    if is_a(model, "keras.Sequential"):
        for layer in model.layers:
            if ends(layer):
                yield from _inside(layer)
                return
            yield layer
        return
    # No public name tells which tensors a nested model was called with. The first of these nodes is the input.
    nodes = [
        node
        for depth in sorted(model._nodes_by_depth, reverse=True)
        for node in model._nodes_by_depth[depth]
    ]
    first = next((i for i, node in enumerate(nodes) if ends(node.operation)), len(nodes))
    tensor = next(
        node.outputs[0]
        for node in reversed(nodes[:first])
        if _is_only_way(node.outputs, model, nodes)
    )
    if tensor is not model.inputs[0]:
        yield loaded("keras").Model(model.inputs[0], tensor)
    following = [node.operation for node in nodes if any(x is tensor for x in node.input_tensors)]
    if len(following) == 1 and ends(following[0]):
        yield from _inside(following[0])


def _is_only_way(tensors: list[Any], model: Any, nodes: list[Any]) -> bool:
    """Whether all that a model returns follows from these, and they are one."""
    made_from = {id(tensor): node.input_tensors for node in nodes for tensor in node.outputs}
    waiting, seen = list(model.outputs), {id(tensors[0])}
    while waiting:
        tensor = waiting.pop()
        if id(tensor) not in seen:
            if not made_from[id(tensor)]:
                return False  # the input, by a way around
            seen.add(
                id(tensor)
            )  # once: a network with shortcuts has more ways than could be walked
            waiting += made_from[id(tensor)]
    return len(tensors) == 1


def _inside(layer: Any) -> Iterator[Any]:
    return _first_steps(layer) if is_a(layer, "keras.Sequential", "keras.Function") else iter(())


def leaves(layer: Any) -> Iterator[Any]:
    """The layers of a model or stack of layers."""
    inner = getattr(layer, "layers", None)
    if not inner:
        yield layer
    for part in inner or ():
        yield from leaves(part)


def ends(layer: Any) -> bool:
    """Whether a layer ends the beginning: it learns, or it pads with zeros, which would hide too small a range."""
    return learns(layer) or is_a(layer, "keras.layers.ZeroPadding2D")


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
