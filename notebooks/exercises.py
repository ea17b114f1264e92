"""Checks of the exercises: whether an answer is right, and if not, which mistake it shows."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from helpers.arguments import shown
from helpers.methods import sibling_pairs

Check = Callable[..., str | None]  # an answer, and settings of its lesson; what is wrong with it, or None
STILL_TO_COME = "still to come."


def _as_float(value: object) -> float | None:
    """A number as a float, inf where it is too large for one; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def number(low: float, high: float, below: str, above: str) -> Check:
    """A check of a finite number in [low, high]; below and above say what a smaller or a larger one shows."""

    def mistake(answer: object) -> str | None:
        value = _as_float(answer)
        if value is None:
            return f"found {type(answer).__name__}, expected a number."
        if not np.isfinite(value):
            return f"found {value}, expected a finite number."
        return below if value < low else above if value > high else None

    return mistake


def choice(right: str, **hints: str | None) -> Check:
    """A check of a word: right, or one of the keywords, each with what is wrong with it; None: it is right, too."""

    def mistake(answer: object) -> str | None:
        words = {word.lower(): word for word in sorted({right, *hints})}
        if not isinstance(answer, str) or answer.strip().lower() not in words:
            return f"found {shown(answer)}, expected one of: {', '.join(words.values())}."
        return hints.get(words[answer.strip().lower()])

    return mistake


def _call(function: object, name: str, *arguments: object) -> tuple[object, str | None]:
    """What the reader's function returns, or what is wrong with it; what it raises is shown."""
    if not callable(function):
        return None, f"found {type(function).__name__}, expected the function {name}."
    try:
        returned = function(*arguments)
    except Exception as error:  # whatever the reader's code raises
        return None, _raised(name, error)
    return returned, STILL_TO_COME if returned is None or returned is ... else None


def _raised(name: str, error: Exception) -> str:
    first_line = next(iter(str(error).splitlines()), "").rstrip(".")
    return f"{name} raises {type(error).__name__}{': ' if first_line else ''}{first_line}."


def _results(function: object, name: str, inputs: Iterable) -> tuple[list, str | None]:
    """What the reader's function makes of each of the inputs, or what is wrong with it."""
    results = []
    for argument in inputs:
        returned, wrong = _call(function, name, argument)
        if wrong:
            return [], wrong
        results.append(returned)
    return results, None


CHECKS: dict[str, Check] = {}

# Lesson 01


def _four_copies(answer: object, n: int, epochs: int) -> str | None:
    """01.1: the epochs in which four copies of n garments make as many updates as one copy in the lesson's epochs."""
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)):
        return f"found {type(answer).__name__}, expected a whole number."
    updates = epochs * n // 32
    hints = {
        epochs // 4: None,
        epochs: f"that is right for {n} images an epoch; how many are four copies of them?",
        updates: "that is the number of updates; how many of them make an epoch?",
    }
    return hints.get(answer, f"that makes {answer * 4 * n // 32:,} updates, expected {updates:,}.")


CHECKS |= {
    "01.1": _four_copies,
}

# Lesson 04


def _paired_ends(answer: object) -> str | None:
    """04.2: both ends of the paired 95 % interval of first - second, for any number of replicates."""
    rng = np.random.default_rng(2)
    groups = []
    intervals = []
    for count in (5, 8, 20):
        shared = rng.normal(0.5, 0.1, count)
        first, second = shared + rng.normal(0.03, 0.02, count), shared + rng.normal(0, 0.02, count)
        groups.append((first, second))
        returned, wrong = _call(answer, "interval", first, second)
        if wrong:
            return wrong
        try:
            low, high = map(float, returned)
        except (TypeError, ValueError, OverflowError):
            return "expected that interval returns two numbers, low and high."
        intervals.append((low, high))
    hints = {
        None: _student,
        "the sign: first minus second was asked for.": lambda first, second: _student(second, first),
        "that compares two groups; take the differences within the pairs first.": _two_groups,
        "that is right for eight replicates only: t depends on their number.": functools.partial(
            _student, t=stats.t.ppf(0.975, 7)
        ),
        "1.96 is right for very many replicates; few need Student's t.": functools.partial(_student, t=1.96),
        "t has one degree of freedom fewer than differences.": functools.partial(_student, freedom=0),
        "95 % leaves 2.5 % at each end, so t is taken at 0.975.": functools.partial(_student, at=0.95),
        "std of an array divides by R unless you ask for ddof=1.": functools.partial(_student, ddof=0),
        "that is where single differences lie; their mean scatters less, by the root of R.": functools.partial(
            _student, root=False
        ),
    }
    for hint, way in hints.items():
        if np.allclose(intervals, [way(first, second) for first, second in groups]):
            return hint
    low, high = _student(*groups[0])
    return f"found {intervals[0][0]:.3f} to {intervals[0][1]:.3f} for five pairs, expected {low:.3f} to {high:.3f}."


