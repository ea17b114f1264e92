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
# # Solutions to lesson 01: Static versus live
#
# Worked answers to the exercises of notebook 01, which you need to have read. Try them yourself first. It takes about one minute on two cores.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Four copies
#
# You store four copies of each garment in its place. After how many passes of `fit` over this store has the network made as many *updates* (batches) as the others?

# %%
from exercises import check

# 4 · 128 = 512 images make 16 updates of 32, and 1,024 / 16 = 64
check("01.1", 64, n=128, epochs=256)

# %% [markdown]
# The likely wrong answer is 256, as for one copy. That would be four times as many updates as the others get.

# %% [markdown]
# ## Exercise 2: Changed garments
#
# Suppose that new garments come turned and moved, too, as the policy has it. Will one copy still be worse than no augmentation? Write down what you expect. Then change each of the new garments once, and evaluate your three networks on them.

# %%
import keras

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

garments = subset(load_garments(), 128)
x, y = garments.x_train, garments.y_train
new_x, new_y = garments.x_val, garments.y_val
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

changed_x = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=1)(
    new_x
)
check("01.2", changed_x, new_x=new_x)

# %% [markdown]
# Here are the three networks of the page again, with `small_model`, which is its network.

# %%
from helpers.model import small_model


def trained(images, live=False):
    keras.utils.set_random_seed(0)  # the same order of batches, too
    network = small_model(seed=0)
    model = keras.Sequential([augment, network]) if live else network
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(images, y, batch_size=32, epochs=256, verbose=0)
    return model


models = {
    "1 copy": trained(augment(x).numpy()),
    "live": trained(x, live=True),
    "no augmentation": trained(x),
}

# %%
changed = {}
for name, model in models.items():
    changed[name] = model.evaluate(changed_x, new_y, verbose=0)[1]
    new = model.evaluate(new_x, new_y, verbose=0)[1]
    print(
        f"{name}: new garments ≈ {100 * new:.0f} % (74 to 88), "
        f"changed ≈ {100 * changed[name]:.0f} % (68 to 86)"
    )

# %% [markdown]
# Now one copy is ahead of no augmentation. Changed garments are harder for both, and one copy prepares for them: each of the two wins on the kind of image that it trained on. Live is ahead on both kinds.
#
# One run proves little. So here are twenty pairs, trained three times as long, in per cent, and in how many of them one copy was ahead.

# %%
import pandas as pd

from helpers.data import RESULTS
from helpers.plots import show_table

tested = pd.read_csv(RESULTS / "lessons/01-new-and-changed.csv")
pairs = tested.pivot(index="run", columns="method").swaplevel(axis=1)
ahead = pairs["1 copy"] > pairs["no augmentation"]
means = tested.drop(columns="run").groupby("method", sort=False).mean()
show_table(means, digits=1)
show_table(ahead.sum().rename_axis("one copy ahead in").rename("pairs").to_frame())

# %%
# The message, of the twenty pairs.
assert ahead["accuracy on changed images"].sum() > 15
