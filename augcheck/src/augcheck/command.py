"""The check-up from a command line: `augcheck MODULE:FUNCTION`, and `augcheck explain NAME`."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import sys
import sysconfig
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from augcheck.catalogue import explain, listed
from augcheck.check import check_pipeline
from augcheck.frameworks import message_of
from augcheck.result import ASK, CANT_TELL
from augcheck.version import __version__

NOTHING_FOUND, SOMETHING_FOUND, NOT_READ, ASKED = 0, 1, 2, 3
LONGEST = 300  # characters of somebody else's error

DESCRIPTION = """Read an input pipeline for images, and report what is wrong with it."""
EPILOG = """
FUNCTION takes no arguments. It returns what check_pipeline takes: training, or a tuple of training and validation, or
a dictionary of its arguments, such as {"train": ..., "augment": ..., "live": False}.

exit status: 0 nothing is wrong, 1 something is (with --strict: or wasteful), 2 the pipeline could not be read, or it
can't be told whether pictures repeat, 3 nothing is wrong so far, but it has a question (answer it by model=)

augcheck explain          lists all findings
augcheck explain NAME     says what a finding means, how it is known, its limits and thresholds
"""


class UnreadableError(Exception):
    """Why there is no report, in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments (default: those of the command line); return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # A console of Windows may not know signs such as ≈.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        if words[:1] == ["explain"]:
            print(_explained(words[1:]))
            return 0
        return _check(_parser().parse_args(words))
    except UnreadableError as error:
        print(f"augcheck: {error}", file=sys.stderr)
        return NOT_READ


def _parser() -> argparse.ArgumentParser:
    as_it_is = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "augcheck", description=DESCRIPTION, epilog=EPILOG, formatter_class=as_it_is
    )
    parser.add_argument(
        "pipeline", metavar="MODULE:FUNCTION", help="the function that makes the pipeline"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--full", action="store_true", help="print every finding in full")
    parser.add_argument("--strict", action="store_true", help="what is wasteful counts, too")
    by_name = "a finding that doesn't count, by name or number"
    parser.add_argument(
        "--ignore", metavar="NAME[=REASON]", action="append", default=[], help=by_name
    )
    most = check_pipeline.__kwdefaults__ or {}
    images = "of each set (default: %(default)s)"
    seconds = "for the whole check-up (default: %(default)s)"
    parser.add_argument("--max-images", type=int, default=most["max_images"], help=images)
    parser.add_argument("--max-seconds", type=float, default=most["max_seconds"], help=seconds)
    parser.add_argument("--version", action="version", version=f"augcheck {__version__}")
    return parser


def _check(options: argparse.Namespace) -> int:
    module, _, name = options.pipeline.rpartition(":")
    if not (module and name):
        raise UnreadableError(
            f"{options.pipeline!r} is no MODULE:FUNCTION; expected for instance pipeline:make."
        )
    sys.path.insert(0, str(Path.cwd()))  # as for python -m, but not for a console script
    ignore = dict(word.partition("=")[::2] for word in options.ignore)
    bounds: dict[str, Any] = {"max_images": options.max_images, "max_seconds": options.max_seconds}
    # What the pipeline prints must not get into the JSON.
    with contextlib.redirect_stdout(sys.stderr):
        try:
            made = getattr(importlib.import_module(module), name)
            report = check_pipeline(made, ignore=ignore, **bounds)
        except (Exception, SystemExit) as error:  # somebody else's code, which may raise anything
            raise UnreadableError(f"{options.pipeline}: {_sentence(error)}") from None
    text, left = report.to_text(options.full, more="--full"), report.counted(strict=True)
    more = f"\nMore about a finding: augcheck explain {left[0]}" if left else ""
    print(report.to_json() if options.json else text + more, flush=True)
    counted = report.counted(strict=options.strict)
    repeats = report["repeats"]
    if not counted and repeats.status == CANT_TELL and "repeats" not in report.ignored:
        raise UnreadableError(f"it can't be told whether pictures repeat. {repeats.change}")
    if not counted:
        return NOTHING_FOUND
    asked = all(report[name].severity == ASK for name in counted)
    return ASKED if asked else SOMETHING_FOUND


def _sentence(error: BaseException) -> str:
    """An error in one line, and the line of the user's code in which it arose."""
    text = f"{type(error).__name__}: {message_of(error)}"
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    not_theirs = (str(Path(__file__).parent), sysconfig.get_path("stdlib"), "<")
    theirs = [
        place
        for place in places
        if not place[0].startswith(not_theirs) and "-packages" not in place[0]
    ]
    if not theirs:
        return text[:LONGEST]
    file, line = theirs[-1]
    return f"{text[:LONGEST]} ({Path(file).name}, line {line})"


def _explained(words: Sequence[str]) -> str:
    try:
        return explain(" ".join(words)) if words else "\n".join(listed())
    except ValueError as error:
        raise UnreadableError(str(error)) from None
