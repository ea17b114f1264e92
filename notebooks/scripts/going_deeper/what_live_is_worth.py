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
# # What live is worth
#
# This companion belongs to lesson [05](../05_how_many_copies.ipynb). It gives the copies needed with their uncertainty, asks whether it is all over-confidence, looks at predictions that were written down before the data, and exchanges live augmentation for images. Nothing is trained. **Time:** 9 minutes to read, half a minute to run.

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
import functools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats as scipy_stats
from scipy.optimize import isotonic_regression

from helpers import plots
from helpers.compare import differences, summarise
from helpers.show import Claims, show_table
from helpers.stats import Interval, judge, paired_interval, verdict
from helpers.tables import FOLDER, read_results

plots.use_style()
study = read_results(FOLDER / "study.csv")

# %% [markdown]
# ## Copies needed, with an interval
#
# The study has 1,880 runs: pullovers against coats with 128, 512 and 2,048 images, solar cells, a second pair of garments, twenty replicates each. Arms, margins and expectations were [written down](../../data/results/README.md) before the runs. The design is not new. [Geiping and others](https://arxiv.org/abs/2210.06441) (ICLR 2023) train on fixed pools of 1 to 16 augmentations an image in their released code.
#
# We call the copies needed to come within a margin of live the *exchange rate*. We take the closest curve to the mean excess that never rises (*isotonic* regression), and read it off in log₂ of the copies. For the interval we draw 20 of the 20 replicates with replacement, whole, so that pairs stay together, and read it again, 2,000 times. That is a *bootstrap*.

# %%
KS, FEWER = [1, 2, 4, 8, 16, 32], [1, 4, 16]


@functools.cache
def runs_of(dataset, n, updates):
    part = study[(study["dataset"] == dataset) & (study["n"] == n)]
    return summarise(part[part["update"] <= updates])


def excess(dataset, n, updates, ks=KS, metric="val_loss"):
    """Copies minus live, (20 replicates, one column for each K)."""
    runs = runs_of(dataset, n, updates)
    return np.stack([differences(runs, f"copies-{k}", "live", metric) for k in ks], axis=1)

# %%
def crossing(x, values, target):
    """Where a falling curve comes down to the target; its first x if it starts there, inf if it never does."""
    curve = isotonic_regression(values, increasing=False).x
    if curve[0] <= target:
        return x[0]
    if curve[-1] > target:
        return np.inf
    i = np.argmax(curve <= target)
    return x[i] - (target - curve[i]) / (curve[i - 1] - curve[i]) * (x[i] - x[i - 1])


def bootstrap(xs, samples, target):
    """Crossing of the mean curve, read in log2 of xs, with its 95 % interval; samples (replicates, len(xs))."""
    drawn = np.random.default_rng(0).integers(len(samples), size=(2000, len(samples)))
    found = [crossing(np.log2(xs), curve, target) for curve in samples[drawn].mean(axis=1)]
    ends = np.quantile(found, [0.025, 0.975], method="inverted_cdf")  # which does not average with infinity
    return 2 ** np.array([crossing(np.log2(xs), samples.mean(axis=0), target), *ends])

# %%
SETTINGS = [("garments", n, updates) for n in (128, 512, 2048) for updates in (500, 1000, 3000)]
SETTINGS += [("solar-cells", n, updates) for n in (128, 512) for updates in (500, 1000, 3000)]
CONFIRMATION = [("dress-shirt", 512, updates) for updates in (500, 1000, 3000)]
rates = {}
for setting in SETTINGS + CONFIRMATION:
    ks = FEWER if setting in CONFIRMATION else KS
    samples = excess(*setting, ks)
    for margin in (0.05, 0.02, 0.01):
        rates[(*setting, margin)] = bootstrap(ks, samples, margin)

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def as_text(found, xs=KS, digits=1):
    """A crossing with its interval; outside of what was run it is only known as a bound."""
    low, high = xs[0], xs[-1]
    words = [f"> {high:,}" if x > high else f"<= {low}" if x <= low else f"{x:,.{digits}f}" for x in found]
    return "{} [{}, {}]".format(*words)


