"""Long lists of runs: computed once, stored row by row, resumed where they stopped.

A table is two files: ``NAME.csv`` with one row a run (its settings, its summary, its seconds), and
``NAME-curves.csv`` with one row an evaluation. A run counts as finished when its row stands in the
first file, which is written last.
"""

from __future__ import annotations

import csv
import functools
import io
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path

import pandas as pd

from helpers import augment, data, model, training
from helpers.progress import progress

FOLDER = Path(__file__).resolve().parent.parent / "data" / "results"
SETTINGS = ("dataset", "n", "arm", "policy", "model", "updates", "rate", "replicate")
POLICIES = augment.POLICIES | {"article": augment.POLICIES["wide"]}
CONFIRMATION = FOLDER.parent / "dress-shirt.npz"  # built by make_results.py, not committed
DATASETS = {
    "garments": data.load_garments,
    "solar-cells": data.load_solar_cells,
    "dress-shirt": functools.partial(data.load_garments, CONFIRMATION, None),
}
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
Task = Callable[[dict], tuple[dict, list[dict]]]


def run_setting(setting: dict) -> tuple[dict, list[dict]]:
    """Train one run.

    Args:
        setting: a value for each of ``SETTINGS``; dataset, policy and model by their names here
            and in ``helpers.model``, arm by its name in ``helpers.training``, rate "constant" or
            "decay".

    Returns:
        The run's summary with its seconds, and one record an evaluation.
    """
    started = time.perf_counter()
    images = load_dataset(setting["dataset"])
    curves = training.compare(
        images,
        [setting["arm"]],
        load_policy(setting["policy"]),
        n=setting["n"],
        updates=setting["updates"],
        replicates=[setting["replicate"]],
        build=model.MODELS[setting["model"]],
        evaluate_at=table_updates(setting["updates"]),
        decay={"constant": False, "decay": True}[setting["rate"]],
        show_progress=False,
    )
    return row_and_records(curves, started)


def row_and_records(curves: pd.DataFrame, started: float) -> tuple[dict, list[dict]]:
    """A run's row and records from its curve; ``started`` is a reading of ``time.perf_counter``."""
    summary = training.summarise(curves).drop(columns=["arm", "replicate"]).iloc[0].to_dict()
    records = curves.drop(columns=["arm", "replicate"]).to_dict("records")
    return {**summary, "seconds": round(time.perf_counter() - started, 2)}, records


@functools.cache
def load_dataset(name: str) -> data.Data:
    """A data set by its name in ``DATASETS``, read once a process."""
    return DATASETS[name]()


@functools.cache
def load_policy(name: str) -> augment.RandomAffine:
    """A policy by its name in ``POLICIES``, one object a process."""
    return augment.named_policy("wide" if name == "article" else name)


def table_updates(updates: int) -> list[int]:
    """Five evaluations in the last tenth of 500, 1,000 and all updates, and some between."""
    budgets = [b for b in (500, 1000) if b < updates] + [updates]
    late = {round(b * share) for b in budgets for share in training.LATE}
    return sorted({u for u in (50, 100, 200, 350, 1500, 2000) if u < 0.9 * updates} | late)


def run_settings(
    settings: Iterable[dict], path: str | Path, executor: Executor | None = None, task: Task = run_setting
) -> None:
    """Run what the table at ``path`` lacks, and leave its rows in the order of the settings.

    Args:
        settings: dictionaries with the same keys in the same order.
        path: the table's first file, NAME.csv.
        executor: any ``concurrent.futures`` executor, left open; None runs in this process.
        task: from a setting to (summary, records); must be importable where the executor works.

    Raises:
        ValueError: the files there have other columns or an unreadable row; they stay untouched.

    One process at a time: the files are not locked.
    """
    settings = list(settings)
    if not settings:
        return
    keys = list(settings[0])
    path = Path(path)
    finished = _resume(path, keys)
    missing = [s for s in settings if _name(s.values()) not in finished]
    for setting, (summary, records) in progress(_completed(missing, executor, task), len(missing), path.stem):
        name = _name(setting.values())
        _append(_curves_path(path), [{"run": name, **record} for record in records])
        _append(path, [{**{k: str(v) for k, v in setting.items()}, **summary}])
    _sort(path, keys, [_name(s.values()) for s in settings])


def read_results(path: str | Path) -> pd.DataFrame:
    """The curves of a table with the settings of their runs as columns.

    Raises:
        FileNotFoundError: no such table.
        ValueError: a column is missing, a row unreadable, or the two files disagree.
    """
    path, curves_path = Path(path), _curves_path(path)
    if not path.is_file() or not curves_path.is_file():
        raise FileNotFoundError(f"{path} or {curves_path.name} was not found; `make results` writes them.")
    runs, curves = _read_both(path, list(SETTINGS))
    if not runs or runs.keys() != {row["run"] for row in curves}:
        raise ValueError(
            f"{path} and {curves_path.name} are empty or hold different runs; `make results` mends them."
        )
    table = pd.DataFrame(curves)
    settings = table.pop("run").str.split(":", expand=True).set_axis(SETTINGS, axis=1)
    settings = settings.astype({"n": int, "updates": int, "replicate": int})
    return pd.concat([settings, table.apply(pd.to_numeric)], axis=1)


