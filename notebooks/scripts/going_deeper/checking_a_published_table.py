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
# # Checking a published table
#
# Most of this series rests on tables of runs that somebody else made, namely us. You should not have to believe them. This page, a companion of lesson [02](../02_a_fair_comparison.ipynb), trains a setting of such a table again. Does the same replicate give the same number, and do new replicates fall where the table says they would? And could such a check fail at all? It takes 5 minutes to read and about one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.augment import RandomAffine
from helpers.compare import compare, differences, summarise
from helpers.data import load_garments
from helpers.show import Claims, show_table
from helpers.stats import paired_interval, prediction_interval
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## Choose a setting that you can afford
#
# The table of the main comparison has twenty replicates of 512 garments and 3,000 updates. Training all of them takes hours. But each run was evaluated on its way, so we can train the first 500 updates of two methods, one copy and live, and compare them with the table as it stood then.

# %%
stored = read_results(FOLDER / "static-versus-live.csv")
cell = stored.query("policy == 'mild' and model == 'small' and rate == 'constant' and update <= 500")
table = summarise(cell)
print(f"{table['replicate'].nunique()} replicates of {table['arm'].nunique()} methods")

# %% [markdown]
# We train replicate 0, which the table has, and replicates 20, 21 and 22, which it does not have.

# %%
replicates = [0, 20, 21, 22]
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True)
curves = compare(load_garments(), ["copies-1", "live"], augment, n=512, updates=500,
                 replicates=replicates, evaluate_at=[460, 470, 480, 490, 500])  # fmt: skip
again = summarise(curves)

# %% [markdown]
# ## Is the same replicate the same number?
#
# Replicate 0 has the same garments, the same first weights and the same draws wherever it is trained. So it must give the stored loss, but for the rounding of another machine.

# %%
same = pd.DataFrame({
    "in the table": table.query("replicate == 0").set_index("arm")["val_loss"],
    "now": again.query("replicate == 0").set_index("arm")["val_loss"],
}).loc[["copies-1", "live"]]
show_table(same.rename(index=plots.arm_label).rename_axis("loss on new garments"), approximate=["now"], digits=3)

# %% [markdown]
# That is a strong check of the code, because nearly any change of it would show. But it says nothing about the other nineteen replicates, and it would not notice if somebody had kept only those that they liked.
#
# ## Do new replicates fall where they should?
#
# The interval of lesson 02 says where the *mean* of very many replicates lies. A few new ones scatter around it, so they need a wider interval. The *prediction interval* for the mean of three is
#
# mean ± *t* · *s* · √(1/3 + 1/20),
#
# where *s* is again the standard deviation of the twenty differences. The first term under the root is the luck of the new replicates, the second that of the table. We take 99.9 % rather than 95 %, so that a correct table fails the check once in a thousand times.
#
# What do we compare? Not the loss on new garments, as you will see below, but the *shown loss*. That is what `fit` reports while it trains, on the pictures that the network is shown. It falls fast for pictures that come again, and for live it can't.

# %%
of_table = differences(table, "live", "copies-1", "shown_loss")
of_new = differences(again, "live", "copies-1", "shown_loss")[1:]
expected = prediction_interval(of_table, confidence=0.999, size=3)

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 2.8))
ax.plot(of_table, np.zeros(20), "o", color=plots.GREY, alpha=0.6)
for row, (_, start, end) in enumerate([paired_interval(of_table, 0.999), expected], 1):
    ax.plot([start, end], [row, row], color=plots.GREY, linewidth=4)
ax.plot(of_new, np.full(3, 3), "o", color=plots.BLUE, alpha=0.6)
ax.plot(of_new.mean(), 3, "|", color=plots.BLUE, markersize=22, markeredgewidth=3)
names = ["twenty stored replicates", "interval of their mean", "prediction for three new ones", "three new ones and their mean"]
ax.set(yticks=range(4), yticklabels=names, ylim=(3.6, -0.6), xlabel="shown loss, live minus 1 copy")
ax.axvline(0, color="0.5", linewidth=1)
ax.grid(False)
plt.show()

# %% [markdown]
# *The mean of the three new replicates lies where the table predicts it. If live were secretly static, it would lie at zero.*
#
# ## Could this check fail?
#
# A check that passes whatever you train is worth nothing. So let us try it on wrong runs, which the table has as well. Suppose that we believed we trained live and in truth trained something else. Three of its twenty replicates can be chosen in 1,140 ways. In how many of them would the check still pass?

# %%
def passes(metric, instead_of_live, pairs=True):
    """Share of all choices of three stored replicates that pass, although another method was trained."""
    values = table.pivot(index="replicate", columns="arm", values=metric)
    base = values["copies-1"] if pairs else 0
    allowed = prediction_interval((values["live"] - base).to_numpy(), confidence=0.999, size=3)
    wrong = (values[instead_of_live] - base).to_numpy()
    means = np.array([wrong[list(three)].mean() for three in itertools.combinations(range(20), 3)])
    return np.mean((allowed.low < means) & (means < allowed.high))

# %%
trained = ["live", "copies-1", "none", "copies-4"]
power = pd.DataFrame({
    "loss on new garments, live alone": [100 * passes("val_loss", arm, pairs=False) for arm in trained],
    "the same, live minus 1 copy": [100 * passes("val_loss", arm) for arm in trained],
    "shown loss, live alone": [100 * passes("shown_loss", arm, pairs=False) for arm in trained],
    "shown loss, live minus 1 copy": [100 * passes("shown_loss", arm) for arm in trained],
}, index=["live, as it should be", *map(plots.arm_label, trained[1:])])  # fmt: skip
show_table(power.T.rename_axis("passes, in %"), digits=0)

# %% [markdown]
# The first line is the check that most people would write. It would nearly always have passed one copy or no augmentation as well, because replicates differ so much that almost everything fits.
#
# Two changes make it a check. The *shown* loss is where static and live differ most after so few updates. And *differences in pairs* take out what all methods share in a replicate. Together they never let one copy or no augmentation pass for live.
#
# Four copies still pass nearly always. After 500 updates each of them has been shown eight times, which is too seldom to be memorised, so this check cannot distinguish them from live.
#
# ## What does agreement mean?
#
# It means that this code, trained on these garments, gives these numbers, on your machine as on ours. It doesn't mean that the code does what we say, because both runs share it. For that the tests train ten rows of the tables by plain Keras, without our helpers.
#
# If you publish a table yourself, three things make it easy to check: number the replicates and let the number alone fix everything that is random, store evaluations on the way so that a short run can be compared, and store what the network was shown as well as how it did.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
claims = Claims(replicates=(replicates, [0, 20, 21, 22]))
claims.check("replicate 0 gives the stored loss", bool((same["in the table"] - same["now"]).abs().max() < 0.01))
claims.check("three new replicates fall where the table predicts", bool(0 < expected.low < of_new.mean() < expected.high))
claims.check("by loss on new garments alone, the wrong methods pass in more than 95 %", bool((power.iloc[1:, 0] > 95).all()))
claims.check("by shown loss in pairs, 1 copy and no augmentation never pass, and live always", list(power.iloc[:3, 3]) == [100, 0, 0])
claims.check("4 copies pass in more than 95 %", bool(power.iloc[3, 3] > 95))
