#!/usr/bin/env python3
"""Write the page about the check-up: augcheck/README.md, and its copy in the book, docs/the_check_up.md.

Prose is written by hand, in the README. From the docstrings comes what is said of each finding, from the command what
it prints, and from data/results/checkup.csv how many cases were detected.
tests/test_check_up_page.py fails where a file isn't what this writes.
"""

from __future__ import annotations

import csv
import difflib
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "augcheck" / "src"
sys.path.insert(0, str(SOURCE))
from augcheck.catalogue import ABOUT, name_of, parts_of  # noqa: E402
from augcheck.findings import FINDINGS  # noqa: E402

README = ROOT / "augcheck" / "README.md"
IN_THE_BOOK = ROOT / "docs" / "the_check_up.md"  # both are one folder deep, so links are the same
FRONT_PAGE = ROOT / "README.md"
TABLE = ROOT / "data" / "results" / "checkup.csv"
SETS = ("garments", "solar cells", "photograph")

Row = dict[str, str]


def rows() -> list[Row]:
    """The cases of the detection table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def findings() -> str:
    """Each finding: what it means that it was found, its first limit, and how its wrong example is repaired."""
    sections = []
    for number, function in sorted(FINDINGS.items()):
        said = parts_of(function)
        means, limits = (" ".join(said[heading].split()) for heading in ("", "What it can't tell"))
        limit = limits.partition(". ")[0].rstrip(".")
        wrong, right = (_lines(said[f"Example {kind}"]) for kind in ("wrong", "right"))
        code = "\n".join(list(difflib.unified_diff(wrong, right, n=len(wrong), lineterm=""))[3:])  # without its head
        heading = f"### {number} {name_of(function)}: {ABOUT[name_of(function)]}"
        sections.append(f"{heading}\n\n{means} *Can't tell:* {limit}.\n\n```diff\n{code}\n```\n")
    return "\n".join(sections)


def _lines(example: str) -> list[str]:
    """The lines of an example, without the name that all functions have that make a pipeline."""
    return textwrap.dedent(example.removeprefix("def make():\n")).splitlines()


def totals() -> str:
    """How many broken pipelines were detected, and how many correct ones raised an alarm: two lines of a table."""
    parts = {
        "broken pipelines detected": [row for row in rows() if row["finding"]],
        "correct pipelines with an alarm": [row for row in rows() if not row["finding"]],
    }
    good = {"broken pipelines detected": "detected", "correct pipelines with an alarm": "no alarm"}
    lines = []
    for name, part in parts.items():
        counts = [sum(row[one] == good[name] for row in part) for one in SETS]
        if name.startswith("correct"):
            counts = [len(part) - count for count in counts]
        lines.append(f"| {name}, of {len(part)} | {' | '.join(map(str, counts))} |\n")
    return "".join(lines)


def report(text: str) -> str:
    """What the command prints for the first pipeline of a page, in a process of its own."""
    (pipeline, *_) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pipeline.py").write_text(pipeline, encoding="utf-8")
        code = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); from augcheck.command import main; main()"
        command = [sys.executable, "-X", "utf8", "-c", code, "pipeline:make"]
        return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False).stdout


def replaced(text: str, pattern: str, make: Callable[[], str]) -> str:
    """A text with the one place that a pattern matches made anew.

    Raises:
        ValueError: there is no such place, or several.
    """
    new, places = re.subn(pattern, lambda _: make(), text, flags=re.DOTALL | re.MULTILINE)
    if places != 1:
        raise ValueError(f"{places} places match {pattern!r}; expected one.")
    return new


def page(text: str) -> str:
    """A page with all that is not written by hand made anew."""
    text = replaced(text, r"(?<=```\n)WRONG.*?(?=```)", lambda: report(text))
    text = replaced(text, r"^### AUG01.*?(?=\n## )", findings)
    return replaced(text, r"^\| broken pipelines detected, of .*?(?=\| detected on)", totals)


def front_page(text: str, whole: str) -> str:
    """The front page with the first finding of the whole report."""
    return replaced(text, r"(?<=```\n)WRONG.*?(?=```)", lambda: "".join(report(whole).splitlines(True)[:3]))


if __name__ == "__main__":
    new = page(README.read_text(encoding="utf-8"))
    README.write_text(new, encoding="utf-8")
    IN_THE_BOOK.write_text(new, encoding="utf-8")
    FRONT_PAGE.write_text(front_page(FRONT_PAGE.read_text(encoding="utf-8"), new), encoding="utf-8")
