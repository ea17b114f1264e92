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
# # 06 When live is not live
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/06_when_live_is_not_live.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/06_when_live_is_not_live.ipynb)
#
# After this lesson you will be able to
#
# - recognise eight cases in which augmentation is frozen, skewed or leaky, or a comparison unfair, from the code and from the pictures;
# - let `check_pipeline` examine a pipeline of your own, and say what it can't see;
# - say what each bug did to the result here, and which ones a training curve hides;
# - find out, step by step, why two of your pipelines disagree.
#
# You need notebooks 00 and 01. It takes about one and a half minutes on two cores.

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
# ## A sound pipeline
#
# Where a static and a live training disagree, look for a bug before you look for a theory. Here is a pipeline without one, in `tf.data`: 128 garments, kept in memory, shuffled anew in each epoch, and then augmented, batch by batch.

# %%
import tensorflow as tf
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

everything = load_garments()
garments = everything._replace(x_val=everything.x_val[::2], y_val=everything.y_val[::2])  # to save memory
few = subset(garments, 128)
validation = garments.x_val, garments.y_val


def sound(x, y, seed=0):
    augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=seed)
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    data = data.shuffle(len(x), seed=seed).batch(32)
    return data.map(lambda images, labels: (augment(images), labels)).prefetch(2)


# %% [markdown]
# `check_pipeline` reads such a pipeline from outside, as `fit` would, for several epochs, and looks for nine kinds of trouble. Each line says *found*, *not found* or *can't tell*, how it knows, and what to change. It leaves the pipeline and your seeds as they were.

# %%
from augcheck import check_pipeline
from IPython.display import display

report = check_pipeline(sound(few.x_train, few.y_train), validation)
assert not report.found
display(report)

# %% [markdown]
# Nothing is found. *Can't tell* is an honest answer: which pictures share a random draw, for example, can't be seen in the pictures. Where the check-up could know more, the last column says what to give it.
#
# Now eight cases. For each: read the code, say what is wrong, and only then go on.

# %% [markdown]
# ## Case 1
#
# Augmenting costs time, so the results are kept. *What is wrong?*

# %%
def case_1(x, y, seed=0):
    augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=seed)
    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data.shuffle(len(x), seed=seed).batch(32)
    data = data.map(lambda images, labels: (augment(images), labels))
    return data.cache().prefetch(2)


# %% [markdown]
# Follow one garment through six epochs. It gets a label of its own, 7, by which we find it again after the shuffling:

# %%
import numpy as np


def through_epochs(pipeline, epochs=6):
    """The picture of garment 100 in each epoch; its label is 7, all others are 0."""
    data = pipeline(few.x_train, 7 * (np.arange(128) == 100))
    batches = [batch for _ in range(epochs) for batch in data]
    return np.concatenate([images.numpy()[labels.numpy() == 7] for images, labels in batches])


# %% mystnb={"image": {"alt": "One garment through six epochs of two pipelines: the sound one turns, shifts or flips it anew each time, case 1 shows the same picture six times."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
epochs = [f"epoch {e}" for e in range(1, 7)]
plots.show_images([through_epochs(sound), through_epochs(case_1)], ["sound", "case 1"], epochs)

# %% [markdown]
# *One garment through six epochs of two pipelines: the sound one turns, shifts or flips it anew each time, case 1 shows the same picture six times.*
#
# `cache()` keeps what comes *before* it. In the first epoch it stores the augmented pictures, and every later epoch reads the store. The augmentation is frozen: one copy only, as lesson 01 calls it. (A tutorial of TensorFlow did the same: tensorflow issue 47755.)

# %%
report = check_pipeline(case_1(few.x_train, few.y_train), validation)
for name in report.found:
    print(name, report[name], sep=": ", end="\n\n")
assert report.found == ["repeats", "order"]

# %% [markdown]
# The shuffle stood before the cache, too, so even the order is frozen. The repair is the order of `sound`: first `cache()`, then shuffle, then augment.
#
# What did the bug cost? We train both pipelines as they are, 400 updates on each of eight subsets, with the initial weights of lesson 01. (We read on every second validation garment; the losses differ a little from those of other lessons.)

# %%
import pandas as pd
from helpers.model import small_model
from helpers.progress import progress
from helpers.training import Trainer, also_on

trainer = Trainer(small_model)


def train(arm, pipeline, updates=400, early=(), then=None):
    curves = []
    for replicate in progress(range(8), 8, arm):
        part = subset(garments, 128, replicate)
        batches = pipeline(part.x_train, part.y_train, replicate).repeat()
        late = [round(updates * share) for share in (0.92, 0.94, 0.96, 0.98, 1)]
        curves.append(trainer.run(part, batches, updates, replicate, [*early, *late]).assign(replicate=replicate))
        if then:
            then(replicate)
    return pd.concat(curves).assign(arm=arm)


# %% [markdown]
# *Predict first*: how much worse, in validation loss, is the frozen pipeline? (After each run of the sound one we also read its final model on changed validation images, for case 4.)

# %%
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
readings = []


def read(replicate):
    augmented = policy.apply(garments.x_val, policy.draw(1000, seed=(replicate, 99)))
    for name, x in [("as they are", garments.x_val), ("augmented", augmented), ("0 to 255", 255 * garments.x_val)]:
        readings.append({"arm": name, "replicate": replicate, "probability": trainer.predict(x)})


