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
# In lesson [04](../04_overfitting_curves.ipynb) the loss of one copy doubled while its accuracy stayed. Two things can make a loss rise: the network becomes less accurate, or it only becomes surer of its mistakes. One number separates the two. It takes about 5 minutes to read, and one to run.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.show import Claims, show_table

plots.use_style()

# %% [markdown]
# ## How sure are the mistakes?
#
# We train one copy of 128 garments in plain Keras, and keep its probabilities for new garments after 500 updates and after 3,000.

# %%
import tensorflow as tf

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments, policy = load_garments(), RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
few = subset(garments, 128)
one_copy = policy.apply(few.x_train, policy.draw(128, seed=(0, 0))).numpy()
stream = tf.data.Dataset.from_tensor_slices((one_copy, few.y_train)).shuffle(128, seed=0).repeat().batch(32)

# %%
model = small_model(seed=0)
model.compile(optimizer="adam", loss="binary_crossentropy", steps_per_execution=50)  # 50 updates at a time: faster
probabilities = {}
for update, more in [(500, 500), (3000, 2500)]:
    model.fit(stream, steps_per_epoch=more, shuffle=False, verbose=0)  # the stream is shuffled already
    probabilities[update] = model.predict(garments.x_val, batch_size=500, verbose=0)[:, 0]

# %% tags=["hide-input"]
labels = garments.y_val
rows = []
for update, p in probabilities.items():
    wrong = (p > 0.5) != (labels == 1)
    confidence = np.maximum(p, 1 - p)[wrong]
    rows.append([f"{update:,}", 100 * np.mean(wrong), 100 * np.sum(confidence > 0.99) / len(p)])
counted = pd.DataFrame(rows, columns=["updates", "wrong answers, %", "given with more than 99 %"])
show_table(counted, approximate=True, digits=0)

# %% [markdown]
# About as many answers are wrong as before, but many more of them are given with certainty, and such a mistake is expensive.
#
# ## One number splits them
#
# What goes into the sigmoid is called the *logit*. *Temperature scaling* divides every logit by one number T, chosen so that the loss becomes as small as it can ([Guo and others, 2017](https://arxiv.org/abs/1706.04599)). With T above 1, all probabilities move towards one half, and none crosses it, so no answer changes. We choose T on one half of the new garments and measure on the other.

# %%
from helpers.stats import fit_temperature, log_loss, scale

choose, rest = slice(0, None, 2), slice(1, None, 2)
rows, calibrated = [], {}
for update, p in probabilities.items():
    temperature = fit_temperature(p[choose], labels[choose])
    calibrated[update] = scale(p[rest], temperature)
    rows.append([temperature, log_loss(p[rest], labels[rest]), log_loss(calibrated[update], labels[rest])])

# %% tags=["hide-input"]
scaled = pd.DataFrame(rows, columns=["temperature", "loss", "loss after scaling"], index=["500", "3,000"])
show_table(scaled.rename_axis("updates"), approximate=True)

# %% [markdown]
# The loss rises from 0.54 to 0.89, and after scaling it doesn't rise. So each difference in loss has two parts. What scaling removes is *over-confidence*. What it leaves means *less accurate*, or more exactly, less good at telling the classes apart.
#
# ## What a calibrated network looks like
#
# Sort the new garments into ten bins by the probability of a coat that the network gives. It is *calibrated* if the share of coats in each bin is what it says.

