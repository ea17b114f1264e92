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
# # 09 Your own images
#
# In lesson [07](07_when_live_is_not_live.ipynb) somebody augmented first and split afterwards. What did that validation accuracy measure?
#
# <details><summary>Answer</summary>
#
# How well the network remembered. Copies of the same originals stood on both sides of the split.
#
# </details>
#
# You bring a folder of images, and leave with two sentences about them that someone else could check.
#
# **You will** plan, run and report one fair comparison. You need lessons [04](04_a_fair_comparison.ipynb) to [07](07_when_live_is_not_live.ipynb), and 400 images or more of two classes, better a thousand. **Time:** 21 minutes to read and about one to run as it stands, then an evening with your own images.
#
# As it stands, the page runs on garments. Then change the lines marked `# yours`.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## 1. Which network?
#
# Begin with the small network of lesson 01, which starts from nothing and takes minutes. For photographs, most people *fine-tune*: they take a network that has learnt from other images, and train it on. Ours is EfficientNet-Lite0, which has seen ImageNet's million photographs. Its learning rate is 0.0001, a tenth of Adam's usual one, so that it doesn't forget them. Training takes an hour or two on a processor.

# %%
import keras
from helpers.model import small_model
from helpers.pretrained import efficientnet_lite0
from keras import layers


def fine_tuned(input_shape, seed):
    start = keras.initializers.GlorotUniform(seed)  # of the last layer
    model = keras.Sequential(
        [
            efficientnet_lite0(input_shape),  # its batch norm stays as it is
            layers.Dense(1, activation="sigmoid", kernel_initializer=start),
        ]
    )
    model.compile(keras.optimizers.Adam(0.0001), "binary_crossentropy")
    return model

# %% [markdown]
# Here is what live gained in three such comparisons, with half of a 95 % interval.
#
# | images, ten classes | without augmentation | live minus none, points |
# | --- | --- | --- |
# | 128 photographs of hands | 86.8 % | 3.7 ± 1.5, better |
# | 256 photographs of clothes | 71.4 % | 2.3 ± 1.2, better |
# | 256 of CIFAR-10, enlarged | 63.2 % | 2.0 ± 2.2, undecided |
#
# Clothes are one of [29 verdicts](../docs/results.md#photographs-fine-tuned), and don't survive a correction for so many. So compare.
#
# Choose here. The two numbers are the width of an image in pixels, and its channels.

# %%
network, size, channels = small_model, 28, 1  # yours: fine_tuned, 96, 3

# %% [markdown]
# ## 2. The folder
#
# One folder, and in it a folder for each of two classes. The first by its name is class 0, so ours are called `0 pullover` and `1 coat`. A quarter is kept for validation. Move a test set, which you open once, elsewhere first.
#
# Files of one leaf, patient or camera must stay on one side, or the network is tested on what it has trained on. Only you know which they are: files with the same `group` stay together.

# %%
from helpers.folder import example_folder, load_image_folder


def group(path):  # yours, such as path.name.split("_")[0] for leaf7_2.jpg
    return path  # each garment is a group of its own


folder = example_folder()  # yours, such as "~/images/leaves"
data = load_image_folder(folder, size, channels, group=group)
print(f"{len(data.x_train):,} images to train on, {len(data.x_val)} for validation")

# %% [markdown]
# Here are six of each class, as the network gets them. Can you still distinguish the classes?

# %%
import figures
import matplotlib.pyplot as plt

class_0 = data.x_train[data.y_train == 0]
class_1 = data.x_train[data.y_train == 1]
figures.rows_of_images({"class 0": class_0[:6], "class 1": class_1[:6]})
plt.show()

# %% [markdown]
# ## 3. A trivial rule
#
# How accurate is calling everything by the larger class? And a *light meter*, which knows only how bright an image is, and calls it by the class that is about as bright?

# %%
import numpy as np

light = data.x_val.mean(axis=(1, 2, 3))
says = np.abs(light - class_1.mean()) < np.abs(light - class_0.mean())
right = np.mean(says == data.y_val)
larger = np.bincount(data.y_val).max() / len(data.y_val)
print(f"larger class {larger:.0%}, light meter {right:.0%}")

# %% [markdown]
# ## 4. What does one split say?
#
# We cut photographs of solar cells, sound or defective, into four quarters, and held each out in turn. The figure shows live minus no augmentation of the small network in five pairs of runs each, with the interval, and in twenty on our first split. The margin of one point is grey.

# %%
import pandas as pd
import seaborn as sns
from helpers.data import RESULTS
from helpers.stats import paired_interval


def ends(points):
    return paired_interval(points)[1:]


