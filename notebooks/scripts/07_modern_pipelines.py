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

# %% [markdown]
# # 07 Modern pipelines
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/07_modern_pipelines.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/07_modern_pipelines.ipynb)
#
# After this lesson you will be able to
#
# - write an `ImageDataGenerator` policy as Keras layers, in `tf.data` and with `RandomAffine`, and check which pictures stay the same;
# - measure how sharp augmented pictures are, and say why a stack of layers blurs them and what that costs;
# - quote what each way costs in time and memory;
# - place augmentation in a pipeline: in the model or in `tf.data`, before or after shuffle, cache, batch and prefetch;
# - translate every argument of `ImageDataGenerator`, and name its trap.
#
# You need notebooks 00 and 01. It takes about one minute on two cores.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series; on Colab, fetch it. Then start TensorFlow quietly and without a GPU: networks as small as
# ours gain nothing from one, and it adds up in another order in each run, so equal runs would differ.
import subprocess
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    options = ["--quiet", "--depth=1", "--branch=main", "--config=advice.detachedHead=false"]
    subprocess.run(["git", "clone", *options, "https://github.com/YOUR_ACCOUNT/static-versus-live", root], check=True)
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% [markdown]
# ## One policy, four ways
#
# `ImageDataGenerator` is still there for old code, but its docstring has shrunk to one word, DEPRECATED. Keras now has layers and `tf.data` in its place. We take the mild policy of lesson 00 and write it four ways. **The first** is the old one.

# %%
import keras
import numpy as np
import tensorflow as tf
from helpers.data import subset
from helpers.data import load_garments
from helpers.model import small_model
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

mild = {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05,
        "zoom_range": 0.05, "horizontal_flip": True}  # fmt: skip
garments = load_garments()
few = subset(garments, 512)
flow = ImageDataGenerator(**mild).flow(few.x_train, few.y_train, batch_size=32, seed=0)

# %% [markdown]
# **The second:** one Keras layer for each kind of change, as the first layers of the model. A turn is now a fraction of the full circle, not degrees; the height comes before the width; the border must be asked for, since the layers' default is `"reflect"`; and a zoom without its second number would keep the aspect ratio.

# %%
def keras_layers(seed=None):
    seeds = [None] * 4 if seed is None else range(4 * seed, 4 * seed + 4)  # equal seeds draw equal numbers
    return keras.Sequential([
        layers.RandomFlip("horizontal", seed=seeds[0]),
        layers.RandomRotation(5 / 360, fill_mode="nearest", seed=seeds[1]),
        layers.RandomTranslation(0.05, 0.05, fill_mode="nearest", seed=seeds[2]),
        layers.RandomZoom(0.05, 0.05, fill_mode="nearest", seed=seeds[3]),
    ])


with_layers = keras.Sequential([keras.Input((28, 28, 1)), keras_layers(0), small_model(seed=0)])

# %% [markdown]
# **The third:** the same layers in a `tf.data` pipeline, which augments batches on the processor while the model trains on the last ones. **The fourth:** `RandomAffine`, the augmenter of this series, with the arguments of the generator. It is a layer too, so it can stand in either place; here in the model.

# %%
from helpers.augment import RandomAffine

stack = keras_layers(1)
dataset = tf.data.Dataset.from_tensor_slices((few.x_train, few.y_train)).shuffle(512, seed=0).batch(32)
dataset = dataset.map(lambda x, y: (stack(x, training=True), y), tf.data.AUTOTUNE).prefetch(2)
with_affine = keras.Sequential([keras.Input((28, 28, 1)), RandomAffine(**mild, seed=0), small_model(seed=0)])

# %%
arrays = {"x": few.x_train, "y": few.y_train, "batch_size": 32}
WAYS = {
    "ImageDataGenerator": (small_model(seed=0), {"x": flow}),
    "Keras layers in the model": (with_layers, arrays),
    "Keras layers in tf.data": (small_model(seed=0), {"x": dataset, "shuffle": False}),  # shuffled above
    "RandomAffine": (with_affine, arrays),
}
for name, (model, given) in WAYS.items():
    model.compile("adam", "binary_crossentropy", steps_per_execution=16)
    model.fit(**given, epochs=3, verbose=0)
    loss = model.evaluate(garments.x_val, garments.y_val, verbose=0)
    print(f"{name:26} validation loss after 48 updates ≈ {loss: .2f}")
    assert loss < 0.69

# %% [markdown]
# All four train, and a short run can't tell them apart. Yet they do not all show the model the same pictures.
#
# ## Predict: which pictures are equal?
#
# Turn a garment by 4°, shift it by 5 % and zoom it by 4 %: with the generator, with the layers and with `RandomAffine`. Which two pictures will be equal, and in what will the third differ?

# %% [markdown]
# ## What the pictures look like
#
# A range that holds one number takes the chance out of a layer, and `apply_transform` and `apply` take given numbers, `apply` in the order angle, two shifts, shear, two zooms, two flips. (In `tf.data` the layers compute what they compute in the model.)

