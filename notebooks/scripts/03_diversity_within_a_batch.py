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
# # 03 Diversity within a batch
#
# Live augmentation makes new pictures for every batch. So a live batch ought to be more diverse than a batch of copies made long ago. It sounds obvious. Before you believe it, look.
#
# **You will** sort eight batches by eye, and then put a number on what you saw.
#
# **You will learn:**
#
# - to measure how diverse a batch is, in three lines of NumPy,
# - what live augmentation changes, and what it leaves as it was,
# - which batches really are too much alike, and what they cost.
#
# **You need** lessons [00](00_start_here.ipynb) to [02](02_a_fair_comparison.ipynb). **Time:** 22 minutes to read, half a minute to run.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import tensorflow as tf

from helpers import plots
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.show import Claims, show_table
from helpers.stats import judge, paired_interval

plots.use_style()

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The article's third reason
#
# The article that started this series says:
#
# > `ImageDataGenerator`'s real-time augmentation naturally creates more diversity *within* each training batch. A static batch, even with diverse augmentations, might still exhibit some level of clustering within the augmented images due to the fixed nature of the augmentation process.

# %% [markdown]
# ## Can you sort them?
#
# We take the garments and the mild policy of lesson 00. For the static side we keep one copy of each garment. An epoch shows each garment once, in four batches of 32.

# %%
n = 128
garments = load_garments()
x = subset(garments, n).x_train
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
one_copy = augment(x).numpy()  # made once, before training

# %%
def static_epoch(order):
    return one_copy[order].reshape(4, 32, 28, 28, 1)


def live_epoch(order):
    return augment(x[order]).numpy().reshape(4, 32, 28, 28, 1)  # made anew at each call

# %% [markdown]
# Here are the four batches of a static epoch and the four of a live one, shuffled. Each row shows the first eight pictures of a batch. Which four rows are live? Write down their letters.

# %%
rng = np.random.default_rng(0)
static_order, live_order = rng.permutation(n), rng.permutation(n)
this_epoch = np.concatenate([static_epoch(static_order), live_epoch(live_order)])
next_epoch = np.concatenate([static_epoch(static_order), live_epoch(live_order)])
kind = np.repeat(["static", "live"], 4)
mixed = rng.permutation(8)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eight rows, A to H, of eight pullovers and coats each. In every row the garments differ, some are a little tilted, shifted or zoomed. No row looks more varied than another."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
plots.show_images([this_epoch[row, :8] for row in mixed], list("ABCDEFGH"), [""] * 8)

# %% [markdown]
# *Four of these batches are live, four come from a copy that was made once.*
#
# Now take three garments from each batch, and put each beside the same garment *one epoch later*. (We keep the order only so that they line up.) Sort the rows again.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eight rows, A to H, of three garments each, every garment shown in this epoch and in the next. In four rows both pictures of each garment are the same. In the other four they differ in tilt, position or mirroring."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
pairs = np.stack([this_epoch[:, :3], next_epoch[:, :3]], axis=2).reshape(8, 6, 28, 28, 1)
plots.show_images([pairs[row] for row in mixed], list("ABCDEFGH"), ["this epoch", "the next"] * 3)

# %% [markdown]
# *Where every garment returns unchanged, the batch is static. A live one can come back nearly unchanged by chance, so look at all three pairs.*

# %% tags=["hide-output"]
print("live:", *np.array(list("ABCDEFGH"))[kind[mixed] == "live"])

# %% [markdown]
# The first test can't be solved. To know which augmentation you have, you must look at more than one epoch.

# %% [markdown]
# ## One number for what you saw
#
# "I can't see it" is no measurement. So take the *distance* between two pictures: subtract them pixel by pixel, square, add up, and take the root. The diversity of a batch is then the mean distance of its pairs.
#
# In the code, `vectors[:, None] - vectors` subtracts each picture from each, which gives a square table of distances. We average all but the zeros on its diagonal.

