"""The store: resumable, nothing twice, the old file or the new one whatever interrupts it, other columns refused."""

import csv
import hashlib
import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from experiments import rows
from helpers.tables import FOLDER

SETTING = {"question": 4, "arm": "live-1/2", "rate": 1 / 3, "replicate": 0}
SETTINGS = [SETTING | {"replicate": number} for number in range(4)]
# Appends a row a setting; dies in the middle of the write that comes after so many.
WRITER = """
import json, os, signal, sys
from pathlib import Path
from experiments import rows
settings, left = json.loads(sys.argv[2]), int(sys.argv[3])
rename = os.replace
def replace(*names):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    rename(*names)
os.replace = replace
for setting in settings:
    rows.append(Path(sys.argv[1]), setting, {"loss": 0.5, "threads": 1})
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def writer(path, settings, left=10**6):
    command = [sys.executable, "-B", "-c", WRITER, str(path), json.dumps(settings), str(left)]
    return subprocess.Popen(command, cwd=FOLDER.parents[1])


def stored(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [int(row["replicate"]) for row in csv.DictReader(file)]


def test_a_program_goes_on_where_it_stopped_and_no_run_is_stored_twice(path):
    def missing(settings):
        return rows.missing(settings, path, lambda _: ["loss", "threads"])

    assert missing(SETTINGS) == SETTINGS and not path.exists()
    for setting in (SETTINGS[0], SETTINGS[2], SETTINGS[0]):
        rows.append(path, setting, {"loss": 0.123456, "threads": 1})
    assert missing(SETTINGS) == [SETTINGS[1], SETTINGS[3]]
    assert missing([]) == []
    text = f"question,arm,rate,replicate,loss,threads\n4,live-1/2,{1 / 3},0,0.12346,1\n4,live-1/2,{1 / 3},2,0.12346,1\n"
    assert path.read_text(encoding="utf-8") == text


def test_two_writers_lose_no_row_of_each_other_and_one_that_is_killed_while_it_writes_leaves_the_old_table(path):
    parts = [SETTINGS, [SETTING | {"replicate": number} for number in range(59, 1, -1)]]
    assert [process.wait(120) for process in [writer(path, part) for part in parts]] == [0, 0]
    assert sorted(stored(path)) == list(range(60))
    assert writer(path, [SETTING | {"replicate": number} for number in (60, 61)], left=1).wait(120) == -signal.SIGKILL
    assert sorted(stored(path)) == list(range(61))


@pytest.mark.parametrize("columns", [["loss"], ["threads", "loss"], ["loss", "threads", "accuracy"]])
def test_a_table_of_other_columns_is_refused_before_anything_is_computed(path, columns):
    rows.append(path, SETTING, {"loss": 0.5, "threads": 1})
    with pytest.raises(ValueError, match="a run gives"):
        rows.missing(SETTINGS, path, lambda _: columns)
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
        rows.keep_only(path, "mirror")


def test_files_are_noted_with_the_digests_that_they_have(path):
    for name in ("b.csv", "a.csv", "b.csv"):
        path.with_name(name).write_text(name * 3, encoding="utf-8")
        rows.note_digests(path.with_name(name))
    expected = {name: hashlib.sha256((name * 3).encode()).hexdigest() for name in ("a.csv", "b.csv")}
    assert rows.read_digests(path.parent) == expected
