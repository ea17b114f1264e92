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
# You train two networks, once each, and one of them is almost three points more accurate. How sure are you that it would win again? Write a number down.
#
# **You will** say which result you would have published, train eight pairs of networks, and give a verdict on them. You need lesson [01](01_static_versus_live.ipynb). **Time:** 14 minutes to read, about one to run.

# %%
from series import prepare  # not found? Open this page in its folder

prepare()

# %% [markdown]
# ## Which would you have published?
#
# Do four stored copies in place of each image help at all? We trained a small network both ways, twenty times each, on 128 garments for 3,000 *gradient updates*, which are steps of the optimiser on one batch. Here are the first four pairs. Within a *pair*, two networks have the same garments, the same initial weights and the same order.

# %%
import pandas as pd
from helpers.data import RESULTS
from helpers.plots import caption, show_table

stored = pd.read_csv(RESULTS / "lessons/04-pairs.csv")
twenty = stored.pivot(index="run", columns="method", values=["accuracy", "loss"])
both = ["no augmentation", "4 copies"]
show_table(twenty["accuracy"][both].head(4).rename_axis("pair"), digits=1)
caption("Accuracy on new garments, per cent. Which pair would you have published?")

# %% [markdown]
# With pair 0 you would have published that copies help, by almost three points. With pair 2, that they do harm, by as much.
#
# In how many of the twenty pairs do four copies win by accuracy? And in how many by *loss*, which is what training minimises? Guess, then unfold.

# %% tags=["hide-output"]
import figures

figures.twenty_pairs(twenty["accuracy"][both], twenty["loss"][both])
caption(
    "A line is grey where no augmentation wins. By accuracy four copies win 9 of 20 pairs. By loss they win all twenty."
)

# %% [markdown]
# By accuracy, a single pair shows your seed as much as your method. And why do loss and accuracy disagree so? Lesson [03](03_overfitting_curves.ipynb) has the key: without augmentation the network is far more over-confident, as one copy was there, and about as accurate.
#
# ## Eight pairs
#
# Now your own: live, one copy and four copies, on 128 garments. A repetition with garments, initial weights and an order of its own is a *replicate*. `compare` trains each method on eight, and `summarise` averages the last evaluations, because the loss jumps from update to update.

# %%
from helpers.augment import RandomAffine
from helpers.compare import compare, summarise
from helpers.data import load_garments
from helpers.policies import POLICIES

augment = RandomAffine(**POLICIES["mild"], seed=0)  # lesson 01's policy
methods = ["copies-1", "copies-4", "live"]  # 1 copy, 4 copies and live
curves = compare(
    load_garments(),
    methods,
    augment,
    n=128,
    updates=400,
    replicates=8,
    evaluate_at=[368, 376, 384, 392, 400],
)
runs = summarise(curves)

# %%
import seaborn as sns

ax = sns.lineplot(
    runs,
    x="method",
    y="val_loss",
    units="replicate",
    estimator=None,
    color="0.7",
    marker="o",
)
ax.set(
    xticks=range(3),
    xticklabels=["1 copy", "4 copies", "live"],
    xlabel="",
    ylabel="loss on new garments",
)
caption(
    "From one copy to live all eight lines fall. From four copies to live most do, but the lines differ in height by more than they fall.",
    alt="Eight lines from 1 copy over 4 copies to live. All fall to 4 copies, some steeply. From there to live most fall a little.",
)

# %% [markdown]
# A line's height depends on its garments, too, and its slope shows what the method does. That is why we compare within pairs.

# %% [markdown]
# ## An interval in three lines
#
# Take the difference within each pair, and the mean of the eight. Another eight pairs would give another mean. The *true mean* is what endlessly many would give, and the *paired interval* holds it in 95 % of such experiments.

# %%
import numpy as np
from scipy import stats

loss = runs.pivot(index="replicate", columns="method", values="val_loss")
d = loss["live"] - loss["copies-1"]

t = stats.t.ppf(0.975, df=len(d) - 1)  # of the t distribution, 2.5 % lie above
half = t * d.std(ddof=1) / np.sqrt(len(d))
print(
    f"live minus 1 copy: ≈ {d.mean():.2f}, from ≈ {d.mean() - half:.2f} to ≈ {d.mean() + half:.2f}"
)

# %% [markdown]
# `d.std(ddof=1)` is how much the differences vary. Eight show that only roughly, so *t* is 2.36. With many pairs it is close to 2. `half` is what other pages write after ±.

# %% [markdown]
# ## Decide beforehand what would matter
#
# With enough pairs any difference shows, even one that nobody would care about. So fix a *margin* before you look: the largest difference that doesn't matter. Ours is 0.02 in loss, and one point of accuracy, which is one garment in a hundred. Then there are four *verdicts*:
#
# 1. The whole interval lies within the margin: ***equivalent***.
# 2. Otherwise, it lies on one side of zero: ***better*** or ***worse***.
# 3. Otherwise: ***undecided***. You need more pairs.
#
# Which verdict does each of these five get? For a loss, lower is better.

