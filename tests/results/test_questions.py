"""The registered questions: what a run shows, what is stored of it, and how a prediction is scored."""

import sys

import numpy as np
import pandas as pd
import pytest

from experiments import join, predictions, questions, rows, runs, states, verdicts
from helpers import arms, stats
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.data import Data
from helpers.tables import FOLDER

RNG = np.random.default_rng(0)
PICTURES = RNG.random((6, 28, 28, 1), np.float32)


def test_a_state_is_what_the_augmenter_makes_of_it():
    for number, (down, right, mirrored) in enumerate(states.STATES):
        parameters = np.tile(IDENTITY, (len(PICTURES), 1))
        parameters[:, PARAMETERS.index("flip_horizontal")] = mirrored
        parameters[:, PARAMETERS.index("shift_height")] = -down / 28
        parameters[:, PARAMETERS.index("shift_width")] = (right if mirrored else -right) / 28
        expected = RandomAffine().apply(PICTURES, parameters).numpy()
        # The augmenter reckons in fixed point, with fractions of 2^-10 of a pixel at this size.
        np.testing.assert_allclose(states.change(PICTURES, number), expected, atol=1e-3)


def shown(arm, way, n=32, updates=40, replicate=3):
    """The state of each picture of a run, by image: (n, epochs)."""
    x = np.arange(n, dtype=np.float32)[:, None, None, None] + np.zeros((1, 28, 28, 1), np.float32)
    plan = arms.schedule(arm, n, updates, replicate)
    batches = states.batches(x, np.arange(n), plan, way, replicate)
    rows_shown = batches.rows.reshape(-1)
    assert (batches.labels[rows_shown] == rows_shown % n).all()
    assert (rows_shown % n == plan.source.reshape(-1)).all()
    order = np.argsort(rows_shown % n, kind="stable")
    return (rows_shown // n)[order].reshape(n, -1)


def test_stored_copies_are_changed_pictures_and_eighteen_are_all_states():
    assert (shown("none", "own") == 0).all()
    for way in ("own", "shared"):
        one, four, all_states = (shown(f"copies-{count}", way) for count in (1, 4, 18))
        assert (one > 0).all() and (one == one[:, :1]).all()
        assert all(len(set(states_shown)) == 4 for states_shown in four.tolist())
        assert all(len(set(states_shown[:18])) == 18 for states_shown in all_states.tolist())
        assert (len(np.unique(one)) == 1) == (way == "shared")


def test_live_draws_each_picture_anew_and_a_renewed_copy_lasts_eighteen_epochs():
    live, renewed = shown("live", "anew"), shown("fresh-1-18", "anew")
    assert (live[:, 1:] != live[:, :-1]).mean() > 0.9
    assert (renewed[:, :18] == renewed[:, :1]).all() and (renewed[:, 18] != renewed[:, 17]).mean() > 0.8


def test_the_test_images_are_in_the_states_of_the_shared_copies_or_in_none_of_them():
    x = RNG.random((40, 28, 28, 1), np.float32)
    order, made = states.shared_order(5), np.stack([states.change(x, state) for state in range(18)])
    state_of = {
        name: (made == images).all(axis=(2, 3, 4)).argmax(axis=0) for name, images in states.test_sets(x, 5).items()
    }
    assert set(state_of["shared_1"]) == {order[0]}
    assert set(state_of["shared_4"]) == set(order[:4])
    assert set(state_of["others"]) <= set(order[4:17])
    assert 0 not in state_of["random"] and len(set(state_of["random"])) > 10


def test_the_scores_of_two_classes_are_those_of_the_series_and_of_many_the_same_with_two():
    p = RNG.random(200)
    labels = (RNG.random(200) < np.where(np.arange(200) % 2, p, 0.5)).astype(int)  # over-confident in every other
    found = join.tested(runs.log_odds(p), labels)
    assert found["loss"] == pytest.approx(stats.log_loss(p, labels), abs=1e-6)
    assert found["scaled_loss"] == pytest.approx(stats.scaled_loss(p, labels), abs=1e-4)
    assert found == pytest.approx(join.tested(runs.log_odds(np.stack([1 - p, p], axis=1)), labels), abs=1e-5)


def table(gap):
    """Runs in which live is better than one copy by ``gap`` in loss."""
    noise = RNG.normal(0, 0.002, (8, 2))
    lines = [
        {"dataset": "garments", "model": "small", "n": 512, "replicate": replicate, "told": told,
         "new_loss": 0.3 + 0.02 * replicate + by + noise[replicate, place]}
        for replicate in range(8)
        for place, (told, by) in enumerate((("copies-1 mild image", gap), ("live mild image", 0.0)))
    ]  # fmt: skip
    return pd.DataFrame(lines)


@pytest.mark.parametrize(
    ("gap", "foretold", "verdict", "right", "counts"),
    [(0.1, 0.08, "worse", True, True), (0.1, -0.08, "worse", False, True), (0.0, 0.08, "equivalent", False, True),
     (0.0, 0.01, "equivalent", True, False)],
)  # fmt: skip
def test_a_prediction_is_right_where_its_verdict_comes_out_and_counts_beyond_the_margin(
    gap, foretold, verdict, right, counts
):
    asked = predictions.Prediction(
        4, ("garments", "small", 512), "copies-1 mild image", "live mild image", "new_loss", foretold
    )
    found = verdicts.look_at(table(gap), asked)
    assert found.verdict == verdict and found.counts == counts and (found.verdict == found.foretold) == right
    if counts:
        assert verdicts.scored([found])["always yes"] == (verdict == "worse")


@pytest.mark.parametrize("name", [name for name in questions.QUESTIONS if (FOLDER / f"{name}-tested.csv").exists()])
def test_no_run_of_a_joined_question_is_missing_and_its_columns_are_foretold(name):
    assert rows.missing(questions.QUESTIONS[name](), FOLDER / f"{name}.csv", runs.columns) == []


def test_labels_are_joined_to_complete_runs_alone_and_to_each_replicate_its_own(tmp_path, monkeypatch):
    settings = [{"question": 2, "dataset": "clothes", "n": 64, "replicate": number} for number in range(2)]
    path = tmp_path / "few.csv"
    labels = [np.array([0, 1, 2, 2]), np.array([1, 1, 0, 2])]
    monkeypatch.setattr(join, "FOLDER", tmp_path)
    monkeypatch.setattr(questions, "QUESTIONS", {"few": lambda: settings})
    monkeypatch.setattr(join.names, "load_part", lambda name, n, replicate: Data(None, None, None, labels[replicate]))
    monkeypatch.setattr(join.runs, "columns", lambda _: ["own_loss"])
    monkeypatch.setattr(sys, "argv", ["join", "few"])
    for setting, known in zip(settings, labels, strict=True):
        with pytest.raises(SystemExit):
            join.main()
        rows.keep_answers(path, setting, {"new": np.log(0.9 * np.eye(3)[known] + 0.1 / 3)})
        rows.append(path, setting, {"own_loss": 0.5})
    join.main()
    found = pd.read_csv(tmp_path / "few-tested.csv")
    assert found["new_accuracy"].tolist() == [1, 1]
    assert found["new_loss"].to_list() == pytest.approx([-np.log(0.9 + 0.1 / 3)] * 2, abs=0.01)
    assert set(rows.read_digests(tmp_path)) == {"few.csv", "few-tested.csv", "few-answers.npz"}
