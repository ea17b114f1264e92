"""check_pipeline: read an input pipeline from outside, and report what is wrong as far as that shows."""

from __future__ import annotations

import contextlib
import functools
import inspect
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from augcheck.catalogue import Ignore, ignored
from augcheck.context import Context
from augcheck.findings import FINDINGS
from augcheck.reading.augmentation import NOTHING, UNKNOWN, Augmentation, UnusableError, try_out
from augcheck.reading.epochs import Reading, read
from augcheck.reading.first_layers import FirstLayers
from augcheck.reading.originals import originals_of
from augcheck.reading.sources import ARRAYS, Source, as_source, iterates
from augcheck.reading.state import random_states_kept
from augcheck.report import Report

MOST_EPOCHS = 9  # pools of up to 8 copies are seen to come round
TO_READ = 0.8  # of the time allowed; the rest is for judging what was read
TO_TRY = 0.9  # of the time allowed, after which augment= is called no more


def check_pipeline(
    train: Any,
    validation: Any = None,
    *,
    augment: Callable[..., Any] | None = None,
    augment_in: str | None = None,
    model: Any = None,
    live: bool | None = None,
    class_names: Iterable[Any] | None = None,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    keys: tuple[Any, ...] | None = None,
    ignore: Ignore | None = (),
    max_images: int = 25_000,
    max_seconds: float = 60,
) -> Report:
    """Read a pipeline for two to nine epochs, and report what is wrong with what it yields.

    It calls your pipeline. The random states of Python, NumPy, Keras, TensorFlow and PyTorch are put back. Whatever
    else your pipeline moves, stays moved: give a function that makes it, and all of that belongs to a fresh one. After
    five seconds a console shows how far it is, and Ctrl-C ends the reading: what was read is judged.

    Args:
        train: a function that makes the pipeline, without arguments: it returns training, a tuple of training and
            validation, or a dictionary of the arguments of this function. It is called once, and what it makes is read
            and then dropped. A generator function gives one epoch each time it is called. Or what gives batches each
            time it is iterated, such as a batched ``tf.data.Dataset``, an iterator of ``ImageDataGenerator``, a
            ``keras.utils.PyDataset``, a PyTorch ``DataLoader``, a list. Or a pair of arrays (images, labels).
            Batches are images, (images, labels) or dictionaries. Images are (n, height, width, channels), (n, channels,
            height, width) or (n, height, width), of any type of number. Labels, which may be missing, are (n,), (n, 1)
            or (n, classes).
        validation: the same for validation.
        augment: the function or layer with which ``train`` augments, from images, or images and labels. It is tried
            out by itself.
        augment_in: where it augments: each "image" by itself, whole "batch"es, both within the pipeline, or batches in
            the training "loop", so that ``train`` is read through it. Default: in the loop for arrays and lists.
        model: a Keras model, Sequential or functional, through whose first steps, up to its first learned weights,
            ``train`` is read. False if neither a model nor a training loop augments; without it the check-up asks
            where every epoch shows the same.
        live: whether every epoch is meant to bring new pictures. Default: yes, but of arrays without augmentation no.
        class_names: the classes in the order that you count on.
        steps_per_epoch, validation_steps: batches an epoch; needed for endless datasets, and refused of arrays.
        keys: under which batches that are dictionaries hold images and labels, (images,) or (images, labels).
            Default: usual names, where they are clear.
        ignore: names or numbers of findings that don't count, or a dictionary of these with the reasons. Those that
            a function names itself are added.
        max_images: at most so many of each set are read, all epochs together.
        max_seconds: for the whole check-up, once the pipeline is made. Of each set at least two batches are read, and
            none is interrupted: where a single one takes longer, so does the check-up.

    Raises:
        TypeError: a set is of no kind named above, or the model is none of Keras.
        ValueError: a set yields something else than batches of images, a number makes no sense, no finding has a name
            that ``ignore`` has, the model can't be followed, or an argument is given here and by the function.
    """
    bounds: dict[str, Any] = {"max_images": max_images, "max_seconds": max_seconds}
    _look_at(bounds)
    ignore = ignored(ignore)
    with random_states_kept():
        given: dict[str, Any] = {
            "train": train,
            "validation": validation,
            "augment": augment,
            "augment_in": augment_in,
            "model": model,
            "live": live,
            "class_names": class_names,
            "steps_per_epoch": steps_per_epoch,
            "validation_steps": validation_steps,
            "keys": keys,
            "ignore": ignore,
            **bounds,
        }
        if callable(train) and not iterates(train) and not inspect.isgeneratorfunction(train):
            given = _with_what_it_returns(given, train)
        source, other = _sources(given)
        clock = _Clock(float(given["max_seconds"]))
        context = _context(source, other, given, clock)
        findings = {known.name: context.finding(known.name) for known in FINDINGS}
    notes = [part.note for part in (context.train, context.validation) if part]
    return Report(findings, notes, given["ignore"])


