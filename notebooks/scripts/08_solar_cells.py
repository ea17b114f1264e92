# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,jupyter,cellView,-all
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version,-widgets,-language_info
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # 08 Solar cells
#
# Garments are easy to be right about. Here the question meets photographs from a factory: is this solar cell sound or defective? Some of what the garments taught holds, the sizes do not, and a policy meets its judge. At the end a rule of one number stands beside the network.
#
# **You will** derive a policy from the object, see it beaten by a careless one, and find out with a light meter why.
#
# **You will learn:**
#
# - which results of the garments hold on photographs, and for which of the validation images,
# - how to ask what a policy leaves intact, instead of guessing,
# - why a good number means little before a trivial rule has been tried.
#
# **You need** lessons [00](00_start_here.ipynb) to [02](02_a_fair_comparison.ipynb), the word *stopped* of lesson [04](04_overfitting_curves.ipynb), and the package `elpv-dataset`, which the requirements include. **Time:** 26 minutes to read, about one to run.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series. Then start TensorFlow quietly and without a GPU: networks as small as ours gain nothing
# from one, and it adds up in another order in each run, so equal runs would differ.
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    raise FileNotFoundError(
        "The rest of the series is not here, and this notebook knows no address to fetch it from: open it in a clone "
        "of the series, or take it from a copy in which `make links REPO=owner/name` was run."
    )
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
import elpv_dataset
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from PIL import Image

from helpers import plots
from helpers.compare import differences, summarise
from helpers.show import show_table
from helpers.stats import judge, paired_interval
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## What do you see?
#
# A solar cell under current glows in the infrared, and a camera can see it. Parts that are broken off from the current stay dark. Experts judged 2,624 such photographs, and we take those of which they were sure.

# %%
import numpy as np

from helpers.data import load_solar_cells

cells = load_solar_cells()  # made small, 32 by 32 pixels; sound is 0, defective 1
for name, labels in [("training", cells.y_train), ("validation", cells.y_val)]:
    print(f"{name:10} {len(labels):5,} cells, {labels.mean():.0%} of them defective")

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three rows of four photographs. Sound cells: grey squares with thin lines across, the left two even, the right two mottled. Defective cells: one bright with cracks, two with a large black patch, one mottled with nothing that catches the eye. The same defective cells at 32 pixels: the black patches are still there, the fine cracks are a blur."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
package = Path(elpv_dataset.__file__).parent / "data"
about = pd.read_csv(package / "labels.csv", sep=r"\s+", header=None, names=["path", "probability", "silicon"])


def photograph(number, side=300):
    with Image.open(package / about["path"][number]) as opened:
        small = opened.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32)[..., None] / 255


def show_photographs(rows, titles, tile):
    """Pictures of (height, width, 1), a row a list, with its title above its first picture."""
    size = (tile * len(rows[0]), (tile + 0.28) * len(rows))
    figure, axes = plt.subplots(len(rows), len(rows[0]), figsize=size, squeeze=False)
    for line, pictures, title in zip(axes, rows, titles, strict=True):
        line[0].set_title(title, loc="left")
        for ax, picture in zip(line, pictures, strict=True):
            ax.imshow(picture, vmin=0, vmax=1, cmap="gray")
            ax.axis("off")
    plt.show()


sound, defective = [1292, 1597, 2577, 326], [407, 44, 640, 1992]
rows = [[photograph(k) for k in sound], [photograph(k) for k in defective], [photograph(k, 32) for k in defective]]
show_photographs(rows, ["sound", "defective", "the same at 32 pixels, as the network sees them"], tile=2.1)

# %% [markdown]
# *Dead regions are black, cracks are fine, and at 32 pixels little is left of them. Could you have told the last one?*
#
# **The licence.** The photographs, and every picture of them on this page, are licensed CC BY-NC-SA 4.0. You may share and change them if you name the authors (S. Deitsch and others, *Solar Energy* 185, 2019, 455–468) and keep the licence, but not for commercial use. So a textbook that is sold can't print these figures. Of the other lessons only [06](06_when_live_is_not_live.ipynb) shows any, six of them. Every other figure of the lessons may be used for any purpose with credit.
#
# **The split.** Cells from one module (a panel of many cells) resemble each other, and the data don't say which those are. We therefore keep blocks of neighbouring file numbers on one side. So the two sides differ, as they would in a factory. A third of the training cells are cut from one crystal, and well over half of the validation cells.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What may a solar cell do and stay itself?
#
# Predict first. A policy should turn one possible photograph of a cell into another. Which of these would you allow: flips, quarter turns, small and large rotations, shifts, zoom, shear?
#
# <details><summary>What we answered</summary>
#
# A cell has no up or down, so flips in both directions are fine. Its lines always run across, so a quarter turn makes a photograph that never comes. A program cut the photographs out and straightened them, so a few degrees and a few per cent of shift cover its errors. Nothing explains zoom or shear.
#
# </details>

