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

# %% [markdown]
# # Solutions to lesson 06: when live is not live
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/solutions/06_when_live_is_not_live.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/solutions/06_when_live_is_not_live.ipynb)
#
# The three exercises of lesson 06, worked. You need that lesson; what it made is made again here. It takes about half a minute on two cores.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
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

# %%
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from helpers import plots
from helpers.augment import RandomAffine
from augcheck import check_pipeline
from helpers.data import load_garments, subset
from exercises import check
from helpers.progress import progress
from helpers.stats import paired_interval
from helpers.compare import differences, report, summarise
from helpers.training import Trainer

# %%
plots.use_style()
everything = load_garments()
garments = everything._replace(x_val=everything.x_val[::2], y_val=everything.y_val[::2])  # to save memory
few, validation = subset(garments, 128), (garments.x_val, garments.y_val)

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# The three functions above become the pipelines P, Q and R, in an order that a seed decides. Which of them would you train with, and what is wrong with the other two? Look at pictures, at the labels of several batches and epochs, and decide; only then let `check_pipeline` read all three.

# %%
def flip(images, labels):
    return tf.image.random_flip_left_right(images), labels


def first(x, y):
    images, labels = (tf.data.Dataset.from_tensor_slices(part) for part in (x, y))
    data = tf.data.Dataset.zip(images.shuffle(128, seed=1), labels.shuffle(128, seed=2))
    return data.batch(32).map(flip)


