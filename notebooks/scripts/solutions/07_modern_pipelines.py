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
# # Solutions to lesson 07: modern pipelines
#
# These are worked answers to the exercises of lesson [07](../07_modern_pipelines.ipynb); try them yourself first. They need lesson 07, and nothing of its kernel. They take half a minute to run.

# %%
from series import prepare

prepare()

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers

from exercises import check
from helpers import plots
from helpers.augment import IDENTITY, POLICIES, RandomAffine
from helpers.data import load_garments
from helpers.show import show_table

plots.use_style()
clean = load_garments().x_val[:512]


def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: The price of sharpness
#
# Keras's layers take `interpolation="nearest"`, which copies the nearest pixel where the usual way takes a mean. Predict the sharpness of the mild stack with it in all three resampling layers. Then measure it on the 512 clean garments, as above, put the number into `sharp`, and look at the pictures. What did the sharpness cost?

# %%
def stack_of(interpolation):
    given = {"fill_mode": "nearest", "interpolation": interpolation}
    return keras.Sequential([
        layers.RandomFlip("horizontal", seed=1),
        layers.RandomRotation(5 / 360, **given, seed=2),
        layers.RandomTranslation(0.05, 0.05, **given, seed=3),
        layers.RandomZoom(0.05, 0.05, **given, seed=4),
    ])


drawn = {name: stack_of(name)(clean, training=True).numpy() for name in ("bilinear", "nearest")}
for name, images in drawn.items():
    print(f"sharpness, {name:8} ≈ {steps(images) / steps(clean): .2f}")
sharp = steps(drawn["nearest"]) / steps(clean)
check("07.1", sharp)
assert 0.94 < sharp < 1.04 and steps(drawn["bilinear"]) / steps(clean) < 0.45

# %% [markdown]
# The pictures are as sharp as the originals. But are the right things sharp? A copied value comes from up to half a pixel beside its place, three times in a row. So we give both stacks one turn, shift and zoom, and measure how far they are from a single resampling of the same map.

# %%
def fixed(interpolation):
    given = {"fill_mode": "nearest", "interpolation": interpolation}
    return keras.Sequential([
        layers.RandomRotation((4 / 360, 4 / 360), **given),
        layers.RandomTranslation((0, 0), (-0.05, -0.05), **given),
        layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), **given),
    ])


numbers = np.tile([4, 0.05, 0, 0, 0.96, 0.96, 0, 0], (512, 1))
single = RandomAffine().apply(clean, numbers).numpy()
moved = {name: fixed(name)(clean, training=True).numpy() for name in ("bilinear", "nearest")}
missed = {name: np.abs(images - single).mean() for name, images in moved.items()}
print("a pixel differs from one resampling by:", ", ".join(f"{name} ≈ {d: .3f}" for name, d in missed.items()))
assert missed["nearest"] > 1.5 * missed["bilinear"]

# %% tags=["hide-input"]
rows = [[images[number] for images in (clean, single, moved["bilinear"], moved["nearest"])] for number in (1, 4)]
plots.show_images(rows, ["", ""], ["original", "once", "three bilinear", "three nearest"])

# %% [markdown]
# *Sharp, but ragged: edges and fine lines are no longer where they belong.*
#
# The price is position. The sharp stack is about twice as far from a single resampling as the soft one. A sharpness of 1 says that neighbours differ as much as before, and not that they are the right neighbours. Which of the two a network minds more we have not trained.

# %% [markdown]
# ### Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Fix it, so that originals are read once, mixed anew in every epoch, and augmented afresh in full batches of 32; `prefetch` stays last. The check sends 128 numbered pictures through your function for three epochs and names the first thing that goes wrong.

# %%
def pipeline(originals, augment):
    ready = originals.cache().shuffle(128)
    return ready.batch(32).map(augment).prefetch(2)


check("07.2", pipeline)

# %% [markdown]
# Each wrong place has its own symptom:

# %%
def map_before_batch(originals, augment):
    return originals.cache().shuffle(128).map(augment).batch(32).prefetch(2)


def cache_after_map(originals, augment):
    return originals.shuffle(128).batch(32).map(augment).cache().prefetch(2)


def batch_before_shuffle(originals, augment):
    return originals.cache().batch(32).shuffle(4).map(augment).prefetch(2)


def shuffle_before_cache(originals, augment):
    return originals.shuffle(128).cache().batch(32).map(augment).prefetch(2)


for wrong in (map_before_batch, cache_after_map, batch_before_shuffle, shuffle_before_cache):
    print(wrong.__name__, end=", ")
    check("07.2", wrong)

# %% [markdown]
# The second is the one to fear. It trains one static copy under the name of live, faster than before and without a message. The others only cost time or mix badly.

# %% [markdown]
# ### Exercise 3: Does a larger picture mind less?
#
# A garment has 28 pixels, a photograph has hundreds. The cell reads a photograph that comes with matplotlib and makes it 28, 56, 112 and 224 pixels large. Say first what you expect of one resampling and of three. Then measure both at each size. Is our sharpness the right number for this question? If you don't think so, invent a better one.

# %% [markdown]
# One way to answer it, and others are possible. For three resamplings we take `RandomAffine` in steps, as the companion *Is it the blur?* does, so that both get the same draws. Our better number looks at all pictures from the same distance. It makes each one 28 pixels large after the moving, and takes the sharpness then.

# %%
from matplotlib.cbook import get_sample_data


class InSteps(RandomAffine):
    def apply(self, images, parameters):
        for columns in ([0], [1, 2], [4, 5, 6, 7]):  # turn; shifts; zooms and flips
            images = super().apply(images, tf.where(np.isin(np.arange(8), columns), parameters, IDENTITY))
        return images


def at_28(images):
    return tf.image.resize(images, (28, 28), method="area").numpy()


# %%
photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[:512, :512].mean(axis=2) / 255
policy = POLICIES["mild"]
draws = RandomAffine(**policy).draw(32, seed=(0, 0))
rows = {}
for size in (28, 56, 112, 224):
    image = tf.image.resize(photograph[None, :, :, None], (size, size), method="area").numpy()
    many = np.repeat(image, 32, axis=0)
    row = rows[size] = {}
    for name, way in [("once", RandomAffine(**policy)), ("three times", InSteps(**policy))]:
        moved = way.apply(many, draws).numpy()
        row[f"{name}, pixel to pixel"] = steps(moved) / steps(image)
        row[f"{name}, seen at 28"] = steps(at_28(moved)) / steps(at_28(image))

# %% tags=["hide-input"]
found = pd.DataFrame(rows).T.sort_index(axis=1)
show_table(found.rename_axis("pixels"), approximate=True)

# %% [markdown]
# From pixel to pixel a large picture is blurred nearly as much as a small one, because a mean of neighbours is a mean of neighbours. But its pixels are small, and what you see from the same distance hardly changes: at 224 pixels three resamplings leave 97 % of it.
#
# So our number answers "are the pixels soft?", while the question was whether the *object* is. A network that looks at fine texture, such as cracks in a solar cell, may mind all the same. Only training it would tell, and we have not.

# %%
pixel, seen = found["three times, pixel to pixel"], found["three times, seen at 28"]
assert pixel.between(0.3, 0.5).all() and seen[28] < 0.4 and seen[224] > 0.93
