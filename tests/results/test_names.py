"""Names: whatever a stored table names can be made, and is what it was when the table was made."""

import functools
import hashlib
import json

import keras
import numpy as np
import pandas as pd
import pytest

from data import build_garments
from experiments import names, policies, questions
from helpers import model
from helpers.data import RESULTS, Data

SETTINGS = [setting for make in questions.QUESTIONS.values() for setting in make()]
for older in ("study", "law", "freeze-or-renew", "static-versus-live", "policies", "solar-cells"):
    table = pd.read_csv(RESULTS / f"{older}.csv", dtype=str, keep_default_na=False)
    SETTINGS += [names.setting_of(row) for row in table.loc[:, :"replicate"].to_dict("records")]


def different(*keys):
    return sorted({tuple(setting[key] for key in keys) for setting in SETTINGS}, key=str)


def test_rows_of_older_tables_are_the_settings_that_they_were():
    assert {tuple(setting) for setting in SETTINGS} == {questions.KEYS}
    older = [setting for setting in SETTINGS if not setting["question"]]
    assert hashlib.sha256(json.dumps(older).encode()).hexdigest()[:8] == "733f01ea"


# Data sets, by sums over the first replicate's images of numbers of its second class and of brightness; the side of a
# picture; how many are tested.

DATA = {
    "garments": (1024, 743.435, 28, 2000), "garments-flipped": (1071, 743.435, 28, 2000),
    "solar-cells": (632, 1228.594, 32, 581), "solar-cells-64": (632, 1225.905, 64, 581),
    "solar-cells-1-to-10": (363, 1234.392, 32, 581), "solar-cells-without-0": (442, 1238.672, 32, 589),
    "solar-cells-without-1": (632, 1221.421, 32, 563), "solar-cells-without-2": (725, 1170.118, 32, 510),
    "solar-cells-without-3": (788, 1177.425, 32, 561),
}  # fmt: skip


NO_GREY_PAIRS = {"clothes", "clothes-choice", "colour", "colour-choice", "fashion"}  # the first four: see below


@pytest.mark.parametrize("dataset", [name for (name,) in different("dataset")])
def test_every_data_set_of_a_table_can_be_made(dataset):
    assert names.is_grey(dataset) == (dataset not in NO_GREY_PAIRS)
    if dataset in DATA:
        part, numbers = names.load_part(dataset, 64, 1), np.arange(64)
        second, brightness = numbers @ part.y_train, numbers @ part.x_train.mean(axis=(1, 2, 3))
        assert (second, part.x_train.shape[1], len(part.x_val)) == (DATA[dataset][0], *DATA[dataset][2:])
        assert brightness == pytest.approx(DATA[dataset][1], abs=0.01)
    elif dataset not in NO_GREY_PAIRS:  # a pair of garments, which is not committed
        for kind in dataset.removesuffix("-choice").rsplit("-", 1):
            build_garments.fashion_class(kind)


@pytest.fixture
def clothes(monkeypatch):
    """Photographs whose brightness is their group; each garment has one, two or three."""
    group = np.repeat(np.arange(400), np.tile([1, 2, 3, 1], 100))
    images = np.broadcast_to((group % 256).astype(np.uint8)[:, None, None, None], (len(group), 160, 160, 3))
    monkeypatch.setattr(names, "read", lambda name: {"images": images, "labels": group % 10, "group": group})
    monkeypatch.setattr(names, "CHOICE", 100)
    return group


def test_no_garment_is_on_two_sides_and_every_photograph_is_used(clothes):
    rows = [names.clothes_rows(64, replicate) for replicate in (0, 1)]
    for found in rows:
        assert [len(found[side]) for side in ("train", "choice")] == [64, 100]
        sides = [set(clothes[found[side]]) for side in ("train", "choice", "test")]
        assert not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
        assert sum(len(found[side]) for side in found) == len(clothes)
    assert (rows[0]["choice"] == rows[1]["choice"]).all() and set(rows[0]["train"]) != set(rows[1]["train"])
    tested, chosen = (names.load_part(name, 64, 1) for name in ("clothes", "clothes-choice"))
    np.testing.assert_array_equal(tested.y_val, clothes[rows[1]["test"]] % 10)
    np.testing.assert_array_equal(chosen.y_val, clothes[rows[1]["choice"]] % 10)


