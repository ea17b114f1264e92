"""The check-up on 2,000 right pipelines and 500 broken ones, drawn by a seed (fuzz_pipelines.py has the list).

None of the right ones is called wrong or ends in an error, and of the broken ones as many are found as the README
says: by a finding that names the fault, as wrong or wasteful. A quick part, 200 right ones: -k part0.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).resolve().parent)]
import fuzz_pipelines as fuzz  # noqa: E402

from augcheck import check_pipeline  # noqa: E402

PARTS = 10
README = (Path(__file__).resolve().parents[2] / "augcheck" / "README.md").read_text(encoding="utf-8")


def called_wrong(number):
    """What a right pipeline is called wrong for."""
    try:
        report = check_pipeline(**fuzz.right(number), max_seconds=1e6)  # as much as is read on any machine
    except Exception as error:  # an error in a right pipeline is a wrong answer, too
        return f"{type(error).__name__}: {error}"
    return " | ".join(f"{name}: {report[name].value}" for name in report.counted())


@pytest.mark.parametrize("part", range(PARTS), ids=lambda part: f"part{part}")
def test_no_right_pipeline_is_called_wrong(part):
    said = {number: called_wrong(number) for number in range(part, fuzz.RIGHT, PARTS)}
    assert {number: words for number, words in said.items() if words} == {}


def test_as_many_broken_pipelines_are_found_as_the_readme_says():
    ((broken, said),) = re.findall(r"of (\d+) broken ones (\d+) were found", README)
    found, total = Counter(), Counter()
    for number in range(int(broken)):
        name, arguments = fuzz.broken(number)
        names, *_ = fuzz.FAULTS[name]
        total[name] += 1
        found[name] += any(other in names for other in check_pipeline(**arguments, max_seconds=1e6).found)
    for name, count in total.items():
        print(f"{name:55} {found[name]:3} of {count:3}")
    assert found.total() == int(said)