# %%
five = {  # mean, low and high
    "A": (-0.004, -0.014, 0.006),
    "B": (-0.035, -0.055, -0.015),
    "C": (0.03, 0.008, 0.052),
    "D": (-0.012, -0.035, 0.011),
    "E": (-0.009, -0.015, -0.003),
}
figures.intervals(five, margin=0.02)
caption("Five intervals. The margin is grey.")

# %% [markdown]
# <details><summary>Answer</summary>
#
# A is *equivalent*, B *better*, C *worse*, D *undecided* and E *equivalent*. E leaves out zero, but nothing in it would matter. B lies left of zero, yet it reaches into the grey, so the true difference may be tiny.
#
# </details>
#
# And our eight pairs? `paired_verdict` gives interval, margin and verdict.

# %%
from helpers.stats import paired_verdict

estimate, margin, verdict = paired_verdict(d, "val_loss")
print(f"live against 1 copy: {verdict}")

# %% [markdown]
# ## Ten epochs each: is that fair?
#
# The article of lesson 01 trains ten epochs each, and names no number of stored copies. We take four. For `fit`, an epoch goes once through what it is given. Four copies of 512 images are 2,048 images, so ten epochs make 640 updates. Live has 512 images an epoch and makes 160. We ran its code on cats and dogs of CIFAR-10, 32 pixels wide, twenty times each way, and then again with 160 updates for both. What are the two verdicts on live, by accuracy? Guess, then unfold.

# %% tags=["hide-output"]
article = pd.read_csv(RESULTS / "lessons/01-article.csv")
ten = article.query("images == 'cats and dogs' and epochs == 10").pivot(
    index="run", columns="method", values="accuracy"
)
for name in ("4 copies", "4 copies, equal updates"):
    points, margin, word = paired_verdict((ten["live"] - ten[name]) / 100, "accuracy")
    print(f"live minus {name}: {100 * points.mean:.1f} points, {word}")

# %% [markdown]
# Counted in epochs, live loses by four points: it is right about 58.2 % of new images, and the copies about 62.2 %, where guessing gets 50. By loss the two are *equivalent*. But the copies had trained four times as long. With equally many updates the verdict is undecided: twenty pairs can't say who is ahead. Nor can they with one copy, which makes as many updates as live: 0.4 ± 1.0 points. Four copies beat one by 3.6 ± 0.9, so the number that the article leaves out decided. Give each method equally many updates.

# %% [markdown]
# ## In practice and limits
#
# Eight pairs are few, and often all you can afford. About one interval in twenty misses the true mean. An interval allows for the luck with garments and seeds, but not for that with the validation images, which all pairs share.

# %% [markdown]
# ## Take-away
#
# 1. One run is an anecdote. Train each method several times, and compare within pairs that share all but the method.
# 2. Give each method the same number of gradient updates, because epochs differ in length.
# 3. Fix the margin before you look. Then report the interval, and one of four verdicts.

# %%
# The message, in your own run.
assert verdict == "better", (
    "Live should be better than one copy in eight pairs: "
    "look at what the two methods show."
)

# %% [markdown]
# ## Quick questions
#
# <details><summary>1. You forget the pairs, and compare eight runs of live with eight of four copies. What happens to the interval?</summary>
#
# It becomes much wider. Some replicates have easier garments, which helps both methods. The difference within a pair takes that away, and two groups put it back in.
#
# </details>
#
# <details><summary>2. You store 1,000 images for one network and 4,000 for another, and train each for 20 epochs. What have you compared?</summary>
#
# Mostly the length of the training, because the second network makes four times as many updates. Give it 5 epochs instead.
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
answer = (
    None  # "better", "worse", "equivalent" or "undecided", of the first of the pair
)
check("04.1", answer)

# %% [markdown]
# ### Exercise 2: Your own paired interval
#
# Write `interval`, which takes the losses of two methods, one number a replicate and in the same order, and returns both ends of the paired 95 % interval of first minus second. It must work for any number of replicates. The starter compares two groups.

# %%
def interval(first, second):
    return stats.ttest_ind(first, second, equal_var=False).confidence_interval()


print("{: .2f} to {: .2f}".format(*interval([0.5, 0.7, 0.6], [0.6, 0.9, 0.7])))
check("04.2", ...)  # put interval in place of the dots when it is ready

# %% [markdown]
# **Next:** you must store copies, and can't train live. How many do you order? Write a number down, then open [06 How many copies?](06_how_many_copies.ipynb).
