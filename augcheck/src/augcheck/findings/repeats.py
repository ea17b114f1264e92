"""Do pictures come again though they should be new, or the other way round?"""

from __future__ import annotations

import itertools

import numpy as np

from augcheck.context import Context
from augcheck.frameworks import draws_random_numbers, functions_in, is_a, steps_of
from augcheck.measures.again import FEW, NOT_TURNED, SHUFFLE_ROWS, new_share
from augcheck.measures.parts import NEW, SAME, VARIANTS, kind_of_a_part
from augcheck.reading.augmentation import NOTHING, TRAINING
from augcheck.reading.epochs import Reading
from augcheck.reading.sources import ARRAYS, BATCHES, DATASET, GENERATORS, LOADER
from augcheck.result import CANT_TELL, FOUND, NOT_CALLED, NOT_FOUND, TOO_LITTLE, WASTEFUL, WRONG, Fault, Finding, joined

NUMBER, ABOUT = "AUG01", "repeated pictures"
MOSTLY = 0.6  # share of an epoch that is new while copies go on: two of them may be alike
LAST_NEW = 0.06  # of an epoch of draws with replacement: after four epochs 2 % of the images are still to come
STOPPED = "every epoch shows identical images"
UNLESS = ": augmentation is off, frozen, or comes later"  # where nothing was given that could
HARDLY = "hardly an image changes from epoch to epoch"
PASS = (
    "If your model augments: check_pipeline(…, model=…). If your training loop does: check_pipeline(…, augment=…, "
    'augment_in="loop"). Meant to stay fixed? check_pipeline(…, live=False).'
)
SAY_WHERE = (
    'Say augment_in="loop" if your training loop calls it on what this pipeline gives, or "batch" or "image" if the '
    "pipeline does."
)
STORES = {"Cache": "cache()", "Snapshot": "snapshot()", "Save": "save()", "Load": "load()"}  # steps of tf.data
AGAIN = 0.9  # share of the images that come equally often in one epoch before it is said that all do
STAY = 0.5  # share of late images that are in the next epoch, too: of a dropped remainder nearly all, of changes few

WRITES = Finding(
    FOUND,
    "the pipeline changes its stored images in place, so changes pile up",
    "It wrote into an array of its own while it was read, which was locked, because it is too large to be copied.",
    "Copy an image before you change it. If the array is a buffer that is filled anew, check with fewer images.",
)


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
        Augment after cache(), snapshot() and load(), remove a seed that is set again, call a layer with training=True.
        A stateless op needs another seed each time, and keras.utils.set_random_seed makes tf.image in a map repeat its
        draws. If the pool is meant, say live=False. If your model augments, give model=. If your training loop
        augments what the pipeline gives, say augment= and augment_in="loop".

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
        faults.insert(0, Fault(clock.value, clock.how.rstrip("."), clock.change, clock.severity))
    return joined(faults)


def _clock(context: Context) -> Finding:
    train, live = context.train, context.live
    static, value, how = _pool(train)
    if not train.whole:
        verdict = value if value in (SAME, HARDLY) else kind_of_a_part(train, train.shown)
        if verdict is None or verdict in (SAME, HARDLY) and train.called_anew:
            change = "Raise max_images and max_seconds." if train.source.batches else "Give steps_per_epoch."
            how = f"{how} But an epoch may be longer than the {train.n:,} images read."
            return Finding(CANT_TELL, value, how, change, reason=TOO_LITTLE)
        static, value, how = verdict in (SAME, HARDLY), verdict, f"{train.part} {how}"
    if static != live:
        # Arrays are stored, and nobody expects otherwise.
        if live and train.source.kind != ARRAYS and context.given_again:
            how += " The pipeline's own pictures come again: what follows makes them new."
        return Finding(NOT_FOUND, value, how)
    if not live:
        how += " You said live=False."
        change = "Store the pictures, and read the store."
        return Finding(FOUND, "new pictures in every epoch, where none were meant", how, change, severity=WASTEFUL)
    severity = WRONG if value == SAME else WASTEFUL
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
    if context.augmentation is not None and not context.augmentation.seen:
        how += " That the pipeline calls augment doesn't show."
        return Finding(CANT_TELL, value, how, SAY_WHERE, reason="give augment_in=")
    if context.tried is None:
        value += UNLESS * (value == STOPPED)
    return Finding(FOUND, value, how, f"{_repair(train)} {PASS}", severity=severity)


