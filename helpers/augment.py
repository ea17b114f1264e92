# SPDX-License-Identifier: MIT
"""RandomAffine: flips, rotation, shifts, shear and zoom of images in one resampling.

One file to copy: it needs Keras and NumPy alone, on TensorFlow, JAX or PyTorch. Every draw is a function of (seed,
epoch, image), so live training can be repeated image by image, whatever the batches are.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any

import keras
import numpy as np
from keras import ops

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
HIGHEST = 2**31 - 1  # of a seed, an epoch or an image's number
FILL_MODES = ("nearest", "constant", "reflect", "wrap")


@keras.saving.register_keras_serializable(package="helpers")
class RandomAffine(keras.layers.Layer):
    """Augments each image of a batch by its own random affine map.

    Arguments are named and ranged as in ``ImageDataGenerator``, except that width means width there too (Keras 3
    exchanges the two shifts, keras issue 17398). All maps of an image are multiplied into one, so that it is resampled
    (bilinearly) once.

    As a layer of a model (active in training only), in ``tf.data.Dataset.map`` or on an array it draws anew at each
    call; ``version`` makes what an epoch shows of given images, the same at each call.

    Args:
        rotation_range: degrees, 0 to 360; drawn from [-r, r].
        width_shift_range, height_shift_range: fraction of the size, 0 to 1; drawn from [-s, s].
        shear_range: degrees (not radians, not a fraction), 0 to 89.9; drawn from [-s, s].
        zoom_range: z with 0 <= z < 1, drawn from [1-z, 1+z], or a pair (lower, upper), at most 5; width and height
            draw separately. As in ImageDataGenerator the factor is that of the sampling grid: 0.5 shows things
            twice as large.
        horizontal_flip, vertical_flip: flip half of the images.
        fill_mode: what lies outside the image: "nearest" (abcd|dddd), "constant" (``cval``), "reflect"
            (abcd|dcba), "wrap" (abcd|abcd, SciPy's "grid-wrap").
        cval: the constant, in the images' units.
        seed: 0 to 2**31 - 1; None takes one at random.

    Call it with images of shape (batch, height, width, channels), or one of shape (height, width, channels) with 1,
    3 or 4 channels, of a float dtype or uint8. The result has the same shape and dtype (uint8 rounded), and values
    within the range of the input and ``cval``. ``training=False`` returns the images untouched.
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
        self.rotation_range = _number("rotation_range", rotation_range, 360, "degrees")
        self.width_shift_range = _number("width_shift_range", width_shift_range, 1, "fraction")
        self.height_shift_range = _number("height_shift_range", height_shift_range, 1, "fraction")
        self.shear_range = _number("shear_range", shear_range, 89.9, "degrees")
        low, high = self.zoom_range = _zoom_pair(zoom_range)
        self.horizontal_flip = _flag("horizontal_flip", horizontal_flip)
        self.vertical_flip = _flag("vertical_flip", vertical_flip)
        if fill_mode not in FILL_MODES:
            raise ValueError(f"fill_mode is {fill_mode!r}; expected one of {', '.join(FILL_MODES)}.")
        self.fill_mode = fill_mode
        if not (_is_number(cval) and math.isfinite(cval)):
            raise ValueError(f"cval is {_shown(cval)}; expected a finite number (in the images' units).")
        self.cval = float(cval)
        if seed is not None and getattr(_whole(seed), "shape", None) != ():
            raise ValueError(f"seed is {_shown(seed)}; expected a whole number from 0 to {HIGHEST:,}.")
        self.seed = None if seed is None else int(seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        middle = [0, 0, 0, 0, (low + high) / 2, (low + high) / 2, 0, 0]
        reach = [self.rotation_range, self.width_shift_range, self.height_shift_range, self.shear_range]
        reach += [(high - low) / 2, (high - low) / 2, 0, 0]
        flips = [0, 0, 0, 0, 0, 0, self.horizontal_flip, self.vertical_flip]
        self._ranges = np.array([middle, reach, flips], "float32")

    def draw(self, ids: Any, seed: Any) -> Any:
        """Draw the parameters of images.

        Args:
            ids: the images' numbers, of shape (n,); or n alone, for the images 0 to n - 1.
            seed: two whole numbers, such as (replicate, epoch). An image's row depends on them and on its own number
                alone: on any machine, on any backend and in any batch it is the same.

        Returns:
            float32 of shape (n, 8), the columns in the order of ``PARAMETERS``.
        """
        numbers, pair = _whole(ids), _whole(seed)
        if numbers is None or len(numbers.shape) > 1:
            raise ValueError(f"ids is {_shown(ids)}; expected a whole number, 0 or more, or an array (n,) of them.")
        if pair is None or tuple(pair.shape) != (2,):
            raise ValueError(
                f"seed is {_shown(seed)}; expected two whole numbers from 0 to {HIGHEST:,}, such as (replicate, epoch)."
            )
        if len(numbers.shape) == 0:
            numbers = ops.arange(ids if ops.is_tensor(ids) else int(ids))
        return _compiled(_draw)(
            ops.cast(numbers, "int32"), ops.cast(pair, "int32"), ops.convert_to_tensor(self._ranges)
        )

    def apply(self, images: Any, parameters: Any) -> Any:
        """Transform images by given parameters; deterministic.

        Args:
            images: (n, height, width, channels), float or uint8, as an array, tensor or list.
            parameters: (n, 8) in the ranges that ``draw`` can return. As in ImageDataGenerator they move the
                sampling grid: a positive shift takes the image to the left or up. With p the centre of the image, the
                output pixel q shows the point p + R (t + S Z F (q - p)): flip, then zoom, shear, shift, rotation.

        Returns:
            A tensor of the images' shape and dtype.
        """
        images, table = _tensor("images", images), _tensor("parameters", parameters)
        if len(images.shape) != 4:
            raise ValueError(f"images have shape {images.shape}; expected (n, height, width, channels).")
        n, rows = images.shape[0], table.shape[0]
        if len(table.shape) != 2 or table.shape[1] != len(PARAMETERS) or (n != rows and None not in (n, rows)):
            raise ValueError(f"parameters have shape {table.shape} for {n} images; expected a row of 8 for each.")
        if not (ops.is_tensor(parameters) or np.isfinite(parameters).all()):
            raise ValueError("parameters are not all finite; expected numbers that draw can return.")
        precision = "float64" if keras.backend.standardize_dtype(images.dtype) == "float64" else "float32"
        cval = ops.convert_to_tensor(self.cval, precision)
        size, kind = ops.shape(images)[1:3], (*images.shape[1:], images.dtype, self.fill_mode)
        bits = _fraction_bits(*size)
        positions = _compiled(_positions, *kind)(ops.cast(table, "float32"), size, bits)
        result = _compiled(_resample, *kind)(images, *positions, bits, cval, self.fill_mode)
        return ops.reshape(result, ops.shape(images))  # TensorFlow forgets it where it compiled for any shape

    def version(self, images: Any, ids: Any, epoch: Any) -> Any:
        """What an epoch shows of images: ``apply`` with ``draw(ids, (seed, epoch))``, the same in any batch and order.

        Args:
            images: as for ``apply``.
            ids: the images' numbers, of shape (n,).
            epoch: 0 or more.
        """
        if self.seed is None:
            raise ValueError("seed is None, so that no epoch can be repeated; give the layer a seed.")
        return self.apply(images, self.draw(ids, (self.seed, epoch)))

    def __call__(self, images: Any, training: bool | None = None) -> Any:
        # Checked here, because Keras takes lists and tuples apart and wraps what `call` raises.
        images = _tensor("images", images)
        shape = images.shape
        if len(shape) != 4 and not (len(shape) == 3 and shape[-1] in (1, 3, 4, None)):
            raise ValueError(
                f"images have shape {shape}; expected (n, height, width, channels), or one image with 1, 3 or 4 "
                "channels: pass images[..., None] if they are grey."
            )
        if training is not None and not isinstance(training, (bool, np.bool_)):
            raise TypeError(
                f"training is {_shown(training)}; expected True or False (to augment a data set of pairs, "
                "map pairs with lambda x, y: (augment(x), y))."
            )
        settings = {} if training is None else {"training": training}  # without it Keras decides
        return super().__call__(images, **settings)

    def call(self, images: Any, training: bool = True) -> Any:
        if not training:
            return images
        if len(images.shape) == 3:
            return self.call(images[None])[0]
        return self.apply(images, self.draw(ops.shape(images)[0], self.seed_generator.next()))

    def compute_output_spec(self, images: Any, training: bool = True) -> keras.KerasTensor:
        return keras.KerasTensor(images.shape, images.dtype)

    def get_config(self) -> dict:
        names = (
            "rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range",
            "horizontal_flip", "vertical_flip", "fill_mode", "cval", "seed",
        )  # fmt: skip
        return super().get_config() | {name: getattr(self, name) for name in names}


@functools.cache
def _compiled(function: Callable, *kind: Any) -> Callable:
    """By XLA on TensorFlow, several times as fast there; the other backends run it as it is.

    One for each kind of images, since TensorFlow warns of a function that it has to trace often.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    return tf.function(functools.partial(function), jit_compile=True, reduce_retracing=True)


def _draw(ids: Any, seed: Any, ranges: Any) -> Any:
    """A counter-based generator: for each image and column a hash of (column, seed, epoch, image), 32 bits.

    Compilers may or may not round between a product and a sum. So a product is rounded to steps of 2**-20 first.
    """
    middle, reach, flips = ranges[0], ranges[1], ranges[2]
    bits = _hash(1 + ops.arange(len(PARAMETERS), dtype="int32"))
    for number in (seed[0], seed[1], ids[:, None]):
        bits = _hash(ops.bitwise_xor(bits, number))
    drawn = ops.cast(ops.right_shift(bits, 8), "float32") / 2**23  # from -1 to 1
    moved = ops.round(drawn * (reach * 2**20)) + ops.round(middle * 2**20)
    return moved / 2**20 + flips * ops.cast(bits < 0, "float32")


def _hash(bits: Any) -> Any:
    """Mix the bits of int32: multiplications that wrap, and shifts (triple32 of Wellons's hash-prospector)."""
    for shift, factor in ((17, 0xED5AD4BB - 2**32), (11, 0xAC4C1B51 - 2**32), (15, 0x31848BAB), (14, 1)):
        shifted = ops.bitwise_and(ops.right_shift(bits, shift), 2 ** (32 - shift) - 1)
        bits = ops.bitwise_xor(bits, shifted) * factor
    return bits


def _fraction_bits(height: Any, width: Any) -> Any:
    """A position is a whole number of 2**-bits pixels, and it has to fit into 31 bits.

    The farthest lies just below seven times the image's size. Why whole numbers? Floats that a compiler computes twice,
    for a neighbour and for the distance to it, might round differently and miss by a pixel; sums of whole numbers are
    the same in every batch.
    """
    if isinstance(height, int) and isinstance(width, int):
        return int(math.log2(2**31 / (7 * max(height, width))))
    size = ops.cast(ops.maximum(height, width), "float32")  # not yet known where TensorFlow traces
    return ops.cast(ops.floor(ops.log2(2**31 / (7 * size))), "int32")


def _positions(parameters: Any, size: Any, bits: Any) -> tuple[Any, Any, Any, Any]:
    """Where output pixels are found: x is a column's part (n, width) and a row's part (n, height), and so is y."""
    exact = "float32" if keras.backend.backend() == "jax" else "float64"
    table = ops.cast(parameters, exact)[:, :, None]
    rotation, shift_x, shift_y, shear, zoom_x, zoom_y, flip_x, flip_y = ops.unstack(table, len(PARAMETERS), axis=1)
    turn, both = rotation * (math.pi / 180), (rotation + shear) * (math.pi / 180)
    (height, width), pixel = size, ops.cast(ops.left_shift(1, bits), exact)
    middle_x, middle_y = ops.cast(width - 1, exact) / 2, ops.cast(height - 1, exact) / 2
    across = zoom_x * (1 - 2 * flip_x) * (ops.cast(ops.arange(width), exact) - middle_x)
    across += shift_x * ops.cast(width, exact)
    down = zoom_y * (1 - 2 * flip_y) * (ops.cast(ops.arange(height), exact) - middle_y)
    shift_y *= ops.cast(height, exact)
    parts = (
        ops.cos(turn) * across,
        middle_x - ops.sin(turn) * shift_y - ops.sin(both) * down,
        ops.sin(turn) * across,
        middle_y + ops.cos(turn) * shift_y + ops.cos(both) * down,
    )
    x_of_column, x_of_row, y_of_column, y_of_row = (ops.cast(ops.round(part * pixel), "int32") for part in parts)
    return x_of_column, x_of_row, y_of_column, y_of_row


def _resample(
    images: Any, x_of_column: Any, x_of_row: Any, y_of_column: Any, y_of_row: Any, bits: Any, cval: Any, fill_mode: str
) -> Any:
    """Bilinear resampling by one gather for each of four neighbours; integers are rounded."""
    n, height, width, channels = ops.shape(images)
    pixel = ops.left_shift(1, bits)
    x, y = x_of_column[:, None, :] + x_of_row[:, :, None], y_of_column[:, None, :] + y_of_row[:, :, None]
    inside = (x >= 0) & (x <= (width - 1) * pixel) & (y >= 0) & (y <= (height - 1) * pixel)
    left, right, x_share = _neighbours(x, width, bits, pixel, fill_mode)
    top, bottom, y_share = _neighbours(y, height, bits, pixel, fill_mode)
    x_share, y_share = ops.cast(x_share, cval.dtype), ops.cast(y_share, cval.dtype)

    flat = ops.reshape(images, (n * height * width, channels))
    first = ops.cast(ops.arange(n), "int32")[:, None, None] * (height * width)

    def between(row: Any) -> Any:
        a, b = (ops.cast(ops.take(flat, first + row * width + column, axis=0), cval.dtype) for column in (left, right))
        return a + x_share * (b - a)  # not (1 - f) a + f b: equal neighbours give exactly their common value

    above = between(top)
    result = above + y_share * (between(bottom) - above)
    if fill_mode == "constant":
        result = ops.where(inside[..., None], result, cval)
    return ops.cast(ops.round(result) if keras.backend.is_int_dtype(images.dtype) else result, images.dtype)


def _neighbours(position: Any, size: Any, bits: Any, pixel: Any, fill_mode: str) -> tuple[Any, Any, Any]:
    """The two pixels around a position along one axis, and how far it lies towards the second, from 0 to 1."""
    if fill_mode == "wrap":
        position = ops.mod(position, size * pixel)
    elif fill_mode == "reflect":
        position = ops.mod(position + pixel // 2, 2 * size * pixel)
        position = ops.minimum(position, 2 * size * pixel - position) - pixel // 2
    if fill_mode != "wrap":
        position = ops.clip(position, 0, (size - 1) * pixel)
    first = ops.right_shift(position, bits)
    second = ops.mod(first + 1, size) if fill_mode == "wrap" else ops.minimum(first + 1, size - 1)
    share = ops.cast(position - first * pixel, "float32") / ops.cast(pixel, "float32")
    return first, second, share[..., None]


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _number(name: str, value: Any, highest: float, unit: str) -> float:
    if _is_number(value) and 0 <= value <= highest:
        return float(value)
    raise ValueError(f"{name} is {_shown(value)}; expected a number from 0 to {highest} ({unit}).")


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ValueError(f"{name} is {_shown(value)}; expected True or False.")


def _zoom_pair(zoom_range: Any) -> tuple[float, float]:
    pair: tuple = ()
    if _is_number(zoom_range):
        pair = (1 - zoom_range, 1 + zoom_range)
    elif np.iterable(zoom_range):
        pair = tuple(zoom_range)
    if len(pair) == 2 and all(map(_is_number, pair)) and 0 < pair[0] <= pair[1] <= 5:
        return float(pair[0]), float(pair[1])
    raise ValueError(
        f"zoom_range is {_shown(zoom_range)}; expected a number from 0 up to but not including 1, "
        "or a pair (lower, upper) with 0 < lower <= upper <= 5."
    )


def _whole(value: Any) -> Any:
    """Whole numbers from 0 to ``HIGHEST`` as an array, or whole numbers as a tensor; None for anything else."""
    if any(map(ops.is_tensor, keras.tree.flatten(value))):
        tensor = ops.convert_to_tensor(value)
        return tensor if keras.backend.is_int_dtype(tensor.dtype) else None
    array = np.asarray(value)
    return array if array.dtype.kind in "iu" and ((array >= 0) & (array <= HIGHEST)).all() else None


def _tensor(name: str, value: Any) -> Any:
    """An array, tensor or list as a tensor of numbers."""
    try:
        tensor = value if isinstance(value, keras.KerasTensor) else ops.convert_to_tensor(value)
        len(tensor.shape)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} are of type {type(value).__name__}, which makes no tensor; expected an array of numbers."
        ) from None
    if not (keras.backend.is_float_dtype(tensor.dtype) or keras.backend.is_int_dtype(tensor.dtype)):
        raise TypeError(f"{name} are of dtype {keras.backend.standardize_dtype(tensor.dtype)}; expected numbers.")
    return tensor


def _shown(value: Any) -> str:
    """A value as it is printed, in one line of at most 60 characters."""
    return " ".join(repr(value.item() if isinstance(value, np.generic) else value).split())[:60]
