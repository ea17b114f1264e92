#!/usr/bin/env python3
"""Grade the notebooks of a class with otter-grader (`make grade`): grades.csv and answers.md beside them.

    python tools/grade.py NAME FOLDER     NAME as in build/assignments

It runs what students wrote. See docs/teaching/syllabus.md.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import assign
import nbformat
import psutil
from IPython.core.inputtransformer2 import TransformerManager
from look_at import to_look_at
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from tqdm import tqdm

SECONDS = 600  # that a submission may take
# Otter's doctests would fail where an answer prints.
ANY_OUTPUT = "import doctest\ndoctest.OutputChecker.check_output = lambda *anything: True"
GRADES, ANSWERS = "grades.csv", "answers.md"
# The first error in otter's report of a question: the first line that stands as far left as its traceback.
RAISED = re.compile(r"Exception raised:\n( +)Traceback.*\n(?:\1 .*\n| *\n)*\1(\S.*)")


def grade(built: Path, folder: Path, seconds: int = SECONDS) -> None:
    """Grade what lies in a folder. Each submission is in answers.md and grades.csv before the next one begins.

    Nothing is ever taken out of these files: a submission that has its row is left alone, so a second run goes on.

    Args:
        built: the folder that assign.py wrote for this assignment.
        folder: the submissions, each in a folder of its own or not.
    """
    for path in (built / "autograder.zip", built.parent / assign.VARIANT):
        if not path.exists():
            raise FileNotFoundError(f"{path.parent} has no {path.name}; build again with `make assignments`.")
    variant = assign.read_variant(built.parent / assign.VARIANT)
    print(f"Variant {assign.fingerprint(variant)}: {variant.images} images, seed {variant.seed}.")
    given_out = nbformat.read(built / "student" / f"{built.name}.ipynb", as_version=4)
    solution = nbformat.read(built / "solution.ipynb", as_version=4)
    found = uploads(folder)
    if not found:
        raise FileNotFoundError(f"There is nothing to grade in {folder}.")
    questions = list(given_out.metadata["otter"]["tests"])
    columns, done = begun(folder / GRADES, ["file", *questions, "total", "feedback", "look at"])
    cells = {path: cells_of(path) for path in found}
    untouched = cells_of(built / "student" / f"{built.name}.ipynb")  # what nobody began is no copy
    left = [path for path in found if name_of(path, folder) not in done]
    print(f"{len(found) - len(left)} of {len(found)} have their row; delete a row to grade it again.")
    for path in (bar := tqdm(left, unit="notebook")):
        name = name_of(path, folder)
        row: dict[str, object] = {"file": name, "total": 0}
        words = []
        try:
            notebook = read_notebook(path)
            words = written(notebook)
            same = [other for other in found if other != path and cells[other] == cells[path] != untouched]
            others = [f"the same as {name_of(other, folder)}" for other in same]
            row["look at"] = ", ".join([*to_look_at(notebook, given_out, solution), *others])
            refuse_other(notebook, built.name, variant)
            notebook.metadata = given_out.metadata  # editors drop otter's or name a kernel
            tests = run(built / "autograder.zip", notebook, seconds)
            points = {test["name"]: float(test["score"]) for test in tests}
            if missing := [question for question in questions if question not in points]:
                raise ValueError(f"otter reports nothing of {', '.join(missing)}; open it and run it")
            row |= {**points, "total": sum(points.values())}
            lost = [why_lost(test) for test in tests if not test["score"] >= test["max_score"]]
            row["feedback"] = " ".join([*no_python(notebook), *lost]) if lost else "All points."
        except ValueError as error:
            row["feedback"] = f"not graded: {error}"
        except Exception as error:  # whatever one submission brings about, the others are graded
            row["feedback"] = f"not graded: {type(error).__name__}: {error}"
        with open(folder / ANSWERS, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write("\n\n".join([f"# {name}", *words]) + "\n\n")
        add_row(folder / GRADES, columns, row)
        bar.write(f"{name}: {row['total']:g} {row['feedback']}")


def name_of(path: Path, folder: Path) -> str:
    """A submission's name in the table, whatever bytes the file system holds; no spreadsheet takes it for a formula."""
    name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")
    return f"'{name}" if name.startswith(("=", "+", "-", "@", "\t", "\r")) else name


def cells_of(path: Path) -> str:
    """The cells of an upload, which are the same in a copy; empty where it is no notebook."""
    with contextlib.suppress(ValueError, OSError):
        return repr([(cell.cell_type, cell.source) for cell in read_notebook(path).cells])
    return ""


def uploads(folder: Path) -> list[Path]:
    """Every notebook in a folder and below it, and what lies in the folder without being or holding one."""
    own = (".", "__MACOSX")  # of a system or an editor, such as .ipynb_checkpoints
    seen = [path for path in folder.rglob("*")
            if not any(part.startswith(own) for part in path.relative_to(folder).parts)]  # fmt: skip
    notebooks = [path for path in seen if path.suffix.lower() == ".ipynb"]
    known = {folder / GRADES, folder / ANSWERS, *notebooks}.union(*(path.parents for path in notebooks))
    others = [path for path in seen if path.parent == folder and path not in known]
    return sorted(notebooks + others)


