#!/usr/bin/env python3
"""Each lesson as one notebook that needs nothing beside it, for Colab, Kaggle or a hub: build/one-file.

What a lesson takes from the series stands in its first code cell, as the text of a zip archive. Outputs are left out,
so that no answer is there before its question. Fashion-MNIST comes from Keras, when it is first used.
"""

from __future__ import annotations

import ast
import base64
import io
import posixpath
import re
import shutil
import sys
import zipfile
from pathlib import Path

import links
import nbformat
from nbformat import NotebookNode
from without_outputs import without_outputs

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "one-file"
RESULTS = ROOT / "data" / "results"
LARGEST = 400_000  # bytes of a notebook
# What lessons and packed programs import, where pip calls it otherwise, its name there.
PACKAGES = {
    "tensorflow": "tensorflow",
    "keras": "keras",
    "numpy": "numpy",
    "scipy": "scipy",
    "PIL": "pillow",
    "pandas": "pandas",
    "matplotlib": "matplotlib",
    "seaborn": "seaborn",
    "tqdm": "tqdm",
    "ipywidgets": "ipywidgets",
}
# What is said to readers of stored outputs, and of solutions.
OPEN_ELSEWHERE = re.compile(r"\(On code hosts and (?:on )?Colab [^)]*\)\s*")
SOLUTIONS = re.compile(r"Worked answers are in \[[^\]]+\]\(solutions/[^)]+\)\.\s*")
IN_PYTORCH = re.compile(r", or take the lesson \[in PyTorch\]\([^)]+\)")
# A link alone in brackets, or not.
LINK = re.compile(r" \(\[[^\]]+\]\(([^)\s]+)\)\)|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
# The first line is a form's title on Colab, which then folds the code.
FIRST_CELL = """\
# @title This cell holds the programs and tables that this lesson uses, packed as text.
# It unpacks them into a temporary folder, which is removed when the kernel ends.
import atexit
import base64
import importlib.util
import io
import os
import shutil
import sys
import tempfile
import zipfile


def check_packages(packages):
    if sys.version_info < (3, 11):
        here = ".".join(map(str, sys.version_info[:2]))
        raise RuntimeError(f"This lesson needs Python 3.11 or newer, and this kernel runs Python {{here}}.")
    missing = []
    for module, package in packages.items():
        if importlib.util.find_spec(module) is None:
            missing.append(package)
    if missing:
        raise ModuleNotFoundError(
            f"This lesson needs packages that this kernel hasn't: put `%pip install {{' '.join(missing)}}` "
            "into a new cell, run it, restart the kernel, and run this cell again."
        )


def unpack(packed):
    folder = tempfile.mkdtemp(prefix="series-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(packed))) as archive:
        archive.extractall(folder)
    sys.path.insert(0, os.path.join(folder, "notebooks"))


check_packages({packages})
PACKED = \"\"\"
{packed}
\"\"\"
unpack(PACKED)
"""
START = links.START.replace("Open this page in its folder", "Run the cell above")
# How Jupyter, Colab and Kaggle fold a cell's code.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form", "_kg_hide-input": True}
ALONE = """

*This file is the whole lesson, of version {version}: it needs no other file of the series{where}, and fetches \
30 MB of images when they are first used.*"""
NO_WEIGHTS = """\
*The pretrained weights (6.4 MB) aren't in this file. So `fine_tuned` runs in the whole series alone{where}, and \
what it gave stands below as a table.*"""
VERSION = re.compile(r'__version__ = "(.+)"')
LESSON = re.compile(r"\d\d")  # the text of a link to a lesson


def lessons() -> list[Path]:
    """The nine, without companions and solutions."""
    return sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


def code_of(notebook: NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def needed_files(code: str) -> list[Path]:
    """What a lesson's code uses: the programs of the series, and the stored tables that it names."""
    files: list[Path] = []
    for programs in ("helpers/*.py", "helpers/*.mplstyle", "notebooks/*.py"):
        files += ROOT.glob(programs)
    if "augcheck" in code:
        files += ROOT.glob("augcheck/src/**/*.py")
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            files += tables_called(node.value, with_curves="read_results" in code)
    return sorted(set(files))


def tables_called(name: str, with_curves: bool) -> list[Path]:
    """The stored table of this name below data/results, and its curves, where there are such."""
    if not name.endswith(".csv"):
        return []
    named = [RESULTS / name]
    if with_curves:
        named.append(RESULTS / f"{name.removesuffix('.csv')}-curves.csv.gz")
    return [path for path in named if path.is_file()]


def packed(files: list[Path]) -> str:
    """The files as the text of a zip archive, the same whenever it is made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in files:
            entry = zipfile.ZipInfo(path.relative_to(ROOT).as_posix())  # of the year 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    text = base64.b64encode(content.getvalue()).decode("ascii")
    return "\n".join(re.findall(".{1,500}", text))


def with_living_links(text: str, folder: str, setting: dict[str, str]) -> str:
    """Relative links lead to the repository, or without an address become their words.

    A link alone in brackets is left out then, unless it names a lesson.
    """

    def living(link: re.Match[str]) -> str:
        in_brackets = link[1] is not None
        target = link[1] or link[3]
        if "://" in target or target.startswith("#"):
            return link[0]
        if setting:
            return link[0].replace(f"({target})", f"({address(target, folder, setting)})")
        words = link[0].strip(" ([").partition("]")[0]
        if not in_brackets:
            return words
        return f" ({words})" if LESSON.fullmatch(words) else ""

    return LINK.sub(living, text)


def address(target: str, folder: str, setting: dict[str, str]) -> str:
    """Where a code host shows what a relative link of a page in this folder names."""
    path, mark, anchor = target.partition("#")
    place = posixpath.normpath(posixpath.join(folder, path))
    kind = "tree" if (ROOT / place).is_dir() else "blob"
    repository, reference = setting["repository"], setting["reference"]
    return f"https://github.com/{repository}/{kind}/{reference}/{place}{mark}{anchor}"


def one_file(path: Path, setting: dict[str, str]) -> NotebookNode:
    """A lesson without outputs that needs no file beside it."""
    notebook = without_outputs(nbformat.read(path, as_version=4))
    folder = path.parent.relative_to(ROOT).as_posix()
    where = f" (https://github.com/{setting['repository']})" if setting else ""
    code = code_of(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            source = OPEN_ELSEWHERE.sub("", cell.source)
            if not setting:
                source = IN_PYTORCH.sub("", SOLUTIONS.sub("", source))
            cell.source = with_living_links(source, folder, setting)
    title = notebook.cells[0]
    title.source = links.relinked(title.source, {}, "")  # its buttons open another file
    helpers = (ROOT / "helpers" / "__init__.py").read_text("utf-8")
    found = VERSION.search(helpers)
    version = found[1] if found else "?"
    title.source += ALONE.format(version=version, where=where)
    cells = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and "efficientnet_lite0" in cell.source:
            note = nbformat.v4.new_markdown_cell(NO_WEIGHTS.format(where=where), id="no-weights")
            cells.append(note)
        cells.append(cell)
    place = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    cells[place].source = START
    text = FIRST_CELL.format(packages=PACKAGES, packed=packed(needed_files(code)))
    first = nbformat.v4.new_code_cell(text.strip(), id="packed-files", metadata=FOLDED)
    cells.insert(place, first)
    notebook.cells = cells
    return notebook


def build(out: Path = OUT) -> None:
    setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for path in lessons():
        made = out / path.name
        nbformat.write(one_file(path, setting), made)
        size = made.stat().st_size
        if size > LARGEST:
            sys.exit(
                f"{made} has {size:,} bytes, more than {LARGEST:,}: its lesson reads tables that are too large."
            )
        print(f"{made.relative_to(out.parent)}  {size // 1000} kB")
    print(f"Each lesson is one file in {out}: upload one to Colab, Kaggle or a hub.")


if __name__ == "__main__":
    try:
        build()
    except OSError as error:
        sys.exit(str(error))
