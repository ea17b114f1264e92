#!/usr/bin/env python3
"""Compute the stored tables (`make results`): only what they lack, on all cores, resumable.

    python data/results/make_results.py [--workers N] [--dask ADDRESS] [TABLE ...]

With --dask the runs go to the workers of a Dask cluster (`pip install distributed`), which must
find this folder under the same path: `dask worker ADDRESS --nworkers 2 --nthreads 1`.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import Executor
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from helpers import data, model, results, training  # noqa: E402

REPLICATES = range(20)
MAIN_ARMS = [
    "none", "copies-1", "copies-4", "copies-16", "originals+1", "originals+4", "originals+16",
    "live", "live-1/2", "live-4/5", "live-16/17",
]  # fmt: skip

STUDY_ARMS = [
    "none", "live", "copies-1", "copies-2", "copies-4", "copies-8", "copies-16", "copies-32",
    "originals+1", "originals+4", "originals+16", "pool-4", "pool-16", "live-1/2", "live-4/5", "live-16/17",
]  # fmt: skip


# Lesson 05: what ImageDataGenerator is given, as a multiple of the images in [0, 1] and its arguments.
FLOW_RANGES = {
    "brightness-of-1": (1, {"brightness_range": (0.7, 1.3)}),
    "brightness-of-255": (255, {"brightness_range": (0.7, 1.3), "rescale": 1 / 255}),
    "width-shift": (1, {"width_shift_range": 0.2}),
    "height-shift": (1, {"height_shift_range": 0.2}),
}


def grid(**factors: list) -> list[dict]:
    """Every combination of the factors given, the others as in the main comparison."""
    main = {"dataset": ["garments"], "n": [512], "arm": MAIN_ARMS, "policy": ["mild"],
            "model": ["article"], "updates": [3000], "rate": ["constant"]}  # fmt: skip
    values = {**main, **factors, "replicate": REPLICATES}
    return [dict(zip(values, row, strict=True)) for row in itertools.product(*values.values())]


TABLES = {
    "static-versus-live": [
        *grid(),
        *grid(policy=["article"], arm=["copies-4", "originals+4", "live", "live-1/2"]),
        *grid(rate=["decay"]),
        *grid(model=["deeper"], arm=["none", "copies-4", "live", "live-1/2"]),
        *grid(model=["deeper"], policy=["article"], arm=["live", "live-1/2"]),
    ],
    "image-data-generator": grid(arm=["copies-1", "live"]),
    "keras-layers": grid(arm=["copies-1", "live"]),
    "policies": [
        *grid(n=[128], updates=[400], arm=["live"],
              policy=["flip", "mild", "half", "three-quarters", "article"]),
        *grid(n=[128], updates=[400], arm=["none"]),
    ],
    "flow-ranges": grid(n=[128], updates=[500], arm=["live"], policy=list(FLOW_RANGES)),
    "split-after-augmenting": [
        *grid(n=[128], arm=["pool-16"], model=["article", "deeper"]),
        *grid(n=[512], arm=["pool-16"], model=["article", "deeper"], updates=[1000]),
    ],
    "study": [
        *grid(n=[128, 512, 2048], arm=STUDY_ARMS),
        *grid(dataset=["dress-shirt"]),
        *grid(dataset=["solar-cells"], policy=["cells"], n=[512, 128], arm=STUDY_ARMS),
        *grid(n=[256, 1024, 4096], arm=["none"]),
    ],
    "solar-cells": [
        *grid(dataset=["solar-cells"], policy=["cells"],
              arm=["live", "none", "copies-1", "copies-4", "copies-16"]),
        *grid(dataset=["solar-cells"], policy=["article"], arm=["live"]),
        *grid(dataset=["solar-cells"], policy=["cells"], model=["deeper"], arm=["live", "none", "copies-4"]),
        *grid(dataset=["solar-cells"], policy=["article"], arm=["live-1/2", "copies-4"]),
    ],
}  # fmt: skip


def finished(setting: dict, part: data.Data, batches, started: float, also=None) -> tuple[dict, list[dict]]:
    """Train on the batches; the run's summary and records."""
    updates, replicate = setting["updates"], setting["replicate"]
    trainer = training.trainer_for(model.MODELS[setting["model"]], part.x_train.shape[1:], None)
    curve = trainer.run(part, batches, updates, replicate, results.table_updates(updates), also=also)
    return results.row_and_records(curve.assign(arm=setting["arm"], replicate=replicate), started)


