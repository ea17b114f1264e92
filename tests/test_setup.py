"""What stands around the notebooks: TensorFlow's quiet start, addresses and first cells, Binder's list of packages."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import links
import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def packages(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line]


def test_binder_asks_for_the_same_and_every_package_is_pinned_for_every_python():
    asked = packages("requirements.txt")
    on_binder = [re.sub("^tensorflow>", "tensorflow-cpu>", line) for line in asked]
    assert packages(".binder/requirements.txt") == ["-c ../constraints.txt", *on_binder]
    wanted = {Requirement(line).name for line in asked + packages("tests/requirements.txt")}
    pins = [Requirement(line) for line in packages("constraints.txt")]
    for python in ("3.11", "3.12", "3.13"):
        there = {"python_version": python, "python_full_version": f"{python}.0"}
        valid = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(there)]
        named = [pin.name.lower() for pin in valid]
        assert {name.lower() for name in wanted} <= set(named)
        assert len(named) == len(set(named))


# In place of a Python: makes a folder's bin/python that notes what pip is asked to install.
PYTHON = """#!/bin/sh
case "$*" in
    *version_info*) echo 3.12 ;;
    *_base_executable*) echo "$0" ;;
    *"-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *"-m pip"*) grep ^tensorflow "$6" > "$(dirname "$0")/../asked" ;;
esac
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize(
    ("system", "processor", "package"),
    [("Linux", "x86_64", "tensorflow-cpu"), ("Darwin", "arm64", "tensorflow")],
)
def test_the_smaller_tensorflow_is_taken_where_there_is_one(tmp_path, system, processor, package):
    programs = tmp_path / "programs"
    programs.mkdir()
    uname = f"#!/bin/sh\ncase $1 in -s) echo {system} ;; -m) echo {processor} ;; esac\n"
    for name, text in {"uname": uname, "python": PYTHON}.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = os.environ | {"PATH": path, "PYTHON": str(programs / "python")}
    command = ["sh", "tools/setup.sh", str(tmp_path / "venv")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    asked = (tmp_path / "venv" / "asked").read_text(encoding="utf-8")
    assert Requirement(asked.partition("#")[0]).name == package


def test_an_address_comes_and_goes_without_a_trace(tmp_path, monkeypatch):
    notebook = "notebooks/01_static_versus_live.ipynb"
    twin = "notebooks/scripts/01_static_versus_live.py"
    parts = ["README.md", "CITATION.cff", "docs/explorer.md", "jupytext.toml", notebook, twin]
    for part in parts:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    monkeypatch.setattr(links, "ROOT", tmp_path)
    monkeypatch.setattr(links, "SETTING", tmp_path / "repository.txt")

    def relink(setting):
        (tmp_path / "repository.txt").write_text(setting, encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["links.py"])
        links.main()

    relink("")
    before = {part: (tmp_path / part).read_bytes() for part in parts}
    relink("me/fork v0.1\n")
    cells = nbformat.read(tmp_path / notebook, as_version=4).cells
    assert f"mybinder.org/v2/gh/me/fork/v0.1?urlpath=lab/tree/{notebook}" in cells[0].source
    assert "colab.research.google.com/github/me/fork/" in cells[0].source
    first = next(cell for cell in cells if cell.cell_type == "code")
    assert "https://github.com/me/fork" in first.source
    assert "me/fork" in (tmp_path / "README.md").read_text(encoding="utf-8")
    relink("")
    assert {part: (tmp_path / part).read_bytes() for part in parts} == before


def test_tensorflow_starts_without_a_word_and_with_the_threads_that_it_is_told():
    code = (
        "from series import start_tensorflow; start_tensorflow(2); import tensorflow as tf;"
        "print(tf.config.threading.get_intra_op_parallelism_threads())"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    command = [sys.executable, "-c", code]
    folder = ROOT / "notebooks"
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert (run.stdout, run.stderr) == ("2\n", "")


def test_under_another_backend_the_start_says_what_to_do(monkeypatch):
    import keras

    import series

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="KERAS_BACKEND=tensorflow"):
        series.start_tensorflow()
