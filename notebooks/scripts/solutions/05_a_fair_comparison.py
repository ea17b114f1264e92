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
# # Solutions to lesson 05: A fair comparison
#
# Try the exercises of [lesson 05](../05_a_fair_comparison.ipynb) yourself first.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Exercise 1: A fair partner

# %%
import numpy as np
from exercises import check
from helpers.augment import MILD
from helpers.compare import compare
from helpers.data import load_garments
from helpers.stats import paired_interval, verdict


def store(epoch, ids):
    return (epoch + ids) % 5 - 1


def partner(epoch, ids):
    return np.where((epoch + ids) % 5 == 0, -1, epoch)


check("same_share", partner)


# %% tags=["nbval-ignore-output"]
def live(epoch):
    return epoch


methods = {"store": store, "partner": partner, "live": live}
runs = compare(load_garments(), methods, MILD, updates=400, evaluate_at=[380, 400])
loss = runs.groupby(["replicate", "method"])["val_loss"].mean().unstack()
for first in ("partner", "live"):
    interval = paired_interval(loss[first] - loss["store"])
    word = verdict(interval, 0.02, lower_is_better=True)
    print(f"{first} minus store: {interval.low:z.3f} to {interval.high:z.3f}, {word}")

# %% [markdown]
# With the same share of originals live is ahead by about half the margin. The interval ends at the margin, so the word is *equivalent* on one processor and *better* on another. Plain live has lost that lead, because it never shows an original. So a comparison of plain live with originals and copies mixes what endless variety is worth with what the originals are worth.

# %% [markdown]
# ## Exercise 2: Your own paired interval

# %%
from scipy import stats


def interval(first, second):
    d = np.subtract(first, second)
    half = stats.t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("interval", interval)

# %% [markdown]
# There are three usual slips. `std()` of an array divides by R where R − 1 is right. A *t* of 2.36 was copied from eight pairs, and 1.96 belongs to very many. With three pairs *t* is 4.3, so three pairs rarely decide anything.

# %%
assert (loss["partner"] - loss["store"]).mean() < 0.02
