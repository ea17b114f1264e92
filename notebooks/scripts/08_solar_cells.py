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
# # 08 Solar cells: what a light meter knows
#
# A network looks at photographs of solar cells and says which are defective. Beside it lies a light meter, which knows nothing but how bright a photograph is. You have written down which of the two will be right more often.
#
# **You will** let them compete on one split of the cells, then on four others, and at last against a network that has seen a million photographs. You need lessons [01](01_static_versus_live.ipynb) and [04](04_a_fair_comparison.ipynb), and the package `elpv-dataset`, which the requirements include. **Time:** 17 minutes to read, about one to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## What do you see?
#
# A solar cell under current glows in the infrared, and parts that are broken off from the current stay dark. Experts judged 2,624 photographs, and we take those of which they were sure. A third are defective.
#
# Cells of one module (a panel of many cells) resemble each other, and the data don't say which belong together. So blocks of neighbouring file numbers stay on one side of the split.

# %%
from helpers.data import load_solar_cells

cells, larger = load_solar_cells(), load_solar_cells(96)  # 32 and 96 pixels; sound is 0, defective 1
print(f"{len(cells.y_train):,} training cells, {len(cells.y_val)} validation cells")

# %% tags=["slide"]
import figures
from helpers.plots import caption

sound, defective = [196, 284, 382, 272], [53, 139, 172, 209]  # of the validation cells
rows = {"sound": larger.x_val[sound], "defective": larger.x_val[defective], "at 32 pixels": cells.x_val[defective]}
figures.rows_of_images(rows, alt="Three rows of four solar cells, grey with dark lines across. The sound ones are evenly bright. The defective ones have a black patch, a dark edge with cracks, or a single fine crack. At 32 pixels the dark parts stay and the fine cracks are nearly gone.")
caption("Dead regions are black and cracks are fine. At 32 pixels, as the small network gets them, little is left of the cracks.")

# %% [markdown]
# The photographs are by S. Deitsch and others (*Solar Energy* 185, 2019), licensed CC BY-NC-SA 4.0. You may share this figure with credit and under the same licence, but not sell it.
#
# ## A light meter
#
# Here is a rule without a network: *a dark cell is defective.* How dark is too dark? The meter may look at 512 training cells, the same that the networks will get.

# %%
import numpy as np
from helpers.data import subset


def darkness(images):
    return 1 - images.mean(axis=(1, 2, 3))


def light_meter(data):
    """Which validation cells are called defective."""
    thresholds = np.linspace(0, 1, 201)
    right = [np.mean((darkness(data.x_train) > t) == data.y_train) for t in thresholds]
    return darkness(data.x_val) > thresholds[np.argmax(right)]

# %% [markdown]
# Calling all cells sound is right for 66 % of the validation cells. For how many is the light meter right? Write it down, then unfold.

# %% tags=["hide-output", "slide"]
few = subset(cells, 512)
dark = light_meter(few)
print(f"light meter: right for {np.mean(dark == cells.y_val):.0%} of the validation cells")

# %% [markdown]
# ## Is the network any better?
#
# First a policy. It should turn one possible photograph of a cell into another. Which of these would you allow: flips, quarter turns, small and large rotations, shifts, zoom?
#
# <details><summary>What we answered</summary>
#
# A cell has no up or down, so flips are fine. Its lines run across, so a quarter turn makes a photograph that doesn't come. A program cut the photographs out and straightened them, so a few degrees and a few per cent of shift cover its errors. Nothing explains zoom.
#
# </details>

# %%
from helpers.augment import RandomAffine

ours = RandomAffine(5, 0.05, 0.05, horizontal_flip=True, vertical_flip=True, seed=0)

# %% [markdown]
# Then a length. The small network of lesson 01 is at its best here after about 25 epochs of 512 cells. (After 3,000 updates instead of 400 it is four or five points less accurate.) How accurate will it be, and how many of its answers will be the light meter's?

# %% tags=["hide-output"]
import keras
from helpers.model import small_model


