"""Figures: one name, one colour and one line an arm; bands are the paired interval; no window is opened."""

import subprocess
import sys

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
        {"arm": arm, "replicate": replicate, "update": update, "val_loss": rng.random()}
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


def test_none_is_grey_static_orange_by_copies_and_live_blue():
    red, green, blue = to_rgb(plots.arm_style("none")["color"])
    assert red == green == blue
    for arm in ("live", "live-1/2", "pool-4+live"):
        red, green, blue = to_rgb(plots.arm_style(arm)["color"])
        assert blue > green > red
    for form in STATIC:
        colours = [to_rgb(plots.arm_style(form.format(k))["color"]) for k in KS]
        assert all(red > green > blue for red, green, blue in colours)
        assert (np.diff([sum(colour) for colour in colours]) < 0).all(), "darker with K"
    assert len({plots.arm_style(form.format(4))["color"] for form in STATIC}) == 1


def test_lines_and_labels_can_be_seen_on_white():
    contrasts = [plots.contrast_with_white(color) for color in ("black", "white", "#767676")]  # the guidelines' grey
    assert contrasts == pytest.approx([21, 1, 4.54], abs=0.01)
    _, ax = plt.subplots()
    plots.label_ends(ax, dict.fromkeys(ARMS, 0.5))
    assert min(plots.contrast_with_white(plots.arm_style(arm)["color"]) for arm in ARMS) >= 3
    assert min(plots.contrast_with_white(text.get_color()) for text in ax.texts) >= 4.5


def test_line_and_band_are_mean_and_paired_interval():
    arms = ["none", "copies-4", "originals+pool-4", "fresh-2-10", "pool-2+live", "live"]
    curves = curves_of(arms).sample(frac=1, random_state=1)  # the order of rows never matters
    _, ax = plt.subplots()
    plots.plot_curves(ax, curves, "val_loss")
    for arm, line, band in zip(curves["arm"].unique(), ax.lines, ax.collections, strict=True):
        by_update = curves[curves["arm"] == arm].groupby("update")["val_loss"]
        intervals = np.array([paired_interval(values) for _, values in by_update])
        style = plots.arm_style(arm)
        assert to_rgb(line.get_color()) == to_rgb(style["color"]) == to_rgb(band.get_facecolor()[0])
        np.testing.assert_array_equal(line.get_xdata(), [10, 20, 40])
        np.testing.assert_allclose(line.get_ydata(), intervals[:, 0])
        corners = band.get_paths()[0].vertices
        for update, (_, low, high) in zip((10, 20, 40), intervals, strict=True):
            heights = corners[corners[:, 0] == update, 1]
            assert (heights.min(), heights.max()) == pytest.approx((low, high))


def test_labels_stand_at_the_ends_of_their_lines():
    curves = curves_of(["none", "live"])
    curves["val_loss"] += curves["arm"] == "none"  # far enough apart
    _, ax = plt.subplots()
    plots.plot_curves(ax, curves, "val_loss")
    found = {text.get_text(): text.xy[1] for text in ax.texts}
    ends = curves[curves["update"] == 40].groupby("arm")["val_loss"].mean()
    assert found == pytest.approx({"no augmentation": ends["none"], "live": ends["live"]})
    _, ax = plt.subplots()
    plots.plot_curves(ax, curves, "val_loss", label=False)
    assert not ax.texts


def test_labels_do_not_touch():
    figure, ax = plt.subplots()
    ends = {"live": 0.5, "none": 0.5, "copies-1": 0.51, "copies-4": 0.9}
    plots.label_ends(ax, ends, {"live": "A", "none": "B", "copies-1": "C", "copies-4": "D"})
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert {text.get_text() for text in ax.texts} == set("ABCD")
    assert all(below.y1 <= above.y0 for below, above in zip(boxes, boxes[1:], strict=False))
    assert ends["copies-4"] == next(text.xy[1] for text in ax.texts if text.get_text() == "D")


def test_a_single_replicate_is_a_line_without_a_band():
    _, ax = plt.subplots()
    ax.set_ylabel("loss")
    plots.plot_curves(ax, curves_of(["live"], replicates=1), "val_loss")
    assert len(ax.lines) == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("gradient updates", "loss")
    heights = [path.vertices[:, 1] for band in ax.collections for path in band.get_paths()]
    assert not heights or np.isnan(np.concatenate(heights)).all()


def test_pictures_are_large_enough_to_see_and_letters_to_read_on_a_phone():
    for columns in (3, 6, 8):
        rows = [np.random.default_rng(0).random((columns, 28, 28, channels)) for channels in (1, 3)]
        plots.show_images(rows, ["A", "B"], [f"epoch {epoch}" for epoch in range(columns)])
        figure = plt.gcf()
        figure.canvas.draw()
        assert [ax.get_title() for ax in figure.axes[:columns]] == [f"epoch {epoch}" for epoch in range(columns)]
        assert min(ax.get_window_extent().width for ax in figure.axes) / figure.dpi > 0.9 * 1.3  # inch
        written = [figure.axes[0].title, figure.axes[0].yaxis.label]
        assert min(text.get_fontsize() for text in written) / 72 * 360 / figure.get_figwidth() > 6


def test_importing_plots_opens_no_window_and_draws_without_a_display():
    script = (
        "import os; os.environ.pop('DISPLAY', None); "
        "import matplotlib.pyplot as plt; from helpers import plots; "
        "plots.use_style(); plots.label_ends(plt.subplots()[1], {'live': 0.5}); plt.gcf().canvas.draw()"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
