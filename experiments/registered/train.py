"""Trains one run of questions 8 and 10, and measures it: on its own images, and on those that validate and test.

The test images are measured once, with the final weights, and nothing is chosen by them.
"""

import base64
import functools
import time
from pathlib import Path

import numpy as np
from scipy import optimize, special

from experiments import augmenters, networks
from experiments.registered import parts
from experiments.registered.runs import SHORT, Setting
from helpers import methods, training
from helpers.augment import RandomAffine
from helpers.model import small_model

RESIDUAL = {"rate": 0.003, "weight_decay": 0.04}  # of question 10, as in question 5
BATCH = 32
LAST_SHOWN = 2048  # images at most
# Compiled once for a ``build`` that makes the same network.
trainer_for = functools.lru_cache(maxsize=8)(training.Trainer)


@functools.cache
def policy_of(name: str) -> RandomAffine:
    """The policy of a name, one object a process, so that nothing is compiled twice."""
    if name == "quarter":
        return RandomAffine(
            rotation_range=5,
            width_shift_range=0.05,
            height_shift_range=0.05,
            shear_range=0.05,
            zoom_range=0.05,
            horizontal_flip=True,
        )
    return augmenters.policy_of(name)


def run(setting: Setting, folder: Path) -> list[tuple[dict, dict]]:
    """Train a network as a setting says.

    Args:
        setting: of question 8 or 10.
        folder: where the files of photographs are.

    Returns:
        For each length that is measured, the shorter first: the setting with its updates, and shown_* of the last
        epoch's images in inference mode, own_* of the training images, validation_* and test_*, each a loss in nats
        and an accuracy, of the last two the loss after temperature scaling, too; processor seconds since the start;
        and ``right``, whether each test image was answered rightly, as base64 of packed bits. Pilots have no test.
    """
    task, method = task_of(setting, folder), method_of(setting)
    started = time.process_time()
    updates, replicate, n = (setting[key] for key in ("updates", "replicate", "n"))
    policy = policy_of("mild" if setting["policy"] == "none" else setting["policy"])
    plan = methods.schedule(method, n, updates, replicate, BATCH)
    batches = methods.make_batches(task.x, task.y, plan, policy)
    build = build_of(setting, 1 + int(task.y_validation.max()))
    live = batches.parameters is not None
    trainer = trainer_for(build, task.x.shape[1:], policy if live else None)
    rows = []
    for stop, _ in trainer.train(batches, stops(setting), replicate):
        shown, shown_labels = last_shown(batches, policy, stop, min(n, LAST_SHOWN))
        measured = scores("shown", trainer.predict(shown), shown_labels)
        measured |= scores("own", trainer.predict(task.x), task.y)
        p, y = trainer.predict(task.x_validation), task.y_validation
        if setting["question"] == 8:
            # Their classes take turns, so every second one would be of half of the classes. Question 10's rows were
            # made so, see its correction.
            by_class = np.argsort(y, kind="stable")
            p, y = p[by_class], y[by_class]
        measured |= scaled_scores("validation", p, y)
        if replicate < parts.FIRST_PILOT:
            p = trainer.predict(task.x_test)
            measured |= scaled_scores("test", p, task.y_test)
            measured["right"] = packed(answers(p) == task.y_test)
        measured["processor_seconds"] = time.process_time() - started
        rows.append((setting | {"updates": stop}, measured))
    return rows


def task_of(setting: Setting, folder: Path) -> parts.Task:
    """The images of a setting."""
    load = parts.ten_classes if setting["question"] == 8 else parts.two_classes
    return load(setting["dataset"], setting["n"], setting["replicate"], folder)


def method_of(setting: Setting) -> str:
    """ "none" or "live"."""
    return "none" if setting.get("method", setting["policy"]) == "none" else "live"


def stops(setting: Setting) -> list[int]:
    """After how many updates a run is measured: the small network, whose rate is constant, of both lengths in one."""
    if setting["question"] == 10 and setting["network"] == "small" and setting["updates"] > SHORT:
        return [SHORT, setting["updates"]]
    return [setting["updates"]]


def build_of(setting: Setting, classes: int):
    """What builds the network; the small one gets Adam at 0.001 from the trainer."""
    if setting["network"] == "small":
        return small_model
    rate, decay = (setting.get(key, RESIDUAL[key]) for key in ("rate", "weight_decay"))
    return networks.builder("residual", classes, rate, decay, setting["updates"])


def last_shown(
    batches: methods.Batches, policy: RandomAffine, stop: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The last images that a run showed until a stop, (count, …), and their labels (count,)."""
    rows = batches.rows[:stop].reshape(-1)[-count:]
    images = batches.images[rows]
    if batches.parameters is not None:
        drawn = batches.parameters[:stop]
        drawn = drawn.reshape(-1, drawn.shape[-1])[-count:]
        images = np.asarray(policy.apply(images, drawn))
    return images, np.asarray(batches.labels)[rows]


def logits(p: np.ndarray) -> np.ndarray:
    """Logits (images, classes) of probabilities (images,) of class 1 or (images, classes)."""
    p = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # where Keras's cross-entropy clips, too
    if p.ndim == 1:
        odds = np.log(p) - np.log1p(-p)
        return np.stack([0 * odds, odds], axis=1)
    return np.log(p)


def losses(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy in nats of each image, (images,), from logits (images, classes)."""
    return -special.log_softmax(values, axis=1)[np.arange(len(labels)), labels]


def answers(p: np.ndarray) -> np.ndarray:
    """The class that each image gets, (images,)."""
    return logits(p).argmax(axis=1)


def scores(name: str, p: np.ndarray, y: np.ndarray) -> dict:
    """Loss in nats and accuracy."""
    right = answers(p) == y
    return {
        f"{name}_loss": float(losses(logits(p), y).mean()),
        f"{name}_accuracy": float(right.mean()),
    }


def scaled_scores(name: str, p: np.ndarray, y: np.ndarray) -> dict:
    """``scores``, and the loss after temperature scaling, fitted on every second image and measured on the others."""
    values, scaled = logits(p), np.empty(len(y))
    for first in (0, 1):
        fitted, measured = slice(first, None, 2), slice(1 - first, None, 2)
        t = temperature(values[fitted], y[fitted])
        scaled[measured] = losses(values[measured] / t, y[measured])
    return scores(name, p, y) | {f"{name}_scaled_loss": float(scaled.mean())}


def temperature(values: np.ndarray, labels: np.ndarray) -> float:
    """The T between 0.05 and 100 that minimises the loss of logits / T (Guo et al., 2017)."""

    def loss(log_t: float) -> float:
        return float(losses(values / np.exp(log_t), labels).mean())

    found = optimize.minimize_scalar(loss, bounds=(np.log(0.05), np.log(100)), method="bounded")
    return float(np.exp(found.x))


def packed(right: np.ndarray) -> str:
    """Base64 of a bit for each image."""
    return base64.b64encode(np.packbits(right).tobytes()).decode()


def unpacked(text: str, count: int) -> np.ndarray:
    """The bits of ``packed``, bool (count,)."""
    return np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8))[:count].astype(bool)
