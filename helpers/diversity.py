"""Counts of pictures: siblings in a batch, different ones so far. The companion *Measuring diversity* has others."""

from __future__ import annotations

import numpy as np


def sibling_pairs(sources: np.ndarray) -> np.ndarray:
    """Pairs of pictures made from one source image, counted in each batch.

    Args:
        sources: int (batches, batch), which source each picture was made from.

    Returns:
        int (batches,), from 0 to C(batch, 2).
    """
    sources = np.asarray(sources)
    same = sources[:, :, None] == sources[:, None, :]
    return (same.sum(axis=(1, 2)) - sources.shape[1]) // 2


def distinct_so_far(pictures: np.ndarray) -> np.ndarray:
    """How many different pictures have come by each one, told apart by a hash of their bytes.

    Args:
        pictures: (n, ...), in the order in which they are shown.

    Returns:
        int (n,); the last is the number of different pictures.
    """
    seen: set[int] = set()
    counts = []
    for picture in np.asarray(pictures):
        seen.add(hash(picture.tobytes()))
        counts.append(len(seen))
    return np.array(counts, np.int64)
