# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,jupyter,cellView,-all
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

# %% [markdown] slideshow={"slide_type": "slide"}
# # 07 Modern pipelines
#
# Move an old pipeline to today's Keras with the same ranges. Will your network see the same pictures as before, and does it matter if it doesn't? Then set the links of a `tf.data` pipeline in a row. Nearly every order runs, and not every order does what you think.
#
# **You will** write one policy in four ways, and measure how soft the pictures become and what that costs.
#
# **You will learn:**
#
# - which ways of writing a policy make the same pictures, and what the others change,
# - why several resamplings in a row blur, and what that cost in training,
# - in which order `cache`, `shuffle`, `batch`, `map` and `prefetch` belong, and what each wrong place does.
#
# **You need** lessons [00](00_start_here.ipynb) to [04](04_overfitting_curves.ipynb). **Time:** 23 minutes to read, half a minute to run.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series. Then start TensorFlow quietly and without a GPU: networks as small as ours gain nothing
# from one, and it adds up in another order in each run, so equal runs would differ.
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    raise FileNotFoundError(
        "The rest of the series is not here, and this notebook knows no address to fetch it from: open it in a clone "
        "of the series, or take it from a copy in which `make links REPO=owner/name` was run."
    )
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots

plots.use_style()

# %% [markdown]
# ## One policy, written four ways
#
# `ImageDataGenerator` still works, but its documentation has shrunk to one word, DEPRECATED. Suppose that you want to leave it. Here is the mild policy of lesson 00 in the old way.

# %%
import keras
import tensorflow as tf
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

mild = {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "zoom_range": 0.05, "horizontal_flip": True}  # fmt: skip
garments = load_garments()
few = subset(garments, 512)
generated = ImageDataGenerator(**mild).flow(few.x_train, few.y_train, batch_size=32, seed=0)

# %% [markdown]
# The second way has one Keras layer for each kind of change, as the first layers of the model. The numbers mean other things there. A turn is a fraction of the full circle, and the height comes before the width. What lies outside of the picture is filled by reflection unless you say otherwise.

# %% slideshow={"slide_type": "slide"}
stack = keras.Sequential([
    layers.RandomFlip("horizontal", seed=1),
    layers.RandomRotation(5 / 360, fill_mode="nearest", seed=2),
    layers.RandomTranslation(0.05, 0.05, fill_mode="nearest", seed=3),
    layers.RandomZoom(0.05, 0.05, fill_mode="nearest", seed=4),
])
in_the_model = keras.Sequential([stack, small_model(seed=0)])

# %% [markdown]
# The third way puts the same layers into a `tf.data` pipeline. The fourth is `RandomAffine`, the augmenter of this series. It takes the arguments of the old generator, but it is a Keras layer.

# %%
originals = tf.data.Dataset.from_tensor_slices((few.x_train, few.y_train))
mapped = originals.shuffle(512, seed=0).batch(32).map(lambda x, y: (stack(x, training=True), y)).prefetch(2)

affine = RandomAffine(**mild, seed=0)
with_affine = keras.Sequential([affine, small_model(seed=0)])


# %%
def train(model, *data):
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(*data, epochs=3, shuffle=len(data) == 2, verbose=0)  # the others are shuffled already
    return model.evaluate(garments.x_val, garments.y_val, batch_size=500, verbose=0)


losses = {
    "ImageDataGenerator": train(small_model(seed=0), generated),
    "Keras layers in the model": train(in_the_model, few.x_train, few.y_train),
    "Keras layers in tf.data": train(small_model(seed=0), mapped),
    "RandomAffine": train(with_affine, few.x_train, few.y_train),
}
lowest, highest = min(losses.values()), max(losses.values())
print(f"loss on new garments after 48 updates: from ≈ {lowest:.2f} to ≈ {highest:.2f}")

# %% [markdown]
# All four train, and the losses don't say which is which. Yet the four don't all show the network the same pictures.
#
# ## Which pictures are equal?
#
# We leave nothing to chance now, and give every way the same turn, shift and zoom.

