"""The steps of the sessions, from the tables of docs/teaching/, and the cells of the lessons that belong to each.

A cell that a slide shows has a tag: `slide-before` ahead of the step's question, `slide-with` beside it, and after it
`slide`, or `slide-thirds` for nine runs: the two that look alike, then a row of three panels at a time. It belongs to
the last step whose heading stands above it.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
TEACHING = ROOT / "docs" / "teaching"
PAGES = {"1_is_live_better": "monday.md", "2_how_many_copies": "run_sheets.md"}  # by the name of the deck
TITLES = {"1_is_live_better": "Is live better?", "2_how_many_copies": "Fair comparisons, copies, cells"}
ROW = re.compile(
    r"\| (\d+) to (\d+) \| ([\w-]+) \| (?:\d\d )?\[(.+?)\]\([./]*(?:notebooks/)?(\w+)\.(?:ipynb|md)#(\S+?)\) "
    r"\| (?:\*\*(.+?)\*\* )?(.*?) \| (.*?) ?\|"
)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


class Step(NamedTuple):
    start: int
    end: int
    kind: str
    title: str
    lesson: str  # the file's name without its ending; or that of a page
    anchor: str  # of a heading in it
    ask: str
    do: str
    listen: str

    @property
    def is_in_a_lesson(self) -> bool:
        return self.lesson[0].isdigit()


def read_steps(page: str) -> list[Step]:
    """The steps of a page's table.

    Raises:
        ValueError: a row is none, or doesn't begin where the one before ends.
    """
    steps: list[Step] = []
    for line in page.splitlines():
        if re.match(r"\| \d+ to ", line):
            row = ROW.fullmatch(line)
            if not row or int(row[1]) != (steps[-1].end if steps else 0):
                raise ValueError(f"found {line[:60]!r}; expected a step from where the last one ends.")
            steps.append(Step(int(row[1]), int(row[2]), *(part or "" for part in row.groups()[2:])))
    return steps


@functools.cache
def sessions() -> dict[str, list[Step]]:
    """The steps by the name of their deck."""
    return {name: read_steps((TEACHING / page).read_text(encoding="utf-8")) for name, page in PAGES.items()}


def anchor(heading: str) -> str:
    """The name by which a link finds a heading."""
    return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


def place(notebook: NotebookNode, name: str) -> int:
    """The cell with the heading of this anchor.

    Raises:
        ValueError: there is none.
    """
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and name in [anchor(words) for _, words in HEADING.findall(cell.source)]:
            return number
    raise ValueError(f"found no heading #{name}; change the step's link.")


def cells_of(step: Step, notebook: NotebookNode) -> list[tuple[int, str]]:
    """The cells of its lesson that a step shows, by number, with their tags."""
    start = place(notebook, step.anchor)
    others = [place(notebook, other.anchor) for steps in sessions().values() for other in steps
              if other.lesson == step.lesson]  # fmt: skip
    end = min((number for number in others if number > start), default=len(notebook.cells))
    return [(number, tag) for number in range(start, end) for tag in notebook.cells[number].metadata.get("tags", [])
            if tag.startswith("slide")]  # fmt: skip
