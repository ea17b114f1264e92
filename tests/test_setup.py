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

NOTEBOOKS = links.notebooks()
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


def needs(*programs):
    lacking = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(lacking), reason=f"needs {', '.join(lacking)}")


@needs("sh")
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
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHON": candidates},
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


SETTING = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
HOLDERS = ["README.md", "CITATION.cff"]  # of addresses, besides notebooks


def twin_of(path):
    folder = ROOT / "notebooks"
    return folder / "scripts" / path.relative_to(folder).with_suffix(".py")


def check_addresses(root, setting, notebooks=NOTEBOOKS):
    """Every address below root is that of the setting; without one there is none."""
    notebooks = [path.relative_to(ROOT).as_posix() for path in notebooks]
    for name in ["README.md", *notebooks]:
        cells = nbformat.read(root / name, as_version=4).cells if name.endswith(".ipynb") else []
        text = cells[0].source if cells else (root / name).read_text(encoding="utf-8")
        check_badges(text, setting, name if cells else notebooks[0])
        if cells:
            first = next(cell for cell in cells if cell.cell_type == "code")
            assert first.source == links.first_cell(setting), f"{name}: run `make links`"
            assert "hide-input" in first.metadata.tags and first.metadata.jupyter.source_hidden
    readme, citation = ((root / name).read_text(encoding="utf-8") for name in HOLDERS)
    assert readme.count("\npip install ./augcheck") == 1
    pip = re.findall(r"git\+https://github\.com/(\S+)#", readme)
    code = re.findall(r'^repository-code: "https://github\.com/(.*)"$', citation, re.MULTILINE)
    if setting is None:
        assert readme.split("\n\n")[1] == links.NO_BADGES
        assert "make links REPO=owner/name" in readme
        assert (pip, code) == ([], [])
        return
    assert pip == [f"{setting.repository}@{setting.reference}"]
    assert code == [setting.repository]


def check_badges(text, setting, notebook):
    binder = re.findall(r"mybinder\.org/v2/gh/([\w-]+/[\w.-]+)/(\S+?)\?urlpath=lab/tree/([^)]+)\)", text)
    colab = re.findall(r"colab\.research\.google\.com/github/([\w-]+/[\w.-]+)/blob/([^/]+)/([^)]+)\)", text)
    assert binder == colab == ([(*setting, notebook)] if setting else [])
    assert text.count("[![Open in ") == len(binder + colab)


def test_every_address_is_that_of_the_setting():
    check_addresses(ROOT, SETTING)


def copied(folder, notebooks):
    """Copies of the files that hold an address and of what changes them, in a folder: their names."""
    parts = [*HOLDERS, "repository.txt", "jupytext.toml", "tools/links.py", "tools/first_cell.py"]
    for path in notebooks:
        parts += [path.relative_to(ROOT).as_posix(), twin_of(path).relative_to(ROOT).as_posix()]
    for part in parts:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    return parts


def relink(folder, setting, *arguments):
    (folder / "repository.txt").write_text(setting)
    subprocess.run([sys.executable, folder / "tools" / "links.py", *arguments], cwd=folder, check=True)


def test_an_address_comes_and_goes_without_a_trace(tmp_path):
    notebooks = [NOTEBOOKS[0], NOTEBOOKS[-1]]
    parts = copied(tmp_path, notebooks)
    relink(tmp_path, "")
    before = {part: (tmp_path / part).read_bytes() for part in parts}
    check_addresses(tmp_path, None, notebooks)
    relink(tmp_path, "me/fork v0.1\n")
    check_addresses(tmp_path, links.Setting("me/fork", "v0.1"), notebooks)
    relink(tmp_path, "")
    assert {part: (tmp_path / part).read_bytes() for part in parts} == before


