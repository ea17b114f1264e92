"""Backbones of keras.applications in front of the check-up: what preprocesses once is quiet, what does twice is found.

Nothing is downloaded (weights=None).
"""

import keras
import numpy as np
import pytest
from keras import layers

from augcheck import check_pipeline

SHAPE = (80, 80, 3)
# Each with the module that holds its preprocess_input, which does nothing where the backbone rescales by itself.
BACKBONES = {
    "MobileNetV2": "mobilenet_v2",
    "EfficientNetB0": "efficientnet",
    "ResNet50": "resnet",
    "DenseNet121": "densenet",
    "ConvNeXtTiny": "convnext",
    "VGG16": "vgg16",
}


def images(n, seed):
    coarse = np.random.default_rng(seed).random((n, 8, 8, 3), np.float32)
    return 255 * np.repeat(np.repeat(coarse, 10, 1), 10, 2), np.arange(n) % 2


@pytest.mark.parametrize("name", BACKBONES)
def test_once_is_quiet_and_twice_is_found(name):
    base = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=SHAPE, pooling="avg")
    preprocess = getattr(keras.applications, BACKBONES[name]).preprocess_input
    image = keras.Input(SHAPE)
    inside = preprocess(layers.RandomFlip("horizontal", seed=0)(image))
    nested = keras.Model(image, layers.Dense(1)(base(inside, training=False)))
    whole = keras.Model(base.input, layers.Dense(1)(base.output))  # as people build it who take base.output
    for divisor, found in ((1, []), (255, ["degenerate"])):
        sets = [(x / divisor, y) for x, y in (images(64, 0), images(32, 1))]
        report = check_pipeline(*sets, model=nested)
        assert report.found == found and report["one draw"].status == "not found", report
        outside = [(preprocess(x.copy()), y) for x, y in sets]
        assert check_pipeline(*outside, model=whole).found == found
    keras.backend.clear_session()
