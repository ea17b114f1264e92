# SPDX-License-Identifier: MIT
"""RandomAffine: flips, rotation, shifts, shear and zoom of images in one resampling.

One file to copy: it needs Keras and NumPy alone, on TensorFlow, JAX or PyTorch. Every draw is a function of (seed,
epoch, image), so live training can be repeated image by image, whatever the batches are.
"""

import functools
import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

import keras
import numpy as np
from keras import ops

PARAMETERS = (
    "rotation",  # degrees
    "shift_width",  # fractions of the size
    "shift_height",
    "shear",  # degrees
    "zoom_width",  # factors
    "zoom_height",
    "flip_horizontal",  # 1 where flipped, else 0
    "flip_vertical",
)
IDENTITY = np.array([0, 0, 0, 0, 1, 1, 0, 0], "float32")
# What a policy can draw at most, either way, and rounding.
FARTHEST = np.array([360, 1, 1, 89.9, 5, 5, 1, 1]) * 1.0001
HIGHEST = 2**31 - 1  # of a seed, an epoch or an image's number
FILL_MODES = ("nearest", "constant", "reflect", "wrap")


@keras.saving.register_keras_serializable(package="helpers")
class RandomAffine(keras.layers.Layer):
    """Augments each image of a batch by its own random affine map, resampled (bilinearly) once.

    Arguments are named and ranged as in ``ImageDataGenerator``, but width means width (Keras 3 exchanges the two
    shifts, keras issue 17398). As a layer of a model (active in training only), in ``tf.data.Dataset.map`` or on an
    array it draws anew at each call; ``version`` repeats what an epoch shows.

    Args:
        rotation_range: degrees, 0 to 360; drawn from [-r, r], as are the next three.
        width_shift_range, height_shift_range: fraction of the size, 0 to 1.
        shear_range: degrees (not radians, not a fraction), 0 to 89.9.
        zoom_range: z with 0 <= z < 1, drawn from [1-z, 1+z], or a pair (lower, upper), at most 5, for width and
            height separately. The factor is that of the sampling grid: 0.5 shows things twice as large.
        horizontal_flip, vertical_flip: flip half of the images.
        fill_mode: what lies outside the image: "nearest" (abcd|dddd), "constant" (``cval``), "reflect"
            (abcd|dcba), "wrap" (abcd|abcd, SciPy's "grid-wrap").
        cval: the constant, in the images' units.
        seed: 0 to 2**31 - 1; None takes one at random.

    Call it with float or uint8 images (batch, height, width, channels), or with one of 1, 3 or 4 channels. The result
    has their shape and dtype (uint8 rounded), and values within the range of the input and ``cval``.
    ``training=False`` returns the images untouched.
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
        numbers = {
            "rotation_range": (rotation_range, 360, "degrees"),
            "width_shift_range": (width_shift_range, 1, "fraction"),
            "height_shift_range": (height_shift_range, 1, "fraction"),
            "shear_range": (shear_range, 89.9, "degrees"),
        }
        for name, (value, highest, unit) in numbers.items():
            fits = _is_number(value) and 0 <= value <= highest
            _require(fits, name, value, f"a number from 0 to {highest} ({unit})")
        low, high = _zoom_pair(zoom_range)
        for name, flip in (("horizontal_flip", horizontal_flip), ("vertical_flip", vertical_flip)):
            _require(isinstance(flip, (bool, np.bool_)), name, flip, "True or False")
        _require(fill_mode in FILL_MODES, "fill_mode", fill_mode, f"one of {', '.join(FILL_MODES)}")
        finite = _is_number(cval) and math.isfinite(cval)
        _require(finite, "cval", cval, "a finite number (in the images' units)")
        self.fill_mode = fill_mode
        self.cval = float(cval)
        self.seed = None
        if seed is not None:
            number = _whole(seed)
            single = number is not None and len(number.shape) == 0
            _require(single, "seed", seed, f"a whole number from 0 to {HIGHEST:,}")
            self.seed = int(seed)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        farthest = {name: float(value) for name, (value, *_) in numbers.items()}
        self._settings = farthest | {
            "zoom_range": (low, high),
            "horizontal_flip": bool(horizontal_flip),
            "vertical_flip": bool(vertical_flip),
            "fill_mode": fill_mode,
            "cval": self.cval,
            "seed": self.seed,
        }
        zoom, zoom_reach = (low + high) / 2, (high - low) / 2
        middle = [0, 0, 0, 0, zoom, zoom, 0, 0]
        reach = [*farthest.values(), zoom_reach, zoom_reach, 0, 0]
        flips = [0, 0, 0, 0, 0, 0, horizontal_flip, vertical_flip]
        self._ranges = np.array([middle, reach, flips], "float32")

    def draw(self, ids: Any, seed: Any) -> Any:
        """Draw the parameters of images: float32 (n, 8), the columns in the order of ``PARAMETERS``.

        Args:
            ids: the images' numbers, (n,), so that [5] is image 5; or n alone, so that 5 are the images 0 to 4.
            seed: two whole numbers, such as (replicate, epoch), in place of the layer's own seed, which is one. An
                image's row depends on them and on its own number alone: on any machine, on any backend and in any batch
                it is the same.
        """
        numbers, pair = _whole(ids), _whole(seed)
        one_axis = numbers is not None and len(numbers.shape) <= 1
        _require(one_axis, "ids", ids, "a whole number, 0 or more, or an array (n,) of them")
        two = pair is not None and tuple(pair.shape) == (2,)
        expected = f"two whole numbers from 0 to {HIGHEST:,}, such as (replicate, epoch)"
        _require(two, "seed", seed, expected)
        if len(numbers.shape) == 0:
            numbers = ops.arange(ids if ops.is_tensor(ids) else int(ids))
        numbers, pair = ops.cast(numbers, "int32"), ops.cast(pair, "int32")
        return _compiled(_draw)(numbers, pair, ops.convert_to_tensor(self._ranges))

    def apply(self, images: Any, parameters: Any) -> Any:
        """Transform images by parameters: a tensor of the images' shape and dtype.

        Args:
            images: (n, height, width, channels), float or uint8, as an array, tensor or list.
            parameters: (n, 8) in the ranges that ``draw`` can return. An array is checked, and a tensor, whose values
                TensorFlow may not know yet, is not. As in ImageDataGenerator they move the sampling grid: a positive
                shift takes the image to the left or up. With p the centre of the image, the output pixel q shows the
                point p + R (t + S Z F (q - p)): flip, then zoom, shear, shift, rotation.
        """
        images, table = _tensor("images", images), _tensor("parameters", parameters)
        if len(images.shape) != 4:
            raise ValueError(
                f"images have shape {images.shape}; expected (n, height, width, channels)."
            )
        n, rows = images.shape[0], table.shape[0]
        eight = len(table.shape) == 2 and table.shape[1] == len(PARAMETERS)
        unknown = n is None or rows is None
        if not eight or (n != rows and not unknown):
            raise ValueError(
                f"parameters have shape {table.shape} for {n} images; expected a row of 8 for each."
            )
        if not (ops.is_tensor(parameters) or (np.abs(parameters) <= FARTHEST).all()):
            raise ValueError(
                "parameters are not all such as draw can return; shifts are fractions of the size."
            )
        double = keras.backend.standardize_dtype(images.dtype) == "float64"
        cval = ops.convert_to_tensor(self.cval, "float64" if double else "float32")
        size = ops.shape(images)[1:3]
        kind = (*images.shape[1:], images.dtype, self.fill_mode)
        bits = _fraction_bits(*size)
        positions = _compiled(_positions, *kind)(ops.cast(table, "float32"), size, bits)
        result = _compiled(_resample, *kind)(images, *positions, bits, cval, self.fill_mode)
        # TensorFlow forgets the shape where it compiled for any.
        return ops.reshape(result, ops.shape(images))

    def version(self, images: Any, ids: Any, epoch: Any) -> Any:
        """What an epoch, 0 or more, shows of images with the numbers ids, (n,); the same in any batch and order.

        Epoch 0 is the first augmented version, and no epoch shows the originals.
        """
        if self.seed is None:
            raise ValueError(
                "seed is None, so that no epoch can be repeated; give the layer a seed."
            )
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
        return super().get_config() | dict(self._settings)


@functools.cache
def _compiled(function: Any, *kind: Any) -> Any:
    """By XLA on TensorFlow, several times as fast there.

    One for each kind of images, which serves as a key alone: TensorFlow warns of many traces of one function.
    """
    if keras.backend.backend() != "tensorflow":
        return function
    import tensorflow as tf

    return tf.function(functools.partial(function), jit_compile=True, reduce_retracing=True)


def _draw(ids: Any, seed: Any, ranges: Any) -> Any:
    """For each image and column a hash of (column, seed, epoch, image), 32 bits."""
    middle, reach, flips = ranges[0], ranges[1], ranges[2]
    bits = _hash(1 + ops.arange(len(PARAMETERS), dtype="int32"))
    for number in (seed[0], seed[1], ids[:, None]):
        bits = _hash(ops.bitwise_xor(bits, number))
    drawn = ops.cast(ops.right_shift(bits, 8), "float32") / 2**23  # from -1 to 1
    # Compilers may or may not round between a product and a sum: so it is rounded to steps of 2**-20 first.
    moved = ops.round(drawn * (reach * 2**20)) + ops.round(middle * 2**20)
    return moved / 2**20 + flips * ops.cast(bits < 0, "float32")


def _hash(bits: Any) -> Any:
    """Mix the bits of int32 by products that wrap, and shifts (triple32 of Wellons's hash-prospector)."""
    steps = ((17, 0xED5AD4BB - 2**32), (11, 0xAC4C1B51 - 2**32), (15, 0x31848BAB), (14, 1))
    for shift, factor in steps:
        shifted = ops.bitwise_and(ops.right_shift(bits, shift), 2 ** (32 - shift) - 1)
        bits = ops.bitwise_xor(bits, shifted) * factor
    return bits


def _fraction_bits(height: Any, width: Any) -> Any:
    """A position is a whole number of 2**-bits pixels in 31 bits; the farthest is just below seven times the size.

    Floats that a compiler computes twice, for a neighbour and for the distance to it, might miss by a pixel.
    """
    if isinstance(height, int) and isinstance(width, int):
        return int(math.log2(2**31 / (7 * max(height, width))))
    size = ops.cast(ops.maximum(height, width), "float32")  # not yet known where TensorFlow traces
    return ops.cast(ops.floor(ops.log2(2**31 / (7 * size))), "int32")


def _positions(parameters: Any, size: Any, bits: Any) -> Any:
    """Where output pixels come from: x is a column's part (n, width) and a row's part (n, height), and so is y."""
    # JAX has no float64, unless it is told to.
    exact = "float32" if keras.backend.backend() == "jax" else "float64"
    table = ops.cast(parameters, exact)[:, :, None]
    drawn = dict(zip(PARAMETERS, ops.unstack(table, len(PARAMETERS), axis=1), strict=True))
    turn = drawn["rotation"] * (math.pi / 180)
    both = (drawn["rotation"] + drawn["shear"]) * (math.pi / 180)
    scale_x = drawn["zoom_width"] * (1 - 2 * drawn["flip_horizontal"])
    scale_y = drawn["zoom_height"] * (1 - 2 * drawn["flip_vertical"])
    height, width = size
    pixel = ops.cast(ops.left_shift(1, bits), exact)
    middle_x = ops.cast(width - 1, exact) / 2
    middle_y = ops.cast(height - 1, exact) / 2
    across = scale_x * (ops.cast(ops.arange(width), exact) - middle_x)
    across += drawn["shift_width"] * ops.cast(width, exact)
    down = scale_y * (ops.cast(ops.arange(height), exact) - middle_y)
    shift_y = drawn["shift_height"] * ops.cast(height, exact)
    parts = (
        ops.cos(turn) * across,
        middle_x - ops.sin(turn) * shift_y - ops.sin(both) * down,
        ops.sin(turn) * across,
        middle_y + ops.cos(turn) * shift_y + ops.cos(both) * down,
    )
    return [ops.cast(ops.round(part * pixel), "int32") for part in parts]


def _resample(
    images: Any,
    x_of_column: Any,
    x_of_row: Any,
    y_of_column: Any,
    y_of_row: Any,
    bits: Any,
    cval: Any,
    fill_mode: str,
) -> Any:
    """Bilinear resampling by one gather for each of four neighbours; integers are rounded.

    Why not ``keras.ops.image.affine_transform``? On TensorFlow XLA can't compile it, nor what holds it.
    """
    n, height, width = ops.shape(images)[:3]
    pixel = ops.left_shift(1, bits)
    x = x_of_column[:, None, :] + x_of_row[:, :, None]
    y = y_of_column[:, None, :] + y_of_row[:, :, None]
    inside = (x >= 0) & (x <= (width - 1) * pixel) & (y >= 0) & (y <= (height - 1) * pixel)
    left, right, x_share = _neighbours(x, width, bits, pixel, fill_mode)
    top, bottom, y_share = _neighbours(y, height, bits, pixel, fill_mode)
    x_share = ops.cast(x_share, cval.dtype)
    y_share = ops.cast(y_share, cval.dtype)

    flat = ops.reshape(images, (n * height * width, ops.shape(images)[3]))
    first = ops.cast(ops.arange(n), "int32")[:, None, None] * (height * width)

    def pixels(row: Any, column: Any) -> Any:
        return ops.cast(ops.take(flat, first + row * width + column, axis=0), cval.dtype)

    def between(row: Any) -> Any:
        # Not (1 - f) a + f b: equal neighbours give exactly their common value.
        a, b = pixels(row, left), pixels(row, right)
        return a + x_share * (b - a)

    above = between(top)
    result = above + y_share * (between(bottom) - above)
    if fill_mode == "constant":
        result = ops.where(inside[..., None], result, cval)
    if keras.backend.is_int_dtype(images.dtype):
        result = ops.round(result)
    return ops.cast(result, images.dtype)


def _neighbours(position: Any, size: Any, bits: Any, pixel: Any, fill_mode: str) -> Any:
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


def _zoom_pair(zoom_range: Any) -> tuple[float, float]:
    pair = tuple(zoom_range) if np.iterable(zoom_range) else ()
    if _is_number(zoom_range):
        pair = (1 - zoom_range, 1 + zoom_range)
    fits = len(pair) == 2 and all(map(_is_number, pair)) and 0 < pair[0] <= pair[1] <= 5
    expected = "a number from 0 up to but not including 1, or a pair (lower, upper) with 0 < lower <= upper <= 5"
    _require(fits, "zoom_range", zoom_range, expected)
    return float(pair[0]), float(pair[1])


def _whole(value: Any) -> Any:
    """Whole numbers from 0 to ``HIGHEST`` as an array, whole numbers as a tensor; None for anything else."""
    if any(map(ops.is_tensor, keras.tree.flatten(value))):
        tensor = ops.convert_to_tensor(value)
        return tensor if keras.backend.is_int_dtype(tensor.dtype) else None
    array = np.asarray(value)
    if array.dtype.kind in "iu" and ((array >= 0) & (array <= HIGHEST)).all():
        return array
    return None


def _tensor(name: str, value: Any) -> Any:
    try:
        tensor = value if isinstance(value, keras.KerasTensor) else ops.convert_to_tensor(value)
        len(tensor.shape)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} are of type {type(value).__name__}, which makes no tensor; expected an array of numbers."
        ) from None
    if not (keras.backend.is_float_dtype(tensor.dtype) or keras.backend.is_int_dtype(tensor.dtype)):
        raise TypeError(
            f"{name} are of dtype {keras.backend.standardize_dtype(tensor.dtype)}; expected numbers."
        )
    return tensor


def _require(fits: bool, name: str, value: Any, expected: str) -> None:
    if not fits:
        raise ValueError(f"{name} is {_shown(value)}; expected {expected}.")


def _shown(value: Any) -> str:
    """A value as it is printed, in one line of at most 60 characters."""
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return " ".join(text.split())[:60]
