"""Builds the residual network of questions 8 and 10."""

import functools
from collections.abc import Callable, Sequence

import keras

from helpers.model import residual_model


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
