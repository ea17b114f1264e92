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
# # Solutions to lesson 06: How many copies?
#
# Worked answers to the exercises of lesson 06, which you need to have read. Try them yourself first. Nothing is trained, and it takes less than a minute.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Ten times at most
#
# You keep the originals and train for 200 epochs over your images. No version shall be shown more than ten times. How many copies of each image do you store beside the originals, at least?

# %%
from exercises import check

# Twenty versions are shown ten times each, and one of the twenty is the original.
check("06.1", 200 / 10 - 1)

# %% [markdown]
# ## Exercise 2: What the originals save
#
# `above_live` gives how far the loss of K copies is above live's. Change it to that of originals + K copies. Compare it with live that shows *the same share of originals*: `live-4/5` for K = 4, where four of five images are augmented. What do the originals save?

# %%
from helpers.data import RESULTS, read_runs

study = read_runs(RESULTS / "study.csv").query("dataset == 'garments' and n == 512")


def above_live(runs, k):
    table = runs.pivot(index="replicate", columns="method", values="val_loss")
    return table[f"originals+{k}"] - table[f"live-{k}/{k + 1}"]


check("06.2", above_live)

# %% [markdown]
# The loss minus live's against the copies of each image, on a logarithmic axis, for copies alone and beside the originals:

# %%
import matplotlib.pyplot as plt
import pandas as pd

numbers = [1, 4, 16]
loss = study.pivot(index="replicate", columns="method", values="val_loss")
alone = [(loss[f"copies-{k}"] - loss["live"]).mean() for k in numbers]
beside = [above_live(study, k).mean() for k in numbers]
saved = pd.DataFrame({"copies alone": alone, "beside originals": beside}, index=numbers)

saved.plot(style=["o--", "o-"])
plt.xscale("log")
plt.xticks(numbers, numbers)
plt.xlabel("copies of each image")
plt.ylabel("loss minus live's")
plt.show()

# %% [markdown]
# The originals take one place on the disk. Beside a single copy they save three quarters of the difference, beside sixteen copies next to nothing. If you keep plain `live` as the partner, you mix in what a share of originals does to live itself.

# %%
gain = saved["copies alone"] - saved["beside originals"]
assert gain[1] > 0.6 * saved["copies alone"][1]
assert gain[16] < 0.005