def run_with_image_data_generator(setting: dict) -> tuple[dict, list[dict]]:
    """As ``results.run_setting``, but the pictures come from ``ImageDataGenerator.flow``."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    started = time.perf_counter()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = data.subset(results.load_dataset(setting["dataset"]), n, replicate)
    datagen = ImageDataGenerator(**results.POLICIES[setting["policy"]])
    batches = datagen.flow(part.x_train, part.y_train, batch_size=training.BATCH, seed=replicate)
    if setting["arm"] == "copies-1":
        images, labels = zip(*itertools.islice(batches, n // training.BATCH), strict=True)
        order = training.schedule("none", n, updates, replicate).source
        batches = training.Batches(np.concatenate(images), np.concatenate(labels), order, None)
    return finished(setting, part, batches, started)


def run_with_keras_layers(setting: dict) -> tuple[dict, list[dict]]:
    """As ``results.run_setting``, but flips, turns, shifts and zooms are four Keras layers in a row.

    Subset, initial weights and the order of the sources are those of the other tables; the draws are not.
    """
    import tensorflow as tf
    from keras import Sequential, layers

    started = time.perf_counter()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = data.subset(results.load_dataset(setting["dataset"]), n, replicate)
    policy = results.POLICIES[setting["policy"]]
    shifts, zoom = (policy["height_shift_range"], policy["width_shift_range"]), policy["zoom_range"]
    # Seeds differ from layer to layer, else the draws of the layers would go together.
    stack = Sequential([
        layers.RandomFlip("horizontal", seed=4 * replicate),
        layers.RandomRotation(policy["rotation_range"] / 360, "nearest", seed=4 * replicate + 1),
        layers.RandomTranslation(*shifts, "nearest", seed=4 * replicate + 2),
        layers.RandomZoom(zoom, zoom, "nearest", seed=4 * replicate + 3),
    ])
    augment = tf.function(lambda images: stack(images, training=True), autograph=False)
    order = training.schedule("none", n, updates, replicate).source
    if setting["arm"] == "copies-1":
        batches = training.Batches(augment(part.x_train).numpy(), part.y_train, order, None)
    else:
        batches = ((augment(part.x_train[rows]), part.y_train[rows]) for rows in order)
    return finished(setting, part, batches, started)


def run_with_ranking(setting: dict) -> tuple[dict, list[dict]]:
    """As ``results.run_setting``, with two more columns for classes of unequal size."""
    evaluate = training._evaluation

    def evaluate_with_ranking(shown, predict, part, also):
        p = predict(part.x_val)
        return evaluate(shown, predict, part, also) | {
            "val_average_precision": average_precision(p, part.y_val),
            "val_balanced_accuracy": balanced_accuracy(p, part.y_val),
        }

    with mock.patch.object(training, "_evaluation", evaluate_with_ranking):
        return results.run_setting(setting)


def run_flow_ranges(setting: dict) -> tuple[dict, list[dict]]:
    """Live training from ``ImageDataGenerator.flow`` with the ranges of one of ``FLOW_RANGES``."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    started = time.perf_counter()
    replicate = setting["replicate"]
    part = data.subset(results.load_dataset(setting["dataset"]), setting["n"], replicate)
    factor, ranges = FLOW_RANGES[setting["policy"]]
    batches = ImageDataGenerator(**ranges).flow(
        factor * part.x_train, part.y_train, batch_size=training.BATCH, seed=replicate
    )
    return finished(setting, part, batches, started)


