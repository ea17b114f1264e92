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
# # 06 How strong, how many?
#
# With the article's code we trained on 512 garments for 100 epochs. Without augmentation the network was right about 87.7 % of new garments, and live it was 70.2 %. What did that?
#
# <details><summary>From lesson 05: somebody compares ten passes over eight copies with ten epochs live. What is wrong?</summary>
#
# The passes are eighty epochs of training. Compare at equal gradient updates.
#
# </details>
#
# **You will** look at a policy before training, measure how much it costs, and count how often a stored version may come. You need lesson [05](05_a_fair_comparison.ipynb). **Time:** 31 minutes, half of it for the exercises. It runs in about one.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## A policy with one knob
#
# The article turns images by up to 20 degrees, and moves and zooms them by up to a fifth. We multiply that by a *strength*. At strength zero only the flip remains.

# %%
from helpers.augment import RandomAffine


def ranges(strength):
    return {
        "rotation_range": 20 * strength,
        "width_shift_range": 0.2 * strength,
        "height_shift_range": 0.2 * strength,
        "shear_range": 0.2 * strength,
        "zoom_range": 0.2 * strength,
        "horizontal_flip": True,
    }


def policy(strength):
    return RandomAffine(**ranges(strength), seed=0)


# %% [markdown]
# ## Look first
#
# A policy is a *claim*: new images may look like these versions. Move the slider and look at eight versions of a coat.

# %% tags=["nbval-ignore-output"]
import numpy as np
from helpers.data import load_garments, subset
from widgets import how_strong

garments = load_garments()
few = subset(garments, 128)
x, y = few.x_train, few.y_train
pullover, coat = x[14], x[123]

how_strong(policy, coat)

# %% [markdown]
# Below are eight new garments, then four versions each of the pullover and the coat.

# %%
import figures
import matplotlib.pyplot as plt

strengths = {"flip": 0, "quarter": 0.25, "half": 0.5, "article": 1}
eight = np.stack([pullover] * 4 + [coat] * 4)
rows = {"new garments": garments.x_val[:8]}
for name, strength in strengths.items():
    rows[name] = policy(strength).version(eight, np.arange(8), 0)
figures.rows_of_images(rows)
plt.show()

# %% [markdown]
# **From which strength on do most versions look like no new garment?** Decide by eye.
#
# <details><summary>Why? One sentence, then open.</summary>
#
# From a half on, we would say. New garments stand upright and in the middle, and at a quarter most versions still do. At a half they lean and leave the middle. With the article's ranges some are cut off.
#
# </details>
#
# ## Then compare
#
# Now train on 128 garments, without augmentation and live, three pairs for each strength.

# %% tags=["nbval-ignore-output"]
import pandas as pd
from helpers.compare import compare


def none(epoch):
    return None  # the originals


def live(epoch):
    return epoch


def accuracies(method, policy):
    runs = compare(
        garments,
        {"run": method},
        policy,
        updates=400,
        replicates=3,
        evaluate_at=[380, 390, 400],
    )
    return 100 * runs.groupby("replicate")["val_accuracy"].mean()


unaugmented = accuracies(none, {})
points = {}
for name, strength in strengths.items():
    points[name] = accuracies(live, ranges(strength)) - unaugmented
points = pd.DataFrame(points)

# %% [markdown]
# By how many points will live end above or below no augmentation, at each of the four strengths? Thin in the figure is a pair, thick the mean, and dotted your guess.

# %%
guess = None  # four numbers, such as [1, 2, 3, 4]

# %% tags=["hide-output", "nbval-ignore-output"]
plt.axhline(0, color="0.5")
plt.plot(points.T, color="0.7", linewidth=1)
plt.plot(points.mean(), color="tab:blue", marker="o")
if guess is not None:
    plt.plot(points.columns, guess, color="black", linestyle=":")
plt.ylabel("live minus none, points")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Up to a quarter live is about level with none after so short a training. Then the curve falls, perhaps because the last layer expects each feature at a fixed place. So the *policy* did it, and not live: it cost far more than static or live ever did.
#
# </details>
#
# ## Does it hold elsewhere?
#
# We trained live with the article's ranges on 512 images, for 1,500 updates, in twelve pairs. The images are pullovers and coats, or cats and dogs. The networks are the small one and a *ResNet-8*, a small relative of the network that most people use. In which of the four does the policy gain accuracy, and in which does it lose? Write four signs down.

# %% tags=["hide-output"]
from helpers.data import RESULTS
from helpers.stats import paired_interval


def with_half(differences):
    mean, low, high = paired_interval(differences)
    return f"{mean:+.1f} ± {high - mean:.1f}"


tested = pd.read_csv(RESULTS / "lessons/strengths.csv")
accuracy = tested.pivot(
    index=["images", "network", "run"], columns="policy", values="accuracy"
)
gained = accuracy["article"] - accuracy["none"]
gained.groupby(["images", "network"]).agg(with_half).unstack()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Images *and* network decide. A cat may be anywhere in its picture, and a garment in this collection never is. The ResNet gained even from versions that looked like no new garment, perhaps because it learns to ignore place better than one convolution does. So look first, and let the comparison decide.
#
# </details>
#
# **And if you can't be sure?** Leave half of the images unchanged. With the article's ranges on 512 garments the small network then ended 0.4 ± 0.3 points above no augmentation, where plain live lost 14.2.
#
# ## How often may a version come?
#
# Perhaps you can't train live, because another program needs files. How many copies do you order? Work it out first: an epoch shows each image once, so its versions share the epochs.
#
# A labelling service stores your images "3x": each original with two copies. You train for 94 epochs. How often is each of its three versions shown?
#
# <details><summary>Answer</summary>
#
# About 31 times, which is 94 ÷ 3.
#
# </details>
#
# We trained both networks on 512 garments, the ResNet for 94 epochs and the small one for 188, on 1 to 32 copies in place of each image. The figure shows their accuracy minus live's. Its lower axis is *logarithmic*: each step to the right doubles how often a copy comes.

