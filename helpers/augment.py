# SPDX-License-Identifier: MIT
"""RandomAffine: flips, rotation, shifts, shear and zoom of images in one interpolation.

One file to copy: it needs Keras on TensorFlow. It is there for what Keras's layers can't do: all changes in one
interpolation, the same draw again for (seed, epoch, image) whatever the batches are, and a known strength.
"""

import functools
import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Dictionaries of arguments, which ImageDataGenerator takes, too.
MILD: dict[str, Any] = {
    "rotation_range": 5,
    "width_shift_range": 0.05,
    "height_shift_range": 0.05,
    "zoom_range": 0.05,
    "horizontal_flip": True,
}
ARTICLE: dict[str, Any] = {  # the ranges of the article that this series began with
    "rotation_range": 20,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 0.2,  # degrees, as the rotation: hardly any
    "zoom_range": 0.2,
    "horizontal_flip": True,
}

# The eight parameters: rotation in degrees, shift of width and height as fractions of the size, shear in degrees, zoom
# of width and height as factors, horizontal and vertical flip (1 where flipped, else 0).
IDENTITY = np.array([0, 0, 0, 0, 1, 1, 0, 0], "float32")
FILL_MODES = ("nearest", "constant", "reflect", "wrap")


@keras.saving.register_keras_serializable(package="helpers")
class RandomAffine(keras.layers.Layer):
    """Augments each image of a batch by its own random affine map, interpolated (bilinearly) once.

    Arguments are named and ranged as in ``ImageDataGenerator``, but width means width (Keras 3 exchanges the two
    shifts, keras issue 17398). As a layer of a model (active in training only), in ``tf.data.Dataset.map`` or on an
    array it draws anew at each call; ``version`` repeats what an epoch shows.

    Args:
        rotation_range: degrees, 0 to 360; drawn from [-r, r], as are the next three.
        width_shift_range, height_shift_range: fraction of the size, 0 to 1.
        shear_range: degrees (no fraction), 0 to 89.
        zoom_range: z with 0 <= z < 1, drawn from [1-z, 1+z], or a pair (lower, upper), for width and height
            separately. The factor is that of the sampling grid: 0.5 shows things twice as large.
        horizontal_flip, vertical_flip: flip half of the images.
        fill_mode: what lies outside the image: "nearest" (abcd|dddd), "constant" (``cval``), "reflect"
            (abcd|dcba), "wrap" (abcd|abcd, SciPy's "grid-wrap").
        cval: the constant, in the images' units.
        seed: 0 to 2**31 - 1; None takes one at random.

    Call it with float or uint8 images (batch, height, width, channels), or with one of 1, 3 or 4 channels. The result
    has their shape and dtype (uint8 rounded). ``training=False`` returns the images untouched.

    Raises:
        ValueError: a range is outside of what is named above, or there is no such fill_mode.
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
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.settings = {
            "rotation_range": rotation_range,
            "width_shift_range": width_shift_range,
            "height_shift_range": height_shift_range,
            "shear_range": shear_range,
            "zoom_range": zoom_range,
            "horizontal_flip": horizontal_flip,
            "vertical_flip": vertical_flip,
            "fill_mode": fill_mode,
            "cval": cval,
            "seed": seed,
        }
        reach = [rotation_range, width_shift_range, height_shift_range, shear_range]
        for name, value, highest in zip(self.settings, reach, (360, 1, 1, 89), strict=False):
            if not 0 <= value <= highest:
                raise ValueError(f"{name} is {value}; expected 0 to {highest}.")
        if isinstance(zoom_range, Sequence):
            low, high = zoom_range
        else:
            low, high = 1 - zoom_range, 1 + zoom_range
        if not 0 < low <= high:
            raise ValueError(
                f"zoom_range is {zoom_range}; expected 0 up to but not including 1, or two factors above 0, "
                "the lower first."
            )
        if fill_mode not in FILL_MODES:
            raise ValueError(
                f"fill_mode is {fill_mode!r}; expected one of {', '.join(FILL_MODES)}."
            )
        zoom, zoom_reach = (low + high) / 2, (high - low) / 2
        self._ranges = np.array(
            [
                [0, 0, 0, 0, zoom, zoom, 0, 0],
                [*reach, zoom_reach, zoom_reach, 0, 0],
                [0, 0, 0, 0, 0, 0, horizontal_flip, vertical_flip],
            ],
            "float32",
        )
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def draw(self, ids: Any, seed: Any) -> tf.Tensor:
        """Draw the parameters of images: float32 (n, 8), the columns in the order of ``IDENTITY``.

        Args:
            ids: the images' numbers, int (n,).
            seed: two whole numbers from 0 on, such as (replicate, epoch), in place of the layer's own seed, which is
                one. An image's row depends on them and on its own number alone: in any batch and on any machine it is
                the same.
        """
        numbers, pair = (_whole(tf.convert_to_tensor(value)) for value in (ids, seed))
        return _draw(numbers, pair, self._ranges)

    def apply(self, images: Any, parameters: Any) -> tf.Tensor:
        """Transform images by parameters: a tensor of the images' shape and dtype, computed in float32.

        Args:
            images: (n, height, width, channels), float or uint8.
            parameters: (n, 8), such as ``draw`` returns. As in ImageDataGenerator they move the sampling grid: a
                positive shift takes the image to the left or up. With p the centre of the image, the output pixel q
                shows the point p + R (t + S Z F (q - p)): flip, then zoom, shear, shift, rotation.
        """
        images = tf.convert_to_tensor(images)
        table = tf.cast(parameters, tf.float32)
        size = tf.shape(images)
        positions = _positions(table, size[1], size[2])
        fill = tf.cast(self.settings["cval"], tf.float32)
        resample = _resampler(self.settings["fill_mode"])
        result = resample(tf.cast(images, tf.float32), *positions, fill)
        if images.dtype.is_integer:
            result = tf.round(result)
        return tf.ensure_shape(tf.cast(result, images.dtype), images.shape)

    def version(self, images: Any, ids: Any, epoch: Any) -> tf.Tensor:
        """What an epoch, 0 or more, shows of images with the numbers ids, (n,); the same in any batch and order.

        Epoch 0 is the first augmented version, and no epoch shows the originals.

        Raises:
            ValueError: the layer has no seed.
        """
        if self.seed is None:
            raise ValueError(
                "seed is None, so that no epoch can be repeated; give the layer a seed."
            )
        return self.apply(images, self.draw(ids, (self.seed, epoch)))

    def call(self, images: Any, training: bool = True) -> Any:
        if not training:
            return images
        if len(images.shape) == 3:
            if images.shape[-1] not in (1, 3, 4):
                raise ValueError(
                    f"images have shape {images.shape}; expected (n, height, width, channels): "
                    "pass images[..., None] if they are grey."
                )
            return self.call(images[None])[0]
        ids = tf.range(tf.shape(images)[0])
        return self.apply(images, self.draw(ids, self.seed_generator.next()))

    def compute_output_spec(self, images: Any, training: bool = True) -> keras.KerasTensor:
        return keras.KerasTensor(images.shape, images.dtype)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | self.settings


def _whole(numbers: tf.Tensor) -> tf.Tensor:
    """As int32, in which a negative number or a fraction would be another image's."""
    if not numbers.dtype.is_integer:
        raise ValueError(f"found {numbers}; expected whole numbers.")
    return tf.cast(numbers, tf.int32)


