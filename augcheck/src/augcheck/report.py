"""What the check-up answers: findings by name, as text, as a page, as JSON, or as an error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from augcheck import page
from augcheck.catalogue import name_of, number_of
from augcheck.pictures import Picture

FOUND, NOT_FOUND, CANT_TELL = "found", "not found", "can't tell"
SCHEMA = 1  # of to_json: raised when a key goes or changes its meaning
SOME = 10  # indices that a text names


class Finding(NamedTuple):
    """One line of a report.

    Attributes:
        status: "found", "not found" or "can't tell".
        value: what it is, in a few words, or empty.
        how: how the check-up knows.
        change: what to change or to look at, or empty.
        indices: by set ("train", "validation"), the images behind it: their numbers, from 0, in the first epoch
            that was read, or in what an ImageDataGenerator augments. Where both sets have some, those at the
            same place belong together.
        pictures: some of these images.
    """

    status: str
    value: str = ""
    how: str = ""
    change: str = ""
    indices: Mapping[str, Sequence[int]] = {}
    pictures: Sequence[Picture] = ()

    def __str__(self) -> str:
        head = self.status.upper() if self.status == FOUND else self.status
        parts = [head + (self.value and f": {self.value}"), self.how, self.change, self.where]
        return "\n".join(filter(None, parts))

    @property
    def where(self) -> str:
        """Which images, in a sentence, or empty."""
        parts = [f"{name} {_numbers(some)}" for name, some in self.indices.items() if len(some)]
        return f"Images, counted from 0: {'; '.join(parts)}." if parts else ""


def _numbers(some: Sequence[int]) -> str:
    named = ", ".join(str(int(index)) for index in some[:SOME])
    return f"{named} and {len(some) - SOME:,} more" if len(some) > SOME else named


NO_VALIDATION = Finding(CANT_TELL, "", "No validation set was given.")


def joined(found: list[tuple[str, str, str]]) -> Finding:
    """One finding of several, each a value, how it is known, and what to change; none is said twice."""
    values, hows, changes = (list(dict.fromkeys(column)) for column in zip(*found, strict=True))
    return Finding(FOUND, ", ".join(values), "; ".join(hows) + ".", " ".join(changes))


class FoundError(AssertionError):
    """What ``Report.raise_if_found`` raises: a test in which it is raised has failed."""


class Report(dict):
    """Findings by name: ``report["repeats"].status``. Shows itself as text or as an HTML table.

    Attributes:
        notes: what was read of each set.
        found: the names of what was found.
        ok: whether nothing was found.
    """

    def __init__(self, findings: dict[str, Finding], notes: list[str]) -> None:
        super().__init__(findings)
        self.notes = notes
        self.found = self.with_status(FOUND)
        self.ok = not self.found

    def with_status(self, status: str) -> list[str]:
        """The names of the findings with a status, in the order of the report."""
        return [name for name, finding in self.items() if finding.status == status]

    def counted(self, ignore: Iterable[str] = ()) -> list[str]:
        """The names of what was found, without what is ignored.

        Args:
            ignore: names or numbers of findings, such as "order" or "AUG07".

        Raises:
            ValueError: no finding has that name or number.
        """
        ignored = {name_of(word, known=self) for word in _words(ignore)}
        return [name for name in self.found if name not in ignored]

    def raise_if_found(self, ignore: Iterable[str] = ()) -> Report:
        """Return the report if nothing was found, apart from what is ignored.

        Raises:
            FoundError: something was found; its text is that part of the report.
            ValueError: no finding has a name or number that ``ignore`` names.
        """
        counted = self.counted(ignore)
        if counted:
            raise FoundError("\n".join([f"augcheck found: {', '.join(counted)}", *map(self._entry, counted)]))
        return self

    def to_json(self, ignore: Iterable[str] = ()) -> str:
        """The report as JSON: texts, whole numbers, true and false, and nothing else.

        Its keys: "schema" (1), "augcheck" (the version), "ok" (nothing was found that isn't ignored), "found" and
        "ignored" (names of what was found), "notes" (texts), and "findings", a list in the order of the
        report. Each of these has "number" (such as "AUG01", empty if it has none), "name", "status", "value",
        "how" and "change" (texts), and "indices" (lists of whole numbers by "train" and "validation").

        Raises:
            ValueError: no finding has a name or number that ``ignore`` names.
        """
        from augcheck import __version__

        counted = self.counted(ignore)
        content = {
            "schema": SCHEMA,
            "augcheck": __version__,
            "ok": not counted,
            "found": counted,
            "ignored": [name for name in self.found if name not in counted],
            "notes": self.notes,
            "findings": [_as_json(name, finding) for name, finding in self.items()],
        }
        return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)

    def to_text(self, full: bool = False) -> str:
        """What was found first, then a line for each reason why something can't be told, and one for the rest.

        Args:
            full: give every finding in full, instead.
        """
        unclear, sound = self.with_status(CANT_TELL), self.with_status(NOT_FOUND)
        lines = [self._entry(name) for name in self.found] or ["Nothing was found."]
        if full:
            lines += map(self._entry, [*unclear, *sound])
        else:
            lines += self._folded(unclear)
            lines += [f"Not found: {', '.join(sound)}."] if sound else []
        return "\n".join([*lines, *self.notes])

    def to_html(self) -> str:
        """A whole page, which needs no other file."""
        return page.whole(self)

    def _entry(self, name: str) -> str:
        start = self._start(name)
        return start + str(self[name]).replace("\n", "\n" + len(start) * " ")

    def _folded(self, unclear: list[str]) -> list[str]:
        """A line for each reason why something can't be told, with the names that it is the reason for."""
        reasons: dict[str, list[str]] = {}
        for name in unclear:
            _, value, how, change = self[name][:4]
            reason = " ".join(filter(None, [value and f"{value}.", how, change]))
            reasons.setdefault(reason, []).append(name)
        return [f"Can't tell: {', '.join(names)}. {reason}" for reason, names in reasons.items()]

    def _start(self, name: str) -> str:
        width = max(17, *map(len, self))
        return f"{number_of(name):6}{name:{width}} "

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return page.part(self)


def _as_json(name: str, finding: Finding) -> dict[str, Any]:
    indices = {part: [int(index) for index in some] for part, some in finding.indices.items()}
    texts = {key: getattr(finding, key) for key in ("status", "value", "how", "change")}
    return {"number": number_of(name), "name": name, **texts, "indices": indices}


def _words(ignore: Iterable[str]) -> list[str]:
    """A single word is one name, not its letters."""
    return [ignore] if isinstance(ignore, str) else list(ignore)
