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
# # Solutions to lesson 06: When live is not live
#
# Worked answers to the exercises of notebook 06, which you need to have read. Try them yourself first. It takes about one minute on two cores.

# %%
from series import prepare

prepare()

# %%
import numpy as np
import tensorflow as tf
from augcheck import check_pipeline
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 128, replicate=5)
validation = garments.x_val[:200], garments.y_val[:200]
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %% [markdown]
# ## Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at pictures, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided. (Their code is in `exercises.py`. Don't look.)

# %%
from exercises import check, three_pipelines

suspects = three_pipelines(few.x_train, few.y_train)
for name, data in suspects.items():
    print(f"{name}: coats among 32:", *[f"≈ {labels.numpy().sum():2}" for images, labels in data])

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
for name, data in suspects.items():
    one, two = labels_by_garment(data), labels_by_garment(data)
    changed[name] = sum(one[garment] != two[garment] for garment in one)
    print(f"{name}: the label changed for ≈ {changed[name]:2} of {len(one)} garments")

# %%
check("06.1", "P")
findings = {name: check_pipeline(data, validation).found for name, data in suspects.items()}
print(findings)

# %% [markdown]
# P is sound. Half of an epoch's pictures come again in the next, because a flip has only two variants, and that is no mistake. Q sorts by class, and a shuffle buffer of 16 hardly mixes what is sorted. A buffer of 128 would. R shuffles images and labels apart, so that a garment is a pullover in one epoch and a coat in the next. Zip first, then shuffle. Pictures alone show none of this, but labels do.

# %% [markdown]
# ## Exercise 2: Split first
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
for images in (26, 410):
    print(f"an accuracy of 0.8 on {images} images has a standard error of {np.sqrt(0.8 * 0.2 / images):.2f}")

# %% [markdown]
# The leaking set of the lesson held 410 pictures and looked four times as exact. It wasn't, because its pictures came from the same 128 garments. An honest split of few images is a coarse ruler. The cure is more validation garments or many replicates, and not more pictures of the same ones.

# %% [markdown]
# ## Exercise 3: A mistake of your own
#
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict what it costs. Then train with it and without it, on several subsets each, and compare in pairs.
#
# One worked example, and others are as good. `RandomRotation` takes a fraction of the full turn. Somebody who knows that 5 degrees are 0.0873 radians, and writes that, turns the garments by up to 31 degrees.

# %%
from keras import layers


def turning(x, y, factor):
    turn = layers.RandomRotation(factor, fill_mode="nearest", seed=0)
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache().shuffle(len(x), seed=0).batch(32)
    return data.map(lambda images, labels: (turn(images, training=True), labels)).prefetch(2)


factors = {"mine": np.deg2rad(5), "meant": 5 / 360}
reports = {}
for name, factor in factors.items():
    reports[name] = check_pipeline(turning(few.x_train, few.y_train, factor), validation)
    print(f"{name}: up to {360 * factor:.0f} degrees, found: {reports[name].found}")

# %% [markdown]
# The check-up finds nothing, because the pictures are new, whole and in range. What should it cost? The network trains for garments that lie, and validation shows garments that stand. So we expect *worse*, and train eight pairs.

# %%
import keras
from helpers.model import small_model

accuracy = {"mine": [], "meant": []}
for replicate in range(8):
    part = subset(garments, 128, replicate)
    for name, factor in factors.items():
        model = small_model(seed=replicate)
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(turning(part.x_train, part.y_train, factor), epochs=25, shuffle=False, verbose=0)
        accuracy[name].append(model.evaluate(garments.x_val, garments.y_val, verbose=0)[1])

# %%
from helpers.stats import paired_interval

points = 100 * (np.array(accuracy["mine"]) - np.array(accuracy["meant"]))
interval = paired_interval(points)
print(f"mine minus meant: ≈ {interval.mean:.0f} points (-9 to -2), from ≈ {interval.low:.0f} to ≈ {interval.high:.0f}")

# %% [markdown]
# *Worse*. A unit in the wrong place is no fault of a pipeline's mechanics, so a program that watches the mechanics can't see it. Six pictures side by side show it in a second, before the first training.

# %%
assert findings == {"P": [], "Q": ["order"], "R": ["labels"]}
assert not reports["mine"].found and interval.high < -1