# %%
from helpers.augment import RandomAffine

ours = RandomAffine(5, 0.05, 0.05, horizontal_flip=True, vertical_flip=True)
wide = RandomAffine(20, 0.2, 0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "One defective cell with a black patch under five draws of each policy. Ours flips it and moves it a little. The wide one tilts it, zooms, cuts off a part and smears the edge over the gap."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
cell = np.repeat(photograph(44)[None], 5, axis=0)
rows = [list(policy.apply(cell, policy.draw(5, seed=(0, 0))).numpy()) for policy in (ours, wide)]
show_photographs(rows, ["ours", "wide"], tile=1.75)

# %% [markdown]
# *Ours gives photographs that could have been taken. The wide policy gives photographs that never will be.*
#
# The two differ in more than their ranges. Ours flips in both directions, wide in one, and only wide zooms.
#
# The wide ranges are a habit from elsewhere. On garments live with them is right 14 points less often than no augmentation. Before the first run we therefore wrote down that the wide policy would be worse on cells, too. Would you bet with us?

# %% [markdown]
# ## The direction depends on which cells are held out
#
# We start with our own policy, and repeat the long comparison of lesson 02: 512 cells, 3,000 updates, twenty replicates. Because one set of validation images can mislead, we also ask each half of it.

# %%
study = read_results(FOLDER / "study.csv").query("n == 512")
garments_runs = summarise(study[study["dataset"] == "garments"])
cells_runs = summarise(study[study["dataset"] == "solar-cells"])

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels, garments and solar cells, on one axis: the loss of live minus that of none, 1 copy, 4 copies and 16 copies, each by all validation images and by both halves. On garments none is near -0.14 and 1 copy near -0.22, and the halves agree. On cells 1 copy is near -0.09 with a wide interval, 4 copies near -0.01; against none, the even half lies at 0 and the odd half at -0.05."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
HALVES = {"val_loss": ("all", plots.BLUE, "o"), "val_loss_even": ("even half", "0.55", "^"), "val_loss_odd": ("odd half", "0.15", "v")}
against, words = ["none", "copies-1", "copies-4", "copies-16"], {}
figure, axes = plt.subplots(2, 1, sharex=True, figsize=(7, 6.6))
for ax, (name, runs) in zip(axes, {"garments": garments_runs, "solar cells": cells_runs}.items(), strict=True):
    ax.axvspan(-0.02, 0.02, color="0.92")
    ax.axvline(0, color="0.5", linewidth=1)
    for row, arm in enumerate(against):
        for shift, (metric, (label, color, marker)) in zip([-0.24, 0, 0.24], HALVES.items(), strict=True):
            interval, _, words[name, arm, label] = judge(differences(runs, "live", arm, metric), metric)
            ax.plot(interval[1:], [row + shift] * 2, color=color)
            ax.plot(interval.mean, row + shift, marker, color=color, markersize=6, label=label if row == 0 else None)
        said = [words[name, arm, label] for label in ("all", "even half", "odd half")]
        text = said[0] if len({*said}) == 1 else f"{said[0]};\nhalves: {said[1]},\n{said[2]}"
        ax.annotate(text, (1.02, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
    ax.set(title=name, yticks=range(4), yticklabels=[plots.arm_label(arm) for arm in against], ylim=(3.5, -0.5))
    ax.grid(False)
axes[0].legend(loc="lower left")
axes[1].set_xlabel("loss of live minus that of the way at the left (grey: the margin)")
plt.show()

# %% [markdown]
# *On garments both halves agree. On cells, live is better than none by one half of the validation images, and by the other the two are equivalent.*
#
# After 3,000 updates live is better than none and than one copy, and equivalent to sixteen, as on garments. But what it gains over none is a fifth of what it was, and by one half of the images it gains nothing. On four other splits, run later, it was better than none in two, undecided in one and worse in one. Against four copies we can't decide. Originals + 4 copies are even better than live on cells, by 0.03, because some originals help there. And how much hangs on the length of the training?

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
looks, moment_words = {}, {}
for label, metric, budget in [("500 updates", "val_loss", 500), ("1,000 updates", "val_loss", 1000),
                              ("3,000 updates", "val_loss", 3000), ("stopped in time", "val_loss_stopped", 3000)]:  # fmt: skip
    for name in ("garments", "solar-cells"):
        so_far = summarise(study[(study["dataset"] == name) & (study["update"] <= budget)])
        interval, _, moment_words[label, name] = judge(differences(so_far, "live", "none", metric), metric)
        looks.setdefault(label, []).extend([interval.mean, moment_words[label, name]])
others = read_results(FOLDER / "static-versus-live.csv").query("n == 512 and model == 'small' and rate == 'constant' and updates == 3000")
with_wide, without = (summarise(others.query("policy == @p and arm == @a")).set_index("replicate").drop(columns="arm")
                      for p, a in [("wide", "live"), ("mild", "none")])  # fmt: skip
careless = with_wide - without
interval, _, moment_words["wide", "garments"] = judge(careless["val_loss"].to_numpy(), "val_loss")
looks["3,000 updates, wide policy"] = [interval.mean, moment_words["wide", "garments"], np.nan, None]
columns = ["garments", "live is", "solar cells", "live is "]
show_table(pd.DataFrame(looks, index=columns).T.astype(dict.fromkeys(columns[::2], float)).rename_axis("live minus none, loss"), digits=3)

# %% [markdown]
# On cells live gains only against runs that went on for too long. If every run is stopped in time (lesson [04](04_overfitting_curves.ipynb)), our careful policy brings nothing. Was it too careful? The last row says how much the wide policy harms garments, and what it does to cells is our bet.

# %% [markdown]
# ## The careless policy wins
#
# Here is the bet. The second measure needs a word. Only a third of the cells are defective, so calling every cell sound is right for 66 % of them and finds nothing. *Average precision* asks for the order instead: sort the cells, the most suspicious first, and at each defective one note the share of defective cells so far. Its mean is 1 for a perfect order and 0.34 for a random one.

# %%
def average_precision(suspicion, labels):
    hits = labels[np.argsort(-suspicion, kind="stable")]  # 1 where the next cell is defective
    share = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return share[hits == 1].mean()

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels against updates. Loss on validation cells: none and live with our policy rise after update 500, live with the wide policy stays lowest until the end. Average precision: none falls from 0.80 to 0.76, live with our policy stays near 0.80, live with the wide policy rises to 0.85."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
solar = read_results(FOLDER / "solar-cells.csv").query("model == 'small'")
LINES = {"none": ("cells", "none", plots.GREY, "-"), "live, ours": ("cells", "live", plots.BLUE, "-"),
         "live, wide": ("wide", "live", plots.BLUE, (0, (4, 2)))}  # fmt: skip
stored = {label: solar.query("policy == @policy and arm == @arm") for label, (policy, arm, *_) in LINES.items()}
figure, axes = plt.subplots(1, 2, figsize=(10.5, 3.9))
for ax, (metric, title, limits) in zip(axes, [("val_loss", "loss", (0.4, 0.56)), ("val_average_precision", "average precision", (0.7, 0.87))], strict=True):
    for label, (_, _, color, dashes) in LINES.items():
        sns.lineplot(stored[label], x="update", y=metric, errorbar=lambda values: paired_interval(values)[1:],
                     err_kws={"alpha": 0.15, "linewidth": 0}, color=color, linestyle=dashes, ax=ax)  # fmt: skip
        height = stored[label].query("update > 2700")[metric].mean()
        ax.annotate(label, (1.02, height), xycoords=("axes fraction", "data"), va="center", color=color, annotation_clip=False)
    ax.set(title=title, xlabel="gradient updates", ylabel="", xlim=(0, 3000), ylim=limits)
plt.show()

# %% [markdown]
# *The policy that we had called bad has the lower loss and the better order.*
#
# We lost the bet. Live with the wide policy is better than live with ours, by 0.02 in loss, and better than none, by 0.05. In average precision it is better than both, too. It is better than none by either half of the images, and even when every run is stopped in time. Against ours, one half calls the loss equivalent. So whatever the network looks for in a cell survives being tilted, zoomed and cut off. What could that be?

# %% [markdown]
# ## Look at what it gets right
#
# Let us train a few networks ourselves, two replicates each way. `train`, which is folded, calls `compare` and keeps the probability of *defective* that each network gives to each validation cell.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.compare import compare

n, updates = 512, 500
moments = [50, 100, 200, 300, 400, 460, 480, 500]


def train(data, arm, policy, replicates=2):
    """The curves of the runs, and their answers (replicates, moments, validation cells)."""
    answers = []

    def keep(p, data, predict):  # compare calls it at each evaluation
        answers.append(p)
        return {}

    curves = compare(data, [arm], policy, n, updates, replicates, evaluate_at=moments, metrics=keep)
    return curves, np.reshape(answers, (replicates, len(moments), -1))

# %%
none_curves, by_none = train(cells, "none", ours)
live_curves, by_live = train(cells, "live", ours)

# %%
wide_curves, by_wide = train(cells, "live", wide)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Four rows of five validation cells of which live was surest. Called sound and sound: bright cells. Called defective and defective: dark cells, two of them with a black patch or with cracks. Called defective but sound: dark cells. Called sound but defective: bright cells with small dark spots or fine lines."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
certain = np.isin(about["probability"], (0, 1))
numbers = np.flatnonzero(certain & (np.arange(len(about)) // 60 % 4 == 0))  # file numbers, as the loader splits
mean_p, labels = by_live[:, -1].mean(axis=0), cells.y_val
says = mean_p > 0.5
GROUPS = {"called sound, and sound": ~says & (labels == 0), "called defective, and defective": says & (labels == 1),
          "called defective, but sound": says & (labels == 0), "called sound, but defective": ~says & (labels == 1)}  # fmt: skip
surest = {}
for name, group in GROUPS.items():
    places = np.flatnonzero(group)
    surest[name] = places[np.argsort(-np.abs(mean_p[places] - 0.5))][:5]
show_photographs([[photograph(numbers[k], 160) for k in places] for places in surest.values()], list(surest), tile=1.7)

# %% [markdown]
# *The surest answers of live, right and wrong. What do the rows have in common?*
#
# Before you read on, describe the four rows to someone who has never seen a solar cell.

# %% [markdown]
# ## A light meter
#
# Whatever it called defective is *dark*, and whatever it called sound is *bright*. So here is a rule without a network. It takes the mean brightness of a cell, and nothing else.

# %% slideshow={"slide_type": "slide"}
def darkness(images):
    return 1 - images.mean(axis=(1, 2, 3))


dark, dark_train = darkness(cells.x_val), darkness(cells.x_train)
thresholds = np.linspace(0, 1, 201)
right = [np.mean((dark_train > t) == cells.y_train) for t in thresholds]
called = dark > thresholds[np.argmax(right)]  # the threshold that suits the training cells
print(f"light meter: right for {np.mean(called == cells.y_val):.0%} of the validation cells")

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Bars of average precision on the validation cells: random order 0.34, light meter 0.79, none after 500 updates 0.80 and after 3,000 updates 0.76, live with our policy 0.81 and 0.80, live with the wide policy 0.83 and 0.85."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
meter = average_precision(dark, cells.y_val)
bars = {"random order": (cells.y_val.mean(), "0.75"), "light meter": (meter, "#c9a400")}
ends = {}
for label, (_, _, color, _) in LINES.items():
    for budget in (500, 3000):
        ends[label, budget] = summarise(stored[label][stored[label]["update"] <= budget]).set_index("replicate")
        bars[f"{label}, {budget:,} updates"] = (ends[label, budget]["val_average_precision"].mean(), color)
figure, ax = plt.subplots(figsize=(7.5, 4))
heights, colors = zip(*bars.values(), strict=True)
drawn = ax.barh(list(bars), heights, color=colors)
for text in ax.bar_label(drawn, fmt="%.2f", padding=6):
    text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1})
ax.axvline(meter, color="#c9a400", linewidth=1.5)
ax.set(xlabel="average precision on the validation cells", xlim=(0, 1))
ax.invert_yaxis()
ax.grid(False)
plt.show()

# %% [markdown]
# *In average precision, one number a cell sorts the cells about as well as none, or live with our policy. Only the wide policy leaves the light meter behind.*
#
# That is sobering. The light meter is right for 82 % of the cells and live with our policy, after 3,000 updates, for 78 %. (With the wide policy it is 81 %.) In average precision live is ahead by a hair. Without the meter we would have praised a network for finding defects.

# %% [markdown]
# ## Why the wide policy does no harm
#
# Now ask what a policy leaves intact. How dark is each cell before the policy, and how dark after it?

# %%
after_ours = darkness(ours.apply(cells.x_val, ours.draw(len(dark), seed=(0, 0))).numpy())
after_wide = darkness(wide.apply(cells.x_val, wide.draw(len(dark), seed=(0, 0))).numpy())

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two scatter plots of each validation cell's darkness, before against after the policy. Under ours the points lie on the diagonal. Under the wide policy they scatter a little around it. Defective cells lie further to the dark side than sound ones in both."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(1, 2, sharex=True, sharey=True, figsize=(8.6, 4.3))
for ax, title, after in zip(axes, ["ours", "wide"], [after_ours, after_wide], strict=True):
    ax.axline((0.5, 0.5), slope=1, color="0.7", linewidth=1)
    for label, name, color in [(0, "sound", "0.55"), (1, "defective", plots.arm_style("copies-4")["color"])]:
        ax.scatter(dark[labels == label], after[labels == label], s=9, color=color, label=name)
    ax.set(title=title, xlabel="darkness before", aspect="equal")
axes[0].set_ylabel("darkness after")
axes[0].legend()
plt.show()

# %% [markdown]
# *Tilting, shifting and zooming a cell moves its darkness a little, and hardly changes which cell is darker.*

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.data import load_garments

garments = load_garments()
bright = 1 - darkness(garments.x_val)
moved = 1 - darkness(wide.apply(garments.x_val, wide.draw(len(bright), seed=(0, 0))).numpy())
survives = {
    "solar cells": [np.corrcoef(dark, after_wide)[0, 1], meter, average_precision(after_wide, cells.y_val), cells.y_val.mean()],
    "garments": [np.corrcoef(bright, moved)[0, 1], average_precision(bright, garments.y_val), average_precision(moved, garments.y_val), garments.y_val.mean()],
}
columns = ["correlation, before and after", "light meter, before", "light meter, after", "random order"]
show_table(pd.DataFrame(survives, index=columns).T.rename_axis("wide policy"))

# %% [markdown]
# On cells the light meter sorts the widely augmented pictures almost as well as the originals. On garments the same policy mostly keeps the brightness, too, but there it is worth nothing, because a pullover and a coat are about equally bright. They differ in outline and detail, which is just what the wide policy spoils. So what seems to count is not how wide the ranges are, but whether they touch the clue.
#
# That explains why the policy does no harm, but not yet why it helps. Do the networks trained with it rely on brightness *more*? We compare the order in which a network puts the cells with the meter's order, by the rank correlation, which is 1 when the two agree.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Rank correlation of each network's order with the light meter's, against updates, two thin lines and their mean for each way of training. All begin above 0.95. Live with the wide policy stays near 0.97. None and live with our policy fall to about 0.92."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from scipy.stats import spearmanr

trained = {"none": by_none, "live, ours": by_live, "live, wide": by_wide}
alike = {label: np.array([[spearmanr(p, dark).statistic for p in run] for run in answers]) for label, answers in trained.items()}
figure, ax = plt.subplots(figsize=(7.5, 4))
for label, (_, _, color, dashes) in LINES.items():
    ax.plot(moments, alike[label].T, color=color, linestyle=dashes, linewidth=0.8, alpha=0.6)
    ax.plot(moments, alike[label].mean(axis=0), color=color, linestyle=dashes)
    height = alike[label][:, -1].mean() + {"none": -0.006, "live, ours": 0.006}.get(label, 0)
    ax.annotate(label, (1.02, height), xycoords=("axes fraction", "data"), va="center", color=color, annotation_clip=False)
ax.set(xlabel="gradient updates", ylabel="rank correlation with the meter", xlim=(0, updates))
plt.show()

# %% [markdown]
# *Every network begins as a light meter. With the wide policy the correlation stays near 0.97. Otherwise it falls to about 0.92. (Thin: replicates. Thick: their mean.)*
#
# Yes, they do. And yet the order that the wide policy leads to is *better* than the meter's. One explanation fits all of this. Details of the training modules, which other modules don't share, are hard to learn from pictures that are tilted and cut, while brightness is easy. So the policy may have kept the network from learning what would have misled it. We found that by looking at the results, so it is an explanation to be tested on other modules, and no prediction.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. On photographs, with our split, live was better than none, but by less, only after long training, and only by one half of the validation images. On four other splits it was better in two, undecided in one and worse in one. Stopped in time, our policy brought nothing.
# 2. Derive a policy from the object, so that the labels stay true. How far it should go is decided by a measurement, because here the policy that looked absurd was the better one.
# 3. Try a trivial rule before you trust a network, and ask whether your policy touches the clue that the rule uses.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What became of the article
#
# Lesson [01](01_static_versus_live.ipynb) promised to measure the three reasons of the article that began this series.
#
# - *New pictures in every epoch*: true, and it matters once each picture has been shown too often. How often is too often depends on the network and the images (lesson [05](05_how_many_copies.ipynb)).
# - *Less memory*: true, in gigabytes. For 10,000 photographs live needs 2, and originals + 16 copies need 26 ([What a pool costs](going_deeper/what_a_pool_costs.ipynb)).
# - *More diverse batches*: false. A batch of copies is as diverse as a live one (lesson [03](03_diversity_within_a_batch.ipynb)).
#
# So a classifier trained on pictures made beforehand differs because its pictures come again: where none does, static and live, in the same order, are one run to the last bit.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. On cells live beats no augmentation by about 0.03 in loss. So should one augment?</summary>
#
# Not for that reason. The gain came from one half of the validation cells, and only after 3,000 updates, when every arm had trained for too long. After 1,000 updates live was worse, and stopped in time the two are equivalent.
#
# </details>
#
# <details><summary>2. Four copies with their originals beat live on cells, by about 0.03. So does static win?</summary>
#
# The originals win. Live that leaves half of the pictures as they are is better than full live, too, by as much. At the same share of originals, live and originals + 4 copies are equivalent.
#
# </details>
#
# <details><summary>3. Your network is right for 82 % of the cells. Is that good?</summary>
#
# You can't say before you have a trivial rule beside it. Calling every cell sound is right for 66 %, and a light meter for 82 %.
#
# </details>
#
# <details><summary>4. The wide policy cost garments 14 points and helped the cells. What could you have measured beforehand?</summary>
#
# Whether the clue survives. Take the simplest rule that works on your images, and try it on augmented ones.
#
# </details>
#
# <details><summary>5. A publisher wants to print the photographs of this page in a book. May it?</summary>
#
# Not in one that is sold: the licence forbids commercial use, so the publisher has to ask the authors. Your own text about them may carry any licence.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/08_solar_cells.ipynb). Use new names, because the last cell reads those of the lesson.

# %% [markdown]
# ### Exercise 1: Without the light meter
#
# In `equal` all cells are equally bright, so the light meter sees nothing. Live, with our policy, reached an average precision of about 0.8 on the cells as they are. Predict how much of it is left. Then train live on `equal`, with `train` from above, and put the mean average precision of the networks at the end (on the validation cells of `equal`) into `left`.

# %%
from exercises import check


def equally_bright(images):
    return np.clip(images / (2 * images.mean(axis=(1, 2, 3), keepdims=True)), 0, 1)


equal = cells._replace(x_train=equally_bright(cells.x_train), x_val=equally_bright(cells.x_val))
left = None
check("08.1", left)

# %% [markdown]
# ### Exercise 2: How many cells must be looked at?
#
# A factory inspects its cells, the most suspicious first, until a given share of the defective ones is found. Write `inspected`, which returns the part of all cells that this takes. Predict it for 90 % of the defective validation cells, sorted by the light meter (`dark`) and by each network of live (`by_live[:, -1]`). Then call it for both.

# %%
def inspected(suspicion, labels, share):
    hits = labels[np.argsort(-suspicion, kind="stable")]  # 1 where the next cell is defective
    return len(hits) / len(labels)  # all of them; where can one stop?


check("08.2", ...)  # put inspected in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: One verdict for two kinds of cells?
#
# Some cells are cut from one crystal (*mono*), others from many (*poly*). Does the light meter do equally well on both? Does live follow it equally closely, and is the gain of live over none the same? Say first what you will call different. Two replicates are few, so train more if you have the time.

# %%
kind = about["silicon"].to_numpy()[numbers]
for name in ("mono", "poly"):
    chosen = kind == name
    print(f"{name}: {chosen.sum()} validation cells, {cells.y_val[chosen].mean():.0%} of them defective")

# %% [markdown]
# ## In practice and limits
#
# One data set, one split, pictures of 32 pixels, a small network, and replicates that share cells, so the intervals are too narrow. The four other splits, with five replicates each, were registered: each holds out another quarter of the file numbers. From fold to fold live is right for 49 to 90 % of the cells. Where it is worse than none in loss, it is worse in accuracy, too. So don't take from this page that live helps on solar cells. A deeper network, the cells that the experts doubted, and what becomes of a network whose defective cells alone are augmented (it finds hardly one) are in [Solar cells in detail](going_deeper/solar_cells_in_detail.ipynb), the share of originals and wide policies in [Choosing a policy](going_deeper/choosing_a_policy.ipynb).
#
# **Next:** [09 Your own images](09_your_own_images.ipynb) lets you do all of this with pictures of your own.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# What the checks below need.
def word(label, other, metric, budget=3000):
    a, b = (summarise(stored[name][stored[name]["update"] <= budget]).set_index("replicate")[metric] for name in (label, other))
    return judge((a - b).to_numpy(), metric)[-1]


both = ("val_loss", "val_average_precision")
cells_words = {arm: judge(differences(cells_runs, *pair), "val_loss")[-1]
               for arm, pair in {"half": ("live-1/2", "live"), "static": ("originals+4", "live"), "fair": ("live-4/5", "originals+4")}.items()}  # fmt: skip
gain = {name: differences(runs, "live", "none").mean() for name, runs in [("garments", garments_runs), ("cells", cells_runs)]}
late = {label: ends[label, 3000] for label in LINES}
shown = {name: summarise(curves).set_index("replicate")["shown_loss"]
         for name, curves in [("none", none_curves), ("live", live_curves), ("wide", wide_curves)]}  # fmt: skip
early = summarise(read_results(FOLDER / "study.csv").query("dataset == 'solar-cells' and n == 512 and update <= 500"))

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

claims = Claims(n=(n, 512), updates=(updates, 500))
claims.check("the page's photographs are the loader's cells",
             np.allclose([photograph(k, 32) for k in numbers[:20]], cells.x_val[:20], atol=0.003))
silicon_of = [about["silicon"][certain & (side == (np.arange(len(about)) // 60 % 4 == 0))] for side in (False, True)]
claims.check("a third of the training cells and well over half of the validation cells are cut from one crystal",
             bool(0.3 < (silicon_of[0] == "mono").mean() < 0.37 and (silicon_of[1] == "mono").mean() > 0.55))
claims.check("on garments and on cells live is better than none and 1 copy, and equivalent to 16 copies",
             all(words[name, arm, "all"] == said for name in ("garments", "solar cells")
                 for arm, said in {"none": "better", "copies-1": "better", "copies-16": "equivalent"}.items()))
claims.check("against 4 copies it is better on garments and undecided on cells",
             (words["garments", "copies-4", "all"], words["solar cells", "copies-4", "all"]) == ("better", "undecided"))
claims.check("the halves agree on garments, and against none on cells they do not",
             bool(all(len({words["garments", arm, part] for part in ("all", "even half", "odd half")}) == 1 for arm in against)
                  and (words["solar cells", "none", "even half"], words["solar cells", "none", "odd half"]) == ("equivalent", "better")))
claims.check("on cells live gains about a fifth of what it gained on garments", bool(0.18 < gain["cells"] / gain["garments"] < 0.23))
claims.check("on garments live with the wide policy is worse than none in loss, and right 14 points less often",
             moment_words["wide", "garments"] == "worse" and f"{careless['val_accuracy'].mean():.2f}" == "-0.14")
claims.check("stopped in time live is better than none on garments, and equivalent on cells; after 1,000 updates it is worse there",
             (moment_words["stopped in time", "garments"], moment_words["stopped in time", "solar-cells"],
              moment_words["1,000 updates", "solar-cells"]) == ("better", "equivalent", "worse"))
folds = read_results(FOLDER / "law.csv").query("regime == 7")
by_fold = {"val_loss": [], "val_accuracy": []}
right_by_fold = []
for _, part in folds.groupby("dataset"):
    part = summarise(part)
    right_by_fold.append(part.query("arm == 'live'")["val_accuracy"].mean())
    for metric, found in by_fold.items():
        found.append(judge(differences(part, "live", "none", metric), metric)[-1])
claims.check("four other splits: in loss live is better than none in two, undecided in one and worse in one, and there in accuracy, too",
             by_fold == {"val_loss": ["better", "worse", "undecided", "better"], "val_accuracy": ["undecided", "worse", "undecided", "undecided"]})
claims.check("from fold to fold live is right for 49 to 90 % of the cells", [f"{f(right_by_fold):.0%}" for f in (min, max)] == ["49%", "90%"])
claims.check("the bet was lost: wide is better than ours and than none, in loss and in average precision",
             {word("live, wide", other, metric) for other in ("none", "live, ours") for metric in both} == {"better"})
by_wide_policy = [(late[label]["val_loss"] - late["live, wide"]["val_loss"]).mean() for label in ("live, ours", "none")]
claims.check("by 0.02 and 0.05 in loss; live with ours is right for 78 %, with wide for 81 %",
             ([f"{gap:.2f}" for gap in by_wide_policy], [f"{late[a]['val_accuracy'].mean():.0%}" for a in ("live, ours", "live, wide")]) == (["0.02", "0.05"], ["78%", "81%"]))
claims.check("than none also by either half and stopped in time; than ours one half says equivalent",
             bool({word("live, wide", "none", m) for m in ("val_loss_even", "val_loss_odd", "val_loss_stopped")} == {"better"}
                  and {word("live, wide", "live, ours", m) for m in ("val_loss_even", "val_loss_odd")} == {"better", "equivalent"}))
claims.check("calling every cell sound is right for 66 %, and the light meter for 82 %",
             (f"{1 - cells.y_val.mean():.0%}", f"{np.mean(called == cells.y_val):.0%}") == ("66%", "82%"))
claims.check("stored: the meter is right more often than live, ours, after 3,000 updates, and live leads it by less than 0.02 in average precision",
             bool(paired_interval(late["live, ours"]["val_accuracy"] - np.mean(called == cells.y_val)).high < 0
                  and 0 < late["live, ours"]["val_average_precision"].mean() - meter < 0.02))
claims.check("stored: only with the wide policy live is ahead of the meter by more than 0.03",
             [label for label in LINES if late[label]["val_average_precision"].mean() - meter > 0.03] == ["live, wide"])
claims.check("darkness survives the wide policy: correlation above 0.97, and average precision within 0.03",
             bool(survives["solar cells"][0] > 0.97 and abs(survives["solar cells"][1] - survives["solar cells"][2]) < 0.03))
claims.check("on garments brightness is worth nothing, before and after", bool(max(abs(s - 0.5) for s in survives["garments"][1:3]) < 0.05))
ends_alike = {label: values[:, -1] for label, values in alike.items()}
claims.check("trained here: every network begins close to the meter, with a rank correlation above 0.9",
             bool(min(values[:, 0].min() for values in alike.values()) > 0.9))
claims.check("trained here: with the wide policy each replicate ends closer to the meter than it does otherwise, by more than 0.01",
             bool(min((ends_alike["live, wide"] - ends_alike[label]).min() for label in ("none", "live, ours")) > 0.01))
claims.check("trained here: and its order is better than the meter's",
             bool(min(average_precision(p, cells.y_val) for p in by_wide[:, -1]) > meter))
claims.check("trained here: what live calls defective is darker by more than 0.1, on average",
             bool(dark[says].mean() - dark[~says].mean() > 0.1))
claims.check("trained here: on what it is shown, live is further above none than the stored single copy, by more than 0.01",
             bool((shown["live"] - shown["none"]).mean() > differences(early, "copies-1", "none", "shown_loss").mean() + 0.01))
claims.check("trained here: and live with the wide policy is further still", bool((shown["wide"] - shown["live"]).mean() > 0))
claims.check("originals + 4 copies are better than live on cells by 0.03",
             f"{differences(cells_runs, 'originals+4', 'live').mean():.2f}" == "-0.03")
claims.check("by their end: half left alone is better than live, and so are originals + 4 copies, at equal share equivalent",
             (cells_words["half"], cells_words["static"], cells_words["fair"]) == ("better", "better", "equivalent"))
