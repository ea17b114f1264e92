"""The gallery: for every finding a pipeline that is wrong, and its twin that is right; the explanations quote them."""

import importlib.util
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
        and "(limit ≈ 2" in drawn.how
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
