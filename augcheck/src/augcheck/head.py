"""What a model makes of images: whether its head and loss fit the labels, and what it gets right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from augcheck.frameworks import is_a
from augcheck.labels import COLUMN, WORD
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding, joined

AFFINITY = 0.8  # between the series' mild policy (0.91), which helped, and its wide one (0.68)
# Right less often than if the same answers were dealt out at random, and in training more often: in standard errors,
# and in accuracy. Four errors come by chance in 1 of 30,000 check-ups.
SURE, BELOW = 4.0, 0.05

NUMBERS_SEEN, FEWEST, TOGETHER = 2**24, 64, 32  # a backbone takes a minute for 512 photographs, or 2 GB at once

BINARY, COLUMNS, NUMBERS = "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"
LOSSES = {"bce": BINARY, BINARY: BINARY, "cce": COLUMNS, COLUMNS: COLUMNS, NUMBERS: NUMBERS}
CLASSES = {"BinaryCrossentropy": BINARY, "CategoricalCrossentropy": COLUMNS, "SparseCategoricalCrossentropy": NUMBERS}

Found = tuple[str, str, str]  # a value, how it is known, and what to change


class Head:
    """The last layer of a model and its loss, as far as they are of a usual kind.

    Attributes:
        units: outputs of the model; None if it is no matrix.
        activation: the name of its last one, such as "softmax".
        loss: one of BINARY, COLUMNS, NUMBERS, or None.
        logits: whether the loss takes logits; None without such a loss.
    """

    def __init__(self, model: Any) -> None:
        shape = getattr(model, "output_shape", None)
        self.units = shape[1] if isinstance(shape, tuple) and len(shape) == 2 else None
        self.activation = _activation(model)
        self.loss, self.logits = _loss(getattr(model, "loss", None))


def _activation(model: Any) -> str:
    layer = model
    while getattr(layer, "layers", None):
        layer = layer.layers[-1]
    if is_a(layer, "keras.layers.Softmax"):
        return "softmax"
    return getattr(getattr(layer, "activation", None), "__name__", "")


def _loss(loss: Any) -> tuple[str | None, bool | None]:
    if isinstance(loss, str):
        kind = LOSSES.get(loss.lower()) or CLASSES.get(loss)
        return kind, False if kind else None
    if is_a(loss, "keras.losses.Loss"):
        kind = CLASSES.get(type(loss).__name__)
        logits = getattr(loss, "from_logits", getattr(loss, "_fn_kwargs", {}).get("from_logits", False))
        return kind, bool(logits) if kind else None
    kind = LOSSES.get(getattr(loss, "__name__", ""))
    return kind, False if kind else None


def head(a: Reading, model: Any) -> Finding:
    """Whether the labels of training fit the model's outputs and its loss."""
    if model is None or a.classes is None:
        return Finding(CANT_TELL, "", "It takes a model, and labels." if a.classes is None else "Give model=.")
    own = Head(model)
    if own.units is None:
        return Finding(CANT_TELL, "", "The model gives something else than one row of numbers for an image.")
    found = [*_outputs(own), *(_of_columns(own, a) if a.coding.endswith("columns") else _of_numbers(own, a))]
    if found:
        return joined(found)
    loss = own.loss or "no loss that is known here"
    outputs = f"{own.units} output{'s' * (own.units > 1)} ({own.activation or 'no activation'})"
    how = f"{outputs}, {loss}, labels as {a.coding}."
    return Finding(NOT_FOUND, "", how)


def _outputs(own: Head) -> list[Found]:
    """What is wrong whatever the labels are."""
    if own.units == 1 and own.activation == "softmax":
        return [("softmax of one output", "it is 1 for every image", 'Take activation="sigmoid".')]
    if own.logits and own.activation in ("softmax", "sigmoid"):
        how = f"the model ends with {own.activation}, and the loss applies it again (from_logits=True)"
        return [("probabilities read as logits", how, "Take from_logits=False, or no activation.")]
    if own.logits is False and own.activation == "linear":
        how = "the model ends without an activation, and the loss expects probabilities"
        return [("logits read as probabilities", how, "Take from_logits=True in the loss, or an activation.")]
    return []


def _of_columns(own: Head, a: Reading) -> list[Found]:
    columns = len(a.names)
    if columns != own.units:
        how = f"the model has {own.units} output{'s' * (own.units != 1)}, and labels have {columns} columns"
        return [("columns against outputs", how, "Give the model an output for each class.")]
    if own.loss == NUMBERS:
        return [("columns against class numbers", f"{NUMBERS} expects one number a label", f"Take {COLUMNS}.")]
    return []


