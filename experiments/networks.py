"""Builds the network that a setting names."""

import functools
from collections.abc import Callable, Sequence

import keras
from keras import layers

from helpers import pretrained
from helpers.model import last_layer, residual_model

SIDE = 96  # pixels, of images as the pretrained network gets them


@functools.cache
def builder(
    network: str, classes: int, rate: float, weight_decay: float, updates: int
) -> Callable[..., keras.Model]:
    """What builds and compiles a network from (input_shape, seed), with AdamW and a cosine from ``rate`` to zero.

    Cached, since a trainer is compiled anew for each builder. Arguments as in a setting, with the number of classes.
    """

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        model = network_of(network, classes, input_shape, seed)
        falling = keras.optimizers.schedules.CosineDecay(rate, updates)
        loss = "binary_crossentropy" if classes == 2 else "sparse_categorical_crossentropy"
        model.compile(keras.optimizers.AdamW(falling, weight_decay=weight_decay), loss)
        return model

    return build


def network_of(
    name: str, classes: int, input_shape: Sequence[int], seed: int | None
) -> keras.Model:
    """An uncompiled network: "residual", or "lite0", the whole of EfficientNet-Lite0 with its ImageNet weights and a
    new last layer; it enlarges smaller images to ``SIDE`` itself."""
    if name == "residual":
        return residual_model(input_shape, seed, classes)
    if name != "lite0":
        raise ValueError(f"network is {name!r}; expected residual or lite0.")
    last = last_layer(classes, keras.initializers.GlorotUniform(seed))
    images, body = keras.Input(input_shape), pretrained.efficientnet_lite0((SIDE, SIDE, 3))
    enlarged = images if input_shape[0] == SIDE else layers.Resizing(SIDE, SIDE)(images)
    return keras.Model(images, last(body(enlarged)))
