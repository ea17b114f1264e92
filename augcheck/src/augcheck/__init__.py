"""augcheck: what is wrong with an input pipeline for images, as far as it shows from outside.

Start with ``check``, which arranges a check-up. It reads a pipeline: ``sources`` (what kind it is),
``reading`` (its epochs), ``images`` (their measures), ``augmentation`` (what augments, tried by itself),
``state`` (what reading changes is put back). And it judges: ``findings`` (one set), ``comparisons``
(two sets), ``report``.
"""

from augcheck.check import check_pipeline
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding, Report

__all__ = ["CANT_TELL", "FOUND", "NOT_FOUND", "Finding", "Report", "check_pipeline"]
__version__ = "0.0.1"