# %%
cost = pd.read_csv(RESULTS / "lessons/what-copies-cost.csv")
copies = cost[cost["method"].str.contains("cop")].copy()
epochs = copies["network"].map({"ResNet": 94, "small network": 188})
copies["times shown"] = epochs / copies["method"].str.split().str[0].astype(int)

# %%
import seaborn as sns


def ends(differences):
    return paired_interval(differences)[1:]


sns.lineplot(
    copies,
    x="times shown",
    y="accuracy minus live",
    style="network",
    markers=True,
    errorbar=ends,
    color="tab:orange",
)
plt.axhline(0, color="tab:blue")
plt.xscale("log", base=2)
plt.xticks([6, 12, 24, 47, 94, 188], [6, 12, 24, 47, 94, 188])
plt.ylabel("accuracy minus live, points")
plt.show()

# %% [markdown]
# A copy *wears out*: the more often it is shown, the better it is memorised. How much that costs depends on the network. One copy and two cost more than no augmentation at all, which lay 1.4 points below live in the small network, and 5.6 in the ResNet.
#
# **Train live. If you must store, keep the originals, and add so many copies that no version is shown more than about ten times.**
#
# Sixteen copies beside the originals, each shown 11 times, were equivalent to live in both networks on 512 images, and in a ResNet on photographs of CIFAR-10. For longer training than that it isn't known, so order more.

# %% [markdown]
# ## Take-away
#
# 1. A policy claims what new images look like. Look before you train, and then compare: a wrong claim can cost more than the choice between static and live.
# 2. A stored copy wears out. Count how often each is shown: epochs ÷ versions of each image.

# %%
# The message, in your own run and in the stored ones.
assert points["quarter"].mean() > points["article"].mean() + 5, (
    "A quarter should be far ahead of the article's ranges on these garments: "
    "look at what `ranges` does with the strength."
)
assert points["quarter"].mean() > -4, (
    "A quarter of the article's ranges should cost little: it may be too strong."
)
means = copies.groupby(["network", "times shown"])["accuracy minus live"].mean()
assert all(line.is_monotonic_decreasing for _, line in means.groupby("network")), (
    "In both networks a copy should cost more, the more often it is shown."
)

# %% [markdown]
# ## Quick questions
#
# 1\. Which verdict does each of these five get? It is a difference in loss, so lower is better, and the margin of 0.02 is grey.

# %%
intervals = {  # mean, and half its width
    "A": (-0.004, 0.010),
    "B": (-0.035, 0.020),
    "C": (0.030, 0.022),
    "D": (-0.012, 0.023),
    "E": (-0.009, 0.006),
}
plt.figure(figsize=(8, 3))
plt.axvspan(-0.02, 0.02, color="0.9")
plt.axvline(0, color="0.5")
for name, (mean, half) in intervals.items():
    plt.errorbar(mean, name, xerr=half, fmt="o", color="tab:blue")
plt.gca().invert_yaxis()
plt.xlabel("difference in loss, first minus second")
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# A is *equivalent*, B *better*, C *worse*, D *undecided* and E *equivalent*. E leaves out zero, but nothing in it would matter. B lies left of zero, so it is better, though the true difference may be tiny.
#
# </details>
#
# <details><summary>2. You keep the originals and train for 200 epochs. No version shall be shown more than ten times. How many copies of each image do you store, at least?</summary>
#
# Nineteen. Twenty versions share 200 epochs, and one of the twenty is the original.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/06_how_strong_how_many.ipynb).

# %% [markdown]
# ### Exercise 1: Only the coats
#
# Coats are rare, somebody says, so only they are augmented. What else could the network learn from that? Train it, with `shown(epoch)` changed so that coats come as live versions and pullovers as they are. Then change all new *pullovers* by the same policy. Of a hundred of these, how many does it call coats?

# %%
from exercises import check
from helpers.model import small_model


def shown(epoch):
    # All garments, so far; y is 1 for a coat.
    return policy(1).version(x, np.arange(128), epoch).numpy()


model = small_model(seed=0)
model.compile("adam", "binary_crossentropy")
# for epoch in range(100):
#     model.fit(shown(epoch), y, batch_size=32, verbose=0)

called_coats = ...  # of a hundred changed new pullovers
check("coats_changed", called_coats)

# %% [markdown]
# ### Exercise 2: What the originals save
#
# `above_live` gives how far the loss of K copies is above live's, in twenty stored pairs on 512 garments. Change it to that of the originals *and* K copies, called `originals+4` for K = 4. Compare it with live that shows the same share of originals: `live-4/5`, where four of five images are augmented. What do the originals save?

# %%
stored = pd.read_csv(RESULTS / "lessons/copies-and-originals.csv")
table = stored.pivot(index="replicate", columns="method", values="val_loss")


def above_live(table, k):
    """Loss minus live's, one difference a replicate."""
    return table[f"copies-{k}"] - table["live"]


for k in (1, 4, 16):
    print(f"{k:2} copies: {above_live(table, k).mean():z.3f} above live")
check("above_live", ...)  # put above_live in place of the dots

# %% [markdown]
# **Next:** you have chosen method, policy and length on garments. What would *your* images say? Write down what you expect, then open [07 Your own images](07_your_own_images.ipynb).
