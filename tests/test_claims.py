"""What a page claims: one line a claim, never an error, and in the stored pages each claim holds."""

import ast
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from helpers.augment import RandomAffine
from helpers.show import Claims

ROOT = Path(__file__).resolve().parent.parent
PATHS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/going_deeper/*.ipynb")])


def line_of(capsys, condition, **settings):
    Claims(**settings).check("live ends lowest", condition)
    return capsys.readouterr().out


@pytest.mark.parametrize("truth", [True, np.bool_(True), lambda: True, lambda: np.float64(2) > 1])
def test_a_claim_that_holds(capsys, truth):
    assert line_of(capsys, truth, n=(128, 128)) == "holds                live ends lowest\n"


@pytest.mark.parametrize("falsehood", [False, np.bool_(False), lambda: False])
def test_a_claim_that_does_not_hold(capsys, falsehood):
    assert line_of(capsys, falsehood) == "does not hold here   live ends lowest\n"


@pytest.mark.parametrize("condition", [lambda: {}["live"], lambda: 1 / 0, lambda: undefined])  # noqa: F821
def test_a_condition_that_raises_does_not_hold_and_is_named(capsys, condition):
    with pytest.raises(Exception) as raised:  # noqa: PT011, B017
        condition()
    assert line_of(capsys, condition) == f"does not hold here ({raised.type.__name__})  live ends lowest\n"


@pytest.mark.parametrize("condition", [None, "yes", 1, np.array([True, True]), lambda: None, lambda x: True])
def test_only_true_and_false_are_answers(capsys, condition):
    assert line_of(capsys, condition) == "does not hold here (TypeError)  live ends lowest\n"


def test_a_claim_about_other_settings_does_not_apply(capsys):
    assert line_of(capsys, False, n=(256, 128), updates=(400, 400)) == (
        "does not apply: you changed n  live ends lowest\n"
    )
    assert line_of(capsys, lambda: 1 / 0, n=(256, 128), updates=(40, 400)) == (
        "does not apply: you changed n and updates  live ends lowest\n"
    )
    assert line_of(capsys, True, n=(256, 128)) == (
        "does not apply: you changed n (true here all the same)  live ends lowest\n"
    )


@pytest.mark.parametrize(
    ("now", "page", "same"),
    [
        (["none", "live"], ["none", "live"], True),
        (["none"], ["none", "live"], False),
        (np.array([1, 2]), [1, 2], True),
        ({"rotation_range": 5}, {"rotation_range": 5}, True),
        (np.arange(3), np.arange(3), True),
        (np.arange(3), np.arange(4), False),
        (np.arange(3), 3, False),
        (None, 3, False),
        ([1, [2, 3]], [1, [2, 3]], True),
        (RandomAffine(rotation_range=5), RandomAffine(rotation_range=5), True),
        (RandomAffine(rotation_range=6), RandomAffine(rotation_range=5), False),
        ("mild", RandomAffine(rotation_range=5), False),
    ],
)
def test_settings_of_any_kind_are_compared(now, page, same):
    assert Claims(setting=(now, page)).changed == ([] if same else ["setting"])


def problems(notebook):
    """What is wrong with the stored claims of a notebook: lines that don't hold, claims without a line."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or not re.search(r"\bClaims\(", cell.source):
            continue
        calls = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        checks = sum(isinstance(call.func, ast.Attribute) and call.func.attr == "check" for call in calls)
        lines = "".join(output.get("text", "") for output in cell.outputs).splitlines()
        if not checks or len(lines) < checks:
            found.append(f"{checks} claims, but {len(lines)} lines")
        found += [line for line in lines if not re.match(r"holds {2,}\S", line)]
        if cell is not notebook.cells[-1]:
            found.append("the claims do not stand in the last cell")
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_stored_claim_holds(path):
    assert not problems(nbformat.read(path, as_version=4))


@pytest.fixture(scope="module")
def lesson():
    """Runs a small lesson whose last cell claims something about n."""

    def run(n):
        cells = [
            nbformat.v4.new_code_cell(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nn = {n}"),
            nbformat.v4.new_code_cell(
                "from helpers.show import Claims\n\nclaims = Claims(n=(n, 4))\n"
                "claims.check('n is even', n % 2 == 0)\nclaims.check('a fourth is one', lambda: 4 // n == 1)"
            ),
        ]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, kernel_name="python3").execute()
        return notebook

    return run


def test_a_lesson_runs_through_whatever_a_reader_changes(lesson):
    stored, changed = lesson(4), lesson(0)
    assert problems(stored) == []
    text = "does not apply: you changed n (true here all the same)  n is even\n"
    text += "does not apply: you changed n  a fourth is one\n"
    assert changed.cells[-1].outputs[0].text == text
    assert problems(changed) == text.splitlines()
    stored.cells[-1].outputs = []
    assert problems(stored) == ["2 claims, but 0 lines"]
    assert problems(nbformat.v4.new_notebook()) == []