@tf.function(
    input_signature=[
        tf.TensorSpec([None], tf.int32),
        tf.TensorSpec([2], tf.int32),
        tf.TensorSpec([3, 8], tf.float32),
    ],
    jit_compile=True,
)
def _draw(ids: tf.Tensor, seed: tf.Tensor, ranges: tf.Tensor) -> tf.Tensor:
    """For each image and column a hash of (column, seed, epoch, image), 32 bits."""
    middle, reach, flips = tf.unstack(ranges)
    bits = _hash(tf.range(1, 9))
    for number in (seed[0], seed[1], ids[:, None]):
        bits = _hash(tf.bitwise.bitwise_xor(bits, number))
    drawn = tf.cast(tf.bitwise.right_shift(bits, 8), tf.float32) / 2**23  # from -1 to 1
    # Compilers may or may not round between a product and a sum: so it is rounded to steps of 2**-20 first.
    moved = tf.round(drawn * (reach * 2**20)) + tf.round(middle * 2**20)
    return moved / 2**20 + flips * tf.cast(bits < 0, tf.float32)


def _hash(bits: tf.Tensor) -> tf.Tensor:
    """Mix the bits of int32 by products that wrap, and shifts (triple32 of Wellons's hash-prospector)."""
    steps = ((17, 0xED5AD4BB - 2**32), (11, 0xAC4C1B51 - 2**32), (15, 0x31848BAB), (14, 1))
    for shift, factor in steps:
        shifted = tf.bitwise.right_shift(bits, shift) & (2 ** (32 - shift) - 1)
        bits = tf.bitwise.bitwise_xor(bits, shifted) * factor
    return bits


