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

# %% [markdown] slideshow={"slide_type": "slide"}
# # 01 Static versus live
#
# Static and live augmentation look like two methods, but they are two settings of one. Number the copies of your images. Static training goes through a few numbers and begins again, as a clock does, while live training counts on, like an odometer.
#
# **You will** run the three code examples of an article, count what each shows its network, and turn a static run into a live one.
#
# **You will learn:**
#
# - how many different pictures each way shows, and when it begins to repeat them,
# - why static augmentation with enough copies *is* live augmentation,
# - what else changes when the copies replace the originals.
#
# **You need** lesson [00](00_start_here.ipynb). **Time:** 23 minutes to read, half a minute to run.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series. Then start TensorFlow quietly and without a GPU: networks as small as ours gain nothing
# from one, and it adds up in another order in each run, so equal runs would differ.
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    raise FileNotFoundError(
        "The rest of the series is not here, and this notebook knows no address to fetch it from: open it in a clone "
        "of the series, or take it from a copy in which `make links REPO=owner/name` was run."
    )
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots

plots.use_style()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## An article asks
#
# > *Why does a binary classifier trained with batch-generated images differ when using ImageDataGenerator?*
#
# With this title, an article of 30 January 2025 began this series. We have its text, but neither its author nor its address. `ImageDataGenerator` is the augmenter that Keras had for years. By "batch-generated" the article means images augmented beforehand and kept in an array, which we call static.
#
# Its answer is that live training is preferable, for three reasons: (1) its pictures are new in every epoch, (2) they need less memory, and (3) each batch is more diverse. It says this from experience, without numbers. This series measures each claim, and we begin by running the code.

# %% [markdown]
# ## Does its code still run?
#
# Almost. Keras 3 no longer has `ImageDataGenerator` where the article imports it from, but TensorFlow still offers it. The article brings no images, so we take the 128 garments of lesson 00 and its mild policy. (The article's ranges are much wider.)

# %%
import keras
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.data import load_garments, subset

n = 128
garments = load_garments()
few = subset(garments, n)
x, y = few.x_train, few.y_train

policy = {
    "rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
    "zoom_range": 0.05, "horizontal_flip": True,
}
datagen = ImageDataGenerator(**policy)

# %% [markdown]
# **Example 1: a pool made beforehand.** A *pool* is the stored set of pictures that static training uses. `flow` hands out augmented batches of 32 as long as we ask. Four batches make one copy of each garment. On these we train the network of lesson 00, which is the article's.

# %%
batches = datagen.flow(x, y, batch_size=32, seed=0)
one_copy = [next(batches) for step in range(4)]
x_augmented = np.concatenate([images for images, labels in one_copy])
y_augmented = np.concatenate([labels for images, labels in one_copy])

# %%
from helpers.model import small_model


def network():
    keras.utils.set_random_seed(0)  # fit shuffles: in the same order each time this notebook is run
    model = small_model(seed=0)  # the same initial weights at each call
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model


static = network()
history = static.fit(x_augmented, y_augmented, batch_size=32, epochs=10, verbose=0)

# %% [markdown]
# **Example 2: live.** Here `fit` gets the generator itself, and each batch is made when its turn comes. Both networks make 40 gradient updates.

# %%
live = network()
history = live.fit(datagen.flow(x, y, batch_size=32, seed=1), epochs=10, verbose=0)

# %% [markdown]
# **Example 3: validation.** The article rightly warns that the validation images must not be augmented, so it gives them a generator that changes nothing. Which of the two networks will do better on two thousand new garments?

# %% slideshow={"slide_type": "slide"}
from helpers.show import show_table

unchanged = ImageDataGenerator().flow(garments.x_val, garments.y_val, batch_size=32)
results = pd.DataFrame({
    "static, 1 copy": static.evaluate(unchanged, verbose=0),
    "live": live.evaluate(unchanged, verbose=0),
}, index=["loss on new garments", "share right"])
show_table(results.T.rename_axis("trained"), approximate=True, digits=3)

# %% [markdown]
# There is little between them. (≈ marks numbers that your machine may change a little.) But ten epochs are few, and one run proves nothing, as lesson [02](02_a_fair_comparison.ipynb) shows. We ask first what differs.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## How many different pictures?
#
# Train for twelve epochs on 128 garments with one copy, with four copies that take turns, and live. How many *different* pictures does each network see? Write three numbers down. Then we count with a Python set, which holds each picture once.

