"""The cases of the detection table on images that no threshold was chosen with.

What is to be shown. It was written down before the first run; a fourth point, about thresholds, is gone with its claim:

1. The stored table holds: every case gives what its three columns say (test_cases.py has the garments).
2. On fresh images (replicate 11, which nobody has used) all cases are judged once in each of the three sets. Printed:
   how many broken pipelines were detected and how many correct ones raised an alarm, by set. Success is no false alarm.
3. Correct pipelines are judged with replicates 11 and 12 and seeds of the same number in each of the three sets: at
   least 100 runs. Printed: the false alarms, with the upper end of a 95 % Clopper-Pearson interval. The runs share
   cases and sets, so they are not independent, and the bound is too low by what they share. Success is no false alarm.
"""

import csv
import functools
import sys
from collections import Counter
from pathlib import Path

import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "augcheck" / "tests")]
import cases  # noqa: E402
from cases import EVIDENCE, SETS  # noqa: E402

FRESH, SEEDED = 11, (11, 12)


@functools.cache
def outcome(case, name, replicate):
    return cases.outcome(case, cases.load(name, replicate), seed=replicate)


@pytest.mark.parametrize("name", SETS)
def test_the_stored_table_holds(name):
    images = cases.load(name)
    with cases.TABLE.open(encoding="utf-8", newline="") as file:
        stored = list(csv.DictReader(file))
    unlike = {}
    for case, row in zip(EVIDENCE, stored, strict=True):
        found = cases.outcome(case, images)
        if found != row[name]:
            unlike[case.name, case.kind] = (found, row[name])
    assert not unlike


@pytest.mark.parametrize("name", SETS)
def test_all_cases_on_fresh_images(name):
    found = Counter()
    for case in EVIDENCE:
        said = outcome(case, name, FRESH)
        found[said] += 1
        if said not in ("detected", "no alarm"):
            print(name, case.kind, case.name, said, sep=" | ", flush=True)
    broken = sum(case.finding != "" for case in EVIDENCE)
    correct = len(EVIDENCE) - broken
    calm = found["no alarm"]
    print(f"{name}: {found['detected']} of {broken} detected, {correct - calm} of {correct} false alarms")
    assert not [said for said in found if said.startswith("false alarm")]


def test_no_seeded_correct_pipeline_raises_an_alarm():
    correct = [case for case in EVIDENCE if not case.finding]
    runs = [(case, name, replicate) for name in SETS for replicate in SEEDED for case in correct]
    alarms = [
        (name, replicate, case.name) for case, name, replicate in runs if outcome(case, name, replicate) != "no alarm"
    ]
    upper = stats.binomtest(len(alarms), len(runs)).proportion_ci(method="exact").high
    print(f"{len(alarms)} of {len(runs)} correct pipelines raised an alarm; 95 % interval up to {upper:.1%}")
    assert len(runs) >= 100
    assert not alarms
