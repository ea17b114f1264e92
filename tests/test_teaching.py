"""The teaching pages have the lessons' numbers, decks show what steps and tags choose, and students get no answers."""

import functools
import io
import itertools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import class_folder
import nbformat
import numpy as np
import pytest
import sessions
import slides
from nbformat.v4 import new_notebook
from PIL import Image

from refusals import refusal

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "docs" / "for-lecturers.md", *sorted(sessions.TEACHING.glob("*.md"))]
STEPS = [step for steps in sessions.sessions().values() for step in steps]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97 or 78 %, but not the exercise 00.1
NUMBER = re.compile(r"(?<![\d.,\w])(?!0\d\.\d\b)(?:\d+(?:,\d{3})+(?!\d)|\d+\.\d+(?![\d.])|\d+ %)")
needs_git = pytest.mark.skipif(not shutil.which("git") or not (ROOT / ".git").exists(), reason="needs git and a clone")


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
    with pytest.raises(ValueError, match="expected a step from where the last one ends"):
        sessions.read_steps(row.format(0, 5) + row.format(6, 9))
    assert set(re.findall(r"\bM\d+", str(STEPS))) <= set(slides.misconceptions())
    quoted = [found for step in STEPS for found in re.findall(r'\b(M\d+),? (".+?")', step.listen)]
    assert all(quote in slides.misconceptions()[number] for number, quote in quoted)
    assert all(steps[-1].end <= 80 for steps in sessions.sessions().values())


@pytest.mark.parametrize("name", sessions.PAGES)
def test_a_deck_has_all_steps_and_all_tagged_cells_shows_no_answer_before_the_next_key_and_fetches_nothing(name):
    steps = sessions.sessions()[name]
    found = slides.session_slides(steps)
    assert list(dict.fromkeys(slide.title for slide in found)) == [step.title for step in steps]
    for step in steps:
        own = [slide for slide in found if slide.title == step.title]
        advice = [slide for slide in own if slide.notes.startswith(f"**{step.start} to {step.end}, ")]
        assert advice[:1] == own[:1] and all(slide.notes for slide in own)
        assert all(f"{name}. " in own[0].notes for name in re.findall(r"\bM\d+\b", step.listen))
        notebook = slides.lesson(step.lesson) if step.is_in_a_lesson else new_notebook()
        tagged = sessions.cells_of(step, notebook) if step.is_in_a_lesson else []
        asked = [number for number, slide in enumerate(own) if step.ask and step.ask in slide.shown]
        tags = [tag for _, tag in tagged]
        assert asked == ([tags.count("slide-before")] if step.ask else [])
        assert not asked or ('class="alone"' in own[asked[0]].shown) == ("slide-with" not in tags)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        folds = [slides.unlinked(inside) for _, inside in slides.DETAILS.findall(text)]
        alone = [notebook.cells[number] for number, tag in tagged if tag in ("slide", "slide-before")]
        outputs = [output for cell in alone for output in cell.get("outputs", [])]
        captions = [output.get("data", {}).get("text/markdown", "").strip("*") for output in outputs]
        told = [slides.unlinked(said) for said in captions if said and not said.endswith("?")]
        for slide in own:
            assert not any(inside in slide.shown + slide.revealed for inside in folds)
            assert not any(said in slide.shown for said in told)
        if not any("text" in output for output in outputs):  # what is printed would come in its place
            revealed = "\n".join(slide.revealed for slide in own)
            assert [said for said in told if said not in revealed] == []
    for lesson in {step.lesson for step in steps if step.is_in_a_lesson}:
        notebook = slides.lesson(lesson)
        shown = [cell for step in STEPS if step.lesson == lesson for cell in sessions.cells_of(step, notebook)]
        assert len(shown) == str(notebook).count("'slide"), "a tag above the first step is seen nowhere"
        titles = {step.title for step in steps if step.lesson == lesson}
        pictures = [slide.shown for slide in found if slide.title in titles and "<img" in slide.shown]
        needed = "load_solar_cells()" in str(notebook)
        assert [slides.CELLS_LICENCE in shown for shown in pictures][:1] == [needed]
    page = slides.deck(found, "A title")
    assert "<p>|" not in page, "a table has lost its shape"
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)', page)


def test_nine_runs_show_the_pair_that_looks_alike_then_three_at_a_time_with_answers_by_the_next_key():
    found = slides.session_slides(sessions.sessions()["1_is_live_better"])
    question, *some = [slide for slide in found if slide.title == "Nine runs"]
    assert "<img" not in question.shown and not question.revealed
    for slide, letters in zip(some, ["BH", "ABC", "DEF", "GHI"], strict=True):
        assert "<img" in slide.shown and "**" not in slide.shown
        for answer in (slide.revealed, slide.notes):
            assert "".join(re.findall(r"\*\*([A-I])\*\*", answer)) == letters
        assert len(slide.revealed.split()) <= 45 < len(slide.notes.split())