def train(data, *augmentation):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([*augmentation, small_model((32, 32, 1), seed=0)])
    model.compile("adam", "binary_crossentropy")
    model.fit(data.x_train, data.y_train, batch_size=32, epochs=25, verbose=0)
    return model


models = {"no augmentation": train(few), "live": train(few, ours)}
for name, model in models.items():
    says = model.predict(cells.x_val, verbose=0)[:, 0] > 0.5
    right, alike = 100 * np.mean(says == cells.y_val), 100 * np.mean(says == dark)
    print(f"{name}: accuracy ≈ {right:.0f} % (78 to 86), the light meter's answer ≈ {alike:.0f} % (80 to 93)")

# %% [markdown]
# So the network wins, by a few points, though most of its answers are the light meter's. One run proves little, and so we took twenty sets of 512 cells, and trained both networks on each. They were ahead of the light meter that got the same cells, no augmentation by 2.9 points and live by 3.4. Both are *better* by the rule of lesson [04](04_a_fair_comparison.ipynb). Would you publish that?
#
# ## Was that the split?
#
# All twenty were judged by the same validation cells (*our split*). So we held out other cells, four times a quarter of the files, with five runs each.

# %%
import pandas as pd
from helpers.data import load_solar_cells_fold
from helpers.stats import paired_interval
from helpers.data import RESULTS, read_results

stored = pd.concat([read_results(RESULTS / "solar-cells.csv"), read_results(RESULTS / "law.csv")])
stored = stored.query("n == 512 and model == 'small' and policy == 'cells' and 350 <= update <= 500")
splits = {"our split": cells} | {f"quarter {k + 1}": load_solar_cells_fold(k) for k in range(4)}

# %% [markdown]
# On how many of these four is a network *better* than the light meter again? Write it down, then unfold.

# %% tags=["hide-output", "slide"]
rows = []
for name, data in splits.items():
    own = "solar-cells" if name == "our split" else f"solar-cells-without-{int(name[-1]) - 1}"
    accuracy = stored[stored["dataset"] == own].pivot_table("val_accuracy", "replicate", "method")
    meter = [np.mean(light_meter(subset(data, 512, k)) == data.y_val) for k in accuracy.index]
    for method, label in {"none": "no augmentation", "live": "live"}.items():
        rows.append([name, label, *paired_interval(100 * (accuracy[method] - meter))])
figures.points_ahead(pd.DataFrame(rows, columns=["split", "method", "mean", "low", "high"]), "accuracy minus the light meter's, points")
caption("On none of the four other splits is a network better: no interval lies right of zero, and some lie left of it. (The grey band is the margin of one point.)")

# %% [markdown]
# **What twenty runs say of one split, they say of that split alone.** Their intervals cover the luck of training and, in part, of the 512 cells. They don't cover the luck of the split. Quarters hold other modules, too: in the first 62 % of the cells are defective, in the last 12 %.
#
# ## And a network that has seen a million photographs?
#
# EfficientNet-Lite0 learnt ImageNet's thousand classes. We leave it as it is (*frozen*), give it 96 pixels, and take the 1,280 numbers that it makes of each photograph, its *features*. Only one layer is trained on them.

# %%
from keras import layers
from helpers.pretrained import efficientnet_lite0

grey = keras.Input((96, 96, 1))
features = keras.Model(grey, efficientnet_lite0((96, 96, 3))(layers.Concatenate()([grey, grey, grey])))


def pretrained(data):
    """Which validation cells are called defective."""
    keras.utils.set_random_seed(0)
    head = keras.Sequential([layers.Dense(1, activation="sigmoid")])
    head.compile("adam", "binary_crossentropy")
    head.fit(features.predict(data.x_train, verbose=0), data.y_train, epochs=20, verbose=0)
    return head.predict(features.predict(data.x_val, verbose=0), verbose=0)[:, 0] > 0.5