# %%
coat = few.x_train[123:124]
by_affine = affine.apply(coat, [[4, 0.05, 0, 0, 0.96, 0.96, 0, 0]])  # turn, shifts, shear, zooms, flips
by_generator = ImageDataGenerator().apply_transform(
    coat[0], {"theta": 4, "tx": 0.05 * 28, "zx": 0.96, "zy": 0.96}
)  # fmt: skip
fixed = keras.Sequential([
    layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),  # from 4° to 4°
    layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),  # the other sign
    layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
])
by_layers = fixed(coat, training=True)

# %% [markdown] slideshow={"slide_type": "slide"}
# **Predict first:** which two of the three pictures will be equal? In what will the third differ?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "A coat as it is and moved in the same way by ImageDataGenerator, by RandomAffine and by three Keras layers, with an enlarged part of each below. The pictures of the first two look the same. In that of the layers the edges and the folds of the sleeves are blurred."}} slideshow={"slide_type": "slide"} tags=["hide-input", "hide-output"]
four = {"original": coat[0], "ImageDataGenerator": by_generator, "RandomAffine": by_affine[0], "Keras layers": by_layers[0]}
figure, axes = plt.subplots(2, 4, figsize=(9.5, 5))
for column, (name, picture) in zip(axes.T, four.items(), strict=True):
    column[0].set_title(name, loc="center")
    for ax, part in zip(column, [picture, picture[14:26, 14:26]], strict=True):
        ax.imshow(part, vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
plt.show()

# %% [markdown]
# *The generator and `RandomAffine` make the same picture. That of the layers has the same position, but it is softer.*
#
# ## Why are they softer?
#
# A moved picture needs values from between the old pixels. Computing them is called *resampling*, and the usual way takes a mean of the nearest pixels. Here is an edge that is moved by half a pixel, three times.

# %%
edge = [np.array([0, 0, 0, 0, 1, 1, 1, 1])]
for _ in range(3):
    last = edge[-1]
    edge.append((last[:-1] + last[1:]) / 2)  # each new pixel lies half-way between two old ones

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Four rows of grey pixels with their values. The edge at first jumps from 0 to 1. After one move there is a 0.5 between, after two 0.25 and 0.75, after three 0.125, 0.5 and 0.875, so the jump has become a slope."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.2))
for height, row in enumerate(edge):
    left = height / 2 + np.arange(len(row))
    ax.barh(height, 1, 0.75, left=left, align="center", color=[str(value) for value in row], edgecolor="0.5", linewidth=1)
    for place, value in zip(left, row, strict=True):
        ax.text(place + 0.5, height, f"{value:g}", ha="center", va="center", color="white" if value < 0.6 else "black")
ax.set(xlim=(-0.1, 8.1), xticks=[], yticks=range(4), yticklabels=["an edge", "moved once", "twice", "three times"])
ax.invert_yaxis()
ax.tick_params(length=0)
ax.spines[:].set_visible(False)
ax.grid(False)
plt.show()

# %% [markdown]
# *Each move takes means of means, and the jump becomes a slope.*
#
# The generator and `RandomAffine` multiply turn, shift and zoom into one map and resample once. The layers each hand a finished picture to the next, so it is resampled three times.
#
# How soft is that? We call the mean squared step from one pixel to the next, as a share of what it is in the originals, the *sharpness* of pictures. The originals have 1.

# %%
clean = garments.x_val[:512]


def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)


sharpness = {"originals": 1.0}
pictures = clean
for layer in stack.layers:
    pictures = layer(pictures, training=True).numpy()
    sharpness[layer.name] = steps(pictures) / steps(clean)
