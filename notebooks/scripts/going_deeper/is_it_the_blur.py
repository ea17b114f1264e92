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
# Live training from a stack of Keras layers falls behind live training with `RandomAffine`. It *is* the blur: the same draws, resampled three times, make the layers' pictures and fall behind as well. But most of it goes away when the new images are as blurred as the training pictures. This page belongs to lesson [07](../07_modern_pipelines.ipynb). Its second half has the speed and the memory of each augmenter. It takes 5 minutes to read and less than one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers

from helpers import plots
from helpers.augment import IDENTITY, POLICIES, RandomAffine
from helpers.data import load_garments, subset
from helpers.show import show_table

plots.use_style()
garments = load_garments()
clean = garments.x_val[:512]

# %% [markdown]
# ## Only the resampling changes
#
# Keras layers and `RandomAffine` also draw different random numbers. To change the resampling alone, we let `RandomAffine` work in three steps, first the turn, then the shifts, then zoom and flip. The draws and the whole map stay as they are.

# %%
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
fixed = keras.Sequential([
    layers.RandomRotation((4 / 360, 4 / 360), fill_mode="nearest"),
    layers.RandomTranslation((0, 0), (-0.05, -0.05), fill_mode="nearest"),
    layers.RandomZoom((-0.04, -0.04), (-0.04, -0.04), fill_mode="nearest"),
])
by_layers = fixed(clean, training=True).numpy()
numbers = np.tile([4, 0.05, 0, 0, 0.96, 0.96, 0, 0], (512, 1))
by_steps = in_steps.apply(clean, numbers).numpy()
print("no pixel differs by a thousandth? ", np.abs(by_steps - by_layers).max() < 0.001)

# %% [markdown]
# It does. So whatever these pictures cost in training is the price of resampling three times, and not of anything else about the layers.
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
def steps(images):
    return np.mean(np.diff(images, axis=1) ** 2) + np.mean(np.diff(images, axis=2) ** 2)


draws = once.draw(512, seed=(0, 0))
kinds = {
    "new garments as they are": clean,
    "training pictures, resampled once": once.apply(clean, draws).numpy(),
    "training pictures, in three steps": in_steps.apply(clean, draws).numpy(),
    "new garments, blurred": blurred[:512],
}
sharpness = {name: steps(images) / steps(clean) for name, images in kinds.items()}
show_table(pd.DataFrame({"sharpness": sharpness}).rename_axis("pictures"), approximate=True)

# %% [markdown]
# Now eight pairs of networks, live on 512 garments for 300 updates, once and in three steps with the same draws. Each network answers both sets of new garments.

# %%
from helpers.arms import drawn_batches, schedule
from helpers.compare import summarise
from helpers.training import Trainer, also_on

replicates, updates, late = range(8), 300, [280, 290, 300]
ways = {"once": once, "in steps": in_steps}
trainers = {name: Trainer(policy=policy) for name, policy in ways.items()}
also = also_on({"blurred": (blurred, garments.y_val)})
curves = []
for replicate in replicates:
    part, plan = subset(garments, 512, replicate), schedule("live", 512, updates, replicate)
    for name, policy in ways.items():
        batches = drawn_batches(part.x_train, part.y_train, plan, policy, replicate)
        curve = trainers[name].run(part, batches, updates, replicate, late, metrics=also)
        curves.append(curve.assign(arm=name, replicate=replicate))
runs = summarise(pd.concat(curves))

# %% tags=["hide-input"]
from helpers.stats import judge

found = {}
for metric in ("val_loss", "val_accuracy", "blurred_loss", "blurred_accuracy"):
    pairs = runs.pivot(index="replicate", columns="arm", values=metric)
    found[metric] = judge(pairs["in steps"] - pairs["once"], metric.replace("blurred", "val"))
