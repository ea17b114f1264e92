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
# Live augmentation, says the article of lesson [01](01_static_versus_live.ipynb),
#
# > naturally creates more diversity *within* each training batch.
#
# It sounds obvious. A live batch is made anew, and a static one was made long ago. Do you believe it?
#
# **You will** sort six batches by eye, twice, and turn a live run into a static one with identical weights. You need lesson [01](01_static_versus_live.ipynb). **Time:** 14 minutes to read, about half a minute to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Two methods, one line apart
#
# What a network is shown in each epoch we call its *method*. Our augmenter can remake any version, given the image and the epoch. So we can write both methods as a function of the epoch.

# %%
import numpy as np
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train
augment = RandomAffine(**POLICIES["mild"], seed=0)  # lesson 01's policy


def live(epoch):
    return augment.version(x, np.arange(n), epoch).numpy()


def static(epoch, copies=1):
    return live(epoch % copies)  # after the last copy comes the first again

# %% [markdown]
# ## Can you sort them?
#
# From each method we take three batches of 32 garments, as epoch 5 shows them. Static has one copy of each garment. Here they are, mixed, the first six images of each. Three rows are live. Write down their letters.

# %%
import figures
from helpers.plots import caption

rng = np.random.default_rng(0)
static_rows, live_rows = rng.permutation(n)[:96], rng.permutation(n)[:96]


def six_batches(epoch):
    shown = np.concatenate([static(epoch)[static_rows], live(epoch)[live_rows]])
    return shown.reshape(6, 32, 28, 28, 1)


mixed = dict(zip("ABCDEF", rng.permutation(6), strict=True))
figures.rows_of_images(
    {letter: six_batches(5)[batch, :6] for letter, batch in mixed.items()},
    alt="Six rows of six pullovers and coats, some a little tilted, shifted or flipped. No row looks more varied than another.",
)
caption("Three of these batches are live, and three show a copy that was made once.")

# %% [markdown]
# Now three garments of each batch stand beside themselves *one epoch later*. Sort the rows again, then unfold. By chance a live garment may come back nearly unchanged, so look at all three.

# %%
pairs = np.stack([six_batches(5)[:, :3], six_batches(6)[:, :3]], axis=2).reshape(
    6, 6, 28, 28, 1
)
figures.rows_of_images(
    {letter: pairs[batch] for letter, batch in mixed.items()},
    columns=["this epoch", "the next"] * 3,
    alt="Six rows of three garments, each in this epoch and in the next. In three rows both images of a garment are the same. In the others they differ in tilt, position or flip.",
)
caption("The same six batches.")

# %% tags=["hide-output"]
print("live:", *[letter for letter, batch in mixed.items() if batch >= 3])

# %% [markdown]
# How many did you have right the first time, and how many the second? The first test can be passed by luck alone: whoever picks three rows at random has all six right one time in twenty. Either way a batch holds 32 different garments, each with a random change of its own. Whether that change was drawn a second or a year ago leaves no trace in it. Where four copies are shuffled, two versions of one garment can meet in a batch. In the article's code, with four copies, even that made no difference: the pixels of two images in a batch differed as much as in a live one, to within 0.22 %.
#
# **A live batch is no more diverse than a static one.** In its own code the article's third claim is false. What live adds comes in the *next* epoch.
#
# ## When is static exactly live?
#
# Suppose that you store eight copies and train for eight epochs, one copy an epoch. We train the network of lesson 01 in this way, then with seven and with four copies, and live. All four runs start with the same weights and take the images in the same order.

# %%
from helpers.model import small_model

epochs = 8


def train(method, **arguments):
    model = small_model(seed=0)
    model.compile("adam", "binary_crossentropy")
    weights = []
    for epoch in range(epochs):
        model.fit(
            method(epoch, **arguments), y, batch_size=32, shuffle=False, verbose=0
        )
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    return np.array(weights)  # after each epoch

# %% [markdown]
# For how many epochs will each store have exactly the weights of the live run? Guess three numbers, then unfold.

# %% tags=["hide-output"]
live_weights = train(live)
static_weights = {copies: train(static, copies=copies) for copies in (4, 7, 8)}
for copies, weights in static_weights.items():
    identical = (weights == live_weights).all(axis=1)
    print(
        f"{copies} copies: weights identical to live's for {identical.sum()} of {epochs} epochs"
    )

