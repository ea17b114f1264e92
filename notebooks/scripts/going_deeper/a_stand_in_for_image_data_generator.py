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
# # A stand-in for ImageDataGenerator
#
# The article that this series tests uses Keras's `ImageDataGenerator`. The series uses a layer of its own, `RandomAffine`. This page belongs to lesson [01](../01_static_versus_live.ipynb). It says why, and shows that the two make the same pictures and lead to the same finding. It takes 5 minutes to read and a few seconds to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers import plots
from helpers.augment import POLICIES, RandomAffine
from helpers.compare import differences, summarise
from helpers.data import load_garments, subset
from helpers.show import show_table
from helpers.stats import judge
from helpers.tables import FOLDER, read_results

plots.use_style()
x = subset(load_garments(), 128).x_train

# %% [markdown]
# ## Why another augmenter?
#
# Lesson 01 trains one network live and another from stored copies, and ends with identical weights. For that we must be able to say "the picture of garment 7 in epoch 12" and get it again. `ImageDataGenerator` can't, because it takes its random numbers from the one generator that all of NumPy shares. Whatever else draws a number in between changes the pictures:

# %%
datagen = ImageDataGenerator(**POLICIES["mild"])


def three_pictures(other_draws):
    np.random.seed(0)
    np.random.random(other_draws)
    return np.stack([datagen.random_transform(image) for image in x[:3]])


print("the same after nothing else?   ", np.array_equal(three_pictures(0), three_pictures(0)))
print("the same after one other draw? ", np.array_equal(three_pictures(0), three_pictures(1)))

# %% [markdown]
# It works the other way round, too. If you give `flow` a seed, it sets NumPy's generator anew with every batch, for your whole program:

# %%
def number_after_a_batch():
    next(datagen.flow(x, batch_size=32, seed=0))
    return np.random.random()


print("your next random number is always the same?", number_after_a_batch() == number_after_a_batch())

# %% [markdown]
# `RandomAffine` splits the work into two halves. `draw` needs no image and makes a row of eight numbers for each, from a seed of two whole numbers such as (replicate, epoch). `apply` needs no luck and changes the images as the rows say. So the same seed gives the same rows, and the row of garment 7 does not depend on how many garments are drawn with it.

# %%
policy = RandomAffine(**POLICIES["mild"])
numbers = policy.draw(128, seed=(0, 12)).numpy()
pictures = policy.apply(x, numbers).numpy()
print("the same again?          ", np.array_equal(numbers, policy.draw(128, seed=(0, 12))))
print("the same with fewer?     ", np.array_equal(numbers[:8], policy.draw(8, seed=(0, 12))))
print("the same in epoch 13?    ", np.array_equal(numbers, policy.draw(128, seed=(0, 13))))

# %% [markdown]
# ## A seed that freezes a map
#
# Seeds can do the opposite harm, too. `keras.utils.set_random_seed` is meant to make a program repeatable. It also sets the ops of `tf.image` inside a `map`, and each pass over the dataset then starts their random numbers again.

# %%
def two_epochs_are_alike():
    data = tf.data.Dataset.from_tensor_slices(x).batch(32).map(tf.image.random_flip_left_right)
    first, second = (np.concatenate([batch.numpy() for batch in data]) for epoch in range(2))
    return np.array_equal(first, second)


alike_before = two_epochs_are_alike()
keras.utils.set_random_seed(0)
alike_after = two_epochs_are_alike()
print("before set_random_seed, are two epochs alike?", alike_before)
print("and after it?                                ", alike_after)

# %% [markdown]
# With a shuffle *before* the `map` each image meets another number in each epoch, and nothing is frozen. The [check-up](../../docs/the_check_up.md) of lesson [06](../06_when_live_is_not_live.ipynb) finds such repeats.
#
# ## Do both make the same picture?
#
# `ImageDataGenerator` has a method that takes the numbers from us, `apply_transform`. So we can give both the same draws, here of the article's own wide policy, and compare every pixel of 128 garments.

# %%
wide = RandomAffine(**POLICIES["wide"])
draws = wide.draw(128, seed=(0, 0)).numpy()
ours = wide.apply(x, draws).numpy()


def by_keras(image, draw):
    rotation, shift_width, shift_height, shear, zoom_width, zoom_height, flip, _ = draw.tolist()
    return datagen.apply_transform(image, {
        "theta": rotation, "tx": 28 * shift_width, "ty": 28 * shift_height, "shear": shear,
        "zx": zoom_width, "zy": zoom_height, "flip_horizontal": flip,
    })


theirs = np.stack([by_keras(image, draw) for image, draw in zip(x, draws, strict=True)])
difference = np.abs(theirs - ours).max()
print("no pixel differs by more than a thousandth of the way from black to white?", difference < 0.001)

# %% tags=["hide-input"]
plots.show_images([theirs[:8], ours[:8]], ["ImageDataGenerator", "RandomAffine"], [""] * 8)

# %% [markdown]
# *Given the same draws, the two make the same pictures, the smears at the border included.*
#
# Both multiply all changes into one map and resample the picture once. The tests of this repository compare many more draws, with every kind of border.
#
# ## Where it differs on purpose
#
# **Width is width.** Ask `ImageDataGenerator` for a large shift of the *width* in Keras 3, and see where the garments go.

