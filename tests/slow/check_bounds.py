"""The check-up keeps its bounds: 2,000 pictures of 224x224 in 30 s, 25,000 of 64x64 in 15 s and 0.5 GB above the data.

Each pipeline is read in a process of its own. Seconds are the processor's, since a machine that does something else
besides makes the clock's say little. What the pipeline needs to be read once by itself is measured before: its memory
counts as data, and its time as often as it was read.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from augcheck import check_pipeline

ROOT = Path(__file__).resolve().parents[2]
BATCH = 32
STATUS = Path("/proc/self/status")
KINDS = ("arrays", "memory map", "list", "iterable", "tf.data")
BOUNDS = [(2_000, 224, 30, None), (25_000, 64, 15, 0.5)]  # pictures, their side, seconds, GB


class Lightened:
    """Batches in a new order in each epoch, each picture with a brightness of its own."""

    def __init__(self, x, y):
        self.x, self.y, self.rng = x, y, np.random.default_rng(2)

    def __len__(self):
        return -(-len(self.x) // BATCH)

    def __iter__(self):
        for rows in np.array_split(self.rng.permutation(len(self.x)), len(self)):
            yield self.x[rows] * self.rng.uniform(0.7, 1, (len(rows), 1, 1, 1)).astype(np.float32), self.y[rows]


def pictures(n, side, seed):
    """Large structures and noise, uint8."""
    rng = np.random.default_rng(seed)
    x = np.empty((n, side, side, 3), np.uint8)
    for rows in np.array_split(x, -(-n // 500)):
        coarse = rng.integers(0, 200, (len(rows), 8, 8, 3), np.uint8)
        rows[:] = np.repeat(np.repeat(coarse, side // 8, 1), side // 8, 2)
        rows += rng.integers(0, 50, rows.shape, np.uint8)
    return x, rng.integers(0, 2, n)


def pipeline(kind, x, y, folder):
    if kind == "memory map":
        np.save(folder / "images.npy", x)
        return np.load(folder / "images.npy", mmap_mode="r"), y
    if kind == "list":
        return [(x[i : i + BATCH], y[i : i + BATCH]) for i in range(0, len(x), BATCH)]
    if kind == "tf.data":
        import tensorflow as tf

        data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(2_000).batch(BATCH)
        return data.map(lambda x, y: (tf.image.random_flip_left_right(tf.cast(x, tf.float32)), y)).prefetch(2)
    return Lightened(x, y) if kind == "iterable" else (x, y)


def memory(name):
    """Bytes of this process: those in use now ("VmRSS"), or at most since the peak was forgotten ("VmHWM")."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024


def measure(kind, n, side, folder):
    """Seconds of the processor beyond the pipeline's own, and bytes beyond those in use before."""
    x, y = pictures(n, side, 0)
    mapped = x.nbytes if kind == "memory map" else 0  # pages of the file count as memory in use, and can be given up
    train, validation = pipeline(kind, x, y, folder), pictures(n // 5, side, 1)
    if mapped:
        del x
    started = time.process_time()
    for _ in train if kind in ("iterable", "tf.data") else ():
        pass
    alone = time.process_time() - started
    STATUS.with_name("clear_refs").write_text("5")  # forgets the peak
    before, started = memory("VmRSS"), time.process_time()
    report = check_pipeline(train, validation, max_seconds=600)
    seconds = time.process_time() - started
    note = report.notes[0]
    epochs = 1 if "read 2 times" in note else int(note.split(", ")[1].split()[0])  # two halves are one
    return {"seconds": seconds - epochs * alone, "gigabytes": (memory("VmHWM") - before - mapped) / 1e9}


@pytest.mark.skipif(not STATUS.exists(), reason="Only Linux tells a process its largest memory since a moment.")
@pytest.mark.parametrize(("n", "side", "seconds", "gigabytes"), BOUNDS)
@pytest.mark.parametrize("kind", KINDS)
def test_time_and_memory_are_kept(kind, n, side, seconds, gigabytes, tmp_path):
    command = [sys.executable, __file__, kind, str(n), str(side), str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "augcheck" / "src")}
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    took = json.loads(run.stdout.splitlines()[-1])
    print(f"\n{kind}, {n:,} of {side}x{side}: {took}")
    assert took["seconds"] < seconds
    assert gigabytes is None or took["gigabytes"] < gigabytes


UNSTARTED = """
import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context
from tensorflow.python.ops import stateful_random_ops
from augcheck import check_pipeline
x, y = np.random.default_rng(0).random((64, 12, 12, 1)), np.arange(64) % 2
rng = np.random.default_rng(1)
check_pipeline((x, y), (x[:32], y[:32]), augment=lambda x: x * rng.uniform(0.5, 1, (len(x), 1, 1, 1)))
assert context._context is None or not context._context._initialized, "TensorFlow was started"
draw = tf.random.get_global_generator
check_pipeline((x, y), augment=lambda x: x + draw().uniform((len(x), 1, 1, 1), dtype="float64"))
assert stateful_random_ops.global_generator is None
"""


def test_tensorflow_is_not_started_for_a_pipeline_without_it():
    environment = os.environ | {"PYTHONPATH": str(ROOT / "augcheck" / "src")}
    run = subprocess.run([sys.executable, "-c", UNSTARTED], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr[-2000:]


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
