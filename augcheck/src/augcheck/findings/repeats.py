"""Do pictures come again though they should be new?"""

from __future__ import annotations

import itertools

import numpy as np

from augcheck.context import Context
from augcheck.frameworks import draws_random_numbers
from augcheck.measures.partial_epochs import AS_FIXED, NEW, SAME, VARIANTS, kind_of_a_part
from augcheck.measures.recurrence import FEW, new_share
from augcheck.measures.versions import stores_of_batches
from augcheck.reading.augmentation import NOTHING, TRAINING
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS
from augcheck.result import (
    ASK,
    FOUND,
    NO_STEPS,
    TOO_LITTLE,
    WASTEFUL,
    WRONG,
    Finding,
    cant_tell,
    not_found,
    wrong,
)

NUMBER, ABOUT = "AUG01", "repeated pictures"
MOSTLY = 0.6  # share of an epoch that is new while copies go on: two of them may be alike
LAST_NEW = (
    0.06  # of an epoch of draws with replacement: after four epochs 2 % of images are still to come
)
DIFFERENT = 0.9  # share of different pictures in such an epoch, at most
STOPPED = "every epoch shows identical images"
OF_STORES = "a few stored versions of each image come again and again, one of them in each batch"
DRAWN = "a stored set, or a few versions of each image, is drawn from in every epoch"
EVENLY = 0.25  # variance over mean of how often each picture comes, in pass after pass through a fixed set
EVENLY_TIMES = 2  # how often a picture should have come before its count says something
STAY = 0.5  # share of late images that are in the next epoch, too: nearly all, where a remainder is dropped
REPAIR = (
    "Nothing augments yet? Add it. Else look for a seed that is set again in each epoch, a cache of augmented images, "
    "pictures augmented once and stored, or training=False. Meant to stay fixed? check_pipeline(..., live=False)."
)
QUESTION = (
    "Does your model augment? Then give it: check_pipeline(..., model=model). If your training loop does: augment=, "
    'augment_in="loop". If nothing behind the pipeline does, say model=False: then this is WRONG. '
)
KEPT = (
    "Look for augmented images that are kept: a cache in each worker of a DataLoader or in each process, or stored "
    "copies. Cache images before they are augmented."
)
SAY_WHERE = (
    'Say augment_in="loop" if your training loop calls it on what this pipeline gives, or "batch" or "image" if the '
    "pipeline does."
)

EXPLANATION = f"""The same "random" pictures come in every epoch, or a few pools of them in turn.

What it does:
    Compares the bytes of each image over up to nine epochs. Where all come again, and neither model= nor anything else
    says what augments, it asks, unless the pipeline itself draws random numbers: layers of a model don't show from
    outside. Where a part comes again, it asks whether batches share pictures as if each came from one of a few stores.
    Of a set too large to be read twice, it asks whether what came early in the first part comes again, or near copies
    of it, or {AS_FIXED:.0%} of the pictures that a fixed set would show again.

Why it matters:
    The network memorises these few pictures. It looks like overfitting, and is. Usual causes: cache(), snapshot()
    or load() behind the augmentation, a seed that is set again, a layer called without training=True, and
    keras.utils.set_random_seed, after which tf.image in a map repeats its draws.

What it can't tell:
    Pools of ten copies or more, read one after the other, and flips that are stored. Nor where an epoch of an endless
    pipeline ends (steps_per_epoch= says it).

Wrong:
    data.map(change).cache()
Right:
    data.cache().map(change)"""


def repeats(context: Context) -> Finding:
    train, live = context.train, context.live
    static, value, how = _pool(train)
    if not train.whole:
        verdict = value if value in (SAME, DRAWN) else kind_of_a_part(train, train.shown)
        if verdict is None and not train.source.ends:
            how = f"The set has no end, and it wasn't said how long an epoch is: {train.n:,} images were read, twice."
            return cant_tell(NO_STEPS, how, train.more)
        if verdict is None or verdict in (SAME, DRAWN) and train.called_anew:
            how = f"{how} But an epoch may be longer than the {train.n:,} images read."
            return cant_tell(TOO_LITTLE, how, train.more, value)
        how = f"{train.part} {how}"
        static, value = verdict in (SAME, DRAWN), verdict
    if not (static and live):
        # Arrays are stored, and nobody expects otherwise.
        if live and train.source.kind != ARRAYS and context.given_again:
            how += " The pipeline's own pictures come again: what follows makes them new."
        return not_found(how, value)
    if context.untried:
        return context.untried
    value = STOPPED if value == SAME else value
    if context.tried in (NOTHING, TRAINING):
        how += " Tried by itself, the augmentation returns its images untouched."
        if context.tried == TRAINING:
            return wrong(value, how, "Call it with training=True.")
        return wrong(value, how, "Look into the augmentation.")
    if context.augmentation is not None and context.augmentation.place is None:
        how += " It wasn't said whether the pipeline calls augment."
        return cant_tell("give augment_in=", how, SAY_WHERE, value)
    if value != STOPPED:
        severity = WRONG if value == OF_STORES else WASTEFUL
        return Finding(FOUND, value, how, KEPT, severity=severity)
    if context.tried is not None or context.model is not None:
        return wrong(value, how, REPAIR)
    if draws_random_numbers(train.source.data):
        how += " The pipeline draws random numbers, and the same images come nevertheless."
        return wrong(value, how, REPAIR)
    return Finding(FOUND, value, how, QUESTION + REPAIR, severity=ASK)


