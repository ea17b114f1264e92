"""What holds wherever pytest is started."""

from __future__ import annotations

import importlib.util
import os

import pytest

if importlib.util.find_spec("torchvision") is None:
    collect_ignore = ["notebooks/going_deeper/in_pytorch.ipynb"]

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes of several threads each wait for one another; kernels and their TensorFlow inherit this.
    for name in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def pytest_configure(config: pytest.Config) -> None:
    # nbval resolves the file against the working folder; here it is found from everywhere.
    if not config.option.nbval_sanitize_with:
        config.option.nbval_sanitize_with = str(config.rootpath / "tests" / "sanitize.cfg")
