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

# %% [markdown] slideshow={"slide_type": "slide"}
# # 04 Overfitting curves
#
# A validation loss that rises is called overfitting, and most people stop there. But two different things make it rise. The network can grow *wronger*, or it can only grow *surer*, so that each mistake costs more. A single number separates the two. Besides, the training loss that `fit` reports was taken on other pictures than you may think.
#
# **You will** solve a puzzle, split a rising loss in two, and diagnose nine runs by their curves.
#
# **You will learn:**
#
# - what `fit` reports when training images are augmented, and which third curve it leaves out,
# - how to split a difference in loss into *surer* and *wronger*,
# - why "later" and "the other network" are two comparisons that must not be mixed.
#
# **You need** lessons [00](00_start_here.ipynb), [01](01_static_versus_live.ipynb) and [02](02_a_fair_comparison.ipynb). **Time:** 32 minutes to read, about one to run.

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
import tensorflow as tf

from helpers import plots
from helpers.show import show_table

plots.use_style()

# %% [markdown]
# ## Better on garments it has never seen?
#
# We train the small network of lesson 00 on 1,024 garments. The augmenter is its first layer, so that augmentation is live. The layer is off in validation and in `evaluate`.

# %%
import keras

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = load_garments()
many = subset(garments, 1024)
new_garments = (garments.x_val, garments.y_val)
policy = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %% [markdown]
# After each epoch a callback takes a third measurement, for later.

# %%
third = []


def measure(epoch, logs):
    third.append(model.evaluate(many.x_train, many.y_train, batch_size=512, verbose=0))


keras.utils.set_random_seed(0)
model = keras.Sequential([policy, small_model(seed=0)])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    many.x_train, many.y_train, epochs=15, verbose=0, validation_data=new_garments, validation_batch_size=500,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=measure)],
).history  # fmt: skip

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Loss and accuracy of one run against epochs, as fit reports them, with a dotted line for training and a blue one for validation. Most of the time the validation loss is the lower and the validation accuracy the higher of the two."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
def draw_history(with_third):
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.6))
    for ax, name, column in zip(axes, ["loss", "accuracy"], [0, 1], strict=True):
        ax.plot(range(1, 16), history[name], ":", color="0.2", label="training, as fit reports it")
        ax.plot(range(1, 16), history[f"val_{name}"], color=plots.BLUE, label="validation")
        if with_third:
            clean = [measured[column] for measured in third]
            ax.plot(range(1, 16), clean, color=plots.BLUE, linewidth=1, label="training images, unchanged")
        ax.set(title=name, xlabel="epoch", xticks=[1, 5, 10, 15])
    axes[0].legend()
    plt.show()


draw_history(with_third=False)

# %% [markdown]
# *By what `fit` reports, the network does better on garments that it has never seen.*
#
# Many people read this as *underfitting*: the network is too small, or the augmentation too strong. **Predict first:** we evaluate the network on its own 1,024 training garments, just as they are. Will its accuracy be below, equal to or above that on new garments?

# %% [markdown]
# ## The third curve

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "The same two panels with a third, thin blue line for the unchanged training images. Its loss is the lowest and its accuracy the highest of the three, so validation lies between the two training curves."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
draw_history(with_third=True)

# %% [markdown]
# *On its own images, unchanged, the network does better than on new ones after all.*
#
# The thin line is what our callback measured, the loss on the *clean* training images. What `fit` reports is the *shown* loss, taken on the pictures as they were shown: augmented (and while the weights were still moving). So shown and validation are two exams on different pictures, and comparing them says nothing about the size of the network. Compare clean with validation instead.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Past exam papers, learnt by heart
#
# A student who practises with a single past paper soon has full marks on that paper. It is the same with one copy. Let us compare one copy with live on 128 garments, four times each. `compare` records all three curves.

# %%
from helpers.compare import compare

