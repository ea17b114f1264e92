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
MARKER = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE\w+)\s*$", re.MULTILINE)
every_notebook = pytest.mark.parametrize("path", links.notebooks(), ids=lambda path: path.stem)


@every_notebook
def test_notebook_and_text_twin_agree(path):
    folder = ROOT / "notebooks"
    twin = folder / "scripts" / path.relative_to(folder).with_suffix(".py")
    left, right = (
        [
            (cell.cell_type, cell.source.strip(), cell.metadata.get("tags"))
            for cell in jupytext.read(file).cells
        ]
        for file in (path, twin)
    )
    assert left == right, f"{path.name} and its twin differ: run `make sync`."


@every_notebook
def test_all_code_is_in_sight_was_run_from_top_to_bottom_and_is_compared(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert path.stat().st_size < LARGEST and notebook.metadata.kernelspec == execute.KERNEL, (
        "run `make execute`"
    )
    # nbval skips cells without an execution count: they would pass without being compared.
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1)), (
        "run `make execute`"
    )
    asserts = [
        node
        for cell in cells
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Assert)
    ]
    assert asserts, "let the notebook's message be asserted"
    assert path.parent.name != "notebooks" or all(node.msg for node in asserts), (
        "say what a failure means"
    )
    for cell in cells:
        left_out = [
            tag
            for tag in cell.metadata.get("tags", [])
            if "nbval" in tag or tag == "raises-exception"
        ]
        assert not left_out and not MARKER.search(cell.source), cell.source
        assert not {"hide-input", "hide-cell", "remove-input"} & {*cell.metadata.get("tags", [])}, (
            cell.source
        )
        assert not re.search(r"^\s*(from|import) experiments\b", cell.source, re.MULTILINE), (
            cell.source
        )
        # nbval keeps no history, without which IPython does not see the semicolon that hides a value.
        assert not cell.source.rstrip().endswith(";"), cell.source
        names = [output.get("name") for output in cell.outputs]
        assert not any(one and one == other for one, other in itertools.pairwise(names)), (
            "run `make execute`"
        )
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source
            assert not any("widget" in kind for kind in output.get("data", {})), cell.source
            for kind in {"image/png", "image/jpeg"} & set(output.get("data", {})):
                about, picture = (
                    output.metadata[kind],
                    Image.open(io.BytesIO(base64.b64decode(output.data[kind]))),
                )
                assert len(about["alt"]) > 20 and about["alt"] == cell.metadata.mystnb.image.alt, (
                    cell.source
                )
                assert picture.width // 2 == about["width"], "call plots.use_style() first"
                assert picture.mode == ("P" if kind == "image/png" else "RGB"), "run `make execute`"


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
    for path in (ROOT / name for name in filter(None, listed.split("\0"))):
        if path.suffix not in (".npz", ".gz", ".png", ".gif") and path.is_file():
            found = foreign.search(path.read_text(encoding="utf-8"))
            assert not found, f"{path}: {found}"
