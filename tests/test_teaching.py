"""The session defines its words before it asks, decks show what steps and tags choose, and students get no answers."""

import functools
import io
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
from packaging.requirements import Requirement
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PAGES = [slides.SESSION, *sorted(slides.MISCONCEPTIONS.parent.glob("*.md"))]
STEPS = slides.session()
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
    ends = r"\n## " if page == slides.MISCONCEPTIONS else r"\n\n|\n(?=\|)|\n(?=- )"
    text = page.read_text(encoding="utf-8").partition("## Four questions")[0]
    for saying in re.split(ends, text):
        lessons = [link.split("#")[0] for link in LINK.findall(saying) if ".ipynb" in link]
        targets = [page.parent / name for name in lessons]
        known = "\n".join(map(text_of, targets))
        known += known.replace(".0 %", " %")
        in_roman = re.sub(r"\?\*\* \*.+?\*", "", saying)
        said = NUMBER.findall(LINK.sub("]", in_roman))
        assert not [number for number in said if targets and number not in known]


def test_steps_follow_one_another_name_misconceptions_that_exist_and_leave_a_reserve():
    row = "| {} to {} | 00 [A title](../notebooks/00_small.ipynb#it-is-so) | **What?** *So.* Count. | M1 |\n"
    step = slides.read_steps(row.format(0, 5))[0]
    assert (step.title, step.said, step.below, step.do) == ("A title", "What?", "So.", "Count.")
    with pytest.raises(ValueError, match="expected a step from where the last one ends"):
        slides.read_steps(row.format(0, 5) + row.format(6, 9))
    for step in STEPS:
        assert set(re.findall(r"\bM\d+", str(step))) <= set(slides.misconceptions())
    assert STEPS[-1].end <= 80


def test_at_most_ten_questions_and_words_are_defined_before_one_uses_them():
    asked = [step.said for step in STEPS if "?" in step.said]
    assert 5 < len(asked) <= 10
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


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_a_step_asks_first_shows_all_its_cells_and_tells_why_by_the_next_key(step):
    shown = slides.slides_of(step)
    cells = slides.lesson(step.page).cells
    tagged = slides.tagged(step)
    tags = [tag for _, tag in tagged]
    if step.said:
        said = [number for number, slide in enumerate(shown) if step.said in slide.shown]
        assert said == [tags.count("slide-before")]
        assert ('class="alone"' in shown[said[0]].shown) == ("slide-with" not in tags)
    advice = [f"**{step.start} to {step.end}.** "]
    advice += [f"{name}. " for name in re.findall(r"\bM\d+\b", step.listen)]
    folds = slides.DETAILS.findall("\n".join(cell.source for cell in cells))
    for slide in shown:
        assert all(part in slide.notes for part in advice) and "](" not in str(slide)
        on_screen = slide.shown + slide.revealed
        assert not any(slides.unlinked(inside) in on_screen for _, inside in folds)
    seen = "\n".join(slide.shown for slide in shown)
    revealed = "\n".join(slide.revealed for slide in shown)
    assert step.below in revealed and (not step.below or step.below not in seen)
    for number, tag in tagged:
        cell = cells[number]
        if cell.cell_type == "markdown":
            continue
        pictures = slides.images(cell)
        assert tag == "slide-thirds" or all(slides.picture(*image) in seen for image in pictures)
        assert slides.texts(cell, "text/html") in seen
        below = cells[number + 1].source
        if tag in ("slide", "slide-before") and below.startswith("<details>"):
            why = slides.unlinked(slides.DETAILS.match(below)[2].split(". ")[0])
            assert why in revealed and why not in seen
        if tag == "slide-with" and not pictures:
            assert cell.source in seen


def test_a_printed_answer_comes_below_its_question():
    (originals,) = [step for step in STEPS if step.title == "The 128 originals"]
    slide = slides.slides_of(originals)[0]
    printed = "right about the originals"
    assert originals.said in slide.shown and printed not in slide.shown
    assert printed in slide.revealed


