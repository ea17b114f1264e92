"""A progress bar that leaves nothing in the stored notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from tqdm.std import tqdm as text_bar


def progress(items: Iterable, total: int, label: str) -> Iterator:
    """Yield the items; show how many came and how long the rest will take.

    In a notebook the bar is a widget, without the text twin that Jupyter would store and nbval
    compare; in a terminal it is a line on stderr; elsewhere (a log file) there is none.
    """
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        yield from text_bar(items, total=total, desc=label, disable=None)
        return
    from IPython.display import display
    from tqdm.notebook import tqdm as widget_bar

    bar = widget_bar(items, total=total, desc=label, display=False, leave=False)
    view = {"model_id": bar.container.model_id, "version_major": 2, "version_minor": 0}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)
    yield from bar
