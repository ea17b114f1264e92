"""check_pipeline: read an input pipeline from outside, and report what is wrong as far as that shows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from augcheck import comparisons, evidence, findings
from augcheck.augmentation import Augmentation, Front, try_out
from augcheck.progress import Progress
from augcheck.reading import Reading, originals_of
from augcheck.report import Report
from augcheck.sources import ARRAYS, as_source
from augcheck.state import preserved

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
        train: a batched ``tf.data.Dataset``, an iterator of ``ImageDataGenerator.flow`` or
            ``flow_from_directory``, another ``keras.utils.PyDataset``, a list of batches, or a pair of
            arrays (images, labels). Images are (n, height, width, channels), of any type of number.
            Labels, which may be missing, are (n,), (n, 1) or (n, classes).
        validation: the same for validation.
        augment: the function or layer with which ``train`` augments, from images, or images and
            labels. It is tried out by itself; a pair of arrays is read through it.
        model: a Keras model, layers in a row. Where it begins with augmentation layers, ``train`` is read
            through them. If it is trained, it allows the finding "policy".
        live: whether every epoch is meant to bring new pictures. Default: yes, except for a pair of
            arrays without augmentation.
        class_names: the classes in the order that you count on.
        steps_per_epoch, validation_steps: batches an epoch; needed for endless datasets.
        max_images: at most so many of each set are read, all epochs together. Of each a fingerprint, 8x8 pixels
            and a few numbers stay in memory, and 512 images whole.
        max_seconds: for the whole check-up. Of each set at least two batches are read, and none is
            interrupted: where a single one takes longer, so does the check-up.
        progress: show a bar, on a terminal or in a notebook where somebody waits, until the report is there.

    Raises:
        TypeError: a set is of no kind named above.
        ValueError: a set yields something else than batches of images, the model can't be followed, or a bound
            allows nothing.
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
        a = Reading(source, max_images, seconds(1 / 2 if other else 1), shown, most=MOST_EPOCHS)
        originals = originals_of(a, seconds(1 / 2 if other else 1))
        b = None
        if other is not None:
            bar.watch(other)
            b = Reading(other, max_images, seconds(1))
        bar.show("judging")
        if isinstance(move, Augmentation) and not through:
            move.labels = a.labels
        trial = try_out(move, still, a.images)
        augments = augment is not None or trial != "nothing" or front.seeded
        if live is None:
            live = augments or source.kind != ARRAYS
        augmented_later = through or (augments and augment is None)
        if augmented_later and np.isin(a.given[1], a.given[0]).all():
            originals = a
        tried = trial if augments else None
        report = {
            "repeats": findings.repeats(a, live, tried),
            "one draw": findings.one_draw(a, tried, getattr(move, "single", False)),
            "validation moves": findings.validation_moves(b, front.restless),
            "sets differ": comparisons.sets_differ(a, b, class_names),
            "shared images": comparisons.shared_images(originals or a, b, originals is not None),
            "degenerate": findings.degenerate(a, b, originals),
            "order": findings.order(a),
            "labels": findings.labels(a),
            "policy": findings.policy(b, finish, move if augments else None, still),
        }
        report["shared images"] = evidence.of_shared_images(report["shared images"], originals or a, b)
        report["degenerate"] = evidence.of_degenerate(report["degenerate"], a, b)
    return Report(report, [part.note for part in (a, b) if part])


def _check_bounds(max_images: int, max_seconds: float) -> None:
    if not (isinstance(max_images, int | np.integer) and max_images >= 2):
        raise ValueError(f"max_images is {max_images!r}; expected a whole number from 2: each set is read twice.")
    if not (isinstance(max_seconds, int | float | np.number) and max_seconds > 0):
        raise ValueError(f"max_seconds is {max_seconds!r}; expected a number of seconds above 0.")
