"""Intervals, verdicts, and readings of a loss that do not depend on training for too long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

_TINY = 1e-7  # keras.config.epsilon(): where Keras's cross-entropy clips probabilities, too


class Interval(NamedTuple):
    """A mean with the ends of its interval."""

    mean: float
    low: float
    high: float


class Measure(NamedTuple):
    """What a difference of a measure means: the largest one that does not matter, > 0, and which sign is better."""

    margin: float
    lower_is_better: bool


MEASURES = {  # by a part of the name of a column; the first that fits counts
    "loss": Measure(0.02, lower_is_better=True),  # nats
    "changed_": Measure(0.03, lower_is_better=True),  # share of answers that a change of the image changes
    "lost_accuracy": Measure(0.01, lower_is_better=True),  # by mirroring the images
    "own_accuracy": Measure(0.03, lower_is_better=False),  # on the originals of the training images
    "accuracy": Measure(0.01, lower_is_better=False),
}


def measure_of(metric: str) -> Measure:
    """Margin and direction of a metric by the name of its column, such as val_loss, new_accuracy, changed_mirror.

    Raises:
        ValueError: no measure fits the name.
    """
    for part, measure in MEASURES.items():
        if part in metric:
            return measure
    raise ValueError(
        f"no margin is fixed for {metric!r}; expected the name of a loss, of an accuracy or of answers that change "
        "(changed_…): use paired_interval and verdict with a margin of your own."
    )


def paired_interval(differences: ArrayLike) -> Interval:
    """Student's 95 % t interval of the mean of paired differences: mean ± t · s / √R, s with ddof 1.

    Args:
        differences: (R,), one difference a replicate, R >= 2, none of them missing.
    """
    d = np.asarray(differences, float)
    if d.ndim != 1 or len(d) < 2 or not np.isfinite(d).all():
        raise ValueError(
            f"found {int(np.isfinite(d).sum())} number(s) in shape {d.shape}; "
            "expected one for each of two or more replicates."
        )
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return Interval(d.mean(), d.mean() - half, d.mean() + half)


def verdict(interval: Interval, margin: float, lower_is_better: bool) -> str:
    """What an interval of a difference says, with a margin fixed beforehand.

    Args:
        interval: of (first method - second method).
        margin: the largest difference that does not matter, > 0.
        lower_is_better: True for a loss, False for an accuracy.

    Returns:
        "equivalent" where the interval lies inside ±margin; else "better" or "worse" (of the first method) where it
        excludes zero; else "undecided".
    """
    if -margin < interval.low and interval.high < margin:
        return "equivalent"
    if interval.low <= 0 <= interval.high:
        return "undecided"
    return "better" if (interval.mean < 0) == lower_is_better else "worse"


def paired_verdict(differences: ArrayLike, metric: str) -> tuple[Interval, float, str]:
    """Interval, margin and verdict of paired differences (R,) of a metric, see ``measure_of``."""
    interval, (margin, lower_is_better) = paired_interval(differences), measure_of(metric)
    return interval, margin, verdict(interval, margin, lower_is_better)


def log_loss(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean binary cross-entropy in nats, clipped as Keras does.

    Args:
        probabilities: (n,) of class 1, in [0, 1].
        labels: (n,), 0 or 1.
    """
    if np.shape(probabilities) != np.shape(labels):  # (n, 1) against (n,) would give a wrong number
        raise ValueError(
            f"probabilities have shape {np.shape(probabilities)}, labels {np.shape(labels)}; "
            "expected (n,) for both, such as model.predict(x)[:, 0]."
        )
    p, y = _clipped(probabilities), np.asarray(labels)
    if not ((y == 0) | (y == 1)).all():
        raise ValueError(f"labels are {np.unique(y)[:9].tolist()}; expected 0 and 1.")
    return float(-np.mean(np.where(y == 1, np.log(p), np.log1p(-p))))


def _clipped(probabilities: ArrayLike) -> np.ndarray:
    p = np.asarray(probabilities, np.float64)
    if ((p < 0) | (p > 1)).any():  # NaN, of a run that diverged, stays
        raise ValueError(f"probabilities reach from {np.nanmin(p):.3g} to {np.nanmax(p):.3g}; expected 0 to 1.")
    return np.clip(p, _TINY, 1 - _TINY)


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """The T > 0 that minimises the loss of sigmoid(logit / T) (Guo et al., 2017).

    T > 1 says that the classifier was over-confident. Sought between 0.05 and 100. Arguments as for ``log_loss``.
    """
    result = optimize.minimize_scalar(
        lambda log_t: log_loss(apply_temperature(probabilities, np.exp(log_t)), labels),
        bounds=(np.log(0.05), np.log(100)),
    )
    return float(np.exp(result.x))


def apply_temperature(probabilities: ArrayLike, temperature: float) -> np.ndarray:
    """Probabilities (n,) of the logits divided by a temperature > 0."""
    p = _clipped(probabilities)
    return 1 / (1 + np.exp(-(np.log(p) - np.log1p(-p)) / temperature))


def scaled_loss(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Loss after temperature scaling, fitted on one half and measured on the other, both ways.

    The halves are the images of even and of odd number. Arguments as for ``log_loss``; the result is in nats.
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    losses = []
    for fit, report in ((0, 1), (1, 0)):
        temperature = fit_temperature(probabilities[fit::2], labels[fit::2])
        losses.append(log_loss(apply_temperature(probabilities[report::2], temperature), labels[report::2]))
    return float(np.mean(losses))


def stopped_loss(even: ArrayLike, odd: ArrayLike) -> float:
    """Loss of one half of the validation images where the other half's is lowest, the mean of both ways round.

    Unlike the smallest loss of a curve it is not optimistic. even, odd: (evaluations,), the losses of the halves.
    """
    even, odd = np.asarray(even), np.asarray(odd)
    return float((odd[np.argmin(even)] + even[np.argmin(odd)]) / 2)
