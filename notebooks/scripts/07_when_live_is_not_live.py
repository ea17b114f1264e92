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
# # 07 When live is not live
#
# You augment live, so each epoch should show new versions. Does it? A pipeline can be frozen, black or leaking, and still train. Nothing warns you.
#
# **You will** find the live one among four pipelines, meet the other mistakes that people make today, and let a program look for them. You need lesson [01](01_static_versus_live.ipynb). **Time:** 18 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Which of these is live?
#
# We take 128 garments, the policy of lesson 01, and three functions to map over them.

# %%
import keras
import tensorflow as tf
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

x, y, new_x, new_y = subset(load_garments(), 128)
keras.utils.set_random_seed(0)  # so that the run can be repeated
augment = RandomAffine(**POLICIES["mild"], seed=0)

# %%
def change(images, labels):
    return augment(images, training=True), labels


def crop(image, label):  # 28 of 36 pixels, wherever chance puts them
    framed = tf.image.resize_with_crop_or_pad(image, 36, 36)
    return tf.image.random_crop(framed, (28, 28, 1)), label


def jitter(images, labels, training=False):
    return augment(images, training=training), labels

# %% [markdown]
# To follow one garment through several epochs, we give the images numbers in place of labels.

# %%
import figures
import numpy as np
from helpers.plots import caption


def versions(data, number, epochs=4):
    shown = []
    for epoch in range(epochs):
        for images, numbers in data:
            shown.extend(images[numbers == number])
    return shown

# %% [markdown]
# Each pipeline below is meant to show a new version of every garment in every epoch. Which of them do? Write down what the others show instead, then unfold.

# %%
def pipelines(labels):
    data = tf.data.Dataset.from_tensor_slices((x, labels))
    return {
        "A": data.shuffle(128).batch(32).map(change).cache(),
        "B": data.cache().shuffle(128).batch(32).map(change),
        "C": data.map(crop).shuffle(128).batch(32),
        "D": data.shuffle(128).batch(32).map(jitter),
    }

# %% tags=["hide-output"]
shown = {}
for name, data in pipelines(np.arange(128)).items():
    shown[name] = [x[14], *versions(data, 14)]
figures.rows_of_images(
    shown,
    columns=["original", "epoch 1", "epoch 2", "epoch 3", "epoch 4"],
    alt="One pullover in four rows, first the original, then four epochs. A: one turned version in all epochs. B: a new version in each. C: one shifted version in all. D: the original in all.",
)
caption(
    "Only B is live. A and C are frozen: meant to be live, they show one version in all epochs. D never started."
)

# %% [markdown]
# One epoch doesn't show it. Two show A, C and D, and the original beside them shows which is D.
#
# ## Frozen by `cache()`
#
# `cache()` keeps what comes before it. So A shows the versions of its first epoch again and again. A tutorial of TensorFlow's did so until [a reader noticed](https://github.com/tensorflow/tensorflow/issues/47755). In B it comes before the `map`, the repair. PyTorch has the same mistake:
#
# | | frozen | live |
# | --- | --- | --- |
# | Keras | `data.map(change).cache()` | `data.cache().map(change)` |
# | PyTorch | in `__init__`: `self.images = [change(i) for i in images]` | in `__getitem__`: `change(self.images[i])` |
#
# We train with both.

# %%
import pandas as pd
import seaborn as sns
from helpers.model import small_model  # the network of lesson 01

curves = {}
for name in ("A", "B"):
    model = small_model(seed=0)
    model.compile("adam", "binary_crossentropy")
    history = model.fit(
        pipelines(y)[name],
        shuffle=False,
        epochs=150,
        verbose=0,
        validation_data=(new_x, new_y),
        validation_freq=10,
    ).history
    curves[f"{name}, training"] = history["loss"][9::10]  # every tenth
    curves[f"{name}, new garments"] = history["val_loss"]

# %% [markdown]
# Which ends with the lower training loss, and which with the lower loss on new garments? Guess, then unfold.

# %% tags=["hide-output"]
losses = pd.DataFrame(curves, index=range(10, 151, 10))
colors = 2 * [figures.COLORS["1 copy"]] + 2 * [figures.COLORS["live"]]
ax = sns.lineplot(losses, palette=colors, dashes=[(1, 1), (6, 1, 1, 1), (4, 2), ""])
ax.set(xlabel="epoch", ylabel="loss", ylim=(0, None))
caption(
    "Nothing in A's curves says “bug”. They look like overfitting, and they are. Only B beside them shows what went wrong.",
    alt="Loss against epochs. A: training falls towards zero, new garments fall, then rise. B: both fall slowly, and new garments end far below those of A.",
)

