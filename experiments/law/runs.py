"""How a run of the law is trained, as registered in data/results/README.md."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from experiments import tasks
from experiments.law import edges
from experiments.law.regimes import PAIRS
from helpers import arms, model, training
from helpers.augment import named_policy
from helpers.data import Data, load_garments, load_solar_cells, subset
from helpers.tables import FOLDER

FLIPPED = 0.2  # share of the training labels that regime 6 flips
WITH_IMAGES = (1, 3, 7, 11)  # regimes whose runs store the loss of each validation image


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set of the law by its name, loaded once a process."""
    if name in PAIRS:
        return load_garments(FOLDER.parent / f"{name}.npz", None)
    if name.startswith("solar-cells-without-"):
        return edges.cells_without(int(name[-1]))
    if name == "solar-cells-64":
        return load_solar_cells(64)
    if name == "photographs":
        return edges.load_photographs()
    return tasks.load_dataset({"garments-flipped": "garments", "solar-cells-1-to-10": "solar-cells"}.get(name, name))


def evaluations(updates: int) -> list[int]:
    """Five in the last tenth of a quarter and of all updates, and some between."""
    late = {round(budget * share) for budget in (updates // 4, updates) for share in training.LATE}
    if updates == 3000:
        return sorted(late | set(tasks.table_updates(updates)))
    return sorted(late | {u for u in (50, 100, 200, 600, 900, 1200) if u < updates})


def run(setting: dict) -> dict:
    """Train one run.

    Args:
        setting: a value for each of ``regimes.KEYS``.

    Returns:
        As ``tasks.run_setting``, and in regimes ``WITH_IMAGES`` the loss of each validation image, the
        mean of the last five evaluations.
    """
    started = time.perf_counter()
    name, n, updates, replicate, batch = (setting[k] for k in ("arm", "n", "updates", "replicate", "batch"))
    part = _training_set(setting["dataset"], n, replicate)
    policy = _policy(setting["policy"])
    plan = arms.schedule(name, n, updates, replicate, batch)
    if setting["policy"] == "cells-rare":
        plan = edges.rare_class_alone(plan, part.y_train)
    if setting["policy"] == "cutmix":
        batches = edges.cutmix_batches(part.x_train, part.y_train, plan, replicate)
    else:
        batches = arms.make_batches(name, part.x_train, part.y_train, plan, policy, replicate)
    watch = Watch(*_last_shown(batches, policy))
    trainer = training.trainer_for(builder(setting["model"], updates), tuple(part.x_train.shape[1:]), policy)
    rate = {"quarter": 0.00025, "fourfold": 0.004}.get(setting["rate"])
    curve = trainer.run(part, batches, updates, replicate, evaluations(updates), rate, metrics=watch)
    results = tasks.results_of(curve.assign(arm=name, replicate=replicate), started)
    if setting["regime"] in WITH_IMAGES:
        results["images"] = np.round(np.mean(watch.losses[-5:], axis=0), 4).tolist()
    return results


def _training_set(dataset: str, n: int, replicate: int) -> Data:
    data = load_dataset(dataset)
    if dataset == "solar-cells-1-to-10":
        return edges.with_few_defects(data, n, replicate)
    part = subset(data, n, replicate)
    return _with_flipped_labels(part, replicate) if dataset == "garments-flipped" else part


def _policy(name: str) -> Any:
    """What draws and applies the changes; CutMix makes its pictures beforehand and needs none."""
    if name in edges.POLICIES:
        return edges.POLICIES[name]
    return None if name == "cutmix" else named_policy(name.removesuffix("-rare"))


def _with_flipped_labels(part: Data, replicate: int) -> Data:
    flip = np.random.default_rng((len(part.y_train), replicate, 6)).random(len(part.y_train)) < FLIPPED
    return part._replace(y_train=np.where(flip, 1 - part.y_train, part.y_train))


def _last_shown(batches: arms.Batches, policy, count: int = 512) -> tuple[np.ndarray, np.ndarray]:
    """The last pictures that a run shows, and their labels."""
    rows = batches.rows.reshape(-1)[-count:]
    images = batches.images[rows]
    if batches.parameters is not None:
        width = batches.parameters.shape[-1]
        images = policy.apply(images, batches.parameters.reshape(-1, width)[-count:]).numpy()
    return images, np.asarray(batches.labels)[rows]


class Watch:
    """Further columns of an evaluation: how sure the network is of new pictures and of shown ones.

    Columns:
        val_margin: mean absolute logit of the validation images.
        val_loss_of_mistakes: the part of the validation loss that wrongly classified images make up.
        shown_again_loss, shown_again_margin: loss and mean absolute logit of the last 512 pictures shown,
            in inference mode.
    """

    def __init__(self, shown: np.ndarray, labels: np.ndarray) -> None:
        self.shown, self.labels = shown, labels
        self.losses: list[np.ndarray] = []  # of each validation image, one array an evaluation

    def __call__(self, p: np.ndarray, data: Data, predict: training.Predict) -> dict[str, float]:
        losses = _losses(p, data.y_val)
        self.losses.append(losses)
        wrong = (p > 0.5) != (data.y_val == 1)
        again = predict(self.shown)
        return {
            "val_margin": _margin(p),
            "val_loss_of_mistakes": float(np.sum(losses[wrong]) / len(losses)),
            "shown_again_loss": float(np.mean(_losses(again, self.labels))),
            "shown_again_margin": _margin(again),
        }


def _clipped(p: np.ndarray) -> np.ndarray:
    return np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # where Keras's cross-entropy clips, too


def _losses(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    p = _clipped(p)
    return -(labels * np.log(p) + (1 - labels) * np.log1p(-p))


def _margin(p: np.ndarray) -> float:
    p = _clipped(p)
    return float(np.mean(np.abs(np.log(p) - np.log1p(-p))))


@functools.cache
def builder(name: str, updates: int) -> Callable[..., keras.Model]:
    """What builds a network of the law, compiled where its loss or optimiser is not Adam at 0.001."""

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        if name.startswith("residual"):
            network = model.residual_model(input_shape, seed)
            if name != "residual":
                network = edges.residual_pretrained(input_shape, seed, frozen=name == "residual-frozen")
            rate = keras.optimizers.schedules.CosineDecay(0.001, updates)
            network.compile(keras.optimizers.AdamW(rate, weight_decay=0.004), "binary_crossentropy")
        elif name == "small-dropout":
            network = small_with_dropout(input_shape, seed)
        else:
            network = model.small_model(input_shape, seed)
        if name == "small-weighted":
            network.compile("adam", edges.weighted_loss)
        if name == "small-sgd":
            network.compile(keras.optimizers.SGD(0.01, momentum=0.9), "binary_crossentropy")
        if name == "small-adamw":
            network.compile(keras.optimizers.AdamW(0.001, weight_decay=0.01), "binary_crossentropy")
        if name == "small-smoothing":
            network.compile("adam", keras.losses.BinaryCrossentropy(label_smoothing=0.1))
        return network

    return model.MODELS[name] if name in ("small", "deeper") else build


def small_with_dropout(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
    """The small network with half of its features dropped before the last layer."""
    *features, last = model.small_model(input_shape, seed).layers
    return keras.Sequential([keras.Input(input_shape), *features, layers.Dropout(0.5), last])
