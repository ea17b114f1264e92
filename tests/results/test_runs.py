"""One run: it is a fit in plain Keras, and measures what its table has."""

import keras
import numpy as np
import pandas as pd
import pytest

from experiments import names, policies, questions, runs, states
from helpers import methods, model, stats
from helpers.data import RESULTS, Data, subset

SETTING = dict(zip(questions.KEYS, (0, "garments", 64, "none", "mild", "image", "small", "adam", 0.001, "constant",
                                    0.0, 32, 20, 1), strict=True))  # fmt: skip


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Grey pictures of two classes, colour pictures of ten; brightness tells them."""
    rng, y = np.random.default_rng(0), np.arange(500)
    grey, colour = (0.5 * rng.random((500, side, side, channels), np.float32) for side, channels in ((28, 1), (32, 3)))
    grey += 0.1 * (y % 2)[:, None, None, None].astype("float32")
    colour += 0.05 * (y % 10)[:, None, None, None].astype("float32")
    data = {"garments": Data(grey[:400], y[:400] % 2, grey[400:], y[400:] % 2),
            "colour": Data(colour[:400], y[:400] % 10, colour[450:], y[450:] % 10)}  # fmt: skip
    monkeypatch.setattr(names, "load_dataset", data.__getitem__)
    return data


def logits_of(network, images):
    return runs.log_odds(network.predict(images, verbose=0)[:, 0])


CASES = {
    "adam, linear": ({"schedule": "linear"},
                     lambda: keras.optimizers.Adam(keras.optimizers.schedules.PolynomialDecay(0.001, 20, 0))),
    "sgd, batches of 16": ({"optimiser": "sgd", "rate": 0.01, "batch": 16},
                           lambda: keras.optimizers.SGD(0.01, momentum=0.9)),
    "residual": ({"model": "residual", "optimiser": "adamw", "schedule": "cosine", "weight_decay": 0.004},
                 lambda: keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(0.001, 20), weight_decay=0.004)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_run_is_a_fit_in_plain_keras(few, name):
    change, optimiser = CASES[name]
    setting = SETTING | change
    measured, answers = runs.run(setting)
    part, network = subset(few["garments"], 64, 1), model.MODELS[setting["model"]](seed=1)
    network.compile(optimiser(), "binary_crossentropy")
    for rows in methods.schedule("none", 64, 20, 1, setting["batch"]).source:
        network.train_on_batch(part.x_train[rows], part.y_train[rows])
    # The same sums in another order, which batch normalisation magnifies.
    limit = 2e-2 if name == "residual" else 1e-3
    np.testing.assert_allclose(answers["new"], logits_of(network, part.x_val), atol=limit)
    own = network.predict(part.x_train, verbose=0)[:, 0]
    assert measured["own_loss"] == pytest.approx(stats.log_loss(own, part.y_train), abs=2e-3)
    assert measured["own_accuracy"] == pytest.approx(np.mean((own > 0.5) == part.y_train), abs=0.02)
    assert measured["shown_loss"] == pytest.approx(measured["own_loss"], abs=1e-6)  # the last epoch shows each once
    mild = policies.policy_of("mild", "garments")
    changed = mild.apply(part.x_val, mild.draw(100, (1, runs.UNSEEN_DRAW))).numpy()
    np.testing.assert_allclose(answers["mild"], logits_of(network, changed), atol=limit)


GIVEN = {
    "question 4": ({"question": 4, "policy": "states", "draw": "own", "method": "copies-4"}, "coverage",
                   ["mild", "shared_1", "shared_4", "others", "random"]),
    "question 3": ({"question": 3, "dataset": "colour", "policy": "crop", "method": "originals+2"}, "photographs",
                   ["mirror"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_a_run_measures_what_its_table_has_and_answers_each_test_set(name):
    change, table, tests = GIVEN[name]
    measured, answers = runs.run(SETTING | change)
    assert [*questions.KEYS, *measured] == list(pd.read_csv(RESULTS / f"{table}.csv", nrows=0))
    assert list(answers) == ["new", *tests]
    for test in tests:
        decided = [answers[key].argmax(axis=1) if answers[key].ndim == 2 else answers[key] > 0 for key in (test, "new")]
        assert measured[f"changed_{test}"] == pytest.approx(np.mean(decided[0] != decided[1]))
    assert measured["processor_seconds"] > 0 and measured["shown_loss"] != measured["own_loss"]
    if name == "question 3":
        assert answers["new"].shape == (50, 10)
        np.testing.assert_allclose(np.exp(answers["new"]).sum(axis=1), 1, atol=1e-4)


class Spy:
    """Trains nothing: notes what it is given, and says yes where a bright line stands in its column."""

    column = 9

    def train(self, *given):
        self.given = given
        return []

    def predict(self, x):
        return (x[:, 14, self.column, 0] > 0.5).astype("float32")


@pytest.fixture
def spy(monkeypatch):
    trainer = Spy()
    monkeypatch.setattr(runs.training, "trainer_for", lambda *given: trainer)
    return trainer


@pytest.mark.parametrize("policy", ["cells", "cells-rare"])
def test_only_with_the_rare_class_alone_the_other_is_shown_as_it_is(spy, policy):
    runs.run(SETTING | {"policy": policy, "method": "live", "updates": 4})
    batches = spy.given[0]
    as_it_is = (batches.parameters == methods.IDENTITY).all(axis=-1)
    assert (as_it_is == ((batches.labels[batches.rows] == 0) & (policy == "cells-rare"))).all()


@pytest.mark.parametrize("name", ["crop", "mild"])
def test_photographs_are_cut_from_the_large_ones_and_kept_as_what_the_network_sees(monkeypatch, spy, name):
    images, y = np.random.default_rng(0).integers(0, 256, (32, 160, 160, 3), np.uint8), np.arange(32) % 2
    monkeypatch.setattr(names, "load_part", lambda *given: Data(images, y, images[:4], y[:4]))
    given = {"dataset": "clothes", "n": 32, "policy": name, "method": "originals+pool-2", "model": "residual-48"}
    runs.run(SETTING | given)
    batches, whole, policy = spy.given[0], policies.as_it_is(images), policies.policy_of(name, "clothes")
    source, plan = images if name == "crop" else whole, methods.schedule("originals+pool-2", 32, 20, 1)
    made = [whole, *(policy.apply(source, policy.draw(32, (1, number))).numpy() for number in (0, 1))]
    halved = np.stack([names.features_of("residual-48")(pictures) for pictures in made])
    assert halved.shape == (3, 32, 48, 48, 3)
    np.testing.assert_allclose(batches.images[batches.rows], halved[plan.version, plan.source], atol=1e-5)
    np.testing.assert_array_equal(batches.labels[batches.rows], y[plan.source])
    shown, labels = runs.last_shown(batches, policy, 40)
    np.testing.assert_array_equal(shown, batches.images[batches.rows].reshape(-1, 48, 48, 3)[-40:])
    np.testing.assert_array_equal(labels, y[plan.source].reshape(-1)[-40:])


def test_a_line_is_moved_both_ways_and_a_change_in_two_directions_counts_both(spy, few):
    line = np.zeros((8, 28, 28, 1), np.float32)
    line[:, :, 10] = 1
    few["garments"] = few["garments"]._replace(x_val=line)
    for spy.column, change, share in ((17, "mirror", 1), (9, "pixel", 0.5), (11, "pixel", 0.5), (8, "two_pixels", 0.5),
                                      (12, "two_pixels", 0.5)):  # fmt: skip
        measured, _ = runs.run(SETTING)
        found = {name: measured[f"changed_{name}"] for name in ("mirror", "pixel", "two_pixels", "turn", "zoom")}
        assert found == dict.fromkeys(found, 0) | {change: share}
    sets = runs.changed_sets(SETTING | {"question": 4, "replicate": 5}, line)
    (one, other), (larger, smaller) = sets["turn"], sets["zoom"]
    np.testing.assert_allclose(other, one[:, ::-1], atol=1e-6)  # the line leans to the other side
    assert (one != other).any()
    at, there, back = (images.sum(axis=(0, 1, 3)) @ np.arange(28) / images.sum() for images in (line, larger, smaller))
    assert there < at < back  # left of the centre, from which it moves away as it grows
    np.testing.assert_array_equal(sets["others"][0], states.test_sets(line, 5)["others"])
