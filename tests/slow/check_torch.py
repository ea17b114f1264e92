"""The check-up reads real DataLoaders of PyTorch, also with torchvision, in an interpreter that has them.

The PyTorch of docs/find_your_symptom.md and docs/migration.md runs there as well, with real workers. A block that
needs albumentations, kornia, scikit-learn or Keras (``pip install`` them there) is left out without them.

TORCH_PYTHON=path names one; else this one, that of `.venv-backends` and the system's are tried.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from symptom_page import LOGGED_MESSAGES, message_of

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "augcheck" / "tests"
INTERPRETERS = [
    os.environ.get("TORCH_PYTHON", sys.executable),
    ROOT / ".venv-backends" / "bin" / "python",
    # the system's, to which Debian's python3-torch and python3-numpy belong
    "/usr/bin/python3",
]
# Of the pipelines that have a mistake; of all others nothing is said.
EXPECTED = {
    "a stream that workers don't split": ["repeats"],
    "the generator in each worker": ["positions"],
    "the generator in each persistent worker": ["positions"],
    "workers that get out of step": ["positions"],
    "frozen": ["repeats"],
    "one draw in the collate function": ["one draw"],
    "one draw in the collate function, unknown": ["one draw"],
    "validation augmented": ["validation moves"],
    "channels last in validation": ["sets differ"],
    "a layer that learns is left as it was": True,
    "random state put back": True,
}


def printed(script, needs="numpy, torch"):
    """What a script prints in the first interpreter that has what it needs."""
    for interpreter in filter(shutil.which, INTERPRETERS):
        has = subprocess.run([interpreter, "-c", f"import {needs}"], capture_output=True)
        if has.returncode == 0:
            environment = os.environ | {"KERAS_BACKEND": "torch"}
            command = [interpreter, script]
            run = subprocess.run(command, capture_output=True, text=True, env=environment)
            assert run.returncode == 0, run.stderr
            return json.loads(run.stdout.splitlines()[-1])
    pytest.skip(f"no interpreter here has {needs}: `make check-checkup` brings PyTorch.")


def test_pipelines_of_pytorch_and_of_torchvision():
    found = printed(SCRIPTS / "torch_pipelines.py")
    if "torchvision, one draw a batch" in found:  # tried only where torchvision is installed
        EXPECTED["torchvision, one draw a batch"] = ["one draw"]
    assert len(found) >= 20
    assert {name: says for name, says in found.items() if says != []} == EXPECTED


def test_a_check_prints_true_before_the_repair_and_false_after_it():
    held = printed(Path(__file__).parent / "torch_snippets.py", "numpy, torch, torchvision")
    assert len(held) >= 20
    assert set(held.values()) <= {True, None}, held


@pytest.mark.parametrize("beginning", LOGGED_MESSAGES)
def test_tensorflow_logs_the_message(beginning):
    code = "import tensorflow as tf\n" + LOGGED_MESSAGES[beginning]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "0"}
    command = [sys.executable, "-c", code]
    logged = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert message_of(beginning) in logged.stderr
