"""The cases of the detection table on images that no threshold was chosen with.

What is to be shown was written down before the first run:

1. The stored table holds: every case gives what its three columns say (test_cases.py has the garments).
2. On fresh images (replicates 11 and 12, which nobody has used, and seeds of the same number) all cases are judged in
   each of the three sets. Printed: how many broken pipelines were detected, and the false alarms of the correct ones,
   with the upper end of a 95 % Clopper-Pearson interval. The runs share cases and sets, so they are not independent,
   and the bound is too low by what they share. Success is no false alarm.
"""

import csv
import itertools
import sys
from pathlib import Path

import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "augcheck" / "tests")]
import cases  # noqa: E402
from cases import EVIDENCE, SETS  # noqa: E402

FRESH = (11, 12)


@pytest.mark.parametrize("name", SETS)
def test_the_stored_table_holds(name):
    images = cases.load(name)
    with cases.TABLE.open(encoding="utf-8", newline="") as file:
        stored = {(row["bug"], row["kind"]): row[name] for row in csv.DictReader(file)}
    assert {(case.name, case.kind): cases.outcome(case, images) for case in EVIDENCE} == stored


def test_no_correct_pipeline_raises_an_alarm_on_fresh_images():
    said = {True: [], False: []}  # of broken and of correct pipelines
    for case, name, replicate in itertools.product(EVIDENCE, SETS, FRESH):
        said[bool(case.finding)].append(cases.outcome(case, cases.load(name, replicate), seed=replicate))
        if said[bool(case.finding)][-1] not in ("detected", "no alarm"):
            print(name, replicate, case.kind, case.name, said[bool(case.finding)][-1], sep=" | ", flush=True)
    detected, correct = said[True].count("detected"), len(said[False])
    alarms = correct - said[False].count("no alarm")
    upper = stats.binomtest(alarms, correct).proportion_ci(method="exact").high
    print(f"{detected} of {len(said[True])} detected; {alarms} of {correct} false alarms, up to {upper:.1%}")
    assert correct >= 100 and not alarms
