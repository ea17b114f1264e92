"""Do images hold no numbers, one value, two values, or hardly any contrast?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from augcheck.context import Context
from augcheck.measures.recurrence import FEW
from augcheck.result import WASTEFUL, WRONG, Fault, Finding, joined, not_found
from augcheck.value_range import BY_CHANCE, advice_on_range, blank_share, kinds_that_augment

NUMBER, ABOUT = "AUG06", "pixel values"
TINY = 0.02  # widest range of a set: [0, 1] scaled again has at most 1/255 = 0.004, by ImageNet's deviation 0.017
OFFSET = 0.1  # the same below zero, over the distance from zero: ImageNet's means from [0, 1] give 0.01, twice 0.04
# The largest value of [0, 1] scaled again, in 1/255, of dark and of lightened images.
SCALED = (0.3, 1.5)
# Means of [0, 1] normalised again: by deviations, by the means of caffe's ImageNet.
NORMALISED = ((-3, 0), (-127, -100))
NEARLY_ALL = 0.9  # blank images that no data hold
# The same where nothing says how many there are, and a layer that assumes a range was seen, which makes half.
MADE = 0.2
ERRORS = 4.0  # standard errors by which an augmentation leaves more blank images than there were

EXPLANATION = f"""Images hold NaN or infinity, one value, two values, or hardly any contrast.

What it does:
    Looks at the values of each image, as it is read and behind the model's first layers. Hardly any contrast means
    that no image spans more than {TINY}. Scaled twice means that these are also the values that scaling to 0 to 1,
    or normalising, gives for values scaled already: up to {SCALED[1]:g}/255, or far below zero beside their range.
    It takes more than {FEW:.0%} constant images, behind RandAugment {BY_CHANCE:.0%}, or more than half with two
    values. A single NaN is enough. Calm, because it is often meant: constant images that unaugmented images have, too,
    such as empty tiles, and little contrast of other values.

Why it matters:
    Such images teach nothing, and NaN ends training. They come from preprocess_input after a division by 255, a
    Rescaling inside the backbone, files that failed to load, a brightness made for 0 to 255 on images of 0 to 1.

What it can't tell:
    A wrong crop, or a wrong file."""


def degenerate(context: Context) -> Finding:
    train, validation = context.train, context.validation
    behind = ", behind the model's first layers" if context.first_layers.steps else ""
    sets = [("train", f"training{behind}", train.shown_stats)]
    if validation is not None:
        sets.append(("validation", "validation", validation.stats))
    # As the images are by themselves: blank ones, or of two values, are then no fault of the augmentation.
    unaugmented = [part.stats for part in (validation, *context.originals[-1:]) if part is not None]
    if context.first_layers.steps or context.later:
        unaugmented.append(train.stats)
    advice = advice_on_range(context)
    faults = []
    indices: dict[str, Sequence[int]] = {}
    for name, words, stats in sets:
        allowed = (
            BY_CHANCE if name == "train" and "RandAugment" in kinds_that_augment(context) else FEW
        )
        faults += _faults(words, stats, unaugmented, allowed, advice)
        bad = np.flatnonzero((stats[:, 0] == stats[:, 1]) | (stats[:, 4] == 0)).tolist()
        if bad:
            indices[name] = bad
    if not faults:
        return not_found("No NaN, no constant images, values of a usual size.")
    return joined(faults, indices=indices)


def _faults(
    name: str, stats: np.ndarray, unaugmented: list[np.ndarray], allowed: float, advice: str
) -> list[Fault]:
    finite, blank, two_values = stats[:, 4], blank_share(stats), _two_values(stats)
    faults = []
    if not finite.all():
        how = f"in ≈ {1 - finite.mean():.0%} of {name}"
        faults.append(Fault("images hold NaN or infinity", how, "Look for 0/0."))
    if blank > allowed:
        n = len(stats)
        known = [(blank_share(part), len(part)) for part in unaugmented]
        usual, m = max(known, default=(MADE if advice else NEARLY_ALL, 10**9))
        both = (n * blank + m * usual) / (n + m)
        error = np.sqrt(both * (1 - both) * (1 / n + 1 / m))
        severity = WRONG if blank > min(usual + ERRORS * error, NEARLY_ALL) else WASTEFUL
        how = f"≈ {blank:.0%} of {name} have one value everywhere"
        change = "Look at them."
        if severity == WASTEFUL:
            change = "Look at them: empty tiles or frames teach nothing."
        faults.append(Fault("blank images", how, change, severity, advice))
    if two_values > 0.5 and any(_two_values(part) <= 0.5 for part in unaugmented):
        how = f"≈ {two_values:.0%} of {name} have no shades"
        faults.append(Fault("images have two values only", how, "Look at them.", advice=advice))
    return faults + _scaled_twice(stats, name)


def _two_values(stats: np.ndarray) -> float:
    """Their share among images that are not blank."""
    return float(stats[stats[:, 0] < stats[:, 1], 5].mean()) if blank_share(stats) < 1 else 0.0


def _scaled_twice(stats: np.ndarray, name: str) -> list[Fault]:
    low = stats[:, 0].min()
    high = stats[:, 1].max()
    mean = stats[:, 2].mean()
    width = stats[:, 6].max()
    narrow = 0 < width < TINY
    if narrow:
        twice = NORMALISED[0][0] < low < high < 0 or SCALED[0] < 255 * max(high, -low) < SCALED[1]
    else:
        twice = any(least < mean < most for least, most in NORMALISED) and width < -OFFSET * mean
    if not (narrow or twice):
        return []
    how = (
        f"in {name} the brightest minus the darkest pixel of an image is at most {width:.2g}, of values between "
        f"{low:.3g} and {high:.3g}, where images are usually 0 to 1 or 0 to 255"
    )
    if twice:
        value = "pixel values were scaled twice, so images have hardly any contrast"
        return [Fault(value, how, "Scale once only: in the pipeline or in the model.")]
    change = "Scale their values to about 0 to 1."
    return [Fault("images have hardly any contrast", how, change, WASTEFUL)]
