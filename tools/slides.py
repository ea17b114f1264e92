#!/usr/bin/env python3
"""The session's deck and the sheets to print, in build/slides, with reveal.js from build/npm (see `make slides`).

`plan.py` says what is on a slide. Short answers, and why, come with the next key, so that the room looks first. Where
the room votes, one key more asks for the second vote.
"""

from __future__ import annotations

import io
import re
import shutil
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from nbconvert.exporters import SlidesExporter
from nbconvert.filters import markdown2html
from nbformat.v4 import new_markdown_cell, new_notebook
from PIL import Image
from plan import (
    DETAILS,
    LINE,
    ROOT,
    Step,
    headings,
    images,
    lesson,
    misconceptions,
    narrow,
    picture,
    read_nine,
    session,
    tagged,
    texts,
    unlinked,
)
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from sheets import handout, printable, sheets

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
AGAIN = "Two minutes with your neighbour. Then vote again."
# The shares of a figure of nine runs at which nothing is drawn.
PANEL_ROWS = (0.045, 0.348, 0.652, 0.954)
PANEL_COLUMNS = (0.04, 0.3605, 0.678, 0.995)
# Of nine runs those of the session: the pair that looks alike, and two more.
ASKED = ("BH", "FG")
# Of these the room asks why, so the next key says more than the name.
EXPLAINED = "F"
NINE_READ = "Dotted: training, as `fit` reports it. Solid: validation."
# What is said of a run that a slide shows beside these twenty.
BRACKETS = "In brackets: the lowest and the highest of our twenty runs."
# What students run, too, with garments of their own.
OURS = "One run of ours. Run on, cell by cell, to this one: yours will differ."
# Code and printed text that is no wider than so many columns is shown in larger letters, by the name of their style.
LETTERS = {"huge": 44, "large": 64}
FENCED = re.compile(r"^```(?:python|text)\n.+?^```$", re.MULTILINE | re.DOTALL)
TWENTY = ROOT / "data" / "results" / "lessons" / "01-twenty-runs.csv"


TEMPLATE = ROOT / "tools" / "slides_template"
PAPER = """\
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><style>{style}</style></head>
<body class="reveal paper"><main class="slides"><section>
{body}
</section></main></body>
</html>
"""


class Slide(NamedTuple):
    """One slide in Markdown: what is seen at once, what the next key adds, and what only the speaker sees."""

    title: str
    shown: str
    revealed: str
    notes: str
    vote: bool = False  # whether the room votes twice before anything is revealed

    def added(self) -> list[str]:
        """What each next key adds."""
        every = [AGAIN, self.revealed] if self.vote else [self.revealed]
        return [text for text in every if text]


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


def nine_slides() -> list[Slide]:
    """Four of nine runs, in pairs: the next key says what each is, and the notes say why."""
    step, runs = read_nine()
    slides = []
    for letters in ASKED:
        panels = ""
        for letter in letters:
            panels += picture(panel(runs.image, letter), f"{letter} of: {runs.about}")
        shown = f'{NINE_READ}\n\n<div class="panels">{panels}</div>'
        chosen = [runs.answers[letter] for letter in letters]
        names = []
        for letter, answer in zip(letters, chosen, strict=True):
            first = re.split(r"(?<=\.) ", answer)[0]
            names.append(answer if letter in EXPLAINED else first)
        if letters == "BH":
            shown = shown.replace(NINE_READ, f"{NINE_READ} What could you evaluate to decide?")
            names.insert(0, f"{runs.evaluated}.")
        slides.append(Slide(step.title, shown, " ".join(names), "\n\n".join(chosen)))
    return slides