# %%
angle, shift, zoom = 4, 0.05, 0.96
fixed = keras.Sequential([
    layers.RandomRotation((angle / 360, angle / 360), fill_mode="nearest"),
    layers.RandomTranslation((0, 0), (-shift, -shift), fill_mode="nearest"),  # the other sign
    layers.RandomZoom((zoom - 1, zoom - 1), (zoom - 1, zoom - 1), fill_mode="nearest"),  # counted from 0
])
coat = few.x_train[123:124]
given = {"theta": angle, "tx": shift * 28, "zx": zoom, "zy": zoom}
pictures = {
    "original": coat[0],
    "ImageDataGenerator": ImageDataGenerator().apply_transform(coat[0], given),
    "RandomAffine": RandomAffine().apply(coat, [[angle, shift, 0, 0, zoom, zoom, 0, 0]])[0],
    "Keras layers": fixed(coat)[0],
}

# %% mystnb={"image": {"alt": "A coat as it is and moved by the same turn, shift and zoom through ImageDataGenerator, RandomAffine and Keras layers, with an enlarged part below: the first two moved pictures are the same, the third is softer."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
figure, axes = plt.subplots(2, 4, figsize=(9, 4.6))
for column, (name, picture) in zip(axes.T, pictures.items(), strict=True):
    column[0].set_title(name, loc="center")
    for ax, part in zip(column, [picture, picture[14:26, 14:26]], strict=True):
        ax.imshow(part, vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
plt.show()

# %% [markdown]
# *A coat as it is and moved by the same turn, shift and zoom through ImageDataGenerator, RandomAffine and Keras layers, with an enlarged part below: the first two moved pictures are the same, the third is softer.*

# %%
by_generator, by_affine, by_layers = (np.asarray(picture) for picture in list(pictures.values())[1:])
assert np.abs(by_generator - by_affine).max() < 0.001
print(f"mean difference of a pixel, layers from the others: ≈ {np.abs(by_layers - by_affine).mean(): .3f}")

# %% [markdown]
# ## How sharp?
#
# A soft edge has small steps between neighbouring pixels. So we take the mean squared difference of neighbours, across and down, and divide it by that of the originals: the *relative gradient energy*, which we call sharpness. 1 is as sharp as the originals. We measure 512 validation garments under the mild policy.

# %%
clean = garments.x_val[:512]


def sharpness(images):
    energy = [np.mean(np.diff(x, axis=1) ** 2) + np.mean(np.diff(x, axis=2) ** 2) for x in (images, clean)]
    return energy[0] / energy[1]


affine = RandomAffine(**mild)
generated = next(ImageDataGenerator(**mild).flow(clean, batch_size=512, shuffle=False, seed=0))
drawn = affine.apply(clean, affine.draw(512, seed=(0, 0))).numpy()
print(f"ImageDataGenerator ≈ {sharpness(generated): .2f}\nRandomAffine       ≈ {sharpness(drawn): .2f}")

# %% [markdown]
# Both blur, as every *resampling* does: the new pixels fall between the old ones, and a mean of up to four neighbours takes their place. `ImageDataGenerator` and `RandomAffine` multiply all changes into one map and resample once. Each Keras layer resamples for itself. Where do they arrive?

# %%
by_step, images = {"originals": 1.0}, clean
for layer in keras_layers(0).layers:
    images = np.asarray(layer(images, training=True))
    by_step[layer.name.removeprefix("random_").split("_")[0]] = sharpness(images)
assert by_step["flip"] == 1 and abs(sharpness(drawn) - sharpness(generated)) < 0.02
assert by_step["zoom"] < sharpness(drawn) - 0.15

# %% mystnb={"image": {"alt": "Sharpness after each Keras layer: 1 after the flip, then lower after the rotation, the translation and the zoom, where it ends well below the level of a single resampling."}}
figure, ax = plt.subplots(figsize=(6, 3))
ax.plot(range(5), by_step.values(), marker="o", color=plots.GREY)
ax.axhline(sharpness(drawn), color=plots.BLUE, linestyle="--")
ax.text(0, sharpness(drawn) + 0.02, "RandomAffine: all in one resampling", color=plots.BLUE, fontsize=9)
ax.set(xticks=range(5), xticklabels=["original", "+ flip", "+ rotation", "+ translation", "+ zoom"],
       ylabel="sharpness", ylim=(0, 1.05))  # fmt: skip
plt.show()

# %% [markdown]
# *Sharpness after each Keras layer: 1 after the flip, then lower after the rotation, the translation and the zoom, where it ends well below the level of a single resampling.*
#
# A flip moves pixels onto pixels and blurs nothing; every other layer takes its share. Replace `ImageDataGenerator` by layers, and you change the training images. Does it matter?

# %% [markdown]
# ## Predict: does it matter?
#
# We trained live with the layers 20 times as in lesson 02 (512 garments, 3,000 updates). Our own prediction, written down before the first run: *equivalent* to live with `RandomAffine`, within 0.02 in validation loss. What is yours?

# %% [markdown]
# ## What training results
#
# The three tables hold the same garments, initial weights and order in each replicate; only the pictures were drawn by another way. We read paired differences as in lesson 01.

# %%
from helpers.tables import FOLDER, read_results
from helpers.stats import MARGINS, paired_interval, verdict
from helpers.compare import summarise

stored = read_results(FOLDER / "static-versus-live.csv")
stored = stored[(stored["policy"] == "mild") & (stored["model"] == "small") & (stored["rate"] == "constant")]
TABLES = {
    "RandomAffine": stored[stored["arm"].isin(["live", "copies-1"])],
    "Keras layers": read_results(FOLDER / "keras-layers.csv"),
    "ImageDataGenerator": read_results(FOLDER / "image-data-generator.csv"),
}


def read(name, metric, arm="live", budget=3000):
    """One number a replicate: the mean over the last tenth of the updates."""
    table = TABLES[name]
    part = summarise(table[(table["arm"] == arm) & (table["update"] <= budget)])
    return part.set_index("replicate")[metric]


# %%
def compare_with_affine(name, arm, metrics=("val_loss", "val_loss_scaled", "val_accuracy")):
    words = []
    for budget in (500, 1000, 3000):
        for metric in metrics:
            interval = paired_interval(read("RandomAffine", metric, arm, budget) - read(name, metric, arm, budget))
            margin = MARGINS["val_loss" if "loss" in metric else "val_accuracy"]
            words.append(verdict(interval, margin, lower_is_better="loss" in metric))
            print(f"{budget:5,} updates  {metric:16}" + "{: .3f} [{: .3f}, {: .3f}]  ".format(*interval) + words[-1])
    return words


print("live: RandomAffine minus Keras layers, verdict on RandomAffine")
found = compare_with_affine("Keras layers", "live")
assert set(found) == {"better"}

# %% [markdown]
# Our prediction fails. With the sharper pictures live is better at every budget, in loss, scaled (over-confidence taken out, see lesson 04) and in accuracy: by 0.05 in loss after 500 updates, by 0.03 after 3,000. For one copy only it is the same early, and undecided at the end, where runs scatter more:

# %%
print("1 copy only: RandomAffine minus Keras layers")
found = compare_with_affine("Keras layers", "copies-1", ["val_loss"])
print("live: RandomAffine minus ImageDataGenerator")
same = compare_with_affine("ImageDataGenerator", "live", ["val_loss"])
assert found == ["better", "better", "undecided"] and set(same) == {"equivalent"}

# %% [markdown]
# Against `ImageDataGenerator` itself live is equivalent. And live against static? Within the layers, too, one copy only costs about 0.2 at 3,000 updates, as we had expected:

# %%
for name in TABLES:
    interval = paired_interval(read(name, "val_loss") - read(name, "val_loss", "copies-1"))
    word = verdict(interval, MARGINS["val_loss"], lower_is_better=True)
    print(f"{name:18} live minus 1 copy only " + "{: .3f} [{: .3f}, {: .3f}] ".format(*interval), word)
    assert interval.high < -0.1

# %% [markdown]
# As always with a stored table, we train a part of it again, with the function that made it: live with layers, and live with `RandomAffine`, 500 updates. Replicate 0 must give the stored loss. Three new ones must give the difference of the two that the tables predict: in validation loss, which would be zero if the layers did not blur, and in the *shown* loss that `fit` reports, which would be lower if one of them were frozen. (The intervals are 99 % prediction intervals.)

# %%
from helpers.compare import compare
from helpers.progress import progress
from helpers.stats import prediction_interval

sys.path.insert(0, str(FOLDER))
from tasks import run_with_keras_layers

setting = {"dataset": "garments", "n": 512, "arm": "live", "policy": "mild", "model": "small", "updates": 500}
replicates, late = [0, 20, 21, 22], [460, 470, 480, 490, 500]
again = [run_with_keras_layers({**setting, "replicate": r})["summary"] for r in progress(replicates, 4, "runs")]
once = summarise(compare(garments, ["live"], affine, 512, 500, replicates, evaluate_at=late))
expected = read("Keras layers", "val_loss", budget=500)
print(f"replicate 0: table {expected[0]:.3f}, now ≈ {again[0]['val_loss']: .3f}")
assert abs(again[0]["val_loss"] - expected[0]) < 0.02

# %%
for metric in ("val_loss", "shown_loss"):
    stored_gap = read("Keras layers", metric, budget=500) - read("RandomAffine", metric, budget=500)
    interval = prediction_interval(stored_gap, confidence=0.99, size=3)
    found = np.mean([run[metric] for run in again[1:]]) - once[metric][1:].mean()
    numbers = "[{: .3f}, {: .3f}]".format(*interval[1:])
    print(f"{metric:10} layers minus RandomAffine: {numbers} predicted, now ≈ {found: .3f}")
    assert interval.low < found < interval.high
    assert interval.low > 0 or metric == "shown_loss"  # in loss, layers that do not blur would fail

# %% [markdown]
# ## Is it the blur?
#
# Layers and `RandomAffine` also draw different numbers. To change the resampling *alone*, we let `RandomAffine` work in three steps: rotation, then shifts, then zoom and flip. The draws and the whole map stay the same; only the picture is resampled three times.

# %%
from helpers.augment import IDENTITY


class InSteps(RandomAffine):
    def apply(self, images, parameters):
        for columns in ([0], [1, 2], [4, 5, 6, 7]):  # rotation; shifts; zooms and flips
            images = super().apply(images, tf.where(np.isin(np.arange(8), columns), parameters, IDENTITY))
        return images


in_steps = InSteps(**mild)
thrice = in_steps.apply(clean, affine.draw(512, seed=(0, 0))).numpy()
coat_in_steps = InSteps().apply(coat, [[angle, shift, 0, 0, zoom, zoom, 0, 0]])[0]
print("the coat in three steps is that of the layers:", np.abs(coat_in_steps - by_layers).max() < 1e-4)
print(f"sharpness: once ≈ {sharpness(drawn): .2f}, in steps ≈ {sharpness(thrice): .2f}, layers ≈ {by_step['zoom']: .2f}")
assert np.abs(coat_in_steps - by_layers).max() < 1e-4 and abs(sharpness(thrice) - by_step["zoom"]) < 0.02

# %% [markdown]
# In three steps `RandomAffine` makes the picture of the layers, pixel for pixel. Now we train it both ways on the same twelve replicates, 500 updates, with the same draws.

# %%
import pandas as pd
from helpers.compare import report

curves = [
    compare(garments, ["live"], policy, n=512, updates=500, replicates=12, evaluate_at=late).assign(arm=name)
    for name, policy in [("once", affine), ("in steps", in_steps)]
]
runs = summarise(pd.concat(curves))
words = report(runs, [("once", "in steps")], stored=False)
in_accuracy = report(runs, [("once", "in steps")], "val_accuracy", stored=False)
assert {*words.values(), *in_accuracy.values()} == {"better"}

# %%
in_three = runs[runs["arm"] == "in steps"].set_index("replicate")["val_loss"]
gap = paired_interval(in_three - expected[:12])
word = verdict(gap, MARGINS["val_loss"], lower_is_better=True)
print("in steps minus Keras layers, same replicates ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}] ".format(*gap), word)
assert word == "equivalent"

# %% [markdown]
# The same draws, resampled three times, are worse by about 0.07, and on the same twelve replicates they are *equivalent* to the layers (which on all twenty are behind by 0.05). With eight replicates that was undecided by a hair, so we took four more. So it is the blur. (Because training on soft pictures harms, or because the validation images are sharp? Exercise 3.) On larger pictures it may matter less, a blur of one pixel being 1/28 of a garment and 1/224 of a photograph; we did not measure it.

# %% [markdown]
# ## What it costs
#
# `make bench` measured each way in its best usual setting, with OpenCV and albumentations beside them; the policy has a shear, too. The numbers are *processor time*, one core: other work on the machine hardly disturbs it, and waiting doesn't count. *Predict first:* which way is the fastest, and how many times `ImageDataGenerator` is it?

# %%
speeds = pd.read_csv(FOLDER / "throughput.csv")
one_core = speeds[(speeds["cores"] == 1) & (speeds["dtype"] == "float32")]
SIZES = ["28x28x1", "64x64x1", "96x96x3", "224x224x3"]
by_round = one_core.pivot(index=["size", "round"], columns="augmenter", values="images_per_cpu_second")
medians = by_round.groupby("size").median().loc[SIZES]
print("cores", *sorted(speeds["cores"].unique()), "|", speeds["versions"].iloc[0].replace(" ", ", "))

# %% mystnb={"image": {"alt": "Images a second on one core, on a logarithmic axis, for four sizes of picture: a memory copy on top, then OpenCV's warpAffine and RandomAffine close together, and far below them Keras layers and ImageDataGenerator."}}
SHOWN = {"memory copy": "0.6", "RandomAffine in the model": plots.BLUE, "warpAffine": "0.2", "albumentations": "0.2",
         "affine_transform": "0.6", "Keras layers in the model": plots.GREY, "ImageDataGenerator": "0.4"}  # fmt: skip
figure, ax = plt.subplots(figsize=(7, 4.4))
for (name, color), dashes in zip(SHOWN.items(), [":", "-", "--", "-.", "--", "-", ":"], strict=True):
    ax.plot(range(4), medians[name], marker="o", markersize=4, color=color, linestyle=dashes, label=name)
ax.set(yscale="log", xticks=range(4), xticklabels=SIZES, xlabel="picture", ylabel="images a second, one core")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=3)
plt.show()

