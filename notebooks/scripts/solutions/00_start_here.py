# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,mystnb,jupyter,cellView,-all
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
import numpy as np
from keras import layers

from exercises import check
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.show import Claims

# %% [markdown]
# The network, the augmenter and the training are those of the lesson. Only `train` takes the labels and the number of epochs from outside, and `report` prints what a network knows.

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
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        images, labels, batch_size=32, epochs=epochs, verbose=0, validation_data=new_garments, validation_freq=16
    )

# %%
def report(name, run, originals, labels):
    known = {
        "shown": np.mean(run.history["accuracy"][-16:]),
        "originals": run.model.evaluate(originals, labels, verbose=0)[1],
        "new": run.history["val_accuracy"][-1],
    }
    print(f"{name:15}", ", ".join(f"{place} ≈ {100 * share:3.0f} %" for place, share in known.items()))
    return known

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Four copies
#
# You store four copies of each garment in its place, so an epoch of `fit` goes through 512 pictures. After how many epochs has this network seen as many batches of 32 as the others?

# %%
epochs = 64  # 4 · 128 = 512 pictures make 16 updates of 32, and 1,024 / 16 = 64
check("00.1", epochs)

# %% [markdown]
# The likely wrong answer is 256, as for one copy. That would be four times as many updates as the others get. Here is the network with four copies, and what it knows.

# %%
few = subset(garments, 128)
x, y = few.x_train, few.y_train
four_copies = np.concatenate([augment(x) for copy in range(4)])
with_four = train(network(), four_copies, np.tile(y, 4), epochs)
four_know = report("4 copies", with_four, x, y)

# %% [markdown]
# It knows more of its originals than the lesson's network with one copy (about 85 %), because it saw four versions of each.

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# Complete `clock`, so that it gives the number of the version in any epoch when there are four copies: 0, 1, 2, 3, then 0 again. (Python counts from 0, so the figure's epoch 1 is `clock(0)`.) For live, `clock` would simply return `epoch`.

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
# Will one copy do as much harm when there are more garments? Write down what you expect. Then set `n` to 512 in "Our policy is mild" and `epochs=64` in `train`, run the page again, and compare. (The last cell will say that claims don't apply.)

# %% [markdown]
# One answer among others. We expected less harm, because each picture now comes again only 64 times instead of 256. There are 16 updates in an epoch, so 64 epochs make 1,024 of them.

# %%
more = subset(garments, 512)
x, y = more.x_train, more.y_train
one_copy = augment(x).numpy()

runs = {}
runs["no augmentation"] = train(network(), x, y, epochs=64)
runs["1 copy"] = train(network(), one_copy, y, epochs=64)
runs["live"] = train(keras.Sequential([augment, network()]), x, y, epochs=64)
knows = {name: report(name, run, x, y) for name, run in runs.items()}

# %% [markdown]
# *Less harm, so far.* One copy knows as many originals as live does, and on new garments the three are close together. A copy that came 64 times isn't memorised yet: the network is not even right about all of its copies.
#
# But that is for 1,024 updates. In lesson [05](../05_how_many_copies.ipynb) the same 512 garments are trained for 188 epochs, and one copy ends four points behind live and three behind no augmentation. So "one copy does less harm" is only half a sentence. The other half says after how many epochs.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
claims = Claims()
claims.check("every network makes 1,024 gradient updates",
             all(int(run.model.optimizer.iterations) == 1024 for run in [with_four, *runs.values()]))
claims.check("four copies know more than 88 % of their originals", four_know["originals"] > 0.88)
claims.check("four copies in turn repeat themselves after four epochs",
             [clock(epoch) for epoch in range(8)] == [0, 1, 2, 3, 0, 1, 2, 3])
claims.check("with 512 garments, 1 copy and live know the same share of originals, to within 4 points",
             len(x) == 512 and abs(knows["1 copy"]["originals"] - knows["live"]["originals"]) < 0.04)
claims.check("1 copy is right about fewer than 98 % of its copies", knows["1 copy"]["shown"] < 0.98)
on_new = [known["new"] for known in knows.values()]
claims.check("the three are within 4 points of each other on new garments", max(on_new) - min(on_new) < 0.04)
