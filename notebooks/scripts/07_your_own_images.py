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
# You bring a folder of images, and leave with two sentences about them that someone else could check.
#
# <details><summary>From lesson 07: somebody augmented first and split afterwards. What did that validation accuracy measure?</summary>
#
# How well the network remembered. Copies of the same originals stood on both sides of the split.
#
# </details>
#
# **You will** plan, run and report one fair comparison. You need lessons [04](04_a_fair_comparison.ipynb) to [07](07_when_live_is_not_live.ipynb), and images of two classes, 1,400 and a test set, or [fewer](#fewer-images). **Time:** 18 minutes to read, about one to run on garments. Then change the lines marked `# yours`.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## 1. Which network?
#
# Begin with the small network. On garments, 24 runs of 3,000 updates took 2 minutes. For photographs, most people *fine-tune*: they take a network that has learnt from other images, and train it on. Ours has seen ImageNet's million photographs. At a tenth of Adam's usual learning rate it doesn't forget them. On photographs, 24 runs of 40 epochs with 128 images took 26 minutes of processor time.

# %%
import keras
from helpers.model import efficientnet_lite0, small_model


def fine_tuned(input_shape, seed):
    start = keras.initializers.GlorotUniform(seed)  # of the last layer
    last = keras.layers.Dense(1, "sigmoid", kernel_initializer=start)
    model = keras.Sequential([efficientnet_lite0(input_shape), last])
    model.compile(keras.optimizers.Adam(0.0001), "binary_crossentropy")
    return model


# %% [markdown]
# Fine-tuned, live was better on photographs of hands, and on CIFAR-10 it is *undecided* ([intervals](../docs/results.md#fine-tuning-where-nothing-was-tuned-before)). So compare.
#
# Choose network, width in pixels, and channels.

# %%
network, size, channels = small_model, 28, 1  # yours: fine_tuned, 96, 3

# %% [markdown]
# ## 2. The folder
#
# Your folder holds one for each class. The first by name is class 0, so ours are `0 pullover` and `1 coat`. First move a fifth, whole groups drawn by lot, to a second such folder, your test set. Of the rest a quarter is kept for validation.
#
# Files of one leaf, patient or camera must stay on one side of the split. Files with the same `group` stay together. If names tell no groups, your report says so.

# %%
from helpers.folder import example_folder, load_image_folder


def group(path):  # yours: path.name.split("_")[0] for leaf7_2.jpg, not for IMG_0412.jpg
    return path  # each garment is a group of its own


folder = example_folder()  # yours, such as "~/images/leaves"
data = load_image_folder(folder, size, channels, group=group)
print(f"{len(data.x_train):,} images to train on, {len(data.x_val)} for validation")

# %% [markdown]
# ### Fewer images
#
# With fewer images, eight runs of 128 share some of them. With 400 photographs we would plan:
#
# | what | our choice |
# | --- | --- |
# | test set | 80 photographs, so 240 to train on and 80 for validation |
# | `n` | 224, the largest multiple of 32 in 240 |
# | `replicates` | 8 pairs of runs, which share nearly all images |
# | `updates` | 280, fine-tuned (40 epochs) |
# | `margin` | 4, about three photographs, because one of 80 is 1.25 points |
# | *Limits* in your report | "The interval covers the luck of training, not of the photographs." |
#
# ## 3. A trivial rule
#
# How often is the larger class right? And a *light meter*, which calls every image class 1 that is brighter than average? If it is mostly wrong, take its opposite. Your network should beat both.

# %%
import numpy as np

brighter = data.x_val.mean(axis=(1, 2, 3)) > data.x_train.mean()
right = np.mean(brighter == data.y_val)
print(f"class 1: {data.y_val.mean():.0%}, light meter right: {right:.0%}")

# %% [markdown]
# ## 4. What does one split say?
#
# We held out photographs of solar cells, sound or defective, in *our split*. Then we cut all of them into four quarters, and held each out in turn. The figure shows live minus no augmentation, with intervals. The margin of one point is grey.

