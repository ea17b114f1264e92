"""`make lab` in a copy of the project: it opens on notebook 00, and saving there saves the text twin."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = "--no-browser --allow-root --port 0 --IdentityProvider.token=secret"


@pytest.fixture
def lab(tmp_path):
    """The copy's folder, and the address that JupyterLab prints."""
    folder = tmp_path / "copy"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".venv*", ".git"))
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".venv" / "ready").touch()
    server = subprocess.Popen(
        ["make", "lab", f"OPTIONS={OPTIONS}"], cwd=folder, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    address = next(re.finditer(r"http://127\.0\.0\.1:\d+\S*", "".join(iter_until_address(server.stderr))))
    yield folder, address[0]
    os.killpg(server.pid, signal.SIGTERM)
    server.communicate(timeout=30)


def iter_until_address(lines):
    for line in lines:
        yield line
        if "http://127.0.0.1:" in line:
            return


def request(address, method="GET", body=None):
    headers = {"Authorization": "token secret", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(address, data, headers, method=method)) as answer:
        return json.load(answer)


def test_lab_opens_on_notebook_00_and_keeps_the_pair_in_step(lab):
    folder, address = lab
    server, page = address.split("?")[0].split("/lab/tree/")
    assert page == "notebooks/00_start_here.ipynb"
    contents = f"{server}/api/contents/{page}"
    notebook = request(f"{contents}?content=1")["content"]
    notebook["cells"][0]["source"] += "\n\nAdded in JupyterLab."
    request(contents, "PUT", {"type": "notebook", "format": "json", "content": notebook})
    twin = folder / "notebooks" / "scripts" / "00_start_here.py"
    assert "# Added in JupyterLab." in twin.read_text(encoding="utf-8")
