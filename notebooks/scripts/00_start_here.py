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
# # 00 Start here: static or live?
#
# You can make augmented copies of your images once, before training, or new ones in every epoch. Both ways change the same images by the same rules.
#
# **You will** train one small network in four ways, and guess the outcome before you see it.
#
# **You will learn:**
#
# - what *static* and *live* augmentation are, and where each stands in Keras code,
# - what the training loss can't show you,
# - what to do when you can't make new images in every epoch.
#
# **You need** to have trained a classifier in Keras once. **Time:** 19 minutes to read, about one to run. Choose *Run all* and start at the top while it works.

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
from matplotlib.cbook import get_sample_data

from helpers import plots

plots.use_style()

# %% [markdown]
# ## When does it stop being the same picture?
#
# *Augmenting* an image means changing it a little, at random, before the network sees it: turning, shifting, zooming or mirroring it. Here is Grace Hopper, who wrote one of the first compilers, under the same change at growing strength. Strength 1 is what we shall use on this page. Gaps are filled by smearing the edge.
#
# Which is the last of these pictures that you would still call "Grace Hopper"?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Five versions of a portrait of Grace Hopper in uniform. The first is upright. In the others she is turned, shifted and stretched more and more. In the fifth her tilted face is cut off in the upper left corner, and smears fill the rest."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.augment import RandomAffine

# Photograph: US Navy, public domain; matplotlib brings it along.
portrait = plt.imread(get_sample_data("grace_hopper.jpg", asfileobj=False)).astype("float32") / 255
strengths = [0, 1, 4, 8, 16]
figure, axes = plt.subplots(1, len(strengths), figsize=(10, 2.7))
for ax, strength in zip(axes, strengths, strict=True):
    change = RandomAffine(5 * strength, 0.05 * strength, 0.05 * strength, zoom_range=0.05 * strength, seed=0)
    ax.imshow(change(portrait))
    ax.set_title("original" if strength == 0 else f"strength {strength}", loc="center")
    ax.axis("off")
plt.show()

# %% [markdown]
# *There is a limit, and only you can see where it lies. The network will believe whatever label you give it.*

# %% [markdown]
# ## Which label survived?
#
# Here we mirror her portrait, mirror a sign with her name, and turn a digit. Each keeps its label, written above it. Which of the labels are still true?

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three pairs of pictures. The portrait of Grace Hopper and its mirror image, both labelled Grace Hopper. A sign that says HOPPER and the same sign mirrored, so that the letters run backwards, both labelled HOPPER. A digit 6 and the same digit turned upside down, which now is a 9, both labelled 6."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from PIL import Image, ImageDraw, ImageFont


def sign(text, width):
    canvas = Image.new("L", (width, 60), 225)
    ImageDraw.Draw(canvas).text((width / 2, 29), text, 0, ImageFont.load_default(48), anchor="mm")
    return np.asarray(canvas)


face, word, six = portrait[60:460, 60:460], sign("HOPPER", 220), sign("6", 60)
changed = [face, face[:, ::-1], word, word[:, ::-1], six, six[::-1, ::-1]]
labels = np.repeat(['"Grace Hopper"', '"HOPPER"', '"6"'], 2)
figure, axes = plt.subplots(1, 6, figsize=(11, 1.9), width_ratios=[1.3, 1.3, 2, 2, 1, 1])
for ax, picture, label in zip(axes, changed, labels, strict=True):
    ax.imshow(picture, vmin=0, vmax=255 if picture is not face else 1, interpolation="bicubic")
    ax.set_title(label, loc="center", fontsize=11)
    ax.axis("off")
plt.show()

# %% [markdown]
# *Of the changed ones, only the portrait's. A mirrored person is the same person, but a mirrored word is no word, and the 6 is a 9.*
#
# The list of changes that you allow is called a *policy*. A policy is a claim about your labels: whatever it does to an image, the label stays true. No library checks that for you.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Once, or in every epoch?
#
# > *Should I make the augmented images once and save them, or make new ones in every epoch?*
#
# An *epoch* is one pass through the training images. Copies made once are called *static* (or offline) augmentation, new ones in every epoch *live* (or online) augmentation. Vote now: does it matter?

