"""The check-up takes no more than 0.5 GB above the data with 25,000 pictures of 64x64, and starts no TensorFlow.

Each pipeline is read in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from augcheck import check_pipeline

ROOT = Path(__file__).resolve().parents[2]
N, SIDE, BATCH = 25_000, 64, 32
STATUS = Path("/proc/self/status")


class Lightened:
    """Batches in a new order in each epoch, each picture with a brightness of its own."""

    def __init__(self, x, y):
        self.x, self.y, self.rng = x, y, np.random.default_rng(2)

    def __iter__(self):
        for rows in np.array_split(self.rng.permutation(len(self.x)), -(-len(self.x) // BATCH)):
            yield self.x[rows] * self.rng.uniform(0.7, 1, (len(rows), 1, 1, 1)).astype(np.float32), self.y[rows]


def pictures(n, seed):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (n, 8, 8, 3), np.uint8)
    return np.repeat(np.repeat(coarse, SIDE // 8, 1), SIDE // 8, 2), rng.integers(0, 2, n)


def memory(name):
    """Bytes of this process: those in use now ("VmRSS"), or at most since the peak was forgotten ("VmHWM")."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def measure(kind):
    """Gigabytes beyond those in use before."""
    x, y = pictures(N, 0)
    train = Lightened(x, y) if kind == "iterable" else (x, y)
    validation = pictures(N // 5, 1)
    STATUS.with_name("clear_refs").write_text("5")  # forgets the peak
    before = memory("VmRSS")
    check_pipeline(train, validation, max_seconds=600)
    return (memory("VmHWM") - before) / 1e9


def printed(*arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT / "augcheck" / "src")}
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


@pytest.mark.skipif(not STATUS.exists(), reason="Only Linux tells a process its largest memory since a moment.")
@pytest.mark.parametrize("kind", ["arrays", "iterable"])
def test_memory_is_kept(kind):
    assert float(printed(__file__, kind)) < 0.5


UNSTARTED = """
import numpy as np
from tensorflow.python.eager import context
from augcheck import check_pipeline
x, y = np.random.default_rng(0).random((64, 12, 12, 1)), np.arange(64) % 2
rng = np.random.default_rng(1)
check_pipeline((x, y), (x[:32], y[:32]), augment=lambda x: x * rng.uniform(0.5, 1, (len(x), 1, 1, 1)))
assert context._context is None or not context._context._initialized, "TensorFlow was started"
"""


def test_tensorflow_is_not_started_for_a_pipeline_without_it():
    printed("-c", UNSTARTED)


if __name__ == "__main__":
    print(measure(sys.argv[1]))
