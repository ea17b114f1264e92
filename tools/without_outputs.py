"""A notebook without its outputs, for somebody who guesses first."""

import re

from nbformat import NotebookNode


def without_outputs(notebook: NotebookNode) -> NotebookNode:
    """The same notebook, changed in place: no output, nothing folded, and no twin to keep in step."""
    notebook.metadata.pop("jupytext", None)
    for cell in notebook.cells:
        cell.metadata.pop("jupyter", None)  # nothing is left to be folded
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
        else:
            cell.source = re.sub(r"\bunfold\b", "see", cell.source)
    return notebook
