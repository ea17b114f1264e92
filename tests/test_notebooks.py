"""The notebooks as files: pairs in step, outputs whole, nothing of this machine."""

import ast
import base64
import io
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
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 1_500_000  # bytes; code hosts show larger ones slowly or not at all
EXECUTE = "run `make execute`"
HIDING = {"hide-input", "hide-cell", "remove-input"}
MARKER = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE\w+)\s*$", re.MULTILINE)
HOUSE = re.compile(r"^\s*(from|import) make_tables\b", re.MULTILINE)
PICTURES = {"image/png": "P", "image/jpeg": "RGB"}  # kinds, and how their pixels are stored
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
    assert contents(path) == contents(twin), f"{path.name} and its twin differ: run `make sync`."


@every_notebook
def test_all_code_was_run_from_top_to_bottom(path):
    assert path.stat().st_size < LARGEST, EXECUTE
    assert nbformat.read(path, as_version=4).metadata.kernelspec == execute.KERNEL, EXECUTE
    # nbval skips cells without an execution count: they would pass without being compared.
    counts = [cell.execution_count for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1)), EXECUTE


@every_notebook
def test_the_message_is_asserted(path):
    trees = [ast.parse(cell.source) for cell in code_cells(path)]
    nodes = itertools.chain.from_iterable(ast.walk(tree) for tree in trees)
    asserts = [node for node in nodes if isinstance(node, ast.Assert)]
    assert asserts, "let the notebook's message be asserted"
    if path.parent.name == "notebooks":
        assert all(node.msg for node in asserts), "say what a failure means"


@every_notebook
def test_all_code_is_in_sight_and_is_compared(path):
    for cell in code_cells(path):
        tags = set(cell.metadata.get("tags", []))
        assert not tags & HIDING, cell.source
        assert "raises-exception" not in tags, cell.source
        assert not any("nbval" in tag for tag in tags), cell.source
        assert not MARKER.search(cell.source), cell.source
        assert not HOUSE.search(cell.source), cell.source
        # nbval keeps no history, without which IPython does not see the semicolon that hides a value.
        assert not cell.source.rstrip().endswith(";"), cell.source


@every_notebook
def test_outputs_are_whole(path):
    for cell in code_cells(path):
        names = [output.get("name") for output in cell.outputs]
        in_pieces = any(one and one == other for one, other in itertools.pairwise(names))
        assert not in_pieces, EXECUTE
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source
            assert not any("widget" in kind for kind in output.get("data", {})), cell.source


@every_notebook
def test_pictures_are_small_and_say_what_they_show(path):
    for cell in code_cells(path):
        for output in cell.outputs:
            for kind, mode in PICTURES.items():
                if kind in output.get("data", {}):
                    picture = Image.open(io.BytesIO(base64.b64decode(output.data[kind])))
                    about = output.metadata[kind]
                    assert len(about["alt"]) > 20, cell.source
                    assert about["alt"] == cell.metadata.mystnb.image.alt, cell.source
                    assert about["width"] == picture.width // 2, "call plots.use_style() first"
                    assert picture.mode == mode, EXECUTE


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
