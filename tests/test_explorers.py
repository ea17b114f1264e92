"""The explorers: their state, their pictures and what they say; nothing is ever printed."""

import io

import numpy as np
import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

import explorers
from explorers import METRICS, SHARES, curve_explorer, policy_explorer
from helpers.augment import POLICIES
from helpers.compare import differences, summarise
from helpers.data import load_garments
from helpers.stats import paired_interval
from helpers.tables import FOLDER, read_results

GARMENTS = load_garments().x_train[:3]
ROWS = {"original": 0, "static": 1, "live": 2}
TILE, DOWN, LEFT, ACROSS = 112, 138, 115, 120  # four screen pixels a pixel, and the space around


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd):
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="module")
def study():
    table = read_results(FOLDER / "study.csv")
    return table[table["n"] < 2048]


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotation_range", 40),
        ("width_shift_range", 0.3),
        ("height_shift_range", 0.3),
        ("shear_range", 20),
        ("zoom_range", 0.4),
        ("clean_share", 1),
        ("horizontal_flip", False),
        ("vertical_flip", True),
        ("epoch", 7),
    ],
)
def test_every_control_of_the_policy_changes_picture_and_text(explorer, name, value):
    picture, text = explorer.picture.value, explorer.text.value
    explorer.controls[name].value = value
    assert explorer.picture.value != picture and explorer.text.value != text


@pytest.mark.parametrize("mode", ["constant", "reflect", "wrap"])
def test_fill_mode_shows_where_the_picture_ends(mode):
    # Not garments: outside of them all is black, whatever the mode.
    gradient = np.linspace(0.2, 1, 28 * 28, dtype="float32").reshape(1, 28, 28, 1)
    explorer = policy_explorer(gradient, width_shift_range=0.4)
    picture = explorer.picture.value
    explorer.controls["fill_mode"].value = mode
    assert explorer.picture.value != picture and f"fill_mode={mode!r}" in explorer.text.value


def test_static_repeats_its_copies_and_live_does_not(explorer):
    rows = {}
    for epoch in range(1, 10):
        explorer.controls["epoch"].value = epoch
        rows[epoch] = {row: tiles(explorer, row) for row in ROWS}
    for epoch in range(1, 5):
        np.testing.assert_array_equal(rows[epoch]["static"], rows[epoch]["live"])
        np.testing.assert_array_equal(rows[epoch]["static"], rows[epoch + 4]["static"])
    assert len({rows[epoch]["live"].tobytes() for epoch in rows}) == 9
    assert len({rows[epoch]["static"].tobytes() for epoch in rows}) == 4
    assert "copy 1 of 4,\ntimes shown: 3" in explorer.text.value


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


def test_a_static_copy_stays_as_it_was_left_clean_or_not():
    explorer = policy_explorer(GARMENTS, **POLICIES["mild"], clean_share=0.5)
    static, live, counts = {}, {}, {}
    for epoch in range(1, 9):
        explorer.controls["epoch"].value = epoch
        static[epoch], live[epoch] = strip(explorer, "static"), strip(explorer, "live")
        counts[epoch] = explorer.text.value.split("left clean: ")[1].split(" static")[0]
        same = (tiles(explorer, "static") == tiles(explorer, "original")).all(axis=(1, 2))
        assert counts[epoch] == str(same.sum())
    for epoch in range(1, 5):
        np.testing.assert_array_equal(static[epoch], live[epoch])
        np.testing.assert_array_equal(static[epoch], static[epoch + 4])
        assert counts[epoch] == counts[epoch + 4]
    assert any((live[epoch] != live[epoch + 4]).any() for epoch in range(1, 5))


def test_pictures_in_colour_and_larger_ones():
    images = np.random.default_rng(0).random((2, 96, 96, 3), dtype="float32")
    explorer = policy_explorer(images)
    picture = pixels(explorer)
    np.testing.assert_array_equal(picture[:96, LEFT : LEFT + 96], np.round(images[0] * 255))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": GARMENTS[0]}, r"images have shape \(28, 28, 1\); expected"),
        ({"images": GARMENTS[:0]}, r"images have shape \(0, 28, 28, 1\); expected"),
        ({"images": 255 * GARMENTS}, r"images reach from 0.0 to 2\d\d.0; expected values in \[0, 1\]"),
        ({"images": np.full_like(GARMENTS, np.nan)}, "images reach from nan"),
        ({"rotation": 5}, "no control 'rotation'; there are rotation_range"),
        ({"rotation_range": 900}, "control of rotation_range can't be set to 900"),
        ({"zoom_range": (0.9, 1.2)}, "control of zoom_range can't be set to"),
        ({"fill_mode": "mirror"}, "control of fill_mode can't be set to 'mirror'"),
    ],
)
def test_bad_arguments_of_the_policy_explorer(arguments, message):
    with pytest.raises(ValueError, match=message):
        policy_explorer(**{"images": GARMENTS, **arguments})


