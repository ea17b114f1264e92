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
# # 05 How many copies?
#
# A labelling service stores your 512 images "3x": each original with two augmented copies. You show your network as many pictures as in a hundred epochs over the 512 images. How often does it look at each of the stored pictures? Work it out before you read on.
#
# You need lesson [01](01_static_versus_live.ipynb). **Time:** 16 minutes to read, about one to run. Run it cell by cell, and guess before you run an answer.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Fill in the order form
#
# A hundred epochs over 512 images show 51,200 pictures, and the store holds 1,536. So each is shown about 33 times. The copy of that one garment in lesson 01 was shown 256 times. In the end the network was certain of it, and wrong about its original. (On this page an *epoch* goes once through your *images*. If your `fit` goes through the whole store, its epochs are the times shown.)
#
# Now you order. You have 512 images and train for 188 epochs, which makes about 3,000 batches of 32. Another program must write the copies to disk. How many of each image do you order? Write a number down. (If you order 188, every epoch has its own, so that order *is* live.)

# %% [markdown]
# ## Draw the curve, then look
#
# We trained both networks of lesson 01 on such stores of 512 garments, and live. (The ResNet-8 for half as many epochs, and on t-shirts and shirts for as many.) Draw what the copies cost against live, in points of accuracy, from 1 copy of each image to 32. Where does "3x" lie, and where no augmentation? Then unfold.

# %%
import pandas as pd

from helpers.data import RESULTS, read_runs

cost = pd.read_csv(RESULTS / "cost-of-stores.csv", index_col="points below live")  # means over pairs of runs

# %% tags=["hide-output", "slide"]
import figures
from helpers.plots import caption

figures.cost_of_stores(cost[:3])  # the others are for the end of this page
caption("One copy costs the small network four points and the ResNet-8 eleven. “3x” costs the ResNet-8 3.5, and eight copies still cost it two. On t-shirts and shirts, too, eight cost two points, but beside the originals only 0.7.")

# %% [markdown]
# ## Copies, or repeats?
#
# Is it the number of copies that counts, or how often each is shown? More copies are also shown less often, so one run can't tell. We trained on three numbers of images for three lengths. Each of these nine settings is a line below, and its height is the *gap to live*: how much higher the loss on new garments is. Drawn against what will the nine lines become one, copies of each image, or times shown, which is epochs ÷ copies? Decide, then unfold.

# %%
from helpers.compare import differences, summarise
from helpers.data import read_results

study = read_results(RESULTS / "study.csv").query("dataset == 'garments'")
lines = []
for images in (128, 512, 2048):
    for updates in (500, 1000, 3000):
        runs = summarise(study.query("n == @images and update <= @updates"))
        for copies in (1, 2, 4, 8, 16, 32):
            gap = differences(runs, f"copies-{copies}", "live").mean()
            lines.append([images, updates, copies, updates * 32 / images / copies, gap])
lines = pd.DataFrame(lines, columns=["images", "updates", "copies of each image", "times shown", "gap to live"])

# %% tags=["hide-output", "slide"]
figures.nine_lines(lines)
caption("Against the times shown, the nine lines nearly become one.")

# %% [markdown]
# So a copy *wears out*: the more often it is shown, the better it is memorised. (This is the small network's loss. In accuracy the nine lines lie further apart.)

# %% [markdown]
# ## Replace the images, or add to them?
#
# *Does live show more pictures than I have images?* Nothing is asked more often. In an epoch, no: it shows each image once, in a new version, and hardly ever an original. In a hundred epochs, yes: 512 images make 51,200 pictures. A store shows what you put into it.
#
# Your disk has room for two pictures of each image. Do you store two copies, or the original and one copy? Decide, then unfold.

# %% tags=["hide-output", "slide"]
from helpers.plots import show_table

methods = {"none": "no augmentation", "copies-2": "2 copies", "originals+1": "original + 1 copy", "live": "live"}
ends = {n: summarise(study.query("n == @n")) for n in (128, 512, 2048)}
table = pd.DataFrame({n: 100 * runs.groupby("method")["val_accuracy"].mean()[list(methods)] for n, runs in ends.items()})
show_table(table.rename(index=methods).T.rename_axis("images"), digits=1)
caption("Accuracy on new garments, %. In the same memory the original is better than a second copy. With 2,048 images live gains nothing in this small network.")

# %% [markdown]
# ## Bet on the halving
#
# Can you find out in your own network whether you have enough? Look at the right panel again: a copy that is shown twice as often has twice the gap or somewhat more. Doubling the copies halves the times shown, so it about halves the gap. And the half that went is as large as the half that is left:
#
# > **What the last doubling gained is about what live would still add.**
#
# This needs no live run. Here it is for t-shirts and pullovers, a pair that we drew by lot.

# %%
def doubling(loss, copies):
    gained = loss[f"copies-{copies // 2}"] - loss[f"copies-{copies}"]
    return {"with copies": copies, "the last doubling gained": gained, "live adds": loss[f"copies-{copies}"] - loss["live"]}

# %% tags=["slide-before"]
registered = read_runs(RESULTS / "freeze-or-renew.csv").query("dataset == 't-shirt-pullover' and n == 512 and policy == 'mild'")
pullovers = registered.query("draw == 'per image'").groupby("method")["val_loss"].mean()
show_table(pd.DataFrame([doubling(pullovers, 2), doubling(pullovers, 4), doubling(pullovers, 8)]), digits=3)
caption("Loss on new images. The rule promised too little after the first doubling, and was right after the next two.")