def test_no_augmentation_comes_with_the_flip():
    (flip,) = [step for step in STEPS if step.title == "A flip"]
    (slide,) = slides.slides_of(flip)
    printed = "answers changed by a flip"
    assert flip.said in slide.shown and printed not in slide.shown
    assert printed in slide.revealed and "without augmentation" in slide.revealed


def test_the_deck_fetches_nothing_and_no_tag_is_seen_nowhere():
    page = slides.deck([slide for step in STEPS for slide in slides.slides_of(step)], "A title")
    assert "<p>|" not in page, "a table has lost its shape"
    pictures = re.findall(r"<img[^>]*>", page)
    elsewhere = r'<(?:script|link|img)[^>]+(?:src|href)="(?!data:|reveal\.js/)'
    assert pictures and not re.findall(elsewhere, page)
    assert all(re.search(r'alt="[^"]{9}', picture) for picture in pictures)
    for name in {step.page for step in STEPS}:
        tags = []
        for cell in slides.lesson(name).cells:
            tags += [tag for tag in cell.metadata.get("tags", []) if "slide" in tag]
        seen = []
        for step in STEPS:
            if step.page == name:
                seen += [tag for _, tag in slides.tagged(step)]
        assert tags == seen


def test_nine_runs_show_the_pair_that_looks_alike_then_three_at_a_time_and_a_sheet_without_answers():
    step, number = the_nine()
    shown = slides.nine_slides(step, number)
    figure = slides.images(slides.lesson(step.page).cells[number])[0][0]
    for slide, letters in zip(shown, ["BH", "ABC", "DEF", "GHI"], strict=True):
        panels = [slides.picture(slides.panel(figure, letter), "") for letter in letters]
        sources = [panel.split('" alt')[0] for panel in panels]
        assert re.findall(r'<img src="[^"]+', slide.shown) == sources and "**" not in slide.shown
        for answer in (slide.revealed, slide.notes):
            assert "".join(re.findall(r"\*\*([A-I])\*\*", answer)) == letters
        words = len(slide.revealed.split())
        assert words <= 45 and words < len(slide.notes.split())

    sheet, answers = slides.nine_sheets(step, number).values()
    for page in (sheet, answers):
        assert "".join(re.findall(r"<strong>([A-I])</strong>", page)) == "ABCDEFGHI"
    text = " ".join(re.sub(r"<[^>]+>", "", sheet).split())
    above, _, below = text.partition("one run: ")
    names = below.partition(".")[0].split(", ")
    assert len(names) == 9 and names == sorted(names)
    assert not any(name in above for name in names)
    assert not any(slide.notes.split(". ")[-2] in text for slide in shown)


def the_nine():
    """The step that shows nine runs, and the number of the cell that draws them."""
    found = []
    for step in STEPS:
        found += [(step, cell) for cell, tag in slides.tagged(step) if tag == "slide-thirds"]
    (nine,) = found
    return nine


def test_each_of_nine_panels_is_whole_and_in_its_place():
    step, number = the_nine()
    figure = slides.images(slides.lesson(step.page).cells[number])[0][0]
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


def test_comments_stand_above_their_lines_where_code_is_too_wide_to_be_shown():
    wide = f"# {'word ' * 16}"
    code = "```python\nx = 1  # one\n\n# A remark.\n    y = 2      {}\n```"
    assert slides.narrow(code.format("# two")) == code.format("# two")
    expected = f"```python\n# one\nx = 1\n\n# A remark.\n    {wide}\n    y = 2\n```"
    assert slides.narrow(f"Said # here.\n{code.format(wide)}") == f"Said # here.\n{expected}"


def test_paper_has_nothing_to_click():
    assert not re.search(r"<a [^>]*href=\"(?!#)|<details|<picture", slides.handout())


