"""Intervals, verdicts and losses against SciPy, Keras and arithmetic by hand."""

import keras
import numpy as np
import pytest
from scipy import special, stats

from helpers.stats import (
    Interval,
    apply_temperature,
    fit_temperature,
    log_loss,
    paired_interval,
    paired_verdict,
    verdict,
)
from refusals import refusal


@pytest.mark.filterwarnings("error")  # a warning would be red in a notebook
def test_equal_differences_have_an_interval_of_no_width():
    assert paired_interval([0, 0, 0]) == (0, 0, 0)
    assert paired_interval([0.25, 0.25]) == (0.25, 0.25, 0.25)


def test_paired_interval_is_that_of_the_t_test_and_needs_two_replicates_and_all_of_them():
    d = np.random.default_rng(0).normal(0.3, 1, 13)
    low, high = stats.ttest_1samp(d, 0).confidence_interval(0.95)
    np.testing.assert_allclose(paired_interval(d), (d.mean(), low, high))
    odd = {
        "1 number(s)": [0.1],
        "0 number(s)": [],
        "2 number(s)": [0.1, np.nan, 0.3],
        "(2, 2)": [[0.1, 0.2]] * 2,
    }
    for found, values in odd.items():
        assert found in refusal(paired_interval, values)


VERDICTS = [  # with the margin 0.02; the word is that for a loss
    (-0.010, 0.015, "equivalent"),
    (0.005, 0.015, "equivalent"),  # small matters more than sure
    (0.005, 0.030, "worse"),
    (0.030, 0.050, "worse"),
    (-0.010, 0.030, "undecided"),
    (-0.050, 0.050, "undecided"),
    (-0.010, 0.020, "undecided"),  # touches the margin, as the next
    (0.005, 0.020, "worse"),
    (0.000, 0.030, "undecided"),  # touches zero
]


def test_verdict():
    opposite = {"better": "worse", "worse": "better"}
    for low, high, word in VERDICTS:
        middle = (low + high) / 2
        first = Interval(middle, low, high)
        second = Interval(-middle, -high, -low)  # the second method against the first
        for interval, lower in ((first, True), (second, False)):
            assert verdict(interval, 0.02, lower_is_better=lower) == word
            assert verdict(interval, 0.02, lower_is_better=not lower) == opposite.get(word, word)
    none = Interval(np.nan, np.nan, np.nan)
    assert "found Interval(mean=nan" in refusal(verdict, none, 0.02, True)


def test_a_metric_is_judged_by_its_margin_and_direction():
    d = np.array([0.0149, 0.015, 0.0151])  # beyond the margin of accuracy alone
    assert paired_verdict(d, "val_accuracy") == (paired_interval(d), 0.01, "better")
    assert paired_verdict(d, "val_loss_scaled")[1:] == (0.02, "equivalent")
    assert paired_verdict(d + 0.02, "val_loss")[1:] == (0.02, "worse")
    assert paired_verdict(d + 0.02, "changed_mirror")[1:] == (0.03, "worse")  # more answers change
    assert paired_verdict(d, "lost_accuracy")[1:] == (0.01, "worse")
    assert paired_verdict(d, "shown_accuracy")[1] == 0.01
    assert paired_verdict(d, "own_accuracy")[1:] == (0.03, "equivalent")
    assert paired_verdict(d, "own_loss")[1] == 0.02
    for unknown in ("val_average_precision", "seconds"):
        said = refusal(paired_verdict, d, unknown)
        assert said.startswith(f"no margin is fixed for {unknown!r}; expected the name of a loss")


def test_differences_in_points_are_refused_where_the_margin_is_a_share():
    points = np.array([0.4, 1.8, -2.5])
    for metric in ("val_accuracy", "changed_mirror", "lost_accuracy"):
        said = refusal(paired_verdict, points, metric)
        assert said.startswith(f"differences of {metric!r} reach 2.5; expected shares"), said
    assert paired_verdict([-1, 1, -1], "accuracy").verdict == "undecided"  # as far as shares go
    assert paired_verdict(points, "val_loss").verdict == "undecided"  # nats have no end


def calibrated(n, spread=1.5):
    """Logits, and labels drawn from the very probabilities that the logits state."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, spread, n)
    return logits, (rng.random(n) < special.expit(logits)).astype(int)


def test_log_loss_is_keras_binary_crossentropy_and_refuses_a_column_of_probabilities():
    logits, labels = calibrated(1_000)
    p = special.expit(logits)
    p[:4], labels[:4] = (0, 0, 1, 1), (0, 1, 0, 1)  # certain, and wrong in two of the four
    expected = keras.losses.binary_crossentropy(labels.astype(float), p)
    assert log_loss(p, labels) == pytest.approx(float(expected), rel=1e-9)
    assert log_loss(p.astype("float32"), labels) == pytest.approx(float(expected), rel=1e-6)
    assert "expected (n,) for both" in refusal(log_loss, p[:, None], labels)
    said = refusal(log_loss, [3.0, 0.5, -2.0, 0.5], [1, 1, 0, 0])
    assert said.startswith("probabilities reach from -2 to 3")
    said = refusal(log_loss, [0.9, 0.1, 0.1, 0.9], [2, 1, 1, 2])
    assert said.startswith("labels are [1, 2]; expected 0 and 1")
    assert np.isnan(log_loss([0.5, np.nan], [True, False]))  # of a run that diverged


def test_scaling_divides_logits_and_the_temperature_of_inflated_logits_is_their_factor():
    logits = np.array([-3, -1, 0, 2.5])
    scaled = apply_temperature(special.expit(logits), 2.5)
    np.testing.assert_allclose(scaled, special.expit(logits / 2.5))
    assert np.isfinite(apply_temperature(np.array([0, 1]), 0.05)).all()
    for temperature in (0, -1, np.nan, np.inf):
        said = refusal(apply_temperature, [0.2, 0.7], temperature)
        assert said == f"temperature is {temperature}; expected a finite number above 0."
    logits, labels = calibrated(50_000)
    for factor in (0.1, 0.5, 3):
        temperature = fit_temperature(special.expit(factor * logits), labels)
        assert temperature == pytest.approx(factor, rel=0.05)
    said = refusal(fit_temperature, [0.2, np.nan, 0.7], [0, 1, 1])
    assert said.startswith("probabilities hold NaN; expected 0 to 1")
