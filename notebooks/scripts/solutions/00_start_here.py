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
# # Solutions to lesson 00: Start here
#
# Worked answers to the exercises of notebook 00, which you need to have read. Try them yourself first. It takes about one minute on two cores.

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
import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

from exercises import check
from helpers import plots
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.show import Claims

plots.use_style()

# %% [markdown]
# The network, the augmenter and the training are those of the lesson. Only `train` takes the new garments from outside, so that it serves for any number of training images.

# %%
garments = load_garments()
new_garments = (garments.x_val, garments.y_val)
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)


def network():
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ])


# %%
def train(model, images, labels, epochs):
    pictures = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images))
    part = pictures.repeat(epochs // 16).batch(32)  # a sixteenth of the epochs, each shuffled anew
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        part, epochs=16, shuffle=False, verbose=0,  # the pictures are shuffled already
        validation_data=new_garments, validation_batch_size=500,
    )

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def draw(ax, runs, title):
    for arm, run in runs.items():
        ax.plot(np.linspace(64, 1024, 16), run.history["val_loss"], **plots.arm_style(arm))
    ax.set(title=title, xlabel="gradient updates", xlim=(0, 1024), ylim=(0, 0.85))
    plots.label_ends(ax, {arm: run.history["val_loss"][-1] for arm, run in runs.items()})

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Sixteen copies
#
# You want to add a fifth line to the experiment: sixteen copies of each garment. How many epochs must `train` make, so that this network gets 1,024 gradient updates as well? Set `epochs` and run the cell. If it is right, say where you expect the line, add these lines to the cell, and then run the cell that draws the loss on new garments once more.
#
# ```python
# sixteen_copies = np.concatenate([augment(x) for copy in range(16)])
# runs["copies-16"] = train(network(), sixteen_copies, np.tile(y, 16), epochs)
# ```

# %%
epochs = 16  # 16 · 128 = 2,048 pictures make 64 updates of 32, and 1,024 / 64 = 16
check("00.1", epochs)

# %%
few = subset(garments, 128)
x, y = few.x_train, few.y_train
sixteen_copies = np.concatenate([augment(x) for copy in range(16)])

runs = {}
runs["copies-16"] = train(network(), sixteen_copies, np.tile(y, 16), epochs)
runs["live"] = train(keras.Sequential([augment, network()]), x, y, epochs=256)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Loss on new garments against gradient updates. The line of 16 copies and that of live fall together and stay close to each other until the end."}} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.6))
draw(ax, runs, "loss on new garments (lower is better)")
plt.show()

# %% [markdown]
# *With sixteen copies, each picture comes again only sixteen times, and the line stays close to live.*
#
# The likely wrong answer is 256, as for one copy. That would be 16 times as many updates as the others get, and the network would overfit because it trained longer. Did you expect sixteen copies to be much worse than live, since live shows 256 versions of each garment? What counts is how often a picture comes again, and lesson [05](../05_how_many_copies.ipynb) makes a rule of it.

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# In "Spot the repeat" we wrote the numbers of the versions down by hand. Complete `clock`, so that it gives the number for any epoch when there are four copies: 0, 1, 2, 3, then 0 again, for as long as training lasts. Python counts from 0, so the figure's epoch 1 is `clock(0)`. For live, `clock` would simply return `epoch`. What would it be for a single copy?

# %%
def clock(epoch):
    return epoch % 4


print([clock(epoch) for epoch in range(12)])
check("00.2", clock)

# %% [markdown]
# The remainder of a division by four is a clock that comes round again. For a single copy it is `epoch % 1`, which is always 0. So static augmentation is live augmentation that has forgotten which epoch it is, and lesson [01](../01_static_versus_live.ipynb) rests its whole comparison on that. A tempting answer is `min(epoch, 3)`. It shows four pictures too, but the last of them in every epoch that follows.

# %% [markdown]
# ### Exercise 3: More garments
#
# Will one copy do as much harm when there are more garments? Write down what you expect, and why. Then set `n` to 512 in the section "Our policy is mild", choose new epochs so that there are still 1,024 updates, and run the page again. Judge by twenty runs: unfold the cell that reads `study.csv`, and put 512 for 128. (The last cell will say that claims don't apply.)

# %% [markdown]
# One answer among others. We expected less harm, because each picture now comes again only 64 times instead of 256. There are 16 updates in an epoch, so 64 epochs make 1,024 of them, and so do 16 epochs of four copies.

# %%
more = subset(garments, 512)
x, y = more.x_train, more.y_train
four_copies = np.concatenate([augment(x) for copy in range(4)])

more_runs = {}
more_runs["none"] = train(network(), x, y, epochs=64)
more_runs["copies-1"] = train(network(), augment(x).numpy(), y, epochs=64)
more_runs["copies-4"] = train(network(), four_copies, np.tile(y, 4), epochs=16)
more_runs["live"] = train(keras.Sequential([augment, network()]), x, y, epochs=64)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Loss on new garments against gradient updates, with 512 training images. The line of none is lowest at first. At the end 1 copy lies clearly above the others, none follows, and live and 4 copies are lowest, close together."}} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 3.6))
draw(ax, more_runs, "loss on new garments, 512 training images")
plt.show()

# %% [markdown]
# *The harm is smaller, but one copy still ends highest.*
#
# Our expectation was right in its direction, because the lines lie closer together than with 128 garments. But one copy has not become harmless, and for the first four hundred updates the network without augmentation was the best of all. So "live is better" is only half a sentence. The other half says for how many images, and after how many updates.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
new_loss = {arm: run.history["val_loss"][-1] for arm, run in runs.items()}
more_loss = {arm: run.history["val_loss"][-1] for arm, run in more_runs.items()}

claims = Claims()
claims.check("every network makes 1,024 gradient updates",
             all(int(run.model.optimizer.iterations) == 1024 for run in [*runs.values(), *more_runs.values()]))
claims.check("16 copies end within 0.1 of live", abs(new_loss["copies-16"] - new_loss["live"]) < 0.1)
claims.check("four copies in turn repeat themselves after four epochs",
             [clock(epoch) for epoch in range(8)] == [0, 1, 2, 3, 0, 1, 2, 3])
claims.check("with 512 garments the four networks end within 0.15 of each other",
             len(x) == 512 and max(more_loss.values()) - min(more_loss.values()) < 0.15)
