"""What a model does to images before its first weights: it augments, rescales, standardises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import as_array, is_a
from augcheck.reading.images import alike


class FirstLayers:
    """The steps with which a model begins, up to the first with weights that are learned.

    A nested model in a row, as ``Sequential`` makes it, counts as its layers, any other as one layer. A
    backbone has learned weights and belongs to the later steps, frozen or not.

    Raises:
        TypeError: it is no Keras model.
        ValueError: the model is not built, or its beginning can't be followed.
    """

    def __init__(self, model: Any) -> None:
        # These steps, and the others: layers, operations such as x / 127.5, or the rest of a graph.
        self.layers: list[Any] = []
        self.later: list[Any] = []
        self.seeded = False  # some of them hold a seed, so they are meant to augment
        self.always = False  # they change images also with training=False
        if model is None:
            return
        if not hasattr(model, "built") or not hasattr(model, "layers"):
            raise TypeError(f"model is a {type(model).__name__}; expected a Keras model.")
        if not model.built:
            raise ValueError("the model is not built; expected one with an Input, or called on a batch.")
        self.layers, self.later = _parted(model)
        if not self._is(model):
            raise ValueError("the model's layers are not in one row; give its augmentation as augment=.")
        self.seeded = any(draws(layer) for layer in self.layers)

    def _is(self, model: Any) -> bool:
        """Whether the steps, one after the other, do what the model does; it notes ``always``."""
        shape = getattr(model, "input_shape", None)
        if not (isinstance(shape, tuple) and len(shape) == 4):
            return False
        images = np.random.default_rng(0).random((4, *(size or 32 for size in shape[1:])), np.float32)
        try:
            unaugmented = self.unaugmented(images)
            self.always = not alike(unaugmented, self.unaugmented(images))
            return self.always or alike(self.answers(unaugmented), as_array(model(images, training=False)))
        except Exception:  # a layer was called as the model doesn't call it; each has its own errors
            return False

    def augmented(self, images: np.ndarray) -> np.ndarray:
        return _apply(self.layers, images, True)

    def unaugmented(self, images: np.ndarray) -> np.ndarray:
        return _apply(self.layers, images, False)

    def answers(self, images: np.ndarray, training: bool = False) -> np.ndarray:
        """What the model answers to images that have passed its first layers."""
        return _apply(self.later, images, training)

    def at_first_weights(self, images: np.ndarray) -> np.ndarray:
        """Images where the first weights get them: behind what a backbone does to them before."""
        images, first = self.unaugmented(images), self.later[0] if self.later else None
        if isinstance(first, Rest):
            following = _consumers(first.model, first.tensor)
            first = following[0].operation if len(following) == 1 else None
        while _is_graph(first) and not is_a(first, "keras.Sequential"):
            steps, tensor = _prefix(first)
            images = _apply(steps, images, False)
            following = _consumers(first, tensor)
            first = following[0].operation if len(following) == 1 else None
        return images


class Rest:
    """What a functional model does from one of its tensors on, to its outputs or up to another tensor.

    Also a single operation that is no layer, such as ``x / 127.5``, with its constants.
    """

    def __init__(self, model: Any, tensor: Any, until: Any = None) -> None:
        self.model, self.tensor, self.until = model, tensor, until

    def __call__(self, images: Any, training: bool = False) -> Any:
        known = {id(self.tensor): images}
        for node in _nodes(self.model):
            if id(node.outputs[0]) in known or any(id(part) not in known for part in node.input_tensors):
                continue
            args, kwargs = node.arguments.fill_in(known)
            if is_a(node.operation, "keras.Layer"):
                kwargs["training"] = training
            made = node.operation(*args, **kwargs)
            outputs = list(made) if isinstance(made, list | tuple) else [made]
            known.update((id(tensor), value) for tensor, value in zip(node.outputs, outputs, strict=True))
            if id(self.until) in known:
                return known[id(self.until)]
        results = [known[id(tensor)] for tensor in self.model.outputs]
        return results[0] if len(results) == 1 else results


def _parted(model: Any) -> tuple[list[Any], list[Any]]:
    """The steps of a model before its first learned weights, and those from there on."""
    if not _is_graph(model) or _in_a_row(model) or len(model.inputs) > 1:
        row = list(_row_of(model))
        first = next((i for i, layer in enumerate(row) if learns(layer)), len(row))
        return row[:first], row[first:]
    steps, tensor = _prefix(model)
    return steps, [Rest(model, tensor)]


def _prefix(model: Any) -> tuple[list[Any], Any]:
    """The steps in a row with which a functional model begins, before learned weights; what they return.

    Branches that come together again, such as the channels that preprocess_input of ResNet reverses, are one step.
    """
    steps: list[Any] = []
    tensor = model.inputs[0]
    while following := _consumers(model, tensor):
        node = following[0]
        if len(following) == 1 and len(node.input_tensors) == len(node.outputs) == 1 and not learns(node.operation):
            steps += _expanded(model, node)
            tensor = node.outputs[0]
            continue
        together = _come_together(model, tensor) if len(following) > 1 else None
        if together is None:
            break
        steps.append(Rest(model, tensor, together))
        tensor = together
    return steps, tensor


def _come_together(model: Any, tensor: Any) -> Any:
    """Where the branches from a tensor are one tensor again, if nothing before that learns or draws; else None."""
    reached, done = {id(tensor)}, []
    for node in _nodes(model):
        own = [id(part) in reached for part in node.input_tensors]
        if not any(own):
            continue
        if not all(own) or learns(node.operation) or draws(node.operation) or len(node.outputs) > 1:
            return None
        reached.add(id(node.outputs[0]))
        done.append(node)
        made = [tensor, *(part.outputs[0] for part in done)]
        if all(part is made[-1] or all(user in done for user in _consumers(model, part)) for part in made):
            return made[-1]
    return None


def _consumers(model: Any, tensor: Any) -> list[Any]:
    return [node for node in _nodes(model) if any(part is tensor for part in node.input_tensors)]


def _nodes(model: Any) -> list[Any]:
    """The calls of a functional model, in an order in which they can be made."""
    # No public name tells how the layers of a functional model are connected.
    by_depth = model._nodes_by_depth
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth] if not node.is_input]


def _is_graph(model: Any) -> bool:
    return bool(getattr(model, "_nodes_by_depth", None))


def _in_a_row(model: Any) -> bool:
    """Whether a model's steps get what the one before them returns, and nothing else."""
    if is_a(model, "keras.Sequential"):
        return True
    if not _is_graph(model):
        return False
    one_at_a_depth = all(len(nodes) == 1 for nodes in model._nodes_by_depth.values())
    return one_at_a_depth and all(len(node.input_tensors) == 1 and len(node.outputs) == 1 for node in _nodes(model))


