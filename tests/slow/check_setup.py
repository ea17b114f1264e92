"""The set-up without a usable Python, and the first push of a copy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from test_setup import NOTEBOOKS, check_addresses, copied, links

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = {
    "shim": 'echo "shim: command not found" >&2; exit 127',
    "old": 'case "$*" in *version*) echo 3.10;; esac',
    "bare": 'case "$*" in *version*) echo 3.12;; *venv*) exit 1;; esac',
}


def test_without_a_usable_python_the_setup_says_what_it_found(tmp_path):
    for name, body in PYTHONS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHON": "shim old bare"}
    command = ["sh", "tools/setup.sh", str(tmp_path / "venv")]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    said = "found old (Python 3.10), bare (Python 3.12, but without its venv module), needed is"
    assert run.returncode == 1 and said in run.stderr and not (tmp_path / "venv").exists()


def test_the_first_push_of_a_copy_writes_its_own_address_and_no_later_one_does(tmp_path):
    """The jobs of the workflow links, on a bare repository for the code host and a fresh clone for each; its owner
    accepts what they propose."""
    (tmp_path / "bin").mkdir()
    # The runner installs into a Python of its own; here that is the Python of the tests, which has everything.
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in "-m pip install "*) exit ;; esac\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    hub = tmp_path / "bin" / "gh"
    hub.write_text("#!/bin/sh\n")
    hub.chmod(0o755)
    given = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    given["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"

    def git(*arguments, cwd=tmp_path):
        command = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org", *arguments]
        return subprocess.run(command, env=given, check=True, capture_output=True, text=True, cwd=cwd).stdout.strip()

    def pushed(repository):
        text = (ROOT / ".github" / "workflows" / "links.yml").read_text(encoding="utf-8")
        environment = given | {"GITHUB_REPOSITORY": repository, "GITHUB_REF_NAME": "spring-term"}
        environment["GITHUB_OUTPUT"] = str(tmp_path / "output")
        for job in yaml.safe_load(text)["jobs"].values():
            patch = tmp_path / "runner" / "links.patch"
            content = patch.read_bytes() if patch.exists() else None
            if "needs" in job and content is None:
                continue
            shutil.rmtree(tmp_path / "runner", ignore_errors=True)
            git("clone", "--quiet", "--depth=1", (tmp_path / "origin").as_uri(), "runner")
            if "needs" in job:
                patch.write_bytes(content)
            for step in job["steps"]:
                if "run" in step:
                    command = ["bash", "-e", "-c", step["run"]]
                    subprocess.run(command, cwd=tmp_path / "runner", env=environment, check=True)
            if "needs" in job:
                git("update-ref", "refs/heads/spring-term", "refs/heads/links", cwd=tmp_path / "origin")
        return git("rev-parse", "spring-term", cwd=tmp_path / "origin")

    copied(tmp_path / "work", NOTEBOOKS)
    git("init", "--quiet", "--initial-branch=spring-term", "work")
    git("add", ".", cwd=tmp_path / "work")
    git("commit", "--quiet", "--message=A copy", cwd=tmp_path / "work")
    git("clone", "--quiet", "--bare", "work", "origin")
    changed = pushed("a-school/our.course")
    check_addresses(tmp_path / "runner", links.Setting("a-school/our.course", "spring-term"), NOTEBOOKS)
    assert pushed("a-school/our.course") == changed
    assert pushed("another/name") != changed
