"""The teaching pages say what the lessons say, sheets and decks have the same steps, and students get no answers."""

import dataclasses
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

TEACHING = ROOT / "docs" / "teaching"
PAGES = [ROOT / "docs" / "for-lecturers.md", *sorted(TEACHING.glob("*.md"))]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SESSIONS = sessions.read_sessions(sessions.SOURCE.read_text(encoding="utf-8"))
STEPS = [step for session in SESSIONS for step in session.steps]
MISCONCEPTIONS = (TEACHING / "misconceptions.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97, but not the exercise 00.1
NUMBER = re.compile(r"(?<![\d.,\w])(?!0\d\.\d\b)(?:\d+(?:,\d{3})+(?!\d)|\d+\.\d+(?![\d.]))")
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
every_session = pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.name)
every_step = pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step.lesson[:2]} {step.title}")


@pytest.fixture(scope="module")
def lessons():
    return {path.stem: nbformat.read(path, as_version=4) for path in LESSONS}


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


@every_page
def test_links_lead_to_files_and_headings(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        if "://" in link:
            continue
        name, _, section = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        if section:
            assert section in map(slides.anchor, re.findall(r"^#+ (.+)$", plain_text(target), re.MULTILINE)), link


def sayings(page):
    """Parts of a page that are said of the same lessons: a row, a paragraph, or a section of the misconceptions."""
    text = page.read_text(encoding="utf-8")
    if page.stem == "misconceptions":
        return text.split("\n### ")[1:]
    return re.split(r"\n\n|\n(?=\|)|\n(?=- )", text)


@every_page
def test_numbers_are_those_of_the_lessons_that_a_saying_links_to(page):
    missing = []
    for saying in sayings(page):
        targets = [page.parent / link.split("#")[0] for link in LINK.findall(saying) if ".ipynb" in link]
        known = "\n".join(map(plain_text, targets))
        words = LINK.sub("]", saying)
        if targets:
            missing += [number for number in NUMBER.findall(words) if number not in known]
    assert not missing


def test_a_number_that_no_lesson_says_is_noticed(tmp_path):
    (tmp_path / "lesson.ipynb").write_text(nbformat.writes(new_notebook(cells=[new_markdown_cell("It is 0.12.")])))
    page = tmp_path / "page.md"
    page.write_text("It is 0.12 ([a](lesson.ipynb)).\n", encoding="utf-8")
    test_numbers_are_those_of_the_lessons_that_a_saying_links_to(page)
    page.write_text("It is 0.13 ([a](lesson.ipynb)).\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        test_numbers_are_those_of_the_lessons_that_a_saying_links_to(page)


# The sessions


@every_session
def test_a_session_leaves_ten_minutes_in_reserve(session):
    assert session.steps[-1].end <= sessions.MINUTES - sessions.RESERVE
    assert {step.kind for step in session.steps} <= {"predict", "demo", "hands-on", "discuss"}
    assert all((step.kind == "predict") <= bool(step.ask) for step in session.steps)


def test_pages_have_the_steps_of_the_source_and_no_row_twice():
    rows = []
    for name in {session.page for session in SESSIONS}:
        page = (TEACHING / name).read_text(encoding="utf-8")
        assert sessions.with_tables(page, SESSIONS) == page, "run `python tools/sessions.py`"
        rows += [line.split(" | ", 1)[1] for line in page.splitlines() if re.match(r"\| \d+ to", line)]
    assert len(rows) == len(set(rows)) == len(STEPS)


def section(step):
    """What a step's section of its lesson says, shows and describes, to the next heading, and its own cells."""
    if not step.is_in_a_lesson:
        return plain_text(ROOT / "docs" / f"{step.lesson}.md")
    notebook = slides.lesson(step.lesson)
    start = slides.place(notebook, step.anchor)
    chosen = {slides.find(notebook, start, shown.cell) for shown in [*step.before, *step.show]}
    texts, inside = [], False
    for number, cell in enumerate(notebook.cells):
        parts = [cell.source]
        if cell.cell_type == "markdown":
            parts = re.split(r"^(?=#+ )", cell.source, flags=re.MULTILINE)
        for part in parts:
            if cell.cell_type == "markdown" and part.startswith("#"):
                inside = slides.anchor(part.splitlines()[0].lstrip("# ")) == step.anchor
            if inside or number in chosen:
                texts.append(part + json.dumps([cell.metadata, *cell.get("outputs", [])]))
    pictures = re.compile(r'"image/(?:png|jpeg)": "[^"]+"')
    return pictures.sub("", " ".join(texts))


def numbers(text):
    return re.findall(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\w)", text.replace("\\n", " "))


@every_step
def test_what_a_step_says_that_a_lesson_prints_is_what_it_prints(step):
    said = numbers(slides.unlinked(f"{step.do} {step.listen}").replace("1 copy", "one copy"))
    assert not set(said) - set(numbers(section(step)))
    given = numbers(step.ask.replace("1 copy", "one copy"))
    page = f"notebooks/{step.lesson}.ipynb" if step.is_in_a_lesson else f"docs/{step.lesson}.md"
    assert not set(given) - set(numbers(plain_text(ROOT / page)))


def test_a_number_of_a_step_that_its_section_does_not_have_is_noticed():
    step = next(step for step in STEPS if step.title == "Twenty runs")
    with pytest.raises(AssertionError):
        test_what_a_step_says_that_a_lesson_prints_is_what_it_prints(dataclasses.replace(step, do="19 and 16."))


def test_steps_name_misconceptions_that_exist():
    there = re.findall(r"^### (M\d+)\. ", MISCONCEPTIONS, re.MULTILINE)
    assert there == [f"M{number}" for number in range(1, len(there) + 1)]
    assert set(re.findall(r"\bM\d+", str(STEPS))) <= set(there) == set(slides.misconceptions())


def test_monday_is_prepared_within_the_hour():
    prepare = (TEACHING / "monday.md").read_text(encoding="utf-8").split("## Prepare")[1].split("\n## ")[0]
    minutes = [int(number) for number in re.findall(r"^\d\. \*\*(\d+) minutes", prepare, re.MULTILINE)]
    assert len(minutes) == len(re.findall(r"^\d\. ", prepare, re.MULTILINE)) and sum(minutes) <= 60


def test_nine_runs_come_after_the_third_curve():
    titles = [(step.lesson, step.anchor) for step in SESSIONS[0].steps]
    third, nine = "better-on-garments-it-has-never-seen", "nine-runs-to-diagnose"
    assert titles.index(("04_overfitting_curves", third)) < titles.index(("04_overfitting_curves", nine))


def test_teaching_pages_are_short():
    assert sum(len(page.read_text(encoding="utf-8").split()) for page in PAGES) <= 6500


def test_each_misconception_has_a_question_an_answer_and_a_place():
    for section in MISCONCEPTIONS.split("\n### ")[1:]:
        assert "**Ask.**" in section and "**Answer.**" in section
        assert ".ipynb#" in section


def test_the_rubric_of_the_syllabus_is_that_of_the_project(lessons):
    syllabus = (TEACHING / "syllabus.md").read_text(encoding="utf-8")
    rubric = next(cell.source for cell in lessons["09_your_own_images"].cells if "what costs points" in cell.source)
    points = re.findall(r"^\| ([\w ]+) \| (\d+) \|", rubric, re.MULTILINE)
    assert sum(int(number) for _, number in points) == 100
    for name, number in points:
        assert set(re.findall(rf"{name} (\d+)", syllabus)) == {number}
    named = re.findall(r"\b0(\d)\.(\d)\b", syllabus)
    assert named and all(int(exercise) <= 3 for _, exercise in named)


def test_the_survey_has_a_key_for_each_question():
    page = (TEACHING / "surveys.md").read_text(encoding="utf-8")
    questions = dict(re.findall(r"^ ?(\d+)\. (.+?)(?=^ ?\d+\. |^After|\Z)", page.split("```")[3], re.M | re.S))
    key = dict(re.findall(r"(\d+) ([abc])\b", page.split("**Key.**")[1].split("The lessons")[0]))
    assert questions.keys() == key.keys() and len(key) == 10
    assert all(f"({letter})" in questions[number] for number, letter in key.items())


# The slides

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def lesson():
    """A lesson in small: a figure with its caption and answer, a table, code that prints."""
    drawn = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "A pixel."}})
    table = new_output("display_data", {"text/html": "<table><tr><td>1</td></tr></table>"})
    below = new_output("display_data", {"text/markdown": "*In the same output.*"})
    fold = "<details><summary>Why?</summary>\n\nBecause.\n\n</details>"
    return new_notebook(cells=[
        new_markdown_cell("# 00 Title\n\nFirst.\n\n## It is so\n\nWords."),
        new_code_cell("draw()", outputs=[drawn], metadata={"tags": ["hide-input"]}),
        new_markdown_cell(f"*The point.*\n\n{fold}\n\nMore, in [02](02_a.ipynb).\n\n## Next\n\nNo."),
        new_code_cell("table()", outputs=[table, below], metadata={"tags": ["hide-input"]}),
        new_code_cell("print(1)", outputs=[new_output("stream", text="1\n")], metadata={"tags": ["hide-output"]}),
        new_code_cell("x = 1"),
        new_markdown_cell("## Take-away\n\n1. One.\n\nRead on elsewhere.\n\n### Exercise\n\nTwo."),
    ])  # fmt: skip


