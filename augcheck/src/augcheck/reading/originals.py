"""The images of ImageDataGenerator from before its augmentation: as they are stored, and standardised as it would."""

from __future__ import annotations

import copy

from augcheck.reading.epochs import Reading, read
from augcheck.reading.sources import as_source


def originals_of(train: Reading, max_seconds: float) -> list[Reading]:
    """What ImageDataGenerator reads before it augments, in two versions; empty for other pipelines.

    Standardised ones come first, as validation is. Its ``preprocessing_function`` may augment by itself, so the stored
    images are returned, too. Both are in the order of the files or rows.
    """
    generator = getattr(train.source.data, "image_data_generator", None)
    if generator is None:
        return []
    data = copy.copy(train.source.data)  # which leaves the order of the user's own as it is
    found = []
    data.shuffle, data.index_array = False, None
    for left_out in (["apply_transform"], ["apply_transform", "standardize"]):
        data.image_data_generator = copy.copy(generator)
        for step in left_out:
            setattr(data.image_data_generator, step, lambda image, *_: image)
        original = read(
            as_source("train", data, train.source.batches), train.n + 1, max_seconds, most=1
        )
        original.whole &= train.whole
        found.append(original)
    return found
