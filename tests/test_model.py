"""The small network: what the stored results were trained with."""

import keras
import numpy as np
import pytest

from helpers.model import small_model

SHAPE = (12, 12, 1)


@pytest.mark.trained
def test_the_network_is_that_of_the_stored_results():
    """What it makes of an image with weights that no version draws differently tells one architecture from another."""
    model = small_model(SHAPE, seed=0)
    model.set_weights(
        [0.3 * np.sin(np.arange(w.size)).reshape(w.shape) for w in model.get_weights()]
    )
    images = np.random.default_rng(0).normal(size=(8, *SHAPE)).astype("float32")
    p = model(images[:1]).numpy().item()
    assert small_model().count_params() == 5_729
    assert np.log(p / (1 - p)) == pytest.approx(1.9916, rel=1e-3)


def test_a_seed_fixes_the_weights_layer_by_layer_and_touches_no_global_state():
    keras.utils.set_random_seed(1)
    expected = keras.random.uniform((1,))
    keras.utils.set_random_seed(1)
    first, again, other = (small_model(SHAPE, seed=seed).get_weights() for seed in (3, 3, 4))
    assert keras.random.uniform((1,)) == expected
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True) if a.ndim > 1)
    kernels = [w for w in first if w.ndim > 1]
    starts = {tuple(np.round(w.ravel()[:4] / w.std(), 4)) for w in kernels}
    assert len(starts) == len(kernels)  # no two draw alike
