"""The notebooks as files: pairs in step, executed whole, nothing of this machine."""

import ast
import itertools
import re
import shutil
import subprocess
from pathlib import Path

import execute
import jupytext
import links
import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1_500_000  # bytes; code hosts show larger ones slowly or not at all
EXECUTE = "run `make execute`"
TABLE = re.compile(r"lessons/([\w-]+\.csv)")
BINARY = {".npz", ".gz", ".xz", ".png", ".gif"}
every_notebook = pytest.mark.parametrize("path", links.notebooks(), ids=lambda path: path.stem)


def code_cells(path):
    notebook = nbformat.read(path, as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def contents(file):
    """Kind, text and tags of each cell."""
    cells = jupytext.read(file).cells
    return [(cell.cell_type, cell.source.strip(), cell.metadata.get("tags")) for cell in cells]


@every_notebook
def test_notebook_and_text_twin_agree(path):
    folder = ROOT / "notebooks"
    twin = folder / "scripts" / path.relative_to(folder).with_suffix(".py")
    assert contents(path) == contents(twin), (
        f"{path.name} and its twin differ: run `jupytext --sync` on it."
    )


@every_notebook
def test_all_code_was_run_from_top_to_bottom(path):
    assert path.stat().st_size < LARGEST, EXECUTE
    assert nbformat.read(path, as_version=4).metadata.kernelspec == execute.KERNEL, EXECUTE
    # nbval skips cells without an execution count: they would pass without being compared.
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), EXECUTE


@every_notebook
def test_what_is_not_compared_is_asserted(path):
    trees = [ast.parse(cell.source) for cell in code_cells(path)]
    nodes = itertools.chain.from_iterable(ast.walk(tree) for tree in trees)
    asserts = [node for node in nodes if isinstance(node, ast.Assert)]
    assert asserts, "let the notebook's message be asserted"
    if path in links.lessons():
        assert all(node.msg for node in asserts), "say what a failure means"
    for cell in code_cells(path):
        tags = set(cell.metadata.get("tags", []))
        assert not tags & {"nbval-skip", "raises-exception", "hide-input", "remove-cell"}, (
            cell.source
        )
        assert "NBVAL_" not in cell.source, cell.source
        errors = [output for output in cell.outputs if output.output_type == "error"]
        assert not errors and cell.outputs == [o for o in cell.outputs if execute.is_kept(o)], (
            EXECUTE
        )


def test_each_stored_table_is_read_and_each_that_is_read_is_stored():
    twins = (ROOT / "notebooks" / "scripts").rglob("*.py")
    read = set(TABLE.findall("".join(twin.read_text(encoding="utf-8") for twin in twins)))
    stored = {path.name for path in (ROOT / "data" / "results" / "lessons").iterdir()}
    assert read == stored


@pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(), reason="needs git and a clone"
)
def test_nothing_of_this_machine_is_committed():
    # Put together here so that this file does not find itself.
    roots = "|".join(("home", "root", "work", "Users"))
    hosts = "|".join(("pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs"))
    foreign = re.compile(rf"(?<![\w.~])/(?:{roots})/\w|[A-Z]:\\\\|{hosts}")
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        path = ROOT / name
        if path.is_file() and path.suffix not in BINARY:
            found = foreign.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path}: {found}"
