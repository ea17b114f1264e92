"""Siblings and distinct pictures, against counts by hand and simulation."""

import numpy as np
import pytest

from helpers.arms import schedule
from helpers.diversity import sibling_pairs

# Siblings


def test_sibling_pairs_by_hand():
    batches = [[5, 6, 7, 8], [5, 5, 7, 8], [5, 5, 5, 8], [5, 5, 8, 8], [5, 5, 5, 5]]
    assert sibling_pairs(batches).tolist() == [0, 1, 3, 2, 6]


@pytest.mark.parametrize("arm", ["none", "copies-1", "copies-16", "originals+3", "live"])
def test_no_siblings_where_an_epoch_shows_each_source_once(arm):
    assert not sibling_pairs(schedule(arm, 128, 40).source).any()


@pytest.mark.parametrize("k", [2, 4, 16])
def test_a_shuffled_pool_has_the_expected_siblings(k):
    # C(32, 2) pairs a batch, each of them siblings with probability (K - 1) / (K n - 1).
    counts = [sibling_pairs(schedule(f"pool-{k}", 64, 2 * k, r).source).mean() for r in range(400)]
    error = np.std(counts, ddof=1) / 20
    assert np.mean(counts) == pytest.approx(496 * (k - 1) / (64 * k - 1), abs=4 * error)
    assert error < 0.15
