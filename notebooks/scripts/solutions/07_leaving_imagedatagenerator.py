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
# # Solutions to lesson 07: Leaving ImageDataGenerator
#
# Worked answers to the exercises of notebook 07, which you need to have read. Try them yourself first. It takes half a minute on two cores.

# %%
from series import prepare

prepare()

# %%
import numpy as np
import tensorflow as tf
from helpers.data import load_garments

clean = load_garments().x_val[:512]


def resized(images, size):
    return tf.image.resize(images, (size, size), method="area").numpy()


def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)


def sharpness(augment, images, size):
    moved = np.asarray(augment(images, training=True))
    return steps(resized(moved, size)) / steps(resized(images, size))

# %% [markdown]
# ## Exercise 1: The price of sharpness
#
# Keras's layers take `interpolation="nearest"`, which copies the nearest pixel where the usual way takes a mean. Predict the sharpness of the mild stack with it in all three resampling layers. Then measure it on the 512 clean garments, as above, put the number into `sharp`, and look at the pictures. What did the sharpness cost?

# %%
from exercises import check
from keras import layers


def stack_of(interpolation):
    given = {"fill_mode": "nearest", "interpolation": interpolation}
    return layers.Pipeline([
        layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(5 / 360, **given, seed=2),
        layers.RandomTranslation(0.05, 0.05, **given, seed=3),
        layers.RandomZoom(0.05, 0.05, **given, seed=4),
    ])


sharp = sharpness(stack_of("nearest"), clean, 28)
print(f"sharpness ≈ {sharp:.2f}")
check("07.1", sharp)

# %% [markdown]
# The pictures are as sharp as the originals. But are the right things sharp? A copied value comes from up to half a pixel beside its place, three times in a row. So we give both stacks one turn, shift and zoom, and measure how far they are from a single resampling of the same map.

# %%
from helpers.augment import RandomAffine


def fixed(interpolation):
    given = {"fill_mode": "nearest", "interpolation": interpolation}
    return layers.Pipeline([
        layers.RandomRotation((4 / 360, 4 / 360), **given),
        layers.RandomTranslation((0, 0), (-0.05, -0.05), **given),
        layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), **given),
    ])


once = RandomAffine().apply(clean, np.tile([4, 0.05, 0, 0, 0.96, 0.96, 0, 0], (512, 1))).numpy()
moved = {name: fixed(name)(clean, training=True).numpy() for name in ("bilinear", "nearest")}
missed = {name: np.abs(images - once).mean() for name, images in moved.items()}
print("a pixel differs from one resampling by:", ", ".join(f"{name} ≈ {d: .3f}" for name, d in missed.items()))
assert missed["nearest"] > 1.5 * missed["bilinear"]

# %%
import figures
from helpers.plots import caption

columns = {"original": clean, "once": once, "three bilinear": moved["bilinear"], "three nearest": moved["nearest"]}
rows = {"": [images[1] for images in columns.values()], " ": [images[4] for images in columns.values()]}
figures.rows_of_pictures(rows, list(columns), "Two garments, each four times: as it is, moved once, three times with means, which is soft, and three times with copied pixels, which is ragged.", tile=2)
caption("Sharp, but ragged: edges and fine lines are no longer where they belong.")

# %% [markdown]
# The price is position. The sharp stack is about twice as far from a single resampling as the soft one. A sharpness of 1 says that neighbours differ as much as before, and not that they are the right neighbours. Which of the two a network minds more we have not trained.

# %% [markdown]
# ## Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Fix it, so that originals are read once, mixed anew in every epoch, and augmented afresh in full batches of 32; `prefetch` stays last. The check sends 128 numbered pictures through your function for three epochs and names the first thing that goes wrong.

# %%
def pipeline(originals, augment):
    ready = originals.cache().shuffle(128)
    return ready.batch(32).map(augment).prefetch(2)


check("07.2", pipeline)

# %% [markdown]
# A tempting answer leaves `cache` where it was, behind the `map`. It trains one static copy under the name of live, faster than before and without a message. The other wrong places only cost time or mix badly.

# %% [markdown]
# ## Exercise 3: And at your size?
#
# From which size on do three resamplings leave nine tenths of the photograph's sharpness, shrunk to 28 pixels? Guess, then measure. Then do the same with a photograph of your own. Which of your classes differ in something that is lost?

# %%
import matplotlib.pyplot as plt
from matplotlib.cbook import get_sample_data

photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[None, :512, :512] / 255
left = {}
for size in (28, 56, 112, 168, 224):
    many = np.repeat(resized(photograph, size), 64, axis=0)
    left[size] = sharpness(stack_of("bilinear"), many, 28)
    print(f"{size} pixels: ≈ {left[size]:.2f}")

# %% [markdown]
# Somewhere between 112 and 168 pixels. A blur is about as wide as a pixel, whatever the size, and twice as many pixels are half as wide. So this says what is left of the *object*. Fine texture, such as a crack of one pixel in a solar cell, is lost at any size. Whether a network minds, only training would tell, and we have not.

# %%
assert left[28] < 0.4 and left[112] < 0.9 < left[168]
