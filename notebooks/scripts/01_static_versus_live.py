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
# An article of January 2025 has this title. It answers that live generalises better, and gives no numbers. Here you get your own.
#
# **You will** train one network in three ways, and look at what it learnt. You need to have trained a classifier in Keras, or take the lesson [in PyTorch](going_deeper/in_pytorch.ipynb). **Time:** 29 minutes, half of it for the exercises, and one or two to run. Run it cell by cell, and write each guess on the [guess sheet](../docs/teaching/guess_sheet.md) first. (Code hosts and Colab show most answers, so cover the screen below each question.)

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

garments = subset(load_garments(), 128)
x, y = garments.x_train, garments.y_train  # a pullover is 0, a coat is 1
new_x, new_y = garments.x_val, garments.y_val

# %%
import keras
from keras import layers

augment = keras.Sequential(
    [
        layers.RandomFlip("horizontal"),  # every second image or so
        # up to 10 % of the height and of the width, with black behind
        layers.RandomTranslation(0.1, 0.1, fill_mode="constant"),
    ]
)

# %% [markdown]
# ## Once, or in every epoch?
#
# An *epoch* goes once through the training images. What it shows of an image is a *version* of it. **Live** (online) augmentation makes a new version in every epoch. **Static** (offline) augmentation stores some versions before training, as *copies*, and takes them in turn. So static is live whose clock wraps.

# %%
for epoch in range(8):
    print(f"epoch {epoch}: live shows version {epoch}, four copies version {epoch % 4}")

# %% [markdown]
# (`%` is the remainder of a division.) Here is one pullover through eight epochs. A stamp marks what came before.

# %%
import figures
import matplotlib.pyplot as plt
import numpy as np

pullover = x[y == 0][7:8]
versions = [augment(pullover, training=True) for epoch in range(8)]
figures.one_image_through_epochs(np.concatenate(versions))
plt.show()

# %% [markdown]
# ## Two networks
#
# The first two are alike. Only their images will differ.

# %%
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
from tqdm.keras import TqdmCallback  # a progress bar

epochs = 256


def train(model, images):
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        images,
        y,
        batch_size=32,
        epochs=epochs,
        verbose=0,
        callbacks=[TqdmCallback(verbose=0)],
        validation_data=(new_x, new_y),
        validation_freq=16,  # every sixteenth epoch
    )

# %% [markdown]
# ## The whole difference is where `augment` stands
#
# For one copy we call `augment` *before* training, and get a fixed array. For live it stands *inside* the model, and draws anew for each batch. When the model evaluates or predicts, these layers do nothing.

# %% tags=["nbval-ignore-output"]
one_copy = augment(x, training=True).numpy()

runs = {}
runs["1 copy"] = train(network(), one_copy)
runs["live"] = train(keras.Sequential([augment, network()]), x)

# %% [markdown]
# ## Which one would you ship?
#
# Here is the last training loss.

# %% tags=["nbval-ignore-output"]
for name, run in runs.items():
    print(f"{name}: training loss {run.history['loss'][-1]:.2f}")

# %% [markdown]
# One copy looks splendid, and live far worse. **Which of the two would you ship?** The next cell draws their loss on the new garments.

# %% tags=["hide-output", "nbval-ignore-output"]
import pandas as pd

colors = {"1 copy": "tab:orange", "live": "tab:blue"}
losses = pd.DataFrame({name: run.history["val_loss"] for name, run in runs.items()})
losses.index = 16 * (losses.index + 1)
losses.plot(color=colors, xlabel="epoch", ylabel="loss on new garments", ylim=0)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# On new garments the order turns round. One copy shows the same images in every epoch, and the network learns them by heart. The training loss rewards that.
#
# </details>
#
# ## Who knows the originals?
#
# Neither network has ever been shown one of the 128 *originals*, because `augment` came before. **Of a hundred originals, how many will each get right?** Type two guesses.

# %%
guess = {"1 copy": None, "live": None}  # in a hundred, such as 90

# %% tags=["hide-output", "nbval-ignore-output"]
print("right about the originals, in a hundred:")
knows = {}
for name, run in runs.items():
    knows[name] = 100 * run.model.evaluate(x, y, verbose=0)[1]
    print(f"{name}: {knows[name]:.0f}, your guess: {guess[name]}")

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Live knows more of the originals. One copy shows one version of each garment. Live shows 256, all around the original, and what is right for them is mostly right for the original, too.
#
# </details>
#
# Here are a copy and its original, with the probability of a coat that one copy's network gives to each.

