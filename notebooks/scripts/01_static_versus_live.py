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
# (On code hosts and Colab most answers stand open. Cover the screen below each question.)
#
# > *Why does a binary classifier trained with batch-generated images differ when using `ImageDataGenerator`?*
#
# An article of January 2025 has this title. It answers that live generalises better, and gives no numbers.
#
# **You will** train a network in three ways, and run the article's own code. You need to have trained a classifier in Keras, or take the lesson [in PyTorch](going_deeper/in_pytorch.ipynb). **Time:** 20 minutes to read, and one or two to run. Run it cell by cell, and write each guess down first.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## What may change in an image?
#
# *Augmenting* an image means changing it a little, at random. What you allow is your *policy*. A flipped coat is still a coat, but flipped writing can't be read.
#
# We train on 128 garments of Fashion-MNIST, pullovers and coats, and test on 2,000 others.

# %%
from helpers.data import load_garments, subset

n = 128
garments = subset(load_garments(), n)
x, y = garments[:2]  # a pullover is 0, a coat is 1
new_x, new_y = garments[2:]

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
# An *epoch* goes once through the training images. What it shows of an image is a *version* of it. **Static** (offline) augmentation stores versions before training, as *copies*, so they come again. **Live** (online) augmentation makes a new version in every epoch. Here is one pullover through eight epochs. Of four copies each epoch shows one in turn, and a stamp marks what came before.

# %% tags=["slide-with"]
import figures
import matplotlib.pyplot as plt
import numpy as np

pullover = x[y == 0][7:8]
versions = np.concatenate([augment(pullover, training=True) for epoch in range(8)])
figures.one_image_through_epochs(versions)
plt.show()

# %% [markdown]
# ## Two networks
#
# The first two are alike. Only their images will differ.

# %%
import keras
from keras import layers


def network():
    keras.utils.set_random_seed(0)  # all networks start alike
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1, activation="sigmoid"),  # the probability of a coat
        ]
    )

# %%
from helpers.plots import EpochBar

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
# For one copy we call `augment` *before* training, and get a fixed array. For live it stands *inside* the model, and draws anew for each batch. When the model evaluates or predicts, the layer does nothing.

# %% tags=["slide-with"]
one_copy = augment(x, training=True).numpy()

runs = {}
runs["1 copy"] = train(network(), one_copy)
runs["live"] = train(keras.Sequential([augment, network()]), x)

# %% [markdown]
# ## Which one would you ship?
#
# Here is the last training loss.

# %% tags=["slide-before"]
for name, run in runs.items():
    print(f"{name}: training loss ≈ {run.history['loss'][-1]:.2f}")

# %% [markdown]
# One copy looks splendid, and live far worse. **Which of the two would you ship?** The next cell draws their loss on the new garments.

# %% tags=["hide-output", "slide", "trained"]
import pandas as pd

losses = pd.DataFrame({name: run.history["val_loss"] for name, run in runs.items()})
losses.index = 16 * (losses.index + 1)
losses.plot(color=figures.COLORS, xlabel="epoch", ylabel="loss on new garments")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# On new garments the order turns round. One copy shows the same pictures in every epoch, and the network learns them by heart. The training loss rewards that.
#
# </details>
#
# ## Who knows the originals?
#
# Neither network has ever been shown one of the 128 *originals*, because `augment` came before. **Of a hundred originals, how many will each get right?** Type two guesses.

# %%
guess = {"1 copy": None, "live": None}  # in a hundred, such as 90

# %% tags=["hide-output", "slide"]
print("right about the originals, in a hundred:")
knows = {}
for name, run in runs.items():
    knows[name] = 100 * run.model.evaluate(x, y, verbose=0)[1]
    print(f"{name} ≈ {knows[name]:.0f}")
if guess["live"] is not None:
    print("your guess:", guess)

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Live knows more of the originals. One copy shows one version of each garment. Live shows 256, all around the original, and what is right for them is mostly right for the original, too.
#
# </details>
#
# Here are a copy and its original, and what one copy's network says of each.

# %% tags=["slide"]
model = runs["1 copy"].model
of_copy = model.predict(one_copy, verbose=0)  # the probability of a coat
of_original = model.predict(x, verbose=0)
i = np.abs(of_copy - of_original).argmax()
figures.copy_and_original(one_copy[i], x[i], [*of_copy[i], *of_original[i]], y[i])
plt.show()

# %% [markdown]
# Of all 128 its two answers differ most here, and it is nearly certain of both. It learnt *that image*. A network *memorises* when it is right about the versions that it was shown, and less often about new images of the same kind.
#
# ## Nudge it
#
# **Find the smallest shift that changes one network's mind and not the other's.** Then all two thousand are flipped.

