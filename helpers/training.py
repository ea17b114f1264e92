"""The comparison: arms that differ in what each epoch shows, and in nothing else.

Every augmented picture is *version* v of a source image: version 0 is the original, version v >= 1
the copy drawn with seed (replicate, v - 1). An arm is then a table of integers, which version of
which source stands where in which batch. Live shows version 1 + e in epoch e; static with K copies
shows 1 + (e mod K): a live run whose clock wraps.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from helpers import stats
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.data import Data, subset
from helpers.model import INPUT_SHAPE, article_model
from helpers.progress import progress

BATCH = 32
LEARNING_RATE = 0.001  # Adam's default
LATE = (0.92, 0.94, 0.96, 0.98, 1)  # a summary is the mean of evaluations after these shares of a run


class Arm(NamedTuple):
    """What the model is shown; written as a name: none, copies-4, originals+4, pool-4, live, live-4/5.

    Attributes:
        kind: "none" (originals only), "copies" (K copies, originals left out, read copy after
            copy), "originals" (originals and K copies; each source starts at its own point of the
            clock, so that every batch holds the same share of originals on average), "pool" (K
            copies in memory, read through one shuffle over all of them), "live".
        copies: K; None for "none" and "live".
        p: share of images that live augments; 1 for the other kinds.
    """

    kind: str
    copies: int | None = None
    p: float = 1.0


def parse_arm(name: str) -> Arm:
    """The arm of a name.

    Raises:
        ValueError: the name has another form, K is below 1, or p outside [0, 1].
    """
    kind, _, number = name.replace("+", "-").partition("-")
    try:
        if kind == "none" and not number:
            return Arm("none")
        if kind == "live" and 0 <= (p := Fraction(number or 1)) <= 1:
            return Arm("live", p=float(p))
        if kind in ("copies", "originals", "pool") and (k := int(number)) >= 1:
            return Arm(kind, k)
    except (ValueError, ZeroDivisionError):
        pass
    raise ValueError(
        f"arm is {name!r}; expected none, copies-K, originals+K, pool-K, live or live-P, "
        "with a whole number K of 1 or more and a share P such as 4/5."
    )


class Schedule(NamedTuple):
    """Which picture stands where: int arrays (updates, 32) of source numbers and versions."""

    source: np.ndarray
    version: np.ndarray


def schedule(arm: str, n: int, updates: int, replicate: int = 0) -> Schedule:
    """The pictures of a whole run. Arms of one replicate share the order of the sources.

    Args:
        arm: its name, see ``Arm``.
        n: number of training images, a multiple of 32 (full batches only).
        updates: number of gradient updates.

        replicate: 0 or more; another one has other orders.

    Raises:
        ValueError: n no multiple of 32, no update, or a name that is no arm.
    """
    if n < BATCH or n % BATCH:
        raise ValueError(f"n is {n}; expected a multiple of the batch size {BATCH}.")
    if updates < 1:
        raise ValueError(f"updates is {updates}; expected 1 or more.")
    arm = parse_arm(arm)
    epochs = -(-updates * BATCH // n)
    epoch = np.arange(epochs)[:, None]
    order = np.stack([_rng(replicate, e).permutation(n) for e in range(epochs)])
    if arm.kind == "none":
        version = np.zeros_like(order)
    elif arm.kind == "copies":
        version = np.broadcast_to(1 + epoch % arm.copies, order.shape)
    elif arm.kind == "originals":
        start = _rng(replicate, 0, "start").permutation(n)
        version = (epoch + start[order]) % (arm.copies + 1)
    elif arm.kind == "live":
        chance = np.stack([_rng(replicate, e, "augmented").random(n) for e in range(epochs)])
        augmented = np.take_along_axis(chance, order, axis=1) < arm.p
        version = np.where(augmented, 1 + epoch, 0)
    else:
        passes = range(-(-epochs // arm.copies))
        rows = [_rng(replicate, i, "pool").permutation(n * arm.copies) for i in passes]
        order, version = (part[: epochs * n] for part in divmod(np.concatenate(rows), arm.copies))
        version = 1 + version
    return Schedule(*(part.reshape(-1, BATCH)[:updates] for part in (order, version)))


class Batches(NamedTuple):
    """A stretch of training: image ``rows[u, b]`` of ``images``, transformed unless parameters is None.

    Attributes:
        images: float32 (m, height, width, channels).
        labels: (m,).
        rows: int (updates, batch).
        parameters: float32 (updates, batch, 8) for ``RandomAffine.apply``, or None.
    """

    images: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    parameters: np.ndarray | None


def drawn_batches(
    x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int
) -> Batches:
    """Batches whose pictures are made when they are needed, static copies included.

    Args:
        x, y: the training images and labels, as in ``Data``.
        plan: which picture stands where, see ``schedule``.
        policy: makes the versions.
        replicate: whose draws they are.
    """
    if not plan.version.any():
        return Batches(x, y, plan.source, None)
    versions, index = np.unique(plan.version, return_inverse=True)
    table = [
        np.tile(IDENTITY, (len(x), 1)) if v == 0 else policy.draw(len(x), (replicate, v - 1)).numpy()
        for v in versions.tolist()
    ]
    return Batches(x, y, plan.source, np.stack(table)[index.reshape(plan.version.shape), plan.source])


def stored_batches(
    x: np.ndarray, y: np.ndarray, plan: Schedule, policy: RandomAffine, replicate: int
) -> Batches:
    """The same batches from a pool that is built in memory first, as static augmentation is done.

    Arguments as for ``drawn_batches``. The pool takes as much memory as its versions times x.
    """
    versions, index = np.unique(plan.version, return_inverse=True)
    images = [
        x if v == 0 else policy.apply(x, policy.draw(len(x), (replicate, v - 1))).numpy()
        for v in versions.tolist()
    ]
    rows = index.reshape(plan.version.shape) * len(x) + plan.source
    return Batches(np.concatenate(images), np.tile(y, len(versions)), rows, None)


def evaluation_updates(updates: int) -> list[int]:
    """When to evaluate: seven points at growing distances, then five in the last tenth."""
    first = np.geomspace(max(updates / 50, 1), updates * 0.8, 7)
    return sorted({max(1, round(u)) for u in (*first, *np.multiply(updates, LATE))})


class Trainer:
    """One model with its compiled training loop, reused for many runs.

    The loop is what ``fit`` does with Adam and binary cross-entropy, without its overhead, which
    for models as small as these is larger than the training (a test compares the two).

    Args:
        build: ``article_model`` or ``deeper_model``, or a function with their arguments.
        input_shape: (height, width, channels).
        policy: the augmenter for batches that come with parameters.
    """

    def __init__(
        self,
        build: Callable[..., keras.Model] = article_model,
        input_shape: Sequence[int] = INPUT_SHAPE,
        policy: RandomAffine | None = None,
    ) -> None:
        self.build, self.input_shape, self.policy = build, tuple(input_shape), policy
        self.model = build(self.input_shape, seed=0)
        self.optimizer = keras.optimizers.Adam(LEARNING_RATE)
        self.optimizer.build(self.model.trainable_variables)
        self._optimizer_start = [v.numpy() for v in self.optimizer.variables]
        images, numbers = tf.TensorSpec((None, *self.input_shape)), tf.TensorSpec((None,))
        given = [images, numbers, tf.TensorSpec((None, None), tf.int32), numbers]
        drawn = tf.TensorSpec((None, None, len(PARAMETERS)))
        self._advance_stored = tf.function(self._loop, input_signature=given)
        self._advance_drawn = tf.function(self._loop, input_signature=[*given, drawn])
        self._predict = tf.function(functools.partial(self.model, training=False), input_signature=[images])

    def reset(self, replicate: int) -> None:
        """Initial weights of the replicate, and an optimiser that has seen nothing."""
        self.model.set_weights(self.build(self.input_shape, seed=replicate).get_weights())
        for variable, value in zip(self.optimizer.variables, self._optimizer_start, strict=True):
            variable.assign(value)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Probabilities of class 1, (n,). In blocks: 2,000 images at once would take 200 MB more."""
        blocks = [images[first : first + 500] for first in range(0, len(images), 500)]
        return np.concatenate([self._predict(tf.constant(block)).numpy()[:, 0] for block in blocks])

    def run(
        self,
        data: Data,
        batches: Batches | Iterable[tuple[np.ndarray, np.ndarray]],
        updates: int,
        replicate: int = 0,
        evaluate_at: Iterable[int] | None = None,
        rate: float = LEARNING_RATE,
        decay: bool = False,
        also: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
    ) -> pd.DataFrame:
        """Train from scratch.

        Args:
            data: the clean training images, and the validation images.
            batches: what the model is shown: a ``Batches``, or any iterable of (images, labels) that
                yields at least ``updates`` of them (``ImageDataGenerator.flow``, a dataset).
            evaluate_at: updates after which to evaluate, the last one among them; default
                ``evaluation_updates``.
            rate: Adam's learning rate.
            decay: let it fall linearly to zero.
            also: further images and labels to evaluate on, by the name that their columns begin with.

        Returns:
            One row an evaluation: update; shown_loss and shown_accuracy (what ``fit`` reports: the
            images as shown, while weights move, averaged since the last row); train_* (the clean
            training images); val_*; val_loss_even and val_loss_odd (by image number);
            val_loss_scaled (see ``stats.scaled_loss``). Losses in nats, accuracies 0 to 1.

        Raises:
            ValueError: too few batches, one that isn't full, batches to be drawn without a policy, or
                evaluations outside the run.
        """
        evaluate_at = evaluation_updates(updates) if evaluate_at is None else sorted(set(evaluate_at))
        if not evaluate_at or evaluate_at[0] < 1 or evaluate_at[-1] != updates:
            raise ValueError(f"evaluate_at is {evaluate_at}; expected updates from 1 on, the last {updates}.")
        if self.policy is None and getattr(batches, "parameters", None) is not None:
            raise ValueError("the pictures of these batches are yet to be drawn; give the Trainer a policy.")
        self.reset(replicate)
        if isinstance(batches, Batches):
            batches = batches._replace(
                images=tf.constant(batches.images), labels=tf.constant(batches.labels, tf.float32)
            )
        else:
            batches = iter(batches)
        rows = []
        for start, stop in itertools.pairwise([0, *evaluate_at]):
            images, labels, index, parameters = _stretch(batches, start, stop)
            rates = np.full(stop - start, rate, np.float32)
            if decay:
                rates *= (1 - np.arange(start, stop) / updates).astype(np.float32)
            given = [images, tf.cast(labels, tf.float32), tf.cast(index, tf.int32), rates]
            if parameters is None:
                shown = self._advance_stored(*given)
            else:
                shown = self._advance_drawn(*given, parameters)
            rows.append({"update": stop, **_evaluation(shown.numpy(), self.predict, data, also or {})})
        return pd.DataFrame(rows)

    def _loop(self, images, labels, index, rates, parameters=None):
        totals = tf.zeros(2)
        steps = tf.shape(index)[0]
        for step in tf.range(steps):
            x, y = tf.gather(images, index[step]), tf.gather(labels, index[step])[:, None]
            if parameters is not None:
                x = self.policy.apply(x, parameters[step])
            with tf.GradientTape() as tape:
                probability = self.model(x, training=True)
                loss = tf.reduce_mean(keras.losses.binary_crossentropy(y, probability))
            gradients = tape.gradient(loss, self.model.trainable_variables)
            self.optimizer.learning_rate.assign(rates[step])
            self.optimizer.apply(gradients)
            correct = tf.reduce_mean(tf.cast((probability > 0.5) == (y > 0.5), tf.float32))
            totals += tf.stack([loss, correct])
        return totals / tf.cast(steps, tf.float32)