# %% [markdown]
# *Images a second on one core, on a logarithmic axis, for four sizes of picture: a memory copy on top, then OpenCV's warpAffine and RandomAffine close together, and far below them Keras layers and ImageDataGenerator.*
#
# How many times as fast is `RandomAffine`, round by round of the benchmark? `warpAffine` is OpenCV's bare resampling, without a policy or its random numbers; `affine_transform` is SciPy's, which `ImageDataGenerator` calls; albumentations is a widely used library of augmentations.

# %%
ratios = by_round[["RandomAffine in the model"]].to_numpy() / by_round
print(f"{'RandomAffine is faster by':27}" + "".join(f"{size:>19}" for size in SIZES))
for name in list(SHOWN)[2:] + ["Keras layers in tf.data"]:
    ends = [ratios.loc[size, name].quantile([0.5, 0, 1]) for size in SIZES]
    print(f"{name:27}" + "".join("{:7.1f} [{:4.1f}, {:4.1f}]".format(*three) for three in ends))
assert (ratios["ImageDataGenerator"].groupby("size").median() > 9).all()
assert (ratios["Keras layers in the model"].groupby("size").median() > 10).all()
assert (ratios["albumentations"].groupby("size").min() > 1.5).all()
assert ratios["warpAffine"].groupby("size").median().between(0.75, 1.25).all()