# %% [markdown]
# Now try it where nobody has, with 64 garments for 200 epochs. `compare` trains each method eight times, on the same images and from the same weights.

# %% tags=["slide-with"]
from helpers.augment import RandomAffine
from helpers.compare import compare
from helpers.data import load_garments

augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
n = 64
updates = 400
bet = compare(
    load_garments(), ["copies-1", "copies-2", "copies-4", "live"], augment, n, updates,
    replicates=8, evaluate_at=[380, 390, 400],
)
loss = summarise(bet).groupby("method")["val_loss"].mean()
print(f"loss on new garments: 1 copy ≈ {loss['copies-1']:.2f}, 2 copies ≈ {loss['copies-2']:.2f}, 4 copies ≈ {loss['copies-4']:.2f}")

# %% [markdown]
# **Your bet:** by how much will live be below two copies, and below four? Write both down, then unfold.

# %% tags=["hide-output", "slide"]
show_table(pd.DataFrame([doubling(loss, 2), doubling(loss, 4)]), approximate=True)
caption("About what it gained is about what is left.")

# %% [markdown]
# **So a doubling that gains a lot says: order more. One that gains nothing doesn't say: enough.**
#
# How often did the rule fail? On means over runs, not once: of all 15 registered stores it said rightly *whether* live would add something, if not how much. But you have one run, and single runs swing. We followed the rule in single runs of the ResNet-8, too. In one of eight the first doubling gained nothing, and yet its two copies were eight points of accuracy below live.
#
# ## Your order, answered
#
# **Sixteen copies beside the originals, or live.** In the small network, the only one where we ran this order, they ended at most 0.1 points below live, in six settings, four of clothes and two of solar cells. In the ResNet-8 on t-shirts and shirts, eight beside the originals were better than nine copies alone, and still behind live. On colour photographs they ended within half a point of live. There each stored picture was shown half as often, or less.
#
# When does storing pay? Where the network waits for augmentation, so [time it](../docs/find_your_symptom.md#the-gpu-waits-for-augmentation) first. Here is how far each store ends below live, in points of accuracy.

# %% tags=["slide"]
show_table(cost[["no augmentation", "1 copy", "3x", "4 copies", "originals + 8", "16 copies", "originals + 16"]], digits=1)
caption("A dash was not run, and with a minus the store was ahead. On colour photographs, from scratch or fine-tuned, originals with eight copies ended within half a point of live, and one copy didn't.")

# %% [markdown]
# ## In practice and limits
#
# Small networks, garments of 28 pixels, mild changes, and two sets of photographs. Fewer images or more epochs ask for more copies: count the times shown, which here were 188 ÷ 17, about eleven. With 12,000 images and 20 epochs, originals with eight copies were even [better than live](../docs/results.md#twelve-thousand-images).

# %% [markdown] tags=["slide"]
# ## Take-away
#
# 1. A copy wears out. Count how often each is shown: epochs ÷ pictures of each image.
# 2. In the same memory, keep the original: it was worth at least as much as one more copy, and mostly more.
# 3. Store sixteen copies beside the originals, or train live. One run in which doubling gains nothing doesn't say that fewer will do.

# %%
# The message, in your own run: the more versions, the better, and live has the most.
assert loss["live"] < loss["copies-2"] < loss["copies-1"], (
    "Two copies should lose less than one, and live the least: "
    "the versions may not be those of their names."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Your store holds the originals and two copies of each. You show as many pictures as in 60 epochs over the originals. How often is each picture shown?</summary>
#
# Twenty times. Three pictures take turns, so it is epochs ÷ 3.
#
# </details>
#
# <details><summary>2. You have a quarter of the images and train for as many updates. Do you need fewer copies?</summary>
#
# No: for the same gap to live in loss about four times as many, which were enough for accuracy, too. A quarter of the images makes four times the epochs, so each copy is shown four times as often.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/05_how_many_copies.ipynb).

# %% [markdown]
# ### Exercise 1: Ten times at most
#
# You keep the originals and train for 120 epochs over your images. No picture shall be shown more than ten times. How many copies of each image do you store beside the originals, at least?

# %%
from exercises import check

copies = ...  # a whole number
check("05.1", copies)

# %% [markdown]
# ### Exercise 2: What the originals save
#
# `above_live` gives the gap of K copies to live. Change it to that of originals + K copies, compared with live that shows *the same share of originals*: `live-4/5` for K = 4, where four of five pictures are augmented. What do the originals save?

# %%
def above_live(runs, k):
    """Gap to live in loss: paired differences, one a replicate."""
    return differences(runs, f"copies-{k}", "live")


for k in (1, 4, 16):
    print(f"{k:2} copies of 512 garments: {above_live(ends[512], k).mean():.3f} above live")
check("05.2", ...)  # put above_live in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Does the order matter?
#
# Until now the copies took turns: the first of every image, then the second. A folder is shuffled instead (`pool-4`, `pool-16`). Do you expect a difference from `copies-4` and `copies-16`, in loss or in accuracy, and why? Write it down, then unfold.

# %% tags=["hide-output"]
for k in (4, 16):
    for metric in ("val_loss", "val_accuracy"):
        print(f"{k:2} copies, shuffled minus in turns, {metric}: {differences(ends[128], f'pool-{k}', f'copies-{k}', metric).mean():.3f}")

# %% [markdown]
# **Next:** you have decided on live, and your pipeline runs without a warning. One line in it freezes the change all the same. What would `fit` show you? Write it down, then open [06 When live is not live](06_when_live_is_not_live.ipynb)
