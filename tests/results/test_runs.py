"""One run: it is a fit in plain Keras, and measures what its table has."""

import keras
import numpy as np
import pandas as pd
import pytest

from experiments import names, policies, questions, runs, states
from helpers import arms, model, stats
from helpers.data import Data, subset
from helpers.tables import FOLDER

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
    for rows in arms.schedule("none", 64, 20, 1, setting["batch"]).source:
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
    "question 4": ({"question": 4, "policy": "states", "draw": "own", "arm": "copies-4"}, "coverage",
                   ["mild", "shared_1", "shared_4", "others", "random"]),
    "question 3": ({"question": 3, "dataset": "colour", "policy": "crop", "arm": "originals+2"}, "photographs",
                   ["mirror"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEN)
def test_a_run_measures_what_its_table_has_and_answers_each_test_set(name):
    change, table, tests = GIVEN[name]
    measured, answers = runs.run(SETTING | change)
    assert [*questions.KEYS, *measured] == list(pd.read_csv(FOLDER / f"{table}.csv", nrows=0))
    assert list(answers) == ["new", *tests]
    for test in tests:
        decided = [answers[key].argmax(axis=1) if answers[key].ndim == 2 else answers[key] > 0 for key in (test, "new")]
        assert measured[f"changed_{test}"] == pytest.approx(np.mean(decided[0] != decided[1]))
    assert measured["processor_seconds"] > 0 and measured["shown_loss"] != measured["own_loss"]
    if name == "question 3":
        assert answers["new"].shape == (50, 10)
        np.testing.assert_allclose(np.exp(answers["new"]).sum(axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("policy", ["cells", "cells-rare"])
def test_only_with_the_rare_class_alone_the_other_is_shown_as_it_is(monkeypatch, policy):
    trained, last_shown = [], runs.last_shown

    def note(batches, *given):
        trained.append(batches)
        return last_shown(batches, *given)

    monkeypatch.setattr(runs, "last_shown", note)
    runs.run(SETTING | {"policy": policy, "arm": "live", "updates": 4})
    as_it_is = (trained[0].parameters == arms.IDENTITY).all(axis=-1)
    assert (as_it_is == ((trained[0].labels[trained[0].rows] == 0) & (policy == "cells-rare"))).all()


def test_what_is_made_beforehand_is_what_is_made_when_it_is_needed(few):
    part, policy = subset(few["garments"], 64, 1), policies.policy_of("mild", "garments")
    for arm in ("live", "originals+pool-2", "none"):
        plan = arms.schedule(arm, 64, 8, 1)
        made = runs.made_beforehand(part, plan, policy, 1, np.asarray)
        drawn = arms.make_batches(arm, part.x_train, part.y_train, plan, policy, 1)
        (shown, labels), (expected, known) = (runs.last_shown(batches, policy, 96) for batches in (made, drawn))
        np.testing.assert_allclose(shown, expected, atol=1e-5)
        np.testing.assert_array_equal(labels, known)
        np.testing.assert_array_equal(labels, part.y_train[plan.source.reshape(-1)[-96:]])


def test_changed_sets_move_a_line_both_ways_and_have_the_states_of_the_replicate():
    x = np.zeros((4, 28, 28, 1), np.float32)
    x[:, :, 10] = 1
    sets = runs.changed_sets(SETTING | {"question": 4, "replicate": 5}, x)
    place = {name: [images[0, 14, :, 0].argmax() for images in directions] for name, directions in sets.items()}
    assert [place[name] for name in ("mirror", "pixel", "two_pixels")] == [[17], [9, 11], [8, 12]]
    assert place["turn"] == place["zoom"] == [10, 10]
    assert all((images[0] != x[0]).any() for name in ("turn", "zoom") for images in sets[name])
    np.testing.assert_array_equal(sets["others"][0], states.test_sets(x, 5)["others"])


def test_a_change_in_two_directions_counts_both(monkeypatch, few):
    class Column:
        """Says yes where a bright line has come to stand."""

        def train(self, *given):
            return []

        def predict(self, x):
            return (x[:, 14, 9, 0] > 0.5).astype("float32")

    line = np.zeros((8, 28, 28, 1), np.float32)
    line[:, :, 10] = 1
    few["garments"] = few["garments"]._replace(x_val=line)
    monkeypatch.setattr(runs.training, "trainer_for", lambda *given: Column())
    measured, _ = runs.run(SETTING)
    assert [measured[f"changed_{name}"] for name in ("mirror", "pixel", "two_pixels", "turn")] == [0, 0.5, 0, 0]
