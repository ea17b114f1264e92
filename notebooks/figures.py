"""Pictures in rows, drawn and not shown: a cell shows its figure by ``plt.show()``."""

from collections.abc import Collection, Mapping

import matplotlib.pyplot as plt
import numpy as np

COLORS = {"1 copy": "tab:orange", "4 copies": "tab:orange", "live": "tab:blue"}


def one_image_through_epochs(versions: np.ndarray) -> None:
    """Which version of an image each epoch shows, a row a method; what was seen before in its row is stamped.

    Args:
        versions: (epochs, height, width, channels), floats in [0, 1].
    """
    epochs = list(range(len(versions)))
    shown = {
        "1 copy": [0 for epoch in epochs],
        "4 copies": [epoch % 4 for epoch in epochs],
        "live": epochs,
    }
    rows = {name: versions[order] for name, order in shown.items()}
    rows_of_images(rows, [f"epoch {epoch + 1}" for epoch in epochs])
    figure = plt.gcf()
    figure.set_size_inches(1.35 * len(epochs), 1.4 * len(rows))
    lines = np.reshape(figure.axes, (len(rows), len(epochs)))
    stamp = {"rotation": 25, "ha": "center", "va": "center", "weight": "bold"}
    for line, (name, order) in zip(lines, shown.items(), strict=True):
        line[0].yaxis.label.set_color(COLORS[name])
        for epoch, ax in enumerate(line):
            if order[epoch] in order[:epoch]:
                ax.spines[:].set(visible=True, color="lightgrey", linewidth=1)
                ax.images[0].set_alpha(0.25)
                ax.text(0.5, 0.5, "seen", stamp, fontsize=15, transform=ax.transAxes)
            else:
                ax.spines[:].set(visible=True, color=COLORS[name], linewidth=3)


def rows_of_images(
    rows: Mapping[str, Collection], columns: Collection[str] = (), tile: float = 1.3
) -> None:
    """Rows of images, with the row's name at the left of each.

    Args:
        rows: images, each (height, width, channels), shown from 0 to 1, by the name of the row.
        columns: what stands above each column.
        tile: width of an image, in inch.
    """
    count = len(next(iter(rows.values())))
    names = 0.13 * max(map(len, rows))  # inch
    size = (tile * count + names, (tile + 0.05) * len(rows))
    _, axes = plt.subplots(len(rows), count, figsize=size, squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, images, strict=True):
            ax.imshow(np.clip(image, 0, 1), vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
            ax.spines[:].set_visible(False)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=15)
    for ax, column in zip(axes[0], columns, strict=False):
        ax.set_title(column, fontsize=15)
