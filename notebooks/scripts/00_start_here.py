# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,mystnb,jupyter,cellView,-all
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
# # 00 Start here: freeze or renew?
#
# You shift a pullover by one pixel and save the picture. Your network will look at that picture a hundred times. What does it learn: the pullover, or the shift? Write your answer down.
#
# **You will** train one small network in three ways, guess how they compare, and then ask each of them what it has learnt.
#
# **You will learn:**
#
# - what *static* and *live* augmentation are, and where each stands in Keras code,
# - what the training loss can't show you,
# - what a network learns from a change that is frozen, and what from one that varies.
#
# **You need** to have trained a classifier in Keras once. **Time:** 16 minutes to read, about one to run. Run it cell by cell with Shift+Enter: what you run unfolds, so guess first.

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

# %% [markdown]
# ## Which label survived?
#
# *Augmenting* an image means changing it a little, at random, before the network sees it. Here Grace Hopper, who wrote one of the first compilers, a sign with her name and a digit were changed. Each kept its label, written above it. Which of the three labels are still true?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three pairs of pictures. The portrait of Grace Hopper and its mirror image, both labelled Hopper. A sign that says HOPPER and the same sign mirrored, so that the letters run backwards, both labelled HOPPER. A digit 6 and the same digit turned upside down, which now is a 9, both labelled 6."}} tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image, ImageDraw, ImageFont

from helpers import plots
from helpers.show import caption

plots.use_style()


def sign(text, width):
    canvas = Image.new("L", (width, 60), 225)
    ImageDraw.Draw(canvas).text((width / 2, 29), text, 0, ImageFont.load_default(48), anchor="mm")
    return np.asarray(canvas)


portrait = plt.imread(get_sample_data("grace_hopper.jpg", asfileobj=False)) / 255  # US Navy, public domain
face, word, six = portrait[60:460, 60:460], sign("HOPPER", 220), sign("6", 60)
changed = [face, face[:, ::-1], word, word[:, ::-1], six, six[::-1, ::-1]]
labels = np.repeat(['"Hopper"', '"HOPPER"', '"6"'], 2)
figure, axes = plt.subplots(1, 6, figsize=(11, 1.9), width_ratios=[1.4, 1.4, 2, 2, 1, 1])
for ax, picture, label in zip(axes, changed, labels, strict=True):
    ax.imshow(picture, vmin=0, vmax=255 if picture is not face else 1, interpolation="bicubic")
    ax.set_title(label, loc="center", fontsize=16)
    ax.axis("off")
plt.show()

# %% [markdown]
# *A portrait, a sign and a digit, each with what became of it.*
#
# <details><summary>Answer</summary>
#
# Only the portrait's. A mirrored word is no word, and the 6 is a 9.
#
# </details>
#
# The list of changes that you allow is a *policy*. It is a claim about your labels: whatever it does to an image, the label stays true. No library checks that for you.
#
# ## Our policy is mild
#
# We train on 128 pullovers and coats from Fashion-MNIST, and evaluate on two thousand new ones. They are only 28 pixels wide. Our augmenter is a Keras layer that comes with this series. We may mirror, because a mirrored coat is still a coat.

# %%
from helpers.data import load_garments, subset

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train
new_garments = (garments.x_val, garments.y_val)

# %%
from helpers.augment import RandomAffine

augment = RandomAffine(
    rotation_range=5,  # up to 5 degrees, to either side
    width_shift_range=0.05,  # up to 5 % of the width
    height_shift_range=0.05,
    zoom_range=0.05,  # up to 5 % larger or smaller
    horizontal_flip=True,  # every second picture or so
    seed=0,  # each call draws anew, but a restart draws the same again
)

# %%
# If you are running the page, move the sliders: how far can you go?
from explorers import policy_explorer

pullovers = x[y == 0]
policy_explorer(
    pullovers[[7, 13, 23]], rotation_range=5, width_shift_range=0.05, height_shift_range=0.05,
    zoom_range=0.05, horizontal_flip=True,
)

