"""What the check-up answers: findings by name, as text, as JSON, or as an error."""

from __future__ import annotations

import json

from augcheck.catalogue import ABOUT, NUMBERS, Ignore, ignored
from augcheck.result import CANT_TELL, FOUND, LEGEND, NOT_FOUND, WASTEFUL, Finding
from augcheck.version import __version__

FEW_CHECKS = 4  # fewer that passed are no good news


class FoundError(AssertionError):
    """What ``Report.raise_if_found`` raises: a test in which it is raised has failed."""


class Report(dict[str, Finding]):
    """Findings by name: ``report["repeats"].status``. Shows itself as text.

    Attributes:
        notes: what was read of each set.
        ignored: the names of findings that don't count, with the reasons.
        found: the names of what was found, whether it counts or not.
        ok: whether nothing was found that counts and is wrong, or that it has to ask about.
    """

    def __init__(self, findings: dict[str, Finding], notes: list[str], ignore: Ignore = ()) -> None:
        super().__init__(findings)
        self.notes = notes
        self.ignored = ignored(ignore)
        self.found = self.with_status(FOUND)
        self.ok = not self.counted()

    def with_status(self, status: str) -> list[str]:
        """The names of the findings with a status, in the order of the report."""
        return [name for name, finding in self.items() if finding.status == status]

    def counted(self, ignore: Ignore = (), strict: bool = False) -> list[str]:
        """The names of what was found and counts.

        Args:
            ignore: more names or numbers of findings that don't, such as "order" or "AUG07", or a dictionary with the
                reasons.
            strict: whether what is wasteful counts, too.

        Raises:
            ValueError: no finding has that name or number.
        """
        away = self.ignored | ignored(ignore)
        counting = [name for name in self.found if name not in away]
        return [name for name in counting if strict or self[name].severity != WASTEFUL]

    def raise_if_found(self, ignore: Ignore = (), strict: bool = False) -> Report:
        """Return the report if nothing was found that counts, see ``counted``.

        Raises:
            FoundError: something was found; its text is that part of the report.
            ValueError: no finding has a name or number that ``ignore`` names.
        """
        counted = self.counted(ignore, strict)
        if counted:
            head = f"augcheck found: {', '.join(counted)}"
            raise FoundError("\n".join([head, *map(self._entry, counted)]))
        return self

    def to_json(self) -> str:
        """The report as JSON: "augcheck" (the version), "ok", "ignored" and "notes" as the attributes, and "findings",
        a list in the order of the report of "number" (such as "AUG01"), "name", and the attributes of a Finding.
        """
        findings = []
        for name, finding in self.items():
            about = {"number": NUMBERS[name], "name": name, **finding._asdict()}
            about["severity"] = finding.severity if finding.status == FOUND else ""
            about["indices"] = {part: list(map(int, of)) for part, of in finding.indices.items()}
            findings.append(about)
        content = {"augcheck": __version__, "ok": self.ok, "ignored": self.ignored}
        content |= {"notes": self.notes, "findings": findings}
        return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2)

    def to_text(self, full: bool = False, more: str = "to_text(full=True)") -> str:
        """What was found first, three lines each: what, how it is known, what to change. Then which checks passed,
        which were not made, and what was looked at.

        Args:
            full: give every finding so, also what was not checked, and why.
            more: how the reader gets that.
        """
        counted = self.counted(strict=True)
        counted.sort(key=lambda name: self[name].severity == WASTEFUL)
        unclear, sound = self.with_status(CANT_TELL), self.with_status(NOT_FOUND)
        lines = [self._entry(name) for name in counted]
        for name, reason in self.ignored.items():
            if name in self.found:
                lines.append(f"Ignored: {name} ({reason})." if reason else f"Ignored: {name}.")
        if full:
            lines += map(self._entry, [*unclear, *sound])
        if counted:
            lines.append(LEGEND)
        lines.append(self._passed(sound))
        if unclear:
            ending = "" if full else f" More: {more}."
            lines.append(f"Not checked: {self._by_reason(unclear)}.{ending}")
        if self.notes:
            notes = [note.rstrip(".") for note in self.notes]
            lines.append(f"Looked at {'; '.join(notes)}.")
        return "\n".join(lines)

    def _passed(self, sound: list[str]) -> str:
        """How many checks passed, and which."""
        word = "check" if len(sound) == 1 else "checks"
        if self.found:
            passed = f"{len(sound)} other {word} passed"
        elif len(sound) < FEW_CHECKS:
            passed = f"Nothing found, but only {len(sound)} {word} of {len(self)} could be made"
        else:
            passed = f"Nothing found in {len(sound)} {word}"
        if not sound:
            return f"{passed}."
        return f"{passed}: {', '.join(ABOUT[name] for name in sound)}."

    def _by_reason(self, unclear: list[str]) -> str:
        """What was not checked, by reason."""
        reasons: dict[str, list[str]] = {}
        for name in unclear:
            reason = self[name].reason or "the pictures don't show it"
            reasons.setdefault(reason, []).append(ABOUT[name])
        return "; ".join(f"{reason} ({', '.join(about)})" for reason, about in reasons.items())

    def _entry(self, name: str) -> str:
        finding = self[name]
        named = f"{name}, {NUMBERS[name]}"
        if finding.status == FOUND:
            lines = [f"{finding.severity.upper()}: {finding.value} ({named})"]
        else:
            lines = [f"{finding.status}: {named}{finding.value and f': {finding.value}'}"]
        knows = " ".join(filter(None, [finding.how, finding.where]))
        if knows:
            lines.append(f"  How it knows: {knows}")
        if finding.change:
            lines.append(f"  What to change: {finding.change}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.to_text()