# %%
np.random.seed(0)
sideways = ImageDataGenerator(width_shift_range=0.3, fill_mode="constant")
keras_shift = np.stack([sideways.random_transform(x[4]) for i in range(8)])

our_shift = RandomAffine(width_shift_range=0.3, fill_mode="constant")
same_garment = np.repeat(x[4:5], 8, axis=0)
affine_shift = our_shift.apply(same_garment, our_shift.draw(8, seed=(0, 0))).numpy()

# %% tags=["hide-input"]
plots.show_images([keras_shift, affine_shift], ["ImageDataGenerator", "RandomAffine"], [""] * 8)

# %% [markdown]
# *Asked for a shift of the width, ImageDataGenerator moves the picture up and down.*
#
# The generator exchanges the two shifts (Keras issue 17398, of January 2023). Where both ranges are equal, as in our policies, nobody notices. What if only one was asked for? In a stored table we meant to shift 128 garments sideways by up to a fifth, and `width_shift_range` shifted them up and down. *Predict first*: twenty pairs and 500 updates later, is the mistake better or worse than what was meant?

# %% tags=["hide-input"]
ranges = read_results(FOLDER / "flow-ranges.csv")
ranges = summarise(ranges.assign(arm=ranges["policy"]))
exchanged = {}
for metric in ("val_loss", "val_accuracy"):
    interval, margin, word = judge(differences(ranges, "width-shift", "height-shift", metric), metric)
    exchanged[metric.removeprefix("val_")] = {"mean": interval.mean, "from": interval.low, "to": interval.high, "verdict": word}
shifts = pd.DataFrame(exchanged).T.rename_axis("up and down minus sideways")
show_table(shifts.astype({"mean": float, "from": float, "to": float}), digits=3)

# %% [markdown]
# The mistake *helps*: on these garments up and down is better than what was meant. A good number is no proof that a pipeline does what you think. If up and down helps, ask for it by its name.
#
# **A shear is in degrees.** Both take `shear_range` in degrees, but only one says so. The article's shear of 0.2 therefore moves the border of a garment by a twentieth of a pixel at most, and radians or a fraction may have been meant.
#
# ## Does it matter in training?
#
# Equal pictures from equal draws should lead to equal findings, but `flow` also shuffles and draws in its own way. So we ran two arms of the main study again with `ImageDataGenerator` itself, 512 garments, 3,000 updates and twenty replicates. How far does live end below one copy?

# %%
stored = read_results(FOLDER / "static-versus-live.csv")
affine_runs = summarise(stored.query("policy == 'mild' and model == 'small' and rate == 'constant'"))
flow_runs = summarise(read_results(FOLDER / "image-data-generator.csv"))
by_affine = differences(affine_runs, "live", "copies-1")
by_flow = differences(flow_runs, "live", "copies-1")

rows = {}
for name, values in [("ImageDataGenerator", by_flow), ("RandomAffine", by_affine), ("difference", by_flow - by_affine)]:
    interval, margin, word = judge(values, "val_loss")
    rows[name] = {"mean": interval.mean, "from": interval.low, "to": interval.high, "verdict": word}
table = pd.DataFrame(rows).T.rename_axis("live minus 1 copy, loss")
show_table(table.astype({"mean": float, "from": float, "to": float}), digits=3)

# %% [markdown]
# Both say that one frozen copy costs about 0.2 in loss on new garments. Whether the two estimates differ a little is *undecided*: the runs allow no difference, and they allow one of 0.08.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
from helpers.show import Claims


def spread(images):
    # standard deviation of the row and of the column in which the centre of a picture lies
    grid = np.indices(images.shape[1:3])[..., None]
    return [np.std((images * place).sum(axis=(1, 2, 3)) / images.sum(axis=(1, 2, 3))) for place in grid]


claims = Claims()
claims.check("ImageDataGenerator's pictures change if something else draws a number",
             np.array_equal(three_pictures(0), three_pictures(0))
             and not np.array_equal(three_pictures(0), three_pictures(1)))
claims.check("flow with a seed resets NumPy's generator", number_after_a_batch() == number_after_a_batch())
claims.check("a map with tf.image's ops is frozen by set_random_seed, and was live before", alike_after and not alike_before)
claims.check("stored: the exchanged shifts are better in loss and in accuracy",
             [row["verdict"] for row in exchanged.values()] == ["better", "better"])
claims.check("a draw depends on its seed and not on the number of images",
             np.array_equal(numbers[:8], policy.draw(8, seed=(0, 12)))
             and not np.array_equal(numbers, policy.draw(128, seed=(0, 13))))
claims.check("given equal draws, no pixel differs by 0.001", bool(difference < 0.001))
claims.check("asked for the width, ImageDataGenerator moves the picture's centre up and down, RandomAffine sideways",
             bool(spread(keras_shift)[0] > 2 * spread(keras_shift)[1] and spread(affine_shift)[1] > 2 * spread(affine_shift)[0]))
at_the_border = 14 * np.sin(np.deg2rad(0.2))  # 14 pixels from the centre
claims.check("a shear of 0.2 moves no pixel by more than 0.05", bool(at_the_border < 0.05))
claims.check("by both augmenters live ends more than 0.15 below one copy, and their difference is undecided",
             rows["ImageDataGenerator"]["to"] < -0.15 and rows["RandomAffine"]["to"] < -0.15
             and rows["difference"]["verdict"] == "undecided")
