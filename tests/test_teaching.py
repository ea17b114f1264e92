"""The teaching pages say what the lessons say, the run sheets fill their minutes, and the slides are the lessons'."""

import copy
import functools
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import cards  # noqa: E402
import slides  # noqa: E402

TEACHING = ROOT / "docs" / "teaching"
PAGES = [ROOT / "docs" / "for-lecturers.md", *sorted(TEACHING.glob("*.md"))]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CHOICE = tomllib.loads(slides.CHOICE.read_text(encoding="utf-8"))
SHEETS = (TEACHING / "run_sheets.md").read_text(encoding="utf-8")
MISCONCEPTIONS = (TEACHING / "misconceptions.md").read_text(encoding="utf-8")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97, but not the exercise 00.1
NUMBER = re.compile(r"(?<![\d.,\w])(?!0\d\.\d\b)(?:\d+(?:,\d{3})+(?!\d)|\d+\.\d+(?![\d.]))")
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


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


def sheets():
    """The run sheets, as {title: rows}, a row as its columns."""
    found, title = {}, ""
    for line in SHEETS.splitlines():
        if line.startswith("## "):
            title = line.removeprefix("## ")
        if re.match(r"\| \d", line):
            found.setdefault(title, []).append([column.strip() for column in line.strip("| ").split(" | ")])
    return found


@pytest.mark.parametrize("title", sheets())
def test_a_run_sheet_fills_ninety_minutes_without_a_gap(title):
    rows = sheets()[title]
    minutes = [tuple(map(int, row[0].split(" to "))) for row in rows]
    assert minutes[0][0] == 0 and minutes[-1][1] == 90
    assert all(end == start for (_, end), (start, _) in zip(minutes, minutes[1:], strict=False))
    assert all(start < end for start, end in minutes)
    assert {row[1] for row in rows} == {"predict", "demo", "hands-on", "discuss"}


def test_six_sessions_go_through_all_lessons():
    needed = ("6: static", "2 of 6", "2 of 4", "4 of 6", "5 of 6", "4 of 4")
    rows = [row for title in sheets() if any(part in title for part in needed) for row in sheets()[title]]
    assert {path.stem for path in LESSONS} == set(re.findall(r"notebooks/(\w+)\.ipynb", str(rows)))


def test_sheets_name_misconceptions_that_exist_and_leave_none_out():
    there = re.findall(r"^### (M\d+)\. ", MISCONCEPTIONS, re.MULTILINE)
    assert there == [f"M{number}" for number in range(1, len(there) + 1)]
    assert set(re.findall(r"\bM\d+", SHEETS)) == set(there)


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


@every_lesson
def test_a_lesson_is_tagged_as_the_table_says(path, lessons):
    tagged = copy.deepcopy(lessons[path.stem])
    slides.tag(tagged, CHOICE[path.stem])
    assert tagged == lessons[path.stem], "run `python tools/slides.py tag`"
    assert 12 <= sum(map(slides.is_slide, tagged.cells)) <= 15


def test_tagging_changes_nothing_but_tags(lessons):
    for name, original in lessons.items():
        tagged, lesson = copy.deepcopy(original), copy.deepcopy(original)
        slides.tag(tagged, CHOICE[name][:3])
        assert sum(map(slides.is_slide, tagged.cells)) == 3
        for cell in [*tagged.cells, *lesson.cells]:
            cell.metadata.pop("slideshow", None)
        assert tagged == lesson


def test_a_cell_that_is_gone_is_named():
    cells = [new_markdown_cell("# One"), new_markdown_cell("## Two")]
    assert slides.chosen_cells(cells, ["# One", "## Two"]) == [0, 1]
    with pytest.raises(ValueError, match="begins with '# One' where slides.toml expects it"):
        slides.chosen_cells(cells, ["## Two", "# One"])


