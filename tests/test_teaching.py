"""The session defines its words before it asks, votes twice, edits what lessons have, and students get no answers."""

import contextlib
import functools
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import class_folder
import nbformat
import numpy as np
import pandas as pd
import plan
import pytest
import session
import sheets
import slides
import trainer
from packaging.requirements import Requirement
from PIL import Image

from helpers import data

ROOT = Path(__file__).resolve().parent.parent
PAGES = [plan.SESSION, *sorted(plan.MISCONCEPTIONS.parent.glob("*.md"))]
STEPS = plan.session()
VOTES = [step for step in STEPS if step.options]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# 1,024 or 0.97 or 78 %, but not the exercise 01.1
NUMBER = re.compile(r"(?<![\d.,\w])(?!0\d\.\d\b)(?:\d+(?:,\d{3})+(?!\d)|\d+\.\d+(?![\d.])|\d+ %)")
needs_git = pytest.mark.skipif(
    not shutil.which("git") or not (ROOT / ".git").exists(), reason="needs git and a clone"
)


@functools.cache
def text_of(path):
    """What a notebook says, shows and prints, without its pictures."""
    cells = nbformat.read(path, as_version=4).cells
    parts = [[cell.source, cell.metadata, cell.get("outputs")] for cell in cells]
    text = json.dumps(parts, ensure_ascii=False)
    return re.sub(r'"image/(?:png|jpeg)": "[^"]+"', "", text).replace("\\n", " ")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_numbers_are_those_of_the_lessons_that_a_saying_links_to(page):
    """A saying is a row, a paragraph, or a section of the misconceptions; what is in italics is of stored rows."""
    ends = r"\n## " if page == plan.MISCONCEPTIONS else r"\n\n|\n(?=\|)|\n(?=- )"
    text = page.read_text(encoding="utf-8").partition("## Three questions")[0]
    for saying in re.split(ends, text):
        lessons = [link.split("#")[0] for link in LINK.findall(saying) if ".ipynb" in link]
        targets = [page.parent / name for name in lessons]
        known = "\n".join(map(text_of, targets))
        known += known.replace(".0 %", " %")
        in_roman = re.sub(r"\*\* \*.+?\*", "", saying)
        said = NUMBER.findall(LINK.sub("]", in_roman))
        assert not [number for number in said if targets and number not in known]


# The plan


def test_steps_follow_one_another_name_misconceptions_that_exist_and_leave_a_reserve():
    row = "| {} to {} | 00 [A title](../notebooks/00_small.ipynb#it-is-so) "
    row += "| **What?<br>A 1<br>B 2** *So.* Count. | M1 |\n"
    step = plan.read_steps(row.format(0, 5))[0]
    assert (step.title, step.below, step.do) == ("A title", "So.", "Count.")
    assert step.said.startswith("What?") and step.options == ["A 1", "B 2"]
    with pytest.raises(ValueError, match="expected a step from where the last one ends"):
        plan.read_steps(row.format(0, 5) + row.format(6, 9))
    for step in STEPS:
        assert set(re.findall(r"\bM\d+", str(step))) <= set(plan.misconceptions())
    assert STEPS[-1].end <= 90


def test_words_are_defined_before_a_question_uses_them():
    words = {
        "static": "*Static*",
        "live": "*Live*",
        "copy": "*copies*",
        "copies": "*copies*",
        "epoch": "*epoch*",
        "epochs": "*epoch*",
        "policy": "*policy*",
        "augmentation": "*policy*",
    }
    before = ""
    for step in STEPS:
        if "?" in step.said:
            used = set(re.findall(r"\w+", step.said)) & set(words)
            assert all(words[word] in before for word in used), f"{step.title} uses {used}"
        before += step.said
    assert all(defined in before for defined in words.values())


def test_the_room_votes_twice_before_an_answer_is_on_a_slide():
    assert len(VOTES) == 4
    for step in VOTES:
        asked, *others = slides.slides_of(step)
        assert step.below or not others, "the runs answer, so nothing may be shown before"
        again, *answers = asked.added()
        assert again == slides.AGAIN and step.options[-1] in asked.shown
        assert answers == ([step.below] if step.below else [])
        letter = step.below[:1]
        assert letter in [option[0] for option in step.options] or not step.below


