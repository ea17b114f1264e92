"""The registered questions: what a run shows, what is stored of it, and how a prediction is scored."""

import hashlib
import sys

import numpy as np
import pandas as pd
import pytest

from experiments import compute, join, predictions, questions, rows, runs, states, verdicts
from helpers import arms, stats
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.data import Data
from helpers.tables import FOLDER

RNG = np.random.default_rng(0)
PICTURES = np.random.default_rng(0).random((32, 28, 28, 1), np.float32)


def sha256(*arrays):
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()[:8]


def test_a_state_is_what_the_augmenter_makes_of_it():
    for number, (down, right, mirrored) in enumerate(states.STATES):
        parameters = np.tile(IDENTITY, (len(PICTURES), 1))
        parameters[:, PARAMETERS.index("flip_horizontal")] = mirrored
        parameters[:, PARAMETERS.index("shift_height")] = -down / 28
        parameters[:, PARAMETERS.index("shift_width")] = (right if mirrored else -right) / 28
        expected = RandomAffine().apply(PICTURES, parameters).numpy()
        # The augmenter reckons in fixed point, with fractions of 2^-10 of a pixel at this size.
        np.testing.assert_allclose(states.change(PICTURES, number), expected, atol=1e-3)


@pytest.mark.parametrize(
    ("arm", "way", "digest"),
    [("none", "own", "8c136e62"), ("copies-1", "own", "dda2841e"), ("copies-4", "own", "cd7c9437"),
     ("copies-18", "own", "653c27a7"), ("copies-1", "shared", "553e08ae"), ("copies-4", "shared", "c673ceaf"),
     ("fresh-1-18", "anew", "ced7232c"), ("live", "anew", "17b53493")],
)  # fmt: skip
def test_the_states_of_an_arm_are_those_of_the_stored_rows(arm, way, digest):
    batches = states.batches(PICTURES, np.arange(32), arms.schedule(arm, 32, 25, 3), way, 3)
    assert sha256(batches.images[batches.rows], batches.labels[batches.rows].astype("<i4")) == digest


def test_the_states_of_the_test_images_are_those_of_the_stored_rows():
    sets = states.test_sets(PICTURES, 5)
    assert tuple(sets) == states.TEST_SETS and sha256(*sets.values()) == "7159550f"


def test_the_scores_of_two_classes_are_those_of_the_series_and_of_many_the_same_with_two():
    p = RNG.random(200)
    labels = (RNG.random(200) < np.where(np.arange(200) % 2, p, 0.5)).astype(int)  # over-confident in every other
    found = join.tested(runs.log_odds(p), labels)
    assert found["loss"] == pytest.approx(stats.log_loss(p, labels), abs=1e-6)
    assert found["scaled_loss"] == pytest.approx(stats.scaled_loss(p, labels), abs=1e-4)
    assert found == pytest.approx(join.tested(runs.log_odds(np.stack([1 - p, p], axis=1)), labels), abs=1e-5)


COPY, LIVE = "copies-1 mild image", "live mild image"


def table(gap):
    """Runs in which live is better than one copy by ``gap`` in loss."""
    losses = RNG.normal(0, 0.002, (8, 2)) + [gap, 0] + 0.02 * np.arange(8)[:, None]
    losses = pd.DataFrame(losses, columns=[COPY, LIVE])
    long = losses.rename_axis("replicate").melt(var_name="told", value_name="new_loss", ignore_index=False)
    return long.reset_index().assign(dataset="garments", model="small", n=512)


@pytest.mark.parametrize(
    ("gap", "foretold", "verdict", "right", "counts"),
    [(0.03, 0.03, "worse", True, True), (0.1, -0.08, "worse", False, True), (0.0, 0.08, "equivalent", False, True),
     (0.0, 0.01, "equivalent", True, False)],
)  # fmt: skip
def test_a_prediction_is_right_where_its_verdict_comes_out_and_counts_beyond_the_margin(
    gap, foretold, verdict, right, counts
):
    asked = predictions.Prediction(4, ("garments", "small", 512), COPY, LIVE, "new_loss", foretold)
    found = verdicts.look_at(table(gap), asked)
    assert found.verdict == verdict and found.counts == counts and (found.verdict == found.foretold) == right
    if counts:
        assert verdicts.scored([found])["always yes"] == (verdict == "worse")


def test_no_augmentation_has_one_version_as_one_copy_has_and_live_has_more():
    where = ("garments", "small", 512)
    for first, second, foretold in ((COPY, predictions.NONE, "equivalent"), (LIVE, predictions.NONE, "better")):
        asked = predictions.Prediction(4, where, first, second, "new_loss", 0.0)
        assert verdicts.always_yes(asked) == foretold


@pytest.mark.parametrize(("settings", "said"), [(3, "enough versions"), (2, "undecided")])
def test_eighteen_versions_are_enough_where_they_are_as_good_as_live_in_three_of_four_settings(settings, said):
    came = {}
    for number, where in enumerate(verdicts.FOUR):
        word = "equivalent" if number < settings else "undecided"
        for measure in ("new_loss", "new_accuracy"):
            asked = predictions.Prediction(4, where, predictions.ALL_18, predictions.LIVE, measure, 0)
            key = where, asked.first, asked.second, measure
            came[key] = verdicts.Found(asked, None, "equivalent", word, counts=True, beyond=False)
    assert verdicts.vary_or_renew(came).startswith(said)


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
        said = np.log(0.9 * np.eye(3)[known] + 0.1 / 3)
        rows.keep_answers(path, setting, {"new": said, "mirror": -said})
        rows.append(path, setting, {"own_loss": 0.5})
    join.main()
    found = pd.read_csv(tmp_path / "few-tested.csv")
    assert found["new_accuracy"].tolist() == [1, 1] and found["mirror_accuracy"].tolist() == [0, 0]
    with np.load(tmp_path / "few-answers.npz") as kept:
        assert list(kept) == [f"{rows.file_name(setting)}/new" for setting in settings]
    with pytest.raises(SystemExit):  # once
        join.main()
    assert found["new_loss"].to_list() == pytest.approx([-np.log(0.9 + 0.1 / 3)] * 2, abs=0.01)
    assert set(rows.read_digests(tmp_path)) == {"few.csv", "few-tested.csv", "few-answers.npz"}


def test_a_question_that_there_is_not_is_named_before_anything_is_computed(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["compute", "coverage", "coverge"])
    with pytest.raises(SystemExit):
        compute.main()
    assert "no question 'coverge'; there are coverage, " in capsys.readouterr().err
    monkeypatch.setattr(questions, "QUESTIONS", {})
    monkeypatch.setattr(sys, "argv", ["compute"])
    compute.main()  # all that there are
