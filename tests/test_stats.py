"""Intervals and verdicts against SciPy and arithmetic by hand."""

import numpy as np
import pytest
from scipy import stats

from helpers.stats import Interval, paired_interval, verdict


@pytest.mark.filterwarnings("error")  # a warning would be red in a notebook
def test_equal_differences_have_an_interval_of_no_width():
    assert paired_interval([0.25, 0.25]) == (0.25, 0.25, 0.25)


def test_paired_interval_is_that_of_the_t_test_and_needs_two_numbers():
    d = np.random.default_rng(0).normal(0.3, 1, 13)
    low, high = stats.ttest_1samp(d, 0).confidence_interval(0.95)
    np.testing.assert_allclose(paired_interval(d), (d.mean(), low, high))
    for few in ([1.0], [1.0, np.nan], [[1.0, 2.0]]):
        with pytest.raises(ValueError):
            paired_interval(few)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-0.5, 0.5, "equivalent"),
        (0.1, 0.9, "equivalent"),
        (0.1, 1.5, "better"),
        (-1.5, -0.1, "worse"),
        (-0.5, 1.5, "undecided"),
    ],
)
def test_verdicts(low, high, word):
    interval = Interval((low + high) / 2, low, high)
    assert verdict(interval, 1, lower_is_better=False) == word
    turned = {"better": "worse", "worse": "better"}.get(word, word)
    assert verdict(interval, 1, lower_is_better=True) == turned
