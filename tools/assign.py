#!/usr/bin/env python3
"""Build the graded assignments with otter-grader (`make assignments`); tools/grade.py grades what comes back.

    python tools/assign.py [VARIANT.toml]     write build/assignments

A master in assignments/ has the questions, their solutions and their tests. The variant has what changes from term to
term: how many images, a seed, and the key with which hidden tests draw their own cases.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
import sys
import tomllib
from pathlib import Path
from pprint import pformat
from typing import NamedTuple

import jupytext
import links
import nbformat
from execute import KERNEL
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

ROOT = Path(__file__).resolve().parent.parent
MASTERS = ROOT / "assignments"
OUT = ROOT / "build" / "assignments"
NAMES = sorted(path.stem for path in MASTERS.glob("[0-9]*.py"))
# What a submission needs of the series while it is graded: a copy, so that it needs no network and spoils no original.
SERIES = ["repository.txt", "requirements.txt", "helpers", "notebooks/series.py", "augcheck/src",
          "data/garments.npz", "data/results/study.csv", "data/results/study-curves.csv.gz"]  # fmt: skip
CONFIG = """# ASSIGNMENT CONFIG
name: {name}
init_cell: false
export_cell: false
requirements: static-versus-live/requirements.txt
autograder_files: [static-versus-live]"""
MARKS = {"question": "QUESTION", "solution": "SOLUTION", "test": "TESTS"}  # what otter calls what a tag names
# Of every hidden test: otter's mark, and what a submission may have renamed.
HIDDEN = """# HIDDEN
import itertools
import math
import sys

sys.path.append("static-versus-live")  # a submission may have lost its first cell
import numpy as np
import pandas as pd
import tensorflow as tf
from scipy import stats

from helpers.augment import named_policy
from helpers.compare import compare, differences, summarise
from helpers.stats import paired_interval, verdict
from helpers.tables import FOLDER, read_results

rng = np.random.default_rng(KEY)
"""
HOW_TO_ANSWER = (
    "Put your answers in place of the dots, and leave the names as they are. Each `grader.check` shows the first thing "
    "that is wrong with the form of your answer. Whether the answer is right is checked when it is graded, and the "
    "feedback says in a sentence why a question lost its point. The notebook then runs from top to bottom in a fresh "
    "kernel. So before you hand it in, choose *Restart kernel and run all*, and save."
)
VARIANT = "variant.toml"  # the copy that build leaves beside what it built
ALLOWED = {
    "images": (range(96, 513, 32), "a multiple of 32 from 96 to 512"),
    "seed": (range(11), "a whole number from 0 to 10"),
    "key": (range(100_000, 10**100), "a whole number of six digits or more"),
}


class Variant(NamedTuple):
    images: int
    seed: int
    key: int


def read_variant(path: Path) -> Variant:
    """The variant of a file.

    Raises:
        ValueError: it lacks something, or holds what no assignment can work with.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # no TOML, or not encoded in UTF-8
        raise ValueError(f"{path.name} is not TOML: {error}.") from None
    if found.keys() != set(Variant._fields):
        raise ValueError(f"{path.name} has {', '.join(found) or 'nothing'}; expected {', '.join(Variant._fields)}.")
    for name, (allowed, said) in ALLOWED.items():
        if type(found[name]) is not int or found[name] not in allowed:
            raise ValueError(f"{path.name}: {name} is {found[name]!r}; expected {said}.")
    return Variant(**found)


def fingerprint(variant: Variant) -> str:
    """What a notebook carries to be known again. The key is left out, so that nobody can find it by trying."""
    return hashlib.sha256(repr((variant.images, variant.seed)).encode()).hexdigest()[:8]


def variant_cell(variant: Variant) -> str:
    """The cell that tells students their variant; nothing in it tells the key."""
    return (
        "# Yours in this assignment. The answers are checked with these, so leave them as they are.\n"
        f"# Variant {fingerprint(variant)}\n"
        "from helpers.data import load_garments\n\n"
        f"IMAGES = {variant.images}\nSEED = {variant.seed}\ngarments = load_garments()"
    )


