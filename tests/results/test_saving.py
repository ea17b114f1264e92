"""A pool that was saved: what save_to_dir makes of its pictures, and that nothing else of the run changes."""

import numpy as np
import pandas as pd
import pytest

from experiments import saving, tasks
from helpers import compare
from helpers.augment import named_policy
from helpers.data import load_garments, load_solar_cells

CELLS = load_solar_cells().x_train[:40]
SETTING = {
    "dataset": "garments", "n": 64, "arm": "pool-2", "policy": "in-memory", "model": "small", "updates": 20,
    "rate": "constant", "replicate": 1,
}  # fmt: skip
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_save_to_dir_stretches_each_picture_by_itself_and_keeps_the_order():
    low, high = (edge(axis=(1, 2, 3), keepdims=True) for edge in (CELLS.min, CELLS.max))
    assert low.min() > 0.01 and high.min() < 0.9
    np.testing.assert_allclose(saving.by_save_to_dir(CELLS), (CELLS - low) / (high - low), atol=1.01 / 255)


def test_a_pool_in_memory_is_the_ordinary_run_and_a_saved_one_is_not():
    found = pd.DataFrame(saving.run(SETTING)["records"])
    expected = compare.compare(
        load_garments(), ["pool-2"], named_policy("mild"), n=64, updates=20, replicates=[1],
        evaluate_at=tasks.table_updates(20), show_progress=False,
    )  # fmt: skip
    pd.testing.assert_frame_equal(found, expected[found.columns], atol=1e-6)
    cells = {**SETTING, "dataset": "solar-cells"}
    kept, saved = (saving.run({**cells, "policy": way})["summary"]["train_loss"] for way in saving.WAYS)
    assert saved != pytest.approx(kept, abs=1e-3)
