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
# **You will** plan, run and report one fair comparison. You need lessons [04](04_a_fair_comparison.ipynb), [06](06_how_many_copies.ipynb), [07](07_when_live_is_not_live.ipynb) and [Solar cells](going_deeper/solar_cells.ipynb), and 400 images or more of two classes. **Time:** 16 minutes to read and about one to run as it stands, then an evening with your own images.
#
# As it stands, the page runs on garments. Then change the lines marked `# yours`.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## 1. Which network?
#
# There are two ways in. The small network of lesson 01 starts from nothing and takes minutes, so begin with it. For photographs, few people would stop there. They would *fine-tune*: take a network that has learnt from other images, and train it on. Ours is EfficientNet-Lite0, which has seen ImageNet's million photographs. It takes an hour or two on a processor, and is trained at a tenth of the usual learning rate, so that it doesn't forget them.

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
# Choose here. The two numbers are the width of an image in pixels, and its channels.

# %%
network, size, channels = small_model, 28, 1  # yours: fine_tuned, 96, 3

# %% [markdown]
# ## 2. The folder
#
# One folder, and in it a folder for each class. (Have you more than two? Take the two that are confused most often.) A quarter is kept for validation. Move a test set, which you open once, into another folder first.
#
# Files of one leaf, patient or camera must stay on one side, or the network is tested on what it has trained on. Only you know which they are. So `group` says what a file shows, and files with the same answer stay together.

# %%
from helpers.folder import example_folder, load_image_folder


def group(path):  # yours, such as path.name.split("_")[0] for leaf7_2.jpg
    return path  # each garment is a group of its own


folder = example_folder()  # yours, such as "~/images/leaves"
data = load_image_folder(folder, size, channels, group=group)

# %%
import figures
from helpers.plots import caption

class_0 = data.x_train[data.y_train == 0]
class_1 = data.x_train[data.y_train == 1]
rows = {"class 0": class_0[:6], "class 1": class_1[:6]}
figures.rows_of_images(
    rows,
    alt="Six images of each class, as the network gets them: coats, which are class 0, and pullovers, grey and 28 pixels wide.",
)
caption(
    f"{len(data.x_train):,} images to train on, {len(data.x_val)} for validation. Can you still distinguish the classes?"
)

# %% [markdown]
# ## 3. A trivial rule
#
# How accurate is calling everything by the larger class? And calling each image by the class that is about as bright, which is a light meter as in lesson [Solar cells](going_deeper/solar_cells.ipynb)?

# %%
import numpy as np

light = data.x_val.mean(axis=(1, 2, 3))
says = np.abs(light - class_1.mean()) < np.abs(light - class_0.mean())
right = np.mean(says == data.y_val)
larger = np.bincount(data.y_val).max() / len(data.y_val)
print(f"larger class {larger:.0%}, brightness {right:.0%}")

# %% [markdown]
# ## 4. The plan, before the first run
#
# Fill it in before you train anything, with your reasons, and with what you expect. In code, `none` is no augmentation and `copies-1` is 1 copy in place of each image. You may add `originals+4`, the originals with four copies.

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

# %%
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
six = np.repeat(class_0[:1], 6, axis=0)
versions = {"versions": policy(six, training=True).numpy()}
figures.rows_of_images(
    versions,
    alt="One coat in six versions, each a little turned, moved, zoomed or flipped by the policy.",
)
caption("Could each of these be a new image of its class? If not, change the policy.")

# %% [markdown]
# ## 5. The check-up
#
# Before you train, let the check-up read a pipeline that makes batches as `compare` does.

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
# ## 6. The runs
#
# `compare` trains live and the methods that you named, each on the same images and from the same weights.

# %%
from helpers.compare import compare, differences, summarise

methods = ["live", *plan["expected of live"]]
curves = compare(
    data,
    methods,
    policy,
    plan["images"],
    plan["updates"],
    plan["replicates"],
    build=network,
)
runs = summarise(curves)

# %%
import pandas as pd

ahead = pd.DataFrame(
    {
        other: 100 * differences(runs, "live", other, "val_accuracy")
        for other in plan["expected of live"]
    }
)

# %% [markdown]
# After 200 updates, is live ahead of no augmentation? You have written it down.

# %% tags=["hide-output"]
import seaborn as sns
from helpers.stats import paired_interval, verdict

margin = plan["margin"]
for other, expected in plan["expected of live"].items():
    interval = paired_interval(ahead[other])
    word = verdict(interval, margin, lower_is_better=False)
    print(f"live against {other}: {word}, expected {expected}")

ax = sns.stripplot(ahead, orient="h", color="0.6", jitter=False)
sns.pointplot(
    ahead,
    orient="h",
    linestyle="none",
    errorbar=lambda points: paired_interval(points)[1:],
)
ax.axvspan(-margin, margin, color="0.92", zorder=0)
ax.set(xlabel="accuracy: live minus …, points")
caption(
    "Yours: say the point. Here live is behind no augmentation.",
    alt="Two rows of eight grey dots, one a pair of runs, with their mean and its interval. The interval of live minus no augmentation lies left of zero, and that of live minus 1 copy on both sides of it.",
)

