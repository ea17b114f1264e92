"""Do training and validation agree in shape, values, colours and labels?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from augcheck.context import Context
from augcheck.frameworks import steps_of
from augcheck.measures.recurrence import shows_new_images
from augcheck.reading.epochs import Reading
from augcheck.result import NO_VALIDATION, WASTEFUL, WRONG, Fault, Finding, joined, not_found, some
from augcheck.value_range import advice_on_range

NUMBER, ABOUT = "AUG04", "training and validation alike"
# Ratio of standard deviations: [-1, 1] over [0, 1] is 2, mixing two images at most 1.41.
SPREAD_RATIO = 1.6
MEAN_SHIFT = 1.0  # in standard deviations of a pixel
SAME_ENDS = 0.2  # of the range of both sets, within which ends agree: those of [0, 1] and [-1, 1] are 0.5 apart
CLASS_SHARE = 0.15  # difference in the share of a class, if also four standard errors
NO_LABEL = -1  # by custom, of an image without a label
MISSING = 8.0  # images of a class that the other set should have before it is said to lack the class: e^-8 is 0.0003
EXCHANGED = 6.0  # standard errors by which two classes lie the other way round in validation, and don't within training
# Correlation of pixels side by side. Of photographs it is 0.9 and more, of their noise alone 0.
NOISE = 0.1
AS_FAR = 0.5  # and how far, in distances that they have in training
FILLED = 0.1  # deviation of a channel that holds more than noise, over that of the channel with the largest
# Red that blue doesn't explain: of greys below 2e-5, of photographs of clothes 0.16.
GREY = 1e-4
COLOURED = 1e-2

CODED = "labels are coded differently in training and validation"
DIFFERENT = "training and validation have different"
CHANNELS = "colour channels have another order in validation"
SAME_CODE = "Read both with the same code."
BEFORE = ", with training as it is before the loop's augmentation"
AFTER = ", with training as it is after the loop's augmentation"
AS_IT_LEAVES = " If the loop changes validation, too, give validation as it leaves the loop."

EXPLANATION = f"""Training and validation differ in shape, range of values, colours, coding of the labels, or classes.

What it does:
    Compares means, spreads, colours, shapes and labels of both sets: 0 to 255 against 0 to 1, RGB against BGR,
    another order of the classes. It takes a standard deviation of {SPREAD_RATIO} times the other's, or means apart
    by {MEAN_SHIFT} of it, of augmented pictures also at the median image. One channel may be empty, or shifted
    against the others by {MEAN_SHIFT} of its deviation. Two classes are exchanged if the difference of their small
    images points the other way in validation, by {EXCHANGED:g} standard errors. A set lacks a class where
    {MISSING:g} of its images were to be expected; {NO_LABEL} beside other labels is none. An augment= in the loop is
    applied to training's pixels first.

    Calm, because it is often meant: the share of a class differs by {CLASS_SHARE:.0%} of all images and four
    standard errors, validation lacks a class or has larger images, pixels agree before augment= and not behind it, or
    augmented pictures have another mean or deviation between the same ends. Of noise, which a turn smooths, that isn't
    said.

Why it matters:
    The network is judged on images or labels that it was not trained for.

