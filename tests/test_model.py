"""The networks, and that the loop trains any Keras classifier with one sigmoid unit as Keras would."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import training
from helpers.arms import drawn_batches, schedule, stored_batches
from helpers.augment import named_policy
from helpers.data import Data
from helpers.model import MODELS, deeper_model, residual_model, small_model
from helpers.stats import log_loss
from helpers.training import Trainer
from refusals import refusal
from trained import assert_same_curve

N, UPDATES, SHAPE = 32, 8, (12, 12, 1)
POLICY = named_policy("mild")


@pytest.fixture(scope="module")
def part():
    """Noise, brighter where the label is 1."""
    rng = np.random.default_rng(0)
    labels = np.arange(N) % 2
    images = rng.random((N, *SHAPE), np.float32) * 0.8 + 0.2 * labels[:, None, None, None].astype("float32")
    return Data(images, labels, images[::-1], labels[::-1])


# The three networks


@pytest.mark.trained
@pytest.mark.parametrize(
    ("build", "weights", "logit"),
    [(small_model, 5_729, 1.9916), (deeper_model, 121_345, -0.14613), (residual_model, 77_841, 1.2748)],
)
def test_a_network_is_that_of_the_stored_results(build, weights, logit):
    """What it makes of an image with weights that no version draws differently tells one architecture from another."""
    model = build(SHAPE, seed=0)
    waves = [0.3 * np.sin(np.arange(w.size)).reshape(w.shape) for w in model.get_weights()]
    names = [weight.name for weight in model.weights]
    model.set_weights([abs(w) if "variance" in name else w for name, w in zip(names, waves, strict=True)])
    p = model(images_around_zero()[:1]).numpy().item()
    assert build().count_params() == weights
    assert np.log(p / (1 - p)) == pytest.approx(logit, rel=1e-3)


@pytest.mark.parametrize("build", MODELS.values(), ids=MODELS)
def test_a_seed_fixes_the_weights_layer_by_layer_and_touches_no_global_state(build):
    keras.utils.set_random_seed(1)
    expected = keras.random.uniform((1,))
    keras.utils.set_random_seed(1)
    first, again, other = (build(SHAPE, seed=seed).get_weights() for seed in (3, 3, 4))
    assert keras.random.uniform((1,)) == expected
    kernels = [w for w in first if w.ndim > 1]
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(first, other, strict=True) if a.ndim > 1)
    starts = {tuple(np.round(w.ravel()[:4] / w.std(), 4)) for w in kernels}
    assert len(starts) == len(kernels)  # no two layers draw alike
    p = build((13, 17, 3), seed=0)(np.random.default_rng(0).random((3, 13, 17, 3), np.float32)).numpy()
    assert p.shape == (3, 1) and p.dtype == np.float32 and ((p > 0) & (p < 1)).all()


@pytest.mark.trained
def test_batch_normalisation_of_the_residual_network_forgets_a_hundredth_an_update():
    model = residual_model(SHAPE, seed=0)
    images = images_around_zero()
    model(images, training=True)
    first = model.layers[1](images)
    np.testing.assert_allclose(model.layers[2].moving_mean, 0.01 * np.mean(first, axis=(0, 1, 2)), rtol=1e-4)


def images_around_zero():
    return np.random.default_rng(0).normal(size=(8, *SHAPE)).astype("float32")


# Any classifier with a sigmoid unit


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
with_momentum = builder(optimizer=functools.partial(keras.optimizers.SGD, 0.02, momentum=0.9))
with_schedule = builder(optimizer=lambda: keras.optimizers.Adam(FALLING()))
with_smoothing = builder(optimizer=keras.optimizers.Adam, loss=keras.losses.BinaryCrossentropy(label_smoothing=0.2))
WITHOUT_DROPOUT = {
    "norm": builder(NORM, layers.ReLU), "AdamW": builder(optimizer=ADAMW), "momentum": with_momentum,
    "schedule": with_schedule, "smoothing": with_smoothing, "penalty": builder(penalty=keras.regularizers.L2(0.1)),
}  # fmt: skip


def trainer_of(build):
    return training.trainer_for(build, SHAPE, POLICY)


def train(trainer, part, replicate=0, make=stored_batches, arm="copies-2", **options):
    batches = make(part.x_train, part.y_train, schedule(arm, N, UPDATES, replicate), POLICY, replicate)
    curve = trainer.run(part, batches, UPDATES, replicate, evaluate_at=[3, UPDATES], **options)
    return curve, [variable.numpy().copy() for variable in variables(trainer)]


def variables(trainer):
    """All that training changes: weights, batch statistics, dropout seeds, the optimiser's."""
    model = trainer.model
    seeds = [generator.state for layer in model.layers for generator in layer._seed_generators]
    return [*model.weights, *seeds, *model.optimizer.variables]


def equal(first, second):
    return all(np.allclose(a, b, atol=1e-5) for a, b in zip(first, second, strict=True))  # far above what rounding does


