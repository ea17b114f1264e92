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
# # 04 Overfitting curves
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/main?urlpath=lab/tree/notebooks/04_overfitting_curves.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/04_overfitting_curves.ipynb)
#
# After this lesson you will be able to
#
# - say what `fit` reports when the training images are augmented, and which third curve it lacks;
# - measure the generalisation gap, and the update at which the validation loss turns;
# - tell over-confidence from wrong answers, and take it out with a temperature;
# - stop training at a point chosen honestly, and say how optimistic the usual choice is;
# - recognise nine kinds of training run by their curves, and say which can't be told apart.
#
# You need notebooks 00 and 01. It takes about one minute on two cores.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Find the series; on Colab, fetch it. Then start TensorFlow quietly and without a GPU: networks as small as
# ours gain nothing from one, and it adds up in another order in each run, so equal runs would differ.
import subprocess
import sys
from pathlib import Path

here = Path.cwd()
root = here / "static-versus-live"
for folder in (here.parent.parent, here.parent, here):
    if (folder / "repository.txt").exists() and (folder / "helpers/arms.py").exists():
        root = folder
if not (root / "helpers/arms.py").exists():
    options = ["--quiet", "--depth=1", "--branch=main", "--config=advice.detachedHead=false"]
    subprocess.run(["git", "clone", *options, "https://github.com/YOUR_ACCOUNT/static-versus-live", root], check=True)
sys.path[:0] = [str(root), str(root / "notebooks"), str(root / "augcheck/src")]

from helpers.setup import prepare

prepare()

# %% [markdown]
# ## A puzzle from `fit`
#
# We train the small network in plain Keras on 1,024 garments, with the augmenter as its first layer: live augmentation with the *mild* policy of lesson 01. The layer is active in training only. `clean` keeps an extra reading after each epoch, which we look at later.

# %%
import keras
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = load_garments()
part = subset(garments, 1024)
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
model = keras.Sequential([policy, small_model(seed=0)])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])

# %%
clean = []
record = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: clean.append(model.evaluate(part.x_train, part.y_train, verbose=0))
)
keras.utils.set_random_seed(0)
history = model.fit(
    part.x_train, part.y_train, epochs=15, batch_size=32, verbose=0, callbacks=[record],
    validation_data=(garments.x_val, garments.y_val), validation_batch_size=500,
).history  # fmt: skip

# %% mystnb={"image": {"alt": "Loss and accuracy of one run against epochs, as fit reports them: on validation images the loss is lower and the accuracy higher than in training, most of the time."}}
import matplotlib.pyplot as plt
from helpers import plots

plots.use_style()
epochs = range(1, 16)
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, name in zip(axes, ["loss", "accuracy"], strict=True):
    ax.plot(epochs, history[name], ":", color="0.2", label="training")
    ax.plot(epochs, history[f"val_{name}"], color=plots.BLUE, label="validation")
    ax.set(xlabel="epochs", xticks=[1, 5, 10, 15], ylabel={"loss": "loss (nats)"}.get(name, name))
axes[0].legend()
plt.show()

# %% [markdown]
# *Loss and accuracy of one run against epochs, as fit reports them: on validation images the loss is lower and the accuracy higher than in training, most of the time.*

# %%
higher = sum(v > t for v, t in zip(history["val_accuracy"], history["accuracy"], strict=True))
print(f"validation accuracy above training accuracy in ≈ {higher} of 15 epochs")
assert higher >= 10

# %% [markdown]
# ## Predict first
#
# The model does better on garments it has never seen. A common reading is *underfitting*: the model is too small, or the augmentation too strong. Is it so here? Write down what you expect its accuracy to be on the 1,024 training garments as they are: below, equal to, or above the validation accuracy?

# %% [markdown]
# ## The third curve
#
# The callback above evaluated the model after each epoch on the training images *without* augmentation. We call this the *clean training* loss or accuracy, and what `fit` reports the *shown* one, because it is taken on the images as they were shown.

# %% mystnb={"image": {"alt": "The same run with a third curve: on clean training images the loss is the lowest and the accuracy the highest, so validation lies between clean training and shown."}}
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
for ax, name, column in zip(axes, ["loss", "accuracy"], [0, 1], strict=True):
    ax.plot(epochs, history[name], ":", color="0.2", label="shown (what fit reports)")
    ax.plot(epochs, history[f"val_{name}"], color=plots.BLUE, label="validation")
    known = [reading[column] for reading in clean]
    ax.plot(epochs, known, color=plots.BLUE, linewidth=0.9, label="clean training")
    ax.set(xlabel="epochs", xticks=[1, 5, 10, 15], ylabel={"loss": "loss (nats)"}.get(name, name))
axes[0].legend()
plt.show()

# %% [markdown]
# *The same run with a third curve: on clean training images the loss is the lowest and the accuracy the highest, so validation lies between clean training and shown.*
#
# The model knows its training garments better than new ones, as always. It is the *shown* images that are hard.

# %% [markdown]
# Two things stand between shown and clean. `fit` averages over an epoch *while the weights still move*, and the images are *augmented*. To separate them, we read the final weights once on freshly augmented training images. From that reading to the clean one, only the pictures change.

# %%
fresh = policy.apply(part.x_train, policy.draw(1024, seed=(0, 99)))
steps = {
    "shown, weights moving": (history["loss"][-1], history["accuracy"][-1]),
    "augmented, weights at rest": model.evaluate(fresh, part.y_train, verbose=0),
    "clean training images": clean[-1],
    "validation images": (history["val_loss"][-1], history["val_accuracy"][-1]),
}
for name, (loss, accuracy) in steps.items():
    print(f"{name:28} loss ≈ {loss: .2f}, accuracy ≈ {accuracy: .2f}")

# %%
harder = steps["augmented, weights at rest"][0] - steps["clean training images"][0]
unseen = steps["validation images"][0] - steps["clean training images"][0]
first_lag, last_lag = (clean[e][1] - history["accuracy"][e] for e in (0, -1))  # clean[e] is (loss, accuracy)
print(f"in loss, augmented pictures cost ≈ {harder: .2f}, and new garments cost ≈ {unseen: .2f}")
print(f"clean accuracy is above shown by ≈ {first_lag: .2f} in the first epoch, ≈ {last_lag: .2f} in the last")
assert harder > 0.03 and unseen > 0.02 and first_lag > 0.05

# %% [markdown]
# So validation accuracy can exceed training accuracy because the two are taken on different pictures. Shown minus validation mixes the price of augmented pictures with the price of new garments; the two can cancel. In the first epochs the moving weights add much to it. So it is no sign of underfitting: on clean images training lies above validation, as usual.

