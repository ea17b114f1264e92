"""The loop: it is fit's for any Keras classifier, evaluates clean images, and keeps nothing from run to run."""

import functools

import keras
import numpy as np
import pytest
from keras import layers

from helpers.augment import RandomAffine
from helpers.methods import Batches, make_batches, schedule
from helpers.model import small_model
from helpers.policies import POLICIES
from helpers.stats import log_loss
from helpers.training import Trainer, evaluation_updates
from refusals import refusal
from training_runs import (
    SHAPE,
    assert_same_curve,
    assert_same_weights,
    noise,
    shown,
    trainer_for,
)

N, UPDATES = 64, 20  # 2 batches an epoch, 10 epochs
POLICY = RandomAffine(**POLICIES["mild"])


@pytest.fixture(scope="module")
def part():
    """More validation images than are predicted at once."""
    return noise(N, 700)


def builder(
    *middle,
    end=("sigmoid", 1),
    optimizer=None,
    loss="binary_crossentropy",
    penalty=None,
    start=None,
):
    """What builds a small network with these layers in its middle, compiled where an optimiser is given."""
    activation, units = end

    def build(shape, seed=None):
        if start is not None:
            seed = start
        first, last = (keras.initializers.GlorotUniform(seed) for _ in range(2))
        # No bias: before batch normalisation its gradient is rounding alone, which Adam makes steps of.
        convolution = layers.Conv2D(
            4, 3, use_bias=False, kernel_initializer=first, kernel_regularizer=penalty
        )
        model = keras.Sequential(
            [
                keras.Input(shape),
                convolution,
                *(make() for make in middle),
                layers.Flatten(),
                layers.Dense(units, activation, kernel_initializer=last),
            ]
        )
        if optimizer is not None:
            model.compile(optimizer(), loss)
        return model

    return build


NORM = functools.partial(layers.BatchNormalization, momentum=0.5)
DROPOUT = functools.partial(layers.Dropout, 0.5)
ADAMW = functools.partial(keras.optimizers.AdamW, weight_decay=0.1)
FALLING = functools.partial(keras.optimizers.schedules.CosineDecay, 0.01, UPDATES)
with_momentum = builder(
    optimizer=functools.partial(keras.optimizers.SGD, 0.02, momentum=0.9),
    loss=keras.losses.BinaryCrossentropy(label_smoothing=0.2),
)


def trainer_of(build):
    return trainer_for(build, SHAPE, POLICY)


def falling_adamw():
    return ADAMW(FALLING())


penalised = builder(NORM, layers.ReLU, optimizer=falling_adamw, penalty=keras.regularizers.L2(0.1))


def batches_of(part, method, updates=UPDATES, replicate=0):
    plan = schedule(method, N, updates, replicate)
    return make_batches(part.x_train, part.y_train, plan, POLICY)


@pytest.mark.trained
@pytest.mark.parametrize(
    ("build", "method"),
    [(small_model, "live"), (with_momentum, "live-1/2"), (penalised, "copies-2")],
)
def test_the_loop_is_fit(part, build, method):
    batches = batches_of(part, method)
    curve = trainer_of(build).run(part, batches, UPDATES, evaluate_at=[10, UPDATES])
    model = build(SHAPE, seed=0)
    if not model.compiled:
        model.compile("adam", "binary_crossentropy")
    model.fit(*shown(batches, POLICY), batch_size=32, shuffle=False, verbose=0)
    assert_same_weights(trainer_of(build).model.get_weights(), model.get_weights())
    p = model.predict(part.x_val, verbose=0)[:, 0]  # with the batch statistics that training left
    assert curve["val_loss"].iloc[-1] == pytest.approx(log_loss(p, part.y_val), abs=1e-4)


# What is measured


@pytest.mark.trained
def test_rows_hold_what_was_shown_since_the_last_and_losses_of_all_clean_images(part):
    # Trained with smoothed labels, told by the true ones. The first update is measured by the initial weights.
    trainer, batches = trainer_of(with_momentum), batches_of(part, "copies-2", 4)
    single, pairs = (trainer.run(part, batches, 4, 0, at) for at in ([1, 2, 3, 4], [2, 4, 2]))
    assert pairs["update"].tolist() == [2, 4]
    images, labels = (part[:32] for part in shown(batches, POLICY))
    p = with_momentum(SHAPE, seed=0).predict(images, verbose=0)[:, 0]
    assert single["shown_loss"][0] == pytest.approx(log_loss(p, labels), abs=1e-5)
    shown_scores = ["shown_loss", "shown_accuracy"]
    averages = single[shown_scores].to_numpy().reshape(2, 2, 2).mean(axis=1)
    np.testing.assert_allclose(pairs[shown_scores], averages, rtol=1e-5)  # sums in float32
    last = pairs.iloc[-1]
    for name, x, y in (("train", *part[:2]), ("val", *part[2:])):
        p = trainer.model.predict(x, verbose=0)[:, 0]
        # Two programs for one forward pass.
        assert last[f"{name}_loss"] == pytest.approx(log_loss(p, y), abs=1e-5)
        assert last[f"{name}_accuracy"] == pytest.approx(np.mean((p > 0.5) == y), abs=1.01 / len(y))


