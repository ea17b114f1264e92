# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
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
# The three exercises of lesson [06](../06_when_live_is_not_live.ipynb), worked. What the lesson made is made again here. It takes 6 minutes to read and half a minute to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from augcheck import check_pipeline
from exercises import check
from helpers import plots
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model
from helpers.show import show_table
from helpers.stats import judge
from helpers.training import Trainer

plots.use_style()
garments = load_garments()
garments = garments._replace(x_val=garments.x_val[:1000], y_val=garments.y_val[:1000])
few = subset(garments, 128, replicate=5)
validation = garments.x_val[:200], garments.y_val[:200]
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at pictures, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided.

# %%
def flip(images, labels):
    return tf.image.random_flip_left_right(images), labels


def first(x, y):
    images, labels = (tf.data.Dataset.from_tensor_slices(part) for part in (x, y))
    data = tf.data.Dataset.zip((images.shuffle(128, seed=1), labels.shuffle(128, seed=2)))
    return data.batch(32).map(flip)


def second(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(128, seed=1).batch(32).map(flip)


# %%
def third(x, y):
    rows = np.argsort(y, kind="stable")
    data = tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(16, seed=1)
    return data.batch(32).map(flip)


builders = [(first, second, third)[i] for i in np.random.default_rng(5).permutation(3)]
pipelines = {name: build(few.x_train, few.y_train) for name, build in zip("PQR", builders, strict=True)}
coats = {name: [int(labels.numpy().sum()) for images, labels in data] for name, data in pipelines.items()}
by_batch = pd.DataFrame(coats, index=[f"batch {b}" for b in range(1, 5)]).T.rename_axis("coats among 32")
show_table(by_batch, approximate=list(by_batch))

# %% [markdown]
# Q begins with pullovers and ends with coats. The batches of P and R are mixed. So we follow garments, and look at the label of each in two epochs. (A flip keeps the sum of the pixels, by which we recognise a garment.)

# %%
def labels_by_garment(data):
    found = {}
    for images, labels in data:
        for image, label in zip(images.numpy(), labels.numpy(), strict=True):
            found[round(image.sum(dtype=float), 3)] = label
    return found


changed = {}
for name, data in pipelines.items():
    one, two = labels_by_garment(data), labels_by_garment(data)
    changed[name] = sum(one[garment] != two[garment] for garment in one)
    print(f"{name}: the label changed for ≈ {changed[name]:3} of {len(one)} garments")

# %%
check("06.1", "P")
findings = {name: check_pipeline(data, validation).found for name, data in pipelines.items()}
print(findings)

# %% [markdown]
# P is sound. Half of an epoch's pictures come again in the next, because a flip has only two variants, and that is no mistake. Q sorts by class, and a shuffle buffer of 16 hardly mixes what is sorted. A buffer of 128 would. R shuffles images and labels apart, so that a garment is a pullover in one epoch and a coat in the next. Zip first, then shuffle. Pictures alone show none of this, but labels do.

# %% [markdown]
# ### Exercise 2: Split first
#
# Change `split_pool` so that no garment is on both sides: a fifth of the *garments* for validation, as they are, and sixteen copies of each other garment, without the originals, for training. Labels must follow their pictures. `check` tries your function on forty made-up garments.

# %%
def split_pool(x, y, copies=16):
    order = np.random.default_rng(0).permutation(len(x))
    train, val = order[: len(x) * 4 // 5], order[len(x) * 4 // 5 :]
    pool = np.concatenate([policy(x[train]) for copy in range(copies)])
    return (pool, np.tile(y[train], copies)), (x[val], y[val])


check("06.2", split_pool)

# %% [markdown]
# Two lines change places. The garments are dealt out first, and then one part is augmented. That leaves 26 garments for validation. How exactly can so few measure an accuracy of 0.8?

# %%
(x_train, y_train), (x_val, y_val) = split_pool(few.x_train, few.y_train)
for images in (len(x_val), 410):
    error = np.sqrt(0.8 * 0.2 / images)
    print(f"an accuracy of 0.8 on {images} images has a standard error of {error:.2f}")

# %% [markdown]
# Two standard errors are 0.16. The leaking set of the lesson held 410 pictures and looked four times as exact. It wasn't, because its pictures came from the same 128 garments. So an honest split of few images is a coarse ruler. The cure is more validation garments or many replicates, and not more pictures of the same ones.

# %% [markdown]
# ### Exercise 3: A mistake of your own
#
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict what it costs. Then train with it and without it, in plain Keras and on several subsets each, and compare in pairs. A pipeline from a published tutorial will do as well.

# %% [markdown]
# One worked example. Others are as good. `RandomRotation` takes a fraction of the full turn. Somebody who knows that 5 degrees are 0.0873 radians, and writes that, turns the garments by up to 31 degrees.

# %%
def turning(x, y, factor):
    turn = keras.layers.RandomRotation(factor, fill_mode="nearest", seed=0)
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(x), seed=0).batch(32)
    return data.map(lambda images, labels: (turn(images, training=True), labels)).prefetch(2)


factors = {"mine": np.deg2rad(5), "meant": 5 / 360}
reports = {}
for name, factor in factors.items():
    reports[name] = check_pipeline(turning(few.x_train, few.y_train, factor), validation)
    print(f"{name}: up to {360 * factor:.0f} degrees, found: {reports[name].found}")

# %% tags=["hide-input"]
pictures = [next(iter(turning(few.x_train, few.y_train, factor)))[0].numpy()[:6] for factor in factors.values()]
plots.show_images(pictures, list(factors), [""] * 6)

# %% [markdown]
# *A unit in the wrong place shows at a glance, and in no report.*
#
# The check-up finds nothing, because the pictures are new, whole and in range. What should it cost? The network trains for garments that lie, and validation shows garments that stand. So we expect *worse*, and train eight pairs.

# %%
trainer, ends = Trainer(small_model), []  # the loop of fit, compiled once for all sixteen
for replicate in range(8):
    part = subset(garments, 128, replicate)
    for name, factor in factors.items():
        batches = turning(part.x_train, part.y_train, factor).repeat()
        run = trainer.run(part, batches, 100, replicate, evaluate_at=[92, 96, 100])
        ends.append({"mistake": name, **run[["val_loss", "val_accuracy"]].mean()})
mine, meant = (pd.DataFrame(ends).query("mistake == @name") for name in factors)

# %% tags=["hide-input"]
columns = ["mean", "from", "to", "mine is"]
rows = {}
for metric in ["val_loss", "val_accuracy"]:
    interval, _, word = judge(mine[metric].to_numpy() - meant[metric].to_numpy(), metric)
    rows[metric.removeprefix("val_")] = [*interval, word]
verdicts = pd.DataFrame(rows, index=columns).T.rename_axis("mine minus meant")
show_table(verdicts.astype(dict.fromkeys(columns[:3], float)), approximate=True, digits=3)

# %% [markdown]
# *Worse* in both. A unit in the wrong place is no fault of a pipeline's mechanics, so a program that watches the mechanics can't see it. Six pictures side by side show it in a second, before the first training.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
from helpers.show import Claims

claims = Claims()
uneven = [name for name, counts in coats.items() if max(counts) - min(counts) > 20]
claims.check("the batches of Q are sorted, those of P and R are not", uneven == ["Q"])
claims.check("labels change in R only", changed["R"] > 30 and changed["P"] == changed["Q"] == 0)
claims.check("the check-up says so, too", findings == {"P": [], "Q": ["order"], "R": ["labels"]})
claims.check("split first: 26 garments for validation, sixteen pictures of each of 102 others",
             (len(x_val), len(x_train)) == (26, 16 * 102))
claims.check("of the wrong unit nothing is found", not reports["mine"].found and not reports["meant"].found)
claims.check("it is worse in loss by more than 0.02, and in accuracy by more than 0.01",
             bool(rows["loss"][1] > 0.02 and rows["accuracy"][2] < -0.01))
