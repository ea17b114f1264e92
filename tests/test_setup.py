"""What stands around the notebooks: the set-up, the launch badges, Binder's list of packages."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb")) + sorted(ROOT.glob("notebooks/solutions/*.ipynb"))
PYTHONS = {
    "shim": 'echo "shim: command not found" >&2; exit 127',
    "old": 'case "$*" in *version*) echo 3.10;; esac',
    "bare": 'case "$*" in *version*) echo 3.12;; *venv*) exit 1;; esac',
}


@pytest.mark.parametrize(
    ("candidates", "found"),
    [
        ("shim", "found none, needed is Python 3.11, 3.12 or 3.13 with its venv module"),
        ("absent old", "found old (Python 3.10), needed is"),
        ("old bare", "found old (Python 3.10), bare (Python 3.12, but without its venv module), needed is"),
    ],
)
def test_without_a_usable_python_the_setup_says_what_it_found(tmp_path, candidates, found):
    for name, body in PYTHONS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    run = subprocess.run(
        ["sh", "tools/setup.sh", str(tmp_path / "venv")],
        cwd=ROOT,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHON": candidates},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert len(run.stderr.splitlines()) == 1
    assert found in run.stderr
    assert not (tmp_path / "venv").exists()


def packages(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def test_binder_installs_what_the_requirements_say():
    expected = [re.sub("^tensorflow>", "tensorflow-cpu>", line) for line in packages("requirements.txt")]
    assert packages(".binder/requirements.txt") == expected
    assert re.fullmatch(r"python-3\.1[123]\n", (ROOT / ".binder" / "runtime.txt").read_text())


def repository():
    return (ROOT / "repository.txt").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("path", [ROOT / "README.md", *NOTEBOOKS], ids=lambda path: path.stem)
def test_badges_agree_with_the_setting_and_lead_to_files(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = nbformat.reads(text, as_version=4).cells[0].source
    binder = re.search(r"mybinder\.org/v2/gh/(\S+?)/HEAD\?urlpath=lab/tree/([^)]+)\)", text)
    colab = re.search(r"colab\.research\.google\.com/github/(\S+?)/blob/main/([^)]+)\)", text)
    expected = "notebooks/00_start_here.ipynb" if path.suffix == ".md" else path.relative_to(ROOT).as_posix()
    for link in (binder, colab):
        assert link[1] == repository()
        assert link[2] == expected
        assert (ROOT / link[2]).exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_colab_clones_the_repository_of_the_setting(path):
    cells = nbformat.read(path, as_version=4).cells
    first = next(cell.source for cell in cells if cell.cell_type == "code")
    assert f'"https://github.com/{repository()}"' in first


def test_the_link_for_a_jupyterhub_agrees_with_the_setting_and_leads_to_a_file():
    text = (ROOT / "docs" / "for-lecturers.md").read_text(encoding="utf-8")
    (link,) = re.findall(r"https://\S+/hub/user-redirect/git-pull\S+", text)
    asked = {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}
    folder, path = asked["urlpath"].removeprefix("lab/tree/").split("/", 1)
    assert asked["repo"] == f"https://github.com/{repository()}"
    assert asked["branch"] == "main"
    assert folder == repository().split("/")[1]  # nbgitpuller names the folder after the repository
    assert (ROOT / path).is_file()


def test_one_setting_changes_every_address(tmp_path):
    parts = ["README.md", "CITATION.cff", "repository.txt", "docs/for-lecturers.md", "tools/links.py"]
    parts += [path.relative_to(ROOT).as_posix() for path in NOTEBOOKS]
    for part in parts:
        (tmp_path / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    subprocess.run([sys.executable, tmp_path / "tools" / "links.py", "somebody/else"], check=True)
    for part in set(parts) - {"tools/links.py"}:
        text = (tmp_path / part).read_text(encoding="utf-8")
        assert "somebody/else" in text or "somebody%2Felse" in text, part
        assert f"github.com/{repository()}" not in text, part


def test_citation_names_the_repository_and_the_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    init = (ROOT / "helpers" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', init)[1]
    assert f"\nversion: {version}\n" in text
    assert f'\nrepository-code: "https://github.com/{repository()}"\n' in text


@pytest.mark.parametrize("folder", ["notebooks", "notebooks/scripts"])  # the depth of notebooks/solutions
def test_first_cell_finds_the_helpers_from_the_folders_of_notebooks(folder, monkeypatch):
    cells = nbformat.read(NOTEBOOKS[0], as_version=4).cells
    first = next(cell.source for cell in cells if cell.cell_type == "code")
    monkeypatch.chdir(ROOT / folder)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(subprocess, "run", None)  # nothing may be fetched
    exec(compile(first, "first cell", "exec"), {})
    assert sys.path == [str(ROOT)]


def test_a_repository_that_is_none_is_refused_in_one_sentence():
    run = subprocess.run(
        [sys.executable, "tools/links.py", "https://example.org/x"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr == (
        "REPO is 'https://example.org/x'; expected owner/name, as in the address of the repository.\n"
    )
