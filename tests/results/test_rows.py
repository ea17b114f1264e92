"""The store: resumable, nothing twice, the old file or the new one whatever interrupts it, other columns refused."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from experiments import rows
from helpers.data import RESULTS

SETTING = {"question": 4, "method": "live-1/2", "rate": 1 / 3, "replicate": 1}
SETTINGS = [SETTING | {"replicate": number} for number in (1, 10, 2, 3)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def missing(path, measured=("loss", "threads")):
    return rows.missing(SETTINGS, path, list(measured))


def test_a_program_goes_on_where_it_stopped_and_no_run_is_stored_twice(path):
    assert missing(path) == SETTINGS and not path.exists()
    for setting in (SETTINGS[1], SETTINGS[2], SETTINGS[1]):
        rows.append(path, setting, {"loss": 0.123456, "threads": 1})
    assert missing(path) == [SETTINGS[0], SETTINGS[3]]
    text = "question,method,rate,replicate,loss,threads\n"
    text += "".join(f"4,live-1/2,{1 / 3},{number},0.12346,1\n" for number in (10, 2))
    assert path.read_text(encoding="utf-8") == text


WRITER = """import sys, pathlib; from experiments import rows
for number in map(int, sys.argv[2:]): rows.append(pathlib.Path(sys.argv[1]), {"replicate": number}, {"loss": 0.5})"""


def test_two_programs_lose_no_row_of_each_other(path):
    parts = [map(str, numbers) for numbers in (range(40), range(59, 1, -1))]
    programs = [subprocess.Popen([sys.executable, "-c", WRITER, path, *part], cwd=RESULTS.parents[1]) for part in parts]
    assert [program.wait(120) for program in programs] == [0, 0]
    assert sorted(int(line.split(",")[0]) for line in path.read_text().splitlines()[1:]) == list(range(60))


def test_a_program_that_is_killed_while_it_writes_leaves_the_old_table(path, monkeypatch):
    rows.append(path, SETTING, {"loss": 0.5})
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *names: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        rows.append(path, SETTINGS[1], {"loss": 0.5})
    assert path.read_bytes() == before


@pytest.mark.parametrize("columns", [["loss"], ["threads", "loss"], ["loss", "threads", "accuracy"]])
def test_other_columns_are_refused_before_anything_is_computed_and_afterwards(path, columns):
    rows.append(path, SETTING, {"loss": 0.5, "threads": 1})
    before = path.read_bytes()
    with pytest.raises(ValueError, match="a run gives"):
        rows.append(path, SETTINGS[1], dict.fromkeys(columns, 0.5))
    with pytest.raises(ValueError, match="a run gives"):
        missing(path, columns)
    assert path.read_bytes() == before


def test_answers_come_back_to_a_hundredth(path):
    rng = np.random.default_rng(0)
    given = [{"new": rng.normal(0, 5, 50), "mirror": rng.normal(0, 200, (50, 3))} for _ in SETTINGS]
    for setting, answers in zip(SETTINGS, given, strict=True):
        rows.keep_answers(path, setting, answers)
    kept = [file.name for file in path.with_suffix(".answers").iterdir()]
    assert len(kept) == len(SETTINGS) and not set("".join(kept)) & set(r'<>:"/\|?*'), "which Windows refuses"
    for setting, answers in zip(SETTINGS, given, strict=True):
        found = rows.read_answers(path, setting)
        for name in answers:
            np.testing.assert_allclose(found[name], np.clip(answers[name], -300, 300), atol=0.0051)


def test_files_are_noted_with_the_digests_that_they_have(path):
    for name in ("b.csv", "a.csv", "b.csv"):
        path.with_name(name).write_text(name * 3, encoding="utf-8")
        rows.note_digests(path.with_name(name))
    expected = {name: hashlib.sha256((name * 3).encode()).hexdigest() for name in ("a.csv", "b.csv")}
    assert rows.read_digests(path.parent) == expected