@functools.lru_cache(maxsize=8)
def trainer_for(
    build: Callable[..., keras.Model], input_shape: tuple[int, ...], policy: RandomAffine | None
) -> Trainer:
    """The trainer of a model and a policy, compiled once."""
    return Trainer(build, input_shape, policy)


def compare(
    data: Data,
    arms: Iterable[str],
    policy: RandomAffine,
    n: int = 128,
    updates: int = 400,
    replicates: int | Sequence[int] = 8,
    build: Callable[..., keras.Model] = article_model,
    evaluate_at: Iterable[int] | None = None,
    decay: bool = False,
    show_progress: bool = True,
) -> pd.DataFrame:
    """Train every arm on every replicate; all that an arm does not define is shared.

    Args:
        data: what the training subsets are taken from, and the validation images.
        arms: their names, see ``Arm``.
        n: training images of a subset, a multiple of 32.
        updates: gradient updates of a run.
        replicates: how many (0, 1, 2 …), or their numbers.
        build: ``article_model`` or ``deeper_model``.
        evaluate_at, decay: see ``Trainer.run``.
        show_progress: draw a bar over the runs.

    Returns:
        The rows of ``Trainer.run`` with the columns arm and replicate before them.

    Raises:
        ValueError: as ``schedule``, ``subset`` and ``Trainer.run``.
    """
    evaluate_at = None if evaluate_at is None else list(evaluate_at)
    trainer = trainer_for(build, data.x_train.shape[1:], policy)
    if isinstance(replicates, int):
        replicates = range(replicates)
    settings = list(itertools.product(replicates, arms))
    curves = []
    for replicate, arm in progress(settings, len(settings), "runs") if show_progress else settings:
        part = subset(data, n, replicate)
        plan = schedule(arm, n, updates, replicate)
        make = drawn_batches if arm.startswith("live") else stored_batches
        batches = make(part.x_train, part.y_train, plan, policy, replicate)
        curve = trainer.run(part, batches, updates, replicate, evaluate_at, decay=decay)
        curve.insert(0, "arm", arm)
        curve.insert(1, "replicate", replicate)
        curves.append(curve)
    return pd.concat(curves, ignore_index=True)


