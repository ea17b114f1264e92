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
# # Solutions to lesson 08: Leaving ImageDataGenerator
#
# Worked answers to the exercises of lesson 08, which you need to have read. Try them yourself first. It takes half a minute on two cores.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: From which size on?
#
# The *sharpness* of images is the mean squared step from one pixel to the next. It is measured after shrinking to 28 pixels, so that we look at all sizes from the same distance. From which of these sizes on does the stack of layers leave nine tenths of the photograph's sharpness? Guess, then measure: the code prints the original's, which hardly changes with the size. Change `many` by `stack(many, training=True)`, and divide its sharpness by the original's. Then do it with a photograph of your own. Which of your classes differ in something that is lost?

# %%
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from exercises import check
from keras import layers
from matplotlib.cbook import get_sample_data


def resized(images, size):
    return tf.image.resize(images, (size, size), method="area").numpy()


def sharpness(images):
    images = resized(images, 28)
    down, across = np.diff(images, axis=1), np.diff(images, axis=2)
    return np.mean(down**2) + np.mean(across**2)


# %%
stack = layers.Pipeline(
    [
        layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(5 / 360, fill_mode="nearest", seed=2),
        layers.RandomTranslation(0.05, 0.05, fill_mode="nearest", seed=3),
        layers.RandomZoom(0.05, 0.05, fill_mode="nearest", seed=4),
    ]
)

# %%
photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[:512] / 255
left = {}
for size in (28, 56, 112, 168, 224):
    image = resized(photograph, size)
    many = np.repeat(image[None], 64, axis=0)  # for 64 draws
    changed = stack(many, training=True).numpy()
    left[size] = sharpness(changed) / sharpness(many)
    print(f"{size} pixels: ≈ {left[size]:.2f}")
check("08.1", 168)

# %% [markdown]
# A blur is about as wide as a pixel, whatever the size. With twice the pixels, each of them is half as wide. So this says what is left of the *object*. Fine texture, such as a crack of one pixel in a solar cell, is lost at any size. Without shrinking, the stack leaves less than half of the sharpness at each of the five sizes. Whether a network minds, only training would tell, and we have not.

# %%
assert left[28] < 0.4 and left[112] < 0.9 < left[168]


# %% [markdown]
# ## Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Fix it, so that originals are read once, mixed anew in every epoch, and augmented afresh in full batches of 32. `prefetch` stays last. The check sends 128 numbered images through your function for three epochs, and names the first thing that goes wrong.

# %%
def pipeline(originals, augment):
    ready = originals.cache().shuffle(128)
    return ready.batch(32).map(augment).prefetch(2)


check("08.2", pipeline)

# %% [markdown]
# A tempting answer leaves `cache` where it was, behind the `map`. It trains one static copy under the name of live, faster than before and without a message. The other wrong places only cost time or mix badly.
