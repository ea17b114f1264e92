#!/usr/bin/env python3
"""Images per second of seven augmenters, and the training step static against live (`make bench`).

Writes data/results/throughput.csv and step-time.csv anew. Every contender is measured once in each of
several rounds, so that a machine that slows down does so for all; compare ratios within a round, not seconds
between machines. Needs albumentations and OpenCV, which nothing else in the project does.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
RESULTS = ROOT / "data" / "results"
SHAPES = {(28, 28, 1): 2048, (64, 64, 1): 512, (96, 96, 3): 128, (224, 224, 3): 64}  # images a round
POLICY = {
    "rotation_range": 20,
    "width_shift_range": 0.2,
    "height_shift_range": 0.2,
    "shear_range": 10,
    "zoom_range": 0.2,
    "horizontal_flip": True,
}
BATCH = 32
ROUNDS = 7
PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "albumentations", "opencv-python-headless")


def contenders(x, u) -> dict[str, Callable[[], object]]:
    """Functions that augment all images once: x float32 in [0, 1], u the same as uint8."""
    import albumentations
    import cv2
    import keras
    import numpy as np
    import tensorflow as tf
    from keras import layers
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    from helpers.augment import RandomAffine

    n, height, width, _ = x.shape
    cv2.setNumThreads(len(os.sched_getaffinity(0)))
    policy = tf.function(RandomAffine(**POLICY, seed=0))
    flow = ImageDataGenerator(**POLICY).flow(x, batch_size=BATCH, seed=0)
    stack = keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(20 / 360, fill_mode="nearest"),
            layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
            layers.RandomShear(0.18, 0, fill_mode="nearest"),
            layers.RandomZoom(0.2, 0.2, fill_mode="nearest"),
        ]
    )
    dataset = tf.data.Dataset.from_tensor_slices(x).batch(BATCH, drop_remainder=True)
    dataset = dataset.map(lambda images: stack(images, training=True), tf.data.AUTOTUNE).prefetch(2)
    affine = albumentations.Compose(
        [
            albumentations.HorizontalFlip(p=0.5),
            albumentations.Affine(
                scale={"x": (0.8, 1.2), "y": (0.8, 1.2)},
                translate_percent={"x": (-0.2, 0.2), "y": (-0.2, 0.2)},
                rotate=(-20, 20),
                shear={"x": (-10, 10), "y": (0, 0)},
                border_mode=cv2.BORDER_REPLICATE,
                p=1,
            ),
        ]
    )
    maps = np.random.default_rng(0).normal([1, 0, 0, 0, 1, 0, 0, 0], 0.05, (n, 8)).astype("float32")
    maps[:, 6:] = 0

    @tf.function  # its kernel, ImageProjectiveTransformV3, is none of XLA's
    def transformed(images, matrices):
        return keras.ops.image.affine_transform(images, matrices, "bilinear", "nearest")

    def in_batches(function: Callable, images) -> Callable[[], None]:
        parts = [tf.constant(images[start : start + BATCH]) for start in range(0, n, BATCH)]
        return lambda: [function(part) for part in parts]

    def warp(images) -> None:
        for image, m in zip(images, maps, strict=True):
            cv2.warpAffine(image, m[:6].reshape(2, 3), (width, height), borderMode=cv2.BORDER_REPLICATE)

    return {
        "memory copy float32": lambda: x.copy(),
        "memory copy uint8": lambda: u.copy(),
        "RandomAffine float32": in_batches(policy, x),
        "RandomAffine uint8": in_batches(policy, u),
        "ImageDataGenerator float32": lambda: [next(flow) for _ in range(n // BATCH)],
        "Keras layers float32": lambda: [None for _ in dataset],
        "affine_transform float32": in_batches(lambda part: transformed(part, maps[: len(part)]), x),
        "albumentations float32": lambda: [affine(image=image) for image in x],
        "albumentations uint8": lambda: [affine(image=image) for image in u],
        "warpAffine float32": lambda: warp(x),
        "warpAffine uint8": lambda: warp(u),
    }


def measure_throughput(cores: int) -> list[str]:
    import numpy as np

    lines = []
    for shape, n in SHAPES.items():
        u = np.random.default_rng(0).integers(0, 256, (n, *shape), "uint8")
        runs = contenders(u.astype("float32") / 255, u)
        for run in runs.values():
            run()  # compile, fill caches
        for turn in range(ROUNDS):
            for name, run in runs.items():
                started = time.perf_counter()
                run()
                speed = n / (time.perf_counter() - started)
                label, dtype = name.rsplit(" ", 1)
                lines.append(f"{cores},{'x'.join(map(str, shape))},{label},{dtype},{turn},{speed:.0f}")
    return lines


def measure_steps(cores: int) -> list[str]:
    """Milliseconds a step of `fit` on the article's model, n = 512."""
    import keras
    import numpy as np
    from keras import layers
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    from helpers.augment import RandomAffine
    from helpers.data import load_garments, subset
    from helpers.model import article_model

    garments = subset(load_garments(), 512)
    stack = [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(20 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
        layers.RandomZoom(0.2, 0.2, fill_mode="nearest"),
    ]
    fronts = {"static": [], "RandomAffine": [RandomAffine(**POLICY)], "Keras layers": stack}
    models = {}
    for name, front in fronts.items():
        model = keras.Sequential([keras.Input((28, 28, 1)), *front, *article_model((28, 28, 1)).layers])
        model.compile("adam", "binary_crossentropy", steps_per_execution=16)
        models[name] = lambda m=model: m.fit(garments.x_train, garments.y_train, batch_size=BATCH,
                                             epochs=20, verbose=0)  # fmt: skip
    plain = article_model((28, 28, 1))
    plain.compile("adam", "binary_crossentropy", steps_per_execution=16)
    flow = ImageDataGenerator(**POLICY).flow(garments.x_train, garments.y_train, batch_size=BATCH)
    models["ImageDataGenerator"] = lambda: plain.fit(flow, epochs=20, verbose=0)
    for run in models.values():
        run()
    lines, steps = [], 20 * 512 // BATCH
    for turn in range(ROUNDS):
        for name, run in models.items():
            started = time.perf_counter()
            run()
            lines.append(f"{cores},{name},{turn},{(time.perf_counter() - started) / steps * 1000:.3f}")
    assert np.isfinite(plain.get_weights()[0]).all()
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, help="measure on so many cores and print (used by the script)")
    options = parser.parse_args()
    if options.cores:
        os.sched_setaffinity(0, range(options.cores))
        threads = str(options.cores)
        os.environ.update(TF_NUM_INTRAOP_THREADS=threads, OMP_NUM_THREADS=threads)
        os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask the network for its newest version
        import helpers  # noqa: F401

        for line in measure_throughput(options.cores):
            print("speed", line)
        for line in measure_steps(options.cores):
            print("step", line)
        return
    lines = []
    for cores in (1, 2):
        command = [sys.executable, __file__, "--cores", str(cores)]
        lines += subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    versions = " ".join(f"{name}={version(name)}" for name in PACKAGES)
    headers = {
        "speed": ("throughput.csv", "cores,size,augmenter,dtype,round,images_per_second"),
        "step": ("step-time.csv", "cores,augmenter,round,milliseconds"),
    }
    for kind, (name, header) in headers.items():
        rows = [f"{line.split(' ', 1)[1]},{versions}" for line in lines if line.startswith(kind)]
        temporary = RESULTS / f"{name}.part"
        temporary.write_text("\n".join([f"{header},versions", *rows]) + "\n", encoding="utf-8")
        os.replace(temporary, RESULTS / name)


if __name__ == "__main__":
    main()
