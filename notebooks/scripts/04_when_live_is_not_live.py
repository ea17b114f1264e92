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
# # 04 When live is not live
#
# You augment live, so each epoch should show new versions. Does it? A pipeline can go wrong and still train, and nothing warns you.
#
# <details><summary>From lesson 02: you see one batch of a pipeline. Is the pipeline live?</summary>
#
# One batch can't show it. You need the same image in more than one epoch.
#
# </details>
#
# **You will** find out which of four pipelines are live, and build one to copy. You need lesson [01](01_static_versus_live.ipynb). **Time:** 31 minutes, half of it for the exercises. It runs in seconds.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Which of these are live?
#
# We take 128 garments, the layers of lesson 01, and three functions to map over them.

# %%
import keras
import tensorflow as tf
from helpers.data import load_garments, subset
from keras import layers

garments = subset(load_garments(), 128)
x, y = garments.x_train, garments.y_train
new_x, new_y = garments.x_val, garments.y_val

keras.utils.set_random_seed(0)  # so that the run can be repeated
flip = layers.RandomFlip("horizontal")
move = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")
augment = keras.Sequential([flip, move])


# %%
def change(images, labels):  # a batch
    return augment(images, training=True), labels


def crop(image, label):  # one image: 28 of 36 pixels, wherever chance puts them
    framed = tf.image.resize_with_crop_or_pad(image, 36, 36)
    return tf.image.random_crop(framed, (28, 28, 1)), label


def jitter(images, labels, training=False):  # a batch
    return augment(images, training=training), labels


# %%
def pipelines(labels):
    data = tf.data.Dataset.from_tensor_slices((x, labels))
    return {
        # shuffles, changes batches, and caches last
        "A": data.shuffle(128).batch(32).map(change).cache(),
        # caches first, then shuffles, and changes batches
        "B": data.cache().shuffle(128).batch(32).map(change),
        # no cache: crops image after image, and shuffles after that
        "C": data.map(crop).shuffle(128).batch(32),
        # no cache: shuffles first, and gives batches to jitter
        "D": data.shuffle(128).batch(32).map(jitter),
    }


# %% [markdown]
# To follow one garment through several epochs, we give the images numbers in place of labels.

# %%
import numpy as np


def versions(data, number, epochs=4):
    shown = []
    for epoch in range(epochs):
        for images, numbers in data:
            shown.extend(images[numbers == number])
    return shown


# %% [markdown]
# Each pipeline is meant to show a new version of every garment in every epoch. Which of A to D do that? Write it down, then unfold: a row for each, with garment 14 as it is, and as four epochs show it.

# %% tags=["hide-output"]
import figures
import matplotlib.pyplot as plt

shown = {}
for name, data in pipelines(np.arange(128)).items():
    shown[name] = [x[14], *versions(data, 14)]
columns = ["original", "epoch 1", "epoch 2", "epoch 3", "epoch 4"]
figures.rows_of_images(shown, columns)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Only B is live.
#
# | | four epochs show | because |
# | --- | --- | --- |
# | A | one version, four times | the cache keeps those of the first epoch |
# | B | new versions | the cache keeps the originals |
# | C | one version, four times | after `set_random_seed` the draws of `tf.image` begin again in each epoch |
# | D | the original, four times | nobody tells `jitter` that it is training |
#
# Only the original beside it gives D away.
#
# </details>
#
# ## Five ways to freeze it
#
# A pipeline that is meant to be live and shows one version in all epochs is ***frozen***. `fit` doesn't say so: the curves look like overfitting to one copy, and they are.
#
# | | frozen | live |
# | --- | --- | --- |
# | cached too late | `data.map(change).cache()` | `data.cache().map(change)` |
# | drawn once | `images = change(images)` before training, or one `next(flow)` | `change` inside the `map`, or inside the model |
# | the seed comes again | `set_random_seed`, then `tf.image` in a `map`; in PyTorch `torch.manual_seed(i)` in `__getitem__` | a Keras layer, which goes on; a seed that includes the epoch |
# | nobody says that it is training | `augment(images, training=False)` | `training=True` in the `map`; inside a model `fit` tells the layers |
# | copied to workers | one generator in the data set | a seed for each worker and epoch |
#
# A tutorial of TensorFlow's cached too late until [a reader noticed](https://github.com/tensorflow/tensorflow/issues/47755). Processes that load images (*workers*) each get a copy of your data set, and so of its random generator. In PyTorch three lines repair it ([Keras](../docs/find_your_symptom.md)):
#
# ```python
# def reseed(worker):  # DataLoader(data, num_workers=2, worker_init_fn=reseed)
#     info = torch.utils.data.get_worker_info()
#     info.dataset.generator = np.random.default_rng(info.seed)
# ```
#
# ## A pipeline to copy
#
# **map, cache, shuffle, batch, augment, prefetch.** The first `map` reads files, which our arrays don't need.

# %%
originals = tf.data.Dataset.from_tensor_slices((x, y))  # files: .map(read_image)
train = originals.cache().shuffle(128)  # room for all 128
train = train.batch(32).map(change, tf.data.AUTOTUNE).prefetch(2)

validation = tf.data.Dataset.from_tensor_slices((new_x, new_y)).batch(32)