# %% [markdown]
# `RandomAffine` is as fast as OpenCV's resampling within a quarter, and ten to thirty times as fast as `ImageDataGenerator` and the stack of layers. From 64 pixels on the layers are the heaviest: they resample four times, since this policy has a shear.

# %% [markdown]
# Does it show in training? A *step* is one gradient update in `fit`, here of the small network on garments. Everything the step needs counts, the augmentation included; *static* reads pictures made before.

# %%
steps = pd.read_csv(FOLDER / "step-time.csv")
print(f"{'':27}{'one core':>32}{'two cores':>34}\n{'processor time of a step':27}" + f"{'ms':>9}{'by static':>25}" * 2)
step_ratios = {}
for name in ["static", "RandomAffine in the model", "RandomAffine in tf.data", "Keras layers in the model",
             "Keras layers in tf.data", "ImageDataGenerator"]:  # fmt: skip
    row = f"{name:27}"
    for cores in (1, 2):
        times = steps[steps["cores"] == cores].pivot(index="round", columns="augmenter", values="cpu_milliseconds")
        step_ratios[name, cores] = (times[name] / times["static"]).quantile([0.5, 0, 1])
        row += f"{times[name].median():9.2f}" + "{:11.2f} [{:.2f}, {:.2f}]".format(*step_ratios[name, cores])
    print(row)