def _pool(train: Reading) -> tuple[bool, str, str]:
    """Whether the pictures of these epochs come from a fixed pool, which, and how that shows."""
    shown = train.shown
    n, epochs = len(shown[0]), len(shown)
    new = [new_share(shown[i], np.concatenate(shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([new_share(later, earlier) for earlier, later in itertools.pairwise(shown)])
    drawn_again = len(np.unique(shown[0])) < (1 - FEW) * n
    first = np.sort(shown[0])
    if all(np.array_equal(np.sort(later), first) for later in shown[1:]):
        how = (
            f"All {n:,} images came back pixel-identical in each of the other {epochs - 1} epochs."
        )
        return True, SAME, how
    if np.mean(new) <= FEW and not drawn_again and _are_dropped(train, new):
        how = f"Nearly all {n:,} images came back pixel-identical in each of the other epochs."
        return True, SAME, how
    # A pool of some copies brings new pictures only until it ends, where live augmentation with few variants brings
    # fewer and fewer.
    ends = new[0] > MOSTLY and new[-1] <= FEW and sum(FEW < share < MOSTLY for share in new) <= 1
    if _each_as_often(shown) and not ends and (drawn_again or train.source.goes_on):
        pictures = len(np.unique(np.concatenate(shown)))
        how = f"The {epochs} epochs showed {pictures:,} different pictures, each about as often as any other."
        return True, SAME, how
    # Where stored pictures are drawn with replacement, as samplers with weights do, ever fewer are new.
    no_more = all(later <= earlier + FEW for earlier, later in itertools.pairwise(new))
    fewer = no_more and new[-1] <= LAST_NEW
    known = shown[0][[image is not None for image in train.invariants]]
    if fewer and len(np.unique(known)) < DIFFERENT * len(known):
        views = {
            (image, picture)
            for image, picture in zip(train.invariants, shown[0].tolist(), strict=True)
        }
        if len(views) <= (1 + FEW) * len(set(train.invariants)):  # and no flips of an image
            how = f"Pictures come several times in an epoch, and after {epochs} epochs hardly a new one came."
            return True, DRAWN, how
    if ends:
        copies = 1 + sum(share > FEW for share in new)
        how = f"The last of {epochs} epochs brought no picture that had not come before."
        return True, f"about {copies} stored copies of each image come round again", how
    if back > FEW:
        how = f"≈ {back:.0%} of an epoch's pictures were in the epoch before."
        stores = 0
        if train.whole and not drawn_again:
            stores = stores_of_batches(shown, train.sizes)
        if stores:
            how += f" Two batches share many pictures or hardly any, as if each came from one of {stores} stores."
            return True, OF_STORES, how
        return False, VARIANTS, how
    how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    return False, NEW, how


def _each_as_often(epochs: list[np.ndarray]) -> bool:
    """Whether each picture of all epochs comes as often as any other, as in passes through a fixed set."""
    counts = np.unique(np.concatenate(epochs), return_counts=True)[1]
    return bool(counts.mean() >= EVENLY_TIMES and counts.var() <= EVENLY * counts.mean())


def _are_dropped(train: Reading, new: list[float]) -> bool:
    """Whether the few new pictures of each epoch are a remainder that batch() dropped before, and not rare changes.

    A picture of the set is in the next epoch, too; one that was changed by chance is not.
    """
    shown = train.shown
    if max(new) * train.n >= train.sizes[0]:
        return False
    late = [
        shown[i][~np.isin(shown[i], np.concatenate(shown[:i]))] for i in range(1, len(shown) - 1)
    ]
    stays = np.concatenate(
        [[], *(np.isin(pictures, later) for pictures, later in zip(late, shown[2:], strict=True))]
    )
    return not stays.size or bool(stays.mean() > STAY)
