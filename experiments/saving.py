"""A static pool, kept in memory or saved as files and read back: the runs of ``save-to-dir.csv``."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from experiments.tasks import load_dataset, results_of, table_updates
from helpers import arms, model, training
from helpers.augment import named_policy
from helpers.data import subset

DRAWS = {"solar-cells": "cells"}  # the policy that makes the pool of a data set, elsewhere mild


def run(setting: dict) -> dict:
    """Train one run on a shuffled pool; the column policy says how it was kept, a name in ``WAYS``."""
    started = time.perf_counter()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = subset(load_dataset(setting["dataset"]), n, replicate)
    plan = arms.schedule(setting["arm"], n, updates, replicate)
    policy = named_policy(DRAWS.get(setting["dataset"], "mild"))
    pool = arms.stored_batches(part.x_train, part.y_train, plan, policy, replicate)
    pool = pool._replace(images=WAYS[setting["policy"]](pool.images))
    trainer = training.trainer_for(model.MODELS[setting["model"]], tuple(part.x_train.shape[1:]), None)
    curve = trainer.run(part, pool, updates, replicate, table_updates(updates))
    return results_of(curve.assign(arm=setting["arm"], replicate=replicate), started)


def in_memory(pictures: np.ndarray) -> np.ndarray:
    """The pictures, floats in [0, 1], as they are."""
    return pictures


def by_save_to_dir(pictures: np.ndarray) -> np.ndarray:
    """As ``ImageDataGenerator.flow`` saves them, read back and divided by 255."""
    from tensorflow.keras.preprocessing.image import ImageDataGenerator

    with tempfile.TemporaryDirectory() as folder:
        flow = ImageDataGenerator().flow(pictures, batch_size=len(pictures), shuffle=False, save_to_dir=folder)
        next(flow)
        paths = {int(path.name.split("_")[1]): path for path in Path(folder).glob("*.png")}  # "_NUMBER_HASH.png"
        loaded = [keras.utils.load_img(paths[i], color_mode="grayscale") for i in range(len(pictures))]
    return np.stack([keras.utils.img_to_array(image) for image in loaded]) / 255


WAYS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"in-memory": in_memory, "save-to-dir": by_save_to_dir}
