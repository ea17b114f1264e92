#!/usr/bin/env python3
"""What students get: build/class and build/class.zip with the lessons without outputs, and a check of the set-up.

Students run the lessons cell by cell and guess where a page asks, because a cell that runs shows what it answers. So
the text below such a cell is folded, and so is a text that answers a question of a session. Solutions are left out,
and links to what is not in the folder.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from execute import KERNEL
from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sessions import ROOT, cells_of, sessions

OUT = ROOT / "build" / "class"
FOLDERS = ["helpers", "augcheck/src"]
DATA = [":(glob)data/*.npz", ":(glob)data/results/*.csv", ":(glob)data/results/*.gz",
        ":(glob)data/results/lessons/*.csv"]  # without pages that answer
FILES = [
    "LICENSE", "constraints.txt", "repository.txt", "requirements.txt",
    "notebooks/series.py", "notebooks/going_deeper/series.py",
    "notebooks/exercises.py", "notebooks/explorers.py", "notebooks/figures.py",
]  # fmt: skip
SOLUTIONS = re.compile(r"Worked answers are in \[[^\]]+\]\(solutions/[^)]+\)\.\s*")
STOP = "**Stop and guess.**"
UNFOLD = {"then unfold": "then run the next cell", "Unfold when": "Run the next cell when"}
TEXT_BELOW = re.compile(r"(.*?)(?=^#|^\*\*Predict first|\Z)", re.MULTILINE | re.DOTALL)
ONE_FOLD = re.compile(r"<details>((?!<details>).)*</details>", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
SOURCE = re.compile(r" \(\[[^\]]+\]\(([^)\s]+)\)\)")  # a link alone in brackets
READ_ME = """You need Python 3.11, 3.12 or 3.13. The installation downloads about 850 MB and takes 2.7 GB of disk.
Macs with an Intel processor and Windows on ARM have no TensorFlow: share a laptop with somebody.
In this folder, on Linux and macOS:

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt -c constraints.txt
    .venv/bin/jupyter lab --ServerApp.root_dir=. check_set_up.ipynb

If "python3 --version" says anything but 3.11, 3.12 or 3.13, write python3.12 (or python3.11, or python3.13) instead of
python3 in the first line. If you have none of them, get one from python.org. If Debian or Ubuntu asks for
python3-venv: sudo apt install python3-venv (or python3.12-venv).

On Windows, in PowerShell (nothing needs to be activated, which PowerShell may forbid; "py --list" says what is there):

    py -3.12 -m venv .venv
    .venv\\Scripts\\pip install -r requirements.txt -c constraints.txt
    .venv\\Scripts\\jupyter lab --ServerApp.root_dir=. check_set_up.ipynb

Run all cells of the notebook that opens. It prints one line, within a minute. If a line above fails before, send your
lecturer the last line that you see. The lessons are in the folder notebooks. Don't read them before class: we will
guess first.