# %% [markdown]
# **With a copy for each epoch, static *is* live.** The two runs are one computation, and it makes no difference *when* a version was drawn. What differs is how often a version comes again. Lesson [06](06_how_many_copies.ipynb) says what that costs.
#
# ## Which batches are too much alike?
#
# There are batches that do cluster. Suppose that sixteen copies of each garment are stored as files usually are: all copies of the first garment, then all of the second. Unless they are shuffled well, copies of one garment meet in a batch.

# %%
import tensorflow as tf

stored = np.stack([live(epoch) for epoch in range(16)], axis=1).reshape(-1, 28, 28, 1)
order = tf.data.Dataset.range(len(stored))
orders = {
    "shuffled": order.shuffle(len(stored), seed=0),
    "buffer of 8": order.shuffle(8, seed=0),  # holds 8 images, and picks one of them
    "side by side": order,  # no shuffle at all
}
batches = {
    name: stored[next(iter(order.batch(32).skip(20)))] for name, order in orders.items()
}

# %% [markdown]
# A live batch can cluster, too: some code draws one change for the whole batch.

# %%
change = augment.draw(1, seed=(0, 1))
batches["one draw"] = augment.apply(x[:32], np.repeat(change, 32, axis=0)).numpy()

# %% [markdown]
# We trained the network of lesson 01 on such batches, on twenty sets of garments for 400 updates. Which fault will cost the most accuracy on new garments, and does any cost nothing? Guess, then unfold.

# %% tags=["hide-output"]
import pandas as pd
from helpers.data import RESULTS

tested = pd.read_csv(RESULTS / "lessons/02-clustered-batches.csv")
figures.clustered_batches(
    {name: images[:4] for name, images in batches.items()}, tested
)
caption(
    "Points of accuracy that each fault costs, against the same method without it: copies shuffled, or one draw each. After ± stands half of a 95 % interval, which lesson 04 explains."
)

# %% [markdown]
# The stored copies were the same each time, so the *order* alone did the harm. Side by side, each update learns from two garments, and a buffer of 8 costs nearly as much. One draw is hard to see, since its garments are different ones, and even that isn't free.
#
# So shuffle all stored copies, or the list of their files. And where you change a batch live, change each image differently.
#
# ## In practice and limits
#
# The costs are those of one small network, 128 garments and 400 updates. Several versions of one image in a batch needn't be a fault: in deep networks they [are said to help](https://arxiv.org/abs/2105.13343).

# %% [markdown]
# ## Take-away
#
# 1. A static batch is as diverse as a live one. To see whether a pipeline is live, look at the *same* image in more than one epoch.
# 2. With a copy for each epoch static is live, with identical weights. What differs otherwise is how often a version comes again.
# 3. Batches cluster when copies are shuffled too little, or when one draw serves a whole batch. Both cost accuracy.

# %%
# The message, in your own run.
assert np.array_equal(static(5), static(6)) and not np.array_equal(live(5), live(6)), (
    "Static should repeat itself in the next epoch and live should not: "
    "look at what `live` and `static` do with the epoch."
)
assert np.array_equal(static_weights[epochs], live_weights), (
    "With a copy for each epoch the weights should be those of live."
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
# You train for 20 epochs on 512 images, with 8 copies, one an epoch. How often is the network shown a version that it has seen before?

# %%
from exercises import check

seen_before = None  # a whole number
check("02.1", seen_before)

# %% [markdown]
# ### Exercise 2: Shuffled without a random number
#
# Sixteen copies of each of 128 garments are stored side by side: image i is copy i % 16 of garment i // 16. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each copy once, and no batch holds two copies of one garment. Is that static or live, and with how many copies?

# %%
order = np.arange(128 * 16).reshape(64, 32)

print("first batch, garments:", *(order // 16)[0])
check("02.2", ...)  # put order in place of the dots when it is ready

# %% [markdown]
# **Next:** in lesson 01 the loss on new garments rose with one copy. Did the network make more mistakes, or was it only surer of them? Write your guess down, then open [03 Overfitting curves](03_overfitting_curves.ipynb).
