"""Checks of the exercises: each returns why an answer is right, or asserts what a wrong one lacks.

An answer that shows none of the mistakes that are named here is held against the right one.
"""

import itertools
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

STILL_TO_COME = "still to come."


def check(name: str, answer: object = None, **settings: object) -> None:
    """Print whether answer is right for exercise name ("siblings") and why, or which mistake it shows.

    Args:
        answer: None and ... stand for one that is still to come.
        settings: those of the lesson, where the answer follows from them.

    Raises:
        ValueError: there is no such exercise.
    """
    if name not in CHECKS:
        raise ValueError(f"Unknown exercise {name!r}; expected one of {list(CHECKS)}.")
    try:
        assert answer is not None and answer is not ..., STILL_TO_COME
        said = "right. " + CHECKS[name](answer, **settings)
    except AssertionError as mistake:
        said = str(mistake)
    print(f"{name}: {said}")


def array(value, shape=(), found="found"):
    """The value as floats of this shape, a number if none is given."""
    try:  # adding refuses the text of a number
        numbers = np.asarray(np.add(value, 0.0), float)
    except (TypeError, ValueError, OverflowError):
        kind = type(value).__name__
        raise AssertionError(f"{found} {kind}, expected numbers.") from None
    wanted = shape or "a number"
    assert numbers.shape == shape, f"{found} shape {numbers.shape}, expected {wanted}."
    return numbers


def word(answer, right, **hints):
    """Refuse all words but the right one; the others are keywords, each with what is wrong with it."""
    given = str(answer).strip().lower()
    words = sorted([right, *hints])
    assert given in words, f"found {given[:60]!r}, expected one of: {', '.join(words)}."
    assert given == right, hints[given]


def call(function, name, *arguments):
    """What the reader's function returns; what it raises is shown."""
    assert callable(function), f"expected the function {name}, without brackets."
    try:
        returned = function(*arguments)
    except Exception as error:  # whatever the reader's code raises
        said = traceback.format_exception_only(error)[0].splitlines()[0]
        raise AssertionError(f"{name} raises {said.rstrip('.')}.") from None
    assert returned is not None and returned is not ..., STILL_TO_COME
    return returned


def results(function, name, inputs, shape=()):
    """The numbers that the reader's function returns for each of the inputs."""
    returned = [call(function, name, *arguments) for arguments in inputs]
    return np.array([array(each, shape, f"{name} returns") for each in returned])


# The checks, each named as in a lesson.


def updates(answer, n, epochs):
    """The epochs in which four copies make as many updates as one copy of n images in epochs."""
    found = array(answer)
    assert found != epochs, (
        f"that is right for {n} images an epoch; how many are four copies of them?"
    )
    assert found == epochs // 4, (
        f"that makes {found * 4 * n // 32:,.0f} updates, expected {epochs * n // 32:,}."
    )
    return "Four copies make an epoch four times as long, so a quarter of the epochs makes as many updates."


def changed_garments(answer, new_x):
    """The new garments, each changed by itself, in their order."""
    images = array(answer, new_x.shape)

    def apart(others):
        return np.abs(images - others).mean(axis=(1, 2, 3))

    nearest = np.minimum(apart(new_x), apart(new_x[:, :, ::-1]))
    assert np.mean(nearest == 0) <= 0.1, (
        "many are as they were, or only flipped; call `augment` yourself."
    )
    assert np.mean(nearest < apart(np.roll(new_x, 1, axis=0))) >= 0.9, (
        "these are not the new garments in their order, so the labels don't fit."
    )
    return "Each garment is changed by itself, and still has its label."


def seen_before(answer):
    found = array(answer)
    assert found != 12, "those are epochs; how many images does each of them show?"
    assert found != 4 * 512, (
        "those are the last four epochs; epochs 9 to 16 repeat, too."
    )
    assert found == 12 * 512, (
        "which epochs show nothing new, and how many images does an epoch show?"
    )
    return "The first 8 epochs show nothing twice, the other 12 show 512 known images each."


