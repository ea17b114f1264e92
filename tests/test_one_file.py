"""Each lesson in one file: it holds what the lesson uses, tells no answer, has no dead link, and says what it lacks."""

import ast
import base64
import functools
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import one_file
import pytest
from keras.datasets import fashion_mnist

from helpers import data, model

ROOT = Path(__file__).resolve().parent.parent
SETTING = {"repository": "me/fork", "reference": "v0.1"}
TARGET = re.compile(r"\]\(([^)\s]+)\)|(?:href|src)=\"([^\"]+)\"")
every_lesson = pytest.mark.parametrize("path", one_file.lessons(), ids=lambda path: path.stem)


@functools.cache
def alone(path):
    """A lesson without an address of the series."""
    return one_file.one_file(path, {})


def packed_cell(notebook):
    """The first cell of code."""
    return next(cell for cell in notebook.cells if cell.cell_type == "code")


def archive_of(notebook):
    text = re.search(r'PACKED = """(.+?)"""', packed_cell(notebook).source, re.DOTALL)[1]
    return zipfile.ZipFile(io.BytesIO(base64.b64decode(text)))


def targets(notebook):
    """Where links and pictures of the text lead."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return [target[0] or target[1] for target in TARGET.findall(text)]


@every_lesson
def test_what_it_packs_is_the_series_own_and_holds_each_table_that_the_lesson_reads(path):
    notebook = alone(path)
    with archive_of(notebook) as archive:
        names = archive.namelist()
        assert all(archive.read(name) == (ROOT / name).read_bytes() for name in names)
    code = one_file.code_of(nbformat.read(path, as_version=4))
    tables = [f"data/results/{name}" for name in re.findall(r'RESULTS / "(.+?)"', code)]
    assert {*tables, "helpers/data.py", "notebooks/series.py"} <= set(names)
    assert ("augcheck/src/augcheck/check.py" in names) == ("augcheck" in code)
    assert len(nbformat.writes(notebook).encode()) <= one_file.LARGEST


@every_lesson
def test_no_answer_is_there_and_the_packed_text_is_folded(path):
    notebook = alone(path)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs") and not cell.get("execution_count")
        assert "mystnb" not in cell.metadata and "<details open" not in cell.source
        assert "code hosts" not in cell.source and "Worked answers" not in cell.source
    cell = packed_cell(notebook)
    assert cell.metadata.jupyter.source_hidden and cell.metadata.cellView == "form"


@every_lesson
def test_links_lead_to_the_repository_or_are_words(path):
    for target in targets(alone(path)):
        assert target.startswith(("https://", "#")), target
    for cell in alone(path).cells:
        assert "take the lesson" not in cell.source, "it leads nowhere"
    start = "https://github.com/me/fork/blob/v0.1/"
    found = targets(one_file.one_file(path, SETTING))
    own = [target.removeprefix(start) for target in found if target.startswith(start)]
    assert own and all((ROOT / target.partition("#")[0]).is_file() for target in own)
    others = [target for target in found if not target.startswith(start)]
    assert all(target.startswith(("https://", "#")) for target in others)


def test_a_lesson_alone_in_brackets_keeps_its_number_and_another_page_goes():
    text = "It repeats ([02](02_x.ipynb)) and [more](a/b.md#c), see [d](#e) ([help](f.md))."
    kept = "It repeats (02) and more, see [d](#e)."
    assert one_file.with_living_links(text, "notebooks", {}) == kept
    linked = one_file.with_living_links("([help](../f.md#g))", "notebooks", SETTING)
    assert linked == "([help](https://github.com/me/fork/blob/v0.1/f.md#g))"


def test_alone_in_another_folder_its_programs_are_found_and_are_gone_afterwards(tmp_path):
    (path,) = [path for path in one_file.lessons() if path.name.startswith("09")]
    cells = [cell for cell in alone(path).cells if cell.cell_type == "code"]
    first, start = cells[:2]
    # Real TensorFlow takes seconds, and starts once the programs are found.
    look = """