# %% [markdown]
# By how many points will it be ahead of the light meter on our split, and on the four others? Write five numbers down, then unfold.

# %% tags=["hide-output"]
rows = []
for name in splits:
    photographs = larger if name == "our split" else load_solar_cells_fold(int(name[-1]) - 1, 96)
    answers = {"light meter": light_meter(subset(splits[name], 512)), "pretrained": pretrained(subset(photographs, 512))}
    for method, says in answers.items():
        rows.append([name, method, 100 * np.mean(says == photographs.y_val)])

# %% tags=["hide-output"]
import seaborn as sns

run = pd.DataFrame(rows, columns=["split", "method", "accuracy"])
ax = sns.stripplot(run, x="accuracy", y="split", hue="method", palette=["#b8860b", "black"], size=11, jitter=False)
ax.set(xlabel="accuracy on validation cells, %", ylabel="")
ax.grid(axis="y")
ax.legend(title="", loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
caption("Far ahead on the first quarter, far behind on the last.", alt="Dots of accuracy for light meter and pretrained network on five splits. On our split and on quarter 3 they are within a few points. On quarters 1 and 2 the pretrained network is well ahead, on quarter 4 the light meter is.")

# %% [markdown]
# Three people who hold out a quarter each could report that the pretrained network beats the rule by far, is about level with it, or loses by far. Each would be right about that quarter.
#
# So hold out what your network will meet: modules, patients or cameras that it has never seen. Do it several times, and show every split.

# %% [markdown]
# ## In practice and limits
#
# One data set, two networks, and splits by file number. We chose the length of training on our split, and we brought in the light meter after the runs. Don't take from this page that live helps on solar cells, or that it harms.

# %% [markdown]
# ## Take-away
#
# 1. Put a trivial rule beside your network, and give it the same images.
# 2. One split proves nothing, however many runs judge by it.
# 3. Hold out whole groups, more than once, and show every split.

# %%
# The message, in your own run: on one split well ahead of the light meter, on another well behind.
accuracy = run.pivot(index="split", columns="method", values="accuracy")
ahead = accuracy["pretrained"] - accuracy["light meter"]
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

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/08_solar_cells.ipynb).

# %% [markdown]
# ### Exercise 1: The light meter elsewhere
#
# `other` holds out the third quarter of the files. Let the light meter look at *all* training cells of `other`, and put its accuracy on the new ones (a share from 0 to 1) into `right_elsewhere`. Calling all of them sound is right for 81 %. By how much would the light meter gain if its threshold were chosen on the new cells? Guess before you try.

# %%
from exercises import check

other = load_solar_cells_fold(2)
right_elsewhere = ...
check("08.1", right_elsewhere)

# %% [markdown]
# ### Exercise 2: How many cells must be looked at?
#
# A factory inspects its cells, the most suspicious first, until a given share of the defective ones is found. Write `inspected`, which returns the part of all cells that this takes. Predict it for 90 % of the defective validation cells, sorted by `darkness` and by the probabilities that `models["live"].predict` gives. Then call it for both.

# %%
def inspected(suspicion, labels, share):
    hits = labels[np.argsort(-suspicion, kind="stable")]  # 1 where the next cell is defective
    return len(hits) / len(labels)  # all of them; where can one stop?


check("08.2", ...)  # put inspected in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Take the light meter away
#
# In `equal` all cells are equally bright, so the light meter sees nothing. What will live learn from them? Write down what you expect of its accuracy, then train it with `train`. And is there a next trivial rule?

# %%
def equally_bright(images):
    return np.clip(images / (2 * images.mean(axis=(1, 2, 3), keepdims=True)), 0, 1)


equal = cells._replace(x_train=equally_bright(cells.x_train), x_val=equally_bright(cells.x_val))

# %% [markdown]
# **Next:** you have a folder of your own, 128 pictures to train on, and patience for 200 updates. Will live beat no augmentation? And after 3,000 updates? Write both down, then open [09 Your own images](09_your_own_images.ipynb).
