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
# # Solutions to lesson 07: modern pipelines
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/solutions/07_modern_pipelines.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/solutions/07_modern_pipelines.ipynb)
#
# These are worked answers to the exercises of lesson 07; try them yourself first. You need lesson 07, and nothing of its kernel. It takes about one minute on two cores.

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

# %%
import keras
import numpy as np
import tensorflow as tf
from helpers.augment import IDENTITY, RandomAffine
from helpers.data import load_garments, subset
from exercises import check
from keras import layers

garments, clean = load_garments(), load_garments().x_val[:512]
mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)


def sharpness(images):
    energy = [np.mean(np.diff(x, axis=1) ** 2) + np.mean(np.diff(x, axis=2) ** 2) for x in (images, clean)]
    return energy[0] / energy[1]

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: The price of sharpness
#
# Keras's layers take `interpolation="nearest"`: each new pixel copies its nearest old one, where bilinear averages four. Predict the sharpness of the mild stack with it in all three resampling layers. Then measure it on the 512 clean garments, as above, put the number into `sharp`, and look at pictures. What did the sharpness cost?


# %%
def stack_of(interpolation):
    given = {"fill_mode": "nearest", "interpolation": interpolation}
    return keras.Sequential([
        layers.RandomFlip("horizontal", seed=0),
        layers.RandomRotation(5 / 360, **given, seed=1),
        layers.RandomTranslation(0.05, 0.05, **given, seed=2),
        layers.RandomZoom(0.05, 0.05, **given, seed=3),
    ])


drawn = {name: np.asarray(stack_of(name)(clean, training=True)) for name in ("bilinear", "nearest")}
for name, images in drawn.items():
    print(f"sharpness, {name:8} ≈ {sharpness(images): .2f}")
sharp = sharpness(drawn["nearest"])
check("07.1", sharp)
assert 0.94 < sharp < 1.04 and sharpness(drawn["bilinear"]) < 0.45

# %% [markdown]
# As sharp as the originals, and sharper than one bilinear resampling (≈ 0.59). Sharp, but where? A copied value comes from up to half a pixel beside its place, three times in a row. So we give both stacks one turn, shift and zoom, as the lesson did, and measure how far they are from a single resampling of the same map.

# %%
angle, shift, zoom = 4, 0.05, 0.96


def fixed(interpolation):
    given = {"fill_mode": "nearest", "interpolation": interpolation}
    return keras.Sequential([
        layers.RandomRotation((angle / 360, angle / 360), **given),
        layers.RandomTranslation((0, 0), (-shift, -shift), **given),
        layers.RandomZoom((zoom - 1, zoom - 1), (zoom - 1, zoom - 1), **given),
    ])


once = RandomAffine().apply(clean, np.tile([angle, shift, 0, 0, zoom, zoom, 0, 0], (512, 1))).numpy()
moved = {name: np.asarray(fixed(name)(clean)) for name in ("bilinear", "nearest")}
missed = {name: np.abs(images - once).mean() for name, images in moved.items()}
print("mean difference of a pixel from one resampling:", ", ".join(f"{n} ≈ {d: .3f}" for n, d in missed.items()))
assert missed["nearest"] > 1.5 * missed["bilinear"]

# %% mystnb={"image": {"alt": "A coat and a pullover moved by one resampling, by three bilinear and by three nearest ones: the bilinear pictures are soft, the nearest ones crisp with ragged edges and broken lines."}}
from helpers import plots

plots.use_style()
numbers = [list(garments.y_val[:512]).index(label) for label in (1, 0)]
rows = [[images[number] for images in (clean, once, moved["bilinear"], moved["nearest"])] for number in numbers]
plots.show_images(rows, ["coat", "pullover"], ["original", "once", "three bilinear", "three nearest"])

# %% [markdown]
# *A coat and a pullover moved by one resampling, by three bilinear and by three nearest ones: the bilinear pictures are soft, the nearest ones crisp with ragged edges and broken lines.*
#
# The price is position: the nearest stack is about twice as far from the single resampling as the blurred one. A sharpness of 1 says that neighbours differ as much as before, not that they are the right neighbours. Which of the two a network minds more we have not trained here.

# %% [markdown]
# ### Exercise 2: Put the links in order
#
# This pipeline runs, with nearly every link in the wrong place. Mend it: originals read once, mixed anew in every epoch, augmented afresh in full batches of 32; `prefetch` stays last. The check sends 128 numbered pictures through your function for three epochs and names the first thing that goes wrong.


# %%
def pipeline(originals, augment):
    ready = originals.cache().shuffle(128)
    return ready.batch(32).map(augment).prefetch(2)


check("07.2", pipeline)

# %% [markdown]
# Each link stands where it is for one reason, and each wrong place has its own symptom:

# %%
WRONG = {
    "map before batch": lambda x, f: x.cache().shuffle(128).map(f).batch(32).prefetch(2),
    "cache after map": lambda x, f: x.shuffle(128).batch(32).map(f).cache().prefetch(2),
    "batch before shuffle": lambda x, f: x.cache().batch(32).shuffle(4).map(f).prefetch(2),
    "shuffle before cache": lambda x, f: x.shuffle(128).cache().batch(32).map(f).prefetch(2),
    "no cache at all": lambda x, f: x.shuffle(128).batch(32).map(f).prefetch(2),
}
for name, order in WRONG.items():
    print(name, end=", ")
    check("07.2", order)

