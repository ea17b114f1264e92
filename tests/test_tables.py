"""The stored tables: whole, readable, and in agreement with what the README says of them."""

import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.results import FOLDER, SETTINGS, evaluation_updates, read_results
from helpers.stats import paired_interval
from helpers.training import differences, summarise

sys.path.insert(0, str(FOLDER))
from make_results import TABLES, UNFINISHED  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent


STORED = [name for name in TABLES if (FOLDER / f"{name}.csv").exists() or name not in UNFINISHED]


@pytest.mark.parametrize("name", STORED)
def test_table_has_every_run_that_its_grid_names_and_no_other(name):
    table = read_results(FOLDER / f"{name}.csv")
    found = table[list(SETTINGS)].drop_duplicates().to_dict("records")
    found, named = ({tuple(row.values()) for row in rows} for rows in (found, TABLES[name]))
    assert found <= named
    assert found == named or name in UNFINISHED
    for updates, part in table.groupby("updates"):
        assert sorted(part["update"].unique()) == evaluation_updates(updates)
        assert len(part) == len(evaluation_updates(updates)) * part[list(SETTINGS)].drop_duplicates().shape[0]


@pytest.mark.parametrize("name", STORED)
def test_numbers_of_a_table_are_possible(name):
    table = read_results(FOLDER / f"{name}.csv")
    for column in table.columns.drop([*SETTINGS, "update"]):
        upper = 1 if "accuracy" in column or "precision" in column else np.inf
        assert table[column].between(0, upper).all(), column
    even = table["dataset"].map(lambda name: {"solar-cells": 291 / 581}.get(name, 0.5))  # 581 images
    halves = even * table["val_loss_even"] + (1 - even) * table["val_loss_odd"]
    np.testing.assert_allclose(halves, table["val_loss"], atol=2e-5)


@pytest.mark.parametrize(
    ("first", "second", "metric", "budget"),
    [
        ("live", "none", "val_loss", 3000),
        ("live", "none", "val_loss_scaled", 3000),
        ("live", "none", "val_loss", 500),
        ("live", "copies-1", "val_loss", 3000),
        ("live", "copies-4", "val_loss", 3000),
        ("live", "copies-16", "val_loss", 3000),
        ("live-1/2", "originals+1", "val_loss", 3000),
        ("live-16/17", "originals+16", "val_loss", 3000),
    ],
)
def test_the_readme_quotes_the_table(first, second, metric, budget):
    table = read_results(FOLDER / "static-versus-live.csv")
    main = table[(table["policy"] == "mild") & (table["model"] == "article") & (table["rate"] == "constant")]
    so_far = summarise(main[main["update"] <= budget])
    interval = paired_interval(differences(so_far, first, second, metric))
    quoted = "{:.3f} [{:.3f}, {:.3f}]".format(*interval).replace("-", "−")
    assert quoted in (ROOT / "README.md").read_text(encoding="utf-8")
