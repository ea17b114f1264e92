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
# # 08 Leaving ImageDataGenerator
#
# `ImageDataGenerator` still works, but its documentation is one word, DEPRECATED. So you move to Keras's own layers, with the same ranges. Will your network be shown the same images?
#
# <details><summary>From lesson 07: where in a pipeline does `cache()` belong, and why?</summary>
#
# Before the `map` that augments. Behind it, the cache would freeze the first epoch's versions.
#
# </details>
#
# **You will** change a photograph with three tools, copy a pipeline, and time it. You need lessons [01](01_static_versus_live.ipynb) and [07](07_when_live_is_not_live.ipynb). **Time:** 13 minutes to read, less than one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## The same numbers mean other things
#
# Here is lesson 01's policy, flips, turns of up to 5 degrees, and moves and zooms of up to 5 %. We have it for the old generator and for `RandomAffine`, [one file](../helpers/augment.py) to copy.

# %%
from helpers.augment import RandomAffine
from helpers.policies import POLICIES
from tensorflow.keras.preprocessing.image import ImageDataGenerator

mild = POLICIES["mild"]
generator = ImageDataGenerator(**mild)
affine = RandomAffine(**mild, seed=0)

# %% [markdown]
# Keras has a layer for each kind of change. A rotation is a fraction of the full circle there, so `RandomRotation(5)` would ask for five full turns. The height comes before the width. Beyond the edge the layers put a reflection, and the generator the nearest pixel, so we ask for that.

# %%
from keras import layers

stack = layers.Pipeline(  # in the order in which they act
    [
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(5 / 360, fill_mode="nearest"),
        layers.RandomTranslation(0.05, 0.05, fill_mode="nearest"),
        layers.RandomZoom(0.05, 0.05, fill_mode="nearest"),
    ]
)

# %% [markdown]
# The [migration table](../docs/migration.md) has the generator's other arguments, such as `rescale`, with their traps.
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
small, large = resized(photograph, 28), resized(photograph, 224)


# %% [markdown]
# The generator has a method for one image. A zoom of 0.96 enlarges, because it is the part of the old image that fills the new one.

# %%
def by_generator(image):
    shift = 0.05 * len(image)  # pixels, along the width
    change = {"theta": 4, "tx": shift, "zx": 0.96, "zy": 0.96}
    return generator.apply_transform(image, change)


# %% [markdown]
# `RandomAffine` takes a batch, and eight numbers an image, in this order. In training it draws them from your ranges.

# %%
def by_affine(image):
    change = {
        "rotation": 4,  # degrees
        "shift_width": 0.05,  # of the width
        "shift_height": 0,
        "shear": 0,
        "zoom_width": 0.96,
        "zoom_height": 0.96,
        "flip_horizontal": 0,
        "flip_vertical": 0,
    }
    return affine.apply(image[None], [list(change.values())])[0]


# %% [markdown]
# A layer draws between two ends, so two equal ends fix what it draws. The shift has the other sign here, and a zoom counts from 0. A range that goes both ways doesn't show it.

# %%
fixed = layers.Pipeline(
    [
        layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),
        layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),
        layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
    ]
)


def by_layers(image):
    return fixed(image[None], training=True)[0]


# %% [markdown]
# Which two of the three will make equal images? How will the third differ, and will you see it in both sizes? Write it down, then unfold: a row for each size.

# %% tags=["hide-output"]
import figures

rows = {}
for size, image in {"28 pixels": small, "224 pixels": large}.items():
    rows[size] = [image, by_generator(image), by_affine(image), by_layers(image)]
columns = ["original", "generator", "RandomAffine", "Keras layers"]
figures.rows_of_images(rows, columns, tile=2)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# The generator and `RandomAffine` make the same image, and the layers a blurred one, because each of the three computes all pixels once more. The generator and `RandomAffine` work out turn, shift and zoom together, and compute pixels once. The blur is a few pixels wide at any size, so in the large photograph you hardly see it.
#
# </details>

# %% [markdown]
# ## What does a move do to an edge?
#
# A moved image needs values from between the old pixels. Computing them is called *resampling*, and usually it takes a mean of the nearest pixels. Here an edge moves by half a pixel, three times.

# %%
import numpy as np

edge = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
for moves in range(4):
    print(f"moved {moves} times:", *edge)
    edge = (edge[:-1] + edge[1:]) / 2  # half-way between two old pixels

# %% [markdown]
# ## A pipeline to copy
#
# We take `RandomAffine`, one transform for all. It acts in the fourth of five links: **cache, shuffle, batch, map, prefetch**.

# %%
from helpers.data import load_garments, subset

x, y, new_x, new_y = subset(load_garments(), 512)


def live(images, labels):
    return affine(images, training=True), labels


originals = tf.data.Dataset.from_tensor_slices((x, y))
train = originals.cache().shuffle(512).batch(32)  # room for all 512
train = train.map(live, tf.data.AUTOTUNE).prefetch(2)

