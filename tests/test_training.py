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
from refusals import refusal
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


def batches_of(part, arm, make=drawn_batches, updates=UPDATES):
    return make(part.x_train, part.y_train, schedule(arm, N, updates), STRONG, 0)


def train(trainer, part, batches, **options):
    """The curve and the final weights of one short run."""
    curve = trainer.run(part, batches, UPDATES, **{"evaluate_at": [10, UPDATES]} | options)
    return curve, weights(trainer.model)


def weights(model):
    return np.concatenate([w.ravel() for w in model.get_weights()])


@pytest.mark.trained
@pytest.mark.parametrize("arm", ["copies-2", "originals+pool-3", "fresh-2-4"])
def test_a_stored_pool_and_pictures_drawn_when_needed_train_the_same_model(trainer, part, arm):
    stored, drawn = (train(trainer, part, batches_of(part, arm, make)) for make in (stored_batches, drawn_batches))
    assert_same_weights(stored[1], drawn[1])
    assert_same_curve(stored[0], drawn[0])


@pytest.mark.trained
@pytest.mark.parametrize("arm", ["live", "pool-3+live"])
@pytest.mark.parametrize("decay", [False, True], ids=["constant", "decay"])
def test_the_loop_does_what_fit_does(trainer, part, arm, decay):
    batches = batches_of(part, arm, stored_batches)
    curve, found = train(trainer, part, batches, evaluate_at=[UPDATES], decay=decay)
    rate = keras.optimizers.schedules.PolynomialDecay(0.001, UPDATES, end_learning_rate=0)
    model = small_model(seed=0)
    model.compile(keras.optimizers.Adam(rate) if decay else "adam", "binary_crossentropy", metrics=["accuracy"])
    rows = batches.rows.ravel()
    images = batches.images[rows]
    if batches.parameters is not None:
        images = STRONG.apply(images, batches.parameters.reshape(-1, 8)).numpy()
    fit = model.fit(
        images, batches.labels[rows], batch_size=32, shuffle=False, verbose=0,
        validation_data=(part.x_val, part.y_val),
    ).history  # fmt: skip
    assert_same_weights(found, weights(model))
    expected = pd.DataFrame(fit).rename(columns={"loss": "shown_loss", "accuracy": "shown_accuracy"})
    assert_same_curve(curve[expected.columns], expected)


# What is measured


@pytest.mark.trained
def test_shown_losses_are_averaged_since_the_last_evaluation(trainer, part):
    batches = batches_of(part, "live", updates=4)
    single, pairs = (trainer.run(part, batches, 4, evaluate_at=at) for at in ([1, 2, 3, 4], [2, 4]))
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
def test_further_columns_and_sets_are_read_without_changing_the_run(trainer, part):
    batches = batches_of(part, "none")
    plain, plain_weights = train(trainer, part, batches)
    metrics = also_on({"same": (part.x_val, part.y_val), "swapped": (part.x_val, 1 - part.y_val)})
    curve, same_weights = train(trainer, part, batches, metrics=metrics)
    assert_same_weights(same_weights, plain_weights)
    assert_same_curve(curve[plain.columns], plain)
    p, y, last = trainer.predict(part.x_val), part.y_val, curve.iloc[-1]
    np.testing.assert_allclose(p, trainer.model.predict(part.x_val, verbose=0)[:, 0], atol=1e-5)  # two programs
    # Predicted twice by one program: rounded alike, but for sums that threads share.
    assert last["same_loss"] == pytest.approx(last["val_loss"], abs=1e-5)
    assert last["swapped_accuracy"] == pytest.approx(1 - last["val_accuracy"], abs=1.01 / 100)
    for name, half in (("even", slice(0, None, 2)), ("odd", slice(1, None, 2))):
        assert last[f"val_loss_{name}"] == pytest.approx(log_loss(p[half], y[half]), abs=1e-5)
    assert last["val_loss_scaled"] == pytest.approx(scaled_loss(p, y), abs=1e-4)


# Nothing is kept from run to run; any source of batches


