"""How a run of the law is trained, as registered in data/results/registrations.md."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from experiments import tasks
from experiments.law import edges
from helpers import arms, model, training
from helpers.augment import named_policy
from helpers.data import Data, load_garments, load_solar_cells, subset
from helpers.tables import FOLDER

RATES = {"constant": None, "cosine": None, "quarter": 0.00025, "fourfold": 0.004}  # None: the network's own
FLIPPED = 0.2  # share of the training labels that regime 6 flips
RARE_ALONE = {"cells-rare": "cells"}  # policies of the rare class, the other being shown as it is
WATCHED = 512  # pictures that are shown last, on which ``Watch`` evaluates
WITH_IMAGES = (1, 3, 7, 11)  # regimes whose runs store the loss of each validation image


# The data sets that only the law has; it trains on the others of ``tasks.DATASETS``, too.
DATASETS: dict[str, Callable[[], Data]] = {
    "trouser-dress": functools.partial(load_garments, FOLDER.parent / "trouser-dress.npz", None),
    "garments-flipped": functools.partial(tasks.load_dataset, "garments"),
    "solar-cells-1-to-10": functools.partial(tasks.load_dataset, "solar-cells"),
    "solar-cells-64": functools.partial(load_solar_cells, 64),
    "photographs": edges.load_photographs,
    **{name: functools.partial(edges.cells_without, fold) for fold, name in enumerate(edges.FOLDS)},
}


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set of the law by its name, loaded once a process."""
    return DATASETS[name]() if name in DATASETS else tasks.load_dataset(name)


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
    if setting["policy"] in RARE_ALONE:
        plan = edges.rare_class_alone(plan, part.y_train)
    if setting["policy"] == "cutmix":
        batches = edges.cutmix_batches(part.x_train, part.y_train, plan, replicate)
    else:
        batches = arms.make_batches(name, part.x_train, part.y_train, plan, policy, replicate)
    watch = Watch(*tasks.last_shown(batches, policy, WATCHED))
    trainer = training.trainer_for(builder(setting["model"], updates), tuple(part.x_train.shape[1:]), policy)
    curve = trainer.run(part, batches, updates, replicate, evaluations(updates), RATES[setting["rate"]], metrics=watch)
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
    return None if name == "cutmix" else named_policy(RARE_ALONE.get(name, name))


def _with_flipped_labels(part: Data, replicate: int) -> Data:
    flip = np.random.default_rng((len(part.y_train), replicate, 6)).random(len(part.y_train)) < FLIPPED
    return part._replace(y_train=np.where(flip, 1 - part.y_train, part.y_train))


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


class Network(NamedTuple):
    """What a name in the column model says.

    Attributes:
        layers: builds the network from (input_shape, seed).
        optimiser: "adam", "adamw" or "sgd".
        rate: its learning rate.
        cosine: does the rate fall to zero along a cosine, at the last update?
        momentum, weight_decay: of SGD, of AdamW.
        loss: as ``compile`` takes it.
    """

    layers: training.Build
    optimiser: str = "adam"
    rate: float = 0.001
    cosine: bool = False
    momentum: float = 0
    weight_decay: float = 0
    loss: Any = "binary_crossentropy"


def small_with_dropout(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
    """The small network with half of its features dropped before the last layer."""
    *features, last = model.small_model(input_shape, seed).layers
    return keras.Sequential([keras.Input(input_shape), *features, layers.Dropout(0.5), last])


_RESIDUAL = Network(model.residual_model, "adamw", cosine=True, weight_decay=0.004)
NETWORKS = {
    "small": Network(model.small_model),
    "deeper": Network(model.deeper_model),
    "small-sgd": Network(model.small_model, "sgd", rate=0.01, momentum=0.9),
    "small-adamw": Network(model.small_model, "adamw", weight_decay=0.01),
    "small-dropout": Network(small_with_dropout),
    "small-smoothing": Network(model.small_model, loss=keras.losses.BinaryCrossentropy(label_smoothing=0.1)),
    "small-weighted": Network(model.small_model, loss=edges.weighted_loss),
    "residual": _RESIDUAL,
    "residual-frozen": _RESIDUAL._replace(layers=functools.partial(edges.residual_pretrained, frozen=True)),
    "residual-tuned": _RESIDUAL._replace(layers=functools.partial(edges.residual_pretrained, frozen=False)),
}


@functools.cache
def builder(name: str, updates: int) -> training.Build:
    """What builds and compiles one of ``NETWORKS``; cached, since a trainer is made for each builder."""
    network = NETWORKS[name]

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        built = network.layers(input_shape, seed)
        built.compile(_optimiser(network, updates), network.loss)
        return built

    return build


def _optimiser(network: Network, updates: int) -> keras.optimizers.Optimizer:
    rate: Any = network.rate
    if network.cosine:
        rate = keras.optimizers.schedules.CosineDecay(network.rate, updates)
    match network.optimiser:
        case "adam":
            return keras.optimizers.Adam(rate)
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=network.weight_decay)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=network.momentum)
    raise ValueError(f"optimiser is {network.optimiser!r}; expected adam, adamw or sgd.")