# %% [markdown]
# ## Frozen by a seed
#
# C draws with `tf.image`. Once a program has called `set_random_seed`, `tf.image` and `tf.random` in a `map` restart in every epoch, and so repeat the same draws. We called it above, so that you see what we see. C maps before it shuffles, so each image gets the same draw every time. Shuffled first, the draws would come again all the same, for other images. B was seeded, too, but a Keras layer goes on where the last epoch stopped.
#
# A counter that gives each image a seed of its own freezes it, too, because it starts again in every epoch. The same counter, with the epoch in it, is live: see lesson [08](08_leaving_imagedatagenerator.ipynb).
#
# ## Never switched on
#
# `fit` tells the layers of a *model* that it is training. In a `map` nobody does, so the default decides. Keras's own layers are on. In `jitter` it is `training=False`, and D trains without augmentation. So does a layer of your own with this default.
#
# ## What are these networks shown?
#
# Two colleagues have images with values from 0 to 1. One wants them up to 20 % lighter or darker, and takes `RandomBrightness(0.2)`. The other divides by 255, as a tutorial says, with `Rescaling(1 / 255)`. What will their networks be shown? Guess, then unfold.

# %% tags=["hide-output"]
rows = {
    "as they are": x[:4],
    "RandomBrightness": keras.layers.RandomBrightness(0.2, seed=0)(x[:4]),
    "Rescaling": keras.layers.Rescaling(1 / 255)(x[:4]),
}
figures.rows_of_images(
    rows,
    framed=True,
    alt="Four garments in three rows. As they are: in greys. RandomBrightness: black or white squares. Rescaling: black squares.",
)
caption(
    "Hardly anything. RandomBrightness expects values up to 255, so it adds or takes up to 51, and a garment from 0 to 1 drowns in that. Rescaling divides twice, and the brightest pixel has 1/255."
)

# %% [markdown]
# Both networks train all the same. `fit` shows a hard task, and you look for a larger network. RandomBrightness needs `value_range=(0, 1)`, and Rescaling has to go.
#
# ## Copied into every worker
#
# Your data set owns a random generator, which draws the angle of each image. Two worker processes load the images, each with a copy of the data set and its generator. What will the two draw? Guess, then unfold.

# %% tags=["hide-output"]
import copy

generator = np.random.default_rng(0)
for worker in range(2):
    own = copy.deepcopy(generator)  # what a worker gets
    print(f"worker {worker} turns by", *own.integers(-30, 31, 6))

# %% [markdown]
# The same angles, twice. So it is with any generator that a data set owns, in `keras.utils.PyDataset` with `use_multiprocessing=True` and in PyTorch's `DataLoader`. PyTorch seeds `torch` and `np.random` in each worker, but not your generator. So the workers' batches are changed alike, and with new workers in every epoch the same draws come again. `fit` shows nothing. The repair is a seed for each worker and epoch.
#
# ## 97.5 %, and why not
#
# Somebody makes sixteen copies of each of 128 garments, shuffles them, and keeps a fifth of the *copies* for validation. A network is right about 97.5 % of those. What will its accuracy be on new garments? Write a number down, then unfold.

# %% tags=["hide-output"]
from helpers.data import RESULTS

runs = pd.read_csv(RESULTS / "lessons/07-split-after-augmenting.csv")
print(runs.mean(numeric_only=True).drop("run").round(1).to_string())
caption("Per cent, means of twenty runs.")

# %% [markdown]
# The network is right about 84 % of new garments. No copy that was held out had been trained on, but about twelve of its fifteen siblings had. So the validation set ***leaks***: it rewards memory. Split first, then augment.
#
# ## Let a program look
#
# The check-up of this series reads a pipeline as `fit` would, in any project. Install it with `pip install ./augcheck` in a clone. Here is what it finds in our four, and what it says of D.

# %%
from augcheck import check_pipeline

for name, data in pipelines(y).items():
    report = check_pipeline(data, (new_x, new_y))
    print(name, report.found)
print(report["repeats"].value, report["repeats"].how, sep="\n")  # of D

