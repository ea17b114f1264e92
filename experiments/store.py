"""Long lists of runs: each stored in a file of its own, then collected into a table of two files.

A run's file is written under a temporary name and renamed, so that kill -9 loses at most the run under way.
``collect`` moves the finished ones into ``NAME.csv`` and ``NAME-curves.csv`` (see ``helpers.tables``), and
losses per image, where a task gives them, into ``NAME-images.npz``. It notes the digests of what it wrote in
``SHA256SUMS`` beside them. One process collects in a folder at a time, and none loses a run, wherever it is killed.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from helpers.progress import progress
from helpers.tables import RENAMED, check, curves_path, read_text, run_name, settings_of

ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}

DIGESTS = "SHA256SUMS"
LOCK = "collecting.lock"  # stays in the folder; the system frees it when its process ends, however that ends

Row = dict[str, str]
Setting = dict[str, object]
Task = Callable[[Setting], dict]  # to {"summary": …, "records": […], "images": […] where asked for}


def missing(settings: Iterable[Setting], path: Path) -> list[Setting]:
    """The settings that neither the table nor its folder of finished runs has.

    Args:
        settings: dictionaries with the same keys in the same order, the last of them replicate.
        path: the table's first file, NAME.csv.

    Raises:
        ValueError: the table there is unreadable.
    """
    # The files come first: what is collected meanwhile is in the table that is read afterwards.
    waiting = [setting for setting in settings if not _is_finished(setting, path)]
    rows = _rows(path)
    keys = _keys(path, rows)
    in_table = {_name_today(row, keys) for row in rows}
    return [setting for setting in waiting if run_name(setting.values()) not in in_table]


def run_missing(settings: Iterable[Setting], path: Path, task: Task, executor: Executor | None = None) -> None:
    """Run what is missing and store each run in a file of its own.

    Args:
        settings, path: as for ``missing``.
        task: from a setting to its results; must be importable where the executor works.
        executor: any ``concurrent.futures`` executor, left open; None runs in this process.
    """
    waiting = missing(settings, path)
    for setting, result in progress(_completed(waiting, path, task, executor), len(waiting), path.stem):
        if result is not None:
            _store(setting, result, path)


def collect(settings: Iterable[Setting], path: Path) -> None:
    """Move finished runs into the table, in the order of the settings; rows of other settings come last.

    Raises:
        ValueError: a file there is unreadable, or a run has other columns than the table or impossible values.
    """
    if path.is_file() or _folder(path).is_dir():
        with _alone_in(path.parent):
            _collect(settings, path)


def _collect(settings: Iterable[Setting], path: Path) -> None:
    files = sorted(_folder(path).glob("*.json"))
    runs, curves, images = _merged([_read_run(file) for file in files], path)
    if not runs:
        return
    for file, rows in ((path, runs), (curves_path(path), curves)):
        _require_same_columns(file, rows)
        check(pd.DataFrame(rows), file)  # what could not be read again is not written
    rank = {run_name(setting.values()): position for position, setting in enumerate(settings)}
    keys = _keys(path, runs)
    runs.sort(key=lambda row: rank.get(_name_today(row, keys), len(rank)))
    order = {run_name(row[key] for key in keys): position for position, row in enumerate(runs)}
    curves.sort(key=lambda row: order[row["run"]])
    # The row that counts is written last: what is interrupted before it is collected anew.
    if images:
        _replace(_images_path(path), _npz(images))
    _replace(curves_path(path), _csv(curves))
    _replace(path, _csv(runs))
    note_digests(path, curves_path(path), *([_images_path(path)] if images else []))
    for file in files:
        file.unlink()


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread collects in this folder, and keep others waiting."""
    with open(folder / LOCK, "ab") as file:
        if sys.platform == "win32":
            import msvcrt

            while True:  # it gives up after ten seconds
                with contextlib.suppress(OSError):
                    msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
                    break
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield  # closing the file frees the lock


