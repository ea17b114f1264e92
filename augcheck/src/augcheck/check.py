"""check_pipeline: read an input pipeline from outside, and report what is wrong as far as that shows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from augcheck import comparisons, evidence, findings, order
from augcheck.batches import channels_last
from augcheck.clock import new_share, repeats, validation_moves
from augcheck.front import Front
from augcheck.head import head, policy
from augcheck.images import statistics
from augcheck.leaks import FEW, shared_images
from augcheck.originals import originals_of
from augcheck.progress import Progress
from augcheck.reading import Reading
from augcheck.report import FOUND, Report
from augcheck.sources import ARRAYS, as_source
from augcheck.state import preserved
from augcheck.trial import Augmentation, try_out
from augcheck.twice import augmented_twice

ENTERING = 64  # images that are followed to a model's first weights
MOST_EPOCHS = 9  # pools of up to 8 copies are seen to come round
TO_READ = 0.8  # of the time allowed; the rest is for judging what was read


def check_pipeline(
    train: Any,
    validation: Any = None,
    *,
    augment: Callable | None = None,
    model: Any = None,
    live: bool | None = None,
    class_names: Iterable | None = None,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    keys: tuple | None = None,
    max_images: int = 25_000,
    max_seconds: float = 60,
    progress: bool = True,
) -> Report:
    """Read a pipeline for two to nine epochs, and report what is wrong with what it yields.

    It changes nothing: the random states of Python, NumPy and Keras are put back, and so is all that a
    PyDataset, ``augment`` or ``model`` holds: arrays, lists, dictionaries, random generators, seeds. Arrays
    beyond 256 MB are locked while it reads; where an on_epoch_end would write into them, it is not called,
    and the report says so. Only tf.data's shuffles, TensorFlow's own random ops, open files and generators,
    and what functions keep in global variables move on, and a cache() that was empty is filled.

    Args:
        train: a pair of arrays (images, labels); whatever gives batches each time it is iterated, such as a
            batched ``tf.data.Dataset``, an iterator of ``ImageDataGenerator``, a ``keras.utils.PyDataset``, a
            PyTorch ``DataLoader``, a list; or a function that makes one of these, such as a generator function.
            Batches are images, (images, labels) or dictionaries. Images are (n, height, width, channels) or
            (n, channels, height, width), of any type of number. Labels, which may be missing, are (n,), (n, 1)
            or (n, classes).
        validation: the same for validation.
        augment: the function or layer with which ``train`` augments, from images, or images and
            labels, of a DataLoader from one image. It is tried out by itself; a pair of arrays is read through it.
        model: a Keras model whose first steps, up to its first learned weights, are in a row. Where it begins
            with augmentation layers, ``train`` is read through them. It allows the findings "head" and
            "augmented twice", and if it is trained "policy".
        live: whether every epoch is meant to bring new pictures. Default: yes, except for a pair of
            arrays without augmentation.
        class_names: the classes in the order that you count on.
        steps_per_epoch, validation_steps: batches an epoch; needed for endless datasets.
        keys: under which batches that are dictionaries hold images and labels, (images,) or (images, labels).
            Default: usual names, where they are clear.
        max_images: at most so many of each set are read, all epochs together. Of each a fingerprint, 8x8 pixels
            and a few numbers stay in memory, and up to 512 images whole (128 MB).
        max_seconds: for the whole check-up. Of each set at least two batches are read, and none is
            interrupted: where a single one takes longer, so does the check-up.
        progress: show a bar, on a terminal or in a notebook where somebody waits, until the report is there.

    Raises:
        TypeError: a set is of no kind named above, or the model is none of Keras.
        ValueError: a set yields something else than batches of images, a number makes no sense, or the model
            can't be followed.
    """
    _check_bounds(max_images, max_seconds)
    start = time.monotonic()

    def seconds(share: float) -> float:
        """A share of the time that is left for reading."""
        return share * max(start + TO_READ * max_seconds - time.monotonic(), 0)

    # Arrays and lists of batches run no code of their own, so nothing of theirs can change.
    runs_code = [part for part in (train, validation) if not isinstance(part, np.ndarray | list | tuple)]
    bar = Progress(max_seconds, progress)
    with contextlib.closing(bar), preserved(*runs_code, augment, model) as state:
        source = as_source("train", train, steps_per_epoch, state)
        bar.watch(source)
        front = Front(model)
        through = augment is not None and source.kind == ARRAYS  # the arrays are read through augment
        # What augments images, what shows them without augmentation, what a model makes of either.
        move: Callable = front.move
        still: Callable = front.still
        finish = None if model is None else front.finish
        if augment is not None:
            move, still, finish = Augmentation(augment, source), np.asarray, model

        def shown(images: np.ndarray) -> np.ndarray:
            return front.move(move(images) if through else images)

        other = None if validation is None else as_source("validation", validation, validation_steps, state)
        half = 1 / 2 if other else 1
        fixed = source.kind == ARRAYS and augment is None and not front.layers
        a = Reading(source, max_images, seconds(half), shown, MOST_EPOCHS, keys, fixed)
        originals = originals_of(a, seconds(half))
        b = None
        if other is not None:
            bar.watch(other)
            b = Reading(other, max_images, seconds(1), keys=keys, fixed=other.kind == ARRAYS)
        bar.show("judging")
        if isinstance(move, Augmentation) and not through:
            move.labels = a.labels
        in_move, in_still = (_in_layout(part, a.channels_first) for part in (move, still))
        trial = try_out(in_move, in_still, a.images)
        augments = augment is not None or trial != "nothing" or front.seeded
        if live is None:
            live = augments or source.kind != ARRAYS
        augmented_later = through or (augments and augment is None)
        if augmented_later and np.isin(a.given[1], a.given[0]).all():
            originals = [a]
        tried = trial if augments else None
        clusters = order.clusters(a)
        static = new_share(a.shown[1], a.shown[0]) <= FEW
        one_draw = findings.one_draw(a, tried, getattr(move, "single", False), clusters, static)
        entry = None if model is None else statistics(_in_layout(front.entry, a.channels_first)(a.images[:ENTERING]))
        report = {
            "repeats": repeats(a, live, tried),
            "one draw": one_draw,
            "positions": order.positions(a),
            "augmented twice": augmented_twice(a, front, augment),
            "validation moves": validation_moves(b, front.restless),
            "sets differ": comparisons.sets_differ(a, b, class_names),
            "shared images": shared_images(a, b, originals),
            "degenerate": findings.degenerate(a, b, originals[-1] if originals else None, entry),
            "order": order.order(a, clusters, one_draw.status == FOUND),
            "labels": order.labels(a),
            "head": head(a, model),
            "policy": policy(a, b, finish, in_move if augments else None, in_still),
        }
        compared = originals[0] if originals else a
        report["shared images"] = evidence.of_shared_images(report["shared images"], compared, b)
        report["degenerate"] = evidence.of_degenerate(report["degenerate"], a, b)
    return Report(report, [part.note for part in (a, b) if part])


def _in_layout(change: Callable, channels_first: bool) -> Callable:
    """The same for images with channels last, whichever layout it takes."""
    if not channels_first:
        return change
    return lambda images, **options: channels_last(np.asarray(change(np.moveaxis(images, 3, 1), **options)))


def _check_bounds(max_images: int, max_seconds: float) -> None:
    if not (isinstance(max_images, int | np.integer) and max_images >= 2):
        raise ValueError(f"max_images is {max_images!r}; expected a whole number from 2: each set is read twice.")
    if not (isinstance(max_seconds, int | float | np.number) and max_seconds > 0):
        raise ValueError(f"max_seconds is {max_seconds!r}; expected a number of seconds above 0.")
