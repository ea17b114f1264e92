"""The comparison: only the method differs, wrong data are refused, rows are paired by what they are."""

import functools

import keras
import numpy as np
import pandas as pd
import pytest

from helpers import compare, methods
from helpers.augment import RandomAffine
from helpers.compare import HALVES, summarise
from helpers.data import subset
from helpers.model import small_model
from helpers.policies import POLICIES
from helpers.stats import paired_interval
from refusals import refusal
from training_runs import SHAPE, assert_same_curve, noise, trainer_for

N, UPDATES = 64, 20  # 2 batches an epoch, 10 epochs
POLICY = RandomAffine(**POLICIES["article"])
compare_some = functools.partial(compare.compare, n=N, updates=UPDATES)


@pytest.fixture
def data(monkeypatch):
    # It is compiled once for all tests.
    monkeypatch.setattr(compare, "Trainer", trainer_for)
    return noise(400, 100)


# Only the method differs


@pytest.mark.trained
def test_compare_trains_each_arm_and_replicate_as_the_loop_does_on_its_own_subset_and_labels(data):
    curves = compare_some(
        data, ["copies-3", "live"], POLICY, replicates=[0, 2], evaluate_at=[18, 20]
    )
    assert list(curves.columns[:3]) == ["method", "replicate", "update"]
    assert curves["replicate"].tolist() == [0] * 4 + [2] * 4
    trainer = trainer_for(small_model, SHAPE, POLICY)
    for (replicate, name), rows in curves.groupby(["replicate", "method"]):
        part, plan = subset(data, N, replicate), methods.schedule(name, N, UPDATES, replicate)
        made = methods.make_batches(part.x_train, part.y_train, plan, POLICY)
        expected = trainer.run(part, made, UPDATES, replicate, [18, 20])
        found = rows.drop(columns=["method", "replicate"]).reset_index(drop=True)
        assert_same_curve(found, expected)


@pytest.mark.trained
def test_lists_and_doubles_are_taken_and_another_builder_is_called(data):
    some = functools.partial(compare_some, updates=4, replicates=1)
    plain = some(data, "none", POLICY, evaluate_at=[2, 4])
    other = data._replace(x_train=data.x_train.astype(float), y_val=data.y_val.tolist())
    found = some(other, ["none"], POLICY, evaluate_at=np.array([2, 4]))
    assert_same_curve(found[plain.columns], plain)

    def build(shape, seed):
        return small_model(shape, seed + 1)

    another = some(data, "none", POLICY, build=build, evaluate_at=[4])
    assert abs(another["val_loss"][0] - plain["val_loss"][1]) > 1e-3


# Wrong data and settings, before a model is built


def with_nan(data):
    images = data.x_val.copy()
    images[[7, 57]] = np.nan
    return data._replace(x_val=images)


WRONG = [
    (with_nan, "x_val holds NaN or infinite values"),
    (lambda d: d._replace(y_train=d.y_train[:-1]), "y_train has shape (399,) for 400 images"),
    (lambda d: d._replace(y_val=np.zeros(100, int)), "y_val holds the labels [0]"),
    (lambda d: d._replace(x_train=(255 * d.x_train).astype("uint8")), "x_train is uint8"),
    (lambda d: d._replace(x_val=d.x_val[..., 0]), "x_val is float32 of shape (100, 12, 12)"),
    (lambda d: d._replace(x_val=d.x_val[:, :10]), "x_train has shape (400, 12, 12, 1), x_val"),
    (
        lambda d: d._replace(x_train=np.ceil(d.x_train), x_val=255 * d.x_val),
        "x_train reaches to 1, x_val to 255; expected one scale",
    ),
]
ODD = [
    ({"n": 100}, "n is 100; expected a multiple of the batch size 32"),
    ({"updates": 0}, "updates is 0; expected 1 or more"),
    ({"policy": keras.layers.RandomFlip()}, "policy is a RandomFlip; expected a RandomAffine"),
    ({"methods": []}, "methods are []; expected one or more"),
    ({"methods": ["none", "live", "copies+4"]}, "method is 'copies+4'; expected none"),
    ({"methods": ["live", "none", "live"]}, "methods are ['live', 'none', 'live']; expected"),
    ({"build": small_model, "evaluate_at": [4]}, "evaluate_at is [4]; expected updates"),
    ({"replicates": 0}, "replicates are []; expected one or more"),
    ({"replicates": [1, 0, 1]}, "replicates are [1, 0, 1]; expected one or more, and none"),
]


