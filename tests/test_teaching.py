"""The teaching pages say what the lessons say, decks show what steps and tags choose, and students get no answers."""

import functools
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import class_folder  # noqa: E402
import sessions  # noqa: E402
import slides  # noqa: E402

PAGES = [ROOT / "docs" / "for-lecturers.md", *sorted(sessions.TEACHING.glob("*.md"))]
STEPS = [step for steps in sessions.sessions().values() for step in steps]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97, but not the exercise 00.1
NUMBER = re.compile(r"(?<![\d.,\w])(?!0\d\.\d\b)(?:\d+(?:,\d{3})+(?!\d)|\d+\.\d+(?![\d.]))")
needs_git = pytest.mark.skipif(not shutil.which("git") or not (ROOT / ".git").exists(), reason="needs git and a clone")


# The pages


@functools.cache
def plain_text(path):
    """What a page or notebook says: its text, its code and what it prints."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    parts = []
    for cell in nbformat.reads(text, as_version=4).cells:
        parts.append(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            parts.append(output.get("text", "") + data.get("text/html", "") + data.get("text/plain", ""))
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_numbers_are_those_of_the_lessons_that_a_saying_links_to(page):
    """A saying is a row, a paragraph, or a section of the misconceptions."""
    text = page.read_text(encoding="utf-8")
    ends = r"\n### " if page.stem == "misconceptions" else r"\n\n|\n(?=\|)|\n(?=- )"
    for saying in re.split(ends, text):
        targets = [page.parent / link.split("#")[0] for link in LINK.findall(saying) if ".ipynb" in link]
        known = "\n".join(map(plain_text, targets))
        missing = [number for number in NUMBER.findall(LINK.sub("]", saying)) if targets and number not in known]
        assert not missing


def section(step):
    """What a step's part of its lesson says and prints, and its page where it is in none."""
    if not step.is_in_a_lesson:
        return plain_text(ROOT / "docs" / f"{step.lesson}.md")
    notebook = slides.lesson(step.lesson)
    start = sessions.place(notebook, step.anchor)
    last = max([start, *(number for number, _ in sessions.cells_of(step, notebook))])
    below = [number for number, cell in enumerate(notebook.cells) if number > last and cell.source.startswith("#")]
    told = [[cell.source, cell.metadata, cell.get("outputs")] for cell in notebook.cells[start : min(below)]]
    return re.sub(r'"image/(?:png|jpeg)": "[^"]+"', "", json.dumps(told))


def numbers(text):
    return set(re.findall(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)", text.replace("\\n", " ")))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.lesson[:2]} {step.title}")
def test_the_numbers_of_a_step_are_in_its_part_of_the_lesson(step):
    asked, said = (text.replace("1 copy", "one copy") for text in (step.ask, f"{step.do} {step.listen}"))
    assert numbers(slides.unlinked(said)) <= numbers(section(step))
    page = f"notebooks/{step.lesson}.ipynb" if step.is_in_a_lesson else f"docs/{step.lesson}.md"
    assert numbers(asked) <= numbers(plain_text(ROOT / page))


def test_steps_name_misconceptions_that_exist_and_leave_a_reserve():
    assert set(re.findall(r"\bM\d+", str(STEPS))) <= set(slides.misconceptions())
    assert all(steps[-1].end <= sessions.MINUTES - sessions.RESERVE for steps in sessions.sessions().values())


# The slides

ROW = "| {} to {} | predict | 00 [A title](../../notebooks/00_small.ipynb#it-is-so) | {}Count. |  |\n"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_a_row_is_a_step_and_what_is_none_is_refused():
    first, second = sessions.read_steps("| a | b |\n" + ROW.format(0, 5, "**What?** ") + ROW.format(5, 9, ""))
    assert first == (0, 5, "predict", "A title", "00_small", "it-is-so", "What?", "Count.", "")
    assert (second.start, second.ask, second.do) == (5, "", "Count.")
    for rows in (ROW.format(0, 5, "") + ROW.format(6, 9, ""), "| 0 to 5 | predict | A title | Count. |  |\n"):
        with pytest.raises(ValueError, match="expected a step from where the last one ends"):
            sessions.read_steps(rows)


def lesson(**tags):
    """A lesson in small: a figure with its caption and answer, a table, code that prints; with tags."""
    drawn = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "A pixel."}})
    table = new_output("display_data", {"text/html": "<table><tr><td>1</td></tr></table>"})
    below = new_output("display_data", {"text/markdown": "*In the same output.*"})
    fold = "<details><summary>Why?</summary>\n\nBecause.\n\n</details>"
    cells = {
        "title": new_markdown_cell("# 00 Title\n\nFirst.\n\n## It is so\n\nWords."),
        "figure": new_code_cell("draw()", outputs=[drawn], metadata={"tags": ["hide-input"]}),
        "caption": new_markdown_cell(f"*The point.*\n\n{fold}\n\nMore, in [02](02_a.ipynb).\n\n## Next\n\nNo."),
        "table": new_code_cell("table()", outputs=[table, below], metadata={"tags": ["hide-input"]}),
        "printed": new_code_cell("print(1)", outputs=[new_output("stream", text="1\n")], metadata={"tags": []}),
        "code": new_code_cell("x = 1", metadata={"tags": []}),
        "end": new_markdown_cell("## Take-away\n\n1. One.\n\nRead on elsewhere.\n\n### Exercise\n\nTwo."),
    }
    for name, tag in tags.items():
        cells[name].metadata["tags"] = [*cells[name].metadata.get("tags", []), tag]
    return new_notebook(cells=list(cells.values()))


