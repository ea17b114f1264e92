"""The start of the notebooks in this folder, which is that of the lessons one folder up.

Each folder has this file, because Python looks for it beside the notebook, and Windows unpacks no links.
"""

import runpy
import sys
from pathlib import Path

LESSONS = Path(__file__).resolve().parent.parent


def prepare() -> None:
    """See `prepare` in notebooks/series.py; `figures` and `exercises` are found, too."""
    sys.path.insert(0, str(LESSONS))
    runpy.run_path(str(LESSONS / "series.py"))["prepare"]()
