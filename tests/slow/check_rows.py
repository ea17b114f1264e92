"""Ten random rows of the study, of the law and of freeze or renew, run again by hand: `model.fit` on
arrays and a generator, own shuffling, own draws. Only the training set and the initial weights are those of the row."""

import subprocess

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from experiments import run
from experiments.freeze_or_renew import runs as freeze_or_renew
from experiments.freeze_or_renew.policies import policy_of
from experiments.freeze_or_renew.settings import KEYS
from experiments.law import edges, runs
from helpers.arms import parse_arm
from helpers.augment import named_policy
from helpers.compare import summarise
from helpers.data import subset
from helpers.model import MODELS
from helpers.stats import prediction_interval
from helpers.tables import FOLDER, read_results

ROWS = 10
RATES = {"quarter": 0.00025, "fourfold": 0.004}  # of Adam


def pictures(x, arm, policy, rng):
    """Epoch after epoch, the number of the source and the picture shown of it, in a random order."""
    n, epoch = len(x), 0

    def augment(images):
        return policy(tf.constant(images), training=True).numpy()

    def make_pool():
        pool = [augment(x) for _ in range(arm.copies or 0)] or [x]
        return np.stack([x, *pool] if arm.kind in ("originals", "originals+pool") else pool)

    pool, start = make_pool(), rng.permutation(n)
    while True:
        source = rng.permutation(n)
        if arm.kind == "live":
            yield source, np.where(rng.random((n, 1, 1, 1)) < float(arm.p), augment(x), x)[source]
        elif "pool" in arm.kind:
            for part in np.array_split(rng.permutation(n * len(pool)), len(pool)):
                shown = pool[part // n, part % n]
                yield part % n, augment(shown) if arm.kind == "pool+live" else shown
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


def changes(name, labels):
    """What a policy of the study or of the law does to a batch of images, in the order of the labels."""
    if name in edges.POLICIES:
        policy, rng = edges.POLICIES[name], np.random.default_rng()
        return lambda images, training: policy.apply(images, policy.draw(len(images), rng.integers(2**31, size=2)))
    if name == "cells-rare":
        cells, defective = named_policy("cells"), labels[:, None, None, None] == 1
        return lambda images, training: tf.where(defective, cells(images, training=True), images)
    return named_policy(name)


def by_hand(row):
    part = runs._training_set(row["dataset"], row["n"], row["replicate"])
    model = runs.builder(row["model"], row["updates"])(part.x_train.shape[1:], seed=row["replicate"])
    if row["rate"] in RATES:
        model.compile(keras.optimizers.Adam(RATES[row["rate"]]), "binary_crossentropy")
    return trained(model, part, changes(row["policy"], part.y_train), row)


def renewed_by_hand(row):
    """A row of freeze or renew, whose settings are columns."""
    part = subset(freeze_or_renew.load_dataset(row["dataset"]), row["n"], row["replicate"])
    model = MODELS[row["model"]](part.x_train.shape[1:], seed=row["replicate"])
    rate, decay = row["rate"], row["weight_decay"]
    if row["schedule"] == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, row["updates"])
    adam = keras.optimizers.AdamW(rate, decay) if row["optimiser"] == "adamw" else keras.optimizers.Adam(rate)
    model.compile(adam, "binary_crossentropy")
    policy, rng = policy_of(row["policy"], row["draw"], part.x_train.shape[1]), np.random.default_rng()

    def change(images, training):
        seed = (row["replicate"], int(rng.integers(2**31)))
        return policy.apply(images, policy.draw(len(images), seed))

    return trained(model, part, change, row)


def trained(model, part, policy, row):
    model.steps_per_execution = 10
    rng = np.random.default_rng()
    shown = batches(part.x_train, part.y_train, row.get("batch", 32), parse_arm(row["arm"]), policy, rng)
    losses, done = [], 0
    for share in (0.92, 0.94, 0.96, 0.98, 1):
        steps = round(share * row["updates"]) - done
        done += steps
        model.fit(shown, steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0)
        p = np.clip(model.predict(part.x_val, verbose=0)[:, 0].astype(float), 1e-7, 1 - 1e-7)
        losses.append(-np.mean(np.where(part.y_val == 1, np.log(p), np.log1p(-p))))
    return np.mean(losses)


def loadable(name):
    """Whether a data set is there; pairs of garments, which are not committed, are built."""
    try:
        run.build_pairs([{"dataset": name}])
    except subprocess.CalledProcessError:
        return False
    return True


def assert_rows_agree(rows, stored_of, train):
    """Each row's loss by hand is within what its cell leaves possible, and on the whole they are neither way off."""
    deviations = []
    for row in rows:
        stored = stored_of(row)  # the losses of the row's cell, by replicate
        expected, found, interval = stored[row["replicate"]], train(row), prediction_interval(stored)
        deviations.append((found - expected) / stored.std())
        setting = " ".join(str(row[key]) for key in ("dataset", "n", "model", "policy", "arm", "rate", "replicate"))
        print(f"{setting}: {expected:.3f}, by hand {found:.3f}, cell [{interval.low:.3f}, {interval.high:.3f}]")
        assert interval.low < found < interval.high
    assert abs(np.mean(deviations)) < 1, "by hand is on the whole higher or lower than the table"


@pytest.mark.parametrize("name", ["study", "law"])
def test_ten_random_rows_agree_with_plain_keras(name):
    table = read_results(FOLDER / f"{name}.csv")
    table = table[table["dataset"].map({name: loadable(name) for name in table["dataset"].unique()})]
    settings = list(run.TABLES[name][0])
    keys = [key for key in settings if key != "replicate"]
    rows = table[settings].drop_duplicates().sample(ROWS, random_state=2026).to_dict("records")

    def stored_of(row):
        cell = table[(table[keys] == [row[key] for key in keys]).all(axis=1)]
        return summarise(cell).set_index("replicate")["val_loss"]

    assert_rows_agree(rows, stored_of, by_hand)


def test_ten_random_rows_of_freeze_or_renew_agree_with_plain_keras():
    table = pd.read_csv(FOLDER / "freeze-or-renew.csv", keep_default_na=False, na_values=["nan"])
    table = table[table["dataset"].isin(["garments", "solar-cells"])]  # the two drawn pairs are not committed
    keys = [key for key in KEYS if key != "replicate"]

    def stored_of(row):
        return table[(table[keys] == [row[key] for key in keys]).all(axis=1)].set_index("replicate")["val_loss"]

    assert_rows_agree(table.sample(ROWS, random_state=2026).to_dict("records"), stored_of, renewed_by_hand)