# %% [markdown]
# ## Spot the repeat
#
# > *Should I make the augmented images once and save them, or make new ones in every epoch?*
#
# An *epoch* goes once through the training images. Copies that are made once and saved are *static* augmentation: the change is frozen. New ones in every epoch are *live* augmentation: the change is renewed.
#
# Follow one pullover through eight epochs. Each list says which version of it is shown. Below stand the three rows without their names. Mark every picture that you have already seen in its row.

# %%
shown = {
    "1 copy": [0, 0, 0, 0, 0, 0, 0, 0],
    "4 copies": [0, 1, 2, 3, 0, 1, 2, 3],
    "live": [0, 1, 2, 3, 4, 5, 6, 7],
}

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three rows, A, B and C, of eight pictures of the same pullover, one for each epoch. The pictures differ slightly in turn, position and mirroring. Nothing says which of them are repeats."}} tags=["hide-input", "slide-with"]
many = [augment.apply(pullovers[7:8], augment.draw(1, seed=(0, i)))[0].numpy() for i in range(8)]
strips = {name: np.stack(many)[numbers] for name, numbers in shown.items()}
epochs = [f"epoch {epoch}" for epoch in range(1, 9)]
order = ["4 copies", "live", "1 copy"]
plots.show_images([strips[name] for name in order], ["A", "B", "C"], epochs)

# %% [markdown]
# *One pullover through eight epochs, three times. Which row is which? Decide, then unfold.*

# %% cellView="form" jupyter={"outputs_hidden": true, "source_hidden": true} mystnb={"image": {"alt": "The same three rows with names. In the row of 1 copy, epochs 2 to 8 are greyed and stamped 'seen'. In the row of 4 copies, epochs 5 to 8 are stamped. In the live row nothing is stamped."}} tags=["hide-input", "hide-output", "slide"]
figure, axes = plt.subplots(3, 8, figsize=(11, 4.3))
for line, name, code in zip(axes, order, ["copies-4", "live", "copies-1"], strict=True):
    color = plots.arm_style(code)["color"]
    for epoch, ax in enumerate(line):
        again = shown[name][epoch] in shown[name][:epoch]
        ax.imshow(strips[name][epoch], vmin=0, vmax=1, alpha=0.25 if again else 1)
        if again:
            ax.text(13.5, 13.5, "seen", rotation=25, ha="center", va="center", fontsize=15, weight="bold")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color="lightgrey" if again else color, linewidth=1 if again else 3)
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", color=color, fontsize=15)
for ax, title in zip(axes[0], epochs, strict=True):
    ax.set_title(title, loc="center", fontsize=15)
caption("One copy repeats itself from the second epoch on, four copies from the fifth, and live not at all.")

# %% [markdown]
# ## A network that you could have typed
#
# One convolution, one pooling layer, and one output, which is the probability of a coat. The seed gives each network the same start.

# %%
import keras
from keras import layers


def network():
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ])

# %%
def train(model, images):
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        images, y, batch_size=32, epochs=256, verbose=0,
        validation_data=new_garments, validation_freq=16,  # evaluate after every sixteenth epoch
    )

# %% [markdown] tags=["slide"]
# ## The whole difference is where `augment` stands
#
# For one copy we call `augment` ourselves, *before* training. It draws once, and the result is a fixed array. For live we put the layer *inside* the model. There it draws anew for each batch while `fit` trains, and does nothing when the model evaluates or predicts.

# %% tags=["slide-with"]
one_copy = augment(x).numpy()

runs = {}
runs["no augmentation"] = train(network(), x)
runs["1 copy"] = train(network(), one_copy)
runs["live"] = train(keras.Sequential([augment, network()]), x)

# %% [markdown]
# ## Which one would you ship?
#
# Order the three networks by their loss on new garments, and write it down. Then look at the training loss that `fit` reports:

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Training loss against epochs. The lines of no augmentation and of 1 copy fall almost to zero. The line of live stays high above them."}} tags=["hide-input", "slide-before"]
arms = ["none", "copies-1", "live"]  # as the code calls the three methods


def draw(key):
    figure, ax = plt.subplots(figsize=(8, 3.6))
    histories = {arm: runs[plots.arm_label(arm)].history[key] for arm in arms}
    for arm, values in histories.items():
        ax.plot(np.linspace(0, 256, len(values) + 1)[1:], values, **plots.arm_style(arm))
    ax.set(xlabel="epochs", xlim=(0, 256), ylim=(0, 0.85))
    plots.label_ends(ax, {arm: values[-1] for arm, values in histories.items()})
    return ax


