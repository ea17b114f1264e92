"""How far a number after the sign of approximation may move before nbval, with our settings, calls it another."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
COMPARED = [  # what is stored, what a cell prints now, whether that passes
    ("loss ≈ 0.47 in 400 updates", "loss ≈  0.48 in 400 updates", True),
    ("loss ≈ 0.47 in 400 updates", "loss ≈ 0.47 in 401 updates", False),
    ("loss ≈ 0.47", "loss ≈ nan", False),
    ("<Figure size 682.88x260 with 8 Axes>", "<Figure size 656x260 with 8 Axes>", True),
    ("≈ 0.019", "≈ 0.017", True),
    ("≈ 0.019", "≈ 0.022", False),
    ("≈ 95 %, ≈ 88 %", "≈ 95 %, ≈ 30 %", False),
    ("≈ 95 % (91 to 99)", "≈ 90 % (91 to 99)", False),
    ("≈ 95 % (91 to 99)", "≈ 95 % (90 to 99)", False),
    ("≈ -3.5 (-4.5 to -2.5)", "≈ -2.6 (-4.5 to -2.5)", True),
    ("≈ -0.01", "≈ -0.01", False),  # may be zero elsewhere, so the sign says nothing
]


def test_how_far_a_number_after_the_sign_may_move(tmp_path):
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    notebook = nbformat.v4.new_notebook()
    for stored, printed, _ in COMPARED:
        cell = nbformat.v4.new_code_cell(f"print({printed!r})", execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored + "\n")]
        notebook.cells.append(cell)
    nbformat.write(notebook, tmp_path / "compared.ipynb")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "nbval.plugin", "-p", "xdist.plugin", "--nbval"]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run([*command, "compared.ipynb"], cwd=tmp_path, env=alone, capture_output=True, text=True)
    passed = {int(cell) for cell in re.findall(r"^PASSED \S*::Cell (\d+)$", run.stdout, re.MULTILINE)}
    assert passed == {cell for cell, (*_, passes) in enumerate(COMPARED) if passes}, run.stdout
