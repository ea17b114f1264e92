"""What a finding is given: all that was read and tried of a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from augcheck.measures.again import FEW, new_share
from augcheck.measures.clusters import Clusters, clusters_of
from augcheck.reading.augmentation import Augmentation
from augcheck.reading.epochs import Reading
from augcheck.reading.first_layers import FirstLayers


@dataclass
class Context:
    """A pipeline, read.

    Attributes:
        train, validation: what was read; validation is None if none was given.
        originals: training from before its augmentation, in one or two versions; empty where it can't be reached.
        live: whether every epoch is meant to bring new pictures.
        class_names: the classes in the order that the reader counts on, or None.
        model, first_layers: the model that was given, or None, and how it begins.
        augmentation: what was given as augment, or None.
        tried: what it does to copies of an image, in a word of ``reading.augmentation``; None if there is none to try.
        augmented, unaugmented: from a batch of images to the batch with and without augmentation.
        answers: from a batch of these to what the model answers; None without a model.
        at_first_weights: statistics of some training images where the model's first weights get them, or None.
    """

    train: Reading
    validation: Reading | None
    originals: list[Reading]
    live: bool
    class_names: list[Any] | None
    model: Any
    first_layers: FirstLayers
    augmentation: Augmentation | None
    tried: str | None
    augmented: Callable[..., Any]
    unaugmented: Callable[..., Any]
    answers: Callable[..., Any] | None
    at_first_weights: np.ndarray | None

    @cached_property
    def clusters(self) -> Clusters | None:
        """What batches of training are too much alike in."""
        return clusters_of(self.train)

    @cached_property
    def given_again(self) -> bool:
        """Whether the second epoch brought no new pictures, as the pipeline gave them."""
        return new_share(self.train.given[1], self.train.given[0]) <= FEW

    @cached_property
    def shown_again(self) -> bool:
        """Whether the second epoch brought no new pictures, as a model is shown them."""
        return new_share(self.train.shown[1], self.train.shown[0]) <= FEW
