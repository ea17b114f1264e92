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
# # 04 A fair comparison
#
# <details><summary>From lesson 02: your code asks for version 0 of each image in every epoch. Static or live?</summary>
#
# Static, with one copy.
#
# </details>
#
# You train two networks once each, and one is almost three points more accurate. How sure are you that it would win again?
#
# **You will** type a comparison, and give a verdict on eight pairs. You need lessons [01](01_static_versus_live.ipynb) and [02](02_diversity_within_a_batch.ipynb). **Time:** 15 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Which would you have published?
#
# Do four stored copies in place of each image help? We trained a small network both ways on 128 garments for 3,000 *gradient updates*, each on one batch, twenty times. The two networks of a *pair* share garments, initial weights and order. Here is the accuracy of four pairs on new garments, %.

# %%
import pandas as pd
from helpers.data import RESULTS

stored = pd.read_csv(RESULTS / "lessons/04-pairs.csv")
twenty = stored.pivot(index="run", columns="method", values=["accuracy", "loss"])
print(twenty["accuracy"].head(4).round(1))

# %% [markdown]
# In how many of the twenty pairs do four copies win by accuracy, and in how many by *loss*? Type both. A line is a pair, orange where four copies win.

# %%
guess = {"accuracy": None, "loss": None}  # pairs of twenty, such as 15

# %% tags=["hide-output"]
import figures
import matplotlib.pyplot as plt

figures.twenty_pairs(twenty, guess)
plt.show()

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Four copies win 9 of 20 pairs by accuracy, and all by loss. By accuracy one pair shows your seed as much as your method. Without augmentation the network is far more over-confident, and only loss asks how sure an answer was ([03](03_overfitting_curves.ipynb)).
#
# </details>
#
# ## What may differ in a pair?
#
# Only the method, which is a function of the epoch as in lesson 02.

# %%
import numpy as np
from helpers.augment import RandomAffine
from helpers.data import load_garments, subset
from helpers.model import small_model
from helpers.policies import POLICIES

garments = load_garments()


def one_copy(epoch):
    return 0  # the same version in every epoch


def live(epoch):
    return epoch  # a new version in each

# %% [markdown]
# Garments, draws, order and initial weights follow from the pair's number. A hundred epochs are joined for one `fit`.

# %%
def train(method, pair):
    x, y = subset(garments, 128, pair)[:2]
    augment = RandomAffine(**POLICIES["mild"], seed=pair)  # lesson 01's policy
    images, labels = [], []
    for epoch in range(100):
        order = np.random.default_rng((pair, epoch)).permutation(128)
        images.append(augment.version(x[order], order, method(epoch)))
        labels.append(y[order])
    images, labels = np.concatenate(images), np.concatenate(labels)
    model = small_model(seed=pair)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=32, shuffle=False, verbose=0)
    return model.evaluate(garments.x_val, garments.y_val, verbose=0)

# %%
for pair in range(2):
    for method in (one_copy, live):
        new_loss, right = train(method, pair)
        numbers = f"accuracy ≈ {100 * right:.0f} %, loss ≈ {new_loss:.2f}"
        print("pair", pair, method.__name__, numbers)

# %% [markdown]
# By loss live wins both, by accuracy only one clearly.
#
# ## Eight pairs
#
# `compare` does the same for eight pairs, its *replicates*, and faster. Its 400 updates are a hundred epochs. `summarise` averages the last five evaluations, because the loss jumps.

# %%
from helpers.compare import compare, summarise

methods = ["copies-1", "copies-4", "live"]
policy = RandomAffine(**POLICIES["mild"])
curves = compare(garments, methods, policy, n=128, updates=400, replicates=8)
pairs = summarise(curves).pivot(index="replicate", columns="method")
accuracy, loss = 100 * pairs["val_accuracy"], pairs["val_loss"]

# %% [markdown]
# A line is a pair, with its accuracy on new garments.

# %%
accuracy.T.plot(color="0.7", marker="o", legend=False, xticks=range(3))
plt.show()

# %% [markdown]
# The lines differ in height, because some garments teach more, whatever the method. So we compare within pairs.
#
# ## How far may the mean be off?
#
# Take the difference within each pair, and their mean. Another eight pairs would give another. Endlessly many would give the *true mean*, and the *paired interval*, mean ± `half`, holds it in 95 % of experiments.

# %%
from scipy import stats


def half(d):
    # How many standard errors hold 95 %, which leaves 2.5 % at either end
    t = stats.t.ppf(0.975, df=len(d) - 1)
    return t * d.std(ddof=1) / np.sqrt(len(d))


d = accuracy["live"] - accuracy["copies-1"]
print(f"live minus 1 copy: ≈ {d.mean():.1f} points, ± ≈ {half(d):.1f}")