def look():
    import exercises, helpers.data
    from augcheck import check_pipeline  # of a folder alone "import augcheck" makes a package
    assert importlib.util.find_spec("figures") and importlib.util.find_spec("widgets")
    print(helpers.data.FOLDER)
    sys.exit()

import series
series.start_tensorflow = look
"""
    folder = tmp_path / "Données du cours"
    folder.mkdir()
    program = "\n".join([first.source, look, start.source])
    command = [sys.executable, "-"]
    done = subprocess.run(command, cwd=folder, input=program, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    unpacked = Path(done.stdout.strip())
    assert ROOT not in unpacked.parents and not unpacked.parent.exists()
    assert list(folder.iterdir()) == []


def imported(code):
    """The packages that a program imports when it starts."""
    for node in ast.parse(code).body:
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.partition(".")[0]


def test_what_is_missing_is_said_in_one_sentence():
    programs = [*ROOT.glob("helpers/*.py"), *ROOT.glob("notebooks/*.py")]
    texts = [path.read_text(encoding="utf-8") for path in programs]
    for path in one_file.lessons():
        texts.append(one_file.code_of(nbformat.read(path, as_version=4)))
    used = {name for text in texts for name in imported(text)}
    own = {path.stem for path in programs} | {"helpers", "augcheck", "IPython"}
    assert used - own - sys.stdlib_module_names == set(one_file.PACKAGES)
    check = one_file.FIRST_CELL.format(packages={"json": "json", "nowhere": "no-where"}, packed="")
    with pytest.raises(ModuleNotFoundError, match="`%pip install no-where`") as raised:
        exec(check, {})
    assert str(raised.value).count(". ") == 0


# Without the series' own files


def of_keras(garments):
    """What Keras would give if Fashion-MNIST had, beside pullovers and coats, one shirt after each."""
    parts = []
    for images, labels in (garments[:2], garments[2:]):
        pixels = np.round(255 * images[..., 0]).astype(np.uint8)
        both = np.stack([pixels, 255 - pixels], axis=1).reshape(-1, 28, 28)
        classes = np.stack([2 + 2 * labels, np.full_like(labels, 6)], axis=1).astype(np.uint8)
        parts.append((both, classes.ravel()))
    return parts


@pytest.fixture
def no_file(tmp_path, monkeypatch):
    """The embedded garments, whose file is gone afterwards, and the place where it is looked for."""
    garments = data.load_garments()
    monkeypatch.setattr(data, "GARMENTS", tmp_path / "garments.npz")
    return garments, tmp_path / "garments.npz"


def test_without_the_file_the_garments_come_from_keras_and_are_equal(no_file, monkeypatch):
    garments, place = no_file
    monkeypatch.setattr(fashion_mnist, "load_data", lambda: of_keras(garments))
    for one, other in zip(garments, data.load_garments(place), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_other_images_and_no_network_are_one_sentence(no_file, monkeypatch):
    garments, place = no_file
    parts = of_keras(garments)
    parts[1][0][0, 5, 5] ^= 1
    monkeypatch.setattr(fashion_mnist, "load_data", lambda: parts)
    with pytest.raises(ValueError, match="expected .*remove the folder"):
        data.load_garments(place)

    def offline():
        raise Exception("URL fetch failure")

    monkeypatch.setattr(fashion_mnist, "load_data", offline)
    with pytest.raises(OSError, match=r"30 MB.*URL fetch failure.*connect this machine"):
        data.load_garments(place)


def test_without_the_pretrained_weights_lesson_09_and_its_network_say_so(tmp_path, monkeypatch):
    (path,) = [path for path in one_file.lessons() if path.name.startswith("09")]
    notebook = alone(path)
    assert sum("6.4 MB" in cell.source for cell in notebook.cells) == 1
    with archive_of(notebook) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".npz")]
    monkeypatch.setattr(model, "WEIGHTS", tmp_path / "efficientnet-lite0.npz")
    with pytest.raises(FileNotFoundError, match=r"efficientnet-lite0\.npz \(6\.4 MB\)"):
        model.efficientnet_lite0()
