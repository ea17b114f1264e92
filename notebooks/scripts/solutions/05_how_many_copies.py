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
# # Solutions to lesson 05: How many copies?
#
# Worked answers to the exercises of notebook 05, which you need to have read. Try them yourself first. Nothing is trained, and it takes less than a minute.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Exercise 1: Ten times at most
#
# You keep the originals and train for 120 epochs over your images. No picture shall be shown more than ten times. How many copies of each image do you store beside the originals, at least?

# %%
from exercises import check

check("05.1", 120 / 10 - 1)  # 120 epochs over twelve pictures show each ten times, and one of the twelve is the original

# %% [markdown]
# ## Exercise 2: What the originals save
#
# `above_live` gives the gap of K copies to live. Change it to that of originals + K copies, compared with live that shows *the same share of originals*: `live-4/5` for K = 4, where four of five pictures are augmented. What do the originals save?

# %%
import pandas as pd

from helpers.compare import differences, summarise
from helpers.plots import show_table
from helpers.data import RESULTS, read_results

study = read_results(RESULTS / "study.csv").query("dataset == 'garments'")
ends = {n: summarise(study.query("n == @n")) for n in (128, 512)}


def above_live(runs, k):
    return differences(runs, f"originals+{k}", f"live-{k}/{k + 1}")


check("05.2", above_live)

# %%
rows = []
for k in (1, 4, 16):
    alone, beside = differences(ends[512], f"copies-{k}", "live").mean(), above_live(ends[512], k).mean()
    rows.append([k, alone, beside, alone - beside])
saved = pd.DataFrame(rows, columns=["copies", "copies alone", "beside the originals", "saved"])
show_table(saved, digits=3)

# %% [markdown]
# The originals take one place in the store. Beside a single copy they save three quarters of the gap, beside sixteen copies next to nothing. If you keep plain `live` as the partner, you mix in what a share of originals does to live itself.

# %%
assert saved["saved"].iloc[0] > 0.6 * saved["copies alone"].iloc[0] and saved["saved"].iloc[2] < 0.005

# %% [markdown]
# ## Exercise 3: Does the order matter?
#
# Until now the copies took turns: the first of every image, then the second. A folder is shuffled instead (`pool-4`, `pool-16` in the table). Write down whether you expect a difference in loss and in accuracy, and why. Then compare them with `copies-4` and `copies-16`.
#
# One answer among others: both stores show the same pictures as often. So if only the pictures count, nothing should differ.

# %%
from helpers.stats import paired_verdict

rows = []
for k in (4, 16):
    for metric in ("val_loss", "val_loss_scaled", "val_accuracy"):
        gaps = differences(ends[128], f"pool-{k}", f"copies-{k}", metric)
        rows.append([k, metric, gaps.mean(), paired_verdict(gaps, metric)[2]])
shuffled = pd.DataFrame(rows, columns=["copies", "measure", "shuffled minus in turns", "the shuffled one is"])
show_table(shuffled, digits=3)

# %% [markdown]
# The shuffled store is *better* in loss and *equivalent* in accuracy. After temperature scaling (`val_loss_scaled`) the losses are equivalent, too. So it knows garments no better, and is only less over-confident. Why a fixed order should make a network surer remains open.

# %%
assert shuffled["the shuffled one is"].tolist() == ["better", "equivalent", "equivalent"] * 2
