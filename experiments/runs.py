"""One run of the registered questions: a network is trained as its setting says, then asked about what it never saw.

Nothing here reads a label of the test images: a run leaves answers, ``join`` puts the labels beside them.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from experiments import states
from experiments.freeze_or_renew.runs import changed_answers
from experiments.questions import PAIRS, Setting
from helpers import arms, model, stats, training
from helpers.augment import named_policy
from helpers.data import Data, load_garments, subset
from helpers.tables import FOLDER

LAST_SHOWN = 2048  # pictures at most
UNSEEN_DRAW = 1_000_000  # the number of the draw that changes the test images, beyond every epoch's


def run(setting: Setting) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Train one run.

    Args:
        setting: a value for each of ``questions.KEYS``.

    Returns:
        What was measured without test labels: shown_* the last epoch's pictures in inference mode, own_* the training
        images that they were made from, each a loss in nats and an accuracy; changed_*, the share of test images whose
        answer differs from that on the changed image; processor seconds. And the answers for ``rows.keep_answers``.
    """
    started = time.process_time()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = subset(load_dataset(setting["dataset"]), n, replicate)
    plan = arms.schedule(setting["arm"], n, updates, replicate, setting["batch"])
    policy = None if setting["policy"] == "states" else named_policy(setting["policy"])
    if policy is None:
        batches = states.batches(part.x_train, part.y_train, plan, setting["draw"], replicate)
    else:
        batches = arms.make_batches(setting["arm"], part.x_train, part.y_train, plan, policy, replicate)
    trainer = training.trainer_for(_builder(setting), tuple(part.x_train.shape[1:]), policy)
    for _ in trainer.train(batches, [updates], replicate):
        pass
    measured: dict[str, float] = {}
    for name, (images, labels) in {
        "shown": last_shown(batches, policy, min(n, LAST_SHOWN)),
        "own": (part.x_train, part.y_train),
    }.items():
        measured |= scores(name, trainer.predict(images), labels)
    answers = {name: trainer.predict(images) for name, images in _test_sets(setting, part.x_val).items()}
    for name, given in answers.items():
        if name != "new":
            measured[f"changed_{name}"] = float(np.mean(_decided(given) != _decided(answers["new"])))
    measured |= changed_answers(trainer.predict, part.x_val)
    measured["processor_seconds"] = time.process_time() - started
    return measured, {name: log_odds(given) for name, given in answers.items()}


def _test_sets(setting: Setting, x: np.ndarray) -> dict[str, np.ndarray]:
    """The test images as they are ("new"), each changed by the mild policy ("mild"), and, for question 4, in states."""
    replicate, mild = setting["replicate"], named_policy("mild")
    sets = {"new": x, "mild": mild.apply(x, mild.draw(len(x), (replicate, UNSEEN_DRAW))).numpy()}
    return sets | (states.test_sets(x, replicate) if setting["question"] == 4 else {})


def last_shown(batches: arms.Batches, policy: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The last pictures that a run shows, (count, height, width, channels), and their labels (count,)."""
    rows = batches.rows.reshape(-1)[-count:]
    images = batches.images[rows]
    if batches.parameters is not None:
        width = batches.parameters.shape[-1]
        images = policy.apply(images, batches.parameters.reshape(-1, width)[-count:]).numpy()
    return images, np.asarray(batches.labels)[rows]


def log_odds(p: np.ndarray) -> np.ndarray:
    """Log of the odds of class 1, (images,); of a softmax the log probabilities, (images, classes)."""
    p = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # where Keras's cross-entropy clips, too
    return np.log(p) - np.log1p(-p) if p.ndim == 1 else np.log(p)


def scores(name: str, p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Loss in nats and accuracy of probabilities p, (images,) or (images, classes)."""
    loss = stats.log_loss(p, y) if p.ndim == 1 else float(-np.mean(log_odds(p)[np.arange(len(y)), y]))
    return {f"{name}_loss": loss, f"{name}_accuracy": float(np.mean(_decided(p) == y))}


def _decided(p: np.ndarray) -> np.ndarray:
    return (p > 0.5).astype(int) if p.ndim == 1 else p.argmax(axis=1)


@functools.cache
def load_dataset(name: str) -> Data:
    """A data set by its name, loaded once a process."""
    return load_garments() if name == "garments" else load_garments(FOLDER.parent / f"{name}.npz", None)


def _builder(setting: Setting) -> Callable[..., keras.Model]:
    keys = ("model", "optimiser", "rate", "schedule", "weight_decay", "updates")
    return _builder_of(*(setting[key] for key in keys))


@functools.cache
def _builder_of(
    name: str, optimiser: str, rate: float, schedule: str, weight_decay: float, updates: int
) -> Callable[..., keras.Model]:
    """What builds and compiles a network; cached, since a trainer is compiled anew for each builder."""
    if optimiser not in ("adam", "adamw") or schedule not in ("constant", "cosine"):
        raise ValueError(f"found {optimiser}, {schedule}; expected adam or adamw, constant or cosine.")

    def build(input_shape: Sequence[int], seed: int | None = None) -> keras.Model:
        network = model.MODELS[name](input_shape, seed)
        steps: Any = rate if schedule == "constant" else keras.optimizers.schedules.CosineDecay(rate, updates)
        if optimiser == "adamw":
            chosen = keras.optimizers.AdamW(steps, weight_decay=weight_decay)
        else:
            chosen = keras.optimizers.Adam(steps)
        network.compile(chosen, "binary_crossentropy")
        return network

    return build
