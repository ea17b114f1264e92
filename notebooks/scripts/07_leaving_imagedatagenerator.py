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
# # 07 Leaving ImageDataGenerator
#
# `ImageDataGenerator` still works, but its documentation has shrunk to one word, DEPRECATED. So you move to Keras's own layers, with the same ranges. Will your network see the same pictures, and does it matter if it doesn't?
#
# **You will** move one coat in three ways, measure the difference at two sizes, and put together a pipeline to copy. You need lessons [01](01_static_versus_live.ipynb) and [06](06_when_live_is_not_live.ipynb). **Time:** 23 minutes to read, less than one to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## The numbers mean other things
#
# Here is the mild policy of lesson 01 in the old way, and in `RandomAffine`, which takes the same arguments. It is [one file](../helpers/augment.py) that you may copy beside your script.

# %%
from helpers.augment import RandomAffine
from tensorflow.keras.preprocessing.image import ImageDataGenerator

mild = {
    "rotation_range": 5,
    "width_shift_range": 0.05,
    "height_shift_range": 0.05,
    "zoom_range": 0.05,
    "horizontal_flip": True,
}
generator = ImageDataGenerator(**mild)
affine = RandomAffine(**mild, seed=0)

# %% [markdown]
# Keras has one layer for each kind of change, and other units. A turn is a fraction of the full circle, so `RandomRotation(5)` would mean five full circles. The height comes before the width. What lies outside of the picture is filled by reflection, unless you say otherwise.

# %%
from keras import layers

stack = layers.Pipeline([  # a list of layers for tf.data, on every backend of Keras
    layers.RandomFlip("horizontal", seed=1),
    layers.RandomRotation(5 / 360, fill_mode="nearest", seed=2),
    layers.RandomTranslation(0.05, 0.05, fill_mode="nearest", seed=3),
    layers.RandomZoom(0.05, 0.05, fill_mode="nearest", seed=4),
])

# %% [markdown]
# The [migration table](../docs/migration.md) has every other argument, with its trap.
#
# ## Which pictures are equal?
#
# We take one coat and give all three ways the same turn, shift and zoom. Which two of the three pictures will be equal? In what will the third differ?

# %%
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 512)
coat = few.x_train[123:124]
fixed = layers.Pipeline([
    layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),  # from 4 degrees to 4 degrees
    layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),  # the sign is another one, too
    layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
])
numbers = [[4, 0.05, 0, 0, 0.96, 0.96, 0, 0]]  # turn, shifts, shear, zooms, flips

# %% tags=["hide-output"]
import figures
from helpers.plots import caption

by_generator = generator.apply_transform(coat[0], {"theta": 4, "tx": 0.05 * 28, "zx": 0.96, "zy": 0.96})
by_affine = affine.apply(coat, numbers)[0].numpy()
by_layers = fixed(coat, training=True)[0].numpy()
pictures = {"original": coat[0], "generator": by_generator, "RandomAffine": by_affine, "Keras layers": by_layers}
rows = {"whole": list(pictures.values()), "a part": [picture[14:26, 14:26] for picture in pictures.values()]}
figures.rows_of_pictures(rows, list(pictures), "A coat, and a part of it, four times. Generator and RandomAffine: turned and shifted alike. Keras layers: the same, but softer.", tile=2)
caption("The generator and RandomAffine make the same picture. That of the layers has the same position, but it is blurred.")

# %% [markdown]
# ## Why is it blurred?
#
# A moved picture needs values from between the old pixels. Computing them is called *resampling*, and the usual way takes a mean of the nearest pixels. Here is an edge that is moved by half a pixel, three times.

# %%
import numpy as np

edge = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
for moves in range(4):
    print(f"moved {moves} times:", *edge)
    edge = (edge[:-1] + edge[1:]) / 2  # each new pixel lies half-way between two old ones

