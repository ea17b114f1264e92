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
# # 00 Start here: freeze or vary?
#
# You shift a pullover by one pixel and save the picture. Your network will look at that picture a hundred times. What does it learn: the pullover, or the shift? Write your answer down.
#
# **You will** train one small network in two ways, guess how they compare, and ask each what it has learnt. You need to have trained a classifier in Keras once. **Time:** 24 minutes to read, about one to run. Run it cell by cell with Shift+Enter, and guess before you run an answer.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## A mild policy
#
# *Augmenting* an image means changing it a little, at random, before the network sees it. The changes that you allow are your *policy*. It is a claim about your labels: a mirrored coat is still a coat, but a mirrored sign is no word.
#
# We train on 128 pullovers and coats from Fashion-MNIST, and test on two thousand new ones. They are only 28 pixels wide.

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
    horizontal_flip=True,  # every second picture or so
    seed=0,  # each call draws anew, but a restart draws the same again
)

# %% [markdown]
# ## Spot the repeat
#
# > *Should I make the augmented images once and save them, or make new ones in every epoch?*
#
# An *epoch* goes once through the training images. Copies that are made once and saved are *offline* or *static* augmentation: the change is frozen. New ones in every epoch are *online* or *live* augmentation: the change varies.
#
# Follow one pullover through eight epochs. Each list says which version of it is shown. Below stand the three rows without their names. Mark every picture that you have already seen in its row.

# %%
shown = {
    "1 copy": [0, 0, 0, 0, 0, 0, 0, 0],
    "4 copies": [0, 1, 2, 3, 0, 1, 2, 3],
    "live": [0, 1, 2, 3, 4, 5, 6, 7],
}

# %% tags=["slide-with"]
import figures
import numpy as np
from helpers.plots import caption

pullover = x[y == 0][7:8]
versions = np.concatenate([augment(pullover, training=True) for epoch in range(8)])
drawn = np.random.default_rng(5).permutation(list(shown))  # the letters by lot
figures.epochs_of_one_image(versions, dict(zip("ABC", (shown[name] for name in drawn), strict=True)))
caption("Which row is which? Decide, then unfold.")

# %% tags=["hide-output", "slide"]
figures.epochs_of_one_image(versions, {name: shown[name] for name in drawn}, answer=True)
caption("One copy repeats itself from the second epoch on, four copies from the fifth, and live not at all.")

# %% [markdown]
# ## A network that you could have typed
#
# One convolution, one pooling layer, and one output, which is the probability of a coat. The seed gives both networks the same start.

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
        layers.Dense(1, activation="sigmoid"),  # ten classes: Dense(10, activation="softmax")
    ])

# %%
from helpers.progress import EpochBar

epochs = 256


def train(model, images):
    # Ten classes: loss="sparse_categorical_crossentropy".
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    return model.fit(
        images, y, batch_size=32, epochs=epochs, verbose=0, callbacks=[EpochBar()],
        validation_data=(new_x, new_y), validation_freq=16,  # evaluate after every sixteenth epoch
    )

# %% [markdown] tags=["slide"]
# ## The whole difference is where `augment` stands
#
# For one copy we call `augment` ourselves, *before* training. It draws once, and the result is a fixed array. For live we put the layer *inside* the model. There it draws anew for each batch while `fit` trains, and does nothing when the model evaluates or predicts.

# %% tags=["slide-with"]
one_copy = augment(x, training=True).numpy()

runs = {}
runs["1 copy"] = train(network(), one_copy)
runs["live"] = train(keras.Sequential([augment, network()]), x)

# %% [markdown]
# ## Which one would you ship?
#
# Here is the training loss that `fit` reports. Which of the two will have the lower loss on new garments? Decide before you go on.

# %% tags=["slide-before"]
import pandas as pd
import seaborn as sns

losses = pd.DataFrame({name: run.history["loss"] for name, run in runs.items()}, index=range(1, epochs + 1))
ax = sns.lineplot(losses, palette=figures.COLORS, dashes=False)
ax.set(xlabel="epoch", ylabel="training loss", ylim=(0, 0.85))
caption("One copy looks splendid, live far worse.", alt="Training loss against epochs. 1 copy falls to zero, live stays high above it.")

