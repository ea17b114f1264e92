"""Does validation show other images from pass to pass?"""

from __future__ import annotations

import numpy as np

from augcheck.context import Context
from augcheck.measures.partial_epochs import SAME, kind_of_a_part
from augcheck.measures.recurrence import new_share
from augcheck.result import NO_VALIDATION, TOO_LITTLE, Finding, cant_tell, not_found, wrong

NUMBER, ABOUT = "AUG03", "changing validation images"

EXPLANATION = """The validation set shows other images in its second pass than in its first.

What it does:
    Compares the fingerprints of two passes, and lets the model's first layers act as they do in validation. A
    single new image is enough, unless batch(drop_remainder=True) may have dropped it.

Why it matters:
    The validation loss then measures other images than those that you want to know about, and two epochs can't be
    compared.

What it can't tell:
    A validation set that was augmented once and then stored. Where images change, it can't tell augmentation from
    random sampling.

Wrong:
    validation = prepare(validation, augment=True)
Right:
    validation = prepare(validation, augment=False)"""


def validation_moves(context: Context) -> Finding:
    validation = context.validation
    if validation is None:
        return NO_VALIDATION
    if context.first_layers.always:
        how = "The model's first layers change images with training=False, too."
        return wrong(
            "the model augments validation images", how, "Let these layers act in training only."
        )
    first, second = validation.given
    more = len(np.setdiff1d(second, first))
    if more == 0:
        return not_found(f"Both passes showed the same {len(first):,} images.")
    how = f"Read twice: ≈ {new_share(second, first):.0%} of the images of the second pass were not in the first."
    if not validation.whole:
        verdict = kind_of_a_part(validation, validation.given)
        if verdict == SAME:
            how = f"{validation.part} As many came again as of the same images in a new order."
            return not_found(how)
        if verdict is None:
            how += " Passes may be longer than what was read."
            return cant_tell(TOO_LITTLE, how, validation.more)
        how = f"{validation.part} {how}"
    elif more < validation.sizes[0] and set(validation.sizes) == {validation.sizes[0]}:
        how += " batch() may drop a remainder."
        return cant_tell("batch() may drop a remainder", how, "Drop no remainder.")
    how += " Whether they are augmented or drawn at random doesn't show."
    change = "Don't augment validation images, and don't resample them."
    return wrong("the validation images change each time", how, change)
