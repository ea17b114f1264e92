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
# # Over-confident or less accurate?
#
# In lesson [03](../03_overfitting_curves.ipynb) the loss of one copy doubled while its accuracy stayed. Two things can make a loss rise: the network becomes less accurate, or it only becomes surer of its mistakes. One number separates the two. It takes 16 minutes to read, and one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## How sure are the mistakes?
#
# We train on one copy of each of 128 garments, in plain Keras. We keep the network's probabilities for new garments after 500 updates and after 3,000.

# %%
import tensorflow as tf
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

garments = load_garments()
few = subset(garments, 128)
policy = RandomAffine(**POLICIES["mild"], seed=0)
one_copy = policy.apply(few.x_train, policy.draw(128, seed=(0, 0))).numpy()
stream = tf.data.Dataset.from_tensor_slices((one_copy, few.y_train))
stream = stream.shuffle(128, seed=0).repeat().batch(32)

# %%
from helpers.model import small_model

model = small_model(seed=0)
# 50 updates at a time: faster
model.compile("adam", "binary_crossentropy", steps_per_execution=50)
probabilities = {}
for update, more in [(500, 500), (3000, 2500)]:
    # the stream is shuffled already
    model.fit(stream, steps_per_epoch=more, shuffle=False, verbose=0)
    predicted = model.predict(garments.x_val, batch_size=500, verbose=0)
    probabilities[update] = predicted[:, 0]

# %% [markdown]
# The table has the share of wrong answers, and of those that were given with more than 99 %.

# %%
import numpy as np
import pandas as pd
from helpers.plots import show_table

labels = garments.y_val
rows = []
for update, p in probabilities.items():
    wrong = (p > 0.5) != (labels == 1)
    certain = np.maximum(p, 1 - p) > 0.99
    rows.append([f"{update:,}", 100 * np.mean(wrong), 100 * np.mean(wrong & certain)])
columns = ["updates", "wrong answers, %", "given with more than 99 %"]
counted = pd.DataFrame(rows, columns=columns)
show_table(counted, approximate=True, digits=0)

# %% [markdown]
# The number of wrong answers hardly changes. But many more of them are given with certainty, which is expensive.
#
# ## One number splits them
#
# What goes into the sigmoid is called the *logit*. *Temperature scaling* divides every logit by one number T, chosen so that the loss becomes as small as it can ([Guo and others, 2017](https://arxiv.org/abs/1706.04599)). With T above 1, all probabilities move towards one half, and none crosses it, so no answer changes. We choose T on one half of the new garments and measure on the other.
#
# The table has T and the loss, before and after scaling.

# %%
from helpers.stats import apply_temperature, fit_temperature, log_loss

choose, rest = slice(0, None, 2), slice(1, None, 2)
rows, calibrated = [], {}
for update, p in probabilities.items():
    temperature = fit_temperature(p[choose], labels[choose])
    calibrated[update] = apply_temperature(p[rest], temperature)
    before = log_loss(p[rest], labels[rest])
    after = log_loss(calibrated[update], labels[rest])
    rows.append([f"{update:,}", temperature, before, after])
columns = ["updates", "temperature", "loss", "loss after scaling"]
scaled = pd.DataFrame(rows, columns=columns)
show_table(scaled, approximate=True, digits={"temperature": 1})

# %% [markdown]
# The loss doubles, and after scaling it hardly rises. So each difference in loss has two parts. What scaling removes is *over-confidence*. What it leaves means *less accurate*, or more exactly, less good at distinguishing the classes.

# %%
# The message, in your own run.
early, late = scaled.to_dict("records")
assert late["loss"] > early["loss"] + 0.2
assert late["loss after scaling"] < early["loss after scaling"] + 0.05

# %% [markdown]
# ## What a calibrated network looks like
#
# Sort the new garments into ten bins by the probability of a coat that the network gives. It is *calibrated* if the share of coats in each bin is what it says.
#
# The figure has both, after 3,000 updates as predicted and after temperature scaling. On the grey line they are equal.

# %% tags=["trained"]
import matplotlib.pyplot as plt

