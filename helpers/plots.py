"""What a notebook shows: figures in one style with their captions, the look of each method, tables by the ≈ rule."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from IPython import get_ipython
from IPython.display import Markdown, display
from matplotlib.figure import Figure

from helpers.methods import parse_method

GREY, BLUE = "#6b6b6b", "#0072b2"
_ORANGES = sns.color_palette("YlOrBr", as_cmap=True)
_SHARES: dict[float, str] = {0.25: "a quarter", 0.5: "half", 0.75: "three quarters"}
_LINES: dict[str, Any] = {
    "none": "-", "copies": "-", "originals": "--", "pool": ":", "originals+pool": "-.", "live": "-",
}  # fmt: skip
WIDTH = 8  # characters of a number after ≈: with another number, of any usual size, nothing moves


def use_style() -> None:
    """Switch matplotlib to the style of the course; a notebook draws 200 dots an inch from then on."""
    plt.style.use(Path(__file__).with_name("series.mplstyle"))
    if hasattr(get_ipython(), "kernel"):
        from matplotlib_inline.config import InlineBackend

        InlineBackend.instance(parent=get_ipython()).figure_formats = {"retina"}


def method_style(name: str) -> dict[str, Any]:
    """Colour and dashes of a method: none grey, static orange (darker with K), live blue.

    Lines are solid where no original is shown, dashed where some are, dotted for a shuffled pool, and both for
    originals in a shuffled pool.
    """
    method = parse_method(name)
    color = _ORANGES(0.75 + 0.05 * min(math.log2(method.copies or 1), 5))  # each dark enough for text on white
    if method.kind in ("none", "live"):
        color = GREY if method.kind == "none" else BLUE
    return {"color": color, "linestyle": "--" if method.p < 1 else _LINES[method.kind]}


def method_label(name: str) -> str:
    """A method in the words of the lessons."""
    method = parse_method(name)
    if method.kind == "live":
        unchanged = float(1 - method.p)
        return "live" if method.p == 1 else f"live, {_SHARES.get(unchanged, f'{100 * unchanged:.0f} %')} unchanged"
    copies = f"{method.copies} {'copy' if method.copies == 1 else 'copies'}"
    return {
        "none": "no augmentation",
        "copies": copies,
        "originals": f"originals + {copies}",
        "pool": f"{copies}, shuffled",
        "originals+pool": f"originals + {copies}, shuffled",
    }[method.kind]


def caption(text: str, alt: str = "") -> None:
    """Show the figure that was drawn, if one is open, and its caption below it, so that both fold together.

    Args:
        text: the caption says the point of the figure.
        alt: the alternative text describes the picture; not needed where ``describe`` gave the figure one.
    """
    if plt.get_fignums():
        figure = plt.gcf()
        described = alt or figure.get_label()
        display(figure, metadata={"image/png": {"alt": described}} if described else None)
        plt.close(figure)
    display(Markdown(f"*{text}*"))


def describe(figure: Figure, alt: str) -> Figure:
    """Give a figure its alternative text, for ``caption``."""
    figure.set_label(alt)
    return figure


def show_table(
    frame: pd.DataFrame, approximate: bool | Sequence[str] = False, digits: int | dict[str, int] = 2
) -> None:
    """Show a table; numbers that depend on the machine stand after ≈, and nbval does not compare them.

    The index becomes the first columns, unless it only numbers the rows. Missing values are shown as –.

    Args:
        frame: its texts are escaped.
        approximate: the columns of numbers with ≈; True for all columns of floats.
        digits: decimals of the columns of floats, one number or one a column (2 for those not named).
    """
    if not (isinstance(frame.index, pd.RangeIndex) and frame.index.name is None):
        frame = frame.reset_index()
    frame = frame.set_axis([str(name) for name in frame.columns], axis=1)
    numbers = [name for name in frame if _is_numeric(frame[name])]
    if isinstance(approximate, bool):
        approximate = [name for name in numbers if approximate and pd.api.types.is_float_dtype(frame[name])]
    if not isinstance(digits, dict):
        digits = dict.fromkeys(frame, digits)
    for name in ({*digits} - {*frame}) | ({*approximate} - {*numbers}):
        raise ValueError(f"no column {name!r} of numbers; the table has {', '.join(frame)}.")
    texts = {name: _texts(frame[name], digits.get(name, 2), name in approximate) for name in frame}
    display(Table(texts, numbers))


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _texts(column: pd.Series, digits: int, approximate: bool) -> list[str]:
    form = "{}"
    if _is_numeric(column):
        decimals = pd.api.types.is_float_dtype(column)
        sign, number = ("z", f".{digits}f") if decimals else ("", "d")  # z: a rounded zero has no sign
        # No thousands separator after ≈: what follows it would be compared.
        form = f"≈ {{:>{sign}{WIDTH}{number}}}" if approximate else f"{{:{sign},{number}}}"
    return ["–" if missing else form.format(value) for value, missing in zip(column, column.isna(), strict=True)]


class Table:
    """Columns of texts, as HTML and as plain text; those named in ``right`` are aligned to the right."""

    def __init__(self, columns: dict[str, list[str]], right: Sequence[str]) -> None:
        self.columns = columns
        self.sides = ["right" if name in right else "left" for name in columns]

    def __repr__(self) -> str:
        lines = [""] * (1 + len(next(iter(self.columns.values()), [])))
        for (name, texts), side in zip(self.columns.items(), self.sides, strict=True):
            width = max(map(len, [name, *texts]))
            for i, text in enumerate([name, *texts]):
                lines[i] += (text.rjust(width) if side == "right" else text.ljust(width)) + "  "
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head = _row(self.columns, self.sides, 'th scope="col"')
        body = "\n".join(_row(line, self.sides, "td") for line in zip(*self.columns.values(), strict=True))
        return f'<table class="dataframe">\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>'


def _row(texts: Iterable[str], sides: Sequence[str], tag: str) -> str:
    cells = zip(texts, sides, strict=True)
    written = [f'<{tag} style="text-align: {side}">{html.escape(t)}</{tag[:2]}>' for t, side in cells]
    return f"<tr>{''.join(written)}</tr>"
