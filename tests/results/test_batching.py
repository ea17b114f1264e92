"""Batches that cluster: what the runs of clustered-batches.csv are shown, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from experiments import batching, tasks
from helpers import arms, compare
from helpers.augment import named_policy
from helpers.data import load_garments, subset
from helpers.diversity import sibling_pairs

LIVE = arms.schedule("live", 64, 40, 3)


def shown(plan):
    return sorted(zip(plan.source.ravel(), plan.version.ravel(), strict=True))


def test_side_by_side_reads_garment_by_garment():
    plan = batching.side_by_side(64, 16, 1, 40, 0)
    assert plan.source[0].tolist() == [0] * 16 + [1] * 16
    assert plan.version[0].tolist() == [*range(1, 17)] * 2
    assert plan.source[32, 0] == 0  # the pool of 1,024 pictures starts anew


@pytest.mark.parametrize("buffer", [8, 1024])
def test_a_buffer_shows_the_pictures_of_a_shuffled_pool(buffer):
    plan = batching.side_by_side(64, 16, buffer, 32, 0)  # one pass
    assert shown(plan) == shown(arms.schedule("pool-16", 64, 32))
    siblings = sibling_pairs(plan.source).mean()
    assert siblings > 120 if buffer == 8 else siblings < 15
    assert not np.array_equal(plan.source, batching.side_by_side(64, 16, buffer, 32, 1).source)


@pytest.mark.parametrize(("draws", "siblings"), [(1, 0), (2, 16), (4, 48), (8, 112)])
def test_several_draws_of_an_image_stand_together(draws, siblings):
    plan = batching.grouped(LIVE, 64, draws)
    assert (sibling_pairs(plan.source) == siblings).all()
    assert len(set(shown(plan))) == plan.source.size  # each picture once
    if draws < 8:  # 40 updates are 20 epochs, no multiple of 8
        assert shown(plan) == shown(LIVE)


def test_one_draw_moves_a_batch_together_and_the_next_one_otherwise():
    part, mild = subset(load_garments(), 64, 3), named_policy("mild")
    batches = batching.make("one-draw", "live", part, mild, 40, 3)
    assert np.array_equal(batches.rows, LIVE.source)
    assert (batches.parameters == batches.parameters[:, :1]).all()
    assert len(np.unique(batches.parameters[:, 0], axis=0)) == 40
    other = batching.make("one-draw", "live", part, mild, 40, 4)
    assert (other.parameters[:, 0] != batches.parameters[:, 0]).any(axis=1).all()  # each replicate has its own


@pytest.mark.parametrize("arm", ["live", "pool-16"])
def test_nothing_done_to_the_batches_is_the_ordinary_run(arm):
    setting = {"dataset": "garments", "n": 64, "arm": arm, "policy": "mild", "model": "small", "updates": 20}
    found = batching.run(setting | {"rate": "constant", "replicate": 1})["records"]
    expected = compare.compare(
        load_garments(), [arm], named_policy("mild"), n=64, updates=20, replicates=[1],
        evaluate_at=tasks.table_updates(20), show_progress=False,
    )  # fmt: skip
    found = pd.DataFrame(found)
    pd.testing.assert_frame_equal(found, expected[found.columns], atol=1e-6)
