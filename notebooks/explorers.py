"""Two things to try by hand: what a policy does to pictures, and what a nudge does to a network's answer.

A callback sets the values of widgets and never prints or plots: in a notebook that would be lost, and in
the notebook's test it would be an output too many.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
import keras
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers.augment import FILL_MODES, IDENTITY, PARAMETERS, RandomAffine
from helpers.progress import display_widget

COPIES, EPOCHS = 4, 12  # of the policy explorer: K of its static row, and how long it can be played


class Explorer(widgets.VBox):
    """Controls, below them a picture and its description; a change of any control renews both.

    No control is a ``Dropdown``: JupyterLab takes the arrow keys away from it, to go to another cell.

    Args:
        controls: what can be chosen; setting the ``value`` of one does what a hand does.
        draw: from the values of all controls, by name, to a PNG and a text.
    """

    def __init__(
        self, controls: Mapping[str, widgets.DOMWidget], draw: Callable[[dict], tuple[bytes, str]]
    ) -> None:
        self.controls, self._draw = dict(controls), draw
        frame = {"max_width": "100%", "align_self": "flex-start", "margin": "8px 0"}
        self.picture = widgets.Image(format="png", layout=frame)
        self.text = widgets.HTML()
        for control in self.controls.values():
            control.style.description_width, control.layout.width = "10em", "29em"  # nothing is cut off
            control.tooltip = control.description  # else ipywidgets 8 shows "null"
            if isinstance(control, widgets.ToggleButtons):
                control.style.button_width, control.layout.width = "auto", "100%"
        box = widgets.Box(list(self.controls.values()), layout={"flex_flow": "row wrap"})
        super().__init__([box, self.picture, self.text])
        self._renew()
        for control in self.controls.values():
            control.observe(self._renew, "value")

    def _renew(self, change: dict | None = None) -> None:
        values = {name: control.value for name, control in self.controls.items()}
        self.picture.value, self.text.value = self._draw(values)

    def _ipython_display_(self, **kwargs) -> None:
        display_widget(self.model_id)


def policy_explorer(images: np.ndarray, **start: float | bool | str) -> Explorer:
    """Sliders for a policy, above what static and live augmentation make of a few images, epoch by epoch.

    Static shows copy e mod K in epoch e, live a new one; up to epoch K they are the same pictures. The share
    left clean is that of both: a static copy that was left clean stays so.

    Args:
        images: (1 to 12, height, width, 1 or 3), floats in [0, 1].
        start: where controls stand at first: arguments of ``RandomAffine``, and clean_share.

    Raises:
        ValueError: images of another kind, or a start that a control can't take.
    """
    images = np.asarray(images, np.float32)
    if images.ndim != 4 or not 1 <= len(images) <= 12 or images.shape[3] not in (1, 3):
        raise ValueError(f"images have shape {images.shape}; expected (1 to 12, height, width, 1 or 3).")
    if not (images.min() >= 0 and images.max() <= 1):
        raise ValueError(f"images reach from {images.min()} to {images.max()}; expected values in [0, 1].")
    controls = {
        "rotation_range": widgets.IntSlider(0, 0, 90, description="rotation ± degrees"),
        "width_shift_range": widgets.FloatSlider(0, max=0.5, step=0.01, description="width shift ±"),
        "height_shift_range": widgets.FloatSlider(0, max=0.5, step=0.01, description="height shift ±"),
        "shear_range": widgets.FloatSlider(0, max=45, step=0.1, description="shear ± degrees"),
        "zoom_range": widgets.FloatSlider(0, max=0.9, step=0.01, description="zoom 1 ±"),
        "clean_share": widgets.FloatSlider(0, max=1, step=0.01, description="share left clean"),
        "horizontal_flip": widgets.Checkbox(False, description="horizontal flip"),
        "vertical_flip": widgets.Checkbox(False, description="vertical flip"),
        "fill_mode": widgets.ToggleButtons(options=FILL_MODES, description="fill mode"),
        "epoch": widgets.IntSlider(1, 1, EPOCHS, description="epoch"),
    }
    for name, value in start.items():
        if name not in controls:
            raise ValueError(f"no control {name!r}; there are {', '.join(controls)}.")
        with contextlib.suppress(Exception):  # one that is out of range is clipped and not refused
            controls[name].value = value
        if controls[name].value != value:
            raise ValueError(f"the control of {name} can't be set to {value!r}.")
    ranges = [name for name in controls if name not in ("clean_share", "epoch")]

    def draw(values: dict) -> tuple[bytes, str]:
        policy, epoch = RandomAffine(**{name: values[name] for name in ranges}), values["epoch"]
        shown = [1 + (epoch - 1) % COPIES, epoch]  # versions, as in ``helpers.arms``
        chance = [np.random.default_rng(version).random(len(images)) for version in shown]
        clean = np.array(chance) < values["clean_share"]
        drawn = np.stack([policy.draw(len(images), (0, version - 1)) for version in shown])
        parameters = np.where(clean[..., None], IDENTITY, drawn).reshape(-1, len(IDENTITY))
        rows = np.split(policy.apply(np.concatenate([images, images]), parameters).numpy(), 2)
        times = 1 + (epoch - 1) // COPIES
        static, live = f"copy {shown[0]} of {COPIES},\ntimes shown: {times}", f"copy {epoch},\ntimes shown: 1"
        picture = _picture([images, *rows], ["original", f"static\n{static}", f"live\n{live}"], [[], *clean])
        call = ", ".join(f"{name}={values[name]!r}" for name in ranges if values[name])
        left_clean = f"left clean: {clean[0].sum()} static, {clean[1].sum()} live of {len(images)}"
        text = f"Epoch {epoch}: static shows {static}; live shows {live}; {left_clean}."
        return picture, f"{text}<br><code>RandomAffine({call})</code>"

    for mode in FILL_MODES:  # compiled now rather than under the reader's hand
        draw({name: control.value for name, control in controls.items()} | {"fill_mode": mode})
    explorer = Explorer(controls, draw)
    play = widgets.Play(min=1, max=EPOCHS, interval=600)
    widgets.jslink((play, "value"), (controls["epoch"], "value"))
    explorer.children[0].children += (play,)
    return explorer


def nudge_explorer(networks: Mapping[str, keras.Model], images: np.ndarray) -> Explorer:
    """Move, turn, zoom or mirror an image, and read each network's answer before and after.

    Args:
        networks: by the name to show; each gives the probability of a coat.
        images: (n, height, width, 1), floats in [0, 1], which no network has seen.
    """
    affine, side = RandomAffine(), images.shape[2]
    before = {name: network.predict_on_batch(images)[:, 0] for name, network in networks.items()}
    controls = {
        "garment": widgets.IntSlider(1, 1, len(images), description="garment"),
        "right": widgets.IntSlider(1, -3, 3, description="pixels to the right"),
        "turn": widgets.IntSlider(0, -15, 15, description="degrees to the right"),
        "mirror": widgets.Checkbox(False, description="mirror"),
    }

    def draw(values: dict) -> tuple[bytes, str]:
        number = values["garment"] - 1
        parameters = IDENTITY.copy()
        # RandomAffine moves the grid, so the picture goes and turns the other way, but for one that is mirrored.
        sign = 1 if values["mirror"] else -1
        parameters[PARAMETERS.index("shift_width")] = sign * values["right"] / side
        parameters[PARAMETERS.index("rotation")] = sign * values["turn"]
        parameters[PARAMETERS.index("flip_horizontal")] = values["mirror"]
        nudged = images.copy()  # all of them, as a batch of another size would be compiled anew
        nudged[number] = affine.apply(images[number : number + 1], parameters[None]).numpy()[0]
        picture = _picture([images[number : number + 1], nudged[number : number + 1]], ["as it is", "nudged"], [[], []])
        rows = []
        for name, network in networks.items():
            first, then = before[name][number], network.predict_on_batch(nudged)[number, 0]
            changed = "<b>changed its mind</b>" if (first > 0.5) != (then > 0.5) else "the same answer"
            rows.append(f"<tr><td>{name}</td><td>{_answer(first)}</td><td>{_answer(then)}</td><td>{changed}</td></tr>")
        head = "<tr><th></th><th>as it is</th><th>nudged</th><th></th></tr>"
        said = f"Garment {values['garment']}, moved by {values['right']} pixels and turned by {values['turn']}°"
        said += ", mirrored." if values["mirror"] else "."
        return picture, f'{said}<table style="border-spacing: 1em 0">{head}{"".join(rows)}</table>'

    return Explorer(controls, draw)


def _answer(p: float) -> str:
    return f"coat, {100 * p:.0f} %" if p > 0.5 else f"pullover, {100 * (1 - p):.0f} %"


def _picture(rows: Sequence[np.ndarray], titles: Sequence[str], clean: Sequence[Sequence[bool]]) -> bytes:
    """A PNG of rows of images with a title each, and a note below every image that was left clean."""
    m, height, width, channels = rows[0].shape
    scale = max(1, 112 // max(height, width))
    left, down, across = 115, height * scale + 26, width * scale + 8
    canvas = np.full((len(rows) * down, left + m * across, channels), 255, np.uint8)
    for row, images in enumerate(rows):
        tiles = np.round(images * 255).astype(np.uint8).repeat(scale, axis=1).repeat(scale, axis=2)
        for column, tile in enumerate(tiles):
            y, x = row * down, left + column * across
            canvas[y : y + len(tile), x : x + tile.shape[1]] = tile
    picture = Image.fromarray(canvas if channels == 3 else canvas[..., 0])
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=13)
    for row, title in enumerate(titles):
        draw.multiline_text((0, row * down), title, "black", font)
        for column in np.flatnonzero(clean[row]):
            draw.text((left + column * across, (row + 1) * down - 25), "left clean", "black", font)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="png", compress_level=1)
    return file.getvalue()