def step(**values):
    (given,) = sessions.read_steps(ROW.format(0, 5, "**What?** "))
    return given._replace(**values)


def test_a_question_stands_alone_and_its_answer_after_it():
    question, answer = slides.slides_of(step(listen="M1"), lesson(figure="slide"))
    assert "What?" in question.shown and "<img" not in question.shown and not question.revealed
    assert "<img" in answer.shown and 'alt="A pixel."' in answer.shown and "draw()" not in answer.shown
    assert answer.revealed == "The point." and question.title == answer.title == "A title"
    assert "0 to 5, predict." in question.notes and "Count." in question.notes and "M1. " in question.notes
    assert "0 to 5" not in answer.notes and "Why?: Because." in answer.notes
    assert "More, in 02." in answer.notes and "No." not in answer.notes


def test_a_question_can_stand_with_what_it_asks_about_but_not_with_the_caption():
    (question,) = slides.slides_of(step(), lesson(figure="slide-with"))
    assert question.shown.index("What?") < question.shown.index("<img")
    assert "The point" not in question.shown + question.revealed


def test_a_short_answer_comes_with_a_click_below_its_question():
    printing = lesson(printed="slide")
    printing.cells[4].metadata["tags"].append("hide-output")
    (question,) = slides.slides_of(step(), printing)
    assert "1" not in question.shown and "print(1)" not in question.revealed and "```text\n1" in question.revealed
    (question,) = slides.slides_of(step(), lesson(code="slide-with", title="slide"))
    assert question.shown.index("What?") < question.shown.index("x = 1")
    assert "Words." not in question.shown and question.revealed == "Words."


def test_tables_code_and_text_are_shown_and_what_stands_before_a_question_comes_before_it():
    shown = lesson(figure="slide-before", table="slide", code="slide", end="slide")
    figure, question, table, code, text = slides.slides_of(step(), shown)
    assert "<img" in figure.shown and "What?" in question.shown
    assert "<table>" in table.shown and table.revealed == "In the same output."
    assert "x = 1" in code.shown and text.shown == "1. One."


def test_a_list_ends_a_slide_and_what_is_covered_is_uncovered_by_a_click():
    (text,) = slides.slides_of(step(anchor="take-away", ask=""), lesson(end="slide"))
    assert text.shown == "1. One."
    (slide,) = slides.slides_of(step(ask=""), lesson(table="slide-covered"))
    assert slide.shown.index('class="covered"') < slide.shown.index("<table>") < slide.shown.index("fragment uncover")


def test_a_step_without_its_heading_or_its_cells_is_named():
    with pytest.raises(ValueError, match="#elsewhere"):
        slides.slides_of(step(anchor="elsewhere"), lesson(figure="slide"))
    with pytest.raises(ValueError, match="A title: no cell below #it-is-so"):
        slides.slides_of(step(ask=""), lesson())


def test_a_row_of_panels_is_cut_between_the_panels_without_legend_and_common_labels():
    drawn = np.full((300, 60), 255, np.uint8)
    drawn[4:10, 5:] = drawn[291:297, 5:] = 100  # a legend and a label
    drawn[130:160, 0] = 100  # a label at the left
    for top in (20, 115, 205):  # not at the thirds
        drawn[top : top + 70, 5:] = 0
        drawn[top + 72, 5:] = 0  # numbers close below
    written = io.BytesIO()
    Image.fromarray(drawn).save(written, "png")
    for third in (1, 2, 3):
        row = np.asarray(Image.open(io.BytesIO(slides.third_of(written.getvalue(), third))).convert("L"))
        assert int((row[:, 30] == 0).sum()) == 71 and not (row == 100).any()


def test_a_deck_asks_for_nothing_from_elsewhere_and_hides_its_notes():
    page = slides.deck(slides.slides_of(step(), lesson(figure="slide", code="slide")), "A title")
    assert "<title>A title</title>" in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)', page)
    assert page.count('<aside class="notes">') == 2
    assert page.index("Because.") < page.index("The point.")  # reveal.js looks for no notes in a fragment


