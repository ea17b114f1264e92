"""A stored row again: it is a fit in plain Keras, shows what its policy makes, and is printed beside the stored one."""

import sys

import keras
import numpy as np
import pandas as pd
import pytest

from experiments import augmenters, datasets, networks, repeat
from experiments.datasets import Images
from helpers import methods, pretrained, stats
from helpers.model import residual_model
from refusals import refusal

GREY = {
    "dataset": "fashion",
    "n": 64,
    "method": "none",
    "policy": "mild",
    "network": "residual",
    "rate": 0.001,
    "weight_decay": 0.04,
    "batch": 32,
    "updates": 20,
    "replicate": 1,
}
PHOTOGRAPHS = GREY | {"dataset": "sign-digits", "n": 32, "updates": 4}
PHOTOGRAPHS |= {"policy": "crop-60", "network": "lite0"}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Grey images of ten classes and photographs of three; brightness tells them. Every fourth was read before."""
    rng, y = np.random.default_rng(0), np.arange(400)
    grey = rng.integers(0, 100, (400, 28, 28, 1)) + 15 * (y % 10)[:, None, None, None]
    photographs = rng.integers(0, 100, (400, 100, 100, 3)) + 50 * (y % 3)[:, None, None, None]
    sets = {"fashion": (grey, 10), "coat-shirt": (grey, 2), "sign-digits": (photographs, 3)}
    data = {}
    for name, (images, classes) in sets.items():
        data[name] = Images(images.astype(np.uint8), y % classes, y, y % 4 == 3)
    monkeypatch.setattr(datasets, "load", lambda name, folder: data[name])
    monkeypatch.setattr(datasets, "RESERVED", dict.fromkeys(data, 64))


def images_of(setting):
    """A setting's training images and their labels."""
    data = datasets.load(setting["dataset"], None)
    rows = datasets.training_set(data, setting["n"], setting["replicate"], 64)
    return data.pixels[rows], data.labels[rows]


@pytest.mark.parametrize("dataset", ["fashion", "coat-shirt"])
def test_a_run_is_a_fit_in_plain_keras(dataset):
    setting = GREY | {"dataset": dataset}
    again = repeat.run(setting)
    images, y = images_of(setting)
    x, pair = images.astype(np.float32) / 255, dataset == "coat-shirt"
    network = residual_model(x.shape[1:], 1, 2 if pair else 10)
    loss = "binary_crossentropy" if pair else "sparse_categorical_crossentropy"
    rate = keras.optimizers.schedules.CosineDecay(setting["rate"], 20)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=setting["weight_decay"])
    network.compile(optimizer, loss, metrics=["accuracy"])
    for rows in methods.schedule("none", 64, 20, 1, 32).source:
        network.train_on_batch(x[rows], y[rows])
    own_loss, own_accuracy = network.evaluate(x, y, verbose=0)
    # Other sums, which batch normalisation magnifies.
    assert again["own_loss"] == pytest.approx(own_loss, abs=5e-3)
    assert again["own_accuracy"] == pytest.approx(own_accuracy, abs=0.02)
    # The last epoch shows each image once.
    assert again["shown_loss"] == pytest.approx(again["own_loss"], abs=1e-6)


def test_the_scores_of_two_classes_are_those_of_the_series_and_of_many_the_same_with_two():
    rng = np.random.default_rng(0)
    p, labels = np.append(rng.random(200), [0, 1]), rng.integers(0, 2, 202)
    two = repeat.scores("own", p, labels)
    accuracy = np.mean((p > 0.5) == labels)
    expected = {"own_loss": stats.log_loss(p, labels), "own_accuracy": accuracy}
    assert two == pytest.approx(expected)
    assert repeat.scores("own", np.stack([1 - p, p], axis=1), labels) == pytest.approx(two)


def test_the_last_epoch_is_shown_again(monkeypatch):
    asked = []

    class Spy:
        def train(self, *given):
            return []

        def predict(self, x):
            asked.append(x)
            return np.full((len(x), 10), 0.1)

    monkeypatch.setattr(repeat.training, "trainer_for", lambda *given: Spy())
    repeat.run(GREY | {"method": "live"})
    own, policy = augmenters.plain(images_of(GREY)[0]), augmenters.policy_of(GREY["policy"])
    last = methods.schedule("live", 64, 20, 1).source[-2:].ravel()  # of ten epochs of two batches
    shown = policy.apply(own[last], policy.draw(64, (1, 9)).numpy()[last])
    np.testing.assert_allclose(asked[0], shown, atol=1e-5)
    np.testing.assert_array_equal(asked[1], own)


