#!/usr/bin/env python3
"""What augmentation costs in `fit`: milliseconds a step on one core (`make bench`).

Writes step-time.csv in data/results. Every way of augmenting is timed once in each of several rounds, so that a
machine that slows down does so for all: compare within a round. Times are noted by the clock and as processor
time, which other work on the machine disturbs less.

The stored throughput.csv and peak-memory.csv are of version 0.3.0, whose tests/benchmarks/throughput.py made them.
"""

from __future__ import annotations

import os
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
TABLE = ROOT / "data" / "results" / "step-time.csv"
POLICY = {
    "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 10, "zoom_range": 0.2,
    "horizontal_flip": True,
}  # fmt: skip
BATCH = 32
ROUNDS = 9
PACKAGES = ("tensorflow", "keras", "numpy", "scipy")


def keras_stack():
    """The policy as Keras layers (RandomShear takes the sine of 10 degrees)."""
    from keras import Sequential, layers

    return Sequential([
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(20 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
        layers.RandomShear(0.174, 0, fill_mode="nearest"),
        layers.RandomZoom(0.2, 0.2, fill_mode="nearest"),
    ])


def fit_settings(x, y) -> dict[str, tuple[list, dict]]:
    """The layers before the model and the arguments of `fit`, for each way of augmenting."""
    import tensorflow as tf
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    from helpers.augment import RandomAffine

    arrays = {"x": x, "y": y, "batch_size": BATCH}
    flow = ImageDataGenerator(**POLICY).flow(x, y, batch_size=BATCH)
    policy, stack = RandomAffine(**POLICY), keras_stack()
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(BATCH)

    def in_data(augment) -> dict:
        return {"x": batches.map(lambda x, y: (augment(x), y), tf.data.AUTOTUNE).prefetch(2)}

    return {
        "static": ([], arrays),
        "RandomAffine in the model": ([RandomAffine(**POLICY)], arrays),
        "RandomAffine in tf.data": ([], in_data(policy)),
        "Keras layers in the model": ([keras_stack()], arrays),
        "Keras layers in tf.data": ([], in_data(lambda images: stack(images, training=True))),
        "ImageDataGenerator": ([], {"x": flow}),
    }


def compiled_model(front: list, shape: tuple[int, ...]):
    """The small network behind the layers given, 25 steps a call."""
    import keras

    from helpers.model import small_model

    model = keras.Sequential([keras.Input(shape), *front, small_model(shape)])
    model.compile("adam", "binary_crossentropy", steps_per_execution=25)
    return model


def measure_steps() -> list[str]:
    """Rows with milliseconds a step in the second epoch of `fit` on all 12,000 garments."""
    import keras

    from helpers.data import load_garments

    garments = load_garments()
    settings = fit_settings(garments.x_train, garments.y_train)
    models = {name: compiled_model(front, (28, 28, 1)) for name, (front, _) in settings.items()}
    stamps: list[tuple[float, float]] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: stamps.append((time.perf_counter(), time.process_time()))
    )
    rows = []
    for turn in range(ROUNDS):
        for name, (_, data) in settings.items():
            stamps.clear()
            models[name].fit(**data, epochs=2, verbose=0, callbacks=[clock])
            elapsed = [1000 * (end - start) / (12_000 / BATCH) for start, end in zip(*stamps, strict=True)]
            rows.append(f"1,{name},{turn}," + ",".join(f"{ms:.3f}" for ms in elapsed))
    return rows


def main() -> None:
    os.sched_setaffinity(0, {0})
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    from experiments.rows import note_digests, replace
    from helpers.setup import prepare

    prepare()
    versions = " ".join(f"{name}={version(name)}" for name in PACKAGES)
    lines = ["cores,augmenter,round,milliseconds,cpu_milliseconds,versions"]
    lines += [f"{row},{versions}" for row in measure_steps()]
    replace(TABLE, ("\n".join(lines) + "\n").encode())
    note_digests(TABLE)


if __name__ == "__main__":
    main()
