"""The makers of every stored table, on small settings, and the program that calls them."""

import itertools
import json
import sys

import keras
import numpy as np
import pandas as pd
import pytest

from experiments import run, store, tasks
from experiments.law import runs
from helpers import arms, compare, model, stats, training
from helpers.augment import POLICIES, named_policy
from helpers.data import Data, load_garments, subset
from helpers.tables import read_results

SETTING = {
    "dataset": "few-garments", "n": 64, "arm": "copies-2", "policy": "mild", "model": "small", "updates": 20,
    "rate": "constant", "replicate": 1,
}  # fmt: skip
LAW = {
    "regime": 1, "dataset": "few-garments", "n": 64, "arm": "copies-2", "policy": "mild", "model": "small",
    "batch": 32, "updates": 20, "rate": "constant", "replicate": 1,
}  # fmt: skip
COLUMNS = [
    "update", "shown_loss", "shown_accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy",
    "val_loss_even", "val_loss_odd", "val_loss_scaled",
]  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # thousands, from ImageDataGenerator


@pytest.fixture(scope="module", autouse=True)
def few():
    """Garments with few images, under a name of their own; pullovers are darker, so that 20 updates learn."""
    data = load_garments()
    few = Data(data.x_train[:640], data.y_train[:640], data.x_val[:100], data.y_val[:100])
    with pytest.MonkeyPatch.context() as patch:
        for name in ("few-garments", "garments-flipped"):
            patch.setitem(tasks.DATASETS, name, lambda: few)
        yield few


def without_seconds(result):
    summary = dict(result["summary"])
    assert summary.pop("seconds") > 0
    assert summary.pop("threads") >= 1
    return summary


def check(result, further=()):
    """A result can be stored, has the columns promised and is its records' summary. Returns its curve."""
    json.dumps(result, allow_nan=False)
    curve = pd.DataFrame(result["records"])
    assert list(curve.columns) == [*COLUMNS, *further]
    assert curve["update"].tolist() == tasks.table_updates(20)
    found = without_seconds(result)
    expected = compare.summarise(curve.assign(arm="a", replicate=0)).drop(columns=["arm", "replicate"])
    assert found == expected.iloc[0].to_dict()
    return curve


# Every maker


@pytest.mark.parametrize("rate", ["constant", "decay"])
def test_a_run_is_the_comparison_with_the_named_parts(few, rate):
    setting = SETTING | {"arm": "live-4/5", "policy": "wide", "model": "deeper", "rate": rate, "replicate": 3}
    result = tasks.run_setting(setting)
    curve = compare.compare(
        few, ["live-4/5"], named_policy("wide"), n=64, updates=20, replicates=[3], build=model.deeper_model,
        decay=rate == "decay", evaluate_at=tasks.table_updates(20), show_progress=False,
    )  # fmt: skip
    pd.testing.assert_frame_equal(check(result), curve.drop(columns=["arm", "replicate"]))


def test_the_threads_of_a_run_are_noted(monkeypatch):
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "3")
    assert tasks.run_setting(SETTING)["summary"]["threads"] == 3


def test_ranking_adds_two_columns_to_a_run_and_changes_no_other(few):
    plain, ranked = tasks.run_setting(SETTING), tasks.run_with_ranking(SETTING)
    curve = check(ranked, ["val_average_precision", "val_balanced_accuracy"])
    pd.testing.assert_frame_equal(curve[COLUMNS], check(plain))
    # Classes of one size, all images known: balanced is plain.
    np.testing.assert_allclose(curve["val_balanced_accuracy"], curve["val_accuracy"], atol=0.05)


def last_loss(few, batches):
    """Validation loss of plain Keras after these batches, from the weights of replicate 1."""
    network = model.small_model(seed=1)
    network.compile("adam", "binary_crossentropy")
    for images, labels in batches:
        network.train_on_batch(images, labels)
    return network.evaluate(few.x_val, few.y_val, verbose=0)


