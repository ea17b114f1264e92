# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,slideshow,mystnb,-all
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version,-widgets,-language_info
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 Start here: static or live?
#
# [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/YOUR_ACCOUNT/static-versus-live/HEAD?urlpath=lab/tree/notebooks/00_start_here.ipynb) [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/YOUR_ACCOUNT/static-versus-live/blob/main/notebooks/00_start_here.ipynb)
#
# You can make augmented copies of your images once, before training, or you can make new ones in every epoch. Both ways change the images by the same rules. The first shows your network the same pictures again and again, the second never does, and the network notices.
#
# **You will** train one small network in four ways, and guess the outcome before you see it.
#
# **You will learn**
# - what *static* and *live* augmentation are, and where each of them stands in Keras code,
# - why the best training loss can belong to the worst network,
# - what to do when you can't augment live.
#
# **You need** to have trained a classifier in Keras once. **Time:** 11 minutes to read, about one to run. Choose *Run all* now, then start reading.

# %%
import subprocess, sys
from pathlib import Path
places = [*Path.cwd().parents, Path("static-versus-live").resolve()]
if not any((place / "helpers/augment.py").exists() for place in places):  # on Colab: fetch the series
    subprocess.run(["git", "clone", "-q", "https://github.com/YOUR_ACCOUNT/static-versus-live", places[-1]], check=True)
sys.path[:0] = [str(place) for place in places if (place / "helpers/augment.py").exists()]

# %% tags=["hide-input"]
import helpers  # before TensorFlow, whose start-up messages it keeps out of the notebook
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.cbook import get_sample_data

from helpers import plots
from helpers.augment import RandomAffine

plots.use_style()

# %% [markdown]
# ## When does it stop being the same picture?
#
# *Augmenting* an image means changing it a little, at random, before the network sees it. The image may be turned, shifted, zoomed or mirrored. Here is Rear Admiral Grace Hopper, who wrote one of the first compilers, under the same change at growing strength.
#
# Which is the last of these pictures that you would still give to a network and call "Grace Hopper"?

# %% mystnb={"image": {"alt": "Five versions of a portrait of Grace Hopper in uniform. The first is upright. In the others she is turned, shifted and stretched more and more, until in the fifth her face has partly left the frame and smears fill the rest."}} tags=["hide-input"]
portrait = plt.imread(get_sample_data("grace_hopper.jpg", asfileobj=False)).astype("float32") / 255
strengths = [0, 1, 3, 6, 10]
figure, axes = plt.subplots(1, len(strengths), figsize=(10, 2.7))
for ax, strength in zip(axes, strengths, strict=True):
    change = RandomAffine(5 * strength, 0.05 * strength, 0.05 * strength, zoom_range=0.05 * strength, seed=0)
    ax.imshow(change(portrait))
    ax.set_title("original" if strength == 0 else f"strength {strength}", loc="center")
    ax.axis("off")
plt.show()

# %% [markdown]
# *There is a limit, and only you can see where it lies. The network believes whatever you tell it.*

# %% [markdown]
# ## Which label survived?
#
# Mirroring looks harmless. Below, the admiral's name badge is mirrored, and a handwritten digit is turned upside down. Say for each whether its label is still true.

# %% mystnb={"image": {"alt": "A name badge that says Como Hopper, and the same badge mirrored, so that the letters run backwards. Beside them a digit 6, and the same digit turned upside down, which now is a 9."}} tags=["hide-input"]
badge = portrait[480:522, 74:172]
figure, axes = plt.subplots(1, 4, figsize=(10, 1.9), width_ratios=[2.2, 2.2, 1, 1])
for ax, picture, title in zip(axes, [badge, badge[:, ::-1]], ["badge", "mirrored"]):
    ax.imshow(picture)
    ax.set_title(title, loc="center")
for ax, turn, title in zip(axes[2:], [0, 180], ["labelled 6", "upside down, still labelled 6"]):
    ax.text(0.5, 0.5, "6", rotation=turn, fontsize=70, ha="center", va="center_baseline")
    ax.set_title(title, loc="center")