# %% [markdown]
# Each move takes means of means, and the jump becomes a slope. Three layers resample three times, because each hands a finished picture to the next. `RandomAffine` and the generator multiply turn, shift and zoom into one map, and resample once.
#
# ## Does a larger picture mind?
#
# Garments have 28 pixels, and your photographs perhaps 224. We take one photograph at both sizes. (Grace Hopper, by the U.S. Navy, public domain. It comes with matplotlib.)

# %%
import matplotlib.pyplot as plt
import tensorflow as tf
from matplotlib.cbook import get_sample_data


def resized(images, size):
    return tf.image.resize(images, (size, size), method="area").numpy()


photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[None, :512, :512] / 255
photographs = {size: resized(photograph, size) for size in (28, 224)}

# %% tags=["hide-output"]
rows = {}
for size, image in photographs.items():
    rows[f"{size} pixels"] = [image[0], affine.apply(image, numbers)[0], fixed(image, training=True)[0]]
figures.rows_of_pictures(rows, ["original", "resampled once", "three times"], "A portrait in two rows. At 28 pixels it is softer after one resampling and softest after three. At 224 pixels all three look sharp.", tile=2.6)
caption("At 28 pixels you see the blur. At 224 you would have to look for it.")

# %% [markdown]
# The *sharpness* of pictures is the mean squared step from one pixel to the next, as a share of what it was before the change. To look at both sizes from the same distance, we shrink the changed large pictures to 28 pixels and measure there, too. How much do three resamplings leave at either size? Guess both.

# %%
def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)


def sharpness(augment, images, size):
    moved = np.asarray(augment(images, training=True))
    return steps(resized(moved, size)) / steps(resized(images, size))


clean = garments.x_val[:512]
small, large = (np.repeat(image, 64, axis=0) for image in photographs.values())  # 64 draws of each

# %% tags=["hide-output"]
import pandas as pd
from helpers.plots import show_table

left = pd.DataFrame(
    [
        [sharpness(augment, clean, 28) for augment in (affine, stack)],
        [sharpness(augment, small, 28) for augment in (affine, stack)],
        [sharpness(augment, large, 224) for augment in (affine, stack)],
        [sharpness(augment, large, 28) for augment in (affine, stack)],
    ],
    index=["garments, 28 pixels", "photograph, 28 pixels", "photograph, 224 pixels", "the same, shrunk to 28"],
    columns=["RandomAffine", "Keras layers"],
)
show_table(left.rename_axis("sharpness"), approximate=True)
caption("Pixel by pixel the large photograph is blurred, too. Seen from the same distance, nearly all of it is left.")

# %% [markdown]
# So it depends on the size what a stack of layers blurs: at 28 pixels the object, at 224 only fine texture.
#
# ## Does it matter in training?
#
# At 28 pixels we know: we trained *online (live)* on 512 garments with each of the three, twenty times. How many points of accuracy does the blur cost?

# %% tags=["hide-output"]
from helpers.compare import summarise
from helpers.data import RESULTS, read_results

ways = {
    "RandomAffine": read_results(RESULTS / "static-versus-live.csv").query("policy == 'mild' and model == 'small' and rate == 'constant'"),
    "generator": read_results(RESULTS / "image-data-generator.csv"),
    "Keras layers": read_results(RESULTS / "keras-layers.csv"),
}
accuracy = pd.DataFrame(columns=list(ways), dtype=float)
for updates in (500, 3000):
    for name, runs in ways.items():
        live_runs = runs[(runs["method"] == "live") & (runs["update"] <= updates)]
        accuracy.loc[f"after {updates:,} updates", name] = 100 * summarise(live_runs)["val_accuracy"].mean()
show_table(accuracy.rename_axis("accuracy, %"), digits=1)
caption("Three points early, and more than one at the end.")

# %% [markdown]
# The layers were behind in each of twenty pairs. The generator was equivalent to `RandomAffine`, as equal pictures should be. What harms is above all that training pictures are blurred and new ones sharp.
#
# ## A pipeline to copy
#
# So take one transform that turns, shifts and zooms together. Its `map` is the fourth of five links: **cache, shuffle, batch, map, prefetch**.

