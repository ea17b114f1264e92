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
# **You will** draw the curve that `fit` leaves out, follow a loss that doubles, and diagnose nine runs. You need lessons [01](01_static_versus_live.ipynb) and [02](02_diversity_within_a_batch.ipynb). **Time:** 16 minutes to read, and ten for the nine runs.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Better on garments it has never seen?

# %%
import keras
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model
from helpers.policies import POLICIES

garments = load_garments()
new_x, new_y = garments.x_val, garments.y_val

# %%
def fit(images, labels, epochs, policy=None, rate=0.001, validation=(new_x, new_y)):
    keras.utils.set_random_seed(0)
    network = small_model(seed=0)
    if policy:  # live
        network = keras.Sequential([RandomAffine(**POLICIES[policy], seed=0), network])
    adam = keras.optimizers.Adam(rate)
    network.compile(adam, "binary_crossentropy", metrics=["accuracy"])
    return network.fit(
        images,
        labels,
        epochs=epochs,
        verbose=0,
        validation_data=validation,
        validation_freq=epochs // 12,  # twelve times
    )

# %% [markdown]
# We train the small network of lesson 01 live, with the policy *mild*, on 1,024 garments.

# %%
x, y = subset(garments, 1024)[:2]
run = fit(x, y, 12, "mild")
for measure in ("accuracy", "val_accuracy"):
    print(f"{measure} ≈ {run.history[measure][-1]:.2f}")

# %% [markdown]
# Many call this *underfitting*.
#
# ## The third curve
#
# Train the same run again, and validate it on its own garments, unaugmented. Will this dashed curve lie below, between or above those of training (dotted) and new garments (solid)? Guess, then unfold.

# %% tags=["hide-output", "slide"]
import matplotlib.pyplot as plt
import pandas as pd

again = fit(x, y, 12, "mild", validation=(x, y))
curves = pd.DataFrame(run.history, index=range(1, 13))[["accuracy", "val_accuracy"]]
curves["own garments, unaugmented"] = again.history["val_accuracy"]
curves.plot(style=["k:", "C0-", "C0--"], xlabel="epoch", ylabel="accuracy")
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# The network is better on its own garments after all. What `fit` reports is lower because augmented images are harder, and because it is a mean over an epoch in which the network still improves.
#
# </details>
#
# ## What does a loss measure?
#
# We trained twenty networks with one copy of each of 128 garments. Between updates 500 and 3,000 their loss on new garments doubles. (An *update* is one batch.) How far does their accuracy fall? A thin line is a run, and a thick one the mean. The next section explains the dashed one.

# %% tags=["hide-output"]
import figures
from helpers.data import RESULTS

figures.loss_and_accuracy(pd.read_csv(RESULTS / "lessons/03-one-copy.csv"))
plt.show()

# %% [markdown]
# <details><summary>How can that be? One sentence, then open.</summary>
#
# The accuracy hardly moves, because the networks only became surer of their mistakes. Loss is −ln of the probability that the right answer got. A mistake made with 99.9 % left it 0.1 %, and costs three times one made with 90 %. A temperature repairs the loss, and the mistakes remain.
#
# </details>
#
# ## What can a temperature do?
#
# A network that is surer than it is right is ***over-confident***. A *temperature* divides what goes into the sigmoid. If it is 2, "99 %" becomes "91 %", and no answer changes. It is fitted on half of the new images. The dashed line above is the loss of the others after that.
#
# ## And if both stop early?
#
# You stop at the lowest validation loss, as `EarlyStopping` does. Does live still lead in accuracy? Each line is one of eight runs of a ResNet on 512 garments, for 1,500 updates. A dot marks its lowest loss.

# %%
figures.stopping(pd.read_csv(RESULTS / "lessons/03-stopping.csv"))
plt.show()

# %% [markdown]
# Live leads no augmentation by 6.4 points at the end, and by 7.2 ± 1.5 at the dots. One copy's mean is so low there because of one run. It had its lowest loss at the beginning, when it still guessed.
#
# On our split of [solar cells](going_deeper/solar_cells.ipynb) stopping took most of live's lead over one copy.
#
# ## Nine runs to diagnose
#
# The code names nine runs, and draws their letters by lot. Which run is which? The names are *augmentation frozen*, *labels shuffled*, *learning rate too high*, *nothing wrong*, *overfitting without augmentation*, *policy too strong*, *too few updates*, *validation augmented*, *validation not divided by 255*.

# %%
import numpy as np

few_x, few_y = subset(garments, 128)[:2]
mild = RandomAffine(**POLICIES["mild"], seed=1)
changed = (mild(new_x), new_y)
copies = mild(few_x)
shuffled = np.random.default_rng(0).permutation(few_y)
undivided = (255 * new_x, new_y)

