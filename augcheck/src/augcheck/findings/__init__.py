"""The findings, one a module that is named after it, each a function from a context to a result.

A new one is a module here and a pair of pipelines, broken and mended, in tests/pairs.py. The module has NUMBER, ABOUT
(what it looks at, for the lines of a report), EXPLANATION and the function. The explanation's first line says what it
means that it was found, then come *What it does*, *Why it matters*, *What it can't tell* and a line wrong and right.
Numbers and names stay, and those of findings that went (AUG09 to AUG13) aren't given again.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import NamedTuple

from augcheck.context import Context
from augcheck.result import Finding


class Known(NamedTuple):
    """A finding that is looked for."""

    number: str  # "AUG02"
    name: str  # in a report: "one draw"
    about: str
    explanation: str
    look: Callable[[Context], Finding]

    @property
    def means(self) -> str:
        """What it means that it was found."""
        return self.explanation.partition("\n")[0]


def _known(module: str) -> Known:
    found = importlib.import_module(f"{__name__}.{module}")
    return Known(
        found.NUMBER,
        module.replace("_", " "),
        found.ABOUT,
        found.EXPLANATION,
        getattr(found, module),
    )


FINDINGS = sorted(
    _known(module.name) for module in pkgutil.iter_modules(__path__)
)  # by number, as in a report