# %% [markdown]
# `d.std(ddof=1)` says how much pairs vary, and divided by the root of their number, how much the mean would. Few pairs show that only roughly, so *t* widens the interval.
#
# ## Decide beforehand what would matter
#
# With enough pairs any difference shows. So fix a *margin* before you look: the largest difference that doesn't matter. Ours is 0.02 in loss, and one point of accuracy. Then there are four *verdicts*.
#
# | the whole interval | verdict |
# | --- | --- |
# | lies within the margin | ***equivalent*** |
# | lies on one side of zero, and reaches beyond the margin | ***better*** or ***worse*** |
# | neither | ***undecided***, and you need more pairs |
#
# Ours lies above zero and reaches beyond one point, so by accuracy live is *better*. `paired_verdict` judges by loss.

# %%
from helpers.stats import paired_verdict

verdict = paired_verdict(loss["live"] - loss["copies-1"], "loss").verdict
print("live against 1 copy, by loss:", verdict)

# %% [markdown]
# ## Ten epochs each: is that fair?
#
# The article of lesson 01 trains ten epochs each, and names no number of stored copies. An *epoch* goes once through your own images. Through stored copies `fit` makes *a pass over the store*.
#
# We ran its code twenty times on 512 small photographs of cats and dogs. After ten passes or epochs, which is ahead on new images, one copy or live, and four copies or live? The table has mean accuracies in per cent, each with its `half`.

# %% tags=["hide-output"]
from helpers.plots import show_table

article = pd.read_csv(RESULTS / "lessons/04-ten-epochs.csv")
ten = article.pivot(index="run", columns="method", values="accuracy")
show_table(ten.agg(["mean", half]).T, digits=1)

# %% [markdown]
# <details><summary>Why? One sentence, then open.</summary>
#
# Four copies beat live, by 4.0 ± 0.9 points, and by loss the two are *equivalent*. Whether one copy beats live is undecided. Ten passes over four copies are forty epochs of training, so the number that the article leaves out decided.
#
# **Equal epochs are no equal training.** Say how many copies you stored.
#
# *Was it the length?* Ten passes over sixteen copies are 160 epochs. We ran these, and live for as long, nineteen times on each pair of classes below. *Length* is live after 160 epochs minus live after ten. *Coming again*, as only copies do, is the store minus live after 160.
#
# | points, each rounded | length | coming again | together |
# | --- | --- | --- | --- |
# | cats and dogs | 6.9 ± 1.5 | −0.7 ± 0.9 | 6.2 ± 1.6 |
# | deer and horses | 10.2 ± 2.6 | −2.0 ± 1.6 | 8.2 ± 3.3 |
# | cars and trucks | 8.1 ± 1.5 | −0.5 ± 0.8 | 7.7 ± 1.7 |
#
# Length decides. What coming again cost is undecided in each row. Of the six numbers on the left one may leave out zero by luck, and by a stricter test for six (Holm's) −2.0 ± 1.6 is undecided, too. Run as the article wrote it, with two to sixteen copies, the store beat live in accuracy on all three, and in loss on one.
#
# </details>
#
# ## In practice and limits
#
# Our ± leaves out that other new images give other numbers, but for sixteen copies.

# %% [markdown]
# ## Take-away
#
# 1. One run is an anecdote. If two scripts differ by three points, ask first whether a second pair agrees. Train several pairs that share all but the method.
# 2. Give each method equally many gradient updates. A pass over several copies is longer than an epoch.
# 3. Fix the margin before you look, and report interval and verdict.

# %%
# The message, in your own run.
assert verdict == "better", "Live should be: look at what the two methods show."

# %% [markdown]
# ## Quick questions
#
# 1\. Which verdict does each of these five get? For a loss, lower is better, and the margin is grey.

# %%
figures.five_intervals()
plt.show()

# %% [markdown]
# <details><summary>Answer</summary>
#
# A is *equivalent*, B *better*, C *worse*, D *undecided* and E *equivalent*. E leaves out zero, but nothing in it would matter. B lies left of zero, so it is better, though the true difference may be tiny.
#
# </details>
#
# <details><summary>2. You forget the pairs, and compare eight runs of live with eight of four copies. What happens to the interval?</summary>
#
# It becomes much wider. Some replicates have easier garments, which helps both methods. The difference within a pair takes that away, and two groups put it back in.
#
# </details>

# %% [markdown]
# ## Exercises
#
# Worked answers are in [the solutions](solutions/04_a_fair_comparison.ipynb).

# %% [markdown]
# ### Exercise 1: Keep the originals
#
# You store the originals and four copies of each of 128 garments, which is called `originals+4`. An original is shown one time in five. So the fair partner is live that leaves every fifth image unchanged, `live-4/5`. Set `answer` to the word that you expect. Then train `pair` with `compare` for 400 updates on eight replicates, judge it by loss, and put the word that you found into `answer`. What changes if you take plain live instead?

# %%
from exercises import check

pair = ("live-4/5", "originals+4")
# "better", "worse", "equivalent" or "undecided", of the first of the pair
answer = None
check("04.1", answer)

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order. It returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
def interval(first, second):
    return stats.ttest_ind(first, second, equal_var=False).confidence_interval()


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("04.2", ...)  # put interval in place of the dots when it is ready

# %% [markdown]
# **Next:** the article turns images by up to 20 degrees, and lesson 01 by a quarter of that. How would you find out which is too much? Think of a way, then open [05 How strong?](05_how_strong.ipynb).
