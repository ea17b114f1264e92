"""The comparison: what each arm shows, that the loop is fit's, and that nothing else differs."""

import itertools
from fractions import Fraction

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from helpers import training
from helpers.augment import IDENTITY, RandomAffine
from helpers.data import load_garments, subset
from helpers.model import article_model
from helpers.results import POLICIES
from helpers.training import Arm, Trainer, parse_arm, schedule

N, UPDATES = 64, 20  # 2 batches an epoch, 10 epochs
EPOCHS = 10
EVERY_KIND = ["none", "copies-3", "originals+3", "pool-3", "live", "live-3/4"]
SYNCHRONOUS = [arm for arm in EVERY_KIND if arm != "pool-3"]  # one picture a source and epoch
STRONG = RandomAffine(**POLICIES["article"])
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # thousands, from ImageDataGenerator


@pytest.fixture(scope="module")
def garments():
    data = load_garments()
    return data._replace(x_val=data.x_val[:300], y_val=data.y_val[:300])


@pytest.fixture(scope="module")
def part(garments):
    return subset(garments, N)


@pytest.fixture(scope="module")
def trainer():
    return training.trainer_for(article_model, (28, 28, 1), STRONG)  # that of ``compare``


def by_epoch(plan, n=N):
    """Source numbers and versions, (epochs, n)."""
    return plan.source.reshape(-1, n), plan.version.reshape(-1, n)


def train(trainer, part, arm, make=training.drawn_batches, replicate=0, **options):
    """The curve and the final weights of one short run."""
    batches = make(part.x_train, part.y_train, schedule(arm, N, UPDATES, replicate), STRONG, replicate)
    curve = trainer.run(part, batches, UPDATES, replicate, evaluate_at=[10, UPDATES], **options)
    return curve, weights(trainer.model)


def weights(model):
    return np.concatenate([w.ravel() for w in model.get_weights()])


def message(error):
    """The error's text, which must be short enough to be read."""
    text = str(error.value)
    assert "\n" not in text
    assert len(text) < 200
    return text


# What each arm shows


@pytest.mark.parametrize("arm", EVERY_KIND)
@pytest.mark.parametrize("updates", [1, 17, 20])
def test_every_arm_has_exactly_the_updates_asked_for_in_full_batches(arm, updates):
    plan = schedule(arm, N, updates)
    assert plan.source.shape == plan.version.shape == (updates, 32)
    assert plan.source.min() >= 0
    assert plan.source.max() < N


@pytest.mark.parametrize("arm", SYNCHRONOUS)
def test_every_source_comes_exactly_once_an_epoch(arm):
    source, _ = by_epoch(schedule(arm, N, UPDATES))
    assert (np.sort(source, axis=1) == np.arange(N)).all()


def test_arms_share_the_order_of_sources_within_a_replicate_only():
    orders = [schedule(arm, N, UPDATES, replicate=1).source for arm in SYNCHRONOUS]
    assert all((order == orders[0]).all() for order in orders)
    assert (schedule("none", N, UPDATES, replicate=2).source != orders[0]).mean() > 0.9
    first, second = by_epoch(schedule("none", N, UPDATES))[0][:2]
    assert (first != second).mean() > 0.8  # shuffled anew each epoch


def test_none_shows_originals_only():
    assert not schedule("none", N, UPDATES).version.any()


@pytest.mark.parametrize("k", [1, 3, 4])
def test_copies_show_copy_after_copy_and_never_an_original(k):
    _, version = by_epoch(schedule(f"copies-{k}", N, UPDATES))
    assert (version == 1 + np.arange(EPOCHS)[:, None] % k).all()


def test_as_many_copies_as_epochs_is_live():
    static, live = schedule("copies-10", N, UPDATES), schedule("live", N, UPDATES)
    assert (static.source == live.source).all()
    assert (static.version == live.version).all()
    assert (schedule("copies-9", N, UPDATES).version != live.version).any()


@pytest.mark.parametrize("k", [1, 3, 4])
def test_originals_and_copies_show_every_version_of_every_source_once_a_cycle(k):
    source, version = by_epoch(schedule(f"originals+{k}", N, updates=2 * 2 * (k + 1)))
    for cycle in (slice(0, k + 1), slice(k + 1, None)):
        shown = zip(source[cycle].ravel(), version[cycle].ravel(), strict=True)
        assert sorted(shown) == list(itertools.product(range(N), range(k + 1)))