# %% [markdown]
# ## The table of long runs
#
# From here on we mostly read the 640 runs behind lesson 01 (n = 512 garments, 3,000 updates, 20 replicates), whose table holds all three: the columns `shown_…`, `train_…` (clean training) and `val_…`. First we train a part of it again, as there: one copy only and live, 500 updates. We compare how far the shown loss lies below the clean training loss, with one copy minus with live: the table says by how much more one copy is learnt by heart, and a live arm that is secretly static would give zero.

# %%
import numpy as np
from helpers.tables import FOLDER, read_results
from helpers.stats import prediction_interval
from helpers.compare import compare, differences, summarise

stored = read_results(FOLDER / "static-versus-live.csv")
mild = stored[stored["policy"] == "mild"]
main = mild[(mild["model"] == "small") & (mild["rate"] == "constant")]
last_five = [460, 470, 480, 490, 500]
retrained = compare(
    garments, ["copies-1", "live"], policy, n=512, updates=500, replicates=[0, 20, 21, 22], evaluate_at=last_five
)

# %%
def by_heart(table):
    """Clean training minus shown loss, of one copy minus that of live, by replicate."""
    runs = summarise(table)
    runs = runs.assign(below=runs["train_loss"] - runs["shown_loss"])
    return differences(runs, "copies-1", "live", "below")


expected, again = by_heart(main[main["update"] <= 500]), by_heart(retrained)
interval = prediction_interval(expected, size=3)
print(f"replicate 0: table {expected[0]:.3f}, now ≈ {again[0]: .3f}")
print(f"new ones: [{interval.low:.3f}, {interval.high:.3f}] predicted, now ≈ {again[1:].mean(): .3f}")
assert abs(again[0] - expected[0]) < 0.01 and 0 < interval.low < again[1:].mean() < interval.high

# %% [markdown]
# One run may be chance; the table has twenty. Here are three arms under the *wide* policy of lesson 01, with almost the same shown accuracy at the end. What would you conclude about them from `fit`'s training curve?

# %%
wide_runs = summarise(stored[(stored["policy"] == "wide") & (stored["model"] == "small")])
three = wide_runs.groupby("arm")[["shown_accuracy", "train_accuracy", "val_accuracy"]].mean()
print(f"{'accuracy, wide policy':24}{'shown':>9}{'clean training':>16}{'validation':>12}")
for arm in ["copies-4", "originals+4", "live-1/2"]:
    print(f"{plots.arm_label(arm):24}" + "{:9.3f}{:16.3f}{:12.3f}".format(*three.loc[arm]))

# %%
from helpers.stats import paired_interval

by_arm = wide_runs.pivot(index="replicate", columns="arm")
shown, known, new = (by_arm[column] for column in ["shown_accuracy", "train_accuracy", "val_accuracy"])
above = paired_interval(new["live-1/2"] - shown["live-1/2"])
print("live, 1/2 augmented: validation minus shown {:.3f} [{:.3f}, {:.3f}]".format(*above))
assert above.low > 0.03 and paired_interval(known["live-1/2"] - new["live-1/2"]).low > 0.05
assert abs(paired_interval(shown["live-1/2"] - shown["copies-4"]).mean) < 0.01
assert paired_interval(new["live-1/2"] - new["copies-4"]).low > 0.15

# %% [markdown]
# Nothing, it turns out. The three agree in shown accuracy to 0.003, and their validation accuracies differ by 0.18. Live with half of the images left clean would be called underfitted, its training accuracy 0.04 below validation; on clean training images it is right 97 times in 100.

# %% [markdown]
# ## Predict: which arms overfit?
#
# Back to the mild policy and the eleven arms of lesson 01. A run *overfits* once its validation loss rises while training goes on. Which arms will overfit within 3,000 updates, and which of the three curves will tell?

# %% [markdown]
# The table evaluates five times in the last tenth of 500, 1,000 and 3,000 updates. We average each five to one *reading* (at 480, 960 and 2,880 on average), since single evaluations jump; elsewhere there is one evaluation a reading.

# %%
def readings(table, budgets=(500, 1000, 3000)):
    update = table["update"]
    for budget in budgets:
        last_tenth = (update > 0.9 * budget) & (update <= budget)
        update = update.mask(last_tenth, round(0.96 * budget))
    keys = [key for key in ("model", "rate", "arm", "replicate", "update") if key in table]
    return table.assign(update=update).groupby(keys, sort=False, as_index=False).mean(numeric_only=True)


read = readings(mild)
constant = read[(read["model"] == "small") & (read["rate"] == "constant")]
print("readings after", *constant["update"].unique(), "updates")

# %% [markdown]
# Two functions for the figures: `draw` plots the mean of one column over the replicates, with its 95 % interval as a band; `draw_three` plots the three curves of an arm, validation thick, clean training thin, shown dotted.

# %%
def draw(ax, curves, metric, **style):
    values = curves.pivot(index="update", columns="replicate", values=metric)
    middle, low, high = np.array([paired_interval(row) for row in values.to_numpy()]).T
    ax.plot(values.index, middle, **style)
    ax.fill_between(values.index, low, high, color=style["color"], alpha=0.18, lw=0)


def draw_three(ax, curves, arm):
    curves, color = curves[curves["arm"] == arm], plots.arm_style(arm)["color"]
    draw(ax, curves, "shown_loss", color="0.2", linestyle=":", linewidth=1.5)
    draw(ax, curves, "train_loss", color=color, linewidth=0.9)
    draw(ax, curves, "val_loss", color=color, linewidth=2.2)
    ax.set_title(plots.arm_label(arm), color=color)

# %% mystnb={"image": {"alt": "Three curves for eleven arms: the validation loss of none, one copy only and originals + 1 copy turns upwards, all others end nearly flat; for one copy only the shown loss falls far below the clean training loss, for live it stays above it."}}
GRID = [["copies-1", "copies-4", "copies-16", "none"],
        ["originals+1", "originals+4", "originals+16", None],
        ["live-1/2", "live-4/5", "live-16/17", "live"]]  # fmt: skip
figure, axes = plt.subplots(3, 4, sharex=True, sharey=True, figsize=(9.4, 7))
for ax, arm in zip(axes.flat, sum(GRID, []), strict=True):
    if arm:
        draw_three(ax, constant, arm)
axes[0, 0].set(ylim=(0, 0.65), xlim=(0, 3000), xticks=[0, 1000, 2000])
for height, text in [(0.56, "validation"), (0.24, "clean training"), (0.14, "shown")]:
    axes[0, 0].text(2950, height, text, ha="right", fontsize=9)