for ax in axes:
    ax.axis("off")
plt.show()

# %% [markdown]
# *A mirrored portrait still shows the admiral, but a mirrored badge is no text, and an upside-down 6 is a wrong answer.*
#
# The list of changes that you allow is called a *policy*. A policy is a claim about your labels: whatever it does to an image, the label stays true. No library can check that claim for you.

# %% [markdown]
# ## The question
#
# People who have chosen their policy soon ask this one:
#
# > *Should I make the augmented images once and save them, or make new ones in every epoch?*
#
# An *epoch* is one round of training in which each training image has its turn. Copies that are made once are called *static* (or offline) augmentation. New ones in every epoch are *live* (or online) augmentation. Vote now: does it matter which you choose? Hold on to your vote until the end.

# %% [markdown]
# ## Our policy is mild
#
# We shall train on 128 pullovers and coats from Fashion-MNIST, grey pictures of 28 × 28 pixels. Two thousand other garments are kept aside to test with. The task is harder than it sounds, because the two look much alike at this size.

# %%
from helpers.data import load_garments, subset

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train
new_garments = (garments.x_val, garments.y_val)

# %% [markdown]
# Our augmenter is a Keras layer with the arguments of the well-known `ImageDataGenerator`. Garments come upright and centred, so a little of everything is enough. A pullover has no writing that must be read, so we may mirror it.

# %%
augment = RandomAffine(
    rotation_range=5,  # degrees, to either side
    width_shift_range=0.05,
    height_shift_range=0.05,
    zoom_range=0.05,
    horizontal_flip=True,
    seed=0,
)

# %% [markdown]
# Try it with the sliders. How far can you go until a pullover no longer looks like one?

# %%
from explorers import policy_explorer

pullovers = x[y == 0]
policy_explorer(pullovers[[49, 51, 7]], rotation_range=5, zoom_range=0.05, horizontal_flip=True)

# %% mystnb={"image": {"alt": "A pullover with the word TEAM on its chest in the top row and a coat below, each followed by five augmented versions. They are slightly turned, shifted and zoomed, and on some pullovers the word runs backwards."}} tags=["hide-input"]
printed, coat = pullovers[49:50], x[y == 1][5:6]
rows = [
    np.concatenate([garment] + [augment.apply(garment, augment.draw(1, seed=(0, i))) for i in range(5)])
    for garment in (printed, coat)
]
plots.show_images(rows, ["pullover", "coat"], ["original"] + [f"version {i}" for i in range(1, 6)])

# %% [markdown]
# *Mild is really mild: without the print you would hardly notice the mirror.*

# %% [markdown]
# ## Spot the repeat
#
# Below, one pullover is shown through eight epochs in three ways. One row belongs to a network that trains on a single copy of each garment. Another belongs to one with four copies, which take turns. The third is live. In code, the three ways differ only in the numbers that say which version is shown in which epoch:

# %%
shown = {
    "4 copies": [0, 1, 2, 3, 0, 1, 2, 3],
    "live": [0, 1, 2, 3, 4, 5, 6, 7],
    "1 copy": [0, 0, 0, 0, 0, 0, 0, 0],
}


def version(number):
    return augment.apply(printed, augment.draw(1, seed=(0, number)))[0].numpy()


strips = {name: [version(number) for number in numbers] for name, numbers in shown.items()}

# %% [markdown]
# Go through each row from left to right, and mark every picture that you have seen before in that row. Do it before you look at the second figure.

# %% mystnb={"image": {"alt": "Three rows, A, B and C, of eight pictures of the same pullover, one for each epoch. The pictures differ slightly in turn, position and mirroring. Nothing says which of them are repeats."}} tags=["hide-input"]
epochs = [f"epoch {epoch}" for epoch in range(1, 9)]
order = ["4 copies", "live", "1 copy"]
plots.show_images([np.array(strips[name]) for name in order], ["A", "B", "C"], epochs)

