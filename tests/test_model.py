"""The two networks: what the stored results were trained with."""

import keras
import numpy as np
import pytest

from experiments.networks import residual_model
from helpers.model import small_model

SHAPE = (12, 12, 1)
MODELS = pytest.mark.parametrize("build", [small_model, residual_model])


@pytest.mark.trained
@pytest.mark.parametrize(
    ("build", "weights", "logit"),
    [(small_model, 5_729, 1.9916), (residual_model, 77_841, 1.2748)],
)
def test_a_network_is_that_of_the_stored_results(build, weights, logit):
    """What it makes of an image with weights that no version draws differently tells one architecture from another."""
    model = build(SHAPE, seed=0)
    waves = [0.3 * np.sin(np.arange(w.size)).reshape(w.shape) for w in model.get_weights()]
    for place, weight in enumerate(model.weights):
        if "variance" in weight.name:
            waves[place] = abs(waves[place])
    model.set_weights(waves)
    images = np.random.default_rng(0).normal(size=(8, *SHAPE)).astype("float32")
    p = model(images[:1]).numpy().item()
    assert build().count_params() == weights
    assert np.log(p / (1 - p)) == pytest.approx(logit, rel=1e-3)


@MODELS
def test_a_seed_fixes_the_weights_layer_by_layer_and_touches_no_global_state(build):
    keras.utils.set_random_seed(1)
    expected = keras.random.uniform((1,))
    keras.utils.set_random_seed(1)
    first, again, other = (build(SHAPE, seed=seed).get_weights() for seed in (3, 3, 4))
    assert keras.random.uniform((1,)) == expected
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True) if a.ndim > 1)
    kernels = [w for w in first if w.ndim > 1]
    starts = {tuple(np.round(w.ravel()[:4] / w.std(), 4)) for w in kernels}
    assert len(starts) == len(kernels)  # no two draw alike


def test_ten_classes_have_probabilities_for_any_size_of_image():
    ten = residual_model((13, 17, 3), 0, 10)(np.ones((3, 13, 17, 3))).numpy()
    assert ten.shape == (3, 10)
    np.testing.assert_allclose(ten.sum(axis=1), 1, rtol=1e-5)
