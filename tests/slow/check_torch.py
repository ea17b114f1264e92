"""The check-up reads real DataLoaders of PyTorch, and what other libraries give, in an interpreter that has them.

The PyTorch of docs/find_your_symptom.md runs there as well, with real workers.

TORCH_PYTHON=path names one; else this one and the system's are tried.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "augcheck" / "tests"
# This one, and the system's, to which Debian's python3-torch and python3-numpy belong.
INTERPRETERS = (os.environ.get("TORCH_PYTHON", sys.executable), "/usr/bin/python3")
EXPECTED = {
    "live": [],
    "live, no workers": [],
    "live, persistent workers": [],
    "NumPy, seeded by PyTorch": [],
    "dictionaries": [],
    "a stream": [],
    "a stream that workers don't split": ["repeats"],
    "the generator in each worker": ["positions"],
    "the generator in each persistent worker": ["positions"],
    "workers that get out of step": ["positions"],
    "frozen": ["repeats"],
    "mixed in the collate function": [],
    "one draw in the dataset": [],
    "one draw in the collate function": ["one draw"],
    "one draw in the collate function, unknown": ["one draw"],
    "a draw each in the collate function": [],
    "augmented in the loop": [],
    "one draw in the loop": ["one draw"],
    "not shuffled": ["order"],
    "validation augmented": ["validation moves"],
    "channels last in validation": ["sets differ"],
    "half of validation in training": ["shared images"],
    "one draw, augment_in=None": "can't tell",
    "one draw, augment_in=image": "not found",
    "one draw, augment_in=batch": "found",
    "oversampled, stored": [],
    "oversampled, live": [],
    "a large tensor that was changed": True,
    "and one that wasn't": True,
    "a layer that learns is left as it was": True,
    "random state put back": True,
}
# Of these each is tried only where it is installed.
OTHERS = {
    "torchvision, live": [],
    "torchvision, mixed": [],
    "torchvision, one draw a batch": ["one draw"],
    "albumentations 2.0.8, its workers never seeded": ["positions"],
    "Grain, one stream": [],
    "Grain, started again": ["repeats", "order"],
    "Keras on PyTorch, sound": [],
    "Keras on PyTorch, scaled twice": ["degenerate"],
}


# Draws that come again within an epoch, and from one epoch to the next.
COPIED = {"as they come": [True, True], "persistent": [True, False], "seeded": [False, False]}
SNIPPETS = {
    "random_split: my validation images are augmented, too": True,
    "Workers make the same random pictures (albumentations)": COPIED,
    "mixup or CutMix: where, and why is training accuracy low?": True,
    "How many copies for fine-tuning?": True,
    "Frozen VGG16 or other backbone: augmentation makes it worse": True,
    "Class weights, or augment only the rare class?": True,
    "a data set in a Subset is seeded": True,
    "np.random is seeded": [False, False],
    "torch is seeded": [False, False],
    "eval reaches no transform": True,
    "a temperature without Keras": True,
    "save_image keeps the contrast": True,
    "v2, one draw for a batch": True,
    "albumentations": COPIED,
    "kornia, one draw for a batch": False,
}
OPTIONAL = {"albumentations", "kornia, one draw for a batch"}


def printed(script, needs="numpy, torch"):
    """What a script prints in the first interpreter that has what it needs."""
    for interpreter in INTERPRETERS:
        has = subprocess.run([interpreter, "-c", f"import {needs}"], capture_output=True)
        if has.returncode == 0:
            run = subprocess.run([interpreter, script], capture_output=True, text=True)
            assert run.returncode == 0, run.stderr
            return json.loads(run.stdout.splitlines()[-1])
    pytest.skip(f"no interpreter here has {needs}: apt-get install python3-torch brings PyTorch.")


@pytest.fixture(scope="module")
def found():
    return printed(SCRIPTS / "torch_pipelines.py")


@pytest.fixture(scope="module")
def of_the_page():
    return printed(Path(__file__).parent / "torch_snippets.py", "numpy, torch, torchvision")


@pytest.mark.parametrize("name", EXPECTED | OTHERS)
def test_a_pipeline_of_pytorch_or_of_another_library(name, found):
    if name in OTHERS and name not in found:
        pytest.skip(f"{name.partition(',')[0]} is not installed.")
    assert found[name] == (EXPECTED | OTHERS)[name]


def test_every_pipeline_is_expected(found):
    assert set(EXPECTED) <= set(found) <= set(EXPECTED | OTHERS)


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_code_of_the_page_of_symptoms_does_what_it_says(name, of_the_page):
    if name in OPTIONAL and name not in of_the_page:
        pytest.skip(f"{name.partition(',')[0]} is not installed.")
    assert of_the_page[name] == SNIPPETS[name]


def test_every_answer_of_the_page_is_expected(of_the_page):
    assert set(of_the_page) <= set(SNIPPETS) <= set(of_the_page) | OPTIONAL
