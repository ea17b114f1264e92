"""The check-up takes no more than 0.5 GB above the data with 25,000 pictures of 64x64, and starts no TensorFlow.

It reads arrays and an iterable in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from augcheck import check_pipeline

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "augcheck" / "tests"))
from made import Batches, lighten  # noqa: E402

N, SIDE = 25_000, 64
STATUS = Path("/proc/self/status")


def pictures(n, seed):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (n, 8, 8, 3), np.uint8)
    return np.repeat(np.repeat(coarse, SIDE // 8, 1), SIDE // 8, 2), rng.integers(0, 2, n)


def memory(name):
    """Bytes of this process: those in use now ("VmRSS"), or at most since the peak was forgotten ("VmHWM")."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not STATUS.exists(), reason="Only Linux tells a process its largest memory since a moment.")
def test_memory_is_kept_and_tensorflow_is_not_started():
    environment = os.environ | {"PYTHONPATH": str(ROOT / "augcheck" / "src")}
    run = subprocess.run([sys.executable, __file__], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]


if __name__ == "__main__":
    from tensorflow.python.eager import context

    given, validation = pictures(N, 0), pictures(N // 5, 1)
    for train in (given, Batches(*given, lighten, size=32)):
        STATUS.with_name("clear_refs").write_text("5")  # forgets the peak
        before = memory("VmRSS")
        check_pipeline(train, validation, max_seconds=600)
        assert memory("VmHWM") - before < 0.5e9, type(train)
    assert context._context is None or not context._context._initialized, "TensorFlow was started"