cells = pd.read_csv(RESULTS / "lessons/solar-cells-splits.csv")
cells = cells.pivot_table("accuracy", ["split", "run"], "method", sort=False)
points = (cells["live"] - cells["no augmentation"]).rename("points").reset_index()
sns.pointplot(points, x="points", y="split", linestyle="none", errorbar=ends)
plt.axvspan(-1, 1, color="0.92", zorder=0)
plt.gca().set(xlabel="accuracy: live minus no augmentation, points", ylabel="")
plt.show()

# %% [markdown]
# Four people with a quarter each would report that live is better, worse, undecided and equivalent. An interval covers the luck of training, and not that of the split. So hold out other groups a second time if you can, and show every split. [Solar cells](going_deeper/solar_cells.ipynb) has the photographs.
#
# ## 5. The plan, before the first run
#
# Fill it in before you train anything. In code, `none` is no augmentation, and `copies-1` is 1 copy in place of each image. You may add `originals+4`, the originals with four copies.

# %%
plan = {  # yours, from the first line to the last
    "question": "Does live beat no augmentation, or 1 copy?",
    "groups": "by file: no two garments are the same",
    "policy": {
        "rotation_range": 5,
        "width_shift_range": 0.05,
        "height_shift_range": 0.05,
        "zoom_range": 0.05,
        "horizontal_flip": True,
    },
    "why each label stays true": "a flipped coat is still a coat",
    "expected of live": {"none": "undecided", "copies-1": "better"},
    "images": 128,  # of each run; a multiple of 32
    "updates": 200,  # for show; yours: 3,000, or 160 to fine-tune
    "replicates": 8,  # pairs of runs
    "margin": 1,  # points of validation accuracy
    "why this margin": "one in a hundred would change no decision",
}

# %% [markdown]
# Commit this page, or send the plan to somebody, before you go on. If you change it later, your report says so, and why.
#
# Below is one image in six versions. Could each be a new image of its class? If not, change the policy.

# %%
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
six = np.repeat(class_0[:1], 6, axis=0)
figures.rows_of_images({"versions": policy(six, training=True).numpy()})
plt.show()

# %% [markdown]
# ## 6. The check-up
#
# Let the check-up read a pipeline that makes batches as `compare` does.

# %%
import tensorflow as tf
from augcheck import check_pipeline

pipeline = tf.data.Dataset.from_tensor_slices((data.x_train, data.y_train))
pipeline = pipeline.shuffle(len(data.x_train)).batch(32)
pipeline = pipeline.map(lambda x, y: (policy(x, training=True), y))
report = check_pipeline(pipeline, (data.x_val, data.y_val), augment=policy)
print("found:", report.found)

# %% [markdown]
# `print(report)` says what to change. Repair what it found, or say in your report why it isn't a fault ([help](../augcheck/README.md#what-a-line-says)).
#
# ## 7. The runs
#
# `compare` trains live and the methods that you named, in pairs.

# %%
from helpers.compare import compare, summarise

others = list(plan["expected of live"])
curves = compare(
    data,
    ["live", *others],
    policy,
    plan["images"],
    plan["updates"],
    plan["replicates"],
    build=network,
)
runs = summarise(curves).pivot(index="replicate", columns="method")
accuracy = 100 * runs["val_accuracy"]
points = -accuracy[others].sub(accuracy["live"], axis=0)

# %% [markdown]
# After these 200 updates, by how many points is live ahead of each, or behind? Type a number for each. The cell prints the verdict on live. In its figure a grey dot is a pair of runs, with mean and 95 % interval, and a cross is your guess.

# %%
guess = None  # points, live minus each of the others, such as [5, 5]

# %% tags=["hide-output"]
from helpers.stats import verdict

margin = plan["margin"]
print("verdict, and what the plan expected:")
for other, expected in plan["expected of live"].items():
    found = verdict(paired_interval(points[other]), margin, lower_is_better=False)
    print(f"against {other}: {found}, expected {expected}")

sns.stripplot(points, orient="h", color="0.6", jitter=False)
sns.pointplot(points, orient="h", linestyle="none", errorbar=ends)
if guess is not None:
    plt.plot(guess, range(len(guess)), "kx", markersize=14)
plt.axvspan(-margin, margin, color="0.92", zorder=0)
plt.gca().set(xlabel="accuracy: live minus …, points", ylabel="")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Live is behind no augmentation, and against 1 copy it is undecided. Changed images are harder, so learning takes longer, and 200 updates are short. The comparison is fair, and answers what nobody asked.
#
# </details>
#
# ## 8. Was that the question?
#
# Here is the same plan in twenty stored pairs, from 50 to 3,000 updates, with 200 dotted. The figure shows live minus no augmentation and live minus 1 copy, in points, with intervals. Draw the first line, then unfold.

# %% tags=["hide-output"]
length = pd.read_csv(RESULTS / "lessons/09-length.csv")
by_length = length.pivot_table("accuracy", ["update", "run"], "method")
lines = {}
for other in ("no augmentation", "1 copy"):
    lines[other] = by_length["live"] - by_length[other]