n = 128
moments = [10, 25, 50, 100, 200, 300, 400, 500]
runs = compare(garments, ["copies-1", "live"], policy, n=n, updates=500, replicates=4, evaluate_at=moments)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels, one copy and live, each with three curves of loss against updates, mean of four runs. For one copy the dotted shown loss falls to about 0.1, far below the clean training loss, and the validation loss turns upwards. For live the shown loss stays above the clean training loss, and the validation loss stays flat."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9.5, 3.9))
means = runs.groupby(["arm", "update"]).mean(numeric_only=True)
for ax, arm in zip(axes, ["copies-1", "live"], strict=True):
    color, curve = plots.arm_style(arm)["color"], means.loc[arm]
    ax.plot(curve.index, curve["shown_loss"], ":", color="0.2", label="shown")
    ax.plot(curve.index, curve["val_loss"], color=color, linewidth=2.5, label="validation")
    ax.plot(curve.index, curve["train_loss"], color=color, linewidth=1, label="clean training")
    ax.set(title=plots.arm_label(arm), xlabel="gradient updates", ylim=(0, 0.75))
    ax.legend(loc="upper right", ncols=3, fontsize=10)
plt.show()

# %% [markdown]
# *One copy is learnt by heart: on what it is shown it does far better than on the same garments, unchanged. Live never gets the chance.*
#
# Remember this sign. Where the shown loss falls below the clean one, the network knows its fixed copies better than the originals, which it has never seen. Its absence is no proof, though: four copies don't show it yet after 500 updates, and they aren't live either.

# %% [markdown]
# ## In time: the loss doubles, the accuracy stays
#
# We let twenty runs of each kind train on, to 3,000 updates, and stored the results. First we follow one copy only.

# %%
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "study.csv")
study = study[(study["dataset"] == "garments") & (study["n"] == 128)]
one_copy = study[study["arm"] == "copies-1"]

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two panels for one copy, mean of twenty runs, against updates. The validation loss rises from 0.57 at update 500 to 1.12 at update 3,000. The validation accuracy is flat at 78 percent between the two."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(1, 2, figsize=(9.5, 3.6))
axes[0].set(title="loss on new garments", ylabel="", ylim=(0, 1.25))
axes[1].set(title="accuracy on new garments", ylabel="", ylim=(0.5, 1))
thinned = one_copy[one_copy["update"].isin([50, 100, 200, 350, 500, 1000, 1500, 2000, 3000])]
for ax, metric, form in zip(axes, ["val_loss", "val_accuracy"], ["{:.2f}", "{:.1%}"], strict=True):
    plots.plot_curves(ax, thinned, metric, label=False)
    for update in (500, 3000):
        height = one_copy[one_copy["update"].between(0.9 * update + 1, update)][metric].mean()
        ax.plot(update, height, "o", color=plots.arm_style("copies-1")["color"], clip_on=False)
        ax.annotate(form.format(height), (update, height), (0, 9), textcoords="offset points", ha="right")
plt.show()

# %% [markdown]
# *From update 500 to 3,000 the loss of one copy doubles, and its accuracy hardly falls. (Each dot is the mean of the last tenth before it, the band a 95 % interval.)*
#
# Twice the loss, but not twice the mistakes: the accuracy falls by less than half a point. Then what does the loss count? For each garment, the loss is −ln of the probability that the network gave to the true class. If a network gave 90 % to a wrong answer, 10 % were left for the truth, which costs 2.3. If it gave 99.9 %, the same mistake costs 6.9. So we train one copy once more, in plain Keras, and look at these probabilities after 500 updates and after 3,000.

# %%
few = subset(garments, n)
fixed = policy.apply(few.x_train, policy.draw(n, seed=(0, 0))).numpy()  # one copy, made once
stream = tf.data.Dataset.from_tensor_slices((fixed, few.y_train)).shuffle(n, seed=0).repeat().batch(32)

