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
# # 05 How strong?
#
# In lesson [03](03_overfitting_curves.ipynb) one of nine runs had too strong a policy. How did that show?
#
# <details><summary>Answer</summary>
#
# It made eight times the updates of another run, and its curves had hardly got further.
#
# </details>
#
# A riddle: with the article's code we trained on 512 garments for 100 epochs. Without augmentation the network was right about 87.7 % of new garments, and live it was 70.2 %. What did that?
#
# **You will** look at a policy before training, and guess a curve. You need lesson [04](04_a_fair_comparison.ipynb). **Time:** 15 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## A policy with one knob
#
# The article turns images by up to 20 degrees, and moves and zooms them by up to a fifth. We multiply that by a *strength*. At strength zero only the flip remains, and a quarter is nearly lesson 01's policy.

# %%
from helpers.augment import RandomAffine


def policy(strength):
    return RandomAffine(
        rotation_range=20 * strength,
        width_shift_range=0.2 * strength,
        height_shift_range=0.2 * strength,
        shear_range=0.2 * strength,
        zoom_range=0.2 * strength,
        horizontal_flip=True,
        seed=0,
    )

# %% [markdown]
# ## What does it claim?
#
# A policy is a *claim*: new images may look like these versions. Move the slider and look at eight versions of a coat.

# %%
import numpy as np
from helpers.data import load_garments, subset
from widgets import how_strong

n = 128
garments = load_garments()
x, y = subset(garments, n)[:2]
pullover, coat = x[14], x[123]

how_strong(policy, coat)

# %% [markdown]
# Below are eight new garments, then four versions each of a pullover and a coat.

# %%
import matplotlib.pyplot as plt

strengths = {"flip": 0, "quarter": 0.25, "half": 0.5, "article": 1}
eight = np.stack([pullover] * 4 + [coat] * 4)
rows = {"new garments": garments.x_val[:8]}
for name, strength in strengths.items():
    # The images, their numbers, and the epoch. Number and epoch decide what is drawn.
    rows[name] = policy(strength).version(eight, np.arange(8), 0)

figure, axes = plt.subplots(5, figsize=(9, 7.5))
for ax, (name, images) in zip(axes, rows.items(), strict=True):
    ax.imshow(np.hstack(images))
    ax.set(title=name, xticks=[], yticks=[])
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
# ## Draw the curve
#
# Now train on 128 garments, without augmentation and live, four replicates of each.

# %%
import pandas as pd
from helpers.compare import compare, summarise


# A run's value is the mean of its evaluations.
settings = {"updates": 400, "replicates": 4, "evaluate_at": [380, 390, 400]}


def accuracies(method, strength):
    runs = compare(garments, [method], policy(strength), n, **settings)
    return 100 * summarise(runs).set_index("replicate")["val_accuracy"]


none = accuracies("none", 0)
live = {strength: accuracies("live", strength) for strength in strengths.values()}
points = pd.DataFrame(live).sub(none, axis=0)

# %% [markdown]
# By how many points will live end above or below no augmentation, at each of the four strengths? Thin in the figure is a replicate, thick the mean, and dotted your guess.

# %%
guess = None  # four numbers, such as [1, 2, 3, 4]

# %% tags=["hide-output", "trained"]
plt.axhline(0, color="0.5")
plt.plot(points.T, color="0.7", linewidth=1)
plt.plot(points.mean(), color="C0", marker="o")
if guess is not None:
    plt.plot(points.columns, guess, color="black", linestyle=":")
plt.xticks(points.columns, strengths)
plt.ylabel("live minus none, points")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Up to a quarter live is about level with none. Lesson 01's policy is about a quarter, and was ahead there, after longer training. Then the curve falls, and in twenty such pairs the article's ranges cost 13.4 points, perhaps because the last layer expects each feature at a fixed place.
#
# So in this network the policy did it.
#
# Which strength is best depends on the measure. In the twenty pairs the flip was 0.8 points more accurate than lesson 01's policy, which had the lower loss.
#
# </details>
#
# ## Does it hold elsewhere?
#
# We trained live on 512 images of three sources: pullovers and coats, cats and dogs, and photographs of solar cells, sound or defective. A ResNet-8 had the first two, and the small network all three. In which of these five does the article's policy gain accuracy on no augmentation, in which does it lose, and in which can't we tell, after 1,500 updates? Write down five signs.
#
# The table has accuracy on new images after 1,500 or 4,500 updates. ± is half a 95 % interval over twelve runs. A dash was not run. The runs on solar cells were tested on different parts of them, so their ± is wide.

