"""Checks of the exercises: whether an answer is right, and if not, which mistake it shows.

An answer that shows none of the mistakes that are named here is held against the right one.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

# Of an answer, and settings of its lesson: what is wrong with it, or None.
Check = Callable[..., str | None]
STILL_TO_COME = "still to come."


def number(
    low: float,
    high: float,
    below: str,
    above: str = "",
    slips: Mapping[float, str] | None = None,
) -> Check:
    """A check of a finite number in [low, high].

    Args:
        below, above: what a smaller or a larger one shows; above may be left out where it is the same.
        slips: what certain numbers show, and others within half a per cent.
    """

    def mistake(answer: object) -> str | None:
        if isinstance(answer, bool) or not isinstance(answer, Real):
            return f"found {type(answer).__name__}, expected a number."
        if not abs(answer) < 1e300:
            return "expected a finite number."
        for slip, hint in (slips or {}).items():
            if math.isclose(answer, slip, rel_tol=0.005):
                return hint
        if low <= answer <= high:
            return None
        return above if above and answer > high else below

    return mistake


def choice(right: str, **hints: str | None) -> Check:
    """A check of a word: right, or one of the keywords, each with what is wrong with it; None: it is right, too."""

    def mistake(answer: object) -> str | None:
        words = {word.lower(): word for word in sorted({right, *hints})}
        word = str(answer).strip().lower()
        if word not in words:
            expected = ", ".join(words.values())
            return f"found {str(answer).splitlines()[0][:60]!r}, expected one of: {expected}."
        return hints.get(words[word])

    return mistake


def _call(function: object, name: str, *arguments: object) -> tuple[object, str | None]:
    """What the reader's function returns, or what is wrong with it; what it raises is shown."""
    if not callable(function):
        return None, f"found {type(function).__name__}, expected the function {name}."
    try:
        returned = function(*arguments)
    except Exception as error:  # whatever the reader's code raises
        return None, _raised(name, error)
    if returned is None or returned is ...:
        return returned, STILL_TO_COME
    return returned, None


def _raised(name: str, error: Exception) -> str:
    kind = type(error).__name__
    first_line = next(iter(str(error).splitlines()), "").rstrip(".")
    if not first_line:
        return f"{name} raises {kind}."
    return f"{name} raises {kind}: {first_line}."


def _results(
    function: object, name: str, inputs: Iterable, size: int = 1
) -> tuple[np.ndarray, str | None]:
    """The number, or several, that the reader's function returns for each of the inputs, or what is wrong with it."""
    results = []
    for arguments in inputs:
        returned, wrong = _call(function, name, *arguments)
        if wrong:
            return np.array([]), wrong
        try:  # adding refuses the text of a number
            results.append(np.asarray(np.add(returned, 0.0), float).reshape(size))
        except (TypeError, ValueError, OverflowError):
            numbers = "a number" if size == 1 else f"{size} numbers"
            found = type(returned).__name__
            return np.array([]), f"{name} returns {found}, expected {numbers}."
    return np.squeeze(results), None


def _hint(
    results: np.ndarray, ways: Mapping[str | None, Any], otherwise: str
) -> str | None:
    """The hint of the way that has these results; the right way has None."""
    for hint, values in ways.items():
        if np.allclose(results, values):
            return hint
    return otherwise


