"""What stands around the notebooks: TensorFlow's quiet start, addresses and first cells, Binder's list of packages."""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import links
import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
HOLDERS = [
    "README.md",
    "CITATION.cff",
    "docs/explorer.md",
    "repository.txt",
    "jupytext.toml",
    "tools/links.py",
]
# In place of TensorFlow: notes what is asked of it and writes to file descriptor 2, as the real one does.
STAND_IN = """
import os
os.write(2, b"start-up message\\n")
asked = []
class config:
    set_visible_devices = lambda devices, kind: asked.append((devices, kind))
def function(body, jit_compile, autograph):
    asked.append("first use")
    os.write(2, b"message of XLA\\n")
    return body
zeros = lambda shape: None
"""


def packages(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line]


def test_binder_asks_for_the_same_and_every_package_is_pinned_for_every_python():
    asked = packages("requirements.txt")
    on_binder = [re.sub("^tensorflow>", "tensorflow-cpu>", line) for line in asked]
    assert packages(".binder/requirements.txt") == ["-c ../constraints.txt", *on_binder]
    others = packages("tests/requirements.txt")
    pins = [Requirement(line) for line in packages("constraints.txt")]
    for python in ("3.11", "3.12", "3.13"):
        there = {
            "python_version": python,
            "python_full_version": f"{python}.0",
            "sys_platform": "linux",
        }
        valid = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(there)]
        named = [pin.name.lower() for pin in valid]
        assert {Requirement(line).name.lower() for line in asked + on_binder + others} <= set(named)
        assert len(named) == len(set(named))


@pytest.mark.parametrize("versions", ["colab", "oldest"])
def test_both_packages_of_tensorflow_are_held_to_the_same_versions(versions):
    # pip takes the newest of a name that no line holds.
    pins = [Requirement(line) for line in packages(f"tests/constraints-{versions}.txt")]
    held = {pin.name: pin.specifier for pin in pins}
    assert held["tensorflow"] == held["tensorflow-cpu"]


# In place of a Python: makes a folder's bin/python that notes what pip is asked to install.
PYTHON = """
case "$*" in
    *version_info*) echo 3.12 ;;
    *_base_executable*) echo "$0" ;;
    *"-m venv"*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *"-m pip"*) grep ^tensorflow "$6" > "$(dirname "$0")/../asked"; shift 6; echo "$@" >> "$(dirname "$0")/../asked" ;;
esac
"""


def programs(folder, bodies):
    """An environment in which these programs, of the shell, come first."""
    folder.mkdir(exist_ok=True)
    for name, body in bodies.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return os.environ | {"PATH": os.pathsep.join([str(folder), os.environ["PATH"]])}


def set_up(folder, machine):
    """What is asked of pip for a folder's environment on a machine, as `uname -s` and `-m` name it."""
    system, processor = machine.split()
    uname = f"case $1 in -s) echo {system} ;; -m) echo {processor} ;; esac"
    place = folder.parent / "programs"
    environment = programs(place, {"uname": uname, "python": PYTHON})
    environment |= {"PYTHON": str(place / "python")}
    command = ["sh", "tools/setup.sh", str(folder), "-c", "constraints.txt"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert (folder / "ready").exists()
    return (folder / "asked").read_text(encoding="utf-8").splitlines()


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize(
    ("machine", "package"),
    [
        ("Linux x86_64", "tensorflow-cpu"),
        ("Linux aarch64", "tensorflow"),
        ("Darwin x86_64", "tensorflow"),
    ],
)
def test_the_smaller_tensorflow_is_taken_where_there_is_one(tmp_path, machine, package):
    asked, options = set_up(tmp_path / "venv", machine)
    assert Requirement(asked.partition("#")[0]).name == package
    assert options == "-c constraints.txt"


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
@pytest.mark.parametrize(("lies_there", "kept"), [("tensorflow_cpu", True), ("tensorflow", False)])
@pytest.mark.parametrize("linked", [False, True])
def test_nothing_is_installed_over_the_other_package(tmp_path, lies_there, kept, linked):
    folder = tmp_path / "venv"
    real = tmp_path / "shared" if linked else folder
    found = real / "lib" / "python3.12" / "site-packages" / f"{lies_there}-2.21.0.dist-info"
    found.mkdir(parents=True)
    if linked:
        folder.symlink_to(real)
    set_up(folder, "Linux x86_64")
    assert (folder / found.relative_to(real)).exists() == kept
    assert found.exists() or not linked  # what a link leads to is left alone


# Repository, reference and notebook of a badge's address.
BINDER = re.compile(r"mybinder\.org/v2/gh/([\w-]+/[\w.-]+)/(\S+?)\?urlpath=lab/tree/([^)]+)\)")
COLAB = re.compile(r"colab\.research\.google\.com/github/([\w-]+/[\w.-]+)/blob/([^/]+)/([^)]+)\)")


def expected_badges(notebook, setting):
    """Binder opens the notebook in the series, and Colab a lesson from the branch of those in one file each."""
    here = (*setting.values(), notebook)
    if notebook in links.ALONE:
        return [here]
    name = Path(notebook).name
    if notebook == f"notebooks/{name}":
        return [here, (setting["repository"], links.LESSONS, name)]
    return [here, here]


def check_addresses(root, setting, notebooks):
    """Every address below root is that of the setting; without one there is none."""
    cells = {name: nbformat.read(root / name, as_version=4).cells for name in notebooks}
    readme, citation, pictured = ((root / name).read_text("utf-8") for name in HOLDERS[:3])
    pages = [(name, cells[name][0].source) for name in notebooks]
    for name, text in [(notebooks[0], readme), *pages]:
        found = BINDER.findall(text) + COLAB.findall(text)
        assert found == (expected_badges(name, setting) if setting else []), name
        assert ("[![Open in " in text) == bool(setting), name
    for name in notebooks:
        first = next(cell for cell in cells[name] if cell.cell_type == "code")
        if name in links.ALONE:
            assert "series" not in first.source, name
            continue
        expected = links.start_cell(links.ROOT / name, setting)
        assert first.source == expected, f"{name}: run `make links`"
    pip = re.findall(r"git\+https://github\.com/(\S+)#", readme)
    code = re.findall(r'^repository-code: "https://github\.com/(.*)"$', citation, re.MULTILINE)
    page = links.trainer_page(setting)
    assert (page in readme and page in pictured) if page else "github.io" not in readme + pictured
    assert pip == (["@".join(setting.values())] if setting else [])
    assert code == ([setting["repository"]] if setting else [])


NOTEBOOKS = [path.relative_to(ROOT).as_posix() for path in links.notebooks()]


def test_every_address_is_that_of_the_setting():
    setting = links.read_setting((ROOT / "repository.txt").read_text(encoding="utf-8"))
    check_addresses(ROOT, setting, NOTEBOOKS)


def test_what_is_left_out_without_pytorch_is_the_same_in_pytest_and_in_the_tools():
    assert runpy.run_path(str(ROOT / "conftest.py"))["NEEDS"] == links.ALONE


def copied(folder, notebooks):
    """Copies of the files that hold an address and of what changes them, in a folder: their names."""
    twins = [
        name.replace("notebooks/", "notebooks/scripts/").replace(".ipynb", ".py")
        for name in notebooks
    ]
    for part in [*HOLDERS, *notebooks, *twins]:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / part, folder / part)
    return [*HOLDERS, *notebooks, *twins]