# Each kind of state: batch statistics, seeds of a layer and of all, an optimiser's moments; and a schedule's clock.
@pytest.mark.trained
@pytest.mark.parametrize("build", [with_all_at_once, with_schedule], ids=["all at once", "schedule"])
def test_a_run_is_the_same_after_any_other_and_in_a_fresh_trainer(part, build):
    trainer = trainer_of(build)
    first = train(trainer, part)
    trainer.reset(0)
    start = [variable.numpy().copy() for variable in variables(trainer)]
    rate = None if build is with_schedule else 0.02
    other = train(trainer, part, replicate=1, rate=rate, make=drawn_batches, arm="live")
    assert not equal(first[1], other[1])
    trainer.reset(0)
    assert equal([variable.numpy() for variable in variables(trainer)], start)
    again, fresh = train(trainer, part), train(Trainer(build, SHAPE, POLICY), part)
    for found in (again, fresh):
        assert_same_curve(found[0], first[0], N)
        assert equal(found[1], first[1])


@pytest.mark.trained
@pytest.mark.parametrize("build", WITHOUT_DROPOUT.values(), ids=WITHOUT_DROPOUT)
def test_the_loop_is_fit(part, build):
    trainer = trainer_of(build)
    batches = stored_batches(part.x_train, part.y_train, schedule("copies-2", N, UPDATES), POLICY, 0)
    curve = trainer.run(part, batches, UPDATES, evaluate_at=[UPDATES])
    model = build(SHAPE, seed=0)
    if not model.compiled:
        model.compile("adam", "binary_crossentropy")
    rows = batches.rows.ravel()
    model.fit(batches.images[rows], batches.labels[rows], batch_size=32, shuffle=False, verbose=0)
    for found, expected in zip(trainer.model.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)  # another last bit in the pictures: 1e-7
    p = model.predict(part.x_val, verbose=0)[:, 0]  # with the batch statistics that training left
    assert curve["val_loss"].iloc[0] == pytest.approx(log_loss(p, part.y_val), abs=1e-5)


@pytest.mark.trained
def test_the_shown_loss_is_that_of_the_true_labels(part):
    # One update with nearly no rate: what was shown is measured by the initial weights.
    trainer = trainer_of(with_smoothing)
    images, labels = part.x_train[:32], part.y_train[:32]
    curve = trainer.run(part, [(images, labels)], 1, evaluate_at=[1], rate=1e-9)
    p = with_smoothing(SHAPE, seed=0).predict(images, verbose=0)[:, 0]
    assert curve["shown_loss"].iloc[0] == pytest.approx(log_loss(p, labels), abs=1e-5)


@pytest.mark.parametrize("seed", [7, None])
def test_dropout_is_drawn_for_each_update_and_replicate_and_off_where_losses_are_measured(part, seed):
    trainer = trainer_of(builder(functools.partial(DROPOUT, seed=seed), start=0))  # replicates start alike
    images = part.x_train[:1].repeat(32, axis=0)
    options = {"evaluate_at": [1, 2], "rate": 1e-9}
    shown = [trainer.run(part, [(images, np.ones(32))] * 2, 2, r, **options)["shown_loss"].tolist() for r in (0, 1)]
    assert len(set(np.ravel(shown).tolist())) == 4
    trainer.reset(0)
    assert len(set(trainer.predict(images).tolist())) == 1


def test_a_schedule_is_left_alone_and_any_rate_beside_it_refused(part):
    trainer = trainer_of(with_schedule)
    train(trainer, part)
    assert int(trainer.model.optimizer.iterations) == UPDATES
    assert float(trainer.model.optimizer.learning_rate) == pytest.approx(0, abs=1e-9)
    for options in ({"rate": 0.001}, {"decay": True}):
        assert "learning-rate schedule" in refusal(train, trainer, part, **options)


@pytest.mark.trained
def test_an_optimisers_own_rate_is_kept_unless_another_is_given_and_falls_from_there(part):
    trainer = trainer_of(with_momentum)
    for rate, expected in ((0.5, 0.5), (None, 0.02)):
        train(trainer, part, rate=rate)
        assert float(trainer.model.optimizer.learning_rate) == pytest.approx(expected)
    found = [train(trainer, part, rate=rate, decay=True)[1] for rate in (None, 0.02, 0.001)]
    assert equal(found[0], found[1])
    assert not equal(found[0], found[2])


# Builders whose result changes

SETTINGS = {"units": 4, "drop": 0.0, "rate": 0.01, "smoothing": 0.0, "bias": 0.0, "first": False}


def from_settings(shape, seed=None):
    inputs = keras.Input(shape)
    x = layers.Flatten()(inputs)
    steps = []
    for number in range(3):
        kernel = keras.initializers.GlorotUniform(10 * (seed or 0) + number)
        x = layers.Dense(SETTINGS["units"], "relu", kernel_initializer=kernel)(x)
        steps.append(x)
    x = layers.Add()([x, steps[0] if SETTINGS["first"] else steps[1]])
    x = layers.Dropout(SETTINGS["drop"], seed=1)(x)
    outputs = layers.Dense(1, "sigmoid", kernel_initializer=keras.initializers.GlorotUniform(seed))(x)
    model = keras.Model(inputs, outputs)
    model.layers[2].bias.assign(np.full(SETTINGS["units"], SETTINGS["bias"]))
    loss = keras.losses.BinaryCrossentropy(label_smoothing=SETTINGS["smoothing"])
    model.compile(keras.optimizers.Adam(SETTINGS["rate"]), loss)
    return model