def _of_numbers(own: Head, a: Reading) -> list[Found]:
    if a.coding == WORD:
        return [("words as labels", f"classes such as {a.names[0]!r}", "Number the classes from 0.")]
    low, high, units = min(a.names), max(a.names), own.units or 0
    if own.units == 1:
        binary = own.loss == BINARY or own.activation == "sigmoid" and own.loss is None
        if binary and (low < 0 or high > 1):
            how = f"labels go from {low:g} to {high:g}, and the model has one output for 0 and 1"
            return [("labels against one output", how, "Number two classes 0 and 1, or give each class an output.")]
        return []
    if own.loss in (COLUMNS, BINARY):
        change = f"Take {NUMBERS}, or keras.utils.to_categorical of the labels."
        return [("class numbers against columns", f"{own.loss} expects a column for each output", change)]
    if own.activation in ("softmax", "linear") and (low < 0 or high >= units) and own.loss == NUMBERS:
        how = f"labels go from {low:g} to {high:g}, and the model has outputs 0 to {units - 1}"
        return [("labels beyond the outputs", how, "Number the classes from 0, and give each an output.")]
    return []


def policy(a: Reading, b: Reading | None, finish: Callable | None, move: Callable | None, still: Callable) -> Finding:
    """Whether augmentation makes a trained model fail on validation images, or validation is labelled otherwise.

    Args:
        finish: from images that were moved or still to the outputs of the model; None without a model.
        move, still: from images to images with and without augmentation; move is None if there is none.
    """
    if finish is None or b is None or b.classes is None or a.classes is None or len(b.names) < 2:
        return Finding(CANT_TELL, "", "It takes a trained model, augmentation and labelled validation images.")
    n = max(FEWEST, NUMBERS_SEEN // b.images[0].size)
    images, truth = b.images[:n], _class_numbers(b)[:n]
    answers = _answers(finish, still(images))
    clean, expected, error = _score(answers, truth)
    if clean.mean() < expected - max(BELOW, SURE * error):
        shown, by_chance, its_error = _score(_answers(finish, still(a.images[:n])), _class_numbers(a)[:n])
        if shown.mean() > by_chance + max(BELOW, SURE * its_error):
            how = (
                f"On validation the model is right on ≈ {clean.mean():.0%}, less than its answers would be by chance "
                f"(≈ {expected:.0%}), and in training on ≈ {shown.mean():.0%}."
            )
            return Finding(FOUND, "below chance", how, "Look whether both sets number their classes alike.")
    if move is None:
        return Finding(CANT_TELL, "", "It takes a trained model, augmentation and labelled validation images.")
    chance = np.max(np.bincount(truth)) / len(truth)
    if clean.mean() < chance + 2 * np.sqrt(chance * (1 - chance) / len(truth)):
        return Finding(CANT_TELL, "", f"The model, right on ≈ {clean.mean():.0%}, isn't better than chance.")
    augmented = _answers(finish, move(images)) == truth
    affinity = augmented.mean() / clean.mean()
    error = np.std(augmented - affinity * clean) / np.sqrt(len(truth)) / clean.mean()
    how = f"Affinity, accuracy on augmented by clean validation images, is ≈ {affinity:.2f}; limit {AFFINITY}"
    if affinity + 2 * error < AFFINITY:
        return Finding(FOUND, "too strong", how, "Narrow the ranges, or leave a share of the images clean.")
    return Finding(NOT_FOUND if affinity - 2 * error > AFFINITY else CANT_TELL, "", how)


def _answers(finish: Callable, images: np.ndarray) -> np.ndarray:
    """The class that a model takes each image for."""
    parts = [images[i : i + TOGETHER] for i in range(0, len(images), TOGETHER)]
    out = np.concatenate([np.asarray(finish(part, training=False)) for part in parts])
    middle = 0.5 if out.min() >= 0 and out.max() <= 1 else 0  # a probability, or else a logit
    return out.argmax(1) if out.shape[1] > 1 else (out[:, 0] > middle).astype(int)


def _class_numbers(part: Reading) -> np.ndarray:
    """What the model should answer: the labels themselves where they are numbers from 0, as fit takes them."""
    classes = (part.classes or [np.zeros(0, int)])[0][list(part.places)]
    if part.coding == COLUMN and not part.soft and all(float(name).is_integer() and name >= 0 for name in part.names):
        return np.array([int(part.names[i]) for i in classes])
    return classes


def _score(answers: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Which answers are right, how many would be if they were dealt out at random, and its standard error."""
    classes = max(answers.max(), truth.max()) + 1
    given, true = (np.bincount(part, minlength=classes) / len(truth) for part in (answers, truth))
    expected = float((given * true).sum())
    return answers == truth, expected, float(np.sqrt(max(expected * (1 - expected), 1e-9) / len(truth)))
