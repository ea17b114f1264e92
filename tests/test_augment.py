"""RandomAffine: the draws of the stored rows, its pictures against SciPy, and its life as a layer."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import ndimage

from helpers.augment import ARTICLE, MILD, RandomAffine

STORED = np.load(Path(__file__).with_name("fixtures") / "version_06.npz")
IMAGES = np.random.default_rng(0).random((6, 12, 10, 1), "float32")


@pytest.mark.parametrize(("name", "policy"), [("mild", MILD), ("article", ARTICLE)])
def test_the_draws_are_those_of_the_stored_rows(name, policy):
    augment = RandomAffine(**policy)
    for (replicate, epoch), stored in zip(STORED["pairs"], STORED[f"draws_{name}"], strict=True):
        drawn = augment.draw(STORED["ids"], (int(replicate), int(epoch)))
        np.testing.assert_array_equal(drawn, stored)


def by_scipy(image, row, mode):
    """The map p + R (t + S Z F (q - p)) of the docstring, for SciPy, which names rows first."""
    turn, right, low, shear, zoom_x, zoom_y, flip_x, flip_y = row
    turn, shear = np.deg2rad([turn, shear])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    slant = np.array([[1, -np.sin(shear)], [0, np.cos(shear)]])
    scale = np.diag([zoom_x * (1 - 2 * flip_x), zoom_y * (1 - 2 * flip_y)])
    size = np.array(image.shape[::-1])
    middle = (size - 1) / 2
    matrix = rotation @ slant @ scale
    offset = middle + rotation @ (size * [right, low]) - matrix @ middle
    mode = mode.replace("wrap", "grid-wrap")
    return ndimage.affine_transform(image, matrix[::-1, ::-1], offset[::-1], order=1, mode=mode)


@pytest.mark.parametrize("mode", ["nearest", "constant", "reflect", "wrap"])
def test_pictures_are_those_of_scipy(mode):
    parameters = STORED["draws_all"][0][:6]
    made = RandomAffine(fill_mode=mode).apply(IMAGES, parameters).numpy()
    for image, row, ours in zip(IMAGES[..., 0], parameters, made[..., 0], strict=True):
        np.testing.assert_allclose(ours, by_scipy(image, row, mode), atol=1e-4)


def test_a_version_is_the_same_in_every_batch_and_new_in_the_next_epoch():
    augment = RandomAffine(**MILD, seed=3)
    ids = np.arange(6)
    whole = augment.version(IMAGES, ids, 4).numpy()
    np.testing.assert_array_equal(augment.version(IMAGES[2:4], ids[2:4], 4), whole[2:4])
    assert not np.array_equal(augment.version(IMAGES, ids, 5), whole)
    assert not np.array_equal(RandomAffine(**MILD, seed=4).version(IMAGES, ids, 4), whole)


def test_each_image_has_its_own_draw_and_each_call_draws_anew():
    same = np.repeat(IMAGES[:1], 6, axis=0)
    augment = RandomAffine(**MILD, seed=0)
    first, second = augment(same, training=True), augment(same, training=True)
    assert len({image.numpy().tobytes() for image in first}) == 6
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(augment(same, training=False), same)


def test_it_is_live_in_tf_data_and_only_in_training_in_a_model(tmp_path):
    augment = RandomAffine(**MILD, seed=0)
    data = tf.data.Dataset.from_tensor_slices(IMAGES).batch(6).map(augment)
    assert not np.array_equal(next(iter(data)), next(iter(data)))
    model = keras.Sequential([keras.Input((12, 10, 1)), augment])
    np.testing.assert_array_equal(model.predict(IMAGES, verbose=0), IMAGES)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.layers[-1].get_config() == augment.get_config()


def test_what_would_be_silently_wrong_is_refused():
    with pytest.raises(ValueError, match="rotation_range is 400"):
        RandomAffine(rotation_range=400)
    with pytest.raises(ValueError, match="fill_mode"):
        RandomAffine(fill_mode="mirror")
