"""The session's pages to print, in HTML: worksheet, strips, answers, cards, handout, misconceptions, and the plan."""

from __future__ import annotations

import html
import re
from pathlib import Path

import links
from nbconvert.filters import markdown2html
from plan import (
    DETAILS,
    LINE,
    MISCONCEPTIONS,
    ROOT,
    SESSION,
    Step,
    narrow,
    picture,
    read_nine,
    session,
    unlinked,
)

STYLE = ROOT / "tools" / "slides_template" / "sheet.css"
NINE_READ = (
    "Loss against epochs. Dotted: training, as `fit` reports it. Solid: validation. Axes differ."
)
# Lines of an edit with this in them answer the vote before it, so they are on the slide alone.
ANSWERS_A_VOTE = "cache()"
# What a seat guesses and votes, to be cut off and handed in.
STRIP = """\
<div class="strip">

Seat: ________ My dot (Edit 2): ________ points

| I guess | my guess | how sure? 50 % is a coin | right? |
| --- | --- | --- | --- |
| Lower loss on new garments: one copy, or live? | | | |
| Of a hundred originals, one copy gets right | | – | within 5: |
| Of a hundred originals, live gets right | | – | within 5: |

| I vote | Q1 | Q2 | Q3 | Q4 |
| --- | --- | --- | --- | --- |
| first | | | | |
| second | | | | |
| Nine runs: I guess | B | F | G | H |

Which of my guesses was most wrong?

<div class="space"></div>

What do I still not believe?

<div class="space"></div>

</div>
"""
STRIPS_A_PAGE = 3
NEXT_SHEET = '<div class="next"></div>'
# In the order of the alphabet, since the room is to find another.
CARDS = {
    "batch": "joins 32 images",
    "cache": "keeps what comes before it",
    "map": "changes the images, at random",
    "prefetch": "prepares the next while the network learns",
    "shuffle": "mixes the order anew in every epoch",
}
# Of the front page.
ON_PAPER = ("The article's code", "What to do", "Spot it in your code")
# For who has had one session: the front page's answer with its counts in words, and what the series can't tell.
SHORT_ANSWER = """\
Images may be changed once and stored (*static*), or changed anew in every epoch (*live*), as `ImageDataGenerator` does.

## The answer

**Because stored copies come again, and live versions hardly do.** What comes again can be learnt by heart. With \
equally many gradient updates, live was decidedly more accurate than copies *in place of* the images in more than half \
of our comparisons, and less accurate in none. With the same `epochs=`, four copies train four times as long, and may \
win. It isn't the batch: a stored batch is as diverse. Changes that are too strong can cost both, so compare with no \
augmentation.

> **A network memorises what comes again, and learns to ignore what varies.** Live, the image still comes again, and \
may be memorised, too.

On 512 pullovers and coats, mildly changed, in a ResNet-8, eight runs of 94 epochs each:
"""
LIMITS = """\
## How far to trust it

These are small networks, mostly on Fashion-MNIST. Not measured: large networks, detection, segmentation.
"""
# In place of what the front page advises who must store copies.
STORED = "store sixteen beside each original, and more for long training"
STORED_ROW = re.compile(r"^(\| must store copies \|).+?\| (.+?\.) .*$", re.MULTILINE)
# The page speaks to who can reach its authors; on paper that is whoever gave it.
TELL_US = "please tell us"
TELL_THEM = "please tell whoever gave you this file"
MAKE_ONE = re.compile(
    r"^\*\*Have you no such file\?.+\n\n", re.MULTILINE
)  # said in the file itself
# A program that runs as it stands.
WHOLE = """\
import keras
import tensorflow as tf
from keras import layers

(x, y), (new_x, new_y) = keras.datasets.fashion_mnist.load_data()
x = x[..., None].astype("float32") / 255
new_x = new_x[..., None].astype("float32") / 255

flip = layers.RandomFlip("horizontal")
shift = layers.RandomTranslation(0.05, 0.05, fill_mode="constant")
augment = layers.Pipeline([flip, shift])


def change(images, labels):  # a batch, anew in every epoch
    return augment(images, training=True), labels


train = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(x)).batch(32)
train = train.map(change, tf.data.AUTOTUNE).prefetch(2)

model = keras.Sequential(
    [
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=(new_x, new_y), epochs=10)  # new images as they are
model.evaluate(x, y)  # your own originals
"""


def printable(title: str, content: str, kind: str = "sheet") -> str:
    """A page to print, of Markdown."""
    style = STYLE.read_text("utf-8")
    head = f'<meta charset="utf-8"><title>{title}</title><style>{style}</style>'
    body = f"<h1>{title}</h1>\n{markdown2html(narrow(content))}"
    return f'<!DOCTYPE html>\n<html lang="en">{head}\n<body class="{kind}">\n{body}\n</body>\n</html>\n'


def edit(step: Step) -> str:
    """What students type, without what would answer a vote."""
    lines = step.said.split(LINE)
    kept = [line for line in lines if ANSWERS_A_VOTE not in line]
    if len(kept) < len(lines):
        kept.append("The rest is on its slide.")
    return f'<div class="edit">\n\n{LINE.join(kept)}\n\n</div>'


