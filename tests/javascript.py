"""The scripts of the page that trains in the browser, run by Node: where it lacks, tests are skipped, or in CI fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parent.parent / "docs" / "page"
TOOLS = (
    "random",
    "augment",
    "network",
    "schedule",
    "training",
    "words",
    "settings",
    "film",
    "nudge",
    "worker",
)
START = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const floats = (values) => Float32Array.from(values.flat(Infinity));
const random = randomTools();
const augment = augmentTools();
const network = networkTools();
const schedule = scheduleTools(random);
const training = trainingTools(random, augment, network, schedule);
const words = wordsTools();
const options = settingsTools(words);
"""


def node() -> str:
    """Where Node is."""
    found = shutil.which("node")
    if found is None:
        message = "Node runs these tests: `apt-get install nodejs` installs it"
        if os.environ.get("BROWSER_REQUIRED"):
            pytest.fail(message)
        pytest.skip(message)
    return found


def run_in_node(script: str, **given: Any) -> Any:
    """What a script returns, which finds the tools of the page under their names and the arguments in ``given``."""
    sources = [(PAGE / f"{name}.js").read_text(encoding="utf-8") for name in TOOLS]
    body = (
        f"const result = (() => {{ {script} }})();\n"
        "process.stdout.write(JSON.stringify(result ?? null));"
    )
    program = "\n".join([*sources, START, body])
    done = subprocess.run(
        [node(), "-e", program],
        input=json.dumps(given, default=_listed),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _listed(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)