# %% slideshow={"slide_type": "slide"}
def mean_distance(pictures):
    vectors = pictures.reshape(len(pictures), -1)
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=2)  # of each picture to each
    return distances.sum() / (len(vectors) * (len(vectors) - 1))  # that to itself is 0

# %% [markdown]
# Here are three distances, averaged over our garments. Two versions of one garment lie more than half as far apart as two pullovers. Two pullovers are no closer than any two garments, because a pixel distance knows nothing of kinds.

# %%
y = subset(garments, n).y_train
change = (augment(x) - augment(x)).numpy().reshape(n, -1)
distance = pd.Series({
    "two versions of a garment": np.linalg.norm(change, axis=1).mean(),
    "two pullovers": mean_distance(x[y == 0]),
    "two garments of any kind": mean_distance(x),
})

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
show_table(distance.rename("distance").rename_axis("pair").reset_index(), approximate=True, digits=1)

# %% [markdown]
# Now measure three things for both kinds: the mean distance within a batch, within an epoch, and from each garment to the same garment in the next epoch. We do it for eight sets of 128 garments, ours among them, and four epochs each. What do you expect?

# %%
def measure(first, second):
    return {
        "within a batch": np.mean([mean_distance(batch) for batch in np.split(first, 4)]),
        "within an epoch": mean_distance(first),
        "from epoch to epoch": np.linalg.norm((second - first).reshape(n, -1), axis=1).mean(),
    }


# %%
rows = []
for replicate in range(8):
    originals = subset(garments, n, replicate).x_train
    copy = augment(originals).numpy()
    for _ in range(4):
        order = rng.permutation(n)
        static, live = copy[order], augment(originals[order]).numpy()
        live_later = augment(originals[order]).numpy()
        rows.append({"arm": "copies-1", "replicate": replicate, **measure(static, copy[order])})
        rows.append({"arm": "live", "replicate": replicate, **measure(live, live_later)})
measured = pd.DataFrame(rows)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three panels of dots for 1 copy and live. Within a batch and within an epoch both clouds of dots lie at the same height, near 9. From epoch to epoch all dots of 1 copy lie at zero and those of live near 6."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
measures = ["within a batch", "within an epoch", "from epoch to epoch"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True)
palette = {arm: plots.arm_style(arm)["color"] for arm in ("copies-1", "live")}
for ax, name in zip(axes, measures, strict=True):
    sns.stripplot(
        measured, x="arm", y=name, hue="arm", palette=palette, size=5, alpha=0.7, jitter=0.2, ax=ax, legend=False
    )
    ax.set(title=name, xlabel="", ylabel="mean distance", ylim=(-0.5, 16))
    ax.set_xticks([0, 1], ["1 copy", "live"])
plt.show()

# %% [markdown]
# *Only from one epoch to the next do the two differ: there the copy doesn't change at all.*

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
means = measured.groupby("arm")[measures].mean().T.rename(columns={"copies-1": "1 copy"})
show_table(means.rename_axis("mean distance", axis=0).rename_axis(None, axis=1), approximate=True, digits=1)

# %% [markdown]
# (The 5.8 is the 5.5 of above, on more garments.)
#
# Why? Because either way a batch holds 32 different garments, each with a random draw of its own. Whether that draw is fresh or a year old, a batch can't know.
#
# So the third reason fails as it stands. Companion [Measuring diversity](going_deeper/measuring_diversity.ipynb) finds the same with other measures.
#
# If the batches are alike, the difference must lie in time. As counted in lesson [01](01_static_versus_live.ipynb), K copies run out after K epochs, and live never does. So static augmentation does cluster, but *in time* and not in the batch: every turn of the clock brings the same pictures back. Different does not mean surprising, though: in lesson 02 sixteen copies were equivalent to live in loss.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Batches that do cluster
#
# So far an epoch took one copy of each garment. Now take a pool of sixteen copies, all 2,048 pictures, as one heap. Files usually lie like this: all copies of the first garment, then all of the second. One pass is as long as sixteen epochs, and copies of one garment can meet in a batch.