def run_split_after_augmenting(setting: dict) -> tuple[dict, list[dict]]:
    """Train on four fifths of a shuffled pool of copies of n sources, read on the rest of it and elsewhere.

    Columns: ``leaky_*`` on the other fifth, ``unseen_*`` on the validation images augmented once by the
    same policy, ``val_*`` on the validation images as they are.
    """
    started = time.perf_counter()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = data.subset(results.load_dataset(setting["dataset"]), n, replicate)
    policy = results.load_policy(setting["policy"])
    copies = training.parse_arm(setting["arm"]).copies
    pool = [policy.apply(part.x_train, policy.draw(n, (replicate, k))).numpy() for k in range(copies)]
    rng = np.random.default_rng((n, replicate))
    rows = rng.permutation(copies * n)
    train, leaky = np.split(rows, [int(0.8 * len(rows)) // training.BATCH * training.BATCH])
    passes = [rng.permutation(train) for _ in range(-(-updates * training.BATCH // len(train)))]
    order = np.concatenate(passes)[: updates * training.BATCH].reshape(updates, training.BATCH)
    pool, labels = np.concatenate(pool), np.tile(part.y_train, copies)
    unseen = policy.apply(part.x_val, policy.draw(len(part.x_val), (replicate, copies))).numpy()
    also = {"leaky": (pool[leaky], labels[leaky]), "unseen": (unseen, part.y_val)}
    return finished(setting, part, training.Batches(pool, labels, order, None), started, also)


def average_precision(p: np.ndarray, labels: np.ndarray) -> float:
    """Precision averaged over recall, from the highest p down; images of equal p come in together."""
    _, level = np.unique(-p, return_inverse=True)
    found, listed = np.cumsum(np.bincount(level, labels)), np.cumsum(np.bincount(level))
    return float(np.sum(np.diff(found / found[-1], prepend=0) * found / listed))


def balanced_accuracy(p: np.ndarray, labels: np.ndarray) -> float:
    """Mean of the shares of class 0 and of class 1 that are recognised at the threshold 0.5."""
    return float(np.mean([np.mean((p > 0.5)[labels == label] == label) for label in (0, 1)]))


TASKS = {
    "image-data-generator": run_with_image_data_generator,
    "keras-layers": run_with_keras_layers,
    "solar-cells": run_with_ranking,
    "flow-ranges": run_flow_ranges,
    "split-after-augmenting": run_split_after_augmenting,
}


def build_confirmation_pair(name: str) -> None:
    """Write the file of the pair that nobody has looked at, where the table lacks runs of it."""
    path, needed = results.FOLDER / f"{name}.csv", pd.DataFrame(TABLES[name])["dataset"] == "dress-shirt"
    stored = pd.read_csv(path)["dataset"] == "dress-shirt" if path.exists() else needed[:0]
    if stored.sum() < needed.sum() and not results.CONFIRMATION.exists():
        script = results.FOLDER.parent / "build_garments.py"
        pair = ["--pair", "dress", "shirt", "--output", str(results.CONFIRMATION)]
        subprocess.run([sys.executable, str(script), *pair], check=True)


def dask_executor(address: str) -> Executor:
    """The workers of a Dask cluster behind the interface of ``concurrent.futures``."""
    try:
        from distributed import Client
    except ModuleNotFoundError:
        sys.exit("--dask needs the package distributed, which is not installed; `pip install distributed`.")
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        sys.exit(f"no Dask scheduler answers at {address} ({error}); start `dask scheduler` first.")
    folder, variables = str(Path(__file__).resolve().parents[2]), results.ONE_THREAD

    def prepare() -> None:
        os.environ.update(variables)
        sys.path.insert(0, folder)

    client.register_worker_callbacks(prepare)  # also for workers that join later
    return client.get_executor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"default: {' '.join(TABLES)}")
    parser.add_argument("--workers", type=int, help="processes on this machine; default: one a core")
    parser.add_argument("--dask", metavar="ADDRESS", help="an existing cluster, such as tcp://127.0.0.1:8786")
    options = parser.parse_args()
    for name in options.tables:
        if name not in TABLES:
            parser.error(f"no table {name!r}; expected one of {', '.join(TABLES)}.")
    for name in options.tables or TABLES:
        build_confirmation_pair(name)
        executor = dask_executor(options.dask) if options.dask else results.process_pool(options.workers)
        with executor:
            task = TASKS.get(name, results.run_setting)
            results.run_settings(TABLES[name], results.FOLDER / f"{name}.csv", executor, task)


if __name__ == "__main__":
    main()