once = steps(affine(clean, training=True).numpy()) / steps(clean)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Sharpness after each Keras layer. It is 1 for the originals and after the flip, about 0.6 after the rotation, about 0.45 after the translation and below 0.4 after the zoom. A dashed line at about 0.6 marks RandomAffine, which does all in one resampling."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(7.5, 3.6))
ax.plot(range(5), sharpness.values(), marker="o", color=plots.GREY)
ax.axhline(once, color=plots.BLUE, linestyle="--")
ax.text(0, once - 0.03, f"RandomAffine {once:.2f}", color=plots.BLUE, va="top")
for place, value in enumerate(sharpness.values()):
    ax.annotate(f"{value:.2f}", (place, value), (0, 8), textcoords="offset points", ha="center")
ax.set(xticks=range(5), xticklabels=["originals", "flip", "+ rotation", "+ translation", "+ zoom"],
       ylabel="sharpness", ylim=(0, 1.15))  # fmt: skip
plt.show()

# %% [markdown]
# *The flip moves pixels onto pixels and costs nothing. Each of the other layers takes its share, while `RandomAffine` pays only once, for all of them together.*
#
# The blue line lies below the point after the rotation, because a shift moves every pixel off the grid, while a small turn hardly moves those in the middle.
#
# To interpolate once is no idea of ours. Chapter 5 of [fastai's book](https://github.com/fastai/fastbook/blob/master/05_pet_breeds.ipynb) (Howard and Gugger, 2020) teaches it as *presizing*, shows a picture that was interpolated twice, and reports from practice that it improves accuracy. We can add a measurement.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Does it matter in training?
#
# We trained live with the layers' pictures, and with the generator's, in twenty pairs with `RandomAffine`. Each pair shares its 512 garments, first weights and order. **Predict first:** are the two better, worse or equivalent, by the margin of 0.02 in loss? Our own prediction, written down before the first run, was *equivalent* for the layers after 3,000.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Intervals of the loss minus that of RandomAffine. Keras layers lie near 0.05 after 500 and 1,000 updates and near 0.03 after 3,000, all right of the grey margin's middle, and read worse. ImageDataGenerator lies near zero after each, inside the margin, and reads equivalent."}} slideshow={"slide_type": "slide"} tags=["hide-input", "hide-output"]
from helpers.compare import summarise
from helpers.stats import paired_interval, verdict
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "static-versus-live.csv")
study = study.query("policy == 'mild' and model == 'small' and rate == 'constant'")
tables = {"Keras layers": read_results(FOLDER / "keras-layers.csv"),
          "ImageDataGenerator": read_results(FOLDER / "image-data-generator.csv")}  # fmt: skip
LENGTHS = (500, 1000, 3000)


def minus_affine(way, updates, metric="val_loss", arm="live"):
    """Paired differences of a way of making the pictures, minus RandomAffine; one number a replicate."""
    ends = [
        summarise(of[(of["arm"] == arm) & (of["update"] <= updates)]).set_index("replicate")[metric]
        for of in (tables[way], study)
    ]
    return ends[0] - ends[1]


gaps = {(way, updates): paired_interval(minus_affine(way, updates)) for way in tables for updates in LENGTHS}
words = {name: verdict(interval, 0.02, lower_is_better=True) for name, interval in gaps.items()}
figure, ax = plt.subplots(figsize=(8, 3.4))
ax.axvspan(-0.02, 0.02, color="0.9")
ax.axvline(0, color="0.5", linewidth=1)
for row, (name, (mean, low, high)) in enumerate(gaps.items()):
    ax.plot([low, high], [row, row], color=plots.BLUE)
    ax.plot(mean, row, "o", color=plots.BLUE, markersize=5)
    ax.annotate(words[name], (1.02, row), xycoords=("axes fraction", "data"), va="center", annotation_clip=False)
ax.set(yticks=range(6), yticklabels=[f"{way}, after {updates:,}" for way, updates in gaps], ylim=(5.6, -0.6),
       xlabel="loss minus that of RandomAffine (grey: the margin)")  # fmt: skip
ax.grid(False)
plt.show()

