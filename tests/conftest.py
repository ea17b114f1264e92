"""TensorFlow starts before any test module imports it, as in the first cell of a notebook."""

import sys

from series import start_tensorflow


def pytest_configure(config):
    """Not in the process that only deals tests out to others (pytest -n 2)."""
    deals_out = config.getoption("numprocesses", None) and not hasattr(config, "workerinput")
    if not deals_out:
        start_tensorflow()
        from helpers import augment

        # Pages import the file as if it lay beside their script.
        sys.modules["augment"] = augment