# %% tags=["nbval-ignore-output"]
model = runs["1 copy"].model
of_copy = model.predict(one_copy, verbose=0)[:, 0]
of_original = model.predict(x, verbose=0)[:, 0]
i = np.abs(of_copy - of_original).argmax()
said = [f"copy: coat, {of_copy[i]:.0%}", f"original: coat, {of_original[i]:.0%}"]
figures.rows_of_images({"": [one_copy[i], x[i]]}, columns=said, tile=2.8)
plt.show()
print("It is a coat." if y[i] else "It is a pullover.")

# %% [markdown]
# Of all 128 its two answers differ most here. It learnt *that image*. A network *memorises* when it is right about the versions that it was shown, and less often about new images of the same kind.
#
# ## Nudge it
#
# **Find the smallest shift that changes one network's mind and not the other's.** Then all two thousand are flipped.

# %% tags=["nbval-ignore-output"]
from widgets import nudge

models = {name: run.model for name, run in runs.items()}
nudge(models, new_x[:100])

# %% tags=["nbval-ignore-output"]
changed = {}
for name, model in models.items():
    answers = model.predict(new_x, verbose=0) > 0.5
    flipped = model.predict(new_x[:, :, ::-1], verbose=0) > 0.5
    changed[name] = 100 * np.mean(answers != flipped)
    print(f"{name}: a flip changes {changed[name]:.0f} answers in a hundred")

# %% [markdown]
# In live training a garment came flipped in one epoch and unflipped in the next, so the network learnt to ignore the flip. With one copy it came one way only.
#
# ## And no augmentation at all?
#
# A third network gets the originals themselves. **Rank the three by accuracy on new garments.**

# %% tags=["nbval-ignore-output"]
runs["no augmentation"] = train(network(), x)

# %% [markdown]
# One run is one throw of dice. So beside yours stand the lowest, the mean and the highest of twenty runs of ours, each on 128 garments of its own, in per cent.

# %% tags=["hide-output", "nbval-ignore-output"]
from helpers.data import RESULTS

twenty = pd.read_csv(RESULTS / "lessons/twenty-runs.csv")
table = twenty.groupby("method")["accuracy"].agg(["min", "mean", "max"])
accuracy = {name: run.history["val_accuracy"][-1] for name, run in runs.items()}
table["yours"] = 100 * pd.Series(accuracy)
table.round(1)

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# *One copy in place of each image was worse than nothing*, in all twenty, by 5.6 points on average. (A *point* is one right answer more in a hundred.) Both it and no augmentation know by heart what they were shown. But originals are as new garments are, and copies are flipped and moved. Live led no augmentation in 15 of the twenty, by half a point on average. Its loss was lower in all twenty, and lesson [03](03_overfitting_curves.ipynb) says what that means.
#
# </details>
#
# ## In practice and limits
#
# The article's `ImageDataGenerator` does what `augment` inside our model does. Keras calls it deprecated, because layers like ours have replaced it ([how to leave it](going_deeper/leaving_imagedatagenerator.ipynb)). The article's own code comes in lesson [05](05_a_fair_comparison.ipynb).
#
# Our images are few, and our network is small. A large one with few images memorises the garments live, too.
#
# ## Take-away
#
# > **A network memorises what comes again, and learns to ignore what varies.**
#
# In place of the originals, one augmented copy is worse than no augmentation. The training loss rewards memorising, so evaluate on new images, and on your own originals.

# %%
# The message, in your own run.
last = {name: run.history["val_loss"][-1] for name, run in runs.items()}
trained = {name: run.history["loss"][-1] for name, run in runs.items()}
assert trained["1 copy"] < 0.06 < 0.1 < trained["live"] < 0.5, (
    "One copy should be learnt by heart, and live not: look at where `augment` stands, "
    "and at how strong it is."
)
assert (
    last["live"] < 0.8 * last["1 copy"] and changed["live"] < changed["1 copy"] / 2
), "Live should have the lower loss on new garments, and change fewer answers."
assert min(accuracy["live"], accuracy["no augmentation"]) > 0.75, (
    "New garments are unaugmented, and their labels in order: is this so?"
)

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/01_static_versus_live.ipynb).

# %% [markdown]
# ### Exercise 1: Four copies
#
# You store four copies of each garment in its place, and shuffle them all. After how many passes of `fit` over this store has the network made as many *updates* (batches) as the others?

# %%
from exercises import check

answer = ...  # a whole number
check("updates", answer, n=len(x), epochs=epochs)

# %% [markdown]
# ### Exercise 2: Changed garments
#
# Suppose that new garments come flipped and moved, too. Will one copy still be worse than no augmentation? Write down what you expect. Then change each of the new garments once, and evaluate your three networks on them.

# %%
changed_x = ...  # the 2,000 new garments, each changed once
check("changed_garments", changed_x, new_x=new_x)

# %% [markdown]
# **Next:** six rows of garments, three of them live and three from a store. How many will you sort rightly by eye? Write a number down, then open [02 Diversity within a batch](02_diversity_within_a_batch.ipynb).
