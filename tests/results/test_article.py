"""Question 0: how much each method of the article's code trains, on which batches, and how its rows are judged."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from experiments import article, verdicts
from helpers.data import Data

N, EPOCHS = 64, 5  # two updates an epoch, and of four copies a pass and a quarter


@pytest.fixture
def shown(monkeypatch):
    """Images in each batch that is trained on; eagerly, so that none of them is only a shape."""
    sizes, train_step = [], keras.Sequential.train_step
    monkeypatch.setattr(
        keras.Sequential, "train_step", lambda self, data: sizes.append(len(data[0])) or train_step(self, data)
    )
    tf.config.run_functions_eagerly(True)
    yield sizes
    tf.config.run_functions_eagerly(False)


@pytest.mark.parametrize(
    ("method", "updates"), [("none", 10), ("copies-1", 10), ("copies-4", 40), ("copies-4-equal", 10), ("live", 10)]
)
def test_a_method_makes_its_updates_of_32_images_and_the_same_again_from_its_seed(method, updates, shown):
    rng = np.random.default_rng(0)
    images, labels = rng.random((N, 8, 8, 3), np.float32), np.arange(N) % 2
    data = Data(images, labels, images, labels)
    setting = {"dataset": "cats-dogs", "n": N, "epochs": EPOCHS, "method": method, "replicate": 3}
    first, second = article.run(setting, data), article.run(setting, data)
    assert first["updates"] == updates and shown == 2 * updates * [32]
    seconds = ("making_seconds", "processor_seconds")
    assert list(first) == article.MEASURED
    assert {name: first[name] for name in first if name not in seconds} == {
        name: second[name] for name in second if name not in seconds
    }


def test_stored_copies_are_whole_passes_with_their_labels_and_more_contain_fewer():
    labels = np.arange(N)
    images = np.broadcast_to(labels[:, None, None, None] / N, (N, 8, 8, 1)).astype(np.float32)  # which no range changes
    datagen = article.ImageDataGenerator(**article.RANGES)
    made = {}
    for copies in (1, 4):
        keras.utils.set_random_seed(0)
        made[copies] = article.stored_copies(datagen, images, labels, copies)
    x, y = made[4]
    assert (np.bincount(y) == 4).all()
    np.testing.assert_allclose(x[:, 4, 4, 0] * N, y, atol=1e-3)
    np.testing.assert_array_equal(x[:N], made[1][0])


def test_the_three_claims_follow_from_verdicts_seconds_and_distances(monkeypatch):
    rng, lines = np.random.default_rng(0), verdicts.predictions().query("question == '0'")
    rows = [setting | {"test_accuracy": rng.normal(0.6, 0.001)} for setting in article.SETTINGS]
    table = pd.DataFrame(rows).assign(processor_seconds=1.0, batch_distance=0.3)
    ahead = (table["method"] == "live") & (table["epochs"] == 100) & (table["dataset"] == "cats-dogs")
    table.loc[ahead, "test_accuracy"] += 0.03

    def said():
        monkeypatch.setattr(verdicts, "read", lambda name: table.astype(dict.fromkeys(article.SETTINGS[0], str)))
        return article.claims(lines.join(lines.apply(verdicts.observe, axis=1)), table)

    assert "*Stochasticity*, partly" in said()[0] and "equal updates: dataset=cats-dogs n=512 epochs=100." in said()[0]
    assert "*Efficiency*, partly" in said()[1] and "*Diversity within a batch*, false" in said()[2]
    live = table["method"] == "live"
    table.loc[live, ["test_accuracy", "batch_distance", "processor_seconds"]] = 0.99, 0.31, 0.5
    table["test_accuracy"] += rng.normal(0, 0.001, len(table))
    assert [" true." in sentence for sentence in said()] == [True] * 3


@pytest.mark.parametrize(
    ("batch", "distance"), [([[0.0], [1.0], [0.0]], 2 / 3), ([[0.5, 0.5], [0.5, 0.1]], 0.4 / 2**0.5)]
)
def test_the_distance_in_a_batch_is_the_mean_over_its_pairs(batch, distance):
    images = np.array(batch, np.float32)[:, None, :, None]
    assert article.batch_distance([images, images]) == pytest.approx(distance, abs=1e-6)
