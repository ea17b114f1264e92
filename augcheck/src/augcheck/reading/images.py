"""Measures of images: what makes two of them the same, and what is unusual in one.

A batch is (n, height, width, channels), of any type of number.
"""

from __future__ import annotations

import numpy as np

LARGE = 2**20  # numbers that are looked at at once


def fingerprints(x: np.ndarray) -> np.ndarray:
    """A number for each image: equal for images that are equal to the last bit."""
    return np.array([hash(image.tobytes()) for image in x])


def invariants(x: np.ndarray) -> list[int | None]:
    """Fingerprints that mirroring, quarter turns, rescaled channels, and another order of the channels leave alone.

    A grey image has the same as one of three equal channels; a constant image has None.
    """
    if len(x) > 1 and x.size > LARGE:  # each number takes up to 14 bytes on the way
        return [number for image in x for number in invariants(image[None])]
    x = np.ascontiguousarray(np.moveaxis(finite(x), 3, 1))
    low = x.min((2, 3), keepdims=True).astype(np.float64)
    high = x.max((2, 3), keepdims=True).astype(np.float64)
    # An odd number of levels, so that no usual grey value lies where rounding decides.
    levels = x - low
    levels *= 63.37 / np.maximum(high - low, 1e-12)
    levels += 0.2137
    levels = levels.astype(np.uint8)
    # The sum over all poses, in squares: without them every even gradient would have the same.
    poses = levels.astype(np.uint16) ** 2
    poses = poses + poses[:, :, ::-1]
    poses = poses + poses[:, :, :, ::-1]
    if x.shape[2] == x.shape[3]:
        poses = poses + poses.swapaxes(2, 3)
    constant = (low == high).all((1, 2, 3))
    hashes = [frozenset(hash(channel.tobytes()) for channel in image) for image in poses]
    return [None if flat else hash(image) for image, flat in zip(hashes, constant, strict=True)]


def statistics(x: np.ndarray) -> np.ndarray:
    """Of each image, in seven columns: least and largest value, mean, standard deviation (float64), as 0 or 1
    whether all its numbers are finite, and whether it has but two values, and the widest range of a channel.

    Of what a model makes of images, too, of whatever shape: the last axis counts as channels, if there are two.
    """
    if x.ndim != 4:
        channels = x.shape[-1] if x.ndim > 2 else 1
        x = x.reshape(len(x), 1, -1, channels)
    if len(x) > 1 and x.size > LARGE:
        return np.concatenate([statistics(image[None]) for image in x])
    sound = np.isfinite(x).all((1, 2, 3))
    x = finite(x)
    # Of each channel; one side after the other is five times as fast.
    lows, highs = x.min(1).min(1), x.max(1).max(1)
    low, high = lows.min(1), highs.max(1)
    flat = x.reshape(len(x), -1)
    two_values = ((flat == low[:, None]) | (flat == high[:, None])).all(1)
    mean, deviation = flat.mean(1, dtype=np.float64), flat.std(1, dtype=np.float64)
    width = (highs.astype(np.float64) - lows).max(1)
    return np.stack([low, high, mean, deviation, sound, two_values, width], 1)


def thumbnails(x: np.ndarray) -> np.ndarray:
    """Means over blocks, (n, 8, 8, channels), float32; a side of less than 8 pixels stays as it is.

    Of a side that 8 doesn't divide the middle is taken, and where no whole pixels are that, the mean of two, so that a
    mirrored image has the mirrored thumbnail.
    """
    means: np.ndarray
    for axis, but_last, but_first in (
        (1, x[:, :-1], x[:, 1:]),
        (2, x[:, :, :-1], x[:, :, 1:]),
    ):
        if x.shape[axis] > 8 and x.shape[axis] % 8 % 2:
            means = (thumbnails(but_last) + thumbnails(but_first)) / 2
            return means
    rows, columns = (min(8, size) for size in x.shape[1:3])
    high, wide = x.shape[1] // rows, x.shape[2] // columns  # of a block
    top, left = (x.shape[1] - rows * high) // 2, (x.shape[2] - columns * wide) // 2
    x = finite(x[:, top : top + rows * high, left : left + columns * wide])
    # One axis after the other is ten times as fast as a mean over two.
    lines = x.reshape(len(x), rows, high, -1).sum(2, dtype=np.float32)
    means = lines.reshape(len(x), rows, columns, wide, -1).sum(3) / (high * wide)
    return means


def finite(x: np.ndarray) -> np.ndarray:
    """Zeros for what is no number, so that one pixel doesn't spoil means and variances; a copy only where it has to."""
    if x.dtype.kind != "f" or np.isfinite(x).all():
        return x
    sound: np.ndarray = np.nan_to_num(x, posinf=0, neginf=0)
    return sound


def alike(left: np.ndarray, right: np.ndarray) -> bool:
    """Whether two batches agree, but for the rounding of float32; large ones part by part, to save memory."""
    left, right = np.asarray(left), np.asarray(right)
    if left.shape != right.shape:
        return False
    if left.ndim > 1 and left.size > LARGE:
        return all(alike(part, other) for part, other in zip(left, right, strict=True))
    return bool(np.allclose(left, right, 1e-4, 1e-5, equal_nan=True))
