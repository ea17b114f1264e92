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
# # 03 Diversity within a batch
#
# The article that started this series gives a third reason for live augmentation:
#
# > `ImageDataGenerator`'s real-time augmentation naturally creates more diversity *within* each training batch.
#
# It sounds obvious: each live batch is made anew, while a static one was made long ago. Do you believe it?
#
# **You will** sort batches by eye, put a number on what you saw, and then find batches that really are too much alike.
#
# **You will learn:**
#
# - what live augmentation makes more diverse, and what it leaves as it was,
# - how to see whether a pipeline is live,
# - which batches cluster, and what they cost.
#
# **You need** lessons [00](00_start_here.ipynb) to [02](02_a_fair_comparison.ipynb). **Time:** 13 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.show import caption

plots.use_style()

# %% [markdown]
# ## Can you sort them?
#
# We take 128 garments and the mild policy of lesson 00. Static has one copy of each garment.

# %%
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

n = 128
x = subset(load_garments(), n).x_train
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
one_copy = augment(x).numpy()  # made once, before training

# %% [markdown]
# From each we take three batches of 32, and the same batches in the next epoch. (Training would shuffle the garments anew. We keep their order, so that you can compare.)

# %%
rng = np.random.default_rng(0)
static_rows, live_rows = rng.permutation(n)[:96], rng.permutation(n)[:96]


def six_batches():
    static = one_copy[static_rows]
    live = augment(x[live_rows]).numpy()  # made anew at each call
    return np.concatenate([static, live]).reshape(6, 32, 28, 28, 1)


this_epoch, next_epoch = six_batches(), six_batches()

# %% [markdown]
# Here are the six batches of this epoch, mixed. Each row shows the first eight pictures of a batch. Three rows are live: write down their letters.

# %% tags=["hide-input"]
mixed = rng.permutation(6)
letters = list("ABCDEF")
plots.show_images([this_epoch[row, :8] for row in mixed], letters, [""] * 8)

# %% [markdown]
# *Three of these batches are live, and three come from a copy that was made once.*
#
# Now take three garments from each batch, and put each beside the same garment *one epoch later*. Sort the rows again.

# %% tags=["hide-input"]
pairs = np.stack([this_epoch[:, :3], next_epoch[:, :3]], axis=2).reshape(6, 6, 28, 28, 1)
plots.show_images([pairs[row] for row in mixed], letters, ["this epoch", "the next"] * 3)

# %% [markdown]
# *The same six batches. A live garment can come back nearly unchanged by chance, so look at all three.*

# %% tags=["hide-input", "hide-output"]
print("live:", *np.array(letters)[mixed >= 3])

# %% [markdown]
# How many did you have right the first time, and how many the second? The first test can't be solved.
#
# ## One number for what you saw
#
# "I can't see it" is no measurement. So take the *distance* between two pictures: subtract them pixel by pixel, square, add up, and take the root. The diversity of a batch is the mean distance of its pairs.

# %%
def mean_distance(pictures):
    vectors = pictures.reshape(len(pictures), -1)
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=2)  # of each picture to each
    return distances.sum() / (len(vectors) * (len(vectors) - 1))  # that to itself is 0

# %% [markdown]
# We measure three things for static and for live: the mean distance within a batch, that within a whole epoch, and the distance of each garment to itself one epoch later. **Predict first:** which of the three differ?

# %%
def measure(first, second):
    return {
        "within a batch": np.mean([mean_distance(batch) for batch in np.split(first, 4)]),
        "within an epoch": mean_distance(first),
        "from epoch to epoch": np.linalg.norm((second - first).reshape(n, -1), axis=1).mean(),
    }

# %%
rows = []
for replicate in range(8):  # eight sets of 128 garments
    garments = rng.permutation(subset(load_garments(), n, replicate).x_train)
    copy = augment(garments).numpy()
    rows.append({"method": "1 copy", **measure(copy, copy)})
    rows.append({"method": "live", **measure(augment(garments).numpy(), augment(garments).numpy())})
measured = pd.DataFrame(rows).set_index("method")

# %% tags=["hide-input", "hide-output"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
for ax, name in zip(axes, measured, strict=True):
    for place, (method, arm) in enumerate({"1 copy": "copies-1", "live": "live"}.items()):
        found = measured.loc[method, name]
        color = plots.arm_style(arm)["color"]
        ax.plot(place + np.linspace(-0.2, 0.2, 8), found, "o", color=color, alpha=0.7, clip_on=False)
        ax.text(place, found.max() + 0.7, f"{found.mean():.1f}", ha="center", color=color)
    ax.set(xticks=[0, 1], xticklabels=["1 copy", "live"], xlim=(-0.5, 1.5), ylim=(0, 13))
    ax.set_title(name)
