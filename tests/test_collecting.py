"""What pytest collects and how nbval compares, wherever it is started: in a small project with our settings."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = ["00_start.ipynb", "01_next.ipynb"]
ON_REQUEST = ["going_deeper/aside.ipynb", "solutions/00_start.ipynb"]
PLUGINS = ["-p", "nbval.plugin", "-p", "no:cacheprovider"]  # the others only take time


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    cell = nbformat.v4.new_code_cell("print('loss ≈ 0.1 in 400 updates')", execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="loss ≈  0.3 in 400 updates\n")]
    for name in [*LESSONS, *ON_REQUEST]:
        path = folder / "notebooks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
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


@pytest.fixture(scope="module")
def collected(project):
    """The notebooks that pytest collects: without arguments, then for each place the lessons and the rest."""
    jobs = [(project, ["--collect-only"])]
    for working, folder in PLACES:
        given = Path(folder) if folder else project / "notebooks"
        jobs += [(project / working, ["--collect-only", given])]
        jobs += [(project / working, ["--collect-only", given / "solutions", given / ON_REQUEST[0]])]
    return [sorted(set(re.findall(r"notebooks/(\S+\.ipynb)::", text))) for text in run_pytest(*jobs)]


@pytest.mark.parametrize("place", range(len(PLACES)), ids=[str(place) for place in PLACES])
def test_lessons_are_collected_from_everywhere_and_the_rest_when_named(collected, place):
    assert collected[1 + 2 * place] == LESSONS
    assert collected[2 + 2 * place] == ON_REQUEST


def test_without_arguments_only_tests_are_collected(collected):
    assert collected[0] == []


def test_what_follows_the_sign_is_not_compared_from_another_folder(project, tmp_path):
    (said,) = run_pytest((tmp_path, [project / "notebooks" / "solutions", project / "notebooks" / LESSONS[0]]))
    assert "2 passed" in said, said


def test_the_sanitiser_can_be_read_in_every_encoding():
    assert (ROOT / "tests" / "sanitize.cfg").read_bytes().isascii()