def test_the_worksheet_has_the_code_of_each_edit_and_leaves_what_answers_the_last_vote_to_the_slide():
    worksheet = html.unescape(re.sub("<[^>]+>", "", sheets.worksheet()))
    answer = "cache()"
    assert answer in VOTES[-1].said and answer in typed(3)[1]
    assert answer not in worksheet
    for number in (1, 2, 3):
        code = re.findall("`([^`]+)`", typed(number)[1])
        assert all(line in worksheet for line in code if answer not in line)
    for step in VOTES:
        assert step.options[0] not in worksheet
        assert not step.below or step.below not in worksheet


def test_a_picture_or_text_that_answers_a_vote_comes_after_it():
    """The picture of eight epochs shows one copy again and again; that is the answer of the first vote."""
    lesson = "01_static_versus_live"
    picture = next(step for step in STEPS if step.anchor == "once-or-in-every-epoch")
    assert picture.page == lesson and picture.start >= VOTES[0].end


# What students edit


def code_of(name):
    cells = plan.lesson(name).cells
    return [cell.source for cell in cells if cell.cell_type == "code"]


def typed(number):
    """The lines of code of an edit."""
    (step,) = [step for step in STEPS if step.said.startswith(f"Edit {number}.")]
    lines = step.said.split(plan.LINE)
    return [line.strip("`") for line in lines if re.fullmatch("`[^`]+`", line)], step.said


def test_what_students_edit_stands_in_lesson_01():
    lesson = "\n".join(code_of("01_static_versus_live"))
    _, said = typed(1)
    before = ("subset(load_garments(), n)", "seed=0,", "keras.utils.set_random_seed(0)")
    after = ("subset(load_garments(), n, seat)", "seed=seat", "keras.utils.set_random_seed(seat)")
    assert all(code in lesson for code in before)
    assert all(code in said for code in after)
    assert "{yours:.1f}" in typed(2)[1] and "{yours:.0f}" in lesson
    (third,) = [step for step in VOTES if step.said.startswith("Q3.")]
    voted = re.findall("<br>`([^`]+)`", third.said)
    assert len(voted) == 2 and all(code in lesson for code in voted)


def test_no_seat_has_the_garments_of_the_twenty_runs_that_it_is_compared_with():
    page = plan.SESSION.read_text("utf-8")
    first = int(re.search(r"Number the seats from (\d+)", page)[1])
    assert f"`seat = {first}`" in typed(1)[1]
    runs = pd.read_csv(slides.TWENTY)["run"]
    garments = data.load_garments()
    # Numbers that name each image by its pixels, those of the runs and of a room's seats.
    used = [image.tobytes() for run in runs.unique() for image in of_seat(garments, run)]
    seats = [
        image.tobytes() for seat in range(first, first + 40) for image in of_seat(garments, seat)
    ]
    assert not set(used) & set(seats) and len(seats) == 40 * 128


def of_seat(garments, seat):
    return data.subset(garments, 128, seat).x_train


def test_moving_the_cache_makes_two_epochs_differ():
    first, *cells = code_of("07_when_live_is_not_live")
    defined = next(number for number, cell in enumerate(cells) if "def versions" in cell)
    program = "\n\n".join(cells[: defined + 1])
    (two_epochs, difference), said = typed(3)
    stored = "data.shuffle(128).batch(32).map(change).cache()"
    assert stored in program and stored in VOTES[-1].said
    found = []
    for order in (
        stored,
        "data.cache().shuffle(128).batch(32).map(change)",
        "data.shuffle(128).batch(32).cache().map(change)",
    ):
        names = {}
        exec(f"{program.replace(stored, order)}\n{two_epochs}\nfound = {difference}", names)
        found.append(names["found"])
    assert found[0] == 0 < min(found[1:]), "any place before map keeps the originals"


