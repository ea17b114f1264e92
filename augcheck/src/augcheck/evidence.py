"""What a finding can be looked up by: the numbers of the images behind it, and pictures of some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcheck.pictures import Picture
from augcheck.reading import Reading
from augcheck.report import FOUND, Finding

SHOWN = 4  # pictures, or pairs of them


def of_shared_images(finding: Finding, training: Reading, validation: Reading | None) -> Finding:
    """The finding with pictures of validation images that are shared, each with its double in training.

    Args:
        training: that was compared, from before its augmentation if that could be read.
    """
    if finding.status != FOUND or validation is None:
        return finding
    pairs = zip(finding.indices.get("validation", ()), finding.indices.get("train", ()), strict=True)
    kept = [(i, double) for i, double in pairs if i in validation.places and double in training.places]
    pictures: list[Picture] = []
    for i, double in kept[:SHOWN]:
        pictures += [*_pictures(validation, [i]), *_pictures(training, [double], "its double, ")]
    return finding._replace(pictures=pictures)


def of_degenerate(finding: Finding, a: Reading, b: Reading | None) -> Finding:
    """The finding with the images that are constant or hold what is no number."""
    if finding.status != FOUND:
        return finding
    indices: dict[str, Sequence[int]] = {}
    pictures: list[Picture] = []
    for part, stats in [(a, a.shown_stats)] + ([(b, b.stats)] if b else []):
        bad = np.flatnonzero((stats[:, 0] == stats[:, 1]) | (stats[:, 4] == 0)).tolist()
        if bad:
            indices[part.source.name] = bad
        # What is wrong only after the model's first layers doesn't show in the image.
        given = [i for i in bad if np.array_equal(part.stats[i], stats[i])]
        pictures += _pictures(part, given)[:SHOWN]
    return finding._replace(indices=indices, pictures=pictures)


def _pictures(part: Reading, numbers: Sequence[int], before: str = "") -> list[Picture]:
    """Pictures of those that were kept whole."""
    kept = {place: k for k, place in enumerate(part.places)}
    name = {"train": "training"}.get(part.source.name, part.source.name)
    return [Picture(part.images[kept[i]], f"{before}{name} image {i}") for i in numbers if i in kept]
