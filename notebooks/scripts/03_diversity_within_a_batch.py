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
# # 03 Diversity within a batch: the test nobody passes
#
# Live augmentation, says the article of lesson [01](01_static_versus_live.ipynb),
#
# > naturally creates more diversity *within* each training batch.
#
# It sounds obvious: a live batch is made anew, and a static one was made long ago. Do you believe it?
#
# **You will** sort six batches by eye, twice, and then look at batches that really are too much alike. You need lessons [00](00_start_here.ipynb) and [02](02_a_fair_comparison.ipynb). **Time:** 12 minutes to read, about half a minute to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Can you sort them?
#
# We take 128 garments and the mild policy of lesson 00. Static has one copy of each garment.

# %%
from helpers.augment import RandomAffine
from helpers.policies import POLICIES
from helpers.data import load_garments, subset

n = 128
x = subset(load_garments(), n).x_train
augment = RandomAffine(**POLICIES["mild"], seed=0)
one_copy = augment(x, training=True).numpy()  # made once, before training

# %% [markdown]
# Of each we take three batches of 32, and the same garments again one epoch later.

# %%
import numpy as np

rng = np.random.default_rng(0)
static_rows, live_rows = rng.permutation(n)[:96], rng.permutation(n)[:96]


def six_batches():
    static = one_copy[static_rows]
    live = augment(x[live_rows], training=True).numpy()  # made anew at each call
    return np.concatenate([static, live]).reshape(6, 32, 28, 28, 1)


this_epoch, next_epoch = six_batches(), six_batches()

# %% [markdown]
# Here are the six batches of this epoch, mixed. Each row shows the first six pictures of a batch. Three rows are live. Write down their letters.

# %%
import figures
from helpers.plots import caption

mixed = dict(zip("ABCDEF", rng.permutation(6), strict=True))
first_six = {letter: this_epoch[batch, :6] for letter, batch in mixed.items()}
figures.rows_of_images(first_six, alt="Six rows of six pullovers and coats, some a little tilted, shifted or mirrored. No row looks more varied than another.")
caption("Three of these batches are live, and three come from a copy that was made once.")

# %% [markdown]
# Now take three garments from each batch, and put each beside itself *one epoch later*. Sort the rows again, then unfold. (A live garment can come back nearly unchanged by chance, so look at all three.)

# %%
pairs = np.stack([this_epoch[:, :3], next_epoch[:, :3]], axis=2).reshape(6, 6, 28, 28, 1)
beside_itself = {letter: pairs[batch] for letter, batch in mixed.items()}
figures.rows_of_images(beside_itself, columns=["this epoch", "the next"] * 3, alt="Six rows of three garments, each in this epoch and in the next. In three rows both pictures of a garment are the same. In the others they differ in tilt, position or mirroring.")
caption("The same six batches.")

# %% tags=["hide-output"]
print("live:", *[letter for letter, batch in mixed.items() if batch >= 3])

# %% [markdown]
# How many did you have right the first time, and how many the second? The first test can't be solved. Either way a batch holds 32 different garments, each with a random change of its own. Whether that change was drawn a second or a year ago leaves no trace in it.
#
# **A live batch is no more diverse than a static one**, as long as both show an image once an epoch. What live adds comes in the *next* epoch. So a look at twenty augmented pictures never shows that a pipeline is live. Look at the *same* image in more than one epoch.
#
# ## Which batches do cluster?
#
# Some batches are too much alike, but the store isn't to blame. Suppose that sixteen copies of each garment lie in one heap: all copies of the first garment, then all of the second, as files usually lie. Copies of one garment meet in a batch unless the heap is shuffled well.

# %%
import tensorflow as tf

heap = augment(np.repeat(x, 16, axis=0), training=True).numpy()
places = tf.data.Dataset.range(len(heap))
orders = {
    "shuffled": places.shuffle(len(heap), seed=0),
    "buffer of 8": places.shuffle(8, seed=0),  # holds 8 pictures, and picks one of them
    "side by side": places,  # no shuffle at all
}
batches = {name: heap[next(iter(order.batch(32).skip(20)))] for name, order in orders.items()}

# %% [markdown]
# A live batch can have look-alikes, too: some code draws one change for the whole batch where it should draw 32.

# %%
change = augment.draw(1, seed=(0, 1))
batches["one draw"] = augment.apply(x[:32], np.repeat(change, 32, axis=0)).numpy()

# %% [markdown]
# What does each fault cost? We trained the network of lesson 00 on such batches, on twenty sets of garments for 400 updates, in pairs. Which fault will cost the most accuracy on new garments, and does any cost nothing? Guess, then unfold.

# %% tags=["hide-output"]
import pandas as pd
from helpers.stats import paired_interval
from helpers.data import RESULTS, read_runs