In class, open a terminal in this folder and repeat the last of the three lines, with notebooks/00_start_here.ipynb in
place of check_set_up.ipynb. (On a hub nothing is installed or typed: your lecturer has a link for each of the two.)
Run a lesson cell by cell, with Shift and Enter. Stop where it asks you to guess, and write your guess down before you
run the next cell. Don't run all cells of a lesson at once, because then every answer is there before its question.
"""


def questions(name: str, notebook: NotebookNode) -> dict[int, str]:
    """The texts of a lesson that answer a question of a session, with the question."""
    asked = [step for step in itertools.chain(*sessions().values()) if step.lesson == name and step.ask]
    return {number: step.ask for step in asked for number, tag in cells_of(step, notebook)
            if tag == "slide" and notebook.cells[number].cell_type == "markdown"}  # fmt: skip


def hold_answers_back(notebook: NotebookNode, asked: dict[int, str]) -> None:
    """Fold these texts below their question, and a guess: its code, and what stands below, unless it asks the next."""
    guesses = ["hide-output" in cell.metadata.get("tags", []) for cell in notebook.cells] + [False, False]
    for number, cell in enumerate(notebook.cells):
        if guesses[number]:  # whose caption, or range, may tell the answer
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
        if guesses[number + 1] or guesses[number + 2]:
            for words, instead in UNFOLD.items():
                cell.source = cell.source.replace(words, instead)
        if cell.cell_type != "markdown":
            continue
        asks_next = guesses[number + 1] and "\n\n" not in cell.source
        if number in asked:
            heading, _, text = cell.source.partition("\n")
            cell.source = f"{heading}\n\n{STOP} {asked[number]}\n\n{TEXT_BELOW.sub(folded, text.strip(), count=1)}"
        elif guesses[number - 1] and not asks_next:
            cell.source = TEXT_BELOW.sub(folded, cell.source, count=1)


def folded(text: re.Match[str]) -> str:
    words = text[1].strip()
    if not words or ONE_FOLD.fullmatch(words):
        return text[0]
    return f"<details><summary>Read on after your guess</summary>\n\n{words}\n\n</details>\n\n"


def without_dead_links(text: str, folder: Path) -> str:
    """The text with links to missing files replaced by their words, or left out where they are alone in brackets."""

    def is_dead(link: str) -> bool:
        target = link.split("#")[0]
        return bool(target) and "://" not in target and not (folder / target).exists()

    text = SOURCE.sub(lambda link: "" if is_dead(link[1]) else link[0], text)
    return LINK.sub(lambda link: link[1] if is_dead(link[2]) else link[0], text)


def check_notebook() -> NotebookNode:
    """The check of the set-up."""
    code = (ROOT / "tools" / "check_set_up.py").read_text(encoding="utf-8").strip()
    title = (
        "# Does it work?\n\nHere, unlike in a lesson, choose *Run All Cells* in the menu *Run*. "
        "The last line says whether all is well.\n\n"
        "Then choose *Shut Down Kernel* in the menu *Kernel*, because it keeps 0.8 GB of memory."
    )
    cells = [new_markdown_cell(title), new_code_cell(code)]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def tracked(root: Path) -> list[str]:
    """What git knows of FOLDERS, DATA, FILES and the lessons: no download and no draft that lies beside them."""
    if not (root / ".git").exists():
        raise FileNotFoundError("This is no clone of the series: `make class` copies what git knows.")
    lessons = [":(glob)notebooks/*.ipynb", ":(glob)notebooks/going_deeper/*.ipynb"]
    command = ["git", "ls-files", "-z", *FOLDERS, *DATA, *FILES, *lessons]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, encoding="utf-8")
    if listed.returncode:
        raise OSError(f"git lists nothing: {' '.join(listed.stderr.split())}")
    return [name for name in listed.stdout.split("\0") if name and (root / name).exists()]


def build(out: Path = OUT) -> None:
    names = tracked(ROOT)
    shutil.rmtree(out, ignore_errors=True)
    for name in names:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, out / name)
    for path in out.glob("notebooks/**/*.ipynb"):
        notebook, _ = ClearOutputPreprocessor().preprocess(nbformat.read(path, as_version=4), {})
        notebook.metadata.pop("jupytext", None)  # there is no twin
        hold_answers_back(notebook, questions(path.stem, notebook))
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = without_dead_links(SOLUTIONS.sub("", cell.source), path.parent)
        nbformat.write(notebook, path)
    nbformat.write(check_notebook(), out / "check_set_up.ipynb")
    (out / "READ_ME.txt").write_text(READ_ME, encoding="utf-8")
    archive = shutil.make_archive(str(out), "zip", root_dir=out.parent, base_dir=out.name)
    print(f"The lessons are in {out} and {archive}; check_set_up.ipynb says whether a machine is ready")


if __name__ == "__main__":
    try:
        build()
    except OSError as error:
        sys.exit(str(error))
