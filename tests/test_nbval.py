"""How far a number after the sign of approximation and a picture may move before nbval, with our settings, notices."""

import base64
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image, ImageDraw, ImageOps

ROOT = Path(__file__).resolve().parent.parent
COMPARED = [  # what is stored, what a cell prints now, whether that passes
    ("loss ≈ 0.47 in 400 updates", "loss ≈  0.48 in 400 updates", True),
    ("loss ≈ 0.47 in 400 updates", "loss ≈ 0.47 in 401 updates", False),
    ("<Figure size 682.88x260 with 8 Axes>", "<Figure size 656x260 with 8 Axes>", True),
    ("≈ 0.019", "≈ 0.017", True),
    ("≈ 0.25, ≈ 0.019", "≈ 0.25, ≈ 0.022", False),
    ("≈ 95 % (91 to 99)", "≈ 90 % (91 to 99)", False),
    ("≈ -3.5 (-4.5 to -2.5)", "≈ -2.6 (-4.5 to -2.5)", True),
    ("≈ -0.01", "≈ -0.01", False),  # may be zero elsewhere, so the sign says nothing
]


def drawn(lower=600, width=1600, color="#0072b2"):
    """A figure of two curves in the size that the lessons store; the lower one ends at the given height."""
    picture = Image.new("RGB", (width, 740), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((100, 40, width - 60, 640), outline="black", width=3)
    draw.line([(100, 100), (width - 60, 200)], "#d95f0e", 9)
    draw.line([(100, 100), (width - 60, lower)], color, 9)
    return picture


def interval(moved=0):
    """A figure of an interval with its mean and a dot beside it, moved to the right by pixels."""
    picture = Image.new("RGB", (1600, 740), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((170, 20, 1590, 620), outline="black", width=3)
    draw.line([(380 + moved, 170), (830 + moved, 170)], "#1f77b4", 9)
    for x, size in ((600, 14), (1115, 7)):
        draw.ellipse((x + moved - size, 170 - size, x + moved + size, 170 + size), "#1f77b4")
    return picture


def shown(picture, kind="png"):
    """The picture as an output of a cell."""
    file = io.BytesIO()
    picture.save(file, kind)
    return {f"image/{kind}": base64.b64encode(file.getvalue()).decode()}


def looked_at():
    """What is stored, what a cell shows now, its tags, whether that passes."""
    figure = drawn()
    noise = Image.effect_noise(figure.size, 100).convert("RGB")
    noised = Image.blend(figure, noise, 0.02).convert("RGBA")
    as_stored, other = shown(figure), shown(drawn(200))
    return [
        ([shown(figure.quantize(16))], [shown(noised)], True),
        ([shown(figure, "jpeg")], [as_stored], True),
        ([as_stored], [shown(drawn(604))], True),  # as another processor may train it
        ([as_stored], [shown(drawn(560))], False),
        ([as_stored], [shown(drawn(560))], "trained", True),
        ([shown(interval())], [shown(interval(10))], True),
        ([shown(interval())], [shown(interval(70))], False),  # a twentieth of the axis
        ([as_stored], [shown(ImageOps.flip(figure))], "trained", False),
        ([as_stored], [shown(drawn(color="#d95f0e"))], False),
        ([as_stored], [shown(drawn(width=1500))], False),
        ([as_stored, other], [other, as_stored], False),
        ([as_stored], [as_stored, as_stored], False),
    ]


@pytest.fixture
def folder(tmp_path):
    """One with our settings and no notebook."""
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def what_it_prints(folder, *arguments):
    """What Python prints there, without plugins that aren't named."""
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, *arguments]
    run = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True)
    return run.stdout


def test_how_far_a_number_after_the_sign_and_a_picture_may_move(folder):
    notebook = nbformat.v4.new_notebook()
    for stored, printed, _ in COMPARED:
        cell = nbformat.v4.new_code_cell(f"print({printed!r})", execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored + "\n")]
        notebook.cells.append(cell)
    pictures = looked_at()
    for stored, displayed, *tags, _ in pictures:
        source = f"for data in {displayed}:\n    display(data, raw=True)"
        cell = nbformat.v4.new_code_cell(source, execution_count=1, metadata={"tags": tags})
        cell.outputs = [nbformat.v4.new_output("display_data", data) for data in stored]
        notebook.cells.append(cell)
    nbformat.write(notebook, folder / "compared.ipynb")
    plugins = ["-p", "nbval.plugin", "-p", "xdist.plugin"]
    said = what_it_prints(folder, "-m", "pytest", "-rA", *plugins, "--nbval", "compared.ipynb")
    found = re.findall(r"^PASSED \S*::Cell (\d+)$", said, re.MULTILINE)
    expected = [cell for cell, (*_, passes) in enumerate(COMPARED + pictures) if passes]
    assert sorted(map(int, found)) == expected, said


def test_it_says_what_it_leaves_out_and_which_command_runs_that(folder):
    for name in ("notebooks/one.ipynb", "notebooks/solutions/two.ipynb"):
        notebook = nbformat.v4.new_notebook()
        notebook.cells.append(nbformat.v4.new_code_cell("1", execution_count=1))
        (folder / name).parent.mkdir(exist_ok=True)
        nbformat.write(notebook, folder / name)

    # One process for all three, as its start takes longest.
    asked = ["notebooks/", "notebooks/solutions", "notebooks/one.ipynb"]
    program = f"""
import pytest

for path in {asked}:
    print("asked:", path)
    pytest.main(["-p", "nbval.plugin", "--collect-only", "--nbval", path])
"""
    found = []
    for said in what_it_prints(folder, "-c", program).split("asked: ")[1:]:
        collected = re.findall(r"<IPyNbFile (?:notebooks/)?(?:solutions/)?(\w+)", said)
        left_out = re.findall(r"^left out: (\S+), which `pytest (.+)` runs$", said, re.M)
        found.append((collected, left_out))
    on_request = [("notebooks/solutions", "--nbval notebooks/solutions")]
    assert found == [(["one"], on_request), (["two"], []), (["one"], [])]