print("copies needed to come      within 0.05         within 0.02         within 0.01")
for setting in SETTINGS + CONFIRMATION:
    ks = FEWER if setting in CONFIRMATION else KS
    texts = [as_text(rates[(*setting, margin)], ks) for margin in (0.05, 0.02, 0.01)]
    print("{:11} {:5} {:5}  ".format(*setting) + "".join(f"{text:20}" for text in texts).rstrip())

# %% [markdown]
# Each row names the images, their number and the updates. "<= 1" says that a single copy is near enough, "> 32" that 32 were not, or not surely. For the margin 0.02 it goes from one copy or fewer to thirty. At half the margin, sixteen copies of 512 garments are no longer surely enough.

# %% [markdown]
# ## In showings
#
# The same rates as showings, epochs ÷ copies, wherever they lie among the copies that were run:

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
def showings(setting, margin):
    """Showings at the exchange rate, with their interval."""
    return setting[2] * 32 / setting[1] / rates[(*setting, margin)][[0, 2, 1]]  # most copies, fewest showings


rows = []
for setting in SETTINGS + CONFIRMATION:
    if 1 < rates[(*setting, 0.02)][0] <= 32:
        rows.append([setting[0], setting[1], setting[2], *showings(setting, 0.02)])
in_showings = pd.DataFrame(rows, columns=["images", "n", "updates", "showings for 0.02", "from", "to"])
show_table(in_showings, digits=0)

# %% [markdown]
# (Where 32 copies were not surely enough, the interval starts at 0.)
#
# Two stricter tests. *Against the pool:* four copies of 512 garments stay the same pool after 500, 1,000 and 3,000 updates. If its size decided, the excess would stay, too. It grows. *Against the copies:* 128 garments with 4 K copies make as many showings as 512 with K. If showings decide, both have the same excess. (Replicates at two sizes are no pairs, so the interval is Welch's. It is rough, because 87 % of the garments used at 128 are also used at 512.)

# %%
pool_of_four = [excess("garments", 512, updates)[:, 2] for updates in (500, 1000, 3000)]
growth = paired_interval(pool_of_four[2] - pool_of_four[0])
print("excess of four copies:", *(f"{samples.mean():.3f}" for samples in pool_of_four))


def equal_showings(dataset):
    """Showings, verdict and interval of excess(128, 4 K) minus excess(512, K)."""
    rows = []
    for updates in (500, 1000, 3000):
        few, many = (excess(dataset, n, updates) for n in (128, 512))
        for i, k in enumerate([1, 2, 4, 8]):
            ends = scipy_stats.ttest_ind(few[:, i + 2], many[:, i], equal_var=False).confidence_interval()
            interval = Interval(few[:, i + 2].mean() - many[:, i].mean(), *ends)
            rows.append([updates / 16 / k, verdict(interval, 0.02, lower_is_better=True)])
    return pd.DataFrame(rows, columns=["showings", "verdict"])

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
same = {name: equal_showings(name) for name in ("garments", "solar-cells")}
words = pd.DataFrame({name: rows["verdict"].value_counts() for name, rows in same.items()}).reindex(["equivalent", "undecided", "worse"])
show_table(words.fillna(0).astype(int).rename_axis("twelve comparisons"))

# %% [markdown]
# On garments eight of twelve are equivalent and none differs. But five of those eight stand at 16 showings or fewer, where there is hardly any excess to compare. On solar cells one differs, at 23 showings. The table speaks for showings, but it doesn't prove them.

# %% [markdown]
# ## Is it only over-confidence?
#
# [A companion](over_confident_or_less_accurate.ipynb) of lesson 04 splits a difference in loss into over-confidence and the rest, *less accurate*. Do fewer copies do if we only ask for the second, or stop each run in time? And are the showings still the same? (This was added after the first results had been seen, so it is exploratory. A stopped loss compares runs of different length.)

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
OTHERS = {"val_loss": ("loss", 0.02), "val_loss_scaled": ("scaled loss", 0.02), "val_loss_stopped": ("stopped loss", 0.02),
          "val_accuracy": ("accuracy", 0.01)}  # fmt: skip
