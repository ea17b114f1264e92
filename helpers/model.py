"""The network of the lessons, from plain Keras layers."""

from collections.abc import Sequence

import keras
from keras import layers


def small_model(input_shape: Sequence[int] = (28, 28, 1), seed: int | None = None) -> keras.Model:
    """The article's network: one convolution, max pooling, one sigmoid unit.

    Args:
        input_shape: (height, width, channels).
        seed: fixes the initial weights (Glorot uniform, Keras's default); None takes Keras's global seed.

    Returns:
        An uncompiled model from float images (n, height, width, channels) in [0, 1] to the probability of class 1,
        float32 (n, 1).
    """
    seeds = (
        [None, None] if seed is None else [1000 * int(seed), 1000 * int(seed) + 1]
    )  # one a layer
    first, second = map(keras.initializers.GlorotUniform, seeds)
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer=first),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1, "sigmoid", kernel_initializer=second),
        ]
    )
