#!/usr/bin/env python3
"""The picture of the front page: docs/share.png and docs/share-dark.png.

Left, one pullover through three epochs of each method; right, what its network gets right. All numbers are those of
data/results/freeze-or-renew.csv. They are stored in the files, so that a test can tell whether a picture is current.
"""

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
from helpers.stats import paired_interval  # noqa: E402

METHODS = {
    "none": "no augmentation",
    "copies-1": "static: 1 augmented copy replaces each image",
    "live": "live: a new version in every epoch",
}
SHOWN = {"none": [0, 0, 0], "copies-1": [1, 1, 1], "live": [1, 2, 3]}  # the version of each epoch; 0: as it is
MEASURES = ["final_new_accuracy", "final_own_accuracy", "changed_mirror"]
PULLOVER = 20  # of the 512; the K on it shows each flip
WIDTH, HEIGHT, DPI = 7.2, 7, 150  # inches; 16 points are 11 pixels where a phone shows it 360 pixels wide
# Of a page: its background, its text, and how far a colour of the course goes towards what makes it legible there.
LOOKS = {"share": ("#ffffff", "#1f2328", 0.12, 0.0), "share-dark": ("#0d1117", "#e6edf3", 0.35, 1.0)}


@functools.cache
def numbers() -> pd.DataFrame:
    """Whole per cents, one row a method, a column a measure, then points ahead of no augmentation and their ±.

    They are means over eight runs of the residual network.
    """
    stored = read_runs(RESULTS / "freeze-or-renew.csv").query("row == 2 and policy == 'mild' and draw == 'per image'")
    runs = 100 * stored.pivot(index="replicate", columns="method", values=MEASURES)
    means = runs.mean().unstack(0).loc[list(METHODS), MEASURES]
    accuracy = runs["final_new_accuracy"]
    for method in METHODS:
        mean, low, _ = paired_interval(accuracy[method] - accuracy["none"])
        means.loc[method, ["ahead", "half"]] = mean, mean - low
    return means.round().astype(int)


def provenance() -> str:
    """The numbers that the picture says."""
    return ", ".join(f"{name} {' '.join(map(str, row))}" for name, row in numbers().T.items())


def versions() -> list[np.ndarray]:
    """The pullover as it is, and three versions of it under the mild policy, each (28, 28)."""
    part, policy = subset(load_garments(), 512), named_policy("mild")
    original = part.x_train[part.y_train == 0][PULLOVER : PULLOVER + 1]
    changed = [policy.apply(original, policy.draw(1, seed=(0, i))).numpy() for i in range(3)]
    return [image[0, :, :, 0] for image in (original, *changed)]


def draw(background: str, text: str, share: float, towards: float) -> bytes:
    """The whole picture as PNG: a block a method; what was seen before is faded and says so."""
    plots.use_style()
    images, whole = versions(), plt.figure(figsize=(WIDTH, HEIGHT), facecolor=background, layout="none")
    side = 0.15  # of a tile, in widths
    whole.text(0.02, 0.955, "One network, 512 images, three methods", fontsize=20, weight="bold", color=text)
    for row, (method, name) in enumerate(METHODS.items()):
        color = (1 - share) * np.array(to_rgb(plots.method_style(method)["color"])) + share * towards
        bold = {"weight": "bold", "color": color}
        top = 0.91 - 0.305 * row
        low = top - 0.06 - side * WIDTH / HEIGHT
        whole.text(0.02, top - 0.03, name, fontsize=18, **bold)
        for epoch, version in enumerate(SHOWN[method]):
            seen = version in SHOWN[method][:epoch]
            ax = whole.add_axes((0.02 + 0.158 * epoch, low, side, side * WIDTH / HEIGHT))
            ax.imshow(images[version], vmin=0, vmax=1, cmap="gray", alpha=0.22 if seen else 1)
            ax.set(xticks=[], yticks=[], facecolor=background)
            ax.spines[:].set(visible=True, color=text if seen else color, linewidth=3, alpha=0.25 if seen else 1)
            whole.text(0.095 + 0.158 * epoch, low - 0.03, f"epoch {epoch + 1}", ha="center", fontsize=16, color=text)
            if seen:
                middle = {"rotation": 25, "ha": "center", "va": "center"}
                ax.text(13.5, 13.5, "seen", fontsize=18, weight="bold", color=text, **middle)
        new, own, changed, ahead, half = numbers().loc[method]
        whole.text(0.505, top - 0.105, f"{new} %", fontsize=30, **bold)
        whole.text(0.69, top - 0.105, "of new images\nright", fontsize=16, color=text, linespacing=1.1)
        lines = [f"{own} % of the originals right", f"a flip changes {changed} % of answers"]
        if method != "none":
            lines.insert(0, f"{abs(ahead)} ± {half} points {'above' if ahead > 0 else 'below'} none")
        for line, words in enumerate(lines):
            look = bold if words.endswith("none") else {"color": text}
            whole.text(0.505, top - 0.15 - 0.037 * line, words, fontsize=16, **look)
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
