"""Ten random rows of the study, run again by hand: `model.fit` on arrays and a generator, own shuffling,
own draws. Only the subset and the initial weights are those of the row."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from helpers.data import subset
from helpers.model import MODELS
from helpers.results import CONFIRMATION, FOLDER, SETTINGS, load_dataset, load_policy, read_results
from helpers.stats import prediction_interval
from helpers.training import parse_arm, summarise

ROOT = Path(__file__).resolve().parents[2]
ROWS = 10


def pictures(x, arm, policy, rng):
    """Epoch after epoch, the number of the source and the picture shown of it, in a random order."""
    n, epoch = len(x), 0

    def augment():
        return policy(tf.constant(x), training=True).numpy()

    pool = np.stack([augment() for _ in range(arm.copies or 0)] or [x])
    if arm.kind == "originals":
        pool = np.concatenate([x[None], pool])
    start = rng.permutation(n)
    while True:
        source = rng.permutation(n)
        if arm.kind == "live":
            yield source, np.where(rng.random((n, 1, 1, 1)) < arm.p, augment(), x)[source]
        elif arm.kind == "pool":
            for part in np.array_split(rng.permutation(n * len(pool)), len(pool)):
                yield part % n, pool[part // n, part % n]
        else:
            version = (epoch + (start[source] if arm.kind == "originals" else 0)) % len(pool)
            yield source, pool[version, source]
        epoch += 1


def batches(x, y, *settings):
    for source, images in pictures(x, *settings):
        for first in range(0, len(source), 32):
            yield images[first : first + 32], y[source[first : first + 32]]


def by_hand(row):
    part = subset(load_dataset(row["dataset"]), row["n"], row["replicate"])
    model = MODELS[row["model"]](part.x_train.shape[1:], seed=row["replicate"])
    model.compile(optimizer="adam", loss="binary_crossentropy", steps_per_execution=20)
    rng = np.random.default_rng()
    shown = batches(part.x_train, part.y_train, parse_arm(row["arm"]), load_policy(row["policy"]), rng)
    losses = []
    for steps in (2760, 60, 60, 60, 60):
        model.fit(shown, steps_per_epoch=steps, epochs=1, verbose=0)
        losses.append(model.evaluate(part.x_val, part.y_val, verbose=0))
    return np.mean(losses)


def built(path):
    """Whether the file of the confirmation pair, which is not committed, is there or can be built."""
    script = [sys.executable, ROOT / "data" / "build_garments.py", "--pair", "dress", "shirt"]
    return path.exists() or subprocess.run([*script, "--output", path]).returncode == 0


def test_ten_random_rows_agree_with_plain_keras():
    table = read_results(FOLDER / "study.csv")
    keys = [name for name in SETTINGS if name != "replicate"]
    if not built(CONFIRMATION):
        table = table[table["dataset"] != "dress-shirt"]
    rows = table[list(SETTINGS)].drop_duplicates().sample(ROWS, random_state=2026).to_dict("records")
    deviations = []
    for row in rows:
        cell = table[(table[keys] == [row[key] for key in keys]).all(axis=1)]
        stored = summarise(cell).set_index("replicate")["val_loss"]
        expected, found = stored[row["replicate"]], by_hand(row)
        interval = prediction_interval(stored)
        deviations.append((found - expected) / stored.std())
        print(
            f"{row['dataset']:12} n {row['n']:4} {row['arm']:13} replicate {row['replicate']:2}: "
            f"stored {expected:.3f}, by hand {found:.3f}, cell [{interval.low:.3f}, {interval.high:.3f}]"
        )
        assert interval.low < found < interval.high
    assert abs(np.mean(deviations)) < 1, "by hand is on the whole higher or lower than the table"


@pytest.mark.parametrize("name", ["copies-2", "originals+1", "pool-2", "live", "live-1/2", "none"])
def test_the_hand_made_arms_show_what_their_names_say(name):
    x, arm = np.zeros((4, 1, 1, 1), "float32"), parse_arm(name)
    count = iter(range(1, 1000))
    seen = pictures(x, arm, lambda images, training: images + next(count), np.random.default_rng(0))
    epochs = [images.ravel() for _, (_, images) in zip(range(200), seen, strict=False)]
    values = np.unique(epochs)
    assert len(values) == {"copies-2": 2, "originals+1": 2, "pool-2": 2, "none": 1}.get(name, len(values))
    assert len(values) >= {"live": 200, "live-1/2": 180}.get(name, 1)
    clean = {"none": 1, "originals+1": 0.5, "live-1/2": 0.5}.get(name, 0)
    assert np.mean(np.array(epochs) == 0) == pytest.approx(clean, abs=0.07)
