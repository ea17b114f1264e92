#!/usr/bin/env python3
"""What augmentation costs in `fit`: milliseconds a step on one core, into data/results/step-time.csv.

    export CUDA_VISIBLE_DEVICES= TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1
    PYTHONPATH=. taskset -c 0 python tests/benchmarks/step_time.py

Every way of augmenting is timed once in each of several rounds, so that a machine that slows down does so for all:
compare within a round. The stored throughput.csv and peak-memory.csv are of version 0.3.0.
"""

import time
from importlib.metadata import version
from pathlib import Path

import keras
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from experiments.rows import note_digests, replace
from helpers.augment import RandomAffine
from helpers.data import load_garments
from helpers.model import small_model

TABLE = Path(__file__).resolve().parents[2] / "data" / "results" / "step-time.csv"
BATCH, ROUNDS, UPDATES = 32, 9, 375  # an epoch of all 12,000 garments
POLICY = {
    "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 10, "zoom_range": 0.2,
    "horizontal_flip": True,
}  # fmt: skip
VERSIONS = " ".join(f"{name}={version(name)}" for name in ("tensorflow", "keras", "numpy", "scipy"))


def keras_layers():
    """The policy as Keras layers (RandomShear takes the sine of 10 degrees)."""
    return keras.Sequential([
        layers.RandomFlip("horizontal"), layers.RandomRotation(20 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"), layers.RandomShear(0.174, 0, fill_mode="nearest"),
        layers.RandomZoom(0.2, 0.2, fill_mode="nearest"),
    ])  # fmt: skip


garments = load_garments()
x, y = garments.x_train, garments.y_train
ways = {  # the layers before the network, and the arguments of fit
    "static": ([], {"x": x, "y": y, "batch_size": BATCH}),
    "ImageDataGenerator": ([], {"x": ImageDataGenerator(**POLICY).flow(x, y, batch_size=BATCH)}),
}
for name, layer in {"RandomAffine": RandomAffine(**POLICY), "Keras layers": keras_layers()}.items():
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(BATCH)
    changed = batches.map(lambda x, y, layer=layer: (layer(x, training=True), y), tf.data.AUTOTUNE)
    ways[f"{name} in the model"] = ([layer], ways["static"][1])
    ways[f"{name} in tf.data"] = ([], {"x": changed.prefetch(2)})

models, stamps = {}, []
for name, (front, _) in ways.items():
    models[name] = keras.Sequential([keras.Input((28, 28, 1)), *front, small_model((28, 28, 1))])
    models[name].compile("adam", "binary_crossentropy", steps_per_execution=25)
clock = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda *_: stamps.append((time.perf_counter(), time.process_time()))
)
lines = ["cores,augmenter,round,milliseconds,cpu_milliseconds,versions"]
for turn in range(ROUNDS):
    for name, (_, data) in ways.items():
        stamps.clear()
        models[name].fit(**data, epochs=2, verbose=0, callbacks=[clock])
        taken = [1000 * (end - start) / UPDATES for start, end in zip(*stamps, strict=True)]  # in the second epoch
        lines.append(f"1,{name},{turn},{taken[0]:.3f},{taken[1]:.3f},{VERSIONS}")
replace(TABLE, ("\n".join(lines) + "\n").encode())
note_digests(TABLE)
