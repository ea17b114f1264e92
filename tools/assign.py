#!/usr/bin/env python3
"""Build the graded assignments with otter-grader, and grade what comes back (`make assignments`, `make grade`).

    python tools/assign.py build [VARIANT.toml]     write build/assignments
    python tools/assign.py grade NAME FOLDER        grade the notebooks in FOLDER, write grades.csv and answers.md

A master in assignments/ has the questions, their solutions and their tests. The variant has what changes from term to
term: a pair of classes, how many images, a seed, and the key with which hidden tests draw their own cases.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from pprint import pformat
from typing import NamedTuple

import jupytext
import links
import nbformat
import psutil
from nbformat import NotebookNode
from nbformat.v4 import new_raw_cell

ROOT = Path(__file__).resolve().parent.parent
MASTERS = ROOT / "assignments"
OUT = ROOT / "build" / "assignments"
NAMES = sorted(path.stem for path in MASTERS.glob("[0-9]*.py"))
EMBEDDED = ("pullover", "coat")  # the pair of data/garments.npz
# What a submission needs of the series while it is graded: a copy, so that it needs no network and spoils no original.
SERIES = ["repository.txt", "requirements.txt", "helpers", "notebooks/exercises.py", "augcheck/src",
          "data/garments.npz", "data/results/study.csv", "data/results/study-curves.csv"]  # fmt: skip
CONFIG = """# ASSIGNMENT CONFIG
name: {name}
init_cell: false
export_cell: false
requirements: static-versus-live/requirements.txt
autograder_files: {files}"""
VARIANT = "variant.toml"  # the copy that build leaves beside what it built
MARK = re.compile(r"^# Variant ([0-9a-f]{8})$", re.MULTILINE)
SECONDS = 600  # that a submission may take
SUSPECT = re.compile(
    r"\b(?:otter|tests/|results|pickle|dill|subprocess|exit|SystemExit|os|sys|gc|inspect|open|exec|eval|glob|Path|__\w+__)\b"
)


class Variant(NamedTuple):
    pair: tuple[str, str]
    images: int
    seed: int
    key: int


def read_variant(path: Path) -> Variant:
    """The variant of a file.

    Raises:
        ValueError: it lacks something, or holds what no assignment can work with.
    """
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    if found.keys() != set(Variant._fields):
        raise ValueError(f"{path.name} has {', '.join(found) or 'nothing'}; expected {', '.join(Variant._fields)}.")
    pair, images, seed, key = (found[name] for name in Variant._fields)
    if not isinstance(pair, list) or len(pair) != 2 or pair[0] == pair[1]:
        raise ValueError(f"{path.name}: pair is {pair!r}; expected two classes.")
    if type(images) is not int or images % 32 or not 96 <= images <= 512:
        raise ValueError(f"{path.name}: images is {images!r}; expected a multiple of 32 from 96 to 512.")
    if type(seed) is not int or not 0 <= seed <= 10:
        raise ValueError(f"{path.name}: seed is {seed!r}; expected a whole number from 0 to 10.")
    if type(key) is not int or key < 100_000:
        raise ValueError(f"{path.name}: key is {key!r}; expected a whole number of six digits or more.")
    return Variant((pair[0], pair[1]), images, seed, key)


def fingerprint(variant: Variant) -> str:
    """What a notebook carries to be known again. The key is left out, so that nobody can find it by trying."""
    return hashlib.sha256(repr((variant.pair, variant.images, variant.seed)).encode()).hexdigest()[:8]


def variant_cell(variant: Variant) -> str:
    """The cell that tells students their variant; nothing in it tells the key."""
    first, second = variant.pair
    load = "load_garments()" if variant.pair == EMBEDDED else f'load_garments("{data_name(variant)}", sha256=None)'
    return (
        "# Yours in this assignment. The answers are checked with these, so leave them as they are.\n"
        f"# Variant {fingerprint(variant)}\n"
        "from helpers.data import load_garments\n\n"
        f"IMAGES = {variant.images}\nSEED = {variant.seed}\ngarments = {load}  # 0: {first}, 1: {second}"
    )


def data_name(variant: Variant) -> str:
    """The file of the variant's pair, which is handed out with the notebook unless it is the embedded pair."""
    return "-".join(variant.pair) + ".npz"