# %%
def live(images, labels):
    return affine(images, training=True), labels


originals = tf.data.Dataset.from_tensor_slices((few.x_train, few.y_train))
train = originals.cache().shuffle(512).batch(32).map(live, tf.data.AUTOTUNE).prefetch(2)
validation = tf.data.Dataset.from_tensor_slices((garments.x_val, garments.y_val)).batch(32)  # no map

# %% [markdown]
# Nearly every other order runs, too, without a message.
#
# | link | elsewhere |
# | --- | --- |
# | `cache` first | behind `shuffle` it keeps one order, behind `map` one copy (lesson [06](06_when_live_is_not_live.ipynb#frozen-by-cache)) |
# | `shuffle` before `batch`, with a buffer as large as the data | behind it, whole batches change places, and their members stay together |
# | `batch` before `map` | behind it, the augmenter is called for each picture by itself, which takes longer |
# | `prefetch` last | the links behind it wait for each other |
#
# `tf.data.AUTOTUNE` (`num_parallel_calls`) maps several batches at a time. They take the draws of one seed in whatever order they come, so no run repeats another exactly. Leave it out where a run must. To read folders, see [A whole pipeline](../docs/migration.md#a-whole-pipeline).
#
# ## Off in validation
#
# Validation pictures should stay as they are. Which of these four leave them alone?

# %% tags=["hide-output"]
import keras

model = keras.Sequential([keras.Input((28, 28, 1)), stack])  # nothing but the augmentation
answers = {
    "model.predict(x)": model.predict(clean, verbose=0),
    "model(x)": model(clean),
    "stack(x)": stack(clean),
    "stack(x, training=False)": stack(clean, training=False),
}
for name, pictures in answers.items():
    print(f"{name:25}", "left alone" if np.array_equal(pictures, clean) else "augmented")

# %% [markdown]
# `fit`, `evaluate` and `predict` tell a model's layers which of them is running. Where nobody does, the default decides, and that of Keras's random layers is `training=True`. So `validation.map(stack)` augments, and no message says so. Map the training set alone, and write `training=True` there, so that a reader sees it.
#
# ## RandAugment, MixUp, CutMix
#
# The old generator had none of these. RandAugment draws two of eleven operations, some of place and some of colour. In Keras it draws them once for all images of a call, so map it over single images. Its default `factor=0.5` turns by up to 180 degrees, and at 0.1 one of the eleven leaves two grey values (Keras 3.15), so look at what it draws. MixUp lays one picture over another, CutMix pastes a part, and both mix the labels.

# %%
randaugment = layers.RandAugment(value_range=(0, 1), factor=0.1, seed=0)  # up to 36 degrees
mixup = layers.MixUp(alpha=1.0, seed=16)  # any share of the two is as likely
cutmix = layers.CutMix(seed=38)


def changed(image, label):
    image = tf.image.grayscale_to_rgb(image)  # before Keras 3.15 some of its operations need three channels
    return randaugment(image, training=True), tf.one_hot(tf.cast(label, "int32"), 2)


def mixed(images, labels):
    both = mixup({"images": images, "labels": labels}, training=True)
    return both["images"], both["labels"]  # for Dense(2, activation="softmax") and categorical_crossentropy


train_mixed = originals.cache().shuffle(512).map(changed).batch(32).map(mixed).prefetch(2)

# %%
some = np.repeat(few.x_train[120:124], 3, axis=-1)
rows = {
    "original": some,
    "RandAugment": [randaugment(image, training=True) for image in some],
    "MixUp": mixup(some, training=True),
    "CutMix": cutmix(some, training=True),
}
figures.rows_of_pictures(rows, [""] * 4, "Four garments in four rows: as they are, changed in place and brightness, with another garment shining through, and with a part of another pasted in.")
caption("A mixed picture has two labels, so its training accuracy is low, which is no fault.")