draw("loss").set_title("training loss")
caption("No augmentation and one copy look splendid. Live looks like the worst choice of all.")

# %% [markdown]
# Now the same networks on the two thousand new garments. Unfold when you are sure of your order.

# %% cellView="form" jupyter={"outputs_hidden": true, "source_hidden": true} mystnb={"image": {"alt": "Loss on new garments against epochs. All three lines fall at first. Then that of no augmentation climbs steeply and that of 1 copy climbs less, while live stays low to the end."}} tags=["hide-input", "hide-output", "slide-before"]
draw("val_loss").set_title("loss on new garments (lower is better)")
caption("The highest training loss belongs to the best network: the other two memorise their pictures, and the training loss rewards that.")

# %% [markdown]
# When the loss on new images rises while training goes on, a network *overfits*: it *memorises* its pictures instead of learning what makes a coat.
#
# ## Was that luck?
#
# One run proves little. So we trained each way twenty times, each time on other garments, and three times as long. The bands say how uncertain the *mean* is. Single runs scatter much more.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Mean loss on new garments over twenty runs against 750 epochs, with bands. A dotted line marks epoch 256. At the end 1 copy is highest, then comes no augmentation, and live is lowest by far."}} tags=["hide-input", "slide"]
from helpers.tables import FOLDER, read_results

study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128 and arm in @arms")

figure, ax = plt.subplots(figsize=(8, 3.9))
ax.set(title="loss on new garments, mean of twenty runs", ylabel="", ylim=(0, 1.4))
moments = [50, 100, 200, 350, 500, 1000, 1500, 2000, 3000]
curves = study[study["update"].isin(moments)]
plots.plot_curves(ax, curves.assign(update=curves["update"] * 32 / n), "val_loss", label=False)  # a batch has 32
ax.set(xlabel="epochs")
plots.label_ends(ax, study[study["update"] == 3000].groupby("arm")["val_loss"].mean().to_dict())
ax.axvline(256, color="grey", linestyle=":", linewidth=1)
ax.text(260, 1.32, "your run ended here", color="dimgrey", va="center", fontsize=11)
plt.show()

end = study[study["update"] == 3000].pivot(index="replicate", columns="arm", values="val_loss")
best, worst = end.idxmin(axis=1), end.idxmax(axis=1)
print(f"live was best in {(best == 'live').sum()} of 20 runs, and 1 copy was worst in {(worst == 'copies-1').sum()}")

# %% [markdown]
# *On average one copy is worse than no augmentation. Our own run hid it: there no augmentation came last. Stopped at their lowest points, the three have the same order and lie closer together.*
#
# ## Who knows the originals?
#
# Your network with one copy was trained on copies alone. The live one, too, was shown a changed picture every time. Neither has ever seen one of the 128 originals.
#
# Which of the two recognises more of them? Guess both accuracies, then unfold. (A coin is right half of the time.)

# %% jupyter={"outputs_hidden": true} tags=["hide-output", "slide"]
models = {name: run.model for name, run in runs.items()}
knows = {name: model.evaluate(x, y, verbose=0)[1] for name, model in models.items()}
for name, run in runs.items():
    shown = np.mean(run.history["accuracy"][-16:])  # of sixteen epochs, since live's 128 pictures differ in each
    new = run.history["val_accuracy"][-1]
    print(f"{name:15} shown ≈ {100 * shown:3.0f} %, originals ≈ {100 * knows[name]:3.0f} %, new ≈ {100 * new:3.0f} %")

# %% [markdown]
# <details><summary>What it means</summary>
#
# *Shown* is what it was trained on, as `fit` reports it. The network with one copy is right about every copy, and wrong about one in seven of the images that they were made from. Twenty longer runs say the same: 88 % with one copy, 98 % live.
#
# So what did it learn? Neither the pullover nor the shift, but *that picture*. Live saw 256 versions of each image, all around the original, and what it learned from them fits the original as well.
#
# </details>
#
# ## Nudge it
#
# Take garments that no network has seen, and change them a little. A network that ignores the change keeps its answer. If you are running the page, try it.

