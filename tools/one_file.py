#!/usr/bin/env python3
"""Each lesson as one notebook that needs nothing beside it, for Colab or a hub: build/one-file.

Below the title stand the modules and tables that the lesson uses, a folded cell each, which writes its file beside the
notebook, and below those the garments as text. Outputs are left out, so that no answer stands before its question.
"""

from __future__ import annotations

import ast
import base64
import functools
import io
import lzma
import posixpath
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import links
import nbformat
import numpy as np
from nbformat import NotebookNode
from without_outputs import without_outputs

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "one-file"
TABLE = re.compile(r'RESULTS / "([\w/.-]+\.csv)"')
# What is said to readers of stored outputs, and of solutions.
ELSEWHERE = re.compile(r"\(On code hosts and (?:on )?Colab [^)]*\)\s*")
SOLUTIONS = re.compile(r"Worked answers are in \[[^\]]+\]\(solutions/[^)]+\)\.\s*")
# A link alone in brackets, or not.
LINK = re.compile(r" \(\[[^\]]+\]\(([^)\s]+)\)\)|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
LESSON = re.compile(r"\d\d")  # the text of a link to a lesson
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # in Jupyter, and on Colab
ABOUT = """\
<details><summary>This file is the whole lesson. What do the folded cells below do?</summary>

Each writes a file beside this notebook: the modules and tables that the lesson uses, to be read there. The long text \
in the last of them is data: Fashion-MNIST's pullovers and coats, compressed. Run them all once.

</details>"""
GARMENTS = """\
# Data: the 14,000 garments (data/garments.npz), compressed, as text. Online you may leave this cell out:
# Keras then fetches Fashion-MNIST, 30 MB.
import base64
import lzma

GARMENTS = \"\"\"
{text}
\"\"\"
packed = lzma.decompress(base64.b64decode(GARMENTS))
size = Path("data/garments.npz").write_bytes(packed)"""
FOLDERS = """\
from pathlib import Path

for folder in ("helpers", "data/results/lessons"):
    Path(folder).mkdir(parents=True, exist_ok=True)"""
INSTALL = (
    '%pip install --quiet "git+https://github.com/{repository}@{reference}#subdirectory=augcheck"'
)
LEFT_OUT = (
    "*The check-up is a package of its own, which isn't in this file, so its cell is left out:*\n\n"
)


def code_of(notebook: NotebookNode) -> str:
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return re.sub(r"^[%!].*$", "", code, flags=re.MULTILINE)


def imported(code: str) -> Iterator[str]:
    """The names of all modules that a program may import."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(code: str) -> dict[str, str]:
    """The series' own modules that a program needs: the file's name beside it, and its source."""
    found: dict[str, str] = {}
    for name in imported(code):
        path = name.replace(".", "/") + ".py"
        for source in (ROOT / path, ROOT / "notebooks" / path):
            if source.is_file():
                text = source.read_text("utf-8")
                found |= {**modules(text), path: text}
    return found


def folded(source: str, name: str) -> NotebookNode:
    return nbformat.v4.new_code_cell(source, id=re.sub(r"\W", "-", name), metadata=FOLDED)


def files(code: str) -> list[NotebookNode]:
    """The cells that write what a lesson needs."""
    cells = [folded(FOLDERS, "folders")]
    needed = modules(code)
    for name in TABLE.findall(code + "".join(needed.values())):
        needed[f"data/results/{name}"] = (ROOT / "data" / "results" / name).read_text("utf-8")
    for name, text in needed.items():
        cells.append(folded(f"%%writefile {name}\n{text.rstrip()}", name))
    if "helpers/data.py" in needed:
        cells.append(folded(GARMENTS.format(text=garments()), "garments"))
    return cells


@functools.cache
def garments() -> str:
    """The file of the garments, unpacked and compressed better, in lines of text."""
    unpacked = io.BytesIO()
    with np.load(ROOT / "data" / "garments.npz") as file:
        np.savez(unpacked, **file)
    text = base64.b64encode(lzma.compress(unpacked.getvalue())).decode("ascii")
    return "\n".join(re.findall(".{1,500}", text))


def with_living_links(text: str, folder: str, setting: dict[str, str]) -> str:
    """Relative links lead to the repository, or without an address become their words.

    A link alone in brackets is left out then, unless it names a lesson.
    """

    def living(link: re.Match[str]) -> str:
        target = link[1] or link[3]
        if "://" in target or target.startswith("#"):
            return link[0]
        if setting:
            return link[0].replace(f"({target})", f"({address(target, folder, setting)})")
        words = link[0].strip(" ([").partition("]")[0]
        if link[1] is None:
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
    title, *rest = notebook.cells
    title.source = links.relinked(title.source, {}, "")  # its buttons open another file
    cells = [title, nbformat.v4.new_markdown_cell(ABOUT, id="about"), *files(code_of(notebook))]
    if setting and "augcheck" in code_of(notebook):
        cells.append(folded(INSTALL.format(**setting), "augcheck"))
    for cell in rest:
        if not setting and "check_pipeline" in cell.source and cell.cell_type == "code":
            cell = nbformat.v4.new_markdown_cell(f"{LEFT_OUT}```python\n{cell.source}\n```")
        cells.append(cell)
    for cell in cells:
        if cell.cell_type == "markdown":
            source = ELSEWHERE.sub("", cell.source)
            source = source if setting else SOLUTIONS.sub("", source)
            cell.source = with_living_links(source, "notebooks", setting)
        elif cell.source.endswith("prepare()"):
            cell.source = links.START.replace("Open this page in its folder", "Run the cells above")
    notebook.cells = cells
    return notebook


def build(out: Path = OUT) -> None:
    setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for path in links.lessons():
        nbformat.write(one_file(path, setting), out / path.name)
    print(f"Each lesson is one file in {out}: upload one to Colab or a hub.")


if __name__ == "__main__":
    build()
