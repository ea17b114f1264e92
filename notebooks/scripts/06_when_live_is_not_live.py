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
# # 06 When live is not live
#
# You augment *online (live)*: each epoch is to show new versions. Does it? A pipeline can be frozen, black or leaking, and still train. Nothing warns you, because a network learns from whatever it is shown.
#
# **You will** look for the live one among four pipelines, meet the other mistakes that people make today, and let a program look for them. You need lesson [01](01_static_versus_live.ipynb). **Time:** 22 minutes to read, about one to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Which of these is live?
#
# Here are 128 garments, the mild policy of lesson 01, and three functions that augment.

# %%
import keras
import tensorflow as tf
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 128, replicate=5)
x, y = few.x_train, few.y_train
keras.utils.set_random_seed(0)  # so that the run can be repeated
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %%
class Jitter(keras.layers.Layer):
    def call(self, images, training=False):
        return policy(images) if training else images


jitter = Jitter()


def by_policy(images, labels):
    return policy(images), labels


def by_jitter(images, labels):
    return jitter(images), labels


def crop(image, label):  # 28 of 36 pixels, wherever chance puts them
    framed = tf.image.resize_with_crop_or_pad(image, 36, 36)
    return tf.image.random_crop(framed, (28, 28, 1)), label

# %% [markdown]
# Each pipeline below means to show a new version of every garment in every epoch. Which of them do? Write down what the others show instead.

# %%
def pipelines(originals):
    return {
        "A": originals.shuffle(128).batch(32).map(by_policy).cache(),
        "B": originals.cache().shuffle(128).batch(32).map(by_policy),
        "C": originals.map(crop).shuffle(128).batch(32),
        "D": originals.shuffle(128).batch(32).map(by_jitter),
    }

# %%
import numpy as np


def versions(data, number, epochs):
    """One image through several epochs. In place of labels, the images have numbers."""
    found = []
    for _ in range(epochs):
        for images, numbers in data:
            found.extend(images.numpy()[numbers.numpy() == number])
    return found

# %% tags=["hide-output"]
import figures
from helpers.plots import caption

numbered = tf.data.Dataset.from_tensor_slices((x, np.arange(128)))
shown = {name: [x[94], *versions(data, 94, epochs=4)] for name, data in pipelines(numbered).items()}
columns = ["original", "epoch 1", "epoch 2", "epoch 3", "epoch 4"]
figures.rows_of_pictures(shown, columns, "One garment in four rows. A: one turned version in all epochs. B: a new version in each. C: one shifted version in all. D: the original in all.")
caption("Only B is live. A and C are frozen, and D never started.")

# %% [markdown]
# One epoch doesn't show it: you need two to see A and C, and the original beside them to see D.
#
# ## Frozen by `cache()`
#
# `cache()` keeps what comes before it, so A stores the augmented pictures of its first epoch. A tutorial of TensorFlow's did so until [a reader noticed](https://github.com/tensorflow/tensorflow/issues/47755). B has it in front of the `map`, which is the repair. What does `fit` say about the two? Guess which of them has the lower training loss, and which the lower loss on new garments.

# %%
from helpers.model import small_model  # the network of lesson 01


def train(model, data, epochs):
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        data, shuffle=False, epochs=epochs, verbose=0,  # the data sets shuffle themselves
        validation_data=(garments.x_val, garments.y_val), validation_freq=10,
    ).history

# %% tags=["hide-output"]
import pandas as pd
import seaborn as sns

originals = tf.data.Dataset.from_tensor_slices((x, y))
curves = pd.DataFrame(index=range(10, 251, 10))
for name in ("A", "B"):
    run = train(small_model(seed=0), pipelines(originals)[name], epochs=250)
    curves[f"{name}, training"], curves[f"{name}, new garments"] = run["loss"][9::10], run["val_loss"]
orange, blue = figures.COLORS["1 copy"], figures.COLORS["live"]
ax = sns.lineplot(curves, palette=[orange, orange, blue, blue], dashes=[(3, 2), "", (3, 2), ""], legend=False)
ax.set(xlabel="epoch", ylabel="loss", xlim=(0, 250), ylim=(0, None))
for name, loss in curves.loc[250].items():
    ax.text(254, loss, name, va="center")
caption("Nothing in A's curves says “bug”: it looks like overfitting, and is. Only beside B do you see it.", alt="Loss against epochs. A: training falls to zero, new garments fall, then rise. B: both fall slowly, new garments end below those of A.")

