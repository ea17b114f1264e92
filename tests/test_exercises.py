"""Exercises and their solutions in step, and checks that tell right from wrong."""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import exercises
from helpers.exercises import CHECKS, check, choice, number

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(ROOT.glob("notebooks/*.ipynb"))
TASK = re.compile(r"### Exercise ([123]): .+\n\n")
CALL = re.compile(r'\bcheck\("(\d\d\.[123])"')
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def cells(path):
    return nbformat.read(path, as_version=4).cells


def tasks(path):
    return [cell.source for cell in cells(path) if TASK.match(cell.source)]


def solutions_of(path):
    return path.parent / "solutions" / path.name


@every_lesson
def test_a_lesson_has_three_exercises_each_with_a_starter_cell(path):
    lesson = cells(path)
    numbers = []
    for cell, following in zip(lesson, lesson[1:], strict=False):
        if found := TASK.match(cell.source):
            assert following.cell_type == "code", "a starter cell follows each task"
            numbers += found.groups()
    assert numbers == list("123")


@every_lesson
def test_a_lesson_has_five_quick_questions_whose_answers_fold(path):
    (questions,) = [cell.source for cell in cells(path) if cell.source.startswith("## Quick questions\n")]
    # Without the blank lines the answer is not read as Markdown.
    folded = re.findall(
        r"^<details><summary>(\d)\. .+?</summary>\n\n.+?\n\n</details>$", questions, re.M | re.S
    )
    assert folded == list("12345")


@every_lesson
def test_solutions_take_the_same_exercises_in_the_same_words(path):
    assert tasks(solutions_of(path)) == tasks(path)


@every_lesson
def test_every_check_of_a_lesson_is_answered_right_in_its_solutions(path):
    asked = CALL.findall("\n".join(cell.source for cell in cells(path)))
    solved = [cell for cell in cells(solutions_of(path)) if cell.cell_type == "code"]
    answered = [name for cell in solved for name in CALL.findall(cell.source)]
    assert asked
    assert sorted(set(asked)) == sorted(set(answered))
    printed = "".join(output.get("text", "") for cell in solved for output in cell.outputs)
    assert all(f"{name}: right." in printed for name in asked)


def test_every_check_belongs_to_a_lesson():
    asked = {name for path in LESSONS for cell in cells(path) for name in CALL.findall(cell.source)}
    assert asked == set(CHECKS)


@pytest.mark.parametrize("name", sorted(CHECKS))
@pytest.mark.parametrize("answer", [None, "what?", float("nan"), np.zeros(3), object(), lambda *_: None])
def test_no_answer_and_nonsense_get_one_sentence(name, answer, capsys):
    check(name, answer)
    printed = capsys.readouterr().out
    assert re.fullmatch(rf"{re.escape(name)}: .+\.\n", printed)
    assert "right." not in printed
    assert ("no answer yet." in printed) == (answer is None)


def test_an_unknown_exercise_is_named():
    with pytest.raises(ValueError, match="Unknown exercise '99.1'; expected one of"):
        check("99.1", 3)


def test_numbers_and_words_are_judged(monkeypatch, capsys):
    monkeypatch.setitem(exercises.CHECKS, "99.1", number(1, 2, "too few.", "too many."))
    monkeypatch.setitem(exercises.CHECKS, "99.2", choice("better", worse="look at the sign."))
    for name, answer in [("99.1", 0.9), ("99.1", np.float32(1.5)), ("99.1", 3), ("99.1", True), ("99.1", 1j)]:
        check(name, answer)
    for answer in ("better", "worse", "best"):
        check("99.2", answer)
    assert capsys.readouterr().out.splitlines() == [
        "99.1: too few.",
        "99.1: right.",
        "99.1: too many.",
        "99.1: found bool, expected a number.",
        "99.1: found complex, expected a number.",
        "99.2: right.",
        "99.2: look at the sign.",
        "99.2: found 'best', expected one of: better, worse.",
    ]
