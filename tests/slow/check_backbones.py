"""Backbones of keras.applications in front of the check-up: what preprocesses once is quiet, what does twice is found.

Nothing is downloaded (weights=None). BACKBONES=name,name runs some of them.
"""

import os

import keras
import numpy as np
import pytest
from keras import layers

from augcheck import check_pipeline
from augcheck.reading.first_layers import FirstLayers, leaves

SHAPE = (80, 80, 3)
# Each with the module that holds its preprocess_input, which does nothing where the backbone rescales by itself.
BACKBONES = {
    "MobileNetV2": "mobilenet_v2",
    "MobileNetV3Small": "mobilenet_v3",
    "EfficientNetB0": "efficientnet",
    "EfficientNetV2B0": "efficientnet_v2",
    "ResNet50": "resnet",
    "DenseNet121": "densenet",
    "Xception": "xception",
    "InceptionV3": "inception_v3",
    "NASNetMobile": "nasnet",
    "ConvNeXtTiny": "convnext",
    "VGG16": "vgg16",
}
CHOSEN = os.environ.get("BACKBONES", ",".join(BACKBONES)).split(",")


def images(n, seed):
    coarse = np.random.default_rng(seed).random((n, 8, 8, 3), np.float32)
    return 255 * np.repeat(np.repeat(coarse, 10, 1), 10, 2), np.arange(n) % 2


@pytest.fixture(scope="module", params=CHOSEN)
def backbone(request):
    make = getattr(keras.applications, request.param)
    base = make(weights=None, include_top=False, input_shape=SHAPE, pooling="avg")
    yield base, getattr(keras.applications, BACKBONES[request.param]).preprocess_input
    keras.backend.clear_session()


def functional(base, preprocess, flip):
    image = keras.Input(SHAPE)
    x = flip(image)
    x = preprocess(x) if preprocess else x
    return keras.Model(image, layers.Dense(1)(base(x, training=False)))


def sequential(base, preprocess, flip):
    inside = [layers.Lambda(preprocess)] if preprocess else []
    return keras.Sequential([keras.Input(SHAPE), flip, *inside, base, layers.Dense(1)])


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("build", [functional, sequential])
def test_once_is_quiet_and_twice_is_found(build, inside, trainable, backbone):
    base, preprocess = backbone
    base.trainable = trainable
    flip = layers.RandomFlip("horizontal", seed=0)
    model = build(base, preprocess if inside else None, flip)
    front = [layer for step in FirstLayers(model).steps for layer in leaves(step)]
    assert flip in front and not any(layer is base for layer in front)
    for divisor, found in ((1, []), (255, ["degenerate"])):
        sets = [(x / divisor, y) for x, y in (images(64, 0), images(32, 1))]
        if not inside:
            sets = [(preprocess(x.copy()), y) for x, y in sets]
        report = check_pipeline(*sets, model=model)
        assert report.found == found, report[(report.found or ["degenerate"])[0]]
        assert report["one draw"].status == "not found"


def test_the_model_as_a_whole_is_followed(backbone):
    """As people build it who take base.output: nothing is nested."""
    base, preprocess = backbone
    model = keras.Model(base.input, layers.Dense(1)(base.output))
    sets = [(preprocess(x.copy()), y) for x, y in (images(64, 0), images(32, 1))]
    assert not check_pipeline(*sets, model=model).found
    twice = [(preprocess(x / 255), y) for x, y in (images(64, 0), images(32, 1))]
    assert check_pipeline(*twice, model=model).found == ["degenerate"]