# %%
def different_pictures(batches, epochs=12):
    seen, counts = set(), []
    for _ in range(epochs):
        for images, _ in itertools.islice(batches, 4):
            seen.update(image.tobytes() for image in images)
        counts.append(len(seen))
    return counts

# %%
generator = datagen.flow(x, y, batch_size=32, seed=2)
four_copies = [next(generator) for step in range(4 * 4)]

different = {
    "copies-1": different_pictures(itertools.cycle(one_copy)),
    "copies-4": different_pictures(itertools.cycle(four_copies)),
    "live": different_pictures(generator),
}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Different pictures seen against epochs, 1 to 12. The line of 1 copy stays at 128. The line of 4 copies climbs to 512 in four epochs and stays there. The line of live climbs by 128 in every epoch, to 1,536."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.6))
for arm, counts in different.items():
    ax.plot(range(1, 13), counts, marker="o", **plots.arm_style(arm))
ax.set(xlabel="epochs", title="different pictures seen", xlim=(0.5, 12.5), ylim=(0, 1650), xticks=range(1, 13))
plots.label_ends(ax, {arm: counts[-1] for arm, counts in different.items()})
plt.show()

# %% [markdown]
# *All three start on the same line. A static run leaves it when its copies are used up, and live never does.*
#
# So the three numbers are 128, 512 and 1,536.

# %% [markdown]
# ## One clock, two ways to count
#
# Now we build both ways from one piece. `RandomAffine`, the augmenter of lesson 00, makes the same kind of pictures as `ImageDataGenerator` (the companion [A stand-in for ImageDataGenerator](going_deeper/a_stand_in_for_image_data_generator.ipynb) shows it). But it draws by number, and the same number gives the same pictures again.

# %%
from helpers.augment import RandomAffine

augment = RandomAffine(**policy)


def version(number):
    return augment.apply(x, augment.draw(n, seed=(0, number))).numpy()

# %% [markdown]
# Call that number the *clock* in both. In live augmentation, it is the epoch, counted from 0, so that it shows 4 in the fifth epoch. In static augmentation with K copies, it is the remainder of the epoch divided by K. Here an epoch shows each garment once, in one version. (An epoch of `fit` over a stored pool goes through all of its copies.)

# %%
epochs = np.arange(8)
clock = {"copies-1": epochs % 1, "copies-4": epochs % 4, "live": epochs}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three counters over epochs 0 to 7. With 1 copy the counter shows 0 in each epoch. With 4 copies it shows 0, 1, 2, 3 and again 0, 1, 2, 3, the second round greyed. Live counts from 0 to 7."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(3, 8, figsize=(9, 3.2))
for line, (arm, numbers) in zip(axes, clock.items(), strict=True):
    color = plots.arm_style(arm)["color"]
    for epoch, ax in enumerate(line):
        again = numbers[epoch] in numbers[:epoch]
        ax.set_facecolor("0.95" if again else color)
        ax.text(0.5, 0.46, numbers[epoch], ha="center", va="center", fontsize=26, family="monospace",
                color="0.6" if again else "white")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
    line[0].set_ylabel(plots.arm_label(arm), rotation=0, ha="right", va="center", fontsize=14)
for epoch, ax in enumerate(axes[0]):
    ax.set_title(f"epoch {epoch}", loc="center")
plt.show()

# %% [markdown]
# *The static clock comes round again. The live one never goes back.*
#
# That is the whole difference between static and live. You can't see it in one picture, batch or epoch, only in a sequence of epochs.

# %% [markdown]
# ## Could you tell one batch of each apart?
#
# Here are eight garments from epoch 2 of a training with four copies (the first four of the eight that we make below), and the same eight from epoch 2 of a live one. Which row is live?

# %%
pool = np.stack([version(number) for number in range(8)])  # eight copies, made once

static_batch = pool[2 % 4][:8]
live_batch = version(2)[:8]

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two rows, A and B, of eight augmented garments. Column by column the two rows look the same."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
plots.show_images([static_batch, live_batch], ["A", "B"], [""] * 8)

