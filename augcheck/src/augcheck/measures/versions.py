"""From how many separate stores whole batches come, where every worker keeps what it augmented."""

from __future__ import annotations

import numpy as np

from augcheck.measures.recurrence import moves, new_share

# Where each batch comes from one of k stores, k eigenvalues are near 1, and no other one is. Of batches that are mixed,
# and hold some pictures that come again, only one is.
APART = 0.94
MIXED = 0.86
LEAST_SHARED = 6  # pictures of the median batch that come again
MOST_BATCHES = 1000
SPREAD_OUT = 0.25  # mean move from epoch to epoch, in lengths of an epoch: a full shuffle gives 1/3
FITS = 0.15  # by which the number of stores and of versions may differ, of the number


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