axes[1, 3].axis("off")
figure.supxlabel("gradient updates", fontsize=10)
figure.supylabel("loss (nats)", fontsize=10)
plt.show()

# %% [markdown]
# *Three curves for eleven arms: the validation loss of none, one copy only and originals + 1 copy turns upwards, all others end nearly flat; for one copy only the shown loss falls far below the clean training loss, for live it stays above it.*
#
# Means over 20 replicates. In each of the first three columns, the lower two rows pair arms of equal clean share.

# %% [markdown]
# The shown curve falls in every panel and tells nothing about the turn. But shown *below* clean training, as in the first panel, is a sign of its own: the model knows its fixed copies better than the originals, which it has never seen; even the clean training loss rises there. Under live augmentation no augmented picture comes twice, and shown stays above clean training.

# %%
at_end = constant[constant["update"] == 2880]
memorised = at_end.pivot(index="replicate", columns="arm", values="train_loss") - at_end.pivot(
    index="replicate", columns="arm", values="shown_loss"
)
for arm in ["copies-1", "copies-4", "copies-16", "live"]:
    interval = paired_interval(memorised[arm])
    print(f"{plots.arm_label(arm):16} clean training minus shown " + "{: .3f} [{: .3f}, {: .3f}]".format(*interval))
assert paired_interval(memorised["copies-1"]).low > 0.1 and abs(paired_interval(memorised["copies-4"]).mean) < 0.02
assert paired_interval(memorised["copies-16"]).high < 0 and paired_interval(memorised["live"]).high < 0

# %% [markdown]
# With four copies the sign is gone already: its absence doesn't prove that augmentation is live.
#
# ## The generalisation gap
#
# The *generalisation gap* is validation loss minus clean training loss, both with the same weights. (With the shown loss in its place, the difficulty of the augmentation would be mixed in.) Does the arm with the smallest gap have the smallest validation loss?

# %% mystnb={"image": {"alt": "Generalisation gap of six arms against updates: it grows in all of them, fastest for none, then originals + 1 copy; one copy only, four copies and live grow slowest."}}
constant = constant.assign(gap=constant["val_loss"] - constant["train_loss"])
six = ["none", "copies-1", "originals+1", "copies-4", "live-1/2", "live"]
figure, ax = plt.subplots(figsize=(6.5, 3.8))
plots.plot_curves(ax, constant[constant["arm"].isin(six)], "gap", label=False)
ax.set(ylabel="generalisation gap (nats)", ylim=(0, 0.45))
plots.label_ends(ax, constant[constant["update"] == 2880].groupby("arm")["gap"].mean()[six].to_dict())
plt.show()

# %% [markdown]
# *Generalisation gap of six arms against updates: it grows in all of them, fastest for none, then originals + 1 copy; one copy only, four copies and live grow slowest.*

# %%
from helpers.stats import MARGINS, judge, verdict

last = constant[constant["update"] == 2880]
table = last.pivot(index="replicate", columns="arm", values=["gap", "val_loss"])
for first, second in [("copies-1", "none"), ("live-1/2", "live")]:
    for metric in ["gap", "val_loss"]:
        interval = paired_interval(table[metric, first] - table[metric, second])
        word = verdict(interval, MARGINS["val_loss"], lower_is_better=True) if metric == "val_loss" else ""
        print(f"{first:8} minus {second:5} {metric:9}" + "{: .3f} [{: .3f}, {: .3f}] ".format(*interval), word)
assert paired_interval(table["gap", "copies-1"] - table["gap", "none"]).high < -0.1
assert paired_interval(table["val_loss", "copies-1"] - table["val_loss", "none"]).low > 0.02
assert paired_interval(table["gap", "live-1/2"] - table["gap", "live"]).low > 0.05
assert max(abs(end) for end in paired_interval(table["val_loss", "live-1/2"] - table["val_loss", "live"])) < 0.02

# %% [markdown]
# No: the gap is no verdict. One copy only has less than half the gap of `none` (0.18 and 0.40) and a higher validation loss, since it knows the originals less well. And live with clean images has the larger gap, at an equivalent validation loss. The gap says how much better a model knows its training images; how good it is, the validation loss says.

# %% [markdown]
# ## Where does it turn?
#
# We say that a replicate has *turned* when its last reading lies above its lowest by more than our margin, 0.02. Its turn is the update of the lowest reading.

# %%
def turns(table):
    found = {}
    for arm, part in table.groupby("arm", sort=False):
        loss = part.pivot(index="update", columns="replicate", values="val_loss")
        turned = loss.iloc[-1] - loss.min() > 0.02
        found[arm] = turned.mean(), loss.idxmin()[turned].median()
    return found


constant_turns = turns(constant)
final_gaps = last.groupby("arm")["gap"].mean()
for arm, (share, update) in constant_turns.items():
    row = f"{plots.arm_label(arm):24} gap at the end {final_gaps[arm]:.3f}, turned in {share:4.0%}"
    print(row + (f", median {update:,.0f}" if share else ""))

# %%
assert constant_turns["none"][0] == constant_turns["copies-1"][0] == 1 and constant_turns["originals+1"][0] > 0.8
assert all(constant_turns[arm][0] < 0.2 for arm in ["copies-16", "originals+16", "live", "live-1/2", "live-4/5"])

# %% [markdown]
# Live does not turn within 3,000 updates, and sixteen copies only don't either; a single picture of each garment always does, near 1,000. Originals with one copy turn nearly always, four copies in one replicate of three: the more copies, the fewer runs turn in this time.

# %% [markdown]
# The turns are coarse: readings lie up to 880 updates apart, so that "960" means somewhere between 480 and 1,500. And a smaller margin would call more replicates turned. For a finer look we train ourselves.

# %% [markdown]
# ## Predict: a quarter of the garments
#
# A quarter of the garments, n = 128; `none`, one copy only, live; eight replicates of 400 updates, evaluated every 40 to 60 and five times in the last tenth. We write out the loop of `compare`, to keep the predictions. Where will `none` turn: later than at n = 512, at the same update, or earlier? And after 400 updates, which arm has the highest accuracy?

# %%
import pandas as pd
from helpers.progress import progress
from helpers.arms import drawn_batches, schedule, stored_batches
from helpers.training import Trainer

