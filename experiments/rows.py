"""Tables of runs that grow row by row, so that a killed program loses one run at most.

A table is ``NAME.csv``, one row a run: its setting, up to the column replicate, then what was measured. What a network
says of each test image lies beside it, without the labels (see ``keep_answers``).
"""

import hashlib
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.questions import Setting
from helpers.tables import run_name

STEPS = 100  # to one unit of log probability, in the stored whole numbers
DIGESTS = "SHA256SUMS"  # of the tables of a folder; ``sha256sum --check`` reads it, too


def missing(settings: Iterable[Setting], path: Path) -> list[Setting]:
    """The settings that the table lacks, in their order."""
    lines = _lines(path)
    return [setting for setting in settings if not _holds(lines, setting)]


def append(path: Path, setting: Setting, measured: Mapping[str, float]) -> None:
    """Add a row, unless the table has this run already; a table of other columns is refused."""
    columns = ",".join([*setting, *measured])
    lines = _lines(path) or [columns]
    if lines[0] != columns:
        raise ValueError(f"{path} has the columns {lines[0]}; a run gives {columns}.")
    if not _holds(lines, setting):
        values = [f"{value:.5f}" if isinstance(value, float) else str(value) for value in measured.values()]
        lines.append(",".join([*map(str, setting.values()), *values]))
        replace(path, "".join(f"{line}\n" for line in lines).encode())


def keep_answers(path: Path, setting: Setting, answers: Mapping[str, np.ndarray]) -> None:
    """Keep log probabilities, (images,) of class 1 against class 0 or (images, classes), in hundredths.

    They go to a file of the run's own in ``NAME.answers``, which is not committed; ``pack_answers`` collects them.
    """
    folder = path.with_suffix(".answers")
    folder.mkdir(exist_ok=True)
    whole = {name: np.round(np.clip(values, -300, 300) * STEPS).astype(np.int16) for name, values in answers.items()}
    _save(folder / f"{file_name(setting)}.npz", whole)


def pack_answers(path: Path, only: str | None = None) -> dict[str, dict[str, np.ndarray]]:
    """All answers of a table, int16 in hundredths, by run and test set; new ones are added to ``NAME-answers.npz``.

    With ``only``, a test set, the file keeps the answers about no other, which would weigh megabytes.
    """
    store, files = path.with_name(f"{path.stem}-answers.npz"), sorted(path.with_suffix(".answers").glob("*.npz"))
    arrays = _load(store) if store.exists() else {}
    for file in files:
        arrays |= {f"{file.stem}/{name}": values for name, values in _load(file).items()}
    if files or only:
        _save(store, {key: values for key, values in arrays.items() if only in (None, key.split("/")[1])})
    answers: dict[str, dict[str, np.ndarray]] = {}
    for key, values in arrays.items():
        run, name = key.split("/")
        answers.setdefault(run, {})[name] = values
    return answers


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
    return {name: digest for digest, name in (line.split("  ") for line in _lines(folder / DIGESTS))}


def replace(path: Path, content: bytes) -> None:
    """Write through a temporary name, so that a crash leaves the old file or the new one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _holds(lines: list[str], setting: Setting) -> bool:
    start = ",".join(map(str, setting.values())) + ","
    return any(line.startswith(start) for line in lines)


def _save(path: Path, arrays: dict[str, Any]) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    replace(path, content.getvalue())


def _load(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)
