"""What stands around the notebooks: the set-up, the launch badges, Binder's list of packages."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = [
    path
    for part in ("*.ipynb", "going_deeper/*.ipynb", "solutions/*.ipynb")
    for path in sorted((ROOT / "notebooks").glob(part))
]
STAND_INS = {  # for TensorFlow, to be quick, and for Colab's own module
    "tensorflow.py": """
class config:
    set_visible_devices = lambda devices, kind: None
function = lambda body, jit_compile: body
zeros = lambda shape: None
""",
    "google/colab/__init__.py": "",
}
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
    assert packages(".binder/requirements.txt") == ["-c ../constraints.txt", *expected]
    assert re.fullmatch(r"python-3\.1[123]\n", (ROOT / ".binder" / "runtime.txt").read_text())


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_package_asked_for_is_pinned_once_for_every_python(python):
    there = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux",
             "platform_machine": "x86_64", "platform_system": "Linux"}  # fmt: skip
    lines = [Requirement(line) for line in packages("constraints.txt")]
    pins = [pin for pin in lines if pin.marker is None or pin.marker.evaluate(there)]
    names = [pin.name.lower() for pin in pins]
    assert len(names) == len(set(names))
    asked = packages("requirements.txt") + packages(".binder/requirements.txt")[1:]
    assert {Requirement(line).name.lower() for line in asked} <= set(names)
    versions = {pin.name: str(pin.specifier) for pin in pins}
    assert versions["tensorflow"] == versions["tensorflow-cpu"]


def setting():
    repository, reference = (ROOT / "repository.txt").read_text(encoding="utf-8").split()
    return repository, reference


def repository():
    return setting()[0]


@pytest.mark.parametrize("path", [ROOT / "README.md", *NOTEBOOKS], ids=lambda path: path.stem)
def test_badges_agree_with_the_setting_and_lead_to_files(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = nbformat.reads(text, as_version=4).cells[0].source
    binder = re.search(r"mybinder\.org/v2/gh/(\w+/[\w.-]+)/(\S+?)\?urlpath=lab/tree/([^)]+)\)", text)
    colab = re.search(r"colab\.research\.google\.com/github/(\w+/[\w.-]+)/blob/([^/]+)/([^)]+)\)", text)
    expected = "notebooks/00_start_here.ipynb" if path.suffix == ".md" else path.relative_to(ROOT).as_posix()
    for link in (binder, colab):
        assert link.groups() == (*setting(), expected)
        assert (ROOT / expected).exists()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_first_code_cell_is_the_template_with_the_setting_and_hidden(path):
    repository, reference = setting()
    template = (ROOT / "tools" / "first_cell.py").read_text(encoding="utf-8").strip()
    expected = template.replace("OWNER/NAME", repository).replace("REFERENCE", reference)
    first = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert first.source == expected, "run `make links`"
    assert "hide-input" in first.metadata.tags and first.metadata.jupyter.source_hidden


def check_hub_link(root, repository):
    text = (root / "docs" / "for-lecturers.md").read_text(encoding="utf-8")
    (link,) = re.findall(r"https://\S+/hub/user-redirect/git-pull\S+", text)
    asked = {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}
    folder, path = asked["urlpath"].removeprefix("lab/tree/").split("/", 1)
    assert asked["repo"] == f"https://github.com/{repository}"
    assert asked["branch"] == "main"
    assert folder == repository.split("/")[1]  # nbgitpuller names the folder after the repository
    assert (root / path).is_file()


def check_pip_line(root, repository, reference):
    (address,) = re.findall(r"git\+https://github\.com/(\S+)#", (root / "README.md").read_text(encoding="utf-8"))
    assert address == f"{repository}@{reference}"


def test_the_hub_link_and_the_pip_line_agree_with_the_setting():
    check_hub_link(ROOT, repository())
    check_pip_line(ROOT, *setting())


def relinked(folder, notebooks, *arguments):
    """Copies of the files that hold an address, after links.py with these arguments: their paths.

    The setting before is me/fork at v0.1.
    """
    parts = ["README.md", "CITATION.cff", "repository.txt", "docs/for-lecturers.md"]
    parts += ["tools/links.py", "tools/first_cell.py"]
    parts += [path.relative_to(ROOT).as_posix() for path in notebooks]
    for part in parts:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    (folder / "repository.txt").write_text("me/fork v0.1\n")
    subprocess.run([sys.executable, folder / "tools" / "links.py", *arguments], check=True)
    return parts


def test_one_setting_changes_every_address(tmp_path):
    for part in relinked(tmp_path, NOTEBOOKS, "--repo", "somebody/else", "--reference", "v9.9"):
        text = (tmp_path / part).read_text(encoding="utf-8")
        assert f"github.com/{repository()}" not in text, part
        if not part.startswith("tools/"):
            assert "somebody/else" in text or "somebody%2Felse" in text, part
        if part.endswith((".ipynb", "README.md")):
            assert "else/v9.9?" in text and "else/blob/v9.9/" in text, part
        if part.endswith(".ipynb"):
            assert "--branch=v9.9" in text, part
    assert (tmp_path / "repository.txt").read_text() == "somebody/else v9.9\n"
    check_hub_link(tmp_path, "somebody/else")
    check_pip_line(tmp_path, "somebody/else", "v9.9")


@pytest.mark.parametrize("given", [{}, {"repo": "somebody/else"}, {"reference": "release/1"}], ids=str)
def test_what_make_links_is_not_given_stays_as_it_is(given, tmp_path):
    said = subprocess.run(
        ["make", "-n", "links", *(f"{name.upper()}={value}" for name, value in given.items())],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (arguments,) = re.findall(r"tools/links\.py(.*)", said.stdout)
    relinked(tmp_path, NOTEBOOKS[:1], *arguments.split())
    expected = {"repo": "me/fork", "reference": "v0.1"} | given
    assert (tmp_path / "repository.txt").read_text() == f"{expected['repo']} {expected['reference']}\n"


def test_citation_names_the_repository_and_the_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    init = (ROOT / "helpers" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', init)[1]
    assert f"\nversion: {version}\n" in text
    assert f'\nrepository-code: "https://github.com/{repository()}"\n' in text


@pytest.fixture
def run_first_cell(tmp_path):
    """Run the first cell in a folder; what fetching fetches is a copy of some of our files, in origin."""
    for name, text in STAND_INS.items():
        (tmp_path / "modules" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "modules" / name).write_text(text, encoding="utf-8")
    repository, reference = setting()
    cells = nbformat.read(NOTEBOOKS[0], as_version=4).cells
    first = next(cell.source for cell in cells if cell.cell_type == "code")

    def run(folder, fetch):
        environment = {"PYTHONPATH": str(tmp_path / "modules"), "PATH": os.environ["PATH"] if fetch else ""}
        if fetch:
            environment |= {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.{publish(tmp_path / 'origin', reference).as_uri()}.insteadOf",
                "GIT_CONFIG_VALUE_0": f"https://github.com/{repository}",
            }
        asked = "import importlib.util; assert importlib.util.find_spec('exercises'); print(*sys.path[:3], sep='\\n')"
        told = subprocess.run(
            [sys.executable, "-c", f"{first}\n{asked}"],
            cwd=folder, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert (told.returncode, told.stderr) == (0, "")
        return [Path(line) for line in told.stdout.splitlines()]

    return run


def publish(folder, reference):
    """A repository at a tag: the series, as far as the first cell needs it."""
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "repository.txt", folder)
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "exercises.py").touch()
    git = ["git", "-C", folder, "-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "x"], ["tag", reference]):
        subprocess.run([*git, *command], check=True)
    return folder


def paths(root):
    return [root, root / "notebooks", root / "augcheck" / "src"]


@pytest.mark.parametrize("folder", [".", "notebooks", "notebooks/solutions"])
def test_first_cell_finds_the_series_from_its_folders_and_fetches_nothing(folder, run_first_cell):
    assert run_first_cell(ROOT / folder, fetch=False) == paths(ROOT)


def test_first_cell_fetches_the_series_where_it_is_not_and_once(tmp_path, run_first_cell):
    content = tmp_path / "content"
    content.mkdir()
    assert run_first_cell(content, fetch=True) == paths(content / "static-versus-live")
    assert run_first_cell(content, fetch=False) == paths(content / "static-versus-live")


@pytest.mark.parametrize("likeness", ["helpers/arms.py", "repository.txt"])
def test_first_cell_does_not_take_another_project_for_the_series(likeness, tmp_path, run_first_cell):
    folder = tmp_path / "foreign" / "notebooks"
    for name in ("helpers/augment.py", "helpers/__init__.py", "notebooks/mine.py", likeness):
        (tmp_path / "foreign" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "foreign" / name).write_text("raise SystemExit('a stranger')\n", encoding="utf-8")
    assert run_first_cell(folder, fetch=True) == paths(folder / "static-versus-live")


def test_first_cell_does_not_climb_beyond_the_grandparent(tmp_path, run_first_cell):
    series = publish(tmp_path / "far", "other")
    folder = series / "a" / "b" / "c"
    folder.mkdir(parents=True)
    assert run_first_cell(folder, fetch=True) == paths(folder / "static-versus-live")


def test_a_repository_that_is_none_is_refused_in_one_sentence():
    run = subprocess.run(
        [sys.executable, "tools/links.py", "--repo", "https://example.org/x"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stderr == (
        "repository.txt, REPO and REFERENCE: found 'https://example.org/x main'; "
        "expected owner/name and a branch or tag.\n"
    )
