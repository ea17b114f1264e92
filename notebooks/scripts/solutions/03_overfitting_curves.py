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
# # Solutions to lesson 03: Overfitting curves
#
# Worked answers to the exercises of notebook 03, which you need to have read. Try them yourself first. It takes less than a minute on two cores.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: A tenth run
#
# In the folder of training images somebody numbered the classes the other way round, pullover 1 and coat 0. In the validation folder all is well, and otherwise the run is F. Write down the validation accuracy that you expect at its end. Then plot `tenth.history["loss"]` and `tenth.history["val_loss"]`. How do you distinguish it from C?
#
# The network learns as much as in F. But it calls coats what the validation folder calls pullovers, so its accuracy is one minus that of F.

# %%
import keras
import numpy as np
from exercises import check
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = load_garments()
x, y = subset(garments, 1024)[:2]
few_x, few_y = subset(garments, 128)[:2]
new_x, new_y = garments.x_val, garments.y_val
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %%
def fit(images, labels, epochs, first=()):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([*first, small_model(seed=0)])
    network.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    network.fit(images, labels, epochs=epochs, verbose=0)
    return network

# %%
check("03.1", 0.15)
accuracies = {}
for name, network in {
    "tenth": fit(x, 1 - y, 12, [augment]),
    "C": fit(few_x, np.random.default_rng(0).permutation(few_y), 120),
}.items():
    loss, accuracies[name] = network.evaluate(new_x, new_y, batch_size=500, verbose=0)
    print(
        f"{name}: accuracy on new garments ≈ {100 * accuracies[name]:.0f} % ({'8 to 24' if name == 'tenth' else '40 to 60'})"
    )

# %% [markdown]
# In both runs the validation loss rises from the beginning, so the loss alone does not separate them. The accuracy does. Labels that mean nothing leave it near one half, and labels that mean the opposite take it far below. If your accuracy is well below one half, look at the order of the classes. (In lesson [07](../07_when_live_is_not_live.ipynb) a program looks.)

# %% [markdown]
# ## Exercise 2: How over-confident?
#
# Write `over_confidence`, which takes the probabilities of a coat and the labels (1 is a coat). It returns by how much the network is surer than it is right, which is the mean confidence of its answers minus its accuracy. The *confidence* of an answer is the probability that the network gave to it. The starter makes a mistake. How over-confident is the network from the beginning of this page?

# %%
def over_confidence(p, labels):
    confidence = np.maximum(p, 1 - p)  # of a pullover it is 1 - p
    accuracy = np.mean((p > 0.5) == labels)
    return np.mean(confidence) - accuracy


check("03.2", over_confidence)

# %%
copies = augment(few_x, training=True)
surer = {}
for name, network in {
    "live, 1,024 garments": fit(x, y, 12, [augment]),
    "1 copy, 128 garments": fit(copies, few_y, 120),
}.items():
    surer[name] = over_confidence(
        network.predict(new_x, batch_size=500, verbose=0)[:, 0], new_y
    )
    print(f"{name}: over-confident by ≈ {surer[name]:z.2f}")

# %% [markdown]
# One copy is over-confident. Live is even a little less sure than it could be.

# %%
assert (
    accuracies["tenth"] < 0.3 < accuracies["C"]
    and surer["1 copy, 128 garments"] > surer["live, 1,024 garments"] + 0.05
)