ARMS, EVALUATIONS = ["none", "copies-1", "live"], [40, 80, 120, 160, 200, 240, 300, 360, 368, 376, 384, 392, 400]
trainer, curves, predictions = Trainer(policy=policy), [], {arm: [] for arm in ARMS}
for replicate in progress(range(8), 8, "replicates"):
    few = subset(garments, 128, replicate)
    for arm in ARMS:
        make = drawn_batches if arm == "live" else stored_batches  # drawn in training, or a pool made before
        batches = make(few.x_train, few.y_train, schedule(arm, 128, 400, replicate), policy, replicate)
        curve = trainer.run(few, batches, 400, replicate, EVALUATIONS)
        curves.append(curve.assign(arm=arm, replicate=replicate))
        predictions[arm].append(trainer.predict(garments.x_val))
curves = pd.concat(curves)

# %% mystnb={"image": {"alt": "Three curves for three arms at n = 128: the validation loss of none and of one copy turns near 200 updates, live hardly rises; its shown loss lies above its clean training loss."}}
read_here = readings(curves, budgets=[400])
figure, axes = plt.subplots(1, 3, sharex=True, sharey=True, figsize=(9, 3.3))
for ax, arm in zip(axes, ARMS, strict=True):
    draw_three(ax, read_here, arm)
    ax.set(xlabel="gradient updates", xlim=(0, 400))
axes[0].set(ylabel="loss (nats)", ylim=(0, 0.7))
for height, text in [(0.56, "validation"), (0.41, "clean training"), (0.06, "shown")]:
    axes[1].text(395, height, text, ha="right", fontsize=9)
plt.show()

# %% [markdown]
# *Three curves for three arms at n = 128: the validation loss of none and of one copy turns near 200 updates, live hardly rises; its shown loss lies above its clean training loss.*

# %%
here = turns(read_here)
for arm in ARMS:
    print(f"{arm:8} turned in ≈ {8 * here[arm][0]:.0f} of 8 replicates")
print(f"median turn of none ≈ {here['none'][1]:.0f}")
assert here["none"][0] > 0.8 and here["copies-1"][0] > 0.5 and here["live"][0] < 0.5
assert 80 <= here["none"][1] <= 320

# %% [markdown]
# Without augmentation the loss turned far earlier than at n = 512, near 200 updates in place of 1,000. Counted in passes over the data the two are closer, about 50 and 60; readings as coarse as these only suggest that the passes matter.

# %% [markdown]
# Now the verdicts on live against none, first in loss, then in accuracy (margins 0.02 and 0.01, paired 95 % intervals, as in lesson 01). In which of the two do you expect the arms to differ?

# %%
from helpers.compare import report

small = summarise(curves)
verdicts = {}
for metric in ["val_loss", "val_accuracy"]:
    print(metric)
    words = report(small, [("live", "none"), ("live", "copies-1")], metric, stored=False)
    verdicts[metric] = words["live", "none"]
    assert words["live", "copies-1"] == "better"
assert verdicts["val_loss"] == "better" != verdicts["val_accuracy"]

# %% [markdown]
# ## Why loss separates the arms and accuracy hardly does
#
# Live is better than `none` in loss, and in accuracy eight replicates can't tell; if you named live for the highest accuracy, nothing here supports it yet. One copy only is behind in both. Why do the two measures disagree?

# %% [markdown]
# Accuracy asks on which side of one half a probability lies. Loss is −ln of the probability given to the true class: a wrong answer at 0.9 costs 2.3 nats, at 0.999 it costs 6.9. The same mistakes, made with more confidence, cost three times as much.

# %%
for given_to_the_wrong_class in (0.6, 0.9, 0.99, 0.999):
    print(f"wrong with probability {given_to_the_wrong_class}: loss {-np.log(1 - given_to_the_wrong_class):.1f} nats")

# %% [markdown]
# The *confidence* of an answer is the probability of the class that was chosen, 0.5 to 1. Here are the probabilities of *coat* for the 2,000 validation garments, at the end of the runs above, over all eight replicates together.

# %% mystnb={"image": {"alt": "Histogram of the predicted probability of coat: all arms pile up at 0 and 1, no augmentation most and live least."}}
figure, ax = plt.subplots(figsize=(6.5, 3.2))
bins, tops = np.linspace(0, 1, 21), {}
for arm in ARMS:
    counts, _ = np.histogram(np.concatenate(predictions[arm]), bins)
    ax.stairs(counts / counts.sum(), bins, color=plots.arm_style(arm)["color"], linewidth=1.8)
    tops[arm] = counts[-1] / counts.sum()
ax.set(xlabel="predicted probability of coat", ylabel="share of predictions", xlim=(0, 1))
plots.label_ends(ax, tops)
plt.show()

# %% [markdown]
# *Histogram of the predicted probability of coat: all arms pile up at 0 and 1, no augmentation most and live least.*
#
# Being sure is no fault if one is right. A classifier is *calibrated* if, of the garments to which it gives 0.9, nine in ten are coats; it is *over-confident* where its mean confidence is above its accuracy.

# %%
surplus = {
    arm: [np.maximum(p, 1 - p).mean() - np.mean((p > 0.5) == garments.y_val) for p in predictions[arm]] for arm in ARMS
}
for arm in ARMS:
    print(f"{arm:8} confidence minus accuracy ≈ {{: .2f}} [≈ {{: .2f}}, ≈ {{: .2f}}]".format(*paired_interval(surplus[arm])))
assert paired_interval(surplus["none"]).low > 0.02  # one copy is less confident, but less often right as well
assert paired_interval(np.subtract(surplus["none"], surplus["live"])).low > 0.02

# %% [markdown]
# ## Temperature scaling
#
# Guo and others (*On Calibration of Modern Neural Networks*, 2017) mend over-confidence with one number. The *logit* is what goes into the sigmoid; divide it by a *temperature* T, chosen so that the loss on held-out images is lowest. T > 1 draws probabilities towards one half. No answer changes side, so accuracy stays.

# %%
from helpers.stats import fit_temperature, scale

even, odd = slice(0, None, 2), slice(1, None, 2)  # T is fitted on images of even number, read on the others
temperatures = {arm: [fit_temperature(p[even], garments.y_val[even]) for p in predictions[arm]] for arm in ARMS}
for arm in ARMS:
    print(f"{arm:8} temperature ≈ {np.mean(temperatures[arm]): .2f}")
    for p, t in zip(predictions[arm], temperatures[arm], strict=True):
        assert np.mean((scale(p, t) > 0.5) != (p > 0.5)) == 0
assert paired_interval(np.subtract(temperatures["none"], temperatures["live"])).low > 0.2

# %% [markdown]
# A *reliability diagram* shows calibration: sort the predictions into ten bins, and draw the share of coats in each bin against the mean probability there. A calibrated classifier lies on the diagonal; an over-confident one is too flat.