def step(**values):
    given = {"kind": "predict", "lesson": "00_small", "anchor": "it-is-so", "title": "Title", "start": 0, "end": 5}
    return sessions.Step(**{**given, "do": "Count.", **values})


def test_a_question_stands_alone_and_its_answer_after_it():
    question, answer = slides.slides_of(step(ask="What?", show=[sessions.Shown("draw()")], listen="M1"), lesson())
    assert "What?" in question.shown and "<img" not in question.shown and not question.revealed
    assert "<img" in answer.shown and 'alt="A pixel."' in answer.shown and "draw()" not in answer.shown
    assert answer.revealed == "The point." and question.title == answer.title == "Title"
    assert "0 to 5, predict." in question.notes and "Count." in question.notes and "M1. " in question.notes
    assert "Ask." in question.notes and "Answer." in question.notes and "0 to 5" not in answer.notes
    assert "Why?: Because." in answer.notes and "More, in 02." in answer.notes and "No." not in answer.notes


def test_a_question_can_stand_with_what_it_asks_about_but_not_with_the_caption():
    (question,) = slides.slides_of(step(ask="What?", beside="draw()"), lesson())
    assert question.shown.index("What?") < question.shown.index("<img")
    assert "The point" not in question.shown + question.revealed


def test_what_is_only_printed_comes_with_a_click_below_its_question():
    (question,) = slides.slides_of(step(ask="What?", show=[sessions.Shown("print(1)")]), lesson())
    assert "print(1)" not in question.shown + question.revealed
    assert "1" not in question.shown and "```text\n1" in question.revealed