EARLY = [50, 100, 200, 300]
live = train("live", sound, early=EARLY, then=read)
frozen = train("copies-1", case_1, early=EARLY)

# %% mystnb={"image": {"alt": "Validation loss against updates for the sound pipeline and for case 1: both fall alike at first; then case 1 rises again, while the sound one levels off near 0.38."}}
figure, ax = plt.subplots(figsize=(6.4, 3.2))
curves = pd.concat([live, frozen])
plots.plot_curves(ax, curves, "val_loss", label=False)
last = curves[curves["update"] == 400].groupby("arm")["val_loss"].mean().to_dict()
plots.label_ends(ax, last, {"live": "sound", "copies-1": "case 1, frozen"})
ax.set_ylabel("validation loss (nats)")
plt.show()

# %% [markdown]
# *Validation loss against updates for the sound pipeline and for case 1: both fall alike at first; then case 1 rises again, while the sound one levels off near 0.38.*

# %%
from helpers.stats import judge, log_loss, paired_interval
from helpers.compare import differences, report as compare_arms, summarise

runs = summarise(curves)
found = compare_arms(runs, [("copies-1", "live")], stored=False)
assert found["copies-1", "live"] == "worse" and abs(differences(runs, "copies-1", "live").mean() - 0.1) < 0.05

# %% [markdown]
# The frozen pipeline ends about 0.09 higher. Nothing in its curve says "bug": it looks like overfitting, and is. The model overfits to one copy of each garment.

# %% [markdown]
# ## Case 2
#
# A random crop inside the `map`, with a seed so that the run can be repeated. *What is wrong?*

# %%
def case_2(x, y, seed=0):
    def crop(image, label):
        image = tf.pad(image, [[4, 4], [4, 4], [0, 0]])
        return tf.image.stateless_random_crop(image, (28, 28, 1), seed=(seed, 1)), label

    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    return data.shuffle(len(x), seed=seed).map(crop).batch(32).prefetch(2)


# %% mystnb={"image": {"alt": "Six garments as they are and from case 2: all six are shifted by the same few pixels in the same direction."}}
data = case_2(few.x_train[:6], np.arange(6))
images, labels = next(iter(data))
shifted = images.numpy()[np.argsort(labels)]
plots.show_images([few.x_train[:6], shifted], ["originals", "case 2"], [""] * 6)

# %% [markdown]
# *Six garments as they are and from case 2: all six are shifted by the same few pixels in the same direction.*
#
# A stateless op draws the same from the same seed. So every picture, in every epoch, is cropped at the same place.

# %%
report = check_pipeline(case_2(few.x_train, few.y_train), validation)
print(report["repeats"])
assert report.found == ["repeats"]

# %% [markdown]
# The repair is a generator: it hands out a new seed for each picture, remembers where it stands from epoch to epoch, and can be repeated all the same.

# %%
def repaired_2(x, y, seed=0):
    generator = tf.random.Generator.from_seed(seed)

    def crop(image, label):
        image = tf.pad(image, [[4, 4], [4, 4], [0, 0]])
        new = generator.make_seeds(1)[:, 0]
        return tf.image.stateless_random_crop(image, (28, 28, 1), seed=new), label

    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    return data.shuffle(len(x), seed=seed).map(crop).batch(32).prefetch(2)


assert not check_pipeline(repaired_2(few.x_train, few.y_train), validation).found

# %%
runs = summarise(pd.concat([train(f.__name__, f, updates=200) for f in (case_2, repaired_2)]))
found = compare_arms(runs, [("case_2", "repaired_2")], stored=False)
assert found["case_2", "repaired_2"] == "worse" and paired_interval(differences(runs, "case_2", "repaired_2")).low > 0.1

# %% [markdown]
# The frozen crop costs about half a nat after 200 updates (the interval is wide), far more than the frozen copies of case 1 after 400: every training garment lies off by the same few pixels, and no validation garment does.
#
# The seed needn't be yours. `keras.utils.set_random_seed` also fixes the ops of `tf.image` inside a `map`: each pass over the dataset then starts their random numbers again. Without a shuffle *before* the map, that freezes everything.

# %%
import keras


def flip(images, labels):
    return tf.image.random_flip_left_right(images), labels


for seeded in (False, True):
    if seeded:
        keras.utils.set_random_seed(0)
    data = tf.data.Dataset.from_tensor_slices((few.x_train, few.y_train)).batch(32).map(flip)
    print("after set_random_seed:" if seeded else "before:", check_pipeline(data)["repeats"].value)

# %% [markdown]
# Before, *few variants*: a flip has only two pictures of a garment, which is no bug. Afterwards every epoch shows the same ones.

# %%
assert check_pipeline(data)["repeats"].status == "found"

# %% [markdown]
# ## Case 3
#
# An augmentation layer of our own, inside the map. *What is wrong?*

# %%
class Jitter(keras.layers.Layer):
    def __init__(self, seed):
        super().__init__()
        self.move = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=seed)

    def call(self, images, training=False):
        return self.move(images, training=training)


def case_3(x, y, seed=0):
    jitter = Jitter(seed)
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    data = data.shuffle(len(x), seed=seed).batch(32)
    return data.map(lambda images, labels: (jitter(images), labels)).prefetch(2)


