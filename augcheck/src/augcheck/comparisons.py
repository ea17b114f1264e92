"""What two sets have in common that they shouldn't, and what they lack that they should have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from scipy.spatial.distance import cdist

from augcheck.reading import KEPT, Reading
from augcheck.report import CANT_TELL, FOUND, NO_VALIDATION, NOT_FOUND, Finding, joined

# Thresholds, fixed before the detection table was made.
FEW = 0.02  # a smaller share counts as none: real sets hold a few doubles
SPREAD_RATIO = 1.6  # of standard deviations: [-1, 1] over [0, 1] is 2, mixing two images at most 1.41
MEAN_SHIFT = 1.0  # in standard deviations of a pixel
CLASS_SHARE = 0.15  # difference in the share of a class, if also four standard errors
NEAR = 0.5  # a near copy lies within half of the way to any other image (8x8 pixels, contrast taken out)
NEAR_EXCESS = 4.0  # standard errors by which near copies in training outnumber those in validation

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
        named = list(getattr(part.source.data, "class_names", None) or [])
        orders.append(sorted(indices, key=indices.__getitem__) or named)
    known = [", ".join(map(str, order)) for order in orders if order]
    if len(set(known)) > 1:
        yield "order of the classes", " against ".join(known), "Give all the same list of classes."


def _pixels(a: Reading, b: Reading) -> Iterator[Found]:
    left, right = a.images.shape[1:], b.images.shape[1:]
    if left != right:
        turned = left == (right[2], *right[:2]) or right == (left[2], *left[:2])
        value = "order of the channels" if turned else "shape"
        yield value, f"images of {left} against {right}", "Read both with the same code."
        return
    means = [part.stats[:, 2].mean() for part in (a, b)]
    narrow, wide = sorted(_spread(part) for part in (a, b))
    if wide > SPREAD_RATIO * narrow or abs(means[0] - means[1]) > MEAN_SHIFT * wide:
        ends = []
        for part, mean in zip((a, b), means, strict=True):
            low, high = np.round([part.stats[:, 0].min(), part.stats[:, 1].max()], 2)
            ends.append(f"{low:g} to {high:g}, mean ≈ {mean:.2f}")
        yield "range of values", ", against ".join(ends), "Rescale and normalise both alike."
    colours, others = (part.thumbnails.mean((0, 1, 2)) for part in (a, b))
    straight, reverse = np.abs(colours - others).max(), np.abs(colours - others[::-1]).max()
    if straight > 0.1 * wide and reverse < straight / 4:
        yield "order of the channels", "mean colours agree in reverse order", "Read both as RGB."


def _spread(part: Reading) -> float:
    """Standard deviation of all pixels: of the images' means, and of the pixels within an image."""
    return np.sqrt(part.stats[:, 2].var() + np.mean(part.stats[:, 3] ** 2))


def _labels(a: Reading, b: Reading) -> Iterator[Found]:
    if a.coding != b.coding:
        yield "coding of the labels", f"{a.coding} against {b.coding}", "Code both alike."
    elif a.names != b.names and not (a.soft or b.soft):
        how = f"classes {a.names[:5]} against {b.names[:5]}"
        yield "coding of the labels", how, "Code both alike, with every class in both."
    elif a.classes and b.classes:
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


def shared_images(a: Reading, b: Reading | None, before: bool) -> Finding:
    """Whether validation images (b) are in training (a), or near copies of them.

    Args:
        before: whether a was read before it was augmented.
    """
    if b is None:
        return NO_VALIDATION
    known, n = set(a.invariants) - {None}, len(b.invariants)
    shared = sum(image in known for image in b.invariants)
    how = f"{shared:,} of {n:,} validation images are in training as they are, mirrored or rescaled"
    change = "Split by source image first, then augment training."
    if shared > FEW * n:
        return Finding(FOUND, "the same images", how + ".", change)
    near, excess = _near_copies(a.thumbnails, b.thumbnails)
    if near > FEW and excess > NEAR_EXCESS:
        how = f"≈ {near:.0%} of validation images lie far nearer to one in training than to any of their own."
        return Finding(FOUND, "near copies", how, change)
    if before and a.whole and b.whole:
        return Finding(NOT_FOUND, "", how + ", and there are no near copies.")
    change = "Compare the images from before the augmentation (as a pair of arrays)."
    return Finding(CANT_TELL, "", how + "; turned or shifted copies can't be recognised.", change)


def _near_copies(training: np.ndarray, validation: np.ndarray) -> tuple[float, float]:
    """Share of the validation thumbnails with a near copy in training; by how many standard errors it
    exceeds the share of those that have one in validation, which similar but different images have, too."""
    n, rng = min(len(training), len(validation), KEPT), np.random.default_rng(0)
    if training.shape[1:] != validation.shape[1:] or n < 8:
        return 0.0, 0.0
    t, v = (part[rng.permutation(len(part))[:n]] for part in (training, validation))
    mirrored = [v, v[:, ::-1], v[:, :, ::-1], v[:, ::-1, ::-1]]
    t, *mirrored = (_without_contrast(part) for part in (t, *mirrored))
    # From each validation image, in the mirroring that fits best, the way to each other image.
    to_t = np.min([cdist(part, t) for part in mirrored], axis=0)
    to_v = np.min([cdist(part, mirrored[0]) for part in mirrored], axis=0)
    np.fill_diagonal(to_v, np.inf)
    to_t, to_v = to_t.min(1), to_v.min(1)
    in_t, in_v = np.sum(to_t < NEAR * to_v), np.sum(to_v < NEAR * to_t)
    return float(in_t / n), float((in_t - in_v) / np.sqrt(max(in_t + in_v, 1)))


def _without_contrast(thumbnails: np.ndarray) -> np.ndarray:
    rows = thumbnails.reshape(len(thumbnails), -1)
    rows = rows - rows.mean(1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
