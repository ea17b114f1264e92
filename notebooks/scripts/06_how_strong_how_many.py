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
# # 06 How many copies?
#
# In lesson [02](02_diversity_within_a_batch.ipynb) one network was trained live and one on four stored copies. For how many epochs were their weights the same, and why no longer?
#
# <details><summary>Answer</summary>
#
# For four. In the fifth the first copy came again.
#
# </details>
#
# A labelling service stores your images "3x": each original with two augmented copies. You train for a hundred epochs. How often is each stored image shown?
#
# **You will** fill in an order form, guess what stored copies cost, and count how often a version is shown. You need lesson [04](04_a_fair_comparison.ipynb). **Time:** 13 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Fill in the order form
#
# What is stored of an image are its *versions*: augmented copies, and the original if it is kept. An *epoch* goes once through your *own* images, so in a hundred epochs each image is shown a hundred times. Its versions share that: epochs ÷ versions.
#
# Now you order. You have 512 images, and train for 188 epochs on what another program stores. How many copies of each image do you order? Write a number down.
#
# ## Draw the curve
#
# We trained the small network and the ResNet of lesson 01 on 512 garments, live and on stored copies in place of the originals. The figure shows the mean accuracy minus live's, in points.
#
# Type what you expect of the small network, one number for each of 1 to 32 copies, which will be drawn dotted. For the ResNet, which has up to sixteen, write down where no augmentation and the service's "3x" lie.

# %%
guess = None  # for 1, 2, 4, 8, 16 and 32 copies, such as [-3, -3, -3, -3, -3, -3]

# %% tags=["hide-output"]
import figures
import matplotlib.pyplot as plt
import pandas as pd
from helpers.data import RESULTS

stored = pd.read_csv(RESULTS / "lessons/06-what-copies-cost.csv")
figures.cost_of_copies(stored, guess)
plt.show()

# %% [markdown]
# <details><summary>Why this shape? One sentence, then open.</summary>
#
# The fewer the versions, the more often each comes again, and the better it is memorised. One copy costs the small network 4.4 points and the ResNet 11.4. In both, one copy and even two are less accurate than no augmentation (lesson [01](01_static_versus_live.ipynb) says why). In the ResNet "3x" ended 1.0 ± 1.1 points above four copies, which is undecided.
#
# In the hundred epochs at the top of this page, "3x" shows each of its three versions about 33 times.
#
# </details>
#
# ## The number of versions, or how often each is shown?
#
# Where there are more versions, each is shown less often. Which of the two counts? We trained the small network on three numbers of images, and evaluated each run three times on its way, after 500 to 3,000 updates. Each of the nine settings is a line, the loss on new garments minus live's, against the versions of each image and against the *times shown*.

# %%
settings = pd.read_csv(RESULTS / "lessons/06-times-shown.csv")
figures.nine_lines(settings)
plt.show()

# %% [markdown]
# On the right the nine lines nearly become one. So in loss a copy *wears out*: the more often it is shown, the better it is memorised. In accuracy, which isn't drawn, they lie further apart, so there the times shown aren't all that counts.
#
# ## Replace the images, or add to them?
#
# If your disk has room for two versions of each image, store the original and one copy. On 512 garments the small network knew 86.8 % of new garments after two copies of each, and 88.1 % after the original and one.
#
# ## Your own run
#
# Now train on 64 garments for 200 epochs, which are 400 updates, with one, two or four copies, and live.

# %%
from helpers.augment import RandomAffine
from helpers.compare import compare, summarise
from helpers.data import load_garments
from helpers.policies import POLICIES

mild = RandomAffine(**POLICIES["mild"])  # lesson 01's policy
methods = ["copies-1", "copies-2", "copies-4", "live"]
curves = compare(load_garments(), methods, mild, n=64, updates=400, replicates=8)
runs = summarise(curves)

# %% [markdown]
# Read off the right panel how far above live the three losses will end. Your means come as diamonds.

# %% tags=["hide-output"]
loss = runs.groupby("method")["val_loss"].mean()[methods]
own = pd.DataFrame({"versions of each image": [1, 2, 4], "times shown": [200, 100, 50]})
own["loss minus live"] = (loss - loss["live"]).to_numpy()[:3]
figures.nine_lines(settings, own)
plt.show()

