"""The images of ImageDataGenerator from before its augmentation: as they are stored, and standardised as it would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from augcheck.frameworks import loaded
from augcheck.reading.epochs import Reading, read
from augcheck.reading.sources import FLOW, GENERATORS

TOGETHER = 32


def originals_of(train: Reading, max_seconds: float) -> list[Reading]:
    """What ImageDataGenerator reads before it augments, in one or two versions; empty for other pipelines.

    Its ``preprocessing_function`` may augment by itself, so the stored images are returned, too.
    """
    if train.source.kind not in GENERATORS.values():
        return []
    generator = train.source.data.image_data_generator
    versions: list[Callable[..., Any]] = [np.asarray]
    if generator is not None:
        # Compared first, since validation is standardised, too.
        versions.insert(0, lambda image: generator.standardize(np.array(image, np.float32)))  # it works in place
    found = []
    for version in versions:
        source = replace(train.source, epoch=partial(_batches, train, version))
        original = read(source, train.n + 1, max_seconds, most=1)
        original.whole &= train.whole
        found.append(original)
    return found


def _batches(train: Reading, version: Callable[..., Any]) -> Iterator[np.ndarray]:
    data, n = train.source.data, train.n
    for start in range(0, n, TOGETHER):
        rows = range(start, min(start + TOGETHER, n))
        if train.source.kind == FLOW:
            stored = [np.asarray(data.x[i]) for i in rows]
        else:
            stored = [_loaded(data, data.filepaths[i]) for i in rows]
        yield np.stack([np.asarray(version(image)) for image in stored])


def _loaded(data: Any, path: str) -> np.ndarray:
    """A file as the generator itself loads it."""
    load = loaded("keras").utils
    how = {"color_mode": data.color_mode, "target_size": data.target_size, "interpolation": data.interpolation}
    image = load.load_img(path, keep_aspect_ratio=data.keep_aspect_ratio, **how)
    return np.asarray(load.img_to_array(image, data_format=data.data_format))
