# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,jupyter,-all
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

# %% [markdown]
# # 00 Start here: static or live?
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/00_start_here.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/00_start_here.ipynb)
#
# After this notebook you will be able to say what *static* and *live* augmentation are, tell from a figure of real training runs how they differ, and read the verdicts that the series gives. You will also know that your machine can run the lessons.
#
# You need to have trained a classifier in Keras once. It takes about one minute on two cores.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series; on Colab, fetch it. Then start TensorFlow quietly and without a GPU: networks as small as
# ours gain nothing from one, and it adds up in another order in each run, so equal runs would differ.
import subprocess
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    options = ["--quiet", "--depth=1", "--branch=main", "--config=advice.detachedHead=false"]
    subprocess.run(["git", "clone", *options, "https://github.com/YOUR_ACCOUNT/static-versus-live", root], check=True)
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% [markdown]
# ## Is everything in place?
#
# Throughout the series, a number after ≈ depends on your machine or its versions, so yours may differ a little from the one printed here. Every other number should be the same, to the last digit.

# %%
import keras
import tensorflow as tf

assert sys.version_info >= (3, 11), f"Python is {sys.version.split()[0]}; expected 3.11 or newer."
for name, version in [("TensorFlow", tf.__version__), ("Keras", keras.__version__)]:
    print(f"{name} ≈ {'.'.join(version.split('.')[:2])} works")

# %% [markdown]
# ## The question
#
# *Augmenting* means training on randomly changed pictures: a little turned, shifted, flipped. You can make such copies beforehand and train on them again and again (*static*, also called offline), or make new ones in every epoch (*live*, also online or on-the-fly). An article (*Why does a binary classifier trained with batch-generated images differ when using ImageDataGenerator?*, 2025) makes three claims: live generalises better, costs less memory and disk, and gives more diverse batches. It measures none of them. Is it so, and why?

# %% [markdown]
# ## The pictures
#
# Pullovers and coats from Fashion-MNIST, 28×28 pixels, come with this repository. They resemble each other enough to make the task hard.

# %%
from helpers.data import load_garments, subset

garments = load_garments()
print(f"{len(garments.x_train):,} images to train on, {len(garments.x_val):,} for validation")

# %% mystnb={"image": {"alt": "Eight pullovers, class 0, above eight coats, class 1, all upright and centred."}}
from helpers import plots

plots.use_style()
few = subset(garments, 16).x_train
plots.show_images([few[0::2], few[1::2]], ["pullover (0)", "coat (1)"], [""] * 8)

# %% [markdown]
# *Eight pullovers, class 0, above eight coats, class 1, all upright and centred.*

# %% [markdown]
# ## One garment through six epochs
#
# `RandomAffine` is the series' augmenter, a Keras layer with the arguments of `ImageDataGenerator`. It draws the change of every picture from a seed. Static augmentation draws once and shows the result in every epoch; live augmentation draws with the number of the epoch as part of the seed.

# %%
import numpy as np

from helpers.augment import RandomAffine

policy = RandomAffine(
    rotation_range=5, width_shift_range=0.05, height_shift_range=0.05, zoom_range=0.05, horizontal_flip=True
)
garment = few[8:9]  # a pullover with a print, so that flips show
static = np.concatenate([policy.apply(garment, policy.draw(1, seed=(0, 0))) for epoch in range(6)])
live = np.concatenate([policy.apply(garment, policy.draw(1, seed=(0, epoch))) for epoch in range(6)])

# %% mystnb={"image": {"alt": "The same pullover in six epochs: identical each time in the static row, turned, shifted or flipped differently each time in the live row."}}
plots.show_images([static, live], ["static", "live"], [f"epoch {epoch}" for epoch in range(1, 7)])

# %% [markdown]
# *The same pullover in six epochs: identical each time in the static row, turned, shifted or flipped differently each time in the live row.*

# %%
for name, pictures in [("static", static), ("live", live)]:
    print(f"{name}: {len(np.unique(pictures, axis=0))} different pictures in 6 epochs")
assert len(np.unique(static, axis=0)) == 1
assert len(np.unique(live, axis=0)) == 6

# %% [markdown]
# ## Predict first
#
# We shall train the article's small network (a convolution, max pooling and one sigmoid unit) on 128 garments in four ways, called *arms*: on the originals (none), on one augmented copy of each in place of the original, on four copies of each, and live. Which arm will have the lowest loss on new garments, and which the highest? Write your order down.

