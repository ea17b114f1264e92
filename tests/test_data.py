"""The garments and their subsets, which are those of the stored rows."""

from pathlib import Path

import numpy as np
import pytest

from helpers import data
from helpers.data import load_garments, subset
from helpers.model import small_model

STORED = np.load(Path(__file__).with_name("fixtures") / "version_06.npz")


@pytest.fixture(scope="module")
def garments():
    return load_garments()


def test_garments_are_two_classes_of_equal_size(garments):
    assert garments.x_train.shape == (12_000, 28, 28, 1) and garments.x_val.shape == (
        2_000,
        28,
        28,
        1,
    )
    assert garments.x_train.dtype == np.float32 and garments.y_train.dtype == np.int64
    for images in (garments.x_train, garments.x_val):
        assert (images.min(), images.max()) == (0, 1)
    assert garments.y_train.mean() == garments.y_val.mean() == 0.5


@pytest.mark.parametrize("name", [name for name in STORED.files if name.startswith("subset_")])
def test_subsets_are_those_of_the_stored_rows(garments, name):
    n, replicate = map(int, name.split("_")[1:])
    part = subset(garments, n, replicate)
    np.testing.assert_array_equal(part.x_train, garments.x_train[STORED[name]])
    np.testing.assert_array_equal(part.y_train, garments.y_train[STORED[name]])
    assert part.x_val is garments.x_val


def test_replicates_share_no_image_and_a_wrong_size_is_refused(garments):
    first, second = (subset(garments, 512, i).x_train for i in range(2))
    assert not {a.tobytes() for a in first} & {b.tobytes() for b in second}
    for n in (1, 12_001):
        with pytest.raises(ValueError, match="n is"):
            subset(garments, n)


def test_an_altered_file_is_refused(tmp_path, monkeypatch):
    with np.load(data.GARMENTS) as file:
        arrays = dict(file)
    arrays["x_train"][0, 0, 0] += 1
    np.savez(tmp_path / "garments.npz", **arrays)
    monkeypatch.setattr(data, "GARMENTS", tmp_path / "garments.npz")
    with pytest.raises(ValueError, match="git checkout"):
        load_garments()


def test_the_small_network_is_that_of_the_stored_rows():
    model = small_model(seed=0)
    shapes = [tuple(weights.shape) for weights in model.weights]
    assert shapes == [(3, 3, 1, 32), (32,), (13 * 13 * 32, 1), (1,)]
    again = small_model(seed=0)
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
