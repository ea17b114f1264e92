"""The gallery: for every finding a pipeline that is wrong, and its twin that is right; the explanations quote them."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from augcheck import NOT_FOUND, check_pipeline
from augcheck.catalogue import HEADINGS, name_of, parts_of
from augcheck.findings import FINDINGS

GALLERY = Path(__file__).parent / "gallery"
NAMES = [function.__name__ for function in FINDINGS.values()]


def made(name):
    """What the pipeline's own file makes."""
    specification = importlib.util.spec_from_file_location(name, GALLERY / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.make


@pytest.fixture(autouse=True)
def _folder(monkeypatch):
    monkeypatch.syspath_prepend(GALLERY)
    yield
    sys.modules.pop("pictures", None)


def test_every_finding_has_a_wrong_and_a_right_pipeline_and_there_are_no_others():
    expected = {f"{name}_{kind}.py" for name in NAMES for kind in ("wrong", "right")} | {"pictures.py"}
    assert {path.name for path in GALLERY.glob("*.py")} == expected


@pytest.mark.parametrize("name", NAMES)
def test_what_is_wrong_is_found_and_nothing_else_is(name):
    assert check_pipeline(made(f"{name}_wrong")).found == [name.replace("_", " ")]


def test_images_of_one_draw_and_images_in_no_order_are_told_apart():
    drawn, sorted_by_class = (
        check_pipeline(made(f"{name}_wrong"))[name.replace("_", " ")] for name in ("one_draw", "order")
    )
    assert (
        "The mean image of each batch differs from batch to batch ≈" in drawn.how
        and "(up to ≈ 2" in drawn.how
        and "classes are mixed" in drawn.how
    )
    # One of the twelve batches holds the last of one class and the first of the other.
    most = "more than 77% of the images are of one class"
    assert sorted_by_class.how == f"In 11 of 12 batches of the first epoch {most}."


def test_without_labels_nothing_is_said_of_classes():
    images = check_pipeline(lambda: (batch[0] for batch in made("one_draw_wrong")()))
    assert images["one draw"].status == "found" and "classes" not in images["one draw"].how


@pytest.mark.parametrize("name", NAMES)
def test_what_is_right_raises_no_alarm_and_its_finding_says_so_where_it_can(name):
    report = check_pipeline(made(f"{name}_right"))
    assert not report.found
    status = report[name.replace("_", " ")].status
    assert status == NOT_FOUND or (name, status) in {("shared_images", "can't tell"), ("one_draw", "can't tell")}


@pytest.mark.parametrize("function", FINDINGS.values(), ids=NAMES)
def test_an_explanation_has_every_heading_and_quotes_its_two_pipelines(function):
    parts = parts_of(function)
    assert list(parts) == ["", *HEADINGS] and all(parts.values())
    for kind in ("wrong", "right"):
        example = parts[f"Example {kind}"]
        assert example in (GALLERY / f"{function.__name__}_{kind}.py").read_text(encoding="utf-8")
    assert parts["Example wrong"] != parts["Example right"]


@pytest.mark.parametrize("function", FINDINGS.values(), ids=NAMES)
def test_a_finding_stands_in_a_module_that_is_named_after_it(function):
    assert function.__module__ == f"augcheck.findings.{function.__name__}"
    assert name_of(function) == function.__name__.replace("_", " ")


def test_a_finding_without_its_two_pipelines_is_noticed(monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "NAMES", [*NAMES, "thirteenth"])
    with pytest.raises(AssertionError):
        test_every_finding_has_a_wrong_and_a_right_pipeline_and_there_are_no_others()


def test_what_was_scaled_twice_is_explained_once_and_a_model_is_named_only_where_there_is_one():
    pipeline = made("degenerate_wrong")
    finding = check_pipeline(pipeline)["degenerate"]
    assert finding.how.count("at most 0.0019") == 2  # in training, in validation
    assert finding.how.endswith("; images are usually 0 to 1 or 0 to 255, and 1/255 of 0 to 1 is 0.0039.")
    assert "model" not in finding.change
    train, validation = pipeline()
    model = made("head_right")()["model"]
    assert "or in the model" in check_pipeline(train, validation, model=model)["degenerate"].change


def test_what_preprocessing_flattened_is_not_explained_by_a_division():
    train, validation = made("degenerate_right")()
    flat = [(images / 127.5 - 1, labels) for images, labels in (train, validation)]  # from 0 to 1, for 0 to 255
    finding = check_pipeline(*flat)["degenerate"]
    assert (
        re.search("of values between -0.99. and -0.99.", finding.how)
        and "preprocessing made for 0 to 255" in finding.how
    )


def test_frozen_pictures_may_be_augmented_later_unless_what_augments_was_given():
    pipeline = made("repeats_wrong")
    assert check_pipeline(pipeline)["repeats"].value.endswith(": augmentation is off, frozen, or comes later")
    given = check_pipeline(lambda: {"train": pipeline(), "augment": lambda batch: batch})["repeats"]
    assert given.value == "every epoch shows identical images" and "later" not in given.how


def test_what_needs_another_repair_first_says_so():
    reasons = {name: finding.reason for name, finding in check_pipeline(made("order_wrong")).items()}
    assert reasons["positions"] == "needs the fault above repaired first"
    assert reasons["head"] == "no model given" and reasons["sets differ"] == "no validation set given"


@pytest.mark.parametrize("name", NAMES)
def test_whatever_was_not_checked_has_a_reason(name):
    for kind in ("wrong", "right"):
        for finding in check_pipeline(made(f"{name}_{kind}")).values():
            assert bool(finding.reason) == (finding.status == "can't tell")
