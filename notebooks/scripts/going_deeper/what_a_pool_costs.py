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
# # What a pool costs
#
# This companion belongs to lesson [05](../05_how_many_copies.ipynb). The article behind this series says that live augmentation "can be more efficient", because a large pool of stored copies "consumes significant disk space and memory". In space that is right. In time it is the other way round. **Time:** 3 minutes to read, less than one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import io

import numpy as np
import pandas as pd
from PIL import Image

from helpers.augment import named_policy
from helpers.data import load_garments, subset
from helpers.show import Claims, show_table
from helpers.tables import FOLDER

mild = named_policy("mild")
part = subset(load_garments(), 512)

# %% [markdown]
# ## Space
#
# **Predict first**, for sixteen copies of 512 garments of 28 × 28 pixels: how many megabytes in memory, and how many as PNG files? And for 10,000 photographs?
#
# Stored copies can lie in memory as `float32`, which is four bytes a value, or as `uint8`, which is one. On disk it can be an archive or a folder of PNG files.

# %%
def pool_of(k):
    return np.concatenate([mild.apply(part.x_train, mild.draw(512, seed=(0, c))).numpy() for c in range(k)])


def archive_bytes(pictures):
    file = io.BytesIO()
    np.savez_compressed(file, pictures)
    return file.tell()


def png_bytes(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")
    return file.tell()

# %%
rows = []
for k in (1, 4, 16):
    pool = pool_of(k)
    grey = np.round(255 * pool).astype("uint8")
    png = sum(png_bytes(picture) for picture in grey[..., 0])
    rows.append([k, len(pool), pool.nbytes / 1e6, grey.nbytes / 1e6, archive_bytes(grey) / 1e6, png / 1e6])

# %% tags=["hide-input"]
space = pd.DataFrame(rows, columns=["copies", "pictures", "float32, MB", "uint8, MB", "archive, MB", "PNG files, MB"])
show_table(space, approximate=["archive, MB", "PNG files, MB"], digits=1)

# %% tags=["hide-input"]
values = 224 * 224 * 3
photographs = pd.DataFrame(
    [[name, number * values / 1e9, 4 * number * values / 1e9]
     for name, number in [("live, one batch of 32", 32), ("the originals", 10_000), ("originals + 4 copies", 50_000), ("originals + 16 copies", 170_000)]],
    columns=["10,000 photographs, 224 × 224", "uint8, GB", "float32, GB"],
)
show_table(photographs)

# %% [markdown]
# Stored pictures grow with the copies, while live needs the originals and one batch. For 512 garments neither matters, but for photographs it decides. Here the article is right. (On disk each small file takes at least a block, often 4,096 bytes, so many little PNG files need more than their sum.)
#
# ## Time
#
# A training step takes 32 pictures, however many are stored. **Predict first:** how much longer does a live step take, with `ImageDataGenerator`, and with `RandomAffine` as the first layer of the model?
#
# The stored benchmark (`make bench`) measured them in turn, round after round. It counts processor time, so that other programs don't disturb it.

# %%
steps = pd.read_csv(FOLDER / "step-time.csv")
steps = steps.pivot(index=["cores", "round"], columns="augmenter", values="cpu_milliseconds")
ratios = steps[["RandomAffine in the model", "Keras layers in the model", "ImageDataGenerator"]].div(steps["static"], axis=0)
median = ratios.groupby("cores").median().T

# %% tags=["hide-input"]
show_table(median.rename(columns={1: "on one core", 2: "on two cores"}).rename_axis(index="live step ÷ static step", columns=None), digits=1)

# %% [markdown]
# With a fast augmenter live costs hardly more than static. With `ImageDataGenerator` a live step of this small network takes about three static ones, but in a large network the augmenter's share is smaller.
#
# And the making of the copies? Live does in each epoch the work that storing needs once for each copy. So K copies have paid for themselves after about K epochs, and most trainings are longer. The article's "more efficient" is therefore true of space, and of time only if you train for fewer epochs than you have copies, when nothing comes again anyway.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
claims = Claims()
claims.check("memory grows with the copies, and float32 takes four times uint8",
             bool(np.allclose(space["float32, MB"], space["copies"] * part.x_train.nbytes / 1e6) and np.allclose(space["float32, MB"], 4 * space["uint8, MB"])))
claims.check("compressed on disk, too: sixteen copies take more than 12 times one", bool((space.iloc[2, 4:] > 12 * space.iloc[0, 4:]).all()))
claims.check("a live step takes 1.0 to 1.3 static ones with RandomAffine", bool(median.loc["RandomAffine in the model"].between(1, 1.3).all()))
claims.check("with ImageDataGenerator 2 to 4", bool(median.loc["ImageDataGenerator"].between(2, 4).all()))
