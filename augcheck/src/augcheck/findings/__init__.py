"""The findings, one a module that is named after it, each a function from a context to a result.

A new one needs a module here whose function has a docstring like these, an entry in FINDINGS, and two pipelines in
tests/gallery: one wrong, one right. Its function says in plain words what is wrong (the value of a Finding, the first
line of a report), decides its severity, and says why it was not checked (how and change of Finding(CANT_TELL, ...)).
Numbers and names stay: who ignores one in a test must not ignore another after the next version. AUG09 and AUG12 were
others, and are not given again.
"""

from __future__ import annotations

from collections.abc import Callable

from augcheck.context import Context
from augcheck.findings.augmented_twice import augmented_twice
from augcheck.findings.degenerate import degenerate
from augcheck.findings.labels import labels
from augcheck.findings.one_draw import one_draw
from augcheck.findings.order import order
from augcheck.findings.positions import positions
from augcheck.findings.repeats import repeats
from augcheck.findings.sets_differ import sets_differ
from augcheck.findings.shared_images import shared_images
from augcheck.findings.validation_moves import validation_moves
from augcheck.result import Finding

# In the order of a report.
FINDINGS: dict[str, Callable[[Context], Finding]] = {
    "AUG01": repeats,
    "AUG02": one_draw,
    "AUG10": positions,
    "AUG11": augmented_twice,
    "AUG03": validation_moves,
    "AUG04": sets_differ,
    "AUG05": shared_images,
    "AUG06": degenerate,
    "AUG07": order,
    "AUG08": labels,
}
