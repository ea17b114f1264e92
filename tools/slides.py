#!/usr/bin/env python3
"""Slides of the lessons: tag the cells that slides.toml names, or build the decks from the tags.

    python tools/slides.py tag      write the tags into the lessons and their text twins
    python tools/slides.py build    write build/slides, with reveal.js from build/npm (see `make slides`)

A slide is a cell of the lesson, and says what the lesson says. A figure or table gets the heading of its section,
and its caption comes with a click, so that the room looks first. What a slide has no room for, the lesson's text
after it, and what the pages of docs/teaching/ say of its section become the speaker's notes.
"""

from __future__ import annotations

import base64
import html
import io
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import cards
import jupytext
import nbformat
from jupytext.config import load_jupytext_config
from nbconvert.exporters import SlidesExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
CHOICE = ROOT / "tools" / "slides.toml"
TEACHING = ROOT / "docs" / "teaching"
REVEAL = ROOT / "build" / "npm" / "node_modules" / "reveal.js"
OUT = ROOT / "build" / "slides"
MOST_WORDS = 85  # of running text on a slide
MOST_REVEALED = 45  # words that a click adds to a table or to what a cell prints
MOST_LINES = 16  # of code with what it prints
CODE_WIDTH = 1870  # letters in a line of code times their size in pixels, which fill a slide
CODE_HEIGHT = 300  # lines of code times that size
LONG_CODE = 11  # lines of code that leave no room for more
TALL = 0.7  # of its width: a higher picture stands beside the words
CELLS_LICENCE = (
    "Photographs of solar cells: S. Deitsch and others, *Solar Energy* 185, 2019. CC BY-NC-SA 4.0, which excludes "
    "commercial use."
)
CREDITS = {"06_when_live_is_not_live": CELLS_LICENCE, "08_solar_cells": CELLS_LICENCE}
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
DETAILS = re.compile(r"<details><summary>(.+?)</summary>\s*(.+?)\s*</details>", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)")
ROW = re.compile(r"\|.+\|$")


class Slide(NamedTuple):
    """One slide in Markdown: what is seen at once, what a click adds, and what only the speaker sees."""

    shown: str
    revealed: str
    notes: str


# The tags


def chosen_cells(cells: list[NotebookNode], beginnings: list[str]) -> list[int]:
    """The positions of the cells that begin so, each after the one before it.

    Raises:
        ValueError: there is no such cell.
    """
    found: list[int] = []
    for words in beginnings:
        start = found[-1] + 1 if found else 0
        after = [i for i in range(start, len(cells)) if cells[i].source.startswith(words)]
        if not after:
            raise ValueError(f"found no cell that begins with {words!r} where slides.toml expects it; change it there.")
        found.append(after[0])
    return found


def tag(notebook: NotebookNode, beginnings: list[str]) -> None:
    """Make the chosen cells slides, and no others; changes nothing but the slideshow metadata."""
    chosen = chosen_cells(notebook.cells, beginnings)
    for i, cell in enumerate(notebook.cells):
        cell.metadata.pop("slideshow", None)
        if i in chosen:
            tagged = {**cell.metadata, "slideshow": {"slide_type": "slide"}}
            cell.metadata = NotebookNode(sorted(tagged.items()))  # in the order in which a notebook keeps them


def tag_file(path: Path, beginnings: list[str]) -> None:
    """Tag a notebook or its text twin. It keeps its time, by which jupytext knows the newer of the two."""
    before, times = path.read_text(encoding="utf-8"), path.stat()
    if path.suffix == ".ipynb":
        notebook = nbformat.reads(before, as_version=4)
        tag(notebook, beginnings)
        after = nbformat.writes(notebook) + "\n"
    else:
        config = load_jupytext_config(str(path))
        notebook = jupytext.reads(before, fmt="py:percent", config=config)
        tag(notebook, beginnings)
        after = jupytext.writes(notebook, fmt="py:percent", config=config)
    if after != before:
        path.write_text(after, encoding="utf-8", newline="\n")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def tag_all() -> None:
    faults = []
    for name, beginnings in tomllib.loads(CHOICE.read_text(encoding="utf-8")).items():
        for file in (f"{name}.ipynb", f"scripts/{name}.py"):
            try:
                tag_file(ROOT / "notebooks" / file, beginnings)
            except ValueError as error:
                faults.append(f"{file}: {error}")
    if faults:
        sys.exit("\n".join(faults))


