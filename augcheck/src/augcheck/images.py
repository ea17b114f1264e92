"""Measures of images: what makes two of them the same, and what is unusual in one.

A batch is (n, height, width, channels), of any type of number.
"""

from __future__ import annotations

import numpy as np


def fingerprints(x: np.ndarray) -> list[int]:
    """A number for each image: equal for images that are equal to the last bit."""
    return [hash(image.tobytes()) for image in x]


def invariants(x: np.ndarray) -> list[int | None]:
    """Fingerprints that mirroring and rescaling leave alone; None for a constant image."""
    x = finite(x)
    low, high = (f(x, axis=(1, 2, 3), keepdims=True).astype(np.float64) for f in (np.min, np.max))
    # An odd number of levels, so that no usual grey value lies where rounding decides.
    levels = ((x - low) / np.maximum(high - low, 1e-12) * 63.37 + 0.2137).astype(np.uint8)
    mirrored = [fingerprints(levels[:, ::up, ::left]) for up in (1, -1) for left in (1, -1)]
    constant = (low == high).ravel()
    return [None if flat else min(same) for flat, *same in zip(constant, *mirrored, strict=True)]


def statistics(x: np.ndarray) -> np.ndarray:
    """Of each image, in six columns: least and largest value, mean, standard deviation (float64), and
    as 0 or 1 whether all its numbers are finite, and whether it has but two values."""
    x = x.reshape(len(x), -1).astype(np.float64)
    sound = np.isfinite(x).all(1)
    x = finite(x)
    low, high = x.min(1), x.max(1)
    two_values = ((x == low[:, None]) | (x == high[:, None])).all(1)
    return np.stack([low, high, x.mean(1), x.std(1), sound, two_values], 1)


def thumbnails(x: np.ndarray) -> np.ndarray:
    """Means over blocks, (n, 8, 8, channels), float32; a side of less than 8 pixels stays as it is."""
    high, wide = (max(size // 8, 1) for size in x.shape[1:3])
    x = finite(x[:, : high * min(8, x.shape[1]), : wide * min(8, x.shape[2])].astype(np.float32))
    return x.reshape(len(x), -1, high, x.shape[2] // wide, wide, x.shape[3]).mean((2, 4))


def finite(x: np.ndarray) -> np.ndarray:
    """A copy with zeros for what is no number, so that one pixel doesn't spoil means and variances."""
    return np.nan_to_num(x, posinf=0, neginf=0)


def alike(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two batches agree, but for the rounding of float32."""
    left, right = np.asarray(left), np.asarray(right)
    return left.shape == right.shape and np.allclose(left, right, 1e-4, 1e-5, equal_nan=True)
