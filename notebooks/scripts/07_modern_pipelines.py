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
# # 07 Modern pipelines
#
# You move an old pipeline to today's Keras, with the same ranges. Will your network see the same pictures as before, and does it matter if it doesn't?
#
# **You will** move one coat in three ways, find out what the difference costs, and guess where augmentation reaches your validation pictures.
#
# **You will learn:**
#
# - which tools make the same pictures, and which don't,
# - how to use Keras layers in `tf.data` and leave validation alone,
# - in which order `cache`, `shuffle`, `batch`, `map` and `prefetch` belong.
#
# **You need** lessons [00](00_start_here.ipynb) and [02](02_a_fair_comparison.ipynb). **Time:** 17 minutes to read, less than one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np

from helpers import plots
from helpers.show import caption

plots.use_style()

# %% [markdown]
# ## Which pictures are equal?
#
# `ImageDataGenerator` still works, but its documentation has shrunk to one word, DEPRECATED. Here is the mild policy of lesson 00 in the old way, and in the augmenter of this series, which takes the same arguments.

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from helpers.augment import RandomAffine

mild = {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "zoom_range": 0.05, "horizontal_flip": True}  # fmt: skip
generator = ImageDataGenerator(**mild)
affine = RandomAffine(**mild, seed=0)

# %% [markdown]
# Today's way is one Keras layer for each kind of change. The numbers mean other things there: a turn is a fraction of the full circle, and the height comes before the width. What lies outside of the picture is filled by reflection unless you say otherwise.

# %%
import keras
from keras import layers

stack = keras.Sequential([
    layers.RandomFlip("horizontal", seed=1),
    layers.RandomRotation(5 / 360, fill_mode="nearest", seed=2),
    layers.RandomTranslation(0.05, 0.05, fill_mode="nearest", seed=3),
    layers.RandomZoom(0.05, 0.05, fill_mode="nearest", seed=4),
])

# %% [markdown]
# We take one coat and give all three ways the same turn, shift and zoom. **Predict first:** which two of the three pictures will be equal? In what will the third differ?

# %% tags=["hide-input", "hide-output"]
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 512)
coat = few.x_train[123:124]
by_affine = affine.apply(coat, [[4, 0.05, 0, 0, 0.96, 0.96, 0, 0]])  # turn, shifts, shear, zooms, flips
by_generator = generator.apply_transform(coat[0], {"theta": 4, "tx": 0.05 * 28, "zx": 0.96, "zy": 0.96})
fixed = keras.Sequential([
    layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),  # from 4° to 4°
    layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),  # the other sign
    layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
])
by_layers = fixed(coat, training=True)

four = {"original": coat[0], "ImageDataGenerator": by_generator, "RandomAffine": by_affine[0], "Keras layers": by_layers[0]}
figure, axes = plt.subplots(2, 4, figsize=(9.5, 5))
for column, (name, picture) in zip(axes.T, four.items(), strict=True):
    column[0].set_title(name, loc="center")
    for ax, part in zip(column, [picture, picture[14:26, 14:26]], strict=True):
        ax.imshow(part, vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
caption("The generator and RandomAffine make the same picture. That of the layers has the same position, but it is blurred.")

# %% [markdown]
# ## Why are they softer?
#
# A moved picture needs values from between the old pixels. Computing them is called *resampling*, and the usual way takes a mean of the nearest pixels. Here is an edge that is moved by half a pixel, three times.

# %%
edge = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
for moves in range(4):
    print(f"moved {moves} times:", *edge)
    edge = (edge[:-1] + edge[1:]) / 2  # each new pixel lies half-way between two old ones

# %% [markdown]
# Each move takes means of means, and the jump becomes a slope. The layers do that, because each hands a finished picture to the next. The generator and `RandomAffine` multiply turn, shift and zoom into one map, and resample once.
#
# How blurred is that? We call the mean squared step from one pixel to the next the *sharpness* of pictures, as a share of what it is in the originals.

# %%
clean = garments.x_val[:512]


def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)

# %% tags=["hide-input"]
sharpness = {"originals": 1.0}
pictures = clean
for layer in stack.layers:
    pictures = layer(pictures, training=True).numpy()
    sharpness[layer.name] = steps(pictures) / steps(clean)
once = steps(affine(clean).numpy()) / steps(clean)

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
# *The flip moves pixels onto pixels and costs nothing. Each of the other layers takes its share, and `RandomAffine` pays once for all of them.*

