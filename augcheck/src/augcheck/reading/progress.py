"""How far a check-up is, for whoever waits at a console, and whether they had enough."""

from __future__ import annotations

import sys
import time

AFTER = 5.0  # seconds, before anything is shown


class Progress:
    """A line on a console's stderr, written over; nothing elsewhere.

    Attributes:
        stopped: whether Ctrl-C ended the reading.
    """

    def __init__(self, name: str) -> None:
        self.name, self.epoch = name, 1
        self.stopped = False
        self._next = time.monotonic() + AFTER
        self._shown = False

    def begin(self, epoch: int) -> None:
        """Note the number of the epoch, from 1."""
        self.epoch = epoch

    def show(self, images: int) -> None:
        """Say how many images of the epoch were read, once a second."""
        if time.monotonic() < self._next or not sys.stderr.isatty():
            return
        self._next = time.monotonic() + 1
        self._shown = True
        print(
            f"\raugcheck reads {self.name}: epoch {self.epoch}, {images:,} images (Ctrl-C: enough)",
            end="",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> None:
        """Begin a new line where one was written."""
        if self._shown:
            print(file=sys.stderr)
