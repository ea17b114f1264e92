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
# # 01 Static versus live: two ways, identical weights
#
# Your colleague makes eight copies of each image, stores them, and trains for eight epochs, with one of the eight in each epoch. You draw a new version in every epoch. It is possible that you both end with the same network, to the last digit of every weight. What would it take? Write your guess down.
#
# **You will** turn a live run into a static one, and find the epoch in which the two part. You need lesson [00](00_start_here.ipynb). **Time:** 12 minutes to read, about half a minute to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Two ways, in code
#
# Each way is a generator here, which hands out the pictures of one epoch when the training asks for them. Live (online) draws at that moment. Static (offline) has drawn all its copies before, and shows them in turn.

# %%
from helpers.augment import RandomAffine
from helpers.policies import POLICIES
from helpers.data import load_garments, subset

n = 128
epochs = 8
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train


def augmenter():
    return RandomAffine(**POLICIES["mild"], seed=0)  # lesson 00's policy, and the same draws for both ways

# %%
def live():
    augment = augmenter()
    for _ in range(epochs):
        yield augment(x, training=True).numpy()  # drawn when its epoch comes


def static(copies):
    augment = augmenter()
    store = [augment(x, training=True).numpy() for copy in range(copies)]  # drawn before the first epoch
    for epoch in range(epochs):
        yield store[epoch % copies]  # after the last copy comes the first again

# %% [markdown]
# ## Could you tell one batch of each apart?
#
# Here are eight garments from the third epoch of a live run, and the same eight from the third epoch of a static run with four copies. They are shuffled, so the code doesn't tell. Which row is live?

# %%
import figures
import numpy as np
from helpers.plots import caption

third_epochs = np.stack([list(live())[2], list(static(4))[2]])
a, b = np.random.default_rng().permutation(third_epochs)
figures.rows_of_images({"A": a[:8], "B": b[:8]}, alt="Two rows of eight augmented garments. Column by column they look the same.")
caption("Look for a difference before you unfold the answer.")

# %% tags=["hide-output"]
print("the same in every pixel:", np.array_equal(a, b))

# %% [markdown]
# This series began with an article, *Why does a binary classifier trained with batch-generated images differ when using ImageDataGenerator?* (2025), that calls a static batch "a snapshot of a specific set of augmentations". A live batch is one, too, and here it is the same one.
#
# ## What if the clock has no time to come round?
#
# What differs is the *sequence* of the batches. Think of a *clock* that says which draw an epoch shows. The live clock counts on. The static one comes round after its last copy.

# %%
stores = (4, epochs - 1, epochs)
clocks = {f"{copies} copies": [epoch % copies + 1 for epoch in range(epochs)] for copies in stores}
clocks["live"] = [epoch + 1 for epoch in range(epochs)]
figures.clocks(clocks)
caption("A grey number came before: the clock has come round.")

# %% [markdown]
# We train the network of lesson 00 once by each clock. All four runs start with the same weights and take the images in the same order.

# %%
from helpers.model import small_model