# %%
import figures
import matplotlib.pyplot as plt
import pandas as pd
from helpers.data import RESULTS

cells = pd.read_csv(RESULTS / "lessons/solar-cells-splits.csv")
cells = cells.pivot_table("accuracy", ["split", "run"], "method", sort=False)
figures.ahead_of("no augmentation", cells)
plt.show()

# %% [markdown]
# After 350 to 500 updates, four people who held out a quarter each would report better, worse, undecided and equivalent. (An interval within the margin is *equivalent*, also where it excludes zero.) No interval covers the luck of the split, so hold out other groups, too, and show every split ([Solar cells](going_deeper/solar_cells.ipynb)). For another quarter let `group` return a number, too: `return 2, path`, with your group in place of `path`. Each number draws another.
#
# ## 5. The plan, before the first run
#
# Write your own ranges in place of lesson 01's.

# %%
ranges = {  # yours
    "rotation_range": 5,  # degrees
    "width_shift_range": 0.05,
    "height_shift_range": 0.05,
    "zoom_range": 0.05,
    "horizontal_flip": True,
}

# %% [markdown]
# `none` and `copies-1` are what code calls no augmentation and one copy in place of each image.

# %%
plan = {  # yours, from the first line to the last
    "question": "Does live beat no augmentation, or 1 copy?",
    "groups": "by file: no two garments are the same",
    "policy": ranges,
    "why each label stays true": "a flipped coat is still a coat",
    "expected of live": {"none": None, "copies-1": None},  # such as "better"
    # images a run (a multiple of 32), gradient updates, pairs of runs
    "runs": {"n": 128, "updates": 200, "replicates": 8},
    "margin": 1,  # points of validation accuracy
    "why this margin": "one in a hundred would change no decision",
}

# %% [markdown]
# Save this page, and commit it or send it to somebody, before you go on, and report every later change.
#
# Here are six images of each class as the network gets them, and six versions of one. Can you tell the classes apart, and could each version be a new image? If not, change size or policy.

# %%
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
# the images of class 0 come first
rows = {"class 0": data.x_train[:6], "class 1": data.x_train[-6:]}
rows["versions"] = policy(np.repeat(data.x_train[:1], 6, axis=0))
figures.rows_of_images(rows)
plt.show()

# %% [markdown]
# ## 6. The check-up
#
# Let the check-up read your images as training will.

# %%
from augcheck import check_pipeline

# images and labels to train on, then those for validation
print(check_pipeline(data[:2], data[2:], augment=policy).found)

# %% [markdown]
# An empty list means that it found nothing. Without `.found` it says what to change ([help](../augcheck/README.md#what-a-line-says)). If you don't change it, say in your report why.
#
# ## 7. The runs
#
# As in lesson 04, `compare` trains live and the methods that you named, in pairs.

# %%
from helpers.compare import compare, summarise

others = list(plan["expected of live"])
curves = compare(data, ["live", *others], policy, **plan["runs"], build=network)
runs = summarise(curves)

# %% [markdown]
# After these updates, by how many points is live ahead of no augmentation, and of one copy? Type two numbers. Then unfold the verdicts on live, and a figure with a dot a pair of runs, mean and interval, and a cross for your guess, if you typed one.

# %%
guess = None  # points, such as [-1, 4]

# %% tags=["hide-output"]
from helpers.plots import method_label
from helpers.stats import paired_interval, verdict

accuracy = runs.pivot(index="replicate", columns="method", values="val_accuracy")
points = {}
print("verdicts, by the margin of the plan:")
for other in others:
    gained = 100 * (accuracy["live"] - accuracy[other])
    found = verdict(paired_interval(gained), plan["margin"], lower_is_better=False)
    print(method_label(other), found, sep=": ")
    points[method_label(other)] = gained
figures.live_minus(points, plan["margin"], guess)
plt.show()

