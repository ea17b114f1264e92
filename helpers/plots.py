"""What a notebook shows: the style of figures, the look of each method, tables (≈: this may vary), progress bars."""

import functools
import html
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from IPython import get_ipython
from IPython.display import display
from tqdm.keras import TqdmCallback
from tqdm.std import tqdm

from helpers.methods import parse_method

GREY, BLUE = "#6b6b6b", "#0072b2"
_ORANGES = plt.get_cmap("YlOrBr")
WIDTH = 8  # characters of a number after ≈: with another number, of any usual size, nothing moves


def use_style() -> None:
    """Switch matplotlib to the style of the course; a notebook draws 200 dots an inch from then on."""
    plt.style.use(Path(__file__).with_name("series.mplstyle"))
    if hasattr(get_ipython(), "kernel"):
        from matplotlib_inline.config import InlineBackend

        InlineBackend.instance(parent=get_ipython()).figure_formats = {"retina"}


def method_color(name: str) -> str | tuple[float, ...]:
    """A method's colour: none grey, static orange (darker with K), live blue."""
    kind, copies, _ = parse_method(name)
    if kind in ("none", "live"):
        return GREY if kind == "none" else BLUE
    # Each is dark enough for text on white.
    return _ORANGES(0.75 + 0.05 * min(math.log2(copies), 5))


def method_label(name: str) -> str:
    """A method in the words of the lessons."""
    kind, count, p = parse_method(name)
    copies = "1 copy" if count == 1 else f"{count} copies"
    live = "live" if p == 1 else f"live, {100 * float(1 - p):.0f} % unchanged"
    return {
        "none": "no augmentation",
        "live": live,
        "copies": copies,
        "originals": f"originals + {copies}",
    }[kind]


def show_table(
    frame: pd.DataFrame, approximate: bool | Sequence[str] = False, digits: int | dict[str, int] = 2
) -> None:
    """Show a table; numbers that depend on the machine stand after ≈, and nbval does not compare them.

    The index becomes the first columns, unless it only numbers the rows. Missing values are shown as –.

    Args:
        approximate: the columns of numbers with ≈; True for all columns of floats.
        digits: decimals of the columns of floats, one number or one a column (2 for those not named).
    """
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.name is None):
        frame = frame.reset_index()
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    numbers = list(frame.select_dtypes("number"))
    floats = [name for name in numbers if pd.api.types.is_float_dtype(frame[name])]
    if isinstance(approximate, bool):
        approximate = floats if approximate else []
    if not isinstance(digits, dict):
        digits = dict.fromkeys(frame, digits)
    unknown = [name for name in digits if name not in frame]
    unknown += [name for name in approximate if name not in numbers]
    if unknown:
        raise ValueError(f"no column {unknown[0]!r} of numbers; the table has {', '.join(frame)}.")
    texts = {name: _texts(frame[name], digits.get(name, 2), name in approximate) for name in frame}
    display(_table(texts, numbers), raw=True)


def _texts(column: pd.Series, digits: int, approximate: bool) -> list[str]:
    if pd.api.types.is_float_dtype(column):
        sign, kind = "z", f".{digits}f"  # a rounded zero has no sign
    elif pd.api.types.is_integer_dtype(column):
        sign, kind = "", "d"
    else:
        sign, kind = "", ""
    form = f"{{:{sign},{kind}}}" if kind else "{}"
    if approximate:  # without a thousands separator: what follows it would be compared
        form = f"≈ {{:>{sign}{WIDTH}{kind}}}"
    texts = column.map(form.format, na_action="ignore")
    return texts.astype(object).fillna("–").tolist()


def _table(texts: dict[str, list[str]], numbers: Sequence[str]) -> dict[str, str]:
    """Columns of texts as plain text and as HTML, those of numbers aligned to the right."""
    plain, heads, cells = [], [], []
    for name, column in texts.items():
        width = max(map(len, [name, *column]))
        if name in numbers:
            side = "right"
            plain.append([text.rjust(width) for text in (name, *column)])
        else:
            side = "left"
            plain.append([text.ljust(width) for text in (name, *column)])
        style = f'style="text-align: {side}"'
        heads.append(f'<th scope="col" {style}>{html.escape(name)}</th>')
        cells.append([f"<td {style}>{html.escape(text)}</td>" for text in column])
    lines = ["  ".join(row).rstrip() for row in zip(*plain, strict=True)]
    head = f"<tr>{''.join(heads)}</tr>"
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    table = f'<table class="dataframe">\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>'
    return {"text/plain": "\n".join(lines), "text/html": table}


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