# %% [markdown]
# *We were wrong. With the layers the loss is higher in each of the twenty pairs, whenever you look.*
#
# In right answers the layers cost three points after 500 updates, and still more than one after 3,000. In the words of lesson [04](04_overfitting_curves.ipynb), most of the difference is *wronger*. The generator is equivalent to `RandomAffine`, as equal pictures should be.
#
# Is it the blur, or something else about the layers? [A companion](going_deeper/is_it_the_blur.ipynb) lets `RandomAffine` work in three resamplings, with the same draws. It then makes the layers' picture, pixel for pixel, and falls behind as they do. But most of that goes away if the validation garments are made as soft as the training pictures. What harms is above all the *difference* between the two. (One resampling has its price as well, and that we did not measure.)
#
# So look for the one transform that turns, shifts and zooms together: `Affine` in albumentations, `RandomAffine` in torchvision (with `interpolation` set to bilinear, as its default takes the nearest pixel), `keras.ops.image.affine_transform` for a layer of your own.

# %% [markdown]
# ## What does it cost in time?
#
# A *step* is one gradient update in `fit`, with everything that it needs, so also the augmentation. Let a step over pictures that were made before be 1. How long is a live step with `RandomAffine`, with layers, with the generator?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Horizontal bars of the time of a step on one core. Static is 1.0, RandomAffine in the model 1.1, RandomAffine in tf.data 1.2, Keras layers in the model 2.0, Keras layers in tf.data 2.3, ImageDataGenerator 3.3."}} slideshow={"slide_type": "slide"} tags=["hide-input", "hide-output"]
measured = pd.read_csv(FOLDER / "step-time.csv").query("cores == 1")
per_round = measured.pivot(index="round", columns="augmenter", values="cpu_milliseconds")
step_time = per_round.div(per_round["static"], axis=0).median().sort_values()
figure, ax = plt.subplots(figsize=(8, 3.4))
ax.barh(step_time.index, step_time, color=[plots.arm_style("copies-4")["color"], *[plots.BLUE] * 5])
for height, value in enumerate(step_time):
    ax.text(value + 0.04, height, f"{value:.1f}", va="center")
ax.set(xlabel="time of a step, static = 1 (one core)", xlim=(0, 3.7))
ax.invert_yaxis()
ax.grid(False)
plt.show()

# %% [markdown]
# *With a fast augmenter live costs a tenth more than static. With the old generator a step takes more than three times as long. (Measured with a wider policy, which shears as well.)*
#
# So when live is slow, try another augmenter first, and only then a pool. A larger network takes longer itself, so with it all bars come nearer to 1.

# %% [markdown]
# ## In the model, or in tf.data?
#
# In the model the augmentation is saved with the network and runs on the same device. It is on in `fit` and off in `predict`. In `tf.data` the processor prepares the next batches while an accelerator trains on this one, which the figure above, of a single core, could not show. But nothing there distinguishes training from validation, and a layer that you call yourself augments whatever it is given.

# %% slideshow={"slide_type": "slide"}
x = garments.x_val[:100]
network_alone = with_affine.layers[-1]
same = np.allclose(with_affine.predict(x, verbose=0), network_alone.predict(x, verbose=0), atol=1e-5)
print("predict leaves the pictures as they are:       ", same)
print("the stack, called by itself, leaves them, too: ", np.array_equal(stack(x), x))

