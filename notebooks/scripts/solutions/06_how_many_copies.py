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
# Worked answers to the exercises of notebook 05, which you need to have read. Try them yourself first. Nothing is trained, and it takes less than a minute.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: Ten times at most
#
# You keep the originals and train for 200 epochs over your images. No version shall be shown more than ten times. How many copies of each image do you store beside the originals, at least?

# %%
from exercises import check

check(
    "06.1", 200 / 10 - 1
)  # 200 epochs over twenty versions show each ten times, and one of the twenty is the original

# %% [markdown]
# ## Exercise 2: What the originals save
#
# `above_live` gives how far the loss of K copies is above live's. Change it to that of originals + K copies, compared with live that shows *the same share of originals*: `live-4/5` for K = 4, where four of five images are augmented. What do the originals save?

# %%
import pandas as pd

from helpers.compare import differences
from helpers.plots import show_table
from helpers.data import RESULTS, read_runs

study = read_runs(RESULTS / "study.csv").query("dataset == 'garments' and n == 512")


def above_live(runs, k):
    return differences(runs, f"originals+{k}", f"live-{k}/{k + 1}")


check("06.2", above_live)

# %%
rows = []
for k in (1, 4, 16):
    alone, beside = (
        differences(study, f"copies-{k}", "live").mean(),
        above_live(study, k).mean(),
    )
    rows.append([k, alone, beside, alone - beside])
saved = pd.DataFrame(
    rows, columns=["copies", "copies alone", "beside the originals", "saved"]
)
show_table(saved, digits=3)

# %% [markdown]
# The originals take one place on the disk. Beside a single copy they save three quarters of the difference, beside sixteen copies next to nothing. If you keep plain `live` as the partner, you mix in what a share of originals does to live itself.

# %%
assert (
    saved["saved"].iloc[0] > 0.6 * saved["copies alone"].iloc[0]
    and saved["saved"].iloc[2] < 0.005
)
