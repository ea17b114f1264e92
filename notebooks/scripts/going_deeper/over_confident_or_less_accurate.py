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
# In lesson [03](../03_overfitting_curves.ipynb) the loss of one copy rose while its accuracy stayed. Two things can make a loss rise: the network becomes less accurate, or it only becomes surer of its mistakes. One number separates the two. It takes 16 minutes to read, and one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## How sure are the mistakes?
#
# We train on one copy of each of 128 garments, in plain Keras. We keep the network's probabilities for new garments after 500 updates and after 3,000.

# %%
import tensorflow as tf
from helpers.augment import MILD, RandomAffine
from helpers.data import load_garments, subset

garments = load_garments()
few = subset(garments, 128)
policy = RandomAffine(**MILD, seed=0)
one_copy = policy.version(few.x_train, range(128), epoch=0)
stream = tf.data.Dataset.from_tensor_slices((one_copy, few.y_train))
stream = stream.shuffle(128, seed=0).repeat().batch(32)

# %% tags=["nbval-ignore-output"]
import numpy as np
from helpers.model import small_model

model = small_model(seed=0)
# 50 updates at a time: faster
model.compile("adam", "binary_crossentropy", steps_per_execution=50)
probabilities = {}
for update, more in [(500, 500), (3000, 2500)]:
    # the stream is shuffled already
    model.fit(stream, steps_per_epoch=more, shuffle=False, verbose=0)
    predicted = model.predict(garments.x_val, batch_size=500, verbose=0)
    # from one in ten million to ten million minus one, so that no logarithm is infinite
    probabilities[update] = np.clip(predicted[:, 0].astype(float), 1e-7, 1 - 1e-7)

# %% [markdown]
# The table has the share of wrong answers, and of those that were given with more than 99 %.

# %% tags=["nbval-ignore-output"]
import pandas as pd

labels = garments.y_val
rows = []
for update, p in probabilities.items():
    wrong = (p > 0.5) != (labels == 1)
    certain = np.maximum(p, 1 - p) > 0.99
    rows.append([update, 100 * np.mean(wrong), 100 * np.mean(wrong & certain)])
columns = ["updates", "wrong answers, %", "given with more than 99 %"]
pd.DataFrame(rows, columns=columns).round(1)

# %% [markdown]
# The number of wrong answers hardly changes. But many more of them are given with certainty, which is expensive.
#
# ## One number splits them
#
# What goes into the sigmoid is called the *logit*. *Temperature scaling* divides every logit by one number T, chosen so that the loss becomes as small as it can ([Guo and others, 2017](https://arxiv.org/abs/1706.04599)). With T above 1, all probabilities move towards one half, and none crosses it, so no answer changes. We choose T on one half of the new garments and measure on the other.
#
# The table has T and the loss, before and after scaling.

# %%
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit


def log_loss(p, labels):
    """The mean loss, of the probabilities of class 1."""
    return -np.mean(np.log(np.where(labels == 1, p, 1 - p)))


def divided(p, temperature):
    """The probabilities after dividing the logits by a temperature."""
    return expit(logit(p) / temperature)


def best_temperature(p, labels):
    def loss(temperature):
        return log_loss(divided(p, temperature), labels)

    return minimize_scalar(loss, bounds=(0.1, 50), method="bounded").x


# %% tags=["nbval-ignore-output"]
choose, rest = slice(0, None, 2), slice(1, None, 2)
rows, calibrated = [], {}
for update, p in probabilities.items():
    temperature = best_temperature(p[choose], labels[choose])
    calibrated[update] = divided(p[rest], temperature)
    before = log_loss(p[rest], labels[rest])
    after = log_loss(calibrated[update], labels[rest])
    rows.append([update, temperature, before, after])
columns = ["updates", "temperature", "loss", "loss after scaling"]
scaled = pd.DataFrame(rows, columns=columns)
scaled.round(2)

# %% [markdown]
# The loss doubles, and after scaling it hardly rises. So each difference in loss has two parts. What scaling removes is *over-confidence*. What it leaves means *less accurate*, or more exactly, less good at distinguishing the classes.

# %%
early, late = scaled.to_dict("records")
rises = late["loss"] - early["loss"]
assert rises > 0.2, "with more updates the loss rises"
left = late["loss after scaling"] - early["loss after scaling"]
assert left < rises / 2, "most of the rise is over-confidence, which scaling removes"

