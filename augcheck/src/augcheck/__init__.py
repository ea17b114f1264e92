"""augcheck: what is wrong with an input pipeline for images, as far as it shows from outside.

Start with ``check``, which arranges a check-up. It reads a pipeline: ``sources`` (what kind it is), ``batches``
and ``labels`` (what it yields), ``reading`` (its epochs), ``originals`` (what was augmented), ``images`` (their
measures), ``front`` and ``trial`` (what augments), ``state`` (what reading changes is put back), ``progress``
(a bar meanwhile). It judges: ``clock``, ``order`` with ``places``, ``findings``, ``twice`` and ``head`` (one
set), ``comparisons`` and ``leaks`` (two sets), ``evidence`` (which images show it). And it speaks: ``report``
(text, JSON, an error), ``page`` and ``pictures`` (HTML), ``entries`` and ``catalogue`` (what each finding
means), ``cli`` (the command).
"""

from augcheck.catalogue import explain
from augcheck.check import check_pipeline
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding, FoundError, Report

__all__ = ["CANT_TELL", "FOUND", "NOT_FOUND", "Finding", "FoundError", "Report", "check_pipeline", "explain"]
__version__ = "0.1.0"
