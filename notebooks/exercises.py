"""Checks of the exercises: whether an answer is right, and if not, which mistake it shows.

An answer that shows none of the mistakes that are named here is held against the right one.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from numbers import Real
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
    """01.1: the epochs in which four copies make as many updates as one copy of n images in epochs."""
    wanted = epochs * n // 32
    updates = answer * 4 * n // 32 if isinstance(answer, Real) else 0
    other = f"that makes {updates:,} updates, expected {wanted:,}."
    slip = f"that is right for {n} images an epoch; how many are four copies of them?"
    return number(epochs // 4, epochs // 4, other, slips={epochs: slip})(answer)


def _changed_garments(answer: object, new_x: np.ndarray) -> str | None:
    """01.2: the new garments, each changed by itself, in their order."""
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
    """02.2: an order (64, 32) of 2,048 copies that are stored side by side."""
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
    """03.2: mean confidence of the answers minus their accuracy."""
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
    """04.2: both ends of the paired 95 % interval of first - second, for any number of replicates."""
    rng = np.random.default_rng(2)
    groups = []
    for count in (5, 8, 20):
        shared = rng.normal(0.5, 0.1, count)
        first = shared + rng.normal(0.03, 0.02, count)
        second = shared + rng.normal(0, 0.02, count)
        groups.append((first, second))
    intervals, wrong = _results(answer, "interval", groups, size=2)
    if wrong:
        return wrong
    tests = [stats.ttest_rel(*group) for group in groups]
    right = [test.confidence_interval() for test in tests]
    two_groups = (
        "that compares two groups; take the differences within the pairs first."
    )
    very_many = "1.96 is right for very many replicates; few need Student's t."
    unpaired = [stats.ttest_ind(*group, equal_var=False) for group in groups]
    normal = []
    for first, second in groups:
        d = first - second
        half = 1.96 * stats.sem(d)
        normal.append((d.mean() - half, d.mean() + half))
    ways = {
        None: right,
        two_groups: [test.confidence_interval() for test in unpaired],
        very_many: normal,
    }
    found, expected = (
        f"{low:.3f} to {high:.3f}" for low, high in (intervals[0], right[0])
    )
    other = f"found {found} for five pairs, expected {expected}."
    return _hint(intervals, ways, other)


def _above_live(answer: object) -> str | None:
    """06.2: originals + k minus live of the same clean share."""
    names = ["copies-4", "originals+4", "live", "live-1/5", "live-3/4", "live-4/5"]
    losses = np.random.default_rng(0).random((5, 6))
    loss = pd.DataFrame(losses, columns=pd.Index(names, name="method"))
    runs = loss.rename_axis("replicate").stack().reset_index(name="val_loss")
    gaps, wrong = _results(answer, "above_live", [(runs, 4)], size=5)
    if wrong:
        return wrong
    no_originals = "these are copies only; the originals are missing."
    plain_live = "plain live shows no originals, but originals + 4 copies do."
    hints = {
        ("originals+4", "live-4/5"): None,
        ("copies-4", "live-4/5"): no_originals,
        ("originals+4", "live"): plain_live,
    }
    for (first, second), hint in hints.items():
        if np.allclose(gaps, loss[first] - loss[second]):
            return hint
    return "that is another difference, or another order; expected originals + k minus live, by replicate."


def three_pipelines(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """07.1: three data sets with a random flip; two have a mistake.

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
    """07.2: sixteen copies in training, validation as it is, and no source on both sides."""
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
        train = np.abs(x_train[:, :1, 0, 0] - greys).argmin(1)
        val = np.abs(x_val[:, :1, 0, 0] - greys).argmin(1)
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
    if not 6 <= len(val) <= 10:
        return f"{len(val)} of 40 sources are for validation; a fifth was asked for."
    return _mistaken_copies(x_train, train, x)


def _mistaken_copies(
    copies: np.ndarray, train: np.ndarray, x: np.ndarray
) -> str | None:
    """What is wrong with copies, given the number of each one's source, (n,), and all sources."""
    if set(np.bincount(train, minlength=40)[train]) != {16}:
        return "not every training source has sixteen images."
    for source in set(train):
        different = {image.tobytes() for image in copies[train == source]}
        if len(different) < 12:
            return (
                "some of the sixteen images of a source are the same: "
                "draw each with a seed of its own."
            )
    unchanged = (copies == x[train]).all(axis=(1, 2, 3))
    if unchanged.mean() > 0.05:  # one of a source's sixteen is 0.06
        return "training holds originals, where only copies were asked for."
    return None