assert max(step_ratios["RandomAffine in the model", cores][0.5] for cores in (1, 2)) < 1.15
assert step_ratios["ImageDataGenerator", 1][0.5] > 3 and step_ratios["Keras layers in the model", 1][0.5] > 1.7

# %% [markdown]
# Live augmentation need not cost much: with `RandomAffine` a step takes about a ninth more than a static one, with `ImageDataGenerator` three times as much. A larger network takes longer itself, so all of these ratios come nearer to 1.

# %% [markdown]
# And memory? The benchmark noted by how much the peak of the process grew during `fit` on 1,024 pictures of 96×96×3, which are 108 MiB themselves. A static pool must be held as a whole:

# %%
memory = pd.read_csv(FOLDER / "peak-memory.csv").groupby("augmenter", sort=False)["megabytes"].median()
for name, megabytes in memory.items():
    print(f"{name:27}{megabytes:7,.0f} MiB")
assert memory["static, 4 copies"] > 4 * memory["RandomAffine in the model"] > 4 * 0.95 * memory["static"]

# %% [markdown]
# Live augmentation in the model takes no memory of its own that we can see: each batch is forgotten. `tf.data` holds a few batches ready. The pool of four copies takes six times as much as one set of originals: four times the pictures, and room to put the pool together and hand it to `fit` (lesson 05 counted the pool alone).

# %% [markdown]
# Again two cells of the tables on your machine: pictures a second at 28×28, and the step. Times vary with everything else that runs, so we keep the best of a few. (On more cores the ratios of steps come out smaller, because a static step itself takes more processor time there.)

# %%
import time


def best_seconds(function, times=5):
    seconds = []
    for _ in range(times):
        started = time.process_time()
        function()
        seconds.append(time.process_time() - started)
    return min(seconds)


compiled = tf.function(affine)
compiled(clean)  # the first call compiles
old, new = best_seconds(lambda: [next(flow) for _ in range(16)]), best_seconds(lambda: compiled(clean))
print(f"pictures a second: ImageDataGenerator ≈ {512 / old: .0f}, RandomAffine ≈ {512 / new: .0f}")

# %%
many = subset(garments, 2048)
STEP = {"static": small_model(seed=0), "RandomAffine": keras.Sequential([RandomAffine(**mild), small_model(seed=0)]),
        "ImageDataGenerator": small_model(seed=0)}  # fmt: skip
flow_of_many = ImageDataGenerator(**mild).flow(many.x_train, many.y_train, batch_size=32)
milliseconds = {}
for name, model in STEP.items():
    given = {"x": flow_of_many} if name == "ImageDataGenerator" else {"x": many.x_train, "y": many.y_train}
    model.compile("adam", "binary_crossentropy", steps_per_execution=16)
    model.fit(**given, verbose=0)
    seconds = best_seconds(lambda model=model, given=given: model.fit(**given, verbose=0), times=3)
    milliseconds[name] = 1000 * seconds / 64
    print(f"{name:20} ≈ {milliseconds[name]: .2f} ms a step, ≈ {milliseconds[name] / milliseconds['static']: .2f} static ones")

# %% [markdown]
# ## Where augmentation should run
#
# **In the model**, augmentation is a layer: active in training, passed over in `evaluate` and `predict`, saved with the model, and computed wherever the model is, on an accelerator if there is one (we had none, so we can't say how fast). The answers are those of the network alone:

# %%
x = garments.x_val[:100]
with_layer = with_affine.predict(x, verbose=0)
without = with_affine.layers[-1].predict(x, verbose=0)  # the network behind the layer
print("predict leaves the pictures alone:", np.abs(with_layer - without).max() < 1e-5)
print("called on its own, the stack leaves them alone:", np.array_equal(stack(x), x))
assert np.abs(with_layer - without).max() < 1e-5 and not np.array_equal(stack(x), x)

# %% [markdown]
# **In `tf.data`**, the processor augments the next batches while an accelerator trains on this one. That suits slow augmenters and readers of files. But nothing there knows training from validation: map the training set only. Called outside a model, the layers augment, as the last line shows.

