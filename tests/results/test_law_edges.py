"""The data sets, policies and networks of the law's regimes 7 to 11."""

import numpy as np
import pytest
from elpv_dataset import utils

from data import build_garments
from experiments import tasks
from experiments.law import edges, runs
from helpers import arms
from helpers.data import load_garments, subset

SETTING = {"regime": 8, "dataset": "garments", "n": 64, "arm": "copies-2", "policy": "mild", "model": "small",
           "batch": 32, "updates": 6, "rate": "constant", "replicate": 0}  # fmt: skip


@pytest.fixture(scope="module")
def garments():
    return load_garments()


@pytest.fixture(scope="module")
def known():
    return tasks.load_dataset("solar-cells")


def test_a_fold_holds_out_neighbours_in_the_numbering(known):
    """Cells of one module stand together in it."""
    numbers, count, x, y = edges._cells_in_order()
    assert (np.diff(numbers) > 0).all() and count == 2624
    for fold in range(4):
        first, last = (round(count * share / 4) for share in (fold, fold + 1))
        inside = (numbers >= first) & (numbers < last)
        held_out = edges.cells_without(fold)
        np.testing.assert_array_equal(held_out.x_val, x[inside])
        np.testing.assert_array_equal(held_out.y_val, y[inside])
    probability = utils.load_dataset()[1]
    np.testing.assert_array_equal(y, probability[np.isin(probability, (0, 1))])


def test_one_in_eleven_is_defective_and_replicates_differ(known):
    few, other = (edges.with_few_defects(known, 512, replicate) for replicate in (0, 1))
    assert len(few.y_train) == 512 and few.y_train.sum() == 47
    assert (few.x_train != other.x_train).any() and few.x_val is known.x_val


@pytest.mark.parametrize("name", edges.POLICIES)
def test_policies_draw_for_each_picture_and_stay_in_range(garments, name):
    policy, x = edges.POLICIES[name], garments.x_train[:64]
    draws = policy.draw(64, (0, 1)).numpy()
    np.testing.assert_array_equal(draws, policy.draw(64, (0, 1)).numpy())
    np.testing.assert_array_equal(draws[:8], policy.draw(8, (0, 1)).numpy())
    made = policy.apply(x, draws).numpy()
    assert made.shape == x.shape and made.min() >= 0 and made.max() <= 1
    assert (made != x).any(axis=(1, 2, 3)).mean() > 0.9  # a black square may fall on black


def test_brightness_goes_to_a_fifth_and_contrast_to_three_tenths():
    brightness, contrast = edges.Photometric().draw(2000, (0, 0)).numpy().T
    for drawn, most in ((brightness, 0.2), (contrast, 0.3)):
        assert -most <= drawn.min() < -0.95 * most and 0.95 * most < drawn.max() <= most


def test_brightness_and_contrast_by_hand():
    x = np.full((1, 2, 2, 1), 0.5, np.float32)
    x[0, 0] = 0.3  # mean 0.4
    made = edges.Photometric().apply(x, np.array([[0.1, 0.2]], np.float32)).numpy()
    np.testing.assert_allclose(made[0, :, 0, 0], [0.4 - 0.12 + 0.1, 0.4 + 0.12 + 0.1], atol=1e-6)


def test_cutout_hides_a_square_around_its_centre():
    made = edges.Cutout().apply(np.ones((1, 28, 28, 1), np.float32), np.array([[0.5, 0.0]], np.float32)).numpy()
    np.testing.assert_array_equal(np.flatnonzero((made[0, :, :, 0] == 0).any(axis=1)), range(10, 18))
    np.testing.assert_array_equal(np.flatnonzero((made[0, :, :, 0] == 0).any(axis=0)), range(4))


def test_two_of_six_adds_what_it_drew():
    draws = edges.TwoOfSix().draw(500, (0, 0)).numpy()
    changes = np.abs(draws) / edges.TwoOfSix._strength
    assert set(np.round(changes.sum(axis=1), 4).tolist()) == {0, 2}  # 0: the same change there and back
    assert (changes > 0).any(axis=0).all() and 0.05 < (changes.sum(axis=1) == 0).mean() < 0.12


def test_cutmix_mixes_labels_as_it_mixes_areas(garments):
    part = subset(garments, 64)
    black_and_white = np.broadcast_to(part.y_train[:, None, None, None].astype("float32"), part.x_train.shape)
    plan = arms.schedule("live", 64, 8)
    batches = edges.cutmix_batches(black_and_white, part.y_train, plan, 0)
    np.testing.assert_allclose(batches.images.mean(axis=(1, 2, 3)), batches.labels, atol=1e-5)
    assert 0.2 < np.mean((batches.labels > 0) & (batches.labels < 1)) < 0.6
    repeated = edges.cutmix_batches(black_and_white, part.y_train, arms.schedule("copies-1", 64, 8), 0)
    assert len(repeated.images) == 64 and len(batches.images) == 4 * 64


