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
# # Curves in detail
#
# This page belongs to lesson [04](../04_overfitting_curves.ipynb). There you saw one copy and live on 128 garments. Here are eleven arms on 512 garments, the generalisation gap, the update at which a loss turns, calibration, honest stopping, a deeper network and a falling learning rate. Most numbers come from the stored runs of 3,000 updates, twenty of each kind. A few short runs are made here. It takes about 10 minutes to read and one to run.

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
from helpers.arms import make_batches, schedule
from helpers.augment import RandomAffine
from helpers.compare import differences, summarise
from helpers.data import load_garments, subset
from helpers.progress import progress
from helpers.show import Claims, show_table
from helpers.stats import fit_temperature, judge, paired_interval, scale
from helpers.tables import FOLDER, read_results
from helpers.training import Trainer

plots.use_style()
garments = load_garments()
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
trainer = Trainer(policy=policy)


def train(arm, n, updates, replicate=0, data=garments, evaluate_at=None):
    """The curve of one run; the trainer keeps its weights until the next."""
    part = subset(data, n, replicate)
    batches = make_batches(arm, part.x_train, part.y_train, schedule(arm, n, updates, replicate), policy, replicate)
    return trainer.run(part, batches, updates, replicate, evaluate_at)


def judged(rows):
    """A table of paired differences: the mean, its 95 % interval and the verdict."""
    lines = []
    for name, difference, metric in rows:
        interval, _, word = judge(difference, metric)
        lines.append([name, *interval, word])
    return pd.DataFrame(lines, columns=["difference", "mean", "from", "to", "verdict"])

# %% [markdown]
# ## What stands between the shown and the clean loss?
#
# Two things do. `fit` averages over an epoch while the weights still move, and the pictures are augmented. To separate the two, we evaluate the final weights once on freshly augmented training images. From that number to the clean one, only the pictures change.

# %%
curve = train("live", 1024, 480, evaluate_at=[448, 480])
part = subset(garments, 1024)
fresh = policy.apply(part.x_train, policy.draw(1024, seed=(0, 999))).numpy()
p = trainer.predict(fresh)
at_rest = -np.mean(np.log(np.where(part.y_train == 1, p, 1 - p)))

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
last = curve.iloc[-1]
steps = pd.DataFrame({"loss": {
    "shown: augmented, while the weights moved": last["shown_loss"],
    "augmented anew, weights at rest": at_rest,
    "clean training images": last["train_loss"],
    "validation images": last["val_loss"],
}}).rename_axis("evaluated on")
show_table(steps, approximate=True)

# %% [markdown]
# Shown minus validation therefore mixes the price of augmented pictures with the price of new garments, and the two can cancel. In the first epochs, moving weights add much to it.

# %% [markdown]
# ## Three networks with the same training accuracy
#
# How misleading can it become? Here are three arms under the *wide* policy, 512 garments, at the end of 3,000 updates. By what `fit` reports, they are equally good.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
stored = read_results(FOLDER / "static-versus-live.csv")
wide = summarise(stored[(stored["policy"] == "wide") & (stored["model"] == "small")])
three_arms = ["copies-4", "originals+4", "live-1/2"]
three = wide.groupby("arm")[["shown_accuracy", "train_accuracy", "val_accuracy"]].mean().loc[three_arms]
named = three.set_axis(["shown", "clean training", "validation"], axis=1).rename(index=plots.arm_label)
show_table(named.rename_axis("accuracy of"), digits=3)

# %% [markdown]
# In shown accuracy they agree to 0.003, and in validation accuracy they differ by 0.18. Live that leaves half of the images clean would be called underfitted, because its training accuracy lies below validation. But on clean training images it is right 97 times in a hundred.

