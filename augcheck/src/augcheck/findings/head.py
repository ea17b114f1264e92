"""AUG12: do labels, last layer and loss go together?"""

from __future__ import annotations

from typing import Any, NamedTuple

from augcheck.context import Context
from augcheck.frameworks import is_a
from augcheck.reading.epochs import Reading
from augcheck.reading.labels import WORD
from augcheck.result import CANT_TELL, NO_LABELS, NO_MODEL, NO_ROW, NOT_FOUND, Fault, Finding, joined

BINARY, COLUMNS, NUMBERS = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
LOSSES = {"bce": BINARY, "cce": COLUMNS} | {name.replace("_", ""): name for name in (BINARY, COLUMNS, NUMBERS)}


def head(context: Context) -> Finding:
    """Labels, last layer and loss don't go together, as with a softmax of one output.

    What it does:
        Compares the coding of the labels with the model's outputs, their activation, and the loss it was compiled with.

    Why it matters:
        Training runs, and learns something else, or nothing.

    What instead:
        What the finding names: another activation, another loss, or another coding of the labels.

    Example wrong:
        def make():
            model = keras.Sequential([shape, layers.Flatten(), layers.Dense(1, activation="softmax")])
            model.compile(loss="binary_crossentropy")
            return {"train": (images, labels), "model": model}

    Example right:
        def make():
            model = keras.Sequential([shape, layers.Flatten(), layers.Dense(1, activation="sigmoid")])
            model.compile(loss="binary_crossentropy")
            return {"train": (images, labels), "model": model}

    What it can't tell:
        Anything without model=. Nor models that give something else than one row of numbers for an image. Losses of
        your own are not judged.
    """
    train, model = context.train, context.model
    if model is None:
        return Finding(CANT_TELL, "", "It takes a model.", "Give model=.", reason=NO_MODEL)
    if train.classes is None:
        return Finding(CANT_TELL, "", "It takes labels.", reason=NO_LABELS)
    shape = getattr(model, "output_shape", None)
    if not (isinstance(shape, tuple) and len(shape) == 2):
        return Finding(CANT_TELL, "", NO_ROW[0].upper() + NO_ROW[1:] + ".", reason=NO_ROW)
    own = Head(shape[1], _activation(model), *_loss(getattr(model, "loss", None)))
    of_labels = _of_columns if train.coding.endswith("columns") else _of_numbers
    faults = _outputs(own) + of_labels(own, train)
    if faults:
        return joined(faults)
    loss = own.loss or "no loss that is known here"
    outputs = f"{own.units} output{'s' * (own.units > 1)} ({own.activation or 'no activation'})"
    return Finding(NOT_FOUND, "", f"{outputs}, {loss}, labels as {train.coding}.")


class Head(NamedTuple):
    """The last layer of a model and its loss, as far as they are of a usual kind."""

    units: int  # outputs of the model
    activation: str  # the name of its last one, such as "softmax"; empty where it isn't known
    loss: str | None  # BINARY, COLUMNS or NUMBERS
    logits: bool | None  # whether the loss takes logits; None without such a loss


def _activation(model: Any) -> str:
    last = _last_step(model)
    name = type(last).__name__
    if name in ("Softmax", "Sigmoid"):  # layers and operations, such as keras.ops.softmax
        return name.lower()
    return getattr(getattr(last, "activation", None), "__name__", "")


def _last_step(model: Any) -> Any:
    """The last layer or operation of a model, inside a nested one, too."""
    while getattr(model, "layers", None):
        outputs = None if is_a(model, "keras.Sequential") else getattr(model, "outputs", None)
        # No public name tells what an output comes from.
        history = getattr(outputs[0], "_keras_history", None) if outputs else None
        model = model.layers[-1] if history is None else history.operation
    return model


def _loss(loss: Any) -> tuple[str | None, bool | None]:
    """A loss that is given by name, as a function or as an object, and whether it takes logits."""
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    kind = LOSSES.get(name.lower().replace("_", ""))
    logits = getattr(loss, "from_logits", getattr(loss, "_fn_kwargs", {}).get("from_logits", False))
    return kind, bool(logits) if kind else None


def _outputs(own: Head) -> list[Fault]:
    """What is wrong whatever the labels are."""
    if own.units == 1 and own.activation == "softmax":
        how = "the model ends with a softmax of one output, which is 1 whatever the image"
        return [
            Fault(
                "the model answers 1 for every image",
                how,
                'For two classes take activation="sigmoid", for more one output each.',
            )
        ]
    if own.logits and own.activation in ("softmax", "sigmoid"):
        how = f"the model ends with {own.activation}, and the loss applies it again (from_logits=True)"
        return [Fault("the loss takes probabilities for logits", how, "Take from_logits=False, or no activation.")]
    if own.logits is False and own.activation == "linear":
        how = "the model ends without an activation, and the loss expects probabilities"
        change = "Take from_logits=True in the loss, or an activation."
        return [Fault("the loss takes logits for probabilities", how, change)]
    return []


def _of_columns(own: Head, train: Reading) -> list[Fault]:
    columns = len(train.names)
    if columns != own.units:
        how = f"the model has {own.units} output{'s' * (own.units != 1)}, and labels have {columns} columns"
        return [Fault("labels and outputs differ in number", how, "Give the model an output for each class.")]
    if own.loss == NUMBERS:
        how = f"{NUMBERS} expects one number a label"
        return [Fault("the loss wants class numbers, and labels are columns", how, f"Take {COLUMNS}.")]
    return []


def _of_numbers(own: Head, train: Reading) -> list[Fault]:
    if train.coding == WORD:
        return [Fault("labels are words", f"classes such as {train.names[0]!r}", "Number the classes from 0.")]
    low, high, units = min(train.names), max(train.names), own.units
    if own.units == 1:
        binary = own.loss == BINARY or own.activation == "sigmoid" and own.loss is None
        if binary and (low < 0 or high > 1):
            how = f"labels go from {low:g} to {high:g}, and the model has one output for 0 and 1"
            change = "Number two classes 0 and 1, or give each class an output."
            return [Fault("labels are no 0 and 1, and the model has one output", how, change)]
        return []
    if own.loss in (COLUMNS, BINARY):
        how = f"{own.loss} expects a column for each output"
        change = f"Take {NUMBERS}, or keras.utils.to_categorical of the labels."
        return [Fault("the loss wants columns, and labels are class numbers", how, change)]
    if own.activation in ("softmax", "linear") and (low < 0 or high >= units) and own.loss == NUMBERS:
        how = f"labels go from {low:g} to {high:g}, and the model has outputs 0 to {units - 1}"
        change = "Number the classes from 0, and give each an output."
        return [Fault("labels go beyond the model's outputs", how, change)]
    return []
