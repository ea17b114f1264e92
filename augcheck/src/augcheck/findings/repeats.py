"""AUG01: do pictures come again though they should be new, or the other way round?"""

from __future__ import annotations

import itertools

import numpy as np

from augcheck.context import Context
from augcheck.frameworks import is_a, steps_of
from augcheck.measures.again import FEW, NOT_TURNED, SHUFFLE_ROWS, new_share
from augcheck.measures.parts import NEW, SAME, VARIANTS, kind_of_a_part
from augcheck.reading.augmentation import NOTHING, TRAINING
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS, BATCHES, DATASET, GENERATORS, LOADER
from augcheck.result import CANT_TELL, FOUND, NOT_CALLED, NOT_FOUND, TOO_LITTLE, WASTEFUL, Fault, Finding, joined

LAST_NEW = 0.06  # of an epoch of draws with replacement: after four epochs 2 % of the images are still to come
STOPPED = "every epoch shows identical images"
UNLESS = ": augmentation is off, frozen, or comes later"  # where nothing was given that could
LOOP = 'check_pipeline(…, augment=…, augment_in="loop")'
AGAIN = 0.9  # share of the images that come equally often in one epoch before it is said that all do


def repeats(context: Context) -> Finding:
    """The same "random" pictures come in every epoch, or a few pools of them in turn.

    What it does:
        Compares the bytes of each image over up to nine epochs. Up to {again.FEW:.0%} may be an exception: real sets
        hold a few doubles. With live=False it finds the opposite: pictures that should stay the same and don't. It also
        finds images that come several times in one epoch (workers that don't share the work).

        Of a set too large to be read twice, the first part of two epochs is compared: whether what came early comes
        again, or near copies of it, or {parts.AS_FIXED:.0%} of the pictures that a fixed set would show again.

    Why it matters:
        The network memorises these few pictures. It looks like overfitting, and is.

    What instead:
        Augment after cache(), remove a seed that is set again, call a layer with training=True. A stateless op needs
        another seed each time, and keras.utils.set_random_seed makes tf.image in a map repeat its draws. If the pool is
        meant, say live=False. If your training loop augments what the pipeline gives, say augment= and
        augment_in="loop".

    Example wrong:
        def make():
            lightened = lighten(images)  # once, before training
            return Batches(lightened, labels)

    Example right:
        def make():
            return Batches(images, labels, lighten)  # each batch anew

    What it can't tell:
        Pools of ten copies or more, read one after the other. Of an endless pipeline it can't tell where an epoch ends
        (steps_per_epoch= says it). Stored pictures that come in large shards, whose order is new in each epoch, may
        hide where a set is too large to be read twice. Doubles within an epoch are not seen where each is augmented by
        itself.
    """
    train = context.train
    clock = _clock(context)
    faults = _doubles(train)
    if not faults:
        return clock
    if clock.status == FOUND:
        faults.insert(0, Fault(clock.value, clock.how.rstrip("."), clock.change))
    return joined(faults)


def _clock(context: Context) -> Finding:
    train, live = context.train, context.live
    static, value, how = _pool(train)
    if not train.whole:
        verdict = SAME if value == SAME else kind_of_a_part(train, train.shown)
        if verdict is None or verdict == SAME and train.called_anew:
            change = "Raise max_images and max_seconds." if train.source.batches else "Give steps_per_epoch."
            how = f"{how} But an epoch may be longer than the {train.n:,} images read."
            return Finding(CANT_TELL, value, how, change, reason=TOO_LITTLE)
        static, value, how = verdict == SAME, verdict, f"{train.part} {how}"
    if static != live:
        # Arrays are stored, and nobody expects otherwise.
        if live and train.source.kind != ARRAYS and context.given_again:
            how += " The pipeline's own pictures come again: what follows makes them new."
        return Finding(NOT_FOUND, value, how)
    if not live:
        how += " You said live=False."
        change = "Store the pictures, and read the store."
        return Finding(FOUND, "new pictures in every epoch, where none were meant", how, change, severity=WASTEFUL)
    value = STOPPED if value == SAME else value
    if not train.source.turned:
        return Finding(CANT_TELL, value, f"{how} {NOT_TURNED}", SHUFFLE_ROWS, reason=NOT_CALLED)
    if train.source.in_processes:
        how += " But fit reads it in processes of its own, where random states are other ones."
        change = "Set use_multiprocessing=False for the check-up."
        return Finding(CANT_TELL, value, how, change, reason="fit reads it in processes of its own")
    if context.tried in (NOTHING, TRAINING):
        how += " Tried by itself, the augmentation returns its images untouched."
        change = {TRAINING: "Call it with training=True.", NOTHING: "Look into the augmentation."}[context.tried]
        return Finding(FOUND, value, how, change)
    if context.tried is None:
        value += UNLESS * (value == STOPPED)
    return Finding(FOUND, value, how, f"{_repair(train)} Meant to stay fixed? check_pipeline(…, live=False).")


