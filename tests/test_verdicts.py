"""How runs are paired, and predictions counted."""

import pandas as pd
import pytest

from make_tables import verdicts
from refusals import refusal

LINES = pd.DataFrame(
    {
        "predicted": 0.0,
        "always yes": ["better", "worse", "better", "better"],
        "the article": ["", "worse", "better", "worse"],  # says nothing of one
        "label": "",
        "observed": [0.1, -0.1, 0.2, 0.0],
        "half": [0.2, 0.1, 0.1, 0.0],
        "predicted verdict": ["better", "worse", "equivalent", "equivalent"],
        "verdict": ["better", "equivalent", "equivalent", "undecided"],
        "scored": [True, True, True, False],
    }
)


def test_a_prediction_is_right_where_its_verdict_is_observed_and_counts_where_it_is_scored():
    assert verdicts.scores(LINES) == {"scored": 3, "predicted": 2, "all equal": 2, "always yes": 1}
    others = {"scored": 2, "predicted": 1, "all equal": 2, "always yes": 0, "the article": 0}
    assert verdicts.scores(LINES[1:]) == others


def test_a_predicted_number_is_counted_where_it_lies_in_the_interval_ends_included():
    assert verdicts.in_interval(LINES) == 3


RUNS = pd.DataFrame(
    {
        "method": ["live", "live", "none", "none", "none", "none"],
        "policy": ["mild", "mild", "mild", "mild", "the article", "the article"],
        "replicate": ["0", "1", "1", "0", "0", "1"],
        "val_loss": [0.1, 0.2, 0.5, 0.3, 0.7, 0.9],
    }
)


def test_methods_are_paired_by_replicate():
    differences = verdicts.pairs(RUNS, "live", "none policy=the_article", "val_loss").sort_index()
    assert differences.to_dict() == pytest.approx({"0": -0.6, "1": -0.7})


def test_methods_without_pairs_are_refused():
    assert "4 runs of 2 replicates" in refusal(verdicts.pairs, RUNS, "none", "live", "val_loss")
    assert "0 runs" in refusal(verdicts.pairs, RUNS, "copies-2", "live", "val_loss")
    said = refusal(verdicts.pairs, RUNS[:3], "live", "none", "val_loss")
    assert "not run on the same replicates" in said