# %% tags=["hide-output", "slide"]
losses = pd.DataFrame({name: run.history["val_loss"] for name, run in runs.items()}, index=range(16, epochs + 1, 16))
ax = sns.lineplot(losses, palette=figures.COLORS, dashes=False)
ax.set(xlabel="epoch", ylabel="loss on new garments", ylim=(0, None))
caption("On new garments the order turns round.", alt="Loss on new garments against epochs. Both lines fall at first. Then 1 copy rises, and live stays low to the end.")


# %% [markdown]
# The network with one copy *overfits*: it *memorises* its pictures, the training loss rewards that, and the loss on new garments pays. (Most of this rise is over-confidence, which is another thing than being wrong more often. Lesson [04](04_overfitting_curves.ipynb) takes the two apart.)
#
# ## Who knows the originals?
#
# The network with one copy was trained on copies alone. The live one, too, was shown a changed picture every time. Neither has ever seen one of the 128 originals. Which of the two recognises more of them? Guess both accuracies, then unfold. (A coin is right half of the time. Another start may end anywhere in the range in brackets.)

# %% tags=["hide-output", "slide"]
def ends(low, high):  # the range of other starts, measured in this setting alone
    return f" ({low} to {high})" if (n, epochs) == (128, 256) else ""


knows = {name: run.model.evaluate(x, y, verbose=0)[1] for name, run in runs.items()}
print(f"1 copy: its copies ≈ {100 * runs['1 copy'].history['accuracy'][-1]:.0f} %{ends(98, 100)}, their originals ≈ {100 * knows['1 copy']:.0f} %{ends(78, 94)}")
print(f"live: their originals ≈ {100 * knows['live']:.0f} %{ends(90, 99)}")

# %% [markdown]
# Now look at the one garment about which the network with one copy changed its mind the most. What does it say of the copy that it was trained on, and what of the original?

# %% tags=["hide-output", "slide"]
of_copies = runs["1 copy"].model.predict(one_copy, verbose=0)[:, 0]  # the probability of a coat
of_originals = runs["1 copy"].model.predict(x, verbose=0)[:, 0]
worst = np.argmax(np.abs(of_copies - of_originals))
figures.copy_and_original(one_copy[worst], x[worst], [of_copies[worst], of_originals[worst]], is_coat=y[worst] == 1)
caption("The same network, the same garment, and each time it is nearly certain.")

# %% [markdown]
# So it learnt neither the pullover nor the shift. It learnt *that picture*. Live saw 256 versions of each image, all around the original, and what fits all of them mostly fits the original as well.
#
# ## Nudge it
#
# Take garments that no network has seen, and change them. A network that ignores a change keeps its answer. If you are running the page, try it.

# %%
from explorers import nudge_explorer

models = {name: run.model for name, run in runs.items()}
nudge_explorer(models, new_x[:100])

# %% [markdown]
# Half of the copies were mirrored. When each of the 2,000 new garments is mirrored, how many answers in a hundred will change? Guess for both networks, then unfold.

# %% tags=["hide-output", "slide"]
changed = {}
for name, model in models.items():
    before = model.predict(new_x, verbose=0) > 0.5
    after = model.predict(new_x[:, :, ::-1], verbose=0) > 0.5
    changed[name] = 100 * np.mean(before != after)
    print(f"{name}: mirrored answers that change ≈ {changed[name]:.0f} %{ends(8, 18) if name == '1 copy' else ends(1, 5)}")

# %% [markdown]
# Frozen, the mirror taught nothing: without augmentation as many answers change (12 % with either, as a mean of twenty runs). Live, a garment came mirrored in one epoch and unmirrored in the next, with one label, so all that paid was to ignore the mirror.
#
# ## And no augmentation at all?
#
# One run proves little. So we trained each way twenty times, each time on other garments, three times as long, and a third way: the originals alone. Guess first: will one copy beat no augmentation?

# %% tags=["hide-output", "slide"]
from helpers.data import RESULTS, read_runs

stored = read_runs(RESULTS / "freeze-or-renew.csv").query("row == 1 and n == 128 and policy == 'mild' and draw == 'per image'")
accuracy = stored.pivot(index="replicate", columns="method", values="final_new_accuracy")[["copies-1", "none", "live"]]
figures.twenty_runs(accuracy.set_axis(["1 copy", "no augmentation", "live"], axis=1), "accuracy on new garments, %")
caption("In each of these twenty runs one copy is below no augmentation, and in 57 of all 60 that we made. That is worse than doing nothing. Live gains little in so small a network.")

