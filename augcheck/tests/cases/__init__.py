"""The table of cases: a pipeline, what the check-up should say of it, and why. A module has the cases of a finding.

python augcheck/tests/cases     # writes data/results/checkup.csv

What it should say is the name of a finding, a colon, and its status: of what is found "wrong" or "wasteful"; "quiet" is
anything but found. Words in quotation marks occur in its text. "sound" means that nothing at all is found, and
"unseen" that nothing is, though something is wrong.

A case with a kind of pipeline is evidence: it is judged on three sets of images, and the table is stored. The others
are judged on pictures that are made. A case named after a thread (pytorch#5059) is what its pipeline did.
"""

import csv
import importlib

import keras

from augcheck import CANT_TELL, FOUND, NOT_FOUND, Report, check_pipeline
from cases.common import CASES, DRAWS, MADE, SETS, TABLE, Case, Images, load

__all__ = ["CASES", "EVIDENCE", "MADE", "SETS", "TABLE", "answer", "load", "outcome", "write"]

# In the order of the stored table.
for _finding in (
    "repeats",
    "stored_images",
    "one_draw",
    "positions",
    "augmented_twice",
    "validation_moves",
    "sets_differ",
    "shared_images",
    "degenerate",
    "order",
    "labels",
    "thresholds",
):
    importlib.import_module(f"cases.{_finding}")


EVIDENCE = [one for one in CASES if one.kind]


def outcome(one: Case, d: Images, seed: int = 1) -> str:
    """What the check-up says: detected, missed or can't tell; of a correct pipeline its false alarms."""
    keras.utils.set_random_seed(seed)
    DRAWS.reset_from_seed(seed)
    return answer(one, check_pipeline(**one.build(d)))


def answer(one: Case, report: Report) -> str:
    """What a report says of a case, in the words of the table."""
    if not one.finding:
        return "false alarm: " + ", ".join(report.found) if report.found else "no alarm"
    if one.finding not in report:
        return "detected" if report.found else "missed"
    return {FOUND: "detected", NOT_FOUND: "missed", CANT_TELL: "can't tell"}[
        report[one.finding].status
    ]


def write() -> None:
    sets = {name: load(name) for name in SETS}
    rows = [
        [one.name, one.kind, one.finding, *(outcome(one, d) for d in sets.values())]
        for one in EVIDENCE
    ]
    with open(TABLE, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["bug", "kind", "finding", *sets], *rows])
