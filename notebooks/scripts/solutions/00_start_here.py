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
# # Solutions to lesson 00: Start here
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/solutions/00_start_here.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/solutions/00_start_here.ipynb)
#
# Worked answers to the exercises of notebook 00, which you need to have read. Try them yourself first. It takes about one minute on two cores.

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
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from exercises import check
from helpers.stats import MARGINS, paired_interval, verdict
from helpers.compare import compare, differences, summarise

garments = load_garments()
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
evaluations = [368, 376, 384, 392, 400]

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Sixteen copies
#
# How does live compare with sixteen copies after the same 400 updates? Set `answer` to the verdict that you expect. Then train these two arms with `compare`, as above, on eight replicates, and take the verdict from the interval of their paired differences. Put it into `answer` and run the cell again. Was your prediction right?

# %%
curves = compare(garments, ["copies-16", "live"], policy, n=128, updates=400, replicates=8, evaluate_at=evaluations)
interval = paired_interval(differences(summarise(curves), "live", "copies-16"))
print("live minus copies-16 ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*interval))
answer = verdict(interval, MARGINS["val_loss"], lower_is_better=True)
check("00.1", answer)
assert answer == "equivalent"
assert -0.015 < interval.low < interval.high < 0.015

# %% [markdown]
# The whole interval lies within ±0.02, so the two are equivalent: nobody would choose between them by their loss. In 100 epochs each of the sixteen copies comes round six times, and this short training cannot learn them by heart. "Live must be lower, it never repeats a picture" is the likely wrong answer; whether it holds for longer training is a question for lessons 01 and 04.

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# Live draws with the number of the epoch as part of the seed. Change `clock`, and nothing else, so that the garment is shown as four different pictures in turn, for as long as training lasts: copies 0, 1, 2, 3, then copy 0 again. That is static augmentation with four copies. What would `clock` be for a single copy?

# %%
def clock(epoch):
    return epoch % 4


garment = subset(garments, 16).x_train[8:9]
shown = np.concatenate([policy.apply(garment, policy.draw(1, seed=(0, clock(epoch)))) for epoch in range(12)])
print(f"{len(np.unique(shown, axis=0))} different pictures in 12 epochs")
check("00.2", clock)
assert len(np.unique(shown, axis=0)) == 4
assert np.array_equal(shown[:4], shown[4:8]) and np.array_equal(shown[:4], shown[8:])

# %% [markdown]
# The remainder of a division by 4 is a clock that wraps. For a single copy it is `epoch % 1`, which is always 0. So static augmentation is live augmentation that has forgotten what the epoch is; lesson 01 rests its whole comparison on that. `min(epoch, 3)` shows four pictures too, but the last of them in all the epochs that follow.

# %%
assert [epoch % 1 for epoch in range(12)] == [0] * 12

# %% [markdown]
# ### Exercise 3: More garments, or fewer
#
# With 128 garments live beat no augmentation after 400 updates. Would it with 64, or with 512? Say first which way the difference will move, and why. Then choose two numbers, multiples of 32, compare `none` and `live` on eight replicates of each, and judge by the 95 % interval of the paired differences and the margin of 0.02.

# %% [markdown]
# One answer among others. We expected live to gain more with 64 garments, each of which is shown 200 times and soon known by heart, and little with 512, shown 25 times.

# %%
found = {}
for n in (64, 512):
    curves = compare(garments, ["none", "live"], policy, n=n, updates=400, replicates=8, evaluate_at=evaluations)
    found[n] = paired_interval(differences(summarise(curves), "live", "none"))
    print(f"{n:3} garments, live minus none" + " ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*found[n]), end="  ")
    print(verdict(found[n], MARGINS["val_loss"], lower_is_better=True))

# %%
assert found[64].high < -0.03 < 0.005 < found[512].low

# %% [markdown]
# The direction was right, the size was not: with 512 garments live is even *worse*, because it slows the fit and `none` has not begun to overfit. "Live is better" needs the number of images and of updates beside it. Other numbers, more updates or the accuracy give other answers; between the two there is a point where the comparison is undecided or equivalent.