# %% [markdown]
# In A the cache keeps the *order*, too. `print(report)` also says what to change. The check-up notices black and white images as well, and in a `DataLoader` workers that begin the same draws in every epoch.
#
# It can't see the split, because a turned copy may differ more from its sibling than from another garment. Nor does it know what you meant: a shift in the wrong direction goes through. [The check-up](../augcheck/README.md) has the rest.
#
# ## My two pipelines disagree
#
# One trains better than the other, and you don't know why. First count the gradient updates of both, as lesson [04](04_a_fair_comparison.ipynb) does. Then follow one image through two epochs, and go down this table.
#
# | you see | the mistake | repair |
# | --- | --- | --- |
# | two equal epochs | `cache()` behind the `map` | [`cache()` first](../docs/find_your_symptom.md#cached-or-preloaded-and-suddenly-perfect-cache-snapshot-datasetsave) |
# | | `set_random_seed`, then `tf.image` in a `map` | a Keras layer, or [a generator made once](../docs/find_your_symptom.md#the-same-augmentation-in-every-epoch) |
# | | a counter for a seed | [the same counter, with the epoch in it](../docs/find_your_symptom.md#live-and-replayable) |
# | the original | augmentation is off | `training=True` in the `map` |
# | black or white, or another range | RandomBrightness or RandAugment on 0 to 1 | [`value_range=(0, 1)`](../docs/find_your_symptom.md#nan-white-or-black-images-after-randombrightness-or-brightness_range) |
# | | divided twice | [divide once](../docs/find_your_symptom.md#normalize-preprocess_input-rescale-imagenet-mean-or-my-own-before-or-after-augmentation) |
# | two workers draw alike | one generator, copied | [a seed for each worker and epoch](../docs/find_your_symptom.md#workers-make-the-same-random-pictures-albumentations) |
# | copies of one image on both sides | split after augmenting | [split first](../docs/find_your_symptom.md#first-augment-then-split-cross-validation) |
#
# ## In practice and limits
#
# The curves are those of small images and a small network. The check-up reads nine epochs at most, so ten copies that are shown in turn look live to it.

# %% [markdown]
# ## Take-away
#
# 1. Before you train, look at one image through two epochs, beside its original.
# 2. `fit` hides these mistakes: frozen looks like overfitting, black and white like a hard task, and leaking like success.
# 3. A program sees what repeats and what is out of range, but not what you meant.

# %%
# The message, in your own run.
new = {name: len(np.unique(row[1:], axis=0)) for name, row in shown.items()}
assert new == {"A": 1, "B": 4, "C": 1, "D": 1}, (
    "Only B should show a new version in each epoch: change it back."
)
assert curves["A, new garments"][-1] > curves["B, new garments"][-1], (
    "Frozen A should end with the higher loss on new garments."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You add `cache()`, epochs get faster, and soon the validation loss rises. What do you look at first?</summary>
#
# At one image through two epochs. If `cache()` comes after the augmentation, every epoch shows the same stored versions, and the rise is overfitting to one copy.
#
# </details>
#
# <details><summary>2. Every image gets a seed of its own, its row number. Is that live?</summary>
#
# No. The row number is the same in every epoch, so the change is, too. The seed has to depend on the epoch as well.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/07_when_live_is_not_live.ipynb).

# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at images, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided. (Their code is in `exercises.py`. Don't look.)

# %%
from exercises import check, three_pipelines

suspects = three_pipelines(x, y)
for _, labels in suspects["P"]:
    print(
        "the first labels of a batch of P: ≈", labels.numpy()[:16].sum(), "coats in 16"
    )
answer = None  # "P", "Q" or "R"
check("07.1", answer)

# %% [markdown]
# ### Exercise 2: Split first
#
# Change `split` so that no garment is on both sides: a fifth of the *garments* for validation, as they are, and sixteen copies of each other garment, without the originals, for training. Labels must follow their images. `check` tries your function on forty made-up garments.

# %%
def split(x, y, copies=16):
    images = np.concatenate([augment(x, training=True) for _ in range(copies)])
    labels = np.tile(y, copies)
    order = np.random.default_rng(0).permutation(len(images))
    train, val = np.split(order, [len(order) * 4 // 5])
    return (images[train], labels[train]), (images[val], labels[val])


check("07.2", ...)  # put split in place of the dots when it is ready

# %% [markdown]
# **Next:** you start your own live training twice, with the same seed. Will both runs show the same versions? Write your answer down, then open [08 Leaving ImageDataGenerator](08_leaving_imagedatagenerator.ipynb).
