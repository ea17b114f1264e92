"""What the name of a policy stands for: how each picture is changed, by draw(n, (replicate, number)) and by
apply(images, parameters). A policy of ``helpers.augment`` is one, too."""

import functools
from typing import Any

import numpy as np
import tensorflow as tf

from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.policies import POLICIES, named_policy

CROPPED = 96  # pixels, of photographs as a network sees them


@functools.cache
def policy_of(name: str, dataset: str, draw: str = "image") -> Any:
    """A policy by its name, one object a process, so that nothing is compiled twice; draw: "image", each image has its
    own, or "one", the same for all images and epochs of a replicate."""
    if draw != "image":
        return {"one": OneForAll}[draw](**POLICIES[name])
    if name == "crop":  # with 4.5 pixels each of nine shifts is as likely
        return Crop() if dataset.startswith("clothes") else WholePixels(4.5 / 32, 32)
    if name == "pixels":
        return WholePixels(POLICIES["mild"]["width_shift_range"], 28)
    kinds = {"photometric": Photometric, "cutout": Cutout, "two-of-six": TwoOfSix, "blur": Blur}
    return kinds[name]() if name in kinds else named_policy(name.removesuffix("-rare"))  # which runs.run sees to


class OneForAll(RandomAffine):
    """A replicate's draw of image 0 with the number 0 is used for every image: a change that adds no variety."""

    def draw(self, n, seed) -> tf.Tensor:
        return tf.repeat(super().draw(1, (seed[0], 0)), n, axis=0)


class WholePixels(RandomAffine):
    """Shifts by a share of the side at most, rounded to whole pixels, edge pixels repeated, and the mirror."""

    def __init__(self, share: float, side: int) -> None:
        super().__init__(width_shift_range=share, height_shift_range=share, horizontal_flip=True)
        self.side = side

    def draw(self, n, seed) -> tf.Tensor:
        drawn = super().draw(n, seed).numpy()
        shifts = [PARAMETERS.index(name) for name in ("shift_width", "shift_height")]
        drawn[:, shifts] = np.round(drawn[:, shifts] * self.side) / self.side
        return tf.constant(drawn)


class TwoOfSix(RandomAffine):
    """Two of six changes, with a random sign, drawn with replacement (after RandAugment, Cubuk et al., 2020).

    Rotation by 15 degrees, shear by 10 degrees, a shift by a tenth of the width or of the height, brightness by 0.2,
    contrast by 0.3. The same change drawn twice adds up.
    """

    def draw(self, n, seed) -> tf.Tensor:
        """How much of each change, float32 (n, 6)."""
        u = tf.random.stateless_uniform((n, 2, 2), seed, alg="philox")
        which = tf.one_hot(tf.cast(u[:, :, 0] * 6, tf.int32), 6)
        sign = tf.where(u[:, :, 1:] < 0.5, -1.0, 1.0)
        return tf.reduce_sum(which * sign, axis=1) * tf.constant((15, 10, 0.1, 0.1, 0.2, 0.3), tf.float32)

    def apply(self, images, parameters) -> tf.Tensor:
        columns = [PARAMETERS.index(name) for name in ("rotation", "shear", "shift_width", "shift_height")]
        to_affine = np.eye(len(PARAMETERS), dtype="float32")[columns]
        return _lit(super().apply(images, IDENTITY + parameters[:, :4] @ to_affine), parameters[:, 4:])


class Photometric:
    """Brightness and contrast: m + c (x - m) + b with m the picture's mean, b within ±0.2, c from 0.7 to 1.3."""

    def draw(self, n, seed) -> tf.Tensor:
        """b and c - 1, float32 (n, 2)."""
        return tf.random.stateless_uniform((n, 2), seed, -1, 1, alg="philox") * [0.2, 0.3]

    def apply(self, images, parameters) -> tf.Tensor:
        return _lit(images, parameters)


def _lit(images: tf.Tensor, parameters) -> tf.Tensor:
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    brightness, contrast = parameters[:, 0, None, None, None], parameters[:, 1, None, None, None]
    return tf.clip_by_value(mean + (1 + contrast) * (images - mean) + brightness, 0, 1)


class TwoNumbers:
    """A change that two numbers say, from [0, 1): one for the height, one for the width."""

    def draw(self, n, seed) -> tf.Tensor:
        return tf.random.stateless_uniform((n, 2), seed, alg="philox")


class Cutout(TwoNumbers):
    """A black square of 8 by 8 pixels, its centre anywhere in the picture (DeVries and Taylor, 2017)."""

    def apply(self, images, parameters) -> tf.Tensor:
        hidden = []
        for axis in (1, 2):
            size = images.shape[axis]
            first = tf.floor(parameters[:, axis - 1] * size)[:, None] - 4
            place = tf.range(size, dtype=tf.float32)[None]
            hidden.append((place >= first) & (place < first + 8))
        rows, columns = hidden
        return tf.where(rows[:, :, None, None] & columns[:, None, :, None], tf.zeros_like(images), images)


class Blur(TwoNumbers):
    """As much blur as bilinear interpolation between pixels brings, without its movement.

    A shift by a fraction f of a pixel averages two neighbours with the weights 1 - f and f, a kernel of variance
    f (1 - f). Here each direction is averaged with the weights a, 1 - 2a, a, a = f (1 - f) / 2, of the same variance
    and with its centre at the pixel; f is drawn from [0, 1), one for each direction. Edge pixels are repeated.
    """

    def apply(self, images, parameters) -> tf.Tensor:
        for axis in (1, 2):
            f = parameters[:, axis - 1, None, None, None]
            edges = [[0, 0], [int(axis == 1)] * 2, [int(axis == 2)] * 2, [0, 0]]
            padded = tf.pad(images, edges, "SYMMETRIC")
            size = images.shape[axis]
            before, after = (tf.gather(padded, range(k, k + size), axis=axis) for k in (0, 2))
            a = f * (1 - f) / 2
            images = (1 - 2 * a) * images + a * (before + after)
        return images


class Crop:
    """A part of the picture, 35 to 100 % of its area, height and width alike, made ``CROPPED`` wide; half mirrored."""

    def draw(self, n, seed) -> tf.Tensor:
        """Boxes in fractions of height and width, float32 (n, 4): top, left, bottom, right; right and left exchanged
        where the picture is mirrored."""
        u = tf.random.stateless_uniform((n, 4), seed, alg="philox").numpy()
        side = np.sqrt(0.35 + 0.65 * u[:, 0])
        top, left = u[:, 1] * (1 - side), u[:, 2] * (1 - side)
        box = np.stack([top, left, top + side, left + side], axis=1)
        return tf.constant(np.where(u[:, 3:] < 0.5, box[:, [0, 3, 2, 1]], box), tf.float32)

    def apply(self, images, parameters) -> tf.Tensor:
        """Photographs, uint8, as float32 in [0, 1], bilinear."""
        images = np.asarray(images, np.float32)
        boxes = np.broadcast_to(parameters, (len(images), 4))
        return tf.image.crop_and_resize(images, boxes, np.arange(len(images)), (CROPPED, CROPPED)) / 255


def as_it_is(images: np.ndarray) -> np.ndarray:
    """Pictures as a network sees them without augmentation: photographs made smaller, others untouched."""
    return Crop().apply(images, np.array([0, 0, 1, 1], np.float32)).numpy() if images.dtype == np.uint8 else images
