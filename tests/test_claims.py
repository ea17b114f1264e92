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
SOLUTIONS = sorted(ROOT.glob("notebooks/solutions/*.ipynb"))


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
        ({"rotation_range": 5}, {"rotation_range": 5}, True),
        (np.arange(3), np.arange(4), False),
        (np.arange(3), 3, False),
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


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?!\w)")
CONSTANTS = (ast.Constant, ast.UnaryOp, ast.Tuple, ast.List, ast.Load, ast.unaryop)


def numbers(text):
    return {float(found.replace(",", "")) for found in NUMBER.findall(text)}


def numbers_in(node):
    """The numbers that a piece of code names, in its texts, too."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            found |= numbers(part.value)
        elif isinstance(part, ast.Constant) and isinstance(part.value, int | float):
            found.add(float(part.value))
    return found


def definitions(code):
    """The statements that give each name of some code its value."""
    found = {}
    for node in ast.walk(ast.parse(code)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.For) else []
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name):
                    found.setdefault(name.id, []).append(node)
    return found


def pieces(condition, notebook):
    """What a condition consists of: itself, and the statements that its names come from.

    Under the heading of the claims names are followed all the way, before it by one step.
    """
    last_text = max((i for i, cell in enumerate(notebook.cells) if cell.cell_type == "markdown"), default=0)
    parts = notebook.cells[:last_text], notebook.cells[last_text:]
    before, here = (
        definitions("\n".join(cell.source for cell in part if cell.cell_type == "code")) for part in parts
    )
    parts, open_parts = [], [condition]
    while open_parts:
        part = open_parts.pop()
        parts.append(part)
        for name in {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}:
            open_parts += [node for node in here.get(name, []) if node not in parts and node not in open_parts]
            parts += before.get(name, [])
    return parts


def is_constant(node):
    return all(isinstance(part, CONSTANTS) for part in ast.walk(node))


def empty_claims(notebook):
    """Claims whose condition can't fail in part, or doesn't name a number that their words name."""
    found = []
    last = [cell.source for cell in notebook.cells if cell.cell_type == "code"][-1]
    for call in ast.walk(ast.parse(last)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "check"):
            continue
        words, condition = call.args
        said = "".join(part.value for part in ast.walk(words) if isinstance(part, ast.Constant))
        body = condition.body if isinstance(condition, ast.Lambda) else condition
        alternatives = [node for node in ast.walk(body) if isinstance(node, ast.BoolOp)]
        if any(is_constant(part) for part in [body, *(value for node in alternatives for value in node.values)]):
            found.append(f"{said}: True or False whatever was computed")
        for node in ast.walk(body):
            minus = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
            if minus and ast.dump(node.left) == ast.dump(node.right):
                found.append(f"{said}: subtracts a thing from itself")
        there = set().union(*(numbers_in(part) for part in pieces(condition, notebook)))
        if "%" in said or "points" in said:  # 5 % may be 0.05 or 0.95 in the code
            there |= {100 * number for number in there} | {100 * (1 - number) for number in there}
        # "4 copies" is the name of an arm.
        missing = [n for n in numbers(re.sub(r"\d+ cop(y|ies)", "", said)) if not np.isclose(n, [*there]).any()]
        found += [f"{said}: the condition does not name {number:g}" for number in missing]
    return found


@pytest.mark.parametrize("path", PATHS + SOLUTIONS, ids=lambda path: "-".join(path.parts[-2:]))
def test_a_claim_is_checked_by_what_it_says(path):
    assert not empty_claims(nbformat.read(path, as_version=4))


@pytest.mark.parametrize(
    ("claim", "condition", "problem"),
    [
        ("less than 0.06", "gap < 0.06", None),
        ("more than 5 % below", "gap < 0.95 * gap", None),
        ("less than 0.06", "lambda: gap < 0.06", None),
        ("4 copies end lowest", "gap < 0", None),
        ("4 to 5 points", "4 < in_points < 5", None),
        ("in 400 updates", "gap > 0", None),
        ("less than 0.06", "gap < 0.6", "does not name 0.06"),
        ("in 401 updates", "gap > 0", "does not name 401"),
        ("less than 0.06", "True", "whatever was computed"),
        ("less than 0.06", "abs(gap - gap) < 0.06", "subtracts a thing from itself"),
        ("low", "bool(gap < 0.06 or True)", "whatever was computed"),
        ("low", "gap < 0.06 and not False", "whatever was computed"),
    ],
)
def test_a_claim_that_is_checked_by_less_is_noticed(claim, condition, problem):
    first = nbformat.v4.new_code_cell("gap = loss(400)")
    last = nbformat.v4.new_code_cell(f"in_points = 100 * gap\nclaims.check({claim!r}, {condition})")
    found = empty_claims(nbformat.v4.new_notebook(cells=[first, nbformat.v4.new_markdown_cell(), last]))
    assert problem in found[0] if problem else not found


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
