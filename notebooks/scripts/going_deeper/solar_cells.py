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
# # Solar cells: what a light meter knows
#
# A network looks at photographs of solar cells and says which are defective. Beside it lies a light meter, which knows nothing but how bright a photograph is. Which of the two will be right more often? Write it down.
#
# **You will** let them compete on one split of the cells and on four others, and then send in a network that has seen a million photographs. You need lessons [01](../01_static_versus_live.ipynb) and [04](../04_a_fair_comparison.ipynb), and the package `elpv-dataset`, which the requirements include. **Time:** 17 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## What do you see?
#
# A solar cell under current glows in the infrared, and its broken parts stay dark. Experts judged 2,624 photographs, and we take those of which they were sure. A third are defective.
#
# Cells of one *module*, which is a panel of many cells, resemble each other. The data don't say which belong together, so whole blocks of neighbouring file numbers stay on one side of the split.

# %%
from helpers.data import load_solar_cells

cells = load_solar_cells()  # sound is 0, defective is 1
larger = load_solar_cells(96)  # the same cells, 96 pixels wide and not 32
print(f"{len(cells.y_train):,} training cells,", f"{len(cells.y_val)} validation cells")

# %% [markdown]
# In the figure are four sound cells, four defective ones, and the defective ones again as a small network gets them, at 32 pixels.

# %%
import figures
import matplotlib.pyplot as plt

sound, defective = [196, 284, 382, 272], [53, 139, 172, 209]
rows = {
    "sound": larger.x_val[sound],
    "defective": larger.x_val[defective],
    "at 32 pixels": cells.x_val[defective],
}
figures.rows_of_images(rows)
plt.show()

# %% [markdown]
# Dead regions are black and cracks are fine. At 32 pixels little is left of the cracks.
#
# The photographs are by S. Deitsch and others (*Solar Energy* 185, 2019), under CC BY-NC-SA 4.0. You may share this figure with credit and under the same licence, but not sell it.
#
# ## A light meter
#
# Here is a rule without a network: *a dark cell is defective.* How dark is too dark? The meter chooses on 512 training cells, the same that a network will get.

# %%
import numpy as np
from helpers.data import subset


def darkness(images):
    return 1 - images.mean(axis=(1, 2, 3))


def light_meter(data):
    """Which validation cells are called defective."""
    dark = darkness(data.x_train)
    thresholds = np.linspace(0, 1, 201)
    right = [np.mean((dark > t) == data.y_train) for t in thresholds]
    return darkness(data.x_val) > thresholds[np.argmax(right)]


# %% [markdown]
# Calling all cells sound is right for 66 % of the validation cells. For how many is the light meter right? Write it down, then unfold.

# %% tags=["hide-output"]
few = subset(cells, 512)
right = np.mean(light_meter(few) == cells.y_val)
print("right for how many of the validation cells:")
print(f"light meter {right:.0%}")

# %% [markdown]
# <details><summary>How good is that? One sentence, then open.</summary>
#
# It is right for four cells in five, because dark cells are more often defective. It knows nothing of cracks. That is what a network has to beat.
#
# </details>

# %% [markdown]
# ## And a network?
#
# We trained the small network of lesson 01 on twenty sets of 512 cells, and stopped where it is about at its best. On average it beat the light meter that got the same cells, without augmentation by 2.9 points and live by 3.4. Both are *better* by the rule of lesson [04](../04_a_fair_comparison.ipynb). Would you publish it?
#
# ## Was that the split?
#
# All twenty were judged by the same validation cells, which we call *our split*, and by which we had chosen the length of training, too. So we divided the files into four quarters, in their order, and held out one after the other, with five runs each.

# %%
import pandas as pd
from helpers.data import RESULTS, load_solar_cells_fold

quarters = {f"quarter {k + 1}": load_solar_cells_fold(k) for k in range(4)}
splits = {"our split": cells} | quarters
runs = pd.read_csv(RESULTS / "lessons/solar-cells-splits.csv")
runs = runs.pivot_table("accuracy", ["split", "run"], "method", sort=False)

# %%
meter = []
for split, run in runs.index:
    says = light_meter(subset(splits[split], 512, run))
    meter.append(100 * np.mean(says == splits[split].y_val))
runs["light meter"] = meter

# %% [markdown]
# On how many of the four quarters is a network *better* than the light meter again? Write it down, then unfold.
#
# The figure has a row for each split, with accuracy minus the light meter’s and its interval. The margin of one point is grey.

# %% tags=["hide-output"]
figures.ahead_of("light meter", runs)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# On none of the four quarters is a network *better*. None of their intervals lies right of zero, and some lie left of it.
#
# **What twenty runs say of one split, they say of that split alone.** Their intervals cover the luck of training, and in part that of the 512 cells. They don't cover the luck of the split. The quarters differ, too: in the first 62 % of the cells are defective, in the last 12 %. In the first, one answer for all cells is right more often than the light meter.
#
# </details>

# %% [markdown]
# ## And a network that has seen a million photographs?
#
# EfficientNet-Lite0 learnt to distinguish ImageNet's thousand classes. We leave it as it is, and take the 1,280 numbers that it makes of a photograph before it names a class. They are its *features*. Each cell lies in one of the quarters, so we need its features only once.

# %%
import keras
from helpers.model import efficientnet_lite0
from keras import layers

grey = keras.Input((96, 96, 1))
colour = layers.Concatenate()([grey, grey, grey])  # as ImageNet is
body = efficientnet_lite0((96, 96, 3))
images = [load_solar_cells_fold(k, 96).x_val for k in range(4)]
features = keras.Model(grey, body(colour)).predict(np.concatenate(images), verbose=0)
quarter = np.repeat(list(quarters), [len(part) for part in images])


