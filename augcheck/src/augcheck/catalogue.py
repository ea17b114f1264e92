"""Findings looked up by name or number, and explained. What is said about each stands in ``entries``."""

from __future__ import annotations

import importlib
import string
import textwrap
from collections.abc import Iterable

from augcheck.entries import ENTRIES

HEADINGS = {
    "found": "Found means",
    "why": "Why it matters",
    "how": "How it is known",
    "limits": "What it can't see",
    "thresholds": "Thresholds",
    "change": "What to change",
}


def number_of(name: str) -> str:
    """The number of a finding, such as "AUG01"; empty if the catalogue doesn't have it."""
    return next((entry.number for entry in ENTRIES if entry.name == name), "")


def name_of(word: str, known: Iterable[str] = ()) -> str:
    """The name of the finding that a word means: its name, or its number, in any case, with - or _ for spaces.

    Args:
        word: a name or a number.
        known: further names.

    Raises:
        ValueError: there is no such finding.
    """
    plain = " ".join(str(word).lower().replace("-", " ").replace("_", " ").split())
    names = {entry.number.lower(): entry.name for entry in ENTRIES}
    names |= {name: name for name in [*known, *(entry.name for entry in ENTRIES)]}
    if plain not in names:
        expected = ", ".join(f"{entry.name} ({entry.number})" for entry in ENTRIES)
        raise ValueError(f"there is no finding {word!r}; expected one of {expected}.")
    return names[plain]


def explain(word: str) -> str:
    """What is to be said about a finding: what it means, how it is known, its limits and thresholds.

    Args:
        word: its name or its number, such as "one draw" or "AUG02".

    Raises:
        ValueError: there is no such finding.
    """
    name = name_of(word)
    entry = next(entry for entry in ENTRIES if entry.name == name)
    parts = [f"{entry.number} {entry.name}"]
    for field, heading in HEADINGS.items():
        text = " ".join(getattr(entry, field).split())
        if field == "thresholds":
            text = _with_numbers(text)
        parts.append(textwrap.fill(f"{heading}: {text}", 100, subsequent_indent="  "))
    return "\n\n".join(parts)


def _with_numbers(text: str) -> str:
    names = [field.partition(".")[0] for _, field, _, _ in string.Formatter().parse(text) if field]
    # Imported here, since these modules import reports, which import this one.
    return text.format(**{name: importlib.import_module(f"augcheck.{name}") for name in names})