# %% [markdown]
# ## And in torchvision?
#
# These lines ran with torchvision 0.29. It isn't among the requirements of the series, so here they are as text.
#
# ```python
# import torch
# from torchvision.transforms import InterpolationMode, v2
#
# train_transform = v2.Compose([
#     v2.ToImage(),
#     v2.RandomHorizontalFlip(),
#     v2.RandomAffine(5, translate=(0.05, 0.05), scale=(0.95, 1.05), interpolation=InterpolationMode.BILINEAR),
#     v2.RandAugment(),  # or leave it out; before ToDtype
#     v2.ToDtype(torch.float32, scale=True),
# ])
# mix = v2.CutMix(num_classes=10)  # or v2.MixUp; call it on a batch: images, labels = mix(images, labels)
# ```
#
# `v2.RandomAffine` is one transform for turn, shift and zoom. It takes degrees, and fills with black.
#
# ## On JAX or PyTorch?
#
# We ran each part on the three backends of Keras. In a tf.data `map`, its random layers, `Pipeline`, RandAugment, MixUp, CutMix and `tf.image` work on all of them. `Sequential` and `RandomAffine` work there on TensorFlow alone, but everywhere as the first layer of a model.
#
# ## In practice and limits
#
# We trained at 28 pixels only, in grey, with a small network. What the lost texture costs at 224 pixels we have not trained. Where new images are blurred themselves, the layers may cost less. We measured neither RandAugment nor the mixing.

# %% [markdown]
# ## Take-away
#
# 1. The same ranges in another tool can make other pictures. Where images are small, turn, shift and zoom in one transform. At 224 pixels a stack of layers hardly shows.
# 2. Keras's random layers act unless they are told not to. Never map them over validation.
# 3. Cache, shuffle, batch, map, prefetch.

# %%
# The message, in your own run: what three resamplings leave depends on the size, and the pipeline is live.
assert left.loc["garments, 28 pixels", "Keras layers"] < 0.5 < 0.9 < left.loc["the same, shrunk to 28", "Keras layers"], (
    "Three resamplings should take more than half of the fine detail at "
    "28 pixels, and less than a tenth at 224."
)
epochs = [np.concatenate([images for images, labels in train]) for epoch in range(2)]
assert len(np.unique(np.concatenate(epochs), axis=0)) == 2 * len(few.x_train), (
    "Two epochs should show no picture twice: the augmentation stands "
    "before the cache."
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
# Worked answers are in [the solutions](solutions/07_leaving_imagedatagenerator.ipynb).

# %% [markdown]
# ### Exercise 1: The price of sharpness
#
# Keras's layers take `interpolation="nearest"`, which copies the nearest pixel where the usual way takes a mean. Predict the sharpness of the mild stack with it in all three resampling layers. Then measure it on the 512 clean garments, as above, put the number into `sharp`, and look at the pictures. What did the sharpness cost?

# %%
from exercises import check

my_prediction = None  # before you run anything
sharp = None  # sharpness(…, clean, 28) of the changed stack
check("07.1", sharp)

# %% [markdown]
# ### Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Fix it, so that originals are read once, mixed anew in every epoch, and augmented afresh in full batches of 32; `prefetch` stays last. The check sends 128 numbered pictures through your function for three epochs and names the first thing that goes wrong.

# %%
def pipeline(originals, augment):
    augmented = originals.map(augment).cache()
    return augmented.batch(32).shuffle(4).prefetch(2)


check("07.2", ...)  # put pipeline in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: And at your size?
#
# From which size on do three resamplings leave nine tenths of the photograph's sharpness, shrunk to 28 pixels? Guess, then measure. Then do the same with a photograph of your own. Which of your classes differ in something that is lost?

# %%
sizes = [56, 112]  # add those of your images
for size in sizes:
    many = np.repeat(resized(photograph, size), 64, axis=0)
    print(f"{size} pixels: ≈ {steps(many): .4f}")  # put sharpness(…) in place of the steps

# %% [markdown]
# **Next:** a network says which solar cells are defective. Beside it lies a light meter, which knows nothing but how bright a photograph is. Which of the two will be right more often? Write your answer down, then open [08 Solar cells](08_solar_cells.ipynb).
