"""The law's verdicts on made-up tables, each number by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from experiments.law import points as law_points
from experiments.law import verdicts as law_verdicts

SETTING = {"regime": 5, "dataset": "garments", "n": 320, "policy": "mild", "model": "small", "batch": 32,
           "updates": 400, "rate": "constant"}  # fmt: skip
CELL_5 = tuple(SETTING.values())
LATE = (368, 376, 384, 392, 400)  # 40 epochs in all


def curves(arms, replicates=3, late=LATE, **setting):
    """Evaluations of arms given as (val_loss, val_accuracy, shown_loss); the runs differ about it."""
    rows = []
    for arm, (loss, accuracy, shown) in arms.items():
        for replicate in range(replicates):
            off = 0.001 * (replicate - (replicates - 1) / 2)
            for update in late:
                values = {"val_loss": loss + off, "val_accuracy": accuracy + off, "shown_loss": shown - off / 10}
                row = {"arm": arm, "replicate": replicate, "update": update}
                rows.append(SETTING | setting | row | values)
    return pd.DataFrame(rows)


LIVE = (0.3, 0.9, 0.2)
ARMS = {"live": LIVE, "copies-1": (0.5, 0.8, 0.1), "copies-4": (0.33, 0.86, 0.15)}


def one_point(table, arm):
    return table[table["arm"] == arm].iloc[0]


def test_a_point_by_hand():
    table = law_points.points(law_points.ends(curves(ARMS)))
    point = one_point(table, "copies-1")
    assert point["excess"] == pytest.approx(0.2)
    assert point["predicted"] == pytest.approx(0.15 * math.log(2))
    assert point["showings"] == 40 and one_point(table, "copies-4")["showings"] == 10
    assert table["counts"].all() and len(table) == 2


def test_only_the_last_tenth_counts():
    others = curves({"live": LIVE, "copies-1": (9, 0.5, 0.01)}, late=[80, 110, 360, 408])
    end = law_points.points(law_points.ends(pd.concat([curves(ARMS), others])))
    assert one_point(end, "copies-1")["excess"] == pytest.approx(0.2)


def test_a_run_that_diverged_is_named_and_not_averaged_away():
    table = curves(ARMS)
    table.loc[(table["arm"] == "copies-4") & (table["replicate"] == 1) & (table["update"] == 400), "val_loss"] = np.nan
    with pytest.raises(ValueError, match="the run 5:.*:copies-4:1 diverged"):
        law_points.ends(table)


@pytest.mark.parametrize(
    ("arm", "times"),
    [("copies-4", 10), ("pool-4", 10), ("originals+4", 8), ("originals+pool-4", 8), ("fresh-4-10", 2.5),
     ("live", 1), ("pool-4+live", 1)],
)  # fmt: skip
def test_showings_as_registered(arm, times):
    assert law_points.showings(arm, 40) == times


def test_images_as_they_are_have_no_showings():
    with pytest.raises(ValueError, match="not defined"):
        law_points.showings("none", 40)


@pytest.mark.parametrize(
    ("arm", "arms", "live"),
    [("originals+4", ["live", "live-4/5"], "live-4/5"), ("originals+4", ["live"], "live"),
     ("originals+pool-4", ["live", "live-4/5"], "live-4/5"), ("copies-4", ["live", "live-4/5"], "live"),
     ("pool-4+live", ["live", "live-4/5"], "live")],
)  # fmt: skip
def test_originals_are_compared_at_their_share(arm, arms, live):
    assert law_points.compared_with(arm, arms) == live


def test_other_arms_are_reported_but_do_not_count():
    more = dict.fromkeys(["none", "pool-4", "originals+4", "live-4/5", "fresh-4-10", "pool-4+live"], LIVE)
    table = law_points.points(law_points.ends(curves(ARMS | more)))
    assert set(table["arm"]) == {"copies-1", "copies-4", "pool-4", "originals+4", "fresh-4-10", "pool-4+live"}
    assert set(table.loc[table["counts"], "arm"]) == {"copies-1", "copies-4"}


def test_nothing_is_predicted_for_mixed_labels():
    table = law_points.points(law_points.ends(curves(ARMS, policy="cutmix")))
    assert not table["counts"].any() and table["predicted"].isna().all() and table["excess"].notna().all()


@pytest.mark.parametrize(
    ("predicted", "observed", "median", "typical", "within", "word"),
    [
        ([0.12], [0.1], 1.2, 1.2, (1, 1), "held"),
        ([0.13], [0.1], 1.3, 1.3, (1, 1), "weakened"),
        ([0.19], [0.1], 1.9, 1.9, (0, 1), "weakened"),
        ([0.21], [0.1], 2.1, 2.1, (0, 0), "broken"),
        ([0.1, 0.1, 0.4], [0.1, 0.1, 0.1], 1, 1, (2 / 3, 2 / 3), "held"),
        ([0.06, 0.06, 0.14, 0.17], [0.1] * 4, 1, 1 / 0.6, (0.25, 1), "weakened"),
        ([0.04, 0.25], [0.1, 0.1], 1.45, 2.5, (0, 0), "broken"),
        ([0.1, -0.1], [0.1, 0.1], 0, math.inf, (0.5, 0.5), "broken"),
        ([9, 0.1], [0.019, 0.1], 1, 1, (1, 1), "held"),
    ],
)
def test_score_by_hand(predicted, observed, median, typical, within, word):
    found = law_verdicts.score(predicted, observed)
    assert found.median == pytest.approx(median) and found.typical == pytest.approx(typical)
    assert (found.within_15, found.within_2) == pytest.approx(within) and found.verdict == word


def test_small_excesses_are_not_tested_and_missing_predictions_refused():
    assert law_verdicts.score([0.5], [0.02]).verdict == "not tested"
    assert law_verdicts.score([], []).points == 0
    with pytest.raises(ValueError, match="missing"):
        law_verdicts.score([0.1, math.nan], [0.1, 0.1])


@pytest.mark.parametrize(
    ("words", "whole"),
    [
        (["held", "held", "weakened"], "held"),
        (["held", "held", "weakened", "not run", "incomplete: 3 of 8 replicates", "not tested"], "held"),
        (["held", "held", "broken"], "weakened"),
        (["held", "weakened", "weakened"], "weakened"),
        (["held", "broken", "broken"], "broken"),
        (["not run", "not tested", "reported apart"], "not tested"),
    ],
)
def test_the_whole_as_registered(words, whole):
    assert law_verdicts.on_the_whole(words) == whole


NEEDED = {CELL_5: {"live": 3, "copies-1": 3, "copies-4": 3, "pool-4": 3}}


def verdict_of(table, needed=NEEDED):
    (row,) = law_verdicts.table_of_cells(table, needed).to_dict("records")
    return row


def test_a_cell_is_judged_when_live_and_all_copies_are_complete():
    row = verdict_of(curves(ARMS | {"pool-4": (0.8, 0.8, 0.1)}))  # a pool that does not count
    assert row["verdict"] == "weakened" and row["points"] == 2
    assert row["median"] == pytest.approx(np.mean([0.15 * math.log(2) / 0.2, 0.12 * math.log(4 / 3) / 0.03]))


@pytest.mark.parametrize("arm", ["live", "copies-4"])
def test_fewer_replicates_than_registered_are_not_judged(arm):
    table = curves(ARMS)
    row = verdict_of(table[(table["arm"] != arm) | (table["replicate"] < 2)])
    assert row["verdict"] == "incomplete: 2 of 3 replicates" and row["points"] == 0
    assert verdict_of(table[table["arm"] != arm])["verdict"] == "incomplete: 0 of 3 replicates"


def test_a_cell_without_rows_is_not_run():
    assert verdict_of(curves(ARMS, n=64))["verdict"] == "not run"
    assert verdict_of(curves({}).reindex(columns=curves(ARMS).columns))["verdict"] == "not run"


def test_older_rows_are_no_test():
    """Regime 2 has live and 4 copies from older tables; only what was registered for it counts."""
    needed = {CELL_5: {"copies-1": 3}}
    older = curves({arm: ARMS[arm] for arm in ("live", "copies-4")}, replicates=5)
    assert verdict_of(older, needed)["verdict"] == "not run"
    row = verdict_of(pd.concat([older, curves({"copies-1": ARMS["copies-1"]})]), needed)
    assert row["points"] == 1 and row["median"] == pytest.approx(0.15 * math.log(2) / 0.2, rel=1e-3)


def test_cells_without_copies_and_mixed_labels_are_called_so():
    assert verdict_of(curves({"pool-4": LIVE}), {CELL_5: {"pool-4": 3}})["verdict"] == "reported apart"
    assert verdict_of(curves({"pool-4": LIVE}), {CELL_5: {"pool-4": 4}})["verdict"] == "incomplete: 3 of 4 replicates"
    mixed = {tuple((SETTING | {"policy": "cutmix"}).values()): NEEDED[CELL_5]}
    assert verdict_of(curves(ARMS, policy="cutmix"), mixed)["verdict"] == "nothing predicted"


def test_incomplete_arms_leave_the_points_and_unregistered_ones_stay():
    table = curves(ARMS | {"pool-4": LIVE})
    table = table[(table["arm"] != "pool-4") | (table["replicate"] < 2)]
    kept = law_points.complete_arms(table, {CELL_5: {"live": 3, "pool-4": 3}})
    assert set(kept["arm"]) == {"live", "copies-1", "copies-4"}
    assert law_points.complete_arms(table, {CELL_5: dict.fromkeys(table["arm"], 4)}).empty


def test_false_alarms_count_only_where_asked_for():
    predicted, observed = [0.1, 0.1, 0.1, 0.01], [0.1, 0.015, -0.1, 0.01]
    assert law_verdicts.score(predicted, observed)[:2] == (1, 1)
    found = law_verdicts.score(predicted, observed, false_alarms=True)
    assert (found.points, found.verdict) == (3, "broken") and found.within_15 == pytest.approx(1 / 3)


def test_losses_of_images_by_the_names_of_their_runs():
    names = [f"5:garments:320:copies-1:mild:small:32:400:constant:{r}" for r in range(3)]
    images = {name: np.full(4, i) for i, name in enumerate(names)}
    assert law_verdicts.image_losses(images, CELL_5, "copies-1", 3)[:, 0].tolist() == [0, 1, 2]
    assert law_verdicts.image_losses(images, CELL_5, "copies-1", 4).size == 0
    assert law_verdicts.image_losses(images, CELL_5, "live", 0).size == 0


VERDICTS = {  # of the stored rows, setting after setting as registered
    1: ["weakened", "broken", "weakened"],
    2: ["weakened", "not run"],
    3: ["held"],
    4: ["reported apart", "reported apart"],
    5: ["held", "held", "held", "not run", "weakened", "held", "held", "weakened"],
    6: ["weakened", "weakened"],
    7: ["not tested", "broken", "weakened", "held"],
    8: ["not tested", "weakened", "held", "not run"],
    9: ["not tested", "broken"],
    10: ["not run", "weakened"],
    11: ["weakened", "not tested", "weakened"],
}


def test_registered_cells_and_the_stored_table():
    cells = law_points.registered()
    assert len(cells) == 33 and list(cells)[0] == (1, "garments", 512, "mild", "residual", 32, 1500, "cosine")
    assert cells[1, "garments", 512, "mild", "residual", 32, 1500, "cosine"]["copies-16"] == 8
    stored = law_points.read_law()
    deeper = stored[(stored["regime"] == 2) & (stored["arm"] == "copies-4")]
    assert set(stored.loc[stored["regime"] == 2, "model"]) == {"deeper"}
    assert deeper.groupby("dataset")["replicate"].nunique().to_dict() == {"garments": 20, "solar-cells": 20}
    found = law_verdicts.table_of_cells(stored, cells)
    assert len(found) == 33 and (found["points"] > 0).sum() == found["median"].notna().sum()
    assert found.groupby("regime")["verdict"].apply(list).to_dict() == VERDICTS
    assert law_verdicts.on_the_whole(found["verdict"]) == "weakened"