# %% [markdown]
# ## Eleven arms, three curves each
#
# A run *turns* when its validation loss rises for good while training goes on. The dotted line is the shown loss, the thin line the clean training loss, the thick line validation. The evaluations in the last tenth of 500, 1,000 and 3,000 updates are averaged, because single ones jump.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def averaged(table):
    """The evaluations in the last tenth of 500, 1,000 and 3,000 updates, averaged to one each."""
    update = table["update"]
    for budget in (500, 1000, 3000):
        update = update.mask((update > 0.9 * budget) & (update <= budget), round(0.96 * budget))
    keys = [key for key in ("model", "rate", "arm", "replicate", "update") if key in table]
    return table.assign(update=update).groupby(keys, sort=False, as_index=False).mean(numeric_only=True)


mild = averaged(stored[stored["policy"] == "mild"])
constant = mild[(mild["model"] == "small") & (mild["rate"] == "constant")]

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Eleven panels, one for each arm, with shown, clean training and validation loss against updates. The validation loss of none, 1 copy and originals with 1 copy turns upwards, and all others end nearly flat. For 1 copy the dotted shown loss falls far below the thin clean loss; for live it stays above it."}} tags=["hide-input"]
GRID = [
    ["copies-1", "copies-4", "copies-16", "none"],
    ["originals+1", "originals+4", "originals+16", None],
    ["live-1/2", "live-4/5", "live-16/17", "live"],
]
figure, axes = plt.subplots(3, 4, sharex=True, sharey=True, figsize=(11, 8))
axes[1, 3].axis("off")
for ax, arm in zip(axes.flat, np.ravel(GRID), strict=True):
    if arm is None:
        continue
    color, curves = plots.arm_style(arm)["color"], constant[constant["arm"] == arm].groupby("update").mean(numeric_only=True)
    ax.plot(curves.index, curves["shown_loss"], ":", color="0.2")
    ax.plot(curves.index, curves["train_loss"], color=color, linewidth=1)
    ax.plot(curves.index, curves["val_loss"], color=color, linewidth=2.5)
    ax.set(title=plots.arm_label(arm), ylim=(0, 0.65), xlim=(0, 3000), xticks=[0, 1000, 2000])
figure.supxlabel("gradient updates")
figure.supylabel("loss")
plt.show()

# %% [markdown]
# *The shown loss falls in every panel and says nothing about the turn. But below the clean loss, as in the first panel, it says that the pictures were learnt by heart.*
#
# With four copies that sign is already gone at 512 garments, so its absence does not prove that augmentation is live.

# %% [markdown]
# ## Is the network with the smallest gap the best?
#
# The *generalisation gap* is the validation loss minus the clean training loss, with the same weights.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Generalisation gap of six arms against updates. It grows in all of them, fastest for none and then for originals with 1 copy. 1 copy, 4 copies and live grow slowest."}} tags=["hide-input"]
constant = constant.assign(gap=constant["val_loss"] - constant["train_loss"])
six = constant[constant["arm"].isin(["none", "copies-1", "originals+1", "copies-4", "live-1/2", "live"])]
figure, ax = plt.subplots(figsize=(8, 4))
ax.set(ylabel="generalisation gap", ylim=(0, 0.45))
plots.plot_curves(ax, six, "gap")
plt.show()

# %% [markdown]
# *The gap grows in every arm. One copy has less than half the gap of no augmentation.*

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
end = constant[constant["update"] == 2880]
gaps = {pair: differences(end, *pair, "gap") for pair in [("copies-1", "none"), ("live-1/2", "live")]}
losses = {pair: differences(end, *pair, "val_loss") for pair in gaps}
lines = []
for first, second in gaps:
    name = f"{plots.arm_label(first)} minus {plots.arm_label(second)}"
    lines += [(f"{name}: gap", gaps[first, second], "gap loss"), (f"{name}: loss", losses[first, second], "val_loss")]
table = judged(lines)
table.loc[table["difference"].str.endswith("gap"), "verdict"] = "(no verdict)"
show_table(table, digits=3)

