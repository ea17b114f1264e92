"""Reading a pipeline: its first epoch in full, of the others fingerprints and labels."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from augcheck.frameworks import loaded
from augcheck.images import fingerprints, invariants, statistics, thumbnails
from augcheck.sources import FLOW, FOLDER, Source

STREAM = 1024  # images that stand for an epoch where its length is unknown
KEPT = 512  # whole images kept of each set


class FirstEpoch:
    """Of each image a few numbers, and some images whole. See the attributes of ``Reading``."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.invariants: list[int | None] = []
        self._stats: list[np.ndarray] = []
        self._shown_stats: list[np.ndarray] = []
        self._thumbnails: list[np.ndarray] = []
        self._kept: list[tuple[np.ndarray, Any, int]] = []
        self._rng = np.random.default_rng(0)

    def add(self, x: np.ndarray, shown: np.ndarray, labels: list) -> None:
        start = sum(self.sizes)
        self.sizes.append(len(x))
        self.invariants += invariants(x)
        self._stats.append(statistics(x))
        self._shown_stats.append(statistics(shown))
        self._thumbnails.append(thumbnails(x))
        for i, (image, label) in enumerate(zip(x, labels, strict=True), start):
            # The first KEPT fill the places; each later one has the same chance to take somebody's.
            place = i if i < KEPT else int(self._rng.integers(i + 1))
            if place < KEPT:
                self._kept[place : place + 1] = [(image.copy(), label, i)]  # a view would keep its batch

    @property
    def stats(self) -> np.ndarray:
        return np.concatenate(self._stats)

    @property
    def shown_stats(self) -> np.ndarray:
        return np.concatenate(self._shown_stats)

    @property
    def thumbnails(self) -> np.ndarray:
        return np.concatenate(self._thumbnails)

    @property
    def kept(self) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
        images, labels, places = zip(*self._kept, strict=True)
        return np.stack(images), np.array(labels), places