# %%
pool = augment(np.repeat(x, 16, axis=0)).numpy()  # picture i is a copy of garment i // 16
stored = tf.data.Dataset.range(16 * n)
orders = {
    "shuffled pool": stored.shuffle(16 * n, seed=0).batch(32),
    "side by side": stored.batch(32),  # no shuffle at all
    "buffer of 8": stored.shuffle(8, seed=0).batch(32),  # holds 8 pictures, picks one of them
}

# %% [markdown]
# A live batch can have look-alikes, too. Some code draws one change for the whole batch where it should draw 32, one for each picture.

# %%
def one_draw(images, seed):
    change = augment.draw(1, seed)
    return augment.apply(images, np.repeat(change, len(images), axis=0)).numpy()

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Five rows of eight pictures from a batch. Live and the shuffled pool show eight different garments. Side by side shows one garment eight times, differently tilted and mirrored. The buffer of 8 shows two garments several times. One draw shows the same garments as live, all changed in the same way."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
picked = {"live": live_epoch(live_order)[0]}
picked |= {name: pool[next(iter(batches.skip(20)))] for name, batches in orders.items()}
picked["one draw"] = one_draw(x[live_order[:32]], seed=(0, 1))
plots.show_images([batch[:8] for batch in picked.values()], list(picked), [""] * 8)

# %% [markdown]
# *This time you can see which batches cluster. Only one draw hides well: its garments are all turned and shifted alike, but by little.*
#
# Two copies of one garment are called *siblings*, and here we count those that meet in a batch. A batch of 32 has 496 pairs. Side by side it is two garments, 16 copies of each: twice 120 siblings. (Counts are those of one pass, and differ a little in another.)

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.diversity import sibling_pairs