rows = []
for n in (128, 512):
    setting = ("garments", n, 3000)
    for metric, (name, margin) in OTHERS.items():
        samples = excess(*setting, metric=metric) * (-1 if metric == "val_accuracy" else 1)
        rates[(*setting, metric)] = bootstrap(KS, samples, margin)
        rows.append([n, name, as_text(rates[(*setting, metric)]), showings(setting, metric)[0]])
show_table(pd.DataFrame(rows, columns=["garments", "measured in", "copies needed, 3,000 updates", "showings"]), digits=0)

# %% [markdown]
# Fewer copies do. But the showings no longer agree: in scaled loss it is 115 with 128 garments and 45 with 512, with intervals that don't touch. So the rule of showings is a rule about loss, and a large part of it is about over-confidence.
#
# The network matters as well. With four copies and 47 showings, a deeper network lies ten times as far above live as the small one, and after scaling it lies hardly farther. So the showings that you can afford belong to a model.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
lesson_02 = read_results(FOLDER / "static-versus-live.csv").query("policy == 'mild' and rate == 'constant'")
rows = []
for model in ("small", "deeper"):
    some = summarise(lesson_02[lesson_02["model"] == model])
    for metric in ("val_loss", "val_loss_scaled"):
        rows.append([model, OTHERS[metric][0], *paired_interval(differences(some, "copies-4", "live", metric))])
networks = pd.DataFrame(rows, columns=["network", "measured in", "4 copies minus live", "from", "to"])
show_table(networks, digits=3)

# %% [markdown]
# ## What was predicted
#
# Before its data we had written down what to expect of solar cells and of dress against shirt: 12 to 50 showings for the margin 0.02 on both, 25 to 100 for 0.05 on solar cells, and there, at 512 cells and 3,000 updates, an exchange rate between 4 and 32.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
rows = []
for name, margin, low, high in [("dress-shirt", 0.02, 12, 50), ("solar-cells", 0.02, 12, 50), ("solar-cells", 0.05, 25, 100)]:
    largest = 16 if name == "dress-shirt" else 32
    inside = [s for s in SETTINGS + CONFIRMATION if s[0] == name and 1 < rates[(*s, margin)][0] <= largest]
    counts = [showings(s, margin)[0] for s in inside]
    rows.append([name, margin, f"{low} to {high}", ", ".join(f"{c:.0f}" for c in counts), sum(low <= c <= high for c in counts), len(counts)])
expected = pd.DataFrame(rows, columns=["images", "margin", "showings expected", "found", "as expected", "of"])
show_table(expected)

# %% [markdown]
# Dress and shirt behave as expected. The solar cells do not: two of eight lie where we had expected them, the others higher, and 2.9 copies were enough where we had expected four or more. So "25 showings" is no law of nature.
#
# Nobody here had looked at dress against shirt when seven more predictions were committed, on verdicts for 512 garments after 3,000 updates. (It is a sister pair of pullover and coat: the same collection, the same seeds.) Prediction 1 also speaks of scaled loss. How many do you expect to hold?

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
PREDICTED = [
    (1, "live", "none", "val_loss", "better"), (1, "live", "none", "val_loss_scaled", "better"),
    (2, "live", "copies-1", "val_loss", "better"), (3, "live", "copies-4", "val_loss", "better"),
    (4, "live", "copies-16", "val_loss", "equivalent"), (5, "live-1/2", "originals+1", "val_loss", "better"),
    (6, "live-16/17", "originals+16", "val_loss", "equivalent"), (7, "none", "copies-1", "val_loss", "better"),
]  # fmt: skip
dress_shirt, rows = runs_of("dress-shirt", 512, 3000), []
for number, first, second, metric, word in PREDICTED:
    (mean, low, high), _, found = judge(differences(dress_shirt, first, second, metric), metric)
    rows.append([number, f"{plots.arm_label(first)} minus {plots.arm_label(second)}", OTHERS[metric][0], mean, low, high, word, found])
seven = pd.DataFrame(rows, columns=["", "comparison", "in", "mean", "from", "to", "predicted", "found"])
show_table(seven, digits=3)
both = [differences(table, "copies-4", "live") for table in (dress_shirt, runs_of("garments", 512, 3000))]
print("four copies above live: {:.3f}, for pullover and coat {:.3f}".format(*map(np.mean, both)))

