"""Trains a stored row again, with the programs that made it, and says which columns agree.

make repeat TABLE=one-copy ROW=3 DATA=FOLDER

Rows count from 0. FOLDER has the photographs, which data/results/README.md lists; rows of garments and of solar cells
need none. The programs lie in data/results/programs, one archive a version, and are unpacked into build/repeat.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "data" / "results"
PROGRAMS = RESULTS / "programs"
WORK = ROOT / "build" / "repeat"
# By the version whose programs made them.
TABLES = {
    "0.3": (
        "static-versus-live",
        "study",
        "solar-cells",
        "law",
        "freeze-or-renew",
        "policies",
        "clustered-batches",
        "image-data-generator",
        "keras-layers",
        "flow-ranges",
        "save-to-dir",
        "split-after-augmenting",
    ),
    "0.4": (
        "coverage",
        "originals-and-eight",
        "eight-tuning",
        "photographs",
        "photographs-tuning",
        "colour",
        "colour-tuning",
        "addition",
    ),
    "0.5": (
        "article",
        "advice",
        "advice-pilots",
        "fine-tuning",
        "fine-tuning-pilots",
        "one-copy",
        "one-copy-pilots",
    ),
    "0.6": (
        "length-and-return",
        "strength",
        "strength-pilots",
        "worth-tuning",
        "worth",
    ),
}
PHOTOGRAPHS = {  # by the name of the data set, or its beginning
    "cats-dogs": "cifar10.zip",
    "deer-horses": "cifar10.zip",
    "cars-trucks": "cifar10.zip",
    "cifar10": "cifar10.zip",
    "colour": "cifar10.zip",
    "clothes": "clothing-160.zip",
    "sign-digits": "sign-digits-100.zip",
}
FURTHER = {"0.6": {"cifar10.zip": "cifar10-rest.zip"}}  # what a version needs beside a file
SHARED = ("garments.npz", "efficientnet-lite0.npz")  # the same bytes in all versions
NEAR = 0.01  # in loss or share: what rounding came to where a processor or library was another
OF_THE_MACHINE = ("threads", "seconds", "making_seconds", "processor_seconds", "versions")
ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
LIBRARIES = ("tensorflow", "keras", "numpy", "scipy")


def version_of(table: str) -> str:
    """The version whose programs made a table."""
    for number, tables in TABLES.items():
        if table in tables:
            return number
    known = ", ".join(name for tables in TABLES.values() for name in tables)
    sys.exit(f"TABLE is {table!r}; expected one of {known}.")


def stored_row(table: str, row: str) -> dict[str, str]:
    """A row as it is stored, beside what the network answered on test images."""
    rows = _read(RESULTS / f"{table}.csv")
    if not row.isdecimal() or int(row) >= len(rows):
        sys.exit(f"ROW is {row!r}; expected 0 to {len(rows) - 1}, the rows of {table}.csv.")
    found = rows[int(row)]
    tested = RESULTS / f"{table}-tested.csv"
    if tested.exists():
        settings = settings_of(found)
        [beside] = [line for line in _read(tested) if settings.items() <= line.items()]
        found = found | beside
    return found


def settings_of(row: dict[str, str]) -> dict[str, str]:
    """The columns up to the replicate."""
    names = list(row)
    return {name: row[name] for name in names[: names.index("replicate") + 1]}


def _read(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def require_photographs(number: str, dataset: str, data: Path | None) -> None:
    """Stop where the photographs that a version needs of a data set are missing, before anything is loaded."""
    for name, file in PHOTOGRAPHS.items():
        if not dataset.startswith(name):
            continue
        needed = [file]
        if file in FURTHER.get(number, {}):
            needed.append(FURTHER[number][file])
        for one in needed:
            if data is None or not (data / one).exists():
                place = "no folder is named" if data is None else f"{data} has no {one}"
                files = " and ".join(needed)
                sys.exit(
                    f"{place}; expected DATA=FOLDER, one with {files} (data/results/README.md)."
                )


def unpack(number: str) -> Path:
    """The programs of a version, in a folder of their own, beside the images that all versions share."""
    folder = WORK / number
    with tarfile.open(PROGRAMS / f"{number}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    for name in SHARED:
        if not (folder / "data" / name).exists():
            shutil.copy(ROOT / "data" / name, folder / "data" / name)
    return folder


def installed(name: str) -> str:
    """The version of a library, "missing" where there is none; tensorflow-cpu is TensorFlow, too."""
    for package in (name, f"{name}-cpu"):
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "missing"


def other_versions(folder: Path) -> list[str]:
    """Which libraries are installed in other versions than those that the rows were made with."""
    locked = dict(re.findall(r"^([\w-]+)==(\S+)", (folder / "constraints.txt").read_text(), re.M))
    differ = []
    for name in LIBRARIES:
        here = installed(name)
        if locked[name] != here:
            differ.append(f"{name} {locked[name]} (here {here})")
    return differ


def train(folder: Path, table: str, row: str, data: Path | None) -> dict[str, Any]:
    """What the unpacked programs measure, by column."""
    output = folder / "again.json"
    output.unlink(missing_ok=True)
    command = [sys.executable, "repeat_row.py", str(RESULTS), table, row, str(output)]
    if data is not None:
        command.append(str(data.resolve()))
    environment = os.environ | ONE_THREAD | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("PYTHONPATH", None)
    # Programs of 0.5 ask for the version of the package tensorflow, which here may be called tensorflow-cpu.
    named = folder / "tensorflow-0.dist-info"
    named.mkdir(exist_ok=True)
    (named / "METADATA").write_text(f"Name: tensorflow\nVersion: {installed('tensorflow')}\n")
    ended = subprocess.run(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )
    if ended.returncode:
        sys.exit(f"the programs of {folder.name} ended with this:\n{ended.stderr[-2000:]}")
    return json.loads(output.read_text(encoding="utf-8"))


def compared(stored: dict[str, str], again: dict[str, Any]) -> list[str]:
    """A line for each column of both, and what sums them up."""
    lines = [f"{'column':26}{'stored':>12}{'again':>12}{'difference':>12}"]
    equal, far = 0, {}
    for name, value in again.items():
        if name not in stored or name in OF_THE_MACHINE:
            continue
        text = f"{value:.5f}" if isinstance(value, float) else str(value)
        if text == stored[name]:
            equal += 1
            lines.append(f"{name:26}{stored[name]:>12}{text:>12}{'0':>12}")
        else:
            far[name] = abs(float(text) - float(stored[name]))
            lines.append(f"{name:26}{stored[name]:>12}{text:>12}{far[name]:>12.5f}")
    total = equal + len(far)
    lines.append(f"{equal} of {total} columns agree to every stored digit.")
    if far:
        near = sum(difference <= NEAR for difference in far.values())
        furthest = max(far, key=lambda name: far[name])
        lines.append(
            f"{near} of the others differ by {NEAR} at most, the largest difference is "
            f"{far[furthest]:.5f}, in {furthest}. Other processors and libraries round otherwise."
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser("tools/repeat.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("table", metavar="TABLE")
    parser.add_argument("row", metavar="ROW")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where the photographs are")
    options = parser.parse_args()
    number = version_of(options.table)
    stored = stored_row(options.table, options.row)
    require_photographs(number, stored["dataset"], options.data)
    folder = unpack(number)
    settings = ", ".join(f"{name} {value}" for name, value in settings_of(stored).items())
    print(f"Row {options.row} of {options.table}: {settings}.")
    where = folder.relative_to(ROOT)
    print(f"Trained by the programs of version {number}, which now lie in {where}.", flush=True)
    differ = other_versions(folder)
    if differ:
        print(f"The stored row was made with {', '.join(differ)}: small differences are expected.")
    print("Training …", flush=True)
    again = train(folder, options.table, options.row, options.data)
    print(*compared(stored, again), sep="\n")


if __name__ == "__main__":
    main()
