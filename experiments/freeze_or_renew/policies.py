"""Changes of a picture, each with ``draw`` and ``apply`` as ``RandomAffine`` has them.

The mild policy moves a picture and, where it does not land on whole pixels, blurs it. ``WholePixels`` only moves,
``Blur`` only blurs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from experiments.law import edges
from helpers.augment import PARAMETERS, POLICIES, RandomAffine, named_policy


class WholePixels:
    """The mild policy's shifts, rounded to whole pixels, and its mirror: the picture moves and stays sharp."""

    def __init__(self, side: int) -> None:
        mild = POLICIES["mild"]
        self.side = side  # of the square pictures, in pixels
        self._affine = RandomAffine(
            width_shift_range=mild["width_shift_range"],
            height_shift_range=mild["height_shift_range"],
            horizontal_flip=mild["horizontal_flip"],
        )

    def draw(self, n, seed) -> tf.Tensor:
        """float32 (n, 8) as ``RandomAffine.draw``, with shifts by whole pixels."""
        drawn = self._affine.draw(n, seed).numpy()
        for name in ("shift_width", "shift_height"):
            column = PARAMETERS.index(name)
            drawn[:, column] = np.round(drawn[:, column] * self.side) / self.side
        return tf.constant(drawn)

    def apply(self, images, parameters) -> tf.Tensor:
        return self._affine.apply(images, parameters)


class Blur:
    """As much blur as bilinear interpolation between pixels brings, without its movement.

    A shift by a fraction f of a pixel averages two neighbours with the weights 1 - f and f, a kernel of variance
    f (1 - f). Here each direction is averaged with the weights a, 1 - 2a, a, a = f (1 - f) / 2, of the same variance
    and with its centre at the pixel; f is drawn from [0, 1), one for each direction. Edge pixels are repeated.
    """

    def draw(self, n, seed) -> tf.Tensor:
        """The fractions f of height and width, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, alg="philox")

    def apply(self, images, parameters) -> tf.Tensor:
        images = tf.convert_to_tensor(images)
        side_weight = parameters * (1 - parameters) / 2
        for axis, weight in ((1, side_weight[:, 0]), (2, side_weight[:, 1])):
            a = weight[:, None, None, None]
            first, last = _edge(images, axis, 0), _edge(images, axis, -1)
            before = tf.concat([first, _without_edge(images, axis, -1)], axis)
            after = tf.concat([_without_edge(images, axis, 0), last], axis)
            images = (1 - 2 * a) * images + a * (before + after)
        return images


class OneForAll:
    """Another policy whose first draw of a replicate is used for every image: a change that adds no variety."""

    def __init__(self, policy: Any) -> None:
        self._policy = policy

    def draw(self, n, seed) -> tf.Tensor:
        """The draw of image 0 with the seed (replicate, 0), n times."""
        return tf.repeat(self._policy.draw(1, (seed[0], 0)), n, axis=0)

    def apply(self, images, parameters) -> tf.Tensor:
        return self._policy.apply(images, parameters)


def policy_of(name: str, draw: str, side: int) -> Any:
    """A policy by its name: "pixels", "blur", one of ``helpers.augment`` or of the law.

    Args:
        draw: "per image" or "one for all".
        side: height and width of the pictures in pixels.

    Raises:
        ValueError: draw is neither of the two.
    """
    if name == "pixels":
        policy: Any = WholePixels(side)
    elif name == "blur":
        policy = Blur()
    elif name in edges.POLICIES:
        policy = edges.POLICIES[name]
    else:
        policy = named_policy(name)
    if draw == "one for all":
        return OneForAll(policy)
    if draw != "per image":
        raise ValueError(f"draw is {draw!r}; expected 'per image' or 'one for all'.")
    return policy


def _edge(images: tf.Tensor, axis: int, place: int) -> tf.Tensor:
    """The first (0) or last (-1) row or column, with the axis kept."""
    index = place % images.shape[axis]
    return tf.gather(images, [index], axis=axis)


def _without_edge(images: tf.Tensor, axis: int, place: int) -> tf.Tensor:
    size = images.shape[axis]
    kept = range(1, size) if place == 0 else range(size - 1)
    return tf.gather(images, list(kept), axis=axis)