def test_an_address_comes_and_goes_without_a_trace_and_what_is_not_given_stays(
    tmp_path, monkeypatch
):
    notebooks = [NOTEBOOKS[0], *links.ALONE, NOTEBOOKS[-1]]
    parts = copied(tmp_path, notebooks)
    monkeypatch.setattr(links, "ROOT", tmp_path)
    monkeypatch.setattr(links, "SETTING", tmp_path / "repository.txt")

    def relink(setting, *arguments):
        (tmp_path / "repository.txt").write_text(setting)
        monkeypatch.setattr(sys, "argv", ["links.py", *arguments])
        links.main()

    relink("")
    before = {part: (tmp_path / part).read_bytes() for part in parts}
    relink("me/fork v0.1\n", "--reference", "c.1")
    assert (tmp_path / "repository.txt").read_text() == "me/fork c.1\n"
    check_addresses(tmp_path, links.read_setting("me/fork c.1"), notebooks)
    relink("")
    assert {part: (tmp_path / part).read_bytes() for part in parts} == before
    check_addresses(tmp_path, {}, notebooks)
    with pytest.raises(SystemExit, match="expected owner/name"):
        relink("", "--repo", "https://example.org/x")


def test_an_owners_own_site_has_no_folder_of_the_repositorys_name():
    setting = links.read_setting("A-School/a-school.github.io main")
    assert links.trainer_page(setting) == "https://a-school.github.io/docs/explorer.html"
    assert links.trainer_page({}) == ""


def python(code, modules, folder=ROOT, **environment):
    given = {}
    for name, value in os.environ.items():
        if not name.startswith(("KERAS_", "TF_")):
            given[name] = value
    given |= {"PYTHONPATH": os.pathsep.join(map(str, modules)), **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True)


@pytest.fixture
def stand_in(tmp_path):
    (tmp_path / "tensorflow.py").write_text(STAND_IN, encoding="utf-8")
    return tmp_path


START = "from series import start_tensorflow; start_tensorflow(); "


def test_gpus_are_hidden_before_the_first_use_and_messages_dropped_while_tensorflow_starts_alone(
    stand_in,
):
    code = f"""
import os, sys
import series
assert not {{"tensorflow", "keras", "numpy"}} & set(sys.modules)
{START}
os.write(2, b"a real error")
start_tensorflow()
import tensorflow
print(tensorflow.asked)
"""
    run = python(code, [stand_in, ROOT / "notebooks"])
    assert run.stdout == "[([], 'GPU'), 'first use']\n"
    assert run.stderr == "a real error" and run.returncode == 0


def test_called_too_late_or_under_another_backend_it_says_so(stand_in):
    code = f"import tensorflow; {START} print(tensorflow.asked)"
    said, asked = python(code, [stand_in, ROOT / "notebooks"]).stdout.splitlines()
    assert said.startswith("TensorFlow was imported before prepare()")
    assert said.count(".") == 1 and asked == "[]"
    run = python(START, [stand_in, ROOT / "notebooks"], KERAS_BACKEND="jax")
    last = run.stderr.splitlines()[-1]
    assert last.startswith("RuntimeError: Keras runs on jax, but the series needs")
