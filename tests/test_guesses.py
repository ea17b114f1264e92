"""A guess is a guess: around a folded answer nothing tells it.

Not the code above the fold, not the line that JupyterLab shows on it, not the next heading. A name in the code, or a
sentence that leads, is for eyes to judge.
"""

import re
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
LESSONS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
VERDICTS = """
    better best worse worst higher lower ahead behind
    win wins won lose loses lost beat beats
    equal equally equivalent identical same alike undecided
    never frozen
"""
VERDICT = "|".join(VERDICTS.split())
# A digit, a capital letter that names an answer (an A at the beginning is an article), or a word of verdict
TELLS = re.compile(rf"\d|(?<!^)\bA\b|\b[B-H]\b|\b(?i:{VERDICT})\b")
# Of several kinds of an output JupyterLab shows the first of these, whole up to the first line break.
SHOWN = ("text/html", "image/svg+xml", "text/markdown", "text/plain")


def is_folded(cell):
    return cell.cell_type == "code" and "hide-output" in cell.metadata.get("tags", [])


def on_the_fold(cell):
    """The line that JupyterLab shows of a folded output, without what stands in <angle brackets>."""
    if not cell.outputs:
        return ""
    first = cell.outputs[0]
    said = first.get("text", "")
    for kind in reversed(SHOWN):
        said = first.get("data", {}).get(kind, said)
    lines = [line for line in said.split("\n") if line]
    return re.sub("<[^>]*>", "", lines[0]) if lines else ""


def next_headings(cells):
    """Those of the first Markdown cell that has any, without their own numbers, such as "7."."""
    for cell in cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^##+ (?:\d+\. )?(.+)$", cell.source, re.MULTILINE)
            if found:
                return found
    return []


def spoilers(cells, twin):
    """What tells an answer, in the cells of a notebook and of its text twin."""
    found = []
    for number, cell in enumerate(cells, 1):
        if not is_folded(cell):
            continue
        for word in ("caption(", "alt="):
            if word in cell.source:
                found.append(f"cell {number}, above the fold: {word}")
        line = on_the_fold(cell)
        if TELLS.search(line):
            found.append(f"cell {number}, on the fold: {line}")
        for heading in next_headings(cells[number:]):
            if TELLS.search(heading):
                found.append(f"cell {number}, next heading: {heading}")
    for number, cell in enumerate(twin, 1):
        # The alternative text belongs into the notebook alone: a twin has it above the code.
        if is_folded(cell) and "mystnb" in cell.metadata:
            found.append(f"cell {number}, above the code of the twin: {cell.metadata['mystnb']}")
    return found


@pytest.mark.parametrize("name", LESSONS)
def test_no_lesson_tells_what_it_asks_to_guess(name):
    notebook = jupytext.read(NOTEBOOKS / f"{name}.ipynb")
    twin = jupytext.read(NOTEBOOKS / "scripts" / f"{name}.py")
    found = spoilers(notebook.cells, twin.cells)
    assert not found, "\n".join(found)
