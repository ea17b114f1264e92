"""What the check-up says, as text, as JSON and as an error; and its bound on time."""

import copy
import json
import math
import pickle
import re
import sys
import time

import numpy as np
import pytest

from augcheck import CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, Finding, FoundError, Report, check_pipeline, explain
from augcheck.catalogue import NUMBERS, named
from augcheck.measures import copies
from augcheck.result import LEGEND, NO_AUGMENTATION

RNG = np.random.default_rng(0)
IMAGES = RNG.random((160, 12, 12, 3), np.float32)
LABELS = np.arange(160) % 2
TRAIN, VALIDATION = (IMAGES[:128], LABELS[:128]), (IMAGES[128:], LABELS[128:])


@pytest.fixture
def report():
    findings = {
        "one draw": Finding(CANT_TELL, "", "Pictures don't show it.", "Give augment=.", reason=NO_AUGMENTATION),
        "degenerate": Finding(FOUND, "constant", "≈ 3% <of> it.", "Look.", {"train": np.array([7, 9])}),
        "labels": Finding(NOT_FOUND, "", "They agree."),
        "augmented twice": Finding(CANT_TELL, "", "Pictures don't show it.", "Give augment=.", reason=NO_AUGMENTATION),
        "positions": Finding(FOUND, "new", "It shows.", severity=WASTEFUL),
    }
    return Report(findings, ["train: a list & more."])


# Text


def test_what_was_found_comes_first_and_the_rest_is_folded(report):
    assert str(report).splitlines() == [
        "WRONG: constant (degenerate, AUG06)",
        "  How it knows: ≈ 3% <of> it. Images, by their places in the first epoch read, from 0: train 7, 9.",
        "  What to change: Look.",
        "WASTEFUL: new (positions, AUG10)",
        "  How it knows: It shows.",
        LEGEND,
        "1 other check passed: labels of images.",
        "Not checked: give augment= (same change per batch, augmentation in pipeline and model). "
        "More: --full, or to_text(full=True).",
        "Looked at train: a list & more.",
    ]
    assert "They agree." in report.to_text(full=True)
    assert report.to_text(full=True).index("Give augment=.") < report.to_text(full=True).index("They agree.")


def test_a_report_without_a_finding_says_so():
    assert (
        str(Report({"labels": Finding(NOT_FOUND)}, []))
        == "Nothing found, but only 1 check of 1 could be made: labels of images."
    )
    unchecked = Report({"shared images": Finding(CANT_TELL, "", "Augmented.", "Give originals.")}, [])
    assert str(unchecked).splitlines() == [
        "Nothing found, but only 0 checks of 1 could be made.",
        "Not checked: the pictures don't show it (validation images in training). More: --full, or to_text(full=True).",
    ]
    full = unchecked.to_text(full=True).splitlines()
    assert full[0] == "can't tell: shared images, AUG05"
    assert full[1:3] == ["  How it knows: Augmented.", "  What to change: Give originals."]
    assert full[3:] == [
        "Nothing found, but only 0 checks of 1 could be made.",
        "Not checked: the pictures don't show it (validation images in training).",
    ]  # fmt: skip


def test_a_report_can_be_copied_and_stored(report):
    for other in (copy.deepcopy(report), pickle.loads(pickle.dumps(report))):
        assert str(other) == str(report) and other.found == report.found


# For programs


def test_what_is_found_can_be_ignored_by_name_or_number(report):
    assert report.found == ["degenerate", "positions"] and not report.ok
    assert report.counted(["AUG06"], strict=True) == report.counted("degenerate", True) == ["positions"]
    assert report.counted(["aug06", "Positions"], strict=True) == []
    assert report.counted(["labels"], strict=True) == report.found
    with pytest.raises(ValueError, match="there is no finding 'degnerate'; expected one of repeats"):
        report.counted(["degnerate"])


def test_what_is_wasteful_counts_only_where_that_is_said(report):
    assert report.counted() == ["degenerate"] and report.counted(["degenerate"]) == []
    assert report.raise_if_found(ignore=["degenerate"]) is report
    with pytest.raises(FoundError, match="augcheck found: positions"):
        report.raise_if_found(ignore=["degenerate"], strict=True)
    with pytest.raises(
        AssertionError, match=r"^augcheck found: degenerate\nWRONG: constant \(degenerate, AUG06\)\n"
    ) as error:
        report.raise_if_found()
    assert "positions" not in str(error.value)
    only = Report({"order": report["positions"]}, [])
    assert only.ok and only.found == ["order"]


def test_a_reason_for_ignoring_stays_in_the_report(report):
    reasons = {"AUG06": "an X-ray's border", "order": "not found anyway"}
    ignoring = Report(dict(report), report.notes, reasons)
    assert ignoring.ok and ignoring.counted(strict=True) == ["positions"]
    assert "Ignored: degenerate (an X-ray's border)." in str(ignoring)
    assert json.loads(ignoring.to_json())["ignored"] == {"degenerate": "an X-ray's border"}


def test_an_unknown_name_is_refused_before_anything_is_read():
    read = []

    def batches():
        read.append(1)
        yield IMAGES[:32], LABELS[:32]

    with pytest.raises(ValueError, match="there is no finding 'ordre'"):
        check_pipeline(batches, ignore={"ordre": "a typo"})
    with pytest.raises(ValueError, match="there is no finding 'ordre'"):
        check_pipeline(lambda: {"train": batches, "ignore": ["ordre"]})
    assert not read
    assert check_pipeline(TRAIN, ignore={"order": "sorted"}).ignored == {"order": "sorted"}


