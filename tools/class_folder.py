#!/usr/bin/env python3
"""What students get: build/class and build/class.zip with lessons 01 to 06 without outputs, and a check of the set-up.

Students run the lessons cell by cell and guess where a page asks. So the code of a cell that answers is folded, and so
are the text below it and what its caption says, which no code in sight may tell. The requirements name their
constraints, so that pip, Binder and a hub's image take them as they are.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "class"
# Without pages that answer.
COPIED = [
    "helpers",
    "LICENSE",
    "constraints.txt",
    "requirements.txt",
    "data/garments.npz",
    ":(glob)notebooks/0[1-6]*.ipynb",
    ":(glob)notebooks/*.py",
    ":(glob)data/results/lessons/0[1-6]*",
    "data/results/study*",  # of an exercise of lesson 06
]
NEEDED = re.compile(
    r"(tensorflow|keras|numpy|scipy|Pillow|pandas|matplotlib|seaborn|tqdm|ipy\w+|jupyterlab)[<>=]"
)
# What is said to readers of stored outputs or solutions.
FOR_OTHERS = re.compile(
    r"Worked answers are in \[[^\]]+\]\(solutions/[^)]+\)\.\s*"
    r"|\s*On code hosts and Colab answers aren't folded, so cover the screen\."
)
# A link alone in brackets, or not.
LINK = re.compile(r" \(\[[^\]]+\]\(([^)\s]+)\)\)|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
# The order to unfold an output, but not what the text itself folds.
UNFOLD = re.compile(r"unfold(?: the \w+ figure)?(?!\.\s*<details>)")
FOLD = "<details><summary>{}</summary>\n\n{}\n\n</details>"
IMPORT = "import matplotlib.pyplot as plt"


def for_guessing(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells as students get them: all that answers is folded, and a question names the cell that they run next."""
    guesses = [is_guess(cell) for cell in cells] + [False, False]
    made = []
    for number, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            if guesses[number + 1]:
                cell.source = told_to_run("next cell", cell.source)
            elif guesses[number + 2]:
                cell.source = told_to_run("second cell below", cell.source)
            if cell.source:
                made.append(cell)
            continue
        told = take_caption(cell)
        take_alternative_texts(cell)
        if guesses[number]:
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
            if not asks_next(cells[number + 1], guesses[number + 2]):
                told += take_text(cells[number + 1])
        made.append(cell)
        if told:
            summary = "Read on after your guess" if guesses[number] else "Read on when it has run"
            fold = FOLD.format(summary, "\n\n".join(told))
            made.append(new_markdown_cell(fold, id=f"{cell.id}-told"))
    import_pyplot(made)
    return made


def is_guess(cell: NotebookNode) -> bool:
    return "hide-output" in cell.metadata.get("tags", [])


def asks_next(cell: NotebookNode, before_guess: bool) -> bool:
    """Whether a text below an answer is but the next question."""
    return before_guess and "\n\n" not in cell.source


def told_to_run(cell: str, text: str) -> str:
    """The text with the order to run a cell in place of the order to unfold its output."""
    text = text.replace("Run it, and unfold", f"Run the {cell}")
    return UNFOLD.sub(f"run the {cell}", text)


def take_caption(cell: NotebookNode) -> list[str]:
    """Take captions out of a cell of code, which shows its figure by pyplot instead; what they say, in italics."""
    shown = [kind for output in cell.outputs for kind in output.get("data", {})]
    instead = ["plt.show()"] if {"image/png", "image/jpeg"} & {*shown} else []
    lines = cell.source.splitlines()
    told: list[str] = []
    for statement in reversed(ast.parse(cell.source).body):
        text = caption_of(statement)
        if text is None:
            continue
        lines[statement.lineno - 1 : statement.end_lineno] = instead
        if isinstance(text, ast.Constant):  # else its words are computed
            told.insert(0, f"*{text.value!s}*")
    source = "\n".join(lines).rstrip()
    source = re.sub(r"^from helpers.plots import caption\n", "", source, flags=re.MULTILINE)
    cell.source = source.replace(
        "from helpers.plots import caption, ", "from helpers.plots import "
    )
    return told


def caption_of(statement: ast.stmt) -> ast.expr | None:
    """What a statement gives to ``caption``, if it calls that."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and ast.unparse(call.func) == "caption":
        return call.args[0]
    return None


def take_alternative_texts(cell: NotebookNode) -> None:
    """Empty the alternative texts of a cell of code, which say what comes out."""
    cell.metadata.pop("mystnb", None)
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.keyword) and node.arg == "alt":
            text = ast.get_source_segment(cell.source, node.value)
            cell.source = cell.source.replace(f"alt={text}", 'alt=""')


def take_text(cell: NotebookNode) -> list[str]:
    """Take out of a cell of text what stands above its first heading."""
    if cell.cell_type != "markdown":
        return []
    text = re.split("^#", cell.source, maxsplit=1, flags=re.MULTILINE)[0]
    cell.source = cell.source[len(text) :]
    return [text.strip()] if text.strip() else []


def import_pyplot(cells: list[NotebookNode]) -> None:
    """Import pyplot in the first cell that needs it."""
    for cell in cells:
        if IMPORT in cell.source:
            return
        if "plt.show()" in cell.source:
            cell.source = f"{IMPORT}\n{cell.source}"
            return


def without_dead_links(text: str, folder: Path) -> str:
    """The text with links to missing files replaced by their words, or left out where they are alone in brackets."""

    def living(link: re.Match[str]) -> str:
        target = (link[1] or link[3]).split("#")[0]
        if not target or "://" in target or (folder / target).exists():
            return link[0]
        return link[2] or ""

    return LINK.sub(living, text)


def tracked(root: Path) -> list[str]:
    """What git knows of ``COPIED``: no download and no draft that lies beside it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *COPIED], cwd=root, capture_output=True, encoding="utf-8"
    )
    names = [name for name in listed.stdout.split("\0") if name and (root / name).exists()]
    if not names:
        sys.exit(
            f"`make class` copies what git knows, and git lists nothing: is this a clone? {listed.stderr}"
        )
    return names


def build(out: Path = OUT) -> None:
    shutil.rmtree(out, ignore_errors=True)
    for name in tracked(ROOT):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, out / name)
    for path in out.glob("notebooks/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata.pop("jupytext", None)  # there is no twin
        notebook.cells = for_guessing(notebook.cells)
        ClearOutputPreprocessor().preprocess(notebook, {})
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = without_dead_links(FOR_OTHERS.sub("", cell.source), path.parent)
        nbformat.write(notebook, path)
    needed = filter(NEEDED.match, (ROOT / "requirements.txt").read_text("utf-8").splitlines())
    (out / "requirements.txt").write_text("\n".join(["-c constraints.txt", *needed, ""]), "utf-8")
    shutil.copytree(ROOT / "tools" / "class", out, dirs_exist_ok=True)
    archive = shutil.make_archive(str(out), "zip", root_dir=out.parent, base_dir=out.name)
    print(
        f"The lessons are in {out} and {archive}; check_set_up.ipynb says whether a machine is ready"
    )


if __name__ == "__main__":
    try:
        build()
    except OSError as error:
        sys.exit(str(error))