# From cells to slides


def is_slide(cell: NotebookNode) -> bool:
    return cell.metadata.get("slideshow", {}).get("slide_type") == "slide"


def anchor(heading: str) -> str:
    """The name by which a link finds a heading."""
    return re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")


def headings_before(cells: list[NotebookNode]) -> list[str]:
    """For each cell the heading under which it begins; its own if it begins with one."""
    current, found = "", []
    for cell in cells:
        headings = HEADING.findall(cell.source) if cell.cell_type == "markdown" else []
        begins = headings and cell.source.lstrip().startswith("#")
        found.append(headings[0] if begins else current)
        current = headings[-1] if headings else current
    return found


def relinked(text: str) -> str:
    """The text with links to other lessons leading to their slides, and none into the repository."""

    def change(link: re.Match[str]) -> str:
        words, target = link.groups()
        lesson = re.fullmatch(r"(\d\d_\w+)\.ipynb(#.*)?", target)
        if lesson:
            return f"[{words}]({lesson[1]}.html)"
        return link[0] if "://" in target else words

    return LINK.sub(change, text)


def is_running_text(block: str) -> bool:
    return not re.match(r"(#|\||>|[-*] |\d+\. )", block)


def fitted(source: str) -> tuple[str, str]:
    """A text cell parted into what a slide shows and what is left for the notes.

    Of folded answers the slide shows the question. It ends where running text would exceed MOST_WORDS.
    """
    questions = [question for question, _ in DETAILS.findall(source) if question.endswith("?")]
    answers = [f"{question} {answer}" for question, answer in DETAILS.findall(source)]
    second = [match.start() for match in HEADING.finditer(source)][1:2]
    source = DETAILS.sub("", source[: second[0]] if second else source)
    blocks = [block.strip() for block in re.split(r"\n\s*\n", source) if block.strip()]
    blocks = [block for block in blocks if not block.startswith("[![")]
    if blocks[0].startswith("# "):  # the opening: its first paragraph stands for it
        return "\n\n".join(blocks[:2]), "\n\n".join(blocks[2:])
    shown: list[str] = []
    for block in blocks:
        running = [*filter(is_running_text, shown), block] if is_running_text(block) else []
        if sum(len(text.split()) for text in running) > MOST_WORDS:
            break
        shown.append(block)
    rest = blocks[len(shown) :]
    return "\n\n".join(shown + questions), "\n\n".join(rest + answers)


def following_text(cells: list[NotebookNode], position: int) -> list[str]:
    """The text cells right after a cell, up to the next heading or slide."""
    texts: list[str] = []
    for cell in cells[position + 1 :]:
        if cell.cell_type != "markdown" or cell.source.startswith("#") or is_slide(cell):
            break
        texts.append(HEADING.split(cell.source)[0].strip())
    return texts


def question_before(cells: list[NotebookNode], position: int) -> str:
    """The question with which the text before a cell ends, unless that text is a slide itself."""
    for cell in reversed(cells[:position]):
        if is_slide(cell):
            return ""
        if cell.cell_type == "markdown":
            asked = re.search(r"(?:^|[.?!]\s+|\n)([A-Z][^.?!\n]+\?)\s*$", cell.source)
            return asked[1] if asked else ""
        if outputs(cell)[0]:
            return ""
    return ""


def picture(kind: str, data: str, about: dict[str, str]) -> str:
    """A picture of a notebook in HTML; one that is not wide stands beside the words."""
    alternative = html.escape(about.get("alt", ""))
    width, height = Image.open(io.BytesIO(base64.b64decode(data))).size
    tall = ' class="tall"' if height > TALL * width else ""
    return f'<img{tall} src="data:{kind};base64,{"".join(data.split())}" alt="{alternative}">'