def _repair(train: Reading) -> str:
    """What to change where pictures repeat, as far as the kind of pipeline tells."""
    kind = train.source.kind
    if is_a(train.source.data, "tensorflow.data.Dataset"):
        steps = [type(step).__name__ for step in steps_of(train.source.data)]
        if any("Cache" in step for step in steps):
            return "Augment after cache(), with a new draw each time."
        if any("Map" in step for step in steps):
            return "Look inside the map for a seed, a counter or NumPy's random numbers, which start again."
    if kind == DATASET:
        return "Nothing is mapped. If a model augments: check_pipeline(…, model=…)."
    if kind in (ARRAYS, BATCHES):
        return f"The pictures are stored: augment them when they are read. If your training loop augments: {LOOP}."
    if kind in GENERATORS.values():
        return "Look for a seed that is set again, or for ranges that are all 0."
    where = "in each epoch, a cache of augmented images"
    if kind == LOADER:
        where = "in the dataset, its workers or its collate_fn"
    return (
        f"Nothing augments yet? Add it. Else look for a seed that is set again {where}, or pictures augmented once and "
        f"stored. If your training loop augments: {LOOP}. If your model augments: check_pipeline(…, model=…)."
    )


def _pool(train: Reading) -> tuple[bool, str, str]:
    """Whether the pictures of these epochs come from a fixed pool, which, and how that shows."""
    shown = train.shown
    n, epochs = len(shown[0]), len(shown)
    new = [new_share(shown[i], np.concatenate(shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([new_share(later, earlier) for earlier, later in itertools.pairwise(shown)])
    # A pool that is read copy after copy comes round after k epochs.
    k = next(
        (k for k in range(1, epochs) if all(new_share(shown[i], shown[i - k]) <= FEW for i in range(k, epochs))), 0
    )
    # A pool that is read through a shuffle brings new pictures only until it ends, where live augmentation
    # with few variants brings fewer and fewer.
    ends = new[-1] <= FEW and sum(FEW < share < 1 - FEW for share in new) <= 1
    if k == 1:
        how = f"All {n:,} images came back pixel-identical in each of the other {epochs - 1} epochs."
        return True, SAME, how
    if _drawn_with_replacement(train, new):
        how = f"Pictures come several times in an epoch, and after {epochs} epochs hardly a new one came."
        return True, SAME, how
    if k or ends:
        copies = k or round(len(np.unique(np.concatenate(shown))) / n)
        how = f"The last of {epochs} epochs brought no picture that had not come before."
        return True, f"about {copies} stored copies of each image come round again", how
    if back > FEW:
        how = f"≈ {back:.0%} of an epoch's pictures were in the epoch before; flips alone make half."
        return False, VARIANTS, how
    how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    return False, NEW, how


def _drawn_with_replacement(train: Reading, new: list[float]) -> bool:
    """Whether stored pictures are drawn with replacement, as samplers with weights do.

    As many come for the first time as such draws leave, and two views of an image, mirrored ones included, are equal.
    """
    shown = train.shown[0]
    counts = np.unique(shown, return_counts=True)[1]
    several_times = (counts > 1).sum() > FEW * len(shown)
    fewer_and_fewer = all(later <= earlier + FEW for earlier, later in itertools.pairwise(new))
    if not several_times or not fewer_and_fewer or new[-1] > LAST_NEW:
        return False
    views: dict[int, set[int]] = {}
    for image, picture in zip(train.invariants, shown.tolist(), strict=True):
        if image is not None:
            views.setdefault(image, set()).add(picture)
    return sum(len(pictures) > 1 for pictures in views.values()) <= FEW * len(views)


def _doubles(train: Reading) -> list[Fault]:
    """Images that all come equally often in one epoch."""
    counts = np.unique(train.given[0], return_counts=True)[1]
    times = int(np.median(counts))
    if train.source.kind == ARRAYS or not train.whole or times < 2 or np.mean(counts == times) < AGAIN:
        return []
    how = f"{len(counts):,} different images make an epoch of {train.n:,}"
    change = "Split the images between the workers (get_worker_info()), or drop the doubles."
    return [Fault(f"each image {times} times in an epoch", how, change, WASTEFUL)]
