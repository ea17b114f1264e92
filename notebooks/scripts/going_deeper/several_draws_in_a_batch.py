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
# # Several draws in a batch
#
# This companion belongs to lesson [03](../03_diversity_within_a_batch.ipynb), where batches of look-alikes were a fault. But some people fill a batch with several draws of one image on purpose, and report that it helps. Does it help here? And is it the diversity of a batch that costs, whoever took it away? **Time:** 4 minutes to read, half a minute to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.arms import Schedule, drawn_batches, schedule
from helpers.augment import named_policy
from helpers.compare import differences, summarise
from helpers.data import load_garments, subset
from helpers.diversity import sibling_pairs
from helpers.model import small_model
from helpers.show import Claims, show_table
from helpers.stats import judge, paired_interval
from helpers.tables import FOLDER, read_results
from helpers.training import trainer_for

plots.use_style()
mild = named_policy("mild")

# %% [markdown]
# ## Why would anyone do that?
#
# [Hoffer and others](https://arxiv.org/abs/1901.09335) (2020) enlarge each batch by further draws of its images and call it *batch augmentation*. [Berman and others](https://arxiv.org/abs/1902.05509) (2019) keep the size and call it *repeated augmentation*. [Fort and others](https://arxiv.org/abs/2105.13343) (2021) report better test accuracy for deep residual networks, even with equally many updates. Several draws of one image tell the network directly which changes don't matter.
#
# Against that, a batch of 32 pictures of four garments knows only four garments, so its gradient is a noisy guess.
#
# ## The same pictures, grouped
#
# We compare live with batches of 32/m garments with m draws each. In a `schedule` a row is a batch: which images it shows, and which version of each.