def summarise(curves: pd.DataFrame) -> pd.DataFrame:
    """One row an arm and replicate: means over the last tenth of the updates, and ``val_loss_stopped``.

    Raises:
        ValueError: several runs share an arm and a replicate, as those of another n or policy do.
    """
    _one_row_each(curves, ["arm", "replicate", "update"])
    late = curves[curves["update"] > 0.9 * curves["update"].max()]
    keys = ["arm", "replicate"]
    result = late.drop(columns="update").groupby(keys, sort=False).mean(numeric_only=True)
    result["val_loss_stopped"] = [
        stats.stopped_loss(part["val_loss_even"], part["val_loss_odd"])
        for _, part in curves.groupby(keys, sort=False)
    ]
    return result.reset_index()


def differences(runs: pd.DataFrame, first: str, second: str, metric: str = "val_loss") -> np.ndarray:
    """Paired differences first - second of a metric, one a replicate.

    Args:
        runs: one row an arm and replicate, see ``summarise``.

    Raises:
        ValueError: an arm is missing, the two have other replicates, or an arm has two rows of one.
    """
    _one_row_each(runs[["arm", "replicate", metric]], ["arm", "replicate"])
    table = runs.pivot(index="replicate", columns="arm", values=metric)
    for name in (first, second):
        if name not in table:
            raise ValueError(f"no arm {name!r}; the table has {', '.join(table.columns)}.")
    pair = table[[first, second]]
    if pair.isna().any(axis=None):
        raise ValueError(f"{first} and {second} were not run on the same replicates.")
    return (pair[first] - pair[second]).to_numpy()


