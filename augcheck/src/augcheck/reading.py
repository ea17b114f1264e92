"""Reading a pipeline: its first epoch in full, of the others fingerprints, thumbnails and labels."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from augcheck.batches import Batch, as_array, channels_last, read_batch
from augcheck.images import fingerprints, invariants, statistics, thumbnails
from augcheck.labels import coded
from augcheck.sources import FUNCTION, Source

STREAM = 1024  # images that stand for an epoch where its length is unknown
KEPT, KEPT_BYTES, LEAST_KEPT = 512, 2**27, 64  # whole images of each set: fewer than 512 where they are large


class FirstEpoch:
    """Of each image a few numbers, and some images whole. See the attributes of ``Reading``."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.invariants: list[int | None] = []
        self._stats: list[np.ndarray] = []
        self._shown_stats: list[np.ndarray] = []
        self._kept: list[tuple[np.ndarray, Any, int]] = []
        self._rng = np.random.default_rng(0)

    def add(self, x: np.ndarray, shown: np.ndarray, labels: list) -> None:
        start = sum(self.sizes)
        most = max(min(KEPT, KEPT_BYTES // x[0].nbytes), LEAST_KEPT)
        self.sizes.append(len(x))
        self.invariants += invariants(x)
        self._stats.append(statistics(x))
        self._shown_stats.append(self._stats[-1] if shown is x else statistics(shown))
        for i, (image, label) in enumerate(zip(x, labels, strict=True), start):
            # The first fill the places; each later one has the same chance to take somebody's.
            place = i if i < most else int(self._rng.integers(i + 1))
            if place < most:
                self._kept[place : place + 1] = [(image.copy(), label, i)]  # a view would keep its batch

    @property
    def stats(self) -> np.ndarray:
        return np.concatenate(self._stats)

    @property
    def shown_stats(self) -> np.ndarray:
        return np.concatenate(self._shown_stats)

    @property
    def kept(self) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
        images, labels, places = zip(*self._kept, strict=True)
        return np.stack(images), np.array(labels), places


class Reading:
    """What was read of a set.

    Args:
        max_images, max_seconds: stop after so many images or seconds. A batch that has begun is read to its end.
        show: from a batch of images, as they were given, to what a model is shown.
        most: epochs to read; fewer where that takes too long, but two if it is two or more.
        keys: under which batches that are dictionaries hold images and labels.
        fixed: it can't change from epoch to epoch, so one is read, and counts as all of them.

    Attributes:
        given, shown, classes: for each epoch an array with the fingerprints of its images, as they
            are and as the model's first layer with weights gets them, and with their class numbers
            (None without labels).
        looks: for each epoch (n, 8, 8, channels), see ``images.thumbnails``.
        names, coding, soft, missing: see ``labels.Coding``.
        sizes: of the batches of the first epoch; the following are of this epoch, too.
        stats, shown_stats: (n, 7), see ``images.statistics``.
        invariants: a list of n, see ``images.invariants``.
        images, labels, places: some whole images, with their labels and numbers in the epoch.
        channels_first: whether the images were given as (n, channels, height, width).
        whole: whether epochs were read to their end.
        aligned: whether each reading began where an epoch begins.

    Raises:
        ValueError: the source yields something else than batches of images of one size.
    """

    def __init__(
        self,
        source: Source,
        max_images: int,
        max_seconds: float,
        show: Callable = as_array,
        most: int = 2,
        keys: tuple | None = None,
        fixed: bool = False,
    ) -> None:
        self.source, self.whole, self.aligned, self.channels_first = source, True, True, False
        self.given: list[np.ndarray] = []
        self.shown: list[np.ndarray] = []
        self.looks: list[np.ndarray] = []
        first = FirstEpoch()
        labels: list[Any] = []
        least = min(most, 2)
        needed = 1 if fixed else least
        limit = max(min(max_images // needed, max_images if source.ends else STREAM), 1)
        start = time.monotonic()
        epochs = least
        before: Batch | None = None
        while len(self.given) < epochs and (len(self.given) < least or time.monotonic() < start + max_seconds):
            if fixed and self.given:
                for epoch in (self.given, self.shown, self.looks):
                    epoch.append(epoch[0])
                labels += labels[: len(self.given[0])]
                continue
            # The epochs that are needed share the time, so that all of them get as far.
            deadline = start + max_seconds * min((len(self.given) + 1) / needed, 1)
            given, shown, looks, now_read = [], [], [], []
            cut = False
            for raw in source.epoch():
                batch = read_batch(raw, source.name, keys)
                if batch is None:
                    continue
                before = before or batch
                _same_kind(batch, before, source.name)
                seen = as_array(show(batch.given))
                if seen is batch.given:
                    seen = batch.x
                elif batch.channels_first:
                    seen = channels_last(seen)
                now = [None] * len(batch.x) if batch.y is None else list(batch.y)
                prints = fingerprints(batch.x)
                given += prints
                shown += prints if seen is batch.x else fingerprints(seen)
                looks.append(thumbnails(batch.x))
                now_read += now
                if not self.given:
                    first.add(batch.x, seen, now)
                out_of_bounds = time.monotonic() > deadline or len(given) >= limit
                cut = out_of_bounds and len(looks) != source.batches
                if cut:
                    break
            if before is None or not given:
                raise ValueError(f"{source.name} yields nothing; expected at least one batch of images.")
            if cut and len(self.given) >= least:
                break  # more epochs than are needed are read in full or not at all
            self.whole &= not cut
            if cut and source.stream and len(self.given) + 1 < least:
                self.aligned &= source.ends and source.stream.turn(deadline)
            labels += now_read
            self.given.append(np.array(given))
            self.shown.append(np.array(shown))
            self.looks.append(np.concatenate(looks))
            self.channels_first = before.channels_first
            if self.whole:
                epochs = min(most, max(least, max_images // len(given)))
        self.sizes, self.invariants = first.sizes, first.invariants
        self.stats, self.shown_stats = first.stats, first.shown_stats
        self.images, some, self.places = first.kept
        self.labels: np.ndarray | None = None
        self.classes: list[np.ndarray] | None = None
        self.names: list = []
        self.coding, self.soft, self.missing = "none", False, 0.0
        if labels[0] is not None:
            self.labels = some
            coding = coded(np.array(labels))
            self.names, self.coding, self.soft = coding.names, coding.how, coding.soft
            self.missing = coding.missing
            self.classes = np.split(coding.classes, np.cumsum([len(epoch) for epoch in self.given])[:-1])

    @property
    def thumbnails(self) -> np.ndarray:
        """Those of the first epoch."""
        return self.looks[0]

    @property
    def epoch_size(self) -> int | None:
        """Images of an epoch, about, where that is known."""
        if self.whole:
            return len(self.given[0])
        return self.source.batches and self.source.batches * self.sizes[0]

    @property
    def called_anew(self) -> bool:
        """Whether a generator function was called again before its end: a seed inside it then starts again, too."""
        return not self.whole and self.source.kind == FUNCTION and self.source.batches is None

    @property
    def note(self) -> str:
        n, batches, times = len(self.given[0]), len(self.sizes), len(self.given)
        epochs = f"{times} epochs of" if self.whole else f"read {times} times up to"
        ending = "es" if batches > 1 else ""
        note = f"{self.source.name}: {self.source.kind}, {epochs} {n:,} images in {batches:,} batch{ending}."
        if self.source.turned:
            return note
        return f"{note} Its on_epoch_end was not called: what it changes is too large to be put back."


def _same_kind(batch: Batch, before: Batch, name: str) -> None:
    if batch.given.shape[1:] != before.given.shape[1:]:
        sizes = f"{before.given.shape[1:]} and later of {batch.given.shape[1:]}"
        raise ValueError(f"{name} yields images of {sizes}; resize them to one size.")
    labels = [None if part.y is None else part.y.shape[1:] for part in (batch, before)]
    if labels[0] != labels[1]:
        raise ValueError(f"{name} yields labels in some batches otherwise than in others; code all alike.")
