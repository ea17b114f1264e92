#!/usr/bin/env python3
"""The picture of the front page: docs/share.png, docs/share-dark.png and, moving, docs/share.gif.

Left, the pictures of one garment in its first eight epochs, as the runs of the table were shown them; right,
what came of it. All numbers are those of data/results/study.csv. The digest of the table, its numbers and the
digest of the pixels are stored in the files, so that a test can tell whether they are current and as drawn.
"""

from __future__ import annotations

import functools
import hashlib
import io
import sys
from collections.abc import Iterable
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
from helpers.augment import named_policy  # noqa: E402
from helpers.compare import summarise  # noqa: E402
from helpers.data import load_garments, subset  # noqa: E402
from helpers.tables import FOLDER, curves_path, read_results  # noqa: E402

N, UPDATES, EPOCHS, POLICY = 128, 3000, 8, "mild"
# A garment with letters on it: even a mild flip or turn can be seen. It belongs to replicate 5.
REPLICATE, GARMENT = 5, 94
STRIPS = {"copies-1": "1 copy", "copies-4": "4 copies", "live": "live"}
LINES = {"none": "no augmentation"} | STRIPS
TITLE = (
    "Same garments, same augmentation, same number of updates.\n"
    "What differs is how often a picture comes again."
)
FOOTNOTE = f"{N} pullovers and coats, small network, mean of 20 runs each; accuracy on 2,000 new garments"
WIDTH, HEIGHT, DPI = 13, 6.1, 130  # inches; 15 points are legible where a page shows it 830 pixels wide


class Look(NamedTuple):
    """Colours of a page: its background, its text, and the colour that makes coloured text legible."""

    background: str
    text: str
    towards: str


LIGHT, DARK = Look("#ffffff", "#1f2328", "#000000"), Look("#0d1117", "#e6edf3", "#ffffff")


@functools.cache
def curves() -> pd.DataFrame:
    """The evaluations that the figure shows: 128 garments, small network, mild policy, 20 runs an arm."""
    table = read_results(FOLDER / "study.csv")
    wanted = {"dataset": "garments", "n": N, "policy": POLICY, "model": "small", "updates": UPDATES}
    for column, value in wanted.items():
        table = table[table[column] == value]
    return table[table["arm"].isin(list(LINES))]


def accuracies(table: pd.DataFrame) -> dict[str, float]:
    """Validation accuracy of each arm at the end, as the tables define it: mean over the last tenth."""
    return summarise(table).groupby("arm")["val_accuracy"].mean().to_dict()


def labels(table: pd.DataFrame) -> dict[str, str]:
    """What stands at the end of each line."""
    return {arm: f"{LINES[arm]}\n{share:.0%} right" for arm, share in accuracies(table).items()}