def test_json_holds_what_its_documentation_names(report):
    def forbidden(word):
        raise AssertionError(f"{word} is no JSON")

    text = Report(dict(report), report.notes, ["AUG06"]).to_json()
    content = json.loads(text, parse_constant=forbidden)
    documented = set(re.findall(r'"(\w+)"', Report.to_json.__doc__)) - {"AUG01"}
    assert {*content, *content["findings"][0], "train", "validation"} == documented
    assert content["schema"] == 3 and content["ok"] is True and content["notes"] == report.notes
    assert content["wrong"] == [] and content["wasteful"] == ["positions"]
    assert content["ignored"] == {"degenerate": ""} and json.loads(report.to_json())["ok"] is False
    assert [finding["name"] for finding in content["findings"]] == list(report)
    assert content["findings"][1] == {
        "number": "AUG06",
        "name": "degenerate",
        "status": "found",
        "severity": "wrong",
        "value": "constant",
        "how": "≈ 3% <of> it.",
        "change": "Look.",
        "indices": {"train": [7, 9]},
    }
    assert json.loads(Report(dict(report), [], report.found).to_json())["ok"] is True
    with pytest.raises(ValueError, match="JSON compliant"):
        Report({"labels": Finding(FOUND, math.nan)}, []).to_json()


def test_a_real_report_with_nan_in_the_images_is_json_too():
    images = IMAGES.copy()
    images[3, 2, 2] = np.nan
    content = json.loads(check_pipeline((images[:128], LABELS[:128]), VALIDATION).to_json(), parse_constant=math.sqrt)
    indices = {finding["name"]: finding["indices"] for finding in content["findings"]}
    assert content["wrong"] == ["degenerate"] and indices["degenerate"] == {"train": [3]}


def test_shared_images_are_named_in_pairs_and_shown():
    both = np.concatenate([VALIDATION[0], TRAIN[0][[40, 50], :, ::-1]])
    finding = check_pipeline(TRAIN, (both, np.arange(34) % 2))["shared images"]
    assert finding.status == FOUND
    assert {name: list(some) for name, some in finding.indices.items()} == {"validation": [32, 33], "train": [40, 50]}
    assert (
        finding.where
        == "Pairs, by their places in the first epoch read, from 0: train 40 ↔ validation 32, train 50 ↔ validation 33."
    )


def test_constant_images_are_named_and_shown():
    images = IMAGES[:128].copy()
    images[[5, 90, 91]] = 0.5
    finding = check_pipeline((images, LABELS[:128]), (images[:64], LABELS[:64]))["degenerate"]
    assert finding.indices == {"train": [5, 90, 91], "validation": [5]}
    assert finding.where == "Images, by their places in the first epoch read, from 0: train 5, 90, 91; validation 5."


# Names and explanations


def test_numbers_and_names_are_unique_and_the_first_nine_stay():
    names = {number: name for name, number in NUMBERS.items()}
    assert len(names) == len(NUMBERS) and all(re.fullmatch(r"AUG\d\d", number) for number in names)
    assert [names[f"AUG{i:02}"] for i in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11)] == [
        "repeats", "one draw", "validation moves", "sets differ", "shared images", "degenerate", "order", "labels",
        "positions", "augmented twice",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_an_explanation_is_whole_and_has_the_numbers_of_the_code(name):
    text = explain(NUMBERS[name])
    assert text == explain(name) and text.startswith(f"{NUMBERS[name]} {name}\n")
    prose, example = text.split("Example wrong:\n")
    assert not re.search(r"[{}]", prose) and max(map(len, prose.splitlines())) <= 120
    assert "Example right:" in example and "def make" in example and "Expected" not in example


def test_a_threshold_in_an_explanation_is_that_of_the_code(monkeypatch):
    monkeypatch.setattr(sys.modules["augcheck.findings.order"], "DISPLACED", 0.77)
    monkeypatch.setattr(copies, "NEAR", 0.123)
    assert "by less than 77% of an epoch" in " ".join(explain("order").split())
    assert "within 12% of the distance" in " ".join(explain("shared images").split())


def test_a_name_is_known_in_any_spelling():
    assert named("One_Draw") == named("one-draw") == named(" aug02 ") == "one draw"
    with pytest.raises(ValueError, match="there is no finding 'draw'"):
        explain("draw")


# The bound on time


# The check-up puts back what a function keeps in its closure, but not what is global.
NOW, READ = [0.0], []


def slow(images):
    """Augments, and takes a second for it."""
    NOW[0] += 1
    READ.append(len(images))
    return images * RNG.uniform(0.5, 1, (len(images), 1, 1, 1)).astype(np.float32)


@pytest.fixture
def _clock(monkeypatch):
    """Time that passes only in ``slow``."""
    NOW[0] = 0.0
    READ.clear()
    monkeypatch.setattr(time, "monotonic", lambda: NOW[0])


@pytest.mark.usefixtures("_clock")
@pytest.mark.parametrize(("max_seconds", "validation", "epochs"), [(60, None, 9), (22, None, 4), (24, VALIDATION, 2)])
def test_later_epochs_are_read_in_full_or_not_at_all(max_seconds, validation, epochs):
    report = check_pipeline(TRAIN, validation, augment=slow, max_seconds=max_seconds)  # four seconds an epoch
    assert report.notes[0] == f"train: a pair of arrays, {epochs} epochs, each 128 images in 4 batches."
    assert report["repeats"].status == NOT_FOUND
    assert 0 < NOW[0] <= max_seconds


@pytest.mark.usefixtures("_clock")
def test_two_epochs_that_take_too_long_share_the_time():
    report = check_pipeline(TRAIN, augment=slow, max_seconds=5)  # of which 4 to read: 2 an epoch, and the batch begun
    assert READ.count(32) == 3 + 2
    assert report.notes == ["train: a pair of arrays, read 2 times up to 96 images in 3 batches."]
