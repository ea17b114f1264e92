"""Do images hold no numbers, one value, two values, or hardly any contrast?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcheck.context import Context
from augcheck.measures.again import FEW
from augcheck.result import NOT_FOUND, Fault, Finding, joined

NUMBER, ABOUT = "AUG06", "pixel values"
TINY = 0.02  # widest range of a set: [0, 1] scaled again has at most 1/255 = 0.004, by ImageNet's deviation 0.017
OFFSET = 0.1  # the same below zero, over the distance from zero: ImageNet's means from [0, 1] give 0.01, twice 0.04
GAP = 20.0  # factor between the ranges of two images, if none lies between them: 255 where a part is scaled twice
SIMILAR = 2.5  # factor within which that is 255
BY_CHANCE = 0.15  # blank images that a right augmentation may make: of RandAugment's up to 0.09 in an epoch
VALUE_RANGE = "RandomBrightness, RandomErasing and RandAugment assume 0 to 255: for 0 to 1 give value_range=(0, 1)."


def degenerate(context: Context) -> Finding:
    """Images hold NaN or infinity, one value, two values, hardly any contrast, or were scaled in part.

    What it does:
        Looks at the values of each image, as it is read and behind the model's first layers. Scaled twice means that no
        image spans more than {TINY} ([0, 1] scaled again spans at most 0.004), or below zero, more than {OFFSET:.0%} of
        the distance from zero. A part was scaled otherwise where the ranges of images leave a gap of a factor of
        {GAP:g}, and those above it are about 255 times as wide as those below. It takes more than {FEW:.0%} constant
        images, of augmented ones {BY_CHANCE:.0%}, or more than half with two values. A single NaN is enough.

    Why it matters:
        Such images teach nothing, and NaN ends training. They come from preprocess_input after a division by 255, a
        Rescaling inside the backbone, files that failed to load, a brightness made for 0 to 255 on images of 0 to 1
        (value_range=, brightness_range=).

    What it can't tell:
        A wrong crop, or a wrong file.
    """
    train, validation = context.train, context.validation
    behind = ", behind the model's first layers" if context.first_layers.steps else ""
    sets = [(train, f"training{behind}", train.shown_stats)]
    if validation is not None:
        sets.append((validation, "validation", validation.stats))
    # Two values are no fault where the images from before the augmentation have no more.
    unaugmented = [part for part in (validation, *context.originals[-1:]) if part is not None]
    shades = any(part.stats[:, 5].mean() <= 0.5 for part in unaugmented)
    faults = []
    for part, name, stats in sets:
        faults += _faults(name, stats, shades, part is train and train.varied)
    if not faults:
        return Finding(NOT_FOUND, "", "No NaN, no constant images, values of a usual size.")
    indices: dict[str, Sequence[int]] = {}
    for part, _, stats in sets:
        bad = np.flatnonzero((stats[:, 0] == stats[:, 1]) | (stats[:, 4] == 0)).tolist()
        if bad:
            indices[part.source.name] = bad
    return joined(faults, indices=indices)


def _faults(name: str, stats: np.ndarray, shades: bool, varied: bool) -> list[Fault]:
    low, high, _, _, finite, two_values, _ = stats.T
    constant = np.mean(low == high)
    faults = []
    if not finite.all():
        faults.append(Fault("images hold NaN or infinity", f"in ≈ {1 - finite.mean():.0%} of {name}", "Look for 0/0."))
    if constant > (BY_CHANCE if varied else FEW):
        how = f"≈ {constant:.0%} of {name} have one value everywhere"
        faults.append(Fault("blank images", how, "Look at them.", advice=VALUE_RANGE))
    if two_values.mean() > 0.5 and shades:
        change = "brightness_range needs images of 0 to 255 and rescale=1/255."
        how = f"≈ {two_values.mean():.0%} of {name} have no shades"
        faults.append(Fault("images have two values only", how, change, advice=VALUE_RANGE))
    return faults + _mixed_ranges(stats[:, 6], name) + _scaled_twice(stats, name)


def _mixed_ranges(widths: np.ndarray, name: str) -> list[Fault]:
    """Whether the ranges of images fall into two groups, one about 255 times as wide as the other."""
    widths = np.sort(widths[widths > 0])
    steps = widths[1:] / widths[:-1]
    if not steps.size or steps.max() < GAP:
        return []
    few = int(steps.argmax()) + 1  # images below the gap
    times = np.median(widths[few:]) / np.median(widths[:few])
    if min(few, len(widths) - few) <= FEW * len(widths) or not 255 / SIMILAR < times < 255 * SIMILAR:
        return []
    how = f"≈ {few / len(widths):.0%} of {name} span about 1/{times:.0f} of the range of the others"
    change = "Look for a part that is divided by 255 twice, or not at all."
    return [Fault("a part of the images was scaled otherwise than the rest", how, change, advice=VALUE_RANGE)]


def _scaled_twice(stats: np.ndarray, name: str) -> list[Fault]:
    low, high, mean, width = stats[:, 0].min(), stats[:, 1].max(), stats[:, 2].mean(), stats[:, 6].max()
    if not width > 0 or width >= TINY and not (mean < 0 and width < -OFFSET * mean):
        return []
    how = (
        f"in {name} the brightest minus the darkest pixel of an image is at most {width:.2g}, of values between "
        f"{low:.3g} and {high:.3g}, where images are usually 0 to 1 or 0 to 255"
    )
    value = "pixel values were scaled twice, so images have hardly any contrast"
    return [Fault(value, how, "Scale once only: in the pipeline or in the model.")]
