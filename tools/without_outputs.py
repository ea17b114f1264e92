"""The one exporter that takes outputs out of a notebook: for a class, a hub, Colab."""

from __future__ import annotations

import re

from nbconvert.preprocessors import ClearOutputPreprocessor
from nbformat import NotebookNode


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """A notebook as somebody gets it who guesses first: no output, no alternative text, and no twin to keep in step.

    Where a page says that an answer is unfolded, nothing is folded here, and a cell that runs shows it.
    """
    notebook, _ = ClearOutputPreprocessor().preprocess(notebook, {})
    notebook.metadata.pop("jupytext", None)
    for cell in notebook.cells:
        cell.metadata.pop("mystnb", None)
        cell.metadata.pop("jupyter", None)  # nothing is left to be folded
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\bunfold\b", "see", cell.source)
    return notebook