def test_code_that_a_question_is_about_stands_below_it_and_a_short_answer_comes_with_a_click():
    asked = step(ask="When?", beside="x = 1", show=[sessions.Shown("## It is so")])
    (question,) = slides.slides_of(asked, lesson())
    assert question.shown.index("When?") < question.shown.index("x = 1")
    assert "Words." not in question.shown and question.revealed == "Words."


def test_tables_code_and_text_are_shown():
    shown = [sessions.Shown(words) for words in ("table()", "x = 1", "## Take-away")]
    table, code, text = slides.slides_of(step(kind="demo", show=shown), lesson())
    assert "<table>" in table.shown and table.revealed == "In the same output."
    assert "x = 1" in code.shown
    assert text.shown == "1. One."  # without what follows the list


def test_what_is_covered_is_uncovered_by_a_click():
    (slide,) = slides.slides_of(step(kind="demo", show=[sessions.Shown("table()", cover=True)]), lesson())
    assert slide.shown.index('class="covered"') < slide.shown.index("<table>") < slide.shown.index("fragment uncover")


def test_a_cell_or_heading_that_is_gone_is_named():
    with pytest.raises(ValueError, match="'gone'"):
        slides.slides_of(step(show=[sessions.Shown("gone")]), lesson())
    with pytest.raises(ValueError, match="#elsewhere"):
        slides.slides_of(step(anchor="elsewhere", show=[sessions.Shown("draw()")]), lesson())