# %% [markdown]
# <details><summary>What would you report? One sentence, then open.</summary>
#
# Live is behind no augmentation, and against one copy it is undecided. The comparison is fair. Is it what you wanted to know?
#
# </details>
#
# ## 8. Was that the question?
#
# Here is the same plan in twenty stored pairs, up to 3,000 updates. The figure shows live minus no augmentation and live minus one copy, in points, with intervals. The length planned above is dotted. Draw the first line on your sheet, then unfold.

# %% tags=["hide-output"]
length = pd.read_csv(RESULTS / "lessons/09-length.csv")
figures.ahead_by_updates(length, at=200)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# At 200 updates live is 2.3 points behind no augmentation. After 3,000 it is 2.5 points ahead. With 128 garments, in this network, augmentation costs training time before it pays. So a report at one short length says little of longer training.
#
# Live is 2.3 points ahead of one copy at 200 updates already. Our eight pairs left that undecided, which is what more pairs are for.
#
# </details>
#
# Plan `"updates": 3000`, or 40 epochs where you fine-tune. To see shorter lengths, too, change section 7, with your own in the list:
#
# ```python
# lengths = [200, 1000, 3000]  # yours, none above your updates
# curves = compare(
#     data, ["live", *others], policy, **plan["runs"], build=network, evaluate_at=lengths
# )
# runs = summarise(curves[curves["update"] <= 1000])  # after 1,000
# ```
#
# ## 9. The report, one page
#
# Fill it in. `paired_interval(points["1 copy"])` gives an interval in numbers ([what counts](../docs/teaching/syllabus.md#how-they-are-assessed)).
#
# | part | what it says |
# | --- | --- |
# | Plan | question and all, with its date |
# | Images | source, licence, numbers of each class and group, trivial rules |
# | Pipeline | what the check-up found, and what you did |
# | Result | the figure, and its point |
# | What I can say | two sentences, such as “Live was … points behind no augmentation (… to …), which is *worse*” |
# | Where I was wrong | expected and found |
# | Limits | split, network, length, shared images |
# | What would change my mind | one sentence |
#
# ## In practice and limits
#
# What you changed after a look at the validation images may fit only these. So put your test set in their place, once, and run section 7 again:
#
# ```python
# test = load_image_folder("~/images/test", size, channels)  # yours
# data = data._replace(
#     x_val=np.concatenate([test.x_train, test.x_val]),
#     y_val=np.concatenate([test.y_train, test.y_val]),
# )
# ```
#
# ## How sure were you?
#
# Of the guesses that you were surest of on your [sheet](../docs/teaching/guess_sheet.md), how many were right?
#
# ## Take-away
#
# > Write the question, the groups, the length and the margin down before the first run. Then your two sentences can be checked.

# %%
# What makes the comparison fair: all methods made the planned updates.
made = curves.groupby(["method", "replicate"])["update"].max()
assert set(made) == {plan["runs"]["updates"]}, (
    "Some run made fewer updates than planned, so the comparison is "
    "unfair: train every method for the same number."
)

# %% [markdown]
# ## Quick questions, eleven of the whole course
#
# Here the course ends. An answer names the lesson that showed it.
#
# <details><summary>1. What do static and live augmentation differ in?</summary>
#
# Static versions are drawn once and come again, live ones are drawn anew each time. A batch doesn't show it, and the next epoch does ([02](02_diversity_within_a_batch.ipynb)).
#
# </details>
#
# <details><summary>2. You train on one copy in place of each image, or without augmentation. Which is better on new images as they are, and which on changed ones?</summary>
#
# Mostly no augmentation on new images as they are, and the copy on changed ones, because it prepares for those ([01](01_static_versus_live.ipynb)).
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
# Images, network and length decide. Look at its versions, then compare two strengths with no augmentation ([05](05_how_strong.ipynb)).
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
# Hold out whole groups, and compare live with no augmentation in pairs, at a small learning rate. Live was better on hands, and undecided on CIFAR-10 (section 1).
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
# Whether any of this holds for other tasks than classification and for far larger networks and sets, and how often, in a ResNet, a version may be shown beyond eleven times. And what *your* images will say.
#
# </details>