class _Clock:
    """The time allowed, which begins now."""

    def __init__(self, allowed: float) -> None:
        self.start = time.monotonic()
        self.allowed = allowed

    def to_read(self, share: float = 1) -> float:
        """A share of the seconds that are left for reading."""
        return share * max(self.start + TO_READ * self.allowed - time.monotonic(), 0)

    def may_try(self) -> bool:
        """Whether augment= may be called once more."""
        return time.monotonic() < self.start + TO_TRY * self.allowed


def _sources(given: dict[str, Any]) -> tuple[Source, Source | None]:
    """Training and validation, of arguments that are looked at first."""
    if given["augment_in"] is not None and given["augment"] is None:
        raise ValueError("augment_in says where augment augments; give augment=, too.")
    if isinstance(given["keys"], str):
        raise ValueError(f"keys is {given['keys']!r}; expected (images,) or (images, labels).")
    source = as_source("train", given["train"], given["steps_per_epoch"])
    if given["validation"] is None:
        return source, None
    return source, as_source("validation", given["validation"], given["validation_steps"])


def _context(source: Source, other: Source | None, given: dict[str, Any], clock: _Clock) -> Context:
    """Read both sets, and try out what augments."""
    first_layers = FirstLayers(given["model"] or None)
    augmentation = None
    if given["augment"] is not None:
        augmentation = Augmentation(given["augment"], source, given["augment_in"])
    half = 1 / 2 if other else 1
    train = _read_training(source, given, first_layers, augmentation, clock.to_read(half))
    originals = originals_of(train, clock.to_read(half))
    validation = None
    if other is not None:
        fixed = other.kind == ARRAYS
        keys = given["keys"]
        validation = read(other, given["max_images"], clock.to_read(), keys=keys, fixed=fixed)
    tried = _tried(train, augmentation, first_layers, clock.may_try)
    augments = augmentation is not None or bool(first_layers.drawing)
    augments |= tried not in (NOTHING, UNKNOWN)
    in_loop = augmentation is not None and augmentation.later
    # What augments after the pipeline leaves the originals to be seen.
    after_the_pipeline = in_loop or (augments and augmentation is None)
    if after_the_pipeline and np.isin(train.given[1], train.given[0]).all():
        originals = [train]
    live = given["live"]
    if live is None:
        live = augments or source.kind != ARRAYS
    return Context(
        train=train,
        validation=validation,
        originals=originals,
        live=live,
        class_names=None if given["class_names"] is None else list(given["class_names"]),
        model=given["model"],
        first_layers=first_layers,
        augmentation=augmentation,
        tried=tried if augments else None,
        looks={known.name: known.look for known in FINDINGS},
    )


