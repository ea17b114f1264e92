"""The table of cases and the gallery: of each pipeline the check-up says what it should."""

import csv
import functools
import re

import keras
import pytest
import tensorflow as tf

import cases
from augcheck import CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, WRONG, check_pipeline, gallery
from augcheck.findings import FINDINGS
from cases import CASES, EVIDENCE, TABLE
from cases.sets_differ import blinded, says_nothing_of_a_range

STATUS = r"(wrong|wasteful|not found|can't tell|quiet)"
SAID = {
    "wrong": (FOUND, WRONG),
    "wasteful": (FOUND, WASTEFUL),
    "not found": (NOT_FOUND,),
    "can't tell": (CANT_TELL,),
}
with open(TABLE, encoding="utf-8", newline="") as file:
    ROWS = {(line["bug"], line["kind"]): line for line in csv.DictReader(file)}
garments = functools.cache(lambda: cases.load("garments"))


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """AutoGraph can't read lambdas that share a line, and says so."""
    tf.autograph.set_verbosity(0)
    tf.get_logger().setLevel("ERROR")


def see(report, expected):
    """Fail where a report doesn't say what is expected, in the words that cases explains."""
    for part in expected.split("; "):
        if part in ("sound", "unseen"):
            assert not report.found, report
            continue
        name, status, words = re.fullmatch(rf"(.+): {STATUS}((?: '[^']*')*)", part).groups()
        finding = report[name]
        if status == "quiet":
            assert finding.status != FOUND, finding
        else:
            wanted = SAID[status]
            assert (finding.status, finding.severity)[: len(wanted)] == wanted, finding
        for word in re.findall(r"'([^']*)'", words):
            assert word in " ".join([str(finding), finding.reason]), finding
    for finding in report.values():
        assert bool(finding.reason) == (finding.status == CANT_TELL)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}-{case.kind}")
def test_a_case(case):
    keras.utils.set_random_seed(1)
    report = check_pipeline(**case.build(garments() if case.kind else cases.MADE))
    see(report, case.expected)
    if case.kind:
        assert cases.answer(case, report) == ROWS[case.name, case.kind]["garments"]


def test_a_right_range_of_brightness_is_not_blamed_for_dark_validation():
    for options in says_nothing_of_a_range(cases.MADE):
        report = check_pipeline(**options, max_images=2000)
        assert "sets differ" in report.found
        assert "range=" not in report["sets differ"].change
        assert "brightness_range" not in str(report)


def test_coloured_images_that_a_wrong_range_blinds_are_not_called_grey():
    for options in blinded():
        report = check_pipeline(**options, max_images=2000)
        see(report, "degenerate: wrong 'value_range'")
        assert "grey" not in str(report["sets differ"])


@pytest.mark.parametrize("known", FINDINGS, ids=lambda known: known.name)
def test_a_right_pipeline_of_the_gallery(known):
    """The wrong ones are in test_repairs.py."""
    pair = getattr(gallery, f"{known.look.__name__}_pair")
    see(check_pipeline(lambda: pair()[1]), "sound")


def test_the_stored_table_has_every_case():
    assert list(ROWS) == [(case.name, case.kind) for case in EVIDENCE]
