"""RandomAffine: flips, rotation, shifts, shear and zoom of images in a single resampling; named policies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from helpers.affine_maps import fixed_point_maps, fraction_bits, resample
from helpers.arguments import flag, is_number, number, shown, whole_number

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
HIGHEST_SEED = 2**31 - 1  # of a larger one TensorFlow keeps 32 bits, so that it would draw as a smaller one does
FILL_MODES = ("nearest", "constant", "reflect", "wrap")
POLICIES: dict[str, dict[str, Any]] = {  # arguments of RandomAffine and of ImageDataGenerator
    "mild": {
        "rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "zoom_range": 0.05, "horizontal_flip": True,
    },
    "article": {  # the ranges of the article that this series began with, see lesson 01
        "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2,
        "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
    },
    "cells": {
        "rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "horizontal_flip": True, "vertical_flip": True,
    },
    "flip": {"horizontal_flip": True},
    "half": {  # of the article's ranges
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

    Arguments are named and ranged as in ``ImageDataGenerator``, except that width means width there too (Keras 3
    exchanges the two shifts, keras issue 17398). All maps of an image are multiplied into one matrix, so that the
    picture is resampled (bilinearly) once.

    Use it as a layer of a model (active in training only), in ``tf.data.Dataset.map``, or on an array. ``draw`` and
    ``apply`` are its two halves; the first needs no image, the second no luck.

    Args:
        rotation_range: degrees, 0 to 360; drawn from [-r, r].
        width_shift_range, height_shift_range: fraction of the size, 0 to 1; drawn from [-s, s].
        shear_range: degrees (not radians, not a fraction), 0 to 89.9; drawn from [-s, s].
        zoom_range: z with 0 <= z < 1, drawn from [1-z, 1+z], or a pair (lower, upper), at most 5; width and height
            draw separately. As in ImageDataGenerator the factor is that of the sampling grid: 0.5 shows things
            twice as large.
        horizontal_flip, vertical_flip: flip half of the images.
        fill_mode: what lies outside the picture: "nearest" (abcd|dddd), "constant" (``cval``), "reflect"
            (abcd|dcba), "wrap" (abcd|abcd, SciPy's "grid-wrap").
        cval: the constant, in the images' units.
        seed: 0 or more, of the layer's own ``keras.random.SeedGenerator``; None takes one at random.

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
        self.rotation_range = number("rotation_range", rotation_range, 0, 360, "degrees")
        self.width_shift_range = number("width_shift_range", width_shift_range, 0, 1, "fraction")
        self.height_shift_range = number("height_shift_range", height_shift_range, 0, 1, "fraction")
        self.shear_range = number("shear_range", shear_range, 0, 89.9, "degrees")
        self.zoom_range = _zoom_pair(zoom_range)
        self.horizontal_flip = flag("horizontal_flip", horizontal_flip)
        self.vertical_flip = flag("vertical_flip", vertical_flip)
        if fill_mode not in FILL_MODES:
            raise ValueError(f"fill_mode is {fill_mode!r}; expected one of {', '.join(FILL_MODES)}.")
        self.fill_mode = fill_mode
        if not (is_number(cval) and abs(cval) < math.inf):
            raise ValueError(f"cval is {shown(cval)}; expected a finite number (in the images' units).")
        self.cval = float(cval)
        self.seed = None if seed is None else whole_number("seed", seed, 0, HIGHEST_SEED)
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    def draw(self, n: int | tf.Tensor, seed: Sequence[int] | tf.Tensor) -> tf.Tensor:
        """Draw the parameters of n images.

        Args:
            n: number of images.
            seed: two integers of 0 or more, such as (replicate, epoch). The same pair gives the same draws on any
                machine, and the row of image i does not depend on n.

        Returns:
            float32 of shape (n, 8), the columns in the order of ``PARAMETERS``.
        """
        if not tf.is_tensor(n):
            n = whole_number("n", n, 0)
        low, high = self.zoom_range
        ranges = [self.rotation_range, self.width_shift_range, self.height_shift_range, self.shear_range]
        lower = np.array([*(-r for r in ranges), low, low, 0, 0], np.float32)
        upper = np.array([*ranges, high, high, 0, 0], np.float32)
        flip_chance = np.array([0] * 6 + [self.horizontal_flip / 2, self.vertical_flip / 2], np.float32)
        # tf.random.stateless_uniform with alg="philox" (by name: the default differs between devices), in two
        # operations instead of some twenty, each of which costs microseconds in `fit`.
        key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=_two_integers(seed))
        shape = (n, len(PARAMETERS))
        u = tf.raw_ops.StatelessRandomUniformV2(shape=shape, key=key, counter=counter, alg=1)
        # The first six columns have no flip_chance; the two flips have no range, so only the comparison counts.
        return lower + u * (upper - lower) + tf.cast(u < flip_chance, tf.float32)

    def apply(self, images: tf.Tensor, parameters: tf.Tensor) -> tf.Tensor:
        """Transform images by given parameters; deterministic.

        Args:
            images: (n, height, width, channels), float or uint8, as an array, tensor or list.
            parameters: (n, 8) in the ranges that ``draw`` can return. As in ImageDataGenerator they move the
                sampling grid: a positive shift takes the picture to the left or up. With p the centre of the
                picture, the output pixel q shows the point p + R (t + S Z F (q - p)): flip, then zoom, shear,
                shift, rotation. In a ``tf.function`` nobody notices if they are not finite, and the image comes
                out wrong.

        Returns:
            A tensor of the images' shape and dtype.
        """
        images, parameters = _tensor("images", images), tf.cast(_tensor("parameters", parameters), tf.float32)
        if images.shape.rank != 4:
            raise ValueError(f"images have shape {images.shape}; expected (n, height, width, channels).")
        if not parameters.shape.is_compatible_with((images.shape[0], len(PARAMETERS))):
            raise ValueError(
                f"parameters have shape {parameters.shape} for {images.shape[0]} images; expected a row of "
                f"{len(PARAMETERS)} for each."
            )
        if not tf.is_symbolic_tensor(parameters):
            finite = np.isfinite(parameters.numpy()).all(axis=1)
            if not finite.all():
                row = np.argmin(finite)
                raise ValueError(f"parameters are not finite in row {row}; expected numbers that draw can return.")
        bits = fraction_bits(*images.shape[1:3])
        maps = fixed_point_maps(parameters, images, bits)
        return resample(images, maps, bits, tf.constant(self.cval, tf.float64), self.fill_mode)

    def __call__(self, images: Any, training: bool | None = None) -> Any:
        # Checked here, because Keras takes lists and tuples apart and wraps what `call` raises.
        if not isinstance(images, keras.KerasTensor):  # which a model is built from
            images = _tensor("images", images)
        shape = tf.TensorShape(images.shape)
        if shape.rank != 4 and not (shape.rank == 3 and shape[-1] in (1, 3, 4, None)):
            raise ValueError(
                f"images have shape {shape}; expected (n, height, width, channels), or one picture with 1, 3 or "
                "4 channels: pass images[..., None] if they are grey."
            )
        if training is not None and not isinstance(training, (bool, np.bool_)):
            raise TypeError(
                f"training is {shown(training)}; expected True or False (to augment a data set of pairs, "
                "map pairs with lambda x, y: (augment(x), y))."
            )
        settings = {} if training is None else {"training": training}  # without it Keras decides
        return super().__call__(images, **settings)

    def call(self, images: tf.Tensor, training: bool = True) -> tf.Tensor:
        if not training:
            return images
        if images.shape.rank == 3:
            return self.call(images[None])[0]
        parameters = self.draw(tf.shape(images)[0], self.seed_generator.next())
        return self.apply(images, parameters)

    def get_config(self) -> dict:
        names = (
            "rotation_range", "width_shift_range", "height_shift_range", "shear_range", "zoom_range",
            "horizontal_flip", "vertical_flip", "fill_mode", "cval", "seed",
        )  # fmt: skip
        return super().get_config() | {name: getattr(self, name) for name in names}


def named_policy(name: str) -> RandomAffine:
    """A new layer of the policy of a name in ``POLICIES``; ``keras.utils.set_random_seed`` fixes its draws."""
    if name not in POLICIES:
        raise ValueError(f"policy is {name!r}; expected one of {', '.join(POLICIES)}.")
    return RandomAffine(**POLICIES[name])


def _zoom_pair(zoom_range: Any) -> tuple[float, float]:
    pair: tuple = ()
    if is_number(zoom_range):
        pair = (1 - zoom_range, 1 + zoom_range)
    elif np.iterable(zoom_range):
        pair = tuple(zoom_range)
    if not (len(pair) == 2 and all(map(is_number, pair)) and 0 < pair[0] <= pair[1] <= 5):
        raise ValueError(
            f"zoom_range is {shown(zoom_range)}; expected a number from 0 up to but not including 1, "
            "or a pair (lower, upper) with 0 < lower <= upper <= 5."
        )
    return float(pair[0]), float(pair[1])


def _two_integers(seed: Any) -> tf.Tensor:
    try:
        pair = tf.convert_to_tensor(seed)
    except (TypeError, ValueError):
        pair = tf.constant("")
    valid = pair.dtype.is_integer and pair.shape.is_compatible_with((2,))
    if valid and not tf.is_symbolic_tensor(pair):
        valid = all(0 <= number <= HIGHEST_SEED for number in pair.numpy().tolist())
    if not valid:
        raise ValueError(
            f"seed is {shown(seed)}; expected two whole numbers from 0 to {HIGHEST_SEED:,}, such as (replicate, epoch)."
        )
    return tf.cast(pair, tf.int32)


def _tensor(name: str, value: Any) -> tf.Tensor:
    """An array, tensor or list as a tensor of numbers."""
    try:
        tensor = tf.convert_to_tensor(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} are of type {type(value).__name__}, which makes no tensor; expected an array of numbers."
        ) from None
    if not (tensor.dtype.is_floating or tensor.dtype.is_integer):
        raise TypeError(f"{name} are of dtype {tensor.dtype.name}; expected numbers.")
    return tensor