def _row_of(model: Any) -> Iterator[Any]:
    if is_a(model, "keras.Sequential") or not _is_graph(model):
        for layer in model.layers:
            if _in_a_row(layer):
                yield from _row_of(layer)
            elif not is_a(layer, "keras.layers.InputLayer"):
                yield layer
    else:
        for node in _nodes(model):
            yield from _expanded(model, node)


def _expanded(model: Any, node: Any) -> list[Any]:
    if _in_a_row(node.operation):
        return list(_row_of(node.operation))
    is_layer = is_a(node.operation, "keras.Layer")
    return [node.operation if is_layer else Rest(model, node.input_tensors[0], node.outputs[0])]


def learns(layer: Any) -> bool:
    """Whether a layer has weights that training changes, or would change if they were not frozen."""
    if not is_a(layer, "keras.Layer"):
        return False
    # Freezing a layer makes its weights non-trainable by every public name.
    return any(part._trainable_variables for part in layer._flatten_layers())


def draws(layer: Any) -> bool:
    """Whether a layer holds a seed, so that it is meant to augment."""
    return any("seed" in variable.path for variable in getattr(layer, "variables", []))


def _apply(layers: list[Any], images: np.ndarray, training: bool) -> np.ndarray:
    for layer in layers:
        images = layer(images, training=training)
    return as_array(images)
