"""Tables of runs that grow row by row, so that a killed program loses one run at most.

A table is ``NAME.csv``, one row a run: its setting, up to the column replicate, then what was measured.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from experiments.registered.runs import Setting

DIGESTS = "SHA256SUMS"  # of the tables of a folder; ``sha256sum --check`` reads it, too


def missing(settings: Iterable[Setting], path: Path, measured: list[str]) -> list[Setting]:
    """The settings that the table lacks, in their order. A table whose columns are not the keys of a setting and then
    those that its run adds, is refused before a run is computed."""
    return [
        setting for setting in settings if not _holds(_lines(path, [*setting, *measured]), setting)
    ]


def append(path: Path, setting: Setting, measured: Mapping[str, float | str]) -> None:
    """Add a row, unless the table has this run already; a table of other columns is refused."""
    with _alone(path):
        lines = _lines(path, [*setting, *measured])
        if not _holds(lines, setting):
            values = [
                f"{value:.5f}" if isinstance(value, float) else str(value)
                for value in measured.values()
            ]
            lines.append(",".join([*map(str, setting.values()), *values]))
            replace(path, "".join(f"{line}\n" for line in lines).encode())


def note_digests(*paths: Path) -> None:
    """Note the SHA-256 of files of one folder in its ``SHA256SUMS``."""
    digests = read_digests(paths[0].parent)
    digests |= {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    replace(
        paths[0].with_name(DIGESTS),
        "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode(),
    )


def read_digests(folder: Path) -> dict[str, str]:
    """The noted digest of each file of a folder."""
    lines = (
        (folder / DIGESTS).read_text(encoding="utf-8").splitlines()
        if (folder / DIGESTS).exists()
        else []
    )
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def replace(path: Path, content: bytes) -> None:
    """Write through a temporary name, so that a crash leaves the old file or the new one."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    temporary.write_bytes(content)
    os.replace(temporary, path)


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other process writes to tables of this folder, and keep others waiting."""
    with open(path.with_name("collecting.lock"), "ab") as file:
        with contextlib.suppress(ImportError):  # Windows has none; one program at a time, then
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lines(path: Path, columns: list[str]) -> list[str]:
    """The lines of a table, which has these columns."""
    expected = ",".join(columns)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else [expected]
    if lines[0] != expected:
        raise ValueError(f"{path} has the columns {lines[0]}; a run gives {expected}.")
    return lines


def _holds(lines: list[str], setting: Setting) -> bool:
    start = ",".join(map(str, setting.values())) + ","
    return any(line.startswith(start) for line in lines)
