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
# # 01 Static versus live
#
# > *Why does a binary classifier trained with batch-generated images differ when using `ImageDataGenerator`?*
#
# An article of January 2025 has this title, and answers: live augmentation generalises better, needs less memory and computing, and makes more diverse batches. It says that its author saw this, and gives no numbers. So let us measure.
#
# **You will** train one network in two ways, ask each what it has learnt, and run the article's own code. You need to have trained a classifier in Keras once. **Time:** 22 minutes to read, about one to run. Run it cell by cell with Shift+Enter, and guess before you run an answer. On code hosts and Colab answers aren't folded, so cover the screen.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## What may change in an image?
#
# *Augmenting* an image means changing it a little, at random, before the network sees it. The changes that you allow are your *policy*. It is a claim about your labels: a flipped coat is still a coat, but flipped writing can't be read.
#
# We train on 128 pullovers and coats from Fashion-MNIST, 28 pixels wide, and test on two thousand new ones.

# %%
from helpers.data import load_garments, subset

n = 128
garments = subset(load_garments(), n)
x, y = garments.x_train, garments.y_train  # a pullover is 0, a coat is 1
new_x, new_y = garments.x_val, garments.y_val

# %%
from helpers.augment import RandomAffine  # a Keras layer that comes with this series

augment = RandomAffine(
    rotation_range=5,  # up to 5 degrees, to either side
    width_shift_range=0.05,  # up to 5 % of the width
    height_shift_range=0.05,
    zoom_range=0.05,  # up to 5 % larger or smaller
    horizontal_flip=True,  # every second image or so
    seed=0,  # each call draws anew, but a restart draws the same again
)

# %% [markdown]
# ## Once, or in every epoch?
#
# An *epoch* goes once through the training images. What it shows of an image is a *version* of it. **Static** (offline) augmentation makes versions before training and stores them as *augmented copies*, so they come again. **Live** (online) augmentation makes a new version in every epoch. Here is one pullover.

# %% tags=["slide-with"]
import figures
import numpy as np
from helpers.plots import caption

pullover = x[y == 0][7:8]
versions = np.concatenate([augment(pullover, training=True) for epoch in range(8)])
figures.one_image_through_epochs(versions)
caption(
    "One copy comes again from the second epoch on. Four copies that take turns come again from the fifth, and live never."
)

# %% [markdown]
# ## Two networks
#
# One convolution, one pooling layer, and one output, which is the probability of a coat. The seed gives both networks the same start.

# %%
import keras
from keras import layers


def network():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )

# %%
from helpers.progress import EpochBar

epochs = 256


def train(model, images):
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        images,
        y,
        batch_size=32,
        epochs=epochs,
        verbose=0,
        callbacks=[EpochBar()],
        validation_data=(new_x, new_y),
        validation_freq=16,  # every sixteenth epoch
    )

# %% [markdown] tags=["slide"]
# ## The whole difference is where `augment` stands
#
# For one copy we call `augment` ourselves, *before* training, and get a fixed array. For live it stands *inside* the model, where it draws anew for each batch while `fit` trains. When the model evaluates or predicts, it does nothing.

# %% tags=["slide-with"]
one_copy = augment(x, training=True).numpy()

runs = {}
runs["1 copy"] = train(network(), one_copy)
runs["live"] = train(keras.Sequential([augment, network()]), x)

# %% [markdown]
# ## Which one would you ship?
#
# This is the training loss that `fit` reports. Which of the two will have the lower loss on new garments? Decide, then unfold the second figure.

# %% tags=["slide-before"]
import pandas as pd
import seaborn as sns

losses = pd.DataFrame(
    {name: run.history["loss"] for name, run in runs.items()},
    index=range(1, epochs + 1),
)
ax = sns.lineplot(losses, palette=figures.COLORS)
ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, 0.85))
caption(
    "One copy looks splendid, live far worse.",
    alt="Training loss against epochs. 1 copy falls to zero, live stays high above it.",
)

# %% tags=["hide-output", "slide"]
losses = pd.DataFrame(
    {name: run.history["val_loss"] for name, run in runs.items()},
    index=range(16, epochs + 1, 16),
)
ax = sns.lineplot(losses, palette=figures.COLORS)
ax.set(xlabel="epoch", ylabel="loss on new garments", ylim=(0, None))
caption(
    "On new garments the order turns round.",
    alt="Loss on new garments against epochs. Both lines fall at first. Then 1 copy rises, and live stays low to the end.",
)

# %% [markdown]
# With one copy the network *memorises* its images. The training loss rewards that, and on new garments the network pays for it.
#
# ## Who knows the originals?
#
# Neither network has ever been shown one of the 128 *originals*, only changed versions of them. Which of the two is right about more of them? Guess both accuracies.