# %% [markdown]
# The second is the one to fear. It trains one static copy under the name of live, faster than before and without a message; the others only cost time or mix badly. Let us see it outside the check: pictures of 128 garments after three epochs.

# %%
from helpers.diversity import distinct_so_far

some = tf.data.Dataset.from_tensor_slices(garments.x_train[:128])
for name, order in [("mended", pipeline), ("cache after map", WRONG["cache after map"])]:
    shown = np.concatenate([batch for dataset in [order(some, mild)] for _ in range(3) for batch in dataset.as_numpy_iterator()])
    counts = distinct_so_far(shown)[127::128]
    print(f"{name}: different pictures after epochs 1 to 3:", *counts)
    assert list(counts) == ([128, 256, 384] if order is pipeline else [128, 128, 128])

# %% [markdown]
# ### Exercise 3: Soft pictures, or soft against sharp?
#
# Trained on pictures resampled three times, the network was worse by 0.07 in loss, on *sharp* validation garments. Does soft training harm, or only its difference from the validation images? `soft` holds these garments about as soft as the stack's pictures. Train both ways with eight replicates, read both losses, and judge by paired intervals with the margin 0.02.


# %% [markdown]
# One way to answer it, others are possible. The same 16 runs as in the lesson, live on 512 garments for 500 updates, once and in three steps with the same draws; each model is evaluated on both validation sets, which `Trainer.run` does with `also`. *Predict*: of the 0.07, how much is left on soft validation images?

# %%
class InSteps(RandomAffine):
    def apply(self, images, parameters):
        for columns in ([0], [1, 2], [4, 5, 6, 7]):  # helpers.augment.PARAMETERS
            images = super().apply(images, tf.where(np.isin(np.arange(8), columns), parameters, IDENTITY))
        return images


soft = garments.x_val
for pixels in (0.25, -0.25):  # a quarter of a pixel to and fro blurs, and moves nothing in the end
    to_and_fro = np.tile(IDENTITY + np.float32(pixels / 28) * np.isin(np.arange(8), [1, 2]), (len(soft), 1))
    soft = RandomAffine().apply(soft, to_and_fro).numpy()
print(f"sharpness of the soft garments ≈ {sharpness(soft[:512]): .2f}")
assert 0.3 < sharpness(soft[:512]) < 0.45

# %%
import pandas as pd
from helpers.progress import progress
from helpers.arms import drawn_batches, schedule
from helpers.compare import summarise
from helpers.training import Trainer, also_on

ways = {"once": mild, "in steps": InSteps(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)}
trainers, curves = {name: Trainer(policy=policy) for name, policy in ways.items()}, []
for replicate in progress(range(8), 8, "replicates"):
    part, plan = subset(garments, 512, replicate), schedule("live", 512, 500, replicate)
    for name, policy in ways.items():
        batches = drawn_batches(part.x_train, part.y_train, plan, policy, replicate)
        also = {"soft": (soft, garments.y_val)}
        curve = trainers[name].run(part, batches, 500, replicate, [460, 470, 480, 490, 500], metrics=also_on(also))
        curves.append(curve.assign(arm=name, replicate=replicate))
runs = summarise(pd.concat(curves))

# %%
from helpers.stats import MARGINS, paired_interval, verdict

loss = runs.pivot(index="replicate", columns="arm", values=["val_loss", "soft_loss"])
sharp_set, soft_set = loss["val_loss"], loss["soft_loss"]
gaps = {
    "sharp validation garments, in steps minus once": sharp_set["in steps"] - sharp_set["once"],
    "soft validation garments, in steps minus once ": soft_set["in steps"] - soft_set["once"],
    "in steps on soft minus once on sharp          ": soft_set["in steps"] - sharp_set["once"],
}
found = {name.strip(): paired_interval(gap) for name, gap in gaps.items()}
for name, gap in gaps.items():
    print(f"{name} ≈ {{: .3f}} [≈ {{: .3f}}, ≈ {{: .3f}}]".format(*paired_interval(gap)))

# %%
on_sharp, on_soft, each_on_its_own = found.values()
assert verdict(on_sharp, MARGINS["val_loss"], lower_is_better=True) == "worse" and on_sharp.low > 0.03
assert verdict(on_soft, MARGINS["val_loss"], lower_is_better=True) == "equivalent"
assert each_on_its_own.low > 0 and each_on_its_own.mean < on_sharp.mean / 2
closed = paired_interval(gaps["sharp validation garments, in steps minus once"] - list(gaps.values())[1])
print("of the gap, softer validation images close ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*closed))
assert closed.low > 0.02
right = runs.pivot(index="replicate", columns="arm", values="soft_accuracy")
lost = paired_interval(right["in steps"] - right["once"])
print("accuracy on the soft ones, in steps minus once ≈ {: .3f} [≈ {: .3f}, ≈ {: .3f}]".format(*lost))
assert -0.03 < lost.low < lost.high < 0

# %% [markdown]
# Most of the 0.07 goes away: on soft validation garments the two ways are equivalent in loss. What the blur cost in the lesson was mainly that training and validation pictures differed in sharpness. A smaller part stays: in accuracy on the soft garments training in steps is still worse by about 0.01, and soft training with soft questions is worse than sharp training with sharp ones, by less than half of what the lesson found.
#
# So training pictures should be as sharp as those that will come. If yours come soft, a stack of layers may harm less than here; but one kind of blur, 500 updates and one validation set say no more than that.
