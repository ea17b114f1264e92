"""augcheck: what is wrong with an input pipeline for images, as far as it shows from outside.

Start with ``check``: a check-up looks for each finding in one pipeline. ``reading`` has what comes in, ``context``
holds it, ``measures`` are the arithmetic that findings share, and ``findings`` has one module for each thing that is
looked for. A ``result`` is what a finding answers. ``report`` shows results (text, JSON, an error), ``catalogue``
explains findings, ``command`` is the command line, and ``for_pytest`` makes each finding a test case.
"""

from augcheck.catalogue import explain
from augcheck.check import check_pipeline
from augcheck.for_pytest import parametrize_with_checks
from augcheck.report import FoundError, Report
from augcheck.result import CANT_TELL, FOUND, NOT_FOUND, WASTEFUL, WRONG, Finding
from augcheck.version import __version__

__all__ = [
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
    "parametrize_with_checks",
]
