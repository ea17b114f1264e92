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
# A labelling service stores your 512 images "3x": each original with two augmented copies. You train for a hundred epochs, each as long as once through your 512 images. How often is each stored image shown? Work it out before you read on.
#
# **You will** fill in an order form, guess what stored copies cost, and count how often a copy is shown. You need lesson [01](01_static_versus_live.ipynb). **Time:** 11 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Fill in the order form
#
# A hundred epochs over 512 images show 51,200 images, and 1,536 are stored. So each is shown about 33 times. On this page an *epoch* goes once through your *own* images.
#
# Now you order. You have 512 images and train for 188 epochs, which makes 3,000 updates on batches of 32. Another program must write the copies to disk. How many of each image do you order? Write a number down. If you order 188, every epoch shows a new copy, so that order *is* live.
#
# ## Draw the curve, then look
#
# We trained the small network and the ResNet of lesson 01 on copies of 512 garments, and live. Draw how many points of accuracy copies end below live, from 1 copy of each image to 32. Where does the service's "3x" lie in the ResNet, and where no augmentation? Then unfold.

# %% tags=["hide-output"]
import pandas as pd

import figures
from helpers.data import RESULTS
from helpers.plots import caption

runs = pd.read_csv(RESULTS / "lessons/06-what-copies-cost.csv")
figures.cost_of_copies(runs)
caption(
    "One copy costs the small network four points and the ResNet eleven. In both, one or two copies are worse than no augmentation. The ResNet was tried up to 16."
)

# %% [markdown]
# ## Copies, or how often they are shown?
#
# More copies are also shown less often, so one run can't say which of the two counts. We trained the small network on three numbers of images for three lengths. Each of these nine settings is a line. Its height is the loss on new garments minus live's, on a logarithmic axis, where each step multiplies. On the left it is drawn against the copies of each image. On the right against the *times shown*, which is epochs ÷ copies. In which panel will the nine lines become one? Decide, then unfold.

# %% tags=["hide-output"]
runs = pd.read_csv(RESULTS / "lessons/06-times-shown.csv")
figures.nine_lines(runs)
caption(
    "Against the times shown, the nine lines nearly become one. Gaps below 0.004 are cut off."
)

# %% [markdown]
# So a copy *wears out*: the more often it is shown, the better it is memorised. This is the small network's loss. In accuracy the nine lines lie further apart.
#
# ## Replace the images, or add to them?
#
# Your disk has room for two versions of each image. Do you store two copies, or the original and one copy? Decide, then unfold.
#
# <details><summary>Answer</summary>
#
# The original and one copy. With 512 garments the small network knew 86.8 % of new ones after two copies of each, and 88.1 % after the original and one. It was so with 128 and with 2,048 garments, too. A copy prepares for changed images, and new images come as the originals did.
#
# </details>
#
# ## Your own curve
#
# Now try it with 64 garments for 200 epochs. One copy is then shown 200 times, and each of four copies 50 times. Read off the right panel how far above live their losses will end. `compare` trains eight replicates of each method, as in lesson 04. Run it, and unfold.

# %% tags=["hide-output"]
from helpers.augment import RandomAffine
from helpers.compare import compare, summarise
from helpers.data import load_garments
from helpers.plots import show_table
from helpers.policies import POLICIES

augment = RandomAffine(**POLICIES["mild"], seed=0)  # lesson 01's policy
methods = ["copies-1", "copies-2", "copies-4", "live"]
runs = summarise(
    compare(
        load_garments(),
        methods,
        augment,
        n=64,
        updates=400,
        replicates=8,
        evaluate_at=[380, 390, 400],  # a run's loss is the mean of these
    )
)
loss = runs.groupby("method")["val_loss"].mean()[methods]
above = (loss - loss["live"]).rename("loss minus live")
show_table(above.to_frame(), approximate=True)
caption(
    "The panel says about 0.25 for one copy and 0.04 for four. The ranking is right. That panel was drawn with more images, so sizes are rough."
)

# %% [markdown]
# ## Your order, answered
#
# **Sixteen copies beside the originals, or live.** In the small network that order ended 0.1 ± 0.2 points of accuracy below live, and 0.3 ± 0.2 below live that leaves as many images unchanged. After ± stands half of a 95 % interval. Each version was shown eleven times, since 188 ÷ 17 is eleven. In the figure above copies took the place of the originals. Beside them, in a ResNet, sixteen were [equivalent to live](../docs/results.md#the-advice-sixteen-copies-beside-the-originals), to within one point, in each of three settings. They ended:
#
# - 0.2 ± 0.3 points above on 512 coats and shirts, each version shown eleven times
# - 0.1 ± 0.6 below on 512 photographs of CIFAR-10, shown eleven times
# - 0.1 ± 0.6 above on 2,048 photographs of CIFAR-10, shown five to six times in 6,000 updates.
#
# On the 2,048, eight copies were too few: they ended 0.8 ± 0.6 points below live, though each version was shown only ten times.
#
# So how often a version is shown wasn't all. What passed there had sixteen copies or more, and no version was shown more than about eleven times. In a ResNet they were not tried beyond that. So store seventeen versions of each image, the original among them, or epochs ÷ 11 if that is more. Or train live.
#
# Storing pays where the network waits for augmentation. [Time it](../docs/find_your_symptom.md#the-gpu-waits-for-augmentation) first.

# %% [markdown]
# ## Take-away
#
# 1. A copy wears out. Count how often each is shown: epochs ÷ versions of each image.
# 2. In the same memory, keep the original.
# 3. Store sixteen copies or more beside the originals, none shown more than about eleven times, or train live.
#
# Measured with small networks, mostly few images, and mild changes.

# %%
# The message, in your own run: the more versions, the better.
assert loss["live"] < loss["copies-2"] < loss["copies-1"], (
    "Two copies should lose less than one, and live the least: "
    "a method may show other versions than its name says."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You have a quarter of the images and train for as many updates. Do you need fewer copies?</summary>
#
# No: about four times as many. A quarter of the images makes four times the epochs, so each copy is shown four times as often.
#
# </details>
#
# <details><summary>2. A colleague stores sixteen copies beside the originals, too, and trains for 1,700 epochs. Is that as good as live?</summary>
#
# No. Each of the seventeen versions is then shown a hundred times, and the right panel says what that costs.
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
# `above_live` gives how far the loss of K copies is above live's, in other runs than the figure's. Change it to that of originals + K copies, called `originals+4` for K = 4. Compare it with live that shows *the same share of originals*: `live-4/5`, where four of five images are augmented. What do the originals save?

# %%
from helpers.compare import differences
from helpers.data import read_runs

study = read_runs(RESULTS / "study.csv").query("dataset == 'garments'")


def above_live(runs, k):
    """Loss minus live's: paired differences, one a replicate."""
    return differences(runs, f"copies-{k}", "live")


for k in (1, 4, 16):
    gap = above_live(study.query("n == 512"), k).mean()
    print(f"{k:2} copies of 512 garments: {gap:.3f} above live")
check("06.2", ...)  # put above_live in place of the dots

# %% [markdown]
# **Next:** you have decided on live, and your pipeline runs without a warning. One line in it freezes the change all the same. What would `fit` show you? Write it down, then open [07 When live is not live](07_when_live_is_not_live.ipynb)