What it can't tell:
    Differences that both sets share. Names of classes that not both sets have (class_names= says them), more than two
    classes numbered anew, and what a loop does to pixels before a model with first layers of its own."""


def sets_differ(context: Context) -> Finding:
    train, validation = context.train, context.validation
    faults = list(_class_orders(train, validation, context.class_names))
    if validation is None:
        return joined(faults) if faults else NO_VALIDATION
    seen, when = train, ""
    if context.later and not context.untried:
        when = BEFORE
        if not context.first_layers.steps and train.shown_images.ndim == 4:
            seen, when = _behind_the_loop(train, validation), AFTER
    pixels = list(_pixels(seen, validation))
    if not faults and not pixels:  # inverted pictures look like exchanged classes
        faults += _exchanged(seen, validation)
    # Alike before the loop and not behind it: perhaps validation, too, passes a step of the loop that isn't random.
    severity = WASTEFUL if when == AFTER and not any(_pixels(train, validation)) else None
    for fault in pixels:
        advice = advice_on_range(context) if DIFFERENT in fault.value else ""
        change = fault.change
        if when == AFTER:
            change += AS_IT_LEAVES
        severe = severity or fault.severity
        faults.append(Fault(fault.value, fault.how + when, change, severe, advice))
    faults += _labels(train, validation)
    if faults:
        return joined(faults)
    limit = "" if validation.whole and train.whole else ", as far as both were read"
    return not_found(f"Shape, values, colours and labels agree{limit}.")


# Order of the classes


def _class_orders(
    train: Reading, validation: Reading | None, class_names: list[Any] | None
) -> Iterator[Fault]:
    orders = [class_names or []]
    for part in filter(None, (train, validation)):
        indices: dict[Any, Any] = getattr(part.source.data, "class_indices", None) or {}
        orders.append(sorted(indices, key=indices.__getitem__) or _class_names(part.source.data))
    known = [", ".join(map(str, order)) for order in orders if order]
    if len(set(known)) > 1:
        yield Fault(
            "the classes are listed in different orders",
            " against ".join(known),
            "Give all the same list.",
        )


def _class_names(data: Any) -> list[Any]:
    """Those that image_dataset_from_directory or a PyTorch folder notes, behind whatever map came after."""
    for step in (*steps_of(data), getattr(data, "dataset", None)):
        for named in (getattr(step, "class_names", None), getattr(step, "classes", None)):
            if isinstance(named, list | tuple) and len(set(map(str, named))) == len(named):
                return list(named)
    return []


def _exchanged(train: Reading, validation: Reading) -> Iterator[Fault]:
    """Two classes whose images lie the other way round in validation."""
    if train.classes is None or validation.classes is None or train.several:
        return
    if train.names != validation.names or len(train.names) != 2:
        return
    if train.thumbnails[0].shape[1:] != validation.thumbnails[0].shape[1:]:
        return
    first, second = _of_both_classes(train, train.classes[0])
    left, right = _of_both_classes(validation, validation.classes[0])
    if min(len(rows) for rows in (first, second, left, right)) < 10:
        return
    # What half of training says is the difference of both classes has to hold for its other half.
    halves = first[::2], second[::2]
    variance = (halves[0].var(0) + halves[1].var(0)) / 2
    weights = (halves[0].mean(0) - halves[1].mean(0)) / (variance + 0.01 * variance.mean() + 1e-12)
    apart, errors = _apart(first[1::2] @ weights, second[1::2] @ weights)
    apart_there, errors_there = _apart(left @ weights, right @ weights)
    if errors > EXCHANGED and errors_there < -EXCHANGED and apart_there < -AS_FAR * apart:
        how = f"small images of both classes differ the other way, by ≈ {-errors_there:.0f} standard errors"
        yield Fault("classes exchanged", how, "Number the classes alike in both sets.")


def _of_both_classes(part: Reading, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The small images of class 0 and of class 1 as rows, without colour, which reversed channels turn round."""
    rows = part.thumbnails[0].mean(3).reshape(part.n, -1)
    return rows[classes == 0], rows[classes == 1]