def _order(pipeline: object) -> str | None:
    """08.2: a function of a dataset and an augmentation whose links stand in the right order."""
    import tensorflow as tf

    read: list[int] = []
    ranks = set()
    calls = itertools.count()

    def originals():
        for number in range(128):
            read.append(number)
            yield np.full((2, 2, 1), number, np.float32)

    def augment(images):  # adds another small fraction with every call
        ranks.add(images.shape.rank)

        def add(x):
            return x + np.float32(next(calls) / 1024)

        moved = tf.numpy_function(add, [images], tf.float32)
        return tf.ensure_shape(moved, images.shape)

    kind = tf.TensorSpec((2, 2, 1))
    numbers = tf.data.Dataset.from_generator(originals, output_signature=kind)
    try:
        dataset, wrong = _call(pipeline, "pipeline", numbers, augment)
        if wrong:
            return wrong
        epochs = []
        for _ in range(3):
            batches = itertools.islice(dataset, 129)
            epochs.append([np.asarray(batch) for batch in batches])
        shapes, *others = [[np.shape(batch) for batch in epoch] for epoch in epochs]
    except Exception as error:  # whatever the reader's function raises
        return _raised("what pipeline returns", error)
    if shapes != [(32, 2, 2, 1)] * 4:
        found = f"{len(shapes)} of {set(shapes)}"
        return f"an epoch should come as 4 batches (32, 2, 2, 1), found {found}."
    if others != [shapes, shapes]:
        return (
            "the second and third epochs are not like the first: "
            "return a data set, which can be read again."
        )
    if not ranks:
        return "the augmentation is never called."
    if 3 in ranks:
        return "the augmentation is called with one image at a time, which costs more."
    return _mistaken_epochs(np.array(epochs)[..., 0, 0, 0], len(read))


def _mistaken_epochs(shown: np.ndarray, read: int) -> str | None:
    """What is wrong with three epochs of 128 originals, (3, 4, 32), each its number and a fraction of its draw.

    Args:
        read: how many originals were read for them.
    """
    sources = np.floor(shown)
    whole = np.sort(sources.reshape(3, -1)) == np.arange(128)
    # Of 32 numbers drawn from 128, above 70 but for one in a million.
    spans = np.ptp(sources, axis=2)
    if np.isin(shown[1], shown[0]).any():
        return "images of the first epoch come again in the next."
    if not whole.all():
        return "an epoch should show each original once."
    if (spans < 70).any():
        return "the members of a batch are neighbours: what does the shuffle see, and how far?"
    if (sources[0] == sources[1]).all():
        return "every epoch has the order of the first."
    if read > 128:
        return "the originals are read again in each epoch."
    return None


def _inspected(function: object) -> str | None:
    """cells.2: a function of (probabilities, labels, share) that returns the part of the cells looked at."""
    rng = np.random.default_rng(2)
    labels = (rng.random(40) < 0.4).astype(int)
    p = rng.random(40)
    shares = (0.3, 0.55, 0.9)
    inputs = [(p, labels, share) for share in shares]
    parts, wrong = _results(function, "inspected", inputs)
    if wrong:
        return wrong

    def counted(order: np.ndarray) -> np.ndarray:
        """How many cells are looked at in this order until a share of the defective ones is found."""
        found = np.cumsum(labels[order]) / labels.sum()
        return np.array([np.argmax(found >= share) + 1 for share in shares])

    right = counted(np.argsort(-p))
    backwards = counted(np.argsort(p))
    ways = {
        None: right / 40,
        "that takes the least suspicious cells first.": backwards / 40,
        "that is the share asked for, of all cells; expected how many it takes.": shares,
    }
    other = (
        f"{parts[2]:.3g} is wrong for a share of 0.9, "
        f"{labels.sum()} of 40 cells being defective."
    )
    return _hint(parts, ways, other)


