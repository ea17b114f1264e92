"""The paired comparison: every method on the same images, initial weights, order and draws; a row an evaluation."""

import functools
import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from helpers.augment import IDENTITY, RandomAffine
from helpers.data import Data, subset
from helpers.model import small_model

BATCH = 32
BYTES_AT_ONCE = 64e6  # of images that one `fit` gets
SCORES = ("loss", "accuracy", "train_loss", "train_accuracy", "val_loss", "val_accuracy")


def compare(
    data: Data,
    methods: Mapping[str, Callable[..., Any]],
    policy: Mapping[str, Any],
    n: int = 128,
    updates: int = 400,
    replicates: int = 8,
    build: Callable[..., keras.Model] = small_model,
    evaluate_at: Sequence[int] | None = None,
    path: str | Path | None = None,
) -> pd.DataFrame:
    """Train every method on replicates 0, 1, 2 …; all that a method does not define is shared within a replicate.

    Args:
        data: what ``subset`` takes the training images from, and the validation images.
        methods: from a label to a function of the epoch (0, 1, …), which returns the number of the version that
            it shows (0, 1, …; equal numbers are equal images), or None for the originals. If the function has a second
            parameter without a default, it also gets the images' numbers, int (n,), and returns an array (n,) of
            versions, -1 for an original.
        policy: arguments of ``RandomAffine``, such as MILD; its seed is the replicate.
        n: training images, a multiple of 32, the images of an update.
        updates: gradient updates of each run.
        build: from (input_shape, seed=replicate), or without seed if it takes none, to a network with one sigmoid unit.
            If it comes without an optimiser, it gets Adam at 0.001 and binary cross-entropy, and else it was compiled
            with metrics=["accuracy"].
        evaluate_at: updates after which to evaluate, the last one among them; by default 95 and 100 % of them.
        path: a CSV file to which each finished run is added; runs that are in it already are not trained again. One
            file holds one setting.

    Returns:
        A row a run and evaluation: method, replicate, update; loss and accuracy as ``fit`` reports them since the
        evaluation before; train_loss and train_accuracy on the run's originals; val_loss and val_accuracy. Losses are
        in nats, accuracies from 0 to 1.

    Raises:
        ValueError: methods, policy, n, updates, replicates, evaluate_at or what a method returns doesn't fit.
    """
    stops = _checked(methods, n, updates, replicates, evaluate_at)
    augment = RandomAffine(**policy)
    runs = {}
    if path is not None and Path(path).exists():
        # Python reads each digit of a number, and a label "None" or "4" is a text.
        read: dict[str, Callable] = {"method": str, **dict.fromkeys(SCORES, float)}
        stored = pd.read_csv(path, converters=read, keep_default_na=False)
        runs = dict(list(stored.groupby(["method", "replicate"])))
    trainer = None
    wanted = [(label, replicate) for replicate in range(replicates) for label in methods]
    for label, replicate in tqdm(wanted, desc="runs"):
        run = (label, replicate)
        if run not in runs:
            part = subset(data, n, replicate)
            trainer = trainer or _Trainer(build, data.x_train.shape[1:])
            trainer.start(replicate)
            shown = functools.partial(_shown, part, methods[label], augment, replicate)
            curve = trainer.run(part, shown, stops)
            curve.insert(0, "method", label)
            curve.insert(1, "replicate", replicate)
            if path is not None:
                header = not Path(path).exists()
                curve.to_csv(path, mode="a", header=header, index=False, na_rep="nan")
            runs[run] = curve
        if runs[run]["update"].tolist() != stops:
            raise ValueError(
                f"{path} has {label!r}, replicate {replicate}, evaluated at {runs[run]['update'].tolist()}; "
                f"expected {stops}: name another file, or remove this one."
            )
    return pd.concat([runs[run] for run in wanted], ignore_index=True)


