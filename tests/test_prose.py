"""Numbers in a notebook's prose are those that it printed: intervals in brackets, and all with three decimals."""

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
PATHS = [path for folder in ("", "going_deeper/", "solutions/") for path in sorted(NOTEBOOKS.glob(f"{folder}*.ipynb"))]
NUMBER = r"(?:[<>]=?\s*)?-?\d[\d,]*(?:\.\d+)?"
INTERVAL = re.compile(rf"(?:({NUMBER})\s*)?\[\s*({NUMBER}),\s*({NUMBER})\s*\](?!\()")
THREE_DECIMALS = re.compile(r"(?<![\d.])\d+\.\d{3}(?!\d)")
NAMED_LESSON = re.compile(r"\((?:lesson )?(0\d)\)|\blessons? (0\d)\b")
RANGE_OF_PIXELS = (None, "0", "1")  # "images in [0, 1]" is no interval


def numbers(text):
    """Intervals, as (mean or None, low, high), and numbers of three decimals; without signs ≈, minus as typed."""
    text = re.sub(r"≈\s*", "", text.replace("\N{MINUS SIGN}", "-"))
    intervals = {tuple(part and part.replace(" ", "") for part in found) for found in INTERVAL.findall(text)}
    intervals = {(mean or None, low, high) for mean, low, high in intervals}
    return intervals - {RANGE_OF_PIXELS}, set(THREE_DECIMALS.findall(text))


def printed(notebook):
    """What ``numbers`` finds in a notebook's outputs; each interval also without its mean."""
    texts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    intervals, decimals = numbers("\n".join(texts))
    return intervals | {(None, low, high) for _, low, high in intervals}, decimals


def not_printed(notebook, lessons, own_lesson=None):
    """The numbers of the prose that neither this notebook printed nor a lesson that the paragraph names.

    Args:
        notebook: as nbformat reads it.
        lessons: what ``printed`` found in each lesson, by its two digits.
        own_lesson: the digits of the lesson that a solution belongs to and may always quote.
    """
    own, missing = printed(notebook), []
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for paragraph in cell.source.split("\n\n"):
            named = {own_lesson, *(first or second for first, second in NAMED_LESSON.findall(paragraph))}
            known = [own, *(lessons[name] for name in named if name in lessons)]
            for kind, found in enumerate(numbers(paragraph)):
                missing += sorted(map(str, found - set().union(*(numbers_of[kind] for numbers_of in known))))
    return missing


@pytest.fixture(scope="module")
def notebooks():
    return {path: nbformat.read(path, as_version=4) for path in PATHS}


@pytest.fixture(scope="module")
def lessons(notebooks):
    return {path.stem[:2]: printed(notebook) for path, notebook in notebooks.items() if path.parent == NOTEBOOKS}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_prose_says_what_was_printed(path, notebooks, lessons):
    missing = not_printed(notebooks[path], lessons, path.stem[:2] if path.parent.name == "solutions" else None)
    assert not missing, f"{path.name}: its prose says {', '.join(missing)}, which no cell prints; see `make execute`."


@pytest.mark.parametrize(
    ("prose", "missing"),
    [
        ("It is \N{MINUS SIGN}0.007 [\N{MINUS SIGN}0.011, \N{MINUS SIGN}0.003].", 0),
        ("It is within [-0.011, -0.003].", 0),
        ("≈ 0.007 of it, ≈ 1.5 [≈ 1.2, > 32]", 0),
        ("Images in [0, 1], see [lesson](x.ipynb).", 0),
        ("It is \N{MINUS SIGN}0.007 [\N{MINUS SIGN}0.012, \N{MINUS SIGN}0.003].", 2),
        ("It is \N{MINUS SIGN}0.008 [\N{MINUS SIGN}0.011, \N{MINUS SIGN}0.003].", 2),
        ("It is 0.007 [0.003, 0.011].", 1),
        ("Within 2.5 [2.1, 3.0], as lesson 09 found.", 0),
        ("Within 2.5 [2.1, 3.0].", 1),
        ("About 0.137 of it.", 1),
    ],
)
def test_a_changed_number_is_noticed(prose, missing):
    text = "live minus copies -0.007 [-0.011, -0.003] equivalent\n≈ 1.5 [≈ 1.2, > 32]"
    output = nbformat.v4.new_output("stream", text=text)
    cells = [nbformat.v4.new_code_cell("print()", outputs=[output]), nbformat.v4.new_markdown_cell(prose)]
    found = not_printed(nbformat.v4.new_notebook(cells=cells), {"09": ({("2.5", "2.1", "3.0")}, set())})
    assert len(found) == missing, found