# %% tags=["hide-input"]
def reliability(p, labels, bins):
    """Mean probability and share of coats, in bins of p."""
    place = np.minimum((p * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    filled = count > 0
    sums = [np.bincount(place, values, bins)[filled] for values in (p, labels)]
    return [part / count[filled] for part in sums]


figure, ax = plt.subplots(figsize=(6.5, 4.6))
ax.plot([0, 1], [0, 1], color="0.8", linewidth=1)
lines = {"as predicted": (probabilities[3000][rest], "#a33b20"), "after temperature scaling": (calibrated[3000], plots.BLUE)}
for name, (p, color) in lines.items():
    ax.plot(*reliability(p, labels[rest], 10), marker="o", markersize=5, label=name, color=color)
ax.set(xlabel="probability of a coat", ylabel="share of coats", xlim=(0, 1), ylim=(0, 1))
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
# *Where the network is surest, it is right less often than it says. One temperature repairs that at both ends.*

# %% [markdown]
# ## Between methods: another question
#
# So far we compared a network with its own past. Which network should you ship? For that, compare methods after the same updates. Here are the stored runs of lesson 02, twenty each.

# %% tags=["hide-input"]
from helpers.compare import summarise
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128")
at = {update: summarise(study[study["update"] <= update]).groupby("arm").mean(numeric_only=True) for update in (500, 3000)}
change = {
    "1 copy,\nfrom 500 to 3,000 updates": at[3000].loc["copies-1"] - at[500].loc["copies-1"],
    "1 copy minus live,\nafter 500 updates": at[500].loc["copies-1"] - at[500].loc["live"],
    "1 copy minus live,\nafter 3,000": at[3000].loc["copies-1"] - at[3000].loc["live"],
    "no augmentation minus 4 copies,\nafter 3,000": at[3000].loc["none"] - at[3000].loc["copies-4"],
}
split = pd.DataFrame(change).T
split["over"] = split["val_loss"] - split["val_loss_scaled"]
figure, ax = plt.subplots(figsize=(9.5, 4))
ax.barh(split.index, split["val_loss_scaled"], color="#a33b20", label="less accurate")
ax.barh(split.index, split["over"], left=split["val_loss_scaled"], color="#e9c46a", label="over-confident")
for height, (_, row) in enumerate(split.iterrows()):
    parts = f"{round(row['val_loss_scaled'], 2) + 0:.2f} + {row['over']:.2f}"  # + 0: no minus before a zero
    ax.text(row["val_loss"] + 0.01, height, parts, va="center")
ax.set(xlabel="difference in loss on new garments", xlim=(0, 0.85))
ax.invert_yaxis()
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# *In time, one copy only becomes over-confident. Beside live it is also less accurate, early and for good.*
#
# In accuracy, one copy is 4.4 points behind live after 500 updates, and 6.6 after 3,000. So "one copy only becomes over-confident" is true of its own past, and false beside live.
#
# The last bar solves the riddle of lesson 02, where four copies won 20 of 20 pairs by loss and 9 by accuracy. Without augmentation the network is more over-confident, and about as accurate.

# %% [markdown]
# ## In the residual network, and stopped in time
#
# Can't we just stop early? We choose each run's best point on half of the new garments, and measure its loss there on the other half. In the table are the gaps to live, for the small network on 128 garments and the residual one on 512.

# %% tags=["hide-input"]
law = read_results(FOLDER / "law.csv").query("model == 'residual' and dataset == 'garments' and n == 512")
rows = {}
for network, means in {"small": at[3000], "residual": summarise(law).groupby("arm").mean(numeric_only=True)}.items():
    for arm in ("copies-1", "copies-4"):
        gap = means.loc[arm] - means.loc["live"]
        rows[f"{network}, {plots.arm_label(arm)}"] = gap[["val_loss", "val_loss_scaled", "val_loss_stopped"]].to_numpy()
gaps = pd.DataFrame(rows, index=["gap in loss", "after scaling", "stopped in time"]).T
show_table(gaps.rename_axis("network and method"))

# %% [markdown]
# In the small network most of the gap is over-confidence, and stopping removes most of it. In the residual network about half of the gap stays after scaling, and stopping removes little. What was not learnt, neither gives back.

# %% [markdown]
# ## Is the network with the smallest gap the best?
#
# That is another gap, the *generalisation gap*: the validation loss minus that on the unchanged training images. The table has 512 garments after 3,000 updates.

# %% tags=["hide-input"]
more = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 512 and arm in ['none', 'copies-1']")
means = summarise(more).groupby("arm").mean(numeric_only=True).loc[["none", "copies-1"]]
generalisation = pd.DataFrame({"generalisation gap": means["val_loss"] - means["train_loss"], "validation loss": means["val_loss"]})
show_table(generalisation.rename(index=plots.arm_label).rename_axis("method"), digits=3)
loss_difference = means.loc["copies-1", "val_loss"] - means.loc["none", "val_loss"]
print(f"1 copy minus no augmentation, in validation loss: {loss_difference:.3f}")

# %% [markdown]
# No. One copy has less than half the gap and the higher loss, because it knows even its own originals less well.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
claims = Claims()
claims.check("here the loss of one copy rises by more than 0.2, and after scaling by less than 0.05",
             bool(scaled["loss"].diff().iloc[1] > 0.2 and abs(scaled["loss after scaling"].diff().iloc[1]) < 0.05))
claims.check("its wrong answers become neither a fifth more nor a fifth fewer", bool(0.8 < counted.iloc[1, 1] / counted.iloc[0, 1] < 1.2))
claims.check("those given with near certainty become more than twice as many", bool(counted.iloc[1, 2] > 2 * counted.iloc[0, 2]))
claims.check("scaling changes no answer", bool(np.all((scale(p, 5.0) > 0.5) == (p > 0.5))))
said, right = (part[-1] for part in reliability(probabilities[3000][rest], labels[rest], 10))
said_after, right_after = (part[-1] for part in reliability(calibrated[3000], labels[rest], 10))
claims.check("where it is surest of coat it says more than it gets by over 0.1, and after scaling by less than 0.1",
             bool(said - right > 0.1 > said_after - right_after))
behind = {update: 100 * (table.loc["live", "val_accuracy"] - table.loc["copies-1", "val_accuracy"]) for update, table in at.items()}
claims.check("stored: one copy is 4.4 points behind live after 500 updates, and 6.6 after 3,000",
             [round(behind[update], 1) for update in (500, 3000)] == [4.4, 6.6])
claims.check("stored: in time over 95 % of the rise is over-confidence", bool(split["over"].iloc[0] > 0.95 * split["val_loss"].iloc[0]))
claims.check("stored: beside live 0.06 to 0.11 remain after scaling, early and late", bool(split["val_loss_scaled"].iloc[1:3].between(0.06, 0.11).all()))
claims.check("stored: of no augmentation minus four copies less than 0.01 remains", bool(abs(split["val_loss_scaled"].iloc[3]) < 0.01))
small, residual = gaps.iloc[:2], gaps.iloc[2:]
claims.check("stored, small network: most of the gap is over-confidence, and stopping removes most of it",
             bool((small["after scaling"] < 0.5 * small["gap in loss"]).all() and (small["stopped in time"] < 0.5 * small["gap in loss"]).all()))
claims.check("stored, residual network: 40 to 60 % stay after scaling, and over 75 % when stopped",
             bool((100 * residual["after scaling"] / residual["gap in loss"]).between(40, 60).all()
                  and (100 * residual["stopped in time"] / residual["gap in loss"] > 75).all()))
claims.check("stored: one copy has less than half the generalisation gap, and a loss higher by 0.083",
             bool(generalisation.iloc[1, 0] < generalisation.iloc[0, 0] / 2 and round(loss_difference, 3) == 0.083))
