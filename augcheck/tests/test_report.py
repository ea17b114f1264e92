"""What the check-up says, as text, as JSON and as an error; and its bound on time."""

import copy
import json
import math
import pickle
import re
import time

import numpy as np
import pytest

from augcheck import (
    CANT_TELL,
    FOUND,
    NOT_FOUND,
    WASTEFUL,
    Finding,
    FoundError,
    Report,
    check_pipeline,
    explain,
)
from augcheck.catalogue import NUMBERS, named
from augcheck.result import NO_AUGMENTATION
from pipelines import pictures

TRAIN, VALIDATION = pictures(128), pictures(32, 1)


@pytest.fixture
def report():
    unclear = Finding(
        CANT_TELL, "", "Pictures don't show it.", "Give augment=.", reason=NO_AUGMENTATION
    )
    findings = {
        "one draw": unclear,
        "degenerate": Finding(
            FOUND, "constant", "≈ 3% <of> it.", "Look.", {"train": np.array([7, 9])}
        ),
        "labels": Finding(NOT_FOUND, "", "They agree."),
        "augmented twice": unclear,
        "positions": Finding(FOUND, "new", "It shows.", severity=WASTEFUL),
    }
    return Report(findings, ["train: a list & more."])


def test_text_has_what_was_found_first_and_the_rest_folded(report):
    lines = str(report).splitlines()
    starts = [
        "WRONG: constant (degenerate, AUG06)",
        "  How it knows: ≈ 3% <of> it.",
        "  What to change: Look.",
        "WASTEFUL: new (positions, AUG10)",
        "  How it knows: It shows.",
        "Legend",
        "1 other check passed: labels",
        "Not checked: give augment= (same change per batch, augmentation in pipeline and model)",
        "Looked at train: a",
    ]
    assert [line[: len(start)] for line, start in zip(lines, starts, strict=True)] == starts
    assert "train 7, 9" in lines[1] and "They agree." not in str(report)
    full = report.to_text(full=True)
    assert full.index("Give augment=.") < full.index("They agree.")
    for other in (copy.deepcopy(report), pickle.loads(pickle.dumps(report))):
        assert str(other) == str(report) and other.found == report.found


@pytest.mark.parametrize(("passed", "said"), [(3, "only 3 checks of 4"), (4, "in 4")])
def test_a_report_without_a_finding_says_so_and_is_no_good_news_where_little_was_checked(
    passed, said
):
    sound = dict.fromkeys([*NUMBERS][:passed], Finding(NOT_FOUND))
    text = str(
        Report(
            sound | {"shared images": Finding(CANT_TELL, "", "Augmented.", "Give originals.")}, []
        )
    )
    assert said in text.splitlines()[0] and "Not checked" in text and "Give originals." not in text


def test_what_may_be_wrong_is_noted_beside_what_was_not_found():
    steps = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    images, rng = TRAIN[0], np.random.default_rng(0)

    def moved():
        shown = [np.roll(image, steps[rng.integers(9)], (0, 1)) for image in images]
        order = rng.permutation(len(images))
        yield np.stack(shown)[order], TRAIN[1][order]

    report = check_pipeline(moved)
    assert report["repeats"].status == NOT_FOUND and report["repeats"].remark
    assert str(report).count(report["repeats"].remark) == 1
    assert report.to_text(full=True).count(report["repeats"].remark) == 1
    assert not check_pipeline(moved, live=False)["repeats"].remark


@pytest.mark.parametrize("given", [{}, {"more": "--full"}])
def test_a_reader_is_told_how_to_get_more_in_the_way_that_works(report, given):
    text = report.to_text(**given)
    assert ("to_text(" in text, "--full" in text) == (not given, bool(given))


# For programs


def test_what_is_found_can_be_ignored_by_name_or_number(report):
    assert report.found == ["degenerate", "positions"] and not report.ok
    assert report.counted() == ["degenerate"] and report.counted(["degenerate"]) == []
    assert (
        report.counted(["AUG06"], strict=True)
        == report.counted("degenerate", True)
        == ["positions"]
    )
    with pytest.raises(
        ValueError, match="there is no finding 'degnerate'; expected one of repeats"
    ):
        report.counted(["degnerate"])
    ignoring = Report(
        dict(report), report.notes, {"AUG06": "an X-ray's border", "order": "not found anyway"}
    )
    assert ignoring.ok and ignoring.counted(strict=True) == ["positions"]
    assert "Ignored: degenerate (an X-ray's border)" in str(ignoring)
    assert json.loads(ignoring.to_json())["ignored"] == {"degenerate": "an X-ray's border"}
    assert check_pipeline(TRAIN, ignore={"order": "sorted"}).ignored == {"order": "sorted"}


