"""What holds wherever pytest is started: the sanitiser of the notebooks, and what is run on request only."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ON_REQUEST = ("notebooks/going_deeper", "notebooks/solutions", "tests/results")  # collected when a path names them

if "PYTEST_XDIST_WORKER" in os.environ:
    # Processes of several threads each wait for one another; kernels and their TensorFlow inherit this.
    os.environ.update({"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"})


def pytest_configure(config: pytest.Config) -> None:
    # nbval resolves the file against the working folder; here it is found from everywhere.
    if not config.option.nbval_sanitize_with:
        config.option.nbval_sanitize_with = str(config.rootpath / "tests" / "sanitize.cfg")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    for name in ON_REQUEST:
        folder = config.rootpath / name
        if collection_path == folder or folder in collection_path.parents:
            asked = [Path(config.invocation_params.dir, arg.split("::")[0]).resolve() for arg in config.args]
            return None if any(path == folder or folder in path.parents for path in asked) else True
    return None
