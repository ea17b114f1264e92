"""Each lesson in one file (`make one-file`), alone in an empty folder, where no address can be reached, as on Colab.

A `google.colab` module stands by. The four original files of Fashion-MNIST lie in Keras's cache, as after a download.
"""

import shutil
import sys
from pathlib import Path

import nbformat
import one_file
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[2]
ORIGINALS = Path("/usr/share/datasets/fashion-mnist")
needs_originals = pytest.mark.skipif(
    not ORIGINALS.is_dir(), reason="`apt-get install dataset-fashion-mnist` brings the images"
)
# A kernel that is killed, as after five seconds otherwise, can't remove its folder, and a busy machine needs longer.
PATIENT = Config({"KernelManager": {"shutdown_wait_time": 120}})
NOWHERE = "http://127.0.0.1:9"
# What the last cell prints: where the programs lie, and whether the images are those of the series.
LOOK = f"""
from pathlib import Path

import helpers.data

print(Path(helpers.__file__).resolve().parent.parent)
alone = helpers.data.load_garments()
embedded = helpers.data.load_garments({str(ROOT / "data" / "garments.npz")!r})
print([one.dtype == other.dtype and bool((one == other).all()) for one, other in zip(alone, embedded)])
"""


@pytest.fixture
def colab(tmp_path, monkeypatch):
    """The folder that a notebook is uploaded to, with a blank and an accent in its name."""
    folder = tmp_path / "Données du cours"
    folder.mkdir()
    module = tmp_path / "modules" / "google" / "colab"
    module.mkdir(parents=True)
    (module / "__init__.py").touch()
    cache = tmp_path / "keras" / "datasets" / "fashion-mnist"
    shutil.copytree(ORIGINALS, cache)
    monkeypatch.setenv("PYTHONPATH", str(module.parents[1]))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOWHERE)
    return folder


@needs_originals
@pytest.mark.parametrize("path", one_file.lessons(), ids=lambda path: path.stem)
def test_alone_it_runs_to_its_end_on_the_same_images(path, colab):
    notebook = one_file.one_file(path, {})
    notebook.cells.append(nbformat.v4.new_code_cell(LOOK))
    resources = {"metadata": {"path": colab}}
    client = NotebookClient(notebook, resources=resources, config=PATIENT, timeout=1200)
    client.execute()
    printed = "".join(output.text for output in notebook.cells[-1].outputs)
    folder, same = printed.splitlines()
    assert folder != str(ROOT) and same == str([True] * 4)
    assert not Path(folder).exists(), "the temporary folder outlives the kernel"
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr", (sys.version, cell.source, output.text)
