"""Twenty random rows of questions 5 to 7, run again: every other one by ``repeat.run``, the rest by hand.

By hand means plain `model.fit`, own shuffling and own draws: only images, initial weights and policy are the row's.
``DATA`` is the folder of the photographs: `DATA=FOLDER make check-rows`.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments import augmenters, datasets, networks, repeat
from helpers.data import RESULTS
from helpers.methods import parse_method

DATA = Path(os.environ["DATA"]) if "DATA" in os.environ else None
SEED = 2026  # of the rows that are drawn, and of the draws by hand
LOWEST = 1e-3  # smaller losses count as this: tables have five digits of them
TABLES = [RESULTS / f"{name}.csv" for name in repeat.TABLES if name != "article"]
ROWS = pd.concat([pd.read_csv(path) for path in TABLES], ignore_index=True)
KEYS = list(ROWS.loc[:, :"updates"])
DRAWN = ROWS.sample(20, random_state=SEED).index.tolist()


def by_hand(setting):
    """The loss on the originals after plain Keras."""
    data = datasets.load(setting["dataset"], DATA)
    reserved = datasets.RESERVED[setting["dataset"]]
    rows = datasets.training_set(data, setting["n"], setting["replicate"], reserved)
    images, y = data.pixels[rows], data.labels[rows]
    own = augmenters.plain(images)
    epochs = epochs_by_hand(setting, images, own, y)

    def batches():
        for x, labels in epochs:
            for start in range(0, len(x), setting["batch"]):
                part = slice(start, start + setting["batch"])
                yield x[part], labels[part]

    build = networks.builder(
        network=setting["network"],
        classes=1 + int(data.labels.max()),
        rate=setting["rate"],
        weight_decay=setting["weight_decay"],
        updates=setting["updates"],
    )
    model = build(own.shape[1:], seed=setting["replicate"])
    model.fit(batches(), steps_per_epoch=setting["updates"], epochs=1, verbose=0)
    predicted = np.squeeze(model.predict(own, verbose=0))
    return repeat.scores("own", predicted, y)["own_loss"]


def epochs_by_hand(setting, images, own, y):
    """Images and labels of one epoch after another, shuffled; ``own`` are the images as a network gets them."""
    rng = np.random.default_rng(SEED)
    policy = augmenters.policy_of(setting["policy"])
    source = images if isinstance(policy, augmenters.Crop) else own
    method = parse_method(setting["method"])

    def changed():
        draws = policy.draw(len(source), (SEED, int(rng.integers(2**31))))
        return np.asarray(policy.apply(source, draws))

    store = []
    if method.kind in ("none", "originals+pool"):
        store.append(own)
    for _ in range(method.copies or 0):
        store.append(changed())
    while True:
        if method.kind == "live":
            x, labels = changed(), y
        else:
            x, labels = np.concatenate(store), np.tile(y, len(store))
        if method.p < 1:
            x = np.where(rng.random((len(x), 1, 1, 1)) < float(method.p), x, own)
        order = rng.permutation(len(x))
        yield x[order], labels[order]


@pytest.mark.parametrize("number", DRAWN)
def test_a_stored_row_comes_out_again(number):
    """A run on another processor, or with other draws, is as good as one more replicate of its cell.

    Rounding grows while a network trains, so not even the same draws give the same loss. The logarithm of a further
    replicate's loss is this far from the mean of its cell once in ten thousand, so among twenty rows one alarm in 500
    checks is wrong.
    """
    row = ROWS.loc[number]
    in_cell = (ROWS[KEYS] == row[KEYS]).all(axis=1)
    losses = ROWS.loc[in_cell, "own_loss"].clip(lower=LOWEST)
    if len(losses) < 4:
        pytest.skip("too few runs of this cell to know their spread")
    setting = ROWS.loc[[number], [*KEYS, "replicate"]].astype(object).to_dict("records")[0]
    odd = DRAWN.index(number) % 2
    again = by_hand(setting) if odd else repeat.run(setting, DATA)["own_loss"]
    cell = np.log(losses)
    far = abs(np.log(max(again, LOWEST)) - cell.mean())
    limit = stats.t.ppf(1 - 5e-5, len(cell) - 1) * cell.std() * np.sqrt(1 + 1 / len(cell))
    compared = f"own_loss {row['own_loss']:.4f}, again {again:.4f}"
    print(*setting.values(), f"{compared}, {far:.2f} of {limit:.2f} from its cell")
    # The 0.1 is for cells in which all losses are below the lowest.
    assert far <= limit + 0.1