def test_data_that_two_classes_can_not_be_learnt_from_and_wrong_settings_are_refused(data):
    for change, said in WRONG:
        assert refusal(compare_some, change(data), "live", POLICY, build=None).startswith(said)
    for options, said in ODD:
        given = {"methods": "live", "policy": POLICY, "build": None} | options
        assert refusal(compare_some, data, **given).startswith(said)


# Summaries


def rows(**columns):
    """Curves of one live run, of two evaluations."""
    losses = [0.4, 0.6]
    run = {
        "method": "live",
        "policy": "mild",
        "replicate": 0,
        "update": [95, 100],
        "val_loss": losses,
        "val_loss_even": losses,
        "val_loss_odd": losses,
    }
    return pd.DataFrame(run | columns)


def test_a_summary_is_the_mean_over_the_last_tenth_and_the_honest_stop_of_each_run_whatever_the_order_of_rows():
    # Even is smallest at 90 for the first time, where odd is 0.6, and odd at 50, where even is 0.3.
    curves = rows(
        update=[50, 90, 95, 98, 100],
        val_loss=[0.1, 0.2, 0.5, 0.4, 0.9],  # of the last three the median is no mean
        val_loss_even=[0.3, 0.1, 0.1, 0.5, 0.5],
        val_loss_odd=[0.2, 0.6, 0.4, 0.5, 0.5],
    )
    other = rows(method="a-first-by-name", replicate=1, update=[10, 100], val_loss=[7.0, 1.0])
    summary = summarise(pd.concat([curves[::-1], other]))
    assert summary["method"].tolist() == ["live", "a-first-by-name"]
    assert summary["replicate"].tolist() == [0, 1]
    np.testing.assert_allclose(summary["val_loss"], [0.6, 1.0])
    np.testing.assert_allclose(summary["val_loss_stopped"], [0.45, 0.4])


def test_rows_that_stand_there_twice_count_once_and_a_run_that_diverged_has_no_mean():
    curves = rows()
    expected = summarise(curves)
    pd.testing.assert_frame_equal(summarise(pd.concat([curves, curves.iloc[:1]])), expected)
    diverged = summarise(pd.concat([rows(val_loss=[0.4, np.nan]), rows(method="none")]))
    assert diverged["val_loss"].isna().tolist() == [True, False]
    difference = diverged.pivot(index="replicate", columns="method", values="val_loss").diff(axis=1)
    assert "found 0 number(s)" in refusal(paired_interval, difference["none"])


def test_curves_without_halves_are_summarised_and_what_has_no_one_mean_is_refused():
    plain = rows().drop(columns=HALVES)
    assert summarise(plain)["val_loss"].tolist() == [0.5] and "val_loss_stopped" not in summarise(
        plain
    )
    lengths = [rows(update=[380, 400]), rows(method="none", update=[2900, 3000])]
    assert "[400, 3000] updates; expected one" in refusal(summarise, pd.concat(lengths))
    assert "found 0 rows, none or several" in refusal(summarise, rows().iloc[:0])
    assert "found 2 rows, none or several" in refusal(summarise, rows(update=100))


@pytest.mark.parametrize("setting", ["dataset", "n", "policy", "model", "rate"])
def test_rows_of_two_settings_are_refused_also_where_no_replicate_has_both(setting):
    one = rows(**{setting: 1})
    other = rows(**{setting: 2}, replicate=1)
    said = refusal(summarise, pd.concat([one, other]))
    assert said.startswith(f"found rows that differ in {setting}; expected one")
