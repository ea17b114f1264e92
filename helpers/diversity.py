"""Counts of pictures: siblings in a batch, different ones so far. The companion *Measuring diversity* has others."""

from __future__ import annotations

import numpy as np


def sibling_pairs(sources: np.ndarray) -> np.ndarray:
    """Pairs of pictures made from one source image, counted in each batch: int (batches,).

    Args:
        sources: int (batches, batch), which source each picture was made from.
    """
    sources = np.asarray(sources)
    same = sources[:, :, None] == sources[:, None, :]
    return (same.sum(axis=(1, 2)) - sources.shape[1]) // 2  # none with itself, each pair once


def distinct_so_far(pictures: np.ndarray) -> np.ndarray:
    """How many different pictures have come by each of pictures (n, ...): int (n,), the last is how many there are."""
    seen: set[int] = set()
    counts = []
    for picture in np.asarray(pictures):
        seen.add(hash(picture.tobytes()))
        counts.append(len(seen))
    return np.array(counts, np.int64)
