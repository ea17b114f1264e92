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
# # 04 Overfitting curves
#
# One network is more accurate on garments that it has never seen than on those that it is trained on. Another one's loss on new garments doubles. Is either in trouble?
#
# **You will** draw the curve that `fit` leaves out, follow a loss that doubles, and diagnose nine runs.
#
# **You will learn:**
#
# - why the validation curve can lie above the training curve,
# - what a rising validation loss says, and what it doesn't,
# - to recognise common mistakes by their curves.
#
# **You need** lessons [00](00_start_here.ipynb) and [02](02_a_fair_comparison.ipynb). **Time:** 18 minutes to read, about one to run. Run it cell by cell with Shift+Enter: what you run unfolds, so guess first.

# %%
from series import prepare

prepare()

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import plots
from helpers.show import caption, show_table

plots.use_style()

# %% [markdown]
# ## Better on garments it has never seen?
#
# We train the small network of lesson 00 live, on 1,024 garments. The augmenter is its first layer. It is on while `fit` trains and off when the model is evaluated. Called by hand, as `augment(x)`, it is on.

# %%
import keras

from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model

garments = load_garments()
x, y = subset(garments, 1024)[:2]
new_garments = (garments.x_val, garments.y_val)
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)

# %% [markdown]
# After each epoch a callback takes two more measurements, for later.

# %%
augmented, unchanged = [], []


def measure(epoch, logs):
    augmented.append(model.evaluate(augment(x), y, batch_size=512, verbose=0))  # called by hand: it is on
    unchanged.append(model.evaluate(x, y, batch_size=512, verbose=0))


keras.utils.set_random_seed(0)
model = keras.Sequential([augment, small_model(seed=0)])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    x, y, epochs=15, verbose=0, validation_data=new_garments,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=measure)],
).history  # fmt: skip

# %% tags=["hide-input", "slide-with"]
def draw_history(with_third):
    figure, ax = plt.subplots()
    ax.plot(range(1, 16), history["accuracy"], ":", color="0.2", linewidth=2, label="training, as fit reports it")
    ax.plot(range(1, 16), history["val_accuracy"], color=plots.BLUE, label="new garments (validation)")
    if with_third:
        third = [accuracy for loss, accuracy in unchanged]
        ax.plot(range(1, 16), third, "--", color=plots.BLUE, label="training garments, unchanged")
    ax.set(title="accuracy", xlabel="epoch", xticks=[1, 5, 10, 15])
    ax.legend(loc="lower right")
    plt.show()


draw_history(with_third=False)

# %% [markdown]
# *By what `fit` reports, the network is more accurate on garments that it has never seen. The loss says the same.*
#
# Many people read this as *underfitting*: the network is too small, or the augmentation too strong.
#
# **Predict first:** now we evaluate the network on its own 1,024 garments, unchanged. Will its accuracy be below, equal to or above that on new garments?

# %% [markdown]
# ## The third curve

# %% tags=["hide-input", "hide-output", "slide"]
draw_history(with_third=True)
caption("On its own garments, unchanged, it is more accurate than on new ones after all. So compare validation with this curve. In your own code it is `model.evaluate(x, y)`.")

# %% [markdown]
# The training curve of `fit` differs from the third in two ways. It was taken on other pictures, the augmented ones. And it is a mean over the epoch, while the weights still move. Our callback also evaluated augmented pictures with the weights at rest, which separates the two.
#
# **Predict first:** which of the two makes more of the difference in epoch 1? And in epoch 15?

# %% tags=["hide-input", "hide-output"]
steps = pd.DataFrame({
    "training, as fit reports it": history["accuracy"],
    "the same with weights at rest": [accuracy for loss, accuracy in augmented],
    "training garments, unchanged": [accuracy for loss, accuracy in unchanged],
}, index=[f"epoch {epoch}" for epoch in range(1, 16)])  # fmt: skip
both = 100 * steps.loc[["epoch 1", "epoch 15"]].T
show_table(both.rename_axis("accuracy, %"), approximate=True, digits=0)
caption("Between the first line and the third, epoch 1 is nearly all moving weights, and epoch 15 is mostly pictures.")

# %% [markdown]
# ## The loss rises. Does the network get worse?
#
# The table of lesson 02 also holds twenty networks that were trained with one copy of each of 128 garments (`copies-1` in code).

