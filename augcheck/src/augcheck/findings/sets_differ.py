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

NUMBER, ABOUT = "AUG04", "training and validation alike"
# Ratio of standard deviations: [-1, 1] over [0, 1] is 2, mixing two images at most 1.41.
SPREAD_RATIO = 1.6
MEAN_SHIFT = 1.0  # in standard deviations of a pixel
SAME_ENDS = (
    0.2  # of the range of both sets, within which ends agree: [0, 1] and [-1, 1] are 0.5 apart
)
CLASS_SHARE = 0.15  # difference in the share of a class, if also four standard errors
NO_LABEL = -1  # by custom, of an image without a label
MISSING = (
    8.0  # images of a class that the other set should have before it is said to lack the class
)

CODED = "labels are coded differently in training and validation"
DIFFERENT = "training and validation have different"
CHANNELS = "colour channels have another order in validation"
SAME_CODE = "Read both with the same code."
IN_LOOP = " If the loop changes validation, too, give validation as it leaves the loop."

EXPLANATION = f"""Training and validation differ in shape, range of values, colours, coding of labels, or classes.

What it does:
    Compares means, spreads, colours, shapes and labels of both sets: 0 to 255 against 0 to 1, RGB against BGR, other
    classes. It takes a standard deviation of {SPREAD_RATIO} times the other's, or means apart by {MEAN_SHIFT} of it,
    also at the median image. A set lacks a class where {MISSING:g} of its images were to be expected. An augment= in
    the loop is applied to training first. Calm, because it is often meant: validation lacks one of several classes,
    has other shares of them, or has larger images.

Why it matters:
    The network is judged on images or labels that it was not trained for. With one class in validation, a network
    that always names it scores 100 %.

What it can't tell:
    Differences that both sets share. Classes that are numbered otherwise in validation.

Wrong:
    check_pipeline((x / 255, y), (x_val, y_val))
Right:
    check_pipeline((x / 255, y), (x_val / 255, y_val))"""


def sets_differ(context: Context) -> Finding:
    train, validation = context.train, context.validation
    faults = list(_class_orders(train, validation, context.class_names))
    if validation is None:
        return joined(faults) if faults else NO_VALIDATION
    seen = train
    behind = context.later and not context.untried and not context.first_layers.steps
    if behind and train.shown_images.ndim == 4:
        seen = _behind_the_loop(train)
    for fault in _pixels(seen, validation):
        if seen is not train and not any(_pixels(train, validation)):
            fault = fault._replace(severity=WASTEFUL, change=fault.change + IN_LOOP)
        faults.append(fault)
    faults += _labels(train, validation)
    if faults:
        return joined(faults)
    limit = "" if validation.whole and train.whole else ", as far as both were read"
    return not_found(f"Shape, values, colours and labels agree{limit}.")


def _class_orders(
    train: Reading, validation: Reading | None, class_names: list[Any] | None
) -> Iterator[Fault]:
    orders = [class_names or []]
    for part in filter(None, (train, validation)):
        indices: dict[Any, Any] = getattr(part.source.data, "class_indices", None) or {}
        orders.append(sorted(indices, key=indices.__getitem__) or _class_names(part.source.data))
    known = [", ".join(map(str, order)) for order in orders if order]
    if len(set(known)) > 1:
        how = " against ".join(known)
        yield Fault("the classes are listed in different orders", how, "Give all the same list.")


def _class_names(data: Any) -> list[Any]:
    """Those that image_dataset_from_directory or a PyTorch folder notes, behind whatever came after."""
    for step in (*steps_of(data), getattr(data, "dataset", None)):
        for named in (getattr(step, "class_names", None), getattr(step, "classes", None)):
            if isinstance(named, list | tuple) and len(set(map(str, named))) == len(named):
                return list(named)
    return []


def _behind_the_loop(train: Reading) -> Reading:
    """Training as it leaves the loop's augmentation."""
    small = [train.shown_thumbnails]
    if small[0].shape[1:] != train.thumbnails[0].shape[1:]:
        small = train.thumbnails
    return replace(train, stats=train.shown_stats, thumbnails=small)