def test_five_evaluations_lie_in_the_last_tenth_and_a_short_run_has_none_twice():
    for updates in (50, 400):
        found = evaluation_updates(updates)
        assert len(found) == 6 and np.diff(found).min() > 0 and found[-1] == updates
        assert sum(update > 0.9 * updates for update in found) == 5
    assert evaluation_updates(5) == [4, 5]


# Nothing is kept from run to run


@pytest.mark.trained
def test_a_run_is_the_same_after_any_other_and_in_a_fresh_trainer(part):
    # Each kind of state: batch statistics, seeds of a layer and of all, an optimiser's moments, a schedule's clock.
    seeded = functools.partial(DROPOUT, seed=7)
    build = builder(NORM, layers.ReLU, seeded, DROPOUT, optimizer=falling_adamw)

    def train(trainer, method="copies-2", replicate=0):
        batches = batches_of(part, method, replicate=replicate)
        curve = trainer.run(part, batches, UPDATES, replicate, [10, UPDATES])
        variables = [*trainer.model.variables, *trainer.model.optimizer.variables]
        return curve, [variable.numpy() for variable in variables]

    trainer = trainer_of(build)
    first, other = train(trainer), train(trainer, "live", 1)
    assert not np.allclose(other[1][0], first[1][0], atol=1e-3)
    for found in (train(trainer), train(Trainer(build, SHAPE, POLICY))):
        assert_same_curve(found[0], first[0])
        assert_same_weights(found[1], first[1])
    trainer.reset(1)
    assert_same_weights(trainer.model.get_weights(), build(SHAPE, seed=1).get_weights())


def test_dropout_is_drawn_for_each_update_and_replicate_and_off_where_losses_are_measured(part):
    # Replicates start alike, and hardly move.
    slow = functools.partial(keras.optimizers.SGD, 1e-9)
    trainer = trainer_of(builder(DROPOUT, start=0, optimizer=slow))
    batches = Batches(part.x_train, part.y_train, np.zeros((2, 32), int), None)
    first, second = (trainer.run(part, batches, 2, replicate, [1, 2]) for replicate in (0, 1))
    assert len(np.unique([first["shown_loss"], second["shown_loss"]])) == 4
    answers = trainer.predict(part.x_train[:1].repeat(32, axis=0))
    assert len(np.unique(answers)) == 1


# What is refused


def test_batches_that_do_not_suffice_and_odd_evaluations_are_refused(part):
    run = trainer_of(small_model).run
    assert "found 10 batches" in refusal(run, part, batches_of(part, "none", 10), UPDATES)
    odd = [[], [0, UPDATES], [UPDATES // 2], [0.5, UPDATES], [UPDATES, UPDATES + 1]]
    for evaluate_at in odd:
        said = refusal(run, part, batches_of(part, "none"), UPDATES, evaluate_at=evaluate_at)
        assert said.startswith(f"evaluate_at is {evaluate_at}; expected")


LOGITS = keras.losses.BinaryCrossentropy(from_logits=True)
NO_CLASSIFIER = [  # a builder, and what is said
    (builder(end=("softplus", 1)), "no probabilities"),
    (builder(end=("tanh", 1)), "no probabilities"),
    (builder(end=("sigmoid", 3)), "no probabilities"),
    (builder(end=("softmax", 2)), "no probabilities"),
    (builder(optimizer=ADAMW, loss=LOGITS), "on logits"),
    (lambda shape, seed: small_model(shape), "other initial"),
    (small_model(SHAPE), "build is <"),
]


def test_what_gives_no_probability_or_other_weights_at_each_call_is_refused():
    for build, said in NO_CLASSIFIER:
        assert said in refusal(Trainer, build, SHAPE)


def test_a_softmax_of_three_classes_is_trained_and_not_evaluated(part):
    trainer = Trainer(builder(end=("softmax", 3)), SHAPE)
    batches = Batches(part.x_train, np.arange(N) % 3, np.arange(32)[None], None)
    ((_, figures),) = trainer.train(batches, [1])
    assert figures["shown_loss"] > 0 and trainer.predict(part.x_val.astype(float)).shape == (700, 3)
    before = trainer.model.get_weights()
    said = refusal(trainer.run, part, batches, 1, replicate=1)
    assert said.startswith("the model tells 3 classes apart; expected one sigmoid unit")
    assert_same_weights(trainer.model.get_weights(), before, atol=0)  # refused before it trained
