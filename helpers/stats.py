"""Intervals and verdicts of paired differences, and a loss before and after temperature scaling."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special, stats

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
    # Share of answers that a change of the image changes.
    "changed_": Measure(0.03, lower_is_better=True),
    "lost_accuracy": Measure(0.01, lower_is_better=True),  # by mirroring the images
    "own_accuracy": Measure(0.03, lower_is_better=False),  # on the originals of the training images
    "accuracy": Measure(0.01, lower_is_better=False),  # a share
}


def measure_of(metric: str) -> Measure:
    """Margin and direction of a metric by its column's name, such as val_loss or changed_mirror; else a ValueError."""
    for part, measure in MEASURES.items():
        if f"_{part}" in f"_{metric}":  # shown_accuracy is no own_accuracy
            return measure
    raise ValueError(
        f"no margin is fixed for {metric!r}; expected the name of a loss, of an accuracy or of answers that change "
        "(changed_…): use paired_interval and verdict with a margin of your own."
    )


def paired_interval(differences: ArrayLike) -> Interval:
    """Student's 95 % t interval of the mean of paired differences (R,), R >= 2: mean ± t · s / √R, s with ddof 1."""
    d = np.asarray(differences, float)
    if d.ndim != 1 or len(d) < 2 or not np.isfinite(d).all():
        raise ValueError(
            f"found {int(np.isfinite(d).sum())} number(s) in shape {d.shape}; "
            "expected one for each of two or more replicates."
        )
    # As lesson 04 types it. SciPy's ttest_1samp gives the same, and a warning in red where all differences are equal.
    half = stats.t.ppf(0.975, len(d) - 1) * stats.sem(d)
    return Interval(d.mean(), d.mean() - half, d.mean() + half)


def verdict(interval: Interval, margin: float, lower_is_better: bool) -> str:
    """What an interval of a difference, first method minus second, says with a margin > 0 that was fixed beforehand.

    "equivalent" where it lies inside ±margin; else "better" or "worse" (of the first method) where it excludes zero;
    else "undecided". Ends that are no numbers raise a ValueError.
    """
    if not (interval.low <= interval.high and margin > 0):
        raise ValueError(
            f"found {interval} and margin {margin}; expected numbers, and a margin above 0."
        )
    if -margin < interval.low and interval.high < margin:
        return "equivalent"
    if interval.low <= 0 <= interval.high:
        return "undecided"
    return "better" if (interval.mean < 0) == lower_is_better else "worse"


class Verdict(NamedTuple):
    """What is said of a difference, first method minus second."""

    interval: Interval
    margin: float
    verdict: str


def paired_verdict(differences: ArrayLike, metric: str) -> Verdict:
    """Interval, margin and verdict of paired differences (R,) of a metric, see ``measure_of``.

    Losses are in nats, and all other measures are shares from 0 to 1. A difference beyond 1 is refused, because in per
    cent it would be judged by a hundredth of its margin.
    """
    interval = paired_interval(differences)
    measure = measure_of(metric)
    largest = np.abs(differences).max()
    if largest > 1 and measure is not MEASURES["loss"]:
        raise ValueError(
            f"differences of {metric!r} reach {largest:.3g}; expected shares from 0 to 1: divide per cent by 100."
        )
    return Verdict(interval, measure.margin, verdict(interval, *measure))


def log_loss(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Mean binary cross-entropy in nats, of probabilities (n,) of class 1, clipped as in Keras, and labels 0 or 1.

    NaN where a probability is NaN, as after a run that diverged.
    """
    # (n, 1) against (n,) would give a wrong number.
    if np.shape(probabilities) != np.shape(labels):
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
        raise ValueError(
            f"probabilities reach from {np.nanmin(p):.3g} to {np.nanmax(p):.3g}; expected 0 to 1."
        )
    return np.clip(p, _TINY, 1 - _TINY)


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """The T from 0.05 to 100 that minimises the loss of sigmoid(logit / T) (Guo et al., 2017).

    T > 1 says that the classifier was over-confident. Arguments as for ``log_loss``, but NaN is refused.
    """

    def loss(log_t: float) -> float:
        return log_loss(apply_temperature(probabilities, np.exp(log_t)), labels)

    result = optimize.minimize_scalar(loss, bounds=(np.log(0.05), np.log(100)))
    if np.isnan(result.fun):
        raise ValueError("probabilities hold NaN; expected 0 to 1: leave out what diverged.")
    return float(np.exp(result.x))


def apply_temperature(probabilities: ArrayLike, temperature: float) -> np.ndarray:
    """Probabilities (n,) of the logits divided by a temperature > 0."""
    if not 0 < temperature < np.inf:
        raise ValueError(f"temperature is {temperature}; expected a finite number above 0.")
    return special.expit(special.logit(_clipped(probabilities)) / temperature)