# %% [markdown]
# | place | elsewhere |
# | --- | --- |
# | `cache` before everything random | after `shuffle` every epoch has one order, after `augment` the same versions |
# | `shuffle` before `batch`, with room for all images | `shuffle` after `batch` moves whole batches |
# | `batch` before `augment` | a call for each image, which takes longer |
#
# Validation has no random link, because `change` would augment it, too: the same network would be judged on other images each time. Give both to `fit(train, validation_data=validation)`.
#
# ## Time yours
#
# How long does one pass over your pipeline take, without a network?

# %% tags=["nbval-ignore-output"]
import time

for epoch in range(2):  # the first pass fills the cache
    start = time.perf_counter()
    batches = sum(1 for batch in train)
print(f"{batches} batches in {time.perf_counter() - start:.2f} seconds")

# %% [markdown]
# Time an epoch of `fit`, too. If it takes hardly longer, your network [waits for augmentation](../docs/find_your_symptom.md). If it takes several times as long, storing copies saves no time.
#
# ## Which of these would you train on?
#
# Four colleagues prepare the same garments. One leaves them from 0 to 1. One adds `RandomBrightness(0.2)`, to make them up to a fifth lighter or darker. One divides by 255, as a tutorial says. One has scans of 16 bits, and divides them by 255, too. Which of the four does what was meant? Write it down, then unfold a *light meter*: darkest, mean and brightest value of each.

# %% tags=["hide-output", "nbval-ignore-output"]
import pandas as pd

scans = (65535 * x).astype("uint16")
prepared = {
    "0 to 1, as it is": x,
    "RandomBrightness(0.2)": layers.RandomBrightness(0.2, seed=0)(x).numpy(),
    "divided by 255": layers.Rescaling(1 / 255)(x).numpy(),
    "16 bits, divided by 255": scans / 255,
}
meter = {name: [a.min(), a.mean(), a.max()] for name, a in prepared.items()}
pd.DataFrame(meter, ["darkest", "mean", "brightest"]).T.round(3)

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Only the first. `RandomBrightness` expects values up to 255 and shifts by up to 51 of them, in which a garment drowns: it needs `value_range=(0, 1)`. The third divided twice, and is black. Sixteen bits reach to 65,535, so divide by that.
#
# All four train. `fit` shows a hard task, and you look for a larger network.
#
# </details>
#
# ## How good is this network?
#
# Somebody makes sixteen copies of each of 128 garments, shuffles them, and keeps a fifth of the *copies* for validation. A network is right about 97.5 % of those. What will its accuracy be on new garments? Write a number down, then unfold the means of twenty such runs, in per cent.

# %% tags=["hide-output"]
from helpers.data import RESULTS

runs = pd.read_csv(RESULTS / "lessons/split-after-augmenting.csv")
accuracies = ["accuracy on what was held out", "accuracy on new images"]
runs[accuracies].mean().round(1).to_frame("mean")

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# The network is right about 84 % of new garments. No copy that was held out had been trained on, but about twelve of its fifteen siblings had. Such an image in training and in validation is a ***leak***: this validation set rewards memory. Split first, then augment.
#
# </details>
#
# ## Let a program look
#
# The check-up of this series reads a pipeline as `fit` would. Here is what it finds in our four.

# %%
from augcheck import check_pipeline

for name, data in pipelines(y).items():
    print(name, check_pipeline(data, (new_x, new_y)).found)

# %% [markdown]
# In A the cache keeps the *order*, too. Of D it says that epochs repeat, and not that they show originals. The whole report, without `.found`, says how it knows and what to change ([help](../augcheck/README.md)). It can't know what you meant: a shift in the wrong direction goes through.

# %% [markdown]
# ## Take-away
#
# Before you train, look at one image through two epochs, beside its original, and at the range of its values. `fit` hides these mistakes: frozen looks like overfitting, a wrong range like a hard task, and a leak like success.

# %%
# The message, in your own run.
new = {name: len(np.unique(row[1:], axis=0)) for name, row in shown.items()}
assert new == {"A": 1, "B": 4, "C": 1, "D": 1}, (
    "Only B should show a new version in each epoch: change it back."
)


def shown_by(data):
    return {image.numpy().tobytes() for image, _ in data.unbatch()}


assert not shown_by(train) & shown_by(train), (
    "An epoch of the pipeline to copy shows versions of the one before: "
    "look for what comes before `cache`."
)

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/04_when_live_is_not_live.ipynb).

# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at images, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided. (Their code is in `exercises.py`. Don't look.)

# %% tags=["nbval-ignore-output"]
from exercises import check, three_pipelines

suspects = three_pipelines(x, y)
for _, labels in suspects["P"]:
    print("of 16 labels of a batch of P", labels.numpy()[:16].sum(), "are coats")
answer = None  # "P", "Q" or "R"
check("pipelines", answer)


# %% [markdown]
# ### Exercise 2: Split first
#
# Change `split` so that no garment is on both sides. Keep a fifth of the *garments* for validation, as they are. Of each other garment sixteen copies, without the original, are for training. Labels must follow their images. `check` tries your function on forty made-up garments.

# %%
def split(x, y, copies=16):
    images = np.concatenate([augment(x, training=True) for _ in range(copies)])
    labels = np.tile(y, copies)
    order = np.random.default_rng(0).permutation(len(images))
    train, val = np.split(order, [len(order) * 4 // 5])
    return (images[train], labels[train]), (images[val], labels[val])


check("split", ...)  # put split in place of the dots when it is ready

# %% [markdown]
# **Next:** the article trains ten epochs on stored copies, and ten live. Which wins, and what has its code left out? Write it down, then open [05 A fair comparison](05_a_fair_comparison.ipynb).