def process_pool(workers: int | None = None) -> ProcessPoolExecutor:
    """Worker processes of one thread each, which for small models is the fastest use of the cores.

    Sets ``ONE_THREAD`` in this process's environment, which the workers inherit.
    """
    os.environ.update(ONE_THREAD)
    context = get_context("spawn")
    return ProcessPoolExecutor(workers or os.cpu_count(), context, initializer=_die_with_parent)


def _die_with_parent() -> None:
    """End this worker when the process that feeds it is killed; it would wait for ever."""

    def wait() -> None:
        parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _name(values: Iterable) -> str:
    return ":".join(map(str, values))


def _curves_path(path: str | Path) -> Path:
    return Path(path).with_name(f"{Path(path).stem}-curves.csv")


def _completed(settings: list[dict], executor: Executor | None, task: Task) -> Iterator[tuple]:
    if executor is None:
        yield from ((setting, task(setting)) for setting in settings)
        return
    futures = {executor.submit(task, setting): setting for setting in settings}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _resume(path: Path, keys: list[str]) -> set[str]:
    """Names of the finished runs; drops the half-written rows of an interrupted one."""
    runs, curves = _read_both(path, keys)
    lost = runs.keys() - {row["run"] for row in curves}
    if lost:
        raise ValueError(
            f"{_curves_path(path)} lacks the run {min(lost)}, which {path.name} has; move both away."
        )
    _replace(path, list(runs.values()))
    _replace(_curves_path(path), [row for row in curves if row["run"] in runs])
    return set(runs)


def _read_both(path: Path, keys: list[str]) -> tuple[dict[str, dict[str, str]], list[dict[str, str]]]:
    """The rows of the first file by the names of their runs, and those of the second."""
    runs = {_name(row[k] for k in keys): row for row in _read(path, keys)}
    curves = {(row["run"], row["update"]): row for row in _read(_curves_path(path), ["run", "update"])}
    return runs, list(curves.values())


def _read(path: Path, keys: list[str]) -> list[dict[str, str]]:
    """All rows as strings. A last line without its end is a write that was interrupted: left out."""
    if not path.exists():
        return []
    *lines, torn = path.read_text(encoding="utf-8").split("\n")
    start = ",".join(keys) + ","
    if not lines and (start.startswith(torn) or torn.startswith(start)):
        return []
    header, *rows = csv.reader(lines or [torn])
    if header[: len(keys)] != keys:
        raise ValueError(
            f"{path} has the columns {', '.join(header)}; expected {', '.join(keys)} first. "
            "Move it away to start a new table."
        )
    for number, row in enumerate(rows, 2):
        if len(row) != len(header) or not all(map(_is_number, row[len(keys) :])):
            raise ValueError(
                f"{path}, line {number}: found {','.join(row)[:60]!r}, expected {len(header)} values, "
                f"numbers from {header[len(keys)]} on. Mend or remove that line."
            )
    return [dict(zip(header, row, strict=True)) for row in rows]


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _text(rows: list[dict], header: bool) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    if header:
        writer.writeheader()
    for row in rows:
        writer.writerow({k: f"{v:.5f}" if isinstance(v, float) else v for k, v in row.items()})
    return text.getvalue()


def _append(path: Path, rows: list[dict]) -> None:
    new = not path.exists() or path.stat().st_size == 0
    if not new:
        with open(path, encoding="utf-8") as file:
            header = file.readline().strip().split(",")
        if header != list(rows[0]):
            raise ValueError(
                f"{path} has the columns {', '.join(header)}; this run gives {', '.join(rows[0])}. "
                "Move it away to start a new table."
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8", newline="") as file:
        file.write(_text(rows, header=new))
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, rows: list[dict]) -> None:
    """Rewrite a file through a temporary name, so that a crash leaves the old or the new one."""
    text = _text(rows, header=True) if rows else ""
    if path.exists() and path.read_text(encoding="utf-8") != text:
        temporary = path.with_name(path.name + ".part")
        temporary.write_text(text, encoding="utf-8", newline="")
        os.replace(temporary, path)


def _sort(path: Path, keys: list[str], names: list[str]) -> None:
    """Rows in the order of the settings, whichever finished first; rows of other settings last."""
    rank = {name: position for position, name in enumerate(names)}
    runs, curves = _read_both(path, keys)
    _replace(path, [runs[name] for name in sorted(runs, key=lambda name: rank.get(name, len(rank)))])
    _replace(_curves_path(path), sorted(curves, key=lambda row: rank.get(row["run"], len(rank))))