def flow_of(few, factor, ranges):
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    part = subset(few, 64, 1)
    flow = ImageDataGenerator(**ranges).flow(factor * part.x_train, part.y_train, batch_size=32, seed=1)
    return [next(flow) for _ in range(20)]


@pytest.mark.parametrize("arm", ["copies-1", "live"])
def test_runs_on_image_data_generator_are_fits_on_its_flow(few, arm):
    curve = check(tasks.run_with_image_data_generator(SETTING | {"arm": arm}))
    shown = flow_of(few, 1, POLICIES["mild"])
    if arm == "copies-1":  # the first epoch, frozen, in the order of the other arms
        images, labels = (np.concatenate(both) for both in zip(*shown[:2], strict=True))
        order = arms.schedule("none", 64, 20, 1).source
        shown = [(images[rows], labels[rows]) for rows in order]
    assert curve["val_loss"].iloc[-1] == pytest.approx(last_loss(few, shown), abs=1e-4)


@pytest.mark.parametrize("name", tasks.FLOW_RANGES)
def test_runs_with_flow_ranges_are_fits_on_flows_with_these_ranges(few, name):
    curve = check(tasks.run_flow_ranges(SETTING | {"arm": "live", "policy": name}))
    shown = flow_of(few, *tasks.FLOW_RANGES[name])
    assert curve["val_loss"].iloc[-1] == pytest.approx(last_loss(few, shown), abs=1e-4)


def test_runs_on_keras_layers_show_one_frozen_copy_or_new_ones():
    frozen, new, again = (
        check(tasks.run_with_keras_layers(SETTING | {"arm": arm})) for arm in ("copies-1", "live", "live")
    )
    plain = check(tasks.run_setting(SETTING | {"arm": "none"}))
    assert new.equals(again)
    losses = [curve["shown_loss"].iloc[-1] for curve in (frozen, new, plain)]
    assert min(abs(a - b) for a, b in itertools.combinations(losses, 2)) > 1e-3
    # Of one picture an image the network learns more by heart in 10 epochs than of ten.
    assert losses[0] < losses[1]


def test_a_split_after_augmenting_is_evaluated_on_siblings_and_on_unseen_images(few):
    setting = SETTING | {"arm": "pool-4", "replicate": 0}
    further = ["leaky_loss", "leaky_accuracy", "unseen_loss", "unseen_accuracy"]
    curve = check(tasks.run_split_after_augmenting(setting), further)
    assert check(tasks.run_split_after_augmenting(setting), further).equals(curve)
    assert (curve["leaky_loss"] != curve["unseen_loss"]).all()
    policy = named_policy("mild")
    unseen = policy.apply(few.x_val, policy.draw(100, (0, 4))).numpy()  # by draws that made no copy
    trainer = training.trainer_for(model.small_model, (28, 28, 1), None)  # as the run left it
    np.testing.assert_allclose(
        np.mean((trainer.predict(unseen) > 0.5) == few.y_val), curve["unseen_accuracy"].iloc[-1]
    )
    siblings = curve["leaky_accuracy"] * 64  # four fifths in whole batches: 192 of 256, and 64 to look at
    np.testing.assert_allclose(siblings, siblings.round(), atol=1e-9)


# Metrics

RANKED = np.array([0.9, 0.8, 0.7, 0.6, 0.1]), np.array([1, 0, 1, 1, 0])


def test_average_precision_and_balanced_accuracy_by_hand():
    average_precision, balanced_accuracy = tasks.average_precision, tasks.balanced_accuracy
    assert average_precision(*RANKED) == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3)
    assert balanced_accuracy(*RANKED) == pytest.approx((3 / 3 + 1 / 2) / 2)
    assert average_precision(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0, 0, 1, 1])) == 1
    assert average_precision(np.array([0.4, 0.3, 0.2, 0.1]), np.array([0, 0, 1, 1])) == (1 / 3 + 2 / 4) / 2
    # Equal probabilities come in together, whatever their order: two of three, then two of four.
    tied = np.array([0.5, 0.5, 0.5, 0.1])
    for labels in ([1, 1, 0, 0], [0, 1, 1, 0]):
        assert average_precision(tied, np.array(labels)) == pytest.approx(2 / 3)
    assert average_precision(np.full(5, 0.3), RANKED[1]) == pytest.approx(3 / 5)