# %% [markdown]
# *In which row does a picture come again for the first time, and in which epoch?*

# %% mystnb={"image": {"alt": "The same three rows with names. In the row of 1 copy, epochs 2 to 8 are greyed and stamped 'seen'. In the row of 4 copies, epochs 5 to 8 are stamped. In the live row nothing is stamped."}} tags=["hide-input", "hide-output"]
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
    line[0].set_ylabel(name, rotation=0, ha="right", va="center", color=color, fontsize=14)
for ax, title in zip(axes[0], epochs, strict=True):
    ax.set_title(title, loc="center")
plt.show()

# %% [markdown]
# *One copy repeats itself from the second epoch on, four copies from the fifth, and live never.*
#
# If you found that hard, you are in good company. Any single picture looks the same in all three ways, and so does any single epoch. The difference only shows over time, and training takes a long time. In the experiment below, a single copy of each garment will be shown 256 times.

# %% [markdown]
# ## A network that you could have typed
#
# One convolution, one pooling layer, one output: the probability that the garment is a coat. The seed gives each network the same start. We chose 0 and tried no other.

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


def train(model, images, labels, epochs):
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        images, labels, epochs=epochs, verbose=0,
        validation_data=new_garments, validation_freq=epochs // 16,  # more often would take longer than training
    )

# %% [markdown]
# ## Where `augment` stands
#
# Now the four ways, one line apart. Without augmentation, the network sees the originals. For the *static* ways we call `augment` before training, so that its result is a fixed array. For *live* we put it inside the model, where it runs anew for each batch. Keras switches such a layer off when it evaluates, so new garments are always shown as they are.

# %%
originals = x
one_copy = augment(x).numpy()
four_copies = np.concatenate([augment(x) for copy in range(4)])

runs = {}
runs["none"] = train(network(), originals, y, epochs=256)
runs["copies-1"] = train(network(), one_copy, y, epochs=256)
runs["copies-4"] = train(network(), four_copies, np.tile(y, 4), epochs=64)
runs["live"] = train(keras.Sequential([augment, network()]), originals, y, epochs=256)

# %% [markdown]
# Why are there fewer epochs for four copies? Their pool is four times as large, so that one pass through it takes four times as many steps. A step of the optimiser is called a *gradient update*. Every network gets 1,024 of them, because otherwise the one that trained longer would have an advantage that has nothing to do with its pictures.

# %% [markdown]
# ## Predict
#
# Order the four networks by their loss on new garments, from best to worst: none, 1 copy, 4 copies, live. Write the order down. Most people find the first place easier than the last.
#
# ## Which one would you ship?
#
# While `fit` trains, it prints a loss. This is that loss, the one that you would have watched:

# %% mystnb={"image": {"alt": "Training loss against gradient updates. The lines of none and 1 copy fall together almost to zero. The line of 4 copies ends clearly higher and the line of live highest of all."}} tags=["hide-input"]
def draw(ax, key):
    for arm, run in runs.items():
        values = run.history[key]
        updates = np.linspace(0, 1024, len(values) + 1)[1:]
        ax.plot(updates, values, **plots.arm_style(arm))
    ax.set(xlabel="gradient updates", xlim=(0, 1024), ylim=(0, 0.85))
    plots.label_ends(ax, {arm: run.history[key][-1] for arm, run in runs.items()})


figure, ax = plt.subplots(figsize=(8, 3.6))
draw(ax, "loss")
ax.set_title("training loss, as fit prints it")
plt.show()

# %% [markdown]
# *One copy looks splendid: its loss is nearly zero, and live's is by far the worst.*
#
# By this figure you would ship the network with one copy, or the one without augmentation. Now the garments that no network has seen:

# %% mystnb={"image": {"alt": "Loss on new garments against gradient updates. All four lines fall at first. Then none and 1 copy turn and climb steeply side by side, while 4 copies and live stay low."}} tags=["hide-input", "hide-output"]
figure, ax = plt.subplots(figsize=(8, 3.6))
draw(ax, "val_loss")
ax.set_title("loss on new garments (lower is better)")
plt.show()

