"""One run: a network is trained as its setting says, then asked about what it never saw.

Nothing here reads a label of a test image: a run leaves answers, ``experiments.score`` puts the labels beside them.
"""

import functools
import time
from pathlib import Path

import numpy as np
from scipy import special

from experiments import augmenters, datasets, networks
from experiments.settings import PAIR, Setting
from helpers import methods, training

LAST_SHOWN = 2048  # images at most
MEASURED = ["shown_loss", "shown_accuracy", "own_loss", "own_accuracy", "processor_seconds"]


def run(setting: Setting, folder: Path | None = None) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Train one run of a setting, for each of ``settings.KEYS`` a value.

    Args:
        setting: what to train.
        folder: where the files of its data set are.

    Returns:
        ``MEASURED``: shown_* of the last epoch's images in inference mode, own_* of the training images that they were
        made from, each a loss in nats and an accuracy; processor seconds without reading the files. And the answers of
        each part that the setting is asked, see ``asked``, as ``log_odds``.
    """
    data, part = part_of(setting, folder)
    started = time.process_time()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    images, labels = data.pixels[part.train], data.labels[part.train]
    own, policy = augmenters.plain(images), augmenters.policy_of(setting["policy"])
    plan = methods.schedule(setting["method"], n, updates, replicate, setting["batch"])
    cuts = isinstance(policy, augmenters.Crop)
    if cuts:  # out of the large photographs
        batches = methods.stored_batches(images, labels, plan, policy, replicate, augmenters.plain)
    else:
        batches = methods.make_batches(setting["method"], own, labels, plan, policy, replicate)
    build = networks.builder(
        setting["network"], 1 + int(data.labels.max()), setting["rate"], setting["weight_decay"], updates
    )
    trainer = training.trainer_for(build, own.shape[1:], None if batches.parameters is None else policy)
    for _ in trainer.train(batches, [updates], replicate):
        pass
    shown, shown_labels = last_shown(batches, policy, min(n, LAST_SHOWN))
    measured = scores("shown", trainer.predict(shown), shown_labels)
    measured |= scores("own", trainer.predict(own), labels)
    answers = {}
    for name in asked(setting):
        tested = augmenters.plain(data.pixels[part.test if name == "mirror" else getattr(part, name)])
        answers[name] = log_odds(trainer.predict(tested[:, :, ::-1] if name == "mirror" else tested))
    return measured | {"processor_seconds": time.process_time() - started}, answers


@functools.cache
def _part_of(dataset: str, n: int, replicate: int, folder: Path | None) -> tuple[datasets.Images, datasets.Part]:
    data = datasets.load(dataset, folder)
    reserved = datasets.RESERVED.get(dataset, datasets.RESERVED_OF_A_PAIR)
    return data, datasets.divide(data, n, replicate, reserved)


def part_of(setting: Setting, folder: Path | None) -> tuple[datasets.Images, datasets.Part]:
    """A setting's data set, and its replicate's part of it."""
    return _part_of(*(setting[key] for key in ("dataset", "n", "replicate")), folder)


def asked(setting: Setting) -> tuple[str, ...]:
    """On which parts a run answers: pilots on that for rates, others on the test images, in question 7 mirrored, too;
    and where runs of several lengths are compared on that for lengths."""
    if setting["replicate"] >= datasets.PILOTS:
        return ("rates",)
    if setting["dataset"] == PAIR:
        return ("test", "lengths")
    return ("test", "mirror") if setting["question"] == 7 else ("test",)


def last_shown(batches: methods.Batches, policy, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The last images that a run shows, (count, …), and their labels (count,)."""
    rows = batches.rows.reshape(-1)[-count:]
    images = batches.images[rows]
    if batches.parameters is not None:
        width = batches.parameters.shape[-1]
        images = np.asarray(policy.apply(images, batches.parameters.reshape(-1, width)[-count:]))
    return images, np.asarray(batches.labels)[rows]


def log_odds(p: np.ndarray) -> np.ndarray:
    """Log of the odds of class 1, (images,); of a softmax the log probabilities, (images, classes)."""
    p = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # where Keras's cross-entropy clips, too
    return np.log(p) - np.log1p(-p) if p.ndim == 1 else np.log(p)


def logits(answers: np.ndarray) -> np.ndarray:
    """What ``log_odds`` makes as logits (images, classes), of two classes, too."""
    return np.stack([0 * answers, answers], axis=1) if answers.ndim == 1 else answers


def losses(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Cross-entropy in nats of each image, (images,), from logits (images, classes)."""
    return -special.log_softmax(values, axis=1)[np.arange(len(labels)), labels]


def scores(name: str, p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Loss in nats and accuracy of probabilities p, (images,) or (images, classes)."""
    values = logits(log_odds(p))
    right = values.argmax(axis=1) == y
    return {f"{name}_loss": float(np.mean(losses(values, y))), f"{name}_accuracy": float(np.mean(right))}
