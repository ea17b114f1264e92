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
import slides
from PIL import Image

from refusals import refusal

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "docs" / "for-lecturers.md", *sorted(slides.TEACHING.glob("*.md"))]
STEPS = [step for steps in slides.sessions().values() for step in steps]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97 or 78 %, but not the exercise 01.1
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
        slides.read_steps(row.format(0, 5) + row.format(6, 9))
    for step in STEPS:
        assert set(re.findall(r"\bM\d+", str(step))) <= set(slides.misconceptions())
        for number, quote in re.findall(r'\b(M\d+),? (".+?")', step.listen):
            assert quote in slides.misconceptions()[number]
    assert all(steps[-1].end <= 80 for steps in slides.sessions().values())


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_a_step_asks_first_shows_all_its_cells_and_tells_what_is_folded_or_a_caption_by_the_next_key(step):
    shown, cells = slides.slides_of(step), slides.lesson(step.lesson).cells
    tagged = slides.tagged(step.lesson).get(step.anchor, [])
    tags = [tag for _, tag in tagged]
    questions = [number for number, slide in enumerate(shown) if step.ask and step.ask in slide.shown]
    assert questions == ([tags.count("slide-before")] if step.ask else [])
    assert not questions or ('class="alone"' in shown[questions[0]].shown) == ("slide-with" not in tags)
    advice = [f"**{step.start} to {step.end}, ", *(f"{name}. " for name in re.findall(r"\bM\d+\b", step.listen))]
    folds = [slides.unlinked(inside) for _, inside in slides.DETAILS.findall("\n".join(cell.source for cell in cells))]
    for slide in shown:
        assert all(part in slide.notes for part in advice)
        assert not any(inside in slide.shown + slide.revealed for inside in folds)
    seen, revealed = ("\n".join(getattr(slide, part) for slide in shown) for part in ("shown", "revealed"))
    for number, tag in tagged:
        outputs = {kind: said for o in cells[number].get("outputs", []) for kind, said in o.get("data", {}).items()}
        pictures = slides.images(cells[number])
        assert tag == "slide-thirds" or all(slides.picture(*image) in seen for image in pictures)
        assert outputs.get("text/html", "") in seen
        caption = slides.unlinked(outputs.get("text/markdown", "").strip("*"))
        if tag in ("slide", "slide-before") and pictures:
            assert caption in (seen if caption.endswith("?") else revealed)
            assert caption.endswith("?") or caption not in seen
    needs_credit = "<img" in seen and "load_solar_cells()" in str(cells)
    assert (slides.CREDIT in seen) == needs_credit


@pytest.mark.parametrize("name", slides.SESSIONS)
def test_a_deck_fetches_nothing_and_no_tag_is_seen_nowhere(name):
    steps = slides.sessions()[name]
    page = slides.deck([slide for step in steps for slide in slides.slides_of(step)], "A title")
    assert "<p>|" not in page, "a table has lost its shape"
    assert not re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)', page)
    for lesson in {step.lesson for step in steps}:
        assert slides.tagged(lesson).get("", []) == [], "a tag above the first step"


def test_nine_runs_show_the_pair_that_looks_alike_then_three_at_a_time_and_a_sheet_without_answers():
    tagged = [(step, *cell) for step in STEPS for cell in slides.tagged(step.lesson).get(step.anchor, [])]
    ((step, number),) = [(step, number) for step, number, tag in tagged if tag == "slide-thirds"]
    shown, (sheet, answers) = slides.nine(step, number)[0], slides.nine(step, number)[1].values()
    for slide, letters in zip(shown, ["BH", "ABC", "DEF", "GHI"], strict=True):
        assert "<img" in slide.shown and "**" not in slide.shown
        for answer in (slide.revealed, slide.notes):
            assert "".join(re.findall(r"\*\*([A-I])\*\*", answer)) == letters
        assert len(slide.revealed.split()) <= 45 and len(slide.revealed.split()) < len(slide.notes.split())
    names = re.findall(r"one run: (.+?)\.", " ".join(re.sub(r"<[^>]+>", "", sheet).split()))[0].split(", ")
    assert len(names) == 9 and names == sorted(names) and not any(name in sheet.split("one run")[0] for name in names)
    assert re.findall(r"<strong>([A-I])</strong>", answers) == list("ABCDEFGHI")
    figure = slides.images(slides.lesson(step.lesson).cells[number])[0][0]
    whole, pair, first = map(grey, (figure, slides.panels_of(figure, "BH"), slides.panels_of(figure, "B")))
    assert np.array_equal(pair[:, : first.shape[1]], first) and pair.shape[1] == 2 * first.shape[1]
    height, width = (size // 3 for size in whole.shape)
    for number, letter in enumerate("ABCDEFGHI"):
        panel = grey(slides.panels_of(figure, letter))
        assert min(panel[[0, -1]].min(), panel[:, [0, -1]].min()) > 250, "an edge cuts what is drawn"
        top, left = number // 3 * height + height // 2, number % 3 * width + width // 2
        part = whole[top : top + 100 : 25, left : left + 100 : 25]
        windows = np.lib.stride_tricks.sliding_window_view(panel, (100, 100))[:, :, ::25, ::25]
        assert (windows == part).all(axis=(2, 3)).any(), f"{letter} is elsewhere"


def grey(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("L"))


def test_paper_has_nothing_to_click():
    assert not re.search(r"<a [^>]*href=\"(?!#)|<details|<picture", slides.handout())


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
        questions = class_folder.questions(path.stem)
        guesses = ["hide-output" in cell.metadata.get("tags", []) for cell in cells]
        for number, question in questions.items():
            assert f"{class_folder.STOP} {question}\n\n<details>" in cells[number].source
        assert str(cells).count(class_folder.STOP) == len(questions), "a question stands above no answer of another"
        for number, tag in itertools.chain(*slides.tagged(path.stem).values()):
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
    command = [sys.executable, "-c", "\n".join([check, 'sys.modules["explorers"] = None', check])]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=True)
    well, not_yet = done.stdout.splitlines()
    assert well.startswith("All is well: Python 3.")
    assert not_yet.startswith("Not yet: ModuleNotFoundError: ") and "explorers" in not_yet
