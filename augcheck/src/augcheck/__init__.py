"""augcheck: what is wrong with an input pipeline for images, as far as it shows from outside.

Start with ``check``: a check-up looks for each finding in one pipeline. ``reading`` has what comes in, ``context``
holds it, ``measures`` are the arithmetic that findings share, and ``findings`` has one module for each thing that is
looked for. A ``result`` is what a finding answers. ``report`` shows results (text, JSON, an error), ``catalogue``
explains findings, and ``command`` is the command line.
"""

from augcheck.catalogue import explain
from augcheck.check import check_pipeline
from augcheck.report import FoundError, Report
from augcheck.result import ASK, CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, WRONG, Finding
from augcheck.version import __version__

__all__ = [
    "ASK",
    "CANT_TELL",
    "FOUND",
    "NOT_FOUND",
    "WASTEFUL",
    "WRONG",
    "Finding",
    "FoundError",
    "Report",
    "__version__",
    "check_pipeline",
    "explain",
]
