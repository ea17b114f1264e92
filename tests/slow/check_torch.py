"""The check-up reads real DataLoaders of PyTorch, in an interpreter that has it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "augcheck" / "tests" / "torch_pipelines.py"
# This one, and the system's, to which Debian's python3-torch and python3-numpy belong.
INTERPRETERS = (sys.executable, "/usr/bin/python3")
EXPECTED = {
    "live": [],
    "live, no workers": [],
    "live, persistent workers": [],
    "NumPy, seeded by PyTorch": [],
    "dictionaries": [],
    "a stream": [],
    "the generator in each worker": ["positions"],
    "the generator in each persistent worker": ["positions"],
    "frozen": ["repeats"],
    "one draw for a batch": ["one draw"],
    "one draw, tried out": "not found",
    "not shuffled": ["order"],
    "validation augmented": ["validation moves"],
    "half of validation in training": ["shared images"],
    "channels last in validation": ["sets differ"],
    "a layer that learns is left as it was": True,
    "random state put back": True,
}


@pytest.fixture(scope="module")
def found():
    for interpreter in INTERPRETERS:
        has = subprocess.run([interpreter, "-c", "import numpy, torch"], capture_output=True)
        if has.returncode == 0:
            run = subprocess.run([interpreter, SCRIPT], capture_output=True, text=True)
            assert run.returncode == 0, run.stderr
            return json.loads(run.stdout.splitlines()[-1])
    pytest.skip("no interpreter here has PyTorch: apt-get install python3-torch brings one.")


@pytest.mark.parametrize("name", EXPECTED)
def test_a_pipeline_of_pytorch(name, found):
    assert found[name] == EXPECTED[name]


def test_every_pipeline_is_expected(found):
    assert set(found) == set(EXPECTED)
