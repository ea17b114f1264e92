"""Findings looked up by name or number, and explained, by their modules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from augcheck.findings import FINDINGS

# Findings that don't count, each with a reason or without.
Ignore = Mapping[str, str] | Iterable[str]
NUMBERS = {known.name: known.number for known in FINDINGS}
ABOUT = {known.name: known.about for known in FINDINGS}


def named(word: str) -> str:
    """The name of the finding that a word means: its name, its number, or what it looks at, as a report says.

    Any case will do, and - or _ for spaces.

    Raises:
        ValueError: there is no such finding.
    """
    plain = " ".join(str(word).lower().replace("-", " ").replace("_", " ").split())
    for name, number in NUMBERS.items():
        if plain in (name, number.lower(), ABOUT[name]):
            return name
    expected = ", ".join(f"{name} ({number})" for name, number in NUMBERS.items())
    raise ValueError(f"there is no finding {word!r}; expected one of {expected}.")


def ignored(ignore: Ignore | None) -> dict[str, str]:
    """The names of the findings that don't count, each with the reason, or an empty one.

    Raises:
        ValueError: there is no such finding.
    """
    words = ignore or ()
    if isinstance(words, str):  # a single word is one name, not its letters
        words = [words]
    reasons = dict(words) if isinstance(words, Mapping) else dict.fromkeys(words, "")
    return {named(word): str(reason) for word, reason in reasons.items()}


def explain(word: str) -> str:
    """What is to be said about a finding: what it does and why, its limits, a line wrong and right.

    Args:
        word: its name or its number, such as "one draw" or "AUG02".

    Raises:
        ValueError: there is no such finding.
    """
    known = next(known for known in FINDINGS if known.name == named(word))
    return f"{known.number} {known.name}\n\n{known.explanation}"


def listed() -> list[str]:
    """The findings, a line each: number, name, and what it means that it was found."""
    return [f"{known.number} {known.name}: {known.means}" for known in FINDINGS]
