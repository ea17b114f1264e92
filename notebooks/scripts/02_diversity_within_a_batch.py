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
# **You will** sort batches by eye, measure how diverse they are, and see how long a store keeps up with live. You need lesson [01](01_static_versus_live.ipynb). **Time:** 29 minutes, half of it for the exercises, and half a minute to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Two methods, one line apart
#
# A *method* says what a network is shown in each epoch. We draw sixteen versions of each garment once, with lesson 01's layers, so that all methods can take from the same list.

# %%
import keras
import numpy as np
from helpers.data import load_garments, subset
from keras import layers

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train
augment = keras.Sequential(
    [
        layers.RandomFlip("horizontal"),
        layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
    ]
)
versions = [augment(x, training=True).numpy() for epoch in range(16)]

# %%
def live(epoch):
    return versions[epoch]


def static(epoch, copies=1):
    return versions[epoch % copies]

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
# **Which three are live?** Type their letters. By chance all three are right one time in twenty.

# %%
mine = None  # your three letters in quotes

# %% tags=["hide-output"]
if mine is None:
    print("Type your three letters above, and run both cells.")
else:
    print("so many of your three letters are right:")
    print(len(set(mine) & set(dealt_live)))

# %% [markdown]
# ## How diverse is a batch?
#
# Perhaps your eye isn't good enough, so let us measure. Images are diverse if they differ from one another. So we take the difference of each pair in a batch, as a mean over pixels from 0 (black) to 1 (white).

# %%
from scipy.spatial.distance import pdist


def distance(batch):
    flat = batch.reshape(len(batch), -1)  # a row an image
    return pdist(flat, "cityblock").mean() / flat.shape[1]

# %% [markdown]
# The second measure is the [*Vendi score*](https://arxiv.org/abs/2210.02410) (Friedman and Dieng). It says how many images with nothing in common would be as diverse. It is 1 if all 32 are alike, and 32 if no two have anything in common.

# %%
def vendi(batch):
    flat = batch.reshape(len(batch), -1)
    unit = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    similarity = unit @ unit.T  # 1 for images that are alike
    parts = np.linalg.eigvalsh(similarity / len(batch))  # their sum is 1
    parts = parts[parts > 1e-9]
    return np.exp(-np.sum(parts * np.log(parts)))

# %% [markdown]
# From each method we take twenty batches of 32. Four copies lie in one shuffled store, as most people have them, so two copies of one garment may meet in a batch. **Rank no augmentation, one copy, four copies and live by the diversity of a batch.**

# %%
import pandas as pd

epoch = {
    "no augmentation": x,
    "1 copy": static(8),
    "4 copies": np.concatenate(versions[:4]),
    "live": live(8),
}
rng = np.random.default_rng(0)
measured = []
for method, images in epoch.items():
    for _ in range(20):
        batch = rng.choice(images, 32, replace=False)
        measured.append([method, distance(batch), vendi(batch)])
diversity = pd.DataFrame(measured, columns=["method", "distance", "Vendi score"])

# %% tags=["hide-output"]
import seaborn as sns

colors = ["grey", "tab:orange", "navajowhite", "tab:blue"]
_, axes = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for ax, measure in zip(axes, ["distance", "Vendi score"], strict=True):
    bars = {"y": "method", "hue": "method", "palette": colors, "errorbar": "sd"}
    sns.barplot(diversity, x=measure, ax=ax, **bars)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# **A live batch is no more diverse than a static one.** A black line shows by how much batches of one method scatter, and the three augmented bars differ by less. Augmenting as such makes a batch a little more diverse than the originals are, live or stored. Each garment of a batch is another garment with a random change of its own, and nothing shows when the change was drawn.
#
# </details>
#
# ## The same garment, one epoch later
#
# Here are three garments of each of your six rows, beside themselves in the *next epoch*. **Sort again.** Then run the cell below the figure.

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
# What live adds comes in the next epoch. So we measure how far each garment is from itself in the first epoch.

# %%
apart = pd.DataFrame(index=pd.RangeIndex(1, 17, name="epoch"))
apart["live"] = [np.abs(live(e) - live(0)).mean() for e in range(16)]
for copies in (4, 1):
    far = [np.abs(static(e, copies) - static(0)).mean() for e in range(16)]
    apart[f"copies: {copies}"] = far
colors = ["tab:blue", "navajowhite", "tab:orange"]
apart.plot(color=colors, marker="o", ylabel="distance to the first epoch")
plt.show()

# %% [markdown]
# One copy never moves. Four copies move, and are back in the fifth epoch, because the clock has wrapped. Live never comes back.
#
# ## How long can a store keep up?
#
# We train lesson 01's network for eight epochs with eight stored copies, one an epoch, then with seven, with four, and live. All runs have the same first weights and the same order.

# %%
from helpers.model import small_model  # lesson 01's network


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
# **For how many epochs will each of the three stores have exactly the weights of the live run?**

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
# **With a copy for each epoch, static *is* live.** Until a copy comes again, both runs are one computation.
#
# </details>
#
# ## In practice and limits
#
# Some batches do *cluster*. Their images are *siblings*, copies of one garment, if these are stored side by side and shuffled too little (exercise 2), or they share one change, if the code draws once for a batch.

# %% [markdown]
# ## Take-away
#
# A static batch is as diverse as a live one. To see whether a pipeline is live, look at the *same* image in more than one epoch. With a copy for each epoch static is live, and otherwise it differs in how often a version comes again.

# %%
# The message, in your own run.
means = diversity.groupby("method")[["distance", "Vendi score"]].mean()
ratio = means / means.loc["live"]
assert ratio.loc[["1 copy", "4 copies"]].stack().between(0.9, 1.1).all(), (
    "A stored batch should be as diverse as a live one: look at what they show."
)
assert (ratio.loc["no augmentation"] > 0.7).all(), "Is the policy too strong?"
assert apart["live"][1:].min() > 0.02 and apart["copies: 1"].max() == 0, (
    "Live should differ from its first epoch, and one copy never: look at both methods."
)
assert np.array_equal(static_weights, live_weights), (
    "A copy for each epoch should give live's weights: look at what `static` takes."
)

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
check("seen_before", seen_before)

# %% [markdown]
# ### Exercise 2: Shuffled without a random number
#
# Sixteen copies of each of 128 garments are stored side by side. So image i is copy `i % 16` of garment `i // 16`. `order` reads them as stored, in 64 batches of 32. Without any random number, rearrange it so that one pass still shows each copy once, and no batch holds two copies of one garment.

# %%
order = np.arange(128 * 16).reshape(64, 32)

print("first batch, garments:", *(order // 16)[0])
check("siblings", ...)  # put order in place of the dots when it is ready

# %% [markdown]
# **Next:** a network's loss on new garments nearly doubles while it trains. How far does its accuracy fall? Write your guess down, then open [03 Overfitting curves](03_overfitting_curves.ipynb).