def _read_training(
    source: Source,
    given: dict[str, Any],
    first_layers: FirstLayers,
    augmentation: Augmentation | None,
    seconds: float,
) -> Reading:
    """Read training through an augmentation in the loop, and once more without it where that raises an error."""
    loop = augmentation if augmentation is not None and augmentation.later else None

    def shown(images: np.ndarray, labels: Any) -> np.ndarray:
        return first_layers.applied(loop(images, labels) if loop else images)

    fixed = source.kind == ARRAYS and not first_layers.steps and not loop
    keys = given["keys"]
    try:
        return read(source, given["max_images"], seconds, shown, MOST_EPOCHS, keys, fixed)
    except UnusableError:
        return _read_training(source, given, first_layers, None, seconds)


def _tried(
    train: Reading,
    augmentation: Augmentation | None,
    first_layers: FirstLayers,
    time_to_try: Callable[[], bool],
) -> str:
    """What augment=, or else the model's first layers, do to copies of an image."""
    images = train.images[..., 0] if train.grey else train.images
    if augmentation is None:
        if not first_layers.steps:
            return NOTHING
        unaugmented = functools.partial(first_layers.applied, training=False)
        return try_out(first_layers.applied, unaugmented, images, time_left=time_to_try)
    if augmentation.error:
        return UNKNOWN
    augmentation.labels = train.labels
    with contextlib.suppress(UnusableError):
        return try_out(augmentation, np.asarray, images, augmentation.later, time_to_try)
    return UNKNOWN


def _look_at(bounds: dict[str, Any]) -> None:
    """Refuse bounds that allow nothing."""
    max_images, max_seconds = bounds["max_images"], bounds["max_seconds"]
    if not (isinstance(max_images, int | np.integer) and max_images >= 2):
        raise ValueError(
            f"max_images is {max_images!r}; expected a whole number from 2: each set is read twice."
        )
    if not (isinstance(max_seconds, int | float | np.number) and max_seconds > 0):
        raise ValueError(f"max_seconds is {max_seconds!r}; expected a number of seconds above 0.")


def _with_what_it_returns(given: dict[str, Any], factory: Callable[..., Any]) -> dict[str, Any]:
    """The arguments given, and those that a function returns in place of training.

    Names in ignore= add up. Of max_images= and max_seconds= those of the call count, unless it leaves them as they are
    by default. No other may be given twice.
    """
    returned = _arguments_of(factory(), factory, list(given))
    usual = check_pipeline.__kwdefaults__ or {}
    merged = dict(given)
    for name, value in returned.items():
        if name == "ignore":
            merged[name] = ignored(value) | given[name]
        elif name in ("max_images", "max_seconds"):
            if given[name] == usual[name]:
                merged[name] = value
        elif name != "train" and given[name] is not None:
            raise ValueError(
                f"{name} is given twice, by the call and by what {_name_of(factory)} returns; leave one out."
            )
        else:
            merged[name] = value
    _look_at(merged)
    return merged


def _name_of(factory: Callable[..., Any]) -> str:
    return getattr(factory, "__name__", "the function")


def _arguments_of(made: Any, factory: Callable[..., Any], known: list[str]) -> dict[str, Any]:
    """The arguments of ``check_pipeline``, of those that are known, that a function returned."""
    if hasattr(made, "__next__"):  # an epoch; the function makes each
        return {"train": factory}
    if isinstance(made, dict):
        unknown = [str(key) for key in made if key not in known]
        if unknown or "train" not in made:
            wrong = f"has {', '.join(unknown)}" if unknown else "has no train"
            raise ValueError(
                f"the dictionary that {_name_of(factory)} returns {wrong}; expected {', '.join(known)}."
            )
        return made
    if isinstance(made, tuple) and len(made) == 2:
        train, other = made
        n_images = getattr(train, "shape", ())[:1]
        labels = isinstance(other, list | tuple) and n_images == (len(other),)
        if not labels and len(getattr(other, "shape", ())) not in (1, 2):
            return {"train": train, "validation": other}
    return {"train": made}