# %% [markdown]
# ## The order in `tf.data`
#
# A pipeline has five links: `shuffle`, `cache`, `map`, `batch`, `prefetch`. They can be written in any order, and nearly every order runs. *Predict first:* here are two orders. How many different pictures of 128 garments has the model seen after five epochs?

# %%
from helpers.diversity import distinct_so_far

garment_set = tf.data.Dataset.from_tensor_slices(few.x_train[:128])
ORDERS = {
    "cache, shuffle, batch, map": garment_set.cache().shuffle(128).batch(32).map(affine).prefetch(2),
    "shuffle, batch, map, cache": garment_set.shuffle(128).batch(32).map(affine).cache().prefetch(2),
}
for name, order in ORDERS.items():
    pictures = np.concatenate([batch for _ in range(5) for batch in order.as_numpy_iterator()])
    counts = distinct_so_far(pictures)[127::128]
    print(f"{name}: different pictures after epochs 1 to 5:", *counts)
    assert list(counts) == ([128] * 5 if name.endswith("cache") else [128, 256, 384, 512, 640])

# %% [markdown]
# `cache` keeps what reaches it. Before the map it keeps originals, and saves reading them again. After the map it keeps the first epoch's augmented pictures, in the first epoch's order: live augmentation has become one static copy, the worst arm of lesson 02, and no message tells.

# %% [markdown]
# `shuffle` before `batch` mixes pictures; after it, whole batches are moved about and their members stay together for ever. And it must come after the cache, or one order is kept.

# %%
numbers = tf.data.Dataset.range(128)


def in_blocks(dataset):
    return all(np.ptp(np.sort(batch)) == 31 for batch in dataset.as_numpy_iterator())


keras.utils.set_random_seed(0)
print("shuffle, batch: are the batches blocks of 32 neighbours?", in_blocks(numbers.shuffle(128).batch(32)))
print("batch, shuffle:                                         ", in_blocks(numbers.batch(32).shuffle(4)))
assert in_blocks(numbers.batch(32).shuffle(4)) and not in_blocks(numbers.shuffle(128).batch(32))

# %% [markdown]
# `batch` before `map`, since one call for 32 pictures costs little more than a call for one. *Predict first:* how many times as much do single pictures cost?

# %%
originals = tf.data.Dataset.from_tensor_slices(few.x_train).repeat(8)
cost = {
    "batch, map": best_seconds(lambda: [None for _ in originals.batch(32).map(affine)], times=2),
    "map, batch": best_seconds(lambda: [None for _ in originals.map(affine).batch(32)], times=2),
}
print(f"map before batch costs ≈ {cost['map, batch'] / cost['batch, map']: .0f} times as much")

# %% [markdown]
# `prefetch` comes last: it prepares the next batches during a step, and changes no number. So the order is **cache, shuffle, batch, map, prefetch**. To end every epoch on a full batch, give `batch` the argument `drop_remainder=True` or make n a multiple of it; `repeat()` before `batch` lets a batch straddle two epochs.

# %% [markdown]
# ## The migration table
#
# Every argument of `ImageDataGenerator`, its modern equivalent, and the trap on the way. The test in the last column stands in `tests/test_migration.py` and holds old and new against each other. (RA: the argument of `RandomAffine`, if it has one.)

# %% [markdown]
# | argument | modern equivalent | the trap | checked by |
# | --- | --- | --- | --- |
# | `rotation_range` | `RandomRotation(r / 360)`; RA `rotation_range` | degrees there, a fraction of the full turn here | `test_rotation` |
# | `width_shift_range`, `height_shift_range` | `RandomTranslation(height, width)`; RA the same names | Keras 3 exchanges them (issue 17398): `width_shift_range` moves pictures up and down. 1.0 means one pixel, 0.99 the whole width; the whole number 2 draws -1, 0 or 1 | `test_shifts` |
# | `shear_range` | RA `shear_range`; `RandomShear(np.sin(np.deg2rad(s)))` | degrees about the middle there; a fraction about the top edge here, which moves the picture sideways too | `test_shear` |
# | `zoom_range` | `RandomZoom(z, z)`; RA `zoom_range` | without the second number the aspect ratio is kept; a positive number makes things smaller | `test_zoom` |
# | `horizontal_flip`, `vertical_flip` | `RandomFlip("horizontal")`, `("vertical")`; RA the same names | `RandomFlip()` flips both ways | `test_flips` |
# | `fill_mode` | `fill_mode`; RA the same | "nearest" there and in RA, "reflect" in the layers; the old "wrap" merges the two outer pixels | `test_fill_mode` |
# | `cval` | `fill_value`; RA `cval` | in the units of the images: 255 is not white in [0, 1] | `test_cval` |
# | `interpolation_order` | `interpolation` | 1 is "bilinear", 0 "nearest"; the layers have no cubic | `test_interpolation_order` |
# | `brightness_range` | `RandomBrightness(b, value_range=(0, 1))` | a factor there, and it blackens images in [0, 1]; an addition here, of up to 255·b without `value_range` | `test_brightness` |
# | `channel_shift_range` | `RandomBrightness` | adds one number to all channels; clips to each picture's own range there, to `value_range` here | `test_channel_shift` |
# | `rescale` | `Rescaling(1 / 255)` | the validation generator needs it too; a layer of the model acts on both | `test_rescale` |
# | `preprocessing_function` | `Dataset.map`, or a layer | it sees one augmented picture before `rescale`; after `batch` a map sees a batch | `test_preprocessing_function` |
# | `featurewise_center`, `featurewise_std_normalization` | `Normalization`, `adapt` | without `fit` or `adapt` nothing happens; adapt to training images only | `test_featurewise` |
# | `samplewise_center`, `samplewise_std_normalization` | `tf.image.per_image_standardization` | `LayerNormalization` adds 0.001 to the variance unless told otherwise | `test_samplewise` |
# | `zca_whitening`, `zca_epsilon` | a fixed `Dense` layer with NumPy's matrix | a matrix of pixels × pixels; epsilon is added to the singular values | `test_zca` |
# | `validation_split` | `image_dataset_from_directory(validation_split=…)`, `fit(validation_split=…)` | the old validation subset is augmented, and is the first part; `fit` takes the last | `test_validation_split` |
# | `data_format` | `data_format`; RA none | `RandomAffine` takes channels last only | `test_data_format` |
# | `dtype` | `dtype` of the layer | layers turn uint8 into float32; RA keeps it | `test_dtype` |