# %% mystnb={"image": {"alt": "One garment through six epochs: the sound pipeline changes it each time, case 3 shows the original six times."}}
plots.show_images([through_epochs(sound), through_epochs(case_3)], ["sound", "case 3"], epochs)

# %% [markdown]
# *One garment through six epochs: the sound pipeline changes it each time, case 3 shows the original six times.*
#
# `fit` tells the layers of a *model* that it is training; in a `map` nobody does. This layer then takes its default, `training=False`, and returns the images untouched. From outside that looks frozen; given the layer, the check-up finds the reason.

# %%
report = check_pipeline(case_3(few.x_train, few.y_train), validation, augment=Jitter(0))
print(report["repeats"])
assert report.found == ["repeats"] and report["repeats"].change == "Call it with training=True."

# %% [markdown]
# The repair stands in the report. What will the bug cost? Case 3 *is* training without augmentation, which lesson 02 has compared with live; here is the same once more, through the two pipelines:

# %%
runs = summarise(pd.concat([live, train("none", case_3)]))
found = compare_arms(runs, [("none", "live")], stored=False)
assert found["none", "live"] == "worse" and abs(differences(runs, "none", "live").mean() - 0.05) < 0.03

# %% [markdown]
# The layers that come *with* Keras had the same default once. In Keras 3 `RandomFlip`, `RandomRotation` and the like have `training=True`, which turns the trap round: whoever calls the model itself, rather than `predict`, gets augmented predictions.

# %%
model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.RandomRotation(0.1), small_model(seed=0)])
once, again = (model(garments.x_val[:100]).numpy() for _ in range(2))
print("model(x) twice, the same?        ", np.array_equal(once, again))
once, again = (model.predict(garments.x_val[:100], verbose=0) for _ in range(2))
print("model.predict(x) twice, the same?", np.array_equal(once, again))
assert np.array_equal(once, again)

# %% [markdown]
# ## Case 4
#
# Two pairs of generators. *What is wrong with each?*

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

mild = {"rotation_range": 5, "width_shift_range": 0.05, "height_shift_range": 0.05, "zoom_range": 0.05,
        "horizontal_flip": True}  # fmt: skip
x_255, val_255 = 255 * few.x_train, 255 * garments.x_val[:500]
y_val = garments.y_val[:500]

datagen = ImageDataGenerator(rescale=1 / 255, **mild)
case_4a = datagen.flow(x_255, few.y_train), datagen.flow(val_255, y_val)
case_4b = datagen.flow(x_255, few.y_train), ImageDataGenerator().flow(val_255, y_val)

# %%
report_a, report_b = check_pipeline(*case_4a), check_pipeline(*case_4b)
for report in (report_a, report_b):
    for name in report.found:
        print(name, report[name], sep=": ", end="\n\n")
assert report_a.found == ["validation moves"] and report_b.found == ["sets differ"]

# %% [markdown]
# In *a* one generator serves both sets, so validation is augmented. In *b* the author saw that and gave validation a generator of its own, but without the `rescale`. The repair of both: `ImageDataGenerator(rescale=1/255)` for validation.

# %%
repaired_4 = ImageDataGenerator(rescale=1 / 255).flow(val_255, y_val, shuffle=False)
assert not check_pipeline(case_4a[0], repaired_4).found

# %% [markdown]
# Neither bug touches the training. They touch what you are told about it. *Predict*: the same eight models of the sound pipeline, read on the validation images as they are, augmented, and not rescaled. Which number changes more, accuracy or loss?

# %%
table = pd.DataFrame(readings)
table["val_loss"] = [log_loss(p, garments.y_val) for p in table["probability"]]
table["val_accuracy"] = [np.mean((p > 0.5) == garments.y_val) for p in table["probability"]]
for name in ["as they are", "augmented", "0 to 255"]:
    print(f"{name:12}" + "   {} ≈ {: .2f}   {} ≈ {: .2f}".format(
        *sum(([m, table.query("arm == @name")[m].mean()] for m in ["val_loss", "val_accuracy"]), [])))  # fmt: skip

# %%
cost = {}
for name in ["augmented", "0 to 255"]:
    for metric in ["val_loss", "val_accuracy"]:
        cost[name, metric], _, word = judge(differences(table, name, "as they are", metric), metric)
        print(f"{name:10} {metric:13}" + "≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}] ".format(*cost[name, metric]), word)
assert cost["augmented", "val_loss"].low > 0 and cost["augmented", "val_accuracy"].high < 0
assert cost["0 to 255", "val_loss"].low > 1 and abs(cost["0 to 255", "val_accuracy"].mean) < 0.05

# %% [markdown]
# Augmented validation images are harder, so every model looks worse than it is, by about twice our margins (0.02 in loss, 0.01 in accuracy). Not rescaled, the loss is several times as large at nearly the same accuracy: with inputs 255 times too large the network is certain of every answer, right or wrong. Whoever watches the accuracy alone sees nothing.

# %% [markdown]
# ## Case 5
#
# A little variation in brightness. The images are in [0, 1], as the network wants them. *What is wrong?*

# %%
case_5 = ImageDataGenerator(brightness_range=(0.7, 1.3)).flow(few.x_train, few.y_train, seed=0)
repaired = ImageDataGenerator(brightness_range=(0.7, 1.3), rescale=1 / 255)
repaired_5 = repaired.flow(x_255, few.y_train, seed=0)