@pytest.mark.parametrize("k", [1, 4])
def test_originals_are_spread_evenly_over_the_batches(k):
    clean = (schedule(f"originals+{k}", 512, updates=16 * (k + 1)).version == 0).mean(axis=1)
    share = 1 / (k + 1)
    assert clean.mean() == pytest.approx(share)
    # With one common clock a batch would hold all originals or none.
    spread = np.sqrt(share * (1 - share) / 32)
    assert abs(clean - share).max() < 5 * spread


def test_live_never_repeats_a_picture():
    plan = schedule("live", N, UPDATES)
    pictures = set(zip(plan.source.ravel(), plan.version.ravel(), strict=True))
    assert len(pictures) == plan.source.size
    assert plan.version.min() == 1


@pytest.mark.parametrize("share", ["0", "1/2", "4/5", "1"])
def test_partly_live_shows_the_stated_share_of_originals_and_else_what_live_shows(share):
    plan, full = (schedule(arm, 512, updates=320) for arm in (f"live-{share}", "live"))
    p = float(Fraction(share))
    clean = plan.version == 0
    assert clean.mean() == pytest.approx(1 - p, abs=5 * np.sqrt(p * (1 - p) / clean.size))
    assert (plan.version[~clean] == full.version[~clean]).all()
    if 0 < p < 1:  # drawn image by image, not batch by batch, and anew each epoch
        by_source = np.bincount(plan.source[clean], minlength=512) / 20
        assert clean.mean(axis=1).std() < 2 * np.sqrt(p * (1 - p) / 32)
        assert by_source.std() < 2 * np.sqrt(p * (1 - p) / 20)


def test_pool_shows_every_copy_once_a_pass_in_another_order_each_time():
    plan = schedule("pool-3", N, updates=12)  # two passes
    first, second = (
        list(zip(source.ravel(), version.ravel(), strict=True))
        for source, version in zip(np.split(plan.source, 2), np.split(plan.version, 2), strict=True)
    )
    assert sorted(first) == sorted(second) == list(itertools.product(range(N), (1, 2, 3)))
    assert first != second


def test_pool_mixes_copies_within_a_batch_and_makes_siblings():
    plan = schedule("pool-3", N, UPDATES)
    assert all(len(set(row)) == 3 for row in plan.version.tolist())
    assert any(len(set(row)) < 32 for row in plan.source.tolist())


@pytest.mark.parametrize("n", [0, 16, 100])
def test_a_number_of_images_that_leaves_a_remainder_is_refused(n):
    with pytest.raises(ValueError) as error:
        schedule("live", n, UPDATES)
    assert message(error) == f"n is {n}; expected a multiple of the batch size 32."


@pytest.mark.parametrize(
    ("name", "arm"),
    [
        ("none", Arm("none")),
        ("copies-4", Arm("copies", 4)),
        ("originals+16", Arm("originals", 16)),
        ("pool-4", Arm("pool", 4)),
        ("live", Arm("live")),
        ("live-4/5", Arm("live", p=4 / 5)),
        ("live-16/17", Arm("live", p=16 / 17)),
        ("live-0", Arm("live", p=0)),
    ],
)
def test_names_of_arms(name, arm):
    assert parse_arm(name) == arm


@pytest.mark.parametrize(
    "name",
    [
        "", "static", "none-4", "copies", "copies-0", "copies-1.5", "originals+-1", "pool-x",
        "live-6/5", "live-0/0",
    ],
)
def test_other_names_are_refused(name):
    for use in (parse_arm, lambda name: schedule(name, N, UPDATES)):
        with pytest.raises(ValueError) as error:
            use(name)
        assert message(error).startswith(f"arm is {name!r}; expected none, copies-K, originals+K")


@pytest.mark.parametrize("replicate", [0, 3])
def test_a_version_is_drawn_from_replicate_and_version_alone(part, replicate):
    for arm in ("live", "copies-2", "originals+3"):
        plan = schedule(arm, N, UPDATES, replicate)
        batches = training.drawn_batches(part.x_train, part.y_train, plan, STRONG, replicate)
        for version in np.unique(plan.version):
            expected = np.tile(IDENTITY, (N, 1))
            if version:
                expected = STRONG.draw(N, (replicate, version - 1)).numpy()
            there = plan.version == version
            assert (batches.parameters[there] == expected[plan.source[there]]).all()


@pytest.mark.parametrize(
    ("arm", "pictures"), [("none", 1), ("copies-2", 2), ("originals+2", 3), ("live", EPOCHS)]
)
def test_number_of_different_pictures_of_one_source(part, arm, pictures):
    plan = schedule(arm, N, UPDATES)
    for make in (training.drawn_batches, training.stored_batches):
        batches = make(part.x_train, part.y_train, plan, STRONG, 0)
        shown = batches.images[batches.rows[plan.source == 7]]
        if batches.parameters is not None:
            shown = STRONG.apply(shown, batches.parameters[plan.source == 7]).numpy()
        assert len(np.unique(shown, axis=0)) == pictures