# %% [markdown]
# ## What a calibrated network looks like
#
# Sort the new garments into ten bins by the probability of a coat that the network gives. It is *calibrated* if the share of coats in each bin is what it says.
#
# The figure has both, after 3,000 updates as predicted and after temperature scaling. On the grey line they are equal.

# %% tags=["nbval-ignore-output"]
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
# So far we compared a network with its own past. Which network should you ship? For that, compare methods after the same updates. The table has means of stored runs on garments, twenty a row, and eight of a ResNet-8.

# %%
from helpers.data import RESULTS

stored = pd.read_csv(RESULTS / "lessons/over-confident.csv")
stored.round(2)

# %% [markdown]
# Each bar is a difference in loss on 128 garments. One part of it is what scaling removes, and the other what it leaves.

# %%
losses = ["loss", "loss after scaling", "loss stopped in time"]
small = stored.query("images == 128").set_index(["updates", "method"])[losses]
early, late = small.loc[500], small.loc[3000]
differences = {
    "1 copy,\nfrom 500 to 3,000 updates": late.loc["copies-1"] - early.loc["copies-1"],
    "1 copy minus live,\nafter 500 updates": early.loc["copies-1"] - early.loc["live"],
    "1 copy minus live,\nafter 3,000": late.loc["copies-1"] - late.loc["live"],
    "no augmentation minus 4 copies,\nafter 3,000": (
        late.loc["none"] - late.loc["copies-4"]
    ),
}
change = pd.DataFrame(differences).T
parts = pd.DataFrame({"less accurate": change["loss after scaling"]})
parts["over-confident"] = change["loss"] - change["loss after scaling"]
ax = parts.plot.barh(stacked=True, color=["#a33b20", "#e9c46a"], figsize=(8.5, 4))
ax.set_xlabel("difference in loss on new garments")
ax.invert_yaxis()
plt.show()

# %%
in_time, _, beside, none = parts["less accurate"]
assert in_time < 0.01, "in time one copy only becomes over-confident"
assert beside > 0.09, "beside live it is less accurate, too"
assert abs(none) < 0.01, "beside four copies no augmentation is only over-confident"

# %% [markdown]
# In time, one copy only becomes over-confident. Beside live it is also less accurate, early and for good.
#
# In accuracy, one copy is 4.4 points behind live early on, and 6.6 at the end. So "one copy only becomes over-confident" is true of its own past, and false beside live.
#
# The last bar has four copies ahead of no augmentation by loss alone. Without augmentation the network is more over-confident, and about as accurate.

# %% [markdown]
# ## In the residual network, and stopped in time
#
# Can't we just stop early? We choose each run's best point on half of the new garments, and measure its loss there on the other half. In the table are the gaps to live, for the small network on 128 garments and the residual one on 512.

# %%
residual = stored.query("network == 'residual'").set_index("method")[losses]
gaps = {}
for network, means in {"small": late, "residual": residual}.items():
    for copies, method in {"1 copy": "copies-1", "4 copies": "copies-4"}.items():
        gaps[f"{network}, {copies}"] = means.loc[method] - means.loc["live"]
pd.DataFrame(gaps).T.round(2)

# %% [markdown]
# In the small network, with 128 garments, most of the gap is over-confidence, and stopping removes most of it. In the residual network about half of the gap stays after scaling, and stopping removes little. What was not learnt, neither gives back.

# %% [markdown]
# ## Is the network with the smallest gap the best?
#
# That is another gap, the *generalisation gap*: the validation loss minus that on the unchanged training images. The table has 512 garments after 3,000 updates.

# %%
more = stored.query("network == 'small' and images == 512").set_index("method")
gap = more["loss"] - more["training loss"]
table = pd.DataFrame({"generalisation gap": gap, "validation loss": more["loss"]})
table.round(3)

# %%
assert gap["copies-1"] < gap["none"] / 2, "one copy has less than half the gap"
lost = more["loss"]["copies-1"] - more["loss"]["none"]
assert round(lost, 3) == 0.083, "and the loss is higher by 0.083"

# %% [markdown]
# No. One copy has less than half the gap, and a loss that is higher by 0.083, because it knows even its own originals less well.