def outputs(cell: NotebookNode) -> tuple[list[str], str]:
    """Pictures and tables of a code cell as HTML, and what it prints."""
    shown, printed = [], ""
    for output in cell.outputs:
        data = output.get("data", {})
        for kind in ("image/png", "image/jpeg"):
            if kind in data:
                shown.append(picture(kind, data[kind], output.metadata.get(kind, {})))
        if "text/html" in data:
            shown.append(data["text/html"])
        printed += output.get("text", "")
    return shown, printed.rstrip()


def listing(code: str) -> str:
    """Code as large as the slide allows."""
    lines = code.splitlines()
    size = min(24, CODE_WIDTH // max(map(len, lines)), CODE_HEIGHT // len(lines))
    return f'<div style="font-size: {size}px">\n\n```python\n{code}\n```\n\n</div>'


def opening_sentences(text: str) -> str:
    """The first sentences of a text, up to MOST_REVEALED words, from its first paragraph."""
    chosen = ""
    for sentence in re.split(r"(?<=[.?!]) (?=[A-Z`(*])", text.split("\n\n")[0]):
        if len(f"{chosen} {sentence}".split()) > MOST_REVEALED:
            break
        chosen = f"{chosen} {sentence}".strip()
    return chosen


def code_slide(cells: list[NotebookNode], position: int) -> Slide:
    """What a cell draws or prints. Its code is seen only where it draws nothing and there is room."""
    cell, text = cells[position], "\n\n".join(following_text(cells, position))
    drawn, printed = outputs(cell)
    lines = cell.source.splitlines()
    room = len(lines) + len(printed.splitlines()) <= MOST_LINES
    shown = drawn
    if not drawn and room and "hide-input" not in cell.metadata.get("tags", []):
        shown = [listing(cell.source)]
    if not drawn and printed:
        shown = [*shown, f'<div class="printed">\n\n```text\n{printed}\n```\n\n</div>']
    folded = [f"{question} {answer}" for question, answer in DETAILS.findall(text)]
    text = DETAILS.sub("", text)
    caption = re.match(r"\*(.+)\*$", text, re.MULTILINE)
    revealed = ""
    if caption and "<img" in drawn[0]:
        revealed, text = caption[1], text[caption.end() :]
    elif drawn or (printed and len(lines) <= LONG_CODE):
        revealed = opening_sentences(caption[1] if caption else text)
    question = question_before(cells, position)
    shown = [f"**{question}**", *shown] if question else shown
    return Slide("\n\n".join(shown), revealed, "\n\n".join([text, *folded]).strip())


def slides_of(notebook: NotebookNode, said: dict[str, list[str]]) -> list[Slide]:
    """The slides of a lesson.

    Args:
        notebook: with tags; cells without one are no slides.
        said: for the anchors of its headings, what the teaching pages say there.
    """
    said = dict(said)
    slides = []
    for position, (cell, heading) in enumerate(zip(notebook.cells, headings_before(notebook.cells), strict=True)):
        if not is_slide(cell):
            continue
        if cell.cell_type == "code":
            slide = code_slide(notebook.cells, position)
        else:
            shown, rest = fitted(cell.source)
            slide = Slide(re.sub(r"\A#+ .+\s*", "", shown), "", rest)
        level = "#" if position == 0 else "##"
        advice = "\n".join(f"- {line}" for line in said.pop(anchor(heading), []))
        notes = "\n\n".join(filter(None, [advice, slide.notes]))
        parts = [f"{level} {heading}\n\n{slide.shown}", slide.revealed, notes]
        slides.append(Slide(*map(relinked, parts)))
    return slides


def teaching_notes(pages: list[Path]) -> dict[str, dict[str, list[str]]]:
    """What the pages say of a section of a lesson, as {lesson: {anchor: [text, ...]}}.

    A saying is a row of a table, under the heading of its page, or a part with a heading of third order.
    """
    notes: dict[str, dict[str, list[str]]] = {}
    for page in pages:
        for part in re.split(r"^(?=##+ )", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            title, _, text = part.partition("\n")
            title = title.lstrip("# ")
            sayings = [text] if part.startswith("### ") else [line for line in text.splitlines() if ROW.match(line)]
            for saying in sayings:
                columns = [column.strip() for column in LINK.sub(r"\1", saying).strip("|\n ").split(" | ")]
                words = " ".join(f"{title}: {' · '.join(filter(None, columns))}".split())
                for lesson, section in set(re.findall(r"notebooks/(\d\d_\w+)\.ipynb#([\w-]+)\)", saying)):
                    notes.setdefault(lesson, {}).setdefault(section, []).append(words)
    return notes


# From slides to a deck


def deck(slides: list[Slide], title: str) -> str:
    """The page of a deck; reveal.js lies beside it."""
    cells = []
    for slide in slides:
        cells.append(new_markdown_cell(slide.shown, metadata={"slideshow": {"slide_type": "slide"}}))
        if slide.notes:  # before the fragment, in which reveal.js would not look for them
            cells.append(new_markdown_cell(slide.notes, metadata={"slideshow": {"slide_type": "notes"}}))
        if slide.revealed:
            cells.append(new_markdown_cell(slide.revealed, metadata={"slideshow": {"slide_type": "fragment"}}))
    exporter = SlidesExporter(
        extra_template_basedirs=[str(ROOT / "tools")], template_name="slides_template", exclude_anchor_links=True
    )
    page, _ = exporter.from_notebook_node(new_notebook(cells=cells, metadata={"title": title}))
    return re.sub(r'(<h[1-3]) id="[^"]*"', r"\1", page)  # a heading may stand on several slides


def lesson_deck(path: Path, said: dict[str, list[str]]) -> str:
    notebook = nbformat.read(path, as_version=4)
    first, *others = slides_of(notebook, said)
    if path.stem in CREDITS:
        first = first._replace(shown=f"{first.shown}\n\n{CREDITS[path.stem]}")
    return deck([first, *others], HEADING.findall(notebook.cells[0].source)[0])


def page_deck(path: Path) -> str:
    """A page of docs/teaching as a single slide: what comes before its first rule, the rest as notes."""
    shown, _, notes = path.read_text(encoding="utf-8").partition("\n---\n")

    def embedded(image: re.Match[str]) -> str:
        data = base64.b64encode((path.parent / image[2]).read_bytes()).decode()
        return picture("image/png", data, {"alt": image[1]})

    shown = re.sub(r"!\[([^\]]*)\]\(([^)]+)\)", embedded, shown)
    return deck([Slide(f"#{relinked(shown)}", "", relinked(notes))], HEADING.findall(shown)[0])


def build() -> None:
    if not REVEAL.exists():
        sys.exit("found no reveal.js in build/npm; `make slides` fetches it with npm, which needs a network once.")
    said = teaching_notes([TEACHING / "run_sheets.md", TEACHING / "misconceptions.md"])
    shutil.rmtree(OUT, ignore_errors=True)
    vendored = OUT / "reveal.js"
    vendored.mkdir(parents=True)
    for name in ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"):
        shutil.copy(REVEAL / name, vendored)
    decks = {"course": page_deck(TEACHING / "one_slide.md")}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        decks[path.stem] = lesson_deck(path, said.get(path.stem, {}))
    for name, page in decks.items():
        (OUT / f"{name}.html").write_text(page, encoding="utf-8")
    titles = {name: re.search(r"<title>(.+?)</title>", page) for name, page in decks.items()}
    items = [f'<li><a href="{name}.html">{title[1] if title else name}</a></li>' for name, title in titles.items()]
    head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Slides</title>'
    items.append('<li><a href="cards.html">Cards to print</a></li>')
    (OUT / "index.html").write_text(f"{head}<h1>Slides</h1><ul>{''.join(items)}</ul></html>\n", encoding="utf-8")
    (OUT / "cards.html").write_text(cards.sheet(), encoding="utf-8")
    print(f"{len(decks)} decks and the cards in {OUT.relative_to(ROOT)}; open index.html")


if __name__ == "__main__":
    commands = {"tag": tag_all, "build": build}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit(f"found {' '.join(sys.argv[1:]) or 'no command'}; expected `slides.py tag` or `slides.py build`.")
    commands[sys.argv[1]]()
