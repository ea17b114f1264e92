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
# # Leaving ImageDataGenerator
#
# `ImageDataGenerator` still works, but its documentation is one word, DEPRECATED. So you move to Keras's own layers, with the same ranges. Will your network be shown the same images?
#
# **You will** change a photograph with three tools. You need lesson [04](../04_when_live_is_not_live.ipynb), which has a pipeline to copy. **Time:** 15 minutes: 8 to read, less than one to run, 6 for the exercise.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## The same numbers mean other things
#
# | what | the generator | Keras's layers |
# | --- | --- | --- |
# | turns of up to 5 degrees | `rotation_range=5` | `RandomRotation(5 / 360)`: 5 would ask for five full turns |
# | moves of up to 5 % | `width_shift_range`, `height_shift_range` | `RandomTranslation(0.05, 0.05)`, the height first |
# | beyond the edge | the nearest pixel | a reflection, unless `fill_mode="nearest"` |
#
# The [migration table](../../docs/migration.md) has the other arguments, such as `rescale`, with their traps.
#
# ## Which images are equal?
#
# All three tools turn a photograph by 4 degrees, shift it by a twentieth of its width, and enlarge it a little. It comes as small as our garments, and eight times as wide. (Grace Hopper, by the U.S. Navy, public domain.)

# %%
import matplotlib.pyplot as plt
import tensorflow as tf
from matplotlib.cbook import get_sample_data


def resized(images, size):
    return tf.image.resize(images, (size, size), method="area").numpy()


photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[:512] / 255

# %% [markdown]
# A range from 4 to 4 degrees fixes what is drawn. A zoom of 0.96 enlarges, because it is the part of the old image that fills the new one. In Keras's layers the shift has the other sign, and a zoom counts from 0.

# %%
from helpers.augment import RandomAffine
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator


def by_generator(image):
    change = {"theta": 4, "tx": 0.05 * len(image), "zx": 0.96, "zy": 0.96}
    return ImageDataGenerator().apply_transform(image, change)


def by_affine(image):  # turn, both shifts, shear, both zooms, both flips
    change = [4, 0.05, 0, 0, 0.96, 0.96, 0, 0]
    return RandomAffine().apply(image[None], [change])[0]


stack = layers.Pipeline(
    [
        layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),
        layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),
        layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
    ]
)


def by_layers(image):
    return stack(image[None], training=True)[0]


# %% [markdown]
# Which two of the three will make equal images? How will the third differ, and will you see it in both sizes? Write it down, then unfold: a row for each size.

# %% tags=["hide-output"]
import figures

rows = {}
for size in (28, 224):
    image = resized(photograph, size)
    changed = [change(image) for change in (by_generator, by_affine, by_layers)]
    rows[f"{size} pixels"] = [image, *changed]
columns = ["original", "generator", "affine", "layers"]
figures.rows_of_images(rows, columns)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# The generator and `RandomAffine` make the same image, and the layers a blurred one. A moved image needs values from between the old pixels, and usually takes a mean of the nearest (*resampling*). Each of the three layers does that once more. The generator and [`RandomAffine`](../../helpers/augment.py) work out turn, shift and zoom together, and do it once. The blur is a few pixels wide at any size, so in the large photograph you hardly see it.
#
# </details>
#
# ## Does a network mind?
#
# We trained the small network live on 512 garments of 28 pixels, twenty times with each tool. After 3,000 updates the layers were 1.2 ± 0.3 points of accuracy behind `RandomAffine`, and after 500 more. The generator and `RandomAffine` were *equivalent*. In large photographs we have not measured it.
#
# ## Take-away
#
# The same ranges in another tool can make other images. Where images are small, turn, shift and zoom them in one transform.

# %%
import numpy as np

from_generator, from_affine, from_layers = rows["28 pixels"][1:]
off = np.abs(from_generator - from_affine).mean()
assert np.abs(from_layers - from_affine).mean() > 10 * off, (
    "The generator and RandomAffine should make the same image, and the layers "
    "another: do all three say the same turn, shift and zoom?"
)

# %% [markdown]
# ## Exercise: From which size on?
#
# The *sharpness* of an image is the mean squared step from one pixel to the next, measured after shrinking to 28 pixels, so that we look at all sizes from the same distance. From which of these sizes on do the layers leave nine tenths of the sharpness that `RandomAffine` leaves? Guess, then measure. The worked answer is in [the solutions](../solutions/leaving_imagedatagenerator.ipynb).

# %%
from exercises import check


def sharpness(image):
    small = resized(image, 28)
    return np.mean(np.diff(small, axis=0) ** 2) + np.mean(np.diff(small, axis=1) ** 2)


for size in (28, 56, 112, 168, 224):
    image = resized(photograph, size)
    print(f"{size} pixels: the original has {sharpness(image):.3f}")
answer = None  # one of the sizes
check("sharpness", answer)
