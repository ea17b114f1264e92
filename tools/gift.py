#!/usr/bin/env python3
"""Write build/questions.gift, which Moodle and other systems import.

It holds the ten questions for before and after as multiple choice, and what students get wrong and the lessons' quick
questions as essays, each with its answer as feedback.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
MISCONCEPTIONS = ROOT / "docs" / "teaching" / "misconceptions.md"
CHOICE = re.compile(r"^ ?(\d+)\. (.+)\n +(.+)$", re.MULTILINE)
OPTION = re.compile(r"\(([abc])\) *(.*?) *(?=\(\w\)|$)")
BELIEF = re.compile(r"^## (M\d+)\..+?\*\*Ask\.\*\* (.+?)\n\n\*\*Answer\.\*\* (.+?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
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
    key = dict(re.findall(r"(\d+) ([abc]):", block[block.index("**Key") :]))
    found = []
    for number, question, options in CHOICE.findall(block):
        lines = [f"{'=' if letter == key[number] else '~'}{plain(words)}" for letter, words in OPTION.findall(options)]
        found.append(f"::Q{number}::{plain(question)} {{{' '.join(lines)} ~I don't know}}")
    return found


def quick_questions(path: Path) -> list[str]:
    """Those at the end of a lesson."""
    text = "\n\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells)
    own = text.partition("## Quick questions")[2].partition("\n## ")[0]
    return [essay(f"{path.stem[:2]}.{number}", *parts) for number, *parts in QUICK.findall(own)]


def questions() -> list[str]:
    page = MISCONCEPTIONS.read_text(encoding="utf-8")
    found = choices(page) + [essay(*parts) for parts in BELIEF.findall(page)]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        found += quick_questions(path)
    return found


def main() -> None:
    found = questions()
    out = ROOT / "build" / "questions.gift"
    out.parent.mkdir(exist_ok=True)
    out.write_text("\n\n".join(found) + "\n", encoding="utf-8")
    print(f"{len(found)} questions in {out.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
