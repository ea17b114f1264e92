"""The command: what it prints and returns, and that whatever goes wrong is one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import augcheck
from augcheck.command import main

PIPELINES = """
from pairs import Batches, V, W, X, Y, lighten


def frozen():
    print("made once")
    return {"train": Batches(X, Y), "validation": (V, W), "model": False}


def asked():
    return Batches(X, Y)


def live():
    return Batches(X, Y, lighten), (V, W)


def long_winded():
    raise RuntimeError("first line" + 500 * "!" + "\\nsecond line")
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "some_pipelines.py").write_text(PIPELINES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("some_pipelines", None)


def run(capsys, *arguments):
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize(
    ("function", "options", "status"),
    [
        ("live", [], 0),
        ("frozen", [], 1),
        ("frozen", ["--max-images", "40"], 2),
        ("asked", [], 3),
        ("frozen", ["--ignore", "repeats=made so", "--ignore", "aug07"], 0),
    ],
)
def test_the_exit_status_says_what_was_found(function, options, status, capsys):
    assert run(capsys, f"some_pipelines:{function}", *options)[0] == status


def test_json_is_all_that_stdout_holds(capsys):
    _, out, err = run(capsys, "some_pipelines:frozen", "--json")
    content = json.loads(out)
    first = content["findings"][0]
    assert err == "made once\n" and not content["ok"]
    assert (first["number"], first["name"], first["severity"]) == ("AUG01", "repeats", "wrong")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["some_pipelines"], "'some_pipelines' is no MODULE:FUNCTION"),
        (["some_pipelines:absent"], "has no attribute 'absent'"),
        (["some_pipelines:long_winded"], "RuntimeError: first line!!!"),
        (["some_pipelines:live", "--max-images", "0"], "max_images is 0"),
        (["some_pipelines:live", "--ignore", "ordre"], "there is no finding 'ordre'"),
        (["explain", "nonsense"], "there is no finding 'nonsense'"),
    ],
)
def test_what_could_not_be_read_is_one_sentence(arguments, words, capsys):
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert err.startswith("augcheck: ") and err.count("\n") == 1 and words in err
    assert len(err) < 500


def test_explain_explains_one_and_lists_all(capsys):
    assert run(capsys, "explain", "one-draw")[:2] == (0, augcheck.explain("AUG02") + "\n")
    assert len(run(capsys, "explain")[1].splitlines()) == 8


ALONE = """
import sys
for name in ("tensorflow", "keras", "torch", "pandas", "matplotlib", "scipy", "helpers"):
    sys.modules[name] = None  # an import raises
import numpy as np
from augcheck import check_pipeline
rng = np.random.default_rng(0)
frozen = [(rng.random((32, 12, 12, 1)), np.arange(32) % 2) for _ in range(4)]
print(check_pipeline(frozen, (rng.random((64, 12, 12, 1)), np.arange(64) % 2)).found)
"""


def test_it_needs_numpy_alone():
    source = str(Path(augcheck.__file__).parents[1])
    more = {"PYTHONPATH": source, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", ALONE]
    done = subprocess.run(command, env=os.environ | more, capture_output=True, text=True)
    assert (done.stderr, done.stdout) == ("", "['repeats', 'order']\n")