def train(pictures):
    model = small_model(seed=0)
    model.compile("adam", "binary_crossentropy")
    weights = []
    for pictures_of_epoch in pictures:
        model.fit(pictures_of_epoch, y, batch_size=32, shuffle=False, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    return np.array(weights)  # after each epoch

# %% [markdown]
# For how many epochs does each store keep exactly the weights of the live run? Guess three numbers, then unfold.

# %% tags=["hide-output"]
live_weights = train(live())
static_weights = {copies: train(static(copies)) for copies in stores}
for copies, weights in static_weights.items():
    identical = (weights == live_weights).all(axis=1)
    print(f"{copies} copies: weights identical to live's for {identical.sum()} of {epochs} epochs")

# %% [markdown]
# **Static and live are one method.** With eight copies the two runs are one computation, and it makes no difference *when* a picture was drawn. A static run is the live run until its clock comes round.
#
# So the question is not "static or live?" but how often a picture may come again. Lesson [05](05_how_many_copies.ipynb) says what that costs.
#
# ## Can live repeat itself?
#
# Suppose that your policy does nothing but mirror. You train live for eight epochs. How many different pictures of one garment will the network see? And how many would you have to store, so that nothing is missing? Guess, then unfold.

# %% tags=["hide-output"]
mirror = RandomAffine(horizontal_flip=True, seed=0)
seen = np.stack([mirror(x, training=True).numpy() for epoch in range(epochs)])
print("different pictures of the first garment:", len(np.unique(seen[:, 0], axis=0)))

stored = [x, x[:, :, ::-1]]  # every garment, and its mirror image
found = [(seen == copy).all(axis=(2, 3, 4)) for copy in stored]
print(f"pictures that the store of two lacks: {np.sum(~found[0] & ~found[1])} of {epochs * n:,}")

# %% [markdown]
# A mirror has two forms. Live draws on, but its new draws bring no new pictures, so a store of both lacks nothing that live would show. This is why the series says *vary* and not *renew*: where a change has few forms, it is enough to show them all ([Conclusions](../docs/conclusions.md#freeze-or-vary)).
#
# ## In practice and limits
#
# The weights would be identical with other images, another network or another policy, too. But it takes equal random numbers to see it. Two runs that draw their own end with different weights, as any two runs do.

# %% [markdown]
# ## Take-away
#
# 1. Static and live augmentation are one method with two clocks. The static clock comes round after its last copy, and the live clock counts on.
# 2. With a copy for each epoch, and the same random numbers, static *is* live: identical weights.
# 3. Live brings new pictures only as long as the policy has new changes.

# %%
# The message, in your own run: a copy for each epoch is live, one copy fewer is not.
assert np.array_equal(static_weights[epochs], live_weights), (
    "With a copy for each epoch the weights should be those of live: "
    "static and live have drawn other numbers, or in another order."
)
assert not np.array_equal(static_weights[epochs - 1], live_weights), (
    "With one copy fewer a picture comes twice, so the weights should "
    "differ: live may have stood still in the last epoch."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Eight copies gave the same network as live. Are eight copies always enough?</summary>
#
# No, only for eight epochs. In 80 epochs each picture would come ten times.
#
# </details>
#
# <details><summary>2. Our live run had a fixed seed. Why wasn't it static?</summary>
#
# The seed fixes the sequence of draws, and live takes the next draw in each epoch. It would be static if the seed were set again at the start of every epoch.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/01_static_versus_live.ipynb).

# %% [markdown]
# ### Exercise 1: Seen before
#
# You train for 20 epochs on 512 images, with 8 copies that take turns. How many of the pictures that are shown has the network seen before, exactly so?

# %%
from exercises import check

seen_before = None  # a whole number
check("01.1", seen_before)

# %% [markdown]
# ### Exercise 2: A fair partner
#
# In code, four copies in turn are called `copies-4`. Where the original takes a turn, too, they are `originals+4`, and a fifth of the pictures are originals. The live method that leaves a fifth of its pictures unchanged is `live-4/5`.
#
# Write `partner`, which takes the name of a static method, copies-K or originals+K with any K, and returns the name of the live one that shows originals just as often. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(method):
    return "live"


print({method: partner(method) for method in ("copies-4", "originals+4")})
check("01.2", ...)  # put partner in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: One shuffle over the whole store
#
# `fit` knows nothing of copies that take turns: it shuffles the whole store, as the method `pool-16` does. Will 64 updates of it, as many as sixteen live epochs, give live's weights? If not, what is still equal? Write down what you expect, then look with `schedule`.

# %%
from helpers.methods import schedule

plan = schedule("pool-16", n=128, updates=64)
print("garments of the first batch:", *sorted(plan.source[0]))

# %% [markdown]
# **Next:** six batches of garments, three of them live and three from a store, and this time each is drawn on its own. How many will you sort rightly by eye? Write a number down, then open [03 Diversity within a batch](03_diversity_within_a_batch.ipynb).