# %% [markdown]
# ## The experiment
#
# Every arm gets the same number of *gradient updates* (steps of the optimiser), 400 of 32 images. One run proves little, so we repeat the whole comparison on eight other sets of 128 garments, eight *replicates*. Within a replicate all arms share the garments and their order, the initial weights and the random draws.

# %%
from helpers.compare import compare, differences, summarise

arms = ["none", "copies-1", "copies-4", "live"]
evaluations = [20, 50, 100, 150, 200, 275, 368, 376, 384, 392, 400]
curves = compare(garments, arms, policy, n=128, updates=400, replicates=8, evaluate_at=evaluations)
print(f"{len(curves)} readings: 4 arms, 8 replicates, 11 evaluations of each run")
assert len(curves) == 4 * 8 * 11

# %% [markdown]
# Each reading takes the loss (the cross-entropy that Keras prints; its unit is called *nat*, since the logarithm is the natural one) on two sets of images, neither of them augmented: the arm's 128 training garments as they are, which we call *clean*, and 2,000 validation garments that no arm has seen.

# %% mystnb={"image": {"alt": "On clean training images the loss of none falls far below the others; on validation images none and one copy turn upwards, while four copies and live end lowest."}}
import matplotlib.pyplot as plt

figure, (left, right) = plt.subplots(1, 2, sharey=True, figsize=(8, 3.6))
plots.plot_curves(left, curves, "train_loss", label=False)
plots.plot_curves(right, curves, "val_loss")
left.set(title="clean training images", ylabel="loss (nats)", ylim=(0, 0.72))
right.set_title("validation images")
plt.show()

# %% [markdown]
# *On clean training images the loss of none falls far below the others; on validation images none and one copy turn upwards, while four copies and live end lowest.*
#
# Lines are means over eight replicates, bands their 95 % intervals (in 95 of 100 such experiments the band would hold the true mean). The last five evaluations lie close together, hence the zigzag. In the left panel the line of live hides that of four copies.

# %%
validation = curves.pivot_table(index="update", columns="arm", values="val_loss")
for arm in arms:
    turned = validation[arm].iloc[-5:].mean() - validation[arm].min()
    print(f"{arm:>8}: ends ≈ {turned: .2f} above its lowest validation loss")
    assert (turned > 0.02) == (arm in ("none", "copies-1"))

# %% [markdown]
# A validation loss that rises while training goes on is *overfitting*: the network learns its training images by heart. *One copy* does so too. It knows its copies better than the garments that they were made from:

# %%
late = curves[(curves["arm"] == "copies-1") & (curves["update"] > 360)]
print(f"one copy: loss on the images it is shown ≈ {late['shown_loss'].mean(): .2f}")
print(f"          loss on the clean originals    ≈ {late['train_loss'].mean(): .2f}")
assert late["train_loss"].mean() - late["shown_loss"].mean() > 0.05

# %% [markdown]
# ## Is it more than chance?
#
# For each replicate we take the difference between two arms, which removes what they share, and then its mean with a 95 % interval. The loss of a run is its mean over the last five evaluations. Before the runs we fixed a *margin*: a difference below 0.02 would not change anyone's choice.

# %%
from helpers.stats import MARGINS, paired_interval, verdict

runs = summarise(curves)
verdicts = {}
for first, second in [("live", "none"), ("live", "copies-1"), ("live", "copies-4"), ("copies-1", "none")]:
    interval = paired_interval(differences(runs, first, second))
    verdicts[first, second] = verdict(interval, MARGINS["val_loss"], lower_is_better=True)
    numbers = "≈ {: .3f}, interval ≈ {: .3f} to ≈ {: .3f}".format(*interval)
    print(f"{first:>8} minus {second:8} {numbers}: {verdicts[first, second]}")

# %% [markdown]
# *Equivalent* means that the whole interval lies within the margin, ±0.02. Otherwise the first arm is *better* (or *worse*) if the interval excludes zero, and if it doesn't the question is *undecided*: eight replicates can't tell. Did you place one copy right? Nothing here shows it to be better than no augmentation at all.

# %%
assert verdicts["live", "none"] == "better"
assert verdicts["live", "copies-1"] == "better"
assert verdicts["live", "copies-4"] == "undecided"
assert verdicts["copies-1", "none"] != "better"

