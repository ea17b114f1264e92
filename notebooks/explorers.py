"""A thing to try by hand: what a nudge does to a network's answer.

A callback sets the values of widgets and never prints or plots: in a notebook that would be lost, and in
the notebook's test it would be an output too many.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import ipywidgets as widgets
import keras
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers.augment import IDENTITY, PARAMETERS, RandomAffine
from helpers.progress import display_widget


class Explorer(widgets.VBox):
    """Controls, below them an image and its description; a change of any control renews both.

    No control is a ``Dropdown``: JupyterLab takes the arrow keys away from it, to go to another cell.

    Args:
        controls: what can be chosen; setting the ``value`` of one does what a hand does.
        draw: from the values of all controls, by name, to a PNG and a text.
    """

    def __init__(
        self,
        controls: Mapping[str, widgets.DOMWidget],
        draw: Callable[[dict], tuple[bytes, str]],
    ) -> None:
        self.controls, self._draw = dict(controls), draw
        frame = {"max_width": "100%", "align_self": "flex-start", "margin": "8px 0"}
        self.image = widgets.Image(format="png", layout=frame)
        self.text = widgets.HTML()
        for control in self.controls.values():
            # So wide that nothing is cut off.
            control.style.description_width = "10em"
            control.layout.width = "29em"
            control.tooltip = control.description  # else ipywidgets 8 shows "null"
        row = list(self.controls.values())
        box = widgets.Box(row, layout={"flex_flow": "row wrap"})
        super().__init__([box, self.image, self.text])
        self._renew()
        for control in self.controls.values():
            control.observe(self._renew, "value")

    def _renew(self, change: dict | None = None) -> None:
        values = {name: control.value for name, control in self.controls.items()}
        self.image.value, self.text.value = self._draw(values)

    def _ipython_display_(self, **kwargs) -> None:
        display_widget(self.model_id)


def nudge_explorer(networks: Mapping[str, keras.Model], images: np.ndarray) -> Explorer:
    """Move, turn, zoom or mirror an image, and read each network's answer before and after.

    Args:
        networks: by the name to show; each gives the probability of a coat.
        images: (n, height, width, 1), floats in [0, 1], which no network has seen.
    """
    affine, side = RandomAffine(), images.shape[2]
    before = {
        name: network.predict_on_batch(images)[:, 0]
        for name, network in networks.items()
    }
    controls = {
        "garment": widgets.IntSlider(1, 1, len(images), description="garment"),
        "right": widgets.IntSlider(1, -3, 3, description="pixels to the right"),
        "turn": widgets.IntSlider(0, -15, 15, description="degrees to the right"),
        "mirror": widgets.Checkbox(False, description="mirror"),
    }

    def draw(values: dict) -> tuple[bytes, str]:
        number = values["garment"] - 1
        parameters = IDENTITY.copy()
        # RandomAffine moves the grid, so the image goes and turns the other way, but for one that is mirrored.
        sign = 1 if values["mirror"] else -1
        parameters[PARAMETERS.index("shift_width")] = sign * values["right"] / side
        parameters[PARAMETERS.index("rotation")] = sign * values["turn"]
        parameters[PARAMETERS.index("flip_horizontal")] = values["mirror"]
        # All of them, as a batch of another size would be compiled anew.
        nudged = images.copy()
        one = affine.apply(images[number : number + 1], parameters[None])
        nudged[number] = one.numpy()[0]
        image = _as_png({"as it is": images[number], "nudged": nudged[number]})
        rows = []
        for name, network in networks.items():
            first = before[name][number]
            then = network.predict_on_batch(nudged)[number, 0]
            said = "the same answer"
            if (first > 0.5) != (then > 0.5):
                said = "<b>changed its mind</b>"
            cells = [name, _answer(first), _answer(then), said]
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        head = "<tr><th></th><th>as it is</th><th>nudged</th><th></th></tr>"
        moved = f"moved by {values['right']} pixels and turned by {values['turn']}°"
        if values["mirror"]:
            moved += ", mirrored"
        table = f'<table style="border-spacing: 1em 0">{head}{"".join(rows)}</table>'
        return image, f"Garment {values['garment']}, {moved}.{table}"

    return Explorer(controls, draw)


def _answer(p: float) -> str:
    return f"coat, {100 * p:.0f} %" if p > 0.5 else f"pullover, {100 * (1 - p):.0f} %"


def _as_png(images: Mapping[str, np.ndarray]) -> bytes:
    """A PNG of grey images (height, width, 1), one below the other, each beside its title."""
    height, width, _ = next(iter(images.values())).shape
    scale = max(1, 112 // max(height, width))
    left = 115
    down = height * scale + 26
    across = width * scale + 8
    drawn = Image.new("L", (left + across, len(images) * down), "white")
    draw = ImageDraw.Draw(drawn)
    font = ImageFont.load_default(size=13)
    for row, (title, image) in enumerate(images.items()):
        grey = np.round(image[..., 0] * 255).astype(np.uint8)
        tile = grey.repeat(scale, axis=0).repeat(scale, axis=1)
        drawn.paste(Image.fromarray(tile), (left, row * down))
        draw.text((0, row * down), title, "black", font)
    file = io.BytesIO()
    drawn.save(file, format="png", compress_level=1)
    return file.getvalue()
