"""Whether what augments assumes another range of values than the images have: advice that several findings give."""

from __future__ import annotations

import numpy as np

from augcheck.context import Context
from augcheck.reading.first_layers import leaves
from augcheck.reading.sources import GENERATORS

# Share of blank images that RandAugment makes of images of its own range: up to 0.09 in an epoch.
BY_CHANCE = 0.15
# Largest value of images of about 0 to 1, above which they are taken for those of 0 to 255.
LIGHT = 2.0
LAYERS = {"RandomBrightness", "RandomErasing", "RandAugment"}
VALUE_RANGE = "assumes values of 0 to 255: for 0 to 1 give value_range=(0, 1)."
BRIGHTNESS_RANGE = "brightness_range needs images of 0 to 255 and rescale=1/255."


def advice_on_range(context: Context) -> str:
    """What to change about a layer or range that was seen in the pipeline, and that assumes another range of values."""
    seen = sorted(LAYERS & kinds_that_augment(context))
    if not seen or _as_assumed(context):
        return ""
    if context.train.source.kind in GENERATORS.values():
        return BRIGHTNESS_RANGE
    return f"{seen[0]} {VALUE_RANGE}"


def _as_assumed(context: Context) -> bool:
    """Whether images have the range that such a layer or range assumes, as far as that shows."""
    function = getattr(context.augmentation, "function", None)
    layers = [
        *leaves(function),
        *(leaf for step in context.first_layers.steps for leaf in leaves(step)),
    ]
    ranges = [layer.value_range for layer in layers if hasattr(layer, "value_range")]
    before = context.train if context.later or context.first_layers.steps else None
    if context.originals:
        before = context.originals[-1]  # as they are stored
    if before is not None and not ranges and context.train.source.kind in GENERATORS.values():
        return bool(before.stats[:, 1].max() > LIGHT)
    if ranges:
        return all((top > LIGHT) == (_brightest(context) > LIGHT) for _, top in ranges)
    # A layer of which only the name is known makes values far outside the range of images of 0 to 1, or blanks them.
    return bool(
        context.train.stats[:, 1].max() <= LIGHT and blank_share(context.train.stats) <= BY_CHANCE
    )


def _brightest(context: Context) -> float:
    """The largest value of images that nothing has augmented, as far as such were read."""
    sets = [*context.originals, context.validation]
    if context.later or context.first_layers.steps:
        sets.append(context.train)
    values = [float(part.stats[:, 1].max()) for part in sets if part is not None]
    return max(values, default=0.0)


def kinds_that_augment(context: Context) -> set[str]:
    """The classes of the layers that augment, as far as they can be reached."""
    return context.kinds_of_layers | context.first_layers.drawing


def blank_share(stats: np.ndarray) -> float:
    """Share of the images that have one value everywhere."""
    return float(np.mean(stats[:, 0] == stats[:, 1]))
