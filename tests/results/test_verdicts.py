"""How a registered prediction is compared with the runs, and scored."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments import verdicts
from refusals import refusal

LINE = {"question": "9", "table": "nine", "setting": "n=512", "first": "copies-1", "second": "live policy=mild",
        "measure": "new_loss", "always yes": "worse", "label": "1 copy minus live"}  # fmt: skip


def runs(gap):
    """Eight pairs in which one copy's loss is higher by ``gap``, and live under a policy that nobody asked for."""
    noise = np.random.default_rng(0).normal(0, 0.002, (8, 2))
    parts = [pd.DataFrame({"method": method, "policy": policy, "replicate": [str(i) for i in range(8)],
                           "new_loss": 0.02 * np.arange(8) + extra})
             for method, policy, extra in (("copies-1", "mild", gap + noise[:, 0]), ("live", "mild", noise[:, 1]),
                                           ("live", "crop", 9.0))]  # fmt: skip
    return pd.concat(parts).assign(n="512")


@pytest.mark.parametrize(
    ("gap", "predicted", "verdict", "right", "scored"),
    [(0.03, 0.03, "worse", True, True), (0.1, -0.08, "worse", False, True), (0.0, 0.08, "equivalent", False, True),
     (0.0, 0.01, "equivalent", True, False), (0.021, 0.02, "worse", False, True)],
)  # fmt: skip
def test_a_prediction_is_right_where_its_verdict_is_observed_and_scored_beyond_the_margin(
    monkeypatch, gap, predicted, verdict, right, scored
):
    monkeypatch.setattr(verdicts, "read", lambda name: {"nine": runs(gap)}[name])
    lines = pd.DataFrame([{**LINE, "predicted": predicted}])[[*LINE][:6] + ["predicted", "always yes", "label"]]
    lines = lines.join(lines.apply(verdicts.observe, axis=1))
    assert lines["verdict"][0] == verdict and lines["observed"][0] == pytest.approx(gap, abs=0.002)
    counts = {"predicted": right, "all equal": verdict == "equivalent", "always yes": verdict == "worse"}
    expected = {"scored": scored} | {name: scored and count for name, count in counts.items()}
    assert verdicts.scores(lines) == expected


def test_the_images_that_all_replicates_share_widen_the_interval_and_neither_sign_nor_gap_changes(monkeypatch):
    line = pd.Series({**LINE, "predicted": 0.0})
    monkeypatch.setattr(verdicts, "read", lambda name: runs(0.021))
    plain = verdicts.observe(line)
    assert plain["verdict"] == "worse" and not plain["not_worse"] and plain["half"] == plain["half_paired"]
    key = tuple(line[verdicts.DIFFERENCE])
    monkeypatch.setattr(verdicts, "shared_variances", lambda name: pd.Series({key: 0.02**2}))
    found = verdicts.observe(line)
    expected = np.hypot(plain["half"], 0.02 * stats.t.ppf(0.975, 7))
    assert found["half"] == pytest.approx(expected) and found["half_paired"] == plain["half"]
    assert found["observed"] == plain["observed"] and found["verdict"] == "undecided" and found["p"] > 0.05 > plain["p"]


@pytest.mark.parametrize(("measure", "gap", "passes"), [
    ("new_loss", 0.01, True), ("new_loss", 0.03, False), ("new_loss", -0.5, True),
    ("new_accuracy", -0.005, True), ("new_accuracy", -0.03, False), ("new_accuracy", 0.5, True),
])  # fmt: skip
def test_not_worse_looks_at_the_end_of_the_interval_that_is_bad(monkeypatch, measure, gap, passes):
    monkeypatch.setattr(verdicts, "read", lambda name: runs(gap).rename(columns={"new_loss": measure}))
    assert verdicts.observe(pd.Series({**LINE, "measure": measure, "predicted": 0.0}))["not_worse"] == passes


def test_the_number_of_copies_goes_down_to_the_last_that_passes_everywhere():
    lines = pd.DataFrame([{"first": f"originals+pool-{k}", "second": "live", "measure": measure, "not_worse": True}
                          for k in (8, 16, 32) for measure in ("test_accuracy", "test_scaled_loss")])  # fmt: skip
    assert verdicts.last_passed(lines) == 8
    lines.loc[2, "not_worse"] = False  # of sixteen
    assert verdicts.last_passed(lines) == 32
    lines.loc[5, "not_worse"] = False
    assert verdicts.last_passed(lines) is None


def test_primary_contrasts_are_corrected_for_their_number(monkeypatch):
    lines = pd.DataFrame({"question": "7", "table": "coverage", "primary": ["yes", "yes", ""], "p": [0.03, 0.02, 0.04]})
    monkeypatch.setattr(verdicts, "predictions", lambda: lines)
    monkeypatch.setattr(verdicts, "observe", lambda line: pd.Series({"verdict": "worse"}))
    verdicts.observed.cache_clear()
    assert verdicts.observed("7")["verdict"].tolist() == ["worse", "worse", "worse"]
    assert verdicts.observed("7")["p"].tolist() == [0.04, 0.04, 0.04]
    lines["p"] = [0.03, 0.03, 0.04]
    verdicts.observed.cache_clear()
    assert verdicts.observed("7")["verdict"].tolist() == ["undecided", "undecided", "worse"]
    verdicts.observed.cache_clear()


def test_methods_without_pairs_are_refused():
    assert "16 runs of 8 replicates" in refusal(verdicts.pairs, runs(0), "copies-1", "live", "new_loss")
    assert "0 runs" in refusal(verdicts.pairs, runs(0), "copies-2", "live policy=mild", "new_loss")
    few = runs(0).iloc[1:]
    assert "not run on the same replicates" in refusal(verdicts.pairs, few, "copies-1", "live policy=mild", "new_loss")
