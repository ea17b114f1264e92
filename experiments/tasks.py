"""How a run of each stored table is made: from a setting (names and numbers) to its results."""

from __future__ import annotations

import functools
import itertools
import math
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from helpers import arms, compare, model, training
from helpers.augment import POLICIES, named_policy
from helpers.data import Data, load_garments, load_solar_cells, subset
from helpers.tables import FOLDER

CONFIRMATION = FOLDER.parent / "dress-shirt.npz"  # dresses against shirts; built by run.py, not committed
DATASETS: dict[str, Callable[[], Data]] = {
    "garments": load_garments,
    "solar-cells": load_solar_cells,
    "dress-shirt": functools.partial(load_garments, CONFIRMATION, None),
}
# Lesson 06: what ImageDataGenerator is given, as a multiple of the images in [0, 1] and its arguments.
FLOW_RANGES: dict[str, tuple[int, dict[str, Any]]] = {
    "brightness-of-1": (1, {"brightness_range": (0.7, 1.3)}),
    "brightness-of-255": (255, {"brightness_range": (0.7, 1.3), "rescale": 1 / 255}),
    "width-shift": (1, {"width_shift_range": 0.2}),
    "height-shift": (1, {"height_shift_range": 0.2}),
}


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set by its name in ``DATASETS``, loaded once a process."""
    return DATASETS[name]()


def table_updates(updates: int) -> list[int]:
    """Five evaluations in the last tenth of 500, 1,000 and all updates, and some between."""
    budgets = [b for b in (500, 1000) if b < updates] + [updates]
    late = {round(b * share) for b in budgets for share in training.LATE}
    return sorted({u for u in (50, 100, 200, 350, 1500, 2000) if u < 0.9 * updates} | late)


def run_setting(setting: dict, metrics: training.Metrics | None = None) -> dict:
    """Train one run of the paired comparison.

    Args:
        setting: dataset, n, arm, policy, model, updates, rate ("constant" or "decay") and replicate.
        metrics: see ``Trainer.run``.

    Returns:
        The run's summary with its seconds and threads, and one record an evaluation.
    """
    started = time.perf_counter()
    curves = compare.compare(
        load_dataset(setting["dataset"]),
        [setting["arm"]],
        named_policy(setting["policy"]),
        n=setting["n"],
        updates=setting["updates"],
        replicates=[setting["replicate"]],
        build=model.MODELS[setting["model"]],
        evaluate_at=table_updates(setting["updates"]),
        decay={"constant": False, "decay": True}[setting["rate"]],
        metrics=metrics,
        show_progress=False,
    )
    return results_of(curves, started)


def results_of(curves: pd.DataFrame, started: float) -> dict:
    """A run's summary and records from its curve; ``started`` is a value of ``time.perf_counter``."""
    summary = compare.summarise(curves).drop(columns=["arm", "replicate"]).iloc[0].to_dict()
    summary["threads"] = int(os.environ.get("TF_NUM_INTRAOP_THREADS", 0)) or os.cpu_count()
    summary["seconds"] = round(time.perf_counter() - started, 2)
    return {"summary": summary, "records": curves.drop(columns=["arm", "replicate"]).to_dict("records")}


def run_with_ranking(setting: dict) -> dict:
    """As ``run_setting``, with two more columns for classes of unequal size."""

    def ranking(p: np.ndarray, data: Data, predict: training.Predict) -> dict[str, float]:
        return {
            "val_average_precision": average_precision(p, data.y_val),
            "val_balanced_accuracy": balanced_accuracy(p, data.y_val),
        }

    return run_setting(setting, ranking)