# Slides


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_a_step_shows_all_its_cells_and_tells_why_by_the_next_key(step):
    shown = slides.slides_of(step)
    cells = plan.lesson(step.page).cells
    advice = [f"**{step.start} to {step.end}.** "]
    advice += [f"{name}. " for name in re.findall(r"\bM\d+\b", step.listen)]
    folds = plan.DETAILS.findall("\n".join(cell.source for cell in cells))
    for slide in shown:
        assert all(part in slide.notes for part in advice) and "](" not in str(slide)
        on_screen = slide.shown + slide.revealed
        assert not any(plan.unlinked(inside) in on_screen for _, inside in folds)
    seen = "\n".join(slide.shown for slide in shown)
    revealed = "\n".join(slide.revealed for slide in shown)
    assert step.below in revealed and (not step.below or step.below not in seen)
    for number, tag in plan.tagged(step):
        cell = cells[number]
        if cell.cell_type == "markdown":
            continue
        pictures = plan.images(cell)
        assert tag == "slide-thirds" or all(plan.picture(*image) in seen for image in pictures)
        assert plan.texts(cell, "text/html") in seen
        below = cells[number + 1].source
        if tag in ("slide", "slide-before") and below.startswith("<details>"):
            why = plan.unlinked(plan.DETAILS.match(below)[2].split(". ")[0])
            assert why in revealed and why not in seen
        if tag == "slide-with" and not pictures:
            assert cell.source in seen


def test_a_printed_answer_comes_below_its_question():
    (originals,) = [step for step in STEPS if step.title == "The 128 originals"]
    slide = slides.slides_of(originals)[0]
    printed = "right about the originals"
    assert originals.said in slide.shown and printed not in slide.shown
    assert printed in slide.revealed


def test_decks_fetch_nothing_and_each_title_that_is_drawn_is_a_steps():
    every = [slide for step in STEPS for slide in slides.slides_of(step)]
    page = slides.deck(every, "A title")
    paper = slides.paper(every, "A title")
    assert "<p>|" not in page, "a table has lost its shape"
    for slide in every:
        assert sorted(plan.narrow(slide.shown).split()) == sorted(slide.shown.split())
    pictures = re.findall(r"<img[^>]*>", page)
    elsewhere = r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)'
    assert pictures and not re.findall(elsewhere, page + paper)
    assert all(re.search(r'alt="[^"]{9}', picture) for picture in pictures)
    assert "<script" not in paper
    keys = [slide.added() for slide in every]
    assert paper.count("<section class") == len(every) + sum(map(len, keys))
    assert page.count('class="fragment') == sum(map(len, keys))
    assert set(slides.DRAWN) <= {step.title for step in STEPS}


def test_a_dot_is_filled_where_one_copy_was_worse(monkeypatch):
    drawn = []
    monkeypatch.setattr(slides.Figure, "savefig", lambda figure, *_, **__: drawn.append(figure))
    monkeypatch.setattr(slides, "picture", lambda *_: "")
    slides.twenty_dots()
    (dots,) = drawn[0].axes[0].collections
    filled = (dots.get_facecolors()[:, 2] < 1).tolist()
    runs = pd.read_csv(slides.TWENTY).pivot(index="run", columns="method").droplevel(0, axis=1)
    assert filled == (runs["1 copy"] < runs["no augmentation"]).tolist()


def test_nine_runs_come_in_pairs_and_the_worksheet_has_no_answers():
    _, runs = plan.read_nine()
    for slide, letters in zip(slides.nine_slides(), slides.ASKED, strict=True):
        panels = [plan.picture(slides.panel(runs.image, letter), "") for letter in letters]
        sources = [panel.split('" alt')[0] for panel in panels]
        assert re.findall(r'<img src="[^"]+', slide.shown) == sources and "**" not in slide.shown
        for answer in (slide.revealed, slide.notes):
            assert "".join(re.findall(r"\*\*([A-I])\*\*", answer)) == letters
        assert len(slide.revealed.split()) < len(slide.notes.split())
    (fine,) = [slide for slide in slides.nine_slides() if "**F**" in slide.revealed]
    assert runs.answers["F"] in fine.revealed, "why F is fine stands on the slide"

    sheet, answers = sheets.worksheet(), sheets.answers()
    for page in (sheet, answers):
        assert "".join(re.findall(r"<strong>([A-I])</strong>", page)) == "ABCDEFGHI"
    text, told = words(sheet), words(sheets.plan())
    names = text.partition("one run: ")[2].partition(".")[0].split(", ")
    assert len(names) == 9 and names == sorted(names)
    assert not any(answer.split(". ", 1)[1] in text for answer in runs.answers.values())
    for step in STEPS:
        assert all(option in told for option in step.options)
        below = step.below.replace("`", "")  # code is marked otherwise in print
        assert not below or (below in told and below not in text), below
    assert "above" not in words(answers), "on paper nothing stands above"