def worksheet() -> str:
    """Edits and nine runs, on two sides; votes are on slides, and on strips."""
    edits = [edit(step) for step in session() if step.said.startswith("Edit")]
    step, runs = read_nine()
    about = step.said.split(LINE)[1:]
    table = "| | what is it? | what would you do next? |\n| --- | --- | --- |\n"
    for letter in runs.answers:
        table += f"| **{letter}** | | |\n"
    names = ", ".join(runs.names)
    parts = [
        "Guesses and votes go on your strip. Nothing here is handed in.",
        *edits,
        NEXT_SHEET,
        picture(runs.image, runs.about),
        f"{NINE_READ} Each of these names fits one run: {names}. In class B, F, G and H.",
        LINE.join(about),
        table,
    ]
    return printable("Worksheet", "\n\n".join(parts))


def answers() -> str:
    """What the nine runs are, for afterwards."""
    _, runs = read_nine()
    return printable("Nine runs: answers", "\n\n".join(runs.answers.values()))


def strips() -> str:
    """A page of strips, to be cut and handed in at the end."""
    return printable("Strips to cut", "\n\n".join([STRIP] * STRIPS_A_PAGE), "strips")


def text_alone(path: Path) -> tuple[str, str]:
    """The title of a page and what stands below it, without links that lead out of the folder."""
    title, _, text = path.read_text("utf-8").partition("\n")
    return title.removeprefix("# "), unlinked(text)


def beliefs() -> str:
    """What students get wrong, and what good ones ask."""
    return printable(*text_alone(MISCONCEPTIONS))


def cards() -> str:
    """A page a card, to be held up."""
    each = [f'<div class="card">\n\n# {name}\n\n{does}\n\n</div>' for name, does in CARDS.items()]
    return printable("Cards", "\n\n".join(each), "cards")


def address() -> str:
    """Where the series is published, or an empty text."""
    setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
    return f"https://github.com/{setting['repository']}" if setting else ""


def plan(pages: dict[str, str] | None = None) -> str:
    """The lecturer's page, where a new line begins below what a slide shows, and below its answer.

    Args:
        pages: where a step is in the printed slides, such as "pages 3 to 6", by its title.
    """
    title, text = text_alone(SESSION)
    text = MAKE_ONE.sub("", text)
    published = address()
    text = text.replace(TELL_US, f"{TELL_US} ({published})" if published else TELL_THEM)
    for step in session():
        where = (pages or {}).get(step.title)
        if where:
            text = text.replace(f"{step.title} |", f"{step.title}{LINE}{where} |", 1)
        shown = f"**{step.said}** "
        text = text.replace(shown, f"{shown.rstrip()}{LINE}")
        if step.below:
            answer = f"*{step.below}* "
            text = text.replace(answer, f"{answer.rstrip()}{LINE}")
    return printable(title, text)


def section(page: str, title: str) -> str:
    """A section of a page with its heading; ValueError where there is none of this title."""
    found = re.search(rf"^## {re.escape(title)}\n.+?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    if not found:
        raise ValueError(
            f"README.md has no section {title!r}, which the handout prints: name another in tools/sheets.py."
        )
    return found[0]


def handout() -> str:
    """Two pages: what the front page answers and advises, how far to trust it, and a whole program."""
    page = (ROOT / "README.md").read_text("utf-8")
    title, _, head = page.partition("\n## ")[0].partition("\n")
    quoted = re.findall(r"^> .+$", head, re.MULTILINE)
    answer = section(page, "The answer")
    shown = re.search(r"<picture>.+?</picture>\n", answer, re.DOTALL)
    if not shown:
        raise ValueError("README.md has no picture below its answer, which the handout prints.")
    parts = [SHORT_ANSWER, shown[0], *(section(page, name) for name in ON_PAPER), LIMITS]
    text = "\n\n".join([*quoted, *parts])
    text = STORED_ROW.sub(rf"\1 {STORED} | \2 |", text)
    text += f"\n## A whole program in Keras\n\n```python\n{WHOLE}```\n"
    alternative = html.unescape(re.search(r'<img [^>]*alt="([^"]*)"', text)[1])  # type: ignore[index]
    image = picture((ROOT / "docs" / "share.png").read_bytes(), alternative)
    text = re.sub(r"<picture>.+?</picture>", image, text, flags=re.DOTALL)
    text = DETAILS.sub("", text)
    published = address()
    if published:
        text += f"\nLessons, code and stored rows: {published}\n"
    else:
        text += "\nYour lecturer has the lessons.\n"
    return printable(title.removeprefix("# "), unlinked(text), "handout")


def sheets(pages: dict[str, str] | None = None) -> dict[str, str]:
    """All but the handout, by their files' names; pages as in ``plan``."""
    return {
        "worksheet": worksheet(),
        "answers": answers(),
        "strips": strips(),
        "cards": cards(),
        "plan": plan(pages),
        "misconceptions": beliefs(),
    }
