"""The check-up on 2,000 right pipelines and 500 broken ones, drawn by a seed (fuzz_pipelines.py has the list).

Of the right ones as many are called wrong, and of the broken ones as many are found as the README says: by a finding
that names the fault, as wrong or wasteful. No right one ends in an error.
"""

import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import fuzz_pipelines as fuzz  # noqa: E402

from augcheck import check_pipeline  # noqa: E402

README = (HERE.parents[1] / "augcheck" / "README.md").read_text(encoding="utf-8")
SENTENCES = re.compile(
    r"Of (?P<broken>\d+) broken .+? (?P<found>\d+) were found .+? "
    r"Of (?P<right>[\d,]+) drawn correct ones (?P<alarms>\d+) was called"
)
SAID = {
    name: int(number.replace(",", ""))
    for name, number in SENTENCES.search(README).groupdict().items()
}
UNHURRIED = {"max_seconds": 1e6}  # as much is read on any machine


def test_as_many_right_pipelines_are_called_wrong_as_the_readme_says():
    assert SAID["right"] == fuzz.RIGHT
    alarms = {}
    for number in range(fuzz.RIGHT):
        report = check_pipeline(**fuzz.right(number), **UNHURRIED)
        for name in report.counted():
            alarms[number] = f"{name}: {report[name].value}"
    assert len(alarms) == SAID["alarms"], alarms


def test_as_many_broken_pipelines_are_found_as_the_readme_says():
    assert SAID["broken"] == fuzz.BROKEN
    found, total = Counter(), Counter()
    for number in range(fuzz.BROKEN):
        name, arguments = fuzz.broken(number)
        names, *_ = fuzz.FAULTS[name]
        report = check_pipeline(**arguments, **UNHURRIED)
        total[name] += 1
        found[name] += any(other in names for other in report.found)
    for name, count in total.items():
        print(f"{name:55} {found[name]:3} of {count:3}")
    assert found.total() == SAID["found"]