# %%
from explorers import nudge_explorer

nudge_explorer(models, new_garments[0][:100])

# %% [markdown]
# Now all 2,000. How many answers in a hundred will change when each is mirrored, and how many when it is moved by one pixel? Guess for each network, then unfold. Folded below that are twenty runs of each method on 2,000 garments, with four and sixteen copies between.

# %% jupyter={"outputs_hidden": true} tags=["hide-output"]
unseen = new_garments[0]
nudges = {"mirrored": unseen[:, :, ::-1], "moved by one pixel": np.roll(unseen, 1, axis=2)}

changed = {}
for name, model in models.items():
    before = model.predict(unseen, verbose=0) > 0.5
    changed[name] = [100 * np.mean(before != (model.predict(nudged, verbose=0) > 0.5)) for nudged in nudges.values()]
    print(f"{name:16} mirrored ≈ {changed[name][0]:3.0f} %, moved by one pixel ≈ {changed[name][1]:3.0f} %")

# %% cellView="form" jupyter={"outputs_hidden": true, "source_hidden": true} mystnb={"image": {"alt": "Two panels of bars: the share of unseen garments whose answer changes. Mirrored: 12 % with no augmentation and with 1 copy, 9 % with 4 copies, 4 % with 16 copies, 2 % live. Moved by one pixel: 18, 17, 13, 8 and 6 %."}} tags=["hide-input", "hide-output", "slide-covered"]
import pandas as pd

registered = pd.read_csv(FOLDER / "freeze-or-renew.csv")
stored = registered.query("row == 1 and n == 128 and policy == 'mild' and draw == 'per image'")
by_copies = ["none", "copies-1", "copies-4", "copies-16", "live"]
ignored = 100 * stored.groupby("arm")[["changed_mirror", "changed_pixel"]].mean().loc[by_copies]
figure, axes = plt.subplots(1, 2, sharey=True)
for ax, column, title in zip(axes, ignored, ["mirrored", "moved by one pixel"], strict=True):
    bars = ax.barh([plots.arm_label(arm) for arm in by_copies], ignored[column], color=[plots.arm_style(arm)["color"] for arm in by_copies])
    ax.bar_label(bars, fmt="%.0f %%", padding=3)
    ax.set(xlim=(0, 22), xticks=[], title=title)
    ax.grid(visible=False)
axes[0].invert_yaxis()
figure.supxlabel("answers that change")
caption("A mirror changes as many answers with one frozen copy as without augmentation. Half of the copies were mirrored, and that taught the network nothing about mirrors.")

# %% [markdown]
# <details><summary>What it means</summary>
#
# Live renewed the same policy in every epoch. A garment came mirrored in one epoch and unmirrored in the next, with one label, so all that paid was to ignore the mirror.
#
# </details>
#
# ## In the network you would take
#
# Ours is the smallest network that shows it. Here is a ResNet-8, a small relative of the networks that most people use, trained on 512 garments, eight times each way.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Accuracy of three networks at three places. No augmentation: 100 % on what it was shown, which are its own originals, and 83 % on new garments. 1 copy: 100 % on its copies, 84 % on their originals, 78 % on new garments. Live: 97 % on what it was shown, 98 % on the originals, 89 % on new garments."}} tags=["hide-input"]
from helpers.compare import summarise

law = read_results(FOLDER / "law.csv").query("model == 'residual' and dataset == 'garments' and n == 512 and arm in @arms")
places = {"shown_accuracy": "what it was shown", "train_accuracy": "its own originals", "val_accuracy": "new garments"}
in_residual = 100 * summarise(law).groupby("arm")[list(places)].mean()
figure, ax = plt.subplots(figsize=(8, 4))
for arm in arms:
    heights = in_residual.loc[arm].to_numpy()
    ax.plot([0, 1, 2], heights, marker="o", markersize=8, **plots.arm_style(arm))
    for place in (1, 2):
        below = (arm, place) != ("none", 1)
        ax.annotate(f"{heights[place]:.0f} %", (place, heights[place]), (0, -22 if below else 8), ha="center",
                    textcoords="offset points", color=plots.arm_style(arm)["color"])
