#!/usr/bin/env python3
"""The picture of the front page: docs/share.png and docs/share-dark.png.

Left, what each method shows of one image; right, what its network then recognises. All accuracies are those of
data/results/law.csv. The table's digest, its numbers and the digest of the pixels are stored in the files, so that a
test can tell whether they are current and as drawn.
"""

from __future__ import annotations

import functools
import hashlib
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

from helpers import arms, plots  # noqa: E402
from helpers.augment import PARAMETERS, named_policy  # noqa: E402
from helpers.compare import summarise  # noqa: E402
from helpers.tables import FOLDER, curves_path, read_results  # noqa: E402

N, UPDATES, POLICY = 512, 1500, "mild"
LINES = {"none": "no augmentation", "copies-1": "1 copy", "copies-4": "4 copies", "live": "live"}
PLACES = {
    "shown_accuracy": "what it\nwas shown",
    "train_accuracy": "the images those\nwere made from",
    "val_accuracy": "new\nimages",
}
WIDTH, HEIGHT, DPI = 13, 6.1, 130  # inches; 15 points are legible where a page shows it 830 pixels wide


class Look(NamedTuple):
    """Colours of a page: its background, its text, and the colour that makes coloured text legible."""

    background: str
    text: str
    towards: str


LIGHT, DARK = Look("#ffffff", "#1f2328", "#000000"), Look("#0d1117", "#e6edf3", "#ffffff")


@functools.cache
def accuracies() -> pd.DataFrame:
    """Accuracy in percent of the residual network at each of ``PLACES``, one row an arm, the mean of eight runs."""
    table = read_results(FOLDER / "law.csv")
    wanted = {"dataset": "garments", "n": N, "policy": POLICY, "model": "residual", "updates": UPDATES}
    for column, value in wanted.items():
        table = table[table[column] == value]
    runs = summarise(table[table["arm"].isin(list(LINES))])
    return 100 * runs.groupby("arm")[list(PLACES)].mean().loc[list(LINES)]


def places(arm: str) -> tuple[np.ndarray, np.ndarray]:
    """Where the versions of image 0 lie, and how often each is shown in a run.

    Returns:
        Shift to the right in pixels and turn in degrees, float (versions, 2), and the counts (versions,).
    """
    plan = arms.schedule(arm, N, UPDATES, replicate=0)
    versions, counts = np.unique(plan.version[plan.source == 0], return_counts=True)
    policy, found = named_policy(POLICY), []
    for version in versions.tolist():
        if version == 0:
            found.append([0.0, 0.0])
            continue
        drawn = policy.draw(1, (0, version - 1))[0].numpy()
        found.append([-28 * drawn[PARAMETERS.index("shift_width")], drawn[PARAMETERS.index("rotation")]])
    return np.array(found), counts


def draw_target(ax: Axes, arm: str, look: Look) -> None:
    """A cross where the original lies, and a dot for each version, its area by how often it is shown."""
    at, counts = places(arm)
    ax.plot(0, 0, "+", color=look.text, markersize=22, markeredgewidth=1.6, zorder=3)
    color = legible(plots.arm_style(arm)["color"], look)
    ax.scatter(at[:, 0], at[:, 1], s=6 * counts, color=color, alpha=0.75, linewidth=0)
    ax.set(xlim=(-1.9, 1.9), ylim=(-6.8, 6.8), xticks=[], yticks=[], box_aspect=1, facecolor="none")
    ax.spines[:].set(visible=True, color=look.text, alpha=0.25)


def draw_accuracies(ax: Axes, look: Look) -> None:
    """One line a method, from what it was shown over the originals to new images."""
    table = accuracies()
    for arm, row in table.iterrows():
        color = legible(plots.arm_style(arm)["color"], look)
        ax.plot(range(3), row, marker="o", markersize=10, linewidth=3, color=color)
        ax.text(2.09, row.iloc[2], f"{row.iloc[2]:.0f} %  {LINES[arm]}", va="center", color=color, fontsize=15)
    for arm in ("copies-1", "copies-4", "live"):
        value = table.loc[arm, "train_accuracy"]
        color = legible(plots.arm_style(arm)["color"], look)
        ax.annotate(f"{value:.0f} %", (1, value), (0, -24), ha="center",
                    textcoords="offset points", color=color, fontsize=15)  # fmt: skip
    ax.set(xticks=range(3), xlim=(-0.15, 2.05), ylim=(75, 102), yticks=[80, 90, 100], facecolor="none")
    ax.set_xticklabels(list(PLACES.values()), fontsize=14, color=look.text)
    ax.set_yticklabels(["80 %", "90 %", "100 %"], fontsize=13, color=look.text)
    ax.grid(axis="y", color=look.text, alpha=0.15)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def figure(look: Look) -> Figure:
    """The whole picture."""
    with plt.rc_context():
        plots.use_style()
        whole = plt.figure(figsize=(WIDTH, HEIGHT), facecolor=look.background, layout="none")
        whole.text(0.02, 0.93, "What each method shows of one image", fontsize=16, weight="bold", color=look.text)
        whole.text(0.44, 0.93, "What its network then gets right", fontsize=16, weight="bold", color=look.text)
        for number, (arm, name) in enumerate(LINES.items()):
            left, low = 0.02 + 0.19 * (number % 2), 0.49 - 0.415 * (number // 2)
            ax = whole.add_axes((left, low, 0.165, 0.35))
            draw_target(ax, arm, look)
            ax.set_title(name, loc="left", fontsize=15, color=legible(plots.arm_style(arm)["color"], look))
        draw_accuracies(whole.add_axes((0.465, 0.17, 0.305, 0.71)), look)
        note = "The cross is the original. Each dot is a version: how far it was moved and turned. Large: shown often."
        whole.text(0.02, 0.015, note, fontsize=11, color=look.text, alpha=0.75)
        plt.close(whole)
    return whole


def legible(color: object, look: Look) -> tuple[float, ...]:
    """A colour of the course on a page's background."""
    share = 0.12 if look is LIGHT else 0.35
    return tuple((1 - share) * np.array(to_rgb(color)) + share * np.array(to_rgb(look.towards)))


def provenance() -> dict[str, str]:
    """The digests of the stored tables, and the accuracies that the picture says."""
    path = FOLDER / "law.csv"
    digest = hashlib.sha256(path.read_bytes() + curves_path(path).read_bytes()).hexdigest()
    table = accuracies().round(1)
    said = ", ".join(f"{arm} {' '.join(map(str, row))}" for arm, row in zip(table.index, table.to_numpy(), strict=True))
    return {"source": digest, "accuracies": said}


def pixels(picture: Image.Image) -> str:
    """The digest of what a picture shows."""
    return hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()


def write(look: Look, path: Path) -> None:
    """Store the picture with its provenance, in at most 256 colours."""
    raw = io.BytesIO()
    figure(look).savefig(raw, format="png", dpi=DPI)
    picture = Image.open(raw).convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    about = PngImagePlugin.PngInfo()
    for key, value in (provenance() | {"pixels": pixels(picture)}).items():
        about.add_text(key, value)
    picture.save(path, optimize=True, pnginfo=about)


def main() -> None:
    write(LIGHT, ROOT / "docs" / "share.png")
    write(DARK, ROOT / "docs" / "share-dark.png")


if __name__ == "__main__":
    main()