def words(page):
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def test_the_printed_plan_says_on_which_pages_a_step_is_shown():
    steps = {step.title: slides.slides_of(step) for step in STEPS}
    paper = slides.paper([slide for shown in steps.values() for slide in shown], "A title")
    pages = re.split('<section class="present">', paper)[1:]
    numbers = [re.search(r'class="number">(\d+)<', page)[1] for page in pages]
    assert numbers == [str(number) for number in range(1, len(pages) + 1)]
    found = slides.numbered(steps)
    printed = sheets.plan(found)
    end = 0
    for step in STEPS:
        first, *last = map(int, re.findall(r"\d+", found[step.title]))
        assert first == end + 1 and found[step.title] in printed
        end = last[0] if last else first
        heading = re.sub("<[^>]+>", "", pages[first - 1]).strip()
        assert heading.startswith(step.title.replace("`", ""))
    assert end == len(pages)


def test_a_run_of_ours_on_a_slide_says_so_once_students_have_one_of_their_own():
    edited = [step for step in STEPS if slides.is_edited(step)]
    assert edited and edited[0].said.startswith("Edit 1.")
    for step in STEPS:
        every = slides.slides_of(step)
        with_cells = len(plan.tagged(step)) if step in edited else 0
        assert str(every).count(slides.OURS) == with_cells


def test_code_of_any_width_stays_on_its_slide():
    for width in (10, 50, 100):
        code = f"```python\n{'x' * width}\n```"
        assert code in slides.fitted(code)


