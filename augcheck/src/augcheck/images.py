"""Measures of images: what makes two of them the same, and what is unusual in one.

A batch is (n, height, width, channels), of any type of number.
"""

from __future__ import annotations

import numpy as np


def fingerprints(x: np.ndarray) -> list[int]:
    """A number for each image: equal for images that are equal to the last bit."""
    return [hash(image.tobytes()) for image in x]


def invariants(x: np.ndarray) -> list[int | None]:
    """Fingerprints that mirroring, rescaling each channel, and another order of the channels leave alone.

    A grey image has the same as one of three equal channels; a constant image has None.
    """
    x = np.ascontiguousarray(np.moveaxis(finite(x), 3, 1))
    low, high = (f(x, axis=(2, 3), keepdims=True).astype(np.float64) for f in (np.min, np.max))
    # An odd number of levels, so that no usual grey value lies where rounding decides.
    levels = x - low
    levels *= 63.37 / np.maximum(high - low, 1e-12)
    levels += 0.2137
    levels = levels.astype(np.uint8)
    constant = (low == high).all((1, 2, 3))
    found: list[int | None] = []
    for image, flat in zip(levels, constant, strict=True):
        mirrored = [
            hash(tuple(sorted({hash(channel[::up, ::left].tobytes()) for channel in image})))
            for up in (1, -1)
            for left in (1, -1)
        ]
        found.append(None if flat else min(mirrored))
    return found


def statistics(x: np.ndarray) -> np.ndarray:
    """Of each image, in seven columns: least and largest value, mean, standard deviation (float64), as 0 or 1
    whether all its numbers are finite, and whether it has but two values, and the widest range of a channel."""
    x = x.reshape(len(x), -1, x.shape[-1])
    sound = np.isfinite(x).all((1, 2))
    x = finite(x)
    channels = [x[:, :, i] for i in range(x.shape[2])]
    lows = np.stack([channel.min(1) for channel in channels], 1).astype(np.float64)
    highs = np.stack([channel.max(1) for channel in channels], 1).astype(np.float64)
    x = x.reshape(len(x), -1)
    low, high = x.min(1, keepdims=True), x.max(1, keepdims=True)
    two_values = ((x == low) | (x == high)).all(1)
    ends = lows.min(1), highs.max(1)
    mean, spread = x.mean(1, dtype=np.float64), x.std(1, dtype=np.float64)
    return np.stack([*ends, mean, spread, sound, two_values, (highs - lows).max(1)], 1)


def thumbnails(x: np.ndarray) -> np.ndarray:
    """Means over blocks, (n, 8, 8, channels), float32; a side of less than 8 pixels stays as it is.

    Of a side that 8 doesn't divide the middle is taken, so that a mirrored image has the mirrored thumbnail.
    """
    high, wide = (max(size // 8, 1) for size in x.shape[1:3])
    top, left = (size % 8 // 2 if size > 8 else 0 for size in x.shape[1:3])
    x = x[:, top : top + high * min(8, x.shape[1]), left : left + wide * min(8, x.shape[2])]
    x = finite(x.astype(np.float32))
    return x.reshape(len(x), -1, high, x.shape[2] // wide, wide, x.shape[3]).mean((2, 4))


def finite(x: np.ndarray) -> np.ndarray:
    """Zeros for what is no number, so that one pixel doesn't spoil means and variances; a copy only where it has to."""
    if x.dtype.kind != "f" or np.isfinite(x).all():
        return x
    return np.nan_to_num(x, posinf=0, neginf=0)


def alike(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two batches agree, but for the rounding of float32."""
    left, right = np.asarray(left), np.asarray(right)
    return left.shape == right.shape and np.allclose(left, right, 1e-4, 1e-5, equal_nan=True)
