"""Two things to try by hand: what a nudge does to an answer, and how strong a policy is.

A callback sets the values of widgets and never prints or plots: in a notebook that would
be lost, and in the notebook's test it would be an output too many.
"""

import io
from collections.abc import Callable, Mapping

import ipywidgets
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers.augment import RandomAffine

GAP = 2  # white pixels between images
SCALE = 5  # screen pixels of a pixel


def _moved_by(controls, show):
    """Controls, below them a picture and a text, which each change of a control renews.

    Args:
        controls: by name; setting the ``value`` of one does what a hand does.
        show: from the values of all controls, by name, to a picture and a text.
    """
    picture = ipywidgets.Image(layout={"max_width": "100%"})
    text = ipywidgets.HTML()

    def renew(change=None):
        values = {name: control.value for name, control in controls.items()}
        picture.value, text.value = show(**values)

    for control in controls.values():
        control.layout.width = "28em"
        control.style.description_width = "10em"  # nothing is cut off
        control.tooltip = control.description  # else ipywidgets 8 shows "null"
        control.observe(renew, "value")
    renew()
    unstretched = ipywidgets.HBox([picture])
    return ipywidgets.VBox([*controls.values(), unstretched, text])


def nudge(networks: Mapping[str, keras.Model], images: np.ndarray) -> ipywidgets.VBox:
    """Move, turn or flip an image, and read each network's answer before and after.

    Args:
        networks: by the name to show; each gives the probability of a coat.
        images: (n, height, width, 1), floats in [0, 1], which no network has seen.
    """

    def show(garment, right, turn, flip):
        image = images[garment - 1]
        # The sampling grid moves, so an image moves and turns the other way, unless it is flipped.
        direction = 1 if flip else -1
        shift = direction * right / image.shape[1]
        change = [direction * turn, shift, 0, 0, 1, 1, flip, 0]  # as in IDENTITY
        nudged = RandomAffine().apply(image[None], [change])[0]
        both = np.stack([image, nudged])
        answers = {}
        for name, model in networks.items():
            before, after = model.predict_on_batch(both)[:, 0]
            same = (before > 0.5) == (after > 0.5)
            verdict = "the same answer" if same else "changed its mind"
            answers[name] = [_answer(before), _answer(after), verdict]
        head = ["as it is (left)", "nudged (right)", ""]
        table = pd.DataFrame.from_dict(answers, orient="index", columns=head)
        return _png(both[None]), table.to_html(border=0)

    controls = {
        "garment": ipywidgets.IntSlider(1, 1, len(images), description="garment"),
        "right": ipywidgets.IntSlider(0, -4, 4, description="pixels to the right"),
        "turn": ipywidgets.IntSlider(0, -15, 15, description="degrees to the right"),
        "flip": ipywidgets.Checkbox(False, description="flip"),
    }
    return _moved_by(controls, show)


def how_strong(
    policy: Callable[[float], RandomAffine], image: np.ndarray
) -> ipywidgets.VBox:
    """Eight versions of an image, and a slider for the strength of the policy.

    Args:
        policy: from a strength to the layer that makes the versions; its seed fixes them.
        image: (height, width, channels), floats in [0, 1].
    """
    eight = np.repeat(image[None], 8, axis=0)

    def show(strength):
        versions = policy(strength).version(eight, np.arange(8), 0)
        picture = _png(np.reshape(versions, (2, 4, *image.shape)))
        return picture, f"eight versions at strength {strength:.2f}"

    slider = ipywidgets.FloatSlider(
        0.25, min=0, max=1.25, step=0.05, description="strength"
    )
    return _moved_by({"strength": slider}, show)


def _answer(coat):
    return f"coat, {coat:.0%}" if coat > 0.5 else f"pullover, {1 - coat:.0%}"


def _png(rows):
    """Images (rows, columns, height, width, 1 or 3) as one PNG, enlarged."""
    gaps = [(0, 0), (0, 0), (0, GAP), (0, GAP), (0, 0)]
    framed = np.pad(np.clip(rows, 0, 1), gaps, constant_values=1)
    picture = np.concatenate(np.concatenate(framed, axis=1), axis=1)
    large = picture.squeeze().repeat(SCALE, axis=0).repeat(SCALE, axis=1)
    file = io.BytesIO()
    plt.imsave(file, large, cmap="gray", vmin=0, vmax=1)
    return file.getvalue()
