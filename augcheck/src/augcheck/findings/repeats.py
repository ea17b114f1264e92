"""Do pictures come again though they should be new?"""

from __future__ import annotations

import itertools

import numpy as np

from augcheck.context import Context
from augcheck.measures.partial_epochs import AS_FIXED, NEW, SAME, VARIANTS, kind_of_a_part
from augcheck.measures.recurrence import FEW, new_share
from augcheck.measures.versions import (
    LEAST_EPOCHS,
    MOST_VERSIONS,
    are_mirrored,
    stores_of_batches,
    versions_at_random,
)
from augcheck.reading.augmentation import NOTHING, TRAINING
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS
from augcheck.result import (
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
LAST_NEW = 0.06  # of an epoch of draws with replacement: after four epochs 2 % of the images are still to come
DIFFERENT = 0.9  # share of different pictures in such an epoch, at most: 0.84 where the ninth brings so few new ones
STOPPED = "every epoch shows identical images"
OF_STORES = "a few stored versions of each image come again and again, one of them in each batch"
OF_FEW = "a few versions of each image come again and again, and are no mirror images of each other"
VIEWS = "several views of an image in an epoch"
DRAWN = "a stored set, or a few versions of each image, is drawn from in every epoch"
# Index of dispersion of stored pictures, and of draws: of two versions it is 0.5.
FIXED = 0.25
BY_DRAWS = (0.75, 1.25)
EVENLY_TIMES = 2  # how often a picture should have come before its count says something
UNLESS = ": augmentation is off, frozen, or comes later"  # where nothing was given that could
REPAIR = (
    "Nothing augments yet? Add it. Else look for a seed that is set again in each epoch, a cache of augmented images, "
    "or pictures augmented once and stored. If your model augments: check_pipeline(..., model=...). If your training "
    'loop does: check_pipeline(..., augment=..., augment_in="loop"). Meant to stay fixed? check_pipeline(..., '
    "live=False)."
)
KEPT = (
    "Look for augmented images that are kept: a cache in each worker of a DataLoader or in each process, or stored "
    "copies. Cache images before they are augmented."
)
REPAIRS = {
    OF_STORES: f"{KEPT} Or a whole batch gets one of a few changes: draw for each image.",
    OF_FEW: f"{KEPT} Or the change has so few outcomes, such as grey or not: then ignore this, or augment more.",
}
UNSURE = (
    "So do changes of a few outcomes, and stored copies that are drawn at random, as from a cache in each worker: that "
    "can't be told. Cache nothing that was augmented."
)
SAY_WHERE = (
    'Say augment_in="loop" if your training loop calls it on what this pipeline gives, or "batch" or "image" if the '
    "pipeline does."
)
# The share that was in the epoch before from which that is said. Of 20 outcomes it is as much.
NOTED = 0.05
STAY = 0.5  # share of late images that are in the next epoch, too: of a dropped remainder nearly all, of changes few

EXPLANATION = f"""The same "random" pictures come in every epoch, or a few pools of them in turn.

What it does:
    Compares the bytes of each image over up to nine epochs. Where an image comes several times in an epoch, it is
    augmented if its views differ, or if pictures come unequally often from epoch to epoch (an index of dispersion above
    {FIXED:g}). Calm where that index is about 1: stored images drawn with replacement look like a few versions of each.
    Where a part comes again, and no mirror images or quarter turns explain the rest, it asks whether batches share
    pictures as if each came from one of a few stores. Calm where 2 to {MOST_VERSIONS} versions of each image come, each
    as often, over {LEAST_EPOCHS} epochs or more: nothing tells stored ones from a change with so few outcomes.
    Of a set too large to be read twice, it asks whether what came early in the first part comes again, or near copies
    of it, or {AS_FIXED:.0%} of the pictures that a fixed set would show again.

Why it matters:
    The network memorises these few pictures. It looks like overfitting, and is. Usual causes: cache(), snapshot()
    or load() behind the augmentation, a cache in each worker of a DataLoader, a seed that is set again, a layer called
    without training=True, one seed for all calls of a stateless op, and keras.utils.set_random_seed, after which
    tf.image in a map repeats its draws.

What it can't tell:
    Pools of ten copies or more, read one after the other. Whether more than {MOST_VERSIONS} versions of an image, mixed
    within a batch, are stored copies drawn at random or outcomes of a change, such as a shift by whole pixels: a note
    says so. Flips cached in each worker, and such caches of a set too large to be read twice or drawn with replacement.
    Nor where an epoch of an endless pipeline ends (steps_per_epoch= says it), and stored pictures of a large set that
    come in large shards, in a new order."""


def repeats(context: Context) -> Finding:
    train, live = context.train, context.live
    static, value, how = _pool(train)
    # Where an epoch begins amid a pass, stored pictures come unequally often in it, too, unless it is many passes.
    pictures = len(np.unique(train.shown[0]))
    few_passes = train.source.goes_on and train.n < EVENLY_TIMES * pictures
    if not train.whole and (value != VIEWS or few_passes):
        verdict = value if value in (SAME, DRAWN) else kind_of_a_part(train, train.shown)
        if verdict is None and not train.source.ends:
            how = f"The set has no end, and it wasn't said how long an epoch is: {train.n:,} images were read, twice."
            return cant_tell(NO_STEPS, how, train.more)
        if verdict is None or verdict in (SAME, DRAWN) and train.called_anew:
            how = f"{how} But an epoch may be longer than the {train.n:,} images read."
            return cant_tell(TOO_LITTLE, how, train.more, value)
        how = train.part if value == VIEWS else f"{train.part} {how}"
        static, value = verdict in (SAME, DRAWN), verdict
    if not (static and live):
        # Arrays are stored, and nobody expects otherwise.
        if live and train.source.kind != ARRAYS and context.given_again:
            how += " The pipeline's own pictures come again: what follows makes them new."
        return not_found(how, value, how if live and UNSURE in how else "")
    if context.untried:
        return context.untried
    severity = WRONG if value in (SAME, OF_STORES) else WASTEFUL
    change = REPAIRS.get(value, REPAIR)
    value = STOPPED if value == SAME else value
    if context.tried in (NOTHING, TRAINING):
        how += " Tried by itself, the augmentation returns its images untouched."
        if context.tried == TRAINING:
            return wrong(value, how, "Call it with training=True.")
        return wrong(value, how, "Look into the augmentation.")
    if context.augmentation is not None and context.augmentation.place is None:
        how += " It wasn't said whether the pipeline calls augment."
        return cant_tell("give augment_in=", how, SAY_WHERE, value)
    if context.tried is None and value == STOPPED:
        value += UNLESS
    return Finding(FOUND, value, how, change, severity=severity)


def _pool(train: Reading) -> tuple[bool, str, str]:
    """Whether the pictures of these epochs come from a fixed pool, which, and how that shows."""
    shown = train.shown
    n, epochs = len(shown[0]), len(shown)
    new = [new_share(shown[i], np.concatenate(shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([new_share(later, earlier) for earlier, later in itertools.pairwise(shown)])
    index = _dispersion(shown)
    evenly = train.source.goes_on and train.whole and _each_as_often(shown)
    if index and not evenly and _several_views(train, index):
        how = "Within an epoch images come several times, and not as the same picture."
        return False, VIEWS, how
    if index <= FIXED and max(new) == 0 and back == 1:
        how = (
            f"All {n:,} images came back pixel-identical in each of the other {epochs - 1} epochs."
        )
        return True, SAME, how
    if index <= FIXED and np.mean(new) <= FEW and _are_dropped(train, new):
        how = f"Nearly all {n:,} images came back pixel-identical in each of the other epochs."
        return True, SAME, how
    # A pool of some copies brings new pictures only until it ends, where live augmentation with few variants brings
    # fewer and fewer.
    ends = new[0] > MOSTLY and new[-1] <= FEW and sum(FEW < share < MOSTLY for share in new) <= 1
    if evenly and not ends:
        pictures = len(np.unique(np.concatenate(shown)))
        how = f"The {epochs} epochs showed {pictures:,} different pictures, each about as often as any other."
        return True, SAME, how
    # Where stored pictures are drawn with replacement, as samplers with weights do, ever fewer are new.
    no_more = all(later <= earlier + FEW for earlier, later in itertools.pairwise(new))
    fewer = no_more and new[-1] <= LAST_NEW
    # Blank ones are all the same.
    known = shown[0][[image is not None for image in train.invariants]]
    if fewer and len(np.unique(known)) < DIFFERENT * len(known):
        how = f"Pictures come several times in an epoch, and after {epochs} epochs hardly a new one came."
        return True, DRAWN, how
    if ends:
        copies = 1 + sum(share > FEW for share in new)
        how = f"The last of {epochs} epochs brought no picture that had not come before."
        return True, f"about {copies} stored copies of each image come round again", how
    if back > FEW:
        return _versions(train, new, float(back), once=not index)
    how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    return False, NEW, how


def _versions(train: Reading, new: list[float], back: float, once: bool) -> tuple[bool, str, str]:
    """Of pictures of which a share was in the epoch before: whether they come from a fixed pool, which, and how that
    shows.

    Args:
        once: whether each image comes once in an epoch.
    """
    how = f"≈ {back:.0%} of an epoch's pictures were in the epoch before"
    shown_as_given = all(map(np.array_equal, train.shown, train.given))
    if not (train.whole and shown_as_given):
        return False, VARIANTS, f"{how}."
    if are_mirrored(train):
        return (
            False,
            VARIANTS,
            f"{how}, and the others are mirror images or quarter turns of some that came.",
        )
    how += ", and few of the others are mirror images of any."
    stores = stores_of_batches(train.shown, train.sizes) if once else 0
    if stores:
        how += f" Two batches share many pictures or hardly any, as if each came from one of {stores} stores."
        return True, OF_STORES, how
    versions = versions_at_random(train.n, new) if once else 0
    if versions:
        how += f" After {len(new)} epochs {new[-1]:.0%} were new, as where each is one of {versions} versions."
        return True, OF_FEW, how
    return False, VARIANTS, f"{how} {UNSURE}" if back > NOTED else how


def _each_as_often(epochs: list[np.ndarray]) -> bool:
    """Whether each picture of all epochs comes as often as any other, as in pass after pass through a fixed set.

    Counts then differ by one, where two flips of an image share its passes by chance: a variance of half their mean.
    """
    counts = np.unique(np.concatenate(epochs), return_counts=True)[1]
    return bool(counts.mean() >= EVENLY_TIMES and counts.var() <= FIXED * counts.mean())


def _several_views(train: Reading, index: float) -> bool:
    """Whether images come as several pictures within an epoch, as many of each as chance will have it.

    Of stored pictures, mirrored ones among them, each comes as often in one epoch as in another.
    """
    if index > FIXED and not BY_DRAWS[0] < index < BY_DRAWS[1]:
        return True
    views: dict[int, set[int]] = {}
    for image, picture in zip(train.invariants, train.shown[0].tolist(), strict=True):
        if image is not None:
            views.setdefault(image, set()).add(picture)
    return sum(len(some) > 1 for some in views.values()) > FEW * len(views)


def _dispersion(epochs: list[np.ndarray]) -> float:
    """By how much it varies from epoch to epoch how often each picture comes, where some come twice in one.

    Fisher's index, variance over mean: 0 where each picture comes as often in each epoch, and 1 where pictures are
    drawn one by one. Where each image is one of m versions each time it comes, it is 1 - 1/m.
    """
    pictures, which = np.unique(np.concatenate(epochs), return_inverse=True)
    parts = np.split(which.ravel(), np.cumsum([len(epoch) for epoch in epochs])[:-1])
    counts = np.stack([np.bincount(part, minlength=len(pictures)) for part in parts])
    if (counts[0] > 1).sum() <= FEW * (counts[0] > 0).sum():
        return 0.0
    return float(counts.var(0, ddof=1).sum() / counts.mean(0).sum())


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