keras.utils.set_random_seed(0)
model = small_model(seed=0)
model.compile(optimizer="adam", loss="binary_crossentropy", steps_per_execution=50)  # 50 updates at a time: faster
probabilities = {}
for update, more in [(500, 500), (3000, 2500)]:
    model.fit(stream, steps_per_epoch=more, shuffle=False, verbose=0)  # the stream is shuffled already
    probabilities[update] = model.predict(garments.x_val, batch_size=500, verbose=0)[:, 0]

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Two histograms of the probability that one network gave to the true class of each new garment, at update 500 and at update 3,000. Wrong answers, below one half, are orange, right ones grey. At update 3,000 both have moved outwards, into the bars beside 0 and beside 1."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(1, 2, sharey=True, figsize=(9.5, 3.5))
bins = np.linspace(0, 1, 21)
for ax, (update, p) in zip(axes, probabilities.items(), strict=True):
    of_truth = np.where(garments.y_val == 1, p, 1 - p)
    counts, _ = np.histogram(of_truth, bins)
    ax.bar(bins[:-1], counts, 0.05, align="edge", color=[plots.arm_style("copies-1")["color"]] * 10 + ["0.75"] * 10)
    ax.set(title=f"after {update:,} updates", xlabel="probability given to the true class", xlim=(0, 1))
    ax.text(0.25, 0.55, "wrong", transform=ax.transAxes, ha="center", color=plots.arm_style("copies-1")["color"])
    ax.text(0.75, 0.55, "right", transform=ax.transAxes, ha="center", color="0.35")
axes[0].set_ylabel("new garments")
plt.show()

# %% [markdown]
# *The two sides keep their size, but the answers move outwards, the wrong ones too.*

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
rows = []
for update, p in probabilities.items():
    wrong = (p > 0.5) != (garments.y_val == 1)
    confidence = np.maximum(p, 1 - p)[wrong]
    rows.append([f"{update:,}", wrong.sum(), (confidence > 0.99).sum()])
counted = pd.DataFrame(rows, columns=["updates", "wrong answers, of 2,000", "given with more than 99 %"])
show_table(counted, approximate=list(counted.columns[1:]))

# %% [markdown]
# About as many answers are wrong as before, though not necessarily the same ones. The network has become surer, and a mistake that is made with certainty is expensive.

# %% [markdown]
# ## One number splits them
#
# We can undo the certainty. What goes into the sigmoid is called the *logit*. *Temperature scaling* divides every logit by one number T, the temperature, which is chosen so that the loss becomes as small as it can. With T above 1, all probabilities move back towards one half, but none crosses it, so every answer stays as it was. Each network gets its own T. To be fair, we choose it on one half of the new garments and measure on the other. (`fit_temperature` and `scale` turn probabilities back into logits first.)

# %%
from helpers.stats import fit_temperature, log_loss, scale

choose, rest = slice(0, None, 2), slice(1, None, 2)
labels = garments.y_val
rows = []
for p in probabilities.values():
    temperature = fit_temperature(p[choose], labels[choose])
    scaled = scale(p[rest], temperature)
    rows.append([temperature, log_loss(p[rest], labels[rest]), log_loss(scaled, labels[rest])])

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
split_here = pd.DataFrame(rows, columns=["temperature", "loss", "loss after scaling"], index=["500", "3,000"])
show_table(split_here.rename_axis("updates"), approximate=True)

# %% [markdown] slideshow={"slide_type": "slide"}
# Here the loss had risen by 0.89 − 0.54 ≈ 0.35. After scaling, the difference is 0.46 − 0.47 ≈ −0.01, so the rise is gone. This gives us two words for any difference between two losses:
#
# - ***wronger*** is the difference after each network is scaled, here ≈ −0.01 (a loss, not a count of answers; negative means less wrong),
# - ***surer*** is the part that scaling removed, here ≈ 0.36.
#
# If a network only grew surer, a temperature repairs it for nothing. If it grew wronger, stop earlier, or find better pictures or more of them.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Between arms: another question
#
# So far we compared a network with its own past. Which network should you ship? For that, compare one copy with live at the same update. **Predict first:** one copy only grew surer in time. Is it therefore just as often right as live?

# %%
evaluated = study[study["arm"].isin(["copies-1", "live"])]
at = {
    500: evaluated[evaluated["update"].between(451, 500)],
    3000: evaluated[evaluated["update"].between(2701, 3000)],
}
accuracy = pd.DataFrame({f"{update:,}": rows.groupby("arm")["val_accuracy"].mean() for update, rows in at.items()})

