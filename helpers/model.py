"""The networks of the course: small, deeper and residual, from plain Keras layers."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

INPUT_SHAPE = (28, 28, 1)


def small_model(input_shape: Sequence[int] = INPUT_SHAPE, seed: int | None = None, classes: int = 2) -> keras.Model:
    """The small network, which is the article's: one convolution, max pooling, one sigmoid unit.

    Args:
        input_shape: (height, width, channels).
        seed: fixes the initial weights (Glorot uniform, as Keras draws them by default), without touching any global
            random state; None takes Keras's global seed.
        classes: 2 or more.

    Returns:
        An uncompiled model from float images (n, height, width, channels) in [0, 1] to float32 probabilities: (n, 1) of
        class 1, or of more than two classes (n, classes).
    """
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Conv2D(32, 3, activation="relu", kernel_initializer=_glorot(seed, 0)),
        layers.MaxPooling2D(),
        layers.Flatten(),
        _last(classes, _glorot(seed, 1)),
    ])


def deeper_model(input_shape: Sequence[int] = INPUT_SHAPE, seed: int | None = None, classes: int = 2) -> keras.Model:
    """Two convolutions and a hidden layer; arguments and result as of ``small_model``."""
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Conv2D(32, 3, activation="relu", kernel_initializer=_glorot(seed, 0)),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu", kernel_initializer=_glorot(seed, 1)),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, activation="relu", kernel_initializer=_glorot(seed, 2)),
        _last(classes, _glorot(seed, 3)),
    ])


def residual_model(input_shape: Sequence[int] = INPUT_SHAPE, seed: int | None = None, classes: int = 2) -> keras.Model:
    """A ResNet-8 with batch normalisation, about 78,000 weights (He et al., 2016, with one block a stage).

    Arguments and result as of ``small_model``.
    """
    images = keras.Input(input_shape)
    x = layers.ReLU()(_normed(images, 16, 3, 1, _glorot(seed, 0)))
    # Numbers of layers serve to give each its own seed.
    x = _residual_block(x, 16, 1, seed, first_layer=1)
    x = _residual_block(x, 32, 2, seed, first_layer=4)
    x = _residual_block(x, 64, 2, seed, first_layer=7)
    x = layers.GlobalAveragePooling2D()(x)
    x = _last(classes, _glorot(seed, 10))(x)
    return keras.Model(images, x)


def _residual_block(x, filters: int, stride: int, seed: int | None, first_layer: int):
    """Two convolutions whose result is added to what came in."""
    shortcut = x
    if stride > 1:  # the sum needs one shape on both sides
        shortcut = _normed(x, filters, 1, stride, _glorot(seed, first_layer + 2))
    x = layers.ReLU()(_normed(x, filters, 3, stride, _glorot(seed, first_layer)))
    x = _normed(x, filters, 3, 1, _glorot(seed, first_layer + 1))
    return layers.ReLU()(layers.Add()([x, shortcut]))


def _normed(x, filters: int, kernel: int, stride: int, weights: keras.initializers.Initializer):
    """A convolution without bias, and batch normalisation."""
    convolution = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, kernel_initializer=weights)
    return layers.BatchNormalization()(convolution(x))


def _last(classes: int, weights: keras.initializers.Initializer) -> keras.layers.Layer:
    """One sigmoid unit for two classes, a softmax for more; float32 under mixed precision, too."""
    units, activation = (1, "sigmoid") if classes == 2 else (classes, "softmax")
    return layers.Dense(units, activation=activation, dtype="float32", kernel_initializer=weights)


MODELS = {"small": small_model, "deeper": deeper_model, "residual": residual_model}


def _glorot(seed: int | None, layer: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(None if seed is None else 1000 * int(seed) + layer)  # Keras 3.13: no NumPy
