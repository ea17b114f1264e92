"""`make lab` opens on notebook 01 and saves the text twin; the set-up without a usable Python; what workflows run."""

import json
import subprocess
import urllib.request
from pathlib import Path

import yaml

from test_setup import programs

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = {
    "shim": 'echo "shim: command not found" >&2; exit 127',
    "old": 'case "$*" in *version*) echo 3.10;; esac',
    "bare": 'case "$*" in *version*) echo 3.12;; *venv*) exit 1;; esac',
}


def request(address, method="GET", body=None):
    headers = {"Authorization": "token secret", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(address, data, headers, method=method)
    ) as answer:
        return json.load(answer)


def test_lab_opens_on_notebook_01_and_keeps_the_pair_in_step(lab):
    folder, address = lab
    server, page = address.split("?")[0].split("/lab/tree/")
    assert page == "notebooks/01_static_versus_live.ipynb"
    contents = f"{server}/api/contents/{page}"
    notebook = request(f"{contents}?content=1")["content"]
    notebook["cells"][0]["source"] += "\n\nAdded in JupyterLab."
    request(contents, "PUT", {"type": "notebook", "format": "json", "content": notebook})
    twin = folder / "notebooks" / "scripts" / "01_static_versus_live.py"
    assert "# Added in JupyterLab." in twin.read_text(encoding="utf-8")


def test_without_a_usable_python_the_setup_says_what_it_found(tmp_path):
    environment = programs(tmp_path, PYTHONS) | {"PYTHON": "shim old bare"}
    command = ["sh", "tools/setup.sh", str(tmp_path / "venv")]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    said = "found old (Python 3.10), bare (Python 3.12, but without its venv module), needed is"
    assert run.returncode == 1 and said in run.stderr and not (tmp_path / "venv").exists()


def test_workflows_run_the_tests_of_make_test():
    printed = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "test"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    make_test = printed.stdout.splitlines()[-1].removeprefix(".venv/bin/")
    for name, command in {"ci": "make test", "weekly": make_test}.items():
        text = (ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8")
        steps = yaml.safe_load(text)["jobs"]["tests"]["steps"]
        assert command in [step.get("run") for step in steps], f"{name}.yml runs other tests"