# %% [markdown] slideshow={"slide_type": "slide"}
# ## In which order?
#
# A `tf.data` pipeline has five links, and nearly every order of them runs without a message. The worst place is that of a `cache` behind the `map`, which turns live into one static copy (lesson [06](06_when_live_is_not_live.ipynb#frozen-by-cache)). The other links have their places, too:
#
# | link | belongs | and elsewhere |
# | --- | --- | --- |
# | `cache` | first, after reading | behind `shuffle` it keeps one order, behind `map` one copy |
# | `shuffle` | before `batch`, with a buffer as large as the data (lesson 03) | behind it, whole batches change places and their members stay together |
# | `batch` | before `map`, if the augmenter draws for each picture (Keras layers do, some of `tf.image` don't: lesson 03) | behind the `map`, the augmenter is called for each picture by itself, which takes longer |
# | `prefetch` | last | nothing is wrong, but the links behind it wait for each other |
#
# So the order is **cache, shuffle, batch, map, prefetch**.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## If you leave ImageDataGenerator
#
# The [migration table](../docs/migration.md) has every argument of the old generator with today's equivalent and the trap on the way, and each row has a test. Some traps make no noise at all. `RandomRotation(1)` does not mean one degree, it turns pictures by any angle. And `validation_split` augmented the validation pictures all along, which lesson [06](06_when_live_is_not_live.ipynb#validation-augmented) shows to cost two to three points.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. The same ranges in another tool can make other pictures. Given the same draws, `ImageDataGenerator` and `RandomAffine` agree, and a stack of Keras layers makes softer ones.
# 2. Interpolate once. Three resamplings cost us three points of accuracy early and one at the end, mainly because the new garments stayed sharp.
# 3. Cache, shuffle, batch, map, prefetch. A cache behind the map makes one static copy of live, and no message says so.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. You gave Keras layers the ranges of your old generator. Does the network see the same pictures?</summary>
#
# It sees the same kinds of position, but softer pictures, because each layer resamples for itself.
#
# </details>
#
# <details><summary>2. `rotation_range=1` becomes `RandomRotation(1)`?</summary>
#
# No. That turns pictures by any angle, because 1 is a full turn there, and no message says so. One degree is `RandomRotation(1 / 360)`.
#
# </details>
#
# <details><summary>3. With `cache()` behind the map the loss falls faster and the epochs are quicker. What more could one want?</summary>
#
# New pictures. The network sees the first epoch again and again, which is one static copy in place of live.
#
# </details>
#
# <details><summary>4. The augmentation layers are part of your model. Must you take them out before `predict`?</summary>
#
# No, they are off in `evaluate` and `predict`. But in a `Dataset.map`, or called by themselves, they augment validation images, too.
#
# </details>
#
# <details><summary>5. Live augmentation made your training three times as slow. Does that speak for a static pool?</summary>
#
# It speaks for another augmenter first. On one core a step with `ImageDataGenerator` took 3.3 static steps, one with `RandomAffine` 1.1.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Predict before you run. Worked answers are in [the solutions](solutions/07_modern_pipelines.ipynb).

# %% [markdown]
# ### Exercise 1: The price of sharpness
#
# Keras's layers take `interpolation="nearest"`, which copies the nearest pixel where the usual way takes a mean. Predict the sharpness of the mild stack with it in all three resampling layers. Then measure it on the 512 clean garments, as above, put the number into `sharp`, and look at the pictures. What did the sharpness cost?

# %%
from exercises import check

my_prediction = None  # before you run anything
sharp = None  # steps(…) of what the changed stack makes of clean, divided by steps(clean)
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
# ### Exercise 3: Does a larger picture mind less?
#
# A garment has 28 pixels, a photograph has hundreds. The cell reads a photograph that comes with matplotlib and makes it 28, 56, 112 and 224 pixels large. Say first what you expect of one resampling and of three. Then measure both at each size. Is our sharpness the right number for this question? If you don't think so, invent a better one.

# %%
from matplotlib.cbook import get_sample_data

photograph = plt.imread(get_sample_data("grace_hopper.jpg"))[:512, :512].mean(axis=2) / 255
sizes = {}
for size in (28, 56, 112, 224):
    sizes[size] = tf.image.resize(photograph[None, :, :, None], (size, size), method="area").numpy()
    print(f"{size:3} pixels: the mean squared step from pixel to pixel is ≈ {steps(sizes[size]): .4f}")