# %%
def reliability(p, labels):
    """Mean probability of coat and share of coats, in ten bins of p."""
    tenth = np.minimum((p * 10).astype(int), 9)
    count = np.bincount(tenth, minlength=10)
    return np.bincount(tenth, p, 10) / count, np.bincount(tenth, labels, 10) / count


labels = garments.y_val[odd]
before = {arm: [reliability(p[odd], labels) for p in predictions[arm]] for arm in ARMS}
after = {
    arm: [reliability(scale(p[odd], t), labels) for p, t in zip(predictions[arm], temperatures[arm], strict=True)]
    for arm in ARMS
}

# %% mystnb={"image": {"alt": "Reliability diagrams before and after temperature scaling: before, none and one copy only are flatter than the diagonal, live is close to it or above but for the top; after, all three come close to it at both ends, and in the middle live and one copy lie above it."}}
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(8.4, 3.9))
for ax, diagrams, title in zip(axes, [before, after], ["as predicted", "divided by the temperature"], strict=True):
    ax.plot([0, 1], [0, 1], color="0.8", linewidth=1)
    for arm in ARMS:
        mean_p, coats = np.array(diagrams[arm]).mean(axis=0)
        low, high = np.array([paired_interval(bin) for bin in np.array(diagrams[arm])[:, 1].T])[:, 1:].T
        ax.plot(mean_p, coats, marker="o", markersize=3.5, label=plots.arm_label(arm), **plots.arm_style(arm))
        ax.fill_between(mean_p, low, high, color=plots.arm_style(arm)["color"], alpha=0.18, lw=0)
    ax.set(title=title, xlabel="mean predicted probability of coat", xlim=(0, 1), ylim=(0, 1))
axes[0].set(ylabel="share of coats")
axes[0].legend(loc="upper left")
plt.show()

# %% [markdown]
# *Reliability diagrams before and after temperature scaling: before, none and one copy only are flatter than the diagonal, live is close to it or above but for the top; after, all three come close to it at both ends, and in the middle live and one copy lie above it.*

# %%
def excess_at_the_top(diagrams):
    """Mean probability minus share of coats where the model says coat most surely."""
    return np.mean([mean_p[9] - coats[9] for mean_p, coats in diagrams])


for arm in ARMS:
    print(f"{arm:8} ≈ {excess_at_the_top(before[arm]): .2f} before, ≈ {excess_at_the_top(after[arm]): .2f} after")
assert excess_at_the_top(before["none"]) > 0.04 > excess_at_the_top(after["none"])

# %% [markdown]
# Of the garments that `none` calls coats most surely, fewer are coats than it says; scaling mends that. In the middle live and one copy still call too few garments coats; a temperature can't mend that, since it moves all answers towards or away from one half.

# %% [markdown]
# What does scaling leave of the differences in loss? (`val_loss_scaled` fits T on one half of the validation images and reads the other, both ways round.)

# %%
verdicts["val_loss_scaled"] = report(small, [("live", "none"), ("live", "copies-1")], "val_loss_scaled", stored=False)
assert verdicts["val_loss_scaled"] == {("live", "none"): "equivalent", ("live", "copies-1"): "better"}

# %% [markdown]
# Scaled, `none` and live are equivalent here: what over-confidence does not explain is within our margin. One copy only stays behind, as it does in accuracy; it has learned something worse, not only too loudly. And in the long runs?

# %% mystnb={"image": {"alt": "Validation loss, scaled validation loss and validation accuracy of three arms against updates: only the unscaled loss of none and one copy rises after 1,000 updates."}}
units = {"val_loss": "validation loss (nats)", "val_loss_scaled": "the same, scaled", "val_accuracy": "validation accuracy"}
figure, axes = plt.subplots(1, 3, sharex=True, figsize=(9.8, 3.2))
for ax, (metric, unit) in zip(axes, units.items(), strict=True):
    plots.plot_curves(ax, constant[constant["arm"].isin(ARMS)], metric, label=metric == "val_accuracy")
    ax.set(title=unit, ylim=(0.7, 0.9) if metric == "val_accuracy" else (0.25, 0.57))
plt.show()

# %% [markdown]
# *Validation loss, scaled validation loss and validation accuracy of three arms against updates: only the unscaled loss of none and one copy rises after 1,000 updates.*

# %%
for arm in ["none", "copies-1"]:
    part = constant[constant["arm"] == arm]
    for metric in units:
        values = part.pivot(index="replicate", columns="update", values=metric)
        change, _, word = judge(values[2880] - values[960], metric)
        print(f"{arm:8} {metric:15} from 960 to 2,880: " + "{: .3f} [{: .3f}, {: .3f}] ".format(*change), word)
        if metric == "val_loss":
            assert change.low > 0.05
        else:
            assert max(map(abs, change)) < (0.02 if metric == "val_loss_scaled" else 0.01)

# %% [markdown]
# After 960 updates the loss of `none` rises by 0.1 without its answers getting worse: scaled loss and accuracy stay equivalent to what they were. Guo and others saw the same in far larger networks. Overfitting, on these garments, is growing over-confidence.

# %% [markdown]
# What scaling leaves at 3,000 updates, n = 512: live is better than none by 0.03 in scaled loss, of 0.14 unscaled, and by 0.014 in accuracy. That is a difference of what was learned.

# %%
runs = summarise(main)
for metric in units:
    print(f"{metric:16}", end="")
    verdicts[metric] = report(runs, [("live", "none")], metric)["live", "none"]
assert {verdicts[metric] for metric in units} == {"better"}

# %% [markdown]
# ## Early stopping, done honestly
#
# If the loss turns, one may keep the weights of the best epoch, as `keras.callbacks.EarlyStopping(restore_best_weights=True)` does. But the lowest of many readings is low partly by luck. So choose on one half of the validation images and read on the other: `val_loss_stopped`, both ways round. How much lower, do you think, is the loss on the half that chose?

# %%
def optimism(run):
    """Honest minus optimistic: chosen on a half and read on the other, against read on the same half."""
    halves = run["val_loss_even"].to_numpy(), run["val_loss_odd"].to_numpy()
    best = [half.argmin() for half in halves]
    return np.mean([halves[1][best[0]] - halves[1][best[1]], halves[0][best[1]] - halves[0][best[0]]])  # best[0]: by even images


luck = {
    arm: paired_interval([optimism(run) for _, run in part.groupby("replicate")])
    for arm, part in main.groupby("arm", sort=False)
}