# %% [markdown]
# ## Frozen by a seed
#
# C takes its draws from `tf.image`. Once a program has called `set_random_seed`, `tf.image` and `tf.random` in a `map` begin their draws anew in every epoch. C maps before it shuffles, so the seventeenth image gets the seventeenth draw each time. (With the shuffle in front the same draws go to other images, which is better, and still not live.) B was seeded, too. But a Keras layer has a stream of draws of its own, and goes on where the last epoch stopped.
#
# TensorFlow's own [tutorial](https://www.tensorflow.org/tutorials/images/data_augmentation) comes to the same end by another way: a counter gives each image "a unique value" for a seed, and starts again with each epoch.
#
# ## Never switched on
#
# `fit` tells the layers of a *model* that it is training. In a `map` nobody does, so the default of `call` decides, which in `Jitter` is `training=False`. D trains without augmentation.
#
# ## What are these networks shown?
#
# Two colleagues have images with values from 0 to 1. One wants them up to 20 % lighter or darker, and one divides by 255, as a tutorial says. What will their networks be shown?

# %% tags=["hide-output"]
from keras import layers

changes = {
    "RandomBrightness": layers.RandomBrightness(0.2, seed=0),
    "Rescaling": layers.Rescaling(1 / 255),
}
given = {"as they are": x[:4]} | {name: change(x[:4], training=True) for name, change in changes.items()}
figures.rows_of_pictures(given, [""] * 4, "Four garments in three rows. As they are: in greys. RandomBrightness: black or white squares. Rescaling: black squares.")
caption("Next to nothing. The first layer expects values up to 255, where 20 % are 51. The second divides once too often.")

# %% [markdown]
# Both train. What will be their training accuracy after 50 epochs? (A coin has 50 %.)

# %% tags=["hide-output"]
models = {name: keras.Sequential([keras.Input((28, 28, 1)), change, small_model(seed=0)]) for name, change in changes.items()}
for name, model in models.items():
    accuracy = train(model, originals.shuffle(128).batch(32), epochs=50)["accuracy"][-1]
    print(f"{name}: training accuracy ≈ {100 * accuracy:.0f} % (40 to 80)")

# %% [markdown]
# `fit` shows a hard task, and you look for a larger network. The first needs `value_range=(0, 1)`, as RandAugment does, and the second no layer. To divide before a backbone's `preprocess_input` is the same mistake as the second.
#
# ## Copied into every worker
#
# Two worker processes load your pictures. Each gets a copy of the data set, and of what is in it. What will they draw?

# %% tags=["hide-output"]
import copy


class Turned:  # a data set such as PyTorch's DataLoader or keras.utils.PyDataset takes
    def __init__(self):
        self.generator = np.random.default_rng(0)

    def __getitem__(self, number):
        return int(self.generator.integers(-30, 31))  # the angle of image `number`


data = Turned()
for worker in range(2):
    own = copy.deepcopy(data)
    print(f"worker {worker} turns its images by", [own[number] for number in range(worker, 12, 2)])

# %% [markdown]
# The same angles, twice. So it is with any generator that a data set owns, in PyTorch's `DataLoader` (which seeds `torch` and `np.random` for each worker, but not that one), and in `keras.utils.PyDataset` with `use_multiprocessing=True`. Unless you ask for `persistent_workers=True`, PyTorch also copies anew for each epoch, which then begins the same draws again. `fit` shows nothing.
#
# ## 97.5 %, and why not
#
# Somebody makes sixteen copies of each of 128 garments, mixes them, and keeps a fifth of the *pictures* for validation. A network is right about 97.5 % of those. What will its accuracy be on new garments? Write a number down.

# %% tags=["hide-output"]
from helpers.compare import summarise
from helpers.data import RESULTS, read_results

leaks = read_results(RESULTS / "split-after-augmenting.csv").query("n == 128 and model == 'deeper'")
accuracy = 100 * summarise(leaks)[["leaky_accuracy", "val_accuracy"]].mean()
print(f"held out of the copies {accuracy['leaky_accuracy']:.1f} %, new garments {accuracy['val_accuracy']:.1f} %")

# %% [markdown]
# (Means of twenty runs.) No picture that was held out had been trained on, but about twelve of its fifteen siblings had. So the validation set *leaks*: it rewards memory. Split first, then augment.
#
# ## Let a program look
#
# The series has a check-up that reads a pipeline as `fit` would, for a few epochs. It works in any project. Install it with `pip install ./augcheck` in a clone, then type two lines.

# %%
from augcheck import check_pipeline

validation = garments.x_val[:200], garments.y_val[:200]
print(check_pipeline(pipelines(originals)["A"], validation))

# %% [markdown]
# And the others?

# %%
for name, data in pipelines(originals).items():
    print(name, check_pipeline(data, validation).found)
for name, model in models.items():
    print(name, check_pipeline((x, y), validation, model=model).found)

