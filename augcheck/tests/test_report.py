"""What the check-up says, as text, as a page, as JSON and as an error; and its bound on time."""

import base64
import copy
import io
import json
import math
import pickle
import re
import sys
import time
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from augcheck import CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, Finding, FoundError, Report, check_pipeline, explain
from augcheck.catalogue import NUMBERS, named, number_of
from augcheck.measures import copies
from augcheck.pictures import LARGEST, data_address, png
from augcheck.result import LEGEND, NO_AUGMENTATION, Picture

RNG = np.random.default_rng(0)
IMAGES = RNG.random((160, 12, 12, 3), np.float32)
LABELS = np.arange(160) % 2
TRAIN, VALIDATION = (IMAGES[:128], LABELS[:128]), (IMAGES[128:], LABELS[128:])


@pytest.fixture
def report():
    black = Picture(np.zeros((4, 6, 1)), 'training image 7, "black"')
    findings = {
        "one draw": Finding(CANT_TELL, "", "Pictures don't show it.", "Give augment=.", reason=NO_AUGMENTATION),
        "degenerate": Finding(FOUND, "constant", "≈ 3% <of> it.", "Look.", {"train": np.array([7, 9])}, [black]),
        "labels": Finding(NOT_FOUND, "", "They agree."),
        "policy": Finding(CANT_TELL, "", "Pictures don't show it.", "Give augment=.", reason=NO_AUGMENTATION),
        "a finding of tomorrow": Finding(FOUND, "new", "It shows.", severity=WASTEFUL),
    }
    return Report(findings, ["train: a list & more."])


# Text


def test_what_was_found_comes_first_and_the_rest_is_folded(report):
    assert str(report).splitlines() == [
        "WRONG: constant (degenerate, AUG06)",
        "  How it knows: ≈ 3% <of> it. Images, counted from 0: train 7, 9.",
        "  What to change: Look.",
        "WASTEFUL: new (a finding of tomorrow)",
        "  How it knows: It shows.",
        LEGEND,
        "1 other check passed: labels of images.",
        "Not checked: you didn't pass augment= (same change per batch, augmentation strength). "
        "More: --full, or to_text(full=True).",
        "Looked at train: a list & more.",
    ]
    assert "They agree." in report.to_text(full=True)
    assert report.to_text(full=True).index("Give augment=.") < report.to_text(full=True).index("They agree.")


def test_a_report_without_a_finding_says_so():
    assert str(Report({"labels": Finding(NOT_FOUND)}, [])) == "Nothing found in 1 check: labels of images."
    unchecked = Report({"shared images": Finding(CANT_TELL, "", "Augmented.", "Give originals.")}, [])
    assert str(unchecked).splitlines() == [
        "Nothing found in 0 checks.",
        "Not checked: the pictures don't show it (validation images in training). More: --full, or to_text(full=True).",
    ]
    full = unchecked.to_text(full=True).splitlines()
    assert full[0] == "can't tell: shared images, AUG05"
    assert full[1:3] == ["  How it knows: Augmented.", "  What to change: Give originals."]
    assert full[3:] == [
        "Nothing found in 0 checks.", "Not checked: the pictures don't show it (validation images in training).",
    ]  # fmt: skip


def test_a_report_can_be_copied_and_stored(report):
    for other in (copy.deepcopy(report), pickle.loads(pickle.dumps(report))):
        assert str(other) == str(report) and other.found == report.found


# For programs


def test_what_is_found_can_be_ignored_by_name_or_number(report):
    assert report.found == ["degenerate", "a finding of tomorrow"] and not report.ok
    assert report.counted(["AUG06"], strict=True) == report.counted("degenerate", True) == ["a finding of tomorrow"]
    assert report.counted(["aug06", "A finding-of_tomorrow"], strict=True) == []
    assert report.counted(["labels"], strict=True) == report.found
    with pytest.raises(ValueError, match="there is no finding 'degnerate'; expected one of repeats"):
        report.counted(["degnerate"])


def test_what_is_wasteful_counts_only_where_that_is_said(report):
    assert report.counted() == ["degenerate"] and report.counted(["degenerate"]) == []
    assert report.raise_if_found(ignore=["degenerate"]) is report
    with pytest.raises(FoundError, match="augcheck found: a finding of tomorrow"):
        report.raise_if_found(ignore=["degenerate"], strict=True)
    with pytest.raises(
        AssertionError, match=r"^augcheck found: degenerate\nWRONG: constant \(degenerate, AUG06\)\n"
    ) as error:
        report.raise_if_found()
    assert "tomorrow" not in str(error.value)
    only = Report({"order": report["a finding of tomorrow"]}, [])
    assert only.ok and only.found == ["order"]


def test_a_reason_for_ignoring_stays_in_the_report(report):
    reasons = {"AUG06": "an X-ray's border", "order": "not found anyway"}
    ignoring = Report(dict(report), report.notes, reasons)
    assert ignoring.ok and ignoring.counted(strict=True) == ["a finding of tomorrow"]
    assert "Ignored: degenerate (an X-ray's border)." in str(ignoring)
    assert json.loads(ignoring.to_json())["ignored"] == {"degenerate": "an X-ray's border"}
    page = Page(ignoring.to_html())
    assert "ignored (an X-ray's border): constant" in page.texts[True]


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
    assert content["schema"] == 2 and content["ok"] is True and content["notes"] == report.notes
    assert content["wrong"] == [] and content["wasteful"] == ["a finding of tomorrow"]
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


# A page