@tf.function(
    input_signature=[
        tf.TensorSpec([None, 8], tf.float32),
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([], tf.int32),
    ]
)
def _positions(parameters: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> list[tf.Tensor]:
    """Where output pixels come from: x is a column's part (n, width) and a row's part (n, height), and so is y."""
    columns = tf.unstack(tf.cast(parameters, tf.float64)[:, :, None], axis=1)
    rotation, right, low, shear, zoom_x, zoom_y, flip_x, flip_y = columns
    high, wide = tf.cast(height, tf.float64), tf.cast(width, tf.float64)
    turn = rotation * (math.pi / 180)
    both = turn + shear * (math.pi / 180)
    middle_x, middle_y = (wide - 1) / 2, (high - 1) / 2
    across = zoom_x * (1 - 2 * flip_x) * (tf.range(wide) - middle_x) + right * wide
    down = zoom_y * (1 - 2 * flip_y) * (tf.range(high) - middle_y)
    shift_y = low * high
    parts = [
        tf.cos(turn) * across,
        middle_x - tf.sin(turn) * shift_y - tf.sin(both) * down,
        tf.sin(turn) * across,
        middle_y + tf.cos(turn) * shift_y + tf.cos(both) * down,
    ]
    return [tf.cast(part, tf.float32) for part in parts]


@functools.cache
def _resampler(fill_mode: str) -> Any:
    """Bilinear interpolation by a gather for each of four neighbours, compiled once for a fill mode.

    Why not ``keras.ops.image.affine_transform``? XLA, which makes this several times faster, can't compile it.
    """
    axis = tf.TensorSpec([None, None], tf.float32)
    images = tf.TensorSpec([None, None, None, None], tf.float32)

    @tf.function(
        input_signature=[images, axis, axis, axis, axis, tf.TensorSpec([], tf.float32)],
        jit_compile=True,
    )
    def resample(images, x_of_column, x_of_row, y_of_column, y_of_row, fill):
        size = tf.shape(images)
        n, height, width = size[0], size[1], size[2]
        x = x_of_column[:, None, :] + x_of_row[:, :, None]
        y = y_of_column[:, None, :] + y_of_row[:, :, None]
        left, right, x_share = _neighbours(x, width, fill_mode)
        top, bottom, y_share = _neighbours(y, height, fill_mode)
        flat = tf.reshape(images, (n * height * width, size[3]))
        first = tf.range(n)[:, None, None] * (height * width)

        def between(row):
            a = tf.gather(flat, first + row * width + left)
            b = tf.gather(flat, first + row * width + right)
            # Not (1 - f) a + f b: equal neighbours give exactly their common value.
            return a + x_share * (b - a)

        above = between(top)
        result = above + y_share * (between(bottom) - above)
        if fill_mode == "constant":
            inside = (x >= 0) & (x <= tf.cast(width - 1, x.dtype))
            inside &= (y >= 0) & (y <= tf.cast(height - 1, y.dtype))
            result = tf.where(inside[..., None], result, fill)
        return result

    return resample


def _neighbours(
    position: tf.Tensor, length: tf.Tensor, fill_mode: str
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The two pixels around a position along one axis, and how far it lies towards the second, from 0 to 1."""
    size = tf.cast(length, tf.float32)
    if fill_mode == "wrap":
        position = tf.math.floormod(position, size)
    elif fill_mode == "reflect":
        position = tf.math.floormod(position + 0.5, 2 * size)
        position = tf.minimum(position, 2 * size - position) - 0.5
    if fill_mode != "wrap":
        position = tf.clip_by_value(position, 0, size - 1)
    lower = tf.floor(position)
    share = position - lower
    first = tf.cast(lower, tf.int32)
    second = (first + 1) % length if fill_mode == "wrap" else tf.minimum(first + 1, length - 1)
    return first, second, share[..., None]