names = ["loss, sharp garments", "accuracy, sharp garments", "loss, blurred garments", "accuracy, blurred garments"]
rows = [[*interval, word] for interval, _, word in found.values()]
table = pd.DataFrame(rows, index=names, columns=["difference", "from", "to", "in steps is"])
show_table(table.rename_axis("three steps minus once"), approximate=True, digits=3)

# %% [markdown]
# On sharp garments three resamplings cost a lot, in loss and in accuracy. On blurred garments the two are equivalent in loss, and one point of accuracy is lost. So what harms is above all that training and validation differ in sharpness.
#
# The rule that follows is wider than "interpolate once": *training pictures should be as sharp as the pictures that will come*. If yours come blurred, a stack of layers may do little harm. One kind of blur and 300 updates say no more than that.
#
# ## And for one static copy?
#
# The stored runs have one copy from the layers, too. How do layers compare with `RandomAffine` there, and how does live compare with one copy under each augmenter?

# %% tags=["hide-input"]
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "static-versus-live.csv")
tables = {
    "RandomAffine": study.query("policy == 'mild' and model == 'small' and rate == 'constant'"),
    "Keras layers": read_results(FOLDER / "keras-layers.csv"),
    "ImageDataGenerator": read_results(FOLDER / "image-data-generator.csv"),
}


def losses(way, arm, length=3000):
    of = tables[way]
    return summarise(of[(of["arm"] == arm) & (of["update"] <= length)]).set_index("replicate")["val_loss"]


stored = {}
for length in (500, 1000, 3000):
    gap = losses("Keras layers", "copies-1", length) - losses("RandomAffine", "copies-1", length)
    stored[f"1 copy, layers minus RandomAffine, {length:,} updates"] = judge(gap, "val_loss")
for way in tables:
    stored[f"{way}, live minus 1 copy, 3,000 updates"] = judge(losses(way, "live") - losses(way, "copies-1"), "val_loss")
rows = [[*interval, word] for interval, _, word in stored.values()]
stored_table = pd.DataFrame(rows, index=stored, columns=["difference in loss", "from", "to", "verdict"])
show_table(stored_table.rename_axis("512 garments, twenty pairs"), digits=3)

# %% [markdown]
# With one copy the layers' pictures are worse early. At the end it is *undecided*, because runs with one copy scatter more. And however the pictures are made, one copy costs about 0.2 against live.
#
# ## How fast is each augmenter?
#
# `make bench` measured each augmenter in its best usual setting, for four sizes of picture. The times are processor time on one core, with OpenCV's bare resampling, SciPy's and albumentations beside ours, and a plain memory copy as the bound.

# %% tags=["hide-input"]
speeds = pd.read_csv(FOLDER / "throughput.csv").query("cores == 1 and dtype == 'float32'")
SIZES = ["28x28x1", "64x64x1", "96x96x3", "224x224x3"]
by_round = speeds.pivot(index=["size", "round"], columns="augmenter", values="images_per_cpu_second")
medians = by_round.groupby("size").median().loc[SIZES]
SHOWN = {"memory copy": ("0.6", ":"), "RandomAffine in the model": (plots.BLUE, "-"), "warpAffine": ("0.2", "--"),
         "albumentations": ("0.2", "-."), "affine_transform": ("0.6", "--"), "Keras layers in the model": (plots.GREY, "-"),
         "ImageDataGenerator": ("0.4", ":")}  # fmt: skip
figure, ax = plt.subplots(figsize=(8.5, 4.4))
for name, (color, dashes) in SHOWN.items():
    ax.plot(range(4), medians[name], marker="o", markersize=4, color=color, linestyle=dashes, label=name)
ax.set(yscale="log", xticks=range(4), xticklabels=SIZES, xlabel="picture", ylabel="images a second, one core")
ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=3)
plt.show()

