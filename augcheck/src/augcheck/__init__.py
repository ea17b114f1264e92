"""augcheck: what is wrong with an input pipeline for images, as far as it shows from outside.

Start with ``check``, which arranges a check-up. It reads a pipeline: ``sources`` (what kind it is), ``batches``
and ``labels`` (what it yields), ``reading`` (its epochs), ``originals`` (from before the augmentation), ``images``
(their measures), ``trial`` and ``front`` (what augments, in the pipeline and in a model), ``state`` (what reading
changes is put back). And it judges: ``clock`` (repeats), ``order`` and ``places``, ``findings`` (one set),
``comparisons`` and ``leaks`` (two sets), ``head`` and ``twice`` (a model), ``report``.
"""

from augcheck.check import check_pipeline
from augcheck.report import CANT_TELL, FOUND, NOT_FOUND, Finding, Report

__all__ = ["CANT_TELL", "FOUND", "NOT_FOUND", "Finding", "Report", "check_pipeline"]
__version__ = "0.0.1"