def report(
    runs: pd.DataFrame, pairs: Iterable[tuple[str, str]], metric: str = "val_loss", stored: bool = True
) -> dict[tuple[str, str], str]:
    """Print the paired difference of each pair of arms with its 95 % interval and verdict.

    Args:
        metric: a loss or accuracy of ``runs``; the margin is that of ``stats.MARGINS``.
        stored: the numbers come from a stored table and print to the last digit; else after a ≈.

    Returns:
        The verdict (on the first arm) of each pair.
    """
    number = "{: .3f}" if stored else "≈ {: .3f}"
    words = {}
    for first, second in pairs:
        interval, _, words[first, second] = stats.judge(differences(runs, first, second, metric), metric)
        numbers = f"{number} [{number}, {number}]".format(*interval)
        print(f"{first:>12} minus {second:12} {numbers}  {words[first, second]}")
    return words


def _one_row_each(table: pd.DataFrame, keys: list[str]) -> None:
    if table.drop_duplicates().duplicated(keys).any():
        raise ValueError(
            f"several rows have the same {', '.join(keys)}; choose one data set, n, policy, model and rate "
            "first, and summarise curves before taking differences."
        )


def _rng(replicate: int, epoch: int, purpose: str = "order") -> np.random.Generator:
    purposes = ("order", "start", "augmented", "pool")
    return np.random.default_rng((replicate, epoch, purposes.index(purpose)))


def _stretch(batches, start: int, stop: int) -> Batches:
    if isinstance(batches, Batches):
        if len(batches.rows) < stop:
            raise ValueError(f"found {len(batches.rows)} batches; expected {stop}.")
        parameters = batches.parameters
        return batches._replace(
            rows=batches.rows[start:stop],
            parameters=None if parameters is None else parameters[start:stop],
        )
    drawn = list(itertools.islice(batches, stop - start))
    sizes = {len(labels) for _, labels in drawn}
    if len(drawn) < stop - start or sizes != {BATCH}:
        raise ValueError(
            f"found {len(drawn)} batches of sizes {sorted(sizes)} after update {start}; "
            f"expected {stop - start} full batches of {BATCH}."
        )
    images, labels = (np.concatenate(part) for part in zip(*drawn, strict=True))
    return Batches(images, labels.reshape(len(images)), np.arange(len(images)).reshape(-1, BATCH), None)


def _evaluation(shown: np.ndarray, predict: Callable, data: Data, also: Mapping) -> dict[str, float]:
    row = {"shown_loss": float(shown[0]), "shown_accuracy": float(shown[1])}
    sets = {"train": (data.x_train, data.y_train), **also, "val": (data.x_val, data.y_val)}
    for part, (x, y) in sets.items():
        p = predict(x)
        row[f"{part}_loss"] = stats.log_loss(p, y)
        row[f"{part}_accuracy"] = float(np.mean((p > 0.5) == (y == 1)))
    row["val_loss_even"] = stats.log_loss(p[::2], y[::2])
    row["val_loss_odd"] = stats.log_loss(p[1::2], y[1::2])
    row["val_loss_scaled"] = stats.scaled_loss(p, y)
    return row
