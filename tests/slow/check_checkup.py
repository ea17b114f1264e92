"""The cases of the detection table on images that no threshold was chosen with."""

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "augcheck" / "tests"))
import checkup_cases

REPLICATES = range(6, 11)


@pytest.mark.parametrize("name", ["garments", "solar cells"])
def test_the_cases_on_other_images(name):
    found = Counter()
    for replicate in REPLICATES:
        images = checkup_cases.load(name, replicate)
        for case in checkup_cases.CASES:
            found[case.name, case.kind, case.finding, checkup_cases.outcome(case, images)] += 1
    unlike = {key: count for key, count in found.items() if key[-1] not in ("detected", "no alarm")}
    for key, count in unlike.items():
        print(*key, f"{count} of {len(REPLICATES)}", sep=" | ")
    assert not [key for key in unlike if key[-1].startswith("false alarm")]