# %% cellView="form" jupyter={"source_hidden": true} slideshow={"slide_type": "slide"} tags=["hide-input"]
table_of_accuracy = 100 * accuracy.T.rename_axis(index="updates", columns=None)
table_of_accuracy.columns = ["1 copy, % right", "live, % right"]
table_of_accuracy["behind, in points"] = table_of_accuracy["live, % right"] - table_of_accuracy["1 copy, % right"]
show_table(table_of_accuracy, digits=1)

# %% [markdown]
# No. One copy is 4.4 points behind already at update 500, and 6.6 at update 3,000. (In pairs, as in lesson 02, live is nearly always ahead. All differences are taken before rounding.) The distance grows because live goes on learning. Live's loss rises a little as well, because it grows surer, too.
#
# Here are both comparisons, each split in two.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Four stacked horizontal bars of a difference in loss, split into surer and wronger. In time, one copy from update 500 to 3,000: 0.55 surer and 0.01 wronger. Between arms, one copy minus live at update 500: 0.10 surer and 0.07 wronger. Between arms at update 3,000: 0.56 surer and 0.10 wronger. None minus 4 copies at update 3,000: 0.20, all of it surer."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.compare import summarise


def end_of(update):
    """Means of the last tenth of each run, cut at an update; one row for each arm."""
    cut = study[study["arm"].isin(["none", "copies-1", "copies-4", "live"]) & (study["update"] <= update)]
    return summarise(cut).groupby("arm").mean(numeric_only=True)


loss = {update: end_of(update)[["val_loss", "val_loss_scaled"]] for update in (500, 3000)}
change = {
    "in time:\n1 copy, from 500 to 3,000": loss[3000].loc["copies-1"] - loss[500].loc["copies-1"],
    "between arms, at 500:\n1 copy minus live": loss[500].loc["copies-1"] - loss[500].loc["live"],
    "between arms, at 3,000:\n1 copy minus live": loss[3000].loc["copies-1"] - loss[3000].loc["live"],
    "between arms, at 3,000:\nnone minus 4 copies": loss[3000].loc["none"] - loss[3000].loc["copies-4"],
}
split = pd.DataFrame(change).T
split["surer"] = split["val_loss"] - split["val_loss_scaled"]
split = split.rename(columns={"val_loss_scaled": "wronger"})
figure, ax = plt.subplots(figsize=(9.5, 4))
left = np.zeros(4)
for part, color in [("wronger", "#a33b20"), ("surer", "#e9c46a")]:
    ax.barh(split.index, split[part], left=left, color=color, label=part)
    left += split[part].to_numpy()
for height, (_, row) in enumerate(split.iterrows()):
    wronger, surer = round(row["wronger"], 2) + 0, round(row["surer"], 2)  # + 0: no minus before a zero
    ax.text(row["val_loss"] + 0.01, height, f"in loss: {wronger:.2f} wronger + {surer:.2f} surer", va="center")
ax.set(xlabel="difference in validation loss", xlim=(0, 1.05))
ax.invert_yaxis()
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# *It falls behind early. After that it mostly grows surer.*
#
# "One copy doesn't get worse, it only gets surer" is true in time. Between arms it is false: alone, one copy looks merely too sure of itself, but beside live you see that it is also less often right.
#
# And the riddle of lesson 02, where four copies beat no augmentation in every pair by loss and in hardly half by accuracy? The last bar solves it: all that no augmentation loses is *surer*. So four copies taught the network to be less sure of its mistakes, and not to make fewer.
#
# **In the network you would take**, the same question has a harder answer. Here is a residual network with batch normalisation (ResNet-8, 512 garments, 1,500 updates, eight pairs), each pool against live:

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
law = read_results(FOLDER / "law.csv").query("model == 'residual' and dataset == 'garments' and n == 512")
residual = summarise(law[law["arm"].isin(["live", "copies-1", "copies-4"])]).groupby("arm").mean(numeric_only=True)
above_live = (residual[["val_loss", "val_loss_scaled"]] - residual.loc["live", ["val_loss", "val_loss_scaled"]]).drop("live")
residual_split = pd.DataFrame({
    "loss above live": above_live["val_loss"], "wronger": above_live["val_loss_scaled"],
    "surer": above_live["val_loss"] - above_live["val_loss_scaled"],
}).rename(index=plots.arm_label)
show_table(residual_split.rename_axis("pool"))