def test_panels_of_a_figure_stand_side_by_side_whole_and_without_legend_and_labels():
    drawn = np.full((310, 310), 255, "uint8")
    drawn[2:6] = drawn[:, 2:6] = drawn[306:] = 5  # a legend and common labels
    for number, (top, left) in enumerate(itertools.product((14, 112, 210), (14, 112, 210))):
        drawn[top : top + 90, left : left + 90] = 10 * (number + 1)
    written = io.BytesIO()
    Image.fromarray(drawn).save(written, "png")
    shown = np.asarray(Image.open(io.BytesIO(slides.panels_of(written.getvalue(), "BFG"))).convert("L"))
    assert list(dict.fromkeys(shown[shown.shape[0] // 2].tolist())) == [255, 20, 60, 70]
    assert np.count_nonzero(shown < 255) == 3 * 90 * 90


def test_the_sheet_of_nine_runs_has_their_names_in_another_order_and_no_answer():
    sheet, answers = slides.nine_runs().values()
    names = re.findall(r"one run: (.+?)\.", " ".join(re.sub(r"<[^>]+>", "", sheet).split()))[0].split(", ")
    assert len(names) == 9 and names == sorted(names)
    assert re.findall(r"<strong>([A-I])</strong>", answers) == list("ABCDEFGHI") and "<strong>" not in sheet


def test_of_a_long_section_a_slide_has_the_chosen_part_and_paper_has_nothing_to_click():
    for step in STEPS:
        chosen = slides.ON_A_SLIDE.get(step.anchor, ())
        assert not chosen or len(re.findall(r"^[-|]", slides.section(step), re.MULTILINE)) == len(chosen)
    assert not re.search(r"<a [^>]*href=\"(?!#)|lesson \d|Conclusions", slides.handout())


@needs_git
def test_students_get_what_git_knows_and_no_download_that_lies_beside_it(tmp_path):
    kept = ["data/garments.npz", "notebooks/00 ä.ipynb", "notebooks/going_deeper/a.ipynb", "LICENSE"]
    for name in [*kept, "data/photographs.npz", "notebooks/draft.ipynb", "notebooks/solutions/00.ipynb", "README.md"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for command in (["init", "-q"], ["add", *kept, "notebooks/solutions", "README.md"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert sorted(class_folder.tracked(tmp_path)) == sorted(kept)
    (tmp_path / ".git").rename(tmp_path / "git")
    (tmp_path / ".git").write_text("elsewhere")
    assert "git lists nothing: fatal: " in refusal(class_folder.tracked, tmp_path, kind=OSError)


def test_links_to_what_students_lack_leave_their_words_and_alone_in_brackets_nothing(tmp_path):
    (tmp_path / "a.ipynb").touch()
    kept = "See [it](a.ipynb#b) ([there](a.ipynb), [web](https://a.b)) ([A](a.ipynb))."
    assert class_folder.without_dead_links(kept, tmp_path) == kept
    dead = "We ([Registered](../a.md#b)) wrote [it](c.md) down ([page](c.md) and more)."
    assert class_folder.without_dead_links(dead, tmp_path) == "We wrote it down (page and more)."


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
    asked = guessed = told = 0
    for path in sorted(unpacked.glob("notebooks/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        questions = class_folder.questions(path.stem, slides.lesson(path.stem))
        guesses = ["hide-output" in cell.metadata.get("tags", []) for cell in cells]
        for number, question in questions.items():
            assert f"{class_folder.STOP} {question}\n\n<details>" in cells[number].source
        assert str(cells).count(class_folder.STOP) == len(questions), "a question stands above no answer of another"
        own = [step for step in STEPS if step.lesson == path.stem]
        for number, tag in itertools.chain(*(sessions.cells_of(step, slides.lesson(path.stem)) for step in own)):
            assert tag == "slide" or class_folder.STOP not in cells[number].source, "what a question is asked about"
        assert all(cells[number].metadata.jupyter.get("source_hidden") for number in np.flatnonzero(guesses))
        for number, cell in enumerate(cells[:-1]):
            in_sight = re.sub(r"<details>.*?</details>", "", cell.source, flags=re.DOTALL).strip()
            if cell.cell_type == "markdown" and guesses[number + 1]:
                assert "?" in in_sight and "unfold" not in in_sight, f"{path.stem}: a guess is asked in a fold"
                guessed += 1
            elif cell.cell_type == "markdown" and number and guesses[number - 1]:
                assert not in_sight or in_sight.startswith(("#", "**Predict first")), f"{path.stem}: {in_sight}"
                told += "<details>" in cell.source
        asked += len(questions)
    assert asked >= 3 and guessed > 10 and told > 10


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
