"""What a finding is given: all that was read and tried of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from augcheck.measures.again import FEW, new_share
from augcheck.measures.clusters import Clusters, clusters_of
from augcheck.reading.augmentation import Augmentation
from augcheck.reading.epochs import Reading
from augcheck.reading.first_layers import FirstLayers


@dataclass
class Context:
    """A pipeline, read."""

    train: Reading
    validation: Reading | None
    originals: list[Reading]  # training from before its augmentation, in one or two versions, or none if out of reach
    live: bool  # whether every epoch is meant to bring new pictures
    class_names: list[Any] | None  # the classes in the order that the reader counts on
    model: Any
    first_layers: FirstLayers
    augmentation: Augmentation | None  # what was given as augment
    tried: str | None  # what it does to copies of an image, in a word of reading.augmentation; None without one

    @cached_property
    def clusters(self) -> Clusters | None:
        """What batches of training are too much alike in."""
        return clusters_of(self.train)

    @cached_property
    def given_again(self) -> bool:
        """Whether the second epoch brought no new pictures, as the pipeline gave them."""
        return new_share(self.train.given[1], self.train.given[0]) <= FEW