# The law


@pytest.mark.parametrize(("updates", "count"), [(3000, 19), (1500, 16)])
def test_the_law_evaluates_five_times_at_the_end_of_a_quarter_and_of_all(updates, count):
    found = runs.evaluations(updates)
    assert found == sorted(set(found)) and found[-1] == updates
    for budget in (updates // 4, updates):
        assert sum(0.9 * budget < update <= budget for update in found) == 5
    if updates == 3000:
        assert set(tasks.table_updates(3000)) <= set(found)


def test_a_run_of_the_law_is_the_comparison_with_more_columns(few):
    result = runs.run(LAW)
    json.dumps(result, allow_nan=False)
    curve = pd.DataFrame(result["records"])
    plain = compare.compare(
        few, ["copies-2"], named_policy("mild"), n=64, updates=20, replicates=[1], show_progress=False,
        evaluate_at=runs.evaluations(20),
    )  # fmt: skip
    pd.testing.assert_frame_equal(curve[COLUMNS], plain[COLUMNS])
    further = ["val_margin", "val_loss_of_mistakes", "shown_again_loss", "shown_again_margin"]
    assert list(curve.columns) == [*COLUMNS, *further]
    assert (curve["val_loss_of_mistakes"] < curve["val_loss"]).all()
    # The losses of single images are the mean of the last five evaluations, rounded.
    assert len(result["images"]) == 100
    assert np.mean(result["images"]) == pytest.approx(curve["val_loss"].iloc[-5:].mean(), abs=1e-4)
    # They are in the order of the images, by which runs are paired.
    trainer = training.trainer_for(runs.builder("small", 20), (28, 28, 1), named_policy("mild"))
    p = trainer.predict(few.x_val)  # as the run left it
    expected = -np.log(np.where(few.y_val == 1, p, 1 - p))
    assert np.corrcoef(result["images"], expected)[0, 1] > 0.99
    assert "images" not in runs.run(LAW | {"regime": 5})


def test_shown_again_are_the_last_pictures_with_their_labels(few):
    part, policy = subset(few, 64, 1), named_policy("mild")
    plan = arms.schedule("pool-3+live", 64, 20, 1)
    batches = arms.make_batches("pool-3+live", part.x_train, part.y_train, plan, policy, 1)
    images, labels = tasks.last_shown(batches, policy, count=32)
    np.testing.assert_array_equal(labels, part.y_train[plan.source[-1]])
    once = [policy.apply(part.x_train, policy.draw(64, (1, k))).numpy() for k in range(3)]
    stored = np.stack(once)[plan.version[-1] - 1, plan.source[-1]]
    draws = [
        policy.draw(64, (1, v - 1)).numpy()[s] for v, s in zip(plan.on_top[-1], plan.source[-1], strict=True)
    ]
    np.testing.assert_allclose(images, policy.apply(stored, np.stack(draws)).numpy(), atol=1e-5)


def test_the_margin_and_the_part_of_mistakes_by_hand():
    p, labels = np.array([0.8, 0.8, 0.2]), np.array([1, 0, 0])
    watch = runs.Watch(np.zeros(2), np.array([1, 0]))
    row = watch(p, Data(None, None, None, labels), lambda images: np.array([0.5, 0.8]))
    assert row["val_margin"] == pytest.approx(np.log(4))
    assert row["val_loss_of_mistakes"] == pytest.approx(-np.log(0.2) / 3)
    assert row["shown_again_loss"] == pytest.approx(-(np.log(0.5) + np.log(0.2)) / 2)
    assert row["shown_again_margin"] == pytest.approx(np.log(4) / 2)
    np.testing.assert_allclose(watch.losses, [-np.log([0.8, 0.2, 0.8])])
    # Probabilities are clipped where Keras clips them, and nowhere before.
    sure = np.array([1e-5, 1 - 1e-5, 0.0])
    row = watch(sure, Data(None, None, None, np.array([1, 0, 1])), lambda images: sure[1:])
    assert watch.losses[-1] == pytest.approx([-np.log(1e-5), -np.log(1e-5), -np.log(1e-7)], rel=1e-4)
    assert row["val_margin"] == pytest.approx((2 * np.log(1e5) + np.log(1e7)) / 3, rel=1e-4)


def test_a_fifth_of_the_training_labels_is_flipped_and_validation_stays(few):
    part = subset(few, 512, 0)
    flipped, again, other = (runs._with_flipped_labels(part, replicate) for replicate in (0, 0, 1))
    assert (flipped.y_train != part.y_train).mean() == pytest.approx(0.2, abs=0.06)
    assert set(flipped.y_train.tolist()) == {0, 1}
    np.testing.assert_array_equal(again.y_train, flipped.y_train)
    assert (other.y_train != flipped.y_train).any()
    assert flipped.x_train is part.x_train and flipped.y_val is part.y_val


def test_runs_with_flipped_labels_learn_them():
    setting = LAW | {"regime": 6, "arm": "live"}
    plain, flipped = (runs.run(setting | {"dataset": name}) for name in ("few-garments", "garments-flipped"))
    assert flipped["summary"]["val_loss"] != plain["summary"]["val_loss"]
    assert flipped["summary"]["train_loss"] > plain["summary"]["train_loss"]


def spelled_out(name, updates):
    """A network of the law as plain Keras has it, from the weights of replicate 1."""
    network = (model.residual_model if name == "residual" else model.small_model)(seed=1)
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1 if name == "small-smoothing" else 0)
    if name == "residual":
        falling = keras.optimizers.schedules.CosineDecay(0.001, updates)
        network.compile(keras.optimizers.AdamW(falling, weight_decay=0.004), loss)
    elif name == "small-sgd":
        network.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss)
    elif name == "small-adamw":
        network.compile(keras.optimizers.AdamW(0.001, weight_decay=0.01), loss)
    else:
        network.compile(keras.optimizers.Adam(0.001), loss)
    return network