# Bit for bit


@pytest.mark.parametrize("arm", ["copies-2", "originals+3"])
def test_a_stored_pool_and_pictures_drawn_when_needed_train_the_same_model(trainer, part, arm):
    stored = train(trainer, part, arm, training.stored_batches)
    drawn = train(trainer, part, arm, training.drawn_batches)
    assert (stored[1] == drawn[1]).all()
    pd.testing.assert_frame_equal(stored[0], drawn[0], check_exact=True)


def test_live_is_static_with_as_many_copies_as_epochs_and_not_with_fewer(trainer, part):
    _, live = train(trainer, part, "live")
    assert (train(trainer, part, "copies-10", training.stored_batches)[1] == live).all()
    fewer = train(trainer, part, "copies-5", training.stored_batches)[1]
    assert abs(fewer - live).max() > 1e-3


# The loop is fit's


@pytest.mark.parametrize("decay", [False, True], ids=["constant", "decay"])
def test_the_loop_does_what_fit_does(trainer, part, decay):
    batches = training.stored_batches(
        part.x_train, part.y_train, schedule("live", N, UPDATES), STRONG, replicate=0
    )
    curve = trainer.run(part, batches, UPDATES, evaluate_at=[UPDATES], decay=decay).iloc[0]

    rate = keras.optimizers.schedules.PolynomialDecay(0.001, UPDATES, end_learning_rate=0)
    optimizer = keras.optimizers.Adam(rate) if decay else "adam"
    model = article_model(seed=0)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    rows = batches.rows.ravel()
    fit = model.fit(
        batches.images[rows], batches.labels[rows], batch_size=32, shuffle=False, verbose=0,
        validation_data=(part.x_val, part.y_val),
    ).history  # fmt: skip
    np.testing.assert_allclose(weights(trainer.model), weights(model), atol=1e-6, rtol=0)
    assert curve["shown_loss"] == pytest.approx(fit["loss"][0], abs=1e-5)
    assert curve["shown_accuracy"] == pytest.approx(fit["accuracy"][0], abs=1e-5)
    assert curve["val_loss"] == pytest.approx(fit["val_loss"][0], abs=1e-5)
    assert curve["val_accuracy"] == pytest.approx(fit["val_accuracy"][0], abs=1e-5)


def test_losses_are_measured_on_clean_images(trainer, part):
    curve, _ = train(trainer, part, "live")
    model = article_model()
    model.set_weights(trainer.model.get_weights())
    model.compile(loss="binary_crossentropy", metrics=["accuracy"])
    for name, x, y in (("train", part.x_train, part.y_train), ("val", part.x_val, part.y_val)):
        loss, accuracy = model.evaluate(x, y, verbose=0)
        assert curve[f"{name}_loss"].iloc[-1] == pytest.approx(loss, abs=1e-5)
        assert curve[f"{name}_accuracy"].iloc[-1] == pytest.approx(accuracy, abs=1e-5)
        augmented, _ = model.evaluate(STRONG(x), y, verbose=0)
        assert abs(augmented - loss) > 1e-3  # the test would notice


def test_further_sets_are_read_without_changing_the_run(trainer, part):
    plain, _ = train(trainer, part, "none")
    also = {"same": (part.x_val, part.y_val), "swapped": (part.x_val, 1 - part.y_val)}
    curve, _ = train(trainer, part, "none", also=also)
    pd.testing.assert_frame_equal(curve[plain.columns], plain)
    np.testing.assert_array_equal(curve["same_loss"], curve["val_loss"])
    np.testing.assert_allclose(curve["swapped_accuracy"], 1 - curve["val_accuracy"])


def test_halves_of_the_validation_images_average_to_the_whole(trainer, part):
    curve, _ = train(trainer, part, "none")
    halves = (curve["val_loss_even"] + curve["val_loss_odd"]) / 2
    np.testing.assert_allclose(halves, curve["val_loss"])
    assert (curve["val_loss_even"] != curve["val_loss_odd"]).all()


# Only the arm differs


def test_a_reused_trainer_gives_the_run_of_a_fresh_one(trainer, part):
    train(trainer, part, "live", replicate=5, decay=True)
    reused = train(trainer, part, "copies-2", replicate=1)
    fresh = train(Trainer(policy=STRONG), part, "copies-2", replicate=1)
    assert (reused[1] == fresh[1]).all()
    pd.testing.assert_frame_equal(reused[0], fresh[0], check_exact=True)