def test_what_is_wasteful_is_raised_only_where_that_is_said(report):
    assert report.raise_if_found(ignore=["degenerate"]) is report
    with pytest.raises(FoundError, match="positions"):
        report.raise_if_found(ignore=["degenerate"], strict=True)
    with pytest.raises(
        AssertionError, match=r"^augcheck found: degenerate\nWRONG: constant"
    ) as error:
        report.raise_if_found()
    assert "positions" not in str(error.value)


def test_json_holds_what_its_documentation_names(report):
    content = json.loads(Report(dict(report), report.notes, ["AUG06"]).to_json())
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
    with pytest.raises(ValueError, match="JSON compliant"):
        Report({"labels": Finding(FOUND, math.nan)}, []).to_json()


def test_images_behind_a_finding_are_named():
    images = TRAIN[0].copy()
    images[[5, 90, 91]] = 0.5
    images[3, 2, 2] = np.nan
    report = check_pipeline((images, TRAIN[1]), (images[:64], TRAIN[1][:64]))
    assert "value_range" not in str(report)  # no layer that takes one
    assert report["degenerate"].indices == {"train": [3, 5, 90, 91], "validation": [3, 5]}
    assert "train 3, 5, 90 and 1 more; validation 3, 5" in report["degenerate"].where
    assert json.loads(report.to_json(), parse_constant=math.sqrt)["findings"][5]["indices"][
        "validation"
    ] == [3, 5]
    both = np.concatenate([VALIDATION[0], TRAIN[0][[40, 50], :, ::-1]])
    finding = check_pipeline(TRAIN, (both, np.arange(34) % 2))["shared images"]
    assert {name: list(some) for name, some in finding.indices.items()} == {
        "validation": [32, 33],
        "train": [40, 50],
    }
    assert "train 40 ↔ validation 32, train 50 ↔ validation 33" in finding.where


# Names and explanations


def test_numbers_and_names_stay():
    assert list(NUMBERS.items()) == [
        ("repeats", "AUG01"),
        ("one draw", "AUG02"),
        ("validation moves", "AUG03"),
        ("sets differ", "AUG04"),
        ("shared images", "AUG05"),
        ("degenerate", "AUG06"),
        ("order", "AUG07"),
        ("labels", "AUG08"),
        ("positions", "AUG10"),
        ("augmented twice", "AUG11"),
        ("stored images", "AUG13"),
    ]
    assert named("One_Draw") == named("one-draw") == named(" aug02 ") == "one draw"
    with pytest.raises(ValueError, match="there is no finding 'draw'"):
        explain("draw")


@pytest.mark.parametrize("name", NUMBERS)
def test_an_explanation_is_whole(name):
    text = explain(NUMBERS[name])
    assert text == explain(name) and text.startswith(f"{NUMBERS[name]} {name}\n")
    prose, example = text.split("Example, wrong and right, of augcheck.gallery:\n")
    assert not re.search(r"[{}]", prose) and max(map(len, prose.splitlines())) <= 120
    assert re.findall(r"^(\S.*):$", prose, re.MULTILINE) == [
        "What it does",
        "Why it matters",
        "What it can't tell",
    ]
    assert f"    def {name.replace(' ', '_')}_pair():" in example


# The bound on time


NOW, READ = [0.0], []


def slow(images):
    """Augments, and takes a second for it."""
    NOW[0] += 1
    READ.append(len(images))
    return images * np.random.default_rng(len(READ)).uniform(0.5, 1, (len(images), 1, 1, 1)).astype(
        np.float32
    )


@pytest.mark.parametrize(
    ("max_seconds", "validation", "read"),
    [
        (60, None, "9 epochs, each 128 images"),
        (22, None, "4 epochs, each 128 images"),
        (24, VALIDATION, "2 epochs, each 128 images"),
        (
            5,
            None,
            "read 2 times up to 96 of 128 images",
        ),  # 4 seconds to read: 2 an epoch, and the batch begun
    ],
)
def test_later_epochs_are_read_in_full_or_not_at_all(max_seconds, validation, read, monkeypatch):
    NOW[0] = 0.0  # time passes only in slow()
    READ.clear()
    monkeypatch.setattr(time, "monotonic", lambda: NOW[0])
    report = check_pipeline(
        TRAIN, validation, augment=slow, max_seconds=max_seconds
    )  # four seconds an epoch
    assert read in report.notes[0]
    assert max_seconds == 5 or report["repeats"].status == NOT_FOUND and 0 < NOW[0] <= max_seconds
    assert max_seconds != 5 or READ.count(32) == 3 + 2
