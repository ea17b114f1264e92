"""The notebooks as Colab runs them: alone in a fresh folder, fetching the series by its address.

Imitated offline: a `google.colab` module stands by, and git takes the last commit of this clone in place
of the address that the first cell names.
"""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import links  # noqa: E402

SETTING = links.read_setting("somebody/series main")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A repository whose reference is the last commit of this one, whatever branch it is on."""
    folder = tmp_path_factory.mktemp("origin") / "series.git"
    subprocess.run(["git", "clone", "--quiet", "--bare", ROOT, folder], check=True)
    branch = f"refs/heads/{SETTING['reference']}"
    subprocess.run(["git", "-C", folder, "update-ref", branch, "HEAD"], check=True)
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_alone_it_fetches_the_series_and_runs_to_its_end(path, origin, tmp_path, monkeypatch):
    content = tmp_path / "content"
    content.mkdir()
    modules = tmp_path / "modules"
    colab = modules / "google" / "colab"
    colab.mkdir(parents=True)
    (colab / "__init__.py").touch()
    redirect = {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.{origin.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{SETTING['repository']}",
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
        "PYTHONPATH": str(modules),
    }
    for name, value in redirect.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = links.start_cell(path, SETTING)
    NotebookClient(notebook, resources={"metadata": {"path": content}}, timeout=1200).execute()
    fetched = content / "static-versus-live" / "helpers" / "data.py"
    here = ROOT / "helpers" / "data.py"
    assert fetched.read_bytes() == here.read_bytes()
