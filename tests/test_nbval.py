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


def compared_notebook():
    """What COMPARED and the pictures store and show, a cell each."""
    notebook = nbformat.v4.new_notebook()
    for stored, printed, _ in COMPARED:
        cell = nbformat.v4.new_code_cell(f"print({printed!r})", execution_count=1)
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored + "\n")]
        notebook.cells.append(cell)
    for stored, displayed, *tags, _ in looked_at():
        source = f"for data in {displayed}:\n    display(data, raw=True)"
        cell = nbformat.v4.new_code_cell(source, execution_count=1, metadata={"tags": tags})
        cell.outputs = [nbformat.v4.new_output("display_data", data) for data in stored]
        notebook.cells.append(cell)
    return notebook


COLLECTED = ["notebooks/", "notebooks/solutions", "notebooks/one.ipynb"]
# One process for all, as its start takes longest.
PROGRAM = f"""
import pytest

PLUGINS = ["-p", "nbval.plugin", "-p", "xdist.plugin", "--nbval"]
pytest.main([*PLUGINS, "-rA", "compared.ipynb"])
for path in {COLLECTED}:
    print("asked:", path)
    pytest.main([*PLUGINS, "--collect-only", path])
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What pytest prints with our settings of the compared notebook, and of what lies below each path."""
    folder = tmp_path_factory.mktemp("series")
    for name in ("conftest.py", "pyproject.toml", "tests/sanitize.cfg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    nbformat.write(compared_notebook(), folder / "compared.ipynb")
    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", execution_count=1)])
    for name in ("notebooks/one.ipynb", "notebooks/solutions/two.ipynb"):
        (folder / name).parent.mkdir(exist_ok=True)
        nbformat.write(small, folder / name)
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True)
    return run.stdout.split("asked: ")


def test_how_far_a_number_after_the_sign_and_a_picture_may_move(said):
    found = re.findall(r"^PASSED \S*::Cell (\d+)$", said[0], re.MULTILINE)
    cells = COMPARED + looked_at()
    expected = [number for number, (*_, passes) in enumerate(cells) if passes]
    assert sorted(map(int, found)) == expected, said[0]


def test_it_says_what_it_leaves_out_and_which_command_runs_that(said):
    found = []
    for printed in said[1:]:
        collected = re.findall(r"<IPyNbFile (?:notebooks/)?(?:solutions/)?(\w+)", printed)
        left_out = re.findall(r"^left out: (\S+), which `pytest (.+)` runs$", printed, re.M)
        found.append((collected, left_out))
    on_request = [("notebooks/solutions", "--nbval notebooks/solutions")]
    assert found == [(["one"], on_request), (["two"], []), (["one"], [])]
