"""AUG09: does augmentation make a trained model fail, or is validation labelled otherwise?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from augcheck.context import Context
from augcheck.reading.epochs import Reading
from augcheck.reading.labels import COLUMN
from augcheck.result import (
    CANT_TELL,
    FOUND,
    NO_AUGMENTATION,
    NO_LABELS,
    NO_MODEL,
    NO_ROW,
    NO_VALIDATION,
    NOT_FOUND,
    WASTEFUL,
    Finding,
)

AFFINITY = 0.8  # between the series' mild policy (0.91), which helped, and its wide one (0.68)
# Right less often than if the same answers were dealt out at random, and in training more often: in standard errors,
# and in accuracy. Four errors come by chance in 1 of 30,000 check-ups.
SURE, BELOW = 4.0, 0.05

NUMBERS_SEEN, FEWEST, TOGETHER = 2**24, 64, 32  # a backbone takes a minute for 512 photographs, or 2 GB at once

NEEDS = "It takes a trained model, augmentation and labelled validation images."


def policy(context: Context) -> Finding:
    """A trained model fails on augmented images, or is right less often than by chance.

    What it does:
        Takes the affinity of Gontijo-Lopes and others (2021): a trained model's accuracy on augmented, over that on
        clean validation images. Below {AFFINITY} by two standard errors is found: of two policies of the series, a mild
        one of 0.91 helped and a wide one of 0.68 did not. And it finds an accuracy on validation below chance, by
        {BELOW:.0%} and {SURE:g} standard errors, while that in training is above.

    Why it matters:
        A policy that is too strong shows images that the task never asks for. Below chance means that both sets number
        their classes differently.

    What instead:
        Narrow the ranges, or leave a share of the images unchanged. Number the classes alike.

    Example wrong:
        def make():
            strong = layers.RandomTranslation(0.6, 0.6)
            return {"train": train, "validation": validation, "augment": strong, "model": trained(*train)}

    Example right:
        def make():
            mild = layers.RandomBrightness(0.02, value_range=(0, 1))
            return {"train": train, "validation": validation, "augment": mild, "model": trained(*train)}

    What it can't tell:
        Anything without model= (trained), augmentation, and validation images with labels. A strong policy may help,
        and a weak one may be useless: a low affinity is a reason to look, not a verdict.
    """
    train, validation, answers = context.train, context.validation, context.answers
    if answers is None:
        return Finding(CANT_TELL, "", NEEDS, "Give model=.", reason=NO_MODEL)
    if validation is None:
        return Finding(CANT_TELL, "", NEEDS, "Give validation=.", reason=NO_VALIDATION.reason)
    if validation.classes is None or train.classes is None:
        return Finding(CANT_TELL, "", NEEDS, reason=NO_LABELS)
    if len(validation.names) < 2:
        return Finding(CANT_TELL, "", NEEDS, reason="validation has one class")
    if train.images.shape[1:] != validation.images.shape[1:]:
        return Finding(
            CANT_TELL,
            "",
            "Training and validation have images of different shapes.",
            reason="images of different shapes",
        )
    n = max(FEWEST, NUMBERS_SEEN // validation.images[0].size)
    images, truth = validation.images[:n], _class_numbers(validation)[:n]
    answered = _answers(answers, context.unaugmented(images))
    if answered is None:
        return Finding(CANT_TELL, "", NO_ROW[0].upper() + NO_ROW[1:] + ".", reason=NO_ROW)
    clean, expected, error = _score(answered, truth)
    if clean.mean() < expected - max(BELOW, SURE * error):
        shown, by_chance, its_error = _score_in_training(context, answers, n)
        if shown > by_chance + max(BELOW, SURE * its_error):
            how = (
                f"On validation the model is right on ≈ {clean.mean():.0%}, less than its answers would be by chance "
                f"(≈ {expected:.0%}), and in training on ≈ {shown:.0%}."
            )
            change = "Look whether both sets number their classes alike."
            return Finding(FOUND, "the model is worse than guessing on validation", how, change)
    if context.tried is None:
        return Finding(CANT_TELL, "", NEEDS, "Give augment=.", reason=NO_AUGMENTATION)
    chance = np.max(np.bincount(truth)) / len(truth)
    if clean.mean() < chance + 2 * np.sqrt(chance * (1 - chance) / len(truth)):
        how = f"The model, right on ≈ {clean.mean():.0%}, isn't better than chance."
        return Finding(CANT_TELL, "", how, reason="the model isn't trained, or no better than chance")
    return _affinity(clean, np.equal(_answers(answers, context.augmented(images)), truth))


def _affinity(clean: np.ndarray, augmented: np.ndarray) -> Finding:
    """The finding of which answers are right to clean images, and to the same images augmented."""
    affinity = augmented.mean() / clean.mean()
    error = np.std(augmented - affinity * clean) / np.sqrt(len(clean)) / clean.mean()
    how = (
        f"The model is right on ≈ {clean.mean():.0%} of the validation images, and on ≈ {augmented.mean():.0%} of them "
        f"augmented. That keeps ≈ {affinity:.0%}; at least {AFFINITY:.0%} is expected, a rule of thumb."
    )
    if affinity + 2 * error < AFFINITY:
        change = "Make smaller changes, or leave some images unchanged."
        return Finding(FOUND, "augmentation is too strong", how, change, severity=WASTEFUL)
    if affinity - 2 * error > AFFINITY:
        return Finding(NOT_FOUND, "", how)
    return Finding(CANT_TELL, "", how, reason="too near to the limit to say")


def _score_in_training(context: Context, answers: Callable[..., Any], n: int) -> tuple[float, float, float]:
    """The accuracy on training images, that by chance, and its standard error."""
    train = context.train
    answered = _answers(answers, context.unaugmented(train.images[:n]))
    assert answered is not None
    right, by_chance, error = _score(answered, _class_numbers(train)[:n])
    return float(right.mean()), by_chance, error


def _answers(answers: Callable[..., Any], images: np.ndarray) -> np.ndarray | None:
    """The class that a model takes each image for; None where it gives something else than a row of numbers."""
    parts = [images[i : i + TOGETHER] for i in range(0, len(images), TOGETHER)]
    out = np.concatenate([answers(part) for part in parts])
    if out.ndim != 2:
        return None
    middle = 0.5 if out.min() >= 0 and out.max() <= 1 else 0  # a probability, or else a logit
    return out.argmax(1) if out.shape[1] > 1 else (out[:, 0] > middle).astype(int)


def _class_numbers(part: Reading) -> np.ndarray:
    """What the model should answer: the labels themselves where they are numbers from 0, as fit takes them."""
    classes = (part.classes or [np.zeros(0, int)])[0][list(part.kept)]
    if part.coding == COLUMN and not part.soft and all(float(name).is_integer() and name >= 0 for name in part.names):
        return np.array([int(part.names[i]) for i in classes])
    return classes


def _score(answers: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Which answers are right, how many would be if they were dealt out at random, and its standard error."""
    classes = max(answers.max(), truth.max()) + 1
    given, true = (np.bincount(part, minlength=classes) / len(truth) for part in (answers, truth))
    expected = float((given * true).sum())
    return answers == truth, expected, float(np.sqrt(max(expected * (1 - expected), 1e-9) / len(truth)))
