"""One run: a network is trained as its setting says, then shown what it never saw."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from experiments import tasks
from experiments.freeze_or_renew.policies import policy_of
from experiments.freeze_or_renew.settings import PAIRS, Setting
from helpers import arms, model, stats, training
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.data import Data, load_garments, subset
from helpers.tables import FOLDER

EVALUATED = (100, 200, 500, 1000, 2000)  # updates, beside five in the last tenth
LAST_SHOWN = 2048  # pictures at most
UNSEEN_DRAW = 1_000_000  # the number of the draw that changes the validation images, beyond every epoch's


def run(setting: Setting) -> dict:
    """Train one run and measure what its network ignores.

    Args:
        setting: a value for each of ``settings.KEYS``.

    Returns:
        As ``tasks.run_setting``, with further columns of the summary, all of the final weights in inference mode:
        ``final_shown_*`` the last epoch's pictures, ``final_own_*`` the training images that they were made from,
        ``final_new_*`` the validation images, ``final_alike_*`` the validation images changed by the run's own policy
        (as they are for the arm none), each a loss in nats and an accuracy; and ``changed_*``, the share of
        validation images whose answer differs from that on the changed image.
    """
    started = time.perf_counter()
    name, n, updates, replicate, batch = (setting[key] for key in ("arm", "n", "updates", "replicate", "batch"))
    part = subset(load_dataset(setting["dataset"]), n, replicate)
    policy = policy_of(setting["policy"], setting["draw"], part.x_train.shape[1])
    plan = arms.schedule(name, n, updates, replicate, batch)
    batches = arms.make_batches(name, part.x_train, part.y_train, plan, policy, replicate)
    trainer = training.trainer_for(_builder(setting), tuple(part.x_train.shape[1:]), policy)
    curve = trainer.run(part, batches, updates, replicate, evaluations(updates))
    results = tasks.results_of(curve.assign(arm=name, replicate=replicate), started)
    alike = part.x_val
    if name != "none":
        alike = policy.apply(part.x_val, policy.draw(len(part.x_val), (replicate, UNSEEN_DRAW))).numpy()
    summary = results["summary"]
    seconds = {key: summary.pop(key) for key in ("threads", "seconds")}  # stay last
    shown, labels = tasks.last_shown(batches, policy, min(n, LAST_SHOWN))
    summary |= _scores("shown", trainer.predict(shown), labels)
    summary |= _scores("own", trainer.predict(part.x_train), part.y_train)
    summary |= _scores("new", trainer.predict(part.x_val), part.y_val)
    summary |= _scores("alike", trainer.predict(alike), part.y_val)
    summary |= changed_answers(trainer.predict, part.x_val)
    summary |= seconds | {"seconds": round(time.perf_counter() - started, 2)}
    return results


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set of the registered runs by its name, loaded once a process."""
    if name in PAIRS:
        return load_garments(FOLDER.parent / f"{name}.npz", None)
    return tasks.load_dataset(name)


def evaluations(updates: int) -> list[int]:
    """Updates after which a run is evaluated."""
    late = [round(updates * share) for share in training.LATE]
    return sorted({update for update in EVALUATED if update < late[0]} | set(late))


def changed_answers(predict: training.Predict, images: np.ndarray) -> dict[str, float]:
    """For each small change, the share of images (n, height, width, channels) whose answer it turns over.

    A change with two directions is made both ways, and the share is that of both together.
    """
    affine, side = RandomAffine(), images.shape[2]
    changes = {
        "mirror": [{"flip_horizontal": 1}],
        "pixel": [{"shift_width": 1 / side}, {"shift_width": -1 / side}],
        "two_pixels": [{"shift_width": 2 / side}, {"shift_width": -2 / side}],
        "turn": [{"rotation": 5}, {"rotation": -5}],
        "zoom": [{"zoom_width": 0.95, "zoom_height": 0.95}, {"zoom_width": 1.05, "zoom_height": 1.05}],
    }
    answers = predict(images) > 0.5
    shares = {}
    for name, directions in changes.items():
        differ = []
        for given in directions:
            parameters = np.tile(IDENTITY, (len(images), 1))
            for key, value in given.items():
                parameters[:, PARAMETERS.index(key)] = value
            differ.append(np.mean((predict(affine.apply(images, parameters).numpy()) > 0.5) != answers))
        shares[f"changed_{name}"] = float(np.mean(differ))
    return shares


def _builder(setting: Setting) -> Callable[..., keras.Model]:
    keys = ("model", "optimiser", "rate", "schedule", "weight_decay", "loss", "updates")
    return _builder_of(*(setting[key] for key in keys))


@functools.cache
def _builder_of(
    name: str, optimiser: str, rate: float, schedule: str, weight_decay: float, loss: str, updates: int
) -> Callable[..., keras.Model]:
    """What builds and compiles a network; cached, since a trainer is compiled anew for each builder."""
    losses = {"cross-entropy": "binary_crossentropy"}

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        network = model.MODELS[name](input_shape, seed)
        steps: Any = rate if schedule == "constant" else keras.optimizers.schedules.CosineDecay(rate, updates)
        if optimiser == "adamw":
            chosen = keras.optimizers.AdamW(steps, weight_decay=weight_decay)
        else:
            chosen = keras.optimizers.Adam(steps)
        network.compile(chosen, losses[loss])
        return network

    if optimiser not in ("adam", "adamw") or schedule not in ("constant", "cosine") or loss not in losses:
        raise ValueError(
            f"found {optimiser}, {schedule}, {loss}; expected adam or adamw, constant or cosine, cross-entropy."
        )
    return build


def _scores(name: str, p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    accuracy = float(np.mean((p > 0.5) == (y == 1)))
    return {f"final_{name}_loss": stats.log_loss(p, y), f"final_{name}_accuracy": accuracy}