def strip(arm: str) -> tuple[np.ndarray, np.ndarray]:
    """The pictures of the garment in the first epochs, and which of them came before.

    Returns:
        float32 (epochs, 28, 28) and bool (epochs,).
    """
    part = subset(load_garments(), N, REPLICATE)
    plan = arms.schedule(arm, N, EPOCHS * N // arms.BATCH, REPLICATE)
    batches = arms.make_batches(arm, part.x_train, part.y_train, plan, named_policy(POLICY), REPLICATE)
    # An epoch shows each image once, so the garment's pictures come in the order of the epochs.
    there = plan.source == GARMENT
    pictures = batches.images[batches.rows[there]]
    if batches.parameters is not None:
        pictures = named_policy(POLICY).apply(pictures, batches.parameters[there]).numpy()
    seen = [any(np.array_equal(pictures[e], pictures[before]) for before in range(e)) for e in range(EPOCHS)]
    return pictures[..., 0], np.array(seen)


def draw(look: Look, epochs: int = EPOCHS, until: int = UPDATES) -> Figure:
    """The figure up to an epoch of the strips and an update of the curves; all of it by default."""
    table = curves()
    inks = ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color")
    with plt.rc_context({"font.size": 15} | dict.fromkeys(inks, look.text)):
        figure = plt.figure(figsize=(WIDTH, HEIGHT), facecolor=look.background)
        figure.text(0.012, 0.965, TITLE, fontsize=20, fontweight="bold", va="top", linespacing=1.35)
        for row, arm in enumerate(STRIPS):
            _draw_strip(figure, row, arm, look, epochs)
        axes = figure.add_axes((0.622, 0.18, 0.215, 0.58), facecolor=look.background)
        _draw_curves(axes, table, look, until)
        figure.text(0.012, 0.025, FOOTNOTE, fontsize=12.5, alpha=0.75)
    return figure


def _draw_strip(figure: Figure, row: int, arm: str, look: Look, epochs: int) -> None:
    pictures, seen = strip(arm)
    colour = plots.arm_style(arm)["color"]
    tile, top = 0.0535, 0.595 - 0.207 * row
    height = tile * WIDTH / HEIGHT
    figure.text(
        0.097,
        top + height / 2,
        STRIPS[arm],
        color=_legible(colour, look),
        fontsize=17,
        fontweight="bold",
        ha="right",
        va="center",
    )
    for e in range(EPOCHS):
        left = 0.103 + e * (tile + 0.0045)
        if row == 0:
            figure.text(
                left + tile / 2,
                top + height + 0.012,
                f"epoch {e + 1}" if e == 0 else str(e + 1),
                fontsize=13,
                ha="center",
            )
        axes = figure.add_axes((left, top, tile, height))
        axes.set(xticks=[], yticks=[], facecolor=look.background)
        if e >= epochs:
            axes.spines[:].set(color=look.text, alpha=0.15)
            continue
        axes.imshow(pictures[e], cmap="gray", vmin=0, vmax=1, alpha=0.3 if seen[e] else 1)
        axes.spines[:].set(color=colour, linewidth=3, alpha=0.3 if seen[e] else 1)
        if seen[e]:
            axes.text(
                0.5,
                0.5,
                "seen",
                transform=axes.transAxes,
                rotation=20,
                fontsize=14,
                fontweight="bold",
                ha="center",
                va="center",
                color=look.text,
            )


def _draw_curves(axes: Axes, table: pd.DataFrame, look: Look, until: int) -> None:
    means = table.groupby(["arm", "update"])["val_loss"].mean()
    written = labels(table)
    for arm in LINES:
        curve = means[arm]
        colour = _legible(plots.arm_style(arm)["color"], look, 0.0 if look is LIGHT else 0.25)
        part = curve[curve.index <= until]
        axes.plot(part.index, part, color=colour, linewidth=3.2, solid_capstyle="round")
        if until == UPDATES:
            axes.annotate(
                written[arm],
                (UPDATES, curve.iloc[-1]),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                linespacing=1.1,
                color=_legible(colour, look),
                annotation_clip=False,
            )
    axes.set(xlim=(0, UPDATES), ylim=(0.33, 1.2), yticks=[0.4, 0.6, 0.8, 1.0, 1.2])
    axes.set_xticks([0, 1000, 2000, 3000], ["0", "1,000", "2,000", "3,000"])
    axes.set_xlabel("gradient updates")
    axes.set_title("loss on new garments (lower is better)", loc="left", fontsize=15, pad=12)
    axes.spines[["top", "right"]].set_visible(False)


def _legible(colour: str | tuple, look: Look, share: float = 0.3) -> tuple[float, ...]:
    """A colour moved towards black or white."""
    return tuple((1 - share) * np.array(to_rgb(colour)) + share * np.array(to_rgb(look.towards)))


def provenance() -> dict[str, str]:
    """What the files say of themselves: the digest of the table, and the text at the line ends."""
    digest = hashlib.sha256(curves_path(FOLDER / "study.csv").read_bytes()).hexdigest()
    written = labels(curves())
    text = "; ".join(written[arm].replace("\n", ": ") for arm in LINES)
    return {"Source": f"study-curves.csv {digest}", "Description": text}


def pixels(frames: Iterable[Image.Image]) -> str:
    """The digest of what the frames of a picture show."""
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(frame.convert("RGB").tobytes())
    return digest.hexdigest()


def picture(figure: Figure, dpi: int) -> Image.Image:
    """The figure as it is stored, RGB."""
    file = io.BytesIO()
    figure.savefig(file, dpi=dpi, facecolor=figure.get_facecolor())
    plt.close(figure)
    return Image.open(file).convert("RGB")


def save_still(path: Path, look: Look) -> None:
    """Write the whole figure as a PNG."""
    few_colours = picture(draw(look), DPI).quantize(256, dither=Image.Dither.NONE)
    about = PngImagePlugin.PngInfo()
    for key, value in (provenance() | {"Pixels": pixels([few_colours])}).items():
        about.add_text(key, value)
    few_colours.save(path, pnginfo=about, optimize=True)


def save_moving(path: Path) -> None:
    """Write the figure as a GIF: the epochs come one by one, then the curves grow."""
    steps = [(e, 0) for e in range(1, EPOCHS + 1)]
    steps += [(EPOCHS, update) for update in (100, 200, 350, 500, 1000, 1500, 2000, UPDATES)]
    frames = [picture(draw(LIGHT, epochs, until), 75) for epochs, until in steps]
    # One palette for all frames, so that a frame holds what it changes and nothing else.
    palette = frames[-1].quantize(128, Image.Quantize.MAXCOVERAGE)
    frames = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    waits = [700] * EPOCHS + [250] * (len(steps) - EPOCHS - 1) + [6000]
    about = provenance()
    frames[0].save(
        path,
        save_all=True,
        append_images=frames[1:],
        duration=waits,
        loop=0,
        optimize=True,
        comment="; ".join([about["Description"], about["Source"], pixels(frames)]).encode(),
    )


def main() -> None:
    save_still(ROOT / "docs" / "share.png", LIGHT)
    save_still(ROOT / "docs" / "share-dark.png", DARK)
    save_moving(ROOT / "docs" / "share.gif")


if __name__ == "__main__":
    main()
