"""The loop: it is fit's for any Keras classifier, evaluates clean images, and keeps nothing from run to run."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers.arms import Batches, drawn_batches, schedule, stored_batches
from helpers.augment import named_policy
from helpers.data import Data
from helpers.model import small_model
from helpers.stats import log_loss, scaled_loss
from helpers.training import Trainer, also_on, evaluation_updates, trainer_for
from refusals import refusal
from trained import assert_same_curve, assert_same_weights

N, UPDATES, SHAPE = 64, 20, (12, 12, 1)  # 2 batches an epoch, 10 epochs
POLICY = named_policy("mild")


@pytest.fixture(scope="module")
def part():
    """Noise, brighter where the label is 1; more validation images than are predicted at once."""
    labels = np.arange(N + 700) % 2
    images = np.random.default_rng(0).random((N + 700, *SHAPE), np.float32) * 0.8
    images += 0.2 * labels[:, None, None, None].astype("float32")
    return Data(images[:N], labels[:N], images[N:], labels[N:])


def builder(*middle, optimizer=None, loss="binary_crossentropy", penalty=None, start=None):
    """What builds a small network with these layers in its middle, compiled where an optimiser is given."""

    def build(shape, seed=None):
        first, last = (keras.initializers.GlorotUniform(seed if start is None else start) for _ in range(2))
        model = keras.Sequential([
            keras.Input(shape),
            # No bias: before batch normalisation its gradient is rounding alone, which Adam makes steps of.
            layers.Conv2D(4, 3, use_bias=False, kernel_initializer=first, kernel_regularizer=penalty),
            *(make() for make in middle), layers.Flatten(), layers.Dense(1, "sigmoid", kernel_initializer=last),
        ])  # fmt: skip
        if optimizer is not None:
            model.compile(optimizer(), loss)
        return model

    return build


NORM, DROPOUT = functools.partial(layers.BatchNormalization, momentum=0.5), functools.partial(layers.Dropout, 0.5)
ADAMW = functools.partial(keras.optimizers.AdamW, 0.01, weight_decay=0.1)
FALLING = functools.partial(keras.optimizers.schedules.CosineDecay, 0.01, UPDATES)
with_all_at_once = builder(NORM, layers.ReLU, functools.partial(DROPOUT, seed=7), DROPOUT, optimizer=ADAMW)
with_schedule = builder(optimizer=lambda: keras.optimizers.Adam(FALLING()))
with_momentum = builder(
    optimizer=functools.partial(keras.optimizers.SGD, 0.02, momentum=0.9),
    loss=keras.losses.BinaryCrossentropy(label_smoothing=0.2),
)


def trainer_of(build):
    return trainer_for(build, SHAPE, POLICY)


def batches_of(part, arm, make=stored_batches, updates=UPDATES, replicate=0):
    plan = schedule(arm, N, updates, replicate)
    return make(part.x_train, part.y_train, plan, POLICY, replicate)


def train(trainer, part, batches, replicate=0, **options):
    """The curve of one short run, and all that it changed: weights, statistics, dropout seeds, the optimiser's."""
    curve = trainer.run(part, batches, UPDATES, replicate, **{"evaluate_at": [10, UPDATES]} | options)
    return curve, variables(trainer)


def variables(trainer):
    model = trainer.model
    seeds = [generator.state for layer in model.layers for generator in layer._seed_generators]
    return [variable.numpy() for variable in [*model.weights, *seeds, *model.optimizer.variables]]


def equal(first, second):
    return all(np.allclose(a, b, atol=1e-5) for a, b in zip(first, second, strict=True))  # far above what rounding does


# It is fit's


@pytest.mark.trained
@pytest.mark.parametrize(
    ("build", "arm", "decay"),
    [(small_model, "live", True), (small_model, "pool-3+live", False),
     (builder(NORM, layers.ReLU, optimizer=ADAMW, penalty=keras.regularizers.L2(0.1)), "copies-2", False),
     (with_momentum, "none", False), (with_schedule, "originals+3", False)],
    ids=["decay", "live on top", "norm, AdamW, penalty", "momentum, smoothing", "schedule"],
)  # fmt: skip
def test_the_loop_is_fit(part, build, arm, decay):
    batches = batches_of(part, arm)
    curve, _ = train(trainer_of(build), part, batches, evaluate_at=[UPDATES], decay=decay)
    model = build(SHAPE, seed=0)
    if not model.compiled:
        falling = keras.optimizers.schedules.PolynomialDecay(0.001, UPDATES, end_learning_rate=0)
        model.compile(keras.optimizers.Adam(falling) if decay else "adam", "binary_crossentropy")
    rows = batches.rows.ravel()
    images = batches.images[rows]
    if batches.parameters is not None:
        images = POLICY.apply(images, batches.parameters.reshape(-1, 8)).numpy()
    model.fit(images, batches.labels[rows], batch_size=32, shuffle=False, verbose=0)
    assert_same_weights(trainer_of(build).model.get_weights(), model.get_weights())
    p = model.predict(part.x_val, verbose=0)[:, 0]  # with the batch statistics that training left
    assert curve["val_loss"].iloc[0] == pytest.approx(log_loss(p, part.y_val), abs=1e-4)