def test_the_box_of_cutmix_has_a_uniform_share_of_the_area():
    """Its centre is uniform, too, and what is outside is cut off: of a side s the mean s - s²/4 stays."""
    x = np.broadcast_to(np.arange(2000, dtype="float32")[:, None, None, None], (2000, 28, 28, 1))
    images, _ = edges._cutmix(x, np.zeros(2000), np.random.default_rng(0))
    shares = np.mean(images != x, axis=(1, 2, 3))
    side = np.sqrt(np.linspace(0, 1, 100_001))
    assert shares.mean() == pytest.approx(np.mean((side - side**2 / 4) ** 2), abs=0.015)


def test_with_the_rare_class_alone_the_other_is_shown_as_it_is(garments):
    part = subset(garments, 64)
    plan = edges.rare_class_alone(arms.schedule("live", 64, 8), part.y_train)
    assert ((plan.version > 0) == (part.y_train[plan.source] == 1)).all()


def test_weighted_loss_weighs_both_classes_alike():
    y = np.array([1.0] + [0.0] * 10, np.float32)[:, None]
    half = np.full_like(y, 0.5)
    assert float(edges.weighted_loss(y, half)) == pytest.approx(np.log(2), rel=1e-5)
    surer = half.copy()
    surer[0] = 0.25
    assert float(edges.weighted_loss(y, surer) - np.log(2)) == pytest.approx(np.log(2) / 2, rel=1e-5)


def test_pretraining_sees_no_garment_of_the_classes_that_are_tested(monkeypatch):
    labels = np.repeat(np.arange(10, dtype=np.uint8), 4)
    images = np.full((40, 28, 28), 0.5, "float32")
    images[np.isin(labels, [2, 4])] = np.nan
    files = {"train-labels-idx1-ubyte": labels, "train-images-idx3-ubyte": images}
    monkeypatch.setattr(build_garments, "read_idx", lambda folder, name: files[name])
    monkeypatch.setattr(build_garments, "source_folder", lambda given: None)
    features = edges.pretrained_features.__wrapped__()
    assert all(np.isfinite(weights).all() for layer in features for weights in layer)
    assert [build_garments.fashion_class(name) for name in ("pullover", "coat")] == [2, 4]


@pytest.mark.parametrize("frozen", [True, False])
def test_pretrained_features_are_kept_and_the_last_layer_is_new(monkeypatch, frozen):
    *trained, _ = runs.model.residual_model(seed=3).layers
    features = [layer.get_weights() for layer in trained]
    monkeypatch.setattr(edges, "pretrained_features", lambda: features)
    network = edges.residual_pretrained((28, 28, 1), 5, frozen)
    new = runs.model.residual_model((28, 28, 1), 5)
    np.testing.assert_array_equal(network.layers[-1].get_weights()[0], new.layers[-1].get_weights()[0])
    for layer, weights in zip(network.layers[:-1], features, strict=True):
        assert all(np.array_equal(w, given) for w, given in zip(layer.get_weights(), weights, strict=True))
    before = [w.numpy() for w in network.layers[1].weights]
    network.compile("sgd", "binary_crossentropy")
    network.train_on_batch(np.random.default_rng(0).random((32, 28, 28, 1)), np.ones((32, 1)))
    same = all(np.array_equal(a, b.numpy()) for a, b in zip(before, network.layers[1].weights, strict=True))
    assert same == frozen and len(network.trainable_variables) == (2 if frozen else len(new.trainable_variables))


@pytest.mark.parametrize(
    "change",
    [{"policy": "cutmix", "arm": "live"}, *({"policy": name, "arm": "live"} for name in edges.POLICIES)],
    ids=lambda change: change["policy"],
)
def test_a_run_of_each_policy_is_shown_other_pictures_than_a_mild_one(change):
    mild, other = (runs.run(SETTING | {"arm": "live"} | given)["records"][-1] for given in ({}, change))
    assert np.isfinite(list(other.values())).all() and other["shown_loss"] != mild["shown_loss"]


def test_runs_of_unequal_cells_are_trained_as_registered(known):
    cells = {"regime": 11, "dataset": "solar-cells-1-to-10", "n": 96, "policy": "cells", "arm": "live"}
    given = ({}, {"model": "small-weighted"}, {"policy": "cells-rare"})
    plain, weighted, rare = (runs.run(SETTING | cells | change) for change in given)
    losses = {run["records"][-1]["val_loss"] for run in (plain, weighted, rare)}
    assert len(losses) == 3 and len(plain["images"]) == 581
    ranks = tasks.average_precision(np.exp(-np.array(plain["images"])), known.y_val)
    assert 0 < ranks < 1
