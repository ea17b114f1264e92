"""Every comparison of the stored tables stands in evidence.csv, and general sentences hold of all its rows."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from helpers.data import RESULTS
from make_tables import evidence, evidence_figure

ROOT = Path(__file__).resolve().parents[1]
STORED = pd.read_csv(evidence.EVIDENCE)
CLAIMS = pd.read_csv(Path(__file__).with_name("claims.csv"), keep_default_na=False)
PAGES = {"README": ROOT / "README.md", "results": ROOT / "docs" / "results.md"}
# What was decided before a run: a filter may ask for nothing else.
DESIGN = [
    "question", "tables", "source", "images of", "pixels", "classes", "network", "training", "batch", "policy",
    "strength", "images", "updates", "epochs", "matched", "runs", "sets", "tuned", "first", "second", "told",
]  # fmt: skip
OTHER = {"better": "worse", "worse": "better"}


def test_the_evidence_is_what_the_stored_tables_hold():
    made = evidence.evidence().astype(str)
    stored = pd.read_csv(evidence.EVIDENCE, dtype=str, keep_default_na=False)
    assert made.values.tolist() == stored.values.tolist(), "run `make tables`"


def test_no_table_with_both_methods_of_a_contrast_is_missing():
    judged = set(pd.read_csv(RESULTS / "verdicts.csv", usecols=["question"], dtype=str)["question"])
    lacking = []
    for path in RESULTS.glob("*.csv"):
        columns = pd.read_csv(path, nrows=0).columns
        name = re.sub("-(tested|right|mirror|curves)$", "", path.stem)
        if "replicate" not in columns or re.search("-(pilots|tuning)$", name):
            continue
        table = pd.read_csv(path)
        under_way = set(table.get("question", pd.Series()).astype(str)) - judged
        if under_way:
            continue
        methods = set(table.get("arm", table.get("method", pd.Series())))
        if not methods and "none" in set(table.get("policy", pd.Series())):
            methods = {"live", "none"}  # question 10, whose policies are live
        stored = {method for method in methods if evidence.copies_of(method)}
        pair = ("live" in methods and (stored or "none" in methods)) or (
            "none" in methods and "copies-1" in methods
        )
        if pair and name not in evidence.TABLES:
            lacking.append(name)
    assert not lacking


@pytest.mark.parametrize("claim", CLAIMS.to_dict("records"), ids=lambda claim: claim["words"])
def test_a_general_sentence_holds_of_all_rows(claim):
    """Of a claim's side are rows that support it, of the other those that contradict it; the rest are silent.

    ``each``: no row contradicts it, more support it than are silent, and from more than one source. ``sources``: the
    sources on which it is contradicted are those that the page names. ``extremes``: the page names the worst or the
    best row, and ``except`` the strength of its changes.
    """
    chosen = STORED[DESIGN].query(claim["filter"]).index
    rows = STORED.loc[chosen]
    said = rows[f"{claim['measure']} verdict"]
    supporting, against = rows[said == claim["side"]], rows[said == OTHER[claim["side"]]]
    silent = len(rows) - len(supporting) - len(against)
    counts = (len(rows), len(supporting), silent)
    assert counts == (claim["rows"], claim["supporting"], claim["silent"]), (
        "other rows than when it was written"
    )
    assert rows["source"].nunique() > 1
    words = claim["words"].replace("{rows}", str(len(rows)))
    words = words.replace("{supporting}", str(len(supporting))).replace(
        "{against}", str(len(against))
    )
    if claim["rule"] == "each":
        assert against.empty and len(supporting) > silent
    elif claim["rule"] == "sources":
        assert " and ".join(sorted(against["source"].unique())) == claim["except"]
        assert set(rows["source"]) == set(supporting["source"])
        sources = str(supporting["source"].nunique())
        words = words.replace("{sources}", sources).replace("{except}", claim["except"])
    else:
        values = rows[claim["measure"]]
        worst, best = -100 * values.min(), 100 * values.max()
        extreme = values.idxmin() if claim["side"] == "worse" else values.idxmax()
        assert rows.loc[extreme, "strength"] == claim["except"]
        words = words.replace("{worst}", f"{worst:.1f}").replace("{best}", f"{best:.1f}")
    page = " ".join(PAGES[claim["page"]].read_text(encoding="utf-8").split())
    assert words in page


def test_the_figures_are_those_of_the_evidence():
    for name, (rows, _) in evidence_figure.figures(STORED).items():
        with Image.open(ROOT / "docs" / f"{name}.png") as image:
            assert image.text["numbers"] == evidence_figure.numbers(rows), "run `make tables`"
    shortest = evidence_figure.twelve(evidence_figure.live_minus_none(STORED))
    assert len(shortest) <= 12 and (shortest["accuracy verdict"] == "worse").any()


def test_what_live_wins_is_blue_and_a_triangle_points_to_where_loss_is_decided():
    rows = evidence_figure.live_minus_none(STORED)
    figure = evidence_figure.draw(rows, 5)
    marks = []
    for line in figure.axes[0].lines:
        marks.append(line.get_marker())
        ends, (red, _, blue) = line.get_xdata(), to_rgb(line.get_color())
        if len(ends) == 2 and red != blue and min(np.abs(ends)) > 1:
            assert (blue > red) == (min(ends) > 0)
    plt.close(figure)
    decided = rows[rows.apply(evidence_figure.loss_disagrees, axis=1)]["loss verdict"]
    assert marks.count("^") == sum(decided == "better") > 0
    assert marks.count("v") == sum(decided == "worse") > 0