def test_initial_weights_belong_to_the_replicate(trainer, part):
    starts = []
    for replicate in (0, 1, 0):
        train(trainer, part, "live")
        trainer.reset(replicate)
        starts.append(weights(trainer.model))
    assert (starts[0] == starts[2]).all()
    assert (starts[0] != starts[1]).any()


def test_arms_of_one_schedule_differ_by_exactly_zero(garments):
    same = ["copies-10", "live", "none", "live-0"]
    curves = training.compare(
        garments, [*same, "copies-1"], STRONG, N, UPDATES, [0, 3], evaluate_at=[18, 20], show_progress=False
    )
    assert list(curves.columns[:3]) == ["arm", "replicate", "update"]
    runs = training.summarise(curves)
    for metric in runs.columns.drop(["arm", "replicate"]):
        assert not training.differences(runs, "copies-10", "live", metric).any(), metric
        assert not training.differences(runs, "none", "live-0", metric).any(), metric
    real = training.differences(runs, "copies-1", "live", "shown_loss")
    assert real.shape == (2,)
    assert (abs(real) > 1e-3).all()
    assert real[0] != real[1]  # another replicate, another subset and other draws


def test_compare_trains_each_replicate_on_its_own_subset(trainer, garments):
    options = {"evaluate_at": [UPDATES], "decay": True}
    curves = training.compare(
        garments, ["live"], STRONG, N, UPDATES, replicates=2, show_progress=False, **options
    )
    for replicate in (0, 1):
        part, plan = subset(garments, N, replicate), schedule("live", N, UPDATES, replicate)
        batches = training.drawn_batches(part.x_train, part.y_train, plan, STRONG, replicate)
        expected = trainer.run(part, batches, UPDATES, replicate, **options)
        found = curves[curves["replicate"] == replicate].drop(columns=["arm", "replicate"])
        pd.testing.assert_frame_equal(found.reset_index(drop=True), expected, check_exact=True)


# Any source of batches


def test_batches_of_a_dataset_with_labels_in_a_column_train_as_arrays_do(trainer, part):
    rows = np.resize(np.arange(N), (UPDATES, 32))
    arrays = training.Batches(part.x_train, part.y_train, rows, None)
    trainer.run(part, arrays, UPDATES)
    expected = weights(trainer.model)
    dataset = tf.data.Dataset.from_tensor_slices((part.x_train, part.y_train[:, None]))
    trainer.run(part, dataset.repeat().batch(32), UPDATES)
    assert (weights(trainer.model) == expected).all()


def test_image_data_generator_trains(trainer, part):
    generator = tf.keras.preprocessing.image.ImageDataGenerator(**POLICIES["article"])
    flow = generator.flow(part.x_train, part.y_train, batch_size=32, seed=0)
    curve = trainer.run(part, flow, updates=200, evaluate_at=[20, 200])
    assert curve["update"].tolist() == [20, 200]
    assert curve["train_loss"].iloc[1] < curve["train_loss"].iloc[0] - 0.02


@pytest.mark.parametrize("sizes", [[32] * 19, [32] * 19 + [16], [16] * 20, []])
def test_too_few_batches_or_a_partial_one_are_refused(trainer, part, sizes):
    batches = [(part.x_train[:size], part.y_train[:size]) for size in sizes]
    with pytest.raises(ValueError) as error:
        trainer.run(part, batches, UPDATES, evaluate_at=[19, 20])  # the last stretch is one batch
    assert "full batches of 32" in message(error)