@every_lesson
def test_a_slide_has_one_heading_little_text_and_pictures_with_words(path, lessons):
    found = slides.slides_of(lessons[path.stem], {})
    assert len(found) == len(CHOICE[path.stem])
    tagged = [cell for cell in lessons[path.stem].cells if slides.is_slide(cell)]
    for slide, cell in zip(found, tagged, strict=True):
        kinds = [kind for output in cell.get("outputs", []) for kind in output.get("data", {})]
        assert slide.shown.count("<img") == kinds.count("image/png") + kinds.count("image/jpeg")
        heading, _, rest = slide.shown.partition("\n\n")
        assert heading.startswith("#") and rest
        running = [block for block in re.split(r"\n\n", rest) if slides.is_running_text(block) and "<" not in block]
        assert sum(len(block.split()) for block in running if not block.startswith("```")) <= 100
        for alternative in re.findall(r'<img[^>]+alt="([^"]*)"', rest):
            assert len(alternative) > 20
        assert "<details>" not in slide.shown + slide.revealed
        assert len(slide.revealed.split()) <= 60


def lesson():
    """A lesson in small: an opening, a figure with its question, caption and answer, a table, code that prints."""
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    drawn = new_output("display_data", {"image/png": pixel}, metadata={"image/png": {"alt": "A pixel."}})
    text = "*The point.*\n\n<details><summary>Why?</summary>\n\nBecause.\n\n</details>\n\nMore. See [02](02_a.ipynb)."
    cells = [
        new_markdown_cell("# 00 Title\n\n[![badge](x)](y)\n\nFirst.\n\nSecond."),
        new_markdown_cell("## A claim\n\nWords. Which one?"),
        new_code_cell("draw()", outputs=[drawn], metadata={"tags": ["hide-input"]}),
        new_markdown_cell(text),
        new_code_cell("print(1)", outputs=[new_output("stream", text="1\n")]),
        new_markdown_cell("It is one. " + 50 * "Word " + "."),
        new_code_cell("x = 1"),
        new_markdown_cell("## Two\n\n" + 80 * "word " + "\n\n" + 80 * "more "),
    ]
    for place in (0, 2, 4, 6, 7):
        cells[place].metadata["slideshow"] = {"slide_type": "slide"}
    return new_notebook(cells=cells)


def test_what_a_slide_shows_what_a_click_adds_and_what_stays_in_the_notes():
    opening, figure, printed, code, long = slides.slides_of(lesson(), {"a-claim": ["0 to 5: ask"]})
    assert opening.shown == "# 00 Title\n\nFirst." and opening.notes == "Second."
    assert figure.shown.startswith("## A claim\n\n**Which one?**\n\n<img") and "draw()" not in figure.shown
    assert 'alt="A pixel."' in figure.shown
    assert figure.revealed == "The point."
    assert figure.notes.startswith("- 0 to 5: ask")
    assert "Why? Because." in figure.notes and "More. See [02](02_a.html)." in figure.notes
    assert "print(1)" in printed.shown and "```text\n1" in printed.shown and printed.revealed == "It is one."
    assert "x = 1" in code.shown and not code.revealed
    assert "word" in long.shown and "more" not in long.shown and "more" in long.notes


def test_a_deck_asks_for_nothing_from_elsewhere_and_hides_its_notes():
    page = slides.deck(slides.slides_of(lesson(), {}), "A title")
    assert "<title>A title</title>" in page
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)', page)
    assert page.count('<aside class="notes">') == 4
    assert page.index("Why? Because.") < page.index("The point.")  # reveal.js looks for no notes in a fragment


def test_a_slide_shows_all_figures_of_its_cell():
    two = lesson()
    (drawn,) = two.cells[2].outputs
    other = copy.deepcopy(drawn)
    other.metadata["image/png"]["alt"] = "Another."
    two.cells[2].outputs = [drawn, other]
    figures = slides.slides_of(two, {})[1].shown
    assert figures.index('alt="A pixel."') < figures.index('alt="Another."')