def siblings(answer):
    """An order (64, 32) of 2,048 copies that are stored side by side."""
    order = array(answer, (64, 32))
    assert set(order.flat) == set(range(64 * 32)), (
        "one pass over the copies shows each of the numbers 0 to 2047 once; this one does not."
    )
    fewest = min(len(set(batch)) for batch in order // 16)
    assert fewest == 32, f"a batch has copies of {fewest} garments, expected 32."
    return "Copy after copy, a batch takes 32 different garments: these are sixteen copies in turn."


def stopping(answer):
    points = array(answer)  # 5.39
    assert points > 0, "that is one copy minus no augmentation."
    assert points < 5.54 or points > 5.6, (
        "that is the gap at the end; take each run where its loss is lowest."
    )
    assert 5.3 <= points <= 5.5, (
        "take each run at its own lowest loss, then the mean of a method; in points."
    )
    return (
        "Stopping early saves one copy from over-confidence, and not from its mistakes."
    )


def over_confidence(answer):
    """Mean confidence of the answers minus their accuracy."""
    rng = np.random.default_rng(3)
    p = rng.random((8, 4))  # a row a network
    labels = rng.integers(0, 2, (8, 4))
    accuracy = ((p > 0.5) == labels).mean(1)
    inputs = zip(p, labels, strict=True)
    confidence = results(answer, "over_confidence", inputs) + accuracy
    assert not np.allclose(confidence, p.mean(1)), (
        "p is the probability of a coat; how sure is a pullover with p = 0.1?"
    )
    assert not np.allclose(confidence, np.where(labels, p, 1 - p).mean(1)), (
        "that is the probability of the true class; the network does not know the truth."
    )
    assert np.allclose(confidence, np.maximum(p, 1 - p).mean(1)), (
        "for p = [0.9, 0.8, 0.3, 0.2] and labels [1, 0, 0, 1] confidence is 0.8 and accuracy 0.5: expected 0.3."
    )
    return "A calibrated network gets zero, and one that is surer than it is right a positive number."


def pipelines(answer):
    word(
        answer,
        "p",
        q="look at the labels of its first batches, and of another epoch's.",
        r="follow one image and its label through two epochs.",
    )
    return (
        "Its labels stay with their images and its images change from epoch to epoch."
    )


def three_pipelines(x, y):
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

    def flipped(images, labels):
        return flip(images, training=True), labels

    return {name: each.batch(32).map(flipped) for name, each in data.items()}


def split(answer):
    """Sixteen copies in training, validation as it is, and no source on both sides."""
    greys = np.linspace(0.1, 0.9, 40, dtype=np.float32)  # tell the source
    x = np.tile(greys[:, None, None, None], (1, 28, 28, 1))
    x[:, 9:19, 9:14] += 0.009  # a mark, so that a copy differs from its source
    y = np.arange(40) % 2

    def sources(images):
        # Most of a copy is as grey as its source, whatever comes in from outside.
        return np.abs(np.median(images, axis=(1, 2)) - greys).argmin(1)

    returned = call(answer, "split", x, y)
    try:
        (x_train, y_train), (x_val, y_val) = returned
        train, val = sources(x_train), sources(x_val)
        labelled = np.array_equal(y_train, y[train]) and np.array_equal(y_val, y[val])
    except (TypeError, ValueError, IndexError):
        raise AssertionError(
            "expected that split returns (x_train, y_train), (x_val, y_val)."
        ) from None
    shared = len(set(train) & set(val))
    assert not shared, f"{shared} of 40 sources are on both sides."
    assert labelled, "some images have lost their labels on the way."
    assert np.array_equal(x_val, x[val]) and len(val) == len(set(val)), (
        "a validation image is augmented, or comes twice."
    )
    assert set(np.bincount(train, minlength=40)) == {0, 16} and len(val) == 8, (
        "expected sixteen copies of 32 sources, and 8 sources for validation."
    )
    return "The sources are dealt out before anything is augmented, so no copy of a validation image is in training."


def same_share(answer):
    """A method that shows the original of each image in every fifth epoch, and else new versions."""
    ids = np.arange(40)
    inputs = [(epoch, ids) for epoch in range(20)]
    shown = results(answer, "partner", inputs, (40,))
    assert -1 in shown, (
        "that never shows an original, and the store does in one epoch of five."
    )
    for versions in shown.T:
        changed = versions[versions >= 0]
        assert len(set(changed)) == len(changed), (
            "a version comes again, as in a store; live shows a new one each time."
        )
    assert np.all(np.sum(shown == -1, axis=0) == 4), (
        "in twenty epochs each original should come four times."
    )
    return "Both methods show an original one time in five, so what is left is whether versions come again."


def interval(answer):
    """Both ends of the paired 95 % interval of first - second, for any number of replicates."""
    rng = np.random.default_rng(2)
    groups = [rng.random((2, count)) for count in (5, 8, 20)]
    ends = results(answer, "interval", groups, (2,))
    unpaired = stats.ttest_ind(*groups[0], equal_var=False).confidence_interval()
    assert not np.allclose(ends[0], unpaired), (
        "that compares two groups; take the differences within the pairs first."
    )
    paired = [stats.ttest_rel(*group).confidence_interval() for group in groups]
    assert np.allclose(ends, paired), (
        "it isn't yet that of five, eight and twenty pairs: look at t, and at ddof."
    )
    return "What a pair shares goes with the difference, so only the scatter of the differences is left."


def coats_changed(answer):
    coats = array(answer)  # 97 to 98 with other garments and weights
    assert not 0 < coats <= 1, "that is a share; how many of a hundred is it?"
    assert coats >= 90, (
        "so few? Coats come changed and pullovers as they are in training, and the test has changed pullovers."
    )
    assert coats <= 100, "expected how many of a hundred."
    return "In training only coats were changed, so it learnt that what is changed is a coat."


def above_live(answer):
    """Loss of originals + 4 minus that of live with the same share of originals."""
    names = ["copies-4", "originals+4", "live", "live-4/5"]
    table = pd.DataFrame(np.random.default_rng(0).random((5, 4)), columns=names)
    gaps = results(answer, "above_live", [(table, 4)], (5,))
    originals, partner = table["originals+4"], table["live-4/5"]
    assert not np.allclose(gaps, table["copies-4"] - partner), (
        "these are copies only; the originals are missing."
    )
    assert not np.allclose(gaps, originals - table["live"]), (
        "plain live shows no originals, but originals + 4 copies do."
    )
    assert np.allclose(gaps, originals - partner), (
        "expected originals + k minus live-4/5 for k = 4."
    )
    return "Both methods show the same share of originals, so what is left is the repetition."


def groups(answer):
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
        found[name] = str(call(answer, "group_of", Path("leaves") / name))
    for one, other in itertools.combinations(plants, 2):
        if plants[one] == plants[other]:
            assert found[one] == found[other], (
                f"{one} and {other} are of one plant, and get two groups."
            )
        else:
            assert found[one] != found[other], (
                f"{one} and {other} are of two plants, and get the same group."
            )
    return (
        "The plant's number ends at the line, and what comes after it is of one plant."
    )


def fine_tuning(answer):
    """A word for hands and one for CIFAR-10."""
    assert isinstance(answer, dict) and set(answer) == {"hands", "CIFAR-10"}, (
        "expected a dictionary with a word each for hands and CIFAR-10."
    )
    assert None not in answer.values(), STILL_TO_COME
    against = "is live above or below no augmentation?"
    word(
        answer["hands"],
        "better",
        equivalent="hands: the mean is far beyond the margin.",
        worse="hands: " + against,
        undecided="hands: pair the runs first, and subtract within pairs.",
    )
    word(
        answer["CIFAR-10"],
        "undecided",
        better="CIFAR-10: does the interval leave out zero?",
        equivalent="CIFAR-10: does the whole interval lie within the margin?",
        worse="CIFAR-10: " + against,
    )
    return "On hands the interval lies above zero. On CIFAR-10 it holds zero, and reaches beyond the margin."


def sharpness(answer):
    pixels = array(answer)  # 56 leave 0.78, and 112 leave 0.91
    assert pixels > 56, (
        "less than nine tenths is left there: divide the layers' sharpness by that of RandomAffine."
    )
    assert pixels <= 112, (
        "nine tenths are left there, but is it the first of the sizes at which they are?"
    )
    return "The blur is about a pixel wide at any size, so in a larger image it takes less of the object."


CHECKS = {
    function.__name__: function
    for function in (
        updates,
        changed_garments,
        seen_before,
        siblings,
        stopping,
        over_confidence,
        pipelines,
        split,
        same_share,
        interval,
        coats_changed,
        above_live,
        groups,
        fine_tuning,
        sharpness,
    )
}