def _four_copies(answer: object, n: int, epochs: int) -> str | None:
    """updates: the epochs in which four copies make as many updates as one copy of n images in epochs."""
    wanted = epochs * n // 32
    updates = answer * 4 * n // 32 if isinstance(answer, Real) else 0
    other = f"that makes {updates:,} updates, expected {wanted:,}."
    slip = f"that is right for {n} images an epoch; how many are four copies of them?"
    return number(epochs // 4, epochs // 4, other, slips={epochs: slip})(answer)


def _changed_garments(answer: object, new_x: np.ndarray) -> str | None:
    """changed_garments: the new garments, each changed by itself, in their order."""
    try:
        images = np.asarray(answer, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        return f"found {type(answer).__name__}, expected images."
    if images.shape != new_x.shape:
        return f"found shape {images.shape}, expected {new_x.shape}, all new garments."
    apart = _apart(images, new_x)
    flipped = _apart(images, new_x[:, :, ::-1])
    nearest = np.minimum(apart, flipped)
    if np.mean(nearest == 0) > 0.1:
        return "many are as they were, or only flipped; call `augment` yourself."
    neighbours = np.roll(new_x, 1, axis=0)
    if np.mean(nearest < _apart(images, neighbours)) < 0.9:
        return "these are not the new garments in their order, so the labels don't fit."
    return None


def _apart(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far each image is from its other, the mean over its pixels."""
    return np.abs(images - others).mean(axis=(1, 2, 3))


def _no_siblings(answer: object) -> str | None:
    """siblings: an order (64, 32) of 2,048 copies that are stored side by side."""
    shape = answer.shape if isinstance(answer, np.ndarray) else type(answer).__name__
    if shape != (64, 32):
        return f"found {shape}, expected an array of shape (64, 32)."
    if set(answer.flat) != set(range(64 * 32)):
        return "one pass over the copies shows each of the numbers 0 to 2047 once; this one does not."
    sources = answer // 16
    same = sources[:, :, None] == sources[:, None]
    pairs = (same.sum() - sources.size) / 2  # but for each with itself, and once
    if pairs:
        mean = pairs / len(sources)
        return f"a batch holds {mean:.1f} sibling pairs on average, expected none."
    return None


def _over_confidence(answer: object) -> str | None:
    """over_confidence: mean confidence of the answers minus their accuracy."""
    rng = np.random.default_rng(3)
    p = rng.random((8, 4))  # a row a network
    labels = rng.integers(0, 2, (8, 4))
    p[0] = [0.9, 0.8, 0.3, 0.2]
    labels[0] = [1, 0, 0, 1]
    results, wrong = _results(answer, "over_confidence", zip(p, labels, strict=True))
    if wrong:
        return wrong
    confidence = np.maximum(p, 1 - p).mean(1)
    accuracy = ((p > 0.5) == labels).mean(1)
    of_truth = np.where(labels == 1, p, 1 - p).mean(1)
    of_coats = "p is the probability of a coat; how sure is a pullover with p = 0.1?"
    cheating = "that is the probability of the true class; the network does not know the truth."
    ways = {
        None: confidence - accuracy,
        of_coats: p.mean(1) - accuracy,
        cheating: of_truth - accuracy,
    }
    other = (
        f"found {results[0]:.3g} for {p[0]} and {labels[0]}, "
        "where confidence is 0.8 and accuracy 0.5."
    )
    return _hint(results, ways, other)


def _paired_ends(answer: object) -> str | None:
    """Both ends of the paired 95 % interval of first - second, for any number of replicates."""
    rng = np.random.default_rng(2)
    groups = [rng.random((2, count)) for count in (5, 8, 20)]
    intervals, wrong = _results(answer, "interval", groups, size=2)
    if wrong:
        return wrong
    right = [stats.ttest_rel(*group).confidence_interval() for group in groups]
    unpaired = [
        stats.ttest_ind(*group, equal_var=False).confidence_interval()
        for group in groups
    ]
    two_groups = (
        "that compares two groups; take the differences within the pairs first."
    )
    low, high = right[0]
    other = f"for five pairs expected {low:.3f} to {high:.3f}: look at t, and at ddof."
    return _hint(intervals, {None: right, two_groups: unpaired}, other)


def _same_share(answer: object) -> str | None:
    """A method that shows the original of each image in every fifth epoch, and else new versions."""
    ids = np.arange(40)
    inputs = [(epoch, ids) for epoch in range(20)]
    shown, wrong = _results(answer, "partner", inputs, size=40)
    if wrong:
        return wrong
    if not (shown == -1).any():
        return "that never shows an original, and the store does in one epoch of five."
    for versions in shown.T:
        changed = versions[versions >= 0]
        if len(set(changed)) < len(changed):
            return (
                "a version comes again, as in a store; live shows a new one each time."
            )
    if (np.sum(shown == -1, axis=0) != 4).any():
        return "in twenty epochs each original should come four times."
    return None


def _above_live(answer: object) -> str | None:
    """Loss of originals + 4 minus that of live with the same share of originals."""
    names = ["copies-4", "originals+4", "live", "live-1/2", "live-4/5"]
    table = pd.DataFrame(np.random.default_rng(0).random((5, 5)), columns=names)
    gaps, wrong = _results(answer, "above_live", [(table, 4)], size=5)
    if wrong:
        return wrong
    no_originals = "these are copies only; the originals are missing."
    plain_live = "plain live shows no originals, but originals + 4 copies do."
    ways = {
        None: table["originals+4"] - table["live-4/5"],
        no_originals: table["copies-4"] - table["live-4/5"],
        plain_live: table["originals+4"] - table["live"],
    }
    return _hint(gaps, ways, "expected originals + k minus live-4/5 for k = 4.")


def _groups(answer: object) -> str | None:
    """A function of a path that returns the same for files of one plant, and another value for each other plant."""
    plants = {
        "leaf1_3.jpg": 1,
        "leaf1_12.jpg": 1,
        "leaf12_1.jpg": 12,
        "leaf7_2.jpg": 7,
        "leaf7_2 (1).jpg": 7,
    }
    found = {}
    for name in plants:
        group, wrong = _call(answer, "group_of", Path("leaves") / name)
        if wrong:
            return wrong
        found[name] = str(group)
    for one, other in itertools.combinations(plants, 2):
        if found[one] == found[other] and plants[one] != plants[other]:
            return f"{one} and {other} are of two plants, and get the same group."
        if found[one] != found[other] and plants[one] == plants[other]:
            return f"{one} and {other} are of one plant, and get two groups."
    return None


def _fine_tuning(answer: object) -> str | None:
    """A word for hands and one for CIFAR-10."""
    right = {
        "hands": choice(
            "better",
            equivalent="the mean is far beyond the margin.",
            worse="is live above or below no augmentation?",
            undecided="pair the runs first, and subtract within pairs.",
        ),
        "CIFAR-10": choice(
            "undecided",
            better="does the interval leave out zero?",
            equivalent="does the whole interval lie within the margin?",
            worse="is live above or below no augmentation?",
        ),
    }
    if not isinstance(answer, Mapping) or set(answer) != set(right):
        return f"found {type(answer).__name__}, expected a word each for hands and CIFAR-10."
    if None in answer.values():
        return STILL_TO_COME
    for images, mistake in right.items():
        wrong = mistake(answer[images])
        if wrong:
            return f"{images}: {wrong}"
    return None


def three_pipelines(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Three data sets with a random flip; two have a mistake.

    Args:
        x, y: 128 images and their labels.
    """
    import keras
    import tensorflow as tf

    flip = keras.layers.RandomFlip("horizontal", seed=0)
    slices = tf.data.Dataset.from_tensor_slices
    rows = np.argsort(y, kind="stable")
    apart = slices(x).shuffle(128, seed=1), slices(y).shuffle(128, seed=2)
    data = {
        "P": slices((x, y)).shuffle(128, seed=1),
        "Q": slices((x[rows], y[rows])).shuffle(16, seed=1),
        "R": tf.data.Dataset.zip(apart),
    }

    def flipped(images: Any, labels: Any) -> tuple[Any, Any]:
        return flip(images, training=True), labels

    return {name: each.batch(32).map(flipped) for name, each in data.items()}


def _split(answer: object) -> str | None:
    """Sixteen copies in training, validation as it is, and no source on both sides."""
    greys = np.linspace(0.1, 0.9, 40, dtype=np.float32)  # tell the source
    x = np.tile(greys[:, None, None, None], (1, 28, 28, 1))
    x[:, 9:19, 9:14] += 0.009  # a mark, so that a copy differs from its source
    y = np.arange(40) % 2
    returned, wrong = _call(answer, "split", x, y)
    if wrong:
        return wrong
    try:
        (x_train, y_train), (x_val, y_val) = returned
        x_train = np.asarray(x_train)
        x_val = np.asarray(x_val)
        # Most of a copy is as grey as its source, whatever comes in from outside.
        train = np.abs(np.median(x_train, axis=(1, 2)) - greys).argmin(1)
        val = np.abs(np.median(x_val, axis=(1, 2)) - greys).argmin(1)
        labelled = np.array_equal(y_train, y[train]) and np.array_equal(y_val, y[val])
    except (TypeError, ValueError, IndexError):
        return "expected that split returns (x_train, y_train), (x_val, y_val)."
    shared = len(set(train) & set(val))
    if shared:
        return f"{shared} of 40 sources are on both sides."
    if not labelled:
        return "some images have lost their labels on the way."
    if not np.array_equal(x_val, x[val]) or len(val) != len(set(val)):
        return "a validation image is augmented, or comes twice."
    if set(np.bincount(train, minlength=40)) != {0, 16} or len(val) != 8:
        return "expected sixteen copies of 32 sources, and 8 sources for validation."
    return None


CHECKS: dict[str, Check] = {
    "updates": _four_copies,
    "changed_garments": _changed_garments,
    "seen_before": number(
        12 * 512,
        12 * 512,
        "which epochs show nothing new, and how many images does an epoch show?",
        slips={
            12: "those are epochs; how many images does each of them show?",
            4 * 512: "those are the last four epochs; epochs 9 to 16 repeat, too.",
        },
    ),
    "siblings": _no_siblings,
    "stopping": number(
        5.3,  # 5.39
        5.5,
        "take each run at its own lowest loss, then the mean of a method; in points, no augmentation minus one copy.",
        slips={
            5.57: "that is the gap at the end; take each run where its loss is lowest.",
            -5.39: "that is one copy minus no augmentation.",
        },
    ),
    "over_confidence": _over_confidence,
    "pipelines": choice(
        "P",
        Q="look at the labels of its first batches, and of another epoch's.",
        R="follow one image and its label through two epochs.",
    ),
    "split": _split,
    "same_share": _same_share,
    "interval": _paired_ends,
    "coats_changed": number(
        90,  # 97 to 98 with other garments and weights
        100,
        "so few? Coats come changed and pullovers as they are in training, and the test has changed pullovers.",
        "expected how many of a hundred.",
        slips={
            0.97: "that is a share; how many of a hundred is it?",
            12: "those are pullovers as they are; change them first.",
        },
    ),
    "above_live": _above_live,
    "groups": _groups,
    "fine_tuning": _fine_tuning,
    "sharpness": number(
        57,  # 56 pixels leave 0.78, and 112 leave 0.91
        112,
        "less than nine tenths is left there: divide the layers' sharpness by that of RandomAffine.",
        "nine tenths are left there, but is it the first of the sizes at which they are?",
    ),
}

WHY = {  # what makes an answer right
    "updates": "Four copies make an epoch four times as long, so a quarter of the epochs makes as many updates.",
    "changed_garments": "Each garment is changed by itself, and still has its label.",
    "seen_before": "The first 8 epochs show nothing twice, the other 12 show 512 known images each.",
    "siblings": "Copy after copy, a batch takes 32 different garments: these are sixteen copies in turn.",
    "stopping": "Stopping early saves one copy from over-confidence, and not from its mistakes.",
    "over_confidence": "A calibrated network gets zero, and one that is surer than it is right a positive number.",
    "pipelines": "Its labels stay with their images and its images change from epoch to epoch.",
    "split": "The sources are dealt out before anything is augmented, so no copy of a validation image is in training.",
    "same_share": "Both methods show an original one time in five, so what is left is whether versions come again.",
    "interval": "What a pair shares goes with the difference, so only the scatter of the differences is left.",
    "coats_changed": "In training only coats were changed, so it learnt that what is changed is a coat.",
    "above_live": "Both methods show the same share of originals, so what is left is the repetition.",
    "groups": "The plant's number ends at the line, and what comes after it is of one plant.",
    "fine_tuning": "On hands the interval lies above zero. On CIFAR-10 it holds zero, and reaches beyond the margin.",
    "sharpness": "The blur is about a pixel wide at any size, so in a larger image it takes less of the object.",
}


def check(name: str, answer: object = None, **settings: object) -> None:
    """Print whether answer is right for exercise name ("siblings") and why, or which mistake it shows.

    Args:
        answer: None and ... stand for one that is still to come.
        settings: those of the lesson, where the answer follows from them.

    Raises:
        ValueError: there is no such exercise.
    """
    if name not in CHECKS:
        known = ", ".join(sorted(CHECKS))
        raise ValueError(f"Unknown exercise {name!r}; expected one of {known}.")
    if answer is None or answer is ...:
        wrong: str | None = STILL_TO_COME
    else:
        wrong = CHECKS[name](answer, **settings)
    print(f"{name}: {wrong or 'right. ' + WHY[name]}")