def _student(first, second, t=None, at=0.975, freedom=-1, ddof=1, root=True) -> tuple[float, float]:
    """The paired interval, with the mistakes that the other arguments name."""
    d = np.subtract(first, second)
    half = (stats.t.ppf(at, len(d) + freedom) if t is None else t) * d.std(ddof=ddof)
    half /= np.sqrt(len(d)) if root else 1
    return d.mean() - half, d.mean() + half


def _two_groups(first, second) -> tuple[float, float]:
    ends = stats.ttest_ind(first, second, equal_var=False).confidence_interval()
    return ends.low, ends.high


CHECKS |= {
    "04.1": choice(
        "equivalent",
        better=None,  # the interval ends at the margin, on one processor inside and on another outside
        worse="does the whole interval lie on one side of zero?",
        undecided="compare both ends of the interval with the margin before you look at zero.",
    ),
    "04.2": _paired_ends,
}

# Lesson 02


def _seen_before(answer: object) -> str | None:
    """02.1: how often an image is shown again, in 20 epochs of 512 images with 8 copies in turn."""
    hints = {
        12: "those are epochs; how many images does each of them show?",
        20 * 512: "those are all the images that are shown, the first time included.",
        8 * 512: "those are shown for the first time.",
        19 * 512: "that is right for one copy; here the clock comes round only after the eighth epoch.",
        4 * 512: "that counts the last four epochs; the second round, epochs 9 to 16, repeats, too.",
    }
    if isinstance(answer, bool) or not isinstance(answer, (int, np.integer)):
        return f"found {type(answer).__name__}, expected a whole number."
    if answer == 12 * 512:
        return None
    return hints.get(int(answer), "which epochs show nothing new, and how many images does an epoch show?")