# %%
runs = {
    "augmentation frozen": fit(copies, few_y, 120),
    "labels shuffled": fit(few_x, shuffled, 120),
    "learning rate too high": fit(x, y, 12, "mild", rate=0.5),
    "nothing wrong": run,
    "overfitting without augmentation": fit(few_x, few_y, 120),
    "policy too strong": fit(x, y, 12, "article"),
    "too few updates": fit(few_x, few_y, 12, "mild"),
    "validation augmented": fit(x, y, 12, "mild", validation=changed),
    "validation not divided by 255": fit(x, y, 12, "mild", validation=undivided),
}

# %% [markdown]
# Each panel has its own loss axis, and the last accuracies in its title.

# %% tags=["slide-thirds"]
letters = np.random.default_rng(438125).permutation(list("ABCDEFGHI"))
nine = dict(sorted(zip(letters, runs.values(), strict=True)))
figures.nine_runs({letter: run.history for letter, run in nine.items()})
plt.show()

# %% [markdown]
# B and H look alike. Here is one more number of each.

# %%
for letter in "BH":
    known = nine[letter].model.evaluate(few_x, few_y, verbose=0)[1]
    print(f"{letter}: originals right ≈ {100 * known:.0f} %")

# %% [markdown]
# ### The answers
#
# <details><summary>Nine answers</summary>
#
# **A** Validation is augmented, too. A, F and I train alike, so look at what they are validated on.
#
# **B** Overfitting without augmentation. It knows all of its originals.
#
# **C** Shuffled labels. It memorises them, and guesses on new images.
#
# **D** The policy is too strong. It made eight times the updates of G, and is hardly further.
#
# **E** The learning rate is too high. The loss stays near 0.69, which is what guessing costs.
#
# **F** Nothing is wrong. So the first network above is in no trouble, and the second is over-confident.
#
# **G** Too few updates. At the end both curves still fall as they did at the beginning.
#
# **H** Frozen augmentation. It knows the copies that it is shown, and not all of its originals.
#
# **I** Validation was not divided by 255. Most answers stay right, but a mistake costs hundreds. Print the largest value of both sets.
#
# </details>

# %% [markdown]
# ## How sure were you?
#
# On [paper](../docs/teaching/guess_sheet.md), how many of your guesses with about 90 % were right? If fewer than nine in ten, you are over-confident, too.
#
# ## In practice and limits
#
# All networks are small, and all images few.

# %% [markdown]
# ## Take-away
#
# 1. `fit` measures its training curve on augmented images. Evaluate the originals before you speak of underfitting.
# 2. A rising validation loss is often over-confidence. Look at accuracy before you call the network worse, and before you stop.
# 3. A network that knows what it was shown better than its own originals has memorised copies.

# %%
# The message, in your own run: accuracy rises from curve to curve.
rising = curves.mean().is_monotonic_increasing
assert rising, "Unaugmented, own garments should be highest: see what was augmented."
# The nine letters as one number (digits of base 36), so that this line tells none.
lot = int("".join(letters), 36)
assert lot == 48930639444666, "The answers are those of another lot: keep its seed."

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
# In the folder of training images somebody numbered the classes the other way round, pullover 1 and coat 0. In the validation folder all is well, and otherwise the run is the first of this page. Write down the validation accuracy that you expect at its end. Then plot `tenth.history["loss"]` and `tenth.history["val_loss"]`. How do you distinguish it from shuffled labels?

# %%
from exercises import check


def exchanged(labels):
    return 1 - labels


answer = None  # the validation accuracy that you expect, between 0 and 1
tenth = fit(x, exchanged(y), 12, "mild")
check("03.1", answer)

# %% [markdown]
# ### Exercise 2: How over-confident?
#
# Write `over_confidence`, which takes the probabilities of a coat and the labels (1 is a coat). It returns by how much the network is surer than it is right, which is the mean confidence of its answers minus its accuracy. The *confidence* of an answer is the probability that the network gave to it. The starter makes a mistake. How over-confident is the network from the beginning of this page?

# %%
def over_confidence(p, labels):
    accuracy = np.mean((p > 0.5) == labels)
    return np.mean(p) - accuracy


p = run.model.predict(new_x, batch_size=500, verbose=0)[:, 0]
print(f"over-confident by ≈ {over_confidence(p, new_y):.2f}")
check("03.2", ...)  # put over_confidence in place of the dots when it is ready

# %% [markdown]
# **Next:** you train two networks once each, and one of them wins by three points of accuracy. Would it win again? In how many of twenty such pairs? Write a number down, then open [04 A fair comparison](04_a_fair_comparison.ipynb).
