#!/usr/bin/env python3
"""The steps of the sessions, from sessions.toml; run, it writes their tables into the pages of docs/teaching/.

A page holds the place of a table between two comments, `<!-- steps of NAME -->` and `<!-- end of the steps -->`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "tools" / "sessions.toml"
TEACHING = ROOT / "docs" / "teaching"
MINUTES, RESERVE = 90, 10
PLACE = re.compile(r"(?<=<!-- steps of )(\w+) -->\n.*?(?=<!-- end of the steps -->)", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A cell of a lesson, by how one of its lines begins, and what of it is seen."""

    cell: str
    cover: bool = False  # the right half is hidden until a click
    third: int = 0  # of a figure with three rows of panels: this row alone


@dataclass(frozen=True)
class Step:
    kind: str
    lesson: str  # the file's name without its ending; or that of a page of docs/
    anchor: str  # of a heading in it
    title: str
    start: int
    end: int
    do: str
    ask: str = ""
    listen: str = ""
    before: list[Shown] = field(default_factory=list)
    beside: str = ""  # a cell that is seen with the question
    show: list[Shown] = field(default_factory=list)

    @property
    def is_in_a_lesson(self) -> bool:
        return self.lesson[0].isdigit()


@dataclass(frozen=True)
class Session:
    name: str
    title: str
    page: str
    steps: list[Step]


def shown_cells(given: list[str | dict[str, Any]]) -> list[Shown]:
    return [Shown(cell) if isinstance(cell, str) else Shown(**cell) for cell in given]


def read_sessions(text: str) -> list[Session]:
    sessions = []
    for session in tomllib.loads(text)["session"]:
        steps, start = [], 0
        for row in session.pop("step"):
            lesson, anchor = row.pop("at").split("#")
            end = start + row.pop("minutes")
            before, show = (shown_cells(row.pop(key, [])) for key in ("before", "show"))
            beside = row.pop("with", "")
            steps.append(
                Step(lesson=lesson, anchor=anchor, start=start, end=end, before=before, beside=beside, show=show, **row)
            )
            start = end
        sessions.append(Session(steps=steps, **session))
    return sessions


def table(session: Session) -> str:
    """The steps as a table of Markdown, for a page of docs/teaching."""
    lines = ["| minutes | kind | project | ask, then do | listen for |", "| --- | --- | --- | --- | --- |"]
    for step in session.steps:
        page = f"../../notebooks/{step.lesson}.ipynb" if step.is_in_a_lesson else f"../{step.lesson}.md"
        place = f"[{step.title}]({page}#{step.anchor})"
        place = f"{step.lesson[:2]} {place}" if step.is_in_a_lesson else place
        asked = f"**{step.ask}** {step.do}" if step.ask else step.do
        lines.append(f"| {step.start} to {step.end} | {step.kind} | {place} | {asked} | {step.listen} |")
    return "\n".join(lines)


def with_tables(page: str, sessions: list[Session]) -> str:
    """The page with the table of each session in its place."""
    tables = {session.name: table(session) for session in sessions}
    return PLACE.sub(lambda place: f"{place[1]} -->\n\n{tables[place[1]]}\n\n", page)


def main() -> None:
    sessions = read_sessions(SOURCE.read_text(encoding="utf-8"))
    for name in {session.page for session in sessions}:
        path = TEACHING / name
        path.write_text(with_tables(path.read_text(encoding="utf-8"), sessions), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