def run_with_image_data_generator(setting: dict) -> dict:
    """As ``run_setting``, but the pictures come from ``ImageDataGenerator.flow``."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    started = time.perf_counter()
    part, n, updates, replicate = _part(setting)
    datagen = ImageDataGenerator(**POLICIES[setting["policy"]])
    batches = datagen.flow(part.x_train, part.y_train, batch_size=arms.BATCH, seed=replicate)
    if setting["arm"] == "copies-1":
        images, labels = zip(*itertools.islice(batches, n // arms.BATCH), strict=True)
        order = arms.schedule("none", n, updates, replicate).source
        batches = arms.Batches(np.concatenate(images), np.concatenate(labels), order, None)
    return _trained(setting, part, batches, started)


def run_with_keras_layers(setting: dict) -> dict:
    """As ``run_setting``, but flips, turns, shifts and zooms are four Keras layers in a row.

    Subset, initial weights and the order of the sources are those of the other tables; the draws are not.
    """
    import tensorflow as tf
    from keras import Sequential, layers

    started = time.perf_counter()
    part, n, updates, replicate = _part(setting)
    policy = POLICIES[setting["policy"]]
    shifts, zoom = (policy["height_shift_range"], policy["width_shift_range"]), policy["zoom_range"]
    # Seeds differ from layer to layer, else the draws of the layers would go together.
    stack = Sequential([
        layers.RandomFlip("horizontal", seed=4 * replicate),
        layers.RandomRotation(policy["rotation_range"] / 360, "nearest", seed=4 * replicate + 1),
        layers.RandomTranslation(*shifts, "nearest", seed=4 * replicate + 2),
        layers.RandomZoom(zoom, zoom, "nearest", seed=4 * replicate + 3),
    ])
    augment = tf.function(lambda images: stack(images, training=True), autograph=False)
    order = arms.schedule("none", n, updates, replicate).source
    if setting["arm"] == "copies-1":
        stored = arms.Batches(augment(part.x_train).numpy(), part.y_train, order, None)
        return _trained(setting, part, stored, started)
    drawn = ((augment(part.x_train[rows]), part.y_train[rows]) for rows in order)
    return _trained(setting, part, drawn, started)


def run_flow_ranges(setting: dict) -> dict:
    """Live training from ``ImageDataGenerator.flow`` with the ranges of one of ``FLOW_RANGES``."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    started = time.perf_counter()
    part, _, _, replicate = _part(setting)
    factor, ranges = FLOW_RANGES[setting["policy"]]
    datagen = ImageDataGenerator(**ranges)
    batches = datagen.flow(factor * part.x_train, part.y_train, batch_size=arms.BATCH, seed=replicate)
    return _trained(setting, part, batches, started)


def run_split_after_augmenting(setting: dict) -> dict:
    """Train on four fifths of a shuffled pool of copies of n sources; evaluate on its rest and elsewhere.

    Columns: ``leaky_*`` on the other fifth, ``unseen_*`` on the validation images augmented once by the
    same policy, ``val_*`` on the validation images as they are.
    """
    started = time.perf_counter()
    part, n, updates, replicate = _part(setting)
    policy = named_policy(setting["policy"])
    copies = arms.parse_arm(setting["arm"]).copies or 0
    made = [policy.apply(part.x_train, policy.draw(n, (replicate, k))).numpy() for k in range(copies)]
    pool, labels = np.concatenate(made), np.tile(part.y_train, copies)
    rng = np.random.default_rng((n, replicate))
    rows = rng.permutation(copies * n)
    full_batches = int(0.8 * len(rows)) // arms.BATCH
    train, leaky = np.split(rows, [full_batches * arms.BATCH])
    shown = updates * arms.BATCH
    passes = [rng.permutation(train) for _ in range(math.ceil(shown / len(train)))]
    order = np.concatenate(passes)[:shown].reshape(updates, arms.BATCH)
    unseen = policy.apply(part.x_val, policy.draw(len(part.x_val), (replicate, copies))).numpy()

    elsewhere = training.also_on({"leaky": (pool[leaky], labels[leaky]), "unseen": (unseen, part.y_val)})
    return _trained(setting, part, arms.Batches(pool, labels, order, None), started, elsewhere)


def last_shown(batches: arms.Batches, policy: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The last pictures that a run shows, (count, height, width, channels), and their labels (count,)."""
    rows = batches.rows.reshape(-1)[-count:]
    images = batches.images[rows]
    if batches.parameters is not None:
        width = batches.parameters.shape[-1]
        images = policy.apply(images, batches.parameters.reshape(-1, width)[-count:]).numpy()
    return images, np.asarray(batches.labels)[rows]


def _part(setting: dict) -> tuple[Data, int, int, int]:
    """The training subset of a setting, with its n, updates and replicate."""
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    return subset(load_dataset(setting["dataset"]), n, replicate), n, updates, replicate


def _trained(setting: dict, part: Data, batches, started: float, metrics=None) -> dict:
    """Results of training on batches at a constant rate, which all tables made here have."""
    updates, replicate = setting["updates"], setting["replicate"]
    trainer = training.trainer_for(model.MODELS[setting["model"]], tuple(part.x_train.shape[1:]), None)
    curve = trainer.run(part, batches, updates, replicate, table_updates(updates), metrics=metrics)
    return results_of(curve.assign(arm=setting["arm"], replicate=replicate), started)


def average_precision(p: np.ndarray, labels: np.ndarray) -> float:
    """Precision averaged over recall, from the highest p down; images of equal p come in together."""
    _, level = np.unique(-p, return_inverse=True)
    found, listed = np.cumsum(np.bincount(level, labels)), np.cumsum(np.bincount(level))
    return float(np.sum(np.diff(found / found[-1], prepend=0) * found / listed))


def balanced_accuracy(p: np.ndarray, labels: np.ndarray) -> float:
    """Mean of the shares of class 0 and of class 1 that are recognised at the threshold 0.5."""
    return float(np.mean([np.mean((p > 0.5)[labels == label] == label) for label in (0, 1)]))
