"""The widgets: what their callbacks set, and that nothing is ever printed."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers.augment import RandomAffine
from widgets import GAP, SCALE, how_strong, nudge


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert capfd.readouterr() == ("", "")


def picture(widget, row, column):
    """One image of the widget's picture at its own size, (28, 28, 3), from 0 to 1."""
    png = widget.children[-2].children[0].value
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))[::SCALE, ::SCALE] / 255
    top, left = row * (28 + GAP), column * (28 + GAP)
    return pixels[top : top + 28, left : left + 28]


def set_to(widget, **values):
    """Move controls, named by how their descriptions begin, and return what is said."""
    for name, value in values.items():
        (control,) = [each for each in widget.children[:-2] if name in each.description]
        control.value = value
    return widget.children[-1].value


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
    ("pixels", "flip", "column"), [(0, False, 14), (2, False, 16), (-3, False, 11), (2, True, 15)]
)
def test_a_garment_moves_and_flips_as_the_controls_say(pixels, flip, column):
    widget = nudge({"one": Bright()}, dot(14, 14))
    set_to(widget, garment=2, pixels=pixels, flip=flip)
    assert np.argwhere(picture(widget, 0, 0)[..., 0] > 0.9).tolist() == [[14, 14]]
    assert np.argwhere(picture(widget, 0, 1)[..., 0] > 0.9).tolist() == [[14, column]]


@pytest.mark.parametrize("flip", [False, True])
def test_a_turn_to_the_right_lowers_the_right_side(flip):
    widget = nudge({"one": Bright()}, dot(14, 5 if flip else 22))
    set_to(widget, garment=2, degrees=15, flip=flip)
    row, column = np.unravel_index(picture(widget, 0, 1)[..., 0].argmax(), (28, 28))
    assert column > 14 and row > 14


def test_each_network_s_answers_stand_in_a_row_of_its_own():
    widget = nudge({"one": Bright(), "two": Pullover()}, dot(14, 14))
    said = set_to(widget, garment=2)
    assert said.count("the same answer") == 2 and said.count("pullover, 75%") == 2
    one, two = set_to(widget, pixels=-1).split("<tr>")[1:]  # into the left half
    assert "pullover, 75%" in one and "coat, 75%" in one and "changed its mind" in one
    assert two.count("pullover, 90%") == 2 and "the same answer" in two


def shift(strength):
    return RandomAffine(width_shift_range=0.2 * strength, seed=0)


def test_the_slider_draws_eight_versions_of_its_strength_and_in_their_colours():
    image = np.repeat(dot(14, 14)[1], 3, axis=2) * np.float32([1, 0.5, 0])
    widget = how_strong(shift, image)
    eight = np.repeat(image[None], 8, axis=0)
    for strength in (0, 0.5, 1.25):
        assert f"{strength:.2f}" in set_to(widget, strength=strength)
        versions = shift(strength).version(eight, np.arange(8), 0).numpy()
        for number, version in enumerate(versions):
            found = picture(widget, *divmod(number, 4))
            np.testing.assert_allclose(found, version, atol=0.005)
        assert (strength > 0) == (np.ptp(versions, axis=0).max() > 0)
