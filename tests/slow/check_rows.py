"""Twenty random rows of questions 5 to 7, run again: every other one by ``repeat.run``, the rest by hand, with
`model.fit` on arrays or a generator, own shuffling and own draws; there only images, initial weights and policy are the
row's. ``DATA`` is the folder of the photographs: `DATA=FOLDER make check-rows`."""

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
    rows = datasets.training_set(
        data, setting["n"], setting["replicate"], datasets.RESERVED[setting["dataset"]]
    )
    images, y, rng = data.pixels[rows], data.labels[rows], np.random.default_rng(SEED)
    policy, own = augmenters.policy_of(setting["policy"]), augmenters.plain(images)
    method = parse_method(setting["method"])
    source = images if isinstance(policy, augmenters.Crop) else own
    model = networks.builder(
        setting["network"],
        1 + int(data.labels.max()),
        setting["rate"],
        setting["weight_decay"],
        setting["updates"],
    )(own.shape[1:], seed=setting["replicate"])

    def changed():
        return np.asarray(
            policy.apply(source, policy.draw(len(source), (SEED, int(rng.integers(2**31)))))
        )

    store = [own] if method.kind in ("none", "originals+pool") else []
    store += [changed() for _ in range(method.copies or 0)]
    size = setting["batch"]

    def batches():
        while True:
            x, labels = (
                (changed(), y)
                if method.kind == "live"
                else (np.concatenate(store), np.tile(y, len(store)))
            )
            if method.p < 1:
                x = np.where(rng.random((len(x), 1, 1, 1)) < float(method.p), x, own)
            order = rng.permutation(len(x))
            for start in range(0, len(x), size):
                yield x[order[start : start + size]], labels[order[start : start + size]]

    model.fit(batches(), steps_per_epoch=setting["updates"], epochs=1, verbose=0)
    return repeat.scores("own", np.squeeze(model.predict(own, verbose=0)), y)["own_loss"]


@pytest.mark.parametrize("number", DRAWN)
def test_a_stored_row_comes_out_again(number):
    """A run on another processor, or with other draws, is as good as one more replicate of its cell.

    Rounding grows while a network trains, so not even the same draws give the same loss. The logarithm of a further
    replicate's loss is this far from the mean of its cell once in ten thousand, so among twenty rows one alarm in 500
    checks is wrong.
    """
    row = ROWS.loc[number]
    cell = np.log(ROWS.loc[(ROWS[KEYS] == row[KEYS]).all(axis=1), "own_loss"].clip(lower=LOWEST))
    if len(cell) < 4:
        pytest.skip("too few runs of this cell to know their spread")
    setting = ROWS.loc[[number], [*KEYS, "replicate"]].astype(object).to_dict("records")[0]
    again = by_hand(setting) if DRAWN.index(number) % 2 else repeat.run(setting, DATA)["own_loss"]
    far = abs(np.log(max(again, LOWEST)) - cell.mean())
    limit = stats.t.ppf(1 - 5e-5, len(cell) - 1) * cell.std() * np.sqrt(1 + 1 / len(cell))
    print(
        *setting.values(),
        f"own_loss {row['own_loss']:.4f}, again {again:.4f}, {far:.2f} of {limit:.2f} from its cell",
    )
    assert far <= limit + 0.1  # where all are below the lowest
