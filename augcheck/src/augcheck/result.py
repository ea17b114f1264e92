"""What a finding answers: found, not found or can't tell, how it is known, and what to change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

FOUND, NOT_FOUND, CANT_TELL = "found", "not found", "can't tell"
WRONG, WASTEFUL, ASK = "wrong", "wasteful", "ask"
SOME = 3  # indices that a text names
PLACES = "by their places in the first epoch read, from 0"
LEGEND = (
    "Legend: WRONG = fix it before you trust or go on with this training. "
    "WASTEFUL = training works but gains less from augmentation; ignore it if intended. "
    "ASK = right or wrong, depending on what only you know; answer by the argument it names."
)

# Why something was not checked, or what would let it be: words that several findings share, by which a report groups.
NO_LABELS = "no labels"
NO_AUGMENTATION = "give augment="
NO_STEPS = "give steps_per_epoch="
TOO_LITTLE = "read more: max_images, max_seconds, steps_per_epoch"


class Finding(NamedTuple):
    """One line of a report.

    Attributes:
        status: "found", "not found" or "can't tell".
        value: what it is, in plain words that need no name; empty where nothing is to be said.
        how: how the check-up knows.
        change: what to change or to look at, or empty.
        indices: by set ("train", "validation"), the images behind it: their numbers, from 0, in the first epoch
            that was read, or in what an ImageDataGenerator augments.
        severity: of what was found: "wrong" (it trains or judges otherwise than meant) or "wasteful" (it could be
            had better, or is perhaps meant), or "ask" (right or wrong, as what follows the pipeline decides).
        reason: of what was not checked: why, or how to check it, in a few words, under which a report groups several.
        paired: whether indices at the same place of both sets belong together.
    """

    status: str
    value: str = ""
    how: str = ""
    change: str = ""
    indices: Mapping[str, Sequence[int]] = {}
    severity: str = WRONG
    reason: str = ""
    paired: bool = False

    def __str__(self) -> str:
        head = self.status.upper() if self.status == FOUND else self.status
        parts = [head + (self.value and f": {self.value}"), self.how, self.change, self.where]
        return "\n".join(filter(None, parts))

    @property
    def where(self) -> str:
        """Which images, in a sentence, or empty."""
        if self.paired:
            pairs = zip(self.indices["train"], self.indices["validation"], strict=True)
            return f"Pairs, {PLACES}: {some([f'train {i} ↔ validation {j}' for i, j in pairs])}."
        parts = [
            f"{name} {some([str(i) for i in rows])}"
            for name, rows in self.indices.items()
            if len(rows)
        ]
        return f"Images, {PLACES}: {'; '.join(parts)}." if parts else ""


def wrong(value: str, how: str, change: str, **more: Any) -> Finding:
    return Finding(FOUND, value, how, change, **more)


def wasteful(value: str, how: str, change: str) -> Finding:
    return Finding(FOUND, value, how, change, severity=WASTEFUL)


def not_found(how: str, value: str = "") -> Finding:
    return Finding(NOT_FOUND, value, how)


def cant_tell(reason: str, how: str, change: str = "", value: str = "") -> Finding:
    return Finding(CANT_TELL, value, how, change, reason=reason)


def some(words: Sequence[str], most: int = SOME) -> str:
    """The first of some words, and how many more there are."""
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


class Fault(NamedTuple):
    """One of several things that a finding may find at once."""

    value: str
    how: str
    change: str
    severity: str = WRONG


def joined(faults: Sequence[Fault], **more: Any) -> Finding:
    """One finding of several faults; none is said twice, and it is as severe as its worst."""
    values = dict.fromkeys(fault.value for fault in faults)
    hows = dict.fromkeys(fault.how for fault in faults)
    changes = dict.fromkeys(fault.change for fault in faults)
    severity = WRONG if any(fault.severity == WRONG for fault in faults) else WASTEFUL
    text = ", ".join(values), "; ".join(hows) + ".", " ".join(changes)
    return Finding(FOUND, *text, severity=severity, **more)


NO_VALIDATION = cant_tell("give validation=", "No validation set was given.", "Give validation=.")
