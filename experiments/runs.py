"""One run: a network is trained as its setting says, then asked about what it never saw.

Nothing here reads a label of the test images: a run leaves answers, ``experiments.join`` puts the labels beside them.
"""

import time
from typing import Any

import numpy as np

from experiments import names, policies, states
from experiments.questions import Setting
from helpers import methods, stats, training
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
    """Train one run of a setting, for each of ``questions.KEYS`` a value; ``names.setting_of`` reads an older row.

    Returns:
        What was measured without test labels: shown_* the last epoch's pictures in inference mode, own_* the training
        images that they were made from, each a loss in nats and an accuracy; changed_*, the share of test images whose
        answer differs from that on the changed image; processor seconds. And the answers for ``rows.keep_answers``.
    """
    started = time.process_time()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = names.load_part(setting["dataset"], n, replicate)
    own, new = policies.as_it_is(part.x_train), policies.as_it_is(part.x_val)
    plan = methods.schedule(setting["method"], n, updates, replicate, setting["batch"])
    if setting["policy"] == "cells-rare":  # the frequent class is shown as it is
        plan = plan._replace(version=np.where(part.y_train[plan.source] == 1, plan.version, 0))
    policy, seen = None, names.features_of(setting["model"])
    if setting["policy"] == "states":
        batches = states.batches(own, part.y_train, plan, setting["draw"], replicate)
    else:
        policy = policies.policy_of(*(setting[key] for key in ("policy", "dataset", "draw")))
        source = part.x_train if setting["policy"] == "crop" else own  # which cuts out of the large photographs
        if part.x_train.dtype == np.uint8:
            batches = methods.stored_batches(
                source, part.y_train, plan, policy, replicate, lambda made: seen(policies.as_it_is(made))
            )
        else:
            batches = methods.make_batches(setting["method"], source, part.y_train, plan, policy, replicate)
    keys = ("optimiser", "rate", "schedule", "weight_decay", "updates")
    build = names.builder(setting["model"], 1 + int(part.y_train.max()), *(setting[key] for key in keys))
    trainer = training.trainer_for(build, batches.images.shape[1:], None if batches.parameters is None else policy)
    for _ in trainer.train(batches, [updates], replicate):
        pass
    pictures, labels = last_shown(batches, policy, min(n, LAST_SHOWN))
    measured = scores("shown", trainer.predict(pictures), labels)
    measured |= scores("own", trainer.predict(seen(own)), part.y_train)
    answers = {"new": trainer.predict(seen(new))}
    for name, directions in changed_sets(setting, new).items():
        given = [trainer.predict(seen(images)) for images in directions]
        differ = [np.mean(decided(each) != decided(answers["new"])) for each in given]
        measured[f"changed_{name}"] = float(np.mean(differ))
        if not (names.is_grey(setting["dataset"]) and name in CHANGES):
            answers[name] = given[0]
    measured["processor_seconds"] = time.process_time() - started
    return measured, {name: log_odds(given) for name, given in answers.items()}


def columns(setting: Setting) -> list[str]:
    """The names of what ``run`` measures, in their order, before anything is trained."""
    tested = ["mirror"]
    if names.is_grey(setting["dataset"]):
        tested = ["mild", *(states.TEST_SETS if setting["question"] == 4 else ()), *CHANGES]
    scored = [f"{name}_{measure}" for name in ("shown", "own") for measure in ("loss", "accuracy")]
    return [*scored, *(f"changed_{name}" for name in tested), "processor_seconds"]


def changed_sets(setting: Setting, x: np.ndarray) -> dict[str, list[np.ndarray]]:
    """Changed test images by what changed them, a set for each direction: photographs mirrored, grey ones by the mild
    policy, for question 4 in states, and by ``CHANGES``."""
    if not names.is_grey(setting["dataset"]):
        return {"mirror": [x[:, :, ::-1]]}
    replicate, mild = setting["replicate"], policies.policy_of("mild", "garments")
    sets = {"mild": [mild.apply(x, mild.draw(len(x), (replicate, UNSEEN_DRAW))).numpy()]}
    if setting["question"] == 4:
        sets |= {name: [images] for name, images in states.test_sets(x, replicate).items()}
    return sets | {name: [moved(x, given) for given in directions] for name, directions in CHANGES.items()}


def moved(x: np.ndarray, given: dict[str, float]) -> np.ndarray:
    """All images (n, height, width, channels) changed alike, see ``CHANGES``."""
    parameters = np.tile(IDENTITY, (len(x), 1))
    for key, value in given.items():
        parameters[:, PARAMETERS.index(key)] = value / x.shape[2] if "shift" in key else value
    return RandomAffine().apply(x, parameters).numpy()


def last_shown(batches: methods.Batches, policy: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
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
