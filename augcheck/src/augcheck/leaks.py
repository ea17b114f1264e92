"""Validation images that are in training: as they are, mirrored, rescaled, recoloured, or nearly the same."""

from __future__ import annotations

import numpy as np

from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NO_VALIDATION, NOT_FOUND, Finding
from augcheck.sources import ARRAYS

# Thresholds. Those of the first nine findings were fixed before the detection table was made, later ones beside it.
FEW = 0.02  # a smaller share counts as none: real sets hold a few doubles
NEAR = 0.5  # a near copy lies within half of the way to any other image (8x8 pixels, contrast taken out)
NEAR_EXCESS = 4.0  # standard errors by which they outnumber those within validation: by chance 1 in 30,000
MOST_COMPARED = 2048  # validation images, drawn at random, against all of training: 25,000 in colour take 2 s

CHANGE = "Split by source image first, then augment training."


def shared_images(a: Reading, b: Reading | None, originals: list[Reading]) -> Finding:
    """Whether validation images (b) are in training, or near copies of them.

    Args:
        a: training as it is read.
        originals: the images of training from before the augmentation, as far as they can be reached, in one or two
            versions; empty if they can't.
    """
    if b is None:
        return NO_VALIDATION
    sets = originals or [a]
    where = {image: i for part in reversed(sets) for i, image in enumerate(part.invariants) if image is not None}
    pairs = [(i, where[image]) for i, image in enumerate(b.invariants) if image in where]
    n, many = len(b.invariants), len(sets[0].invariants)
    compared = f"of {n:,} validation images, compared with {many:,} of training"
    if len(pairs) > FEW * n:
        how = f"{len(pairs):,} {compared}, are there as they are, mirrored or rescaled."
        return Finding(FOUND, "the same images", how, CHANGE, _indices(pairs))
    exact = f"{len(pairs):,} {compared}, are there as they are, mirrored or rescaled"
    same_size = [part for part in sets if part.thumbnails.shape[1:] == b.thumbnails.shape[1:]]
    if not same_size or min(len(b.thumbnails), len(same_size[0].thumbnails)) < 8:
        return Finding(CANT_TELL, "", f"{exact}; near copies can't be looked for.", "Give both in one size.")
    for part in same_size:
        near = NearCopies(part.thumbnails, b.thumbnails)
        if near.found:
            how = (
                f"{len(near.pairs):,} of {near.compared:,} validation images lie far nearer to one of training than "
                "to any of their own."
            )
            return Finding(FOUND, "near copies", how, CHANGE, _indices(near.pairs))
    if originals and all(part.whole for part in (*originals, b)):
        return Finding(NOT_FOUND, "", f"{exact}, and there are no near copies.")
    if originals:
        return Finding(CANT_TELL, "", f"{exact}; not all of both sets was read.", "Raise max_images and max_seconds.")
    change = "Compare the images from before the augmentation (as a pair of arrays)."
    if a.source.kind == ARRAYS:
        change = "If these arrays were augmented and then split, compare the images they were made from."
    return Finding(CANT_TELL, "", f"{exact}; turned or shifted copies can't be recognised.", change)


def _indices(pairs: list[tuple[int, int]]) -> dict[str, list[int]]:
    return {"validation": [i for i, _ in pairs], "train": [j for _, j in pairs]}


class NearCopies:
    """Validation images with a near copy in training.

    Similar but different images are as frequent within validation. So each validation image is compared with as many
    others of validation as there are in a block of training, block by block until all of training took part.

    Attributes:
        compared: validation images that were looked at: all, or as many drawn at random.
        pairs: (place in validation, place in training), the nearest first.
        found: whether there are more than similar images explain.
    """

    def __init__(self, training: np.ndarray, validation: np.ndarray) -> None:
        rng = np.random.default_rng(0)
        rows = np.sort(rng.permutation(len(validation))[:MOST_COMPARED])
        t, v = (_without_contrast(part) for part in (training, validation[rows]))
        mirrored = [_without_contrast(validation[rows][:, ::up, ::left]) for up in (1, -1) for left in (1, -1)]
        size = min(len(t), len(v) - 1)
        others = np.sort(rng.permutation(len(v))[:size])
        to_v = _ways(mirrored, v[others])
        to_v[others, np.arange(len(others))] = np.inf  # each to itself
        own = to_v.min(1)
        excess, nearest, partner = np.zeros(len(v)), np.full(len(v), np.inf), np.zeros(len(v), int)
        for block in np.array_split(np.arange(len(t)), -(-len(t) // size)):
            ways = _ways(mirrored, t[block])
            way, at = ways.min(1), block[ways.argmin(1)]
            excess += (way < NEAR * own).astype(float) - (own < NEAR * way)
            closer = way < nearest
            nearest[closer], partner[closer] = way[closer], at[closer]
        near = np.flatnonzero(nearest < NEAR * own)
        near = near[np.argsort(nearest[near])]
        self.compared = len(v)
        self.pairs = [(int(rows[i]), int(partner[i])) for i in near]
        sure = excess.sum() > NEAR_EXCESS * np.sqrt(max((excess**2).sum(), 1))
        self.found = bool(sure and excess.mean() > FEW)


def _ways(mirrored: list[np.ndarray], others: np.ndarray) -> np.ndarray:
    """From each image, in the mirroring that fits best, the way to each other one. All have norm 1."""
    likeness = mirrored[0] @ others.T
    for rows in mirrored[1:]:
        np.maximum(likeness, rows @ others.T, out=likeness)
    return np.sqrt(np.maximum(2 - 2 * likeness, 0))


def _without_contrast(thumbnails: np.ndarray) -> np.ndarray:
    rows = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    rows = rows - rows.mean(1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
