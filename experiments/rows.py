"""Tables of runs that grow row by row, so that a killed program loses one run at most.

A table is ``NAME.csv``, one row a run: its setting, up to the column replicate, then what was measured. What a network
says of each test image lies beside it, without the labels (see ``keep_answers``).
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from helpers.tables import run_name

STEPS = 100  # to one unit of log probability, in the stored whole numbers
DIGESTS = "SHA256SUMS"  # of the tables of a folder; ``sha256sum --check`` reads it, too

Setting = Mapping[str, Any]


def missing(settings: Iterable[Setting], path: Path, measured: Callable[[Any], list[str]]) -> list[dict[str, Any]]:
    """The settings that the table lacks, in their order.

    Args:
        measured: the columns that a setting's run adds, such as ``runs.columns``.

    Raises:
        ValueError: the table has other columns than its runs will have, or these differ.
    """
    header, rows = _read(path)
    waiting = [dict(setting) for setting in settings]
    for setting in waiting:
        columns = [*setting, *measured(setting)]
        header = header or columns
        _require(path, header, columns)
    done = {run_name(row[: len(waiting[0])]) for row in rows} if waiting else set()
    return [setting for setting in waiting if run_name(setting.values()) not in done]


def append(path: Path, setting: Setting, measured: Mapping[str, float]) -> None:
    """Add a row, unless another process has added the same run meanwhile.

    Raises:
        ValueError: the table has other columns.
    """
    columns = [*setting, *measured]
    with _alone(path):
        header, rows = _read(path)
        _require(path, header or columns, columns)
        if run_name(setting.values()) in {run_name(row[: len(setting)]) for row in rows}:
            return
        text = io.StringIO()
        values = [f"{value:.5f}" if isinstance(value, float) else str(value) for value in measured.values()]
        csv.writer(text, lineterminator="\n").writerows([columns, *rows, [*map(str, setting.values()), *values]])
        replace(path, text.getvalue().encode())


def keep_answers(path: Path, setting: Setting, answers: Mapping[str, np.ndarray]) -> None:
    """Keep log probabilities, (images,) of class 1 against class 0 or (images, classes), in hundredths.

    They go to a file of the run's own in ``NAME.answers``, which is not committed; ``pack_answers`` collects them.
    """
    folder = path.with_suffix(".answers")
    folder.mkdir(exist_ok=True)
    whole = {name: np.round(np.clip(values, -300, 300) * STEPS).astype(np.int16) for name, values in answers.items()}
    replace(folder / f"{file_name(setting)}.npz", _npz(whole))


def pack_answers(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """All answers of a table, int16 in hundredths, by run and test set; new ones are added to ``NAME-answers.npz``."""
    packed, store = {}, path.with_name(f"{path.stem}-answers.npz")
    if store.exists():
        with np.load(store, allow_pickle=False) as file:
            packed = {key: file[key] for key in file}
    files = sorted(path.with_suffix(".answers").glob("*.npz"))
    for name in files:
        with np.load(name, allow_pickle=False) as file:
            packed |= {f"{name.stem}/{key}": file[key] for key in file}
    if files:
        replace(store, _npz(packed))
    answers: dict[str, dict[str, np.ndarray]] = {}
    for key, values in packed.items():
        run, name = key.split("/")
        answers.setdefault(run, {})[name] = values
    return answers


def keep_only(path: Path, test_set: str) -> None:
    """Of the packed answers of a table keep those about one test set; the others would weigh megabytes."""
    answers = {f"{run}/{test_set}": of_run[test_set] for run, of_run in pack_answers(path).items()}
    replace(path.with_name(f"{path.stem}-answers.npz"), _npz(answers))


def file_name(setting: Setting) -> str:
    """The name of a run's file of answers."""
    return run_name(setting.values()).replace("/", "|")


def note_digests(*paths: Path) -> None:
    """Note the SHA-256 of files of one folder in its ``SHA256SUMS``."""
    digests = read_digests(paths[0].parent)
    digests |= {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    replace(paths[0].with_name(DIGESTS), "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode())


def read_digests(folder: Path) -> dict[str, str]:
    """The noted digest of each file of a folder."""
    path = folder / DIGESTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def replace(path: Path, content: bytes) -> None:
    """Write through a temporary name, so that a crash leaves the old file or the new one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def _npz(arrays: Mapping[str, np.ndarray]) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()


def _require(path: Path, header: list[str], columns: list[str]) -> None:
    if header != columns:
        raise ValueError(f"{path} has the columns {', '.join(header)}; a run gives {', '.join(columns)}.")


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    if not path.exists():
        return [], []
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process writes to tables of this folder, and keep others waiting."""
    with open(path.with_name("collecting.lock"), "ab") as file:
        with contextlib.suppress(ImportError):  # Windows has none; one program at a time, then
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield
