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
# # 07 Your own images
#
# You bring a folder of images, and leave with two sentences about them that someone else could check.
#
# <details><summary>From lesson 04: somebody augmented first and split afterwards. What did that validation accuracy measure?</summary>
#
# How well the network remembered. Copies of the same originals stood on both sides of the split.
#
# </details>
#
# **You will** plan, run and report one fair comparison. You need lessons [04](04_when_live_is_not_live.ipynb) to [06](06_how_strong_how_many.ipynb), and images of two classes, about 400 and more of each. **Time:** 32 minutes, half of it for the exercises. It runs in about one on garments. Then change the lines marked `# yours`.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## 1. The folder
#
# Your folder holds one for each class. The first by name is class 0, so ours are `0 pullover` and `1 coat`. First move a fifth to a second such folder, your test set, and don't look at it. Of the rest a quarter is kept for validation.
#
# Files of one leaf, patient or camera must stay on one side of the split, or the validation set rewards memory. Files with the same `group` stay together.

# %%
from helpers.folder import example_folder, load_image_folder


def group(path):  # yours: path.name.split("_")[0] for leaf7_2.jpg, not for IMG_0412.jpg
    return path  # each garment is a group of its own


folder = example_folder()  # yours, such as "~/images/leaves"
size, channels = 28, 1  # yours: pixels, and 3 for colours
data = load_image_folder(folder, size=size, channels=channels, group=group)
print(f"{len(data.x_train):,} images to train on, {len(data.x_val)} for validation")

# %% [markdown]
# Keras's `image_dataset_from_directory` reads such a folder, too, and larger ones than fit into memory. It knows no groups, leaves photographs of telephones on their side, and skips `.webp` and `.tif` silently.
#
# ## 2. A trivial rule
#
# How often is the larger class right? And a rule that calls every image class 1 that is brighter than average? Your network should beat both.

# %%
import numpy as np

brighter = data.x_val.mean(axis=(1, 2, 3)) > data.x_train.mean()
right = np.mean(brighter == data.y_val)
right = max(right, 1 - right)  # if it is mostly wrong, take its opposite
print(f"class 1: {data.y_val.mean():.0%}, by brightness: {right:.0%}")

# %% [markdown]
# ## 3. What does one split say?
#
# We cut photographs of solar cells, sound or defective, into four quarters, and held each out in turn. Live minus no augmentation, with the paired interval of five pairs and the margin of one point in grey:

# %%
import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from helpers.data import RESULTS
from helpers.stats import paired_interval

cells = pd.read_csv(RESULTS / "lessons/four-quarters.csv")
quarters = cells.pivot(index=["split", "run"], columns="method", values="accuracy")
quarters["points"] = quarters["live"] - quarters["no augmentation"]


def ends(differences):
    return paired_interval(differences)[1:]


plt.axvspan(-1, 1, color="0.9")
sns.pointplot(
    quarters, x="points", y="split", errorbar=ends, linestyle="none", color="tab:blue"
)
plt.xlabel("live minus no augmentation, points")
plt.show()

# %% [markdown]
# Four people who held out a quarter each would report *better*, *worse*, *undecided* and *equivalent*. No interval covers the luck of the split, so hold out other groups, too, and show every split: let `group` return a number as well, such as `return 2, path`. Each number draws another split.
#
# ## 4. How long?
#
# Here are twenty stored pairs on 128 garments. You see live minus no augmentation, and live minus one copy, in points, after so many updates. Which line starts below zero, and where does it end? Draw both, then unfold.

# %% tags=["hide-output"]
length = pd.read_csv(RESULTS / "lessons/length.csv")
table = length.pivot(index=["update", "run"], columns="method", values="accuracy")
plt.axhspan(-1, 1, color="0.9")
for other, color in {"no augmentation": "0.4", "1 copy": "tab:orange"}.items():
    points = (table["live"] - table[other]).rename("points").reset_index()
    sns.lineplot(
        points, x="update", y="points", errorbar=ends, color=color, label=other
    )
