"""A progress bar on a terminal, which disappears."""

from __future__ import annotations

import itertools
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

from augcheck.reading.sources import Source

AFTER = 1.0  # seconds in which nothing is shown: a check-up that is done by then needs no bar
EVERY = 0.2  # seconds between two states of the bar
WIDE = 20  # characters of the bar


class Progress:
    """Says on stderr, if that is a terminal, what is being read, and how much of the time allowed is used."""

    def __init__(self, max_seconds: float) -> None:
        self._start = time.monotonic()
        self._next = self._start + AFTER
        self._max_seconds = max_seconds
        self._seen = sys.stderr is not None and sys.stderr.isatty()
        self._longest = 0

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
        if not self._seen or now < self._next:
            return
        self._next = now + EVERY
        used = now - self._start
        full = round(WIDE * min(used / max(self._max_seconds, 1e-9), 1))
        bar = "#" * full + "-" * (WIDE - full)
        text = f"augcheck [{bar}] {doing}, {used:.0f} s of at most {self._max_seconds:g}"
        text = text[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write("\r" + text.ljust(self._longest))
        sys.stderr.flush()
        self._longest = max(self._longest, len(text))

    def close(self) -> None:
        """Let the bar disappear."""
        if self._longest:
            sys.stderr.write("\r" + " " * self._longest + "\r")
            sys.stderr.flush()
