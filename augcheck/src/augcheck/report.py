"""What the check-up answers: findings by name, shown as text or as a table."""

from __future__ import annotations

import html
from typing import NamedTuple

FOUND, NOT_FOUND, CANT_TELL = "found", "not found", "can't tell"


class Finding(NamedTuple):
    """One line of a report.

    Attributes:
        status: "found", "not found" or "can't tell".
        value: what it is, in a few words, or empty.
        how: how the check-up knows.
        change: what to change or to look at, or empty.
    """

    status: str
    value: str = ""
    how: str = ""
    change: str = ""

    def __str__(self) -> str:
        head = self.status.upper() if self.status == FOUND else self.status
        return "\n".join(filter(None, [head + (self.value and f": {self.value}"), self.how, self.change]))


NO_VALIDATION = Finding(CANT_TELL, "", "No validation set was given.")


def joined(found: list[tuple[str, str, str]]) -> Finding:
    """One finding of several, each a value, how it is known, and what to change; none is said twice."""
    values, hows, changes = (list(dict.fromkeys(column)) for column in zip(*found, strict=True))
    return Finding(FOUND, ", ".join(values), "; ".join(hows) + ".", " ".join(changes))


class Report(dict):
    """Findings by name: ``report["repeats"].status``. Shows itself as text or as an HTML table.

    Attributes:
        notes: what was read of each set.
        found: the names of what was found.
    """

    def __init__(self, findings: dict[str, Finding], notes: list[str]) -> None:
        super().__init__(findings)
        self.notes = notes
        self.found = [name for name, finding in findings.items() if finding.status == FOUND]

    def __repr__(self) -> str:
        lines = [f"{name:17} {finding}".replace("\n", "\n" + 18 * " ") for name, finding in self.items()]
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        rows = "<tr><th>looked for</th><th>result</th><th>how it knows</th><th>what to change</th></tr>"
        for name, (status, value, *texts) in self.items():
            weight = "bold" if status == FOUND else "normal"
            cells = [html.escape(text) for text in (name, status + (value and f": {value}"), *texts)]
            style = f'<td style="text-align: left; font-weight: {weight}">'
            rows += f"<tr>{''.join(style + cell + '</td>' for cell in cells)}</tr>"
        return f"<table>{rows}</table>{'<br>'.join(map(html.escape, self.notes))}"
