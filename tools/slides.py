#!/usr/bin/env python3
"""The session's deck and the sheets to print, in build/slides, with reveal.js from build/npm (see `make slides`).

The session is the table of steps in docs/for-lecturers.md. A step says in bold what its first slide shows, and in
italics what comes below the answer. A cell of a lesson that a slide shows has a tag: `slide-before` ahead of these
words, `slide-with` beside them, and after them `slide`, or `slide-thirds` for nine runs: the two that look alike, then
three panels at a time. It belongs to the last step whose heading stands above it. Short answers, and why, come with the
next key, so that the room looks first.
"""

from __future__ import annotations

import base64
import functools
import html
import io
import itertools
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbconvert.exporters import SlidesExporter
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
SESSION = ROOT / "docs" / "for-lecturers.md"
MISCONCEPTIONS = ROOT / "docs" / "teaching" / "misconceptions.md"
GUESSES = ROOT / "docs" / "teaching" / "guess_sheet.md"
REVEAL = ROOT / "build" / "npm" / "node_modules" / "reveal.js"
OUT = ROOT / "build" / "slides"
DECK = "is_live_better"
FROM_REVEAL = [
    "LICENSE",
    "dist/reset.css",
    "dist/reveal.css",
    "dist/reveal.js",
    "plugin/notes/notes.js",
]
FEW_WORDS = 60  # that come below their question with the next key
CODE_COLUMNS = 88  # of a lesson's code, which fit on a slide and on a sheet
# The shares of a figure of nine runs at which nothing is drawn.
PANEL_ROWS = (0.045, 0.348, 0.652, 0.954)
PANEL_COLUMNS = (0.04, 0.3605, 0.678, 0.995)
NINE_READ = (
    "Loss against epochs. Dotted: training, as `fit` reports it. Solid: validation. Axes differ."
)
ALIKE = "B and H look alike. What could you evaluate to decide?"
STEP = re.compile(
    r"\| (\d+) to (\d+) \| (?:\d\d )?\[(.+?)\]\([./]*(?:notebooks/)?([\w-]+)\.(?:ipynb|md)#(\S+?)\) "
    r"\| (?:\*\*(.+?)\*\* ?)?(?:\*(.+?)\* ?)?(.*?) ?\| (.*?) ?\|"
)
DETAILS = re.compile(r"<details><summary>(.+?)</summary>\s*(.+?)\s*</details>", re.DOTALL)
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)\s]+\)")
CODE = re.compile(r"^```python\n.+?^```$", re.MULTILINE | re.DOTALL)
COMMENT_BEHIND = re.compile(r"^( *)(\S.*?) +(# .+)$", re.MULTILINE)
MISCONCEPTION = re.compile(r"^## (M\d+)\. (.+?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A row of the session's table."""

    start: int
    end: int
    title: str
    page: str  # of a lesson or a text, the file's name without its ending
    anchor: str  # of a heading in it
    said: str
    below: str  # the answer
    do: str
    listen: str


class Slide(NamedTuple):
    """One slide in Markdown: what is seen at once, what the next key adds, and what only the speaker sees."""

    title: str
    shown: str
    revealed: str
    notes: str


def read_steps(page: str) -> list[Step]:
    """The steps of a page's table; ValueError where a row is none, or doesn't begin where the one before ends."""
    steps: list[Step] = []
    end = 0
    for line in re.findall(r"^\| \d+ to .+$", page, re.MULTILINE):
        row = STEP.fullmatch(line)
        if not row or int(row[1]) != end:
            raise ValueError(f"found {line[:60]!r}; expected a step from where the last one ends.")
        start, end = int(row[1]), int(row[2])
        words = [part or "" for part in row.groups()[2:]]
        steps.append(Step(start, end, *words))
    return steps


@functools.cache
def session() -> list[Step]:
    return read_steps(SESSION.read_text("utf-8"))


@functools.cache
def lesson(name: str) -> NotebookNode:
    """A notebook; of a text, one without cells."""
    path = ROOT / "notebooks" / f"{name}.ipynb"
    return nbformat.read(path, as_version=4) if path.exists() else new_notebook()


def headings(text: str) -> dict[str, str]:
    """What stands below each heading of a text, by the name with which a link finds it."""
    parts = re.split(r"^#+ (.+)$", text, flags=re.MULTILINE)
    names = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in parts[1::2]]
    return dict(zip(names, parts[2::2], strict=True))