# %% [markdown]
# ## Why is one copy worse than none?
#
# Both memorise 128 pictures. So why is one copy worse? We trained both twenty times more. Now change the *test* images, too, each in its own way, by the same policy. Which of the two networks will be right more often about changed garments? Write it down, then unfold.

# %% tags=["hide-output"]
from helpers.plots import show_table

tested = read_runs(RESULTS / "coverage-tested.csv").query("dataset == 'garments' and n == 128 and policy == 'mild'")
two_by_two = 100 * tested.groupby("method")[["new_accuracy", "mild_accuracy"]].mean().loc[["none", "copies-1"]]
show_table(two_by_two.set_axis(["as they are", "changed"], axis=1).set_axis(["no augmentation", "1 copy"]).rename_axis("new garments"), digits=1)
caption("Accuracy, %, mean of twenty runs. Compare within a column: each network wins on the pictures that it trained for.")

# %% [markdown]
# One copy isn't a worse training set. It trained the network for another exam, which is the harder one for both. Your new images will come as they are, and a copy that is a little turned and moved, and blurred by that, is not what they look like. It was so in each of eight comparisons that we *registered*, that is, wrote down before the runs ([Registered](../docs/results.md#coverage-variety-or-repeats)).
#
# ## In your network?
#
# A ResNet-8 is a small relative of the networks that most people use. We gave it 512 garments, eight times each way. How many points does one copy cost it, and how many does live gain? Guess both, then unfold.

# %% tags=["hide-output", "slide"]
residual = read_runs(RESULTS / "freeze-or-renew.csv").query("row == 2 and policy == 'mild' and draw == 'per image'")
columns = {"final_own_accuracy": "its originals", "final_new_accuracy": "new garments", "changed_mirror": "mirrored answers that change"}
table = 100 * residual.groupby("method")[list(columns)].mean().loc[["none", "copies-1", "live"]]
show_table(table.rename(columns=columns).set_axis(["no augmentation", "1 copy", "live"]).rename_axis("ResNet-8"), digits=1)
caption("In per cent, after 1,500 updates. One copy costs this network six points against no augmentation, and eleven against live.")

# %% [markdown]
# Against our expectation, one copy makes its answers change *more* often in a mirror than no augmentation does. It also errs more often, by about the same factor.
#
# And on colour photographs? From scratch, on 512 images of ten classes, live gained 8.6 points over no augmentation, and one copy lost 0.7. A pretrained EfficientNet, the whole of it trained further, gained 2.3 points by live over no augmentation and lost 2.4 by one copy ([Registered](../docs/results.md#photographs-fine-tuned)).

# %% [markdown]
# ## In practice and limits
#
# These are few, small and clean pictures, trained until the networks overfit. Stopped in time, or with many more images, the methods lie closer together. After few updates no augmentation may even lead.

# %% [markdown] tags=["slide"]
# ## Take-away
#
# > **A network memorises what comes again, and learns to ignore what varies.**
#
# 1. A frozen copy is memorised, and it isn't what the network will meet. So one copy in place of each image can be worse than no augmentation.
# 2. The training loss rewards memorising. Evaluate on new images, and on your own originals.
# 3. If you augment, make new versions in every epoch.

# %%
# The message, in your own run.
assert knows["live"] > knows["1 copy"] and changed["live"] < changed["1 copy"] / 2, (
    "Live should know more originals, and change fewer than half as many "
    "mirrored answers: look where `augment` stands, or train for longer."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. Live has the highest training loss. Does it learn badly?</summary>
#
# No. Its training loss is measured on pictures that it has never seen before, so memorising doesn't lower it.
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
# Worked answers are in [the solutions](solutions/00_start_here.ipynb).

# %% [markdown]
# ### Exercise 1: Four copies
#
# You store four copies of each garment in its place, so an epoch of `fit` goes through four times as many pictures. After how many epochs has this network seen as many batches of 32 as the others?

# %%
from exercises import check

answer = ...  # a whole number
check("00.1", answer, n=n, epochs=epochs)

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
# Will one copy do as much harm when there are more garments? Write down what you expect. Then set `n` to 512 and `epochs` to a quarter, run the page again, and compare.

# %%
expected = ...  # "less harm", "as much" or "more"

# %% [markdown]
# **Next:** you must store copies, and can't train live. How many do you order? Write a number down, then open [05 How many copies?](05_how_many_copies.ipynb)