# %% [markdown]
# ## Our policy is mild
#
# We train on 128 pullovers and coats from Fashion-MNIST, and test on two thousand others. The pictures are only 28 pixels wide, so the two are hard to distinguish.

# %%
from helpers.data import load_garments, subset

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train
new_garments = (garments.x_val, garments.y_val)

# %% [markdown]
# Our augmenter is a layer like any of Keras's own, but it comes with this series. The garments are upright and centred, so a little of everything is enough. We may mirror them, because a mirrored coat is still a coat.

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

# %% [markdown]
# If you are running the page, try the sliders on three pullovers: how far can you go? Below them are a pullover and a coat under our own policy.

# %%
from explorers import policy_explorer

pullovers = x[y == 0]
policy_explorer(
    pullovers[[7, 13, 23]], rotation_range=5, width_shift_range=0.05, height_shift_range=0.05,
    zoom_range=0.05, horizontal_flip=True,
)

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "A two-coloured pullover with a small print on its chest in the top row and a coat below, each followed by five augmented versions. They are slightly turned, shifted and zoomed, and on some the print has changed sides."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
pair = np.stack([pullovers[7], x[y == 1][9]])
versions = [augment.apply(pair, augment.draw(2, seed=(0, i))).numpy() for i in range(5)]
rows = np.stack([pair, *versions], axis=1)
plots.show_images(rows, ["pullover", "coat"], ["original"] + [f"version {i}" for i in range(1, 6)])

# %% [markdown]
# *Mild is really mild, and each picture draws its own change. Without the dark patch on the pullover's chest and the coat's pocket you would hardly notice the mirror.*

# %% [markdown]
# ## Spot the repeat
#
# Follow one pullover through eight epochs: as a single copy, as four copies that take turns, and live. Each list below says which version of the pullover is shown in epochs 1 to 8. Nothing else differs.

# %%
shown = {
    "1 copy": [0, 0, 0, 0, 0, 0, 0, 0],
    "4 copies": [0, 1, 2, 3, 0, 1, 2, 3],
    "live": [0, 1, 2, 3, 4, 5, 6, 7],
}

# %% [markdown]
# Here are the three rows, without their names. Mark every picture that you have already seen in its row.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Three rows, A, B and C, of eight pictures of the same pullover, one for each epoch. The pictures differ slightly in turn, position and mirroring. Nothing says which of them are repeats."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
many = [augment.apply(pair[:1], augment.draw(1, seed=(0, i)))[0].numpy() for i in range(8)]
strips = {name: np.stack(many)[numbers] for name, numbers in shown.items()}
epochs = [f"epoch {epoch}" for epoch in range(1, 9)]
order = ["4 copies", "live", "1 copy"]
plots.show_images([strips[name] for name in order], ["A", "B", "C"], epochs)

# %% [markdown]
# *Which row is which? Decide before you look at the next figure.*

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "The same three rows with names. In the row of 1 copy, epochs 2 to 8 are greyed and stamped 'seen'. In the row of 4 copies, epochs 5 to 8 are stamped. In the live row nothing is stamped."}} slideshow={"slide_type": "slide"} tags=["hide-input", "hide-output"]
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
# Row C is easy, but A against B is hard.

# %% [markdown]
# ## A network that you could have typed
#
# One convolution, one pooling layer, and one output, which is the probability of a coat. The seed gives each network the same start.

# %% slideshow={"slide_type": "slide"}
import keras
import tensorflow as tf
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

# %% [markdown]
# `compile` and `fit` are as you know them. But hundreds of tiny epochs are slow, so we hand them to `fit` in sixteen parts, and test after each.

# %%
def train(model, images, labels, epochs):
    pictures = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images))
    part = pictures.repeat(epochs // 16).batch(32)  # a sixteenth of the epochs, each shuffled anew
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        part, epochs=16, shuffle=False, verbose=0,  # the pictures are shuffled already
        validation_data=new_garments, validation_batch_size=500,
    )

# %% [markdown]
# ## The whole difference is where `augment` stands
#
# Here are the four ways, one line apart. For the static ways we call `augment` *before* training, so its result is a fixed array. For live we put it *inside* the model, where it runs anew for each batch. It works when you call it and while `fit` trains. When Keras evaluates, it passes `training=False`, and the layer does nothing.

