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
# # Choosing a policy
#
# How often should the network see the originals, and how strongly may augmentation change them? This page belongs to lesson [01](../01_static_versus_live.ipynb), which defines the *share of originals*. How an interval and a margin make a verdict is told in lesson [02](../02_a_fair_comparison.ipynb). It takes 8 minutes to read and less than one to run.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series. Then start TensorFlow quietly and without a GPU: networks as small as ours gain nothing
# from one, and it adds up in another order in each run, so equal runs would differ.
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    raise FileNotFoundError(
        "The rest of the series is not here, and this notebook knows no address to fetch it from: open it in a clone "
        "of the series, or take it from a copy in which `make links REPO=owner/name` was run."
    )
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.augment import named_policy
from helpers.compare import differences, summarise
from helpers.data import load_garments, subset
from helpers.show import show_table
from helpers.stats import judge, paired_interval
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## With or without the originals?
#
# The stored study trained the small network on 512 garments for 3,000 updates, twenty times each way. For each number of copies K it has two static arms, K copies that replace the originals and originals + K copies. For each of these there is a live arm with the same share of originals.

# %%
stored = read_results(FOLDER / "static-versus-live.csv")
main = summarise(stored.query("policy == 'mild' and model == 'small' and rate == 'constant'"))

# %% [markdown]
# Before you look: what will matter more, whether the pictures come again, or whether the originals are among them?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels against the number of copies, 1, 4 and 16, in loss and in accuracy. The line of K copies starts far worse than all others at one copy and comes close to live at sixteen. Originals + K starts nearer. In loss, 1 copy is the one arm worse than none. The live arms lie together."}} tags=["hide-input"]
LINES = {  # a label, and its arms at K = 1, 4, 16
    "none": ["none"] * 3,
    "K copies": ["copies-1", "copies-4", "copies-16"],
    "originals + K copies": ["originals+1", "originals+4", "originals+16"],
    "live": ["live"] * 3,
    "live, same share as\noriginals + K": ["live-1/2", "live-4/5", "live-16/17"],
}
figure, axes = plt.subplots(1, 2, figsize=(11, 4))
for ax, metric in zip(axes, ["val_loss", "val_accuracy"], strict=True):
    table = main.pivot(index="replicate", columns="arm", values=metric)
    for label, arms in LINES.items():
        style = plots.arm_style(arms[1])
        middle, low, high = np.array([paired_interval(table[arm]) for arm in arms]).T
        ax.plot([0, 1, 2], middle, marker="o", label=label, **style)
        ax.fill_between([0, 1, 2], low, high, color=style["color"], alpha=0.18, lw=0)
    ax.set(xticks=[0, 1, 2], xticklabels=[1, 4, 16], xlabel="copies K")
axes[0].set_title("loss on new garments")
axes[1].set_title("accuracy on new garments")
axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=3)
plt.show()

# %% [markdown]
# *Few copies need the originals beside them. With sixteen copies, or live, it hardly matters.*
#
# The bands are intervals of each mean. For the differences between arms we take pairs, because two runs of a replicate share garments, weights and order. A negative number says that the first arm has the lower loss.

# %%
def verdicts(runs, pairs, metric="val_loss"):
    rows = []
    for first, second in pairs:
        interval, margin, word = judge(differences(runs, first, second, metric), metric)
        rows.append([plots.arm_label(first), plots.arm_label(second), *interval, word])
    return pd.DataFrame(rows, columns=["arm", "minus", "mean", "from", "to", "verdict on the first"])


one_picture = verdicts(main, [("copies-1", "none")])
endless = verdicts(main, [("live-1/2", "live"), ("live-4/5", "live"), ("live-16/17", "live")])
added = verdicts(main, [("originals+1", "copies-1"), ("originals+4", "copies-4"), ("originals+16", "copies-16")])
show_table(pd.concat([one_picture, endless, added], ignore_index=True), digits=3)

# %% [markdown]
# The first line holds the number of pictures at one and changes only which it is. If a network is to see a single picture of each garment, it had better be the garment itself. The next three lines hold the number of pictures at endless. There, up to half of the pictures may be originals, and the loss changes by less than our margin, under this mild policy.
#
# In the last three lines the originals join the pool. That helps most where copies are few. It isn't the share of originals alone, because the pool has one more picture as well.
#
# At equal shares, live against static gives this:

# %%
equal_shares = verdicts(main, [("live-1/2", "originals+1"), ("live-4/5", "originals+4"), ("live-16/17", "originals+16")])
show_table(equal_shares, digits=3)

# %% [markdown]
# ## How strong may it be?
#
# The article's ranges are much wider than ours: 20 degrees to either side, and a fifth of the size for shifts and zoom. Here is one coat under both policies.

# %%
mild, wide = named_policy("mild"), named_policy("wide")
garments = load_garments()
coat = np.repeat(subset(garments, 128).x_train[123:124], 8, axis=0)
rows = [policy.apply(coat, policy.draw(8, seed=(0, 0))).numpy() for policy in (mild, wide)]

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "One coat under eight draws of each policy. The mild one moves it a little. The wide one tilts it, cuts it off at the border and smears its edge."}} tags=["hide-input"]
plots.show_images(rows, ["mild", "wide"], [""] * 8)

# %% [markdown]
# *The wide policy makes pictures that no new garment will ever look like.*
#
# How far does a policy take the images from where a network is at home? Gontijo-Lopes and others (*Tradeoffs in Data Augmentation*, 2021) call the answer *affinity*. Train on clean images, and divide the accuracy on augmented new images by the accuracy on clean ones. An affinity of 1 says that the network does not mind.

