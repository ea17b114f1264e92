"""The check-up on 2,000 right pipelines and 500 broken ones, drawn by a seed (fuzz_pipelines.py has the list).

What is to be shown was written down before the first run:

1. None of the right ones is called wrong, and none ends in an error.
2. Of the broken ones at least as many are found as by version 0.4, which found 352. Found means that a finding that
   names the fault was found, as wrong or wasteful. The README says how many.

Version 0.4 called 318 wrong of the 1,739 right ones that were run then: 192 for labels "coded differently" (118 lack a
class in validation, 74 have -1 for unlabelled), 68 for "every epoch shows identical images" (small sets repeated within
an epoch), 54 for "scaled twice" (all of a 10-bit camera, stored in 16 bits), and 16 for colours or ranges.

A quick part, 200 right ones: -k part0.
"""

import hashlib
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
LIST = "eef3cd05b9969dc9"  # the start of the SHA-256 of what is drawn


def called_wrong(drawn):
    """What a right pipeline is called wrong for."""
    try:
        report = check_pipeline(**drawn.make(), max_seconds=1e6)  # as much as is read on any machine
    except Exception as error:  # an error in a right pipeline is a wrong answer, too
        return f"{type(error).__name__}: {error}"
    return " | ".join(f"{name}: {report[name].value}" for name in report.counted())


def test_the_list_is_the_one_that_was_written_down():
    texts = [fuzz.right(i).text for i in range(fuzz.RIGHT)] + [fuzz.broken(i).text for i in range(fuzz.BROKEN)]
    assert hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16] == LIST


@pytest.mark.parametrize("part", range(PARTS), ids=lambda part: f"part{part}")
def test_no_right_pipeline_is_called_wrong(part):
    pipelines = [fuzz.right(number) for number in range(part, fuzz.RIGHT, PARTS)]
    wrong = {f"right {drawn.number}": (said, drawn.text) for drawn in pipelines if (said := called_wrong(drawn))}
    assert not wrong, f"{len(wrong)} of {len(pipelines)}"


def test_as_many_broken_pipelines_are_found_as_the_readme_says():
    (said,) = re.findall(rf"Of {fuzz.BROKEN} broken pipelines that were drawn at random (\d+) were found", README)
    found, total = Counter(), Counter()
    for number in range(fuzz.BROKEN):
        drawn = fuzz.broken(number)
        report, named_by = check_pipeline(**drawn.make(), max_seconds=1e6), fuzz.FAULTS[drawn.fault].named_by
        total[drawn.fault] += 1
        found[drawn.fault] += any(named_by(name, report[name].value) for name in report.found)
    for name, count in total.items():
        print(f"{name:55} {found[name]:3} of {count:3}")
    assert found.total() == int(said) >= 352