# %% [markdown]
# So is augmentation useless here? The comparison was fair, and yet it answers what nobody asked: who is ahead after 200 updates?
#
# ## And after 3,000 updates?
#
# Here is the same plan, in twenty stored pairs. Draw the line of live minus no augmentation from 50 to 3,000 updates, then unfold.

# %% tags=["hide-output"]
from helpers.data import RESULTS

length = pd.read_csv(RESULTS / "lessons/09-length.csv")
accuracy = length.pivot_table("accuracy", ["update", "run"], "method")
lines = {
    other: accuracy["live"] - accuracy[other] for other in ("no augmentation", "1 copy")
}
figures.ahead_by_updates(lines, at=200)
caption(
    "At 200 updates live is 2.3 points behind no augmentation, and after 3,000 it is 2.5 points ahead."
)

# %% [markdown]
# Here augmentation cost training time before it paid. So plan one long run, at whose end no augmentation has memorised its images, and let `evaluate_at` read it at several lengths. If you compare at one short length, your report is about impatience.
#
# ## 7. The report, one page
#
# Copy this cell, and fill it in. If somebody marks it, here is [what counts](../docs/teaching/syllabus.md#how-they-are-assessed).
#
# > **Question.** *One sentence.*
# >
# > **Images.** *Where from, how many of each class and of how many groups, which licence. What the trivial rules reach.*
# >
# > **Pipeline.** *What the check-up found, what I did about it, and what it couldn't tell.*
# >
# > **Plan.** *All of it, with the date of its commit.*
# >
# > **Result.** *The figure with its caption.*
# >
# > **What I can say.** *Two sentences, each with its interval and its verdict. Where I was wrong.*
# >
# > **Limits.** *What this one split, this network and this length can't tell. Where runs share images, because replicates × images exceed yours, the intervals are too narrow.*
# >
# > **What would change my mind.** *One sentence.*
#
# ## In practice and limits
#
# All that this series measured is classification, and `compare` evaluates two classes. You chose by the validation images, so now open your test set.

# %%
# What makes the comparison fair: all methods made the planned updates.
made = curves.groupby(["method", "replicate"])["update"].max()
assert (made == plan["updates"]).all(), (
    "Some run made fewer updates than planned, so the comparison is "
    "unfair: train every method for the same number."
)

# %% [markdown]
# ## Quick questions of the whole course
#
# Here the course ends. Can you answer them? Each answer names the lesson that showed it.
#
# <details><summary>1. Does augmentation replace your images, or add to them?</summary>
#
# Live replaces: an epoch shows as many images as you have, each in a new version. Stored copies should add, because the original and one copy beat two copies ([06](06_how_many_copies.ipynb)).
#
# </details>
#
# <details><summary>2. How long is an epoch?</summary>
#
# Live, it goes once through your images. With K stored copies `fit` counts one epoch when it has been through all of them, which takes K times as long. So compare by gradient updates ([04](04_a_fair_comparison.ipynb)).
#
# </details>
#
# <details><summary>3. Why does validation accuracy lie above training accuracy?</summary>
#
# Training is measured on augmented images, which are harder, and while the network is still learning ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# <details><summary>4. Why is one copy worse than no augmentation, and when isn't it?</summary>
#
# It prepares for changed images, and new images come as they are. On changed ones it was better ([01](01_static_versus_live.ipynb)).
#
# </details>
#
# <details><summary>5. How do you compare two ways of training fairly?</summary>
#
# In pairs that share images, initial weights and the number of updates, with a margin that you fixed beforehand ([04](04_a_fair_comparison.ipynb)).
#
# </details>
#
# <details><summary>6. Is a live batch more diverse than one of stored copies?</summary>
#
# No. Only the next epoch distinguishes them ([02](02_diversity_within_a_batch.ipynb)).
#
# </details>
#
# <details><summary>7. The validation loss rises. Is the network over-confident or less accurate?</summary>
#
# Look at the accuracy. Where it stays, the network is over-confident, and a temperature brings the loss down again ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# <details><summary>8. How many copies do you store?</summary>
#
# Count how often each version is shown: epochs ÷ versions of each image. The more often, the more it costs. Sixteen beside the originals, shown eleven times at most, were in a ResNet equivalent to live in accuracy, in three settings ([06](06_how_many_copies.ipynb)).
#
# </details>
#
# <details><summary>9. When do the originals stay?</summary>
#
# Always, where copies are stored. Live doesn't need them, but under a mild policy leaving a quarter of the images unchanged cost it nothing, in five settings ([Choosing a policy](going_deeper/choosing_a_policy.ipynb)).
#
# </details>
#
# <details><summary>10. What do you do with a pretrained network?</summary>
#
# If you train its last layer alone, start without augmentation. If you fine-tune the whole, augment live, and compare with none. On photographs of clothes, one cropped copy in place of each image lost to none ([What to do](../README.md#what-to-do)).
#
# </details>
#
# <details><summary>11. When does making copies beforehand pay?</summary>
#
# When drawing takes longer than training, or another program draws, and the disk holds enough copies. With a copy for each epoch it is the same training ([02](02_diversity_within_a_batch.ipynb)).
#
# </details>
