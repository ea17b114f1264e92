"""Question 0: how much each method of the article's code trains, and on which batches."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from experiments import article
from helpers.data import Data

N, EPOCHS = 64, 5  # two updates an epoch, and of four copies a pass and a quarter


@pytest.fixture
def shown(monkeypatch):
    """Images in each batch that is trained on; eagerly, so that none of them is only a shape."""
    sizes, train_step = [], keras.Sequential.train_step

    def counted(self, data):
        sizes.append(len(data[0]))
        return train_step(self, data)

    monkeypatch.setattr(keras.Sequential, "train_step", counted)
    tf.config.run_functions_eagerly(True)
    yield sizes
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize(
    ("method", "updates"),
    [("none", 10), ("copies-1", 10), ("copies-4", 40), ("copies-4-equal", 10), ("live", 10)],
)
def test_a_method_makes_its_updates_of_32_images_and_the_same_again_from_its_seed(
    method, updates, shown, monkeypatch
):
    rng = np.random.default_rng(0)
    images, labels = rng.random((N, 8, 8, 3), np.float32), np.arange(N) % 2
    pair = Data(images, labels, images, labels)
    monkeypatch.setattr(article, "load_pair", lambda dataset, folder: pair)
    setting = {"dataset": "cats-dogs", "n": N, "epochs": EPOCHS, "method": method, "replicate": 3}
    first, second = article.run(setting), article.run(setting)
    assert first["updates"] == updates and shown == 2 * updates * [32]
    assert first == second


def test_stored_copies_are_whole_passes_with_their_labels_and_more_contain_fewer():
    labels = np.arange(N)
    grey = (labels / N).astype(np.float32)
    images = np.broadcast_to(grey[:, None, None, None], (N, 8, 8, 1))  # which no range changes
    datagen = article.ImageDataGenerator(**article.POLICIES["article"], fill_mode="nearest")
    made = {}
    for copies in (1, 4):
        keras.utils.set_random_seed(0)
        made[copies] = article.stored_copies(datagen, images, labels, copies)
    x, y = made[4]
    assert (np.bincount(y) == 4).all()
    np.testing.assert_allclose(x[:, 4, 4, 0] * N, y, atol=1e-3)
    np.testing.assert_array_equal(x[:N], made[1][0])
