"""Pictures in rows, drawn and not shown: a cell shows its figure by ``plt.show()``."""

from collections.abc import Collection, Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

COLORS = {"1 copy": "tab:orange", "4 copies": "tab:orange", "live": "tab:blue"}


def one_image_through_epochs(versions: np.ndarray) -> None:
    """Which version of an image each epoch shows, a row a method; what was seen before in its row is stamped.

    Args:
        versions: (epochs, height, width, channels), floats in [0, 1].
    """
    epochs = len(versions)
    shown = {
        "1 copy": [0] * epochs,
        "4 copies": [epoch % 4 for epoch in range(epochs)],
        "live": list(range(epochs)),
    }
    rows = {name: versions[order] for name, order in shown.items()}
    columns = [f"epoch {epoch + 1}" for epoch in range(epochs)]
    rows_of_images(rows, columns)
    figure = plt.gcf()
    figure.set_size_inches(1.35 * epochs, 1.4 * len(rows))
    lines = np.reshape(figure.axes, (3, epochs))
    for line, (name, order) in zip(lines, shown.items(), strict=True):
        line[0].yaxis.label.set_color(COLORS[name])
        for epoch, ax in enumerate(line):
            if order[epoch] in order[:epoch]:
                ax.spines[:].set(visible=True, color="lightgrey", linewidth=1)
                _stamp_seen(ax)
            else:
                ax.spines[:].set(visible=True, color=COLORS[name], linewidth=3)


def _stamp_seen(ax: Axes) -> None:
    ax.images[0].set_alpha(0.25)
    ax.text(
        0.5,
        0.5,
        "seen",
        transform=ax.transAxes,
        rotation=25,
        ha="center",
        va="center",
        fontsize=15,
        weight="bold",
    )


def rows_of_images(
    rows: Mapping[str, Collection],
    columns: Collection[str] = (),
    notes: Mapping[str, str] | None = None,
    tile: float = 1.3,
    framed: bool = False,
) -> None:
    """Rows of images, with a name at the left of each row, and where there is one a note at its right.

    Args:
        rows: images, each (height, width, channels), shown from 0 to 1, by the name of the row.
        columns: what stands above each column.
        notes: by the name of the row.
        tile: width of an image, in inch.
        framed: whether a thin line stands around each image, so that a white one is seen.
    """
    count = len(next(iter(rows.values())))
    notes = notes or {}
    beside = 0.13 * max(map(len, rows))  # inch, of names and notes
    if notes:
        beside += 1.3
    size = (tile * count + beside, (tile + 0.05) * len(rows))
    _, axes = plt.subplots(len(rows), count, figsize=size, squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            ax.imshow(np.clip(image, 0, 1), vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set(visible=framed, color="0.8")
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=15)
        line[-1].annotate(
            notes.get(name, ""),
            (1.08, 0.5),
            xycoords="axes fraction",
            va="center",
            fontsize=15,
            annotation_clip=False,
        )
    for ax, column in zip(axes[0], columns, strict=False):
        ax.set_title(column, loc="center", fontsize=15)


def two_parts(total: pd.Series, scaled: pd.Series) -> None:
    """Differences in loss as bars of two parts: what temperature scaling leaves, and what it removes.

    Args:
        total, scaled: differences in loss, before and after scaling, by what is compared.
    """
    _, ax = plt.subplots(figsize=(9.5, 4))
    ax.barh(total.index, scaled, color="#a33b20", label="less accurate")
    removed = total - scaled
    ax.barh(total.index, removed, left=scaled, color="#e9c46a", label="over-confident")
    for height, (whole, left) in enumerate(zip(total, scaled, strict=True)):
        ax.text(whole + 0.01, height, f"{left:z.2f} + {whole - left:.2f}", va="center")
    ax.set(xlabel="difference in loss on new garments", xlim=(0, 1.2 * total.max()))
    ax.invert_yaxis()
    ax.grid(visible=False)
    ax.legend(loc="lower right")