def test_each_of_nine_panels_is_whole_and_in_its_place():
    figure = plan.read_nine()[1].image
    whole = grey(figure)
    height, width = (size // 3 for size in whole.shape)
    for number, letter in enumerate("ABCDEFGHI"):
        panel = grey(slides.panel(figure, letter))
        edges = [panel[0], panel[-1], panel[:, 0], panel[:, -1]]
        assert min(edge.min() for edge in edges) > 250, "an edge cuts what is drawn"
        row, column = divmod(number, 3)
        top = row * height + height // 2
        left = column * width + width // 2
        part = whole[top : top + 100 : 25, left : left + 100 : 25]
        windows = np.lib.stride_tricks.sliding_window_view(panel, (100, 100))[:, :, ::25, ::25]
        assert (windows == part).all(axis=(2, 3)).any(), f"{letter} is elsewhere"


def grey(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("L"))


# Paper, and what a lecturer takes along


def test_the_handout_names_the_address_and_has_nothing_to_click(monkeypatch):
    page = sheets.handout()
    assert not re.search(r"<a [^>]*href=\"(?!#)|<details|<picture", page)
    assert "github.com" not in page or (ROOT / "repository.txt").read_text("utf-8").strip()
    monkeypatch.setattr(
        sheets.links, "read_setting", lambda text: {"repository": "me/it", "reference": "main"}
    )
    assert "https://github.com/me/it" in sheets.handout()


def test_the_handout_says_in_words_what_all_comparisons_say_in_numbers():
    claims = pd.read_csv(ROOT / "tests" / "claims.csv")
    in_place = claims[claims["words"].str.contains("copies *in place of*", regex=False)]
    ((won, all_of_them),) = in_place[["supporting", "rows"]].astype(int).to_numpy()
    assert ("more than half of our" in sheets.SHORT_ANSWER.replace("\n", " ")) == (
        2 * won > all_of_them
    )
    assert "less accurate in none" in in_place["words"].item() and "in none" in sheets.SHORT_ANSWER
    assert " of 178" not in sheets.handout() and "six times" not in sheets.handout()


@pytest.mark.parametrize("repository", ["", "me/it"])
def test_who_has_the_file_learns_where_to_write_and_how_to_make_it_is_left_out(
    monkeypatch, repository
):
    setting = {"repository": repository, "reference": "main"} if repository else {}
    monkeypatch.setattr(sheets.links, "read_setting", lambda text: setting)
    assert "make session" in plan.SESSION.read_text("utf-8")
    printed = sheets.plan()
    assert "make session" not in printed
    assert ("github.com/me/it" in printed) == bool(repository)
    assert ("whoever gave you this file" in printed) == (not repository)
    sent = trainer.page(setting)
    assert "make trainer" not in sent and ("What it can't tell" in sent) == bool(repository)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """What `make session` puts together, the trainer and lessons by their names alone."""
    made = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(slides, "OUT", made / "slides")
        monkeypatch.setattr(slides, "REVEAL", made / "reveal.js")
        with contextlib.redirect_stdout(io.StringIO()) as said:
            slides.build()
    (made / "said").write_text(said.getvalue())
    class_folder.build(made / "class")
    (made / "one-file").mkdir()
    for name in ("trainer.html", "questions.gift", "one-file/01.ipynb"):
        (made / name).touch()
    return made


@needs_git
@pytest.mark.parametrize("kind", ["html", "pdf"])
def test_one_zip_holds_it_all_and_its_page_says_what_is_missing(parts, kind, tmp_path):
    browser = ""
    if kind == "pdf":
        browser = str(tmp_path / "browser")
        Path(browser).write_text(
            '#!/bin/sh\nfor given; do case $given in --print-to-pdf=*) echo > "${given#*=}";; esac; done\n'
        )
        os.chmod(browser, 0o755)
    with zipfile.ZipFile(session.build(parts, browser)) as archive:
        names = {name.removeprefix("session/") for name in archive.namelist()}
        index = archive.read("session/index.html").decode()
    others = {"class.zip", "questions.gift", "trainer.html", "one-file/01.ipynb", "index.html"}
    assert {name for name in names if name and name != "one-file/"} == others | {
        f"{name}.{kind}" for name in session.PRINTED
    }
    links = re.findall(r'href="([^#"]+)"', index)
    assert {name.partition("/")[0] for name in others} - {"index.html"} < set(links)
    assert set(links) <= {name.rstrip("/") for name in names}
    assert ("open a page in a browser and print it" in index) == (kind == "html")
    assert "npm" in index, "without reveal.js there are no slides with notes"
    assert "npm" in (parts / "said").read_text()


def test_a_part_that_was_not_made_is_named(tmp_path):
    with pytest.raises(OSError, match="slides"):
        session.build(tmp_path, "")


# What students get


@needs_git
def test_students_get_what_git_knows_and_no_download_that_lies_beside_it(tmp_path):
    kept = ["data/garments.npz", "notebooks/01 ä.ipynb", "notebooks/series.py", "LICENSE"]
    others = [
        "notebooks/08.ipynb",
        "notebooks/solutions/01.ipynb",
        "notebooks/going_deeper/a.ipynb",
        "README.md",
    ]
    for name in [*kept, *others, "data/photographs.npz", "notebooks/01_draft.ipynb"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for command in (["init", "-q"], ["add", *kept, *others]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert sorted(class_folder.tracked(tmp_path)) == sorted(kept)
    (tmp_path / ".git").rename(tmp_path / "git")
    (tmp_path / ".git").write_text("elsewhere")
    with pytest.raises(SystemExit, match="git lists nothing: is this a clone"):
        class_folder.tracked(tmp_path)


def test_links_to_what_students_lack_leave_their_words_and_alone_in_brackets_nothing(tmp_path):
    (tmp_path / "a.ipynb").touch()
    kept = "See [it](a.ipynb#b) ([there](a.ipynb), [web](https://a.b)) ([A](a.ipynb))."
    assert class_folder.without_dead_links(kept, tmp_path) == kept
    dead = "We ([Registered](../a.md#b)) wrote [it](c.md) down ([page](c.md) and more)."
    assert class_folder.without_dead_links(dead, tmp_path) == "We wrote it down (page and more)."


@pytest.fixture(scope="module")
def unpacked(parts, tmp_path_factory):
    """The students' folder, from its archive, far from the series."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.unpack_archive(parts / "class.zip", elsewhere)
    return elsewhere / "class"


@needs_git
def test_students_get_lessons_without_outputs_solutions_or_dead_links(unpacked):
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    names = {path.relative_to(unpacked).as_posix() for path in files}
    made = {"check_set_up.ipynb", "READ_ME.txt", "runtime.txt"}
    assert names == made | set(class_folder.tracked(ROOT))
    lessons = sorted(unpacked.glob("notebooks/**/*.ipynb"))
    named = set(re.findall(r"notebooks/(\w+\.ipynb)", plan.SESSION.read_text("utf-8")))
    named |= {path.name for path in ROOT.glob("notebooks/0[1-7]*.ipynb")}
    assert {path.name for path in lessons} == named
    for path in lessons:
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "mystnb" not in cell.metadata, "an alternative text tells what comes out"
            assert not re.search("Worked answers|[Uu]nfold|code hosts|take the lesson", cell.source)
            targets = LINK.findall(cell.source) if cell.cell_type == "markdown" else []
            here = [target.split("#")[0] for target in targets if "://" not in target]
            assert all((path.parent / name).exists() for name in here)
            assert targets or not cell.source.startswith("**Next:**")
            tables = re.findall(r'RESULTS / "(.+?)"', cell.source)
            assert all((unpacked / "data" / "results" / table).exists() for table in tables)


@needs_git
def test_students_install_what_their_lessons_import_and_no_more(unpacked):
    first, *lines = (unpacked / "requirements.txt").read_text(encoding="utf-8").splitlines()
    constraints = (unpacked / "constraints.txt").read_text(encoding="utf-8")
    needed = {re.match(r"\w+", line)[0].lower() for line in lines}
    assert first == "-c constraints.txt" and all(f"\n{name}==" in constraints for name in needed)
    code = [path.read_text(encoding="utf-8") for path in unpacked.glob("[hn]*/*.py")]
    for path in unpacked.glob("**/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        code += [cell.source for cell in cells if cell.cell_type == "code"]
    imported = re.findall(r"^(?:import|from) (\w+)", "\n".join(code), re.MULTILINE)
    own = {"helpers", "augcheck"} | {path.stem for path in unpacked.glob("notebooks/*.py")}
    own |= sys.stdlib_module_names
    packages = {"PIL": "pillow"}  # by another name than what they bring
    used = {packages.get(name, name.lower()) for name in set(imported) - own}
    assert needed - used == {"jupyterlab", "ipykernel"} and used <= needed


@pytest.mark.parametrize(
    ("system", "machine", "package"),
    [
        ("linux", "x86_64", "tensorflow-cpu"),
        ("win32", "AMD64", "tensorflow"),
        ("linux", "aarch64", "tensorflow"),
        ("darwin", "x86_64", "tensorflow"),
    ],
)
def test_students_install_one_tensorflow_and_the_smaller_one_where_it_is(system, machine, package):
    there = {"sys_platform": system, "platform_machine": machine}
    lines = class_folder.requirements().splitlines()[1:]
    asked = [Requirement(line.partition("#")[0]) for line in lines]
    taken = [one.name for one in asked if one.marker is None or one.marker.evaluate(there)]
    assert [name for name in taken if name.startswith("tensorflow")] == [package]


@needs_git
def test_the_check_says_in_one_line_whether_all_is_well(unpacked):
    cells = nbformat.read(unpacked / "check_set_up.ipynb", as_version=4).cells
    check = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    command = [sys.executable, "-c", "\n".join([check, 'sys.modules["widgets"] = None', check])]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=True)
    well, not_yet = done.stdout.splitlines()
    assert well.startswith("All is well: Python 3.")
    assert not_yet.startswith("Not yet: ModuleNotFoundError: ") and "widgets" in not_yet
