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
# # 01 Static versus live
#
# Your colleague makes eight copies of each image, stores them, and trains for eight epochs, with one of the eight in each epoch. You draw a new version in every epoch. The first weights and the order of the images are the same. How different will your two networks be? Write your guess down.
#
# **You will** turn a live run into a static one, and see where the two part.
#
# **You will learn:**
#
# - why static and live augmentation are one method,
# - when live repeats its pictures, too,
# - whether augmentation replaces your images or adds to them.
#
# **You need** lesson [00](00_start_here.ipynb). **Time:** 14 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np

from helpers import plots
from helpers.show import caption

plots.use_style()

# %% [markdown]
# ## One method, with a clock
#
# In lesson 00, each method had a list of the versions that it shows. A version is made from random numbers, so let its number be the *seed* of those: the same number gives the same pictures again. Call the rule that picks a number for each epoch the *clock*. The live clock counts on, as an odometer does, so each epoch has a new seed. (An epoch goes once through the *images*, also where several copies of each are stored: then it shows one of them.) The static clock begins again after its last copy.

# %%
def clock(epoch, copies=None):
    if copies is None:
        return epoch  # live counts on
    return (epoch - 1) % copies + 1  # static begins again after its last copy

# %% tags=["hide-input"]
figure, axes = plt.subplots(3, 8, figsize=(9, 3.2))
for line, (arm, copies) in zip(axes, {"copies-1": 1, "copies-4": 4, "live": None}.items(), strict=True):
    color = plots.arm_style(arm)["color"]
    numbers = [clock(epoch, copies) for epoch in range(1, 9)]
    for epoch, ax in enumerate(line):
        again = numbers[epoch] in numbers[:epoch]
        ax.set_facecolor("0.95" if again else color)
        ax.text(0.5, 0.46, numbers[epoch], ha="center", va="center", fontsize=26, family="monospace",
                color="0.6" if again else "white")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    line[0].set_ylabel(plots.arm_label(arm), rotation=0, ha="right", va="center", fontsize=14)
for epoch, ax in enumerate(axes[0], start=1):
    ax.set_title(f"epoch {epoch}", loc="center")
plt.show()

# %% [markdown]
# *Grey was shown before. The static clock comes round, and the live one counts on.*
#
# To make a version by its number, we use the two halves of lesson 00's augmenter: `draw` draws a change for each image from a seed, and `apply` carries the changes out.

# %%
from helpers.augment import POLICIES, RandomAffine
from helpers.data import load_garments, subset

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train
augment = RandomAffine(**POLICIES["mild"])  # the policy of lesson 00


def version(number, policy=augment):
    return policy.apply(x, policy.draw(n, seed=(0, number))).numpy()

# %% [markdown]
# ## Could you tell one batch of each apart?
#
# Here are eight garments from epoch 3 of a static run with four copies, and the same eight from epoch 3 of a live run. Which row is live?

# %%
static_batch = version(clock(3, copies=4))[:8]
live_batch = version(clock(3))[:8]

# %% tags=["hide-input"]
plots.show_images([static_batch, live_batch], ["A", "B"], [""] * 8)

# %% [markdown]
# *Look for a difference before you unfold the answer.*
#
# <details><summary>Which row is live?</summary>
#
# B, but you can't know, because the rows are equal in every pixel. In epoch 3 both clocks show 3. They first differ in epoch 5.
#
# </details>
#
# ## What if the clock has no time to come round?
#
# Back to your colleague. Both of you train the network of lesson 00, and what could differ by chance is the same for both.

# %%
from helpers.model import small_model

store = {number: version(number) for number in range(1, 9)}  # eight copies, made once