# %%
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128")
one_copy = study[study["arm"] == "copies-1"]

# %% [markdown]
# Between updates 500 and 3,000, their loss on new garments doubles. **Predict first:** how far does their accuracy fall?

# %% tags=["hide-input", "hide-output"]
figure, axes = plt.subplots(1, 2, figsize=(8, 3.6))
axes[0].set(title="loss on new garments", ylabel="", ylim=(0, 1.25))
axes[1].set(title="accuracy on new garments", ylabel="", ylim=(0.5, 1))
thinned = one_copy[one_copy["update"].isin([50, 100, 200, 350, 500, 1000, 1500, 2000, 3000])]
for ax, metric, form in zip(axes, ["val_loss", "val_accuracy"], ["{:.2f}", "{:.3f}"], strict=True):
    plots.plot_curves(ax, thinned, metric, label=False)
    ax.set_xticks([0, 1000, 2000, 3000])
    for update in (500, 3000):
        height = one_copy[one_copy["update"].between(0.9 * update + 1, update)][metric].mean()
        ax.plot(update, height, "o", color=plots.arm_style("copies-1")["color"], clip_on=False)
        ax.annotate(form.format(height), (update, height), (0, 9), textcoords="offset points", ha="right")
caption("The loss doubles, and the accuracy falls by less than half a point. (A dot is the mean over the last tenth of the updates before it, the band a 95 % interval.)")

# %% [markdown]
# Accuracy only counts answers. The loss also asks how sure they are: for each garment it is −ln of the probability that the network gave to the true class. A wrong answer that is given with 90 % leaves 10 % for the truth. That costs 2.3. Given with 99.9 %, the same mistake costs 6.9.
#
# A network that is surer than it is right is ***over-confident***. It is ***calibrated*** if, of the answers that it gives with 90 %, nine in ten are right. So a loss can rise because the network becomes *less accurate*, or because it becomes over-confident. Both are overfitting: it knows its own pictures by heart.
#
# Here it is over-confidence almost alone. Dividing the logits (the numbers that go into the sigmoid) by one number, the *temperature*, makes each probability milder and changes no answer. It takes away over 95 % of the rise ([a companion](going_deeper/over_confident_or_less_accurate.ipynb) shows how). So neither network from the top of this page is in the trouble that its curve suggests.
#
# That also explains lesson 02: no augmentation lost every pair by loss, but only about half by accuracy.

# %% [markdown]
# ## Nine runs to diagnose
#
# Here are nine real runs of the small network, as `fit` would show them. Each title gives the accuracies at the end. Which run is which? In the order of the alphabet: *augmentation frozen*, *labels shuffled*, *learning rate too high*, *nothing wrong*, *overfitting without augmentation*, *policy too strong*, *too few updates*, *validation augmented*, *validation not divided by 255*.

# %% tags=["hide-input"]
# Folded on purpose: the answers stand in here.
from helpers.arms import drawn_batches, schedule
from helpers.training import trainer_for

