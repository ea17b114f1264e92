"""The command: what it reads, prints and returns, and that whatever goes wrong is one sentence."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import augcheck
from augcheck.command import main

PACKAGE = Path(__file__).resolve().parents[1]
PIPELINES = """
import numpy as np

rng = np.random.default_rng(0)
images, labels = rng.random((160, 12, 12, 1), np.float32), np.arange(160) % 2
train, validation = (images[:128], labels[:128]), (images[128:], labels[128:])
answer = 42


def lighten(x):
    return x * rng.uniform(0.5, 1, (len(x), 1, 1, 1)).astype(np.float32)


def batches(x, y, order):
    return [(lighten(x[rows]), y[rows]) for rows in np.array_split(order, len(x) // 32)]


def frozen():
    print("made once")
    return batches(*train, rng.permutation(128)), validation


def leaking():
    twice = np.concatenate([images, images[:, :, ::-1]])
    order = rng.permutation(320)
    parts = [(twice[rows], np.tile(labels, 2)[rows]) for rows in (order[:256], order[256:])]
    return tuple(batches(x, y, np.arange(len(x))) for x, y in parts)


def arrays():
    return train


def alone():
    return images


def two_sets_without_labels():
    return train[0], 255 * validation[0]


def expected():
    return {"train": batches(*train, np.arange(128)), "ignore": {"repeats": "stored on purpose"}}


def live():
    return {"train": train, "validation": validation, "augment": lighten}


def shuffled():
    for rows in rng.permutation(128).reshape(-1, 16):
        yield images[rows], labels[rows]


def one_by_one():
    for i in range(0, 128, 32):
        yield lighten(images[i : i + 32]), labels[i : i + 32]


def three():
    return iter(images), iter(images), iter(images)


def worker():
    said = [
        "Caught KeyError in DataLoader worker process 0.",
        "Original Traceback (most recent call last):",
        '  File "/usr/lib/python3/dist-packages/torch/utils/data/_utils/worker.py", line 351, in _worker_loop',
        '  File "mine.py", line 7, in __getitem__',
        "KeyError: 'img_40.jpg'",
    ]
    raise RuntimeError(chr(10).join(said))


def misspelt():
    return {"train": train, "valid": validation}


def nothing():
    return {}


def missing():
    return open("no such file")


def long_winded():
    raise RuntimeError("first line" + 500 * "!" + "\\nsecond line")


def leaves():
    raise SystemExit(0)


def no_batches():
    return 3
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    (tmp_path / "some_pipelines.py").write_text(PIPELINES, encoding="utf-8")
    (tmp_path / "some_broken.py").write_text("import no_such_module\n", encoding="utf-8")
    (tmp_path / "some_syntax.py").write_text("def (\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield
    for name in ("some_pipelines", "some_broken", "some_syntax"):
        sys.modules.pop(name, None)


def run(capsys, *arguments):
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize(
    ("function", "found"),
    [
        ("frozen", ["repeats"]),
        ("leaking", ["repeats", "shared images"]),
        ("arrays", []),
        ("alone", []),
        ("two_sets_without_labels", ["sets differ"]),
        ("live", []),
        ("one_by_one", []),
    ],
)
def test_the_status_says_whether_something_was_found(function, found, capsys):
    status, out, _ = run(capsys, f"some_pipelines:{function}", "--json")
    assert json.loads(out)["wrong"] == found
    assert status == bool(found)
    wasteful = bool(json.loads(out)["wasteful"])
    assert wasteful == (function in ("frozen", "leaking", "one_by_one"))
    assert run(capsys, f"some_pipelines:{function}", "--strict")[0] == (bool(found) or wasteful)


def test_text_has_what_was_found_first_and_where_to_read_more(capsys):
    status, out, err = run(capsys, "some_pipelines:frozen")
    assert status == 1 and err == "made once\n"
    what = "every epoch shows identical images: augmentation is off, frozen, or comes later"
    assert out.startswith(f"WRONG: {what} (repeats, AUG01)\n")
    assert out.endswith("More about a finding: augcheck explain repeats\n")
    assert "Both passes showed the same 32 images." not in out
    assert "Both passes showed the same 32 images." in run(capsys, "some_pipelines:frozen", "--full")[1]


@pytest.mark.parametrize("ignore", [["AUG01", "order"], ["repeats=made so", "aug07"]])
def test_what_is_ignored_does_not_count(ignore, capsys):
    ignore = [f"--ignore={word}" for word in ignore]
    status, out, _ = run(capsys, "some_pipelines:frozen", "--strict", *ignore)
    reason = "made so" if "--ignore=aug07" in ignore else ""
    said = f"repeats ({reason})" if reason else "repeats"
    assert status == 0 and re.match(rf"Ignored: {re.escape(said)}.\nIgnored: order.\n\d other checks passed: ", out)
    status, out, _ = run(capsys, "some_pipelines:frozen", "--json", *ignore)
    content = json.loads(out)
    assert status == 0 and content["ok"] and content["ignored"] == {"repeats": reason, "order": ""}
    assert content["wrong"] == content["wasteful"] == []
    assert run(capsys, "some_pipelines:frozen", ignore[1])[0] == 1


def test_what_a_pipeline_says_itself_is_ignored_too(capsys):
    status, out, _ = run(capsys, "some_pipelines:expected", "--strict", "--ignore", "order")
    assert status == 0 and out.startswith("Ignored: repeats (stored on purpose).\nIgnored: order.\n")


def test_what_was_hardly_read_is_no_success(capsys):
    """The example of the README that is wrong, of which 50 images are read twice."""
    status, out, err = run(capsys, "some_pipelines:shuffled", "--max-images", "100")
    assert status == 2 and "Nothing found" in out
    assert err.endswith("too little was read to say that nothing is wrong. Give steps_per_epoch.\n")
    assert run(capsys, "some_pipelines:shuffled")[0] == 1
    assert run(capsys, "some_pipelines:shuffled", "--max-images", "100", "--ignore", "repeats")[0] == 0


def test_bounds_reach_the_check_up(capsys):
    out = run(capsys, "some_pipelines:live", "--max-images", "64")[1]
    assert "train: a pair of arrays, read 2 times up to 32 images in 1 batch" in out
    out = run(capsys, "some_pipelines:live", "--max-seconds", "1e-9")[1]
    assert "train: a pair of arrays, read 2 times up to 32 images in 1 batch" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["some_pipelines"], "'some_pipelines' is no MODULE:FUNCTION; expected for instance pipeline:make."),
        (["b.py:make"], "b.py:make: ModuleNotFoundError: No module named 'b'"),
        (["no_module:make"], "no_module:make: ModuleNotFoundError: No module named 'no_module'"),
        (["some_broken:make"], "No module named 'no_such_module' (some_broken.py, line 1)"),
        (["some_syntax:make"], "some_syntax:make: SyntaxError"),
        (["some_pipelines:absent"], "module 'some_pipelines' has no attribute 'absent'"),
        (["some_pipelines:answer"], "some_pipelines:answer: TypeError: train is a int; expected"),
        (["some_pipelines:lighten"], "TypeError: lighten() missing 1 required positional argument"),
        (["some_pipelines:missing"], "No such file or directory: 'no such file' (some_pipelines.py, line "),
        (["some_pipelines:long_winded"], "long_winded: RuntimeError: first line!!!"),
        (["some_pipelines:leaves"], "leaves: SystemExit: 0"),
        (["some_pipelines:misspelt"], "returns has valid; expected train, validation, augment, augment_in, model"),
        (["some_pipelines:nothing"], "returns has no train; expected train, validation"),
        (["some_pipelines:no_batches"], "no_batches: TypeError: train is a int; expected"),
        (["some_pipelines:arrays", "--max-images", "0"], "max_images is 0; expected a whole number from 2"),
        (["some_pipelines:arrays", "--ignore", "ordre"], "there is no finding 'ordre'; expected one of"),
        (["some_pipelines:three"], "train yields a iterator; expected batches"),
        (["some_pipelines:worker"], "some_pipelines:worker: KeyError: 'img_40.jpg' (mine.py, line 7)"),
        (["explain", "nonsense"], "there is no finding 'nonsense'; expected one of repeats (AUG01)"),
    ],
)
def test_what_could_not_be_read_is_one_sentence(arguments, words, capsys):
    status, out, err = run(capsys, *arguments)
    assert status == 2 and out == ""
    assert err.startswith("augcheck: ") and err.count("\n") == 1 and words in err
    assert len(err) < 500