validation = tf.data.Dataset.from_tensor_slices((new_x, new_y)).batch(32)

# %% [markdown]
# | place | elsewhere |
# | --- | --- |
# | `cache` first | after `shuffle` every epoch has one order, after `map` the same versions |
# | `shuffle` before `batch`, with room for all images | `shuffle` after `batch` moves whole batches |
# | `batch` before `map` | `batch` after `map` takes longer, with a call an image |
#
# Validation gets no such `map`, because `live` would augment it, too. Give both to `fit(train, validation_data=validation)`. [Migration](../docs/migration.md#a-whole-pipeline) has the pipeline for folders.
#
# ## Does the network wait for it?
#
# Time one pass over your pipeline, without a network.

# %%
import time

batches = sum(1 for batch in train)  # this first pass fills the cache
start = time.perf_counter()
for batch in train:
    pass
# in brackets: what we expect of any machine
print(f"{batches} batches, seconds: ≈ {time.perf_counter() - start:.2f} (0 to 60)")

# %% [markdown]
# Time an epoch of `fit`, too. If it takes hardly longer than the pass, your network [waits for augmentation](../docs/find_your_symptom.md#the-gpu-waits-for-augmentation). If it takes several times as long, you don't wait for augmentation.
#
# ## What does a file need?
#
# Perhaps another program needs copies as files. A PNG holds whole numbers up to 255. So multiply images from 0 to 1 first.
#
# ```python
# import keras
#
# keras.utils.save_img("copy.png", np.round(255 * small), scale=False)
# ```
#
# Without `scale=False`, and in the generator's `save_to_dir`, the contrast of each image is stretched.
#
# ## In practice and limits
#
# We trained the small network live on 512 garments, twenty times with each tool. After 500 updates the layers were 3.1 ± 0.6 points of accuracy behind `RandomAffine`, and after 3,000 still 1.2 ± 0.3, which is *worse* both times. The generator and `RandomAffine` were *equivalent* both times.
#
# What the lost texture costs in large images we have not measured. A second run with the same seed may show other versions. [Live and replayable](going_deeper/live_and_replayable.ipynb) has a pipeline whose versions can all be made again.

# %% [markdown]
# ## Take-away
#
# 1. The same ranges in another tool can make other images. Where images are small, turn, shift and zoom them in one transform.
# 2. Cache, shuffle, batch, map, prefetch, and no map for validation.
# 3. Time a pass over your pipeline before you decide that live is too slow.

# %%
# The message, in your own run.
from_generator, from_affine, from_layers = rows["28 pixels"][1:]
off = np.abs(from_generator - from_affine).mean()
assert np.abs(from_layers - from_affine).mean() > 10 * off, (
    "The generator and RandomAffine should make the same image, and the layers "
    "another: do all three say the same turn, shift and zoom?"
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Your photographs have 300 pixels, and your augmentation is a stack of layers. Must you replace it?</summary>
#
# Hardly. What it blurs at that size is fine texture. If your classes differ in that, such as by cracks, one transform is safer.
#
# </details>
#
# <details><summary>2. You evaluate the same network twice on your validation set, and get two results. Where do you look?</summary>
#
# At the validation pipeline. A `map` with a random layer draws anew in each pass, because nobody tells it that it isn't training.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/08_leaving_imagedatagenerator.ipynb).

# %% [markdown]
# ### Exercise 1: From which size on?
#
# The *sharpness* of images is the mean squared step from one pixel to the next. It is measured after shrinking to 28 pixels, so that we look at all sizes from the same distance. From which of these sizes on does the stack of layers leave nine tenths of the photograph's sharpness? Guess, then measure: the code prints the original's, which hardly changes with the size. Change `many` by `stack(many, training=True)`, and divide its sharpness by the original's. Then do it with a photograph of your own. Which of your classes differ in something that is lost?

# %%
from exercises import check


def sharpness(images):
    images = resized(images, 28)
    down, across = np.diff(images, axis=1), np.diff(images, axis=2)
    return np.mean(down**2) + np.mean(across**2)


for size in (28, 56, 112, 168, 224):
    image = resized(photograph, size)
    many = np.repeat(image[None], 64, axis=0)  # for 64 draws
    print(f"{size} pixels: the original has ≈ {sharpness(many):.4f}")
answer = None  # one of the sizes
check("08.1", answer)


# %% [markdown]
# ### Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Fix it, so that originals are read once, mixed anew in every epoch, and augmented afresh in full batches of 32. `prefetch` stays last. The check sends 128 numbered images through your function for three epochs, and names the first thing that goes wrong.

# %%
def pipeline(originals, augment):
    augmented = originals.map(augment).cache()
    return augmented.batch(32).shuffle(4).prefetch(2)


check("08.2", ...)  # put pipeline in place of the dots when it is ready

# %% [markdown]
# **Next:** you compare static and live on images of your own. Which will win, by how many points, and would it win again with another seed? Write it down, then open [09 Your own images](09_your_own_images.ipynb).
