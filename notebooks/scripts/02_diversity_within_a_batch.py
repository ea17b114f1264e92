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
# # 02 Diversity within a batch
#
# <details><summary>From lesson 01: how many versions of one pullover does a network see in ten epochs, with one stored copy and live?</summary>
#
# One, and ten.
#
# </details>
#
# Live augmentation, says the article of lesson [01](01_static_versus_live.ipynb),
#
# > naturally creates more diversity *within* each training batch.
#
# Do you believe it?
#
# **You will** sort batches by eye, and see how long a store keeps up with live. You need lesson [01](01_static_versus_live.ipynb). **Time:** 15 minutes to read, about half a minute to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Two methods, one line apart
#
# A *method* says what a network is shown in each epoch. Our augmenter can remake any version, so both methods are functions of the epoch.

# %%
import numpy as np
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

n = 128
x, y = subset(load_garments(), n)[:2]
augment = RandomAffine(**POLICIES["mild"], seed=0)  # lesson 01's policy


def live(epoch):
    return augment.version(x, np.arange(n), epoch).numpy()


def static(epoch, copies=1):
    # % is the remainder of a division.
    return live(epoch % copies)

# %% [markdown]
# ## Can you sort them?
#
# Six garments lie here from each of six batches. Three rows are live, and three show a copy that was made once.

# %%
def six_rows(deal, epoch):
    rng = np.random.default_rng(deal)
    dealt_live = rng.choice(list("ABCDEF"), 3, replace=False)
    dealt = rng.choice(n, (6, 6), replace=False)
    rows = {}
    for letter, row in zip("ABCDEF", dealt, strict=True):
        method = live if letter in dealt_live else static
        rows[letter] = method(epoch)[row]
    return rows, sorted(dealt_live)

# %%
import figures
import matplotlib.pyplot as plt

deal = 1  # 2 deals again
rows, dealt_live = six_rows(deal, epoch=5)
figures.rows_of_images(rows)
plt.show()

# %% [markdown]
# Which three are live? Type their letters. Then put a 2 for `deal` above, and sort again, because three of six at random are right one time in twenty.

# %%
mine = "ABC"  # put your three letters in place of these

# %% tags=["hide-output"]
print("right about so many of your three:")
print(len(set(mine) & set(dealt_live)))

# %% [markdown]
# The next figure has three garments of each row, beside themselves *one epoch later*. Sort again before you run the cell after it.

# %% tags=["hide-output"]
next_rows, _ = six_rows(deal, epoch=6)
pairs = {}
for letter in "ABCDEF":
    pairs[letter] = []
    for i in range(3):
        pairs[letter] += [rows[letter][i], next_rows[letter][i]]
figures.rows_of_images(pairs, columns=["this epoch", "the next"] * 3)
plt.show()

# %% tags=["hide-output"]
print("the three letters:")
print(*dealt_live)

# %% [markdown]
# <details><summary>Why was the first sorting so hard? One sentence, then open.</summary>
#
# **A live batch is no more diverse than a static one.** In both each garment has a random change of its own, and nothing shows when it was drawn. What live adds comes in the *next* epoch.
#
# With the article's own code two images of a stored batch differed as much as in a live one, to within 0.22 %.
#
# </details>
#
# ## How long can a store keep up?
#
# We train for eight epochs with eight stored copies, one an epoch, then with seven, with four, and live. All runs have the same first weights and the same order.

# %%
from helpers.model import small_model


