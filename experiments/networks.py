"""The residual network of questions 8 and 10."""

import functools
from collections.abc import Callable, Sequence

import keras
from keras import layers

from helpers.model import glorot


@functools.cache
def builder(
    network: str, classes: int, rate: float, weight_decay: float, updates: int
) -> Callable[..., keras.Model]:
    """What builds and compiles a network from (input_shape, seed), with AdamW and a cosine from ``rate`` to zero.

    Cached, since a trainer is compiled anew for each builder. Arguments as in a setting, with the number of classes.
    """

    if network != "residual":
        raise ValueError(f"network is {network!r}; expected residual.")

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        model = residual_model(input_shape, seed, classes)
        falling = keras.optimizers.schedules.CosineDecay(rate, updates)
        loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
        model.compile(keras.optimizers.AdamW(falling, weight_decay=weight_decay), loss)
        return model

    return build


def residual_model(
    input_shape: Sequence[int] = (28, 28, 1), seed: int | None = None, classes: int = 2
) -> keras.Model:
    """A ResNet-8 with batch normalisation, about 78,000 weights (He et al., 2016, with one block a stage).

    Arguments as of ``small_model``, and the number of classes. An uncompiled model to float32 probabilities: of two
    classes (n, 1) of class 1, of more (n, classes).
    """
    images = keras.Input(input_shape)
    x = layers.ReLU()(_normed(images, 16, 3, 1, glorot(seed, 0)))
    # The numbers of their first layers give each layer a seed of its own.
    stages = ((16, 1, 1), (32, 2, 4), (64, 2, 7))
    for filters, stride, first in stages:
        shortcut = x
        if stride > 1:  # the sum needs one shape on both sides
            shortcut = _normed(x, filters, 1, stride, glorot(seed, first + 2))
        x = layers.ReLU()(_normed(x, filters, 3, stride, glorot(seed, first)))
        x = _normed(x, filters, 3, 1, glorot(seed, first + 1))
        x = layers.ReLU()(layers.Add()([x, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    units, activation = (1, "sigmoid") if classes == 2 else (classes, "softmax")
    last = layers.Dense(units, activation, dtype="float32", kernel_initializer=glorot(seed, 10))
    return keras.Model(images, last(x))


def _normed(x, filters: int, kernel: int, stride: int, weights: keras.initializers.Initializer):
    """A convolution without bias, and batch normalisation."""
    convolution = layers.Conv2D(
        filters, kernel, stride, "same", use_bias=False, kernel_initializer=weights
    )
    return layers.BatchNormalization()(convolution(x))
