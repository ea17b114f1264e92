#!/usr/bin/env python3
"""What augmentation costs: images a second, the step of `fit`, peak memory (`make bench`).

Writes throughput.csv, step-time.csv and peak-memory.csv in data/results. Every contender has its own best
usual setting and is timed once in each of several rounds, so that a machine that slows down does so for all:
compare within a round. Times are noted by the clock and as processor time, which other work on the machine
disturbs less. Needs albumentations and OpenCV, which nothing else in the project does.

The stored throughput.csv is of version 0.3.0 and has uint8, `tf.data` and two cores beside these contenders.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
RESULTS = ROOT / "data" / "results"
SHAPES = {(28, 28, 1): 2048, (64, 64, 1): 1024, (96, 96, 3): 256, (224, 224, 3): 128}  # images a round
POLICY = {
    "rotation_range": 20, "width_shift_range": 0.2, "height_shift_range": 0.2, "shear_range": 10, "zoom_range": 0.2,
    "horizontal_flip": True,
}  # fmt: skip
BATCH = 32
ROUNDS = 9
PACKAGES = ("tensorflow", "keras", "numpy", "scipy", "albumentations", "opencv-python-headless")


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


def contenders(x) -> dict[str, Callable[[], object]]:
    """Functions that augment all images once; x is float32 in [0, 1]."""
    import albumentations
    import cv2
    import keras
    import numpy as np
    import tensorflow as tf
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    from helpers.augment import RandomAffine

    n, height, width, channels = x.shape
    cv2.setNumThreads(1)
    policy, stack = RandomAffine(**POLICY, seed=0), keras_stack()
    flow = ImageDataGenerator(**POLICY).flow(x, batch_size=BATCH, seed=0)
    affine = albumentations.Compose([
        albumentations.HorizontalFlip(p=0.5),
        albumentations.Affine(
            scale={"x": (0.8, 1.2), "y": (0.8, 1.2)},
            translate_percent={"x": (-0.2, 0.2), "y": (-0.2, 0.2)},
            rotate=(-20, 20),
            shear={"x": (-10, 10), "y": (0, 0)},
            border_mode=cv2.BORDER_REPLICATE,
            p=1,
        ),
    ])
    angles = np.random.default_rng(0).uniform(-20, 20, n)
    maps = [cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1) for angle in angles]
    rows = np.concatenate([np.reshape(maps[:BATCH], (BATCH, 6)), np.zeros((BATCH, 2))], 1).astype("float32")
    copy, batches = np.empty_like(x), tf.constant(x.reshape(-1, BATCH, height, width, channels))

    def in_graph(function: Callable) -> Callable[[], object]:
        """Batch after batch in one compiled function, as `fit` calls a layer of the model."""

        @tf.function
        def loop():
            shown = 0.0
            for number in tf.range(n // BATCH):
                shown += function(batches[number])[0, 0, 0, 0]  # what is not used would not be computed
            return shown

        return loop

    def augment(images):
        return stack(images, training=True)

    def transform(images):
        return keras.ops.image.affine_transform(images, tf.constant(rows), "bilinear", "nearest")

    def warp() -> None:
        for image, matrix in zip(x, maps, strict=True):
            cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)

    return {
        "memory copy": lambda: np.copyto(copy, x),
        "RandomAffine in the model": in_graph(policy),
        "ImageDataGenerator": lambda: [next(flow) for _ in range(n // BATCH)],
        "Keras layers in the model": in_graph(augment),
        "affine_transform": in_graph(transform),
        "albumentations": lambda: [affine(image=image) for image in x],
        "warpAffine": warp,
    }


def measure_throughput() -> None:
    import numpy as np

    for shape, n in SHAPES.items():
        runs = contenders(np.random.default_rng(0).random((n, *shape), "float32"))
        for run in runs.values():
            run()  # compile, fill caches
        for turn in range(ROUNDS):
            for name, run in runs.items():
                clock, processor = time.perf_counter(), time.process_time()
                run()
                taken = time.perf_counter() - clock, time.process_time() - processor
                speeds = ",".join(f"{n / seconds:.0f}" for seconds in taken)
                print(f"speed 1,{'x'.join(map(str, shape))},{name},float32,{turn},{speeds}")


def fit_settings(x, y) -> dict[str, tuple[list, dict]]:
    """The layers before the model and the arguments of `fit`, for each way of augmenting."""
    import tensorflow as tf
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    from helpers.augment import RandomAffine

    arrays = {"x": x, "y": y, "batch_size": BATCH}
    flow = ImageDataGenerator(**POLICY).flow(x, y, batch_size=BATCH)
    policy, stack = RandomAffine(**POLICY), keras_stack()
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(BATCH)

    def in_data(augment: Callable) -> dict:
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


def measure_steps(cores: int) -> None:
    """Milliseconds a step in the second epoch of `fit` on all 12,000 garments."""
    import keras

    from helpers.data import load_garments

    garments = load_garments()
    settings = fit_settings(garments.x_train, garments.y_train)
    models = {name: compiled_model(front, (28, 28, 1)) for name, (front, _) in settings.items()}
    stamps: list[tuple[float, float]] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: stamps.append((time.perf_counter(), time.process_time()))
    )
    for turn in range(ROUNDS):
        for name, (_, data) in settings.items():
            stamps.clear()
            models[name].fit(**data, epochs=2, verbose=0, callbacks=[clock])
            elapsed = [1000 * (end - start) / (12_000 / BATCH) for start, end in zip(*stamps, strict=True)]
            print(f"step {cores},{name},{turn}," + ",".join(f"{ms:.3f}" for ms in elapsed))


def measure_memory(name: str) -> None:
    """Megabytes by which the peak of this process grows in two epochs of `fit` on 1,024 images 96x96x3."""
    import numpy as np

    from helpers.augment import RandomAffine

    x = np.random.default_rng(0).random((1024, 96, 96, 3), "float32")
    y = np.arange(1024) % 2
    settings = fit_settings(x[:BATCH], y[:BATCH])
    warm = compiled_model(settings["static"][0], x.shape[1:])
    warm.fit(**settings["static"][1], verbose=0)  # what TensorFlow itself takes
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if name == "static, 4 copies":
        policy = RandomAffine(**POLICY)
        pool = [policy(part).numpy() for _ in range(4) for part in np.split(x, 32)]
        x, y, name = np.concatenate(pool), np.tile(y, 4), "static"
        del pool
    front, data = fit_settings(x, y)[name]
    compiled_model(front, x.shape[1:]).fit(**data, epochs=2, verbose=0)
    print(f"{(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024:.0f}")


MEMORY = ["static", "static, 4 copies", "RandomAffine in the model", "RandomAffine in tf.data",
          "Keras layers in the model", "Keras layers in tf.data", "ImageDataGenerator"]  # fmt: skip
HEADERS = {
    "speed": ("throughput.csv", "cores,size,augmenter,dtype,round,images_per_second,images_per_cpu_second"),
    "step": ("step-time.csv", "cores,augmenter,round,milliseconds,cpu_milliseconds"),
    "memory": ("peak-memory.csv", "augmenter,round,megabytes"),
}


def measure(cores: int, memory: str | None) -> None:
    """In a process of its own, on so many cores: what is measured is printed."""
    os.sched_setaffinity(0, range(cores))
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(cores)
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"  # it would ask the network for its newest version
    from helpers.setup import prepare

    prepare()
    if memory:
        measure_memory(memory)
        return
    if cores == 1:
        measure_throughput()
    measure_steps(cores)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, help="measure on so many cores and print (used by the script)")
    parser.add_argument("--memory", metavar="NAME", help="likewise, the peak memory of one way of augmenting")
    options = parser.parse_args()
    if options.cores or options.memory:
        measure(options.cores or 2, options.memory)
        return
    from experiments.rows import note_digests, replace

    def lines_of(*arguments: str) -> list[str]:
        command = [sys.executable, __file__, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()

    lines = [line for cores in ("1", "2") for line in lines_of("--cores", cores)]
    for turn, name in itertools.product(range(3), MEMORY):
        lines.append(f'memory "{name}",{turn},{lines_of("--memory", name)[-1]}')
    versions = " ".join(f"{name}={version(name)}" for name in PACKAGES)
    for kind, (name, header) in HEADERS.items():
        rows = [f"{line.removeprefix(kind + ' ')},{versions}" for line in lines if line.startswith(kind)]
        replace(RESULTS / name, ("\n".join([f"{header},versions", *rows]) + "\n").encode())
        note_digests(RESULTS / name)


if __name__ == "__main__":
    main()