def note_digests(*paths: Path) -> None:
    """Note the SHA-256 of files of one folder in its ``SHA256SUMS``, which ``sha256sum --check`` reads, too."""
    digest_of = read_digests(paths[0].parent)
    for path in paths:
        digest_of[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = [f"{digest}  {name}\n" for name, digest in sorted(digest_of.items())]
    _replace(paths[0].with_name(DIGESTS), "".join(lines).encode())


def read_digests(folder: Path) -> dict[str, str]:
    """The noted digest of each file of a folder."""
    if not (folder / DIGESTS).is_file():
        return {}
    lines = (folder / DIGESTS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def _merged(results: list[dict], path: Path) -> tuple[list[Row], list[Row], dict[str, np.ndarray]]:
    """The table's runs, evaluations and losses per image, and those of further results."""
    runs, curves, images = _rows(path), _rows(curves_path(path)), read_images(path)
    keys = _keys(path, runs)
    known = {run_name(row[key] for key in keys) for row in runs}
    curves = [row for row in curves if row["run"] in known]  # an interrupted collection leaves others
    for result in results:
        name = run_name(result["setting"].values())
        if name in known:
            continue
        setting = {key: str(value) for key, value in result["setting"].items()}  # as in the run's name
        runs.append(setting | _texts(result["summary"]))
        curves += [_texts({"run": name} | record) for record in result["records"]]
        if "images" in result:
            images[name] = np.array(result["images"], np.float16)
    return runs, curves, images


def read_images(path: Path) -> dict[str, np.ndarray]:
    """Losses per validation image, float16 (images,), by the name of the run; none where the table has none.

    Runs may have validation sets of different sizes: each size is a pair of arrays, names and losses.
    """
    images: dict[str, np.ndarray] = {}
    if _images_path(path).is_file():
        with np.load(_images_path(path), allow_pickle=False) as file:
            for key in file:
                if key.startswith("names_"):
                    losses = file[key.replace("names_", "losses_")]
                    images |= dict(zip(file[key].tolist(), losses, strict=True))
    return images


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
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _completed(
    settings: list[Setting], path: Path, task: Task, executor: Executor | None
) -> Iterator[tuple[Setting, dict | None]]:
    if executor is None:
        for setting in settings:
            # Another process may work on the same table, and have finished this run meanwhile.
            yield setting, None if _is_finished(setting, path) else task(setting)
        return
    futures = {executor.submit(task, setting): setting for setting in settings}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        for future in futures:
            future.cancel()


def _folder(path: Path) -> Path:
    return path.with_suffix(".runs")


def _file(setting: Setting, path: Path) -> Path:
    return _folder(path) / f"{quote(run_name(setting.values()), safe='')}.json"


def _is_finished(setting: Setting, path: Path) -> bool:
    return _file(setting, path).is_file()


def _store(setting: Setting, result: dict, path: Path) -> None:
    _folder(path).mkdir(parents=True, exist_ok=True)
    _replace(_file(setting, path), json.dumps({"setting": setting, **result}).encode())


def _read_run(file: Path) -> dict:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise ValueError(f"{file} is damaged; remove it to compute that run again.") from None


def _rows(path: Path) -> list[Row]:
    return read_text(path).to_dict("records") if path.is_file() else []


def _keys(path: Path, rows: list[Row]) -> list[str]:
    return settings_of(path, rows[0] if rows else [])


def _name_today(row: Row, keys: list[str]) -> str:
    """A run's name with the names that tables of version 0.1 called otherwise."""
    return run_name(RENAMED.get(key, {}).get(row[key], row[key]) for key in keys)


def _texts(values: dict) -> Row:
    return {key: f"{value:.5f}" if isinstance(value, float) else str(value) for key, value in values.items()}


def _require_same_columns(path: Path, rows: list[Row]) -> None:
    """The first rows are those that the table has."""
    for row in rows:
        if row.keys() != rows[0].keys():
            raise ValueError(
                f"{path} has the columns {', '.join(rows[0])}; a run gives {', '.join(row)}. "
                "Move it away to start a new table."
            )


def _csv(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _images_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}-images.npz")


def _npz(images: dict[str, np.ndarray]) -> bytes:
    by_size: dict[int, list[str]] = {}
    for name, losses in images.items():
        by_size.setdefault(len(losses), []).append(name)
    arrays: dict[str, Any] = {}
    for size, names in sorted(by_size.items()):
        arrays[f"names_{size}"] = np.array(sorted(names))
        arrays[f"losses_{size}"] = np.stack([images[name] for name in sorted(names)])
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def _replace(path: Path, content: bytes) -> None:
    """Write through a temporary name, so that a crash leaves the old file or the new one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
