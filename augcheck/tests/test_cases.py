"""The table of cases, the gallery and the attacks: of each pipeline the check-up says what it should."""

import csv
import importlib
import itertools
import re

import keras
import pytest
import tensorflow as tf

import attacks
import cases
from augcheck import CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, WRONG, check_pipeline
from augcheck.findings import FINDINGS
from cases import CASES, SETS, TABLE

STATUS = r"(wrong|wasteful|not found|can't tell|quiet)"
SAID = {"wrong": (FOUND, WRONG), "wasteful": (FOUND, WASTEFUL), "not found": (NOT_FOUND,), "can't tell": (CANT_TELL,)}
# What the check-up can't do, and with which images, each for the reason that its case shows.
NOT_DETECTED = {
    "split after turning and shifting": SETS,
    "the same, live": SETS,
    "width_shift_range that moves up and down": SETS,
    "validation augmented once and stored": SETS,
    "ten epochs over a pool 4 times as large": SETS,
    # In tf.data, where the images from before the map can't be reached.
    "the same, training augmented": ("solar cells",),
    # A texture that was shifted looks like itself.
    "a counter zipped after the shuffle": ("photograph",),
    "the number of the batch as seed": ("photograph",),
    "the place in the epoch as seed": ("photograph",),
    "workers that all start with one seed (pytorch#5059)": ("photograph",),
    # Its squares differ in light as they are.
    "one draw per batch, its function unknown": ("photograph",),
    # Its mean red and blue are nearly the same, 0.32 and 0.34.
    "RGB against BGR": ("photograph",),
}
with open(TABLE, encoding="utf-8", newline="") as file:
    ROWS = {(line["bug"], line["kind"]): line for line in csv.DictReader(file)}
# Each mistake in the first kind of pipeline that has it, and each correct one. tests/slow/check_checkup.py has all.
FAST = list({case.name: case for case in reversed(CASES) if case.finding}.values())[::-1]
FAST += [case for case in CASES if not case.finding]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    """AutoGraph can't read lambdas that share a line, and says so."""
    tf.autograph.set_verbosity(0)
    tf.get_logger().setLevel("ERROR")


@pytest.fixture(scope="module")
def garments():
    return cases.load("garments")


def see(report, expected):
    """Fail where a report doesn't say what is expected, in the words that attacks.py explains."""
    for part in expected.split("; "):
        if part == "sound":
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


@pytest.mark.parametrize("name", attacks.ROWS)
def test_an_attack(name):
    expected, make = attacks.ROWS[name]
    keras.utils.set_random_seed(0)
    see(check_pipeline(**make()), expected)


@pytest.mark.parametrize(("known", "kind"), itertools.product(FINDINGS, ("wrong", "right")))
def test_a_pipeline_of_the_gallery(known, kind):
    report = check_pipeline(importlib.import_module(f"augcheck.gallery.{known.look.__name__}_{kind}").make)
    see(report, "sound" if kind == "right" else f"{known.name}: {report[known.name].severity}")


@pytest.mark.parametrize("case", FAST, ids=lambda case: f"{case.name}-{case.kind}")
def test_the_table_holds_what_the_check_up_says_of_garments(case, garments):
    assert cases.outcome(case, garments) == ROWS[case.name, case.kind]["garments"]


def test_the_table_has_every_case_and_nothing_undetected_but_what_is_known():
    assert list(ROWS) == [(case.name, case.kind) for case in CASES]
    assert {line[name] for line in ROWS.values() for name in SETS if not line["finding"]} == {"no alarm"}
    undetected = {}
    for line in ROWS.values():
        missed = tuple(name for name in SETS if line["finding"] and line[name] != "detected")
        if missed:
            undetected[line["bug"]] = missed
    assert undetected == NOT_DETECTED