# %% [markdown]
# ## Does it matter in training?
#
# We trained live with the layers' pictures, and with the generator's, on 512 garments. Each of twenty runs has its pair: `RandomAffine` with the same garments, initial weights and order. **Predict first:** in loss on new garments, are the two better, worse or equivalent, by a margin of 0.02?

# %% tags=["hide-input", "hide-output"]
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
caption("With the layers the loss is higher in each of the twenty pairs, after 500, 1,000 and 3,000 updates. The generator is equivalent, as equal pictures should be.")

# %% [markdown]
# In accuracy the layers cost three points after 500 updates, and still more than one after 3,000. Equal draws, resampled once and three times, show why ([Is it the blur?](going_deeper/is_it_the_blur.ipynb)). It is the blur, and above all the *difference* between blurred training pictures and sharp new ones.
#
# So look for one transform that turns, shifts and zooms together. In torchvision that is `RandomAffine`, with bilinear interpolation, and in albumentations `Affine`. For a layer of your own there is `keras.ops.image.affine_transform`.

# %% [markdown]
# ## In the model, or in tf.data?
#
# Both draw anew. In the model, the augmentation is saved with the network, runs on the same device, and is off in `predict` and `evaluate`. Choose it if you would forget to switch it off. In `tf.data`, the processor makes the next batches while a GPU trains on this one. Choose that if the GPU has more to do than the processor. Without a GPU the place [hardly matters](going_deeper/is_it_the_blur.ipynb#how-fast-is-each-augmenter).
#
# For `tf.data` Keras has `layers.Pipeline`: a list of layers that, unlike `Sequential`, stays there even if Keras runs on PyTorch or JAX.

# %%
augmenter = layers.Pipeline(stack.layers)
model = keras.Sequential([keras.Input((28, 28, 1)), augmenter])  # nothing but the augmentation

# %% [markdown]
# Validation pictures should stay as they are. **Predict first:** which of these four leave them alone?

# %% tags=["hide-output"]
x = garments.x_val[:100]
ways = {
    "model.predict(x)": model.predict(x, verbose=0),
    "model(x)": model(x),
    "augmenter(x)": augmenter(x),
    "augmenter(x, training=False)": augmenter(x, training=False),
}
for name, pictures in ways.items():
    print(f"{name:29}", "left alone" if np.array_equal(pictures, x) else "augmented")

# %% [markdown]
# `fit`, `evaluate` and `predict` tell the layers of a model which of them is running. Where nobody does, the default of the layer decides. It is `training=True` in `Pipeline` and in Keras's random layers (and `False` in `Jitter` of lesson 06). That is the trap: `validation.map(augmenter)` augments your validation pictures, and no message says so. Map the training set only, and write `training=True` there, so that a reader sees it.

# %% [markdown]
# ## In which order?
#
# A `tf.data` pipeline has five links, and nearly every order of them runs without a message.
#
# | link | belongs | and elsewhere |
# | --- | --- | --- |
# | `cache` | first, after reading (with a file name, if memory is too small) | behind `shuffle` it keeps one order; behind `map` it makes one copy (lesson [06](06_when_live_is_not_live.ipynb#frozen-by-cache)) |
# | `shuffle` | before `batch`, with a buffer as large as the data | behind it, whole batches change places and their members stay together |
# | `batch` | before `map`, if the augmenter draws for each picture, as Keras layers do | behind it, the augmenter is called for each picture by itself, which takes longer |
# | `prefetch` | last | the links behind it wait for each other |
#
# So the order is **cache, shuffle, batch, map, prefetch**.
#
# ## And from a folder?
#
# `image_dataset_from_directory` reads a folder with a subfolder for each class. It hands out batches of 32 unless you ask for `batch_size=None`. Given batches, `shuffle` would move whole batches, and your own `batch` would pile them up.

# %% tags=["hide-input"]
# A folder with 64 garments of each class, as yours might be.
import tempfile
from pathlib import Path

folder = tempfile.TemporaryDirectory()
for label, name in enumerate(["pullover", "coat"]):
    Path(folder.name, name).mkdir()
    for i, picture in enumerate(few.x_train[few.y_train == label][:64]):
        keras.utils.save_img(Path(folder.name, name, f"{i}.png"), 255 * picture, scale=False)

# %%
import tensorflow as tf

originals = keras.utils.image_dataset_from_directory(
    folder.name,  # 64 pullovers and 64 coats, from the folded cell
    label_mode="binary", color_mode="grayscale", image_size=(28, 28), batch_size=None, verbose=False,
)


def augment(images, labels):
    return augmenter(images / 255, training=True), labels  # a file has values from 0 to 255