def test_colour_is_the_first_two_thousand_images_of_each_class_and_the_last_are_to_choose_with(monkeypatch):
    labels = np.tile(np.arange(10), 2200)
    images = (np.arange(22_000) // 100).astype(np.uint8)[:, None, None, None]
    parts = np.where(np.arange(22_000) < 21_000, 0, 2)
    monkeypatch.setattr(names, "read", lambda name: {"images": images, "labels": labels, "parts": parts})
    monkeypatch.setattr(names, "load_dataset", names.load_dataset.__wrapped__)
    data, choice = names.load_dataset("colour"), names.load_dataset("colour-choice")
    assert len(data.x_train) == 20_000 and len(data.x_val) == 1000 and np.bincount(data.y_train).tolist() == [2000] * 10
    assert data.x_train.max() == pytest.approx(199 / 255) and (np.diff(data.y_train) == 0).mean() < 0.2
    for found, expected in ((choice.x_train, data.x_train[:18_000]), (choice.y_val, data.y_train[18_000:])):
        np.testing.assert_array_equal(found, expected)


# Policies. Sums of four draws and of the pictures made with them, weighted. Rows stored before version 0.5
# were drawn otherwise where RandomAffine draws, and run again from the commits of their questions.

PINNED = {
    ("mild", "image"): (114.6971, 23.5216), ("article", "image"): (36.6388, 23.1649), ("flip", "image"): (140, 23.6416),
    ("half", "image"): (88.3194, 23.5188), ("three-quarters", "image"): (62.4791, 23.2248),
    ("cells", "image"): (187.6613, 23.6271), ("cells-rare", "image"): (187.6613, 23.6271),
    ("photometric", "image"): (-0.6219, 25.3637), ("cutout", "image"): (17.8872, 21.4478),
    ("two-of-six", "image"): (165, 21.3856), ("pixels", "image"): (139.1071, 23.5867),
    ("blur", "image"): (17.8872, 23.6223), ("mild", "one"): (460.2470, 23.4462), ("crop", "image"): (135.5625, 23.4989),
    ("crop of clothes", "image"): (75.8760, 9.4101),
}  # fmt: skip


def test_every_policy_of_a_table_is_pinned():
    assert {given for given in different("policy", "draw") if given[0] != "states"} <= set(PINNED)


@pytest.mark.parametrize(("name", "draw"), PINNED)
def test_every_policy_of_a_table_draws_what_it_drew(name, draw):
    pictures = (np.arange(4 * 28 * 28, dtype=np.float32).reshape(4, 28, 28, 1) * 7 % 101) / 101
    if name == "crop of clothes":
        pictures = (np.arange(4 * 160 * 160 * 3).reshape(4, 160, 160, 3) * 7 % 101).astype(np.uint8)
    policy = policies.policy_of(name.removesuffix(" of clothes"), "clothes" if "clothes" in name else "colour", draw)
    drawn = policy.draw(4, (3, 1)).numpy()
    made = policy.apply(pictures, drawn).numpy()
    weights = np.arange(made.size).reshape(made.shape) % 97
    found = (drawn * (1 + np.arange(drawn.size).reshape(drawn.shape))).sum(), (made * weights).mean()
    np.testing.assert_allclose(found, PINNED[name, draw], atol=1e-3)  # float32, summed in any order


def test_a_photograph_is_made_smaller_as_a_whole():
    photographs = np.random.default_rng(0).integers(0, 256, (3, 160, 160, 3), np.uint8)
    whole = policies.as_it_is(photographs)
    assert whole.shape == (3, 96, 96, 3) and 0.9 < whole.max() <= 1
    mirrored = policies.Crop().apply(photographs, np.array([[0, 1, 1, 0]]))
    np.testing.assert_allclose(mirrored, whole[:, :, ::-1], atol=1e-4)


# Networks


@pytest.mark.parametrize("given", different("model", "optimiser", "rate", "schedule", "weight_decay"))
def test_every_network_of_a_table_is_compiled_as_its_row_says(monkeypatch, given):
    name, optimiser, rate, schedule, decay = given
    shape, classes, outputs = (28, 28, 1), 2, 1
    if "lite0" in name:  # in place of the real ones, which tests/test_pretrained.py has
        shape, classes, outputs = (5,), 10, 10
        start, block = keras.Input(shape), functools.partial(keras.layers.Dense, 5)
        upper, whole = keras.Model(start, block()(start)), keras.Model(start, block()(block()(start)))
        monkeypatch.setattr(names.pretrained, "efficientnet_lite0", lambda: whole)
        monkeypatch.setattr(names.pretrained, "cut", lambda model: (None, upper) if model is whole else None)
    pretrained = name in ("residual-frozen", "residual-tuned")
    if pretrained:
        features = [layer.get_weights() for layer in model.residual_model(seed=3).layers[:-1]]
        monkeypatch.setattr(names, "pretrained_features", lambda: features)
    network = names.builder(name, classes, optimiser, rate, schedule, decay, 400)(shape, seed=1)
    chosen = network.optimizer
    assert type(chosen).__name__.lower() == optimiser
    assert (chosen.weight_decay or 0) == decay and getattr(chosen, "momentum", 0.9) == 0.9
    given = chosen.get_config()["learning_rate"]
    if schedule == "constant":
        assert given == pytest.approx(rate)
    else:
        falling = keras.optimizers.schedules.deserialize(given)
        quarter = {"cosine": (1 + 0.5**0.5) / 2, "linear": 0.75}[schedule]
        assert [float(falling(step)) for step in (0, 100, 400)] == pytest.approx([rate, rate * quarter, 0])
    if pretrained:
        kept = zip(network.layers[1].get_weights(), features[1], strict=True)
        assert all(np.array_equal(found, given) for found, given in kept)
        assert len(network.trainable_variables) == (2 if "frozen" in name else 29)
    if "lite0" in name:
        trained = {"lite0": 3, "lite0-upper": 2, "lite0-head": 1}  # layers
        assert len(network.trainable_variables) == 2 * trained[name]
    assert network.output_shape == (None, outputs)


@pytest.mark.parametrize(
    ("name", "of_yes", "of_no"), [("smoothing", (0.95, 0.05), (0.05, 0.95)), ("weighted", (5.5, 0), (0, 0.55))]
)
def test_losses_of_a_name(name, of_yes, of_no):
    loss = names.builder(f"small-{name}", 2, "adam", 0.001, "constant", 0.0, 10)((28, 28, 1)).loss
    expected = -(np.dot(of_yes, np.log([0.3, 0.7])) + np.dot(of_no, np.log([0.2, 0.8]))) / 2
    given = np.array([[1], [0]], np.float32), np.array([[0.3], [0.2]], np.float32)
    assert float(loss(*given)) == pytest.approx(expected, rel=1e-4)


def test_pretraining_sees_no_garment_of_the_classes_that_are_tested(monkeypatch):
    labels = np.repeat(np.arange(10), 4)
    images = np.full((40, 28, 28, 1), 0.5, "float32")
    images[np.isin(labels, [2, 4])] = np.nan
    monkeypatch.setattr(names, "load_dataset", lambda name: Data(images, labels, None, None))
    shown = []
    monkeypatch.setattr(keras.Sequential, "fit", lambda self, x, y, **given: shown.append((x, y)))
    names.pretrained_features.__wrapped__()
    assert len(shown) == 3 and all(len(x) == 32 and np.isfinite(x).all() and set(y) == set(range(8)) for x, y in shown)
    assert [build_garments.fashion_class(name) for name in ("pullover", "coat")] == [2, 4]
