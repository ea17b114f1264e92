"""Findings looked up by name or number, and explained: what is said about each is the docstring of its function."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from augcheck.findings import FINDINGS
from augcheck.measures import again, clusters, copies, parts, ties
from augcheck.reading import augmentation

HEADINGS = (
    "What it does",
    "Why it matters",
    "What instead",
    "Example wrong",
    "Example right",
    "What it can't tell",
)
WIDE = 100
# The modules whose numbers a docstring may name, such as {again.FEW}.
THRESHOLDS = {
    "again": again, "augmentation": augmentation, "clusters": clusters, "copies": copies, "parts": parts, "ties": ties,
}  # fmt: skip

Ignore = Mapping[str, str] | Iterable[str]  # findings that don't count, each with a reason or without


def name_of(function: Callable[..., Any]) -> str:
    """The name of a finding in a report, from its function: "one draw"."""
    return function.__name__.replace("_", " ")


NUMBERS = {name_of(function): number for number, function in FINDINGS.items()}


# What each looks at, in words that need no explanation: for the lines of a report that name only what it is about.
ABOUT = {
    "repeats": "repeated pictures",
    "one draw": "same change per batch",
    "positions": "same change sequence each epoch",
    "augmented twice": "augmentation in pipeline and model",
    "validation moves": "changing validation images",
    "sets differ": "training and validation alike",
    "shared images": "validation images in training",
    "degenerate": "pixel values",
    "order": "shuffling",
    "labels": "labels of images",
}


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
        expected = ", ".join(f"{name} ({number})" for name, number in sorted(NUMBERS.items(), key=lambda pair: pair[1]))
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
    said = {"": words[0].strip()}
    for heading, text in zip(words[1::2], words[2::2], strict=True):
        said[heading] = textwrap.dedent(text).strip()
    for heading, text in said.items():
        if "Example" not in heading:  # code has braces of its own
            said[heading] = text.format_map(THRESHOLDS | function.__globals__)
    return said


def explain(word: str) -> str:
    """What is to be said about a finding: what it does and why, what instead, an example wrong and right, its limits.

    Args:
        word: its name or its number, such as "one draw" or "AUG02".

    Raises:
        ValueError: there is no such finding.
    """
    name = named(word)
    pieces = [f"{number_of(name)} {name}"]
    for heading, text in parts_of(FINDINGS[number_of(name)]).items():
        if "Example" in heading:
            pieces.append(f"{heading}:\n{textwrap.indent(text, '    ')}")
            continue
        paragraphs = [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
        filled = "\n\n".join(textwrap.fill(paragraph, WIDE - 2) for paragraph in paragraphs)
        pieces.append(f"{heading}:\n{textwrap.indent(filled, '  ')}" if heading else filled)
    return "\n\n".join(pieces)


def listed() -> list[str]:
    """The findings, a line each: number, name, and what it means that it was found."""
    named = {f"{number} {name_of(function)}": parts_of(function)[""] for number, function in FINDINGS.items()}
    return sorted(f"{name}: {' '.join(means.split())}" for name, means in named.items())
