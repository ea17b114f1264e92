#!/usr/bin/env python3
"""Write build/questions.gift, which Moodle and other systems import.

It holds the ten questions for before and after as multiple choice, and what students get wrong and the lessons' quick
questions as essays, each with its answer as feedback.
"""

from __future__ import annotations

import re

import nbformat
from plan import MISCONCEPTIONS, ROOT

CHOICE = re.compile(r"^ ?(\d+)\. (.+)\n +(.+)$", re.MULTILINE)
OPTION = re.compile(r"\(([abc])\) *(.*?) *(?=\(\w\)|$)")
BELIEF = re.compile(
    r"^## (M\d+)\..+?\*\*Ask\.\*\* (.+?)\n\n\*\*Answer\.\*\* (.+?)(?=^#|\Z)",
    re.MULTILINE | re.DOTALL,
)
QUICK = re.compile(r"<details><summary>(\d+)\. (.+?)</summary>\s*(.+?)\s*</details>", re.DOTALL)
LINK = re.compile(r"\s*\(\[[^\]]+\]\([^)\s]+\)\)|\[([^\]]+)\]\([^)\s]+\)")


def plain(text: str) -> str:
    """The text on one line, without links, and with GIFT's own signs escaped."""
    words = " ".join(LINK.sub(lambda link: link[1] or "", text).split())
    return re.sub(r"([~=#{}:])", r"\\\1", words)


def essay(name: str, question: str, answer: str) -> str:
    return f"::{name}::{plain(question)} {{####{plain(answer)}}}"


def choices(page: str) -> list[str]:
    """The ten questions, with the right answers from their key."""
    block = page[page.index("## Ten questions") :]
    key = dict(re.findall(r"(\d+) ([abc])\b", block[block.index("**Key") :]))
    texts = []
    for number, question, options in CHOICE.findall(block):
        lines = []
        for letter, words in OPTION.findall(options):
            sign = "=" if letter == key[number] else "~"
            lines.append(sign + plain(words))
        lines.append("~I don't know")
        texts.append(f"::Q{number}::{plain(question)} {{{' '.join(lines)}}}")
    return texts


def questions() -> list[str]:
    """The ten, what students get wrong, and those at the end of each lesson."""
    page = MISCONCEPTIONS.read_text(encoding="utf-8")
    texts = choices(page) + [essay(*parts) for parts in BELIEF.findall(page)]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        lesson = "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
        quick = lesson.partition("## Quick questions")[2].partition("\n## ")[0]
        for number, question, answer in QUICK.findall(quick):
            texts.append(essay(f"{path.stem[:2]}.{number}", question, answer))
    return texts


if __name__ == "__main__":
    out = ROOT / "build" / "questions.gift"
    out.parent.mkdir(exist_ok=True)
    asked = questions()
    out.write_text("\n\n".join(asked) + "\n", encoding="utf-8")
    print(f"{len(asked)} questions in {out.relative_to(ROOT)}")
