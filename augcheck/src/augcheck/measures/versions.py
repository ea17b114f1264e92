"""Of an image that comes as one of a few versions: whether these are mirror images, and who holds them."""

from __future__ import annotations

import numpy as np

from augcheck.measures.recurrence import moves, new_share
from augcheck.reading.epochs import Reading

# Mean difference of small images that are the same but for rounding, or for JPEG if they are far nearer so than as they
# are, in standard deviations of a set.
ROUNDING = 0.005
STORED_AGAIN = 0.05
FAR_NEARER = 0.5
# Share of the new pictures of the second epoch that are mirror images of others, at least: where flips are one of two
# changes, nine in ten are after nine epochs, and of stored versions that were flipped, too, half may be near.
MIRRORED = 0.75
MOST_COMPARED = 256  # new pictures, drawn at random, against all others

# Where each batch comes from one of k stores, k eigenvalues are near 1, and no other one is. Of batches that are mixed,
# and hold some pictures that come again, only one is.
APART = 0.94
MIXED = 0.86
LEAST_SHARED = 6  # pictures of the median batch that come again
MOST_BATCHES = 1000
SPREAD_OUT = 0.25  # mean move from epoch to epoch, in lengths of an epoch: a full shuffle gives 1/3
FITS = 0.15  # by which the number of stores and of versions may differ, of the number

MOST_VERSIONS = 4  # of more, an epoch late in the check-up is still to a sixth new, as live draws of some outcomes are
LEAST_EPOCHS = 4  # before the shares of new pictures say that each version comes as often
ERRORS = 3.0  # standard errors that a share may lie off
LEEWAY = 0.01  # and beside: versions that are alike by chance


def are_mirrored(train: Reading) -> bool:
    """Whether the new pictures of the second epoch are mirrored, or turned by quarters, from others that came."""
    all_pictures = np.concatenate(train.given)
    pictures, places = np.unique(all_pictures, return_index=True)
    small = np.concatenate(train.thumbnails)[places].astype(np.float64)
    deviation = small.std() + 1e-12
    small -= small.mean()
    new = np.flatnonzero(np.isin(pictures, train.given[1]) & ~np.isin(pictures, train.given[0]))
    new = np.random.default_rng(0).permutation(new)[:MOST_COMPARED]
    others = small.reshape(len(small), -1)
    squares = (others**2).sum(1)

    def nearest(rows: np.ndarray, but: np.ndarray | None = None) -> np.ndarray:
        """Of each row the distance to the nearest of the others, but one."""
        distances = (rows**2).sum(1)[:, None] + squares - 2 * rows @ others.T
        if but is not None:
            distances[np.arange(len(rows)), but] = np.inf
        return np.asarray(np.sqrt(np.maximum(distances.min(1), 0) / others.shape[1]))

    as_they_are = nearest(others[new], new)
    poses = [pose.reshape(len(new), -1) for pose in _other_poses(small[new])]
    mirrored = np.min([nearest(rows) for rows in poses], 0)
    near = (mirrored <= STORED_AGAIN * deviation) & (mirrored < FAR_NEARER * as_they_are)
    return bool(np.mean(near | (mirrored <= ROUNDING * deviation)) >= MIRRORED)


def _other_poses(images: np.ndarray) -> list[np.ndarray]:
    """Images mirrored, and where they are square, turned by quarters, and both; not as they are."""
    poses = [images[:, :, ::-1], images[:, ::-1], images[:, ::-1, ::-1]]
    if images.shape[1] == images.shape[2]:
        across = images.swapaxes(1, 2)
        poses += [across, across[:, :, ::-1], across[:, ::-1], across[:, ::-1, ::-1]]
    return poses


def stores_of_batches(epochs: list[np.ndarray], sizes: list[int]) -> int:
    """From how many separate stores of pictures whole batches come, each with a version of each image; or 0.

    Batches are linked by the pictures that they share. Where every worker keeps what it augmented, those of one worker
    share pictures, and those of two hardly any.
    """
    n = len(epochs[0])
    if any(len(epoch) != n for epoch in epochs) or sum(sizes) != n:
        return 0
    back = 1 - np.mean(
        [new_share(later, earlier) for earlier, later in zip(epochs, epochs[1:], strict=False)]
    )
    # Those that a buffer or an order holds together aren't mixed either.
    moved = moves(epochs[:2])
    if not moved or np.mean(moved) <= SPREAD_OUT * n:
        return 0
    links = _links(np.concatenate(epochs), np.tile(sizes, len(epochs)), len(epochs))
    shared = links.sum(1)
    if np.median(shared) < LEAST_SHARED:
        return 0
    roots = np.sqrt(np.maximum(shared, 1))
    values = np.linalg.eigvalsh(links / roots / roots[:, None])
    stores = int((values > APART).sum())
    clear = stores > 1 and stores == (values > MIXED).sum()
    return stores if clear and abs(stores * back - 1) <= FITS else 0


def _links(images: np.ndarray, sizes: np.ndarray, most: int) -> np.ndarray:
    """How many pictures each two batches share, each of weight 1 / its batches, so that a row adds up to the pictures
    of that batch that come again.

    Args:
        most: how often a picture may come; such as are blank come in all batches.
    """
    sizes = sizes[:MOST_BATCHES]
    batch_of = np.repeat(np.arange(len(sizes)), sizes)
    _, which, counts = np.unique(images[: len(batch_of)], return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    starts = np.cumsum(counts) - counts
    links = np.zeros((len(sizes), len(sizes)))
    for times in range(2, most + 1):
        places = starts[counts == times, None] + np.arange(times)
        batches = batch_of[order[places]]
        np.add.at(links, (batches[:, :, None], batches[:, None, :]), 1 / times)
    return links


def versions_at_random(n: int, new: list[float]) -> int:
    """How many versions of each of n images come, each as often, at random and few; or 0.

    Args:
        new: the shares of the second and later epochs that had not come before.
    """
    if len(new) < LEAST_EPOCHS - 1:
        return 0
    passed = np.arange(1, len(new) + 1)
    numbers = np.arange(2, 2 * MOST_VERSIONS + 1)
    expected = (1 - 1 / numbers[:, None]) ** passed
    differences = np.abs(expected - new)
    best = int(np.argmin(differences.sum(1)))
    errors = np.sqrt(expected[best] * (1 - expected[best]) / n)
    fits = (differences[best] <= ERRORS * errors + LEEWAY).all()
    return int(numbers[best]) if fits and numbers[best] <= MOST_VERSIONS else 0