axes[0].set_ylabel("mean distance")
caption("Static and live differ only from one epoch to the next, where the copy doesn't change at all.")

# %% [markdown]
# **A live batch is no more diverse than a static one.** Either way it holds 32 different garments, each with a random change of its own. Whether that change is fresh or a year old, a batch can't know. Nor can a whole epoch.
#
# Two things follow:
#
# - What live adds is in the *next* epoch. Copies cluster in time: when they are used up, the same pictures come again, and in lesson 00 that is what the network memorised.
# - Twenty augmented pictures don't show that a pipeline is live. Look at the *same* image in two epochs, or in five if you suspect four copies that take turns.
#
# ## Which batches do cluster?
#
# Now store sixteen copies of each garment, all 2,048 in one heap. Files usually lie like this: all copies of the first garment, then all of the second. Copies of one garment can now meet in a batch, and how often they do depends on the shuffle.

# %%
import tensorflow as tf

heap = augment(np.repeat(x, 16, axis=0)).numpy()
stored = tf.data.Dataset.range(16 * n)
orders = {
    "shuffled": stored.shuffle(16 * n, seed=0).batch(32),  # the whole heap
    "buffer of 8": stored.shuffle(8, seed=0).batch(32),  # holds 8 pictures, picks one of them
    "side by side": stored.batch(32),  # no shuffle at all
}

# %% [markdown]
# A live batch can have look-alikes, too. Some code draws one change for the whole batch where it should draw 32.

# %%
def one_draw(images):
    change = augment.draw(1, seed=(0, 1))
    return augment.apply(images, np.repeat(change, len(images), axis=0)).numpy()

# %% tags=["hide-input"]
picked = {"live": this_epoch[3]}
picked |= {name: heap[next(iter(batches.skip(20)))] for name, batches in orders.items()}
picked["one draw"] = one_draw(x[live_rows[:32]])
plots.show_images([batch[:8] for batch in picked.values()], list(picked), [""] * 8)

# %% [markdown]
# *This time you can see which batches cluster. Only one draw hides well: its garments are changed alike, but by little.*
#
# ## What did it cost?
#
# We trained the small network of lesson 00 on each kind of batch, on twenty sets of garments for 400 updates, in pairs as in lesson 02. The runs are stored with the series, and the next cell reads them. **Predict first:** which of the three faults costs most, and does any cost nothing?

# %% tags=["hide-input", "hide-output"]
from helpers.compare import differences, summarise
from helpers.stats import judge
from helpers.tables import FOLDER, read_results

table = read_results(FOLDER / "clustered-batches.csv")
table["arm"] = table["arm"] + " " + table["policy"]  # such as "live one-draw"
runs = summarise(table)
contests = {
    "side by side, against shuffled": ("pool-16 side-by-side", "pool-16 mild"),
    "buffer of 8, against shuffled": ("pool-16 buffer-of-8", "pool-16 mild"),
    "one draw, against live": ("live one-draw", "live mild"),
}
cost = {name: judge(differences(runs, *arms), "val_loss") for name, arms in contests.items()}

figure, ax = plt.subplots(figsize=(9, 2.6))
ax.axvspan(-0.02, 0.02, color="0.93", linewidth=0)
ax.axvline(0, color="0.6", linewidth=1)
for row, (name, ((mean, low, high), _, verdict)) in enumerate(cost.items()):
    color = plots.BLUE if name.startswith("one draw") else plots.arm_style("pool-16")["color"]
    ax.plot([low, high], [row, row], color=color)
    ax.plot(mean, row, "o", color=color)
    ax.text(0.063, row, verdict, va="center")
ax.set(yticks=range(3), yticklabels=list(cost), ylim=(2.5, -0.5), xlim=(-0.03, 0.062))
ax.set(xlabel="added loss on new garments (grey: the margin)")
ax.grid(visible=False)
caption("Side by side costs most, and a buffer of 8 nearly as much. One draw costs less, but its interval leaves out zero: it isn't free.")

# %% [markdown]
# The heap was the same each time, so *order* alone did the harm: side by side, each update learns from two garments. That cost two to three points of accuracy, which the figure doesn't show. Well shuffled, the heap was equivalent to live in loss, and 0.8 points less accurate. So shuffle the whole heap (or the list of its files), and draw once for each picture.

