"""What is wrong with the pictures of one set, and with what makes them."""

from __future__ import annotations

import numpy as np

from augcheck.leaks import FEW
from augcheck.order import Clusters
from augcheck.reading import Reading
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding, joined
from augcheck.sources import FLOW, FOLDER, FRAME
from augcheck.trial import COPIES

# Thresholds. Those of the first nine findings were fixed before the detection table was made, later ones beside it.
TINY = 0.02  # widest range of a set: [0, 1] scaled again has at most 1/255 = 0.004, by ImageNet's deviation 0.017
OFFSET = 0.1  # the same below zero, over the distance from zero: ImageNet's means from [0, 1] give 0.01, twice 0.04


def one_draw(a: Reading, trial: str | None, single: bool, clusters: Clusters | None, static: bool) -> Finding:
    """Whether all images of a batch are changed alike.

    Args:
        single: they are augmented one by one.
        static: no epoch brings new pictures.
    """
    if trial is None and a.source.kind in (FLOW, FOLDER, FRAME):
        return Finding(NOT_FOUND, "", "ImageDataGenerator draws for each image.")
    if single and trial is not None:
        return Finding(NOT_FOUND, "", "Images are augmented one by one, before they are batched.")
    if trial == "per image":
        return Finding(NOT_FOUND, "", f"{COPIES} copies of an image came out different.")
    if trial == "per batch":
        how = f"{COPIES} copies of an image in a batch came out alike, and different from call to call."
        return Finding(FOUND, "a batch is changed as one", how, "Draw as many numbers as there are images.")
    if trial is None and not static and clusters and not clusters.steady:
        how = (
            f"Batches differ ≈ {clusters.ratio:.1f} times as much as shuffled ones would, though their classes are "
            "mixed and no batch looks like the same one of another epoch."
        )
        return Finding(FOUND, "a batch is changed as one", how, "Draw as many numbers as there are images.")
    how = {
        None: "Pictures don't show which of them share a draw.",
        "fixed": "Tried by itself, the augmentation makes the same change each time.",
        "mixing": "Tried by itself, it mixes different images, and leaves copies of one alone.",
    }.get(trial, "Tried by itself, the augmentation returns its images untouched.")
    return Finding(CANT_TELL, "", how, "" if trial else "Give augment=.")


def degenerate(a: Reading, b: Reading | None, originals: Reading | None, entry: np.ndarray | None) -> Finding:
    """Whether images hold no numbers, one value, two values, or hardly any contrast.

    Args:
        originals: of training, from before its augmentation.
        entry: statistics of training images where the model's first weights get them, behind all that a backbone
            does to them before; None without a model.
    """
    found = []
    sets = {"training": a.shown_stats} | ({"validation": b.stats} if b else {})
    # Two values are no fault where the images from before the augmentation have no more.
    shades = any(part.stats[:, 5].mean() <= 0.5 for part in (b, originals) if part)
    for name, stats in sets.items():
        low, high, _, _, finite, two_values, _ = stats.T
        constant = np.mean(low == high)
        if not finite.all():
            found.append(("NaN or infinity", f"in ≈ {1 - finite.mean():.0%} of {name}", "Look for 0/0."))
        if constant > FEW:
            found.append(("constant images", f"≈ {constant:.0%} of {name}", "Look at them."))
        if two_values.mean() > 0.5 and shades:
            change = "brightness_range needs images of 0 to 255 and rescale=1/255."
            found.append(("two values only", f"≈ {two_values.mean():.0%} of {name} have no shades", change))
        found += _scaled_twice(stats, f"in {name}")
    if entry is not None and not any(value == "scaled twice" for value, *_ in found):
        found += _scaled_twice(entry, "behind the model's own preprocessing")
    if not found:
        return Finding(NOT_FOUND, "", "No NaN, no constant images, values of a usual size.")
    return joined(found)


def _scaled_twice(stats: np.ndarray, where: str) -> list[tuple[str, str, str]]:
    low, high, mean, width = stats[:, 0].min(), stats[:, 1].max(), stats[:, 2].mean(), stats[:, 6].max()
    if not width > 0:
        return []
    if width < TINY or mean < 0 and width < -OFFSET * mean:
        how = f"{where} values lie between {low:.3g} and {high:.3g}, and no image spans more than {width:.2g}"
        return [("scaled twice", how, "Rescale or preprocess once: in the pipeline or in the model.")]
    return []
