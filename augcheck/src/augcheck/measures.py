"""Arithmetic and thresholds that several findings share: what comes again, clusters in batches, ties of places, copies.

Thresholds of the first nine findings were fixed before the detection table was made, later ones beside it.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS

FEW = 0.02  # a smaller share counts as none: real sets hold a few doubles

# What a set that was read in part says, twice: if it is always the same, so many pictures should come twice before a
# number of them says something. Of flipped ones half of the 100 do, and 80 by chance in 1 of 100,000 check-ups; that 2
# of 20 or fewer come from a fixed set happens once in 2 million.
EXPECTED, EXPECTED_NEW = 100, 20
AS_FIXED, AS_NEW = 0.8, 0.1  # shares of those: of flips and clean halves, a quarter to a half come again
SPREAD_OUT = 0.25  # mean move of what comes again, in lengths of what was read: a full shuffle gives 1/3
LARGEST = 1_000_000  # images of a set of unknown length that is shuffled as a whole
LONE = 64  # images that come only once, before near copies are looked for among them

SAME, NEW, VARIANTS = "the same pictures in every epoch", "new pictures in every epoch", "few variants"

# Words that several findings say.
NOT_TURNED = "But on_epoch_end was not called."
SHUFFLE_ROWS = "Let it shuffle an array of row numbers, and leave images and labels in place."


# What comes again


def new_share(images: np.ndarray, before: np.ndarray) -> float:
    """Share of the images that are not among those before."""
    return float(np.mean(~np.isin(images, before)))


def moves(epochs: list[np.ndarray]) -> list[int]:
    """By how many places each image of the first epoch has moved in each later one in which it occurs."""
    places = [{image: i for i, image in enumerate(epoch.tolist())} for epoch in epochs]
    return [abs(later[i] - place) for later in places[1:] for i, place in places[0].items() if i in later]


def kind_of_a_part(part: Reading, epochs: list[np.ndarray]) -> str | None:
    """What two readings of the first part of an epoch say of the whole: SAME, NEW or VARIANTS; None if nothing.

    Args:
        epochs: the fingerprints to compare, ``part.given`` or ``part.shown``.
    """
    if not part.aligned:
        return None
    first, second = epochs[:2]
    n = min(len(first), len(second))
    if new_share(first[: n // 2], second) <= FEW:  # behind a shuffle with a small buffer
        return SAME
    lone, others = ~np.isin(first, second), ~np.isin(second, first)
    again = 1 - others.mean()
    if min(lone.sum(), others.sum()) > LONE:
        copies = NearCopies(part.thumbnails[0][lone], part.thumbnails[1][others])
        if copies.found:
            return NEW if again <= FEW else VARIANTS
    # Of a fixed and shuffled set, a part of an epoch holds the same share of any other part.
    size = part.epoch_size or LARGEST
    expected = n * n / size
    if expected >= EXPECTED_NEW and again * n <= AS_NEW * expected:
        return NEW
    spread_out = np.mean(moves([first, second])) > SPREAD_OUT * n if again else False
    if part.epoch_size and expected >= EXPECTED and again * n >= AS_FIXED * expected and spread_out:
        return SAME
    return None


# What batches are too much alike in


CLUSTERED = 2.0  # variance between batches over that if shuffled (1 by chance), if also 1.5 times all of 199 shuffles
MIXED = 4.0  # times as much where images are mixed: one mixing halves the variance within a batch, two quarter it
STEADY = 0.25  # correlation of a batch's mean with that of the same batch in other epochs; of one draw a batch 0
MOST_VIEWS = 8  # of one image in a batch, as some recipes have it


class Clusters(NamedTuple):
    """What batches are too much alike in.

    Attributes:
        value: in words.
        ratio: how many times as much they differ as shuffled ones would.
        by_images: whether it is the images and not the labels.
        steady: whether a batch looks like the same batch of other epochs; None if no two were read.
    """

    value: str
    ratio: float
    by_images: bool
    steady: bool | None


def clusters_of(part: Reading) -> Clusters | None:
    """What batches of the first epoch are too much alike in; None if they are mixed."""
    size = part.sizes[0]
    batches = part.sizes.count(size)
    if batches < 3 or size < 2 or part.source.kind == ARRAYS:
        return None
    rows = batches * size
    labels = np.eye(len(part.names))[part.classes[0]] if part.classes else np.zeros((part.n, 1))
    shape = (batches, size, -1)
    images = part.thumbnails[0][:rows].reshape(shape)
    labels = labels[:rows].reshape(shape)
    views = _views(images, labels if part.classes else None)
    for value, numbers in {"one class dominates a batch": labels, "batches of similar images": images}.items():
        by_images = numbers is images
        ratio, chance = _clustering(_means_of_views(numbers, *views) if views else numbers)
        least = CLUSTERED * (MIXED if part.soft and by_images else 1)
        if ratio > max(least, 1.5 * chance):
            steady = _steady(part, batches, size) if by_images else True
            return Clusters(value, ratio, by_images, steady)
    return None


def _views(images: np.ndarray, labels: np.ndarray | None) -> tuple[int, bool] | None:
    """How many views of each image a batch holds, and whether they are neighbours; None if one."""
    size = images.shape[1]
    for neighbours in (True, False):
        fitting = [k for k in range(2, size + 1) if size % k == 0 and _are_views(images, labels, k, neighbours)]
        # More than these are copies in one batch, not a recipe.
        if fitting and fitting[-1] <= min(MOST_VIEWS, size // 4):
            return fitting[-1], neighbours
    return None


def _are_views(images: np.ndarray, labels: np.ndarray | None, k: int, neighbours: bool) -> bool:
    if labels is not None:
        grouped = _grouped(labels, k, neighbours)
        return bool((grouped == grouped[:, :, :1]).all()) and bool((labels != labels[0, 0]).any())
    within = _grouped(images, k, neighbours).var(2).mean()
    return bool(within < 0.5 * images.var((0, 1)).mean())


def _grouped(x: np.ndarray, k: int, neighbours: bool) -> np.ndarray:
    """From (batches, size, numbers) to (batches, size / k, k, numbers), the views of an image side by side."""
    if neighbours:
        return x.reshape(len(x), -1, k, x.shape[2])
    return x.reshape(len(x), k, -1, x.shape[2]).swapaxes(1, 2)


def _means_of_views(x: np.ndarray, k: int, neighbours: bool) -> np.ndarray:
    return _grouped(x, k, neighbours).mean(2)


def _steady(part: Reading, batches: int, size: int) -> bool | None:
    common = min([batches, *(len(epoch) // size for epoch in part.thumbnails[1:])])
    if len(part.thumbnails) < 2 or common < 3:
        return None
    means = [epoch[: common * size].reshape(common, size, -1).mean(1) for epoch in part.thumbnails]
    means = [rows - rows.mean(0) for rows in means]
    own = sum((rows**2).sum() for rows in means)
    together = (np.sum(means, axis=0) ** 2).sum() - own
    return bool(together / (len(means) - 1) > STEADY * own)


def _clustering(x: np.ndarray) -> tuple[float, float]:
    """Of (batches, size, numbers): the variance of batch means over that of shuffled batches, and the
    largest of 199 shuffles."""
    rng, rows = np.random.default_rng(0), (x - x.mean((0, 1))).reshape(-1, x.shape[2])
    expected = (rows**2).sum() / len(rows) / x.shape[1] + 1e-12

    def ratio(rows: np.ndarray) -> float:
        return float((rows.reshape(x.shape).mean(1) ** 2).sum() / (len(x) - 1) / expected)

    return ratio(rows), max(ratio(rng.permutation(rows)) for _ in range(199))


# Ties: what the place in an epoch decides. Two images at the same place of two epochs should be no more alike than one
# and its neighbour's place. They are if the order of the images is the same in every epoch, and also if the order is
# new but the random draws are not. Within one epoch the same is asked of the same place in neighbouring batches.


# Correct pipelines give a standard normal number: of 30,000 one reaches 4 by chance. The distance to 6 is for images
# that are not as independent of each other as the test takes them to be.
SURE = 6.0
ALIKE = 0.01  # correlation below which a tie costs nothing, however surely it is seen
FEWEST = 64  # images of an epoch


class Tie(NamedTuple):
    """How much more alike images are at the same place than at neighbouring ones.

    Attributes:
        correlation: of the pixels (8x8, each class's mean taken out), beyond that of neighbouring places.
        errors: the same in standard errors.
    """

    correlation: float
    errors: float

    @property
    def seen(self) -> bool:
        return self.errors > SURE and self.correlation > ALIKE


NONE = Tie(0.0, 0.0)


def tie_across_epochs(part: Reading, batches_again: bool = True) -> Tie:
    """Whether images at the same place of different epochs are alike, in brightness or without it.

    Args:
        batches_again: whether batches count that come again whole, as behind ``batch().shuffle()``, where labels show
            them.
    """
    again = _batches_again(part) & (not batches_again)
    return max((_across(part, contrast, again) for contrast in (True, False)), key=lambda tie: tie.errors)


def _across(part: Reading, contrast: bool, again: np.ndarray) -> Tie:
    n = min(len(epoch) for epoch in part.thumbnails)
    if n < FEWEST or len(part.thumbnails) < 2:
        return NONE
    epochs = [rows[:n] for rows in _residuals(part, contrast)]
    sums, counts = np.zeros(n), np.zeros(n)
    for (i, first), (j, second) in itertools.combinations(enumerate(epochs), 2):
        near = sum((first * np.roll(second, step, 0)).sum(1) for step in (1, -1)) / 2
        use = ~again[i, j, :n]
        sums += use * ((first * second).sum(1) - near)
        counts += use
    differences = sums[counts > 0] / counts[counts > 0]
    return _tie(differences, epochs) if len(differences) >= FEWEST else NONE


def _batches_again(part: Reading) -> np.ndarray:
    """For each two epochs and each place, (epochs, epochs, n): whether its batch has the same labels in both.

    That tells nothing of batches of one class, which are not marked.
    """
    n = min(len(epoch) for epoch in part.thumbnails)
    again = np.zeros((len(part.thumbnails), len(part.thumbnails), n), bool)
    if part.classes is None:
        return again
    size = part.sizes[0]
    ends = [*range(0, n, size), n]
    for i, j in itertools.combinations(range(len(part.classes)), 2):
        for start, end in itertools.pairwise(ends):
            first, second = part.classes[i][start:end], part.classes[j][start:end]
            again[i, j, start:end] = np.array_equal(first, second) and (first != first[0]).any()
    return again


def tie_across_batches(part: Reading) -> Tie:
    """Whether images at the same place of neighbouring batches are alike, in all epochs or in the first.

    Workers that go on from epoch to epoch draw alike only as long as they have drawn equally often.
    """
    pooled, first = _across_batches(part, len(part.thumbnails)), _across_batches(part, 1)
    return max(pooled, first, key=lambda tie: tie.errors)


def _across_batches(part: Reading, epochs: int) -> Tie:
    size = part.sizes[0]
    batches = part.n // size
    if size < 4 or batches < 3 or part.n < FEWEST:
        return NONE
    differences, read = [], []
    for rows in _residuals(part)[:epochs]:
        if len(rows) < batches * size:
            continue
        x = rows[: batches * size].reshape(batches, size, -1)
        first, second = x[:-1], x[1:]
        near = sum((first * np.roll(second, step, 1)).sum(2) for step in (1, -1)) / 2
        differences.append(((first * second).sum(2) - near).ravel())
        read.append(rows)
    return _tie(np.concatenate(differences), read) if differences else NONE


def tie_of_labels(part: Reading) -> Tie:
    """Whether labels at the same place of different epochs agree more often than by chance."""
    if part.classes is None:
        return NONE
    n = min(len(epoch) for epoch in part.classes)
    first, *others = (epoch[:n] for epoch in part.classes)
    shares = np.bincount(first) / n
    chance = (shares**2).sum()
    agree = np.concatenate([epoch == first for epoch in others]) - chance
    spread = agree.std() / np.sqrt(len(agree)) + 1e-12
    return Tie(float(agree.mean()), float(agree.mean() / spread))


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


def _tie(differences: np.ndarray, epochs: list[np.ndarray]) -> Tie:
    scale = float(np.mean([(rows**2).sum(1).mean() for rows in epochs])) + 1e-9
    error = differences.std() / np.sqrt(len(differences)) + 1e-12
    return Tie(float(differences.mean()) / scale, float(differences.mean() / error))


# Near copies


NEAR = 0.5  # a near copy lies within half of the distance to any other image (8x8 pixels, contrast taken out)
STORED_AGAIN = 0.08  # or within this distance (images have length 1), which is what storing with losses changes
NEAR_EXCESS = 4.0  # standard errors by which they outnumber those within validation: by chance 1 in 30,000
MOST_COMPARED = 2048  # validation images, drawn at random, against all of training: 25,000 in colour take 2 s


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
        poses = [_without_contrast(pose) for pose in _poses(validation[rows])]
        size = min(len(t), len(v) - 1)
        others = np.sort(rng.permutation(len(v))[:size])
        to_v = _distances(poses, v[others])
        to_v[others, np.arange(len(others))] = np.inf  # each to itself
        own = to_v.min(1)
        relative, absolute = np.zeros(len(v)), np.zeros(len(v))
        nearest, partner = np.full(len(v), np.inf), np.zeros(len(v), int)
        for block in np.array_split(np.arange(len(t)), -(-len(t) // size)):
            distances = _distances(poses, t[block])
            distance, at = distances.min(1), block[distances.argmin(1)]
            relative += (distance < NEAR * own).astype(float) - (own < NEAR * distance)
            absolute += (distance < STORED_AGAIN).astype(float) - (own < STORED_AGAIN)
            closer = distance < nearest
            nearest[closer], partner[closer] = distance[closer], at[closer]
        found = _more_than_by_chance(relative), _more_than_by_chance(absolute)
        near = np.flatnonzero(found[0] & (nearest < NEAR * own) | found[1] & (nearest < STORED_AGAIN))
        near = near[np.argsort(nearest[near])]
        self.compared = len(v)
        self.pairs = [(int(rows[i]), int(partner[i])) for i in near]
        self.found = any(found)


def _more_than_by_chance(excess: np.ndarray) -> bool:
    sure = excess.sum() > NEAR_EXCESS * np.sqrt(max((excess**2).sum(), 1))
    return bool(sure and excess.mean() > FEW)


def _poses(thumbnails: np.ndarray) -> list[np.ndarray]:
    """Thumbnails mirrored, and where they are square, turned."""
    mirrored = [thumbnails[:, ::up, ::left] for up in (1, -1) for left in (1, -1)]
    square = thumbnails.shape[1] == thumbnails.shape[2]
    return mirrored + [pose.swapaxes(1, 2) for pose in mirrored] if square else mirrored


def _distances(poses: list[np.ndarray], others: np.ndarray) -> np.ndarray:
    """From each image, in the pose that fits best, the distance to each other one. All have length 1."""
    likeness = poses[0] @ others.T
    for rows in poses[1:]:
        np.maximum(likeness, rows @ others.T, out=likeness)
    return np.sqrt(np.maximum(2 - 2 * likeness, 0))


def _without_contrast(thumbnails: np.ndarray) -> np.ndarray:
    rows = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    rows = rows - rows.mean(1, keepdims=True)
    return rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
