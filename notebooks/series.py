"""The start of every notebook: `from series import prepare`, then `prepare()`."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def prepare() -> None:
    """Find `helpers` and `augcheck`, start TensorFlow quietly and without a GPU, and set the style of figures."""
    sys.path[:0] = [str(ROOT), str(ROOT / "augcheck/src")]
    from helpers import setup

    setup.prepare()  # before anything else imports Keras
    from helpers import plots

    plots.use_style()
