#!/usr/bin/env python3
"""Run notebooks from top to bottom and store their outputs: execute.py NOTEBOOK..."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=1200).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            # Without a kernel a widget shows as an error: the figure that follows it stays.
            cell.outputs = [o for o in cell.outputs if set(o.get("data", {"text": 0})) != {WIDGET}]
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("language_info", None)
    if path.stem == "00_start_here" and path.parent.name != "solutions":
        (path.parents[1] / "docs" / "start-here.png").write_bytes(last_figure(notebook))
    temporary = path.with_name(path.name + ".part")
    nbformat.write(notebook, temporary)
    os.replace(temporary, path)
    subprocess.run([sys.executable, "-m", "jupytext", "--quiet", "--sync", path], check=True)


def last_figure(notebook: nbformat.NotebookNode) -> bytes:
    """The last picture of a notebook, for the README."""
    outputs = (output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", []))
    return base64.b64decode([data["image/png"] for data in outputs if "image/png" in data][-1])


def main() -> None:
    for name in sys.argv[1:]:
        started = time.perf_counter()
        execute(Path(name))
        print(f"{name}  {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
