#!/usr/bin/env python3
"""The picture of the front page: docs/share.png and docs/share-dark.png.

Left, one pullover through five epochs of each method; right, what its network gets right. All numbers are those of
data/results/freeze-or-renew.csv. They are stored in the files, so that a test can tell whether a picture is current.
"""

from __future__ import annotations

import functools
import io
import sys
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import plots  # noqa: E402
from helpers.data import RESULTS, load_garments, read_runs, subset  # noqa: E402  # noqa: E402
from helpers.policies import named_policy  # noqa: E402

NAMES = {
    "none": "no\naugmentation", "copies-1": "1 copy\nsaved", "copies-4": "4 copies\nsaved", "live": "live\nalways new",
}  # fmt: skip
SHOWN = {"none": [0] * 5, "copies-1": [1] * 5, "copies-4": [1, 2, 3, 4, 1], "live": [1, 2, 3, 4, 5]}  # 0: the original
MEASURES = {
    "final_own_accuracy": "accuracy on\nits originals",
    "final_new_accuracy": "accuracy on\nnew images",
    "changed_mirror": "answers that\na mirror changes",
}
PULLOVER = 7  # of those of lesson 00: the mark on its chest shows a mirror
WIDTH, HEIGHT, DPI = 14, 6.9, 120  # inches; 20 points are legible where a phone shows it 360 pixels wide


class Look(NamedTuple):
    """Colours of a page: its background, its text, and the colour that makes coloured text legible."""

    background: str
    text: str
    towards: str


LIGHT, DARK = Look("#ffffff", "#1f2328", "#000000"), Look("#0d1117", "#e6edf3", "#ffffff")


@functools.cache
def numbers() -> pd.DataFrame:
    """Whole per cents of each of ``MEASURES``, one row a method: the residual network, the mean of eight runs."""
    runs = read_runs(RESULTS / "freeze-or-renew.csv").query("row == 2 and policy == 'mild' and draw == 'per image'")
    return (100 * runs.groupby("method")[list(MEASURES)].mean().loc[list(NAMES)]).round().astype(int)


def versions() -> list[np.ndarray]:
    """The pullover as it is, and five versions of it under the mild policy, each (28, 28)."""
    part, policy = subset(load_garments(), 128), named_policy("mild")
    original = part.x_train[part.y_train == 0][PULLOVER : PULLOVER + 1]
    changed = [policy.apply(original, policy.draw(1, seed=(0, i))).numpy() for i in range(5)]
    return [image[0, :, :, 0] for image in (original, *changed)]


def draw_tile(ax: Axes, image: np.ndarray, seen: bool, color: tuple[float, ...], look: Look) -> None:
    """A picture in the colour of its method; what was seen before is faded and says so."""
    ax.imshow(image, vmin=0, vmax=1, cmap="gray", alpha=0.22 if seen else 1)
    if seen:
        ax.text(13.5, 13.5, "seen", rotation=25, ha="center", va="center", fontsize=17, weight="bold", color=look.text)
    ax.set(xticks=[], yticks=[], facecolor=look.background)
    ax.spines[:].set(visible=True, color=look.text if seen else color, linewidth=3, alpha=0.25 if seen else 1)


def figure(look: Look) -> Figure:
    """The whole picture."""
    images, table = versions(), numbers()
    with plt.rc_context():
        plots.use_style()
        whole = plt.figure(figsize=(WIDTH, HEIGHT), facecolor=look.background, layout="none")
        side = 0.082  # of a tile, in widths
        for epoch in range(5):
            whole.text(0.188 + 0.087 * epoch, 0.905, f"epoch {epoch + 1}", ha="center", fontsize=16, color=look.text)
        for place, title in enumerate(MEASURES.values()):
            whole.text(0.645 + 0.138 * place, 0.885, title, ha="center", fontsize=16, color=look.text)
        for row, (method, name) in enumerate(NAMES.items()):
            color, low = legible(plots.method_style(method)["color"], look), 0.69 - 0.2 * row
            middle = low + side * WIDTH / HEIGHT / 2
            whole.text(0.136, middle, name, ha="right", va="center", fontsize=17, weight="bold", color=color)
            for epoch, version in enumerate(SHOWN[method]):
                ax = whole.add_axes((0.147 + 0.087 * epoch, low, side, side * WIDTH / HEIGHT))
                draw_tile(ax, images[version], version in SHOWN[method][:epoch], color, look)
            for place, share in enumerate(table.loc[method]):
                whole.text(0.645 + 0.138 * place, middle, f"{share} %", ha="center", va="center", fontsize=30,
                           weight="bold", color=color)  # fmt: skip
        note = "Saved copies stand in place of the images. A small ResNet, 512 images of clothes, mean of eight runs."
        whole.text(0.986, 0.025, note, ha="right", fontsize=13, color=look.text)
        plt.close(whole)
    return whole


def legible(color: object, look: Look) -> tuple[float, ...]:
    """A colour of the course on a page's background."""
    share = 0.12 if look is LIGHT else 0.35
    return tuple((1 - share) * np.array(to_rgb(color)) + share * np.array(to_rgb(look.towards)))


def provenance() -> str:
    """The numbers that the picture says."""
    table = numbers()
    rows = zip(table.index, table.to_numpy(), strict=True)
    return ", ".join(f"{name} {' '.join(map(str, row))}" for name, row in rows)


def write(look: Look, path: Path) -> None:
    """Store the picture with its numbers, in at most 256 colours."""
    raw = io.BytesIO()
    figure(look).savefig(raw, format="png", dpi=DPI)
    picture = Image.open(raw).convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    about = PngImagePlugin.PngInfo()
    about.add_text("numbers", provenance())
    picture.save(path, optimize=True, pnginfo=about)


def main() -> None:
    write(LIGHT, ROOT / "docs" / "share.png")
    write(DARK, ROOT / "docs" / "share-dark.png")


if __name__ == "__main__":
    main()