# %% slideshow={"slide_type": "slide"}
originals = x
one_copy = augment(x).numpy()
four_copies = np.concatenate([augment(x) for copy in range(4)])  # four calls, so four different copies

runs = {}
runs["none"] = train(network(), originals, y, epochs=256)
runs["copies-1"] = train(network(), one_copy, y, epochs=256)
runs["copies-4"] = train(network(), four_copies, np.tile(y, 4), epochs=64)
runs["live"] = train(keras.Sequential([augment, network()]), originals, y, epochs=256)

# %% [markdown]
# Why fewer epochs for four copies? We train on 32 pictures at a time, and each time is a *gradient update*. The 128 garments make 4 updates an epoch. Their four copies, shuffled in one heap of 512 pictures, make 16. So 64 epochs of four copies are as long as 256 of one. That is a fair 1,024 updates for every network.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Which will be best, and which worst?
#
# Order the four networks by their loss on new garments, and write your order down before you scroll on.
#
# ## Which one would you ship?
#
# This is the loss that `fit` prints while it trains:

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Training loss against gradient updates. The lines of none and 1 copy fall almost to zero. The line of 4 copies ends clearly higher, and the line of live highest of all."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
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
# *None and one copy look splendid. Live looks like the worst choice of all.*
#
# Now the garments that no network has seen:

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Loss on new garments against gradient updates. All four lines fall at first. Then none turns and climbs steeply, 1 copy climbs less, 4 copies only a little, and live stays low to the end."}} slideshow={"slide_type": "slide"} tags=["hide-input", "hide-output"]
figure, ax = plt.subplots(figsize=(8, 3.6))
draw(ax, "val_loss")
ax.set_title("loss on new garments (lower is better)")
plt.show()

# %% [markdown]
# *In this run the whole order has turned upside down. The best training loss belongs to the worst network.*
#
# A loss on new images that rises while training goes on is *overfitting*. The network learns its pictures by heart instead of learning what makes a coat. (Lesson [04](04_overfitting_curves.ipynb) finds two things in such a rise.) A copy that comes again can be learnt by heart as well as an original, and here a single copy came round 256 times. Each of four copies came 64 times, and a live picture only once.

# %% [markdown]
# ## Was that luck?
#
# One run proves little. So we trained each way twenty times, each time on other garments, and three times as long. (There the four copies take turns, as in "Spot the repeat".) The bands show how uncertain the *mean* is (with 95 %), and single runs scatter more.

# %% cellView="form" jupyter={"source_hidden": true} mystnb={"image": {"alt": "Mean loss on new garments over twenty runs against 3,000 gradient updates, with bands. A dotted line marks update 1,024. At the end 1 copy is highest, then come none and 4 copies, and live is lowest by far."}} slideshow={"slide_type": "slide"} tags=["hide-input"]
from helpers.tables import FOLDER, read_results

arms = ["none", "copies-1", "copies-4", "live"]
study = read_results(FOLDER / "study.csv").query("dataset == 'garments' and n == 128 and arm in @arms")
end = study[study["update"] == 3000]
right = end.groupby("arm")["val_accuracy"].mean()

figure, ax = plt.subplots(figsize=(8, 3.9))
ax.set(title="loss on new garments, mean of twenty runs", ylabel="", ylim=(0, 1.4))
moments = [50, 100, 200, 350, 500, 1000, 1500, 2000, 3000]
plots.plot_curves(ax, study[study["update"].isin(moments)], "val_loss")
ax.axvline(1024, color="grey", linestyle=":", linewidth=1)
ax.text(1040, 1.32, "your run ended here", color="dimgrey", va="center", fontsize=11)
plt.show()

# %% [markdown]
# *On average live is best. One copy is worse than no augmentation at all.*
#
# And run by run?

# %%
for update in [1000, 3000]:
    loss = study[study["update"] == update].pivot(index="replicate", columns="arm", values="val_loss")
    best, worst = loss.idxmin(axis=1), loss.idxmax(axis=1)
    live, one = (best == "live").sum(), (worst == "copies-1").sum()
    print(f"after {update:,} updates live was best in {live} of 20 runs, and 1 copy was worst in {one}")