# %% [markdown]
# Two of these traps spoil an experiment without a word, so here they are by themselves: brightness on images in [0, 1], and a validation subset that is augmented.

# %%
bright = ImageDataGenerator(brightness_range=(0.5, 0.5)).random_transform(clean[0])
print("brightness 0.5 of a picture in [0, 1]: brightest pixel", bright.max())
split = ImageDataGenerator(**mild, validation_split=0.25)
subset_flow = split.flow(few.x_train, few.y_train, subset="validation", batch_size=128, shuffle=False, seed=0)
untouched = (next(subset_flow)[0] == few.x_train[:128]).all(axis=(1, 2, 3)).sum()
print(f"validation subset: {untouched} of 128 pictures as they were")
assert bright.max() == 0 and untouched == 0

# %% [markdown]
# One more, around the arguments: `flow(seed=…)` sets NumPy's *global* seed with every batch. Whatever else draws from `np.random` during `fit`, a callback, say, changes the pictures, and is itself no longer random:

# %%
after = []
for state in (1, 2):
    np.random.seed(state)
    next(ImageDataGenerator().flow(few.x_train, batch_size=32, seed=0))
    after.append(np.random.random())
print("two different seeds, then a batch of flow, then the same random number:", after[0] == after[1])
assert after[0] == after[1]

# %% [markdown]
# ## Try a policy
#
# Ways apart, which *ranges* suit your pictures? *Affinity* gives a first answer (see [Choosing a policy](going_deeper/choosing_a_policy.ipynb)): a model's accuracy on augmented validation images, over its accuracy on clean ones. We need one model, trained briefly on clean garments.

# %%
from helpers.arms import drawn_batches, schedule
from helpers.training import Trainer

trainer = Trainer(input_shape=(28, 28, 1))
trainer.run(few, drawn_batches(few.x_train, few.y_train, schedule("none", 512, 200), None, 0), 200, evaluate_at=[200])


def accuracy(images):
    return np.mean((trainer.predict(images) > 0.5) == garments.y_val)


def affinity(policy):
    augmented = policy.apply(garments.x_val, policy.draw(len(garments.x_val), seed=(0, 0)))
    return accuracy(augmented) / accuracy(garments.x_val)


# %% [markdown]
# *Predict first*: which costs more affinity, a rotation of up to ±20° or a shift of up to ±20 %? Below the originals the explorer shows a static row, made of four copies, and a live one: from which epoch on does the static row repeat itself? Then move the controls, read the affinity, which follows when you let go, and press play. (The controls need a running kernel.)

# %%
from explorers import policy_explorer

policy_explorer(garments.x_train[:6], affinity, **mild)

# %% [markdown]
# The static row repeats itself from epoch 5 on, since it has four copies. For the affinities, one range at a time:

# %% mystnb={"image": {"alt": "Affinity against the range: at the article's ranges zoom and shifts have fallen to between 0.75 and 0.85, the rotation stays above 0.9; at twice the ranges all fall further."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
ARTICLE, shares = {"rotation": 20, "width_shift": 0.2, "height_shift": 0.2, "zoom": 0.2}, [0, 0.25, 0.5, 1, 2]
lines = {name: [affinity(RandomAffine(**{f"{name}_range": share * most})) for share in shares]
         for name, most in ARTICLE.items()}  # fmt: skip
figure, axes = plt.subplots(figsize=(6, 3.6))
for (name, values), marker in zip(lines.items(), "osD^", strict=True):
    axes.plot(shares, values, marker=marker, color="0.4")
    axes.annotate(name.replace("_", " "), (2.08, values[-1]), va="center", annotation_clip=False)
axes.set(xlabel="range, as a share of the article's (20° or 20 %)", ylabel="affinity", ylim=(0.5, 1.05))
plt.show()

# %% [markdown]
# *Affinity against the range: at the article's ranges zoom and shifts have fallen to between 0.75 and 0.85, the rotation stays above 0.9; at twice the ranges all fall further.*