# %% [markdown]
# ## In practice and limits
#
# The pictures were small and grey, the network small, and the times those of processors, for a wider policy with a shear. How much the blur costs larger pictures we did not measure. Where new images come soft themselves, a stack of layers may cost less. So compare how sharp your training pictures and your new images are. [The companion](going_deeper/is_it_the_blur.ipynb) has speeds by size of picture and memory.
#
# **Next:** [08 Solar cells](08_solar_cells.ipynb) asks what holds on photographs.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# What the checks below need.
some = tf.data.Dataset.from_tensor_slices(few.x_train[:128])
orders = {"first": some.cache().shuffle(128, seed=0).batch(32).map(affine),
          "last": some.shuffle(128, seed=0).batch(32).map(affine).cache()}  # fmt: skip
shown = {place: [np.concatenate(list(order)) for epoch in range(2)] for place, order in orders.items()}
blocks = tf.data.Dataset.range(128).batch(32).shuffle(4, seed=0)
points = {updates: -100 * minus_affine("Keras layers", updates, "val_accuracy").mean() for updates in LENGTHS}
wronger = {u: minus_affine("Keras layers", u, "val_loss_scaled").mean() / gaps["Keras layers", u].mean for u in LENGTHS}
by_old = next(ImageDataGenerator(**mild).flow(clean, batch_size=512, shuffle=False, seed=0))
names = list(sharpness)

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

claims = Claims(garments=(len(few.x_train), 512), policy=(affine, RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)))
claims.check("all four ways train: each loss ends below 0.69", max(losses.values()) < 0.69)
claims.check("given equal draws, the generator and RandomAffine agree to 0.001 in every pixel", bool(np.abs(by_generator - by_affine[0]).max() < 0.001))
claims.check("and the layers differ by more than 0.05 somewhere", bool(np.abs(by_layers - by_affine).max() > 0.05))
claims.check("a flip leaves the sharpness as it is", abs(sharpness[names[1]] - 1) < 1e-6)
claims.check("each of the other layers lowers it by more than 0.05", all(sharpness[b] < sharpness[a] - 0.05 for a, b in zip(names[1:], names[2:], strict=False)))
claims.check("RandomAffine's pictures are sharper than the stack's by more than 0.15", bool(once - sharpness[names[-1]] > 0.15))
claims.check("and as sharp as the generator's, within 0.03", bool(abs(once - steps(by_old) / steps(clean)) < 0.03))
claims.check("stored: with the layers live is worse at all three lengths, in every pair, at half the margin, too",
             all(words["Keras layers", u] == "worse" == verdict(gaps["Keras layers", u], 0.01, True) and (minus_affine("Keras layers", u) > 0).all() for u in LENGTHS))
claims.check("stored: on both halves of the validation garments",
             all(paired_interval(minus_affine("Keras layers", u, f"val_loss_{half}")).low > 0.01 for u in LENGTHS for half in ("even", "odd")))
claims.check("stored: with the generator it is equivalent at all three", all(words["ImageDataGenerator", u] == "equivalent" for u in LENGTHS))
claims.check("stored: the layers cost 2.9 to 3.3 points of accuracy at 500 and 1.1 to 1.3 at 3,000", bool(2.9 < points[500] < 3.3 and 1.1 < points[3000] < 1.3))
claims.check("stored: more than two thirds of the difference in loss is wronger", min(wronger.values()) > 2 / 3)
claims.check("stored: live steps take 1.1 (RandomAffine), 2.0 (layers) and 3.3 (generator) static ones",
             step_time.round(1)[["RandomAffine in the model", "Keras layers in the model", "ImageDataGenerator"]].tolist() == [1.1, 2.0, 3.3])
claims.check("predict leaves pictures as they are, and the stack called by itself doesn't", same and not np.array_equal(stack(x), x))
claims.check("with the cache behind the map, the second epoch is the first again, in the same order", np.array_equal(*shown["last"]))
claims.check("with the cache first, two epochs show 256 different pictures", len(np.unique(np.concatenate(shown["first"]), axis=0)) == 256)
claims.check("shuffled behind batch, the members of a batch stay together", all(np.ptp(batch) == 31 for batch in blocks.as_numpy_iterator()))
claims.check("RandomRotation(1) turns by any angle", tuple(layers.RandomRotation(1).factor) == (-1, 1))