def tagged(step: Step) -> list[tuple[int, str]]:
    """The cells with a tag for slides below a step's heading and above the next step's, by number, with the tag."""
    anchors = {other.anchor for other in session() if other.page == step.page}
    anchor = ""
    cells = []
    for number, cell in enumerate(lesson(step.page).cells):
        if cell.cell_type == "markdown":
            found = [heading for heading in headings(cell.source) if heading in anchors]
            anchor = found[0] if found else anchor
        if anchor == step.anchor:
            tags = cell.metadata.get("tags", [])
            cells += [(number, tag) for tag in tags if tag.startswith("slide")]
    return cells


def unlinked(text: str) -> str:
    return LINK.sub(r"\1", text)


def narrow(text: str) -> str:
    """The text with comments above their lines of Python wherever a block of it is too wide."""

    def block(code: re.Match[str]) -> str:
        if max(map(len, code[0].splitlines())) <= CODE_COLUMNS:
            return code[0]
        return COMMENT_BEHIND.sub(r"\1\3\n\1\2", code[0])

    return CODE.sub(block, text)


def picture(image: bytes, alternative: str) -> str:
    """A picture in HTML."""
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    data = base64.b64encode(image).decode()
    return f'<img src="data:image/{kind};base64,{data}" alt="{html.escape(alternative)}">'


def images(cell: NotebookNode) -> list[tuple[bytes, str]]:
    """The pictures of a cell with their alternative texts."""
    return [
        (base64.b64decode(output.data[kind]), output.metadata.get(kind, {}).get("alt", ""))
        for output in cell.get("outputs", [])
        for kind in {"image/png", "image/jpeg"} & set(output.get("data", {}))
    ]


def texts(cell: NotebookNode, kind: str) -> str:
    """What a cell displays of a kind, such as text/markdown; with "" what it prints."""
    return "".join(
        output.get("data", {"": output.get("text")}).get(kind, "") for output in cell.outputs
    ).rstrip()


def cell_slide(step: Step, number: int, tag: str) -> Slide:
    """A cell: its text; or what it draws, or prints; or its code, where it does neither or stands beside words."""
    cell, below = lesson(step.page).cells[number : number + 2]
    if cell.cell_type == "markdown":
        return Slide(step.title, unlinked(headings(cell.source)[step.anchor].strip()), "", "")
    pictures = [picture(*image) for image in images(cell)]
    shown = "\n\n".join([*pictures, texts(cell, "text/html")]).strip()
    printed = texts(cell, "")
    if not shown and printed and tag != "slide-with":
        shown = f"```text\n{printed}\n```"
    elif not shown:
        shown = f"```python\n{cell.source}\n```"
    notes, revealed = "", ""
    if below.cell_type == "markdown":
        before_heading = re.split(r"^#", below.source, flags=re.MULTILINE)[0]
        notes = unlinked(DETAILS.sub(r"\2", before_heading).strip())
        for _, answer in DETAILS.findall(before_heading)[:1]:  # why, in its first sentence
            revealed = unlinked(re.split(r"(?<=[.?!])\s", answer)[0])
    return Slide(step.title, shown, revealed, notes)


def panel(image: bytes, letter: str) -> bytes:
    """One of the nine panels A to I of a figure."""
    figure = Image.open(io.BytesIO(image)).convert("RGB")
    row, column = divmod("ABCDEFGHI".index(letter), 3)
    left, right = PANEL_COLUMNS[column : column + 2]
    top, bottom = PANEL_ROWS[row : row + 2]
    width, height = figure.size
    edges = (left * width, top * height, right * width, bottom * height)
    written = io.BytesIO()
    figure.crop(edges).save(written, "png")
    return written.getvalue()


class Nine(NamedTuple):
    """What a lesson says of its nine runs."""

    image: bytes
    about: str  # the alternative text
    asked: str  # above the figure
    evaluated: str  # what the cell below it prints
    answers: dict[str, str]  # by the letter of a panel


