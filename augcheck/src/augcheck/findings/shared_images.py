"""Are validation images in training, also mirrored or turned?"""

from __future__ import annotations

from augcheck.context import Context
from augcheck.measures import copies
from augcheck.measures.copies import NearCopies
from augcheck.measures.recurrence import FEW
from augcheck.result import NO_VALIDATION, TOO_LITTLE, Finding, cant_tell, not_found, wrong

NUMBER, ABOUT = "AUG05", "validation images in training"
CHANGE = "Split the original images first, and augment training afterwards."
NEAR_COPIES = "near copies of validation images are in training"
FEWEST = 8  # images of either set before near copies are looked for

Pairs = list[tuple[int, int]]  # (place in validation, place in training)

EXPLANATION = f"""Validation images are in training: as they are, mirrored, turned by a quarter, rescaled, stored again.

What it does:
    Compares all images in a form that mirroring, quarter turns and rescaled values leave alone, and small versions
    (8 by 8 pixels) of up to {copies.MOST_COMPARED:,} validation images. A near copy lies within {copies.NEAR:.0%} of
    the distance to any other image, or within {copies.STORED_AGAIN[2]:g} where different images have 1.4, and there
    must be {copies.NEAR_EXCESS:g} standard errors more of them than within validation. It takes more than {FEW:.0%}
    of the validation images: real sets hold a few doubles.

Why it matters:
    Validation then praises what was memorised.

What it can't tell:
    Copies turned by a few degrees, shifted or cropped. They can be further apart than two different images. Where
    training is augmented before it can be read, it can't tell: give the originals as pairs of arrays.

Wrong:
    train, validation = split(augmented(images))
Right:
    train, validation = split(images), and then augmented(train)"""


def shared_images(context: Context) -> Finding:
    train, validation = context.train, context.validation
    if validation is None:
        return NO_VALIDATION
    sets = context.originals or [train]
    where = {
        image: i
        for part in reversed(sets)
        for i, image in enumerate(part.invariants)
        if image is not None
    }
    pairs = [(i, where[image]) for i, image in enumerate(validation.invariants) if image in where]
    n = len(validation.invariants)
    exact = (
        f"{len(pairs):,} of {n:,} validation images are among the {len(sets[0].invariants):,} of training, as they "
        "are, mirrored, turned, or brighter or darker"
    )
    if len(pairs) > FEW * n:
        return _found(
            "validation images are also in training",
            f"{exact} (up to {FEW:.0%} is allowed).",
            pairs,
        )
    same_size = [
        part for part in sets if part.thumbnails[0].shape[1:] == validation.thumbnails[0].shape[1:]
    ]
    if not same_size or min(n, same_size[0].n) < FEWEST:
        how = f"{exact}; near copies can't be looked for."
        return cant_tell("images of several sizes, or too few", how, "Give both in one size.")
    for part in same_size:
        near = NearCopies(part.thumbnails[0], validation.thumbnails[0])
        if near.found:
            how = (
                f"{len(near.pairs):,} of {near.compared:,} validation images lie far nearer to one of training than "
                "to any of their own."
            )
            return _found(NEAR_COPIES, how, near.pairs)
    if not context.originals:
        how = f"{exact}; turned or shifted copies can't be recognised."
        change = "Compare the images from before the augmentation, as a pair of arrays."
        return cant_tell("give the images from before any augmentation", how, change)
    if all(part.whole for part in (*context.originals, validation)):
        return not_found(f"{exact}, and there are no near copies.")
    how = f"{exact}; not all of both sets was read."
    return cant_tell(TOO_LITTLE, how, "Raise max_images and max_seconds.")


def _found(value: str, how: str, pairs: Pairs) -> Finding:
    indices = {"validation": [i for i, _ in pairs], "train": [j for _, j in pairs]}
    return wrong(value, how, CHANGE, indices=indices, paired=True)
