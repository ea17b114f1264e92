"""The comparison: only the arm differs, wrong data are refused, rows are paired by what they are."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import arms, compare, training
from helpers.augment import named_policy
from helpers.compare import differences, summarise
from helpers.data import Data, load_garments, subset
from helpers.model import small_model
from helpers.stats import stopped_loss
from trained import ROUNDING, assert_same_curve

N, UPDATES = 64, 20  # 2 batches an epoch, 10 epochs
POLICY = named_policy("wide")
SMALL = {"n": N, "updates": UPDATES, "show_progress": False}


@pytest.fixture(scope="module")
def garments():
    data = load_garments()
    return data._replace(x_val=data.x_val[:100], y_val=data.y_val[:100])


@pytest.fixture(scope="module")
def trainer():
    return training.trainer_for(small_model, (28, 28, 1), POLICY)  # that of ``compare``


def untrainable(*_args, **_options):
    raise AssertionError("a model was built")


def refusal(data, names="live", policy=POLICY, **options):
    """What ``compare`` says; it must say so before it builds a model."""
    with pytest.raises(ValueError) as error:
        compare.compare(data, names, policy, **{**SMALL, "build": untrainable, **options})
    text = str(error.value)
    assert "\n" not in text
    return text


# Only the arm differs


@pytest.mark.trained
def test_arms_of_one_schedule_differ_by_rounding_alone(garments):
    pairs = [("copies-10", "live"), ("fresh-5-5", "live")]
    names = ["copies-10", "fresh-5-5", "live", "copies-1"]
    curves = compare.compare(garments, names, POLICY, replicates=[0, 3], evaluate_at=[18, 20], **SMALL)
    assert list(curves.columns[:3]) == ["arm", "replicate", "update"]
    assert curves["replicate"].tolist() == [0] * 8 + [3] * 8
    runs = summarise(curves)
    for metric, pair in itertools.product(runs.columns.drop(["arm", "replicate"]), pairs):
        rounding = 1.01 / N if metric.endswith("accuracy") else ROUNDING  # stored or drawn, in two programs
        np.testing.assert_allclose(differences(runs, *pair, metric), 0, atol=rounding, err_msg=f"{metric} {pair}")
    real = differences(runs, "copies-1", "live", "shown_loss")
    assert real.shape == (2,)
    assert (abs(real) > 1e-3).all()
    assert real[0] != real[1]  # another replicate, another subset and other draws


@pytest.mark.trained
@pytest.mark.parametrize("name", ["pool-3", "pool-3+live", "originals+pool-3", "live-3/4"])
def test_compare_trains_each_replicate_on_its_own_subset_and_labels(trainer, garments, name):
    options = {"evaluate_at": [UPDATES], "decay": True}
    curves = compare.compare(garments, [name], POLICY, replicates=[0, 2], **SMALL, **options)
    for replicate in (0, 2):
        part, plan = subset(garments, N, replicate), arms.schedule(name, N, UPDATES, replicate)
        x, y = part.x_train, part.y_train
        # Pictures made one by one: no pool, so no mistake in numbering one.
        made = [x] + [POLICY.apply(x, POLICY.draw(N, (replicate, k))).numpy() for k in range(13)]
        images = np.stack(made)[plan.version, plan.source]
        if plan.on_top is not None:
            draws = np.stack([POLICY.draw(N, (replicate, k)).numpy() for k in range(13)])
            images = [
                POLICY.apply(batch, draws[on_top - 1, source]).numpy()
                for batch, on_top, source in zip(images, plan.on_top, plan.source, strict=True)
            ]
        batches = zip(images, y[plan.source], strict=True)
        expected = trainer.run(part, batches, UPDATES, replicate, **options)
        found = curves[curves["replicate"] == replicate].drop(columns=["arm", "replicate"])
        assert_same_curve(found.reset_index(drop=True), expected)


@pytest.mark.trained
@pytest.mark.parametrize("batch", [8, 64])
def test_the_batch_size_is_that_asked_for(trainer, garments, batch):
    curves = compare.compare(garments, ["copies-2"], POLICY, replicates=1, batch=batch, **SMALL)
    part, plan = subset(garments, N), arms.schedule("copies-2", N, UPDATES, 0, batch)
    assert plan.source.shape == (UPDATES, batch)
    batches = arms.drawn_batches(part.x_train, part.y_train, plan, POLICY, 0)
    expected = trainer.run(part, batches, UPDATES)
    assert_same_curve(curves.drop(columns=["arm", "replicate"]), expected)


@pytest.mark.trained
def test_metrics_become_columns_and_change_no_other(garments):
    def confidence(p, data, predict):
        np.testing.assert_allclose(p, predict(data.x_val), atol=1e-5)
        return {"confidence": float(np.mean(np.maximum(p, 1 - p))), "images": len(data.x_train)}

    plain, more = (
        compare.compare(garments, ["none"], None, replicates=1, evaluate_at=[20], metrics=metrics, **SMALL)
        for metrics in (None, confidence)
    )
    assert_same_curve(more[plain.columns], plain)
    assert more["confidence"].between(0.5, 1).all() and (more["images"] == N).all()


@pytest.mark.trained
def test_whole_numbers_of_numpy_arrays_of_them_and_any_iterable_are_taken(garments):
    options = {"n": np.int64(N), "updates": np.int32(4), "show_progress": False}
    expected = compare.compare(garments, ["none"], None, replicates=2, evaluate_at=np.array([2, 4]), **options)
    assert expected["update"].tolist() == [2, 4] * 2
    for replicates in (np.int64(2), np.arange(2), (0, 1), iter([0, 1])):
        evaluate_at = (update for update in (2, 4))
        found = compare.compare(garments, "none", None, replicates=replicates, evaluate_at=evaluate_at, **options)
        assert_same_curve(found, expected)


@pytest.mark.trained
def test_images_of_double_precision_and_labels_of_any_kind_train_alike(garments):
    part = subset(garments, N)
    images = {"x_train": part.x_train.astype(np.float64), "x_val": part.x_val.astype(np.float64)}
    other = Data(**images, y_train=part.y_train.astype(bool), y_val=part.y_val.tolist())
    options = {**SMALL, "replicates": 1}
    expected, found = (compare.compare(data, ["copies-2"], POLICY, **options) for data in (part, other))
    assert_same_curve(found, expected)


# Wrong data


def broken(images, value):
    images = images.copy()
    images[[7, 9], 3, 3, 0] = value
    return images


WRONG = {
    "NaN in validation": (
        lambda d: d._replace(x_val=broken(d.x_val, np.nan)),
        "x_val holds NaN or infinite values in 2 images (first: 7); remove or repair them.",
    ),
    "fewer labels": (
        lambda d: d._replace(y_train=d.y_train[:-1]),
        "y_train has shape (11999,) for 12000 images; expected one label for each.",
    ),
    "three classes": (
        lambda d: d._replace(y_train=np.arange(12_000) % 3),
        "y_train holds the labels [0, 1, 2]; expected two classes, 0 and 1.",
    ),
    "-1 and 1": (
        lambda d: d._replace(y_train=2 * d.y_train - 1),
        "y_train holds the labels [-1, 1]; expected two classes, 0 and 1.",
    ),
    "bytes": (
        lambda d: d._replace(x_train=(255 * d.x_train).astype("uint8")),
        "x_train is uint8 of shape (12000, 28, 28, 1); expected floats (n, height, width, channels).",
    ),
    "no channels": (
        lambda d: d._replace(x_val=d.x_val[..., 0]),
        "x_val is float32 of shape (100, 28, 28); expected floats (n, height, width, channels).",
    ),
    "two sizes": (
        lambda d: d._replace(x_val=d.x_val[:, :20]),
        "x_train has images of shape (28, 28, 1), x_val of (20, 28, 1); expected one shape.",
    ),
    "a tuple": (tuple, "data is a tuple; expected helpers.data.Data, as its loaders return."),
}


@pytest.mark.parametrize(("change", "expected"), WRONG.values(), ids=WRONG)
def test_data_that_two_classes_can_not_be_learnt_from_are_refused(garments, change, expected):
    assert refusal(change(garments)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"n": 64.0}, "n is 64.0; expected a whole number, 1 or more."),
        ({"n": 100}, "n is 100; expected a multiple of the batch size 32."),
        ({"batch": 24}, "n is 64; expected a multiple of the batch size 24."),
        ({"policy": None}, "policy is None, but the arms augment; expected a RandomAffine."),
        ({"policy": "mild"}, "policy is 'mild', but the arms augment; expected a RandomAffine."),
        (
            {"names": ["none", "live"], "policy": None},
            "policy is None, but the arms augment; expected a RandomAffine.",
        ),
        ({"names": []}, "arms is empty; expected one name or more."),
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_before_a_model_is_built(garments, options, expected):
    assert refusal(garments, **options) == expected


def test_an_unknown_arm_is_refused_before_those_in_front_of_it_train(garments):
    text = refusal(garments, ["none", "live", "copies+4"])
    assert text.startswith("arm is 'copies+4'; expected none, copies-K, originals+K")


@pytest.mark.parametrize(
    "replicates", [0, -1, [], 2.0, True, None, "2", [0, -1], [0.0], [True], np.array([0.5])]
)
def test_replicates_that_are_none_are_refused(garments, replicates):
    expected = f"replicates is {replicates!r}; expected how many (1 or more), or their numbers, from 0 on."
    assert refusal(garments, replicates=replicates) == expected


def test_a_replicate_given_twice_is_refused(garments):
    assert refusal(garments, replicates=[1, 0, 1]) == "replicates is [1, 0, 1]; expected each number once."


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"updates": 0}, "updates is 0; expected a whole number, 1 or more."),
        ({"updates": 2.0}, "updates is 2.0; expected a whole number, 1 or more."),
        ({"n": 12_032}, "n is 12032; expected a whole number from 2 to 12,000."),
    ],
)
def test_other_wrong_settings_are_refused(garments, options, expected):
    assert refusal(garments, **options, build=small_model) == expected


# Summaries

METRICS = ["val_loss", "val_loss_even", "val_loss_odd"]
LOSSES = st.floats(0, 8, allow_subnormal=False)


@st.composite
def tables(draw):
    """Curves of some arms and replicates that end at one update, but may be evaluated at others before."""
    last = draw(st.integers(1, 500))
    rows = []
    runs = st.tuples(st.sampled_from(["live", "none", "copies-1", "copies-10"]), st.integers(0, 30))
    for arm, replicate in draw(st.lists(runs, min_size=1, max_size=5, unique=True)):
        for update in sorted(draw(st.sets(st.integers(1, last), max_size=5)) | {last}):
            losses = {metric: draw(LOSSES) for metric in METRICS}
            rows.append({"arm": arm, "replicate": replicate, "update": update, **losses})
    return pd.DataFrame(rows)


@settings(max_examples=25, deadline=None)
@given(curves=tables())
def test_a_summary_has_each_run_once_with_its_own_numbers_whatever_the_order_of_rows(curves):
    found = summarise(curves.sample(frac=1, random_state=0)).set_index(["arm", "replicate"])
    groups = curves.groupby(["arm", "replicate"])
    assert set(found.index) == set(groups.groups) and found.index.is_unique
    for run, part in groups:
        late = part[part["update"] > 0.9 * curves["update"].max()]
        np.testing.assert_allclose(found.loc[run, METRICS].astype(float), late[METRICS].mean())
        stopped = stopped_loss(part["val_loss_even"], part["val_loss_odd"])
        assert found.loc[run, "val_loss_stopped"] == stopped


def test_summary_is_the_mean_over_the_last_tenth_and_the_honest_stop():
    curves = pd.DataFrame(
        {
            "arm": "live",
            "replicate": 0,
            "update": [50, 90, 95, 100],
            "val_loss": [0.1, 0.2, 0.5, 0.7],
            "val_loss_even": [0.3, 0.1, 0.1, 0.5],  # smallest at 90 for the first time, where odd is 0.6
            "val_loss_odd": [0.2, 0.6, 0.4, 0.5],  # smallest at 50, where even is 0.3
        }
    )
    other = curves.assign(arm="a-first-by-name", replicate=1, val_loss=1.0)
    summary = summarise(pd.concat([curves[::-1], other]))
    assert summary["arm"].tolist() == ["live", "a-first-by-name"]
    assert summary["replicate"].tolist() == [0, 1]
    np.testing.assert_allclose(summary["val_loss"], [0.6, 1.0])
    np.testing.assert_allclose(summary["val_loss_stopped"], [0.45, 0.45])


def test_rows_that_stand_there_twice_count_once():
    curves = pd.DataFrame({
        "arm": "live", "replicate": 0, "update": [95, 100], "val_loss": [0.4, 0.6],
        "val_loss_even": [0.4, 0.6], "val_loss_odd": [0.4, 0.6],
    })  # fmt: skip
    expected = summarise(curves)
    pd.testing.assert_frame_equal(summarise(pd.concat([curves, curves.iloc[:1]])), expected)
    twice = pd.concat([expected, expected, expected.assign(arm="none")])
    assert differences(twice, "live", "none").tolist() == [0.0]


def test_runs_of_different_lengths_are_refused():
    curves = pd.DataFrame({
        "arm": ["live", "none"], "replicate": 0, "update": [400, 3000], "val_loss": 0.5,
        "val_loss_even": 0.5, "val_loss_odd": 0.5,
    })  # fmt: skip
    with pytest.raises(ValueError) as error:
        summarise(curves)
    expected = (
        "runs end after different numbers of updates (live 400, none 3000); cut them to one number first."
    )
    assert str(error.value) == expected


def test_no_rows_are_refused():
    curves = pd.DataFrame({"arm": ["live"], "replicate": 0, "update": 1, "val_loss": 0.5})
    with pytest.raises(ValueError, match="^there are no rows to summarise"):
        summarise(curves[curves["arm"] == "life"])


def test_rows_of_different_experiments_are_not_mixed():
    runs = pd.DataFrame({"arm": "live", "replicate": 0, "update": 100, "val_loss": [0.5, 0.4]})
    for mixed in (summarise, lambda table: differences(table, "live", "live")):
        with pytest.raises(ValueError, match="^several rows have the same arm, replicate") as error:
            mixed(runs)
        assert "\n" not in str(error.value)


# Differences

RUNS = pd.DataFrame({
    "arm": ["live", "none", "none", "live"],
    "replicate": [0, 1, 0, 1],
    "val_loss": [0.5, 0.9, 0.7, 0.6],
})  # fmt: skip


def test_differences_pair_by_replicate():
    np.testing.assert_allclose(differences(RUNS, "live", "none"), [-0.2, -0.3])
    np.testing.assert_allclose(differences(RUNS, "none", "live"), [0.2, 0.3])
    assert differences(RUNS, "live", "live").tolist() == [0, 0]
    with pytest.raises(ValueError, match="^no arm 'copies-1'; the table has live, none.$"):
        differences(RUNS, "live", "copies-1")
    with pytest.raises(ValueError, match="^live and none were not run on the same replicates.$"):
        differences(RUNS.iloc[:3], "live", "none")
