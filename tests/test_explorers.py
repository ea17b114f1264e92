"""The explorers: their state, their pictures and what they say; nothing is ever printed."""

import io

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from explorers import nudge_explorer, policy_explorer
from helpers.augment import POLICIES
from helpers.data import load_garments
from refusals import refusal

GARMENTS = load_garments().x_train[:3]
ROWS = {"original": 0, "static": 1, "live": 2}
TILE, DOWN, LEFT, ACROSS = 112, 138, 115, 120  # four screen pixels a pixel, and the space around


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert capfd.readouterr() == ("", "")


def pixels(explorer):
    return np.asarray(Image.open(io.BytesIO(explorer.picture.value)))


def tiles(explorer, row):
    """The pictures of a row at their own size, (3, 28, 28), integers 0 to 255."""
    y = ROWS[row] * DOWN
    columns = [LEFT + i * ACROSS for i in range(len(GARMENTS))]
    return np.stack([pixels(explorer)[y : y + TILE : 4, x : x + TILE : 4] for x in columns])


@pytest.fixture
def explorer():
    return policy_explorer(GARMENTS, **POLICIES["mild"])


def test_policy_starts_where_told(explorer):
    started = {name: explorer.controls[name].value for name in POLICIES["mild"]}
    assert started == POLICIES["mild"]
    assert "rotation_range=5, width_shift_range=0.05" in explorer.text.value
    np.testing.assert_array_equal(tiles(explorer, "original"), np.round(GARMENTS[..., 0] * 255))


CHANGES = {"rotation_range": 40, "width_shift_range": 0.3, "height_shift_range": 0.3, "shear_range": 20, "epoch": 7,
           "zoom_range": 0.4, "clean_share": 1, "horizontal_flip": False, "vertical_flip": True}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_every_control_of_the_policy_changes_picture_and_text(explorer, name):
    picture, text = explorer.picture.value, explorer.text.value
    explorer.controls[name].value = CHANGES[name]
    assert explorer.picture.value != picture and explorer.text.value != text


@pytest.mark.parametrize("mode", ["constant", "reflect", "wrap"])
def test_fill_mode_shows_where_the_picture_ends(mode):
    # Not garments: outside of them all is black, whatever the mode.
    gradient = np.linspace(0.2, 1, 28 * 28, dtype="float32").reshape(1, 28, 28, 1)
    explorer = policy_explorer(gradient, width_shift_range=0.4)
    picture = explorer.picture.value
    explorer.controls["fill_mode"].value = mode
    assert explorer.picture.value != picture and f"fill_mode={mode!r}" in explorer.text.value


def test_a_clean_share_of_one_shows_originals_and_of_zero_none(explorer):
    for share, left_clean in ((0, False), (1, True)):
        explorer.controls["clean_share"].value = share
        for row in ("static", "live"):
            same = (tiles(explorer, row) == tiles(explorer, "original")).all(axis=(1, 2))
            assert (same == left_clean).all()
    assert "left clean: 3 static, 3 live of 3" in explorer.text.value


def strip(explorer, row):
    """A row with its notes of what was left clean."""
    return pixels(explorer)[ROWS[row] * DOWN : (ROWS[row] + 1) * DOWN, LEFT:]


@pytest.mark.parametrize("clean_share", [0, 0.5])
def test_static_repeats_its_copies_left_clean_or_not_and_live_does_not(clean_share):
    explorer = policy_explorer(GARMENTS, **POLICIES["mild"], clean_share=clean_share)
    static, live, counts = {}, {}, {}
    for epoch in range(1, 10):
        explorer.controls["epoch"].value = epoch
        static[epoch], live[epoch] = strip(explorer, "static"), strip(explorer, "live")
        same = (tiles(explorer, "static") == tiles(explorer, "original")).all(axis=(1, 2))
        counts[epoch] = f"left clean: {same.sum()} static"
        assert not clean_share or counts[epoch] in explorer.text.value
    for epoch in range(1, 5):
        np.testing.assert_array_equal(static[epoch], live[epoch])
        np.testing.assert_array_equal(static[epoch], static[epoch + 4])
        assert counts[epoch] == counts[epoch + 4]
    assert len({row.tobytes() for row in static.values()}) <= 4 < len({row.tobytes() for row in live.values()})
    assert "copy 1 of 4,\ntimes shown: 3" in explorer.text.value