class Page(HTMLParser):
    """What is visible, what is folded, and the pictures."""

    def __init__(self, page):
        super().__init__()
        self.folded, self.texts, self.alts, self.open = False, {True: "", False: ""}, [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.folded |= tag == "details"
        if tag == "img":
            self.alts.append(dict(attrs)["alt"])
        if tag not in ("img", "br", "meta"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.folded &= tag != "details"

    def handle_data(self, data):
        self.texts[self.folded] += data + "\n"


@pytest.mark.parametrize("make", [Report._repr_html_, Report.to_html])
def test_a_page_shows_what_was_found_and_folds_the_rest(report, make):
    page = Page(make(report))
    assert page.open == [] and page.alts == ['training image 7, "black"']
    where = "≈ 3% <of> it. Images, counted from 0: train 7, 9."
    for text in ("AUG06 degenerate", "wrong: constant", "wasteful: new", where, "Look."):
        assert text in page.texts[False] and text not in page.texts[True]
    assert "a finding of tomorrow" in page.texts[False] and "train: a list & more." in page.texts[False]
    for text in ("The other 3: 1 not found, 2 can't tell", "AUG02 one draw", "Give augment=.", "They agree."):
        assert text in page.texts[True] and text not in page.texts[False]


def test_a_page_without_a_finding_says_so_and_one_without_a_rest_folds_nothing(report):
    page = Page(Report({"labels": Finding(NOT_FOUND)}, [])._repr_html_())
    assert page.texts[False] == "Nothing was found.\n" and "labels" in page.texts[True]
    only = Report({name: report[name] for name in report.found}, [])
    assert "<details>" not in only._repr_html_()
    assert LEGEND in Page(only.to_html()).texts[False] and "Legend" not in page.texts[False]
    assert "<title>augcheck: degenerate, a finding of tomorrow found</title>" in only.to_html()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_its_pixels(channels):
    pixels = RNG.integers(0, 256, (5, 7, channels)).astype(np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as image:
        np.testing.assert_array_equal(np.asarray(image).reshape(5, 7, channels), pixels)


def shown(image):
    address = data_address(image).removeprefix("data:image/png;base64,")
    with Image.open(io.BytesIO(base64.b64decode(address))) as picture:
        return np.asarray(picture)


def test_pictures_of_every_range_and_number_of_channels_are_shown():
    ramp = np.linspace(0, 1, 48).reshape(4, 4, 3)
    as_meant = np.round(255 * ramp)
    np.testing.assert_array_equal(shown(ramp), as_meant)
    np.testing.assert_array_equal(shown((255 * ramp).round()), as_meant)
    np.testing.assert_array_equal(shown(as_meant.astype(np.uint8)), as_meant)
    np.testing.assert_array_equal(shown(2 * ramp - 1), as_meant)
    assert shown((ramp > 0.5).astype(np.uint8)).max() == 1  # bytes of 0 and 1 are black, and are shown as such
    assert shown(RNG.random((6, 5, 4))).shape == (6, 5, 3) and shown(RNG.random((6, 5, 2))).shape == (6, 5)
    assert shown(np.full((3, 3, 1), np.nan)).max() == 0
    assert max(shown(RNG.random((1000, 37, 1))).shape) <= LARGEST


def test_shared_images_are_named_in_pairs_and_shown():
    both = np.concatenate([VALIDATION[0], TRAIN[0][[40, 50], :, ::-1]])
    finding = check_pipeline(TRAIN, (both, np.arange(34) % 2))["shared images"]
    assert finding.status == FOUND
    assert {name: list(some) for name, some in finding.indices.items()} == {"validation": [32, 33], "train": [40, 50]}
    assert finding.where == "Pairs, counted from 0: train 40 ↔ validation 32, train 50 ↔ validation 33."
    assert [picture.text for picture in finding.pictures] == [
        "validation image 32", "its double, training image 40", "validation image 33", "its double, training image 50",
    ]  # fmt: skip
    np.testing.assert_array_equal(finding.pictures[2].image, TRAIN[0][50, :, ::-1])


def test_constant_images_are_named_and_shown():
    images = IMAGES[:128].copy()
    images[[5, 90, 91]] = 0.5
    finding = check_pipeline((images, LABELS[:128]), (images[:64], LABELS[:64]))["degenerate"]
    assert finding.indices == {"train": [5, 90, 91], "validation": [5]}
    assert finding.where == "Images, counted from 0: train 5, 90, 91; validation 5."
    assert [picture.text for picture in finding.pictures][2:] == ["training image 91", "validation image 5"]


# Names and explanations


def test_numbers_and_names_are_unique_and_the_first_nine_stay():
    names = {number: name for name, number in NUMBERS.items()}
    assert len(names) == len(NUMBERS) and all(re.fullmatch(r"AUG\d\d", number) for number in names)
    assert [names[f"AUG{i:02}"] for i in range(1, 13)] == [
        "repeats", "one draw", "validation moves", "sets differ", "shared images", "degenerate", "order", "labels",
        "policy", "positions", "augmented twice", "head",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_an_explanation_is_whole_and_has_the_numbers_of_the_code(name):
    text = explain(number_of(name))
    assert text == explain(name) and text.startswith(f"{number_of(name)} {name}\n")
    prose = re.sub(r"(?s)Example wrong:.*(?=What it can't tell:)", "", text)
    assert not re.search(r"[{}]", prose) and max(map(len, prose.splitlines())) <= 100


def test_a_threshold_in_an_explanation_is_that_of_the_code(monkeypatch):
    monkeypatch.setattr(sys.modules["augcheck.findings.policy"], "AFFINITY", 0.77)
    monkeypatch.setattr(copies, "NEAR", 0.123)
    assert "Below 0.77 by two standard errors" in " ".join(explain("policy").split())
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