@pytest.mark.trained
def test_pictures_drawn_when_needed_and_batches_of_a_dataset_train_the_same_model(part):
    stored, drawn = (train(trainer_of(small_model), part, batches_of(part, "copies-2", make))
                     for make in (stored_batches, drawn_batches))  # fmt: skip
    assert_same_weights(stored[1], drawn[1])
    assert_same_curve(stored[0], drawn[0])
    arrays = Batches(part.x_train, part.y_train, np.resize(np.arange(N), (UPDATES, 32)), None)
    dataset = tf.data.Dataset.from_tensor_slices((part.x_train, part.y_train[:, None])).repeat().batch(32)
    found, expected = (train(trainer_of(small_model), part, batches)[1] for batches in (dataset, arrays))
    assert_same_weights(found, expected)


# What is measured


@pytest.mark.trained
def test_rows_hold_what_was_shown_since_the_last_and_losses_of_all_clean_images(part):
    trainer, batches = trainer_of(small_model), batches_of(part, "live", drawn_batches, 4)
    single, pairs = (trainer.run(part, batches, 4, evaluate_at=at) for at in ([1, 2, 3, 4], [2, 4, 2]))
    assert pairs["update"].tolist() == [2, 4]
    for column in ("shown_loss", "shown_accuracy"):
        averages = single[column].to_numpy().reshape(2, 2).mean(axis=1)
        np.testing.assert_allclose(pairs[column], averages, rtol=1e-5)  # sums of four in float32
    last = pairs.iloc[-1]
    for name, x, y in (("train", part.x_train, part.y_train), ("val", part.x_val, part.y_val)):
        p = trainer.model.predict(x, verbose=0)[:, 0]
        assert last[f"{name}_loss"] == pytest.approx(log_loss(p, y), abs=1e-5)  # two programs for one forward pass
        assert last[f"{name}_accuracy"] == pytest.approx(np.mean((p > 0.5) == y), abs=1.01 / len(y))
    assert abs(log_loss(p[:500], y[:500]) - log_loss(p, y)) > 1e-4  # the test would notice
    for name, half in (("even", slice(0, None, 2)), ("odd", slice(1, None, 2))):
        assert last[f"val_loss_{name}"] == pytest.approx(log_loss(p[half], y[half]), abs=1e-5)
    assert last["val_loss_scaled"] == pytest.approx(scaled_loss(p, y), abs=1e-4)


def test_further_sets_are_predicted_and_scored():
    sets = {"new": (np.array([0.9, 0.2, 0.6]), np.array([1, 0, 0])), "one": (np.array([0.5]), np.array([1]))}
    found = also_on(sets)(np.zeros(2), None, lambda images: images)
    assert found == {
        "new_loss": pytest.approx(-np.log([0.9, 0.8, 0.4]).mean()), "new_accuracy": pytest.approx(2 / 3),
        "one_loss": pytest.approx(np.log(2)), "one_accuracy": 0,
    }  # fmt: skip


@pytest.mark.trained
def test_the_shown_loss_is_that_of_the_true_labels(part):
    # One update with nearly no rate: what was shown is measured by the initial weights.
    images, labels = part.x_train[:32], part.y_train[:32]
    curve = trainer_of(with_momentum).run(part, [(images, labels)], 1, rate=1e-9)
    p = with_momentum(SHAPE, seed=0).predict(images, verbose=0)[:, 0]
    assert curve["shown_loss"].iloc[0] == pytest.approx(log_loss(p, labels), abs=1e-5)


def test_five_of_twelve_evaluations_lie_in_the_last_tenth_and_a_short_run_has_none_twice():
    for updates in (50, 120, 400, 3000):
        found = evaluation_updates(updates)
        assert found == sorted(set(found)) and found[0] >= 1 and found[-1] == updates
        assert sum(update > 0.9 * updates for update in found) == 5 and len(found) == 12
    assert evaluation_updates(5) == [1, 2, 3, 4, 5]


# Nothing is kept from run to run


# Each kind of state: batch statistics, seeds of a layer and of all, an optimiser's moments; and a schedule's clock.
@pytest.mark.trained
@pytest.mark.parametrize("build", [with_all_at_once, with_schedule], ids=["all at once", "schedule"])
def test_a_run_is_the_same_after_any_other_and_in_a_fresh_trainer(part, build):
    trainer, batches = trainer_of(build), batches_of(part, "copies-2")
    first = train(trainer, part, batches)
    other = train(trainer, part, batches_of(part, "live", drawn_batches, replicate=1), replicate=1)
    assert not equal(first[1], other[1])
    for found in (train(trainer, part, batches), train(Trainer(build, SHAPE, POLICY), part, batches)):
        assert_same_curve(found[0], first[0])
        assert equal(found[1], first[1])
    trainer.reset(1)
    assert equal(trainer.model.get_weights(), build(SHAPE, seed=1).get_weights())