sources = {name: np.stack(list(batches)) // 16 for name, batches in orders.items()}
drawn_once = [one_draw(batch, (0, i)) for i, batch in enumerate(x[live_order].reshape(4, 32, 28, 28, 1))]
seen = {"live": live_epoch(live_order), "one draw": drawn_once}
seen |= {name: pool[np.stack(list(batches))] for name, batches in orders.items()}
alike = pd.DataFrame({
    "siblings": {name: sibling_pairs(sources[name]).mean() if name in sources else 0 for name in picked},
    "mean distance": {name: np.mean([mean_distance(batch) for batch in seen[name]]) for name in picked},
})
show_table(alike.rename_axis("batches").reset_index(), approximate=["mean distance"], digits=1)

# %% [markdown]
# A buffer of 8 hardly shuffles sixteen copies, because it holds only those of one or a few neighbouring garments. One draw has no siblings. But moving a picture by parts of a pixel softens it (lesson [07](07_modern_pipelines.ipynb)). That brings all pictures closer, and here no draws of their own push them apart again.
#
# ## What did it cost?
#
# Guess first: which of the three faults costs most, and which verdicts do you expect, with our margin of 0.02 in loss and 0.01 in accuracy? We trained the small network on each kind of batch for 400 updates on twenty sets of garments, in pairs as in lesson 02.

# %%
from helpers.compare import differences, summarise
from helpers.tables import FOLDER, read_results

table = read_results(FOLDER / "clustered-batches.csv")
table["arm"] = table["arm"] + " " + table["policy"]  # such as "live one-draw"
runs = summarise(table)
contests = {
    "side by side, against the shuffled pool": ("pool-16 side-by-side", "pool-16 mild"),
    "buffer of 8, against the shuffled pool": ("pool-16 buffer-of-8", "pool-16 mild"),
    "one draw, against live": ("live one-draw", "live mild"),
    "shuffled pool, against live": ("pool-16 mild", "live mild"),
}
cost = {name: judge(differences(runs, *arms), "val_loss") for name, arms in contests.items()}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Added loss on new garments with its interval for four comparisons. Side by side and the buffer of 8 are worse and lie to the right of a grey band that marks the margin. One draw is worse and reaches beyond the band. The shuffled pool is equivalent and lies within it."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(9, 2.7))
ax.axvspan(-0.02, 0.02, color="0.93", linewidth=0)
ax.axvline(0, color="0.6", linewidth=1)
for row, (name, ((mean, low, high), _, verdict)) in enumerate(cost.items()):
    color = plots.BLUE if name.startswith("one draw") else plots.arm_style("pool-16")["color"]
    ax.plot([low, high], [row, row], color=color)
    ax.plot(mean, row, "o", color=color)
    ax.text(0.063, row, verdict, va="center")
ax.set(yticks=range(4), yticklabels=list(cost), ylim=(3.5, -0.5), xlim=(-0.03, 0.062))
ax.set(xlabel="added loss on new garments (grey: the margin)")
ax.grid(visible=False)
plt.show()

# %% [markdown]
# *Pictures of the same pool cost more when they lie side by side. A live batch with one draw costs less than those, but it isn't free.*
#
# And in accuracy?

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
lines = []
for name, arms in contests.items():
    (mean, low, high), _, word = judge(differences(runs, *arms, "val_accuracy"), "val_accuracy")
    lines.append({"batches": name, "difference in accuracy": mean, "from": low, "to": high, "they are": word})
show_table(pd.DataFrame(lines), digits=3)

# %% [markdown]
# Side by side costs most, and the buffer of 8 nearly as much, although both show the same pictures as the shuffled pool. Of a hundred new garments they get two or three fewer right. So order alone can do harm: side by side, each update learns from two garments. *This* is the clustering that the article should have warned of.
#
# One draw is the inconvenient one. Its mean lies within our margin, but its interval excludes zero and reaches beyond, so by the rule fixed beforehand it is *worse*.
#
# The well shuffled pool is *equivalent* to live in loss, and *worse* in accuracy by a little, through its siblings or its repeats, which this can't separate. With half the margin it would be worse in both.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. A batch of frozen copies is as diverse as a live one, and so is a whole epoch. From one epoch nobody can tell them apart, and that includes the network. It takes a second epoch, or with K copies K more.
# 2. Static and live differ in time: K copies that take turns have shown everything after K epochs.
# 3. Batches do cluster when copies lie side by side, or when they are shuffled too little. Either costs about 0.04 in loss, one draw for a batch about half as much or less. Shuffle the whole pool, and draw once for each picture.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. One frozen copy never changes. Are its batches less diverse than live ones?</summary>
#
# No. A batch holds 32 different garments, each with a draw of its own, whether the draw is new or old. The repeat comes in the next epoch.
#
# </details>
#
# <details><summary>2. A colleague plots twenty augmented pictures from the pipeline: "See, live augmentation works." Does the plot show it?</summary>
#
# It shows that something is augmented. To know whether it is live, you need the same images in later epochs.
#
# </details>
#
# <details><summary>3. With four copies that take turns, this epoch and the next differ. Is it live?</summary>
#
# No. The pictures come back in the fifth epoch. With K copies you have to wait K epochs for the first repeat.
#
# </details>
#
# <details><summary>4. Your sixteen copies of each image are saved side by side, and the pipeline has <code>shuffle(8)</code>. Is that shuffled?</summary>
#
# Hardly. At any time the buffer holds copies of one or a few neighbouring images, so a batch is filled with versions of a handful.
#
# </details>
#
# <details><summary>5. All pictures of each batch lean to the same side, and the network trains well. What happened, and does it matter?</summary>
#
# The code makes one draw for a batch instead of one for each picture. It costs a little, although the training curve looks healthy. Only a look at a batch shows it.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/03_diversity_within_a_batch.ipynb).

# %% [markdown]
# ### Exercise 1: Siblings in a larger pool
#
# A well shuffled pool of four copies of 128 garments has about three pairs of siblings in a batch of 32, hardly fewer than sixteen copies have. How many will it have with 512 garments? Write your prediction down, then change the cell to count them, and put the mean into `answer`.

# %%
from exercises import check


def garments_in_batches(n, copies, seed):
    pictures = np.random.default_rng(seed).permutation(n * copies)  # one shuffle over the whole pool
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
# A buffer of 8 is too small and one of 2,048 holds the whole pool. Count the siblings for buffers between the two, and draw them. From which buffer on are there fewer than 10 pairs? Each pass is shuffled anew, so a count differs a little from one to the next. Then look up what your own pipeline has.

# %%
buffer = 8
pictures = tf.data.Dataset.range(16 * 128).shuffle(buffer, seed=0).batch(32)
pairs = sibling_pairs(np.stack(list(pictures)) // 16).mean()
print(f"buffer of {buffer}: {pairs:.0f} pairs of siblings in a batch")


# %% [markdown]
# ## In practice and limits
#
# We measured one small network on 128 garments. The fault shown here is few different garments in a batch, not a few siblings. In deep networks several draws of an image have even been reported to help, and companion [Several draws in a batch](going_deeper/several_draws_in_a_batch.ipynb) tries it at our scale. A distance between pixels is a rough yardstick, as a small shift changes many of them. If your files lie garment by garment, shuffle the list before you read them.
#
# **Next:** [04 Overfitting curves](04_overfitting_curves.ipynb) shows how to read a rising validation loss.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def relative(name):
    """1 copy minus live in one of the measures, in per cent of live, one number a set of garments."""
    table = measured.pivot_table(index="replicate", columns="arm", values=name)
    return 100 * (table["copies-1"] - table["live"]) / table["live"].mean()


settings = ["rotation_range", "width_shift_range", "height_shift_range", "zoom_range", "horizontal_flip"]
policy = [getattr(augment, name) for name in settings]
gap = np.abs(next_epoch[:, :3] - this_epoch[:, :3]).max(axis=(2, 3, 4))
verdicts = {name.split(",")[0]: word for name, (_, _, word) in cost.items()}

claims = Claims(n=(n, 128), policy=(policy, [5, 0.05, 0.05, (0.95, 1.05), True]))
claims.check("in the second test every static garment returns unchanged, and every live one has changed",
             bool((gap[kind == "static"] == 0).all() and (gap[kind == "live"] > 0.05).all()))
for name in ("within a batch", "within an epoch"):
    claims.check(f"{name} 1 copy and live differ by less than 2 %", bool(np.abs(paired_interval(relative(name))).max() < 2))
claims.check("from epoch to epoch 1 copy moves by nothing, and live by more than half of the distance within a batch",
             lambda: means["1 copy"]["from epoch to epoch"] == 0
             and means["live"]["from epoch to epoch"] > means["live"]["within a batch"] / 2)
claims.check("two versions of a garment lie more than half as far apart as two pullovers",
             bool(distance["two versions of a garment"] > distance["two pullovers"] / 2))
claims.check("side by side a batch has 240 pairs of siblings, with a buffer of 8 more than 100, well shuffled fewer than 5",
             bool(alike["siblings"]["side by side"] == 240 and alike["siblings"]["buffer of 8"] > 100
                  and alike["siblings"]["shuffled pool"] < 5))
claims.check("by distance the three faults are less diverse than the shuffled pool and live, by more than 5 %",
             bool(alike["mean distance"].drop(["live", "shuffled pool"]).max()
                  < 0.95 * alike["mean distance"][["live", "shuffled pool"]].min()))
claims.check("in the stored runs side by side, the buffer of 8 and one draw are worse in loss, and the pool is equivalent",
             [verdicts[name] for name in ("side by side", "buffer of 8", "one draw", "shuffled pool")]
             == ["worse"] * 3 + ["equivalent"])
accuracy = {line["batches"].split(",")[0]: line["difference in accuracy"] for line in lines}
claims.check("side by side and the buffer of 8 get two or three of a hundred fewer right",
             bool(all(-0.035 < accuracy[name] < -0.015 for name in ("side by side", "buffer of 8"))))
claims.check("the mean cost of one draw lies within the margin", bool(cost["one draw, against live"][0].mean < 0.02))
