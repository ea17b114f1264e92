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
# An edit whose words answer the vote before it.
ON_ITS_SLIDE = ("Edit 3",)
# What a seat guesses and votes, to be cut off and handed in.
STRIP = """\
<div class="strip">

Seat: ________ A sure guess has 100 %, and a coin 50 %.

| I guess | | how sure, % | right? |
| --- | --- | --- | --- |
| Lower loss on new garments: one copy, or live? | | | |
| Of a hundred originals, one copy gets right | | | |
| Of a hundred originals, live gets right | | | |
| What are the runs B, F, G and H? | | | |

| votes | Q1 | Q2 | Q3 | Q4 | my dot |
| --- | --- | --- | --- | --- | --- |
| first, second | | | | | |

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
ON_PAPER = (
    "The answer",
    "The article's code",
    "What to do",
    "Spot it in your code",
    "How far to trust it",
)
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


def worksheet() -> str:
    """Votes and nine runs, on two sides."""
    votes = "| question | first vote | second vote |\n| --- | --- | --- |\n"
    edits = ""
    for step in session():
        if step.options:
            votes += f"| {step.said} | | |\n"
        elif step.said.startswith(ON_ITS_SLIDE):
            edits += f"- {step.said.partition('.')[0]} is on its slide.\n"
        elif step.said.startswith("Edit"):
            edits += f"- {step.said}\n"
    _, runs = read_nine()
    table = "| | what is it? | what would you do next? |\n| --- | --- | --- |\n"
    for letter in runs.answers:
        table += f"| **{letter}** | | |\n"
    names = ", ".join(runs.names)
    parts = [
        "Vote, talk with your neighbour for two minutes, and vote again.",
        votes,
        edits,
        NEXT_SHEET,
        picture(runs.image, runs.about),
        f"{NINE_READ} Each of these names fits one run: {names}. In class B, F, G and H.",
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


def plan() -> str:
    """The lecturer's page, where a new line begins below what a slide shows, and below its answer."""
    title, text = text_alone(SESSION)
    for step in session():
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
    doors = re.compile(r"^\[.*\n?", re.MULTILINE)
    text = "\n".join([doors.sub("", head), *(section(page, name) for name in ON_PAPER)])
    text += f"\n## A whole program in Keras\n\n```python\n{WHOLE}```\n"
    alternative = html.unescape(re.search(r'<img [^>]*alt="([^"]*)"', text)[1])  # type: ignore[index]
    image = picture((ROOT / "docs" / "share.png").read_bytes(), alternative)
    text = re.sub(r"<picture>.+?</picture>", image, text, flags=re.DOTALL)
    text = DETAILS.sub("", text)
    setting = links.read_setting((ROOT / "repository.txt").read_text("utf-8"))
    if setting:
        text += f"\nLessons, code and stored rows: https://github.com/{setting['repository']}\n"
    return printable(title.removeprefix("# "), unlinked(text), "handout")


def sheets() -> dict[str, str]:
    """All but the handout, by their files' names."""
    return {
        "worksheet": worksheet(),
        "answers": answers(),
        "strips": strips(),
        "cards": cards(),
        "plan": plan(),
        "misconceptions": beliefs(),
    }
