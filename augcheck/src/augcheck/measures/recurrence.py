"""Which images come again, and FEW, the share that counts as none: whoever changes it moves most findings."""

from __future__ import annotations

import numpy as np

from augcheck.reading.epochs import Reading

FEW = 0.02  # a smaller share counts as none: real sets hold a few doubles


def new_share(images: np.ndarray, before: np.ndarray) -> float:
    """Share of the images that are not among those before."""
    return float(np.mean(~np.isin(images, before)))


def shows_new_images(part: Reading) -> bool:
    """Whether a model is shown new pictures in the second epoch."""
    return new_share(part.shown[1], part.shown[0]) > FEW


def moves(epochs: list[np.ndarray]) -> list[int]:
    """By how many places each image of the first epoch has moved in each later one in which it occurs."""
    places = [{image: i for i, image in enumerate(epoch.tolist())} for epoch in epochs]
    return [
        abs(later[i] - place)
        for later in places[1:]
        for i, place in places[0].items()
        if i in later
    ]