# %%
means = runs.groupby("arm", sort=False)[["val_loss", "val_loss_stopped"]].mean()
print(f"{'validation loss':26}{'at the end':>12}{'stopped':>10}   optimism of the same half")
for arm in luck:
    numbers = "{:12.3f}{:10.3f}".format(*means.loc[arm])
    print(f"{plots.arm_label(arm):26}{numbers}   " + "{:.4f} [{:.4f}, {:.4f}]".format(*luck[arm]))
assert all(interval.high < 0.01 for interval in luck.values())
assert luck["none"].low > 0 and means.loc["none"].diff().iloc[1] < -0.1

# %% [markdown]
# It can't come out negative; the question is its size: 0.001 to 0.004, at most a fifth of our margin, since a half of 1,000 images chooses among 21 evaluations of one curve. Stopping itself changes far more, 0.11 for none.

# %% [markdown]
# But who has 1,000 images to choose with? *Predict* the optimism with a twentieth of them, halves of 50. We train `none` again, in 12 replicates, each with only 100 validation images of its own. (These runs are also shorter and have 128 garments, so the comparison is a rough one.)

# %%
lucky = []
for replicate in progress(range(12), 12, "replicates"):
    few = subset(garments, 128, replicate)
    few = few._replace(x_val=garments.x_val[replicate::20], y_val=garments.y_val[replicate::20])
    batches = drawn_batches(few.x_train, few.y_train, schedule("none", 128, 320, replicate), policy, replicate)
    lucky.append(optimism(trainer.run(few, batches, 320, replicate, evaluate_at=range(20, 321, 20))))
print("100 validation images: optimism ≈ {: .2f} [≈ {: .2f}, ≈ {: .2f}]".format(*paired_interval(lucky)))
assert paired_interval(lucky).mean > 0.02 and paired_interval(lucky).low > luck["none"].high

# %% [markdown]
# With 50 images a half, the loss at "the best epoch" is too good by about 0.04, twice our margin and more than many differences in this series. So report from images that chose nothing. (Stopping did not settle live against `none`: three quarters of the advantage go, as lesson 01 found, and live stays better by 0.03.)

# %% [markdown]
# ## Capacity and schedule
#
# *Predict first*: the deeper network of lesson 01 (two convolutions and a hidden layer) can learn more by heart. Does it need augmentation more than the small one? Will live turn in it? And does a learning rate that decays to zero replace augmentation?

# %% mystnb={"image": {"alt": "Validation loss of none, four copies and live in three panels: with the small network a decayed rate flattens the turn of none, with the deeper one all three turn, none and four copies to above 0.7."}}
PANELS = {"small network, constant rate": ("small", "constant"), "small network, rate decayed": ("small", "decay"),
          "deeper network, constant rate": ("deeper", "constant")}  # fmt: skip
figure, axes = plt.subplots(1, 3, sharex=True, sharey=True, figsize=(9.4, 3.6))
axes[0].set(ylabel="validation loss (nats)", ylim=(0.2, 0.85))
for ax, (title, (which, rate)) in zip(axes, PANELS.items(), strict=True):
    some = read[(read["model"] == which) & (read["rate"] == rate)]
    plots.plot_curves(ax, some[some["arm"].isin(["none", "copies-4", "live"])], "val_loss")
    ax.set_title(title)
plt.show()

# %% [markdown]
# *Validation loss of none, four copies and live in three panels: with the small network a decayed rate flattens the turn of none, with the deeper one all three turn, none and four copies to above 0.7.*

# %%
all_turns = [turns(read[(read["model"] == which) & (read["rate"] == rate)]) for which, rate in PANELS.values()]
print(f"{'share turned, median':22}" + "".join(f"{title:>30}" for title in PANELS))
for arm in ["none", "copies-4", "live-1/2", "live"]:
    cells = [f"{turned[arm][0]:.0%}" + (f" at {turned[arm][1]:,.0f}" if turned[arm][0] else "") for turned in all_turns]
    print(f"{plots.arm_label(arm):22}" + "".join(f"{cell:>30}" for cell in cells))
assert all(share == 1 for share, _ in all_turns[2].values())
assert {arm for arm, (share, _) in all_turns[1].items() if share > 0} == {"none", "copies-1"}
assert all_turns[2]["none"][1] < all_turns[2]["copies-4"][1] < all_turns[2]["live"][1]

# %% [markdown]
# The deeper network turns in every arm and replicate, live included: augmentation puts its turn off and does not prevent it. No picture comes twice, and yet each is made from the same 512 garments, which it learns by heart in time: at the end it is right on 98 % of the clean ones (printed below the next table).

# %%
by_model = [summarise(mild[(mild["model"] == m) & (mild["rate"] == "constant")]) for m in ("small", "deeper")]
print(f"{'live minus none':18}{'small network':>24}{'deeper network':>24}{'difference of the two':>26}")
more = {}
for metric in ["val_loss", "val_loss_stopped", "val_loss_scaled", "val_accuracy"]:
    small_d, deep_d = (differences(runs_of, "live", "none", metric) for runs_of in by_model)
    more[metric] = paired_interval(deep_d - small_d)
    cells = ["{: .3f} [{: .3f}, {: .3f}]".format(*paired_interval(d)) for d in (small_d, deep_d, deep_d - small_d)]
    print(f"{metric:18}" + "".join(f"{cell:>25}" for cell in cells), judge(deep_d - small_d, metric)[2])

# %%
assert more["val_loss"].high < -0.2
known = by_model[1].groupby("arm")["train_accuracy"].mean()["live"]
print(f"deeper network, live: accuracy {known:.2f} on the clean training garments")
assert known.round(2) == 0.98
assert verdict(more["val_loss_stopped"], MARGINS["val_loss"], lower_is_better=True) == "undecided"
assert verdict(more["val_loss_scaled"], MARGINS["val_loss"], lower_is_better=True) == "equivalent"
assert verdict(more["val_accuracy"], MARGINS["val_accuracy"], lower_is_better=False) == "equivalent"

# %% [markdown]
# Trained to the end at a constant rate, the deeper network needs augmentation three times as much: live saves it 0.40 nats, the small one 0.14. Scaled, or in accuracy, what live gains is equivalent for both; stopped, it is undecided. Capacity multiplied the over-confidence.

# %%
decayed = summarise(mild[mild["rate"] == "decay"])
for metric in ["val_loss", "val_loss_scaled", "val_accuracy"]:
    print(f"{metric:16}", end="")
    verdicts["decay", metric] = report(decayed, [("live", "none")], metric)["live", "none"]
assert {verdicts["decay", metric] for metric in units} == {"better"}
assert differences(decayed, "live", "none").mean() > differences(runs, "live", "none").mean() / 2

