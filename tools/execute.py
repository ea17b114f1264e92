#!/usr/bin/env python3
"""Run notebooks from top to bottom and store their outputs: execute.py NOTEBOOK..."""

import base64
import importlib.util
import io
import sys
from pathlib import Path

import links
import nbformat
import numpy as np
from jupytext.cli import jupytext
from nbclient import NotebookClient
from nbconvert.preprocessors import ClearMetadataPreprocessor, CoalesceStreamsPreprocessor
from PIL import Image, ImageChops

WIDGET = "application/vnd.jupyter.widget-view+json"
# What JupyterLab writes when it saves, so that saving changes nothing.
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CLEAR = ClearMetadataPreprocessor(
    preserve_nb_metadata_mask={"jupytext"},
    # mystnb.image.alt is a figure's alternative text.
    preserve_cell_metadata_mask={"tags", "lines_to_next_cell", ("mystnb", "image", "alt")},
)


def execute(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": path.parent}}, timeout=1200).execute()
    tidy(notebook)
    nbformat.write(notebook, path)
    jupytext(["--quiet", "--sync", str(path)])


def lacking(path: Path) -> str:
    """The package that a notebook needs and that is not installed, or an empty text."""
    for name, package in links.ALONE.items():
        if path.resolve() == links.ROOT / name and importlib.util.find_spec(package) is None:
            return package
    return ""


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Make an executed notebook what is stored: small pictures that say what they show, and no widgets."""
    CLEAR.preprocess(notebook, {})
    notebook.metadata.kernelspec = KERNEL
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # Without a kernel a widget shows as an error: the figure that follows it stays.
            cell.outputs = [output for output in cell.outputs if not is_widget(output)]
            # What a cell prints is one text, into however many pieces the kernel cut it.
            CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
        if "hide-output" in cell.metadata.get("tags", []):
            # The book reads the tag, and JupyterLab this.
            cell.metadata["jupyter"] = {"outputs_hidden": True}
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                make_small(output)
                if "mystnb" in cell.metadata:
                    # The book takes it from the cell, slides and code hosts from the output.
                    about = next(iter(output.metadata.values()))
                    about["alt"] = cell.metadata.mystnb.image.alt


def is_widget(output: nbformat.NotebookNode) -> bool:
    return set(output.get("data", {})) == {WIDGET}


def make_small(output: nbformat.NotebookNode) -> None:
    """Compress the picture of an output, and keep its size on the page, half of its pixels."""
    kind, picture = compress(base64.b64decode(output.data.pop("image/png")))
    output.data[kind] = base64.b64encode(picture).decode()
    output.metadata[kind] = output.metadata.pop("image/png", {})


def compress(png: bytes) -> tuple[str, bytes]:
    """The MIME type and the file of a picture: as PNG with at most 256 colours, or of a photograph as JPEG.

    A photograph is what more than one pixel in fifty would look different in, or what takes less than half
    the bytes as JPEG (photographs in grey).
    """
    drawn = Image.open(io.BytesIO(png)).convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")
    picture = Image.alpha_composite(paper, drawn).convert("RGB")
    # No dither: it would make flat areas noisy, and the file larger.
    palette = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    off = np.asarray(ImageChops.difference(picture, palette.convert("RGB"))).max(axis=2) > 8
    as_png, as_jpeg = io.BytesIO(), io.BytesIO()
    palette.save(as_png, "png", optimize=True)
    picture.save(as_jpeg, "jpeg", quality=85, optimize=True)
    if as_jpeg.tell() < as_png.tell() / 2 or off.mean() > 0.02:
        return "image/jpeg", as_jpeg.getvalue()
    return "image/png", as_png.getvalue()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        package = lacking(Path(name))
        if package:
            print(f"{name}: left out, it needs {package}, which `make test-backends` installs.")
            continue
        print(name, flush=True)
        execute(Path(name))