def read_nine(step: Step, number: int) -> Nine:
    """The nine runs that a cell draws, with the answers in the folds of their section."""
    cells = lesson(step.page).cells
    below = list(
        itertools.takewhile(lambda cell: not cell.source.startswith("## "), cells[number + 1 :])
    )
    folds = "\n\n".join(inside for cell in below for _, inside in DETAILS.findall(cell.source))
    paragraphs = unlinked(folds).split("\n\n")
    answers = {paragraph.strip("*")[0]: paragraph for paragraph in paragraphs}
    ((image, about),) = images(cells[number])
    printed = texts(next(cell for cell in below if cell.cell_type == "code"), "")
    sections = [headings(cell.source) for cell in cells]
    asked = next(section[step.anchor] for section in sections if step.anchor in section)
    return Nine(image, about, asked, printed.replace("\n", "; "), answers)


def nine_slides(step: Step, number: int) -> list[Slide]:
    """Nine runs, a few panels at a time: the next key says what each is, and the notes say why."""
    runs = read_nine(step, number)
    slides = []
    for letters in ("BH", "ABC", "DEF", "GHI"):
        said = ALIKE if letters == "BH" else NINE_READ
        panels = ""
        for letter in letters:
            panels += picture(panel(runs.image, letter), f"{letter} of: {runs.about}")
        shown = f'{said}\n\n<div class="panels">{panels}</div>'
        chosen = [runs.answers[letter] for letter in letters]
        names = [re.split(r"(?<=\.) ", answer)[0] for answer in chosen]
        if letters == "BH":
            names.insert(0, f"{runs.evaluated}.")
        slides.append(Slide(step.title, shown, " ".join(names), "\n\n".join(chosen)))
    return slides


def nine_sheets(step: Step, number: int) -> dict[str, str]:
    """Two pages to print, by their files' names: nine runs with a table to fill in, and the answers."""
    runs = read_nine(step, number)
    names = ", ".join(re.findall(r"\*([^*]+)\*", runs.asked))
    table = "| | what is it? | what would you do next? |\n| --- | --- | --- |\n"
    for letter in runs.answers:
        table += f"| **{letter}** | | |\n"
    sheet = picture(runs.image, runs.about)
    sheet += f"\n\n{NINE_READ} Each of these names fits one run: {names}.\n\n{table}"
    answers = "\n\n".join(runs.answers.values())
    return {
        "nine_runs": printable("Nine runs", sheet),
        "nine_runs_answers": printable("Nine runs: answers", answers),
    }


@functools.cache
def misconceptions() -> dict[str, str]:
    """What is believed, what to ask, and the answer."""
    page = MISCONCEPTIONS.read_text("utf-8")
    return {
        number: " ".join(unlinked(text).split()) for number, text in MISCONCEPTION.findall(page)
    }


def advice(step: Step) -> str:
    """The step's row for the speaker, with the misconceptions that it names."""
    lines = [f"**{step.start} to {step.end}.** {unlinked(step.do)}"]
    if step.listen:
        lines.append(f"Listen for: {step.listen}")
    lines += [f"{name}. {misconceptions()[name]}" for name in re.findall(r"\bM\d+\b", step.listen)]
    return "\n\n".join(lines)


def slides_of(step: Step) -> list[Slide]:
    """The slides of a step, each with its advice; ValueError where it says nothing and shows nothing."""
    before: list[Slide] = []
    after: list[Slide] = []
    beside = ""
    for number, tag in tagged(step):
        if tag == "slide-with":
            beside = cell_slide(step, number, tag).shown
        elif tag == "slide-thirds":
            after += nine_slides(step, number)
        elif tag == "slide-before":
            before.append(cell_slide(step, number, tag))
        else:
            after.append(cell_slide(step, number, tag))
    if step.said:
        kind = "asked" if beside else "alone"
        said = f'<div class="{kind}">\n\n{step.said}\n\n</div>\n\n{beside}'
        question = Slide(step.title, said, "", "")
        if after and is_short(after[0].shown):
            answer = after.pop(0)
            revealed = f"{answer.shown}\n\n{answer.revealed}".strip()
            question = question._replace(revealed=revealed, notes=answer.notes)
        after.insert(0, question)
    elif not lesson(step.page).cells:
        after.append(section_slide(step))
    if not before + after:
        raise ValueError(f"{step.title}: no cell below #{step.anchor} has a tag such as slide.")
    if step.below:
        after[-1] = after[-1]._replace(revealed=f"{after[-1].revealed}\n\n{step.below}".strip())
    slides = []
    for slide in before + after:
        notes = f"{advice(step)}\n\n{slide.notes}".strip()
        slides.append(slide._replace(notes=notes))
    return slides