# %% [markdown]
# Decay is no replacement. It takes away more than half of live's advantage in loss, and what is left is still *better*, scaled or in accuracy too. Even with a rate that ends at zero, `none` overfits: 60 % of its replicates had turned, and no replicate of four copies or live.

# %% [markdown]
# ## Nine runs to diagnose
#
# For a class, or for yourself: nine real runs of the small network, one replicate each, as `fit` would show them (the training loss averaged since the last point). Some are well, some have a bug. The next two cells make them and give the answers away: run them unread, and go to the figure.

# %%
fewer = garments._replace(x_val=garments.x_val[:500], y_val=garments.y_val[:500])
wide = RandomAffine(20, 0.2, 0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)


def single(n, arm, updates, policy=policy, x_val=lambda x: x, y_train=lambda y: y, rate=0.001):
    few = subset(fewer, n)
    few = few._replace(x_val=x_val(few.x_val), y_train=y_train(few.y_train))
    batches = drawn_batches(few.x_train, few.y_train, schedule(arm, n, updates), policy, 0)
    return trainer.run(few, batches, updates, evaluate_at=range(updates // 20, updates + 1, updates // 20), rate=rate)


# %%
def augmented(x):
    return policy.apply(x, policy.draw(len(x), seed=(0, 77))).numpy()


nine = {
    "F": single(1024, "live", 400),
    "B": single(128, "none", 500),
    "H": single(128, "copies-1", 500),
    "A": single(1024, "live", 400, x_val=augmented),
    "D": single(512, "live", 400, wide),
    "G": single(512, "live", 40),
    "C": single(128, "none", 500, y_train=np.random.default_rng(0).permutation),
    "I": single(512, "live", 200, x_val=lambda x: 255 * x),
    "E": single(512, "live", 200, rate=0.2),
}

# %% mystnb={"image": {"alt": "Nine unlabelled panels, A to I, each with the training loss that fit would show and the validation loss of one run, and the two accuracies at its end."}}
figure, axes = plt.subplots(3, 3, figsize=(9.4, 7.4))
for ax, letter in zip(axes.flat, sorted(nine), strict=True):
    run = nine[letter]
    ax.plot(run["update"], run["shown_loss"], ":", color="0.2", label="training, as fit reports it")
    ax.plot(run["update"], run["val_loss"], color=plots.BLUE, label="validation")
    ends = "accuracy {:.2f} training, {:.2f} validation".format(*run[["shown_accuracy", "val_accuracy"]].iloc[-1])
    ax.set_title(f"{letter}: {ends}", fontsize=9)
    ax.set_ylim(0, 1.08 * run[["shown_loss", "val_loss"]].to_numpy().max())
figure.supxlabel("gradient updates", fontsize=10)
figure.supylabel("loss (nats)", fontsize=10)
figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=2)
plt.show()

# %% [markdown]
# *Nine unlabelled panels, A to I, each with the training loss that fit would show and the validation loss of one run, and the two accuracies at its end.*
#
# Every panel has its own axes: read the numbers on them. For each: what is it, what do you check next, and which other panel could it be mistaken for?

# %% [markdown]
# <details><summary>Answers A, B, C</summary>
#
# **A** The validation images are augmented, too. It is the run of F, and its two curves lie closer together than F's; but its loss is a little too high, read on harder pictures (its accuracy, of 500 images, doesn't show it). Mistaken for F: look at the validation images.
#
# **B** Overfitting: no augmentation, 128 garments. Mistaken for H: evaluate on the clean training images.
#
# **C** Images shuffled without their labels: the network learns them by heart, and validation starts at ln 2 = 0.69, chance, and rises from there.
#
# </details>

# %% [markdown]
# <details><summary>Answers D, E, F</summary>
#
# **D** Too strong a policy (the wide one): training hardly gets off the ground, validation does better. Mistaken for G, but after 400 updates; milder ranges, clean images or more updates would help.
#
# **E** The learning rate is too high (0.2, in place of 0.001): the training loss starts at 16 nats and falls at once to 0.69, where both stay, as if each answer were one half.
#
# **F** Nothing is wrong: live, 1,024 garments. A training loss above validation is no fault.
#
# </details>

# %% [markdown]
# <details><summary>Answers G, H, I</summary>
#
# **G** Too few updates: look at the axis, 40. Both still fall; train on before you judge.
#
# **H** Frozen augmentation: "live" that draws the same copy in each epoch. It looks like B.
#
# **I** Validation images not rescaled to [0, 1]: a loss of several nats at a good accuracy. The logits are about 255 times too large, so every answer is given with certainty.
#
# </details>

# %%
ends = {letter: run.iloc[-5:].mean() for letter, run in nine.items()}  # single evaluations jump
assert ends["A"]["val_loss"] > ends["F"]["val_loss"]
assert ends["B"]["val_loss"] > nine["B"]["val_loss"].min() + 0.05 and ends["B"]["shown_accuracy"] > 0.96
assert ends["C"]["shown_accuracy"] > 0.9 and abs(ends["C"]["val_accuracy"] - 0.5) < 0.1
assert ends["D"]["shown_accuracy"] < 0.75 and ends["D"]["val_loss"] < ends["D"]["shown_loss"] + 0.05
assert abs(ends["E"]["val_loss"] - np.log(2)) < 0.1
assert ends["F"]["shown_loss"] > ends["F"]["val_loss"]
assert ends["G"]["val_loss"] > ends["F"]["val_loss"] + 0.1
assert ends["H"]["shown_loss"] < 0.25
assert ends["I"]["val_loss"] > 1 and ends["I"]["val_accuracy"] > 0.7

# %% [markdown]
# B and H look alike, and so do A and F. A third reading tells the first pair apart: the clean training loss. Where augmentation is frozen, the shown loss lies far below it. The second pair needs another check: look at the validation images themselves. Are they tilted, shifted, flipped?

# %%
for letter, meaning in [("B", "no augmentation"), ("H", "frozen")]:
    shown, known = ends[letter]["shown_loss"], ends[letter]["train_loss"]
    print(f"{letter}, {meaning:16} shown loss ≈ {shown: .2f}, clean training loss ≈ {known: .2f}")
assert ends["H"]["train_loss"] > ends["H"]["shown_loss"] + 0.1
assert abs(ends["B"]["train_loss"] - ends["B"]["shown_loss"]) < 0.05

# %% [markdown]
# ## Explore the study
#
# At n = 512 live did not turn. *Predict first*: will it with 128 garments? The *study* repeats the long runs at other n and K and on other data. Move n to 128, then step through the metrics: which curves turn, and which of them still rise once scaled? (The controls need a running kernel; "at the end" is the mean of the last tenth.)

# %%
from explorers import curve_explorer

study = read_results(FOLDER / "study.csv")
curve_explorer(study)

# %% mystnb={"image": {"alt": "Validation loss of none, four copies only and live against updates with 128, 512 and 2,048 garments: with 128 all three turn, live last; with 2,048 no arm turns."}}
figure, axes = plt.subplots(1, 3, sharex=True, sharey=True, figsize=(9.8, 3.3))
axes[0].set(ylabel="validation loss (nats)", ylim=(0.2, 0.95))
turned = {}
for ax, n in zip(axes, [128, 512, 2048], strict=True):
    some = readings(study[(study["dataset"] == "garments") & (study["n"] == n)])
    turned[n] = turns(some[some["arm"].isin(["none", "copies-4", "live"])])
    plots.plot_curves(ax, some[some["arm"].isin(turned[n])], "val_loss")
    ax.set_title(f"n = {n:,}")
plt.show()
assert all(share == 1 for share, _ in turned[128].values())
assert turned[128]["none"][1] < turned[128]["copies-4"][1] < turned[128]["live"][1]
assert all(share == 0 for share, _ in turned[2048].values())

# %% [markdown]
# *Validation loss of none, four copies only and live against updates with 128, 512 and 2,048 garments: with 128 all three turn, live last; with 2,048 no arm turns.*
#
# With 128 garments live turns as well: no picture comes twice, but every garment comes 750 times; scaled, none of the three curves rises by more than the margin. And 2,048 garments come 47 times each; at n = 512 each had come about 60 times when `none` turned. That an arm does not turn is said of a number of updates, never of the arm alone.

# %% [markdown]
# ## Summary
#
# `fit` reports the loss on the images as shown, while weights move; with augmentation that can lie above the validation loss in a sound run. The curve it lacks is that of the clean training images. The generalisation gap is validation minus clean training; it grew in every arm, and a smaller one does not mean a better model.
#
# At n = 512 `none` and one copy only turned near 1,000 updates in all replicates, live and sixteen copies only in no replicate; the deeper network turned in every arm, and so does live with 128 garments. What rises after the turn is, on garments, over-confidence: scaled by a temperature, the loss stays flat, and so does the accuracy (exercise 3 looks elsewhere). At 3,000 updates scaling leaves 0.03 of the 0.14 between none and live, at n = 128 and 400 updates nothing above our margin.
#
# Choosing the best evaluation on the images that it is read on made a loss look better by 0.001 to 0.004 with 1,000 images a half, by about 0.04 with 50. Two of the nine runs can't be recognised from `fit`'s curves: frozen augmentation needs the clean training loss, augmented validation a look at the pictures.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. In `fit` your validation accuracy lies above the training accuracy in every epoch. Is the model too small?</summary>
#
# You can't tell from that: the two are read on different pictures, and the training one while the weights move. On clean training images our model was right on ≈ 0.89, on validation images on ≈ 0.85, as usual.
#
# </details>
#
# <details><summary>2. One copy only has less than half the generalisation gap of none. Does it generalise better?</summary>
#
# No: its validation loss is higher, 0.51 against 0.42. Its gap is small (0.18 against 0.40) because it knows even the original training garments less well.
#
# </details>
#
# <details><summary>3. From 960 to 2,880 updates the validation loss of none rises by 0.10. How many answers became wrong?</summary>
#
# On balance none: the accuracy changed by 0.000, with an interval of ±0.003. The wrong answers are given with more confidence, and a temperature takes the rise away.
#
# </details>
#
# <details><summary>4. Live did not turn once in twenty replicates, and no picture came twice. So it can't overfit?</summary>
#
# It can: that was one network, 512 garments and 3,000 updates. With the deeper network, or with 128 garments, live turned in every replicate, since all its pictures are made from the same few garments.
#
# </details>
#
# <details><summary>5. You keep the weights of the best of your 20 epochs and report its validation loss. By how much does that flatter the model?</summary>
#
# By 0.001 to 0.004 here if 1,000 images choose, by ≈ 0.04 if 50 do. Who has few validation images should report from others than those that chose.
#
# </details>

# %% [markdown]
# ## Exercises
#
# The cells go on from the state of the lesson. The [solutions](solutions/04_overfitting_curves.ipynb) answer all three.

# %% [markdown]
# ### Exercise 1: A tenth run
#
# In the folder of training images somebody numbered the classes the other way round, pullover 1 and coat 0; in the validation folder all is well. The run is F otherwise. Draw its panel by hand, and write down the validation accuracy at the end. Then plot `tenth`. What tells it from C?

# %%
from exercises import check

answer = None  # the validation accuracy that you expect, between 0 and 1
tenth = single(1024, "live", 400, y_train=lambda y: 1 - y)
check("04.1", answer)

# %% [markdown]
# ### Exercise 2: Luck in the turns
#
# `turns` seeks the lowest reading and measures the rise from it on the same images, so luck looks like a rise. Change `rise`: choose the reading on one half of the images, measure its rise on the other, both ways round, and return the mean. For which arms does the share of replicates that rise by more than 0.02 change?

# %%
def rise(even, odd):
    """How far a replicate's loss has risen since its lowest reading; even, odd: one loss a reading."""
    both = (even + odd) / 2
    return both[-1] - both.min()


rises = {
    arm: [rise(run["val_loss_even"].to_numpy(), run["val_loss_odd"].to_numpy()) for _, run in part.groupby("replicate")]
    for arm, part in constant.groupby("arm", sort=False)
}
for arm, values in rises.items():
    print(f"{arm:14} rises by more than 0.02 in {np.mean(np.array(values) > 0.02):4.0%}")
check("04.2", ...)  # put rise in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Elsewhere
#
# On these garments the answers did not get worse after the turn, only louder. Is it so on other images? Choose a data set, an n and an arm of the study (the cell lists them). Predict the change from 960 to 2,880 updates in loss, scaled loss and accuracy, then judge each by its paired interval and the margins 0.02 and 0.01.

# %%
for (dataset, n), part in study.groupby(["dataset", "n"], sort=False):
    print(f"{dataset}, n = {n}:", *part["arm"].unique())
chosen = study[(study["dataset"] == "garments") & (study["n"] == 512) & (study["arm"] == "none")]
for metric in units:
    values = readings(chosen).pivot(index="replicate", columns="update", values=metric)
    print(f"{metric:15} " + "{: .3f} [{: .3f}, {: .3f}]".format(*paired_interval(values[2880] - values[960])))

# %% [markdown]
# Next, in lesson 05: how many copies make static augmentation as good as live, and what they cost.
