#!/usr/bin/env python3
"""Run notebooks on one core and print what each needs, as rows of a Markdown table: measure.py NOTEBOOK...

Peak memory is the largest resident set (VmHWM) of the kernel's process; seconds are its own computing, not
waiting for a core in use by others. Nothing is stored. Linux only.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def measure(path: Path) -> tuple[float, float]:
    """Peak resident memory of the kernel in GB (10^9 bytes), and the seconds that it computed."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=1200)
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        process = Path(f"/proc/{client.km.provisioner.pid}")
        peak = re.findall(r"VmHWM:\s+(\d+) kB", (process / "status").read_text())[0]
        user, system = (process / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return int(peak) * 1024 / 1e9, (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})  # the kernels inherit it
    print("| notebook | peak memory | seconds of one core |\n| --- | --- | --- |")
    for name in sys.argv[1:]:
        gigabytes, seconds = measure(Path(name))
        print(f"| {Path(name).stem} | {gigabytes:.2f} GB | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
