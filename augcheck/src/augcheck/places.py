"""What the place in an epoch decides: the same image there in every epoch, or the same random draw.

Two images at the same place of two epochs should be no more alike than one and its neighbour's place. They are if
the order of the images is the same in every epoch, and also if the order is new but the random draws are not: a
counter that starts again, a worker whose generator starts again. Within one epoch the same is asked of the same place
in neighbouring batches, which two workers with one seed augment alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from augcheck.reading import Reading

# Correct pipelines give a standard normal number: of 30,000 one reaches 4 by chance. The distance to 6 is for images
# that are not as independent of each other as the test takes them to be.
SURE = 6.0
ALIKE = 0.01  # correlation below which a tie costs nothing, however surely it is seen
FEWEST = 64  # images of an epoch


class Tie(NamedTuple):
    """How much more alike images are at the same place than at neighbouring ones.

    Attributes:
        correlation: of the pixels (8x8, each class's mean taken out), beyond that of neighbouring places.
        sure: the same in standard errors.
    """

    correlation: float
    sure: float

    @property
    def seen(self) -> bool:
        return self.sure > SURE and self.correlation > ALIKE


NONE = Tie(0.0, 0.0)


def same_place(a: Reading) -> Tie:
    """Whether images at the same place of different epochs are alike, in brightness or without it."""
    return max((_same_place(a, contrast) for contrast in (True, False)), key=lambda tie: tie.sure)


def _same_place(a: Reading, contrast: bool) -> Tie:
    n = min(len(epoch) for epoch in a.looks)
    if n < FEWEST or len(a.looks) < 2:
        return NONE
    looks = [rows[:n] for rows in _residuals(a, contrast)]
    total = np.sum(looks, axis=0)
    # Over all pairs of different epochs at once: the product of sums, less each epoch with itself.
    alike = (total**2).sum(1) - sum((rows**2).sum(1) for rows in looks)
    near = np.zeros(n)
    for step in (1, -1):
        moved = np.roll(total, step, 0)
        near += 0.5 * ((total * moved).sum(1) - sum((rows * np.roll(rows, step, 0)).sum(1) for rows in looks))
    pairs = len(looks) * (len(looks) - 1)
    return _tie((alike - near) / pairs, looks)


def same_place_in_batches(a: Reading) -> Tie:
    """Whether images at the same place of neighbouring batches are alike."""
    size, n = a.sizes[0], len(a.given[0])
    batches = n // size
    if size < 4 or batches < 3 or n < FEWEST:
        return NONE
    differences, looks = [], []
    for rows in _residuals(a):
        if len(rows) < batches * size:
            continue
        x = rows[: batches * size].reshape(batches, size, -1)
        first, second = x[:-1], x[1:]
        near = sum((first * np.roll(second, step, 1)).sum(2) for step in (1, -1)) / 2
        differences.append(((first * second).sum(2) - near).ravel())
        looks.append(rows)
    return _tie(np.concatenate(differences), looks) if differences else NONE


def same_labels(a: Reading) -> Tie:
    """Whether labels at the same place of different epochs agree more often than by chance."""
    if a.classes is None:
        return NONE
    n = min(len(epoch) for epoch in a.classes)
    first, *others = (epoch[:n] for epoch in a.classes)
    shares = np.bincount(first) / n
    chance = (shares**2).sum()
    agree = np.concatenate([epoch == first for epoch in others]) - chance
    spread = agree.std() / np.sqrt(len(agree)) + 1e-12
    return Tie(float(agree.mean()), float(agree.mean() / spread))


def _residuals(a: Reading, contrast: bool = True) -> list[np.ndarray]:
    """Thumbnails as rows of unit variance a pixel, without the mean of their class, and without contrast if wished."""
    rows = [looks.reshape(len(looks), -1).astype(np.float32) for looks in a.looks]
    every = np.concatenate(rows)
    if not contrast:
        every -= every.mean(1, keepdims=True)
        every /= every.std(1, keepdims=True) + 1e-9
    classes = np.zeros(len(every), int) if a.classes is None else np.concatenate(a.classes)
    for name in np.unique(classes):
        every[classes == name] -= every[classes == name].mean(0)
    every /= every.std(0) + 1e-9
    return np.split(every, np.cumsum([len(part) for part in rows])[:-1])


def _tie(differences: np.ndarray, looks: list[np.ndarray]) -> Tie:
    scale = float(np.mean([(rows**2).sum(1).mean() for rows in looks])) + 1e-9
    error = differences.std() / np.sqrt(len(differences)) + 1e-12
    return Tie(float(differences.mean()) / scale, float(differences.mean() / error))