ax.set(xticks=[0, 1, 2], xticklabels=places.values(), xlim=(-0.2, 2.2), ylim=(74, 104))
ax.set_title("accuracy, %")
plots.label_ends(ax, in_residual["val_accuracy"].to_dict())
plt.show()

# %% [markdown]
# *One frozen copy costs this network five points against no augmentation and eleven against live.*
#
# Why is a copy worse than its original, if both are memorised? It is a little moved and blurred, and new garments aren't. So we gave all images *the same* change, another one in each of eight runs. These networks were right about only 70 % of new garments. But they were right about 84 % of new garments that were changed in the same way, as many as with no augmentation. So a *mismatch* between copies and new images hurts. Where each copy has a change of its own, it is [the same](../docs/conclusions.md#freeze-or-renew): a network that was trained on copies is better than one without augmentation on changed images, and worse on images as they are.

# %% [markdown]
# ## In practice and limits
#
# These are few, small and clean pictures, trained until the networks overfit. Stopped in time, or with many more images, the methods lie closer together, and after few updates no augmentation may even lead.

# %% [markdown] tags=["slide"]
# ## Take-away
#
# > **Freeze a change, and the network learns the picture. Vary it, and the network learns to ignore the change.**
#
# 1. A frozen copy is memorised like any other picture, but the network will meet others. So one copy in place of each image can be worse than no augmentation.
# 2. The training loss can't show it, because it rewards memorising. Evaluate on new images, and on your own originals.
# 3. If you augment, make new versions in every epoch.
#
# You can stop here: this is what the series has to say. If you must store copies, how many (lesson [05](05_how_many_copies.ipynb))? And how do you know that it isn't luck (lessons [01](01_static_versus_live.ipynb) to [04](04_overfitting_curves.ipynb))?

# %%
# The message, in your own run: one copy taught nothing about the mirror, live did.
assert changed["live"][0] < changed["1 copy"][0] / 2

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Live has the highest training loss. Does it learn badly?</summary>
#
# No. Its training loss is measured on pictures that it has never seen before, so memorising doesn't lower it.
#
# </details>
#
# <details><summary>2. One copy and no augmentation both show 128 pictures again and again. Why is one copy worse?</summary>
#
# Both networks memorise their pictures. But the copies are a little moved and blurred, unlike what the network will meet. That is the reason: on changed images the network of the copies is the better one.
#
# </details>
#
# <details><summary>3. Should the new garments be augmented as well, to be fair to live?</summary>
#
# No. They stand for the garments that the network will meet, which are upright and centred.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/00_start_here.ipynb).

# %% [markdown]
# ### Exercise 1: Four copies
#
# You store four copies of each garment in its place, so an epoch of `fit` goes through 512 pictures. After how many epochs has this network seen as many batches of 32 as the others?

# %%
from exercises import check

epochs = ...  # a whole number
check("00.1", epochs)

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# Complete `clock`, so that it gives the number of the version in any epoch when there are four copies: 0, 1, 2, 3, then 0 again. (Python counts from 0, so the figure's epoch 1 is `clock(0)`.) For live, `clock` would simply return `epoch`.

# %%
def clock(epoch):
    return ...


check("00.2", clock)

# %% [markdown]
# ### Exercise 3: More garments
#
# Will one copy do as much harm when there are more garments? Write down what you expect. Then set `n` to 512 in "Our policy is mild" and `epochs=64` in `train`, run the page again, and compare. (The last cell will say that claims don't apply.)

# %%
expected = ...  # "less harm", "as much" or "more"

# %% [markdown]
# **Next:** [01 Static versus live](01_static_versus_live.ipynb) makes static and live one and the same run. In a hurry? [05 How many copies?](05_how_many_copies.ipynb)
#
# ## What this page claims, checked

# %% cellView="form" jupyter={"outputs_hidden": true, "source_hidden": true} tags=["hide-input", "hide-output"]
from helpers.show import Claims

