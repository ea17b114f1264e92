"""A report as HTML: what was found, with small pictures, and the rest folded."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from augcheck.catalogue import number_of
from augcheck.pictures import data_address
from augcheck.result import CANT_TELL, FOUND, LEGEND, NOT_FOUND, Finding, Picture

HEADINGS = ("looked for", "result", "how it knows", "what to change")
LEFT = "text-align: left; vertical-align: top"
STYLE = "body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em } td, th { padding: 0.3em }"


def part(findings: Mapping[str, Finding], notes: Sequence[str], ignored: Mapping[str, str]) -> str:
    """What a notebook shows below a cell."""
    found = _found(findings, ignored)
    rest = [name for name in findings if name not in found]
    pieces = ["<p><strong>Nothing was found.</strong></p>"]
    if found:
        pieces = [_table(findings, found, ignored), f"<p>{html.escape(LEGEND)}</p>"]
    if rest:
        statuses = [findings[name].status for name in rest]
        words = {FOUND: "ignored", NOT_FOUND: NOT_FOUND, CANT_TELL: CANT_TELL}
        counts = [f"{statuses.count(status)} {word}" for status, word in words.items() if status in statuses]
        summary = html.escape(f"The other {len(rest)}: {', '.join(counts)}")
        pieces.append(f"<details><summary>{summary}</summary>{_table(findings, rest, ignored)}</details>")
    pieces.append("<br>".join(map(html.escape, notes)))
    return "".join(pieces)


def whole(findings: Mapping[str, Finding], notes: Sequence[str], ignored: Mapping[str, str]) -> str:
    """A page of its own."""
    found = _found(findings, ignored)
    title = html.escape(", ".join(found) + " found" if found else "nothing found")
    head = f'<meta charset="utf-8"><title>augcheck: {title}</title><style>{STYLE}</style>'
    body = f"<h1>augcheck: {title}</h1>{part(findings, notes, ignored)}"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _found(findings: Mapping[str, Finding], ignored: Mapping[str, str]) -> list[str]:
    return [name for name, finding in findings.items() if finding.status == FOUND and name not in ignored]


def _table(findings: Mapping[str, Finding], names: Sequence[str], ignored: Mapping[str, str]) -> str:
    headings = "".join(f'<th scope="col" style="{LEFT}">{heading}</th>' for heading in HEADINGS)
    rows = "".join(_row(name, findings[name], ignored.get(name)) for name in names)
    return f"<table><tr>{headings}</tr>{rows}</table>"


def _row(name: str, finding: Finding, ignored: str | None) -> str:
    weight = "bold" if finding.status == FOUND else "normal"
    label = html.escape(f"{number_of(name)} {name}".strip())
    status = finding.severity if finding.status == FOUND else finding.status
    if ignored is not None:
        status = f"ignored ({ignored})" if ignored else "ignored"
    result = html.escape(status + (finding.value and f": {finding.value}"))
    knows = html.escape(" ".join(filter(None, [finding.how, finding.where]))) + _pictures(finding.pictures)
    change = html.escape(finding.change)
    return (
        f'<tr><th scope="row" style="{LEFT}; font-weight: {weight}">{label}</th>'
        f'<td style="{LEFT}; font-weight: {weight}">{result}</td>'
        f'<td style="{LEFT}">{knows}</td><td style="{LEFT}">{change}</td></tr>'
    )


def _pictures(pictures: Sequence[Picture]) -> str:
    """Pictures side by side; an image and its double stay together."""
    groups: list[str] = []
    for picture in pictures:
        if picture.double and groups:
            groups[-1] += _figure(picture)
        else:
            groups.append(_figure(picture))
    together = 'style="display: inline-block; white-space: nowrap"'
    return "".join(f"<div {together}>{group}</div>" for group in groups)


def _figure(picture: Picture) -> str:
    words = html.escape(picture.text)
    size = 'width="72" style="image-rendering: pixelated"'
    return (
        '<figure style="display: inline-block; margin: 0.3em; text-align: center">'
        f'<img src="{data_address(picture.image)}" alt="{words}" {size}><figcaption>{words}</figcaption></figure>'
    )