def second(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(128, seed=1).batch(32).map(flip)


def third(x, y):
    rows = np.argsort(y, kind="stable")
    data = tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(16, seed=1)
    return data.batch(32).map(flip)


# %%
builders = [(first, second, third)[i] for i in np.random.default_rng(5).permutation(3)]
pipelines = {name: build(few.x_train, few.y_train) for name, build in zip("PQR", builders, strict=True)}
for name, data in pipelines.items():
    coats = [int(labels.numpy().sum()) for _, labels in data]
    print(f"{name}: coats in the four batches of 32 of an epoch", *(f"≈ {count:2}" for count in coats))
    assert (max(coats) - min(coats) > 20) == (name == "Q")

# %% [markdown]
# Q begins with pullovers and ends with coats. The batches of P and R are mixed. So we follow garments: for each, its label in two epochs. (A flip to the left or right keeps the sum of the pixels, by which we recognise a garment.)

# %%
def labels_by_garment(data):
    pairs = ((image, label) for images, labels in data for image, label in zip(images.numpy(), labels.numpy(), strict=True))
    return {round(image.sum(dtype=float), 3): label for image, label in pairs}


for name, data in pipelines.items():
    one, two = labels_by_garment(data), labels_by_garment(data)
    changed = sum(one[garment] != two[garment] for garment in one)
    print(f"{name}: the label changed for ≈ {changed:2} of {len(one)} garments")
    assert (changed > 30) == (name == "R") and (changed == 0) == (name != "R")

# %%
check("06.1", "P")
findings = {name: check_pipeline(data, validation).found for name, data in pipelines.items()}
print(findings)
assert findings == {"P": [], "Q": ["order"], "R": ["labels"]}

# %% [markdown]
# P is sound: half of an epoch's pictures come again in the next, because a flip has only two variants, and that is no bug. Q sorts by class, and a shuffle buffer of 16 hardly mixes what is sorted; a buffer of 128 would. R shuffles images and labels apart, so that a garment is a pullover in one epoch and a coat in the next: zip first, then shuffle. Pictures alone show none of this; labels do.

# %% [markdown]
# ### Exercise 2: Split first
#
# `split_pool` is case 7. Change it so that no garment stands on both sides: a fifth of the garments, not of the pictures, for validation, as they are, and sixteen copies of each other garment, without the originals, for training. Labels must follow their pictures. `check` tries your function on forty made-up garments.

# %%
def split_pool(x, y, replicate, copies=16):
    policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
    order = np.random.default_rng(replicate).permutation(len(x))
    train, val = order[: len(x) * 4 // 5], order[len(x) * 4 // 5 :]
    pool = [policy.apply(x[train], policy.draw(len(train), seed=(replicate, k))).numpy() for k in range(copies)]
    return (np.concatenate(pool), np.tile(y[train], copies)), (x[val], y[val])


check("06.2", split_pool)

# %% [markdown]
# Two lines change places: first the sources are dealt out, then one part is augmented. What is left for validation are 26 garments. How exactly can 26 tell an accuracy of 0.8?

# %%
(x_train, y_train), (x_val, y_val) = split_pool(few.x_train, few.y_train, 0)
error = np.sqrt(0.8 * 0.2 / len(x_val))
print(f"{len(x_train):,} pictures from {len(x_train) // 16} garments, {len(x_val)} for validation")
print(f"an accuracy of 0.8 on {len(x_val)} images: standard error {error:.2f}, on 416: {np.sqrt(0.8 * 0.2 / 416):.2f}")
assert len(x_train) == 16 * 102 and len(x_val) == 26

# %% [markdown]
# To about ±0.16, two standard errors. The leaky set of case 7 held 416 pictures and looked four times as exact; it was not, since they came from the same 128 garments. An honest split of few images is a coarse ruler, and the cure is more validation garments or many replicates, not more pictures of the same ones.

# %% [markdown]
# ### Exercise 3: A bug of your own
#
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict its cost against `sound` after 200 updates; then train both, with `train("mine", mine, 200)` and `train("sound", sound, 200)`, and judge by the interval and verdict of the eight paired replicates (`summarise`, `compare_arms`). A pipeline from a published tutorial will do as well.

# %% [markdown]
# One worked example; others are as good. `RandomRotation` takes a fraction of the full turn. Whoever knows that 5 degrees are 0.087 radians and writes 0.087 turns the garments by up to 31 degrees.

# %%
def turning(factor):
    def pipeline(x, y, seed=0):
        turn = keras.layers.RandomRotation(factor, fill_mode="nearest", seed=seed)
        data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
        data = data.shuffle(len(x), seed=seed).batch(32)
        return data.map(lambda images, labels: (turn(images), labels)).prefetch(2)

    return pipeline


mine, meant = turning(np.deg2rad(5)), turning(5 / 360)
print(f"up to {360 * np.deg2rad(5):.0f} degrees")
for pipeline in (mine, meant):
    print("found:", (found := check_pipeline(pipeline(few.x_train, few.y_train), validation).found))
    assert not found

# %% mystnb={"image": {"alt": "Eight garments from two pipelines: with a factor of 0.087 they lie tilted to either side by up to a third of a right angle, with 5/360 they stand upright."}}
pictures = [next(iter(pipeline(few.x_train, few.y_train)))[0].numpy()[:8] for pipeline in (mine, meant)]
plots.show_images(pictures, ["0.087", "5/360"], [""] * 8)

# %% [markdown]
# *Eight garments from two pipelines: with a factor of 0.087 they lie tilted to either side by up to a third of a right angle, with 5/360 they stand upright.*
#
# The check-up finds nothing: the pictures are new, whole and in range. What should it cost? Like lesson 01's wide policy it trains for garments that lie, and validation shows garments that stand: *worse*, we expect.

# %%
trainer, curves = Trainer(), []
for replicate in progress(range(8), 8, "mine"):
    part = subset(garments, 128, replicate)
    for arm, pipeline in [("mine", mine), ("meant", meant)]:
        batches = pipeline(part.x_train, part.y_train, replicate).repeat()
        curve = trainer.run(part, batches, 200, replicate, [184, 188, 192, 196, 200])
        curves.append(curve.assign(arm=arm, replicate=replicate))
runs = summarise(pd.concat(curves))

# %%
for metric in ("val_loss", "val_accuracy"):
    print(metric)
    assert report(runs, [("mine", "meant")], metric, stored=False)["mine", "meant"] == "worse"
assert paired_interval(differences(runs, "mine", "meant")).low > 0.02
assert paired_interval(differences(runs, "mine", "meant", "val_accuracy")).high < -0.01

# %% [markdown]
# *Worse* in both, and by more than the margins of 0.02 and 0.01. A unit in the wrong place is no fault of the pipeline's mechanics, so a program that watches the mechanics can't see it. Eight pictures side by side show it in a second, before the first training.
