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
# By what `fit` reports, one network is more accurate on garments that it has never seen than on its own. Another one's loss on new garments doubles. Which of the two is in trouble? Write your answer down.
#
# **You will** draw the curve that `fit` leaves out, follow a loss that doubles, and diagnose nine runs. You need lesson [01](01_static_versus_live.ipynb). **Time:** 21 minutes to read, about one to run. Run it cell by cell with Shift+Enter, and guess before you run an answer.

# %%
from series import prepare

prepare()

# %% [markdown]
# ## Better on garments it has never seen?
#
# We train the small network of lesson 01 live, on 1,024 garments. After each epoch a callback takes two more measurements, for later.

# %%
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset

garments = load_garments()
x, y = subset(garments, 1024)[:2]
new_x, new_y = garments.x_val, garments.y_val
augment = RandomAffine(5, 0.05, 0.05, zoom_range=0.05, horizontal_flip=True, seed=0)  # the policy of lesson 01

# %%
import keras
from helpers.model import small_model

augmented, unchanged = [], []


def measure(epoch, logs):
    augmented.append(model.evaluate(augment(x, training=True), y, batch_size=512, verbose=0)[1])
    unchanged.append(model.evaluate(x, y, batch_size=512, verbose=0)[1])  # the layer is off when a model evaluates


keras.utils.set_random_seed(0)
model = keras.Sequential([augment, small_model(seed=0)])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
after_each_epoch = keras.callbacks.LambdaCallback(on_epoch_end=measure)
history = model.fit(
    x, y, epochs=15, verbose=0, validation_data=(new_x, new_y), callbacks=[after_each_epoch],
).history

# %% tags=["slide-with"]
import figures
import pandas as pd
import seaborn as sns
from helpers.plots import caption, show_table

accuracy = pd.DataFrame({
    "training, as fit reports it": history["accuracy"],
    "new garments (validation)": history["val_accuracy"],
}, index=range(1, 16))
colors = ["0.2", figures.COLORS["live"], figures.COLORS["live"]]
ax = sns.lineplot(accuracy, palette=colors[:2], dashes=[(1, 1), ""])
ax.set(xlabel="epoch", ylabel="accuracy")
caption("By what fit reports, the network is more accurate on garments that it has never seen.", alt="Accuracy of one run in epochs 1 to 15. The line for new garments lies above the dotted line for training in nearly every epoch.")

# %% [markdown]
# The loss says the same. Many read this as *underfitting*: the network is too small, or the augmentation too strong.
#
# ## The third curve
#
# **Predict first:** now we evaluate the network on its own 1,024 garments, unchanged. Will its accuracy be below, equal to or above that on new garments? Guess, then unfold.

# %% tags=["hide-output", "slide"]
accuracy["training garments, unchanged"] = unchanged
ax = sns.lineplot(accuracy, palette=colors, dashes=[(1, 1), "", (4, 2)])
ax.set(xlabel="epoch", ylabel="accuracy")
caption("On its own garments, unchanged, it is more accurate than on new ones after all. So compare validation with this curve. In your own code it is `model.evaluate(x, y)`.", alt="The same figure with a third, dashed line for the unchanged training garments. It is the highest of the three, so validation lies between the two training curves.")

# %% [markdown]
# The training curve of `fit` differs from the third in two ways. It was taken on other pictures, the augmented ones. And it is a mean over the epoch, while the weights still move. Our callback also evaluated augmented pictures with the weights at rest, which separates the two.
#
# **Predict first:** which of the two makes more of the difference in epoch 1? And in epoch 15? Guess, then unfold.

# %% tags=["hide-output"]
steps = accuracy.drop(columns="new garments (validation)")
steps.insert(1, "the same with weights at rest", augmented)
both = 100 * steps.loc[[1, 15]].T.set_axis(["epoch 1", "epoch 15"], axis=1)
show_table(both.rename_axis("accuracy, %"), approximate=True, digits=0)
caption("Between the first line and the third, epoch 1 is nearly all moving weights, and epoch 15 is mostly pictures.")

