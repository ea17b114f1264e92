"""The findings, one a module that is named after it, each a function from a context to a result.

A new one is a module here and two pipelines in ``gallery``, wrong and right, in NAME_pair. List, report, command and
explanations follow, and ``python augcheck/tests/test_readme.py`` writes the README. The module has NUMBER, ABOUT (what
it looks at, for the lines of a report), EXPLANATION and the function. The explanation's first line says what found
means, then come *What it does*, *Why it matters* and *What it can't tell*. The function says in plain words what is
wrong, how severe it is, and why it was not checked. Numbers and names stay: who ignores one in a test must not ignore
another after the next version, so a new one takes the next number. AUG09 and AUG12 were others.
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