training = {name: run.history["loss"][-1] for name, run in runs.items()}
new = {name: run.history["val_loss"][-1] for name, run in runs.items()}
updates = {int(model.optimizer.iterations) for model in models.values()}
different = [len(np.unique(strip, axis=0)) for strip in strips.values()]
settings = ["rotation_range", "width_shift_range", "height_shift_range", "zoom_range", "horizontal_flip"]
policy = [getattr(augment, name) for name in settings]
last = study[study["update"] == 3000].groupby("arm")["val_loss"].mean()
lost = in_residual["val_accuracy"] - in_residual.loc["copies-1", "val_accuracy"]
own = 100 * stored.groupby("arm")["final_own_accuracy"].mean()
wrong_about = 1 - models["1 copy"].evaluate(one_copy, y, verbose=0)[1], 1 - knows["1 copy"]
mirror, pixel = ignored["changed_mirror"], ignored["changed_pixel"]

claims = Claims(n=(n, 128), policy=(policy, [5, 0.05, 0.05, (0.95, 1.05), True]))
claims.check("in eight epochs 1 copy shows 1 picture, 4 copies show 4, live shows 8", different == [1, 4, 8])
claims.check("the layer draws anew at each call, and leaves pictures as they are when a model evaluates",
             bool((augment(x) != augment(x)).numpy().any() and np.array_equal(augment(x, training=False), x)))
claims.check("every network makes 1,024 gradient updates", updates == {1024})
claims.check("live has the highest training loss and the lowest loss on new garments",
             max(training, key=training.get) == min(new, key=new.get) == "live")
claims.check("in our own run no augmentation came last", max(new, key=new.get) == "no augmentation")
claims.check("stored: live ends best in 20 of 20 runs, and 1 copy worst in 16",
             bool((best == "live").sum() == 20 and (worst == "copies-1").sum() == 16))
claims.check("stored: 1 copy ends with a higher mean loss than no augmentation", bool(last["copies-1"] > last["none"]))
claims.check("1 copy is right about all its copies, and wrong about one original in seven, so about 10 to 20 %",
             bool(wrong_about[0] == 0 and 0.1 < wrong_about[1] < 0.2))
claims.check("live knows at least 5 points more of the originals than 1 copy", bool(knows["live"] > knows["1 copy"] + 0.05))
stopped = summarise(study).groupby("arm")["val_loss_stopped"].mean()
claims.check("stored: stopped at their lowest points live, no augmentation and 1 copy have that order, and lie closer together",
             bool(stopped["live"] < stopped["none"] < stopped["copies-1"]
                  and stopped["copies-1"] - stopped["live"] < last["copies-1"] - last["live"]))
claims.check("stored, twenty longer runs: 1 copy knows 88 % of its originals, and live 98 %",
             [round(own["copies-1"]), round(own["live"])] == [88, 98])
claims.check("nudged, live changes fewer answers than 1 copy, mirrored or moved",
             bool(np.all(np.array(changed["live"]) < changed["1 copy"])))
claims.check("stored: mirrored, 1 copy and no augmentation differ by less than 2 points, and live changes at most a third of them",
             bool(abs(mirror["copies-1"] - mirror["none"]) < 2 and mirror["live"] < mirror["none"] / 3))
claims.check("stored: moved by one pixel, live changes the fewest answers, and fewer than half of no augmentation",
             bool(pixel.idxmin() == "live" and pixel["live"] < pixel["none"] / 2))
claims.check("stored, residual network: 1 copy costs five points (4 to 6) against no augmentation, eleven (10 to 12) against live",
             bool(4 < lost["none"] < 6 and 10 < lost["live"] < 12))
same = registered.query("row == 2 and (draw == 'one for all' or arm == 'none')").groupby("draw").mean(numeric_only=True)
once, without = same.loc["one for all"], same.loc["per image"]
claims.check("stored, residual network, one change for all images: 70 % right on new garments, 84 % on new ones changed alike",
             [round(100 * once["final_new_accuracy"]), round(100 * once["final_alike_accuracy"])] == [70, 84])
claims.check("stored, residual network: changed alike, that is within a point of no augmentation, so within 1 %",
             bool(abs(once["final_alike_accuracy"] - without["final_new_accuracy"]) < 1 / 100))
