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
# A project: do it once yourself, fairly. You bring a folder of pictures, and leave with two sentences about them that someone else could check.
#
# **You will** plan, run and report. You need lessons [04](04_a_fair_comparison.ipynb), [05](05_how_many_copies.ipynb), [06](06_when_live_is_not_live.ipynb) and [08](08_solar_cells.ipynb), and 400 pictures or more of two classes. (More classes come [further down](#more-classes-or-a-pretrained-network).) **Time:** 17 minutes to read and one or two to run as it stands, then two to four hours with your own pictures.
#
# As it stands, the page runs on garments, in a small folder that it writes itself. Then change the lines marked `# yours`.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## 1. The folder
#
# One folder, and in it a folder for each of two classes. The loader lists the files that it can't use, and keeps a quarter for validation.

# %%
import tempfile
from pathlib import Path
from helpers.data import load_garments, subset
from PIL import Image

scratch = tempfile.TemporaryDirectory()  # removed when the kernel stops
demonstration = Path(scratch.name)
some = subset(load_garments(), 1400)
for number, (picture, label) in enumerate(zip(some.x_train, some.y_train, strict=True)):
    place = demonstration / ["pullover", "coat"][label]
    place.mkdir(exist_ok=True)
    Image.fromarray((255 * picture[..., 0]).round().astype("uint8")).save(place / f"{number:04}.png")

# %%
import figures
from helpers.folder import load_image_folder
from helpers.plots import caption

folder = demonstration  # yours: such as Path("~/pictures/leaves").expanduser()
data = load_image_folder(folder, image_size=28, channels=1)  # yours: 32 or 64 pixels, and 3 channels for colour
examples = {f"class {label}": data.x_train[data.y_train == label][:6] for label in (0, 1)}
figures.rows_of_images(examples, alt="Six pictures of each class, as the network gets them. In the demonstration these are coats and pullovers, grey and 28 pixels wide.")
caption(f"{len(data.x_train):,} to train on, {len(data.x_val)} for validation. Can you still distinguish the classes?")

# %% [markdown]
# The loader can't know that two pictures show the same leaf. If they do, or come from one patient or camera, put the files of each group into one of two folders, read both, and join what the loader returns to `data = Data(x_train, y_train, x_val, y_val)` (from `helpers.data`). At the end do it again with another split.
#
# ## 2. A trivial rule
#
# How accurate is calling everything by the larger class? And brightness alone, as in lesson [08](08_solar_cells.ipynb)?

# %%
import numpy as np

light, new_light = (images.mean(axis=(1, 2, 3)) for images in (data.x_train, data.x_val))
thresholds = np.linspace(0, 1, 201)
right = np.array([np.mean((light > t) == data.y_train) for t in thresholds])
best = np.argmax(np.abs(right - 0.5))  # a rule that is nearly always wrong is a good one turned round
by_brightness = np.mean((new_light > thresholds[best]) == (data.y_val == (right[best] > 0.5)))
print(f"larger class {max(np.mean(data.y_val == k) for k in (0, 1)):.0%}, brightness {by_brightness:.0%}")

# %% [markdown]
# ## 3. The plan, before the first run
#
# Fill it in before you train anything, with your reasons, and with what you expect. In code `copies-1` is 1 copy in place of each image. `originals+4` shows the originals and four copies, and its fair partner is `live-4/5`, live that leaves a fifth unchanged.

# %%
plan = {  # yours, from the first line to the last
    "question": "Does live augmentation beat no augmentation, 1 copy, or originals + 4 copies of these garments?",
    "split": "by file, a quarter for validation; no two garments are the same",
    "policy": {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05, "zoom_range": 0.05, "horizontal_flip": True},
    "why each label stays true": "a coat that is moved, turned by 5 degrees or mirrored is still a coat",
    "pairs": [["live", "none"], ["live", "copies-1"], ["live-4/5", "originals+4"]],
    "expected": ["undecided", "better", "undecided"],  # of the first of each pair
    "images": 128,  # of each run; a multiple of 32
    "updates": 200,  # for show; 3,000 or more, until no augmentation has memorised
    "replicates": 8,  # pairs of runs
    "margin": 1,  # points of validation accuracy
    "why this margin": "one more mistake in a hundred would change no decision",
}

# %% [markdown]
# Commit this page, or send the plan to somebody, before you go on. If you change the plan later, say so in your report, and why.

# %%
from helpers.augment import RandomAffine

policy = RandomAffine(**plan["policy"], seed=0)
drawn = {label: policy(np.repeat(images[:1], 6, axis=0), training=True).numpy() for label, images in examples.items()}
figures.rows_of_images(drawn, alt="One picture of each class in six versions, each changed by the policy.")
caption("Could each of these be a new picture of its class? If not, the policy is wrong, whatever comes out.")