def test_initial_weights_belong_to_the_replicate(trainer, part):
    starts = []
    for replicate in (0, 1, 0):
        train(trainer, part, batches_of(part, "live"))
        trainer.reset(replicate)
        starts.append(weights(trainer.model))
    assert (starts[0] == starts[2]).all() and (starts[0] != starts[1]).any()
    assert (starts[1] == weights(small_model(seed=1))).all()


@pytest.mark.trained
def test_batches_of_a_dataset_with_labels_in_a_column_train_as_arrays_do(trainer, part):
    arrays = Batches(part.x_train, part.y_train, np.resize(np.arange(N), (UPDATES, 32)), None)
    dataset = tf.data.Dataset.from_tensor_slices((part.x_train, part.y_train[:, None])).repeat().batch(32)
    found, expected = (train(trainer, part, batches)[1] for batches in (dataset, arrays))
    assert_same_weights(found, expected)


@pytest.mark.trained
def test_image_data_generator_trains(trainer, part):
    generator = tf.keras.preprocessing.image.ImageDataGenerator(**POLICIES["wide"])
    flow = generator.flow(part.x_train, part.y_train, batch_size=32, seed=0)
    curve = trainer.run(part, flow, updates=200, evaluate_at=[20, 200])
    assert curve["train_loss"].iloc[1] < curve["train_loss"].iloc[0] - 0.02


def test_batches_that_do_not_suffice_and_odd_evaluations_and_rates_are_refused(trainer, part):
    one = (part.x_train[:32], part.y_train[:32])
    half = tuple(array[:16] for array in one)
    for batches in ([one] * 19, [one] * 19 + [half], [half] * 20, []):
        # The last stretch is one batch.
        assert "full batches of 32" in refusal(trainer.run, part, batches, UPDATES, evaluate_at=[19, 20])
    assert "found 10 batches" in refusal(trainer.run, part, batches_of(part, "none", updates=10), UPDATES)
    for evaluate_at in ([], [0, UPDATES], [UPDATES // 2], [UPDATES, UPDATES + 1], [0.5, UPDATES]):
        said = refusal(trainer.run, part, [one] * UPDATES, UPDATES, evaluate_at=evaluate_at)
        assert said.startswith(f"evaluate_at is {evaluate_at}; expected")
    for rate in (0, -1, float("nan"), float("inf"), "fast", True):
        assert refusal(trainer.run, part, [one], 1, rate=rate).startswith(f"rate is {rate!r}; expected")
    without = training.trainer_for(small_model, (28, 28, 1), None)
    assert "give the Trainer a policy" in refusal(without.run, part, batches_of(part, "live", updates=2), 2)


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
def test_a_falling_rate_is_linear_and_evaluations_between_do_not_start_it_anew(trainer, part):
    np.testing.assert_allclose(trainer._rates(4, 0.01, decay=True), [0.01, 0.0075, 0.005, 0.0025])
    np.testing.assert_allclose(trainer._rates(4, None, decay=True), [0.001, 0.00075, 0.0005, 0.00025])
    batches = batches_of(part, "live")
    found = [train(trainer, part, batches, evaluate_at=at, decay=True)[1] for at in ([UPDATES], [3, 10, UPDATES])]
    assert_same_weights(*found)


# When it is evaluated


@pytest.mark.parametrize("updates", [50, 120, 400, 3000])
def test_five_of_twelve_evaluations_lie_in_the_last_tenth(updates):
    found = evaluation_updates(updates)
    assert found == sorted(set(found)) and found[0] >= 1 and found[-1] == updates
    assert sum(update > 0.9 * updates for update in found) == 5 and len(found) == 12


def test_a_short_run_is_evaluated_at_no_update_twice(trainer, part):
    assert evaluation_updates(5) == [1, 2, 3, 4, 5]
    curve = trainer.run(part, [(part.x_train[:32], part.y_train[:32])] * 2, 2, evaluate_at=[2, 1, 2])
    assert curve["update"].tolist() == [1, 2]
    assert curve.notna().all(axis=None)
