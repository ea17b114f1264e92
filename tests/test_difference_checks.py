"""The checks of lessons that train a part of a stored table again: the right arms pass, a wrong arm fails."""

import itertools
from functools import cache

import numpy as np
import pytest

from helpers.compare import differences, summarise
from helpers.stats import prediction_interval
from helpers.tables import FOLDER, read_results


@cache
def table(name):
    return read_results(FOLDER / f"{name}.csv")


def runs(name, budget, **settings):
    """One row an arm and replicate of a table's runs with these settings, after so many updates."""
    rows = table(name)
    for column, value in settings.items():
        rows = rows[rows[column] == value]
    found = summarise(rows[rows["update"] <= budget])
    return found.assign(by_heart=found["train_loss"] - found["shown_loss"])


def share_that_passes(found, arms, metric, size, instead):
    """Share of all choices of ``size`` stored replicates that pass although ``instead`` was trained."""
    interval = prediction_interval(differences(found, *arms, metric), size=size)
    wrong = differences(found, *instead, metric)
    means = np.array([wrong[list(chosen)].mean() for chosen in itertools.combinations(range(len(wrong)), size)])
    return np.mean((interval.low < means) & (means < interval.high))


MAIN = ("static-versus-live", {"policy": "mild", "model": "small", "rate": "constant"})
GARMENTS_128 = ("study", {"dataset": "garments", "n": 128})
GARMENTS_512 = ("study", {"dataset": "garments", "n": 512})
CELLS_512 = ("study", {"dataset": "solar-cells", "n": 512})
CHECKS = {  # lesson: table, arms, metric, new replicates; then what must fail in place of each arm
    "01": (MAIN, ("live", "copies-1"), "shown_loss", 3, ["copies-1", "none"], ["live", "none", "copies-4"]),
    "03": (MAIN, ("copies-1", "live"), "by_heart", 3, ["live", "copies-4", "originals+1"], ["copies-1"]),
    "04, n = 128": (GARMENTS_128, ("copies-8", "live"), "shown_loss", 3, ["live", "copies-2"], ["copies-8"]),
    "04, n = 512": (GARMENTS_512, ("originals+1", "live"), "shown_loss", 3, ["live", "none"], ["originals+1"]),
    "07": (CELLS_512, ("live", "none"), "shown_loss", 5, ["none", "copies-1"], ["live", "copies-16"]),
}


@pytest.mark.parametrize("lesson", CHECKS)
def test_wrong_arms_fail_and_right_ones_pass(lesson):
    (name, settings), arms, metric, size, wrong_first, wrong_second = CHECKS[lesson]
    found = runs(name, 500, **settings)
    assert share_that_passes(found, arms, metric, size, arms) == 1
    for wrong in wrong_first:
        assert share_that_passes(found, arms, metric, size, (wrong, arms[1])) < 0.01, wrong
    for wrong in wrong_second:
        assert share_that_passes(found, arms, metric, size, (arms[0], wrong)) < 0.01, wrong
