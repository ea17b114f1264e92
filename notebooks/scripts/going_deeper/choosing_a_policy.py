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
# How strongly may you change an image, and should some images stay as they are? Leaving a quarter unchanged cost nothing under a mild policy. Leaving half saved much under one that was too strong for its network. This companion belongs to lesson [Solar cells](../solar_cells.ipynb). **Time:** 5 minutes to read, half a minute to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## How strong may it be?
#
# This series began with [an article](../01_static_versus_live.ipynb#the-articles-own-code), whose ranges go much further than ours: 20 degrees to either side, and a fifth of the size for shifts and zoom. Here is one coat under both policies.

# %%
import figures
import numpy as np

from helpers.data import load_garments, subset
from helpers.plots import caption
from helpers.policies import named_policy

garments = load_garments()
coat = np.repeat(subset(garments, 128).x_train[123:124], 8, axis=0)
augmented = {name: named_policy(name) for name in ("mild", "article")}
figures.under_policies(
    {
        name: policy.apply(coat, policy.draw(8, seed=(0, 0))).numpy()
        for name, policy in augmented.items()
    }
)
caption(
    "The article's policy turns garments and cuts them off. New garments are upright and whole."
)

# %% [markdown]
# Trained live under the article's policy on 512 garments, our small network ends 14.2 points behind no augmentation after 3,000 updates. What helps more: to leave half of the images unchanged, or a second convolution?
#
# <details><summary>Answer</summary>
#
# Both help about as much. With half of the images unchanged it is 0.4 points *ahead* of no augmentation, and a second convolution leaves it 0.4 points behind. So on these garments the article's policy needs originals beside it, or a second convolution. Other images may bear it: on solar cells, live under the same policy put the small network 3.8 ± 1.6 points ahead of no augmentation.
#
# </details>
#
# ## How much to leave unchanged?
#
# Live may leave some images as they are. Under the mild policy a quarter of them was *better* than none of them in the residual network, by 0.030 in loss and 1.0 points of accuracy. In four other settings, all of the small network, it was *better* or *equivalent* ([all settings](../../docs/results.md#what-holds)).
#
# ## Can two numbers choose it?
#
# [Gontijo-Lopes and others](https://arxiv.org/abs/2002.08973) (2021) place a policy by two numbers. *Affinity* is the accuracy of a network trained without augmentation, on augmented validation images, divided by that on unaugmented ones. It falls as a policy leads away from the data. Their *diversity* is the training loss with augmentation over that without, and says how much harder the policy makes the task. We take it early, from updates 51 to 100, because later the loss without augmentation falls to zero.
#
# Five policies, from the flip alone to the article's: which will have the lowest loss on new garments?

# %%
from helpers.model import small_model

POLICIES = {
    "flip": "flip only",
    "mild": "mild",
    "half": "half of article",
    "three-quarters": "3/4 of article",
    "article": "article",
}
affinity = {name: [] for name in POLICIES.values()}
for replicate in range(20, 24):
    few, model = subset(garments, 128, replicate), small_model(seed=replicate)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(few.x_train, few.y_train, batch_size=32, epochs=100, verbose=0)
    unaugmented = model.evaluate(garments.x_val, garments.y_val, verbose=0)[1]
    for policy, name in POLICIES.items():
        augment = named_policy(policy)
        changed = augment.apply(garments.x_val, augment.draw(2000, seed=(replicate, 0)))
        affinity[name].append(
            model.evaluate(changed, garments.y_val, verbose=0)[1] / unaugmented
        )

# %% tags=["hide-output"]
import pandas as pd

from helpers.compare import summarise
from helpers.data import RESULTS, read_results
from helpers.plots import show_table

runs = read_results(RESULTS / "policies.csv")  # 20 runs each, 400 updates, 128 garments
runs["method"] = runs["policy"].map(POLICIES).where(runs["method"] == "live", "none")
early = runs.query("update == 100").groupby("method")["shown_loss"].mean()
placed = (
    summarise(runs)
    .groupby("method")[["val_loss", "val_accuracy"]]
    .mean()
    .loc[list(POLICIES.values())]
)
placed = placed.set_axis(["loss", "accuracy"], axis=1).assign(
    diversity=early / early["none"], affinity=pd.DataFrame(affinity).mean()
)
show_table(placed.rename_axis("policy"), approximate=["affinity"])
caption(
    "Neither number ranks the policies by their loss. The lowest loss lies between the highest affinity and the highest diversity."
)

# %% [markdown]
# By diversity the article's policy would win. By affinity the flip would, and in accuracy it does. But in loss mild is *better* than each of the others. So the winner depends on the metric, too.
#
# Choose the policy by looking at what it does to your images, and ask whether a new image could look like that. If you doubt it, leave half of the images unchanged.

# %%
# The message, in your own run: affinity falls from the flip to the article's policy, and the lowest loss is at neither of the two.
assert placed["affinity"].is_monotonic_decreasing and placed["loss"].idxmin() == "mild"
