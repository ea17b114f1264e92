"""What paired runs say: an interval of their mean difference, and a verdict."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


class Interval(NamedTuple):
    """A mean with the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


def paired_interval(differences: ArrayLike) -> Interval:
    """Student's 95 % t interval of the mean of paired differences (R,): mean ± t · s / √R, s with ddof 1.

    Raises:
        ValueError: there are fewer than two differences, more than one axis, or numbers that are not finite.
    """
    d = np.asarray(differences, float)
    if d.ndim != 1 or len(d) < 2 or not np.isfinite(d).all():
        raise ValueError(
            f"differences have shape {d.shape}, {np.isfinite(d).sum()} of them finite; "
            "expected a number for each of two or more pairs."
        )
    half = stats.t.ppf(0.975, len(d) - 1) * stats.sem(d)
    return Interval(float(d.mean()), float(d.mean() - half), float(d.mean() + half))


def verdict(interval: Interval, margin: float, lower_is_better: bool) -> str:
    """What the interval of a difference, first method minus second, says with a margin that was fixed beforehand.

    Args:
        interval: in any unit, for instance nats or points.
        margin: the largest difference that does not matter, above 0, in the same unit.
        lower_is_better: True for a loss, False for an accuracy.

    Returns:
        "equivalent" where the interval lies within ±margin; else "better" or "worse" (of the first method) where it
        leaves out zero; else "undecided".
    """
    if -margin < interval.low and interval.high < margin:
        return "equivalent"
    if interval.low <= 0 <= interval.high:
        return "undecided"
    return "better" if (interval.mean < 0) == lower_is_better else "worse"
