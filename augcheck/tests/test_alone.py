"""The package by itself: uninstalled, and without Keras, TensorFlow and the helpers of the series."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "augcheck"
ALONE = """
import random, sys
import numpy as np
sys.path.insert(0, "src")
others = ("tensorflow", "keras", "torch", "pandas", "matplotlib", "helpers")
for name in others:
    sys.modules[name] = None  # an import raises
before = random.getstate(), str(np.random.get_state())
from augcheck import check_pipeline
assert (random.getstate(), str(np.random.get_state())) == before

rng = np.random.default_rng(0)
frozen = [(rng.random((32, 12, 12, 1)), np.arange(32) % 2) for _ in range(4)]
validation = rng.random((64, 12, 12, 1)), np.arange(64) % 2
report = check_pipeline(frozen, validation)
print(report.found, report.notes[0])
live = check_pipeline(validation, augment=lambda x: x + rng.random((len(x), 1, 1, 1)))
print(live.found, live["one draw"].status)
assert all(sys.modules[name] is None for name in others)
"""


def test_an_uninstalled_copy_without_tensorflow_finds_a_frozen_list_of_batches(tmp_path):
    built = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(PACKAGE / "src", tmp_path / "src", ignore=built)
    run = subprocess.run([sys.executable, "-I", "-B", "-c", ALONE], cwd=tmp_path, capture_output=True, text=True)
    assert run.stderr == ""
    assert run.stdout.splitlines() == [
        "['repeats', 'order'] train: a list of batches, 9 epochs, each 128 images in 4 batches.",
        "[] not found",
    ]
    assert list(tmp_path.iterdir()) == [tmp_path / "src"]


def test_the_package_asks_for_what_it_imports_with_the_ranges_of_the_series():
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    # It goes beside an older NumPy, too: TensorFlow 2.17 needs one below 2.
    assert project["dependencies"] == ["numpy>=1.26,<3"]
    assert "numpy>=2.1,<3" in {line.split("#")[0].strip() for line in lines}
    paths = [path for path in PACKAGE.glob("src/augcheck/**/*.py") if path.parent.name != "gallery"]
    sources = "".join(path.read_text(encoding="utf-8") for path in paths)
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", sources, re.MULTILINE))
    # pytest is imported where it runs already.
    assert imported - {"augcheck", *sys.stdlib_module_names} == {"numpy", "pytest"}
    assert set(re.findall(r"^(?:import|from) (\w+)", sources, re.MULTILINE)) & {"numpy", "pytest"} == {"numpy"}


def imports_of(path, names):
    """The modules of the package that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("augcheck"):
            each = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in names else node.module for name in each}
    return found


def test_the_modules_import_one_another_in_no_circle():
    files = {}
    for path in (PACKAGE / "src").glob("augcheck/**/*.py"):
        parts = path.relative_to(PACKAGE / "src").with_suffix("").parts
        files[".".join(parts).removesuffix(".__init__")] = path
    waiting = {name: imports_of(path, files) - {name} for name, path in files.items()}
    for name in ("augcheck.report", "augcheck.command"):
        waiting[name] -= {"augcheck"}  # the version alone, when it is asked for
    floors = []
    while waiting:
        floor = {name for name, needs in waiting.items() if not needs & waiting.keys()}
        assert floor, f"a circle among {sorted(waiting)}"
        floors.append(floor)
        waiting = {name: needs for name, needs in waiting.items() if name not in floor}
    level = {name: number for number, floor in enumerate(floors) for name in floor}
    assert level["augcheck.result"] == level["augcheck.frameworks"] == 0
    assert level["augcheck.findings"] < level["augcheck.report"] < level["augcheck.check"] < level["augcheck.command"]