def test_a_row_of_panels_is_cut_between_the_panels_without_legend_and_common_labels():
    drawn = np.full((300, 60), 255, np.uint8)
    drawn[4:10, 5:] = drawn[291:297, 5:] = 100  # a legend and a label
    drawn[130:160, 0] = 100  # a label at the left
    for top in (20, 115, 205):  # not at the thirds
        drawn[top : top + 70, 5:] = 0
        drawn[top + 72, 5:] = 0  # numbers close below
    rows = [np.asarray(opened(slides.third_of(encoded(drawn), third))) for third in (1, 2, 3)]
    assert [int((row[:, 30] == 0).sum()) for row in rows] == [71, 71, 71]
    assert not any((row == 100).any() for row in rows)


def encoded(pixels):
    written = io.BytesIO()
    Image.fromarray(pixels).save(written, "png")
    return written.getvalue()


def opened(image):
    return Image.open(io.BytesIO(image)).convert("L")


def test_a_deck_asks_for_nothing_from_elsewhere_and_hides_its_notes():
    shown = [sessions.Shown("draw()"), sessions.Shown("x = 1")]
    page = slides.deck(slides.slides_of(step(ask="What?", show=shown), lesson()), "A title")
    assert "<title>A title</title>" in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)', page)
    assert page.count('<aside class="notes">') == 2 and page.count("<h2") == 3  # the code has none
    assert page.index("Because.") < page.index("The point.")  # reveal.js looks for no notes in a fragment


@every_session
def test_a_deck_follows_its_sheet(session):
    found = slides.session_slides(session)
    titles = list(dict.fromkeys(slide.title for slide in found))
    assert titles == [step.title for step in session.steps]
    asked = [slide for slide in found if any(step.ask and step.ask in slide.shown for step in session.steps)]
    rows = [re.findall(r"\*\*\d+ to \d+, ", slide.notes) for slide in found]
    assert sum(map(len, rows)) == len(session.steps)
    assert len(asked) == sum(bool(step.ask) for step in session.steps)
    for slide in found:
        others = [step for step in session.steps if step.title != slide.title]
        assert not any(f"**{step.start} to {step.end}," in slide.notes for step in others)
        assert "<details>" not in slide.shown + slide.revealed
        assert all(len(alternative) > 20 for alternative in re.findall(r'<img[^>]+alt="([^"]*)"', slide.shown))


def test_photographs_of_cells_are_credited_where_they_come_first():
    for session in SESSIONS:
        found = slides.session_slides(session)
        cells = [slide for slide, lesson in with_lessons(session, found) if lesson in slides.CREDITS]
        pictures = [slide for slide in cells if "<img" in slide.shown]
        assert [slides.CELLS_LICENCE in slide.shown for slide in pictures][:1] == [True] * bool(pictures)


def with_lessons(session, found):
    lessons = {step.title: step.lesson for step in session.steps}
    return [(slide, lessons[slide.title]) for slide in found]


def test_lessons_that_show_photographs_of_cells_credit_them(lessons):
    showing = {name for name, lesson in lessons.items() if "load_solar_cells()" in str(lesson.cells)}
    assert showing == set(slides.CREDITS)


def test_each_third_of_the_nine_runs_has_its_own_answers_as_notes():
    thirds = [slide for slide in slides.session_slides(SESSIONS[0]) if slide.title == "Nine runs"]
    assert [re.findall(r"\*\*([A-I])\*\*", slide.notes) for slide in thirds] == [list("ABC"), list("DEF"), list("GHI")]
    assert all("Dotted" in slide.shown and not slide.revealed for slide in thirds)


def test_the_sheet_of_nine_runs_has_a_line_for_each_its_names_in_another_order_and_no_answer():
    pages = slides.nine_runs()
    assert pages["nine_runs"].count("<img") == 1
    assert re.findall(r"<th>([A-I])</th>", pages["nine_runs"]) == list("ABCDEFGHI")
    seen = " ".join(re.sub(r"<[^>]+>", "", pages["nine_runs"]).split())
    names = re.findall(r"one run: (.+?)\.", seen)[0].split(", ")
    assert len(names) == 9 and names == sorted(names) and "augmentation frozen" in names
    for letter, diagnosis in {"B": "Overfitting", "C": "shuffled", "H": "Frozen"}.items():
        assert not re.search(rf"<strong>{letter}|<th>{letter}</th><td>[^<]", pages["nine_runs"])
        assert re.search(rf"<strong>{letter}</strong>[^<]*{diagnosis}", pages["nine_runs_answers"])