# %%
lost = {name: 1 - values[3] for name, values in lines.items()}  # at the article's ranges
print(f"lost by ±20° ≈ {lost['rotation']:.2f}; by ±20 % in width ≈ {lost['width_shift']:.2f}, in height ≈ {lost['height_shift']:.2f}")
assert lost["rotation"] < 0.1 and min(lost["width_shift"], lost["height_shift"]) > 2 * lost["rotation"]

# %% [markdown]
# A shift of a fifth costs this network more than twice what a tilt of 20° does: it compares brightness place by place, and a shift moves every place. A low affinity is a warning, no verdict: whether the policy helps, only training tells.

# %% [markdown]
# ## Summary
#
# A policy can be written four ways: `ImageDataGenerator`, Keras layers in the model or in `tf.data`, `RandomAffine`. The first and the last resample once and give the same pictures. A stack of layers resamples once a layer: sharpness 0.36 against 0.59 here, and live training is worse by 0.03 in validation loss after 3,000 updates, by 0.05 after 500; three resamplings of the very same draws do the same. Our prediction, equivalent, was wrong.
#
# Per core, `RandomAffine` is about as fast as OpenCV's resampling and ten to thirty times as fast as the layers and the generator. On one core a live step takes about a ninth more than a static one with it, twice as much with layers, three times as much with the generator. Memory grows with a pool, not with live augmentation.
#
# Augment in the model, unless the augmenter is slow or an accelerator waits for it. In `tf.data`: cache, shuffle, batch, map, prefetch; a cache after the map makes live static. Of the table's traps, remember the exchanged shifts, the fractions for degrees, the layers' "reflect", the kept aspect ratio, and the range of values.
#
# The limits: small grey pictures, one small network, processors only.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. I gave the Keras layers the ranges of my old generator, so the network sees the same pictures?</summary>
#
# Pictures of the same positions, but softer: sharpness ≈ 0.36 against ≈ 0.59, since each layer resamples for itself. For our garments that cost 0.03 in validation loss after 3,000 updates, and 0.05 after 500.
#
# </details>
#
# <details><summary>2. `rotation_range=1` becomes `RandomRotation(1)`?</summary>
#
# No, that turns pictures by any angle, and no message tells: 1 is a full turn there. One degree is `RandomRotation(1 / 360)`.
#
# </details>
#
# <details><summary>3. With `cache()` after the map the loss falls faster and the epochs are quicker. What more could one want?</summary>
#
# New pictures. After five epochs the network has seen 128 different ones of 128 garments, not 640: one static copy in place of live, and such a copy cost about 0.2 in validation loss after 3,000 updates.
#
# </details>
#
# <details><summary>4. The augmentation layers are part of my model. Must I take them out before I call `predict`?</summary>
#
# No: in `evaluate` and `predict` they let the pictures pass, and the answers were those of the network alone. But in a `Dataset.map`, or called on their own (in Keras 3 `training=True` is their default), they augment whatever they are given, validation images too.
#
# </details>
#
# <details><summary>5. Live augmentation made my training three times as slow. Does that speak for a static pool?</summary>
#
# First for another augmenter. Three static steps (3.3 on one core) is what a step with `ImageDataGenerator` takes; with the stack of layers it is 2.0, with `RandomAffine` 1.1. A larger network brings all three nearer to 1.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Predict before you run. Worked answers are in [the solutions](solutions/07_modern_pipelines.ipynb).

# %% [markdown]
# ### Exercise 1: The price of sharpness
#
# Keras's layers take `interpolation="nearest"`: each new pixel copies its nearest old one, where bilinear averages four. Predict the sharpness of the mild stack with it in all three resampling layers. Then measure it on the 512 clean garments, as above, put the number into `sharp`, and look at pictures. What did the sharpness cost?

# %%
from exercises import check

my_prediction = None  # before you run anything
sharp = None  # sharpness(…) of what the changed stack makes of clean
check("07.1", sharp)

# %% [markdown]
# ### Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Mend it: originals read once, mixed anew in every epoch, augmented afresh in full batches of 32; `prefetch` stays last. The check sends 128 numbered pictures through your function for three epochs and names the first thing that goes wrong.

# %%
from exercises import check


def pipeline(originals, augment):
    augmented = originals.map(augment).cache()
    return augmented.batch(32).shuffle(4).prefetch(2)


check("07.2", ...)  # put pipeline in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Soft pictures, or soft against sharp?
#
# Trained on pictures resampled three times, the network was worse by 0.07 in loss, on *sharp* validation garments. Does soft training harm, or only its difference from the validation images? `soft` holds these garments about as soft as the stack's pictures. Train both ways with eight replicates, read both losses, and judge by paired intervals with the margin 0.02.

# %%
soft = garments.x_val
for pixels in (0.25, -0.25):  # a quarter of a pixel to and fro blurs, and moves nothing in the end
    to_and_fro = np.tile(IDENTITY + np.float32(pixels / 28) * np.isin(np.arange(8), [1, 2]), (len(soft), 1))
    soft = RandomAffine().apply(soft, to_and_fro).numpy()
print(f"sharpness of the soft garments ≈ {sharpness(soft[:512]): .2f}, of the stack's pictures ≈ {by_step['zoom']: .2f}")
soft_garments = garments._replace(x_val=soft)  # for compare, in place of garments

# %% [markdown]
# Lesson 08 goes on to photographs of solar cells, to a folder of your own images, and to the result of the series.