@pytest.mark.parametrize("seed", [7, None])
def test_dropout_is_drawn_for_each_update_and_replicate_and_off_where_losses_are_measured(part, seed):
    trainer = trainer_of(builder(functools.partial(DROPOUT, seed=seed), start=0))  # replicates start alike
    images = part.x_train[:1].repeat(32, axis=0)
    options = {"evaluate_at": [1, 2], "rate": 1e-9}
    shown = [trainer.run(part, [(images, np.ones(32))] * 2, 2, r, **options)["shown_loss"].tolist() for r in (0, 1)]
    assert len(set(np.ravel(shown).tolist())) == 4
    trainer.reset(0)
    assert len(set(trainer.predict(images).tolist())) == 1


# The rate


@pytest.mark.trained
def test_a_rate_is_that_given_or_the_optimisers_own_and_falls_to_zero_across_evaluations(part):
    trainer, batches = trainer_of(small_model), [(part.x_train[:32], part.y_train[:32])]
    start, moved = small_model(SHAPE, seed=0).get_weights()[0], []
    for rate in (0.001, 0.01, None):  # None after another rate: Adam's own again
        trainer.run(part, batches, 1, rate=rate)
        moved.append(np.abs(trainer.model.get_weights()[0] - start).max())
    np.testing.assert_allclose(moved, [0.001, 0.01, 0.001], rtol=0.01)  # Adam's first step is the rate
    np.testing.assert_allclose(trainer._rates(4, 0.01, decay=True), [0.01, 0.0075, 0.005, 0.0025])
    np.testing.assert_allclose(trainer._rates(4, None, decay=True), [0.001, 0.00075, 0.0005, 0.00025])
    live = batches_of(part, "live", drawn_batches)
    assert_same_weights(*(train(trainer, part, live, evaluate_at=at, decay=True)[1] for at in ([20], [3, 10, 20])))


def test_a_schedule_is_left_alone_and_any_rate_beside_it_refused(part):
    trainer, batches = trainer_of(with_schedule), batches_of(part, "none")
    train(trainer, part, batches)
    assert float(trainer.model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)
    for options in ({"rate": 0.001}, {"decay": True}):
        assert "learning-rate schedule" in refusal(train, trainer, part, batches, **options)


# What is refused


def test_batches_that_do_not_suffice_and_odd_evaluations_and_rates_are_refused(part):
    run, one = trainer_of(small_model).run, (part.x_train[:32], part.y_train[:32])
    half = tuple(array[:16] for array in one)
    for batches in ([one] * 19, [one] * 19 + [half], [half] * 20, []):
        # The last stretch is one batch.
        assert "full batches of 32" in refusal(run, part, batches, UPDATES, evaluate_at=[19, 20])
    assert "found 10 batches" in refusal(run, part, batches_of(part, "none", updates=10), UPDATES)
    for evaluate_at in ([], [0, UPDATES], [UPDATES // 2], [UPDATES, UPDATES + 1], [0.5, UPDATES]):
        said = refusal(run, part, [one] * UPDATES, UPDATES, evaluate_at=evaluate_at)
        assert said.startswith(f"evaluate_at is {evaluate_at}; expected")
    for rate in (0, -1, float("nan"), float("inf"), "fast", True):
        assert refusal(run, part, [one], 1, rate=rate).startswith(f"rate is {rate!r}; expected")
    without = trainer_for(small_model, SHAPE, None)
    assert "give the Trainer a policy" in refusal(without.run, part, batches_of(part, "live", drawn_batches, 2), 2)


def ending(activation, units=1, loss=None, seeded=True):
    """A builder of a linear network with an activation."""

    def build(shape, seed=None):
        start = keras.initializers.GlorotUniform(seed if seeded else None)
        unit = layers.Dense(units, activation, kernel_initializer=start)
        model = keras.Sequential([keras.Input(shape), layers.Flatten(), unit])
        if loss is not None:
            model.compile("adam", loss)
        return model

    return build


NO_CLASSIFIER = [  # a builder, and what is said
    (ending(None), "no probabilities"), (ending("softplus"), "no probabilities"), (ending("tanh"), "no probabilities"),
    (ending("sigmoid", 3), "no probabilities"),
    (ending("softmax", 2), "shape (None, 2); expected (None, 1)"), (ending("sigmoid", seeded=False), "other initial"),
    (ending("sigmoid", loss=keras.losses.BinaryCrossentropy(from_logits=True)), "on logits"),
]  # fmt: skip


def test_what_gives_no_probability_or_other_weights_at_each_call_is_refused():
    for build, said in NO_CLASSIFIER:
        assert said in refusal(Trainer, build, SHAPE)


def test_a_softmax_of_three_classes_is_trained_and_not_evaluated(part):
    trainer = Trainer(ending("softmax", 3), SHAPE)
    batches = [(part.x_train[:32], (np.arange(32) % 3).astype(np.float32))]
    ((_, figures),) = trainer.train(batches, [1])
    assert figures["shown_loss"] > 0 and trainer.predict(part.x_val).shape == (700, 3)
    assert "tells 3 classes apart" in refusal(trainer.run, part, batches, 1)
