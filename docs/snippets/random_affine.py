"""RandomAffine: the moving arguments of ImageDataGenerator as one Keras layer that resamples once. Copy this file."""

import math

import keras
from keras import ops, random


@keras.saving.register_keras_serializable("random_affine")
class RandomAffine(keras.layers.Layer):
    """Ranges as in ImageDataGenerator: degrees, fractions of width and height; each image gets a draw of its own."""

    def __init__(
        self,
        rotation_range=0.0,
        width_shift_range=0.0,  # moves left and right, unlike the generator's
        height_shift_range=0.0,
        shear_range=0.0,
        zoom_range=0.0,  # a number, or a pair (lower, upper); a drawn factor above 1 makes things smaller
        horizontal_flip=False,
        vertical_flip=False,
        fill_mode="nearest",
        cval=0.0,
        seed=None,
        **options,
    ):
        super().__init__(**options)
        self.supports_jit = False  # TensorFlow's affine transform has no XLA kernel; on a GPU fit would ask for one
        low, high = (1 - zoom_range, 1 + zoom_range) if isinstance(zoom_range, (int, float)) else zoom_range
        self.lower = [-rotation_range, -width_shift_range, -height_shift_range, -shear_range, low, low]
        self.upper = [rotation_range, width_shift_range, height_shift_range, shear_range, high, high]
        self.flips = [bool(horizontal_flip), bool(vertical_flip)]
        self.fill_mode, self.cval, self.seed = fill_mode, cval, seed
        self.seed_generator = random.SeedGenerator(seed)

    def call(self, images, training=True):
        if not training:
            return images
        if len(images.shape) == 3:  # one picture
            return self.call(images[None])[0]
        n = ops.shape(images)[0]
        u = random.uniform((n, 6), seed=self.seed_generator)
        ranges = ops.array(self.lower) + u * (ops.array(self.upper) - ops.array(self.lower))
        flipped = random.uniform((n, 2), seed=self.seed_generator) < 0.5 * ops.array(self.flips, "float32")
        return self.apply(images, ops.concatenate([ranges, ops.cast(flipped, "float32")], axis=1))

    def apply(self, images, parameters):
        """Transform images (n, height, width, channels) by given draws, a row of eight numbers for each."""
        parameters = ops.convert_to_tensor(parameters, "float32")
        turn, right, down, shear, zoom_x, zoom_y, flip_x, flip_y = ops.unstack(parameters, 8, axis=1)
        turn, shear = turn * (math.pi / 180), shear * (math.pi / 180)
        height, width = images.shape[1:3]
        right, down = right * width, down * height
        zoom_x, zoom_y = zoom_x * (1 - 2 * flip_x), zoom_y * (1 - 2 * flip_y)
        # Where a pixel's value is found: x' = xx x + xy y + x_0 and y' = yx x + yy y + y_0, about the centre.
        xx, xy = ops.cos(turn) * zoom_x, -ops.sin(turn + shear) * zoom_y
        yx, yy = ops.sin(turn) * zoom_x, ops.cos(turn + shear) * zoom_y
        x_0 = ops.cos(turn) * right - ops.sin(turn) * down + (1 - xx) * (width - 1) / 2 - xy * (height - 1) / 2
        y_0 = ops.sin(turn) * right + ops.cos(turn) * down - yx * (width - 1) / 2 + (1 - yy) * (height - 1) / 2
        zeros = ops.zeros_like(xx)
        maps = ops.stack([xx, xy, x_0, yx, yy, y_0, zeros, zeros], axis=1)
        images = ops.cast(images, self.compute_dtype)
        return ops.image.affine_transform(
            images, maps, "bilinear", self.fill_mode, self.cval, data_format="channels_last"
        )

    def get_config(self):
        names = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range")
        ranges = dict(zip(names, self.upper[:4], strict=True)) | {"zoom_range": (self.lower[4], self.upper[4])}
        flips = {"horizontal_flip": self.flips[0], "vertical_flip": self.flips[1]}
        own = ranges | flips | {"fill_mode": self.fill_mode, "cval": self.cval, "seed": self.seed}
        return super().get_config() | own