# %% [markdown]
# *The order has turned upside down: the two best training losses have become the two worst.*
#
# A loss on new images that rises while training goes on is *overfitting*. The network learns its pictures by heart instead of learning what makes a coat. A copy that comes again can be learnt by heart just like an original, and one copy comes again in every epoch. Live never gives the network that chance.

# %% [markdown]
# ## Was that luck?
#
# One run proves little. So we have trained each way twenty times, always on other garments, and for three times as long. The results are stored with the series:

# %% mystnb={"image": {"alt": "Mean loss on new garments over twenty runs against 3,000 gradient updates, with bands. 1 copy climbs highest and is right on 78 percent at the end. None follows with 82 percent, 4 copies lie lower with 82 percent, and live is lowest with 85 percent."}} tags=["hide-input"]
from helpers.tables import FOLDER, read_results

arms = ["none", "copies-1", "copies-4", "live"]
study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128 and arm in @arms")
end = study[study["update"] == 3000]
loss = end.pivot(index="replicate", columns="arm", values="val_loss")
right = end.groupby("arm")["val_accuracy"].mean()

figure, ax = plt.subplots(figsize=(8, 3.9))
plots.plot_curves(ax, study, "val_loss", label=False)
ax.set(title="loss on new garments, mean of twenty runs", ylabel="", ylim=(0.3, 1.4))
plots.label_ends(ax, loss.mean().to_dict(), {arm: f"{plots.arm_label(arm)}: {right[arm]:.0%} right" for arm in arms})
plt.show()

# %%
print(f"live was best in {(loss.idxmin(axis=1) == 'live').sum()} of {len(loss)} runs")
print(f"1 copy was worst in {(loss.idxmax(axis=1) == 'copies-1').sum()} of {len(loss)} runs")

# %% [markdown]
# *Live wins every time. One copy usually comes last, behind a network that never saw an augmented picture.*
#
# So the winner is no luck, but the last place partly is: in four of the twenty runs it went to the network without augmentation. Whether *your* single run shows the usual order depends on chance, and lesson [02](02_diversity_within_a_batch.ipynb) is about telling the two apart. Accuracy tells the same story in smaller steps: live is right on more garments than the others, and one copy on fewer.
#
# The four ways differ in nothing but the pictures they show, and the three augmented ones only in how often each picture comes again. Why that should do so much harm is the subject of lessons [01](01_static_versus_live.ipynb) and [03](03_overfitting_curves.ipynb). How many copies are enough is a question for lesson [04](04_how_many_copies.ipynb).

# %% [markdown]
# ## Take-away
#
# 1. Static augmentation shows the same pictures again. Live augmentation never does.
# 2. The training loss can't show you the difference, because it rewards learning by heart. Look at new images.
# 3. Make new pictures in every epoch if you can. If you can't, make several copies, because a single one in place of the original is usually worse than none.

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Does the live network see more pictures in 1,024 updates than the network with one copy?</summary>
#
# No. Both see 32 pictures in each update. But those of live are all different, while one copy shows the same 128 pictures in every epoch.
#
# </details>
#
# <details><summary>2. Live has the highest training loss. Does it learn badly?</summary>
#
# No, it has the harder exam. Its training loss is measured on pictures that it has never seen before, so it can't be lowered by heart.
#
# </details>
#
# <details><summary>3. Why did we give the pool of four copies 64 epochs rather than 256?</summary>
#
# An epoch of the pool has four times as many pictures and so four times as many updates. With 256 epochs it would have trained four times as long as the others.
#
# </details>
#
# <details><summary>4. Should the new garments be augmented as well, to be fair to the network that trains live?</summary>
#
# No. They stand for the garments that the network will meet, which are upright and centred. All four networks must take the same exam.
#
# </details>
#
# <details><summary>5. You classify handwritten digits. Which part of our policy must go?</summary>
#
# The mirror. A mirrored 2 or 3 is no digit, yet it would keep its label. Turning by 5 degrees is harmless.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/00_start_here.ipynb).