# %% [markdown]
# Given a `DataLoader`, it also finds workers that begin the same draws in every epoch. It can't see the split, because a turned copy may differ more from its sibling than from another garment. Nor does it know what you meant: a shift in the wrong direction goes through. [The check-up](../augcheck/README.md) has the rest.
#
# ## My two pipelines disagree
#
# One trains better than the other, and you don't know why. Count the gradient updates of both, then the pairs of runs (lesson [04](04_a_fair_comparison.ipynb)). After that, follow one image through two epochs, and go down this table.
#
# | mistake | what `fit` shows | how to see it | repair |
# | --- | --- | --- | --- |
# | `cache()` behind the `map` | overfitting, and fast epochs | two epochs are equal | [`cache()` first](../docs/find_your_symptom.md#cached-or-preloaded-and-suddenly-perfect-cache-snapshot-datasetsave) |
# | `set_random_seed`, then `tf.image` in a `map` | overfitting | two epochs are equal | a Keras layer, or [a generator made once](../docs/find_your_symptom.md#the-same-augmentation-in-every-epoch) |
# | a counter for a seed | overfitting | two epochs are equal | the same |
# | a layer that is off | overfitting | equal to the original | `jitter(images, training=True)` |
# | RandomBrightness or RandAugment on 0 to 1 | a hard task | smallest and largest value | `value_range=(0, 1)` |
# | preprocessed twice | a hard task | smallest and largest value | [one of the two](../docs/find_your_symptom.md#normalize-preprocess_input-rescale-imagenet-mean-or-my-own-before-or-after-augmentation) |
# | workers with one generator | nothing | print what two workers draw | [a seed for each worker](../docs/find_your_symptom.md#workers-make-the-same-random-pictures-albumentations) |
# | split after augmenting | success | which images are on both sides? | [split first](../docs/find_your_symptom.md#first-augment-then-split-cross-validation) |
#
# ## In practice and limits
#
# The curves are those of small images and a small network. The check-up reads nine epochs at most, so it takes ten copies that are shown in turn for live. What the old generator does to brightness and to saved pictures is in [Migration](../docs/migration.md#brightness_range-on-images-from-0-to-1).

# %% [markdown]
# ## Take-away
#
# 1. Before you train, look at one image through two epochs, beside its original.
# 2. `fit` hides these mistakes: frozen looks like overfitting, black and white like a hard task, and leaking like success.
# 3. A program sees what repeats and what is out of range, but not what you meant.

# %%
# The message, in your own run: only B shows new pictures, and A's curve is that of one copy.
new = {name: len(np.unique(pictures[1:], axis=0)) for name, pictures in shown.items()}
assert new == {"A": 1, "B": 4, "C": 1, "D": 1}, (
    "Only B should show a new picture in each epoch: a pipeline "
    "was changed."
)
assert curves["A, training"].iloc[-1] < curves["B, training"].iloc[-1], (
    "Frozen A should end with the lower training loss: is it frozen?"
)
assert curves["A, new garments"].iloc[-1] > curves["B, new garments"].iloc[-1], (
    "Frozen A should end with the higher loss on new garments: "
    "is it frozen?"
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You add `cache()`, epochs get faster, and soon the validation loss rises. What do you look at first?</summary>
#
# At one image through two epochs. If `cache()` comes after the augmentation, every epoch shows the stored pictures, and the rise is overfitting to one copy.
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
# Worked answers are in [the solutions](solutions/06_when_live_is_not_live.ipynb).

# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# P, Q and R are three pipelines with a random flip. Two of them have a mistake. Which one would you train with? Look at pictures, and at the labels of several batches and epochs. Let `check_pipeline` read all three only after you have decided. (Their code is in `exercises.py`. Don't look.)

# %%
from exercises import check, three_pipelines

suspects = three_pipelines(x, y)
for _, labels in suspects["P"]:
    print("the first labels of a batch of P: ≈", labels.numpy()[:16].sum(), "coats in 16")
answer = None  # "P", "Q" or "R"
check("06.1", answer)

# %% [markdown]
# ### Exercise 2: Split first
#
# Change `split_pool` so that no garment is on both sides: a fifth of the *garments* for validation, as they are, and sixteen copies of each other garment, without the originals, for training. Labels must follow their pictures. `check` tries your function on forty made-up garments.

# %%
def split_pool(x, y, copies=16):
    pool = np.concatenate([policy(x) for copy in range(copies)])
    order = np.random.default_rng(0).permutation(len(pool))
    train, val = order[: len(order) * 4 // 5], order[len(order) * 4 // 5 :]
    labels = np.tile(y, copies)
    return (pool[train], labels[train]), (pool[val], labels[val])


check("06.2", ...)  # put split_pool in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: A mistake of your own
#
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict what it costs. Then train with it and without it, on several subsets each, and compare in pairs.

# %%
def mine(x, y):
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    return data.shuffle(len(x)).batch(32).map(by_policy).prefetch(2)


print("found:", check_pipeline(mine(x, y), validation).found)

# %% [markdown]
# **Next:** you leave `ImageDataGenerator` for Keras's own layers, with the same ranges. Will your network see the same pictures? Write down what may differ, then open [07 Leaving ImageDataGenerator](07_leaving_imagedatagenerator.ipynb)
