#!/usr/bin/env python3
"""Decks of the sessions and the sheets to print, in build/slides, with reveal.js from build/npm (see `make slides`).

A deck follows the steps of its session (sessions.py). A question stands alone, or with the picture that it asks
about. Then come the lesson's own figures, tables and lines of code: captions come with the next key, so that the room
looks first, and no title tells the answer. The speaker's notes of a step's first slide say what to do and listen for,
with the misconceptions that the step names. Those of the others are the lesson's own text, or the same again.
"""

from __future__ import annotations

import base64
import functools
import html
import io
import itertools
import re
import shutil
from typing import NamedTuple

import nbformat
import numpy as np
from nbconvert.exporters import SlidesExporter
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook
from PIL import Image
from sessions import ROOT, TEACHING, TITLES, Step, anchor, cells_of, place, sessions

REVEAL = ROOT / "build" / "npm" / "node_modules" / "reveal.js"
OUT = ROOT / "build" / "slides"
CODE_WIDTH = 1840  # letters in a line of code times their size in pixels, which fill a slide
SMALLEST_CODE, LARGEST_CODE = 24, 36  # pixels; a line that is longer still is wrapped
MOST_LINES = 16  # of code with what it prints
FEW_WORDS = 60  # that come below their question with the next key
TALL = 0.7  # of its width: a higher picture stands beside the words
CELLS_LICENCE = "Photographs: S. Deitsch and others, *Solar Energy* 185, 2019. CC BY-NC-SA 4.0: not for commercial use."
CREDITS = {"08_solar_cells": CELLS_LICENCE}
ON_A_SLIDE = {  # of sections with more than a slide has room for: the beginnings of lines and sentences
    "what-to-do": ("| you ", "| --- ", "| train from scratch ", "| fine-tune "),
    "how-far-to-trust-it": ("The experiments", "They are about", "The strongest result", "And with 12,000 images"),
}
NINE_READ = "Loss against epochs. Dotted: training, as `fit` reports it. Solid: validation. Axes differ."
NINE_SLIDES = {
    "BH": "B and H look alike. What could you evaluate to decide?",
    "ABC": NINE_READ,
    "DEF": NINE_READ,
    "GHI": NINE_READ,
}
DETAILS = re.compile(r"<details><summary>(.+?)</summary>\s*(.+?)\s*</details>", re.DOTALL)
LAST_OF_LIST = re.compile(r".*^\d\. [^\n]+", re.MULTILINE | re.DOTALL)
NOT_ON_PAPER = re.compile(r" \(\[lesson \d+\]\S+\)|, and \[Results\]\S+ says which|\| wait for [^\n]+\n|\[!\[.*\n")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)\s]+\)")
SOURCE = re.compile(r" \(\[Registered\]\S+\)")  # says nothing without its link
MISCONCEPTION = re.compile(r"^### (M\d+)\. (.+?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


class Slide(NamedTuple):
    """One slide in Markdown: what is seen at once, what the next key adds, and what only the speaker sees."""

    title: str
    shown: str
    revealed: str
    notes: str


# From cells to what a slide shows


def unlinked(text: str) -> str:
    return LINK.sub(r"\1", SOURCE.sub("", text))


def following_text(notebook: NotebookNode, number: int) -> str:
    """The text right after a cell, up to the next heading, code or guess."""
    texts: list[str] = []
    for cell in notebook.cells[number + 1 :]:
        if cell.cell_type != "markdown" or cell.source.startswith("#"):
            break
        texts.append(re.split(r"^#|^\*\*Predict first", cell.source, flags=re.MULTILINE)[0].strip())
    return "\n\n".join(texts)


def picture(image: bytes, alternative: str) -> str:
    """A picture in HTML; one that is not wide stands beside the words."""
    with Image.open(io.BytesIO(image)) as opened:
        tall = ' class="tall"' if opened.height > TALL * opened.width else ""
        kind = opened.get_format_mimetype()
    data = base64.b64encode(image).decode()
    return f'<img{tall} src="data:{kind};base64,{data}" alt="{html.escape(alternative)}">'


def cuts(pixels: np.ndarray) -> list[int]:
    """The four edges of three rows of panels. They lie where nothing is drawn."""
    height = len(pixels)
    empty = np.flatnonzero(pixels.min(axis=1) > 250)
    gaps = [gap for gap in np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1) if gap.size]
    edges = []
    for part in range(4):  # the outer edges lie between the panels and the legend or the common label
        near = [gap for gap in gaps if abs(gap.mean() - part * height / 3) < height / 10]
        inner = [gap for gap in near if gap[0] > 0 and gap[-1] < height - 1]
        edges.append(int(max(inner, key=len).mean()) if inner else part * height // 3)
    return edges


def panels_of(image: bytes, letters: str) -> bytes:
    """Some of the nine panels A to I of a figure side by side, without legend and common labels."""
    with Image.open(io.BytesIO(image)) as opened:
        figure = opened.convert("RGB")
    figure = figure.crop((figure.width // 25, 0, *figure.size))  # the common label of the rows lies left of it
    pixels = np.asarray(figure.convert("L"))
    rows = cuts(pixels)
    panels = []
    for letter in letters:
        row, column = divmod("ABCDEFGHI".index(letter), 3)
        inner = cuts(pixels[rows[row] : rows[row + 1]].T)[1:3]
        columns = [0, *inner, figure.width]  # no legend stands at a side
        panels.append(figure.crop((columns[column], rows[row], columns[column + 1], rows[row + 1])))
    joined = Image.new("RGB", (sum(panel.width for panel in panels), max(panel.height for panel in panels)), "white")
    for number, panel in enumerate(panels):
        joined.paste(panel, (sum(before.width for before in panels[:number]), 0))
    written = io.BytesIO()
    joined.save(written, "png")
    return written.getvalue()


def images(cell: NotebookNode) -> list[tuple[bytes, str]]:
    """The pictures of a cell with their alternative texts."""
    return [
        (base64.b64decode(output.data[kind]), output.metadata.get(kind, {}).get("alt", ""))
        for output in cell.get("outputs", [])
        for kind in {"image/png", "image/jpeg"} & set(output.get("data", {}))
    ]


def pictures(cell: NotebookNode) -> list[str]:
    return [picture(*image) for image in images(cell)]


def printed(cell: NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs).rstrip()


def listing(code: str, language: str) -> str:
    """Code, or what it prints, as large as the slide allows."""
    size = max(SMALLEST_CODE, min(LARGEST_CODE, CODE_WIDTH // max(map(len, code.splitlines()))))
    return f'<div style="font-size: {size}px">\n\n```{language}\n{code}\n```\n\n</div>'


def body(cell: NotebookNode, code: bool = True) -> str:
    """What a cell draws, tabulates or prints. Its code is seen only where it draws nothing and there is room."""
    drawn = pictures(cell)
    drawn += [output.data["text/html"] for output in cell.outputs if "text/html" in output.get("data", {})]
    text = printed(cell)
    lines = [*cell.source.splitlines(), *text.splitlines()]
    folded = {"hide-input", "hide-output"} & {*cell.metadata.get("tags", [])}
    if code and not drawn and not folded and len(lines) <= MOST_LINES:
        drawn = [listing(cell.source, "python")]
    if text and "<img" not in "".join(drawn) and len(text.splitlines()) <= MOST_LINES:
        drawn.append(listing(text, "text"))
    return "\n\n".join(drawn)


def caption_of(cell: NotebookNode) -> str:
    """What ``caption`` of helpers.plots wrote below a cell's figure or table."""
    written = [output.data["text/markdown"] for output in cell.outputs if "text/markdown" in output.get("data", {})]
    return unlinked(written[0].strip("*")) if written else ""


def nine_answers(notebook: NotebookNode, number: int) -> dict[str, str]:
    """The answers below the cell that draws nine runs, by their letters."""
    until = itertools.takewhile(lambda cell: not cell.source.startswith("## "), notebook.cells[number + 1 :])
    folded = [inside for cell in until for _, inside in DETAILS.findall(cell.source)]
    answers = "\n\n".join(folded).split("\n\n")
    return {answer.strip("*")[0]: unlinked(answer) for answer in answers}


def nine_slides(step: Step, notebook: NotebookNode, number: int) -> list[Slide]:
    """A few panels at a time. The next key says what each is, and the notes say why."""
    ((image, about),) = images(notebook.cells[number])
    answers = nine_answers(notebook, number)
    slides = []
    for letters, said in NINE_SLIDES.items():
        shown = picture(panels_of(image, letters), f"{', '.join(letters)} of these: {about}")
        chosen = [answers[letter] for letter in letters]
        first_sentences = " ".join(re.split(r"(?<=\.) ", answer)[0] for answer in chosen)
        slides.append(Slide(step.title, f"{said}\n\n{shown}", first_sentences, "\n\n".join(chosen)))
    evaluated = printed(next(cell for cell in notebook.cells[number + 1 :] if cell.cell_type == "code"))
    slides[0] = slides[0]._replace(revealed=f"{evaluated.replace(chr(10), '; ')}. {slides[0].revealed}")
    return slides


def cell_slide(step: Step, notebook: NotebookNode, number: int, code: bool = True) -> Slide:
    """What a step shows of its lesson."""
    cell = notebook.cells[number]
    if cell.cell_type == "markdown":
        parts = re.split(r"^(?=#)", cell.source, flags=re.MULTILINE)
        own = [part for part in parts if anchor(part.partition("\n")[0].lstrip("# ")) == step.anchor]
        own += filter(None, parts)
        text = re.sub(r"^#.*", "", own[0]).strip()
        seen, folds = DETAILS.sub("", text), [": ".join(fold) for fold in DETAILS.findall(text)]
        listed = LAST_OF_LIST.match(seen)
        return Slide(step.title, unlinked(listed[0] if listed else seen), "", unlinked("\n\n".join(folds)))
    caption, shown = caption_of(cell), body(cell, code)
    if caption.endswith("?"):
        shown, caption = f"{shown}\n\n{caption}", ""
    return Slide(step.title, shown, caption, unlinked(DETAILS.sub(r"\1: \2", following_text(notebook, number))))


def question_slide(step: Step, notebook: NotebookNode, beside: list[int]) -> Slide:
    """The question alone, or with what it is asked about. Code is seen where nothing else is."""
    if not beside:
        return Slide(step.title, f'<div class="alone">\n\n{step.ask}\n\n</div>', "", "")
    seen = [cell_slide(step, notebook, beside[0], code=code).shown for code in (False, True)]
    return Slide(step.title, f'<div class="asked">\n\n{step.ask}\n\n</div>\n\n{seen[0] or seen[1]}', "", "")


def section(step: Step) -> str:
    """What stands below a heading of a page, without its folds: of a long section the chosen part."""
    page = (ROOT / ("." if step.lesson == "README" else "docs") / f"{step.lesson}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    found = {anchor(title): text for title, text in zip(parts[1::2], parts[2::2], strict=True)}
    text = unlinked(re.sub(r"<details>.+?</details>", "", found[step.anchor], flags=re.DOTALL)).strip()
    if step.anchor not in ON_A_SLIDE:
        return text
    chosen = [part for part in re.split(r"\n|(?<=\.) ", text) if part.startswith(ON_A_SLIDE[step.anchor])]
    return "\n".join(chosen if chosen[0].startswith("|") else [f"- {part}" for part in chosen])


@functools.cache
def misconceptions() -> dict[str, str]:
    """What is believed, what to ask, and the answer."""
    page = (TEACHING / "misconceptions.md").read_text(encoding="utf-8")
    return {number: " ".join(unlinked(text).split()) for number, text in MISCONCEPTION.findall(page)}


def advice(step: Step) -> str:
    """The step's row for the speaker, with the misconceptions that it names."""
    lines = [f"**{step.start} to {step.end}, {step.kind}.** {unlinked(step.do)}"]
    if step.listen:
        lines.append(f"Listen for: {step.listen}")
    lines += [f"{name}. {misconceptions()[name]}" for name in re.findall(r"\bM\d+\b", step.listen)]
    return "\n\n".join(lines)


def is_short(shown: str) -> bool:
    """Printed lines or a few words: too little for a slide of its own."""
    only_printed = shown.startswith("<div") and shown.count("<div") == 1 and "```text" in shown
    return only_printed or ("<" not in shown and len(shown.split()) <= FEW_WORDS)


def slides_of(step: Step, notebook: NotebookNode) -> list[Slide]:
    """The slides of a step.

    Raises:
        ValueError: it asks nothing and shows nothing.
    """
    slides: list[Slide] = []
    answers: list[Slide] = []
    beside: list[int] = []
    for number, tag in cells_of(step, notebook) if step.is_in_a_lesson else []:
        if tag == "slide-with":
            beside.append(number)
        elif tag == "slide-thirds":
            answers += nine_slides(step, notebook, number)
        else:
            (slides if tag == "slide-before" else answers).append(cell_slide(step, notebook, number))
    if not (step.ask or step.is_in_a_lesson):
        slides.append(Slide(step.title, section(step), "", ""))
    if step.ask:
        slides.append(question_slide(step, notebook, beside))
        if answers and is_short(answers[0].shown):
            slides[-1] = slides[-1]._replace(revealed=answers[0].shown, notes=answers.pop(0).notes)
    slides += answers
    if not slides:
        raise ValueError(f"{step.title}: no cell below #{step.anchor} has a tag such as slide.")
    slides[0] = slides[0]._replace(notes=f"{advice(step)}\n\n{slides[0].notes}".strip())
    return [slide if slide.notes else slide._replace(notes=advice(step)) for slide in slides]


# Decks and sheets


def deck(slides: list[Slide], title: str) -> str:
    """The page of a deck; reveal.js lies beside it."""
    cells = []
    for slide in slides:
        shown = f"## {slide.title}\n\n{slide.shown}" if slide.title else slide.shown
        # The notes stand before the fragment, in which reveal.js would not look for them.
        for text, kind in ((shown, "slide"), (slide.notes, "notes"), (slide.revealed, "fragment")):
            if text:
                cells.append(new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}}))
    exporter = SlidesExporter(
        extra_template_basedirs=[str(ROOT / "tools")], template_name="slides_template", exclude_anchor_links=True
    )
    page, _ = exporter.from_notebook_node(new_notebook(cells=cells, metadata={"title": title}))
    return re.sub(r'(<h[1-3]) id="[^"]*"', r"\1", page)  # a heading may stand on several slides


@functools.cache
def lesson(name: str) -> NotebookNode:
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def session_slides(steps: list[Step]) -> list[Slide]:
    """All slides of a session; the first figure of a lesson with photographs of others credits them."""
    found: list[Slide] = []
    uncredited = dict(CREDITS)
    for step in steps:
        for slide in slides_of(step, lesson(step.lesson) if step.is_in_a_lesson else new_notebook()):
            if "<img" in slide.shown and step.lesson in uncredited:
                credit = f'<div class="credit">\n\n{uncredited.pop(step.lesson)}\n\n</div>'
                slide = slide._replace(shown=f"{slide.shown}\n\n{credit}")
            found.append(slide)
    return found


def printable(title: str, content: str) -> str:
    style = (
        "@page{size:A4;margin:14mm} body{font:11pt/1.4 sans-serif;max-width:182mm;margin:auto} "
        "img{width:82%} h1{margin:0} table{border-collapse:collapse;width:100%} th{text-align:left} "
        "tr{break-inside:avoid} td,th{border:1px solid #999;height:6mm;padding:.5mm 2mm} "
        "pre{font-size:9pt;white-space:pre-wrap} .anchor-link{display:none}"
    )
    head = f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    return f"{head}\n<h1>{title}</h1>\n{content}\n</html>\n"


def nine_runs() -> dict[str, str]:
    """The sheet of nine runs to print and, apart, its answers."""
    steps = [step for step in itertools.chain(*sessions().values()) if step.is_in_a_lesson]
    ((step, number),) = [(step, number) for step in steps for number, tag in cells_of(step, lesson(step.lesson))
                         if tag == "slide-thirds"]  # fmt: skip
    notebook = lesson(step.lesson)
    table = "<table><tr><th></th><th width='45%'>what is it?</th><th>what would you do next?</th></tr>"
    table += "".join(f"<tr><th>{letter}</th><td></td><td></td></tr>" for letter in "ABCDEFGHI") + "</table>"
    names = ", ".join(re.findall(r"\*([^*]+)\*", notebook.cells[place(notebook, step.anchor)].source))
    text = markdown2html(f"{NINE_READ} Each of these names fits one run: {names}.")
    answers = "\n\n".join(nine_answers(notebook, number).values())
    return {
        "nine_runs": printable("Nine runs", "".join(pictures(notebook.cells[number])) + text + table),
        "nine_runs_answers": printable("Nine runs: answers", markdown2html(answers)),
    }


def handout() -> str:
    """Two pages to print: what the front page says, with all of its code, up to its doors, and nothing to click."""
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    title, _, text = page.partition("\n## Three doors")[0].partition("\n")
    image = picture((ROOT / "docs" / "share.png").read_bytes(), "")
    text = re.sub(r"<picture>.+?</picture>", image, text, flags=re.DOTALL)
    text = NOT_ON_PAPER.sub("", re.sub(r": \[learn\].*", ".", text))
    text = re.sub(r"</?(details|summary)>", "", unlinked(text))
    return printable(title.removeprefix("# "), markdown2html(text))


def build() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    vendored = OUT / "reveal.js"
    vendored.mkdir(parents=True)
    for name in ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"):
        shutil.copy(REVEAL / name, vendored)
    pages = nine_runs() | {"handout": handout()}
    pages |= {name: deck(session_slides(steps), TITLES[name]) for name, steps in sessions().items()}
    for name, page in pages.items():
        (OUT / f"{name}.html").write_text(page, encoding="utf-8")
    titles = {name: re.findall(r"<title>(.+?)</title>", page)[0] for name, page in sorted(pages.items())}
    items = "".join(f'<li><a href="{name}.html">{title}</a></li>' for name, title in titles.items())
    (OUT / "index.html").write_text(printable("Slides and sheets", f"<ul>{items}</ul>"), encoding="utf-8")
    print(f"{len(pages)} pages in {OUT.relative_to(ROOT)}; open index.html")


if __name__ == "__main__":
    build()