# %% [markdown]
# ## 4. The check-up
#
# Hand it the pipeline that you would train with. This is ours. (`compare` draws from the same policy by itself.)

# %%
import tensorflow as tf
from augcheck import check_pipeline

pipeline = tf.data.Dataset.from_tensor_slices((data.x_train, data.y_train))
pipeline = pipeline.shuffle(len(data.x_train)).batch(32).map(lambda x, y: (policy(x, training=True), y))
report = check_pipeline(pipeline, (data.x_val, data.y_val), augment=policy)
print("found:", report.found)

# %% [markdown]
# `print(report)` says what to change. Repair what it found, or say in your report why it isn't a fault ([The check-up](../augcheck/README.md#what-a-line-says)).
#
# ## 5. The runs

# %%
from helpers.compare import compare, differences, summarise

methods = sorted({method for pair in plan["pairs"] for method in pair})
curves = compare(data, methods, policy, plan["images"], plan["updates"], plan["replicates"])
runs = summarise(curves)

# %% [markdown]
# ## 6. One figure, and the verdicts
#
# After 200 updates, is live ahead of no augmentation? You have written it down.

# %% tags=["hide-output"]
import pandas as pd
import seaborn as sns
from helpers.plots import method_label
from helpers.stats import paired_interval, verdict

rows = []
for (first, second), expected in zip(plan["pairs"], plan["expected"], strict=True):
    points = 100 * differences(runs, first, second, "val_accuracy")
    word = verdict(paired_interval(points), plan["margin"], lower_is_better=False)
    label = f"{method_label(first)}\nminus {method_label(second)}:\n{word} (expected: {expected})"
    rows += [[label, value] for value in points]
found = pd.DataFrame(rows, columns=["pair", "points"])

# %%
ax = sns.stripplot(found, x="points", y="pair", color="0.6", jitter=False)
sns.pointplot(found, x="points", y="pair", errorbar=lambda d: paired_interval(d)[1:], linestyle="none")
ax.axvspan(-plan["margin"], plan["margin"], color="0.92", zorder=0)
ax.set(xlabel="difference in validation accuracy, points", ylabel="")
caption("Yours: say the point. In the demonstration live is behind no augmentation.", alt="Three rows of grey dots, one a pair of runs, with their mean and its interval. The row of live minus no augmentation lies left of zero.")

# %% [markdown]
# So is augmentation useless here? The comparison was fair, and yet it answers what nobody asked: who is ahead after 200 updates?
#
# ## And after 3,000 updates?
#
# Here is the same plan, in twenty stored pairs. Draw the line of live minus no augmentation from 50 to 3,000 updates, then unfold.

# %% tags=["hide-output"]
from helpers.data import RESULTS, read_results

study = read_results(RESULTS / "study.csv").query("dataset == 'garments' and n == 128")
study = study[study["update"].isin([50, 100, 200, 350, 500, 1000, 1500, 2000, 3000])]
accuracy = 100 * study.pivot(index=["update", "replicate"], columns="method", values="val_accuracy")
lines = {
    "no augmentation": accuracy["live"] - accuracy["none"],
    "1 copy": accuracy["live"] - accuracy["copies-1"],
    "originals + 4 copies": accuracy["live-4/5"] - accuracy["originals+4"],
}
figures.ahead_by_updates(lines, at=200)
caption("At 200 updates live is 2.3 points behind no augmentation, and after 3,000 it is 2.5 points ahead. (Beside originals + 4 copies live leaves a fifth unchanged.)")

# %% [markdown]
# Augmentation costs training time before it pays. Compare at several lengths, up to one at which no augmentation has memorised its images, or your report is about impatience. And a short run is a reason for a new plan, not for changing this one.
#
# ## 7. The report, one page
#
# Copy this cell, and fill it in. [What counts](../docs/teaching/syllabus.md#how-they-are-assessed), if somebody marks it.
#
# > **Question.** *One sentence.*
# >
# > **Pictures.** *Where from, how many of each class, which licence. What the trivial rules reach.*
# >
# > **Pipeline.** *What the check-up found, what I did about it, and what it couldn't tell.*
# >
# > **Plan.** *All of it, with the date of its commit.*
# >
# > **Result.** *The figure with its caption.*
# >
# > **What I can say.** *Two sentences with their intervals. For each pair one of: equivalent (the interval lies within the margin), else better or worse (it leaves out zero), else undecided. Where I was wrong.*
# >
# > **Limits.** *What this one split, this network and this length of training can't tell. Do replicates × images exceed the training images? Then runs share some, and the intervals are too narrow.*
# >
# > **What would change my mind.** *One sentence.*
#
# ## More classes, or a pretrained network
#
# `load_image_folder` and `compare` end at two classes. Beyond them the plan, the pairs and the check-up stay, and you write the training yourself. This recipe takes a folder for each of *any* number of classes, and fits a laptop. (Keras reads the folder here. It leaves photographs of phones on their side, and skips WebP and TIFF.) First it trains a new last layer, without augmentation.

