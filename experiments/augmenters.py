"""Augmenters that only registered questions use, by the name of their policy: crops, and shifts by whole pixels.

Like ``helpers.augment.RandomAffine`` they have draw(n, (replicate, number)) and apply(images, parameters).
"""

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from experiments.networks import SIDE
from helpers.augment import PARAMETERS, RandomAffine
from helpers.policies import named_policy


@functools.cache
def policy_of(name: str) -> Any:
    """A policy by its name, one object a process, so that nothing is compiled twice: "mild"; "flip-shift-4", flips and
    shifts by whole pixels, four at most, of 32; "crop-60", 60 to 100 % of the area, no flip."""
    if name == "flip-shift-4":
        return WholePixels(4, 32)
    if name == "crop-60":
        return Crop(0.6)
    return named_policy(name)


class WholePixels(RandomAffine):
    """Flips, and shifts by whole pixels, each number of them as likely; edge pixels are repeated."""

    def __init__(self, most: int, side: int) -> None:
        share = (most + 0.5) / side
        super().__init__(width_shift_range=share, height_shift_range=share, horizontal_flip=True)
        self.most, self.side = most, side

    def draw(self, n, seed) -> tf.Tensor:
        drawn = np.array(super().draw(n, seed))
        shifts = [PARAMETERS.index(name) for name in ("shift_width", "shift_height")]
        pixels = np.clip(np.round(drawn[:, shifts] * self.side), -self.most, self.most)
        drawn[:, shifts] = pixels / self.side
        return tf.constant(drawn)


class Crop:
    """A part of a photograph, ``smallest`` to all of its area, height and width alike, made ``SIDE`` wide."""

    def __init__(self, smallest: float) -> None:
        self.smallest = smallest

    def draw(self, n, seed) -> tf.Tensor:
        """Boxes in fractions of height and width, float32 (n, 4): top, left, bottom, right."""
        u = tf.random.stateless_uniform((n, 4), seed, alg="philox").numpy()
        side = np.sqrt(self.smallest + (1 - self.smallest) * u[:, 0])
        top, left = u[:, 1] * (1 - side), u[:, 2] * (1 - side)
        return tf.constant(np.stack([top, left, top + side, left + side], axis=1), tf.float32)

    def apply(self, images, parameters) -> tf.Tensor:
        """Photographs, uint8, as float32 in [0, 1], bilinear."""
        return _cut(images, np.asarray(parameters, np.float32))


def plain(images: np.ndarray) -> np.ndarray:
    """Images as a network gets them without augmentation, float32 in [0, 1]: photographs made ``SIDE`` wide."""
    if images.dtype != np.uint8:
        return images
    if images.shape[1] <= SIDE:
        return images.astype(np.float32) / 255
    whole = np.tile(np.array([0, 0, 1, 1], np.float32), (len(images), 1))
    return _cut(images, whole).numpy()


def _cut(images: np.ndarray, boxes: np.ndarray) -> tf.Tensor:
    # At 1 rounding puts the last row outside the image, and it comes out black.
    boxes = np.clip(boxes, 0, 1 - 1e-6)
    pixels, each = images.astype(np.float32), np.arange(len(images))
    return tf.image.crop_and_resize(pixels, boxes, each, (SIDE, SIDE)) / 255
