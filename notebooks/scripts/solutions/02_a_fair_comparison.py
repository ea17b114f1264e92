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
# # Solutions to lesson 02: A fair comparison
#
# Worked answers to the exercises of lesson 02, which you need to have read. Try them yourself first. It takes about one minute on two cores.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from exercises import check
from helpers import plots
from helpers.augment import RandomAffine
from helpers.compare import compare, differences, summarise
from helpers.data import load_garments
from helpers.show import show_table
from helpers.stats import paired_interval, verdict
from helpers.tables import FOLDER, read_results
from scipy import stats

plots.use_style()
garments = load_garments()
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Keep the originals
#
# You store the originals and four copies of each of 128 garments, which is called `originals+4`. An original is shown one time in five. So the fair partner is live that leaves every fifth picture unchanged, `live-4/5`. Set `answer` to the word that you expect. Then train `pair` with `compare` for 400 updates on eight replicates, judge it by loss, and put the word that you found into `answer`. What changes if you take plain live instead?

# %%
arms = ["originals+4", "live-4/5", "live"]
curves = compare(garments, arms, augment, n=128, updates=400, replicates=8, evaluate_at=[368, 376, 384, 392, 400])
runs = summarise(curves)
pair = ("live-4/5", "originals+4")
found = paired_interval(differences(runs, *pair))
answer = verdict(found, 0.02, lower_is_better=True)
check("02.1", answer)

# %% [markdown]
# And plain live, which never shows an original, against the same store? We give no verdict here, because on another machine the lower end might cross zero.

# %%
others = {"live minus originals + 4": ("live", "originals+4"), "live minus live-4/5": ("live", "live-4/5")}
intervals = {name: paired_interval(differences(runs, *two)) for name, two in others.items()}
table = pd.DataFrame(intervals, index=["difference in loss", "from", "to"]).T.rename_axis("")
show_table(table, approximate=True, digits=3)
assert answer == "equivalent"
assert table["difference in loss"].iloc[0] > 0.005 and table["from"].iloc[1] > 0.005

# %% [markdown]
# With the same share of originals the two are equivalent. Plain live comes out *higher* than the store, by about as much as it lies above live that leaves a fifth unchanged. So a comparison of plain live with originals + 4 copies shows what the originals are worth, and not what endless variety is worth. With 128 garments and 400 updates they matter by ≈ 0.016, and less with 512 garments and 3,000 updates.

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order, and returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
def interval(first, second):
    d = np.subtract(first, second)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("02.2", interval)

# %% [markdown]
# The usual slips are `std()` of an array, which divides by R where R − 1 is right, a *t* of 2.36 that was copied although it belongs to eight pairs, and 1.96, which belongs to very many. With three pairs *t* is 4.3, so three pairs rarely decide anything.

# %% [markdown]
# ### Exercise 3: When does live overtake?
#
# With 512 garments, live is behind no augmentation after 500 updates and better after 3,000. When does it overtake? `curves_512` holds the twenty replicates of both, evaluated after the updates that the cell prints. Say first what you will call overtaking. Then take the paired interval at each of them, as the cell does for the first. Does accuracy (a fourth argument, `"val_accuracy"`) give the same answer?

# %% [markdown]
# One answer among others: we call it overtaking when the whole interval lies on live's side of zero, and stays there at every later evaluation. The margin would be a second, stricter question. The table also holds `val_loss_scaled`, the loss once over-confidence is taken out, which [a companion](../going_deeper/over_confident_or_less_accurate.ipynb) explains.

# %%
everything = read_results(FOLDER / "study.csv")
curves_512 = everything.query("dataset == 'garments' and n == 512 and arm in ['none', 'live']")
moments = sorted(curves_512["update"].unique())
metrics = {"loss": "val_loss", "loss after temperature scaling": "val_loss_scaled", "accuracy": "val_accuracy"}
leads = {}
for name, metric in metrics.items():
    sign = 1 if metric == "val_accuracy" else -1  # so that more is better for live
    leads[name] = np.array([
        paired_interval(sign * differences(curves_512[curves_512["update"] == moment], "live", "none", metric))
        for moment in moments
    ])

# %%
rows = {}
for name, lead in leads.items():
    behind, not_ahead = lead[:, 2] < 0, lead[:, 1] <= 0
    rows[name] = [np.array(moments)[behind].max(), moments[np.flatnonzero(not_ahead).max() + 1]]
overtaken = pd.DataFrame(rows, index=["surely behind up to update", "surely ahead from"]).T
show_table(overtaken.rename_axis("measured by"))
assert list(overtaken["surely ahead from"]) == [1500, 2000, 2000]

# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3))
for ax, (name, lead) in zip(axes, leads.items(), strict=True):
    ax.axhline(0, color=plots.GREY, linewidth=1)
    ax.plot(moments, lead[:, 0], color=plots.BLUE)
    ax.fill_between(moments, lead[:, 1], lead[:, 2], color=plots.BLUE, alpha=0.18, lw=0)
    ax.set(title=name, xlabel="gradient updates")
axes[0].set_ylabel("lead of live over no augmentation")
plt.show()

# %% [markdown]
# *Live is behind at first by every measure. By loss it overtakes one evaluation earlier than by the other two.*
#
# Without augmentation the network grows too sure of itself before it falls behind in its decisions, and the loss notices both. Between the last evaluation that is not ahead and the first that is, the table has nothing, so an honest answer is a stretch of training and not a number. And 63 intervals are many looks, so a single one that excludes zero would be thin evidence.
