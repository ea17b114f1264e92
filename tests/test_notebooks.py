"""The notebooks as files: pairs in step, outputs whole, captions there, nothing of this machine."""

import re
import shutil
import subprocess
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
PATHS = [
    path
    for part in ("*.ipynb", "going_deeper/*.ipynb", "solutions/*.ipynb")
    for path in sorted((ROOT / "notebooks").glob(part))
]
MARKER = re.compile(r"^\s*#\s*(NBVAL_\w+|PYTEST_VALIDATE\w+)\s*$", re.MULTILINE)
every_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def twin_of(path):
    folder = ROOT / "notebooks"
    return folder / "scripts" / path.relative_to(folder).with_suffix(".py")


@every_notebook
def test_notebook_and_text_twin_agree(path):
    left, right = (
        [(cell.cell_type, cell.source.strip(), cell.metadata.get("tags")) for cell in jupytext.read(file).cells]
        for file in (path, twin_of(path))
    )
    assert left == right, f"{path.name} and its twin differ: run `make sync`, then `make execute`."


@every_notebook
def test_no_cell_imports_what_only_computes_tables(path):
    code = "\n".join(cell.source for cell in code_cells(read(path)))
    assert not re.search(r"^\s*(from|import) experiments\b", code, re.MULTILINE)


@every_notebook
def test_executed_from_top_to_bottom(path):
    # nbval skips cells without an execution count: they would pass without being compared.
    counts = [cell.execution_count for cell in code_cells(read(path))]
    assert counts == list(range(1, len(counts) + 1)), f"run `make execute NOTEBOOKS={path.name}`."


@every_notebook
def test_outputs_hold_no_error_no_stderr_and_no_widget(path):
    notebook = read(path)
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source
            assert not any("widget" in kind for kind in output.get("data", {})), cell.source
    assert "widgets" not in notebook.metadata


@every_notebook
def test_no_cell_is_left_out_of_the_comparison(path):
    """What nbval leaves out itself are pictures, whose bytes differ between versions."""
    for cell in code_cells(read(path)):
        tags = [tag for tag in cell.metadata.get("tags", []) if "nbval" in tag or tag == "raises-exception"]
        assert not tags, cell.source
        assert not MARKER.search(cell.source), cell.source


@every_notebook
def test_every_figure_has_an_alternative_text_and_a_caption(path):
    cells = read(path).cells
    for cell, following in zip(cells, [*cells[1:], None], strict=True):
        shown = [output.get("data", {}) for output in cell.get("outputs", [])]
        if any(kind in data for data in shown for kind in ("image/png", "image/jpeg")):
            alternative = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alternative) > 20, f"no alternative text: {cell.source}"
            below = following.source.split("\n")[0] if following is not None else ""
            # Where the picture answers a guess, its caption folds with it.
            (caption,) = [data["text/markdown"] for data in shown if "text/markdown" in data] or [below]
            assert re.fullmatch(r"\*[^*].*[^*]\*", caption), f"no caption after: {cell.source}"


@every_notebook
def test_shape_of_a_lesson(path):
    notebook = read(path)
    assert notebook.cells[0].source.startswith("# ")
    assert re.search(r"\bminutes?\b", notebook.cells[0].source), "the opening says how long it takes"
    for cell in code_cells(notebook):
        lines = [line.strip() for line in cell.source.splitlines()]
        assert not {"hide-input", "hide-cell", "remove-input"} & {*cell.metadata.get("tags", [])}, cell.source
        assert sum(bool(line) and not line.startswith("#") for line in lines) <= 15, cell.source
        # nbval keeps no history, without which IPython does not see the semicolon that hides a value.
        assert not cell.source.rstrip().endswith(";"), cell.source
    assert any("assert " in cell.source for cell in code_cells(notebook))


def sanitise(text):
    """What nbval does with tests/sanitize.cfg."""
    lines = (ROOT / "tests" / "sanitize.cfg").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(": ", 1)[1] for line in lines if line.startswith(("regex: ", "replace: "))]
    for pattern, replacement in zip(pairs[::2], pairs[1::2], strict=True):
        text = re.sub(pattern, replacement, text)
    return text


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("loss ≈  0.12 in 400 updates", "loss ≈ -0.34 in 400 updates", True),
        ("≈ 0.12 (≈ 0.10 to ≈ 0.14)", "≈ 0.13 (≈ 0.11 to ≈ 0.15)", True),
        ("<td>≈ 0.1</td><td>4</td>", "<td>≈ 0.1</td><td>5</td>", False),
        ("loss ≈ 0.12 in 400 updates", "loss ≈ 0.12 in 401 updates", False),
        ("loss ≈ 0.12 better", "loss ≈ 0.12 worse", False),
        ("loss 0.12", "loss 0.13", False),
        ("loss ≈ 0.12", "loss ≈  nan", False),
        ("≈ 0.12 0.5", "≈ 0.12 0.6", False),
        ("<Figure size 682.88x260 with 8 Axes>", "<Figure size 656x260 with 8 Axes>", True),
        ("<Figure size 656x260 with 8 Axes>", "<Figure size 656x260 with 7 Axes>", False),
    ],
)
def test_only_what_follows_the_sign_is_exempt(left, right, same):
    assert (sanitise(left) == sanitise(right)) is same


def committed_texts():
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix not in (".npz", ".png", ".gif") and path.is_file():
            yield name, path.read_text(encoding="utf-8")


def test_nothing_of_this_machine_is_committed():
    # Put together here so that this file does not find itself.
    roots = "|".join(("home", "root", "work", "Users"))
    absolute = re.compile(rf"(?<![\w.~])/(?:{roots})/\w|[A-Z]:\\\\")
    hosts = re.compile("|".join(("pypi" + r"\.org", "pythonhosted" + r"\.org", "registry" + r"\.npmjs")))
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs git and a checkout")
    for name, text in committed_texts():
        assert not absolute.search(text), f"{name}: absolute path {absolute.search(text)}"
        assert not hosts.search(text), f"{name}: registry host"