def test_explain_explains_one_and_lists_all(capsys):
    assert run(capsys, "explain", "one", "draw") == run(capsys, "explain", "AUG02")
    status, out, _ = run(capsys, "explain", "one-draw")
    assert status == 0 and out == augcheck.explain("one draw") + "\n"
    status, out, _ = run(capsys, "explain")
    assert status == 0 and out.splitlines()[7].startswith("AUG08 labels: One image comes with different labels")


def test_the_module_can_be_run_and_says_its_version(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "augcheck"]
    version = subprocess.run([*command, "--version"], env=environment, capture_output=True, text=True)
    assert (version.stdout, version.returncode) == (f"augcheck {augcheck.__version__}\n", 0)
    found = subprocess.run([*command, "some_pipelines:frozen"], env=environment, capture_output=True, text=True)
    assert found.returncode == 1 and found.stderr == "made once\n"
    assert found.stdout.startswith("WRONG: every epoch shows identical images")
    environment["PYTHONIOENCODING"] = "cp1252"  # of a console of Windows, which has no ≈
    found = subprocess.run([*command, "some_pipelines:frozen"], env=environment, capture_output=True, text=True)
    assert found.returncode == 1 and "an image moves by ? 0% of an epoch" in found.stdout
    as_json = subprocess.run([*command, "some_pipelines:frozen", "--json"], env=environment, capture_output=True)
    assert "? 0%" in next(f["how"] for f in json.loads(as_json.stdout)["findings"] if f["name"] == "order")
