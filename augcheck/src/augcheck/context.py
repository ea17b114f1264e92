"""What a finding is given: all that was read and tried of a pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from augcheck.measures.clusters import Clusters, clusters_of
from augcheck.measures.recurrence import FEW, new_share
from augcheck.reading.augmentation import IMAGE, Augmentation
from augcheck.reading.epochs import Reading
from augcheck.reading.first_layers import FirstLayers
from augcheck.result import Finding, cant_tell


@dataclass
class Context:
    """A pipeline, read."""

    train: Reading
    validation: Reading | None
    # Training from before its augmentation, in one or two versions, or none if out of reach.
    originals: list[Reading]
    live: bool  # whether every epoch is meant to bring new pictures
    class_names: list[Any] | None  # the classes in the order that the reader counts on
    model: Any  # a Keras model, False if nothing behind the pipeline augments, or None if it wasn't said
    first_layers: FirstLayers
    augmentation: Augmentation | None  # what was given as augment
    # What it does to copies of an image, in a word of reading.augmentation; None without one.
    tried: str | None
    # What looks for each finding, by its name.
    looks: Mapping[str, Callable[[Context], Finding]]
    _findings: dict[str, Finding] = field(default_factory=dict)

    @cached_property
    def clusters(self) -> Clusters | None:
        """What batches of training are too much alike in."""
        return clusters_of(self.train)

    def finding(self, name: str) -> Finding:
        """What another finding says, for one that depends on it; each is asked once."""
        if name not in self._findings:
            self._findings[name] = self.looks[name](self)
        return self._findings[name]

    @property
    def later(self) -> bool:
        """Whether augment= acts on what the pipeline gave, in the training loop."""
        return self.augmentation is not None and self.augmentation.later

    @property
    def untried(self) -> Finding | None:
        """What is to be said where augment= raised an error; None where it didn't."""
        if self.augmentation is None or not self.augmentation.error:
            return None
        reason = f"augment= raised {self.augmentation.error}"
        gets = "a batch, then single images"
        if self.augmentation.said:
            gets = "single images" if self.augmentation.place == IMAGE else "batches"
        change = f'It was called with {gets}. augment_in="image" means single images, "batch" and "loop" whole batches.'
        return cant_tell(reason, f"{reason.rstrip('.')}.", change)

    @cached_property
    def given_again(self) -> bool:
        """Whether the second epoch brought no new pictures, as the pipeline gave them."""
        return new_share(self.train.given[1], self.train.given[0]) <= FEW