# %% [markdown]
# No, the gap is no verdict. One copy has the smaller gap and the higher loss, because it knows even its own originals less well. Live with clean images has the larger gap and an equivalent loss. The gap says how much better a network knows its training images. How good it is, only the validation loss says.

# %% [markdown]
# ## Where does the loss turn?
#
# We say that a run has turned when its last value lies above its lowest by more than our margin of 0.02. Its turn is the update of the lowest value.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def turns(table):
    """For each arm, the share of runs that turned and the median update of the turn."""
    found = {}
    for arm, part in table.groupby("arm", sort=False):
        loss = part.pivot(index="update", columns="replicate", values="val_loss")
        turned = loss.iloc[-1] - loss.min() > 0.02
        found[plots.arm_label(arm)] = 100 * turned.mean(), loss.idxmin()[turned].median()
    return pd.DataFrame(found, index=["turned, %", "median turn"]).T.rename_axis("arm")


turned = {
    ("small", "constant"): turns(constant),
    ("small", "decay"): turns(mild[(mild["model"] == "small") & (mild["rate"] == "decay")]),
    ("deeper", "constant"): turns(mild[(mild["model"] == "deeper") & (mild["rate"] == "constant")]),
}
show_table(turned["small", "constant"], digits=0)

# %% [markdown]
# Neither live nor sixteen copies turn within 3,000 updates, and a single picture of each garment always does, near 1,000. These turns are coarse: "960" means somewhere between 480 and 1,500.
#
# ## Live turns, too
#
# "It doesn't overfit" is only true up to some number of updates. With 128 garments, live turns as well. No picture comes twice, and yet every garment comes 750 times.

# %%
study = read_results(FOLDER / "study.csv")

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Validation loss of none, 4 copies and live against updates, in three panels for 128, 512 and 2,048 garments. With 128 all three turn upwards, live last and least. With 2,048 none of them turns."}} tags=["hide-input"]
by_n = {n: averaged(study[(study["dataset"] == "garments") & (study["n"] == n)]) for n in (128, 512, 2048)}
few_arms = ["none", "copies-4", "live"]
figure, axes = plt.subplots(1, 3, sharex=True, sharey=True, figsize=(11, 3.9))
axes[0].set(ylabel="validation loss", ylim=(0.2, 0.95))
for ax, (n, curves) in zip(axes, by_n.items(), strict=True):
    plots.plot_curves(ax, curves[curves["arm"].isin(few_arms)], "val_loss", label=n == 2048)
    ax.set_title(f"{n:,} garments")
plt.show()

# %% [markdown]
# *The fewer the garments, the earlier the turn. Live only puts it off.*

# %% [markdown]
# ## Surer and wronger in the long runs
#
# At 512 garments, what happens to no augmentation and to one copy between 960 and 2,880 updates, and how do the arms differ at the end?

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
metrics = {"val_loss": "loss", "val_loss_scaled": "scaled loss", "val_accuracy": "accuracy"}
in_time, between = {}, {}
for metric in metrics:
    for arm in ["none", "copies-1"]:
        values = constant[constant["arm"] == arm].pivot(index="replicate", columns="update", values=metric)
        in_time[arm, metric] = (values[2880] - values[960]).to_numpy()
    between[metric] = differences(end, "live", "none", metric)
rows = [(f"in time, {plots.arm_label(arm)}: {metrics[m]}", d, m) for (arm, m), d in in_time.items()]
rows += [(f"between arms, live minus none: {metrics[m]}", d, m) for m, d in between.items()]
show_table(judged(rows), digits=3)

# %% [markdown]
# In time, the loss rises and the scaled loss stays equivalent, so the two arms only grow surer. Guo and others ([2017](https://arxiv.org/abs/1706.04599)) saw the same in far larger networks. Between arms, scaling leaves 0.03 of the 0.14 by which live is better, and live is also right more often. It is the same distinction as in the lesson.