stored = read_runs(RESULTS / "clustered-batches.csv")
accuracy = 100 * stored.pivot(index="replicate", columns=["method", "policy"], values="val_accuracy")
shuffled, live = accuracy["pool-16", "mild"], accuracy["live", "mild"]
lost = {
    "buffer of 8": paired_interval(accuracy["pool-16", "buffer-of-8"] - shuffled),
    "side by side": paired_interval(accuracy["pool-16", "side-by-side"] - shuffled),
    "one draw": paired_interval(accuracy["live", "one-draw"] - live),
}
notes = {name: f"−{-mean:.1f} points\n± {mean - low:.1f}" for name, (mean, low, high) in lost.items()}
figures.rows_of_images({name: batch[:4] for name, batch in batches.items()}, notes=notes, alt="Four rows of four pictures from a batch, and what each costs. Shuffled shows four different garments. The buffer of 8 shows two garments, twice each. Side by side shows one garment four times, differently tilted and mirrored. One draw shows four garments, all changed in the same way.")
caption("Look-alikes in a batch cost points of accuracy. (The first two against the shuffled heap, one draw against live. After ±, half of a 95 % interval.)")

# %% [markdown]
# The heap was the same each time, so the *order* alone did the harm: side by side, each update learns from two garments, and a buffer of 8 costs nearly as much. One draw hides best, since its garments are different ones, and even that isn't free.
#
# So shuffle the whole heap, or the list of its files. And draw once for each picture.
#
# ## In practice and limits
#
# The costs are those of one small network, 128 garments and 400 updates. Several versions of one image in a batch needn't be a fault: in loss two were *equivalent* to one, and four were *worse*. In deep networks they [are said to help](https://arxiv.org/abs/2105.13343).

# %% [markdown]
# ## Take-away
#
# 1. A batch in which each image comes once is as diverse with frozen copies as live. Only the epochs that follow tell them apart.
# 2. To see whether a pipeline is live, look at the same image in more than one epoch.
# 3. Batches cluster when copies are shuffled too little, or when one draw serves a whole batch. Both cost accuracy.

# %%
# The message, in your own run: what the next epoch shows of static batches, and of live ones.
assert np.array_equal(this_epoch[:3], next_epoch[:3]) and not np.array_equal(this_epoch[3:], next_epoch[3:]), (
    "The first three batches should repeat in the next epoch and the "
    "others should not: a store was drawn anew, or live is frozen."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. With four copies that take turns, this epoch and the next differ. Is it live?</summary>
#
# No. The pictures come back in the fifth epoch.
#
# </details>
#
# <details><summary>2. All pictures of a batch lean to the same side. What happened?</summary>
#
# The code makes one draw for a batch instead of one for each picture.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/03_diversity_within_a_batch.ipynb).

# %% [markdown]
# ### Exercise 1: Siblings in a larger heap
#
# Two copies of one garment in a batch are *siblings*. A well shuffled heap of four copies of 128 garments has about three pairs of siblings in a batch of 32. How many will it have with 512 garments? Write your prediction down, then change the cell to count them, and put the mean into `answer`.

# %%
from exercises import check
from helpers.methods import sibling_pairs


def garments_in_batches(n, copies, seed):
    pictures = np.random.default_rng(seed).permutation(n * copies)  # one shuffle over the whole heap
    return pictures.reshape(-1, 32) // copies


counts = [sibling_pairs(garments_in_batches(128, 4, seed)).mean() for seed in range(100)]
print(f"{np.mean(counts):.1f} pairs of siblings in a batch")
answer = None
check("03.1", answer)

# %% [markdown]
# ### Exercise 2: No shuffle and no siblings
#
# Sixteen copies of each of 128 garments are stored side by side: picture i is copy i % 16 of garment i // 16. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each picture once and no batch holds siblings. Which way of training in lesson 01 is this?

# %%
order = np.arange(128 * 16).reshape(64, 32)

print("first batch, garments:", *(order // 16)[0])
check("03.2", ...)  # put order in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: How large a buffer?
#
# A buffer of 8 is too small and one of 2,048 holds the whole heap. Count the siblings for buffers between the two, and draw them. From which buffer on are there fewer than 10 pairs? Then look up what your own pipeline has.

# %%
buffer = 8
pictures = tf.data.Dataset.range(16 * 128).shuffle(buffer, seed=0).batch(32)
pairs = sibling_pairs(np.stack(list(pictures)) // 16).mean()
print(f"buffer of {buffer}: {pairs:.0f} pairs of siblings in a batch")

# %% [markdown]
# **Next:** a network says which solar cells are defective. Beside it lies a light meter, which knows nothing but how bright a photograph is. Which of the two will be right more often? Write your answer down, then open [08 Solar cells](08_solar_cells.ipynb).
