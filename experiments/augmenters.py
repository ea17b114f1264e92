"""The policies of the registered questions by their names."""

import functools

import numpy as np
import tensorflow as tf

from helpers.augment import PARAMETERS, RandomAffine
from helpers.policies import POLICIES


@functools.cache
def policy_of(name: str) -> RandomAffine:
    """A policy by its name, one object a process, so that nothing is compiled twice: one of ``helpers.policies``, or
    "flip-shift-4", flips and shifts by whole pixels, four at most, of 32."""
    if name == "flip-shift-4":
        return WholePixels(4, 32)
    return RandomAffine(**POLICIES[name])


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