def _apart(left: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """How far two means are apart, and in standard errors."""
    apart = float(left.mean() - right.mean())
    error = float(np.sqrt(left.var() / len(left) + right.var() / len(right)))
    return apart, apart / (error + 1e-12)


# Shape and values


def _behind_the_loop(train: Reading, validation: Reading) -> Reading:
    """Training as it leaves the loop's augmentation. Of sizes and channels those given count, if only these agree."""
    shape = validation.images.shape[1:]
    images, channels_first = train.shown_images, train.channels_first
    if shape in (train.images.shape[1:], train.shown_images.shape[1:]):
        images, channels_first = validation.images, validation.channels_first
    small = [train.shown_thumbnails]
    if small[0].shape[3] != validation.thumbnails[0].shape[3]:
        small = train.thumbnails
    return replace(
        train,
        stats=train.shown_stats,
        thumbnails=small,
        images=images,
        channels_first=channels_first,
    )


def _pixels(train: Reading, validation: Reading) -> Iterator[Fault]:
    left, right = _size(train), _size(validation)
    how = f"images of {train.images.shape[1:]} against {validation.images.shape[1:]}"
    if left != right:
        larger = left[2] == right[2] and left[0] < right[0] and left[1] < right[1]
        value = "images have another size in validation"
        if larger:
            change = "Read both with the same code, unless validation is larger on purpose."
            yield Fault(value, how, change, WASTEFUL)
        else:
            yield Fault(value, how, SAME_CODE)
        return
    if train.channels_first != validation.channels_first:
        yield Fault(CHANNELS, how, SAME_CODE)
        return
    gap = abs(train.stats[:, 2].mean() - validation.stats[:, 2].mean())
    narrow, wide = sorted([_spread(train), _spread(validation)])
    apart = wide > SPREAD_RATIO * narrow or gap > MEAN_SHIFT * wide
    if apart and (not shows_new_images(train) or _most_are_apart(train, validation, wide)):
        how = f"training values are {_values(train)}, validation values {_values(validation)}"
        ends = np.array([_ends(train), _ends(validation)])
        same_ends = np.abs(ends[0] - ends[1]).max() < SAME_ENDS * np.ptp(ends)
        value = "brightness or contrast" if same_ends else "ranges of values"
        change = "Scale the values of both alike, for instance both to 0 to 1."
        # Frames that a shift fills, or strong changes of light, do the same to pictures that are coded alike.
        severity = WASTEFUL if same_ends and shows_new_images(train) else WRONG
        # Whatever turns or shifts noise by parts of a pixel smooths it.
        if not (same_ends and _holds_noise(validation)):
            yield Fault(f"{DIFFERENT} {value}", how, change, severity)
    colours, others = (part.thumbnails[0].mean((0, 1, 2)) for part in (train, validation))
    straight, reverse = np.abs(colours - others).max(), np.abs(colours - others[::-1]).max()
    if straight > 0.1 * wide and reverse < straight / 4 and all(map(_tinted, (train, validation))):
        yield Fault(CHANNELS, "mean colours agree in reverse order", "Read both as RGB.")
    else:
        yield from _one_channel(train, validation)
    for part, other, grey in ((train, validation, "training"), (validation, train, "validation")):
        # All pixels as one look grey, too, where each image has a light of its own that is far stronger than colours.
        looks_grey = left[2] == 3 and max(_colour(part, as_one=True), _colour(part)) < GREY
        if looks_grey and _colour(other) >= COLOURED:
            how = f"in {grey} the channels of an image hold the same picture, in the other set they don't"
            yield Fault(f"{grey} is grey, and the other set has colours", how, SAME_CODE)


def _size(part: Reading) -> tuple[int, ...]:
    """Height, width and channels of the images, whichever came first."""
    shape = part.images.shape[1:]
    return (*shape[1:], shape[0]) if part.channels_first else shape


def _ends(part: Reading) -> tuple[float, float]:
    """The smallest and the largest value."""
    return part.stats[:, 0].min(), part.stats[:, 1].max()


def _values(part: Reading) -> str:
    """The range, the mean and the spread of all values, in words."""
    low, high = np.round(_ends(part), 2)
    mean = part.stats[:, 2].mean()
    return f"{low:g} to {high:g} (mean ≈ {mean:.2f}, standard deviation ≈ {_spread(part):.2f})"


def _most_are_apart(train: Reading, validation: Reading, wide: float) -> bool:
    """Whether that holds for the median image, too, and is no matter of a part with much contrast."""
    mean, spread = np.median(train.stats[:, 2:4], 0)
    other_mean, other_spread = np.median(validation.stats[:, 2:4], 0)
    low, high = sorted((spread, other_spread))
    return bool(high > SPREAD_RATIO * low or abs(mean - other_mean) > MEAN_SHIFT * wide)


def _holds_noise(part: Reading) -> bool:
    """Whether pixels side by side have no more to do with each other than any two of an image."""
    side = 3 if part.channels_first else 2
    x = part.images.astype(np.float64)
    x -= x.mean((1, 2, 3), keepdims=True)
    left, right = np.moveaxis(x, side, 0)[:-1], np.moveaxis(x, side, 0)[1:]
    return bool(abs((left * right).mean()) < NOISE * (x**2).mean())


def _one_channel(train: Reading, validation: Reading) -> Iterator[Fault]:
    """A channel that is empty in one of two sets, or lies elsewhere beside the others than in the other set."""
    sets = (part.thumbnails[0].astype(np.float64) for part in (train, validation))
    left, right = (part.reshape(-1, part.shape[3]) for part in sets)
    if left.shape[1] < 3:
        return
    for part, other, name in ((left, right, "training"), (right, left, "validation")):
        rows = ~part.any(0) & (other.std(0) > FILLED * np.max(other.std(0)))
        if rows.any() and not rows.all():
            how = f"in {name} all values of channel {np.flatnonzero(rows)[0]} are 0, in the other set they aren't"
            yield Fault(f"a colour channel is empty in {name}", how, SAME_CODE)
            return
    apart = (left.mean(0) - right.mean(0)) / (np.maximum(left.std(0), right.std(0)) + 1e-12)
    shifts = apart - np.median(apart)
    channel = int(np.argmax(np.abs(shifts)))
    most = abs(shifts[channel])
    if most > MEAN_SHIFT:
        how = f"channel {channel} lies {most:.1f} standard deviations elsewhere than the others"
        yield Fault("a colour channel is shifted against the other set", how, SAME_CODE)


def _tinted(part: Reading) -> bool:
    """Whether red and blue differ by more than chance, on average of all images."""
    tints = part.thumbnails[0].mean((1, 2)) @ [1, *[0] * (part.thumbnails[0].shape[3] - 2), -1]
    return bool(abs(tints.mean()) > 4 * tints.std() / np.sqrt(len(tints)))


def _colour(part: Reading, as_one: bool = False) -> float:
    """The share of the variance of red that blue doesn't explain, at the median image, or of all images as one.

    Of grey images none; where each image has a scale of its own for red, it is a tint. Blank images don't count.
    """
    pictures = part.thumbnails[0].astype(np.float64)
    pictures = pictures[pictures.std((1, 2, 3)) > 0]
    if not len(pictures):
        return 0.0
    rows = pictures.reshape(1 if as_one else len(pictures), -1, 3)
    rows = (rows - rows.mean(1, keepdims=True)) / (rows.std(1, keepdims=True) + 1e-12)
    return float(np.median(1 - (rows[..., 0] * rows[..., 2]).mean(1) ** 2))


def _spread(part: Reading) -> float:
    """Standard deviation of all pixels: of the images' means, and of the pixels within an image."""
    return float(np.sqrt(part.stats[:, 2].var() + np.mean(part.stats[:, 3] ** 2)))


# Labels


def _labels(train: Reading, validation: Reading) -> Iterator[Fault]:
    if train.coding != validation.coding:
        # Training that mixes images has columns where validation has the numbers of these columns.
        in_columns = train.soft and train.coding.endswith("columns")
        in_numbers = validation.coding == "one number" and not validation.soft
        known = set(validation.names) <= set(train.names)
        if not (in_columns and in_numbers and known):
            yield Fault(CODED, f"{train.coding} against {validation.coding}", "Code both alike.")
        return
    if train.classes is None or any(part.soft or part.several for part in (train, validation)):
        return
    ours, theirs = (_counted(part) for part in (train, validation))
    names = list(ours | theirs)
    counts = np.array([[known.get(name, 0) for name in names] for known in (ours, theirs)])
    n = np.maximum(counts.sum(1, keepdims=True), 1)
    shares = counts / n
    if list(ours) != list(theirs):
        if not (train.whole and validation.whole):  # the rest may have what is lacking
            return
        lacking = (counts == 0) & (shares[::-1] * n >= MISSING)
        otherwise = _coded_otherwise(list(ours), list(theirs))
        for lone, part, severity in (
            (lacking[0], "training", WRONG),
            (lacking[1], "validation", WASTEFUL),
        ):
            absent = [str(name) for name, missing in zip(names, lone, strict=True) if missing]
            how = f"{part} has no image of class {some(absent, 5)}"
            if absent and otherwise:
                yield Fault(CODED, how, "Code both alike, with every class in both.")
            elif absent:
                change = "Split so that each class is in both sets."
                yield Fault(f"{part} lacks a class", how, change, severity)
        return
    if not all(_stands_for_its_set(part) for part in (train, validation)):
        return
    gaps = np.abs(shares[0] - shares[1])
    errors = np.sqrt((shares * (1 - shares) / n).sum(0))
    if (gaps > np.maximum(CLASS_SHARE, 4 * errors)).any() and not _repeats_images(train):
        left, right = shares[:, gaps.argmax()]
        how = f"class {names[gaps.argmax()]} has ≈ {left:.0%} against ≈ {right:.0%}"
        change = "Split by class, unless it is meant, as where rare classes are repeated."
        yield Fault("classes have other shares in validation", how, change, WASTEFUL)


def _stands_for_its_set(part: Reading) -> bool:
    """Whether the shares of the classes in what was read are those of the set: all of it, or no set sorted by class."""
    if part.whole:
        return True
    classes = (part.classes or [])[0]
    half = len(classes) // 2
    counts = [
        np.bincount(some, minlength=len(part.names)) for some in (classes[:half], classes[half:])
    ]
    first, second = (count / max(int(count.sum()), 1) for count in counts)
    error = np.sqrt(first * (1 - first) / max(half, 1) + second * (1 - second) / max(half, 1))
    return bool((np.abs(first - second) <= np.maximum(4 * error, CLASS_SHARE / 3)).all())


def _coded_otherwise(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether each set has classes of its own: more than both share, or the same ones, counted from another number."""
    shared = {*ours} & {*theirs}
    if len(shared) in (len(ours), len(theirs)):
        return False
    if not isinstance(ours[0], str) and len(ours) == len(theirs):
        gaps = {b - a for a, b in zip(sorted(ours), sorted(theirs), strict=True)}
        if len(gaps) == 1:
            return True
    return 2 * len(shared) < len({*ours, *theirs})


def _counted(part: Reading) -> dict[Any, int]:
    """How many images of an epoch each class has; that of images without a label is none, unless there are but two."""
    counts = np.bincount((part.classes or [])[0], minlength=len(part.names)).tolist()
    classes = dict(zip(part.names, counts, strict=True))
    if len(classes) != 2:
        classes.pop(NO_LABEL, None)
    return classes


def _repeats_images(train: Reading) -> bool:
    """Whether training shows images several times in an epoch, as where rare classes are repeated, or says so."""
    sampler = getattr(train.source.data, "sampler", None)
    known = [image for image in train.invariants if image is not None]
    return getattr(sampler, "replacement", False) or len(set(known)) < 0.95 * len(known)