def is_short(answer: str) -> bool:
    """Whether an answer is a few words, without a picture or a table."""
    return "<" not in answer and len(answer.split()) <= FEW_WORDS


def section_slide(step: Step) -> Slide:
    """A section of a text, without its folds."""
    text = DETAILS.sub("", (ROOT / f"{step.page}.md").read_text("utf-8"))
    section = unlinked(headings(text)[step.anchor]).strip()
    return Slide(step.title, f'<div class="page">\n\n{section}\n\n</div>', "", "")


def deck(slides: list[Slide], title: str) -> str:
    """The page of a deck; reveal.js lies beside it."""
    cells = []
    for slide in slides:
        # The notes stand before the fragment, in which reveal.js would not look for them.
        parts = {
            "slide": f"## {slide.title}\n\n{narrow(slide.shown)}",
            "notes": slide.notes,
            "fragment": narrow(slide.revealed),
        }
        for kind, text in parts.items():
            if text:
                metadata = {"slideshow": {"slide_type": kind}}
                cells.append(new_markdown_cell(text, metadata=metadata))
    exporter = SlidesExporter(
        extra_template_basedirs=[str(ROOT / "tools")],
        template_name="slides_template",
        exclude_anchor_links=True,
    )
    page, _ = exporter.from_notebook_node(new_notebook(cells=cells, metadata={"title": title}))
    return re.sub(r'(<h[1-3]) id="[^"]*"', r"\1", page)  # a heading may stand on several slides


def printable(title: str, content: str) -> str:
    """A page to print, of Markdown."""
    style = (ROOT / "tools" / "slides_template" / "sheet.css").read_text("utf-8")
    head = f'<meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    body = f"<h1>{title}</h1>\n{markdown2html(narrow(content))}"
    return f'<!DOCTYPE html>\n<html lang="en">{head}\n{body}\n</html>\n'


def handout() -> str:
    """Two pages to print: what the front page says, how far to trust it, and nothing to click or unfold."""
    page = (ROOT / "README.md").read_text("utf-8")
    title, _, text = page.partition("\n## Check yours")[0].partition("\n")
    text += re.search(r"\n## How far to trust it\n.+?(?=\n## )", page, re.DOTALL)[0]  # type: ignore[index]
    alternative = html.unescape(re.search(r'<img [^>]*alt="([^"]*)"', text)[1])  # type: ignore[index]
    image = picture((ROOT / "docs" / "share.png").read_bytes(), alternative).replace(
        "<img", '<img style="width: 28%"'
    )
    text = re.sub(r"<picture>.+?</picture>", image, text, flags=re.DOTALL)
    text = re.sub(r"<details>.+?</details>", "", text, flags=re.DOTALL)
    text = re.sub(r"^\[.*\n", "", text, flags=re.MULTILINE)
    return printable(title.removeprefix("# "), unlinked(text))


def build() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    sheet = GUESSES.read_text("utf-8").partition("\n")[2]
    pages = {"handout": handout(), "guess_sheet": printable("Guess sheet", sheet)}
    for step in session():
        for number, tag in tagged(step):
            if tag == "slide-thirds":
                pages |= nine_sheets(step, number)
    if REVEAL.exists():
        (OUT / "reveal.js").mkdir()
        for name in FROM_REVEAL:
            shutil.copy(REVEAL / name, OUT / "reveal.js")
        slides = [slide for step in session() for slide in slides_of(step)]
        pages[DECK] = deck(slides, "Is live better?")
    items = ""
    for name, page in sorted(pages.items()):
        (OUT / f"{name}.html").write_text(page, encoding="utf-8")
        items += f"- [{re.findall('<title>(.+?)</title>', page)[0]}]({name}.html)\n"
    (OUT / "index.html").write_text(printable("Slides and sheets", items), encoding="utf-8")
    print(f"{len(pages)} pages in {OUT}; open index.html")
    if DECK not in pages:
        print(
            "The deck is missing: npm, which fetches reveal.js once from the network, is not there or failed."
        )


if __name__ == "__main__":
    build()
