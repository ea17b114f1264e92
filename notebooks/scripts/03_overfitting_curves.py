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
# # 03 Overfitting curves
#
# <details><summary>From lesson 02: a store has four copies of each garment, and training takes one an epoch. From which epoch on does it differ from live?</summary>
#
# From the fifth, when the first copy comes again.
#
# </details>
#
# `fit` says that a network is better on new images than on its own. Another one's loss on new images doubles. Which is in trouble?
#
# **You will** draw the curves of none, one copy, four copies and live beside each other, with one that `fit` leaves out, and diagnose nine runs. You need lessons [01](01_static_versus_live.ipynb) and [02](02_diversity_within_a_batch.ipynb). **Time:** 32 minutes: 14 to read, 3 to run, 15 for the nine runs and the exercises.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %%
import keras
from helpers.data import RESULTS, load_garments, subset
from helpers.model import small_model  # lesson 01's network
from keras import layers

garments = load_garments()
few = subset(garments, 128)
x, y = few.x_train, few.y_train
new_x, new_y = garments.x_val, garments.y_val
flip = layers.RandomFlip("horizontal")
move = layers.RandomTranslation(0.1, 0.1, fill_mode="constant")
augment = keras.Sequential([flip, move])  # lesson 01's layers

# %% [markdown]
# ## Three curves, four methods
#
# `fit` reports two curves: on the images as they are *shown*, and on new images. A callback adds the third, on the unaugmented *originals* of the training images.


# %%
class ThreeCurves(keras.callbacks.Callback):
    def __init__(self, every, updates):
        super().__init__()
        self.every, self.updates, self.rows = every, updates, []  # updates an epoch

    def on_epoch_end(self, epoch, logs):
        if (epoch + 1) % self.every:
            return
        own = self.model.evaluate(x, y, verbose=0)
        update = (epoch + 1) * self.updates
        self.rows.append((update, "as shown", logs["loss"], logs["accuracy"]))
        self.rows.append((update, "own originals", *own))
        self.rows.append((update, "new", logs["val_loss"], logs["val_accuracy"]))


# %% [markdown]
# An *update* is one batch. Each method makes 512 of them: none, one copy and live in 128 epochs, four copies in 32 *passes over the store*, which is four times as large.

# %% tags=["nbval-ignore-output"]
import numpy as np
import pandas as pd
from tqdm.keras import TqdmCallback  # a progress bar