def test_a_deck_has_all_slides_of_its_lesson(tmp_path):
    nbformat.write(lesson(), tmp_path / "00_small.ipynb")
    page = slides.lesson_deck(tmp_path / "00_small.ipynb", {})
    shown = re.sub(r'<aside class="notes">.*?</aside>', "", page, flags=re.DOTALL)
    places = [shown.find(words) for words in ("First.", 'alt="A pixel."', "It is one.", "word word word")]
    assert -1 not in places and places == sorted(places)
    assert len(re.findall(r"<h[12]", shown)) == 5


def test_the_steps_of_the_sheets_reach_the_speaker():
    said = slides.teaching_notes([TEACHING / "run_sheets.md", TEACHING / "misconceptions.md"])
    assert said.keys() == {path.stem for path in LESSONS}
    notes = said["04_overfitting_curves"]["nine-runs-to-diagnose"]
    assert any(note.startswith("One session: is live better?: 65 to 84 · hands-on · 04 Nine runs") for note in notes)
    assert any(note.startswith("M9. ") for note in said["00_start_here"]["which-one-would-you-ship"])


def test_lessons_that_show_photographs_of_cells_credit_them(lessons):
    """Lesson 06 shows some, and lesson 08."""
    showing = {name for name, lesson in lessons.items() if "load_solar_cells()" in str(lesson.cells)}
    assert showing == set(slides.CREDITS)


def test_a_credit_stands_on_the_first_slide(tmp_path, monkeypatch):
    nbformat.write(lesson(), tmp_path / "00_small.ipynb")
    monkeypatch.setitem(slides.CREDITS, "00_small", "By somebody.")
    monkeypatch.setattr(slides, "deck", lambda found, title: (found[0].shown, found[1].shown, title))
    first, second, title = slides.lesson_deck(tmp_path / "00_small.ipynb", {})
    assert first.endswith("By somebody.") and "By somebody" not in second and title == "00 Title"


# The cards


def test_the_page_shows_the_cards_of_round_one_and_of_the_test():
    page = (TEACHING / "cards.md").read_text(encoding="utf-8")
    rounds, test = cards.deck()
    names = dict(zip(cards.SHAPES, "●▲■✚", strict=True))
    rows = [
        f"| {card.letter} | {' '.join(names[shape] for shape in card.row)} | {cards.label(card.row)} |"
        for card in rounds[0] + test
    ]
    assert [line for line in page.splitlines() if "zig |" in line or "zag |" in line] == rows


def test_neither_shapes_nor_letters_give_the_class_away():
    rounds, test = cards.deck()
    old = {card.letter: cards.label(card.row) for card in rounds[0]}
    for hand in (*rounds, test):
        assert Counter(cards.label(card.row) for card in hand) == {"zig": len(hand) // 2, "zag": len(hand) // 2}
        choices = Counter("".join(sorted(card.row)) for card in hand if cards.label(card.row) == "zig")
        assert choices == Counter("".join(sorted(card.row)) for card in hand if cards.label(card.row) == "zag")
    for hand in (*rounds[1:], test):
        assert sum(old[card.letter] == cards.label(card.row) for card in hand) == len(hand) // 2


def test_live_cards_are_the_same_rows_anew_and_test_rows_are_new():
    rounds, test = cards.deck()
    for later in rounds[1:]:
        for card, first in zip(later, rounds[0], strict=True):
            assert card.row in (first.row, first.row[::-1])
        assert later != rounds[0]
    trained = {row for card in rounds[0] for row in (card.row, card.row[::-1])}
    assert not trained & {card.row for card in test}
    assert len({card.row for card in rounds[0]}) == 16


def test_the_sheet_has_all_cards_and_no_label_beside_a_card():
    sheet = cards.sheet()
    assert sheet.count("<svg") == 4 * 16 + 8
    assert not re.search(r"zi?g|zag", sheet[sheet.index("</table>") :])
