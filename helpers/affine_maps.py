"""Bilinear resampling of images by affine maps, positions in whole numbers, compiled by XLA.

Why whole numbers (fixed point)? XLA may compute one position twice, for the neighbour and for the distance to it, and
floats that round differently would then miss by a pixel. A position is a count of units of 2^-bits pixels, and it has
to fit into int32. With zooms up to 5 it stays below seven times the image's size: for 28 pixels below 196, so that
2^31 / 196 units fit into a pixel, which are 23 bits. Pixel 10 and a quarter is then 10.25 * 2^23 = 85,983,232; its
left neighbour is that number shifted right by 23 bits, and what was shifted out is the quarter.

Output pixels are counted from the centre in halves of a pixel, because the centre of 28 pixels lies between two.
"""

from __future__ import annotations

import math

import tensorflow as tf

UNKNOWN_SIZE = 4096  # taken for an image whose size is not known while TensorFlow traces


def fraction_bits(height: int | None, width: int | None) -> int:
    """How many bits of a position are left for fractions of a pixel."""
    return int(math.log2(2**31 / (7 * max(height or UNKNOWN_SIZE, width or UNKNOWN_SIZE))))


@tf.function(jit_compile=True, reduce_retracing=True)
def fixed_point_maps(parameters: tf.Tensor, images: tf.Tensor, bits: int) -> tf.Tensor:
    """The map of each image, int32 (n, 6): x = m0 X + m1 Y + m2 and y = m3 X + m4 Y + m5.

    X and Y count halves of a pixel from the centre to an output pixel; x and y are positions.
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


@tf.function(jit_compile=True, reduce_retracing=True)
def resample(images: tf.Tensor, maps: tf.Tensor, bits: int, cval: tf.Tensor, fill_mode: str) -> tf.Tensor:
    """Bilinear resampling, one gather per neighbour, fused by XLA; integers are rounded."""
    # Rounded to single precision, images of double precision would leave their range.
    precision = tf.float64 if images.dtype == tf.float64 else tf.float32
    n, height, width, channels = tf.unstack(tf.shape(images))
    xx, xy, x, yx, yy, y = tf.unstack(maps[:, :, None, None], axis=1)
    out_x = (2 * tf.range(width) - (width - 1))[None, None, :]
    out_y = (2 * tf.range(height) - (height - 1))[None, :, None]
    x, y = xx * out_x + xy * out_y + x, yx * out_x + yy * out_y + y

    pixel = 1 << bits
    inside = (x >= 0) & (x <= (width - 1) * pixel) & (y >= 0) & (y <= (height - 1) * pixel)
    x_0, x_1, right = _neighbours(x, width, bits, fill_mode)
    y_0, y_1, below = _neighbours(y, height, bits, fill_mode)
    right, below = tf.cast(right[..., None], precision), tf.cast(below[..., None], precision)

    flat = tf.reshape(images, (n * height * width, channels))
    first = tf.range(n)[:, None, None] * (height * width)

    def value(row: tf.Tensor, column: tf.Tensor) -> tf.Tensor:
        return tf.cast(tf.gather(flat, first + row * width + column), precision)

    # a + f (b - a), not (1 - f) a + f b: equal neighbours then give exactly their common value.
    top_left, bottom_left = value(y_0, x_0), value(y_1, x_0)
    top = top_left + right * (value(y_0, x_1) - top_left)
    bottom = bottom_left + right * (value(y_1, x_1) - bottom_left)
    result = top + below * (bottom - top)
    if fill_mode == "constant":
        result = tf.where(inside[..., None], result, tf.cast(cval, precision))
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
