"""JupyterLab on loopback, started as a reader starts it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = "--no-browser --allow-root --port 0 --IdentityProvider.token=secret"


@pytest.fixture
def lab(tmp_path):
    """The folder of a copy of the project, and the address that JupyterLab prints there."""
    folder, log = tmp_path / "copy", tmp_path / "lab.log"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv*", ".git"))
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".venv" / "ready").touch()
    with open(log, "w", encoding="utf-8") as stderr:
        environment = os.environ | {"MAKEFLAGS": ""}  # `make -j --output-sync` would keep the address to itself
        command, how = ["make", "lab", f"OPTIONS={OPTIONS}"], {"stderr": stderr, "start_new_session": True}
        server = subprocess.Popen(command, cwd=folder, env=environment, **how)
    try:
        yield folder, _address(server, log)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def _address(server, log):
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+\S*", log.read_text(encoding="utf-8"))
        if found:
            return found[0]
        assert server.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.2)
    pytest.fail(f"JupyterLab printed no address in two minutes:\n{log.read_text(encoding='utf-8')}")