# %% mystnb={"image": {"alt": "Eight garments from case 5 above the same eight from its repair: in case 5 nearly all pixels are black, with a few white ones, in the repair the garments are a little lighter or darker."}}
pictures = [next(flow)[0][:8] for flow in (case_5, repaired_5)]
plots.show_images(pictures, ["case 5", "repaired"], [""] * 8)

# %% [markdown]
# *Eight garments from case 5 above the same eight from its repair: in case 5 nearly all pixels are black, with a few white ones, in the repair the garments are a little lighter or darker.*
#
# For the brightness each image goes through a picture of whole numbers. What was 0.7 becomes 0, and a full 1.0 survives as 1 only where the draw doesn't darken it. So `brightness_range` needs images of 0 to 255, and `rescale` afterwards.

# %%
report = check_pipeline(case_5, validation)
for name in report.found:
    print(name, report[name], sep=": ", end="\n\n")
assert "degenerate" in report.found and not check_pipeline(repaired_5, validation).found

# %% [markdown]
# Training through `ImageDataGenerator` is slow, so the effect comes from a stored table: 128 garments, 500 updates, 20 replicates. First we train both ways again on a new replicate. The difference of their *shown* losses, which `fit` reports, must fall into the table's 99.9 % prediction interval, and it would be zero if the two were the same.

# %%
from helpers.tables import FOLDER, read_results
from helpers.stats import prediction_interval

ranges = read_results(FOLDER / "flow-ranges.csv")
ranges = ranges.assign(arm=ranges["policy"])
stored = summarise(ranges)
part = subset(garments, 128, 20)
damaged = ImageDataGenerator(brightness_range=(0.7, 1.3)).flow(part.x_train, part.y_train, seed=20)
sound_flow = repaired.flow(255 * part.x_train, part.y_train, seed=20)
late = [460, 470, 480, 490, 500]
shown = [trainer.run(part, flow, 500, 20, late)["shown_loss"].mean() for flow in (damaged, sound_flow)]
interval = prediction_interval(differences(stored, "brightness-of-1", "brightness-of-255", "shown_loss"))
print(f"difference predicted [{interval.low:.3f}, {interval.high:.3f}], now ≈ {shown[0] - shown[1]: .3f}")
assert 0 < interval.low < shown[0] - shown[1] < interval.high

# %%
for metric in ["val_loss", "val_accuracy"]:
    means = stored.groupby("arm")[metric].mean()
    print(metric, f"brightness of 1: {means['brightness-of-1']:.3f}, of 255: {means['brightness-of-255']:.3f}")
    found = compare_arms(stored, [("brightness-of-1", "brightness-of-255")], metric)
    assert found["brightness-of-1", "brightness-of-255"] == "worse"
blackened = stored.query("arm == 'brightness-of-1'")
print(f"training accuracy as shown, brightness of 1: {blackened['shown_accuracy'].mean():.3f}")
assert paired_interval(blackened["shown_accuracy"]).low > 0.65

# %% [markdown]
# The network learns from the few brightest pixels and is right on 57 % of the validation garments, where guessing gives 50 %. `fit` would show a training accuracy of 0.71: a hard task, one might think, and look for a larger network.

# %% [markdown]
# ## Case 6
#
# Garments hang to the left or right of the centre, so we shift them sideways. *What is wrong?*

# %%
case_6 = ImageDataGenerator(width_shift_range=0.2, fill_mode="constant").flow(few.x_train, few.y_train)
report = check_pipeline(case_6, validation)
print("found:", report.found)
assert not report.found

# %% mystnb={"image": {"alt": "One garment under eight draws of width_shift_range: it moves up and down and never sideways."}}
datagen = ImageDataGenerator(width_shift_range=0.2, fill_mode="constant")
np.random.seed(0)
drawn = np.stack([datagen.random_transform(few.x_train[0]) for _ in range(8)])
plots.show_images([drawn], ["case 6"], [""] * 8)

# %% [markdown]
# *One garment under eight draws of width_shift_range: it moves up and down and never sideways.*
#
# In Keras 3 the two shifts are exchanged, as they were in Keras 2 before it (keras issue 17398). The check-up finds nothing: the pictures are new, whole and in range; only *you* know what you meant. The remedy is to look at some pictures before every training.
#
# In numbers: a shift to the side keeps the sum of each row, a shift up or down keeps the sum of each column.

# %%
rows, columns = (np.abs(np.diff(drawn.sum(axis=axis)[..., 0], axis=0)).sum() for axis in (2, 1))
print("sums of the rows change:", rows > 1, "  sums of the columns change:", columns > 0.5 * rows)
assert columns < 0.5 * rows

# %% [markdown]
# Ask for `height_shift_range` if you mean sideways, or use `RandomAffine` or `RandomTranslation`, where width is width. What does the wrong direction cost? *Predict*, then read the stored table: up and down minus sideways.

# %%
for metric in ["val_loss", "val_accuracy"]:
    print(metric)
    found = compare_arms(stored, [("width-shift", "height-shift")], metric)
    assert found["width-shift", "height-shift"] == "better"

# %% [markdown]
# The bug *helps*: on these garments up and down is better than what was meant. A good number is no proof that a pipeline does what you think.

# %% [markdown]
# ## Case 7
#
# Sixteen copies of each garment, and a fifth of all pictures for validation. *What is wrong?*

