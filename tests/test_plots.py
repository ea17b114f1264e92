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


def test_no_two_arms_look_or_read_the_same():
    labels = {"none": "no augmentation", "live-4/5": "live, 20 % unchanged", "live-3/4": "live, a quarter unchanged",
              "copies-1": "1 copy", "originals+4": "originals + 4 copies",
              "pool-4+live": "live on top of 4 copies"}  # fmt: skip
    assert {name: plots.arm_label(name) for name in labels} == labels
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
    _, ax = plt.subplots()
    plots.label_ends(ax, dict.fromkeys(ARMS, 0.5))
    assert plots.contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)  # the guidelines' own example
    assert min(map(plots.contrast_with_white, colours.values())) >= 3
    assert min(plots.contrast_with_white(text.get_color()) for text in ax.texts) >= 4.5


def test_line_and_band_are_mean_and_paired_interval_and_labels_stand_at_the_ends():
    arms, updates, rng = ["none", "originals+pool-4", "live"], (10, 20, 40), np.random.default_rng(0)
    rows = [(arm, replicate, update) for arm in arms for replicate in range(5) for update in updates]
    curves = pd.DataFrame(rows, columns=["arm", "replicate", "update"]).sample(frac=1, random_state=1)  # in any order
    curves["val_loss"] = rng.random(len(curves)) + (curves["arm"] == "none")
    _, ax = plt.subplots()
    plots.plot_curves(ax, curves, "val_loss")
    ends = {}
    for arm, line, band in zip(curves["arm"].unique(), ax.lines, ax.collections, strict=True):
        by_update = curves[curves["arm"] == arm].groupby("update")["val_loss"]
        intervals = np.array([paired_interval(values) for _, values in by_update])
        assert to_rgb(plots.arm_style(arm)["color"]) == to_rgb(line.get_color()) == to_rgb(band.get_facecolor()[0])
        np.testing.assert_array_equal(line.get_xdata(), updates)
        np.testing.assert_allclose(line.get_ydata(), intervals[:, 0])
        corners = band.get_paths()[0].vertices
        for update, (_, low, high) in zip(updates, intervals, strict=True):
            heights = corners[corners[:, 0] == update, 1]
            assert (heights.min(), heights.max()) == pytest.approx((low, high))
        ends[plots.arm_label(arm)] = intervals[-1, 0]
    found = {text.get_text(): text.xy[1] for text in ax.texts}
    assert found["no augmentation"] == pytest.approx(ends["no augmentation"])  # far from the others
    assert sorted(found, key=found.get) == sorted(ends, key=ends.get)


def test_labels_do_not_touch():
    figure, ax = plt.subplots()
    plots.label_ends(ax, {"live": 0.5, "none": 0.5, "copies-1": 0.51})
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in ax.texts), key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 for below, above in zip(boxes, boxes[1:], strict=False))