# %% [markdown]
# ## Calibration
#
# A classifier is *calibrated* if nine in ten of the garments to which it gives 0.9 are coats. A *reliability diagram* shows it: sort the predictions into ten bins, and draw the share of coats in each bin against the mean probability there. The temperature is fitted on the images of even number, and the diagram drawn from the others.

# %%
ARMS = ["none", "copies-1", "live"]
labels, predictions = garments.y_val, {}
for arm in progress(ARMS, 3, "arms"):
    predictions[arm] = []
    for replicate in range(4):
        train(arm, 128, 400, replicate, evaluate_at=[400])
        predictions[arm].append(trainer.predict(garments.x_val))

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def reliability(p, labels):
    """Mean probability and share of coats, in ten bins of p."""
    tenth = np.minimum((p * 10).astype(int), 9)
    count = np.bincount(tenth, minlength=10)
    return np.bincount(tenth, p, 10) / count, np.bincount(tenth, labels, 10) / count


def top(p, labels):
    """Mean probability minus share of coats, where the network is surest of coat."""
    mean_p, coats = reliability(p, labels)
    return mean_p[9] - coats[9]


odd = labels[1::2]
before = {arm: [p[1::2] for p in predictions[arm]] for arm in ARMS}
temperatures = {arm: [fit_temperature(p[::2], labels[::2]) for p in predictions[arm]] for arm in ARMS}
after = {arm: [scale(p, t) for p, t in zip(before[arm], temperatures[arm], strict=True)] for arm in ARMS}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two reliability diagrams with a diagonal, before and after temperature scaling, for none, 1 copy and live, mean of four runs of 400 updates. Before, the lines of none and 1 copy are flatter than the diagonal. After scaling all three come close to it at both ends."}} tags=["hide-input"]
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(10, 4.6))
for ax, shown, title in zip(axes, [before, after], ["as predicted", "after temperature scaling"], strict=True):
    ax.plot([0, 1], [0, 1], color="0.8", linewidth=1)
    for arm in ARMS:
        mean_p, coats = np.mean([reliability(p, odd) for p in shown[arm]], axis=0)
        ax.plot(mean_p, coats, marker="o", markersize=4, label=plots.arm_label(arm), **plots.arm_style(arm))
    ax.set(title=title, xlabel="mean predicted probability of coat", xlim=(0, 1), ylim=(0, 1))
axes[0].set(ylabel="share of coats")
axes[0].legend(loc="upper left")
plt.show()

# %% [markdown]
# *Of the garments that the network calls coats most surely, fewer are coats than it says. One temperature corrects that at the ends, and it can't correct the middle.*

# %% [markdown]
# ## How lucky is the best epoch?
#
# The lowest of many evaluations is low partly by luck. So we choose the evaluation on one half of the validation images, measure on the other half, swap the halves and average. The *optimism* is how much lower the loss is on the half that chose. In the table, a half has 1,000 images. Beside it we train twelve short runs that have only 100 validation images, so that 50 choose.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def optimism(run):
    """Loss at the chosen evaluation: on the half that did not choose, minus on the half that chose."""
    even, odd = run["val_loss_even"].to_numpy(), run["val_loss_odd"].to_numpy()
    by_even, by_odd = even.argmin(), odd.argmin()
    return (odd[by_even] - odd[by_odd] + even[by_odd] - even[by_even]) / 2


main = stored[(stored["policy"] == "mild") & (stored["model"] == "small") & (stored["rate"] == "constant")]
runs = summarise(main)
luck = {
    arm: paired_interval([optimism(run) for _, run in part.groupby("replicate")])
    for arm, part in main.groupby("arm", sort=False)
}
stopping = runs.groupby("arm", sort=False)[["val_loss", "val_loss_stopped"]].mean()
stopping = stopping.set_axis(["at the end", "stopped"], axis=1)
stopping["optimism"] = [luck[arm].mean for arm in stopping.index]
show_table(stopping.rename(index=plots.arm_label), digits=3)