plt.xlabel("gradient updates")
plt.ylabel("live minus …, points")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Augmentation costs training time before it pays. At 200 updates live is 2.3 points behind no augmentation. After 1,000 it is 1.7 ahead, and after 2,000 it stays at about 2.5.
#
# </details>
#
# So plan at least 1,000 updates with 128 small images. With more images or a larger network, plan so many that training longer changes your accuracy by less than the margin: 3,000 updates in most of our runs.
#
# ## 5. The plan, before the first run

# %%
plan = {  # yours, from the first line to the last
    "question": "Does live beat no augmentation?",
    "groups": "by file: no two garments are the same",
    "policy": {  # the arguments of RandomAffine
        "rotation_range": 5,  # degrees
        "width_shift_range": 0.05,
        "height_shift_range": 0.05,
        "zoom_range": 0.05,
        "horizontal_flip": True,
    },
    "why each label stays true": "a flipped coat is still a coat",
    "expected of live": None,  # such as "better"
    # images a run (a multiple of 32), gradient updates, pairs of runs
    "runs": {"n": 128, "updates": 1000, "replicates": 6},
    "margin": 1,  # points of validation accuracy
    "why this margin": "one in a hundred would change no decision",
}

# %% [markdown]
# Commit this page or send it to somebody before you go on, and report every later change.
#
# Here are six images of each class as the network gets them, and six versions of one. Can you tell the classes apart, and could each version be a new image? If not, change size or policy.

# %%
import figures
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
# the images of class 0 come first
rows = {"class 0": data.x_train[:6], "class 1": data.x_train[-6:]}
rows["versions"] = policy(np.repeat(data.x_train[:1], 6, axis=0), training=True)
figures.rows_of_images(rows)
plt.show()

# %% [markdown]
# Let the check-up of lesson 04 read your images as training will. An empty list means that it found nothing.

# %%
from augcheck import check_pipeline

train = (data.x_train, data.y_train)
validation = (data.x_val, data.y_val)
print(check_pipeline(train, validation, augment=policy).found)

# %% [markdown]
# ## 6. The runs

# %% tags=["nbval-ignore-output"]
from helpers.compare import compare


def none(epoch):
    return None


def live(epoch):
    return epoch


methods = {"no augmentation": none, "live": live}
runs = compare(data, methods, plan["policy"], **plan["runs"], evaluate_at=[950, 1000])

# %% [markdown]
# By how many points is live ahead? Write a number down. Then unfold the figure, a dot a pair, with mean, interval and verdict.

# %% tags=["hide-output", "nbval-ignore-output"]
from helpers.stats import verdict

means = runs.groupby(["replicate", "method"])["val_accuracy"].mean().unstack()
gained = 100 * (means["live"] - means["no augmentation"])
found = verdict(paired_interval(gained), plan["margin"], lower_is_better=False)

plt.figure(figsize=(8, 1.8))
plt.axvspan(-plan["margin"], plan["margin"], color="0.9")
sns.stripplot(x=gained, color="0.6", jitter=False)
sns.pointplot(x=gained, errorbar=ends, color="tab:blue")
plt.xlabel(f"live minus no augmentation, points: {found}")
plt.show()

# %% [markdown]
# <details><summary>What would you report? One sentence, then open.</summary>
#
# Undecided, and the interval. There are only 350 garments for validation, against 2,000 in the figure above, so the pairs scatter more. *Undecided* isn't *no difference*: plan more pairs, or hold out more.
#
# </details>
#
# ## 7. The report, one page
#
# | part | what it says |
# | --- | --- |
# | Plan | question and all, with its date |
# | Images | source, licence, numbers of each class and group, trivial rules |
# | Pipeline | what the check-up found, and what you did |
# | Result | the figure, and its point |
# | What I can say | two sentences, such as “Live was … points ahead of no augmentation (… to …), which is *better*” |
# | Where I was wrong | expected and found |
# | Limits | split, network, length, shared images |
#
# What you changed after a look at the validation images may fit only these. So put your test set in their place, once, at the very end.
#
# ## Take-away
#
# > Write the question, the groups, the length and the margin down before the first run. Then your two sentences can be checked.

