"""Figures: one name, one colour and one line an arm; bands are the paired interval."""

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from helpers import plots
from helpers.stats import paired_interval

KS = (1, 2, 4, 8, 16, 32)
STATIC = ["copies-{}", "originals+{}", "pool-{}", "originals+pool-{}", "fresh-{}-40"]
ARMS = ["none", "live", "live-4/5", "pool-4+live", *(form.format(k) for form in STATIC for k in KS)]


@pytest.fixture(autouse=True)
def _style():
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def curves_of(arms, replicates=5):
    rng = np.random.default_rng(0)
    rows = [
        {"arm": arm, "replicate": replicate, "update": update, "val_loss": rng.random() + (arm == "none")}
        for arm in arms
        for replicate in range(replicates)
        for update in (10, 20, 40)
    ]
    return pd.DataFrame(rows)


LABELS = {
    "none": "no augmentation", "live": "live", "live-4/5": "live, 20 % unchanged", "copies-4": "4 copies",
    "live-3/4": "live, a quarter unchanged", "originals+4": "originals + 4 copies", "pool-4": "4 copies, shuffled",
    "originals+pool-4": "originals + 4 copies, shuffled", "fresh-4-10": "4 copies, new after 10 epochs",
    "pool-4+live": "live on top of 4 copies", "copies-1": "1 copy",
}  # fmt: skip


def test_an_arm_in_words_and_no_two_look_or_read_the_same():
    assert {name: plots.arm_label(name) for name in LABELS} == LABELS
    looks = {(to_rgb(style["color"]), style["linestyle"]) for style in map(plots.arm_style, ARMS)}
    assert len(looks) == len({plots.arm_label(arm) for arm in ARMS}) == len(ARMS)


def test_none_is_grey_static_orange_by_copies_and_live_blue_all_to_be_seen_on_white():
    colours = {arm: to_rgb(plots.arm_style(arm)["color"]) for arm in ARMS}
    assert len(set(colours["none"])) == 1
    for red, green, blue in (colours[arm] for arm in ("live", "live-4/5", "pool-4+live")):
        assert blue > green > red
    for form in STATIC:
        by_copies = np.array([colours[form.format(k)] for k in KS])
        assert (np.diff(by_copies, axis=1) < 0).all() and (np.diff(by_copies.sum(axis=1)) < 0).all(), "darker with K"
    assert len({colours[form.format(4)] for form in STATIC}) == 1
    contrasts = [plots.contrast_with_white(color) for color in ("black", "white", "#767676")]  # the guidelines' grey
    assert contrasts == pytest.approx([21, 1, 4.54], abs=0.01)
    _, ax = plt.subplots()
    plots.label_ends(ax, dict.fromkeys(ARMS, 0.5))
    assert min(map(plots.contrast_with_white, colours.values())) >= 3
    assert min(plots.contrast_with_white(text.get_color()) for text in ax.texts) >= 4.5


def test_line_and_band_are_mean_and_paired_interval_and_labels_stand_at_the_ends():
    curves = curves_of(["none", "originals+pool-4", "live"]).sample(frac=1, random_state=1)  # rows in any order
    _, ax = plt.subplots()
    plots.plot_curves(ax, curves, "val_loss")
    ends = {}
    for arm, line, band in zip(curves["arm"].unique(), ax.lines, ax.collections, strict=True):
        by_update = curves[curves["arm"] == arm].groupby("update")["val_loss"]
        intervals = np.array([paired_interval(values) for _, values in by_update])
        colour = to_rgb(plots.arm_style(arm)["color"])
        assert colour == to_rgb(line.get_color()) == to_rgb(band.get_facecolor()[0])
        np.testing.assert_array_equal(line.get_xdata(), [10, 20, 40])
        np.testing.assert_allclose(line.get_ydata(), intervals[:, 0])
        corners = band.get_paths()[0].vertices
        for update, (_, low, high) in zip((10, 20, 40), intervals, strict=True):
            heights = corners[corners[:, 0] == update, 1]
            assert (heights.min(), heights.max()) == pytest.approx((low, high))
        ends[plots.arm_label(arm)] = intervals[-1, 0]
    found = {text.get_text(): text.xy[1] for text in ax.texts}
    assert found["no augmentation"] == pytest.approx(ends["no augmentation"])  # far from the others
    assert sorted(found, key=found.get) == sorted(ends, key=ends.get)


def test_a_single_replicate_is_a_line_without_a_band_or_label():
    _, ax = plt.subplots()
    ax.set_ylabel("loss")
    plots.plot_curves(ax, curves_of(["live"], replicates=1), "val_loss", label=False)
    assert len(ax.lines) == 1 and not ax.texts
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("gradient updates", "loss")
    heights = [path.vertices[:, 1] for band in ax.collections for path in band.get_paths()]
    assert not heights or np.isnan(np.concatenate(heights)).all()


def test_labels_do_not_touch():
    figure, ax = plt.subplots()
    plots.label_ends(ax, {"live": 0.5, "none": 0.5, "copies-1": 0.51, "copies-4": 0.9})
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 for below, above in zip(boxes, boxes[1:], strict=False))
    assert {text.get_text(): text.xy[1] for text in ax.texts}["4 copies"] == 0.9


def test_pictures_stand_below_their_columns_and_beside_their_titles():
    rows = [np.random.default_rng(0).random((3, 28, 28, channels)) for channels in (1, 3)]
    plots.show_images(rows, ["A", "B"], ["first", "second", "third"])
    axes = plt.gcf().axes
    assert [ax.get_title() for ax in axes] == ["first", "second", "third", "", "", ""]
    assert [ax.get_ylabel() for ax in axes] == ["A", "", "", "B", "", ""]
    np.testing.assert_array_equal(axes[4].images[0].get_array(), rows[1][1])
