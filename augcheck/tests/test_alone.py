"""The package by itself: uninstalled, and without Keras, TensorFlow and the helpers of the series."""

import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src"
ALONE = """
import random, sys
import numpy as np
sys.path.insert(0, "src")
others = ("tensorflow", "keras", "torch", "pandas", "matplotlib", "helpers")
for name in others:
    sys.modules[name] = None  # an import raises
before = random.getstate(), str(np.random.get_state())
from augcheck import check_pipeline
assert (random.getstate(), str(np.random.get_state())) == before

rng = np.random.default_rng(0)
frozen = [(rng.random((32, 12, 12, 1)), np.arange(32) % 2) for _ in range(4)]
validation = rng.random((64, 12, 12, 1)), np.arange(64) % 2
print(check_pipeline(frozen, validation).found)
live = check_pipeline(validation, augment=lambda x: x + rng.random((len(x), 1, 1, 1)))
print(live.found, live["one draw"].status)
assert all(sys.modules[name] is None for name in others)
"""


def test_an_uninstalled_copy_without_tensorflow_finds_a_frozen_list_of_batches(tmp_path):
    shutil.copytree(
        SOURCE, tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    run = subprocess.run(
        [sys.executable, "-I", "-B", "-c", ALONE], cwd=tmp_path, capture_output=True, text=True
    )
    assert (run.stderr, run.stdout) == ("", "['repeats', 'order']\n[] not found\n")
    assert list(tmp_path.iterdir()) == [tmp_path / "src"]