# %%
# What makes the comparison fair: all methods made the planned updates.
made = runs.groupby(["method", "replicate"])["update"].max()
assert set(made) == {plan["runs"]["updates"]}, (
    "Some run made fewer updates than planned, so the comparison is unfair."
)
# On garments. On your own images this may be otherwise: delete it.
assert gained.any(), "Live shows what no augmentation shows: look at `live`."
assert gained.mean() > -3, (
    "After 1,000 updates live should not be far behind no augmentation: "
    "look at the policy, and at what `live` shows."
)

# %% [markdown]
# ## Ten questions of the whole course
#
# 1. What do static and live augmentation differ in?
# 2. You train on one copy in place of each image, or without augmentation. Which is better on new images?
# 3. Is a batch more diverse live than from a store?
# 4. Which curve tells memorising from learning?
# 5. The loss rises and the accuracy stays. What has happened?
# 6. Where does `cache()` go?
# 7. Somebody compares ten passes over eight copies with ten epochs live. What is wrong?
# 8. Two scripts differ by three points. What do you ask first?
# 9. How strong may a policy be, and how do you find out?
# 10. You have 300 photographs and a pretrained network. What do you do?
#
# <details><summary>Ten answers</summary>
#
# 1. Static versions are drawn once and come again, live ones are drawn anew each time ([01](01_static_versus_live.ipynb)).
# 2. Mostly no augmentation: the copy is memorised, and it isn't even an image as they come ([01](01_static_versus_live.ipynb)).
# 3. No. A batch is as diverse either way, and only the next epoch tells ([02](02_diversity_within_a_batch.ipynb)).
# 4. Loss and accuracy on new images. The training curve rewards memorising, too ([03](03_overfitting_curves.ipynb)).
# 5. The network has become over-confident ([03](03_overfitting_curves.ipynb)).
# 6. Before everything random. Behind it, the first epoch's versions come again, and live becomes one copy ([04](04_when_live_is_not_live.ipynb)).
# 7. The passes are eighty epochs of training. Compare at equal gradient updates ([05](05_a_fair_comparison.ipynb)).
# 8. Did both make the same number of gradient updates, and how many pairs of runs are behind it ([05](05_a_fair_comparison.ipynb))?
# 9. Images and network decide. Look at its versions, then compare two strengths with no augmentation ([06](06_how_strong_how_many.ipynb)).
# 10. Hold out whole groups, fine-tune at a small learning rate, and compare live with no augmentation in pairs (exercise 2).
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/07_your_own_images.ipynb).

# %% [markdown]
# ### Exercise 1: Which files belong together?
#
# Photographs of leaves are called `leaf7_2.jpg`: plant 7, second photograph. A camera took some twice, as `leaf7_2 (1).jpg`. Write `group_of`, which takes a path and returns the same for all photographs of a plant, and another value for each other plant.

# %%
from exercises import check


def group_of(path):
    return path.name[:5]


check("groups", ...)  # put group_of in place of the dots when it is ready

# %% [markdown]
# ### Exercise 2: Fine-tuning
#
# For few photographs most people *fine-tune*: they take a network that has learnt from a million photographs, and train it on. `compare` takes such a network in place of the small one, with photographs of 96 pixels from 0 to 1 and `updates` for about 40 epochs. The first call downloads its weights (24 MB).
#
# ```python
# import keras
#
# def fine_tuned(input_shape, seed):
#     keras.utils.set_random_seed(seed)
#     trained = keras.applications.EfficientNetV2B0(
#         include_top=False, pooling="avg", input_shape=input_shape
#     )
#     model = keras.Sequential(
#         [keras.layers.Rescaling(255), trained, keras.layers.Dense(1, "sigmoid")]
#     )
#     adam = keras.optimizers.Adam(1e-4)
#     model.compile(adam, "binary_crossentropy", metrics=["accuracy"])
#     return model  # compare(..., build=fine_tuned)
# ```
#
# We fine-tuned a relative of it on photographs of hands and on enlarged images of CIFAR-10, in pairs. Which verdict does live get against no augmentation on each, with a margin of one point? And what would you do with 300 photographs of your own?

# %%
pairs = pd.read_csv(RESULTS / "lessons/fine-tuning.csv")
by_method = pairs.groupby(["images", "method"])["accuracy"].mean().unstack()
print(by_method.round(1))

answer = {"hands": None, "CIFAR-10": None}  # such as "worse"
check("fine_tuning", answer)