# %% [markdown]
# ## The loss rises. Does the network get worse?
#
# We also trained twenty networks with one copy of each of 128 garments. Between updates 500 and 3,000, their loss on new garments doubles. **Predict first:** how far does their accuracy fall? Guess, then unfold.

# %% tags=["hide-output"]
from helpers.compare import summarise
from helpers.data import RESULTS, read_results

one_copy = read_results(RESULTS / "study.csv").query("dataset == 'garments' and n == 128 and method == 'copies-1'")
early, late = summarise(one_copy[one_copy["update"] <= 500]), summarise(one_copy)  # the last tenth of the updates
means = pd.DataFrame({500: early.mean(numeric_only=True), 3000: late.mean(numeric_only=True)}).T
figures.loss_and_accuracy(one_copy, means)
caption("The loss doubles, and the accuracy falls by less than half a point. A line is a run, a dot the mean of all twenty.")

# %% [markdown]
# Accuracy only counts answers. The loss also asks how sure they are: for each garment it is −ln of the probability that the network gave to the true class. A wrong answer that is given with 90 % leaves 10 % for the truth, and costs 2.3. Given with 99.9 %, the same mistake costs 6.9.
#
# A network that is surer than it is right is ***over-confident***. The one garment of lesson 01 was a picture of it: the network was nearly certain twice, and right once. So a loss can rise because a network becomes *less accurate*, or because it becomes over-confident.
#
# How much of this rise is which? Make every answer less sure, all by the same rule, and measure the loss again. No answer changes, so what goes away was over-confidence. The rule has one number, the *temperature*, by which it divides what goes into the sigmoid. We chose it on half of the new garments. On the other half it takes away over 95 % of the rise ([a companion](going_deeper/over_confident_or_less_accurate.ipynb) does it).
#
# So both networks that this page began with tell garments apart nearly as well as before. The second one only claims too much. (One copy is less accurate than no augmentation, but it was so before the rise.)
#
# The rising loss in lesson 01 is of this kind, too. The originals that it got wrong, and the answers that a mirror changed, are not, and no temperature mends them. (So loss and accuracy may disagree, as in lesson 04.)

# %% [markdown]
# ## Nine runs to diagnose
#
# Here are nine runs of the small network, as `fit` shows them. The code says what was done, and draws the letters by lot. Which run is which? In alphabetical order: *augmentation frozen*, *labels shuffled*, *learning rate too high*, *nothing wrong*, *overfitting without augmentation*, *policy too strong*, *too few updates*, *validation augmented*, *validation not divided by 255*.

# %%
import numpy as np

few_x, few_y = subset(garments, 128)[:2]
some_x, some_y = subset(garments, 512)[:2]
check_x, check_y = new_x[:500], new_y[:500]


