"""What stands around the notebooks: the set-up, the launch badges, Binder's list of packages."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import links  # noqa: E402

KNOWN = links.Setting("somebody/series", "v1")
HOLDERS = ["README.md", "CITATION.cff", "repository.txt", "jupytext.toml", "tools/links.py", "tools/first_cell.py"]
# In place of TensorFlow, to be quick, and of Colab's own module.
STAND_INS = {"google/colab/__init__.py": "", "tensorflow.py": """
class config:
    set_visible_devices = lambda devices, kind: None
function = lambda body, jit_compile: body
zeros = lambda shape: None
"""}  # fmt: skip
PYTHONS = {
    "shim": 'echo "shim: command not found" >&2; exit 127',
    "old": 'case "$*" in *version*) echo 3.10;; esac',
    "bare": 'case "$*" in *version*) echo 3.12;; *venv*) exit 1;; esac',
}
needs_git = pytest.mark.skipif(not (shutil.which("git") and shutil.which("bash")), reason="needs git and bash")


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a shell")
@pytest.mark.parametrize(
    ("candidates", "found"),
    [
        ("shim", "found none, needed is Python 3.11, 3.12 or 3.13 with its venv module"),
        ("old bare", "found old (Python 3.10), bare (Python 3.12, but without its venv module), needed is"),
    ],
)
def test_without_a_usable_python_the_setup_says_what_it_found(tmp_path, candidates, found):
    for name, body in PYTHONS.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    command = ["sh", "tools/setup.sh", str(tmp_path / "venv")]
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHON": candidates}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 1 and found in run.stderr and not (tmp_path / "venv").exists()


def packages(name):
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_binder_asks_for_the_same_and_every_package_is_pinned_once_for_every_python(python):
    asked = [re.sub("^tensorflow>", "tensorflow-cpu>", line) for line in packages("requirements.txt")]
    assert packages(".binder/requirements.txt") == ["-c ../constraints.txt", *asked]
    there = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
             "platform_machine": "x86_64", "platform_system": "Linux"}  # fmt: skip
    lines = [Requirement(line) for line in packages("constraints.txt")]
    pins = {pin.name.lower(): pin for pin in lines if pin.marker is None or pin.marker.evaluate(there)}
    assert len(pins) == sum(pin.marker is None or pin.marker.evaluate(there) for pin in lines)
    assert {Requirement(line).name.lower() for line in asked + packages("requirements.txt")} <= set(pins)
    assert pins["tensorflow"].specifier == pins["tensorflow-cpu"].specifier


def check_addresses(root, setting, notebooks):
    """Every address below root is that of the setting; without one there is none."""
    names = [path.relative_to(ROOT).as_posix() for path in notebooks]
    cells = {name: nbformat.read(root / name, as_version=4).cells for name in names}
    readme, citation = ((root / name).read_text(encoding="utf-8") for name in HOLDERS[:2])
    for name, text in [(names[0], readme), *((name, cells[name][0].source) for name in names)]:
        found = re.findall(r"mybinder\.org/v2/gh/([\w-]+/[\w.-]+)/(\S+?)\?urlpath=lab/tree/([^)]+)\)", text)
        found += re.findall(r"colab\.research\.google\.com/github/([\w-]+/[\w.-]+)/blob/([^/]+)/([^)]+)\)", text)
        assert found == [(*setting, name)] * 2 if setting else "[![Open in " not in text
    for name in names:
        first = next(cell for cell in cells[name] if cell.cell_type == "code")
        assert first.source == links.start_cell(links.ROOT / name, setting), f"{name}: run `make links`"
    pip = re.findall(r"git\+https://github\.com/(\S+)#", readme)
    code = re.findall(r'^repository-code: "https://github\.com/(.*)"$', citation, re.MULTILINE)
    assert pip == ([f"{setting.repository}@{setting.reference}"] if setting else [])
    assert code == ([setting.repository] if setting else [])


def test_every_address_is_that_of_the_setting():
    setting = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
    check_addresses(ROOT, setting, links.notebooks())


def copied(folder, notebooks):
    """Copies of the files that hold an address and of what changes them, in a folder: their names."""
    twins = [ROOT / "notebooks/scripts" / path.relative_to(ROOT / "notebooks").with_suffix(".py") for path in notebooks]
    parts = HOLDERS + [path.relative_to(ROOT).as_posix() for path in [*notebooks, *twins]]
    for part in parts:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    return parts


def relink(folder, setting, *arguments):
    (folder / "repository.txt").write_text(setting)
    command = [sys.executable, folder / "tools" / "links.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_an_address_comes_and_goes_without_a_trace_and_what_is_not_given_stays(tmp_path):
    notebooks = [links.notebooks()[0], links.notebooks()[-1]]
    parts = copied(tmp_path, notebooks)
    relink(tmp_path, "")
    before = {part: (tmp_path / part).read_bytes() for part in parts}
    for arguments, expected in [("--repo a/b", "a/b v0.1"), ("--reference c/1", "me/fork c/1")]:
        relink(tmp_path, "me/fork v0.1\n", *arguments.split())
        assert (tmp_path / "repository.txt").read_text() == f"{expected}\n"
    relink(tmp_path, "me/fork v0.1\n")
    check_addresses(tmp_path, links.Setting("me/fork", "v0.1"), notebooks)
    for path in notebooks:
        pair = [jupytext.read(tmp_path / part) for part in parts if Path(part).stem == path.stem]
        assert len({str([cell.source.strip() for cell in one.cells]) for one in pair}) == 1
    relink(tmp_path, "")
    assert {part: (tmp_path / part).read_bytes() for part in parts} == before
    run = relink(tmp_path, "", "--repo", "https://example.org/x")
    assert run.returncode == 1 and "found 'https://example.org/x main'; expected owner/name and a branch" in run.stderr


@needs_git
def test_the_first_push_of_a_copy_writes_its_own_address_and_no_later_one_does(tmp_path):
    """The steps of the workflow links, on a bare repository for the code host and a fresh clone for each run."""
    (tmp_path / "bin").mkdir()
    # The runner installs into a Python of its own; here that is the Python of the tests, which has everything.
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in "-m pip install "*) exit ;; esac\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    given = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    given["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"

    def git(*arguments, cwd=tmp_path):
        command = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org", *arguments]
        return subprocess.run(command, env=given, check=True, capture_output=True, text=True, cwd=cwd).stdout.strip()

    def pushed(repository):
        shutil.rmtree(tmp_path / "runner", ignore_errors=True)
        git("clone", "--quiet", "--depth=1", (tmp_path / "origin").as_uri(), "runner")
        text = (ROOT / ".github" / "workflows" / "links.yml").read_text(encoding="utf-8")
        environment = given | {"GITHUB_REPOSITORY": repository, "GITHUB_REF_NAME": "spring-term"}
        for step in yaml.safe_load(text)["jobs"]["links"]["steps"]:
            if "run" in step:
                command = ["bash", "-e", "-c", step["run"]]
                subprocess.run(command, cwd=tmp_path / "runner", env=environment, check=True)
        return git("rev-parse", "spring-term", cwd=tmp_path / "origin")

    copied(tmp_path / "work", links.notebooks())
    git("init", "--quiet", "--initial-branch=spring-term", "work")
    git("add", ".", cwd=tmp_path / "work")
    git("commit", "--quiet", "--message=A copy", cwd=tmp_path / "work")
    git("clone", "--quiet", "--bare", "work", "origin")
    changed = pushed("a-school/our.course")
    check_addresses(tmp_path / "runner", links.Setting("a-school/our.course", "spring-term"), links.notebooks())
    assert pushed("a-school/our.course") == changed
    assert pushed("another/name") != changed


def publish(folder):
    """A repository at the tag of KNOWN: the series, as far as the first cell needs it."""
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "repository.txt", folder)
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "exercises.py").touch()
    git = ["git", "-C", folder, "-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["tag", KNOWN.reference]):
        subprocess.run([*git, *command], check=True)
    return folder


def run_first_cell(tmp_path, folder, fetch, setting=KNOWN):
    """Where the first cell finds the series; what fetching fetches is a copy of some of our files."""
    for name, text in STAND_INS.items():
        (tmp_path / "modules" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "modules" / name).write_text(text, encoding="utf-8")
    environment = {"PYTHONPATH": str(tmp_path / "modules"), "PATH": os.environ["PATH"] if fetch else ""}
    if fetch:
        environment |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{publish(tmp_path / 'origin').as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": f"https://github.com/{KNOWN.repository}",
        }
    asked = "import importlib.util; assert importlib.util.find_spec('exercises'); print(sys.path[0])"
    command = [sys.executable, "-c", f"{links.first_cell(setting)}\n{asked}"]
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert not told.returncode or setting is None, told.stderr
    return Path(told.stdout.strip()) if told.stdout else told.stderr


@pytest.mark.parametrize("setting", [KNOWN, None], ids=["address", "no address"])
def test_first_cell_finds_the_series_from_its_folders_and_says_where_it_can_not(tmp_path, setting):
    for folder in (".", "notebooks", "notebooks/solutions"):
        assert run_first_cell(tmp_path, ROOT / folder, fetch=False, setting=setting) == ROOT
    if setting is None:
        said = run_first_cell(tmp_path, tmp_path, fetch=False, setting=None)
        assert "FileNotFoundError: The rest of the series is not here" in said


@needs_git
@pytest.mark.parametrize("likeness", ["helpers/arms.py", "repository.txt"])
def test_first_cell_fetches_the_series_once_and_takes_no_other_project_for_it(likeness, tmp_path):
    folder = tmp_path / "foreign" / "notebooks"
    for name in ("helpers/__init__.py", "notebooks/mine.py", likeness):
        (tmp_path / "foreign" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "foreign" / name).write_text("raise SystemExit('a stranger')\n", encoding="utf-8")
    assert run_first_cell(tmp_path, folder, fetch=True) == folder / "static-versus-live"
    assert run_first_cell(tmp_path, folder, fetch=False) == folder / "static-versus-live"
