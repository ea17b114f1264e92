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
# # 05 A fair comparison
#
# You train two networks once each, and one is almost three points more accurate. How sure are you that it would win again?
#
# <details><summary>From lesson 02: your code asks for version 0 of each image in every epoch. Static or live?</summary>
#
# Static, with one copy.
#
# </details>
#
# **You will** run the article's code, type a fair comparison, and use it on your textbook. You need lessons [01](01_static_versus_live.ipynb) and [02](02_diversity_within_a_batch.ipynb). **Time:** 32 minutes, half of it for the exercises. It runs in about one.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## The article's code
#
# The article that asks the question of this series trains one network on stored versions and one live, ten epochs each. Here are its two examples, on 128 garments. It doesn't say how many copies `X_train_augmented` holds, so we take four.

# %%
import numpy as np
from helpers.data import load_garments, subset
from helpers.model import small_model  # the article's network, which is lesson 01's
from tensorflow.keras.preprocessing.image import ImageDataGenerator

garments = load_garments()
few = subset(garments, 128)
X_train, y_train = few.x_train, few.y_train

datagen = ImageDataGenerator(
    rotation_range=20,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=0.2,
    zoom_range=0.2,
    horizontal_flip=True,
    fill_mode="nearest",
)
flow = datagen.flow(X_train, y_train, batch_size=32)
batches = [next(flow) for _ in range(4 * len(flow))]
X_train_augmented = np.concatenate([images for images, labels in batches])
y_train_augmented = np.concatenate([labels for images, labels in batches])

# %% tags=["nbval-ignore-output"]
static, live = small_model(), small_model()
for model in (static, live):
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
static.fit(X_train_augmented, y_train_augmented, epochs=10, verbose=0)  # Example 1
flow = datagen.flow(X_train, y_train, batch_size=32)
live.fit(flow, epochs=10, verbose=0)  # Example 2
for name, model in {"static": static, "live": live}.items():
    right = model.evaluate(garments.x_val, garments.y_val, verbose=0)[1]
    print(f"{name}: {right:.0%} of new garments")

# %% [markdown]
# One run each proves nothing. So we ran this code twenty times on 512 small photographs of cats and dogs.
#
# After `epochs=10`, which is ahead on new photographs: one copy or live? Four copies or live? Write it down, then unfold the mean accuracies, in per cent.

# %% tags=["hide-output"]
import pandas as pd
from helpers.data import RESULTS

ten = pd.read_csv(RESULTS / "lessons/ten-epochs.csv")
ten.groupby("method")["accuracy"].mean().round(1).to_frame()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Four copies beat live by 4.0 points, and one copy is level with it, because `epochs=10` counts *passes over the store*: with four copies that is forty epochs of training. A *point* is one in a hundred images. The number that the article leaves out decides.
#
# </details>
#
# ## Length, or coming again?
#
# A store differs from live in two things. It trains *longer* for the same `epochs=`, and its versions *come again*. To take them apart, train live for as long as the store.

# %%
for copies in (1, 4, 16):
    updates = 10 * copies * 512 // 32
    print(f"{copies:2} copies: {updates:5,} gradient updates in ten passes")

# %% [markdown]
# With sixteen copies and 512 images, on three pairs of classes, we compared three runs: live for 160 updates, live for 2,560, and the store for 2,560. How many points of accuracy is the *length* worth, and what does *coming again* cost?
#
# <details><summary>Write two numbers down, then open.</summary>
#
# | | points |
# | --- | --- |
# | length: live for 2,560 updates minus live for 160 | +8.4 ± 1.1 |
# | coming again: the store minus live, both 2,560 updates | −1.1 ± 0.7 |
#
# (± says how far the mean may be off, and the next section computes it.) So the article is right that coming again costs something, and its code can't show it: run as written, the store wins by its length. With sixteen copies a version comes only ten times. The fewer the copies, the more coming again costs ([06](06_how_strong_how_many.ipynb)).
#
# </details>
#
# ## Type a fair comparison
#
# The two runs of a *pair* share garments, draws, order, initial weights and number of updates. Only the method differs, which is a function of the epoch as in lesson 02.

