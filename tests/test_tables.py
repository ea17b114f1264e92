"""The stored tables: whole and readable."""

import sys

import numpy as np
import pandas as pd
import pytest
from helpers.results import FOLDER, SETTINGS, read_results, table_updates

sys.path.insert(0, str(FOLDER))
from make_results import TABLES, average_precision, balanced_accuracy  # noqa: E402


@pytest.mark.parametrize("name", TABLES)
def test_table_has_every_run_that_its_grid_names_and_no_other(name):
    table = read_results(FOLDER / f"{name}.csv")
    found = table[list(SETTINGS)].drop_duplicates().to_dict("records")
    found, named = ({tuple(row.values()) for row in rows} for rows in (found, TABLES[name]))
    assert found == named
    for updates, part in table.groupby("updates"):
        assert sorted(part["update"].unique()) == table_updates(updates)
        assert len(part) == len(table_updates(updates)) * part[list(SETTINGS)].drop_duplicates().shape[0]


@pytest.mark.parametrize("name", TABLES)
def test_numbers_of_a_table_are_possible(name):
    table = read_results(FOLDER / f"{name}.csv")
    for column in table.columns.drop([*SETTINGS, "update"]):
        upper = 1 if "accuracy" in column or "precision" in column else np.inf
        assert table[column].between(0, upper).all(), column
    even = table["dataset"].map(lambda name: {"solar-cells": 291 / 581}.get(name, 0.5))  # 581 images
    halves = even * table["val_loss_even"] + (1 - even) * table["val_loss_odd"]
    np.testing.assert_allclose(halves, table["val_loss"], atol=2e-5)


@pytest.mark.parametrize(
    ("name", "keys", "contenders"),
    [
        ("throughput", ["cores", "size", "augmenter", "dtype"], 2 * 4 * 14),
        ("step-time", ["cores", "augmenter"], 2 * 6),
        ("peak-memory", ["augmenter"], 7),
    ],
)
def test_a_benchmark_has_every_round_of_every_contender(name, keys, contenders):
    table = pd.read_csv(FOLDER / f"{name}.csv")
    rounds = table.groupby(keys)["round"].apply(sorted).map(tuple)
    assert len(rounds) == contenders and rounds.nunique() == 1
    numbers = table.drop(columns=[*keys, "round", "versions"])
    assert (numbers > 0).all(axis=None) and table["versions"].nunique() == 1


RANKED = np.array([0.9, 0.8, 0.7, 0.6, 0.1]), np.array([1, 0, 1, 1, 0])


def test_average_precision_and_balanced_accuracy_by_hand():
    assert average_precision(*RANKED) == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 3)
    assert balanced_accuracy(*RANKED) == pytest.approx((3 / 3 + 1 / 2) / 2)
    assert average_precision(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0, 0, 1, 1])) == 1
    assert average_precision(np.array([0.4, 0.3, 0.2, 0.1]), np.array([0, 0, 1, 1])) == (1 / 3 + 2 / 4) / 2
    # Equal probabilities come in together, whatever their order: two of three, then two of four.
    tied = np.array([0.5, 0.5, 0.5, 0.1])
    for labels in ([1, 1, 0, 0], [0, 1, 1, 0]):
        assert average_precision(tied, np.array(labels)) == pytest.approx(2 / 3)
    assert average_precision(np.full(5, 0.3), RANKED[1]) == pytest.approx(3 / 5)


def test_average_precision_asks_for_the_order_of_the_probabilities_alone():
    rng = np.random.default_rng(0)
    p, labels = np.round(rng.random(200), 2), rng.integers(0, 2, 200)  # with ties
    expected = average_precision(p, labels)
    shuffled = rng.permutation(200)
    assert average_precision(p[shuffled], labels[shuffled]) == pytest.approx(expected)
    assert average_precision(p**3 / 2, labels) == pytest.approx(expected)
    assert balanced_accuracy(p, labels) == pytest.approx(balanced_accuracy(1 - p, 1 - labels), abs=0.02)
    in_clear = average_precision(p + 1e-4 * rng.random(200), labels)  # ties broken at random
    assert in_clear != expected
    assert in_clear == pytest.approx(expected, abs=0.02)


def test_rows_that_two_tables_share_agree():
    shared = ["dataset", "n", "arm", "policy", "model", "rate", "replicate", "update"]
    tables = [read_results(FOLDER / f"{name}.csv") for name in ("solar-cells", "study")]
    both = tables[0].merge(tables[1], on=shared, suffixes=("", "_study"))
    assert both.groupby("arm")["replicate"].nunique().to_dict() == dict.fromkeys(
        ["live", "none", "copies-1", "copies-4", "copies-16"], 20
    )
    difference = (both["val_loss"] - both["val_loss_study"]).groupby([both["update"], both["arm"]])
    assert difference.agg(lambda d: d.abs().max())[50].max() < 1e-4
    # Rounding grows as training goes on: single runs drift apart (by 0.03 at most), their means don't.
    assert difference.mean().abs().max() < 0.01
