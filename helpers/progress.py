"""The progress bar, and how to show a widget that leaves nothing in the stored notebook."""

import functools
from collections.abc import Iterable
from typing import Any

from IPython import get_ipython
from IPython.display import display
from tqdm.keras import TqdmCallback
from tqdm.std import tqdm


def progress(items: Iterable | None = None, **settings: Any) -> tqdm:
    """tqdm's bar: in a notebook a widget, in a terminal a line on stderr, elsewhere (a log file) none."""
    if not hasattr(get_ipython(), "kernel"):
        return tqdm(items, disable=None, **settings)
    from tqdm.notebook import tqdm as widget

    bar = widget(items, display=False, **settings | {"leave": False})
    display_widget(bar.container.model_id)
    return bar


# How many epochs of a `fit` are done.
EpochBar = functools.partial(TqdmCallback, verbose=0, tqdm_class=progress)


def display_widget(model_id: str) -> None:
    """Show a widget's view alone, without the text twin that Jupyter would store and nbval compare."""
    view = {"model_id": model_id, "version_major": 2, "version_minor": 0}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)
