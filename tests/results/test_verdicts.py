"""How a registered prediction is compared with the runs, and scored."""

import numpy as np
import pandas as pd
import pytest

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


def test_a_registration_may_name_another_interval():
    line = pd.Series({**LINE, "setting": "n=512 replicate=0", "predicted": 0.0})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdicts, "read", lambda name: runs(0.0))
        found = verdicts.observe(line, interval=lambda differences: verdicts.Interval(0.5, 0.4, 0.6))
    assert found["verdict"] == "worse" and found["half"] == pytest.approx(0.1)


def test_methods_without_pairs_are_refused():
    assert "16 runs of 8 replicates" in refusal(verdicts.pairs, runs(0), "copies-1", "live", "new_loss")
    assert "0 runs" in refusal(verdicts.pairs, runs(0), "copies-2", "live policy=mild", "new_loss")
    few = runs(0).iloc[1:]
    assert "not run on the same replicates" in refusal(verdicts.pairs, few, "copies-1", "live policy=mild", "new_loss")