# %% tags=["hide-output", "slide"]
knows = {name: run.model.evaluate(x, y, verbose=0)[1] for name, run in runs.items()}
print(
    f"1 copy: its copies ≈ {100 * runs['1 copy'].history['accuracy'][-1]:.0f} %, the originals ≈ {100 * knows['1 copy']:.0f} %"
)
print(f"live: the originals ≈ {100 * knows['live']:.0f} %")

# %% [markdown]
# Look at the garment about which the network with one copy changed its mind the most. What does it say of the copy, and what of the original?

# %% tags=["hide-output", "slide"]
of_copies = runs["1 copy"].model.predict(one_copy, verbose=0)[
    :, 0
]  # the probability of a coat
of_originals = runs["1 copy"].model.predict(x, verbose=0)[:, 0]
worst = np.argmax(np.abs(of_copies - of_originals))
figures.copy_and_original(
    one_copy[worst],
    x[worst],
    [of_copies[worst], of_originals[worst]],
    is_coat=y[worst] == 1,
)
caption("The same network, the same garment, and each time it is nearly certain.")

# %% [markdown]
# It learnt *that image*. Live was shown 256 versions of each garment, all around the original, and a rule that is right for all of them is mostly right for the original, too.
#
# ## Nudge it
#
# In a running notebook, change garments that no network has seen, and watch both answers.

# %%
from explorers import nudge_explorer

models = {name: run.model for name, run in runs.items()}
nudge_explorer(models, new_x[:100])

# %% [markdown]
# Half of the copies were flipped. Now flip each of the 2,000 new garments. How many answers in a hundred will change? Guess for both networks.

# %% tags=["hide-output", "slide"]
changed = {}
for name, model in models.items():
    before = model.predict(new_x, verbose=0) > 0.5
    after = model.predict(new_x[:, :, ::-1], verbose=0) > 0.5
    changed[name] = 100 * np.mean(before != after)
    print(f"{name}: answers that a flip changes ≈ {changed[name]:.0f} %")

# %% [markdown]
# Live, a garment came flipped in one epoch and unflipped in the next, with one label. So the network learnt to ignore the flip.
#
# ## And no augmentation at all?
#
# One run proves little. So we trained on 128 garments with one copy and without augmentation, three times as long as here, twenty times each way. We tested on new garments as they are, and on new garments changed by the same policy. Will one copy beat no augmentation? Guess for each of the two tests.

# %% tags=["hide-output", "slide"]
from helpers.plots import show_table
from helpers.data import RESULTS

tested = pd.read_csv(RESULTS / "lessons/01-new-and-changed.csv")
show_table(tested.drop(columns="run").groupby("method", sort=False).mean(), digits=1)
caption(
    "Per cent, mean of twenty runs. On new garments one copy was worse than no augmentation in 19 of the twenty, and on changed ones better in 18."
)

# %% [markdown]
# Each network wins on the kind of image that it trained on. Changed garments are harder for both networks, and one copy prepares for them. Yet new garments come as they are, so in place of the originals *one copy was worse than nothing*.
#
# ## In your network?
#
# A ResNet-8 is a small relative of the networks that most people use.

# %% tags=["slide"]
resnet = pd.read_csv(RESULTS / "lessons/01-resnet.csv")
show_table(resnet.drop(columns="run").groupby("method", sort=False).mean(), digits=1)
caption(
    "ResNet-8, 512 garments, per cent, mean of eight runs. One copy costs six points of accuracy against no augmentation, and eleven against live."
)

# %% [markdown]
# ## The article's own code
#
# Here are its Examples 1 and 2, as they are written but for the import, which has moved, and the shape of the images. For static, copies of each image are collected from `flow()`. How many, the article doesn't say, so we take four. They don't take turns: one epoch of `fit` goes through all four.

# %%
from tensorflow.keras.preprocessing.image import ImageDataGenerator

datagen = ImageDataGenerator(
    rotation_range=20,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=0.2,
    zoom_range=0.2,
    horizontal_flip=True,
    fill_mode="nearest",
)
flow = datagen.flow(x, y, batch_size=32)
batches = [next(flow) for _ in range(4 * len(flow))]  # four copies of each image
x_augmented = np.concatenate([images for images, labels in batches])
y_augmented = np.concatenate([labels for images, labels in batches])

# %%
static, live = network(), network()  # the article's network, too
for model in (static, live):
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
static.fit(x_augmented, y_augmented, epochs=10, verbose=0)  # Example 1
live.fit(datagen.flow(x, y, batch_size=32), epochs=10, verbose=0)  # Example 2
for name, model in {"static": static, "live": live}.items():
    print(
        f"{name}: new garments ≈ {100 * model.evaluate(new_x, new_y, verbose=0)[1]:.0f} %"
    )