# %%
import keras
from helpers.pretrained import cut, efficientnet_lite0
from keras import layers

keras.utils.set_random_seed(0)
train, validation = keras.utils.image_dataset_from_directory(folder, image_size=(96, 96), validation_split=0.25, subset="both", seed=0)
scale = layers.Rescaling(1 / 255)  # for these weights; others have a preprocess_input of their own
lower, upper = cut(efficientnet_lite0((96, 96, 3)))  # of ImageNet
lower.trainable = upper.trainable = False
last = layers.Dense(len(train.class_names), activation="softmax")

model = keras.Sequential([scale, lower, upper, last])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
first = model.fit(train, validation_data=validation, epochs=2, shuffle=False, verbose=0)  # the data set shuffles itself

# %% [markdown]
# Then it trains the upper third as well, ten times more slowly, and with augmentation, live.

# %%
upper.trainable = True
for layer in upper.layers:
    if isinstance(layer, layers.BatchNormalization):
        layer.trainable = False  # it keeps ImageNet's statistics

model = keras.Sequential([layers.RandomFlip("horizontal"), scale, lower, upper, last])  # yours: your policy, on 0 to 255
model.compile(keras.optimizers.Adam(0.0001), "sparse_categorical_crossentropy", metrics=["accuracy"])
then = model.fit(train, validation_data=validation, epochs=3, shuffle=False, verbose=0)  # yours: 20 or more
for what, history in {"last layer": first.history, "and upper third": then.history}.items():
    print(f"{what}: accuracy on new garments ≈ {100 * history['val_accuracy'][-1]:.0f} % (75 to 96)")

# %% [markdown]
# ## In practice and limits
#
# `compare` trains a network with one convolution. `build=` takes a function that makes another. All that this series measured is classification. The recipe's numbers are one run, and on the validation pictures that you would also choose by. Keep a test set that you open once.

# %%
# What makes the comparison fair: each method has made the same number of updates, on each set of images.
assert (curves.groupby(["method", "replicate"])["update"].max() == plan["updates"]).all(), (
    "Some run made fewer updates than planned, so the comparison is "
    "unfair: train every method for the same number."
)

# %% [markdown]
# ## Quick questions of the whole course
#
# Here the course ends. Can you answer them? Each has its place, where it was shown.
#
# <details><summary>1. Does augmentation replace your images, or add to them?</summary>
#
# Live replaces: an epoch shows as many pictures as you have images, each changed. A store should add, because the original and one copy beat two copies ([05](05_how_many_copies.ipynb)).
#
# </details>
#
# <details><summary>2. How long is an epoch?</summary>
#
# Once through your images when you train live, but K times as long when `fit` goes through a store of K copies. So compare by gradient updates ([04](04_a_fair_comparison.ipynb)).
#
# </details>
#
# <details><summary>3. Why does validation accuracy lie above training accuracy?</summary>
#
# Training is measured on harder pictures, the augmented ones, and while the network is still learning ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# <details><summary>4. Why is one copy worse than no augmentation, and when isn't it?</summary>
#
# It trains for changed pictures, and new images come as they are. When they come changed, too, it is better ([01](01_static_versus_live.ipynb)).
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
# Look at the accuracy. Where it stays, the network is over-confident, and one temperature brings the loss down again ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# <details><summary>8. What does a store of K copies cost your network, and how do you find out?</summary>
#
# The more often each picture comes again, the more it costs. Count how often each is shown, double the copies, and look what that gained. A single run in which it gained nothing proves nothing ([05](05_how_many_copies.ipynb)).
#
# </details>
#
# <details><summary>9. When do the originals stay?</summary>
#
# In a store always. Live may leave a quarter of the pictures unchanged, which was harmless ([05](05_how_many_copies.ipynb)).
#
# </details>
#
# <details><summary>10. What do you do with a pretrained network?</summary>
#
# Train its last layer without augmentation first. Where you fine-tune it, augment live, and never store one copy in place of each image ([What to do](../README.md#what-to-do)).
#
# </details>
#
# <details><summary>11. When does making copies beforehand pay?</summary>
#
# When drawing takes longer than training, or another program draws, and the disk holds enough copies. With as many copies as epochs it is the same training ([02](02_diversity_within_a_batch.ipynb)).
#
# </details>
