"""Do images hold no numbers, one value, two values, hardly any contrast, or a range of their own?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcheck.context import Context
from augcheck.measures.recurrence import FEW, shows_new_images
from augcheck.reading.epochs import Reading
from augcheck.result import WASTEFUL, WRONG, Fault, Finding, joined, not_found

NUMBER, ABOUT = "AUG06", "pixel values"
TINY = 0.02  # widest range of a set: [0, 1] divided by 255 again has at most 0.004
# Share of blank images that augmentation makes by chance: RandAugment up to 0.09 in an epoch.
BY_CHANCE = 0.15
NEARLY_ALL = 0.9  # blank images that no data hold
ERRORS = 4.0  # standard errors by which an augmentation leaves more blank images than there were
# How many times wider one part of a set is than the other: 255, between images of unlike contrast.
MIXED = (60.0, 1000.0)
BETWEEN = 8.0  # times by which no image lies between both parts
SHADES = 12  # of an image that was divided, at least; a dark frame has few

EXPLANATION = f"""Images hold NaN or infinity, one value, two values, hardly any contrast, or differ 255 times in range.

What it does:
    Looks at the values of each image, as it is read and behind the model's first layers. Hardly any contrast means
    that no image spans more than {TINY}. It takes more than {FEW:.0%} constant images, behind augmentation
    {BY_CHANCE:.0%}, or more than half with two values. A single NaN is enough. Mixed ranges are two groups of images
    in one set, of which one spans {MIXED[0]:g} to {MIXED[1]:g} times the other, with none between. Calm: constant
    images that unaugmented images have, too, such as empty tiles.

Why it matters:
    Such images teach nothing, and NaN ends training. They come from a division by 255 that is made twice, or for a
    part of the files only, or from a brightness made for 0 to 255 on images of 0 to 1 (value_range=(0, 1)).

What it can't tell:
    A wrong crop, or a wrong file.

Wrong:
    data.map(lambda x, y: (x / 255, y)), and Rescaling(1 / 255) in the model
Right:
    one of the two"""


def degenerate(context: Context) -> Finding:
    train, validation = context.train, context.validation
    behind = ", behind the model's first layers" if context.first_layers.steps else ""
    allowed = BY_CHANCE if shows_new_images(train) else FEW
    sets = [("train", f"training{behind}", train, train.shown_stats, allowed)]
    if validation is not None:
        sets.append(("validation", "validation", validation, validation.stats, FEW))
    # As the images are by themselves: blank ones, or of two values, are then no fault of the augmentation.
    unaugmented = [part.stats for part in (validation, *context.originals[-1:]) if part is not None]
    if context.first_layers.steps or context.later:
        unaugmented.append(train.stats)
    faults = []
    indices: dict[str, Sequence[int]] = {}
    for name, words, part, stats, most in sets:
        bad = np.flatnonzero((stats[:, 0] == stats[:, 1]) | (stats[:, 4] == 0)).tolist()
        faults += _faults(words, stats, unaugmented, most)
        narrow = _of_another_range(part)
        if len(narrow):
            how = f"≈ {len(narrow) / part.n:.0%} of {words} span hundreds of times less than the others"
            change = "Scale all of them, and each once."
            faults.append(Fault("images of one set have different ranges", how, change))
            bad += narrow.tolist()
        if bad:
            indices[name] = bad
    if not faults:
        return not_found("No NaN, no constant images, values of a usual size.")
    return joined(faults, indices=indices)


def _faults(
    name: str, stats: np.ndarray, unaugmented: list[np.ndarray], allowed: float
) -> list[Fault]:
    finite, blank, two_values = stats[:, 4], _blank_share(stats), _two_values(stats)
    faults = []
    if not finite.all():
        how = f"in ≈ {1 - finite.mean():.0%} of {name}"
        faults.append(Fault("images hold NaN or infinity", how, "Look for 0/0."))
    if blank > allowed:
        n = len(stats)
        known = [(_blank_share(part), len(part)) for part in unaugmented]
        usual, m = max(known, default=(NEARLY_ALL, 10**9))
        both = (n * blank + m * usual) / (n + m)
        error = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
        severity = WRONG if blank > min(usual + ERRORS * error, NEARLY_ALL) else WASTEFUL
        how = f"≈ {blank:.0%} of {name} have one value everywhere"
        change = "Look at them. A layer that assumes 0 to 255 needs value_range=(0, 1) on 0 to 1."
        if severity == WASTEFUL:
            change = "Look at them: empty tiles or frames teach nothing."
        faults.append(Fault("blank images", how, change, severity))
    if two_values > 0.5 and any(_two_values(part) <= 0.5 for part in unaugmented):
        how = f"≈ {two_values:.0%} of {name} have no shades"
        faults.append(Fault("images have two values only", how, "Look at them."))
    low, high, width = stats[:, 0].min(), stats[:, 1].max(), stats[:, 6].max()
    if 0 < width < TINY:
        how = f"in {name} no image spans more than {width:.2g}, of values between {low:.3g} and {high:.3g}"
        change = "Scale once only, in the pipeline or in the model: to about 0 to 1."
        faults.append(Fault("images have hardly any contrast, as if scaled twice", how, change))
    return faults


def _blank_share(stats: np.ndarray) -> float:
    """Share of the images that have one value everywhere."""
    return float(np.mean(stats[:, 0] == stats[:, 1]))


def _two_values(stats: np.ndarray) -> float:
    """The share of images of two values among those that are not blank."""
    return float(stats[stats[:, 0] < stats[:, 1], 5].mean()) if _blank_share(stats) < 1 else 0.0


def _of_another_range(part: Reading) -> np.ndarray:
    """Numbers of the images whose range is some 255 times smaller than that of the others; or none."""
    none = np.zeros(0, int)
    width = part.stats[:, 6]
    seen = np.sort(width[width > 0])
    if len(seen) < 2:
        return none
    steps = seen[1:] / seen[:-1]
    at = int(np.argmax(steps))
    low, high = seen[: at + 1], seen[at + 1 :]
    ratio = np.median(high) / np.median(low)
    share = min(len(low), len(high)) / len(seen)
    if steps[at] < BETWEEN or share < FEW or not MIXED[0] < ratio < MIXED[1]:
        return none
    narrow = np.flatnonzero((width > 0) & (width <= low[-1]))
    kept = [part.images[i] for i in narrow if i < len(part.images)]
    if kept and np.median([len(np.unique(image)) for image in kept]) < SHADES:
        return none
    return narrow
