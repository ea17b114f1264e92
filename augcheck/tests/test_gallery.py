"""The gallery: for every finding a pipeline that is wrong, and its twin that is right; the explanations quote them."""

import importlib.util
import sys
from pathlib import Path

import pytest

from augcheck import NOT_FOUND, check_pipeline
from augcheck.catalogue import HEADINGS, parts_of
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
def test_what_is_wrong_is_found_and_what_is_right_raises_no_alarm(name):
    wrong, right = (check_pipeline(made(f"{name}_{kind}")) for kind in ("wrong", "right"))
    finding = name.replace("_", " ")
    assert wrong.found == [finding] and not right.found
    unclear = ("shared images", "one draw")  # what is right can't be told there
    assert right[finding].status == ("can't tell" if finding in unclear else NOT_FOUND)
    for one in (*wrong.values(), *right.values()):
        assert bool(one.reason) == (one.status == "can't tell")


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


@pytest.mark.parametrize("function", FINDINGS.values(), ids=NAMES)
def test_an_explanation_has_every_heading_and_quotes_its_two_pipelines(function):
    parts = parts_of(function)
    assert list(parts) == ["", *HEADINGS] and all(parts.values())
    for kind in ("wrong", "right"):
        example = parts[f"Example {kind}"]
        assert example in (GALLERY / f"{function.__name__}_{kind}.py").read_text(encoding="utf-8")
    assert parts["Example wrong"] != parts["Example right"]


def test_what_was_scaled_twice_is_explained_once_and_a_model_is_named_only_where_there_is_one():
    pipeline = made("degenerate_wrong")
    finding = check_pipeline(pipeline)["degenerate"]
    assert finding.how.count("at most 0.0019") == 2  # in training, in validation
    assert finding.how.endswith("; images are usually 0 to 1 or 0 to 255, and 1/255 of 0 to 1 is 0.0039.")
    assert "model" not in finding.change
    train, validation = pipeline()
    model = made("augmented_twice_right")()["model"]
    assert "or in the model" in check_pipeline(train, validation, model=model)["degenerate"].change


def test_frozen_pictures_may_be_augmented_later_unless_what_augments_was_given():
    pipeline = made("repeats_wrong")
    assert check_pipeline(pipeline)["repeats"].value.endswith(": augmentation is off, frozen, or comes later")
    given = check_pipeline(lambda: {"train": pipeline(), "augment": lambda batch: batch})["repeats"]
    assert given.value == "every epoch shows identical images" and "later" not in given.how


def test_what_needs_another_repair_first_says_so():
    reasons = {name: finding.reason for name, finding in check_pipeline(made("order_wrong")).items()}
    assert reasons["positions"] == "needs the fault above repaired first"
    assert reasons["augmented twice"] == "no model given" and reasons["sets differ"] == "no validation set given"