def fill(master: NotebookNode, variant: Variant, setting: links.Setting) -> NotebookNode:
    """A master with what every notebook of the series begins with, with its variant and the repository's address.

    Tests get the variant's numbers in place of IMAGES, SEED and KEY: a submission may have changed its own.
    """
    values = {"IMAGES": variant.images, "SEED": variant.seed, "KEY": variant.key}
    checks_cell = (MASTERS / "checks_cell.py").read_text(encoding="utf-8").strip()
    sources = {"first": links.first_cell(setting), "variant": variant_cell(variant), "checks": checks_cell}
    in_tests = False
    for cell in master.cells:
        for tag in sources.keys() & set(cell.metadata.get("tags", [])):
            cell.source = sources[tag]
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("OWNER/NAME", setting.repository).replace("REFERENCE", setting.reference)
        elif cell.cell_type == "raw":
            in_tests = cell.source.startswith("# BEGIN TESTS") or (in_tests and "END TESTS" not in cell.source)
        elif in_tests:
            cell.source = re.sub(r"\b(IMAGES|SEED|KEY)\b", lambda match: str(values[match[0]]), cell.source)
    master.metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return master


def with_public_checks(notebook: NotebookNode) -> NotebookNode:
    """The notebook with its public checks in its own cell: a kernel on Colab can't read the notebook's metadata."""
    checks = {}
    for name, test in notebook.metadata["otter"]["tests"].items():
        checks[name] = [case["code"] for case in test["suites"][0]["cases"] if not case["hidden"]]
    for cell in notebook.cells:
        if "checks" in cell.metadata.get("tags", []):
            listed = pformat(checks, width=116, sort_dicts=False)
            cell.source = cell.source.replace("PUBLIC_CHECKS = {}", f"PUBLIC_CHECKS = {listed}")
    return notebook


def build(variant_path: Path, out: Path, names: list[str]) -> None:
    """Empty ``out``, and write the variant and a folder for each master: student/, solution.ipynb, autograder.zip."""
    variant, text = read_variant(variant_path), variant_path.read_text(encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / VARIANT).write_text(text, encoding="utf-8")
    setting = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
    data = None
    if variant.pair != EMBEDDED:
        data = out.resolve() / data_name(variant)
        maker = ["data/build_garments.py", "--pair", *variant.pair, "--output", str(data)]
        subprocess.run([sys.executable, *maker], cwd=ROOT, check=True)
    for name in names:
        path, folder = MASTERS / f"{name}.py", out / name
        files = copy_series(folder / "static-versus-live")
        notebook = fill(jupytext.read(path), variant, setting)
        listed = [str(file.relative_to(folder)) for file in files]
        config = CONFIG.format(name=name, files=json.dumps(listed))
        if data:
            shutil.copy(data, folder)
            config += f"\nfiles: [{data.name}]"
        notebook.cells.insert(0, new_raw_cell(config))
        nbformat.write(notebook, folder / f"{name}.ipynb")
        assign(folder, name)
        print(f"{name}: the solution gets all points. Hand out {folder / 'student'}, keep the rest.", flush=True)


def copy_series(folder: Path) -> list[Path]:
    """Copy what a submission needs; the files that were written."""
    for name in SERIES:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, target)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def assign(folder: Path, name: str) -> None:
    """Let otter make the two versions, and grade the solution; tidy up after it.

    Raises:
        RuntimeError: the solution doesn't get all points.
    """
    from otter.assign import main as otter_assign

    otter_assign(str(folder / f"{name}.ipynb"), str(folder))
    (made,) = (folder / "autograder").glob("*.zip")
    made.rename(folder / "autograder.zip")
    for version in ("student", "autograder"):
        path = folder / version / f"{name}.ipynb"
        nbformat.write(with_public_checks(nbformat.read(path, as_version=4)), path)
    (folder / "autograder" / f"{name}.ipynb").rename(folder / "solution.ipynb")
    (folder / f"{name}.ipynb").unlink()
    shutil.rmtree(folder / "autograder")
    shutil.rmtree(folder / "static-versus-live")


