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
# # Solutions to lesson 02: Diversity within a batch
#
# Worked answers to the exercises of lesson [02](../02_diversity_within_a_batch.ipynb). Try them yourself first. They take 3 minutes.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Seen before
#
# You train for 20 epochs on 512 images. The store has 8 copies of each, one an epoch. How often is the network shown a version that it has seen before?

# %%
from exercises import check

seen_before = (
    20 - 8
) * 512  # the first eight epochs show nothing twice, the other twelve nothing new
check("02.1", seen_before)

# %% [markdown]
# `schedule` says the same. It lists which version of which image each batch of a method shows. In batches of 32, twenty epochs make 320 updates.

# %%
import numpy as np
from helpers.methods import schedule

plan = schedule("copies-8", n=512, updates=320)
shown = np.stack([plan.source.ravel(), plan.version.ravel()], axis=1)
different = len(np.unique(shown, axis=0))
print(
    f"{len(shown):,} versions shown, {different:,} of them different, so {len(shown) - different:,} seen before"
)

# %% [markdown]
# A tempting answer is 2,048, because the last four epochs are a third round. But the second round, epochs 9 to 16, shows nothing new either.

# %% [markdown]
# ## Exercise 2: Shuffled without a random number
#
# Sixteen copies of each of 128 garments are stored side by side. So image i is copy `i % 16` of garment `i // 16`. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each copy once, and no batch holds two copies of one garment. Is that static or live, and with how many copies?

# %%
order = (
    np.arange(128 * 16).reshape(128, 16).T.reshape(64, 32)
)  # all garments in copy 0, then in copy 1, …

print("first batch, garments:", *(order // 16)[0])
check("02.2", order)

# %%
print("copies, one an epoch:", *(order % 16)[::4, 0])

# %% [markdown]
# Each epoch now shows one copy of every garment, so this is static augmentation with sixteen copies, `copies-16` in code. Only the garments come in the same order each time. Shuffling within each copy would fix that, and put no two copies of one garment into a batch. So it was the order of the files, and not the number of copies, that made batches cluster.

# %%
assert different == 8 * 512 and all(
    len(set(batch)) == 32 for batch in (order // 16).tolist()
)
