"""The progress bar, and how to show a widget that leaves nothing in the stored notebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import keras
from IPython import get_ipython
from IPython.display import display
from tqdm.std import tqdm as text_bar


def progress(items: Iterable, total: int, label: str) -> Iterator:
    """Yield the items; show how many came and how long the rest will take.

    In a notebook the bar is a widget, in a terminal a line on stderr; elsewhere (a log file) there is none.
    """
    if not hasattr(get_ipython(), "kernel"):
        yield from text_bar(items, total=total, desc=label, disable=None)
        return
    from tqdm.notebook import tqdm as widget_bar

    bar = widget_bar(items, total=total, desc=label, display=False, leave=False)
    display_widget(bar.container.model_id)
    yield from bar


class EpochBar(keras.callbacks.Callback):
    """Shows how many epochs of a ``fit`` are done."""

    def on_train_begin(self, logs: dict | None = None) -> None:
        epochs = self.params["epochs"]
        self._bar = progress(range(epochs), epochs, "epochs")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        next(self._bar)

    def on_train_end(self, logs: dict | None = None) -> None:
        next(self._bar, None)  # closes the bar


def display_widget(model_id: str) -> None:
    """Show a widget's view alone, without the text twin that Jupyter would store and nbval compare."""
    view = {"model_id": model_id, "version_major": 2, "version_minor": 0}
    display({"application/vnd.jupyter.widget-view+json": view}, raw=True)
