"""What `make execute` stores: small pictures with alternative texts, and no widgets. The stored: test_notebooks.py."""

import base64
import io

import execute
import nbformat
import numpy as np
import pytest
from PIL import Image, ImageDraw

NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
PHOTOGRAPH = Image.fromarray(NOISE).resize((600, 400), Image.Resampling.BICUBIC)
DRAWING = Image.new("RGBA", (400, 200), (0, 0, 0, 0))  # what is transparent becomes white
ImageDraw.Draw(DRAWING).line([(0, 50), (400, 125)], "#0072b2", 8)


@pytest.mark.parametrize(
    ("picture", "kind", "off"),
    [(DRAWING, "png", 1), (PHOTOGRAPH, "jpeg", 4), (PHOTOGRAPH.convert("L"), "jpeg", 4)],
)
def test_an_executed_notebook_keeps_pictures_with_their_alternative_texts_and_no_widget(
    picture, kind, off
):
    file = io.BytesIO()
    picture.save(file, "png")
    data = {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": "<Figure>"}
    size = {"width": 400, "height": 200}
    shown = nbformat.v4.new_output("display_data", data, metadata={"image/png": size})
    widget = nbformat.v4.new_output("display_data", {execute.WIDGET: {}})
    # Cut in two, as the kernel's timing has it.
    parts = [nbformat.v4.new_output("stream", text=text) for text in ("ho", "lds")]
    alt = {"image": {"alt": "Four lines."}}
    about = {"tags": ["hide-output"], "execution": {"started": "now"}, "mystnb": alt}
    cell = nbformat.v4.new_code_cell(outputs=[parts[0], widget, parts[1], shown], metadata=about)
    other = {"widgets": {}, "language_info": {"name": "python"}}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=other)
    execute.tidy(notebook)
    assert notebook.metadata == {"kernelspec": execute.KERNEL}
    assert cell.outputs[:-1] == [nbformat.v4.new_output("stream", text="holds")]
    assert set(cell.outputs[-1].data) == {f"image/{kind}", "text/plain"}
    assert cell.outputs[-1].metadata == {f"image/{kind}": {**size, "alt": "Four lines."}}
    assert cell.metadata.mystnb == alt
    assert "execution" not in cell.metadata and cell.metadata.jupyter.outputs_hidden
    stored = base64.b64decode(cell.outputs[-1].data[f"image/{kind}"])
    after = Image.open(io.BytesIO(stored)).convert("RGB")
    white = Image.new("RGBA", picture.size, "white")
    before = Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    assert np.abs(np.subtract(before, after, dtype=int)).mean() < off
