"""What pytest collects and how nbval compares, wherever it is started: in a small project with our settings."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(path.name for path in ROOT.glob("notebooks/*.ipynb"))
ON_REQUEST = ["going_deeper/aside.ipynb", "solutions/00_start.ipynb"]
TESTS = ["augcheck/tests/test_there.py", "tests/test_here.py"]
PLUGINS = ["-p", "nbval.plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider"]  # the others only take time
REQUIREMENTS = ["requirements.txt", "constraints.txt"]  # which .venv is made from
STORED = "loss ≈  0.3 in 400 updates\n"
PRINTED = {  # what a cell prints whose stored output is the one above
    "same.ipynb": "loss ≈ 0.1 in 400 updates",
    "other_words.ipynb": "loss ≈ 0.1 in 401 updates",
    "other_size.ipynb": "loss ≈ 3.0 in 400 updates",
    "other_sign.ipynb": "loss ≈ -1.0 in 400 updates",
}


def write_notebook(path, printed):
    path.parent.mkdir(parents=True, exist_ok=True)
    cell = nbformat.v4.new_code_cell(f"print({printed!r})", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=STORED)]
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg", "Makefile", *REQUIREMENTS):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in [*LESSONS, *ON_REQUEST]:
        write_notebook(folder / "notebooks" / name, PRINTED["same.ipynb"])
    for name, printed in PRINTED.items():
        write_notebook(folder / "compared" / name, printed)
    for name in TESTS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("def test_one():\n    pass\n")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "ready").touch()
    return folder


# Runs pytest once for each folder and its arguments; one process, because starting it takes most of the time.
RUN = """
import contextlib, io, json, os, sys
import pytest
said = []
for folder, arguments in json.loads(sys.argv[1]):
    os.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as text:
        pytest.main(arguments)
    said.append(text.getvalue())
print(json.dumps(said))
"""
PLACES = [(".", "notebooks"), ("notebooks", "."), ("..", None)]


def run_pytest(*jobs):
    """What pytest prints, one text for each (folder, arguments)."""
    jobs = [(str(folder), ["-q", *PLUGINS, "--nbval", *map(str, arguments)]) for folder, arguments in jobs]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-c", RUN, json.dumps(jobs)]
    return json.loads(subprocess.run(command, env=alone, capture_output=True, text=True, check=True).stdout)


def arguments_of_make_test(project):
    """What `make test` hands to pytest, run in this process rather than in two."""
    said = subprocess.run(["make", "-n", "test"], cwd=project, capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in said.splitlines() if " pytest " in line]
    return [*shlex.split(line.partition(" pytest ")[2]), "-n0", "--collect-only"]


@pytest.fixture(scope="module")
def collected(project):
    """The files that pytest collects: without arguments, by `make test`, then for each place lessons and the rest."""
    jobs = [(project, ["--collect-only"]), (project, arguments_of_make_test(project))]
    for working, folder in PLACES:
        given = Path(folder) if folder else project / "notebooks"
        jobs += [(project / working, ["--collect-only", given])]
        jobs += [(project / working, ["--collect-only", given / "solutions", given / ON_REQUEST[0]])]
    return [sorted(set(re.findall(r"^(?:\S*notebooks/)?(\S+)::", text, re.MULTILINE))) for text in run_pytest(*jobs)]


@pytest.mark.parametrize("place", range(len(PLACES)), ids=[str(place) for place in PLACES])
def test_lessons_are_collected_from_everywhere_and_the_rest_when_named(collected, place):
    assert collected[2 + 2 * place] == LESSONS
    assert collected[3 + 2 * place] == ON_REQUEST


def test_without_arguments_only_tests_are_collected(collected):
    assert collected[0] == TESTS


def test_make_test_runs_all_lessons_and_all_tests(collected):
    assert collected[1] == sorted([*LESSONS, *TESTS])


def test_only_the_last_digits_after_the_sign_may_differ(project, tmp_path):
    """From another folder, in which nbval would not find the sanitiser by itself."""
    (said,) = run_pytest((tmp_path, ["-rA", project / "compared"]))
    passed = re.findall(r"^PASSED \S*?(\w+\.ipynb)::", said, re.MULTILINE)
    failed = re.findall(r"^FAILED \S*?(\w+\.ipynb)::", said, re.MULTILINE)
    assert passed == ["same.ipynb"], said
    assert sorted(failed) == sorted(PRINTED.keys() - {"same.ipynb"}), said


def test_the_sanitiser_can_be_read_in_every_encoding():
    assert (ROOT / "tests" / "sanitize.cfg").read_bytes().isascii()