# %%
from helpers.augment import MILD, RandomAffine


def one_copy(epoch):
    return 0  # the same version in every epoch


def live(epoch):
    return epoch  # a new version in each


# %%
def train(method, pair):
    part = subset(garments, 128, pair)
    augment = RandomAffine(**MILD, seed=pair)
    images, labels = [], []
    for epoch in range(100):  # all joined for one fit
        order = np.random.default_rng((pair, epoch)).permutation(128)
        images.append(augment.version(part.x_train[order], order, method(epoch)))
        labels.append(part.y_train[order])
    images, labels = np.concatenate(images), np.concatenate(labels)
    model = small_model(seed=pair)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=32, shuffle=False, verbose=0)
    return model.evaluate(garments.x_val, garments.y_val, verbose=0)


# %% tags=["nbval-ignore-output"]
for pair in range(2):
    for method in (one_copy, live):
        loss, right = train(method, pair)
        print(f"pair {pair}, {method.__name__}: {right:.1%} right, loss {loss:.2f}")

# %% [markdown]
# Would you publish the first pair? The second?
#
# `compare` does the same for eight pairs, its *replicates*. We average two evaluations near the end, because the loss jumps. A line in the figure is a pair.

# %% tags=["nbval-ignore-output"]
import matplotlib.pyplot as plt
from helpers.compare import compare

methods = {"1 copy": one_copy, "live": live}
runs = compare(garments, methods, MILD, updates=400, evaluate_at=[380, 400])
means = runs.groupby(["replicate", "method"])[["val_accuracy", "val_loss"]].mean()
pairs = means.unstack()
accuracy = 100 * pairs["val_accuracy"]
accuracy.T.plot(color="0.7", marker="o", legend=False, xticks=range(2))
plt.ylabel("accuracy on new garments, %")
plt.show()

# %% [markdown]
# The lines differ in height, because some garments teach more, whatever the method. So we compare *within* pairs.
#
# ## How far may the mean be off?
#
# Another eight pairs would have another mean difference. Endlessly many would have the true one, and the *paired interval*, mean ± half its width, holds that in 95 % of experiments.

# %% tags=["nbval-ignore-output"]
from scipy import stats


def paired_interval(d):
    # how many standard errors hold 95 %, which leaves 2.5 % at either end
    t = stats.t.ppf(0.975, df=len(d) - 1)
    half = t * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


points = accuracy["live"] - accuracy["1 copy"]
low, high = paired_interval(points)
print(f"live minus 1 copy: {low:+.1f} to {high:+.1f} points")

# %% [markdown]
# ## Decide beforehand what would matter
#
# With enough pairs any difference shows. So fix a *margin* before you look: the largest difference that doesn't matter. Ours is one point of accuracy, or 0.02 in loss. Then there are four *verdicts*.

# %% tags=["nbval-ignore-output"]
def verdict(low, high, margin):  # where higher is better
    if -margin < low and high < margin:
        return "equivalent"  # nothing in the interval would matter
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    return "undecided"  # and not "no difference": it needs more pairs


print("live against 1 copy, by accuracy:", verdict(low, high, margin=1))

# %% [markdown]
# `helpers.stats` has both, and for a loss, where lower is better.

# %% tags=["nbval-ignore-output"]
from helpers import stats as ours

loss = pairs["val_loss"]
interval = ours.paired_interval(loss["live"] - loss["1 copy"])
found = ours.verdict(interval, margin=0.02, lower_is_better=True)
print("live against 1 copy, by loss:", found)