# %% [markdown]
# About half of what it loses is *wronger*, and no scaling gives that back.
#
# Can't we just stop early? Here is the small network again. A run is *stopped* at its own best point, which we choose on half of the new garments, and we measure its loss there on the other half. Stopped, one copy has a loss of 0.46, and live has 0.37. (As each run has a best point of its own, these losses are lower than the lowest points of the mean curves.) Stopping removes most of the false certainty, but it can't teach what was never learnt.
#
# [Curves in detail](going_deeper/curves_in_detail.ipynb) follows other numbers of garments, a deeper network and a falling learning rate, and shows when live overfits, too.

# %% [markdown]
# ## Nine runs to diagnose
#
# Here are nine real runs of the small network, one of each kind, as `fit` would show them. At least one is well, some need another setting, and some have a bug. For each, say what it is and what you would check next. The code is hidden, because it gives the answers away.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
# Folded on purpose: the answers stand in here.
from helpers.arms import drawn_batches, schedule
from helpers.training import trainer_for

trainer = trainer_for(small_model, (28, 28, 1), policy)  # the one that compare has compiled
fewer = garments._replace(x_val=garments.x_val[:500], y_val=garments.y_val[:500])
wide = RandomAffine(20, 0.2, 0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)


def unchanged(values):
    return values


