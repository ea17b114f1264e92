"""Findings looked up by name or number, and explained, by the docstrings of their functions and the gallery."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from importlib import resources
from typing import Any

from augcheck.findings import FINDINGS
from augcheck.measures import again, clusters, copies, parts, ties
from augcheck.reading import augmentation

HEADINGS = ("What it does", "Why it matters", "What instead", "What it can't tell")
WIDE = 100
# The modules whose numbers a docstring may name, such as {again.FEW}.
THRESHOLDS = {
    "again": again, "augmentation": augmentation, "clusters": clusters, "copies": copies, "parts": parts, "ties": ties,
}  # fmt: skip

Ignore = Mapping[str, str] | Iterable[str]  # findings that don't count, each with a reason or without
NUMBERS = {known.name: known.number for known in FINDINGS}
ABOUT = {known.name: known.about for known in FINDINGS}


def number_of(name: str) -> str:
    """The number of a finding, such as "AUG01"; empty if there is no such finding."""
    return NUMBERS.get(name, "")


def named(word: str, known: Iterable[str] = ()) -> str:
    """The name of the finding that a word means: its name, or its number, in any case, with - or _ for spaces.

    Args:
        word: a name or a number.
        known: further names.

    Raises:
        ValueError: there is no such finding.
    """
    plain = " ".join(str(word).lower().replace("-", " ").replace("_", " ").split())
    names = {number.lower(): name for name, number in NUMBERS.items()}
    names |= {name: name for name in [*known, *NUMBERS]}
    if plain not in names:
        expected = ", ".join(f"{name} ({number})" for name, number in NUMBERS.items())
        raise ValueError(f"there is no finding {word!r}; expected one of {expected}.")
    return names[plain]


def ignored(ignore: Ignore, known: Iterable[str] = ()) -> dict[str, str]:
    """The names of the findings that don't count, each with the reason, or an empty one.

    Raises:
        ValueError: there is no such finding.
    """
    words = [ignore] if isinstance(ignore, str) else ignore  # a single word is one name, not its letters
    reasons = dict(words) if isinstance(words, Mapping) else dict.fromkeys(words, "")
    return {named(word, known): str(reason) for word, reason in reasons.items()}


def parts_of(function: Callable[..., Any]) -> dict[str, str]:
    """The docstring of a finding by heading; its first sentence under an empty one. Numbers are those of the code."""
    words = re.split(rf"^({'|'.join(HEADINGS)}):$", inspect.getdoc(function) or "", flags=re.MULTILINE)
    said = {"": words[0]} | dict(zip(words[1::2], words[2::2], strict=True))
    numbers = THRESHOLDS | function.__globals__
    return {heading: textwrap.dedent(text).strip().format_map(numbers) for heading, text in said.items()}


def example(name: str, kind: str) -> str:
    """A pipeline of the gallery, "wrong" or "right", without what a test reads."""
    file = resources.files("augcheck") / "gallery" / f"{name.replace(' ', '_')}_{kind}.py"
    return re.sub(r"^# (Expected|mypy): .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def explain(word: str) -> str:
    """What is to be said about a finding: what it does and why, what instead, its limits, an example wrong and right.

    Args:
        word: its name or its number, such as "one draw" or "AUG02".

    Raises:
        ValueError: there is no such finding.
    """
    known = next(known for known in FINDINGS if known.name == named(word))
    pieces = [f"{known.number} {known.name}"]
    for heading, text in parts_of(known.look).items():
        paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
        filled = "\n\n".join(textwrap.fill(paragraph, WIDE - 2) for paragraph in paragraphs)
        pieces.append(f"{heading}:\n{textwrap.indent(filled, '  ')}" if heading else filled)
    for kind in ("wrong", "right"):
        pieces.append(f"Example {kind}:\n{textwrap.indent(example(known.name, kind), '    ')}".rstrip())
    return "\n\n".join(pieces)


def listed() -> list[str]:
    """The findings, a line each: number, name, and what it means that it was found."""
    return [f"{known.number} {known.name}: {' '.join(parts_of(known.look)[''].split())}" for known in FINDINGS]


def table() -> str:
    """The findings as a table in Markdown: what it means that each was found, and its first limit."""
    lines = ["| | found means | can't tell |", "| --- | --- | --- |"]
    for known in FINDINGS:
        said = {heading: " ".join(text.split()) for heading, text in parts_of(known.look).items()}
        limit = said["What it can't tell"].partition(". ")[0].rstrip(".")
        lines.append(f"| {known.number} {known.name} | {said['']} | {limit} |")
    return "\n".join(lines) + "\n"
