"""Trains a stored row of question 0, 5, 6 or 7 again, and prints both.

    python -m experiments.repeat TABLE ROW --data FOLDER    # such as one-copy 3; rows count from 0

All their runs are made and judged. The programs that did it, and that asked each run about test images, are of commits
that data/results/README.md names.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf

from experiments import article, augmenters, datasets, networks
from helpers import methods, training
from helpers.data import RESULTS

QUESTIONS = ("advice", "fine-tuning", "one-copy")  # 5, 6 and 7
TABLES = ("article", *QUESTIONS, *(f"{name}-pilots" for name in QUESTIONS))
LAST_SHOWN = 2048  # images at most


def run(setting: dict[str, Any], folder: Path | None = None) -> dict[str, float]:
    """Train once as a row of questions 5 to 7 says.

    Args:
        setting: the row's columns up to replicate.
        folder: where the files of its data set are.

    Returns:
        shown_* of the last epoch's images in inference mode, own_* of the training images that they were made from,
        each a loss in nats and an accuracy.
    """
    n, updates, replicate = setting["n"], setting["updates"], setting["replicate"]
    data = datasets.load(setting["dataset"], folder)
    train = datasets.training_set(data, n, replicate, datasets.RESERVED[setting["dataset"]])
    images, labels = data.pixels[train], data.labels[train]
    own, policy = augmenters.plain(images), augmenters.policy_of(setting["policy"])
    plan = methods.schedule(setting["method"], n, updates, replicate, setting["batch"])
    cuts = isinstance(policy, augmenters.Crop)
    if cuts:  # out of the large photographs
        batches = methods.stored_batches(images, labels, plan, policy, replicate, augmenters.plain)
    else:
        batches = methods.make_batches(setting["method"], own, labels, plan, policy, replicate)
    classes = 1 + int(data.labels.max())
    rate, decay = setting["rate"], setting["weight_decay"]
    build = networks.builder(setting["network"], classes, rate, decay, updates)
    changes = None if batches.parameters is None else policy
    trainer = training.trainer_for(build, own.shape[1:], changes)
    for _ in trainer.train(batches, [updates], replicate):
        pass
    shown, shown_labels = last_shown(batches, policy, min(n, LAST_SHOWN))
    shown_scores = scores("shown", trainer.predict(shown), shown_labels)
    return shown_scores | scores("own", trainer.predict(own), labels)


def last_shown(batches: methods.Batches, policy, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The last images that a run shows, (count, …), and their labels (count,)."""
    rows = batches.rows.reshape(-1)[-count:]
    images = batches.images[rows]
    if batches.parameters is not None:
        width = batches.parameters.shape[-1]
        images = np.asarray(policy.apply(images, batches.parameters.reshape(-1, width)[-count:]))
    return images, np.asarray(batches.labels)[rows]


def scores(name: str, p: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """Loss in nats and accuracy of probabilities p, (images,) of class 1 or (images, classes)."""
    p = np.clip(p.astype(np.float64), 1e-7, 1 - 1e-7)  # where Keras's cross-entropy clips, too
    if p.ndim == 1:
        p = np.stack([1 - p, p], axis=1)
    losses = np.log(p.sum(axis=1)) - np.log(p[np.arange(len(y)), y])
    return {
        f"{name}_loss": float(np.mean(losses)),
        f"{name}_accuracy": float(np.mean(p.argmax(axis=1) == y)),
    }


def main() -> None:
    about = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser("python -m experiments.repeat", description=about)
    parser.add_argument("table", choices=TABLES, metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("row", type=int, metavar="ROW", help="number of its row, from 0")
    where = "where the files of photographs are"
    parser.add_argument("--data", type=Path, metavar="FOLDER", help=where)
    options = parser.parse_args()
    table = pd.read_csv(RESULTS / f"{options.table}.csv")
    if not 0 <= options.row < len(table):
        parser.error(f"ROW is {options.row}; expected 0 to {len(table) - 1}.")
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    stored = table.loc[options.row].to_dict()
    program = article.run if options.table == "article" else run
    again = program(stored, options.data)
    print(pd.DataFrame({"stored": {key: stored[key] for key in again}, "again": again}).round(5))


if __name__ == "__main__":
    main()
