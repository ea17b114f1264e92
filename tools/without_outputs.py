"""The one exporter that takes outputs out of a notebook: for a class, a hub, Colab."""

from __future__ import annotations

from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """A notebook as somebody gets it who guesses first: no output, no alternative text, and no twin to keep in step."""
    notebook, _ = ClearOutputPreprocessor().preprocess(notebook, {})
    notebook.metadata.pop("jupytext", None)
    for cell in notebook.cells:
        cell.metadata.pop("mystnb", None)
        cell.metadata.pop("jupyter", None)  # nothing is left to be folded
    return notebook
