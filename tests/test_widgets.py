"""The widgets: what their callbacks set, and that nothing is ever printed."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.augment import RandomAffine
from widgets import GAP, how_strong, nudge


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert capfd.readouterr() == ("", "")


def shown(widget, scale, row, column):
    """One image of the widget's picture at its own size, (28, 28), from 0 to 1."""
    pixels = np.asarray(Image.open(io.BytesIO(widget.picture.value))) / 255
    size = 28 * scale
    top, left = row * (size + GAP), column * (size + GAP)
    return pixels[top : top + size : scale, left : left + size : scale]


class Bright:
    """A network that says coat where the left half of an image is brighter than the right."""

    def predict_on_batch(self, images):
        left, right = images[:, :, :14].mean(axis=(1, 2, 3)), images[:, :, 14:].mean(axis=(1, 2, 3))
        return (0.25 + 0.5 * (left > right)).astype("float32")[:, None]


class Pullover:
    """A network that says the same of every image."""

    def predict_on_batch(self, images):
        return np.full((len(images), 1), 0.1, "float32")


def dot(row, column):
    images = np.zeros((2, 28, 28, 1), "float32")
    images[1, row, column] = 1
    return images


@pytest.mark.parametrize(
    ("right", "flip", "column"), [(0, False, 14), (2, False, 16), (-3, False, 11), (2, True, 15)]
)
def test_a_garment_moves_and_flips_as_the_controls_say(right, flip, column):
    widget = nudge({"one": Bright()}, dot(14, 14))
    for name, value in {"garment": 2, "right": right, "flip": flip}.items():
        widget.controls[name].value = value
    assert np.argwhere(shown(widget, 5, 0, 0) > 0.9).tolist() == [[14, 14]]
    assert np.argwhere(shown(widget, 5, 0, 1) > 0.9).tolist() == [[14, column]]


@pytest.mark.parametrize("flip", [False, True])
def test_a_turn_to_the_right_lowers_the_right_side(flip):
    widget = nudge({"one": Bright()}, dot(14, 5 if flip else 22))
    for name, value in {"garment": 2, "turn": 15, "flip": flip}.items():
        widget.controls[name].value = value
    row, column = np.unravel_index(shown(widget, 5, 0, 1).argmax(), (28, 28))
    assert column > 14 and row > 14


def test_each_network_s_answers_stand_in_a_row_of_its_own():
    widget = nudge({"one": Bright(), "two": Pullover()}, dot(14, 14))
    widget.controls["garment"].value = 2
    said = widget.text.value
    assert said.count("the same answer") == 2 and said.count("pullover, 75 %") == 2
    widget.controls["right"].value = -1  # into the left half
    one, two = widget.text.value.split("<tr>")[2:]
    assert "pullover, 75 %" in one and "coat, 75 %" in one and "changed its mind" in one
    assert two.count("pullover, 90 %") == 2 and "the same answer" in two


def shift(strength):
    return RandomAffine(width_shift_range=0.2 * strength, seed=0)


def test_the_slider_draws_eight_versions_of_its_strength():
    image = dot(14, 14)[1]
    widget = how_strong(shift, image)
    eight = np.repeat(image[None], 8, axis=0)
    for strength in (0, 0.5, 1.25):
        widget.controls["strength"].value = strength
        assert f"{strength:.2f}" in widget.text.value
        versions = shift(strength).version(eight, np.arange(8), 0).numpy()[..., 0]
        for number, version in enumerate(versions):
            found = shown(widget, 4, *divmod(number, 4))
            np.testing.assert_allclose(found, version, atol=0.003)
        assert (strength > 0) == (np.ptp(versions, axis=0).max() > 0)


def test_a_policy_of_colour_images_is_shown_in_colour():
    image = np.zeros((28, 28, 3), "float32")
    image[..., 0] = 1
    found = shown(how_strong(shift, image), 4, 1, 3)
    assert (found == [1, 0, 0]).all()