@pytest.mark.trained
@pytest.mark.parametrize(
    ("setting", "value"),
    [("units", 8), ("drop", 0.5), ("rate", 0.1), ("smoothing", 0.2), ("bias", 0.5), ("first", True)],
)
def test_a_builder_whose_result_changes_is_noticed(part, monkeypatch, setting, value):
    before = trainer_of(from_settings)
    unchanged = train(before, part)[0]
    monkeypatch.setitem(SETTINGS, setting, value)
    found = train(trainer_of(from_settings), part)[0]
    assert_same_curve(found, train(Trainer(from_settings, SHAPE, POLICY), part)[0], N)
    assert not found.equals(unchanged)
    monkeypatch.undo()
    assert trainer_of(from_settings) is before


def own_loss(labels, p):
    return keras.losses.binary_crossentropy(labels, p)


def tenfold(labels, p):
    return 10 * keras.losses.binary_crossentropy(labels, p)


def test_a_loss_of_ones_own_may_change_under_its_name_or_have_none(part, monkeypatch, recwarn):
    def with_own_loss(shape, seed=None):
        return builder(optimizer=functools.partial(keras.optimizers.SGD, 0.1), loss=own_loss)(shape, seed)

    before = train(trainer_of(with_own_loss), part)
    tenfold.__name__ = own_loss.__name__
    monkeypatch.setitem(globals(), "own_loss", tenfold)
    assert not equal(before[1], train(trainer_of(with_own_loss), part)[1])
    nameless = builder(optimizer=keras.optimizers.Adam, loss=lambda y, p: keras.losses.binary_crossentropy(y, p))
    assert trainer_of(nameless) is not trainer_of(nameless)
    assert not [warning for warning in recwarn if "lambda" in str(warning.message)]


# What is no such classifier


def ending(*last, loss=None):
    """A builder of a linear unit with these layers after it."""

    def build(shape, seed=None):
        unit = layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(seed))
        model = keras.Sequential([keras.Input(shape), layers.Flatten(), unit, *last])
        if loss is not None:
            model.compile("adam", loss)
        return model

    return build


def functional(shape, seed=None):
    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.ops.sigmoid(ending()(shape, seed)(inputs)))


def nested(shape, seed=None):
    inputs = keras.Input(shape)
    return keras.Model(inputs, ending(layers.Activation("sigmoid"))(shape, seed)(inputs))


def nested_linear(shape, seed=None):
    return keras.Sequential([keras.Input(shape), ending()(shape, seed)])


def two_units(shape, seed=None):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(2, "softmax")])


def unseeded(shape, seed=None):
    return keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1, "sigmoid")])


def on_logits(labels, z):
    return keras.losses.binary_crossentropy(labels, z, from_logits=True)


def with_loss(loss):
    return ending(layers.Activation("sigmoid"), loss=loss)


NO_CLASSIFIER = [  # a builder, and what is said
    (ending(), "ends in Dense (linear)"), (nested_linear, "ends in Dense (linear)"),
    (ending(loss=keras.losses.BinaryCrossentropy(from_logits=True)), "ends in Dense (linear)"),
    (ending(layers.Activation("tanh")), "ends in Activation (tanh)"),
    (ending(layers.Activation("softmax")), "ends in Activation (softmax)"),
    (ending(layers.Activation("sigmoid"), layers.Rescaling(2)), "ends in Rescaling;"),
    (two_units, "shape (None, 2); expected (None, 1)"), (unseeded, "other initial weights"),
    (with_loss(keras.losses.BinaryCrossentropy(from_logits=True)), "BinaryCrossentropy on logits"),
    (with_loss([keras.losses.BinaryFocalCrossentropy(from_logits=True)]), "BinaryFocalCrossentropy on logits"),
    (with_loss(functools.partial(keras.losses.binary_crossentropy, from_logits=True)), "binary_crossentropy on logits"),
    (with_loss(tf.nn.sigmoid_cross_entropy_with_logits), "sigmoid_cross_entropy_with_logits_v2 on logits"),
    (with_loss(on_logits), "on_logits on logits"),
]  # fmt: skip


@pytest.mark.parametrize(("build", "said"), NO_CLASSIFIER)
def test_what_gives_no_probability_or_other_weights_at_each_call_is_refused(build, said):
    assert said in refusal(Trainer, build, SHAPE)


LOSSES = ["binary_crossentropy", keras.losses.BinaryCrossentropy, keras.losses.binary_crossentropy, own_loss, "mse"]


@pytest.mark.parametrize("build", [functional, nested, ending(layers.Activation(tf.nn.sigmoid))])
def test_a_sigmoid_is_recognised_and_a_loss_in_any_form_taken(build):
    for loss in LOSSES:

        def compiled(shape, seed=None, loss=loss):
            model = build(shape, seed)
            model.compile("adam", loss)
            return model

        Trainer(compiled, SHAPE)