@pytest.mark.parametrize("name", sessions.PAGES)
def test_a_deck_has_all_steps_and_all_tagged_cells_and_credits_photographs(name):
    steps = sessions.sessions()[name]
    found = slides.session_slides(steps)
    assert list(dict.fromkeys(slide.title for slide in found)) == [step.title for step in steps]
    for step in steps:
        own = [slide for slide in found if slide.title == step.title]
        assert own[0].notes.startswith(f"**{step.start} to {step.end}, ")
        assert sum(bool(step.ask) and step.ask in slide.shown for slide in own) == bool(step.ask)
    for lesson in {step.lesson for step in steps if step.is_in_a_lesson}:
        shown = [cell for step in STEPS if step.lesson == lesson
                 for cell in sessions.cells_of(step, slides.lesson(lesson))]  # fmt: skip
        assert len(shown) == str(slides.lesson(lesson)).count("'slide"), "a tag above the first step is seen nowhere"
        titles = {step.title for step in steps if step.lesson == lesson}
        pictures = [slide.shown for slide in found if slide.title in titles and "<img" in slide.shown]
        credited = [slides.CELLS_LICENCE in shown for shown in pictures]
        assert credited[:1] == [lesson in slides.CREDITS]
    assert {path.stem for path in ROOT.glob("notebooks/0*.ipynb") if "load_solar_cells()" in plain_text(path)} == set(
        slides.CREDITS
    )


def test_the_nine_runs_are_shown_in_thirds_and_the_sheet_has_their_names_in_another_order_and_no_answer():
    found = slides.session_slides(sessions.sessions()["1_is_live_better"])
    thirds = [slide for slide in found if slide.title == "Nine runs"]
    assert [re.findall(r"\*\*([A-I])\*\*", slide.notes) for slide in thirds] == [list("ABC"), list("DEF"), list("GHI")]
    assert not any(slide.revealed for slide in thirds)
    pages = slides.nine_runs()
    assert re.findall(r"<th>([A-I])</th><td></td>", pages["nine_runs"]) == list("ABCDEFGHI")
    names = re.findall(r"one run: (.+?)\.", " ".join(re.sub(r"<[^>]+>", "", pages["nine_runs"]).split()))[0].split(", ")
    assert len(names) == 9 and names == sorted(names)
    answers = re.findall(r"<strong>([A-I])</strong>", pages["nine_runs_answers"])
    assert answers == list("ABCDEFGHI") and "<strong>" not in pages["nine_runs"]


# What students get


@needs_git
def test_students_get_what_git_knows_and_no_download_that_lies_beside_it(tmp_path):
    kept = ["data/garments.npz", "notebooks/00 ä.ipynb", "notebooks/going_deeper/a.ipynb", "LICENSE"]
    for name in [*kept, "data/photographs.npz", "notebooks/draft.ipynb", "notebooks/solutions/00.ipynb", "README.md"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match="no clone of the series"):
        class_folder.tracked(tmp_path)
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
def test_students_get_lessons_without_outputs_solutions_claims_or_dead_links(unpacked):
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert files == {*class_folder.tracked(ROOT), "check_set_up.ipynb", "READ_ME.txt"}
    assert set(re.findall(r"\S+\.(?:txt|ipynb)", class_folder.READ_ME)) <= files
    for path in unpacked.glob("notebooks/**/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "Worked answers" not in cell.source and "claims.check(" not in cell.source
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


def test_the_class_copy_folds_below_an_answer_and_asks_where_the_lesson_does_not():
    notebook = lesson()
    notebook.cells[3] = new_markdown_cell("*Guess, then unfold.*")
    notebook.cells[4].metadata["tags"] = ["hide-output"]
    class_folder.hold_answers_back(notebook, {0: "When?", 1: "What?"})
    first, question, drawn, below, guess = notebook.cells[:5]
    assert question.source == "**Stop and guess.** What?" and drawn.source == "draw()"
    assert guess.source == "*Guess, then run the next cell.*"
    seen = re.sub(r"<details>.*</details>", "", below.source, flags=re.DOTALL).strip()
    assert seen == "## Next\n\nNo." and "*The point.*" in below.source
    assert first.source.startswith("# 00 Title\n\n**Stop and guess.** When?\n\n<details>")
    assert first.source.endswith("## It is so\n\nWords.")
    assert "What?" not in str(notebook.cells[5:])


@needs_git
def test_the_check_says_in_one_line_whether_all_is_well_and_the_first_cell_finds_the_series(unpacked):
    codes = [[cell.source for cell in nbformat.read(unpacked / name, as_version=4).cells if cell.cell_type == "code"]
             for name in ("check_set_up.ipynb", "notebooks/00_start_here.ipynb")]  # fmt: skip
    check, first = "\n".join(codes[0]), codes[1][0]
    script = [check, 'sys.modules["explorers"] = None', check, 'import os\nos.chdir("notebooks")', first, "print(root)"]
    command = [sys.executable, "-c", "\n".join(script)]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=True)
    well, not_yet, root = done.stdout.splitlines()
    assert well.startswith("All is well: Python 3.")
    assert not_yet.startswith("Not yet: ModuleNotFoundError: ") and "explorers" in not_yet
    assert Path(root) == unpacked