def twenty_dots() -> Slide:
    """What the class has drawn on the board, of the twenty stored runs."""
    runs = pd.read_csv(TWENTY).pivot(
        index="run", columns="method", values="accuracy on new garments, %"
    )
    points = runs["1 copy"] - runs["no augmentation"]
    figure = Figure(figsize=(9, 3.2), dpi=200, layout="constrained")
    axes = figure.add_subplot()
    places = points.round()
    heights = places.groupby(places).cumcount()  # so that dots stand above one another
    fills = np.where(points < 0, "#e69f00", "white")
    axes.scatter(points, heights, s=160, c=fills, edgecolors="#e69f00", linewidths=2)
    axes.axvline(0, color="0.4", linewidth=1)
    axes.set(xlim=(-12.5, 4.5), ylim=(-0.8, heights.max() + 1.2), yticks=[])
    axes.set_xlabel(
        "one copy minus no augmentation, points of accuracy on new garments", fontsize=14
    )
    axes.tick_params(labelsize=14)
    axes.spines[["left", "top", "right"]].set_visible(False)
    written = io.BytesIO()
    figure.savefig(written, format="png")
    about = f"Twenty dots on an axis of points, {(points < 0).sum()} of them below zero."
    shown = f"Our twenty runs, a dot each. Filled: one copy was worse.\n\n{picture(written.getvalue(), about)}"
    return Slide("A dot for each run", shown, "", "")


# Steps whose last slide is drawn here, by their titles.
DRAWN = {"Edit 2: a dot for each seat": twenty_dots}


def advice(step: Step) -> str:
    """The step's row for the speaker, with the misconceptions that it names."""
    lines = [f"**{step.start} to {step.end}.** {unlinked(step.do)}"]
    if step.listen:
        lines.append(f"Listen for: {step.listen}")
    lines += [f"{name}. {misconceptions()[name]}" for name in re.findall(r"\bM\d+\b", step.listen)]
    return "\n\n".join(lines)


def cells_of(step: Step) -> tuple[list[Slide], str, list[Slide]]:
    """The slides of a step's cells before its words, what stands beside them, and those after them."""
    before: list[Slide] = []
    after: list[Slide] = []
    beside = ""
    for number, tag in tagged(step):
        if tag == "slide-with":
            beside = cell_slide(step, number, tag).shown
        elif tag == "slide-thirds":
            after += nine_slides()
        elif tag == "slide-before":
            before.append(cell_slide(step, number, tag))
        else:
            after.append(cell_slide(step, number, tag))
    return before, beside, after


def slides_of(step: Step) -> list[Slide]:
    """The slides of a step, each with its advice; ValueError where it says nothing and shows nothing."""
    before, beside, after = cells_of(step)
    if is_edited(step):
        before = [slide._replace(shown=f"{slide.shown}\n\n{OURS}") for slide in before]
        after = [slide._replace(shown=f"{slide.shown}\n\n{OURS}") for slide in after]
    if step.said:
        slide = question(step, beside)
        if after and is_short(after[0].shown) and not step.options:
            short = after.pop(0)
            revealed = f"{short.shown}\n\n{short.revealed}".strip()
            slide = slide._replace(revealed=revealed, notes=short.notes)
        if step.title not in DRAWN:
            slide = slide._replace(revealed=f"{step.below}\n\n{slide.revealed}".strip())
        after.insert(0, slide)
    elif not lesson(step.page).cells:
        after.append(section_slide(step))
    if step.title in DRAWN:
        run = after.pop()
        after.append(run._replace(revealed=f"{run.revealed} {BRACKETS}"))
        after.append(DRAWN[step.title]()._replace(revealed=step.below))
    if not before + after:
        raise ValueError(f"{step.title}: no cell below #{step.anchor} has a tag such as slide.")
    slides = []
    for slide in before + after:
        notes = f"{advice(step)}\n\n{slide.notes}".strip()
        slides.append(slide._replace(notes=notes))
    return slides


def is_edited(step: Step) -> bool:
    """Whether students have edited the step's lesson by then, so that their runs are others than the stored one."""
    edits = [other for other in session() if other.said.startswith("Edit")]
    return any(other.page == step.page and other.start <= step.start for other in edits)


def question(step: Step, beside: str) -> Slide:
    """What a step says, and the cell beside it."""
    options = LINE.join(step.options)
    said = step.said.removesuffix(options)
    if options:
        said += "\n\n" + "&emsp;&emsp;".join(step.options)
    if beside:
        kind = "asked"
    elif LINE in step.said:
        kind = "lines"
    else:
        kind = "alone"
    shown = f'<div class="{kind}">\n\n{said}\n\n</div>\n\n{beside}'
    return Slide(step.title, shown, "", "", vote=bool(step.options))


