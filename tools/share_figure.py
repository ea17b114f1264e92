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

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from PIL import Image, PngImagePlugin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import plots  # noqa: E402
from helpers.data import RESULTS, load_garments, read_runs, subset  # noqa: E402
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
PULLOVER = 7  # of those of lesson 01: the mark on its chest shows a mirror
WIDTH, HEIGHT, DPI = 14, 6.9, 120  # inches; 20 points are legible where a phone shows it 360 pixels wide
# Of a page: its background, its text, and how far a colour of the course goes towards what makes it legible there.
LOOKS = {"share": ("#ffffff", "#1f2328", 0.12, 0.0), "share-dark": ("#0d1117", "#e6edf3", 0.35, 1.0)}
NOTE = "Saved copies stand in place of the images. A small ResNet, 512 images of clothes, mean of eight runs."


@functools.cache
def numbers() -> pd.DataFrame:
    """Whole per cents of each of ``MEASURES``, one row a method: the residual network, the mean of eight runs."""
    runs = read_runs(RESULTS / "freeze-or-renew.csv").query("row == 2 and policy == 'mild' and draw == 'per image'")
    return (100 * runs.groupby("method")[list(MEASURES)].mean().loc[list(NAMES)]).round().astype(int)


def provenance() -> str:
    """The numbers that the picture says."""
    return ", ".join(f"{name} {' '.join(map(str, row))}" for name, row in numbers().T.items())


def versions() -> list[np.ndarray]:
    """The pullover as it is, and five versions of it under the mild policy, each (28, 28)."""
    part, policy = subset(load_garments(), 128), named_policy("mild")
    original = part.x_train[part.y_train == 0][PULLOVER : PULLOVER + 1]
    changed = [policy.apply(original, policy.draw(1, seed=(0, i))).numpy() for i in range(5)]
    return [image[0, :, :, 0] for image in (original, *changed)]


def draw(background: str, text: str, share: float, towards: float) -> bytes:
    """The whole picture as PNG: a row a method; what was seen before is faded and says so."""
    plots.use_style()
    images, whole = versions(), plt.figure(figsize=(WIDTH, HEIGHT), facecolor=background, layout="none")
    side = 0.082  # of a tile, in widths
    for epoch in range(5):
        whole.text(0.188 + 0.087 * epoch, 0.905, f"epoch {epoch + 1}", ha="center", fontsize=16, color=text)
    for place, title in enumerate(MEASURES.values()):
        whole.text(0.645 + 0.138 * place, 0.885, title, ha="center", fontsize=16, color=text)
    for row, (method, name) in enumerate(NAMES.items()):
        color = (1 - share) * np.array(to_rgb(plots.method_style(method)["color"])) + share * towards
        low = 0.69 - 0.2 * row
        bold = {"y": low + side * WIDTH / HEIGHT / 2, "va": "center", "weight": "bold", "color": color}
        whole.text(0.136, s=name, ha="right", fontsize=17, **bold)
        for epoch, version in enumerate(SHOWN[method]):
            seen = version in SHOWN[method][:epoch]
            ax = whole.add_axes((0.147 + 0.087 * epoch, low, side, side * WIDTH / HEIGHT))
            ax.imshow(images[version], vmin=0, vmax=1, cmap="gray", alpha=0.22 if seen else 1)
            ax.set(xticks=[], yticks=[], facecolor=background)
            ax.spines[:].set(visible=True, color=text if seen else color, linewidth=3, alpha=0.25 if seen else 1)
            if seen:
                stamp = {"rotation": 25, "ha": "center", "va": "center", "fontsize": 17, "weight": "bold"}
                ax.text(13.5, 13.5, "seen", color=text, **stamp)
        for place, per_cent in enumerate(numbers().loc[method]):
            whole.text(0.645 + 0.138 * place, s=f"{per_cent} %", ha="center", fontsize=30, **bold)
    whole.text(0.986, 0.025, NOTE, ha="right", fontsize=13, color=text)
    raw = io.BytesIO()
    whole.savefig(raw, format="png", dpi=DPI)
    return raw.getvalue()


def main() -> None:
    """Store the pictures with their numbers, in at most 256 colours."""
    about = PngImagePlugin.PngInfo()
    about.add_text("numbers", provenance())
    for name, look in LOOKS.items():
        picture = Image.open(io.BytesIO(draw(*look))).convert("RGB")
        picture = picture.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(ROOT / "docs" / f"{name}.png", optimize=True, pnginfo=about)


if __name__ == "__main__":
    main()
