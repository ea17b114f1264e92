#!/usr/bin/env python3
"""The picture of the front page: docs/share.png and docs/share-dark.png.

Left, one pullover through three epochs of each method; right, what its network gets right. All numbers are those of
data/results/lessons/01-resnet.csv. They are stored in the files, so that a test can tell whether a picture is current.
"""

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
from helpers.data import RESULTS, load_garments, subset  # noqa: E402
from helpers.policies import named_policy  # noqa: E402
from helpers.stats import paired_interval  # noqa: E402

METHODS = {  # what stands above each, and the version that each epoch shows; 0 is the original
    "none": ("no augmentation", [0, 0, 0]),
    "copies-1": ("static: 1 augmented copy replaces each image", [1, 1, 1]),
    "live": ("live: a new version in every epoch", [1, 2, 3]),
}
MEASURES = ["accuracy on new images", "accuracy on its originals", "answers changed by a flip"]
PULLOVER = 20  # of the 512; the K on it shows each flip
WIDTH, HEIGHT, DPI = (
    7.2,
    7,
    150,
)  # inches; 16 points are 11 pixels where a phone shows it 360 pixels wide
# Of a page: its background, its text, and how far a colour of the course goes towards what makes it legible there.
LOOKS = {
    "share": ("#ffffff", "#1f2328", 0.12, 0.0),
    "share-dark": ("#0d1117", "#e6edf3", 0.35, 1.0),
}


def numbers() -> pd.DataFrame:
    """Whole per cents, one row a method, a column a measure, then points ahead of no augmentation and their ±.

    They are means over eight runs of the residual network.
    """
    runs = pd.read_csv(RESULTS / "lessons" / "01-resnet.csv").pivot(index="run", columns="method")
    means = (
        runs.mean()
        .unstack(0)[MEASURES]
        .rename(index={plots.method_label(name): name for name in METHODS})
    )
    accuracy = runs[MEASURES[0]]
    for method in METHODS:
        mean, low, _ = paired_interval(
            accuracy[plots.method_label(method)] - accuracy["no augmentation"]
        )
        means.loc[method, ["ahead", "half"]] = mean, mean - low
    return means.loc[list(METHODS)].round().astype(int)


def draw(background: str, text: str, share: float, towards: float) -> Image.Image:
    """The whole picture: a block a method; what was seen before is faded and says so."""
    part, policy = subset(load_garments(), 512), named_policy("mild")
    original = part.x_train[part.y_train == 0][PULLOVER : PULLOVER + 1]
    versions = [
        original,
        *(policy.apply(original, policy.draw(1, seed=(0, epoch))) for epoch in range(3)),
    ]
    plots.use_style()
    plt.rcParams.update({"text.color": text, "axes.facecolor": background})
    whole = plt.figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=background, layout="none")
    side = 0.15  # of a tile, in widths
    whole.text(0.02, 0.955, "One network, 512 images, three methods", fontsize=20, weight="bold")
    for row, (method, (name, shown)) in enumerate(METHODS.items()):
        color = (1 - share) * np.array(to_rgb(plots.method_color(method))) + share * towards
        bold = {"weight": "bold", "color": color}
        top = 0.91 - 0.305 * row
        low = top - 0.06 - side * WIDTH / HEIGHT
        whole.text(0.02, top - 0.03, name, fontsize=18, **bold)
        for epoch, version in enumerate(shown):
            seen = version in shown[:epoch]
            ax = whole.add_axes(
                (0.02 + 0.158 * epoch, low, side, side * WIDTH / HEIGHT), xticks=[], yticks=[]
            )
            ax.imshow(versions[version][0], vmin=0, vmax=1, alpha=0.22 if seen else 1)
            ax.spines[:].set(
                visible=True, color=text if seen else color, linewidth=3, alpha=0.25 if seen else 1
            )
            whole.text(
                0.095 + 0.158 * epoch, low - 0.03, f"epoch {epoch + 1}", ha="center", fontsize=16
            )
            if seen:
                ax.text(
                    13.5,
                    13.5,
                    "seen",
                    rotation=25,
                    ha="center",
                    va="center",
                    fontsize=18,
                    weight="bold",
                )
        new, own, changed, ahead, half = numbers().loc[method]
        whole.text(0.505, top - 0.105, f"{new} %", fontsize=30, **bold)
        whole.text(0.69, top - 0.105, "of new images\nright", fontsize=16, linespacing=1.1)
        lines = [f"{own} % of the originals right", f"a flip changes {changed} % of answers"]
        if ahead:
            lines.insert(
                0, f"{abs(ahead)} ± {half} points {'above' if ahead > 0 else 'below'} none"
            )
        for line, words in enumerate(lines):
            whole.text(
                0.505,
                top - 0.15 - 0.037 * line,
                words,
                fontsize=16,
                **bold if words.endswith("none") else {},
            )
    whole.canvas.draw()
    return Image.fromarray(np.asarray(whole.canvas.buffer_rgba())).convert("RGB")


if __name__ == "__main__":
    about = PngImagePlugin.PngInfo()
    about.add_text("numbers", numbers().to_json())
    for name, look in LOOKS.items():
        picture = draw(*look).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(ROOT / "docs" / f"{name}.png", optimize=True, pnginfo=about)
