#!/usr/bin/env python3
"""Run notebooks from top to bottom and store their outputs: execute.py NOTEBOOK..."""

import base64
import io
import sys
from pathlib import Path

import nbformat
from jupytext.cli import jupytext
from nbclient import NotebookClient
from nbconvert.preprocessors import ClearMetadataPreprocessor, CoalesceStreamsPreprocessor
from PIL import Image

# What JupyterLab writes when it saves, so that saving changes nothing.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CLEAR = ClearMetadataPreprocessor(
    preserve_nb_metadata_mask={"jupytext"},
    preserve_cell_metadata_mask={"tags", "lines_to_next_cell"},
)


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=1200).execute()
    tidy(notebook)
    nbformat.write(notebook, path)
    jupytext(["--quiet", "--sync", str(path)])


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Make an executed notebook what is stored: without progress bars and widgets, with small pictures."""
    CLEAR.preprocess(notebook, {})
    notebook.metadata.kernelspec = KERNEL
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if is_kept(output)]
        # What a cell prints is one text, into however many pieces the kernel cut it.
        CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
        if "hide-output" in cell.metadata.get("tags", []):
            # The book reads the tag, and JupyterLab this.
            cell.metadata["jupyter"] = {"outputs_hidden": True}
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = compressed(output.data["image/png"])


def is_kept(output: nbformat.NotebookNode) -> bool:
    is_widget = any("widget" in kind for kind in output.get("data", {}))
    return not is_widget and output.get("name") != "stderr"


def compressed(png: str) -> str:
    """A picture with at most 256 colours, in base64 as it came."""
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    file = io.BytesIO()
    # No dither: it would make flat areas noisy, and the file larger.
    picture.quantize(256, dither=Image.Dither.NONE).save(file, "png", optimize=True)
    return base64.b64encode(file.getvalue()).decode()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(name, flush=True)
        execute(Path(name))