@pytest.mark.parametrize("name", ["small", "residual", "small-sgd", "small-adamw", "small-smoothing"])
def test_a_run_of_each_network_is_a_fit_in_plain_keras(few, name):
    result = runs.run(LAW | {"regime": 5, "model": name, "arm": "none"})
    part, network = subset(few, 64, 1), spelled_out(name, 20)
    for rows in arms.schedule("none", 64, 20, 1).source:
        network.train_on_batch(part.x_train[rows], part.y_train[rows])
    p = network.predict(few.x_val, verbose=0)[:, 0]
    assert result["records"][-1]["val_loss"] == pytest.approx(stats.log_loss(p, few.y_val), abs=5e-6)


def test_dropout_stands_before_the_last_layer_and_drops_half():
    network = runs.builder("small-dropout", 20)((28, 28, 1), seed=0)
    *_, before, last = network.layers
    assert [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)] == [before]
    assert isinstance(last, keras.layers.Dense)
    ones = np.ones((100, before.input.shape[1]), "float32")
    dropped = np.asarray(before(ones, training=True))
    assert np.mean(dropped == 0) == pytest.approx(0.5, abs=0.05) and dropped.max() == 2
    result = runs.run(LAW | {"regime": 5, "model": "small-dropout", "updates": 6})
    assert np.isfinite(list(result["summary"].values())).all()


