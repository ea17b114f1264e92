"""The registered questions: what is stored of a run, and how labels are joined to its answers."""

import sys

import numpy as np
import pandas as pd
import pytest

from experiments import compute, join, questions, rows, runs
from helpers import stats
from helpers.data import RESULTS, Data

RNG = np.random.default_rng(0)


def test_the_scores_of_two_classes_are_those_of_the_series_and_of_many_the_same_with_two():
    p = RNG.random(200)
    labels = (RNG.random(200) < np.where(np.arange(200) % 2, p, 0.5)).astype(int)  # over-confident in every other
    found = join.tested(runs.log_odds(p), labels)
    assert found["loss"] == pytest.approx(stats.log_loss(p, labels), abs=1e-6)
    assert found["scaled_loss"] == pytest.approx(stats.scaled_loss(p, labels), abs=1e-4)
    assert found == pytest.approx(join.tested(runs.log_odds(np.stack([1 - p, p], axis=1)), labels), abs=1e-5)


@pytest.mark.parametrize("name", [name for name in questions.QUESTIONS if (RESULTS / f"{name}-tested.csv").exists()])
def test_no_run_of_a_joined_question_is_missing_and_its_columns_are_foretold(name):
    assert rows.missing(questions.QUESTIONS[name](), RESULTS / f"{name}.csv", runs.columns) == []


def test_labels_are_joined_to_complete_runs_alone_and_to_each_replicate_its_own(tmp_path, monkeypatch):
    settings = [{"question": 2, "dataset": "clothes", "n": 64, "replicate": number} for number in range(2)]
    path = tmp_path / "few.csv"
    labels = [np.array([0, 1, 2, 2]), np.array([1, 1, 0, 2])]
    monkeypatch.setattr(join, "RESULTS", tmp_path)
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
