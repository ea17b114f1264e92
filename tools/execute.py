#!/usr/bin/env python3
"""Run notebooks from top to bottom and store their outputs: execute.py NOTEBOOK..."""

import base64
import io
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from PIL import Image

WIDGET = "application/vnd.jupyter.widget-view+json"
# What JupyterLab writes when it saves, so that saving changes nothing.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=1200).execute()
    tidy(notebook)
    temporary = path.with_name(path.name + ".part")
    nbformat.write(notebook, temporary)
    temporary.replace(path)
    subprocess.run([sys.executable, "-m", "jupytext", "--quiet", "--sync", path], check=True)


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Make an executed notebook what is stored: small pictures that say what they show, and no widgets."""
    for name in ("widgets", "language_info"):
        notebook.metadata.pop(name, None)
    notebook.metadata.kernelspec = KERNEL
    for cell in notebook.cells:
        for name in ("execution", "jupyter", "mystnb"):
            cell.metadata.pop(name, None)
        if "hide-output" in cell.metadata.get("tags", []):  # which the book reads: fold it in JupyterLab as well
            cell.metadata["jupyter"] = {"outputs_hidden": True}
        if cell.cell_type == "code":
            # Without a kernel a widget shows as an error: the figure that follows it stays.
            cell.outputs = [output for output in cell.outputs if set(output.get("data", "-")) != {WIDGET}]
            # What a cell prints is one text, into however many pieces the kernel cut it.
            CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                kind, picture = compress(base64.b64decode(output.data.pop("image/png")))
                output.data[kind] = base64.b64encode(picture).decode()
                # Its size on the page, half of its pixels, and the text that helpers.plots.caption brought.
                output.metadata[kind] = about = output.metadata.pop("image/png", {})
                if "alt" in about:  # the book takes it from the cell
                    cell.metadata["mystnb"] = {"image": {"alt": about["alt"]}}


def compress(png: bytes) -> tuple[str, bytes]:
    """The MIME type and the file of a picture: as PNG with at most 256 colours, or of a photograph as JPEG.

    A photograph is what more than one pixel in fifty would look different in, or what takes less than half
    the bytes as JPEG (photographs in grey).
    """
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    # No dither: it would make flat areas noisy, and the file larger.
    palette = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    off = np.asarray(picture, int) - np.asarray(palette.convert("RGB"), int)
    as_png, as_jpeg = io.BytesIO(), io.BytesIO()
    palette.save(as_png, "png", optimize=True)
    picture.save(as_jpeg, "jpeg", quality=85, optimize=True)
    small = as_jpeg.tell() < as_png.tell() / 2
    if small or (np.abs(off).max(axis=2) > 8).mean() > 0.02:
        return "image/jpeg", as_jpeg.getvalue()
    return "image/png", as_png.getvalue()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        started = time.perf_counter()
        execute(Path(name))
        print(f"{name}  {time.perf_counter() - started:.0f} s")
