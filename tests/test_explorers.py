"""The explorer: its state, its pictures and what it says; nothing is ever printed."""

import io

import numpy as np
import pytest
from PIL import Image

from explorers import nudge_explorer

TILE, DOWN, LEFT = 112, 138, 115  # four screen pixels a pixel, and the space around


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert capfd.readouterr() == ("", "")


def shown(explorer, row):
    """The picture of a row at its own size, (28, 28), from 0 to 1."""
    pixels = np.asarray(Image.open(io.BytesIO(explorer.image.value))) / 255
    return pixels[row * DOWN : row * DOWN + TILE : 4, LEFT : LEFT + TILE : 4]


def choose(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value


class Bright:
    """A network that says coat where the left half of a picture is brighter than the right, and keeps what it saw."""

    def predict_on_batch(self, images):
        self.seen = images.copy()
        left, right = images[:, :, :14], images[:, :, 14:]
        return (left.mean(axis=(1, 2, 3)) > right.mean(axis=(1, 2, 3))).astype("float32")[:, None]


def test_a_garment_moves_by_whole_pixels_and_turns_to_the_side_that_the_control_says():
    network, images = Bright(), np.zeros((1, 28, 28, 1), "float32")
    images[0, 14, 14] = 1
    explorer = nudge_explorer({"one": network}, images)
    for right, mirror, column in [(2, False, 16), (-3, False, 11), (2, True, 15), (0, True, 13)]:
        choose(explorer, right=right, mirror=mirror)
        assert np.argwhere(network.seen[0, ..., 0] > 0.99).tolist() == [[14, column]]
        for row, expected in enumerate((images, network.seen)):
            np.testing.assert_allclose(shown(explorer, row), expected[0, ..., 0], atol=0.003)
        assert ("changed its mind" in explorer.text.value) == (column < 14)
    for mirror, column in ((False, 22), (True, 5)):
        images = np.zeros((1, 28, 28, 1), "float32")
        images[0, 13:15, column] = 1
        choose(nudge_explorer({"one": network}, images), right=0, mirror=mirror, turn=15)
        row, _ = np.argwhere(network.seen[0, ..., 0] > 0.3).mean(axis=0)
        assert row > 14  # the right side is lower


class Sure:
    """A network that is always equally sure of a coat."""

    def __init__(self, coat):
        self.coat = coat

    def predict_on_batch(self, images):
        return np.full((len(images), 1), self.coat)


def test_an_answer_names_the_class_that_the_network_is_surer_of_and_how_sure_it_is():
    networks = {"coats": Sure(0.97), "pullovers": Sure(0.08)}
    explorer = nudge_explorer(networks, np.zeros((1, 28, 28, 1), "float32"))
    for name, answer in {"coats": "coat, 97 %", "pullovers": "pullover, 92 %"}.items():
        row = f"<td>{name}</td><td>{answer}</td><td>{answer}</td><td>the same answer</td>"
        assert row in explorer.text.value