@pytest.mark.parametrize("change", [{"rate": "quarter"}, {"rate": "fourfold"}, {"batch": 8}, {"batch": 16}])
def test_rates_and_batches_are_those_of_the_setting(few, change):
    result = runs.run(LAW | {"regime": 5, **change})
    rate = {"quarter": 0.00025, "fourfold": 0.004}.get(change.get("rate"))
    expected = compare.compare(
        few, ["copies-2"], named_policy("mild"), n=64, updates=20, replicates=[1], rate=rate,
        batch=change.get("batch", 32), show_progress=False, evaluate_at=runs.evaluations(20),
    )  # fmt: skip
    pd.testing.assert_frame_equal(pd.DataFrame(result["records"])[COLUMNS], expected[COLUMNS])


# A run that diverges


def explosive_model(input_shape=(28, 28, 1), seed=None):
    network = model.small_model(input_shape, seed)
    network.compile(keras.optimizers.SGD(1e30), "binary_crossentropy")
    return network


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_run_that_diverges_is_stored_and_refused_by_name_when_it_is_judged(monkeypatch, tmp_path):
    monkeypatch.setitem(model.MODELS, "explosive", explosive_model)
    settings = [SETTING | {"arm": arm, "model": name} for arm in ("none", "live") for name in ("small", "explosive")]
    path = tmp_path / "tried.csv"
    store.run_missing(settings, path, tasks.run_setting)
    store.collect(settings, path)
    curves = read_results(path)
    exploded = curves["model"] == "explosive"
    assert curves[exploded & (curves["update"] > 10)]["val_loss"].isna().all()
    assert curves[~exploded].notna().all(axis=None)
    assert pd.read_csv(path).set_index("model")["val_loss"].isna().to_dict() == {"small": False, "explosive": True}
    with pytest.raises(ValueError, match="^none diverged on replicate 1: its val_loss is no number"):
        compare.differences(compare.summarise(curves[exploded]), "live", "none")
    assert np.isfinite(compare.differences(compare.summarise(curves[~exploded]), "live", "none")).all()


def test_one_number_among_the_last_evaluations_is_no_mean():
    curves = pd.DataFrame({"arm": "live", "replicate": [0] * 5 + [1] * 5, "update": [92, 94, 96, 98, 100] * 2})
    for column in ("val_loss", "val_loss_even", "val_loss_odd"):
        curves[column] = [0.5, *[np.nan] * 4] + [0.5] * 5
    found = compare.summarise(curves).set_index("replicate")
    assert found.loc[0].drop("arm").isna().all() and found.loc[1, "val_loss"] == 0.5


# The program


@pytest.mark.parametrize("updates", [100, 400, 1000, 3000])
def test_every_budget_ends_with_five_evaluations_in_its_last_tenth(updates):
    found = tasks.table_updates(updates)
    assert found == sorted(set(found))
    assert found[-1] == updates
    for budget in {min(budget, updates) for budget in (500, 1000, updates)}:
        assert sum(0.9 * budget < update <= budget for update in found) == 5


def test_an_unknown_table_is_refused_in_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["experiments", "static-vs-live"])
    with pytest.raises(SystemExit) as stop:
        run.main()
    assert stop.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == f"python -m experiments: error: no table 'static-vs-live'; expected one of {', '.join(run.TABLES)}."


def test_collecting_moves_finished_runs_into_the_table_and_computes_nothing(monkeypatch, tmp_path):
    settings = [SETTING | {"replicate": replicate} for replicate in range(3)]
    path = tmp_path / "tried.csv"
    store.run_missing(settings[1:], path, tasks.run_setting)
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(run, "TABLES", {"tried": settings})
    monkeypatch.setattr(sys, "argv", ["experiments", "--collect", "tried"])
    run.main()
    table = read_results(path)
    assert sorted(set(table["replicate"])) == [1, 2]
    assert list(table.columns) == [*SETTING, *COLUMNS]
    assert store.missing(settings, path) == settings[:1]
