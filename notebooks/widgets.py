"""Two things to try by hand: what a nudge does to an answer, and how strong a policy is.

A callback sets the values of widgets and never prints or plots: in a notebook that would
be lost, and in the notebook's test it would be an output too many.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import ipywidgets
import keras
import numpy as np
from PIL import Image

from helpers.augment import IDENTITY, PARAMETERS, RandomAffine

GAP = 8  # white screen pixels between images


class Widget(ipywidgets.VBox):
    """Controls, below them a picture and a text, which each change of a control renews.

    Args:
        controls: by name; setting the ``value`` of one does what a hand does.
        show: from the values of all controls, by name, to a picture and a text.
    """

    def __init__(
        self,
        controls: Mapping[str, ipywidgets.DOMWidget],
        show: Callable[..., tuple[bytes, str]],
    ) -> None:
        self.controls = dict(controls)
        self.show = show
        self.picture = ipywidgets.Image(format="png", layout={"max_width": "100%"})
        self.text = ipywidgets.HTML()
        for control in self.controls.values():
            control.layout.width = "28em"
            control.style.description_width = "10em"  # nothing is cut off
            control.tooltip = control.description  # else ipywidgets 8 shows "null"
            control.observe(self.renew, "value")
        picture = ipywidgets.HBox([self.picture])  # keeps it from being stretched
        super().__init__([*self.controls.values(), picture, self.text])
        self.renew()

    def renew(self, change: dict | None = None) -> None:
        values = {name: control.value for name, control in self.controls.items()}
        self.picture.value, self.text.value = self.show(**values)


def nudge(networks: Mapping[str, keras.Model], images: np.ndarray) -> Widget:
    """Move, turn or flip an image, and read each network's answer before and after.

    Args:
        networks: by the name to show; each gives the probability of a coat.
        images: (n, height, width, 1), floats in [0, 1], which no network has seen.
    """
    affine = RandomAffine()

    def show(garment: int, right: int, turn: int, flip: bool) -> tuple[bytes, str]:
        image = images[garment - 1]
        parameters = IDENTITY.copy()
        # The sampling grid moves, so an image moves and turns the other way, unless it is flipped.
        direction = 1 if flip else -1
        parameters[PARAMETERS.index("shift_width")] = direction * right / image.shape[1]
        parameters[PARAMETERS.index("rotation")] = direction * turn
        parameters[PARAMETERS.index("flip_horizontal")] = flip
        nudged = affine.apply(image[None], parameters[None]).numpy()[0]
        both = np.stack([image, nudged])
        rows = [
            _row(name, model.predict_on_batch(both)) for name, model in networks.items()
        ]
        head = (
            "<tr><th></th><th>as it is (left)</th><th>nudged (right)</th><th></th></tr>"
        )
        table = f'<table style="border-spacing: 1em 0">{head}{"".join(rows)}</table>'
        return _png([both], scale=5), table

    controls = {
        "garment": ipywidgets.IntSlider(1, 1, len(images), description="garment"),
        "right": ipywidgets.IntSlider(0, -4, 4, description="pixels to the right"),
        "turn": ipywidgets.IntSlider(0, -15, 15, description="degrees to the right"),
        "flip": ipywidgets.Checkbox(False, description="flip"),
    }
    return Widget(controls, show)


def how_strong(policy: Callable[[float], RandomAffine], image: np.ndarray) -> Widget:
    """Eight versions of an image, and a slider for the strength of the policy.

    Args:
        policy: from a strength to the layer that makes the versions; its seed fixes them.
        image: (height, width, channels), floats in [0, 1].
    """
    eight = np.repeat(image[None], 8, axis=0)

    def show(strength: float) -> tuple[bytes, str]:
        versions = policy(strength).version(eight, np.arange(8), 0).numpy()
        picture = _png([versions[:4], versions[4:]], scale=4)
        return picture, f"eight versions at strength {strength:.2f}"

    slider = ipywidgets.FloatSlider(
        0.25, min=0, max=1.25, step=0.05, description="strength"
    )
    return Widget({"strength": slider}, show)


def _row(name: str, coat: np.ndarray) -> str:
    """A row of the table: a network's two answers, from its probabilities of a coat, (2, 1)."""
    before, after = coat[:, 0]
    changed = (before > 0.5) != (after > 0.5)
    verdict = "<b>changed its mind</b>" if changed else "the same answer"
    cells = [name, _answer(before), _answer(after), verdict]
    return f"<tr><td>{'</td><td>'.join(cells)}</td></tr>"


def _answer(coat: float) -> str:
    return (
        f"coat, {100 * coat:.0f} %"
        if coat > 0.5
        else f"pullover, {100 * (1 - coat):.0f} %"
    )


def _png(rows: list[np.ndarray], scale: int) -> bytes:
    """Rows of images (height, width, 1 or 3) as one PNG, each pixel scale screen pixels wide."""
    drawn = []
    for images in rows:
        large = np.clip(images, 0, 1).repeat(scale, axis=1).repeat(scale, axis=2)
        framed = np.pad(large, ((0, 0), (0, GAP), (0, GAP), (0, 0)), constant_values=1)
        drawn.append(np.concatenate(list(framed), axis=1))
    pixels = np.round(255 * np.concatenate(drawn)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels.squeeze()).save(file, format="png")
    return file.getvalue()