# %% [markdown]
# *`RandomAffine` is about as fast as OpenCV's bare resampling, and about ten to thirty times as fast as the layers and the generator.*
#
# In training that counts for less. On one core, a live step took 1.1 static steps with `RandomAffine` in the model, 2.0 with the layers and 3.3 with the generator. In `tf.data` a step took about a tenth more than in the model.
#
# And memory? This is by how much the peak of the process grew in `fit` on 1,024 pictures of 96×96×3, which take 108 MiB themselves.

# %% tags=["hide-input"]
memory = pd.read_csv(FOLDER / "peak-memory.csv").groupby("augmenter", sort=False)["megabytes"].median()
show_table(memory.astype(int).to_frame("MiB").rename_axis("way"))

# %% [markdown]
# Live in the model takes no memory of its own that we can see, because each batch is forgotten. Four copies take four times the pictures, and room to put them together and to hand them to `fit`.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
from helpers.show import Claims

claims = Claims(updates=(updates, 300), replicates=(len(replicates), 8))
claims.check("given equal numbers, three steps make the layers' picture to 0.001 in every pixel", bool(np.abs(by_steps - by_layers).max() < 0.001))
claims.check("three steps make it more blurred by more than 0.15, and the blurred garments are as blurred within 0.06",
             bool(sharpness["training pictures, resampled once"] - sharpness["training pictures, in three steps"] > 0.15
                  and abs(sharpness["new garments, blurred"] - sharpness["training pictures, in three steps"]) < 0.06))
claims.check("on sharp garments three steps are worse in loss and in accuracy", found["val_loss"][2] == found["val_accuracy"][2] == "worse")
claims.check("in loss by more than 0.02, the margin", bool(found["val_loss"][0].low > 0.02))
claims.check("on blurred garments they are equivalent in loss", found["blurred_loss"][2] == "equivalent")
claims.check("and lose less than half as many answers there", bool(0 < -found["blurred_accuracy"][0].mean < -found["val_accuracy"][0].mean / 2))
claims.check("stored: one copy from layers is worse at 500 and 1,000, and undecided at 3,000",
             [stored[f"1 copy, layers minus RandomAffine, {length} updates"][2] for length in ("500", "1,000", "3,000")]
             == ["worse", "worse", "undecided"])
claims.check("stored: within each way live ends more than 0.15 below one copy", all(interval.high < -0.15 for interval, _, _ in list(stored.values())[3:]))
ratios = by_round[["RandomAffine in the model"]].to_numpy() / by_round
factors = ratios.groupby("size").median().loc[SIZES, list(SHOWN)[2:]].T
claims.check("stored: RandomAffine is within a quarter as fast as warpAffine at each size", bool(factors.loc["warpAffine"].between(0.75, 1.25).all()))
claims.check("stored: and ten to thirty times as fast as the generator, more than ten times as the layers",
             bool(factors.loc["ImageDataGenerator"].between(9, 30).all() and (factors.loc["Keras layers in the model"] > 10).all()))
of_steps = pd.read_csv(FOLDER / "step-time.csv").query("cores == 1")
of_steps = of_steps.pivot(index="round", columns="augmenter", values="cpu_milliseconds")
step_time = of_steps.div(of_steps["static"], axis=0).median().round(1)
claims.check("stored: live steps take 1.1 (RandomAffine), 2.0 (layers) and 3.3 (generator) static ones",
             step_time[["RandomAffine in the model", "Keras layers in the model", "ImageDataGenerator"]].tolist() == [1.1, 2.0, 3.3])
in_data = [(of_steps[f"{name} in tf.data"] / of_steps[f"{name} in the model"]).median() for name in ("RandomAffine", "Keras layers")]
claims.check("stored: in tf.data a step takes 1.05 to 1.15 times what it takes in the model", all(1.05 < ratio < 1.15 for ratio in in_data))
claims.check("stored: four copies need more than four times the memory, live in the model none of its own",
             bool(memory["static, 4 copies"] > 4 * memory["static"] and memory["RandomAffine in the model"] < 1.05 * memory["static"]))