# %%
lucky = []
for replicate in progress(range(12), 12, "runs"):
    few = garments._replace(x_val=garments.x_val[replicate::20], y_val=garments.y_val[replicate::20])
    lucky.append(optimism(train("none", 128, 320, replicate, few, evaluate_at=range(20, 321, 20))))

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
few_images = paired_interval(lucky)
print(f"with 50 images that choose, the optimism is ≈ {few_images.mean: .3f}")

# %% [markdown]
# With 1,000 images that choose, the optimism is at most a fifth of our margin. With 50, it is about twice the margin and larger than many differences in this series. So report the loss of images that chose nothing.
#
# ## Capacity and schedule
#
# The deeper network can learn more by heart. Does it need augmentation more? And does a learning rate that falls to zero replace augmentation?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Validation loss of none, 4 copies and live against updates in three panels. With the small network at a constant rate none turns. With the rate decayed its turn is flatter. With the deeper network all three turn, none and 4 copies to above 0.7."}} tags=["hide-input"]
PANELS = {
    "small, constant rate": ("small", "constant"),
    "small, rate falls to zero": ("small", "decay"),
    "deeper, constant rate": ("deeper", "constant"),
}
figure, axes = plt.subplots(1, 3, sharex=True, sharey=True, figsize=(11, 3.9))
axes[0].set(ylabel="validation loss", ylim=(0.2, 0.85))
for ax, (title, (model, rate)) in zip(axes, PANELS.items(), strict=True):
    some = mild[(mild["model"] == model) & (mild["rate"] == rate) & mild["arm"].isin(few_arms)]
    plots.plot_curves(ax, some, "val_loss", label=model == "deeper")
    ax.set_title(title)
plt.show()

# %% [markdown]
# *The deeper network turns in every arm, live included. A falling rate flattens the turn and doesn't remove it.*

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
deeper = summarise(stored[(stored["policy"] == "mild") & (stored["model"] == "deeper") & (stored["rate"] == "constant")])
decayed = summarise(stored[(stored["policy"] == "mild") & (stored["rate"] == "decay")])
measures = {"val_loss": "loss", "val_loss_stopped": "stopped loss", "val_loss_scaled": "scaled loss", "val_accuracy": "accuracy"}
gains = {
    name: {metric: differences(table, "live", "none", metric) for metric in measures}
    for name, table in [("small", runs), ("deeper", deeper), ("small, falling rate", decayed)]
}
more = {metric: gains["deeper"][metric] - gains["small"][metric] for metric in measures}
rows = []
for metric, words in measures.items():
    rows += [(f"{words}, live minus none: {name}", gain[metric], metric) for name, gain in gains.items()]
    rows.append((f"{words}, live minus none: deeper minus small", more[metric], metric))
show_table(judged(rows), digits=3)

# %% [markdown]
# Trained to the end, live saves the deeper network 0.40 in loss and the small one 0.14. After temperature scaling, and in accuracy, what live gains is equivalent for both. So capacity multiplied the over-confidence. The deeper network learns even the garments of live by heart in time, because all its pictures are made from the same 512.
#
# A falling rate takes away more than half of live's advantage in loss. What is left is still *better*, after scaling and in accuracy as well. So a schedule is no replacement for augmentation.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
claims = Claims()
claims.check("augmented pictures cost more than 0.03 in loss, and new garments more than 0.02",
             bool(at_rest - last["train_loss"] > 0.03 and last["val_loss"] - last["train_loss"] > 0.02))
claims.check("wide policy: three arms within 0.005 in shown accuracy, 0.17 to 0.19 apart in validation",
             bool(np.ptp(three["shown_accuracy"]) < 0.005 and 0.17 < np.ptp(three["val_accuracy"]) < 0.19))
claims.check("wide policy, live-1/2: below validation in training, and 0.97 on clean images",
             bool(three.loc["live-1/2", "val_accuracy"] - three.loc["live-1/2", "shown_accuracy"] > 0.03
                  and round(three.loc["live-1/2", "train_accuracy"], 2) == 0.97))
