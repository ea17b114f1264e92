"""Stored tables, with today's names.

A table is two files: ``NAME.csv`` with one row a run (its settings, up to the column replicate, and its summary), and
``NAME-curves.csv.gz`` with one row an evaluation. What was measured is nan, or inf, in a run that diverged.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).resolve().parent.parent / "data" / "results"
# Stored files are not rewritten: freeze-or-renew.csv calls the article's policy "wide", others its network "article".
RENAMED = {"policy": {"wide": "article"}, "model": {"article": "small"}}


def read_results(path: str | Path) -> pd.DataFrame:
    """The curves of a table: one row an evaluation, with the settings of its run, update and the columns of
    ``training.Trainer.run``.

    Args:
        path: the table's first file, NAME.csv.

    Raises:
        FileNotFoundError: no such table.
        ValueError: the two files hold different runs, or one of them twice.
    """
    written = pd.read_csv(path, dtype=str, keep_default_na=False)
    curves = pd.read_csv(curves_path(path))
    settings = settings_of(path, written)
    runs = pd.read_csv(path, usecols=settings, keep_default_na=False)
    runs["run"] = [run_name(row) for row in written[settings].itertuples(index=False)]  # as they are written
    if set(runs["run"]) != set(curves["run"]):
        raise ValueError(f"{path} and {curves_path(path).name} hold different runs; restore both.")
    table = runs[["run", *settings]].merge(curves, "right", on="run", validate="one_to_many").drop(columns="run")
    return table.replace({column: names for column, names in RENAMED.items() if column in table})


def curves_path(path: str | Path) -> Path:
    """The second file of a table."""
    return Path(path).with_name(f"{Path(path).stem}-curves.csv.gz")


def read_images(path: Path) -> dict[str, np.ndarray]:
    """The loss of each validation image, float16 (images,), by the name of the run, from ``NAME-images.npz``."""
    images: dict[str, np.ndarray] = {}
    with np.load(path.with_name(f"{path.stem}-images.npz"), allow_pickle=False) as file:
        for key in file:
            if key.startswith("names_"):  # a pair of arrays for each size of the validation set
                images |= dict(zip(file[key].tolist(), file[key.replace("names_", "losses_")], strict=True))
    return images


def run_name(settings: Iterable) -> str:
    """A run's name in the second file: its settings, joined by colons, of which they hold none."""
    return ":".join(map(str, settings))


def settings_of(path: str | Path, columns: Iterable[str]) -> list[str]:
    """The columns of a table's first file that name a run: those up to replicate."""
    columns = list(columns)
    if "replicate" not in columns:
        raise ValueError(f"{path} has the columns {', '.join(columns)}; expected settings up to replicate first.")
    return columns[: columns.index("replicate") + 1]
