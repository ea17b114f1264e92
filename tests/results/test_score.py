"""Compute and score, from a question's first run to the files that are committed."""

import sys

import numpy as np
import pandas as pd
import pytest

from experiments import compute, datasets, rows, run, score, settings
from helpers import stats


def test_the_scores_of_two_classes_are_those_of_the_series_and_of_many_the_same_with_two():
    rng = np.random.default_rng(0)
    p = rng.random(200)
    labels = (rng.random(200) < np.where(np.arange(200) % 2, p, 0.5)).astype(int)  # over-confident in every other
    found = score.tested(run.log_odds(p), labels)
    assert found["loss"] == pytest.approx(stats.log_loss(p, labels), abs=1e-6)
    assert found["scaled_loss"] == pytest.approx(stats.scaled_loss(p, labels), abs=1e-4)
    assert found == pytest.approx(score.tested(run.log_odds(np.stack([1 - p, p], axis=1)), labels), abs=1e-5)
    assert np.isfinite(run.log_odds(np.array([0, 1]))).all()  # of a network that is certain


def test_replicates_that_differ_by_their_images_alone_share_all_of_their_variance():
    rng = np.random.default_rng(0)
    image, own = rng.normal(size=400), rng.normal(size=(5, 400))
    group = np.arange(400)
    assert score.shared_variance(np.tile(image, (5, 1)), group) == pytest.approx(image.var() / 400)
    assert abs(score.shared_variance(own, group)) < 0.2 / 400
    measured = np.where(rng.random((5, 400)) < 0.8, np.tile(image, (5, 1)), np.nan)
    assert score.shared_variance(measured, group) == pytest.approx(image.var() / 400, rel=0.2)
    twice = np.repeat(image[:200], 2)  # two photographs of each student are no more than one
    alike = score.shared_variance(np.tile(twice, (5, 1)), np.repeat(np.arange(200), 2))
    assert alike == pytest.approx(image[:200].var() / 200)


@pytest.fixture
def question(tmp_path, monkeypatch):
    """Four runs of question 7, two of them wrong where it is mirrored: 1 copy, of one boot in two."""
    common = settings.TASKS["garments"] | {"n": 20, "rate": 0.001}
    cell = [{key: (common | {"method": method, "replicate": replicate})[key] for key in settings.KEYS}
            for replicate in (0, 1) for method in ("none", "copies-1")]  # fmt: skip
    labels = np.tile(np.arange(10), 10)
    data = datasets.Images(np.zeros((100, 1, 1, 1), np.uint8), labels, np.arange(100), np.zeros(100, bool))
    parts = [datasets.Part(np.arange(20), np.arange(0), np.arange(0), np.arange(20 + 20 * k, 100)) for k in (0, 1)]

    def answer(setting, folder):
        tested = parts[setting["replicate"]].test
        said = np.log(0.9 * np.eye(10)[labels[tested]] + 0.01)
        mirrored = said.copy()
        if setting["method"] == "copies-1":
            mirrored[(labels[tested] == 9) & (tested >= 60)] = np.log(0.1)
        measured = dict.fromkeys(run.MEASURED, 0.5)
        return measured, {"test": said, "mirror": mirrored}

    for kind in ("intra", "inter"):  # TensorFlow runs already
        monkeypatch.setattr(compute.tf.config.threading, f"set_{kind}_op_parallelism_threads", lambda _: None)
    predicted = {"table": "few-mirror", "setting": "dataset=fashion n=20 updates=2560 classes=shoes",
                 "first": "copies-1 beside=none", "second": "none beside=copies-1"}  # fmt: skip
    lines = [predicted | {"measure": measure} for measure in ("changed_mirror", "lost_accuracy", "own_accuracy")]
    lines.append(lines[0] | {"table": "another"})
    monkeypatch.setattr(score, "predictions", lambda: pd.DataFrame(lines))
    for module in (compute, score):
        monkeypatch.setattr(module, "QUESTIONS", {"few": lambda: cell})
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    monkeypatch.setattr(compute, "run", answer)
    monkeypatch.setattr(score, "part_of", lambda setting, folder: (data, parts[setting["replicate"]]))
    return tmp_path


def call(module, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", [module.__name__, *arguments])
    module.main()


def test_labels_are_joined_once_to_complete_runs_and_to_each_replicate_its_own(question, monkeypatch, capsys):
    call(compute, monkeypatch, "few", "--part", "2/2")
    assert pd.read_csv(question / "few.csv")["replicate"].tolist() == [1, 1]
    with pytest.raises(SystemExit):
        call(score, monkeypatch, "few")
    assert "2 of 4 runs are missing" in capsys.readouterr().err
    for part in ("1/2", "1/1"):
        call(compute, monkeypatch, "few", "--part", part)
    assert pd.read_csv(question / "few.csv")["replicate"].tolist() == [1, 1, 0, 0]
    call(score, monkeypatch, "few", "--data", "anywhere")
    table = pd.read_csv(question / "few-tested.csv")
    assert (table["test_accuracy"] == 1).all() and table["answers_sha256"].str.len().eq(64).all()
    assert table["test_loss"].tolist() == pytest.approx([-np.log(0.91)] * 4, abs=0.01)
    assert table["mirror_accuracy"].tolist() == pytest.approx([1, 1 - 4 / 80, 1, 1 - 4 / 60], abs=1e-4)
    mirror = pd.read_csv(question / "few-mirror.csv").set_index(["replicate", "method", "classes"])
    assert mirror.loc[(0, "copies-1", "boot"), "changed_mirror"] == 0.5
    assert mirror.loc[(0, "copies-1", "shoes"), "lost_accuracy"] == pytest.approx(4 / 24, abs=1e-4)
    assert (mirror.xs("without shoes", level="classes")["changed_mirror"] == 0).all()
    assert (mirror.xs("none", level="method")[["changed_mirror", "lost_accuracy"]] == 0).all().all()
    between = pd.read_csv(question / "few-shared.csv")
    assert between["measure"].tolist() == ["changed_mirror", "lost_accuracy"]
    # Of 24 and 18 shoes the same 4 change in both replicates, and the others in none.
    changed, others = (1 - 4 / 24) * (1 - 4 / 18), (4 / 24) * (4 / 18)
    covariance = (4 * changed + 14 * others) / (24 * 18)
    assert between["shared_variance"].tolist() == pytest.approx([covariance] * 2, rel=1e-3)
    with np.load(question / "few-answers.npz") as kept:
        assert set(kept) == {f"{kind}/fashion-20-2560/{method}" for kind in ("right", "mirror")
                             for method in ("none", "copies-1")}  # fmt: skip
        right, mirrored = (kept[f"{kind}/fashion-20-2560/copies-1"] for kind in ("right", "mirror"))
    assert right.shape == (2, 100) and (right == -1).sum(axis=1).tolist() == [20, 40]
    assert (right[:, 40:] == 1).all() and (mirrored[:, 60:] == 0).sum() == 8
    names = {"few.csv", "few-tested.csv", "few-mirror.csv", "few-answers.npz", "few-shared.csv"}
    assert set(rows.read_digests(question)) == names
    with pytest.raises(SystemExit):  # once
        call(score, monkeypatch, "few")
    assert "read once" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b"])
def test_a_part_that_there_is_not_is_refused(text, question, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        call(compute, monkeypatch, "few", "--part", text)
    assert "expected k/m" in capsys.readouterr().err
