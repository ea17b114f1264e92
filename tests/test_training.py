"""The loop: it is fit's, evaluates clean images, keeps nothing from run to run, and takes any batches."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from helpers import training
from helpers.arms import Batches, drawn_batches, schedule, stored_batches
from helpers.augment import POLICIES, named_policy
from helpers.data import load_garments, subset
from helpers.model import small_model
from helpers.stats import log_loss, scaled_loss
from helpers.training import also_on, evaluation_updates
from refusals import message
from trained import assert_same_curve, assert_same_weights

N, UPDATES = 64, 20  # 2 batches an epoch, 10 epochs
STRONG = named_policy("wide")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # thousands, from ImageDataGenerator


@pytest.fixture(scope="module")
def part():
    part = subset(load_garments(), N)
    return part._replace(x_val=part.x_val[:100], y_val=part.y_val[:100])


@pytest.fixture(scope="module")
def trainer():
    return training.trainer_for(small_model, (28, 28, 1), STRONG)


def train(trainer, part, arm, make=drawn_batches, replicate=0, **options):
    """The curve and the final weights of one short run."""
    batches = make(part.x_train, part.y_train, schedule(arm, N, UPDATES, replicate), STRONG, replicate)
    curve = trainer.run(part, batches, UPDATES, replicate, evaluate_at=[10, UPDATES], **options)
    return curve, weights(trainer.model)


def weights(model):
    return np.concatenate([w.ravel() for w in model.get_weights()])


# Pictures


@pytest.mark.trained
@pytest.mark.parametrize("arm", ["copies-2", "originals+3", "pool-3", "originals+pool-3", "fresh-2-4"])
def test_a_stored_pool_and_pictures_drawn_when_needed_train_the_same_model(trainer, part, arm):
    stored = train(trainer, part, arm, stored_batches)
    drawn = train(trainer, part, arm, drawn_batches)
    assert_same_weights(stored[1], drawn[1])
    assert_same_curve(stored[0], drawn[0])


# The loop is fit's


@pytest.mark.trained
@pytest.mark.parametrize("arm", ["live", "pool-3+live"])
@pytest.mark.parametrize("decay", [False, True], ids=["constant", "decay"])
def test_the_loop_does_what_fit_does(trainer, part, arm, decay):
    batches = stored_batches(part.x_train, part.y_train, schedule(arm, N, UPDATES), STRONG, replicate=0)
    curve = trainer.run(part, batches, UPDATES, evaluate_at=[UPDATES], decay=decay)

    rate = keras.optimizers.schedules.PolynomialDecay(0.001, UPDATES, end_learning_rate=0)
    optimizer = keras.optimizers.Adam(rate) if decay else "adam"
    model = small_model(seed=0)
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    rows = batches.rows.ravel()
    images = batches.images[rows]
    if batches.parameters is not None:
        images = STRONG.apply(images, batches.parameters.reshape(-1, 8)).numpy()
    fit = model.fit(
        images, batches.labels[rows], batch_size=32, shuffle=False, verbose=0,
        validation_data=(part.x_val, part.y_val),
    ).history  # fmt: skip
    assert_same_weights(weights(trainer.model), weights(model))
    names = {"loss": "shown_loss", "accuracy": "shown_accuracy"}
    expected = pd.DataFrame(fit).rename(columns=names)
    assert_same_curve(curve[expected.columns], expected)


@pytest.mark.trained
def test_shown_losses_are_averaged_since_the_last_evaluation(trainer, part):
    batches = drawn_batches(part.x_train, part.y_train, schedule("live", N, 4), STRONG, 0)
    single = trainer.run(part, batches, 4, evaluate_at=[1, 2, 3, 4])
    pairs = trainer.run(part, batches, 4, evaluate_at=[2, 4])
    for column in ("shown_loss", "shown_accuracy"):
        averages = single[column].to_numpy().reshape(2, 2).mean(axis=1)
        np.testing.assert_allclose(pairs[column], averages, rtol=1e-5)  # sums of four in float32


@pytest.mark.trained
def test_all_images_are_evaluated(trainer):
    data = load_garments()
    part = subset(data, 1024)._replace(x_val=data.x_val[:700], y_val=data.y_val[:700])
    curve = trainer.run(part, [(part.x_train[:32], part.y_train[:32])], 1).iloc[0]
    for name, x, y in (("train", part.x_train, part.y_train), ("val", part.x_val, part.y_val)):
        p = trainer.model.predict(x, verbose=0)[:, 0]
        assert curve[f"{name}_loss"] == pytest.approx(log_loss(p, y), abs=1e-5)  # two programs for one forward pass
        assert abs(log_loss(p[:500], y[:500]) - log_loss(p, y)) > 1e-4  # the test would notice
        assert curve[f"{name}_accuracy"] == pytest.approx(np.mean((p > 0.5) == y), abs=1.01 / len(y))


@pytest.mark.trained
def test_further_columns_are_those_of_the_validation_images(trainer, part):
    curve, _ = train(trainer, part, "none")
    p, y, last = trainer.predict(part.x_val), part.y_val, curve.iloc[-1]
    np.testing.assert_allclose(p, trainer.model.predict(part.x_val, verbose=0)[:, 0], atol=1e-5)  # two programs
    # Predicted twice by one program: rounded alike, but for sums that threads share.
    assert last["val_loss_even"] == pytest.approx(log_loss(p[::2], y[::2]), abs=1e-5)
    assert last["val_loss_odd"] == pytest.approx(log_loss(p[1::2], y[1::2]), abs=1e-5)
    assert last["val_loss_scaled"] == pytest.approx(scaled_loss(p, y), abs=1e-4)
    assert last["val_loss"] == pytest.approx((last["val_loss_even"] + last["val_loss_odd"]) / 2)


@pytest.mark.trained
def test_further_sets_are_read_without_changing_the_run(trainer, part):
    plain, plain_weights = train(trainer, part, "none")
    metrics = also_on({"same": (part.x_val, part.y_val), "swapped": (part.x_val, 1 - part.y_val)})
    curve, same_weights = train(trainer, part, "none", metrics=metrics)
    assert_same_weights(same_weights, plain_weights)
    assert_same_curve(curve[plain.columns], plain)
    np.testing.assert_allclose(curve["same_loss"], curve["val_loss"], atol=1e-5)  # one program, threads that share sums
    np.testing.assert_allclose(curve["swapped_accuracy"], 1 - curve["val_accuracy"], atol=1.01 / 100)


# Nothing is kept from run to run


def test_initial_weights_belong_to_the_replicate(trainer, part):
    starts = []
    for replicate in (0, 1, 0):
        train(trainer, part, "live")
        trainer.reset(replicate)
        starts.append(weights(trainer.model))
    assert (starts[0] == starts[2]).all()
    assert (starts[0] != starts[1]).any()
    assert (starts[1] == weights(small_model(seed=1))).all()


# Any source of batches


@pytest.mark.trained
def test_batches_of_a_dataset_with_labels_in_a_column_train_as_arrays_do(trainer, part):
    rows = np.resize(np.arange(N), (UPDATES, 32))
    arrays = Batches(part.x_train, part.y_train, rows, None)
    trainer.run(part, arrays, UPDATES)
    expected = weights(trainer.model)
    dataset = tf.data.Dataset.from_tensor_slices((part.x_train, part.y_train[:, None]))
    trainer.run(part, dataset.repeat().batch(32), UPDATES)
    assert_same_weights(weights(trainer.model), expected)


@pytest.mark.trained
def test_image_data_generator_trains(trainer, part):
    generator = tf.keras.preprocessing.image.ImageDataGenerator(**POLICIES["wide"])
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
    batches = drawn_batches(part.x_train, part.y_train, plan, STRONG, 0)
    with pytest.raises(ValueError) as error:
        trainer.run(part, batches, UPDATES)
    assert message(error) == f"found 10 batches; expected {UPDATES}."


@pytest.mark.parametrize(
    "evaluate_at", [[], [0, UPDATES], [UPDATES // 2], [UPDATES, UPDATES + 1], [0.5, UPDATES]]
)
def test_evaluations_outside_the_run_are_refused(trainer, part, evaluate_at):
    batches = [(part.x_train[:32], part.y_train[:32])] * UPDATES
    with pytest.raises(ValueError) as error:
        trainer.run(part, batches, UPDATES, evaluate_at=evaluate_at)
    assert message(error) == f"evaluate_at is {evaluate_at}; expected updates from 1 on, the last {UPDATES}."


def test_pictures_to_be_drawn_need_a_policy(part):
    batches = drawn_batches(part.x_train, part.y_train, schedule("live", N, 2), STRONG, 0)
    with pytest.raises(ValueError) as error:
        training.trainer_for(small_model, (28, 28, 1), None).run(part, batches, 2)
    assert message(error) == "the pictures of these batches are yet to be drawn; give the Trainer a policy."


# The rate


@pytest.mark.trained
def test_the_rate_is_that_of_adam(trainer, part):
    batches = [(part.x_train[:32], part.y_train[:32])] * 2
    start = trainer.build(trainer.input_shape, seed=0).get_weights()[0]
    moved = []
    for rate in (0.001, 0.01, None):  # None after another rate: Adam's own again
        trainer.run(part, batches, 1, evaluate_at=[1], rate=rate)
        moved.append(np.abs(trainer.model.get_weights()[0] - start).max())
    np.testing.assert_allclose(moved, [0.001, 0.01, 0.001], rtol=0.01)  # Adam's first step is the rate


@pytest.mark.trained
def test_evaluations_between_do_not_start_the_falling_rate_anew(trainer, part):
    batches = drawn_batches(part.x_train, part.y_train, schedule("live", N, UPDATES), STRONG, 0)
    found = []
    for evaluate_at in ([UPDATES], [3, 10, UPDATES]):
        trainer.run(part, batches, UPDATES, evaluate_at=evaluate_at, decay=True)
        found.append(weights(trainer.model))
    assert_same_weights(*found)


def test_a_decayed_rate_falls_linearly_from_the_one_given_to_nearly_nothing(trainer):
    np.testing.assert_allclose(trainer._rates(4, 0.01, decay=True), [0.01, 0.0075, 0.005, 0.0025])
    np.testing.assert_allclose(trainer._rates(4, None, decay=True), [0.001, 0.00075, 0.0005, 0.00025])


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "fast", True])
def test_a_rate_that_is_none_is_refused(trainer, part, rate):
    with pytest.raises(ValueError) as error:
        train(trainer, part, "none", rate=rate)
    assert message(error) == f"rate is {rate!r}; expected a number above 0."


# When it is evaluated


@pytest.mark.parametrize("updates", [50, 120, 400, 3000])
def test_five_evaluations_lie_in_the_last_tenth(updates):
    found = evaluation_updates(updates)
    assert found == sorted(set(found))
    assert found[0] >= 1
    assert found[-1] == updates
    assert sum(update > 0.9 * updates for update in found) == 5
    assert len(found) == 12


def test_a_short_run_is_evaluated_at_no_update_twice(trainer, part):
    assert evaluation_updates(5) == [1, 2, 3, 4, 5]
    curve = trainer.run(part, [(part.x_train[:32], part.y_train[:32])] * 2, 2, evaluate_at=[2, 1, 2])
    assert curve["update"].tolist() == [1, 2]
    assert curve.notna().all(axis=None)
