"""RandomAffine: flips, rotation, shifts, shear and zoom of images in a single resampling; named policies."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

PARAMETERS = (
    "rotation",  # degrees
    "shift_width",  # fraction of the width
    "shift_height",  # fraction of the height
    "shear",  # degrees
    "zoom_width",  # factor
    "zoom_height",  # factor
    "flip_horizontal",  # 1 where flipped, else 0
    "flip_vertical",
)
IDENTITY = np.array([0, 0, 0, 0, 1, 1, 0, 0], "float32")
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
POLICIES = {  # arguments of RandomAffine and of ImageDataGenerator
    "mild": {
        "rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "zoom_range": 0.05, "horizontal_flip": True,
    },
    "wide": {  # the article's
        "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2,
        "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
    },
    "cells": {
        "rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "horizontal_flip": True, "vertical_flip": True,
    },
    "flip": {"horizontal_flip": True},
    "half": {  # of the wide ranges
        "rotation_range": 10, "width_shift_range": 0.1, "height_shift_range": 0.1,
        "shear_range": 0.1, "zoom_range": 0.1, "horizontal_flip": True,
    },
    "three-quarters": {
        "rotation_range": 15, "width_shift_range": 0.15, "height_shift_range": 0.15,
        "shear_range": 0.15, "zoom_range": 0.15, "horizontal_flip": True,
    },
}  # fmt: skip


@keras.saving.register_keras_serializable(package="helpers")
class RandomAffine(keras.layers.Layer):
    """Augments each image of a batch by its own random affine map.

    Arguments are named and ranged as in ``ImageDataGenerator``, except that width means width
    there too (Keras 3 exchanges the two shifts, keras issue 17398). All maps of an image are
    multiplied into one matrix, so that the picture is resampled (bilinearly) once.

    Use it as a layer of a model (active in training only), in ``tf.data.Dataset.map``, or on an
    array. ``draw`` and ``apply`` are its two halves; the first needs no image, the second no luck.

    Args:
        rotation_range: degrees, >= 0; drawn from [-r, r].
        width_shift_range, height_shift_range: fraction of the size, 0 to 1; drawn from [-s, s].
        shear_range: degrees (not radians, not a fraction), >= 0 and < 90; drawn from [-s, s].
        zoom_range: z with 0 <= z < 1, drawn from [1-z, 1+z], or a pair (lower, upper), at most 5;
            width and height draw separately. As in ImageDataGenerator the factor is that of the sampling
            grid: 0.5 shows things twice as large.
        horizontal_flip, vertical_flip: flip half of the images.
        fill_mode: what lies outside the picture: "nearest" (abcd|dddd), "constant" (``cval``),
            "reflect" (abcd|dcba), "wrap" (abcd|abcd, SciPy's "grid-wrap").
        cval: the constant, in the images' units.
        seed: of the layer's own ``keras.random.SeedGenerator``; None takes one at random.

    Call it with images of shape (batch, height, width, channels) or (height, width, channels), of
    a float dtype or uint8; the result has the same shape and dtype (uint8 rounded), and values
    within the range of the input and ``cval``. ``training=False`` returns the images untouched.

    Raises:
        ValueError: an argument out of its range, an unknown fill mode, or images of another rank.
    """

    def __init__(
        self,
        rotation_range: float = 0.0,
        width_shift_range: float = 0.0,
        height_shift_range: float = 0.0,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        seed: int | None = None,
        **kwargs,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.rotation_range = _in_range("rotation_range", rotation_range, math.inf, "degrees")
        self.width_shift_range = _in_range("width_shift_range", width_shift_range, 1, "fraction")
        self.height_shift_range = _in_range("height_shift_range", height_shift_range, 1, "fraction")
        self.shear_range = _in_range("shear_range", shear_range, 89.9, "degrees")
        self.zoom_range = _zoom_pair(zoom_range)
        self.horizontal_flip = bool(horizontal_flip)
        self.vertical_flip = bool(vertical_flip)
        if fill_mode not in FILL_MODES:
            raise ValueError(f"fill_mode is {fill_mode!r}; expected one of {', '.join(FILL_MODES)}.")
        self.fill_mode = fill_mode
        self.cval = float(cval)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def draw(self, n: int | tf.Tensor, seed: Sequence[int] | tf.Tensor) -> tf.Tensor:
        """Draw the parameters of n images.

        Args:
            n: number of images.
            seed: two integers, such as (replicate, epoch). The same pair gives the same draws on
                any machine, and the row of image i does not depend on n.

        Returns:
            float32 of shape (n, 8), the columns in the order of ``PARAMETERS``.
        """
        low, high = self.zoom_range
        lower = [-self.rotation_range, -self.width_shift_range, -self.height_shift_range]
        lower += [-self.shear_range, low, low, 0, 0]
        upper = [self.rotation_range, self.width_shift_range, self.height_shift_range]
        upper += [self.shear_range, high, high, 0, 0]
        lower, upper = np.float32(lower), np.float32(upper)
        flip_chance = np.float32([0] * 6 + [self.horizontal_flip / 2, self.vertical_flip / 2])
        # tf.random.stateless_uniform with alg="philox" (by name: the default differs between devices), in
        # two operations instead of some twenty, each of which costs microseconds in `fit`.
        seed = tf.cast(tf.convert_to_tensor(seed), tf.int32)
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=seed)
        shape = (n, len(PARAMETERS))
        u = tf.raw_ops.StatelessRandomUniformV2(shape=shape, key=key, counter=counter, alg=1)
        return lower + u * (upper - lower) + tf.cast(u < flip_chance, tf.float32)

    def apply(self, images: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Transform images by given parameters; deterministic.

        Args:
            images: (n, height, width, channels), float or uint8.
            parameters: (n, 8) in the ranges that ``draw`` can return. As in ImageDataGenerator they move the
                sampling grid: a positive shift takes the picture to the left or up. With p the
                centre of the picture, the output pixel q shows the point
                p + R (t + S Z F (q - p)): flip, then zoom, shear, shift, rotation.

        Returns:
            A tensor of the images' shape and dtype.

        Raises:
            ValueError: images of another rank, or not one row of parameters for each.
        """
        images, parameters = tf.convert_to_tensor(images), tf.cast(parameters, tf.float32)
        if images.shape.rank != 4:
            raise ValueError(f"images have shape {images.shape}; expected (n, height, width, channels).")
        if not parameters.shape.is_compatible_with((images.shape[0], len(PARAMETERS))):
            raise ValueError(
                f"parameters have shape {parameters.shape} for {images.shape[0]} images; expected a row of "
                f"{len(PARAMETERS)} for each."
            )
        bits = _fraction_bits(*images.shape[1:3])
        maps = _fixed_point_maps(parameters, images, bits)
        return _resample(images, maps, bits, tf.constant(self.cval), self.fill_mode)

    def call(self, images: tf.Tensor, training: bool = True) -> tf.Tensor:
        if not training:
            return images
        if images.shape.rank == 3:
            return self.call(images[None])[0]
        parameters = self.draw(tf.shape(images)[0], self.seed_generator.next())
        return self.apply(images, parameters)

    def compute_output_spec(self, images: keras.KerasTensor, training: bool = True):
        return keras.KerasTensor(images.shape, dtype=images.dtype)

    def get_config(self) -> dict:
        names = (
            "rotation_range width_shift_range height_shift_range shear_range zoom_range "
            "horizontal_flip vertical_flip fill_mode cval seed"
        )
        return super().get_config() | {name: getattr(self, name) for name in names.split()}


@functools.cache
def named_policy(name: str) -> RandomAffine:
    """A policy by its name in ``POLICIES``; one object a process, as it was made at the first call.

    Raises:
        ValueError: there is no such policy.
    """
    if name not in POLICIES:
        raise ValueError(f"policy is {name!r}; expected one of {', '.join(POLICIES)}.")
    return RandomAffine(**POLICIES[name])


def _in_range(name: str, value: float, upper: float, unit: str) -> float:
    if not 0 <= value <= upper:
        expected = "0 or more" if upper == math.inf else f"between 0 and {upper}"
        raise ValueError(f"{name} is {value}; expected a number {expected} ({unit}).")
    return float(value)


def _zoom_pair(zoom_range: float | Sequence[float]) -> tuple[float, float]:
    pair = (1 - zoom_range, 1 + zoom_range) if np.isscalar(zoom_range) else tuple(zoom_range)
    if len(pair) != 2 or not 0 < pair[0] <= pair[1] <= 5:
        raise ValueError(
            f"zoom_range is {zoom_range}; expected a number from 0 up to but not including 1, "
            "or a pair (lower, upper) with 0 < lower <= upper <= 5."
        )
    return float(pair[0]), float(pair[1])


def _fraction_bits(height: int | None, width: int | None) -> int:
    """The finest unit of positions that int32 holds: they stay below seven sizes with zooms up to 5."""
    return int(math.log2(2**31 / (7 * max(height or 4096, width or 4096))))


@tf.function(jit_compile=True, reduce_retracing=True)
def _fixed_point_maps(parameters: tf.Tensor, images: tf.Tensor, bits: int) -> tf.Tensor:
    """The map of each image, int32 (n, 6): x = m0 X + m1 Y + m2 and y = m3 X + m4 Y + m5.

    X and Y are twice the distance of an output pixel from the centre, whole numbers; x and y are in
    units of 2^-bits pixels.
    """
    rotation, shift_x, shift_y, shear, zoom_x, zoom_y, flip_x, flip_y = tf.unstack(parameters, axis=1)
    cos, sin = tf.cos(rotation * (math.pi / 180)), tf.sin(rotation * (math.pi / 180))
    shear_cos, shear_sin = tf.cos(shear * (math.pi / 180)), tf.sin(shear * (math.pi / 180))
    zoom_x, zoom_y = zoom_x * (1 - 2 * flip_x), zoom_y * (1 - 2 * flip_y)
    height, width = tf.unstack(tf.cast(tf.shape(images)[1:3], tf.float32))
    shift_x, shift_y = shift_x * width, shift_y * height
    xx, xy = cos * zoom_x, -(cos * shear_sin + sin * shear_cos) * zoom_y
    yx, yy = sin * zoom_x, (cos * shear_cos - sin * shear_sin) * zoom_y
    x, y = cos * shift_x - sin * shift_y, sin * shift_x + cos * shift_y
    halves = tf.stack([xx / 2, xy / 2, x + (width - 1) / 2, yx / 2, yy / 2, y + (height - 1) / 2], axis=1)
    return tf.cast(tf.round(halves * float(1 << bits)), tf.int32)


# Positions are whole numbers (fixed point): XLA may compute one position twice, for the neighbour and
# for the distance to it, and floats that round differently would then miss by a pixel.
@tf.function(jit_compile=True, reduce_retracing=True)
def _resample(images: tf.Tensor, maps: tf.Tensor, bits: int, cval: tf.Tensor, fill_mode: str) -> tf.Tensor:
    """Bilinear resampling, one gather per neighbour, fused by XLA; integers are rounded."""
    n, height, width, channels = tf.unstack(tf.shape(images))
    xx, xy, x, yx, yy, y = tf.unstack(maps[:, :, None, None], axis=1)
    out_x = (2 * tf.range(width) - (width - 1))[None, None, :]
    out_y = (2 * tf.range(height) - (height - 1))[None, :, None]
    x, y = xx * out_x + xy * out_y + x, yx * out_x + yy * out_y + y

    pixel = 1 << bits
    inside = (x >= 0) & (x <= (width - 1) * pixel) & (y >= 0) & (y <= (height - 1) * pixel)
    x_0, x_1, right = _neighbours(x, width, bits, fill_mode)
    y_0, y_1, below = _neighbours(y, height, bits, fill_mode)
    right, below = right[..., None], below[..., None]

    flat = tf.reshape(images, (n * height * width, channels))
    first = tf.range(n)[:, None, None] * (height * width)

    def value(row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.gather(flat, first + row * width + column), tf.float32)

    # a + f (b - a), not (1 - f) a + f b: equal neighbours then give exactly their common value.
    top_left, bottom_left = value(y_0, x_0), value(y_1, x_0)
    top = top_left + right * (value(y_0, x_1) - top_left)
    bottom = bottom_left + right * (value(y_1, x_1) - bottom_left)
    result = top + below * (bottom - top)
    if fill_mode == "constant":
        result = tf.where(inside[..., None], result, cval)
    return tf.cast(tf.round(result) if images.dtype.is_integer else result, images.dtype)


def _neighbours(
    position: tf.Tensor, size: tf.Tensor, bits: int, fill_mode: str
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The two pixels around a position along one axis, and how far it lies towards the second."""
    pixel = 1 << bits
    if fill_mode == "wrap":
        position = tf.math.floormod(position, size * pixel)
    elif fill_mode == "reflect":
        position = tf.math.floormod(position + pixel // 2, 2 * size * pixel)
        position = tf.minimum(position, 2 * size * pixel - position) - pixel // 2
    if fill_mode != "wrap":
        position = tf.clip_by_value(position, 0, (size - 1) * pixel)
    first = tf.bitwise.right_shift(position, bits)
    second = (first + 1) % size if fill_mode == "wrap" else tf.minimum(first + 1, size - 1)
    return first, second, tf.cast(position - first * pixel, tf.float32) / pixel
