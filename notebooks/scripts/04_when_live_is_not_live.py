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
# You augment live, so each epoch should show new versions. Does it? A pipeline can go wrong and still train, and nothing warns you.
#
# <details><summary>From lesson 02: you see one batch of a pipeline. Is the pipeline live?</summary>
#
# One batch can't show it. You need the same image in more than one epoch.
#
# </details>
#
# **You will** find out which of four pipelines are live, meet other mistakes, and let a program look for them. You need lesson [01](01_static_versus_live.ipynb). **Time:** 18 minutes to read, less than one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Which of these are live?
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
# Each pipeline is meant to show a new version of every garment in every epoch. Which of A to D do that? What do the others show, if there are any? Write it down, then unfold: a row for each, with garment 14 as it is, and as four epochs show it.

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
# | C | one version, four times | `tf.image` repeats its draws |
# | D | the original, four times | nobody tells `jitter` that it is training |
#
# One epoch wouldn't have shown it, and only the original beside it gives D away.
#
# </details>

# %% [markdown]
# ## What does a worker get?
#
# Your data set owns a random generator for the angles. Two worker processes load the images, each with a copy of the data set.

# %%
import copy

generator = np.random.default_rng(0)
for worker in range(2):
    own = copy.deepcopy(generator)  # what a worker gets
    print(f"worker {worker} turns by", *own.integers(-30, 31, 6))

# %% [markdown]
# The same angles, twice. That happens in `keras.utils.PyDataset` with `use_multiprocessing=True`, and in PyTorch's `DataLoader`, which seeds `torch` and `np.random` in each worker, but not your generator. New workers in the next epoch bring the same draws again.
#
# So give each worker and epoch a seed. In PyTorch it is `info.seed`.
#
# ```python
# def reseed(worker):  # DataLoader(data, num_workers=2, worker_init_fn=reseed)
#     info = torch.utils.data.get_worker_info()
#     info.dataset.generator = np.random.default_rng(info.seed)
# ```
#
# In Keras, make it of epoch and batch ([whole code](../docs/find_your_symptom.md#keras-workers-workers-use_multiprocessing)).
#
# ## What does `cache()` keep?
#
# Everything that comes before it, so behind the `map` the first epoch's versions. A tutorial of TensorFlow's did so until [a reader noticed](https://github.com/tensorflow/tensorflow/issues/47755). A pipeline that is meant to be live and shows one version in all epochs is ***frozen***.
#
# | | frozen | live |
# | --- | --- | --- |
# | Keras | `data.map(change).cache()` | `data.cache().map(change)` |
# | PyTorch | in `__init__`: `self.images = [change(i) for i in images]` | in `__getitem__`: `change(self.images[i])` |
#
# `fit` doesn't say so. The curves look like overfitting to one copy, and they are.
#
# ## Which draws come again?
#
# Our program has called `set_random_seed`. What comes then depends on who draws. Without it, all of these draw anew.
#
# | random numbers of | in the next epoch | so |
# | --- | --- | --- |
# | `tf.image` and `tf.random` in a `map`, as in C | begin again | the same draws, in the same order |
# | a Keras layer, such as `RandomAffine` in B | go on | new draws |
# | `shuffle` | go on, because it takes a new seed in each epoch | a new order |
#
# C crops first, always in the order of the images, so each image gets its crop again. After `shuffle`, the same crops would go to other images.
#
# Some code takes a counter instead, which gives each image a seed of its own.

# %%
counter = tf.data.Dataset.counter()  # zipped with the images
for epoch in (1, 2):
    print(f"seeds in epoch {epoch}:", *counter.take(8).as_numpy_iterator())

# %% [markdown]
# The same counter in every epoch, so the same seed, and so the same change. With the epoch in the seed, too, it is live ([Live and replayable](going_deeper/live_and_replayable.ipynb)).
#
# ## Who says that it is training?
#
# `fit` tells the layers of a *model*. In a `map` nobody does, so the default decides. There Keras's random image layers augment, and so does `RandomAffine`. Our function `jitter` doesn't.
#
# ## What are these networks shown?
#
# Two colleagues have images from 0 to 1. One wants them up to a fifth lighter or darker, and takes `RandomBrightness(0.2)`. The other divides by 255, as a tutorial says, with `Rescaling`. What will their networks be shown? Sketch it, then unfold: four garments as they are, and as each network gets them.

# %% tags=["hide-output"]
rows = {
    "as they are": x[:4],
    "RandomBrightness": keras.layers.RandomBrightness(0.2, seed=0)(x[:4]),
    "Rescaling": keras.layers.Rescaling(1 / 255)(x[:4]),
}
figures.rows_of_images(rows, framed=True)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Hardly anything. `RandomBrightness` expects values up to 255, and adds or takes up to a fifth of that. A garment with values up to 1 drowns in that. The layer needs `value_range=(0, 1)`. `Rescaling` divides a second time, and has to go.
#
# Both networks train all the same. `fit` shows a hard task, and you look for a larger network.
#
# </details>