# %% [markdown]
# *Look for a difference before you read on.*
#
# <details><summary>Which row is live?</summary>
#
# B, but you can't know, because the rows are equal in every pixel. In epoch 2 both clocks show 2, so both draw the same pictures. With different numbers the rows would differ, and still you could not say which is which.
#
# </details>
#
# Four epochs later, the same eight garments have their turn again.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three rows of eight garments. The first shows epoch 2, and the second, 4 copies in epoch 6, repeats it picture by picture. The third, live in epoch 6, shows the same garments turned, moved or mirrored in another way."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
rows = [static_batch, pool[6 % 4][:8], version(6)[:8]]
plots.show_images(rows, ["both, epoch 2", "4 copies, epoch 6", "live, epoch 6"], [""] * 8)

# %% [markdown]
# *The static batch has come round again. The live batch is new, but does it look more diverse? Lesson [03](03_diversity_within_a_batch.ipynb) measures that.*

# %% [markdown]
# ## The same run, to the last bit
#
# What if the clock has no time to come round? We train for eight epochs, once live and once from a pool of eight copies. Everything else is shared, even the order of the garments. Each call of `fit` goes on where the last one stopped.

# %%
def train(pictures, epochs=8):
    model = network()
    weights = []
    for epoch in range(epochs):
        order = np.random.default_rng((0, epoch, 0)).permutation(n)  # shuffled, but the same for all
        model.fit(pictures(epoch)[order], y[order], batch_size=32, shuffle=False, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    return model, np.array(weights)

# %% [markdown] slideshow={"slide_type": "slide"}
# After eight epochs, will all weights agree between live and eight copies? And between live and *seven* copies?

# %% slideshow={"slide_type": "slide"}
def from_pool(copies):
    return lambda epoch: pool[epoch % copies]


live_model, live_weights = train(version)  # version(epoch) is drawn when its turn comes
static_weights = {}
for copies in (4, 7, 8):
    model, static_weights[copies] = train(from_pool(copies))
    equal = np.sum(static_weights[copies][-1] == live_weights[-1])
    print(f"{copies} copies: all weights equal to live's? {equal == live_weights.shape[1]}")

# %% [markdown]
# With eight copies *every* weight is equal, to its last bit, because it is the same computation. With seven copies it is another run. Where do the runs part?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Largest difference of a weight from the live run against epochs. The line of 8 copies is zero to the end. The line of 4 copies is zero for four epochs and then climbs. The line of 7 copies is zero for seven epochs and rises in the last."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.6))
apart = {f"copies-{k}": np.abs(w - live_weights).max(axis=1) for k, w in static_weights.items()}
for arm, distance in apart.items():
    ax.plot(range(1, 9), distance, marker="o", **plots.arm_style(arm))
ax.set(title="largest difference of a weight from the live run", xlabel="epochs trained", xlim=(0.5, 8.5),
       xticks=range(1, 9), ylim=(-0.001, None))
plots.label_ends(ax, {arm: distance[-1] for arm, distance in apart.items()})
plt.show()

# %% [markdown]
# *A static run is the live run until its clock comes round, and leaves it in that very epoch. With four copies it is the fifth epoch.*
#
# So static and live are the ends of one scale, from one copy to as many copies as epochs, and there is no border between. The question is not "static or live?" but how often a picture may come again. Lesson [05](05_how_many_copies.ipynb) answers it.

# %% [markdown]
# ### The same loop, only faster
#
# So many calls of `fit` are slow. From now on `compare` trains for us. It takes the names of *arms*, as medical trials call what they compare. Here are 100 epochs, with 100 copies and with one copy fewer, each run once (`replicates=1`).

# %%
from helpers.compare import compare

curves = compare(
    garments, ["copies-100", "copies-99", "live"], augment, n=128, updates=400, replicates=1, evaluate_at=[32, 400]
)  # after 32 updates, eight epochs, the last cell compares with the plain loop
loss = curves.query("update == 400").set_index("arm")["val_loss"]  # 400 updates are 100 epochs
print("100 copies: same loss as live?", loss["copies-100"] == loss["live"])
print(" 99 copies: same loss as live?", loss["copies-99"] == loss["live"])

# %% [markdown]
# ## What replacing the originals means
#
# So far our copies *replaced* the originals, so no network has seen a garment as it is. Many people keep the originals and add copies.
#
# The *share of originals* says how often a training shows an image as it is. Live augmentation has one as well if it leaves some pictures alone. These are the names that you will meet:
#
# | in code | in figures | |
# | --- | --- | --- |
# | `none` | none | the originals, without augmentation |
# | `copies-4` | 4 copies | four copies that take turns, in place of the originals |
# | `pool-16` | 16 copies, shuffled | one shuffle over all copies, as in `fit` |
# | `originals+4` | originals + 4 copies | the originals and four copies, taking turns |
# | `live` | live | a new version in each epoch |
# | `live-4/5` | live, 4/5 augmented | changes each picture with probability 4/5 |
#
# Here is one pullover under four of them. (`schedule` lists which version of which image each update shows.)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "One pullover through epochs 0 to 9 in four rows. 4 copies and live never show the original. Originals + 4 copies show it twice, five epochs apart. Live that changes four pictures in five shows it twice, in the last two epochs. Originals are framed in grey and labelled."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.arms import schedule

arms = ["copies-4", "originals+4", "live", "live-4/5"]
garment = np.flatnonzero(y == 0)[7]
pullover = x[garment : garment + 1]
figure, axes = plt.subplots(4, 10, figsize=(15, 6.6))
for line, arm in zip(axes, arms, strict=True):
    plan = schedule(arm, n, 40)
    for ax, number in zip(line, plan.version[plan.source == garment], strict=True):
        draw = augment.draw(n, seed=(0, max(number, 1) - 1))[garment : garment + 1]  # the original needs none
        ax.imshow(pullover[0] if number == 0 else augment.apply(pullover, draw)[0], vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=bool(number == 0), linewidth=6, color=plots.GREY)
        ax.set_xlabel("original" if number == 0 else "")
    line[0].set_ylabel(plots.arm_label(arm), rotation=0, ha="right", va="center")
for epoch, ax in enumerate(axes[0]):
    ax.set_title(f"epoch {epoch}", loc="center")
plt.show()

# %% [markdown]
# *Two of the four arms show the original, about one time in five. The other two never do. With originals, the clock comes round after K + 1 epochs, here after five.*

# %% slideshow={"slide_type": "slide"}
shares = {}
for arm in ["copies-4", "originals+1", "originals+4", "live", "live-1/2", "live-4/5"]:
    versions = schedule(arm, n=128, updates=400).version  # 0 is the original, 1, 2, ... are its copies
    shares[arm] = np.mean(versions == 0)

show_table(pd.DataFrame({"share of originals": shares}).rename_axis("arm"))

# %% [markdown]
# Comparing originals + 4 copies with plain live changes two things at once: how often pictures come again, and how often the original is among them. So this series compares arms of the same share, originals + K copies with live that changes a picture with probability K/(K + 1). The companion [Choosing a policy](going_deeper/choosing_a_policy.ipynb) tells how much the share itself matters.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. Static and live augmentation are one method. With K copies, the static clock comes round again after K epochs (K + 1 with originals), and the live one counts on.
# 2. With at least as many copies as epochs (of one version each), and the same order, the static run is the live run to the last bit. With one too few it is not.
# 3. Copies that replace the originals also take them away. To learn what *repeats* cost, compare only trainings that show the originals equally often.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. A pool of ten copies, 200 images, ten epochs with one copy each. How many pictures come twice?</summary>
#
# None. The clock goes from 0 to 9 and the training ends before it comes round, so this is the same training as live, though from a pool.
#
# </details>
#
# <details><summary>2. The article calls a static batch "a snapshot of a specific set of augmentations". Is a live batch anything else?</summary>
#
# No. A live batch is a snapshot as well, and in our example it was the same one. It is the *sequence* of batches that differs, because the static one repeats.
#
# </details>
#
# <details><summary>3. Seven copies and live had equal weights for seven epochs. Why not longer?</summary>
#
# In the eighth epoch, epoch 7, the remainder of the division is 0 again. The pool shows its first copy for the second time, while live draws a new one.
#
# </details>
#
# <details><summary>4. Does "equal to the last bit" say that eight copies are always enough?</summary>
#
# No, only for eight epochs. In 80 epochs each picture would come ten times.
#
# </details>
#
# <details><summary>5. Someone finds that originals + 4 copies beat live augmentation. What would you ask first?</summary>
#
# Whether live showed any originals. If it did not, the two differ in more than the repeats.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/01_static_versus_live.ipynb).

# %% [markdown]
# ### Exercise 1: Seen before
#
# You train for 20 epochs on 512 images, with a pool of 8 copies that take turns. The network is shown a picture 20 × 512 times. How many of these times has it seen exactly that picture before? Reckon first, then check the number. If you like, count with `schedule` as in the last section.

# %%
from exercises import check

seen_before = None  # a whole number
check("01.1", seen_before)

# %% [markdown]
# ### Exercise 2: A fair partner
#
# Write `partner`, which takes the name of a static arm, copies-K or originals+K with any K, and returns the name of the live arm that shows originals just as often. The starter is right for one of the two kinds. (In Python, `"originals+4".split("+")` gives the two parts of a name.)

# %%
def partner(arm):
    return "live"


print({arm: partner(arm) for arm in ("copies-4", "originals+4")})
check("01.2", ...)  # put partner in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: One shuffle over the whole pool
#
# `fit` knows nothing of copies that take turns. It shuffles the whole pool, so that one batch may hold two copies of the same garment. The arm `pool-16` does the same. Will 64 updates of it, as many as sixteen live epochs, still be the live run, to the last bit? If not, what is still equal? Say what you expect before you find out, with `compare` and with `schedule`.

# %%
plan = schedule("pool-16", n=128, updates=64)
print("garments of the first batch:", *sorted(plan.source[0]))

# %% [markdown]
# ## In practice and limits
#
# That static and live are one method holds for any data, network and policy. But it takes a clock to see it, because runs that draw their own random numbers are never equal to the last bit. This page only shows that nothing but the repeats changes the trained network, if originals, first weights, order and updates are the same. Lesson [05](05_how_many_copies.ipynb) measures what repeats cost.
#
# **Next:** [02 A fair comparison](02_a_fair_comparison.ipynb) shows why one run is no result.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

by_compare = curves.query("update == 32 and arm == 'live'")["val_loss"].item()
by_fit = live_model.evaluate(garments.x_val, garments.y_val, verbose=0)[0]
equal_epochs = {k: int((w == live_weights).all(axis=1).sum()) for k, w in static_weights.items()}
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)

