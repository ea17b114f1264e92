"""EfficientNet-Lite0 and its stored weights: the network is the one that learnt ImageNet, and can be fine-tuned."""

import hashlib
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
import pytest
from PIL import Image

from helpers.model import WEIGHTS, efficientnet_lite0
from helpers.training import Trainer

LESSON = Path(__file__).resolve().parent.parent / "notebooks" / "09_your_own_images.ipynb"


@pytest.fixture(scope="module")
def model():
    return efficientnet_lite0()


def hopper(side):
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    image = Image.open(path).convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32)[None] / 255


def test_weights_are_the_committed_ones_and_make_these_features_of_a_photograph(model):
    digest = hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    assert digest == "b741f422e96d99e5c78b8e6c03d54d07b9c78515810c4b1e8abb629684712bd2"
    assert model.count_params() + 1281 * 1000 == 4_694_024  # with ImageNet's classifier
    features = model(hopper(96)).numpy()
    assert features.shape == (1, 1280) and features.dtype == np.float32
    expected = [0.3086, 0.0, 0.3990, 2.2630, 3.5037, 0.5811, 1.6925, 0.0]
    # Kernels' rounding moves them by 0.00001, images scaled to -1 to 1 by up to 0.014.
    assert features[0, 64::160] == pytest.approx(expected, abs=0.001)


def test_what_lesson_09_fine_tunes_is_a_network_that_compare_takes():
    lesson = nbformat.read(LESSON, as_version=4)
    (code,) = (cell.source for cell in lesson.cells if "def fine_tuned" in cell.source)
    names = {}
    exec(code, names)
    model = Trainer(names["fine_tuned"], (96, 96, 3)).model  # which refuses any other
    assert len(model.trainable_weights) == 49 + 2
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0001)


def test_only_convolutions_learn(model):
    learning = [weight.path for weight in model.trainable_weights]
    assert len(learning) == 49 and not any("norm" in path for path in learning)
    statistics = [weight for weight in model.weights if "moving" in weight.path]
    before = [weight.numpy() for weight in statistics]
    model(hopper(96), training=True)
    assert len(before) == 98
    for now, old in zip(statistics, before, strict=True):
        np.testing.assert_array_equal(now.numpy(), old)