def begun(table: Path, columns: list[str]) -> tuple[list[str], set[str]]:
    """The columns of grades.csv, with any that a lecturer added, and who has a row; makes it where there is none."""
    if not table.exists():
        add_row(table, columns, {column: column for column in columns})
    with open(table, encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        done = {row.get("file", "") for row in reader}
    found = list(reader.fieldnames or [])
    if not set(columns) <= set(found):
        raise ValueError(f"{table} is of another assignment, or was saved in another form: move it and grade again.")
    return found, done


def add_row(table: Path, columns: list[str], row: dict) -> None:
    content = table.read_bytes() if table.exists() else b"\n"
    with open(table, "a", encoding="utf-8", errors="backslashreplace", newline="") as file:
        if not content.endswith(b"\n"):  # an editor took the last end of a line away
            file.write("\n")
        csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n").writerow(row)


def read_notebook(path: Path) -> NotebookNode:
    """A submission.

    Raises:
        ValueError: it is none; the message says what it is instead.
    """
    if not path.is_file():
        raise ValueError("no file, or a folder without a notebook")
    if path.suffix.lower() != ".ipynb":
        raise ValueError("its name doesn't end in .ipynb")
    if not path.stat().st_size:
        raise ValueError("the file is empty")
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        for cell in notebook.cells:
            _ = cell.cell_type, cell.source.strip(), *cell.metadata.get("tags", [])
    except UnicodeDecodeError:
        raise ValueError("not encoded in UTF-8, as notebooks are") from None
    except nbformat.reader.NotJSONError:
        raise ValueError("not JSON, as notebooks are") from None
    except Exception:  # nbformat raises many kinds
        raise ValueError("JSON, but not of a notebook") from None
    return notebook


def refuse_other(notebook: NotebookNode, name: str, variant: assign.Variant) -> None:
    """Raise ValueError where a submission was made for another assignment or variant."""
    own = (notebook.metadata.get("otter") or {}).get("assignment_name", name)
    if own != name:
        raise ValueError(f"a notebook of {own}")
    expected = f"# Variant {assign.fingerprint(variant)}"
    if not any(expected in cell.source for cell in notebook.cells):
        raise ValueError(f"its cell with IMAGES is missing or of another variant, expected {expected!r}")


def run(archive: Path, notebook: NotebookNode, seconds: int) -> list[dict]:
    """The tests of a submission as otter reports them.

    Raises:
        ValueError: it takes too long, or otter makes nothing of it.
    """
    notebook.cells.append(new_code_cell(ANY_OUTPUT))
    with tempfile.TemporaryDirectory() as folder:
        submission = Path(folder, "submission.ipynb")  # whatever its own name is
        submission.write_text(json.dumps(notebook), encoding="utf-8")
        options = ["--no-logo", "-a", str(archive.resolve()), "-o", folder]
        command = [sys.executable, "-m", "otter", "run", *options, str(submission)]
        environment, null = {**os.environ, "TMPDIR": folder}, subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=null, stderr=null)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise ValueError(f"stopped after {seconds} seconds") from None
        finally:
            stop(process, folder)
        results = Path(folder, "results.json")
        if process.returncode or not results.exists():
            raise ValueError("otter could not finish it; open it and run it")
        tests = json.loads(results.read_text(encoding="utf-8"))["tests"]
    return [test for test in tests if "score" in test]


def stop(process: subprocess.Popen, folder: str) -> None:
    """End a process and what it started: its kernel is in a session of its own, and others may outlive both."""
    found = []
    with contextlib.suppress(psutil.NoSuchProcess):
        found = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for _ in range(5):  # what is being ended may start another
        for part in found:
            with contextlib.suppress(psutil.Error):
                part.kill()
        psutil.wait_procs(found, timeout=1)
        found = [part for part in psutil.process_iter() if is_of(part, folder)]


def is_of(process: psutil.Process, folder: str) -> bool:
    """Whether a process is of the submission in this folder: by the environment that it inherited, or by its place."""
    with contextlib.suppress(psutil.Error, OSError):
        return process.environ().get("TMPDIR") == folder or Path(process.cwd()).is_relative_to(folder)
    return False


def why_lost(test: dict) -> str:
    """In one sentence, why a question lost points: the first error of its tests. No message tells a right answer."""
    found = RAISED.search(test.get("output", ""))
    reason = found[2].removeprefix("AssertionError: ")[:200] if found else "otter gives no reason"
    return f"{test['name']}: {reason}" + ("" if reason.endswith((".", "?")) else ".")


def no_python(notebook: NotebookNode) -> list[str]:
    """A sentence for each cell in which nothing ran, because a line of it is no Python."""
    found = []
    for cell in notebook.cells:
        try:
            if cell.cell_type == "code":
                program = TransformerManager().transform_cell(cell.source)  # magics are
                compile(program, "cell", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except SyntaxError as error:
            blank = cell.source[: -len(cell.source.lstrip())].count("\n")  # lines at the top, which IPython drops
            line, text = (error.lineno or 0) + blank, (error.text or "").strip()[:80]
            found.append(f"A cell did not run, SyntaxError in its line {line}, `{text}`: {error.msg}.")
    return found


def written(notebook: NotebookNode) -> list[str]:
    """The answers in words of a submission."""
    return [cell.source for cell in notebook.cells if "otter_answer_cell" in cell.metadata.get("tags", [])
            and cell.cell_type == "markdown"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int, default=SECONDS, help="that a submission may take")
    arguments = parser.parse_args()
    try:
        if arguments.folder.resolve() == assign.ROOT:
            raise ValueError("No folder is given; expected SUBMISSIONS=folder, with the notebooks to grade.")
        import otter  # noqa: F401  # another Python hasn't: before anything is written

        grade(assign.OUT / arguments.name, arguments.folder, arguments.seconds)
    except (ValueError, OSError, ImportError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped. Start it again: what has its row is left alone.")


if __name__ == "__main__":
    main()
