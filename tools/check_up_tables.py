#!/usr/bin/env python3
"""Print the tables of docs/the_check_up.md as Markdown: the findings, and what was detected (data/results/checkup.csv).

The page holds these lines as they are printed; tests/test_check_up_page.py compares them.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "augcheck" / "src"))
from augcheck.catalogue import table as findings  # noqa: E402

TABLE = ROOT / "data" / "results" / "checkup.csv"
SETS = ("garments", "solar cells", "photograph")
NO_LINE = "(none)"  # mistakes that no line of the report is about

Row = dict[str, str]


def rows() -> list[Row]:
    """The cases of the detection table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counts() -> list[str]:
    """For each line of the report: how many broken pipelines there are, and how many were detected."""
    broken = [row for row in rows() if row["finding"]]
    lines = ["| looked for | cases | garments | solar cells | photograph |", "| --- | --- | --- | --- | --- |"]
    for finding in dict.fromkeys(row["finding"] for row in broken):
        part = [row for row in broken if row["finding"] == finding]
        detected = [str(sum(row[name] == "detected" for row in part)) for name in SETS]
        lines.append(f"| {finding} | {len(part)} | {' | '.join(detected)} |")
    return lines


def cases(broken: bool) -> list[str]:
    """One line a mistake, or a correct pipeline, with the kinds of pipeline in which it was tried."""
    lines = ["| mistake | in | looked for | answer |" if broken else "| correct pipeline | in | answer |"]
    lines.append("| --- | --- | --- | --- |" if broken else "| --- | --- | --- |")
    kinds: dict[tuple[str, ...], list[str]] = {}
    for row in rows():
        if bool(row["finding"]) == broken:
            kinds.setdefault((row["bug"], row["finding"], answer(row)), []).append(row["kind"])
    for (bug, finding, said), places in kinds.items():
        middle = [finding] if broken else []
        lines.append("| " + " | ".join([bug, ", ".join(places), *middle, said]) + " |")
    return lines


def answer(row: Row) -> str:
    """What was said of a case, with the sets of images where these disagree."""
    places: dict[str, list[str]] = {}
    for name in SETS:
        places.setdefault(row[name], []).append(name)
    if len(places) == 1:
        return row[SETS[0]]
    return ", ".join(f"{said} ({', '.join(names)})" for said, names in places.items())


if __name__ == "__main__":
    print("\n\n".join("\n".join(table) for table in (findings(), counts(), cases(True), cases(False))))
