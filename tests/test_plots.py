"""Figures: one name, one colour and one line a method."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb

import figures
from helpers import plots

KS = (1, 2, 4, 8, 16, 32)
STATIC = ["copies-{}", "originals+{}"]
METHODS = ["none", "live", "live-4/5", *(form.format(k) for form in STATIC for k in KS)]
LABELS = {
    "none": "no augmentation",
    "copies-1": "1 copy",
    "live-4/5": "live, 20 % unchanged",
    "live-3/4": "live, 25 % unchanged",
}


def test_an_arm_in_words_and_no_two_look_or_read_the_same():
    assert {name: plots.method_label(name) for name in LABELS} == LABELS
    assert len({plots.method_label(method) for method in METHODS}) == len(METHODS)
    colors = [plots.method_color(name) for name in ("none", "live", *(f"copies-{k}" for k in KS))]
    assert len(set(map(to_rgb, colors))) == len(colors)


def test_an_answer_is_named_by_its_probability():
    grey = np.zeros((4, 4, 1))
    figures.copy_and_original(grey, grey, [0.9, 0.2], is_coat=True)
    said = [ax.get_title("center") for ax in plt.gcf().axes]
    assert ["coat, 90 %" in said[0], "pullover, 80 %" in said[1]] == [True, True]
    plt.close()


def test_guesses_stand_beside_what_they_are_of():
    figures.live_minus({"none": np.arange(3), "copies": np.arange(3) + 9}, 1, [-1, 4])
    (cross,) = [line for line in plt.gca().lines if line.get_marker() == "x"]
    assert cross.get_xydata().tolist() == [[-1, 0], [4, 1]]
    rows = [(n, m, -1) for n in ("small", "ResNet") for m in ("4 copies", "no augmentation")]
    runs = pd.DataFrame(rows, columns=["network", "method", "accuracy minus live"])
    figures.cost_of_copies(runs, [-6, -5, -4, -3, -2, -1])
    assert [len(ax.get_legend_handles_labels()[0]) for ax in plt.gcf().axes] == [1, 0]
    plt.close("all")


def contrast_with_white(color):
    """Of WCAG 2, from 1 to 21; text needs 4.5."""
    parts = np.array(to_rgb(color))
    light = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return 1.05 / (np.dot(light, [0.2126, 0.7152, 0.0722]) + 0.05)


def test_each_color_is_dark_enough_for_text_on_white():
    assert min(contrast_with_white(plots.method_color(method)) for method in METHODS) >= 4.5


def test_a_tie_is_won_by_neither_and_a_fault_that_gains_has_no_minus():
    columns = pd.MultiIndex.from_product([["accuracy", "loss"], ["4 copies", "no augmentation"]])
    pairs = pd.DataFrame([[80, 80, 0.5, 0.5], [81, 80, 0.4, 0.5]], columns=columns)
    figures.twenty_pairs(pairs, {"accuracy": None, "loss": None})
    # The series' style, if a test before has chosen it, puts titles at the left.
    titles = [ax.get_title("left") + ax.get_title() for ax in plt.gcf().axes]
    assert ["4 copies win 1 of 2" in title for title in titles] == [True, True]
    kinds = {"buffer of 8": 79, "side by side": 81, "shuffled": 80, "one draw": 80}
    lines = [(run, kind, at + run) for kind, at in kinds.items() for run in range(2)]
    lines += [(run, "one draw each", 80 + run) for run in range(2)]
    tested = pd.DataFrame(lines, columns=["run", "batches", "accuracy"])
    images = dict.fromkeys(["buffer of 8", "side by side", "one draw"], np.zeros((2, 4, 4, 1)))
    figures.clustered_batches(images, tested)
    notes = [text.get_text() for ax in plt.gcf().axes for text in ax.texts]
    assert [note.split()[0] for note in notes if note] == ["−1.0", "1.0", "0.0"]
    plt.close("all")
