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
from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode
from slides import ROOT, lesson, sessions, tagged

OUT = ROOT / "build" / "class"
COPIED = [  # without pages that answer
    "helpers", "augcheck/src", "LICENSE", "constraints.txt", "repository.txt", "requirements.txt",
    ":(glob)data/*.npz", ":(glob)data/results/*.csv", ":(glob)data/results/*.gz", ":(glob)data/results/lessons/*.csv",
    ":(glob)notebooks/*.ipynb", ":(glob)notebooks/*.py", ":(glob)notebooks/going_deeper/*",
]  # fmt: skip
SOLUTIONS = re.compile(r"Worked answers are in \[[^\]]+\]\(solutions/[^)]+\)\.\s*")
STOP = "**Stop and guess.**"
UNFOLD = {"then unfold": "then run the next cell", "Unfold when": "Run the next cell when"}
TEXT_BELOW = re.compile(r"(.*?)(?=^#|^\*\*Predict first|\Z)", re.MULTILINE | re.DOTALL)
ONE_FOLD = re.compile(r"<details>((?!<details>).)*</details>", re.DOTALL)
LINK = re.compile(r" \(\[[^\]]+\]\(([^)\s]+)\)\)|(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")  # alone in brackets, or not


def questions(name: str) -> dict[int, str]:
    """The texts of a lesson that answer a question of a session, with the question."""
    asked = [step for step in itertools.chain(*sessions().values()) if step.lesson == name and step.ask]
    return {number: step.ask for step in asked for number, tag in tagged(name).get(step.anchor, [])
            if tag == "slide" and lesson(name).cells[number].cell_type == "markdown"}  # fmt: skip


def hold_answers_back(cells: list[NotebookNode], asked: dict[int, str]) -> None:
    """Fold these texts below their question, and a guess: its code, and what stands below, unless it asks the next."""
    guesses = ["hide-output" in cell.metadata.get("tags", []) for cell in cells] + [False, False]
    for number, cell in enumerate(cells):
        if guesses[number]:  # whose caption, or range, may tell the answer
            cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
        if guesses[number + 1] or guesses[number + 2]:
            for words, instead in UNFOLD.items():
                cell.source = cell.source.replace(words, instead)
        asks_next = guesses[number + 1] and "\n\n" not in cell.source
        if number in asked:
            heading, _, text = cell.source.partition("\n")
            cell.source = f"{heading}\n\n{STOP} {asked[number]}\n\n{TEXT_BELOW.sub(folded, text.strip(), count=1)}"
        elif cell.cell_type == "markdown" and guesses[number - 1] and not asks_next:
            cell.source = TEXT_BELOW.sub(folded, cell.source, count=1)


def folded(text: re.Match[str]) -> str:
    words = text[1].strip()
    if not words or ONE_FOLD.fullmatch(words):
        return text[0]
    return f"<details><summary>Read on after your guess</summary>\n\n{words}\n\n</details>\n\n"


def without_dead_links(text: str, folder: Path) -> str:
    """The text with links to missing files replaced by their words, or left out where they are alone in brackets."""

    def living(link: re.Match[str]) -> str:
        target = (link[1] or link[3]).split("#")[0]
        return link[0] if not target or "://" in target or (folder / target).exists() else link[2] or ""

    return LINK.sub(living, text)


def tracked(root: Path) -> list[str]:
    """What git knows of ``COPIED``: no download and no draft that lies beside it."""
    if not (root / ".git").exists():
        raise FileNotFoundError("This is no clone of the series: `make class` copies what git knows.")
    command = ["git", "ls-files", "-z", *COPIED]
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
        hold_answers_back(notebook.cells, questions(path.stem))
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = without_dead_links(SOLUTIONS.sub("", cell.source), path.parent)
        nbformat.write(notebook, path)
    shutil.copytree(ROOT / "tools" / "class", out, dirs_exist_ok=True)
    archive = shutil.make_archive(str(out), "zip", root_dir=out.parent, base_dir=out.name)
    print(f"The lessons are in {out} and {archive}; check_set_up.ipynb says whether a machine is ready")


if __name__ == "__main__":
    try:
        build()
    except OSError as error:
        sys.exit(str(error))