def train(images, labels, live=False):
    epochs = 128 * 128 // len(images)
    every = epochs // 16
    model = small_model(seed=0)
    if live:
        model = keras.Sequential([augment, model])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    curves = ThreeCurves(every, len(images) // 32)
    model.fit(
        images,
        labels,
        epochs=epochs,
        verbose=0,
        validation_data=(new_x, new_y),
        validation_freq=every,
        callbacks=[curves, TqdmCallback(verbose=0)],
    )
    return pd.DataFrame(curves.rows, columns=["update", "images", "loss", "accuracy"])


copies = [augment(x, training=True) for _ in range(4)]
runs = {
    "no augmentation": train(x, y),
    "1 copy": train(copies[0], y),
    "4 copies": train(np.concatenate(copies), np.tile(y, 4)),
    "live": train(x, y, live=True),
}

# %% [markdown]
# Three guesses. Which method will have the lowest loss *as shown*? Which the highest on *new* garments? And which methods will know their *own originals* less well than the images they were shown? Write them down, then unfold: loss above, accuracy below.

# %% tags=["hide-output", "nbval-ignore-output"]
import matplotlib.pyplot as plt
import seaborn as sns

colors = {
    "no augmentation": "grey",
    "1 copy": "tab:orange",
    "4 copies": "chocolate",
    "live": "tab:blue",
}
table = pd.concat(runs, names=["method"]).reset_index(level="method")
long = table.melt(["method", "update", "images"], var_name="measure")
sns.relplot(
    data=long,
    kind="line",
    x="update",
    y="value",
    row="measure",
    col="images",
    hue="method",
    palette=colors,
    height=2.6,
    facet_kws={"sharey": "row"},
).set_titles("{row_name}, {col_name}")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# No augmentation and one copy learn what they are shown by heart, so their loss as shown goes to zero and that on new garments rises. Live looks worst as shown, because augmented images are harder and don't come again, and has a lower loss on new garments. Four copies come close in a single run; over twenty, below, live is ahead. One copy and four know their originals less well than the copies they were shown: that gap is *memorising*.
#
# </details>
#
# ## The same, twenty times
#
# One run shows a seed as much as a method. Here are twenty of each on new garments, twice as long, with other garments and weights. The band is one standard deviation.

# %%
twenty = pd.read_csv(RESULTS / "lessons/curves.csv")
fig, axes = plt.subplots(1, 2)
for ax, measure in zip(axes, ["loss", "accuracy"], strict=True):
    sns.lineplot(
        data=twenty,
        x="update",
        y=measure,
        hue="method",
        palette=colors,
        errorbar="sd",
        ax=ax,
        legend=measure == "loss",
    )
axes[0].set(ylabel="loss on new garments", ylim=0)
axes[1].set(ylabel="accuracy on new garments, %")
plt.show()

# %% [markdown]
# Between updates 256 and 1,024 the loss of one copy rises steadily, while its accuracy hardly moves. Loss also asks how *sure* an answer was: a mistake made with 99.9 % costs three times one made with 90 %. A network that is surer than it is right is ***over-confident***, and much of an overfitting curve is over-confidence, not new mistakes.
#
# ## Better on new garments?
#
# We train live on 2,048 garments for six epochs, and read what `fit` reports.

# %% tags=["nbval-ignore-output"]
many = subset(garments, 2048)


new = (new_x, new_y)


def fit(images, labels, epochs, first=None, drop=0, rate=0.001, validation=new):
    keras.utils.set_random_seed(0)
    *body, answer = small_model(seed=0).layers
    first = [keras.models.clone_model(first)] if first else []  # draws as from new
    network = keras.Sequential([*first, *body, layers.Dropout(drop), answer])
    adam = keras.optimizers.Adam(rate)
    network.compile(adam, "binary_crossentropy", metrics=["accuracy"])
    return network.fit(
        images,
        labels,
        epochs=epochs,
        verbose=0,
        validation_data=validation,
        validation_freq=epochs // 6,  # six times
    )


def last(run):
    return run.history["accuracy"][-1], run.history["val_accuracy"][-1]


def own(run):
    return run.model.evaluate(many.x_train, many.y_train, verbose=0)[1]


live = fit(many.x_train, many.y_train, 6, augment)
print("as shown {:.2f}, new garments {:.2f}".format(*last(live)))
print(f"its own originals {own(live):.2f}")

# %% [markdown]
# Many call this *underfitting*. But dropout does the same without any augmentation, because it, too, is switched off when the network is evaluated. Here it hides nine of ten numbers from the last layer.

# %% tags=["nbval-ignore-output"]
dropout = fit(many.x_train, many.y_train, 6, drop=0.9)
print("as shown {:.2f}, new garments {:.2f}".format(*last(dropout)))
print(f"its own originals {own(dropout):.2f}")

# %% [markdown]
# So before you speak of underfitting, evaluate the originals.
#
# ## Nine runs to diagnose
#
# The code names nine runs, and draws their letters by lot. Which run is which? The names are *augmentation frozen*, *labels shuffled*, *learning rate too high*, *nothing wrong*, *overfitting without augmentation*, *policy too strong*, *too few updates*, *validation augmented*, *validation not divided by 255*.

# %%
strong = keras.Sequential(
    [
        layers.RandomRotation(0.5, fill_mode="constant"),  # up to half a turn
        layers.RandomTranslation(0.5, 0.5, fill_mode="constant"),
    ]
)
changed = (augment(new_x, training=True), new_y)
shuffled = np.random.default_rng(0).permutation(y)
undivided = (255 * new_x, new_y)
big_x, big_y = many.x_train, many.y_train

# %% tags=["nbval-ignore-output"]
nine = {
    "augmentation frozen": fit(copies[0], y, 60, rate=0.003),
    "labels shuffled": fit(x, shuffled, 60, rate=0.003),
    "learning rate too high": fit(big_x, big_y, 6, augment, rate=0.5),
    "nothing wrong": live,
    "overfitting without augmentation": fit(x, y, 60, rate=0.003),
    "policy too strong": fit(big_x, big_y, 6, strong),
    "too few updates": fit(x, y, 6, augment),
    "validation augmented": fit(big_x, big_y, 6, augment, validation=changed),
    "validation not divided by 255": fit(
        big_x, big_y, 6, augment, validation=undivided
    ),
}

# %% [markdown]
# Each panel has its own loss axis: dotted as shown, solid on the validation images. Its title has both last accuracies.

# %% tags=["nbval-ignore-output"]
letters = np.random.default_rng(438125).permutation(list("ABCDEFGHI"))
lettered = dict(sorted(zip(letters, nine.values(), strict=True)))
fig, axes = plt.subplots(3, 3, figsize=(9, 7))
for ax, (letter, run) in zip(axes.flat, lettered.items(), strict=True):
    shown = run.history["loss"]
    every = len(shown) // 6
    ax.plot(shown[every - 1 :: every], "k:")
    ax.plot(run.history["val_loss"], "tab:blue")
    ax.set_title("{}: {:.2f}, {:.2f}".format(letter, *last(run)))
plt.show()

# %% [markdown]
# B and H look alike. Here is one more number of each.

# %% tags=["nbval-ignore-output"]
for letter in "BH":
    known = lettered[letter].model.evaluate(x, y, verbose=0)[1]
    print(f"{letter}: {known:.0%} of the originals right")

# %% [markdown]
# <details><summary>Nine answers</summary>
#
# **A** Validation is augmented, too. A, F and I train alike, so look at what they are validated on.
#
# **B** Overfitting without augmentation. It knows all of its originals.
#
# **C** Shuffled labels. It memorises them, and guesses on new images.
#
# **D** The policy is too strong. It made sixteen times the updates of G, and is no further.
#
# **E** The learning rate is too high. The loss stays near 0.69, which is what guessing costs.
#
# **F** Nothing is wrong. So the first network of the beginning is in no trouble, and the second is over-confident.
#
# **G** Too few updates. At the end both curves still fall as they did at the beginning.
#
# **H** Frozen augmentation. It knows the copies that it is shown, and not all of its originals.
#
# **I** Validation was not divided by 255. Most answers stay right, but a mistake costs hundreds. Print the largest value of both sets.
#
# </details>
#
# ## Take-away
#
# `fit` measures its training curve on augmented images, so evaluate the originals before you speak of underfitting. A network that knows what it was shown better than its own originals has memorised copies. A rising validation loss is often over-confidence: look at accuracy before you call the network worse.

# %%
# The message, in your own runs and in the stored ones.
end = table[table["update"] == 512].set_index(["method", "images"])
loss, accuracy = end["loss"].unstack(), end["accuracy"].unstack()
better = loss.loc["live", "new"] < loss.loc[["no augmentation", "1 copy"], "new"] - 0.05
assert better.all() and loss["as shown"].idxmax() == "live", (
    "Live should look worst as shown and do well on new garments: see what it shows."
)
one, four = accuracy.loc["1 copy"], accuracy.loc["4 copies"]
assert one["as shown"] - one["own originals"] > 0.03, (
    "One copy should know its copies better than its originals: is it stored?"
)
assert one["own originals"] < four["own originals"] + 0.05, (
    "Four copies should know their originals about as well as one, or better."
)
assert accuracy.loc["live", "new"] > 0.7, "Live learns too little: a strong policy?"
ends = twenty[twenty["update"] == 1024].pivot(index="run", columns="method")
lower = (ends["loss"]["live"] < ends["loss"]["1 copy"]).sum()
assert lower >= 18, "In the stored runs live's loss should be lower in 18 of 20."
for run in (live, dropout):
    assert own(run) > last(run)[0], "Originals should look easier than what is shown."
right = {name: last(run) for name, run in nine.items()}
assert right["labels shuffled"][1] < 0.65 < right["nothing wrong"][1], "Labels?"
assert right["validation augmented"][1] < right["nothing wrong"][1], (
    "Augmented validation images should be harder: are they augmented?"
)
# The nine letters as one number (digits of base 36), so that this line tells none.
lot = int("".join(letters), 36)
assert lot == 48930639444666, "The answers are those of another lot: keep its seed."

# %% [markdown]
# ## Quick question
#
# <details><summary>From epoch 10 to epoch 50 your validation loss doubles, and accuracy stays. What happened?</summary>
#
# The network became over-confident. If you need its probabilities, scale them with a temperature ([here](going_deeper/over_confident_or_less_accurate.ipynb)). If you need only the answers, leave it.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/03_overfitting_curves.ipynb).

# %% [markdown]
# ### Exercise 1: Stop early
#
# `twenty` has loss and accuracy (in %) of twenty runs a method, `run` by `run`. Take each run where its loss is lowest, as `EarlyStopping` does. By how many points of accuracy is no augmentation ahead of one copy there, on average? A *point* is one in a hundred garments.

# %%
from exercises import check

answer = None  # a number of points
check("stopping", answer)

# %% [markdown]
# ### Exercise 2: How over-confident?
#
# Write `over_confidence`, which takes the probabilities of a coat and the labels (1 is a coat). It returns by how much the network is surer than it is right, which is the mean confidence of its answers minus its accuracy. The *confidence* of an answer is the probability that the network gave to it. The starter makes a mistake.


# %% tags=["nbval-ignore-output"]
def over_confidence(p, labels):
    accuracy = np.mean((p > 0.5) == labels)
    return np.mean(p) - accuracy


p = live.model.predict(new_x, batch_size=500, verbose=0)[:, 0]
print(f"over-confident by {over_confidence(p, new_y):.2f}")
check("over_confidence", ...)  # put over_confidence in place of the dots

# %% [markdown]
# **Next:** your pipeline is live, you believe. Four others are shown, and one of them is. Open [04 When live is not live](04_when_live_is_not_live.ipynb).
