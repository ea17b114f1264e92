"""How many pairs of images in a batch were made from one image."""

from __future__ import annotations

import numpy as np


def sibling_pairs(sources: np.ndarray) -> np.ndarray:
    """Pairs of images made from one source image, counted in each batch: int (batches,).

    Args:
        sources: int (batches, batch), which source each was made from.
    """
    sources = np.asarray(sources)
    same = sources[:, :, None] == sources[:, None, :]
    return (same.sum(axis=(1, 2)) - sources.shape[1]) // 2  # none with itself, each pair once
