"""Batches whose pictures are alike, by mistake or on purpose: the runs of ``clustered-batches.csv``."""

from __future__ import annotations

import time

import numpy as np
import tensorflow as tf

from experiments.tasks import load_dataset, results_of, table_updates
from helpers import model, training
from helpers.arms import BATCH, Batches, Schedule, drawn_batches, parse_arm, schedule
from helpers.augment import RandomAffine, named_policy
from helpers.data import Data, subset

BUFFERS = {"side-by-side": 1, "buffer-of-8": 8}  # the shuffle buffer of a pool that is stored garment by garment
DRAWS = {"2-draws": 2, "4-draws": 4, "8-draws": 8}  # of each image in a batch of the live arm
# The column policy names one of them: what is done to the batches of the mild policy.
WAYS = ("mild", *BUFFERS, "one-draw", *DRAWS)


def run(setting: dict) -> dict:
    """Train one run on batches made in one of ``WAYS``, at a constant rate; else as ``tasks.run_setting``."""
    started = time.perf_counter()
    n, updates, replicate = (setting[key] for key in ("n", "updates", "replicate"))
    part = subset(load_dataset(setting["dataset"]), n, replicate)
    mild = named_policy("mild")
    batches = make(setting["policy"], setting["arm"], part, mild, updates, replicate)
    build = model.MODELS[setting["model"]]
    trainer = training.trainer_for(build, tuple(part.x_train.shape[1:]), mild)
    curve = trainer.run(part, batches, updates, replicate, table_updates(updates))
    return results_of(curve.assign(arm=setting["arm"], replicate=replicate), started)


def make(way: str, arm: str, part: Data, policy: RandomAffine, updates: int, replicate: int) -> Batches:
    """The batches of a run; ``arm`` is live or a shuffled pool."""
    n = len(part.x_train)
    plan = schedule(arm, n, updates, replicate)
    if way == "one-draw":
        draws = policy.draw(updates, seed=(replicate, 0)).numpy()
        return Batches(part.x_train, part.y_train, plan.source, np.repeat(draws[:, None], BATCH, axis=1))
    if way in BUFFERS:
        plan = side_by_side(n, parse_arm(arm).copies or 0, BUFFERS[way], updates, replicate)
    if way in DRAWS:
        plan = grouped(plan, n, DRAWS[way])
    return drawn_batches(part.x_train, part.y_train, plan, policy, replicate)


def side_by_side(n: int, copies: int, buffer: int, updates: int, replicate: int) -> Schedule:
    """A pool whose picture i is copy i % copies of image i // copies, read through ``tf.data``'s shuffle."""
    stored = tf.data.Dataset.range(n * copies)
    if buffer > 1:
        stored = stored.shuffle(buffer, seed=replicate)
    order = next(iter(stored.repeat().batch(updates * BATCH))).numpy().reshape(updates, BATCH)
    return Schedule(order // copies, 1 + order % copies)


def grouped(live: Schedule, n: int, draws: int) -> Schedule:
    """Live with several draws of each image, one after the other: a batch has 32 / draws images."""
    source = live.source.ravel()[: live.source.size // draws]
    turn = np.arange(len(source)) // n
    version = 1 + draws * np.repeat(turn, draws) + np.tile(np.arange(draws), len(source))
    return Schedule(np.repeat(source, draws).reshape(live.source.shape), version.reshape(live.source.shape))
