"""A progress bar that disappears: on a terminal or in a notebook where somebody waits, and nowhere else."""

from __future__ import annotations

import itertools
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

from augcheck.frameworks import loaded
from augcheck.reading.sources import Source

AFTER = 1.0  # seconds in which nothing is shown: a check-up that is done by then needs no bar
EVERY = 0.2  # seconds between two states of the bar
WIDE = 20  # characters of the bar


class Progress:
    """Says on stderr, or below the cell of a notebook, what is being read, and of the time allowed how much is used.

    Args:
        max_seconds: the time allowed.
        shown: False never shows a bar. Where nobody waits (a file, a pipe, a notebook that is executed by
            a program) there is none in any case.
    """

    def __init__(self, max_seconds: float, shown: bool = True) -> None:
        self._start = time.monotonic()
        self._next = self._start + AFTER
        self._max_seconds = max_seconds
        self._place = _place() if shown else None

    def watch(self, source: Source) -> None:
        """Show what is read of a source from now on."""
        read, epochs = source.epoch, itertools.count(1)

        def epoch() -> Iterator[Any]:
            number = next(epochs)
            for place, batch in enumerate(read(), 1):
                yield batch
                self.show(f"{source.name}, epoch {number}, batch {place}")

        source.epoch = epoch

    def show(self, doing: str) -> None:
        """Show what is done now, unless that was shown a moment ago."""
        now = time.monotonic()
        if self._place is None or now < self._next:
            return
        self._next = now + EVERY
        used = now - self._start
        full = round(WIDE * min(used / max(self._max_seconds, 1e-9), 1))
        bar = "#" * full + "-" * (WIDE - full)
        self._place.write(f"augcheck [{bar}] {doing}, {used:.0f} s of at most {self._max_seconds:g}")

    def close(self) -> None:
        """Let the bar disappear."""
        if self._place is not None:
            self._place.clear()


class _Terminal:
    """The last line of a terminal."""

    def __init__(self) -> None:
        self._longest = 0

    def write(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write("\r" + text.ljust(self._longest))
        sys.stderr.flush()
        self._longest = max(self._longest, len(text))

    def clear(self) -> None:
        if self._longest:
            sys.stderr.write("\r" + " " * self._longest + "\r")
            sys.stderr.flush()


class _Notebook:
    """A line of its own below the cell, empty in the end."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def write(self, text: str) -> None:
        content = {"text/plain": text}
        if self._handle is None:
            self._handle = self._display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)

    def clear(self) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)


def _place() -> _Terminal | _Notebook | None:
    """Where a bar would be seen by somebody."""
    if sys.stderr is None:
        return None
    if sys.stderr.isatty():
        return _Terminal()
    ipython = loaded("IPython")
    shell = ipython and ipython.get_ipython()
    # A program that executes a notebook (nbconvert, a test) allows no questions to a person.
    waiting = getattr(getattr(shell, "kernel", None), "_allow_stdin", False)
    return _Notebook(ipython.display.display) if ipython and waiting else None