def _repair(train: Reading) -> str:
    """What to change where pictures repeat, as far as the kind of pipeline tells."""
    kind = train.source.kind
    if is_a(train.source.data, "tensorflow.data.Dataset"):
        return _repair_of_dataset(train.source.data)
    if kind == DATASET:
        return "Look for a step that stores pictures, or a seed that is set again."
    if kind in (ARRAYS, BATCHES):
        return "The pictures are stored: augment them when they are read."
    if kind in GENERATORS.values():
        return "Look for a seed that is set again, or for ranges that are all 0."
    where = "in each epoch, a cache of augmented images"
    if kind == LOADER:
        where = "in the dataset, its workers or its collate_fn"
    return (
        f"Nothing augments yet? Add it. Else look for a seed that is set again {where}, or pictures augmented once and "
        "stored."
    )


def _repair_of_dataset(data: object) -> str:
    """The same for a tf.data.Dataset, by the order of its steps."""
    store = ""  # the last step that stores pictures, among those behind the step looked at
    drawn_after = False
    for step in steps_of(data):  # the last one first
        if any(map(draws_random_numbers, functions_in(step))):
            if store:
                return f"What a map draws before {store} is stored with the pictures: augment behind it."
            drawn_after = True
        store = store or next((name for kind, name in STORES.items() if kind in type(step).__name__), "")
    if drawn_after:
        return "Look inside the map for a seed, a counter or NumPy's random numbers, which start again."
    if store == "load()":
        return "load() gives what was stored, and what a map drew before save() with it: augment behind it."
    return "No map draws random numbers."


def _pool(train: Reading) -> tuple[bool, str, str]:
    """Whether the pictures of these epochs come from a fixed pool, which, and how that shows."""
    shown = train.shown
    n, epochs = len(shown[0]), len(shown)
    new = [new_share(shown[i], np.concatenate(shown[:i])) for i in range(1, epochs)]
    back = 1 - np.mean([new_share(later, earlier) for earlier, later in itertools.pairwise(shown)])
    if np.mean(new) <= FEW:
        if max(new) == 0 and back == 1:
            return True, SAME, f"All {n:,} images came back pixel-identical in each of the other {epochs - 1} epochs."
        if _are_dropped(train, new):
            return True, SAME, f"Nearly all {n:,} images came back pixel-identical in each of the other epochs."
        return True, HARDLY, f"Of an epoch's pictures ≈ {np.mean(new):.1%} are new, and all others are as before."
    # A pool of some copies brings new pictures only until it ends, where live augmentation with few variants brings
    # fewer and fewer.
    ends = new[0] > MOSTLY and new[-1] <= FEW and sum(FEW < share < MOSTLY for share in new) <= 1
    if _drawn_with_replacement(train, new):
        how = f"Pictures come several times in an epoch, and after {epochs} epochs hardly a new one came."
        return True, SAME, how
    if ends:
        copies = 1 + sum(share > FEW for share in new)
        how = f"The last of {epochs} epochs brought no picture that had not come before."
        return True, f"about {copies} stored copies of each image come round again", how
    if back > FEW:
        how = f"≈ {back:.0%} of an epoch's pictures were in the epoch before; flips alone make half."
        return False, VARIANTS, how
    how = f"{'Hardly a' if back else 'No'} picture came again, as in a pool of {epochs} copies or more."
    return False, NEW, how


def _are_dropped(train: Reading, new: list[float]) -> bool:
    """Whether the few new pictures of each epoch are a remainder that batch() dropped before, and not rare changes.

    A picture of the set is in the next epoch, too; one that was changed by chance is not.
    """
    shown = train.shown
    if max(new) * train.n >= train.sizes[0]:
        return False
    late = [shown[i][~np.isin(shown[i], np.concatenate(shown[:i]))] for i in range(1, len(shown) - 1)]
    stays = [np.isin(pictures, later) for pictures, later in zip(late, shown[2:], strict=True)]
    every = np.concatenate(stays) if stays else np.zeros(0)
    return not every.size or bool(every.mean() > STAY)


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