# What students get


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The students' folder, from its archive, far from the series."""
    made, elsewhere = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("elsewhere")
    class_folder.build(made / "class")
    shutil.unpack_archive(made / "class.zip", elsewhere)
    return elsewhere / "class"


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
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


def test_students_get_lessons_without_outputs_solutions_or_dead_links(unpacked):
    paths = sorted(unpacked.glob("notebooks/*.ipynb"))
    assert [path.name for path in paths] == [path.name for path in LESSONS]
    files = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert files == {*class_folder.tracked(ROOT), "check_set_up.ipynb", "READ_ME.txt"}
    for path in unpacked.glob("notebooks/**/*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "Worked answers" not in cell.source
            targets = LINK.findall(cell.source) if cell.cell_type == "markdown" else []
            assert all("://" in target or (path.parent / target.split("#")[0]).exists() for target in targets)
    assert re.findall(r"\S+\.(?:txt|ipynb)", class_folder.READ_ME)
    assert all((unpacked / name).exists() for name in re.findall(r"\S+\.(?:txt|ipynb)", class_folder.READ_ME))


def test_students_who_run_cell_by_cell_are_asked_before_each_answer(unpacked):
    asked = 0
    for path in sorted(unpacked.glob("notebooks/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        questions = class_folder.questions(path.stem, slides.lesson(path.stem))
        for number, question in questions.items():
            shown = slides.lesson(path.stem).cells[number]
            here = next(i for i, cell in enumerate(cells) if cell.source.startswith(shown.source.splitlines()[0]))
            if shown.cell_type == "markdown":
                assert f"{question}\n\n<details>" in cells[here].source
            elif "hide-output" not in shown.metadata.get("tags", []):
                assert question in cells[here - 1].source
            below = slides.following_text(nbformat.from_dict({"cells": cells}), here)
            assert not below or below.startswith(("<details>", "**"))
            asked += 1
    answers = [step.show for step in STEPS if step.ask and step.is_in_a_lesson]
    assert asked == sum(map(len, answers)) > 10


def test_no_lesson_tells_students_at_its_end_what_it_claims(unpacked):
    for path in unpacked.glob("notebooks/**/*.ipynb"):
        assert "claims.check(" not in str(nbformat.read(path, as_version=4).cells)
    last = nbformat.read(unpacked / "notebooks" / "00_start_here.ipynb", as_version=4).cells[-1]
    assert last.source.startswith("**Next:**")


def test_the_class_copy_folds_below_an_answer_and_asks_where_the_lesson_does_not():
    notebook = lesson()
    notebook.cells[3].source = "*Guess, then unfold.*"
    notebook.cells[3].cell_type = "markdown"
    class_folder.hold_answers_back(notebook, {0: "When?", 1: "What?"})
    first, question, drawn, below, guess = notebook.cells[:5]
    assert question.source == "**Stop and guess.** What?" and drawn.source == "draw()"
    assert guess.source == "*Guess, then run the next cell.*"
    seen = re.sub(r"<details>.*</details>", "", below.source, flags=re.DOTALL).strip()
    assert seen == "## Next\n\nNo." and "*The point.*" in below.source
    assert first.source.startswith("# 00 Title\n\n**Stop and guess.** When?\n\n<details>")
    assert first.source.endswith("## It is so\n\nWords.")
    assert "What?" not in str(notebook.cells[5:])


def code_of(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def test_the_check_says_in_one_line_whether_all_is_well_and_the_first_cell_finds_the_series(unpacked):
    check = "\n".join(code_of(unpacked / "check_set_up.ipynb"))
    first = code_of(unpacked / "notebooks" / "00_start_here.ipynb")[0]
    missing = 'sys.modules["explorers"] = None'
    script = "\n".join([check, missing, check, 'import os\nos.chdir("notebooks")', first, "print(root)"])
    done = subprocess.run([sys.executable, "-c", script], cwd=unpacked, capture_output=True, text=True, check=True)
    well, not_yet, root = done.stdout.splitlines()
    assert well.startswith("All is well: Python 3.")
    assert not_yet.startswith("Not yet: ModuleNotFoundError: ") and "explorers" in not_yet
    assert Path(root) == unpacked