# %%
def grouped(m, replicate):
    live = schedule("live", 128, 400, replicate)
    source = live.source.ravel()[: 400 * 32 // m]
    turn = np.arange(len(source)) // 128  # how often the garments have had their turn
    version = 1 + m * np.repeat(turn, m) + np.tile(np.arange(m), len(source))
    return Schedule(np.repeat(source, m).reshape(400, 32), version.reshape(400, 32))


def all_shown(plan):
    return sorted(zip(plan.source.ravel(), plan.version.ravel(), strict=True))

# %% [markdown]
# With 1, 2 and 4 draws a run shows the very same 12,800 pictures, so only their grouping into batches differs. With 8 draws it ends in the middle of a turn, and half of the garments get eight draws more than the others.

# %% tags=["hide-input"]
few = subset(load_garments(), 128)


def pictures(plan, update):
    batches = drawn_batches(few.x_train, few.y_train, plan, mild, 0)
    return mild.apply(few.x_train[batches.rows[update]], batches.parameters[update]).numpy()


plots.show_images([pictures(grouped(m, 0), 5)[:8] for m in (1, 2, 4, 8)], ["1 draw", "2 draws", "4 draws", "8 draws"], [""] * 8)

# %% [markdown]
# *The beginning of four batches. Further down, ever fewer garments fill the row.*
#
# ## What does it cost, or bring?
#
# The small network was trained for 400 updates, twenty times each way. Lower loss is better, and the margin is 0.02.

# %%
table = read_results(FOLDER / "clustered-batches.csv")
names = {"mild": "1 draw", "2-draws": "2 draws", "4-draws": "4 draws", "8-draws": "8 draws", "one-draw": "one for all"}
pools = {"mild": "shuffled", "side-by-side": "side by side", "buffer-of-8": "buffer of 8"}
is_live = table["arm"] == "live"
table["arm"] = table["policy"].map(names).where(is_live, table["policy"].map(pools))
runs = summarise(table)

# %% tags=["hide-input"]
METRICS = {"val_loss": "loss", "val_accuracy": "accuracy"}
verdicts = []
for metric, what in METRICS.items():
    for arm in ("2 draws", "4 draws", "8 draws"):
        (mean, low, high), _, word = judge(differences(runs, arm, "1 draw", metric), metric)
        verdicts.append({"minus 1 draw": arm, "in": what, "mean": mean, "from": low, "to": high, "verdict": word})
show_table(pd.DataFrame(verdicts), digits=3)
slower = paired_interval(differences(runs, "8 draws", "1 draw", "train_loss"))
print(f"loss on unaugmented training images, 8 draws minus 1: {slower.mean:.2f}")

# %% [markdown]
# In loss two draws are *equivalent* to one, and four and eight are *worse*. In accuracy it is the same, Fort and others found the opposite in deep networks. Ours is small and stops early, and on the training images 8 draws are far behind: the network has simply learnt less in as many updates. More updates may make up for it.
#
# ## Is it the diversity?
#
# In lesson 03 copies lay side by side by mistake. Here several draws are together on purpose. If the diversity of a batch is what counts, both should lie on one line.

# %%
def mean_distance(pictures):
    vectors = pictures.reshape(len(pictures), -1)
    distances = np.linalg.norm(vectors[:, None] - vectors, axis=2)
    return distances.sum() / (len(vectors) * (len(vectors) - 1))


def stored_side_by_side(buffer):
    import tensorflow as tf

    order = tf.data.Dataset.range(16 * 128).shuffle(buffer, seed=0).repeat().batch(400 * 32)
    order = next(iter(order)).numpy().reshape(400, 32)
    return Schedule(order // 16, 1 + order % 16)


# %%
plans = {f"{m} draw{'s' * (m > 1)}": grouped(m, 0) for m in (1, 2, 4, 8)}
plans |= {"side by side": stored_side_by_side(1), "buffer of 8": stored_side_by_side(8)}
plans["shuffled"] = schedule("pool-16", 128, 400)
diversity = {arm: np.mean([mean_distance(pictures(plan, u)) for u in range(5, 400, 20)]) for arm, plan in plans.items()}
changes = [mild.draw(1, (0, update)).numpy() for update in range(20)]
images = [few.x_train[batch] for batch in schedule("live", 128, 20).source]
together = [mild.apply(batch, np.repeat(one, 32, axis=0)).numpy() for batch, one in zip(images, changes, strict=True)]
diversity["one for all"] = np.mean([mean_distance(batch) for batch in together])

# %% tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8, 4))
ax.axhline(0, color="0.7", linewidth=1)
for arm, distance in diversity.items():
    color = plots.BLUE if "draw" in arm or arm == "one for all" else plots.arm_style("pool-16")["color"]
    if arm != "1 draw":
        mean, low, high = paired_interval(differences(runs, arm, "1 draw"))
        ax.plot([distance, distance], [low, high], color=color, linewidth=1.2)
    ax.plot(distance, mean if arm != "1 draw" else 0, "o", color=color, markersize=5)
    ax.annotate(arm, (distance, mean if arm != "1 draw" else 0), (6, 5), textcoords="offset points", color=color)
ax.set(xlabel="mean distance within a batch", ylabel="added loss on new garments")
plt.show()

# %% [markdown]
# *The less diverse a batch, the higher the loss, on purpose or by mistake.*
#
# So the diversity within a batch does matter. It just isn't what distinguishes live from static.
#
# ## One of these runs, again
#
# You don't have to believe a stored table. Here are its first two runs of 8 draws once more, next to the stored ones.

# %%
trainer = trainer_for(small_model, (28, 28, 1), mild)
late = [368, 376, 384, 392, 400]
again = []
for replicate in (0, 1):
    part = subset(load_garments(), 128, replicate)
    batches = drawn_batches(part.x_train, part.y_train, grouped(8, replicate), mild, replicate)
    again.append(trainer.run(part, batches, 400, replicate, late)["val_loss"].mean())
stored = runs[runs["arm"] == "8 draws"].set_index("replicate")["val_loss"].loc[[0, 1]]
show_table(pd.DataFrame({"run": [1, 2], "stored loss": stored.to_numpy(), "again": again}), approximate=["again"], digits=3)

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
found = {(row["minus 1 draw"], row["in"]): row["verdict"] for row in verdicts}
mean_loss = runs.groupby("arm")["val_loss"].mean()
claims = Claims()
claims.check("with one draw, two and four a run shows the very same pictures",
             all_shown(grouped(2, 0)) == all_shown(grouped(4, 0)) == all_shown(schedule("live", 128, 400)))
claims.check("a batch has 0, 16, 48 and 112 pairs of siblings with 1, 2, 4 and 8 draws",
             [sibling_pairs(grouped(m, 0).source).mean() for m in (1, 2, 4, 8)] == [0, 16, 48, 112])
claims.check("in loss 2 draws are equivalent to 1, and 4 and 8 are worse",
             [found[arm, "loss"] for arm in ("2 draws", "4 draws", "8 draws")] == ["equivalent", "worse", "worse"])
claims.check("and so it is in accuracy",
             [found[arm, "accuracy"] for arm in ("2 draws", "4 draws", "8 draws")] == ["equivalent", "worse", "worse"])
claims.check("after as many updates, 8 draws have fitted the training images less", bool(slower.low > 0.03))
claims.check("over the eight ways, loss falls with the mean distance (correlation below -0.7)",
             bool(pd.Series(diversity).corr(mean_loss) < -0.7))
claims.check("trained again, both runs come within 0.02 of the stored ones", bool(np.abs(again - stored).max() < 0.02))
