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
# # Choosing a policy
#
# How strongly may you change an image, and should some images stay as they are? Leaving some unchanged costs nothing under a mild policy, and saves much under one that goes too far. This companion belongs to lesson [08](../08_solar_cells.ipynb). **Time:** 5 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## How much to leave unchanged?
#
# Live may show some images unchanged. How many? We compare shares with full live, in the small network (20 pairs) and in a residual one (15 pairs, [registered](../../data/results/freeze-or-renew.md) as row 3), on 512 garments under the mild policy.

# %%
import pandas as pd

from helpers.compare import differences, summarise
from helpers.plots import caption, show_table
from helpers.stats import paired_verdict
from helpers.data import RESULTS, read_results, read_runs

stored = read_results(RESULTS / "static-versus-live.csv").query("rate == 'constant'")
small = summarise(stored.query("policy == 'mild' and model == 'small'"))
residual = read_runs(RESULTS / "freeze-or-renew.csv").query("row == 3")

# %%
rows = []
for network, runs, share, method in [
    ("small", small, "a fifth", "live-4/5"), ("small", small, "a half", "live-1/2"),
    ("residual", residual, "a quarter", "live-3/4"), ("residual", residual, "a half", "live-1/2"),
]:
    loss, accuracy = (paired_verdict(differences(runs, method, "live", metric), metric) for metric in ("val_loss", "val_accuracy"))
    rows.append([network, share, loss[0].mean, loss[2], 100 * accuracy[0].mean, accuracy[2]])
columns = ["network", "unchanged", "loss minus full live", "in loss", "points above full live", "in accuracy"]
show_table(pd.DataFrame(rows, columns=columns), digits={"loss minus full live": 3, "points above full live": 1})
caption("A quarter unchanged helps the residual network. A half does no harm.")

# %% [markdown]
# A quarter is *better* in the residual network, by 0.030 in loss and 1.0 points of accuracy. Elsewhere it was [harmless](../../docs/results.md#what-holds).
#
# ## How strong may it be?
#
# This series began with [an article](../01_static_versus_live.ipynb#the-articles-own-code), whose ranges go much further than ours: 20 degrees to either side, and a fifth of the size for shifts and zoom. Here is one coat under both policies.

# %%
import figures
import numpy as np

from helpers.policies import named_policy
from helpers.data import load_garments, subset

garments = load_garments()
mild, article = named_policy("mild"), named_policy("article")
coat = np.repeat(subset(garments, 128).x_train[123:124], 8, axis=0)
figures.under_policies({name: policy.apply(coat, policy.draw(8, seed=(0, 0))).numpy() for name, policy in (("mild", mild), ("article", article))})
caption("The article's policy makes pictures that no new garment will ever look like.")

# %% [markdown]
# What does that cost, and what helps? The stored runs try three things under the article's policy: leave half of the images unchanged, take a deeper network than the article's small one, or train six times as long. Which helps most?

# %% tags=["hide-output"]
table = {}
for policy, method, name in [
    ("mild", "none", "no augmentation"), ("mild", "live", "live (mild)"),
    ("article", "live", "live (article)"), ("article", "live-1/2", "live (article), half unchanged"),
]:
    runs = stored[(stored["policy"] == policy) & (stored["method"] == method)]
    table[name] = {
        f"{model}, {updates:,}": 100 * summarise(runs.query("model == @model and update <= @updates"))["val_accuracy"].mean()
        for model in ("small", "deeper") for updates in (500, 3000)
    }
show_table(pd.DataFrame(table).T.rename_axis("accuracy after updates, %"), digits=1)
caption("All three help. For the small network the unchanged images help most.")

# %% [markdown]
# Against no augmentation, the article's policy costs its network, our small one, 14.2 points after 3,000 updates. With half of the images unchanged it costs nothing, and in the deeper network hardly anything (0.4 points, *undecided*), if that gets enough updates. So a strong policy isn't doomed by its changes alone. It asks more of the network, and of your patience.
#
# ## Can two numbers choose it?
#
# [Gontijo-Lopes and others](https://arxiv.org/abs/2002.08973) (2021) place a policy by two numbers. *Affinity* is the accuracy of a network trained without augmentation, on augmented validation images, divided by that on unaugmented ones. It falls as a policy leads away from the data. Their *diversity* is the training loss with augmentation over that without, and says how much harder the policy makes the task. (We take it early, from updates 51 to 100, because later the loss without augmentation falls to zero.)
#
# Five policies, from the flip alone to the article's: which will have the lowest loss on new garments?

# %%
from helpers.model import small_model

POLICIES = {"flip": "flip only", "mild": "mild", "half": "half of article", "three-quarters": "3/4 of article", "article": "article"}
affinity = {name: [] for name in POLICIES.values()}
for replicate in range(20, 24):
    few, model = subset(garments, 128, replicate), small_model(seed=replicate)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(few.x_train, few.y_train, batch_size=32, epochs=100, verbose=0)
    unaugmented = model.evaluate(garments.x_val, garments.y_val, verbose=0)[1]
    for policy, name in POLICIES.items():
        augment = named_policy(policy)
        changed = augment.apply(garments.x_val, augment.draw(2000, seed=(replicate, 0)))
        affinity[name].append(model.evaluate(changed, garments.y_val, verbose=0)[1] / unaugmented)

# %% tags=["hide-output"]
runs = read_results(RESULTS / "policies.csv")  # 20 runs each, 400 updates, 128 garments
runs["method"] = runs["policy"].map(POLICIES).where(runs["method"] == "live", "none")
early = runs.query("update == 100").groupby("method")["shown_loss"].mean()
placed = summarise(runs).groupby("method")[["val_loss", "val_accuracy"]].mean().loc[list(POLICIES.values())]
placed = placed.set_axis(["loss", "accuracy"], axis=1).assign(diversity=early / early["none"], affinity=pd.DataFrame(affinity).mean())
show_table(placed.rename_axis("policy"), approximate=["affinity"])
caption("Neither number ranks the policies by their loss. The lowest loss lies between the highest affinity and the highest diversity.")

# %% [markdown]
# By affinity alone the flip would win, and by diversity alone the article's policy. In loss mild is *better* than each other policy, and in accuracy it is *worse* than the flip. So the winner depends on the metric, too.
#
# Choose the policy by looking at what it does to your images, and ask whether a new image could look like that. If you doubt it, leave half of the images unchanged.

# %%
# The message, in your own run: affinity falls from the flip to the article's policy, and the best policy is neither of the two.
assert placed["affinity"].is_monotonic_decreasing and placed["loss"].idxmin() == "mild"