# %% [markdown]
# By loss eight pairs are enough. By accuracy they may not be: at 400 updates you need about twenty pairs or longer training to see it ([07](07_your_own_images.ipynb)).
#
# ## What your textbook's comparison shows
#
# You have probably seen two runs beside each other, one with augmentation. What else changed between them? Take yours and look, before you open ours.
#
# <details><summary>Four well-known ones, opened and read in December 2026</summary>
#
# | with and without augmentation | what else changes | what is sound |
# | --- | --- | --- |
# | Chollet, first edition, [section 5.2](https://github.com/fchollet/deep-learning-with-python-notebooks/blob/dea84a4e12cc3bb3cb61ce952a0168bca113d315/first_edition/5.2-using-convnets-with-small-datasets.ipynb), cells 16, 22 and 26 against 37 and 39 | dropout 0 → 0.5, batches of 20 → 32, updates 3,000 → 10,000 | the text names dropout, and credits both; validation isn't augmented |
# | Chollet, third edition, [chapter 8](https://github.com/fchollet/deep-learning-with-python-notebooks/blob/dea84a4e12cc3bb3cb61ce952a0168bca113d315/chapter08_image-classification.ipynb), cells 24 and 36 against 42 and 43 | dropout 0 → 0.25, epochs 50 → 100, among which the best is kept | same learner and batches; a test set apart |
# | TensorFlow, [Image classification](https://github.com/tensorflow/docs/blob/7c3650212740204359d4ceae481abc79345541be/site/en/tutorials/images/classification.ipynb), cells 42 and 49 against 63 and 67 | dropout 0 → 0.2, epochs 10 → 15 | the text names both changes; `cache` comes before augmentation |
# | Moroney, [Cats v Dogs Augmentation](https://github.com/lmoroney/dlaicourse/blob/f9bb5f236da306d9f8a7c978ed37292105fd7254/Course%202%20-%20Part%204%20-%20Lesson%202%20-%20Notebook%20(Cats%20v%20Dogs%20Augmentation).ipynb), cells 4 and 7 | nothing: both make 10,000 updates | the fairest that we found; dropout comes in a third run (cell 9) |
#
# All four are one run each. They teach what a layer does, and do it well. The question here is only what their two numbers can tell: in the first three, what augmentation, dropout and longer training do *together*. None compares static with live. The first version of this series compared a store with live at equal `epochs=`, too.
#
# </details>
#
# **One sentence that a paper should contain:** *"Each image was augmented anew in every epoch (live); all methods were trained for 10,000 updates of 32 images, in 8 pairs of runs that share data, order and initial weights."*
#
# **Four questions of a reviewer:** Static or live, and how many copies? How many gradient updates has each method made? What else changed with the augmentation? How many pairs of runs, and what margin was fixed beforehand?
#
# ## Take-away
#
# Give each method equally many gradient updates, because a pass over several copies is longer than an epoch. One run is an anecdote, so train several pairs that share all but the method. Fix the margin first, and report interval and verdict.

# %%
# The message, in your own run.
assert found == "better", (
    "By loss live should be better than 1 copy: look at what the two methods show."
)
assert accuracy["live"].mean() > 70, (
    "Live should be right about more than 70 of 100 new garments: "
    "its policy may be too strong."
)

# %% [markdown]
# ## Quick question
#
# <details><summary>You forget the pairs, and compare eight runs of live with eight of one copy. What happens to the interval?</summary>
#
# It becomes wider. Some replicates have easier garments, which helps both methods. The difference within a pair takes that away, and two groups put it back in.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/05_a_fair_comparison.ipynb).

# %% [markdown]
# ### Exercise 1: A fair partner
#
# You store the originals and four copies. A method may also take the numbers of the images, and return a version for each, where −1 is the original. Then `store` is your store: each image takes its turn.
#
# It shows an original one time in five. Plain live never does, so it differs in two things. Write `partner`, live with *the same share of originals*: new versions, but in every fifth epoch the original of an image. Which verdict on the two do you expect, by loss? Then let `compare` judge.

# %%
from exercises import check


def store(epoch, ids):
    return (epoch + ids) % 5 - 1


def partner(epoch, ids):
    return np.full(len(ids), epoch)  # plain live


check("same_share", ...)  # put partner in place of the dots when it is ready

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order. It returns both ends of the paired 95 % interval of first minus second. The starter compares two groups.

# %%
def interval(first, second):
    return stats.ttest_ind(first, second, equal_var=False).confidence_interval()


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("interval", ...)  # put interval in place of the dots when it is ready

# %% [markdown]
# **Next:** the article turns images by up to 20 degrees, and lesson 01 not at all. How would you find out which is too much? Think of a way, then open [06 How strong, how many?](06_how_strong_how_many.ipynb).