claims = Claims(n=(n, 128), policy=(augment, mild))
claims.check("both of the article's networks make 40 gradient updates",
             int(static.optimizer.iterations) == int(live.optimizer.iterations) == 40)
# In 20 repetitions with other orders and draws the largest difference was 0.035, with a standard deviation of 0.014.
claims.check("after ten epochs they differ by less than 0.06 in loss and in accuracy",
             bool((results["live"] - results["static, 1 copy"]).abs().max() < 0.06))
claims.check("1 copy shows 128 different pictures, 4 copies 512 from the fourth epoch on, live 128 more in every epoch",
             different == {"copies-1": [128] * 12, "copies-4": [128, 256, 384] + [512] * 9,
                           "live": [128 * epoch for epoch in range(1, 13)]})
claims.check("4 copies and live show the same batch in the third epoch; in the seventh static repeats it, live does not",
             np.array_equal(static_batch, live_batch) and np.array_equal(rows[0], rows[1])
             and not (rows[2] == rows[1]).all(axis=(1, 2, 3)).any())
claims.check("live's weights equal those of 4, 7 and 8 copies for 4, 7 and 8 epochs out of eight",
             equal_epochs == {4: 4, 7: 7, 8: 8})
claims.check("compare ends at the loss of the plain loop", bool(abs(by_compare - by_fit) < 0.001))
claims.check("in 100 epochs, 100 copies are the same run as live and 99 copies are not",
             bool(loss["copies-100"] == loss["live"] != loss["copies-99"]))
claims.check("copies show no originals and originals + 4 copies a fifth; live-4/5 matches them within 0.02",
             bool(shares["copies-4"] == shares["live"] == 0 and shares["originals+4"] == 0.2
                  and abs(shares["live-4/5"] - 0.2) < 0.02))