@pytest.fixture(scope="module")
def curves(study):
    return curve_explorer(study)


def choose(explorer, **values):
    for name, value in values.items():
        explorer.controls[name].value = value


def test_every_control_of_the_curves_changes_picture_and_text(curves):
    share, originals = list(SHARES)[0], list(SHARES)[2]
    start = {"dataset": "garments", "n": 128, "copies": 1, "share": share, "metric": "validation loss"}
    choose(curves, **start)
    others = {"dataset": "solar-cells", "n": 512, "copies": 4, "share": originals, "metric": "shown loss"}
    for name, value in others.items():
        picture, text = curves.picture.value, curves.text.value
        choose(curves, **{name: value})
        assert curves.picture.value != picture and curves.text.value != text, name
        choose(curves, **{name: start[name]})
        assert (curves.picture.value, curves.text.value) == (picture, text)


@pytest.mark.parametrize("metric", ["validation loss", "validation accuracy", "clean training loss"])
def test_the_difference_is_that_of_the_table(study, curves, metric):
    choose(curves, dataset="garments", n=512, share="1/(K+1), originals + K copies", copies=16, metric=metric)
    part = study[(study["dataset"] == "garments") & (study["n"] == 512)]
    d = differences(summarise(part), "live-16/17", "originals+16", METRICS[metric])
    assert "{:.3f} [{:.3f}, {:.3f}]".format(*paired_interval(d)) in curves.text.value
    verdict = "<b>equivalent</b> with a margin of" in curves.text.value
    assert verdict is metric.startswith("validation")


def test_what_was_not_run_is_said(curves):
    choose(curves, dataset="garments", n=512, share="1/(K+1), originals + K copies", copies=8)
    assert curves.text.value == "Not run with n = 512: originals + 8 copies and live, 8/9 augmented."
    choose(curves, dataset="dress-shirt", n=128)
    assert curves.text.value == "Not run with n = 128: dress-shirt; there it is n = 512."


def test_the_curves_start_at_512_images(study):
    assert curve_explorer(study).controls["n"].value == 512


def test_the_name_of_a_data_set_is_escaped(study):
    part = study[study["dataset"] == "garments"]
    marked = part[part["n"] == 512].assign(dataset="a<b>")
    explorer = curve_explorer(pd.concat([part, marked]))
    choose(explorer, dataset="a<b>", n=128)
    assert explorer.text.value == "Not run with n = 128: a&lt;b&gt;; there it is n = 512."


def test_no_band_is_clipped(study, monkeypatch):
    drawn = []
    plot = explorers.plots.plot_curves
    monkeypatch.setattr(explorers.plots, "plot_curves", lambda ax, *a, **k: (drawn.append(ax), plot(ax, *a, **k)))
    explorer = curve_explorer(study[(study["dataset"] == "solar-cells") & (study["n"] == 128)])
    for metric in METRICS:
        choose(explorer, metric=metric)
        low, high = drawn[-1].get_ylim()
        for band in drawn[-1].collections:
            y = np.concatenate([path.vertices[:, 1] for path in band.get_paths()])
            assert low <= y.min() and y.max() <= high, metric


def test_every_state_of_the_curves_can_be_drawn(study):
    explorer = curve_explorer(study[(study["dataset"] == "solar-cells") & (study["n"] == 128)])
    for share in SHARES:
        for metric in METRICS:
            choose(explorer, share=share, metric=metric, copies=4)
            assert explorer.text.value.startswith("At the end, live"), explorer.text.value


def test_a_table_with_few_evaluations_can_be_drawn(study):
    few = study[(study["dataset"] == "solar-cells") & (study["n"] == 128) & (study["update"] > 2700)]
    assert curve_explorer(few).text.value.startswith("At the end, live minus ")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.drop(columns=["val_loss_scaled"]), "the table lacks val_loss_scaled"),
        (lambda table: table[:0], "the table lacks rows"),
        (lambda table: table[table["arm"] == "none"], "the table has no arm with copies"),
        (lambda table: table.assign(n=128, dataset="one"), "several policies, models or rates"),
    ],
)
def test_bad_tables(study, spoil, message):
    with pytest.raises(ValueError, match=message):
        curve_explorer(spoil(study))


def test_displayed_as_a_view_and_nothing_else(explorer, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *data, **options: shown.append((data, options)))
    data, _ = DisplayFormatter().format(explorer)
    assert data == {}
    (((bundle,), options),) = shown
    assert options == {"raw": True} and set(bundle) == {"application/vnd.jupyter.widget-view+json"}
    assert next(iter(bundle.values()))["model_id"] == explorer.model_id
