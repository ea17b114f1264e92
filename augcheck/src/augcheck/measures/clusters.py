"""Whether the images of a batch are too much alike, against shuffled batches, and in what."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from augcheck.measures.recurrence import shows_new_images
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS

CLUSTERED = 2.0  # variance between batches over that if shuffled (1 by chance), if also 1.5 times all of 199 shuffles
MIXED = 4.0  # times as much where images are mixed: one mixing halves the variance within a batch, two quarter it
STEADY = 0.25  # correlation of a batch's mean with that of the same batch in other epochs; of one draw a batch 0
COLUMNS = 1024  # classes, each a column; of more, several share one, so that one label for each image needs no n x n
VIEWS_ALIKE = 0.9  # variance of the views of an image over that of a batch, at most
FEWEST_IMAGES = 4  # in a batch of several views of each
COMPARED = 16  # means of batches with those of other epochs, before that is judged

ONE_CLASS = "poorly shuffled, one class fills most of a batch"
SIMILAR = "poorly shuffled, similar images stand in one batch"


class Clusters(NamedTuple):
    """What batches are too much alike in."""

    value: str  # in words
    ratio: float  # how many times as much they differ as shuffled ones would
    limit: float  # above which ratio that is found
    by_images: bool  # whether it is the images and not the labels
    steady: (
        bool | None
    )  # whether a batch looks like the same one of other epochs; None if too little was read

    @property
    def times(self) -> str:
        """How much they differ, in words."""
        return (
            f"≈ {self.ratio:.1f} times as much as by chance (up to ≈ {self.limit:.1f} is allowed)"
        )


def clusters_of(part: Reading) -> Clusters | None:
    """What batches of the first epoch are too much alike in; None if they are mixed."""
    size = part.sizes[0]
    batches = part.sizes.count(size)
    if batches < 3 or size < 2 or part.source.kind == ARRAYS:
        return None
    shape, rows = (batches, size, -1), batches * size
    columns = min(len(part.names), COLUMNS)
    labels = np.eye(columns)[part.classes[0] % columns] if part.classes else np.zeros((part.n, 1))
    for value, numbers in {ONE_CLASS: labels, SIMILAR: part.thumbnails[0]}.items():
        x, by_images = numbers[:rows].reshape(shape), value == SIMILAR
        ratio, limit = _ratio(x), CLUSTERED * (MIXED if part.soft else 1)
        if ratio <= limit:
            continue
        limit = _limit(x, limit)
        if ratio > limit and not _of_views(part, x, limit):
            steady = _steady(part, batches, size) if by_images else True
            return Clusters(value, ratio, limit, by_images, steady)
    return None


def _limit(x: np.ndarray, least: float) -> float:
    """Above which ratio batches are no shuffled ones."""
    rng = np.random.default_rng(0)
    images = x.reshape(-1, x.shape[2])
    by_chance = [_ratio(rng.permutation(images).reshape(x.shape)) for _ in range(199)]
    return max(least, 1.5 * max(by_chance))


def _of_views(part: Reading, x: np.ndarray, limit: float) -> bool:
    """Whether batches hold several new views of each image, and the images are mixed.

    Views of an image stand side by side, or the first views of all images are followed by the second ones.

    Args:
        x: (batches, size, numbers), by which batches are too much alike.
        limit: above which ratio.
    """
    batches, size, _ = x.shape
    if not shows_new_images(part) or _steady(part, batches, size):
        return False
    in_a_batch = x.var(1, ddof=1).sum(1).mean()
    for views in range(2, size // FEWEST_IMAGES + 1):
        if size % views:
            continue
        places = np.arange(size)
        for groups in (places.reshape(-1, views), places.reshape(views, -1).T):
            of_an_image = x[:, groups].var(2, ddof=1).sum(2).mean()
            if of_an_image > VIEWS_ALIKE * in_a_batch:
                continue
            means = x[:, groups].mean(2)
            if _ratio(means) <= _limit(means, CLUSTERED):
                return True
    return False


def _steady(part: Reading, batches: int, size: int) -> bool | None:
    common = min([batches, *(len(epoch) // size for epoch in part.thumbnails[1:])])
    epochs = len(part.thumbnails)
    if epochs * (epochs - 1) / 2 * (common - 1) < COMPARED:
        return None
    means = [epoch[: common * size].reshape(common, size, -1).mean(1) for epoch in part.thumbnails]
    means = [rows - rows.mean(0) for rows in means]
    own = sum((rows**2).sum() for rows in means)
    together = (np.sum(means, axis=0) ** 2).sum() - own
    return bool(together / (len(means) - 1) > STEADY * own)


def _ratio(x: np.ndarray) -> float:
    """Of (batches, size, numbers): the variance of the means of batches over that of shuffled ones."""
    x = x - x.mean((0, 1))
    expected = (x**2).mean((0, 1)).sum() / x.shape[1] + 1e-12
    return float((x.mean(1) ** 2).sum() / (len(x) - 1) / expected)