# %% [markdown]
# We train one layer on the features of 512 cells from the other three quarters. The light meter gets the same cells.

# %%
def last_layer(data):
    """Which validation cells are called defective."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential([layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(data.x_train, data.y_train, epochs=20, verbose=0)
    return model.predict(data.x_val, verbose=0)[:, 0] > 0.5


# %%
accuracy = pd.DataFrame(index=["light meter", "pretrained network"])
for name, data in quarters.items():
    new = quarter == name
    seen = data._replace(x_train=features[~new], x_val=features[new])
    answers = light_meter(subset(data, 512)), last_layer(subset(seen, 512))
    accuracy[name] = [100 * np.mean(one == data.y_val) for one in answers]

# %% [markdown]
# By how many points will the network be ahead of the light meter in each quarter? Write four numbers down, then unfold.
#
# The figure has the accuracy of both in each quarter, and so has the table below it.

# %% tags=["hide-output"]
from helpers.plots import show_table

ax = accuracy.T.plot(style="o", markersize=12, color=["#b8860b", "black"])
ax.set(ylabel="accuracy, %", xlim=(-0.5, 3.5), ylim=(50, 95))
plt.show()
show_table(accuracy.rename_axis("accuracy, %"), approximate=True, digits=0)

# %% [markdown]
# <details><summary>What would you report? One sentence, then open.</summary>
#
# The network is far ahead in the first quarter, and far behind in the last. Four people who hold out a quarter each would report that the pretrained network wins by far, wins, nearly draws, or loses by far. Each would tell the truth, about one quarter and one run.
#
# </details>

# %% [markdown]
# So hold out what your network will meet: modules, patients or cameras that it has never seen. Do it several times, and show every split.
#
# ## In practice and limits
#
# One data set, two networks, and splits by file number. We brought in the light meter after the runs. This page doesn't say whether live helps on solar cells.

# %% [markdown]
# ## Take-away
#
# 1. Put a trivial rule beside your network, and give it the same images.
# 2. One split speaks for itself alone, however many runs judge by it.
# 3. Hold out whole groups, more than once, and show every split.

# %%
# The message, in your own run: far ahead on one split, far behind on one.
ahead = accuracy.loc["pretrained network"] - accuracy.loc["light meter"]
assert ahead.max() > 5 and ahead.min() < -3, (
    "One split should put the network 5 points ahead of the light meter "
    "and another 3 behind: the runs or the splits are others."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Your network is right for 82 % of the cells. Is that good?</summary>
#
# You can't say before you have a trivial rule beside it. Calling all cells sound is right for 66 %, and calling the dark ones defective for 80 %.
#
# </details>
#
# <details><summary>2. How would you split cells if you knew their modules?</summary>
#
# By module: all cells of one module on one side. Then a network can't score by recognising a module.
#
# </details>
#
# <details><summary>3. A policy should turn one possible photograph of a cell into another. Which changes would you allow?</summary>
#
# Flips, because a cell has no up or down. Rotations by a few degrees and shifts by a few per cent, because a program cut the photographs out and straightened them, and it errs. A quarter turn makes a photograph that doesn't come, since the lines of a cell run across. No zoom, because all cells are equally large.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](../solutions/solar_cells.ipynb).

# %% [markdown]
# ### Exercise 1: The light meter elsewhere
#
# `other` holds out the third quarter of the files. Let the light meter look at *all* training cells of `other`, and put its accuracy on the new ones (a share from 0 to 1) into `right_elsewhere`. Calling all of them sound is right for 81 %. By how much would the light meter gain if its threshold were chosen on the new cells? Guess before you try.

# %%
from exercises import check

other = load_solar_cells_fold(2)
right_elsewhere = ...
check("cells.1", right_elsewhere)

# %% [markdown]
# ### Exercise 2: How many cells must be looked at?
#
# A factory inspects its cells, the most suspicious first, until a given share of the defective ones is found. Write `inspected`, which returns the part of all cells that this takes. Predict it for 90 % of the defective validation cells of `cells`, sorted by `darkness` and by the probabilities of a small network, `train(few).predict(cells.x_val)[:, 0]`. Then call it for both.

# %%
from helpers.augment import RandomAffine
from helpers.model import small_model


def train(data):
    keras.utils.set_random_seed(0)
    flips = {"horizontal_flip": True, "vertical_flip": True}
    augment = RandomAffine(5, 0.05, 0.05, **flips, seed=0)
    model = keras.Sequential([augment, small_model((32, 32, 1), seed=0)])
    model.compile("adam", "binary_crossentropy")
    model.fit(data.x_train, data.y_train, epochs=25, verbose=0)
    return model


# %%
def inspected(suspicion, labels, share):
    order = np.argsort(-suspicion, kind="stable")
    hits = labels[order]  # 1 where the next cell is defective
    return len(hits) / len(labels)  # all of them; where can one stop?


check("cells.2", ...)  # put inspected in place of the dots when it is ready


# %% [markdown]
# ### Exercise 3: Take the light meter away
#
# In `equal` all cells are nearly equally bright, so the light meter sees hardly anything. What will the small network learn from them? Write down what you expect of its accuracy, then train it with `train` on 512 cells. And is there a next trivial rule?

# %%
def equally_bright(images):
    means = images.mean(axis=(1, 2, 3), keepdims=True)
    return np.clip(images / (2 * means), 0, 1)


equal = cells._replace(
    x_train=equally_bright(cells.x_train),
    x_val=equally_bright(cells.x_val),
)

# %% [markdown]
# **Next:** you have a folder of your own, 128 images to train on, and patience for 200 updates. Will live beat no augmentation? And after 3,000 updates? Write both down, then open [09 Your own images](../09_your_own_images.ipynb).