_, ax = plt.subplots(figsize=(6.5, 4.4))
ax.plot([0, 1], [0, 1], color="0.8")
for name, p, color, style in [
    ("as predicted", probabilities[3000][rest], "#a33b20", "o-"),
    ("after temperature scaling", calibrated[3000], "0.3", "s--"),
]:
    answers = pd.DataFrame({"says": p, "is a coat": labels[rest]})
    bins = answers.groupby(np.minimum(10 * p, 9).astype(int)).mean()
    ax.plot(bins["says"], bins["is a coat"], style, color=color, label=name)
ax.set(xlabel="probability of a coat", ylabel="share of coats")
ax.legend()
plt.show()

# %% [markdown]
# Where the network is surest, it is right less often than it says. One temperature repairs that at both ends.
#
# ## Between methods: another question
#
# So far we compared a network with its own past. Which network should you ship? For that, compare methods after the same updates. Here are the stored runs of lesson 04, twenty each.

# %%
from helpers.compare import summarise
from helpers.data import RESULTS, read_results

study = read_results(RESULTS / "study.csv").query("dataset == 'garments' and n == 128")
means = {}
for updates in (500, 3000):
    runs = summarise(study[study["update"] <= updates])
    means[updates] = runs.groupby("method").mean(numeric_only=True)
early, late = means[500], means[3000]

# %% [markdown]
# Each bar is a difference in loss. One part of it is what scaling removes, and the other what it leaves.

# %%
import figures

early_copy, late_copy = early.loc["copies-1"], late.loc["copies-1"]
differences = {
    "1 copy,\nfrom 500 to 3,000 updates": late_copy - early_copy,
    "1 copy minus live,\nafter 500 updates": early_copy - early.loc["live"],
    "1 copy minus live,\nafter 3,000": late_copy - late.loc["live"],
    "no augmentation minus 4 copies,\nafter 3,000": (
        late.loc["none"] - late.loc["copies-4"]
    ),
}
change = pd.DataFrame(differences).T
figures.two_parts(change["val_loss"], change["val_loss_scaled"])
plt.show()

# %% [markdown]
# In time, one copy only becomes over-confident. Beside live it is also less accurate, early and for good.
#
# In accuracy, one copy is 4.4 points behind live early on, and 6.6 at the end. So "one copy only becomes over-confident" is true of its own past, and false beside live.
#
# The last bar solves the riddle of lesson 04, where four copies won all pairs by loss and fewer than half by accuracy. Without augmentation the network is more over-confident, and about as accurate.

# %% [markdown]
# ## In the residual network, and stopped in time
#
# Can't we just stop early? We choose each run's best point on half of the new garments, and measure its loss there on the other half. In the table are the gaps to live, for the small network on 128 garments and the residual one on 512.

# %%
law = read_results(RESULTS / "law.csv")
law = law.query("model == 'residual' and dataset == 'garments' and n == 512")
residual = summarise(law).groupby("method").mean(numeric_only=True)
gaps = {}
for network, means in {"small": late, "residual": residual}.items():
    gaps[f"{network}, 1 copy"] = means.loc["copies-1"] - means.loc["live"]
    gaps[f"{network}, 4 copies"] = means.loc["copies-4"] - means.loc["live"]

# %%
columns = {
    "val_loss": "gap in loss",
    "val_loss_scaled": "after scaling",
    "val_loss_stopped": "stopped in time",
}
table = pd.DataFrame(gaps).T[list(columns)].rename(columns=columns)
show_table(table.rename_axis("network and method"))

# %% [markdown]
# In the small network, with 128 garments, most of the gap is over-confidence, and stopping removes most of it. In the residual network about half of the gap stays after scaling, and stopping removes little. What was not learnt, neither gives back.

# %% [markdown]
# ## Is the network with the smallest gap the best?
#
# That is another gap, the *generalisation gap*: the validation loss minus that on the unchanged training images. The table has 512 garments after 3,000 updates.

# %%
more = read_results(RESULTS / "study.csv").query("dataset == 'garments' and n == 512")
means = summarise(more).groupby("method").mean(numeric_only=True)
means = means.loc[["none", "copies-1"]].set_axis(["no augmentation", "1 copy"])
gap = means["val_loss"] - means["train_loss"]
table = pd.DataFrame({"generalisation gap": gap, "validation loss": means["val_loss"]})
show_table(table.rename_axis("method"), digits=3)

# %% [markdown]
# No. One copy has less than half the gap, and a loss that is higher by 0.083, because it knows even its own originals less well.