def test_without_npm_there_are_all_sheets_and_a_sentence_that_says_what_is_missing(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(slides, "OUT", tmp_path / "slides")
    monkeypatch.setattr(slides, "REVEAL", tmp_path / "reveal.js")
    slides.build()
    made = {path.stem for path in (tmp_path / "slides").iterdir()}
    assert made == {"index", "handout", "guess_sheet", "nine_runs", "nine_runs_answers"}
    assert re.findall("The deck is missing: npm.+", capsys.readouterr().out)
    assert slides.DECK not in (tmp_path / "slides" / "index.html").read_text(encoding="utf-8")


@needs_git
def test_students_get_what_git_knows_and_no_download_that_lies_beside_it(tmp_path):
    kept = ["data/garments.npz", "notebooks/01 ä.ipynb", "notebooks/series.py", "LICENSE"]
    others = [
        "notebooks/07.ipynb",
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
def unpacked(tmp_path_factory):
    """The students' folder, from its archive, far from the series."""
    made, elsewhere = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("elsewhere")
    class_folder.build(made / "class")
    shutil.unpack_archive(made / "class.zip", elsewhere)
    return elsewhere / "class"


@needs_git
def test_students_get_lessons_without_outputs_solutions_or_dead_links(unpacked):
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    names = {path.relative_to(unpacked).as_posix() for path in files}
    made = {"check_set_up.ipynb", "READ_ME.txt", "runtime.txt"}
    assert names == made | set(class_folder.tracked(ROOT))
    lessons = sorted(unpacked.glob("notebooks/**/*.ipynb"))
    assert [path.name[:2] for path in lessons] == ["01", "02", "03", "04", "05", "06"]
    for path in lessons:
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs") and not cell.get("execution_count")
            assert "Worked answers" not in cell.source
            targets = LINK.findall(cell.source) if cell.cell_type == "markdown" else []
            here = [target.split("#")[0] for target in targets if "://" not in target]
            assert all((path.parent / name).exists() for name in here)
            tables = re.findall(r'RESULTS / "(.+?)"', cell.source)
            assert all((unpacked / "data" / "results" / table).exists() for table in tables)


@needs_git
def test_students_install_what_their_lessons_import_and_no_more(unpacked):
    first, *lines = (unpacked / "requirements.txt").read_text(encoding="utf-8").splitlines()
    constraints = (unpacked / "constraints.txt").read_text(encoding="utf-8")
    needed = {re.match(r"\w+", line)[0].lower() for line in lines}
    assert first == "-c constraints.txt" and all(f"\n{name}==" in constraints for name in needed)
    code = [path.read_text(encoding="utf-8") for path in unpacked.glob("*/*.py")]
    for path in unpacked.glob("**/*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        code += [cell.source for cell in cells if cell.cell_type == "code"]
    imported = re.findall(r"^(?:import|from) (\w+)", "\n".join(code), re.MULTILINE)
    own = {"helpers"} | {path.stem for path in unpacked.glob("notebooks/*.py")}
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
        ("win32", "ARM64", "tensorflow"),
        ("darwin", "arm64", "tensorflow"),
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
def test_no_alternative_text_tells_students_what_comes_out(unpacked):
    for path in sorted(unpacked.glob("notebooks/*.ipynb")):
        copied = path.read_text(encoding="utf-8")
        for cell in nbformat.read(ROOT / "notebooks" / path.name, as_version=4).cells:
            assert not [text for _, text in slides.images(cell) if text and text in copied]


@needs_git
def test_the_check_says_in_one_line_whether_all_is_well(unpacked):
    cells = nbformat.read(unpacked / "check_set_up.ipynb", as_version=4).cells
    check = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    command = [sys.executable, "-c", "\n".join([check, 'sys.modules["widgets"] = None', check])]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True, check=True)
    well, not_yet = done.stdout.splitlines()
    assert well.startswith("All is well: Python 3.")
    assert not_yet.startswith("Not yet: ModuleNotFoundError: ") and "widgets" in not_yet
