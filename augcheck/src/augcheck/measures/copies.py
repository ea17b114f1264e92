"""Near copies: images of one set that lie far nearer to one of another than similar images explain."""

from __future__ import annotations

import numpy as np

from augcheck.measures.recurrence import FEW

NEAR = 0.5  # a near copy lies within half of the distance to any other image (8x8 pixels, contrast taken out)
# Or within one of these: JPEG of qualities 90, 60, 20 (different images: up to 1.4).
STORED_AGAIN = (0.02, 0.04, 0.08)
# Standard errors by which they outnumber those within validation: by chance 1 in 30,000.
NEAR_EXCESS = 4.0
# Validation images, drawn at random, against all of training: 25,000 in colour take 2 s.
MOST_COMPARED = 2048


class NearCopies:
    """Validation images with a near copy in training.

    Similar but different images are as frequent within validation. So each validation image is compared with as many
    others of validation as there are in a block of training, block by block until all of training took part.
    """

    def __init__(self, training: np.ndarray, validation: np.ndarray) -> None:
        rng = np.random.default_rng(0)
        rows = np.sort(rng.permutation(len(validation))[:MOST_COMPARED])
        t, v = (_without_contrast(part) for part in (training, validation[rows]))
        poses = [_without_contrast(pose) for pose in _poses(validation[rows])]
        size = min(len(t), len(v) - 1)
        others = np.sort(rng.permutation(len(v))[:size])
        to_v = _distances(poses, v[others])
        to_v[others, np.arange(len(others))] = np.inf  # each to itself
        own = to_v.min(1)
        # Of copies by each limit over those within validation.
        excess = np.zeros((1 + len(STORED_AGAIN), len(v)))
        nearest, partner = np.full(len(v), np.inf), np.zeros(len(v), int)
        for block in np.array_split(np.arange(len(t)), -(-len(t) // size)):
            distances = _distances(poses, t[block])
            distance, at = distances.min(1), block[distances.argmin(1)]
            excess[0] += (distance < NEAR * own).astype(float) - (own < NEAR * distance)
            for i, limit in enumerate(STORED_AGAIN, 1):
                excess[i] += (distance < limit).astype(float) - (own < limit)
            closer = distance < nearest
            nearest[closer], partner[closer] = distance[closer], at[closer]
        limits = [NEAR * own, *(np.full(len(v), limit) for limit in STORED_AGAIN)]
        sure = excess.sum(1) > NEAR_EXCESS * np.sqrt(np.maximum((excess**2).sum(1), 1))
        found = np.flatnonzero(sure & (excess.mean(1) > FEW)).tolist()
        self.found = bool(found)  # whether there are more than similar images explain
        farthest = limits[max(found, key=lambda i: excess[i].sum())] if found else np.zeros(len(v))
        near = np.flatnonzero(nearest < farthest)
        near = near[np.argsort(nearest[near])]
        self.compared = len(v)  # all validation images, or as many drawn at random
        # Places in validation and training, nearest first.
        self.pairs = [(int(rows[i]), int(partner[i])) for i in near]


def _poses(thumbnails: np.ndarray) -> list[np.ndarray]:
    """Thumbnails mirrored, and where they are square, turned by a quarter; not both, which would cost as much again."""
    poses = [thumbnails[:, ::up, ::left] for up in (1, -1) for left in (1, -1)]
    if thumbnails.shape[1] == thumbnails.shape[2]:
        poses += [np.rot90(thumbnails, quarters, (1, 2)) for quarters in (1, 3)]
    return poses


def _distances(poses: list[np.ndarray], others: np.ndarray) -> np.ndarray:
    """From each image, in the pose that fits best, the distance to each other one. All have length 1."""
    likeness = poses[0] @ others.T
    for rows in poses[1:]:
        np.maximum(likeness, rows @ others.T, out=likeness)
    return np.asarray(np.sqrt(np.maximum(2 - 2 * likeness, 0)))


def _without_contrast(thumbnails: np.ndarray) -> np.ndarray:
    rows: np.ndarray = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    rows -= rows.mean(1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    return np.asarray(rows)
