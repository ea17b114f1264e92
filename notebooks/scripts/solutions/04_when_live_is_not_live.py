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
# # Solutions to lesson 07: When live is not live
#
# Worked answers to the exercises of lesson 07, which you need to have read. Try them yourself first. It takes a few seconds on two cores.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %%
import numpy as np
from augcheck import check_pipeline
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

x, y, new_x, new_y = subset(load_garments(), 128)
augment = RandomAffine(**POLICIES["mild"], seed=0)  # lesson 01's policy

# %% [markdown]
# ## Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at images, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided. (Their code is in `exercises.py`. Don't look.)

# %%
from exercises import check, three_pipelines

suspects = three_pipelines(x, y)
for name, data in suspects.items():
    print(
        f"{name}: coats among 32:",
        *[f"≈ {labels.numpy().sum():2}" for images, labels in data],
    )

# %% [markdown]
# Q begins with pullovers and ends with coats. The batches of P and R are mixed. So we follow garments, and look at the label of each in two epochs. (A flip keeps the sum of the pixels, by which we recognise a garment.)

# %%
def labels_by_garment(data):
    label_of = {}
    for images, labels in data:
        for image, label in zip(images.numpy(), labels.numpy(), strict=True):
            label_of[round(image.sum(dtype=float), 3)] = label
    return label_of


for name, data in suspects.items():
    one, two = labels_by_garment(data), labels_by_garment(data)
    changed = sum(one[garment] != two[garment] for garment in one)
    print(f"{name}: the label changed for ≈ {changed:2} of {len(one)} garments")

# %%
check("07.1", "P")
findings = {
    name: check_pipeline(data, (new_x, new_y)).found for name, data in suspects.items()
}
print(findings)

# %% [markdown]
# P is sound. Half of an epoch's versions come again in the next, because a flip has only two of them, and that is no mistake. Q sorts by class, and a shuffle buffer of 16 hardly mixes what is sorted. A buffer of 128 would. R shuffles images and labels apart, so that a garment is a pullover in one epoch and a coat in the next. Zip first, then shuffle. Images alone show none of this, but labels do.

# %% [markdown]
# ## Exercise 2: Split first
#
# Change `split` so that no garment is on both sides. Keep a fifth of the *garments* for validation, as they are. Of each other garment sixteen copies, without the original, are for training. Labels must follow their images. `check` tries your function on forty made-up garments.

# %%
def split(x, y, copies=16):
    order = np.random.default_rng(0).permutation(len(x))
    train, val = np.split(order, [len(order) * 4 // 5])
    images = np.concatenate([augment(x[train], training=True) for _ in range(copies)])
    labels = np.tile(y[train], copies)
    return (images, labels), (x[val], y[val])


check("07.2", split)

# %% [markdown]
# Two lines move up. The garments are dealt out first, and then one part is augmented. That leaves 26 garments for validation. How exactly can so few measure an accuracy of 0.8?

# %%
for images in (26, 410):
    print(
        f"an accuracy of 0.8 on {images} images has a standard error of {np.sqrt(0.8 * 0.2 / images):.2f}"
    )

# %% [markdown]
# The leaking set of the lesson held 410 copies and looked four times as exact. It wasn't, because its copies came from the same 128 garments. An honest split of few images is a coarse ruler. The cure is more validation garments or many replicates, and not more copies of the same ones.

# %%
assert findings == {"P": [], "Q": ["order"], "R": ["labels"]}