def single(n, arm, updates, policy=policy, change_validation=unchanged, change_labels=unchanged, rate=0.001):
    """One run of the small network, evaluated ten times."""
    part = subset(fewer, n)
    part = part._replace(x_val=change_validation(part.x_val), y_train=change_labels(part.y_train))
    batches = drawn_batches(part.x_train, part.y_train, schedule(arm, n, updates), policy, 0)
    return trainer.run(part, batches, updates, evaluate_at=range(updates // 10, updates + 1, updates // 10), rate=rate)


def augmented(images):
    return policy.apply(images, policy.draw(len(images), seed=(0, 77))).numpy()


def not_rescaled(images):
    return 255 * images


nine = {
    "A": single(1024, "live", 400, change_validation=augmented),
    "B": single(128, "none", 500),
    "C": single(128, "none", 500, change_labels=np.random.default_rng(0).permutation),
    "D": single(512, "live", 400, wide),
    "E": single(512, "live", 200, rate=0.2),
    "F": single(1024, "live", 400),
    "G": single(512, "live", 40),
    "H": single(128, "copies-1", 500),
    "I": single(512, "live", 200, change_validation=not_rescaled),
}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Nine panels, A to I, without a diagnosis. Each shows a dotted training loss and a solid validation loss of one run against updates, on axes of its own, and gives the two accuracies at its end in the title."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
figure, axes = plt.subplots(3, 3, figsize=(10.5, 8.6))
for ax, (letter, run) in zip(axes.flat, nine.items(), strict=True):
    ax.plot(run["update"], run["shown_loss"], ":", color="0.2", linewidth=2, label="training, as fit reports it")
    ax.plot(run["update"], run["val_loss"], color=plots.BLUE, label="validation")
    right = run[["shown_accuracy", "val_accuracy"]].iloc[-1]
    ax.set_title(f"{letter}: {right.iloc[0]:.0%} right in training,\n{right.iloc[1]:.0%} in validation")
    ax.set_ylim(0, 1.08 * run[["shown_loss", "val_loss"]].to_numpy().max())
figure.supxlabel("gradient updates")
figure.supylabel("loss")
figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=2)
plt.show()

# %% [markdown]
# *Every panel has its own axes, so read the numbers on them. Two pairs can't be separated by these curves.*

# %% [markdown]
# <details><summary>Answers A, B, C</summary>
#
# The two pairs are A and F, and B and H.
#
# **A** The validation images are augmented, too. Otherwise it is run F. The validation loss is a little above F's, because the pictures are harder; the accuracy of 500 garments doesn't show it. Look at the validation images themselves.
#
# **B** Overfitting: no augmentation, 128 garments. It looks like H, but the third curve separates them: in B clean and shown nearly coincide, in H shown lies far below clean.
#
# **C** The labels were shuffled, so that they no longer belong to their images. The network learns them by heart, but on new images it is right half of the time, and its loss rises from the start.
#
# </details>

# %% [markdown]
# <details><summary>Answers D, E, F</summary>
#
# **D** The policy is too strong. After 400 updates the network is about where G is after 40. The third curve confirms it: even on its own images, unchanged, it is no better than that. Milder ranges, some clean images or more updates would help.
#
# **E** The learning rate is two hundred times the usual. The training loss starts far up and falls at once to 0.69, which is what guessing costs, and stays there.
#
# **F** Nothing is wrong: live augmentation, 1,024 garments. A training loss above the validation loss is no fault. It looks like A.
#
# </details>

# %% [markdown]
# <details><summary>Answers G, H, I</summary>
#
# **G** Too few updates. The axis ends at 40, and both curves still fall, so train on before you judge.
#
# **H** Frozen augmentation. It was meant to be live, but it draws the same copy in each epoch. Nothing in its curve says "bug": it looks like overfitting, and is.
#
# **I** The validation images were not divided by 255. All logits are far too large, so every answer is given with certainty. Since the accuracy is good and the loss huge, expect *surer* rather than *wronger*.
#
# </details>

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. With augmentation, `fit` takes the training loss on other pictures than the validation loss. Measure the clean training images before you speak of underfitting.
# 2. A difference in loss is *surer* plus *wronger*, and temperature scaling separates them. Split it before you name it.
# 3. *In time* one copy mostly grows surer. *Between arms* it is also wronger than live, early and for good.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. In every epoch your validation accuracy is above the training accuracy. Is the network too small?</summary>
#
# You can't say that yet. With augmentation the two are measured on different pictures. Evaluate the network on the unchanged training images first.
#
# </details>
#
# <details><summary>2. From epoch 10 to epoch 50 your validation loss doubles. After temperature scaling it is the same at both. What happened, and what do you do?</summary>
#
# The network grew surer, not wronger. If you need the probabilities, scale them with a temperature. If you need only the answers, nothing was lost.
#
# </details>
#
# <details><summary>3. "One copy only grows surer, so it is as good as live once it is scaled." What is wrong?</summary>
#
# Two comparisons are mixed. It grows surer compared with its own past. Compared with live it is less often right at both updates, and no temperature changes an answer.
#
# </details>
#
# <details><summary>4. The distance in accuracy between one copy and live grows from 4.4 to 6.6 points. Does one copy get worse?</summary>
#
# Hardly: by less than half a point. Live gets better, because new pictures keep coming.
#
# </details>
#
# <details><summary>5. You believe that your augmentation is live. The shown loss is far below the loss on the clean training images. What do you suspect?</summary>
#
# That it is frozen. The network knows the pictures that it is shown better than the originals, which is only possible if they come again.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/04_overfitting_curves.ipynb).

# %% [markdown]
# ### Exercise 1: A tenth run
#
# In the folder of training images somebody numbered the classes the other way round, pullover 1 and coat 0. In the validation folder all is well, and otherwise the run is F. Draw its panel by hand, and write down the validation accuracy that you expect at its end. Then plot `tenth` (its columns: `update`, `shown_loss`, `val_loss`). How do you distinguish it from C?

# %%
from exercises import check


def exchanged(labels):
    return 1 - labels


answer = None  # the validation accuracy that you expect, between 0 and 1
tenth = single(1024, "live", 400, change_labels=exchanged)
check("04.1", answer)

# %% [markdown]
# ### Exercise 2: Luck at the lowest point
#
# How far has a validation loss risen since its lowest point? `rise` looks for that point and measures the rise from it on the same images, so that mere luck looks like a rise. Change `rise`: choose the point on one half of the images, measure the rise on the other, do it the other way round as well, and return the mean. By how much does the rise of live change?

# %%
def rise(even, odd):
    """How far a loss has risen since it was lowest; even, odd: one loss for each evaluation."""
    both = (even + odd) / 2
    return both[-1] - both.min()


for arm in ["none", "copies-1", "live"]:
    of_arm = study[study["arm"] == arm].groupby("replicate")
    rises = [rise(run["val_loss_even"].to_numpy(), run["val_loss_odd"].to_numpy()) for _, run in of_arm]
    print(f"{plots.arm_label(arm):7} has risen by {np.mean(rises):.3f}")
check("04.2", ...)  # put rise in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Surer or wronger elsewhere?
#
# On these garments, a network trained without augmentation grows surer in time, but hardly wronger. Is it so with other images? Say first what you expect for solar cells. Then put `"solar-cells"` in place of `"garments"`, and compare how loss, scaled loss and accuracy change from update 1,000 to update 3,000.

# %%
table = read_results(FOLDER / "study.csv")
chosen = table[(table["dataset"] == "garments") & (table["n"] == 512) & (table["arm"] == "none")]
for update in (1000, 3000):
    late = chosen[chosen["update"].between(0.9 * update + 1, update)]
    print(f"{update:5,}", late[["val_loss", "val_loss_scaled", "val_accuracy"]].mean().round(3).to_dict())

# %% [markdown]
# ## In practice and limits
#
# One temperature moves all answers alike, so what we call *wronger* also holds errors of certainty that a single number can't repair. All numbers are those of a small network on one pair of garments, and Exercise 3 tries another. So split your own curves, and don't borrow ours.
#
# **Next:** [05 How many copies?](05_how_many_copies.ipynb) says what repeats cost.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
claims = Claims(n=(n, 128), policy=(policy, mild), garments=(len(many.x_train), 1024))
above = sum(v > t for v, t in zip(history["val_accuracy"], history["accuracy"], strict=True))
claims.check("by fit, accuracy is higher in validation than in training in 10 epochs or more of 15", above >= 10 and len(history["accuracy"]) == 15)
claims.check("on clean training images the loss ends lower than in validation, by more than 0.02",
             history["val_loss"][-1] - third[-1][0] > 0.02)
claims.check("and lower than what fit reports, by more than 0.03", history["loss"][-1] - third[-1][0] > 0.03)

last = summarise(runs).groupby("arm").mean(numeric_only=True)
by_heart = last["train_loss"] - last["shown_loss"]
claims.check("one copy: shown loss ends below clean loss by more than 0.1", by_heart["copies-1"] > 0.1)
claims.check("live: shown loss ends above clean loss by more than 0.03", by_heart["live"] < -0.03)
claims.check("one copy ends above live in validation loss by more than 0.05",
             last["val_loss"]["copies-1"] - last["val_loss"]["live"] > 0.05)
four = summarise(study[(study["arm"] == "copies-4") & (study["update"] <= 500)]).mean(numeric_only=True)
claims.check("stored, four copies at 500: the shown loss is not below the clean one", four["shown_loss"] > four["train_loss"])

runs_of = one_copy[one_copy["update"] > 2700].groupby("replicate"), one_copy[one_copy["update"].between(451, 500)].groupby("replicate")
after, before = (group.mean(numeric_only=True) for group in runs_of)
growth, lost = (after["val_loss"] / before["val_loss"]), before["val_accuracy"] - after["val_accuracy"]
claims.check("stored, in time: the loss of one copy doubles (1.9 to 2.1 on average, over 1.7 in every run)",
             bool(1.9 < growth.mean() < 2.1 and growth.min() > 1.7))
claims.check("stored, in time: its accuracy falls by less than half a point", bool(0 < lost.mean() < 0.005))
claims.check("stored, in time: more than 95 % of the rise is surer", bool(split["surer"].iloc[0] > 0.95 * split["val_loss"].iloc[0]))
claims.check("here, too: the loss of one copy rises by more than 0.2, after scaling by less than 0.05",
             split_here["loss"].diff().iloc[1] > 0.2 and abs(split_here["loss after scaling"].diff().iloc[1]) < 0.05)
claims.check("here, too: its wrong answers become neither a fifth more nor a fifth fewer",
             bool(0.8 < counted.iloc[1, 1] / counted.iloc[0, 1] < 1.2))
claims.check("here, too: those given with more than 99 % become more than three times as many",
             bool(counted.iloc[1, 2] > 3 * counted.iloc[0, 2]))
claims.check("scaling changes no answer", bool(np.all((scale(p, 5.0) > 0.5) == (p > 0.5))))

behind = table_of_accuracy["behind, in points"]
claims.check("stored, between arms: 1 copy is 4 to 5 points behind live at 500, and 6 to 7 at 3,000",
             bool(4 < behind["500"] < 5 and 6 < behind["3,000"] < 7))
claims.check("stored, between arms: most of the growth of that distance is live's",
             bool(accuracy.loc["live"].diff().iloc[1] > -3 * accuracy.loc["copies-1"].diff().iloc[1]))
claims.check("stored, between arms: wronger is 0.06 to 0.08 at 500 and 0.09 to 0.11 at 3,000",
             bool(0.06 < split["wronger"]["between arms, at 500:\n1 copy minus live"] < 0.08
                  and 0.09 < split["wronger"]["between arms, at 3,000:\n1 copy minus live"] < 0.11))
riddle = split.loc["between arms, at 3,000:\nnone minus 4 copies"]
claims.check("stored, at 3,000: none's loss is above 4 copies' by 0.19 to 0.21, after scaling by less than 0.01",
             bool(0.19 < riddle["val_loss"] < 0.21 and abs(riddle["wronger"]) < 0.01))
stopped = end_of(3000).loc[["copies-1", "live"], "val_loss_stopped"].round(2)
claims.check("stored: stopped honestly, one copy has 0.46 and live 0.37", stopped.to_dict() == {"copies-1": 0.46, "live": 0.37})

part_wronger = residual_split["wronger"] / residual_split["loss above live"]
claims.check("stored, residual network: 40 to 60 % of what one copy and four lose against live is wronger",
             bool(part_wronger.between(0.4, 0.6).all()))

ends = {letter: run.iloc[-3:].mean() for letter, run in nine.items()}  # single evaluations jump
claims.check("A: validation loss above F's", bool(ends["A"]["val_loss"] > ends["F"]["val_loss"]))
claims.check("B: rises by more than 0.05, learnt by heart",
             bool(ends["B"]["val_loss"] > nine["B"]["val_loss"].min() + 0.05 and ends["B"]["shown_accuracy"] > 0.96))
claims.check("C: learnt by heart, and right half of the time", bool(ends["C"]["shown_accuracy"] > 0.9 and abs(ends["C"]["val_accuracy"] - 0.5) < 0.1))
claims.check("D: below 75 % in training", bool(ends["D"]["shown_accuracy"] < 0.75 and ends["D"]["val_loss"] < ends["D"]["shown_loss"] + 0.05))
claims.check("E: stays within 0.1 of 0.69", abs(ends["E"]["val_loss"] - 0.69) < 0.1)
claims.check("F: shown loss above validation loss", bool(ends["F"]["shown_loss"] > ends["F"]["val_loss"]))
claims.check("G: validation loss still more than 0.1 above F's", bool(ends["G"]["val_loss"] > ends["F"]["val_loss"] + 0.1))
claims.check("the third curve separates H from B: in H clean is above shown by more than 0.1, in B by less than 0.05",
             bool(ends["H"]["train_loss"] > ends["H"]["shown_loss"] + 0.1 and abs(ends["B"]["train_loss"] - ends["B"]["shown_loss"]) < 0.05))
claims.check("I: a loss above 1 at an accuracy above 70 %", bool(ends["I"]["val_loss"] > 1 and ends["I"]["val_accuracy"] > 0.7))