# %%
from widgets import nudge

models = {name: run.model for name, run in runs.items()}
nudge(models, new_x[:100])

# %% tags=["slide"]
print("answers changed by a flip, in a hundred:")
changed = {}
for name, model in models.items():
    answers = model.predict(new_x, verbose=0) > 0.5
    flipped = model.predict(new_x[:, :, ::-1], verbose=0) > 0.5
    changed[name] = 100 * np.mean(answers != flipped)
    print(f"{name} ≈ {changed[name]:.0f}")

# %% [markdown]
# In live training a garment came flipped in one epoch and unflipped in the next, so the network learnt to ignore the flip. With one copy it came one way only.
#
# ## And no augmentation at all?
#
# A third network gets the originals themselves. **Rank the three by accuracy on new garments.** In brackets: the lowest and highest of twenty runs of ours.

# %%
runs["no augmentation"] = train(network(), x)

# %% tags=["hide-output", "slide"]
from helpers.data import RESULTS

twenty = pd.read_csv(RESULTS / "lessons/01-twenty-runs.csv", index_col="method")
print("right about new garments, in a hundred:")
for name, run in runs.items():
    ours = twenty.loc[name, "accuracy on new garments, %"]
    yours = 100 * run.history["val_accuracy"][-1]
    print(f"{name} ≈ {yours:.0f} ({ours.min():.0f} to {ours.max():.0f})")

# %% [markdown] tags=["slide"]
# <details><summary>Why? One sentence, then open.</summary>
#
# On average over our twenty, live came first, 1.7 points above no augmentation. One copy was worse than no augmentation in 18 of the twenty, by 4 points on average. Yours is one run. No augmentation and one copy know by heart what they were shown. Originals are as upright as new garments, and copies are crooked, so *one copy was worse than nothing*.
#
# </details>
#
# ## In your network?
#
# In a ResNet-8, a small relative of what most people use, the order was the same on 512 garments.
#
# ## The article's own code
#
# These are its first two examples, but for an import and the images' shape. It names no number of copies, so we take four.

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
    accuracy = 100 * model.evaluate(new_x, new_y, verbose=0)[1]
    print(f"{name}: new garments ≈ {accuracy:.0f} %")

# %% [markdown] tags=["slide"]
# **Further up live won, and here it may not. Find two differences.**
#
# <details><summary>Which two? Write them down, then open.</summary>
#
# Static trains longer, and the changes are stronger. Ten passes over four copies show each image forty times, and live shows it ten times (lesson [04](04_a_fair_comparison.ipynb)). The ranges are four times ours. On garments they make this network less accurate than no augmentation, live or stored (lesson [05](05_how_strong.ipynb)).
#
# With this code and 512 garments it is *undecided* which of the two is ahead: our runs can't tell. On 512 cats and dogs the four copies won as written, against what the article says.
#
# </details>
#
# ## In practice and limits
#
# Our images are few and small. A large network with few images memorises the garments live, too. With sixteen copies, under changes as strong as the article's, we measured no cost of coming again in accuracy, which is *undecided*.
#
# ## Take-away
#
# > **A network memorises what comes again, and learns to ignore what varies.**
#
# With one copy, garment and change come again together. Live the garment comes again and the change varies.
#
# 1. In place of the originals, one augmented copy can be worse than no augmentation. It cost the ResNet 5.7 points.
# 2. The training loss rewards memorising. Evaluate on new images, and on your own originals.

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
# No. Its training loss is measured on changed garments, which are harder than the originals, and this small network can't memorise them all. A larger one can: a ResNet-8, trained live on 512 images of CIFAR-10 in ten classes, ended right about all that it was shown, and about 48.5 % of new ones.
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
# You store four copies of each garment in its place. After how many passes of `fit` over this store has the network made as many *updates* (batches) as the others?

# %%
from exercises import check

answer = ...  # a whole number
check("01.1", answer, n=n, epochs=epochs)

# %% [markdown]
# ### Exercise 2: Changed garments
#
# Suppose that new garments come turned and moved, too, as the policy has it. Will one copy still be worse than no augmentation? Write down what you expect. Then change each of the new garments once, and evaluate your three networks on them.

# %%
changed_x = ...  # the 2,000 new garments, each changed once
check("01.2", changed_x, new_x=new_x)

# %% [markdown]
# **Next:** six batches of garments, three of them live and three from a store. How many will you sort rightly by eye? Write a number down, then open [02 Diversity within a batch](02_diversity_within_a_batch.ipynb).
