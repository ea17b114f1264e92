"""The networks of the course from plain Keras layers: the small one, and one that has seen ImageNet."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers

WEIGHTS = Path(__file__).resolve().parent.parent / "data" / "efficientnet-lite0.npz"
# Blocks, kernel, stride of the first block, expansion, filters.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def small_model(input_shape: Sequence[int] = (28, 28, 1), seed: int | None = None) -> keras.Model:
    """The small network, which is the article's: one convolution, max pooling, one sigmoid unit.

    Args:
        input_shape: (height, width, channels).
        seed: fixes the initial weights (Glorot uniform, Keras's default) and no global random state; None takes Keras's
            global seed.

    Returns:
        An uncompiled model from float images (n, height, width, channels) in [0, 1] to float32 probabilities of class
        1, (n, 1).
    """
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer=glorot(seed, 0)),
            layers.MaxPooling2D(),
            layers.Flatten(),
            # float32 under mixed precision, too
            layers.Dense(1, "sigmoid", dtype="float32", kernel_initializer=glorot(seed, 1)),
        ]
    )


def glorot(seed: int | None, layer: int) -> keras.initializers.Initializer:
    """Keras's default initialiser, which in each layer, by its number, draws from a seed of its own."""
    if seed is None:
        return keras.initializers.GlorotUniform()
    # Keras 3.13 takes no integer of NumPy.
    return keras.initializers.GlorotUniform(1000 * int(seed) + layer)


def efficientnet_lite0(input_shape: Sequence[int] = (96, 96, 3)) -> keras.Model:
    """The network up to its features, without ImageNet's classifier (Tan and Le, 2019; the authors' *lite* variant).

    An uncompiled model from float RGB images (n, height, width, 3) in [0, 1], which it scales itself, to float32
    features (n, 1280); ImageNet was learnt at 224 pixels. Its layers are called stem, block0 to block15 and head, and
    what they do: block3_expand. Batch normalisation keeps its scales and its statistics, until ``trainable`` of a
    whole model is set.
    """
    if not WEIGHTS.exists():
        raise FileNotFoundError(
            f"the pretrained weights are missing, data/{WEIGHTS.name} (6.4 MB): they come with the whole series, "
            "and not with a lesson in one file, so train the small network here."
        )
    images = keras.Input(input_shape)
    x = layers.Rescaling(255 / 128, -127 / 128, name="rescaling")(images)
    x = _normed(layers.Conv2D(32, 3, 2, "same", use_bias=False, name="stem"), x)
    numbers = itertools.count()
    for blocks, kernel, stride, expansion, filters in STAGES:
        for place in range(blocks):
            name = f"block{next(numbers)}"
            x = _block(x, name, kernel, stride if place == 0 else 1, expansion, filters)
    x = _normed(layers.Conv2D(1280, 1, use_bias=False, name="head"), x)
    model = keras.Model(images, layers.GlobalAveragePooling2D(name="features", dtype="float32")(x))
    with np.load(WEIGHTS, allow_pickle=False) as file:
        for layer in model.layers:
            for variable in layer.weights:
                variable.assign(file[f"{layer.name}/{variable.name}"])
            if isinstance(layer, layers.BatchNormalization):
                layer.trainable = False
    return model


def _block(x, name: str, kernel: int, stride: int, expansion: int, filters: int):
    """Widen, filter each channel, narrow without activation, and add what came in where the shapes agree."""
    shortcut = x
    if expansion > 1:
        wide = expansion * x.shape[-1]
        x = _normed(layers.Conv2D(wide, 1, use_bias=False, name=f"{name}_expand"), x)
    depthwise = layers.DepthwiseConv2D(
        kernel, stride, "same", use_bias=False, name=f"{name}_depthwise"
    )
    x = _normed(depthwise, x)
    narrow = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project")
    x = _normed(narrow, x, activation=False)
    if shortcut.shape == x.shape:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def _normed(convolution: layers.Layer, x, activation: bool = True):
    """A convolution, batch normalisation and, but for a block's last, ReLU6."""
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{convolution.name}_norm")(convolution(x))
    if activation:
        x = layers.ReLU(6, name=f"{convolution.name}_relu")(x)
    return x
