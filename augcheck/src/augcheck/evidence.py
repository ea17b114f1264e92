"""What a finding can be looked up by: the numbers of the images behind it, and pictures of some."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcheck.pictures import Picture
from augcheck.reading import Reading
from augcheck.report import FOUND, Finding

SHOWN = 4  # pictures, or pairs of them


def of_shared_images(finding: Finding, training: Reading, validation: Reading | None) -> Finding:
    """The finding with the pairs that are alike, those of validation with one partner each."""
    if finding.status != FOUND or finding.indices or validation is None:
        return finding
    partners = {image: i for i, image in reversed(list(enumerate(training.invariants))) if image is not None}
    pairs = [(i, partners[image]) for i, image in enumerate(validation.invariants) if image in partners]
    if not pairs:
        return finding
    pictures: list[Picture] = []
    for i, partner in pairs:
        pair = [*_pictures(validation, [i]), *_pictures(training, [partner], "its double, ")]
        if len(pair) == 2 and len(pictures) < 2 * SHOWN:
            pictures += pair
    ours, theirs = zip(*pairs, strict=True)
    return finding._replace(indices={"validation": ours, "train": theirs}, pictures=pictures)


def of_degenerate(finding: Finding, a: Reading, b: Reading | None) -> Finding:
    """The finding with the images that are constant or hold a number that is none."""
    if finding.status != FOUND or finding.indices:
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
