#!/usr/bin/env python3
"""The picture of the front page: docs/share.png and docs/share-dark.png.

Left, one pullover through three epochs of each method; right, what its network gets right. All numbers are those of
data/results/lessons/01-resnet.csv. The words are stored in the files, so that a test can tell whether a picture is
current.
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image, PngImagePlugin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from helpers import plots  # noqa: E402
from helpers.augment import RandomAffine  # noqa: E402
from helpers.data import RESULTS, load_garments, subset  # noqa: E402
from helpers.policies import POLICIES  # noqa: E402
from helpers.stats import paired_interval  # noqa: E402

METHODS = {  # what stands above each, and the version that each epoch shows; 0 is the original
    "none": ("no augmentation", [0, 0, 0]),
    "copies-1": ("static: 1 augmented copy replaces each image", [1, 1, 1]),
    "live": ("live: a new version in every epoch", [1, 2, 3]),
}
IMAGES = 512
TITLE = f"A ResNet-8, {IMAGES} pullovers and coats"
MEASURES = ["accuracy on new images", "accuracy on its originals"]
PULLOVER = 20  # of the images; the K on it shows each flip
# Inches. Letters of 16 points are 11 pixels high where a phone shows the picture 360 pixels wide.
WIDTH, HEIGHT, DPI = 7.2, 6.2, 150
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
    names = {plots.method_label(name): name for name in METHODS}
    means = runs.mean().unstack(0)[MEASURES].rename(index=names)
    accuracy = runs[MEASURES[0]]
    for name, method in names.items():
        mean, low, _ = paired_interval(accuracy[name] - accuracy["no augmentation"])
        means.loc[method, ["ahead", "half"]] = mean, mean - low
    return means.loc[list(METHODS)].round().astype(int)


def beside(method: str) -> list[str]:
    """The two lines below a method's accuracy on new images."""
    _, originals, ahead, half = numbers().loc[method]
    knows = f"{originals} % of the originals right"
    if method == "none":
        return ["guessing gives 50 %", knows]
    side = "above" if ahead > 0 else "below"
    return [f"{abs(ahead)} ± {half} points {side} none", knows]


def figure(background: str, text: str, share: float, towards: float) -> Figure:
    """The whole picture: a block a method; what was seen before is faded and says so."""
    part, policy = subset(load_garments(), IMAGES), RandomAffine(**POLICIES["mild"])
    original = part.x_train[part.y_train == 0][PULLOVER : PULLOVER + 1]
    versions = [original]
    for epoch in range(3):
        versions.append(policy.apply(original, policy.draw(1, seed=(0, epoch))))
    plots.use_style()
    plt.rcParams.update({"text.color": text, "axes.facecolor": background})
    whole = plt.figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor=background, layout="none")
    width = 0.15  # of a tile, as a share of the whole
    height = width * WIDTH / HEIGHT
    whole.text(0.02, 0.95, TITLE, fontsize=20, weight="bold")
    for row, (method, (name, shown)) in enumerate(METHODS.items()):
        color = (1 - share) * np.array(to_rgb(plots.method_color(method))) + share * towards
        bold = {"weight": "bold", "color": color}
        top = 0.905 - 0.3 * row
        low = top - 0.065 - height
        whole.text(0.02, top - 0.035, name, fontsize=18, **bold)
        for epoch, version in enumerate(shown):
            left = 0.02 + 0.158 * epoch
            middle = left + width / 2
            seen = version in shown[:epoch]
            ax = whole.add_axes((left, low, width, height), xticks=[], yticks=[])
            ax.imshow(versions[version][0], vmin=0, vmax=1, alpha=0.22 if seen else 1)
            ax.spines[:].set(visible=True, color=color, linewidth=3)
            whole.text(middle, low - 0.033, f"epoch {epoch + 1}", ha="center", fontsize=16)
            if seen:
                ax.spines[:].set(color=text, alpha=0.25)
                stamp = {"rotation": 25, "ha": "center", "va": "center", "weight": "bold"}
                ax.text(13.5, 13.5, "seen", fontsize=18, **stamp)
        new = numbers().loc[method, MEASURES[0]]
        whole.text(0.505, top - 0.12, f"{new} %", fontsize=30, **bold)
        whole.text(0.69, top - 0.12, "of new images\nright", fontsize=16, linespacing=1.1)
        first, second = beside(method)
        emphasis = {} if method == "none" else bold
        whole.text(0.505, top - 0.18, first, fontsize=16, **emphasis)
        whole.text(0.505, top - 0.23, second, fontsize=16)
    return whole


def words(whole: Figure) -> list[str]:
    """All that is written in the picture."""
    found = [part.get_text() for part in whole.findobj() if isinstance(part, Text)]
    return [text for text in found if text]


def draw(whole: Figure) -> Image.Image:
    canvas = FigureCanvasAgg(whole)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


if __name__ == "__main__":
    for name, look in LOOKS.items():
        whole = figure(*look)
        about = PngImagePlugin.PngInfo()
        about.add_itxt("words", json.dumps(words(whole), ensure_ascii=False))
        picture = draw(whole).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        picture.save(ROOT / "docs" / f"{name}.png", optimize=True, pnginfo=about)
