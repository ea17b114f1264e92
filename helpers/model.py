"""The two classifiers of the series."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

INPUT_SHAPE = (28, 28, 1)


def article_model(input_shape: Sequence[int] = INPUT_SHAPE, seed: int | None = None) -> keras.Model:
    """The article's classifier: one convolution, max pooling, one sigmoid unit.

    Args:
        input_shape: (height, width, channels).
        seed: fixes the initial weights (Glorot uniform, as Keras draws them by default), without
            touching any global random state; None takes Keras's global seed.

    Returns:
        An uncompiled model from float images (n, height, width, channels) in [0, 1] to float32
        probabilities (n, 1) of class 1.
    """
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Conv2D(32, 3, activation="relu", kernel_initializer=_glorot(seed, 0)),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid", dtype="float32", kernel_initializer=_glorot(seed, 1)),
    ])


def deeper_model(input_shape: Sequence[int] = INPUT_SHAPE, seed: int | None = None) -> keras.Model:
    """Two convolutions and a hidden layer; arguments and result as of ``article_model``."""
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Conv2D(32, 3, activation="relu", kernel_initializer=_glorot(seed, 0)),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu", kernel_initializer=_glorot(seed, 1)),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, activation="relu", kernel_initializer=_glorot(seed, 2)),
        layers.Dense(1, activation="sigmoid", dtype="float32", kernel_initializer=_glorot(seed, 3)),
    ])


MODELS = {"article": article_model, "deeper": deeper_model}


def _glorot(seed: int | None, layer: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(None if seed is None else 1000 * seed + layer)
