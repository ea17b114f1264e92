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
# # Solutions to lesson 03: Diversity within a batch
#
# Worked answers to the exercises of lesson 03, which you need to have read. Try them yourself first. It takes less than a minute on two cores.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Exercise 1: Siblings in a larger heap
#
# Two copies of one garment in a batch are *siblings*. A well shuffled heap of four copies of 128 garments has about three pairs of siblings in a batch of 32. How many will it have with 512 garments? Write your prediction down, then change the cell to count them, and put the mean into `answer`.

# %%
import numpy as np
from exercises import check
from helpers.methods import sibling_pairs


def garments_in_batches(n, copies, seed):
    pictures = np.random.default_rng(seed).permutation(n * copies)  # one shuffle over the whole heap
    return pictures.reshape(-1, 32) // copies


found = {}
for n, copies in [(128, 4), (512, 4), (128, 16)]:
    counts = [sibling_pairs(garments_in_batches(n, copies, seed)).mean() for seed in range(100)]
    found[n, copies] = np.mean(counts)
    print(f"{copies} copies of {n} garments: {found[n, copies]:.1f} pairs of siblings in a batch")
answer = found[512, 4]
check("03.1", answer)

# %% [markdown]
# A quarter as many. A picture still has three siblings, but now they hide among 2,047 other pictures instead of 511. More copies hardly change the number. So siblings can only matter where there are few garments.

# %% [markdown]
# ## Exercise 2: No shuffle and no siblings
#
# Sixteen copies of each of 128 garments are stored side by side: picture i is copy i % 16 of garment i // 16. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each picture once and no batch holds siblings. Which way of training in lesson 01 is this?

# %%
order = np.arange(128 * 16).reshape(128, 16).T.reshape(64, 32)  # all garments in copy 0, then in copy 1, …

print("first batch, garments:", *(order // 16)[0])
check("03.2", order)

# %%
print("copies in turn:", *(order % 16)[::4, 0])

# %% [markdown]
# Each epoch now shows one copy of every garment, and the copies take turns. This is sixteen copies as in lesson 01 (`copies-16`), static augmentation with a clock. Only the garments come in the same order each time. Shuffling within each copy would fix that and bring no siblings back. So it was the order of the file, and not the number of copies, that made batches cluster.

# %% [markdown]
# ## Exercise 3: How large a buffer?
#
# A buffer of 8 is too small and one of 2,048 holds the whole heap. Count the siblings for buffers between the two, and draw them. From which buffer on are there fewer than 10 pairs? Then look up what your own pipeline has.

# %% [markdown]
# One answer among others. We count the pairs of siblings for buffers that double, each over one pass through the heap.

# %%
import tensorflow as tf

buffers = 2 ** np.arange(12)
pairs = []
for buffer in buffers.tolist():
    pictures = tf.data.Dataset.range(16 * 128).shuffle(buffer, seed=0).batch(32)
    pairs.append(sibling_pairs(np.stack(list(pictures)) // 16).mean())

# %%
import seaborn as sns
from helpers.plots import caption

ax = sns.lineplot(x=buffers, y=pairs, marker="o")
ax.set_xscale("log", base=2)
ax.set(xticks=buffers, xticklabels=buffers, xlabel="shuffle buffer", ylabel="pairs of siblings in a batch", ylim=(0, 250))
caption("A buffer helps more the larger it is, and should be far larger than the number of copies.", alt="Pairs of siblings in a batch against the shuffle buffer: 240 with a buffer of one, about half of them with sixteen, and hardly any from 512 on.")

# %% [markdown]
# Of our buffers, 512 is the first with fewer than 10 pairs. A buffer of the whole heap is best and costs its memory. If that is too much, shuffle the list of files instead, which is small, and load the pictures afterwards.

# %%
assert pairs[buffers.tolist().index(512)] < 10 < pairs[buffers.tolist().index(256)]
