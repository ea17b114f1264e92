"""The check-up on 2,000 right pipelines and 500 broken ones, drawn by a seed (fuzz_pipelines.py has the list).

Of the right ones as many are called wrong, and of the broken ones as many are found as the README says: by a finding
that names the fault, as wrong or wasteful. No right one ends in an error.
"""

import re
import sys
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]
import fuzz_pipelines as fuzz  # noqa: E402

from augcheck import check_pipeline  # noqa: E402

README = (Path(__file__).resolve().parents[2] / "augcheck" / "README.md").read_text(
    encoding="utf-8"
)
SAID = re.search(
    r"Of (\d+) broken .+? (\d+) were found .+? Of ([\d,]+) drawn correct ones (\d+) was called",
    README,
)
BROKEN, FOUND, RIGHT, ALARMS = (int(number.replace(",", "")) for number in SAID.groups())
UNHURRIED = {"max_seconds": 1e6}  # as much is read on any machine


def test_as_many_right_pipelines_are_called_wrong_as_the_readme_says():
    alarms = {}
    for number in range(RIGHT):
        report = check_pipeline(**fuzz.right(number), **UNHURRIED)
        for name in report.counted():
            alarms[number] = f"{name}: {report[name].value}"
    assert len(alarms) == ALARMS and RIGHT == fuzz.RIGHT, alarms


def test_as_many_broken_pipelines_are_found_as_the_readme_says():
    found, total = Counter(), Counter()
    for number in range(BROKEN):
        name, arguments = fuzz.broken(number)
        names, *_ = fuzz.FAULTS[name]
        total[name] += 1
        found[name] += any(
            other in names for other in check_pipeline(**arguments, **UNHURRIED).found
        )
    for name, count in total.items():
        print(f"{name:55} {found[name]:3} of {count:3}")
    assert found.total() == FOUND and BROKEN == fuzz.BROKEN