def test_photographs_are_cut_from_the_large_ones(monkeypatch):
    batches = []

    class Spy:
        def train(self, given, *others):
            batches.append(given)
            return []

        def predict(self, x):
            return np.full((len(x), 3), 1 / 3)

    monkeypatch.setattr(repeat.training, "trainer_for", lambda *given: Spy())
    setting = PHOTOGRAPHS | {"method": "originals+pool-2"}
    repeat.run(setting)
    (images, y), policy = images_of(setting), augmenters.policy_of("crop-60")
    copies = [policy.apply(images, policy.draw(32, (1, k))).numpy() for k in (0, 1)]
    made = np.stack([augmenters.plain(images), *copies])
    plan, (found,) = methods.schedule("originals+pool-2", 32, 4, 1), batches
    all_shown = found.images[found.rows]
    np.testing.assert_allclose(all_shown, made[plan.version, plan.source], atol=1e-5)
    np.testing.assert_array_equal(found.labels[found.rows], y[plan.source])
    shown, labels = repeat.last_shown(found, policy, 40)
    np.testing.assert_array_equal(shown, all_shown.reshape(-1, 96, 96, 3)[-40:])
    np.testing.assert_array_equal(labels, y[plan.source].reshape(-1)[-40:])


# The program


@pytest.mark.parametrize(
    ("table", "program"), [("article", repeat.article), ("one-copy-pilots", repeat)]
)
def test_a_row_is_printed_beside_what_comes_out_now(table, program, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(repeat, "RESULTS", tmp_path)
    rows = {"method": ["none", "live"], "replicate": [0, 7], "test_loss": [0.25, 0.75]}
    pd.DataFrame(rows).assign(seconds=3.0).to_csv(tmp_path / f"{table}.csv", index=False)
    threading = repeat.tf.config.threading
    for kind in ("intra", "inter"):  # TensorFlow runs already
        monkeypatch.setattr(threading, f"set_{kind}_op_parallelism_threads", lambda _: None)

    def run(setting, folder):
        return {"test_loss": setting["replicate"] + len(folder.parts)}

    monkeypatch.setattr(program, "run", run)
    monkeypatch.setattr(sys, "argv", ["repeat", table, "1", "--data", "a/b"])
    repeat.main()
    assert capsys.readouterr().out.split() == ["stored", "again", "test_loss", "0.75", "9"]
    monkeypatch.setattr(sys, "argv", ["repeat", table, "2"])
    with pytest.raises(SystemExit):
        repeat.main()
    assert "expected 0 to 1" in capsys.readouterr().err


# Policies


def test_shifts_are_of_whole_pixels_four_at_most_and_all_as_likely():
    images = np.random.default_rng(0).random((1, 32, 32, 1), np.float32).repeat(50, axis=0)
    policy = augmenters.policy_of("flip-shift-4")
    drawn = policy.draw(4000, (1, 1)).numpy()
    pixels = drawn[:, 1:3] * 32
    np.testing.assert_allclose(pixels, np.round(pixels), atol=1e-5)
    values, counts = np.unique(np.round(pixels), return_counts=True)
    assert values.tolist() == list(range(-4, 5)) and counts.min() > 0.8 * counts.max()
    made = policy.apply(images, drawn[:50]).numpy()
    padded = np.pad(images[0, :, :, 0], 4, "edge")
    for number, (right, down) in enumerate(pixels[:50].round().astype(int)):
        expected = padded[4 + down : 36 + down, 4 + right : 36 + right]
        if drawn[number, 6]:  # flipped
            expected = expected[:, ::-1]
        np.testing.assert_allclose(made[number, :, :, 0], expected, atol=1e-3)


def test_crops_take_their_share_of_the_area():
    box = augmenters.policy_of("crop-60").draw(4000, (1, 1)).numpy()
    area = (box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])
    assert 0.6 - 1e-5 < area.min() < 0.61 and 0.99 < area.max() < 1 + 1e-5
    assert box.min() >= 0 and box.max() <= 1


@pytest.mark.parametrize("side", range(96, 161, 4))
def test_a_photograph_as_it_is_keeps_its_border(side):
    whole = augmenters.plain(np.full((2, side, side, 3), 200, np.uint8))
    assert whole.shape == (2, 96, 96, 3) and whole.min() == pytest.approx(200 / 255)


# Networks


def test_the_pretrained_network_enlarges_small_images_and_has_the_rate_of_its_setting(monkeypatch):
    images = keras.Input((96, 96, 3))
    body = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    monkeypatch.setattr(pretrained, "efficientnet_lite0", lambda shape: body)
    build = networks.builder("lite0", 10, 0.003, 0.004, 400)
    small, large = build((32, 32, 3), seed=1), build((96, 96, 3), seed=1)
    assert small.output_shape == (None, 10) and small.loss == "sparse_categorical_crossentropy"
    for found, given in zip(small.get_weights(), large.get_weights(), strict=True):
        np.testing.assert_array_equal(found, given)
    grey = np.full((1, 32, 32, 3), 0.5, np.float32)
    large_grey = np.full((1, 96, 96, 3), 0.5, np.float32)
    np.testing.assert_allclose(small(grey), large(large_grey), atol=1e-6)
    falling = keras.optimizers.schedules.deserialize(small.optimizer.get_config()["learning_rate"])
    assert [float(falling(step)) for step in (0, 400)] == pytest.approx([0.003, 0])
    assert type(small.optimizer).__name__ == "AdamW" and small.optimizer.weight_decay == 0.004
    assert "residual or lite0" in refusal(networks.network_of, "lite1", 2, (96, 96, 3), 0)
