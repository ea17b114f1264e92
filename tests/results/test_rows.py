"""The store: resumable, nothing twice, the old file or the new one whatever interrupts it, other columns refused."""

import hashlib
import os

import numpy as np
import pytest

from experiments import rows

SETTING = {"question": 4, "arm": "live-1/2", "rate": 1 / 3, "replicate": 1}
SETTINGS = [SETTING | {"replicate": number} for number in (1, 10, 2, 3)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def test_a_program_goes_on_where_it_stopped_and_no_run_is_stored_twice(path):
    assert rows.missing(SETTINGS, path) == SETTINGS and not path.exists()
    for setting in (SETTINGS[1], SETTINGS[2], SETTINGS[1]):
        rows.append(path, setting, {"loss": 0.123456, "threads": 1})
    assert rows.missing(SETTINGS, path) == [SETTINGS[0], SETTINGS[3]]
    text = "question,arm,rate,replicate,loss,threads\n"
    text += "".join(f"4,live-1/2,{1 / 3},{number},0.12346,1\n" for number in (10, 2))
    assert path.read_text(encoding="utf-8") == text


def test_a_program_that_is_killed_while_it_writes_leaves_the_old_table(path, monkeypatch):
    rows.append(path, SETTING, {"loss": 0.5})
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *names: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rows.append(path, SETTINGS[1], {"loss": 0.5})
    assert path.read_bytes() == before


@pytest.mark.parametrize("columns", [["loss"], ["threads", "loss"], ["loss", "threads", "accuracy"]])
def test_a_row_of_other_columns_is_refused(path, columns):
    rows.append(path, SETTING, {"loss": 0.5, "threads": 1})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="a run gives"):
        rows.append(path, SETTINGS[1], dict.fromkeys(columns, 0.5))
    assert path.read_bytes() == before


def test_answers_come_back_to_a_hundredth(path):
    rng = np.random.default_rng(0)
    for setting in SETTINGS[:2]:
        answers = {"new": rng.normal(0, 5, 50), "mirror": rng.normal(0, 200, (50, 3))}
        rows.keep_answers(path, setting, answers)
    for kept in (["new", "mirror"], ["mirror"]):  # from the runs' files, then from the packed one
        packed = rows.pack_answers(path)
        assert set(packed) == {rows.file_name(setting) for setting in SETTINGS[:2]}
        assert sorted(packed[rows.file_name(SETTINGS[1])]) == sorted(kept)
        for name in kept:
            found = packed[rows.file_name(SETTINGS[1])][name] / rows.STEPS
            np.testing.assert_allclose(found, np.clip(answers[name], -300, 300), atol=0.0051)
        for file in path.with_suffix(".answers").iterdir():
            file.unlink()
        rows.pack_answers(path, only="mirror")


def test_files_are_noted_with_the_digests_that_they_have(path):
    for name in ("b.csv", "a.csv", "b.csv"):
        path.with_name(name).write_text(name * 3, encoding="utf-8")
        rows.note_digests(path.with_name(name))
    expected = {name: hashlib.sha256((name * 3).encode()).hexdigest() for name in ("a.csv", "b.csv")}
    assert rows.read_digests(path.parent) == expected