# %% [markdown]
# All these verdicts came out. But the third prediction had a second half, that live would be better than four copies *by less* than for pullover and coat. It was by more, 0.044 against 0.035. So six of the seven came out, and the third did not. We leave it standing.

# %% [markdown]
# ## Live, exchanged for images
#
# The last exchange rate. You have 128 garments and train live. How many would you need to do as well *without* augmentation? And with 512? Does it depend on whether you ask for loss or for right answers? Geiping and others ask it for large networks.
#
# The study ran no augmentation with six numbers of images from 128 to 4,096. The *worth* of live is the number at which no augmentation comes down to it, by the same crossing and bootstrap.

# %%
NS = [128, 256, 512, 1024, 2048, 4096]
METRICS = {"val_loss": "loss", "val_loss_scaled": "scaled loss", "error": "share wrong"}


def by_replicate(arm, n, updates):
    table = runs_of("garments", n, updates)
    table = table.assign(error=1 - table["val_accuracy"])
    return table[table["arm"] == arm].set_index("replicate").sort_index()


LENGTHS = (500, 1000, 3000)
without = {(n, updates): by_replicate("none", n, updates) for n in NS for updates in LENGTHS}
live_at = {(n, updates): by_replicate("live", n, updates) for n in (128, 512) for updates in LENGTHS}

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
worth, rows = {}, []
for (n, updates), live_runs in live_at.items():
    for metric in [*METRICS, "val_loss_stopped"]:
        samples = np.stack([without[m, updates][metric] - live_runs[metric] for m in NS], axis=1)
        worth[n, updates, metric] = bootstrap(NS, samples, 0)
    texts = [as_text(worth[n, updates, metric], NS, digits=0) for metric in [*METRICS, "val_loss_stopped"]]
    rows.append([n, f"{updates:,}", *texts])
show_table(pd.DataFrame(rows, columns=["images", "updates", *METRICS.values(), "stopped loss"]))

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Loss, scaled loss and share of wrong answers of no augmentation against the number of training images, after 3,000 updates. From the levels of live at 128 and 512 images lines lead to the falling curve, in loss to 432 and 1,254 images, in the other two panels to less than twice as many."}} tags=["hide-input"]
figure, axes = plt.subplots(1, 3, figsize=(10, 3.8))
for ax, (metric, title) in zip(axes, METRICS.items(), strict=True):
    values = np.array([paired_interval(without[m, 3000][metric]) for m in NS]).T
    ax.plot(NS, values[0], marker="o", markersize=4, **plots.arm_style("none"))
    ax.fill_between(NS, *values[1:], color=plots.GREY, alpha=0.18, lw=0)
    for n in (128, 512):
        level, there = live_at[n, 3000][metric].mean(), worth[n, 3000, metric][0]
        ax.plot([n, there, there], [level, level, 0], color=plots.BLUE, linewidth=1.2)
        ax.plot(n, level, "o", color=plots.BLUE)
    ax.set(xscale="log", xticks=NS, xticklabels=["128", "", "512", "", "2,048", ""], xlabel="training images")
    ax.set(title=title, ylim=(values[0].min() * 0.8, None))
    ax.minorticks_off()
axes[0].text(2100, 0.3, "none", color=plots.GREY)
axes[0].text(135, 0.4, "live", color=plots.BLUE)
plt.show()

# %% [markdown]
# *In loss, live at 128 garments is worth more than three times as many. In the other two it is worth less than twice as many.*
#
# After 3,000 updates live at 128 garments does as well as none at 432, and live at 512 as well as none at 1,254. Much of that is over-confidence. After scaling, in right answers, or stopped in time, live is worth 1.6 to 1.9 times as many. After 500 updates, live at 512 garments is worth *fewer* than 512 by every measure, because augmentation first costs training time.
#
# And at 2,048 garments?

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
rows = []
for updates in LENGTHS:
    words_then = [judge(differences(runs_of("garments", 2048, updates), "live", "none", m), m)[2] for m in ("val_loss", "val_loss_scaled", "val_accuracy")]
    rows.append([f"{updates:,}", *words_then])
