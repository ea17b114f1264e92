"""The plan of the session: its steps, a table in docs/for-lecturers.md, and what the lessons hold for them.

A step says in bold what its first slide shows, and in italics what answers it. Where the bold text has lines A to D
behind it, the room votes on them. A cell of a lesson that a slide shows has a tag: `slide-before` ahead of these words,
`slide-with` beside them, and after them `slide`, or `slide-thirds` for nine runs. It belongs to the last step that
links to the heading above it.
"""

from __future__ import annotations

import base64
import functools
import html
import itertools
import re
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

ROOT = Path(__file__).resolve().parent.parent
SESSION = ROOT / "docs" / "for-lecturers.md"
MISCONCEPTIONS = ROOT / "docs" / "teaching" / "misconceptions.md"
CODE_COLUMNS = 88  # of a lesson's code, which fit on a slide and on a sheet
STEP = re.compile(
    r"\| (\d+) to (\d+) \| (?:\d\d )?\[(.+?)\]\([./]*(?:notebooks/)?([\w-]+)\.(?:ipynb|md)#(\S+?)\) "
    r"\| (?:\*\*(.+?)\*\* ?)?(?:\*(.+?)\* ?)?(.*?) ?\| (.*?) ?\|"
)
LINE = "<br>"  # between the lines of what a slide shows
DETAILS = re.compile(r"<details><summary>(.+?)</summary>\s*(.+?)\s*</details>", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)\s]+\)")
CODE = re.compile(r"^```python\n.+?^```$", re.MULTILINE | re.DOTALL)
COMMENT_BEHIND = re.compile(r"^( *)(\S.*?) +(# .+)$", re.MULTILINE)
# What the answers of nine runs say of other parts of their lesson, and the same for who has the figure alone.
IN_THE_LESSON = {
    "So the first network above is in no trouble, and the second is over-confident.": (
        "Training is measured on changed images, which are harder."
    ),
    "It made eight times the updates of G, and is hardly further.": (
        "The axis doesn't show that it made eight times the updates of G, and it is hardly further."
    ),
}
MISCONCEPTION = re.compile(r"^## (M\d+)\. (.+?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A row of the session's table."""

    start: int
    end: int
    title: str
    page: str  # of a lesson or a text, the file's name without its ending
    anchor: str  # of a heading in it
    said: str
    below: str  # the answer
    do: str
    listen: str

    @property
    def options(self) -> list[str]:
        """What the room votes on, such as "A 1"; of most steps none."""
        return [line for line in self.said.split(LINE)[1:] if re.match(r"[A-D] ", line)]


def read_steps(page: str) -> list[Step]:
    """The steps of a page's table; ValueError where a row is none, or doesn't begin where the one before ends."""
    steps: list[Step] = []
    end = 0
    for line in re.findall(r"^\| \d+ to .+$", page, re.MULTILINE):
        row = STEP.fullmatch(line)
        if not row or int(row[1]) != end:
            raise ValueError(f"found {line[:60]!r}; expected a step from where the last one ends.")
        start, end = int(row[1]), int(row[2])
        words = [part or "" for part in row.groups()[2:]]
        steps.append(Step(start, end, *words))
    return steps


@functools.cache
def session() -> list[Step]:
    return read_steps(SESSION.read_text("utf-8"))


@functools.cache
def lesson(name: str) -> NotebookNode:
    """A notebook; of a text, one without cells."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    return nbformat.read(path, as_version=4) if path.exists() else new_notebook()


def headings(text: str) -> dict[str, str]:
    """What stands below each heading of a text, by the name with which a link finds it."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    names = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in parts[1::2]]
    return dict(zip(names, parts[2::2], strict=True))


def tagged(step: Step) -> list[tuple[int, str]]:
    """The cells with a tag for slides below a step's heading, by number, with the tag."""
    linked = [other for other in session() if other[3:5] == step[3:5]]
    if step != linked[-1]:
        return []
    anchor = ""
    cells = []
    for number, cell in enumerate(lesson(step.page).cells):
        own: list[str] = []
        if cell.cell_type == "markdown":
            own = list(headings(cell.source))
        if (own[0] if own else anchor) == step.anchor:
            tags = cell.metadata.get("tags", [])
            cells += [(number, tag) for tag in tags if tag.startswith("slide")]
        anchor = own[-1] if own else anchor
    return cells


def unlinked(text: str) -> str:
    return LINK.sub(r"\1", text)


def narrow(text: str) -> str:
    """The text with comments above their lines of Python wherever a block of it is too wide."""

    def block(code: re.Match[str]) -> str:
        if max(map(len, code[0].splitlines())) <= CODE_COLUMNS:
            return code[0]
        return COMMENT_BEHIND.sub(r"\1\3\n\1\2", code[0])

    return CODE.sub(block, text)


def picture(image: bytes, alternative: str) -> str:
    """A picture in HTML."""
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    data = base64.b64encode(image).decode()
    return f'<img src="data:image/{kind};base64,{data}" alt="{html.escape(alternative)}">'


def images(cell: NotebookNode) -> list[tuple[bytes, str]]:
    """The pictures of a cell with their alternative texts."""
    return [
        (base64.b64decode(output.data[kind]), output.metadata.get(kind, {}).get("alt", ""))
        for output in cell.get("outputs", [])
        for kind in {"image/png", "image/jpeg"} & set(output.get("data", {}))
    ]


def texts(cell: NotebookNode, kind: str) -> str:
    """What a cell displays of a kind, such as text/markdown; with "" what it prints."""
    return "".join(
        output.get("data", {"": output.get("text")}).get(kind, "") for output in cell.outputs
    ).rstrip()


class Nine(NamedTuple):
    """What a lesson says of its nine runs."""

    image: bytes
    about: str  # the alternative text
    names: list[str]
    evaluated: str  # what the cell below the figure prints
    answers: dict[str, str]  # by the letter of a panel


def read_nine() -> tuple[Step, Nine]:
    """The step that shows nine runs, and the runs, with the answers in the folds of their section."""
    found = []
    for step in session():
        found += [(step, cell) for cell, tag in tagged(step) if tag == "slide-thirds"]
    ((step, number),) = found
    cells = lesson(step.page).cells
    below = list(
        itertools.takewhile(lambda cell: not cell.source.startswith("## "), cells[number + 1 :])
    )
    folds = "\n\n".join(inside for cell in below for _, inside in DETAILS.findall(cell.source))
    for there, here in IN_THE_LESSON.items():
        folds = folds.replace(there, here)
    paragraphs = unlinked(folds).split("\n\n")
    answers = {paragraph.strip("*")[0]: paragraph for paragraph in paragraphs}
    ((image, about),) = images(cells[number])
    printed = texts(next(cell for cell in below if cell.cell_type == "code"), "")
    sections = [headings(cell.source) for cell in cells]
    asked = next(section[step.anchor] for section in sections if step.anchor in section)
    names = re.findall(r"\*([^*]+)\*", asked)
    return step, Nine(image, about, names, printed.replace("\n", "; "), answers)


@functools.cache
def misconceptions() -> dict[str, str]:
    """What is believed, what to ask, and the answer."""
    page = MISCONCEPTIONS.read_text("utf-8")
    return {
        number: " ".join(unlinked(text).split()) for number, text in MISCONCEPTION.findall(page)
    }
