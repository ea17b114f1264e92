"""Stored tables: read, checked, and with today's names.

A table is two files: ``NAME.csv`` with one row a run (its settings, up to the column replicate, and its summary), and
``NAME-curves.csv`` with one row an evaluation. What was measured is nan, or inf, in a run that diverged.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.errors import EmptyDataError, ParserError, ParserWarning

FOLDER = Path(__file__).resolve().parent.parent / "data" / "results"
WHOLE_NUMBERS = ("regime", "n", "batch", "updates", "replicate", "update", "threads")
# Files written by version 0.1 say "article"; they are not rewritten.
RENAMED = {"policy": {"article": "wide"}, "model": {"article": "small"}}


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
        raise FileNotFoundError(f"{path} or {curves_path(path).name} was not found; restore them.")
    runs, curves = read_text(path), read_text(curves_path(path))
    settings = settings_of(path, runs)
    names = [run_name(row) for row in runs[settings].itertuples(index=False)]
    runs.index = pd.Index(names, dtype=object)
    if not names or set(names) != set(curves["run"]):
        raise ValueError(f"{path} and {curves_path(path).name} are empty or hold different runs; restore both.")
    for file, rows in ((path, pd.Series(names)), (curves_path(path), curves["run"] + " at " + curves["update"])):
        if rows.duplicated().any():
            raise ValueError(f"{file} has the run {rows[rows.duplicated()].iloc[0]} twice; restore it.")
    beside = runs.loc[curves["run"], settings].reset_index(drop=True)
    table = pd.concat([beside, curves.drop(columns="run").reset_index(drop=True)], axis=1)
    for column in table:
        if column in WHOLE_NUMBERS:
            table[column] = table[column].astype(int)
        else:
            numbers = pd.to_numeric(table[column], errors="coerce")  # nan stands for itself: all else was checked
            if column not in settings or numbers.notna().all():
                table[column] = numbers
    return table.replace({column: names for column, names in RENAMED.items() if column in table})


def curves_path(path: str | Path) -> Path:
    """The second file of a table."""
    return Path(path).with_name(f"{Path(path).stem}-curves.csv")


def read_images(path: Path) -> dict[str, np.ndarray]:
    """The loss of each validation image, float16 (images,), by the name of the run, from ``NAME-images.npz``."""
    images: dict[str, np.ndarray] = {}
    with np.load(path.with_name(f"{path.stem}-images.npz"), allow_pickle=False) as file:
        for key in file:
            if key.startswith("names_"):  # a pair of arrays for each size of the validation set
                images |= dict(zip(file[key].tolist(), file[key.replace("names_", "losses_")], strict=True))
    return images


def run_name(settings: Iterable) -> str:
    """A run's name in the second file: its settings, joined by colons, of which they may hold none."""
    parts = [str(part) for part in settings]
    for part in parts:
        if ":" in part:
            raise ValueError(f"the setting {part!r} holds a colon; expected names without one.")
    return ":".join(parts)


def settings_of(path: Path, columns: Iterable[str]) -> list[str]:
    """The columns of a table's first file that name a run: those up to replicate; none of an empty file."""
    columns = list(columns)
    if columns and "replicate" not in columns:
        raise ValueError(f"{path} has the columns {', '.join(columns)}; expected settings up to replicate first.")
    return columns[: columns.index("replicate") + 1] if columns else []


def read_text(path: Path) -> pd.DataFrame:
    """All rows of a file as text, each value checked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ParserWarning)  # more values than columns, in every row
            table = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False, index_col=False)
    except EmptyDataError:
        return pd.DataFrame()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}); restore it.") from None
    except (ParserError, ParserWarning) as error:
        reason = str(error).strip().removesuffix(".")
        raise ValueError(f"{path} has rows of other lengths than its header ({reason}); restore it.") from None
    check(table, path)
    return table


def check(table: pd.DataFrame, path: Path) -> None:
    """Raise ValueError where a file's text holds what its column can't: the line, what was found and what expected."""
    # Names come first: in the first file the settings up to replicate, in the second that of the run.
    names = settings_of(path, table) if "replicate" in table else list(table)[:1]
    for column in table:
        text = table[column]
        if column in WHOLE_NUMBERS:
            sound, expected = text.str.fullmatch("[0-9]+"), "a whole number"
        elif column in names:
            sound, expected = text != "", "a name"
        else:
            number = pd.to_numeric(text, errors="coerce")
            share = "accuracy" in column or "precision" in column
            sound = (text == "nan") | (number >= 0) & (number <= (1 if share else float("inf")))
            expected = "a possible number"
        if not sound.all():
            line = int(sound.to_numpy().argmin())
            found = ",".join(table.iloc[line])[:60]
            raise ValueError(
                f"{path}, line {line + 2}: found {found!r}, expected {expected} for {column}. "
                "Correct or remove that line."
            )