trainer = trainer_for(small_model, (28, 28, 1), augment)  # the one that compare uses
fewer = garments._replace(x_val=garments.x_val[:500], y_val=garments.y_val[:500])
wide = RandomAffine(20, 0.2, 0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
plans = {}


def as_they_are(values):
    return values


def single(n, arm, updates, policy=augment, change_validation=as_they_are, change_labels=as_they_are, rate=0.001):
    """One run of the small network, evaluated ten times."""
    part = subset(fewer, n)
    part = part._replace(x_val=change_validation(part.x_val), y_train=change_labels(part.y_train))
    plans[n, arm, updates] = schedule(arm, n, updates)
    batches = drawn_batches(part.x_train, part.y_train, plans[n, arm, updates], policy, 0)
    return trainer.run(part, batches, updates, evaluate_at=range(updates // 10, updates + 1, updates // 10), rate=rate)


def changed_once(images):
    return augment.apply(images, augment.draw(len(images), seed=(0, 77))).numpy()


def not_rescaled(images):
    return 255 * images


nine = {
    "A": single(1024, "live", 400, change_validation=changed_once),
    "B": single(128, "none", 500),
    "C": single(128, "none", 500, change_labels=np.random.default_rng(0).permutation),
    "D": single(512, "live", 400, wide),
    "E": single(512, "live", 200, rate=0.2),
    "F": single(1024, "live", 400),
    "G": single(512, "live", 40),
    "H": single(128, "copies-1", 500),
    "I": single(512, "live", 200, change_validation=not_rescaled),
}

# %% tags=["hide-input", "slide-thirds"]
figure, axes = plt.subplots(3, 3, figsize=(8, 8))
for ax, (letter, run) in zip(axes.flat, nine.items(), strict=True):
    ax.plot(run["update"], run["shown_loss"], ":", color="0.2", linewidth=2, label="training, as fit reports it")
    ax.plot(run["update"], run["val_loss"], color=plots.BLUE, label="validation")
    final = run[["shown_accuracy", "val_accuracy"]].iloc[-1]
    trained, validated = 100 * final
    ax.set_title(f"{letter}: training {trained:.0f} %,\nvalidation {validated:.0f} %")
    ax.set_ylim(0, 1.08 * run[["shown_loss", "val_loss"]].to_numpy().max())
figure.supxlabel("gradient updates")
figure.supylabel("loss")
figure.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=2)
plt.show()

# %% [markdown]
# *Every panel has its own axes, so read the numbers on them. Two pairs can't be separated by these curves.*
#
# <details><summary>Answers A, B, C</summary>
#
# **A** The validation images are augmented, too. It looks like F, with a higher loss. (A single accuracy jumps by a point or two.) Look at the validation images themselves.
#
# **B** Overfitting: no augmentation, 128 garments. It looks like H. Evaluate the unchanged training images: here they are the ones it was shown.
#
# **C** The labels were shuffled among the images. The network memorises them, and guesses new images.
#
# </details>
#
# <details><summary>Answers D, E, F</summary>
#
# **D** The policy is too strong: it is hardly further than G, after ten times the updates. Use milder ranges, or train longer.
#
# **E** The learning rate is two hundred times the usual. The loss falls at once to 0.69, which is what guessing costs.
#
# **F** Nothing is wrong: live, 1,024 garments. A training loss above the validation loss is no fault.
#
# </details>
#
# <details><summary>Answers G, H, I</summary>
#
# **G** Too few updates. The axis ends at 40, and both curves still fall.
#
# **H** Frozen augmentation. It was meant to be live, but it shows the same copy in every epoch. Nothing in its curve says "bug": it looks like overfitting, and is. But it knows its copies better than their originals, which the third curve would show.
#
# **I** The validation images were not divided by 255. Most answers stay right, since each image is only brighter by one factor, but each is given with certainty: over-confident, not less accurate.
#
# </details>

# %% [markdown]
# ## In the network you would take
#
# Here are the ends of the three curves for the residual network of lesson 00, on 512 garments, eight runs each.

# %% tags=["hide-input"]
from helpers.compare import summarise

law = read_results(FOLDER / "law.csv").query("model == 'residual' and dataset == 'garments' and n == 512")
methods = ["none", "copies-1", "copies-4", "copies-16", "live"]
ends = 100 * summarise(law).groupby("arm")[["shown_accuracy", "train_accuracy", "val_accuracy"]].mean().loc[methods]
places = {"new garments": ("o", 9, None), "training garments, unchanged": ("D", 7, None), "training, as fit reports it": ("o", 12, "none")}
figure, ax = plt.subplots(figsize=(8, 3.9))
for row, arm in enumerate(methods):
    color = plots.arm_style(arm)["color"]
    shown, own, new = ends.loc[arm]
    ax.plot([new, shown], [row, row], color=color, linewidth=1, zorder=1)
    for (marker, size, face), accuracy in zip(places.values(), [new, own, shown], strict=True):
        ax.plot(accuracy, row, marker, markersize=size, markerfacecolor=face or color, color=color)
    ax.annotate(f"{new:.0f} %", (new, row), (-11, 0), textcoords="offset points", ha="right", va="center", color=color)
for name, (marker, size, face) in places.items():
    ax.plot([], [], marker, markersize=size, markerfacecolor=face or "0.3", color="0.3", label=name)
ax.set(yticks=range(5), yticklabels=[plots.arm_label(arm) for arm in methods], ylim=(4.5, -0.5), xlim=(74, 102), xlabel="accuracy, %")
figure.legend(loc="outside upper right", ncols=3, fontsize=11)
plt.show()

# %% [markdown]
# *By `fit`'s training accuracy all five look alike, and the best network has the lowest. The third curve shows who memorised copies.*
#
# One copy is less accurate here than live, by eleven points. (This network knows its garments so well that `fit`'s accuracy is above validation for live, too.)

# %% [markdown]
# ## In practice and limits
#
# What a rising loss means depends on the images. On solar cells accuracy falls as well (Exercise 3), so look at your own.

# %% [markdown]
# ## Take-away
#
# 1. `fit` takes its training curve on augmented pictures and while the weights move. Evaluate the training images as they are before you speak of underfitting.
# 2. A rising validation loss is often over-confidence. Look at accuracy before you call the network worse.
# 3. A network that is better on what it was shown than on its own originals has memorised copies.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. In every epoch your validation accuracy is above the training accuracy. Is the network too small?</summary>
#
# You can't say that yet. With augmentation the two are taken on different pictures, and early also with different weights. Evaluate the unchanged training images first.
#
# </details>
#
# <details><summary>2. From epoch 10 to epoch 50 your validation loss doubles, and accuracy stays. What happened?</summary>
#
# The network became over-confident. If you need its probabilities, calibrate them with a temperature. If you need only the answers, nothing was lost, and nothing is to be gained: a temperature changes no answer.
#
# </details>
#
# <details><summary>3. You believe that your augmentation is live. The training accuracy is far above that on the unchanged training images. What do you suspect?</summary>
#
# That it is frozen. The network knows the pictures that it is shown better than their originals, so they must come again.
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
# ### Exercise 2: How over-confident?
#
# Write `over_confidence`, which takes the probabilities of a coat and the labels (1 is a coat), and returns by how much the network is surer than it is right: the mean confidence of its answers, minus its accuracy. The *confidence* of an answer is the probability that the network gave to it. The starter makes a mistake. How over-confident is the network from the beginning of this page?

# %%
def over_confidence(p, labels):
    accuracy = np.mean((p > 0.5) == labels)
    return np.mean(p) - accuracy


p = model.predict(garments.x_val, batch_size=500, verbose=0)[:, 0]
print(f"over-confident by ≈ {over_confidence(p, garments.y_val):.2f}")
check("04.2", ...)  # put over_confidence in place of the dots when it is ready

# %% [markdown]
# ### Exercise 3: Elsewhere?
#
# With garments, a network without augmentation becomes over-confident in time, but hardly less accurate. Is it so with other images? Say first what you expect for solar cells. Then put `"solar-cells"` in place of `"garments"`, and compare how loss and accuracy change from update 1,000 to update 3,000.

# %%
table = read_results(FOLDER / "study.csv")
chosen = table[(table["dataset"] == "garments") & (table["n"] == 512) & (table["arm"] == "none")]
for update in (1000, 3000):
    late = chosen[chosen["update"].between(0.9 * update + 1, update)]
    print(f"{update:5,}", late[["val_loss", "val_accuracy"]].mean().round(3).to_dict())

# %% [markdown]
# **Next:** [05 How many copies?](05_how_many_copies.ipynb) says what repeats cost.
#
# ## What this page claims, checked

# %% tags=["hide-input", "hide-output"]
from helpers.show import Claims


def pictures(n, arm, updates):
    """How many pictures a run showed, and how many different ones."""
    plan = plans[n, arm, updates]
    return plan.source.size, len(np.unique(plan.version * n + plan.source))


mild = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)
first, last = steps.loc["epoch 1"], steps.loc["epoch 15"]
moving = [end.iloc[1] - end.iloc[0] for end in (first, last)]
pictures_cost = [end.iloc[2] - end.iloc[1] for end in (first, last)]
repeated = np.repeat(x[:1], 8, axis=0)
claims = Claims(policy=(augment, mild), garments=(len(x), 1024))
claims.check("by fit, accuracy is higher in validation than in training in 10 epochs or more of 15",
             bool((history["val_accuracy"] > steps.iloc[:, 0]).sum() >= 10 and len(steps) == 15))
claims.check("by loss validation is lower in 10 epochs or more of 15", bool(np.sum(np.array(history["val_loss"]) < history["loss"]) >= 10 and len(steps) == 15))
claims.check("on unchanged training garments accuracy is higher than in validation in 10 epochs or more of 15",
             bool((steps.iloc[:, 2] > history["val_accuracy"]).sum() >= 10 and len(steps) == 15))
claims.check("and the loss ends lower than in validation, by more than 0.02", history["val_loss"][-1] - unchanged[-1][0] > 0.02)
claims.check("and lower than what fit reports, by more than 0.03", history["loss"][-1] - unchanged[-1][0] > 0.03)
claims.check("epoch 1: moving weights make 5 points or more, and more than twice what the pictures make",
             bool(moving[0] >= 0.05 and moving[0] > 2 * pictures_cost[0] and steps.index[0] == "epoch 1"))
claims.check("epoch 15: the pictures make 2 points or more, and more than the moving weights",
             bool(pictures_cost[1] >= 0.02 and pictures_cost[1] > moving[1] and steps.index[-1] == "epoch 15"))
claims.check("the layer draws for each picture of a batch, anew at each call, and is off when a model evaluates",
             bool(len(np.unique(augment(repeated), axis=0)) > 4 and np.any(augment(x) != augment(x))
                  and np.array_equal(augment(x, training=False), x)))

runs_of = one_copy[one_copy["update"] > 2700].groupby("replicate"), one_copy[one_copy["update"].between(451, 500)].groupby("replicate")
after, before = (group.mean(numeric_only=True) for group in runs_of)
growth, lost = after["val_loss"] / before["val_loss"], before["val_accuracy"] - after["val_accuracy"]
claims.check("stored: the loss of 1 copy doubles (1.9 to 2.1 on average, over 1.7 in every run)",
             bool(1.9 < growth.mean() < 2.1 and growth.min() > 1.7 and set(one_copy["arm"]) == {"copies-1"}))
claims.check("stored: its accuracy falls by less than half a point", bool(0 < lost.mean() < 0.005))
risen = after["val_loss"].mean() - before["val_loss"].mean()
left = after["val_loss_scaled"].mean() - before["val_loss_scaled"].mean()
claims.check("stored: more than 95 % of the rise vanishes with a temperature", bool(risen - left > 0.95 * risen))
claims.check("stored, residual network: 1 copy is eleven points (10 to 12) less accurate than live",
             bool(10 < ends["val_accuracy"]["live"] - ends["val_accuracy"]["copies-1"] < 12))
claims.check("stored, residual network: the best method has the lowest training accuracy, 97 % or more in all, above validation for live",
             bool(ends["shown_accuracy"]["live"] > ends["val_accuracy"]["live"] and ends["val_accuracy"].idxmax() == ends["shown_accuracy"].idxmin() and ends["shown_accuracy"].min() > 97))

over = {letter: run.iloc[-3:].mean() for letter, run in nine.items()}  # single evaluations jump
claims.check("F shows 12,800 pictures and repeats no picture, H shows 128 again and again",
             pictures(1024, "live", 400) == (12800, 12800) and pictures(128, "copies-1", 500)[1] == 128)
claims.check("A: validation loss above F's", bool(over["A"]["val_loss"] > over["F"]["val_loss"]))
claims.check("B: rises by more than 0.05, memorised", bool(over["B"]["val_loss"] > nine["B"]["val_loss"].min() + 0.05 and over["B"]["shown_accuracy"] > 0.96))
claims.check("C: memorised, and right half of the time", bool(over["C"]["shown_accuracy"] > 0.9 and abs(over["C"]["val_accuracy"] - 0.5) < 0.1))
claims.check("D: below 75 % in training", bool(over["D"]["shown_accuracy"] < 0.75 and over["D"]["val_loss"] < over["D"]["shown_loss"] + 0.05))
claims.check("E: stays within 0.1 of 0.69", abs(over["E"]["val_loss"] - 0.69) < 0.1)
claims.check("F: training loss above validation loss, and above that of the unchanged garments by more than 0.03",
             bool(over["F"]["shown_loss"] > over["F"]["val_loss"] and over["F"]["shown_loss"] > over["F"]["train_loss"] + 0.03))
claims.check("G: validation loss still more than 0.1 above F's", bool(over["G"]["val_loss"] > over["F"]["val_loss"] + 0.1))
claims.check("the third curve separates H from B: in H it is above the training loss by more than 0.1, in B by less than 0.05",
             bool(over["H"]["train_loss"] > over["H"]["shown_loss"] + 0.1 and abs(over["B"]["train_loss"] - over["B"]["shown_loss"]) < 0.05))
claims.check("I: a loss above 1 at an accuracy above 70 %", bool(over["I"]["val_loss"] > 1 and over["I"]["val_accuracy"] > 0.7))