def test_pictures_in_colour_and_larger_ones():
    images = np.random.default_rng(0).random((2, 96, 96, 3), dtype="float32")
    explorer = policy_explorer(images)
    picture = pixels(explorer)
    np.testing.assert_array_equal(picture[:96, LEFT : LEFT + 96], np.round(images[0] * 255))


def test_bad_arguments_of_the_policy_explorer():
    odd = [
        ({"images": GARMENTS[0]}, "images have shape (28, 28, 1)"), ({"images": 255 * GARMENTS}, "in [0, 1]"),
        ({"images": np.full_like(GARMENTS, np.nan)}, "from nan"), ({"rotation": 5}, "no control 'rotation'; there are"),
        ({"zoom_range": (0.9, 1.2)}, "control of zoom_range can't be set to"),
    ]  # fmt: skip
    for arguments, said in odd:
        assert said in refusal(policy_explorer, **{"images": GARMENTS, **arguments})


class Bright:
    """A network that says coat where the left half of a picture is brighter than the right."""

    def predict_on_batch(self, images):
        left, right = images[:, :, :14], images[:, :, 14:]
        return (left.mean(axis=(1, 2, 3)) > right.mean(axis=(1, 2, 3))).astype("float32")[:, None]


def lopsided():
    images = np.full((3, 28, 28, 1), 0.1, "float32")
    images[:, :, 4:10] = 0.9
    return images


def choose(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value


def shown_to_the_network(images, **values):
    """What the network of an explorer was given last."""
    seen = []

    class Watching(Bright):
        def predict_on_batch(self, images):
            seen.append(images.copy())
            return super().predict_on_batch(images)

    choose(nudge_explorer({"one": Watching()}, images), **values)
    return seen[-1]


def test_a_mirrored_garment_changes_the_answer_of_a_network_that_looks_at_a_side():
    explorer = nudge_explorer({"one": Bright()}, lopsided())
    assert "the same answer" in explorer.text.value
    choose(explorer, mirror=True)
    assert "coat, 100 %</td><td>pullover, 100 %</td><td><b>changed its mind</b>" in explorer.text.value
    assert explorer.text.value.startswith("Garment 1, moved by 1 pixels and turned by 0°, mirrored.")
    choose(explorer, mirror=False, right=0)
    assert "changed its mind" not in explorer.text.value


@pytest.mark.parametrize(("right", "mirror", "column"), [(2, False, 16), (-3, False, 11), (2, True, 15), (0, True, 13)])
def test_a_garment_moves_by_whole_pixels_to_the_side_that_the_control_says(right, mirror, column):
    images = np.zeros((1, 28, 28, 1), "float32")
    images[0, 14, 14] = 1
    shown = shown_to_the_network(images, right=right, mirror=mirror)
    assert np.argwhere(shown[0, ..., 0] > 0.99).tolist() == [[14, column]]


@pytest.mark.parametrize("mirror", [False, True])
def test_a_turn_to_the_right_lowers_the_right_side(mirror):
    images = np.zeros((1, 28, 28, 1), "float32")
    images[0, 13:15, 27 - 22 if mirror else 22] = 1
    shown = shown_to_the_network(images, right=0, mirror=mirror, turn=15)
    place = np.argwhere(shown[0, ..., 0] > 0.3).mean(axis=0)
    assert place[0] > 14


def test_displayed_as_a_view_and_nothing_else(explorer, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *data, **options: shown.append((data, options)))
    data, _ = DisplayFormatter().format(explorer)
    assert data == {}
    (((bundle,), options),) = shown
    assert options == {"raw": True} and set(bundle) == {"application/vnd.jupyter.widget-view+json"}
    assert next(iter(bundle.values()))["model_id"] == explorer.model_id