# %% [markdown]
# So our own run misled you about the last place. We didn't search for a better seed, because you should see how easily one run deceives. Live's first place is safer: if all four were equally good, twenty wins out of twenty would practically never happen. Lesson [02](02_a_fair_comparison.ipynb) distinguishes luck from effect.
#
# After 3,000 updates, out of a hundred new garments, live gets two or three more right than no augmentation, and one copy about four fewer. Live is not immune, either: its loss rises a little in the end, because 128 garments are few.
#
# The three augmented networks differ in little but how often a picture comes again. That can't explain why one copy is worse than none, because originals come again just as often. But a copy *replaces* its original, so the network never sees a garment as it is. Live doesn't see it either, but gains more by never repeating. Lesson [05](05_how_many_copies.ipynb) says how many copies are enough.

# %% [markdown]
# ## In the network you would take
#
# Ours is the smallest network that shows the effect. Here are the same four ways in a residual network with batch normalisation (a ResNet-8 with AdamW and a falling learning rate), trained on 512 garments for 1,500 updates, eight times each.

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.compare import differences, summarise
from helpers.show import show_table

law = read_results(FOLDER / "law.csv").query("model == 'residual' and dataset == 'garments' and n == 512 and arm in @arms")
residual = summarise(law)
in_residual = residual.groupby("arm")[["val_loss", "val_accuracy"]].mean().loc[arms]
in_residual["val_accuracy"] *= 100
in_residual.index = [plots.arm_label(arm) for arm in arms]
in_residual.columns = ["loss on new garments", "% right"]
show_table(in_residual.rename_axis("trained with"), digits={"loss on new garments": 2, "% right": 1})

# %% [markdown]
# The order is that of our twenty runs, and the distances are larger. One copy costs eleven points of right answers against live, and nearly five against no augmentation.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Take-away
#
# 1. Static augmentation shows the same copies again as soon as it has used them up. Live augmentation never does.
# 2. The training loss can't show you the harm, because it rewards learning by heart. Look at new images.
# 3. Make new pictures in every epoch if you can. If you can't, perhaps because another program writes them to disk, make many copies and keep the originals (lesson [05](05_how_many_copies.ipynb) measures this). A single copy in their place ended with a higher loss than no augmentation in 16 of 20 runs.

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Quick questions
#
# <details><summary>1. Does the live network see more pictures in 1,024 updates, repeats included, than the network with one copy?</summary>
#
# No. Both see 32 pictures in each update. But those of live are all different, while one copy shows the same 128 pictures in every epoch.
#
# </details>
#
# <details><summary>2. Live has the highest training loss. Does it learn badly?</summary>
#
# No. Its training loss is measured on pictures that it has never seen before, so learning pictures by heart doesn't lower it.
#
# </details>
#
# <details><summary>3. Why did we give the four copies 64 epochs rather than 256?</summary>
#
# Its epoch has four times as many updates, so with 256 epochs this network would have trained four times as long.
#
# </details>
#
# <details><summary>4. Should the new garments be augmented as well, to be fair to the network that trains live?</summary>
#
# No. They stand for the garments that the network will meet, which are upright and centred. And all four networks must be tested on the same pictures.
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
# You want to add a fifth line to the experiment: sixteen copies of each garment. How many epochs must `train` make, so that this network gets 1,024 gradient updates as well? Set `epochs` and run the cell. If it is right, say where you expect the line, add these lines to the cell, and then run the cell that draws the loss on new garments once more.
#
# ```python
# sixteen_copies = np.concatenate([augment(x) for copy in range(16)])
# runs["copies-16"] = train(network(), sixteen_copies, np.tile(y, 16), epochs)
# ```

# %%
from exercises import check

epochs = ...  # a whole number
check("00.1", epochs)

# %% [markdown]
# ### Exercise 2: A clock for four copies
#
# In "Spot the repeat" we wrote the numbers of the versions down by hand. Complete `clock`, so that it gives the number for any epoch when there are four copies: 0, 1, 2, 3, then 0 again, for as long as training lasts. Python counts from 0, so the figure's epoch 1 is `clock(0)`. For live, `clock` would simply return `epoch`. What would it be for a single copy?

