# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,jupyter,cellView,-all
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
# # Solutions to lesson 05: how many copies
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/solutions/05_how_many_copies.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/solutions/05_how_many_copies.ipynb)
#
# The three exercises of lesson 05, worked; all of it is read from the stored study, nothing is trained. You need that lesson. It takes less than a minute on two cores.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series; on Colab, fetch it. Then start TensorFlow quietly and without a GPU: networks as small as
# ours gain nothing from one, and it adds up in another order in each run, so equal runs would differ.
import subprocess
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    options = ["--quiet", "--depth=1", "--branch=main", "--config=advice.detachedHead=false"]
    subprocess.run(["git", "clone", *options, "https://github.com/YOUR_ACCOUNT/static-versus-live", root], check=True)
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %%
import functools
import numpy as np
from exercises import check
from helpers.tables import FOLDER, read_results
from helpers.compare import differences, report, summarise
from scipy.optimize import isotonic_regression

KS, WITH_ORIGINALS = [1, 2, 4, 8, 16, 32], [1, 4, 16]
study = read_results(FOLDER / "study.csv")


@functools.cache
def runs_of(dataset, n, budget):
    part = study[(study["dataset"] == dataset) & (study["n"] == n)]
    return summarise(part[part["update"] <= budget])

# %%
def crossing(x, values, target):
    fit = isotonic_regression(values, increasing=False).x
    if fit[0] <= target:
        return x[0]
    if fit[-1] > target:
        return np.inf
    i = np.argmax(fit <= target)
    return x[i] - (target - fit[i]) / (fit[i - 1] - fit[i]) * (x[i] - x[i - 1])


def copies_needed(ks, samples):
    """From the mean of all replicates, and from 2,000 resamples of them (the same for any samples)."""
    drawn = np.random.default_rng(0).integers(len(samples), size=(2000, len(samples)))
    curves = [samples.mean(axis=0), *samples[drawn].mean(axis=1)]
    return 2 ** np.array([crossing(np.log2(ks), curve, 0.02) for curve in curves])

# %%
def ends_of(resamples):
    return np.quantile(resamples, [0.025, 0.975], method="inverted_cdf")


def show(title, needed):
    words = ["> 32" if x == np.inf else f"{x:.1f}" for x in (needed[0], *ends_of(needed[1:]))]
    print(title + ": {} [{}, {}]".format(*words))

# %% [markdown]
# ## Answers

# %% [markdown]
# ### Exercise 1: Twenty-five passes
#
# After 2,000 updates the study evaluated once, and the lesson did not look. By the rule of 25 passes, how many copies of 512 garments come within 0.02 of live there? Count the epochs first, then set `answer`. `found` is what the runs say: print `as_text(found)` afterwards. Does your number lie inside its interval?

# %% [markdown]
# 2,000 updates of 32 are 64,000 pictures, 125 epochs of 512 garments. Read 25 times, the pool has 125 / 25 = 5 copies.

# %%
check("05.1", 2000 * 32 / 512 / 25)
for n in (512, 128):
    samples = [differences(runs_of("garments", n, 2000), f"copies-{k}", "live") for k in KS]
    needed = copies_needed(KS, np.stack(samples, axis=1))
    show(f"n = {n}: predicted {2000 * 32 / n / 25:.0f}, found", needed)
    assert ends_of(needed[1:])[0] < 2000 * 32 / n / 25 < ends_of(needed[1:])[1]
    assert n == 128 or 4 < needed[0] < 6

# %% [markdown]
# The rule hits, 5 against 4.8, inside the interval; for 128 garments it says 20 where 25.5 was found, with an interval from 14 to more than 32. But this is no new test of it: the runs are those from which the rule was read, between two of its points. On new images it did worse, as the solar cells showed.

# %% [markdown]
# ### Exercise 2: What the originals save
#
# `above_live` gives the excess of K copies only over live. Change it to that of originals + K over live *of the same clean share*. Compare the copies needed before and after the change (both are read off the same three K). Do the originals, which fill one place in the pool, save more than one copy?

# %%
def above_live(runs, k):
    """Originals + k minus live that augments k of k + 1 pictures."""
    return differences(runs, f"originals+{k}", f"live-{k}/{k + 1}")


check("05.2", above_live)

# %%
for n, budget in [(128, 1000), (512, 3000)]:
    runs = runs_of("garments", n, budget)
    only = copies_needed(WITH_ORIGINALS, np.stack([differences(runs, f"copies-{k}", "live") for k in WITH_ORIGINALS], 1))
    beside = copies_needed(WITH_ORIGINALS, np.stack([above_live(runs, k) for k in WITH_ORIGINALS], 1))
    saved = only - beside  # the resamples take the same replicates, so that they pair
    print(f"n = {n}, {budget:,} updates")
    for title, needed in [("  copies only", only), ("  copies beside the originals", beside), ("  saved", saved)]:
        show(title, needed)
    assert ends_of(saved[1:])[0] > 1

# %% [markdown]
# The originals take one place of the pool and save about four copies, with intervals from 2.5 upwards; perhaps because clean pictures are what the validation set shows. With only three K the crossings are coarse (for copies only the lesson's six K gave 7.0 in place of 8.3), so compare numbers that were read off the same K, as here, and no others. Had you kept plain `live` as the yardstick, you would have mixed in what a clean share does to live itself.

# %% [markdown]
# ### Exercise 3: Why is a shuffled pool better?
#
# At n = 128 and 3,000 updates the shuffled pool was better than its copies read in order, and once scaled it was equivalent: it was less sure of itself. Does that reason hold elsewhere: with fewer updates, in accuracy, on solar cells? Write down which verdicts it predicts, and judge it by the intervals that `report` prints.

# %% [markdown]
# One worked example; others are as good. The reason: a pool read in order makes the network more over-confident, and does not teach it anything worse. It predicts that scaled loss and accuracy are *equivalent*, that the difference in loss is not there yet after 500 updates, and that solar cells behave alike.

# %%
pairs, words = [("pool-4", "copies-4"), ("pool-16", "copies-16")], {}
for budget in (500, 1000, 3000):
    for metric in ("val_loss", "val_loss_scaled", "val_accuracy"):
        print(f"garments, n = 128, {budget:,} updates, {metric}")
        words[budget, metric] = set(report(runs_of("garments", 128, budget), pairs, metric).values())

# %%
assert words.pop((3000, "val_loss")) == {"better"}
assert all(word == {"equivalent"} for word in words.values())

# %%
for n in (128, 512):
    print(f"solar-cells, n = {n}, 3,000 updates")
    words[n] = set(report(runs_of("solar-cells", n, 3000), pairs).values())
assert words[128] == {"undecided"} and words[512] == {"equivalent"}

# %% [markdown]
# The first two predictions come out: only the loss at 3,000 updates differs. Of the third nothing can be said, since on 128 solar cells both comparisons are undecided.
#
# So on these garments it is over-confidence, at every budget that the study has. *Why* a fixed order of the copies should make a network surer than a mixed one remains open; an experiment would have to change the order and nothing else.
