"""Random rows of the stored tables, run again by hand: `model.fit` on arrays and a generator, own shuffling, own draws.
Only the training set, the initial weights and what changes a picture are those of the row."""

import itertools

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy import stats

from experiments import names, policies, questions, states
from helpers.arms import parse_arm
from helpers.stats import log_loss
from helpers.tables import FOLDER, read_results, settings_of

TABLES = ["study", "law", "freeze-or-renew", "coverage"]
ROWS = 10


def pictures(x, arm, change, rng):
    """Epoch after epoch, the number of the source and the picture shown of it, in a random order."""
    n, epoch = len(x), 0

    def make_pool():
        pool = [change(x) for _ in range(arm.copies or 0)] or [x]
        return np.stack([x, *pool] if arm.kind in ("originals", "originals+pool") else pool)

    pool, start = make_pool(), rng.permutation(n)
    while True:
        source = rng.permutation(n)
        if arm.kind == "live":
            yield source, np.where(rng.random((n, 1, 1, 1)) < float(arm.p), change(x), x)[source]
        elif "pool" in arm.kind:
            for part in np.array_split(rng.permutation(n * len(pool)), len(pool)):
                shown = pool[part // n, part % n]
                yield part % n, change(shown) if arm.kind == "pool+live" else shown
        else:
            if arm.kind == "fresh" and epoch and epoch % arm.epochs == 0:
                pool = make_pool()
            turn = epoch % arm.epochs if arm.kind == "fresh" else epoch
            version = (turn + (start[source] if arm.kind == "originals" else 0)) % len(pool)
            yield source, pool[version, source]
        epoch += 1


def batches(x, y, size, *settings):
    for source, images in pictures(x, *settings):
        for first in range(0, len(source), size):
            yield images[first : first + size], y[source[first : first + size]]


def change_of(setting, part, rng):
    """What the setting's policy does to the training images, in their order."""
    if setting["policy"] == "states":
        calls = itertools.count()
        orders = np.tile(np.arange(1, 18), (1 if setting["draw"] == "shared" else len(part.x_train), 1))
        orders = np.append(rng.permuted(orders, axis=1), np.zeros((len(orders), 1), int), axis=1)

        def in_states(x):
            if setting["draw"] == "anew":
                return states.change_each(x, rng.integers(18, size=len(x)))
            return states.change_each(x, np.broadcast_to(orders[:, next(calls)], len(x)))

        return in_states
    policy = policies.policy_of(setting["policy"], setting["dataset"], setting["draw"])

    def change(x):
        seed = (setting["replicate"], int(rng.integers(2**31)))
        changed = policy.apply(x, policy.draw(len(x), seed))
        if setting["policy"] == "cells-rare":
            changed = tf.where(part.y_train[:, None, None, None] == 1, changed, x)
        return changed.numpy()

    return change


def by_hand(setting):
    """The network and the data at the end of a run."""
    part, rng = names.load_part(setting["dataset"], setting["n"], setting["replicate"]), np.random.default_rng()
    keys = ("optimiser", "rate", "schedule", "weight_decay", "updates")
    build = names.builder(setting["model"], 2, *(setting[key] for key in keys))
    model = build(part.x_train.shape[1:], seed=setting["replicate"])
    model.steps_per_execution = 10
    change = change_of(setting, part, rng)
    shown = batches(part.x_train, part.y_train, setting["batch"], parse_arm(setting["arm"]), change, rng)
    model.fit(shown, steps_per_epoch=setting["updates"], epochs=1, shuffle=False, verbose=0)
    return model, part


def new_loss(model, part):
    return log_loss(model.predict(part.x_val, verbose=0)[:, 0], part.y_val)


def changed_mirror(model, part):
    plain, mirrored = (model.predict(x, verbose=0)[:, 0] > 0.5 for x in (part.x_val, part.x_val[:, :, ::-1]))
    return np.mean(plain != mirrored)


@pytest.mark.parametrize("name", TABLES)
def test_ten_random_rows_agree_with_plain_keras(name):
    """Each row is within what its cell leaves possible, and on the whole they are neither way off."""
    if name in questions.QUESTIONS:
        table, column, measure = pd.read_csv(FOLDER / f"{name}.csv"), "changed_mirror", changed_mirror
    else:
        curves, column, measure = read_results(FOLDER / f"{name}.csv"), "val_loss", new_loss
        table = curves[curves["update"] == curves["updates"]]
    committed = table[table["dataset"].str.match("garments|solar-cells")]
    keys = [key for key in settings_of(name, table) if key != "replicate"]
    deviations = []
    for _, row in committed.sample(ROWS, random_state=2026).iterrows():
        setting = row[list(questions.KEYS)].to_dict() if name in questions.QUESTIONS else names.setting_of(row)
        found, others = measure(*by_hand(setting)), table[(table[keys] == row[keys]).all(axis=1)][column]
        # A further replicate lies so near to the mean of the others, but for one in a thousand.
        near = stats.t.ppf(0.9995, len(others) - 1) * others.std() * np.sqrt(1 + 1 / len(others))
        deviations.append((found - row[column]) / others.std())
        print(f"{name} {' '.join(map(str, setting.values()))}: {column} {row[column]:.3f}, by hand {found:.3f}, "
              f"cell {others.mean():.3f} ± {near:.3f}")  # fmt: skip
        assert abs(found - others.mean()) < near
    assert abs(np.mean(deviations)) < 1, "by hand is on the whole higher or lower than the table"
