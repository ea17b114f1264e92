"""The networks of the course, small and residual, from plain Keras layers."""

from collections.abc import Sequence

import keras
from keras import layers


def small_model(
    input_shape: Sequence[int] = (28, 28, 1), seed: int | None = None, classes: int = 2
) -> keras.Model:
    """The small network, which is the article's: one convolution, max pooling, one sigmoid unit.

    Args:
        input_shape: (height, width, channels).
        seed: fixes the initial weights (Glorot uniform, Keras's default) and no global random state; None takes Keras's
            global seed.
        classes: 2 or more.

    Returns:
        An uncompiled model from float images (n, height, width, channels) in [0, 1] to float32 probabilities, (n, 1)
        of class 1, or (n, classes) of more than two.
    """
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer=_glorot(seed, 0)),
            layers.MaxPooling2D(),
            layers.Flatten(),
            last_layer(classes, _glorot(seed, 1)),
        ]
    )


def residual_model(
    input_shape: Sequence[int] = (28, 28, 1), seed: int | None = None, classes: int = 2
) -> keras.Model:
    """A ResNet-8 with batch normalisation, about 78,000 weights (He et al., 2016, with one block a stage).

    Arguments and result as of ``small_model``.
    """
    images = keras.Input(input_shape)
    x = layers.ReLU()(_normed(images, 16, 3, 1, _glorot(seed, 0)))
    # The numbers of their first layers give each layer a seed of its own.
    stages = ((16, 1, 1), (32, 2, 4), (64, 2, 7))
    for filters, stride, first in stages:
        shortcut = x
        if stride > 1:  # the sum needs one shape on both sides
            shortcut = _normed(x, filters, 1, stride, _glorot(seed, first + 2))
        x = layers.ReLU()(_normed(x, filters, 3, stride, _glorot(seed, first)))
        x = _normed(x, filters, 3, 1, _glorot(seed, first + 1))
        x = layers.ReLU()(layers.Add()([x, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, last_layer(classes, _glorot(seed, 10))(x))


def _normed(x, filters: int, kernel: int, stride: int, weights: keras.initializers.Initializer):
    """A convolution without bias, and batch normalisation."""
    convolution = layers.Conv2D(
        filters, kernel, stride, "same", use_bias=False, kernel_initializer=weights
    )
    return layers.BatchNormalization()(convolution(x))


def last_layer(classes: int, weights: keras.initializers.Initializer) -> layers.Layer:
    """One sigmoid unit for two classes, a softmax for more; float32 under mixed precision, too."""
    units, activation = (1, "sigmoid") if classes == 2 else (classes, "softmax")
    return layers.Dense(units, activation=activation, dtype="float32", kernel_initializer=weights)


def _glorot(seed: int | None, layer: int) -> keras.initializers.Initializer:
    if seed is None:
        return keras.initializers.GlorotUniform()
    # Keras 3.13 takes no integer of NumPy.
    return keras.initializers.GlorotUniform(1000 * int(seed) + layer)
