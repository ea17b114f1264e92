"""The explorers: their state, their pictures and what they say; nothing is ever printed."""

import io

import numpy as np
import pytest
from PIL import Image

from explorers import nudge_explorer, policy_explorer
from helpers.augment import POLICIES
from helpers.data import load_garments

GARMENTS = load_garments().x_train[:3]
ROWS = {"original": 0, "static": 1, "live": 2}
TILE, DOWN, LEFT, ACROSS = 112, 138, 115, 120  # four screen pixels a pixel, and the space around


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert capfd.readouterr() == ("", "")


def tiles(explorer, row):
    """The pictures of a row at their own size, (3, 28, 28), integers 0 to 255."""
    pixels = np.asarray(Image.open(io.BytesIO(explorer.picture.value)))
    y = ROWS[row] * DOWN
    columns = [LEFT + i * ACROSS for i in range(len(GARMENTS))]
    return np.stack([pixels[y : y + TILE : 4, x : x + TILE : 4] for x in columns])


def choose(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value


@pytest.mark.parametrize("clean_share", [0, 0.5, 1])
def test_static_repeats_its_copies_left_clean_or_not_and_live_does_not(clean_share):
    explorer = policy_explorer(GARMENTS, **POLICIES["mild"], clean_share=clean_share)
    static, live = [], []
    for epoch in range(1, 10):
        choose(explorer, epoch=epoch)
        for shown, row in ((static, "static"), (live, "live")):
            shown.append(tiles(explorer, row))
            clean = (shown[-1] == tiles(explorer, "original")).all(axis=(1, 2)).sum()
            assert clean == 3 * clean_share or clean_share == 0.5
    np.testing.assert_array_equal(static[:4], live[:4])
    np.testing.assert_array_equal(static[:4], static[4:8])
    assert clean_share == 1 or len({row.tobytes() for row in live}) > 4


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
        assert ("changed its mind" in explorer.text.value) == (column < 14)
    for mirror, column in ((False, 22), (True, 5)):
        images = np.zeros((1, 28, 28, 1), "float32")
        images[0, 13:15, column] = 1
        choose(nudge_explorer({"one": network}, images), right=0, mirror=mirror, turn=15)
        assert np.argwhere(network.seen[0, ..., 0] > 0.3).mean(axis=0)[0] > 14  # the right side is lower
