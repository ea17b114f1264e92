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
# # Is it the blur?
#
# Live training from a stack of Keras layers falls behind live training with `RandomAffine`. It *is* the blur: the same draws, resampled three times, fall behind as well. But most of it goes away when the new images are as blurred as the training pictures. This companion to lesson [07](../07_modern_pipelines.ipynb) ends with what live and stored copies cost in time and in memory. **Time:** 5 minutes to read, about one to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Only the resampling changes
#
# Keras layers and `RandomAffine` also draw different random numbers. To change the resampling alone, we let `RandomAffine` work in three steps, first the turn, then the shifts, then zoom and flip. The draws and the whole map stay as they are.

# %%
import numpy as np
import tensorflow as tf

from helpers.augment import IDENTITY, POLICIES, RandomAffine


class InSteps(RandomAffine):
    def apply(self, images, parameters):
        for columns in ([0], [1, 2], [4, 5, 6, 7]):  # turn; shifts; zooms and flips
            one_step = tf.where(np.isin(np.arange(8), columns), parameters, IDENTITY)
            images = super().apply(images, one_step)
        return images


once, in_steps = RandomAffine(**POLICIES["mild"]), InSteps(**POLICIES["mild"])

# %% [markdown]
# Given the same turn, shift and zoom, does it make the picture of the three layers?

# %%
import keras
from keras import layers

from helpers.data import load_garments, subset

garments = load_garments()
sharp = garments.x_val[:512]
fixed = keras.Sequential([
    layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),
    layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),
    layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
])
numbers = np.tile([4, 0.05, 0, 0, 0.96, 0.96, 0, 0], (512, 1))
assert np.abs(in_steps.apply(sharp, numbers).numpy() - fixed(sharp, training=True).numpy()).max() < 0.001

# %% [markdown]
# It does, to a thousandth in every pixel. So whatever these pictures cost in training is the price of resampling three times, and not of anything else about the layers.
#
# ## Blurred pictures, or blurred against sharp?
#
# Does it harm to train on blurred pictures? Or does it only harm that the network is asked about sharp ones afterwards? To find out, we make the new garments as blurred as the training pictures. Moving them a quarter of a pixel to and fro blurs them, and in the end moves nothing.

# %%
blurred = garments.x_val
for pixels in (0.25, -0.25):
    to_and_fro = IDENTITY + np.float32(pixels / 28) * np.isin(np.arange(8), [1, 2])
    blurred = RandomAffine().apply(blurred, np.tile(to_and_fro, (len(blurred), 1))).numpy()

# %%
import pandas as pd

from helpers.show import caption, show_table


def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)


draws = once.draw(512, seed=(0, 0))
kinds = {
    "training pictures, resampled once": once.apply(sharp, draws).numpy(),
    "training pictures, in three steps": in_steps.apply(sharp, draws).numpy(),
    "new garments, blurred": blurred[:512],
}
sharpness = pd.Series({name: steps(images) / steps(sharp) for name, images in kinds.items()})
show_table(sharpness.to_frame("sharpness").rename_axis("pictures"), approximate=True)
caption("Mean squared step between neighbouring pixels. It is 1 for the new garments as they are.")

# %% [markdown]
# Now eight pairs of networks, live on 512 garments for 300 updates, once and in three steps with the same draws. Each network answers both sets of new garments.

# %%
from helpers.arms import drawn_batches, schedule
from helpers.compare import summarise
from helpers.training import Trainer, also_on

trainers = {"once": Trainer(policy=once), "in steps": Trainer(policy=in_steps)}
also = also_on({"blurred": (blurred, garments.y_val)})
curves = []
for replicate in range(8):
    part, plan = subset(garments, 512, replicate), schedule("live", 512, 300, replicate)
    for name, trainer in trainers.items():
        batches = drawn_batches(part.x_train, part.y_train, plan, trainer.policy, replicate)
        curve = trainer.run(part, batches, 300, replicate, [280, 290, 300], metrics=also)
        curves.append(curve.assign(arm=name, replicate=replicate))
runs = summarise(pd.concat(curves))

# %%
from helpers.compare import differences
from helpers.stats import judge

NAMES = {"val_loss": "loss, sharp garments", "val_accuracy": "accuracy, sharp garments",
         "blurred_loss": "loss, blurred garments", "blurred_accuracy": "accuracy, blurred garments"}  # fmt: skip