class _Trainer:
    """One model for all runs: Keras compiles a training step for each model, which costs more than 400 updates."""

    def __init__(self, build: Callable[..., keras.Model], shape: Sequence[int]) -> None:
        self.build = build
        self.shape = shape
        self.model = self._built(0)
        if not self.model.compiled:
            # Twenty updates a call: a third faster, to the same bit.
            self.model.compile(
                "adam", "binary_crossentropy", metrics=["accuracy"], steps_per_execution=20
            )
        self.model.optimizer.build(self.model.trainable_variables)
        self.unused = [variable.numpy() for variable in self.model.optimizer.variables]

    def _built(self, replicate: int) -> keras.Model:
        keras.utils.set_random_seed(replicate)  # of dropout, for instance
        seed = {"seed": replicate} if "seed" in inspect.signature(self.build).parameters else {}
        return self.build(self.shape, **seed)

    def start(self, replicate: int) -> None:
        """The replicate's initial weights and random states, and an optimiser that has seen nothing."""
        fresh = [variable.numpy() for variable in self._built(replicate).variables]
        variables = [*self.model.variables, *self.model.optimizer.variables]
        for variable, value in zip(variables, [*fresh, *self.unused], strict=True):
            variable.assign(value)

    def run(self, part: Data, shown: Callable[[int, int], Any], stops: list[int]) -> pd.DataFrame:
        """Train to the last of the updates ``stops``, and evaluate at each."""
        at_once = max(1, int(BYTES_AT_ONCE / (4 * BATCH * np.prod(self.shape))))
        bounds = sorted({*stops, *range(at_once, stops[-1], at_once)})
        rows = []
        for start, stop in itertools.pairwise([0, *bounds]):
            fitted = self.model.fit(*shown(start, stop), batch_size=BATCH, shuffle=False, verbose=0)
            if stop in stops:
                shown_now = [fitted.history["loss"][0], fitted.history["accuracy"][0]]
                own, new = (
                    self.model.evaluate(x, y, batch_size=500, verbose=0)
                    for x, y in (part[:2], part[2:])
                )
                rows.append([stop, *shown_now, *own, *new])
        return pd.DataFrame(rows, columns=["update", *SCORES])


def _shown(
    part: Data,
    method: Callable[..., Any],
    augment: RandomAffine,
    replicate: int,
    start: int,
    stop: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels of the updates from start up to stop, in their order; an epoch shows each image once."""
    n = len(part.x_train)
    each = n // BATCH  # updates of an epoch
    epochs = range(start // each, -(-stop // each))
    images, labels = [], []
    for epoch in epochs:
        order = np.random.default_rng((replicate, epoch)).permutation(n)
        versions = _versions(method, epoch, order)
        parameters = np.tile(IDENTITY, (n, 1))  # shows the original
        for version in set(versions.tolist()) - {-1}:
            drawn = augment.draw(order, (replicate, version)).numpy()
            parameters[versions == version] = drawn[versions == version]
        images.append(augment.apply(part.x_train[order], parameters).numpy())
        labels.append(part.y_train[order])
    skipped = BATCH * (start - epochs[0] * each)
    these = slice(skipped, skipped + BATCH * (stop - start))
    return np.concatenate(images)[these], np.concatenate(labels)[these]


def _versions(method: Callable[..., Any], epoch: int, order: np.ndarray) -> np.ndarray:
    """The version of each image, -1 for the original."""
    answer = method(epoch, order) if _takes_images(method) else method(epoch)
    versions = np.asarray(-1 if answer is None else answer)
    if (
        versions.dtype.kind not in "iu"
        or versions.shape not in ((), order.shape)
        or versions.min() < -1
    ):
        raise ValueError(
            f"a method returned {answer} in epoch {epoch}; expected a version (0, 1, …), None for the originals, "
            "or, with a second parameter, an array of one version for each image."
        )
    return np.broadcast_to(versions, order.shape)


def _takes_images(method: Callable[..., Any]) -> bool:
    parameters = inspect.signature(method).parameters.values()
    return sum(parameter.default is parameter.empty for parameter in parameters) == 2


def _checked(
    methods: Mapping[str, Callable[..., Any]],
    n: int,
    updates: int,
    replicates: int,
    evaluate_at: Sequence[int] | None,
) -> list[int]:
    """When to evaluate, or a ValueError that says what doesn't fit."""
    if not isinstance(methods, Mapping) or not methods or not all(map(callable, methods.values())):
        raise ValueError(
            f"methods are {methods!r}; expected a dictionary from a label to a function of the epoch, "
            'such as {"live": live}.'
        )
    if n < BATCH or n % BATCH:
        raise ValueError(f"n is {n}; expected a multiple of {BATCH}, the images of an update.")
    if updates < 1 or replicates < 1:
        raise ValueError(
            f"updates is {updates} and replicates {replicates}; expected 1 or more of each."
        )
    if evaluate_at is None:
        evaluate_at = (round(0.95 * updates), updates)
    stops = sorted(set(evaluate_at))
    if not stops or stops[0] < 1 or stops[-1] != updates:
        raise ValueError(f"evaluate_at is {stops}; expected updates from 1 on, the last {updates}.")
    return stops