# %% [markdown]
# <details><summary>Why in this order? One sentence, then open.</summary>
#
# The fewer the copies, the more often each was shown, and the higher its loss. The nine lines are of 128 images and more, so expect their order of your 64, and not their values.
#
# </details>
#
# ## Your order, answered
#
# **Train live, or store at least sixteen copies beside each original.**
#
# Seventeen versions then share your 188 epochs, eleven each. The table has their accuracy minus live's, ± half a 95 % interval. In the first row live, like the store, leaves one image in seventeen unchanged. In the others it changes all.
#
# | images and network | copies | each version shown | points |
# | --- | --- | --- | --- |
# | 512 pullovers and coats, small network | 16 | 11 times | −0.3 ± 0.2 |
# | 512 coats and shirts, ResNet | 16 | 11 times | +0.2 ± 0.3 |
# | 512 of CIFAR-10, ResNet | 16 | 11 times | −0.1 ± 0.6 |
# | 2,048 of CIFAR-10, ResNet | 16 | 5 to 6 times | +0.1 ± 0.6 |
# | the same | 8 | 10 times | −0.8 ± 0.6 |
#
# All sixteens, on two data sets, are [equivalent to live](../docs/results.md#the-advice-sixteen-copies-beside-the-originals) in accuracy: the whole interval lies within one point. Eight copies of 2,048 aren't, although each was shown only ten times. A ResNet that trains longer, and so shows sixteen copies more often than in the table, is *untested*. There order more.
#
# ## Or more images?
#
# You have 1,536 images and augment them live. You could also pay for more labels. With how many images would a ResNet-8 be as accurate without augmentation? Write two numbers down, one for CIFAR-10 and one for Fashion-MNIST, ten classes each.
#
# <details><summary>What do you base your guess on? One sentence, then open.</summary>
#
# On CIFAR-10 live augmentation was worth more than twice as many images, 4.1 times (3.6 to 4.8), which is about 6,300 and more than in any run, so extrapolated. On Fashion-MNIST it was worth less than twice as many, 1.4 times (1.2 to 1.7), which is about 2,200. More labels help live, too.
#
# Short training hides what live gains. With 4,608 images it gained 8.4 points more in 40 epochs than in 13 on CIFAR-10, and 2.3 more on Fashion-MNIST.
#
# The more images, the less live gained on Fashion-MNIST, 10.3 points with 512 and 1.4 with 4,608. But with 512 [our settings](../docs/results.md#label-more-or-augment) let neither method learn much, and with 1,536 it was 1.1. On CIFAR-10 the gains with 512 and with 4,608 differ by 0.1 ± 2.3, *undecided*.
#
# </details>
#
# ## In practice and limits
#
# Storing pays where the network waits for augmentation. [Time it](../docs/find_your_symptom.md#the-gpu-waits-for-augmentation) first. All of this was measured with small networks, mostly few images, and mild changes.

# %% [markdown]
# ## Take-away
#
# 1. A copy wears out. Count how often each is shown: epochs ÷ versions of each image.
# 2. In the same memory, keep the original.
# 3. Train live, or store sixteen copies beside the originals, and more for longer training.

# %%
# The message, in your own run: the more versions, the better.
assert loss["live"] < loss["copies-2"] < loss["copies-1"], (
    "Two copies should lose less than one, and live the least: "
    "a method may show other versions than its name says."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You have a quarter of the images and train for as many updates. Do you need fewer copies of each?</summary>
#
# No, you need about four times their number. A quarter of the images makes four times the epochs, so each copy is shown four times as often.
#
# </details>
#
# <details><summary>2. A colleague stores sixteen copies beside the originals, too, and trains for 1,700 epochs. Is that as good as live?</summary>
#
# It wasn't measured. Each of the seventeen versions is then shown a hundred times. Copies in place of the originals lay well behind live by then, in the figure of nine lines.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/06_how_many_copies.ipynb).

# %% [markdown]
# ### Exercise 1: Ten times at most
#
# You keep the originals and train for 200 epochs over your images. No version shall be shown more than ten times. How many copies of each image do you store beside the originals, at least?

# %%
from exercises import check

copies = ...  # a whole number
check("06.1", copies)

# %% [markdown]
# ### Exercise 2: What the originals save
#
# `above_live` gives how far the loss of K copies is above live's, in other runs than the figure's. Change it to that of originals + K copies, called `originals+4` for K = 4. Compare it with live that shows *the same share of originals*: `live-4/5`, where four of five images are augmented. Your three means are then drawn over the dashed curve of the copies alone. What do the originals save?

# %%
from helpers.data import read_runs

study = read_runs(RESULTS / "study.csv").query("dataset == 'garments' and n == 512")
table = study.pivot(index="replicate", columns="method", values="val_loss")
numbers = [1, 4, 16]
alone = [(table[f"copies-{k}"] - table["live"]).mean() for k in numbers]

# %%
def above_live(runs, k):
    """Loss minus live's, one difference a replicate."""
    table = runs.pivot(index="replicate", columns="method", values="val_loss")
    return table[f"copies-{k}"] - table["live"]


plt.plot(numbers, alone, "o--", label="copies alone")
plt.plot(numbers, [above_live(study, k).mean() for k in numbers], "o", label="yours")
plt.xscale("log")
plt.xticks(numbers, numbers)
plt.xlabel("copies of each image")
plt.ylabel("loss minus live's")
plt.legend()
plt.show()
check("06.2", ...)  # put above_live in place of the dots

# %% [markdown]
# **Next:** you have decided on live, and your pipeline runs without a warning. One line in it freezes the versions all the same. What would `fit` show you? Write it down, then open [07 When live is not live](07_when_live_is_not_live.ipynb).