def train(copies=None):
    model = small_model(seed=0)  # the same first weights each time
    model.compile("adam", "binary_crossentropy")
    weights = []
    for epoch in range(1, 9):
        number = clock(epoch, copies)
        pictures = version(number) if copies is None else store[number]  # live draws now
        order = np.random.default_rng(epoch).permutation(n)  # shuffled, but the same for both
        model.fit(pictures[order], y[order], batch_size=32, shuffle=False, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    return np.array(weights)  # after each epoch

# %% [markdown]
# After eight epochs, will the weights of your two networks be identical? And if your colleague stored only *seven* copies? Guess, then unfold.

# %% tags=["hide-output"]
live = train()
static = {copies: train(copies) for copies in (8, 7, 4)}
for copies, weights in static.items():
    print(f"live and {copies} copies, identical weights: {np.array_equal(weights[-1], live[-1])}")

# %% [markdown]
# <details><summary>What it means</summary>
#
# With eight copies every weight is identical, to the last bit. The two runs are one computation, and when a picture was made doesn't matter. With seven copies it is another run.
#
# </details>
#
# In which epoch does the run with seven copies leave the live one, and in which the run with four? Guess, then unfold.

# %% tags=["hide-input", "hide-output"]
figure, ax = plt.subplots(figsize=(8, 3.6))
apart = {f"copies-{copies}": np.abs(weights - live).max(axis=1) for copies, weights in static.items()}
for arm, difference in apart.items():
    ax.plot(range(1, 9), difference, marker="o", **plots.arm_style(arm))
ax.set(title="largest difference of a weight from the live run", xlabel="after epoch", xlim=(0.5, 8.5),
       xticks=range(1, 9), ylim=(-0.001, None))
plots.label_ends(ax, {arm: difference[-1] for arm, difference in apart.items()})
caption("A static run is the live run until its clock comes round: after epoch 7 with seven copies, after epoch 4 with four.")

# %% [markdown]
# **Static and live are one method.** They are two ends of one scale, from one copy to as many copies as epochs. So the question is not "static or live?" but how often a picture may come again. Lesson [05](05_how_many_copies.ipynb) answers it.
#
# ## Can live repeat itself?
#
# Suppose that your policy does nothing but mirror. You train live for eight epochs. How many *different* pictures of one garment will the network see? And how many with the policy of lesson 00? Guess, then unfold.

# %% tags=["hide-output"]
mirror = RandomAffine(horizontal_flip=True)

different = {}
for name, policy in {"mirror only": mirror, "policy of lesson 00": augment}.items():
    seen = [version(clock(epoch), policy)[0] for epoch in range(1, 9)]
    different[name] = len(np.unique(seen, axis=0))
    print(f"{name}: {different[name]} different pictures in 8 epochs")

# %% [markdown]
# <details><summary>What it means</summary>
#
# With a mirror only there are two pictures, the garment and its mirror image. The live clock counts on, but its new numbers bring no new pictures: here live is nothing but a store of two. Live can renew a change only if the policy has many to choose from.
#
# </details>
#
# ## Does augmentation replace your images, or add to them?
#
# This series began with an article that compares copies made beforehand (1) with live augmentation by `ImageDataGenerator`, Keras's old augmenter (2). It validates on unchanged images (3). Here are its three examples, with our 128 images. How many batches of 32 does one live epoch have? Guess, then unfold.

# %% tags=["hide-output"]
from tensorflow.keras.preprocessing.image import ImageDataGenerator

datagen = ImageDataGenerator(**POLICIES["mild"])
one_copy, labels = next(datagen.flow(x, y, batch_size=128, seed=0))  # (1) for fit(one_copy, labels)
loader = datagen.flow(x, y, batch_size=32)  # (2) for fit(loader): makes each batch when its turn comes
validation = ImageDataGenerator().flow(garments.x_val, garments.y_val, batch_size=32)  # (3)
print(f"images: {len(x)}, stored copies: {len(one_copy)}, batches in a live epoch: {len(loader)}")

# %% [markdown]
# <details><summary>What it means</summary>
#
# Four, as without augmentation. **Live shows as many pictures an epoch as you have images.** Each image is replaced by a new version, so `len(loader)` doesn't grow. What grows is the number of *different* pictures, from epoch to epoch.
#
# </details>
#
# Our augmenter makes the same kind of pictures ([A stand-in for ImageDataGenerator](going_deeper/a_stand_in_for_image_data_generator.ipynb)).
#
# Both methods *replace*: neither four copies (`copies-4` in code) nor `live` shows an image as it is. If you want to keep your images, let them take part:
#
# - static: *originals + 4 copies* (`originals+4`), where the original takes every fifth turn on the clock,
# - live: *a fifth unchanged* (`live-4/5`), where each picture is changed with a chance of four in five.
#
# These two show the same *share of originals*, and plain live shows none. So compare originals + 4 copies with the second, not with plain live. Else you can't tell what the originals did from what the repeats did.

# %% [markdown]
# ## In practice and limits
#
# That static and live are one method holds for any data, network and policy. But it takes a clock to see it: runs that draw their own random numbers don't end with identical weights.

# %% [markdown]
# ## Take-away
#
# 1. Static and live augmentation are one method. The static clock comes round after its last copy, and the live clock counts on.
# 2. With the same random numbers, and a copy for each epoch, the static run *is* the live run: identical weights.
# 3. Live replaces each image by a new version, so an epoch doesn't grow. To learn what repeats cost, compare methods that show originals equally often.

# %%
# The message, in your own run: a copy for each of the eight epochs is live, one copy fewer is not.
assert np.array_equal(static[8], live) and not np.array_equal(static[7], live)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. The article calls a static batch "a snapshot of a specific set of augmentations". Is a live batch anything else?</summary>
#
# No, and ours was the same one. What differs is the *sequence* of batches.
#
# </details>
#
# <details><summary>2. Eight copies gave the same network as live. Are eight copies always enough?</summary>
#
# No, only for eight epochs. In 80 epochs each picture would come ten times.
#
# </details>
#
# <details><summary>3. Someone finds that originals + 4 copies beat live. What would you ask first?</summary>
#
# Whether live showed any originals. If it didn't, the two differ in more than the repeats.
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
# Write `partner`, which takes the name of a static method, copies-K or originals+K with any K, and returns the name of the live one that shows originals just as often. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(arm):
    return "live"


print({arm: partner(arm) for arm in ("copies-4", "originals+4")})
check("01.2", ...)  # put partner in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: One shuffle over the whole store
#
# `fit` knows nothing of copies that take turns: it shuffles the whole store, as the arm `pool-16` does. Will 64 updates of it, as many as sixteen live epochs, give live's weights? If not, what is still equal? Write down what you expect, then look with `schedule`.

# %%
from helpers.arms import schedule

plan = schedule("pool-16", n=128, updates=64)
print("garments of the first batch:", *sorted(plan.source[0]))

# %% [markdown]
# **Next:** [02 A fair comparison](02_a_fair_comparison.ipynb) shows why one run is no result.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
from helpers.arms import schedule
from helpers.show import Claims


def shown_by(arm):
    """The numbers that an arm of the series shows in epochs 1 to 8, where all pictures of an epoch share one."""
    by_epoch = schedule(arm, n, updates=8 * n // 32).version.reshape(8, n)
    return [int(versions[0]) if np.all(versions == versions[0]) else None for versions in by_epoch]


equal_epochs = {copies: int((weights == live).all(axis=1).sum()) for copies, weights in static.items()}
mirrored = np.mean([np.array_equal(a, b[:, ::-1]) for a, b in zip(version(1, mirror), x, strict=True)])
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)

claims = Claims(n=(n, 128), policy=(augment, mild))
claims.check("the clock of 4 copies shows 1, 2, 3, 4 and again 1, 2, 3, 4, and live counts from 1 to 8",
             [clock(e, 4) for e in range(1, 9)] == [1, 2, 3, 4, 1, 2, 3, 4]
             and [clock(e) for e in range(1, 9)] == [1, 2, 3, 4, 5, 6, 7, 8])
claims.check("the arms of the series keep the same clocks: 1 copy, 4, 7 and 8 copies, and live",
             all(shown_by(f"copies-{k}") == [clock(e, k) for e in range(1, 9)] for k in (1, 4, 7, 8))
             and shown_by("live") == [clock(e) for e in range(1, 9)])
claims.check("both show the same batch in epoch 3, and 4 copies show it again in epoch 7, where live doesn't",
             np.array_equal(static_batch, live_batch) and clock(7, 4) == clock(3, 4)
             and not (version(clock(7))[:8] == live_batch).all(axis=(1, 2, 3)).any())
claims.check("live's weights are identical to those of 8, 7 and 4 copies for 8, 7 and 4 epochs",
             equal_epochs == {8: 8, 7: 7, 4: 4})
claims.check("each image has a draw of its own: mirrored are some of them, 35 to 65 %", bool(0.35 < mirrored < 0.65))
claims.check("in 8 epochs mirror only shows 2 pictures of a garment, and the policy of lesson 00 shows 8",
             different == {"mirror only": 2, "policy of lesson 00": 8})
claims.check("a live epoch has 4 batches of 32, as many as 128 images have without augmentation",
             len(loader) == 4 == len(ImageDataGenerator().flow(x, batch_size=32)) and 4 * 32 == 128)
shares = {arm: np.mean(schedule(arm, n, updates=400).version == 0) for arm in ("copies-4", "originals+4", "live", "live-4/5")}
claims.check("copies and live show no originals, originals + 4 copies a fifth, and live-4/5 about as many",
             bool(shares["copies-4"] == shares["live"] == 0 and shares["originals+4"] == 1 / 5
                  and abs(shares["live-4/5"] - 1 / 5) < 0.02))
