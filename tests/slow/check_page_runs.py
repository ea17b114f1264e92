"""Twenty seeds a method, trained by the page's scripts in Node, against the course's stored runs.

The same 128 garments, and the accuracy on all 2,000 validation images as the mean of five evaluations in the last
tenth of 1,000 updates, as the study has it. Weights, orders and draws are others, so the means differ by chance.
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
N, UPDATES, LATE = 128, 1000, (920, 940, 960, 980, 1000)
TRAIN = """
const run = training.start({
  arm: given.arm, seed: given.seed, strength: 1, images: floats(given.images), labels: floats(given.labels),
  fresh: floats(given.fresh), freshLabels: floats(given.freshLabels),
});
let sum = 0;
for (let update = 1; update <= given.late.at(-1); update++) {
  run.update();
  if (given.late.includes(update)) sum += run.freshScore().accuracy / given.late.length;
}
return sum;
"""


@pytest.fixture(scope="module")
def accuracies():
    """One row a replicate and arm: the page's accuracy and the stored one."""
    curves = read_results(FOLDER / "study.csv")
    curves = curves.query("dataset == 'garments' and n == @N and rate == 'constant' and update in @LATE")
    stored = curves.groupby(["replicate", "arm"])["val_accuracy"].mean()
    keys = [(replicate, arm) for replicate in range(20) for arm in ARMS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        trained = list(pool.map(lambda key: train(*key), keys))
    table = pd.DataFrame(keys, columns=["replicate", "arm"])
    return table.assign(page=trained, stored=[stored[key] for key in keys])


def train(replicate, arm):
    data = subset(load_garments(), N, replicate)
    return run_in_node(
        TRAIN, arm=arm, seed=replicate + 1, late=LATE, images=data.x_train, labels=data.y_train,
        fresh=data.x_val, freshLabels=data.y_val,
    )  # fmt: skip


def test_the_page_trains_as_the_stored_runs_did(accuracies):
    """Each method's mean, and each difference of two, is not beyond the margin from the stored ones."""
    wide = accuracies.pivot(index="replicate", columns="arm")
    page, stored = wide["page"], wide["stored"]
    print(accuracies.groupby("arm")[["page", "stored"]].mean().round(4))
    compared = {arm: page[arm] - stored[arm] for arm in ARMS}
    for first, second in (("live", "none"), ("live", "copies-1"), ("none", "copies-1")):
        compared[f"{first} minus {second}"] = compared[first] - compared[second]
    verdicts = {}
    for name, differences in compared.items():
        interval, _, verdicts[name] = stats.judge(differences.to_numpy(), "val_accuracy")
        print(
            f"{name}: page minus stored {interval.mean:+.4f} [{interval.low:+.4f}, {interval.high:+.4f}], "
            f"{verdicts[name]}"
        )
    assert not {name: word for name, word in verdicts.items() if word in ("better", "worse")}