# %% [markdown]
# ## What is left open
#
# Here live beats no augmentation and a single copy, and four copies can hardly be told from live. Is it the endless variety, or the share of originals that an arm sees? Does the gap last when training is tuned, and with other data? Each lesson takes one such question.
#
# | lesson | its question | on two cores |
# | --- | --- | --- |
# | 00 start here | is there a difference at all? | 1 minute |
# | [01 static versus live](01_static_versus_live.ipynb) | what exactly differs, by how much, and does it last? | 1 minute |
# | [02 diversity within a batch](02_diversity_within_a_batch.ipynb) | are live batches more diverse, and what else could be? | 1½ minutes |
# | [03 overfitting curves](03_overfitting_curves.ipynb) | what do the curves show when images are augmented, and where does each arm overfit? | 1 minute |
# | [04 how many copies](04_how_many_copies.ipynb) | how many copies come close to live, and what do they cost? | 1 minute |
# | [05 when live is not live](05_when_live_is_not_live.ipynb) | which bugs freeze, skew or leak augmentation, and how do you find them? | 1½ minutes |
# | [06 modern pipelines](06_modern_pipelines.ipynb) | what changes when you leave ImageDataGenerator for Keras layers and tf.data? | 1 minute |
# | [07 solar cells, and your own images](07_solar_cells.ipynb) | does the answer carry over to industrial photographs, and to yours? | 1 minute |

# %% [markdown]
# ## Summary
#
# *Static* copies are the same in every epoch, *live* ones never. A figure of training runs shows the difference as a rising validation loss, and a verdict needs replicates, differences within each replicate, and a margin fixed beforehand. If you read this far with your own outputs above, your machine can run the series.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Does live see more images than one copy in these 400 updates?</summary>
#
# No: both see 400 · 32 = 12,800 images, each garment 100 times. Live sees 100 different pictures of it, one copy the same picture 100 times.
#
# </details>
#
# <details><summary>2. One copy ends with a training loss of ≈ 0.14. Has it learnt its garments that well?</summary>
#
# It has learnt its copies that well. On the clean originals its loss is ≈ 0.31: it knows the pictures by heart, not the garments.
#
# </details>
#
# <details><summary>3. Live against four copies is undecided. Are four copies as good as live, then?</summary>
#
# That is not shown. The interval, ≈ −0.025 to ≈ 0.003, allows no difference, and one that is larger than the margin; only an interval within ±0.02 would say *equivalent*.
#
# </details>
#
# <details><summary>4. One copy minus none is ≈ 0.037, more than the margin. Why isn't one copy worse?</summary>
#
# Its interval, ≈ −0.018 to ≈ 0.093, contains zero. A large mean is no verdict while other sets of garments could have turned its sign.
#
# </details>
#
# <details><summary>5. Live trains on augmented images. Should its validation images be augmented as well, to be fair?</summary>
#
# No. They stand for the garments that the network will meet, which are upright and centred, and every arm must be measured with the same ones.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Three to try here. Worked answers are in [the solutions](solutions/00_start_here.ipynb).

# %% [markdown]
# ### Exercise 1: Sixteen copies
#
# How does live compare with sixteen copies after the same 400 updates? Set `answer` to the verdict that you expect. Then train these two arms with `compare`, as above, on eight replicates, and take the verdict from the interval of their paired differences. Put it into `answer` and run the cell again. Was your prediction right?

# %%
from exercises import check

answer = None  # live against copies-16: "better", "worse", "equivalent" or "undecided"
check("00.1", answer)

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# Live draws with the number of the epoch as part of the seed. Change `clock`, and nothing else, so that the garment is shown as four different pictures in turn, for as long as training lasts: copies 0, 1, 2, 3, then copy 0 again. That is static augmentation with four copies. What would `clock` be for a single copy?

# %%
def clock(epoch):
    return epoch  # live: a new picture in every epoch


shown = np.concatenate([policy.apply(garment, policy.draw(1, seed=(0, clock(epoch)))) for epoch in range(12)])
print(f"{len(np.unique(shown, axis=0))} different pictures in 12 epochs")
check("00.2", ...)  # put clock in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: More garments, or fewer
#
# With 128 garments live beat no augmentation after 400 updates. Would it with 64, or with 512? Say first which way the difference will move, and why. Then choose two numbers, multiples of 32, compare `none` and `live` on eight replicates of each, and judge by the 95 % interval of the paired differences and the margin of 0.02.

# %%
for n in (64, 128, 512):
    part = subset(garments, n)
    print(f"{len(part.x_train):3} garments, each shown {400 * 32 / n:.0f} times in 400 updates")

# %% [markdown]
# Lesson [01](01_static_versus_live.ipynb) makes the comparison exact, and tells how far the answer holds.