def fill(master: NotebookNode, variant: Variant, setting: links.Setting) -> NotebookNode:
    """A master with first cell, public checks, variant, the repository's address and otter's marks.

    Tests get the variant's numbers in place of IMAGES, SEED and KEY: a submission may have changed its own.
    """
    values = {"IMAGES": variant.images, "SEED": variant.seed, "KEY": variant.key}
    public: dict[str, str] = {}  # by question: a kernel on Colab can't read them from otter's metadata
    for cell in master.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("OWNER/NAME", setting.repository).replace("REFERENCE", setting.reference)
        if "variant" in tags_of(cell):
            cell.source = variant_cell(variant)
        if "hidden" in tags_of(cell):
            cell.source = f"{HIDDEN}\n{cell.source}"
        if role_of(cell) == "test":
            cell.source = re.sub(r"\b(IMAGES|SEED|KEY)\b", lambda match: str(values[match[0]]), cell.source)
        if "test" in tags_of(cell):  # each question has one, but for the last, which a person marks
            public[f"q{len(public) + 1}"] = cell.source
    checks = (MASTERS / "checks_cell.py").read_text(encoding="utf-8").strip()
    checks = checks.replace("PUBLIC_CHECKS = {}", f"PUBLIC_CHECKS = {pformat(public, width=116)}")
    fetch = links.FETCH_ALL.format(near="../notebooks/", folder="notebooks", **setting._asdict())
    first = f'{fetch}sys.path.append("../notebooks")\n{links.START}'
    added = [new_code_cell(source, metadata={"tags": [tag, "hide-input"], "jupyter": {"source_hidden": True}})
             for tag, source in {"first": first, "checks": checks}.items()]  # fmt: skip
    master.cells[1:1] = [new_markdown_cell(HOW_TO_ANSWER), *added]  # below the title
    master.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    return with_marks(master)


def tags_of(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def role_of(cell: NotebookNode) -> str:
    """The tag by which a cell belongs to a question: question, solution or test; a hidden test is a test."""
    return next((tag.replace("hidden", "test") for tag in tags_of(cell) if tag in (*MARKS, "hidden")), "")


def with_marks(master: NotebookNode) -> NotebookNode:
    """The master with the raw cells by which otter knows a question, its solution and its tests, in place of tags.

    A question is followed by the cells of its solution and of its tests. Question 1 has the name q1 and a point, all or
    nothing; one that a person marks has two.
    """
    cells: list[NotebookNode] = []
    number, is_open = 0, False
    for role, group in itertools.groupby(master.cells, role_of):
        part = list(group)
        if is_open and role in ("", "question"):
            cells.append(new_raw_cell("# END QUESTION"))
        is_open = bool(role)
        tags = [cell.metadata.pop("tags") for cell in part if role]
        if role == "question":
            number += 1
            worth = "manual: true\npoints: 2" if "manual" in tags[0] else "points: 1\nall_or_nothing: true"
            part.insert(0, new_raw_cell(f"# BEGIN QUESTION\nname: q{number}\n{worth}"))
        elif role:
            part = [new_raw_cell(f"# BEGIN {MARKS[role]}"), *part, new_raw_cell(f"# END {MARKS[role]}")]
        cells += part
    master.cells = cells + [new_raw_cell("# END QUESTION")] * is_open
    return master


def build(variant_path: Path, out: Path, names: list[str], setting: links.Setting) -> None:
    """Empty ``out``, and write the variant and a folder for each master: student/, solution.ipynb, autograder.zip.

    Raises:
        ValueError: the variant can't be built.
    """
    import otter  # noqa: F401  # another Python hasn't: before anything is emptied

    variant, text = read_variant(variant_path), variant_path.read_text(encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / VARIANT).write_text(text, encoding="utf-8")
    for name in names:
        path, folder = MASTERS / f"{name}.py", out / name
        copy_series(folder / "static-versus-live")
        notebook = fill(jupytext.read(path), variant, setting)
        notebook.cells.insert(0, new_raw_cell(CONFIG.format(name=name)))
        nbformat.write(notebook, folder / f"{name}.ipynb")
        assign(folder, name)
        print(f"{name}: the solution gets all points. Hand out {folder / 'student'}, keep the rest.", flush=True)


def copy_series(folder: Path) -> None:
    """Copy what a submission needs."""
    for name in SERIES:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, target)


def assign(folder: Path, name: str) -> None:
    """Let otter make the two versions, and grade the solution; tidy up after it.

    Raises:
        RuntimeError: the solution doesn't get all points.
    """
    from otter.assign import main as otter_assign

    otter_assign(str(folder / f"{name}.ipynb"), str(folder))
    (made,) = (folder / "autograder").glob("*.zip")
    made.rename(folder / "autograder.zip")
    (folder / "autograder" / f"{name}.ipynb").rename(folder / "solution.ipynb")
    (folder / f"{name}.ipynb").unlink()
    shutil.rmtree(folder / "autograder")
    shutil.rmtree(folder / "static-versus-live")


def main() -> None:
    variant = Path(sys.argv[1]) if sys.argv[1:] else MASTERS / VARIANT
    try:
        setting = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
        if setting is None:
            raise ValueError("Students fetch the series from your copy: `make links REPO=owner/name` says where it is.")
        build(variant, OUT, NAMES, setting)
    except (ValueError, OSError, ImportError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
