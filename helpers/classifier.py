"""What a model must be to be trained here, and a text by which two builds of one network are equal."""

from __future__ import annotations

import functools
import re
import time
import warnings
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf


def configuration(model: keras.Model) -> str:
    """Layers, loss and optimiser as text without Keras's running numbers; a new text for code of one's own."""
    try:
        with warnings.catch_warnings(action="ignore"):  # that loading a lambda would be unsafe; nothing is loaded
            text = model.to_json()
    except Exception:  # what can't be written down raises what it likes
        text = '"__lambda__"'
    if re.search(r'"module": (?!"keras)|"__lambda__"', text):
        # A function or class of one's own is written down by its name, and may have changed under it.
        return str(time.perf_counter_ns())
    names = dict.fromkeys(re.findall(r'"name": "([^"]+)"', text))
    for number, name in enumerate(names):
        unnumbered = re.sub(r"_\d+$", "", name)  # conv2d_7 is the eighth of the session, perhaps the first of the model
        text = text.replace(f'"{name}"', f'"{unnumbered} {number}"')
    return text


def require_probabilities(model: keras.Model) -> None:
    """A sigmoid unit or a softmax over three classes or more; where the model is compiled, a loss on probabilities."""
    if len(model.output_shape) != 2 or model.output_shape[1] == 2:
        raise ValueError(
            f"the model's output has shape {model.output_shape}; expected (None, 1), one sigmoid unit for two classes, "
            "or (None, classes), a softmax over more."
        )
    softmax = model.output_shape[1] > 1
    last = model
    while isinstance(last, keras.Model):  # which may end in another model
        last = last.outputs[0]._keras_history.operation
    kind, activation = type(last).__name__, getattr(last, "activation", None)
    name, expected = ("softmax", tf.nn.softmax) if softmax else ("sigmoid", tf.sigmoid)
    if kind.lower() != name and not _is(expected, activation):  # an operation of keras.ops, or a layer
        found = kind if activation is None else f"{kind} ({getattr(activation, '__name__', activation)})"
        raise ValueError(
            f"the model ends in {found}; expected a {name}, which makes probabilities: give the last layer "
            f'activation="{name}" and the loss no from_logits=True.'
        )
    for loss in keras.tree.flatten(model.loss) if model.compiled else []:
        function = loss.func if isinstance(loss, functools.partial) else loss
        name = getattr(function, "__name__", type(function).__name__)
        keywords = getattr(loss, "keywords", {})
        if getattr(loss, "from_logits", False) or keywords.get("from_logits") or "logits" in name:
            raise ValueError(
                f"the model is compiled with {name} on logits; expected a loss on probabilities, which the model "
                "gives: leave from_logits out."
            )


def _is(function: Callable, activation: Callable | None) -> bool:
    points = tf.constant([[-2.0, 0.5, 3.0]])
    return activation is not None and np.allclose(activation(points), function(points))