# %% [markdown]
# ### Exercise 1: Sixteen copies
#
# You want to add a fifth line to the experiment: sixteen copies of each garment. How many epochs must `train` make, so that this network gets 1,024 gradient updates as well? Set `epochs`, run the cell, and if it is right, train the network. Where do you expect its line?

# %%
from exercises import check

epochs = None  # a whole number
check("00.1", epochs)

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# In "Spot the repeat" we wrote the numbers of the versions down by hand. Change `clock` so that it gives the number for any epoch when there are four copies: 0, 1, 2, 3, then 0 again, for as long as training lasts. What would `clock` be for a single copy?

# %%
def clock(epoch):
    return epoch  # live: a new version in every epoch


pictures = np.array([version(clock(epoch)) for epoch in range(12)])
print(f"{len(np.unique(pictures, axis=0))} different pictures in 12 epochs")
check("00.2", clock)

# %% [markdown]
# ### Exercise 3: More garments
#
# Will one copy do as much harm when there are more garments? Say first what you expect, and why. Then set `n` to 512 in the section "Our policy is mild", choose new epochs so that there are still 1,024 updates, and run the page again. Your last cell will then say that some claims don't apply, which is as it should be.

# %% [markdown]
# ## In practice and limits
#
# This was a small network on few, small, clean pictures, trained until it overfits. With more images, or a shorter training, the lines lie closer together, and the order may change. Four copies were shuffled here as one pool, which is what people usually do. A picture made live costs computing time in every epoch, a stored one costs disk. We replaced the originals by their copies; keeping them helps, as lesson [04](04_how_many_copies.ipynb) shows.

# %% [markdown]
# ## What this page claims, checked

# %% tags=["hide-input"]
from helpers.show import Claims

shown_loss = {arm: run.history["loss"][-1] for arm, run in runs.items()}
new_loss = {arm: run.history["val_loss"][-1] for arm, run in runs.items()}
different = {name: len(np.unique(pictures, axis=0)) for name, pictures in strips.items()}
settings = ["rotation_range", "width_shift_range", "height_shift_range", "zoom_range", "horizontal_flip"]
policy = [getattr(augment, name) for name in settings]

claims = Claims(n=(n, 128), policy=(policy, [5, 0.05, 0.05, (0.95, 1.05), True]))
claims.check("in eight epochs 1 copy shows 1 picture, 4 copies show 4, live shows 8",
             different == {"1 copy": 1, "4 copies": 4, "live": 8})
claims.check("evaluation leaves the pictures as they are", np.array_equal(augment(x, training=False), x))
claims.check("every network makes 1,024 gradient updates",
             all(int(run.model.optimizer.iterations) == 1024 for run in runs.values()))
claims.check("1 copy ends with a training loss close to none's, far below those of 4 copies and live",
             abs(shown_loss["copies-1"] - shown_loss["none"]) < 0.03 < 0.1
             < min(shown_loss["copies-4"], shown_loss["live"]) - shown_loss["copies-1"])
claims.check("on new garments none and 1 copy end above 4 copies and live, by more than 0.1",
             min(new_loss["none"], new_loss["copies-1"]) - max(new_loss["copies-4"], new_loss["live"]) > 0.1)
claims.check("live has the highest training loss and 4 copies the second highest",
             sorted(shown_loss, key=shown_loss.get)[2:] == ["copies-4", "live"])
claims.check("in the stored runs live is best in 20 of 20, 1 copy worst in 16 and none in 4",
             (loss.idxmin(axis=1) == "live").sum() == 20
             and loss.idxmax(axis=1).value_counts().to_dict() == {"copies-1": 16, "none": 4})
claims.check("at their end live is right on most garments and 1 copy on fewest",
             bool(right.idxmax() == "live" and right.idxmin() == "copies-1"))