def _no_siblings(answer: object) -> str | None:
    """02.2: an order (64, 32) of 2,048 copies that are stored side by side."""
    if not isinstance(answer, np.ndarray) or answer.shape != (64, 32):
        shape = f" of shape {answer.shape}" if isinstance(answer, np.ndarray) else ""
        return f"found {type(answer).__name__}{shape}, expected an array of 64 batches of 32."
    if answer.dtype.kind == "O" or not np.array_equal(np.sort(answer, axis=None), np.arange(64 * 32)):
        return "one pass over the copies shows each of the numbers 0 to 2047 once; this one does not."
    pairs = sibling_pairs(answer // 16).mean()
    return f"a batch holds {pairs:.1f} sibling pairs on average, expected none." if pairs else None


CHECKS |= {
    "02.1": _seen_before,
    "02.2": _no_siblings,
}

# Lesson 03


def _over_confidence(answer: object) -> str | None:
    """03.2: mean confidence of the answers minus their accuracy."""

    def confidence(p, labels):
        return np.mean(np.maximum(p, 1 - p))

    def accuracy(p, labels):
        return np.mean((p > 0.5) == labels)

    ways = {
        None: lambda p, labels: confidence(p, labels) - accuracy(p, labels),
        "p is the probability of a coat; how sure is a pullover with p = 0.1?": lambda p, labels: (
            np.mean(p) - accuracy(p, labels)
        ),
        "that is the probability of the true class; the network does not know the truth.": lambda p, labels: (
            np.mean(np.where(labels == 1, p, 1 - p)) - accuracy(p, labels)
        ),
        "the sign: a network that is surer than it is right gets a positive number.": lambda p, labels: (
            accuracy(p, labels) - confidence(p, labels)
        ),
        "that is the confidence; subtract the accuracy.": confidence,
        "that is in percent; a share was asked for.": lambda p, labels: (
            100 * (confidence(p, labels) - accuracy(p, labels))
        ),
    }
    rng = np.random.default_rng(3)
    networks = [(np.array([0.9, 0.8, 0.3, 0.2]), np.array([1, 0, 0, 1]))]
    networks += [(rng.random(20), rng.integers(0, 2, 20)) for _ in range(3)]
    values = []
    for p, labels in networks:
        returned, wrong = _call(answer, "over_confidence", p, labels)
        if wrong:
            return wrong
        value = _as_float(returned)
        if value is None:
            return f"over_confidence returns {type(returned).__name__}, expected a number."
        values.append(value)
    for hint, way in ways.items():
        if np.allclose(values, [way(p, labels) for p, labels in networks]):
            return hint
    p, labels = networks[0]
    return f"found {values[0]:.3g} for {p} and {labels}, where confidence is 0.8 and accuracy 0.5."


CHECKS |= {
    "03.1": number(
        0.08,
        0.3,
        "so few? The network is no surer than it was in F; only the numbers of the classes changed.",
        "the network learns what its labels say; and how does the validation folder number the garments?",
    ),
    "03.2": _over_confidence,
}

# Lesson 05


def _above_live(answer: object) -> str | None:
    """05.2: originals + k minus live of the same clean share."""
    names = ["copies-4", "originals+4", "live", "live-1/5", "live-3/4", "live-4/5"]
    loss = pd.DataFrame(np.random.default_rng(0).random((5, 6)), columns=pd.Index(names, name="method"))
    runs = loss.rename_axis("replicate").stack().reset_index(name="val_loss")
    returned, wrong = _call(answer, "above_live", runs, 4)
    if wrong:
        return wrong
    try:
        gaps = np.asarray(returned, float)
    except (TypeError, ValueError, OverflowError):
        return f"above_live returns {type(returned).__name__}, expected the paired differences."
    hints = {
        ("copies-4", "live"): "these are copies only; the originals are missing.",
        ("copies-4", "live-4/5"): "these are copies only; the originals are missing.",
        ("originals+4", "live"): "plain live shows no originals, but originals + 4 copies do.",
        ("originals+4", "live-1/5"): "a fifth is the share of originals; live-P names the share that is augmented.",
        ("originals+4", "live-3/4"): "one turn of the clock shows how many versions of a source?",
        ("live-4/5", "originals+4"): "the sign: copies that lie above live give positive numbers.",
        ("originals+4", "live-4/5"): None,
    }
    for (first, second), hint in hints.items():
        if gaps.shape == (5,) and np.allclose(gaps, loss[first] - loss[second]):
            return hint
    return "these are not the differences of two methods of the table, one a replicate, in order."


def _eleven_copies(answer: object) -> str | None:
    """05.1: the copies beside the originals with which 120 epochs show each version ten times."""
    slips = {
        12: "with twelve copies and the original, thirteen versions take turns; that is more than you need.",
        10: "ten is how often a version may be shown; how many versions share 120 epochs?",
        120: "that would be live; each version may be shown ten times.",
    }
    mistake = number(
        11,
        11,
        "with so few versions each is shown more than ten times.",
        "it would do, but you store more than you need.",
    )
    wrong = mistake(answer)
    return slips.get(answer, wrong) if isinstance(answer, Real) else wrong


CHECKS |= {
    "05.1": _eleven_copies,
    "05.2": _above_live,
}

# Lesson 06


def three_pipelines(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """06.1: three data sets with a random flip; two have a mistake.

    Args:
        x, y: 128 images and their labels.
    """
    import keras
    import tensorflow as tf

    flip = keras.layers.RandomFlip("horizontal", seed=0)
    rows = np.argsort(y, kind="stable")
    apart = [tf.data.Dataset.from_tensor_slices(part).shuffle(128, seed) for part, seed in ((x, 1), (y, 2))]
    data = {
        "P": tf.data.Dataset.from_tensor_slices((x, y)).shuffle(128, seed=1),
        "Q": tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(16, seed=1),
        "R": tf.data.Dataset.zip(tuple(apart)),
    }

    def flipped(images: Any, labels: Any) -> tuple[Any, Any]:
        return flip(images, training=True), labels

    return {name: each.batch(32).map(flipped) for name, each in data.items()}


def _split(answer: object) -> str | None:
    """06.2: sixteen copies in training, validation as it is, and no source on both sides."""
    x = np.repeat(np.linspace(0.1, 0.9, 40, dtype=np.float32), 28 * 28).reshape(40, 28, 28, 1)
    x[:, 9:19, 9:14] += 0.009  # a mark, so that a copy differs from its source; the grey tells the source
    y = np.arange(40) % 2
    returned, wrong = _call(answer, "split", x, y)
    if wrong:
        return wrong
    try:
        (x_train, y_train), (x_val, y_val) = returned
        x_train, x_val = np.asarray(x_train), np.asarray(x_val)
        corners = (np.asarray(part)[:, :1, 0, 0] for part in (x_train, x_val))
        train, val = (np.abs(corner - x[:, 0, 0, 0]).argmin(1) for corner in corners)
        labelled = np.array_equal(y_train, y[train]) and np.array_equal(y_val, y[val])
        kept = sum(np.array_equal(image, x[i]) for image, i in zip(x_train, train, strict=True))
    except (TypeError, ValueError, IndexError):
        return "expected that split returns (x_train, y_train), (x_val, y_val)."
    if shared := len(set(train) & set(val)):
        return f"{shared} of 40 sources are on both sides."
    if not labelled:
        return "some images have lost their labels on the way."
    if len(val) != len(set(val)) or not np.array_equal(x_val, x[val]):
        return "a validation image is augmented, or comes twice."
    if not 6 <= len(val) <= 10:
        return f"{len(val)} of 40 sources are for validation; a fifth was asked for."
    if set(np.bincount(train, minlength=40)[train]) != {16}:
        return "not every training source has sixteen images."
    if any(len({image.tobytes() for image in x_train[train == i]}) < 12 for i in set(train)):
        return "some of the sixteen images of a source are the same: one draw each, with a seed of its own."
    if kept > 0.05 * len(train):  # one of a source's sixteen is 0.06
        return "training holds originals, where only copies were asked for."
    return None


CHECKS |= {
    "06.1": choice(
        "P",
        Q="look at the labels of its first batches, and of another epoch's.",
        R="follow one image and its label through two epochs.",
    ),
    "06.2": _split,
}

# Lesson 07


def _order(pipeline: object) -> str | None:
    """07.2: a function of a dataset and an augmentation whose links stand in the right order."""
    import tensorflow as tf

    read, ranks, calls = [], set(), itertools.count()

    def originals():
        for number in range(128):
            read.append(number)
            yield np.full((2, 2, 1), number, np.float32)

    def augment(images):  # adds another small fraction with every call
        ranks.add(images.shape.rank)
        moved = tf.numpy_function(lambda x: x + np.float32(next(calls) / 1024), [images], tf.float32)
        return tf.ensure_shape(moved, images.shape)

    try:
        numbers = tf.data.Dataset.from_generator(originals, output_signature=tf.TensorSpec((2, 2, 1)))
        dataset, wrong = _call(pipeline, "pipeline", numbers, augment)
        if wrong:
            return wrong
        epochs = [[np.asarray(batch) for batch in itertools.islice(dataset, 129)] for _ in range(3)]
        shapes, *others = [[np.shape(batch) for batch in epoch] for epoch in epochs]
    except Exception as error:  # whatever the reader's function raises
        return _raised("what pipeline returns", error)
    if not shapes or any(len(shape) != 4 for shape in shapes):
        return "expected batches of images, four axes each."
    if [shape[0] for shape in shapes] != [32] * 4:
        return "an epoch of 128 images should come as four batches of 32."
    if others != [shapes, shapes]:
        return "the second and third epochs are not like the first: return a data set, which can be read again."
    shown = np.array([[batch[:, 0, 0, 0] for batch in epoch] for epoch in epochs])
    sources = np.floor(shown)
    whole = np.sort(sources.reshape(3, -1)) == np.arange(128)
    spans = np.ptp(sources, axis=2)  # of 32 numbers drawn from 128, above 70 but for one in a million
    faults = {
        "the augmentation is never called.": not ranks,
        "the augmentation is called with one image at a time, which costs more.": 3 in ranks,
        "images of the first epoch come again in the next.": np.isin(shown[1], shown[0]).any(),
        "an epoch should show each original once.": not whole.all(),
        "the members of a batch are neighbours: what does the shuffle see, and how far?": (spans < 70).any(),
        "every epoch has the order of the first.": (sources[0] == sources[1]).all(),
        "the originals are read again in every epoch.": len(read) > 128,
    }
    return next((hint for hint, there in faults.items() if there), None)


CHECKS |= {
    "07.1": number(
        113,  # 112 pixels leave 0.87, and 140 leave 0.91
        168,
        "less than nine tenths is left there: divide the sharpness after the change by that before it.",
        "nine tenths are left there, but is it the first of the sizes at which they are?",
    ),
    "07.2": _order,
}


# Lesson 08


def _meter_elsewhere(answer: object) -> str | None:
    """08.1: the light meter's accuracy on the third quarter, 0.912 (0.908 to 0.914 with other steps)."""
    known = {
        "that is calling all its cells sound.": 0.806,
        "those are the validation cells of our split; give the light meter other.": 0.816,
        "those are the training cells of other, on which the threshold is chosen.": 0.727,
        "that is the share of wrong answers: is it the dark cells that are called defective?": 0.088,
        "expected a share, from 0 to 1.": 91.2,
    }
    share = _as_float(answer)
    for hint, value in known.items():
        if share is not None and np.isclose(share, value, rtol=0.005, atol=0):
            return hint
    low = "so little? Choose the threshold on the training cells of other, in small steps; dark cells are defective."
    high = "so much? A threshold that is chosen on the validation cells has seen their answers."
    return number(0.905, 0.915, low, high)(answer)


def _inspected(function: object) -> str | None:
    """08.2: a function of (probabilities, labels, share) that returns the part of the cells looked at."""
    rng = np.random.default_rng(2)
    labels, p, shares = (rng.random(40) < 0.4).astype(int), rng.random(40), (0.3, 0.55, 0.9)
    parts = []
    for share in shares:
        returned, wrong = _call(function, "inspected", p, labels, share)
        if wrong:
            return wrong
        part = _as_float(returned)
        if part is None:
            return f"inspected returns {type(returned).__name__}, expected a number."
        parts.append(part)

    def counted(order: np.ndarray, what: np.ndarray) -> np.ndarray:
        reached = np.cumsum(labels[order]) / labels.sum()
        return np.array([what[order][: np.argmax(reached >= share) + 1].sum() for share in shares])

    falling, ones = np.argsort(-p), np.ones(40)
    right = counted(falling, ones)
    hints = {
        None: right / 40,
        "that is all of them; where can one stop?": [1, 1, 1],
        "that is a number of cells; expected their part of all.": right,
        "that is in percent; expected a part, from 0 to 1.": right / 0.4,
        "one cell too few: the one that completes the share is looked at, too.": (right - 1) / 40,
        "that takes the least suspicious cells first.": counted(falling[::-1], ones) / 40,
        "that leaves out the defective ones among the cells looked at.": counted(falling, 1 - labels) / 40,
        "that is the share asked for, of all cells; expected how many it takes.": shares,
    }
    other = f"{parts[2]:.3g} is wrong for a share of 0.9, {labels.sum()} of 40 cells being defective."
    return next((hint for hint, values in hints.items() if np.allclose(parts, values)), other)


CHECKS |= {
    "08.1": _meter_elsewhere,
    "08.2": _inspected,
}


WHY = {  # what makes an answer right
    "01.1": "Four copies make an epoch four times as long, so a quarter of the epochs makes as many updates.",
    "04.1": "At the same share of originals live is ahead by half the margin, and the interval ends at the margin.",
    "04.2": "What a pair shares goes with the difference, so only the scatter of the differences is left.",
    "02.1": "The first 8 epochs show nothing twice, the other 12 show 512 known images each.",
    "02.2": "Copy after copy, a batch takes 32 different garments: these are sixteen copies in turn.",
    "03.1": "The network has learnt its labels; only their numbers are exchanged, so accuracy is one minus that of F.",
    "03.2": "A calibrated network gets zero, and one that is surer than it is right a positive number.",
    "05.1": "The original takes a turn as well: 120 epochs over twelve versions show each ten times.",
    "05.2": "Both methods show the same share of originals, so what is left is the repetition.",
    "06.1": "Its labels stay with their images and its images change from epoch to epoch.",
    "06.2": "The sources are dealt out before anything is augmented, so no copy of a validation image is in training.",
    "07.1": "The blur is about a pixel wide at any size, so in a larger image it takes less of the object.",
    "07.2": "What is read once is cached, what is shuffled are originals, and what is augmented is each batch, anew.",
    "08.1": "The threshold comes from the training cells alone, so it could have been written down beforehand.",
    "08.2": "The most suspicious cells come first, and looking ends with the one that completes the share.",
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
        raise ValueError(f"Unknown exercise {name!r}; expected one of {', '.join(sorted(CHECKS))}.")
    wrong = STILL_TO_COME if answer is None or answer is ... else CHECKS[name](answer, **settings)
    print(f"{name}: {wrong or f'right. {WHY[name]}'}")
