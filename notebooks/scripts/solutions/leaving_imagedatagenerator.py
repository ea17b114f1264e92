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
# # Solution to Leaving ImageDataGenerator
#
# Try the exercise of [the notebook](../going_deeper/leaving_imagedatagenerator.ipynb) yourself first.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %%
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from exercises import check
from helpers.augment import RandomAffine
from keras import layers
from matplotlib.cbook import get_sample_data


def resized(images, size):
    return tf.image.resize(images, (size, size), method="area").numpy()


def sharpness(image):
    small = resized(image, 28)
    return np.mean(np.diff(small, axis=0) ** 2) + np.mean(np.diff(small, axis=1) ** 2)


stack = layers.Pipeline(
    [
        layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),
        layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),
        layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
    ]
)
change = [4, 0.05, 0, 0, 0.96, 0.96, 0, 0]

# %%
photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[:512] / 255
left = {}
for size in (28, 56, 112, 168, 224):
    image = resized(photograph, size)
    by_layers = stack(image[None], training=True)[0]
    by_affine = RandomAffine().apply(image[None], [change])[0]
    left[size] = sharpness(by_layers) / sharpness(by_affine)
    print(f"{size} pixels: {left[size]:.2f}")
check("sharpness", 112)

# %% [markdown]
# A blur is about as wide as a pixel, whatever the size. With twice the pixels, each of them is half as wide. So this says what is left of the *object*. Fine texture, such as a crack of one pixel in a solar cell, is lost at any size.

# %%
assert left[56] < 0.9 < left[112]
