"""What pytest collects and how nbval compares, wherever it is started: in a small project with our settings."""

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


def run_pytest(folder, *arguments):
    command = [sys.executable, "-m", "pytest", "-q", *PLUGINS, "--nbval", *map(str, arguments)]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True)


def collected(folder, *arguments):
    listed = run_pytest(folder, "--collect-only", *arguments).stdout
    return sorted(set(re.findall(r"notebooks/(\S+\.ipynb)::", listed)))


@pytest.mark.parametrize(("working", "folder"), [(".", "notebooks"), ("notebooks", "."), ("..", None)])
def test_lessons_are_collected_from_everywhere_and_the_rest_when_named(project, working, folder):
    given = Path(folder) if folder else project / "notebooks"
    assert collected(project / working, given) == LESSONS
    assert collected(project / working, given / "solutions", given / ON_REQUEST[0]) == ON_REQUEST


def test_without_arguments_only_tests_are_collected(project):
    assert collected(project) == []


def test_what_follows_the_sign_is_not_compared_from_another_folder(project, tmp_path):
    run = run_pytest(tmp_path, project / "notebooks" / "solutions", project / "notebooks" / LESSONS[0])
    assert "2 passed" in run.stdout, run.stdout


def test_the_sanitiser_can_be_read_in_every_encoding():
    assert (ROOT / "tests" / "sanitize.cfg").read_bytes().isascii()
