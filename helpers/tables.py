"""Stored tables: read, checked, and with today's names.

A table is two files: ``NAME.csv`` with one row a run (its settings, up to the column replicate, and its summary), and
``NAME-curves.csv`` with one row an evaluation. ``python -m experiments`` makes them.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent.parent / "data" / "results"
WHOLE_NUMBERS = ("regime", "n", "batch", "updates", "replicate", "update", "threads")
# Files written by version 0.1 say "article"; they are not rewritten.
RENAMED = {"policy": {"article": "wide"}, "model": {"article": "small"}}

Row = dict[str, str]


def read_results(path: str | Path) -> pd.DataFrame:
    """The curves of a table: one row an evaluation, with the settings of its run, update and the columns of
    ``training.Trainer.run``.

    Args:
        path: the table's first file, NAME.csv.

    Raises:
        FileNotFoundError: no such table.
        ValueError: a value is unreadable or impossible, or the two files disagree.
    """
    path = Path(path)
    if not path.is_file() or not curves_path(path).is_file():
        raise FileNotFoundError(f"{path} or {curves_path(path).name} was not found; `make results` writes them.")
    runs, curves = read_rows(path), read_rows(curves_path(path))
    settings = settings_of(path, runs)
    by_name = {run_name(row[key] for key in settings): {key: row[key] for key in settings} for row in runs}
    if not runs or by_name.keys() != {row["run"] for row in curves}:
        raise ValueError(f"{path} and {curves_path(path).name} are empty or hold different runs; restore both.")
    table = pd.DataFrame([by_name[row["run"]] | row for row in curves]).drop(columns="run")
    twice = table[table.duplicated([*settings, "update"])]
    if len(twice):
        name = run_name(twice.iloc[0][settings])
        raise ValueError(f"{curves_path(path)} has an evaluation of the run {name} twice; restore it.")
    for column in table.columns.difference(settings):
        table[column] = pd.to_numeric(table[column])
    for column in table.columns.intersection(WHOLE_NUMBERS):
        table[column] = table[column].astype(int)
    for column, names in RENAMED.items():
        if column in table:
            table[column] = table[column].replace(names)
    return table


def curves_path(path: str | Path) -> Path:
    """The second file of a table."""
    return Path(path).with_name(f"{Path(path).stem}-curves.csv")


def run_name(settings: Iterable) -> str:
    """A run's name in the second file: its settings, joined by colons, of which they may hold none."""
    parts = [str(part) for part in settings]
    for part in parts:
        if ":" in part:
            raise ValueError(f"the setting {part!r} holds a colon; expected names without one.")
    return ":".join(parts)


def settings_of(path: Path, rows: list[Row]) -> list[str]:
    """The columns of a table's first file that name a run: those up to replicate."""
    if not rows:
        return []
    columns = list(rows[0])
    if "replicate" not in columns:
        raise ValueError(f"{path} has the columns {', '.join(columns)}; expected settings up to replicate first.")
    return columns[: columns.index("replicate") + 1]


def read_rows(path: Path) -> list[Row]:
    """All rows of a file as text, each value checked."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); restore it.") from None
    lines = list(csv.reader(text.splitlines()))
    if not lines:
        return []
    header, rows = lines[0], []
    for number, values in enumerate(lines[1:], 2):
        fault = _fault(header, values)
        if fault:
            found = ",".join(values)[:60]
            raise ValueError(f"{path}, line {number}: found {found!r}, expected {fault}. Correct or remove that line.")
        rows.append(dict(zip(header, values, strict=True)))
    return rows


def _fault(header: list[str], values: list[str]) -> str | None:
    """What a row should have held, or None where it is sound."""
    if len(values) != len(header):
        return f"{len(header)} values"
    # Names come first: in the first file the settings up to replicate, in the second that of the run.
    names = header[: header.index("replicate") + 1] if "replicate" in header else header[:1]
    for column, value in zip(header, values, strict=True):
        if column in WHOLE_NUMBERS:
            if not value.isascii() or not value.isdigit():
                return f"a whole number for {column}"
        elif column not in names and not _possible(column, value):
            return f"a possible number for {column}"
    return None


def _possible(column: str, value: str) -> bool:
    if "_" in value:  # 1_0 is a number for Python, but not for pandas
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    share = "accuracy" in column or "precision" in column
    return math.isfinite(number) and number >= 0 and (number <= 1 or not share)