# %% tags=["hide-output"]
import figures
from helpers.data import RESULTS
from helpers.plots import show_table

tested = pd.read_csv(RESULTS / "lessons/05-strengths.csv")
table = figures.accuracies(tested, ["images", "network", "updates"], "policy")
show_table(table[["none", *strengths]])

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# The images decide which strength is too strong, and the network with them. In the small network the policy that cost 16.9 points on pullovers and coats gained 4.5 on cats and dogs, perhaps because a cat may be anywhere in its picture. On solar cells its gain of 6.3 ± 7.8 points in paired runs is undecided. Always saying *sound* is right about 68.5 %, on average over these parts.
#
# The ResNet gained on both, 5.2 ± 1.6 points on pullovers and coats, and 9.2 ± 1.6 on cats and dogs, each method at the length that validation images chose. At all other lengths it gained, too. So it gains even from versions that looked like no new garment, perhaps because it learns to ignore place better than one convolution does. Looking is a beginning, and the comparison decides.
#
# In the ResNet a quarter, a half and the whole lie within a point of each other, and at least 2.6 above the flip.
#
# </details>
#
# ## And if you can't be sure?
#
# Try two strengths, or leave half of the images unchanged, or keep the originals beside stored copies. We tried the last two, with the article's ranges on 512 garments.
#
# <details><summary>By how many points is each above or below no augmentation? Guess, then open.</summary>
#
# | small network, 3,000 updates | points from none |
# | --- | --- |
# | live, half of the images unchanged | +0.4 ± 0.3 |
# | originals beside four copies | −2.4 ± 0.4 |
# | live | −14.2 ± 1.0 |
# | four copies in place of the originals | −17.3 ± 1.2 |
#
# Half of the images unchanged costs nothing, and the originals beside copies leave a small part of the cost. Live was 3.1 points ahead of four copies, at equal length.
#
# </details>
#
# ## In practice and limits
#
# All of this is of small networks on few images, trained for different lengths.

# %% [markdown]
# ## Take-away
#
# 1. A policy claims what new images look like. Look before you train, and then compare.
# 2. A wrong claim can cost more than the choice between static and live. Images, network and length decide what is too strong.
# 3. In doubt try two strengths, or leave half of the images unchanged. Loss may prefer mild changes where accuracy prefers the flip.

# %%
# The message, in your own run.
assert points[0.25].mean() > points[1].mean() + 5, (
    "A quarter should be far ahead of the article's ranges on these garments: "
    "look at what `policy` does with the strength."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You train on scans, and new images will come from telephones that are held by hand. Is a turn of 20 degrees a wrong claim?</summary>
#
# Not if new images are turned as much. A policy claims something about *new* images, so look at some of those, and not only at the scans.
#
# </details>
#
# <details><summary>2. With your policy `fit` reports a training accuracy of 75 %, and validation has 88 %. Is the policy too strong?</summary>
#
# That can't be seen from these two, because the training images are augmented. Train once without augmentation, and compare both on new images.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/05_how_strong.ipynb).

# %% [markdown]
# ### Exercise 1: How far from your images?
#
# *Affinity* is the accuracy of a network that was trained without augmentation on *changed* new images, divided by that on new images as they are ([Gontijo-Lopes and others](https://arxiv.org/abs/2002.08973), 2021). It falls as a policy leads away from your images. Compute it in three lines for the article's policy. Then put in a policy of your own.

# %%
from exercises import check
from helpers.model import small_model

model = small_model(seed=0)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=32, epochs=100, verbose=0)

new_x, new_y = garments.x_val, garments.y_val
affinity = ...  # of policy(1)
check("05.1", affinity)

# %% [markdown]
# ### Exercise 2: Only the coats
#
# Coats are rare, somebody says, so only they are augmented. What else could the network learn from that? Train it, with `shown(epoch)` changed so that coats come as live versions and pullovers as they are. Then change all new *pullovers* by the same policy. Of a hundred of these, how many does it call coats?

# %%
def shown(epoch):
    # All garments, so far; y is 1 for a coat.
    return policy(1).version(x, np.arange(n), epoch).numpy()


model = small_model(seed=0)
model.compile("adam", "binary_crossentropy")
# for epoch in range(100):
#     model.fit(shown(epoch), y, batch_size=32, verbose=0)

called_coats = ...  # of a hundred changed new pullovers
check("05.2", called_coats)

# %% [markdown]
# **Next:** you have chosen a policy, but must store copies and can't train live. How many do you order? Write a number down, then open [06 How many copies?](06_how_many_copies.ipynb).