CHECKS: dict[str, Check] = {
    "01.1": _four_copies,
    "01.2": _changed_garments,
    "02.1": number(
        12 * 512,
        12 * 512,
        "which epochs show nothing new, and how many images does an epoch show?",
        slips={
            12: "those are epochs; how many images does each of them show?",
            4 * 512: "those are the last four epochs; epochs 9 to 16 repeat, too.",
        },
    ),
    "02.2": _no_siblings,
    "03.1": number(
        0.08,
        0.3,
        "so few? The network is no surer than it was in F; only the numbers of the classes changed.",
        "the network learns what its labels say; and how does the validation folder number the garments?",
    ),
    "03.2": _over_confidence,
    "04.1": choice(
        "equivalent",
        better=None,  # the interval ends at the margin, on one processor inside and on another outside
        worse="does the whole interval lie on one side of zero?",
        undecided="compare both ends of the interval with the margin before you look at zero.",
    ),
    "04.2": _paired_ends,
    "05.1": number(
        0.6,  # 0.67 to 0.73 with other garments and weights
        0.8,
        "so low? Divide the accuracy on changed new images by that on new images as they are.",
        "so high? The network is the one without augmentation, and the policy is policy(1).",
        slips={
            1.46: "that is the inverse: accuracy on changed images is the dividend.",
            68.4: "expected a ratio, such as 0.9, not per cent.",
        },
    ),
    "05.2": number(
        90,  # 97 to 98 with other garments and weights
        100,
        "so few? Coats come changed and pullovers as they are in training, and the test has changed pullovers.",
        "expected how many of a hundred.",
        slips={
            0.97: "that is a share; how many of a hundred is it?",
            12: "those are pullovers as they are; change them first.",
        },
    ),
    "06.1": number(
        19,
        19,
        "with so few versions each is shown more than ten times.",
        "it would do, but you store more than you need.",
        slips={
            20: "with the original, twenty-one versions take turns, more than you need.",
            10: "ten is how often a version may be shown; how many versions share 200 epochs?",
        },
    ),
    "06.2": _above_live,
    "07.1": choice(
        "P",
        Q="look at the labels of its first batches, and of another epoch's.",
        R="follow one image and its label through two epochs.",
    ),
    "07.2": _split,
    "08.1": number(
        113,  # 112 pixels leave 0.87, and 140 leave 0.91
        168,
        "less than nine tenths is left there: divide the sharpness after the change by that before it.",
        "nine tenths are left there, but is it the first of the sizes at which they are?",
    ),
    "08.2": _order,
    "cells.1": number(
        0.905,  # 0.912 on the third quarter, and 0.908 to 0.914 with other steps
        0.915,
        "so little? Choose the threshold on the training cells of other, in small steps; dark cells are defective.",
        "so much? A threshold that is chosen on the validation cells has seen their answers.",
        slips={
            0.816: "those are the validation cells of our split; give the light meter other.",
            91.2: "expected a share, from 0 to 1.",
        },
    ),
    "cells.2": _inspected,
}

WHY = {  # what makes an answer right
    "01.1": "Four copies make an epoch four times as long, so a quarter of the epochs makes as many updates.",
    "01.2": "Each garment is changed by itself, and still has its label.",
    "02.1": "The first 8 epochs show nothing twice, the other 12 show 512 known images each.",
    "02.2": "Copy after copy, a batch takes 32 different garments: these are sixteen copies in turn.",
    "03.1": "The network has learnt its labels; only their numbers are exchanged, so accuracy is one minus that of F.",
    "03.2": "A calibrated network gets zero, and one that is surer than it is right a positive number.",
    "04.1": "At the same share of originals live is ahead by half the margin, and the interval ends at the margin.",
    "04.2": "What a pair shares goes with the difference, so only the scatter of the differences is left.",
    "05.1": "The network knows fewer of the changed images, because the policy leads away from what it has learnt.",
    "05.2": "In training only coats were changed, so it learnt that what is changed is a coat.",
    "06.1": "The original takes a turn as well: 200 epochs over twenty versions show each ten times.",
    "06.2": "Both methods show the same share of originals, so what is left is the repetition.",
    "07.1": "Its labels stay with their images and its images change from epoch to epoch.",
    "07.2": "The sources are dealt out before anything is augmented, so no copy of a validation image is in training.",
    "08.1": "The blur is about a pixel wide at any size, so in a larger image it takes less of the object.",
    "08.2": "What is read once is cached, what is shuffled are originals, and what is augmented is each batch, anew.",
    "cells.1": "The threshold comes from the training cells alone, so it could have been written down beforehand.",
    "cells.2": "The most suspicious cells come first, and looking ends with the one that completes the share.",
}


def check(name: str, answer: object = None, **settings: object) -> None:
    """Print whether answer is right for exercise name ("02.2") and why, or which mistake it shows.

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