def test_a_schedule_shorter_than_the_run_is_refused(trainer, part):
    plan = schedule("none", N, UPDATES // 2)
    batches = training.drawn_batches(part.x_train, part.y_train, plan, STRONG, 0)
    with pytest.raises(ValueError) as error:
        trainer.run(part, batches, UPDATES)
    assert message(error).startswith("found 10 batches; expected")


@pytest.mark.parametrize("evaluate_at", [[], [0, UPDATES], [UPDATES // 2], [UPDATES, UPDATES + 1]])
def test_evaluations_outside_the_run_are_refused(trainer, part, evaluate_at):
    batches = [(part.x_train[:32], part.y_train[:32])] * UPDATES
    with pytest.raises(ValueError) as error:
        trainer.run(part, batches, UPDATES, evaluate_at=evaluate_at)
    assert message(error) == f"evaluate_at is {evaluate_at}; expected updates from 1 on, the last {UPDATES}."


def test_evaluations_may_be_any_iterable_and_hold_for_every_run(garments):
    mild = RandomAffine(**POLICIES["mild"])
    options = {"n": N, "updates": 4, "replicates": 2, "show_progress": False}
    for evaluate_at in (np.array([2, 4]), (u for u in (2, 4))):
        curves = training.compare(garments, ["none"], mild, evaluate_at=evaluate_at, **options)
        assert curves["update"].tolist() == [2, 4, 2, 4]


def test_pictures_to_be_drawn_need_a_policy(part):
    batches = training.drawn_batches(part.x_train, part.y_train, schedule("live", N, 2), STRONG, 0)
    with pytest.raises(ValueError) as error:
        training.Trainer().run(part, batches, 2)
    assert message(error) == "the pictures of these batches are yet to be drawn; give the Trainer a policy."


def test_the_rate_is_that_of_adam(trainer, part):
    batches = [(part.x_train[:32], part.y_train[:32])] * 2
    start = trainer.build(trainer.input_shape, seed=0).get_weights()[0]
    moved = []
    for rate in (0.001, 0.01):
        trainer.run(part, batches, 1, evaluate_at=[1], rate=rate)
        moved.append(np.abs(trainer.model.get_weights()[0] - start).max())
    np.testing.assert_allclose(moved, [0.001, 0.01], rtol=0.01)  # Adam's first step is the rate


def test_real_labels_are_learnt_and_exchanged_ones_too(garments):
    mild = RandomAffine(**POLICIES["mild"])
    swapped = garments._replace(y_train=1 - garments.y_train)
    options = {"updates": 120, "replicates": 1, "show_progress": False}
    right = training.compare(garments, ["live"], mild, **options).iloc[-1]
    wrong = training.compare(swapped, ["live"], mild, **options).iloc[-1]
    assert right["val_accuracy"] > 0.6
    assert wrong["val_accuracy"] < 0.4


# Evaluations and summaries


@pytest.mark.parametrize("updates", [50, 120, 400, 3000])
def test_five_evaluations_lie_in_the_last_tenth(updates):
    found = training.evaluation_updates(updates)
    assert found == sorted(set(found))
    assert found[0] >= 1
    assert found[-1] == updates
    assert sum(update > 0.9 * updates for update in found) == 5
    assert len(found) == 12


def test_a_short_run_is_evaluated_at_no_update_twice(trainer, part):
    assert training.evaluation_updates(5) == [1, 2, 3, 4, 5]
    curve = trainer.run(part, [(part.x_train[:32], part.y_train[:32])] * 2, 2, evaluate_at=[2, 1, 2])
    assert curve["update"].tolist() == [1, 2]
    assert curve.notna().all(axis=None)


def test_summary_is_the_mean_over_the_last_tenth_and_the_honest_stop():
    curves = pd.DataFrame({
        "arm": "live",
        "replicate": 0,
        "update": [50, 90, 95, 100],
        "val_loss": [0.1, 0.2, 0.5, 0.7],
        "val_loss_even": [0.3, 0.1, 0.4, 0.5],  # smallest at 90, where odd is 0.6
        "val_loss_odd": [0.2, 0.6, 0.4, 0.5],  # smallest at 50, where even is 0.3
    })
    other = curves.assign(arm="a-first-by-name", replicate=1, val_loss=1.0)
    summary = training.summarise(pd.concat([curves, other]))
    assert summary["arm"].tolist() == ["live", "a-first-by-name"]
    assert summary["replicate"].tolist() == [0, 1]
    np.testing.assert_allclose(summary["val_loss"], [0.6, 1.0])
    np.testing.assert_allclose(summary["val_loss_stopped"], [0.45, 0.45])


def test_rows_of_different_experiments_are_not_mixed():
    runs = pd.DataFrame({"arm": "live", "replicate": 0, "update": 100, "val_loss": [0.5, 0.4]})
    for mixed in (training.summarise, lambda table: training.differences(table, "live", "live")):
        with pytest.raises(ValueError) as error:
            mixed(runs)
        assert message(error).startswith("several rows have the same arm, replicate")


def test_differences_pair_by_replicate():
    runs = pd.DataFrame({
        "arm": ["live", "none", "none", "live"],
        "replicate": [0, 1, 0, 1],
        "val_loss": [0.5, 0.9, 0.7, 0.6],
    })
    np.testing.assert_allclose(training.differences(runs, "live", "none"), [-0.2, -0.3])
    with pytest.raises(ValueError) as error:
        training.differences(runs, "live", "copies-1")
    assert message(error) == "no arm 'copies-1'; the table has live, none."
    with pytest.raises(ValueError) as error:
        training.differences(runs.iloc[:3], "live", "none")
    assert message(error) == "live and none were not run on the same replicates."
