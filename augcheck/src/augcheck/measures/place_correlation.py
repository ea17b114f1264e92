"""What the place in an epoch decides: the same image there in every epoch, or the same random draw.

Two images at the same place of two epochs should be no more alike than one and its neighbour's place. They are if the
order of the images is the same in every epoch, and also if the order is new but the random draws are not: a counter
that starts again, a worker whose generator starts again. Within one epoch the same is asked of the same place in
neighbouring batches, which two workers with one seed augment alike.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from augcheck.measures.recurrence import FEW
from augcheck.reading.epochs import Reading

# Correct pipelines give a standard normal number: of 30,000 one reaches 4 by chance. The distance to 6 is for images
# that are not as independent of each other as the test takes them to be.
SURE = 6.0
ALIKE = 0.01  # correlation below which likeness costs nothing, however surely it is seen
FEWEST = 64  # images of an epoch
LONGEST_TURN = 64  # places after which classes come round again
FEWEST_TURNS = 4  # of these in an epoch


class Correlation(NamedTuple):
    """How much more alike images are at the same place than at neighbouring ones."""

    excess: float  # in correlation of the pixels (8x8, each class's mean taken out), beyond that of neighbouring places
    errors: float  # the same in standard errors

    @property
    def seen(self) -> bool:
        return self.errors > SURE and self.excess > ALIKE

    @property
    def sure(self) -> str:
        return f"≈ {self.errors:.0f} standard errors; up to {SURE:g} is allowed"


NONE = Correlation(0.0, 0.0)


def correlation_across_epochs(part: Reading, batches_again: bool = True) -> Correlation:
    """Whether images at the same place of different epochs are alike, in brightness or without it.

    Args:
        batches_again: whether batches count that come again whole, as behind ``batch().shuffle()``, where labels show
            them.
    """
    both = [_across(part, contrast, batches_again) for contrast in (True, False)]
    return max(both, key=lambda found: found.errors)


def _across(part: Reading, contrast: bool, batches_again: bool) -> Correlation:
    n = min(len(epoch) for epoch in part.thumbnails)
    if n < FEWEST:
        return NONE
    epochs = [rows[:n] for rows in _residuals(part, contrast)]
    step = _turn(part)
    sums, counts = np.zeros(n), np.zeros(n)
    for (i, first), (j, second) in itertools.combinations(enumerate(epochs), 2):
        use = np.ones(n, bool) if batches_again else ~_again(part, i, j, n)
        sums += use * _beyond_neighbours(first, second, step)
        counts += use
    differences = sums[counts > 0] / counts[counts > 0]
    return _correlation(differences, epochs) if len(differences) >= FEWEST else NONE


def _turn(part: Reading) -> int:
    """After how many places the classes come round again, as where images are taken from files of each class in turn.

    Then images that many places apart come from one file, and are neighbours in the sense of this module; else 1.
    """
    if part.classes is None:
        return 1
    classes = part.classes[0]
    for step in range(1, min(LONGEST_TURN, len(classes) // FEWEST_TURNS) + 1):
        if np.mean(classes[step:] == classes[:-step]) >= 1 - FEW:
            return step
    return 1


def _beyond_neighbours(first: np.ndarray, second: np.ndarray, step: int) -> np.ndarray:
    """Of rows (..., places, numbers): how much more each is like that at its place than those so many places away."""
    near = (np.roll(second, step, -2) + np.roll(second, -step, -2)) / 2
    return np.asarray((first * (second - near)).sum(-1))


def _again(part: Reading, i: int, j: int, n: int) -> np.ndarray:
    """Whether the batch at each of n places has the same labels, of more than one class, in two epochs."""
    if part.classes is None:
        return np.zeros(n, bool)
    first, second = part.classes[i][:n], part.classes[j][:n]
    batch = np.arange(n) // part.sizes[0]
    alike = np.bincount(batch, first != second) == 0
    several = np.bincount(batch, first != first[batch * part.sizes[0]]) > 0
    return np.asarray((alike & several)[batch])


def correlation_across_batches(part: Reading) -> Correlation:
    """Whether images at the same place of neighbouring batches are alike, in all epochs or in the first.

    Workers that go on from epoch to epoch draw alike only as long as they have drawn equally often.
    """
    pooled, first = _across_batches(part, len(part.thumbnails)), _across_batches(part, 1)
    return max(pooled, first, key=lambda found: found.errors)


def _across_batches(part: Reading, epochs: int) -> Correlation:
    size = part.sizes[0]
    batches = part.n // size
    if size < 4 or batches < 3 or part.n < FEWEST:
        return NONE
    turn = _turn(part)
    step = turn if turn < size else 1
    differences, read = [], []
    for rows in _residuals(part)[:epochs]:
        if len(rows) < batches * size:
            continue
        x = rows[: batches * size].reshape(batches, size, -1)
        differences.append(_beyond_neighbours(x[:-1], x[1:], step).ravel())
        read.append(rows)
    return _correlation(np.concatenate(differences), read) if differences else NONE


def correlation_of_labels(part: Reading) -> Correlation:
    """Whether labels at the same place of different epochs agree more often than by chance."""
    if part.classes is None:
        return NONE
    n = min(len(epoch) for epoch in part.classes)
    first, *others = (epoch[:n] for epoch in part.classes)
    shares = np.bincount(first) / n
    chance = (shares**2).sum()
    agree = np.concatenate([epoch == first for epoch in others]) - chance
    spread = agree.std() / np.sqrt(len(agree)) + 1e-12
    return Correlation(float(agree.mean()), float(agree.mean() / spread))


def _residuals(part: Reading, contrast: bool = True) -> list[np.ndarray]:
    """Thumbnails as rows of unit variance a pixel, without the mean of their class, and without contrast if wished."""
    rows = [epoch.reshape(len(epoch), -1).astype(np.float32) for epoch in part.thumbnails]
    every = np.concatenate(rows)
    if not contrast:
        every -= every.mean(1, keepdims=True)
        every /= every.std(1, keepdims=True) + 1e-9
    classes = np.zeros(len(every), int) if part.classes is None else np.concatenate(part.classes)
    for name in np.unique(classes):
        every[classes == name] -= every[classes == name].mean(0)
    every /= every.std(0) + 1e-9
    return list(np.split(every, np.cumsum([len(epoch) for epoch in rows])[:-1]))


def _correlation(differences: np.ndarray, epochs: list[np.ndarray]) -> Correlation:
    scale = float(np.mean([(rows**2).sum(1).mean() for rows in epochs])) + 1e-9
    error = differences.std() / np.sqrt(len(differences)) + 1e-12
    return Correlation(float(differences.mean()) / scale, float(differences.mean() / error))
