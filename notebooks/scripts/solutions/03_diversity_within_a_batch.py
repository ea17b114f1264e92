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
# # Solutions to lesson 03: Diversity within a batch
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/solutions/03_diversity_within_a_batch.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/solutions/03_diversity_within_a_batch.ipynb)
#
# Worked answers to the exercises of lesson 03, which you need to have read. Try them yourself first. It takes about one minute on two cores.

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

# %%
import numpy as np
import pandas as pd
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.diversity import sibling_pairs
from exercises import check
from helpers.model import small_model
from helpers.progress import progress
from helpers.stats import MARGINS, paired_interval, verdict
from helpers.arms import Schedule, drawn_batches, schedule
from helpers.compare import differences, summarise
from helpers.training import trainer_for

garments = load_garments()
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Siblings in a larger pool
#
# A shuffled pool of four copies of 128 garments had 2.9 sibling pairs in a batch of 32. How many will it have with 512 garments? Write your prediction down. Then count them with `sibling_pairs` in `schedule("pool-4", 512, 400)`, put the mean over the 400 batches into `answer`, and run the cell again.

# %%
for n in (128, 512):
    counted = sibling_pairs(schedule("pool-4", n, 400).source)
    print(f"{n} garments: {counted.mean():.2f} counted, {496 * 3 / (4 * n - 1):.2f} expected")
answer = counted.mean()
check("03.1", answer)
assert abs(answer - 496 * 3 / (4 * 512 - 1)) < 0.2

# %% [markdown]
# A quarter as many. A picture still has three siblings, but they hide among 2,047 others instead of 511. So the siblings that a shuffled pool brings into a batch matter, if at all, where garments are few; adding copies hardly changes them (2.9 with four copies of 128 garments, 3.6 with sixteen).

# %% [markdown]
# ### Exercise 2: No shuffle and no siblings
#
# Sixteen copies of each of 128 garments are stored side by side: picture i is copy i % 16 of garment i // 16. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each picture once and no batch holds siblings. Which arm of this lesson have you made?

# %%
order = np.arange(128 * 16).reshape(128, 16).T.reshape(64, 32)  # all garments in copy 0, then in copy 1, …

print("first batch, garments:", *(order // 16)[0])
check("03.2", order)
assert not sibling_pairs(order // 16).any()

# %%
same_copy = (order % 16 == order[:, :1] % 16).all()
print("each batch holds a single copy number:", same_copy, "- in turn:", *(order % 16)[::4, 0])
assert same_copy

# %% [markdown]
# This is clock order, the arm `copies-16`: copy after copy, each garment once an epoch. Only that here the garments come in the same order every time; a shuffle within each copy would mend that and bring no siblings back. The order of a file, and not the number of copies, is what made batches cluster.

# %% [markdown]
# ### Exercise 3: Does the harm last?
#
# Eight draws of a garment in a batch cost ≈ 0.05 in validation loss after 400 updates. And after 1,600? Say what you expect, also of the loss on the clean training images. Then train m = 8 and m = 1, which is live, on eight replicates with the plans of `grouped_for`: of each replicate `part = subset(garments, 128, replicate)`, then `batches_of(plan, part, replicate)`, then `trainer.run(part, batches, 1600, replicate, [1472, 1504, 1536, 1568, 1600])`. Judge by the 95 % intervals and the margin.

# %%
def grouped_for(updates, m, replicate):
    order = schedule("live", 128, updates, replicate).source.ravel()[: updates * 32 // m]
    epoch = np.arange(len(order)) // 128
    version = 1 + m * np.repeat(epoch, m) + np.tile(np.arange(m), len(order))
    return Schedule(np.repeat(order, m).reshape(updates, 32), version.reshape(updates, 32))


assert np.array_equal(grouped_for(400, 1, 0).version, schedule("live", 128, 400, 0).version)

# %% [markdown]
# One answer among others. We expected the noise of four garments a batch to slow the fit, so that the harm shrinks with more updates. One run of 1,600 updates holds the one of 400, since the learning rate is constant: we read it three times on the way, each time as the mean of five late evaluations.

# %%
trainer = trainer_for(small_model, (28, 28, 1), mild)
LATE = np.array([368, 376, 384, 392, 400])
moments = sorted({int(update) for update in (*LATE, *2 * LATE, *4 * LATE)})
curves = []
for m, replicate in progress([(m, r) for m in (1, 8) for r in range(8)], 16, "runs"):
    part = subset(garments, 128, replicate)
    plan = grouped_for(1600, m, replicate)
    batches = drawn_batches(part.x_train, part.y_train, plan, mild, replicate)
    curve = trainer.run(part, batches, 1600, replicate, moments)
    curves.append(curve.assign(arm=f"m = {m}", replicate=replicate))
curves = pd.concat(curves)

# %%
METRICS = {"val_loss": "validation", "val_loss_scaled": "validation, scaled", "train_loss": "clean training"}
at = {}
print("loss of m = 8 minus live")
for updates in (400, 800, 1600):
    runs = summarise(curves[curves["update"] <= updates])
    for metric, name in METRICS.items():
        at[updates, metric] = paired_interval(differences(runs, "m = 8", "m = 1", metric))
        numbers = "≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*at[updates, metric])
        print(f"{updates:5,} updates, {name:20}{numbers}")

# %%
assert at[400, "val_loss"].low > 0.02
assert at[1600, "val_loss"].mean < at[400, "val_loss"].mean - 0.02
assert verdict(at[1600, "val_loss"], MARGINS["val_loss"], lower_is_better=True) == "undecided"
assert at[1600, "val_loss_scaled"].mean > 0.005 and at[1600, "val_loss_scaled"].high < at[400, "val_loss_scaled"].mean
assert at[1600, "train_loss"].low > 0.03

# %% [markdown]
# The harm shrinks. In validation loss eight replicates can't tell the two apart after 1,600 updates: the interval contains zero and reaches beyond the margin on one side, *undecided*. That is no proof of a tie. After temperature scaling some harm seems to be left, ≈ 0.02, and on the clean training images m = 8 is still well behind. It has fitted less and is less over-confident, and in the plain loss the second makes up for the first.
