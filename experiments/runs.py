"""One run: a network is trained as its setting says, then asked about what it never saw.

Nothing here reads a label of the test images: a run leaves answers, ``experiments.join`` puts the labels beside them.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from experiments import names, policies, states
from experiments.questions import Setting
from helpers import arms, stats, training
from helpers.augment import IDENTITY, PARAMETERS, RandomAffine

LAST_SHOWN = 2048  # pictures at most
UNSEEN_DRAW = 1_000_000  # the number of the draw that changes the test images, beyond every epoch's
CHANGES: dict[str, list[dict[str, float]]] = {  # the shifts in pixels; each in both directions, where it has two
    "mirror": [{"flip_horizontal": 1}],
    "pixel": [{"shift_width": 1}, {"shift_width": -1}],
    "two_pixels": [{"shift_width": 2}, {"shift_width": -2}],
    "turn": [{"rotation": 5}, {"rotation": -5}],
    "zoom": [{"zoom_width": 0.95, "zoom_height": 0.95}, {"zoom_width": 1.05, "zoom_height": 1.05}],
}


def run(setting: Setting) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Train one run.

    Args:
        setting: a value for each of ``questions.KEYS``; ``names.setting_of`` has it for an older row.

    Returns:
        What was measured without test labels: shown_* the last epoch's pictures in inference mode, own_* the training
        images that they were made from, each a loss in nats and an accuracy; changed_*, the share of test images whose
        answer differs from that on the changed image; processor seconds. And the answers for ``rows.keep_answers``.
    """
    started = time.process_time()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = names.load_part(setting["dataset"], n, replicate)
    own, new = policies.as_it_is(part.x_train), policies.as_it_is(part.x_val)
    plan = arms.schedule(setting["arm"], n, updates, replicate, setting["batch"])
    if setting["policy"] == "cells-rare":  # the frequent class is shown as it is
        plan = plan._replace(version=np.where(part.y_train[plan.source] == 1, plan.version, 0))
    policy, seen = None, names.features_of(setting["model"])
    if setting["policy"] == "states":
        batches = states.batches(own, part.y_train, plan, setting["draw"], replicate)
    else:
        policy = policies.policy_of(*(setting[key] for key in ("policy", "dataset", "draw")))
        if part.x_train.dtype == np.uint8:
            source = part.x_train if setting["policy"] == "crop" else own
            batches = made_beforehand(own, source, part.y_train, plan, policy, replicate, seen)
        else:
            batches = arms.make_batches(setting["arm"], own, part.y_train, plan, policy, replicate)
    keys = ("optimiser", "rate", "schedule", "weight_decay", "updates")
    build = names.builder(setting["model"], 1 + int(part.y_train.max()), *(setting[key] for key in keys))
    trainer = training.trainer_for(build, batches.images.shape[1:], None if batches.parameters is None else policy)
    for _ in trainer.train(batches, [updates], replicate):
        pass
    pictures, labels = last_shown(batches, policy, min(n, LAST_SHOWN))
    measured = scores("shown", trainer.predict(pictures), labels)
    measured |= scores("own", trainer.predict(seen(own)), part.y_train)
    answers = {name: trainer.predict(seen(images)) for name, images in test_sets(setting, new).items()}
    for name, given in answers.items():
        if name != "new":
            measured[f"changed_{name}"] = float(np.mean(decided(given) != decided(answers["new"])))
    if names.is_grey(setting["dataset"]):
        measured |= changed_answers(trainer.predict, new)
    measured["processor_seconds"] = time.process_time() - started
    return measured, {name: log_odds(given) for name, given in answers.items()}


def made_beforehand(
    own: np.ndarray, source: np.ndarray, y: np.ndarray, plan: arms.Schedule, policy: Any, replicate: int, seen: Any
) -> arms.Batches:
    """The batches of any arm, all of its versions made beforehand, as features where a network takes those.

    Args:
        own, source: the training images as they are seen unchanged, and what the policy changes.
        seen: what stands before the network, see ``names.features_of``.
    """
    versions, index = np.unique(plan.version, return_inverse=True)
    pictures = []
    for version in versions.tolist():
        made = policy.apply(source, policy.draw(len(y), (replicate, version - 1))).numpy() if version else own
        pictures.append(seen(made))
    rows = index.reshape(plan.version.shape) * len(y) + plan.source
    return arms.Batches(np.concatenate(pictures), np.tile(y, len(versions)), rows, None)


def test_sets(setting: Setting, x: np.ndarray) -> dict[str, np.ndarray]:
    """Test images as they are ("new") and changed: garments by the mild policy and in states, others mirrored."""
    if not names.is_grey(setting["dataset"]):
        return {"new": x, "mirror": x[:, :, ::-1]}
    replicate, mild = setting["replicate"], policies.policy_of("mild", "garments")
    sets = {"new": x, "mild": mild.apply(x, mild.draw(len(x), (replicate, UNSEEN_DRAW))).numpy()}
    return sets | (states.test_sets(x, replicate) if setting["question"] == 4 else {})


def changed_answers(predict: training.Predict, images: np.ndarray) -> dict[str, float]:
    """For each of ``CHANGES``, the share of images (n, height, width, channels) whose answer it turns over."""
    affine, side, answers = RandomAffine(), images.shape[2], decided(predict(images))
    shares = {}
    for name, directions in CHANGES.items():
        differ = []
        for given in directions:
            parameters = np.tile(IDENTITY, (len(images), 1))
            for key, value in given.items():
                parameters[:, PARAMETERS.index(key)] = value / side if "shift" in key else value
            differ.append(np.mean(decided(predict(affine.apply(images, parameters).numpy())) != answers))
        shares[f"changed_{name}"] = float(np.mean(differ))
    return shares


def last_shown(batches: arms.Batches, policy: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The last pictures that a run shows, (count, …), and their labels (count,)."""
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
    return {f"{name}_loss": loss, f"{name}_accuracy": float(np.mean(decided(p) == y))}


def decided(p: np.ndarray) -> np.ndarray:
    """The class that probabilities (images,) or (images, classes) speak for."""
    return (p > 0.5).astype(int) if p.ndim == 1 else p.argmax(axis=1)