def is_short(answer: str) -> bool:
    """Whether an answer is a few words, without a picture or a table."""
    return "<" not in answer and len(answer.split()) <= FEW_WORDS


def section_slide(step: Step) -> Slide:
    """A section of a text, without its folds."""
    text = DETAILS.sub("", (ROOT / f"{step.page}.md").read_text("utf-8"))
    section = unlinked(headings(text)[step.anchor]).strip()
    return Slide(step.title, f'<div class="page">\n\n{section}\n\n</div>', "", "")


def fitted(text: str) -> str:
    """The text with code that is neither too wide for a slide nor smaller than it need be."""

    def block(code: re.Match[str]) -> str:
        widest = max(map(len, code[0].splitlines()))
        for name, columns in LETTERS.items():
            if widest <= columns:
                return f'<div class="{name}">\n\n{code[0]}\n\n</div>'
        return code[0]

    return FENCED.sub(block, narrow(text))


def deck(slides: list[Slide], title: str) -> str:
    """The page of a deck; reveal.js lies beside it."""
    cells = []
    for slide in slides:
        # The notes stand before the fragment, in which reveal.js would not look for them.
        parts = [("slide", f"## {slide.title}\n\n{fitted(slide.shown)}"), ("notes", slide.notes)]
        parts += [("fragment", fitted(text)) for text in slide.added()]
        for kind, text in parts:
            metadata = {"slideshow": {"slide_type": kind}}
            cells.append(new_markdown_cell(text, metadata=metadata))
    exporter = SlidesExporter(
        extra_template_basedirs=[str(ROOT / "tools")],
        template_name="slides_template",
        exclude_anchor_links=True,
    )
    page, _ = exporter.from_notebook_node(new_notebook(cells=cells, metadata={"title": title}))
    return re.sub(r'(<h[1-3]) id="[^"]*"', r"\1", page)  # a heading may stand on several slides


def paper(slides: list[Slide], title: str) -> str:
    """The same to print, without scripts: a page a slide, and one more for each key."""
    style = (TEMPLATE / "deck.css").read_text("utf-8")
    style += HtmlFormatter().get_style_defs(".highlight")
    pages = []
    for slide in slides:
        shown = f"## {slide.title}\n\n{fitted(slide.shown)}"
        pages.append(markdown2html(shown))
        for text in slide.added():
            below = f'<div class="fragment">\n\n{fitted(text)}\n\n</div>'
            pages.append(markdown2html(f"{shown}\n\n{below}"))
    body = ""
    for number, page in enumerate(pages, 1):
        body += (
            f'<section class="present">\n{page}\n<div class="number">{number}</div>\n</section>\n'
        )
    return PAPER.format(title=title, style=style, body=body)


def numbered(steps: dict[str, list[Slide]]) -> dict[str, str]:
    """Where ``paper`` has the slides of each step, by its title."""
    found = {}
    last = 0
    for title, slides in steps.items():
        first = last + 1
        last += sum(1 + len(slide.added()) for slide in slides)
        found[title] = f"page {first}" if first == last else f"pages {first} to {last}"
    return found


def build() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    steps = {step.title: slides_of(step) for step in session()}
    slides = [slide for shown in steps.values() for slide in shown]
    pages = sheets(numbered(steps)) | {
        "handout": handout(),
        "slides": paper(slides, "Is live better?"),
    }
    if REVEAL.exists():
        (OUT / "reveal.js").mkdir()
        for name in FROM_REVEAL:
            shutil.copy(REVEAL / name, OUT / "reveal.js")
        pages[DECK] = deck(slides, "Is live better? With your notes")
    items = ""
    for name, page in sorted(pages.items()):
        (OUT / f"{name}.html").write_text(page, encoding="utf-8")
        items += f"- [{re.findall('<title>(.+?)</title>', page)[0]}]({name}.html)\n"
    (OUT / "index.html").write_text(printable("Slides and sheets", items), encoding="utf-8")
    print(f"{len(pages)} pages in {OUT}; open index.html")
    if DECK not in pages:
        print(
            "The slides with notes are missing: npm, which fetches reveal.js once from the network, "
            "is not there or failed."
        )


if __name__ == "__main__":
    build()
