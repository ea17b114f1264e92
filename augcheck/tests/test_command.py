"""The command: what it reads, prints and returns, and that whatever goes wrong is one sentence."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import augcheck
from augcheck.command import main

PACKAGE = Path(__file__).resolve().parents[1]
PIPELINES = """
from augcheck.gallery import Batches, images, in_batches, labels, lighten, validation


def frozen():
    print("made once")
    return list(in_batches(lighten(images), labels)), validation


def expected():
    return {"train": frozen()[0], "ignore": {"repeats": "stored on purpose"}}


def live():
    return {"train": (images, labels), "validation": validation, "augment": lighten}


def ordered():
    return {"train": list(in_batches(images, labels)), "live": False}


def shuffled():
    yield from Batches(images, labels)


def worker():
    raise RuntimeError('''Caught KeyError in DataLoader worker process 0.
Original Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/torch/utils/data/_utils/worker.py", line 351, in _worker_loop
  File "mine.py", line 7, in __getitem__
KeyError: 'img_40.jpg'
''')


def long_winded():
    raise RuntimeError("first line" + 500 * "!" + "\\nsecond line")


def leaves():
    raise SystemExit(0)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "some_pipelines.py").write_text(PIPELINES, encoding="utf-8")
    (tmp_path / "some_broken.py").write_text("import no_such_module\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in ("some_pipelines", "some_broken"):
        sys.modules.pop(name, None)


def run(capsys, *arguments):
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize(
    ("function", "wrong", "wasteful"),
    [("frozen", ["repeats"], ["order"]), ("live", [], []), ("ordered", [], ["order"])],
)
def test_the_status_says_whether_something_was_found(function, wrong, wasteful, capsys):
    status, out, _ = run(capsys, f"some_pipelines:{function}", "--json")
    content = json.loads(out)
    assert (content["wrong"], content["wasteful"], status) == (wrong, wasteful, bool(wrong))
    assert run(capsys, f"some_pipelines:{function}", "--strict")[0] == bool(wrong + wasteful)


def test_text_has_what_was_found_first_and_where_to_read_more(capsys):
    status, out, err = run(capsys, "some_pipelines:frozen")
    assert status == 1 and err == "made once\n"
    assert out.startswith("WRONG: every epoch shows identical images") and out.endswith(
        "augcheck explain repeats\n"
    )
    assert "the same 96 images" not in out
    assert "More: --full." in out and "to_text" not in out
    assert "the same 96 images" in run(capsys, "some_pipelines:frozen", "--full")[1]


@pytest.mark.parametrize(
    ("function", "ignore", "reason"),
    [
        ("frozen", ["--ignore", "repeats=made so", "--ignore", "aug07"], "made so"),
        ("expected", ["--ignore", "order"], "stored on purpose"),
    ],
)
def test_what_is_ignored_by_the_command_or_the_pipeline_does_not_count(
    function, ignore, reason, capsys
):
    pipeline = f"some_pipelines:{function}", "--strict"
    assert run(capsys, *pipeline, "--ignore", "repeats")[0] == 1
    status, out, _ = run(capsys, *pipeline, "--json", *ignore)
    content = json.loads(out)
    assert status == 0 and content["ok"] and content["ignored"] == {"repeats": reason, "order": ""}
    assert content["wrong"] == content["wasteful"] == []


def test_what_was_hardly_read_is_no_success_and_bounds_reach_the_check_up(capsys):
    few = "some_pipelines:shuffled", "--max-images", "100"
    status, out, err = run(capsys, *few)
    assert (
        status == 2
        and "Nothing found" in out
        and "can't be told whether pictures repeat. Raise max_images" in err
    )
    assert (
        run(capsys, "some_pipelines:shuffled")[0] == 1
        and run(capsys, *few, "--ignore", "repeats")[0] == 0
    )
    for bound in (("--max-images", "64"), ("--max-seconds", "1e-9")):
        assert "up to 32 of 192 images in 1 batch" in run(capsys, "some_pipelines:live", *bound)[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["some_pipelines"], "'some_pipelines' is no MODULE:FUNCTION"),
        (["some_broken:make"], "No module named 'no_such_module' (some_broken.py, line 1)"),
        (["some_pipelines:absent"], "has no attribute 'absent'"),
        (["some_pipelines:long_winded"], "RuntimeError: first line!!!"),
        (["some_pipelines:leaves"], "SystemExit: 0"),
        (["some_pipelines:live", "--max-images", "0"], "max_images is 0"),
        (["some_pipelines:live", "--ignore", "ordre"], "there is no finding 'ordre'"),
        (["some_pipelines:worker"], "KeyError: 'img_40.jpg' (mine.py, line 7)"),
        (["explain", "nonsense"], "there is no finding 'nonsense'"),
    ],
)
def test_what_could_not_be_read_is_one_sentence(arguments, words, capsys):
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert err.startswith("augcheck: ") and err.count("\n") == 1 and words in err
    assert len(err) < 500


def test_explain_explains_one_and_lists_all(capsys):
    assert run(capsys, "explain", "one", "draw") == run(capsys, "explain", "AUG02")
    assert run(capsys, "explain", "one-draw")[:2] == (0, augcheck.explain("one draw") + "\n")
    status, out, _ = run(capsys, "explain")
    assert status == 0 and out.splitlines()[7].startswith("AUG08 labels: ")


def test_the_module_can_be_run():
    # As in a console of Windows, which has no ≈.
    more = {
        "PYTHONPATH": str(PACKAGE / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "cp1252",
    }

    def printed(*arguments, python=()):
        command = [sys.executable, *python, "-m", "augcheck", *arguments]
        return subprocess.run(command, env=os.environ | more, capture_output=True, text=True)

    # Without docstrings, which no bytecode is stored for: one run of these is enough.
    said = printed("explain", "AUG01", python=["-OO"]).stdout
    assert said == augcheck.explain("repeats") + "\n"
    report = printed("some_pipelines:frozen")
    assert (
        report.returncode == 1
        and report.stderr == "made once\n"
        and "? 0% of an epoch" in report.stdout
    )
    assert "? 0%" in printed("some_pipelines:frozen", "--json").stdout


def test_the_version_is_said(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"augcheck {augcheck.__version__}\n"