def fit(images, labels, epochs, first=(), rate=0.001, validation=check_x):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([*first, small_model(seed=0)])
    network.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return network.fit(
        images, labels, epochs=epochs, verbose=0,
        validation_data=(validation, check_y), validation_freq=max(epochs // 12, 1),
    )

# %%
wide = RandomAffine(20, 0.2, 0.2, shear_range=0.2, zoom_range=0.2, horizontal_flip=True, seed=0)
runs = {
    "augmentation frozen": fit(augment(few_x, training=True), few_y, 120),
    "labels shuffled": fit(few_x, np.random.default_rng(0).permutation(few_y), 120),
    "learning rate too high": fit(some_x, some_y, 12, [augment], rate=0.2),
    "nothing wrong": fit(x, y, 12, [augment]),
    "overfitting without augmentation": fit(few_x, few_y, 120),
    "policy too strong": fit(some_x, some_y, 24, [wide]),
    "too few updates": fit(some_x, some_y, 3, [augment]),
    "validation augmented": fit(x, y, 12, [augment], validation=augment(check_x, training=True)),
    "validation not divided by 255": fit(some_x, some_y, 12, [augment], validation=255 * check_x),
}

# %% tags=["slide-thirds"]
letters = np.random.default_rng(438125).permutation(list("ABCDEFGHI"))
nine = dict(sorted(zip(letters, runs.values(), strict=True)))
figures.nine_runs({letter: run.history for letter, run in nine.items()})
caption("Every panel has its own axes, and in its title the accuracies at the end. Two pairs look alike, and in each of them one is a mistake in the code.")

# %% [markdown]
# No curve here tells B from H. Nor does the accuracy of H, which is higher on new images: it is one run. What could you evaluate? Say it, then unfold.

# %% tags=["hide-output"]
for letter, usual in {"B": "99 to 100", "H": "80 to 95"}.items():
    originals = nine[letter].model.evaluate(few_x, few_y, verbose=0)[1]
    print(f"{letter}: the 128 originals ≈ {100 * originals:.0f} % ({usual})")

# %% [markdown]
# ### The answers
#
# <details><summary>Answers A, B, C</summary>
#
# **A** The validation images are augmented, too. Alone nobody would doubt it, but so early, the two curves of a live run should lie apart, as in F, and here they coincide. Look at the validation images.
#
# **B** Overfitting: no augmentation, 128 garments. It looks like H, but it knows all of its originals, since they are what it was shown.
#
# **C** The labels were shuffled among the images. The network memorises them, and guesses new images. Look at twenty images with their labels.
#
# </details>
#
# <details><summary>Answers D, E, F</summary>
#
# **D** The policy is too strong: after eight times as many epochs it is no further than G. Use milder ranges.
#
# **E** The learning rate is two hundred times the usual. The loss falls at once to 0.69, which is what guessing costs. Divide the rate by ten, and again.
#
# **F** Nothing is wrong: live, 1,024 garments. A training loss above the validation loss is no fault.
#
# </details>
#
# <details><summary>Answers G, H, I</summary>
#
# **G** Too few updates. The axis ends at 3, and both curves still fall. Train on.
#
# **H** Frozen augmentation. It was meant to be live, but it shows the same copy in every epoch. Nothing in its curve says "bug": it looks like overfitting, and is. But it doesn't recognise all of its originals, which the third curve would show. (In this one run it even leads B. With the garments of lesson 01 it was behind in 57 runs of 60.)
#
# **I** The validation images were not divided by 255. Most answers stay right, since each image is only brighter by one factor, but each is given with certainty: over-confident, not less accurate. Print the least and the largest value of both sets.
#
# </details>

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

# %%
# The message, in your own run; and the letters are those of the answers.
assert np.mean(unchanged) > np.mean(history["val_accuracy"]) > np.mean(history["accuracy"]), (
    "Accuracy should be highest on unchanged training images and lowest "
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
# The network became over-confident. If you need its probabilities, calibrate them with a temperature. If you need only the answers, nothing was lost, and nothing is to be gained: a temperature changes no answer.
#
# </details>
#
# <details><summary>2. You believe that your augmentation is live. The training accuracy is far above that on the unchanged training images. What do you suspect?</summary>
#
# That it is frozen. The network knows the pictures that it is shown better than their originals, so they must come again.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/03_overfitting_curves.ipynb).

# %% [markdown]
# ### Exercise 1: A tenth run
#
# In the folder of training images somebody numbered the classes the other way round, pullover 1 and coat 0. In the validation folder all is well, and otherwise the run is F. Draw its panel by hand, and write down the validation accuracy that you expect at its end. Then plot `tenth.history["loss"]` and `tenth.history["val_loss"]`. How do you distinguish it from C?

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
# ### Exercise 3: Elsewhere?
#
# With garments, a network without augmentation becomes over-confident in time, but hardly less accurate. Is it so with other images? Say first what you expect for solar cells. Then put `"solar-cells"` in place of `"garments"`, and compare how loss and accuracy change from update 1,000 to update 3,000.

# %%
table = read_results(RESULTS / "study.csv")
chosen = table[(table["dataset"] == "garments") & (table["n"] == 512) & (table["method"] == "none")]
for update in (1000, 3000):
    late = chosen[chosen["update"].between(0.9 * update + 1, update)]
    print(f"{update:5,}", late[["val_loss", "val_accuracy"]].mean().round(3).to_dict())

# %% [markdown]
# **Next:** you train two networks once each, and one of them wins by three points of accuracy. Would it win again? In how many of twenty such pairs? Write a number down, then open [04 A fair comparison](04_a_fair_comparison.ipynb).