class Reading:
    """What was read of a set.

    Args:
        max_images, max_seconds: stop after so many images or seconds. A batch that has begun is read to its end.
        show: from a batch of images to what a model is shown.
        most: epochs to read; fewer where that takes too long, but two if it is two or more.

    Attributes:
        given, shown, classes: for each epoch an array with the fingerprints of its images, as they
            are and as the model's first layer with weights gets them, and with their class numbers
            (None without labels).
        names, coding, soft: the labels of the classes; how they are written; whether some lie between.
        sizes: of the batches of the first epoch; the following are of this epoch, too.
        stats, shown_stats: (n, 6), see ``images.statistics``.
        invariants: a list of n, see ``images.invariants``.
        thumbnails: (n, 8, 8, channels), see ``images.thumbnails``.
        images, labels, places: some whole images, with their labels and numbers in the epoch.
        whole: whether epochs were read to their end.

    Raises:
        ValueError: the source yields something else than batches of images.
    """

    def __init__(
        self, source: Source, max_images: int, max_seconds: float, show: Callable = np.asarray, most: int = 2
    ) -> None:
        self.source, self.whole = source, source.ends
        self.given: list[np.ndarray] = []
        self.shown: list[np.ndarray] = []
        first, labels = FirstEpoch(), []
        least = min(most, 2)
        limit = min(max_images // least, max_images if source.ends else STREAM)
        start = time.monotonic()
        epochs = least
        while len(self.given) < epochs and (len(self.given) < least or time.monotonic() < start + max_seconds):
            # The epochs that are needed share the time, so that all of them get as far.
            deadline = start + max_seconds * min((len(self.given) + 1) / least, 1)
            given, shown, now_read = [], [], []
            late = False
            for batch in source.epoch():
                x, y = _images_and_labels(batch, source.name)
                seen = np.asarray(show(x))
                now = [None] * len(x) if y is None else list(y)
                given += fingerprints(x)
                shown += fingerprints(seen)
                now_read += now
                if not self.given:
                    first.add(x, seen, now)
                late = time.monotonic() > deadline
                if late or len(given) >= limit:
                    break
            if not given:
                raise ValueError(f"{source.name} yields nothing; expected at least one batch of images.")
            if late and len(self.given) >= least:
                break  # more epochs than are needed are read in full or not at all
            self.whole &= not late and len(given) < limit
            labels += now_read
            self.given.append(np.array(given))
            self.shown.append(np.array(shown))
            if self.whole:
                epochs = min(most, max(least, max_images // len(given)))
        self.sizes, self.invariants, self.thumbnails = first.sizes, first.invariants, first.thumbnails
        self.stats, self.shown_stats = first.stats, first.shown_stats
        self.images, some, self.places = first.kept
        self.labels: np.ndarray | None = None
        self.classes: list[np.ndarray] | None = None
        self.names: list = []
        self.coding, self.soft = "none", False
        if labels[0] is not None:
            self.labels = some
            classes, self.names, self.coding, self.soft = _coding(np.array(labels))
            self.classes = np.split(classes, np.cumsum([len(epoch) for epoch in self.given])[:-1])

    @property
    def note(self) -> str:
        n, batches, times = len(self.given[0]), len(self.sizes), len(self.given)
        epochs = f"{times} epochs of" if self.whole else f"read {times} times up to"
        ending = "es" if batches > 1 else ""
        note = f"{self.source.name}: {self.source.kind}, {epochs} {n:,} images in {batches:,} batch{ending}."
        if self.source.turned:
            return note
        return f"{note} Its on_epoch_end was not called: what it changes is too large to be put back."


def originals_of(a: Reading, max_seconds: float) -> Reading | None:
    """What ImageDataGenerator reads before it augments; None for other pipelines."""
    data, n = a.source.data, len(a.given[0])
    if a.source.kind == FLOW:
        images = (np.asarray(data.x[i : min(i + 32, n)]) for i in range(0, n, 32))
    elif a.source.kind == FOLDER:
        load = loaded("keras").utils
        how = {"color_mode": data.color_mode, "target_size": data.target_size}
        files = (load.load_img(path, **how) for path in data.filepaths[:n])
        images = (load.img_to_array(file)[None] for file in files)
    else:
        return None
    originals = Reading(replace(a.source, epoch=lambda: images), n + 1, max_seconds, most=1)
    originals.whole &= a.whole
    return originals


def _images_and_labels(batch: Any, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Images (n, height, width, channels), and labels (n,) or (n, classes) or None."""
    x, y = (*batch, None)[:2] if isinstance(batch, tuple | list) else (batch, None)
    shape = getattr(x, "shape", None)
    if shape is None or len(shape) != 4:
        found = type(x).__name__ if shape is None else f"images of shape {tuple(shape)}"
        hint = " Is batch() missing?" if shape is not None and len(shape) == 3 else ""
        raise ValueError(f"{name} yields {found}; expected batches (n, height, width, channels).{hint}")
    if y is None:
        return np.asarray(x), None
    y = np.asarray(y)
    if y.ndim not in (1, 2) or len(y) != shape[0]:
        raise ValueError(f"{name} yields labels of shape {y.shape}; expected (n,), (n, 1) or (n, classes).")
    return np.asarray(x), y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _coding(y: np.ndarray) -> tuple[np.ndarray, list, str, bool]:
    """Class number of each label, labels of the classes, how labels are written, whether some lie between."""
    if y.ndim == 2:
        soft = bool(((y != 0) & (y != 1)).any())
        return y.argmax(1), list(range(y.shape[1])), f"{y.shape[1]} columns", soft
    if y.dtype.kind == "f" and (y != np.round(y)).any():
        return (y > 0.5).astype(int), [0, 1], "one number", True
    names, classes = np.unique(y, return_inverse=True)
    return classes, names.tolist(), "one number" if y.dtype.kind in "biuf" else "a word", False
