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
# # Solutions to lesson 04: A fair comparison
#
# Worked answers to the exercises of notebook 04, which you need to have read. Try them yourself first. It takes about one minute on two cores.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Keep the originals
#
# You store the originals and four copies of each of 128 garments, which is called `originals+4`. An original is shown one time in five. So the fair partner is live that leaves every fifth image unchanged, `live-4/5`. Set `answer` to the word that you expect. Then train `pair` with `compare` for 400 updates on eight replicates, judge it by loss, and put the word that you found into `answer`. What changes if you take plain live instead?

# %%
from exercises import check
from helpers.augment import RandomAffine
from helpers.compare import compare, summarise
from helpers.data import load_garments
from helpers.stats import paired_verdict

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
methods = ["originals+4", "live-4/5", "live"]
curves = compare(load_garments(), methods, augment, n=128, updates=400)
loss = summarise(curves).pivot(index="replicate", columns="method", values="val_loss")

first, second = "live-4/5", "originals+4"
answer = paired_verdict(loss[first] - loss[second], "loss").verdict
check("04.1", answer)

# %% [markdown]
# And plain live, which never shows an original?

# %%
for second in ("originals+4", "live-4/5"):
    mean, low, high = paired_verdict(loss["live"] - loss[second], "loss").interval
    print(f"live minus {second}: ≈ {mean:.3f}, from ≈ {low:z.3f} to ≈ {high:.3f}")

# %% [markdown]
# With the same share of originals live is ahead by about half the margin. The interval ends at the margin, so the word is *equivalent* on one processor and *better* on another. Plain live has lost that lead, because it never shows an original: it lies above live that leaves a fifth unchanged. So a comparison of plain live with originals + 4 copies mixes what endless variety is worth with what the originals are worth.

# %% [markdown]
# ## Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order. It returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
import numpy as np
from scipy import stats


def interval(first, second):
    d = np.subtract(first, second)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("04.2", interval)

# %% [markdown]
# There are three usual slips. `std()` of an array divides by R where R − 1 is right. A *t* of 2.36 was copied from eight pairs, and 1.96 belongs to very many. With three pairs *t* is 4.3, so three pairs rarely decide anything.

# %%
assert answer in ("equivalent", "better")
