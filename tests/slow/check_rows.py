"""Twenty random rows of the registered questions, run again: every other one by ``run``, the rest by hand, with
`model.fit` on arrays or a generator, own shuffling and own draws; there only images, initial weights and policy are the
row's. ``DATA`` is the folder of the photographs: `DATA=FOLDER make check-rows`."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments import datasets, networks, policies, run, settings
from helpers.arms import parse_arm
from helpers.tables import FOLDER

DATA = Path(os.environ["DATA"]) if "DATA" in os.environ else None
MEASURE = "own_accuracy"
SEED = 2026
KEYS = [key for key in settings.KEYS if key != "replicate"]
TABLES = [path for name in settings.QUESTIONS if (path := FOLDER / f"{name}.csv").exists()]
ROWS = pd.concat([pd.read_csv(path) for path in TABLES], ignore_index=True) if TABLES else pd.DataFrame()
DRAWN = ROWS.sample(min(20, len(ROWS)), random_state=SEED).index.tolist() if TABLES else []


def by_hand(setting):
    """What ``MEASURE`` is after plain Keras."""
    data, part = run.part_of(setting, DATA)
    images, y, rng = data.pixels[part.train], data.labels[part.train], np.random.default_rng(SEED)
    policy, own, arm = policies.policy_of(setting["policy"]), policies.plain(images), parse_arm(setting["method"])
    source = images if isinstance(policy, policies.Crop) else own
    model = networks.builder(
        setting["network"], 1 + int(data.labels.max()), setting["rate"], setting["weight_decay"], setting["updates"]
    )(own.shape[1:], seed=setting["replicate"])

    def changed():
        return np.asarray(policy.apply(source, policy.draw(len(source), (SEED, int(rng.integers(2**31))))))

    store = [*([own] if arm.kind in ("none", "originals+pool") else []), *(changed() for _ in range(arm.copies or 0))]
    size = setting["batch"]

    def batches():
        while True:
            x, labels = (changed(), y) if arm.kind == "live" else (np.concatenate(store), np.tile(y, len(store)))
            if arm.p < 1:
                x = np.where(rng.random((len(x), 1, 1, 1)) < float(arm.p), x, own)
            order = rng.permutation(len(x))
            for start in range(0, len(x), size):
                yield x[order[start : start + size]], labels[order[start : start + size]]

    model.fit(batches(), steps_per_epoch=setting["updates"], epochs=1, verbose=0)
    return float(np.mean(run.decided(model.predict(own, verbose=0)) == y))


@pytest.mark.parametrize("number", DRAWN)
def test_a_stored_row_comes_out_again(number):
    """A run again on another processor, or with other draws, is as good as one more replicate of its cell.

    Rounding grows while a network trains, so that not even the same draws give the same numbers. A further replicate
    is farther than this from the mean of its cell once in ten thousand, so a wrong alarm among twenty is one in 500.
    A cell all of whose runs know every original has no spread; there 2 images of 512 may be missing.
    """
    row = ROWS.loc[number]
    cell = ROWS.loc[(ROWS[KEYS] == row[KEYS]).all(axis=1), MEASURE]
    setting = {key: getattr(row[key], "item", lambda key=key: row[key])() for key in settings.KEYS}
    again = by_hand(setting) if DRAWN.index(number) % 2 else run.run(setting, DATA)[0][MEASURE]
    if len(cell) < 4:
        pytest.skip("too few runs of its cell to know their spread")
    limit = max(stats.t.ppf(1 - 5e-5, len(cell) - 1) * cell.std() * np.sqrt(1 + 1 / len(cell)), 2 / 512)
    print(f"{' '.join(map(str, setting.values()))}: {row[MEASURE]:.3f}, again {again:.3f}, cell {cell.mean():.3f} ± {limit:.3f}")
    assert abs(again - cell.mean()) < limit


def test_rows_are_drawn_from_all_that_are_stored():
    assert len(DRAWN) == min(20, len(ROWS)) and datasets.PILOTS > 20
