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
COMPARED = [  # what is stored, what a cell prints now, whether that passes
    ("loss ≈ 0.47 in 400 updates", "loss ≈  0.48 in 400 updates", True),
    ("loss ≈ 0.47 in 400 updates", "loss ≈ 0.47 in 401 updates", False),
    ("loss ≈ 0.47", "loss ≈ 0.45", False),
    ("loss ≈ 0.3", "loss ≈ 0.2", True),
    ("≈ 0.019", "≈ 0.017", True),
    ("≈ 0.019", "≈ 0.022", False),
    ("≈ 0.019", "≈ -0.030", False),
    ("≈ 88 %, ≈ 95 %", "≈ 87 %, ≈ 96 %", True),
    ("≈ 95 %, ≈ 88 %", "≈ 95 %, ≈ 30 %", False),
    ("≈ 13", "≈ 3", False),
    ("≈ 95 % (91 to 99)", "≈ 91 % (91 to 99)", True),
    ("≈ 95 % (91 to 99)", "≈ 90 % (91 to 99)", False),
    ("≈ 95 % (91 to 99)", "≈ 95 % (90 to 99)", False),
    ("≈ 0.38 (0.35 to 0.41)", "≈ 0.40 (0.35 to 0.41)", True),
    ("≈ -3.5 (-4.5 to -2.5)", "≈ -2.6 (-4.5 to -2.5)", True),
    ("≈ 0.01", "≈ 0.00", True),
    ("≈ -0.003", "≈ -0.001", True),
    ("≈ -0.01", "≈ -0.01", False),  # may be zero elsewhere, so the sign says nothing
    ("≈ -1 (-3 to 1)", "≈ -1 (-3 to 1)", False),
]


def write_notebook(path, *cells):
    """A notebook of one cell for each (stored, printed, ...)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook()
    for stored, printed, *_ in cells:
        cell = nbformat.v4.new_code_cell(f"print({printed!r})", execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored + "\n")]
        notebook.cells.append(cell)
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg", "Makefile", *REQUIREMENTS):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name in [*LESSONS, *ON_REQUEST]:
        write_notebook(folder / "notebooks" / name, COMPARED[0])
    write_notebook(folder / "compared.ipynb", *COMPARED)
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


def test_how_far_a_number_after_the_sign_may_move(project, tmp_path):
    """From another folder, in which nbval would not find the sanitiser by itself."""
    (said,) = run_pytest((tmp_path, ["-rA", project / "compared.ipynb"]))
    passed = {int(cell) for cell in re.findall(r"^PASSED \S*::Cell (\d+)$", said, re.MULTILINE)}
    assert passed == {cell for cell, (*_, passes) in enumerate(COMPARED) if passes}, said


def test_the_sanitiser_can_be_read_in_every_encoding():
    assert (ROOT / "tests" / "sanitize.cfg").read_bytes().isascii()