# %% [markdown]
# ## How good is this network?
#
# Somebody makes sixteen copies of each of 128 garments, shuffles them, and keeps a fifth of the *copies* for validation. A network is right about 97.5 % of those. What will its accuracy be on new garments? Write a number down, then unfold the means of twenty such runs.

# %% tags=["hide-output"]
import pandas as pd
from helpers.data import RESULTS

runs = pd.read_csv(RESULTS / "lessons/07-split-after-augmenting.csv")
print("means of the runs, in per cent:")
print(runs.mean(numeric_only=True).drop("run").round(1).to_string())

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# The network is right about 84 % of new garments. No copy that was held out had been trained on, but about twelve of its fifteen siblings (four fifths) had. So this validation set rewards memory. Split first, then augment.
#
# </details>

# %% [markdown]
# ## Let a program look
#
# The check-up of this series reads a pipeline as `fit` would. `pip install ./augcheck` in a clone brings it to other projects. Here is what it finds in our four.

# %%
from augcheck import check_pipeline

for name, data in pipelines(y).items():
    print(name, check_pipeline(data, (new_x, new_y)).found)

# %% [markdown]
# In A the cache keeps the *order*, too. Of D it says that epochs repeat, and not that they show originals. The whole report says how it knows and what to change. The check-up notices a wrong range as well, and workers that repeat each epoch's draws.
#
# It may miss a ***leak***, an image that is in training and in validation, here in two versions. A turned copy may differ more from its sibling than from another garment. Nor does it know [what you meant](../augcheck/README.md): a shift in the wrong direction goes through.
#
# ## My two pipelines disagree
#
# If a second pair of runs disagrees, too, count the gradient updates of both (lesson [04](04_a_fair_comparison.ipynb)). Then follow one image through two epochs, and go down this table.
#
# | you see | the mistake | repair |
# | --- | --- | --- |
# | two equal epochs | `cache()` behind the `map` | [`cache()` first](../docs/find_your_symptom.md#cached-or-preloaded-and-suddenly-perfect-cache-snapshot-datasetsave) |
# | two equal epochs | `set_random_seed`, then `tf.image` in a `map` | a Keras layer, or [a generator made once](../docs/find_your_symptom.md#the-same-augmentation-in-every-epoch) |
# | two equal epochs | a counter for a seed | [the same counter, with the epoch in it](../docs/find_your_symptom.md#live-and-replayable) |
# | the original | augmentation is off | `training=True` in the `map` |
# | black or white, or another range | RandomBrightness or RandAugment on 0 to 1 | [`value_range=(0, 1)`](../docs/find_your_symptom.md#nan-white-or-black-images-after-randombrightness-or-brightness_range) |
# | black or white, or another range | divided twice | [divide once](../docs/find_your_symptom.md#normalize-preprocess_input-rescale-imagenet-mean-or-my-own-before-or-after-augmentation) |
# | two workers draw alike | one generator, copied | [a seed for each worker and epoch](../docs/find_your_symptom.md#workers-make-the-same-random-pictures-albumentations) |
# | copies of one image on both sides | split after augmenting | [split first](../docs/find_your_symptom.md#first-augment-then-split-cross-validation) |
#
# ## In practice and limits
#
# With 512 garments and 1,000 updates the leak was smaller. In lesson 01's network we saw it only against new garments that were changed as well. The check-up reads nine epochs at most, so ten copies that are shown in turn look live to it.

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

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You add `cache()`, epochs get faster, and soon the validation loss rises. What do you look at first?</summary>
#
# At one image through two epochs. If `cache()` comes after the augmentation, every epoch shows the same stored versions, and the rise is overfitting to one copy.
#
# </details>
#
# <details><summary>2. In PyTorch, `__getitem__(self, i)` begins with `torch.manual_seed(i)`, so that runs can be repeated. Is that live?</summary>
#
# No. Image i gets the same seed in every epoch, and so the same change. The seed has to depend on the epoch as well.
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
# Change `split` so that no garment is on both sides. Keep a fifth of the *garments* for validation, as they are. Of each other garment sixteen copies, without the original, are for training. Labels must follow their images. `check` tries your function on forty made-up garments.

# %%
def split(x, y, copies=16):
    images = np.concatenate([augment(x, training=True) for _ in range(copies)])
    labels = np.tile(y, copies)
    order = np.random.default_rng(0).permutation(len(images))
    train, val = np.split(order, [len(order) * 4 // 5])
    return (images[train], labels[train]), (images[val], labels[val])


check("07.2", ...)  # put split in place of the dots when it is ready

# %% [markdown]
# **Next:** you move the ranges of an old `ImageDataGenerator` to Keras's layers, number by number. Will your network be shown the same images? Write your answer down, then open [08 Leaving ImageDataGenerator](08_leaving_imagedatagenerator.ipynb).
