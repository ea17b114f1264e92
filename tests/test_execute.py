"""What `make execute` stores: small pictures with alternative texts, folded input, no widgets."""

import base64
import io
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
NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def png(picture):
    file = io.BytesIO()
    picture.save(file, "png")
    return file.getvalue()


def pixels(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"), int)


def drawing():
    """Lines on white, with soft edges, as matplotlib draws them."""
    large = Image.new("RGB", (800, 400), "white")
    for i, colour in enumerate(["#6b6b6b", "#0072b2", "#e56910", "#792b05"]):
        ImageDraw.Draw(large).line([(0, 50 * i), (800, 400 - 25 * i)], colour, 8)
    return large.resize((400, 200), Image.Resampling.LANCZOS)


def photograph(mode):
    """Smooth random colours: coarse noise, enlarged."""
    return Image.fromarray(NOISE).convert(mode).resize((600, 400), Image.Resampling.BICUBIC)


def test_a_drawing_becomes_a_small_png_that_looks_the_same_and_grey_pictures_keep_every_pixel():
    before = png(drawing())
    kind, after = execute.compress(before)
    assert kind == "image/png" and Image.open(io.BytesIO(after)).mode == "P" and len(after) < 0.7 * len(before)
    assert (np.abs(pixels(before) - pixels(after)).max(axis=2) > 8).mean() < 0.01
    before = png(Image.fromarray(NOISE[..., 0]).resize((280, 280), Image.Resampling.NEAREST))
    kind, after = execute.compress(before)
    assert kind == "image/png"
    np.testing.assert_array_equal(pixels(before), pixels(after))
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.putpixel((3, 5), (255, 0, 0, 255))
    _, after = execute.compress(png(clear))
    assert pixels(after)[[0, 5], [0, 3]].tolist() == [[255, 255, 255], [255, 0, 0]]  # what is transparent becomes white


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_photograph_becomes_a_jpeg_that_looks_the_same(mode):
    before = png(photograph(mode))
    kind, after = execute.compress(before)
    assert kind == "image/jpeg" and Image.open(io.BytesIO(after)).format == "JPEG"
    assert len(after) < len(before) / 2
    assert np.abs(pixels(before) - pixels(after)).mean() < 4


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


@pytest.mark.parametrize(("picture", "kind"), [(drawing(), "png"), (photograph("RGB"), "jpeg")], ids=["png", "jpeg"])
def test_an_executed_notebook_keeps_pictures_with_their_alternative_texts_and_no_widget(picture, kind):
    kind, stream = f"image/{kind}", nbformat.v4.new_output("stream", text="holds")
    data = {"image/png": base64.b64encode(png(picture)).decode(), "text/plain": "<Figure>"}
    described = {"width": 400, "height": 200, "alt": "Four lines."}
    shown = nbformat.v4.new_output("display_data", data, metadata={"image/png": described})
    widget = nbformat.v4.new_output("display_data", {execute.WIDGET: {}})
    about = {"tags": ["hide-output"], "execution": {"started": "now"}}
    cell = nbformat.v4.new_code_cell(outputs=[widget, stream, shown], metadata=about)
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}, "language_info": {"name": "python"}})
    execute.tidy(notebook)
    assert notebook.metadata == {"kernelspec": execute.KERNEL}
    assert cell.outputs[0] == nbformat.v4.new_output("stream", text="holds")
    (output,) = cell.outputs[1:]
    assert set(output.data) == {kind, "text/plain"}
    digest = execute.digest(base64.b64decode(output.data[kind]))
    assert output.metadata == {kind: {"width": 400, "height": 200, "alt": "Four lines.", "digest": digest}}
    assert cell.metadata.mystnb.image.alt == "Four lines."  # where the book looks for it
    assert "execution" not in cell.metadata and cell.metadata.jupyter.outputs_hidden


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
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