# %%
def clock(epoch):
    return ...


check("00.2", clock)

# %% [markdown]
# ### Exercise 3: More garments
#
# Will one copy do as much harm when there are more garments? Write down what you expect, and why. Then set `n` to 512 in the section "Our policy is mild", choose new epochs so that there are still 1,024 updates, and run the page again. Judge by twenty runs: unfold the cell that reads `study.csv`, and put 512 for 128. (The last cell will say that claims don't apply.)

# %%
expected = ...  # "less harm", "as much" or "more"

# %% [markdown]
# ## In practice and limits
#
# This was a small network on few and clean pictures, trained until it overfits. With more images or a shorter training the lines lie closer together, and after few updates the network without augmentation may even lead. Live costs computing time in every epoch, and copies cost memory.
#
# **Next:** [01 Static versus live](01_static_versus_live.ipynb) shows that both are one method, which counts on or starts again.

# %% [markdown]
# ## What this page claims, checked

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
shown_loss = {arm: runs[arm].history["loss"][-1] for arm in arms}
new_loss = {arm: runs[arm].history["val_loss"][-1] for arm in arms}
updates = {int(runs[arm].model.optimizer.iterations) for arm in arms}
different = [len(np.unique(strip, axis=0)) for strip in strips.values()]
anew = len(np.unique(four_copies, axis=0)) == 4 * n and np.array_equal(augment(x, training=False), x)
lower = min(new_loss["copies-1"] - 0.05, new_loss["none"] - 0.2)
counts = [best.value_counts().to_dict(), worst.value_counts().to_dict()]
gain = right - right["none"]
accuracy = 0.02 < gain["live"] < 0.03 and -0.05 < gain["copies-1"] < -0.04
mean = study.groupby(["update", "arm"])["val_loss"].mean().unstack()
rise = mean.loc[3000, "live"] - mean["live"].min()
ends = mean.loc[3000, "copies-4"] < mean.loc[3000, "none"] - 0.1 and 0.05 < rise < 0.15
settings = ["rotation_range", "width_shift_range", "height_shift_range", "zoom_range", "horizontal_flip"]
policy = [getattr(augment, name) for name in settings]

# %% cellView="form" jupyter={"source_hidden": true} tags=["hide-input"]
from helpers.show import Claims

claims = Claims(n=(n, 128), policy=(policy, [5, 0.05, 0.05, (0.95, 1.05), True]))
claims.check("in eight epochs 1 copy shows 1 picture, 4 copies show 4, live shows 8", different == [1, 4, 8])
claims.check("each call of augment draws anew, and evaluation leaves the pictures as they are", anew)
claims.check("every network makes 1,024 gradient updates", updates == {1024})
claims.check("by training loss the order is none, 1 copy, 4 copies, live", sorted(arms, key=shown_loss.get) == arms)
claims.check("by loss on new garments it is the other way round", sorted(arms, key=new_loss.get)[::-1] == arms)
claims.check("live ends below 1 copy by more than 0.05, and below none by more than 0.2", new_loss["live"] < lower)
claims.check("in the stored runs live ends best in 20 of 20, 1 copy worst in 16 and none in 4",
             counts == [{"live": 20}, {"copies-1": 16, "none": 4}])
claims.check("at their end live is right on 2 to 3 % more than none, and 1 copy on 4 to 5 % fewer", bool(accuracy))
claims.check("stored, residual network: live, 4 copies, none, 1 copy, each better than the next by more than 0.03 in loss in the mean",
             bool((in_residual.iloc[[3, 2, 0, 1], 0].diff().iloc[1:] > 0.03).all()))
lost = 100 * differences(residual, "live", "copies-1", "val_accuracy").mean(), 100 * differences(residual, "none", "copies-1", "val_accuracy").mean()
claims.check("and there 1 copy is right on 10 to 13 of a hundred fewer than live, and on 4 to 6 fewer than none",
             bool(10 < lost[0] < 13 and 4 < lost[1] < 6))
claims.check("their mean loss ends lower with 4 copies than with none, and live's has risen by 0.05 to 0.15", bool(ends))