def train(method, **arguments):
    model = small_model(seed=0)
    model.compile("adam", "binary_crossentropy")
    weights = []
    for epoch in range(8):
        images = method(epoch, **arguments)
        model.fit(images, y, batch_size=32, shuffle=False, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    return np.array(weights)  # a row an epoch

# %% [markdown]
# For how many epochs will each of the three stores have exactly the weights of the live run?

# %% tags=["hide-output"]
live_weights = train(live)
print("for how many epochs:")
for copies in (4, 7, 8):
    static_weights = train(static, copies=copies)
    as_live = (static_weights == live_weights).all(axis=1)
    print(f"{copies} copies: {as_live.sum()}")

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# **With a copy for each epoch, static *is* live.** Until a copy comes again, both runs are one computation. Lesson [06](06_how_many_copies.ipynb) says what it costs when copies do come again.
#
# </details>
#
# ## What can go wrong in a batch?
#
# Some batches do *cluster*: their images, or the changes of these, resemble one another. Store sixteen copies of each garment as files usually lie, first all of the first garment, and shuffle too little.

# %%
versions = [live(epoch) for epoch in range(16)]
stored = []
for garment in range(n):
    for version in versions:
        stored.append(version[garment])

# %%
import tensorflow as tf

files = tf.data.Dataset.from_tensor_slices(np.array(stored))
orders = {
    "buffer of 8": files.shuffle(8, seed=0),  # holds 8 images, and picks one of them
    "side by side": files,  # no shuffle at all
}
shown = {}
for name, order in orders.items():
    for batch in order.batch(32).take(1):
        shown[name] = batch[:4].numpy()

# %% [markdown]
# A live batch clusters where one change is drawn for all of it.

# %%
change = augment.draw(1, seed=(0, 1))
shown["one draw"] = augment.apply(x[:4], np.repeat(change, 4, axis=0)).numpy()

# %% [markdown]
# Here are four images of each batch, and what the fault costs: accuracy on new garments after 400 updates, in points below the same images shuffled well, or changes drawn for each.

# %%
import pandas as pd
from helpers.data import RESULTS

tested = pd.read_csv(RESULTS / "lessons/02-clustered-batches.csv")
figures.clustered_batches(shown, tested)
plt.show()

# %% [markdown]
# The stored copies differed in *order* alone, and a small buffer costs nearly as much as no shuffle. One draw costs, too.
#
# So shuffle all stored copies, or the list of their files.
#
# ## In practice and limits
#
# The costs are means of twenty runs of one small network on few garments. In deep networks several versions of one image in a batch [are said to help](https://arxiv.org/abs/2105.13343).

# %% [markdown]
# ## Take-away
#
# 1. A static batch is as diverse as a live one. To see whether a pipeline is live, look at the *same* image in more than one epoch.
# 2. With a copy for each epoch static is live. Otherwise it differs in how often a version comes again.
# 3. Shuffle stored copies well, and draw for each image. Batches that cluster cost accuracy.

# %%
# The message, in your own run.
differs = not np.array_equal(live(5), live(6))
assert differs and np.array_equal(static_weights, live_weights), (
    "Live should differ in the next epoch, and a copy for each epoch should give its "
    "weights: look at what `live` and `static` do with the epoch."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. With four copies, one an epoch, this epoch and the next differ. Is it live?</summary>
#
# No. The versions come back in the fifth epoch.
#
# </details>
#
# <details><summary>2. Can live repeat itself?</summary>
#
# Yes, where the policy has few changes. If it only flips, an image has two versions, and a store of both lacks nothing that live would show.
#
# </details>
#
# <details><summary>3. All images of a batch lean to the same side. What happened?</summary>
#
# The code makes one draw for a batch instead of one for each image.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/02_diversity_within_a_batch.ipynb).

# %% [markdown]
# ### Exercise 1: Seen before
#
# You train for 20 epochs on 512 images. The store has 8 copies of each, one an epoch. How often is the network shown a version that it has seen before?

# %%
from exercises import check

seen_before = None  # a whole number
check("02.1", seen_before)

# %% [markdown]
# ### Exercise 2: Shuffled without a random number
#
# Sixteen copies of each of 128 garments are stored side by side. So image i is copy `i % 16` of garment `i // 16`. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each copy once, and no batch holds two copies of one garment. Is that static or live, and with how many copies?

# %%
order = np.arange(128 * 16).reshape(64, 32)

print("first batch, garments:", *(order // 16)[0])
check("02.2", ...)  # put order in place of the dots when it is ready

# %% [markdown]
# **Next:** in lesson 01 the loss on new garments rose with one copy. Did the network make more mistakes, or was it only surer of them? Write your guess down, then open [03 Overfitting curves](03_overfitting_curves.ipynb).
