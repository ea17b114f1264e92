"""The images of ImageDataGenerator from before its augmentation: as they are stored, and standardised as it would."""

from __future__ import annotations

import copy

from augcheck.reading.epochs import Reading, read


def originals_of(train: Reading, max_seconds: float) -> list[Reading]:
    """What ImageDataGenerator reads before it augments, in two versions; empty for other pipelines.

    Standardised ones come first, as validation is. Its ``preprocessing_function`` may augment by itself, so the stored
    images are returned, too. Both are in the order of the files or rows.
    """
    data = train.source.data
    generator = getattr(data, "image_data_generator", None)
    if generator is None:
        return []
    shuffle, data.shuffle = data.shuffle, False
    found = []
    for left_out in (["apply_transform"], ["apply_transform", "standardize"]):
        data.image_data_generator = copy.copy(generator)
        for step in left_out:
            setattr(data.image_data_generator, step, lambda image, *_: image)
        original = read(train.source, train.n + 1, max_seconds, most=1)
        original.whole &= train.whole
        found.append(original)
    data.image_data_generator, data.shuffle = generator, shuffle
    return found