def grade(built: Path, submissions: Path, seconds: int = SECONDS) -> None:
    """Grade every notebook of a folder, one after the other, and write grades.csv and answers.md beside them.

    Args:
        built: the folder that ``build`` wrote for this assignment.
        submissions: a folder of notebooks.
        seconds: that a submission may take.
    """
    if not (built / "autograder.zip").exists():
        raise FileNotFoundError(f"{built} has no autograder.zip; `make assignments` writes it.")
    if not (built.parent / VARIANT).exists():
        raise FileNotFoundError(f"{built.parent} has no {VARIANT}; build again with `make assignments VARIANT=...`.")
    variant = read_variant(built.parent / VARIANT)
    first, second = variant.pair
    print(f"Graded as variant {fingerprint(variant)}: {first}, {second}, {variant.images} images, seed {variant.seed}.")
    given_out = nbformat.read(built / "student" / f"{built.name}.ipynb", as_version=4)
    rows, answers = [], []
    for path in sorted(submissions.glob("*.ipynb")):
        why = refusal(path, variant)
        points, note = ({}, why) if why else run(built / "autograder.zip", path, seconds)
        look = ", ".join(to_look_at(path, given_out))
        rows.append({"file": path.name, **points, "total": sum(points.values()), "note": note, "look at": look})
        answers.append(f"# {path.name}\n\n" + "\n\n".join(written(path)))
        print(f"{path.name}: {rows[-1]['total']:g} {note}", flush=True)
    last = ["total", "note", "look at"]
    columns = list(dict.fromkeys(column for row in rows for column in row if column not in last))
    with open(submissions / "grades.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*columns, *last], restval=0, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (submissions / "answers.md").write_text("\n\n".join(answers) + "\n", encoding="utf-8")


def refusal(submission: Path, variant: Variant) -> str:
    """Why a submission can't be graded with this variant, or an empty string."""
    code = [cell.source for cell in nbformat.read(submission, as_version=4).cells if cell.cell_type == "code"]
    found, expected = MARK.findall("\n".join(code)), fingerprint(variant)
    if not found:
        return f"not graded: its cell with IMAGES and SEED names no variant, expected {expected}"
    if set(found) != {expected}:
        return f"not graded: made for variant {found[0]}, and what was built last is {expected}"
    return ""


def run(archive: Path, submission: Path, seconds: int) -> tuple[dict[str, float], str]:
    """The points of a submission by question, and what went wrong.

    It runs as this user, with all that this user may do. See docs/teaching/assignments.md.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "otter", "run", "--no-logo", "-a", str(archive.resolve()), "-o", folder]
        command.append(str(submission.resolve()))
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "TMPDIR": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return {}, f"stopped after {seconds} seconds"
        finally:
            stop(process)
        results = Path(folder, "results.json")
        if process.returncode or not results.exists():
            return {}, "could not be graded: open it and run it"
        tests = json.loads(results.read_text(encoding="utf-8"))["tests"]
    points = {test["name"]: float(test["score"]) for test in tests if "score" in test}
    return points, ""


def stop(process: subprocess.Popen) -> None:
    """End a process with its kernel, which is in a session of its own."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for part in psutil.Process(process.pid).children(recursive=True):
            part.kill()
    process.kill()
    process.wait()


def to_look_at(path: Path, given_out: NotebookNode) -> list[str]:
    """Words in a submission's own code that no answer needs: no proof of anything, a reason to read it."""
    known = {cell.source for cell in given_out.cells}
    cells = nbformat.read(path, as_version=4).cells
    own = "\n".join(cell.source for cell in cells if cell.cell_type == "code" and cell.source not in known)
    return sorted(set(SUSPECT.findall(own)))


def written(path: Path) -> list[str]:
    """The answers in words of a submission."""
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if "otter_answer_cell" in cell.metadata.get("tags", [])
            and cell.cell_type == "markdown"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("variant", type=Path, nargs="?", default=MASTERS / "variant.toml")
    grading = commands.add_parser("grade")
    grading.add_argument("name", choices=NAMES)
    grading.add_argument("folder", type=Path)
    grading.add_argument("--seconds", type=int, default=SECONDS, help="that a submission may take")
    arguments = parser.parse_args()
    try:
        if arguments.command == "build":
            build(arguments.variant, OUT, NAMES)
        else:
            grade(OUT / arguments.name, arguments.folder, arguments.seconds)
    except (ValueError, FileNotFoundError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