train = originals.cache().shuffle(128).batch(32).map(augment).prefetch(tf.data.AUTOTUNE)
# validation: .batch(32).map(lambda images, labels: (images / 255, labels)), the same scaling and nothing else
print(next(iter(train))[0].shape)

# %% [markdown]
# Every other argument of the old generator has its equivalent, and its trap, in the [migration table](../docs/migration.md). `RandomRotation(1)`, for one, doesn't mean one degree. It turns pictures by any angle.

# %% [markdown]
# ## In practice and limits
#
# We trained with pictures of 28 pixels only, grey, in a small network. How much the blur costs larger pictures we did not measure, and where new images come blurred themselves it may cost less.

# %% [markdown]
# ## Take-away
#
# 1. The same ranges in another tool can make other pictures. Several resamplings in a row blur, so look for one transform that does all.
# 2. Keras's random layers act unless they are told not to. Never map them over validation.
# 3. Cache, shuffle, batch, map, prefetch.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You gave Keras layers the ranges of your old generator. Does the network see the same pictures?</summary>
#
# It sees them in the same positions, but blurred, because each layer resamples for itself.
#
# </details>
#
# <details><summary>2. The augmentation layers are part of your model. Must you take them out before `predict`?</summary>
#
# No, they are off in `evaluate` and `predict`. But `model(x)` augments, and so does a layer in a `map`.
#
# </details>
#
# <details><summary>3. With `cache()` behind the `map` the loss falls faster and the epochs are quicker. What more could one want?</summary>
#
# New pictures. The network sees the first epoch again and again, which is one copy in place of live.
#
# </details>
#
# <details><summary>4. Live augmentation made your training three times as slow. Does that speak for stored copies?</summary>
#
# It speaks for another augmenter first. The generator and the layers are [many times slower](going_deeper/is_it_the_blur.ipynb#how-fast-is-each-augmenter) than one resampling needs to be.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/07_modern_pipelines.ipynb).

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
# **Next:** [08 Solar cells](08_solar_cells.ipynb) asks what holds on photographs.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
# What the checks below need.
some = tf.data.Dataset.from_tensor_slices(few.x_train[:128])
orders = {
    "first": some.cache().shuffle(128, seed=0).batch(32).map(affine),
    "last": some.shuffle(128, seed=0).batch(32).map(affine).cache(),
}
shown = {place: [np.concatenate(list(order)) for epoch in range(2)] for place, order in orders.items()}
blocks = tf.data.Dataset.range(128).batch(32).shuffle(4, seed=0)
points = {updates: -100 * minus_affine("Keras layers", updates, "val_accuracy").mean() for updates in LENGTHS}
by_old = next(generator.flow(clean, batch_size=512, shuffle=False, seed=0))
names = list(sharpness)
epochs = [np.concatenate([images for images, labels in train]) for epoch in range(2)]
moving = [not np.array_equal(np.concatenate(list(some.batch(32).map(way))), some.batch(128).get_single_element()) for way in (stack, augmenter)]


# %% tags=["hide-input"]
from helpers.show import Claims

page = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
claims = Claims(garments=(len(few.x_train), 512), policy=(affine, page))
claims.check("given equal draws, the generator and RandomAffine agree to 0.001 in every pixel", bool(np.abs(by_generator - by_affine[0]).max() < 0.001))
claims.check("and the layers differ by more than 0.05 somewhere", bool(np.abs(by_layers - by_affine).max() > 0.05))
claims.check("RandomAffine has a draw of its own for each picture and each call", len(np.unique([*affine(np.repeat(coat, 8, 0)), *affine(np.repeat(coat, 8, 0))], axis=0)) == 16)
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
claims.check("predict and training=False leave pictures alone, model(x) and augmenter(x) don't",
             [np.array_equal(pictures, x) for pictures in ways.values()] == [True, False, False, True])
claims.check("in a map, the stack and the pipeline augment when nobody says otherwise", all(moving))
claims.check("with the cache behind the map, the second epoch is the first again, in the same order", np.array_equal(*shown["last"]))
claims.check("with the cache first, two epochs show 256 different pictures", len(np.unique(np.concatenate(shown["first"]), axis=0)) == 256)
claims.check("from the folder, too: 256 in two epochs, with values up to 1", len(np.unique(np.concatenate(epochs), axis=0)) == 256 and bool(np.max(epochs) <= 1))
claims.check("shuffled behind batch, the members of a batch stay together", all(np.ptp(batch) == 31 for batch in blocks.as_numpy_iterator()))
claims.check("RandomRotation(1) turns by any angle", tuple(layers.RandomRotation(1).factor) == (-1, 1))