# %%
from helpers.arms import drawn_batches, schedule
from helpers.training import Trainer

trainer, affinity = Trainer(), {"mild": [], "wide": []}
x_new, y_new = garments.x_val, garments.y_val
for replicate in range(4):
    part, plan = subset(garments, 128, replicate), schedule("none", 128, 200, replicate)
    clean = drawn_batches(part.x_train, part.y_train, plan, mild, replicate)
    on_clean = trainer.run(part, clean, 200, replicate, evaluate_at=[200])["val_accuracy"].item()
    for name in affinity:
        policy = named_policy(name)
        augmented = policy.apply(x_new, policy.draw(len(x_new), seed=(replicate, 0)))
        right = np.mean((trainer.predict(augmented) > 0.5) == y_new)
        affinity[name].append(right / on_clean)

mean_affinity = pd.DataFrame({"affinity, mean of four": {name: np.mean(a) for name, a in affinity.items()}})
show_table(mean_affinity.rename_axis("policy"), approximate=True)

# %% [markdown]
# A network trained on clean garments loses about a tenth of its accuracy under the mild policy, and about a third under the wide one. So a network trained under the wide policy prepares for pictures that never come.

# %% [markdown]
# ## Three ways out
#
# What does that cost, and what helps? The stored runs try three things under the same wide policy: leave half of the images clean, take a deeper network with two convolutions and a hidden layer, and train six times as long. Before you look: which helps most?

# %%
def accuracy(policy, model, arm, updates):
    runs = stored.query("policy == @policy and model == @model and arm == @arm and rate == 'constant'")
    return summarise(runs[runs["update"] <= updates]).set_index("replicate")["val_accuracy"]


table = {}
for policy, arm in [("mild", "none"), ("mild", "live"), ("wide", "live"), ("wide", "live-1/2")]:
    label = plots.arm_label(arm) + ("" if arm == "none" else f" ({policy})")
    table[label] = {
        f"{model}, {updates:,}": accuracy(policy, model, arm, updates).mean()
        for model in ("small", "deeper") for updates in (500, 3000)
    }
show_table(pd.DataFrame(table).T.rename_axis("accuracy after updates"), digits=3)

# %% [markdown]
# All three help. For the small network, clean images help most, and they lessen the shift at the same time. The deeper network comes close without them, if it gets enough updates. Against no augmentation, after 3,000 updates:

# %%
against_none = {}
for model, arm in [("small", "live"), ("small", "live-1/2"), ("deeper", "live")]:
    d = accuracy("wide", model, arm, 3000) - accuracy("mild", model, "none", 3000)
    interval, margin, word = judge(d, "val_accuracy")
    against_none[f"{model}, wide {plots.arm_label(arm)}"] = {
        "mean": interval.mean, "from": interval.low, "to": interval.high, "verdict": word,
    }
ways_out = pd.DataFrame(against_none).T.rename_axis("minus none, accuracy")
show_table(ways_out.astype({"mean": float, "from": float, "to": float}), digits=3)

# %% [markdown]
# So a wide policy isn't doomed by the shift alone. It asks more of the network, and of your patience. On real photographs the picture may turn round: for the solar cells of lesson [08](../08_solar_cells.ipynb), the wide policy has a surprise in store.
#
# ## What to take from this
#
# Choose the policy by looking at what it does to your images, and ask whether a new image could look like that. If you make few copies, keep the originals. If you doubt the policy, leave half of the images clean, which costs little if the policy is mild and saves much if it is too wide.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

words = {(row["arm"], row["minus"]): row["verdict on the first"]
         for _, row in pd.concat([one_picture, endless, added, equal_shares]).iterrows()}
small_live, small_half = accuracy("wide", "small", "live", 3000), accuracy("wide", "small", "live-1/2", 3000)
deeper_live, small_none = accuracy("wide", "deeper", "live", 3000), accuracy("mild", "small", "none", 3000)

claims = Claims()
claims.check("one copy instead of the original is worse than no augmentation", words["1 copy", "none"] == "worse")
claims.check("live with up to half of the originals is equivalent to live",
             set(endless["verdict on the first"]) == {"equivalent"})
claims.check("originals beside 1 or 4 copies are better, beside 16 it is equivalent",
             list(added["verdict on the first"]) == ["better", "better", "equivalent"])
claims.check("at equal shares live is better than originals + 1 copy and equivalent to originals + 16",
             words["live, 1/2 augmented", "originals + 1 copy"] == "better"
             and words["live, 16/17 augmented", "originals + 16 copies"] == "equivalent")
claims.check("the mild policy's affinity is above the wide one's by more than 0.1",
             bool(np.mean(affinity["mild"]) - np.mean(affinity["wide"]) > 0.1))
claims.check("the wide policy costs the small network more than 0.1 in accuracy against none",
             bool(paired_interval(small_none - small_live).low > 0.1))
claims.check("half of the images left clean is equivalent to none, or better",
             bool(paired_interval(small_half - small_none).low > -0.01))
claims.check("the deeper network gains more than 0.1 on the small one, and more than 0.1 from updates 500 to 3,000",
             bool(paired_interval(deeper_live - small_live).low > 0.1
                  and paired_interval(deeper_live - accuracy("wide", "deeper", "live", 500)).low > 0.1))