at_2048 = pd.DataFrame(rows, columns=["updates", "live against none, in loss", "in scaled loss", "in accuracy"])
show_table(at_2048)

# %% [markdown]
# Live is worse until 1,000 updates and equivalent after 3,000, which are only 47 epochs. Its loss is still falling there. So this is a crossing in time, and no level that 2,048 images reach.
#
# All intervals hold for one validation set, and with 1,024 images or more replicates share images, so that those intervals are too narrow.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
falling = study.query("dataset == 'garments' and n == 2048 and arm == 'live' and update == 2000").set_index("replicate")["val_loss"]
still = paired_interval(by_replicate("live", 2048, 3000)["val_loss"] - falling)
ratio = {key: found[0] / key[0] for key, found in worth.items()}
claims = Claims()
claims.check("for 0.02, copies needed go from one or fewer to over 25, and fall with the images after 3,000 updates",
             bool(rates["garments", 2048, 3000, 0.02][0] < rates["garments", 512, 3000, 0.02][0] < 16
                  and rates["garments", 128, 3000, 0.02][0] > 25 and rates["garments", 512, 500, 0.02][0] <= 1))
claims.check("garments take 20 to 35 showings for 0.02, solar cells 30 to 90",
             bool(in_showings.query("images == 'garments'").iloc[:, 3].between(20, 35).all()
                  and in_showings.query("images == 'solar-cells'").iloc[:, 3].between(30, 90).all()))
claims.check("the excess of one and the same pool grows, by more than 0.02", bool(growth.low > 0.02))
claims.check("at equal showings: garments 8 equivalent, 4 undecided; solar cells 7, 4 and one worse",
             [same[name]["verdict"].value_counts().reindex(["equivalent", "undecided", "worse"]).fillna(0).tolist() for name in same]
             == [[8, 4, 0], [7, 4, 1]])
claims.check("scaled or stopped, fewer copies do; the scaled showings of 128 and 512 garments have intervals that do not touch",
             bool(all(rates["garments", n, 3000, m][0] < rates["garments", n, 3000, 0.02][0] for n in (128, 512) for m in ("val_loss_scaled", "val_loss_stopped"))
                  and showings(("garments", 128, 3000), "val_loss_scaled")[1] > showings(("garments", 512, 3000), "val_loss_scaled")[2]))
claims.check("the deeper network lies nine times and more as far above live, scaled less than twice",
             bool(networks.iloc[2, 2] > 9 * networks.iloc[0, 2] and networks.iloc[3, 2] < 2 * networks.iloc[1, 2]))
claims.check("showings as expected: 2 of 2 for dress and shirt, 2 and 0 of those of the solar cells",
             expected["as expected"].tolist() == [2, 2, 0] and expected["of"].iloc[0] == 2)
claims.check("at 512 solar cells fewer than four copies do", bool(rates["solar-cells", 512, 3000, 0.02][0] < 4))
claims.check("the seven predicted verdicts came out, but four copies are farther from live, not nearer",
             bool((seven["predicted"] == seven["found"]).all() and np.mean(both[0]) > np.mean(both[1])))
claims.check("after 3,000 updates live is worth over 3 and over 2 times as many images in loss",
             bool(ratio[128, 3000, "val_loss"] > 3 and ratio[512, 3000, "val_loss"] > 2))
claims.check("in scaled loss, stopped loss and right answers 1.55 to 1.95 times as many",
             all(1.55 < ratio[n, 3000, m] < 1.95 for n in (128, 512) for m in ("val_loss_scaled", "error", "val_loss_stopped")))
claims.check("after 500 updates, live at 512 is worth fewer than 512 by loss, scaled loss and answers, with the whole interval",
             bool(all(worth[512, 500, m][2] < 512 for m in METRICS)))
claims.check("at 2,048: worse until 1,000 updates, equivalent after 3,000, the loss still falling",
             at_2048.to_numpy().tolist() == [["500"] + ["worse"] * 3, ["1,000"] + ["worse"] * 3, ["3,000"] + ["equivalent"] * 3]
             and bool(still.high < 0))
