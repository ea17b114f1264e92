"""What two sets have in common that they shouldn't, and what they lack that they should have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from augcheck.frameworks import is_a
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, NO_VALIDATION, NOT_FOUND, Finding, joined
from augcheck.state import steps_of

# Thresholds. Those of the first nine findings were fixed before the detection table was made, later ones beside it.
SPREAD_RATIO = 1.6  # of standard deviations: [-1, 1] over [0, 1] is 2, mixing two images at most 1.41
MEAN_SHIFT = 1.0  # in standard deviations of a pixel
CLASS_SHARE = 0.15  # difference in the share of a class, if also four standard errors
FULL = 0.01  # of the range of values: an image fills it if it comes that near to both ends; JPEG moves them less
STRETCHED, UNSTRETCHED = 0.98, 0.5  # shares of images that fill the range: of fashion garments 0.8 do as they are

Found = tuple[str, str, str]  # a value, how it is known, and what to change


def sets_differ(a: Reading, b: Reading | None, class_names: Iterable | None) -> Finding:
    """Whether training (a) and validation (b) have the same shape, values, colours and labels."""
    found = list(_class_orders(a, b, class_names))
    if b is not None:
        found += [*_pixels(a, b), *_labels(a, b)]
    if found:
        return joined(found)
    if b is None:
        return NO_VALIDATION
    kinds = a.images.dtype, b.images.dtype
    if (kinds[0].kind == "f") != (kinds[1].kind == "f"):
        how = f"{kinds[0]} against {kinds[1]}, harmless if the model converts them."
        return Finding(CANT_TELL, "type of numbers", how)
    return Finding(NOT_FOUND, "", "Shape, values, colours and labels agree.")


def _class_orders(a: Reading, b: Reading | None, class_names: Iterable | None) -> Iterator[Found]:
    orders = [[] if class_names is None else list(class_names)]
    for part in filter(None, (a, b)):
        indices: dict = getattr(part.source.data, "class_indices", None) or {}
        orders.append(sorted(indices, key=indices.__getitem__) or _class_names(part.source.data))
    known = [", ".join(map(str, order)) for order in orders if order]
    if len(set(known)) > 1:
        yield "order of the classes", " against ".join(known), "Give all the same list of classes."


def _class_names(data: Any) -> list:
    """Those that image_dataset_from_directory or a PyTorch folder notes, behind whatever map came after."""
    steps = steps_of(data) if is_a(data, "tensorflow.data.Dataset") else (data, getattr(data, "dataset", None))
    for step in steps:
        for named in (getattr(step, "class_names", None), getattr(step, "classes", None)):
            if isinstance(named, list | tuple) and len(set(map(str, named))) == len(named):
                return list(named)
    return []


def _pixels(a: Reading, b: Reading) -> Iterator[Found]:
    left, right = a.images.shape[1:], b.images.shape[1:]
    if left != right or a.channels_first != b.channels_first:
        value = "order of the channels" if left == right else "shape"
        found = " against ".join(str(_given_shape(part)) for part in (a, b))
        yield value, f"images of {found}", "Read both with the same code."
        return
    means = [part.stats[:, 2].mean() for part in (a, b)]
    narrow, wide = sorted(_spread(part) for part in (a, b))
    if wide > SPREAD_RATIO * narrow or abs(means[0] - means[1]) > MEAN_SHIFT * wide:
        ends = []
        for part, mean in zip((a, b), means, strict=True):
            low, high = np.round([part.stats[:, 0].min(), part.stats[:, 1].max()], 2)
            ends.append(f"{low:g} to {high:g}, mean ≈ {mean:.2f}, deviation ≈ {_spread(part):.2f}")
        yield "range of values", ", against ".join(ends), "Rescale and normalise both alike."
    filled, others_filled = (_filling(part) for part in (a, b))
    if filled > STRETCHED and others_filled < UNSTRETCHED:
        how = f"≈ {filled:.0%} of training and ≈ {others_filled:.0%} of validation span its whole range of values"
        change = "save_to_dir and save_img stretch each picture: save with scale=False, or stretch both alike."
        yield "each picture stretched", how, change
    colours, others = (part.thumbnails.mean((0, 1, 2)) for part in (a, b))
    straight, reverse = np.abs(colours - others).max(), np.abs(colours - others[::-1]).max()
    if straight > 0.1 * wide and reverse < straight / 4:
        yield "order of the channels", "mean colours agree in reverse order", "Read both as RGB."


def _filling(part: Reading) -> float:
    """Share of the images that reach from the least to the largest value of the set."""
    low, high = part.stats[:, 0], part.stats[:, 1]
    margin = FULL * (high.max() - low.min())
    if margin == 0:
        return 0.0
    return float(np.mean((low <= low.min() + margin) & (high >= high.max() - margin)))


def _given_shape(part: Reading) -> tuple[int, ...]:
    height, width, channels = part.images.shape[1:]
    return (channels, height, width) if part.channels_first else (height, width, channels)


def _spread(part: Reading) -> float:
    """Standard deviation of all pixels: of the images' means, and of the pixels within an image."""
    return np.sqrt(part.stats[:, 2].var() + np.mean(part.stats[:, 3] ** 2))


def _labels(a: Reading, b: Reading) -> Iterator[Found]:
    if a.coding != b.coding:
        yield "coding of the labels", f"{a.coding} against {b.coding}", "Code both alike."
    elif a.names != b.names and not (a.soft or b.soft):
        yield "coding of the labels", _different(a.names, b.names), "Code both alike, with every class in both."
    elif a.classes and b.classes and a.names == b.names:
        first_epochs = a.classes[0], b.classes[0]
        counts = np.array([np.bincount(classes, minlength=len(a.names)) for classes in first_epochs])
        total = counts.sum(1, keepdims=True)
        shares = counts / total
        errors = np.sqrt((shares * (1 - shares) / total).sum(0))
        gaps = np.abs(shares[0] - shares[1])
        if (gaps > np.maximum(CLASS_SHARE, 4 * errors)).any():
            name, (left, right) = a.names[gaps.argmax()], shares[:, gaps.argmax()]
            how = f"class {name} has ≈ {left:.0%} against ≈ {right:.0%}"
            yield "balance of the classes", how, "Split by class, unless it is meant."


def _different(left: list, right: list) -> str:
    """Classes of two sets in a few words, with those that only one of them has."""
    if max(len(left), len(right)) <= 5:
        return f"classes {left} against {right}"
    parts = []
    for name, own, other in (("training", left, right), ("validation", right, left)):
        lone = [one for one in own if one not in set(other)]
        if lone:
            more = f" and {len(lone) - 5} more" if len(lone) > 5 else ""
            parts.append(f"only {name} has {', '.join(map(str, lone[:5]))}{more}")
    return f"{len(left)} classes against {len(right)}: {' and '.join(parts)}"