# %%
def case_7(part, replicate, copies=16):
    policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
    pool = [policy.apply(part.x_train, policy.draw(128, seed=(replicate, k))).numpy() for k in range(copies)]
    x, y = np.concatenate(pool), np.tile(part.y_train, copies)
    order = np.random.default_rng(replicate).permutation(len(x))
    train, val = order[: len(x) * 4 // 5 // 32 * 32], order[len(x) * 4 // 5 // 32 * 32 :]
    return (x[train], y[train]), (x[val], y[val])


# %% mystnb={"image": {"alt": "Six pictures of the validation set of case 7, and under each a picture of the training set that was made from the same garment."}}
pool_train, pool_val = case_7(few, 0)
sources = np.tile(np.arange(128), 16)[np.random.default_rng(0).permutation(2048)]
cut = len(pool_train[0])
twins = [np.flatnonzero(sources[:cut] == source)[0] for source in sources[cut : cut + 6]]
plots.show_images([pool_val[0][:6], pool_train[0][twins]], ["validation", "training"], [""] * 6)

# %% [markdown]
# *Six pictures of the validation set of case 7, and under each a picture of the training set that was made from the same garment.*
#
# Nearly every validation picture has siblings in training. So training has seen what validation shows: the validation set *leaks*.

# %%
report = check_pipeline(pool_train, pool_val)
print(report["shared images"])
assert report["shared images"].status == "can't tell"

# %% [markdown]
# The check-up can't tell. It recognises an image that is in both sets as it is, mirrored, rescaled, or stored again with loss. But copies that are turned and shifted can lie more than half as far apart as two different garments (lesson 03), and it can't know how far that is in your data. The check must come earlier: compare the originals, *before* augmentation.

# %%
first = np.split(np.random.default_rng(0).permutation(128), [102])  # split first, then augment the training part
train_part, val_part = ((few.x_train[rows], few.y_train[rows]) for rows in first)
report = check_pipeline(train_part, val_part, augment=policy)
print(report["shared images"])
assert report["shared images"].status == "not found"

# %% [markdown]
# What did the leak do? Nothing to the model, all to its mark. To compare like with like, we read each model on three sets: the *leaky* one; other garments, augmented by the same policy (*unseen*); and those garments as they are (*clean*). Leaky against unseen is the leak alone. *Predict* the two accuracies.

# %%
from helpers.arms import Batches

accuracies = []
for replicate in progress(range(20, 24), 4, "case 7"):
    part = subset(everything, 128, replicate)
    (x, y), leaky = case_7(part, replicate)
    rows = np.concatenate([np.random.default_rng((replicate, e)).permutation(len(x)) for e in range(10)])
    batches = Batches(x, y, rows[: 500 * 32].reshape(500, 32), None)
    unseen = policy.apply(part.x_val, policy.draw(2000, seed=(replicate, 99))).numpy()
    sets = {"leaky": leaky, "unseen": (unseen, part.y_val)}
    accuracies.append(trainer.run(part, batches, 500, replicate, [460, 470, 480, 490, 500], metrics=also_on(sets)).mean())
now = pd.DataFrame(accuracies)[["leaky_accuracy", "unseen_accuracy", "val_accuracy"]].mean()
print("leaky ≈ {: .2f}, unseen ≈ {: .2f}, clean ≈ {: .2f}".format(*now))

# %% [markdown]
# The stored table follows this through two networks, two numbers of garments and up to 3,000 updates, with 20 replicates. (The four runs above are new ones: leaky minus unseen must fall where it predicts. Without a leak it would be about zero.)

# %%
leaks = read_results(FOLDER / "split-after-augmenting.csv")
early = summarise(leaks.query("n == 128 and model == 'small' and update <= 500"))
interval = prediction_interval(early["leaky_accuracy"] - early["unseen_accuracy"], size=4)
found = now["leaky_accuracy"] - now["unseen_accuracy"]
print(f"leaky minus unseen predicted [{interval.low:.3f}, {interval.high:.3f}], now ≈ {found: .3f}")
assert 0 < interval.low < found < interval.high

# %% mystnb={"image": {"alt": "Accuracy against updates in three panels: the leaky set ends above unseen and clean in each, highest for the deeper network with 128 garments; unseen lies a little below clean."}}
figure, axes = plt.subplots(1, 3, sharey=True, figsize=(9.4, 3.4))
PANELS = {"small network, 128 garments": (128, "small"), "deeper network, 128 garments": (128, "deeper"),
          "deeper network, 512 garments": (512, "deeper")}  # fmt: skip
COLOURS = {"leaky": "#7b3294", "unseen": "#2f8f6b", "val": "0.3"}
for ax, (title, (n, which)) in zip(axes, PANELS.items(), strict=True):
    part = leaks[(leaks["n"] == n) & (leaks["model"] == which)]
    for name, colour in COLOURS.items():
        values = part.pivot(index="update", columns="replicate", values=f"{name}_accuracy")
        bands = np.array([paired_interval(row) for row in values.to_numpy()])
        ax.plot(values.index, bands[:, 0], color=colour, label={"val": "clean"}.get(name, name))
        ax.fill_between(values.index, *bands.T[1:], color=colour, alpha=0.18, lw=0)
    ax.set(title=title, xlabel="gradient updates")
axes[0].set_ylabel("accuracy")
axes[2].legend(loc="lower right")
plt.show()

# %% [markdown]
# *Accuracy against updates in three panels: the leaky set ends above unseen and clean in each, highest for the deeper network with 128 garments; unseen lies a little below clean.*

# %%
def leak(n, which, budget, metric="accuracy"):
    part = leaks[(leaks["n"] == n) & (leaks["model"] == which) & (leaks["update"] <= budget)]
    return summarise(part)[f"leaky_{metric}"] - summarise(part)[f"unseen_{metric}"]


for n, which, budget in [(128, "small", 500), (128, "small", 3000), (128, "deeper", 500), (128, "deeper", 3000),
                         (512, "small", 1000), (512, "deeper", 1000)]:  # fmt: skip
    interval = paired_interval(leak(n, which, budget))
    print(f"{n} garments, {which:7} network, {budget:5,} updates: leaky minus unseen "
          "{:.3f} [{:.3f}, {:.3f}]".format(*interval))  # fmt: skip

# %%
for which in ("small", "deeper"):
    for budget in (500, 1000):
        assert paired_interval(leak(128, which, budget) - leak(512, which, budget)).low > 0.02
    assert paired_interval(leak(128, which, 3000) - leak(128, which, 500)).low > 0.02
for n, budget in [(128, 500), (128, 3000), (512, 1000)]:
    assert paired_interval(leak(n, "deeper", budget) - leak(n, "small", budget)).low > 0.01
assert paired_interval(leak(128, "deeper", 3000)).low > 0.14

# %% [markdown]
# The leak is worth 0.07 to 0.15 in accuracy with 128 garments, and less with 512. It grows with whatever lets a network learn the sources by heart: capacity, updates, few garments. With the deeper one a new garment is hardly easier than with the small one, while the leaky mark nears 1.
#
# Compared with *clean* images the leak would look smaller than it is, because augmented pictures are harder. With 512 garments, the small network and 500 updates it even vanishes:

# %%
part = summarise(leaks[(leaks["n"] == 512) & (leaks["model"] == "small") & (leaks["update"] <= 500)])
for other in ("val_accuracy", "unseen_accuracy"):
    interval = paired_interval(part["leaky_accuracy"] - part[other])
    print(f"leaky minus {other:15} " + "{: .3f} [{: .3f}, {: .3f}]".format(*interval))
assert interval.low > 0.01 and abs(paired_interval(part["leaky_accuracy"] - part["val_accuracy"]).mean) < 0.01

# %% [markdown]
# ## Case 8
#
# A fair comparison, ten epochs for each. *What is wrong?*

# %%
def case_8(x, y, seed=0, copies=4):
    policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
    pool = [policy.apply(x, policy.draw(len(x), seed=(seed, k))).numpy() for k in range(copies)]
    return np.concatenate(pool), np.tile(y, copies)


report_pool = check_pipeline(case_8(few.x_train, few.y_train), validation)
report_live = check_pipeline(sound(few.x_train, few.y_train), validation)
print("found:", report_pool.found + report_live.found)
print(report_pool.notes[0], report_live.notes[0], sep="\n")
assert not report_pool.found + report_live.found

# %% [markdown]
# Both pipelines are sound. The notes below the report tell: an epoch of the pool is 16 batches, one of the live pipeline 4. Ten epochs are 160 gradient updates against 40. Lesson 02 met this confound; here it is with real pipelines.

# %%
def run(pipeline, replicate):
    part = subset(garments, 128, replicate)
    data = pipeline(part.x_train, part.y_train, replicate)
    if isinstance(data, tuple):
        data = tf.data.Dataset.from_tensor_slices(data).shuffle(512, seed=replicate).batch(32)
    late = [37, 38, 39, 40, 148, 151, 154, 157, 160]  # in the last tenth of 40 updates, and of 160
    return trainer.run(part, data.repeat(), 160, replicate, late)


fair = []
for replicate in progress(range(8), 8, "case 8"):
    for arm, pipeline in [("pool", case_8), ("live", sound)]:
        fair.append(run(pipeline, replicate).assign(arm=arm, replicate=replicate))
fair = pd.concat(fair)
readings = [summarise(fair[fair["update"] <= u]).assign(update=u) for u in (40, 160)]
fair = pd.concat(readings)
fair["arm"] += ", " + fair["update"].astype(str)

# %%
found = compare_arms(fair, [("pool, 160", "live, 40"), ("pool, 160", "live, 160")], stored=False)
assert list(found.values()) == ["better", "worse"]

# %% [markdown]
# Ten epochs each, and static wins by far, because it was trained four times as long. After 160 updates each, nothing of that advantage is left. By our rule the pool is now even *worse*, although only just: the mean difference lies within the margin, and the interval ends next to zero. The pairs of lesson 02 found the two *equivalent*. The repair is to count updates: `steps_per_epoch` and a repeated dataset, or a quarter of the epochs.

# %% [markdown]
# ## What the check-up sees
#
# How far can you trust the instrument? The tests run it on every bug above and many more, in each kind of pipeline where it can occur, on garments and on photographs of solar cells, and on correct pipelines. Here is their table, shortened; *(none)* stands for bugs that no line of the report is about.

# %%
table = pd.read_csv(FOLDER / "checkup.csv", keep_default_na=False)
bugs, correct = table[table["finding"] != ""], table[table["finding"] == ""]
ORDER = ["repeats", "one draw", "validation moves", "sets differ", "shared images", "degenerate", "order", "labels", "policy", "(none)"]
print(f"{'looked for':18}{'cases':>6}   {'garments':30}solar cells")
for finding in ORDER:
    part = bugs[bugs["finding"] == finding]
    counts = [", ".join(f"{word} {(part[name] == word).sum()}" for word in ("detected", "can't tell", "missed")
                        if (part[name] == word).any()) for name in ("garments", "solar cells")]  # fmt: skip
    print(f"{finding:18}{len(part):6}   {counts[0]:30}{counts[1]}")

# %%
seen = bugs[["garments", "solar cells"]] == "detected"
for row in bugs[~seen.all(axis=1)].itertuples():
    print(f"{row.bug}, {row.kind}: {row.garments} / {row[5]}")
assert len(correct) >= 12 and (correct[["garments", "solar cells"]] == "no alarm").all(axis=None)
print(f"\n{len(correct)} correct pipelines: no false alarm on either set")

# %% [markdown]
# In the list, "the same" stands for the bug of the line before it in the full table: half of the validation images in training, and images shuffled without their labels.
#
# The check-up compares only what comes out. It can't see an intention (case 6), the number of updates you had in mind (case 8), or what was augmented once and then stored (case 7, or a validation set). And the cases are ours: a bug that nobody thought of may go unseen.

# %% [markdown]
# ## My two pipelines disagree
#
# One trains better than the other, and you don't know why. Ask in this order: first whether the comparison is fair, then whether the pipelines do what you meant, and only then what static and live have to do with it.

# %%
QUESTIONS = [  # the question, what to do if the answer is no
    ("Same number of gradient updates?", "count updates, not epochs (case 8)"),
    ("Same validation images, never augmented,\nread like the training images?", "cases 4 and 7: validation moves,\nsets differ, shared images"),
    ("Does each epoch of each pipeline bring\nwhat you meant: new pictures, or a pool?", "cases 1 to 3: repeats"),
    ("Do pictures of both look the same,\nside by side?", "cases 5 and 6: degenerate, axes,\nunits, borders"),
    ("Batches mixed alike, labels right?", "order, labels, one draw"),
    ("Same share of clean images?", "match it (lesson 01)"),
    ("Eight or more paired replicates, and a\nverdict of better or worse?", "equivalent, or nothing is\ndecided yet (lesson 00)"),
]  # fmt: skip

# %% mystnb={"image": {"alt": "A chart of seven questions from top to bottom, on updates, validation, epochs, pictures, batches, clean images and replicates: a no leads to the right, to a case or lesson, a yes to the next question, and seven times yes to a real difference between static and live."}}
from matplotlib.patches import FancyBboxPatch

figure, ax = plt.subplots(figsize=(8.4, 6.6))
ax.set(xlim=(0, 10), ylim=(-7.5, 0.5))
ax.axis("off")
arrow = {"arrowstyle": "-|>", "color": "0.4", "shrinkA": 0, "shrinkB": 0}
for row, (question, otherwise) in enumerate([*QUESTIONS, ("A real difference between\nstatic and live: lessons 01 to 05", "")]):
    ax.add_patch(FancyBboxPatch((0.3, -row - 0.25), 4.4, 0.5, "round,pad=0.06", facecolor="white", edgecolor=plots.BLUE if otherwise else plots.GREY))
    ax.text(2.5, -row, question, ha="center", va="center", fontsize=9.5)
    ax.text(5.9, -row, otherwise, va="center", fontsize=9.5, color=plots.arm_style("pool-16")["color"])
    if otherwise:
        for end, start, word in [((5.75, -row), (4.78, -row), "no"), ((2.5, -row - 0.69), (2.5, -row - 0.32), "yes")]:
            ax.annotate("", end, start, arrowprops=arrow)
            ax.text((end[0] + start[0]) / 2 + 0.1, (end[1] + start[1]) / 2 + 0.08 * (word == "no"), word, fontsize=9, color="0.4", va="bottom" if word == "no" else "center")
plt.show()

# %% [markdown]
# *A chart of seven questions from top to bottom, on updates, validation, epochs, pictures, batches, clean images and replicates: a no leads to the right, to a case or lesson, a yes to the next question, and seven times yes to a real difference between static and live.*

# %% [markdown]
# ## Your own pipeline
#
# The check-up works in any project: `pip install` this series' folder (the README says how), then `check_pipeline(my_train, my_validation)`. For an endless dataset add `steps_per_epoch`, for a pool that is meant to be static `live=False`.

# %%
pool = tf.data.Dataset.from_tensor_slices(case_8(few.x_train, few.y_train)).shuffle(512, seed=0).batch(32)
print(check_pipeline(pool)["repeats"], check_pipeline(pool, live=False)["repeats"], sep="\n\n")
assert check_pipeline(pool).found == ["repeats"] and not check_pipeline(pool, live=False).found

# %% [markdown]
# ## Summary
#
# Augmentation freezes where `cache()` comes after it, where a seed inside a `map` is fixed (by you or by `set_random_seed`), and where a layer isn't told that it is training. Here one frozen copy and no augmentation cost about 0.09 and 0.06 in loss; a frozen shift cost far more. Validation that is augmented or not rescaled leaves the model alone and changes its mark. `brightness_range` needs images of 0 to 255. The shifts of `ImageDataGenerator` are exchanged in Keras 3, which happened to help. A split after augmenting raised the accuracy by 0.03 to 0.15 in like-for-like terms. And ten epochs over a larger pool are more training.
#
# Curves hide most of this: the frozen run looks like overfitting, the blackened one like a hard task, the leaky one like success. `check_pipeline` finds repeated pictures, differences between the sets, shared and spoilt images. It can't see intentions, budgets, or what was augmented before it was stored; those you find by looking at pictures and by the chart.
#
# The limits: small images, one pair of classes for the effects, bugs that we thought of ourselves.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You add `cache()`, epochs get faster, and soon the validation loss rises as in ordinary overfitting. What do you look at first?</summary>
#
# At one garment through several epochs. If `cache()` stands after the augmentation, each epoch shows the stored pictures again, and the rise *is* overfitting, to one copy (≈ 0.09 in loss here).
#
# </details>
#
# <details><summary>2. `check_pipeline` has found nothing. Does your pipeline do what you mean it to do?</summary>
#
# It may not. Shifts in the wrong direction, ten epochs over a larger pool, and a validation set that was augmented once and stored all went through unseen. The check-up knows what comes out, not what you meant.
#
# </details>
#
# <details><summary>3. Of a static pool of twelve copies, read one after the other, the report says "new pictures in every epoch". Is it wrong?</summary>
#
# No: it reads nine epochs, and in nine epochs such a pool shows nothing twice. The line says so, "as in a pool of 9 copies or more"; a pool of three it recognises.
#
# </details>
#
# <details><summary>4. You repair the exchanged shifts, and the validation loss gets worse by 0.04. Do you put the bug back?</summary>
#
# Not as a bug. If up and down helps, ask for it by its name, in an augmenter where height is height, and write it down; then you know what you trained.
#
# </details>
#
# <details><summary>5. You mix sixteen copies of 128 garments, validate on a fifth of the pictures, and read ≈ 0.88. What will the model do on new garments?</summary>
#
# It will be right on ≈ 0.80 of their pictures if those are augmented alike, and on ≈ 0.82 of the garments as they are. The rest is the leak, and a deeper network or longer training makes it larger.
#
# </details>

# %% [markdown]
# ## Exercises
#
# The cells go on from the state of the lesson. The [solutions](solutions/06_when_live_is_not_live.ipynb) answer all three. First, three functions that exercise 1 needs:

# %%
def first(x, y):
    images, labels = (tf.data.Dataset.from_tensor_slices(part) for part in (x, y))
    data = tf.data.Dataset.zip(images.shuffle(128, seed=1), labels.shuffle(128, seed=2))
    return data.batch(32).map(flip)


def second(x, y):
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(128, seed=1).batch(32).map(flip)


def third(x, y):
    rows = np.argsort(y, kind="stable")
    data = tf.data.Dataset.from_tensor_slices((x[rows], y[rows])).shuffle(16, seed=1)
    return data.batch(32).map(flip)


# %% [markdown]
# ### Exercise 1: Three pipelines of a colleague
#
# The three functions above become the pipelines P, Q and R, in an order that a seed decides. Which of them would you train with, and what is wrong with the other two? Look at pictures, at the labels of several batches and epochs, and decide; only then let `check_pipeline` read all three.

# %%
from exercises import check

answer = None  # "P", "Q" or "R"
builders = [(first, second, third)[i] for i in np.random.default_rng(5).permutation(3)]
pipelines = {name: build(few.x_train, few.y_train) for name, build in zip("PQR", builders, strict=True)}
check("06.1", answer)

# %% [markdown]
# ### Exercise 2: Split first
#
# `split_pool` is case 7. Change it so that no garment stands on both sides: a fifth of the garments, not of the pictures, for validation, as they are, and sixteen copies of each other garment, without the originals, for training. Labels must follow their pictures. `check` tries your function on forty made-up garments.

# %%
def split_pool(x, y, replicate, copies=16):
    policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
    pool = [policy.apply(x, policy.draw(len(x), seed=(replicate, k))).numpy() for k in range(copies)]
    x, y = np.concatenate(pool), np.tile(y, copies)
    order = np.random.default_rng(replicate).permutation(len(x))
    train, val = order[: len(x) * 4 // 5], order[len(x) * 4 // 5 :]
    return (x[train], y[train]), (x[val], y[val])


check("06.2", ...)  # put split_pool in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: A bug of your own
#
# Build a mistake into `mine` that you have made or feared: in units, ranges, seeds, order or labels. Does the check-up see it? Predict its cost against `sound` after 200 updates; then train both, with `train("mine", mine, 200)` and `train("sound", sound, 200)`, and judge by the interval and verdict of the eight paired replicates (`summarise`, `compare_arms`). A pipeline from a published tutorial will do as well.

# %%
def mine(x, y, seed=0):
    augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=seed)
    data = tf.data.Dataset.from_tensor_slices((x, y)).cache()
    data = data.shuffle(len(x), seed=seed).batch(32)
    return data.map(lambda images, labels: (augment(images), labels)).prefetch(2)


print("found:", check_pipeline(mine(few.x_train, few.y_train), validation).found)

# %% [markdown]
# Next, in lesson 07: how the pictures change when a pipeline moves from `ImageDataGenerator` to Keras layers.
