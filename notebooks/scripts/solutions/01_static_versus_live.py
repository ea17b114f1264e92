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
# You store four copies of each garment in its place, so an epoch of `fit` goes through four times as many images. After how many epochs has this network made as many updates as the others?

# %%
from exercises import check

check(
    "01.1", 64, n=128, epochs=256
)  # 4 · 128 = 512 images make 16 updates of 32, and 1,024 / 16 = 64

# %% [markdown]
# The likely wrong answer is 256, as for one copy. That would be four times as many updates as the others get.

# %% [markdown]
# ## Exercise 2: More garments
#
# Will one copy do as much harm when there are more garments? Write down what you expect. Then set `n` to 512 and `epochs` to 64, which makes as many updates, run the page again, and compare how many originals each network knows.
#
# We expected less harm, because each copy now comes again only 64 times instead of 256. Here is what the page does then, with `small_model`, which is its network.

# %%
import keras

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = subset(load_garments(), 512)
x, y = garments.x_train, garments.y_train
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %%
knows = {}
for name, images in {"1 copy": augment(x, training=True).numpy(), "live": x}.items():
    keras.utils.set_random_seed(0)  # the same order of batches, too
    network = small_model(seed=0)
    model = network if name == "1 copy" else keras.Sequential([augment, network])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(images, y, batch_size=32, epochs=64, verbose=0)
    knows[name] = model.evaluate(x, y, verbose=0)[1]
    new = model.evaluate(garments.x_val, garments.y_val, verbose=0)[1]
    print(
        f"{name}: originals ≈ {100 * knows[name]:.0f} % (84 to 96), new garments ≈ {100 * new:.0f} % (80 to 90)"
    )

# %% [markdown]
# *Less harm, so far.* A copy that came 64 times isn't memorised yet.
#
# But that is for 1,024 updates. In lesson [05](../05_how_many_copies.ipynb) the same 512 garments are trained for 188 epochs, and one copy ends four points behind live and three behind no augmentation. So "one copy does less harm" is only half a sentence. The other half says after how many epochs.

# %%
assert (
    abs(knows["1 copy"] - knows["live"]) < 0.1
)  # ≈ 0.03, and single runs differ by 0.02