def _pixels(train: Reading, validation: Reading) -> Iterator[Fault]:
    left, right = _size(train), _size(validation)
    how = f"images of {train.images.shape[1:]} against {validation.images.shape[1:]}"
    if left != right:
        larger = left[2] == right[2] and left[0] < right[0] and left[1] < right[1]
        severity = WASTEFUL if larger else WRONG
        yield Fault("images have another size in validation", how, SAME_CODE, severity)
        return
    if train.channels_first != validation.channels_first:
        yield Fault(CHANNELS, how, SAME_CODE)
        return
    gap = abs(train.stats[:, 2].mean() - validation.stats[:, 2].mean())
    narrow, wide = sorted([_spread(train), _spread(validation)])
    apart = wide > SPREAD_RATIO * narrow or gap > MEAN_SHIFT * wide
    new = shows_new_images(train)
    if apart and (not new or _most_are_apart(train, validation, wide)):
        how = f"training values are {_values(train)}, validation values {_values(validation)}"
        ends = np.array([_ends(train), _ends(validation)])
        same_ends = np.abs(ends[0] - ends[1]).max() < SAME_ENDS * np.ptp(ends)
        value = "brightness or contrast" if same_ends else "ranges of values"
        change = "Scale the values of both alike, for instance both to 0 to 1."
        # Frames that a shift fills do the same to pictures that are coded alike.
        severity = WASTEFUL if same_ends and new else WRONG
        yield Fault(f"{DIFFERENT} {value}", how, change, severity)
    colours, others = (part.thumbnails[0].mean((0, 1, 2)) for part in (train, validation))
    straight, reverse = np.abs(colours - others).max(), np.abs(colours - others[::-1]).max()
    if straight > 0.1 * wide and reverse < straight / 4 and all(map(_tinted, (train, validation))):
        yield Fault(CHANNELS, "mean colours agree in reverse order", "Read both as RGB.")


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


def _tinted(part: Reading) -> bool:
    """Whether red and blue differ by more than chance, on average of all images."""
    means = part.thumbnails[0].mean((1, 2))
    tints = means[:, 0] - means[:, -1]
    return bool(abs(tints.mean()) > 4 * tints.std() / np.sqrt(len(tints)))


def _spread(part: Reading) -> float:
    """Standard deviation of all pixels: of the images' means, and of the pixels within an image."""
    return float(np.sqrt(part.stats[:, 2].var() + np.mean(part.stats[:, 3] ** 2)))


def _labels(train: Reading, validation: Reading) -> Iterator[Fault]:
    if train.coding != validation.coding:
        # Training that mixes images has columns where validation has the numbers of these columns.
        if not (train.soft and validation.coding == "one number"):
            yield Fault(CODED, f"{train.coding} against {validation.coding}", "Code both alike.")
        return
    if train.classes is None or any(part.soft or part.several for part in (train, validation)):
        return
    ours, theirs = (_counted(part) for part in (train, validation))
    if validation.whole and len(theirs) == 1 < len(ours) and sum(theirs.values()) >= MISSING:
        how = f"all {validation.n:,} validation images are of class {next(iter(theirs))}"
        change = "Shuffle before you split, or split by class: files in class order leave one class at the end."
        yield Fault("validation has one class only", how, change)
        return
    names = list(ours | theirs)
    counts = np.array([[known.get(name, 0) for name in names] for known in (ours, theirs)])
    n = counts.sum(1, keepdims=True)
    shares = counts / np.maximum(n, 1)
    if not (train.whole and validation.whole):  # the rest may have what is lacking
        return
    lacking = (counts == 0) & (shares[::-1] * n >= MISSING)
    for lone, part, severity in zip(
        lacking, ("training", "validation"), (WRONG, WASTEFUL), strict=True
    ):
        absent = [str(name) for name, missing in zip(names, lone, strict=True) if missing]
        if absent:
            how = f"{part} has no image of class {some(absent, 5)}"
            yield Fault(f"{part} lacks a class", how, "Split by class.", severity)
    if lacking.any():
        return
    gaps = np.abs(shares[0] - shares[1])
    errors = np.sqrt((shares * (1 - shares) / np.maximum(n, 1)).sum(0))
    if (gaps > np.maximum(CLASS_SHARE, 4 * errors)).any():
        left, right = shares[:, gaps.argmax()]
        how = f"class {names[gaps.argmax()]} has ≈ {left:.0%} against ≈ {right:.0%}"
        change = "Split by class, unless it is meant, as where rare classes are repeated."
        yield Fault("classes have other shares in validation", how, change, WASTEFUL)


def _counted(part: Reading) -> dict[Any, int]:
    """How many images of the first epoch each class has; images without a label are no class."""
    counts = np.bincount((part.classes or [])[0], minlength=len(part.names)).tolist()
    classes = {name: n for name, n in zip(part.names, counts, strict=True) if n}
    if len(classes) != 2:
        classes.pop(NO_LABEL, None)
    return classes
