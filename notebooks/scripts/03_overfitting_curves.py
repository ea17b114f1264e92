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
# `fit` says that one network is better on new images than on its own training images. Another one's loss on new images doubles. Which of the two is in trouble? Write your answer down.
#
# **You will** draw the curve that `fit` leaves out, follow a loss that doubles, and diagnose nine runs. You need lesson [01](01_static_versus_live.ipynb). **Time:** 17 minutes to read, and ten for the nine runs.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Better on garments it has never seen?
#
# We train the small network of lesson 01 live, on 1,024 garments. After each epoch a callback evaluates it on the originals, too.

# %%
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.policies import POLICIES

garments = load_garments()
x, y = subset(garments, 1024)[:2]
new_x, new_y = garments.x_val, garments.y_val
augment = RandomAffine(**POLICIES["mild"], seed=0)  # lesson 01's policy

# %%
import keras
from helpers.model import small_model

originals = []


def evaluate_originals(epoch, logs):
    originals.append(model.evaluate(x, y, batch_size=512, verbose=0)[1])


keras.utils.set_random_seed(0)
model = keras.Sequential([augment, small_model(seed=0)])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(
    x,
    y,
    epochs=15,
    verbose=0,
    validation_data=(new_x, new_y),
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=evaluate_originals)],
).history

# %% tags=["slide-with"]
import figures
import pandas as pd
import seaborn as sns
from helpers.plots import caption

accuracy = pd.DataFrame(
    {
        "training, as fit reports it": history["accuracy"],
        "new garments (validation)": history["val_accuracy"],
    },
    index=range(1, 16),
)
colors = ["0.2", figures.COLORS["live"], figures.COLORS["live"]]
ax = sns.lineplot(accuracy, palette=colors[:2], dashes=[(1, 1), ""])
ax.set(xlabel="epoch", ylabel="accuracy")
caption(
    "In nearly every epoch fit says that the network is better on new garments than on its own.",
    alt="Accuracy of one run in epochs 1 to 15. The line for new garments lies above the dotted line for training in nearly every epoch.",
)

# %% [markdown]
# Many read this as *underfitting*: the network is too small, or the augmentation too strong.
#
# ## The third curve
#
# Now look at its own 1,024 garments as they are, unaugmented. Will the accuracy be below, equal to or above that on new garments? Guess, then unfold.

# %% tags=["hide-output", "slide"]
accuracy["training garments, unaugmented"] = originals
ax = sns.lineplot(accuracy, palette=colors, dashes=[(1, 1), "", (4, 2)])
ax.set(xlabel="epoch", ylabel="accuracy")
caption(
    "The third curve. In your code it is model.evaluate(x, y).",
    alt="The same figure with a third, dashed line for the unaugmented training garments. It is the highest of the three, so validation lies between the two training curves.",
)

# %% [markdown]
# The network is better on its own garments after all. The curve of `fit` lies lower for two reasons. It is measured on augmented images, which are harder. And it is a mean over an epoch in which the network still improves. So compare validation with the third curve.
#
# ## The loss rises. Does the network get worse?
#
# We trained twenty more networks with one copy of each of 128 garments. Between updates 500 and 3,000 their loss on new garments doubles. An *update* is one step of the optimiser, on one batch. How far does their accuracy fall? Guess, then unfold.

# %% tags=["hide-output"]
from helpers.data import RESULTS

one_copy = pd.read_csv(RESULTS / "lessons/03-one-copy.csv")
figures.loss_and_accuracy(one_copy)
caption("A thin line is a run, a thick one the mean of all twenty.")

# %% [markdown]
# The loss doubles while the accuracy hardly moves. How can that be? Accuracy counts answers. Loss also asks how sure they were. Loss is −ln of the probability that the right answer got. So a wrong answer given with 99.9 % costs three times one given with 90 %. A network that is surer than it is right is ***over-confident***.
#
# Now make every answer less sure: divide what goes into the sigmoid by a *temperature*. With 2, "99 %" becomes "91 %", and no answer changes. With a temperature chosen on half of the new garments, the loss on the other half stays flat, as the dashed line shows.
#
# So the rise was over-confidence, and the mistakes remain. Neither a validation accuracy above training nor a rising loss says by itself that a network is in trouble.
#
# ## Nine runs to diagnose
#
# Here are nine runs of the small network, as `fit` shows them. The code says what was done, and draws the letters by lot. Which run is which? The names are *augmentation frozen*, *labels shuffled*, *learning rate too high*, *nothing wrong*, *overfitting without augmentation*, *policy too strong*, *too few updates*, *validation augmented*, *validation not divided by 255*.

# %%
import numpy as np

few_x, few_y = subset(garments, 128)[:2]
some_x, some_y = subset(garments, 512)[:2]
check_x, check_y = new_x[:500], new_y[:500]


