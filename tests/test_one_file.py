"""Each lesson in one file: title first, no answer, no dead link, and a lesson that runs alone in an empty folder."""

import re
from pathlib import Path

import links
import nbformat
import one_file
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
SETTING = {"repository": "me/fork", "reference": "v0.1"}
TARGET = re.compile(r"\]\(([^)\s]+)\)")
every_lesson = pytest.mark.parametrize("path", links.lessons(), ids=lambda path: path.stem)


def targets(notebook):
    """Where links of the text lead."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return TARGET.findall(text)


@every_lesson
def test_the_title_comes_first_then_readable_source_and_no_answer(path):
    notebook = one_file.one_file(path, {})
    nbformat.validate(notebook)
    title, about, *others = notebook.cells
    assert title.source.startswith(f"# {path.stem[:2]} ") and "<details>" in about.source
    written = {}
    for cell in others:
        if cell.source.startswith("%%writefile "):
            name, _, source = cell.source.removeprefix("%%writefile ").partition("\n")
            written[name] = source
    assert "series.py" in written and "helpers/data.py" in written
    assert written["series.py"] == (ROOT / "notebooks" / "series.py").read_text("utf-8").rstrip()
    for cell in notebook.cells:
        assert not cell.get("outputs") and "Worked answers" not in cell.source
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert hidden or len(cell.source) < 10_000


@every_lesson
def test_links_lead_to_the_repository_or_are_words(path):
    assert all(link.startswith(("https://", "#")) for link in targets(one_file.one_file(path, {})))
    start = "https://github.com/me/fork/blob/v0.1/"
    found = targets(one_file.one_file(path, SETTING))
    own = [link.removeprefix(start) for link in found if link.startswith(start)]
    assert own and all((ROOT / link.partition("#")[0]).is_file() for link in own)


def test_a_lesson_alone_in_brackets_keeps_its_number_and_another_page_goes():
    text = "It repeats ([02](02_x.ipynb)) and [more](a/b.md#c), see [d](#e) ([help](f.md))."
    kept = "It repeats (02) and more, see [d](#e)."
    assert one_file.with_living_links(text, "notebooks", {}) == kept


def test_lesson_04_runs_alone_in_an_empty_folder(tmp_path):
    path = ROOT / "notebooks" / "04_when_live_is_not_live.ipynb"
    resources = {"metadata": {"path": tmp_path}}
    NotebookClient(one_file.one_file(path, {}), timeout=300, resources=resources).execute()
    assert (tmp_path / "helpers" / "data.py").is_file()
