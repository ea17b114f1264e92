"""What `make execute` stores: small pictures with alternative texts, folded input, no widgets."""

import base64
import io
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import execute  # noqa: E402

PATHS = sorted(path for path in ROOT.glob("notebooks/**/*.ipynb") if ".ipynb_checkpoints" not in path.parts)
LARGEST = 1_500_000  # bytes; code hosts show larger ones slowly or not at all
every_notebook = pytest.mark.parametrize(
    "path", PATHS, ids=lambda path: path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
)


def png(picture):
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


def pixels(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), int)


def drawing():
    """Lines and text on white, with soft edges, as matplotlib draws them."""
    large = Image.new("RGB", (1600, 800), "white")
    draw = ImageDraw.Draw(large)
    for i, colour in enumerate(["#6b6b6b", "#0072b2", "#e56910", "#792b05"]):
        draw.line([(0, 100 * i), (1600, 800 - 50 * i)], colour, 16)
    return large.resize((800, 400), Image.Resampling.LANCZOS)


def photograph(mode):
    """Smooth random colours: coarse noise, enlarged."""
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    return Image.fromarray(noise).convert(mode).resize((600, 400), Image.Resampling.BICUBIC)


def test_a_drawing_becomes_a_small_png_that_looks_the_same():
    before = png(drawing())
    kind, after = execute.compress(before)
    assert kind == "image/png"
    assert Image.open(io.BytesIO(after)).mode == "P"
    assert len(after) < 0.7 * len(before)
    assert (np.abs(pixels(before) - pixels(after)).max(axis=2) > 8).mean() < 0.01


def test_grey_pictures_keep_every_pixel():
    noise = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    before = png(Image.fromarray(noise).resize((280, 280), Image.Resampling.NEAREST))
    kind, after = execute.compress(before)
    assert kind == "image/png"
    np.testing.assert_array_equal(pixels(before), pixels(after))


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_photograph_becomes_a_jpeg_that_looks_the_same(mode):
    before = png(photograph(mode))
    kind, after = execute.compress(before)
    assert kind == "image/jpeg"
    assert Image.open(io.BytesIO(after)).format == "JPEG"
    assert len(after) < len(before) / 2
    assert np.abs(pixels(before) - pixels(after)).mean() < 4


def test_what_is_transparent_becomes_white():
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.putpixel((3, 5), (255, 0, 0, 255))
    _, after = execute.compress(png(clear))
    assert pixels(after)[0, 0].tolist() == [255, 255, 255]
    assert pixels(after)[5, 3].tolist() == [255, 0, 0]


@pytest.mark.parametrize(("picture", "kind"), [(drawing(), "png"), (photograph("RGB"), "jpeg")], ids=["png", "jpeg"])
def test_the_alternative_text_stands_beside_the_picture_whatever_its_kind(picture, kind):
    kind = f"image/{kind}"
    data = {"image/png": base64.b64encode(png(picture)).decode(), "text/plain": "<Figure>"}
    output = nbformat.v4.new_output("display_data", data, metadata={"image/png": {"width": 400, "height": 200}})
    execute.store_picture(output, "Four lines.")
    assert set(output.data) == {kind, "text/plain"}
    digest = execute.digest(base64.b64decode(output.data[kind]))
    assert output.metadata == {kind: {"width": 400, "height": 200, "alt": "Four lines.", "digest": digest}}
    stream = nbformat.v4.new_output("stream", text="holds")
    execute.store_picture(stream, "Four lines.")
    assert stream == nbformat.v4.new_output("stream", text="holds")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"tags": ["hide-input"], "jupyter": {"a": 1}}, {"a": 1, "source_hidden": True}),
        ({"tags": ["hide-input", "hide-output"]}, {"source_hidden": True, "outputs_hidden": True}),
        ({"jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form"}, None),
    ],
)
def test_the_tag_decides_whether_a_cell_is_folded(before, after):
    cell = nbformat.v4.new_code_cell(metadata=before)
    execute.fold(cell)
    assert cell.metadata.get("jupyter") == after
    assert cell.metadata.get("cellView") == ("form" if after else None)
    assert cell.metadata.get("tags") == before.get("tags")


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A small notebook in a repository of its own, executed as `make execute` does: its path."""
    folder = tmp_path_factory.mktemp("repository")
    shutil.copy(ROOT / "jupytext.toml", folder)
    (folder / "docs").mkdir()
    (folder / "notebooks" / "scripts").mkdir(parents=True)
    path = folder / "notebooks" / "00_start_here.ipynb"
    cells = [
        nbformat.v4.new_code_cell(
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom helpers import plots\nplots.use_style()",
            metadata={"tags": ["hide-input"]},
        ),
        nbformat.v4.new_code_cell(
            "import matplotlib.pyplot as plt\n_, ax = plt.subplots()\nplots.label_ends(ax, {'live': 0.5})\nplt.show()",
            metadata={"mystnb": {"image": {"alt": "An empty frame and the word live."}}},
        ),
        nbformat.v4.new_code_cell("print('text')"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    execute.execute(path)
    return path


def test_an_executed_notebook_holds_sharp_pictures_and_is_what_jupyterlab_would_save(executed):
    notebook = nbformat.read(executed, as_version=4)
    (output,) = notebook.cells[1].outputs
    about = output.metadata["image/png"]
    assert about["alt"] == "An empty frame and the word live."
    picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))
    assert (picture.width // 2, picture.height // 2) == (about["width"], about["height"])
    assert picture.width > 1500 and picture.mode == "P"
    assert notebook.metadata.kernelspec.display_name == "Python 3 (ipykernel)"
    assert "widgets" not in notebook.metadata and "language_info" not in notebook.metadata
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3]
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    twin = (executed.parent / "scripts" / "00_start_here.py").read_text(encoding="utf-8")
    assert 'tags=["hide-input"]' in twin


def test_a_widget_alone_is_not_stored():
    outputs = [nbformat.v4.new_output("display_data", {execute.WIDGET: {}}), nbformat.v4.new_output("stream", text="x")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=outputs)], metadata={"widgets": {}})
    execute.tidy(notebook)
    assert notebook.cells[0].outputs == outputs[1:] and "widgets" not in notebook.metadata


@every_notebook
def test_stored_notebooks_are_small_and_as_execute_writes_them(path):
    assert path.stat().st_size < LARGEST
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec == execute.KERNEL, "run `make execute`"
    for cell in notebook.cells:
        folded = "hide-input" in cell.metadata.get("tags", [])
        assert bool(cell.metadata.get("jupyter", {}).get("source_hidden")) == folded, cell.source
        assert ("cellView" in cell.metadata) == folded, cell.source
        for output in cell.get("outputs", []):
            for kind in {"image/png", "image/jpeg"} & set(output.get("data", {})):
                about = output.metadata.get(kind, {})
                file = base64.b64decode(output.data[kind])
                assert about.get("digest") == execute.digest(file), f"not the picture of: {cell.source}"
                picture = Image.open(io.BytesIO(file))
                assert about.get("alt") == cell.metadata.mystnb.image.alt, cell.source
                assert picture.width // 2 == about["width"], "call plots.use_style() first"
                assert picture.mode == ("P" if kind == "image/png" else "RGB"), "run `make execute`"