rows, words = [], {}
for metric, name in NAMES.items():
    interval, _, words[metric] = judge(differences(runs, "in steps", "once", metric), metric.replace("blurred", "val"))
    rows.append([name, *interval, words[metric]])
show_table(pd.DataFrame(rows, columns=["three steps minus once", "mean", "from", "to", "three steps are"]), approximate=True, digits=3)
caption("On sharp garments three resamplings cost a lot. On blurred ones they are equivalent in loss, and about a point less accurate.")

# %%
# The message, in your own run: it harms that training and validation differ in sharpness.
assert words["val_loss"] == words["val_accuracy"] == "worse" and words["blurred_loss"] == "equivalent"

# %% [markdown]
# The rule that follows is wider than "interpolate once": *training pictures should be about as sharp as the pictures that will come*. If yours come blurred, a stack of layers may do little harm, as here. One kind of blur and 300 updates say no more than that.
#
# However the pictures are made, one frozen copy of them costs about as much. Here are twenty pairs each after 3,000 updates, with `ImageDataGenerator` itself among them:

# %%
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "static-versus-live.csv").query("policy == 'mild' and model == 'small' and rate == 'constant'")
rows = []
for name, table in {
    "RandomAffine": study, "Keras layers": read_results(FOLDER / "keras-layers.csv"),
    "ImageDataGenerator": read_results(FOLDER / "image-data-generator.csv"),
}.items():
    interval = judge(differences(summarise(table), "copies-1", "live"), "val_loss")[0]
    rows.append([name, *interval])
show_table(pd.DataFrame(rows, columns=["1 copy minus live, in loss", "mean", "from", "to"]))

# %% [markdown]
# ## How fast is each augmenter?
#
# Version 0.3 measured each augmenter in its best usual setting, in processor time on one core, with OpenCV's bare resampling, SciPy's and albumentations beside ours, and a plain memory copy as the bound.

# %%
import figures

SIZES = ["28x28x1", "64x64x1", "96x96x3", "224x224x3"]
speeds = pd.read_csv(FOLDER / "throughput.csv").query("cores == 1 and dtype == 'float32'")
speeds = speeds.groupby(["size", "augmenter"])["images_per_cpu_second"].median().unstack().loc[SIZES]
figures.augmenters(speeds)
caption("`RandomAffine` is about as fast as OpenCV's bare resampling, and about ten to thirty times as fast as the generator.")

# %% [markdown]
# ## What does a pool cost?
#
# The article behind this series says that live "can be more efficient", because a large pool of stored copies consumes disk space and memory. In *space* that is right: stored pictures grow with the copies, while live needs the originals and one batch. How much do 10,000 photographs of 224 × 224 take?

# %%
values = 224 * 224 * 3
pictures = {"live, one batch of 32": 32, "the originals": 10_000, "originals + 4 copies": 50_000, "originals + 16 copies": 170_000}
space = pd.DataFrame({"uint8, GB": values / 1e9, "float32, GB": 4 * values / 1e9}, index=list(pictures))
show_table(space.mul(list(pictures.values()), axis=0).rename_axis("10,000 photographs"))

# %% [markdown]
# (While `fit` trained, the process grew by no more with live in the model than with the stored originals, and by six times as much with four copies.)
#
# In *time* it is the other way round. By how much is a live update longer than one from stored pictures? (Processor time, in turns, round after round.)

# %%
step = pd.read_csv(FOLDER / "step-time.csv").query("cores == 1")
step = step.pivot(index="round", columns="augmenter", values="cpu_milliseconds")
longer = step.div(step["static"], axis=0).median()[["RandomAffine in the model", "Keras layers in the model", "ImageDataGenerator"]]
show_table(longer.to_frame("live update ÷ static update").rename_axis("augmenter"), digits=1)

# %% [markdown]
# With a fast augmenter live costs hardly more. With `ImageDataGenerator` an update of this small network takes about three static ones, and in a large network the augmenter's share is smaller. In `tf.data` an update takes about a tenth more than in the model.
#
# And making the copies? Live does in each epoch the work that a store needs once for each copy. So K copies have paid for themselves after about K epochs, and most trainings are longer.