# %% [markdown]
# ## In practice and limits
#
# One small network, 128 garments, 28 pixels. Other yardsticks of diversity say the same ([Measuring diversity](going_deeper/measuring_diversity.ipynb)). Several draws of an image in one batch needn't be a fault ([Several draws in a batch](going_deeper/several_draws_in_a_batch.ipynb)).

# %% [markdown]
# ## Take-away
#
# 1. A batch of frozen copies is as diverse as a live one, and so is a whole epoch. What differs is the epoch in which the copies come again.
# 2. To see whether a pipeline is live, look at the same image in more than one epoch.
# 3. Batches do cluster when copies lie side by side or are shuffled too little. Shuffle everything, and draw once for each picture.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. One frozen copy doesn't change. Are its batches less diverse than live ones?</summary>
#
# No. A batch holds 32 different garments, each with a draw of its own. The repeat comes in the next epoch.
#
# </details>
#
# <details><summary>2. With four copies that take turns, this epoch and the next differ. Is it live?</summary>
#
# No. The pictures come back in the fifth epoch.
#
# </details>
#
# <details><summary>3. All pictures of a batch lean to the same side, and the network trains well. What happened, and does it matter?</summary>
#
# The code makes one draw for a batch instead of one for each picture. It costs a little, and only a look at a batch shows it.
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
from helpers.diversity import sibling_pairs


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
# **Next:** [04 Overfitting curves](04_overfitting_curves.ipynb) shows how to read a rising validation loss.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
from helpers.show import Claims
from helpers.stats import paired_interval

settings = ["rotation_range", "width_shift_range", "height_shift_range", "zoom_range", "horizontal_flip"]
policy = [getattr(augment, name) for name in settings]
gap = np.abs(next_epoch[:, :3] - this_epoch[:, :3]).max(axis=(2, 3, 4))
copy, live = measured.loc["1 copy"], measured.loc["live"]
verdicts = {name.split(",")[0]: verdict for name, (_, _, verdict) in cost.items()}
means = {name.split(",")[0]: interval.mean for name, (interval, _, _) in cost.items()}
lost = {name.split(",")[0]: -100 * differences(runs, *arms, "val_accuracy").mean() for name, arms in contests.items()}
sources = {name: np.stack(list(batches)) // 16 for name, batches in orders.items()}
siblings = {name: sibling_pairs(batches).mean() for name, batches in sources.items()}
garments_a_batch = {name: np.mean([len(set(batch)) for batch in batches]) for name, batches in sources.items()}

claims = Claims(n=(n, 128), policy=(policy, [5, 0.05, 0.05, (0.95, 1.05), True]))
claims.check("in the second test the garments of 3 batches return unchanged, and those of the 3 live ones have changed",
             bool((gap[:3] == 0).all() and (gap[3:] > 0.05).all()))
for name in ("within a batch", "within an epoch"):
    relative = 100 * (copy[name].to_numpy() - live[name].to_numpy()) / live[name].mean()
    claims.check(f"{name} 1 copy and live differ by less than 2 %", bool(np.abs(paired_interval(relative)).max() < 2))
claims.check("from epoch to epoch 1 copy moves by 0, and live by more than half of the distance within a batch",
             bool((copy["from epoch to epoch"] == 0).all()
                  and live["from epoch to epoch"].min() > live["within a batch"].max() / 2))
claims.check("shuffled, a batch has fewer than 5 pairs of siblings, with a buffer of 8 more than 100, side by side 240",
             bool(siblings["shuffled"] < 5 and siblings["buffer of 8"] > 100 and siblings["side by side"] == 240))
claims.check("side by side, a batch holds 2 garments, and shuffled more than 25",
             bool(garments_a_batch["side by side"] == 2 and garments_a_batch["shuffled"] > 25))
claims.check("stored: side by side, the buffer of 8 and one draw are worse in loss",
             verdicts == {"side by side": "worse", "buffer of 8": "worse", "one draw": "worse"})
claims.check("stored: side by side costs most, and one draw least, within the margin of 0.02",
             bool(means["side by side"] > means["buffer of 8"] > 0.02 > means["one draw"] > 0))
claims.check("stored: side by side and the buffer of 8 cost two to three (1.5 to 3.5) points of accuracy",
             bool(all(1.5 < lost[name] < 3.5 for name in ("side by side", "buffer of 8"))))
shuffled = {metric: differences(runs, "pool-16 mild", "live mild", metric) for metric in ("val_loss", "val_accuracy")}
claims.check("stored: well shuffled, the heap is equivalent to live in loss, and 0.8 points less accurate",
             bool(judge(shuffled["val_loss"], "val_loss")[2] == "equivalent"
                  and round(-100 * shuffled["val_accuracy"].mean(), 1) == 0.8))
