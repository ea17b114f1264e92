"""A report as HTML: what was found, with small pictures, and the rest folded."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from augcheck.catalogue import number_of
from augcheck.pictures import data_address

if TYPE_CHECKING:
    from augcheck.report import Finding, Report

HEADINGS = ("looked for", "result", "how it knows", "what to change")
LEFT = "text-align: left; vertical-align: top"
STYLE = "body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em } td, th { padding: 0.3em }"


def part(report: Report) -> str:
    """What a notebook shows below a cell."""
    rest = [name for name in report if name not in report.found]
    nothing = "<p><strong>Nothing was found.</strong></p>"
    pieces = [_table(report, report.found) if report.found else nothing]
    if rest:
        counts = [f"{len(report.with_status(status))} {status}" for status in ("not found", "can't tell")]
        summary = html.escape(f"The other {len(rest)}: {', '.join(counts)}")
        pieces.append(f"<details><summary>{summary}</summary>{_table(report, rest)}</details>")
    pieces.append("<br>".join(map(html.escape, report.notes)))
    return "".join(pieces)


def whole(report: Report) -> str:
    """A page of its own."""
    head = f'<meta charset="utf-8"><title>augcheck: {_title(report)}</title><style>{STYLE}</style>'
    body = f"<h1>augcheck: {_title(report)}</h1>{part(report)}"
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _title(report: Report) -> str:
    return html.escape(", ".join(report.found) + " found" if report.found else "nothing found")


def _table(report: Report, names: list[str]) -> str:
    headings = "".join(f'<th scope="col" style="{LEFT}">{heading}</th>' for heading in HEADINGS)
    rows = "".join(_row(name, report[name]) for name in names)
    return f"<table><tr>{headings}</tr>{rows}</table>"


def _row(name: str, finding: Finding) -> str:
    weight = "bold" if finding.status == "found" else "normal"
    label = html.escape(f"{number_of(name)} {name}".strip())
    result = html.escape(finding.status + (finding.value and f": {finding.value}"))
    knows = html.escape(" ".join(filter(None, [finding.how, finding.where]))) + _pictures(finding)
    change = html.escape(finding.change)
    return (
        f'<tr><th scope="row" style="{LEFT}; font-weight: {weight}">{label}</th>'
        f'<td style="{LEFT}; font-weight: {weight}">{result}</td>'
        f'<td style="{LEFT}">{knows}</td><td style="{LEFT}">{change}</td></tr>'
    )


def _pictures(finding: Finding) -> str:
    figures = ""
    for image, text in finding.pictures:
        words = html.escape(text)
        size = 'width="72" style="image-rendering: pixelated"'
        figures += (
            '<figure style="display: inline-block; margin: 0.3em; text-align: center">'
            f'<img src="{data_address(image)}" alt="{words}" {size}><figcaption>{words}</figcaption></figure>'
        )
    return figures and f"<div>{figures}</div>"
