"""The code of docs/find_your_symptom.md, and its rule: a check prints True before a repair and False after it."""

import re
import shutil
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "find_your_symptom.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^###? (.+?)\n(.+?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
FENCED = re.compile(r"(\*\*Check\*\*\s+)?```python\n(.+?)```", re.DOTALL)
FIRST_STEPS = "The five steps in code"


def code_of(title, framework):
    """The checks and the other blocks of an entry that are for a framework; without a name they are for both."""
    checks, blocks = [], []
    for check, code in FENCED.findall(ENTRIES[title]):
        named = re.match(r"# (Keras and PyTorch|Keras|PyTorch)\b", code)
        if named is not None and framework not in named[1]:
            continue
        if check:
            checks.append(code)
        else:
            blocks.append(code)
    return checks, blocks


def entries(framework):
    """The titles that have code of a framework's own, or a check for both."""
    titles = [title for title in ENTRIES if title != FIRST_STEPS]
    return [title for title in titles if any(code_of(title, framework))]


def says(check, names):
    """What a check prints."""
    printed = []
    exec(check, names | {"print": printed.append})
    return [bool(value) for value in printed]


def own_check(code):
    """The word in code that only a check with the same word is for."""
    return next((word for word in ("albumentations", "split()") if word in code), None)


def run(block, names, checks=(), prepare=None):
    """What the check prints before and after a repair; the names that the code leaves behind are put into ``names``.

    Code of albumentations, or that defines split(), has a check of its own where the entry has one.
    """
    fitting = [check for check in checks if own_check(check) == own_check(block)]
    start, *cases = re.split(r"^# (?:before|after)\b.*\n", block, flags=re.MULTILINE)
    exec(start, names)
    printed = []
    for case in cases:
        exec(case, names)
        if prepare:
            prepare(names)
        printed += [says(check, names) for check in fitting or checks]
    return printed


# What an entry needs beside the names of the first block, whatever the framework


def over_confident(names):
    logits = np.random.default_rng(0).normal(size=(400, 3))
    names["labels"] = (logits + np.random.default_rng(1).gumbel(size=logits.shape)).argmax(axis=1)
    names["answers"] = np.exp(3 * logits) / np.exp(3 * logits).sum(axis=1, keepdims=True)


def patients(names):
    """Two files and a copy of each, of five patients in each class; empty, as only their names matter."""
    shutil.rmtree("train")
    for patient in range(10):
        folder = Path("train", "cat" if patient < 5 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        for number in ("0", "0_aug0", "1", "1_aug0"):
            (folder / f"p{patient}-{number}.png").touch()
