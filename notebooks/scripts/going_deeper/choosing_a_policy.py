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
# Should the originals stay among the augmented pictures, and how strongly may you change an image? If you make few copies, keep the originals. If you train live, leaving some images unchanged costs little under a mild policy and saves much under one that is too wide. This companion belongs to lessons [01](../01_static_versus_live.ipynb) and [08](../08_solar_cells.ipynb). Nothing is trained. **Time:** 5 minutes to read, a few seconds to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.augment import named_policy
from helpers.compare import differences, summarise
from helpers.data import load_garments, subset
from helpers.show import Claims, show_table
from helpers.stats import MARGINS, judge, paired_interval
from helpers.tables import FOLDER, read_results

plots.use_style()

# %% [markdown]
# ## With or without the originals?
#
# The stored study trained the small network on 512 garments for 3,000 updates, twenty times each way. For each number of copies K it has K copies in place of the originals, originals + K copies, and live with the same share of originals. What will matter more, whether the pictures come again, or whether the originals are among them?

# %%
stored = read_results(FOLDER / "static-versus-live.csv")
main = summarise(stored.query("policy == 'mild' and model == 'small' and rate == 'constant'"))

# %% tags=["hide-input"]
LINES = {  # a label, and its arms at K = 1, 4, 16
    "no augmentation": ["none"] * 3,
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
# The bands are intervals of each mean. For differences we take pairs, because two runs of a replicate share garments, weights and order. Below zero, the first arm has the lower loss.

# %%
pairs = [("copies-1", "none")]
pairs += [("originals+1", "copies-1"), ("originals+4", "copies-4"), ("originals+16", "copies-16")]
pairs += [("live-1/2", "originals+1"), ("live-4/5", "originals+4"), ("live-16/17", "originals+16")]
rows = []
for first, second in pairs:
    interval, margin, word = judge(differences(main, first, second), "val_loss")
    rows.append([plots.arm_label(first), plots.arm_label(second), *interval, word])
by_pairs = pd.DataFrame(rows, columns=["arm", "minus", "mean", "from", "to", "verdict on the first"])
show_table(by_pairs, digits=3)

# %% [markdown]
# The first line holds the number of pictures at one and changes only which it is. A network that sees a single picture of each garment had better see the garment itself. In the next three lines the originals join the copies, which helps most where copies are few. In the last three, live is compared with stored copies at the same share of originals.
#
# ## How much to leave unchanged?
#
# Live may show some images unchanged. How many? We compare shares with full live, in the small network and in a residual one (15 pairs, [registered](../../data/results/freeze-or-renew.md) as row 3).

# %% tags=["hide-input"]
registered = pd.read_csv(FOLDER / "freeze-or-renew.csv").query("row == 3")
ARMS = {"small network": (main, {0: "live", 1 / 5: "live-4/5", 1 / 2: "live-1/2"}, plots.GREY),
        "residual network": (registered, {0: "live", 1 / 4: "live-3/4", 1 / 2: "live-1/2"}, plots.BLUE)}  # fmt: skip
unchanged = {}
figure, axes = plt.subplots(1, 2, figsize=(9, 3.6))
for ax, metric, title in zip(axes, ["val_loss", "val_accuracy"], ["loss", "accuracy"], strict=True):
    ax.axhspan(-MARGINS[metric], MARGINS[metric], color="0.93", lw=0)
    for name, (runs, arms, color) in ARMS.items():
        means = {0: 0}
        for share, arm in list(arms.items())[1:]:
            interval, _, word = judge(differences(runs, arm, "live", metric), metric)
            unchanged[name, share, title] = interval.mean, word
            means[share] = interval.mean
            ax.plot([share, share], interval[1:], color=color)
        ax.plot(list(means), list(means.values()), "o-", color=color, linewidth=1, label=name)
    ax.set(xticks=[0, 0.25, 0.5], xticklabels=["full live", "a quarter", "a half"], xlabel="left unchanged", title=f"{title}, minus full live")
axes[1].legend(loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# *A quarter unchanged helps the residual network. A half does no harm. (Grey: the margin.)*
#
# Under this mild policy a half unchanged is equivalent to full live in both networks. A quarter is *better* in the residual one, by 0.030 in loss and 1.0 points of accuracy.
#
# ## How strong may it be?
#
# The article's ranges are much wider than ours: 20 degrees to either side, and a fifth of the size for shifts and zoom. Here is one coat under both policies.

# %%
mild, wide = named_policy("mild"), named_policy("wide")
coat = np.repeat(subset(load_garments(), 128).x_train[123:124], 8, axis=0)
rows = [policy.apply(coat, policy.draw(8, seed=(0, 0))).numpy() for policy in (mild, wide)]

# %% tags=["hide-input"]
plots.show_images(rows, ["mild", "wide"], [""] * 8)

# %% [markdown]
# *The wide policy makes pictures that no new garment will ever look like.*
#
# How far a policy leads away from the data can be measured ([Measuring diversity](measuring_diversity.ipynb#affinity-and-diversity-of-a-policy)). But what does it cost, and what helps? The stored runs try three things under the wide policy: leave half of the images unchanged, take a deeper network, or train six times as long. Which helps most?

# %%
def accuracy(policy, model, arm, updates):
    runs = stored.query("policy == @policy and model == @model and arm == @arm and rate == 'constant'")
    return summarise(runs[runs["update"] <= updates]).set_index("replicate")["val_accuracy"]


table = {}
for policy, arm in [("mild", "none"), ("mild", "live"), ("wide", "live"), ("wide", "live-1/2")]:
    label = plots.arm_label(arm) + ("" if arm == "none" else f" ({policy})")
    table[label] = {
        f"{model}, {updates:,}": 100 * accuracy(policy, model, arm, updates).mean()
        for model in ("small", "deeper") for updates in (500, 3000)
    }
show_table(pd.DataFrame(table).T.rename_axis("accuracy after updates, %"), digits=1)

# %% [markdown]
# All three help. For the small network the unchanged images help most. The deeper network comes close without them, if it gets enough updates. Against no augmentation, after 3,000 updates:

# %% tags=["hide-input"]
against_none = {}
for model, arm in [("small", "live"), ("small", "live-1/2"), ("deeper", "live")]:
    d = accuracy("wide", model, arm, 3000) - accuracy("mild", model, "none", 3000)
    interval, margin, word = judge(d, "val_accuracy")
    points = {key: 100 * value for key, value in zip(("mean", "from", "to"), interval, strict=True)}
    against_none[f"{model}, wide {plots.arm_label(arm)}"] = points | {"verdict": word}
ways_out = pd.DataFrame(against_none).T.rename_axis("points above no augmentation")
show_table(ways_out.astype({"mean": float, "from": float, "to": float}), digits=1)

# %% [markdown]
# So a wide policy isn't doomed by its changes alone. It asks more of the network, and of your patience. For the solar cells of lesson [08](../08_solar_cells.ipynb) it has a surprise in store.
#
# Choose the policy by looking at what it does to your images, and ask whether a new image could look like that. If you doubt it, leave half of the images unchanged.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
words = {(row["arm"], row["minus"]): row["verdict on the first"] for _, row in by_pairs.iterrows()}
small_live, small_half = accuracy("wide", "small", "live", 3000), accuracy("wide", "small", "live-1/2", 3000)
deeper_live, small_none = accuracy("wide", "deeper", "live", 3000), accuracy("mild", "small", "none", 3000)

claims = Claims()
claims.check("one copy instead of the original is worse than no augmentation", words["1 copy", "no augmentation"] == "worse")
claims.check("originals beside 1 or 4 copies are better, beside 16 it is equivalent",
             [words[f"originals + {copies}", copies] for copies in ("1 copy", "4 copies", "16 copies")] == ["better", "better", "equivalent"])
claims.check("at equal shares live is better than originals + 1 copy and equivalent to originals + 16 copies",
             words["live, half unchanged", "originals + 1 copy"] == "better" and words["live, 6 % unchanged", "originals + 16 copies"] == "equivalent")
claims.check("small network: a fifth and a half unchanged are equivalent to full live",
             {unchanged["small network", share, what][1] for share in (1 / 5, 1 / 2) for what in ("loss", "accuracy")} == {"equivalent"})
quarter, half = ([unchanged["residual network", share, what] for what in ("loss", "accuracy")] for share in (1 / 4, 1 / 2))
claims.check("residual network: a quarter unchanged is better than live in both, by 0.030 in loss and 1.0 points",
             [word for _, word in quarter] == ["better"] * 2 and bool(abs(quarter[0][0] + 0.030) < 0.0005 and abs(100 * quarter[1][0] - 1.0) < 0.05))
claims.check("residual network: a half unchanged is equivalent to live in both", [word for _, word in half] == ["equivalent"] * 2)
claims.check("the wide policy costs the small network more than 10 points of accuracy against no augmentation",
             bool(paired_interval(small_none - small_live).low > 0.1))
claims.check("half of the images left unchanged is equivalent to no augmentation, or better",
             bool(paired_interval(small_half - small_none).low > -0.01))
claims.check("the deeper network gains more than 10 points on the small one, and more than 10 from updates 500 to 3,000",
             bool(paired_interval(deeper_live - small_live).low > 0.1
                  and paired_interval(deeper_live - accuracy("wide", "deeper", "live", 500)).low > 0.1))
