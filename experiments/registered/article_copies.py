"""Trains one method of question 9: the article's code, on stored copies, live and without augmentation."""

import functools
import time
from pathlib import Path

import keras
import numpy as np
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from experiments.article import BATCH, article_network, stored_copies
from experiments.registered import parts
from experiments.registered.runs import COPIES, PASSES, Setting
from experiments.registered.train import answers, packed, scaled_scores, scores
from helpers.policies import POLICIES


class Measure(keras.callbacks.Callback):
    """Measures the network after some epochs, without touching NumPy's random state, from which flow() draws."""

    def __init__(self, task: parts.Task, epochs: tuple[int, ...]) -> None:
        super().__init__()
        self.task, self.epochs = task, epochs
        self.found: dict[int, dict] = {}

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if epoch + 1 in self.epochs:
            logs = logs or {}
            measured: dict = {f"shown_{name}": float(logs[name]) for name in ("loss", "accuracy")}
            measured |= scores("own", probabilities(self.model, self.task.x), self.task.y)
            p = probabilities(self.model, self.task.x_test)
            measured |= scaled_scores("test", p, self.task.y_test)
            measured["right"] = packed(answers(p) == self.task.y_test)
            self.found[epoch + 1] = measured


def probabilities(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Of class 1, (images,)."""
    blocks = [images[start : start + 500] for start in range(0, len(images), 500)]
    return np.concatenate([np.asarray(model(block, training=False))[:, 0] for block in blocks])


def generator() -> ImageDataGenerator:
    """With the article's ranges."""
    return ImageDataGenerator(**POLICIES["article"], fill_mode="nearest")


@functools.lru_cache(maxsize=1)
def sixteen(pair: str, replicate: int, folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """All copies of a replicate, copy after copy, and their labels."""
    task = parts.article_pair(pair, 512, replicate, folder)
    keras.utils.set_random_seed(replicate)
    return stored_copies(generator(), task.x, task.y, max(COPIES))


def run(setting: Setting, folder: Path) -> list[tuple[dict, dict]]:
    """Train once as the article does, from the seed ``replicate``.

    ``epochs`` of a row goes through one's own images: K copies for ten passes over the store have 10 K. None and live
    are trained for the longest, 160, and measured after 10, 20, 40 and 80 on the way: Adam's rate is constant, so these
    are the networks of shorter runs. The copies of K are the first K of sixteen.

    Returns:
        The setting with its epochs, shown_* as ``fit`` reports them of the last epoch or pass,
        own_* and test_*, processor seconds of the whole run, and ``right`` as in ``train.run``.
    """
    task = parts.article_pair(setting["dataset"], setting["n"], setting["replicate"], folder)
    method, seed = setting["method"], setting["replicate"]
    started = time.process_time()
    keras.backend.clear_session()
    lengths = tuple(PASSES * k for k in COPIES)
    if method.startswith("copies-"):
        copies = int(method.removeprefix("copies-"))
        x, y = (each[: copies * len(task.x)] for each in sixteen(setting["dataset"], seed, folder))
        measure, passes = Measure(task, (PASSES,)), PASSES
    else:
        measure, passes = Measure(task, lengths), max(lengths)
    keras.utils.set_random_seed(seed)  # the same initial weights, however many copies were made
    model = article_network(task.x.shape[1:])
    if method == "live":
        flow = generator().flow(task.x, task.y, batch_size=BATCH)
        model.fit(flow, epochs=passes, verbose=0, callbacks=[measure])
    elif method == "none":
        model.fit(task.x, task.y, epochs=passes, verbose=0, callbacks=[measure])
    else:
        model.fit(x, y, epochs=passes, verbose=0, callbacks=[measure])
    seconds = time.process_time() - started
    rows = []
    for epochs, measured in measure.found.items():
        through = epochs * copies if method.startswith("copies-") else epochs
        rows.append((setting | {"epochs": through}, measured | {"processor_seconds": seconds}))
    return rows