by_heart = {arm: paired_interval(part["train_loss"] - part["shown_loss"]) for arm, part in end.groupby("arm")}
claims.check("shown below clean for 1 copy, by more than 0.1", bool(by_heart["copies-1"].low > 0.1))
claims.check("shown equal to clean within 0.02 for 4 copies, above it for 16 copies and live",
             bool(abs(by_heart["copies-4"].mean) < 0.02 and max(by_heart["copies-16"].high, by_heart["live"].high) < 0))
gap = end.groupby("arm")["gap"].mean()
claims.check("1 copy has less than half the gap of none, and a higher loss by more than 0.02",
             bool(gap["copies-1"] < gap["none"] / 2 and paired_interval(losses["copies-1", "none"]).low > 0.02))
claims.check("live-1/2 has a larger gap than live, by more than 0.05, and an equivalent loss",
             bool(paired_interval(gaps["live-1/2", "live"]).low > 0.05)
             and judge(losses["live-1/2", "live"], "val_loss")[2] == "equivalent")
share = {key: table["turned, %"] for key, table in turned.items()}
claims.check("none and 1 copy always turn, live never, 16 copies in fewer than a fifth of the runs",
             bool(share["small", "constant"]["none"] == share["small", "constant"]["1 copy"] == 100
                  and share["small", "constant"]["live"] == 0 and share["small", "constant"]["16 copies"] < 20))
turned_by_n = {n: turns(table[table["arm"].isin(few_arms)]) for n, table in by_n.items()}
claims.check("at 128 garments all runs of none, 4 copies and live turn, in this order; at 2,048 no run does",
             bool((turned_by_n[128]["turned, %"] == 100).all() and (turned_by_n[2048]["turned, %"] == 0).all()
                  and turned_by_n[128]["median turn"][["none", "4 copies", "live"]].is_monotonic_increasing))
words = {key: judge(d, key[1])[2] for key, d in in_time.items()}
claims.check("in time: worse in loss, equivalent in scaled loss and accuracy, for none and for 1 copy",
             all(words[arm, m] == ("worse" if m == "val_loss" else "equivalent") for arm, m in words))
claims.check("between arms: live better than none in loss, scaled loss and accuracy",
             {judge(d, m)[2] for m, d in between.items()} == {"better"})
tops = [np.mean([top(p, odd) for p in shown["none"]]) for shown in (before, after)]
claims.check("none is over-confident at the top by more than 0.04, after scaling by less", bool(tops[0] > 0.04 > tops[1]))
claims.check("none needs a higher temperature than live, by more than 0.2",
             bool(np.mean(temperatures["none"]) - np.mean(temperatures["live"]) > 0.2))
claims.check("optimism: below 0.0045 with many images that choose",
             all(interval.mean < 0.0045 for interval in luck.values()))
claims.check("optimism: more than 0.02 with few", bool(few_images.mean > 0.02 and few_images.low > luck["none"].high))
claims.check("the deeper network turns in every arm and run",
             bool((share["deeper", "constant"] == 100).all()))
claims.check("with a falling rate only none and 1 copy turn at all",
             set(share["small", "decay"][share["small", "decay"] > 0].index) == {"none", "1 copy"})
claims.check("live gains more in the deeper network, by more than 0.2 in loss; equivalent after scaling and in accuracy",
             bool(paired_interval(more["val_loss"]).high < -0.2)
             and {judge(more[m], m)[2] for m in ("val_loss_scaled", "val_accuracy")} == {"equivalent"})
claims.check("with a falling rate live is better than none in loss, scaled loss and accuracy, by less than half in loss",
             bool(np.mean(gains["small, falling rate"]["val_loss"]) > np.mean(gains["small"]["val_loss"]) / 2)
             and {judge(gains["small, falling rate"][m], m)[2] for m in metrics} == {"better"})
