"""The teaching pages have the lessons' numbers, decks show what steps and tags choose, and students get no answers."""

import functools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import class_folder
import nbformat
import pytest
import sessions
import slides

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "docs" / "for-lecturers.md", *sorted(sessions.TEACHING.glob("*.md"))]
STEPS = [step for steps in sessions.sessions().values() for step in steps]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97 or 78 %, but not the exercise 00.1
NUMBER = re.compile(r"(?<![\d.,\w])(?!0\d\.\d\b)(?:\d+(?:,\d{3})+(?!\d)|\d+\.\d+(?![\d.])|\d+ %)")
needs_git = pytest.mark.skipif(not shutil.which("git") or not (ROOT / ".git").exists(), reason="needs git and a clone")


STEP = sessions.Step(0, 5, "predict", "A title", "00_small", "it-is-so", "What?", "Count.", "M1")


@functools.cache
def text_of(path):
    """What a notebook says, shows and prints, without its pictures."""
    cells = nbformat.read(path, as_version=4).cells
    parts = json.dumps([[cell.source, cell.metadata, cell.get("outputs")] for cell in cells], ensure_ascii=False)
    return re.sub(r'"image/(?:png|jpeg)": "[^"]+"', "", parts).replace("\\n", " ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_numbers_are_those_of_the_lessons_that_a_saying_links_to(page):
    """A saying is a row, a paragraph, or a section of the misconceptions."""
    ends = r"\n### " if page.stem == "misconceptions" else r"\n\n|\n(?=\|)|\n(?=- )"
    for saying in re.split(ends, page.read_text(encoding="utf-8")):
        targets = [page.parent / link.split("#")[0] for link in LINK.findall(saying) if ".ipynb" in link]
        known = "\n".join(map(text_of, targets))
        known += known.replace(".0 %", " %")
        assert not [number for number in NUMBER.findall(LINK.sub("]", saying)) if targets and number not in known]


def test_steps_follow_one_another_name_misconceptions_that_exist_and_leave_a_reserve():
    row = "| {} to {} | predict | 00 [A title](../../notebooks/00_small.ipynb#it-is-so) | **What?** Count. | M1 |\n"
    assert sessions.read_steps("| a | b |\n" + row.format(0, 5)) == [STEP]
    with pytest.raises(ValueError, match="expected a step from where the last one ends"):
        sessions.read_steps(row.format(0, 5) + row.format(6, 9))
    assert set(re.findall(r"\bM\d+", str(STEPS))) <= set(slides.misconceptions())
    assert all(steps[-1].end <= sessions.MINUTES - sessions.RESERVE for steps in sessions.sessions().values())


@pytest.mark.parametrize("name", sessions.PAGES)
def test_a_deck_has_all_steps_and_all_tagged_cells_credits_photographs_and_fetches_nothing(name):
    steps = sessions.sessions()[name]
    found = slides.session_slides(steps)
    assert list(dict.fromkeys(slide.title for slide in found)) == [step.title for step in steps]
    for step in steps:
        own = [slide for slide in found if slide.title == step.title]
        assert own[0].notes.startswith(f"**{step.start} to {step.end}, ")
        assert sum(bool(step.ask) and step.ask in slide.shown for slide in own) == bool(step.ask)
    for lesson in {step.lesson for step in steps if step.is_in_a_lesson}:
        notebook = slides.lesson(lesson)
        shown = [cell for step in STEPS if step.lesson == lesson for cell in sessions.cells_of(step, notebook)]
        assert len(shown) == str(notebook).count("'slide"), "a tag above the first step is seen nowhere"
        answers = [slides.unlinked(text) for cell in notebook.cells for _, text in slides.DETAILS.findall(cell.source)]
        drawn = [number for number, _ in shown if notebook.cells[number].cell_type == "code"]
        captions = [slides.caption_and_rest(notebook, number)[0] for number in drawn]
        hidden = [*answers, *(caption for caption in captions if caption and not caption.endswith("?"))]
        assert hidden and not [text for slide in found for text in hidden if text in slide.shown]
        titles = {step.title for step in steps if step.lesson == lesson}
        pictures = [slide.shown for slide in found if slide.title in titles and "<img" in slide.shown]
        needed = "load_solar_cells()" in str(notebook)
        assert [slides.CELLS_LICENCE in shown for shown in pictures][:1] == [needed]
    page = slides.deck(found, "A title")
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)', page)


@needs_git
def test_students_get_what_git_knows_and_no_download_that_lies_beside_it(tmp_path):
    kept = ["data/garments.npz", "notebooks/00 ä.ipynb", "notebooks/going_deeper/a.ipynb", "LICENSE"]
    for name in [*kept, "data/photographs.npz", "notebooks/draft.ipynb", "notebooks/solutions/00.ipynb", "README.md"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for command in (["init", "-q"], ["add", *kept, "notebooks/solutions", "README.md"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert sorted(class_folder.tracked(tmp_path)) == sorted(kept)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The students' folder, from its archive, far from the series."""
    made, elsewhere = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("elsewhere")
    class_folder.build(made / "class")
    shutil.unpack_archive(made / "class.zip", elsewhere)
    return elsewhere / "class"


@needs_git
def test_students_get_lessons_without_outputs_solutions_or_dead_links(unpacked):
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert files == {*class_folder.tracked(ROOT), "check_set_up.ipynb", "READ_ME.txt"}
    for path in unpacked.glob("notebooks/**/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "Worked answers" not in cell.source
            targets = LINK.findall(cell.source) if cell.cell_type == "markdown" else []
            assert all("://" in target or (path.parent / target.split("#")[0]).exists() for target in targets)


@needs_git
def test_students_who_run_cell_by_cell_are_asked_before_each_answer(unpacked):
    asked = 0
    for path in sorted(unpacked.glob("notebooks/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        for number, question in class_folder.questions(path.stem, slides.lesson(path.stem)).items():
            shown = slides.lesson(path.stem).cells[number]
            here = next(i for i, cell in enumerate(cells) if cell.source.startswith(shown.source.splitlines()[0]))
            if shown.cell_type == "markdown":
                assert f"{question}\n\n<details>" in cells[here].source
            elif "hide-output" not in shown.metadata.get("tags", []):
                assert question in cells[here - 1].source
            below = slides.following_text(nbformat.from_dict({"cells": cells}), here)
            assert not below or below.startswith(("<details>", "**"))
            asked += 1
    assert asked > 10


@needs_git
def test_the_check_says_in_one_line_whether_all_is_well(unpacked):
    cells = nbformat.read(unpacked / "check_set_up.ipynb", as_version=4).cells
    check = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    script = [check, 'sys.modules["explorers"] = None', check]
    command = [sys.executable, "-c", "\n".join(script)]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=True)
    well, not_yet = done.stdout.splitlines()
    assert well.startswith("All is well: Python 3.")
    assert not_yet.startswith("Not yet: ModuleNotFoundError: ") and "explorers" in not_yet
