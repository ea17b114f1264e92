"""Intervals, verdicts and losses against SciPy, Keras, arithmetic by hand and simulation."""

import keras
import numpy as np
import pytest
from scipy import special
from scipy import stats as scipy_stats

from helpers.stats import (
    Interval,
    average_precision,
    balanced_accuracy,
    fit_temperature,
    judge,
    log_loss,
    paired_interval,
    prediction_interval,
    scale,
    scaled_loss,
    stopped_loss,
    verdict,
)
from refusals import refusal


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.999])
def test_paired_interval_is_that_of_the_t_test(confidence):
    d = np.random.default_rng(0).normal(0.3, 1, 13)
    expected = scipy_stats.ttest_1samp(d, 0).confidence_interval(confidence)
    np.testing.assert_allclose(paired_interval(d, confidence), (d.mean(), *expected))


@pytest.mark.parametrize(("size", "confidence", "tolerance"), [(1, 0.999, 0.0015), (3, 0.95, 0.0103)])
def test_a_prediction_interval_holds_the_mean_of_further_replicates_as_often_as_it_says(size, confidence, tolerance):
    rng = np.random.default_rng(0)
    samples, further = rng.normal(1.5, 2, (4_000, 8)), rng.normal(1.5, 2, (4_000, size)).mean(axis=1)
    intervals = np.array([prediction_interval(sample, confidence, size) for sample in samples])
    holds = (intervals[:, 1] <= further) & (further <= intervals[:, 2])
    assert holds.mean() == pytest.approx(confidence, abs=tolerance)  # three standard errors of a share among 4,000
    np.testing.assert_allclose(intervals[:, 0], samples.mean(axis=1))


def test_an_interval_needs_two_replicates_and_all_of_them():
    assert paired_interval([0.25, 0.25]) == prediction_interval([0.25, 0.25]) == (0.25, 0.25, 0.25)
    odd = {"1 number(s)": [0.1], "0 number(s)": [], "2 number(s)": [0.1, np.nan, 0.3], "(2, 2)": [[0.1, 0.2]] * 2}
    for found, values in odd.items():
        for interval in (paired_interval, prediction_interval):
            said = refusal(interval, values)
            assert found in said and "two or more replicates" in said


VERDICTS = [  # with the margin 0.02; the word is that for a loss
    (-0.010, 0.015, "equivalent"), (0.005, 0.015, "equivalent"),  # small matters more than sure
    (0.005, 0.030, "worse"), (0.030, 0.050, "worse"), (-0.010, 0.030, "undecided"), (-0.050, 0.050, "undecided"),
    (-0.010, 0.020, "undecided"), (0.005, 0.020, "worse"),  # touch the margin
    (0.000, 0.030, "undecided"),  # touches zero
]  # fmt: skip


def test_verdict():
    opposite = {"better": "worse", "worse": "better"}
    for low, high, word in VERDICTS:
        middle = (low + high) / 2
        # The second arm against the first is the mirrored interval.
        for interval, lower in ((Interval(middle, low, high), True), (Interval(-middle, -high, -low), False)):
            assert verdict(interval, 0.02, lower_is_better=lower) == word
            assert verdict(interval, 0.02, lower_is_better=not lower) == opposite.get(word, word)


@pytest.mark.parametrize(
    ("metric", "margin", "word"),
    [("val_loss", 0.02, "worse"), ("val_loss_scaled", 0.02, "worse"), ("val_accuracy", 0.01, "better")],
)
def test_a_metric_is_judged_by_its_margin_and_direction(metric, margin, word):
    between = judge(np.array([0.0149, 0.015, 0.0151]), metric)[2]  # beyond the margin of accuracy alone
    assert between == ("better" if metric == "val_accuracy" else "equivalent")
    d = np.array([0.039, 0.04, 0.041])
    assert judge(d, metric) == (paired_interval(d), margin, word)


def calibrated(n, spread=1.5):
    """Logits, and labels drawn from the very probabilities that the logits state."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, spread, n)
    return logits, (rng.random(n) < special.expit(logits)).astype(int)


def test_log_loss_is_keras_binary_crossentropy():
    logits, labels = calibrated(1_000)
    p = special.expit(logits)
    p[:4], labels[:4] = (0, 0, 1, 1), (0, 1, 0, 1)  # certain, and wrong in two of the four
    expected = keras.losses.binary_crossentropy(labels.astype(float), p)
    assert log_loss(p, labels) == pytest.approx(float(expected), rel=1e-9)


def test_lists_are_taken_as_arrays_are_and_a_column_of_probabilities_is_refused():
    p, labels = [0.9, 0.2, 0.7, 0.4, 0.6, 0.1], [1, 0, 1, 1, 0, 0]
    np.testing.assert_array_equal(scale(p, 2), scale(np.array(p), 2))
    for loss in (log_loss, fit_temperature, scaled_loss):
        assert loss(p, labels) == loss(np.array(p), np.array(labels))
        assert "expected (n,) for both" in refusal(loss, np.full((4, 1), 0.5), np.array([0, 1, 0, 1]))


def test_scaling_divides_logits_and_the_temperature_of_inflated_logits_is_their_factor():
    logits = np.array([-3, -1, 0, 2.5])
    np.testing.assert_allclose(scale(special.expit(logits), 2.5), special.expit(logits / 2.5))
    assert np.isfinite(scale(np.array([0, 1]), 0.05)).all()
    logits, labels = calibrated(50_000)
    for factor in (0.1, 0.5, 3):
        assert fit_temperature(special.expit(factor * logits), labels) == pytest.approx(factor, rel=0.05)


def test_scaled_loss_does_not_depend_on_confidence_and_is_measured_on_the_half_that_did_not_fit():
    logits, labels = calibrated(2_000)
    losses = [scaled_loss(special.expit(factor * logits), labels) for factor in (0.5, 1, 2)]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-4)
    # Even images are certain and right, odd ones certain and wrong: each half misleads the other.
    p, labels = np.full(200, 0.99), np.tile([1, 0], 100)
    assert scaled_loss(p, labels) > log_loss(p, labels)


def test_the_halves_may_be_exchanged():
    # Two halves of unlike confidence: fitting on one and measuring on the other alone would give two results.
    logits, labels = calibrated(2_000)
    logits[::2] *= 3
    logits[1::2] /= 3
    p = special.expit(logits)
    halves = [
        log_loss(scale(p[b::2], fit_temperature(p[a::2], labels[a::2])), labels[b::2])
        for a, b in ((0, 1), (1, 0))
    ]
    assert abs(halves[0] - halves[1]) > 0.1  # the test would notice
    assert scaled_loss(p, labels) == pytest.approx(np.mean(halves))
    even, odd = [0.7, 0.4, 0.5, 0.9], [0.8, 0.6, 0.3, 0.1]
    # Even stops at the second evaluation, where odd has 0.6; odd at the last, where even has 0.9.
    assert stopped_loss(even, odd) == stopped_loss(odd, even) == pytest.approx((0.6 + 0.9) / 2)


def test_measures_of_a_rare_class_by_hand():
    p, labels = np.array([0.9, 0.8, 0.8, 0.5, 0.1]), np.array([1, 0, 1, 1, 0])
    # Recall rises by thirds, at a precision of 1 of 1, 2 of 3 (two of equal p come in together) and 3 of 4.
    assert average_precision(p, labels) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert balanced_accuracy(p, labels) == pytest.approx((1 / 2 + 2 / 3) / 2)