figures.ahead_by_updates(lines, at=200)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# At 200 updates live is 2.3 points behind no augmentation, and after 3,000 it is 2.5 points ahead. Augmentation costs training time before it pays.
#
# </details>
#
# If you compare at one short length, your report is about impatience. So plan one long run and evaluate it at several lengths. In `compare`, `evaluate_at=[200, 1000, 3000]` says after which updates.
#
# ## 9. The report, one page
#
# Copy this cell, and fill it in. If somebody assesses it, here is [what counts](../docs/teaching/syllabus.md#how-they-are-assessed).
#
# > **Question.** *One sentence.*
# >
# > **Images.** *Where from, how many of each class and of how many groups, which licence. What the trivial rules reach.*
# >
# > **Pipeline.** *What the check-up found, what I did about it, and what it couldn't tell.*
# >
# > **Plan.** *All of it, with the date of its commit.*
# >
# > **Result.** *The figure, and one sentence that says its point.*
# >
# > **What I can say.** *Two sentences, each with its interval and its verdict. Where I was wrong.*
# >
# > **Limits.** *What this split, this network and this length can't tell. Whether runs share images.*
# >
# > **What would change my mind.** *One sentence.*
#
# Eight runs of 128 images need 1,024 different ones. With fewer, runs share images, and the intervals are too narrow.
#
# ## In practice and limits
#
# All of this is classification, and `compare` evaluates two classes. You chose by the validation images, so now open your test set.
#
# ## How sure were you?
#
# Score your [guess sheet](../docs/teaching/guess_sheet.md). Of the guesses beside which you wrote 85 to 100 %, how many were right? Is it better than in lesson [03](03_overfitting_curves.ipynb)?
#
# ## Take-away
#
# > Write the question, the groups, the length and the margin down before the first run. Then your two sentences can be checked.

# %%
# What makes the comparison fair: all methods made the planned updates.
made = curves.groupby(["method", "replicate"])["update"].max()
assert (made == plan["updates"]).all(), (
    "Some run made fewer updates than planned, so the comparison is "
    "unfair: train every method for the same number."
)

# %% [markdown]
# ## Quick questions, eleven of the whole course
#
# Here the course ends. Can you answer them? Each answer names the lesson that showed it.
#
# <details><summary>1. What do static and live augmentation differ in?</summary>
#
# Static versions are drawn once and come again, live ones are drawn anew each time. A batch doesn't show it, and the next epoch does ([02](02_diversity_within_a_batch.ipynb)).
#
# </details>
#
# <details><summary>2. You train on one copy in place of each image, or without augmentation. Which is better on new images as they are, and which on changed ones?</summary>
#
# No augmentation on new images as they are, and the copy on changed ones, because it prepares for those ([01](01_static_versus_live.ipynb)).
#
# </details>
#
# <details><summary>3. How many copies would you store, and when none?</summary>
#
# Sixteen or more beside the originals, none shown more than eleven times. None where live training keeps the network busy ([06](06_how_many_copies.ipynb)).
#
# </details>
#
# <details><summary>4. Two scripts differ by three points. What do you ask first?</summary>
#
# Did both make the same number of gradient updates, and how many pairs of runs are behind it ([04](04_a_fair_comparison.ipynb))?
#
# </details>
#
# <details><summary>5. Validation accuracy lies above training accuracy. Why?</summary>
#
# Training is measured on augmented images, which are harder, and while the network is still learning ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# <details><summary>6. Where does `cache()` go?</summary>
#
# Before everything random. After the change it keeps the first epoch's versions, and live becomes one copy ([07](07_when_live_is_not_live.ipynb)).
#
# </details>
#
# <details><summary>7. How strong may a policy be, and how do you find out?</summary>
#
# As strong as new images may really differ. Look at its versions, then compare two strengths with no augmentation ([05](05_how_strong.ipynb)).
#
# </details>
#
# <details><summary>8. The loss rises and the accuracy stays. What has happened?</summary>
#
# The network has become over-confident, and a temperature brings the loss down again ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# <details><summary>9. You fine-tune on 300 photographs. What do you do?</summary>
#
# Hold out whole groups, and compare live with no augmentation in pairs, at a small learning rate. Live was better on hands, and undecided on CIFAR-10 (above).
#
# </details>
#
# <details><summary>10. Somebody compares ten passes over eight copies with ten epochs live. What is wrong?</summary>
#
# The passes are eighty epochs of training. Compare at equal gradient updates ([04](04_a_fair_comparison.ipynb)).
#
# </details>
#
# <details><summary>11. What isn't known?</summary>
#
# Whether any of this holds for other tasks than classification and for far larger networks and sets, and how often a version may be shown beyond eleven times. And what *your* images will say.
#
# </details>
