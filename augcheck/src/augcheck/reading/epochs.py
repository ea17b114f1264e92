"""Read a pipeline: its first epoch in full, of the others fingerprints, thumbnails and labels."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from augcheck.frameworks import as_array
from augcheck.reading.batches import Batch, channels_last, read_batch
from augcheck.reading.images import fingerprints, invariants, statistics, thumbnails
from augcheck.reading.labels import coded
from augcheck.reading.progress import Progress
from augcheck.reading.sources import FUNCTION, STEPS, Source, Stream

STREAM = 1024  # images that stand for an epoch where its length is unknown
# First images that are kept whole: fewer than 64 where they are large, but two.
KEPT = 64
KEPT_BYTES = 2**27


@dataclass
class Reading:
    """What was read of a set. Of each epoch there is an array in a list, of the first one more."""

    source: Source  # where it was read from
    given: list[np.ndarray]  # fingerprints of the images as they are
    shown: list[np.ndarray]  # and as the model's first layer with weights gets them
    classes: list[np.ndarray] | None  # class numbers; None without labels
    thumbnails: list[np.ndarray]  # (n, 8, 8, channels), see images.thumbnails
    names: list[Any]  # this and the next four: see labels.Coding
    coding: str
    soft: bool
    several: bool
    missing: float
    empty: int  # batches of the first epoch without an image
    sizes: list[int]  # of the batches of the first epoch; the following are of this epoch, too
    stats: np.ndarray  # (n, 7), see images.statistics
    shown_stats: np.ndarray  # the same of what the model's first layer with weights gets
    # Of the first epoch; those given where these aren't (n, height, width, channels).
    shown_thumbnails: np.ndarray
    shown_images: np.ndarray  # the first of them
    invariants: list[int | None]  # n, see images.invariants
    images: np.ndarray  # some whole images, as they were given
    labels: np.ndarray | None  # the first, as it was given
    grey: bool  # whether the images were given as (n, height, width)
    channels_first: bool  # or as (n, channels, height, width)
    whole: bool  # whether epochs were read to their end
    aligned: bool  # whether each reading began where an epoch begins

    @property
    def n(self) -> int:
        """Images of the first epoch, as far as it was read."""
        return len(self.given[0])

    @property
    def epoch_size(self) -> int | None:
        """Images of an epoch, about, where that is known."""
        if self.whole:
            return self.n
        if self.source.images:
            return self.source.images
        return self.source.batches and self.source.batches * self.sizes[0]

    @property
    def called_anew(self) -> bool:
        """Whether a generator function was called again before its end: a seed inside it then starts again, too."""
        return not self.whole and self.source.kind == FUNCTION and self.source.batches is None

    @property
    def part(self) -> str:
        """How much was read of a set that was not read to its end, as the beginning of a sentence."""
        length = "an unknown number of images"
        if self.epoch_size:
            length = f"about {self.epoch_size:,} images"
        return f"Of an epoch of {length} {self.n:,} were read, twice."

    @property
    def more(self) -> str:
        """What to change where more of a set has to be read."""
        steps = STEPS[self.source.name]
        if not self.source.ends:
            return f"Give {steps}."
        if self.source.batches:
            return "Raise max_images and max_seconds."
        return f"Raise max_images and max_seconds, or give {steps} if it has no end."

    @property
    def note(self) -> str:
        """What was read, in a sentence."""
        times = len(self.given)
        batches = "1 batch" if len(self.sizes) == 1 else f"{len(self.sizes):,} batches"
        read = f"{times} epochs, each {self.n:,} images in {batches}"
        if not self.whole:
            read = f"read {times} times up to {self.n:,} {self._of_all}images in {batches}"
        empty = ""
        if self.empty:
            empty = f", and {self.empty:,} empty, where a batch of images was expected: end the epoch before it"
        return f"{self.source.name}: {self.source.kind}, {read}{empty}."

    @property
    def _of_all(self) -> str:
        """Of how many images an epoch was read, where that is known."""
        if self.source.images:
            return f"of {self.source.images:,} "
        return f"of about {self.epoch_size:,} " if self.epoch_size else "of an unknown number of "


def read(
    source: Source,
    max_images: int,
    max_seconds: float,
    show: Callable[..., Any] = lambda images, _: images,
    most: int = 2,
    keys: tuple[Any, ...] | None = None,
    fixed: bool = False,
) -> Reading:
    """Read some epochs.

    Args:
        max_images, max_seconds: stop after so many images or seconds. A batch that has begun is read to its end.
        show: from a batch of images and their labels, as they were given, to what a model is shown.
        most: epochs to read; fewer where that takes too long, but two if it is two or more.
        keys: under which batches that are dictionaries hold images and labels.
        fixed: it can't change from epoch to epoch, so one is read, and counts as all of them.

    Raises:
        ValueError: the source yields something else than batches of images of one size.
    """
    least = min(most, 2)
    needed = 1 if fixed else least
    limit = max(min(max_images // needed, max_images if source.ends else STREAM), 1)
    start = time.monotonic()
    epochs: list[_Epoch] = []
    whole = aligned = True
    wanted = least
    progress = Progress(source.name)
    while len(epochs) < wanted and (len(epochs) < least or time.monotonic() < start + max_seconds):
        if fixed and epochs:
            epochs.append(epochs[0])
            continue
        # The epochs that are needed share the time, so that all of them get as far.
        deadline = start + max_seconds * min((len(epochs) + 1) / needed, 1)
        epoch = _Epoch(source, show, epochs[0].first if epochs else None)
        progress.begin(len(epochs) + 1)
        epoch.read(keys, limit, deadline, progress)
        if epoch.cut and len(epochs) >= least:
            break  # more epochs than are needed are read in full or not at all
        epochs.append(epoch)
        whole &= not epoch.cut
        if epoch.cut and isinstance(source.epoch, Stream) and len(epochs) < least:
            aligned &= source.ends and source.epoch.turn(deadline)
        if whole:
            wanted = min(most, max(least, max_images // sum(epoch.sizes)))
        if progress.stopped:
            wanted = least
    progress.end()
    return _joined(epochs, whole, aligned)


class _Epoch:
    """What is kept of an epoch: of each image fingerprints, a thumbnail and its label; of the first epoch more."""

    def __init__(self, source: Source, show: Callable[..., Any], first: Batch | None) -> None:
        self.source = source
        self.show = show
        self.is_first = first is None
        self.first = first  # the first batch of all, whose kind the others must be of
        self.cut = False  # whether there would be more
        self.empty = 0  # batches without an image
        self.sizes: list[int] = []
        self.labels: list[Any] = []
        self.kept: list[np.ndarray] = []
        self.shown_images = np.zeros(0)
        self.invariants: list[int | None] = []
        # An array a batch, by the names of Reading.
        self.parts: dict[str, list[np.ndarray]] = defaultdict(list)

    def read(
        self, keys: tuple[Any, ...] | None, limit: int, deadline: float, progress: Progress
    ) -> None:
        try:
            self._read(keys, limit, deadline, progress)
        except KeyboardInterrupt:
            if not self.sizes:  # there is nothing to judge
                raise
            self.cut = progress.stopped = True

    def _read(
        self, keys: tuple[Any, ...] | None, limit: int, deadline: float, progress: Progress
    ) -> None:
        for raw in self.source.epoch():
            if self.cut:
                break
            grey = self.first is not None and self.first.grey
            batch = read_batch(raw, self.source.name, keys, grey)
            if batch is None:
                self.empty += 1
                continue
            self.add(batch)
            progress.show(sum(self.sizes))
            full = sum(self.sizes) >= limit
            enough = full or progress.stopped or time.monotonic() > deadline
            self.cut = enough and len(self.sizes) != self.source.batches
            # Of an epoch of unknown length only one batch more, which isn't looked at, tells whether it ends here.
            if self.cut and not (full and self.source.ends and self.source.batches is None):
                break
        else:
            self.cut = False
        if not self.sizes:
            raise ValueError(
                f"{self.source.name} yields nothing; expected at least one batch of images."
            )

    def add(self, batch: Batch) -> None:
        self.first = self.first or batch
        self._compare(batch, self.first)
        given = batch.given[..., 0] if batch.grey else batch.given
        seen = as_array(self.show(given, batch.labels))
        unchanged = seen is given
        if batch.grey and seen.ndim == 3:
            seen = seen[..., None]
        if self.is_first and not self.sizes:
            self.shown_images = seen[:1].copy()
        if batch.channels_first and not unchanged:
            seen = channels_last(seen)
        self.sizes.append(len(batch.x))
        self.labels += [None] * len(batch.x) if batch.y is None else list(batch.y)
        own = {"given": fingerprints(batch.x), "thumbnails": thumbnails(batch.x)}
        shown = own["given"] if unchanged else fingerprints(seen)
        if self.is_first:
            own["stats"] = statistics(batch.x)
            own["shown_stats"] = own["stats"] if unchanged else statistics(seen)
            own["shown_thumbnails"] = own["thumbnails"]
            if not unchanged and seen.ndim == 4:
                own["shown_thumbnails"] = thumbnails(seen)
            self.invariants += invariants(batch.x)
            most = max(min(KEPT, KEPT_BYTES // batch.x[0].nbytes), 2)
            # Copies, since a view would keep its batch.
            self.kept += [image.copy() for image in batch.given[: most - len(self.kept)]]
        for name, part in (own | {"shown": shown}).items():
            self.parts[name].append(part)

    def _compare(self, batch: Batch, first: Batch) -> None:
        """Refuse images of another size than in the first batch, and labels that are written otherwise."""
        name = self.source.name
        if batch.given.shape[1:] != first.given.shape[1:]:
            sizes = f"{first.given.shape[1:]} and later of {batch.given.shape[1:]}"
            raise ValueError(f"{name} yields images of {sizes}; resize them to one size.")
        labels = None if batch.y is None else batch.y.shape[1:]
        labels_before = None if first.y is None else first.y.shape[1:]
        if labels != labels_before:
            raise ValueError(
                f"{name} yields labels in some batches otherwise than in others; code all alike."
            )

    def __getitem__(self, name: str) -> np.ndarray:
        return np.concatenate(self.parts[name])


def _joined(epochs: list[_Epoch], whole: bool, aligned: bool) -> Reading:
    beginning, first = epochs[0], epochs[0].first
    assert first is not None
    labels = np.array([label for epoch in epochs for label in epoch.labels])
    coding = coded(labels)._asdict()
    ends = np.cumsum([sum(epoch.sizes) for epoch in epochs])
    classes = np.split(coding.pop("classes"), ends[:-1])
    parts: dict[str, Any] = {
        name: [epoch[name] for epoch in epochs] for name in ("given", "shown", "thumbnails")
    }
    parts |= {name: beginning[name] for name in ("stats", "shown_stats", "shown_thumbnails")}
    return Reading(
        source=beginning.source,
        **parts,
        **coding,
        classes=None if first.y is None else classes,
        empty=beginning.empty,
        sizes=beginning.sizes,
        shown_images=beginning.shown_images,
        invariants=beginning.invariants,
        images=np.stack(beginning.kept),
        labels=None if first.y is None else as_array(first.labels)[:1],
        grey=first.grey,
        channels_first=first.channels_first,
        whole=whole,
        aligned=aligned,
    )
