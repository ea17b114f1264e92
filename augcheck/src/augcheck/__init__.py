"""augcheck: what is wrong with an input pipeline for images, as far as it shows from outside.

``check.check_pipeline`` arranges a check-up. To read the rest in its order: ``sources`` (the kinds of pipeline),
``reading`` (epochs, with the measures in ``images``), ``augmentation`` (what augments, tried by itself), ``findings``
and ``comparisons`` (the judgement, of one set and of two), ``report``; ``state`` puts back what reading changes.
"""

from augcheck.check import check_pipeline
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding, Report

__all__ = ["CANT_TELL", "FOUND", "NOT_FOUND", "Finding", "Report", "check_pipeline"]
__version__ = "0.0.1"
