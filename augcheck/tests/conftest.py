"""For all tests of the check-up."""

import pytest

from augcheck import check_pipeline


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    """A slow machine reads as much as a fast one."""
    monkeypatch.setitem(check_pipeline.__kwdefaults__, "max_seconds", 1e6)