# %% [markdown]
# We ran this twenty times on garments, and on cats and dogs of CIFAR-10, which are photographs of 32 pixels. Which of the two wins after ten epochs, and which after a hundred? Guess, then unfold.

# %% tags=["hide-output", "slide"]
article = pd.read_csv(RESULTS / "lessons/01-article.csv")
show_table(
    article.pivot_table("accuracy", ["images", "epochs"], "method", sort=False),
    digits=1,
)
caption(
    "Accuracy on new images, per cent, mean of twenty runs on 512 images. Equal updates: four copies trained for as many batches as live."
)

# %% [markdown]
# **Run as written, four stored copies win** on cats and dogs, 62.2 to 58.2 %, where guessing gets 50. In loss they differ by less than matters. Why do they win? Ten epochs of four copies train as long as forty of live. So the number that the article leaves out decides. Four copies beat one by 3.6 ± 0.9 points, where ± is half a 95 % interval. Whether one copy is ahead of live or behind, twenty runs can't tell (0.4 ± 1.0). And live starts slowly: after ten epochs even no augmentation is ahead of it. Lesson [04](04_a_fair_comparison.ipynb) compares fairly.
#
# After a hundred epochs live wins on cats and dogs, by accuracy and by loss, and by less when both make equally many updates. On garments it doesn't win. There all augmentation costs 14 points or more, because these ranges are too strong for one convolution. With a second one, in other runs, live was 0.4 ± 0.6 points behind no augmentation ([how strong?](going_deeper/choosing_a_policy.ipynb)).
#
# So of the article's three claims, *live generalises better* held on cats and dogs after a hundred epochs, which is one of six settings that we ran. *Less memory* is arithmetic: live keeps a quarter of the images that four copies are. *Less computing* held as written, where live took 0.60 to 0.73 of the processor time of four copies. At equal updates live took 1.6 to 2.7 times the time. *More diverse batches* is for lesson [02](02_diversity_within_a_batch.ipynb).
#
# ## In practice and limits
#
# These are few, small and clean images, and long training. Stopping early doesn't close the gap everywhere. Stopped at its lowest loss on new garments, a ResNet-8 was right about 89.7 % of them live, and 82.5 % without augmentation. Nor do more images always shrink what live gains. A ResNet-8 gained 12.8 points by it on 2,048 photographs of CIFAR-10 in 94 epochs. On 6,144 images of clothes in 13 epochs it gained [none](../docs/results.md#from-how-many-images-on-does-one-copy-teach-too). And one copy can teach what the originals lack: boots, unlike pullovers, all face one way, and after one copy of each a ResNet mostly ignored the flip.

# %% [markdown] tags=["slide"]
# ## Take-away
#
# > **A network memorises what comes again, and learns to ignore what varies.**
#
# With one copy, garment and change come again together. Live the garment comes again, and the change varies.
#
# 1. One augmented copy is memorised, and it isn't what the network will meet. In place of the originals it can be worse than no augmentation.
# 2. The training loss rewards memorising. Evaluate on new images, and on your own originals.
# 3. Ten epochs of four copies are forty epochs of training. Compare equal training.

# %%
# The message, in your own run.
assert knows["live"] > knows["1 copy"] and changed["live"] < changed["1 copy"] / 2, (
    "Live should know more originals, and change fewer than half as many "
    "answers: look where `augment` stands, or train for longer."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Live has the higher training loss. Does it learn badly?</summary>
#
# No. Its training loss is measured on changed garments, which are harder than the originals, and this small network can't memorise them all. A large network can memorise live, too. A ResNet-8, trained live on 512 images of CIFAR-10, ended with all that it was shown right, and 48.5 % of new ones. It knew its images by heart, and ignored the changes.
#
# </details>
#
# <details><summary>2. Should the new garments be augmented as well, to be fair to live?</summary>
#
# No. They stand for the garments that the network will meet, which are upright and centred.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/01_static_versus_live.ipynb).

# %% [markdown]
# ### Exercise 1: Four copies
#
# You store four copies of each garment in its place, so an epoch of `fit` goes through four times as many images. After how many epochs has this network made as many updates as the others?

# %%
from exercises import check

answer = ...  # a whole number
check("01.1", answer, n=n, epochs=epochs)

# %% [markdown]
# ### Exercise 2: More garments
#
# Will one copy do as much harm when there are more garments? Write down what you expect. Then set `n` to 512 and `epochs` to 64, which makes as many updates, run the page again, and compare how many originals each network knows.

# %%
expected = ...  # "less harm", "as much" or "more"

# %% [markdown]
# **Next:** six batches of garments, three of them live and three from a store. How many will you sort rightly by eye? Write a number down, then open [02 Diversity within a batch](02_diversity_within_a_batch.ipynb).