@needs("make")
@pytest.mark.parametrize("given", [{}, {"repo": "somebody/else"}, {"reference": "release/1"}], ids=str)
def test_what_make_links_is_not_given_stays_as_it_is(given, tmp_path):
    said = subprocess.run(
        ["make", "-n", "links", *(f"{name.upper()}={value}" for name, value in given.items())],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (arguments,) = re.findall(r"tools/links\.py(.*)", said.stdout)
    copied(tmp_path, NOTEBOOKS[:1])
    relink(tmp_path, "me/fork v0.1\n", *arguments.split())
    expected = {"repo": "me/fork", "reference": "v0.1"} | given
    assert (tmp_path / "repository.txt").read_text() == f"{expected['repo']} {expected['reference']}\n"


class Host:
    """A copy on a code host, as far as the steps of the workflow links need one: a bare repository and a runner."""

    def __init__(self, folder):
        self.folder, self.origin = folder, folder / "origin.git"
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        self.environment = {"HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1", "PATH": path}
        (folder / "bin").mkdir()
        # The runner installs into a Python of its own; here that is the Python of the tests, which has everything.
        python = f'#!/bin/sh\ncase "$*" in "-m pip install "*) exit ;; esac\nexec "{sys.executable}" "$@"\n'
        (folder / "bin" / "python").write_text(python)
        (folder / "bin" / "python").chmod(0o755)

    def git(self, *arguments, **options):
        command = ["git", "-c", "user.name=me", "-c", "user.email=me@example.org", *map(str, arguments)]
        run = subprocess.run(command, env=self.environment, check=True, capture_output=True, text=True, **options)
        return run.stdout.strip()

    def push_copy(self, branch, notebooks):
        work = self.folder / "work"
        copied(work, notebooks)
        self.git("init", "--quiet", f"--initial-branch={branch}", work)
        self.git("add", ".", cwd=work)
        self.git("commit", "--quiet", "--message=A copy", cwd=work)
        self.git("clone", "--quiet", "--bare", work, self.origin)

    def run_workflow(self, repository, branch):
        """Run its steps in a fresh clone, as actions/checkout makes one: the tip of the branch afterwards."""
        text = (ROOT / ".github" / "workflows" / "links.yml").read_text(encoding="utf-8")
        runner = self.folder / "runner"
        shutil.rmtree(runner, ignore_errors=True)
        self.git("clone", "--quiet", "--depth=1", f"--branch={branch}", self.origin.as_uri(), runner)
        given = {"GITHUB_REPOSITORY": repository, "GITHUB_REF_NAME": branch}
        for step in yaml.safe_load(text)["jobs"]["links"]["steps"]:
            if "run" in step:
                subprocess.run(["bash", "-e", "-c", step["run"]], cwd=runner, env=self.environment | given, check=True)
        return self.git("rev-parse", branch, cwd=self.origin)

    def clone(self, branch):
        folder = self.folder / "clone"
        shutil.rmtree(folder, ignore_errors=True)
        self.git("clone", "--quiet", f"--branch={branch}", self.origin, folder)
        return folder


@needs("git", "bash")
def test_the_first_push_of_a_copy_writes_its_own_address_and_no_later_one_does(tmp_path):
    host = Host(tmp_path)
    host.push_copy("spring-term", NOTEBOOKS)
    changed = host.run_workflow("a-school/our.course", "spring-term")
    clone = host.clone("spring-term")
    assert host.git("log", "-2", "--format=%an", cwd=clone).splitlines() == ["github-actions[bot]", "me"]
    check_addresses(clone, links.Setting("a-school/our.course", "spring-term"))
    for path in NOTEBOOKS:
        notebook, twin = (jupytext.read(clone / file.relative_to(ROOT)) for file in (path, twin_of(path)))
        assert [cell.source.strip() for cell in notebook.cells] == [cell.source.strip() for cell in twin.cells]
        old = nbformat.read(path, as_version=4).cells
        new = nbformat.read(clone / path.relative_to(ROOT), as_version=4).cells
        assert [cell.get("outputs") for cell in new] == [cell.get("outputs") for cell in old]
    assert host.run_workflow("a-school/our.course", "spring-term") == changed


@needs("git", "bash")
def test_the_tag_of_its_owner_is_kept_and_a_copy_of_a_copy_or_a_renamed_branch_gets_its_own_address(tmp_path):
    host, notebooks = Host(tmp_path), NOTEBOOKS[:1]
    host.push_copy("main", notebooks)
    work = tmp_path / "work"
    relink(work, "a-school/course v1\n")
    host.git("commit", "--all", "--quiet", "--message=Readers get v1", cwd=work)
    host.git("tag", "v1", cwd=work)
    host.git("push", "--quiet", host.origin, "main", "v1", cwd=work)
    chosen = host.git("rev-parse", "main", cwd=work)
    assert host.run_workflow("a-school/course", "main") == chosen
    assert host.run_workflow("another/name", "main") != chosen
    check_addresses(host.clone("main"), links.Setting("another/name", "main"), notebooks)
    host.git("branch", "--move", "main", "autumn", cwd=host.origin)
    host.run_workflow("another/name", "autumn")
    check_addresses(host.clone("autumn"), links.Setting("another/name", "autumn"), notebooks)


def test_citation_and_changelog_name_the_version_and_its_date():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    init = (ROOT / "helpers" / "__init__.py").read_text(encoding="utf-8")
    version = re.search(r'__version__ = "(.+)"', init)[1]
    date = re.search(r"^date-released: (\d{4}-\d\d-\d\d)$", citation, re.MULTILINE)[1]
    assert f"\nversion: {version}\n" in citation
    assert f"\n## {version} ({date})\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


KNOWN = links.Setting("somebody/series", "v1")


@pytest.fixture
def run_first_cell(tmp_path):
    """Run the first cell in a folder; what fetching fetches is a copy of some of our files, in origin."""
    for name, text in STAND_INS.items():
        (tmp_path / "modules" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "modules" / name).write_text(text, encoding="utf-8")
    repository, reference = KNOWN

    def run(folder, fetch, setting=KNOWN):
        environment = {"PYTHONPATH": str(tmp_path / "modules"), "PATH": os.environ["PATH"] if fetch else ""}
        if fetch:
            environment |= {
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.{publish(tmp_path / 'origin', reference).as_uri()}.insteadOf",
                "GIT_CONFIG_VALUE_0": f"https://github.com/{repository}",
            }
        asked = "import importlib.util; assert importlib.util.find_spec('exercises'); print(*sys.path[:3], sep='\\n')"
        told = subprocess.run(
            [sys.executable, "-c", f"{links.first_cell(setting)}\n{asked}"],
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


@pytest.mark.parametrize("setting", [KNOWN, None], ids=["address", "no address"])
@pytest.mark.parametrize("folder", [".", "notebooks", "notebooks/solutions"])
def test_first_cell_finds_the_series_from_its_folders_and_fetches_nothing(folder, setting, run_first_cell):
    assert run_first_cell(ROOT / folder, fetch=False, setting=setting) == paths(ROOT)


def test_first_cell_alone_and_without_an_address_says_what_is_missing(tmp_path):
    command = [sys.executable, "-c", links.first_cell(None)]
    run = subprocess.run(command, cwd=tmp_path, env={"PATH": ""}, capture_output=True, text=True)
    assert run.returncode == 1
    assert re.fullmatch(r"FileNotFoundError: The rest of the series is not here, .+\.", run.stderr.splitlines()[-1])
    assert not list(tmp_path.iterdir())


@needs("git")
def test_first_cell_fetches_the_series_where_it_is_not_and_once(tmp_path, run_first_cell):
    content = tmp_path / "content"
    content.mkdir()
    assert run_first_cell(content, fetch=True) == paths(content / "static-versus-live")
    assert run_first_cell(content, fetch=False) == paths(content / "static-versus-live")


@needs("git")
@pytest.mark.parametrize("likeness", ["helpers/arms.py", "repository.txt"])
def test_first_cell_does_not_take_another_project_for_the_series(likeness, tmp_path, run_first_cell):
    folder = tmp_path / "foreign" / "notebooks"
    for name in ("helpers/augment.py", "helpers/__init__.py", "notebooks/mine.py", likeness):
        (tmp_path / "foreign" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "foreign" / name).write_text("raise SystemExit('a stranger')\n", encoding="utf-8")
    assert run_first_cell(folder, fetch=True) == paths(folder / "static-versus-live")


@needs("git")
def test_first_cell_does_not_climb_beyond_the_grandparent(tmp_path, run_first_cell):
    series = publish(tmp_path / "far", "other")
    folder = series / "a" / "b" / "c"
    folder.mkdir(parents=True)
    assert run_first_cell(folder, fetch=True) == paths(folder / "static-versus-live")


@pytest.mark.parametrize(
    ("arguments", "found"),
    [(["--repo", "https://example.org/x"], "https://example.org/x main"), (["--reference", "v1"], "v1")],
    ids=["address", "reference alone"],
)
def test_what_names_no_repository_is_refused_in_one_sentence(arguments, found, tmp_path):
    copied(tmp_path, [])
    (tmp_path / "repository.txt").write_text("")
    command = [sys.executable, tmp_path / "tools" / "links.py", *arguments]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == (
        f"repository.txt, REPO and REFERENCE: found '{found}'; expected owner/name and a branch or tag.\n"
    )