def fit(images, labels, epochs, first=(), rate=0.001, validation=check_x):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([*first, small_model(seed=0)])
    network.compile(
        keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"]
    )
    return network.fit(
        images,
        labels,
        epochs=epochs,
        verbose=0,
        validation_data=(validation, check_y),
        validation_freq=max(epochs // 12, 1),
    )

# %%
strong = RandomAffine(**POLICIES["article"], seed=0)
runs = {
    "augmentation frozen": fit(augment(few_x, training=True), few_y, 120),
    "labels shuffled": fit(few_x, np.random.default_rng(0).permutation(few_y), 120),
    "learning rate too high": fit(some_x, some_y, 12, [augment], rate=0.2),
    "nothing wrong": fit(x, y, 12, [augment]),
    "overfitting without augmentation": fit(few_x, few_y, 120),
    "policy too strong": fit(some_x, some_y, 24, [strong]),
    "too few updates": fit(some_x, some_y, 3, [augment]),
    "validation augmented": fit(
        x, y, 12, [augment], validation=augment(check_x, training=True)
    ),
    "validation not divided by 255": fit(
        some_x, some_y, 12, [augment], validation=255 * check_x
    ),
}

# %% tags=["slide-thirds"]
letters = np.random.default_rng(438125).permutation(list("ABCDEFGHI"))
nine = dict(sorted(zip(letters, runs.values(), strict=True)))
figures.nine_runs({letter: run.history for letter, run in nine.items()})
caption("Every panel has its own axes. Its title has the accuracies at the end.")

# %% [markdown]
# B and H look alike, and one of them is a bug. What could you evaluate? Say it, then unfold.

# %% tags=["hide-output"]
for letter in "BH":
    print(
        f"{letter}: the 128 originals ≈ {100 * nine[letter].model.evaluate(few_x, few_y, verbose=0)[1]:.0f} %"
    )

# %% [markdown]
# ### The answers
#
# <details><summary>Answers A, B, C</summary>
#
# **A** The validation images are augmented, too. A and F train nearly alike, so only what they are validated on can set them apart, and A's validation accuracy is the lower one. One such curve alone shows nothing, so look at the validation images.
#
# **B** Overfitting without augmentation. It knows all of its originals, because it was shown them.
#
# **C** The labels were shuffled among the images. The network memorises them, and guesses on new images. Look at twenty images with their labels.
#
# </details>
#
# <details><summary>Answers D, E, F</summary>
#
# **D** The policy is too strong. After eight times as many epochs it is no further than G. Use milder ranges.
#
# **E** The learning rate is two hundred times the usual. After its first epoch the loss stays at 0.69, which is what guessing costs. Set the rate to 0.001.
#
# **F** Nothing is wrong.
#
# </details>
#
# <details><summary>Answers G, H, I</summary>
#
# **G** Too few updates. The axis ends at 3, and both curves still fall. Train on.
#
# **H** Frozen augmentation: meant to be live, it shows the same copy in every epoch. Its curves say only "overfitting", but it doesn't know all of its originals.
#
# **I** The validation images were not divided by 255. Most answers stay right, but the numbers that go into the sigmoid are about 255 times as large, so a mistake can cost hundreds, and the mean exceeds 25. Print the least and the largest value of both sets.
#
# </details>

# %% [markdown]
# ## In practice and limits
#
# What a rising loss means depends on the images. On photographs of solar cells, which [a companion](going_deeper/solar_cells.ipynb) is about, accuracy falls as well.

# %% [markdown]
# ## Take-away
#
# 1. `fit` measures its training curve on augmented images. Evaluate the originals before you speak of underfitting.
# 2. A rising validation loss is often over-confidence. Look at accuracy before you call the network worse.
# 3. A network that knows what it was shown better than its own originals has memorised copies.

# %%
# The message, in your own run; and the letters are those of the answers.
assert (
    np.mean(originals) > np.mean(history["val_accuracy"]) > np.mean(history["accuracy"])
), (
    "Accuracy should be highest on unaugmented training images and lowest "
    "on augmented ones, with new images between: see what was augmented."
)
assert "".join(letters) == "HCEFBDGAI", (
    "The letters were drawn otherwise than the answers have them: "
    "keep the seed of the lot."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. From epoch 10 to epoch 50 your validation loss doubles, and accuracy stays. What happened?</summary>
#
# The network became over-confident. If you need its probabilities, scale them with a temperature. If you need only the answers, leave it.
#
# </details>
#
# <details><summary>2. You believe that your augmentation is live. `fit` reports a far higher accuracy than the unaugmented training images have. What do you suspect?</summary>
#
# That it is frozen. The network knows the versions that it is shown better than their originals, so the same versions must have come again and again.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/03_overfitting_curves.ipynb).

# %% [markdown]
# ### Exercise 1: A tenth run
#
# In the folder of training images somebody numbered the classes the other way round, pullover 1 and coat 0. In the validation folder all is well, and otherwise the run is F. Write down the validation accuracy that you expect at its end. Then plot `tenth.history["loss"]` and `tenth.history["val_loss"]`. How do you distinguish it from C?

# %%
from exercises import check


def exchanged(labels):
    return 1 - labels


answer = None  # the validation accuracy that you expect, between 0 and 1
tenth = fit(x, exchanged(y), 12, [augment])
check("03.1", answer)

# %% [markdown]
# ### Exercise 2: How over-confident?
#
# Write `over_confidence`, which takes the probabilities of a coat and the labels (1 is a coat), and returns by how much the network is surer than it is right: the mean confidence of its answers, minus its accuracy. The *confidence* of an answer is the probability that the network gave to it. The starter makes a mistake. How over-confident is the network from the beginning of this page?

# %%
def over_confidence(p, labels):
    accuracy = np.mean((p > 0.5) == labels)
    return np.mean(p) - accuracy


p = model.predict(new_x, batch_size=500, verbose=0)[:, 0]
print(f"over-confident by ≈ {over_confidence(p, new_y):.2f}")
check("03.2", ...)  # put over_confidence in place of the dots when it is ready

# %% [markdown]
# **Next:** you train two networks once each, and one of them wins by three points of accuracy. Would it win again? In how many of twenty such pairs? Write a number down, then open [04 A fair comparison](04_a_fair_comparison.ipynb).
