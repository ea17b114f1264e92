"""Twenty seeds a method, trained by the page's scripts in Node, against the course's stored runs.

The same 128 garments, 1,000 updates, and both of the page's questions: accuracy on the originals in the end, and on all
2,000 validation images as the mean of five evaluations in the last tenth. Weights, orders and draws are others, so the
means differ by chance.
"""

import os
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from helpers import stats
from helpers.data import load_garments, subset
from helpers.tables import FOLDER, read_results
from node import run_in_node

ARMS = ("none", "copies-1", "live")
TRAIN = """
const run = training.start({
  arm: given.arm, seed: given.seed, strength: 1, images: floats(given.images), labels: floats(given.labels),
  fresh: floats(given.fresh), freshLabels: floats(given.freshLabels),
});
const { own, fresh } = run.train(1000, () => {});
return { own: own.accuracy, fresh: fresh.accuracy };
"""


def train(replicate, arm):
    data = subset(load_garments(), 128, replicate)
    return run_in_node(
        TRAIN, arm=arm, seed=replicate + 1, images=data.x_train, labels=data.y_train,
        fresh=data.x_val, freshLabels=data.y_val,
    )  # fmt: skip


@pytest.fixture(scope="module")
def page():
    keys = [(replicate, arm) for replicate in range(20) for arm in ARMS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda key: train(*key), keys)
    return pd.DataFrame(found, index=pd.MultiIndex.from_tuples(keys, names=["replicate", "arm"])).unstack("arm")


@pytest.mark.parametrize(("part", "column"), [("own", "train_accuracy"), ("fresh", "val_accuracy")])
def test_the_page_trains_as_the_stored_runs_did(page, part, column):
    """Each method's mean, and each difference of two, is not beyond the margin from the stored ones."""
    late = read_results(FOLDER / "study.csv").query(
        "dataset == 'garments' and n == 128 and rate == 'constant' and arm in @ARMS and 900 < update <= 1000"
    )
    if part == "own":
        late = late[late["update"] == 1000]
    off = page[part] - late.groupby(["replicate", "arm"])[column].mean().unstack("arm")
    compared = dict(off.items()) | {f"live minus {arm}": off["live"] - off[arm] for arm in ARMS[:2]}
    verdicts = {name: stats.judge(d.to_numpy(), "val_accuracy") for name, d in compared.items()}
    print(page[part].mean().round(4), *(f"{name}: {verdict}" for name, verdict in verdicts.items()), sep="\n")
    assert not {name: word for name, (_, _, word) in verdicts.items() if word in ("better", "worse")}
    if part == "own":  # what the page asks first
        assert (page["own"].drop(columns="copies-1").min(axis=1) - page["own"]["copies-1"] > 0.02 - 1e-9).sum() >= 19
